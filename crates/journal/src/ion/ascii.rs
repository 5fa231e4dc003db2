//! Texts that are plain ASCII, as most are. They are UTF-8 without a second look at each byte, which
//! would take 7 % of the time of a check of Ion binary. The only place that relies on that.

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
