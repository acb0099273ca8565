//! The report of totals, for a plan with too many entries for a page that names each.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{Checked, DECLARATIONS, ExportPlan, Options, WARNED, WORK_LIST, count};
use crate::engine::uploads::FirstNamed;
use crate::outside::Outside;
use crate::report::html::{clients, document};

/// The most days that the page lists.
const DAYS: usize = 30;

/// The page: what is uploaded and what is left to do, per file, rule, importer and day.
pub fn page(plan: &ExportPlan<'_>) -> String {
    let title = format!("Plan for filing on {}", plan.filing_date);
    let body = html! {
        "\n" header {
            h1 { (title) }
            p.facts { (plan.sum) }
        }
        "\n" main {
            @if let Some(batched) = &plan.batched {
                (judged(batched))
            }
            h2 { "Upload files, in order" }
            p { "In the folder " code { (DECLARATIONS) } "." }
            (files(plan))
            h2 { "Warnings" }
            p { (entries(plan.notes.warned)) " to upload with warnings, named in " code { (WARNED) } "." }
            (warnings(plan))
            h2 { "Work list" }
            p { (entries(plan.sum.work)) @if let Some(duty) = plan.work_duty.in_words() { ", " (duty) } ", in " code { (WORK_LIST) } "." }
            (rules(plan))
            @if let (Some(checked), false) = (plan.overall(), plan.clients.is_empty()) {
                h2 { "Clients" }
                (clients(&checked.outcome, &plan.clients))
            }
            h2 { "Importers" }
            (importers(plan))
            h2 { "First filing deadlines" }
            (days(plan))
        }
    };
    document(&title, &body).into_string()
}

/// With which rules the batches were evaluated, and what they could not decide.
fn judged(batched: &Checked<'_>) -> Markup {
    let mut open = Vec::new();
    // Writing to memory does not fail.
    let _ = batched.not_decided(&Options { max_lines: None, ..Options::default() }, &mut open);
    html! {
        p { (Outside::new(&batched.provenance())) }
        @if !open.is_empty() {
            pre { (String::from_utf8_lossy(&open)) }
        }
    }
}

fn files(plan: &ExportPlan<'_>) -> Markup {
    let rows = plan.uploads.iter().zip(&plan.upload_duty).map(|(file, duty)| {
        let deadline = file.deadline.map_or_else(|| "unknown".to_owned(), |day: NaiveDate| day.to_string());
        [file.name.clone(), entries(file.entries.len()), duty.to_string(), deadline]
    });
    table(["File", "Entries", "IEEPA duty", "Earliest filing deadline"], rows)
}

fn warnings(plan: &ExportPlan<'_>) -> Markup {
    let outcome = plan.overall().map(|checked| &checked.outcome);
    let rows = outcome.into_iter().flat_map(|outcome| {
        let of_rule = |(rule, of): &(_, FirstNamed<_>)| [outcome.rule(*rule).id.clone(), entries(of.count)];
        plan.notes.warned_by.iter().map(of_rule)
    });
    table(["Rule", "Entries"], rows)
}

fn rules(plan: &ExportPlan<'_>) -> Markup {
    table(
        ["Rule", "Entries"],
        plan.work_by_rule.iter().map(|(rule, number)| [rule.clone(), entries(*number)]),
    )
}

fn importers(plan: &ExportPlan<'_>) -> Markup {
    let rows = plan.importers.iter().map(|total| {
        let importer = total.importer.map_or_else(|| "unknown".to_owned(), |one| one.to_string());
        let (uploaded, work) = (entries(total.sum.uploaded), entries(total.sum.work));
        [importer, uploaded, total.uploaded.to_string(), work, total.work.to_string()]
    });
    table(["Importer", "To upload", "IEEPA duty", "Work list", "IEEPA duty"], rows)
}

fn days(plan: &ExportPlan<'_>) -> Markup {
    let coming = plan.days.iter().filter(|(day, ..)| *day >= plan.filing_date).take(DAYS);
    let rows = coming.map(|(day, uploads, work)| [day.to_string(), entries(*uploads), entries(*work)]);
    table(["Last day", "To upload", "Work list"], rows)
}

fn entries(number: usize) -> String {
    count(number, "entry", "entries")
}

fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Markup {
    html! {
        "\n" table.rules {
            thead { tr { @for name in head { th scope="col" { (name) } } } }
            tbody {
                @for row in rows {
                    "\n" tr { @for cell in row { td { (Outside::new(&cell)) } } }
                }
            }
        }
    }
}
