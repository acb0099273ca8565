//! What a run found, in the formats people and machines read.
//!
//! Each format has one small renderer, all over one model, [`Outcome`]. Renderers read no rules and open no files,
//! and count what they leave out. All of them are deterministic: the same outcome gives the same bytes.

mod below;
pub mod cause;
mod csv;
pub mod diagnostic;
pub mod errors;
mod fingerprint;
#[cfg(test)]
mod fixture;
mod full;
mod github;
mod gitlab;
mod group;
pub(crate) mod html;
mod human;
pub(crate) mod json;
mod junit;
mod markdown;
#[cfg(feature = "parquet")]
pub mod parquet;
mod sarif;
mod short;
mod snippet;
pub(crate) mod spreadsheet;
mod summary;
#[cfg(test)]
mod tests;
pub mod text;
mod todo;
mod uri;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use rayon::prelude::*;
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use crate::cause::{SourceName, UndecidedCause};
use crate::diagnostic::nearest;
use crate::finding::RuleId;
use crate::finding::{Entry, Finding, Label, NamedCell, Outcome, RuleInfo, Undecided};
use crate::outside::{Outside, OutsideString, OutsideText};
use crate::source::{Digest, Place, Sources};
use crate::table::schema::{Schema, Type};
use crate::table::{CellRef, Excerpt, FILE, Part, ROW, Table, Tables};

pub use json::schema as json_schema;
pub use summary::{ClientCount, RuleCount, Share, Standing, Summary, Verdicts};
pub use todo::ToDo;

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[strum(parse_err_ty = UnknownFormat, parse_err_fn = UnknownFormat::new)]
pub enum Format {
    /// For people at a terminal: findings by rule, what is undecided, a summary, and what to do first.
    Human,
    /// The same with one block for each finding and its evidence.
    Full,
    /// One line a finding.
    Short,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow commands.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// One row an entry, for a spreadsheet.
    Csv,
    /// One self-contained page.
    Html,
    /// For a job summary or a comment on a pull request.
    Markdown,
}

impl Format {
    /// All formats.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Whether people open the report as a file, elsewhere than where it was made. Such files name the steps of no
    /// frontend, so that every frontend writes the same bytes.
    fn is_passed_on(self) -> bool {
        matches!(self, Self::Csv | Self::Html)
    }

    /// Whether the report has the digests of the files that were read: see
    /// [`Check::digests`](crate::Check::digests).
    pub fn has_digests(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }

    /// What the report leaves out, in words: some formats have limits, and readers that show nothing of it.
    pub fn left_out(self, outcome: &Outcome) -> Option<String> {
        let (left, most) = match self {
            Self::Sarif => (outcome.findings.len().saturating_sub(sarif::RESULTS), sarif::RESULTS),
            Self::Gitlab => (outcome.counted().count().saturating_sub(gitlab::ISSUES), gitlab::ISSUES),
            Self::Human
            | Self::Full
            | Self::Short
            | Self::Json
            | Self::Jsonl
            | Self::Github
            | Self::Junit
            | Self::Csv
            | Self::Html
            | Self::Markdown => return None,
        };
        (left > 0).then(|| gitlab::left_out(left, most))
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A name that is no [`Format`]. Says which one may be meant, and lists them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl UnknownFormat {
    fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown format `{}`", Outside::new(&self.0).fit(40))?;
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        if let Some(near) = nearest(&self.0, names.iter().copied()) {
            write!(f, "; a similar name exists: `{near}`")?;
        }
        write!(f, " (formats: {})", names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

/// How to render.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether `human` and `short` use the colors of a terminal.
    pub color: bool,
    /// How many findings of a rule `human`, `full` and `short` show; `None` shows all. The rest is counted.
    pub max_per_rule: Option<usize>,
    /// About how many lines `human` has at most: it shows less of each rule where there are many. `None` sets
    /// no limit. Every rule with findings is named, however many there are.
    pub max_lines: Option<usize>,
    /// How many columns `human` and `full` wrap their text at.
    pub width: usize,
    /// Findings, what is undecided and one line of verdicts, which counts the rules that were not checked, but
    /// no summary (`human`, `full`).
    pub quiet: bool,
    /// A table of how often each rule was violated (`human`).
    pub statistics: bool,
    /// Widest cell of a file that is shown, in terminal columns.
    pub cell_width: usize,
    /// The directory that relative paths count from, as an absolute path; SARIF has it.
    pub base: Option<String>,
    /// How the reader takes the steps that the report advises. `csv` and `html` are passed on to others
    /// and name the steps of no frontend.
    pub frontend: &'static dyn cause::Frontend,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            color: false,
            max_per_rule: Some(20),
            max_lines: Some(118),
            width: 100,
            quiet: false,
            statistics: false,
            cell_width: 40,
            base: None,
            frontend: &cause::Library,
        }
    }
}

/// Where renderers get the cells that findings point at: `&(tables, sources)`.
pub trait Evidence: Sync {
    /// The excerpt of a row: its key and the given cells, all of one row.
    fn excerpt(&self, cells: &[CellRef]) -> Excerpt;

    /// The cell's header and its text, as the file has them, importer numbers masked where needed; `None`
    /// where the file does not have the column.
    fn cell(&self, cell: CellRef) -> Option<NamedCell>;

    /// Whether a place in the row of a declaration's cell is in a column of importer numbers, for declarations that
    /// are text: whatever is there is masked. The place of damage need not be in the cell itself.
    fn is_importer(&self, cell: CellRef, place: Place) -> bool {
        let _ = (cell, place);
        false
    }

    /// The files of the declarations and tables.
    fn inputs(&self) -> Vec<InputFile> {
        Vec::new()
    }
}

/// A file that was read as a declaration or as a part of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// As given.
    pub name: OutsideString,
    /// The table, as rule files call it; `row` for declarations.
    pub table: String,
    /// How many rows it has below its header, kept or not.
    pub rows: u64,
    /// The day on which it was exported, according to the file.
    pub exported: Option<chrono::NaiveDate>,
    /// The digest of its bytes, where it was asked for.
    pub digest: Option<Digest>,
    /// The chapters of the tariff that its rows have, `1-97` and `99`; `None` where it has no lines with HTS
    /// numbers.
    pub chapters: Option<Vec<&'static str>>,
}

impl Evidence for (&Tables, &Sources) {
    fn excerpt(&self, cells: &[CellRef]) -> Excerpt {
        self.0.excerpt(cells, self.1)
    }

    fn cell(&self, cell: CellRef) -> Option<NamedCell> {
        let (column_name, value) = self.0.named_cell(cell)?;
        Some(NamedCell { column_name: column_name.into(), value: value.into() })
    }

    fn inputs(&self) -> Vec<InputFile> {
        let tables =
            self.0.tables.iter().zip(&self.0.schemas).enumerate().filter(|(at, _)| *at != FILE.index());
        let of = |(_, (table, schema)): (usize, (&Option<Table>, &Arc<Schema>))| {
            let parts = table.iter().flat_map(|table| &table.parts);
            let file = |part: &Part| InputFile {
                name: self.1.name(part.file).into(),
                table: schema.name.clone(),
                rows: part.records,
                exported: part.exported,
                digest: self.1.file(part.file).digest,
                chapters: part.chapters(schema),
            };
            parts.map(file).collect::<Vec<_>>()
        };
        tables.flat_map(of).collect()
    }

    fn is_importer(&self, cell: CellRef, place: Place) -> bool {
        cell.table == ROW && self.0.kind_at(cell, place) == Some(Type::ImporterNumber)
    }
}

/// Everything a renderer looks at.
#[derive(Clone, Copy)]
pub(crate) struct ReportInput<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) sources: &'a Sources,
    pub(crate) evidence: &'a dyn Evidence,
    pub(crate) options: &'a Options,
}

/// The entries or the findings of a run's outcome as a Parquet file.
///
/// # Errors
/// None that a build whose tests passed has.
#[cfg(feature = "parquet")]
pub fn table(
    records: parquet::Records,
    outcome: &Outcome,
    sources: &Sources,
    evidence: &dyn Evidence,
    options: &Options,
) -> io::Result<Vec<u8>> {
    parquet::render(records, ReportInput { outcome, sources, evidence, options })
}

/// Renders a run's outcome.
///
/// # Errors
/// Those of `out`.
pub fn render(
    format: Format,
    outcome: &Outcome,
    sources: &Sources,
    evidence: &dyn Evidence,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let neutral;
    let options = if format.is_passed_on() {
        neutral = Options { frontend: &cause::Library, ..options.clone() };
        &neutral
    } else {
        options
    };
    let input = ReportInput { outcome, sources, evidence, options };
    match format {
        Format::Human => human::render(input, out),
        Format::Full => full::render(input, out),
        Format::Short => short::render(input, out),
        Format::Json => json::document(input, out),
        Format::Jsonl => json::lines(input, out),
        Format::Sarif => sarif::render(input, out),
        Format::Github => github::render(input, out),
        Format::Gitlab => gitlab::render(input, out),
        Format::Junit => junit::render(input, out),
        Format::Csv => csv::render(input, out),
        Format::Html => html::render(input, out),
        Format::Markdown => markdown::render(input, out),
    }
}

/// What could not be decided and what was not checked, as [`Format::Human`] prints it.
///
/// # Errors
/// Those of `out`.
pub fn not_decided(
    outcome: &Outcome,
    sources: &Sources,
    evidence: &dyn Evidence,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut ink = snippet::Ink::new(options.color);
    below::undecided(ReportInput { outcome, sources, evidence, options }, None, &mut ink)?;
    out.write_all(&ink.bytes)
}

/// What is left to do, with counts, dollars and the first last days, for each client where there are several; and
/// what to do first.
///
/// # Errors
/// Those of `out`.
pub fn first_steps(
    (shares, clients): (&[Share], &[ClientCount]),
    title: fn(Standing) -> &'static str,
    todo: &ToDo,
    outcome: &Outcome,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut ink = snippet::Ink::new(options.color);
    if clients.len() > 1 {
        below::clients(outcome, clients, (options.width, usize::MAX), &mut ink)?;
    }
    if !shares.is_empty() {
        ink.bold("all entries, by what is left to do")?;
        writeln!(ink)?;
    }
    below::standings(shares, title, options.width, &mut ink)?;
    if !todo.is_empty() {
        todo::heading(&mut ink)?;
    }
    todo.write(outcome, options.width, &mut ink)?;
    out.write_all(&ink.bytes)
}

/// By which rules, settings and configuration an outcome was worked out, and for which day.
pub fn provenance(outcome: &Outcome) -> String {
    words::provenance(outcome)
}

impl<'a> ReportInput<'a> {
    /// What may be shown of a rule.
    fn rule(&self, id: RuleId) -> &'a RuleInfo {
        &self.outcome.rules[usize::from(id.0)]
    }

    /// The findings that count, in the outcome's order.
    fn findings(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.outcome.findings.iter().filter(|finding| finding.waived.is_none())
    }

    /// What people call an entry: its number with dashes, or the cell as written in quotes.
    fn entry_name(&self, entry: usize) -> String {
        self.name_of(&self.outcome.entries[entry])
    }

    /// The same of an entry that may be on no declaration.
    fn name_of(&self, entry: &Entry) -> String {
        match entry.number {
            Some(number) => number.to_string(),
            None => format!("`{}`", entry.written.fit(40)),
        }
    }

    /// The finding's message, clean, with the entry named: rules usually do so themselves, and where one does
    /// not, it is named before it.
    fn message(&self, finding: &'a Finding) -> Cow<'a, str> {
        let message = finding.message.shown();
        let Some(entry) = self.outcome.entry_of(finding) else { return message };
        let is_unnamed = entry.number.is_none() && entry.written.raw().trim().is_empty();
        let named = finding.names_entry || is_unnamed;
        if named { message } else { Cow::Owned(format!("entry {}: {message}", self.name_of(entry))) }
    }

    /// The text of the label on a cell that decided, clean: its text and what the cell contains.
    fn label(&self, label: &Label) -> String {
        let said = label.text.shown();
        match label.cell.and_then(|cell| self.evidence.cell(cell)) {
            Some(cell) => {
                let value = match cell.value.raw().trim() {
                    "" => "(blank)".to_owned(),
                    value => OutsideText::new(value).to_string(),
                };
                let holds = format!("{}: {value}", cell.column_name);
                if said.is_empty() { holds } else { format!("{said} ({holds})") }
            }
            None => said.into_owned(),
        }
    }

    /// The finding's place, clean.
    fn place(&self, place: Place) -> String {
        self.sources.show(place).to_string()
    }

    /// A file's name, clean.
    fn file(&self, place: Place) -> Cow<'a, str> {
        self.sources.name(place.file).shown()
    }

    /// Why a rule is undecided.
    /// Where the rule was decided without a source, also by which.
    fn cause(&self, undecided: &Undecided) -> OutsideString {
        let cause = undecided.cause.text(self.sources);
        let Some(used) = &undecided.used else { return cause };
        let used: Vec<OutsideString> = used.iter().map(SourceName::text).collect();
        let cause = cause.raw();
        if used.is_empty() {
            return format!("{cause}; decided without it").into();
        }
        let used = OutsideString::joined(&used, if used.len() == 2 { " and " } else { ", " });
        format!("{cause}; decided without it, by {} alone", used.raw()).into()
    }

    /// What to do about an undecided rule.
    fn help(&self, undecided: &Undecided) -> OutsideString {
        match &undecided.cause {
            UndecidedCause::NoColumn { column, near, .. } if undecided.is_in_part() && near.is_empty() => {
                format!(
                    "no action is needed if the other sources are complete; to check this one too, add `{}`",
                    column.header.raw()
                )
                .into()
            }
            cause => cause.help(self.options.frontend),
        }
    }

    /// Counts of everything.
    fn summary(&self) -> Summary {
        Summary::of(self.outcome)
    }
}

/// How many items one piece of work draws.
const CHUNK: usize = 128;

/// Draws items side by side on all cores and writes them in order, holding only a few at a time:
/// where everything fails, drawing is the work.
fn in_pieces<T: Sync>(
    items: &[T],
    out: &mut dyn Write,
    draw: impl Fn(&[T]) -> io::Result<Vec<u8>> + Sync,
) -> io::Result<()> {
    for batch in items.chunks(CHUNK * 64) {
        let pieces: Vec<io::Result<Vec<u8>>> = batch.par_chunks(CHUNK).map(&draw).collect();
        for piece in pieces {
            out.write_all(&piece?)?;
        }
    }
    Ok(())
}
