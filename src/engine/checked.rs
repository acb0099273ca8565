//! What came out of a check: the outcome, and from there to reports, upload files and lists.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use chrono::NaiveDate;
use hashbrown::HashSet;

use super::load::{Rules, Severities};
use super::outputs::{ACCEPTED, HELD, OutputFile, WARNED};
use crate::account::Account;
use crate::entry::EntryNumber;
use crate::finding::{Change, Entry, NamedCell, Outcome, RuleChange};
use crate::importer::ImporterNumber;
use crate::judge;
use crate::outside::OutsideString;
use crate::report::cause::{Frontend, Library};
use crate::report::html::{self, Planned};
use crate::report::{self, Evidence, Format, Options, ReportInput, Share, Standing, ToDo};
use crate::source::Sources;
use crate::table::declaration;
use crate::table::value::{CellReading, Value};
use crate::table::{CellRef, Entries, EntryId, ROW, TableId, Tables};
use crate::upload::balance::{RowsSeen, Unbalanced};
use crate::upload::csv;
use crate::upload::lists::{EntryList, Lists};
use crate::upload::misplaced::misplaced;
use crate::upload::plan::{Held, Include, Lifted, Plan, Sets, plan};
use crate::upload::rows::{RowGroup, row_groups};
use crate::upload::split::set_names;
use crate::waiver::{self, BaselineKey};

/// What came out of a [`Check`](crate::Check), with everything that reports of it need.
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
    pub(crate) tables: Tables,
    /// The entries that the declarations name.
    pub(crate) entries: Entries,
    /// The importers of the entries, where they were evaluated in batches and the tables have few of their rows.
    pub(super) importers: Option<Importers>,
}

impl Checked<'_> {
    /// What the rules were evaluated on.
    pub(crate) fn input(&self) -> judge::JudgeInput<'_> {
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
    pub(super) fn read_cells(&mut self) {
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
    pub(super) fn complete_outcome(&mut self) {
        self.outcome.rule_changes = self.rules.changes(self.filing_date);
        // A list that was provided nevertheless is read, whatever the configuration states.
        let has_file = |name: &str| {
            let table = self.tables.id(name).and_then(|id| self.tables.get(id));
            table.is_some_and(|table| !table.parts.is_empty())
        };
        let is_said = |one: &RuleChange| one.change != Change::NothingToList || !has_file(&one.name);
        self.outcome.rule_changes.retain(is_said);
        self.outcome.extent = self.rules.extent();
        self.outcome.configuration = self.rules.configuration().map(OutsideString::from);
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

    /// The header and the text of the cell of a finding or of a label, as the file has them, importer numbers masked
    /// where needed; `None` where the file lacks the column.
    ///
    /// ```
    /// # use capelint::{Check, Rules};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let rules = Rules::built_in()?;
    /// let mut check = Check::new(&rules, "2026-11-22".parse()?);
    /// check.declaration("march.csv", *b"Entry Number\r\n00261103163\r\n");
    /// let checked = check.run()?;
    /// let finding = checked.outcome.findings.iter().find(|finding| finding.cell.is_some());
    /// let cell = finding.and_then(|finding| checked.cell(finding.cell?)).ok_or("a finding in a cell")?;
    /// assert_eq!(cell.column_name.raw(), "Entry Number");
    /// assert_eq!(cell.value.raw(), "00261103163");
    /// # Ok(())
    /// # }
    /// ```
    pub fn cell(&self, cell: CellRef) -> Option<NamedCell> {
        (&self.tables, &self.sources).cell(cell)
    }

    /// What could not be decided and what was not checked, as [`Format::Human`] prints it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn not_decided(&self, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        report::not_decided(&self.outcome, &self.sources, &(&self.tables, &self.sources), options, out)
    }

    /// What is left to do once the files of a plan are written, with counts, dollars and the first last days, and what
    /// to do first, as [`Format::Human`] prints it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn first_steps(&self, plan: &Plan, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let outcome = &self.outcome;
        // What is repaired of an entry that is held back is not what is left to do about it.
        let left = |held: &Held| match held.reasons.iter().all(|one| one.is_undecided()) {
            true => Standing::Undecided,
            false => Standing::Resolve,
        };
        // A number may be on several declarations.
        let held =
            plan.held.iter().filter_map(|held| Some((outcome.entries[held.entry].number?, left(held))));
        let held: HashMap<EntryNumber, Standing> = held.collect();
        let standing = |entry: &Entry| match Standing::of(entry) {
            Standing::Repair => {
                entry.number.and_then(|number| held.get(&number).copied()).unwrap_or(Standing::Repair)
            }
            other => other,
        };
        let shares =
            Share::by(outcome.entries.iter().map(|entry| (standing(entry), entry)), outcome.filing_date);
        let title = |standing| match standing {
            Standing::Repair => "repaired",
            other => other.title(),
        };
        // What was repaired and is in an upload file is to be filed; a row without a number is in none.
        let todo = ToDo::by(outcome, |entry| match standing(entry) {
            Standing::Repair => entry.number.map(|_| Standing::MayBeUploaded),
            other => Some(other),
        });
        report::first_steps((&shares, &[]), title, &todo, outcome, options, out)
    }

    /// By which rules, settings and configuration the outcome was worked out, and for which day.
    pub fn provenance(&self) -> String {
        report::provenance(&self.outcome)
    }

    /// Gives what lists of entries are written from.
    pub(super) fn lists<T>(&self, frontend: &dyn Frontend, write: impl FnOnce(Lists<'_>) -> T) -> T {
        write(Lists {
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
    pub fn accepted_by(&self, lifted: &Lifted, frontend: &dyn Frontend) -> OutsideString {
        self.lists(frontend, |lists| lists.accepted_by(lifted)).into()
    }

    /// The importer of record that the ES-003 has for an entry, where its rows agree.
    pub(super) fn importer_of(&self, number: EntryNumber) -> Option<ImporterNumber> {
        match &self.importers {
            Some(importers) => importers.get(self.entries.get(&number)?),
            None => importer_of(&self.tables, &self.entries, number),
        }
    }

    /// Where the first row of an entry is in the ES-003.
    fn first_row_of(&self, number: EntryNumber) -> String {
        let find = || {
            let table = self.tables.id("es003")?;
            let rows = self.tables.get(table)?.rows_of(self.entries.get(&number)?);
            let column = self.tables.schemas[table.index()].key? as u16;
            let row = rows.clone().next()? as u32;
            let place = self.tables.place(CellRef { table, row, column }, &self.sources);
            Some(self.sources.show(place).to_string())
        };
        find().unwrap_or_default()
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

/// The importers of the entries of a check in batches.
#[derive(Default)]
pub(super) struct Importers {
    known: Vec<ImporterNumber>,
    index: hashbrown::HashMap<ImporterNumber, u32>,
    /// By [`EntryId`], an index into `known`; [`UNKNOWN`]: none, or several.
    of_entries: Vec<u32>,
}

impl Importers {
    /// None is known of so many entries.
    pub(super) fn unknown(entries: usize) -> Self {
        Self { of_entries: vec![UNKNOWN; entries], ..Self::default() }
    }

    pub(super) fn get(&self, entry: EntryId) -> Option<ImporterNumber> {
        self.known.get(*self.of_entries.get(entry.0 as usize)? as usize).copied()
    }

    pub(super) fn set(&mut self, entry: EntryId, importer: Option<ImporterNumber>) {
        let Some(importer) = importer else { return };
        let at = *self.index.entry(importer).or_insert_with(|| {
            self.known.push(importer);
            self.known.len() as u32 - 1
        });
        self.of_entries[entry.0 as usize] = at;
    }
}

/// The entry has no importer, or several.
const UNKNOWN: u32 = u32::MAX;
