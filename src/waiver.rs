//! Applies waivers of the configuration and the baseline: findings that are known and do not count.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::entry::EntryNumber;
use crate::finding::{
    Entry, Finding, FoundOn, Outcome, RuleId, RuleInfo, Severity, WAIVER_EXPIRED, WAIVER_UNUSED, Waived,
};
use crate::outside::{Outside, OutsideString};
use crate::source::{Place, Placed, Sources};

/// A finding that is known and does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Where it is.
    pub place: Place,
    /// The rule.
    pub rule: Placed<String>,
    /// Entry numbers, or patterns with `*`.
    pub entries: Vec<Placed<String>>,
    /// Why.
    pub reason: OutsideString,
    /// The last filing date on which it applies.
    pub until: Placed<NaiveDate>,
}

impl Waiver {
    /// Whether it covers anything on a filing date.
    pub(crate) fn is_in_force(&self, filing_date: NaiveDate) -> bool {
        filing_date <= self.until.value
    }
}

/// Marks the findings that waivers cover. A waiver that has expired, or that covers nothing, is a finding of
/// its own that points into the configuration; `severity` gives how bad it is, by its id, and `None` where it
/// is turned off.
pub fn apply(outcome: &mut Outcome, waivers: &[Waiver], severity: impl Fn(&'static str) -> Option<Severity>) {
    let mut notices = Vec::new();
    for waiver in waivers {
        let expired = !waiver.is_in_force(outcome.filing_date);
        let mut used = false;
        let waived = Arc::new(Waived::Waiver { reason: waiver.reason.clone(), until: waiver.until.value });
        for at in 0..outcome.findings.len() {
            let finding = &outcome.findings[at];
            let entry = finding.entry().map(|entry| &outcome.entries[entry]);
            if covers(waiver, &outcome.rule(finding.rule).id, entry) {
                used = true;
                if !expired {
                    outcome.findings[at].waived.get_or_insert_with(|| waived.clone());
                }
            }
        }
        let rule = &waiver.rule.value;
        if expired {
            notices.push((
                WAIVER_EXPIRED,
                waiver.until.place,
                format!("the waiver of `{rule}` expired on {}", waiver.until.value),
                "renew it with a reason that still applies, or remove it",
            ));
        } else if !used {
            notices.push((
                WAIVER_UNUSED,
                waiver.place,
                format!("the waiver of `{rule}` covers no finding"),
                "remove it if the matter is resolved, or correct its rule and entries",
            ));
        }
    }
    for (id, place, message, help) in notices {
        let Some(severity) = severity(id) else { continue };
        let rule = own_rule(outcome, id, severity);
        outcome.findings.push(Finding {
            rule,
            severity,
            on: FoundOn::Run,
            message: message.into(),
            names_entry: false,
            help: Some(help.into()),
            place,
            cell: None,
            column_name: None,
            labels: Vec::new(),
            fix: None,
            deadline: None,
            remedy: None,
            waived: None,
        });
    }
    outcome.update_verdicts();
}

/// Whether a waiver covers what a rule finds on an entry or, without one, on a file.
pub fn covers(waiver: &Waiver, rule: &str, entry: Option<&Entry>) -> bool {
    if rule != waiver.rule.value {
        return false;
    }
    let Some(entry) = entry else {
        return waiver.entries.iter().any(|pattern| pattern.value == "*");
    };
    let number =
        entry.number.map_or_else(|| entry.written.raw().to_uppercase(), |number| number.as_str().to_owned());
    names(waiver, &number)
}

/// Whether a waiver covers what a rule finds on an entry.
pub fn covers_entry(waiver: &Waiver, rule: &str, entry: &EntryNumber) -> bool {
    waiver.rule.value == rule && names(waiver, entry.as_str())
}

/// Whether a waiver is for an entry, given as its number in normal form.
fn names(waiver: &Waiver, number: &str) -> bool {
    waiver.entries.iter().any(|pattern| {
        let pattern: String = pattern.value.chars().filter(|c| !crate::entry::is_dash(*c)).collect();
        matches(&pattern.to_uppercase(), number)
    })
}

/// Whether a text fits a pattern in which `*` stands for anything.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let Some(last) = pattern.contains('*').then(|| pattern.rsplit('*').next().unwrap_or("")) else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    last.is_empty() || text.ends_with(last)
}

/// The rule about waivers themselves.
fn own_rule(outcome: &mut Outcome, id: &str, severity: Severity) -> RuleId {
    let known = outcome.rules.iter().position(|rule| rule.id == id);
    let at = known.unwrap_or_else(|| {
        let title = if id == WAIVER_EXPIRED { "Waiver has expired" } else { "Waiver covers no finding" };
        outcome.rules.push(RuleInfo {
            id: id.to_owned(),
            title: title.into(),
            severity,
            help: None,
            cbp: None,
            sources: Vec::new(),
            fix: None,
            stage: "configuration".into(),
        });
        outcome.rules.len() - 1
    });
    RuleId(at as u16)
}

/// What a baseline has of a finding: its rule, and its entry (as written where it has no number) or, for a
/// finding on the file, the file's name as given. Lines do not matter, so that rows may be added.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineKey {
    /// The rule's id.
    pub rule: String,
    /// The entry; empty for a finding on the file.
    pub entry: OutsideString,
    /// The declaration, for a finding on it; empty otherwise.
    pub file: OutsideString,
}

/// `None` for a finding on a waiver: it is reported until the configuration is corrected.
fn key(outcome: &Outcome, finding: &Finding, sources: &Sources) -> Option<BaselineKey> {
    let declaration = &outcome.declarations[finding.declaration()?];
    let entry = finding.entry().map(|entry| &outcome.entries[entry]);
    let entry = entry.map(|entry| {
        entry.number.map_or_else(|| entry.written.masked().into_owned(), |number| number.as_str().to_owned())
    });
    let file = if entry.is_none() { sources.name(declaration.file) } else { Outside::default() };
    Some(BaselineKey {
        rule: outcome.rule(finding.rule).id.clone(),
        entry: entry.unwrap_or_default().into(),
        file: file.into(),
    })
}

/// The baseline of an outcome: present findings, and those that were in the baseline before, do not count
/// later.
pub fn baseline(outcome: &Outcome, sources: &Sources) -> BTreeSet<BaselineKey> {
    let known = |finding: &&Finding| matches!(finding.waived.as_deref(), None | Some(Waived::Baseline));
    outcome.findings.iter().filter(known).filter_map(|finding| key(outcome, finding, sources)).collect()
}

/// Marks the findings that are in a baseline.
pub fn apply_baseline(outcome: &mut Outcome, baseline: &BTreeSet<BaselineKey>, sources: &Sources) {
    let waived = Arc::new(Waived::Baseline);
    for at in 0..outcome.findings.len() {
        if key(outcome, &outcome.findings[at], sources).is_some_and(|key| baseline.contains(&key)) {
            outcome.findings[at].waived.get_or_insert_with(|| waived.clone());
        }
    }
    outcome.update_verdicts();
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("ABC*", "ABC12345676"));
        assert!(matches("*", "ABC12345676"));
        assert!(matches("ABC*76", "ABC12345676"));
        assert!(matches("*345*", "ABC12345676"));
        assert!(matches("ABC12345676", "ABC12345676"));
        assert!(!matches("ABC1", "ABC12345676"));
        assert!(!matches("ABD*", "ABC12345676"));
        assert!(!matches("ABC*77", "ABC12345676"));
    }
}
