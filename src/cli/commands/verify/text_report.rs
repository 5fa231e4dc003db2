//! The report for people.

use super::anchored;
use super::given::GivenDigest;
use super::locks::Stores;
use crate::cli::output::breaks;
use crate::cli::output::outline;
use crate::cli::output::screen::Screen;
use crate::cli::output::table::{Cell, Hue, Table};
use crate::cli::output::text;
use qldb_journal::Hash;
use qldb_journal::archive::find::Note;
use qldb_journal::archive::strangers::{Stranger, Strangers};
use qldb_journal::archive::verify::{Believed, JournalSpan, Level, LevelReport, NOT_COVERED, Report, Status};
use qldb_journal::internal::Counts;
use qldb_journal::request::time;

/// The whole report: the verdict, what it rests on, and at the end, where it stays visible on a terminal, the levels
/// and the verdict.
pub(super) fn of(
    report: &Report,
    (given, stores): (Option<&GivenDigest>, &Stores),
    verbose: bool,
    screen: Screen,
) -> String {
    let mut parts = vec![text::fields(&summary(report, (given, stores), verbose), screen)];
    if !report.breaks.is_empty() {
        let lines: Vec<String> = report.breaks.iter().map(|one| item(&breaks::line(one), screen)).collect();
        let more = match report.breaks.omitted() {
            0 => String::new(),
            omitted => format!("\n  and {omitted} more, which are counted but not listed"),
        };
        parts.push(format!("{}:\n{}{more}", text::count(report.breaks.count(), "break"), lines.join("\n")));
    }
    parts.extend(notes(report, screen));
    parts.extend(passed_over(report, screen).filter(|_| verbose));
    parts.extend(blocks_over_time(report, screen));
    parts.extend(tables(report, screen));
    parts.push(not_covered(&NOT_COVERED, verbose, screen));
    parts.push(levels(report, screen));
    parts.push(verdict(report.verdict, screen));
    parts.join("\n\n")
}

/// The files that replaced reading some objects; the first ones if there are many.
fn joined(believed: &[Believed]) -> String {
    const MOST: usize = 10;
    let named = believed.iter().take(MOST).map(|Believed { file, part, objects, .. }| {
        let part = part.map(|part| format!("part {part}, ")).unwrap_or_default();
        format!("{file} ({part}{})", text::count(*objects, "object"))
    });
    let more = believed.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("and {more} more, which --output json lists"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

/// What was read, in short.
pub(super) fn summary(
    report: &Report,
    (given, stores): (Option<&GivenDigest>, &Stores),
    verbose: bool,
) -> Vec<(&'static str, String)> {
    let (objects, bytes) = report.objects();
    let exports = text::count(report.exports.len() as u64, "export");
    let mut fields = vec![("Verdict", report.verdict.as_str().to_owned())];
    let ledgers: Vec<&str> = report.ledgers().into_iter().collect();
    if !ledgers.is_empty() {
        fields.push(("Ledger", text::one_line(&ledgers.join(", ")).into_owned()));
    }
    fields.push(("Archive", format!("{exports}, {}, {}", text::count(objects, "object"), text::size(bytes))));
    fields.extend(stores.summary(report).map(|locks| ("Object Lock", locks)));
    if !report.believed.is_empty() {
        let files = text::count(report.believed.len() as u64, "file");
        let objects: u64 = report.believed.iter().map(|file| file.objects).sum();
        let named = joined(&report.believed);
        fields.push(("Joined", format!("{files}, trusted for {}: {named}", text::count(objects, "object"))));
    }
    if report.strangers.count > 0 {
        let count = text::count(report.strangers.count, "file");
        let hint = if verbose { "" } else { ", which --verbose lists" };
        fields.push(("Passed over", format!("{count} that can't be part of an export{hint}")));
    }
    for journal in &report.journals {
        fields.extend(of_journal(journal));
    }
    fields.extend(given.map(|given| ("Given", given.described())));
    fields.extend(report.anchor.as_ref().map(|saved| ("Anchor", anchored::described(saved))));
    if report.is_doubled() {
        let read = text::count(report.blocks, "block");
        fields.push((
            "Read",
            format!("{read}: a block that occurs more than once is counted each time, with all its contents"),
        ));
    }
    if report.asked.reads_content() {
        fields.push(("Revisions", revisions(report.counts)));
        fields.push(("Contents", format!("{} with transactionInfo", text::count(report.counts.transactions, "block"))));
        fields.push(("Entries", entries(&report.counts)));
    }
    fields
}

fn of_journal(journal: &JournalSpan) -> Vec<(&'static str, String)> {
    let JournalSpan { first, last, blocks, .. } = journal;
    let [from, to] = [journal.first_time, journal.last_time].map(time::display);
    let mut fields = vec![
        ("Strand", text::one_line(&journal.strand_id).into_owned()),
        ("Blocks", format!("{blocks}, from {first} to {last}, committed {from} to {to}")),
        ("Tip hash", journal.tip_hash.to_base64()),
    ];
    match journal.digest.map(Hash::to_base64) {
        Some(digest) => {
            fields.push(("Digest", format!("{digest}, over blocks 0 to {last}")));
            fields.extend(
                journal.log_root.map(|root| ("Log root", format!("{}, over the same blocks", root.to_base64()))),
            );
        }
        None if *first > 0 => {
            let before = first - 1;
            fields
                .push(("Joins", format!("block {before}, which is not in the archive; so no digest can be computed")));
        }
        None => {}
    }
    fields
}

/// How many revisions there are, and what is proved about them.
pub(super) fn revisions(counts: Counts) -> String {
    let mut parts = vec![format!("{}: {} proved", counts.revisions, counts.proved)];
    let others = [
        (counts.hash_only, "present as a hash only (the service's own)"),
        (counts.cut, "without data that no covered statement deletes"),
        (counts.hidden, "of these hashes beside fewer revisions of a document than statements that changed it"),
        (counts.undocumented, "in blocks without transactionInfo"),
        (counts.typeless, "in JSON, which has lost their types"),
    ];
    if counts.redacted + counts.redactions > 0 {
        parts.push(format!(
            "{} with the hash of their data in its place, {} named as redacted by redactionInfo",
            counts.redacted, counts.redactions
        ));
    }
    parts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    if counts.deleted > 0 {
        parts.push(deletions(&counts));
    }
    parts.join(", ")
}

/// How the hash of a deletion is made is not known; the report says which formula fits, which proves nothing.
fn deletions(counts: &Counts) -> String {
    let fits = [
        (counts.deleted_metadata_alone, "have the Ion hash of their metadata alone"),
        (counts.deleted_with_null, "join it with the Ion hash of null"),
        (
            counts.deleted.saturating_sub(counts.deleted_metadata_alone + counts.deleted_with_null),
            "have a hash of another form",
        ),
    ];
    let fits = fits.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let fits: Vec<String> = fits.collect();
    format!("{} delete a document, whose metadata is not proved ({})", counts.deleted, fits.join(", "))
}

/// The entries of hash lists that nothing accounts for.
pub(super) fn entries(counts: &Counts) -> String {
    let own = counts.unaccounted - counts.unaccounted_contents;
    let more = match counts.unaccounted_contents {
        0 => String::new(),
        more => format!(", {more} more, for contents that are missing"),
    };
    format!("{own} that nothing in their blocks accounts for (the service's own){more}")
}

fn levels(report: &Report, screen: Screen) -> String {
    let rows = report.levels.iter().map(|level| {
        let status = level.status.map_or("not asked for", Status::as_str);
        let reason = level.reason.clone().or_else(|| scope(report, level)).unwrap_or_default();
        [Cell::new(level.level.as_str()), Cell::new(status).hued(level.status.map(hue)), Cell::new(&reason)]
    });
    Table::new(["LEVEL", "RESULT", "WHY"]).wraps_last().rows(rows).shown(screen)
}

/// What a proved digest or anchor leaves open: the blocks beyond its tip.
pub(super) fn scope(report: &Report, level: &LevelReport) -> Option<String> {
    if level.level != Level::Digest || level.status != Some(Status::Proved) {
        return None;
    }
    let scopes = [("digest", report.digest_scope()), ("anchor", report.anchor_scope())];
    let beyond = scopes.into_iter().filter_map(|(what, scope)| Some((what, scope.filter(|scope| scope.beyond > 0)?)));
    let beyond = beyond.map(|(what, scope)| {
        let beyond = text::count(scope.beyond, "block");
        let are = if scope.beyond == 1 { "is" } else { "are" };
        format!("up to block {}: {beyond} {are} beyond the {what}", scope.tip)
    });
    let beyond: Vec<String> = beyond.collect();
    (!beyond.is_empty()).then(|| beyond.join("; "))
}

fn hue(status: Status) -> Hue {
    match status {
        Status::Proved => Hue::Good,
        Status::Unproved => Hue::Open,
        Status::Incomplete | Status::Damaged => Hue::Bad,
    }
}

/// Observations that do not count against the archive but should be known.
fn notes(report: &Report, screen: Screen) -> Option<String> {
    let lines: Vec<String> = report.notes.iter().map(|one| item(&note(one), screen)).collect();
    (!lines.is_empty()).then(|| format!("{}:\n{}", text::count(lines.len() as u64, "note"), lines.join("\n")))
}

/// One note in one line.
pub(super) fn note(note: &Note) -> String {
    let key = Some(note.key.as_str()).filter(|key| !key.is_empty());
    text::one_line(&key.into_iter().chain([note.what.as_str()]).collect::<Vec<_>>().join(": ")).into_owned()
}

/// The files that were skipped, with what they are.
fn passed_over(report: &Report, screen: Screen) -> Option<String> {
    let Strangers { count, listed } = &report.strangers;
    let line = |one: &Stranger| item(&text::one_line(&format!("{}: {}", one.key, one.what)), screen);
    let mut lines: Vec<String> = listed.iter().map(line).collect();
    let more = count.saturating_sub(listed.len() as u64);
    lines.extend((more > 0).then(|| item(&format!("and {more} more"), screen)));
    (*count > 0).then(|| format!("Passed over:\n{}", lines.join("\n")))
}

/// When the first and the last block were committed, if there are any.
pub(super) fn ends(report: &Report) -> Option<outline::Ends> {
    let first = report.journals.iter().map(|journal| journal.first_time).min()?;
    Some((first, report.journals.iter().map(|journal| journal.last_time).max()?))
}

/// When the blocks were committed, as they state. No hash covers this, so it is never proved.
fn blocks_over_time(report: &Report, screen: Screen) -> Option<String> {
    let bars = outline::bars(&report.outline.timeline, ends(report)?, screen)?;
    let caption = format!("Blocks over time, {}, as their timestamps state it:", bars.most);
    Some(format!("{}\n{}", wrapped(&caption, screen), bars.lines))
}

/// What the blocks state, which is more than their hashes prove: for a revision that deletes or is only a hash, they
/// prove little.
fn tables(report: &Report, screen: Screen) -> Option<String> {
    if report.outline.tables.is_empty() {
        return None;
    }
    let whole = report.is_whole();
    let what = if whole { "Documents and revisions by table" } else { "Revisions by table, of these blocks alone" };
    let caption = wrapped(&format!("{what}, as the blocks state it:"), screen);
    Some(format!("{caption}\n{}", outline::tables(&report.outline, whole, screen)))
}

fn wrapped(text: &str, screen: Screen) -> String {
    text::wrapped(text, 0, screen.width.unwrap_or(usize::MAX))
}

/// The last line of a report.
pub(super) fn verdict(status: Status, screen: Screen) -> String {
    format!("Verdict: {}", hue(status).paint(status.as_str(), screen))
}

/// What no hash covers: some names, or each field with its place and the other evidence for it.
pub(super) fn not_covered(fields: &[(&str, &str, &str)], verbose: bool, screen: Screen) -> String {
    if !verbose {
        return wrapped(&some_not_covered(fields), screen);
    }
    let line = |(place, what, speaks): &(&str, &str, &str)| item(&format!("{place}: {what} ({speaks})"), screen);
    let lines: Vec<String> = fields.iter().map(line).collect();
    format!("No QLDB hash covers the following, so none of it is proved:\n{}", lines.join("\n"))
}

fn some_not_covered(fields: &[(&str, &str, &str)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (_, what, _) in fields {
        if !what.contains(' ') && !names.contains(what) {
            names.push(what);
        }
    }
    let parts = text::count(fields.len() as u64, "part");
    format!(
        "No QLDB hash covers {parts} of this, such as {}, so they are not proved; --verbose lists them.",
        names.join(", ")
    )
}

/// One list item with a hanging indent.
pub(super) fn item(text: &str, screen: Screen) -> String {
    let room = screen.width.map_or(usize::MAX, |width| width.saturating_sub(4));
    format!("  {}", text::wrapped(text, 4, room))
}
