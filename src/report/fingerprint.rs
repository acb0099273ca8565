//! Computes the fingerprint of a finding, which stays the same from run to run.
//!
//! A finding is the same finding as long as its rule and its entry are: rows added above it,
//! another message or another file name do not make it new.

use std::collections::HashMap;

use super::ReportInput;
use crate::finding::Finding;

/// Gives out fingerprints; keeps count of findings with the same rule and entry.
#[derive(Default)]
pub struct Fingerprints {
    seen: HashMap<u128, u32>,
}

impl Fingerprints {
    /// The fingerprint of the next finding, 32 hexadecimal digits. All findings are to be asked
    /// for in the outcome's order: of several with the same rule and entry each gets its own.
    pub fn next(&mut self, input: ReportInput<'_>, finding: &Finding) -> String {
        let rule = &input.rule(finding.rule).id;
        let entry = input.outcome.entry_of(finding);
        let what = match entry {
            Some(entry) => match &entry.number {
                Some(number) => number.as_str(),
                None => entry.written.raw(),
            },
            None => input.sources.name(finding.place.file).raw(),
        };
        let hash = fnv1a(&[rule.as_bytes(), what.as_bytes()]);
        let count = self.seen.entry(hash).or_insert(0);
        *count += 1;
        let hash = if *count == 1 {
            hash
        } else {
            fnv1a(&[rule.as_bytes(), what.as_bytes(), count.to_string().as_bytes()])
        };
        format!("{hash:032x}")
    }
}

/// The fingerprint of something that is not a finding, from the texts that make it what it is.
pub fn of(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    format!("{:032x}", fnv1a(&parts))
}

/// FNV-1a with 128 bits: short, and the same on every machine and in every version.
fn fnv1a(parts: &[&[u8]]) -> u128 {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash ^= u128::from(*byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::{Options, ReportInput};
    use super::*;

    #[test]
    fn fingerprints_follow_rule_and_entry_not_the_line() {
        let mut fixture = fixture::with("x");
        let options = Options::default();
        let all = |fixture: &fixture::Fixture| {
            let input = ReportInput {
                outcome: &fixture.outcome,
                sources: &fixture.sources,
                evidence: &fixture.evidence,
                options: &options,
            };
            let mut names = Fingerprints::default();
            fixture.outcome.findings.iter().map(|finding| names.next(input, finding)).collect::<Vec<_>>()
        };
        let before = all(&fixture);
        for finding in &mut fixture.outcome.findings {
            finding.place.line += 7;
            finding.message.kept().push('!');
        }
        assert_eq!(all(&fixture), before);
        let mut distinct = before.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), before.len());
        let twin = fixture.outcome.findings[0].clone();
        fixture.outcome.findings.push(twin);
        let again = all(&fixture);
        assert_ne!(again.last(), again.first());
    }
}
