//! Conditions bound to the tables of a run: the meaning of [`super::evaluate`], fast.
//!
//! A test of a column against something that is the same for every entry (a literal, a code
//! list, the filing date, the account) is answered once for each distinct cell of the column;
//! judging an entry then is an array look-up. What cannot vary at all (a table that was not
//! given, a column in which no cell can fail) folds to a constant, so that most rules cost nothing
//! for most runs.

use std::sync::Arc;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::Context;
use super::agreed::{CONFLICT, MARKS, NO_ROWS, NOTHING, mark_index};
use super::cause::{Cause, push, push_kind};
use super::evaluate::Tested;
use super::lines::Lines;
use super::operand::{Got, Val};
use super::scope::{Inner, Scope};
use super::truth::Truth;
use crate::rules::model::{
    Call, ColumnRef, Condition, Each, Fact, FactName, Frame, Operand, Predicate, Quantifier, RowsCondition,
    Rule, RuleId, Subject, Test,
};
use crate::table::value::{Cell, Reading};
use crate::table::{CellRef, Column, EntryId, Table};

/// A rule bound to the tables of a run.
pub struct BoundRule<'a> {
    /// Which rule.
    pub id: RuleId,
    /// The rule.
    pub rule: &'a Rule,
    /// True where it is violated.
    pub violated: Bound<'a>,
    /// The same for each row of the rule's own table, where nothing but the row decides.
    pub by_row: Option<Vec<Truth>>,
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
        /// Where the filter asks for the rows of one line.
        line: Option<Box<SameLine<'a>>>,
        /// What the filter says of each row of the table, where nothing but the row decides.
        by_row: Option<Vec<Truth>>,
    },
    /// A test answered for each distinct cell.
    Cells(Cells<'a>),
    /// A test of whole columns, answered for each entry.
    Entries(&'a Condition, &'a Test, Vec<Truth>),
    /// Any other test.
    Test(&'a Condition, &'a Test),
}

/// A quantifier over the rows of the same line as another row: it says the same for all rows of a
/// line, so it is answered once for each line. An entry may have thousands of rows.
pub struct SameLine<'a> {
    lines: &'a Lines,
    /// The other row, seen from inside the quantifier.
    other: Frame,
    /// The table's line column.
    line: ColumnRef,
    /// For each row of the table what the quantifier says where that is the other row.
    answers: Arc<[Truth]>,
    /// For each line that leaves it open why, by where the line begins.
    causes: HashMap<u32, Vec<Cause>>,
}

/// A test of a column, answered for each of its distinct cells.
pub struct Cells<'a> {
    column: ColumnRef,
    /// For each row the dictionary index; for entry-level columns for each entry.
    cells: &'a [u32],
    dictionary: &'a [Cell],
    answers: Arc<[Truth]>,
    /// The answers where there is no cell, by [`mark_index`].
    marks: [Truth; MARKS],
    /// What the other side of the test lacks, whatever the cell.
    lacking: Option<Cause>,
    /// The test, where the column is not its subject.
    within: Option<&'a Condition>,
}

impl<'a> BoundRule<'a> {
    /// Binds a rule.
    pub fn new(context: &'a Context<'a>, id: RuleId, rule: &'a Rule) -> Self {
        let when = rule.when.as_ref().map(|when| context.bind(when));
        // What never applies needs no look at what it requires: that may ask each of many cells.
        if let Some(Bound::Constant(Truth::False, _)) = when {
            return Self { id, rule, violated: Bound::Constant(Truth::False, Vec::new()), by_row: None };
        }
        let condition = context.bind(&rule.condition);
        let violated = if rule.forbids { condition } else { negate(condition) };
        let violated = match when {
            Some(when) => all(vec![when, violated]),
            None => violated,
        };
        let conditions = || rule.when.iter().chain([&rule.condition]);
        let by_row = match (rule.each, &violated) {
            (_, Bound::Constant(..)) => None,
            (Each::Table(id), violated) if conditions().all(|part| row_decides(part, Seat::Own)) => {
                context.table(id).map(|table| violated.of_rows(context, table, Seat::Own))
            }
            _ => None,
        };
        Self { id, rule, violated, by_row }
    }
}

/// A figure bound to the tables of a run.
pub struct BoundFact<'a> {
    fact: &'a Fact,
    when: Option<Bound<'a>>,
    rows: Option<Bound<'a>>,
}

impl<'a> BoundFact<'a> {
    /// Binds the figure of that name.
    pub fn new(context: &'a Context<'a>, name: FactName) -> Option<Self> {
        let fact = context.input.rules.facts.iter().find(|fact| fact.name == name)?;
        let when = fact.when.as_ref().map(|when| context.bind(when));
        let rows = fact.rows.as_ref().map(|rows| context.bind(rows));
        Some(Self { fact, when, rows })
    }

    /// The figure of an entry, where it has one.
    pub fn of(&self, context: &Context<'a>, scope: Scope<'_>) -> Option<Val<'a>> {
        let applies = self.when.as_ref().map_or(Truth::True, |when| when.truth(context, scope));
        context.figure(self.fact, applies, scope, |scope| {
            self.rows.as_ref().map_or(Truth::True, |rows| rows.truth(context, scope))
        })
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
                    let filter = rows.filter.as_deref();
                    let line = self.bind_line(rows, table);
                    let row_decides = filter.is_some_and(|filter| row_decides(filter, Seat::Inner(0)));
                    let filter = filter.map(|filter| Box::new(self.bind(filter)));
                    let by_row = match &filter {
                        Some(filter) if row_decides => Some(filter.of_rows(self, table, Seat::Inner(0))),
                        _ => None,
                    };
                    Bound::Rows { condition: rows, table, filter, line: line.map(Box::new), by_row }
                }
            },
            Condition::Test(test) => self.bind_test(condition, test),
        }
    }

    /// Binds a quantifier whose filter asks, among other things, for the line of another row of the
    /// table.
    fn bind_line(&'a self, condition: &'a RowsCondition, table: &'a Table) -> Option<SameLine<'a>> {
        let id = condition.table;
        let filter = condition.filter.as_deref()?;
        let parts = match filter {
            Condition::All(parts, _) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let column = self.input.tables.schemas[id.0].line?;
        let (at, other) = parts.iter().enumerate().find_map(|(at, part)| {
            let (a, b) = same_column(part)?;
            let of_line = |side: &ColumnRef| side.table == id && usize::from(side.column) == column;
            match (a.of, b.of) {
                _ if !of_line(a) || !of_line(b) => None,
                (Frame::Inner(0), other @ (Frame::Own | Frame::Inner(1..)))
                | (other @ (Frame::Own | Frame::Inner(1..)), Frame::Inner(0)) => Some((at, other)),
                _ => None,
            }
        })?;
        let line = ColumnRef { table: id, column: column as u16, of: other };
        // What is known to have no line is on no line, not perhaps on any.
        let numbers = &table.columns.get(column)?.dictionary;
        let same_count = match &condition.quantifier {
            Quantifier::Count(predicates) => predicates.iter().all(is_constant_predicate),
            _ => true,
        };
        let rest: Vec<&Condition> =
            parts.iter().enumerate().filter(|(part, _)| *part != at).map(|(_, part)| part).collect();
        if numbers.iter().any(|cell| cell.reading == Reading::Nothing)
            || self.column(id, line.column).optional
            || !same_count
            || !rest.iter().all(|part| row_decides(part, Seat::Inner(0)))
        {
            return None;
        }
        let rest = all(rest.into_iter().map(|part| self.bind(part)).collect());
        let truths = rest.of_rows(self, table, Seat::Inner(0));
        let rest_of = |row: &u32| truths[*row as usize];
        let lines = self.lines(id)?;
        let mut answers = vec![Truth::False; table.rows.len()];
        let mut causes: HashMap<u32, Vec<Cause>> = HashMap::new();
        let counts = matches!(condition.quantifier, Quantifier::Count(_));
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
                self.quantified(&condition.quantifier, truths, &scope)
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
        let answers: Arc<[Truth]> = answers.into();
        self.answered.keep_line(condition.place, other, answers.clone());
        Some(SameLine { lines, other, line, answers, causes })
    }

    fn bind_test(&'a self, condition: &'a Condition, test: &'a Test) -> Bound<'a> {
        match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), _) => self.bind_columns(condition, test, columns),
            (Subject::Operand(Operand::Column(column)), Predicate::Consistent | Predicate::Readable) => {
                self.bind_columns(condition, test, std::slice::from_ref(column))
            }
            (Subject::Operand(operand), predicate) => {
                let same_for_all = is_constant_predicate(predicate);
                match operand {
                    Operand::Column(column) if same_for_all => self.bind_cells(condition, test, *column),
                    operand if same_for_all && is_constant(operand) => self.constant(condition),
                    operand if same_for_all && is_of_entry(operand) && self.lacks_all(predicate) => {
                        match self.lacking(predicate) {
                            Some(cause) if self.all_are_entries() => {
                                Bound::Constant(Truth::Unknown, vec![cause])
                            }
                            _ => Bound::Test(condition, test),
                        }
                    }
                    _ => self.bind_within(condition, test),
                }
            }
        }
    }

    /// Binds a test of a column against what is the same for everything.
    fn bind_cells(&'a self, condition: &'a Condition, test: &'a Test, column: ColumnRef) -> Bound<'a> {
        let Some(table) = self.input.tables.get(column.table) else {
            return Bound::Constant(Truth::Unknown, vec![Cause::NoTable(column.table)]);
        };
        let Some((data, cells)) = self.cells_of(table, column) else { return Bound::Test(condition, test) };
        // Entries without a row may be in the table or not, and those left out are in no declaration.
        let is_row = match column.of {
            Frame::Entry => false,
            Frame::Declared => !self.input.left_out,
            Frame::File | Frame::Own | Frame::Inner(_) => true,
        };
        if cells.is_empty() && is_row {
            let cause = Cause::NoColumn(column.table, column.column);
            return Bound::Constant(Truth::Unknown, vec![cause]);
        }
        let schema = self.column(column.table, column.column);
        let scope = Scope::file(u32::MAX);
        let answer = |tested| self.answer(&test.predicate, &tested, &scope);
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

    /// Binds a test in which only one column varies, wherever it stands: each of its cells is
    /// asked once, in a row that has it.
    fn bind_within(&'a self, condition: &'a Condition, test: &'a Test) -> Bound<'a> {
        let found = only_column(test).and_then(|column| {
            let (data, cells) = self.cells_of(self.input.tables.get(column.table)?, column)?;
            // Where nearly each row has a cell of its own, asking once for each cell saves nothing.
            let few = data.dictionary.len() <= FEW_CELLS || data.dictionary.len() * 4 <= cells.len();
            few.then_some((column, data, cells))
        });
        let Some((column, data, cells)) = found else { return Bound::Test(condition, test) };
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
    fn cells_of(&'a self, table: &'a Table, column: ColumnRef) -> Option<(&'a Column, &'a [u32])> {
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
            Frame::Entry => self.all_are_entries(),
            Frame::Declared => !self.input.left_out,
            Frame::File | Frame::Own | Frame::Inner(_) => true,
        };
        let Some(first) = cells.cells.first().copied().filter(|_| complete) else {
            return Bound::Cells(cells);
        };
        let truth = answer(first);
        if truth != Truth::Unknown {
            let same = cells.cells.iter().all(|cell| answer(*cell) == truth);
            return if same { Bound::Constant(truth, Vec::new()) } else { Bound::Cells(cells) };
        }
        // What cannot be told is the same where it lacks the same.
        let Cells { column: ColumnRef { table, column, .. }, .. } = cells;
        let cause = match cells.lacking {
            Some(lacking) if cells.dictionary.iter().all(|cell| cell.is_read()) => Some(lacking),
            _ if first == Column::MISSING && cells.within.is_none() => Some(Cause::NoColumn(table, column)),
            _ => None,
        };
        let same = |cell: &u32| match first {
            Column::MISSING => *cell == first,
            _ => mark_index(*cell).is_none() && answer(*cell) == truth,
        };
        match cause {
            Some(cause) if cells.cells.iter().all(same) => Bound::Constant(truth, vec![cause]),
            _ => Bound::Cells(cells),
        }
    }

    /// Binds a test that all rows of an entry agree, or can be read.
    fn bind_columns(
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
            let unreadable: Vec<bool> =
                data.dictionary.iter().map(|cell| cell.reading == Reading::Unreadable).collect();
            if unreadable.contains(&true) {
                for (row, cell) in table.rows.iter().zip(&data.cells) {
                    if let Some(entry) = row.entry
                        && unreadable.get(*cell as usize).is_some_and(|unreadable| *unreadable)
                    {
                        answers[entry.0 as usize] = Truth::False;
                    }
                }
            }
        }
        if self.all_are_entries() && answers.iter().all(|answer| *answer == Truth::True) {
            return Bound::Constant(Truth::True, Vec::new());
        }
        Bound::Entries(condition, test, answers)
    }

    /// Whether every declared number can be read.
    fn all_are_entries(&self) -> bool {
        self.declared.iter().all(|declared| declared.entry.is_some())
    }

    /// Whether a predicate compares with nothing but fields of the account that the user did not
    /// set.
    fn lacks_all(&self, predicate: &Predicate) -> bool {
        let (Predicate::OneOf { values, .. } | Predicate::Exactly(values)) = predicate else { return false };
        values.iter().all(|value| matches!(value, Operand::Account(field) if self.account(*field).is_none()))
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
            Self::AnyGiven(parts) => Truth::any_given(parts.iter().map(|part| {
                let truth = part.truth(context, scope);
                let given = truth != Truth::Unknown || {
                    let mut causes = Vec::new();
                    part.causes(context, scope, &mut causes);
                    !causes.iter().all(Cause::is_not_given)
                };
                (truth, given)
            })),
            Self::Not(part) => !part.truth(context, scope),
            Self::Rows { condition, table, filter, line, by_row } => {
                let Some(entry) = scope.entry else { return Truth::Unknown };
                let rows = table.rows_of(entry);
                if rows.is_empty() && filter.is_some() && context.absent_is_unknown(condition.table) {
                    return Truth::Unknown;
                }
                if let Some(truths) = by_row.as_ref().and_then(|truths| truths.get(rows.clone())) {
                    return context.quantified(&condition.quantifier, truths.iter().copied(), &scope);
                }
                if let Some(line) = line
                    && let Some(answer) =
                        scope.row_outside(line.other).and_then(|row| line.answers.get(row as usize))
                {
                    return *answer;
                }
                let truths = rows.map(|row| {
                    let inner = Inner { row: row as u32, outer: scope.inner };
                    filter.as_ref().map_or(Truth::True, |filter| filter.truth(context, scope.inside(&inner)))
                });
                context.quantified(&condition.quantifier, truths, &scope)
            }
            Self::Cells(cells) => cells.truth(scope),
            Self::Entries(_, test, answers) => {
                let answer = scope.entry.and_then(|entry| answers.get(entry.0 as usize));
                answer.copied().unwrap_or_else(|| context.test(test, scope))
            }
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
            Self::Rows { condition, table, filter, line, .. } => {
                let Some(entry) = scope.entry else { return push(causes, Cause::NotDeclared) };
                if let Some(line) = line
                    && let Some(row) = scope.row_outside(line.other)
                {
                    return match line.lines.same(row) {
                        Some(same) => line
                            .causes
                            .get(&same[0])
                            .into_iter()
                            .flatten()
                            .for_each(|cause| push(causes, *cause)),
                        None => push(causes, context.line_cause(table, line.line, row)),
                    };
                }
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
            Self::Cells(cells) if cells.within.is_none() => push(causes, cells.cause(context, scope)),
            Self::Cells(Cells { within: Some(condition), .. })
            | Self::Entries(condition, ..)
            | Self::Test(condition, _) => {
                for cause in context.explain(condition, scope).all_causes() {
                    push(causes, cause);
                }
            }
            Self::Cells(_) => {}
        }
    }
}

/// How many rows one core takes at a time.
const ROWS: usize = 4096;

impl Bound<'_> {
    /// For each row of a table, sitting there in the scope, whether it holds.
    fn of_rows(&self, context: &Context<'_>, table: &Table, seat: Seat) -> Vec<Truth> {
        let mut truths = vec![Truth::True; table.rows.len()];
        truths.par_chunks_mut(ROWS).enumerate().for_each(|(at, truths)| {
            self.narrow(context, table, seat, at * ROWS, truths);
        });
        truths
    }

    /// Leaves true of consecutive rows those for which it holds as well. Column by column, and what
    /// takes longer is asked only where it still matters.
    fn narrow(&self, context: &Context<'_>, table: &Table, seat: Seat, first: usize, truths: &mut [Truth]) {
        match self {
            Self::All(parts) => {
                let (cells, others): (Vec<_>, Vec<_>) =
                    parts.iter().partition(|part| matches!(part, Self::Cells(_) | Self::All(_)));
                for part in cells.into_iter().chain(others) {
                    part.narrow(context, table, seat, first, truths);
                }
            }
            Self::Cells(cells) if seat.is(cells.column.of) && cells.cells.len() == table.rows.len() => {
                for (truth, cell) in truths.iter_mut().zip(&cells.cells[first..]) {
                    *truth = truth.and(cells.answer(*cell));
                }
            }
            _ => {
                for (row, truth) in (first..).zip(truths) {
                    if *truth != Truth::False {
                        let entry = table.rows[row].entry;
                        *truth = truth.and(seat.take(entry, row as u32, |scope| self.truth(context, scope)));
                    }
                }
            }
        }
    }
}

/// Where a row sits in a scope.
#[derive(Clone, Copy, Debug)]
enum Seat {
    /// It is the row that the rule is applied to.
    Own,
    /// It is the row that a quantifier looks at, with that many quantifiers inside.
    Inner(u8),
}

impl Seat {
    /// Whether columns of that frame are the row's.
    fn is(self, frame: Frame) -> bool {
        match self {
            Self::Own => frame == Frame::Own,
            Self::Inner(depth) => frame == Frame::Inner(depth),
        }
    }

    /// Asks about the scope in which the row sits there and nothing else does.
    fn take<T>(self, entry: Option<EntryId>, row: u32, ask: impl FnOnce(Scope<'_>) -> T) -> T {
        let scope = Scope { entry, ..Scope::file(u32::MAX) };
        match self {
            Self::Own => ask(Scope { own: Some(row), ..scope }),
            Self::Inner(_) => ask(scope.inside(&Inner { row, outer: None })),
        }
    }

    /// The seat seen from inside one more quantifier.
    fn inside(self) -> Self {
        match self {
            Self::Own => Self::Own,
            Self::Inner(depth) => Self::Inner(depth.saturating_add(1)),
        }
    }
}

/// Whether nothing but a row sitting there, its entry and the run decide about a condition.
fn row_decides(condition: &Condition, seat: Seat) -> bool {
    match condition {
        Condition::All(parts, _) | Condition::Any(parts, _) | Condition::AnyGiven(parts, _) => {
            parts.iter().all(|part| row_decides(part, seat))
        }
        Condition::Not(part, _) => row_decides(part, seat),
        Condition::Rows(rows) => {
            let same_count = match &rows.quantifier {
                Quantifier::Count(predicates) => predicates.iter().all(is_constant_predicate),
                _ => true,
            };
            same_count && rows.filter.as_deref().is_none_or(|filter| row_decides(filter, seat.inside()))
        }
        Condition::Test(test) => {
            let of_row = |column: &ColumnRef| match (column.of, seat) {
                (Frame::Entry, _) => true,
                (Frame::Inner(depth), Seat::Inner(own)) => depth <= own,
                (Frame::Inner(_), Seat::Own) => true,
                (frame, seat) => seat.is(frame),
            };
            match &test.subject {
                Subject::Columns(columns) => columns.iter().all(of_row),
                Subject::Operand(subject) => {
                    let others = operands(&test.predicate);
                    !matches!(test.predicate, Predicate::Unique(_))
                        && std::iter::once(subject).chain(others).all(|operand| all_columns(operand, &of_row))
                }
            }
        }
    }
}

/// The operands of a predicate.
fn operands(predicate: &Predicate) -> &[Operand] {
    match predicate {
        Predicate::OneOf { values, .. } | Predicate::Exactly(values) => values,
        Predicate::Compare(_, operand) | Predicate::Near { operand, .. } => std::slice::from_ref(operand),
        _ => &[],
    }
}

/// Whether all columns that an operand reads are good, and nothing of the declaration is read.
fn all_columns(operand: &Operand, good: &impl Fn(&ColumnRef) -> bool) -> bool {
    let all = |operand: &Operand| all_columns(operand, good);
    match operand {
        Operand::Column(column) => good(column),
        Operand::Shift { date, .. } => all(date),
        Operand::Literal(_)
        | Operand::Choice(_)
        | Operand::FilingDate
        | Operand::PackVerified
        | Operand::Entry
        | Operand::Account(_) => true,
        Operand::Call(call) => match &**call {
            Call::Age(of) | Call::MonthlyStatementDue(of) | Call::FilerCode(of) | Call::Lookup { of, .. } => {
                all(of)
            }
            Call::Earliest(of) | Call::Latest(of) => of.iter().all(all),
            Call::EarliestOf(column)
            | Call::LatestOf(column)
            | Call::Total(column)
            | Call::LineTotal(column) => good(column),
            Call::RateOn { heading, date, .. } => all(heading) && all(date),
            Call::Percent { rate, amount } => all(rate) && all(amount),
            Call::Exported(_) | Call::WholeFile(..) => true,
            Call::Distinct(_) | Call::Nearest(_) => false,
        },
    }
}

impl Cells<'_> {
    fn index(&self, scope: Scope<'_>) -> Option<usize> {
        let at = match self.column.of {
            Frame::Entry => scope.entry?.0,
            frame => scope.row(frame)?,
        };
        Some(at as usize)
    }

    fn truth(&self, scope: Scope<'_>) -> Truth {
        match self.index(scope).and_then(|at| self.cells.get(at)) {
            Some(&cell) => self.answer(cell),
            None => Truth::Unknown,
        }
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
        let Some(at) = self.index(scope) else { return Cause::NotDeclared };
        match self.cells.get(at) {
            None if self.cells.is_empty() => Cause::NoColumn(table, column),
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
    // One that is surely given makes those that are not of no account.
    if parts.iter().any(|part| matches!(part, Bound::Constant(..)) && !not_given(part)) {
        parts.retain(|part| !not_given(part));
        if parts.iter().all(|part| matches!(part, Bound::Constant(..))) {
            return negate(all(parts.into_iter().map(negate).collect()));
        }
    }
    if parts.len() == 1 && !matches!(parts[0], Bound::Cells(_)) {
        parts.remove(0)
    } else {
        Bound::AnyGiven(parts)
    }
}

fn negate(bound: Bound<'_>) -> Bound<'_> {
    match bound {
        Bound::Constant(truth, causes) => Bound::Constant(!truth, causes),
        Bound::Not(part) => *part,
        Bound::All(parts) => Bound::Any(parts.into_iter().map(negate).collect()),
        Bound::Any(parts) => all(parts.into_iter().map(negate).collect()),
        Bound::Cells(mut cells) => {
            Arc::make_mut(&mut cells.answers).iter_mut().for_each(|answer| *answer = !*answer);
            cells.marks = cells.marks.map(|answer| !answer);
            Bound::Cells(cells)
        }
        other => Bound::Not(Box::new(other)),
    }
}

/// How many distinct cells are few, however many rows there are.
const FEW_CELLS: usize = 1024;

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

/// The column that decides about a test alone: all else in it is the same for everything.
fn only_column(test: &Test) -> Option<ColumnRef> {
    let Subject::Operand(subject) = &test.subject else { return None };
    if matches!(test.predicate, Predicate::Unique(_) | Predicate::Consistent | Predicate::Readable) {
        return None;
    }
    let mut columns = Vec::new();
    let others = operands(&test.predicate);
    let only = std::iter::once(subject).chain(others).all(|operand| cells_decide(operand, &mut columns));
    match columns.as_slice() {
        [first, rest @ ..] if only && rest.iter().all(|other| other == first) => Some(*first),
        _ => None,
    }
}

/// Whether an operand's value follows from the cells of columns that it names; gives those columns.
fn cells_decide(operand: &Operand, columns: &mut Vec<ColumnRef>) -> bool {
    match operand {
        Operand::Column(column) => {
            columns.push(*column);
            true
        }
        Operand::Shift { date, .. } => cells_decide(date, columns),
        Operand::Call(call) => match &**call {
            Call::Age(of) | Call::MonthlyStatementDue(of) | Call::FilerCode(of) | Call::Lookup { of, .. } => {
                cells_decide(of, columns)
            }
            Call::Earliest(of) | Call::Latest(of) => of.iter().all(|of| cells_decide(of, columns)),
            Call::RateOn { heading, date, .. } => {
                cells_decide(heading, columns) && cells_decide(date, columns)
            }
            Call::Percent { rate, amount } => cells_decide(rate, columns) && cells_decide(amount, columns),
            _ => false,
        },
        operand => is_constant(operand),
    }
}

/// Asks about a scope in which a column of that frame is the cell of a row (or of an entry, a
/// file).
fn scope_at<T>(frame: Frame, at: u32, ask: impl FnOnce(Scope<'_>) -> T) -> T {
    let nowhere = Scope::file(u32::MAX);
    match frame {
        Frame::File => ask(Scope::file(at)),
        Frame::Declared => ask(Scope { declared: Some(at), ..nowhere }),
        Frame::Entry => ask(Scope { entry: Some(EntryId(at)), ..nowhere }),
        Frame::Own => ask(Scope { own: Some(at), ..nowhere }),
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

/// Whether an operand has a value for every entry.
fn is_of_entry(operand: &Operand) -> bool {
    match operand {
        Operand::Entry => true,
        Operand::Call(call) => matches!(&**call, Call::FilerCode(Operand::Entry)),
        _ => false,
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
