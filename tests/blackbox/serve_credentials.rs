//! `serve` with its callers' own credentials: fixed ones, temporary ones, and those that are
//! rotated while it runs. And what it reports to a service manager and in its log.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// A `serve` whose callers have their own credentials.
struct Serving {
    child: Child,
    url: String,
    printed: Vec<String>,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let printed: Vec<String> = lines.take(3).map(Result::unwrap).collect();
        let url = printed[0].strip_prefix("export AWS_ENDPOINT_URL_QLDB=").unwrap().to_owned();
        Self { child, url, printed }
    }

    /// Lists the ledgers' exports with these credentials.
    fn list(&self, place: &Place, variables: &[(&str, &str)]) -> Ran {
        let mut command = place.command(["list", "--region", "us-east-1", "--endpoint-url", &self.url]);
        command.envs(variables.iter().copied());
        Ran::of(command)
    }

    /// Stops it, and returns what else it printed, and its log.
    fn end(mut self) -> (String, String) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        self.child.wait().unwrap();
        (stdout, stderr)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve<'a>(place: &Place, more: impl IntoIterator<Item = &'a str>) -> Command {
    place.command(["serve", "--listen", "127.0.0.1:0"].into_iter().chain(more))
}

fn key<'a>(id: &'a str, secret: &'a str, token: &'a str) -> [(&'static str, &'a str); 3] {
    [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)]
}

#[test]
fn the_environment_s_credentials_are_accepted_with_their_token_and_not_printed() {
    let place = Place::new();
    let mut command = serve(&place, ["--credentials-from", "environment"]);
    command.envs(key("ASIACALLER", "secret", "a token"));
    let serving = Serving::start(command);
    assert_eq!(serving.list(&place, &key("ASIACALLER", "secret", "a token")).code, Some(0));
    for wrong in
        [key("ASIACALLER", "guess", "a token"), key("ASIACALLER", "secret", "other"), key("OTHER", "secret", "a token")]
    {
        assert_eq!(serving.list(&place, &wrong).code, Some(6), "{wrong:?}");
    }
    assert!(serving.printed.iter().all(|line| !line.contains("secret") && !line.contains("KEY")));
    let (stdout, stderr) = serving.end();
    assert!(stdout.is_empty() && !stderr.contains("secret"), "{stdout}{stderr}");
}

/// Makes a file readable only by its owner.
fn close(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_rotated_file_is_read_again() {
    let place = Place::new();
    let path = place.path().join("caller.json");
    let write = |id: &str, expires: &str| {
        let text =
            format!(r#"{{"Version":1,"AccessKeyId":"{id}","SecretAccessKey":"of-{id}","SessionToken":"t"{expires}}}"#);
        fs::write(path.with_extension("new"), text).unwrap();
        close(&path.with_extension("new"));
        fs::rename(path.with_extension("new"), &path).unwrap();
    };
    write("ASIAONE", "");
    let from = format!("file:{}", path.display());
    let serving = Serving::start(serve(&place, ["--credentials-from", &from]));
    assert_eq!(serving.list(&place, &key("ASIAONE", "of-ASIAONE", "t")).code, Some(0));
    write("ASIATWO", "");
    assert_eq!(serving.list(&place, &key("ASIATWO", "of-ASIATWO", "t")).code, Some(0));
    let old = serving.list(&place, &key("ASIAONE", "of-ASIAONE", "t"));
    assert_eq!(old.code, Some(6), "what was rotated away is refused: {}", old.stderr);
    write("ASIATHREE", r#","Expiration":"2020-01-01T00:00:00Z""#);
    let expired = serving.list(&place, &key("ASIATHREE", "of-ASIATHREE", "t"));
    assert_eq!(expired.code, Some(6));
    assert!(expired.stderr.contains("ExpiredToken"), "{}", expired.stderr);
    write("ASIATHREE", r#","Expiration":"2999-01-01T00:00:00Z""#);
    assert_eq!(serving.list(&place, &key("ASIATHREE", "of-ASIATHREE", "t")).code, Some(0));
    fs::write(&path, "half").unwrap();
    let kept = serving.list(&place, &key("ASIATHREE", "of-ASIATHREE", "t"));
    assert_eq!(kept.code, Some(0), "a file that is being written does not lock callers out: {}", kept.stderr);
    // Nor does one that others can read admit anyone new.
    write("ASIAFOUR", "");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(serving.list(&place, &key("ASIAFOUR", "of-ASIAFOUR", "t")).code, Some(6));
    close(&path);
    assert_eq!(serving.list(&place, &key("ASIAFOUR", "of-ASIAFOUR", "t")).code, Some(0));
}

#[test]
fn callers_can_sign_with_the_key_of_a_profile() {
    let place = Place::new();
    fs::create_dir(place.path().join(".aws")).unwrap();
    let file = place.path().join(".aws/credentials");
    fs::write(&file, "[minio]\naws_access_key_id = CALLER\naws_secret_access_key = secret\n").unwrap();
    let serving = Serving::start(serve(&place, ["--credentials-from", "profile:minio"]));
    let by_profile = |profile: &str| {
        Ran::of(place.command(["list", "--region", "us-east-1", "--profile", profile, "--endpoint-url", &serving.url]))
    };
    assert_eq!(by_profile("minio").code, Some(0));
    assert_eq!(serving.list(&place, &key("CALLER", "guess", "")).code, Some(6));
}

#[test]
fn credentials_that_are_not_there_are_named() {
    let place = Place::new();
    place.configure("[profile minio]\naws_access_key_id = A\naws_secret_access_key = S\n[profile bare]\nregion = x\n");
    for (from, code, words) in [
        ("environment", 6, "AWS_ACCESS_KEY_ID is not set: set both halves of the key pair"),
        ("profile:minoi", 2, "\"profile:minoi\" names a profile that"),
        ("profile:minoi", 2, "did you mean minio?"),
        ("profile:bare", 6, "next: aws configure --profile bare"),
        ("file:/nowhere/at-all.json", 2, "\"/nowhere/at-all.json\" does not exist: give the file that holds them"),
        ("file:/", 2, "is a folder: give the file"),
        ("somewhere", 2, "environment, profile:NAME, file, or file:PATH"),
    ] {
        let ran = Ran::of(serve(&place, ["--credentials-from", from]));
        assert_eq!(ran.code, Some(code), "{from}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
    let mut half = serve(&place, ["--credentials-from", "environment"]);
    half.env("AWS_ACCESS_KEY_ID", "CALLER");
    let ran = Ran::of(half);
    assert!(ran.stderr.contains("AWS_SECRET_ACCESS_KEY is not set"), "{}", ran.stderr);
}

#[test]
fn a_credentials_file_is_readable_only_by_its_owner_and_has_both_halves() {
    let place = Place::new();
    let path = place.path().join("caller.json");
    let from = format!("file:{}", path.display());
    let whole = r#"{"AccessKeyId":"A","SecretAccessKey":"S"}"#;
    for (text, mode, words) in [
        (whole, 0o604, "can be read or written by others (mode 0604): chmod 600 it"),
        (whole, 0o640, "can be read or written by others (mode 0640): chmod 600 it"),
        (whole, 0o620, "can be read or written by others (mode 0620): chmod 600 it"),
        (
            r#"{"AccessKeyId":"A","SecretAccessKey":""}"#,
            0o600,
            "has no SecretAccessKey: write it as credential_process",
        ),
        ("AKID:secret", 0o600, "is not JSON"),
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let ran = Ran::of(serve(&place, ["--credentials-from", &from]));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(6), ""), "{mode:o}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_service_manager_hears_when_it_is_ready_and_when_it_stops() {
    use std::os::unix::net::UnixDatagram;
    let place = Place::new();
    let path = place.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let mut command = serve(&place, []);
    command.env("NOTIFY_SOCKET", &path);
    let serving = Serving::start(command);
    let mut buffer = [0; 100];
    let mut heard = || {
        let count = manager.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    };
    assert_eq!(heard(), "READY=1");
    serving.end();
    assert_eq!(heard(), "STOPPING=1");
}

#[cfg(target_os = "linux")]
#[test]
fn the_manager_s_socket_may_be_abstract_and_one_that_is_gone_ends_nothing() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let place = Place::new();
    let name = format!("qldb-export-test-{}", std::process::id());
    let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let mut command = serve(&place, []);
    command.env("NOTIFY_SOCKET", format!("@{name}"));
    let serving = Serving::start(command);
    let mut buffer = [0; 100];
    let count = manager.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..count], b"READY=1");
    drop(serving);
    let mut command = serve(&place, []);
    command.env("NOTIFY_SOCKET", place.path().join("nobody"));
    let (_, stderr) = Serving::start(command).end();
    assert!(stderr.contains("READY=1"), "{stderr}");
}

#[test]
fn exports_are_logged_when_they_are_accepted_and_when_they_end() {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "L1", "--transactions", "5"]).code, Some(0));
    let mut command = serve(&place, ["--credentials-from", "environment"]);
    command.envs(key("CALLER", "secret", ""));
    let serving = Serving::start(command);
    let arguments = ["start", "--wait", "--region", "us-east-1", "--endpoint-url", &serving.url, "--ledger", "L1"];
    let target = ["--last", "60d", "--bucket", "exports", "--prefix", "p/", "--role-arn", ROLE];
    let target = target.into_iter().chain(["--encryption", "NO_ENCRYPTION"]);
    let mut start = place.command(arguments.into_iter().chain(target));
    start.envs(key("CALLER", "secret", ""));
    let started = Ran::of(start);
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    let (_, log) = serving.end();
    let id = started.stdout.split_whitespace().next().unwrap();
    for words in ["export accepted", "export completed"] {
        let line = log.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {log}"));
        let about = [id, "L1", "bucket=exports", "prefix=p/"];
        assert!(about.iter().all(|word| line.contains(word)), "{line}");
    }
}
