//! Values of an export that can be set once for many commands, by a variable or in a profile: the
//! one definition, from which help and manual are generated. [`super::defaults`] looks up their
//! values.

use qldb_journal::request::Field;

/// A value that can be set once for many commands. In a profile, its name is the variable's in lower case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// The field.
    pub(crate) field: Field,
    /// The environment variable.
    pub(crate) variable: &'static str,
    /// Its effect, for help and manual.
    pub(crate) meaning: &'static str,
}

/// All of them.
pub(crate) const SETTINGS: [Setting; 6] = [
    Setting {
        field: Field::Ledger,
        variable: "QLDB_EXPORT_LEDGER",
        meaning: "the default for --ledger, for start, sync and policy",
    },
    Setting { field: Field::Bucket, variable: "QLDB_EXPORT_BUCKET", meaning: "the default for --bucket" },
    Setting { field: Field::Prefix, variable: "QLDB_EXPORT_PREFIX", meaning: "the default for --prefix" },
    Setting { field: Field::RoleArn, variable: "QLDB_EXPORT_ROLE_ARN", meaning: "the default for --role-arn" },
    Setting { field: Field::Encryption, variable: "QLDB_EXPORT_ENCRYPTION", meaning: "the default for --encryption" },
    Setting {
        field: Field::KmsKeyArn,
        variable: "QLDB_EXPORT_KMS_KEY_ARN",
        meaning: "the default for --kms-key-arn, with SSE_KMS",
    },
];

/// How the settings appear in a profile.
pub(crate) const IN_PROFILE: &str = "a profile of the shared configuration may have each of these settings as well, in \
                                     small letters (qldb_export_bucket = my-exports); flags come before variables, \
                                     variables before the profile";

impl Setting {
    /// Its name in a profile.
    pub(super) fn in_profile(&self) -> String {
        self.variable.to_ascii_lowercase()
    }
}
