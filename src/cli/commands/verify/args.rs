//! What can be typed after `verify`.
//!
//! For `verify`, and for its modules that refuse or repeat what was typed.

use std::path::PathBuf;

use clap::Args;

use super::anchored::AnchorArgs;
use super::given::GivenDigest;
use super::page::TypedFlag;
use crate::cli::commands::restoring::RestoreArgs;
use qldb_journal::archive::verify::Accepted;

/// What to verify, and how thoroughly.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports; several are one archive
    ///
    /// Without a path, --export finds the location of the export, and --local everything that the built-in endpoint
    /// exported.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Only the export with this id
    ///
    /// Without a path, the export is read from where it was written: the service gives the location as long as it lists
    /// the export, and with --local the data directory has it.
    #[arg(long, value_name = "EXPORT_ID")]
    pub(super) export: Option<String>,
    /// What to prove: objects, blocks, contents, chain, digest, or several separated by commas
    ///
    /// objects: manifests, objects and the numbers in their names agree. blocks: each block's hashes follow from its
    /// entries. contents: each revision and transaction has the hash that is stated for it. chain: each block names the
    /// one before it, without a gap. digest: the whole journal, from block 0, hashes to --digest. A level proves
    /// nothing about the levels that are not listed. The default is everything that an archive can prove by itself, and
    /// the digest if one is given.
    #[arg(long, value_name = "LEVELS")]
    pub(super) level: Option<String>,
    /// A digest saved from the service: base64, or a file with the response of GetDigest
    ///
    /// The file may be as the AWS CLI, the console, PowerShell, boto3 or JavaScript wrote it: JSON, Ion, YAML or text,
    /// in UTF-8 or UTF-16, or the digest alone, with --tip. The report says which blocks the digest covers, and which
    /// it does not; in JSON, digestGiven is the digest with its tip and source, and digestScope what it covers of the
    /// archive.
    #[arg(long, value_name = "DIGEST", value_hint = clap::ValueHint::FilePath)]
    pub(super) digest: Option<String>,
    /// The last block that a digest covers, if the digest is given as base64
    #[arg(long, value_name = "N")]
    pub(super) tip: Option<String>,
    /// Check a saved response of GetBlock against the digest
    ///
    /// In addition to its hashes, its proof must have the right number of siblings for this block under this tip. If
    /// the hash is proved to be in the journal but its content is missing, the exit code is 12. JSON reports
    /// hashInJournal and contentProved separately, with hash, strandId, siblings, revisions, unaccountedEntries and
    /// notCovered.
    #[arg(long, value_name = "FILE")]
    pub(super) block: Option<PathBuf>,
    /// Check a saved response of GetRevision against the digest
    ///
    /// As with --block. A hash that was saved without its revision, as a receipt is, ends with 12.
    #[arg(long, value_name = "FILE")]
    pub(super) revision: Option<PathBuf>,
    /// Only exports of this ledger
    #[arg(long, value_name = "NAME", alias = "name")]
    pub(super) ledger: Option<String>,
    /// Write a receipt with which someone else can repeat the verification; - is stdout
    #[arg(long, value_name = "FILE")]
    pub(super) receipt: Option<PathBuf>,
    /// Repeat the verification of a receipt, and report every difference
    ///
    /// The levels, the digest, the ledger, the export and the accepted exceptions are the receipt's; so is the location
    /// of the archive if no PATH is given. Every object, the span, the tip and the verdict are compared. Anything that
    /// has changed ends with 10, anything missing with 11, and anything that the receipt does not mention with 12.
    /// Receipts of format 1 do not record what was accepted, or which ledger and export were selected, so --accept,
    /// --ledger and --export can be given with them.
    #[arg(long, value_name = "RECEIPT", value_hint = clap::ValueHint::FilePath)]
    pub(super) receipt_check: Option<PathBuf>,
    /// With --receipt-check: compare with completion reports of S3 Batch Operations; nothing is read
    ///
    /// A job that computes the SHA-256 of objects in place (S3ComputeObjectChecksum) works in every storage class,
    /// without restoring or downloading anything. Every file of the receipt is compared with the job's reports, CSV
    /// files. S3's word replaces reading: the result is that the receipt's verdict holds for the same bytes, never that
    /// the archive is proved. Exit codes are those of --receipt-check. PATH gives the location of the archive, if the
    /// receipt was made from a copy.
    #[arg(long, value_name = "REPORT", num_args = 1.., value_hint = clap::ValueHint::FilePath)]
    pub(super) checksums: Vec<PathBuf>,
    /// Print the manifest of such a job: bucket and key of every file that a receipt lists
    ///
    /// There is one line for each file, with its version if the receipt has the versions of all files. PATH is as with
    /// --checksums.
    #[arg(long, value_name = "RECEIPT", value_hint = clap::ValueHint::FilePath)]
    pub(super) print_batch_manifest: Option<PathBuf>,
    /// Write a report for people: a page if FILE ends in .html, text if it ends in .txt
    ///
    /// It says what was proved, what can't be proved and why, and lists every file with its SHA-256. The page needs no
    /// script and no network, and prints well. It is written for every verdict.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) report: Option<PathBuf>,
    #[command(flatten)]
    pub(super) restoring: RestoreArgs,
    #[command(flatten)]
    pub(super) anchors: AnchorArgs,
    /// Record progress in FILE, and resume from there; or join the FILEs of all parts
    ///
    /// What FILE records as proved is trusted, as long as the object's size and time are the same: keep it where only
    /// the verifier can write. Several files, a folder of them, s3://BUCKET/PREFIX, or the file of a part without
    /// --part are joined: they are read and not written, and together give the verdict. An object in another location
    /// than where the part was read, or with another time, is recognised by its SHA-256. With --part, an existing
    /// folder gets a file for each part.
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = clap::ValueHint::AnyPath)]
    pub(super) resume: Vec<PathBuf>,
    /// Read only one of N parts of the archive, and record findings in --resume FILE; no verdict
    ///
    /// The parts have about equal numbers of bytes, and depend only on the listing, so that machines can share the
    /// work: each reads its part, and `verify` with the files of all parts gives the verdict. A part exits with 0 once
    /// it is read, even if something is wrong with it. auto takes K and N from the AWS Batch or Slurm array that runs
    /// this; auto/N also takes K from an indexed Job of Kubernetes.
    #[arg(long, value_name = "K/N")]
    pub(super) part: Option<String>,
    /// When joining parts: read what no part has read, instead of ending with 11
    #[arg(long)]
    pub(super) complete: bool,
    /// Number of threads [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<String>,
    /// Accept a known exception that would leave the contents unproved
    ///
    /// hash-only-blocks: blocks that hold only hashes, as the service writes them for its own work. They can't be told
    /// apart from blocks whose contents were removed. redactions-elsewhere: more revisions with the hash of their data
    /// in its place than redactionInfo in the archive names, because blocks outside the archive redacted them.
    #[arg(long, value_name = "NAME")]
    pub(super) accept: Vec<Acceptable>,
    /// The digest that was given, according to a receipt.
    #[arg(skip)]
    pub(super) replayed_digest: Option<GivenDigest>,
    /// What was typed in addition to a receipt.
    #[arg(skip)]
    pub(super) beside_receipt: Vec<TypedFlag>,
}

/// Exceptions that can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Acceptable {
    HashOnlyBlocks,
    RedactionsElsewhere,
}

/// The exceptions that were accepted.
pub(crate) fn accepted(named: &[Acceptable]) -> Accepted {
    Accepted {
        hash_only_blocks: named.contains(&Acceptable::HashOnlyBlocks),
        redactions_elsewhere: named.contains(&Acceptable::RedactionsElsewhere),
    }
}

impl VerifyArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether a saved response is to be checked.
    pub(super) fn has_saved(&self) -> bool {
        self.block.is_some() || self.revision.is_some()
    }

    pub(super) fn has_digest(&self) -> bool {
        self.digest.is_some() || self.replayed_digest.is_some()
    }

    /// Whether each object's SHA-256 is part of a result.
    pub(super) fn wants_sha256(&self) -> bool {
        self.receipt.is_some() || self.report.is_some() || self.receipt_check.is_some()
    }
}
