//! Evaluates compiled rules on joined entries: what comes out are findings and verdicts.
//!
//! Nothing here depends on YAML or files. [`judge`] takes everything as values and gives an [`Outcome`]; the
//! same input always gives the same one, in the same order, on any number of cores.
//!
//! - [`truth`]: three-valued logic. [`cause`]: why something is unknown.
//! - [`scope`]: what a rule is applied to, and where a column's value is found.
//! - [`operand`]: what operands give. `figures`: named figures in them. `members`: the rows that they and
//!   quantifiers look at. [`functions`] and [`words`]: the functions in them and the words of tests, one block
//!   each.
//! - `alternatives`: rules that were decided without one of their sources.
//! - [`lines`]: which rows belong to the same line. `agreed`: what all rows of an entry agree on.
//! - [`evaluate`]: what each condition and test means. This is the definition.
//! - [`explain`]: the same, with its evidence.
//! - [`bind`]: the same meaning, fast: conditions bound to the tables of this run, tests answered once for
//!   each distinct cell. A property test compares the two. `answered` remembers what several rules ask.
//! - [`needs`]: which columns the rules read.
//! - [`assemble`]: violations to findings, unknowns to causes, both to verdicts.

mod agreed;
mod alternatives;
mod answered;
pub mod assemble;
pub mod bind;
pub mod cause;
mod entries;
pub mod evaluate;
pub mod explain;
mod figures;
mod findings;
pub mod functions;
pub mod lines;
mod members;
mod message;
mod named_value;
pub mod needs;
pub mod operand;
mod ranges;
pub mod scope;
mod superseded;
pub mod truth;
mod undecided;
pub mod words;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock};

use chrono::NaiveDate;
use hashbrown::HashSet;
use rayon::prelude::*;
use rust_decimal::Decimal;

use crate::account::Account;
use crate::calendar::Holidays;
use crate::finding::{EntryFacts, Outcome};
use crate::importer::ImporterNumber;
use crate::rules::model::{Each, Frame, Rule, RuleId, RuleSet, SettingId, Severity, Stated, WholeFile};
use crate::source::Sources;
use crate::table::value::Value;
use crate::table::{CellRef, Entries, EntryId, FILE, ROW, TableId, Tables};
use crate::waiver::Waiver;
use bind::{Bound, BoundRule};
use cause::{Cause, SharedCauses};
use operand::{Got, Val};
use scope::Scope;
use truth::Truth;

/// The figure that reports show as the last day on which an entry can be filed.
pub const LAST_DAY: &str = "last_day";
/// The figure that reports show as the IEEPA duty on an entry.
pub const IEEPA_DUTY: &str = "ieepa_duty";

/// The figure that reports show as the part of it on headings whose rate includes the ordinary duty.
pub const FLOOR_DUTY: &str = "floor_duty";

/// Everything that an evaluation depends on.
pub struct JudgeInput<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// For each rule its severity after the configuration; `None`: it is not run.
    pub severities: Vec<Option<Severity>>,
    /// The declarations and the reference tables.
    pub tables: &'a Tables,
    /// The files, for the places of cells.
    pub sources: &'a Sources,
    /// The declared entries, and with `left_out` the tables' other entries after them.
    pub entries: &'a Entries,
    /// The account that will file.
    pub account: &'a Account,
    /// The filing date.
    pub filing_date: NaiveDate,
    /// When tables were exported, where the user stated it.
    pub exported: HashMap<TableId, NaiveDate>,
    /// Figures of whole files that replace the real ones, for the rules' own tests.
    pub values: HashMap<(WholeFile, TableId), Stated>,
    /// Settings that differ from those of the rules, for the rules' own tests.
    pub settings: HashMap<SettingId, Value>,
    /// The waivers in force: a rule whose finding is waived does not supersede every other rule.
    pub waivers: Vec<&'a Waiver>,
    /// Whether the tables were read whole, so that entries on no declaration can be evaluated.
    pub left_out: bool,
    /// Where the tables have a batch of the run's declarations: what to know of the others.
    pub batch: Option<Batch<'a>>,
}

/// What the evaluation of some of a run's declarations has to know of all of them.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// The declarations of the batch. Rows of earlier ones may be among the tables' rows: the first of the
    /// entries that a declaration of the batch has once more.
    pub parts: Range<u32>,
    /// What is the same for all batches.
    pub run: &'a RunFacts,
}

/// What is true of all declarations of a run together.
#[derive(Clone, Debug, Default)]
pub struct RunFacts {
    /// Whether every declared number can be read.
    pub all_are_entries: bool,
    /// Whether each entry number occurs once in its file, and once in the run.
    pub is_unique: [bool; 2],
    /// Rules that are looked at entry by entry, since they are not undecidable in all batches.
    pub entry_by_entry: HashSet<RuleId>,
    /// What no declaration names, where that was asked for.
    pub left_out: Option<LeftOut>,
}

/// An input with everything that is derived from it once.
pub struct Context<'a> {
    /// What it was made from.
    pub input: &'a JudgeInput<'a>,
    /// Working days.
    pub holidays: Holidays,
    /// The distinct entries of each declaration.
    pub declared: Vec<Declared>,
    /// Whether every declared number can be read.
    all_are_entries: bool,
    /// For each declaration row the index of its entry in `declared`.
    pub declared_of_row: Vec<u32>,
    /// For each declaration row the first row of the run with the same entry number.
    first_in_run: Vec<u32>,
    /// For each entry-level column in use and each entry the cell that its rows agree on.
    agreed: HashMap<(TableId, u16), Vec<u32>>,
    /// Tests that were answered for all cells of a column.
    answered: answered::Answered,
    /// The figures that the run uses, by [`FigureId`].
    figures: Vec<Option<figures::Values>>,
    /// The lines of each table.
    lines: Vec<lines::OfTable>,
    /// The day each table was exported, once a rule asked.
    exported: Vec<OnceLock<Option<NaiveDate>>>,
    /// The importer of most entries, by declaration and column, once a rule asked.
    #[allow(clippy::type_complexity)]
    majorities: Mutex<HashMap<(u32, TableId, u16), Result<Option<ImporterNumber>, Cause>>>,
    /// The client of most entries likewise: an index into the account's clients.
    #[allow(clippy::type_complexity)]
    majority_clients: Mutex<HashMap<(u32, TableId, u16), Result<Option<usize>, Cause>>>,
    /// The values of functions over all rows of an entry that has many: by the call's address and the entry.
    of_entries: Mutex<HashMap<(usize, EntryId), figures::FigureValue>>,
    /// What is missing in all cells of a column, for an entry that has many rows.
    #[allow(clippy::type_complexity)]
    lacking: Mutex<HashMap<(TableId, u16, EntryId), Vec<Cause>>>,
    /// The ES-003 and its columns that reports show of each entry.
    fact_columns: Option<(TableId, [Option<u16>; EntryFacts::COLUMNS.len()])>,
    /// What no declaration names, where that was asked for.
    left_out: Option<LeftOut>,
    /// The entries of it that the tables have.
    left_out_entries: Vec<EntryId>,
}

/// A distinct entry of a declaration.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Which declaration: an index into the row table's parts.
    pub part: u32,
    /// Its first row.
    pub row: u32,
    /// How many rows the declaration has for it.
    pub rows: u32,
    /// The entry; `None` where the cell leaves doubt about the number.
    pub entry: Option<EntryId>,
}

/// The entries of the export that no declaration names and that no error or stop objects to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many they are.
    pub entries: usize,
    /// Their IEEPA duty, US dollars.
    pub duty: Decimal,
}

impl std::ops::AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.duty = self.duty.saturating_add(other.duty);
    }
}

/// Evaluates the rules on all declarations.
pub fn judge(input: &JudgeInput<'_>) -> Outcome {
    let mut context = Context::new(input);
    if input.left_out {
        let (entries, left_out) = context.find_left_out();
        (context.left_out_entries, context.left_out) = (entries, Some(left_out));
    }
    let mut assembly = assemble::Assembly::default();
    assembly.take(&context, context.judge_all(), None);
    assembly.take_left_out(&context, &context.judge_left_out(), None);
    assembly.finish(&context)
}

/// Finds the entries of a batch that no declaration names and that no error or stop objects to.
pub fn find_left_out(input: &JudgeInput<'_>) -> (Vec<EntryId>, LeftOut) {
    Context::new(input).find_left_out()
}

/// Judges a batch of entries that no declaration names, as [`find_left_out`] found them.
pub fn judge_left_out(
    input: &JudgeInput<'_>,
    entries: Vec<EntryId>,
    assembly: &mut assemble::Assembly,
    moved: &mut assemble::MoveCell<'_>,
) {
    let context = Context { left_out_entries: entries, ..Context::new(input) };
    assembly.take_left_out(&context, &context.judge_left_out(), Some(moved));
}

/// Evaluates a batch of the run's declarations. `moved` maps a cell of the batch to the cell of the whole run,
/// because rows are numbered anew in each batch.
pub fn judge_batch(
    input: &JudgeInput<'_>,
    assembly: &mut assemble::Assembly,
    moved: &mut assemble::MoveCell<'_>,
) {
    let context = Context::new(input);
    let judged = context.judge_all();
    assembly.take(&context, judged, Some(moved));
}

/// The outcome of all batches; `input` is any of theirs.
pub fn finish(input: &JudgeInput<'_>, assembly: assemble::Assembly) -> Outcome {
    assembly.finish(&Context::new(input))
}

/// Which of the rule's next steps the first violation is reported with: for tests of the rules.
pub fn next_step(input: &JudgeInput<'_>) -> Option<usize> {
    let context = Context::new(input);
    context.next_step_of(context.judge_all().violations.first()?)
}

/// The rules that are violated, whatever supersedes them, on each entry or file: for tests of the
/// rules.
pub fn violated(input: &JudgeInput<'_>) -> Vec<(RuleId, u32, Option<u32>)> {
    let judged = Context::new(input).judge_all();
    judged.violations.iter().map(|violation| (violation.rule, violation.part, violation.declared)).collect()
}

/// What one rule finds about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: RuleId,
    /// The declaration.
    pub part: u32,
    /// Index into [`Context::declared`]; `None` for the file as a whole.
    pub declared: Option<u32>,
    /// The declaration's row.
    pub row: Option<u32>,
    /// The row of the rule's own table.
    pub own: Option<u32>,
    /// For an entry that no declaration names: an index into the left-out entries.
    pub left_out: Option<u32>,
}

impl Violation {
    /// What it is on: an entry of the declaration, or one that no declaration names; `None`: the file.
    pub(super) fn subject(&self) -> Option<u32> {
        self.declared.or(self.left_out)
    }
}

/// What all rules find about everything.
#[derive(Debug, Default)]
pub struct Judged {
    /// Violations, in order.
    pub violations: Vec<Violation>,
    /// Rules that could not be decided for a thing, with the cause.
    pub unknowns: Vec<Unknown>,
    /// Rules that could not be decided for anything, whatever the thing.
    pub undecidable: Vec<(RuleId, Vec<Cause>)>,
    /// Rules that were decided without one of their sources, with the sources that are missing.
    pub without_a_source: Vec<MissingSources>,
    /// What was last missing for each rule.
    shared: HashMap<RuleId, SharedCauses>,
}

/// A rule that could not be decided for one thing.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The rule.
    pub rule: RuleId,
    /// The declaration.
    pub part: u32,
    /// Index into [`Context::declared`]; `None` for the file as a whole.
    pub declared: Option<u32>,
    /// Why not: what was missing for each unknown clause.
    pub causes: Arc<[Cause]>,
}

/// The sources that a rule was decided without.
#[derive(Debug)]
pub struct MissingSources {
    /// The rule.
    pub rule: RuleId,
    /// Why each of them is missing.
    pub causes: Arc<[Cause]>,
    /// For which entries: indexes into [`Context::declared`].
    about: ranges::Ranges,
}

impl<'a> Context<'a> {
    /// Joins the declarations' rows to entries and prepares the columns.
    pub fn new(input: &'a JudgeInput<'a>) -> Self {
        let mut declared: Vec<Declared> = Vec::new();
        let mut declared_of_row = Vec::new();
        let mut first_in_run = Vec::new();
        if let Some(table) = input.tables.get(ROW) {
            let mut in_file: Vec<Option<u32>> = vec![None; input.entries.len()];
            let mut in_run: Vec<Option<u32>> = vec![None; input.entries.len()];
            let mut part = u32::MAX;
            for (at, row) in table.rows.iter().enumerate() {
                let at = at as u32;
                if row.part != part {
                    part = row.part;
                    in_file.fill(None);
                }
                let known = row.entry.and_then(|entry| in_file[entry.0 as usize]);
                let index = known.unwrap_or_else(|| {
                    declared.push(Declared { part, row: at, rows: 0, entry: row.entry });
                    declared.len() as u32 - 1
                });
                declared[index as usize].rows += 1;
                declared_of_row.push(index);
                if let Some(entry) = row.entry {
                    in_file[entry.0 as usize] = Some(index);
                }
                let first = row.entry.map_or(at, |entry| *in_run[entry.0 as usize].get_or_insert(at));
                first_in_run.push(first);
            }
        }
        let schemas = &input.tables.schemas;
        let mut context = Self {
            input,
            holidays: Holidays::new(input.rules.holidays.clone()),
            all_are_entries: match &input.batch {
                Some(batch) => batch.run.all_are_entries,
                None => declared.iter().all(|declared| declared.entry.is_some()),
            },
            declared,
            declared_of_row,
            first_in_run,
            agreed: HashMap::new(),
            answered: answered::Answered::default(),
            figures: Vec::new(),
            lines: schemas.iter().map(|schema| lines::OfTable::new(schema.columns.len())).collect(),
            exported: schemas.iter().map(|_| OnceLock::new()).collect(),
            majorities: Mutex::default(),
            majority_clients: Mutex::default(),
            of_entries: Mutex::default(),
            lacking: Mutex::default(),
            fact_columns: input.tables.id("es003").map(|id| {
                let column = |name| schemas[id.index()].column(name).map(|column| column as u16);
                (id, EntryFacts::COLUMNS.map(column))
            }),
            left_out: input.batch.as_ref().and_then(|batch| batch.run.left_out),
            left_out_entries: Vec::new(),
        };
        let columns = needs::entry_columns(input.rules);
        context.agreed = columns
            .into_par_iter()
            .filter_map(|(table, column)| Some(((table, column), context.agree(table, column)?)))
            .collect();
        let used = needs::figures(input.rules, |at| input.severities.get(at).is_some_and(Option::is_some));
        // In their order, since one may use those before it.
        for (figure, used) in input.rules.figures.iter().zip(used) {
            let values = if used { context.values_of(figure) } else { None };
            context.figures.push(values);
        }
        context
    }

    /// The distinct entries of a declaration.
    fn of_declaration(&self, part: u32) -> &[Declared] {
        let first = self.declared.partition_point(|declared| declared.part < part);
        let own = &self.declared[first..];
        &own[..own.partition_point(|declared| declared.part == part)]
    }

    /// How many of the declared entries are of declarations before the batch.
    fn of_earlier_declarations(&self) -> usize {
        let first = self.input.batch.as_ref().map_or(0, |batch| batch.parts.start);
        self.declared.partition_point(|declared| declared.part < first)
    }

    fn is_entry_by_entry(&self, rule: RuleId) -> bool {
        self.input.batch.as_ref().is_some_and(|batch| batch.run.entry_by_entry.contains(&rule))
    }

    /// What the rules about entries that no declaration names find of them.
    fn judge_left_out(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        if self.left_out_entries.is_empty() {
            return violations;
        }
        for rule in self.bound(|rule| rule.each == Each::Entry && needs::asks_left_out(rule)) {
            for (at, entry) in (0..).zip(&self.left_out_entries) {
                let scope = Scope::undeclared(*entry);
                if rule.violated.truth(self, scope) == Truth::True {
                    violations.push(Violation {
                        rule: rule.id,
                        part: scope.part,
                        declared: None,
                        row: None,
                        own: None,
                        left_out: Some(at),
                    });
                }
            }
        }
        violations
    }

    fn bound_rules(&self) -> Vec<BoundRule<'_>> {
        let may_ask = self.left_out.is_some() || !self.input.values.is_empty();
        self.bound(|rule| may_ask || !needs::asks_left_out(rule))
    }

    /// Binds those of the rules that run.
    fn bound(&self, is_wanted: impl Fn(&Rule) -> bool) -> Vec<BoundRule<'_>> {
        let runs = |at: usize, rule: &Rule| {
            self.input.severities.get(at).is_some_and(Option::is_some) && is_wanted(rule)
        };
        let rules = self.input.rules.rules.iter().enumerate().filter(|(at, rule)| runs(*at, rule));
        let rules: Vec<_> = rules.collect();
        // One by one: a few take longer than all others.
        let bind = |&(at, rule): &(usize, &'a Rule)| BoundRule::new(self, RuleId(at as u16), rule);
        rules.par_iter().with_max_len(1).map(bind).collect()
    }

    fn judge_all(&self) -> Judged {
        let rules = self.bound_rules();
        let mut judged = Judged::default();
        let (mut of_file, mut of_row, mut of_entry) = (Vec::new(), Vec::new(), Vec::new());
        for rule in &rules {
            match (&rule.violated, rule.rule.each) {
                (Bound::Constant(Truth::False, _), _) => {}
                (Bound::Constant(Truth::Unknown, causes), each)
                    if each != Each::File && !self.is_entry_by_entry(rule.id) =>
                {
                    judged.undecidable.push((rule.id, causes.clone()));
                }
                (_, Each::Table(table) | Each::Line(table)) if self.input.tables.get(table).is_none() => {
                    judged.undecidable.push((rule.id, vec![Cause::NoTable(table)]));
                }
                (_, Each::File) => of_file.push(rule),
                (_, Each::Row) => of_row.push(rule),
                // It is about the entries that no declaration names.
                (_, Each::Entry) if self.left_out.is_some() && needs::asks_left_out(rule.rule) => {}
                (_, Each::Entry | Each::Table(_) | Each::Line(_)) => of_entry.push(rule),
            }
        }
        let parts = self.input.tables.get(FILE).map_or(0, |files| files.rows.len() as u32);
        let parts = self.input.batch.as_ref().map_or(0..parts, |batch| batch.parts.clone());
        for part in parts {
            for rule in &of_file {
                judged.note(self, rule, Scope::file(part), None);
            }
        }
        let earlier = self.of_earlier_declarations();
        let rows = (0..).zip(&self.declared_of_row).map(|(row, declared)| (row, *declared));
        let rows: Vec<_> = rows.filter(|(_, declared)| *declared >= earlier as u32).collect();
        judged.extend(self.judge_things(&of_row, &rows));
        let entries = (0..).zip(&self.declared).skip(earlier);
        let entries = entries.filter(|(_, declared)| declared.entry.is_some());
        let entries: Vec<_> = entries.map(|(index, declared)| (declared.row, index)).collect();
        judged.extend(self.judge_things(&of_entry, &entries));
        judged.without_a_source = self.without_a_source(&rules, &rows, &entries);
        judged
    }

    /// The things for which a rule is satisfied by the sources at hand, and open by one that is missing.
    fn without_a_source(
        &self,
        rules: &[BoundRule<'_>],
        rows: &[(u32, u32)],
        entries: &[(u32, u32)],
    ) -> Vec<MissingSources> {
        let find = |(decided, strict): &(&BoundRule<'_>, Rule)| -> Vec<MissingSources> {
            let by_all = BoundRule::new(self, decided.id, strict);
            let things = if let Each::Row = strict.each { rows } else { entries };
            let look = |things: &[(u32, u32)]| {
                let scopes: Vec<_> =
                    things.iter().map(|&(row, declared)| self.row_scope(row, declared)).collect();
                let strict = by_all.violated.of_scopes(self, &scopes);
                let mut found: Vec<MissingSources> = Vec::new();
                let mut causes = Vec::new();
                for ((scope, &(_, declared)), strict) in scopes.iter().zip(things).zip(strict) {
                    if strict == Truth::Unknown && decided.violated.truth(self, *scope) == Truth::False {
                        causes.clear();
                        by_all.violated.causes(self, *scope, &mut causes);
                        causes.retain(alternatives::is_missing);
                        if causes.is_empty() {
                            continue;
                        }
                        match found.last_mut().filter(|last| *last.causes == *causes) {
                            Some(last) => last.about.push(declared),
                            None => found.push(MissingSources {
                                rule: decided.id,
                                causes: causes.as_slice().into(),
                                about: [declared].into_iter().collect(),
                            }),
                        }
                    }
                }
                found
            };
            things.par_chunks(CHUNK).flat_map_iter(look).collect()
        };
        self.alternatives(rules).par_iter().with_max_len(1).flat_map_iter(find).collect()
    }

    /// Applies rules to things: the declaration's row of each, and the index of its declared entry.
    fn judge_things(&self, rules: &[&BoundRule<'_>], things: &[(u32, u32)]) -> Vec<Judged> {
        let judge = |things: &[(u32, u32)]| {
            let mut judged = Judged::default();
            let scopes: Vec<_> =
                things.iter().map(|&(row, declared)| self.row_scope(row, declared)).collect();
            // Rule by rule, since what a rule looks at then stays in the core's cache; reported thing by thing.
            let truths: Vec<_> = (rules.iter())
                .map(|rule| match rule.rule.each {
                    Each::Table(_) | Each::Line(_) => Vec::new(),
                    Each::File | Each::Row | Each::Entry => rule.violated.of_scopes(self, &scopes),
                })
                .collect();
            for (at, (scope, &(_, declared))) in scopes.iter().zip(things).enumerate() {
                for (rule, truths) in rules.iter().zip(&truths) {
                    match (truths.get(at), scope.entry) {
                        (Some(truth), _) => judged.note_truth(self, rule, *truth, *scope, Some(declared)),
                        (None, Some(entry)) => {
                            self.note_entry(&mut judged, rule, *scope, entry, Some(declared));
                        }
                        (None, None) => {}
                    }
                }
            }
            judged
        };
        things.par_chunks(CHUNK).map(judge).collect()
    }

    /// Applies an entry's rule, or a table's rule to each of the entry's rows or lines.
    fn note_entry(
        &self,
        judged: &mut Judged,
        rule: &BoundRule<'_>,
        scope: Scope<'_>,
        entry: EntryId,
        declared: Option<u32>,
    ) {
        let (Each::Table(table) | Each::Line(table)) = rule.rule.each else {
            return judged.note(self, rule, scope, declared);
        };
        let rows = self.input.tables.get(table).map_or(0..0, |table| table.rows_of(entry));
        if rows.is_empty() && self.absent_is_unknown(table) {
            judged.note_unknown(rule.id, scope.part, declared, &[Cause::NoRows(table)]);
        }
        let mut note = |row: usize| {
            if self.input.tables.get(table).is_some_and(|table| table.rows[row].doubtful) {
                let column = self.input.tables.schemas[table.index()].key.unwrap_or(0) as u16;
                let causes = [Cause::Unreadable(CellRef { table, row: row as u32, column })];
                judged.note_unknown(rule.id, scope.part, declared, &causes);
                return;
            }
            let scope = Scope { own: Some(row as u32), ..scope };
            match rule.by_row.as_ref().and_then(|truths| truths.get(row)) {
                Some(truth) => judged.note_truth(self, rule, *truth, scope, declared),
                None => judged.note(self, rule, scope, declared),
            }
        };
        if let Each::Table(_) = rule.rule.each {
            return rows.for_each(note);
        }
        let Some((lines, data)) = self.lines(table).zip(self.table(table)) else { return };
        lines.of_entry(data, entry).for_each(|same| note(same[0] as usize));
        // What the rule finds on an unknown line is unknown.
        if let Some(row) = lines.without_line(data, entry).first() {
            judged.note_unknown(rule.id, scope.part, declared, &[self.line_cause_of(table, *row)]);
        }
    }

    fn row_scope(&self, row: u32, declared: u32) -> Scope<'static> {
        let declared = &self.declared[declared as usize];
        Scope { part: declared.part, declared: Some(row), entry: declared.entry, own: None, inner: None }
    }

    /// Finds the entries of the export that are on no declaration and would be ready.
    fn find_left_out(&self) -> (Vec<EntryId>, LeftOut) {
        let may_hold = |rule: &Rule| matches!(rule.each, Each::Entry | Each::Table(_) | Each::Line(_));
        let mut rules = self.bound(|rule| may_hold(rule) && !needs::asks_left_out(rule));
        rules.retain(|rule| self.input.severities[usize::from(rule.id.0)].is_some_and(Severity::blocks));
        let mut is_declared = vec![false; self.input.entries.len()];
        for declared in &self.declared {
            if let Some(entry) = declared.entry {
                is_declared[entry.0 as usize] = true;
            }
        }
        let undeclared: Vec<EntryId> =
            (0..).map(EntryId).zip(is_declared).filter_map(|(entry, is)| (!is).then_some(entry)).collect();
        let duty = self.input.rules.figure(IEEPA_DUTY);
        let find = |entries: &[EntryId]| -> Vec<(EntryId, Decimal)> {
            let duty_of = |entry: &EntryId| match self.figure(duty?, Frame::Entry, &Scope::undeclared(*entry))
            {
                Got::Val(Val::Money(duty)) if !duty.is_zero() => Some((*entry, duty)),
                _ => None,
            };
            let mut found: Vec<(EntryId, Decimal)> = entries.iter().filter_map(duty_of).collect();
            // Rule by rule, of the entries that none before objects to.
            for rule in &rules {
                let scopes: Vec<_> = found.iter().map(|(entry, _)| Scope::undeclared(*entry)).collect();
                let truths = match rule.rule.each {
                    Each::Table(_) | Each::Line(_) => Vec::new(),
                    Each::File | Each::Row | Each::Entry => rule.violated.of_scopes(self, &scopes),
                };
                let mut at = 0;
                found.retain(|(entry, _)| {
                    at += 1;
                    match truths.get(at - 1) {
                        Some(truth) => *truth != Truth::True,
                        None => {
                            let mut judged = Judged::default();
                            self.note_entry(&mut judged, rule, Scope::undeclared(*entry), *entry, None);
                            judged.violations.is_empty()
                        }
                    }
                });
            }
            found
        };
        let found: Vec<(EntryId, Decimal)> = undeclared.par_chunks(CHUNK).flat_map_iter(find).collect();
        let mut left_out = LeftOut::default();
        found.iter().for_each(|(_, duty)| left_out += LeftOut { entries: 1, duty: *duty });
        (found.into_iter().map(|(entry, _)| entry).collect(), left_out)
    }
}

/// How many entries one core takes at a time.
const CHUNK: usize = 1024;

impl Judged {
    fn note(&mut self, context: &Context<'_>, rule: &BoundRule<'_>, scope: Scope<'_>, declared: Option<u32>) {
        self.note_truth(context, rule, rule.violated.truth(context, scope), scope, declared);
    }

    fn note_truth(
        &mut self,
        context: &Context<'_>,
        rule: &BoundRule<'_>,
        violated: Truth,
        scope: Scope<'_>,
        declared: Option<u32>,
    ) {
        match violated {
            Truth::False => {}
            Truth::True => self.violations.push(Violation {
                rule: rule.id,
                part: scope.part,
                declared,
                row: scope.declared,
                own: scope.own,
                left_out: None,
            }),
            Truth::Unknown => {
                let mut causes = Vec::new();
                rule.violated.causes(context, scope, &mut causes);
                self.note_unknown(rule.id, scope.part, declared, &causes);
            }
        }
    }

    fn note_unknown(&mut self, rule: RuleId, part: u32, declared: Option<u32>, causes: &[Cause]) {
        let causes = self.shared.entry(rule).or_default().share(causes);
        self.unknowns.push(Unknown { rule, part, declared, causes });
    }

    fn extend(&mut self, chunks: Vec<Self>) {
        for chunk in chunks {
            self.violations.extend(chunk.violations);
            self.unknowns.extend(chunk.unknowns);
        }
    }
}

#[cfg(test)]
mod tests;
