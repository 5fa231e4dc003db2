//! Environment variables: the one definition, from which help and manual are generated.

use crate::cli::global::area::Area;
use crate::cli::global::presets::{SETTINGS, Setting};
use qldb_endpoint::store::S3_ENDPOINT_VARIABLES;

const ENDPOINT_URL_S3: &str = S3_ENDPOINT_VARIABLES[0];
const ENDPOINT_URL_ALL: &str = S3_ENDPOINT_VARIABLES[1];
/// The data directory.
pub(crate) const DATA_DIR: &str = "QLDB_EXPORT_DATA_DIR";
/// The region.
pub(crate) const REGION: &str = "AWS_REGION";
/// The region for the AWS CLI 1 and botocore, and for SDKs if the one above is not set.
pub(crate) const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// The endpoint for QLDB alone.
pub(crate) const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL_QLDB";
/// The output format under the AWS CLI's names.
pub(crate) const DEFAULT_OUTPUT: &str = "AWS_DEFAULT_OUTPUT";
/// The access key's id.
pub(crate) const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// The access key's secret.
pub(crate) const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// The token of temporary credentials.
pub(crate) const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// The socket on which a service manager is notified that `serve` is ready.
pub(crate) const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";
/// The index of a task in an AWS Batch array, from 0 on.
pub(crate) const BATCH_INDEX: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
/// The size of that array.
pub(crate) const BATCH_SIZE: &str = "AWS_BATCH_JOB_ARRAY_SIZE";
/// The index of a task in a Slurm array.
pub(crate) const SLURM_ID: &str = "SLURM_ARRAY_TASK_ID";
/// The first index of that array.
pub(crate) const SLURM_FIRST: &str = "SLURM_ARRAY_TASK_MIN";
/// The distance between two indexes.
pub(crate) const SLURM_STEP: &str = "SLURM_ARRAY_TASK_STEP";
/// The size of that array.
pub(crate) const SLURM_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
/// The index of a pod in an indexed Kubernetes Job, from 0 on.
pub(crate) const KUBERNETES_INDEX: &str = "JOB_COMPLETION_INDEX";
/// Turns colour off.
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Turns colour on where there is no terminal.
pub(crate) const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// Set where nobody is watching.
pub(crate) const CI: &str = "CI";
/// What the terminal can do.
pub(crate) const TERM: &str = "TERM";
/// Which characters can be shown; the first of these that is set decides.
pub(crate) const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];
/// Set in a step of GitHub Actions.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// The file of the step's outputs.
pub(crate) const GITHUB_OUTPUT: &str = "GITHUB_OUTPUT";
/// The file of the step's summary.
pub(crate) const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

const ALL: &[Area] = &[];
const DATA: &[Area] = &[Area::Data];
const SERVICE: &[Area] = &[Area::Service];
const EXPORTS: &[Area] = &[Area::Starting, Area::Policy];
const SERVING: &[Area] = &[Area::Serving];
const REPORTING: &[Area] = &[Area::Starting, Area::Waiting, Area::Proof];
const PARTS: &[Area] = &[Area::Proof];
const STORE: &[Area] = &[Area::Store];
const AWS: &[Area] = &[Area::Service, Area::Store];
const REGIONAL: &[Area] = &[Area::Service, Area::Store, Area::Policy];

/// A setting that is also a variable.
const fn setting(number: usize) -> (&'static str, &'static [Area], &'static str) {
    let Setting { variable, meaning, .. } = SETTINGS[number];
    (variable, EXPORTS, meaning)
}

/// Every variable that affects the program, with the areas of the commands that it affects, and its effect.
pub(crate) const TABLE: [(&str, &[Area], &str); 52] = [
    (ENDPOINT_URL, SERVICE, "the endpoint's address, like --endpoint-url"),
    (
        ENDPOINT_URL_S3,
        STORE,
        "the address of S3 or of a compatible store, for --object-store s3 and for s3:// locations",
    ),
    ("AWS_ENDPOINT_URL_STS", STORE, "the address of STS, for --assume-role"),
    (ENDPOINT_URL_ALL, AWS, "the address for all AWS services without an address of their own"),
    (REGION, REGIONAL, "the region, like --region"),
    (DEFAULT_REGION, AWS, "the region, if AWS_REGION is not set"),
    ("AWS_PROFILE", AWS, "the profile, like --profile"),
    (
        DEFAULT_OUTPUT,
        ALL,
        "the output format, json or text, if a command is called by the AWS CLI's name and without --output",
    ),
    (ACCESS_KEY_ID, AWS, "the access key's id"),
    (SECRET_ACCESS_KEY, AWS, "the access key's secret"),
    (SESSION_TOKEN, AWS, "the session token of temporary credentials"),
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        AWS,
        "the file with the token to assume a role with, as set by CI services and Kubernetes",
    ),
    ("AWS_ROLE_ARN", AWS, "the role to assume with that token"),
    ("AWS_ROLE_SESSION_NAME", AWS, "the name of that session"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AWS, "the path from which a container on ECS gets its credentials"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AWS, "the same, as a full address"),
    ("AWS_EC2_METADATA_DISABLED", AWS, "if true, the instance is not asked for credentials or a region"),
    ("AWS_CONFIG_FILE", AWS, "the shared configuration file, instead of ~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", AWS, "the shared credentials file, instead of ~/.aws/credentials"),
    (
        "AWS_CA_BUNDLE",
        AWS,
        "a file of certificates to trust, in PEM form, instead of the system's; ca_bundle in a profile",
    ),
    ("HTTPS_PROXY", AWS, "the proxy for https:// addresses; --local uses none"),
    ("HTTP_PROXY", AWS, "the proxy for http:// addresses"),
    ("ALL_PROXY", AWS, "the proxy for both, if theirs is not set"),
    ("NO_PROXY", AWS, "the hosts to reach without a proxy, separated by commas"),
    ("AWS_MAX_ATTEMPTS", AWS, "how often a retryable call is tried; 3 by default"),
    ("AWS_USE_FIPS_ENDPOINT", AWS, "if true, AWS's FIPS endpoints are used"),
    ("AWS_USE_DUALSTACK_ENDPOINT", AWS, "if true, AWS's dual-stack endpoints (IPv4 and IPv6) are used"),
    (DATA_DIR, DATA, "the data directory of the built-in endpoint, like --data-dir"),
    setting(0),
    setting(1),
    setting(2),
    setting(3),
    setting(4),
    setting(5),
    (NOTIFY_SOCKET, SERVING, "the socket on which serve notifies systemd that it is ready"),
    (BATCH_INDEX, PARTS, "with --part auto, which part of the archive to read, from 0 on; set by an AWS Batch array"),
    (BATCH_SIZE, PARTS, "the number of parts"),
    (SLURM_ID, PARTS, "the same, set by a Slurm array"),
    (SLURM_FIRST, PARTS, "the id of the first part"),
    (SLURM_STEP, PARTS, "the distance between two ids"),
    (SLURM_COUNT, PARTS, "the number of parts"),
    (KUBERNETES_INDEX, PARTS, "with --part auto/N, the same, set by an indexed Kubernetes Job"),
    (NO_COLOR, ALL, "if set and not empty, no colour is used"),
    (
        CLICOLOR_FORCE,
        ALL,
        "if set, not empty and not 0, colour is used in pipes too, unless NO_COLOR or --color says otherwise",
    ),
    (CI, ALL, "if set and not empty, progress is shown as lines instead of a spinner"),
    (GITHUB_ACTIONS, ALL, "if true, errors become annotations, and results become outputs and a summary of the step"),
    (GITHUB_OUTPUT, REPORTING, "the file of the step's outputs, under GitHub Actions"),
    (GITHUB_STEP_SUMMARY, REPORTING, "the file of the step's summary, under GitHub Actions"),
    (TERM, ALL, "if it is dumb, progress is shown as lines instead of a spinner, without colour"),
    (LOCALE[0], ALL, "if it does not name UTF-8, ASCII is used instead of box drawing and ellipses"),
    (LOCALE[1], ALL, "the same, if LC_ALL is not set"),
    (LOCALE[2], ALL, "the same, if neither is set"),
];

/// The endpoint for QLDB that the environment gives.
pub(crate) fn endpoint_url() -> Option<String> {
    value(ENDPOINT_URL).or_else(|| value(ENDPOINT_URL_ALL))
}

/// A variable's value, if it is set and not empty.
pub(crate) fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
