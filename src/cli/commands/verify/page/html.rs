//! A report as one HTML page. It has no script, and its policy forbids it to load anything.

use super::document::{Element, ReportDocument, Section, Table, Words};
use crate::cli::output::markup::Markup;
use qldb_journal::Hash;
use qldb_journal::archive::verify::Status;

const STYLE: &str = include_str!("page.css");

/// The page. Its first line marks it as a report of this program.
pub(super) fn shown(document: &ReportDocument<'_>) -> String {
    let mut page = Markup::page();
    page.element("html", &[("lang", "en")], |page| {
        head(document, page);
        page.line_break();
        page.element("body", &[], |page| {
            page.element("header", &[], |page| page.text_element("h1", &[], &document.title));
            page.element("main", &[], |page| body(document, page));
            page.element("footer", &[], |page| page.text_element("p", &[], &document.imprint));
        });
    });
    page.line_break();
    page.finish()
}

fn head(document: &ReportDocument<'_>, page: &mut Markup) {
    // Only the page's own style, by its hash.
    let policy = format!("default-src 'none'; style-src 'sha256-{}'", Hash::of(STYLE.as_bytes()).to_base64());
    page.element("head", &[], |page| {
        page.empty("meta", &[("charset", "utf-8")]);
        page.empty("meta", &[("name", "generator"), ("content", super::GENERATOR)]);
        page.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
        page.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        page.empty("meta", &[("name", "referrer"), ("content", "no-referrer")]);
        page.text_element("title", &[], &format!("{}: {}", document.status.as_str(), document.title));
        page.style(STYLE);
    });
}

fn body(document: &ReportDocument<'_>, page: &mut Markup) {
    let class = format!("verdict {}", document.status.as_str());
    page.element("section", &[("class", &class), ("aria-label", "Verdict")], |page| {
        page.text_element("p", &[("class", "word")], &document.verdict);
        document.meaning.iter().for_each(|sentence| page.text_element("p", &[], sentence));
    });
    page.element("nav", &[("aria-label", "Contents")], |page| {
        page.element("ul", &[], |page| {
            for section in &document.sections {
                let target = format!("#{}", section.id);
                page.element("li", &[], |page| page.text_element("a", &[("href", &target)], section.title));
            }
        });
    });
    document.sections.iter().for_each(|one| section(one, page));
}

fn section(section: &Section<'_>, page: &mut Markup) {
    let heading = format!("{}-heading", section.id);
    page.line_break();
    page.element("section", &[("id", section.id), ("aria-labelledby", &heading)], |page| {
        page.text_element("h2", &[("id", &heading)], section.title);
        section.parts.iter().for_each(|one| part(one, page));
    });
}

fn part(part: &Element<'_>, page: &mut Markup) {
    page.line_break();
    match part {
        Element::Paragraph(text) => page.text_element("p", &[], text),
        Element::Heading(text) => page.text_element("h3", &[], text),
        Element::List(items) => page.element("ul", &[], |page| {
            items.iter().for_each(|item| page.text_element("li", &[], item));
        }),
        Element::Fields(fields) => page.element("dl", &[], |page| {
            for (name, value) in fields {
                page.text_element("dt", &[], name);
                page.element("dd", &[], |page| words(value, page));
            }
        }),
        Element::Table(one) => table(one, page),
        Element::Chart(chart) => page.element("figure", &[], |page| {
            chart.draw(page);
            page.text_element("figcaption", &[], &chart.words());
        }),
        Element::Verbatim(text) => {
            page.element("pre", &[], |page| page.element("code", &[], |page| page.lines(text)));
        }
    }
}

fn table(table: &Table, page: &mut Markup) {
    let classes: Vec<&str> = (0..table.head.len()).map(|column| class(table, column)).collect();
    let class_of = |column: usize| classes.get(column).copied().unwrap_or_default();
    page.element("table", &[], |page| {
        page.text_element("caption", &[], &table.caption);
        page.element("thead", &[], |page| {
            page.element("tr", &[], |page| {
                for (column, name) in table.head.iter().enumerate() {
                    page.text_element("th", &[("scope", "col"), ("class", class_of(column))], name);
                }
            });
        });
        page.element("tbody", &[], |page| {
            for row in &table.rows {
                page.line_break();
                page.element("tr", &[], |page| {
                    for (column, cell) in row.iter().enumerate() {
                        let outcome = if let Words::Outcome(status) = cell { *status } else { None };
                        let class = outcome.map_or_else(|| class_of(column), of);
                        match column {
                            0 => page.element("th", &[("scope", "row"), ("class", class)], |page| words(cell, page)),
                            _ => page.element("td", &[("class", class)], |page| words(cell, page)),
                        }
                    }
                });
            }
        });
    });
}

/// The colour of a result; the text says it as well.
fn of(status: Status) -> &'static str {
    match status {
        Status::Proved => "short proved",
        Status::Unproved => "short unproved",
        Status::Incomplete => "short incomplete",
        Status::Damaged => "short damaged",
    }
}

/// The longest word that is never broken, in characters.
const SHORT: usize = 14;

/// The class of a column's cells: numbers are aligned, short words are not broken.
fn class(table: &Table, column: usize) -> &'static str {
    let mut cells = table.rows.iter().filter_map(|row| row.get(column));
    let is_short = |cell: &Words| cell.text().split(' ').all(|word| word.chars().count() <= SHORT);
    if table.rows.is_empty() {
        ""
    } else if cells.clone().all(|cell| matches!(cell, Words::Number(_))) {
        "number"
    } else if cells.all(is_short) {
        "short"
    } else {
        ""
    }
}

fn words(words: &Words, page: &mut Markup) {
    match words {
        Words::Exact(text) => page.text_element("code", &[], text),
        other => page.text(&other.text()),
    }
}
