//! How to repeat the verification: what was typed, with which program, in which folder, and the
//! receipt.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::{Element, Section, Words};
use crate::cli::context::object_store::address;
use crate::cli::error::CliError;
use crate::cli::global::settings::Settings;
use crate::cli::output::text;

/// A flag with its value, as it is typed.
pub(crate) type TypedFlag = (&'static str, Option<OsString>);

/// The verification's arguments, to be typed again.
pub(crate) struct Repeated<'a> {
    /// The locations that were read, as they were found.
    pub(crate) paths: &'a [PathBuf],
    /// Flags with their values.
    pub(crate) flags: Vec<TypedFlag>,
    /// How S3 was reached.
    pub(crate) global: &'a Settings,
}

impl Repeated<'_> {
    /// The command, for a POSIX shell.
    fn command(&self) -> String {
        let of_s3 = self.paths.iter().any(|path| address(path).is_some());
        let valued = [("--region", &self.global.region), ("--profile", &self.global.profile)];
        let valued = valued.into_iter().filter_map(|(flag, value)| Some((flag, Some(OsString::from(value.as_ref()?)))));
        let style = self.global.store.s3_path_style.then_some(("--s3-path-style", None));
        let owner = self.global.store.typed_of_owner().into_iter().flatten().map(OsString::from).filter(|_| of_s3);
        let reached = valued.chain(style).filter(|_| of_s3);
        let flags = self.flags.iter().cloned();
        let flags = flags.chain(reached).flat_map(|(flag, value)| std::iter::once(OsString::from(flag)).chain(value));
        let flags = flags.chain(owner);
        let paths = self.paths.iter().map(|path| as_operand(path));
        let words = ["qldb-export", "verify"].map(OsString::from).into_iter().chain(paths).chain(flags);
        words.map(|word| text::shell_argument(&word)).collect::<Vec<_>>().join(" ")
    }
}

/// A path that is not taken for a flag.
fn as_operand(path: &Path) -> OsString {
    if path.as_os_str().as_encoded_bytes().starts_with(b"-") { Path::new(".").join(path).into() } else { path.into() }
}

/// Text of the receipt, so that both say the same.
fn text_at<'a>(receipt: &'a Value, pointer: &str) -> Option<&'a str> {
    receipt.pointer(pointer).and_then(Value::as_str)
}

pub(super) fn section<'a>(repeated: &Repeated<'_>, receipt: &Value) -> Section<'a> {
    let said = "Anybody who has the files listed above can repeat this, without a network and without Amazon \
                Web Services, with this program or with another that follows the same rules:";
    let mut fields = vec![("Program", Words::Plain(format!("qldb-export {}", env!("CARGO_PKG_VERSION"))))];
    fields.extend(text_at(receipt, "/tool/sha256").map(|hash| ("Its SHA-256", Words::Exact(hash.to_owned()))));
    fields.extend(text_at(receipt, "/verifiedAt").map(|at| ("Date", Words::Plain(at.to_owned()))));
    if let Ok(folder) = std::env::current_dir() {
        fields.push(("In the folder", Words::Exact(folder.display().to_string())));
    }
    let parts =
        vec![Element::Paragraph(said.to_owned()), Element::Verbatim(repeated.command()), Element::Fields(fields)];
    Section { id: "repeat", title: "How to repeat it", parts }
}

/// The receipt as it would be written to a file.
pub(super) fn receipt<'a>(receipt: &Value) -> Result<Section<'a>, CliError> {
    let unwritten = |error: serde_json::Error| CliError::System(format!("the report cannot be written: {error}"));
    let text = serde_json::to_string_pretty(receipt).map_err(unwritten)?;
    let said = "The output of --receipt: the same facts for programs. Saved to a file, it lets someone else compare.";
    let verbatim = Element::Verbatim(text::json(&text).into_owned());
    Ok(Section { id: "receipt", title: "Receipt", parts: vec![Element::Paragraph(said.to_owned()), verbatim] })
}

/// Who wrote the report, and when.
pub(super) fn imprint(receipt: &Value) -> String {
    let at = text_at(receipt, "/verifiedAt").map(|at| format!(" at {at}")).unwrap_or_default();
    format!(
        "Written by qldb-export {}{at}. Neither this program nor this report is from Amazon.",
        env!("CARGO_PKG_VERSION")
    )
}

/// A flag with a value, if there is one.
pub(crate) fn flag(name: &'static str, value: Option<impl AsRef<OsStr>>) -> Option<TypedFlag> {
    value.map(|value| (name, Some(value.as_ref().to_owned())))
}
