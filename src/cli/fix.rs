//! `capelint fix`: write the clean upload files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use hashbrown::HashSet;

use super::args::Inputs;
use super::checklist;
use super::door::CommandLine;
use super::files;
use super::session::Session;
use super::{Done, Exit, Failure, print, print_after_writing};
use capelint::diagnostic::{Code, Diagnostic};
use capelint::engine::{Checked, HELD};
use capelint::finding::Severity;
use capelint::finding::{Finding, Outcome};
use capelint::source::{Sources, Text};
use capelint::text::{changed_settings, count, rule_changes, shown, switched_off, thousands};
use capelint::upload::{Destination, Include, Plan, Reason, RowGroup, UploadFile, unified};

/// Arguments of `capelint fix`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint fix march.csv --es003 es003.csv --out upload/
  capelint fix march.csv --es003 es003.csv --dry-run
  capelint fix declarations/*.csv --es003 es003.csv --out upload/ --include ready")]
pub struct Args {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub inputs: Inputs,
    /// Write the upload files, and the list of what is held back, into this folder
    ///
    /// A new folder appears with all files in it or not at all. In an existing folder, files appear one at
    /// a time and held.csv last: if held.csv is missing, the set is incomplete.
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    pub out: Option<PathBuf>,
    /// Which entries to write for upload besides those that are ready
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    pub include: Level,
    /// Write nothing; show what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Write over files of an earlier run; never over an input
    #[arg(long)]
    pub force: bool,
}

/// Which entries without an error go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Only entries that are ready.
    Ready,
    /// Also entries with warnings.
    #[default]
    Warned,
    /// Also entries that are undecided.
    Undecided,
}

impl From<Level> for Include {
    fn from(level: Level) -> Self {
        Self { warned: level != Level::Ready, undecided: level == Level::Undecided }
    }
}

/// Writes the clean upload files.
pub fn run(args: &Args) -> Done {
    let session = Session::open(&args.inputs)?;
    let judgement = session.judge()?;
    let plan = plan_of(&judgement, args.include.into())?;
    let folder = args.out.as_deref().unwrap_or(Path::new(""));
    let outputs = judgement.files(&plan);
    let mut text = String::new();
    if args.dry_run {
        changes(&plan, &judgement, &mut text);
    } else {
        let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
        left_over(folder, &names).map_err(Failure::from)?;
        files::write(folder, &outputs, &inputs(&judgement.sources), args.force).map_err(Failure::from)?;
    }
    summary(&plan, &judgement, folder, args, &mut text);
    if args.dry_run {
        print(text.as_bytes())?;
    } else {
        print_after_writing(text.as_bytes(), folder)?;
    }
    Ok(if plan.held.is_empty() && plan.misplaced.is_empty() { Exit::Clean } else { Exit::Findings })
}

fn plan_of(judgement: &Checked<'_>, include: Include) -> Result<Plan, Failure> {
    judgement.plan(include).map_err(|error| {
        Diagnostic::new(Code::DoesNotAddUp, format!("nothing was written: {error}"))
            .help("this is an error in capelint; please report it")
            .into()
    })
}

/// Refuses a folder with upload files that this run does not write: uploaded together with the new
/// ones, they would declare entries twice.
pub(super) fn left_over(folder: &Path, written: &[&str]) -> Result<(), Vec<Diagnostic>> {
    let Ok(listing) = fs::read_dir(folder) else { return Ok(()) };
    let mut names: Vec<String> = listing
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| is_upload(name) && !written.contains(&name.as_str()))
        .collect();
    names.sort();
    let Some(first) = names.first() else { return Ok(()) };
    let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
    let message = format!("`{}` has upload files of another run: {}{more}", folder.display(), shown(first));
    let help = "move them away, or choose another folder with --out: uploaded together with the new \
                files, they would declare entries twice";
    Err(vec![Diagnostic::new(Code::LeftOverUploads, message).help(help)])
}

/// Whether a file is named as upload files are.
fn is_upload(name: &str) -> bool {
    let number = name
        .strip_prefix("declaration-")
        .and_then(|rest| rest.strip_suffix(".csv"))
        // Those of `plan` also say a day.
        .map(|rest| rest.split_once("-by-").map_or(rest, |(rest, _)| rest))
        .map(|rest| rest.rsplit('-').next().unwrap_or(rest));
    number.is_some_and(|number| number.len() >= 3 && number.bytes().all(|c| c.is_ascii_digit()))
}

/// All files that were read.
pub(super) fn inputs(sources: &Sources) -> Vec<PathBuf> {
    sources.iter().map(|(_, file)| PathBuf::from(&*file.name)).collect()
}

/// What would change: a diff where one text becomes one file, else where the rows of each
/// declaration go.
fn changes(plan: &Plan, judgement: &Checked<'_>, out: &mut String) {
    let row_groups = judgement.row_groups(plan);
    // Writing to a string does not fail.
    for (at, of_file) in row_groups.iter().enumerate() {
        let file = judgement.outcome.declarations[at].file;
        let name = judgement.sources.name(file);
        let into = |way: &RowGroup| if let Destination::Upload(file) = way.goes { Some(file) } else { None };
        let only = match of_file.iter().filter_map(into).collect::<Vec<_>>()[..] {
            // No other declaration may have a part in it.
            [to] if row_groups.iter().flatten().filter(|way| into(way) == Some(to)).count() == 1 => Some(to),
            _ => None,
        };
        match (only, judgement.sources.text(file)) {
            (Some(to), Some(before)) => difference(name, before, &plan.files[to], out),
            _ => {
                let _ = writeln!(out, "{}", shown(name));
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
            format!("{rows} to {}{rewritten}", shown(&plan.files[file].name))
        }
        Destination::HeldBack => format!("{rows} to {HELD}"),
        Destination::Duplicate => format!("{rows} left out, entered in a row before"),
        Destination::Blank => format!("{rows} left out, blank"),
    };
    let ranges = way.ranges();
    let lines = if way.lines.len() == 1 { "line" } else { "lines" };
    let mut line = format!("   {what}: {lines}");
    for (at, range) in ranges.iter().enumerate() {
        if line.chars().count() + range.len() > WIDTH {
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
fn difference(name: &str, before: &Text, file: &UploadFile, out: &mut String) {
    let after = String::from_utf8_lossy(&file.bytes()).into_owned();
    match unified(name, &before.text, &file.name, &after) {
        Some(text) if text.is_empty() => {
            let _ = writeln!(out, "{} to {}: no line changes", shown(name), shown(&file.name));
        }
        Some(text) => out.push_str(&text),
        None => {
            let _ = writeln!(out, "{} to {}: too many lines for a diff", shown(name), shown(&file.name));
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

/// Where lists of lines are broken.
const WIDTH: usize = 100;

fn summary(plan: &Plan, judgement: &Checked<'_>, folder: &Path, args: &Args, out: &mut String) {
    // Writing to a string does not fail.
    let _ = try_summary(plan, judgement, folder, args, out);
}

fn try_summary(
    plan: &Plan,
    judgement: &Checked<'_>,
    folder: &Path,
    args: &Args,
    out: &mut String,
) -> std::fmt::Result {
    let outcome = &judgement.outcome;
    let path = |name: &str| shown(&folder.join(name).to_string_lossy()).into_owned();
    for UploadFile { name, entries, deadline } in &plan.files {
        write!(out, "{}: {}", path(name), count(entries.len(), "entry", "entries"))?;
        match deadline {
            Some(day) => {
                let leave = if entries.len() == 1 { "which leaves" } else { "the first leave" };
                writeln!(out, ", {leave} the 80-day window on {day}")?;
            }
            None => writeln!(out)?,
        }
    }
    if plan.files.is_empty() {
        writeln!(out, "no upload file: no entry may go out")?;
    }
    writeln!(out, "{}: {} held back", path(HELD), count(plan.held.len(), "entry", "entries"))?;
    for (rule, entries) in held_by(plan, judgement) {
        writeln!(out, "   {rule}: {}", thousands(entries))?;
    }
    for told in lacking(plan, judgement) {
        writeln!(out, "   = {}", shown(&told))?;
    }
    if !plan.misplaced.is_empty() {
        let what = count(plan.misplaced.len(), "entry number stands", "entry numbers stand");
        writeln!(
            out,
            "{what} outside the rows or the column of entry numbers, not checked and not uploaded; see {HELD}"
        )?;
    }
    for at in &plan.file_errors {
        let finding = &outcome.findings[*at];
        let rule = &outcome.rule(finding.rule).id;
        let message = shown(&finding.message);
        let place = judgement.sources.show(finding.place).to_string();
        writeln!(out, "{}: all entries are held back: {message} [{rule}]", shown(&place))?;
    }
    for (finding, more) in file_warnings(outcome) {
        let rule = &outcome.rule(finding.rule).id;
        let place = judgement.sources.show(finding.place).to_string();
        let more = if more > 0 { format!(", and {} more", thousands(more)) } else { String::new() };
        writeln!(out, "{}: warning: {} [{rule}]{more}", shown(&place), shown(&finding.message))?;
    }
    let warned = count(plan.warned, "uploaded entry has a warning", "uploaded entries have warnings");
    match args.include {
        Level::Ready => writeln!(out, "only ready entries go out (--include ready)")?,
        Level::Warned => writeln!(out, "{warned}; undecided entries are held back (--include undecided)")?,
        Level::Undecided => writeln!(
            out,
            "{warned}; {} (--include undecided)",
            count(plan.undecided, "uploaded entry is undecided", "uploaded entries are undecided"),
        )?,
    }
    if let Some(off) = switched_off(&outcome.switched_off) {
        writeln!(out, "{off}; entries that they would have held back are written for upload")?;
    }
    if let Some(changed) = changed_settings(&outcome.settings) {
        writeln!(out, "{changed}")?;
    }
    if let Some(changed) = rule_changes(&outcome.rule_changes) {
        writeln!(out, "{changed}")?;
    }
    writeln!(out, "{}", plan.balance)?;
    if !plan.files.is_empty() {
        checklist::write(out)?;
    }
    if args.dry_run {
        writeln!(out, "nothing was written (--dry-run)")?;
    }
    Ok(())
}

/// Warnings that are not about an entry, the first of each rule and how many more there are.
fn file_warnings(outcome: &Outcome) -> Vec<(&Finding, usize)> {
    let mut told: Vec<(&Finding, usize)> = Vec::new();
    let warns = |finding: &&Finding| {
        finding.entry.is_none() && finding.severity == Severity::Warning && finding.waived.is_none()
    };
    for finding in outcome.findings.iter().filter(warns) {
        match told.iter_mut().find(|(first, _)| first.rule == finding.rule) {
            Some((_, more)) => *more += 1,
            None => told.push((finding, 0)),
        }
    }
    told
}

/// What the rules lacked that could not be told for entries held back, each with how to settle it.
fn lacking(plan: &Plan, judgement: &Checked<'_>) -> Vec<String> {
    let reasons = plan.held.iter().flat_map(|held| &held.reasons);
    let untold: HashSet<_> = reasons
        .filter_map(|reason| match reason {
            Reason::Undecided(rule) => Some(*rule),
            Reason::Finding(_) | Reason::Unreadable => None,
        })
        .collect();
    let mut told = Vec::new();
    for undecided in judgement
        .outcome
        .undecided
        .iter()
        .filter(|undecided| untold.contains(&undecided.rule) && !undecided.optional)
    {
        let why = undecided.cause.text(&judgement.sources);
        let line = format!("{why}; {}", undecided.cause.help(&CommandLine));
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

/// The reasons by rule, most entries first.
fn held_by(plan: &Plan, judgement: &Checked<'_>) -> Vec<(String, usize)> {
    let outcome = &judgement.outcome;
    let mut counts: Vec<(String, usize)> = Vec::new();
    for held in &plan.held {
        let mut names: Vec<String> = held
            .reasons
            .iter()
            .map(|reason| match reason {
                Reason::Finding(at) => outcome.rule(outcome.findings[*at].rule).id.clone(),
                Reason::Undecided(rule) => format!("{} (undecided)", outcome.rule(*rule).id),
                Reason::Unreadable => "unreadable entry number".to_owned(),
            })
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            match counts.iter_mut().find(|(other, _)| *other == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
    }
    counts.sort_by(|(name_a, a), (name_b, b)| (b, name_a).cmp(&(a, name_b)));
    counts
}

#[cfg(test)]
mod tests {
    use super::is_upload;

    #[test]
    fn upload_files_are_known_by_their_names() {
        for name in [
            "declaration-001.csv",
            "declaration-ABC-012.csv",
            "declaration-1000.csv",
            "declaration-12-3456789-001-by-2026-11-25.csv",
        ] {
            assert!(is_upload(name), "{name}");
        }
        for name in ["declaration-march.csv", "declaration-01.csv", "declaration.csv", "held.csv"] {
            assert!(!is_upload(name), "{name}");
        }
    }
}
