//! JSON: everything a run found, for programs. Stable; the types here are the format.
//!
//! `jsonl` prints one object a line, each with its `type`: first the run (which program and rules, on which
//! files), then the summary, what is undecided, the findings on no entry, and each distinct entry in file order,
//! followed by its findings. A member has one type wherever it appears. `json` is one document
//! `{"schema":1,"run":{…},"findings":[…],"undecided":[…],"entries":[…],"summary":{…}}` of the same objects
//! without `type`. [`schema`] describes both. New members may be added at the end of an object; anything else
//! gives a new `schema` number.
//!
//! - Paths are as given on the command line. Dates are `YYYY-MM-DD`. Amounts are US dollars as
//!   text (`"1234.50"`), so that no reader makes a float of them.
//! - Entry numbers are the bare 11 characters; `null` where the cell leaves doubt, and `written` then has its
//!   content.
//! - Texts are faithful, except that social security numbers are masked. Characters that act on a
//!   terminal are written as `\u…` escapes.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use smol_str::SmolStr;

use super::errors::{ErrorDocument, ErrorRecord};
use super::{ClientCount, InputFile, ReportInput, Share, Standing, Summary, Verdicts, text};
use crate::cause::UndecidedCause;
use crate::duty::DutySum;
use crate::entry::EntryNumber;
use crate::finding::{Declaration, Entry, EntryFacts, Finding, Outcome, Undecided, Waived};
use crate::finding::{Fix, Pack, Remedy, RuleId, RuleScope, Severity};
use crate::outside::{OutsideString, OutsideText};
use crate::source::{Digest, Place, SourceKind, Sources};

/// The version of the format.
pub const SCHEMA: u32 = 1;

/// A line of `jsonl`.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record<'a> {
    Run(RunRecord<'a>),
    Finding(FindingRecord<'a>),
    Undecided(UndecidedRecord<'a>),
    Entry(EntryRecord<'a>),
    Summary(SummaryRecord<'a>),
    /// What kept capelint from running: all that is printed then.
    #[allow(dead_code)]
    Error(ErrorLine),
}

/// What kept capelint from running.
#[derive(JsonSchema, Serialize)]
struct ErrorLine {
    error: ErrorRecord,
}

/// All of the above in one document.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct Document<'a> {
    schema: u32,
    run: RunRecord<'a>,
    findings: Vec<FindingRecord<'a>>,
    undecided: Vec<UndecidedRecord<'a>>,
    entries: Vec<EntryRecord<'a>>,
    summary: SummaryRecord<'a>,
}

/// A document of `json`, or a line of `jsonl`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum Report<'a> {
    Document(Box<Document<'a>>),
    Record(Box<Record<'a>>),
    Errors(ErrorDocument),
}

/// The JSON Schema (2020-12) of `json` documents and `jsonl` lines.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report<'static>).to_value()
}

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
    fn of(pack: &'a Pack) -> Self {
        Self { name: &pack.name, version: &pack.version, verified: pack.verified }
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

impl<'a> WaivedRecord<'a> {
    /// A waiver of the configuration.
    pub(crate) fn waiver(reason: &'a OutsideString, until: NaiveDate) -> Self {
        Self { by: "waiver", reason: Some(reason.masked()), until: Some(until) }
    }
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
    /// What is left to do: `ready`, `accepted_by_you`, `repair`, `resolve`, `undecided`, `out` or
    /// `accepted_before`.
    standing: &'static str,
    #[serde(flatten)]
    facts: FactsRecord<'a>,
}

/// A setting that the configuration changed, with its values as messages print them.
#[derive(JsonSchema, Serialize)]
struct SettingRecord<'a> {
    name: &'a str,
    value: Cow<'a, str>,
    default: Cow<'a, str>,
    unit: Option<Cow<'a, str>>,
}

/// The counts of the run.
#[derive(JsonSchema, Serialize)]
struct SummaryRecord<'a> {
    schema: u32,
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    filing_date: NaiveDate,
    pack: PackRecord<'a>,
    /// Distinct entries of all declarations.
    entries: usize,
    /// Entries by verdict after waivers; those that only your word lets pass are counted apart.
    verdicts: VerdictsRecord,
    /// The rejected entries by what is to be done about them.
    remedies: Vec<RemedyRecord>,
    /// Findings that count, by severity.
    severities: SeveritiesRecord,
    /// Findings that do not count.
    waived_count: usize,
    /// Rules that were violated: most severe first, then most often.
    rule_counts: Vec<RuleRecord<'a>>,
    /// How many `undecided` records there are.
    undecided_count: usize,
    /// What is left to do, with dollars and the first last days.
    standings: Vec<StandingRecord>,
    /// Rules that were turned off for this run.
    turned_off: &'a [String],
    /// Rules that the configuration or rule files changed, in words.
    rule_changes: Option<String>,
    /// Settings of the rules that the configuration changed.
    settings: Vec<SettingRecord<'a>>,
    /// The first day after which entries leave the 80-day window.
    first_deadline: Option<DeadlineRecord>,
    /// Each declaration's verdicts.
    declarations: Vec<DeclarationRecord<'a>>,
    /// The same of each client that has entries, in the order of the configuration; last the entries of no
    /// client. Empty where the configuration has no clients.
    clients: Vec<ClientRecord<'a>>,
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

#[derive(JsonSchema, Serialize)]
struct VerdictsRecord {
    ready: usize,
    warned: usize,
    undecided: usize,
    stopped: usize,
    rejected: usize,
    accepted_by_you: usize,
}

/// How many rejected entries need the same kind of work.
#[derive(JsonSchema, Serialize)]
struct RemedyRecord {
    /// `repair`, `resolve`, `out` or `accepted`.
    remedy: &'static str,
    entries: usize,
    #[serde(flatten)]
    duty: DutyRecord,
}

#[derive(JsonSchema, Serialize)]
struct SeveritiesRecord {
    error: usize,
    stop: usize,
    warning: usize,
    note: usize,
}

/// How often a rule was violated.
#[derive(JsonSchema, Serialize)]
struct RuleRecord<'a> {
    rule: &'a str,
    severity: &'static str,
    findings: usize,
    waived_count: usize,
    /// Distinct entries.
    entries: usize,
    /// That on those entries.
    #[serde(flatten)]
    duty: DutyRecord,
}

#[derive(JsonSchema, Serialize)]
struct DeadlineRecord {
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    date: NaiveDate,
    /// Entries whose last day it is.
    entries: usize,
}

#[derive(JsonSchema, Serialize)]
struct DeclarationRecord<'a> {
    file: Cow<'a, str>,
    entries: usize,
    verdicts: VerdictsRecord,
    standings: Vec<StandingRecord>,
}

/// IEEPA duty on several entries.
#[derive(JsonSchema, Serialize)]
pub struct DutyRecord {
    /// US dollars, with two decimals; `null` where it is known of none of them.
    ieepa_duty: Option<String>,
    /// Whether that is an upper bound of the refund.
    ieepa_duty_is_upper_bound: bool,
    /// For how many entries the duty is unknown; they count as nothing.
    unknown_duty: u32,
}

impl From<DutySum> for DutyRecord {
    fn from(duty: DutySum) -> Self {
        Self {
            ieepa_duty: duty.some().map(text::cents),
            ieepa_duty_is_upper_bound: duty.is_upper_bound,
            unknown_duty: duty.unknown,
        }
    }
}

/// What became of the entries of a client.
#[derive(JsonSchema, Serialize)]
pub(crate) struct ClientRecord<'a> {
    /// Its name; `null`: the entries are of no client.
    client: Option<Cow<'a, str>>,
    entries: usize,
    verdicts: VerdictsRecord,
    standings: Vec<StandingRecord>,
}

impl<'a> ClientRecord<'a> {
    pub(crate) fn all(outcome: &'a Outcome, counts: &[ClientCount]) -> Vec<Self> {
        let of = |count: &ClientCount| Self {
            client: count.client.map(|client| outcome.clients[client.0 as usize].masked()),
            entries: count.verdicts.entries,
            verdicts: count.verdicts.into(),
            standings: StandingRecord::all(&count.shares),
        };
        counts.iter().map(of).collect()
    }
}

/// The entries about which the same is left to do.
#[derive(JsonSchema, Serialize)]
pub struct StandingRecord {
    /// See the entries' `standing`.
    standing: &'static str,
    entries: usize,
    #[serde(flatten)]
    duty: DutyRecord,
    /// The first last day to file that is not past.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    /// The entries whose last day that is; the bare numbers.
    first_entries: Vec<String>,
}

impl StandingRecord {
    pub fn all(shares: &[Share]) -> Vec<Self> {
        let of = |share: &Share| {
            let first = share.first_day.as_ref();
            Self {
                standing: share.standing.name(),
                entries: share.entries,
                duty: share.duty.into(),
                deadline: first.map(|(day, _)| *day),
                first_entries: first
                    .into_iter()
                    .flat_map(|(_, entries)| entries)
                    .map(|number| number.as_str().into())
                    .collect(),
            }
        };
        shares.iter().map(of).collect()
    }
}

pub(crate) fn day<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn some_day<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Writes `jsonl`. The summary is near the beginning, and each entry is before its findings, because some readers
/// learn the members from the first lines only.
pub fn lines(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    out.write_all(&line(&Record::Run(RunRecord::of(input)))?)?;
    out.write_all(&line(&Record::Summary(SummaryRecord::of(input, &input.summary())))?)?;
    lines_of(&about(outcome), out, |(undecided, about)| {
        Record::Undecided(UndecidedRecord::of(input, undecided, about))
    })?;
    lines_of(&entries_before_findings(outcome), out, |record| match record {
        EntryOrFinding::Entry(entry) => {
            Record::Entry(EntryRecord::of(input, &outcome.entries[*entry as usize]))
        }
        EntryOrFinding::Finding(finding) => {
            Record::Finding(FindingRecord::of(input, &outcome.findings[*finding as usize]))
        }
    })
}

/// An index into the entries or the findings of an outcome.
enum EntryOrFinding {
    Entry(u32),
    Finding(u32),
}

/// The findings on no entry, then each entry with its findings, each in the order of the outcome.
fn entries_before_findings(outcome: &Outcome) -> Vec<EntryOrFinding> {
    let mut findings: Vec<u32> = (0..outcome.findings.len() as u32).collect();
    let entry = |finding: &u32| outcome.findings[*finding as usize].entry();
    findings.sort_by_key(entry);
    let on_none = findings.partition_point(|finding| entry(finding).is_none());
    let mut rest = findings.split_off(on_none).into_iter().peekable();
    let mut all: Vec<_> = findings.into_iter().map(EntryOrFinding::Finding).collect();
    all.reserve_exact(rest.len() + outcome.entries.len());
    for at in 0..outcome.entries.len() {
        all.push(EntryOrFinding::Entry(at as u32));
        while let Some(finding) = rest.next_if(|finding| entry(finding) == Some(at)) {
            all.push(EntryOrFinding::Finding(finding));
        }
    }
    all
}

/// Writes `json`.
pub fn document(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    write!(out, "{{\"schema\":{SCHEMA},\n\"run\":")?;
    let mut run = Vec::new();
    write(&mut run, &RunRecord::of(input))?;
    out.write_all(&run)?;
    out.write_all(b",\n\"findings\":[")?;
    list(&outcome.findings, out, |finding| FindingRecord::of(input, finding))?;
    out.write_all(b"],\n\"undecided\":[")?;
    let undecided = about(outcome);
    list(&undecided, out, |(undecided, about)| UndecidedRecord::of(input, undecided, about))?;
    out.write_all(b"],\n\"entries\":[")?;
    list(&outcome.entries, out, |entry| EntryRecord::of(input, entry))?;
    out.write_all(b"],\n\"summary\":")?;
    let summary = input.summary();
    let mut bytes = Vec::new();
    write(&mut bytes, &SummaryRecord::of(input, &summary))?;
    out.write_all(&bytes)?;
    out.write_all(b"}\n")
}

/// What is undecided, each with the entries that it is about.
pub(crate) fn about(outcome: &Outcome) -> Vec<(&Undecided, Vec<u32>)> {
    let mut undecided: Vec<_> = outcome.undecided.iter().map(|one| (one, Vec::new())).collect();
    for of in &outcome.undecided_of {
        undecided[of.undecided as usize].1.push(of.entry);
    }
    undecided
}

fn lines_of<'a, T: Sync + 'a, R: Serialize>(
    items: &'a [T],
    out: &mut dyn Write,
    record: impl Fn(&'a T) -> R + Sync,
) -> io::Result<()> {
    let items: Vec<&'a T> = items.iter().collect();
    super::in_pieces(&items, out, |piece| {
        let mut bytes = Vec::with_capacity(piece.len() * 512);
        for item in piece {
            write(&mut bytes, &record(item))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    })
}

/// The elements of an array, one a line.
fn list<'a, T: Sync, R: Serialize>(
    items: &'a [T],
    out: &mut dyn Write,
    record: impl Fn(&'a T) -> R + Sync,
) -> io::Result<()> {
    let items: Vec<(usize, &'a T)> = items.iter().enumerate().collect();
    super::in_pieces(&items, out, |piece| {
        let mut bytes = Vec::with_capacity(piece.len() * 512);
        for (n, item) in piece {
            bytes.extend_from_slice(if *n == 0 { b"\n" } else { b",\n" });
            write(&mut bytes, &record(item))?;
        }
        Ok(bytes)
    })
}

fn line(record: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes, record)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes a value in one line, with everything escaped that could act on a terminal.
pub fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(bytes, Inert);
    value.serialize(&mut serializer).map_err(io::Error::other)
}

/// Compact JSON in which characters that act are written as escapes, and so is every second `#` of a command to a
/// machine that reads the log (`##vso[…]`).
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let is_plain = fragment.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !fragment.contains("##") && (is_plain || !fragment.contains(text::acts)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut before = ' ';
        for c in fragment.chars() {
            let mut units = [0; 2];
            let is_second = c == '#' && before == '#';
            before = c;
            if is_second || text::acts(c) {
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                let mut bytes = [0; 4];
                out.write_all(c.encode_utf8(&mut bytes).as_bytes())?;
            }
        }
        Ok(())
    }
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

pub(crate) fn own<'a>(text: &OutsideString) -> Cow<'a, str> {
    Cow::Owned(text.masked().into_owned())
}

pub(crate) fn number(entry: &Entry) -> Option<&str> {
    entry.number.as_ref().map(|number| number.as_str())
}

fn fix_name(fix: Fix) -> &'static str {
    match fix {
        Fix::RewriteEntryNumber => "rewrite-entry-number",
        Fix::DropRow => "drop-row",
        Fix::RewriteFile => "rewrite-file",
    }
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

impl From<Verdicts> for VerdictsRecord {
    fn from(counts: Verdicts) -> Self {
        Self {
            ready: counts.ready,
            warned: counts.warned,
            undecided: counts.undecided,
            stopped: counts.stopped,
            rejected: counts.rejected,
            accepted_by_you: counts.accepted_by_you,
        }
    }
}

impl<'a> SummaryRecord<'a> {
    fn of(input: ReportInput<'a>, summary: &Summary) -> Self {
        let outcome = input.outcome;
        let rules = summary.rules.iter().map(|count| RuleRecord {
            rule: &input.rule(count.rule).id,
            severity: Severity::name(count.severity),
            findings: count.findings,
            waived_count: count.waived,
            entries: count.entries,
            duty: count.duty.into(),
        });
        let declarations = outcome.declarations.iter().map(|declaration| {
            let entries = &outcome.entries[declaration.entries.clone()];
            DeclarationRecord {
                file: input.sources.name(declaration.file).masked(),
                entries: entries.len(),
                verdicts: Verdicts::of(entries).into(),
                standings: StandingRecord::all(&Share::of(
                    &outcome.entries[declaration.entries.clone()],
                    outcome.filing_date,
                )),
            }
        });
        Self {
            schema: SCHEMA,
            filing_date: outcome.filing_date,
            pack: PackRecord::of(&outcome.pack),
            entries: summary.verdicts.entries,
            verdicts: summary.verdicts.into(),
            remedies: (summary.remedies.iter())
                .map(|count| RemedyRecord {
                    remedy: count.remedy.name(),
                    entries: count.entries,
                    duty: count.duty.into(),
                })
                .collect(),
            severities: SeveritiesRecord {
                error: summary.errors,
                stop: summary.stops,
                warning: summary.warnings,
                note: summary.notes,
            },
            waived_count: summary.waived,
            rule_counts: rules.collect(),
            undecided_count: outcome.undecided.len(),
            standings: StandingRecord::all(&summary.shares),
            turned_off: &outcome.turned_off,
            rule_changes: crate::report::text::rule_changes(&outcome.rule_changes),
            settings: outcome
                .settings
                .iter()
                .map(|setting| SettingRecord {
                    name: &setting.name,
                    value: setting.value.masked(),
                    default: setting.default.masked(),
                    unit: setting.unit.as_ref().map(OutsideString::masked),
                })
                .collect(),
            first_deadline: summary.first_deadline.map(|(date, entries)| DeadlineRecord { date, entries }),
            declarations: declarations.collect(),
            clients: ClientRecord::all(outcome, &summary.clients),
        }
    }
}
