//! Whom a command calls, and as whom; and, where the ledger that it asks for is
//! not there, which ones are.

use std::time::Duration;

use super::local::Local;
use super::{Context, guard};
use crate::cli::error::CliError;
use crate::cli::error::configuration::did_you_mean;
use crate::cli::global::settings::Settings;
use crate::client::{Client, FixedCredentials, Target};
use qldb_aws::{Caller, nearest};

/// How long a failed command looks for the name that was meant.
const SUGGESTION_TIME: Duration = Duration::from_secs(5);

impl Context {
    /// A client of what the flags point at: with `--local`, of an endpoint that is opened now.
    pub(crate) async fn connect(&self) -> Result<Client, CliError> {
        if !self.global.local {
            self.global.refuse_store()?;
        }
        let client = if self.global.local {
            self.connect_within().await?
        } else {
            Client::connect(self.remote_target()).await?
        };
        if let Some((region, near)) = client.unknown_region() {
            self.printer.caution(&unknown_region(region, near));
        }
        *guard(&self.client) = Some(client.clone());
        Ok(client)
    }

    /// What the flags point at, where that is not an endpoint of this process.
    pub(crate) fn remote_target(&self) -> Target {
        let Settings { region, profile, endpoint_url, .. } = &self.global;
        Target {
            region: region.clone(),
            profile: profile.clone(),
            endpoint_url: endpoint_url.clone(),
            credentials: None,
        }
    }

    async fn connect_within(&self) -> Result<Client, CliError> {
        let local = Local::open(self).await?;
        let credentials = FixedCredentials {
            access_key_id: local.credentials().access_key_id.clone(),
            secret_access_key: local.credentials().secret_access_key.clone(),
        };
        let url = local.url().to_owned();
        *guard(&self.local) = Some(local);
        Ok(Client::connect_within(&url, &self.local_region(), &credentials).await?)
    }

    /// Whether the command works on the data directory itself: it has called nobody.
    pub(crate) fn is_of_data_directory(&self) -> bool {
        guard(&self.client).is_none()
    }

    /// Whose credentials the calls carry, as far as there were any.
    pub(crate) fn caller(&self) -> Option<Caller> {
        guard(&self.client).as_ref().map(|client| client.caller().clone())
    }

    /// The ledgers whose names come near to the one that is not there.
    pub(crate) fn near_ledgers(&self) -> Vec<String> {
        guard(&self.near_ledgers).clone()
    }

    /// Notes the ledgers that there are, where the one that the command is about is not.
    pub(crate) fn note_ledgers<'a>(&self, asked: &str, names: impl IntoIterator<Item = &'a str>) {
        *guard(&self.near_ledgers) = nearest(asked, names).into_iter().map(str::to_owned).collect();
    }

    /// Where a ledger is not there, asks which ones are. Somebody who may not know has no better advice.
    pub(super) async fn look_for_ledger(&self, error: &CliError) {
        if !error.is_of_missing_ledger() {
            return;
        }
        let (client, ledger) = (guard(&self.client).clone(), guard(&self.ledger).clone());
        let Some((client, ledger)) = client.zip(ledger) else { return };
        let asked = tokio::time::timeout(SUGGESTION_TIME, client.list_ledgers()).await;
        if let Ok(Ok(names)) = asked {
            self.note_ledgers(ledger.as_str(), names.iter().map(String::as_str));
        }
    }
}

/// That a region is not known, which an AWS that has grown may well answer for.
pub(crate) fn unknown_region(region: &str, near: &[&str]) -> String {
    let asked = if near.is_empty() { String::new() } else { format!("; {}", did_you_mean(near)) };
    format!("{region} is not a region that this program knows{asked}")
}
