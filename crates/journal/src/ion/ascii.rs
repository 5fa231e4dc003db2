//! Texts that are plain ASCII, as most are: checking that they are UTF-8 one by one took a twentieth
//! of the time. The only use of what may not be checked.

#![allow(unsafe_code, reason = "a conversion, with its proof")]

use super::runs;

/// The text, if it is ASCII without quotes, backslashes and control characters.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> Option<&str> {
    if !runs::are_plain_ascii(bytes) {
        return None;
    }
    // SAFETY: every byte is ASCII, and any sequence of ASCII is UTF-8.
    Some(unsafe { std::str::from_utf8_unchecked(bytes) })
}
