//! The clock that the engine reads.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// The clock. Passed in, so that a test can use another.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(qldb_journal::request::time::now)
}
