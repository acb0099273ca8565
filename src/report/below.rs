//! What the reports for people have below the findings: what was waived, what is undecided, and the sum.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{LabelStyle, Severity as Shade};
use codespan_reporting::term::{Config, WriteStyle};

use super::snippet::{self, Drawing, Ink, shade};
use super::{ClientCount, ReportInput, Share, Standing, Summary, Verdicts, text, todo, words};
use crate::finding::{Finding, Outcome};

/// How many rules of a cause are named.
const RULES_NAMED: usize = 3;
/// How many declarations are named in a report with a limit.
const DECLARATIONS: usize = 12;
/// How many clients are named in a report with a limit.
const CLIENTS: usize = 50;

/// Everything below the findings: what does not count, what is undecided, and the sum.
///
/// `causes`: how many causes of undecided rules are named; `None`: all.
pub fn write(input: ReportInput<'_>, causes: Option<usize>, ink: &mut Ink) -> io::Result<()> {
    waived(input, ink)?;
    undecided(input, causes, ink)?;
    let summary = input.summary();
    if input.options.statistics {
        statistics(input, &summary, ink)?;
    }
    if input.options.quiet {
        // A verdict is never left out: without it, a run that decided nothing looks clean.
        let part = words::extent(input.outcome).map_or_else(String::new, |part| format!("; {part}"));
        let not_checked = words::not_checked(&words::causes(input, true));
        let not_checked = not_checked.map_or_else(String::new, |rules| format!("; {rules}"));
        return writeln!(ink, "{}{not_checked}{part}", words::verdicts(summary.verdicts));
    }
    sum(input, &summary, ink)
}

/// Findings that do not count, by rule and reason.
fn waived(input: ReportInput<'_>, ink: &mut Ink) -> io::Result<()> {
    let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in &input.outcome.findings {
        let Some(waived) = &finding.waived else { continue };
        let why = text::why_waived(waived);
        match groups.iter_mut().find(|(same, group)| *same == why && group[0].rule == finding.rule) {
            Some((_, group)) => group.push(finding),
            None => groups.push((why, vec![finding])),
        }
    }
    let width = input.options.width;
    for (why, group) in &groups {
        let id = &input.rule(group[0].rule).id;
        let what = match group.as_slice() {
            [one] => format!("{} ({}; {why})", input.message(one), input.place(one.place)),
            _ => {
                let names: Vec<String> = group.iter().map(|finding| words::subject(input, finding)).collect();
                format!("{} ({why}): {}", words::findings(group.len()), text::enumerated(&names, width))
            }
        };
        ink.set_label(Shade::Help, LabelStyle::Secondary)?;
        write!(ink, "waived[{id}]")?;
        ink.reset()?;
        let lines = text::wrapped(&what, width.saturating_sub(id.len() + 10), width.saturating_sub(2));
        writeln!(ink, ": {}", lines.join("\n  "))?;
    }
    if groups.is_empty() { Ok(()) } else { writeln!(ink) }
}

/// What is undecided, and what was not checked, with the next step, for so many causes of each.
pub fn undecided(input: ReportInput<'_>, most: Option<usize>, ink: &mut Ink) -> io::Result<()> {
    let most = most.unwrap_or(usize::MAX);
    // What was not checked is a count in the line of verdicts.
    let blocks: &[bool] = if input.options.quiet { &[false] } else { &[false, true] };
    for &optional in blocks {
        let causes = words::causes(input, optional);
        let Some(message) = words::undecided(input, &causes, optional) else { continue };
        let (severity, called, code) = if optional {
            (Shade::Note, "note", "not-checked")
        } else {
            (Shade::Warning, "warning", "undecided")
        };
        // Different causes may leave different entries undecided: then each has its own count.
        let alike = causes.windows(2).all(|two| two[0].how_many() == two[1].how_many());
        let mut notes: Vec<String> = Vec::new();
        // One next step may remove several causes.
        let mut steps: Vec<String> = Vec::new();
        for cause in causes.iter().take(most) {
            let how_many = (!alike && !optional).then(|| cause.how_many());
            let note = words::cause(input, cause, RULES_NAMED, how_many);
            let step = format!("help: {}", input.help(cause.first));
            match steps.iter().position(|other| *other == step) {
                Some(at) => {
                    let before = notes.iter().position(|note| *note == steps[at]).unwrap_or(notes.len());
                    notes.insert(before, note);
                }
                None => {
                    notes.extend([note, step.clone()]);
                    steps.push(step);
                }
            }
        }
        if causes.len() > most {
            let more = text::count(causes.len() - most, "more cause", "more causes");
            notes.push(format!("and {more}; {}", input.options.frontend.show_all()));
        }
        let drawing = Drawing { severity, called, code, message, snippets: Vec::new(), notes };
        snippet::draw(&drawing.wrapped(input.options.width), &Config::default(), ink)?;
    }
    Ok(())
}

fn statistics(input: ReportInput<'_>, summary: &Summary, ink: &mut Ink) -> io::Result<()> {
    if summary.rules.is_empty() {
        return Ok(());
    }
    let width = summary.rules.iter().map(|count| input.rule(count.rule).id.len()).max().unwrap_or(0).max(4);
    ink.bold(&format!("{:<8} {:<width$} {:>8} {:>8}  IEEPA duty", "severity", "rule", "findings", "waived"))?;
    writeln!(ink)?;
    for count in &summary.rules {
        ink.set_header(shade(count.severity))?;
        write!(ink, "{:<8}", count.severity.name())?;
        ink.reset()?;
        let duty = count.duty.in_short().unwrap_or_else(|| "-".to_owned());
        writeln!(
            ink,
            " {:<width$} {:>8} {:>8}  {duty}",
            input.rule(count.rule).id,
            text::thousands(count.findings),
            text::thousands(count.waived),
        )?;
    }
    writeln!(ink)
}

/// A paragraph with its second and later lines indented.
pub fn paragraph(ink: &mut Ink, line: &str, width: usize) -> io::Result<()> {
    writeln!(ink, "{}", text::wrapped(line, width, width.saturating_sub(2)).join("\n  "))
}

fn sum(input: ReportInput<'_>, summary: &Summary, ink: &mut Ink) -> io::Result<()> {
    let outcome = input.outcome;
    let width = input.options.width;
    let line = words::assurance(input, summary).unwrap_or_else(|| words::tally(summary));
    paragraph(ink, &line, width)?;
    let several = outcome.declarations.len() > 1;
    let most = if input.options.max_lines.is_some() { DECLARATIONS } else { usize::MAX };
    for declaration in outcome.declarations.iter().take(most) {
        let entries = declaration.entries.clone();
        let mut line = words::verdicts(Verdicts::of(&outcome.entries[entries.clone()]));
        if several {
            let shares = Share::of(&outcome.entries[entries], outcome.filing_date);
            line.extend(words::shares(&shares).map(|shares| format!("; {shares}")));
        }
        named(ink, &input.sources.name(declaration.file).shown(), &line, width)?;
    }
    if outcome.declarations.len() > most {
        let more = text::count(outcome.declarations.len() - most, "more declaration", "more declarations");
        writeln!(ink, "… and {more}")?;
    }
    if several {
        let files = text::count(outcome.declarations.len(), "declaration", "declarations");
        named(ink, "total", &format!("{files}, {}", words::verdicts(summary.verdicts)), width)?;
    }
    let clients_named = if input.options.max_lines.is_some() { CLIENTS } else { usize::MAX };
    clients(outcome, &summary.clients, (width, clients_named), ink)?;
    standings(&summary.shares, Standing::title, width, ink)?;
    if let Some(line) = words::deadline(summary) {
        writeln!(ink, "{line}")?;
    }
    paragraph(ink, &words::provenance(input.outcome), width)?;
    // What the other parts of the check find comes before any filing.
    if outcome.extent.is_whole() { todo::write(input, ink) } else { Ok(()) }
}

fn named(ink: &mut Ink, name: &str, line: &str, width: usize) -> io::Result<()> {
    ink.bold(name)?;
    let first = width.saturating_sub(text::columns(name) + 2);
    writeln!(ink, ": {}", text::wrapped(line, first, width.saturating_sub(2)).join("\n  "))
}

/// What is left to do for each client, with dollars and its first last day.
pub fn clients(
    outcome: &Outcome,
    counts: &[ClientCount],
    (width, most): (usize, usize),
    ink: &mut Ink,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(ink, "by client")?;
    for count in counts.iter().take(most) {
        let mut line = words::client_count(count);
        line.extend(count.first_day().map(|day| format!("; first by {day}")));
        let name = words::client(outcome, count.client);
        write!(ink, "  ")?;
        ink.bold(&name)?;
        let first = width.saturating_sub(text::columns(&name) + 4);
        writeln!(ink, ": {}", text::wrapped(&line, first, width.saturating_sub(4)).join("\n    "))?;
    }
    if counts.len() > most {
        let more = text::count(counts.len() - most, "more client", "more clients");
        writeln!(ink, "  … and {more}")?;
    }
    Ok(())
}

/// What is left to do, with counts, dollars and the first last days.
pub fn standings(
    shares: &[Share],
    title: fn(Standing) -> &'static str,
    width: usize,
    ink: &mut Ink,
) -> io::Result<()> {
    let duties: Vec<String> = shares.iter().map(|share| share.duty.in_short().unwrap_or_default()).collect();
    let counts: Vec<String> =
        shares.iter().map(|share| text::count(share.entries, "entry", "entries")).collect();
    let wide = |texts: &[String]| texts.iter().map(|text| text::columns(text)).max().unwrap_or(0);
    let titles: Vec<String> = shares.iter().map(|share| title(share.standing).to_owned()).collect();
    let (title_width, duty_width, count_width) = (wide(&titles), wide(&duties), wide(&counts));
    for ((share, duty), count) in shares.iter().zip(&duties).zip(&counts) {
        let title = format!("  {:<title_width$}  {count:>count_width$}", title(share.standing));
        let duty = format!("{duty:>duty_width$}");
        let mut line = format!("{title}  {duty}");
        // Where it is too narrow, the duty has a line of its own.
        if title_width + count_width + duty_width + 6 > width && !duty.trim().is_empty() {
            line = format!("{}\n    {}", title.trim_end(), duty.trim());
        }
        let used = text::columns(line.rsplit('\n').next().unwrap_or(""));
        let room = width.saturating_sub(used + 2);
        line.extend(words::first_day(share, room).map(|day| format!("  {day}")));
        writeln!(ink, "{}", line.trim_end())?;
    }
    Ok(())
}
