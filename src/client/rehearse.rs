//! What a call would send, and with which identity: determined without credentials and without a
//! connection.

use qldb_aws::{Caller, Options, Origin, Service};

use super::calls::prepare;
use super::prepared::PreparedRequest;
use super::{ClientError, Target};
use qldb_journal::request::ExportRequest;

/// An `ExportJournalToS3` call that is not made.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    /// The request.
    pub(crate) request: PreparedRequest,
    /// The identity that it would use.
    pub(crate) caller: Caller,
    /// The region, and who chose it; `None` if only the machine could provide one.
    pub(crate) region: Option<(String, Origin)>,
    /// Regions with similar names, if the region is unknown.
    pub(crate) unknown_region: Option<Vec<&'static str>>,
}

/// A placeholder address for an endpoint in this process, which has none yet.
const WITHIN: &str = "http://127.0.0.1";
/// The region with which a request is prepared if its own is not known.
const ANY_REGION: &str = "us-east-1";

/// What starting an export would send, and to which endpoint.
pub(crate) async fn rehearse(target: Target, request: &ExportRequest) -> Result<Rehearsal, ClientError> {
    let options = Options { offline: true, ..target.options() };
    let mut surroundings = qldb_aws::load(&options, Service::Qldb, |loader| loader).await?;
    if surroundings.config.region().is_none() {
        let any = aws_config::Region::from_static(ANY_REGION);
        surroundings.config = surroundings.config.into_builder().region(any).build();
    }
    let request = prepare(request, &surroundings.config).await?;
    let qldb_aws::Surroundings { caller, region, unknown_region, .. } = surroundings;
    Ok(Rehearsal { request, caller, region, unknown_region })
}

/// What starting an export would send to an endpoint in this process.
pub(crate) async fn rehearse_within(region: &str, request: &ExportRequest) -> Result<Rehearsal, ClientError> {
    let surroundings = qldb_aws::load_own(WITHIN, region, ("none", "none"), |loader| loader).await;
    let request = prepare(request, &surroundings.config).await?;
    let qldb_aws::Surroundings { caller, region, unknown_region, .. } = surroundings;
    Ok(Rehearsal { request, caller, region, unknown_region })
}
