//! `ledger import s3://…` while a `serve` holds the data directory: S3 is read as the one who types the command, and what
//! goes wrong is said as it is without a `serve`.

use std::process::Command;

use crate::s3_server::{ACCESS_KEY, Fault, S3Server};
use crate::serving::Serving;
use crate::support::{Place, Ran};

const IMPORT: [&str; 4] = ["ledger", "import", "back", "s3://exports/p/"];

/// Profiles of the person who types.
const CONFIG: &str = "\
[profile minio]
region = us-east-1
aws_access_key_id = KEY
aws_secret_access_key = SECRET
[profile half]
region = us-east-1
aws_access_key_id = AKIDHALF
";

/// A store with an archive under `p/`.
fn store() -> S3Server {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let to_s3 = ["start", "--local", "--object-store", "s3", "--wait", "--ledger", "vehicle-registration"];
    let range = ["--last", "365d", "--bucket", "exports", "--prefix", "p/"];
    let role = ["--role-arn", "arn:aws:iam::123456789012:role/export"];
    let started = crate::s3_cli::in_environment_of(&server, place.command(to_s3.into_iter().chain(range).chain(role)));
    let started = Ran::of(started);
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    server
}

/// A data directory served by a process that knows neither the store nor anyone's key.
fn served() -> (Place, Serving) {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "S", "--transactions", "2"]).code, Some(0));
    let mut serve = place.command(["serve", "--listen", "127.0.0.1:0", "--quiet"]);
    serve.env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1").env("AWS_PROFILE", "nobody");
    let serving = Serving::of(serve);
    (place, serving)
}

fn typed(place: &Place, more: &[&str], variables: &[(&str, &str)]) -> Command {
    place.configure(&CONFIG.replace("KEY", ACCESS_KEY.0).replace("SECRET", ACCESS_KEY.1));
    let mut command = place.command(IMPORT.iter().chain(more).copied());
    command.envs(variables.iter().copied());
    command
}

#[test]
fn an_import_reads_s3_as_the_one_who_types_it() {
    let server = store();
    let endpoint = ("AWS_ENDPOINT_URL_S3", server.url.as_str());
    let key = [
        endpoint,
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.0),
        ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY.1),
        ("AWS_REGION", "us-east-1"),
    ];
    for (flags, variables) in [
        (&[][..], &[endpoint, ("AWS_PROFILE", "minio")][..]),
        (&["--profile", "minio"], &[endpoint, ("AWS_ACCESS_KEY_ID", "half")]),
        (&[], &key),
    ] {
        let (place, _serving) = served();
        let imported = Ran::of(typed(&place, flags, variables));
        assert_eq!(imported.code, Some(0), "{flags:?}, {variables:?}: {}", imported.stderr);
        assert!(imported.stdout.starts_with("back: created"), "{}", imported.stdout);
    }
}

#[test]
fn errors_and_advice_are_the_same_as_without_serve() {
    let server = store();
    let endpoint = ("AWS_ENDPOINT_URL_S3", server.url.as_str());
    let minio = ("AWS_PROFILE", "minio");
    let (holding, _serving) = served();
    let alone = Place::new();
    for (flags, variables, answer, code, said) in [
        (&[][..], &[endpoint][..], None, 6, "next: "),
        (&[], &[endpoint, ("AWS_PROFILE", "mino")], None, 2, "did you mean minio?"),
        (&["--profile", "mino"], &[endpoint], None, 2, "did you mean minio?"),
        (&["--profile", "half"], &[endpoint], None, 6, "next: aws configure --profile half"),
        (&["--region", "us-esat-1"], &[minio], None, 2, "did you mean us-east-1"),
        (&[], &[endpoint, minio], Some((403, "AccessDenied")), 6, "allow s3:ListBucket on exports"),
        (
            &["--profile", "minio"],
            &[endpoint],
            Some((403, "InvalidAccessKeyId")),
            6,
            "next: aws sts get-caller-identity --profile minio",
        ),
        (&[], &[endpoint, minio], Some((404, "NoSuchBucket")), 9, "aws s3 ls"),
        (&[], &[minio, ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"), ("HTTP_PROXY", "a b")], None, 2, "HTTP_PROXY"),
    ] {
        server.plan(move |_| answer.map(|(status, code)| Fault::Answer(status, code)));
        let (expected, found) = (Ran::of(typed(&alone, flags, variables)), Ran::of(typed(&holding, flags, variables)));
        assert_eq!((expected.code, found.code), (Some(code), Some(code)), "{}{}", expected.stderr, found.stderr);
        let steady = |text: &str| {
            // If the data directory was opened here, there is a warning about it.
            let lines = text.lines().filter(|line| !line.starts_with("warning: the data directory"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(steady(&found.stderr), steady(&expected.stderr), "{flags:?}, {variables:?}");
        assert!(found.stderr.contains(said), "{said} is not in:\n{}", found.stderr);
    }
    server.plan(|_| None);
    assert_eq!(Ran::of(typed(&holding, &[], &[endpoint, minio])).code, Some(0), "nothing hinders a better one");
}
