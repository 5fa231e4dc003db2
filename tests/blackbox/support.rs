//! What every black-box test needs: the binary, and its own data directory.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::documented::assert_documented;

/// A place for one test: a data directory that is removed with it.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    /// An empty data directory.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// The data directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the shared configuration file of AWS's tools.
    pub(crate) fn configure(&self, profiles: &str) {
        let folder = self.path().join(".aws");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config"), profiles).unwrap();
    }

    /// Records a sign-in at a portal that ended at this time, like `aws sso login`.
    pub(crate) fn signed_in(&self, name: &str, portal: &str, end: &str) {
        let cache = self.path().join(".aws/sso/cache");
        std::fs::create_dir_all(&cache).unwrap();
        let token = serde_json::json!({ "accessToken": "t", "startUrl": portal, "expiresAt": end });
        std::fs::write(cache.join(format!("{name}.json")), token.to_string()).unwrap();
    }

    /// The built binary with this data directory and without the caller's AWS environment.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qldb-export"));
        let is_surrounding = |name: &str| {
            let heeded = ["AWS_", "GITHUB_", "QLDB_EXPORT_"].iter().any(|start| name.starts_with(start));
            heeded || name.to_ascii_uppercase().ends_with("_PROXY")
        };
        for (name, _) in std::env::vars().filter(|(name, _)| is_surrounding(name)) {
            command.env_remove(name);
        }
        command.env("QLDB_EXPORT_DATA_DIR", self.path()).env("HOME", self.path()).env_remove("NO_COLOR");
        command.env("AWS_EC2_METADATA_DISABLED", "true").args(arguments);
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        Ran::of(self.command(arguments))
    }
}

/// Gives a shell, or what starts one, the environment of a command, with the built binary first on the path.
pub(crate) fn alike<'a>(shell: &'a mut Command, like: &Command) -> &'a mut Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_qldb-export"));
    shell.env("PATH", format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap()));
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn of(mut command: Command) -> Self {
        let ran = Self::from(command.output().unwrap());
        assert_documented(&command, ran.code);
        ran
    }

    /// Every JSON document on stdout.
    pub(crate) fn json(&self) -> Vec<Value> {
        serde_json::Deserializer::from_str(&self.stdout).into_iter().map(Result::unwrap).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
