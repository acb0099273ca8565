//! Quantifiers over the rows of a line: their truth is the same for all rows of the line, so it is computed
//! once for each line. An entry may have thousands of rows.

use std::sync::Arc;

use hashbrown::HashMap;

use super::bound::Bound;
use super::by_row::{RowRole, row_decides};
use super::constants::is_constant_quantifier;
use crate::judge::Context;
use crate::judge::cause::{Cause, push_kind};
use crate::judge::lines::Lines;
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{Frame, Quantifier, Range, RowsCondition};
use crate::table::{CellRef, EntryId, Table, TableId};

/// A quantifier over the rows of the same line as another row.
pub struct SameLine<'a> {
    lines: &'a Lines,
    /// The other row, seen from outside the quantifier.
    other: Frame,
    /// For each row of the table the truth of the quantifier where that is the other row.
    answers: Arc<[Truth]>,
    causes: OpenLines,
}

/// For each line that leaves it open why, by the line's first row.
type OpenLines = HashMap<u32, Vec<Cause>>;

impl SameLine<'_> {
    /// The other row, where there is one.
    pub(super) fn other_row(&self, scope: Scope<'_>) -> Option<u32> {
        scope.row(self.other)
    }

    pub(super) fn truth(&self, scope: Scope<'_>) -> Option<Truth> {
        self.answers.get(self.other_row(scope)? as usize).copied()
    }

    /// Why it is unknown for the line of a row, where that line is known.
    pub(super) fn causes(&self, row: u32) -> Option<&[Cause]> {
        let first = self.lines.same(row)?.first()?;
        Some(self.causes.get(first).map_or(&[], Vec::as_slice))
    }
}

impl<'a> Context<'a> {
    /// Binds a quantifier over the rows of a line, where nothing but the row decides about its filter.
    pub(super) fn bind_line(
        &'a self,
        condition: &'a RowsCondition,
        filter: Option<&Bound<'a>>,
        table: &'a Table,
    ) -> Option<SameLine<'a>> {
        let Range::Line(id, other) = condition.range else { return None };
        let decides = |filter: &crate::rules::model::Condition| row_decides(filter, RowRole::Inner(0));
        if !is_constant_quantifier(&condition.quantifier) || !condition.filter.as_deref().is_none_or(decides)
        {
            return None;
        }
        let always = Bound::Constant(Truth::True, Vec::new());
        let (answers, causes) =
            self.answer_lines(&condition.quantifier, filter.unwrap_or(&always), table, id)?;
        self.answered.keep_line(condition.place, other, answers.clone());
        Some(SameLine { lines: self.lines(id)?, other, answers, causes })
    }

    /// For each row the truth of a quantifier over the rows on its line for which the filter is true; and
    /// why, where that leaves it open.
    fn answer_lines(
        &'a self,
        quantifier: &'a Quantifier,
        filter: &Bound<'a>,
        table: &'a Table,
        id: TableId,
    ) -> Option<(Arc<[Truth]>, OpenLines)> {
        let truths = filter.of_rows(self, table, RowRole::Inner(0));
        let is_doubtful = |row: &u32| table.rows[*row as usize].doubtful;
        // Whether it is a row of the entry at all is not known, nor how many it stands for.
        let of_row = |row: &u32| if is_doubtful(row) { Truth::Unknown } else { truths[*row as usize] };
        let key = self.input.tables.schemas[id.index()].key.unwrap_or(0) as u16;
        let lines = self.lines(id)?;
        let mut answers = vec![Truth::False; table.rows.len()];
        let mut causes = OpenLines::new();
        let counts = matches!(quantifier, Quantifier::Count(_));
        let is_open = |truth: Truth| quantifier.perhaps(truth) == Truth::Unknown;
        for entry in (0..self.input.entries.len()).map(|entry| EntryId(entry as u32)) {
            let rows = table.rows_of(entry);
            let without_line = lines.without_line(table, entry);
            let says = |same: &[u32], perhaps: usize| {
                // All that perhaps belong to the line count alike.
                let perhaps =
                    std::iter::repeat_n(Truth::Unknown, if counts { perhaps } else { perhaps.min(1) });
                let scope = Scope { entry: Some(entry), ..Scope::file(u32::MAX) };
                self.quantified(quantifier, same.iter().map(of_row).chain(perhaps), &scope)
            };
            let perhaps = without_line.iter().filter(|row| is_open(of_row(row))).count();
            for same in lines.of_entry(table, entry) {
                let answer = says(same, perhaps);
                same.iter().for_each(|row| answers[*row as usize] = answer);
                if answer == Truth::Unknown {
                    let mut why = Vec::new();
                    for row in without_line.iter().filter(|row| is_open(of_row(row)) && !is_doubtful(row)) {
                        push_kind(&mut why, self.line_cause_of(id, *row));
                    }
                    for row in same.iter().chain(without_line).filter(|row| of_row(row) == Truth::Unknown) {
                        let mut own = Vec::new();
                        if is_doubtful(row) {
                            push_kind(
                                &mut why,
                                Cause::Unreadable(CellRef { table: id, row: *row, column: key }),
                            );
                            continue;
                        }
                        RowRole::Inner(0)
                            .take(Some(entry), *row, |scope| filter.causes(self, scope, &mut own));
                        own.into_iter().for_each(|cause| push_kind(&mut why, cause));
                    }
                    causes.insert(same[0], why);
                }
            }
            // A row whose line is unknown may be on the same line as any.
            let any = rows.clone().filter(|row| is_open(of_row(&(*row as u32)))).count();
            let answer = says(&[], any);
            without_line.iter().for_each(|row| answers[*row as usize] = answer);
        }
        Some((answers.into(), causes))
    }
}
