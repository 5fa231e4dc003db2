//! An endpoint that behaves like QLDB: ledgers and their journals, export jobs, and the control
//! plane over HTTP for the AWS SDKs and the AWS CLI.
//!
//! To use one in a test: call [`Engine::open`](engine::Engine::open) on a data directory, then
//! [`Endpoint::bind`](endpoint::Endpoint::bind) on a free port, then point any AWS SDK at
//! [`Endpoint::url`](endpoint::Endpoint::url):
//!
//! ```
//! use qldb_endpoint::endpoint::{Credentials, Endpoint, Options};
//! use qldb_endpoint::engine::{Config, Engine, SampleSpec};
//! use qldb_journal::request::LedgerName;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path().join("data");
//! let engine = Engine::open(Config::new(&folder))?;
//! engine.make_sample(&SampleSpec::new(LedgerName::parse("vehicle-registration")?))?;
//! let key = Credentials::load_or_create(engine.data_dir())?;
//! let endpoint = Endpoint::bind(engine, "127.0.0.1:0".parse()?, Options::new(key)).await?;
//! assert!(endpoint.url().starts_with("http://127.0.0.1:"));
//! let serving = tokio::spawn(endpoint.serve(std::future::pending()));
//! # serving.abort();
//! # Ok(())
//! # }
//! ```
//!
//! | Module | What it does | Builds on |
//! |---|---|---|
//! | [`store`] | object storage: buckets in a directory or in S3 | `qldb-journal` |
//! | [`engine`] | the service's work: ledgers, the catalog, export jobs | `store` and below |
//! | [`endpoint`] | the service's interface: HTTP, wire types, signatures | `engine` and below |

#![forbid(unsafe_code)]
// Bytes come from anywhere, so no index into them may panic.
#![warn(clippy::indexing_slicing)]

pub mod endpoint;
pub mod engine;
pub mod store;
