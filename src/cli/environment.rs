//! Environment variables: the one definition, from which help and manual are made.

use crate::store::S3_ENDPOINT_VARIABLES;

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
/// Turns colour off.
pub(crate) const NO_COLOR: &str = "NO_COLOR";
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

/// Every variable that changes what the program does, with what it does.
pub(crate) const TABLE: [(&str, &str); 22] = [
    (ENDPOINT_URL, "the endpoint's address, as --endpoint-url"),
    (ENDPOINT_URL_S3, "the address of S3 or of a store that speaks its language, for --object-store s3 and s3://…"),
    ("AWS_ENDPOINT_URL_STS", "the address of STS, for --assume-role"),
    (ENDPOINT_URL_ALL, "the address for all AWS services, where none of the above is set"),
    (REGION, "the region, as --region"),
    (DEFAULT_REGION, "the region, where the one above is not set"),
    ("AWS_PROFILE", "the profile, as --profile"),
    (DEFAULT_OUTPUT, "json or text, where a command is called by the AWS CLI's name for it and there is no --output"),
    (ACCESS_KEY_ID, "the access key's id"),
    (SECRET_ACCESS_KEY, "the access key's secret"),
    ("AWS_SESSION_TOKEN", "the session token of temporary credentials"),
    ("AWS_CONFIG_FILE", "the shared configuration file, instead of ~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "the shared credentials file, instead of ~/.aws/credentials"),
    (DATA_DIR, "the data directory of the built-in endpoint, as --data-dir"),
    (NO_COLOR, "no colour, if set and not empty"),
    (CI, "lines instead of a spinner, if set and not empty"),
    (GITHUB_ACTIONS, "errors become annotations and export ids outputs of the step, if it is true"),
    (GITHUB_OUTPUT, "the file of the step's outputs, under GitHub Actions"),
    (TERM, "lines instead of a spinner and no colour, if it is dumb"),
    (LOCALE[0], "ASCII instead of box drawing and ellipses, if it names no UTF-8"),
    (LOCALE[1], "the same, where LC_ALL is not set"),
    (LOCALE[2], "the same, where neither is set"),
];

/// A variable's value, where it is set and not empty.
pub(crate) fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
