//! JSON: the results of `explain` and `test`, for programs. The members have the names and types of the
//! records of a check; see [`json`](crate::report::json).

use std::borrow::Cow;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use super::json;
use crate::cause::UndecidedCause;
use crate::code::Code;
use crate::engine::checked::Checked;
use crate::engine::describe::{RuleCard, TextExplanation};
use crate::engine::explain::{Clause, ClauseCell, EntryExplanation, RuleExplanation};
use crate::engine::load::Errors;
use crate::entry::EntryNumber;
use crate::outside::{OutsideString, OutsideText};
use crate::report::errors::{self, ErrorDocument, ErrorRecord};
use crate::report::json::{
    CauseRecord, PlaceRecord, RunRecord, SCHEMA, ToolRecord, WaivedRecord, own, some_day,
};
use crate::report::{Options, ReportInput};
use crate::rule_tests::{Expectation, TestReport};
use crate::rules::checklist::ChecklistItem;
use crate::source::{Place, Sources};
use crate::waiver::Waiver;

/// What `explain` prints.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
pub enum Explanation<'a> {
    /// A rule.
    Rule {
        #[allow(missing_docs)]
        explained_rule: &'a RuleCard,
    },
    /// A kind of error that keeps capelint from running.
    Error {
        #[allow(missing_docs)]
        explained_error: ErrorCard,
    },
    /// The questions to answer before the first upload.
    Checklist {
        #[allow(missing_docs)]
        checklist: &'a [ChecklistItem],
    },
    /// The messages in a text.
    Texts(&'a TextExplanation<'a>),
    /// What decided about an entry.
    Entry(ExplainedEntry<'a>),
}

/// A kind of error.
#[derive(JsonSchema, Serialize)]
pub struct ErrorCard {
    code: &'static str,
    group: &'static str,
    meaning: &'static str,
    help: &'static str,
}

impl From<Code> for ErrorCard {
    fn from(code: Code) -> Self {
        Self { code: code.name(), group: code.group(), meaning: code.meaning(), help: code.help() }
    }
}

/// What decided about an entry.
#[derive(JsonSchema, Serialize)]
pub struct ExplainedEntry<'a> {
    run: RunRecord<'a>,
    /// The bare 11 characters.
    entry: String,
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    filing_date: NaiveDate,
    /// Each declaration that names it.
    declarations: Vec<ExplainedDeclaration<'a>>,
}

/// What the rules found about the entry in one declaration.
#[derive(JsonSchema, Serialize)]
struct ExplainedDeclaration<'a> {
    /// The entry's first cell.
    place: Option<PlaceRecord<'a>>,
    /// What became of the entry.
    verdict: Option<&'static str>,
    /// Each rule that ran; what decided comes first.
    rule_outcomes: Vec<ExplainedRule<'a>>,
}

#[derive(JsonSchema, Serialize)]
struct ExplainedRule<'a> {
    rule: &'a str,
    title: Cow<'a, str>,
    severity: &'static str,
    /// `violated`, `undecided`, `not_checked` or `satisfied`.
    outcome: &'static str,
    /// The rule that is reported in its place, because it is more precise.
    superseded_by: Option<&'a str>,
    message: Option<Cow<'a, str>>,
    /// The next step, where the rule is violated.
    help: Option<Cow<'a, str>>,
    /// CBP's own message, where the rule is violated.
    cbp: Option<Cow<'a, str>>,
    /// Why a violation does not count; `null` where it counts.
    waived: Option<WaivedRecord<'a>>,
    /// The table that has no row for the entry, which satisfies the rule.
    no_row_in: Option<&'a str>,
    /// The parts of the rule that decided.
    clauses: Vec<ClauseRecord<'a>>,
    /// What was missing for the rule as a whole, where no clause decided.
    causes: Vec<ExplainedCause<'a>>,
    /// The sources that were missing where others decided.
    missing_sources: Vec<ExplainedCause<'a>>,
}

#[derive(JsonSchema, Serialize)]
struct ClauseRecord<'a> {
    /// As the rule file has it, on one line.
    clause: Cow<'a, str>,
    /// `true`, `false` or `unknown`.
    truth: &'static str,
    /// The cells that it read.
    cells: Vec<ExplainedCell<'a>>,
    causes: Vec<ExplainedCause<'a>>,
}

#[derive(JsonSchema, Serialize)]
struct ExplainedCell<'a> {
    header: Cow<'a, str>,
    /// `null` where the file has no such column.
    value: Option<Cow<'a, str>>,
    /// `null` for a fact of the file.
    place: Option<PlaceRecord<'a>>,
}

#[derive(JsonSchema, Serialize)]
struct ExplainedCause<'a> {
    #[serde(flatten)]
    cause: CauseRecord<'a>,
    /// The cause in words.
    message: Cow<'a, str>,
    /// The next step.
    help: Cow<'a, str>,
}

/// What `test` prints.
#[derive(JsonSchema, Serialize)]
pub struct TestDocument<'a> {
    /// The version of this format.
    schema: u32,
    tool: ToolRecord,
    /// How many rules were looked at.
    rule_count: usize,
    /// Each test that ran.
    tests: Vec<TestRecord<'a>>,
    /// Changes to the rules that were tried; 0 without `--coverage`.
    changes: usize,
    /// What makes the command fail.
    errors: Vec<ErrorRecord>,
}

#[derive(JsonSchema, Serialize)]
struct TestRecord<'a> {
    rule: &'a str,
    name: &'a OutsideString,
    passed: bool,
    place: PlaceRecord<'a>,
    /// How it failed.
    message: Option<Cow<'a, str>>,
}

/// A document of `explain`.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct ExplanationDocument<'a> {
    /// The version of this format.
    schema: u32,
    #[serde(flatten)]
    explanation: Explanation<'a>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum ExplainOutput<'a> {
    Explanation(Box<ExplanationDocument<'a>>),
    Errors(ErrorDocument),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum TestOutput<'a> {
    Tests(TestDocument<'a>),
    Errors(ErrorDocument),
}

/// The JSON Schema (2020-12) of what `explain` prints.
pub fn explain_schema() -> serde_json::Value {
    schemars::schema_for!(ExplainOutput<'static>).to_value()
}

/// The JSON Schema (2020-12) of what `test` prints.
pub fn test_schema() -> serde_json::Value {
    schemars::schema_for!(TestOutput<'static>).to_value()
}

impl Checked<'_> {
    /// What decided about an entry, for programs: see [`Checked::explain_entry`].
    pub fn explanation<'a>(
        &'a self,
        number: EntryNumber,
        explained: &'a [EntryExplanation],
        options: &Options,
    ) -> Result<String, serde_json::Error> {
        let evidence = (&self.tables, &self.sources);
        let input =
            ReportInput { outcome: &self.outcome, sources: &self.sources, evidence: &evidence, options };
        let entry = of_entry(input, number, explained, &self.rules.config.waivers);
        json(&Explanation::Entry(entry))
    }
}

/// What decided about an entry. The waivers are those of the configuration.
fn of_entry<'a>(
    input: ReportInput<'a>,
    number: EntryNumber,
    explained: &'a [EntryExplanation],
    waivers: &'a [Waiver],
) -> ExplainedEntry<'a> {
    let place = |place: Option<Place>| place.map(|place| PlaceRecord::of(input.sources, place, None));
    let causes = |causes: &'a [UndecidedCause]| -> Vec<ExplainedCause<'a>> {
        let record = |cause: &'a UndecidedCause| ExplainedCause {
            cause: CauseRecord::of(cause),
            message: own(&cause.text(input.sources)),
            help: own(&cause.help(input.options.frontend)),
        };
        causes.iter().map(record).collect()
    };
    let cell = |cell: &'a ClauseCell| ExplainedCell {
        header: cell.header.masked(),
        value: cell.text.as_ref().map(OutsideString::masked),
        place: cell.place.map(|place| PlaceRecord::of(input.sources, place, Some(cell.header.masked()))),
    };
    let clause = |clause: &'a Clause| ClauseRecord {
        clause: clause.text.masked(),
        truth: clause.truth.word(),
        cells: clause.cells.iter().map(cell).collect(),
        causes: causes(&clause.causes),
    };
    let rule = |rule: &'a RuleExplanation| ExplainedRule {
        rule: &rule.rule,
        title: rule.title.masked(),
        severity: rule.severity.name(),
        outcome: outcome_name(rule.outcome),
        superseded_by: rule.superseded_by.as_deref(),
        message: rule.message.as_ref().map(OutsideText::masked),
        help: rule.help.as_ref().map(OutsideText::masked),
        cbp: rule.cbp.as_ref().map(OutsideString::masked),
        waived: rule.waiver.map(|at| WaivedRecord::waiver(&waivers[at].reason, waivers[at].until.value)),
        no_row_in: rule.without_rows.as_deref(),
        clauses: rule.clauses.iter().map(clause).collect(),
        causes: causes(&rule.causes),
        missing_sources: causes(&rule.missing),
    };
    let declaration = |entry: &'a EntryExplanation| ExplainedDeclaration {
        place: place(entry.place),
        verdict: entry.entry.map(|at| input.outcome.entries[at].verdict.name()),
        rule_outcomes: entry.rules.iter().map(rule).collect(),
    };
    ExplainedEntry {
        run: RunRecord::of(input),
        entry: number.as_str().to_owned(),
        filing_date: input.outcome.filing_date,
        declarations: explained.iter().map(declaration).collect(),
    }
}

/// An outcome as records name it: that of rule files, in snake case.
fn outcome_name(outcome: Expectation) -> &'static str {
    match outcome {
        Expectation::NotChecked => "not_checked",
        Expectation::Satisfied | Expectation::Violated | Expectation::Undecided => outcome.name(),
    }
}

/// What tests showed, with what makes the command fail.
pub fn of_tests<'a>(report: &'a TestReport, failed: &Errors, sources: &'a Sources) -> TestDocument<'a> {
    let tests = report.results.iter().map(|result| TestRecord {
        rule: &result.rule,
        name: &result.name,
        passed: result.failure.is_none(),
        place: PlaceRecord::of(sources, result.place, None),
        message: result.failure.map(|at| report.failures[at].message.masked()),
    });
    TestDocument {
        schema: SCHEMA,
        tool: ToolRecord::this(),
        rule_count: report.rules,
        tests: tests.collect(),
        changes: report.mutants,
        errors: errors::records(&failed.diagnostics, sources),
    }
}
