//! Which findings a more precise one on the same entry or file supersedes.

use hashbrown::{HashMap, HashSet};

use super::{Context, Violation};
use crate::finding::Entry;
use crate::rules::model::RuleId;
use crate::waiver;

/// Rules that a more precise finding on the same entry or file supersedes.
pub(super) struct SupersededRules {
    of: HashSet<(u32, Option<u32>, RuleId)>,
    /// Whether each rule is superseded anywhere: most are not.
    anywhere: Vec<bool>,
}

impl SupersededRules {
    pub(super) fn new(context: &Context<'_>, violations: &[Violation], entries: &[Entry]) -> Self {
        let rules = &context.input.rules.rules;
        // A waived rule supersedes less precise rules on the same matter, but not every other rule.
        let is_waived = |violation: &Violation| {
            let entry = violation.declared.map(|declared| &entries[declared as usize]);
            let rule = &rules[usize::from(violation.rule.0)].id;
            context.input.waivers.iter().any(|waiver| waiver::covers(waiver, rule, entry))
        };
        let reported = violations.iter().filter(|violation| {
            let rule = &rules[usize::from(violation.rule.0)];
            !(rule.supersedes.is_empty() || rule.supersedes_all && is_waived(violation))
        });
        // A rule that was made less severe does not supersede a more severe one.
        let may_supersede = |rule: RuleId, other: RuleId| {
            let severity = context.severity(rule);
            severity >= rules[usize::from(rule.0)].severity || context.severity(other) <= severity
        };
        let mut by_subject: HashMap<(u32, Option<u32>), Vec<RuleId>> = HashMap::new();
        for violation in reported {
            by_subject.entry((violation.part, violation.subject())).or_default().push(violation.rule);
        }
        let mut superseded = HashSet::new();
        let mut anywhere = vec![false; rules.len()];
        for ((part, declared), reported) in by_subject {
            let supersedes = |rule: RuleId, other: RuleId| {
                rules[usize::from(rule.0)].supersedes.contains(&other) && may_supersede(rule, other)
            };
            for rule in not_superseded(&reported, &supersedes) {
                let others = rules[usize::from(rule.0)].supersedes.iter().copied();
                for other in others.filter(|other| may_supersede(rule, *other)) {
                    superseded.insert((part, declared, other));
                    anywhere[usize::from(other.0)] = true;
                }
            }
        }
        Self { of: superseded, anywhere }
    }

    pub(super) fn contains(&self, part: u32, declared: Option<u32>, rule: RuleId) -> bool {
        self.anywhere[usize::from(rule.0)] && self.of.contains(&(part, declared, rule))
    }
}

/// The rules among these that none of the others supersedes: a superseded rule supersedes no other. Rules do
/// not supersede each other in a circle, which rule files are refused for.
fn not_superseded(rules: &[RuleId], supersedes: &dyn Fn(RuleId, RuleId) -> bool) -> Vec<RuleId> {
    let mut not_superseded: Vec<RuleId> = Vec::new();
    let mut open: Vec<RuleId> = rules.to_vec();
    while !open.is_empty() {
        // Rules that no undetermined rule supersedes are determined by those found so far.
        let is_next = |rule: &RuleId| !open.iter().any(|other| other != rule && supersedes(*other, *rule));
        let (next, rest): (Vec<RuleId>, Vec<RuleId>) = open.iter().partition(|rule| is_next(rule));
        let (next, rest) = if next.is_empty() { (rest, Vec::new()) } else { (next, rest) };
        let before = not_superseded.len();
        for rule in next {
            if !not_superseded[..before].iter().any(|other| supersedes(*other, rule)) {
                not_superseded.push(rule);
            }
        }
        open = rest;
    }
    not_superseded
}
