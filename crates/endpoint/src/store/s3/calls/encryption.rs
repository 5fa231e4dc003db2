//! Converts the API's encryption to S3's headers, and checks whether S3 encrypted as requested.

use aws_sdk_s3::types::ServerSideEncryption;

use qldb_journal::request::Encryption;

/// The header `x-amz-server-side-encryption`: `None` leaves it to the bucket (docs/qldb.md 2.2).
pub(super) fn method(encryption: &Encryption) -> Option<ServerSideEncryption> {
    match encryption {
        Encryption::SseKms(_) => Some(ServerSideEncryption::AwsKms),
        Encryption::SseS3 => Some(ServerSideEncryption::Aes256),
        Encryption::NoEncryption => None,
    }
}

/// The header `x-amz-server-side-encryption-aws-kms-key-id`.
pub(super) fn key(encryption: &Encryption) -> Option<String> {
    encryption.key().map(|key| key.as_str().to_owned())
}

/// What S3 reports about the encryption of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ObjectEncryption {
    pub(super) method: Option<ServerSideEncryption>,
    pub(super) key: Option<String>,
}

impl ObjectEncryption {
    /// What a response reports.
    pub(super) fn new(method: Option<&ServerSideEncryption>, key: Option<&str>) -> Self {
        Self { method: method.cloned(), key: key.map(str::to_owned) }
    }

    /// Whether nothing was reported.
    pub(super) fn is_silent(&self) -> bool {
        self.method.is_none()
    }

    /// Whether it is what was requested. Some stores name a key only by its id.
    pub(super) fn fits(&self, asked: &Encryption) -> bool {
        match asked {
            Encryption::NoEncryption => true,
            Encryption::SseS3 => self.method == Some(ServerSideEncryption::Aes256),
            Encryption::SseKms(arn) => {
                let named = self.key.as_deref().unwrap_or_default();
                let same_key = named == arn.as_str() || arn.as_str().rsplit('/').next() == Some(named);
                self.method == Some(ServerSideEncryption::AwsKms) && same_key
            }
        }
    }

    /// In words.
    pub(super) fn describe(&self) -> String {
        match (&self.method, &self.key) {
            (None, _) => "no encryption".to_owned(),
            (Some(method), None) => method.as_str().to_owned(),
            (Some(method), Some(key)) => format!("{} with the key {key}", method.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qldb_journal::request::KmsKeyArn;

    const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

    fn found(method: &str, key: Option<&str>) -> ObjectEncryption {
        ObjectEncryption::new(Some(&ServerSideEncryption::from(method)), key)
    }

    #[test]
    fn only_the_requested_method_and_key_fit() {
        let kms = Encryption::SseKms(KmsKeyArn::parse(ARN).unwrap());
        assert!(found("aws:kms", Some(ARN)).fits(&kms) && found("aws:kms", Some("k")).fits(&kms));
        for other in
            [found("aws:kms", None), found("aws:kms", Some("j")), found("AES256", None), ObjectEncryption::default()]
        {
            assert!(!other.fits(&kms), "{other:?}");
            assert!(other.fits(&Encryption::NoEncryption));
        }
        assert!(found("AES256", None).fits(&Encryption::SseS3));
        assert!(!ObjectEncryption::default().fits(&Encryption::SseS3));
    }
}
