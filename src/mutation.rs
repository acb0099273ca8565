//! Finds what the tests of a rule would not notice (mutation testing): each rule is changed a little, in each of
//! its parts in turn, and a change after which all tests have the same result shows a test that is missing.
//!
//! A change removes a clause, a `where`, the `when`, a day in force or a `supersedes`, or moves a bound by one.
//! [`crate::rule_tests`] checks whether each next step is in a test.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::judge::Context;
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{
    Comparison, Condition, Each, Given, Operand, Predicate, Quantifier, Rule, Test, Tolerance,
};
use crate::source::Place;
use crate::table::value::Value;

/// A rule with one change, and what to do where no test notices it.
pub struct Mutant {
    /// The changed rule.
    pub rule: Rule,
    /// Where the change is.
    pub place: Place,
    /// What was changed.
    pub change: Mutation,
}

/// What is changed in a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// `effective.from` is left out; the day before it.
    WithoutFrom(NaiveDate),
    /// `effective.until` is left out; the day after it.
    WithoutUntil(NaiveDate),
    /// `when` is left out.
    WithoutWhen,
    /// A `where` is left out.
    WithoutWhere,
    /// It does not supersede the rule of this id.
    WithoutSuperseding(String),
    /// A bound is moved.
    BoundMoved {
        /// Whether to a larger value.
        up: bool,
        /// How far.
        by: BoundStep,
    },
    /// A clause of several that all have to be true is left out.
    WithoutClauseOfAll,
    /// A clause of several of which one has to be true is left out.
    WithoutClauseOfAny,
    /// A clause of `any_given` is left out.
    WithoutSource,
}

/// The least that a bound can be moved by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundStep {
    /// The number one.
    One,
    /// A cent.
    Cent,
    /// A day.
    Day,
    /// One of the days, months or working days that a date is moved by.
    Unit,
    /// A cent that values may be apart.
    CentOfTolerance,
    /// A percent that values may be apart.
    PercentOfTolerance,
}

/// All changes of a rule, but to its `supersedes`.
pub fn mutants(rule: &Rule) -> Vec<Mutant> {
    let mut all = Vec::new();
    if let Some(when) = &rule.when {
        let without = Rule { when: None, ..rule.clone() };
        all.push(Mutant { rule: without, place: place_of(when), change: Mutation::WithoutWhen });
        for change in changes(when) {
            all.push(change.of(|when| Rule { when: Some(when), ..rule.clone() }));
        }
    }
    for change in changes(&rule.condition) {
        all.push(change.of(|condition| Rule { condition, ..rule.clone() }));
    }
    for (at, case) in rule.help.iter().enumerate() {
        for change in case.when.iter().flat_map(changes) {
            all.push(change.of(|when| {
                let mut help = rule.help.clone();
                help[at].when = Some(when);
                Rule { help, ..rule.clone() }
            }));
        }
    }
    let (from, until) = rule.effective;
    if let Some(day) = from.and_then(|day| day.pred_opt()) {
        let rule = Rule { effective: (None, until), ..rule.clone() };
        all.push(Mutant { place: rule.place, rule, change: Mutation::WithoutFrom(day) });
    }
    if let Some(day) = until.and_then(|day| day.succ_opt()) {
        let rule = Rule { effective: (from, None), ..rule.clone() };
        all.push(Mutant { place: rule.place, rule, change: Mutation::WithoutUntil(day) });
    }
    all
}

/// What a rule finds in the fixture of a test, and which next step it takes, as far as a change can affect
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The worst that it finds about anything.
    pub truth: Truth,
    /// The place of the next step of the first violation.
    pub step: Option<Place>,
    /// How often it is violated.
    pub violations: usize,
}

/// What a rule finds in each scope.
pub fn observe<'a>(context: &Context<'a>, rule: &'a Rule, scopes: &[Scope<'_>]) -> Observed {
    let mut truth = Truth::False;
    let (mut step, mut violations) = (None, 0);
    if !rule.in_force(context.input.filing_date) {
        return Observed { truth, step, violations };
    }
    for scope in scopes {
        let found = context.defined(rule, *scope);
        if found == Truth::True && truth != Truth::True && rule.help.len() > 1 {
            let applies = |when: &'a Condition| context.truth(when, *scope) == Truth::True;
            let case = rule.help.iter().find(|case| case.when.as_ref().is_none_or(applies));
            step = case.map(|case| case.place);
        }
        truth = truth.or(found);
        violations += usize::from(found == Truth::True);
    }
    Observed { truth, step, violations }
}

/// What a rule is applied to in the fixture of a test.
pub fn scopes(context: &Context<'_>, rule: &Rule) -> Vec<Scope<'static>> {
    let of = |declared: &crate::judge::Declared, own| Scope {
        part: declared.part,
        declared: Some(declared.row),
        entry: declared.entry,
        own,
        inner: None,
    };
    match rule.each {
        Each::File => vec![Scope::file(0)],
        Each::Row => {
            let rows = context.declared_of_row.iter().zip(0..);
            rows.map(|(declared, row)| Scope {
                declared: Some(row),
                ..of(&context.declared[*declared as usize], None)
            })
            .collect()
        }
        Each::Entry => context
            .declared
            .iter()
            .filter(|declared| declared.entry.is_some())
            .map(|declared| of(declared, None))
            .collect(),
        Each::Table(_) | Each::Line(_) => context
            .declared
            .iter()
            .filter_map(|declared| Some((declared, context.own_rows(rule.each, declared.entry?))))
            .flat_map(|(declared, rows)| rows.into_iter().map(|row| of(declared, Some(row))))
            .collect(),
    }
}

/// A changed condition.
struct ChangedCondition {
    condition: Condition,
    place: Place,
    change: Mutation,
}

impl ChangedCondition {
    fn of(self, rule: impl FnOnce(Condition) -> Rule) -> Mutant {
        let Self { condition, place, change } = self;
        Mutant { rule: rule(condition), place, change }
    }

    /// The change as one of a whole around it.
    fn within(self, whole: impl FnOnce(Condition) -> Condition) -> Self {
        Self { condition: whole(self.condition), ..self }
    }
}

fn place_of(condition: &Condition) -> Place {
    match condition {
        Condition::All(_, place)
        | Condition::Any(_, place)
        | Condition::AnyGiven(_, place)
        | Condition::Not(_, place) => *place,
        Condition::Rows(rows) => rows.place,
        Condition::Test(test) => test.place,
    }
}

/// All changes of a condition.
fn changes(condition: &Condition) -> Vec<ChangedCondition> {
    match condition {
        Condition::All(parts, place) => {
            of_parts(parts, &Mutation::WithoutClauseOfAll, |parts| Condition::All(parts, *place))
        }
        Condition::Any(parts, place) => {
            of_parts(parts, &Mutation::WithoutClauseOfAny, |parts| Condition::Any(parts, *place))
        }
        Condition::AnyGiven(parts, place) => {
            of_parts(parts, &Mutation::WithoutSource, |parts| Condition::AnyGiven(parts, *place))
        }
        Condition::Not(part, place) => changes(part)
            .into_iter()
            .map(|change| change.within(|part| Condition::Not(Box::new(part), *place)))
            .collect(),
        Condition::Rows(rows) => {
            let with = |filter: Option<Condition>| {
                let mut rows = rows.clone();
                rows.filter = filter.map(Box::new);
                Condition::Rows(rows)
            };
            let mut all = Vec::new();
            if let Some(filter) = &rows.filter {
                if !matches!(rows.quantifier, Quantifier::Every) {
                    all.push(ChangedCondition {
                        condition: with(None),
                        place: place_of(filter),
                        change: Mutation::WithoutWhere,
                    });
                }
                all.extend(
                    changes(filter).into_iter().map(|change| change.within(|filter| with(Some(filter)))),
                );
            }
            if let Quantifier::Count(predicates) = &rows.quantifier {
                for (at, predicate) in predicates.iter().enumerate() {
                    for (moved, change) in moves(predicate) {
                        let mut rows = rows.clone();
                        let mut predicates = predicates.clone();
                        predicates[at] = moved;
                        rows.quantifier = Quantifier::Count(predicates);
                        let place = rows.place;
                        all.push(ChangedCondition { condition: Condition::Rows(rows), place, change });
                    }
                }
            }
            all
        }
        Condition::Test(test) => moves(&test.predicate)
            .into_iter()
            .map(|(predicate, change)| {
                let condition = Condition::Test(Test { predicate, ..test.clone() });
                ChangedCondition { condition, place: test.place, change }
            })
            .collect(),
    }
}

/// Each part taken out, and the changes of each.
fn of_parts(
    parts: &[Condition],
    left_out: &Mutation,
    whole: impl Fn(Vec<Condition>) -> Condition,
) -> Vec<ChangedCondition> {
    let mut all = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut others = parts.to_vec();
        others.remove(at);
        if !others.is_empty() {
            all.push(ChangedCondition {
                condition: whole(others),
                place: place_of(part),
                change: left_out.clone(),
            });
        }
        for change in changes(part) {
            all.push(change.within(|part| {
                let mut parts = parts.to_vec();
                parts[at] = part;
                whole(parts)
            }));
        }
    }
    all
}

/// The predicate with its bound moved by one, both ways, and how it was moved.
fn moves(predicate: &Predicate) -> Vec<(Predicate, Mutation)> {
    let both = |make: &dyn Fn(i32) -> Option<(Predicate, BoundStep)>| -> Vec<(Predicate, Mutation)> {
        [-1, 1]
            .into_iter()
            .filter_map(|by| {
                let (predicate, step) = make(by)?;
                Some((predicate, Mutation::BoundMoved { up: by > 0, by: step }))
            })
            .collect()
    };
    match predicate {
        Predicate::Compare(comparison, operand) => both(&|by| {
            let (moved, unit) = moved(operand, by)?;
            // Below zero no amount and no number of rows is found to try.
            let below_zero = match &moved {
                Operand::Literal(Value::Integer(number)) => *number < 0,
                Operand::Literal(Value::Money(amount)) => amount.is_sign_negative() && !amount.is_zero(),
                _ => false,
            };
            let tries = !below_zero || matches!(comparison, Comparison::Above | Comparison::AtMost);
            tries.then_some((Predicate::Compare(*comparison, moved), unit))
        }),
        Predicate::Word(word, Given::Near(operand, tolerance)) => both(&|by| {
            let by = Decimal::from(by);
            let (tolerance, unit) = match tolerance {
                Tolerance::Dollars(amount) => {
                    (Tolerance::Dollars(*amount + by * Decimal::new(1, 2)), BoundStep::CentOfTolerance)
                }
                Tolerance::Percent(percent) => {
                    (Tolerance::Percent(*percent + by), BoundStep::PercentOfTolerance)
                }
            };
            let given = Given::Near(operand.clone(), tolerance);
            Some((Predicate::Word(*word, given), unit))
        }),
        Predicate::OneOf { .. }
        | Predicate::Listed { .. }
        | Predicate::Present(_)
        | Predicate::Unique(_)
        | Predicate::Consistent
        | Predicate::Readable
        | Predicate::Word(..) => Vec::new(),
    }
}

/// A bound moved by one, and by one of what; `None` where only data determines what it is.
fn moved(operand: &Operand, by: i32) -> Option<(Operand, BoundStep)> {
    Some(match operand {
        Operand::Literal(Value::Integer(number)) => {
            (Operand::Literal(Value::Integer(number + i64::from(by))), BoundStep::One)
        }
        Operand::Literal(Value::Money(amount)) => {
            let moved = *amount + Decimal::from(by) * Decimal::new(1, 2);
            (Operand::Literal(Value::Money(moved)), BoundStep::Cent)
        }
        Operand::Literal(Value::Date(day)) => {
            let moved = if by < 0 { day.pred_opt()? } else { day.succ_opt()? };
            (Operand::Literal(Value::Date(moved)), BoundStep::Day)
        }
        Operand::Shift { date, by: steps, times, unit } => {
            let moved = Operand::Shift { date: date.clone(), by: steps + by, times: *times, unit: *unit };
            // A setting is moved as a whole.
            if times.is_some() {
                return None;
            }
            (moved, BoundStep::Unit)
        }
        Operand::FilingDate | Operand::Column(_) => {
            let moved = Operand::Shift {
                date: Box::new(operand.clone()),
                by,
                times: None,
                unit: crate::calendar::Unit::Days,
            };
            match operand {
                Operand::FilingDate => (moved, BoundStep::Day),
                _ => return None,
            }
        }
        _ => return None,
    })
}
