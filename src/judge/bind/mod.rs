//! Conditions bound to the tables of a run: the meaning of [`super::evaluate`], fast.
//!
//! A test of a column against something that is the same for every entry (a literal, a code list, the filing
//! date, the account) is answered once for each distinct cell of the column; evaluating an entry then is an
//! array look-up. What cannot vary at all (a table that was not provided, a column in which no cell can fail)
//! folds to a constant, so that most rules cost nothing for most runs.
//!
//! Here is which way each condition is bound. The ways themselves:
//!
//! - `constants`: what is the same for everything, folded away.
//! - `cells`: a test that one column decides, answered for each of its distinct cells; `asked`: where those are
//!   many, when they are first asked about; `several`: a test that several columns decide.
//! - `columns`: `consistent` and `readable`, answered for each entry.
//! - `rows`: a quantifier over an entry's rows. `line`: one over the rows of a line, answered for
//!   each line.
//! - `by_row`: what nothing but a row decides, answered for each row.
//! - `bound`: what comes out, and how it is asked during the evaluation.

mod asked;
mod bound;
mod by_row;
mod cells;
mod columns;
mod constants;
mod line;
mod rows;
mod several;

pub use bound::Bound;

use super::Context;
use super::scope::Scope;
use super::truth::Truth;
use crate::rules::model::{
    Argument, Condition, Dependency, Each, FirstWithin, Frame, Operand, Predicate, Rule, RuleId, Subject,
    Test,
};
use by_row::{RowRole, row_decides};
use constants::{is_constant, is_constant_predicate};

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

impl<'a> BoundRule<'a> {
    /// Binds a rule.
    pub fn new(context: &'a Context<'a>, id: RuleId, rule: &'a Rule) -> Self {
        let when = rule.when.as_ref().map(|when| context.bind(when));
        // What never applies needs no look at what it requires: that may ask each of many cells.
        if let Some(Bound::Constant(Truth::False, _)) = when {
            return Self { id, rule, violated: Bound::Constant(Truth::False, Vec::new()), by_row: None };
        }
        let condition = context.bind(&rule.condition);
        let violated = if rule.forbids { condition } else { constants::negate(condition) };
        let violated = match when {
            Some(when) => constants::all(vec![when, violated]),
            None => violated,
        };
        let conditions = || rule.when.iter().chain([&rule.condition]);
        let by_row = match (rule.each, &violated) {
            (_, Bound::Constant(..)) => None,
            (Each::Table(id) | Each::Line(id), violated)
                if conditions().all(|part| row_decides(part, RowRole::Own)) =>
            {
                context.table(id).map(|table| violated.of_rows(context, table, RowRole::Own))
            }
            _ => None,
        };
        Self { id, rule, violated, by_row }
    }
}

impl<'a> Context<'a> {
    /// Binds a condition to the run's tables.
    pub fn bind(&'a self, condition: &'a Condition) -> Bound<'a> {
        let parts = |parts: &'a [Condition]| parts.iter().map(|part| self.bind(part)).collect();
        match condition {
            Condition::All(all, _) => constants::all(parts(all)),
            Condition::Any(any, _) => constants::any(parts(any)),
            Condition::AnyGiven(any, _) => constants::any_given(parts(any)),
            Condition::Not(part, _) => constants::negate(self.bind(part)),
            Condition::Rows(rows) => self.bind_rows(rows),
            Condition::Test(test) => self.bind_test(condition, test),
        }
    }

    /// Binds a test: what is the same for everything first, then what cells decide.
    fn bind_test(&'a self, condition: &'a Condition, test: &'a Test) -> Bound<'a> {
        match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), _) => self.bind_columns(condition, test, columns),
            (Subject::Operand(Operand::Column(column)), Predicate::Consistent | Predicate::Readable) => {
                self.bind_columns(condition, test, std::slice::from_ref(column))
            }
            (Subject::Operand(Operand::Column(column)), Predicate::Unique(within))
                if column.of == Frame::Declared && !self.input.left_out && self.none_repeats(*within) =>
            {
                Bound::Constant(Truth::True, Vec::new())
            }
            _ if self.reads_no_table(test) => self.constant(condition),
            (Subject::Operand(_), predicate) if !is_constant_predicate(predicate) => {
                self.bind_within(condition, test)
            }
            (Subject::Operand(Operand::Column(column)), _) if column.of == Frame::Line => {
                Bound::Test(condition, test)
            }
            (Subject::Operand(Operand::Column(column)), _) => self.bind_cells(condition, test, *column),
            (Subject::Operand(operand), _) if is_constant(operand) => self.constant(condition),
            (Subject::Operand(operand), predicate) if is_of_entry(operand) => match self.lacking(predicate) {
                Some(cause) if self.lacks_all(predicate) && self.all_are_entries => {
                    Bound::Constant(Truth::Unknown, vec![cause])
                }
                _ => Bound::Test(condition, test),
            },
            (Subject::Operand(_), _) => self.bind_within(condition, test),
        }
    }

    /// Whether each entry number occurs once.
    fn none_repeats(&self, within: FirstWithin) -> bool {
        if let Some(batch) = &self.input.batch {
            let [in_file, in_run] = batch.run.is_unique;
            return match within {
                FirstWithin::File => in_file,
                FirstWithin::Run => in_run,
            };
        }
        (0..self.declared_of_row.len() as u32).all(|row| self.first_of(within, row) == Some(row))
    }

    /// Whether all that could vary in a test is in tables that were not provided.
    fn reads_no_table(&self, test: &Test) -> bool {
        let mut varies = test.predicate.is_of_place();
        test.reads(&mut |read| {
            varies |= match read {
                Dependency::Account(_) | Dependency::Exported(_) => false,
                Dependency::Cell(column)
                | Dependency::Readability(column)
                | Dependency::Rows(column)
                | Dependency::Line(column)
                | Dependency::Declaration(column) => self.table(column.table).is_some(),
                Dependency::Entry
                | Dependency::Written(_)
                | Dependency::WholeFile(..)
                | Dependency::Figure(..) => true,
            };
        });
        !varies
    }

    /// A test of what is the same for everything.
    fn constant(&'a self, condition: &'a Condition) -> Bound<'a> {
        let explained = self.explain(condition, Scope::file(u32::MAX));
        Bound::Constant(explained.truth, explained.all_causes())
    }
}

/// Whether an operand has a value for every entry.
fn is_of_entry(operand: &Operand) -> bool {
    match operand {
        Operand::Entry => true,
        Operand::Call(call) => {
            call.arguments.iter().all(|of| matches!(of, Argument::Value(operand) if is_of_entry(operand)))
        }
        _ => false,
    }
}
