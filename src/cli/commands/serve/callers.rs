//! Whose credentials `serve` accepts: the data directory's, or the caller's own, so that one
//! credential chain works for QLDB and S3.
//!
//! Whatever can change is read again: a file that is rewritten, a profile whose keys are rotated or
//! come from a program.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, configuration, files};
use crate::cli::global::environment::{self, ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN};
use qldb_aws::ConfigError;
use qldb_endpoint::endpoint::{Credentials, CredentialsError, CredentialsSource, Loading, Options};
use qldb_journal::request::{Fault, Faults, Field};

/// The flag.
pub(super) const FLAG: &str = "--credentials-from";
/// How long a profile is not read again: a program may hand out its keys, or a portal may be called for them.
const PAUSE: Duration = Duration::from_secs(1);

/// Where the callers' credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallerCredentials {
    /// The data directory's own file.
    DataDir,
    /// A file that somebody else writes.
    File(PathBuf),
    /// The environment variables of this process.
    Environment,
    /// A profile of the shared configuration files.
    Profile(String),
}

impl CallerCredentials {
    /// Reads what was typed.
    pub(super) fn parse(typed: &str) -> Result<Self, Fault> {
        match typed.split_once(':') {
            None if typed == "file" => Ok(Self::DataDir),
            None if typed == "environment" => Ok(Self::Environment),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("profile", name)) if !name.is_empty() => Ok(Self::Profile(name.to_owned())),
            _ => {
                let remedy = "give environment, profile:NAME, file, or file:PATH";
                Err(Fault::malformed(Field::Named(FLAG), typed, "does not say where credentials come from", remedy))
            }
        }
    }

    /// Whether callers already have these credentials, so that they are not printed.
    pub(super) fn is_theirs(&self) -> bool {
        *self != Self::DataDir
    }

    /// What the endpoint knows about its callers.
    pub(super) async fn options(&self, context: &Context, own: Options) -> Result<Options, CliError> {
        let (credentials, source): (_, Arc<dyn CredentialsSource>) = match self {
            Self::DataDir => return Ok(own),
            Self::Environment => {
                return Ok(Options { credentials: of_environment()?, ..own });
            }
            Self::File(path) => {
                let remedy = "give the file that holds them, as credential_process prints them";
                files::open(Field::Named(FLAG), path, remedy)?;
                let kept = Kept(path.clone());
                (kept.load().await?, Arc::new(kept))
            }
            Self::Profile(name) => {
                let profile = Profile { name: name.clone(), region: context.global.region.clone() };
                (profile.read().await.map_err(of_configuration)?, Arc::new(profile))
            }
        };
        context.printer.note(&format!("callers sign with the access key {}", credentials.access_key_id));
        Ok(Options { credentials, source: Some(source), ..own })
    }
}

/// The key pair in the environment, which stays the same for as long as the process runs.
fn of_environment() -> Result<Credentials, CredentialsError> {
    let value = |name: &str| {
        let remedy = "set both halves of the key pair for `serve`, or give profile:NAME or file:PATH";
        environment::value(name).ok_or_else(|| unavailable(&format!("{name} is not set: {remedy}")))
    };
    let mut credentials = Credentials::new(value(ACCESS_KEY_ID)?, value(SECRET_ACCESS_KEY)?);
    credentials.session_token = environment::value(SESSION_TOKEN);
    Ok(credentials)
}

fn unavailable(reason: &str) -> CredentialsError {
    CredentialsError::Unavailable(format!("no credentials for callers: {reason}"))
}

/// A profile that does not exist was mistyped; one without credentials has its own remedy. Both are handled as for any
/// call.
fn of_configuration(error: ConfigError) -> CliError {
    match error {
        ConfigError::NoSuchProfile { name, known, .. } => {
            let rule = "names a profile that the shared AWS configuration does not have";
            let remedy = configuration::instead(&name, &known);
            Faults::from(Fault::malformed(Field::Named(FLAG), &format!("profile:{name}"), rule, remedy)).into()
        }
        other => CliError::Client(other.into()),
    }
}

/// A JSON file in the format of `credential_process`, STS or `serve`.
#[derive(Debug)]
struct Kept(PathBuf);

impl CredentialsSource for Kept {
    fn load(&self) -> Loading<'_> {
        Box::pin(async {
            let path = self.0.display();
            // As `ssh` refuses a key that others can read.
            if let Some(mode) = Credentials::open_mode(&self.0) {
                let rule = format!("{path} can be read or written by others (mode {mode:04o})");
                return Err(unavailable(&format!(
                    "{rule}: chmod 600 it, and renew the key if somebody may have read it"
                )));
            }
            let text = files::text(&self.0).map_err(|rule| unavailable(&format!("{path} {rule}")))?;
            of_json(&text).map_err(|reason| {
                let remedy = "write it as credential_process prints it, with AccessKeyId and SecretAccessKey";
                unavailable(&format!("{path} {reason}: {remedy}"))
            })
        })
    }
}

fn of_json(text: &str) -> Result<Credentials, String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON ({error})"))?;
    let members = whole.get("Credentials").unwrap_or(&whole);
    // An empty secret would let in anybody who knows the id.
    let text = |name: &&str| members.get(*name)?.as_str().filter(|value| !value.is_empty());
    let find = |names: [&str; 2]| names.iter().find_map(text).map(str::to_owned);
    let need = |names: [&str; 2]| find(names).ok_or_else(|| format!("has no {}", names.first().unwrap_or(&"key")));
    let mut credentials =
        Credentials::new(need(["AccessKeyId", "access_key_id"])?, need(["SecretAccessKey", "secret_access_key"])?);
    credentials.session_token = find(["SessionToken", "session_token"]);
    let expires = find(["Expiration", "expires"]).map(|time| time.parse::<DateTime<Utc>>());
    credentials.expires = expires.transpose().map_err(|_| "has an Expiration that is not a time".to_owned())?;
    Ok(credentials)
}

/// A profile that is read again each time: its keys may have been rotated.
#[derive(Debug)]
struct Profile {
    name: String,
    /// The region in which a role is assumed, if the profile has one; the profile's own region if this is `None`.
    region: Option<String>,
}

impl Profile {
    async fn read(&self) -> Result<Credentials, ConfigError> {
        let found = qldb_aws::credentials_of(&self.name, self.region.as_deref()).await?;
        let mut credentials = Credentials::new(found.access_key_id(), found.secret_access_key());
        credentials.session_token = found.session_token().map(str::to_owned);
        credentials.expires = found.expiry().map(DateTime::from);
        Ok(credentials)
    }
}

impl CredentialsSource for Profile {
    fn load(&self) -> Loading<'_> {
        Box::pin(async { self.read().await.map_err(|error| unavailable(&error.to_string())) })
    }

    fn pause(&self) -> Duration {
        PAUSE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_of_four() {
        assert_eq!(CallerCredentials::parse("file").unwrap(), CallerCredentials::DataDir);
        assert_eq!(CallerCredentials::parse("environment").unwrap(), CallerCredentials::Environment);
        assert_eq!(CallerCredentials::parse("profile:a:b").unwrap(), CallerCredentials::Profile("a:b".to_owned()));
        assert_eq!(CallerCredentials::parse("file:/x/y").unwrap(), CallerCredentials::File("/x/y".into()));
        for typed in ["", "files", "profile", "profile:", "file:", "environment:", "Environment"] {
            assert!(CallerCredentials::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn json_is_read_as_credential_process_sts_and_serve_write_it() {
        for text in [
            r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2024-03-01T12:00:00Z"}"#,
            r#"{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2024-03-01T12:00:00+00:00"}}"#,
            r#"{"access_key_id": "A", "secret_access_key": "S", "session_token": "T", "expires": "2024-03-01T12:00:00Z"}"#,
        ] {
            let found = of_json(text).unwrap();
            assert_eq!((found.access_key_id.as_str(), found.secret_access_key.as_str()), ("A", "S"));
            assert_eq!(found.session_token.as_deref(), Some("T"));
            assert_eq!(found.expires, "2024-03-01T12:00:00Z".parse().ok());
        }
        assert_eq!(of_json(r#"{"AccessKeyId": "A"}"#).unwrap_err(), "has no SecretAccessKey");
        assert!(of_json("{").unwrap_err().starts_with("is not JSON"));
        // An empty half counts as missing.
        for (text, missing) in [
            (r#"{"AccessKeyId": "A", "SecretAccessKey": ""}"#, "has no SecretAccessKey"),
            (r#"{"AccessKeyId": "", "SecretAccessKey": "S"}"#, "has no AccessKeyId"),
            (r#"{"access_key_id": "A", "secret_access_key": ""}"#, "has no SecretAccessKey"),
        ] {
            assert_eq!(of_json(text).unwrap_err(), missing);
        }
    }
}
