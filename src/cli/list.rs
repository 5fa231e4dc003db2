//! `list`: exports of one ledger or of all, newest first.

use clap::Args;
use serde_json::{Value, json};

use super::context::Context;
use super::error::CliError;
use super::text;
use crate::client::{ExportDescription, ListPage};
use crate::request::{Fault, Faults, Field, LedgerName, time};

/// The most exports on a page (API model).
const LARGEST_PAGE: i32 = 100;

/// Whose exports, and which page of them.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Ledger whose exports to list, instead of all in the account and region
    ///
    /// The AWS CLI's name for it is --name.
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    /// List one page only
    ///
    /// Of at most this many exports, 1 to 100. The AWS CLI has the same flag.
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_results: Option<String>,
    /// List the page that begins here
    ///
    /// The token is the NextToken of the page before. The AWS CLI has the same flag.
    #[arg(long, value_name = "TOKEN", hide_short_help = true)]
    next_token: Option<String>,
    /// List the first page only
    ///
    /// The AWS CLI has the same flag.
    #[arg(long, hide_short_help = true)]
    no_paginate: bool,
}

/// What was asked for, checked.
struct Query {
    ledger: Option<LedgerName>,
    max_results: Option<i32>,
}

impl ListArgs {
    fn check(&self, mut faults: Faults) -> Result<Query, Faults> {
        let ledger = self.ledger.as_ref().and_then(|ledger| faults.note(LedgerName::parse(ledger)));
        let max_results = self.max_results.as_ref().and_then(|text| faults.note(page_size(text)));
        if faults.is_empty() { Ok(Query { ledger, max_results }) } else { Err(faults) }
    }

    fn wants_one_page(&self) -> bool {
        self.no_paginate || self.max_results.is_some() || self.next_token.is_some()
    }
}

fn page_size(text: &str) -> Result<i32, Fault> {
    let size = text.parse().ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    let rule = "must be a number from 1 to 100";
    size.ok_or_else(|| Fault::malformed(Field::Flag("--max-results"), text, rule, "leave it out to list all pages"))
}

/// Lists the exports.
pub(crate) async fn run(context: &Context, args: &ListArgs) -> Result<(), CliError> {
    let query = args.check(context.global.faults())?;
    let client = context.connect().await?;
    let page = if args.wants_one_page() {
        client.list_page(query.ledger.as_ref(), query.max_results, args.next_token.clone()).await?
    } else {
        ListPage { exports: client.list_exports(query.ledger.as_ref()).await?, next_token: None }
    };
    if context.printer.is_json() {
        context.printer.json(&response(&page))?;
    } else if page.exports.is_empty() {
        context.printer.note("no exports");
    } else {
        context.printer.result(&table(&page.exports))?;
    }
    if let Some(token) = page.next_token.filter(|_| !context.printer.is_json()) {
        context.printer.note(&format!("there are more: --next-token {}", text::shell_word(&token)));
    }
    Ok(())
}

fn response(page: &ListPage) -> Value {
    let exports: Vec<Value> = page.exports.iter().map(ExportDescription::to_json).collect();
    let mut response = json!({ "JournalS3Exports": exports });
    if let Some(token) = &page.next_token {
        response["NextToken"] = json!(token);
    }
    response
}

fn table(exports: &[ExportDescription]) -> String {
    let rows: Vec<_> = exports.iter().map(row).collect();
    text::table(["EXPORT", "STATUS", "LEDGER", "FROM", "UNTIL", "DESTINATION", "CREATED"], &rows)
}

fn row(export: &ExportDescription) -> [String; 7] {
    let clean = |text: &str| text::one_line(text).into_owned();
    [
        clean(&export.id),
        clean(export.status.as_str()),
        clean(&export.ledger),
        time::display(export.start),
        time::display(export.end),
        clean(&format!("s3://{}/{}", export.bucket, export.prefix)),
        time::display(export.created),
    ]
}
