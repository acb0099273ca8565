//! Evaluates conditions and tests: what each of them means.
//!
//! This is the definition, written once for its two uses: the truth alone, and the truth with its evidence
//! ([`super::explain`]). [`super::bind`] gives the same answers fast.

use super::Context;
use super::cause::Cause;
use super::explain::Explained;
use super::members::Member;
use super::operand::{Got, Val};
use super::scope::{Located, Scope};
use super::truth::Truth;
use crate::rules::model::{
    ColumnRef, Comparison, Condition, FirstWithin, Frame, Operand, Predicate, Quantifier, RowsCondition,
    Subject, Test,
};
use crate::source::Place;
use crate::table::CellRef;
use crate::table::schema;
use crate::table::value::{Cell, CellReading};

/// What comes out of an evaluation: the truth, bare or with what it rests on.
pub(super) trait Answer<'a>: Sized {
    /// All parts.
    fn all(place: Place, parts: impl Iterator<Item = Self>) -> Self;
    /// At least one part.
    fn any(place: Place, parts: impl Iterator<Item = Self>) -> Self;
    /// At least one part, of those that the user provided tables and columns for.
    fn any_given(place: Place, parts: Vec<Explained>) -> Self;
    /// Not the part.
    fn not(place: Place, part: Self) -> Self;
    /// As many rows as the condition requires.
    fn rows(context: &Context<'a>, condition: &'a RowsCondition, scope: Scope<'_>) -> Self;
    /// The test.
    fn test(context: &Context<'a>, test: &'a Test, scope: Scope<'_>) -> Self;
}

impl<'a> Answer<'a> for Truth {
    fn all(_: Place, parts: impl Iterator<Item = Self>) -> Self {
        Truth::all(parts)
    }

    fn any(_: Place, parts: impl Iterator<Item = Self>) -> Self {
        Truth::any(parts)
    }

    fn any_given(_: Place, parts: Vec<Explained>) -> Self {
        Truth::any_given(parts.iter().map(|part| (part.truth, part.is_given())))
    }

    fn not(_: Place, part: Self) -> Self {
        !part
    }

    fn rows(context: &Context<'a>, condition: &'a RowsCondition, scope: Scope<'_>) -> Self {
        context.rows(condition, scope, |filter, scope| context.truth(filter, scope))
    }

    fn test(context: &Context<'a>, test: &'a Test, scope: Scope<'_>) -> Self {
        context.test(test, scope)
    }
}

impl<'a> Context<'a> {
    /// The result of a condition.
    pub(super) fn evaluate<A: Answer<'a>>(&self, condition: &'a Condition, scope: Scope<'_>) -> A {
        match condition {
            Condition::All(parts, place) => {
                A::all(*place, parts.iter().map(|part| self.evaluate(part, scope)))
            }
            Condition::Any(parts, place) => {
                A::any(*place, parts.iter().map(|part| self.evaluate(part, scope)))
            }
            Condition::AnyGiven(parts, place) => {
                A::any_given(*place, parts.iter().map(|part| self.evaluate(part, scope)).collect())
            }
            Condition::Not(part, place) => A::not(*place, self.evaluate(part, scope)),
            Condition::Rows(rows) => A::rows(self, rows, scope),
            Condition::Test(test) => A::test(self, test, scope),
        }
    }

    /// Whether a condition is true.
    pub fn truth(&self, condition: &'a Condition, scope: Scope<'_>) -> Truth {
        self.evaluate(condition, scope)
    }

    /// What a rule finds by definition: the other ways to compute it must agree with this.
    pub(crate) fn defined(&self, rule: &'a crate::rules::model::Rule, scope: Scope<'_>) -> Truth {
        let applies = rule.when.as_ref().map_or(Truth::True, |when| self.truth(when, scope));
        let holds = self.truth(&rule.condition, scope);
        applies.and(if rule.forbids { holds } else { !holds })
    }

    /// Whether as many rows as a condition requires satisfy its filter, evaluated by `holds`.
    pub(super) fn rows(
        &self,
        condition: &'a RowsCondition,
        scope: Scope<'_>,
        holds: impl Fn(&'a Condition, Scope<'_>) -> Truth,
    ) -> Truth {
        let Ok(members) = self.members(condition.range, &scope) else { return Truth::Unknown };
        // Without a filter the question is whether the entry is in the table, and that is known.
        if members.len() == 0 && condition.filter.is_some() && self.absent_members(condition.range) {
            return Truth::Unknown;
        }
        let table = self.table(condition.range.table());
        let truth = |member: Member| {
            // Whether it is a row of the entry at all is not known.
            if table.is_some_and(|table| table.rows[member.row as usize].doubtful) {
                return Truth::Unknown;
            }
            let inner = member.inner(scope);
            let inside = member.scope(scope, &inner);
            let truth = condition.filter.as_deref().map_or(Truth::True, |filter| holds(filter, inside));
            if member.certain { truth } else { condition.quantifier.perhaps(truth) }
        };
        self.quantified(&condition.quantifier, members.iter().map(truth), &scope)
    }

    /// The truth of a quantifier for its rows.
    pub(super) fn quantified(
        &self,
        quantifier: &'a Quantifier,
        truths: impl Iterator<Item = Truth>,
        scope: &Scope<'_>,
    ) -> Truth {
        match quantifier {
            Quantifier::Some => Truth::any(truths),
            Quantifier::Every => Truth::all(truths),
            Quantifier::No => !Truth::any(truths),
            Quantifier::Count(predicates) => {
                let (mut least, mut most) = (0, 0);
                for truth in truths {
                    least += i64::from(truth == Truth::True);
                    most += i64::from(truth != Truth::False);
                }
                // The count lies between `least` and `most`: what is true for all of them is true.
                let says = |count| {
                    Truth::all(predicates.iter().map(|predicate| {
                        self.answer(predicate, &Tested::Value(Got::Val(Val::Integer(count))), scope)
                    }))
                };
                let first = says(least);
                if (least + 1..=most).all(|count| says(count) == first) { first } else { Truth::Unknown }
            }
        }
    }

    /// Whether a test is true.
    pub fn test(&self, test: &'a Test, scope: Scope<'_>) -> Truth {
        let columns = match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), _) => columns.as_slice(),
            (Subject::Operand(Operand::Column(column)), Predicate::Consistent | Predicate::Readable) => {
                std::slice::from_ref(column)
            }
            (Subject::Operand(operand), predicate) => {
                if let Predicate::Unique(within) = predicate {
                    return self.is_first(*within, &scope);
                }
                let tested = self.tested(operand, &scope);
                return self.answer(predicate, &tested, &scope);
            }
        };
        Truth::all(columns.iter().map(|column| match test.predicate {
            Predicate::Consistent => match self.locate(*column, &scope) {
                Located::Cell(..) | Located::Nothing => Truth::True,
                Located::Missing(Cause::Conflict(..)) => Truth::False,
                // A column that is not there cannot disagree; other rules report that it is missing.
                Located::Missing(Cause::NoColumn(..)) => Truth::True,
                Located::Missing(
                    Cause::NoTable(_)
                    | Cause::NoRows(_)
                    | Cause::Blank(_)
                    | Cause::Unreadable(_)
                    | Cause::NoAccount(_)
                    | Cause::NoExportDate(_)
                    | Cause::NotDeclared
                    | Cause::Unlisted { .. }
                    | Cause::TooManyRows(_)
                    | Cause::Computed,
                ) => Truth::Unknown,
            },
            _ => {
                if self.table(column.table).is_none() {
                    return Truth::Unknown;
                }
                Truth::from(self.unreadable(*column, &scope).is_none())
            }
        }))
    }

    /// The first cell of a column, among the rows at hand, that cannot be read.
    pub(super) fn unreadable(&self, column: ColumnRef, scope: &Scope<'_>) -> Option<CellRef> {
        let table = self.table(column.table)?;
        let rows = match (column.of, scope.entry) {
            (Frame::Entry, Some(entry)) => table.rows_of(entry),
            _ => match self.locate(column, scope) {
                Located::Cell(_, at) => at.row as usize..at.row as usize + 1,
                Located::Nothing | Located::Missing(_) => 0..0,
            },
        };
        let certain = rows.filter(|row| !table.rows[*row].doubtful);
        certain.map(|row| self.cell(table, column, row as u32)).find_map(|located| match located {
            Located::Cell(cell, at) => (cell.reading == CellReading::Unreadable).then_some(at),
            Located::Nothing | Located::Missing(_) => None,
        })
    }

    pub(super) fn is_first(&self, within: FirstWithin, scope: &Scope<'_>) -> Truth {
        let Some(row) = scope.declared else { return Truth::Unknown };
        self.first_of(within, row).map_or(Truth::Unknown, |first| Truth::from(first == row))
    }

    /// The first row with the same entry number, in the file or the run.
    pub(super) fn first_of(&self, within: FirstWithin, row: u32) -> Option<u32> {
        match within {
            FirstWithin::File => {
                let declared = *self.declared_of_row.get(row as usize)?;
                Some(self.declared[declared as usize].row)
            }
            FirstWithin::Run => self.first_in_run.get(row as usize).copied(),
        }
    }

    /// What a test's subject is.
    pub(super) fn tested(&self, operand: &'a Operand, scope: &Scope<'_>) -> Tested<'a> {
        match operand {
            Operand::Column(column) => match self.locate(*column, scope) {
                Located::Cell(cell, at) => Tested::Cell(cell, self.column(at.table, at.column)),
                Located::Nothing => Tested::Value(Got::Nothing),
                Located::Missing(_) => Tested::Value(Got::Unknown),
            },
            Operand::Account(field) => {
                Tested::Setting(self.account(*field).is_some(), self.value(operand, scope))
            }
            other => Tested::Value(self.value(other, scope)),
        }
    }

    /// The truth of a predicate for a subject.
    pub(super) fn answer(&self, predicate: &'a Predicate, tested: &Tested<'a>, scope: &Scope<'_>) -> Truth {
        let got = tested.got();
        match predicate {
            Predicate::Present(yes) => {
                let present = match (tested, &got) {
                    (Tested::Cell(cell, _), _) => {
                        Truth::from(!matches!(cell.reading, CellReading::Blank | CellReading::Nothing))
                    }
                    // Whether a setting is set is always known.
                    (Tested::Setting(is_set, _), _) => Truth::from(*is_set),
                    (_, Got::Val(_)) => Truth::True,
                    (_, Got::Nothing) => Truth::False,
                    (_, Got::Unknown) => Truth::Unknown,
                };
                if *yes { present } else { !present }
            }
            Predicate::OneOf { values, negated } => {
                let one_of = match &got {
                    Got::Unknown => Truth::Unknown,
                    Got::Nothing => Truth::False,
                    Got::Val(value) => {
                        Truth::any(values.iter().map(|other| self.is(value, other, scope, false)))
                    }
                };
                if *negated { !one_of } else { one_of }
            }
            Predicate::Listed { codes, negated } => {
                let listed = match &got {
                    Got::Unknown => Truth::Unknown,
                    Got::Nothing => Truth::False,
                    Got::Val(value) => Truth::from(codes.contains(&value.code())),
                };
                if *negated { !listed } else { listed }
            }
            Predicate::Compare(comparison, operand) => {
                compare(&got, *comparison, &self.value(operand, scope))
            }
            Predicate::Word(word, given) => self.word(*word, given, tested, &got, scope),
            // Asked of places, not of values; see `test`.
            Predicate::Unique(_) | Predicate::Consistent | Predicate::Readable => Truth::Unknown,
        }
    }

    pub(super) fn is(&self, value: &Val<'a>, other: &'a Operand, scope: &Scope<'_>, exactly: bool) -> Truth {
        let same = |other: &Val<'a>| match (value, other) {
            (Val::Importer(a), Val::Importer(b)) if exactly => a.same_suffix(b),
            _ => value.same(other),
        };
        if let Operand::Account(field) = other {
            return match self.account(*field) {
                Some(values) => Truth::from(values.iter().any(same)),
                None => Truth::Unknown,
            };
        }
        match self.value(other, scope) {
            Got::Val(other) => Truth::from(same(&other)),
            Got::Nothing => Truth::False,
            Got::Unknown => Truth::Unknown,
        }
    }
}

/// The subject of a test.
#[derive(Clone, Debug)]
pub enum Tested<'a> {
    /// A cell, whose text can be asked too.
    Cell(&'a Cell, &'a schema::Column),
    /// A value.
    Value(Got<'a>),
    /// A field of the account: whether it is set, and its value where it has a single one.
    Setting(bool, Got<'a>),
}

impl<'a> Tested<'a> {
    /// What there is to ask about.
    pub(super) fn got(&self) -> Got<'a> {
        match self {
            Self::Cell(cell, column) => match &cell.reading {
                CellReading::Value(value) => Got::Val(Val::of_cell(value, column)),
                CellReading::Nothing => Got::Nothing,
                CellReading::Blank | CellReading::Unreadable => Got::Unknown,
            },
            Self::Value(got) | Self::Setting(_, got) => got.clone(),
        }
    }
}

/// How two values compare.
pub(super) fn compare(a: &Got<'_>, comparison: Comparison, b: &Got<'_>) -> Truth {
    match (a, b) {
        (Got::Nothing, _) | (_, Got::Nothing) => Truth::False,
        (Got::Val(a), Got::Val(b)) => a.compare(b).map_or(Truth::Unknown, |order| {
            Truth::from(match comparison {
                Comparison::Above => order.is_gt(),
                Comparison::AtLeast => order.is_ge(),
                Comparison::Below => order.is_lt(),
                Comparison::AtMost => order.is_le(),
            })
        }),
        _ => Truth::Unknown,
    }
}
