//! Notifies the service manager that started `serve` when it is ready and when it stops: with a
//! datagram to the socket that `NOTIFY_SOCKET` names, as systemd defines it.

use crate::cli::context::Context;
#[cfg(unix)]
use crate::cli::global::environment;

/// The endpoint is listening, and has printed its address.
pub(super) fn ready(context: &Context) {
    notify(context, "READY=1");
}

/// The endpoint is finishing its work in progress.
pub(super) fn stopping(context: &Context) {
    notify(context, "STOPPING=1");
}

/// If the manager can't be reached, the endpoint keeps serving.
#[cfg(unix)]
fn notify(context: &Context, state: &str) {
    let Some(name) = environment::value(environment::NOTIFY_SOCKET) else { return };
    if let Err(error) = send(&name, state) {
        context.printer.warn(&format!("the service manager at {name} could not be notified of {state}: {error}"));
    }
}

#[cfg(not(unix))]
fn notify(_context: &Context, _state: &str) {}

#[cfg(unix)]
fn send(name: &str, state: &str) -> std::io::Result<()> {
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let address = match name.strip_prefix('@') {
        Some(name) => abstract_address(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(|_| ())
}

/// The address of a socket that is not in the file system.
#[cfg(target_os = "linux")]
fn abstract_address(name: &str) -> std::io::Result<std::os::unix::net::SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    std::os::unix::net::SocketAddr::from_abstract_name(name)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn abstract_address(_name: &str) -> std::io::Result<std::os::unix::net::SocketAddr> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "only Linux has such sockets"))
}
