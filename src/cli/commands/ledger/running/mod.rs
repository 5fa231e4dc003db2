//! How a `ledger` command works on a data directory that a running `serve` holds.
//!
//! Only one process at a time can use a data directory. If that is `serve`, it listens for its
//! owner's commands on a socket in the data directory, in a folder that nobody else can enter; a
//! command that finds the directory held connects to it. The command sends its request and its
//! documents, and receives what the engine's own call would have returned, so that it prints the
//! same.
//!
//! For the `ledger` commands, which ask, and for `serve`, which answers.

#[cfg(unix)]
mod caller;
#[cfg(not(unix))]
#[path = "without_sockets.rs"]
#[allow(dead_code, reason = "nobody is found and nobody calls")]
mod caller;
#[cfg(unix)]
mod desk;
#[cfg(unix)]
mod frame;
#[cfg_attr(not(unix), allow(dead_code, reason = "only where there are such sockets"))]
mod message;
#[cfg(unix)]
mod replies;
#[cfg(unix)]
mod socket;
#[cfg_attr(not(unix), allow(dead_code, reason = "only where there are such sockets"))]
mod wire;
#[cfg(unix)]
mod work;

#[cfg(not(unix))]
pub(crate) use caller::CommandServer;
pub(super) use caller::Running;
#[cfg(unix)]
pub(crate) use desk::CommandServer;
pub(super) use message::{Import, LedgerOperation};
