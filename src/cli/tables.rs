//! `capelint tables`: everything that a rule may name, and what it means.

use std::path::Path;

use clap_complete::engine::ArgValueCandidates;

use super::args::{self, Data, RuleArgs};
use super::complete;
use super::session::Session;
use super::{Done, Exit, print};
use capelint::frontend::errors;

/// Arguments of `capelint tables`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint tables                      all names, by kind
  capelint tables es003                the columns of a table, with their types and headers
  capelint tables ieepa_duty           a figure, a setting, a code list, a selection, …
  capelint tables total                a function; words of conditions and tests, too")]
pub struct TablesArgs {
    /// What to describe: a table, code list, selection, figure, setting, condition, step, function or word
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(complete::names))]
    pub name: Option<String>,
    /// The rules whose names are listed
    #[command(flatten, next_help_heading = args::RULES)]
    pub rules: RuleArgs,
}

/// Lists the names, or describes one.
pub fn run(args: &TablesArgs) -> Done {
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), Data::default(), false)?;
    let text = match &args.name {
        None => session.rules.list_names(),
        Some(name) => match session.rules.describe_name(name) {
            Some(text) => text,
            None => {
                let names = session.rules.names();
                let known = names.iter().flat_map(|(_, names)| names.iter().map(|(name, _)| name.as_str()));
                return Err(errors::unknown_name(name, known).into());
            }
        },
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}
