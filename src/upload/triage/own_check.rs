//! capelint's own check of the entries for which CBP returned a result: whether it predicted the result, and whether
//! the entry may be on a new declaration.

use super::FailureMessage;
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, Outcome, RuleId};
use crate::outside::OutsideText;
use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};

/// capelint's check of the declarations, by entry number.
pub(super) struct OwnCheck<'a> {
    outcome: &'a Outcome,
    checked: bool,
    entries: HashMap<EntryNumber, Vec<&'a Entry>>,
    findings: HashMap<EntryNumber, Vec<&'a Finding>>,
    /// Rules that could not be decided for something.
    undecided: HashSet<RuleId>,
    /// Rules that were not applied, because an optional list is missing.
    not_applied: HashSet<RuleId>,
}

impl<'a> OwnCheck<'a> {
    pub(super) fn new(outcome: &'a Outcome, checked: bool) -> Self {
        let mut entries: HashMap<_, Vec<_>> = HashMap::new();
        for entry in &outcome.entries {
            if let Some(number) = entry.number {
                entries.entry(number).or_default().push(entry);
            }
        }
        let mut findings: HashMap<_, Vec<_>> = HashMap::new();
        for finding in &outcome.findings {
            if let Some(number) = finding.entry().and_then(|at| outcome.entries[at].number) {
                findings.entry(number).or_default().push(finding);
            }
        }
        let rules_of = |optional: bool| {
            let those = outcome.undecided.iter().filter(move |undecided| undecided.optional == optional);
            those.map(|undecided| undecided.rule).collect()
        };
        Self { outcome, checked, entries, findings, undecided: rules_of(false), not_applied: rules_of(true) }
    }

    fn findings(&self, number: EntryNumber) -> impl Iterator<Item = (&'a str, &'a Finding)> {
        let all = self.findings.get(&number).into_iter().flatten();
        all.map(|finding| (self.outcome.rule(finding.rule).id.as_str(), *finding))
    }

    /// The entry of that number, where it was first declared.
    pub(super) fn entry(&self, number: EntryNumber) -> Option<&'a Entry> {
        self.entries.get(&number)?.first().copied()
    }

    /// The help of the finding that predicted the failure.
    pub(super) fn help(
        &self,
        number: EntryNumber,
        failures: &[&FailureMessage<'_>],
    ) -> Option<OutsideText<String>> {
        let rules: Vec<&String> =
            failures.iter().filter_map(|failure| failure.message).flat_map(|found| &found.rules).collect();
        self.findings(number)
            .filter(|(id, _)| rules.iter().any(|rule| *rule == id))
            .max_by_key(|(_, finding)| finding.severity)
            .and_then(|(_, finding)| finding.help.as_ref().map(OutsideText::raw).map(OutsideText::from))
    }

    /// Where CBP rejected for a reason that a rule covers, and none of them found it.
    pub(super) fn disagreement(
        &self,
        number: EntryNumber,
        failures: &[&FailureMessage<'_>],
        today: NaiveDate,
    ) -> Option<OutsideText<String>> {
        let entries = self.entries.get(&number).filter(|_| self.checked)?;
        failures.iter().filter_map(|failure| failure.message).find_map(|message| {
            // A check that CBP has removed has no rule in force.
            let retired = message.until.is_some_and(|until| until < today);
            let in_force: Vec<RuleId> = (self.outcome.rules.iter().enumerate())
                .filter(|(_, rule)| message.rules.contains(&rule.id))
                .map(|(at, _)| RuleId(at as u16))
                .collect();
            if retired || in_force.is_empty() {
                return None;
            }
            let saw = self.findings(number).any(|(id, _)| message.rules.iter().any(|rule| rule == id));
            let could_not_tell = in_force.iter().any(|rule| {
                entries.iter().any(|entry| entry.undecided.contains(rule)) || self.undecided.contains(rule)
            });
            // Without a list its rules find nothing; then one that was decided must be as certain.
            let applied = |rule: &RuleId| !self.not_applied.contains(rule);
            let is_error = |rule: &RuleId| self.outcome.rule(*rule).severity.is_certain();
            let enough =
                in_force.iter().all(applied) || in_force.iter().any(|rule| applied(rule) && is_error(rule));
            if saw || could_not_tell || !enough {
                return None;
            }
            let disagreement = format!(
                "CBP returned \"{}\", but capelint found no such error ({}): either the export is older \
                 than CBP's result, or a rule is wrong",
                message.text,
                message.rules.join(", ")
            );
            Some(disagreement.into())
        })
    }

    /// The error or stop for which the entry does not belong on a new declaration, or the rule that is
    /// undecided.
    pub(super) fn objection(&self, number: EntryNumber) -> Option<OutsideText<String>> {
        self.refusal(number).or_else(|| {
            let mut entries = self.entries.get(&number).filter(|_| self.checked)?.iter();
            let entry = entries.find(|entry| entry.after_waivers.is_undecided())?;
            let rule = &self.outcome.rule(*entry.undecided.first()?).id;
            let undecided = "capelint's check is undecided about it; its report shows what is unknown";
            Some(format!("{undecided} [{rule}]").into())
        })
    }

    fn refusal(&self, number: EntryNumber) -> Option<OutsideText<String>> {
        self.findings(number)
            .filter(|(_, finding)| finding.waived.is_none() && finding.fix.is_none())
            .find_map(|(id, finding)| {
                let refuse = finding.severity.refusal()?;
                Some(format!("capelint's check would {refuse} it: {} [{id}]", finding.message.raw()).into())
            })
    }
}
