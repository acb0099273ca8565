//! `capelint triage`: reads CBP's result of an upload.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::{self, Data, RuleArgs};
use super::choices::TriageFormat;
use super::files::{self, FileSet};
use super::session::{Session, read_twice};
use super::{Done, Exit, ExitReason, Failure, paths, print, print_after_writing};
use capelint::OutputFile;
use capelint::frontend::outputs::WORK_LIST;
use capelint::frontend::text::{Outside, count};
use capelint::upload::ClaimResult;

/// Arguments of `capelint triage`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint triage details.csv --out next/
  capelint triage results/*.csv --declaration march.csv --es003 es003.csv --out next/
  capelint triage details.csv --format jsonl")]
pub struct TriageArgs {
    /// Claim Details from the Claims tab of the ACE Portal: files, folders, patterns
    #[arg(value_name = "CLAIM_DETAILS", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub claims: Vec<String>,
    /// Name the entries of this uploaded declaration that have no result
    ///
    /// With or without it, capelint compares its own check with CBP's result if tables are provided, and does
    /// not resubmit what it would reject.
    #[arg(long = "declaration", value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub declarations: Vec<String>,
    #[command(flatten, next_help_heading = args::DATA)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten, next_help_heading = args::RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
    /// Write into this folder: refile.csv (an upload file with the entries to resubmit now) and worklist.csv (every other entry that was not accepted, with the reason, the next step and the day)
    #[arg(long, short, value_name = "FOLDER", help_heading = args::OUTPUT)]
    pub out: Option<PathBuf>,
    /// Write nothing; print what --out would write
    #[arg(long, short = 'n', help_heading = args::OUTPUT)]
    pub dry_run: bool,
    /// Print this format
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t, help_heading = args::OUTPUT)]
    pub format: TriageFormat,
    /// Name this many entries of a message (0 for all); all are counted
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = args::OUTPUT)]
    pub max_per_message: usize,
    /// Write over files of an earlier run; never over an input
    #[arg(long, help_heading = args::OUTPUT)]
    pub force: bool,
}

/// Reads CBP's result.
pub fn run(args: &TriageArgs) -> Done {
    let near = args.declarations.first().or(args.claims.first()).map_or(Path::new("."), Path::new);
    let near = if near.exists() { near } else { Path::new(".") };
    let mut session =
        Session::with_rules(&args.rules, near, args.declarations.clone(), args.data.clone(), false)?;
    session.digests = args.format != TriageFormat::Human;
    let (mut claims, mut errors) = (Vec::new(), Vec::new());
    for argument in &args.claims {
        match paths::expand(argument, Path::new(""), &args.data.stdin_name) {
            Ok(files) => claims.extend(files.into_iter().map(|(name, origin)| (name, origin.into()))),
            Err(error) => errors.push(error),
        }
    }
    let stdin = args.claims.iter().chain(&args.declarations).filter(|name| *name == "-").count();
    errors.extend(read_twice(stdin + usize::from(session.names_stdin_for_a_table())));
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let triaged = session.check().triage(claims);
    session.finish_progress();
    let triaged = triaged?;
    let files = triaged.files();
    if let Some(folder) = &args.out
        && !args.dry_run
        && !files.is_empty()
    {
        let inputs: Vec<PathBuf> = triaged.sources().into_iter().flat_map(super::fix::inputs).collect();
        let set = FileSet {
            files: &files,
            last: Vec::new(),
            inputs: &inputs,
            force: args.force,
            uploads: ("", files::is_refile),
        };
        set.write(folder).map_err(Failure::from)?;
    }
    let triage = triaged.triage();
    let mut text = Vec::new();
    match args.format {
        TriageFormat::Human => {
            let most = (args.max_per_message > 0).then_some(args.max_per_message);
            triaged.human(most, &mut text)?;
            write_outputs(args, &files, triage.refile.len(), &mut text)?;
        }
        TriageFormat::Json => triaged.json(&mut text)?,
        TriageFormat::Jsonl => triaged.jsonl(&mut text)?,
    }
    match &args.out {
        Some(folder) if !args.dry_run => print_after_writing(&text, folder)?,
        _ => print(&text)?,
    }
    let all_accepted =
        triage.count(ClaimResult::Accepted) == triage.entries.len() && triage.unanswered.is_empty();
    Ok(if all_accepted { Exit::Clean } else { Exit::Findings(ExitReason::Other) })
}

/// Prints which files were written, or can be.
fn write_outputs(
    args: &TriageArgs,
    files: &[OutputFile],
    refile: usize,
    text: &mut Vec<u8>,
) -> std::io::Result<()> {
    let Some(folder) = &args.out else {
        if !files.is_empty() {
            let what = count(refile, "entry", "entries");
            writeln!(text, "to write refile.csv ({what}) and {WORK_LIST}, add `--out FOLDER`")?;
        }
        return Ok(());
    };
    if files.is_empty() {
        return writeln!(text, "nothing to write: CBP accepted every entry");
    }
    let written = if args.dry_run { "would write" } else { "wrote" };
    for file in files {
        writeln!(text, "{written} {}", Outside::new(&folder.join(&file.name).to_string_lossy()))?;
    }
    if refile == 0 {
        writeln!(text, "no refile.csv: no entry can be resubmitted now")?;
    }
    Ok(())
}
