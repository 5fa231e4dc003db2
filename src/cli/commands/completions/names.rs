//! Where names come from: the data directory, read without opening it, or an endpoint that the
//! command line or the environment names.
//!
//! Nothing else is contacted: no profile's credentials, no SSO, no instance metadata, no AWS. So
//! the region and the access key must be in the environment, as `serve` prints them. Profiles,
//! levels and times are known locally.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::line::{Line, NameKind};
use crate::cli::context::{self, platform_data_dir};
use crate::cli::global::{defaults, environment};
use crate::cli::output::text;
use crate::client::{Client, ClientError, Target};
use qldb_endpoint::engine::Glance;
use qldb_journal::archive::verify::Level;
use qldb_journal::request::{Field, LedgerName, UniqueId, time};

/// How many exports are offered: no more than fit on a screen.
const MOST: usize = 100;

/// The names, one a line, each with a tab and a description.
pub(super) fn lines(line: &Line, wanted: NameKind) -> String {
    let found = match wanted {
        NameKind::Profile => profiles(),
        NameKind::Levels => Some(levels(&line.typed)),
        NameKind::Time => Some(times(time::now())),
        NameKind::Length => Some(described_all(&LENGTHS)),
        NameKind::Ledger | NameKind::Export => named(line, wanted),
    };
    let shown = |(name, what): &(String, String)| format!("{}\t{}\n", text::one_line(name), text::one_line(what));
    found.unwrap_or_default().iter().take(MOST).map(shown).collect()
}

type Names = Vec<(String, String)>;

/// Common lengths of time.
const LENGTHS: [(&str, &str); 5] =
    [("1h", "an hour"), ("6h", "six hours"), ("24h", "a day"), ("7d", "a week"), ("30d", "thirty days")];

fn described_all(names: &[(&str, &str)]) -> Names {
    names.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect()
}

fn profiles() -> Option<Names> {
    let names = context::runtime().ok()?.block_on(defaults::profile_names());
    Some(names.into_iter().map(|name| (name, String::new())).collect())
}

/// The levels that can follow the ones already typed.
fn levels(typed: &str) -> Names {
    let before = typed.rfind(',').and_then(|comma| typed.get(..=comma)).unwrap_or_default();
    let chosen: Vec<&str> = before.split(',').collect();
    let others = Level::ALL.iter().map(|level| level.as_str()).filter(|level| !chosen.contains(level));
    others.map(|level| (format!("{before}{level}"), String::new())).collect()
}

/// Ways to write a time, each with its current value.
fn times(now: DateTime<Utc>) -> Names {
    let name = |text: &str| {
        let meant = time::parse(Field::Start, text, now).map(time::display).unwrap_or_default();
        (text.to_owned(), meant)
    };
    let today = now.format("%Y-%m-%d").to_string();
    ["now", "today", "yesterday", "-24h", "-7d", &today].map(name).into()
}

fn named(line: &Line, wanted: NameKind) -> Option<Names> {
    let found = if is_about_data_dir(line) { of_data_dir(line, wanted) } else { None };
    found.or_else(|| of_endpoint(line, wanted))
}

/// Whether the command line uses a data directory: `ledger` always does.
fn is_about_data_dir(line: &Line) -> bool {
    let points = line.flag("local").is_some() || line.flag("data_dir").is_some();
    line.flag("endpoint_url").is_none() && (points || line.commands.first().is_some_and(|first| first == "ledger"))
}

fn of_data_dir(line: &Line, wanted: NameKind) -> Option<Names> {
    let given = line.flag("data_dir").map(expanded);
    let given = given.or_else(|| environment::value(environment::DATA_DIR).map(PathBuf::from));
    let glance = Glance::at(&given.or_else(platform_data_dir)?, time::now()).ok()??;
    match wanted {
        NameKind::Profile | NameKind::Levels | NameKind::Time | NameKind::Length => None,
        NameKind::Ledger => {
            Some(glance.ledgers().ok()?.into_iter().map(|name| (name.to_string(), String::new())).collect())
        }
        NameKind::Export => {
            let exports = glance.exports(ledger(line).as_ref(), MOST).ok()?;
            let named = exports.iter().map(|export| {
                let what = described(export.status.as_str(), export.request.ledger.as_str(), export.created);
                (export.id.to_string(), what)
            });
            Some(named.collect())
        }
    }
}

/// The shell expands `~` only when the command runs.
fn expanded(typed: &str) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|directories| directories.home_dir().to_owned());
    match typed.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
        Some(path) => path,
        None => PathBuf::from(typed),
    }
}

fn ledger(line: &Line) -> Option<LedgerName> {
    line.flag("ledger").and_then(|name| LedgerName::parse(name).ok())
}

fn described(status: &str, ledger: &str, created: DateTime<Utc>) -> String {
    format!("{status} {ledger} {}", time::display(created))
}

fn of_endpoint(line: &Line, wanted: NameKind) -> Option<Names> {
    let target = target(line)?;
    let ledger = ledger(line);
    context::runtime().ok()?.block_on(ask(target, ledger.as_ref(), wanted)).ok()
}

/// The endpoint that is named, if it can be called without looking anything up.
fn target(line: &Line) -> Option<Target> {
    environment::value(environment::ACCESS_KEY_ID)?;
    environment::value(environment::SECRET_ACCESS_KEY)?;
    let typed = |name| line.flag(name).map(str::to_owned);
    let url = typed("endpoint_url").or_else(environment::endpoint_url)?;
    let region = typed("region").or_else(|| environment::value(environment::REGION));
    let region = region.or_else(|| environment::value(environment::DEFAULT_REGION))?;
    Some(Target { region: Some(region), endpoint_url: Some(url), ..Target::default() })
}

/// Names that the service would not give are left out, because a name goes onto a command line unquoted.
async fn ask(target: Target, ledger: Option<&LedgerName>, wanted: NameKind) -> Result<Names, ClientError> {
    let client = Client::connect(target).await?;
    match wanted {
        NameKind::Profile | NameKind::Levels | NameKind::Time | NameKind::Length => Ok(Names::new()),
        NameKind::Ledger => {
            let names = client.list_ledgers().await?.into_iter();
            Ok(names.filter(|name| LedgerName::parse(name).is_ok()).map(|name| (name, String::new())).collect())
        }
        NameKind::Export => {
            let page = client.list_page(ledger, None, None).await?;
            let named = page.exports.into_iter().filter(|export| UniqueId::parse(&export.id).is_ok()).map(|export| {
                let what = described(export.status.as_str(), &export.ledger, export.created);
                (export.id, what)
            });
            Ok(named.collect())
        }
    }
}
