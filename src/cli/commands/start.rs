//! `start`: checks a request, sends it, prints the export's id, and follows the export.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::dry_run;
use crate::cli::commands::destination::{self, DestinationArgs};
use crate::cli::commands::follow::{Followed, Waiting, WaitingArgs, follow, show_place, show_summary};
use crate::cli::commands::input_json::{self, InputJson, InputJsonArgs};
use crate::cli::commands::remark;
use crate::cli::commands::shorthand;
use crate::cli::commands::values::Values;
use crate::cli::context::local::LocalTime;
use crate::cli::context::{Context, Phase};
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use crate::cli::global::defaults::Defaults;
use crate::cli::output::events;
use crate::cli::output::text;
use crate::client::{Begun, Client, ClientError, ExportDescription, ExportStatus, wait};
use qldb_journal::request::time::{self, TypedRange, TypedTime, WithoutOffset};
use qldb_journal::request::{
    EncryptionType, ExportRequest, Fault, Faults, Field, Kind, LedgerName, OutputFormat, UniqueId,
};

/// The request, and how to follow the export.
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
    /// Commit time at which to stop (exclusive); now if not given
    ///
    /// The AWS CLI's name for it is --exclusive-end-time.
    #[arg(long, alias = "exclusive-end-time", value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Length of the range before its end, instead of --from (90m, 24h, 7d)
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
    #[command(flatten)]
    input: InputJsonArgs,
    /// Follow the export until it ends
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    waiting: WaitingArgs,
    /// What to do if two exports of the ledger are already running
    #[arg(long, value_name = "ACTION", default_value = "fail")]
    on_limit: OnLimit,
    /// Follow an identical export if there is one, instead of starting another
    ///
    /// An identical export has the same ledger, range, destination, encryption and format, and is running or complete.
    /// A step that runs again then does not export twice; give it a fixed range, such as --from yesterday --until
    /// today.
    #[arg(long)]
    adopt: bool,
    /// Print the request that would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// What to do if the ledger already runs as many exports as allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnLimit {
    /// Give up
    Fail,
    /// Wait for one to end
    Wait,
}

/// The members of the API's request, as the AWS CLI prints them to be filled in.
fn skeleton() -> Value {
    json!({
        "Name": "",
        "InclusiveStartTime": "1970-01-01T00:00:00",
        "ExclusiveEndTime": "1970-01-01T00:00:00",
        "S3ExportConfiguration": {
            "Bucket": "",
            "Prefix": "",
            "EncryptionConfiguration": { "ObjectEncryptionType": EncryptionType::SseKms.as_str(), "KmsKeyArn": "" },
        },
        "RoleArn": "",
        "OutputFormat": OutputFormat::default().as_str(),
    })
}

/// A request that breaks no rule, and where values that were not typed come from.
struct Checked {
    request: ExportRequest,
    waiting: Waiting,
    values: Values,
}

impl StartArgs {
    /// Checks everything that can be checked locally.
    fn check(&self, context: &Context, defaults: &Defaults, now: DateTime<Utc>) -> Result<Checked, Faults> {
        let mut faults = context.global.faults();
        let waiting = self.waiting.check(&mut faults);
        self.check_timeout(waiting, &mut faults);
        let values = self.values(context, defaults, &mut faults);
        let typed = self.range(&values, context);
        self.check_adoption(typed, &mut faults);
        let (start, end) = typed.resolve(now, &mut faults);
        let checked = values.draft(start, end).check(now, faults).map_err(without_consequences);
        let request = checked.map_err(|faults| faults.called(|fault| values.name_of(fault)))?;
        Ok(Checked { request, waiting, values })
    }

    /// The values of the request: from flags, the AWS CLI's structures, the environment and the profile.
    fn values(&self, context: &Context, defaults: &Defaults, faults: &mut Faults) -> Values {
        let mut values = Values::default();
        let range = [(Field::Start, self.from.as_deref()), (Field::End, self.until.as_deref())];
        values.type_in(
            [(Field::Ledger, self.ledger.as_deref())].into_iter().chain(range).chain(self.destination.typed()),
        );
        if let Some(typed) = &self.s3_export_configuration {
            let structure = faults.note(shorthand::read(typed)).unwrap_or_default();
            values.type_structure(flags::of(shorthand::FLAG), structure.members());
        }
        if let Some(input) = faults.note(self.input.read(&skeleton())) {
            self.take_input(&input, &mut values, faults);
        }
        values.take_defaults(defaults, &[Field::Ledger, Field::RoleArn]);
        // The API requires everything in the structure, so nothing in it has a default.
        if !values.has_structure() {
            if context.typed.aws_command().is_some() && !is_any_given(&values, defaults) {
                faults.push(Fault::missing(shorthand::FLAG, shorthand::FORM));
            }
            destination::fill_in(&mut values, defaults, context);
        }
        values
    }

    /// Takes the members of `--cli-input-json`.
    fn take_input(&self, input: &InputJson, values: &mut Values, faults: &mut Faults) {
        let mut take = |field: Field, text: Result<Option<String>, Fault>| {
            let text = faults.note(text).flatten();
            values.type_as(field, text, &InputJson::origin(field.member()));
        };
        for field in [Field::Ledger, Field::RoleArn, Field::OutputFormat] {
            take(field, input.text(field.member()));
        }
        take(Field::End, input.scalar(Field::End.member()));
        if self.last.is_none() {
            take(Field::Start, input.scalar(Field::Start.member()));
        }
        let structure = input.structure("S3ExportConfiguration", shorthand::from_value);
        let structure = faults.note(structure).flatten().filter(|_| !values.has_structure());
        if let Some(structure) = structure {
            values.type_structure(flags::of(input_json::FLAG), structure.members());
        }
    }

    /// The range as it was typed: under the AWS CLI's names, a time without an offset is UTC.
    fn range<'a>(&'a self, values: &'a Values, context: &Context) -> TypedRange<'a> {
        let time = |field: Field| {
            let as_aws = values.origin(field).is_some() || context.typed.is_as_aws(flags::of(field));
            let without_offset = if as_aws { WithoutOffset::Utc } else { WithoutOffset::Refused };
            values.get(field).map(|text| TypedTime { text, without_offset })
        };
        TypedRange { from: time(Field::Start), until: time(Field::End), last: self.last.as_deref() }
    }

    fn check_timeout(&self, waiting: Waiting, faults: &mut Faults) {
        let waits = self.wait || self.on_limit == OnLimit::Wait;
        if let (Some(_), Some(typed), false) = (waiting.timeout, &self.waiting.timeout, waits) {
            let rule = "has no effect without --wait or --on-limit wait";
            let remedy = "add one of them, or leave it out";
            faults.push(Fault::malformed(Field::Named("--timeout"), typed, rule, remedy));
        }
    }

    /// Tomorrow, the same words mean another range, and therefore another export.
    fn check_adoption(&self, range: TypedRange<'_>, faults: &mut Faults) {
        let Some(moving) = range.moving().filter(|_| self.adopt) else { return };
        let moves = match moving {
            Field::Start => "starts",
            _ => "ends",
        };
        let rule = format!("can't adopt: the range {moves} at another time each run, so that no export is the same");
        let remedy = "give a range that stays, such as --from yesterday --until today, or leave --adopt out";
        faults.push(Fault { rule, ..Fault::missing(Field::Named("--adopt"), remedy) });
    }
}

/// Whether anything says where the export goes.
fn is_any_given(values: &Values, defaults: &Defaults) -> bool {
    [Field::Bucket, Field::Prefix].into_iter().any(|field| values.get(field).is_some() || defaults.of(field).is_some())
}

/// A structure that can't be read is one fault: its contents are not reported as missing as well.
fn without_consequences(faults: Faults) -> Faults {
    let inside: &[Field] = if faults.concern(input_json::FLAG) {
        &[Field::Ledger, Field::Start, Field::RoleArn, Field::Bucket, Field::Prefix, shorthand::FLAG]
    } else if faults.concern(shorthand::FLAG) {
        &[Field::Bucket, Field::Prefix, Field::Encryption, Field::KmsKeyArn]
    } else {
        return faults;
    };
    let mut kept = Faults::none();
    let follows = |fault: &Fault| fault.kind == Kind::Missing && inside.contains(&fault.field);
    faults.iter().filter(|fault| !follows(fault)).for_each(|fault| kept.push(fault.clone()));
    kept
}

/// Starts the export.
pub(crate) async fn run(context: &Context, args: &StartArgs) -> Result<(), CliError> {
    if let Some(printed) = args.input.print_skeleton(context, &skeleton()) {
        return printed;
    }
    let defaults = Defaults::load(context.global.profile.as_deref()).await;
    let Checked { request, waiting, values } = args.check(context, &defaults, time::now())?;
    remark::on_prefix(context, &values);
    if args.dry_run {
        values.origins().for_each(|origin| context.printer.note(&origin));
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

/// Sends the request as soon as there is a slot for it.
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
            let mut reported = String::new();
            let on_full = async || {
                let holders = ask_holders(client, &request.ledger).await;
                if holders != reported {
                    context.printer.note(&format!("{holders}; waiting for a slot"));
                    reported = holders;
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

/// Asks the service which exports hold the ledger's slots.
async fn ask_holders(client: &Client, ledger: &LedgerName) -> String {
    holders(ledger, &client.list_exports(Some(ledger)).await.unwrap_or_default())
}

/// Which exports hold the ledger's slots, as far as the service reports them.
pub(super) fn holders(ledger: &LedgerName, exports: &[ExportDescription]) -> String {
    let running = exports.iter().filter(|export| export.status == ExportStatus::InProgress);
    let named: Vec<String> = running
        .map(|export| format!("{} (since {})", text::one_line(&export.id), time::display(export.created)))
        .collect();
    match named.as_slice() {
        [] => format!("ledger {ledger} already runs as many exports as allowed"),
        named => format!("ledger {ledger} already runs {}", named.join(" and ")),
    }
}

/// Jobs of an endpoint inside this process end with the process.
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
    show_summary(context, &description);
    show_place(context, &description);
    Ok(())
}
