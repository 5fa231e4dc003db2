//! How S3 encrypts the objects of an export.

use super::{Fault, Field, Kind, KmsKeyArn};

/// The API's `S3ObjectEncryptionType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncryptionType {
    /// A key of AWS KMS.
    SseKms,
    /// Keys that S3 manages (AES256).
    SseS3,
    /// No header: the bucket's default applies.
    NoEncryption,
}

impl EncryptionType {
    /// Every value, in the model's order.
    pub const ALL: [Self; 3] = [Self::SseKms, Self::SseS3, Self::NoEncryption];

    /// The API's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SseKms => "SSE_KMS",
            Self::SseS3 => "SSE_S3",
            Self::NoEncryption => "NO_ENCRYPTION",
        }
    }

    /// Accepts synonyms of the API's values: `none`, `sse-s3`, or the values of S3's own header, `AES256` and
    /// `aws:kms`.
    pub fn meant(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().replace('-', "_").as_str() {
            "sse_kms" | "kms" | "aws:kms" => Some(Self::SseKms),
            "sse_s3" | "s3" | "aes256" => Some(Self::SseS3),
            "no_encryption" | "none" => Some(Self::NoEncryption),
            _ => None,
        }
    }

    /// Parses the API's value, as the service does.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|value| value.as_str() == text);
        found.ok_or_else(|| Fault::new(Field::Encryption, Kind::Malformed, text, "is not an encryption type"))
    }
}

/// An encryption, with its key if it needs one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// A key of AWS KMS.
    SseKms(KmsKeyArn),
    /// Keys that S3 manages (AES256).
    SseS3,
    /// No header: the bucket's default applies.
    NoEncryption,
}

impl Encryption {
    /// Combines a type and a key: `SSE_KMS` requires one, the others refuse one (docs/qldb.md 2.1).
    pub fn new(kind: EncryptionType, key: Option<KmsKeyArn>) -> Result<Self, Fault> {
        match (kind, key) {
            (EncryptionType::SseKms, Some(key)) => Ok(Self::SseKms(key)),
            (EncryptionType::SseKms, None) => Err(Fault::required(Field::KmsKeyArn)),
            (EncryptionType::SseS3, None) => Ok(Self::SseS3),
            (EncryptionType::NoEncryption, None) => Ok(Self::NoEncryption),
            (EncryptionType::SseS3 | EncryptionType::NoEncryption, Some(key)) => Err(Fault::new(
                Field::KmsKeyArn,
                Kind::KeyNotAllowed,
                key.as_str(),
                format!("can't be used with {}", kind.as_str()),
            )),
        }
    }

    /// The type without the key.
    pub fn kind(&self) -> EncryptionType {
        match self {
            Self::SseKms(_) => EncryptionType::SseKms,
            Self::SseS3 => EncryptionType::SseS3,
            Self::NoEncryption => EncryptionType::NoEncryption,
        }
    }

    /// The key, if there is one.
    pub fn key(&self) -> Option<&KmsKeyArn> {
        match self {
            Self::SseKms(key) => Some(key),
            Self::SseS3 | Self::NoEncryption => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> KmsKeyArn {
        KmsKeyArn::parse("arn:aws:kms:us-east-1:123456789012:key/k").unwrap()
    }

    #[test]
    fn only_sse_kms_has_a_key_and_it_must() {
        assert_eq!(Encryption::new(EncryptionType::SseKms, Some(key())).unwrap().key(), Some(&key()));
        assert_eq!(Encryption::new(EncryptionType::SseKms, None).unwrap_err().kind, Kind::Missing);
        for kind in [EncryptionType::SseS3, EncryptionType::NoEncryption] {
            assert_eq!(Encryption::new(kind, None).unwrap().kind(), kind);
            assert_eq!(Encryption::new(kind, Some(key())).unwrap_err().kind, Kind::KeyNotAllowed);
        }
    }

    #[test]
    fn words_are_the_api_s() {
        for kind in EncryptionType::ALL {
            assert_eq!(EncryptionType::parse(kind.as_str()).unwrap(), kind);
        }
        assert!(EncryptionType::parse("sse_s3").is_err());
        for (text, meant) in [
            ("sse_s3", EncryptionType::SseS3),
            ("AES256", EncryptionType::SseS3),
            ("aws:kms", EncryptionType::SseKms),
            ("None", EncryptionType::NoEncryption),
            ("no-encryption", EncryptionType::NoEncryption),
        ] {
            assert_eq!(EncryptionType::meant(text), Some(meant), "{text}");
        }
        assert_eq!(EncryptionType::meant("zip"), None);
    }
}
