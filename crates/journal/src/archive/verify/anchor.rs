//! Anchors: a few lines that stand for a whole journal, to be signed or timestamped by others, and
//! to be compared with the archive later. The format is that of a C2SP tlog-checkpoint
//! (<https://c2sp.org/tlog-checkpoint>), the text of a signed note: an origin, the number of
//! leaves, the root of the RFC 6962 tree in base64, and extension lines. The leaves are the hashes
//! of the blocks, 32 bytes each. Signatures are checked by the tools that made them.

use crate::Hash;
use crate::request::{LedgerName, UniqueId};

/// The prefix of every origin; the ledger and the strand follow.
const ORIGIN: &str = "qldb/";
/// The prefix of the extension line with the journal's own digest.
const DIGEST: &str = "qldb-digest ";
/// The prefix of a signature line.
const SIGNATURE: &str = "\u{2014} ";

/// Stands for the blocks of a journal from 0 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The ledger, by name. No hash covers it.
    pub ledger: String,
    /// The strand.
    pub strand_id: String,
    /// How many blocks there are.
    pub blocks: u64,
    /// The root of the RFC 6962 tree over their hashes.
    pub root: Hash,
    /// The journal's own digest over them, if it is given.
    pub digest: Option<Hash>,
}

/// A saved anchor, and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAnchor {
    /// The anchor.
    pub anchor: Anchor,
    /// Its name in reports.
    pub name: String,
    /// The number of signature lines that follow. They are not checked here.
    pub signatures: u64,
}

/// What is wrong with a text that should be an anchor, as a fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// It is not text.
    #[error("not text in UTF-8")]
    NotText,
    /// It has a character that a signed note can't have.
    #[error("not a signed note: line {0} has a control character, such as a Windows line ending")]
    Control(usize),
    /// It has fewer than three lines.
    #[error("not an anchor: it has fewer than three lines")]
    Short,
    /// The first line is another log's.
    #[error("not an anchor: its first line is not qldb/LEDGER/STRAND")]
    Origin,
    /// The second line is not a number of blocks.
    #[error("not an anchor: its second line is not a number of blocks, from 1 on and without leading zeros")]
    Blocks,
    /// The third line is not a root.
    #[error("not an anchor: its third line is not base64 of 32 bytes")]
    Root,
    /// The digest line has no digest, or there are several.
    #[error("not an anchor: there must be exactly one digest, 32 bytes in base64, after qldb-digest")]
    Digest,
    /// What follows the empty line is not a signature.
    #[error("not a signed note: line {0} follows the empty line and is not a signature")]
    Signature(usize),
}

/// Why an archive has no anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoAnchor {
    /// It is not proved, or not as far as an anchor claims.
    #[error("the archive is not proved on the levels blocks and chain")]
    NotProved,
    /// It holds several journals.
    #[error("the archive holds {0} journals, but an anchor is for one")]
    Journals(usize),
    /// It begins later.
    #[error("the journal begins at block {0}, and an anchor covers it from block 0")]
    Begins(u64),
    /// The exports do not name exactly one ledger.
    #[error("the exports name {0} ledgers, but an anchor names one")]
    Ledgers(usize),
    /// The name of the ledger or the strand can't be written in a line.
    #[error("{0:?} is not a name that QLDB gives")]
    Name(String),
    /// The roots were not computed.
    #[error("the roots were not computed")]
    NoRoots,
}

impl Anchor {
    /// The last block that it covers.
    pub fn tip(&self) -> u64 {
        self.blocks.saturating_sub(1)
    }

    /// The text to be signed. Like every note, it ends with a newline.
    pub fn text(&self) -> String {
        let Self { ledger, strand_id, blocks, root, digest } = self;
        let digest = digest.map(|digest| format!("{DIGEST}{}\n", digest.to_base64())).unwrap_or_default();
        format!("{ORIGIN}{ledger}/{strand_id}\n{blocks}\n{}\n{digest}", root.to_base64())
    }
}

impl SavedAnchor {
    /// Reads an anchor, or a note that was signed over it: signatures follow an empty line, and are counted.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, AnchorError> {
        let text = std::str::from_utf8(bytes).map_err(|_| AnchorError::NotText)?;
        if let Some(line) = text.split('\n').position(|line| line.chars().any(|one| one.is_ascii_control())) {
            return Err(AnchorError::Control(line + 1));
        }
        let (body, signatures) = text.split_once("\n\n").unwrap_or((text, ""));
        let first = body.lines().count() + 2;
        for (number, line) in (first..).zip(signatures.lines()) {
            if !line.starts_with(SIGNATURE) {
                return Err(AnchorError::Signature(number));
            }
        }
        let anchor = read_body(body)?;
        Ok(Self { anchor, name: name.to_owned(), signatures: signatures.lines().count() as u64 })
    }
}

fn read_body(body: &str) -> Result<Anchor, AnchorError> {
    let mut lines = body.lines();
    let (Some(origin), Some(blocks), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(AnchorError::Short);
    };
    let (ledger, strand_id) =
        origin.strip_prefix(ORIGIN).and_then(|rest| rest.split_once('/')).ok_or(AnchorError::Origin)?;
    if LedgerName::parse(ledger).is_err() || UniqueId::parse(strand_id).is_err() {
        return Err(AnchorError::Origin);
    }
    let number: u64 = blocks.parse().map_err(|_| AnchorError::Blocks)?;
    if number == 0 || number.to_string() != blocks {
        return Err(AnchorError::Blocks);
    }
    let root = Hash::from_base64(root).ok_or(AnchorError::Root)?;
    // Extension lines of others are ignored.
    let mut digests = lines.filter_map(|line| line.strip_prefix(DIGEST));
    let digest = match (digests.next(), digests.next()) {
        (None, _) => None,
        (Some(one), None) => Some(Hash::from_base64(one).ok_or(AnchorError::Digest)?),
        (Some(_), Some(_)) => return Err(AnchorError::Digest),
    };
    Ok(Anchor { ledger: ledger.to_owned(), strand_id: strand_id.to_owned(), blocks: number, root, digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";

    fn anchor() -> Anchor {
        let [root, digest] = [&b"root"[..], b"digest"].map(Hash::of);
        Anchor {
            ledger: "forge-ledger".to_owned(),
            strand_id: STRAND.to_owned(),
            blocks: 60,
            root,
            digest: Some(digest),
        }
    }

    #[test]
    fn an_anchor_is_read_as_it_was_written_signed_or_not() {
        let text = anchor().text();
        assert!(text.starts_with(&format!("qldb/forge-ledger/{STRAND}\n60\n")) && text.ends_with("=\n"));
        let signature = "\u{2014} somebody AAAAAAAA\n";
        for (signatures, count) in
            [(String::new(), 0), (format!("\n{signature}"), 1), (format!("\n{signature}{signature}"), 2)]
        {
            let saved = SavedAnchor::read("a", format!("{text}{signatures}").as_bytes()).unwrap();
            assert_eq!((saved.anchor, saved.signatures), (anchor(), count));
        }
        // A checkpoint made by other software.
        let foreign = text.replace("qldb-digest", "other");
        assert_eq!(SavedAnchor::read("a", foreign.as_bytes()).unwrap().anchor, Anchor { digest: None, ..anchor() });
    }

    #[test]
    fn a_file_that_is_not_an_anchor_is_refused_and_named() {
        let text = anchor().text();
        let read = |text: &str| SavedAnchor::read("a", text.as_bytes()).unwrap_err();
        assert_eq!(read(""), AnchorError::Short);
        assert_eq!(read(&text.replace('\n', "\r\n")), AnchorError::Control(1));
        assert_eq!(read(&text.replace("qldb/", "example.com/")), AnchorError::Origin);
        assert_eq!(read(&text.replace(STRAND, "x")), AnchorError::Origin);
        for blocks in ["060", "0", "-1", "+60", "60 ", "18446744073709551616"] {
            assert_eq!(read(&text.replace("\n60\n", &format!("\n{blocks}\n"))), AnchorError::Blocks, "{blocks}");
        }
        assert_eq!(read(&text.replacen("=\nqldb", "\nqldb", 1)), AnchorError::Root);
        assert_eq!(read(&text.replace("qldb-digest ", "qldb-digest x")), AnchorError::Digest);
        assert_eq!(read(&format!("{text}{}", text.lines().last().unwrap())), AnchorError::Digest);
        assert_eq!(read(&format!("{text}\nnot a signature\n")), AnchorError::Signature(6));
        assert_eq!(SavedAnchor::read("a", b"\xff"), Err(AnchorError::NotText));
    }
}
