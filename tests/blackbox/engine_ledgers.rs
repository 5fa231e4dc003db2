//! The engine's ledgers: their life cycle, tags, quota, and the lock of their directory.

use std::collections::BTreeMap;

use qldb_endpoint::engine::{
    AppendOptions, ExportStatus, LedgerChange, LedgerState, NewLedger, OpenError, PermissionsMode, ServiceError,
};

use crate::engine_support::*;

#[test]
fn a_data_directory_belongs_to_one_engine_at_a_time() {
    let site = Site::new();
    let first = site.open();
    let error = site.try_open().err().unwrap();
    let own = std::process::id();
    assert!(matches!(error, OpenError::Locked { holder: Some(id), .. } if id == own), "{error}");
    assert!(error.to_string().contains(&format!("in use by process {own}")), "{error}");
    drop(first);
    site.open();
}

#[test]
fn a_ledger_is_creating_in_the_answer_and_active_right_after() {
    let site = Site::new();
    let engine = site.open();
    assert!(engine.is_empty().unwrap());
    let made = engine.create_ledger(new_ledger("L1")).unwrap();
    assert_eq!((made.state, made.created), (LedgerState::Creating, site.now()));
    let described = engine.describe_ledger(&ledger("L1")).unwrap();
    assert_eq!(described.state, LedgerState::Active);
    assert_eq!(described.strand_id, made.strand_id);
    assert!(!engine.is_empty().unwrap());
    assert!(matches!(engine.describe_ledger(&ledger("l1")), Err(ServiceError::ResourceNotFound { .. })));
}

#[test]
fn a_name_is_given_once_and_five_ledgers_are_the_limit() {
    let site = Site::new();
    let engine = site.open();
    for name in ["a", "b", "c", "d", "e"] {
        engine.create_ledger(new_ledger(name)).unwrap();
    }
    let again = engine.create_ledger(new_ledger("a")).unwrap_err();
    assert!(matches!(again, ServiceError::ResourceAlreadyExists { ref resource_name, .. } if resource_name == "a"));
    let sixth = engine.create_ledger(new_ledger("f")).unwrap_err();
    assert!(matches!(sixth, ServiceError::LimitExceeded { .. }), "{sixth}");
    sample(&engine, "f", 1);
}

#[test]
fn ledgers_outlive_the_process() {
    let site = Site::new();
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let new = NewLedger { tags: tags.clone(), kms_key: Some("key-1".to_owned()), ..new_ledger("L1") };
    site.open().create_ledger(new).unwrap();
    let engine = site.open();
    assert_eq!(engine.describe_ledger(&ledger("L1")).unwrap().kms_key.as_deref(), Some("key-1"));
    assert_eq!(engine.tags(&ledger("L1")).unwrap(), tags);
}

#[test]
fn only_the_members_given_change() {
    let site = Site::new();
    let engine = site.open();
    let name = ledger("L1");
    engine.create_ledger(NewLedger { kms_key: Some("key-1".to_owned()), ..new_ledger("L1") }).unwrap();
    let protect = LedgerChange { deletion_protection: Some(true), kms_key: None };
    let changed = engine.update_ledger(&name, protect).unwrap();
    assert_eq!((changed.deletion_protection, changed.kms_key.as_deref()), (true, Some("key-1")));
    let own = LedgerChange { deletion_protection: None, kms_key: Some("AWS_OWNED_KMS_KEY".to_owned()) };
    let changed = engine.update_ledger(&name, own).unwrap();
    assert_eq!((changed.deletion_protection, changed.kms_key), (true, None));
    engine.update_permissions_mode(&name, PermissionsMode::AllowAll).unwrap();
    assert_eq!(engine.describe_ledger(&name).unwrap().permissions_mode, PermissionsMode::AllowAll);
}

#[test]
fn deletion_protection_keeps_a_ledger() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(NewLedger { deletion_protection: true, ..new_ledger("L1") }).unwrap();
    let refused = engine.delete_ledger(&ledger("L1")).unwrap_err();
    assert!(matches!(refused, ServiceError::ResourcePreconditionNotMet { .. }), "{refused}");
    let change = LedgerChange { deletion_protection: Some(false), kms_key: None };
    engine.update_ledger(&ledger("L1"), change).unwrap();
    engine.delete_ledger(&ledger("L1")).unwrap();
    assert!(matches!(engine.delete_ledger(&ledger("L1")), Err(ServiceError::ResourceNotFound { .. })));
}

#[test]
fn deleting_a_ledger_deletes_its_journal_and_cancels_its_exports() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 50);
    engine.shut_down();
    let export = engine.start_export(site.request("L1", 30)).unwrap();
    engine.delete_ledger(&ledger("L1")).unwrap();
    assert_eq!(site.segments(), [] as [std::path::PathBuf; 0]);
    let ended = engine.describe_export(&ledger("L1"), &export).unwrap();
    assert_eq!(ended.status, ExportStatus::Cancelled);
    assert!(ended.progress.reason.unwrap().contains("the ledger L1 was deleted"));
    assert!(!engine.is_empty().unwrap());
}

#[test]
fn a_running_export_of_a_deleted_ledger_ends_one_way_or_the_other() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 3000);
    let export = engine.start_export(site.request("L1", 31)).unwrap();
    engine.delete_ledger(&ledger("L1")).unwrap();
    let ended = engine.describe_export(&ledger("L1"), &export).unwrap();
    assert_ne!(ended.status, ExportStatus::InProgress);
    let manifests = site.objects().keys().filter(|key| key.ends_with(".completed.manifest")).count();
    assert_eq!(manifests, usize::from(ended.status == ExportStatus::Completed));
    assert_eq!(site.unfinished(), [] as [std::path::PathBuf; 0]);
}

#[test]
fn what_was_being_deleted_when_the_process_died_is_gone_after_the_next_open() {
    let site = Site::new();
    sample(&site.open(), "L1", 20);
    sample(&site.open(), "L2", 20);
    site.catalog().execute("UPDATE ledgers SET state = 'DELETING' WHERE name = 'L1'", []).unwrap();
    site.catalog().execute("UPDATE ledgers SET state = 'CREATING' WHERE name = 'L2'", []).unwrap();
    let engine = site.open();
    for name in ["L1", "L2"] {
        assert!(matches!(engine.describe_ledger(&ledger(name)), Err(ServiceError::ResourceNotFound { .. })));
    }
    assert_eq!(site.segments(), [] as [std::path::PathBuf; 0]);
}

#[test]
fn ledgers_in_other_states_than_active_take_no_exports() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let mut answers = Vec::new();
    for state in ["CREATING", "DELETING"] {
        site.catalog().execute("UPDATE ledgers SET state = ?1", [state]).unwrap();
        answers.push(engine.start_export(site.request("L1", 1)).unwrap_err());
    }
    assert!(matches!(answers[0], ServiceError::ResourcePreconditionNotMet { .. }));
    assert!(matches!(answers[1], ServiceError::ResourceNotFound { .. }));
}

#[test]
fn fifty_tags_are_the_limit_and_untagging_makes_room() {
    let site = Site::new();
    let engine = site.open();
    let name = ledger("L1");
    engine.create_ledger(new_ledger("L1")).unwrap();
    let fifty: BTreeMap<_, _> = (0..50).map(|number| (format!("k{number}"), "v".to_owned())).collect();
    engine.tag(&name, &fifty).unwrap();
    let more = BTreeMap::from([("another".to_owned(), String::new())]);
    assert!(matches!(engine.tag(&name, &more), Err(ServiceError::InvalidParameter { .. })));
    assert_eq!(engine.tags(&name).unwrap(), fifty);
    engine.untag(&name, &["k0".to_owned(), "never".to_owned()]).unwrap();
    engine.tag(&name, &more).unwrap();
    for (key, value) in [("", "v".to_owned()), ("k", "v".repeat(257))] {
        let tags = BTreeMap::from([(key.to_owned(), value)]);
        assert!(matches!(engine.tag(&name, &tags), Err(ServiceError::InvalidParameter { .. })));
    }
}

#[test]
fn pages_of_ledgers_cover_the_list_once() {
    let site = Site::new();
    let engine = site.open();
    for name in ["c", "a", "e", "b", "d"] {
        engine.create_ledger(new_ledger(name)).unwrap();
    }
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let found = engine.list_ledgers(&page(Some(2), token)).unwrap();
        names.extend(found.items.into_iter().map(|ledger| ledger.name.to_string()));
        token = found.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    for wrong in [page(Some(0), None), page(Some(101), None), page(None, Some("nonsense".to_owned()))] {
        assert!(matches!(engine.list_ledgers(&wrong), Err(ServiceError::InvalidParameter { .. })));
    }
}

#[test]
fn an_unknown_ledger_has_the_service_s_own_message_everywhere() {
    let site = Site::new();
    let engine = site.open();
    let name = ledger("nobody");
    let append = engine.append(&name, "T", "{a:1}".as_bytes(), AppendOptions::default());
    let answers = [
        engine.describe_ledger(&name).unwrap_err().to_string(),
        engine.start_export(site.request("nobody", 1)).unwrap_err().to_string(),
        engine.list_exports(Some(&name), &page(None, None)).unwrap_err().to_string(),
        engine.describe_export(&name, &id("8UyXulxccYLAsbN1aon7e4")).unwrap_err().to_string(),
        engine.journal_facts(&name).unwrap_err().to_string(),
        append.unwrap_err().to_string(),
    ];
    for answer in answers {
        assert_eq!(answer, "The Ledger with name nobody is not found");
    }
}
