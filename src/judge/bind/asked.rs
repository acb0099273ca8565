//! Tests in which only one column varies, but which has many distinct cells: a cell is asked about when a row that
//! has it is, and its answer remembered for the other rows.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::judge::Context;
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{ColumnRef, Condition, Test};

/// A test whose answer for a cell is remembered.
pub struct AskedCells<'a> {
    /// The test, as a condition.
    pub(super) condition: &'a Condition,
    test: &'a Test,
    column: ColumnRef,
    /// For each row, or for each entry, the dictionary index.
    cells: &'a [u32],
    /// What was answered for each cell.
    answers: Box<[AnsweredCell]>,
}

impl<'a> AskedCells<'a> {
    pub(super) fn new(
        condition: &'a Condition,
        test: &'a Test,
        column: ColumnRef,
        cells: &'a [u32],
        distinct: usize,
    ) -> Self {
        let answers = (0..distinct).map(|_| AnsweredCell::default()).collect();
        Self { condition, test, column, cells, answers }
    }

    pub(super) fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        let ask = || context.test(self.test, scope);
        let cell = scope.index(self.column.of).and_then(|at| self.cells.get(at));
        match cell.and_then(|cell| self.answers.get(*cell as usize)) {
            Some(answered) => answered.get_or(ask),
            None => ask(),
        }
    }
}

/// An answer, once there is one. Two threads that compute it at the same time get the same value.
#[derive(Debug, Default)]
struct AnsweredCell(AtomicU8);

impl AnsweredCell {
    fn get_or(&self, ask: impl FnOnce() -> Truth) -> Truth {
        match self.0.load(Ordering::Relaxed) {
            1 => Truth::False,
            2 => Truth::Unknown,
            3 => Truth::True,
            _ => {
                let truth = ask();
                let code = match truth {
                    Truth::False => 1,
                    Truth::Unknown => 2,
                    Truth::True => 3,
                };
                self.0.store(code, Ordering::Relaxed);
                truth
            }
        }
    }
}
