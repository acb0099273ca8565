//! `capelint schema`: JSON Schemas, so that an editor completes every key.

use clap::ValueEnum;

use super::{Done, Exit, Failure, print};

/// Arguments of `capelint schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which files
    #[arg(value_enum)]
    pub of: Of,
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
}

/// Prints a JSON Schema (2020-12).
pub fn run(args: &Args) -> Done {
    let schema = match args.of {
        Of::Rules => capelint::rules::schema::rules(),
        Of::Tables => capelint::rules::schema::tables(),
        Of::Config => capelint::rules::schema::config(),
    };
    let mut text = serde_json::to_vec_pretty(&schema).map_err(|error| Failure::Output(error.into()))?;
    text.push(b'\n');
    print(&text)?;
    Ok(Exit::Clean)
}
