//! The commands, one file or folder each, and `definition`, which says what can
//! be typed.
//!
//! For `cli`, which parses by the definition and runs what it yields.

pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod definition;
mod destination;
mod dry_run;
mod examples;
mod follow;
pub(crate) mod history;
mod input_json;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod policy;
pub(crate) mod prove;
mod proving;
mod reference;
mod remark;
mod restoring;
pub(crate) mod serve;
mod shorthand;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod tips;
mod values;
pub(crate) mod verify;
pub(crate) mod wait;
mod written;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::cli::global::args::GlobalArgs;

/// Amazon QLDB journal exports: the call, and an endpoint that executes it
///
/// Each command and flag also answers to the AWS CLI's name for it, so that `aws qldb export-journal-to-s3 …` becomes
/// `qldb-export export-journal-to-s3 …` with the rest unchanged.
#[derive(Debug, Parser)]
#[command(name = "qldb-export", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start an export
    ///
    /// The AWS CLI's name for it is export-journal-to-s3.
    #[command(alias = "export-journal-to-s3")]
    Start(Box<start::StartArgs>),
    /// Follow an export to its end
    Wait(wait::WaitArgs),
    /// Describe an export
    ///
    /// The AWS CLI's name for it is describe-journal-s3-export.
    #[command(alias = "describe-journal-s3-export")]
    Status(status::StatusArgs),
    /// List exports, of one ledger or of all, newest first
    ///
    /// The AWS CLI's names for it are list-journal-s3-exports and list-journal-s3-exports-for-ledger.
    #[command(aliases = ["list-journal-s3-exports", "list-journal-s3-exports-for-ledger"])]
    List(list::ListArgs),
    /// Export every window of time that is not exported yet, for cron
    ///
    /// Exports each window that is missing at this bucket and prefix up to now, two at a time, and follows the exports to
    /// their ends. What is done is read from the service's list of exports, which forgets them after 7 days, and, with
    /// --local or --archive, from the manifests at the destination; where neither says where the last export ended, it
    /// stops and says what to give. It stops at the first failure; the next run takes up what is missing. A second run
    /// at the same time does nothing and says so. Nothing to do is silence and exit code 0.
    Sync(Box<sync::SyncArgs>),
    /// Print the policies that the role and the caller of exports need
    ///
    /// Least privilege, as JSON for aws iam: trust is for create-role --assume-role-policy-document, permissions for
    /// put-role-policy, caller for the user or role that calls. Nothing is called.
    Policy(policy::PolicyArgs),
    /// Prove that archived exports are whole and unaltered
    ///
    /// Offline: nothing is asked but the archive itself. Exit code 0 says that everything that was asked for is
    /// proved; 10, 11 and 12 stand for damage, loss, and what could not be checked.
    Verify(Box<verify::VerifyArgs>),
    /// Make tables of archived exports: SQLite, Parquet, CSV or JSON Lines
    ///
    /// Every form has the same tables: revision, one row for each revision of a document; transaction and statement; and
    /// archive, which says what was verified and how it came out. An SQLite database has views for each QLDB table as
    /// well: `Vehicle`, `_ql_committed_Vehicle`, `history_Vehicle`. An archive that is not proved leaves nothing behind
    /// unless --unverified is given; exit codes are those of verify.
    Convert(Box<convert::ConvertArgs>),
    /// Show every version of a document, each one proved
    ///
    /// Version, time, transaction, operation, block, hash and data, oldest first; whether the versions are complete, and
    /// what that rests on. Several documents come one after the other. Where there is none, the exit code is 3; those of
    /// the archive's proof are those of verify.
    History(Box<history::HistoryArgs>),
    /// Write the proof of a document or block, for somebody who has no archive
    ///
    /// For each version of the document a file in the shape of GetRevision's response, or for a block one in that of
    /// GetBlock's, with the proof up to the digest: `verify --revision` and `verify --block` check it, and so does every
    /// program that was written for QLDB's proofs. README.txt beside them says what is proved and how to check it, by
    /// hand as well. The archive is verified on the way; if it is not proved, nothing is written, and exit codes are those
    /// of verify. Where there is no such document, version or block, the exit code is 3; where it lies beyond the
    /// digest, 12.
    Prove(Box<prove::ProveArgs>),
    /// Run the built-in endpoint
    ///
    /// It answers QLDB's control plane for every AWS SDK. Statements and Kinesis streams are not done here. While it runs,
    /// `ledger` commands on the same data directory go through it.
    ///
    /// `AWS_ENDPOINT_URL_QLDB`, which it prints, is read by the AWS CLI from 1.29.0 and 2.13.0 on; by boto3 and botocore
    /// from 1.28.0 and 1.31.0 on; by @aws-sdk/client-qldb for JavaScript from 3.431.0 on (what reads it there is
    /// @smithy/middleware-endpoint, from 2.1.0 on); by the AWS SDK for Java from 2.28.1 on; for Go, by v2 since November
    /// 2023; for Rust, with aws-config 1.13 (earlier ones were not tried); for .NET, from which version on is not known.
    /// Programs that do not read it are given the address: the AWS CLI with `--endpoint-url`, boto3 with
    /// `endpoint_url`, aws-sdk 2 and older clients for JavaScript with `endpoint`, Java 2 with `endpointOverride` and Java
    /// 1 with `withEndpointConfiguration`, Go v2 with `BaseEndpoint` and v1 with `Endpoint`, .NET with `ServiceURL`.
    Serve(serve::ServeArgs),
    /// Create, fill, import, list, compact and delete ledgers of the built-in endpoint
    Ledger(ledger::LedgerArgs),
    /// Print a completion script
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write all pages into a directory
    Man(man::ManArgs),
}

impl Command {
    /// The folders and places in S3 that the command reads archives from.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        match self {
            Self::Verify(args) => args.archives(),
            Self::Convert(args) => args.archives(),
            Self::History(args) => args.archives(),
            Self::Prove(args) => args.archives(),
            Self::Sync(args) => args.archives(),
            Self::Ledger(args) => args.archives(),
            _ => &[],
        }
    }
}
