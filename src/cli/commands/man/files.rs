//! The files that commands read or keep, for the FILES section.

use crate::cli::global::area::Area;

/// Every named file, with the areas of the commands that read or keep it.
pub(super) const TABLE: [(&str, &[Area], &str); 15] = [
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
    (
        "journals/",
        DATA,
        "The segments of the journals. They are never changed once they are written; `ledger compact` puts one with the \
      same blocks in the place of several.",
    ),
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
    (
        "serving/",
        DATA,
        "While `serve` runs: the socket through which `ledger` commands of its owner reach it, where the system has such \
      sockets.",
    ),
    ("locks/", STARTING, "Held by `sync`, one for each ledger, bucket and prefix."),
    (
        "sync/",
        STARTING,
        "What `sync` noted, one record for each ledger, bucket and prefix: what was exported, what is proved, what did \
      not verify. Without it, everything is proved again.",
    ),
    (
        "~/.aws/config",
        CONFIGURED,
        "Regions, profiles, roles to assume and SSO sessions, as for every AWS tool. A profile may have what each of the \
      variables QLDB_EXPORT_LEDGER, _BUCKET, _PREFIX, _ROLE_ARN, _ENCRYPTION and _KMS_KEY_ARN has, under its name in \
      small letters, such as qldb_export_bucket. Flags come before variables, and variables before the profile.",
    ),
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
const CONFIGURED: &[Area] = &[Area::Service, Area::Store, Area::Policy];
const DATA: &[Area] = &[Area::Data];
const PROOF: &[Area] = &[Area::Proof];
const STARTING: &[Area] = &[Area::Starting];
