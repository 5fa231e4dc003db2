//! Small text utilities: cleaning outside text, fields, sizes, durations.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Display;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::cli::output::screen::Screen;
use qldb_endpoint::store::S3Address;

/// The address of a prefix, or a key, in a bucket.
pub(crate) fn s3_address(bucket: impl Display, prefix: impl Display) -> String {
    format!("{}{bucket}/{prefix}", S3Address::SCHEME)
}

/// Outside text in one line: control characters are shown escaped, so that they can neither move a terminal's cursor
/// nor imitate a line of ours, and are not dropped either.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| is_control(character) || turns(character))
}

/// Like [`one_line`], but with the line breaks and tabs that our own layout needs.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| (is_control(character) || turns(character)) && !is_layout(character))
}

/// Like [`lines`], for output that no terminal shows: characters that change the direction of writing are kept, because
/// they matter to its readers.
pub(crate) fn piped_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| is_control(character) && !is_layout(character))
}

/// JSON with the same characters escaped as in text: the same value, safe for a terminal and a log.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    let unwanted = |character| (is_control(character) || turns(character)) && !is_layout(character);
    replaced(document, unwanted, |character, shown| {
        // Every character to be escaped is below U+10000, so four digits suffice.
        shown.extend(format!("\\u{:04x}", u32::from(character)).chars());
    })
}

/// Control characters, including C1, and whatever some readers treat as the end of a line.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

fn is_layout(character: char) -> bool {
    matches!(character, '\n' | '\t')
}

/// Characters that change the direction of writing.
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, unwanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    replaced(text, unwanted, |character, shown| shown.extend(character.escape_default()))
}

fn replaced(text: &str, unwanted: impl Fn(char) -> bool, replace: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.contains(&unwanted) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|one| if unwanted(one) { replace(one, &mut shown) } else { shown.push(one) });
    Cow::Owned(shown)
}

/// Names and values, with the values aligned. On a terminal, a long value wraps with a hanging indent.
pub(crate) fn fields(pairs: &[(&str, String)], screen: Screen) -> String {
    let name_width = pairs.iter().map(|(name, _)| name.chars().count() + 2).max().unwrap_or_default();
    let lines = pairs.iter().map(|(name, value)| {
        let room = screen.width.map_or(usize::MAX, |width| width.saturating_sub(name_width));
        format!("{:<name_width$}{}", format!("{name}:"), wrapped(&one_line(value), name_width, room))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Words in lines of at most `width` columns, with later lines indented by `indent` spaces. A longer word stays whole.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// The first parts, separated by commas, that fit into this many columns; of the very first, as many words as fit, and
/// at least one.
pub(crate) fn fitted(parts: &[String], width: usize) -> String {
    let Some((first, others)) = parts.split_first() else { return String::new() };
    let mut line = wrapped(first, 0, width).lines().next().unwrap_or_default().to_owned();
    if line.len() < first.len() {
        return line;
    }
    for part in others {
        if line.width() + 2 + part.width() > width {
            break;
        }
        line.extend([", ", part]);
    }
    line
}

/// `1 block`, `2 blocks`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A size in bytes, with three significant digits.
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

/// A size with the exact number of bytes: `1.4 MiB (1468006 bytes)`.
pub(crate) fn exact_size(bytes: u64) -> String {
    if bytes < 1024 { count(bytes, "byte") } else { format!("{} ({bytes} bytes)", size(bytes)) }
}

/// How long something took: `240ms`, `1.2s`, `2m 5s`.
pub(crate) fn took(length: Duration) -> String {
    match length.as_secs() {
        0 => format!("{}ms", length.as_millis()),
        1..60 => format!("{:.1}s", length.as_secs_f64()),
        _ => self::length(length),
    }
}

/// A duration in whole seconds: `2m 5s`.
pub(crate) fn length(length: Duration) -> String {
    humantime::format_duration(Duration::from_secs(length.as_secs())).to_string()
}

/// A word quoted for a POSIX shell.
pub(crate) fn shell_word(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

/// Any argument quoted for a shell: characters that a terminal can't show, and bytes that are not UTF-8, in `$'…'`.
pub(crate) fn shell_argument(argument: &OsStr) -> String {
    if let Some(word) = argument.to_str().filter(|word| one_line(word) == *word) {
        return shell_word(word).into_owned();
    }
    let mut quoted = "$'".to_owned();
    let bytes = |quoted: &mut String, bytes: &[u8]| {
        quoted.extend(bytes.iter().map(|byte| format!("\\x{byte:02x}")));
    };
    for chunk in argument.as_encoded_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' | '\'' => quoted.extend(['\\', character]),
                _ if is_control(character) || turns(character) => {
                    bytes(&mut quoted, character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => quoted.push(character),
            }
        }
        bytes(&mut quoted, chunk.invalid());
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let evil = "a\u{1b}[31mb\r\nc\u{9b}2Jd\u{202e}e";
        assert_eq!(one_line(evil), "a\\u{1b}[31mb\\r\\nc\\u{9b}2Jd\\u{202e}e");
        assert_eq!(lines(evil), "a\\u{1b}[31mb\\r\nc\\u{9b}2Jd\\u{202e}e");
        assert_eq!(piped_lines(evil), "a\\u{1b}[31mb\\r\nc\\u{9b}2Jd\u{202e}e");
        assert_eq!(lines("as it \u{fc}s\n\tever"), "as it \u{fc}s\n\tever");
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}\u{7f}": "b\u{202e}\n\u{2028}\u{1f600}" });
        for document in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = json(&document);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
            assert!(!shown.contains(|one| (is_control(one) || turns(one)) && !is_layout(one)), "{shown}");
        }
    }

    #[test]
    fn columns_line_up() {
        let pairs = [("A", "1".to_owned()), ("Long", "two words".to_owned())];
        assert_eq!(fields(&pairs, Screen::PLAIN), "A:    1\nLong: two words");
        let narrow = Screen { width: Some(12), ..Screen::PLAIN };
        assert_eq!(fields(&pairs, narrow), "A:    1\nLong: two\n      words");
    }

    #[test]
    fn sizes_have_three_digits() {
        let shown = [0, 1023, 1024, 15_360, 157_286_400, u64::MAX].map(size);
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "15.0 KiB", "150 MiB", "16384 PiB"]);
    }

    #[test]
    fn exact_sizes_and_lengths_of_time_say_no_more_than_is_known() {
        assert_eq!([1, 1023, 1_468_006].map(exact_size), ["1 byte", "1023 bytes", "1.4 MiB (1468006 bytes)"]);
        let shown = [7, 1240, 125_900].map(|millis| took(Duration::from_millis(millis)));
        assert_eq!(shown, ["7ms", "1.2s", "2m 5s"]);
    }

    #[test]
    fn words_are_quoted_for_a_shell_if_necessary() {
        assert_eq!(shell_word("http://127.0.0.1:8040"), "http://127.0.0.1:8040");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_argument(OsStr::new("it's")), r"'it'\''s'");
        assert_eq!(shell_argument(OsStr::new("it's\u{1b}\\\u{202e}")), r"$'it\'s\x1b\\\xe2\x80\xae'");
    }
}
