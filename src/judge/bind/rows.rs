//! Quantifiers over the rows that a table has for the entry.

use super::bound::Bound;
use super::by_row::{Seat, row_decides};
use super::line::SameLine;
use crate::judge::Context;
use crate::judge::cause::{Cause, push};
use crate::judge::scope::{Inner, Scope};
use crate::judge::truth::Truth;
use crate::rules::model::RowsCondition;
use crate::table::{CellRef, Table};

/// A quantifier over the rows that a table has for the entry.
pub struct Rows<'a> {
    /// What is asked.
    condition: &'a RowsCondition,
    table: &'a Table,
    /// For which rows.
    filter: Option<Box<Bound<'a>>>,
    /// Where the filter asks for the rows of one line.
    line: Option<Box<SameLine<'a>>>,
    /// What the filter says of each row of the table, where nothing but the row decides.
    by_row: Option<Vec<Truth>>,
}

impl<'a> Context<'a> {
    /// Binds a quantifier, in the way that answers it fastest.
    pub(super) fn bind_rows(&'a self, condition: &'a RowsCondition) -> Bound<'a> {
        let Some(table) = self.input.tables.get(condition.table) else {
            return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(condition.table)]);
        };
        let line = self.bind_line(condition, table).map(Box::new);
        let filter = condition.filter.as_deref().map(|filter| (filter, Box::new(self.bind(filter))));
        let by_row = match &filter {
            Some((filter, bound)) if row_decides(filter, Seat::Inner(0)) => {
                Some(bound.of_rows(self, table, Seat::Inner(0)))
            }
            _ => None,
        };
        let filter = filter.map(|(_, bound)| bound);
        Bound::Rows(Rows { condition, table, filter, line, by_row })
    }
}

impl Rows<'_> {
    pub(super) fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        let Self { condition, table, filter, line, by_row } = self;
        let Some(entry) = scope.entry else { return Truth::Unknown };
        let rows = table.rows_of(entry);
        if rows.is_empty() && filter.is_some() && context.absent_is_unknown(condition.table) {
            return Truth::Unknown;
        }
        if let Some(truths) = by_row.as_ref().and_then(|truths| truths.get(rows.clone())) {
            let truths = truths.iter().copied();
            return match rows.clone().next_back().filter(|last| table.rows[*last].doubtful) {
                None => context.quantified(&condition.quantifier, truths, &scope),
                Some(_) => {
                    let certain = truths.take(rows.len() - 1);
                    context.quantified(&condition.quantifier, certain.chain([Truth::Unknown]), &scope)
                }
            };
        }
        if let Some(answer) = line.as_ref().and_then(|line| line.truth(scope)) {
            return answer;
        }
        let truths = rows.map(|row| {
            if table.rows[row].doubtful {
                return Truth::Unknown;
            }
            let inner = Inner { row: row as u32, outer: scope.inner };
            filter.as_ref().map_or(Truth::True, |filter| filter.truth(context, scope.inside(&inner)))
        });
        context.quantified(&condition.quantifier, truths, &scope)
    }

    pub(super) fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        let Self { condition, table, filter, line, .. } = self;
        let Some(entry) = scope.entry else { return push(causes, Cause::NotDeclared) };
        if let Some(line) = line
            && let Some(row) = line.other_row(scope)
        {
            return line.causes(context, table, row, causes);
        }
        let rows = table.rows_of(entry);
        if rows.is_empty() {
            return push(causes, Cause::NoRows(condition.table));
        }
        let key = context.input.tables.schemas[condition.table.0].key.unwrap_or(0) as u16;
        for row in rows {
            if table.rows[row].doubtful {
                push(
                    causes,
                    Cause::Unreadable(CellRef { table: condition.table, row: row as u32, column: key }),
                );
                continue;
            }
            let Some(filter) = filter else { continue };
            let inner = Inner { row: row as u32, outer: scope.inner };
            let scope = scope.inside(&inner);
            if filter.truth(context, scope) == Truth::Unknown {
                filter.causes(context, scope, causes);
            }
        }
    }
}
