//! What a bound condition is, and how it is asked: whether it is true, and if that is unknown, why.

use super::asked::AskedCells;
use super::cells::Cells;
use super::rows::RowQuantifier;
use super::several::SeveralCells;
use crate::judge::Context;
use crate::judge::cause::{Cause, push};
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::rules::model::{Condition, Test};

/// A bound condition.
pub enum Bound<'a> {
    /// The same for everything, and if it is unknown, why.
    Constant(Truth, Vec<Cause>),
    /// All are true.
    All(Parts<'a>),
    /// At least one is true.
    Any(Parts<'a>),
    /// At least one is true of those for which the user provided tables and columns.
    AnyGiven(Vec<Bound<'a>>),
    /// Is not true.
    Not(Box<Bound<'a>>),
    /// Of the rows a table has for the entry.
    Rows(RowQuantifier<'a>),
    /// A test answered for each distinct cell.
    Cells(Cells<'a>),
    /// A test answered for each distinct cell that is asked about.
    Asked(AskedCells<'a>),
    /// A test of whole columns, answered for each entry.
    Entries(&'a Condition, &'a Test, Vec<Truth>),
    /// A test that cells of several columns decide.
    Several(SeveralCells<'a>),
    /// Any other test.
    Test(&'a Condition, &'a Test),
}

impl Bound<'_> {
    /// Whether it is true.
    pub fn truth(&self, context: &Context<'_>, scope: Scope<'_>) -> Truth {
        match self {
            Self::Constant(truth, _) => *truth,
            Self::All(parts) => Truth::all(parts.quick_first().map(|part| part.truth(context, scope))),
            Self::Any(parts) => Truth::any(parts.quick_first().map(|part| part.truth(context, scope))),
            Self::AnyGiven(parts) => Truth::any_given(parts.iter().map(|part| {
                let truth = part.truth(context, scope);
                let given = match part {
                    _ if truth != Truth::Unknown => true,
                    Self::Constant(_, why) => !why.iter().all(Cause::is_not_given),
                    _ => {
                        let mut causes = Vec::new();
                        part.causes(context, scope, &mut causes);
                        !causes.iter().all(Cause::is_not_given)
                    }
                };
                (truth, given)
            })),
            Self::Not(part) => !part.truth(context, scope),
            Self::Rows(rows) => rows.truth(context, scope),
            Self::Cells(cells) => cells.truth(scope),
            Self::Asked(cells) => cells.truth(context, scope),
            Self::Entries(_, test, answers) => {
                let answer = scope.entry.and_then(|entry| answers.get(entry.0 as usize));
                answer.copied().unwrap_or_else(|| context.test(test, scope))
            }
            Self::Several(cells) => cells.truth(context, scope),
            Self::Test(_, test) => context.test(test, scope),
        }
    }

    /// Whether it is true at each of several places.
    pub(super) fn of_places(&self, context: &Context<'_>, places: &impl Places) -> Vec<Truth> {
        let mut truths = vec![Truth::True; places.len()];
        self.narrow(context, places, false, &mut truths);
        truths
    }

    /// Whether it is true in each of several scopes.
    pub fn of_scopes(&self, context: &Context<'_>, scopes: &[Scope<'_>]) -> Vec<Truth> {
        self.of_places(context, &scopes)
    }

    /// ANDs this condition (or, with `negated`, its negation) into the truth value of each place: cheap parts
    /// first, costly parts only where the value is not yet false.
    pub(super) fn narrow(
        &self,
        context: &Context<'_>,
        places: &impl Places,
        negated: bool,
        truths: &mut [Truth],
    ) {
        match (self, negated) {
            (Self::All(parts), false) | (Self::Any(parts), true) => {
                parts.quick_first().for_each(|part| part.narrow(context, places, negated, truths));
            }
            // At least one is true unless none is.
            (Self::Any(parts), false) | (Self::All(parts), true) => {
                let mut none: Vec<Truth> =
                    truths.iter().map(|truth| Truth::from(*truth != Truth::False)).collect();
                parts.quick_first().for_each(|part| part.narrow(context, places, !negated, &mut none));
                truths.iter_mut().zip(none).for_each(|(truth, none)| *truth = truth.and(!none));
            }
            (Self::Not(part), _) => part.narrow(context, places, !negated, truths),
            // Asked directly: in `truth` the way would be chosen again for each place.
            (Self::Cells(cells), _) => match places.answers(cells) {
                Some(answers) => {
                    for (truth, answer) in truths.iter_mut().zip(answers) {
                        *truth = truth.and(if negated { !answer } else { answer });
                    }
                }
                None => ask_open(places, negated, truths, |scope| cells.truth(scope)),
            },
            (Self::Several(cells), _) => {
                let asked: Vec<usize> = (0..truths.len()).filter(|at| truths[*at] != Truth::False).collect();
                cells.answers(context, places, asked.into_iter(), |at, answer| {
                    truths[at] = truths[at].and(if negated { !answer } else { answer });
                });
            }
            _ => ask_open(places, negated, truths, |scope| self.truth(context, scope)),
        }
    }

    /// Whether an answer is no more than a look-up.
    fn is_quick(&self) -> bool {
        match self {
            Self::Constant(..) | Self::Cells(_) | Self::Asked(_) | Self::Entries(..) => true,
            Self::All(parts) | Self::Any(parts) => parts.in_order.iter().all(Self::is_quick),
            Self::Not(part) => part.is_quick(),
            Self::AnyGiven(_) | Self::Rows(_) | Self::Several(_) | Self::Test(..) => false,
        }
    }

    /// Why it is unknown: what is missing for each unknown clause.
    pub fn causes(&self, context: &Context<'_>, scope: Scope<'_>, causes: &mut Vec<Cause>) {
        match self {
            Self::Constant(Truth::Unknown, why) => why.iter().for_each(|cause| push(causes, *cause)),
            Self::Constant(Truth::True | Truth::False, _) => {}
            Self::All(parts) | Self::Any(parts) => {
                for part in &parts.in_order {
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
                // Only where nothing was provided is that the cause, and then the first part's.
                let why =
                    if given.is_empty() { not_given.into_iter().next().unwrap_or_default() } else { given };
                why.into_iter().for_each(|cause| push(causes, cause));
            }
            Self::Not(part) => part.causes(context, scope, causes),
            Self::Rows(rows) => rows.causes(context, scope, causes),
            Self::Cells(cells) => cells.causes(context, scope, causes),
            Self::Asked(AskedCells { condition, .. })
            | Self::Several(SeveralCells { condition, .. })
            | Self::Entries(condition, ..)
            | Self::Test(condition, _) => {
                let lacking = context.explain(condition, scope).all_causes();
                lacking.into_iter().for_each(|cause| push(causes, cause));
            }
        }
    }
}

/// ANDs an answer (or, with `negated`, its negation) into each truth value that is not yet false.
fn ask_open(places: &impl Places, negated: bool, truths: &mut [Truth], ask: impl Fn(Scope<'_>) -> Truth) {
    for (at, truth) in truths.iter_mut().enumerate().filter(|(_, truth)| **truth != Truth::False) {
        let answer = places.ask(at, &ask);
        *truth = truth.and(if negated { !answer } else { answer });
    }
}

/// The parts of a condition.
pub struct Parts<'a> {
    /// As the rule has them.
    in_order: Vec<Bound<'a>>,
    /// Those first whose answers are look-ups: what takes longer is then asked only where it still matters.
    quick_first: Vec<usize>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(in_order: Vec<Bound<'a>>) -> Self {
        let mut quick_first: Vec<usize> = (0..in_order.len()).collect();
        quick_first.sort_by_key(|at| !in_order[*at].is_quick());
        Self { in_order, quick_first }
    }

    pub(super) fn into_vec(self) -> Vec<Bound<'a>> {
        self.in_order
    }

    fn quick_first(&self) -> impl Iterator<Item = &Bound<'a>> {
        self.quick_first.iter().map(|at| &self.in_order[*at])
    }
}

/// Places that conditions are asked about together.
pub(super) trait Places {
    /// How many there are.
    fn len(&self) -> usize;
    /// Asks about the scope of one of them.
    fn ask<T>(&self, at: usize, ask: impl FnOnce(Scope<'_>) -> T) -> T;
    /// The answers of a test that was answered for each cell, where the places are in the order of its cells.
    fn answers(&self, cells: &Cells<'_>) -> Option<impl Iterator<Item = Truth>>;
}

impl Places for &[Scope<'_>] {
    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn ask<T>(&self, at: usize, ask: impl FnOnce(Scope<'_>) -> T) -> T {
        ask(self[at])
    }

    fn answers(&self, _: &Cells<'_>) -> Option<impl Iterator<Item = Truth>> {
        None::<std::iter::Empty<Truth>>
    }
}
