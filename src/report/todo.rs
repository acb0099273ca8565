//! What to do first: by last day, then by dollars.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::HashSet;

use super::snippet::Ink;
use super::{ReportInput, Standing, text};
use crate::duty::DutySum;
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, Outcome, Remedy, RuleId};
use crate::outside::{Outside, OutsideText};

/// How many last days of entries that may be uploaded are named.
const DAYS: usize = 3;
/// How many entries of such a day are named.
const NAMED: usize = 2;
/// How many steps are listed.
const STEPS: usize = 6;
/// How many lines a step has.
const LINES: usize = 2;
/// Where the second line of a step begins.
const INDENT: usize = 14;

/// What is to be done about the entries of a run. Those of several batches can be merged.
#[derive(Clone, Debug, Default)]
pub struct ToDo {
    /// The entries that may be uploaded, whatever their last days: they are on one declaration.
    file: Work,
    /// The first of their last days.
    days: BTreeMap<NaiveDate, FirstEntries>,
    /// What must be resolved first, by rule.
    resolve: BTreeMap<RuleId, Work>,
    /// What is undecided.
    decide: Work,
}

/// The work of one kind.
#[derive(Clone, Debug, Default)]
struct Work {
    entries: usize,
    /// The IEEPA duty that depends on it.
    duty: DutySum,
    /// The first last day to do it that is not past.
    day: Option<NaiveDate>,
    /// The next step of the entry with that day.
    help: Option<OutsideText<Arc<str>>>,
}

/// Some entries, the first of them by number.
#[derive(Clone, Debug, Default)]
struct FirstEntries {
    count: usize,
    first: Vec<EntryNumber>,
}

impl Work {
    fn add(&mut self, entry: &Entry) {
        self.entries += 1;
        self.duty.add(entry);
    }

    /// A last day and the next step; the first day counts.
    fn until(&mut self, day: Option<NaiveDate>, help: Option<&OutsideText<Arc<str>>>) {
        let is_first = match (day, self.day) {
            (Some(day), Some(first)) => day < first,
            (Some(_), None) => true,
            (None, _) => self.day.is_none() && self.help.is_none(),
        };
        if is_first {
            (self.day, self.help) = (day, help.cloned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.entries += other.entries;
        self.duty += other.duty;
        self.until(other.day, other.help.as_ref());
    }
}

impl FirstEntries {
    fn merge(&mut self, count: usize, numbers: impl IntoIterator<Item = EntryNumber>) {
        self.count += count;
        self.first.extend(numbers.into_iter().take(NAMED.saturating_sub(self.first.len())));
    }
}

impl ToDo {
    /// What an outcome leaves to do.
    pub fn of(outcome: &Outcome) -> Self {
        Self::by(outcome, |entry| Some(Standing::of(entry)))
    }

    /// As [`ToDo::of`], with what is left to do about each entry given; `None` leaves the entry out.
    pub fn by(outcome: &Outcome, standing: impl Fn(&Entry) -> Option<Standing>) -> Self {
        let mut todo = Self::default();
        let coming = |day: Option<NaiveDate>| day.filter(|day| *day >= outcome.filing_date);
        for entry in &outcome.entries {
            match standing(entry) {
                Some(Standing::MayBeUploaded | Standing::AcceptedByYou) => {
                    todo.file.add(entry);
                    if let Some(day) = coming(entry.deadline) {
                        todo.file.until(Some(day), None);
                        todo.days.entry(day).or_default().merge(1, entry.number);
                    }
                }
                Some(Standing::Undecided) => {
                    todo.decide.add(entry);
                    todo.decide.until(coming(entry.deadline), None);
                }
                Some(
                    Standing::Repair
                    | Standing::Resolve
                    | Standing::OtherFiler
                    | Standing::Out
                    | Standing::AcceptedBefore,
                )
                | None => {}
            }
        }
        let mut seen = HashSet::new();
        for finding in outcome.counted().filter(|finding| finding.remedy == Some(Remedy::Resolve)) {
            let Some(at) = finding.entry() else { continue };
            let entry = &outcome.entries[at];
            if standing(entry) != Some(Standing::Resolve) {
                continue;
            }
            let work = todo.resolve.entry(finding.rule).or_default();
            if seen.insert((finding.rule, at)) {
                work.add(entry);
            }
            work.until(coming(finding.deadline), finding.help.as_ref());
        }
        todo.keep_first_days();
        todo
    }

    /// Takes in what another batch of the same run leaves to do.
    pub fn merge(&mut self, other: Self) {
        self.file.merge(other.file);
        self.decide.merge(other.decide);
        for (rule, work) in other.resolve {
            self.resolve.entry(rule).or_default().merge(work);
        }
        for (day, FirstEntries { count, first }) in other.days {
            self.days.entry(day).or_default().merge(count, first);
        }
        self.keep_first_days();
    }

    fn keep_first_days(&mut self) {
        while self.days.len() > DAYS {
            self.days.pop_last();
        }
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.file.entries + self.decide.entries == 0 && self.resolve.is_empty()
    }

    /// Writes the list, wrapped to so many columns.
    pub(crate) fn write(&self, rules: &Outcome, width: usize, ink: &mut Ink) -> io::Result<()> {
        let mut steps = self.steps(rules);
        steps.sort_by_key(|step| (step.day.is_none(), step.day, !step.is_filing, Reverse(step.duty.amount)));
        let room = width.saturating_sub(INDENT);
        for step in steps.iter().take(STEPS) {
            let day = step.day.map_or_else(|| "no day".to_owned(), |day| day.to_string());
            let known = step.duty.some().filter(|duty| !duty.is_zero() || step.duty.unknown > 0);
            let duty = known.map_or_else(String::new, |_| format!(" ({})", step.duty));
            let mut lines = text::wrapped(&format!("{}{duty}{}", step.what, step.rest), room, room);
            // A step is known by its beginning; the whole text is above.
            if lines.len() > LINES {
                lines.truncate(LINES);
                if let Some(last) = lines.last_mut() {
                    *last = text::cut(format!("{last}…").into(), room).into_owned();
                }
            }
            writeln!(ink, "  {day:<10}  {}", lines.join(&format!("\n{:INDENT$}", "")))?;
        }
        if steps.len() > STEPS {
            writeln!(ink, "  … and {}", text::count(steps.len() - STEPS, "later step", "later steps"))?;
        }
        Ok(())
    }

    fn steps(&self, rules: &Outcome) -> Vec<Step> {
        let mut steps = Vec::new();
        let step = |what: String, work: &Work, rest: String| Step {
            day: work.day,
            duty: work.duty,
            is_filing: false,
            what,
            rest,
        };
        if self.file.entries > 0 {
            let entries = "entry that may be uploaded";
            let count = text::count(self.file.entries, entries, "entries that may be uploaded");
            let named = self.days.iter().map(|(day, FirstEntries { count, first })| {
                let names: Vec<String> = first.iter().map(EntryNumber::to_string).collect();
                let more = match count - names.len() {
                    0 => String::new(),
                    more => format!(" and {} more", text::thousands(more)),
                };
                format!("{}{more} by {day}", names.join(", "))
            });
            let named: Vec<String> = named.collect();
            let rest = if named.is_empty() { String::new() } else { format!(": {}", named.join("; ")) };
            steps.push(Step { is_filing: true, ..step(format!("file {count}"), &self.file, rest) });
        }
        for (rule, work) in &self.resolve {
            let count = text::count(work.entries, "entry", "entries");
            let what = format!("resolve {} for {count}", rules.rule(*rule).id);
            let help = work.help.as_ref().map(|help| format!(": {help}"));
            steps.push(step(what, work, help.unwrap_or_default()));
        }
        if self.decide.entries > 0 {
            let count = text::count(self.decide.entries, "undecided entry", "undecided entries");
            steps.push(step(
                format!("decide {count}"),
                &self.decide,
                ": see the help under `undecided`".to_owned(),
            ));
        }
        steps
    }
}

/// A step and why it comes where it does.
struct Step {
    /// The last day to take it, where that is known.
    day: Option<NaiveDate>,
    /// The IEEPA duty that depends on it.
    duty: DutySum,
    /// Whether it is the filing itself: of what has the same last day, it comes first.
    is_filing: bool,
    /// What it is, before the duty.
    what: String,
    /// What it is, after the duty.
    rest: String,
}

/// The heading of the list.
pub fn heading(ink: &mut Ink) -> io::Result<()> {
    ink.bold("what to do first")?;
    writeln!(ink)
}

/// Writes the list of a check, and the command that repairs what can be repaired.
pub fn write(input: ReportInput<'_>, ink: &mut Ink) -> io::Result<()> {
    let todo = ToDo::of(input.outcome);
    let repair = repair(input);
    if !todo.is_empty() || repair.is_some() {
        heading(ink)?;
    }
    todo.write(input.outcome, input.options.width, ink)?;
    if let Some((entries, findings)) = repair {
        let names: Vec<&str> =
            input.outcome.declarations.iter().map(|one| input.sources.name(one.file).raw()).collect();
        let findings = text::count(findings, "finding", "findings");
        let on = if entries > 0 {
            format!(" on {}", text::count(entries, "entry", "entries"))
        } else {
            String::new()
        };
        let names: Vec<&str> = if names.len() > 3 { vec!["DECLARATION..."] } else { names };
        let command = Outside::new(&input.options.frontend.repair(&names)).shown().into_owned();
        writeln!(ink, "  to repair {findings}{on}:\n    {command}")?;
    }
    Ok(())
}

/// On how many entries `capelint fix` repairs something, and how many findings.
fn repair(input: ReportInput<'_>) -> Option<(usize, usize)> {
    let repaired = || input.findings().filter(|finding| finding.fix.is_some());
    let mut entries: Vec<usize> = repaired().filter_map(Finding::entry).collect();
    entries.sort_unstable();
    entries.dedup();
    let findings = repaired().count();
    (findings > 0).then_some((entries.len(), findings))
}
