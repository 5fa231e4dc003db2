//! The commands, one file or folder each, and `definition`, which defines the command line.
//!
//! For `cli`, which parses the command line by the definition and runs the command.

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

/// Amazon QLDB journal exports: make them, verify them, and run an endpoint that executes them
///
/// Each command and flag also accepts the AWS CLI's name for it, so that `aws qldb export-journal-to-s3 …` becomes
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
    /// Follow an export until it ends
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
    /// Exports each window up to now that is missing at this bucket and prefix, two at a time, and follows the exports
    /// until they end. What is already exported comes from the service's list, which keeps exports for 7 days after
    /// they end, and, with --local or --archive, from the manifests at the destination; if neither shows where the last
    /// export ended, sync stops and says which flag to add. It stops at the first failure; the next run continues from
    /// there. A second run at the same time does nothing and says so. If there is nothing to do, it prints nothing and
    /// exits with 0.
    Sync(Box<sync::SyncArgs>),
    /// Print the policies that the role and the caller of exports need
    ///
    /// Least privilege, as JSON for aws iam: trust is for create-role --assume-role-policy-document, permissions for
    /// put-role-policy, caller for the user or role that makes the calls. No call is made.
    Policy(policy::PolicyArgs),
    /// Prove that archived exports are complete and unaltered
    ///
    /// Works offline, from the archive alone. Exit code 0 means that everything you asked for is proved; 10, 11 and 12
    /// mean damage, missing data, and what could not be checked.
    Verify(Box<verify::VerifyArgs>),
    /// Convert archived exports into tables: SQLite, Parquet, CSV or JSON Lines
    ///
    /// Every format has the same tables: revision, with one row for each revision of a document; transaction and
    /// statement; and archive, which records what was verified and the result. An SQLite database also has views for
    /// each QLDB table: `Vehicle`, `_ql_committed_Vehicle`, `history_Vehicle`. If the archive is not proved, nothing is
    /// written and the exit code is that of verify, unless --unverified is given.
    Convert(Box<convert::ConvertArgs>),
    /// Show every version of a document, each one proved
    ///
    /// Shows version, time, transaction, operation, block, hash and data, oldest first; whether the versions are
    /// complete, and what that rests on. Several documents are shown one after the other; in JSON, each is a JSON
    /// document of its own. If there is no such document, the exit code is 3; exit codes for the archive's proof are
    /// those of verify, but --unverified shows what is not proved and ends with 0.
    History(Box<history::HistoryArgs>),
    /// Write the proof of a document or block, for someone without the archive
    ///
    /// Writes a file for each version of the document in the shape of GetRevision's response, or for a block a file in
    /// the shape of GetBlock's, with the proof up to the digest. `verify --revision` and `verify --block` can check it,
    /// and so can any other program for QLDB's proofs. README.txt explains what is proved and how to check it, also by
    /// hand. The archive is verified in the same pass; if it is not proved, nothing is written, and exit codes are
    /// those of verify. If the document, version or block does not exist, the exit code is 3; if it lies beyond the
    /// digest, 12.
    Prove(Box<prove::ProveArgs>),
    /// Run the built-in endpoint
    ///
    /// It answers QLDB's control plane for every AWS SDK. It does not support PartiQL statements and Kinesis streams.
    /// While it runs, `ledger` commands on the same data directory go through it.
    ///
    /// `AWS_ENDPOINT_URL_QLDB`, which it prints, is read by the AWS CLI since 1.29.0 and 2.13.0; by boto3 and botocore
    /// since 1.28.0 and 1.31.0; by @aws-sdk/client-qldb for JavaScript since 3.431.0 (through
    /// @smithy/middleware-endpoint, since 2.1.0); by the AWS SDK for Java since 2.28.1; for Go, by v2 since November
    /// 2023; for Rust, with aws-config 1.13 (earlier versions were not tested); for .NET, since an unknown version.
    /// Other programs need the address passed explicitly: the AWS CLI with `--endpoint-url`, boto3 with `endpoint_url`,
    /// aws-sdk 2 and older clients for JavaScript with `endpoint`, Java 2 with `endpointOverride` and Java 1 with
    /// `withEndpointConfiguration`, Go v2 with `BaseEndpoint` and v1 with `Endpoint`, .NET with `ServiceURL`.
    Serve(serve::ServeArgs),
    /// Create, fill, import, list, compact and delete ledgers of the built-in endpoint
    Ledger(ledger::LedgerArgs),
    /// Print a completion script
    Completions(completions::CompletionsArgs),
    /// Print the main manual page, or write all pages into a directory
    Man(man::ManArgs),
}

impl Command {
    /// The folders and S3 locations that the command reads archives from.
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
