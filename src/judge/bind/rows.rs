//! Quantifiers over rows: those that a table has for the entry, those of a line, those of a file.

use std::sync::{Arc, Mutex, PoisonError};

use super::bound::Bound;
use super::by_row::{RowRole, row_decides};
use super::line::SameLine;
use crate::judge::Context;
use crate::judge::cause::{Cause, push, push_kind};
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{Condition, Range, RowsCondition};
use crate::table::{CellRef, EntryId, Table};

/// How many causes are collected one by one; after that only those of a new kind.
const MAX_LIKE_CAUSES: usize = 64;

/// A quantifier over rows.
pub struct RowQuantifier<'a> {
    /// What is asked.
    condition: &'a RowsCondition,
    table: &'a Table,
    /// For which rows.
    filter: Option<Box<Bound<'a>>>,
    /// Where it looks at the rows of one line.
    line: Option<Box<SameLine<'a>>>,
    /// The truth of the filter for each row of the table, where nothing but the row decides.
    by_row: Option<Arc<[Truth]>>,
    /// What is missing in the rows of the last entry that was asked about, where nothing but the row decides,
    /// or all are looked at because a row's line is unknown: many rows of it may ask.
    lacking: Mutex<Option<(EntryId, Vec<Cause>)>>,
}

impl<'a> Context<'a> {
    /// Binds a quantifier, in the way that answers it fastest.
    pub(super) fn bind_rows(&'a self, condition: &'a RowsCondition) -> Bound<'a> {
        let id = condition.range.table();
        let Some(table) = self.input.tables.get(id) else {
            return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(id)]);
        };
        let filter = condition.filter.as_deref().map(|filter| (filter, Box::new(self.bind(filter))));
        let line = self.bind_line(condition, filter.as_ref().map(|(_, bound)| &**bound), table).map(Box::new);
        let by_row = match (&filter, condition.range) {
            (Some((filter, bound)), Range::Entry(_)) if row_decides(filter, RowRole::Inner(0)) => {
                let answer = || bound.of_rows(self, table, RowRole::Inner(0));
                // A strict copy has the same place, and asks for all sources where the rule takes any.
                Some(match asks_any_given(filter) {
                    true => answer().into(),
                    false => self.answered.of_rows(condition.place, answer),
                })
            }
            _ => None,
        };
        let filter = filter.map(|(_, bound)| bound);
        Bound::Rows(RowQuantifier { condition, table, filter, line, by_row, lacking: Mutex::default() })
    }
}

/// Whether a condition takes evidence from any of several sources.
fn asks_any_given(condition: &Condition) -> bool {
    let mut found = false;
    condition.walk(&mut |part| found |= matches!(part, Condition::AnyGiven(..)));
    found
}

impl RowQuantifier<'_> {
    pub(super) fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        let Self { condition, table, filter, line, by_row, .. } = self;
        if context.too_many_rows(condition.range, &scope).is_some() {
            return Truth::Unknown;
        }
        if let Some((truths, entry)) = by_row.as_ref().zip(scope.entry) {
            let rows = table.rows_of(entry);
            if rows.is_empty() && context.absent_members(condition.range) {
                return Truth::Unknown;
            }
            if let Some(truths) = truths.get(rows.clone()) {
                let truths = truths.iter().copied();
                return match rows.clone().next_back().filter(|last| table.rows[*last].doubtful) {
                    None => context.quantified(&condition.quantifier, truths, &scope),
                    Some(_) => {
                        let certain = truths.take(rows.len() - 1);
                        context.quantified(&condition.quantifier, certain.chain([Truth::Unknown]), &scope)
                    }
                };
            }
        }
        if let Some(answer) = line.as_ref().and_then(|line| line.truth(scope)) {
            return answer;
        }
        context.rows(condition, scope, |_, scope| {
            filter.as_ref().map_or(Truth::True, |filter| filter.truth(context, scope))
        })
    }

    pub(super) fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        let Self { condition, table, filter, line, by_row, lacking } = self;
        if let Some(known) = line.as_ref().and_then(|line| line.causes(line.other_row(scope)?)) {
            return known.iter().for_each(|cause| push(causes, *cause));
        }
        let members = match context.members(condition.range, &scope) {
            Ok(members) => members,
            Err(cause) => return push(causes, cause),
        };
        if members.len() == 0 {
            return push(causes, Cause::NoRows(condition.range.table()));
        }
        let known = || lacking.lock().unwrap_or_else(PoisonError::into_inner);
        // A row whose line is unknown may be on the same line as any: the same is missing for all such rows
        // of an entry.
        let other = line.as_ref().and_then(|line| line.other_row(scope));
        let lines = context.lines(condition.range.table());
        let is_untold = other.zip(lines).is_some_and(|(row, lines)| lines.same(row).is_none());
        let remembers = by_row.is_some() || is_untold;
        if let Some((of, known)) = known().as_ref()
            && remembers
            && Some(*of) == scope.entry
        {
            return known.iter().for_each(|cause| push(causes, *cause));
        }
        let mut found = Vec::new();
        let id = condition.range.table();
        let key = context.input.tables.schemas[id.index()].key.unwrap_or(0) as u16;
        for member in members.iter() {
            if table.rows[member.row as usize].doubtful {
                push(&mut found, Cause::Unreadable(CellRef { table: id, row: member.row, column: key }));
                continue;
            }
            let inner = member.inner(scope);
            let inside = member.scope(scope, &inner);
            let truth = filter.as_ref().map_or(Truth::True, |filter| filter.truth(context, inside));
            if !member.certain && condition.quantifier.perhaps(truth) == Truth::Unknown {
                push_kind(&mut found, context.uncertain(condition.range, member, scope));
            }
            if let (Truth::Unknown, Some(filter)) = (truth, filter) {
                let mut of_row = Vec::new();
                filter.causes(context, inside, &mut of_row);
                // Of many rows for which the same is missing, a few are enough.
                let add = if found.len() < MAX_LIKE_CAUSES { push } else { push_kind };
                of_row.into_iter().for_each(|cause| add(&mut found, cause));
            }
        }
        found.iter().for_each(|cause| push(causes, *cause));
        if let Some(entry) = scope.entry.filter(|_| remembers) {
            *known() = Some((entry, found));
        }
    }
}
