//! Why a condition is true, false or unknown: the clauses and cells that decided.

use std::sync::PoisonError;

use super::Context;
use super::bind::{Bound, BoundRule};
use super::cause::{Cause, push, push_kind};
use super::evaluate::Answer;
use super::functions::REMEMBERED;
use super::members::Member;
use super::operand::Got;
use super::scope::{Located, Scope, agree};
use super::truth::Truth;
use crate::rules::model::Dependency;
use crate::rules::model::{
    Aggregate, Argument, ColumnRef, Condition, FigureId, Frame, Operand, Over, Predicate, Quantifier, Range,
    RowsCondition, RuleId, Subject, Test,
};
use crate::source::Place;
use crate::table::{CellRef, ROW, Table, TableId};

/// Whether a condition is true, and why.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Whether it is true.
    pub truth: Truth,
    /// Where the clause is in its rule file.
    pub place: Place,
    /// The cells that the clause itself read.
    pub cells: Vec<CellRef>,
    /// What was missing for it, where it is unknown.
    pub causes: Vec<Cause>,
    /// Its parts, those that were looked at.
    pub parts: Vec<Explained>,
}

impl Explained {
    /// The cells of the clauses that decided, in order, none twice.
    pub fn evidence(&self) -> Vec<CellRef> {
        let mut cells = Vec::new();
        self.collect(&mut cells);
        cells
    }

    fn collect(&self, cells: &mut Vec<CellRef>) {
        for cell in &self.cells {
            if !cells.contains(cell) {
                cells.push(*cell);
            }
        }
        self.parts.iter().for_each(|part| part.collect(cells));
    }

    /// The innermost clauses that decided.
    pub fn deciding(&self) -> Vec<&Self> {
        if self.parts.is_empty() { vec![self] } else { self.parts.iter().flat_map(Self::deciding).collect() }
    }
}

/// What a rule finds about an entry that has no row in the rule's own table.
#[derive(Clone, Debug)]
pub enum WithoutRows {
    /// The rule never applies in this run, whatever the rows.
    NeverApplies,
    /// The table is complete, so its missing rows are no violation.
    Satisfied,
    /// The table must have the entry and does not, or the rule is unknown for every entry.
    Unknown(Vec<Cause>),
}

/// How many rows of a table an explanation shows where none of them decides alone.
const MAX_ROWS_SHOWN: usize = 3;

impl Explained {
    fn of_parts(truth: Truth, place: Place, parts: Vec<Self>) -> Self {
        Self { truth, place, cells: Vec::new(), causes: Vec::new(), parts }
    }

    /// Whether the user provided the tables and columns that it reads.
    pub(super) fn is_given(&self) -> bool {
        self.truth != Truth::Unknown || !self.all_causes().iter().all(Cause::is_not_given)
    }

    /// What was missing, from all clauses that were unknown.
    pub fn all_causes(&self) -> Vec<Cause> {
        let mut causes = self.causes.clone();
        for part in &self.parts {
            for cause in part.all_causes() {
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            }
        }
        causes
    }
}

impl<'a> Answer<'a> for Explained {
    fn all(place: Place, parts: impl Iterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.collect();
        let truth = Truth::all(parts.iter().map(|part| part.truth));
        let deciding = parts.into_iter().filter(|part| part.truth == truth);
        Self::of_parts(truth, place, deciding.collect())
    }

    fn any(place: Place, parts: impl Iterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.collect();
        let truth = Truth::any(parts.iter().map(|part| part.truth));
        let deciding = parts.into_iter().filter(|part| part.truth == truth);
        Self::of_parts(truth, place, deciding.collect())
    }

    fn any_given(place: Place, parts: Vec<Self>) -> Self {
        let truth = Truth::any_given(parts.iter().map(|part| (part.truth, part.is_given())));
        let none_given = !parts.iter().any(Self::is_given);
        let mut deciding: Vec<_> =
            parts.into_iter().filter(|part| part.truth == truth && part.is_given() != none_given).collect();
        deciding.truncate(if none_given { 1 } else { usize::MAX });
        Self::of_parts(truth, place, deciding)
    }

    fn not(place: Place, part: Self) -> Self {
        Self::of_parts(!part.truth, place, vec![part])
    }

    fn rows(context: &Context<'a>, condition: &'a RowsCondition, scope: Scope<'_>) -> Self {
        context.explain_rows(condition, scope)
    }

    fn test(context: &Context<'a>, test: &'a Test, scope: Scope<'_>) -> Self {
        context.explain_test(test, scope)
    }
}

impl<'a> Context<'a> {
    /// What a rule of a table finds about an entry without rows there: the same as an evaluation finds.
    pub fn without_rows(&'a self, rule: RuleId, table: TableId) -> WithoutRows {
        let bound = BoundRule::new(self, rule, &self.input.rules.rules[usize::from(rule.0)]);
        match bound.violated {
            Bound::Constant(Truth::False, _) => WithoutRows::NeverApplies,
            Bound::Constant(Truth::Unknown, causes) => WithoutRows::Unknown(causes),
            _ if self.table(table).is_none() => WithoutRows::Unknown(vec![Cause::NoTable(table)]),
            _ if self.absent_is_unknown(table) => WithoutRows::Unknown(vec![Cause::NoRows(table)]),
            _ => WithoutRows::Satisfied,
        }
    }

    /// Whether a condition is true, with the clauses and cells that decided.
    pub fn explain(&self, condition: &'a Condition, scope: Scope<'_>) -> Explained {
        self.evaluate(condition, scope)
    }

    fn explain_rows(&self, condition: &'a RowsCondition, scope: Scope<'_>) -> Explained {
        let truth = self
            .answered
            .of_line(condition.place, scope)
            .unwrap_or_else(|| self.rows(condition, scope, |filter, scope| self.truth(filter, scope)));
        let mut explained = Explained::of_parts(truth, condition.place, Vec::new());
        let members = match self.members(condition.range, &scope) {
            Ok(members) => members,
            Err(cause) => {
                explained.causes.push(cause);
                return explained;
            }
        };
        let id = condition.range.table();
        if members.len() == 0 && truth == Truth::Unknown {
            explained.causes.push(Cause::NoRows(id));
        }
        // Rows that decide: the ones that match where matching ones were found or counted, else those
        // that fail.
        let wanted = match (&condition.quantifier, truth) {
            (_, Truth::Unknown) => Truth::Unknown,
            (Quantifier::Some, truth) | (Quantifier::Every, truth) => truth,
            (Quantifier::No, truth) => !truth,
            (Quantifier::Count(_), _) => Truth::True,
        };
        let one_is_enough = matches!(
            (&condition.quantifier, wanted),
            (Quantifier::Some | Quantifier::No, Truth::True) | (Quantifier::Every, Truth::False)
        );
        let key = self.input.tables.schemas[id.index()].key.unwrap_or(0) as u16;
        for member in members.iter() {
            if self.table(id).is_some_and(|table| table.rows[member.row as usize].doubtful) {
                if truth == Truth::Unknown {
                    let at = CellRef { table: id, row: member.row, column: key };
                    explained.causes.push(Cause::Unreadable(at));
                    explained.cells.push(at);
                }
                continue;
            }
            let enough = explained.parts.len() + explained.cells.len() >= MAX_ROWS_SHOWN;
            let inner = member.inner(scope);
            let inside = member.scope(scope, &inner);
            let part = condition.filter.as_deref().map(|filter| self.explain(filter, inside));
            let truth = part.as_ref().map_or(Truth::True, |part| part.truth);
            let says = if member.certain { truth } else { condition.quantifier.perhaps(truth) };
            if says != wanted {
                continue;
            }
            if wanted == Truth::Unknown {
                if !member.certain {
                    push_kind(&mut explained.causes, self.uncertain(condition.range, member, scope));
                }
                // Everything that is missing is reported, for however many rows it is missing.
                if enough {
                    let lacking = part.iter().flat_map(Explained::all_causes);
                    lacking.for_each(|cause| push_kind(&mut explained.causes, cause));
                    continue;
                }
            } else if enough {
                break;
            }
            match part {
                Some(part) => explained.parts.push(part),
                None => explained.cells.push(CellRef { table: id, row: member.row, column: key }),
            }
            if one_is_enough {
                break;
            }
        }
        explained
    }

    /// Why it is not known whether a row is one of those meant.
    pub(super) fn uncertain(&self, range: Range, member: Member, scope: Scope<'_>) -> Cause {
        match range {
            Range::Line(id, frame) => {
                let own = scope
                    .row(frame)
                    .filter(|row| self.lines(id).is_none_or(|lines| lines.same(*row).is_none()));
                self.line_cause_of(id, own.unwrap_or(member.row))
            }
            Range::Entry(_) | Range::Declared | Range::Entries => Cause::NotDeclared,
        }
    }

    fn explain_test(&self, test: &'a Test, scope: Scope<'_>) -> Explained {
        let truth = self.test(test, scope);
        let mut explained = Explained::of_parts(truth, test.place, Vec::new());
        match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), predicate) => {
                for column in columns {
                    self.explain_column(*column, predicate, truth, &scope, &mut explained);
                }
            }
            (
                Subject::Operand(Operand::Column(column)),
                predicate @ (Predicate::Consistent | Predicate::Readable),
            ) => {
                self.explain_column(*column, predicate, truth, &scope, &mut explained);
            }
            (Subject::Operand(operand), predicate) => {
                test.reads(&mut |read| self.explain_read(read, &scope, &mut explained));
                if let (Predicate::Unique(within), Truth::False) = (predicate, truth)
                    && let (Operand::Column(column), Some(row)) = (operand, scope.declared)
                    && let Some(first) = self.first_of(*within, row)
                {
                    explained.cells.push(CellRef { table: ROW, row: first, column: column.column });
                }
            }
        }
        if truth != Truth::Unknown {
            explained.causes.clear();
        } else if explained.causes.is_empty() {
            let cause = self.unlisted(test, &scope).unwrap_or(Cause::Computed);
            explained.causes.push(cause);
        }
        explained
    }

    /// The cause of a test that asks a code list for a code that it does not have, or whose cell there is
    /// blank.
    fn unlisted(&self, test: &'a Test, scope: &Scope<'_>) -> Option<Cause> {
        let subject = match &test.subject {
            Subject::Operand(operand) => Some(operand),
            Subject::Columns(_) => None,
        };
        subject.into_iter().chain(test.predicate.operands()).find_map(|operand| {
            let Operand::Call(call) = operand else { return None };
            let [Argument::ListColumn(list, column), Argument::Value(of)] = call.arguments.as_slice() else {
                return None;
            };
            let Operand::Column(code) = of else { return None };
            let Located::Cell(_, cell) = self.locate(*code, scope) else { return None };
            let (Got::Val(code), Got::Unknown) = (self.value(of, scope), self.value(operand, scope)) else {
                return None;
            };
            let is_listed = !self.input.rules.code_lists[*list].rows_for(&code.code()).is_empty();
            let cells = self.table(cell.table)?.columns.get(usize::from(cell.column))?;
            let text = *cells.cells.get(cell.row as usize)?;
            Some(Cause::Unlisted {
                cell,
                text,
                list: *list as u32,
                blank: is_listed.then_some(*column as u16),
            })
        })
    }

    /// The cells behind `consistent` and `readable`: those that disagree, or cannot be read.
    pub(super) fn explain_column(
        &self,
        column: ColumnRef,
        predicate: &Predicate,
        truth: Truth,
        scope: &Scope<'_>,
        explained: &mut Explained,
    ) {
        let Some(table) = self.table(column.table) else {
            push(&mut explained.causes, Cause::NoTable(column.table));
            return;
        };
        if truth == Truth::Unknown {
            if let Located::Missing(cause) = self.locate(column, scope) {
                push(&mut explained.causes, cause);
            }
        } else if truth == Truth::False {
            match predicate {
                Predicate::Readable => explained.cells.extend(self.unreadable(column, scope)),
                _ => {
                    let rows = scope.entry.map_or(0..0, |entry| table.rows_of(entry));
                    let mut cells = rows.filter_map(|row| match self.cell(table, column, row as u32) {
                        Located::Cell(cell, at) => Some((cell, at)),
                        Located::Nothing | Located::Missing(_) => None,
                    });
                    let Some((first, at)) = cells.next() else { return };
                    if let Some((_, other)) = cells.find(|(cell, _)| !agree(cell, first)) {
                        explained.cells.extend([at, other]);
                    }
                }
            }
        }
    }

    /// The cells behind what an operand reads, and what is missing for it.
    fn explain_read(&self, read: Dependency, scope: &Scope<'_>, explained: &mut Explained) {
        match read {
            Dependency::Cell(column) | Dependency::Readability(column) => match self.locate(column, scope) {
                Located::Cell(cell, at) => {
                    explained.cells.push(at);
                    explained.causes.extend(Cause::of_cell(cell, at));
                }
                Located::Nothing => {}
                Located::Missing(cause) => explained.causes.push(cause),
            },
            Dependency::Account(field) if self.account(field).is_none() => {
                explained.causes.push(Cause::NoAccount(field));
            }
            Dependency::Rows(column) => self.explain_rows_of(column, scope, explained),
            Dependency::Line(column) => self.explain_line(column, scope, explained),
            Dependency::Exported(table) if self.exported(table).is_none() => {
                explained.causes.push(if self.table(table).is_some() {
                    Cause::NoExportDate(table)
                } else {
                    Cause::NoTable(table)
                });
            }
            Dependency::Declaration(ColumnRef { table, .. }) | Dependency::WholeFile(_, table)
                if self.table(table).is_none() =>
            {
                explained.causes.push(Cause::NoTable(table));
            }
            Dependency::Declaration(column) => explained.causes.extend(self.distinct(column, scope).err()),
            Dependency::Figure(id, frame) => self.explain_figure(id, frame, scope, explained),
            Dependency::Entry
            | Dependency::Account(_)
            | Dependency::Exported(_)
            | Dependency::Written(_)
            | Dependency::WholeFile(..) => {}
        }
    }

    /// The first cells that a figure counts, and what is missing for it.
    fn explain_figure(&self, id: FigureId, frame: Frame, scope: &Scope<'_>, explained: &mut Explained) {
        let figure = &self.rules().figures[usize::from(id.0)];
        let scope = match figure.over {
            Over::File => Scope::file(scope.part),
            Over::Entry(_) => Scope { own: None, inner: None, ..*scope },
            Over::Line(_) => Scope { own: scope.row(frame), inner: None, ..*scope },
        };
        if let Some(when) = &figure.when {
            let when = self.explain(when, scope);
            if when.truth != Truth::True {
                explained.causes.extend(when.all_causes());
                return;
            }
        }
        if figure.aggregate == Aggregate::Value {
            let of = figure.of.iter();
            of.for_each(|of| of.reads(&mut |read| self.explain_read(read, &scope, explained)));
            return;
        }
        let range = figure.range();
        let members = match self.members(range, &scope) {
            Ok(members) => members,
            Err(cause) => return push_kind(&mut explained.causes, cause),
        };
        if members.len() == 0 && self.absent_members(range) {
            push_kind(&mut explained.causes, Cause::NoRows(range.table()));
        }
        for member in members.iter() {
            let inner = member.inner(scope);
            let inside = member.scope(scope, &inner);
            let counts = figure.filter.as_ref().map(|filter| self.explain(filter, inside));
            match counts.as_ref().map_or(Truth::True, |counts| counts.truth) {
                Truth::False => continue,
                Truth::Unknown => {
                    let lacking = counts.iter().flat_map(Explained::all_causes);
                    lacking.for_each(|cause| push_kind(&mut explained.causes, cause));
                    continue;
                }
                Truth::True if !member.certain => {
                    push_kind(&mut explained.causes, self.uncertain(range, member, scope));
                }
                Truth::True => {}
            }
            let shown = explained.cells.len();
            if let Some(of) = &figure.of {
                of.reads(&mut |read| self.explain_read(read, &inside, explained));
            }
            if shown >= MAX_ROWS_SHOWN {
                explained.cells.truncate(shown);
            }
        }
    }

    /// The first cells that an aggregate reads, and what is missing for it.
    pub(super) fn explain_rows_of(&self, column: ColumnRef, scope: &Scope<'_>, explained: &mut Explained) {
        let Some((table, entry)) = self.table(column.table).zip(scope.entry) else {
            explained.causes.push(Cause::NoTable(column.table));
            return;
        };
        let rows = table.rows_of(entry);
        if rows.is_empty() && self.absent_is_unknown(column.table) {
            explained.causes.push(Cause::NoRows(column.table));
        }
        if rows.len() < REMEMBERED || explained.truth != Truth::Unknown {
            return self.explain_cells(table, column, rows.map(|row| row as u32), explained);
        }
        // Of many rows that ask the same of their entry, only the first looks at all of them.
        let first = rows.clone().take(MAX_ROWS_SHOWN).map(|row| row as u32);
        self.explain_cells(table, column, first, explained);
        let key = (column.table, column.column, entry);
        let remembered = || self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered().get(&key).cloned();
        let lacking = known.unwrap_or_else(|| {
            let mut all = Explained::of_parts(Truth::Unknown, explained.place, Vec::new());
            self.explain_cells(table, column, rows.map(|row| row as u32), &mut all);
            remembered().insert(key, all.causes.clone());
            all.causes
        });
        lacking.into_iter().for_each(|cause| push_kind(&mut explained.causes, cause));
    }

    /// The first cells that the total of a line reads, and what is missing for it.
    fn explain_line(&self, column: ColumnRef, scope: &Scope<'_>, explained: &mut Explained) {
        let (Some(table), Some(entry), Some(row), Some(lines)) =
            (self.table(column.table), scope.entry, scope.row(column.of), self.lines(column.table))
        else {
            return self.explain_rows_of(column, scope, explained);
        };
        let same = lines.same(row);
        // Without its line, or with rows that may belong to it, there is not a total of it.
        let without_line =
            if same.is_none() { Some(row) } else { lines.without_line(table, entry).first().copied() };
        if let (Some(row), Some(line)) = (without_line, self.input.tables.schemas[column.table.index()].line)
        {
            push_kind(
                &mut explained.causes,
                self.line_cause(table, ColumnRef { column: line as u16, ..column }, row),
            );
        }
        // A line may have any number of rows, and each of them asks. All of them are looked at only where one
        // of their cells is why there is not a total.
        let by_a_cell = without_line.is_none() && self.line_total(column, row).is_none();
        let shown = if by_a_cell { usize::MAX } else { MAX_ROWS_SHOWN };
        self.explain_cells(table, column, same.unwrap_or(&[row]).iter().copied().take(shown), explained);
    }

    fn explain_cells(
        &self,
        table: &'a Table,
        column: ColumnRef,
        rows: impl Iterator<Item = u32>,
        explained: &mut Explained,
    ) {
        for row in rows {
            if explained.truth != Truth::Unknown && explained.cells.len() >= MAX_ROWS_SHOWN {
                break;
            }
            match self.cell(table, column, row) {
                Located::Cell(cell, at) => {
                    if let Some(cause) = Cause::of_cell(cell, at) {
                        push_kind(&mut explained.causes, cause);
                    }
                    if explained.cells.len() < MAX_ROWS_SHOWN {
                        explained.cells.push(at);
                    }
                }
                Located::Nothing => {}
                Located::Missing(cause) => push_kind(&mut explained.causes, cause),
            }
        }
    }
}
