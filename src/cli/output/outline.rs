//! Formats the outline of a journal: blocks over time as a row of bars, and documents and revisions
//! by table; both also as JSON. For `ledger describe` and `verify`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::cli::output::screen::Screen;
use crate::cli::output::table::{Cell, Table, Yield};
use crate::cli::output::text;
use crate::client::iso_8601;
use qldb_journal::internal::{Outline, TableCounts, Timeline};

/// Bars by height; a space stands for no block at all.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same in ASCII.
const ASCII_BARS: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];
/// The width of the bars if there is no terminal.
const USUAL_WIDTH: usize = 78;
/// The indentation of each line.
const INDENT: &str = "  ";
/// The name under which all other tables are counted together. No table can have this name.
pub(crate) const OTHERS: &str = "(others)";

/// The times of the first and the last block.
pub(crate) type Ends = (DateTime<Utc>, DateTime<Utc>);

/// Blocks over time, with the first and the last time below. `None` without blocks.
pub(crate) fn bars(timeline: &Timeline, (first, last): Ends, screen: Screen) -> Option<Bars> {
    let room = screen.width.unwrap_or(USUAL_WIDTH).saturating_sub(INDENT.len()).max(1);
    let together = timeline.counts().len().div_ceil(room).max(1);
    let counts: Vec<u64> = timeline.counts().chunks(together).map(|chunk| chunk.iter().sum()).collect();
    let most = counts.iter().copied().max().filter(|most| *most > 0)?;
    let shapes = if screen.unicode { BARS } else { ASCII_BARS };
    let drawn: String = counts.iter().map(|count| bar(*count, most, shapes)).collect();
    let times = ends(first, last, counts.len(), room);
    let length = timeline.bin_length().saturating_mul(u32::try_from(together).unwrap_or(u32::MAX));
    let lines = format!("{INDENT}{drawn}\n{INDENT}{times}");
    Some(Bars { lines, most: format!("at most {most} in {}", text::length(length)) })
}

/// The drawn bars, and the value of the highest.
pub(crate) struct Bars {
    /// The bars, and the times below them.
    pub(crate) lines: String,
    /// `at most 34 in 2h 16m 32s`.
    pub(crate) most: String,
}

fn bar(count: u64, most: u64, shapes: [char; 8]) -> char {
    let height = (u128::from(count) * 8).div_ceil(u128::from(most));
    let shape = usize::try_from(height).ok().and_then(|height| shapes.get(height.checked_sub(1)?));
    shape.copied().unwrap_or(' ')
}

/// Both times, the last one below the last bar if there is room.
fn ends(first: DateTime<Utc>, last: DateTime<Utc>, bars: usize, room: usize) -> String {
    let format = if last - first >= TimeDelta::days(2) { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%MZ" };
    let [first, last] = [first, last].map(|time| time.format(format).to_string());
    if first == last {
        return first;
    }
    let needed = first.len() + 2 + last.len();
    let width = bars.max(needed);
    if needed > room { format!("{first}\n{INDENT}{last}") } else { format!("{first}{last:>0$}", width - first.len()) }
}

/// Documents and revisions by table. If blocks before these are missing, the existing documents can't be counted: then
/// only insertions are shown.
pub(crate) fn tables(outline: &Outline, whole: bool, screen: Screen) -> String {
    let named = outline.tables.named().iter().map(|(name, counts)| row(name, counts, whole));
    let others = outline.tables.others().map(|counts| row(OTHERS, counts, whole));
    let documents = if whole { "DOCUMENTS" } else { "INSERTED" };
    Table::new(["TABLE", documents, "REVISIONS", "DELETED", "REDACTED"])
        .numbers(&[1, 2, 3, 4])
        .yields(&[Yield::Cut(0, 12), Yield::Drop(4), Yield::Drop(3)])
        .rows(named.chain(others))
        .shown(screen)
}

fn row(name: &str, counts: &TableCounts, whole: bool) -> [Cell; 5] {
    let documents = if whole { counts.existing() } else { counts.documents };
    [Cell::new(name), documents.into(), counts.revisions.into(), counts.deleted.into(), counts.redacted.into()]
}

/// Blocks by their timestamps, which no hash covers.
pub(crate) fn blocks_over_time(timeline: &Timeline) -> Option<Value> {
    timeline.begin().map(|begin| {
        json!({
            "begin": iso_8601(begin),
            "binSeconds": timeline.bin_length().as_secs(),
            "counts": timeline.counts(),
        })
    })
}

/// One table's counts, as the blocks state them, after its name or id. The number of existing documents is known only
/// if the journal is whole.
pub(crate) fn table((name, value): (&str, Option<&str>), counts: &TableCounts, whole: bool) -> Value {
    json!({
        name: value,
        "documents": whole.then(|| counts.existing()),
        "inserted": counts.documents,
        "revisions": counts.revisions,
        "deleted": counts.deleted,
        "redacted": counts.redacted,
    })
}

/// The same JSON with names in the API's style, for use beside a response of the API.
pub(crate) fn as_the_api_writes(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (capitalised(&name), as_the_api_writes(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(as_the_api_writes).collect(),
        scalar => scalar,
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(seconds: &[i64]) -> (Timeline, Ends) {
        let mut timeline = Timeline::default();
        let times: Vec<_> = seconds.iter().filter_map(|seconds| DateTime::from_timestamp(*seconds, 0)).collect();
        times.iter().for_each(|time| timeline.add(*time));
        (timeline, (*times.first().unwrap(), *times.last().unwrap()))
    }

    fn drawn(seconds: &[i64], screen: Screen) -> (String, String) {
        let (timeline, ends) = timeline(seconds);
        let Bars { lines, most } = bars(&timeline, ends, screen).unwrap();
        (lines, most)
    }

    #[test]
    fn bars_are_as_high_as_there_are_blocks_and_empty_without_any() {
        let (lines, most) = drawn(&[0, 0, 0, 0, 1, 3, 3], Screen { unicode: true, ..Screen::PLAIN });
        assert_eq!(lines, "  █▂ ▄\n  1970-01-01T00:00Z");
        assert_eq!(most, "at most 4 in 1s");
        assert_eq!(drawn(&[0, 0, 0, 0, 1, 3, 3], Screen::PLAIN).0.lines().next(), Some("  @: ="));
    }

    #[test]
    fn bars_fit_the_screen_whatever_it_is() {
        let (timeline, ends) = timeline(&(0..100).map(|day| day * 86_400).collect::<Vec<_>>());
        for width in 14..200 {
            let screen = Screen { width: Some(width), ..Screen::PLAIN };
            let Bars { lines, .. } = bars(&timeline, ends, screen).unwrap();
            assert!(lines.lines().all(|line| line.len() <= width), "{width}:\n{lines}");
            assert!(lines.contains("1970-01-01") && lines.contains("1970-04-10"), "{width}:\n{lines}");
        }
        assert!(bars(&Timeline::default(), ends, Screen::PLAIN).is_none());
    }
}
