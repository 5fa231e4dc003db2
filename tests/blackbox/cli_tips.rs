//! Names that people type for what is called otherwise here, and values whose sign or unit is wrong: the error says what
//! is meant.

use super::support::Place;

#[test]
fn a_command_or_flag_with_another_name_is_suggested() {
    let place = Place::new();
    for (typed, tip) in [
        ("start --to now", "--until says where the range ends; the AWS CLI's name for it is --exclusive-end-time"),
        ("export-journal-to-s3 --end now", "the AWS CLI's name for it is --exclusive-end-time"),
        ("start --since yesterday", "--from says where the range begins"),
        ("sync --since yesterday", "--from says where the range begins"),
        ("list --status COMPLETED", "--query picks from the result"),
        ("serve --port 8040", "--listen says where to listen"),
        ("list --page-size 5", "--max-results says how many"),
        ("list --starting-token t", "--next-token asks for the next page"),
        ("list --ca-bundle f", "AWS_CA_BUNDLE names the file"),
        ("list --no-verify-ssl", "certificates are always checked"),
        ("create-ledger --name l", "`ledger sample NAME` creates one"),
        ("ledger create l", "`ledger import NAME PATH` one from archived exports"),
        ("describe-ledger --name l", "use `ledger describe NAME`"),
        ("ledger show l", "use `ledger describe NAME`"),
        ("list-ledgers", "use `ledger list`"),
        ("delete-ledger --name l", "use `ledger delete NAME`"),
        ("get-digest --name l", "use `ledger digest NAME`"),
        ("get-revision --name l", "`verify --revision FILE`"),
        ("stream-journal-to-kinesis", "streams to Kinesis are not supported"),
        ("digest l", "use `ledger digest NAME`"),
    ] {
        let ran = place.run(typed.split(' '));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{typed}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches("tip: ").count(), 1, "{typed}: {}", ran.stderr);
        assert!(ran.stderr.contains(tip), "{typed}: {tip} is not in:\n{}", ran.stderr);
    }
}

#[test]
fn a_number_with_a_sign_breaks_the_rule_of_its_own_flag() {
    let place = Place::new();
    for (typed, said) in [
        ("ledger sample L --transactions -5", "--transactions \"-5\" is not a whole number in range: give digits"),
        ("ledger append L --table T --batch -1", "--batch \"-1\" is not a whole number in range"),
        ("verify x --digest d --tip -1", "--tip \"-1\" is not the number of a block"),
        ("list --max-results -3", "--max-results \"-3\" must be a number from 1 to 100"),
        ("wait x --timeout -5s", "a number or a length of time has no sign here: --timeout 5s"),
        ("list --heartbeat -1", "--heartbeat \"-1\" is not a length of time"),
    ] {
        let ran = place.run(typed.split(' '));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{typed}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{typed}: {said} is not in:\n{}", ran.stderr);
    }
}

#[test]
fn a_length_without_a_unit_and_a_time_ago_without_a_sign_explain_the_syntax() {
    let place = Place::new();
    for (typed, said) in [
        (&["list", "--heartbeat", "5"][..], "add a unit: 5s, 5m, 5h or 5d"),
        (&["wait", "x", "--timeout", "30"], "add a unit: 30s, 30m, 30h or 30d"),
        (&["sync", "--window", "6"], "add a unit: 6s, 6m, 6h or 6d"),
        (&["start", "--last", "24"], "add a unit: 24s, 24m, 24h or 24d"),
        (&["start", "--last", "0"], "must be longer than nothing: give a number and a unit"),
        (&["start", "--from", "24h"], "write -24h for that long ago"),
        (&["start", "--from", "2h ago"], "write -2h for that long ago"),
        (&["start", "--from", "1d-ago"], "write -1d for that long ago"),
        (&["start", "--until", "-5"], "write -5m, -5h or -5d for that long ago"),
        (&["start", "--from", "last week"], "give RFC 3339 with an offset"),
    ] {
        let ran = place.run(typed.iter().copied());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{typed:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{typed:?}: {said} is not in:\n{}", ran.stderr);
    }
}
