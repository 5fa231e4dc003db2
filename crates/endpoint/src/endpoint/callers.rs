//! Whose requests are accepted: those of a fixed key pair, or of credentials that somebody else
//! maintains and renews.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::Options;
use super::credentials::{Credentials, CredentialsError};
use super::failure::Failure;
use super::signature::Verifier;
use super::signed::Signed;

/// How old credentials without an expiry may become.
const FRESH: Duration = Duration::from_secs(5);

/// Credentials that are being loaded.
pub type Loading<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// Where changing credentials come from: a file that is rewritten, a program that hands them out.
pub trait CredentialsSource: Send + Sync + std::fmt::Debug {
    /// The current credentials.
    fn load(&self) -> Loading<'_>;

    /// How long not to ask the source again, because asking has a cost. Otherwise requests with an unknown key could
    /// make it be asked as often as they like.
    fn pause(&self) -> Duration {
        Duration::ZERO
    }
}

/// Admits requests.
pub(super) struct Callers {
    region: String,
    source: Option<Arc<dyn CredentialsSource>>,
    known: Mutex<CachedCredentials>,
}

/// The credentials as they were last read.
struct CachedCredentials {
    verifier: Arc<Verifier>,
    since: Instant,
}

impl Callers {
    pub(super) fn new(options: &Options) -> Self {
        let verifier = Arc::new(Verifier::new(&options.credentials, &options.region));
        let known = Mutex::new(CachedCredentials { verifier, since: Instant::now() });
        Self { region: options.region.clone(), source: options.source.clone(), known }
    }

    /// Accepts a request, or says why not. If the known credentials do not match, the request may be signed with newer
    /// ones.
    pub(super) async fn admit(&self, request: &Signed<'_>, now: DateTime<Utc>) -> Result<(), Failure> {
        let known = self.verifier(now, false).await?;
        match known.check(request, now) {
            Err(fault) if self.source.is_some() && fault.may_be_newer() => {
                Ok(self.verifier(now, true).await?.check(request, now)?)
            }
            checked => Ok(checked?),
        }
    }

    async fn verifier(&self, now: DateTime<Utc>, is_doubted: bool) -> Result<Arc<Verifier>, Failure> {
        let mut known = self.known.lock().await;
        let Some(source) = &self.source else { return Ok(Arc::clone(&known.verifier)) };
        let age = known.since.elapsed();
        let is_due = known.verifier.expires().map_or(age >= FRESH, |expires| expires <= now);
        if (is_due || is_doubted) && age >= source.pause() {
            known.since = Instant::now();
            match source.load().await {
                Ok(credentials) => known.verifier = Arc::new(Verifier::new(&credentials, &self.region)),
                // Credentials that were valid a moment ago, and may just be being rewritten.
                Err(error) if known.verifier.expires().is_none_or(|expires| expires > now) => {
                    tracing::warn!(%error, "the callers' credentials cannot be read; those read before stay good");
                }
                Err(error) => return Err(Failure::Internal(error.to_string())),
            }
        }
        Ok(Arc::clone(&known.verifier))
    }
}
