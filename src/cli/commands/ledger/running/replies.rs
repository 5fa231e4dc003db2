//! Reports to the caller how far its call is, and how it ended. For the desk and for the work.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use super::frame;
use super::message::Reply;

/// The connection to one caller.
pub(super) struct Replies(Mutex<UnixStream>);

impl Replies {
    /// To the other end of a connection.
    pub(super) fn to(stream: &UnixStream) -> io::Result<Self> {
        Ok(Self(Mutex::new(stream.try_clone()?)))
    }

    /// Sends one reply as a whole.
    pub(super) fn send(&self, reply: &Reply) -> io::Result<()> {
        let stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        frame::write(&*stream, &serde_json::to_vec(reply)?)
    }
}
