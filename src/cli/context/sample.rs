//! How large a sample ledger is where nobody says. For `--local`, which makes
//! one in an empty data directory, and for `ledger sample`.

use qldb_endpoint::engine::SampleSpec;
use qldb_journal::request::LedgerName;

/// How many transactions a sample has by default.
pub(crate) const TRANSACTIONS: u64 = 1000;
/// Over how many days they are spread.
pub(crate) const DAYS: u32 = 30;
/// What the random data begin with.
pub(crate) const SEED: u64 = 1;

/// The sample that is made where nobody says how large.
pub(crate) fn usual_sample(name: LedgerName) -> SampleSpec {
    SampleSpec { name, transactions: TRANSACTIONS, days: DAYS, seed: SEED }
}
