//! `capelint schema`: JSON Schemas, so that an editor completes every key.

use clap::ValueEnum;

use std::path::Path;

use super::args::{self, Data, RuleArgs};
use super::session::Session;
use super::{Done, Exit, Failure, print};
use capelint::engine::SchemaOf;
use capelint::frontend::text::json_masked;

/// Arguments of `capelint schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Files or outputs that the schema describes
    #[arg(value_enum)]
    pub of: Of,
    /// The rules whose names an editor offers
    #[command(flatten, next_help_heading = args::RULES)]
    pub rules: RuleArgs,
}

/// Kinds of files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// Rule files.
    Rules,
    /// Files that declare tables.
    Tables,
    /// `capelint.yaml`.
    Config,
    /// `messages.yaml`, the catalog of what CBP and ACE return.
    Messages,
    /// What `check` prints with `--format json` or `jsonl`.
    Report,
    /// What `fix` prints with `--format json`.
    Fix,
    /// What `plan` prints with `--format json`.
    Plan,
    /// What `triage` prints with `--format json` or `jsonl`.
    Triage,
    /// What `explain` prints with `--format json`.
    Explain,
    /// What `test` prints with `--format json`.
    Test,
}

/// Prints a JSON Schema (2020-12).
pub fn run(args: &SchemaArgs) -> Done {
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), Data::default(), false)?;
    let schema = session.rules.schema(match args.of {
        Of::Rules => SchemaOf::Rules,
        Of::Tables => SchemaOf::Tables,
        Of::Config => SchemaOf::Configuration,
        Of::Messages => SchemaOf::Messages,
        Of::Report => SchemaOf::Report,
        Of::Fix => SchemaOf::Fix,
        Of::Plan => SchemaOf::Plan,
        Of::Triage => SchemaOf::Triage,
        Of::Explain => SchemaOf::Explain,
        Of::Test => SchemaOf::Test,
    });
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Failure::Output(error.into()))?;
    print((json_masked(&text) + "\n").as_bytes())?;
    Ok(Exit::Clean)
}
