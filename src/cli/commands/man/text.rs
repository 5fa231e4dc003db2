//! Help texts as paragraphs of a manual page, with anything that is typed in bold.

use clap_mangen::roff::{Inline, Roff, bold, roman};

/// The line width of the source, as mandoc recommends.
const SOURCE_WIDTH: usize = 80;

/// A paragraph indented like the one before it.
pub(super) fn indented(roff: &mut Roff, paragraph: &str) {
    roff.control("IP", []);
    prose(roff, paragraph);
}

/// A term, and below it its meaning.
pub(super) fn item(roff: &mut Roff, term: Vec<Inline>, meaning: &str) {
    roff.control("TP", []).text(term);
    prose(roff, meaning);
}

/// Running text, broken into source lines of a readable length.
pub(super) fn prose(roff: &mut Roff, text: &str) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let is_open = line.matches('`').count() % 2 == 1;
        if !line.is_empty() && !is_open && width(&line) + 1 + width(word) > SOURCE_WIDTH {
            roff.text(inlines(&line));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        roff.text(inlines(&line));
    }
}

/// The length of a text in the source, including escapes and bold markup.
fn width(text: &str) -> usize {
    let fonts = text.matches("--").count() + text.matches('`').count();
    // A letter outside ASCII counts as its escape sequence.
    let letters: usize = text.chars().map(|letter| if letter.is_ascii() { 1 } else { 8 }).sum();
    letters + text.matches(['-', '\\']).count() + text.matches('\'').count() * 4 + fonts * 6
}

/// The paragraphs of a help text: the first is a phrase in the help, and becomes a sentence here.
pub(super) fn paragraphs(help: &str) -> Vec<String> {
    let mut parts = help.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let phrase = parts.next().unwrap_or_default();
    let first = if phrase.is_empty() || phrase.ends_with('.') { phrase } else { format!("{phrase}.") };
    match parts.next() {
        None => vec![first],
        Some(second) => std::iter::once(format!("{first} {second}")).chain(parts).collect(),
    }
}

/// A text with its flags, and everything between backticks, in bold.
fn inlines(text: &str) -> Vec<Inline> {
    let marked = |(number, part)| if number % 2 == 1 { vec![bold(part)] } else { flags(part) };
    text.split('`').enumerate().flat_map(marked).collect()
}

fn flags(text: &str) -> Vec<Inline> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("--") {
        let (before, flag_on) = rest.split_at(start);
        let is_part = |letter: char| letter == '-' || letter.is_ascii_alphanumeric();
        let (flag, after) = flag_on.split_at(flag_on.find(|letter| !is_part(letter)).unwrap_or(flag_on.len()));
        found.extend([roman(before), bold(flag)].into_iter().filter(|inline| *inline != roman("")));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(roman(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_commands_are_bold() {
        let expected = vec![roman("see "), bold("--from"), roman(", or "), bold("ls -l")];
        assert_eq!(inlines("see --from, or `ls -l`"), expected);
    }

    #[test]
    fn a_phrase_and_its_explanation_are_one_paragraph() {
        assert_eq!(paragraphs("Do it\n\nSo that\nit is done.\n\nMore."), ["Do it. So that it is done.", "More."]);
        assert_eq!(paragraphs("Do it"), ["Do it."]);
    }
}
