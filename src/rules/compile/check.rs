//! Conditions that are always or never true: most likely an error, and never what a rule is for.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::errors;
use super::super::model::{CodeSet, Comparison, Condition, Operand, Predicate};
use super::operands::Typed;
use crate::calendar::Unit;
use crate::source::Place;
use crate::table::schema::Type;
use crate::table::value::Value;
use crate::yaml::Diagnostics;

/// What a condition asks of an operand, together with others that have to be true too.
pub struct Demand {
    /// The operand as written: demands on the same one belong together.
    subject: String,
    kind: Type,
    choices: Vec<String>,
    count: bool,
    predicate: Predicate,
    place: Place,
}

impl Demand {
    /// A demand on an operand.
    pub fn new(subject: &str, typed: &Typed, predicate: Predicate, place: Place) -> Self {
        let subject = subject.split_whitespace().collect();
        Self { subject, kind: typed.kind, choices: typed.choices.clone(), count: false, predicate, place }
    }

    /// A demand on the number of rows of the quantifier that is at that byte.
    pub fn count(at: u64, predicate: Predicate, place: Place) -> Self {
        let subject = format!("count {at}");
        Self { subject, kind: Type::Integer, choices: Vec::new(), count: true, predicate, place }
    }
}

/// Reports demands that cannot be true together, and such that are always true.
pub fn contradictions(demands: &[Demand], diagnostics: &mut Diagnostics) {
    for (at, demand) in demands.iter().enumerate() {
        if demands[..at].iter().all(|earlier| earlier.subject != demand.subject) {
            let together: Vec<&Demand> =
                demands[at..].iter().filter(|other| other.subject == demand.subject).collect();
            constant(&together, diagnostics);
            opposed(&together, diagnostics);
        }
    }
}

/// Reports a rule whose `when` already decides its demand: what it forbids cannot be where it applies, or
/// what it requires always is there, or never.
///
/// `asked` are the demands of the rule's `condition`; only where the condition is nothing but these
/// can it be true everywhere.
pub fn rule(
    applies: &[Demand],
    condition: &Condition,
    asked: &[Demand],
    forbids: bool,
    diagnostics: &mut Diagnostics,
) {
    let opposed = |asked: &Demand| {
        applies
            .iter()
            .find(|when| when.subject == asked.subject && contradict(when, asked))
            .map(|when| (when.place, asked.place))
    };
    if let Some((when, asked)) = asked.iter().find_map(opposed) {
        diagnostics.push(errors::opposed_to_when(forbids, asked, when));
        return;
    }
    if forbids || asked.is_empty() || tests_of(condition) != Some(asked.len()) {
        return;
    }
    let implied: Option<Vec<_>> = asked
        .iter()
        .map(|asked| applies.iter().find(|when| implies(when, asked)).map(|when| (when.place, asked.place)))
        .collect();
    if let Some(&(when, asked)) = implied.as_ref().and_then(|implied| implied.first()) {
        diagnostics.push(errors::implied_by_when(asked, when));
    }
}

/// How many tests a condition is made of, where all of them have to be true and there is nothing else.
fn tests_of(condition: &Condition) -> Option<usize> {
    match condition {
        Condition::Test(_) => Some(1),
        Condition::All(parts, _) => parts.iter().map(tests_of).sum(),
        _ => None,
    }
}

/// Whether a demand is true wherever another one on the same operand is.
fn implies(given: &Demand, asked: &Demand) -> bool {
    // For a cell that contains nothing, most tests are neither true nor false.
    if given.subject != asked.subject || matches!(given.predicate, Predicate::Present(false)) {
        return false;
    }
    let opposite = match &asked.predicate {
        Predicate::OneOf { values, negated } => {
            Predicate::OneOf { values: values.clone(), negated: !negated }
        }
        Predicate::Listed { codes, negated } => Predicate::Listed { codes: codes.clone(), negated: !negated },
        Predicate::Present(yes) => Predicate::Present(!yes),
        Predicate::Compare(comparison, bound) => {
            let opposite = match comparison {
                Comparison::Above => Comparison::AtMost,
                Comparison::AtLeast => Comparison::Below,
                Comparison::Below => Comparison::AtLeast,
                Comparison::AtMost => Comparison::Above,
            };
            Predicate::Compare(opposite, bound.clone())
        }
        _ => return false,
    };
    predicates_contradict(&given.predicate, &opposite)
}

/// Demands that are true, or false, whatever the cell is.
fn constant(demands: &[&Demand], diagnostics: &mut Diagnostics) {
    for demand in demands {
        match &demand.predicate {
            Predicate::OneOf { values, negated }
                if demand.kind == Type::Choice && !demand.choices.is_empty() =>
            {
                let named = |choice: &String| {
                    values.iter().any(|value| matches!(value, Operand::Choice(name) if **name == **choice))
                };
                if demand.choices.iter().all(named) {
                    diagnostics.push(errors::all_choices(*negated, demand.place));
                }
            }
            Predicate::Compare(comparison, Operand::Literal(Value::Integer(bound))) if demand.count => {
                match (comparison, bound) {
                    (Comparison::AtLeast, ..=0) | (Comparison::Above, ..=-1) => {
                        diagnostics.push(errors::any_number_of_rows(true, demand.place));
                    }
                    (Comparison::Below, ..=0) | (Comparison::AtMost, ..=-1) => {
                        diagnostics.push(errors::any_number_of_rows(false, demand.place));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Demands that contradict each other.
fn opposed(demands: &[&Demand], diagnostics: &mut Diagnostics) {
    for (at, second) in demands.iter().enumerate() {
        for first in &demands[..at] {
            if contradict(first, second) {
                diagnostics.push(errors::tests_contradict(first.place, second.place));
                return;
            }
        }
    }
}

fn contradict(first: &Demand, second: &Demand) -> bool {
    predicates_contradict(&first.predicate, &second.predicate)
}

/// Whether no cell passes both tests.
fn predicates_contradict(first: &Predicate, second: &Predicate) -> bool {
    use Predicate::{Compare, Listed, OneOf, Present, Word};
    match (first, second) {
        (Present(one), Present(other)) => one != other,
        // What must not be something may be nothing.
        (Present(false), other) | (other, Present(false)) => matches!(
            other,
            OneOf { negated: false, .. } | Listed { negated: false, .. } | Word(..) | Compare(..)
        ),
        (Compare(one, a), Compare(other, b)) => match (AxisBound::of(*one, a), AxisBound::of(*other, b)) {
            (Some(a), Some(b)) => a.excludes(&b),
            _ => false,
        },
        (Compare(comparison, bound), OneOf { values, negated: false })
        | (OneOf { values, negated: false }, Compare(comparison, bound)) => {
            let Some(bound) = AxisBound::of(*comparison, bound) else { return false };
            values.iter().all(|value| {
                AxisBound::of(Comparison::AtLeast, value).is_some_and(|low| low.excludes(&bound))
                    || AxisBound::of(Comparison::AtMost, value).is_some_and(|high| high.excludes(&bound))
            })
        }
        (OneOf { values: a, negated: false }, OneOf { values: b, negated: false }) => {
            all_literal(a) && all_literal(b) && a.iter().all(|value| !contains(b, value))
        }
        (OneOf { values: wanted, negated: false }, OneOf { values: excluded, negated: true })
        | (OneOf { values: excluded, negated: true }, OneOf { values: wanted, negated: false }) => {
            wanted.iter().all(|value| contains(excluded, value))
        }
        (Listed { codes: a, negated: false }, Listed { codes: b, negated: false }) => !overlap(a, b),
        (Listed { codes: a, negated: one }, Listed { codes: b, negated: other }) => {
            one != other && a.name == b.name && a.codes == b.codes
        }
        _ => false,
    }
}

/// Whether a code may be in both lists. An empty one may be filled later.
fn overlap(a: &CodeSet, b: &CodeSet) -> bool {
    a.codes.is_empty()
        || b.codes.is_empty()
        || a.codes.codes().any(|code| b.contains(code))
        || b.codes.codes().any(|code| a.contains(code))
}

fn all_literal(values: &[Operand]) -> bool {
    values.iter().all(|value| matches!(value, Operand::Literal(_) | Operand::Choice(_)))
}

fn contains(values: &[Operand], wanted: &Operand) -> bool {
    values.iter().any(|value| match (value, wanted) {
        (Operand::Literal(a), Operand::Literal(b)) => match (a, b) {
            (Value::Text(a), Value::Text(b)) => a.trim().to_lowercase() == b.trim().to_lowercase(),
            (Value::Importer(a), Value::Importer(b)) => a.same_importer(b),
            _ => a == b,
        },
        (Operand::Choice(a), Operand::Choice(b)) => a == b,
        _ => false,
    })
}

/// A bound whose place on its axis is known while loading.
#[derive(Clone, Copy)]
struct AxisBound {
    axis: Axis,
    at: Decimal,
    /// Whether it bounds from below.
    lower: bool,
    /// Whether the bound itself is out.
    strict: bool,
}

/// What bounds are measured on. Two bounds on different axes cannot contradict each other.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    Number,
    Day,
    /// Days from the filing date.
    FilingDate,
}

impl AxisBound {
    fn of(comparison: Comparison, operand: &Operand) -> Option<Self> {
        let (axis, mut at, whole) = position(operand)?;
        let lower = matches!(comparison, Comparison::Above | Comparison::AtLeast);
        let mut strict = matches!(comparison, Comparison::Above | Comparison::Below);
        if strict && whole {
            at += if lower { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            strict = false;
        }
        Some(Self { axis, at, lower, strict })
    }

    /// Whether no value lies within both.
    fn excludes(&self, other: &Self) -> bool {
        if self.axis != other.axis || self.lower == other.lower {
            return false;
        }
        let (low, high) = if self.lower { (self, other) } else { (other, self) };
        low.at > high.at || (low.at == high.at && (low.strict || high.strict))
    }
}

/// Where an operand is on its axis, and whether only whole steps exist there.
fn position(operand: &Operand) -> Option<(Axis, Decimal, bool)> {
    match operand {
        Operand::Literal(Value::Integer(number)) => Some((Axis::Number, Decimal::from(*number), true)),
        Operand::Literal(Value::Money(amount)) => Some((Axis::Number, *amount, false)),
        Operand::Literal(Value::Date(date)) => {
            let days = date.signed_duration_since(NaiveDate::default()).num_days();
            Some((Axis::Day, Decimal::from(days), true))
        }
        Operand::FilingDate => Some((Axis::FilingDate, Decimal::ZERO, true)),
        Operand::Shift { date, by, times: None, unit: Unit::Days } => {
            let (axis, at, whole) = position(date)?;
            Some((axis, at + Decimal::from(*by), whole))
        }
        _ => None,
    }
}
