//! The rows of an entry by their line: one line of an entry summary has a row for each of its HTS
//! numbers.
//!
//! Rules read the other rows of a row's line. An entry may have thousands of rows, so they are looked up, not
//! searched for: [`Lines`] is made once for each table of which some rule reads lines.

use std::sync::OnceLock;

use hashbrown::HashMap;
use rust_decimal::Decimal;

use super::Context;
use super::cause::Cause;
use super::operand::{Got, sum};
use super::scope::Located;
use crate::rules::model::{ColumnRef, Each, Frame};
use crate::table::{EntryId, Table, TableId};

/// The rows of each entry of a table, by the value of the table's line column.
#[derive(Debug)]
pub struct Lines {
    /// The rows, entry by entry. In an entry the rows of a line are together; last come those
    /// whose line is unknown.
    order: Vec<u32>,
    /// For each row where the rows of its line are in `order`; `None` where its own line is unknown.
    line: Vec<Option<(u32, u32)>>,
    /// For each entry where those begin in `order` whose line is unknown.
    without_line: Vec<u32>,
}

/// What is known of the lines of a table, found out when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct OfTable {
    lines: OnceLock<Option<Lines>>,
    /// The totals of each column.
    totals: Vec<OnceLock<Vec<Option<Decimal>>>>,
}

impl OfTable {
    pub(super) fn new(columns: usize) -> Self {
        Self { lines: OnceLock::new(), totals: (0..columns).map(|_| OnceLock::new()).collect() }
    }
}

/// Stands for a line that is unknown; sorts behind all others.
const UNKNOWN_LINE: u32 = u32::MAX;

impl Lines {
    /// The rows on the same line as a row, itself among them; `None` where its line is unknown.
    pub fn same(&self, row: u32) -> Option<&[u32]> {
        let (start, end) = (*self.line.get(row as usize)?)?;
        self.order.get(start as usize..end as usize)
    }

    /// The lines of an entry: the rows of each.
    pub fn of_entry(&self, table: &Table, entry: EntryId) -> impl Iterator<Item = &[u32]> {
        let mut at = table.rows_of(entry);
        std::iter::from_fn(move || {
            let same = self.order.get(at.start).filter(|_| !at.is_empty()).and_then(|row| self.same(*row))?;
            at.start += same.len();
            Some(same)
        })
    }

    /// The rows of an entry whose line is unknown: they may belong to any.
    pub fn without_line(&self, table: &Table, entry: EntryId) -> &[u32] {
        let end = table.rows_of(entry).end;
        self.without_line.get(entry.0 as usize).map_or(&[], |start| &self.order[*start as usize..end])
    }
}

impl<'a> Context<'a> {
    /// The lines of a table; `None` where its schema has no line column.
    pub fn lines(&self, id: TableId) -> Option<&Lines> {
        self.lines[id.index()].lines.get_or_init(|| self.find_lines(id)).as_ref()
    }

    fn find_lines(&self, id: TableId) -> Option<Lines> {
        let (table, column) = (self.table(id)?, self.input.tables.schemas[id.index()].line?);
        let lines = self.line_numbers(table, ColumnRef { table: id, column: column as u16, of: Frame::Own });
        let mut order: Vec<u32> = (0..table.rows.len() as u32).collect();
        let mut line = vec![None; table.rows.len()];
        let mut without_line = Vec::with_capacity(self.input.entries.len());
        for entry in 0..self.input.entries.len() {
            let rows = table.rows_of(EntryId(entry as u32));
            let of_entry = &mut order[rows.clone()];
            of_entry.sort_by_key(|row| lines[*row as usize]);
            let mut start = rows.start;
            for group in of_entry.chunk_by(|a, b| lines[*a as usize] == lines[*b as usize]) {
                if lines[group[0] as usize] == UNKNOWN_LINE {
                    break;
                }
                let end = start + group.len();
                for row in group {
                    line[*row as usize] = Some((start as u32, end as u32));
                }
                start = end;
            }
            without_line.push(start as u32);
        }
        Some(Lines { order, line, without_line })
    }

    /// For each row a number for its line, the same for the same line.
    fn line_numbers(&self, table: &'a Table, column: ColumnRef) -> Vec<u32> {
        let Some(data) = table.columns.get(usize::from(column.column)) else { return Vec::new() };
        let mut numbers = HashMap::new();
        let of_cell: Vec<u32> = data
            .dictionary
            .iter()
            .map(|cell| match self.read(cell, column.table, column.column) {
                Got::Val(value) => {
                    let next = numbers.len() as u32;
                    *numbers.entry(value.code().into_owned()).or_insert(next)
                }
                Got::Nothing | Got::Unknown => UNKNOWN_LINE,
            })
            .collect();
        (0..table.rows.len())
            .map(|row| {
                let cell = data.cells.get(row).and_then(|cell| of_cell.get(*cell as usize));
                cell.copied().unwrap_or(UNKNOWN_LINE)
            })
            .collect()
    }

    /// The rows that a rule of a table is applied to for an entry: each, or the first of each line
    /// and those whose line is not known.
    pub fn own_rows(&self, each: Each, entry: EntryId) -> Vec<u32> {
        match each {
            Each::File | Each::Row | Each::Entry => Vec::new(),
            Each::Table(id) => self
                .table(id)
                .into_iter()
                .flat_map(|table| table.rows_of(entry))
                .map(|row| row as u32)
                .collect(),
            Each::Line(id) => {
                let Some((table, lines)) = self.table(id).zip(self.lines(id)) else { return Vec::new() };
                let firsts = lines.of_entry(table, entry).map(|same| same[0]);
                firsts.chain(lines.without_line(table, entry).iter().copied()).collect()
            }
        }
    }

    /// Why the line of a row of a table is unknown.
    pub(super) fn line_cause_of(&self, id: TableId, row: u32) -> Cause {
        let Some((table, line)) = self.table(id).zip(self.input.tables.schemas[id.index()].line) else {
            return Cause::NoTable(id);
        };
        self.line_cause(table, ColumnRef { table: id, column: line as u16, of: Frame::Own }, row)
    }

    /// Why the line of a row is unknown.
    pub(super) fn line_cause(&self, table: &'a Table, line: ColumnRef, row: u32) -> Cause {
        match self.cell(table, line, row) {
            Located::Cell(cell, at) => Cause::of_cell(cell, at).unwrap_or(Cause::Computed),
            Located::Missing(cause) => cause,
            Located::Nothing => Cause::Computed,
        }
    }

    /// The sum of a column over the rows of a row's line; `None` where it is unknown.
    pub(super) fn line_total(&self, column: ColumnRef, row: u32) -> Option<Decimal> {
        let totals = self.lines[column.table.index()].totals.get(usize::from(column.column))?;
        *totals.get_or_init(|| self.find_line_totals(column)).get(row as usize)?
    }

    fn find_line_totals(&self, column: ColumnRef) -> Vec<Option<Decimal>> {
        let Some((table, lines)) = self.table(column.table).zip(self.lines(column.table)) else {
            return Vec::new();
        };
        let mut totals = vec![None; table.rows.len()];
        for entry in 0..self.input.entries.len() {
            let entry = EntryId(entry as u32);
            // A row whose line is unknown may belong to any.
            if !lines.without_line(table, entry).is_empty() {
                continue;
            }
            for rows in lines.of_entry(table, entry) {
                let total = sum(rows.iter().map(|row| self.got(table, column, *row)));
                for row in rows {
                    totals[*row as usize] = total;
                }
            }
        }
        totals
    }
}
