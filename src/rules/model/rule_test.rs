//! The tests of rules.

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::IntoStaticStr;

use super::operand::{Stated, WholeFile};
use super::{SettingId, Severity};
use crate::source::Place;
use crate::table::TableId;
use crate::table::value::Value;

/// The entry number of a test that names none: made up, with a right check digit.
pub const EXAMPLE_ENTRY: &str = "ABC12345676";

/// A rule's own test.
#[derive(Clone, Debug)]
pub struct RuleTest {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The filing date.
    pub filing_date: Option<NaiveDate>,
    /// The account.
    pub account: crate::account::Account,
    /// What the rule is applied to.
    pub fixture: TestTables,
    /// What functions give that look at whole files: the call and its value.
    pub values: Vec<(WholeFile, TableId, Stated)>,
    /// Settings that differ from their defaults.
    pub settings: Vec<(SettingId, Value)>,
    /// The rules that are violated too and not reported, by id.
    pub supersedes: Vec<(String, Place)>,
    /// The findings that there must be, if they are checked.
    pub findings: Option<ExpectedFindings>,
    /// How bad they must be, if that is checked.
    pub severity: Option<Severity>,
    /// What must come out.
    pub expect: Expectation,
    /// Where `expect` is.
    pub expect_place: Place,
    /// The message, if it is checked.
    pub message: Option<String>,
    /// The next step, if it is checked; empty where there must be none.
    pub help: Option<String>,
    /// The labeled columns, if they are checked.
    pub labels: Option<Vec<(TableId, u16)>>,
}

/// The findings of its rule that a [`RuleTest`] expects.
#[derive(Clone, Debug)]
pub enum ExpectedFindings {
    /// So many.
    Count(u32),
    /// These, in the order of the report.
    These(Vec<ExpectedFinding>),
}

/// What a finding must be; what is `None` is not checked.
#[derive(Clone, Debug)]
pub struct ExpectedFinding {
    /// The entry that it is on.
    pub entry: Option<crate::entry::EntryNumber>,
    /// The line of the declaration.
    pub line: Option<u64>,
    /// Its message.
    pub message: Option<String>,
    /// Its next step; empty where there must be none.
    pub help: Option<String>,
    /// Where the test states it.
    pub place: Place,
}

/// The declaration and the tables of a [`RuleTest`].
#[derive(Clone, Debug, Default)]
pub struct TestTables {
    /// A real declaration; without it there are its facts and rows.
    pub declaration: Option<TestFile>,
    /// Facts of the declaration file: column and text.
    pub file: Vec<TestCell>,
    /// The declaration's rows; empty: one row with a made-up valid number.
    pub rows: Vec<Vec<TestCell>>,
    /// The tables that are provided.
    pub tables: Vec<(TableId, TestRows)>,
}

/// What a table has in a [`RuleTest`].
#[derive(Clone, Debug)]
pub enum TestRows {
    /// These rows; those that name no entry are for the first that is declared.
    Rows(Vec<Vec<TestCell>>),
    /// What these files have.
    Files(Vec<TestFile>),
}

/// A real file of a [`RuleTest`]: CSV or a workbook.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// What to call it; its extension counts.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Where the test names it.
    pub place: Place,
}

/// A cell of a [`RuleTest`].
#[derive(Clone, Debug)]
pub struct TestCell {
    /// The schema's column.
    pub column: u16,
    /// The text as an export would have it.
    pub text: String,
    /// Where it is.
    pub place: Place,
}

/// The outcome of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, IntoStaticStr, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Expectation {
    /// `satisfied`.
    Satisfied,
    /// `violated`.
    Violated,
    /// `undecided`.
    Undecided,
    /// `not checked`: only what is optional is missing, and the entry stays ready.
    #[serde(rename = "not checked")]
    #[strum(serialize = "not checked")]
    NotChecked,
}

impl Expectation {
    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
