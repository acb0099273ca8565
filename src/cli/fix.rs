//! `capelint fix`: write the clean upload files.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::{self, Inputs};
use super::checklist;
use super::choices::DocumentFormat;
use super::files::{self, FileSet};
use super::frontend::CommandLine;
use super::session::Session;
use super::summary::{self, Uploads};
use super::{Done, Exit, ExitReason, Failure, print, print_after_writing};
use capelint::engine::UploadNotes;
use capelint::frontend::errors;
use capelint::frontend::outputs::{self, HELD, WARNED, Written, unified};
use capelint::frontend::text::{Outside, count, thousands};
use capelint::source::{Sources, Text};
use capelint::upload::{Destination, RowGroup, UploadFile};
use capelint::{Checked, Include, Plan, Sets};

/// Arguments of `capelint fix`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint fix march.csv --es003 es003.csv --out upload/
  capelint fix march.csv --es003 es003.csv --dry-run
  capelint fix declarations/*.csv --es003 es003.csv --out upload/ --include ready")]
pub struct FixArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub inputs: Inputs,
    /// Write the upload files, and the lists of warnings and of what is held back, into this folder
    ///
    /// A new folder appears with all files in it or not at all. In an existing folder, files appear one at
    /// a time and held.csv last; until then the folder has a file INCOMPLETE.txt.
    #[arg(long, short, value_name = "FOLDER", required_unless_present = "dry_run", help_heading = args::OUTPUT)]
    pub out: Option<PathBuf>,
    /// Write these entries for upload besides those that are ready [default: warned]
    ///
    /// Several are separated by commas: `--include stopped,undecided`. What would have been held back is
    /// printed entry by entry, and written to accepted-by-you.csv.
    #[arg(long, value_enum, value_name = "LEVEL", value_delimiter = ',', help_heading = args::ENTRIES)]
    pub include: Vec<IncludedEntries>,
    /// Write the entries of all declarations into one set of files, not one set for each declaration
    #[arg(long, help_heading = args::OUTPUT)]
    pub merge: bool,
    /// Write nothing; show what would change
    #[arg(long, short = 'n', help_heading = args::OUTPUT)]
    pub dry_run: bool,
    /// Write over files of an earlier run; never over an input
    #[arg(long, help_heading = args::OUTPUT)]
    pub force: bool,
    /// Print this format
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t, help_heading = args::OUTPUT)]
    pub format: DocumentFormat,
}

/// Which entries without an error are written for upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IncludedEntries {
    /// Only those without a warning.
    Ready,
    /// Also those with warnings.
    Warned,
    /// Also those that an error or stop rule leaves undecided.
    Undecided,
    /// Also those with a stop.
    Stopped,
}

/// What the levels of a command line include. Warned entries are left out only where `ready` is all that
/// is asked for.
pub(super) fn include(levels: &[IncludedEntries]) -> Include {
    Include {
        warned: levels != [IncludedEntries::Ready],
        undecided: levels.contains(&IncludedEntries::Undecided),
        stopped: levels.contains(&IncludedEntries::Stopped),
    }
}

/// Writes the clean upload files.
pub fn run(args: &FixArgs) -> Done {
    let mut session = Session::open(&args.inputs)?;
    session.digests = args.format == DocumentFormat::Json;
    let checked = session.judge_in_batches()?;
    let sets = if args.merge { Sets::Merged } else { Sets::PerDeclaration };
    let plan = plan_of(&checked, include(&args.include), sets)?;
    let folder = args.out.as_deref().unwrap_or(Path::new(""));
    let outputs = checked.files(&plan);
    if !args.dry_run {
        let set = FileSet {
            files: &outputs,
            last: Vec::new(),
            inputs: &inputs(&checked.sources),
            force: args.force,
            uploads: ("", files::is_upload),
        };
        set.write(folder).map_err(Failure::from)?;
    }
    let outcome = &checked.outcome;
    let asks_for_psc = summary::asks_for_psc(outcome);
    let open = (outcome.is_undecided() && !include(&args.include).undecided) || asks_for_psc;
    let clean = !plan.files.is_empty() && plan.held.is_empty() && plan.misplaced.is_empty() && !open;
    let mut text = String::new();
    match args.format {
        DocumentFormat::Human => {
            if args.dry_run {
                changes(&plan, &checked, &mut text);
            }
            write_summary(&plan, &checked, folder, args, &mut text);
        }
        DocumentFormat::Json => {
            let folder = folder.to_string_lossy();
            let folder = (!args.dry_run).then_some(&*folder);
            let written = Written { folder, complete: clean, asks_for_psc };
            text = in_json(|out| checked.plan_json(&plan, written, &session.json_options(), out))?;
        }
    }
    if args.dry_run {
        print(text.as_bytes())?;
    } else {
        print_after_writing(text.as_bytes(), folder)?;
    }
    Ok(match (clean, plan.files.is_empty()) {
        (true, _) => Exit::Clean,
        (false, true) => Exit::Findings(ExitReason::NothingToUpload),
        (false, false) => Exit::Findings(ExitReason::blocked(plan.held.len())),
    })
}

/// What a function writes, as text.
pub(super) fn in_json(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(Failure::Output)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn plan_of(checked: &Checked<'_>, include: Include, sets: Sets) -> Result<Plan, Failure> {
    checked.plan(include, sets).map_err(|error| errors::does_not_add_up(&error).into())
}

/// All files that were read.
pub(super) fn inputs(sources: &Sources) -> Vec<PathBuf> {
    sources.iter().map(|(_, file)| PathBuf::from(file.name().raw())).collect()
}

/// What would change: a diff where one text becomes one file, else where the rows of each
/// declaration go.
fn changes(plan: &Plan, checked: &Checked<'_>, out: &mut String) {
    let row_groups = checked.row_groups(plan);
    // Writing to a string does not fail.
    for (at, of_file) in row_groups.iter().enumerate() {
        let file = checked.outcome.declarations[at].file;
        let name = checked.sources.name(file);
        let into = |way: &RowGroup| if let Destination::Upload(file) = way.goes { Some(file) } else { None };
        let only = match of_file.iter().filter_map(into).collect::<Vec<_>>()[..] {
            // No other declaration may have a part in it.
            [to] if row_groups.iter().flatten().filter(|way| into(way) == Some(to)).count() == 1 => Some(to),
            _ => None,
        };
        match (only, checked.sources.text(file)) {
            (Some(to), Some(before)) => difference(name, before, &plan.files[to], out),
            _ => {
                let _ = writeln!(out, "{name}");
                of_file.iter().for_each(|way| show_way(way, plan, out));
            }
        }
        out.push('\n');
    }
}

/// The rows of a declaration that go the same way.
fn show_way(way: &RowGroup, plan: &Plan, out: &mut String) {
    let rows = count(way.lines.len(), "row", "rows");
    let what = match way.goes {
        Destination::Upload(file) => {
            let rewritten = match way.rewritten {
                0 => String::new(),
                some => format!(", {} rewritten", thousands(some)),
            };
            format!("{rows} to {}{rewritten}", Outside::new(&plan.files[file].name))
        }
        Destination::HeldBack => format!("{rows} to {HELD}"),
        Destination::Duplicate => format!("{rows} left out, entered in a row before"),
        Destination::Blank => format!("{rows} left out, blank"),
    };
    let ranges = way.ranges();
    let lines = if way.lines.len() == 1 { "line" } else { "lines" };
    let mut line = format!("   {what}: {lines}");
    for (at, range) in ranges.iter().enumerate() {
        if line.chars().count() + range.len() > summary::width() {
            let _ = writeln!(out, "{line}");
            line = "     ".to_owned();
        }
        line.push(' ');
        line.push_str(range);
        if at + 1 < ranges.len() {
            line.push(',');
        }
    }
    let _ = writeln!(out, "{line}");
}

/// What a declaration's only upload file changes of it.
fn difference(name: Outside<'_>, before: &Text, file: &UploadFile, out: &mut String) {
    let after = String::from_utf8_lossy(&file.bytes()).into_owned();
    match unified(name.raw(), &before.text, &file.name, &after) {
        Some(text) if text.is_empty() => {
            let _ = writeln!(out, "{name} to {}: no line changes", Outside::new(&file.name));
        }
        Some(text) => out.push_str(&text),
        None => {
            let _ = writeln!(out, "{name} to {}: too many lines for a diff", Outside::new(&file.name));
        }
    }
    if before.skipped > 0 {
        out.push_str("the byte order mark is removed\n");
    }
    let plain = before.text.matches("\r\n").count() == before.line_count() - 1;
    if !plain || !before.text.ends_with("\r\n") {
        out.push_str("every line ends with CRLF\n");
    }
}

fn write_summary(plan: &Plan, checked: &Checked<'_>, folder: &Path, args: &FixArgs, out: &mut String) {
    // Writing to a string does not fail.
    let mut text = String::new();
    let _ = try_summary(plan, checked, folder, args, &mut text);
    out.push_str(&summary::for_terminal(text));
}

fn try_summary(
    plan: &Plan,
    checked: &Checked<'_>,
    folder: &Path,
    args: &FixArgs,
    out: &mut String,
) -> std::fmt::Result {
    let outcome = &checked.outcome;
    let path = |name: &str| Outside::new(&folder.join(name).to_string_lossy()).shown().into_owned();
    for UploadFile { name, entries, deadline } in &plan.files {
        write!(out, "{}: {}", path(name), count(entries.len(), "entry", "entries"))?;
        match deadline {
            Some(day) => writeln!(out, ", earliest filing deadline {day}")?,
            None => writeln!(out)?,
        }
    }
    if plan.files.is_empty() {
        writeln!(out, "no upload file: no entry may be uploaded")?;
    }
    let notes = UploadNotes::of(checked, &plan.warned, &plan.lifted, &CommandLine);
    let warned = count(notes.warned, "entry to upload with a warning", "entries to upload with warnings");
    writeln!(out, "{}: {warned}", path(WARNED))?;
    writeln!(out, "{}: {} held back", path(HELD), count(plan.held.len(), "entry", "entries"))?;
    summary::by_rule(&outputs::by_rule(&plan.held, outcome), out)?;
    if !plan.misplaced.is_empty() {
        let what = count(plan.misplaced.len(), "entry number is", "entry numbers are");
        writeln!(
            out,
            "{what} outside the rows or the column of entry numbers, not checked and not written for upload; see {HELD}"
        )?;
    }
    for at in &plan.file_errors {
        let finding = &outcome.findings[*at];
        let rule = &outcome.rule(finding.rule).id;
        let message = finding.message.shown();
        let place = checked.sources.show(finding.place);
        writeln!(out, "{place}: all entries are held back: {message} [{rule}]")?;
    }
    Uploads { checked, notes: &notes, are_written: !args.dry_run }.caveats(out)?;
    let mut held = vec!["undecided", "stopped"];
    let Include { warned, undecided, stopped } = include(&args.include);
    held.retain(|level| !(undecided && *level == "undecided" || stopped && *level == "stopped"));
    if !warned {
        held.push("warned");
    }
    if !held.is_empty() && !plan.held.is_empty() {
        writeln!(out, "{} entries are held back (--include writes them for upload)", held.join(" and "))?;
    }
    if plan.undecided > 0 {
        writeln!(
            out,
            "{} (--include undecided)",
            count(plan.undecided, "entry to upload is undecided", "entries to upload are undecided")
        )?;
    }
    writeln!(out, "{}", plan.balance)?;
    summary::first_steps(|options, out| checked.first_steps(plan, options, out), out);
    if !plan.files.is_empty() {
        checklist::write(out)?;
    }
    if args.dry_run {
        writeln!(out, "nothing was written (--dry-run)")?;
    }
    Ok(())
}
