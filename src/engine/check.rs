//! Runs a check: from declarations and tables to an outcome.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use chrono::NaiveDate;
use hashbrown::HashSet;

use super::declared::{self, Importers, SurveyedEntries, SurveyedTable};
use super::digest::{self, Shared};
use super::errors;
use super::load::{Errors, Rules, Severities};
use super::numbered::{self, OriginalLines};
use crate::account::Account;
use crate::config::{Config, table_named};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::finding::{Change, Outcome, RuleChange};
use crate::importer::ImporterNumber;
use crate::input::Input;
use crate::judge::{self, needs};
use crate::report::cause::{Frontend, Library};
use crate::report::html::{self, Planned};
use crate::report::uploads::{self, Written};
use crate::report::{self, Evidence, Format, Options, ReportInput, Share, ToDo};
use crate::source::{FileId, Sources};
use crate::table::declaration::{self, Declarations};
use crate::table::reference::{Keep, Request, Survey, read_table};
use crate::table::value::{CellReading, Value};
use crate::table::{Entries, FILE, ROW, Table, TableId, Tables};
use crate::upload::csv::{self, EntryList};
use crate::upload::misplaced::misplaced;
use crate::upload::plan::{Include, Lifted, Plan, RowsSeen, Sets, Unbalanced, plan};
use crate::upload::rows::{RowGroup, row_groups};
use crate::upload::split::set_names;
use crate::waiver::{self, BaselineKey};

/// The most bytes a declaration may have: far more than any planning sheet.
const DECLARATION_LIMIT: u64 = 256 << 20;

/// For how many unreadable entry numbers the tables are asked what may be meant.
const CORRECTED: usize = 1000;

/// A check to be made: which declarations, beside which tables, filed when and by whom.
///
/// It applies the dates in force, severities, supersession and waivers of its [`Rules`], and which rules are turned
/// off.
pub struct Check<'r> {
    pub(super) rules: &'r Rules,
    pub(super) filing_date: NaiveDate,
    pub(super) account: Account,
    pub(super) declarations: Vec<(String, Input)>,
    /// Entries that are checked without a declaration that names them.
    pub(super) undeclared: Vec<EntryNumber>,
    pub(super) tables: Vec<(TableId, Vec<(String, Input)>)>,
    pub(super) exported: HashMap<TableId, NaiveDate>,
    left_out: bool,
    batch: Option<usize>,
    pub(super) digests: bool,
    line_column: Option<String>,
    pub(super) progress: Progress<'r>,
    /// What is wrong with the settings.
    errors: Vec<Diagnostic>,
    /// Inputs that the caller could not provide.
    pub(super) unavailable: Vec<Diagnostic>,
}

/// Gets the title of a table, how many of its bytes were read, and how many there are (0 where that is
/// unknown).
pub(super) type Progress<'r> = Box<dyn Fn(&str, u64, u64) + Sync + 'r>;

impl<'r> Check<'r> {
    /// A check without declarations and tables, by the account and the export dates of the rules'
    /// configuration.
    pub fn new(rules: &'r Rules, filing_date: NaiveDate) -> Self {
        let config = &rules.config;
        let exported = config.exported.iter();
        Self {
            rules,
            filing_date,
            account: config.account.clone(),
            declarations: Vec::new(),
            undeclared: Vec::new(),
            tables: Vec::new(),
            exported: exported
                .filter_map(|(name, day)| Some((table_named(&name.value, &rules.set).ok()?, *day)))
                .collect(),
            left_out: config.left_out.unwrap_or(false),
            batch: None,
            digests: false,
            line_column: None,
            progress: Box::new(|_, _, _| {}),
            errors: Vec::new(),
            unavailable: Vec::new(),
        }
    }

    /// Adds a declaration: CSV or a workbook. Reports call it by its name, and rules look at the
    /// name's extension.
    pub fn declaration(&mut self, name: impl Into<String>, input: impl Into<Input>) -> &mut Self {
        self.declarations.push((name.into(), input.into()));
        self
    }

    /// Adds a file of a table, such as `es003`. A table may have several.
    pub fn table(&mut self, table: &str, name: impl Into<String>, input: impl Into<Input>) -> &mut Self {
        if let Some(files) = self.files_of(table) {
            files.push((name.into(), input.into()));
        }
        self
    }

    /// States that there is nothing to list in a table: no entry has an open protest, for example.
    pub fn nothing_to_list(&mut self, table: &str) -> &mut Self {
        self.files_of(table);
        self
    }

    fn files_of(&mut self, table: &str) -> Option<&mut Vec<(String, Input)>> {
        let id = match table_named(table, &self.rules.set) {
            Ok(id) => id,
            Err(error) => {
                if !self.errors.contains(&error) {
                    self.errors.push(error);
                }
                return None;
            }
        };
        let at = self.tables.iter().position(|(other, _)| *other == id).unwrap_or_else(|| {
            self.tables.push((id, Vec::new()));
            self.tables.len() - 1
        });
        Some(&mut self.tables[at].1)
    }

    /// The account that will file, in place of the configuration's.
    pub fn account(&mut self, account: Account) -> &mut Self {
        self.account = account;
        self
    }

    /// The day on which a table was exported; without it the newest date in the table counts.
    pub fn exported(&mut self, table: &str, day: NaiveDate) -> &mut Self {
        match table_named(table, &self.rules.set) {
            Ok(id) => {
                self.exported.insert(id, day);
            }
            Err(error) if self.errors.contains(&error) => {}
            Err(error) => self.errors.push(error),
        }
        self
    }

    /// Whether to look for entries of the ES-003 that no declaration names. It is read whole then.
    pub fn left_out(&mut self, yes: bool) -> &mut Self {
        self.left_out = yes;
        self
    }

    /// About how many rows of declarations are evaluated at a time, in whole declarations; `None`: all. Entries,
    /// verdicts and findings are the same. Of what is undecided, which of several cells is named first and whether a
    /// rule is listed by entry may differ, and [`Checked::explain_entry`] explains nothing. Entries that no
    /// declaration names are evaluated so many at a time.
    pub fn batch(&mut self, rows: Option<usize>) -> &mut Self {
        self.batch = rows;
        self
    }

    /// Whether to work out the SHA-256 of every file that is read, for reports that have it: see
    /// [`Format::has_digests`].
    pub fn digests(&mut self, yes: bool) -> &mut Self {
        self.digests = yes;
        self
    }

    /// Declares that the first column of each CSV is called so and has the line in the original file, which
    /// is reported in place of the line in the slice. The column is not a column of the file otherwise.
    pub fn line_column(&mut self, name: &str) -> &mut Self {
        self.line_column = Some(name.to_owned());
        self
    }

    /// Reports how far the reading of a table is: its title, the bytes read, and how many there are (0 where
    /// that is unknown). It may be called from several threads.
    pub fn progress(&mut self, report: impl Fn(&str, u64, u64) + Sync + 'r) -> &mut Self {
        self.progress = Box::new(report);
        self
    }

    /// Adds an error of the caller's: an input that it cannot provide. It is reported together with
    /// those that cannot be read.
    pub fn unavailable(&mut self, error: Diagnostic) -> &mut Self {
        self.unavailable.push(error);
        self
    }

    /// Whether any table was provided.
    pub fn has_tables(&self) -> bool {
        !self.tables.is_empty()
    }

    /// Finds what is wrong with the settings, before anything is read.
    ///
    /// # Errors
    /// Unknown tables, and days of export after the filing date.
    pub fn verify(&self) -> Result<(), Errors> {
        let mut errors = self.errors.clone();
        errors.extend(self.exported_later());
        if errors.is_empty() { Ok(()) } else { Err(Errors::new(errors, self.rules.sources.clone())) }
    }

    /// Exports of days after the filing date: a mistyped day would make an old export look new.
    fn exported_later(&self) -> Vec<Diagnostic> {
        let Self { filing_date, exported, .. } = self;
        let mut later: Vec<_> = exported.iter().filter(|(_, day)| *day > filing_date).collect();
        later.sort();
        let Config { exported, .. } = &self.rules.config;
        later
            .into_iter()
            .map(|(table, day)| {
                let name = &self.rules.set.schemas[table.index()].name;
                let configured = exported.iter().find(|(other, on)| other.value == *name && on == day);
                errors::exported_later(name, *day, *filing_date, configured.map(|(name, _)| name.place))
            })
            .collect()
    }

    /// Reads everything, evaluates the rules and applies the waivers.
    ///
    /// # Errors
    /// Every input that cannot be read or is not what it was provided as, and those of [`Check::verify`].
    pub fn run(&self) -> Result<Checked<'r>, Errors> {
        self.verify()?;
        let size = self.batch.filter(|_| self.left_out || self.declarations.len() > 1);
        let mut surveyed = None;
        let mut checked = self.read(size, &mut surveyed)?;
        // Entries that no declaration names are found in batches where their rows can be read again.
        let can = !self.left_out || surveyed.is_some();
        match size.filter(|size| can && checked.entries.len() > *size) {
            Some(size) => {
                declared::evaluate(self, &mut checked, surveyed, size)?;
                checked.complete_outcome();
            }
            None => {
                checked.read_cells();
                checked.evaluate();
            }
        }
        Ok(checked)
    }

    /// Reads the declarations and the tables. The outcome is still empty. Of more than so many entries, the
    /// ES-003 may be surveyed only.
    fn read(&self, most: Option<usize>, surveyed: &mut Option<SurveyedTable>) -> Result<Checked<'r>, Errors> {
        let severities = self.rules.chosen(self.filing_date);
        let set = &self.rules.set;
        let mut sources = self.rules.sources.clone();
        let mut entries = Entries::default();
        let mut errors = self.unavailable.clone();
        let mut declarations = Declarations::new(&set.schemas);
        let mut lines = OriginalLines::default();
        for (name, input) in &self.declarations {
            let read = input.read_whole(name, DECLARATION_LIMIT).and_then(|bytes| {
                let digest = self.digests.then(|| digest::of_bytes(&bytes));
                let (bytes, numbers) = match &self.line_column {
                    Some(column) => numbered::strip(column, bytes),
                    None => (bytes, None),
                };
                let file = declarations.read(name, &bytes, &mut sources, &mut entries)?;
                lines.add(file, numbers);
                if let Some(digest) = digest {
                    sources.set_digest(file, digest);
                }
                Ok(())
            });
            errors.extend(read.err());
        }
        if !self.undeclared.is_empty() {
            declarations.list("the entries of Claim Details", &self.undeclared, &mut sources, &mut entries);
        }
        let is_many = most.is_some_and(|most| entries.len() > most);
        let corrections = declarations.corrections(if self.rules.extent().partial { 0 } else { CORRECTED });
        // The cells of the declarations are read while the tables are.
        let ((files, mut rows), given) = rayon::join(
            // Of many rows they are read a batch at a time.
            || if is_many { declarations.finish_without_cells() } else { declarations.finish() },
            || {
                let is_large = self.left_out && !self.declarations.is_empty() || is_many;
                let survey = most.filter(|_| self.line_column.is_none() && is_large);
                let survey = survey.map(|most| (most, surveyed));
                let (sources, entries, errors) = (&mut sources, &mut entries, &mut errors);
                self.read_tables(&severities, &corrections, None, survey, sources, entries, errors)
            },
        );
        lines.apply(&mut rows);
        let mut tables =
            Tables { schemas: set.schemas.clone(), tables: set.schemas.iter().map(|_| None).collect() };
        for (id, table) in [(FILE, files), (ROW, rows)].into_iter().chain(given) {
            tables.tables[id.index()] = Some(table);
        }
        if !errors.is_empty() {
            return Err(Errors::new(errors, sources));
        }
        Ok(Checked {
            rules: self.rules,
            filing_date: self.filing_date,
            account: self.account.clone(),
            exported: self.exported.clone(),
            left_out: self.left_out,
            severities,
            outcome: Outcome::default(),
            sources,
            tables,
            entries,
            importers: None,
        })
    }

    /// Reads the rows of the entries from all tables but one; of more than so many entries the ES-003 may be
    /// surveyed instead, where its rows can be read again.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn read_tables(
        &self,
        severities: &Severities,
        corrections: &HashSet<EntryNumber>,
        except: Option<TableId>,
        mut surveyed: Option<(usize, &mut Option<SurveyedTable>)>,
        sources: &mut Sources,
        entries: &mut Entries,
        errors: &mut Vec<Diagnostic>,
    ) -> Vec<(TableId, Table)> {
        let set = &self.rules.set;
        let asked = needs::columns(set, |at| severities.rules[at].is_some());
        let mut tables = Vec::with_capacity(self.tables.len());
        let mut given: Vec<_> = self.tables.iter().filter(|(id, _)| Some(*id) != except).collect();
        // The other tables are read for the entries that it has.
        given.sort_by_key(|(id, _)| !self.left_out || set.schemas[id.index()].name != "es003");
        for (id, inputs) in given {
            if inputs.is_empty() {
                tables.push((*id, Table::default()));
                continue;
            }
            let schema = &set.schemas[id.index()];
            let request = Request {
                asked: &asked[id.index()],
                corrections: Some(corrections),
                keep: if self.left_out && schema.name == "es003" { Keep::All } else { Keep::Declared },
                is_slice: self.rules.extent().partial && schema.name == "es003",
                progress: &|done, total| (self.progress)(&schema.title, done, total),
                ..Request::new(*id, &set.schemas)
            };
            let surveyed = surveyed.as_mut().filter(|_| schema.name == "es003" && inputs.len() == 1);
            let read = if let Some((most, surveyed)) = surveyed {
                survey_table(&request, self.digests, inputs, sources, entries, (*most, surveyed))
            } else if let Some(column) = &self.line_column {
                read_numbered(&request, column, inputs, sources, entries)
            } else if self.digests {
                read_with_digests(&request, inputs, sources, entries)
            } else {
                read_table(&request, inputs, sources, entries)
            };
            match read {
                Ok(table) => tables.push((*id, table)),
                Err(found) => errors.extend(found),
            }
        }
        tables
    }
}

/// Reads a table from slices whose first column has the original lines.
fn read_numbered(
    request: &Request<'_>,
    column: &str,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let (inputs, numbers) = numbered::strip_all(column, inputs)?;
    let first = sources.iter().count();
    let mut table = read_table(request, &inputs, sources, entries)?;
    let mut lines = OriginalLines::default();
    for (at, numbers) in numbers.into_iter().enumerate() {
        lines.add(FileId((first + at) as u32), numbers);
    }
    lines.apply(&mut table);
    Ok(table)
}

/// Surveys a table of more than so many entries whose rows can be read again, or else reads it.
fn survey_table(
    request: &Request<'_>,
    digests: bool,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
    (most, surveyed): (usize, &mut Option<SurveyedTable>),
) -> Result<Table, Vec<Diagnostic>> {
    let shared = Shared::open(inputs);
    if !shared.are_files() {
        return match digests {
            true => read_shared(request, &shared, sources, entries),
            false => read_table(request, &shared.inputs, sources, entries),
        };
    }
    let first = sources.iter().count();
    let (survey, found) = rayon::join(
        || match request.keep {
            Keep::All => Survey::read(request, &shared.inputs, sources),
            _ => Survey::read_declared(request, &shared.inputs, sources, entries),
        },
        || if digests { shared.of_files() } else { Ok(Vec::new()) },
    );
    let (mut survey, found) = (survey?, found?);
    for (at, digest) in found.into_iter().enumerate() {
        if let Some(digest) = digest {
            sources.set_digest(FileId((first + at) as u32), digest);
        }
    }
    if request.keep == Keep::All {
        survey.entries.numbers().iter().for_each(|number| _ = entries.insert(*number));
    }
    if survey.is_in_batches() && entries.len() > most {
        let table = Table { parts: survey.parts().to_vec(), ..Table::default() };
        // The numbers are kept once.
        let numbers = survey.take_entries();
        let entries = SurveyedEntries::new(numbers.numbers().iter().map(|number| entries.insert(*number)));
        *surveyed = Some(SurveyedTable { id: request.id, survey, entries, asked: request.asked.to_vec() });
        return Ok(table);
    }
    let all: Vec<u32> = (0..survey.entries.len() as u32).collect();
    survey.batch(request, entries, &all)
}

/// Reads a table, and meanwhile works out the digests of its files.
pub(super) fn read_with_digests(
    request: &Request<'_>,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    read_shared(request, &Shared::open(inputs), sources, entries)
}

fn read_shared(
    request: &Request<'_>,
    shared: &Shared,
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let first = sources.iter().count();
    let (table, digests) =
        rayon::join(|| read_table(request, &shared.inputs, sources, entries), || shared.of_files());
    let (table, digests) = (table?, digests?);
    // Each input is a source, in the order given.
    for (at, of_file) in digests.into_iter().enumerate() {
        if let Some(digest) = of_file.or_else(|| shared.of_stream(at)) {
            sources.set_digest(FileId((first + at) as u32), digest);
        }
    }
    Ok(table)
}

/// What came out of a [`Check`], with everything that reports of it need.
pub struct Checked<'r> {
    pub(super) rules: &'r Rules,
    pub(super) filing_date: NaiveDate,
    pub(super) account: Account,
    pub(super) exported: HashMap<TableId, NaiveDate>,
    pub(super) left_out: bool,
    pub(super) severities: Severities,
    /// What the rules found.
    pub outcome: Outcome,
    /// All files that were read, for the places of findings.
    pub sources: Sources,
    /// The declarations' rows and the tables.
    #[doc(hidden)]
    pub tables: Tables,
    /// The entries that the declarations name.
    #[doc(hidden)]
    pub entries: Entries,
    /// The importers of the entries, where they were evaluated in batches and the tables have few of their rows.
    pub(super) importers: Option<Importers>,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name in the folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The name of the list of what is held back.
pub const HELD: &str = "held.csv";

/// The name of the list of warnings on entries that are written for upload.
pub const WARNED: &str = "warned.csv";

/// The name of the list of what would have been held back and was lifted by a person.
pub const ACCEPTED: &str = "accepted-by-you.csv";

impl Checked<'_> {
    /// What the rules were evaluated on.
    #[doc(hidden)]
    pub fn input(&self) -> judge::JudgeInput<'_> {
        judge::JudgeInput {
            rules: &self.rules.set,
            severities: self.severities.rules.clone(),
            tables: &self.tables,
            sources: &self.sources,
            entries: &self.entries,
            account: &self.account,
            filing_date: self.filing_date,
            exported: self.exported.clone(),
            values: HashMap::new(),
            settings: HashMap::new(),
            waivers: (self.rules.config.waivers.iter())
                .filter(|waiver| waiver.is_in_force(self.filing_date))
                .collect(),
            left_out: self.left_out,
            batch: None,
        }
    }

    /// Renders the outcome.
    ///
    /// # Errors
    /// Those of `out`; and where rows are read again to be shown, that their file was changed.
    pub fn render(&self, format: Format, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let tables = &(&self.tables, &self.sources);
        self.unchanged(|| report::render(format, &self.outcome, &self.sources, tables, options, out))
    }

    /// The report of a plan, as a page.
    pub(super) fn render_plan(&self, planned: &Planned, out: &mut dyn Write) -> io::Result<()> {
        let evidence = &(&self.tables, &self.sources);
        let options = &Options { frontend: &Library, ..Options::default() };
        let input = ReportInput { outcome: &self.outcome, sources: &self.sources, evidence, options };
        self.unchanged(|| html::render_plan(input, planned, out))
    }

    /// The entries or the findings as a Parquet file.
    ///
    /// # Errors
    /// Where rows are read again to be shown, that their file was changed.
    #[cfg(feature = "parquet")]
    pub fn parquet(&self, records: report::parquet::Records, options: &Options) -> io::Result<Vec<u8>> {
        let tables = &(&self.tables, &self.sources);
        self.unchanged(|| report::table(records, &self.outcome, &self.sources, tables, options))
    }

    /// What is made of rows that are read again, from files that were not changed before and meanwhile.
    fn unchanged<T>(&self, made: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.tables.verify_unchanged(&self.sources)?;
        let made = made()?;
        self.tables.verify_unchanged(&self.sources)?;
        Ok(made)
    }

    /// Reads the cells of the declarations, where they were not read yet.
    fn read_cells(&mut self) {
        let schema = &self.tables.schemas[ROW.index()];
        if let Some(rows) = self.tables.tables[ROW.index()].as_mut().filter(|rows| rows.columns.is_empty()) {
            declaration::read_cells(schema, rows);
        }
    }

    /// Evaluates the rules and applies the waivers.
    pub(super) fn evaluate(&mut self) {
        self.outcome = judge::judge(&self.input());
        self.complete_outcome();
    }

    /// Adds to the outcome what the configuration changes.
    fn complete_outcome(&mut self) {
        self.outcome.rule_changes = self.rules.changes(self.filing_date);
        // A list that was provided nevertheless is read, whatever the configuration states.
        let has_file = |name: &str| {
            let table = self.tables.id(name).and_then(|id| self.tables.get(id));
            table.is_some_and(|table| !table.parts.is_empty())
        };
        let is_said = |one: &RuleChange| one.change != Change::NothingToList || !has_file(&one.name);
        self.outcome.rule_changes.retain(is_said);
        self.outcome.extent = self.rules.extent();
        self.outcome.configuration = self.rules.configuration().map(str::to_owned);
        self.apply_waivers();
    }

    fn apply_waivers(&mut self) {
        // A waiver of a rule that does not run cannot be used, which is no fault of the waiver.
        let rules = self.rules.set.rules.iter().zip(&self.severities.rules);
        let running: HashSet<&str> =
            rules.filter(|(_, severity)| severity.is_some()).map(|(rule, _)| rule.id.as_str()).collect();
        let waivers = self.rules.config.waivers.iter();
        let waivers: Vec<_> =
            waivers.filter(|waiver| running.contains(waiver.rule.value.as_str())).cloned().collect();
        let of_notices = |id: &str| {
            self.severities.waivers.iter().find(|(other, _)| *other == id).and_then(|(_, severity)| *severity)
        };
        waiver::apply(&mut self.outcome, &waivers, of_notices);
    }

    /// Marks the findings that are in a baseline: they do not count.
    pub fn apply_baseline(&mut self, baseline: &BTreeSet<BaselineKey>) {
        waiver::apply_baseline(&mut self.outcome, baseline, &self.sources);
    }

    /// The present findings, as a baseline for later runs.
    pub fn baseline(&self) -> BTreeSet<BaselineKey> {
        waiver::baseline(&self.outcome, &self.sources)
    }

    /// Where each row of the declarations goes, declaration by declaration.
    pub fn row_groups(&self, plan: &Plan) -> Vec<Vec<RowGroup>> {
        row_groups(plan, &self.outcome, &self.tables, &self.entries)
    }

    /// Decides which entries are written for upload and which are held back.
    ///
    /// # Errors
    /// Where the rows do not add up. That is a bug, and nothing may be written.
    pub fn plan(&self, include: Include, sets: Sets) -> Result<Plan, Unbalanced> {
        let read = RowsSeen::of(&self.tables);
        let misplaced = misplaced(&self.tables, &self.sources, &self.entries);
        let names = match sets {
            Sets::PerDeclaration => {
                set_names(self.outcome.declarations.iter().map(|one| self.sources.name(one.file).raw()))
            }
            Sets::Merged => Vec::new(),
        };
        let importer = |number: EntryNumber| self.importer_of(number);
        plan(&self.outcome, read, misplaced, include, &names, &self.account, &importer)
    }

    /// The files of a plan: the upload files, the list of warnings on what is in them, where a person lifted
    /// something the list of it, then the list of what is held back. Where they are written one after the
    /// other, the presence of that list means that all others are there.
    pub fn files(&self, plan: &Plan) -> Vec<OutputFile> {
        let uploads = plan
            .files
            .iter()
            .map(|file| OutputFile { name: file.name.clone(), bytes: csv::declaration(&file.entries) });
        let (mut warned, mut accepted) = (EntryList::warned(true), EntryList::accepted(true));
        let held = self.lists(&Library, |lists| {
            lists.warned(&plan.warned, &mut warned);
            lists.accepted(&plan.lifted, &mut accepted);
            lists.held(&plan.held, &plan.misplaced)
        });
        let accepted = (!plan.lifted.is_empty())
            .then(|| OutputFile { name: ACCEPTED.into(), bytes: accepted.rows.bytes() });
        let warned = OutputFile { name: WARNED.into(), bytes: warned.rows.bytes() };
        let held = OutputFile { name: HELD.into(), bytes: held.rows.bytes() };
        uploads.chain([warned]).chain(accepted).chain([held]).collect()
    }

    /// What `capelint fix` did with a plan, as one JSON document.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn plan_json(
        &self,
        plan: &Plan,
        written: Written<'_>,
        options: &Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let evidence = (&self.tables, &self.sources);
        let of = (&self.outcome, &self.sources, &evidence as &dyn Evidence);
        let by = |at: usize| self.accepted_by(&plan.lifted[at], options.frontend);
        uploads::fix(of, plan, written, &by, options, out)
    }

    /// The header and the text of a cell that a finding points at, as the file has them, importer numbers masked
    /// where needed; `None` where the file lacks the column.
    #[doc(hidden)]
    pub fn cell(&self, cell: crate::table::CellRef) -> Option<report::NamedCell> {
        (&self.tables, &self.sources).cell(cell)
    }

    /// What could not be decided and what was not checked, as [`Format::Human`] prints it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn not_decided(&self, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        report::not_decided(&self.outcome, &self.sources, &(&self.tables, &self.sources), options, out)
    }

    /// What is left to do, with counts, dollars and the first last days, and what to do first, as
    /// [`Format::Human`] prints it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn first_steps(&self, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let shares = Share::of(&self.outcome.entries, self.outcome.filing_date);
        report::first_steps((&shares, &[]), &ToDo::of(&self.outcome), &self.outcome, options, out)
    }

    /// By which rules, settings and configuration the outcome was worked out, and for which day.
    pub fn provenance(&self) -> String {
        report::provenance(&self.outcome)
    }

    /// Gives what lists of entries are written from.
    pub(super) fn lists<T>(&self, frontend: &dyn Frontend, write: impl FnOnce(csv::Lists<'_>) -> T) -> T {
        write(csv::Lists {
            outcome: &self.outcome,
            sources: &self.sources,
            evidence: &(&self.tables, &self.sources),
            importer: &|number| self.importer_of(number),
            frontend,
            names_declarations: true,
            first_row: &|number| self.first_row_of(number),
        })
    }

    /// Which waiver, baseline or choice of a person lifted something.
    pub fn accepted_by(&self, lifted: &Lifted, frontend: &dyn Frontend) -> String {
        self.lists(frontend, |lists| lists.accepted_by(lifted))
    }

    /// The importer of record that the ES-003 has for an entry, where its rows agree.
    pub(super) fn importer_of(&self, number: EntryNumber) -> Option<ImporterNumber> {
        match &self.importers {
            Some(importers) => importers.get(self.entries.get(&number)?),
            None => importer_of(&self.tables, &self.entries, number),
        }
    }
}

/// The importer of record that the ES-003 has for an entry, where its rows agree.
pub(super) fn importer_of(tables: &Tables, entries: &Entries, number: EntryNumber) -> Option<ImporterNumber> {
    let id = tables.id("es003")?;
    let table = tables.get(id)?;
    let column = table.columns.get(tables.schemas[id.index()].column("importer_number")?)?;
    let mut importers =
        table.rows_of(entries.get(&number)?).filter_map(|row| match column.cell(row)?.reading {
            CellReading::Value(Value::Importer(importer)) => Some(importer),
            _ => None,
        });
    let first = importers.next()?;
    importers.all(|other| other.same_importer(&first)).then_some(first)
}
