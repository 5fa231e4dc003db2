//! What only a manual page tells of a command: what it touches, and examples
//! that run. `cli_manual` of the tests runs every one.

use crate::cli::global::area::Area;

/// What an example is for, and its lines.
pub(super) type Example = (&'static str, &'static [&'static str]);

/// A page's part of what is here.
pub(super) struct Page {
    /// What the command touches.
    pub(super) areas: &'static [Area],
    /// How it is used.
    pub(super) examples: &'static [Example],
    /// Pages about what goes with it.
    pub(super) see_also: &'static [&'static str],
}

/// Every file with a name of its own, with what a command touches that reads or keeps it.
pub(super) const FILES: [(&str, &[Area], &str); 14] = [
    (
        "$QLDB_EXPORT_DATA_DIR",
        DATA,
        "The data directory, in which all of the following lie. Where the variable is not \
      set: ~/.local/share/qldb-export on Linux, ~/Library/Application Support/qldb-export on macOS, \
      %APPDATA%\\qldb-export\\data on Windows.",
    ),
    (
        "catalog.db",
        DATA,
        "The ledgers, their journals' segments, and the exports of the last 7 days: an SQLite database.",
    ),
    ("journals/", DATA, "The segments of the journals. They are never changed once they are written."),
    (
        "journals/STRAND/ledger.json",
        DATA,
        "The name and the settings of the ledger that the segments beside it belong to. `ledger recover` makes the \
      catalog anew from both.",
    ),
    (
        "unknown/",
        DATA,
        "What lay among the journals and belongs to no ledger. It is put aside here, and never removed.",
    ),
    ("buckets/BUCKET/KEY", DATA, "The objects that exports wrote, unless they went to S3."),
    ("credentials.json", DATA, "The access key that the built-in endpoint accepts, for the owner's eyes alone."),
    ("lock", DATA, "Held by the one process that works in the data directory."),
    ("locks/", STARTING, "Held by `sync`, one for each ledger, bucket and prefix."),
    (
        "sync/",
        STARTING,
        "What `sync` noted, one record for each ledger, bucket and prefix: what was exported, what is proved, what did \
      not verify. Without it, everything is proved anew.",
    ),
    ("~/.aws/config", AWS, "Regions, profiles, roles to assume and SSO sessions, as for every AWS tool."),
    ("~/.aws/credentials", AWS, "Access keys by profile, as for every AWS tool."),
    ("~/.aws/sso/cache/", AWS, "What `aws sso login` got, as for every AWS tool."),
    (
        "s3://BUCKET/PREFIX*.completed.manifest",
        PROOF,
        "An export's last manifest, which names those before it and, through \
      them, every object.",
    ),
];

const AWS: &[Area] = &[Area::Service, Area::Store];
const DATA: &[Area] = &[Area::Data];
const PROOF: &[Area] = &[Area::Proof];
const STARTING: &[Area] = &[Area::Starting];
const EVERYTHING: &[Area] =
    &[Area::Service, Area::Starting, Area::Waiting, Area::Data, Area::Store, Area::Proof, Area::Policy];

/// What is here about the page of this name.
pub(super) fn of(name: &str) -> Page {
    let (areas, examples, see_also): (&[Area], &[Example], &[&str]) = match name {
        "qldb-export" => (EVERYTHING, FIRST, &["aws"]),
        "qldb-export-start" => (
            &[Area::Service, Area::Starting, Area::Waiting, Area::Data, Area::Store],
            START,
            &["qldb-export-wait", "qldb-export-sync", "qldb-export-policy", "qldb-export-verify"],
        ),
        "qldb-export-wait" => (
            &[Area::Service, Area::Waiting, Area::Data, Area::Store],
            WAIT,
            &["qldb-export-start", "qldb-export-status"],
        ),
        "qldb-export-status" => {
            (&[Area::Service, Area::Data, Area::Store], STATUS, &["qldb-export-list", "qldb-export-wait"])
        }
        "qldb-export-list" => {
            (&[Area::Service, Area::Data, Area::Store], LIST, &["qldb-export-start", "qldb-export-status"])
        }
        "qldb-export-sync" => (
            &[Area::Service, Area::Starting, Area::Waiting, Area::Data, Area::Store, Area::Proof],
            SYNC,
            &["qldb-export-start", "qldb-export-verify", "crontab"],
        ),
        "qldb-export-policy" => (&[Area::Policy], POLICY, &["qldb-export-start", "aws"]),
        "qldb-export-verify" => (
            &[Area::Proof, Area::Store],
            VERIFY,
            &["qldb-export-start", "qldb-export-ledger-digest", "qldb-export-ledger-import"],
        ),
        "qldb-export-convert" => (&[Area::Proof, Area::Store], CONVERT, &["qldb-export-verify", "sqlite3"]),
        "qldb-export-serve" => (&[Area::Data, Area::Store], SERVE, &["qldb-export-ledger", "qldb-export-start"]),
        "qldb-export-ledger" => (&[Area::Data, Area::Store, Area::Proof], LEDGER, &["qldb-export-serve"]),
        "qldb-export-ledger-list" => (&[Area::Data], LEDGER_LIST, &["qldb-export-ledger"]),
        "qldb-export-ledger-describe" => (&[Area::Data], LEDGER_DESCRIBE, &["qldb-export-ledger"]),
        "qldb-export-ledger-sample" => (&[Area::Data], LEDGER_SAMPLE, &["qldb-export-ledger"]),
        "qldb-export-ledger-append" => (&[Area::Data], LEDGER_APPEND, &["qldb-export-ledger"]),
        "qldb-export-ledger-import" => {
            (&[Area::Data, Area::Store, Area::Proof], LEDGER_IMPORT, &["qldb-export-ledger", "qldb-export-verify"])
        }
        "qldb-export-ledger-digest" => (&[Area::Data], LEDGER_DIGEST, &["qldb-export-ledger", "qldb-export-verify"]),
        "qldb-export-ledger-recover" => (&[Area::Data, Area::Proof], LEDGER_RECOVER, &["qldb-export-ledger"]),
        "qldb-export-ledger-delete" => (&[Area::Data], LEDGER_DELETE, &["qldb-export-ledger"]),
        "qldb-export-completions" => (&[], COMPLETIONS, &[]),
        _ => (&[], MAN, &["man"]),
    };
    Page { areas, examples, see_also }
}

const FIRST: &[Example] = &[
    (
        "Export what was committed yesterday, and wait for the end",
        &[
            r"qldb-export start --wait --from yesterday --until today \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    (
        "The same without QLDB: from a sample ledger, into a directory",
        &[
            r"qldb-export start --local --wait --last 7d \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    ("Prove that an archive is whole and unaltered", &["qldb-export verify archive --digest digest.json"]),
];

const START: &[Example] = &[
    FIRST[0],
    (
        "In a CI job that may run again, and then follows the export that it started before",
        &[
            r"qldb-export start --adopt --wait --timeout 2h --events export.jsonl \",
            r"    --from 2024-03-01 --until 2024-03-02 --format JSON \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix ci/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    FIRST[1],
    (
        "See what would be sent, and send nothing",
        &[
            r"qldb-export start --dry-run --from -36h --encryption SSE_S3 \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix '' \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
];

const WAIT: &[Example] = &[(
    "Start an export now, and wait for it later, for an hour at most",
    &[
        r"id=$(qldb-export start --local --last 7d \",
        r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
        r"    --role-arn arn:aws:iam::123456789012:role/export)",
        r#"qldb-export wait --local --timeout 1h "$id""#,
    ],
)];

const STATUS: &[Example] = &[(
    "Describe an export for people, and as the API does",
    &[
        r"id=$(qldb-export start --local --last 7d \",
        r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
        r"    --role-arn arn:aws:iam::123456789012:role/export)",
        r#"qldb-export status --local "$id""#,
        r#"qldb-export status --local --ledger vehicle-registration --output json "$id""#,
    ],
)];

const LIST: &[Example] = &[
    ("List the exports of the account and region", &["qldb-export list"]),
    ("Those of one ledger, as the API does", &["qldb-export list --ledger vehicle-registration --output json"]),
];

const SYNC: &[Example] = &[
    (
        "Every night, all days that are not exported yet",
        &[
            r"qldb-export sync --quiet --verify --archive s3://my-exports/daily/ \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    (
        "Every hour, out of a local ledger, with the proof that each export continues the last",
        &[
            r"qldb-export sync --local --verify --window 1h --from -2h \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix hourly/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
];

const POLICY: &[Example] = &[
    (
        "Who may assume the role, for `aws iam create-role`",
        &[
            r"qldb-export policy trust --region eu-west-1 --account 123456789012 \",
            r"    --ledger vehicle-registration > trust.json",
        ],
    ),
    (
        "What the role may do, for `aws iam put-role-policy`",
        &["qldb-export policy permissions --bucket my-exports --prefix daily/ > permissions.json"],
    ),
];

const VERIFY: &[Example] = &[
    (
        "Prove an archive up to a saved digest, and write down what was proved",
        &["qldb-export verify archive --digest digest.json --receipt receipt.json"],
    ),
    (
        "Prove what the archive can prove by itself, and go on from there after an interruption",
        &["qldb-export verify --resume progress.json archive"],
    ),
    (
        "Only that the manifests and the objects agree, as JSON",
        &["qldb-export verify --level objects --output json archive"],
    ),
];

const CONVERT: &[Example] = &[
    (
        "A database of the whole archive, and the vehicles that there are now",
        &[
            "qldb-export convert archive --to archive.db --digest digest.json",
            "sqlite3 archive.db 'SELECT * FROM Vehicle'",
        ],
    ),
    (
        "Parquet for Athena, Spark or DuckDB, extended by what was exported since",
        &[
            "qldb-export convert archive --as parquet --to tables --append",
            "qldb-export convert --print-ddl duckdb --to tables",
        ],
    ),
    (
        "CSV with the statements that load it into PostgreSQL, of one table",
        &["qldb-export convert archive --as csv --to vehicles --table Vehicle", "cat vehicles/load.sql"],
    ),
];

const SERVE: &[Example] = &[(
    "Serve the data directory, and have every AWS SDK in this shell use it",
    &[
        "qldb-export serve --listen 127.0.0.1:0 > endpoint.sh &",
        "until grep -q AWS_SECRET_ACCESS_KEY endpoint.sh; do sleep 0.1; done",
        ". ./endpoint.sh",
        "qldb-export list",
        "kill $!",
    ],
)];

const LEDGER: &[Example] = &[(
    "Make a ledger with sample data, look at it, and delete it",
    &[
        "qldb-export ledger sample demo --transactions 50",
        "qldb-export ledger describe demo",
        "qldb-export ledger delete demo --force",
    ],
)];

const LEDGER_LIST: &[Example] =
    &[("The ledgers of another data directory", &["qldb-export --data-dir ledgers ledger list"])];

const LEDGER_DESCRIBE: &[Example] = &[(
    "How long a journal is, for a script",
    &["qldb-export --data-dir ledgers ledger describe vehicle-registration --output json"],
)];

const LEDGER_SAMPLE: &[Example] = &[(
    "The same documents each time, spread over a year",
    &["qldb-export ledger sample demo --transactions 365 --days 365 --seed 7"],
)];

const LEDGER_APPEND: &[Example] = &[(
    "A document from stdin, then a file of them",
    &[
        "export QLDB_EXPORT_DATA_DIR=ledgers",
        r#"echo '{"Name":"Ada","Points":[1,2.50]}' |"#,
        "    qldb-export ledger append vehicle-registration --table Players",
        "qldb-export ledger append vehicle-registration --table Players players.jsonl",
    ],
)];

const LEDGER_IMPORT: &[Example] = &[(
    "Make a ledger of an archive, and export it anew in another format",
    &[
        "export QLDB_EXPORT_DATA_DIR=elsewhere",
        "qldb-export ledger import again archive",
        r"qldb-export start --local --wait --last 60d --format JSON \",
        r"    --ledger again --bucket my-exports --prefix json/ \",
        r"    --role-arn arn:aws:iam::123456789012:role/export",
    ],
)];

const LEDGER_DIGEST: &[Example] = &[(
    "Save the digest, to keep it elsewhere and prove exports with it",
    &["qldb-export --data-dir ledgers ledger digest vehicle-registration --output json > digest.json"],
)];

const LEDGER_RECOVER: &[Example] = &[(
    "After the catalog was lost",
    &[
        "export QLDB_EXPORT_DATA_DIR=ledgers",
        "rm ledgers/catalog.db",
        "qldb-export ledger recover",
        "qldb-export ledger list",
    ],
)];

const LEDGER_DELETE: &[Example] = &[(
    "Delete a ledger that is protected from it",
    &["qldb-export --data-dir ledgers ledger delete vehicle-registration --force"],
)];

const COMPLETIONS: &[Example] = &[
    (
        "In bash, with bash-completion",
        &[
            "mkdir -p ~/.local/share/bash-completion/completions",
            r"qldb-export completions bash \",
            "    > ~/.local/share/bash-completion/completions/qldb-export",
        ],
    ),
    (
        "In zsh, where ~/.zsh/functions is in fpath before compinit runs",
        &["mkdir -p ~/.zsh/functions", "qldb-export completions zsh > ~/.zsh/functions/_qldb-export"],
    ),
    (
        "In fish",
        &[
            "mkdir -p ~/.config/fish/completions",
            "qldb-export completions fish > ~/.config/fish/completions/qldb-export.fish",
        ],
    ),
];

const MAN: &[Example] = &[(
    "Install the pages for yourself",
    &["qldb-export man ~/.local/share/man/man1", "qldb-export man > qldb-export.1"],
)];
