//! Identity: the same choices between flags, environment and profiles as the AWS CLI 1.42.60, and
//! the messages if there are no credentials.

use std::fs;
use std::process::Command;

use super::canned::{Canned, Reply};
use super::s3_server::{ACCESS_KEY, S3Server};
use super::support::{Place, Ran};

const CONFIG: &str = "\
[default]
region = us-east-2
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = secret
[profile audit]
region = eu-west-1
aws_access_key_id = AKIDAUDIT
aws_secret_access_key = secret
[profile empty]
region = eu-west-3
[profile id-alone]
region = eu-west-3
aws_access_key_id = AKIDHALF
[profile secret-alone]
region = eu-west-3
aws_secret_access_key = secret
[profile lost]
region = eu-west-3
role_arn = arn:aws:iam::123456789012:role/lost
source_profile = audti
[profile role]
region = eu-west-3
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = audit
[profile signed-in]
region = eu-west-3
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Auditor
[sso-session corp]
sso_start_url = https://corp.awsapps.invalid/start
sso_region = us-east-1
[profile signed-in-before]
region = eu-west-3
sso_start_url = https://old.awsapps.invalid/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Auditor
[profile never-signed-in]
region = eu-west-3
sso_start_url = https://new.awsapps.invalid/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Auditor
[profile process]
region = eu-west-3
credential_process = false
";

/// The environment's key, in addition to which a profile is named.
const ENVIRONMENT: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "secret")];

/// A home with profiles.
struct Home {
    place: Place,
    service: Canned,
}

impl Home {
    fn new() -> Self {
        let place = Place::new();
        place.configure(CONFIG);
        // The names are the SHA-1 of the session's name, or of the address if there is none.
        for (name, url, end) in [
            ("ee0bfd2552fbd840c02cc48b6e823320543c450f", "https://corp.awsapps.invalid/start", "2020-01-01T00:00:00Z"),
            ("any", "https://old.awsapps.invalid/start", "2020-01-01T00:00:00UTC"),
        ] {
            place.signed_in(name, url, end);
        }
        let service = Canned::new(|_, _| Reply::Http(200, "", "{\"JournalS3Exports\":[]}".to_owned()));
        Self { place, service }
    }

    fn command(&self, flags: &[&str]) -> Command {
        let mut command = self.place.command(["list"].into_iter().chain(flags.iter().copied()));
        command.env("AWS_ENDPOINT_URL_QLDB", self.service.url());
        command
    }

    fn run(&self, flags: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(flags);
        command.envs(variables.iter().copied());
        Ran::of(command)
    }

    /// Whose key signed, and for which region.
    fn signer(&self, flags: &[&str], variables: &[(&str, &str)]) -> (String, String) {
        let ran = self.run(flags, variables);
        assert_eq!(ran.code, Some(0), "{flags:?}: {}", ran.stderr);
        self.service.signers().last().unwrap().clone()
    }

    /// The message if nothing is sent.
    #[track_caller]
    fn refused(&self, flags: &[&str], variables: &[(&str, &str)], code: i32) -> String {
        let before = self.service.requests().len();
        let ran = self.run(flags, variables);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{flags:?}: {}", ran.stderr);
        assert_eq!(self.service.requests().len(), before);
        ran.stderr
    }
}

fn signer(key: &str, region: &str) -> (String, String) {
    (key.to_owned(), region.to_owned())
}

#[test]
fn a_profile_that_is_named_beats_the_environment_and_one_that_is_set_does_not() {
    let home = Home::new();
    assert_eq!(home.signer(&["--profile", "audit"], &ENVIRONMENT), signer("AKIDAUDIT", "eu-west-1"));
    let set = [ENVIRONMENT[0], ENVIRONMENT[1], ("AWS_PROFILE", "audit")];
    assert_eq!(home.signer(&[], &set), signer("AKIDENVIRONMENT", "eu-west-1"));
    assert_eq!(home.signer(&[], &[("AWS_PROFILE", "audit")]), signer("AKIDAUDIT", "eu-west-1"));
    assert_eq!(home.signer(&[], &[]), signer("AKIDDEFAULT", "us-east-2"));
    // The environment's region overrides the profile's, and a flag overrides both.
    let region = ("AWS_DEFAULT_REGION", "ap-south-1");
    assert_eq!(home.signer(&["--profile", "audit"], &[region]), signer("AKIDAUDIT", "ap-south-1"));
    let flags = ["--profile", "audit", "--region", "sa-east-1"];
    assert_eq!(home.signer(&flags, &[region]), signer("AKIDAUDIT", "sa-east-1"));
    // Half of a key pair in the environment does not matter if a profile is named.
    assert_eq!(home.signer(&["--profile", "audit"], &ENVIRONMENT[..1]), signer("AKIDAUDIT", "eu-west-1"));
    // A lone secret is ignored if a profile has a key.
    assert_eq!(home.signer(&[], &ENVIRONMENT[1..]), signer("AKIDDEFAULT", "us-east-2"));
}

#[test]
fn a_profile_that_is_not_there_is_an_error_wherever_it_was_named() {
    let home = Home::new();
    let of_flag = home.refused(&["--profile", "adit"], &ENVIRONMENT, 2);
    assert!(of_flag.starts_with("error: --profile \"adit\"") && of_flag.contains("did you mean audit?"), "{of_flag}");
    let set = [ENVIRONMENT[0], ENVIRONMENT[1], ("AWS_PROFILE", "adit")];
    let of_variable = home.refused(&[], &set, 2);
    assert!(of_variable.starts_with("error: AWS_PROFILE \"adit\""), "{of_variable}");
    // Here too, a flag overrides the variable.
    assert_eq!(home.run(&["--profile", "audit"], &set).code, Some(0));
    fs::remove_dir_all(home.place.path().join(".aws")).unwrap();
    let of_nothing = home.refused(&["--profile", "default", "--region", "us-east-1"], &ENVIRONMENT, 2);
    assert!(of_nothing.contains("there are none"), "{of_nothing}");
    // S3 is called with the same identity.
    let read = Ran::of(home.place.command(["verify", "s3://exports/", "--profile", "adit"]));
    assert_eq!(read.code, Some(2), "{}", read.stderr);
}

#[test]
fn each_failure_of_credentials_has_its_own_remedy() {
    let home = Home::new();
    for (flags, variables, said, next) in [
        (&[][..], &ENVIRONMENT[..1], "AWS_SECRET_ACCESS_KEY is missing", "set AWS_SECRET_ACCESS_KEY"),
        (
            &["--profile", "id-alone"],
            &[],
            "in profile id-alone: aws_secret_access_key",
            "aws configure --profile id-alone",
        ),
        (&["--profile", "secret-alone"], &[], "aws_access_key_id is missing", "aws configure --profile secret-alone"),
        (&["--profile", "lost"], &[], "source_profile \"audti\", which does not exist", "did you mean audit?"),
        (&["--profile", "empty"], &ENVIRONMENT, "profile empty has no credentials", "aws configure --profile empty"),
        (&["--profile", "signed-in-before"], &[], "has expired", "aws sso login --profile signed-in-before"),
        (&["--profile", "never-signed-in"], &[], "there is no session", "aws sso login --profile never-signed-in"),
        (&["--profile", "process"], &[], "credential_process of profile process", "by hand"),
    ] {
        let stderr = home.refused(flags, variables, 6);
        let line = stderr.lines().find(|line| line.trim_start().starts_with("next:")).unwrap_or_default();
        assert!(stderr.contains(said) && line.contains(next), "{flags:?}: {said}, {next}:\n{stderr}");
    }
    fs::remove_file(home.place.path().join(".aws/config")).unwrap();
    let none = home.refused(&["--region", "us-east-1"], &[], 6);
    assert!(none.contains("no AWS credentials were found") && none.contains("AWS_ACCESS_KEY_ID"), "{none}");
    let half = home.refused(&["--region", "us-east-1"], &ENVIRONMENT[1..], 6);
    assert!(half.contains("AWS_ACCESS_KEY_ID is missing"), "{half}");
}

#[test]
fn a_role_that_cannot_be_assumed_is_named_with_the_caller_and_sts_s_message() {
    let home = Home::new();
    let refusal = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                   <Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>\
                   <RequestId>r</RequestId></ErrorResponse>";
    let sts = Canned::new(move |_, _| Reply::Http(403, "", refusal.to_owned()));
    let stderr = home.refused(&["--profile", "role"], &[("AWS_ENDPOINT_URL_STS", &sts.url())], 6);
    for part in [
        "the role arn:aws:iam::123456789012:role/audit can't be assumed: AccessDenied not authorized to perform",
        "next: aws sts assume-role --role-arn arn:aws:iam::123456789012:role/audit",
        "--profile audit",
    ] {
        assert!(stderr.contains(part), "{part} is not in:\n{stderr}");
    }
    // An unreachable STS is another cause, with another exit code.
    let silent = home.refused(&["--profile", "role"], &[("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")], 9);
    assert!(silent.contains("the credentials could not be asked for"), "{silent}");
}

#[test]
fn the_role_of_a_profile_is_assumed_although_the_environment_has_a_key() {
    let home = Home::new();
    let sts = S3Server::new("exports");
    let (key, region) =
        home.signer(&["--profile", "role"], &[ENVIRONMENT[0], ENVIRONMENT[1], ("AWS_ENDPOINT_URL_STS", &sts.url)]);
    assert_eq!((key.as_str(), region.as_str()), (ACCESS_KEY.0, "eu-west-3"));
    assert_eq!(sts.sessions(), 1);
}

#[test]
fn a_dry_run_says_who_would_call_where_without_a_call() {
    let home = Home::new();
    let start = |flags: &[&str]| {
        let request = super::cli_request::right_and(&["--dry-run"]);
        let mut command = home.place.command(request.into_iter().chain(flags.iter().copied()));
        // Nobody may be called: neither STS nor a proxy exists.
        command.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1").env("HTTPS_PROXY", "http://127.0.0.1:1");
        let ran = Ran::of(command);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{flags:?}");
        ran
    };
    let said = start(&["--profile", "role"]).stdout;
    for part in [
        "role arn:aws:iam::123456789012:role/audit, assumed by access key AKIDAUDIT of profile audit",
        "123456789012",
        "eu-west-3 (profile role)",
        "https://qldb.eu-west-3.amazonaws.com",
        "2019-09-18T00:00:00Z",
        "2019-09-18T22:00:00.123Z",
        "POST /ledgers/vehicle-registration/journal-s3-exports",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
    let json = &start(&["--profile", "signed-in", "--region", "us-west-2", "--output", "json"]).json()[0];
    assert_eq!((&json["Account"], &json["Region"]), (&"123456789012".into(), &"us-west-2".into()));
    assert_eq!(json["Endpoint"], "https://qldb.us-west-2.amazonaws.com");
    let local = start(&["--local"]).stdout;
    assert!(local.contains("the built-in one, on"), "{local}");
    let custom = start(&["--endpoint-url", "http://127.0.0.1:8040", "--region", "anything"]).stdout;
    assert!(custom.contains("http://127.0.0.1:8040") && custom.contains("anything (--region)"), "{custom}");
}

#[test]
fn nothing_of_the_surroundings_disturbs_the_built_in_endpoint() {
    let place = Place::new();
    let mut command = place.command(["list", "--local"]);
    command.env("AWS_PROFILE", "typo").env("AWS_CA_BUNDLE", "/none").env("AWS_USE_FIPS_ENDPOINT", "true");
    command.env("AWS_ACCESS_KEY_ID", "half").env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn a_profile_that_is_typed_has_to_be_there_whether_or_not_anything_uses_it() {
    let place = Place::new();
    place.configure(CONFIG);
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archives/small/ION_TEXT");
    for command in [
        &["list", "--local"][..],
        &["ledger", "list"],
        &["verify", archive],
        &["start", "--dry-run"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let ran = place.run(command.iter().copied().chain(["--profile", "adit"]));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{command:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--profile \"adit\" is not a profile"), "{command:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("did you mean audit?"), "{command:?}: {}", ran.stderr);
    }
    // As with `aws help`, commands that print help ignore it.
    for command in [&["man"][..], &["completions", "bash"], &["list", "--help"]] {
        let ran = place.run(command.iter().copied().chain(["--profile", "adit"]));
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.stderr);
    }
    // One that is only set matters only where it is used.
    for command in [&["list", "--local"][..], &["ledger", "list"], &["verify", archive], &["man"]] {
        let mut ran = place.command(command.iter().copied());
        ran.env("AWS_PROFILE", "adit");
        let ran = Ran::of(ran);
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.stderr);
        let ran = place.run(command.iter().copied().chain(["--profile", "audit"]));
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.stderr);
    }
}
