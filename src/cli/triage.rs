//! `capelint triage`: read CBP's answer to an upload.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::{Data, RuleArgs};
use super::session::Session;
use super::{Done, Exit, Failure, files, paths, print};
use capelint::report::text::{count, shown};
use capelint::upload::triage::State;

/// Arguments of `capelint triage`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint triage details.csv --out next/
  capelint triage results/*.csv --declaration march.csv --es003 es003.csv --out next/
  capelint triage details.csv --format jsonl")]
pub struct Args {
    /// Claim Details from the Claims tab of the ACE Portal: files, folders, patterns
    #[arg(value_name = "CLAIM_DETAILS", required = true)]
    pub claims: Vec<String>,
    /// A declaration that was uploaded; with it entries without an answer are named. With or without it, reference tables that are given are heeded: our own check is compared with CBP's answer, and what it objects to is not filed again
    #[arg(long = "declaration", value_name = "FILE")]
    pub declarations: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
    /// The folder for refile.csv, the entries that may be filed again now
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The format on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// How many entries of a message to name; 0 names all; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub max_per_message: usize,
    /// Write over files of an earlier run; never over an input
    #[arg(long)]
    pub force: bool,
}

/// The formats of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Jsonl,
}

/// Reads CBP's answer.
pub fn run(args: &Args) -> Done {
    let near = args.declarations.first().or(args.claims.first()).map_or(Path::new("."), Path::new);
    let near = if near.exists() { near } else { Path::new(".") };
    let session =
        Session::with_rules(&args.rules, near, args.declarations.clone(), args.data.clone(), false)?;
    let (mut claims, mut errors) = (Vec::new(), Vec::new());
    for argument in &args.claims {
        match paths::expand(argument, Path::new(""), &args.data.stdin_name) {
            Ok(files) => claims.extend(files.into_iter().map(|(name, origin)| (name, origin.into()))),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Failure::Diagnostics(errors, Box::default()));
    }
    let triaged = session.check().triage(claims);
    session.finish_progress();
    let triaged = triaged?;
    let files = triaged.files();
    if let Some(folder) = &args.out {
        let inputs: Vec<PathBuf> = triaged.sources().into_iter().flat_map(super::fix::inputs).collect();
        files::write(folder, &files, &inputs, args.force)
            .map_err(|found| Failure::Diagnostics(found, Box::default()))?;
    }
    let triage = triaged.triage();
    let mut text = Vec::new();
    match args.format {
        Format::Human => {
            let most = (args.max_per_message > 0).then_some(args.max_per_message);
            triaged.human(most, &mut text)?;
            match &args.out {
                Some(_) if files.is_empty() => {
                    writeln!(text, "nothing was written: no entry may be filed again now")?;
                }
                Some(folder) => {
                    for file in &files {
                        let path = folder.join(&file.name);
                        writeln!(text, "written: {}", shown(&path.to_string_lossy()))?;
                    }
                }
                None if !triage.refile.is_empty() => {
                    let what = count(triage.refile.len(), "entry", "entries");
                    writeln!(text, "--out DIR writes refile.csv with {what}")?;
                }
                None => {}
            }
        }
        Format::Jsonl => triaged.jsonl(&mut text)?,
    }
    print(&text)?;
    let settled = triage.count(State::Accepted) == triage.entries.len() && triage.unanswered.is_empty();
    Ok(if settled { Exit::Clean } else { Exit::Findings })
}
