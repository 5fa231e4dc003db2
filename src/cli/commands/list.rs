//! `list`: exports of one ledger or of all, newest first.

use std::path::PathBuf;

use chrono::{DateTime, NaiveTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::commands::input_json::{InputJson, InputJsonArgs};
use crate::cli::commands::values::Values;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::summary::destination;
use crate::cli::output::table::{Cell, Hue, Table, Yield};
use crate::cli::output::text;
use crate::client::{Client, ClientError, ExportDescription, ExportStatus, ListPage};
use qldb_journal::request::{Fault, Faults, Field, LedgerName, time};

/// The most exports on a page (API model).
const LARGEST_PAGE: i32 = 100;

/// Whose exports, and which page.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Ledger whose exports to list; all in the account and region if not given
    ///
    /// The AWS CLI's name for it is --name.
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    /// List only one page, with at most N exports (1 to 100)
    ///
    /// The AWS CLI has the same flag.
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_results: Option<String>,
    /// List only the page that begins at this token
    ///
    /// The token is the NextToken of the previous page. The AWS CLI has the same flag.
    #[arg(long, value_name = "TOKEN", hide_short_help = true)]
    next_token: Option<String>,
    /// List only the first page
    ///
    /// The AWS CLI has the same flag.
    #[arg(long, hide_short_help = true)]
    no_paginate: bool,
    /// List the data objects of an archived export instead, one a line
    ///
    /// EXPORT is its id, or the folder or S3 location (s3://BUCKET/PREFIX) that holds one or several exports. For an
    /// id, the location comes from the service, as long as it lists the export, or with --local from the data
    /// directory. Use this for engines that read JSON or Ion: given the whole folder, they would read the manifests as
    /// rows. If an object that a manifest lists is missing, the others are printed and the exit code is 11.
    #[arg(long, value_name = "EXPORT", conflicts_with_all = ["max_results", "next_token", "no_paginate"])]
    keys: Option<PathBuf>,
    #[command(flatten)]
    input: InputJsonArgs,
}

/// The arguments, checked.
struct Listing {
    ledger: Option<LedgerName>,
    max_results: Option<i32>,
    next_token: Option<String>,
    wants_one_page: bool,
}

/// The AWS CLI's command for all ledgers, and the one for a single ledger.
const OF_ALL: &str = "list-journal-s3-exports";
const OF_ONE: &str = "list-journal-s3-exports-for-ledger";

/// The members of the API's request, as the AWS CLI prints them to be filled in.
fn skeleton(command: Option<&str>) -> Value {
    let page = json!({ "MaxResults": 0, "NextToken": "" });
    let named = json!({ "Name": "", "MaxResults": 0, "NextToken": "" });
    if command == Some(OF_ALL) { page } else { named }
}

impl ListArgs {
    /// The archived export whose objects are listed.
    pub(crate) fn keys(&self) -> Option<(&PathBuf, Option<&str>)> {
        Some((self.keys.as_ref()?, self.ledger.as_deref()))
    }

    fn check(&self, context: &Context) -> Result<Listing, Faults> {
        let mut faults = context.global.faults();
        let command = context.typed.aws_command();
        let input = faults.note(self.input.read(&skeleton(command))).unwrap_or_default();
        let mut values = Values::default();
        values.type_in([(Field::Ledger, self.ledger.as_deref()), (MAX_RESULTS, self.max_results.as_deref())]);
        let mut take = |field: Field, member: &str| {
            let text = faults.note(input.scalar(member)).flatten();
            values.type_as(field, text, &InputJson::origin(member));
        };
        take(Field::Ledger, Field::Ledger.member());
        take(MAX_RESULTS, "MaxResults");
        let next_token = self.next_token.clone().or(faults.note(input.text("NextToken")).flatten());
        let ledger = values.get(Field::Ledger).and_then(|ledger| faults.note(LedgerName::parse(ledger)));
        if command == Some(OF_ONE) && values.get(Field::Ledger).is_none() {
            faults.push(Fault::missing(Field::Ledger, "name the ledger, or call list-journal-s3-exports"));
        }
        let max_results = values.get(MAX_RESULTS).and_then(|text| faults.note(page_size(text)));
        let wants_one_page = self.no_paginate || max_results.is_some() || next_token.is_some();
        if faults.is_empty() {
            Ok(Listing { ledger, max_results, next_token, wants_one_page })
        } else {
            Err(faults.called(|fault| values.name_of(fault)))
        }
    }
}

const MAX_RESULTS: Field = Field::Named("--max-results");

fn page_size(text: &str) -> Result<i32, Fault> {
    let size = text.parse().ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    let rule = "must be a number from 1 to 100";
    size.ok_or_else(|| Fault::malformed(MAX_RESULTS, text, rule, "leave it out to list all pages"))
}

/// Lists the exports.
pub(crate) async fn run(context: &Context, args: &ListArgs) -> Result<(), CliError> {
    if let Some(printed) = args.input.print_skeleton(context, &skeleton(context.typed.aws_command())) {
        return printed;
    }
    let query = args.check(context)?;
    if let Some(ledger) = &query.ledger {
        context.set_ledger(ledger);
    }
    let client = context.connect().await?;
    let page = if query.wants_one_page {
        client.list_page(query.ledger.as_ref(), query.max_results, query.next_token).await?
    } else {
        ListPage { exports: client.list_exports(query.ledger.as_ref()).await?, next_token: None }
    };
    if let (true, Some(ledger)) = (page.exports.is_empty() && args.next_token.is_none(), &query.ledger) {
        refuse_unless_there(&client, ledger).await?;
    }
    if context.printer.is_json() {
        context.printer.json(&response(&page))?;
    } else if page.exports.is_empty() {
        context.printer.note("no exports");
    } else {
        context.printer.table(&table(&page.exports))?;
    }
    if let Some(token) = page.next_token.filter(|_| !context.printer.is_json()) {
        context.printer.note(&format!("there are more: --next-token {}", text::shell_word(&token)));
    }
    Ok(())
}

/// A ledger that does not exist has no exports either, and the list may not say which it is (docs/qldb.md 2.2). A
/// caller that may list but not describe gets the empty list.
async fn refuse_unless_there(client: &Client, ledger: &LedgerName) -> Result<(), CliError> {
    match client.ledger_created(ledger).await {
        Err(missing @ ClientError::NotFound(_)) => Err(missing.into()),
        _ => Ok(()),
    }
}

fn response(page: &ListPage) -> Value {
    let exports: Vec<Value> = page.exports.iter().map(ExportDescription::to_json).collect();
    let mut response = json!({ "JournalS3Exports": exports });
    if let Some(token) = &page.next_token {
        response["NextToken"] = json!(token);
    }
    response
}

/// The columns, by index.
const LEDGER: usize = 2;
const FROM: usize = 3;
const UNTIL: usize = 4;
const DESTINATION: usize = 5;
const CREATED: usize = 6;

/// What is shortened or dropped on a narrow terminal: first what is the same in all rows or repeats other columns;
/// last, everything but id and status.
const YIELDS: [Yield; 12] = [
    Yield::Cut(DESTINATION, 24),
    Yield::Shorten(CREATED),
    Yield::Shorten(UNTIL),
    Yield::Shorten(FROM),
    Yield::Drop(CREATED),
    Yield::Cut(DESTINATION, 16),
    Yield::Cut(LEDGER, 12),
    Yield::Drop(LEDGER),
    Yield::Drop(DESTINATION),
    Yield::Drop(UNTIL),
    Yield::Drop(FROM),
    Yield::Cut(DESTINATION, 11),
];

fn table(exports: &[ExportDescription]) -> Table<7> {
    Table::new(["EXPORT", "STATUS", "LEDGER", "FROM", "UNTIL", "DESTINATION", "CREATED"])
        .yields(&YIELDS)
        .rows(exports.iter().map(row))
}

fn row(export: &ExportDescription) -> [Cell; 7] {
    [
        Cell::new(&export.id),
        Cell::new(export.status.as_str()).hued(hue(&export.status)),
        Cell::new(&export.ledger),
        moment(export.start),
        moment(export.end),
        Cell::new(&destination(export)),
        moment(export.created),
    ]
}

/// The colour of a status.
pub(crate) fn hue(status: &ExportStatus) -> Option<Hue> {
    match status {
        ExportStatus::Completed => Some(Hue::Good),
        ExportStatus::InProgress => Some(Hue::Open),
        ExportStatus::Cancelled => Some(Hue::Bad),
        ExportStatus::Other(_) => None,
    }
}

/// A time, or only its minute or its day if there is no room for more.
pub(crate) fn moment(time: DateTime<Utc>) -> Cell {
    let is_midnight = time.time() == NaiveTime::MIN;
    let short = if is_midnight { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%MZ" };
    Cell::new(&time::display(time)).or(time.format(short).to_string())
}
