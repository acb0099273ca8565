//! The list of all entries, worst first, with their evidence, and the form that searches it.

use maud::{Markup, html};
use rayon::prelude::*;

use super::super::{ReportInput, text};
use super::{Page, WORST_FIRST, called, dollars, findings};
use crate::finding::{Declaration, Finding, RuleId, Verdict};
use crate::outside::{Outside, OutsideString};

/// How many ready entries are shown without being asked for.
const OPEN_READY: usize = 50;

/// The most entries that are listed, and bytes that the list may have: a page of more is slow to open and to
/// search.
const MAX_LISTED: usize = 25_000;
const MAX_LIST: usize = 3_700_000;

/// How many entries a list has. A group of more has several, so that the browser can pass over those that are
/// off the screen without looking at their rows.
const PART: usize = 250;

/// The list and its form.
pub fn section(page: Page<'_>, by_entry: &[Vec<&Finding>]) -> Markup {
    let outcome = page.input.outcome;
    let of_verdict = |verdict: Verdict| -> Vec<usize> {
        (0..outcome.entries.len()).filter(|&at| outcome.entries[at].verdict == verdict).collect()
    };
    let groups = WORST_FIRST.map(|verdict| (verdict, of_verdict(verdict)));
    let order: Vec<usize> = groups.iter().flat_map(|(_, entries)| entries.iter().copied()).collect();
    let room = ListRoom::of(page, by_entry, &order);
    let mut before = 0;
    let lists = groups.iter().filter(|(_, entries)| !entries.is_empty()).map(|(verdict, entries)| {
        let room = room.after(before);
        before += entries.len();
        group(page, by_entry, *verdict, entries, room)
    });
    html! {
        "\n" section aria-labelledby="entries" {
            "\n" h2 #entries tabindex="-1" { "Entries" }
            (form(page, room.rows))
            "\n" div."row head" aria-hidden="true" {
                b { "Entry" }
                i { "Rules" }
                i { @if page.planned.is_some() { "Where" } @else { "Declaration and line" } }
                i { "Importer" @if !outcome.clients.is_empty() { ", client" } }
                i { "Last day to file" }
                i { "IEEPA duty" }
            }
            (room.what_is_left_out(by_entry, &order))
            @for list in lists {
                (list)
            }
        }
    }
}

/// The form that searches and sorts the list of so many entries. The script shows it: without it, it would do
/// nothing.
fn form(page: Page<'_>, listed: usize) -> Markup {
    let input = page.input;
    let outcome = input.outcome;
    let name = |one: &Declaration| input.sources.name(one.file).fit_end(40).into_owned();
    let (label, all, files): (_, _, Vec<String>) = match page.planned {
        Some(planned) => ("Where", "Everywhere", planned.destinations.clone()),
        None => ("Declaration", "All declarations", outcome.declarations.iter().map(name).collect()),
    };
    let importers = outcome.entries.iter().filter_map(|entry| entry.facts.importer_number.as_ref());
    let importers = distinct(importers.map(|importer| importer.raw().to_owned()));
    let rules = distinct(
        outcome
            .entries
            .iter()
            .flat_map(|entry| entry.rules.iter().chain(&*entry.undecided))
            .map(|rule| input.rule(*rule).id.clone()),
    );
    html! {
        "\n" form #find role="search" hidden {
            input #words type="search" autocomplete="off" spellcheck="false"
                placeholder="Entry number, rule, any word" aria-label="Search the entries";
            select #only aria-label="Verdict" {
                option value="" { "All verdicts" }
                @for verdict in WORST_FIRST {
                    option value=(verdict.name()) { (called(verdict)) }
                }
            }
            @if files.len() > 1 {
                (choice("declaration", label, all, &files))
            }
            @if importers.len() > 1 {
                (choice("importer", "Importer", "All importers", &importers))
            }
            @if !outcome.clients.is_empty() {
                (clients(input))
            }
            (choice("rule", "Rule", "All rules", &rules))
            select #day aria-label="Last day to file" data-today=(outcome.filing_date) {
                option value="" { "Any last day" }
                option value="7" { "Within 7 days" }
                option value="30" { "Within 30 days" }
                option value="past" { "Past" }
                option value="none" { "Unknown" }
            }
            input #dollars type="number" min="0" step="100" placeholder="IEEPA duty from"
                aria-label="IEEPA duty from, in dollars";
            select #sort aria-label="Order" {
                option value="" { "In file order" }
                option value="day" { "By last day" }
                option value="duty" { "By IEEPA duty" }
                option value="entry" { "By entry number" }
            }
            output #found for="words only" aria-live="polite" data-entries=(listed) {}
        }
    }
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// A choice of the form.
fn choice(id: &str, label: &str, all: &str, values: &[String]) -> Markup {
    html! {
        select id=(id) aria-label=(label) {
            option value="" { (all) }
            @for value in values {
                option { (Outside::new(value)) }
            }
        }
    }
}

/// The choice of a client. Its values are what the rows have; a single space is for the entries of none.
fn clients(input: ReportInput<'_>) -> Markup {
    let outcome = input.outcome;
    let is_of = |at: usize| {
        outcome.entries.iter().any(|entry| entry.facts.client.is_some_and(|client| client.0 as usize == at))
    };
    let shown =
        outcome.clients.iter().enumerate().filter(|(at, _)| is_of(*at)).map(|(_, name)| name.outside());
    html! {
        select #client aria-label="Client" {
            option value="" { "All clients" }
            @for name in shown {
                option value=(name) { (name) }
            }
            @if outcome.entries.iter().any(|entry| entry.facts.client.is_none()) {
                option value=" " { "Of no client" }
            }
        }
    }
}

/// How many of the next entries of the list there is room for, and with their findings for how many of these.
#[derive(Clone, Copy)]
struct ListRoom {
    rows: usize,
    with_findings: usize,
}

impl ListRoom {
    /// As many entries with their findings as there is room for once each entry has its row.
    fn of(page: Page<'_>, by_entry: &[Vec<&Finding>], order: &[usize]) -> Self {
        // What a row with findings has around it.
        const AROUND: usize = 64;
        let rows = order.len().min(MAX_LISTED);
        let mut size: usize = order[..rows]
            .iter()
            .map(|&at| entry(page, at, &[]).0.len() + if by_entry[at].is_empty() { 0 } else { AROUND })
            .sum();
        let fits = |at: &&usize| {
            size += by_entry[**at].iter().map(|one| findings::finding(page, one).0.len()).sum::<usize>();
            size <= MAX_LIST
        };
        let with_findings = order[..rows].iter().take_while(fits).count();
        Self { rows, with_findings }
    }

    /// The room that is left after so many entries.
    fn after(self, entries: usize) -> Self {
        Self {
            rows: self.rows.saturating_sub(entries),
            with_findings: self.with_findings.saturating_sub(entries),
        }
    }

    fn what_is_left_out(self, by_entry: &[Vec<&Finding>], order: &[usize]) -> Markup {
        let without = &order[self.with_findings..self.rows];
        let without = without.iter().filter(|at| !by_entry[**at].is_empty()).count();
        html! {
            @if without > 0 {
                "\n" p.left-out {
                    "The list has the findings of the first entries, worst first. " (text::thousands(without))
                    " more " (if without == 1 { "has" } else { "have" }) " only the names of the rules, so that the page "
                    "stays small; the formats " code { "jsonl" } " and " code { "csv" } " have all findings."
                }
            }
            @if self.rows < order.len() {
                "\n" p.left-out {
                    "The list has " (text::thousands(self.rows)) " of " (text::thousands(order.len()))
                    " entries, worst first; the totals above include all. The formats " code { "jsonl" } " and "
                    code { "csv" } " list all entries."
                }
            }
        }
    }
}

/// The entries of a verdict, as far as there is room.
fn group(
    page: Page<'_>,
    by_entry: &[Vec<&Finding>],
    verdict: Verdict,
    entries: &[usize],
    room: ListRoom,
) -> Markup {
    let listed = &entries[..entries.len().min(room.rows)];
    let row =
        |(n, &at): (usize, &usize)| entry(page, at, if n < room.with_findings { &by_entry[at] } else { &[] });
    let rows: Vec<Markup> = listed.par_iter().enumerate().map(row).collect();
    let is_open = match verdict {
        Verdict::Ready => entries.len() <= OPEN_READY,
        Verdict::Warned | Verdict::Undecided | Verdict::Stopped | Verdict::Rejected => true,
    };
    html! {
        "\n" details.group open[is_open] {
            summary { h3 { (called(verdict)) " (" (text::thousands(entries.len())) ")" } }
            @for part in rows.chunks(PART) {
                "\n" ul.entries.part[part.len() == PART].(verdict.name()) data-verdict=(verdict.name()) {
                    @for row in part {
                        (row)
                    }
                }
            }
        }
    }
}

/// A row of the list, short because there may be tens of thousands: the order shows which column is which,
/// and the list that the row is in shows the verdict.
fn entry(page: Page<'_>, at: usize, findings: &[&Finding]) -> Markup {
    let input = page.input;
    let entry = &input.outcome.entries[at];
    let number = match entry.number {
        Some(number) => number.to_string(),
        None if entry.written.raw().trim().is_empty() => "(blank)".to_owned(),
        None => entry.written.fit(24).into_owned(),
    };
    let names = |rules: &[RuleId]| {
        rules.iter().map(|rule| input.rule(*rule).id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut why: Vec<String> = Vec::new();
    if !entry.rules.is_empty() {
        why.push(names(&entry.rules));
    }
    if !entry.undecided.is_empty() {
        why.push(format!("undecided: {}", names(&entry.undecided)));
    }
    if entry.is_accepted_by_you() {
        why.push("accepted by you".to_owned());
    }
    let cells = html! {
        b { (Outside::new(&number)) }
        i { (Outside::new(&why.join("; "))) }
        @match page.planned {
            Some(planned) => { i.file { (Outside::new(planned.destination(at))) } }
            None => { i { (input.sources.name(entry.place.file).fit_end(40)) ":" (entry.place.line) } }
        }
        i {
            (entry.facts.importer_number.as_ref().map(OutsideString::shown).unwrap_or_default())
            @if let Some(client) = input.outcome.client_of(entry) {
                " " u { (client) }
            }
        }
        @match entry.deadline {
            Some(day) if day < input.outcome.filing_date => { i.past { (day) " (past)" } }
            Some(day) => { i { (day) } }
            None => { i {} }
        }
        i { (dollars(entry).unwrap_or_default()) }
    };
    html! {
        "\n"
        @if findings.is_empty() {
            li.row { (cells) }
        } @else {
            li {
                details {
                    summary.row { (cells) }
                    @for one in findings {
                        (findings::finding(page, one))
                    }
                }
            }
        }
    }
}
