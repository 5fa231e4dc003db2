//! What to do about errors of the libraries, by their types: the libraries name the rule and the
//! value, and only the command line knows what can be typed.

use std::error::Error;
use std::io;

use qldb_endpoint::engine::{DocumentFault, Notice, Refusal};
use qldb_endpoint::store::file::LinkInTheWay;
use qldb_journal::archive::foreign::Foreign;
use qldb_journal::archive::source::{SourceError, WrongQuestion};

/// What to give instead of something that can't hold an archive. `None` if the source itself failed.
pub(crate) fn of_source(error: &SourceError) -> Option<String> {
    let remedy = match error.wrong_question()? {
        WrongQuestion::Absent | WrongQuestion::NotAFolder => {
            "give the folder that holds the manifests of the exports".to_owned()
        }
        WrongQuestion::DataObject(Some(folder)) => format!("give {}, which holds them", folder.display()),
        WrongQuestion::DataObject(None) => "give the folder that holds them".to_owned(),
        WrongQuestion::Manifest(folder) => format!("give its folder, {}", folder.display()),
        WrongQuestion::Foreign(foreign) => {
            format!("{}, and give the folder that then holds the manifests", of_foreign(*foreign))
        }
    };
    Some(remedy)
}

/// What to do with something that is neither Ion nor JSON.
pub(crate) fn of_foreign(foreign: Foreign) -> &'static str {
    match foreign {
        Foreign::Gzip
        | Foreign::Bzip2
        | Foreign::Zstd
        | Foreign::Xz
        | Foreign::Lz4
        | Foreign::Zip
        | Foreign::SevenZip
        | Foreign::Tar
        | Foreign::Packed => "unpack it first",
        Foreign::Utf16 | Foreign::Utf32 => "convert it to UTF-8 without a byte order mark first",
        Foreign::ByteOrderMark => "remove its first three bytes",
        Foreign::AppleDouble => "fetch the file again",
        Foreign::LfsPointer => "fetch the file itself, with `git lfs pull`",
        Foreign::Markup => "fetch the object again",
        Foreign::Parquet => "give the export itself",
    }
}

/// What to write instead of a document that is refused.
pub(crate) fn of_document(fault: &DocumentFault) -> Option<&'static str> {
    match fault {
        DocumentFault::NotADocument => Some("give a struct (in JSON, an object)"),
        DocumentFault::UnknownSymbol => Some("write the document with the texts of its symbols"),
        DocumentFault::NotCommitted => Some("give {metadata:{id:…},data:{…}}"),
        DocumentFault::DataNotADocument => Some("give a struct, or leave data out to delete"),
        DocumentFault::Absent(_) => Some("leave metadata out to insert one"),
        DocumentFault::Unreadable(_)
        | DocumentFault::NoId
        | DocumentFault::TooLarge { .. }
        | DocumentFault::Deleted(_)
        | DocumentFault::OtherTable { .. } => None,
    }
}

/// Why a journal was not added to the catalog, and what to do about it.
pub(crate) fn refusal(why: &Refusal) -> String {
    let remedy = match why {
        Refusal::Nameless => "give the ledger's name",
        Refusal::Taken(_) => "delete that ledger, or move one of the two folders away",
        Refusal::Damaged(_) | Refusal::Incomplete(_) | Refusal::Unreadable(_) => return why.to_string(),
    };
    format!("{why}: {remedy}")
}

/// What was found in a data directory, and what to do about it.
pub(crate) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Open(_) => format!("{notice}: chmod 700 it, or use another"),
        _ => notice.to_string(),
    }
}

/// Reasons for which the built-in endpoint cancels an export, by text that they contain. They arrive as text, like all
/// responses of an endpoint.
const REASONS: [(&str, &str); 6] = [
    (
        "is not the one that was imported in place",
        "put the object that was imported back, or delete the ledger and import it again",
    ),
    ("which was imported in place, is gone", "put it back, or delete the ledger and import it again"),
    (
        "was imported in place from",
        "set AWS_ENDPOINT_URL_S3 to the endpoint that it was imported from, or leave it unset for Amazon S3",
    ),
    ("is part of the ledger, which was imported in place", "export under another prefix"),
    ("already exists", "export under another prefix, or remove it first"),
    ("although the export is not whole", "remove the manifest"),
];

/// Why an export was cancelled, and what to do about it if that is known.
pub(crate) fn reason(reason: &str) -> String {
    match REASONS.iter().find(|(says, _)| reason.contains(says)) {
        Some((_, remedy)) => format!("{reason}: {remedy}"),
        None => reason.to_owned(),
    }
}

/// What to do about the cause of an error.
pub(crate) fn of_causes(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let link = |cause: &(dyn Error + 'static)| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.and_then(|inner| inner.downcast_ref::<LinkInTheWay>()).is_some()
    };
    anyhow::Chain::new(error).any(link).then_some("remove the link")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_the_built_in_endpoint_come_with_what_to_do() {
        for (reported, remedy) in [
            ("object a in bucket b already exists and has other content", "export under another prefix"),
            (
                "object a in bucket b is not the one that was imported in place",
                "or delete the ledger and import it again",
            ),
            ("object a in bucket b, which was imported in place, is gone", "or delete the ledger and import it again"),
            ("object a in bucket b was imported in place from c, but S3 is now d", "set AWS_ENDPOINT_URL_S3"),
        ] {
            let reported = reason(reported);
            assert!(reported.contains(": ") && reported.contains(remedy), "{reported}");
        }
        assert_eq!(reason("the disk is full"), "the disk is full");
    }
}
