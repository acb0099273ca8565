//! Computes once, for each entry and column, the cell on which all rows of the entry agree.
//!
//! Where there is no such cell, a mark says why. Conditions have a truth value for each mark, as for each cell.

use super::Context;
use super::cause::Cause;
use super::scope::{Located, Scope};
use crate::rules::model::{ColumnRef, Frame};
use crate::table::{ColumnCells, EntryId, TableId};

/// Marks an entry whose rows disagree, in place of a dictionary index.
pub(super) const CONFLICT: u32 = u32::MAX - 1;
/// Marks an entry without rows, where that has no meaning.
pub(super) const NO_ROWS: u32 = u32::MAX - 2;
/// Marks an entry without rows in a table that is complete.
pub(super) const NOTHING: u32 = u32::MAX - 3;

/// How many marks there are: [`Column::MISSING`], [`CONFLICT`], [`NO_ROWS`] and [`NOTHING`].
pub(super) const MARKS: usize = 4;

/// The number of a mark; `None` for the index of a cell.
pub(super) fn mark_index(cell: u32) -> Option<usize> {
    Some((u32::MAX - cell) as usize).filter(|mark| *mark < MARKS)
}

impl Context<'_> {
    /// For each entry the dictionary index of the cell that its rows agree on, or a mark.
    pub(super) fn agree(&self, id: TableId, column: u16) -> Option<Vec<u32>> {
        let table = self.table(id)?;
        let cells = &table.columns.get(usize::from(column))?.cells;
        let column = ColumnRef { table: id, column, of: Frame::Entry };
        let look = |entry: u32| {
            let scope = Scope { entry: Some(EntryId(entry)), ..Scope::file(u32::MAX) };
            match self.locate_agreed(table, column, &scope) {
                Located::Cell(_, at) => cells[at.row as usize],
                Located::Nothing => NOTHING,
                Located::Missing(Cause::NoRows(_)) => NO_ROWS,
                Located::Missing(Cause::Conflict(..)) => CONFLICT,
                Located::Missing(_) => ColumnCells::MISSING,
            }
        };
        let entries = self.input.entries.len();
        let mut agreed = Vec::with_capacity(entries);
        let begins = table.entry_rows.iter();
        for (begin, end) in begins.clone().zip(begins.skip(1)).take(entries) {
            agreed.push(match cells.get(*begin as usize..*end as usize) {
                // Mostly all rows have the very same cell.
                Some([first, others @ ..]) if others.iter().all(|other| other == first) => *first,
                _ => look(agreed.len() as u32),
            });
        }
        // Entries that became known after the table was read have no rows in it.
        agreed.extend((agreed.len()..entries).map(|entry| look(entry as u32)));
        Some(agreed)
    }
}
