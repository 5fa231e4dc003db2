//! Values of an export that can be set once for many commands, by a variable or
//! in a profile: the one definition, from which help and manual are made. What
//! they are set to, [`super::defaults`] finds out.

use qldb_journal::request::Field;

/// A value that can be set once for many commands. In a profile its name is the variable's in small letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// What it is.
    pub(crate) field: Field,
    /// The environment variable.
    pub(crate) variable: &'static str,
    /// What it says, for help and manual.
    pub(crate) meaning: &'static str,
}

/// All of them.
pub(crate) const SETTINGS: [Setting; 6] = [
    Setting {
        field: Field::Ledger,
        variable: "QLDB_EXPORT_LEDGER",
        meaning: "what --ledger says where it is not given, to start, sync and policy",
    },
    Setting {
        field: Field::Bucket,
        variable: "QLDB_EXPORT_BUCKET",
        meaning: "what --bucket says where it is not given",
    },
    Setting {
        field: Field::Prefix,
        variable: "QLDB_EXPORT_PREFIX",
        meaning: "what --prefix says where it is not given",
    },
    Setting {
        field: Field::RoleArn,
        variable: "QLDB_EXPORT_ROLE_ARN",
        meaning: "what --role-arn says where it is not given",
    },
    Setting {
        field: Field::Encryption,
        variable: "QLDB_EXPORT_ENCRYPTION",
        meaning: "what --encryption says where it is not given",
    },
    Setting {
        field: Field::KmsKeyArn,
        variable: "QLDB_EXPORT_KMS_KEY_ARN",
        meaning: "what --kms-key-arn says where it is not given, and SSE_KMS is asked for",
    },
];

/// What a profile has for them.
pub(crate) const IN_PROFILE: &str = "a profile of the shared configuration may have each of these settings as well, in \
                                     small letters (qldb_export_bucket = my-exports); flags come before variables, \
                                     variables before the profile";

impl Setting {
    /// Its name in a profile.
    pub(super) fn in_profile(&self) -> String {
        self.variable.to_ascii_lowercase()
    }
}
