//! The AWS CLI's three ways to write `--s3-export-configuration`: JSON, shorthand
//! (`Bucket=b,Prefix=p,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}`), and `file://` with
//! the path of a file that holds either.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value};

use crate::cli::error::files;
use crate::cli::error::flags::WithRemedy as _;
use qldb_journal::request::{Fault, Field};

/// The flag's field.
pub(crate) const FLAG: Field = Field::Named("--s3-export-configuration");

/// The expected form.
pub(crate) const FORM: &str = "give it as Bucket=NAME,Prefix=PREFIX,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}, or the \
                    same as JSON";

/// The members of the API's `S3ExportConfiguration`, unchecked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct S3Configuration {
    pub(crate) bucket: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) encryption: Option<String>,
    pub(crate) kms_key_arn: Option<String>,
}

impl S3Configuration {
    /// The members that are present, each with the field of the request that it sets.
    pub(crate) fn members(self) -> impl Iterator<Item = (Field, String)> {
        let members = [
            (Field::Bucket, self.bucket),
            (Field::Prefix, self.prefix),
            (Field::Encryption, self.encryption),
            (Field::KmsKeyArn, self.kms_key_arn),
        ];
        members.into_iter().filter_map(|(field, text)| Some((field, text?)))
    }
}

/// Reads what was typed.
pub(crate) fn read(typed: &str) -> Result<S3Configuration, Fault> {
    let fault = |rule: String| Fault::malformed(FLAG, typed, rule, FORM);
    let content = match typed.strip_prefix("file://") {
        Some(path) => files::text(path.as_ref()).map_err(fault)?,
        None => typed.to_owned(),
    };
    let value = if content.trim_start().starts_with('{') {
        serde_json::from_str(&content).map_err(|error| fault(format!("is not JSON: {error}")))?
    } else {
        Shorthand::new(content.trim()).read().map_err(fault)?
    };
    from_value(&value).map_err(fault)
}

/// Reads the structure from JSON.
pub(crate) fn from_value(value: &Value) -> Result<S3Configuration, String> {
    let mut read = S3Configuration::default();
    for (name, value) in members(value, "S3ExportConfiguration")? {
        match name.as_str() {
            "Bucket" => read.bucket = Some(text(name, value)?),
            "Prefix" => read.prefix = Some(text(name, value)?),
            "EncryptionConfiguration" => encryption_from(value, &mut read)?,
            unknown => return Err(format!("has an unknown member {unknown}")),
        }
    }
    Ok(read)
}

fn encryption_from(value: &Value, read: &mut S3Configuration) -> Result<(), String> {
    for (name, value) in members(value, "EncryptionConfiguration")? {
        match name.as_str() {
            "ObjectEncryptionType" => read.encryption = Some(text(name, value)?),
            "KmsKeyArn" => read.kms_key_arn = Some(text(name, value)?),
            unknown => return Err(format!("has an unknown member EncryptionConfiguration.{unknown}")),
        }
    }
    Ok(())
}

fn members<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("must have a structure as {name}"))
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("must have a string as {name}"))
}

/// Reads `name=value,name={name=value}`, with bare or quoted values.
struct Shorthand<'a> {
    rest: Peekable<Chars<'a>>,
}

impl<'a> Shorthand<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.chars().peekable() }
    }

    fn read(mut self) -> Result<Value, String> {
        let value = self.structure()?;
        match self.rest.next() {
            None => Ok(value),
            Some(character) => Err(format!("has an unexpected {character:?}")),
        }
    }

    /// Pairs separated by commas, up to a closing brace or the end.
    fn structure(&mut self) -> Result<Value, String> {
        let mut members = Map::new();
        loop {
            let name = self.name()?;
            let value = self.value()?;
            if members.insert(name.clone(), value).is_some() {
                return Err(format!("has {name} twice"));
            }
            self.skip_spaces();
            if self.rest.next_if_eq(&',').is_none() {
                return Ok(Value::Object(members));
            }
        }
    }

    fn name(&mut self) -> Result<String, String> {
        self.skip_spaces();
        let name: String = std::iter::from_fn(|| self.rest.next_if(char::is_ascii_alphanumeric)).collect();
        self.skip_spaces();
        match self.rest.next() {
            Some('=') if !name.is_empty() => Ok(name),
            Some(character) => Err(format!("has {character:?} where a name and = should be")),
            None => Err("ends where a name and = should be".to_owned()),
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_spaces();
        match self.rest.peek() {
            Some('{') => self.braced(),
            Some(&quote @ ('\'' | '"')) => self.quoted(quote).map(Value::String),
            _ => {
                let bare: String = std::iter::from_fn(|| self.rest.next_if(|next| !",}".contains(*next))).collect();
                Ok(Value::String(bare.trim_end().to_owned()))
            }
        }
    }

    fn braced(&mut self) -> Result<Value, String> {
        self.rest.next();
        let value = self.structure()?;
        self.skip_spaces();
        self.rest.next_if_eq(&'}').map(|_| value).ok_or_else(|| "has a { without }".to_owned())
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('\\') => text.push(self.escaped(quote)),
                Some(next) if next == quote => return Ok(text),
                Some(next) => text.push(next),
                None => return Err(format!("has an unclosed {quote}")),
            }
        }
    }

    /// A backslash is literal, except before a quote or another backslash.
    fn escaped(&mut self, quote: char) -> char {
        self.rest.next_if(|next| *next == quote || *next == '\\').unwrap_or('\\')
    }

    fn skip_spaces(&mut self) {
        while self.rest.next_if(|next| next.is_whitespace()).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(encryption: &str, key: Option<&str>) -> S3Configuration {
        S3Configuration {
            bucket: Some("my-exports".to_owned()),
            prefix: Some("a b/".to_owned()),
            encryption: Some(encryption.to_owned()),
            kms_key_arn: key.map(str::to_owned),
        }
    }

    #[test]
    fn shorthand_and_json_mean_the_same() {
        for typed in [
            "Bucket=my-exports,Prefix=a b/,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}",
            "Bucket=my-exports, Prefix='a b/', EncryptionConfiguration={ ObjectEncryptionType = \"SSE_S3\" }",
            r#"{"Bucket":"my-exports","Prefix":"a b/","EncryptionConfiguration":{"ObjectEncryptionType":"SSE_S3"}}"#,
        ] {
            assert_eq!(read(typed).unwrap(), expected("SSE_S3", None), "{typed}");
        }
        let key = "arn:aws:kms:us-east-1:123456789012:key/1";
        let typed = format!(
            "EncryptionConfiguration={{ObjectEncryptionType=SSE_KMS,KmsKeyArn={key}}},Bucket=my-exports,Prefix=a b/"
        );
        assert_eq!(read(&typed).unwrap(), expected("SSE_KMS", Some(key)));
    }

    #[test]
    fn an_empty_prefix_is_a_prefix() {
        assert_eq!(read("Bucket=b,Prefix=").unwrap().prefix.as_deref(), Some(""));
        assert_eq!(read(r"Bucket=b,Prefix='it\'s'").unwrap().prefix.as_deref(), Some("it's"));
    }

    #[test]
    fn a_value_that_is_neither_is_refused_with_its_position() {
        for (typed, rule) in [
            ("", "ends where a name and = should be"),
            ("Bucket", "ends where a name and = should be"),
            ("Bucket=a,Bucket=b", "has Bucket twice"),
            ("Bucket=a,Colour=b", "has an unknown member Colour"),
            ("EncryptionConfiguration={ObjectEncryptionType=SSE_S3", "has a { without }"),
            ("Bucket='a", "has an unclosed '"),
            ("Bucket=a}", "has an unexpected '}'"),
            ("{\"Bucket\":1}", "must have a string as Bucket"),
            ("EncryptionConfiguration=SSE_S3", "must have a structure as EncryptionConfiguration"),
        ] {
            assert_eq!(read(typed).unwrap_err().rule, rule, "{typed}");
        }
        assert!(read("{\"Bucket\"").unwrap_err().rule.starts_with("is not JSON"));
        assert_eq!(read("file:///nowhere/at/all").unwrap_err().rule, "does not exist");
    }
}
