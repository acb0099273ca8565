//! What `fix` and `plan` say above their sum: the same about what was not checked as `check` says, and
//! each entry that is uploaded with a warning or on a person's word.

use std::fmt::{self, Write};

use hashbrown::{HashMap, HashSet};

use super::door::CommandLine;
use capelint::Options;
use capelint::cause::UndecidedCause;
use capelint::door::Door;
use capelint::door::text::{count, shown, thousands};
use capelint::engine::{ACCEPTED, Checked};
use capelint::entry::EntryNumber;
use capelint::finding::{Finding, Outcome, RuleId, Severity};
use capelint::upload::{Lifted, Reason};

/// Where lists are broken.
pub const WIDTH: usize = 100;

/// The list that says which entries need a correction.
const PSC: &str = "psc";

/// What is uploaded, and on whose word.
pub struct Uploads<'a> {
    /// The run.
    pub checked: &'a Checked<'a>,
    /// Of each rule the entries in the upload files that have its warning.
    pub warned: &'a [(RuleId, Vec<EntryNumber>)],
    /// How many of them are named.
    pub named: usize,
    /// What would have held some of them back.
    pub lifted: &'a [Lifted],
}

impl Uploads<'_> {
    /// Writes what a person has to know before the files are uploaded.
    pub fn caveats(&self, out: &mut String) -> fmt::Result {
        self.warnings(out)?;
        self.accepted(out)?;
        let mut block = Vec::new();
        // Writing to memory does not fail.
        let _ = self
            .checked
            .not_decided(&Options { door: &CommandLine, max_lines: None, ..Options::default() }, &mut block);
        out.push_str(&String::from_utf8_lossy(&block));
        for (finding, more) in file_findings(&self.checked.outcome) {
            let rule = &self.checked.outcome.rule(finding.rule).id;
            let place = self.checked.sources.show(finding.place).to_string();
            let more = if more > 0 { format!(", and {} more", thousands(more)) } else { String::new() };
            let severity = finding.severity.name();
            writeln!(out, "{}: {severity}: {} [{rule}]{more}", shown(&place), shown(&finding.message))?;
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

    /// Names every uploaded entry that has a warning, by rule.
    fn warnings(&self, out: &mut String) -> fmt::Result {
        for (rule, entries) in self.warned {
            let rule = self.checked.outcome.rule(*rule);
            let what = count(entries.len(), "uploaded entry", "uploaded entries");
            writeln!(out, "warning[{}]: {}: {what}", rule.id, shown(&rule.title))?;
            let more = entries.len().saturating_sub(self.named);
            let more = (more > 0).then(|| format!("and {} more", thousands(more)));
            let names = entries.iter().take(self.named).map(EntryNumber::to_string);
            wrapped(names.chain(more), "  ", out)?;
        }
        Ok(())
    }

    /// Names every uploaded entry that would have been held back without a person's word.
    fn accepted(&self, out: &mut String) -> fmt::Result {
        if self.lifted.is_empty() {
            return Ok(());
        }
        let outcome = &self.checked.outcome;
        writeln!(out, "accepted by you, and uploaded (also in {ACCEPTED}):")?;
        let mut undecided: Option<(usize, Vec<&str>)> = None;
        for lifted in self.lifted {
            // All that is undecided of an entry is one line.
            if let (Reason::Undecided(rule), Some(at)) = (lifted.reason, lifted.entry) {
                let rule = outcome.rule(rule).id.as_str();
                match &mut undecided {
                    Some((entry, rules)) if *entry == at => rules.push(rule),
                    _ => {
                        self.undecided(undecided.take(), out)?;
                        undecided = Some((at, vec![rule]));
                    }
                }
                continue;
            }
            self.undecided(undecided.take(), out)?;
            let Reason::Finding(at) = lifted.reason else { continue };
            let finding = &outcome.findings[at];
            let severity = finding.severity.name();
            let rule = &outcome.rule(finding.rule).id;
            let by = self.checked.accepted_by(lifted, &CommandLine);
            let subject = self.subject(lifted.entry);
            writeln!(out, "   {subject}: {severity}[{rule}]: {} ({by})", shown(&finding.message))?;
        }
        self.undecided(undecided, out)
    }

    /// One line for what is undecided of an entry.
    fn undecided(&self, of: Option<(usize, Vec<&str>)>, out: &mut String) -> fmt::Result {
        let Some((entry, rules)) = of else { return Ok(()) };
        let (subject, rules) = (self.subject(Some(entry)), rules.join(", "));
        writeln!(out, "   {subject}: undecided: {rules} ({})", CommandLine.include("undecided"))
    }

    fn subject(&self, entry: Option<usize>) -> String {
        let number = entry.and_then(|at| self.checked.outcome.entries[at].number);
        number.map_or_else(|| "the declaration".to_owned(), |number| number.to_string())
    }
}

/// Of each rule the entries among these that have its warning.
pub fn warned(outcome: &Outcome, entries: &HashSet<EntryNumber>) -> Vec<(RuleId, Vec<EntryNumber>)> {
    let mut rules: Vec<(RuleId, Vec<EntryNumber>)> = Vec::new();
    let mut at: HashMap<RuleId, usize> = HashMap::new();
    let mut seen = HashSet::new();
    for finding in outcome.counted() {
        let number = finding.entry.and_then(|entry| outcome.entries[entry].number);
        let Some(number) = number.filter(|number| entries.contains(number)) else { continue };
        if finding.severity != Severity::Warning
            || finding.fix.is_some()
            || !seen.insert((finding.rule, number))
        {
            continue;
        }
        let at = *at.entry(finding.rule).or_insert(rules.len());
        if at == rules.len() {
            rules.push((finding.rule, Vec::new()));
        }
        rules[at].1.push(number);
    }
    rules
}

/// Whether nothing says which entries need a correction before they are filed: no list, no column of the
/// planning sheet, and no word that there is none.
pub fn asks_for_psc(outcome: &Outcome) -> bool {
    outcome.undecided.iter().any(|undecided| {
        let table = match &undecided.cause {
            UndecidedCause::NoTable(table) => table,
            _ => return false,
        };
        // A column of the planning sheet is enough.
        table.name == PSC && !undecided.is_in_part() && outcome.rule(undecided.rule).severity.blocks()
    })
}

/// Warnings and notes that are not about an entry, except notes on what `fix` repairs: the first of each rule
/// and how many more there are.
fn file_findings(outcome: &Outcome) -> Vec<(&Finding, usize)> {
    let mut told: Vec<(&Finding, usize)> = Vec::new();
    let counts = |finding: &&Finding| {
        let is_repaired = finding.fix.is_some() && finding.severity == Severity::Note;
        finding.entry.is_none() && !finding.severity.blocks() && !is_repaired
    };
    for finding in outcome.counted().filter(counts) {
        match told.iter_mut().find(|(first, _)| first.rule == finding.rule) {
            Some((_, more)) => *more += 1,
            None => told.push((finding, 0)),
        }
    }
    told
}

/// Writes a list with commas, broken at [`WIDTH`]; each line begins with `indent`.
pub fn wrapped(
    items: impl IntoIterator<Item = impl AsRef<str>>,
    indent: &str,
    out: &mut String,
) -> fmt::Result {
    let mut line = String::new();
    for item in items {
        let item = item.as_ref();
        if !line.is_empty() && indent.len() + line.len() + item.len() + 2 > WIDTH {
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
