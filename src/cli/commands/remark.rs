//! Warnings about values that are allowed but rarely intended.

use crate::cli::commands::values::Values;
use crate::cli::context::Context;
use crate::cli::error::flags;
use qldb_journal::request::Field;

/// Warns about a prefix that makes keys that people don't expect.
pub(crate) fn on_prefix(context: &Context, values: &Values) {
    if let Some(remark) = values.get(Field::Prefix).and_then(prefix) {
        let own = flags::of(Field::Prefix);
        let name = values.origin(Field::Prefix).unwrap_or(own);
        context.printer.caution(&format!("{name}: {remark}"));
    }
}

/// What every key under a prefix begins with, and what was perhaps meant.
fn prefix(prefix: &str) -> Option<String> {
    let bare = prefix.strip_prefix("s3://").map(|rest| rest.split_once('/').map_or("", |(_, key)| key));
    let bare = bare.unwrap_or(prefix).trim_start_matches('/');
    let slash = if bare.is_empty() || bare.ends_with('/') { "" } else { "/" };
    if prefix.is_empty() || (bare == prefix && slash.is_empty()) {
        return None;
    }
    let what = if prefix.starts_with("s3://") {
        "is a part of each key, address and all"
    } else if prefix.starts_with('/') {
        "begins with a slash, so the keys are in a folder without a name"
    } else {
        "does not end with a slash, so that it names no folder"
    };
    let meant = format!("{bare}{slash}");
    Some(format!("{prefix:?} {what}: keys look like {prefix}YYYY/MM/DD/HH/. Perhaps you mean {meant:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_nothing_at_all_are_what_people_mean() {
        assert_eq!((prefix(""), prefix("nightly/"), prefix("a/b/")), (None, None, None));
        for (typed, meant) in [
            ("nightly", "nightly/"),
            ("/nightly/", "nightly/"),
            ("/nightly", "nightly/"),
            ("s3://exports/nightly/", "nightly/"),
            ("s3://exports", ""),
            ("/", ""),
        ] {
            assert!(prefix(typed).unwrap().ends_with(&format!("Perhaps you mean {meant:?}")), "{typed}");
        }
    }
}
