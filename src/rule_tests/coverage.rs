//! What the tests of a rule do not cover: results that none has, next steps that none names, and changes to the
//! rule that none notices.

use super::errors;
use super::fixture::TestFixture;
use crate::diagnostic::Diagnostic;
use crate::judge::truth::Truth;
use crate::judge::{Context, needs};
use crate::mutation::{self, Mutation};
use crate::rules::model::{Expectation, HelpCase, Rule, RuleId, RuleSet, RuleTest};
use crate::source::{FileId, Place, Sources, Span};

/// A change to a rule that was tried.
pub(super) struct TriedChange<'r> {
    pub(super) rule: &'r str,
    pub(super) place: Place,
    pub(super) change: Mutation,
    /// Whether a test of the rule comes out otherwise.
    pub(super) is_noticed: bool,
}

impl TriedChange<'_> {
    /// By place and change, noticed ones first.
    pub(super) fn order(&self) -> (FileId, Span, &Mutation, bool) {
        (self.place.file, self.place.span, &self.change, !self.is_noticed)
    }
}

/// Tries all changes to a rule.
pub(super) fn try_changes<'r>(rules: &'r RuleSet, sources: &Sources, id: RuleId) -> Vec<TriedChange<'r>> {
    let rule = &rules.rules[usize::from(id.0)];
    let mutants = mutation::mutants(rule);
    let mut noticed = vec![false; mutants.len()];
    for test in &rule.tests {
        // A test whose files cannot be read has failed already.
        let Ok(fixture) = TestFixture::new(rules, sources, id, test) else { continue };
        let input = fixture.input();
        let context = Context::new(&input);
        let scopes = mutation::scopes(&context, rule);
        let before = mutation::observe(&context, rule, &scopes);
        for (mutant, noticed) in mutants.iter().zip(&mut noticed).filter(|(_, noticed)| !**noticed) {
            let after = mutation::observe(&context, &mutant.rule, &scopes);
            // Which next step is reported, and how many findings there are, is noticed only where the test
            // states it.
            *noticed = after.truth != before.truth
                || after.truth == Truth::True && test.help.is_some() && after.step != before.step
                || test.findings.is_some() && after.violations != before.violations;
        }
    }
    let tried = |place, change, is_noticed| TriedChange { rule: &rule.id, place, change, is_noticed };
    let mut all: Vec<TriedChange<'r>> = mutants
        .into_iter()
        .zip(noticed)
        .map(|(mutant, is_noticed)| tried(mutant.place, mutant.change, is_noticed))
        .collect();
    // A rule that supersedes all others has no list of them.
    for other in rule.supersedes.iter().filter(|_| !rule.supersedes_all) {
        let other = &rules.rules[usize::from(other.0)].id;
        let is_told = |test: &RuleTest| test.supersedes.iter().any(|(id, _)| id == other);
        let change = Mutation::WithoutSuperseding(other.clone());
        all.push(tried(rule.place, change, rule.tests.iter().any(is_told)));
    }
    all
}

pub(super) fn uncovered(rules: &RuleSet, rule: &Rule, shown: &[Expectation]) -> Option<Diagnostic> {
    let can_be_missing = !needs::tables(rules, rule).is_empty();
    // Where a rule requires nothing that is optional, unchecked is a way of being undecided.
    let is_shown = |expected: &Expectation| {
        shown.contains(expected)
            || *expected == Expectation::Undecided
                && rule.required_for.is_none()
                && shown.contains(&Expectation::NotChecked)
    };
    let lacking: Vec<Expectation> = [
        (Expectation::Violated, true),
        (Expectation::Satisfied, true),
        (Expectation::Undecided, can_be_missing),
        // A `when` may leave such entries satisfied.
        (Expectation::NotChecked, rule.required_for.is_some() && rule.when.is_none()),
    ]
    .into_iter()
    .filter(|(expected, asked)| *asked && !is_shown(expected))
    .map(|(expected, _)| expected)
    .collect();
    (!lacking.is_empty()).then(|| errors::uncovered_rule(rule, &lacking))
}

/// Where a rule has several next steps, each has to be in a test: which one is reported depends on
/// conditions, as findings do.
pub(super) fn untested_steps(rule: &Rule, untested: Vec<&HelpCase>) -> Option<Diagnostic> {
    if untested.is_empty() || rule.help.len() < 2 {
        return None;
    }
    Some(errors::uncovered_steps(rule, untested.into_iter().map(|case| case.place)))
}
