//! The head of the report: how many entries have which verdict, and what is left to do.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::super::{ClientCount, ReportInput, Share, Summary, Verdicts, text, words};
use super::{Page, Planned, Prose, best_first, called, capital};
use crate::duty::DutySum;
use crate::finding::{Declaration, Outcome, Verdict};
use crate::outside::Outside;

/// The verdicts in one sentence, as a bar, as numbers, per share of the work and per declaration.
pub fn section(page: Page<'_>, summary: &Summary) -> Markup {
    let input = page.input;
    let counts = summary.verdicts;
    let sentences = [words::accepted_by_you(counts), words::deadline(summary)];
    let assurance = words::assurance(input, summary).map(|line| capital(&line) + ". ");
    let content = html! {
        "\n" p.lead { (lead(counts)) }
        @for sentence in sentences.iter().flatten() {
            "\n" p { (Prose(&capital(sentence))) }
        }
        @if counts.entries > 0 {
            (bar(counts))
        }
        (tally(input, counts))
        @if !summary.shares.is_empty() {
            (shares(&summary.shares))
        }
        @if let Some(planned) = page.planned {
            (destinations(input, planned))
        } @else if input.outcome.declarations.len() > 1 {
            (declarations(input))
        }
        @if !summary.clients.is_empty() {
            (clients(input.outcome, &summary.clients))
        }
        "\n" p.honest {
            (Outside::new(assurance.as_deref().unwrap_or_default()))
            "“Ready” means that " (Verdict::Ready.meaning()) ". Only CBP accepts or rejects. "
            "An accepted declaration cannot be withdrawn."
        }
    };
    super::section("verdicts", "Verdict", &content)
}

fn lead(counts: Verdicts) -> String {
    if counts.entries == 0 {
        "No entries are on the declarations.".to_owned()
    } else {
        let uploadable = counts.ready + counts.warned;
        let entries = text::count(counts.entries, "entry", "entries");
        format!("{} of {entries} may be uploaded.", text::thousands(uploadable))
    }
}

/// The share of each verdict. A share that exists is always to be seen.
fn bar(counts: Verdicts) -> Markup {
    const WHOLE: usize = 1000;
    const LEAST: usize = 8;
    const GAP: usize = 2;
    let label: Vec<String> = best_first()
        .map(|verdict| format!("{} {}", text::thousands(counts.count(verdict)), verdict.title()))
        .collect();
    let present: Vec<Verdict> = best_first().filter(|verdict| counts.count(*verdict) > 0).collect();
    let free = WHOLE.saturating_sub(LEAST * present.len());
    let mut at = 0;
    let parts = present.into_iter().map(|verdict| {
        let (begin, width) = (at, LEAST + free * counts.count(verdict) / counts.entries);
        at += width;
        (verdict, begin, width.saturating_sub(GAP))
    });
    html! {
        "\n" svg.bar viewBox={ "0 0 " (WHOLE) " 24" } preserveAspectRatio="none" role="img" aria-label=(label.join(", ")) {
            @for (verdict, begin, width) in parts {
                rect class=(verdict.name()) x=(begin) width=(width) height="24" {}
            }
        }
    }
}

/// A sign beside the color, for those who do not see it and for black-and-white prints.
fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Ready => '✓',
        Verdict::Warned => '!',
        Verdict::Undecided => '?',
        Verdict::Stopped => '■',
        Verdict::Rejected => '✕',
    }
}

/// How many entries have which verdict, with the duty on them.
fn tally(input: ReportInput<'_>, counts: Verdicts) -> Markup {
    let duty = |verdict| {
        let of_it = |entry: &&_| is_counted_as(entry, verdict);
        DutySum::of(input.outcome.entries.iter().filter(of_it)).in_words()
    };
    html! {
        "\n" ul.tally {
            @for verdict in best_first() {
                "\n" li class=(verdict.name()) {
                    b { (text::thousands(counts.count(verdict))) }
                    span.verdict { (sign(verdict)) " " (called(verdict)) }
                    span.soft { @if let Some(duty) = duty(verdict) { (duty) } }
                }
            }
        }
    }
}

/// An entry that the user accepted is counted under no verdict.
fn is_counted_as(entry: &crate::finding::Entry, verdict: Verdict) -> bool {
    entry.verdict == verdict && !entry.is_accepted_by_you()
}

/// What is left to do, with dollars and the first last days.
fn shares(shares: &[Share]) -> Markup {
    let row = |share: &Share| {
        let title = html! { (Prose(&capital(share.standing.title()))) };
        let day = words::first_day(share, 60).unwrap_or_default().replacen("by ", "", 1);
        (title, share.entries, share.duty.in_short().unwrap_or_default(), day)
    };
    at_stake("What is left to do", shares.iter().map(row))
}

/// The upload files of a plan, and what else its entries are in.
fn destinations(input: ReportInput<'_>, planned: &Planned) -> Markup {
    let mut totals = vec![(0, DutySum::default(), None); planned.destinations.len()];
    for (at, entry) in planned.of_entry.iter().zip(&input.outcome.entries) {
        let (entries, duty, first_day) = &mut totals[*at];
        *entries += 1;
        duty.add(entry);
        let coming = entry.deadline.filter(|day| *day >= input.outcome.filing_date);
        *first_day = [*first_day, coming].into_iter().flatten().min();
    }
    let rows = planned.destinations.iter().zip(totals).map(|(name, (entries, duty, day))| {
        let day = day.map_or_else(String::new, |day: NaiveDate| day.to_string());
        (html! { (Outside::new(name)) }, entries, duty.to_string(), day)
    });
    at_stake("Where", rows)
}

/// A table of entries, their IEEPA duty and their first last day.
fn at_stake(what: &str, rows: impl Iterator<Item = (Markup, usize, String, String)>) -> Markup {
    html! {
        "\n" table."rules left" {
            thead {
                tr {
                    th scope="col" { (what) }
                    th.n scope="col" { "Entries" }
                    th.n scope="col" { "IEEPA duty" }
                    th scope="col" { "Earliest filing deadline" }
                }
            }
            tbody {
                @for (name, entries, duty, day) in rows {
                    "\n" tr {
                        td { (name) }
                        td.n data-label="entries" { (text::thousands(entries)) }
                        td.n data-label="IEEPA duty" { (duty) }
                        td { (Outside::new(&day)) }
                    }
                }
            }
        }
    }
}

/// The verdicts of each declaration.
fn declarations(input: ReportInput<'_>) -> Markup {
    let row = |declaration: &Declaration| {
        let name = html! { code { (input.sources.name(declaration.file)) } };
        let entries = declaration.entries.clone();
        let counts = Verdicts::of(&input.outcome.entries[entries.clone()]);
        (name, counts, words::shares(&Share::of(&input.outcome.entries[entries], input.outcome.filing_date)))
    };
    verdicts_of("Declaration", input.outcome.declarations.iter().map(row))
}

/// The verdicts of each client, with its first last day.
pub fn clients(outcome: &Outcome, counts: &[ClientCount]) -> Markup {
    let row = |count: &ClientCount| {
        let name = match count.client {
            Some(_) => words::client(outcome, count.client),
            None => capital(&words::client(outcome, None)).into(),
        };
        let left = words::shares(&count.shares).unwrap_or_default();
        let day = count.first_day().map(|day| format!("first by {day}"));
        let left =
            [Some(left).filter(|left| !left.is_empty()), day].into_iter().flatten().collect::<Vec<_>>();
        (html! { (Outside::new(&name)) }, count.verdicts, Some(left.join("; ")))
    };
    verdicts_of("Client", counts.iter().map(row))
}

/// A table with the verdicts of each part of the entries, and what is left to do about it.
fn verdicts_of(what: &str, rows: impl Iterator<Item = (Markup, Verdicts, Option<String>)>) -> Markup {
    html! {
        "\n" table."rules left" {
            thead {
                tr {
                    th scope="col" { (what) }
                    th.n scope="col" { "Entries" }
                    @for verdict in best_first() {
                        th.n scope="col" { (called(verdict)) }
                    }
                    th scope="col" { "What is left to do" }
                }
            }
            tbody {
                @for (name, counts, left) in rows {
                    "\n" tr {
                        td { (name) }
                        td.n data-label="entries" { (text::thousands(counts.entries)) }
                        @for verdict in best_first() {
                            td.n data-label=(verdict.title()) { (text::thousands(counts.count(verdict))) }
                        }
                        td.soft { (Prose(&left.unwrap_or_default())) }
                    }
                }
            }
        }
    }
}
