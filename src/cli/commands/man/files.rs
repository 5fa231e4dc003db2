//! The files that commands read or keep, for the FILES section.

use crate::cli::global::area::Area;

/// Every named file, with the areas of the commands that read or keep it.
pub(super) const TABLE: [(&str, &[Area], &str); 15] = [
    (
        "$QLDB_EXPORT_DATA_DIR",
        DATA,
        "The data directory, which contains all of the following. If the variable is not \
      set: ~/.local/share/qldb-export on Linux, ~/Library/Application Support/qldb-export on macOS, \
      %APPDATA%\\qldb-export\\data on Windows.",
    ),
    (
        "catalog.db",
        DATA,
        "An SQLite database of the ledgers, the segments of their journals, and the exports of the last 7 days.",
    ),
    (
        "journals/",
        DATA,
        "The segments of the journals, which never change once they are written; `ledger compact` replaces several with \
      one that has the same blocks.",
    ),
    (
        "journals/STRAND/ledger.json",
        DATA,
        "The name and the settings of the ledger that owns the segments beside it. `ledger recover` rebuilds the catalog \
      from both.",
    ),
    (
        "unknown/",
        DATA,
        "Files found among the journals that belong to no ledger. They are moved here, and never removed.",
    ),
    ("buckets/BUCKET/KEY", DATA, "The objects that exports wrote, unless they went to S3."),
    ("credentials.json", DATA, "The access key that the built-in endpoint accepts. Only its owner can read it."),
    ("lock", DATA, "Held by the one process that works in the data directory."),
    (
        "serving/",
        DATA,
        "While `serve` runs: the socket through which its owner's `ledger` commands reach it, if the system supports such \
      sockets.",
    ),
    ("locks/", STARTING, "Held by `sync`, one for each ledger, bucket and prefix."),
    (
        "sync/",
        STARTING,
        "The records of `sync`, one for each ledger, bucket and prefix: what was exported, what is proved, and what failed \
      verification. Without it, everything is proved again.",
    ),
    (
        "~/.aws/config",
        CONFIGURED,
        "Regions, profiles, roles to assume and SSO sessions, as for every AWS tool. A profile may set the value of each of the \
      variables QLDB_EXPORT_LEDGER, _BUCKET, _PREFIX, _ROLE_ARN, _ENCRYPTION and _KMS_KEY_ARN, under its name in \
      lower case, such as qldb_export_bucket. Flags override variables, and variables override the profile.",
    ),
    ("~/.aws/credentials", AWS, "Access keys by profile, as for every AWS tool."),
    ("~/.aws/sso/cache/", AWS, "The tokens from `aws sso login`, as for every AWS tool."),
    (
        "s3://BUCKET/PREFIX*.completed.manifest",
        PROOF,
        "An export's last manifest, which names those before it and, through \
      them, every object.",
    ),
];

const AWS: &[Area] = &[Area::Service, Area::Store];
const CONFIGURED: &[Area] = &[Area::Service, Area::Store, Area::Policy];
const DATA: &[Area] = &[Area::Data];
const PROOF: &[Area] = &[Area::Proof];
const STARTING: &[Area] = &[Area::Starting];
