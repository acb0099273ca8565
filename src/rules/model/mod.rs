//! Compiled rules: what [`crate::judge`] evaluates.
//!
//! Everything here is resolved and type-checked: tables, columns and code lists are indices,
//! literals are values, patterns are compiled. Each clause keeps its [`Place`] in the rule file,
//! so that an explanation can point at the one that decided.

mod codes;
mod condition;
mod operand;
mod rule_test;

use std::sync::Arc;

use chrono::NaiveDate;

pub use crate::finding::{Fix, Pack, Remedy, RuleId, Severity};
use crate::outside::OutsideString;
use crate::source::{FileId, Place};
use crate::table::TableId;
use crate::table::schema::{Schema, Type};
use crate::table::value::Value;
pub use codes::{CodeList, CodeSet, Codes};
pub use condition::{
    Comparison, Condition, FirstWithin, Given, Pattern, Predicate, Quantifier, Range, RowsCondition, Subject,
    Test, Tolerance, WordId,
};
pub use operand::{
    AccountField, Argument, Call, ColumnRef, Dependency, Frame, FunctionId, Operand, Stated, WholeFile,
};
pub use rule_test::{
    EXAMPLE_ENTRY, Expectation, ExpectedFinding, ExpectedFindings, RuleTest, TestCell, TestFile, TestRows,
    TestTables,
};

/// Everything that the rule files of a run declare.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Which pack this is.
    pub pack: Pack,
    /// All tables, by [`TableId`]; the first two are [`crate::table::FILE`] and [`crate::table::ROW`].
    pub schemas: Vec<Arc<Schema>>,
    /// All code lists.
    pub code_lists: Vec<CodeList>,
    /// The rules, in the order of their files. Rules that were replaced or turned off are gone.
    pub rules: Vec<Rule>,
    /// The named parts of code lists, and each list as a whole under its own name.
    pub selections: Vec<CodeSet>,
    /// The named conditions, and where each is.
    pub conditions: Vec<(String, Place)>,
    /// The named steps, and where each is.
    pub steps: Vec<(String, Place)>,
    /// The named figures, by [`FigureId`].
    pub figures: Vec<Figure>,
    /// The settings, by [`SettingId`].
    pub settings: Vec<Setting>,
    /// Federal holidays, from the code list of that name, sorted.
    pub holidays: Vec<NaiveDate>,
    /// Rules that some file turned off: known, but off.
    pub off: Vec<Off>,
    /// The tables and code lists that a file adds to, by name, with the place where it does.
    pub extended: Vec<(String, Place)>,
}

/// A rule that a rule file turned off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// Its name, as in the file that turned it off.
    pub id: String,
    /// First and last day on which it would be in force.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// The file that turned it off.
    pub by: FileId,
}

impl Off {
    /// Whether the rule would be in force for declarations filed on that day.
    pub fn in_force(&self, filing_date: NaiveDate) -> bool {
        is_within(self.effective, filing_date)
    }
}

fn is_within((from, until): (Option<NaiveDate>, Option<NaiveDate>), day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// One line: what it checks.
    pub title: OutsideString,
    /// The stage of CBP's checks that it belongs to: the name of its file, without `.yaml`.
    pub stage: OutsideString,
    /// How bad a violation is.
    pub severity: Severity,
    /// What it is applied to.
    pub each: Each,
    /// When it applies; `None`: always.
    pub when: Option<Condition>,
    /// Whether `condition` must be true (`require`) or must not (`forbid`).
    pub forbids: bool,
    /// What is required or forbidden.
    pub condition: Condition,
    /// What is wrong, with placeholders.
    pub message: Template,
    /// The next step, with placeholders: the first case that applies. Empty: none.
    pub help: Vec<HelpCase>,
    /// Cells to label, with the texts of the labels. Empty: the cells that decided.
    pub labels: Vec<(ColumnRef, Template)>,
    /// CBP's own message.
    pub cbp: Option<OutsideString>,
    /// Where it is written.
    pub sources: Vec<OutsideString>,
    /// A longer explanation.
    pub note: Option<OutsideString>,
    /// First and last filing date on which it is in force, both inclusive.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// Rules that are not reported where this one is violated.
    pub supersedes: Vec<RuleId>,
    /// Whether those are every other rule, because nothing else matters then; otherwise they are about the same
    /// matter, with less precision.
    pub supersedes_all: bool,
    /// The rule of an earlier file whose place it takes.
    pub replaces: Option<String>,
    /// What `capelint fix` does about a violation.
    pub fix: Option<Fix>,
    /// What becomes of an entry that violates it, where `fix` repairs nothing.
    pub remedy: Remedy,
    /// The entries for which the lists and columns it reads are required although they are optional:
    /// without them the rule is undecided there, not unchecked. `None`: for none.
    pub required_for: Option<Condition>,
    /// Its own tests.
    pub tests: Vec<RuleTest>,
    /// The rule's id in its file.
    pub place: Place,
    /// The whole rule in its file, for `explain`.
    pub whole: Place,
}

impl Rule {
    /// Whether the rule is in force for declarations filed on that day.
    pub fn in_force(&self, filing_date: NaiveDate) -> bool {
        is_within(self.effective, filing_date)
    }
}

/// A next step, and when it is the one to take.
#[derive(Clone, Debug)]
pub struct HelpCase {
    /// When; `None`: always.
    pub when: Option<Condition>,
    /// Where its conditions are written: its own, after those of the case that names its step.
    pub conditions: Vec<Place>,
    /// The step.
    pub text: Template,
    /// The last day to take it; `None`: the last day to file the entry.
    pub by: Option<Operand>,
    /// Whose work it is; `None`: as the rule has it.
    pub remedy: Option<Remedy>,
    /// Where the case is.
    pub place: Place,
}

impl HelpCase {
    /// A step without a condition.
    pub fn always(text: Template, place: Place) -> Self {
        Self { when: None, conditions: Vec::new(), text, by: None, remedy: None, place }
    }
}

/// What a rule is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Each declaration file.
    File,
    /// Each row of a declaration.
    Row,
    /// Each distinct entry of a declaration.
    Entry,
    /// Each row that a table has for a declared entry.
    Table(TableId),
    /// Each line that a table has for a declared entry.
    Line(TableId),
}

/// A text with placeholders.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The pieces, one after the other.
    pub pieces: Vec<TextPiece>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug)]
pub enum TextPiece {
    /// As it is. Findings share it.
    Text(Arc<str>),
    /// The value of an operand.
    Operand(Operand),
}

/// Identifies a figure: its index in [`RuleSet::figures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FigureId(pub u16);

/// A named figure: something computed that rules, messages, other figures and reports use by name.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<OutsideString>,
    /// The type of its value: money, integer or date.
    pub kind: Type,
    /// What has one.
    pub over: Over,
    /// How it is computed.
    pub aggregate: Aggregate,
    /// What is aggregated, or the value itself; `None` for a count.
    pub of: Option<Operand>,
    /// When there is one; `None`: always.
    pub when: Option<Condition>,
    /// Which of the rows (of a file, entries) count; `None`: all.
    pub filter: Option<Condition>,
    /// Where its name is.
    pub place: Place,
}

/// What has a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Each entry. An aggregate is over the rows of this table.
    Entry(TableId),
    /// Each line of a table.
    Line(TableId),
    /// Each declaration file. An aggregate is over its distinct entries.
    File,
}

/// How a figure is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// It is a value.
    Value,
    /// The sum.
    Total,
    /// How many there are.
    Count,
    /// How many different values there are.
    Distinct,
    /// The first date.
    Earliest,
    /// The last date.
    Latest,
}

/// Identifies a setting: its index in [`RuleSet::settings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u16);

/// A setting: a value that the configuration may change without copying a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it means.
    pub title: Option<OutsideString>,
    /// What it is measured in.
    pub unit: Option<OutsideString>,
    /// The type of its value.
    pub kind: Type,
    /// Its default value.
    pub default: Value,
    /// Its value in this run.
    pub value: Value,
    /// Where its name is.
    pub place: Place,
}

impl RuleSet {
    /// The figure of that name.
    pub fn figure(&self, name: &str) -> Option<FigureId> {
        self.figures.iter().position(|figure| figure.name == name).map(|at| FigureId(at as u16))
    }

    /// The setting of that name.
    pub fn setting(&self, name: &str) -> Option<SettingId> {
        self.settings.iter().position(|setting| setting.name == name).map(|at| SettingId(at as u16))
    }
}
