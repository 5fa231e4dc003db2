//! The format of an export's objects.

use std::fmt;

use super::{Fault, Field, Kind};

/// The API's `OutputFormat`. If a request has none, it means [`OutputFormat::IonText`] (docs/qldb.md 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// Ion binary.
    IonBinary,
    /// Ion text.
    #[default]
    IonText,
    /// JSON Lines, down-converted: Ion's types are lost.
    Json,
}

impl OutputFormat {
    /// Every value, in the model's order.
    pub const ALL: [Self; 3] = [Self::IonBinary, Self::IonText, Self::Json];

    /// The API's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IonBinary => "ION_BINARY",
            Self::IonText => "ION_TEXT",
            Self::Json => "JSON",
        }
    }

    /// Accepts synonyms of the API's values: `json`, `ion-text`, `binary`.
    pub fn meant(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().replace('-', "_").as_str() {
            "ion_binary" | "binary" => Some(Self::IonBinary),
            "ion_text" | "ion" | "text" => Some(Self::IonText),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Parses the API's value, as the service does.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|value| value.as_str() == text);
        found.ok_or_else(|| Fault::new(Field::OutputFormat, Kind::Malformed, text, "is not an output format"))
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_s_words_are_read_to_the_letter_and_others_are_understood() {
        for format in OutputFormat::ALL {
            assert_eq!(OutputFormat::parse(format.as_str()), Ok(format));
            assert_eq!(OutputFormat::meant(format.as_str()), Some(format));
            assert_eq!(OutputFormat::meant(&format.as_str().to_lowercase().replace('_', "-")), Some(format));
        }
        assert!(OutputFormat::parse("json").is_err());
        assert_eq!(OutputFormat::meant("csv"), None);
    }
}
