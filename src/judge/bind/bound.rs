//! What a bound condition is, and how it is asked: whether it is true, and if that is unknown, why.

use super::cells::Cells;
use super::rows::RowQuantifier;
use crate::judge::Context;
use crate::judge::cause::{Cause, push};
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{Condition, Test};

/// A bound condition.
pub enum Bound<'a> {
    /// The same for everything, and if it is unknown, why.
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
    Rows(RowQuantifier<'a>),
    /// A test answered for each distinct cell.
    Cells(Cells<'a>),
    /// A test of whole columns, answered for each entry.
    Entries(&'a Condition, &'a Test, Vec<Truth>),
    /// Any other test.
    Test(&'a Condition, &'a Test),
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
            Self::Rows(rows) => rows.truth(context, scope),
            Self::Cells(cells) => cells.truth(scope),
            Self::Entries(_, test, answers) => {
                let answer = scope.entry.and_then(|entry| answers.get(entry.0 as usize));
                answer.copied().unwrap_or_else(|| context.test(test, scope))
            }
            Self::Test(_, test) => context.test(test, scope),
        }
    }

    /// Whether it holds in each of several scopes.
    pub fn of_scopes(&self, context: &Context<'_>, scopes: &[Scope<'_>]) -> Vec<Truth> {
        let mut truths = vec![Truth::True; scopes.len()];
        self.narrow_scopes(context, scopes, &mut truths);
        truths
    }

    /// ANDs this condition into the truth value of each scope: cheap parts first, costly parts only where
    /// the value is not yet false.
    fn narrow_scopes(&self, context: &Context<'_>, scopes: &[Scope<'_>], truths: &mut [Truth]) {
        if let Self::All(parts) = self {
            quick_first(parts).for_each(|part| part.narrow_scopes(context, scopes, truths));
            return;
        }
        for (truth, scope) in truths.iter_mut().zip(scopes) {
            if *truth != Truth::False {
                *truth = truth.and(self.truth(context, *scope));
            }
        }
    }

    /// Whether an answer is no more than a look-up.
    fn is_quick(&self) -> bool {
        match self {
            Self::Constant(..) | Self::Cells(_) | Self::Entries(..) => true,
            Self::All(parts) => parts.iter().all(Self::is_quick),
            _ => false,
        }
    }

    /// Why it is unknown: what each unknown clause lacks.
    pub fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        match self {
            Self::Constant(Truth::Unknown, why) => why.iter().for_each(|cause| push(causes, *cause)),
            Self::Constant(Truth::True | Truth::False, _) => {}
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    if part.truth(context, scope) == Truth::Unknown {
                        part.causes(context, scope, causes);
                    }
                }
            }
            Self::AnyGiven(parts) => {
                let (mut given, mut not_given) = (Vec::new(), Vec::new());
                for part in parts.iter().filter(|part| part.truth(context, scope) == Truth::Unknown) {
                    let mut own = Vec::new();
                    part.causes(context, scope, &mut own);
                    if own.iter().all(Cause::is_not_given) {
                        not_given.push(own);
                    } else {
                        given.extend(own);
                    }
                }
                // Only where nothing was given is that the cause, and then the first one's.
                let why =
                    if given.is_empty() { not_given.into_iter().next().unwrap_or_default() } else { given };
                why.into_iter().for_each(|cause| push(causes, cause));
            }
            Self::Not(part) => part.causes(context, scope, causes),
            Self::Rows(rows) => rows.causes(context, scope, causes),
            Self::Cells(cells) => cells.causes(context, scope, causes),
            Self::Entries(condition, ..) | Self::Test(condition, _) => {
                let lacking = context.explain(condition, scope).all_causes();
                lacking.into_iter().for_each(|cause| push(causes, cause));
            }
        }
    }
}

/// The parts of a condition, those first whose answers are look-ups: what takes longer is then asked
/// only where it still matters.
pub(super) fn quick_first<'p, 'a>(parts: &'p [Bound<'a>]) -> impl Iterator<Item = &'p Bound<'a>> {
    let (quick, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.is_quick());
    quick.into_iter().chain(others)
}
