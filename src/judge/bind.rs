//! Conditions bound to the tables of a run: the meaning of [`super::evaluate`], fast.
//!
//! A test of a column against something that is the same for every entry (a literal, a code
//! list, the filing date, the account) is answered once for each distinct cell of the column;
//! judging an entry then is an array look-up. What cannot vary at all (a table that was not
//! given, a column in which no cell can fail) folds to a constant, so that most rules cost nothing
//! for most runs.

use super::Context;
use super::evaluate::Tested;
use super::operand::Got;
use super::scope::{Inner, Scope};
use super::truth::Truth;
use crate::rules::model::{
    AccountField, Call, ColumnRef, Condition, Frame, Operand, Predicate, RowsCondition, Rule, RuleId,
    Subject, Test,
};
use crate::table::value::{Cell, Reading};
use crate::table::{CellRef, Column, Table, TableId};

/// Marks an entry whose rows disagree, in place of a dictionary index.
pub(crate) const CONFLICT: u32 = u32::MAX - 1;
/// Marks an entry without rows, where that says nothing about it.
pub(crate) const NO_ROWS: u32 = u32::MAX - 2;
/// Marks an entry without rows in a table that is complete.
pub(crate) const NOTHING: u32 = u32::MAX - 3;

/// Why something cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The table was not given.
    NoTable(TableId),
    /// The file has no such column.
    NoColumn(TableId, u16),
    /// The entry is not in the table.
    NoRows(TableId),
    /// The cell is blank.
    Blank(CellRef),
    /// The cell cannot be read as its column's type.
    Unreadable(CellRef),
    /// The rows of the entry disagree.
    Conflict(TableId, u16),
    /// The configuration does not say.
    NoAccount(AccountField),
    /// Nothing says when the table was exported.
    NoExportDate(TableId),
    /// The rule looks at the declaration, and there is none for this entry.
    NotDeclared,
    /// A figure cannot be computed from the cells there are (a rate or a holiday that is not
    /// known).
    Computed,
}

impl Cause {
    /// Whether the user gave no table or column for it, rather than one that cannot tell.
    pub(super) fn is_not_given(&self) -> bool {
        matches!(self, Self::NoTable(_) | Self::NoColumn(..))
    }

    /// What keeps a cell from being used.
    pub(crate) fn of_cell(cell: &Cell, at: CellRef) -> Option<Self> {
        match cell.reading {
            Reading::Blank => Some(Self::Blank(at)),
            Reading::Unreadable => Some(Self::Unreadable(at)),
            Reading::Value(_) | Reading::Nothing => None,
        }
    }
}

/// A rule bound to the tables of a run.
pub struct BoundRule<'a> {
    /// Which rule.
    pub id: RuleId,
    /// The rule.
    pub rule: &'a Rule,
    /// True where it is violated.
    pub violated: Bound<'a>,
}

/// A bound condition.
pub enum Bound<'a> {
    /// The same for everything, and if it cannot be told, why.
    Constant(Truth, Vec<Cause>),
    /// All hold.
    All(Vec<Bound<'a>>),
    /// At least one holds.
    Any(Vec<Bound<'a>>),
    /// At least one holds of those that the user gave tables and columns for.
    AnyGiven(Vec<Bound<'a>>),
    /// Does not hold.
    Not(Box<Bound<'a>>),
    /// Of the rows a table has for the entry.
    Rows {
        /// What is asked.
        condition: &'a RowsCondition,
        /// The table.
        table: &'a Table,
        /// For which rows.
        filter: Option<Box<Bound<'a>>>,
    },
    /// A test answered for each distinct cell.
    Cells(Cells<'a>),
    /// Any other test.
    Test(&'a Condition, &'a Test),
}

/// A test of a column, answered for each of its distinct cells.
pub struct Cells<'a> {
    column: ColumnRef,
    /// For each row the dictionary index; for entry-level columns for each entry.
    cells: &'a [u32],
    dictionary: &'a [Cell],
    answers: Vec<Truth>,
    /// The answer where the entry is not in a complete table.
    nothing: Truth,
    /// What the other side of the test lacks, whatever the cell.
    lacking: Option<Cause>,
}

impl<'a> BoundRule<'a> {
    /// Binds a rule.
    pub fn new(context: &'a Context<'a>, id: RuleId, rule: &'a Rule) -> Self {
        let when = rule.when.as_ref().map(|when| context.bind(when));
        // What never applies needs no look at what it requires: that may ask each of many cells.
        if let Some(Bound::Constant(Truth::False, _)) = when {
            return Self { id, rule, violated: Bound::Constant(Truth::False, Vec::new()) };
        }
        let condition = context.bind(&rule.condition);
        let violated = if rule.forbids { condition } else { negate(condition) };
        let violated = match when {
            Some(when) => all(vec![when, violated]),
            None => violated,
        };
        Self { id, rule, violated }
    }
}

impl<'a> Context<'a> {
    /// Binds a condition to the run's tables.
    pub fn bind(&'a self, condition: &'a Condition) -> Bound<'a> {
        match condition {
            Condition::All(parts, _) => all(parts.iter().map(|part| self.bind(part)).collect()),
            Condition::Any(parts, _) => {
                negate(all(parts.iter().map(|part| negate(self.bind(part))).collect()))
            }
            Condition::AnyGiven(parts, _) => any_given(parts.iter().map(|part| self.bind(part)).collect()),
            Condition::Not(part, _) => negate(self.bind(part)),
            Condition::Rows(rows) => match self.input.tables.get(rows.table) {
                None => Bound::Constant(Truth::Unknown, vec![Cause::NoTable(rows.table)]),
                Some(table) => {
                    let filter = rows.filter.as_deref().map(|filter| Box::new(self.bind(filter)));
                    Bound::Rows { condition: rows, table, filter }
                }
            },
            Condition::Test(test) => self.bind_test(condition, test),
        }
    }

    fn bind_test(&'a self, condition: &'a Condition, test: &'a Test) -> Bound<'a> {
        let Subject::Operand(Operand::Column(column)) = &test.subject else {
            return match &test.subject {
                Subject::Operand(operand)
                    if is_constant(operand) && is_constant_predicate(&test.predicate) =>
                {
                    self.constant(condition)
                }
                _ => Bound::Test(condition, test),
            };
        };
        let Some(table) = self.input.tables.get(column.table) else {
            return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(column.table)]);
        };
        if !is_constant_predicate(&test.predicate) {
            return Bound::Test(condition, test);
        }
        let Some(data) = table.columns.get(usize::from(column.column)).filter(|data| !data.cells.is_empty())
        else {
            return Bound::Test(condition, test);
        };
        let cells = match column.of {
            Frame::Entry => match self.agreed.get(&(column.table, column.column)) {
                Some(agreed) => agreed.as_slice(),
                None => return Bound::Test(condition, test),
            },
            _ => data.cells.as_slice(),
        };
        let schema = self.column(column.table, column.column);
        let scope = Scope::file(u32::MAX);
        let answers: Vec<Truth> = data
            .dictionary
            .iter()
            .map(|cell| self.answer(&test.predicate, &Tested::Cell(cell, schema), &scope))
            .collect();
        let nothing = self.answer(&test.predicate, &Tested::Value(Got::Nothing), &scope);
        // Nothing varies, not even who is in the table: the condition is a constant.
        let known = |cell: &u32| (*cell as usize) < data.dictionary.len();
        if let Some(&first) = answers.first()
            && first != Truth::Unknown
            && answers.iter().all(|answer| *answer == first)
            && (column.of != Frame::Entry || self.declared.iter().all(|declared| declared.entry.is_some()))
            && cells.iter().all(|cell| known(cell) || (*cell == NOTHING && nothing == first))
        {
            return Bound::Constant(first, Vec::new());
        }
        Bound::Cells(Cells {
            column: *column,
            cells,
            dictionary: &data.dictionary,
            answers,
            nothing,
            lacking: self.lacking(&test.predicate),
        })
    }

    /// What a predicate lacks on its own side: a field of the account that the user did not set.
    fn lacking(&self, predicate: &Predicate) -> Option<Cause> {
        let (Predicate::OneOf { values, .. } | Predicate::Exactly(values)) = predicate else { return None };
        values.iter().find_map(|value| match value {
            Operand::Account(field) if self.account(*field).is_none() => Some(Cause::NoAccount(*field)),
            _ => None,
        })
    }

    fn constant(&'a self, condition: &'a Condition) -> Bound<'a> {
        let explained = self.explain(condition, Scope::file(u32::MAX));
        Bound::Constant(explained.truth, explained.all_causes())
    }
}

impl Bound<'_> {
    /// Whether it holds.
    pub fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        match self {
            Self::Constant(truth, _) => *truth,
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.truth(context, scope))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.truth(context, scope))),
            Self::AnyGiven(parts) => any_of_given(parts.iter().map(|part| {
                let truth = part.truth(context, scope);
                let given = truth != Truth::Unknown || {
                    let mut causes = Vec::new();
                    part.causes(context, scope, &mut causes);
                    !causes.iter().all(Cause::is_not_given)
                };
                (truth, given)
            })),
            Self::Not(part) => !part.truth(context, scope),
            Self::Rows { condition, table, filter } => {
                let Some(entry) = scope.entry else { return Truth::Unknown };
                let rows = table.rows_of(entry);
                if rows.is_empty() && filter.is_some() && context.absent_is_unknown(condition.table) {
                    return Truth::Unknown;
                }
                let truths = rows.map(|row| {
                    let inner = Inner { row: row as u32, outer: scope.inner };
                    filter.as_ref().map_or(Truth::True, |filter| filter.truth(context, scope.inside(&inner)))
                });
                context.quantified(&condition.quantifier, truths, &scope)
            }
            Self::Cells(cells) => cells.truth(scope),
            Self::Test(_, test) => context.test(test, scope),
        }
    }

    /// Why it cannot be told, where it cannot: what each clause that could not be told lacks.
    pub fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        match self {
            Self::Constant(Truth::Unknown, why) => {
                for cause in why {
                    push(causes, *cause);
                }
            }
            Self::Constant(..) => {}
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    if part.truth(context, scope) == Truth::Unknown {
                        part.causes(context, scope, causes);
                    }
                }
            }
            Self::AnyGiven(parts) => {
                let mut not_given = Vec::new();
                for part in parts.iter().filter(|part| part.truth(context, scope) == Truth::Unknown) {
                    let mut own = Vec::new();
                    part.causes(context, scope, &mut own);
                    if own.iter().all(Cause::is_not_given) {
                        not_given.extend(own);
                    } else {
                        own.into_iter().for_each(|cause| push(causes, cause));
                    }
                }
                // Only where nothing was given is that the cause, and then the first one's.
                if causes.is_empty() {
                    causes.extend(not_given.into_iter().next());
                }
            }
            Self::Not(part) => part.causes(context, scope, causes),
            Self::Rows { condition, table, filter } => {
                let Some(entry) = scope.entry else { return push(causes, Cause::NotDeclared) };
                let rows = table.rows_of(entry);
                if rows.is_empty() {
                    return push(causes, Cause::NoRows(condition.table));
                }
                let Some(filter) = filter else { return };
                for row in rows {
                    let inner = Inner { row: row as u32, outer: scope.inner };
                    let scope = scope.inside(&inner);
                    if filter.truth(context, scope) == Truth::Unknown {
                        filter.causes(context, scope, causes);
                    }
                }
            }
            Self::Cells(cells) => push(causes, cells.cause(context, scope)),
            Self::Test(condition, _) => {
                for cause in context.explain(condition, scope).all_causes() {
                    push(causes, cause);
                }
            }
        }
    }
}

impl Cells<'_> {
    fn index(&self, scope: Scope<'_>) -> Option<usize> {
        let at = match self.column.of {
            Frame::Entry => scope.entry?.0,
            Frame::File => scope.part,
            Frame::Declared => scope.declared?,
            Frame::Own => scope.own?,
            Frame::Inner(depth) => scope.inner_row(depth)?,
        };
        Some(at as usize)
    }

    fn truth(&self, scope: Scope<'_>) -> Truth {
        match self.index(scope).and_then(|at| self.cells.get(at)) {
            Some(&NOTHING) => self.nothing,
            Some(&cell) => self.answers.get(cell as usize).copied().unwrap_or(Truth::Unknown),
            None => Truth::Unknown,
        }
    }

    fn cause(&self, context: &Context<'_>, scope: Scope<'_>) -> Cause {
        let ColumnRef { table, column, .. } = self.column;
        let Some(at) = self.index(scope) else { return Cause::NotDeclared };
        match self.cells.get(at) {
            None => Cause::NotDeclared,
            Some(&Column::MISSING) => Cause::NoColumn(table, column),
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

fn push(causes: &mut Vec<Cause>, cause: Cause) {
    if !causes.contains(&cause) {
        causes.push(cause);
    }
}

/// All parts, with constants folded away.
fn all(parts: Vec<Bound<'_>>) -> Bound<'_> {
    if parts.iter().any(|part| matches!(part, Bound::Constant(Truth::False, _))) {
        return Bound::Constant(Truth::False, Vec::new());
    }
    let mut parts: Vec<_> =
        parts.into_iter().filter(|part| !matches!(part, Bound::Constant(Truth::True, _))).collect();
    if parts.iter().all(|part| matches!(part, Bound::Constant(..))) {
        let mut why = Vec::new();
        for part in &parts {
            if let Bound::Constant(_, causes) = part {
                causes.iter().for_each(|cause| push(&mut why, *cause));
            }
        }
        return if parts.is_empty() {
            Bound::Constant(Truth::True, Vec::new())
        } else {
            Bound::Constant(Truth::Unknown, why)
        };
    }
    if parts.len() == 1 { parts.remove(0) } else { Bound::All(parts) }
}

/// At least one part, of those that were given.
fn any_given(mut parts: Vec<Bound<'_>>) -> Bound<'_> {
    let not_given = |part: &Bound<'_>| matches!(part, Bound::Constant(Truth::Unknown, causes) if causes.iter().all(Cause::is_not_given));
    if parts.iter().all(not_given) {
        return parts.swap_remove(0);
    }
    if parts.len() == 1 && !matches!(parts[0], Bound::Cells(_)) {
        parts.remove(0)
    } else {
        Bound::AnyGiven(parts)
    }
}

/// Any of the truths that come with "given"; unknown where none does.
pub(super) fn any_of_given(parts: impl Iterator<Item = (Truth, bool)>) -> Truth {
    parts.filter(|(_, given)| *given).map(|(truth, _)| truth).reduce(Truth::or).unwrap_or(Truth::Unknown)
}

fn negate(bound: Bound<'_>) -> Bound<'_> {
    match bound {
        Bound::Constant(truth, causes) => Bound::Constant(!truth, causes),
        Bound::Not(part) => *part,
        Bound::All(parts) => Bound::Any(parts.into_iter().map(negate).collect()),
        Bound::Any(parts) => all(parts.into_iter().map(negate).collect()),
        Bound::Cells(mut cells) => {
            cells.answers.iter_mut().for_each(|answer| *answer = !*answer);
            cells.nothing = !cells.nothing;
            Bound::Cells(cells)
        }
        other => Bound::Not(Box::new(other)),
    }
}

/// Whether an operand is the same for everything.
fn is_constant(operand: &Operand) -> bool {
    match operand {
        Operand::Literal(_)
        | Operand::Choice(_)
        | Operand::FilingDate
        | Operand::PackVerified
        | Operand::Account(_) => true,
        Operand::Column(_) | Operand::Entry => false,
        Operand::Shift { date, .. } => is_constant(date),
        Operand::Call(call) => matches!(&**call, Call::Age(of) if is_constant(of)),
    }
}

fn is_constant_predicate(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::OneOf { values, .. } | Predicate::Exactly(values) => values.iter().all(is_constant),
        Predicate::Compare(_, operand) | Predicate::Near { operand, .. } => is_constant(operand),
        Predicate::Listed { .. }
        | Predicate::Matches(_)
        | Predicate::StartsWith(_)
        | Predicate::Valid { .. }
        | Predicate::Present(_) => true,
        Predicate::Unique(_) | Predicate::Consistent | Predicate::Readable => false,
    }
}
