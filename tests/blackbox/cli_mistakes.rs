//! A day of mistakes, as people make them: every error names its place, the
//! rule that was broken and what to do instead. The whole of it is in
//! `tests/golden/a-day-of-mistakes.txt`, to be read from end to end.

use std::fmt::Write as _;
use std::fs;

use super::canned::{Canned, EXPORT_ID, Reply, described};
use super::cli_request::RIGHT;
use super::golden;
use super::proxy::HttpProxy;
use super::s3_server::{ACCESS_KEY, Fault, S3Server};
use super::support::{Place, Ran};
use super::tls_server::TlsServer;

const CONFIG: &str = "\
[profile audit]
region = eu-west-1
aws_access_key_id = AKIDAUDIT
aws_secret_access_key = secret
[profile half]
region = eu-west-1
aws_access_key_id = AKIDHALF
[profile lost]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/lost
source_profile = audti
[profile role]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = audit
[profile portal]
region = eu-west-1
sso_start_url = https://corp.awsapps.invalid/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Auditor
";

const KEY: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "us-east-1")];

/// The text between these differs from run to run, or from system to system.
const VARYING: [(&str, &str); 4] =
    [(", request ", ")"), ("than now, ", ": "), ("lookup address information", "\n"), ("(os error ", ")")];

/// The transcript of the day.
struct Day {
    place: Place,
    transcript: String,
    mistakes: usize,
    /// What differs from run to run, and its placeholder.
    names: Vec<(String, &'static str)>,
}

impl Day {
    fn begin() -> Self {
        let place = Place::new();
        place.configure(CONFIG);
        place.signed_in("token", "https://corp.awsapps.invalid/start", "2020-01-01T00:00:00Z");
        fs::write(place.path().join("lost.pem"), "no certificate").unwrap();
        let json = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archives/small/JSON").to_owned();
        let names = vec![(place.path().display().to_string(), "DIR"), (json, "ARCHIVE")];
        Self { place, transcript: String::new(), mistakes: 0, names }
    }

    fn call(&mut self, url: &str, name: &'static str) -> String {
        self.names.push((url.to_owned(), name));
        url.to_owned()
    }

    /// One mistake: what is typed with which environment, the exit code, and what the error must name: the place, and
    /// what to do instead.
    #[track_caller]
    fn mistake(&mut self, variables: &[(&str, &str)], typed: &[&str], code: i32, place: &str, remedy: &str) {
        let mut command = self.place.command(typed.iter().copied());
        command.envs(variables.iter().copied()).env("AWS_MAX_ATTEMPTS", "1").current_dir(self.place.path());
        command.env("QLDB_EXPORT_DATA_DIR", self.place.path().join("data"));
        command.stdin(std::process::Stdio::null());
        let ran = Ran::of(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{typed:?}: {}", ran.stderr);
        for part in [place, remedy] {
            assert!(ran.stderr.contains(part), "{typed:?}: {part} is not in:\n{}", ran.stderr);
        }
        let set: String = variables.iter().fold(String::new(), |mut set, (name, value)| {
            // The same in most: the identity is not what they are about.
            if !KEY.contains(&(*name, *value)) {
                let _ = write!(set, "{name}={value} ");
            }
            set
        });
        let words: Vec<String> = typed.iter().map(|word| shown(word)).collect();
        let mut lines = format!("$ {set}qldb-export {}\n{}[{code}]\n\n", words.join(" "), ran.stderr);
        for (value, name) in &self.names {
            lines = lines.replace(value, name);
        }
        for (before, after) in VARYING {
            lines = without(&lines, before, after);
        }
        self.transcript.push_str(&lines);
        self.mistakes += 1;
    }
}

fn shown(word: &str) -> String {
    if word.is_empty() || word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}

/// A text with `…` for what is between two others, and differs from run to run.
fn without(text: &str, before: &str, after: &str) -> String {
    let mut parts = text.split(before);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.find(after).map_or(part, |end| &part[end..]);
        let _ = write!(shown, "{before}…{rest}");
    }
    shown
}

/// A service with only this response.
fn always(status: u16, error: &'static str, message: &str) -> Canned {
    let body = serde_json::json!({ "Message": message }).to_string();
    Canned::new(move |_, _| Reply::Http(status, error, body.clone()))
}

#[test]
fn a_day_of_forty_mistakes_has_a_place_a_rule_and_a_remedy_for_each() {
    let mut day = Day::begin();
    who_am_i(&mut day);
    the_way_there(&mut day);
    what_was_typed(&mut day);
    what_the_service_says(&mut day);
    what_lies_elsewhere(&mut day);
    what_lies_here(&mut day);
    assert!(day.mistakes >= 40, "{}", day.mistakes);
    golden::hold_or_refresh("a-day-of-mistakes.txt", day.transcript.trim_end());
}

fn who_am_i(day: &mut Day) {
    day.mistake(&KEY, &["list", "--profile", "adit"], 2, "--profile \"adit\"", "did you mean audit?");
    day.mistake(&[("AWS_PROFILE", "adit")], &["list"], 2, "AWS_PROFILE \"adit\"", "did you mean audit?");
    day.mistake(&[KEY[0], KEY[2]], &["list"], 6, "AWS_SECRET_ACCESS_KEY", "set AWS_SECRET_ACCESS_KEY");
    day.mistake(&[], &["list", "--profile", "half"], 6, "profile half", "aws configure --profile half");
    day.mistake(&[], &["list", "--profile", "lost"], 6, "source_profile \"audti\"", "did you mean audit?");
    let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole\
                   </Message></Error></ErrorResponse>";
    let sts = Canned::new(move |_, _| Reply::Http(403, "", refusal.to_owned()));
    let url = day.call(&sts.url(), "STS");
    let set = [("AWS_ENDPOINT_URL_STS", url.as_str())];
    day.mistake(&set, &["list", "--profile", "role"], 6, "role/audit can't be assumed", "aws sts assume-role");
    day.mistake(&[], &["list", "--profile", "portal"], 6, "profile portal", "aws sso login --profile portal");
    day.mistake(&[KEY[2]], &["list"], 6, "no AWS credentials", "set AWS_ACCESS_KEY_ID");
    day.mistake(&KEY[..2], &["list"], 2, "no AWS region", "give --region");
    day.mistake(&KEY, &["list", "--region", "us-esat-1"], 2, "--region \"us-esat-1\"", "did you mean us-east-1");
    day.mistake(&[("AWS_REGION", "EU-WEST-1")], &["list"], 2, "AWS_REGION \"EU-WEST-1\"", "did you mean eu-west-1");
}

fn the_way_there(day: &mut Day) {
    let service = always(200, "", "");
    let url = day.call(&service.url(), "SERVICE");
    let with = |name, value| [KEY[0], KEY[1], KEY[2], ("AWS_ENDPOINT_URL_QLDB", url.as_str()), (name, value)];
    day.mistake(&with("AWS_CA_BUNDLE", "lost.pem"), &["list"], 2, "AWS_CA_BUNDLE \"lost.pem\"", "in PEM form");
    let gone = with("HTTP_PROXY", "http://127.0.0.1:1");
    day.mistake(&gone, &["list"], 9, "the proxy http://127.0.0.1:1", "NO_PROXY=127.0.0.1");
    let proxy = HttpProxy::refusing(403);
    let address = day.call(&proxy.url(), "PROXY");
    day.mistake(&with("HTTP_PROXY", &address), &["list"], 9, "HTTP 403", "allow 127.0.0.1");
    let tls = TlsServer::new();
    let url = day.call(&tls.url(), "TLS");
    day.mistake(&KEY, &["list", "--endpoint-url", &url], 9, &url, "set AWS_CA_BUNDLE");
    let nobody = ["list", "--endpoint-url", "http://127.0.0.1:1"];
    day.mistake(&KEY, &nobody, 9, "http://127.0.0.1:1 could not be reached", "qldb-export serve");
    let unknown = [&RIGHT[..], &["--endpoint-url", "http://nobody.invalid:8040"]].concat();
    day.mistake(&KEY, &unknown, 9, "http://nobody.invalid:8040", "check --endpoint-url");
}

fn what_was_typed(day: &mut Day) {
    let with = |at: usize, value: &'static str| {
        let mut typed = RIGHT.to_vec();
        typed[at] = value;
        typed
    };
    day.mistake(&KEY, &["start"], 2, "--ledger is required", "name the ledger");
    day.mistake(
        &KEY,
        &with(8, "s3://exports/nightly"),
        2,
        "--bucket \"s3://exports/nightly\"",
        "the bucket's name alone",
    );
    day.mistake(&KEY, &with(4, "soon"), 2, "--from \"soon\"", "give RFC 3339");
    day.mistake(&KEY, &with(6, "2999-01-01"), 2, "--until", "give now, or an earlier time");
    day.mistake(&KEY, &with(12, "export"), 2, "--role-arn \"export\"", "arn:aws:iam::123456789012:role/NAME");
    day.mistake(
        &KEY,
        &[&RIGHT[..], &["--format", "csv"]].concat(),
        2,
        "--format \"csv\"",
        "ION_TEXT, ION_BINARY or JSON",
    );
    day.mistake(&KEY, &[&RIGHT[..], &["--timeout", "1h"]].concat(), 2, "--timeout \"1h\"", "add one of them");
    day.mistake(
        &KEY,
        &["list", "--local", "--endpoint-url", "http://127.0.0.1:1"],
        2,
        "--endpoint-url",
        "one of the two",
    );
    day.mistake(&KEY, &["status", "short"], 2, "EXPORT_ID \"short\"", "look it up with `list`");
    day.mistake(&KEY, &["list", "--max-results", "101"], 2, "--max-results \"101\"", "leave it out");
    day.mistake(&KEY, &["list", "--legder", "orders"], 2, "--legder", "'--ledger'");
    day.mistake(&KEY, &["strat"], 2, "'strat'", "'start'");
    day.mistake(&KEY, &["serve", "--listen", "here"], 2, "--listen \"here\"", "such as 127.0.0.1:8040");
}

fn what_the_service_says(day: &mut Day) {
    let s3 = "QLDB encountered an error validating S3 configuration:";
    let ask = |day: &mut Day, service: &Canned, typed: &[&str], code, place, remedy| {
        let url = day.call(&service.url(), "SERVICE");
        let set = [KEY[0], KEY[1], KEY[2], ("AWS_ENDPOINT_URL_QLDB", url.as_str())];
        day.mistake(&set, typed, code, place, remedy);
    };
    let full =
        always(400, "LimitExceededException", "Exceeded the limit of 2 concurrently running Journal export jobs");
    ask(day, &full, &RIGHT, 5, "two exports of a ledger", "--on-limit wait");
    let role =
        always(403, "AccessDeniedException", "User: u is not authorized to perform: iam:PassRole on resource: r");
    ask(day, &role, &RIGHT, 6, "iam:PassRole", "qldb-export policy caller");
    let bucket =
        always(400, "InvalidParameterException", &format!("{s3} NoSuchBucket The specified bucket does not exist"));
    ask(day, &bucket, &RIGHT, 4, "NoSuchBucket", "aws s3 mb s3://exports");
    let trust = always(400, "InvalidParameterException", &format!("{s3} AccessDenied not authorized: sts:AssumeRole"));
    ask(day, &trust, &RIGHT, 4, "QLDB may not assume the role", "qldb-export policy trust");
    let list = ["list", "--ledger", "orders"];
    ask(day, &always(429, "ThrottlingException", "Rate exceeded"), &list, 1, "Rate exceeded", "in a minute");
    ask(day, &always(500, "InternalFailure", "internal"), &RIGHT, 1, "may have started", "list --ledger");
    ask(
        day,
        &always(403, "ExpiredTokenException", "The token is expired"),
        &list,
        6,
        "have expired",
        "AWS_SESSION_TOKEN",
    );
    let missing = always(404, "ResourceNotFoundException", "The Ledger with name orders is not found");
    ask(day, &missing, &list, 3, "orders is not found", "--region");
    let canceled = Canned::new(|_, _| described("CANCELLED"));
    let url = day.call(&canceled.url(), "SERVICE");
    let set = [KEY[0], KEY[1], KEY[2], ("AWS_ENDPOINT_URL_QLDB", url.as_str())];
    let wait = ["wait", EXPORT_ID, "--ledger", "vehicle-registration", "--quiet"];
    let ran = {
        let mut command = day.place.command(wait);
        command.envs(set);
        Ran::of(command)
    };
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "CANCELLED\n"), "{}", ran.stderr);
    let _ = write!(day.transcript, "$ qldb-export {}\n{}{}[7]\n\n", wait.join(" "), ran.stdout, ran.stderr);
    day.mistakes += 1;
}

fn what_lies_elsewhere(day: &mut Day) {
    let server = S3Server::new("exports");
    let url = day.call(&server.url, "S3");
    let set = [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.0),
        ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY.1),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL_S3", url.as_str()),
    ];
    let verify = ["verify", "s3://exports/nightly/"];
    day.mistake(&set[2..], &verify, 6, "s3://exports/nightly/", "set AWS_ACCESS_KEY_ID");
    server.plan(|_| Some(Fault::Answer(403, "AccessDenied")));
    day.mistake(&set, &verify, 6, "s3://exports/nightly/", "s3:GetObject");
    day.mistake(&set, &["ledger", "import", "copy", "s3://exports/nightly/"], 6, "403 AccessDenied", "s3:GetObject");
    server.plan(|_| Some(Fault::Answer(403, "SignatureDoesNotMatch")));
    day.mistake(&set, &verify, 6, "SignatureDoesNotMatch", "check AWS_SECRET_ACCESS_KEY");
    server.plan(|_| Some(Fault::Elsewhere("eu-central-1")));
    day.mistake(&set, &verify, 9, "is in eu-central-1", "--region eu-central-1");
    day.mistake(&set, &["verify", "s3://"], 2, "PATH \"s3://\"", "s3://BUCKET/PREFIX");
}

fn what_lies_here(day: &mut Day) {
    let mut sample = day.place.command(["ledger", "sample", "orders", "--transactions", "5"]);
    sample.env("QLDB_EXPORT_DATA_DIR", day.place.path().join("data"));
    assert_eq!(Ran::of(sample).code, Some(0));
    day.mistake(&[], &["verify"], 2, "PATH is required", "give the folder");
    day.mistake(&[], &["verify", "nightly"], 2, "nightly", "give the folder");
    day.mistake(&[], &["verify", ".", "--digest", "typo.json"], 2, "--digest \"typo.json\"", "give the base64");
    day.mistake(&[], &["verify", ".", "--level", "blcoks"], 2, "--level \"blcoks\"", "give objects, blocks");
    day.mistake(&[], &["ledger", "digest"], 2, "NAME is required", "give the ledger's name");
    day.mistake(&[], &["ledger", "digest", "ordres"], 3, "ordres is not found", "did you mean orders?");
    day.mistake(&[], &["list", "--local", "--ledger", "ordres"], 3, "ordres is not found", "did you mean orders?");
    let json = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archives/small/JSON");
    day.mistake(&[], &["ledger", "import", "copy", json], 12, "JSON", "ION_TEXT or ION_BINARY");
}
