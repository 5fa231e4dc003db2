//! Black-box tests: the built binary as people run it, and the endpoint through real clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

mod canned;
mod channels;
mod channels_stdout;
mod cli_adopt;
mod cli_advice;
mod cli_anchor;
mod cli_answers;
mod cli_aws;
mod cli_causes;
#[cfg(target_os = "linux")]
mod cli_clock;
#[cfg(unix)]
mod cli_completions;
mod cli_defaults;
mod cli_events;
mod cli_every;
#[cfg(target_os = "linux")]
mod cli_files;
mod cli_generated;
mod cli_help;
mod cli_identity;
mod cli_local;
#[cfg(unix)]
mod cli_manual;
mod cli_mistakes;
mod cli_outline;
mod cli_parts;
mod cli_policy;
mod cli_proxies;
mod cli_report;
mod cli_request;
mod cli_sync;
mod cli_tips;
mod cli_verify;
mod cli_verify_answers;
mod cli_verify_found;
mod cli_wait;
mod convert;
mod convert_corners;
mod convert_parts;
mod datadir_catalog;
#[cfg(unix)]
mod datadir_links;
mod datadir_overwrite;
mod documented;
mod endpoint_calls;
mod endpoint_proofs;
mod endpoint_refusals;
mod endpoint_running;
mod endpoint_wire;
mod engine_compaction;
mod engine_damage;
mod engine_exports;
mod engine_imports;
mod engine_journals;
mod engine_ledgers;
mod engine_support;
#[cfg(unix)]
mod formats;
#[cfg(unix)]
mod formats_page;
mod github;
mod golden;
mod history;
mod journal_archives;
mod journal_codec;
mod knowledge;
#[cfg(target_os = "linux")]
mod large_catalog;
#[cfg(target_os = "linux")]
mod listed;
#[cfg(target_os = "linux")]
mod many_objects;
#[cfg(target_os = "linux")]
#[path = "../../crates/journal/benches/made/memory.rs"]
mod memory;
mod migration;
#[cfg(target_os = "linux")]
#[path = "../../crates/journal/benches/made/objects.rs"]
mod objects;
mod prove;
mod proxy;
mod readme;
mod rooms;
mod s3_archived;
mod s3_cli;
mod s3_copies;
mod s3_endings;
mod s3_exports;
mod s3_faults;
mod s3_frozen;
mod s3_in_place;
mod s3_ranges;
mod s3_server;
mod s3_sync;
#[cfg(unix)]
mod serve_credentials;
#[cfg(unix)]
mod serve_held;
#[cfg(unix)]
mod serve_ledger;
#[cfg(unix)]
mod serve_ledger_s3;
mod serving;
#[cfg(unix)]
mod shells;
mod store_cases;
mod support;
mod sync_gaps;
#[cfg(unix)]
mod sync_lines;
#[cfg(unix)]
mod sync_metrics;
mod sync_proof;
mod sync_status;
mod terminal;
mod tls_server;
#[cfg(unix)]
mod tools;
mod verify_answers;
mod verify_answers_forms;
mod verify_bench;
mod verify_borders;
mod verify_bounds;
mod verify_checksums;
mod verify_damage;
mod verify_digests;
mod verify_flips;
mod verify_forgeries;
mod verify_forgeries_absence;
mod verify_forgeries_binary;
mod verify_forgeries_json;
mod verify_library;
mod verify_manifests;
mod verify_readers;
mod verify_receipts;
#[cfg(unix)]
mod verify_strangers;
