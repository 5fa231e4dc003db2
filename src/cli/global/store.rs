//! The flags about object stores.

use clap::{Args, ValueEnum};

use super::flags::WithRemedy as _;
use qldb_journal::request::{Fault, Faults, Field};

/// The flags about object stores.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Where the built-in endpoint writes exports to; directory if not given
    ///
    /// With s3, address, region and credentials come from the environment and the shared configuration files, as for
    /// every AWS tool: AWS_ENDPOINT_URL_S3 names an S3-compatible store. An export that was interrupted resumes only
    /// with the store that it was begun with.
    #[arg(long, global = true, value_name = "STORE", hide_short_help = true)]
    pub(crate) object_store: Option<ObjectStoreKind>,
    /// With --object-store s3: write under the role that the export names
    ///
    /// It is assumed through STS, in a session that is named after the export.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) assume_role: bool,
    /// For S3-compatible stores: http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY
    ///
    /// Where the host is an address or localhost, that is so without this flag.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) s3_path_style: bool,
}

/// The kinds of stores that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectStoreKind {
    /// Directories in the data directory; they encrypt nothing
    Directory,
    /// S3
    S3,
}

impl StoreArgs {
    /// Whether exports go to S3.
    pub(crate) fn is_s3(&self) -> bool {
        self.object_store == Some(ObjectStoreKind::S3)
    }

    /// Whether there is a flag that only the built-in endpoint heeds.
    pub(crate) fn is_given(&self) -> bool {
        self.object_store.is_some() || self.assume_role
    }

    /// The flags as they were typed, for a command that is to reach the same store.
    pub(crate) fn typed(&self) -> Vec<String> {
        let Self { assume_role, s3_path_style, .. } = *self;
        let flags =
            [("--object-store s3", self.is_s3()), ("--assume-role", assume_role), ("--s3-path-style", s3_path_style)];
        flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned()).collect()
    }

    /// What is wrong with these flags by themselves.
    pub(crate) fn check(&self, faults: &mut Faults) {
        if self.assume_role && !self.is_s3() {
            let (rule, remedy) = ("has no effect without --object-store s3", "give that as well, or leave it out");
            faults.push(Fault::malformed(Field::Named("--assume-role"), "--assume-role", rule, remedy));
        }
    }
}
