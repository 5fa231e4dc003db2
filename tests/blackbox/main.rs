//! Black-box tests: the built binary as people run it, and the endpoint through real clients.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod canned;
mod cli_adopt;
mod cli_advice;
mod cli_answers;
mod cli_events;
mod cli_generated;
mod cli_local;
mod cli_policy;
mod cli_request;
mod cli_sync;
mod cli_verify;
mod cli_wait;
mod endpoint_calls;
mod endpoint_proofs;
mod endpoint_refusals;
mod endpoint_running;
mod endpoint_wire;
mod engine_damage;
mod engine_exports;
mod engine_imports;
mod engine_journals;
mod engine_ledgers;
mod engine_support;
mod journal_archives;
mod journal_codec;
mod readme;
mod s3_exports;
mod s3_server;
mod serving;
mod store_cases;
mod support;
mod verify_bench;
mod verify_damage;
mod verify_flips;
mod verify_library;
