//! The flags about object stores.

use clap::{Args, ValueEnum};

use super::flags::WithRemedy as _;
use qldb_journal::request::{Fault, Faults, Field};

/// The flags about object stores.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Where the built-in endpoint writes exports; directory if not given
    ///
    /// With s3, address, region and credentials come from the environment and the shared configuration files, as for
    /// every AWS tool: AWS_ENDPOINT_URL_S3 names an S3-compatible store. An interrupted export resumes only with the
    /// store with which it started.
    #[arg(long, global = true, value_name = "STORE", hide_short_help = true)]
    pub(crate) object_store: Option<ObjectStoreKind>,
    /// With --object-store s3: write with the role that the export names
    ///
    /// The role is assumed through STS, in a session that is named after the export.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) assume_role: bool,
    /// For S3-compatible stores: use http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY
    ///
    /// This is the default if the host is an address or localhost.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) s3_path_style: bool,
    /// Pay for the requests and the transfer, if the bucket's owner does not
    ///
    /// Every call to S3 declares it. As in the AWS CLI, the value requester is optional.
    #[arg(long, global = true, value_name = "requester", num_args = 0..=1, default_missing_value = "requester",
        hide_short_help = true, hide_possible_values = true)]
    pub(crate) request_payer: Option<Payer>,
    /// The account that every bucket must belong to; otherwise S3 refuses the call
    #[arg(long, global = true, value_name = "ACCOUNT", hide_short_help = true)]
    pub(crate) expected_bucket_owner: Option<String>,
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Payer {
    /// The caller
    Requester,
}

/// The number of digits of an account id.
const ACCOUNT_DIGITS: usize = 12;

/// The kinds of stores that can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectStoreKind {
    /// Directories in the data directory, unencrypted
    Directory,
    /// S3
    S3,
}

impl StoreArgs {
    /// Whether exports go to S3.
    pub(crate) fn is_s3(&self) -> bool {
        self.object_store == Some(ObjectStoreKind::S3)
    }

    /// Whether there is a flag that only the built-in endpoint uses.
    pub(crate) fn is_given(&self) -> bool {
        self.object_store.is_some() || self.assume_role
    }

    /// The flags as they were typed, for a command that must reach the same store.
    pub(crate) fn typed(&self) -> Vec<String> {
        let Self { assume_role, s3_path_style, .. } = *self;
        let flags =
            [("--object-store s3", self.is_s3()), ("--assume-role", assume_role), ("--s3-path-style", s3_path_style)];
        let flags = flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned());
        flags.chain(self.typed_of_owner().into_iter().map(|words| words.join(" "))).collect()
    }

    /// The flags about bucket owners, each with its value.
    pub(crate) fn typed_of_owner(&self) -> Vec<Vec<String>> {
        let payer = self.request_payer.map(|_| vec!["--request-payer".to_owned(), "requester".to_owned()]);
        let owner = self.expected_bucket_owner.clone();
        payer.into_iter().chain(owner.map(|owner| vec!["--expected-bucket-owner".to_owned(), owner])).collect()
    }

    /// Checks these flags by themselves.
    pub(crate) fn check(&self, faults: &mut Faults) {
        let is_account =
            |typed: &&String| typed.len() == ACCOUNT_DIGITS && typed.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(typed) = self.expected_bucket_owner.as_ref().filter(|typed| !is_account(typed)) {
            let rule = "is not the id of an account, which has 12 digits";
            let remedy = "ask the owner, or look with `aws sts get-caller-identity`";
            faults.push(Fault::malformed(Field::Named("--expected-bucket-owner"), typed, rule, remedy));
        }
        if self.assume_role && !self.is_s3() {
            let (rule, remedy) = ("has no effect without --object-store s3", "give that as well, or leave it out");
            faults.push(Fault::malformed(Field::Named("--assume-role"), "--assume-role", rule, remedy));
        }
    }
}
