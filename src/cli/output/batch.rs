//! Manifests of jobs of S3 Batch Operations.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a key that stay as they are. Batch Operations expects everything else encoded.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// One line of a manifest: bucket, key, and the version if one is given.
pub(crate) fn line(bucket: &str, key: &str, version: Option<&str>) -> String {
    let key = utf8_percent_encode(key, PLAIN);
    match version {
        Some(version) => format!("{bucket},{key},{version}"),
        None => format!("{bucket},{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_and_slashes_stay() {
        assert_eq!(line("b", "a b/c,d+ü\n\"~.ion", None), "b,a%20b/c%2Cd%2B%C3%BC%0A%22~.ion");
        assert_eq!(line("b", "k", Some("v.1")), "b,k,v.1");
    }
}
