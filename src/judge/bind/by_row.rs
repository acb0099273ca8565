//! Conditions that nothing but a row decides: answered for all rows of a table, column by column
//! and on all cores, before any entry is evaluated.

use rayon::prelude::*;

use super::bound::{Bound, Places};
use super::cells::Cells;
use super::constants::is_constant_quantifier;
use crate::judge::Context;
use crate::judge::scope::{Inner, Scope};
use crate::judge::truth::Truth;
use crate::rules::model::Dependency;
use crate::rules::model::{ColumnRef, Condition, Frame, Predicate, Range};
use crate::table::{EntryId, Table};

/// The role of a row in a scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowRole {
    /// It is the row that the rule is applied to.
    Own,
    /// It is the row that a quantifier looks at, with that many quantifiers inside.
    Inner(u8),
}

impl RowRole {
    /// What columns of the row are called there.
    fn frame(self) -> Frame {
        match self {
            Self::Own => Frame::Own,
            Self::Inner(depth) => Frame::Inner(depth),
        }
    }

    /// Evaluates in the scope in which only this row has that role.
    pub(super) fn take<T>(self, entry: Option<EntryId>, row: u32, ask: impl FnOnce(Scope<'_>) -> T) -> T {
        let scope = Scope { entry, ..Scope::file(u32::MAX) };
        match self {
            Self::Own => ask(Scope { own: Some(row), ..scope }),
            Self::Inner(_) => ask(scope.inside(&Inner { row, outer: None })),
        }
    }

    /// The role as seen from inside one more quantifier.
    fn inside(self) -> Self {
        match self {
            Self::Own => Self::Own,
            Self::Inner(depth) => Self::Inner(depth.saturating_add(1)),
        }
    }

    /// Whether a column is the row's, its entry's, or that of a row which a quantifier inside looks at.
    fn has(self, column: ColumnRef) -> bool {
        self.has_row(column.of)
    }

    /// Whether what is called so is the row, its entry, or a row which a quantifier inside looks at.
    fn has_row(self, frame: Frame) -> bool {
        match (frame, self) {
            (Frame::Entry, _) => true,
            // The line is that of the row.
            (Frame::Line, Self::Own) => true,
            (Frame::Line, Self::Inner(_)) => false,
            (Frame::Inner(depth), Self::Inner(own)) => depth <= own,
            (Frame::Inner(_), Self::Own) => true,
            (frame, role) => frame == role.frame(),
        }
    }
}

/// Whether nothing but a row in that role, its entry and the run decide about a condition.
pub(super) fn row_decides(condition: &Condition, role: RowRole) -> bool {
    match condition {
        Condition::All(parts, _) | Condition::Any(parts, _) | Condition::AnyGiven(parts, _) => {
            parts.iter().all(|part| row_decides(part, role))
        }
        Condition::Not(part, _) => row_decides(part, role),
        Condition::Rows(rows) => {
            let is_near = match rows.range {
                Range::Entry(_) => true,
                Range::Line(_, of) => role.has_row(of),
                Range::Declared | Range::Entries => false,
            };
            is_near
                && is_constant_quantifier(&rows.quantifier)
                && rows.filter.as_deref().is_none_or(|filter| row_decides(filter, role.inside()))
        }
        Condition::Test(test) => {
            // The rows of the entry share it; other rows of the declaration do not.
            let mut decides = !test.predicate.is_of_place()
                || matches!(test.predicate, Predicate::Consistent | Predicate::Readable);
            test.reads(&mut |read| {
                decides &= match read {
                    Dependency::Cell(column)
                    | Dependency::Readability(column)
                    | Dependency::Rows(column)
                    | Dependency::Line(column) => role.has(column),
                    Dependency::Figure(_, Frame::Entry) => true,
                    Dependency::Figure(_, frame) => role.has_row(frame),
                    Dependency::Entry
                    | Dependency::Account(_)
                    | Dependency::Exported(_)
                    | Dependency::WholeFile(..) => true,
                    Dependency::Declaration(_) | Dependency::Written(_) => false,
                };
            });
            decides
        }
    }
}

/// How many rows one core takes at a time.
const CHUNK_ROWS: usize = 4096;

/// Consecutive rows of a table, each in that role.
struct RowsInRole<'t> {
    table: &'t Table,
    role: RowRole,
    /// The first row, and how many follow it.
    first: usize,
    count: usize,
}

impl Places for RowsInRole<'_> {
    fn len(&self) -> usize {
        self.count
    }

    fn ask<T>(&self, at: usize, ask: impl FnOnce(Scope<'_>) -> T) -> T {
        let row = self.first + at;
        self.role.take(self.table.rows[row].entry, row as u32, ask)
    }

    fn answers(&self, cells: &Cells<'_>) -> Option<impl Iterator<Item = Truth>> {
        cells.answers_from(self.first, self.table, self.role.frame())
    }
}

impl Bound<'_> {
    /// For each row of a table in that role, whether the condition is true.
    pub(super) fn of_rows(&self, context: &Context<'_>, table: &Table, role: RowRole) -> Vec<Truth> {
        let mut truths = vec![Truth::True; table.rows.len()];
        truths.par_chunks_mut(CHUNK_ROWS).enumerate().for_each(|(at, truths)| {
            let rows = RowsInRole { table, role, first: at * CHUNK_ROWS, count: truths.len() };
            self.narrow(context, &rows, false, truths);
        });
        truths
    }
}
