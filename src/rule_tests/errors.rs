//! The wording of what a run of the tests of rules shows: tests that failed, and what no test covers.

use chrono::NaiveDate;
use strum::IntoStaticStr;

use super::DecidingClause;
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::finding::{Finding, Severity};
use crate::mutation::{BoundStep, Mutation};
use crate::outside::OutsideText;
use crate::rules::model::{Expectation, Rule, RuleTest};
use crate::source::Place;

codes! {
    /// Kinds of errors that a run of the tests of rules shows.
    enum TestRunCode:
    RuleTests {
        FailedTest "failed-test"
            "A test of a rule came out otherwise than it expects."
            "Correct the rule or the test."
        UncoveredRule "uncovered-rule"
            "The tests of a rule do not cover all of it."
            "Add the test that is named."
        UntestedPart "untested-part"
            "A part of a rule (a clause, a bound, a day in force, a `supersedes`) can change without a test that notices."
            "Add the test that is named."
    }
}

/// How many findings a failed test lists at most.
const MAX_LISTED: usize = 10;

fn failed(rule: &Rule, test: &RuleTest, what: &str) -> Diagnostic {
    Diagnostic::new(
        TestRunCode::FailedTest,
        format!("test \"{}\" of rule `{}` failed: {what}", test.name, rule.id),
    )
}

/// The result of the rule is not the expected one.
pub fn other_result(rule: &Rule, test: &RuleTest, got: Expectation) -> Diagnostic {
    let expected = test.expect.name();
    failed(rule, test, &format!("expected {expected}, got {}", got.name()))
        .at(test.expect_place, format!("expected {expected}"))
}

/// [`other_result`] of a rule that is not in force on the filing date.
pub fn other_result_out_of_force(
    rule: &Rule,
    test: &RuleTest,
    got: Expectation,
    day: NaiveDate,
) -> Diagnostic {
    other_result(rule, test, got).help(format!("the rule is not in force on {day}"))
}

/// [`other_result`], with the clauses that decided and, of an undecided rule, why and what to do.
pub fn other_result_because(
    rule: &Rule,
    test: &RuleTest,
    got: Expectation,
    deciding: &[DecidingClause],
    undecided: Option<(&str, &str)>,
) -> Diagnostic {
    let diagnostic = deciding.iter().fold(other_result(rule, test, got), |diagnostic, clause| {
        let truth = clause.truth.word();
        let text = match &clause.value {
            Some((name, value)) => format!("this is {truth}: `{name}` is {value} here"),
            None => format!("this is {truth}"),
        };
        diagnostic.at(clause.place, text)
    });
    match undecided {
        Some((why, help)) => diagnostic.help(format!("{why}; {help}")),
        None => diagnostic,
    }
}

/// A rule that is expected to be superseded does not exist.
pub fn superseded_is_unknown(rule: &Rule, test: &RuleTest, other: &str, place: Place) -> Diagnostic {
    not_superseded(rule, test, &format!("there is no rule `{other}`"), place)
}

/// A rule that is expected to be superseded is not violated.
pub fn superseded_is_satisfied(rule: &Rule, test: &RuleTest, other: &str, place: Place) -> Diagnostic {
    not_superseded(rule, test, &format!("`{other}` is not violated here"), place)
}

/// A rule that is expected to be superseded is reported.
pub fn superseded_is_reported(rule: &Rule, test: &RuleTest, other: &str, place: Place) -> Diagnostic {
    not_superseded(rule, test, &format!("`{other}` is reported, too"), place)
}

fn not_superseded(rule: &Rule, test: &RuleTest, what: &str, place: Place) -> Diagnostic {
    failed(rule, test, what).at(place, "expected to be superseded")
}

/// The finding has another severity than expected.
pub fn other_severity(rule: &Rule, test: &RuleTest, expected: Severity, got: Severity) -> Diagnostic {
    let what = format!("expected severity {}, got {}", expected.name(), got.name());
    failed(rule, test, &what).at(test.place, "")
}

/// The finding has another message or another next step than expected.
pub fn other_text(rule: &Rule, test: &RuleTest, part: FindingPart, expected: &str, got: &str) -> Diagnostic {
    failed(rule, test, &format!("the {} is another one", part.name()))
        .at(test.place, format!("expected: {expected}"))
        .help(format!("the text is: {got}"))
}

/// The finding points at other columns than expected.
pub fn other_cells(rule: &Rule, test: &RuleTest, expected: &[String], got: &[String]) -> Diagnostic {
    let got = if got.is_empty() { "none".to_owned() } else { got.join(", ") };
    failed(rule, test, "its labels are at other cells")
        .at(test.place, format!("expected: {}", expected.join(", ")))
        .help(format!("they are at: {got}"))
}

/// There are more findings than expected, or fewer.
pub fn other_number_of_findings(
    rule: &Rule,
    test: &RuleTest,
    expected: usize,
    got: &[&Finding],
) -> Diagnostic {
    let what = format!("expected {expected} findings, got {}", got.len());
    let diagnostic = failed(rule, test, &what).at(test.place, "");
    got.iter()
        .take(MAX_LISTED)
        .fold(diagnostic, |diagnostic, finding| diagnostic.help(line_and_message(finding)))
}

/// A part of a finding.
#[derive(Clone, Copy, Debug, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum FindingPart {
    /// The entry that it is on.
    Entry,
    /// The line of the declaration.
    Line,
    /// Its message.
    Message,
    /// Its next step.
    Help,
}

impl FindingPart {
    fn name(self) -> &'static str {
        self.into()
    }
}

/// A finding is another one than expected at the place, in this part.
pub fn other_finding(
    rule: &Rule,
    test: &RuleTest,
    part: FindingPart,
    place: Place,
    got: (&Finding, Option<EntryNumber>),
) -> Diagnostic {
    let (finding, entry) = got;
    let entry = entry.map_or(String::new(), |number| format!("entry {number}, "));
    let help = finding.help.as_ref().map(OutsideText::raw).filter(|help| !help.is_empty());
    let help = help.map_or(String::new(), |help| format!("; {help}"));
    failed(rule, test, &format!("the {} of a finding is another one", part.name()))
        .at(place, "expected")
        .help(format!("got: {entry}{}{help}", line_and_message(finding)))
}

fn line_and_message(finding: &Finding) -> String {
    format!("line {}: {}", finding.place.line, finding.message)
}

/// The tests of a rule do not show each of these.
pub fn uncovered_rule(rule: &Rule, lacking: &[Expectation]) -> Diagnostic {
    let lacking: Vec<&str> = lacking
        .iter()
        .map(|expected| match expected {
            Expectation::Violated => "no test violates it",
            Expectation::Satisfied => "no test satisfies it",
            Expectation::Undecided => {
                "no test leaves it undecided, although a table or column can be missing"
            }
            Expectation::NotChecked => "no test leaves it unchecked for an entry outside `required_for`",
        })
        .collect();
    Diagnostic::new(TestRunCode::UncoveredRule, format!("rule `{}` is not covered by its tests", rule.id))
        .at(rule.place, lacking.join("; "))
        .help("add a test for it under `tests` of the rule")
}

/// The next steps at these places are in no test.
pub fn uncovered_steps(rule: &Rule, steps: impl Iterator<Item = Place>) -> Diagnostic {
    let what = format!("rule `{}` has next steps that no test covers", rule.id);
    steps
        .fold(Diagnostic::new(TestRunCode::UncoveredRule, what), |diagnostic, step| diagnostic.at(step, ""))
        .help("add a test with `help:` and the next step as it is printed")
}

/// A change to a rule that none of its tests notices.
pub fn unnoticed_change(rule: &str, change: &Mutation, place: Place) -> Diagnostic {
    let (what, help) = change_and_test(change);
    Diagnostic::new(TestRunCode::UntestedPart, format!("no test of rule `{rule}` notices when {what}"))
        .at(place, "")
        .help(help)
}

/// What is changed, and which test would notice.
fn change_and_test(change: &Mutation) -> (String, String) {
    let (what, help) = match change {
        Mutation::WithoutFrom(day) => (
            "`effective.from` is left out",
            format!("add a test with `filing_date: {day}` that would be violated a day later"),
        ),
        Mutation::WithoutUntil(day) => (
            "`effective.until` is left out",
            format!("add a test with `filing_date: {day}` that would be violated a day earlier"),
        ),
        Mutation::WithoutWhen => (
            "`when` is left out",
            "add a test in which `when` is false and the rest of the rule would be violated".to_owned(),
        ),
        Mutation::WithoutWhere => {
            ("`where` is left out", "add a test with a row for which `where` is false".to_owned())
        }
        Mutation::WithoutClauseOfAll => {
            ("this clause is left out", "add a test in which this clause alone is false".to_owned())
        }
        Mutation::WithoutClauseOfAny => {
            ("this clause is left out", "add a test in which this clause alone is true".to_owned())
        }
        Mutation::WithoutSource => (
            "this clause is left out",
            "add a test in which only this source is provided, or only this one is true".to_owned(),
        ),
        Mutation::WithoutSuperseding(other) => {
            return (
                format!("it does not supersede `{other}`"),
                format!("add `supersedes: [{other}]` to a test in which both are violated"),
            );
        }
        Mutation::BoundMoved { up, by } => {
            let way = if *up { "up" } else { "down" };
            let by = match by {
                BoundStep::One => "1",
                BoundStep::Cent => "a cent",
                BoundStep::Day => "a day",
                BoundStep::Unit => "one",
                BoundStep::CentOfTolerance => "a cent of tolerance",
                BoundStep::PercentOfTolerance => "a percent of tolerance",
            };
            return (
                format!("this bound is moved {way} by {by}"),
                "add a test on each side of the bound: the last value that passes and the first that does not"
                    .to_owned(),
            );
        }
    };
    (what.to_owned(), help)
}
