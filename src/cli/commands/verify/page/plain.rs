//! A report as text: the same content as the page, for a pager, a printer or an e-mail.

use unicode_width::UnicodeWidthStr;

use super::document::{Element, ReportDocument, Section, Table, Words};
use crate::cli::output::screen::Screen;
use crate::cli::output::text;

/// The line width, unless a word is longer.
const WIDTH: usize = 96;
const SCREEN: Screen = Screen { width: Some(WIDTH), color: false, unicode: false };

/// The text. Its first line marks it as a report of this program.
pub(super) fn shown(document: &ReportDocument<'_>) -> String {
    let mut parts = vec![
        super::GENERATOR.to_owned(),
        heading(&document.title, '='),
        format!("VERDICT: {}", document.status.as_str().to_uppercase()),
        line(&document.verdict),
    ];
    parts.extend(document.meaning.iter().map(|sentence| line(sentence)));
    for Section { title, parts: own, .. } in &document.sections {
        parts.push(format!("\n{}", heading(title, '-')));
        parts.extend(own.iter().map(part));
    }
    parts.push(format!("\n{}", line(&document.imprint)));
    parts.join("\n\n") + "\n"
}

fn heading(title: &str, under: char) -> String {
    let title = text::one_line(title);
    format!("{title}\n{}", under.to_string().repeat(title.width()))
}

fn line(sentence: &str) -> String {
    text::wrapped(&text::one_line(sentence), 0, WIDTH)
}

fn part(part: &Element<'_>) -> String {
    match part {
        Element::Paragraph(sentence) => line(sentence),
        Element::Heading(title) => format!("{}:", text::one_line(title)),
        Element::List(items) => {
            let item = |item: &String| format!("* {}", text::wrapped(&text::one_line(item), 2, WIDTH - 2));
            items.iter().map(item).collect::<Vec<_>>().join("\n")
        }
        Element::Fields(fields) => {
            let fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, value.text())).collect();
            text::fields(&fields, SCREEN)
        }
        Element::Table(one) => table(one),
        Element::Chart(chart) => format!("{}\n\n{}", chart.characters(SCREEN), line(&chart.words())),
        Element::Verbatim(text) => text::lines(text).trim_end().to_owned(),
    }
}

/// The width of prose in a column that others follow.
const WIDE: usize = 40;

fn table(table: &Table) -> String {
    let is_wide = |cell: &Words| matches!(cell, Words::Plain(text) if text.width() > WIDE);
    let last = table.head.len().saturating_sub(1);
    if table.rows.iter().any(|row| row.iter().take(last).any(is_wide)) { records(table) } else { columns(table) }
}

/// Each row as a separate record.
fn records(table: &Table) -> String {
    let row = |row: &Vec<Words>| {
        let name = row.first().map(Words::text).unwrap_or_default();
        let cells = table.head.iter().zip(row).skip(1).filter(|(_, cell)| !cell.text().is_empty());
        let cells: Vec<(&str, String)> = cells.map(|(name, cell)| (*name, cell.text())).collect();
        let fields = text::fields(&cells, Screen { width: Some(WIDTH - 4), ..SCREEN });
        format!("  {}\n    {}", text::one_line(&name), fields.replace('\n', "\n    "))
    };
    let rows: Vec<String> = table.rows.iter().map(row).collect();
    format!("{}:\n{}", text::one_line(&table.caption), rows.join("\n"))
}

/// Columns as wide as their cells, except for the last, which wraps.
fn columns(table: &Table) -> String {
    let head: Vec<String> = table.head.iter().map(|name| name.to_uppercase()).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(|cell| text::one_line(&cell.text()).into_owned()).collect());
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let last = table.head.len().saturating_sub(1);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..last).map(|column| width(column).unwrap_or_default()).collect();
    let is_number = |row: usize, column: usize| {
        let cell = row.checked_sub(1).and_then(|row| table.rows.get(row)).and_then(|row| row.get(column));
        matches!(cell, Some(Words::Number(_)))
    };
    let before: usize = widths.iter().map(|width| width + 2).sum();
    let shown = rows.iter().enumerate().map(|(number, row)| {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            let parts = if is_number(number, column) { [&*pad, cell] } else { [cell.as_str(), &pad] };
            line.extend(parts.into_iter().chain(["  "]));
        }
        let cell = row.last().map(String::as_str).unwrap_or_default();
        line + &text::wrapped(cell, before, WIDTH.saturating_sub(before).max(32))
    });
    let lines: Vec<String> = shown.map(|line| line.trim_end().to_owned()).collect();
    format!("{}:\n{}", text::one_line(&table.caption), lines.join("\n"))
}
