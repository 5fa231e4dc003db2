//! Amazon QLDB journal exports: making them, an endpoint that serves them, and their proof.
//!
//! # Where to start
//!
//! | To | use | |
//! |---|---|---|
//! | verify an archive | [`verify::verify`] | offline, from the manifests down to every hash, up to a saved digest |
//! | read the blocks of an export | [`journal::BlockReader`] | Ion text, Ion binary and JSON, in bounded memory |
//! | start an export and wait for it | [`client::Client`] | QLDB, or the endpoint below |
//! | run an endpoint in a test | [`endpoint::Endpoint`] | wire-compatible, and it really executes exports |
//!
//! Each of these has an example. [`request`] has the types that all of them share: names, ranges,
//! formats, and the faults in a request.
//!
//! ```no_run
//! use qldb_export::verify::{Folder, Request, Source, Status, verify};
//!
//! let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new("exports"))];
//! let report = verify(&Request::new(&sources))?;
//! assert_eq!(report.verdict, Status::Proved, "{:?}", report.breaks);
//! # Ok::<(), qldb_export::verify::VerifyError>(())
//! ```
//!
//! Errors name the field and the rule that it breaks; what to type instead is left to the command
//! line. Times are [`chrono`]'s.
//!
//! # How the code is organised
//!
//! There are five crates. What is re-exported here is a selection; a program that only verifies
//! needs just `qldb-journal`, with neither an async runtime nor the AWS SDK. A module may use the
//! modules below it, never one above, and siblings never use each other in a circle.
//!
//! | Module | Crate | What it does | Builds on |
//! |---|---|---|---|
//! | [`request`](qldb_journal::request) | `qldb-journal` | what an export request means: domain types and every local check | nothing |
//! | [journal](qldb_journal) | `qldb-journal` | what a journal is: blocks, the Ion codec, hashes, the chain, the Merkle tree | nothing |
//! | [`archive`](qldb_journal::archive) | `qldb-journal` | what an export leaves behind: keys, manifests, and the proof that it is complete | `request`, the journal |
//! | tables | `qldb-tables` | tables from archives, and the history of a document | the journal, `archive` |
//! | [aws](qldb_aws) | `qldb-aws` | reaching AWS: region, profile, credentials, trust, proxies | nothing |
//! | [`store`](qldb_endpoint::store) | `qldb-endpoint` | object storage: buckets in a directory or in S3; archives in S3 | all of the above |
//! | [`engine`](qldb_endpoint::engine) | `qldb-endpoint` | the service's work: ledgers, the catalog, export jobs | all of the above |
//! | [`endpoint`](qldb_endpoint::endpoint) | `qldb-endpoint` | the service's interface: HTTP, wire types, signatures | `engine` and below |
//! | [`client`] | `qldb-export` | the official SDK: connect, call, classify, wait | `request` and aws |
//! | `cli` | `qldb-export` | what people type, and what they read | everything |
//!
//! Items that only the crates of this repository use are hidden from their documentation, and may
//! change at any time.
//!
//! The client never calls the engine: there is always HTTP between them, so that `--local` takes
//! the same path as a remote endpoint.

#![forbid(unsafe_code)]

mod cli;
pub mod client;

/// Export requests: names, ranges and formats that can't hold an invalid value, and all faults at once.
///
/// ```
/// use qldb_export::request::{ExportDraft, Faults, Field};
///
/// let now = "2024-03-02T00:00:00Z".parse()?;
/// let draft = ExportDraft {
///     ledger: Some("vehicle-registration"),
///     start: Some("2024-03-01T00:00:00Z".parse()?),
///     end: Some(now),
///     bucket: Some("my-exports"),
///     prefix: Some("nightly/"),
///     encryption: Some("SSE_S3"),
///     role_arn: Some("arn:aws:iam::123456789012:role/export"),
///     ..ExportDraft::default()
/// };
/// let request = draft.check(now, Faults::none())?;
/// assert_eq!(request.bucket.as_str(), "my-exports");
///
/// let faults = ExportDraft { bucket: Some("My_Exports"), ..draft }.check(now, Faults::none()).unwrap_err();
/// assert!(faults.concern(Field::Bucket));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod request {
    #[doc(inline)]
    pub use qldb_journal::request::{
        BucketName, Encryption, EncryptionType, ExportDraft, ExportRequest, Fault, Faults, Field, Kind, KmsKeyArn,
        LedgerName, OutputFormat, Prefix, Progress, RoleArn, TimeRange, UniqueId,
    };
}

/// Offline proof that archived exports are complete and unaltered.
///
/// ```
/// use qldb_export::verify::{Folder, Level, Levels, Request, Source, Status, verify};
///
/// # let folder = "tests/archives/small/ION_TEXT";
/// let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
/// let report = verify(&Request::new(&sources))?;
/// for one in &report.breaks {
///     println!("{}: {}", one.key, one.problem);
/// }
/// assert_eq!(report.verdict, Status::Proved);
///
/// // Only whether the objects that the manifests list exist.
/// let report = verify(&Request::new(&sources).levels(Levels::of(&[Level::Objects])))?;
/// # assert_eq!(report.verdict, Status::Proved);
/// # Ok::<(), qldb_export::verify::VerifyError>(())
/// ```
pub mod verify {
    #[doc(inline)]
    pub use qldb_journal::archive::source::{Folder, Found, Source, SourceError};
    #[doc(inline)]
    pub use qldb_journal::archive::verify::{
        Break, BreakKind, Breaks, JournalSpan, Level, LevelReport, Levels, Report, Request, SavedDigest, Status,
        VerifyError, Watcher, verify,
    };

    #[cfg(feature = "s3")]
    #[doc(inline)]
    pub use qldb_endpoint::store::{S3Options, S3Source};
}

/// The blocks of a journal: reading them, selecting them, and writing them in another format.
///
/// ```
/// use std::fs::File;
///
/// use qldb_export::journal::{BlockReader, BlockWriter, Encoding};
///
/// # let path = "tests/vectors/awscli-block-100.ion";
/// let mut json = BlockWriter::new(Vec::new(), Encoding::Json);
/// for block in BlockReader::new(File::open(path)?, Encoding::IonText) {
///     let block = block?;
///     println!("block {} of {}", block.header.sequence_no, block.header.strand_id);
///     json.write(&block)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod journal {
    #[doc(inline)]
    pub use qldb_journal::{BlockHeader, BlockReader, BlockWriter, Encoding, Hash, JournalError, RawBlock};
}

/// An endpoint that behaves like QLDB's control plane, to run inside a test or a program.
///
/// ```
/// use qldb_export::client::{Client, FixedCredentials, Target, Waited};
/// use qldb_export::endpoint::{Config, Credentials, Endpoint, Engine, Options, SampleSpec};
/// use qldb_export::request::{ExportDraft, Faults, LedgerName};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("data");
/// // A data directory with a ledger in it, and an endpoint on a free port.
/// let engine = Engine::open(Config::new(&folder))?;
/// engine.make_sample(&SampleSpec::new(LedgerName::parse("vehicle-registration")?))?;
/// let key = Credentials::load_or_create(engine.data_dir())?;
/// let endpoint = Endpoint::bind(engine.clone(), "127.0.0.1:0".parse()?, Options::new(key.clone())).await?;
/// let url = endpoint.url();
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
/// let serving = tokio::spawn(endpoint.serve(async { drop(stopped.await) }));
///
/// // Any AWS SDK can call it now; here it is the client of this crate.
/// let client = Client::connect(Target {
///     region: Some("us-east-1".to_owned()),
///     endpoint_url: Some(url),
///     credentials: Some(FixedCredentials::new(key.access_key_id, key.secret_access_key)),
///     ..Target::default()
/// })
/// .await?;
/// let now = engine.now();
/// let request = ExportDraft {
///     ledger: Some("vehicle-registration"),
///     start: Some("2020-01-01T00:00:00Z".parse()?),
///     end: Some(now),
///     bucket: Some("my-exports"),
///     prefix: Some("all/"),
///     encryption: Some("NO_ENCRYPTION"),
///     role_arn: Some("arn:aws:iam::123456789012:role/export"),
///     ..ExportDraft::default()
/// }
/// .check(now, Faults::none())?;
/// let id = client.start_export(&request).await?;
/// let Waited::Ended(ended) = client.wait_for_export(&request.ledger, &id, None).await? else { unreachable!() };
/// assert_eq!(ended.status.as_str(), "COMPLETED");
/// assert!(engine.bucket_dir(&request.bucket).join("all").is_dir());
///
/// drop(stop);
/// serving.await??;
/// # Ok(())
/// # }
/// ```
pub mod endpoint {
    #[doc(inline)]
    pub use qldb_endpoint::endpoint::{Credentials, Endpoint, EndpointError, Options};
    // Rotating keys from elsewhere: only the command line uses this.
    #[doc(hidden)]
    pub use qldb_endpoint::endpoint::{CredentialsError, CredentialsSource, Loading};
    #[doc(inline)]
    pub use qldb_endpoint::engine::{Config, Engine, LedgerError, OpenError, SampleSpec, ServiceError};
}

/// The command line, for the binary.
#[doc(hidden)]
pub use cli::main;
