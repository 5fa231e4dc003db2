//! What is wrong with a request: one [`Fault`] for each broken rule, collected
//! so that all of them are reported together.

use std::fmt;

/// The part of a request that a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The ledger's name.
    Ledger,
    /// The inclusive start of the range.
    Start,
    /// The exclusive end of the range.
    End,
    /// A length of time that ends at the end of the range.
    Last,
    /// The S3 bucket.
    Bucket,
    /// What every key begins with.
    Prefix,
    /// How S3 is to encrypt the objects.
    Encryption,
    /// The KMS key for `SSE_KMS`.
    KmsKeyArn,
    /// The role that writes to the bucket.
    RoleArn,
    /// The format of the data objects.
    OutputFormat,
    /// The id of an export.
    ExportId,
    /// Something that the API has no member for, under the name that its caller has for it.
    Named(&'static str),
}

impl Field {
    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Start => "start",
            Self::End => "end",
            Self::Last => "length of the range",
            Self::Bucket => "bucket",
            Self::Prefix => "prefix",
            Self::Encryption => "encryption",
            Self::KmsKeyArn => "KMS key",
            Self::RoleArn => "role",
            Self::OutputFormat => "format",
            Self::ExportId => "export id",
            Self::Named(name) => name,
        }
    }

    /// The member of the API model (docs/qldb.md 1.3).
    pub fn member(self) -> &'static str {
        match self {
            Self::Ledger => "Name",
            Self::Start | Self::Last => "InclusiveStartTime",
            Self::End => "ExclusiveEndTime",
            Self::Bucket => "Bucket",
            Self::Prefix => "Prefix",
            Self::Encryption => "ObjectEncryptionType",
            Self::KmsKeyArn => "KmsKeyArn",
            Self::RoleArn => "RoleArn",
            Self::OutputFormat => "OutputFormat",
            Self::ExportId => "ExportId",
            Self::Named(name) => name,
        }
    }
}

/// Which kind of rule was broken. The endpoint picks the service's message by it, the command line what to type instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A required value is not there.
    Missing,
    /// The value does not have the form that the rule asks for.
    Malformed,
    /// The value holds control characters.
    Control,
    /// The value is longer than the limit.
    TooLong,
    /// The value is not a point in time.
    Time,
    /// The value is a point in time without its offset from UTC.
    NoOffset,
    /// The value counts milliseconds since 1970, where seconds belong.
    Milliseconds,
    /// The value is not a length of time, or not one that can be used.
    Length,
    /// The value is not a length of a window of time.
    Window,
    /// Start is not before end.
    StartNotBeforeEnd,
    /// End is later than now.
    EndInFuture,
    /// A KMS key was given with an encryption that takes none.
    KeyNotAllowed,
}

/// One broken rule: where, the value, and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part of the request.
    pub field: Field,
    /// What the caller calls it here, where that is not its usual name: an alias of a flag, a variable.
    pub called: Option<Box<str>>,
    /// The kind of rule.
    pub kind: Kind,
    /// The value as it was given, where there was one.
    pub value: Option<String>,
    /// The rule, as a fragment: `must be 1 to 32 characters long`.
    pub rule: String,
    /// What to give instead, where the caller has checked something of its own and knows. The checks here know neither
    /// what their caller calls a field nor how its value came in, and leave it out.
    pub remedy: Option<String>,
}

impl Fault {
    /// A fault of a value that is there.
    pub fn new(field: Field, kind: Kind, value: &str, rule: impl Into<String>) -> Self {
        Self { field, called: None, kind, value: Some(value.to_owned()), rule: rule.into(), remedy: None }
    }

    /// A required value that is not there.
    pub fn required(field: Field) -> Self {
        let (kind, rule) = (Kind::Missing, "is required".to_owned());
        Self { field, called: None, kind, value: None, rule, remedy: None }
    }

    /// The fault in one line, for somebody who has another name for its field.
    pub fn under_name(&self, name: &str) -> String {
        let value = self.value.as_deref().map(|value| format!(" {:?}", abbreviated(value))).unwrap_or_default();
        format!("{name}{value} {}", self.rule)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.under_name(self.called.as_deref().unwrap_or(self.field.name())))?;
        self.remedy.iter().try_for_each(|remedy| write!(f, ": {remedy}"))
    }
}

impl std::error::Error for Fault {}

/// A value short enough for one line of an error message.
fn abbreviated(value: &str) -> String {
    const SHOWN: usize = 80;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// Every fault of one request, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps the value of a check that passed; notes the fault of one that did not.
    pub fn note<T>(&mut self, checked: Result<T, Fault>) -> Option<T> {
        checked.map_err(|fault| self.push(fault)).ok()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a fault of this field was found.
    pub fn concern(&self, field: Field) -> bool {
        self.0.iter().any(|fault| fault.field == field)
    }

    /// The same, each under the name that its caller has for it where there is one. One that has a name already keeps
    /// it.
    #[must_use]
    pub fn called(mut self, name: impl Fn(&Fault) -> Option<String>) -> Self {
        for fault in self.0.iter_mut().filter(|fault| fault.called.is_none()) {
            fault.called = name(fault).map(String::into_boxed_str);
        }
        self
    }

    /// The faults, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}
