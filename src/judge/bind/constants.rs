//! What is the same for everything, and conditions with that folded away: most rules cost nothing
//! for most runs.

use super::bound::{Bound, Parts};
use crate::judge::cause::{Cause, push};
use crate::judge::truth::Truth;
use crate::rules::model::{Operand, Predicate, Quantifier};

/// Whether an operand is the same for everything. No function is: what is unknown (a rate, a holiday) is
/// reported for each entry.
pub(super) fn is_constant(operand: &Operand) -> bool {
    match operand {
        Operand::Literal(_)
        | Operand::Choice(_)
        | Operand::FilingDate
        | Operand::PackVerified
        | Operand::Setting(_)
        | Operand::Account(_) => true,
        Operand::Column(_) | Operand::Entry | Operand::Call(_) | Operand::Figure(..) => false,
        Operand::Shift { date, .. } => is_constant(date),
    }
}

/// Whether a predicate has the same truth for the same value, whatever the entry.
pub(super) fn is_constant_predicate(predicate: &Predicate) -> bool {
    !predicate.is_of_place() && predicate.operands().iter().all(is_constant)
}

/// Whether a quantifier has the same truth for the same number of rows, whatever the entry.
pub(super) fn is_constant_quantifier(quantifier: &Quantifier) -> bool {
    quantifier.predicates().iter().all(is_constant_predicate)
}

/// All parts, with constants folded away.
pub(super) fn all(parts: Vec<Bound<'_>>) -> Bound<'_> {
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
    if parts.len() == 1 { parts.remove(0) } else { Bound::All(Parts::new(parts)) }
}

/// At least one part, with constants folded away.
pub(super) fn any(parts: Vec<Bound<'_>>) -> Bound<'_> {
    negate(all(parts.into_iter().map(negate).collect()))
}

/// At least one part, of those that were provided.
pub(super) fn any_given(mut parts: Vec<Bound<'_>>) -> Bound<'_> {
    let not_given = |part: &Bound<'_>| matches!(part, Bound::Constant(Truth::Unknown, causes) if causes.iter().all(Cause::is_not_given));
    if parts.iter().all(not_given) {
        return parts.swap_remove(0);
    }
    // If one part was surely provided, those that were not provided do not count.
    if parts.iter().any(|part| matches!(part, Bound::Constant(..)) && !not_given(part)) {
        parts.retain(|part| !not_given(part));
        if parts.iter().all(|part| matches!(part, Bound::Constant(..))) {
            return any(parts);
        }
    }
    if parts.len() == 1 && !matches!(parts[0], Bound::Cells(_)) {
        parts.remove(0)
    } else {
        Bound::AnyGiven(parts)
    }
}

/// The negated condition, with the negation as far inside as possible.
pub(super) fn negate(bound: Bound<'_>) -> Bound<'_> {
    match bound {
        Bound::Constant(truth, causes) => Bound::Constant(!truth, causes),
        Bound::Not(part) => *part,
        Bound::All(parts) => Bound::Any(Parts::new(parts.into_vec().into_iter().map(negate).collect())),
        Bound::Any(parts) => all(parts.into_vec().into_iter().map(negate).collect()),
        Bound::Cells(cells) => Bound::Cells(cells.negated()),
        other => Bound::Not(Box::new(other)),
    }
}
