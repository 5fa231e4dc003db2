//! Whether a sign-in to AWS IAM Identity Center has expired, where the SDK does not check: for
//! profiles without an `sso-session` it would ask the portal, which may be unreachable.

use std::path::PathBuf;
use std::time::SystemTime;

use chrono::DateTime;
use serde_json::Value;

/// The reason in errors.
pub(crate) const OVER: &str = "the session has expired";

/// Whether every sign-in at an address that is stored on this machine has expired; false if there is none.
pub(crate) fn is_over(start_url: &str) -> bool {
    let now = SystemTime::now();
    let ends: Vec<SystemTime> = kept().iter().filter_map(|token| end(token, start_url)).collect();
    !ends.is_empty() && ends.iter().all(|end| *end <= now)
}

/// The tokens that AWS's tools store.
fn kept() -> Vec<Value> {
    let home = ["HOME", "USERPROFILE"].iter().find_map(std::env::var_os).map(PathBuf::from);
    let entries = home.and_then(|home| home.join(".aws/sso/cache").read_dir().ok());
    let texts = entries.into_iter().flatten().filter_map(|entry| std::fs::read(entry.ok()?.path()).ok());
    texts.filter_map(|text| serde_json::from_slice(&text).ok()).collect()
}

/// When a token's access ends, if it is for this address. Older tools wrote the time zone as `UTC`.
fn end(token: &Value, start_url: &str) -> Option<SystemTime> {
    token.get("accessToken").filter(|_| token["startUrl"] == start_url)?;
    let text = token["expiresAt"].as_str()?.replace("UTC", "Z");
    DateTime::parse_from_rfc3339(&text).ok().map(SystemTime::from)
}
