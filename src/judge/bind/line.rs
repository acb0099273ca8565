//! Quantifiers over the rows of the same line as another row: what they say is the same for all
//! rows of a line, so it is found once for each line. An entry may have thousands of rows.

use std::sync::Arc;

use hashbrown::HashMap;

use super::bound::Bound;
use super::by_row::{Seat, row_decides};
use super::constants::{all, is_constant_quantifier};
use crate::judge::Context;
use crate::judge::cause::{Cause, push, push_kind};
use crate::judge::lines::Lines;
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{
    ColumnRef, Condition, Frame, Operand, Predicate, Quantifier, RowsCondition, Subject, Test,
};
use crate::table::value::Reading;
use crate::table::{EntryId, Table};

/// A quantifier over the rows of the same line as another row.
pub struct SameLine<'a> {
    lines: &'a Lines,
    /// The other row, seen from inside the quantifier.
    other: Frame,
    /// The table's line column.
    line: ColumnRef,
    /// For each row of the table what the quantifier says where that is the other row.
    answers: Arc<[Truth]>,
    causes: Open,
}

/// For each line that leaves it open why, by the line's first row.
type Open = HashMap<u32, Vec<Cause>>;

impl SameLine<'_> {
    /// The other row, where there is one.
    pub(super) fn other_row(&self, scope: Scope<'_>) -> Option<u32> {
        scope.row_outside(self.other)
    }

    pub(super) fn truth(&self, scope: Scope<'_>) -> Option<Truth> {
        self.answers.get(self.other_row(scope)? as usize).copied()
    }

    /// Why it cannot be told for the line of a row.
    pub(super) fn causes(&self, context: &Context<'_>, table: &Table, row: u32, causes: &mut Vec<Cause>) {
        match self.lines.same(row) {
            Some(same) => {
                let known = self.causes.get(&same[0]).into_iter().flatten();
                known.for_each(|cause| push(causes, *cause));
            }
            None => push(causes, context.line_cause(table, self.line, row)),
        }
    }
}

impl<'a> Context<'a> {
    /// Binds a quantifier whose filter asks, among other things, for the line of another row of the
    /// table.
    pub(super) fn bind_line(
        &'a self,
        condition: &'a RowsCondition,
        table: &'a Table,
    ) -> Option<SameLine<'a>> {
        let id = condition.table;
        let number = self.input.tables.schemas[id.0].line?;
        let parts = match condition.filter.as_deref()? {
            Condition::All(parts, _) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let is_line = |column: &ColumnRef| column.table == id && usize::from(column.column) == number;
        let (at, other) = parts.iter().enumerate().find_map(|(at, part)| {
            let (a, b) = same_column(part).filter(|(a, b)| is_line(a) && is_line(b))?;
            match (a.of, b.of) {
                (Frame::Inner(0), other @ (Frame::Own | Frame::Inner(1..)))
                | (other @ (Frame::Own | Frame::Inner(1..)), Frame::Inner(0)) => Some((at, other)),
                _ => None,
            }
        })?;
        let line = ColumnRef { table: id, column: number as u16, of: other };
        let rest: Vec<&Condition> =
            parts.iter().enumerate().filter(|(part, _)| *part != at).map(|(_, part)| part).collect();
        // What is known to have no line is on no line, not perhaps on any.
        let numbers = &table.columns.get(number)?.dictionary;
        if numbers.iter().any(|cell| cell.reading == Reading::Nothing)
            || self.column(id, line.column).optional
            || !is_constant_quantifier(&condition.quantifier)
            || !rest.iter().all(|part| row_decides(part, Seat::Inner(0)))
        {
            return None;
        }
        let rest = all(rest.into_iter().map(|part| self.bind(part)).collect());
        let (answers, causes) = self.answer_lines(&condition.quantifier, &rest, table, line)?;
        self.answered.keep_line(condition.place, other, answers.clone());
        Some(SameLine { lines: self.lines(id)?, other, line, answers, causes })
    }

    /// For each row what a quantifier says of the rows on its line for which the `rest` of the
    /// filter holds; and why, where that leaves it open.
    fn answer_lines(
        &'a self,
        quantifier: &'a Quantifier,
        rest: &Bound<'a>,
        table: &'a Table,
        line: ColumnRef,
    ) -> Option<(Arc<[Truth]>, Open)> {
        let truths = rest.of_rows(self, table, Seat::Inner(0));
        let rest_of = |row: &u32| truths[*row as usize];
        let lines = self.lines(line.table)?;
        let mut answers = vec![Truth::False; table.rows.len()];
        let mut causes = Open::new();
        let counts = matches!(quantifier, Quantifier::Count(_));
        for entry in (0..self.input.entries.len()).map(|entry| EntryId(entry as u32)) {
            let rows = table.rows_of(entry);
            let untold = lines.untold(table, entry);
            let says = |same: &[u32], perhaps: usize| {
                // All others fail alike, and all that perhaps belong to the line count alike.
                let others = (rows.len() > same.len() + perhaps).then_some(Truth::False);
                let perhaps =
                    std::iter::repeat_n(Truth::Unknown, if counts { perhaps } else { perhaps.min(1) });
                let truths = same.iter().map(rest_of).chain(perhaps).chain(others);
                let scope = Scope { entry: Some(entry), ..Scope::file(u32::MAX) };
                self.quantified(quantifier, truths, &scope)
            };
            let perhaps = untold.iter().filter(|row| rest_of(row) != Truth::False).count();
            for same in lines.of_entry(table, entry) {
                let answer = says(same, perhaps);
                same.iter().for_each(|row| answers[*row as usize] = answer);
                if answer == Truth::Unknown {
                    let mut why = Vec::new();
                    for row in untold.iter().filter(|row| rest_of(row) != Truth::False) {
                        push_kind(&mut why, self.line_cause(table, line, *row));
                    }
                    for row in same.iter().chain(untold).filter(|row| rest_of(row) == Truth::Unknown) {
                        let mut own = Vec::new();
                        Seat::Inner(0).take(Some(entry), *row, |scope| rest.causes(self, scope, &mut own));
                        own.into_iter().for_each(|cause| push_kind(&mut why, cause));
                    }
                    causes.insert(same[0], why);
                }
            }
            // A row whose line cannot be told may be on the same line as any.
            let any = rows.clone().filter(|row| truths[*row] != Truth::False).count();
            let answer = says(&[], any);
            untold.iter().for_each(|row| answers[*row as usize] = answer);
        }
        Some((answers.into(), causes))
    }
}

/// The two columns that a test asks to be the same.
fn same_column(condition: &Condition) -> Option<(&ColumnRef, &ColumnRef)> {
    match condition {
        Condition::Test(Test {
            subject: Subject::Operand(Operand::Column(a)),
            predicate: Predicate::OneOf { values, negated: false },
            ..
        }) => match values.as_slice() {
            [Operand::Column(b)] => Some((a, b)),
            _ => None,
        },
        _ => None,
    }
}
