//! Every operation through the real SDK, against an endpoint over a real engine.

use aws_sdk_qldb::types::{ExportStatus, JournalS3ExportDescription, LedgerState, OutputFormat, PermissionsMode};
use qldb_journal::request::Progress;

use crate::endpoint_running::{ROLE, Running, seconds_from_now, target};

#[tokio::test]
async fn a_ledger_is_made_described_changed_and_removed() {
    let running = Running::start().await;
    let client = running.client();
    let made = client.create_ledger().name("L1").permissions_mode(PermissionsMode::AllowAll).send().await.unwrap();
    assert_eq!(made.state(), Some(&LedgerState::Creating));
    assert_eq!(made.deletion_protection(), Some(true));
    assert_eq!(made.kms_key_arn(), None);
    assert_eq!(made.arn(), Some("arn:aws:qldb:us-east-1:123456789012:ledger/L1"));

    let described = client.describe_ledger().name("L1").send().await.unwrap();
    assert_eq!(described.state(), Some(&LedgerState::Active));
    assert_eq!(described.permissions_mode(), Some(&PermissionsMode::AllowAll));
    assert_eq!(described.encryption_description().unwrap().kms_key_arn(), "AWS_OWNED_KMS_KEY");
    assert_eq!(described.creation_date_time(), made.creation_date_time());

    let moded = client.update_ledger_permissions_mode().name("L1").permissions_mode(PermissionsMode::Standard);
    assert_eq!(moded.send().await.unwrap().permissions_mode(), Some(&PermissionsMode::Standard));
    let changed = client.update_ledger().name("L1").deletion_protection(false).kms_key("alias/x").send().await.unwrap();
    assert_eq!(changed.deletion_protection(), Some(false));
    let key = changed.encryption_description().unwrap().kms_key_arn();
    assert_eq!(key, "arn:aws:kms:us-east-1:123456789012:alias/x");

    client.delete_ledger().name("L1").send().await.unwrap();
    let gone = client.describe_ledger().name("L1").send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception(), "{gone:?}");
}

#[tokio::test]
async fn ledgers_come_in_pages() {
    let running = Running::start().await;
    for name in ["L1", "L2", "L3"] {
        running.make_ledger(name).await;
    }
    let (mut names, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = running.client().list_ledgers().max_results(2).set_next_token(token).send().await.unwrap();
        names.extend(page.ledgers().iter().map(|ledger| ledger.name().unwrap().to_owned()));
        pages += 1;
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((names.join(" ").as_str(), pages), ("L1 L2 L3", 2));
}

#[tokio::test]
async fn tags_are_set_listed_and_removed() {
    let running = Running::start().await;
    let client = running.client();
    let made = client
        .create_ledger()
        .name("L1")
        .permissions_mode(PermissionsMode::Standard)
        .tags("made with", Some("create".to_owned()))
        .send()
        .await
        .unwrap();
    let arn = made.arn().unwrap();
    client
        .tag_resource()
        .resource_arn(arn)
        .tags("a&b=c/d+e", None)
        .tags("ü", Some("ä ö".to_owned()))
        .send()
        .await
        .unwrap();
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap().tags.unwrap();
    assert_eq!((tags.len(), tags["a&b=c/d+e"].as_deref()), (3, Some("")));
    client.untag_resource().resource_arn(arn).tag_keys("made with").tag_keys("a&b=c/d+e").send().await.unwrap();
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap().tags.unwrap();
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("ü".to_owned(), Some("ä ö".to_owned()))]);
}

#[tokio::test]
async fn an_export_completes_and_is_described_as_requested() {
    let running = Running::start().await;
    running.make_ledger("L1").await;
    let client = running.client();
    let (start, end) = (seconds_from_now(-3600), seconds_from_now(0));
    let started = client
        .export_journal_to_s3()
        .name("L1")
        .inclusive_start_time(start)
        .exclusive_end_time(end)
        .s3_export_configuration(target("exports", "nightly/"))
        .role_arn(ROLE)
        .output_format(OutputFormat::Json)
        .send()
        .await
        .unwrap();
    running.idle().await;
    let described = client.describe_journal_s3_export().name("L1").export_id(started.export_id()).send().await.unwrap();
    let export = described.export_description().unwrap();
    assert_eq!(export.status(), &ExportStatus::Completed);
    assert_eq!((export.ledger_name(), export.export_id()), ("L1", started.export_id()));
    assert_eq!((export.inclusive_start_time(), export.exclusive_end_time()), (&start, &end));
    assert_eq!(export.s3_export_configuration(), Some(&target("exports", "nightly/")));
    assert_eq!((export.role_arn(), export.output_format()), (ROLE, Some(&OutputFormat::Json)));
    let manifest = format!("exports/nightly/{}.started.manifest", started.export_id());
    assert!(running.engine.data_dir().join("buckets").join(manifest).is_file());
}

#[tokio::test]
async fn progress_travels_in_a_header_of_its_own() {
    let running = Running::start().await;
    running.make_ledger("L1").await;
    let id = start_export(&running, "L1").await;
    running.idle().await;
    let answer = running.send("GET", &format!("/ledgers/L1/journal-s3-exports/{id}"), b"").await;
    let progress = Progress::from_header(&answer.headers[Progress::HEADER]).unwrap();
    assert!(progress.finished.is_some(), "{progress:?}");
    assert_eq!(answer.body["ExportDescription"]["Status"], "COMPLETED");
    assert_eq!(answer.body["ExportDescription"].get("OutputFormat"), None, "the request named none");
}

#[tokio::test]
async fn exports_are_listed_newest_first_in_pages() {
    let running = Running::start().await;
    let mut started = Vec::new();
    for name in ["L1", "L2", "L1"] {
        if started.len() < 2 {
            running.make_ledger(name).await;
        }
        started.push(start_export(&running, name).await);
        running.idle().await;
    }
    started.reverse();
    let client = running.client();
    let first = client.list_journal_s3_exports().max_results(2).send().await.unwrap();
    let token = first.next_token().unwrap();
    let rest = client.list_journal_s3_exports().max_results(2).next_token(token).send().await.unwrap();
    assert_eq!(rest.next_token(), None);
    let all = first.journal_s3_exports().iter().chain(rest.journal_s3_exports());
    assert_eq!(all.map(|export| export.export_id().to_owned()).collect::<Vec<_>>(), started);

    let of_ledger = client.list_journal_s3_exports_for_ledger().name("L1").send().await.unwrap();
    let of_ledger: Vec<&str> =
        of_ledger.journal_s3_exports().iter().map(JournalS3ExportDescription::export_id).collect();
    assert_eq!(of_ledger, [&started[0], &started[2]]);
}

#[tokio::test]
async fn an_unknown_ledger_has_no_exports() {
    let running = Running::start().await;
    let listed = running.client().list_journal_s3_exports_for_ledger().name("nobody").send().await.unwrap();
    assert!(listed.journal_s3_exports().is_empty() && listed.next_token().is_none());
}

#[tokio::test]
async fn a_session_token_is_accepted_as_part_of_the_signature() {
    let running = Running::start().await;
    let (key, secret) = (&running.credentials.access_key_id, &running.credentials.secret_access_key);
    let client = running.client_as(key, secret, Some("a session's token"), "us-east-1");
    assert!(client.list_ledgers().send().await.unwrap().ledgers().is_empty());
}

/// Starts an export of the last hour into the bucket `exports`.
async fn start_export(running: &Running, ledger: &str) -> String {
    let call = running
        .client()
        .export_journal_to_s3()
        .name(ledger)
        .inclusive_start_time(seconds_from_now(-3600))
        .exclusive_end_time(seconds_from_now(0))
        .s3_export_configuration(target("exports", ""))
        .role_arn(ROLE);
    call.send().await.unwrap().export_id().to_owned()
}
