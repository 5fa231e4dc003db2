//! The verdict and its meaning, in words for people who don't know what a hash is.

use super::super::given::GivenDigest;
use super::super::receipt::Proof;
use crate::cli::output::text;
use qldb_journal::archive::verify::{BreakKind, Level, Levels, Report, Status};

/// The result in one sentence, and what it means.
pub(super) struct Verdict {
    pub(super) status: Status,
    pub(super) sentence: String,
    pub(super) meaning: Vec<String>,
}

/// What the report is about.
pub(super) fn title(proof: &Proof<'_>) -> String {
    let ledgers: Vec<&str> = proof.report.map(Report::ledgers).unwrap_or_default().into_iter().collect();
    match (proof.report, &ledgers[..]) {
        (None, _) => "Verification of saved responses of Amazon QLDB".to_owned(),
        (Some(_), []) => "Verification of an archive of Amazon QLDB".to_owned(),
        (Some(_), [one]) => format!("Verification of the archived journal of the Amazon QLDB ledger {one}"),
        (Some(_), several) => {
            format!("Verification of the archived journals of the Amazon QLDB ledgers {}", several.join(", "))
        }
    }
}

/// The worst result of everything that was checked.
pub(super) fn of(proof: &Proof<'_>, made: Option<&str>) -> Verdict {
    let answers = proof.answers.iter().map(|answer| answer.report.status());
    let status = answers.chain(proof.report.map(|report| report.verdict)).max().unwrap_or(Status::Unproved);
    let what = if proof.report.is_some() { "the archive" } else { "the saved response" };
    let sentence = match status {
        Status::Proved => match proof.report {
            Some(report) if asks_all(report) => "Proved: the archive is complete and unaltered.".to_owned(),
            Some(_) => "Proved as far as was asked, which is not everything that can be proved.".to_owned(),
            None => "Proved: what was saved belongs to the journal with this digest.".to_owned(),
        },
        Status::Unproved => format!("Not proved: {what} could not be checked as far as was asked."),
        Status::Incomplete => format!("Not proved: {what} is incomplete."),
        Status::Damaged => format!("Not proved: {what} is damaged."),
    };
    let mut meaning = proof.report.map(|report| of_archive(report, proof.given)).unwrap_or_default();
    meaning.extend(proof.answers.iter().map(super::super::saved::CheckedResponse::verdict));
    meaning.extend(made.map(ToOwned::to_owned));
    Verdict { status, sentence, meaning }
}

fn of_archive(report: &Report, given: Option<&GivenDigest>) -> Vec<String> {
    match report.verdict {
        Status::Proved => proved(report, given),
        Status::Unproved => unproved(report),
        Status::Incomplete => vec![format!(
            "Something that belongs to the archive is missing. The rest may be unaltered, but the archive is not \
             complete, and it is unknown whether anything else is missing. {} below.",
            listed(report)
        )],
        Status::Damaged => vec![format!(
            "Something in the archive was changed after it was written, or contradicts itself. {} below.",
            listed(report)
        )],
    }
}

fn listed(report: &Report) -> String {
    match report.breaks.count() {
        1 => "The one place that shows this is listed".to_owned(),
        count => format!("The {count} places that show this are listed"),
    }
}

fn proved(report: &Report, given: Option<&GivenDigest>) -> Vec<String> {
    let mut said = vec![extent(report)];
    let believed: u64 = report.believed.iter().map(|file| file.objects).sum();
    if believed > 0 {
        let files: Vec<&str> = report.believed.iter().map(|file| file.file.as_str()).collect();
        said.push(format!(
            "{} of the archive {} not read in this run. The findings of earlier runs in these files are trusted: {}.",
            text::count(believed, "object"),
            if believed == 1 { "was" } else { "were" },
            files.join(", ")
        ));
    }
    let (levels, scope) = (report.asked.has(Level::Digest), report.anchor_scope());
    let anchor = scope.zip(report.anchor.as_ref()).filter(|_| levels);
    if let Some((scope, given)) = report.digest_scope().zip(given).filter(|_| report.asked.has(Level::Digest)) {
        let beyond = match scope.beyond {
            0 => String::new(),
            1 => " One block of the archive is later than that; the digest does not cover it.".to_owned(),
            later => format!(" {later} blocks of the archive are later than that; the digest does not cover them."),
        };
        said.push(format!(
            "The journal from block 0 to block {} has the digest that was given ({}). If that digest was saved from Amazon \
             QLDB and kept where nobody could change it, these are the blocks that the service had.{beyond}",
            scope.tip, given.source
        ));
    } else if anchor.is_none() {
        said.push(
            "No digest was compared with the archive. Somebody with write access to all of it could have rewritten it \
             consistently from some block on, or cut off its end: only a digest that was saved elsewhere shows that."
                .to_owned(),
        );
    }
    if let Some((scope, saved)) = anchor {
        said.push(format!(
            "The journal from block 0 to block {} hashes to the anchor that was given ({}), as it did when the anchor was made. \
             Its timestamps and signatures, which are not checked here, show when it was made and who vouched for it.",
            scope.tip, saved.name
        ));
    }
    said
}

/// What was proved about the blocks, which depends on the question.
fn extent(report: &Report) -> String {
    let span = match report.only_journal() {
        Some(journal) => format!("blocks {} to {} of the journal", journal.first, journal.last),
        None => format!("the blocks of {} journals", report.journals.len()),
    };
    if asks_all(report) {
        format!(
            "All {span} are there. None was added, removed, moved or altered since it was written, as far as the hashes \
             that Amazon QLDB computed can show; what they do not cover is listed below."
        )
    } else {
        format!("Only these levels were asked for: {}. They are proved, for {span}; nothing else is.", report.asked)
    }
}

/// Whether everything was asked for that an archive can prove by itself.
fn asks_all(report: &Report) -> bool {
    let all = Levels::without_digest();
    Level::ALL.iter().all(|level| !all.has(*level) || report.asked.has(*level))
}

fn unproved(report: &Report) -> Vec<String> {
    let open = report.levels.iter().filter(|level| level.status == Some(Status::Unproved));
    let reasons = open.filter_map(|level| Some(format!("{}: {}.", level.level.as_str(), level.reason.as_ref()?)));
    let doubtful = report.breaks.iter().filter(|one| one.kind == BreakKind::Doubtful).count() as u64;
    let doubts = match doubtful {
        0 => String::new(),
        _ => format!(" {} prevent it from being proved and are listed below.", text::count(doubtful, "doubtful place")),
    };
    let said = "Nothing was found to be false or missing, but the archive does not have everything that a proof needs.";
    std::iter::once(format!("{said}{doubts}")).chain(reasons).collect()
}
