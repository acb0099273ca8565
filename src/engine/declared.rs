//! A check of many declarations, a batch of whole declarations at a time, and of the entries that no declaration
//! names, a batch of entries at a time: memory follows the batch and what was found, not the rows of the export.
//! Entries, verdicts and findings are the same as if all were evaluated at once; see [`Check::batch`].

use std::ops::Range;

use hashbrown::HashMap;

use super::check::{Check, EVALUATED};
use super::checked::{Checked, Importers, importer_of};
use super::load::Errors;
use super::read::SurveyedTable;
use crate::judge::assemble::Assembly;
use crate::judge::{self, Batch, JudgeInput, LeftOut, RunFacts};
use crate::outside::Outside;
use crate::table::declaration;
use crate::table::reference::{Request, Survey};
use crate::table::{CellRef, Entries, EntryId, FILE, ROW, Row, Table, TableId, Tables, TextAt};

/// The rows of a surveyed table that findings point at. Their texts are read again when they are shown.
struct KeptRows {
    table: Table,
    /// The rows of the batch that are kept already.
    known: HashMap<u32, u32>,
}

impl KeptRows {
    fn new(survey: &Survey) -> Self {
        let table = Table { parts: survey.parts().to_vec(), read_again: survey.files(), ..Table::default() };
        Self { table, known: HashMap::new() }
    }

    fn keep(&mut self, batch: &Table, row: u32) -> u32 {
        let Self { table, known } = self;
        *known.entry(row).or_insert_with(|| {
            let row = &batch.rows[row as usize];
            let text = TextAt::in_file(batch.record(row).bytes().len());
            table.rows.push(Row { text, entry: None, ..row.clone() });
            table.rows.len() as u32 - 1
        })
    }
}

/// Evaluates the rules batch after batch.
pub(super) fn evaluate(
    check: &Check<'_>,
    checked: &mut Checked<'_>,
    surveyed: Option<SurveyedTable>,
    size: usize,
) -> Result<(), Errors> {
    let batches = DeclaredBatches::new(check, checked, surveyed.as_ref());
    let mut run = batches.run_facts();
    let mut left_out = Vec::new();
    if let (true, Some(surveyed)) = (checked.left_out, &surveyed) {
        let (found, sum) = batches.find_left_out(surveyed, size, &run)?;
        (left_out, run.left_out) = (found, Some(sum));
    }
    let ranges = batches.ranges(size);
    let mut judged = batches.judge(&ranges, &run)?;
    let differing = judged.assembly.differing();
    if !differing.is_empty() {
        run.entry_by_entry = differing;
        judged = batches.judge(&ranges, &run)?;
    }
    if let Some(surveyed) = &surveyed {
        batches.judge_left_out(surveyed, &left_out, size, &run, &mut judged)?;
    }
    let JudgedBatches { assembly, kept, importers, last } = judged;
    let outcome = match ranges.last().zip(last) {
        Some((parts, last)) => judge::finish(&batches.input(&last, parts, &run), assembly),
        None => judge::judge(&checked.input()),
    };
    checked.outcome = outcome;
    checked.importers = Some(importers);
    if let Some((SurveyedTable { id, .. }, kept)) = surveyed.zip(kept) {
        checked.tables.tables[id.index()] = Some(kept.table);
    }
    Ok(())
}

/// The declarations and tables of a check.
struct DeclaredBatches<'b, 'c, 'r> {
    check: &'b Check<'c>,
    checked: &'b Checked<'r>,
    surveyed: Option<&'b SurveyedTable>,
    /// The rows of all declarations.
    rows: &'b Table,
    /// For each entry the first row of the run that has it.
    first: Vec<u32>,
    exported: std::collections::HashMap<TableId, chrono::NaiveDate>,
}

/// What is found in all batches.
struct JudgedBatches {
    assembly: Assembly,
    kept: Option<KeptRows>,
    importers: Importers,
    /// The tables of the last batch.
    last: Option<BatchTables>,
}

/// The tables of a batch.
struct BatchTables {
    tables: Tables,
    entries: Entries,
    /// Which entries of the run those of the batch are.
    global: Vec<EntryId>,
    /// For each table the rows that its rows are of the whole table.
    rows: Vec<Vec<u32>>,
}

static NO_ROWS: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::default);

impl<'b, 'c, 'r> DeclaredBatches<'b, 'c, 'r> {
    fn new(check: &'b Check<'c>, checked: &'b Checked<'r>, surveyed: Option<&'b SurveyedTable>) -> Self {
        let rows = checked.tables.get(ROW).unwrap_or(&NO_ROWS);
        let mut first = vec![u32::MAX; checked.entries.len()];
        for (at, row) in (0..).zip(&rows.rows) {
            if let Some(entry) = row.entry {
                let first = &mut first[entry.0 as usize];
                *first = at.min(*first);
            }
        }
        let mut exported = checked.exported.clone();
        for (at, table) in checked.tables.tables.iter().enumerate() {
            let schema = &checked.tables.schemas[at];
            let day = match (surveyed, table) {
                (Some(surveyed), _) if surveyed.id == TableId::new(at) => {
                    surveyed.survey.stamped().or_else(|| surveyed.survey.newest(check.filing_date))
                }
                (_, Some(table)) => table.exported(schema, check.filing_date),
                (_, None) => None,
            };
            if let Some(day) = day {
                exported.entry(TableId::new(at)).or_insert(day);
            }
        }
        Self { check, checked, surveyed, rows, first, exported }
    }

    fn run_facts(&self) -> RunFacts {
        let mut is_unique = [true; 2];
        let mut last_part = vec![u32::MAX; self.first.len()];
        for (at, row) in (0..).zip(&self.rows.rows) {
            if let Some(entry) = row.entry {
                let last = &mut last_part[entry.0 as usize];
                is_unique[0] &= *last != row.part;
                is_unique[1] &= self.first[entry.0 as usize] == at;
                *last = row.part;
            }
        }
        let all_are_entries = self.rows.rows.iter().all(|row| row.entry.is_some());
        RunFacts { all_are_entries, is_unique, ..RunFacts::default() }
    }

    /// The declarations of each batch: as many as have so many rows.
    fn ranges(&self, size: usize) -> Vec<Range<u32>> {
        let files = self.checked.tables.get(FILE).map_or(0, |files| files.rows.len() as u32);
        let rows_before = |part: u32| self.rows.rows.partition_point(|row| row.part < part);
        let mut ranges: Vec<Range<u32>> = Vec::new();
        let mut start = 0;
        for end in 1..=files {
            if rows_before(end) - rows_before(start) >= size || end == files {
                ranges.push(start..end);
                start = end;
            }
        }
        // No batch is without entries, in which nothing can be looked at.
        if let [.., before, last] = ranges.as_mut_slice()
            && rows_before(last.end) - rows_before(last.start) < size
        {
            before.end = last.end;
            ranges.pop();
        }
        ranges
    }

    fn tables(&self, parts: &Range<u32>) -> Result<BatchTables, Errors> {
        let rows_before = |part: u32| self.rows.rows.partition_point(|row| row.part < part) as u32;
        let own = rows_before(parts.start)..rows_before(parts.end);
        let entry_of = |row: &u32| self.rows.rows[*row as usize].entry;
        let first_of = |row: u32| entry_of(&row).map(|entry| self.first[entry.0 as usize]);
        let mut rows: Vec<u32> =
            own.clone().filter_map(first_of).filter(|first| *first < own.start).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.extend(own);
        let mut entries = Entries::default();
        let (mut global, mut new) = (Vec::new(), Vec::with_capacity(rows.len()));
        for entry in rows.iter().map(entry_of) {
            new.push(entry.map(|entry| {
                let id = entries.insert(self.checked.entries.number(entry));
                if id.0 as usize == global.len() {
                    global.push(entry);
                }
                id
            }));
        }
        let mut wanted: Vec<u32> = match self.surveyed {
            Some(surveyed) => global.iter().filter_map(|entry| surveyed.entries.number(*entry)).collect(),
            None => Vec::new(),
        };
        wanted.sort_unstable();
        let files = self.checked.tables.get(FILE).map_or(&[][..], |files| &files.rows);
        let files = (0..).zip(files).map(|(at, file)| (at, file.entry)).unzip();
        self.batch_tables([files, (rows, new)], entries, global, &wanted)
    }

    /// The tables of entries that no declaration names: of the declarations they have no rows.
    fn undeclared_tables(&self, wanted: &[u32], surveyed: &SurveyedTable) -> Result<BatchTables, Errors> {
        let mut entries = Entries::default();
        entries.reserve(wanted.len());
        let global: Vec<EntryId> =
            wanted.iter().map(|entry| surveyed.entries.of_run[*entry as usize]).collect();
        for entry in &global {
            entries.insert(self.checked.entries.number(*entry));
        }
        self.batch_tables(Default::default(), entries, global, wanted)
    }

    /// The tables of a batch: the given rows of the files and of their rows, each with the entry that it then
    /// belongs to, and the rows of its entries in the other tables. `wanted` are its entries in the survey.
    fn batch_tables(
        &self,
        [files, declared]: [(Vec<u32>, Vec<Option<EntryId>>); 2],
        mut entries: Entries,
        global: Vec<EntryId>,
        wanted: &[u32],
    ) -> Result<BatchTables, Errors> {
        let Checked { tables: whole, sources, .. } = self.checked;
        let known: Vec<Option<EntryId>> = global.iter().copied().map(Some).collect();
        let mut tables =
            Tables { schemas: whole.schemas.clone(), tables: whole.schemas.iter().map(|_| None).collect() };
        let mut rows = vec![Vec::new(); whole.schemas.len()];
        for (at, table) in whole.tables.iter().enumerate() {
            let Some(table) = table else { continue };
            tables.tables[at] = Some(match TableId::new(at) {
                FILE => table.of_rows(&files.0, &files.1),
                ROW => {
                    let mut rows = table.of_rows(&declared.0, &declared.1);
                    declaration::read_cells(&whole.schemas[ROW.index()], &mut rows);
                    rows
                }
                _ if table.parts.is_empty() => Table::default(),
                _ => {
                    let (slice, of_slice) = table.of_entries(&known);
                    rows[at] = of_slice;
                    slice
                }
            });
        }
        rows[ROW.index()] = declared.0;
        if let Some(SurveyedTable { id, survey, asked, .. }) = self.surveyed {
            let is_slice = self.check.rules.extent().partial;
            let request = Request { asked, is_slice, ..Request::new(*id, &whole.schemas) };
            let read = survey.batch(&request, &mut entries, wanted);
            tables.tables[id.index()] = Some(read.map_err(|errors| Errors::new(errors, sources.clone()))?);
        }
        Ok(BatchTables { tables, entries, global, rows })
    }

    /// Finds what no declaration names: the entries by their numbers in the survey, and the sum.
    fn find_left_out(
        &self,
        surveyed: &SurveyedTable,
        size: usize,
        run: &RunFacts,
    ) -> Result<(Vec<u32>, LeftOut), Errors> {
        let entries = (0..).zip(&surveyed.entries.of_run);
        let undeclared = entries.filter(|(_, entry)| self.first[entry.0 as usize] == u32::MAX);
        let undeclared: Vec<u32> = undeclared.map(|(at, _)| at).collect();
        let (mut found, mut left_out) = (Vec::new(), LeftOut::default());
        for batch in undeclared.chunks(size) {
            let tables = self.undeclared_tables(batch, surveyed)?;
            let (of_batch, sum) = judge::find_left_out(&self.input(&tables, &(0..0), run));
            left_out += sum;
            found.extend(of_batch.into_iter().map(|entry| batch[entry.0 as usize]));
        }
        Ok((found, left_out))
    }

    /// Judges what no declaration names.
    fn judge_left_out(
        &self,
        surveyed: &SurveyedTable,
        left_out: &[u32],
        size: usize,
        run: &RunFacts,
        judged: &mut JudgedBatches,
    ) -> Result<(), Errors> {
        for batch in left_out.chunks(size) {
            let tables = self.undeclared_tables(batch, surveyed)?;
            let entries = (0..batch.len() as u32).map(EntryId).collect();
            let input = self.input(&tables, &(0..0), run);
            let JudgedBatches { assembly, kept, .. } = judged;
            judge::judge_left_out(&input, entries, assembly, &mut self.moved(&tables, kept.as_mut()));
        }
        Ok(())
    }

    /// How the cells of a batch are called once all are put together; the rows of the surveyed table that they
    /// are in are kept.
    fn moved<'m>(
        &'m self,
        batch: &'m BatchTables,
        mut kept: Option<&'m mut KeptRows>,
    ) -> impl FnMut(CellRef) -> CellRef + 'm {
        if let Some(kept) = &mut kept {
            kept.known.clear();
        }
        move |cell: CellRef| {
            let CellRef { table, row, .. } = cell;
            let row = match (self.surveyed, &mut kept) {
                (Some(surveyed), Some(kept)) if surveyed.id == table => {
                    batch.tables.get(table).map_or(row, |of_batch| kept.keep(of_batch, row))
                }
                _ => batch.rows[table.index()].get(row as usize).copied().unwrap_or(row),
            };
            CellRef { row, ..cell }
        }
    }

    fn input<'t>(&'t self, batch: &'t BatchTables, parts: &Range<u32>, run: &'t RunFacts) -> JudgeInput<'t> {
        JudgeInput {
            tables: &batch.tables,
            entries: &batch.entries,
            exported: self.exported.clone(),
            batch: Some(Batch { parts: parts.clone(), run }),
            ..self.checked.input()
        }
    }

    /// Evaluates all batches.
    fn judge(&self, ranges: &[Range<u32>], run: &RunFacts) -> Result<JudgedBatches, Errors> {
        let mut assembly = Assembly::default();
        let mut kept = self.surveyed.map(|surveyed| KeptRows::new(&surveyed.survey));
        let mut importers = Importers::unknown(self.checked.entries.len());
        let mut last = None;
        let total = self.rows.rows.len() as u64;
        for parts in ranges {
            let before = self.rows.rows.partition_point(|row| row.part < parts.start);
            (self.check.progress)(Outside::new(EVALUATED), before as u64, total);
            // The memory of the batch before is released first.
            drop(last.take());
            let batch = self.tables(parts)?;
            let input = self.input(&batch, parts, run);
            judge::judge_batch(&input, &mut assembly, &mut self.moved(&batch, kept.as_mut()));
            for (entry, number) in batch.global.iter().zip(batch.entries.numbers()) {
                importers.set(*entry, importer_of(&batch.tables, &batch.entries, *number));
            }
            last = Some(batch);
        }
        (self.check.progress)(Outside::new(EVALUATED), total, total);
        Ok(JudgedBatches { assembly, kept, importers, last })
    }
}
