//! Named figures: what is computed over an entry's rows, a line's rows or a file's entries.
//!
//! [`Context::computed`] is the definition. What a run uses is computed once, before anything is evaluated,
//! for each entry, row or file ([`Values`]).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::Context;
use super::operand::{Got, Val, sum};
use super::scope::Scope;
use super::truth::Truth;
use crate::rules::model::{Aggregate, Condition, Figure, FigureId, Frame, Over, Range};
use crate::table::{EntryId, FILE};

/// The values of a figure: for each entry, for each row of its table, or for each file.
pub(super) type Values = Vec<FigureValue>;

/// A value of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FigureValue {
    Money(Decimal),
    Integer(i64),
    Date(NaiveDate),
    Nothing,
    Unknown,
}

impl FigureValue {
    pub(super) fn of(got: &Got<'_>) -> Self {
        match got {
            Got::Val(Val::Money(amount)) => Self::Money(*amount),
            Got::Val(Val::Integer(number)) => Self::Integer(*number),
            Got::Val(Val::Date(day)) => Self::Date(*day),
            Got::Nothing => Self::Nothing,
            // The compiler lets no figure be of another type.
            Got::Val(_) | Got::Unknown => Self::Unknown,
        }
    }

    pub(super) fn got<'a>(self) -> Got<'a> {
        match self {
            Self::Money(amount) => Got::Val(Val::Money(amount)),
            Self::Integer(number) => Got::Val(Val::Integer(number)),
            Self::Date(day) => Got::Val(Val::Date(day)),
            Self::Nothing => Got::Nothing,
            Self::Unknown => Got::Unknown,
        }
    }
}

impl Figure {
    /// The rows, or entries, that it is computed over.
    pub(super) fn range(&self) -> Range {
        match self.over {
            Over::Entry(table) => Range::Entry(table),
            Over::Line(table) => Range::Line(table, Frame::Own),
            Over::File => Range::Entries,
        }
    }
}

impl<'a> Context<'a> {
    /// A figure's value; of a line, that of the row of the frame.
    pub(super) fn figure(&self, id: FigureId, frame: Frame, scope: &Scope<'_>) -> Got<'a> {
        let figure = &self.rules().figures[usize::from(id.0)];
        let row = match figure.over {
            Over::Entry(_) => scope.entry.map(|entry| entry.0),
            Over::Line(_) => scope.row(frame),
            Over::File => Some(scope.part),
        };
        let Some(row) = row else { return Got::Unknown };
        let known = self.figures.get(usize::from(id.0)).and_then(|values| values.as_ref()?.get(row as usize));
        match known {
            Some(value) => value.got(),
            None => {
                let scope = match figure.over {
                    Over::Entry(_) => Scope { own: None, inner: None, ..*scope },
                    Over::Line(_) => Scope { own: Some(row), inner: None, ..*scope },
                    Over::File => Scope::file(scope.part),
                };
                self.computed(figure, scope, |condition, scope| self.truth(condition, scope))
            }
        }
    }

    /// The value of a figure in a scope, whose conditions are asked through `holds`.
    pub(super) fn computed(
        &self,
        figure: &'a Figure,
        scope: Scope<'_>,
        holds: impl Fn(&'a Condition, Scope<'_>) -> Truth,
    ) -> Got<'a> {
        match figure.when.as_ref().map_or(Truth::True, |when| holds(when, scope)) {
            Truth::True => {}
            Truth::False => return Got::Nothing,
            Truth::Unknown => return Got::Unknown,
        }
        if figure.aggregate == Aggregate::Value {
            return figure.of.as_ref().map_or(Got::Unknown, |of| self.value(of, &scope));
        }
        let range = figure.range();
        let table = self.table(range.table());
        let Ok(members) = self.members(range, &scope) else { return Got::Unknown };
        if members.len() == 0 && self.absent_members(range) {
            return Got::Unknown;
        }
        let mut found = Vec::with_capacity(members.len());
        let mut uncertain = false;
        for member in members.iter() {
            // Whether it is a row of the entry at all is not known.
            if table.is_some_and(|table| table.rows[member.row as usize].doubtful) {
                uncertain = true;
                continue;
            }
            let inner = member.inner(scope);
            let inside = member.scope(scope, &inner);
            let counts = figure.filter.as_ref().map_or(Truth::True, |filter| holds(filter, inside));
            match if member.certain { counts } else { counts.and(Truth::Unknown) } {
                Truth::False => {}
                Truth::Unknown => uncertain = true,
                Truth::True => {
                    found.push(figure.of.as_ref().map_or(Got::Nothing, |of| self.value(of, &inside)));
                }
            }
        }
        // A row that may or may not count makes the figure unknown, because a figure cannot be "at least" a value.
        if uncertain {
            return Got::Unknown;
        }
        match figure.aggregate {
            Aggregate::Value => Got::Unknown,
            Aggregate::Total => {
                let total = sum(found).and_then(|total| match figure.kind {
                    crate::table::schema::Type::Integer => {
                        use rust_decimal::prelude::ToPrimitive;
                        total.to_i64().map(Val::Integer)
                    }
                    _ => Some(Val::Money(total)),
                });
                Got::from_option(total)
            }
            Aggregate::Count => Got::Val(Val::Integer(found.len() as i64)),
            Aggregate::Distinct => {
                let mut different = BTreeSet::new();
                for one in &found {
                    match one {
                        Got::Val(value) => {
                            different.insert(value.code().into_owned());
                        }
                        Got::Nothing => {}
                        Got::Unknown => return Got::Unknown,
                    }
                }
                Got::Val(Val::Integer(different.len() as i64))
            }
            Aggregate::Earliest => self.extreme(found, Ordering::Less),
            Aggregate::Latest => self.extreme(found, Ordering::Greater),
        }
    }

    /// The values of a figure for everything that has one.
    pub(super) fn values_of(&'a self, figure: &'a Figure) -> Option<Values> {
        let when = figure.when.as_ref().map(|when| self.bind(when));
        let filter = figure.filter.as_ref().map(|filter| self.bind(filter));
        let value = |scope: Scope<'_>| {
            let got = self.computed(figure, scope, |condition, scope| {
                let is_when = figure.when.as_ref().is_some_and(|when| std::ptr::eq(when, condition));
                let bound = if is_when { &when } else { &filter };
                bound.as_ref().map_or(Truth::True, |bound| bound.truth(self, scope))
            });
            FigureValue::of(&got)
        };
        let nowhere = Scope::file(u32::MAX);
        Some(match figure.over {
            Over::Entry(_) => (0..self.input.entries.len() as u32)
                .into_par_iter()
                .with_min_len(64)
                .map(|entry| value(Scope { entry: Some(EntryId(entry)), ..nowhere }))
                .collect(),
            Over::Line(id) => {
                let table = self.table(id)?;
                let mut values = vec![FigureValue::Unknown; table.rows.len()];
                let lines = self.lines(id)?;
                for entry in (0..self.input.entries.len() as u32).map(EntryId) {
                    for same in lines.of_entry(table, entry) {
                        let of_line = value(Scope { entry: Some(entry), own: Some(same[0]), ..nowhere });
                        same.iter().for_each(|row| values[*row as usize] = of_line);
                    }
                }
                values
            }
            Over::File => {
                let files = self.table(FILE).map_or(0, |files| files.rows.len() as u32);
                (0..files).map(|part| value(Scope::file(part))).collect()
            }
        })
    }
}
