//! Which endpoint a command calls, and with which identity; and, if its ledger does not exist,
//! which ledgers do.

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
    /// A client of the endpoint that the flags select: with `--local`, of one that is started now.
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

    /// The endpoint that the flags select, if it is not in this process.
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

    /// Whether the command works directly on the data directory and has called nobody.
    pub(crate) fn is_of_data_directory(&self) -> bool {
        guard(&self.client).is_none()
    }

    /// The identity of the calls, if there were any.
    pub(crate) fn caller(&self) -> Option<Caller> {
        guard(&self.client).as_ref().map(|client| client.caller().clone())
    }

    /// Ledgers with names similar to the one that does not exist.
    pub(crate) fn near_ledgers(&self) -> Vec<String> {
        guard(&self.near_ledgers).clone()
    }

    /// Records the existing ledgers, if the command's own does not exist.
    pub(crate) fn note_ledgers<'a>(&self, asked: &str, names: impl IntoIterator<Item = &'a str>) {
        *guard(&self.near_ledgers) = nearest(asked, names).into_iter().map(str::to_owned).collect();
    }

    /// If a ledger does not exist, looks up the existing ones. A caller without the permission gets no better advice.
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

/// The note about an unknown region, which may well exist if AWS has added it.
pub(crate) fn unknown_region(region: &str, near: &[&str]) -> String {
    let asked = if near.is_empty() { String::new() } else { format!("; {}", did_you_mean(near)) };
    format!("{region} is not a region that this program knows{asked}")
}
