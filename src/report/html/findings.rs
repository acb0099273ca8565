//! What the rules found, what is undecided, and the findings that belong to no entry.

use maud::{Markup, html};

use super::super::{ReportInput, RuleCount, Summary, text, words};
use super::{Page, Prose, capital, dollars, section};
use crate::finding::{Finding, RuleInfo};
use crate::outside::{Outside, OutsideString, OutsideText};

/// The rules that were violated, with what each is about.
pub fn by_rule(input: ReportInput<'_>, summary: &Summary) -> Markup {
    let content = html! {
        @if summary.rules.is_empty() {
            "\n" p { "No rule found anything." }
        } @else {
            "\n" table.rules {
                thead {
                    tr {
                        th scope="col" { "Severity" }
                        th scope="col" { "Rule" }
                        th.n scope="col" { "Findings" }
                        th.n scope="col" { "Entries" }
                        th.n scope="col" { "IEEPA duty at stake" }
                        th.n scope="col" { "Waived" }
                    }
                }
                tbody {
                    @for count in &summary.rules {
                        (rule(input.rule(count.rule), count))
                    }
                }
            }
        }
    };
    section("rules", "Findings by rule", &content)
}

fn rule(rule: &RuleInfo, count: &RuleCount) -> Markup {
    let duty = count.duty.in_short();
    let severity = count.severity.name();
    let id = Outside::new(&rule.id);
    html! {
        "\n" tr {
            td { span class={ "severity " (severity) } { (severity) } }
            td {
                (Prose(rule.title.raw()))
                a.mono href="#entries" data-words=(id) { (id) }
                @if rule.cbp.is_some() || rule.help.is_some() || !rule.sources.is_empty() {
                    details {
                        summary { "Why, and what to do" }
                        @if let Some(said) = &rule.cbp {
                            p { "CBP’s message: " code { (said) } }
                        }
                        @if let Some(help) = &rule.help {
                            p { (Prose(&capital(help.raw()))) }
                        }
                        @if !rule.sources.is_empty() {
                            p { "Source: " (OutsideString::joined(&rule.sources, "; ")) }
                        }
                    }
                }
            }
            td.n data-label="findings" { (text::thousands(count.findings)) }
            td.n data-label="entries" { (text::thousands(count.entries)) }
            td.n data-label="at stake" { (duty.unwrap_or_default()) }
            td.n data-label="waived" { @if count.waived > 0 { (text::thousands(count.waived)) } }
        }
    }
}

/// What the data could not decide and what it could not check, each with what to provide.
pub fn undecided(page: Page<'_>) -> Markup {
    let input = page.input;
    let (open, optional) = (words::causes(input, false), words::causes(input, true));
    if open.is_empty() && optional.is_empty() {
        return Markup::default();
    }
    let causes = open.iter().map(|cause| (cause, true)).chain(optional.iter().map(|cause| (cause, false)));
    let content = html! {
        "\n" ul.causes {
            @for (cause, keeps_back) in causes {
                "\n" li {
                    p { strong { (Prose(&capital(input.cause(cause.first).raw()))) } }
                    p { (Prose(&capital(input.help(cause.first).raw()))) }
                    p.soft {
                        (cause.how_many())
                        @if let Some(place) = cause.first.place.and_then(|place| page.place(place)) {
                            ", first at " (Outside::new(&place))
                        }
                        @if !keeps_back && cause.entries().is_some() {
                            "; entries count as ready without it"
                        }
                        ": " code { (Outside::new(&cause.rules.join(", "))) }
                    }
                }
            }
        }
    };
    section("undecided", "What is undecided or not checked", &content)
}

/// Findings that belong to no entry: on the files and on the configuration.
pub fn about_files(page: Page<'_>) -> Markup {
    let outcome = page.input.outcome;
    let mut findings =
        outcome.findings.iter().filter(|finding| outcome.entry_of(finding).is_none()).peekable();
    if findings.peek().is_none() {
        return Markup::default();
    }
    section("files", "About the files", &html! { @for one in findings { (finding(page, one)) } })
}

/// The entries of the export that no declaration names.
pub fn left_out(input: ReportInput<'_>) -> Markup {
    let named: Vec<_> = input.outcome.left_out.iter().filter(|entry| !entry.rules.is_empty()).collect();
    if named.is_empty() {
        return Markup::default();
    }
    let heading =
        format!("{} on no declaration", text::count(named.len(), "eligible entry", "eligible entries"));
    let content = html! {
        "\n" table."rules left" {
            thead {
                tr {
                    th scope="col" { "Entry" }
                    th scope="col" { "Importer" }
                    th.n scope="col" { "IEEPA duty" }
                    th scope="col" { "Last day to file" }
                    th scope="col" { "Where" }
                }
            }
            tbody {
                @for entry in named {
                    "\n" tr {
                        td { (Outside::new(&input.name_of(entry))) }
                        td data-label="importer" {
                            (entry.facts.importer_number.as_ref().map_or("unknown".into(), OutsideString::shown))
                        }
                        td.n data-label="IEEPA duty" { (dollars(entry).unwrap_or_default()) }
                        td data-label="last day" { @if let Some(day) = entry.deadline { (day) } }
                        td data-label="where" { (Outside::new(&input.place(entry.place))) }
                    }
                }
            }
        }
    };
    section("left-out", &heading, &content)
}

/// A finding with its next step and its evidence.
pub fn finding(page: Page<'_>, finding: &Finding) -> Markup {
    let input = page.input;
    let severity = finding.severity.name();
    html! {
        div class={ "found " (severity) @if finding.waived.is_some() { " waived" } } {
            p {
                span.severity { (severity) }
                " " code { (Outside::new(&input.rule(finding.rule).id)) }
                " " (Prose(&input.message(finding)))
            }
            @if let Some(waived) = &finding.waived {
                p.soft { (Outside::new(&capital(&text::why_waived(waived)))) }
            }
            @if let Some(help) = &finding.help {
                p { (Prose(&capital(help.raw()))) }
            }
            @if let Some(fix) = words::fix(finding) {
                p.soft { (Prose(&fix)) }
            }
            dl {
                @let (place, cbp) = (page.place(finding.place), words::cbp(input, finding));
                @if place.is_some() || cbp.is_some() {
                    dt { (Outside::new(&place.unwrap_or_default())) }
                    dd { (Outside::new(&cbp.unwrap_or_default())) }
                }
                @for label in &finding.labels {
                    dt { (Outside::new(&input.place(label.place))) }
                    dd {
                        @if let Some(cell) = label.cell.and_then(|cell| input.evidence.cell(cell)) {
                            (cell.column_name.outside().fit(80)) ": " strong { (value(&cell.value)) } " "
                        }
                        (Outside::new(label.text.raw()))
                    }
                }
            }
        }
    }
}

/// The value of a cell.
fn value(cell: &OutsideText<String>) -> Markup {
    let value = cell.fit(120);
    html! { @if value.is_empty() { "(blank)" } @else { (Outside::new(&value)) } }
}
