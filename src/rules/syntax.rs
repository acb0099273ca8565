//! What a rule file may contain: one type for each kind of mapping, as it is written.
//!
//! These types define which keys there are and what each means; the same types give the JSON Schema
//! ([`crate::rules::schema`]). The compiler checks whether the values make sense. In these types every key may be
//! left out, so that one error does not hide another; the compiler reports those that are missing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::model::Expectation;
use crate::account::Role;
use crate::finding::{Fix, Remedy, Severity};
use crate::table::schema::{Absent, Belongs, Type};
use crate::yaml::decode::{Lazy, Named, OneOrMany, Raw, Rest, Scalar, Spanned};

/// The value of a case that has nothing in a column: the key, or the table's column, is not there.
pub(super) const NOTHING: &str = "~";

/// A rule file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleFile {
    /// Which rule pack this is; only in the pack's own `pack.yaml`.
    pub pack: Option<WrittenPack>,
    /// Tables, by the name that rules use: what their columns are called and mean.
    pub tables: Option<Named<Lazy<WrittenTable>>>,
    /// Code lists, by the name that rules use.
    pub codes: Option<Named<Lazy<WrittenCodes>>>,
    /// Named parts of code lists.
    pub selections: Option<Named<Lazy<WrittenSelection>>>,
    /// Named figures: totals, counts, earliest and latest dates, values. Reports show `last_day` and
    /// `ieepa_duty`.
    pub figures: Option<Named<Lazy<WrittenFigure>>>,
    /// Settings: values that the configuration may change.
    pub settings: Option<Named<Lazy<WrittenSetting>>>,
    /// Named conditions; written `NAME: yes` or `NAME: no` in a condition.
    pub conditions: Option<Named<Raw>>,
    /// Named next steps: a text, or a list of cases; used as `step: NAME` in `help`.
    pub steps: Option<Named<Raw>>,
    /// The rules.
    pub rules: Option<Vec<Lazy<WrittenRule>>>,
    /// Ids of rules of earlier files that shall not run.
    pub off: Option<Vec<Scalar>>,
}

/// Which rule pack this is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["name", "version"]))]
#[schemars(rename = "Pack")]
pub struct WrittenPack {
    /// Its name.
    pub name: Option<Scalar>,
    /// Its version.
    pub version: Option<Scalar>,
    /// The day on which its rules were last checked against CBP's pages, as 2026-11-22.
    pub verified: Option<Scalar>,
}

/// A rule: for each thing, when this applies, require that, or forbid that.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "title", "severity", "each"]))]
#[schemars(rename = "Rule")]
pub struct WrittenRule {
    /// Lower-case words joined by `-`; unique.
    #[schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub id: Option<Scalar>,
    /// One line: what it checks.
    pub title: Option<Scalar>,
    /// How bad a violation is.
    pub severity: Option<Spanned<Severity>>,
    /// What it is applied to: `file` (a declaration), `row` (a row of it), `entry` (a distinct entry
    /// of it), `line` (each line of one), or a table's name (each of its rows that belong to a declared entry).
    pub each: Option<Scalar>,
    /// When the rule applies; without it always.
    pub when: Option<WrittenCondition>,
    /// What must be true. Either this or `forbid`.
    pub require: Option<WrittenCondition>,
    /// What must not be true. Either this or `require`.
    pub forbid: Option<WrittenCondition>,
    /// What is wrong with this one, one sentence, lower case, no full stop; `{operand}` placeholders.
    /// Without it the title is printed.
    pub message: Option<Scalar>,
    /// The next step in one sentence; `{operand}` placeholders. Or a list of cases, of which the first
    /// that applies is used.
    pub help: Option<Help>,
    /// The cells to label, by column, with the text of each label; without it the cells that decided.
    pub labels: Option<Named<Scalar>>,
    /// CBP's own message, where there is one.
    pub cbp: Option<Scalar>,
    /// Where the rule is written.
    pub sources: Option<Vec<Scalar>>,
    /// A longer explanation for `capelint explain`; sources that contradict each other are cited here.
    pub note: Option<Scalar>,
    /// The filing dates on which it is in force.
    pub effective: Option<Effective>,
    /// Ids of rules that are not reported where this one is violated; `all`: every other rule for entries (or
    /// files), but those that supersede this one.
    pub supersedes: Option<Vec<Scalar>>,
    /// The id of the rule of an earlier file that this one replaces.
    pub replaces: Option<Scalar>,
    /// What `capelint fix` does about a violation.
    pub fix: Option<Spanned<Fix>>,
    /// What becomes of an entry that violates it: `resolve` (without this key), `out` or `accepted`.
    pub remedy: Option<Spanned<Remedy>>,
    /// For which entries the lists and columns it reads are required although they are optional: where
    /// they are missing, such an entry is undecided, not ready.
    pub required_for: Option<WrittenCondition>,
    /// The rule's own tests, which `capelint test` runs.
    pub tests: Option<Vec<Lazy<WrittenTest>>>,
    /// More tests, as a table of cases; or several such tables.
    #[schemars(with = "OneOrMany<Lazy<Cases>>")]
    pub cases: Option<Raw>,
}

/// Tests of a rule as a table: the columns once, one line for each case.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["columns", "rows"]))]
pub struct Cases {
    /// Keys of a test that apply to each case without its own, such as `filing_date`.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub given: Option<Named<Raw>>,
    /// What the values are: cells, as `TABLE.COLUMN`, and keys of a test, such as `expect`.
    pub columns: Option<Vec<Scalar>>,
    /// What each case shows, with one value per column; `~` where it has nothing there.
    #[schemars(with = "BTreeMap<String, Vec<serde_json::Value>>")]
    pub rows: Option<Named<Raw>>,
}

/// The next step; compiled from its node: a text, a list of [`WrittenHelpCase`]s, or a [`NamedStep`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Help(pub Raw);

/// A next step, and when it is the one to take: a `text`, or the name of a `step`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "HelpCase")]
pub struct WrittenHelpCase {
    /// When; a case without it comes last and always applies.
    pub when: Option<WrittenCondition>,
    /// The step, one sentence; `{operand}` placeholders, and `{by}` for its last day.
    pub text: Option<Scalar>,
    /// The last day to take the step: an operand that gives a date.
    pub by: Option<Scalar>,
    /// What becomes of the entry in this case, where it differs from the rule's own.
    pub remedy: Option<Spanned<Remedy>>,
    /// A named step, with all its cases.
    pub step: Option<Scalar>,
}

/// A named next step.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["step"]))]
pub struct NamedStep {
    /// Its name under `steps`.
    pub step: Option<Scalar>,
}

/// First and last filing date on which a rule is in force, both inclusive; either may be left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Effective {
    /// The first filing date, as 2026-11-22.
    pub from: Option<Scalar>,
    /// The last filing date, as 2026-11-22.
    pub until: Option<Scalar>,
}

/// A condition; compiled from its node, because its keys are columns.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WrittenCondition(pub Raw);

/// A test of a rule: its data, and the result that the rule must have.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["name", "expect"]))]
#[schemars(rename = "Test")]
pub struct WrittenTest {
    /// What the test shows.
    pub name: Option<Scalar>,
    /// The filing date, as 2026-11-22; required where the rule or its dates need it.
    pub filing_date: Option<Scalar>,
    /// The account that files.
    pub account: Option<WrittenAccount>,
    /// Facts of the declaration file, such as `extension: csv`.
    pub file: Option<Named<WrittenCell>>,
    /// A real declaration in place of `row`, `rows` and `file`: the name of a file beside the rule file, or
    /// its lines, header included.
    pub declaration: Option<Scalar>,
    /// The declaration's row, by column; without an `entry` it gets a made-up valid one.
    pub row: Option<Named<WrittenCell>>,
    /// Several rows of one declaration instead.
    pub rows: Option<Vec<Named<WrittenCell>>>,
    /// Settings that differ from their defaults.
    pub settings: Option<Named<Scalar>>,
    /// What functions give that look at whole files, such as `preamble_rows(es003): 3`.
    pub values: Option<Named<Scalar>>,
    /// `yes`: rows of tables for entries that the test does not declare are meant.
    pub other_entries: Option<bool>,
    /// `yes`: several rows of the declaration for one entry are meant.
    pub same_entry: Option<bool>,
    /// Ids of rules that are violated here too and not reported because of this one.
    pub supersedes: Option<Vec<Scalar>>,
    /// How many findings of the rule must come out, or which.
    pub findings: Option<WrittenFindings>,
    /// How bad they must be.
    pub severity: Option<Spanned<Severity>>,
    /// What must come out.
    pub expect: Option<Spanned<Expectation>>,
    /// The message that must come out.
    pub message: Option<Scalar>,
    /// The next step that must come out.
    pub help: Option<Scalar>,
    /// The columns whose cells must be pointed at.
    pub labels: Option<Vec<Scalar>>,
    /// The rows that a table has for the entry, by the table's name; the key is filled in. A table that is
    /// not named is not provided; `[]` is a table without a row for the entry.
    #[serde(rename = "$rest")]
    pub tables: Rest,
}

/// How many findings a test expects, or a list of [`WrittenFinding`]s.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WrittenFindings(pub Raw);

/// A finding that a test expects, by its place and its texts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1))]
#[schemars(rename = "ExpectedFinding")]
pub struct WrittenFinding {
    /// The entry that it is on.
    pub entry: Option<Scalar>,
    /// The line (in a workbook, the row) of the declaration that it is on.
    pub line: Option<u32>,
    /// Its message.
    pub message: Option<Scalar>,
    /// Its next step.
    pub help: Option<Scalar>,
}

/// A cell of a test: its text, or a [`WrittenUnreadable`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct WrittenCell(pub Raw);

/// A text that its column is meant not to be able to read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["unreadable"]))]
#[schemars(rename = "UnreadableCell")]
pub struct WrittenUnreadable {
    /// The text, as an export would have it.
    pub unreadable: Option<Scalar>,
}

/// The account that files.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Account")]
pub struct WrittenAccount {
    /// Who files.
    pub role: Option<Spanned<Role>>,
    /// The importer numbers of the account, such as 12-3456789.
    pub importer_numbers: Option<OneOrMany<Scalar>>,
    /// The filer codes of the account, such as ABC.
    pub filer_codes: Option<OneOrMany<Scalar>>,
    /// Filer codes of couriers that are importers of record themselves.
    pub courier_filer_codes: Option<OneOrMany<Scalar>>,
    /// For whom the account files; in `capelint.yaml`, `clients` is at the top.
    pub clients: Option<Vec<Lazy<WrittenClient>>>,
}

/// A client for whom a broker files.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["name", "importer_numbers"]))]
#[schemars(rename = "Client")]
pub struct WrittenClient {
    /// What people call the client.
    pub name: Option<Scalar>,
    /// The importer numbers of the client, such as 12-3456789.
    pub importer_numbers: Option<OneOrMany<Scalar>>,
}

/// A table: what its columns are called and mean.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Table")]
pub struct WrittenTable {
    /// `yes`: adds columns, headers and choices to a table that is already known.
    pub extends: Option<Spanned<bool>>,
    /// What people call it.
    pub title: Option<Scalar>,
    /// The column that contains the entry number.
    pub key: Option<Scalar>,
    /// The column whose value the rows of one line of an entry share.
    pub line: Option<Scalar>,
    /// `yes`: a list the user keeps; that it is not provided is reported, but leaves entries ready.
    pub optional: Option<bool>,
    /// What it means that an entry has no row.
    pub absent: Option<Absent>,
    /// The sheet of a workbook to prefer.
    pub sheet: Option<Scalar>,
    /// How to get a missing column into the file, as an instruction.
    pub add_column: Option<Scalar>,
    /// The columns, by the name that rules use.
    pub columns: Option<Named<Lazy<WrittenColumn>>>,
}

/// A column of a table.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Column")]
pub struct WrittenColumn {
    /// What its cells are.
    #[serde(rename = "type")]
    pub kind: Option<Spanned<Type>>,
    /// Whether the whole entry or one line (row) of it has the value; without it the line.
    pub of: Option<Belongs>,
    /// The header texts that name it; upper and lower case are one, and so are `_` and space.
    pub headers: Option<OneOrMany<Scalar>>,
    /// What a blank cell means: `unknown` (without this key), `nothing`, or the text that it means.
    pub blank: Option<Scalar>,
    /// What it means that the file does not have the column: `unknown` (without this key), `nothing`, or the
    /// text that each cell then means.
    pub missing: Option<Scalar>,
    /// `yes`: not every export has it; that it is missing is reported, but leaves entries ready.
    pub optional: Option<bool>,
    /// Fill texts that lost leading zeros up to this many characters.
    pub pad: Option<Spanned<u8>>,
    /// The values of a `choice` column, each with the texts that mean it; `*` stands for anything.
    pub choices: Option<Named<OneOrMany<Scalar>>>,
}

/// A code list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Codes")]
pub struct WrittenCodes {
    /// `yes`: adds rows to a list that is already known.
    pub extends: Option<Spanned<bool>>,
    /// A CSV file beside this file, with a header row. Either this, `list` or `rows`.
    pub file: Option<Scalar>,
    /// The codes themselves.
    pub list: Option<Vec<Scalar>>,
    /// The rows themselves, each by column.
    pub rows: Option<Vec<Named<Scalar>>>,
    /// The column that contains the code; `code` without this key.
    pub key: Option<Scalar>,
    /// The types of columns that are not text.
    pub columns: Option<Named<Spanned<Type>>>,
}

/// A named part of a code list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["from"]))]
#[schemars(rename = "Selection")]
pub struct WrittenSelection {
    /// The code list.
    pub from: Option<Scalar>,
    /// Which of its rows: a condition over its columns.
    #[serde(rename = "where")]
    pub filter: Option<WrittenCondition>,
}

/// A named figure. It has exactly one of `total`, `count`, `distinct`, `earliest`, `latest` and `value`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Figure")]
pub struct WrittenFigure {
    /// What people call it.
    pub title: Option<Scalar>,
    /// What has one: `entry` (without this key), `line` or `file`.
    pub over: Option<Spanned<WrittenOver>>,
    /// When there is one; without it always.
    pub when: Option<WrittenCondition>,
    /// The sum of a column of money or whole numbers; over a file of a figure of its entries, too.
    pub total: Option<Scalar>,
    /// How many rows of a table there are; over a file how many `entry`.
    pub count: Option<Scalar>,
    /// How many different values a column has.
    pub distinct: Option<Scalar>,
    /// The first date of a column.
    pub earliest: Option<Scalar>,
    /// The last date of a column.
    pub latest: Option<Scalar>,
    /// A value: an operand, such as `ratio(ieepa_duty, goods_value)`.
    pub value: Option<Scalar>,
    /// Which of the rows count; over a file which of the entries.
    #[serde(rename = "where")]
    pub filter: Option<WrittenCondition>,
}

/// What has a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Over")]
pub enum WrittenOver {
    /// Each entry.
    Entry,
    /// Each line of an entry.
    Line,
    /// Each declaration file.
    File,
}

/// A setting: a value that the configuration may change.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["type", "default"]))]
#[schemars(rename = "Setting")]
pub struct WrittenSetting {
    /// What it means.
    pub title: Option<Scalar>,
    /// What it is: `integer`, `money`, `date`, `text`, `hts` or `yes_no`.
    #[serde(rename = "type")]
    pub kind: Option<Spanned<Type>>,
    /// Its value where the configuration does not set it.
    pub default: Option<Scalar>,
    /// What it is measured in, such as `days`.
    pub unit: Option<Scalar>,
}
