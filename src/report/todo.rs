//! What to do first: by last day, then by dollars.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::group::RuleGroup;
use super::snippet::Ink;
use super::{ReportInput, Standing, text};
use crate::finding::{Entry, Finding, Remedy};

/// How many last days of entries that may be uploaded are named.
const DAYS: usize = 3;
/// How many steps are listed.
const STEPS: usize = 6;

/// How many lines a step has.
const LINES: usize = 2;
/// Where the second line of a step begins.
const INDENT: usize = 14;

/// A step and why it comes where it does.
struct Step {
    /// The last day to take it, where that is known.
    day: Option<NaiveDate>,
    /// The IEEPA duty that depends on it. US dollars.
    duty: Decimal,
    is_upper_bound: bool,
    /// Whether it is the filing itself: of what has the same last day, it comes first.
    is_filing: bool,
    /// What it is, before the duty.
    what: String,
    /// What it is, after the duty.
    rest: String,
}

/// Writes the list, given the findings that count by rule; nothing where nothing has to be done.
pub fn write(input: ReportInput<'_>, groups: &[RuleGroup<'_>], ink: &mut Ink) -> io::Result<()> {
    let mut steps = steps(input, groups);
    let repair = repair(input);
    if steps.is_empty() && repair.is_none() {
        return Ok(());
    }
    steps.sort_by_key(|step| (step.day.is_none(), step.day, !step.is_filing, Reverse(step.duty)));
    ink.bold("what to do first")?;
    writeln!(ink)?;
    let width = input.options.width;
    for step in steps.iter().take(STEPS) {
        let day = step.day.map_or_else(|| "no day".to_owned(), |day| day.to_string());
        let duty = match step.duty {
            duty if duty.is_zero() => String::new(),
            duty => format!(" ({})", text::bounded_dollars(duty, step.is_upper_bound)),
        };
        let room = width.saturating_sub(INDENT);
        let lines = text::wrapped(&format!("{}{duty}{}", step.what, step.rest), room, room);
        // A step is known by its beginning; the whole text is above.
        let is_cut = lines.len() > LINES;
        let mut lines = lines[..lines.len().min(LINES)].to_vec();
        if let (Some(last), true) = (lines.last_mut(), is_cut) {
            *last = text::cut(format!("{last}…").into(), room).into_owned();
        }
        writeln!(ink, "  {day:<10}  {}", lines.join(&format!("\n{:INDENT$}", "")))?;
    }
    if steps.len() > STEPS {
        writeln!(ink, "  … and {}", text::count(steps.len() - STEPS, "later step", "later steps"))?;
    }
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
        let command = text::shown(&input.options.frontend.repair(&names)).into_owned();
        writeln!(ink, "  to repair {findings}{on}:\n    {command}")?;
    }
    Ok(())
}

fn steps(input: ReportInput<'_>, groups: &[RuleGroup<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    let outcome = input.outcome;
    let today = outcome.filing_date;
    // All entries that may be uploaded are on one declaration, whatever their last days.
    let mut ready = Vec::new();
    let mut days: BTreeMap<NaiveDate, Vec<usize>> = BTreeMap::new();
    for (at, entry) in outcome.entries.iter().enumerate() {
        if matches!(Standing::of(entry), Standing::MayBeUploaded | Standing::AcceptedByYou) {
            ready.push(at);
            if let Some(day) = entry.deadline.filter(|day| *day >= today) {
                days.entry(day).or_default().push(at);
            }
        }
    }
    if !ready.is_empty() {
        let count = text::count(ready.len(), "entry that may be uploaded", "entries that may be uploaded");
        let step = Step::of(input, &ready, days.keys().next().copied(), format!("file {count}"));
        let named = days.iter().take(DAYS).map(|(day, entries)| {
            let names: Vec<String> = entries.iter().map(|at| input.entry_name(*at)).collect();
            format!("{} by {day}", text::enumerated(&names, 30))
        });
        let named: Vec<String> = named.collect();
        let rest = if named.is_empty() { String::new() } else { format!(": {}", named.join("; ")) };
        steps.push(Step { rest, is_filing: true, ..step });
    }
    // What must be resolved, by rule.
    for group in groups {
        let to_resolve = |at: &usize| matches!(Standing::of(&outcome.entries[*at]), Standing::Resolve);
        let members = group.members.iter().filter(|member| member.finding.remedy == Some(Remedy::Resolve));
        let mut entries: Vec<usize> =
            members.clone().filter_map(|member| member.finding.entry).filter(to_resolve).collect();
        entries.sort_unstable();
        entries.dedup();
        if entries.is_empty() {
            continue;
        }
        let first = members
            .filter_map(|member| Some((last_day(input, member.finding), member.finding.help.as_deref()?)));
        let (day, help) = first.min_by_key(|(day, _)| (day.is_none(), *day)).unwrap_or((None, ""));
        let count = text::count(entries.len(), "entry", "entries");
        let id = &input.rule(group.rule).id;
        let step = Step::of(input, &entries, day, format!("resolve {id} for {count}"));
        let help = if help.is_empty() { String::new() } else { format!(": {}", text::shown_message(help)) };
        steps.push(Step { rest: help, ..step });
    }
    // What is undecided.
    let undecided: Vec<usize> = (0..outcome.entries.len())
        .filter(|at| Standing::of(&outcome.entries[*at]) == Standing::Undecided)
        .collect();
    if !undecided.is_empty() {
        let days = undecided.iter().filter_map(|at| outcome.entries[*at].deadline);
        let day = days.filter(|day| *day >= today).min();
        let count = text::count(undecided.len(), "undecided entry", "undecided entries");
        let step = Step::of(input, &undecided, day, format!("decide {count}"));
        steps.push(Step { rest: ": see the help under `undecided`".to_owned(), ..step });
    }
    steps
}

/// The last day to resolve a finding, where it is not past.
fn last_day(input: ReportInput<'_>, finding: &Finding) -> Option<NaiveDate> {
    finding.deadline.filter(|day| *day >= input.outcome.filing_date)
}

impl Step {
    fn of(input: ReportInput<'_>, entries: &[usize], day: Option<NaiveDate>, what: String) -> Self {
        let entries = || entries.iter().map(|at| &input.outcome.entries[*at]);
        let duties = entries().filter_map(|entry| entry.ieepa_duty);
        Self {
            day,
            duty: duties.fold(Decimal::ZERO, |sum, duty| sum.saturating_add(duty)),
            is_upper_bound: entries().any(Entry::ieepa_duty_is_upper_bound),
            is_filing: false,
            what,
            rest: String::new(),
        }
    }
}

/// On how many entries `capelint fix` repairs something, and how many findings.
fn repair(input: ReportInput<'_>) -> Option<(usize, usize)> {
    let repaired = || input.findings().filter(|finding| finding.fix.is_some());
    let mut entries: Vec<usize> = repaired().filter_map(|finding| finding.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    let findings = repaired().count();
    (findings > 0).then_some((entries.len(), findings))
}
