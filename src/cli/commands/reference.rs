//! What is known about each command besides its flags: its areas, its shortest form, its examples,
//! and related pages.
//!
//! For the definition of the command line, which makes help from it, and for the manual.

use super::examples::{self as shown, Example};
use crate::cli::global::area::Area;

/// A command's entry.
pub(crate) struct Reference {
    /// What the command touches.
    pub(crate) areas: &'static [Area],
    /// Its shortest form: each line has the required arguments, by their ids or as literal text. Empty if the parser
    /// requires them itself.
    pub(crate) usage: Usage,
    /// Its examples.
    pub(crate) examples: &'static [Example],
    /// Related manual pages.
    pub(crate) see_also: &'static [&'static str],
}

type Usage = &'static [&'static [&'static str]];
/// One command's areas, usage, examples, and related pages.
type Row = (&'static [Area], Usage, &'static [Example], &'static [&'static str]);

use Area::{Data, Listing, Policy, Progress, Proof, Restoring, Results, Service, Serving, Starting, Store, Waiting};

const EVERYTHING: &[Area] =
    &[Service, Starting, Waiting, Restoring, Data, Serving, Store, Proof, Listing, Policy, Results, Progress];
const LEDGERS: &[Area] = &[Data, Results];
const LONG_ON_LEDGERS: &[Area] = &[Data, Results, Progress];
const NAME: Usage = &[&["name"]];

/// The entry of the command whose manual page has this name: its words, joined with hyphens.
pub(crate) fn of(name: &str) -> Reference {
    let (areas, usage, examples, see_also): Row = match name {
        "qldb-export" => (EVERYTHING, &[], shown::FIRST, &["aws"]),
        "qldb-export-start" => (
            &[Service, Starting, Waiting, Data, Store, Results, Progress],
            &[&["ledger", "from", "bucket", "prefix", "role_arn"], &["ledger", "last", "bucket", "prefix", "role_arn"]],
            shown::START,
            &["qldb-export-wait", "qldb-export-sync", "qldb-export-policy", "qldb-export-verify"],
        ),
        "qldb-export-wait" => (
            &[Service, Waiting, Data, Store, Results, Progress],
            &[&["id"]],
            shown::WAIT,
            &["qldb-export-start", "qldb-export-status"],
        ),
        "qldb-export-status" => {
            (&[Service, Data, Store, Results], &[&["id"]], shown::STATUS, &["qldb-export-list", "qldb-export-wait"])
        }
        "qldb-export-list" => {
            (&[Service, Data, Store, Listing, Results], &[], shown::LIST, &["qldb-export-start", "qldb-export-status"])
        }
        "qldb-export-sync" => (
            &[Service, Starting, Waiting, Data, Store, Proof, Results, Progress],
            &[&["ledger", "bucket", "prefix", "role_arn"]],
            shown::SYNC,
            &["qldb-export-start", "qldb-export-verify", "crontab"],
        ),
        "qldb-export-policy" => (
            &[Policy, Results],
            &[
                &["ledger", "bucket", "prefix", "role_arn"],
                &["trust", "account"],
                &["permissions", "bucket", "prefix"],
                &["caller", "ledger", "role_arn"],
            ],
            shown::POLICY,
            &["qldb-export-start", "aws"],
        ),
        "qldb-export-verify" => (
            &[Service, Data, Proof, Store, Restoring, Results, Progress],
            &[&["paths"], &["export"]],
            shown::VERIFY,
            &["qldb-export-start", "qldb-export-prove", "qldb-export-ledger-digest", "qldb-export-ledger-import"],
        ),
        "qldb-export-convert" => (
            &[Proof, Store, Restoring, Results, Progress],
            &[&["paths", "to"], &["print_ddl", "to"]],
            shown::CONVERT,
            &["qldb-export-history", "qldb-export-verify", "sqlite3"],
        ),
        "qldb-export-history" => (
            &[Proof, Store, Restoring, Results, Progress],
            &[&["paths", "document"], &["paths", "condition"]],
            shown::HISTORY,
            &["qldb-export-convert", "qldb-export-prove", "qldb-export-verify"],
        ),
        "qldb-export-prove" => (
            &[Proof, Store, Restoring, Results, Progress],
            &[&["paths", "document", "out"], &["paths", "block", "out"]],
            shown::PROVE,
            &["qldb-export-history", "qldb-export-verify", "qldb-export-ledger-digest"],
        ),
        "qldb-export-serve" => {
            (&[Data, Store, Serving, Results], &[], shown::SERVE, &["qldb-export-ledger", "qldb-export-start"])
        }
        "qldb-export-ledger" => (&[Data, Store, Proof, Results, Progress], &[], shown::LEDGER, &["qldb-export-serve"]),
        "qldb-export-ledger-list" => (LEDGERS, &[], shown::LEDGER_LIST, &["qldb-export-ledger"]),
        "qldb-export-ledger-describe" => (LONG_ON_LEDGERS, NAME, shown::LEDGER_DESCRIBE, &["qldb-export-ledger"]),
        "qldb-export-ledger-sample" => (LONG_ON_LEDGERS, NAME, shown::LEDGER_SAMPLE, &["qldb-export-ledger"]),
        "qldb-export-ledger-append" => {
            (LONG_ON_LEDGERS, &[&["name", "table"]], shown::LEDGER_APPEND, &["qldb-export-ledger"])
        }
        "qldb-export-ledger-import" => (
            &[Data, Store, Proof, Restoring, Results, Progress],
            &[],
            shown::LEDGER_IMPORT,
            &["qldb-export-ledger", "qldb-export-verify"],
        ),
        "qldb-export-ledger-digest" => {
            (LEDGERS, NAME, shown::LEDGER_DIGEST, &["qldb-export-ledger", "qldb-export-verify"])
        }
        "qldb-export-ledger-compact" => (LONG_ON_LEDGERS, NAME, shown::LEDGER_COMPACT, &["qldb-export-ledger"]),
        "qldb-export-ledger-recover" => {
            (&[Data, Proof, Results, Progress], &[], shown::LEDGER_RECOVER, &["qldb-export-ledger"])
        }
        "qldb-export-ledger-delete" => (LEDGERS, NAME, shown::LEDGER_DELETE, &["qldb-export-ledger"]),
        "qldb-export-completions" => (&[], &[], shown::COMPLETIONS, &[]),
        _ => (&[], &[], shown::MAN, &["man"]),
    };
    Reference { areas, usage, examples, see_also }
}
