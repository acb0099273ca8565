//! `capelint schema`: JSON Schemas, so that an editor completes every key.

use std::path::Path;

use super::args::{self, Data, RuleArgs};
use super::choices::one_of;
use super::session::Session;
use super::{Done, Exit, Failure, print};
use capelint::frontend::documents::SchemaOf;
use capelint::frontend::text::json_masked;

/// Arguments of `capelint schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Files or outputs that the schema describes
    #[arg(value_parser = one_of(SchemaOf::ALL, help))]
    pub of: SchemaOf,
    /// The rules whose names an editor offers
    #[command(flatten, next_help_heading = args::RULES)]
    pub rules: RuleArgs,
}

/// What the command line says of a schema.
fn help(of: SchemaOf) -> &'static str {
    match of {
        SchemaOf::Rules => "Rule files",
        SchemaOf::Tables => "Files that declare tables",
        SchemaOf::Configuration => "`capelint.yaml`",
        SchemaOf::Messages => "`messages.yaml`, the catalog of what CBP and ACE return",
        SchemaOf::Report => "What `check` prints with `--format json` or `jsonl`",
        SchemaOf::Fix => "What `fix` prints with `--format json`",
        SchemaOf::Plan => "What `plan` prints with `--format json`",
        SchemaOf::Triage => "What `triage` prints with `--format json` or `jsonl`",
        SchemaOf::Explain => "What `explain` prints with `--format json`",
        SchemaOf::Test => "What `test` prints with `--format json`",
    }
}

/// Prints a JSON Schema (2020-12).
pub fn run(args: &SchemaArgs) -> Done {
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), Data::default(), false)?;
    let schema = session.rules.schema(args.of);
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Failure::Output(error.into()))?;
    print((json_masked(&text) + "\n").as_bytes())?;
    Ok(Exit::Clean)
}
