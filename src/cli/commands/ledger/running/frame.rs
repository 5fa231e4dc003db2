//! The framing on the socket: each frame is preceded by its length. An empty frame ends a sequence,
//! so that a sequence that was cut off is recognised.

use std::io::{self, Read, Write};

/// The longest frame. A longer one is not from this program.
const LONGEST: u32 = 1024 * 1024 * 1024;

/// Writes a frame.
pub(super) fn write(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("a message is too long for the socket"))?;
    // In one write, so that the messages of several threads do not mix.
    to.write_all(&[&length.to_be_bytes(), bytes].concat())?;
    to.flush()
}

/// Reads a frame; `None` if nothing more is sent.
pub(super) fn read(mut from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while let Some(rest) = length.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "what was sent is not a message"));
    }
    let mut bytes = Vec::new();
    if from.take(u64::from(length)).read_to_end(&mut bytes)? as u64 == u64::from(length) {
        return Ok(Some(bytes));
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_was_cut_off_is_no_end() {
        let mut sent = Vec::new();
        for piece in ["one", "", "three"] {
            write(&mut sent, piece.as_bytes()).unwrap();
        }
        let mut from = sent.as_slice();
        for piece in ["one", "", "three"] {
            assert_eq!(read(&mut from).unwrap().unwrap(), piece.as_bytes());
        }
        assert_eq!(read(&mut from).unwrap(), None);
        for length in [1, 3, 4, 6, sent.len() - 1] {
            let mut from = &sent[..length];
            let ended = std::iter::from_fn(|| read(&mut from).transpose()).last();
            assert!(ended.unwrap().is_err() || length == 7, "{length}");
        }
        assert!(read(&[0xff_u8; 8][..]).is_err());
    }
}
