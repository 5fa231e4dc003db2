//! The default size of a sample ledger. For `--local`, which creates one in an empty data
//! directory, and for `ledger sample`.

use qldb_endpoint::engine::SampleSpec;
use qldb_journal::request::LedgerName;

/// How many transactions a sample has by default.
pub(crate) const TRANSACTIONS: u64 = 1000;
/// The number of days over which they are spread.
pub(crate) const DAYS: u32 = 30;
/// The seed of the random data.
pub(crate) const SEED: u64 = 1;

/// The default sample.
pub(crate) fn usual_sample(name: LedgerName) -> SampleSpec {
    SampleSpec { name, transactions: TRANSACTIONS, days: DAYS, seed: SEED }
}
