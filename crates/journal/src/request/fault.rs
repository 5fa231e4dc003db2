//! What is wrong with a request: one [`Fault`] for each broken rule, collected so that all of them
//! are reported together.

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
    /// A duration that ends at the end of the range.
    Last,
    /// The S3 bucket.
    Bucket,
    /// The prefix of every key.
    Prefix,
    /// How S3 encrypts the objects.
    Encryption,
    /// The KMS key for `SSE_KMS`.
    KmsKeyArn,
    /// The role that writes to the bucket.
    RoleArn,
    /// The format of the data objects.
    OutputFormat,
    /// The id of an export.
    ExportId,
    /// Something without a member in the API, under the caller's name for it.
    Named(&'static str),
}

impl Field {
    /// Its name in a sentence.
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

/// Which kind of rule was broken. It determines the service's message at the endpoint, and the remedy on the command
/// line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A required value is missing.
    Missing,
    /// The value does not have the required form.
    Malformed,
    /// The value contains control characters.
    Control,
    /// The value is longer than the limit.
    TooLong,
    /// The value is not a point in time.
    Time,
    /// The value is a point in time without its offset from UTC.
    NoOffset,
    /// The value counts milliseconds since 1970 instead of seconds.
    Milliseconds,
    /// The value is not a duration, or not one that can be used.
    Length,
    /// The value is not the length of a window of time.
    Window,
    /// Start is not before end.
    StartNotBeforeEnd,
    /// End is later than now.
    EndInFuture,
    /// A KMS key was given with an encryption that uses none.
    KeyNotAllowed,
}

/// One broken rule: where, the value, and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part of the request.
    pub field: Field,
    /// The caller's name for it, if that is not its usual name: an alias of a flag, a variable.
    pub called: Option<Box<str>>,
    /// The kind of rule.
    pub kind: Kind,
    /// The value as it was given, if there was one.
    pub value: Option<String>,
    /// The rule, as a fragment: `must be 1 to 32 characters long`.
    pub rule: String,
    /// What to give instead, if the caller made its own check and knows. The checks here know neither the caller's name
    /// for a field nor where its value came from, and leave it out.
    pub remedy: Option<String>,
}

impl Fault {
    /// A fault of a value that is present.
    pub fn new(field: Field, kind: Kind, value: &str, rule: impl Into<String>) -> Self {
        Self { field, called: None, kind, value: Some(value.to_owned()), rule: rule.into(), remedy: None }
    }

    /// A required value that is missing.
    pub fn required(field: Field) -> Self {
        let (kind, rule) = (Kind::Missing, "is required".to_owned());
        Self { field, called: None, kind, value: None, rule, remedy: None }
    }

    /// The fault in one line, with the caller's name for its field.
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

    /// Returns the value of a check that passed; records the fault of one that did not.
    pub fn note<T>(&mut self, checked: Result<T, Fault>) -> Option<T> {
        checked.map_err(|fault| self.push(fault)).ok()
    }

    /// Whether there are no faults.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a fault of this field.
    pub fn concern(&self, field: Field) -> bool {
        self.0.iter().any(|fault| fault.field == field)
    }

    /// The same, each under the caller's name for its field if there is one. A fault that already has a name keeps it.
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
