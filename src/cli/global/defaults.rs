//! Values for an export's flags that are not given: from the environment, or else from the profile
//! of the shared AWS configuration. For the commands that make exports or print their policies.

use aws_config::profile::ProfileSet;

use super::environment;
use super::presets::{SETTINGS, Setting};
use qldb_aws::profiles;
use qldb_journal::request::Field;

/// A value that was not typed, and the name of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefaultValue {
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// The variables, and the profile if it could be read.
#[derive(Debug)]
pub(crate) struct Defaults {
    profiles: Option<ProfileSet>,
}

impl Defaults {
    /// Reads the shared configuration files. A profile that can't be read sets nothing: the code that needs the profile
    /// for a call reports what is wrong with it.
    pub(crate) async fn load(profile: Option<&str>) -> Self {
        Self { profiles: profiles(profile).await.ok() }
    }

    /// The value of a field, if it is set and not empty.
    pub(crate) fn of(&self, field: Field) -> Option<DefaultValue> {
        let setting = SETTINGS.iter().find(|setting| setting.field == field)?;
        let in_environment = environment::value(setting.variable);
        let in_environment = in_environment.map(|text| DefaultValue { text, origin: setting.variable.to_owned() });
        in_environment.or_else(|| self.in_profile(setting))
    }

    fn in_profile(&self, setting: &Setting) -> Option<DefaultValue> {
        let profiles = self.profiles.as_ref()?;
        let name = setting.in_profile();
        let text = profiles.get(&name).filter(|text| !text.is_empty())?.to_owned();
        Some(DefaultValue { text, origin: format!("{name} of the profile {}", profiles.selected_profile()) })
    }
}

/// The names of all profiles.
pub(crate) async fn profile_names() -> Vec<String> {
    let profiles = profiles(None).await;
    let mut names: Vec<String> = profiles.iter().flat_map(ProfileSet::profiles).map(str::to_owned).collect();
    names.sort_unstable();
    names
}
