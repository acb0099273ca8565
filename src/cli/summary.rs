//! Prints what `fix` and `plan` have above their sum: what was not checked, as `check` prints it, and each entry
//! that is written for upload with a warning or on a person's decision.

use std::fmt::{self, Write};
use std::io;

use super::frontend::CommandLine;
use capelint::cause::UndecidedCause;
use capelint::engine::{FirstNamed, UploadNotes};
use capelint::entry::EntryNumber;
use capelint::finding::{Finding, Outcome, Severity};
use capelint::frontend::outputs::{ACCEPTED, WARNED};
use capelint::frontend::text::{Outside, count, thousands, wrapped as text_wrapped};
use capelint::{Checked, Options};

/// How wide lines are that go to no terminal, in columns.
const WIDTH: usize = 100;
/// How many rules are named with how many entries each holds back.
const RULES: usize = 12;

/// How many columns the terminal of standard output has, from 60 to 200; `None` where it is none.
pub fn terminal_width() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(width, _)| usize::from(width.0).clamp(60, 200))
}

/// Where lists are broken, in columns.
pub fn width() -> usize {
    terminal_width().unwrap_or(WIDTH)
}

/// The options of what `fix` and `plan` print as reports do.
fn options() -> Options {
    Options { frontend: &CommandLine, max_lines: None, width: width(), ..Options::default() }
}

/// Wraps what is printed to a terminal; what a program reads keeps its lines.
pub fn for_terminal(text: String) -> String {
    match terminal_width() {
        Some(width) => text.lines().fold(String::new(), |all, line| all + &wrapped_line(line, width) + "\n"),
        None => text,
    }
}

/// A line, wrapped between words; its further lines are indented by two more columns.
fn wrapped_line(line: &str, width: usize) -> String {
    let content = line.trim_start_matches(' ');
    let indent = line.len() - content.len();
    let lines = text_wrapped(content, width.saturating_sub(indent), width.saturating_sub(indent + 2));
    format!("{:indent$}{}", "", lines.join(&format!("\n{:1$}", "", indent + 2)))
}

/// Writes how many entries each rule holds back, most first.
pub fn by_rule(rules: &[(String, usize)], out: &mut String) -> fmt::Result {
    for (rule, entries) in rules.iter().take(RULES) {
        writeln!(out, "   {rule}: {}", thousands(*entries))?;
    }
    match rules.len().saturating_sub(RULES) {
        0 => Ok(()),
        more => writeln!(out, "   … and {}", count(more, "more rule", "more rules")),
    }
}

/// Writes what is left to do and what to do first.
pub fn first_steps(write: impl FnOnce(&Options, &mut dyn io::Write) -> io::Result<()>, out: &mut String) {
    let mut block = Vec::new();
    // Writing to memory does not fail.
    let _ = write(&options(), &mut block);
    out.push_str(&String::from_utf8_lossy(&block));
}

/// The list of the entries that need a correction.
const PSC: &str = "psc";

/// What is printed above the sum.
pub struct Uploads<'a> {
    /// The run.
    pub checked: &'a Checked<'a>,
    /// What to know of the entries in the upload files.
    pub notes: &'a UploadNotes,
    /// Whether the lists with all of it are written.
    pub are_written: bool,
}

impl Uploads<'_> {
    /// Writes what a person has to know before the files are uploaded.
    pub fn caveats(&self, out: &mut String) -> fmt::Result {
        self.warnings(out)?;
        self.accepted(out)?;
        let mut block = Vec::new();
        // Writing to memory does not fail.
        let _ = self.checked.not_decided(&options(), &mut block);
        out.push_str(&String::from_utf8_lossy(&block));
        for (finding, more) in file_findings(&self.checked.outcome) {
            let rule = &self.checked.outcome.rule(finding.rule).id;
            let place = self.checked.sources.show(finding.place);
            let more = if more > 0 { format!(", and {} more", thousands(more)) } else { String::new() };
            let severity = finding.severity.name();
            writeln!(out, "{place}: {severity}: {} [{rule}]{more}", Outside::new(finding.message.raw()))?;
        }
        if asks_for_psc(&self.checked.outcome) {
            writeln!(
                out,
                "question: does any entry need a Post Summary Correction (PSC) first? From CAPE acceptance \
                 until liquidation, CBP returns 864 for any PSC\n   = pass --table {PSC}=FILE, add a column \
                 such as `PSC Needed` to the planning sheet, or pass --none {PSC} if no entry needs one"
            )?;
        }
        writeln!(out, "{}", self.checked.provenance())
    }

    /// Names the entries to upload that have a warning, by rule.
    fn warnings(&self, out: &mut String) -> fmt::Result {
        for (rule, entries) in &self.notes.warned_by {
            let rule = self.checked.outcome.rule(*rule);
            let what = count(entries.count, "entry to upload", "entries to upload");
            writeln!(out, "warning[{}]: {}: {what}", rule.id, rule.title)?;
            let names = entries.first.iter().map(EntryNumber::to_string);
            wrapped(names.chain(self.more(entries, WARNED)), "  ", out)?;
        }
        Ok(())
    }

    /// Names what would have been held back without a person's decision.
    fn accepted(&self, out: &mut String) -> fmt::Result {
        let accepted = &self.notes.accepted;
        if accepted.count == 0 {
            return Ok(());
        }
        let also = if self.are_written { format!(" (also in {ACCEPTED})") } else { String::new() };
        writeln!(out, "accepted by you, and written for upload{also}:")?;
        for line in accepted.first.iter().map(ToString::to_string).chain(self.more(accepted, ACCEPTED)) {
            writeln!(out, "   {line}")?;
        }
        Ok(())
    }

    /// Where those are named that are not named here.
    fn more<T>(&self, of: &FirstNamed<T>, list: &str) -> Option<String> {
        let more = thousands(of.more());
        (of.more() > 0).then(|| match self.are_written {
            true => format!("and {more} more: all are in {list}"),
            false => format!("and {more} more: all will be in {list}"),
        })
    }
}

/// Whether no source shows which entries need a correction before they are filed: no list, no column of the
/// planning sheet, and no statement that there is none.
pub fn asks_for_psc(outcome: &Outcome) -> bool {
    outcome.undecided.iter().any(|undecided| {
        let UndecidedCause::NoTable(table) = &undecided.cause else { return false };
        // A column of the planning sheet is enough.
        table.name == PSC && !undecided.is_in_part() && outcome.rule(undecided.rule).severity.blocks()
    })
}

/// Warnings and notes that are not about an entry, except notes on what `fix` repairs: the first of each rule
/// and how many more there are.
fn file_findings(outcome: &Outcome) -> Vec<(&Finding, usize)> {
    let mut firsts: Vec<(&Finding, usize)> = Vec::new();
    let counts = |finding: &&Finding| {
        let is_repaired = finding.fix.is_some() && finding.severity == Severity::Note;
        finding.entry().is_none() && !finding.severity.blocks() && !is_repaired
    };
    for finding in outcome.counted().filter(counts) {
        match firsts.iter_mut().find(|(first, _)| first.rule == finding.rule) {
            Some((_, more)) => *more += 1,
            None => firsts.push((finding, 0)),
        }
    }
    firsts
}

/// Writes a list with commas, broken at [`width`]; each line begins with `indent`.
pub fn wrapped(
    items: impl IntoIterator<Item = impl AsRef<str>>,
    indent: &str,
    out: &mut String,
) -> fmt::Result {
    let mut line = String::new();
    for item in items {
        let item = item.as_ref();
        if !line.is_empty() && indent.len() + line.len() + item.len() + 2 > width() {
            writeln!(out, "{indent} {line},")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(item);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{indent} {line}") }
}
