//! `start`: check a request, send it, print the export's id, and follow it.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::dry_run;
use crate::cli::commands::destination::DestinationArgs;
use crate::cli::commands::follow::{Followed, Waiting, WaitingArgs, follow, tell_summary, tell_where};
use crate::cli::commands::shorthand::{self, S3Configuration};
use crate::cli::context::local::LocalTime;
use crate::cli::context::{Context, Phase};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::events;
use crate::cli::output::text;
use crate::client::{Begun, Client, ClientError, ExportDescription, ExportStatus, wait};
use qldb_journal::request::time::{self, TypedRange};
use qldb_journal::request::{
    EncryptionType, ExportDraft, ExportRequest, Fault, Faults, Field, Kind, LedgerName, UniqueId,
};

/// The request, and how to follow it.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Ledger to export
    ///
    /// The AWS CLI's name for it is --name.
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    /// First commit time to export: RFC 3339 with an offset, a date, now, today, yesterday, or -36h
    ///
    /// The AWS CLI's name for it is --inclusive-start-time.
    #[arg(long, alias = "inclusive-start-time", value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Commit time at which to stop, itself not exported; now if not given
    ///
    /// The AWS CLI's name for it is --exclusive-end-time.
    #[arg(long, alias = "exclusive-end-time", value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Instead of --from: how long before the end the range begins (90m, 24h, 7d)
    #[arg(long, value_name = "DURATION", conflicts_with = "from")]
    last: Option<String>,
    #[command(flatten)]
    destination: DestinationArgs,
    /// The AWS CLI's way to give --bucket, --prefix, --encryption and --kms-key-arn
    ///
    /// As JSON, as shorthand (Bucket=b,Prefix=p,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}), or as file://
    /// and the path of a file with either.
    #[arg(
        long,
        value_name = "STRUCTURE",
        hide_short_help = true,
        conflicts_with_all = ["bucket", "prefix", "encryption", "kms_key_arn"]
    )]
    s3_export_configuration: Option<String>,
    /// Follow the export to its end
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    waiting: WaitingArgs,
    /// What to do when two exports of the ledger are running already
    #[arg(long, value_name = "ACTION", default_value = "fail")]
    on_limit: OnLimit,
    /// Follow the same export if there is one already, instead of starting another
    ///
    /// It has the same ledger, range, destination, encryption and format, and runs or is complete. So a step that runs
    /// again does not export twice: give it a range that stays, such as --from yesterday --until today.
    #[arg(long)]
    adopt: bool,
    /// Print the request that would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// What to do when the ledger runs as many exports as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnLimit {
    /// Give up
    Fail,
    /// Wait for one to end
    Wait,
}

impl StartArgs {
    /// Checks everything that can be known here.
    fn check(&self, context: &Context, now: DateTime<Utc>) -> Result<(ExportRequest, Waiting), Faults> {
        let mut faults = context.global.faults();
        let waiting = self.waiting.check(&mut faults);
        self.check_timeout(waiting, &mut faults);
        let typed = TypedRange { from: self.from.as_deref(), until: self.until.as_deref(), last: self.last.as_deref() };
        let (start, end) = typed.resolve(now, &mut faults);
        let destination = self.s3_configuration(&mut faults);
        let draft = ExportDraft {
            ledger: self.ledger.as_deref(),
            start,
            end,
            bucket: destination.bucket.as_deref(),
            prefix: destination.prefix.as_deref(),
            encryption: destination.encryption.as_deref().or_else(|| self.default_encryption(context)),
            kms_key_arn: destination.kms_key_arn.as_deref(),
            role_arn: self.destination.role_arn.as_deref(),
            format: self.destination.format.as_deref(),
        };
        let request = draft.check(now, faults).map_err(without_consequences)?;
        Ok((request, waiting))
    }

    fn check_timeout(&self, waiting: Waiting, faults: &mut Faults) {
        let waits = self.wait || self.on_limit == OnLimit::Wait;
        if let (Some(_), Some(typed), false) = (waiting.timeout, &self.waiting.timeout, waits) {
            let rule = "has no effect without --wait or --on-limit wait";
            let remedy = "add one of them, or leave it out";
            faults.push(Fault::malformed(Field::Named("--timeout"), typed, rule, remedy));
        }
    }

    fn s3_configuration(&self, faults: &mut Faults) -> S3Configuration {
        match &self.s3_export_configuration {
            Some(typed) => faults.note(shorthand::read(typed)).unwrap_or_default(),
            None => self.destination.s3_configuration(),
        }
    }

    /// The API asks for the encryption in the structure, so that there it has no default.
    fn default_encryption(&self, context: &Context) -> Option<&'static str> {
        self.s3_export_configuration.is_none().then(|| default_encryption(context))
    }
}

/// What a destination can do without being told more.
pub(super) fn default_encryption(context: &Context) -> &'static str {
    let default =
        if context.global.writes_directories() { EncryptionType::NoEncryption } else { EncryptionType::SseS3 };
    default.as_str()
}

/// A structure that cannot be read is one fault: what it would have held is not missing besides.
fn without_consequences(faults: Faults) -> Faults {
    if !faults.concern(shorthand::FLAG) {
        return faults;
    }
    let inside = [Field::Bucket, Field::Prefix, Field::Encryption, Field::KmsKeyArn];
    let mut kept = Faults::none();
    let follows = |fault: &Fault| fault.kind == Kind::Missing && inside.contains(&fault.field);
    faults.iter().filter(|fault| !follows(fault)).for_each(|fault| kept.push(fault.clone()));
    kept
}

/// Starts the export.
pub(crate) async fn run(context: &Context, args: &StartArgs) -> Result<(), CliError> {
    let (request, waiting) = args.check(context, time::now())?;
    if args.dry_run {
        return dry_run::run(context, &request).await;
    }
    context.set_subject(&request);
    let time = LocalTime::start();
    let client = context.connect().await?;
    let id = submit(context, &client, &request, args, waiting, &time).await?;
    context.printer.made(&context.running_on(&request.ledger, &id));
    if context.printer.is_json() {
        context.printer.json(&json!({ "ExportId": id.as_str() }))?;
    } else {
        context.printer.result(id.as_str())?;
    }
    context.printer.delivered();
    context.with_local(|local| time.wake_when_idle(local));
    if args.wait {
        let followed = Followed { ledger: &request.ledger, id: &id, contacted: true };
        return follow(context, &client, followed, waiting, &time).await;
    }
    if context.global.local {
        finish(context, &client, &request.ledger, &id, &time).await?;
    }
    Ok(())
}

/// Sends the request, once there is a slot for it.
async fn submit(
    context: &Context,
    client: &Client,
    request: &ExportRequest,
    args: &StartArgs,
    waiting: Waiting,
    time: &LocalTime,
) -> Result<UniqueId, CliError> {
    context.enter(Phase::Sending(request.ledger.clone()));
    let start = async || begin(client, request, args.adopt).await;
    let outcome = match args.on_limit {
        OnLimit::Fail => start().await,
        OnLimit::Wait => {
            let mut told = String::new();
            let on_full = async || {
                let holders = ask_holders(client, &request.ledger).await;
                if holders != told {
                    context.printer.note(&format!("{holders}; waiting for a slot"));
                    told = holders;
                }
            };
            wait::until_accepted(start, waiting.limits(true), waiting.pace(context), time, on_full).await
        }
    };
    if let (Err(ClientError::LimitExceeded(_)), OnLimit::Fail) = (&outcome, args.on_limit) {
        context.printer.note(&ask_holders(client, &request.ledger).await);
    }
    let begun = outcome.inspect_err(|_| context.enter(Phase::Idle))?;
    if let Begun::Found(id) = &begun {
        context.printer.note(&format!("export {id} is the same and was started before; not starting another"));
    }
    context.emit(events::Event::Export, events::begun(request, &request.range, &begun));
    let (Begun::Started(id) | Begun::Found(id)) = begun;
    context.step_output("export-id", id.as_str());
    context.enter(Phase::Running(request.ledger.clone(), id.clone()));
    Ok(id)
}

async fn begin(client: &Client, request: &ExportRequest, adopt: bool) -> Result<Begun, ClientError> {
    let same = if adopt { client.find_same(request).await? } else { None };
    match same.and_then(|export| UniqueId::parse(&export.id).ok()) {
        Some(id) => Ok(Begun::Found(id)),
        None => client.start_or_find(request).await,
    }
}

/// Which exports hold the ledger's slots, asked of the service.
async fn ask_holders(client: &Client, ledger: &LedgerName) -> String {
    holders(ledger, &client.list_exports(Some(ledger)).await.unwrap_or_default())
}

/// Which exports hold the ledger's slots, as far as the service tells.
pub(super) fn holders(ledger: &LedgerName, exports: &[ExportDescription]) -> String {
    let running = exports.iter().filter(|export| export.status == ExportStatus::InProgress);
    let named: Vec<String> = running
        .map(|export| format!("{} (since {})", text::one_line(&export.id), time::display(export.created)))
        .collect();
    match named.as_slice() {
        [] => format!("ledger {ledger} runs as many exports as it may"),
        named => format!("ledger {ledger} already runs {}", named.join(" and ")),
    }
}

/// Jobs of an endpoint inside this process need the process to live.
async fn finish(
    context: &Context,
    client: &Client,
    ledger: &LedgerName,
    id: &UniqueId,
    time: &LocalTime,
) -> Result<(), CliError> {
    time.idle().await;
    let description = client.describe_export(ledger, id).await?;
    context.enter(Phase::Idle);
    context.emit(events::Event::State, events::described(&description));
    let reason = description.progress.as_ref().and_then(|progress| progress.reason.as_deref());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    context.printer.note(&format!("export {id}: {}{reason}", description.status.as_str()));
    tell_summary(context, &description);
    tell_where(context, &description);
    Ok(())
}
