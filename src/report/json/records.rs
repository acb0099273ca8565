//! What a run found, one by one: findings, undecided rules and entries.

use super::{day, own};
use crate::cause::UndecidedCause;
use crate::entry::EntryNumber;
use crate::finding::{Declaration, Entry, EntryFacts, Finding, Fix, Remedy, RuleId, Undecided, Waived};
use crate::outside::{OutsideString, OutsideText};
use crate::report::{ReportInput, Standing, text};
use crate::source::{Place, SourceKind, Sources};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;
use std::borrow::Cow;

/// A violated rule.
#[derive(JsonSchema, Serialize)]
pub(crate) struct FindingRecord<'a> {
    /// The rule's name.
    rule: &'a str,
    /// `error`, `stop`, `warning` or `note`.
    severity: &'static str,
    /// The entry number; `null` for a finding on the file or on a blank row, and where the cell
    /// leaves doubt.
    entry: Option<&'a str>,
    /// What is wrong.
    message: Cow<'a, str>,
    /// The next step.
    help: Option<Cow<'a, str>>,
    /// Where it is written.
    sources: &'a [OutsideString],
    /// CBP's own message.
    cbp: Option<&'a OutsideString>,
    /// Where.
    place: PlaceRecord<'a>,
    /// The cells that decided.
    labels: Vec<LabelRecord<'a>>,
    /// What can be done without a person.
    fix: Option<FixRecord<'a>>,
    /// Why it does not count; `null` where it counts.
    waived: Option<WaivedRecord<'a>>,
    /// The last day to do something about it.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    /// The entry's cell as written; `null` where the finding is on no entry.
    written: Option<Cow<'a, str>>,
    /// About its entry.
    #[serde(flatten)]
    facts: FactsRecord<'a>,
}

impl<'a> FindingRecord<'a> {
    pub(crate) fn of(input: ReportInput<'a>, finding: &'a Finding) -> Self {
        let rule = input.rule(finding.rule);
        let entry = input.outcome.entry_of(finding);
        let labels = finding.labels.iter().map(|label| {
            let cell = label.cell.and_then(|cell| input.evidence.cell(cell));
            let (name, value) = match cell {
                Some(cell) => (Some(own(&cell.column_name)), Some(own(&cell.value.raw().into()))),
                None => (None, None),
            };
            LabelRecord {
                place: PlaceRecord::of(input.sources, label.place, name),
                text: label.text.masked(),
                value,
            }
        });
        Self {
            rule: &rule.id,
            severity: finding.severity.name(),
            entry: entry.and_then(number),
            message: finding.message.masked(),
            help: finding.help.as_ref().map(OutsideText::masked),
            sources: &rule.sources,
            cbp: rule.cbp.as_ref(),
            place: PlaceRecord::of(
                input.sources,
                finding.place,
                finding.column_name.as_ref().map(OutsideString::masked),
            ),
            labels: labels.collect(),
            fix: finding.fix.as_ref().map(|fix| FixRecord {
                kind: fix_name(fix.kind),
                replacement: fix.replacement.as_ref().map(EntryNumber::as_str),
            }),
            waived: finding.waived.as_deref().map(|waived| match waived {
                Waived::Waiver { reason, until } => WaivedRecord::waiver(reason, *until),
                Waived::Baseline => WaivedRecord { by: "baseline", reason: None, until: None },
            }),
            deadline: finding.deadline,
            written: entry.map(|entry| entry.written.masked()),
            facts: FactsRecord::of(
                input,
                entry,
                finding.declaration().and_then(|at| input.outcome.declarations.get(at)),
            ),
        }
    }
}

/// What the ES-003 has about an entry, and where it is declared.
#[derive(JsonSchema, Serialize)]
pub(crate) struct FactsRecord<'a> {
    /// The declaration's file, as given.
    declaration: Option<Cow<'a, str>>,
    /// Masked where it may be a person's.
    importer_number: Option<Cow<'a, str>>,
    entry_type: Option<Cow<'a, str>>,
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    entry_date: Option<NaiveDate>,
    liquidation_status: Option<Cow<'a, str>>,
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    liquidation_date: Option<NaiveDate>,
    /// US dollars, with two decimals.
    ieepa_duty: Option<String>,
    /// Whether that duty is an upper bound of the refund: part of it is ordinary duty.
    ieepa_duty_is_upper_bound: bool,
    /// The client of the configuration with this importer number; `null` where it is of none.
    client: Option<Cow<'a, str>>,
}

impl<'a> FactsRecord<'a> {
    pub(crate) fn of_entry(input: ReportInput<'a>, entry: &'a Entry) -> Self {
        let declarations = &input.outcome.declarations;
        Self::of(input, Some(entry), declarations.iter().find(|one| one.file == entry.place.file))
    }

    fn of(input: ReportInput<'a>, entry: Option<&'a Entry>, declaration: Option<&'a Declaration>) -> Self {
        let facts = entry.map(|entry| &*entry.facts);
        let text = |of: fn(&EntryFacts) -> &Option<OutsideString<SmolStr>>| {
            facts.and_then(|facts| of(facts).as_ref()).map(OutsideString::masked)
        };
        Self {
            declaration: declaration.map(|one| input.sources.name(one.file).masked()),
            importer_number: text(|facts| &facts.importer_number),
            entry_type: text(|facts| &facts.entry_type),
            entry_date: facts.and_then(|facts| facts.entry_date),
            liquidation_status: text(|facts| &facts.liquidation_status),
            liquidation_date: facts.and_then(|facts| facts.liquidation_date),
            ieepa_duty: entry.and_then(|entry| entry.ieepa_duty).map(text::cents),
            ieepa_duty_is_upper_bound: entry.is_some_and(|entry| entry.ieepa_duty_is_upper_bound),
            client: entry.and_then(|entry| input.outcome.client_of(entry)).map(OutsideString::masked),
        }
    }
}

/// Where something is.
#[derive(JsonSchema, Serialize)]
pub(crate) struct PlaceRecord<'a> {
    /// The file, as given.
    file: Cow<'a, str>,
    /// One-based.
    line: u64,
    /// One-based, in Unicode scalar values; in a workbook the number of the sheet's column.
    column: u32,
    /// The column's header as the file has it.
    column_name: Option<Cow<'a, str>>,
    /// First byte, in the text as UTF-8.
    start: u64,
    /// One past the last byte.
    end: u64,
    /// The sheet, in a workbook.
    sheet: Option<Cow<'a, str>>,
}

impl<'a> PlaceRecord<'a> {
    pub(crate) fn of(sources: &'a Sources, place: Place, column_name: Option<Cow<'a, str>>) -> Self {
        let file = sources.file(place.file);
        let sheet = match &file.kind {
            SourceKind::Sheet { sheet } => Some(sheet.masked()),
            SourceKind::Text(_) | SourceKind::Streamed => None,
        };
        Self {
            file: file.name().masked(),
            line: place.line.into(),
            column: place.column,
            column_name,
            start: place.span.start(),
            end: place.span.end(),
            sheet,
        }
    }
}

/// A cell that decided.
#[derive(JsonSchema, Serialize)]
struct LabelRecord<'a> {
    place: PlaceRecord<'a>,
    /// The text of the label; may be empty.
    text: Cow<'a, str>,
    /// What the cell contains, where it is one of a table.
    value: Option<Cow<'a, str>>,
}

/// What can be done about a finding without a person.
#[derive(JsonSchema, Serialize)]
struct FixRecord<'a> {
    /// `rewrite-entry-number`, `drop-row` or `rewrite-file`.
    kind: &'static str,
    /// What the cell should contain, for `rewrite-entry-number`.
    replacement: Option<&'a str>,
}

fn fix_name(fix: Fix) -> &'static str {
    match fix {
        Fix::RewriteEntryNumber => "rewrite-entry-number",
        Fix::DropRow => "drop-row",
        Fix::RewriteFile => "rewrite-file",
    }
}

/// Why a finding does not count.
#[derive(JsonSchema, Serialize)]
pub(crate) struct WaivedRecord<'a> {
    /// `waiver` or `baseline`.
    by: &'static str,
    /// The waiver's reason.
    reason: Option<Cow<'a, str>>,
    /// The last day the waiver is in force.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    until: Option<NaiveDate>,
}

impl<'a> WaivedRecord<'a> {
    /// A waiver of the configuration.
    pub(crate) fn waiver(reason: &'a OutsideString, until: NaiveDate) -> Self {
        Self { by: "waiver", reason: Some(reason.masked()), until: Some(until) }
    }
}

/// Why a rule is undecided.
#[derive(JsonSchema, Serialize)]
pub(crate) struct CauseRecord<'a> {
    /// What is missing; see [`UndecidedCause::kind`].
    kind: &'static str,
    /// The table, as rule files call it.
    table: Option<&'a str>,
    /// The column, as rule files call it.
    column: Option<&'a str>,
    /// The column's header.
    header: Option<Cow<'a, str>>,
    /// The text of the first such cell, where it cannot be used.
    value: Option<Cow<'a, str>>,
    /// The code list that does not have the value.
    list: Option<&'a str>,
    /// The member of `account` that is not set.
    setting: Option<&'static str>,
    /// How the row is damaged.
    damage: Option<&'static str>,
    /// Why the files of the table cannot have all rows of their entries.
    incomplete: Option<&'static str>,
    /// The first file with such a cell, or without the column.
    file: Option<Cow<'a, str>>,
}

impl<'a> CauseRecord<'a> {
    pub(crate) fn of(cause: &'a UndecidedCause) -> Self {
        let (list, setting) = match cause {
            UndecidedCause::Unlisted { list, .. } => (Some(list.as_str()), None),
            UndecidedCause::NoSetting { name } => (None, Some(*name)),
            UndecidedCause::NoTable(_)
            | UndecidedCause::NoColumn { .. }
            | UndecidedCause::NoRows(_)
            | UndecidedCause::Blank { .. }
            | UndecidedCause::Unreadable { .. }
            | UndecidedCause::TwoDays { .. }
            | UndecidedCause::ExchangedDays { .. }
            | UndecidedCause::RepeatedAmount { .. }
            | UndecidedCause::LostRow { .. }
            | UndecidedCause::Partial { .. }
            | UndecidedCause::ExportsDiffer { .. }
            | UndecidedCause::StatusNotRead { .. }
            | UndecidedCause::RowMayNotCount { .. }
            | UndecidedCause::DamagedRow { .. }
            | UndecidedCause::Conflict(_)
            | UndecidedCause::NoExportDate(_)
            | UndecidedCause::TooManyRows { .. }
            | UndecidedCause::NotComputed { .. } => (None, None),
        };
        Self {
            kind: cause.kind(),
            table: cause.table().map(|table| table.name.as_str()),
            column: cause.column().map(|column| column.name.as_str()),
            header: cause.column().map(|column| column.header.masked()),
            value: cause.value().map(OutsideString::masked),
            list,
            setting,
            damage: cause.damage().map(Into::into),
            incomplete: cause.partial().map(Into::into),
            file: cause.file().map(OutsideString::masked),
        }
    }
}

/// A rule that could not be decided for one cause.
#[derive(JsonSchema, Serialize)]
pub(crate) struct UndecidedRecord<'a> {
    rule: &'a str,
    /// For how many entries; where the rule is one on files, for how many declarations.
    entries: usize,
    /// Why.
    cause: CauseRecord<'a>,
    /// The cause in words.
    message: Cow<'a, str>,
    /// The next step.
    help: Cow<'a, str>,
    /// The first cell that cannot be read, where the cause is one.
    place: Option<PlaceRecord<'a>>,
    /// Whether the cause is a list the user did not provide and that leaves entries ready.
    optional: bool,
    /// Whether it is about all entries of the run, or about declarations as a whole; `entry_numbers` is
    /// empty then.
    for_all: bool,
    /// The entries that it is about. A row without a readable entry number is counted in `entries` only.
    entry_numbers: Vec<&'a str>,
    /// Where the rule was decided without a source that is missing: the other sources, which decided it, each in
    /// words.
    used: Option<Vec<Cow<'a, str>>>,
}

impl<'a> UndecidedRecord<'a> {
    pub(crate) fn of(input: ReportInput<'a>, undecided: &'a Undecided, about: &[u32]) -> Self {
        let entries = about.iter().map(|at| &input.outcome.entries[*at as usize]);
        Self {
            rule: &input.rule(undecided.rule).id,
            entries: undecided.entries,
            cause: CauseRecord::of(&undecided.cause),
            message: own(&input.cause(undecided)),
            help: own(&input.help(undecided)),
            place: undecided.place.map(|place| PlaceRecord::of(input.sources, place, None)),
            optional: undecided.optional,
            for_all: about.is_empty() && (undecided.for_all || undecided.on_file),
            entry_numbers: entries.filter_map(number).collect(),
            used: undecided.used.as_ref().map(|used| used.iter().map(|source| own(&source.text())).collect()),
        }
    }
}

/// A distinct entry of a declaration.
#[derive(JsonSchema, Serialize)]
pub(crate) struct EntryRecord<'a> {
    entry: Option<&'a str>,
    /// `ready`, `warned`, `undecided`, `stopped` or `rejected`, by all findings, waived or not.
    verdict: &'static str,
    /// The same by the findings that count.
    after_waivers: &'static str,
    /// Whether it may be uploaded only because of waivers or the baseline.
    accepted_by_you: bool,
    /// What is to be done about the errors and stops that count: `repair`, `resolve`, `out` or `accepted`.
    remedy: Option<&'static str>,
    /// The rules that are violated, most severe first.
    rules: Vec<&'a str>,
    /// The error rules that could not be decided.
    undecided: Vec<&'a str>,
    /// The cell as written.
    written: Cow<'a, str>,
    /// The cell of its first row.
    place: PlaceRecord<'a>,
    /// How many rows of the file contain it.
    rows: u32,
    /// The last day on which it can be filed.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    /// What is left to do: `may_be_uploaded`, `accepted_by_you`, `repair`, `resolve`, `undecided`, `other_filer`, `out`
    /// or `accepted_before`.
    standing: &'static str,
    #[serde(flatten)]
    facts: FactsRecord<'a>,
}

impl<'a> EntryRecord<'a> {
    pub(crate) fn of(input: ReportInput<'a>, entry: &'a Entry) -> Self {
        let names = |rules: &[RuleId]| rules.iter().map(|rule| input.rule(*rule).id.as_str()).collect();
        Self {
            entry: number(entry),
            verdict: entry.verdict.name(),
            after_waivers: entry.after_waivers.name(),
            accepted_by_you: entry.is_accepted_by_you(),
            remedy: entry.remedy.map(Remedy::name),
            rules: names(&entry.rules),
            undecided: names(&entry.undecided),
            written: entry.written.masked(),
            place: PlaceRecord::of(input.sources, entry.place, None),
            rows: entry.rows,
            deadline: entry.deadline,
            standing: Standing::of(entry).name(),
            facts: FactsRecord::of_entry(input, entry),
        }
    }
}

pub(crate) fn number(entry: &Entry) -> Option<&str> {
    entry.number.as_ref().map(|number| number.as_str())
}
