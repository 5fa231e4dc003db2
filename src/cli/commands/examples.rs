//! Example command lines. The help of each command and its manual page end with them; `cli_manual`
//! in the tests runs every one.

/// The purpose of an example, and its lines.
pub(crate) type Example = (&'static str, &'static [&'static str]);
type Examples = &'static [Example];

pub(super) const FIRST: Examples = &[
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

pub(super) const START: Examples = &[
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
    (
        "See what would be sent, and send nothing",
        &[
            r"qldb-export start --dry-run --from -36h --encryption SSE_S3 \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix '' \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
];

pub(super) const WAIT: Examples = &[
    (
        "Start an export now, and wait for it later, for an hour at most",
        &[
            r"id=$(qldb-export start --local --last 7d \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export)",
            r#"qldb-export wait --local --timeout 1h "$id""#,
        ],
    ),
    (
        "Wait for the newest export of a ledger",
        &[
            r"qldb-export wait --local --ledger vehicle-registration \",
            r#"    "$(qldb-export list --local --query 'JournalS3Exports[0].ExportId' --output text)""#,
        ],
    ),
];

pub(super) const STATUS: Examples = &[
    (
        "Describe an export",
        &[
            r"id=$(qldb-export start --local --last 7d \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export)",
            r#"qldb-export status --local "$id""#,
        ],
    ),
    (
        "The status of the newest export, for a script",
        &[
            r"id=$(qldb-export list --local --query 'JournalS3Exports[0].ExportId' --output text)",
            r"qldb-export status --local --ledger vehicle-registration \",
            r#"    --query ExportDescription.Status --output text "$id""#,
        ],
    ),
];

pub(super) const LIST: Examples = &[
    ("List the exports of the account and region", &["qldb-export list"]),
    ("Those of one ledger, as the API does", &["qldb-export list --ledger vehicle-registration --output json"]),
    (
        "The ids of those that are still running",
        &[r#"qldb-export list --query "JournalS3Exports[?Status=='IN_PROGRESS'].ExportId" --output text"#],
    ),
    ("The data objects of archived exports, without the manifests", &["qldb-export list --keys archive"]),
];

pub(super) const SYNC: Examples = &[
    (
        "Every night: all days that are not exported yet",
        &[
            r"qldb-export sync --quiet --verify --archive s3://my-exports/daily/ \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    (
        "Every hour, from a local ledger, with the proof that each export continues the last",
        &[
            r"qldb-export sync --local --verify --window 1h --from -2h \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix hourly/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    (
        "How far the exports are, with metrics of the last run for Prometheus",
        &[
            r"qldb-export sync --local --verify --metrics qldb.prom \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
            r"qldb-export sync --local --verify --status \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
];

pub(super) const POLICY: Examples = &[
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

pub(super) const VERIFY: Examples = &[
    (
        "Prove an archive up to a saved digest, and write a receipt",
        &["qldb-export verify archive --digest digest.json --receipt receipt.json"],
    ),
    (
        "Do again what the receipt says, and report what is not as it was",
        &[
            "qldb-export verify archive --digest digest.json --receipt receipt.json",
            "qldb-export verify --receipt-check receipt.json",
        ],
    ),
    (
        "What others can sign or stamp with the time, and whether an archive still hashes to it",
        &["qldb-export verify archive --anchor anchor.txt", "qldb-export verify archive --anchored anchor.txt"],
    ),
    (
        "A page for an auditor: what was proved, what can't be, and every file",
        &["qldb-export verify archive --digest digest.json --report report.html"],
    ),
    (
        "Prove what the archive can prove by itself, and continue where an interrupted run stopped",
        &["qldb-export verify --resume progress.json archive"],
    ),
    (
        "Prove everything that was exported with --local, wherever it is",
        &[
            r"qldb-export start --local --last 7d --format ION_TEXT \",
            r"    --ledger vehicle-registration --bucket my-exports --prefix daily/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
            "qldb-export verify --local --ledger vehicle-registration",
        ],
    ),
    (
        "The manifest of a job of S3 Batch Operations that computes the checksums of an archive in place",
        &[
            "qldb-export verify archive --receipt receipt.json",
            "qldb-export verify --print-batch-manifest receipt.json s3://my-exports/daily/ > manifest.csv",
        ],
    ),
    (
        "Only that the manifests and the objects agree, as JSON",
        &["qldb-export verify --level objects --output json archive"],
    ),
];

pub(super) const CONVERT: Examples = &[
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
        "CSV of one table, with the statements that load it into PostgreSQL",
        &["qldb-export convert archive --as csv --to vehicles --table Vehicle", "cat vehicles/load.sql"],
    ),
];

pub(super) const HISTORY: Examples = &[
    (
        "All versions of the documents that somebody ever had a name in, and what each version changed",
        &["qldb-export history archive --where 'Person.FirstName=Raul' --diff || test $? -eq 3"],
    ),
    (
        "A document as it was at a time, for a script",
        &[
            "qldb-export convert archive --to archive.db",
            "id=$(sqlite3 archive.db 'SELECT doc_id FROM Vehicle LIMIT 1')",
            r#"qldb-export history archive --document "$id" --as-of now --output json"#,
        ],
    ),
];

pub(super) const PROVE: Examples = &[
    (
        "The proof of every version of a document, up to a saved digest, and its check",
        &[
            "qldb-export convert archive --to archive.db",
            "id=$(sqlite3 archive.db 'SELECT doc_id FROM Vehicle LIMIT 1')",
            r#"qldb-export prove archive --document "$id" --digest digest.json --out proof"#,
            "qldb-export verify --revision proof/revision-0.json --digest digest.json",
        ],
    ),
    (
        "The proof of a block, up to the end of the archive's own journal",
        &[
            "qldb-export prove archive --block 7 --out block-7",
            "qldb-export verify --block block-7/block-7.json --digest block-7/digest.json",
        ],
    ),
];

pub(super) const SERVE: Examples = &[
    (
        "Serve the data directory, and have every AWS SDK in this shell use it",
        &[
            "qldb-export serve --listen 127.0.0.1:0 > endpoint.sh &",
            "until grep -q AWS_SECRET_ACCESS_KEY endpoint.sh; do sleep 0.1; done",
            ". ./endpoint.sh",
            "qldb-export list",
            "kill $!",
        ],
    ),
    (
        "Serve for as long as a test runs, with what it needs as JSON",
        &[
            "qldb-export serve --listen 127.0.0.1:0 --output json --quiet > endpoint.json &",
            "until grep -q AWS_SECRET_ACCESS_KEY endpoint.json; do sleep 0.1; done",
            "kill $!",
        ],
    ),
];

pub(super) const LEDGER: Examples = &[
    (
        "Create a ledger with sample data, look at it, and delete it",
        &[
            "qldb-export ledger sample demo --transactions 50",
            "qldb-export ledger describe demo",
            "qldb-export ledger delete demo --force",
        ],
    ),
    ("Create a ledger from an archive", &["qldb-export ledger import registrations archive"]),
];

pub(super) const LEDGER_LIST: Examples = &[
    ("The ledgers of another data directory", &["qldb-export ledger list --data-dir ledgers"]),
    ("Only their names", &["qldb-export ledger list --data-dir ledgers --query 'Ledgers[].Name' --output text"]),
];

pub(super) const LEDGER_DESCRIBE: Examples = &[
    (
        "What a ledger holds, by table and over time",
        &["qldb-export ledger describe vehicle-registration --data-dir ledgers"],
    ),
    ("The same, for a script", &["qldb-export ledger describe vehicle-registration --data-dir ledgers --output json"]),
];

pub(super) const LEDGER_SAMPLE: Examples = &[
    ("A small ledger to try things with", &["qldb-export ledger sample demo --transactions 50"]),
    (
        "The same documents each time, spread over a year",
        &["qldb-export ledger sample yearly --transactions 365 --days 365 --seed 7"],
    ),
];

pub(super) const LEDGER_APPEND: Examples = &[
    (
        "A document from stdin",
        &[
            r#"echo '{"Name":"Ada","Points":[1,2.50]}' |"#,
            "    qldb-export ledger append vehicle-registration --table Players --data-dir ledgers",
        ],
    ),
    (
        "A file of documents, one a transaction",
        &[
            r"qldb-export ledger append vehicle-registration --table Players --batch 1 \",
            r"    --data-dir ledgers players.jsonl",
        ],
    ),
];

pub(super) const LEDGER_IMPORT: Examples = &[
    (
        "Create a ledger from an archive, and export it again in another format",
        &[
            "export QLDB_EXPORT_DATA_DIR=elsewhere",
            "qldb-export ledger import again archive",
            r"qldb-export start --local --wait --last 60d --format JSON \",
            r"    --ledger again --bucket my-exports --prefix json/ \",
            r"    --role-arn arn:aws:iam::123456789012:role/export",
        ],
    ),
    (
        "Use the objects where they are instead of copying them",
        &["qldb-export ledger import here archive --in-place --data-dir third"],
    ),
];

pub(super) const LEDGER_DIGEST: Examples = &[
    ("Print the digest", &["qldb-export ledger digest vehicle-registration --data-dir ledgers"]),
    (
        "Save the digest, to keep it elsewhere and prove exports with it",
        &[
            r"qldb-export ledger digest vehicle-registration --data-dir ledgers \",
            r"    --output json > digest.json",
            "qldb-export verify archive --digest digest.json",
        ],
    ),
];

pub(super) const LEDGER_COMPACT: Examples = &[
    (
        "After many small appends, so that exports have few objects",
        &["qldb-export ledger compact vehicle-registration --data-dir ledgers"],
    ),
    (
        "How many segments there are now, for a script",
        &[
            r"qldb-export ledger compact vehicle-registration --data-dir ledgers \",
            r"    --query Segments --output text",
        ],
    ),
];

pub(super) const LEDGER_RECOVER: Examples = &[
    (
        "After the catalog was lost",
        &[
            "export QLDB_EXPORT_DATA_DIR=ledgers",
            "rm ledgers/catalog.db",
            "qldb-export ledger recover",
            "qldb-export ledger list",
        ],
    ),
    (
        "One ledger that the catalog does not know",
        &["qldb-export ledger recover vehicle-registration --data-dir ledgers"],
    ),
];

pub(super) const LEDGER_DELETE: Examples = &[
    ("Create a ledger, and delete it", &["qldb-export ledger sample demo", "qldb-export ledger delete demo --force"]),
    (
        "Delete a ledger of another data directory, protected or not",
        &["qldb-export ledger delete vehicle-registration --force --data-dir ledgers"],
    ),
];

pub(super) const COMPLETIONS: Examples = &[
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

pub(super) const MAN: Examples = &[
    ("Install the pages for yourself", &["qldb-export man ~/.local/share/man/man1"]),
    ("The first page alone, into a file", &["qldb-export man > qldb-export.1"]),
];
