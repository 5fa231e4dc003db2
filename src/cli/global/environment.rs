//! Environment variables: the one definition, from which help and manual are made.

use crate::cli::global::area::Area;
use crate::cli::global::presets::{SETTINGS, Setting};
use qldb_endpoint::store::S3_ENDPOINT_VARIABLES;

const ENDPOINT_URL_S3: &str = S3_ENDPOINT_VARIABLES[0];
const ENDPOINT_URL_ALL: &str = S3_ENDPOINT_VARIABLES[1];
/// Names the data directory.
pub(crate) const DATA_DIR: &str = "QLDB_EXPORT_DATA_DIR";
/// Names the region.
pub(crate) const REGION: &str = "AWS_REGION";
/// Names the region for the AWS CLI 1 and botocore, and for SDKs where the one above is not set.
pub(crate) const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// Names the endpoint for QLDB alone.
pub(crate) const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL_QLDB";
/// What results look like under the AWS CLI's names.
pub(crate) const DEFAULT_OUTPUT: &str = "AWS_DEFAULT_OUTPUT";
/// The access key's id.
pub(crate) const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// The access key's secret.
pub(crate) const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// The token of temporary credentials.
pub(crate) const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Where a service manager hears that `serve` is ready.
pub(crate) const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";
/// Which task of an array of AWS Batch runs, from 0 on.
pub(crate) const BATCH_INDEX: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
/// How many tasks that array has.
pub(crate) const BATCH_SIZE: &str = "AWS_BATCH_JOB_ARRAY_SIZE";
/// Which task of an array of Slurm runs.
pub(crate) const SLURM_ID: &str = "SLURM_ARRAY_TASK_ID";
/// The first of that array's tasks.
pub(crate) const SLURM_FIRST: &str = "SLURM_ARRAY_TASK_MIN";
/// From one of them to the next.
pub(crate) const SLURM_STEP: &str = "SLURM_ARRAY_TASK_STEP";
/// How many there are.
pub(crate) const SLURM_COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
/// Which pod of an indexed Job of Kubernetes runs, from 0 on.
pub(crate) const KUBERNETES_INDEX: &str = "JOB_COMPLETION_INDEX";
/// Turns colour off.
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Turns colour on where nobody watches.
pub(crate) const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// Says that nobody is watching.
pub(crate) const CI: &str = "CI";
/// Says what the terminal can do.
pub(crate) const TERM: &str = "TERM";
/// Say which characters can be shown; the first that is set decides.
pub(crate) const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];
/// Says that a step of GitHub Actions runs.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// Names the file of the step's outputs.
pub(crate) const GITHUB_OUTPUT: &str = "GITHUB_OUTPUT";
/// Names the file of the step's summary.
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

/// A setting that is a variable as well.
const fn setting(number: usize) -> (&'static str, &'static [Area], &'static str) {
    let Setting { variable, meaning, .. } = SETTINGS[number];
    (variable, EXPORTS, meaning)
}

/// Every variable that changes what the program does, with what a command touches that heeds it, and with what it does.
pub(crate) const TABLE: [(&str, &[Area], &str); 52] = [
    (ENDPOINT_URL, SERVICE, "the endpoint's address, as --endpoint-url"),
    (
        ENDPOINT_URL_S3,
        STORE,
        "the address of S3 or of a store that speaks its language, for --object-store s3 and what lies at s3://",
    ),
    ("AWS_ENDPOINT_URL_STS", STORE, "the address of STS, for --assume-role"),
    (ENDPOINT_URL_ALL, AWS, "the address for all AWS services, where the service's own is not set"),
    (REGION, REGIONAL, "the region, as --region"),
    (DEFAULT_REGION, AWS, "the region, where AWS_REGION is not set"),
    ("AWS_PROFILE", AWS, "the profile, as --profile"),
    (
        DEFAULT_OUTPUT,
        ALL,
        "what results look like, json or text, where a command is called by the AWS CLI's name for it and there is no --output",
    ),
    (ACCESS_KEY_ID, AWS, "the access key's id"),
    (SECRET_ACCESS_KEY, AWS, "the access key's secret"),
    (SESSION_TOKEN, AWS, "the session token of temporary credentials"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AWS, "the token to assume a role with, as CI services and Kubernetes give one"),
    ("AWS_ROLE_ARN", AWS, "the role to assume with that token"),
    ("AWS_ROLE_SESSION_NAME", AWS, "the name of the session in which it is assumed"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AWS, "where a container on ECS gets its credentials"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AWS, "the same, as a whole address"),
    ("AWS_EC2_METADATA_DISABLED", AWS, "the instance is not asked for credentials or a region, if it is true"),
    ("AWS_CONFIG_FILE", AWS, "the shared configuration file, instead of ~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", AWS, "the shared credentials file, instead of ~/.aws/credentials"),
    (
        "AWS_CA_BUNDLE",
        AWS,
        "the file of certificates to trust, in PEM form, instead of the system's; ca_bundle in a profile",
    ),
    ("HTTPS_PROXY", AWS, "the proxy for addresses that begin with https://; --local goes through none"),
    ("HTTP_PROXY", AWS, "the proxy for addresses that begin with http://"),
    ("ALL_PROXY", AWS, "the proxy for both, where their own is not set"),
    ("NO_PROXY", AWS, "the hosts that no proxy is asked for, with commas between"),
    ("AWS_MAX_ATTEMPTS", AWS, "how often a call is tried that may be repeated, 3 times if not set"),
    ("AWS_USE_FIPS_ENDPOINT", AWS, "AWS's endpoints with validated cryptography, if it is true"),
    ("AWS_USE_DUALSTACK_ENDPOINT", AWS, "AWS's endpoints that speak IPv6 as well, if it is true"),
    (DATA_DIR, DATA, "the data directory of the built-in endpoint, as --data-dir"),
    setting(0),
    setting(1),
    setting(2),
    setting(3),
    setting(4),
    setting(5),
    (NOTIFY_SOCKET, SERVING, "the socket at which serve tells systemd that it is ready"),
    (
        BATCH_INDEX,
        PARTS,
        "with --part auto, which part of the archive to read, from 0 on; an array of AWS Batch sets it",
    ),
    (BATCH_SIZE, PARTS, "how many parts there are"),
    (SLURM_ID, PARTS, "the same, as an array of Slurm sets it"),
    (SLURM_FIRST, PARTS, "the id of the first part"),
    (SLURM_STEP, PARTS, "the distance from one id to the next"),
    (SLURM_COUNT, PARTS, "how many parts there are"),
    (KUBERNETES_INDEX, PARTS, "with --part auto/N, the same, as an indexed Job of Kubernetes sets it"),
    (NO_COLOR, ALL, "no colour, if set and not empty"),
    (
        CLICOLOR_FORCE,
        ALL,
        "colour in a pipe as well, if set, not empty and not 0, where neither NO_COLOR nor --color says otherwise",
    ),
    (CI, ALL, "lines instead of a spinner, if set and not empty"),
    (GITHUB_ACTIONS, ALL, "errors become annotations, results outputs and a summary of the step, if it is true"),
    (GITHUB_OUTPUT, REPORTING, "the file of the step's outputs, under GitHub Actions"),
    (GITHUB_STEP_SUMMARY, REPORTING, "the file of the step's summary, under GitHub Actions"),
    (TERM, ALL, "lines instead of a spinner and no colour, if it is dumb"),
    (LOCALE[0], ALL, "ASCII instead of box drawing and ellipses, if it names no UTF-8"),
    (LOCALE[1], ALL, "the same, where LC_ALL is not set"),
    (LOCALE[2], ALL, "the same, where neither is set"),
];

/// The endpoint for QLDB that the environment names.
pub(crate) fn endpoint_url() -> Option<String> {
    value(ENDPOINT_URL).or_else(|| value(ENDPOINT_URL_ALL))
}

/// A variable's value, where it is set and not empty.
pub(crate) fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
