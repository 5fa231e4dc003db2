//! The flag behind each field of a request, and what to type instead where the
//! library's own remedy does not know the command line.

use qldb_journal::request::{Fault, Field, Kind};

/// Where the id of an export is to be had.
pub(crate) const EXPORT_ID: &str = "give the id that `start` printed, or look it up with `list`";

/// A field as it is typed.
pub(crate) fn of(field: Field) -> &'static str {
    match field {
        Field::Ledger => "--ledger",
        Field::Start => "--from",
        Field::End => "--until",
        Field::Last => "--last",
        Field::Bucket => "--bucket",
        Field::Prefix => "--prefix",
        Field::Encryption => "--encryption",
        Field::KmsKeyArn => "--kms-key-arn",
        Field::RoleArn => "--role-arn",
        Field::OutputFormat => "--format",
        Field::ExportId => "EXPORT_ID",
        Field::Named(flag) => flag,
    }
}

/// A fault in the words of somebody who types flags. One that the command line finds itself, with a remedy of its own,
/// is of [`Field::Named`].
pub(crate) fn told(fault: &Fault) -> String {
    let remedy = match (fault.field, fault.kind) {
        (Field::Start, Kind::Missing) => "say where the range begins, such as --from yesterday or --last 24h",
        (Field::End, Kind::Missing) => "say where the range ends, such as --until now",
        (Field::KmsKeyArn, Kind::KeyNotAllowed) => "leave it out, or use --encryption SSE_KMS",
        (Field::ExportId, Kind::Malformed) => EXPORT_ID,
        _ => &fault.remedy,
    };
    fault.told(of(fault.field), remedy)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use clap::Command;

    use crate::cli::args;

    fn flags(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_arguments().filter_map(|one| one.get_long()).map(|flag| format!("--{flag}")));
        command.get_subcommands().for_each(|one| flags(one, found));
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn what_lies_below_the_command_line_names_no_flag() {
        let (mut known, mut files) = (Vec::new(), Vec::new());
        flags(&args::definition(), &mut known);
        for folder in ["crates/journal/src", "crates/endpoint/src", "src/client"] {
            sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
        }
        assert!(known.contains(&"--data-dir".to_owned()) && files.len() > 100);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let named = words.find(|word| known.iter().any(|flag| flag == word));
                assert_eq!(named, None, "{}: {line}", file.display());
            }
        }
    }
}
