//! Archives become ledgers again, with the digests and proofs that others computed.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use qldb_endpoint::engine::{Engine, ImportError, Imported, Stage};
use qldb_journal::Hash;
use qldb_journal::archive::source::{Folder, Found, Source, SourceError};
use qldb_journal::archive::verify::{
    Keeper, Levels, Report, Request, SavedAnswer, SavedDigest, Status, VerifyError, check_saved, verify,
    verify_and_keep,
};
use qldb_journal::internal::BlockAddress;
use qldb_journal::request::{ExportRequest, OutputFormat, Prefix, TimeRange, UniqueId};

use crate::engine_support::{Site, completed, files, ledger, sample, time, with_format};
use crate::journal_archives::archives;

fn sources(paths: &[PathBuf]) -> Vec<Box<dyn Source>> {
    paths.iter().map(|path| Box::new(Folder::new(path)) as Box<dyn Source>).collect()
}

fn verified(sources: &[Box<dyn Source>]) -> Report {
    kept(sources, None, true, &AtomicBool::new(false)).unwrap()
}

/// Verifies, with a keeper of what is read.
fn kept(
    sources: &[Box<dyn Source>],
    keeper: Option<&dyn Keeper>,
    digest_bytes: bool,
    stop: &AtomicBool,
) -> Result<Report, VerifyError> {
    let accepted = qldb_journal::archive::verify::Accepted::ALL;
    let request = Request::new(sources).sha256_of_objects(digest_bytes).accepting(accepted).stop(stop);
    verify_and_keep(&request, keeper)
}

/// Copies, and verifies the copies, like the command.
fn staged(stage: &Stage, sources: &[Box<dyn Source>], in_place: bool) -> Report {
    kept(sources, Some(stage), in_place, &AtomicBool::new(false)).unwrap()
}

fn import(engine: &Engine, name: &str, paths: &[PathBuf], in_place: bool) -> Result<Imported, ImportError> {
    let sources = sources(paths);
    let stage = engine.stage(&ledger(name), in_place).unwrap();
    let report = staged(&stage, &sources, in_place);
    engine.import_staged(&ledger(name), &report, &sources, &stage, &AtomicBool::new(false))
}

/// Verifies first, and then reads again what is imported.
fn import_later(engine: &Engine, name: &str, paths: &[PathBuf], in_place: bool) -> Result<Imported, ImportError> {
    let sources = sources(paths);
    engine.import(&ledger(name), &verified(&sources), &sources, in_place)
}

/// A request for everything up to the site's now.
fn everything(site: &Site, name: &str, format: OutputFormat) -> ExportRequest {
    let range = TimeRange::new(time("2000-01-01T00:00:00Z"), site.now(), site.now()).unwrap();
    ExportRequest { range, format: Some(format), ..site.request(name, 1) }
}

fn bucket(site: &Site) -> PathBuf {
    site.data_dir().join("buckets/exports")
}

/// A sample exported on one site: its bucket, and the site.
fn exported(transactions: u64, format: OutputFormat) -> Site {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "origin", transactions);
    completed(&engine, &with_format(&site.request("origin", 31), format));
    site
}

type Import = fn(&Engine, &str, &[PathBuf], bool) -> Result<Imported, ImportError>;

#[test]
fn an_imported_ledger_has_the_digest_of_the_one_that_was_exported() {
    for format in [OutputFormat::IonText, OutputFormat::IonBinary] {
        for (in_place, import) in
            [(false, import as Import), (true, import), (false, import_later), (true, import_later)]
        {
            let origin = exported(120, format);
            let site = Site::new();
            let engine = site.open();
            let imported = import(&engine, "again", &[bucket(&origin)], in_place).unwrap();
            assert_eq!((imported.created, imported.blocks), (true, 120));
            let expected = origin.open().digest(&ledger("origin")).unwrap();
            assert_eq!(engine.digest(&ledger("again")).unwrap(), expected);
            assert_eq!(engine.journal_facts(&ledger("again")).unwrap().tables.len(), 4);
            let again = import(&engine, "again", &[bucket(&origin)], in_place).unwrap();
            assert_eq!((again.created, again.blocks, again.segments), (false, 0, 0));
            assert_eq!(site.segments().is_empty(), in_place);
            let export = completed(&engine, &everything(&site, "again", format));
            assert_eq!(export.progress.blocks, 120);
            assert_eq!(verified(&sources(&[bucket(&site)])).verdict, Status::Proved);
        }
    }
}

#[test]
fn a_json_archive_and_a_damaged_one_are_refused_and_leave_nothing() {
    let site = Site::new();
    let engine = site.open();
    let json = exported(20, OutputFormat::Json);
    assert!(matches!(import(&engine, "again", &[bucket(&json)], false), Err(ImportError::Json)));
    let damaged = exported(20, OutputFormat::IonText);
    let object = files(&bucket(&damaged)).into_iter().find(|path| path.extension().unwrap() == "ion").unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    std::fs::write(&object, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    let refused = import(&engine, "again", &[bucket(&damaged)], false);
    assert!(matches!(refused, Err(ImportError::NotProved(Status::Damaged))), "{refused:?}");
    assert!(engine.is_empty().unwrap());
    assert!(site.segments().is_empty());
}

#[test]
fn an_object_that_changes_after_it_was_verified_is_refused() {
    let origin = exported(20, OutputFormat::IonText);
    let sources = sources(&[bucket(&origin)]);
    let report = verified(&sources);
    let object = files(&bucket(&origin)).into_iter().find(|path| path.extension().unwrap() == "ion").unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    std::fs::write(&object, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    let site = Site::new();
    let refused = site.open().import(&ledger("again"), &report, &sources, false);
    assert!(matches!(refused, Err(ImportError::Changed(_))), "{refused:?}");
    assert!(site.segments().is_empty());
}

/// Everything of a site's ledger, below a prefix.
fn below(site: &Site, prefix: &str) -> ExportRequest {
    ExportRequest { prefix: Prefix::parse(prefix).unwrap(), ..everything(site, "origin", OutputFormat::IonText) }
}

/// A sample with an export below `begun/` of the first half, and one below `whole/` of everything.
fn begun_and_whole(site: &Site) -> Arc<Engine> {
    let engine = site.open();
    sample(&engine, "origin", 60);
    let middle = site.now() - chrono::TimeDelta::days(15);
    let range = TimeRange::new(time("2000-01-01T00:00:00Z"), middle, site.now()).unwrap();
    completed(&engine, &ExportRequest { range, ..below(site, "begun/") });
    completed(&engine, &below(site, "whole/"));
    engine
}

#[test]
fn an_object_of_which_a_part_is_lacking_and_that_changes_after_it_was_verified_is_refused() {
    let origin = Site::new();
    begun_and_whole(&origin);
    let site = Site::new();
    let target = site.open();
    let begun = import(&target, "again", &[bucket(&origin).join("begun")], false).unwrap();
    assert!(begun.blocks > 0 && begun.blocks < 60);
    let whole = bucket(&origin).join("whole");
    let sources = sources(std::slice::from_ref(&whole));
    let report = verified(&sources);
    let object = files(&whole).into_iter().find(|path| path.extension().unwrap() == "ion").unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    // Of the last block, in no part that its neighbours and its own hash state.
    let place = text.rfind("INSERT").unwrap();
    std::fs::write(&object, format!("{}UPSERT{}", &text[..place], &text[place + 6..])).unwrap();
    let refused = target.import(&ledger("again"), &report, &sources, false);
    assert!(matches!(refused, Err(ImportError::Changed(_))), "{refused:?}");
    std::fs::write(&object, text).unwrap();
    let imported = target.import(&ledger("again"), &report, &sources, false).unwrap();
    assert_eq!(imported.blocks, 60 - begun.blocks);
}

#[test]
fn what_does_not_continue_the_journal_is_refused() {
    let [one, other] = [exported(20, OutputFormat::IonText), Site::new()];
    let engine = other.open();
    sample(&engine, "other", 20);
    completed(&engine, &other.request("other", 31));
    let site = Site::new();
    let target = site.open();
    import(&target, "again", &[bucket(&one)], false).unwrap();
    let refused = import(&target, "again", &[bucket(&other)], false);
    assert!(matches!(refused, Err(ImportError::OtherStrand { .. })), "{refused:?}");
    let known = import(&target, "under-another-name", &[bucket(&one)], false);
    assert!(matches!(known, Err(ImportError::Known(_))), "{known:?}");
    let both = import(&target, "both", &[bucket(&one), bucket(&other)], false);
    assert!(matches!(both, Err(ImportError::Several(_))), "{both:?}");
    assert_eq!(import(&target, "other", &[bucket(&other)], false).unwrap().blocks, 20);
}

#[test]
fn proofs_lead_to_the_digest_and_are_accepted_by_the_offline_check() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "l", 70);
    let digest = engine.digest(&ledger("l")).unwrap();
    let tip = address(&digest.strand_id, digest.tip);
    let saved = SavedDigest { digest: digest.digest, tip: digest.tip, strand_id: Some(digest.strand_id.to_string()) };
    let mut revisions = 0;
    for number in 0..70 {
        let place = address(&digest.strand_id, number);
        let block = engine.block(&ledger("l"), &place, Some(&tip)).unwrap();
        let json = answer("Block", &block.text, &block.proof.unwrap());
        let report = check_saved(SavedAnswer::Block, "block", &json, &saved).unwrap();
        assert_eq!((report.sequence_no, report.breaks), (Some(number), vec![]));
        for id in documents(&block.text) {
            let revision = engine.revision(&ledger("l"), &place, &id, Some(&tip)).unwrap();
            let json = answer("Revision", &revision.text, &revision.proof.unwrap());
            let report = check_saved(SavedAnswer::Revision, "revision", &json, &saved).unwrap();
            assert_eq!((report.sequence_no, report.breaks), (Some(number), vec![]), "{}", revision.text);
            revisions += 1;
        }
    }
    assert!(revisions > 40, "{revisions}");
}

fn address(strand: &UniqueId, number: u64) -> BlockAddress {
    BlockAddress { strand_id: strand.to_string(), sequence_no: number }
}

/// The ids in the metadata of a block's revisions.
fn documents(text: &str) -> Vec<UniqueId> {
    text.split("metadata:{id:\"").skip(1).map(|rest| UniqueId::parse(&rest[..22]).unwrap()).collect()
}

fn answer(member: &str, text: &str, proof: &[Hash]) -> String {
    let proof: Vec<String> = proof.iter().map(|hash| format!("{{{{{}}}}}", hash.to_base64())).collect();
    let proof = format!("[{}]", proof.join(","));
    serde_json::json!({ member: { "IonText": text }, "Proof": { "IonText": proof } }).to_string()
}

#[test]
fn independent_archives_become_ledgers_with_the_digests_and_blocks_that_they_had() {
    let archives = archives();
    for (name, format) in
        [("small", "ION_TEXT"), ("small", "ION_BINARY"), ("daily", "ION_TEXT"), ("daily", "ION_BINARY")]
    {
        let folder = archives.join(name);
        let truth = truth(&folder);
        let site = Site::new();
        let engine = site.open();
        let imported = import(&engine, name, &[folder.join(format)], name == "daily").unwrap();
        assert_eq!(Some(imported.blocks), truth["blocks"].as_u64());
        let created = engine.describe_ledger(&ledger(name)).unwrap().created;
        assert_eq!(created, time(truth["firstBlockTimestamp"].as_str().unwrap()));
        let digest = engine.digest(&ledger(name)).unwrap();
        let known = truth["digests"].as_array().unwrap();
        if let Some(known) = known.iter().find(|known| known["tip"].as_u64() == Some(digest.tip)) {
            assert_eq!(Some(digest.digest.to_base64().as_str()), known["digest"].as_str());
        }
        for format in OutputFormat::ALL {
            // A prefix for each: text and binary exports of one journal have the same keys.
            let prefix = Prefix::parse(&format!("{format:?}/")).unwrap();
            completed(&engine, &ExportRequest { prefix, ..everything(&site, name, format) });
        }
        let provable = Levels::of(&[
            qldb_journal::archive::verify::Level::Objects,
            qldb_journal::archive::verify::Level::Blocks,
            qldb_journal::archive::verify::Level::Chain,
        ]);
        let sources = sources(&[bucket(&site)]);
        let request = Request::new(&sources).levels(provable);
        let report = verify(&request).unwrap();
        assert_eq!(report.verdict, Status::Proved, "{:#?}", report.breaks);
    }
}

#[test]
fn a_ledger_grows_day_by_day_and_only_in_order() {
    let archives = archives();
    let folder = archives.join("daily/ION_TEXT/backup/daily");
    let truth = truth(&archives.join("daily"));
    let days = split_by_export(&folder);
    let site = Site::new();
    let engine = site.open();
    let day = |index: usize| vec![days[index].path().to_owned()];
    assert_eq!(import(&engine, "daily", &day(0), false).unwrap().blocks, 30);
    let gap = import(&engine, "daily", &day(2), false);
    assert!(matches!(gap, Err(ImportError::Gap { first: 60, last: 29 })), "{gap:?}");
    assert_eq!(import(&engine, "daily", &day(1), false).unwrap().blocks, 30);
    assert_eq!(import(&engine, "daily", &day(2), false).unwrap().blocks, 30);
    assert_eq!(import(&engine, "daily", &day(1), false).unwrap().blocks, 0);
    let digest = engine.digest(&ledger("daily")).unwrap();
    let known = truth["digests"].as_array().unwrap().iter().find(|known| known["tip"] == 89);
    assert_eq!(known.map(|known| known["digest"].as_str().unwrap().to_owned()), Some(digest.digest.to_base64()));
    let later = Site::new();
    let engine = later.open();
    assert!(import(&engine, "daily", &day(1), false).unwrap().created);
    let before = import(&engine, "daily", &day(0), false);
    assert!(matches!(before, Err(ImportError::Before { first: 0, ledger_first: 30 })), "{before:?}");
}

fn truth(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap()
}

/// Copies each of several exports under one prefix into its own folder, in the order of their blocks.
fn split_by_export(folder: &Path) -> Vec<tempfile::TempDir> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let all = files(folder);
    let mut days: Vec<(u64, tempfile::TempDir)> = Vec::new();
    for completed in all.iter().filter(|path| name(path).ends_with(".completed.manifest")) {
        let day = tempfile::tempdir().unwrap();
        let id = name(completed)[..22].to_owned();
        let keys = std::fs::read_to_string(completed).unwrap();
        let mut first = u64::MAX;
        for path in &all {
            let below = path.strip_prefix(folder).unwrap();
            if name(path).starts_with(&id) || keys.contains(below.to_str().unwrap()) {
                let target = day.path().join(below);
                std::fs::create_dir_all(target.parent().unwrap()).unwrap();
                std::fs::copy(path, target).unwrap();
                if let Some(range) =
                    name(path).strip_suffix(".ion").and_then(|stem| stem.split('.').nth(1).map(str::to_owned))
                {
                    first = first.min(range.split('-').next().unwrap().parse().unwrap());
                }
            }
        }
        days.push((first, day));
    }
    days.sort_by_key(|(first, _)| *first);
    days.into_iter().map(|(_, day)| day).collect()
}

#[test]
fn objects_that_several_exports_list_are_checked_once() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "twice", 60);
    for _ in 0..3 {
        completed(&engine, &site.request("twice", 31));
    }
    let report = verified(&sources(&[bucket(&site)]));
    assert_eq!((report.verdict, report.exports.len(), report.blocks), (Status::Proved, 3, 60), "{:#?}", report.breaks);
    assert!(report.examined().all(|one| one.exports.len() == 3) && !report.is_doubled());
}

#[test]
fn a_field_whose_name_is_altered_leaves_the_contents_unproved() {
    let origin = exported(20, OutputFormat::IonText);
    let object = files(&bucket(&origin)).into_iter().find(|path| path.extension().unwrap() == "ion").unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    for (field, altered) in [("transactionInfo", "transactionInfn"), ("metadata:{", "metadatb:{")] {
        std::fs::write(&object, text.replacen(field, altered, 1)).unwrap();
        let report = verified(&sources(&[bucket(&origin)]));
        assert_ne!(report.verdict, Status::Proved, "{field}");
        assert_eq!(report.counts.unknown_fields, 1);
    }
}

/// A folder whose objects can be read once. The second time, when they are copied, the import is stopped.
struct Stopping {
    folder: Folder,
    opened: Mutex<HashSet<String>>,
    stop: Arc<AtomicBool>,
    /// After this many bytes.
    after: usize,
}

/// Sets the flag when this many bytes were read.
struct StoppingReader {
    input: Box<dyn Read + Send>,
    stop: Arc<AtomicBool>,
    left: usize,
}

impl Read for StoppingReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(self.left.max(1));
        let count = self.input.read(&mut buffer[..length])?;
        self.left = self.left.saturating_sub(count);
        self.stop.store(self.left == 0, Ordering::SeqCst);
        Ok(count)
    }
}

impl Source for Stopping {
    fn name(&self) -> String {
        self.folder.name()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        self.folder.list()
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let input = self.folder.open(key)?;
        if self.opened.lock().unwrap().insert(key.to_owned()) {
            return Ok(input);
        }
        Ok(Box::new(StoppingReader { input, stop: Arc::clone(&self.stop), left: self.after }))
    }

    /// `None`, so that every byte comes through the reader.
    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }
}

#[test]
fn an_import_that_is_stopped_while_it_copies_leaves_nothing_and_can_be_made_again() {
    let origin = exported(200, OutputFormat::IonText);
    let length = origin.objects().iter().find(|(key, _)| key.contains(".ion")).unwrap().1.len();
    for after in [1, length / 2, length] {
        let site = Site::new();
        let engine = site.open();
        let stop = Arc::new(AtomicBool::new(false));
        let folder = Folder::new(bucket(&origin));
        let source = Stopping { folder, opened: Mutex::default(), stop: Arc::clone(&stop), after };
        let sources: Vec<Box<dyn Source>> = vec![Box::new(source)];
        let error = engine.import_until(&ledger("L1"), &verified(&sources), &sources, false, &stop).unwrap_err();
        assert!(matches!(error, ImportError::Interrupted), "{after}: {error}");
        assert!(engine.describe_ledger(&ledger("L1")).is_err(), "{after}");
        assert_eq!(files(&site.data_dir().join("journals")), [] as [PathBuf; 0], "{after}");
        import(&engine, "L1", &[bucket(&origin)], false).unwrap();
    }
}

/// A folder that counts how often each of its objects is opened.
struct Counting {
    folder: Folder,
    opened: Arc<Mutex<Vec<String>>>,
}

impl Source for Counting {
    fn name(&self) -> String {
        self.folder.name()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        self.folder.list()
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        self.opened.lock().unwrap().push(key.to_owned());
        self.folder.open(key)
    }

    /// `None`, so that every byte comes through the reader.
    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }
}

/// Everything under the journals of a site, complete or not.
fn journals(site: &Site) -> Vec<PathBuf> {
    files(&site.data_dir().join("journals"))
}

#[test]
fn an_import_reads_each_object_once() {
    for format in [OutputFormat::IonText, OutputFormat::IonBinary] {
        let origin = exported(200, format);
        let site = Site::new();
        let engine = site.open();
        let opened = Arc::default();
        let source = Counting { folder: Folder::new(bucket(&origin)), opened: Arc::clone(&opened) };
        let sources: Vec<Box<dyn Source>> = vec![Box::new(source)];
        let stage = engine.stage(&ledger("again"), false).unwrap();
        let report = staged(&stage, &sources, false);
        engine.import_staged(&ledger("again"), &report, &sources, &stage, &AtomicBool::new(false)).unwrap();
        let opened = opened.lock().unwrap();
        let each: HashSet<&String> = opened.iter().collect();
        assert_eq!(opened.len(), each.len(), "{opened:?}");
        drop(stage);
        let objects = files(&bucket(&origin)).into_iter().filter(|path| path.extension().unwrap() == "ion");
        let mut objects: Vec<Vec<u8>> = objects.map(|path| std::fs::read(path).unwrap()).collect();
        let mut segments: Vec<Vec<u8>> = site.segments().into_iter().map(|path| std::fs::read(path).unwrap()).collect();
        objects.sort();
        segments.sort();
        assert!(!segments.is_empty() && segments == objects);
    }
}

#[test]
fn what_was_verified_is_imported_whatever_becomes_of_the_objects() {
    let origin = exported(60, OutputFormat::IonText);
    let site = Site::new();
    let engine = site.open();
    let sources = sources(&[bucket(&origin)]);
    let stage = engine.stage(&ledger("again"), false).unwrap();
    let report = staged(&stage, &sources, false);
    let expected = origin.open().digest(&ledger("origin")).unwrap();
    for object in files(&bucket(&origin)) {
        std::fs::write(object, "something else").unwrap();
    }
    engine.import_staged(&ledger("again"), &report, &sources, &stage, &AtomicBool::new(false)).unwrap();
    assert_eq!(engine.digest(&ledger("again")).unwrap(), expected);
    completed(&engine, &everything(&site, "again", OutputFormat::IonText));
    assert_eq!(verified(&self::sources(&[bucket(&site)])).verdict, Status::Proved);
}

#[test]
fn an_object_in_place_that_changes_after_it_was_verified_is_refused() {
    let origin = exported(20, OutputFormat::IonText);
    let site = Site::new();
    let engine = site.open();
    let sources = sources(&[bucket(&origin)]);
    let stage = engine.stage(&ledger("again"), true).unwrap();
    let report = staged(&stage, &sources, true);
    let object = files(&bucket(&origin)).into_iter().find(|path| path.extension().unwrap() == "ion").unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    std::fs::write(&object, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    let refused = engine.import_staged(&ledger("again"), &report, &sources, &stage, &AtomicBool::new(false));
    assert!(matches!(refused, Err(ImportError::Changed(_))), "{refused:?}");
    drop(stage);
    assert_eq!(journals(&site), [] as [PathBuf; 0]);
}

#[test]
fn each_block_of_overlapping_exports_is_imported_once() {
    let origin = Site::new();
    let engine = begun_and_whole(&origin);
    completed(&engine, &below(&origin, "copy/"));
    for import in [import as Import, import_later] {
        let site = Site::new();
        let target = site.open();
        assert_eq!(import(&target, "again", &[bucket(&origin)], false).unwrap().blocks, 60);
        assert_eq!(target.digest(&ledger("again")).unwrap(), engine.digest(&ledger("origin")).unwrap());
        assert_eq!(journals(&site).len(), site.segments().len() + 1, "{:?}", journals(&site));
    }
}

#[test]
fn nothing_stays_of_what_was_copied_of_an_archive_that_is_not_proved() {
    let origin = exported(200, OutputFormat::IonText);
    let objects = files(&bucket(&origin)).into_iter().filter(|path| path.extension().unwrap() == "ion");
    let last = objects.max().unwrap();
    let text = std::fs::read_to_string(&last).unwrap();
    std::fs::write(&last, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    let site = Site::new();
    let engine = site.open();
    let refused = import(&engine, "again", &[bucket(&origin)], false);
    assert!(matches!(refused, Err(ImportError::NotProved(Status::Damaged))), "{refused:?}");
    assert_eq!(journals(&site), [] as [PathBuf; 0]);
    assert!(engine.is_empty().unwrap());
}

#[test]
fn an_import_that_is_stopped_while_it_verifies_and_copies_leaves_nothing() {
    let origin = exported(200, OutputFormat::IonText);
    let site = Site::new();
    let engine = site.open();
    let stop = Arc::new(AtomicBool::new(false));
    let objects: Vec<String> = origin.objects().into_keys().filter(|key| !key.ends_with("manifest")).collect();
    let folder = Folder::new(bucket(&origin));
    let source =
        Stopping { folder, opened: Mutex::new(objects.into_iter().collect()), stop: Arc::clone(&stop), after: 1 };
    let sources: Vec<Box<dyn Source>> = vec![Box::new(source)];
    let stage = engine.stage(&ledger("L1"), false).unwrap();
    let report = kept(&sources, Some(&stage), false, &stop);
    if let Ok(report) = report {
        let error = engine.import_staged(&ledger("L1"), &report, &sources, &stage, &stop).unwrap_err();
        assert!(matches!(error, ImportError::Interrupted), "{error}");
    }
    drop(stage);
    assert_eq!(journals(&site), [] as [PathBuf; 0]);
}

#[test]
fn what_an_import_copied_that_was_cut_off_is_removed_at_the_next_open_and_nothing_else() {
    let site = Site::new();
    drop(site.open());
    let unfinished = site.data_dir().join("journals/.qldb-export-unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("4711-3"), "cut off").unwrap();
    std::fs::write(unfinished.join("somebody's"), "own").unwrap();
    drop(site.open());
    assert_eq!(journals(&site), [unfinished.join("somebody's")]);
}

#[test]
fn an_import_that_cannot_copy_fails_and_leaves_nothing() {
    let origin = exported(20, OutputFormat::IonText);
    let site = Site::new();
    let engine = site.open();
    // In place of the folder for incomplete files.
    std::fs::write(site.data_dir().join("journals/.qldb-export-unfinished"), "").unwrap();
    let sources = sources(&[bucket(&origin)]);
    let stage = engine.stage(&ledger("again"), false).unwrap();
    let error = kept(&sources, Some(&stage), false, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, VerifyError::Keep { .. }), "{error}");
    assert!(engine.is_empty().unwrap());
}
