//! Masks secrets in addresses in everything that is printed: a message may quote an address with a
//! password, or a presigned one.

use std::borrow::Cow;

/// The replacement for a secret.
const MASK: &str = "***";

/// Parameters of signed addresses that are as good as a key, by the ends of their names, case-insensitively. An address
/// may be quoted inside another one.
const PARAMETERS: [&str; 8] = [
    "signature=",
    "credential=",
    "security-token=",
    "session-token=",
    "awsaccesskeyid=",
    "signature%3d",
    "credential%3d",
    "security-token%3d",
];

/// The end of a value that was shortened for a message: the rest of an address may be part of its password.
const CUT: char = '…';

/// A text whose addresses have no user, password or signature.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let text = without_parameters(text);
    if text.contains("://") { Cow::Owned(without_users(&text)) } else { text }
}

/// `https://user:password@host` as `https://***@host`.
fn without_users(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.extend([before, "://"]);
        let authority = after.split(|character: char| ends_word(character) || "/?#".contains(character)).next();
        let authority = authority.unwrap_or_default();
        let secret = authority.rfind('@').or_else(|| authority.find(CUT));
        if secret.is_some() {
            shown.push_str(MASK);
        }
        rest = after.get(secret.unwrap_or_default()..).unwrap_or_default();
    }
    shown + rest
}

/// `?X-Amz-Signature=0123` as `?X-Amz-Signature=***`.
fn without_parameters(text: &str) -> Cow<'_, str> {
    // Only ASCII letters change, so byte offsets stay valid.
    let lower = text.to_ascii_lowercase();
    let mut shown = String::new();
    let mut copied = 0;
    while let Some(start) = next_secret(&lower, copied) {
        let secret = text.get(start..).unwrap_or_default();
        let length = secret.find(|character: char| ends_word(character) || "&#,;".contains(character));
        shown.push_str(text.get(copied..start).unwrap_or_default());
        shown.push_str(MASK);
        copied = start + length.unwrap_or(secret.len());
    }
    if shown.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(shown + text.get(copied..).unwrap_or_default()) }
}

/// Where the next secret begins.
fn next_secret(lower: &str, from: usize) -> Option<usize> {
    let rest = lower.get(from..)?;
    let starts = PARAMETERS.iter().filter_map(|name| Some(from + rest.find(name)? + name.len()));
    starts.min()
}

fn ends_word(character: char) -> bool {
    character.is_whitespace() || character.is_control() || "\"'`<>\\()".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_users_and_passwords() {
        for (said, shown) in [
            ("at http://me:secret@host:1/a@b", "at http://***@host:1/a@b"),
            ("\"https://me:p@ss@host\" and s3://a@b", "\"https://***@host\" and s3://***@b"),
            ("http://host/?mail=a@b", "http://host/?mail=a@b"),
            ("http:// me@host", "http:// me@host"),
            ("nothing of that: a@b", "nothing of that: a@b"),
            ("http://user:pw@", "http://***@"),
            ("\"http://user:pas…\" is", "\"http://***…\" is"),
            ("\"http://host/long…\" is", "\"http://host/long…\" is"),
        ] {
            assert_eq!(masked(said), shown);
        }
    }

    #[test]
    fn signed_addresses_lose_their_signature() {
        let signed =
            "https://b.s3/k?X-Amz-Credential=AK%2F1&x-amz-date=2&X-Amz-Signature=ab12&X-AMZ-Security-Token=t/+=";
        let shown = "https://b.s3/k?X-Amz-Credential=***&x-amz-date=2&X-Amz-Signature=***&X-AMZ-Security-Token=***";
        assert_eq!(masked(signed), shown);
        assert_eq!(masked(&format!("'{signed}' failed")), format!("'{shown}' failed"));
        assert_eq!(
            masked("AWS4-HMAC-SHA256 Credential=AK/1, SignedHeaders=host, Signature=ä12 ends"),
            "AWS4-HMAC-SHA256 Credential=***, SignedHeaders=host, Signature=*** ends"
        );
    }
}
