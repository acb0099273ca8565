//! What a run was: which program, rules and files a report is from.

use super::{SCHEMA, day, own, some_day};
use crate::finding::{Pack, RuleScope};
use crate::outside::OutsideString;
use crate::report::{InputFile, ReportInput};
use crate::source::Digest;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// Which program, rules and files a report is from.
#[derive(JsonSchema, Serialize)]
pub(crate) struct RunRecord<'a> {
    /// The version of this format.
    schema: u32,
    tool: ToolRecord,
    pack: PackRecord<'a>,
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    filing_date: NaiveDate,
    /// The configuration's file, as given or found.
    configuration: Option<Cow<'a, str>>,
    /// The declarations and tables that were read.
    inputs: Vec<InputRecord<'a>>,
    /// For what rules were evaluated: `all`, `entry` or `file`. What is not `all` is part of a check.
    scope: &'static str,
    /// Whether the ES-003 is a slice of an export: no rule that needs all of it was evaluated.
    partial: bool,
}

/// The program.
#[derive(JsonSchema, Serialize)]
pub(crate) struct ToolRecord {
    name: &'static str,
    version: &'static str,
    /// The commit that it was built from, where the build set it.
    commit: Option<&'static str>,
}

/// A file that was read.
#[derive(JsonSchema, Serialize)]
pub(crate) struct InputRecord<'a> {
    /// As given.
    file: Cow<'a, str>,
    /// The table, as rule files call it; `row` for declarations.
    table: Cow<'a, str>,
    /// How many rows it has below its header, kept or not.
    rows: u64,
    /// The day on which it was exported, according to the file.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    exported: Option<NaiveDate>,
    /// SHA-256 of its bytes, as hexadecimal digits; `null` where they were not asked for.
    sha256: Option<String>,
    /// The chapters of the tariff that its rows have, `1-97` and `99`; `null` where it has no lines with HTS
    /// numbers. An export without one of them cannot have all rows of its entries.
    chapters: Option<Vec<&'static str>>,
}

/// The rule pack.
#[derive(JsonSchema, Serialize)]
pub(crate) struct PackRecord<'a> {
    name: &'a OutsideString,
    version: &'a OutsideString,
    /// The day on which its rules were last checked against CBP's pages.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    verified: Option<NaiveDate>,
}

impl<'a> RunRecord<'a> {
    pub(crate) fn of(input: ReportInput<'a>) -> Self {
        let outcome = input.outcome;
        let configuration = outcome.configuration.as_ref();
        let mut run = Self::new(&outcome.pack, outcome.filing_date, configuration, input.evidence.inputs());
        run.scope = outcome.extent.scope.name();
        run.partial = outcome.extent.partial;
        run
    }

    pub(crate) fn new(
        pack: &'a Pack,
        filing_date: NaiveDate,
        configuration: Option<&'a OutsideString>,
        inputs: Vec<InputFile>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            tool: ToolRecord::this(),
            pack: PackRecord::of(pack),
            filing_date,
            configuration: configuration.map(OutsideString::masked),
            inputs: Self::inputs(inputs),
            scope: RuleScope::All.name(),
            partial: false,
        }
    }

    /// The same with other inputs.
    pub(crate) fn with_inputs(self, files: Vec<InputFile>) -> Self {
        Self { inputs: Self::inputs(files), ..self }
    }

    fn inputs(files: Vec<InputFile>) -> Vec<InputRecord<'a>> {
        let record = |file: InputFile| InputRecord {
            file: own(&file.name),
            table: file.table.into(),
            rows: file.rows,
            exported: file.exported,
            sha256: file.digest.as_ref().map(Digest::to_string),
            chapters: file.chapters,
        };
        files.into_iter().map(record).collect()
    }
}

impl ToolRecord {
    /// This one.
    pub(crate) fn this() -> Self {
        Self { name: "capelint", version: env!("CARGO_PKG_VERSION"), commit: option_env!("CAPELINT_COMMIT") }
    }
}

impl<'a> PackRecord<'a> {
    pub(super) fn of(pack: &'a Pack) -> Self {
        Self { name: &pack.name, version: &pack.version, verified: pack.verified }
    }
}
