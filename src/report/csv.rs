//! One row an entry, for a spreadsheet.
//!
//! Entry numbers have their dashes, so that none is taken for a number and loses its zeros. Programs are better
//! served by `jsonl`.

use std::borrow::Cow;
use std::io::{self, Write};

use smol_str::SmolStr;

use super::spreadsheet::List;
use super::{ReportInput, Standing, text, words};
use crate::distinct::each_once;
use crate::finding::Remedy;
use crate::finding::{Finding, Outcome};
use crate::outside::OutsideString;

/// The columns.
const HEADER: [&str; 24] = [
    "Entry Number",
    "Verdict",
    "What is left to do",
    "Rules",
    "Messages",
    "Next steps",
    "Undecided rules",
    "Last day to file",
    "IEEPA duty (USD)",
    "IEEPA duty is an upper bound",
    "Declaration",
    "Line",
    "Importer Number",
    "Entry Type",
    "Entry Date",
    "Liquidation Status",
    "Liquidation Date",
    "Waived",
    "Accepted by you",
    "Remedy",
    "Filing date",
    "Part of a check",
    "Not checked",
    "Configuration in force",
];

/// The column of the clients, where the account files for clients, and the column behind which it is.
const CLIENT: &str = "Client";
const BEFORE_CLIENT: &str = "Importer Number";

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut header = HEADER.to_vec();
    let client_at = HEADER.iter().position(|name| *name == BEFORE_CLIENT).map(|at| at + 1);
    let client_at = client_at.filter(|_| !input.outcome.clients.is_empty());
    if let Some(at) = client_at {
        header.insert(at, CLIENT);
    }
    let mut list = List::new(&header);
    let by_entry = by_entry(input.outcome);
    let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let shown =
        |text: &Option<OutsideString<SmolStr>>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    let declared = input.outcome.entries.iter().zip(&by_entry);
    let left_out = of_left_out(input.outcome);
    // Without the rule that names them there is not a row for them.
    let left_out = input.outcome.left_out.iter().zip(&left_out).filter(|(_, findings)| !findings.is_empty());
    let rows = declared.map(|row| (row, true)).chain(left_out.map(|row| (row, false)));
    let part = words::extent(input.outcome).unwrap_or_default();
    let not_checked = words::causes(input, true);
    let not_checked = joined(not_checked.iter().map(|cause| input.cause(cause.first).shown().into_owned()));
    let in_force = words::in_force(input.outcome).unwrap_or_default();
    for ((entry, findings), is_declared) in rows {
        let findings = || findings.iter().copied();
        let counting = || findings().filter(|finding| finding.waived.is_none());
        let names = |rules: &[crate::finding::RuleId]| {
            rules.iter().map(|rule| input.rule(*rule).id.as_str()).collect::<Vec<_>>().join(" ")
        };
        let waived = findings().filter_map(|finding| {
            let why = text::why_waived(finding.waived.as_ref()?);
            Some(format!("{} ({why})", input.rule(finding.rule).id))
        });
        let cells = [
            entry.number.map_or_else(|| entry.written.shown().into_owned(), |n| n.to_string()),
            if is_declared { entry.verdict.name() } else { "left out" }.to_owned(),
            if is_declared {
                Standing::of(entry).title().replace('`', "")
            } else {
                NO_DECLARATION.to_owned()
            },
            names(&entry.rules),
            joined(counting().map(|finding| input.message(finding).into_owned())),
            joined(counting().filter_map(|f| f.help.as_ref().map(|help| help.shown().into_owned()))),
            names(&entry.undecided),
            date(entry.deadline),
            entry.ieepa_duty.map(text::cents).unwrap_or_default(),
            if entry.ieepa_duty_is_upper_bound { "yes" } else { "" }.to_owned(),
            if is_declared { input.file(entry.place).into_owned() } else { String::new() },
            if is_declared { entry.place.line.to_string() } else { String::new() },
            shown(&entry.facts.importer_number),
            // A spreadsheet would show `01` alone as 1.
            entry.facts.entry_type.as_ref().map(|kind| format!("type {kind}")).unwrap_or_default(),
            date(entry.facts.entry_date),
            shown(&entry.facts.liquidation_status),
            date(entry.facts.liquidation_date),
            joined(waived),
            if entry.is_accepted_by_you() { "yes" } else { "" }.to_owned(),
            entry.remedy.map(Remedy::name).unwrap_or_default().to_owned(),
            input.outcome.filing_date.to_string(),
            part.clone(),
            not_checked.clone(),
            in_force.clone(),
        ];
        let mut cells = cells.map(Cow::Owned).to_vec();
        if let Some(at) = client_at {
            cells.insert(at, input.outcome.client_of(entry).map(OutsideString::shown).unwrap_or_default());
        }
        list.row(&cells);
    }
    out.write_all(&list.finish())
}

/// What is left to do about an entry that was left out.
const NO_DECLARATION: &str = "on no declaration";

/// The findings of each entry that no declaration names.
fn of_left_out(outcome: &Outcome) -> Vec<Vec<&Finding>> {
    let mut by_entry = vec![Vec::new(); outcome.left_out.len()];
    for finding in &outcome.findings {
        if let Some(at) = finding.left_out() {
            by_entry[at].push(finding);
        }
    }
    by_entry
}

/// The findings of each entry.
pub fn by_entry(outcome: &Outcome) -> Vec<Vec<&Finding>> {
    let mut by_entry = vec![Vec::new(); outcome.entries.len()];
    for finding in &outcome.findings {
        if let Some(at) = finding.entry() {
            by_entry[at].push(finding);
        }
    }
    by_entry
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    each_once(texts).join("; ")
}
