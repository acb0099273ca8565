//! JUnit XML, one suite a declaration and one test case an entry.
//!
//! Each case is an entry and not a rule: a pipeline's page then counts as a broker would (411 of 9,999 entries
//! failed), each failing case is named by its entry number, and from run to run the page shows which entries are
//! newly rejected and which were resolved. If each case were a rule, 400 entries would be one red line.
//!
//! A rejected or stopped entry fails. An undecided one is skipped, with its reasons: it must not look green.
//! One with warnings passes and carries them as output. Findings on the file itself are a case
//! named `the file`; findings that belong to no declaration (unused waivers) are in the suite
//! `configuration`.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{ReportInput, Share, csv, text, words};
use crate::finding::{Finding, Verdict};

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    let by_entry = csv::by_entry(outcome);
    let mut report = Report::new("capelint");
    for (n, declaration) in outcome.declarations.iter().enumerate() {
        let name = input.sources.name(declaration.file).shown().into_owned();
        let mut suite = TestSuite::new(name.as_str());
        suite.add_property(("evaluated", words::provenance(outcome).as_str()));
        let shares = Share::of(&outcome.entries[declaration.entries.clone()], outcome.filing_date);
        for share in &shares {
            let days = words::first_day(share, usize::MAX);
            let parts = [Some(text::count(share.entries, "entry", "entries")), share.duty.in_short(), days];
            let said = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
            suite.add_property((share.standing.title(), said.as_str()));
        }
        for (name, optional) in [("undecided", false), ("not checked", true)] {
            for cause in words::causes(input, optional) {
                let said = format!("{}: {}", cause.rules.join(", "), input.cause(cause.first));
                suite.add_property((name, said.as_str()));
            }
        }
        let on_file = input.findings().filter(|f| f.entry().is_none() && f.declaration() == Some(n));
        suite.add_test_case(file_case(input, &name, "the file", on_file.collect()));
        for at in declaration.entries.clone() {
            suite.add_test_case(entry_case(input, &name, at, &by_entry[at]));
        }
        report.add_test_suite(suite);
    }
    let nobodys: Vec<&Finding> =
        input.findings().filter(|f| f.entry().is_none() && f.declaration().is_none()).collect();
    if !nobodys.is_empty() {
        let mut suite = TestSuite::new("configuration");
        suite.add_test_case(file_case(input, "configuration", "waivers", nobodys));
        report.add_test_suite(suite);
    }
    report.serialize(out).map_err(io::Error::other)
}

fn file_case(input: ReportInput<'_>, suite: &str, name: &str, findings: Vec<&Finding>) -> TestCase {
    let failed = findings.iter().any(|finding| finding.severity.blocks());
    case(input, suite, name.to_owned(), &findings, failed)
}

fn entry_case(input: ReportInput<'_>, suite: &str, at: usize, findings: &[&Finding]) -> TestCase {
    let entry = &input.outcome.entries[at];
    let name = match entry.number {
        Some(number) => number.to_string(),
        None => format!("line {}: {}", entry.place.line, input.entry_name(at)),
    };
    let counting: Vec<&Finding> = findings.iter().copied().filter(|f| f.waived.is_none()).collect();
    let (failed, skipped) = match entry.after_waivers {
        Verdict::Rejected | Verdict::Stopped => (true, false),
        Verdict::Undecided => (false, true),
        Verdict::Ready | Verdict::Warned => (false, false),
    };
    let mut case = case(input, suite, name, &counting, failed);
    if entry.is_accepted_by_you() {
        let word = format!("accepted by you: by the rules it is {}", entry.verdict.title());
        let said = case.system_out.as_ref().map(|said| said.as_str().to_owned());
        case.set_system_out(said.into_iter().chain([word]).collect::<Vec<_>>().join("\n"));
    }
    if skipped {
        let rules: Vec<&str> = entry.undecided.iter().map(|rule| input.rule(*rule).id.as_str()).collect();
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("undecided: {}", rules.join(", ")));
        case.status = status;
    }
    case
}

fn case(input: ReportInput<'_>, suite: &str, name: String, findings: &[&Finding], failed: bool) -> TestCase {
    let lines: Vec<String> = findings.iter().map(|finding| describe(input, finding)).collect();
    let worst = findings.iter().find(|finding| finding.severity.blocks());
    let status = if failed {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        if let Some(worst) = worst {
            status.set_type(input.rule(worst.rule).id.as_str());
            status.set_message(input.message(worst).into_owned());
        }
        status.set_description(lines.join("\n"));
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(suite);
    if !failed && !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}

/// `march.csv:3:1: error[rule]: message`, with what to do.
fn describe(input: ReportInput<'_>, finding: &Finding) -> String {
    let rule = input.rule(finding.rule);
    let mut lines = format!(
        "{}: {}[{}]: {}",
        input.place(finding.place),
        finding.severity.name(),
        rule.id,
        input.message(finding)
    );
    if let Some(said) = words::cbp(input, finding) {
        lines.push_str(&format!("\n  {said}"));
    }
    for label in &finding.labels {
        lines.push_str(&format!("\n  {}: {}", input.place(label.place), input.label(label)));
    }
    if let Some(help) = &finding.help {
        lines.push_str(&format!("\n  help: {}", help));
    }
    lines
}
