//! `README.txt` beside a proof: what is proved and what is not, and how to check it with and
//! without this program.
//!
//! For recipients of the folder, who may have neither the archive nor any program for QLDB.

use std::path::PathBuf;

use super::outcome::{DIGEST, Outcome, ProofFile, content};
use crate::cli::commands::verify::saved::not_covered;
use crate::cli::output::text;
use qldb_journal::Hash;
use qldb_journal::archive::prove::Wanted;
use qldb_journal::archive::verify::SavedAnswer;
use qldb_journal::internal::dot;
use qldb_journal::request::time;

/// The first line of every such file.
pub(super) const TITLE: &str = "PROOF FROM THE JOURNAL OF AN AMAZON QLDB LEDGER";

/// The line width.
const WIDTH: usize = 78;

/// The whole text.
pub(super) fn of(outcome: &Outcome<'_>, paths: &[PathBuf]) -> String {
    let parts = [
        TITLE.to_owned(),
        origin(outcome, paths),
        heading("What is proved"),
        proved(outcome),
        heading("What is not proved"),
        not_proved(outcome),
        heading("How to check it with qldb-export"),
        with_tool(outcome),
        heading("How to check it by hand"),
        by_hand(outcome),
        heading("The same, step by step, for the first file"),
        outcome.answers.first().map(|first| steps(first, outcome)).unwrap_or_default(),
        heading("The same, as a program"),
        program(outcome),
    ];
    format!("{}\n", parts.join("\n\n"))
}

fn heading(text: &str) -> String {
    format!("{text}\n{}", "-".repeat(text.len()))
}

/// A paragraph, or a list item with a hanging indent.
fn paragraph(text: &str) -> String {
    let indent = if text.starts_with("- ") { 2 } else { 0 };
    text::wrapped(&text::one_line(text), indent, WIDTH - indent)
}

fn paragraphs(texts: &[String]) -> String {
    texts.iter().map(|text| paragraph(text)).collect::<Vec<_>>().join("\n\n")
}

fn items(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().map(|text| paragraph(&format!("- {text}"))).collect::<Vec<_>>().join("\n")
}

fn origin(outcome: &Outcome<'_>, paths: &[PathBuf]) -> String {
    let from: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let ledgers: Vec<&str> = outcome.report.ledgers().into_iter().collect();
    let journal = outcome.report.only_journal();
    let blocks = journal.map(|journal| {
        format!(", which was verified in the same pass: blocks {} to {} without a gap", journal.first, journal.last)
    });
    paragraphs(&[format!(
        "Written by {} {} on {}, from the exports of the ledger {} in {}{}.",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        time::display(time::now()),
        ledgers.join(", "),
        from.join(", "),
        blocks.unwrap_or_default()
    )])
}

fn subject(outcome: &Outcome<'_>) -> String {
    match outcome.wanted {
        Wanted::Block(number) => format!("block {number}"),
        Wanted::Document { id, .. } => format!("the document {id}"),
    }
}

fn proved(outcome: &Outcome<'_>) -> String {
    let saved = &outcome.digest.saved;
    let strand = saved.strand_id.as_ref().or(outcome.report.only_journal().map(|journal| &journal.strand_id));
    let strand = strand.map(|strand| format!(" of the strand {strand}")).unwrap_or_default();
    let digest = format!(
        "The digest below stands for all blocks from 0 to {}{strand}. If it is right, then everything listed here as proved \
         was in the journal when the digest was made, and nobody can have changed it since, or added it later:",
        saved.tip
    );
    let digest = [paragraph(&digest), format!("  {}", saved.digest.to_base64())].join("\n\n");
    let described = |written: &ProofFile| {
        let version = match (outcome.wanted, written.proved.version) {
            (Wanted::Document { .. }, Some(version)) => format!("version {version} of {}, ", subject(outcome)),
            (Wanted::Document { .. }, None) => format!("{}, ", subject(outcome)),
            (Wanted::Block(_), _) => String::new(),
        };
        format!("{}: {version}block {}: {}", written.name, written.proved.sequence_no, content(written))
    };
    [digest, items(outcome.answers.iter().map(described))].join("\n\n")
}

fn not_proved(outcome: &Outcome<'_>) -> String {
    let digest = if outcome.is_own {
        format!(
            "That the digest is the ledger's. It was computed from the same exports as the proof ({DIGEST} has it), so \
             that this folder by itself proves only that its files belong together. Compare the digest with one that was \
             saved from GetDigest while the service existed, or that is kept by somebody you trust."
        )
    } else {
        format!(
            "That the digest is the ledger's: it was given to this program (from {}). Compare it with one that you have \
             from elsewhere.",
            outcome.digest.source
        )
    };
    let others = match outcome.wanted {
        Wanted::Block(_) => None,
        Wanted::Document { .. } => {
            Some("That the document has no other versions: each proof covers only its own version.".to_owned())
        }
    };
    let beyond = outcome.beyond().map(|beyond| {
        format!(
            "What was committed after block {}, which the digest does not cover: {beyond}.",
            outcome.digest.saved.tip
        )
    });
    let open = outcome.answers.iter().any(|written| !written.answer.report.content_proved).then(|| {
        "For a file that is listed only with its hash: anything other than that a block or revision with this hash was in the \
         journal."
            .to_owned()
    });
    let uncovered = not_covered(outcome.wanted.answer())
        .into_iter()
        .map(|(place, what, speaks)| format!("In the {place}: {what}. No hash of QLDB covers it ({speaks})."));
    let truth = "Whether what was written was true.".to_owned();
    let all = [Some(digest), others, beyond, open].into_iter().flatten().chain(uncovered).chain([truth]);
    items(all)
}

fn flag(outcome: &Outcome<'_>) -> &'static str {
    match outcome.wanted.answer() {
        SavedAnswer::Block => "--block",
        SavedAnswer::Revision => "--revision",
    }
}

fn with_tool(outcome: &Outcome<'_>) -> String {
    let saved = &outcome.digest.saved;
    let commands: Vec<String> = outcome
        .answers
        .iter()
        .map(|written| {
            format!(
                "  qldb-export verify {} {} \\\n      --digest {} --tip {}",
                flag(outcome),
                written.name,
                saved.digest.to_base64(),
                saved.tip
            )
        })
        .collect();
    let operation = match outcome.wanted.answer() {
        SavedAnswer::Block => "GetBlock",
        SavedAnswer::Revision => "GetRevision",
    };
    let text = format!(
        "Type the digest as you have it from elsewhere, or name the file that holds it. The exit code is 0 if the file is \
         proved, 12 if only its hash is, and 10 if something was changed. Each file has the form of \
         {operation}'s response, which other programs for QLDB's proofs can read as well."
    );
    [commands.join("\n"), paragraph(&text)].join("\n\n")
}

fn by_hand(outcome: &Outcome<'_>) -> String {
    let (member, field, what) = match outcome.wanted.answer() {
        SavedAnswer::Block => ("Block", "blockHash", "block"),
        SavedAnswer::Revision => ("Revision", "hash", "revision"),
    };
    let numbered = [
        format!(
            "1. A file is JSON. {member}.IonText is the {what} as Amazon Ion text, Proof.IonText a list of hashes. Between \
             {{{{ and }}}} is the base64 of 32 bytes."
        ),
        format!("2. Start with the field {field} of {member}.IonText: 32 bytes."),
        "3. Take the next hash from the list, from its beginning to its end. Put the two hashes one after the other, the \
         smaller first, and compute the SHA-256 of these 64 bytes: it replaces the hash that you had. Which of two \
         hashes is smaller is decided byte by byte, from the last byte to the first, by the first two that differ; \
         bytes are compared as signed numbers, so that those from hexadecimal 80 (which is -128, the smallest) to ff (-1) \
         are smaller than those from 00 to 7f (127, the largest)."
            .to_owned(),
        "4. After the last hash of the list you have the digest; otherwise the file is not what was in the journal.".to_owned(),
    ];
    let numbered: Vec<String> = numbered.iter().map(|text| text::wrapped(text, 3, WIDTH - 3)).collect();
    let join = "joined as in step 3";
    let content = match outcome.wanted.answer() {
        SavedAnswer::Revision => format!(
            "That hash is the revision's own, if it is the Ion hash (amazon-ion.github.io/ion-hash, with SHA-256) of its \
             field metadata {join} with the Ion hash of its field data, or with its field dataHash if the data was \
             redacted. Nothing else in the revision is covered. How the hash of a revision that deletes a document is made \
             is not known."
        ),
        SavedAnswer::Block => format!(
            "blockHash is the block's own, if it is entriesHash {join} with previousBlockHash. entriesHash is the root of \
             entriesHashList: neighbours {join}, a last one without a neighbour unchanged, and so on until one is left; empty \
             ones change nothing. The list contains the Ion hash (amazon-ion.github.io/ion-hash, with SHA-256) of \
             transactionInfo, and the root, computed in the same way, of the field hash of every revision."
        ),
    };
    [numbered.join("\n"), paragraph(&content)].join("\n\n")
}

/// Every hash between the file's own and the digest.
fn steps(first: &ProofFile, outcome: &Outcome<'_>) -> String {
    let Some(leaf) = first.answer.report.hash else { return String::new() };
    let (number, inside) = (first.proved.sequence_no, first.proved.siblings_in_block);
    let begins = match outcome.wanted.answer() {
        SavedAnswer::Block => format!("the hash of block {number}"),
        SavedAnswer::Revision => "the hash of the revision".to_owned(),
    };
    let mut lines = vec![format!("{}: {begins}", first.name), format!("   {}", leaf.to_base64())];
    let mut hash = leaf;
    for (at, sibling) in (1..).zip(&first.proved.proof) {
        hash = dot(hash, *sibling);
        let reached = if at == inside {
            format!("  (the hash of block {number})")
        } else if at == first.proved.proof.len() {
            "  (the digest)".to_owned()
        } else {
            String::new()
        };
        lines.push(format!("{at}. with {}", Hash::to_base64(*sibling)));
        lines.push(format!("   gives {}{reached}", Hash::to_base64(hash)));
    }
    lines.join("\n")
}

/// Python's standard library is enough.
fn program(outcome: &Outcome<'_>) -> String {
    let (member, field) = match outcome.wanted.answer() {
        SavedAnswer::Block => ("Block", "blockHash"),
        SavedAnswer::Revision => ("Revision", "hash"),
    };
    let name = outcome.answers.first().map(|first| first.name.as_str()).unwrap_or_default();
    format!(
        r#"  import base64, hashlib, json, re

  def signed(hash):
      return [byte - 256 if byte > 127 else byte for byte in reversed(hash)]

  answer = json.load(open("{name}"))
  blob = r"\{{\{{([A-Za-z0-9+/=]+)\}}\}}"
  hash = base64.b64decode(re.search("{field}:" + blob, answer["{member}"]["IonText"])[1])
  for sibling in re.findall(blob, answer["Proof"]["IonText"]):
      pair = sorted([hash, base64.b64decode(sibling)], key=signed)
      hash = hashlib.sha256(pair[0] + pair[1]).digest()
  print(base64.b64encode(hash).decode())

It prints the digest that the file leads to: {}"#,
        outcome.digest.saved.digest.to_base64()
    )
}
