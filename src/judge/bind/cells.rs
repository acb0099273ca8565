//! Tests that the cell of one column decides: answered once for each distinct cell of the column, so that
//! evaluating an entry is an array look-up.

use std::sync::Arc;

use super::asked::AskedCells;
use super::bound::Bound;
use crate::judge::Context;
use crate::judge::agreed::{CONFLICT, MARKS, NO_ROWS, NOTHING, mark_index};
use crate::judge::cause::{Cause, push};
use crate::judge::evaluate::{Tested, compare};
use crate::judge::operand::Got;
use crate::judge::scope::{Inner, Scope};
use crate::judge::truth::Truth;
use crate::rules::model::Dependency;
use crate::rules::model::{ColumnRef, Condition, Frame, Operand, Predicate, Test};
use crate::table::value::Cell;
use crate::table::{CellRef, ColumnCells, EntryId, Table};

/// A test of a column, answered for each of its distinct cells.
pub struct Cells<'a> {
    column: ColumnRef,
    /// For each row the dictionary index; for entry-level columns for each entry.
    cells: &'a [u32],
    dictionary: &'a [Cell],
    answers: Arc<[Truth]>,
    /// The answers where there is no cell, by [`mark_index`].
    marks: [Truth; MARKS],
    /// What is missing on the other side of the test, whatever the cell.
    lacking: Option<Cause>,
    /// The test, where the column is not its subject.
    within: Option<&'a Condition>,
}

impl Cells<'_> {
    pub(super) fn truth(&self, scope: Scope<'_>) -> Truth {
        match scope.index(self.column.of).and_then(|at| self.cells.get(at)) {
            Some(&cell) => self.answer(cell),
            None => Truth::Unknown,
        }
    }

    pub(super) fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        match self.within {
            None => push(causes, self.cause(context, scope)),
            Some(condition) => {
                let lacking = context.explain(condition, scope).all_causes();
                lacking.into_iter().for_each(|cause| push(causes, cause));
            }
        }
    }

    /// The answer for each row of its table from the `first` on, where the column's frame is `of`.
    pub(super) fn answers_from(
        &self,
        first: usize,
        table: &Table,
        of: Frame,
    ) -> Option<impl Iterator<Item = Truth>> {
        let of_rows = self.column.of == of && self.cells.len() == table.rows.len();
        of_rows.then(|| self.cells[first..].iter().map(|cell| self.answer(*cell)))
    }

    pub(super) fn negated(mut self) -> Self {
        Arc::make_mut(&mut self.answers).iter_mut().for_each(|answer| *answer = !*answer);
        self.marks = self.marks.map(|answer| !answer);
        self
    }

    /// The answer for a cell, or the mark for one.
    fn answer(&self, cell: u32) -> Truth {
        match self.answers.get(cell as usize) {
            Some(answer) => *answer,
            None => mark_index(cell).map_or(Truth::Unknown, |mark| self.marks[mark]),
        }
    }

    fn cause(&self, context: &Context<'_>, scope: Scope<'_>) -> Cause {
        let ColumnRef { table, column, .. } = self.column;
        let Some(at) = scope.index(self.column.of) else { return Cause::NotDeclared };
        match self.cells.get(at) {
            None if self.cells.is_empty() => Cause::NoColumn(table, column),
            None => Cause::NotDeclared,
            Some(&ColumnCells::MISSING) => Cause::NoColumn(table, column),
            Some(&CONFLICT) => Cause::Conflict(table, column),
            Some(&NO_ROWS) => Cause::NoRows(table),
            Some(&cell) => {
                let row = match (self.column.of, scope.entry) {
                    (Frame::Entry, Some(entry)) => {
                        context.input.tables.get(table).map_or(0, |table| table.rows_of(entry).start) as u32
                    }
                    _ => at as u32,
                };
                let place = CellRef { table, row, column };
                self.dictionary
                    .get(cell as usize)
                    .and_then(|cell| Cause::of_cell(cell, place))
                    .or(self.lacking)
                    .unwrap_or(Cause::Computed)
            }
        }
    }
}

/// Up to how many distinct cells a test is answered for all of them at once, however many rows there are. Few
/// in unit tests, so that they take both ways.
const FEW_CELLS: usize = if cfg!(test) { 2 } else { 1024 };

impl<'a> Context<'a> {
    /// Binds a test of a column against what is the same for everything.
    pub(super) fn bind_cells(
        &'a self,
        condition: &'a Condition,
        test: &'a Test,
        column: ColumnRef,
    ) -> Bound<'a> {
        let Some(table) = self.input.tables.get(column.table) else {
            return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(column.table)]);
        };
        let Some((data, cells)) = self.cells_of(table, column) else { return Bound::Test(condition, test) };
        // Entries without a row may be in the table or not, and those left out are on no declaration.
        let is_row = match column.of {
            Frame::Entry => false,
            Frame::Declared => !self.input.left_out,
            Frame::File | Frame::Own | Frame::Inner(_) | Frame::Line => true,
        };
        if cells.is_empty() && is_row {
            let cause = Cause::NoColumn(column.table, column.column);
            return Bound::Constant(Truth::Unknown, vec![cause]);
        }
        let schema = self.column(column.table, column.column);
        let scope = Scope::file(u32::MAX);
        // What all cells are compared with is found once.
        let other = match &test.predicate {
            Predicate::Compare(comparison, other) => Some((*comparison, self.value(other, &scope))),
            _ => None,
        };
        let answer = |tested: Tested<'a>| match &other {
            Some((comparison, other)) => compare(&tested.got(), *comparison, other),
            None => self.answer(&test.predicate, &tested, &scope),
        };
        let mut marks = [Truth::Unknown; MARKS];
        marks[(u32::MAX - NOTHING) as usize] = answer(Tested::Value(Got::Nothing));
        self.fold(Cells {
            column,
            cells,
            dictionary: &data.dictionary,
            answers: self.answered.of_column(column, &test.predicate, || {
                data.dictionary.iter().map(|cell| answer(Tested::Cell(cell, schema))).collect()
            }),
            marks,
            lacking: self.lacking(&test.predicate),
            within: None,
        })
    }

    /// Binds a test in which only one column varies, wherever it is: each of its cells is
    /// asked once, in a row that has it.
    pub(super) fn bind_within(&'a self, condition: &'a Condition, test: &'a Test) -> Bound<'a> {
        let found = only_column(test).and_then(|column| {
            let (data, cells) = self.cells_of(self.input.tables.get(column.table)?, column)?;
            Some((column, data, cells))
        });
        let Some((column, data, cells)) = found else {
            let several = self.bind_several(condition, test);
            return several.map_or(Bound::Test(condition, test), Bound::Several);
        };
        let distinct = data.dictionary.len();
        if distinct > FEW_CELLS && distinct * 4 > cells.len() {
            // Where each row has a cell of its own, to remember its truth saves nothing.
            return match distinct < cells.len() {
                true => Bound::Asked(AskedCells::new(condition, test, column, cells, distinct)),
                false => Bound::Test(condition, test),
            };
        }
        let mut answers: Vec<Option<Truth>> = vec![None; data.dictionary.len()];
        let mut marks = [None; MARKS];
        for (at, cell) in cells.iter().enumerate() {
            let answer = match mark_index(*cell) {
                Some(mark) => &mut marks[mark],
                None => &mut answers[*cell as usize],
            };
            answer.get_or_insert_with(|| scope_at(column.of, at as u32, |scope| self.test(test, scope)));
        }
        self.fold(Cells {
            column,
            cells,
            dictionary: &data.dictionary,
            // Cells that no row has are never asked about.
            answers: answers.into_iter().map(|answer| answer.unwrap_or(Truth::Unknown)).collect(),
            marks: marks.map(|answer| answer.unwrap_or(Truth::Unknown)),
            lacking: None,
            within: Some(condition),
        })
    }

    /// A column's cells: for each row, or for each entry where all its rows are meant.
    pub(super) fn cells_of(
        &'a self,
        table: &'a Table,
        column: ColumnRef,
    ) -> Option<(&'a ColumnCells, &'a [u32])> {
        let data = table.columns.get(usize::from(column.column))?;
        let cells = match column.of {
            Frame::Entry => self.agreed.get(&(column.table, column.column))?.as_slice(),
            _ => data.cells.as_slice(),
        };
        Some((data, cells))
    }

    /// A test as a constant, where nothing varies, not even who is in the table.
    fn fold(&self, cells: Cells<'a>) -> Bound<'a> {
        let answer = |cell| cells.answer(cell);
        // Whether there is a cell, or a mark for one, for everything that is asked about.
        let complete = match cells.column.of {
            Frame::Entry => self.all_are_entries,
            Frame::Declared => !self.input.left_out,
            Frame::File | Frame::Own | Frame::Inner(_) | Frame::Line => true,
        };
        let Some(first) = cells.cells.first().copied().filter(|_| complete) else {
            return Bound::Cells(cells);
        };
        let truth = answer(first);
        if truth != Truth::Unknown {
            let same = cells.cells.iter().all(|cell| answer(*cell) == truth);
            return if same { Bound::Constant(truth, Vec::new()) } else { Bound::Cells(cells) };
        }
        // Unknown answers are equal where the same is missing.
        let Cells { column: ColumnRef { table, column, .. }, .. } = cells;
        let mut causes = Vec::new();
        if first == ColumnCells::MISSING && cells.within.is_none() {
            causes.push(Cause::NoColumn(table, column));
        }
        if cells.dictionary.iter().all(Cell::is_read) {
            causes.extend(cells.lacking);
        }
        let same = |cell: &u32| match first {
            ColumnCells::MISSING => *cell == first,
            _ => mark_index(*cell).is_none() && answer(*cell) == truth,
        };
        if !causes.is_empty() && cells.cells.iter().all(same) {
            Bound::Constant(truth, causes)
        } else {
            Bound::Cells(cells)
        }
    }

    /// What is missing on a predicate's own side: a field of the account that the user did not set.
    pub(super) fn lacking(&self, predicate: &Predicate) -> Option<Cause> {
        predicate.operands().iter().find_map(|value| match value {
            Operand::Account(field) if self.account(*field).is_none() => Some(Cause::NoAccount(*field)),
            _ => None,
        })
    }

    /// Whether a predicate compares with nothing but fields of the account that the user did not
    /// set.
    pub(super) fn lacks_all(&self, predicate: &Predicate) -> bool {
        let values = predicate.operands();
        !values.is_empty()
            && values
                .iter()
                .all(|value| matches!(value, Operand::Account(field) if self.account(*field).is_none()))
    }
}

/// The column that decides about a test alone: all else in it is the same for everything.
fn only_column(test: &Test) -> Option<ColumnRef> {
    let (mut only, mut alone) = (None, !test.predicate.is_of_place());
    test.reads(&mut |read| match read {
        Dependency::Cell(ColumnRef { of: Frame::Line, .. }) => alone = false,
        Dependency::Cell(column) => alone &= *only.get_or_insert(column) == column,
        Dependency::Account(_) => {}
        Dependency::Entry
        | Dependency::Readability(_)
        | Dependency::Rows(_)
        | Dependency::Line(_)
        | Dependency::Declaration(_)
        | Dependency::Exported(_)
        | Dependency::Written(_)
        | Dependency::WholeFile(..)
        | Dependency::Figure(..) => alone = false,
    });
    only.filter(|_| alone)
}

/// Asks about a scope in which a column of that frame is the cell of a row (or of an entry, a
/// file).
fn scope_at<T>(frame: Frame, at: u32, ask: impl FnOnce(Scope<'_>) -> T) -> T {
    let nowhere = Scope::file(u32::MAX);
    match frame {
        Frame::File => ask(Scope::file(at)),
        Frame::Declared => ask(Scope { declared: Some(at), ..nowhere }),
        Frame::Entry => ask(Scope { entry: Some(EntryId(at)), ..nowhere }),
        Frame::Own | Frame::Line => ask(Scope { own: Some(at), ..nowhere }),
        // Whatever the quantifiers inside look at, nothing of it is asked.
        Frame::Inner(depth) => at_depth(Inner { row: at, outer: None }, depth, ask),
    }
}

fn at_depth<T>(inner: Inner<'_>, depth: u8, ask: impl FnOnce(Scope<'_>) -> T) -> T {
    if depth > 0 {
        return at_depth(Inner { row: inner.row, outer: Some(&inner) }, depth - 1, ask);
    }
    ask(Scope { inner: Some(&inner), ..Scope::file(u32::MAX) })
}
