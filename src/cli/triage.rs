//! `capelint triage`: read CBP's answer to an upload.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::{Data, RuleArgs};
use super::files::{self, Output};
use super::progress::Progress;
use super::session::{Judgement, Session};
use super::{Done, Exit, Failure, paths, print};
use capelint::diagnostic::Diagnostic;
use capelint::entry::EntryNumber;
use capelint::report::text::{count, shown};
use capelint::rules::messages;
use capelint::source::Sources;
use capelint::table::reference::{Keep, Request, read_table};
use capelint::table::schema::Schema;
use capelint::table::{Entries, Table, Tables};
use capelint::upload::csv;
use capelint::upload::messages::MessageCatalog;
use capelint::upload::triage::{State, claims, triage};

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
    let mut session =
        Session::with_rules(&args.rules, near, args.declarations.clone(), args.data.clone(), false)?;
    let catalog = MessageCatalog::of(messages::embedded());
    let mut sources = session.sources.clone();
    let mut tables = Tables {
        schemas: session.rules.schemas.clone(),
        tables: session.rules.schemas.iter().map(|_| None).collect(),
    };
    let Some(id) = tables.id("claims") else {
        return Err(Diagnostic::new("no-claims-table", "the rules declare no table `claims`")
            .help("take the built-in pack's tables/claims.yaml")
            .into());
    };
    let (mut inputs, mut diagnostics) = (Vec::new(), Vec::new());
    for argument in &args.claims {
        match paths::expand(argument, Path::new(""), &args.data.stdin_name) {
            Ok(files) => inputs.extend(files.into_iter().map(|(name, origin)| (name, origin.into()))),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    if !diagnostics.is_empty() {
        return Err(Failure::Diagnostics(diagnostics, Box::new(sources)));
    }
    let progress = Progress::new(&tables.schemas[id.0].title);
    let request = Request {
        keep: Keep::All,
        progress: &|done, total| progress.tell(done, total),
        ..Request::new(id, &session.rules.schemas)
    };
    let mut entries = Entries::default();
    let table = match read_table(&request, &inputs, &mut sources, &mut entries) {
        Ok(table) => table,
        Err(found) => return Err(Failure::Diagnostics(found, Box::new(sources))),
    };
    drop(progress);
    let without_status = no_status(&table, &tables.schemas[id.0], &sources);
    if !without_status.is_empty() {
        return Err(Failure::Diagnostics(without_status, Box::new(sources)));
    }
    let unkeyed = table.parts.iter().map(|part| part.unkeyed_rows).sum();
    tables.tables[id.0] = Some(table);
    let claims = claims(&tables, id, &entries, &sources);
    // What the tables say of an entry counts, whether or not the declaration it was in is given.
    if args.declarations.is_empty() && session.has_tables() {
        let numbers: BTreeSet<EntryNumber> = claims.iter().map(|claim| claim.entry).collect();
        session.declare("the answered entries", &csv::declaration(&Vec::from_iter(numbers)));
    }
    let judgement =
        if args.declarations.is_empty() && !session.has_tables() { None } else { Some(session.judge()?) };
    let mut protected = super::fix::inputs(&sources);
    protected.extend(judgement.iter().flat_map(|judgement| super::fix::inputs(&judgement.sources)));
    let checked = judgement.as_ref().is_some_and(has_export);
    let triage = triage(
        claims,
        unkeyed,
        &catalog,
        judgement.as_ref().map(|judgement| &judgement.outcome),
        checked,
        session.filing_date,
    );
    let files: Vec<Output> =
        triage.refile_files().into_iter().map(|(name, bytes)| Output { name, bytes }).collect();
    if let Some(folder) = &args.out {
        files::write(folder, &files, &protected, args.force)
            .map_err(|found| Failure::Diagnostics(found, Box::default()))?;
    }
    let mut text = Vec::new();
    match args.format {
        Format::Human => {
            let most = (args.max_per_message > 0).then_some(args.max_per_message);
            triage.human(&sources, most, &mut text)?;
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
        Format::Jsonl => triage.jsonl(&sources, &mut text)?,
    }
    print(&text)?;
    let settled = triage.count(State::Accepted) == triage.entries.len() && triage.unanswered.is_empty();
    Ok(if settled { Exit::Clean } else { Exit::Findings })
}

/// An error for each file that does not say what became of its entries: it is no Claim Details.
fn no_status(table: &Table, schema: &Schema, sources: &Sources) -> Vec<Diagnostic> {
    let Some(status) = schema.column("status") else { return Vec::new() };
    let header = schema.columns[status].headers.first().map_or("STATUS", String::as_str);
    let parts = table.parts.iter().filter(|part| part.fields[status].is_none());
    parts
        .map(|part| {
            let name = sources.name(part.file);
            Diagnostic::new(
                "no-status-column",
                format!("`{name}` has no column `{header}`, so it cannot be read as {}", schema.title),
            )
            .help("download Claim Details from the Claims tab of the ACE Portal; a declaration goes to --declaration")
        })
        .collect()
}

/// Whether our own check had an export to look at; without one it has nothing to set against CBP's
/// word.
fn has_export(judgement: &Judgement) -> bool {
    let tables = &judgement.tables;
    tables.id("es003").and_then(|id| tables.get(id)).is_some_and(|table| !table.parts.is_empty())
}
