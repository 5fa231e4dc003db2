//! What is printed about a comparison of receipts.

use serde_json::{Value, json};

use super::compare::{Comparison, Difference};
use super::receipt::Receipt;
use crate::cli::output::screen::Screen;
use crate::cli::output::text;

/// One difference in one line.
pub(super) fn line(one: &Difference) -> String {
    let subject = [one.part, &one.name].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let difference = match (&one.in_receipt, &one.found, one.field) {
        (_, Value::Null, "key" | "file" | "strandId") => "the receipt has it, and it is not here".to_owned(),
        (Value::Null, _, "key" | "file" | "strandId") => "it is here, and the receipt does not have it".to_owned(),
        (then, now, "level" | "verdict") => format!("{} in the receipt, now {}", shown(then), shown(now)),
        (then, now, field) => format!("{field}: {} in the receipt, now {}", shown(then), shown(now)),
    };
    text::one_line(&format!("{subject}: {difference}")).into_owned()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Which programs made the two receipts, in one line.
fn tools(receipt: &Receipt, now: &Value) -> String {
    let of = |tool: &Value| format!("{} {}", shown(&tool["name"]), shown(&tool["version"]));
    let (then, now) = (&receipt.value["tool"], &now["tool"]);
    let same = match (then["sha256"].as_str(), now["sha256"].as_str()) {
        (Some(old), Some(new)) if old == new => "the same binary",
        (Some(_), Some(_)) => "another binary",
        _ => "its binary is not compared",
    };
    format!("{}, now {}: {same}", of(then), of(now))
}

/// For people: what was compared, each difference, and what was not compared.
pub(super) fn people(receipt: &Receipt, now: &Value, comparison: &Comparison, screen: Screen) -> String {
    let date = shown(&receipt.value["verifiedAt"]);
    let count = comparison.differences.len() as u64;
    let result = match count {
        0 if comparison.is_whole() => "everything is as it says".to_owned(),
        0 => "what was compared is as it says, and not everything was".to_owned(),
        _ => text::count(count, "difference"),
    };
    let unhashed = match comparison.unhashed {
        0 => String::new(),
        count => format!("; {} compared by size alone", text::count(count, "object")),
    };
    let files = format!("{} the same, byte for byte{unhashed}", text::count(comparison.same_files, "file"));
    let mut fields = vec![
        ("Receipt", format!("{}, of {date}", receipt.name)),
        ("Program", tools(receipt, now)),
        ("Files", files),
        ("Result", result),
    ];
    if !comparison.is_whole() {
        fields.push(("Not compared", not_compared(receipt, comparison)));
    }
    let mut lines = vec![String::new(), text::fields(&fields, screen)];
    if count > 0 {
        lines.push(String::new());
        lines.extend(comparison.differences.iter().map(|one| {
            let room = screen.width.map_or(usize::MAX, |width| width.saturating_sub(4));
            format!("  {}", text::wrapped(&line(one), 4, room))
        }));
    }
    lines.join("\n")
}

/// What was not compared, and why.
fn not_compared(receipt: &Receipt, comparison: &Comparison) -> String {
    let them = if comparison.lacking.len() == 1 { "it" } else { "them" };
    let lacking = comparison.lacking.join(", ");
    let lacked = format!("{lacking} (the receipt, of format {}, lacks {them})", receipt.format);
    let unhashed = format!("{UNHASHED} (objects have none where they were not read)");
    let parts = [(!comparison.lacking.is_empty(), lacked), (comparison.unhashed > 0, unhashed)];
    parts.into_iter().filter(|(is_so, _)| *is_so).map(|(_, part)| part).collect::<Vec<_>>().join("; ")
}

/// The member that objects lack if they were not read.
const UNHASHED: &str = "objects.sha256";

/// For programs.
pub(super) fn machine(receipt: &Receipt, now: &Value, comparison: &Comparison) -> Value {
    let difference = |one: &Difference| {
        json!({
            "part": one.part,
            "name": one.name,
            "field": one.field,
            "inReceipt": one.in_receipt,
            "found": one.found,
            "weight": one.weight.as_str(),
        })
    };
    let unhashed = (comparison.unhashed > 0).then_some(UNHASHED);
    json!({
        "receiptCheck": receipt.name,
        "format": receipt.format,
        "verifiedAt": receipt.value["verifiedAt"],
        "same": comparison.is_same(),
        "sameFiles": comparison.same_files,
        "differences": comparison.differences.iter().map(difference).collect::<Vec<_>>(),
        "notCompared": comparison.lacking.iter().copied().chain(unhashed).collect::<Vec<_>>(),
        "tool": { "inReceipt": receipt.value["tool"], "now": now["tool"] },
    })
}
