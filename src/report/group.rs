//! Groups the findings of one rule: what they have in common is shown once, the rest of each in a row of its own.

use std::borrow::Cow;
use std::cmp::Reverse;

use chrono::NaiveDate;
use hashbrown::HashMap;
use rust_decimal::Decimal;

use super::{ReportInput, text};
use crate::finding::{Finding, Label, RuleId, Severity};

/// The findings of one rule that count.
pub struct RuleGroup<'a> {
    /// The rule.
    pub rule: RuleId,
    /// The most severe of its findings.
    pub severity: Severity,
    /// The findings: by their last day, then by the duty at stake. A day that is past comes last.
    pub members: Vec<GroupMember<'a>>,
    /// What the messages have in common, most frequent first.
    pub messages: Vec<TextTemplate>,
    /// What the next steps have in common, most frequent first.
    pub helps: Vec<TextTemplate>,
}

/// A finding of a group.
pub struct GroupMember<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The day that its next step names, where the steps of the group differ in it; in other groups the
    /// last day to file the entry.
    pub day: Option<NaiveDate>,
    /// The rest of its next step that others of the group do not have.
    pub step: String,
    /// The IEEPA duty on its entry, where that is known. US dollars.
    pub duty: Option<Decimal>,
}

impl<'a> RuleGroup<'a> {
    /// All findings that count, by rule: most severe first, those on whole files before those on
    /// entries, then by how many there are.
    pub fn all(input: ReportInput<'a>) -> Vec<Self> {
        let mut by_rule: Vec<Vec<&Finding>> = vec![Vec::new(); input.outcome.rules.len()];
        for finding in input.findings() {
            by_rule[usize::from(finding.rule.0)].push(finding);
        }
        let mut groups: Vec<Self> = by_rule
            .into_iter()
            .filter(|findings| !findings.is_empty())
            .map(|findings| Self::of(input, findings))
            .collect();
        groups.sort_by_key(|group| {
            let on_files =
                group.members.iter().all(|member| input.outcome.entry_of(member.finding).is_none());
            (Reverse(group.severity), !on_files, Reverse(group.members.len()), group.rule)
        });
        groups
    }

    fn of(input: ReportInput<'a>, findings: Vec<&'a Finding>) -> Self {
        let messages = TextTemplate::of(findings.iter().map(|finding| (input.message(finding), 1)));
        // Many findings have the same next step: it is looked at once.
        let mut steps: Vec<(Cow<'a, str>, usize)> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let step_of: Vec<Option<usize>> = findings
            .iter()
            .map(|finding| {
                let help = finding.help.as_deref()?;
                let step = *known.entry(help).or_insert_with(|| {
                    steps.push((text::shown_message(help), 0));
                    steps.len() - 1
                });
                steps[step].1 += 1;
                Some(step)
            })
            .collect();
        let helps = TextTemplate::of(steps.iter().map(|(step, count)| (step, *count)));
        let parts: Vec<(Option<NaiveDate>, String)> = steps
            .iter()
            .map(|(step, _)| {
                let words: Vec<&str> = step.split(' ').collect();
                let template = helps.iter().find(|template| template.fits(&words));
                template
                    .map_or_else(Default::default, |template| (template.day(&words), template.others(&words)))
            })
            .collect();
        let today = input.outcome.filing_date;
        let has_days = helps.iter().any(TextTemplate::has_day);
        let mut members: Vec<GroupMember<'a>> = findings
            .iter()
            .zip(step_of)
            .map(|(finding, step)| {
                let (day, step) = step.map_or_else(Default::default, |step| parts[step].clone());
                let entry = input.outcome.entry_of(finding);
                GroupMember {
                    finding,
                    day: if has_days { day } else { finding.deadline },
                    step,
                    duty: entry.and_then(|entry| entry.ieepa_duty),
                }
            })
            .collect();
        members.sort_by_key(|member| {
            let is_past = member.day.is_some_and(|day| day < today);
            (is_past, member.day.is_none(), member.day, Reverse(member.duty))
        });
        Self {
            rule: findings[0].rule,
            severity: findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note),
            members,
            messages,
            helps,
        }
    }

    /// Whether the days of its members are those of their next steps.
    pub fn has_days_of_help(&self) -> bool {
        self.helps.iter().any(TextTemplate::has_day)
    }
}

/// The cell that decided, of several the one with the longest text.
pub fn deciding(finding: &Finding) -> Option<&Label> {
    let cells = || finding.labels.iter().filter(|label| label.cell.is_some());
    cells().find(|label| !label.text.is_empty()).or_else(|| cells().next())
}

/// What texts made from one pattern have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTemplate {
    parts: Vec<TextPart>,
    /// How many texts have this pattern.
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TextPart {
    /// A word that all of them have.
    Word(String),
    /// Where they differ, with the punctuation behind it that all of them have.
    Gap { is_day: bool, after: String },
}

impl TextTemplate {
    /// The patterns of texts, each with how often it occurs; most frequent first.
    pub fn of(texts: impl Iterator<Item = (impl AsRef<str>, usize)>) -> Vec<Self> {
        let mut templates: Vec<Self> = Vec::new();
        for (text, count) in texts {
            let words: Vec<&str> = text.as_ref().split(' ').collect();
            if !templates.iter_mut().any(|template| template.take(&words, count)) {
                let parts = words.iter().map(|word| TextPart::Word((*word).to_owned())).collect();
                templates.push(Self { parts, count });
            }
        }
        templates.sort_by_key(|template| Reverse(template.count));
        templates
    }

    /// Whether a text may have this pattern.
    fn fits(&self, words: &[&str]) -> bool {
        self.parts.len() == words.len()
            && self.parts.iter().zip(words).all(|(part, word)| match part {
                TextPart::Word(own) => own == word,
                TextPart::Gap { .. } => true,
            })
    }

    /// Takes in a text that differs in less than half of its words.
    fn take(&mut self, words: &[&str], count: usize) -> bool {
        if self.parts.len() != words.len() {
            return false;
        }
        let alike = self.parts.iter().zip(words).filter(|(part, word)| match part {
            TextPart::Word(own) => own == *word,
            TextPart::Gap { .. } => true,
        });
        if alike.count() * 2 <= words.len() {
            return false;
        }
        for (part, word) in self.parts.iter_mut().zip(words) {
            let gap = match part {
                TextPart::Word(own) if own == word => continue,
                TextPart::Word(own) => TextPart::Gap {
                    is_day: day_of(own).is_some() && day_of(word).is_some(),
                    after: common_end(own, word).to_owned(),
                },
                TextPart::Gap { is_day, after } => {
                    *is_day = *is_day && day_of(word).is_some();
                    if !word.ends_with(after.as_str()) {
                        after.clear();
                    }
                    continue;
                }
            };
            *part = gap;
        }
        self.count += count;
        true
    }

    fn has_day(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, TextPart::Gap { is_day: true, .. }))
    }

    /// The day of a text in which it differs from the others.
    fn day(&self, words: &[&str]) -> Option<NaiveDate> {
        let at = self.parts.iter().position(|part| matches!(part, TextPart::Gap { is_day: true, .. }))?;
        day_of(words.get(at)?)
    }

    /// What a text has where they differ, other than [`Template::day`].
    fn others(&self, words: &[&str]) -> String {
        let day = self.parts.iter().position(|part| matches!(part, TextPart::Gap { is_day: true, .. }));
        let mut others: Vec<&str> = Vec::new();
        for (at, (part, word)) in self.parts.iter().zip(words).enumerate() {
            if let (TextPart::Gap { after, .. }, true) = (part, Some(at) != day) {
                others.push(word.strip_suffix(after.as_str()).unwrap_or(word));
            }
        }
        others.join(" ")
    }

    /// The text with `…` where they differ, and `<day>` for the first day in which they do.
    pub fn show(&self) -> String {
        let mut shown = String::new();
        let mut has_day = false;
        let mut after_gap = false;
        for part in &self.parts {
            let (word, gap) = match part {
                TextPart::Word(word) => (word.clone(), false),
                TextPart::Gap { is_day: true, after } if !has_day => {
                    has_day = true;
                    (format!("<day>{after}"), false)
                }
                TextPart::Gap { after, .. } => (format!("…{after}"), after.is_empty()),
            };
            if gap && after_gap {
                continue;
            }
            if !shown.is_empty() {
                shown.push(' ');
            }
            shown.push_str(&word);
            after_gap = gap;
        }
        shown
    }
}

/// A day as messages write it, whatever punctuation is behind it.
pub fn day_of(word: &str) -> Option<NaiveDate> {
    word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '-').parse().ok()
}

/// The punctuation that both words end with.
fn common_end<'w>(one: &'w str, other: &str) -> &'w str {
    let end = |word: &str| word.len() - word.trim_end_matches([',', ';', ':', ')', '.']).len();
    let (own, others) = (end(one), end(other));
    let tail = &one[one.len() - own..];
    if own > 0 && own == others && other.ends_with(tail) { tail } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(texts: &[&str]) -> Vec<(String, usize)> {
        let templates = TextTemplate::of(texts.iter().map(|text| (text, 1)));
        templates.iter().map(|template| (template.show(), template.count)).collect()
    }

    #[test]
    fn texts_of_one_pattern_are_printed_once() {
        assert_eq!(
            shown(&[
                "entry ABC-1 liquidated 93 days before filing; the CAPE limit is 80 days",
                "entry ABC-2 liquidated 81 days before filing; the CAPE limit is 80 days",
                "entry ABC-3 liquidated 93 days before filing; the CAPE limit is 80 days",
            ]),
            [("entry … liquidated … days before filing; the CAPE limit is 80 days".to_owned(), 3)]
        );
        assert_eq!(shown(&["a b c"]), [("a b c".to_owned(), 1)]);
        assert_eq!(shown(&[]), []);
    }

    #[test]
    fn the_day_in_which_steps_differ_is_marked_and_found() {
        let texts =
            ["file it by 2026-11-24, no later (2026-11-24)", "file it by 2026-11-26, no later (2026-11-26)"];
        let templates = TextTemplate::of(texts.iter().map(|text| (text, 1)));
        assert_eq!(templates[0].show(), "file it by <day>, no later …)");
        let words: Vec<&str> = texts[1].split(' ').collect();
        assert_eq!(templates[0].day(&words), "2026-11-26".parse().ok());
        assert_eq!(templates[0].others(&words), "(2026-11-26");
        assert_eq!(shown(&["by 2026-11-24 at last", "by 2026-11-24 at last"])[0].0, "by 2026-11-24 at last");
    }

    #[test]
    fn different_patterns_stay_apart_most_frequent_first() {
        assert_eq!(
            shown(&[
                "leave it out for now",
                "file it on or after 2026-06-29",
                "file it on or after 2026-06-30"
            ]),
            [("file it on or after <day>".to_owned(), 2), ("leave it out for now".to_owned(), 1)]
        );
    }
}
