//! Small forms of text: what outside text loses, tables, sizes, lengths of time.

use std::borrow::Cow;
use std::time::Duration;

/// Outside text without control characters, so that it can neither move a
/// terminal's cursor nor pretend to be a line of ours.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    without(text, is_unsafe)
}

/// Like [`one_line`], but with the line breaks and tabs that our own layout needs.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    without(text, |character| is_unsafe(character) && character != '\n' && character != '\t')
}

/// Control characters, and those that turn the direction of writing.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn without(text: &str, unwanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.contains(&unwanted) {
        Cow::Owned(text.chars().filter(|character| !unwanted(*character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heading = heading.map(str::to_owned);
    let all = std::iter::once(&heading).chain(rows);
    all.map(|row| aligned(row, &widths)).collect::<Vec<_>>().join("\n")
}

fn aligned(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// Names and values, the values below each other.
pub(crate) fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count() + 1).max().unwrap_or_default();
    let lines = pairs.iter().map(|(name, value)| format!("{:<width$} {value}", format!("{name}:")));
    lines.collect::<Vec<_>>().join("\n")
}

/// `1 block`, `2 blocks`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A size in bytes, with three digits that count.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64;
    let mut unit = None;
    for next in UNITS {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = Some(next);
    }
    match unit {
        None => format!("{bytes} B"),
        Some(unit) if value < 100.0 => format!("{value:.1} {unit}"),
        Some(unit) => format!("{value:.0} {unit}"),
    }
}

/// A length of time in whole seconds: `2m 5s`.
pub(crate) fn length(length: Duration) -> String {
    humantime::format_duration(Duration::from_secs(length.as_secs())).to_string()
}

/// A word as a POSIX shell reads it back.
pub(crate) fn shell_word(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_are_stripped() {
        assert_eq!(one_line("a\u{1b}[31mb\r\nc\u{9b}2Jd\u{202e}e"), "a[31mbc2Jde");
        assert_eq!(lines("a\nb\u{7}"), "a\nb");
    }

    #[test]
    fn columns_line_up() {
        let rows = [["a".to_owned(), "b".to_owned()], ["ccc".to_owned(), "d".to_owned()]];
        assert_eq!(table(["X", "Y"], &rows), "X    Y\na    b\nccc  d");
        assert_eq!(fields(&[("A", "1".to_owned()), ("Long", "2".to_owned())]), "A:    1\nLong: 2");
    }

    #[test]
    fn sizes_have_three_digits() {
        let shown = [0, 1023, 1024, 15_360, 157_286_400, u64::MAX].map(size);
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "15.0 KiB", "150 MiB", "16384 PiB"]);
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must() {
        assert_eq!(shell_word("http://127.0.0.1:8040"), "http://127.0.0.1:8040");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
