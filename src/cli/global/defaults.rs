//! Values that an export has where its flags are not given: from the
//! environment, or else from the profile of the shared AWS configuration.
//!
//! The one definition of these variables, from which help and manual are made.
//! For the commands that ask for an export, or for its policies.

use aws_config::profile::ProfileSet;

use super::environment;
use qldb_aws::profiles;
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
    fn in_profile(&self) -> String {
        self.variable.to_ascii_lowercase()
    }
}

/// A value that was not typed, and what its place is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// The variables, and the profile, if it could be read.
#[derive(Debug)]
pub(crate) struct Defaults {
    profiles: Option<ProfileSet>,
}

impl Defaults {
    /// Reads the shared configuration files. A profile that can't be read sets nothing: whoever needs it to call says
    /// what is wrong with it.
    pub(crate) async fn load(profile: Option<&str>) -> Self {
        Self { profiles: profiles(profile).await.ok() }
    }

    /// What a field has, where it is set and not empty.
    pub(crate) fn of(&self, field: Field) -> Option<Found> {
        let setting = SETTINGS.iter().find(|setting| setting.field == field)?;
        let in_environment = environment::value(setting.variable);
        let in_environment = in_environment.map(|text| Found { text, origin: setting.variable.to_owned() });
        in_environment.or_else(|| self.in_profile(setting))
    }

    fn in_profile(&self, setting: &Setting) -> Option<Found> {
        let profiles = self.profiles.as_ref()?;
        let name = setting.in_profile();
        let text = profiles.get(&name).filter(|text| !text.is_empty())?.to_owned();
        Some(Found { text, origin: format!("{name} of the profile {}", profiles.selected_profile()) })
    }
}

/// The names of all profiles.
pub(crate) async fn profile_names() -> Vec<String> {
    let profiles = profiles(None).await;
    let mut names: Vec<String> = profiles.iter().flat_map(ProfileSet::profiles).map(str::to_owned).collect();
    names.sort_unstable();
    names
}
