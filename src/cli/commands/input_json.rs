//! The AWS CLI's `--cli-input-json` and `--generate-cli-skeleton`: the members of a request in one
//! JSON object, and that object to fill in.
//!
//! For the commands that the AWS CLI also has.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::files;
use crate::cli::error::flags::WithRemedy as _;
use qldb_journal::request::{Fault, Field};

/// The flag's field.
pub(crate) const FLAG: Field = Field::Named("--cli-input-json");

const FORM: &str = "give a JSON object, or file:// and the path of one; --generate-cli-skeleton prints one to fill in";

/// The two flags.
#[derive(Debug, Clone, Args)]
pub(crate) struct InputJsonArgs {
    /// Take values that no other flag gives from a JSON object, or from file:// and the path of a JSON file
    ///
    /// Its members are those of the API's request, as --generate-cli-skeleton prints them. The AWS CLI has the same
    /// flag.
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    cli_input_json: Option<String>,
    /// Print a JSON object to fill in and pass to --cli-input-json, and do nothing else
    ///
    /// The AWS CLI has the same flag.
    #[arg(
        long,
        value_name = "KIND",
        hide_short_help = true,
        num_args = 0..=1,
        default_missing_value = "input",
        hide_possible_values = true
    )]
    generate_cli_skeleton: Option<Skeleton>,
}

/// What to print. The AWS CLI has no response skeletons for these commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Skeleton {
    Input,
}

impl InputJsonArgs {
    /// Prints the skeleton, if that is all that was asked for.
    pub(crate) fn print_skeleton(&self, context: &Context, skeleton: &Value) -> Option<Result<(), CliError>> {
        self.generate_cli_skeleton.map(|Skeleton::Input| Ok(context.printer.json(skeleton)?))
    }

    /// The members that were given, checked against the known ones. Empty if the flag was not typed.
    pub(crate) fn read(&self, skeleton: &Value) -> Result<InputJson, Fault> {
        let Some(typed) = &self.cli_input_json else { return Ok(InputJson::default()) };
        let fault = |rule: String| Fault::malformed(FLAG, typed, rule, FORM);
        let content = match typed.strip_prefix("file://") {
            Some(path) => files::text(path.as_ref()).map_err(fault)?,
            None => typed.clone(),
        };
        let value = serde_json::from_str(&content).map_err(|error| fault(format!("is not JSON: {error}")))?;
        let Value::Object(members) = value else { return Err(fault("is not a JSON object".to_owned())) };
        let known: Vec<&str> = skeleton.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
            let rule = format!("has an unknown member {unknown}: there are {}", known.join(", "));
            return Err(fault(rule));
        }
        Ok(InputJson { typed: typed.clone(), members })
    }
}

/// The members of a parsed object.
#[derive(Debug, Default)]
pub(crate) struct InputJson {
    typed: String,
    members: Map<String, Value>,
}

impl InputJson {
    /// How messages name the value of a member.
    pub(crate) fn origin(member: &str) -> String {
        format!("--cli-input-json {member}")
    }

    /// A member that is a string.
    pub(crate) fn text(&self, member: &str) -> Result<Option<String>, Fault> {
        match self.members.get(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.fault(format!("must have a string as {member}"))),
        }
    }

    /// A member that is a number or a string, such as a time.
    pub(crate) fn scalar(&self, member: &str) -> Result<Option<String>, Fault> {
        match self.members.get(member) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => self.text(member),
        }
    }

    /// A member that is a structure, read by the given function.
    pub(crate) fn structure<T>(
        &self,
        member: &str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Result<Option<T>, Fault> {
        self.members.get(member).map(read).transpose().map_err(|rule| self.fault(rule))
    }

    fn fault(&self, rule: String) -> Fault {
        Fault::malformed(FLAG, &self.typed, rule, FORM)
    }
}
