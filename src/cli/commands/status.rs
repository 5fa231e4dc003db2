//! `status`: describe one export.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::commands::input_json::{InputJson, InputJsonArgs};
use crate::cli::commands::values::Values;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use crate::cli::error::remedies;
use crate::cli::output::events::{self, Event};
use crate::cli::output::summary::{self, Fields, destination};
use crate::client::{Client, ExportDescription};
use qldb_journal::request::{Fault, Faults, Field, LedgerName, UniqueId, time};

/// Which export.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    /// Id that `start` printed
    #[arg(value_name = "EXPORT_ID")]
    id: Option<String>,
    /// The AWS CLI's way to give EXPORT_ID
    ///
    /// In its command describe-journal-s3-export.
    #[arg(long, value_name = "EXPORT_ID", hide_short_help = true, conflicts_with = "id")]
    export_id: Option<String>,
    /// Ledger of the export; looked up in the list of all exports if not given
    ///
    /// The AWS CLI's name for it is --name.
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
}

/// An export that was named on the command line.
#[derive(Debug)]
pub(crate) struct NamedExport {
    /// Its id.
    pub(crate) id: UniqueId,
    /// Its ledger, if it was given.
    pub(crate) ledger: Option<LedgerName>,
}

/// Which export, as `status` takes it.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    export: ExportArgs,
    #[command(flatten)]
    input: InputJsonArgs,
}

/// The members of the API's request, as the AWS CLI prints them to be filled in.
fn skeleton() -> Value {
    json!({ "Name": "", "ExportId": "" })
}

impl StatusArgs {
    fn check(&self, mut faults: Faults) -> Result<NamedExport, Faults> {
        let mut values = self.export.values();
        let input = faults.note(self.input.read(&skeleton())).unwrap_or_default();
        for field in [Field::Ledger, Field::ExportId] {
            let text = faults.note(input.text(field.member())).flatten();
            values.type_as(field, text, &InputJson::origin(field.member()));
        }
        named(&values, faults)
    }
}

impl ExportArgs {
    /// Checks both names, in addition to the earlier faults.
    pub(crate) fn check(&self, faults: Faults) -> Result<NamedExport, Faults> {
        named(&self.values(), faults)
    }

    fn values(&self) -> Values {
        let mut values = Values::default();
        values.type_in([(Field::ExportId, self.id.as_deref()), (Field::Ledger, self.ledger.as_deref())]);
        values.type_as(Field::ExportId, self.export_id.clone(), flags::EXPORT_ID_FLAG);
        values
    }
}

fn named(values: &Values, mut faults: Faults) -> Result<NamedExport, Faults> {
    let missing = || Err(Fault::missing(Field::ExportId, flags::EXPORT_ID));
    let id = faults.note(values.get(Field::ExportId).map_or_else(missing, UniqueId::parse));
    let ledger = values.get(Field::Ledger).and_then(|ledger| faults.note(LedgerName::parse(ledger)));
    match id {
        Some(id) if faults.is_empty() => Ok(NamedExport { id, ledger }),
        _ => Err(faults.called(|fault| values.name_of(fault))),
    }
}

impl NamedExport {
    /// The ledger that was given, or the one from the list of all exports.
    pub(crate) async fn ledger(&self, context: &Context, client: &Client) -> Result<LedgerName, CliError> {
        if let Some(ledger) = &self.ledger {
            context.set_ledger(ledger);
            return Ok(ledger.clone());
        }
        let found = client.find_export(&self.id).await?;
        let ledger = found.and_then(|export| LedgerName::parse(&export.ledger).ok());
        ledger.ok_or_else(|| CliError::NoSuchExport(self.id.clone()))
    }
}

/// Describes the export.
pub(crate) async fn run(context: &Context, args: &StatusArgs) -> Result<(), CliError> {
    if let Some(printed) = args.input.print_skeleton(context, &skeleton()) {
        return printed;
    }
    let export = args.check(context.global.faults())?;
    let client = context.connect().await?;
    let ledger = export.ledger(context, &client).await?;
    let description = client.describe_export(&ledger, &export.id).await?;
    context.emit(Event::State, events::described(&description));
    if context.printer.is_json() {
        context.printer.json(&json!({ "ExportDescription": description.to_json() }))?;
    } else {
        context.printer.fields(&fields(&description))?;
    }
    Ok(())
}

fn fields(description: &ExportDescription) -> Fields {
    let progress = description.progress.as_ref();
    let encryption = [description.encryption.as_deref(), description.kms_key_arn.as_deref()];
    let mut fields = vec![
        ("Export", description.id.clone()),
        ("Ledger", description.ledger.clone()),
        ("Status", description.status.as_str().to_owned()),
    ];
    fields.extend(
        progress.and_then(|progress| progress.reason.as_deref()).map(|reason| ("Reason", remedies::reason(reason))),
    );
    fields.push(("From", time::display(description.start)));
    fields.push(("Until", time::display(description.end)));
    fields.extend(progress.into_iter().flat_map(summary::written));
    fields.push(("Created", time::display(description.created)));
    let finished = progress.and_then(|progress| progress.finished);
    fields.extend(finished.map(|finished| ("Ended", time::display(finished))));
    fields.extend(summary::took(description));
    fields.push(("Destination", destination(description)));
    fields.push(("Encryption", encryption.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    fields.extend(description.format.clone().map(|format| ("Format", format)));
    fields.push(("Role", description.role_arn.clone()));
    fields
}
