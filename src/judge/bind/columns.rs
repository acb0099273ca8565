//! Tests of whole columns (`consistent`, `readable`): answered for each entry in one pass over the
//! cells.

use super::bound::Bound;
use crate::judge::Context;
use crate::judge::agreed::{CONFLICT, NO_ROWS};
use crate::judge::cause::Cause;
use crate::judge::truth::Truth;
use crate::rules::model::{ColumnRef, Condition, Frame, Predicate, Test};
use crate::table::value::{Cell, CellReading};

impl<'a> Context<'a> {
    /// Binds a test that all rows of an entry agree, or can be read.
    pub(super) fn bind_columns(
        &'a self,
        condition: &'a Condition,
        test: &'a Test,
        columns: &'a [ColumnRef],
    ) -> Bound<'a> {
        let mut answers = vec![Truth::True; self.input.entries.len()];
        for column in columns {
            let Some(table) = self.input.tables.get(column.table) else {
                return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(column.table)]);
            };
            let is_unreadable = |cell: &Cell| cell.reading == CellReading::Unreadable;
            // Where all cells can be read, so can that of any row, and one that is not there.
            if matches!(test.predicate, Predicate::Readable)
                && !(table.columns.get(usize::from(column.column)))
                    .is_some_and(|column| column.dictionary.iter().any(is_unreadable))
            {
                continue;
            }
            let Some((data, cells)) = self.cells_of(table, *column).filter(|_| column.of == Frame::Entry)
            else {
                return Bound::Test(condition, test);
            };
            if matches!(test.predicate, Predicate::Consistent) {
                for (answer, cell) in answers.iter_mut().zip(cells) {
                    match *cell {
                        CONFLICT => *answer = Truth::False,
                        NO_ROWS => *answer = answer.and(Truth::Unknown),
                        _ => {}
                    }
                }
                continue;
            }
            let unreadable: Vec<bool> = data.dictionary.iter().map(is_unreadable).collect();
            for (row, cell) in table.rows.iter().zip(data.cells.iter()) {
                if let Some(entry) = row.entry
                    && !row.doubtful
                    && unreadable.get(*cell as usize).is_some_and(|unreadable| *unreadable)
                {
                    answers[entry.0 as usize] = Truth::False;
                }
            }
        }
        if self.all_are_entries && answers.iter().all(|answer| *answer == Truth::True) {
            return Bound::Constant(Truth::True, Vec::new());
        }
        Bound::Entries(condition, test, answers)
    }
}
