//! Tables for people and for `awk`: in a file or a pipe every cell is complete; on a terminal a
//! table is narrowed to its width as the table allows.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use crate::cli::output::screen::Screen;
use crate::cli::output::text;

/// The space between two columns.
const GAP: usize = 2;
/// The narrowest width to which a last column is wrapped; below that, the terminal may break the line itself.
const NARROWEST_WRAP: usize = 16;
const PLAIN: &str = "\u{1b}[0m";

/// A colour that carries meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hue {
    /// Fine.
    Good,
    /// Not finished, or unknown.
    Open,
    /// Wrong.
    Bad,
}

impl Hue {
    /// A text in this colour, if colour is used.
    pub(crate) fn paint(self, text: &str, screen: Screen) -> String {
        painted(text, Some(self).filter(|_| screen.color))
    }

    fn code(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Open => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    short: Option<String>,
    hue: Option<Hue>,
}

impl Cell {
    /// Text, without characters that could move a cursor.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text::one_line(text).into_owned(), ..Self::default() }
    }

    /// The same, with a short form for when there is no room.
    pub(crate) fn or(self, short: String) -> Self {
        Self { short: Some(short), ..self }
    }

    /// The same in a colour.
    pub(crate) fn hued(self, hue: Option<Hue>) -> Self {
        Self { hue, ..self }
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self { text: number.to_string(), ..Self::default() }
    }
}

/// How a table can become narrower.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Yield {
    /// A column shows its short forms.
    Shorten(usize),
    /// A column is cut in the middle, to no fewer than this many characters.
    Cut(usize, usize),
    /// A column is left out.
    Drop(usize),
}

impl Yield {
    fn take(self, columns: &mut [Column]) {
        match self {
            Self::Shorten(index) => columns[index].short = true,
            Self::Cut(index, least) => columns[index].least = Some(least),
            Self::Drop(index) => columns[index].dropped = true,
        }
    }
}

/// Rows under a heading.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    heading: [&'static str; N],
    rows: Vec<[Cell; N]>,
    numbers: [bool; N],
    yields: Vec<Yield>,
    wraps: bool,
}

/// The width of a column, and the form of its cells.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    dropped: bool,
    short: bool,
    natural: usize,
    least: Option<usize>,
    width: usize,
}

impl<const N: usize> Table<N> {
    /// An empty table.
    pub(crate) fn new(heading: [&'static str; N]) -> Self {
        Self { heading, rows: Vec::new(), numbers: [false; N], yields: Vec::new(), wraps: false }
    }

    /// These columns hold numbers, which are right-aligned.
    pub(crate) fn numbers(mut self, columns: &[usize]) -> Self {
        self.numbers = std::array::from_fn(|index| columns.contains(&index));
        self
    }

    /// How to narrow the table for a terminal, step by step until it fits: at first only as long as rows that differ in
    /// more than their first cell can still be told apart, and in the end regardless.
    pub(crate) fn yields(mut self, yields: &[Yield]) -> Self {
        self.yields = yields.to_vec();
        self
    }

    /// The last column holds sentences, which wrap.
    pub(crate) fn wraps_last(mut self) -> Self {
        self.wraps = true;
        self
    }

    /// With these rows.
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = [Cell; N]>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// The table for a screen, without a final line break.
    pub(crate) fn shown(&self, screen: Screen) -> String {
        let columns = self.fitted(screen.width);
        let heading = std::array::from_fn(|index| Cell { text: self.heading[index].to_owned(), ..Cell::default() });
        let kept = std::array::from_fn(|index| self.kept(index, &columns[index], screen.ellipsis()));
        let all = std::iter::once(&heading).chain(&self.rows);
        all.map(|row| self.line(row, &columns, kept, screen)).collect::<Vec<_>>().join("\n")
    }

    fn fitted(&self, width: Option<usize>) -> [Column; N] {
        let mut columns = [Column::default(); N];
        self.measure(&mut columns);
        let Some(width) = width else { return columns };
        for keeps_apart in [true, false] {
            for step in &self.yields {
                if fit(&mut columns, width) {
                    return columns;
                }
                let mut narrower = columns;
                step.take(&mut narrower);
                self.measure(&mut narrower);
                if !keeps_apart || self.distinct_rows(&narrower) == self.distinct_rows(&columns) {
                    columns = narrower;
                }
            }
        }
        if !fit(&mut columns, width) && self.wraps {
            let before: usize = columns[..N.saturating_sub(1)].iter().map(|column| column.width + GAP).sum();
            if let Some(last) = columns.last_mut() {
                last.width = width.saturating_sub(before).max(NARROWEST_WRAP);
            }
        }
        columns
    }

    /// How many rows differ in what is shown of them, apart from their first cells.
    fn distinct_rows(&self, columns: &[Column; N]) -> usize {
        let shown = |row: &[Cell; N]| -> Vec<String> {
            let shown = row.iter().zip(columns).skip(1).filter(|(_, column)| !column.dropped);
            shown.map(|(cell, column)| form(cell, column.short).to_owned()).collect()
        };
        self.rows.iter().map(shown).collect::<BTreeSet<_>>().len()
    }

    /// Which part of its cells a shortened column keeps: the one in which most of them differ.
    fn kept(&self, index: usize, column: &Column, ellipsis: &str) -> Keep {
        let cells = || self.rows.iter().map(|row| form(&row[index], column.short));
        let differing = |keep: &Keep| -> usize {
            cells().map(|text| cut(text, column.width, ellipsis, *keep)).collect::<BTreeSet<_>>().len()
        };
        let ways = [Keep::Ends, Keep::End, Keep::Start, Keep::After(common_start(cells()))];
        ways.into_iter().rev().max_by_key(differing).unwrap_or(Keep::Ends)
    }

    fn measure(&self, columns: &mut [Column; N]) {
        for (index, column) in columns.iter_mut().enumerate() {
            let cells = self.rows.iter().map(|row| form(&row[index], column.short).width());
            column.natural = cells.chain([self.heading[index].width()]).max().unwrap_or_default();
            column.width = column.natural;
        }
    }

    fn line(&self, row: &[Cell; N], columns: &[Column; N], kept: [Keep; N], screen: Screen) -> String {
        let mut line = String::new();
        let mut indent = 0;
        for (index, (cell, column)) in row.iter().zip(columns).enumerate().filter(|(_, (_, column))| !column.dropped) {
            let text = form(cell, column.short);
            let is_last = columns[index + 1..].iter().all(|column| column.dropped);
            let text = if is_last && self.wraps && screen.width.is_some() {
                text::wrapped(text, indent, column.width)
            } else {
                cut(text, column.width, screen.ellipsis(), kept[index])
            };
            let blanks = " ".repeat(column.width.saturating_sub(text.width()));
            let text = painted(&text, cell.hue.filter(|_| screen.color));
            let (before, after) = if self.numbers[index] { (blanks, String::new()) } else { (String::new(), blanks) };
            line.extend([before, text, after, " ".repeat(GAP)]);
            indent += column.width + GAP;
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn form(cell: &Cell, short: bool) -> &str {
    cell.short.as_deref().filter(|_| short).unwrap_or(&cell.text)
}

fn painted(text: &str, hue: Option<Hue>) -> String {
    hue.map_or_else(|| text.to_owned(), |hue| format!("{}{text}{PLAIN}", hue.code()))
}

/// Distributes the remaining width to the columns that may be cut, the last permitted one first. False if they still
/// don't fit.
fn fit(columns: &mut [Column], width: usize) -> bool {
    let shown = || columns.iter().filter(|column| !column.dropped);
    let gaps = shown().count().saturating_sub(1) * GAP;
    let least = |column: &Column| column.least.map_or(column.natural, |least| least.min(column.natural));
    let Some(mut left) = width.checked_sub(gaps + shown().map(least).sum::<usize>()) else { return false };
    for column in columns.iter_mut().filter(|column| !column.dropped) {
        let more = (column.natural - least(column)).min(left);
        column.width = least(column) + more;
        left -= more;
    }
    true
}

/// Which part of a shortened text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Both ends.
    Ends,
    /// The end.
    End,
    /// The start.
    Start,
    /// The part after this many characters.
    After(usize),
}

/// How many leading characters all texts share.
fn common_start<'a>(mut texts: impl Iterator<Item = &'a str>) -> usize {
    let Some(first) = texts.next() else { return 0 };
    let common = |text: &str| first.chars().zip(text.chars()).take_while(|(one, other)| one == other).count();
    texts.map(common).min().unwrap_or_default()
}

/// A text in at most this many columns, with part of it cut away.
fn cut(text: &str, width: usize, ellipsis: &str, keep: Keep) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(ellipsis.width());
    let end_in = |room: usize| taken(text.chars().rev(), room).chars().rev().collect::<String>();
    match keep {
        Keep::Ends => format!("{}{ellipsis}{}", taken(text.chars(), room.div_ceil(2)), end_in(room / 2)),
        Keep::End => format!("{ellipsis}{}", end_in(room)),
        Keep::Start => format!("{}{ellipsis}", taken(text.chars(), room)),
        Keep::After(start) => {
            let rest: String = text.chars().skip(start).collect();
            if rest.width() <= room {
                return format!("{ellipsis}{}", end_in(room));
            }
            let room = room.saturating_sub(ellipsis.width());
            format!("{ellipsis}{}{ellipsis}", taken(rest.chars(), room))
        }
    }
}

/// The first characters that take at most this many columns.
fn taken(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut taken = String::new();
    for character in characters {
        taken.push(character);
        if taken.width() > width {
            taken.pop();
            break;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(width: usize) -> Screen {
        Screen { width: Some(width), color: false, unicode: true }
    }

    fn table() -> Table<4> {
        let row = |id: &str, place: &str, bytes: u64, why: &str| {
            [Cell::new(id), Cell::new(place).or("short".to_owned()), bytes.into(), Cell::new(why)]
        };
        Table::new(["ID", "PLACE", "BYTES", "WHY"]).numbers(&[2]).rows([
            row("one", "s3://bucket/a/long/prefix/", 7, "none"),
            row("second", "s3://b/", 12_345_678, "for this reason"),
        ])
    }

    #[test]
    fn in_a_pipe_nothing_is_cut_and_numbers_end_below_each_other() {
        let expected = "ID      PLACE                          BYTES  WHY\n\
            one     s3://bucket/a/long/prefix/         7  none\n\
            second  s3://b/                     12345678  for this reason";
        let narrow = table().yields(&[Yield::Cut(1, 5), Yield::Drop(3)]);
        assert_eq!(narrow.shown(Screen::PLAIN), expected);
    }

    #[test]
    fn columns_give_way_in_their_order_until_the_rest_fits() {
        let narrow = table().yields(&[Yield::Cut(1, 10), Yield::Drop(3), Yield::Shorten(1)]);
        let first = |width| narrow.shown(screen(width)).lines().nth(1).unwrap().to_owned();
        assert_eq!(first(80), "one     s3://bucket/a/long/prefix/         7  none");
        assert_eq!(first(50), "one     s3://bu…prefix/         7  none");
        assert_eq!(first(45), "one     s3://…fix/         7  none");
        assert_eq!(first(34), "one     s3://buc…prefix/         7");
        assert_eq!(first(27), "one     short         7");
    }

    #[test]
    fn what_distinguishes_rows_is_shortened_last() {
        let row = |id: &str, ledger: &str, from: &str| [Cell::new(id), Cell::new(ledger), Cell::new(from)];
        let table = |rows: [[Cell; 3]; 2]| {
            let table = Table::new(["ID", "LEDGER", "FROM"]).yields(&[Yield::Drop(2), Yield::Drop(1)]).rows(rows);
            table.shown(screen(20)).lines().next().unwrap().to_owned()
        };
        assert_eq!(table([row("1", "vehicles", "2024-03-01"), row("2", "vehicles", "2024-03-02")]), "ID  FROM");
        assert_eq!(table([row("1", "vehicles", "2024-03-01"), row("2", "flights", "2024-03-01")]), "ID  LEDGER");
    }

    #[test]
    fn cut_cells_keep_the_part_that_differs() {
        let shown = |first: &str, second: &str| {
            let rows = [[Cell::new("1"), Cell::new(first)], [Cell::new("2"), Cell::new(second)]];
            let table = Table::new(["A", "B"]).yields(&[Yield::Cut(1, 12)]).rows(rows);
            let shown = table.shown(screen(15));
            shown.lines().skip(1).map(|line| line[3..].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown("s3://exports/a/nightly/", "s3://exports/b/nightly/"), ["…/a/nightly/", "…/b/nightly/"]);
        assert_eq!(shown("s3://exports/one/", "s3://exports/two/"), ["s3://e…/one/", "s3://e…/two/"]);
        let deep = ["s3://exports/a/of/every/night/", "s3://exports/b/of/every/night/"];
        assert_eq!(shown(deep[0], deep[1]), ["…a/of/every…", "…b/of/every…"]);
    }

    #[test]
    fn no_line_is_wider_than_the_screen_while_something_can_give_way() {
        let narrow = table().yields(&[Yield::Cut(1, 4), Yield::Drop(3), Yield::Drop(1)]);
        for width in 16..200 {
            let shown = narrow.shown(screen(width));
            assert!(shown.lines().all(|line| line.width() <= width), "{width}:\n{shown}");
        }
    }

    #[test]
    fn sentences_in_the_last_column_are_wrapped() {
        let shown = Table::new(["LEVEL", "WHY"])
            .wraps_last()
            .rows([[Cell::new("contents"), Cell::new("JSON has lost the types that the hashes cover")]])
            .shown(screen(40));
        let expected = "LEVEL     WHY\ncontents  JSON has lost the types that\n          the hashes cover";
        assert_eq!(shown, expected);
    }

    #[test]
    fn colour_takes_no_room_and_wide_characters_take_two() {
        let hued = Table::new(["A", "B"]).rows([[Cell::new("ok").hued(Some(Hue::Good)), Cell::new("x")]]);
        assert_eq!(hued.shown(Screen { color: true, ..screen(80) }), "A   B\n\u{1b}[32mok\u{1b}[0m  x");
        assert_eq!(cut("日本語の接頭辞", 9, "…", Keep::Ends), "日本…頭辞");
        assert_eq!(cut("s3://bucket/prefix", 11, "...", Keep::Ends), "s3:/...efix");
    }
}
