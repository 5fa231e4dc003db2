//! The values of a request, each from the first place that provides it: a flag, the AWS CLI's
//! structures, the environment, the profile. A value keeps the name of its place, so that a message
//! about it names what the user has to change.

use chrono::{DateTime, Utc};

use crate::cli::error::flags;
use crate::cli::global::defaults::{DefaultValue, Defaults};
use qldb_journal::request::{EncryptionType, ExportDraft, Fault, Field, OutputFormat};

/// The values so far.
#[derive(Debug, Default)]
pub(crate) struct Values {
    values: Vec<Value>,
    /// The name of the structure that holds the destination, if one was typed.
    structure: Option<&'static str>,
}

#[derive(Debug)]
struct Value {
    field: Field,
    text: String,
    /// Its origin; `None` if its own flag was typed.
    origin: Option<ValueOrigin>,
}

#[derive(Debug)]
struct ValueOrigin {
    name: String,
    /// Whether it was typed, but not as a flag of its own.
    typed: bool,
}

/// The fields in the API's structure.
const IN_STRUCTURE: [Field; 4] = [Field::Bucket, Field::Prefix, Field::Encryption, Field::KmsKeyArn];

impl Values {
    /// Takes the values of flags.
    pub(crate) fn type_in<'a>(&mut self, typed: impl IntoIterator<Item = (Field, Option<&'a str>)>) {
        for (field, text) in typed {
            self.take(field, text.map(str::to_owned), None);
        }
    }

    /// Takes a value that was typed under another name than its flag's.
    pub(crate) fn type_as(&mut self, field: Field, text: Option<String>, name: &str) {
        self.take(field, text, Some(ValueOrigin { name: name.to_owned(), typed: true }));
    }

    /// Takes the members of a structure that holds the whole destination.
    pub(crate) fn type_structure(&mut self, name: &'static str, members: impl IntoIterator<Item = (Field, String)>) {
        self.structure = Some(name);
        for (field, text) in members {
            self.type_as(field, Some(text), &format!("{name} {}", field.member()));
        }
    }

    /// Whether a structure with the whole destination was typed.
    pub(crate) fn has_structure(&self) -> bool {
        self.structure.is_some()
    }

    /// Takes a default value, unless an earlier place provided one.
    pub(crate) fn take_usual(&mut self, field: Field, text: &str) {
        self.take(field, Some(text.to_owned()), None);
    }

    fn take(&mut self, field: Field, text: Option<String>, origin: Option<ValueOrigin>) {
        if let Some(text) = text.filter(|_| self.get(field).is_none()) {
            self.values.push(Value { field, text: understood(field, text), origin });
        }
    }

    /// Takes values for these fields from the environment or the profile.
    pub(crate) fn take_defaults(&mut self, defaults: &Defaults, fields: &[Field]) {
        for field in fields {
            if let Some(DefaultValue { text, origin }) = defaults.of(*field) {
                self.take(*field, Some(text), Some(ValueOrigin { name: origin, typed: false }));
            }
        }
    }

    /// A value.
    pub(crate) fn get(&self, field: Field) -> Option<&str> {
        self.value(field).map(|value| value.text.as_str())
    }

    fn value(&self, field: Field) -> Option<&Value> {
        self.values.iter().find(|value| value.field == field)
    }

    /// The request with these values and this range.
    pub(crate) fn draft(&self, start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> ExportDraft<'_> {
        ExportDraft {
            ledger: self.get(Field::Ledger),
            start,
            end,
            bucket: self.get(Field::Bucket),
            prefix: self.get(Field::Prefix),
            encryption: self.get(Field::Encryption),
            kms_key_arn: self.get(Field::KmsKeyArn),
            role_arn: self.get(Field::RoleArn),
            format: self.get(Field::OutputFormat),
        }
    }

    /// Where a value comes from, if its own flag was not typed.
    pub(crate) fn origin(&self, field: Field) -> Option<&str> {
        self.value(field).and_then(|value| value.origin.as_ref()).map(|origin| origin.name.as_str())
    }

    /// The name under which a fault's value was found, or under which it is missing.
    pub(crate) fn name_of(&self, fault: &Fault) -> Option<String> {
        let field = fault.field;
        if fault.value.is_some() {
            return self.origin(field).map(str::to_owned);
        }
        let structure = self.structure.filter(|_| IN_STRUCTURE.contains(&field));
        structure.map(|name| format!("{name} {}", field.member()))
    }

    /// The values that were not typed, one per line.
    pub(crate) fn origins(&self) -> impl Iterator<Item = String> {
        self.values.iter().filter_map(|Value { field, text, origin }| {
            let origin = origin.as_ref().filter(|origin| !origin.typed)?;
            Some(format!("{} {text:?} is from {}", flags::of(*field), origin.name))
        })
    }
}

/// The API's term, if a known synonym was typed. Anything else is left unchanged, and refused with the other faults.
fn understood(field: Field, text: String) -> String {
    let meant = match field {
        Field::Encryption => EncryptionType::meant(&text).map(EncryptionType::as_str),
        Field::OutputFormat => OutputFormat::meant(&text).map(OutputFormat::as_str),
        _ => None,
    };
    meant.map_or(text, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::error::flags::WithRemedy as _;

    #[test]
    fn the_first_place_counts_and_words_are_the_api_s() {
        let mut values = Values::default();
        values.type_in([(Field::OutputFormat, Some("json")), (Field::Bucket, None)]);
        values.type_as(Field::OutputFormat, Some("ION_TEXT".to_owned()), "elsewhere");
        let origin = ValueOrigin { name: "QLDB_EXPORT_BUCKET".to_owned(), typed: false };
        values.take(Field::Bucket, Some("b".to_owned()), Some(origin));
        assert_eq!((values.get(Field::OutputFormat), values.origin(Field::OutputFormat)), (Some("JSON"), None));
        assert_eq!(values.origins().collect::<Vec<_>>(), ["--bucket \"b\" is from QLDB_EXPORT_BUCKET"]);
        let fault = Fault::malformed(Field::Bucket, "b", "is too short", "give a longer one");
        assert_eq!(values.name_of(&fault).as_deref(), Some("QLDB_EXPORT_BUCKET"));
        assert_eq!(values.name_of(&Fault::missing(Field::Bucket, "give one")), None);
        values.type_structure("--structure", [(Field::Prefix, "p/".to_owned())]);
        let missing = Fault::missing(Field::Encryption, "give one");
        assert_eq!(values.name_of(&missing).as_deref(), Some("--structure ObjectEncryptionType"));
    }
}
