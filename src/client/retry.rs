//! Which failures of `ExportJournalToS3` may be retried.
//!
//! The call has no client token: the same request twice is two jobs (docs/qldb.md 2.1). So it is
//! retried only if the service can't have acted on it: the connection was never made, or the
//! response says that it was throttled. After a lost response, a timeout or a 5xx, there may be a
//! job; and if the ledger has no free slot, the caller decides whether to wait.

use aws_sdk_qldb::config::interceptors::InterceptorContext;
use aws_sdk_qldb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_qldb::error::ProvideErrorMetadata;
use aws_sdk_qldb::operation::export_journal_to_s3::ExportJournalToS3Error;
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;

use super::error;

/// The final decision on retries of a call that must not be executed twice.
#[derive(Debug)]
pub(super) struct OnlyWhatCannotHaveStarted;

impl ClassifyRetry for OnlyWhatCannotHaveStarted {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failure)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let throttled = failure
            .as_operation_error()
            .and_then(|source| source.downcast_ref::<ExportJournalToS3Error>())
            .and_then(ProvideErrorMetadata::code)
            .is_some_and(error::is_throttling);
        if throttled {
            return RetryAction::throttling_error();
        }
        let unsent = failure.as_connector_error().is_some_and(qldb_aws::was_never_sent);
        if unsent { RetryAction::transient_error() } else { RetryAction::RetryForbidden }
    }

    fn name(&self) -> &'static str {
        "OnlyWhatCannotHaveStarted"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
