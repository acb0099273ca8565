//! Groups the findings of one rule: what they have in common is shown once, the rest of each in a row of its own.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::HashMap;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::ReportInput;
use crate::duty::DutySum;
use crate::finding::{Finding, FoundOn, Label, RuleId, Severity};
use crate::outside::OutsideText;

/// The findings of one rule that count.
pub struct RuleGroup<'a> {
    /// The rule.
    pub rule: RuleId,
    /// The most severe of its findings.
    pub severity: Severity,
    /// The findings: by their last day, then by the duty at stake. A day that is past comes last.
    pub members: Vec<GroupMember<'a>>,
    /// How many entries they are on, each counted once.
    pub entries: usize,
    /// The IEEPA duty on these entries.
    pub duty: DutySum,
    /// What the messages have in common, most frequent first.
    pub messages: Vec<TextTemplate>,
    /// What the next steps have in common, most frequent first.
    pub helps: Vec<TextTemplate>,
    /// Whether the findings differ in their last days.
    has_days: bool,
}

/// A finding of a group.
pub struct GroupMember<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The IEEPA duty on its entry, where that is known. US dollars.
    pub duty: Option<Decimal>,
}

/// What stands in a next step for the last day to take it, where the findings of a rule differ in it.
const LAST_DAY: &str = "<last day>";

impl<'a> RuleGroup<'a> {
    /// All findings that count, by rule: most severe first, those on whole files before those on
    /// entries, then by how many there are.
    pub fn all(input: ReportInput<'a>) -> Vec<Self> {
        let mut by_rule: Vec<Vec<&Finding>> = vec![Vec::new(); input.outcome.rules.len()];
        for finding in input.findings() {
            by_rule[usize::from(finding.rule.0)].push(finding);
        }
        let mut groups: Vec<Self> = by_rule
            .into_par_iter()
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
        let messages: Vec<Cow<'_, str>> = findings.par_iter().map(|finding| input.message(finding)).collect();
        let messages = TextTemplate::of(messages.into_iter().map(|message| (message, 1)));
        let has_days = findings.windows(2).any(|two| two[0].deadline != two[1].deadline);
        // Many findings have the same next step: it is looked at once.
        let mut steps: Vec<(Cow<'a, str>, usize)> = Vec::new();
        let mut known: HashMap<(&OutsideText<Arc<str>>, Option<NaiveDate>), usize> = HashMap::new();
        for finding in &findings {
            let Some(help) = &finding.help else { continue };
            let at = *known.entry((help, finding.deadline)).or_insert_with(|| {
                steps.extend(step_of(finding, has_days).map(|step| (step, 0)));
                steps.len() - 1
            });
            steps[at].1 += 1;
        }
        let helps = TextTemplate::of(steps.iter().map(|(step, count)| (step, *count)));
        let mut on_entries: Vec<&Finding> = findings.clone();
        on_entries.retain(|finding| matches!(finding.on, FoundOn::Entry { .. } | FoundOn::LeftOut(_)));
        on_entries.sort_by_key(|finding| finding.on);
        on_entries.dedup_by_key(|finding| finding.on);
        let today = input.outcome.filing_date;
        let member = |finding: &&'a Finding| {
            let entry = input.outcome.entry_of(finding);
            GroupMember { finding, duty: entry.and_then(|entry| entry.ieepa_duty) }
        };
        let mut members: Vec<GroupMember<'a>> = findings.iter().map(member).collect();
        members.sort_by_key(|GroupMember { finding, duty }| {
            let is_past = finding.deadline.is_some_and(|day| day < today);
            (is_past, finding.deadline.is_none(), finding.deadline, Reverse(*duty))
        });
        Self {
            rule: findings[0].rule,
            severity: findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note),
            members,
            entries: on_entries.len(),
            duty: DutySum::of(on_entries.iter().filter_map(|finding| input.outcome.entry_of(finding))),
            messages,
            helps,
            has_days,
        }
    }

    /// What a finding's message and next step have that those of others do not: `93 days`. What has a column of its
    /// own, the entry and the cell that decided, is left out.
    pub fn details(&self, input: ReportInput<'_>, finding: &Finding, cell: Option<&str>) -> String {
        let name = input.outcome.entry_of(finding).map(|entry| input.name_of(entry)).unwrap_or_default();
        let cell = cell.map_or("", str::trim);
        let gaps = |templates: &[TextTemplate], text: &str| -> Vec<String> {
            let words: Vec<&str> = words_of(text).collect();
            let template = templates.iter().find(|template| template.fits(&words));
            template.map_or_else(Vec::new, |template| template.gaps(&words))
        };
        let mut details = gaps(&self.messages, &input.message(finding));
        details.extend(step_of(finding, self.has_days).iter().flat_map(|step| gaps(&self.helps, step)));
        details.retain(|detail| *detail != name && detail != cell);
        details.join(" ")
    }
}

/// The next step of a finding, with its last day by that name where the findings of its rule differ in it.
fn step_of(finding: &Finding, has_days: bool) -> Option<Cow<'_, str>> {
    let step = finding.help.as_ref()?.shown();
    Some(match finding.deadline.filter(|_| has_days) {
        Some(day) => step.replace(&day.to_string(), LAST_DAY).into(),
        None => step,
    })
}

/// The cell that decided, of several the one with the longest text.
pub fn deciding(finding: &Finding) -> Option<&Label> {
    let cells = || finding.labels.iter().filter(|label| label.cell.is_some());
    cells().find(|label| !label.text.raw().is_empty()).or_else(|| cells().next())
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
    Gap { after: String },
}

impl TextTemplate {
    /// The patterns of texts, each with how often it occurs; most frequent first.
    pub fn of(texts: impl Iterator<Item = (impl AsRef<str>, usize)>) -> Vec<Self> {
        let mut templates: Vec<Self> = Vec::new();
        for (text, count) in texts {
            // Most texts have as many words as the first.
            let mut words = Vec::with_capacity(templates.first().map_or(0, |first| first.parts.len()));
            words.extend(words_of(text.as_ref()));
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
                TextPart::Word(own) => TextPart::Gap { after: common_end(own, word).to_owned() },
                TextPart::Gap { after } => {
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

    /// What a text has where they differ; a number with its unit, and none without one.
    fn gaps(&self, words: &[&str]) -> Vec<String> {
        let mut gaps = Vec::new();
        for (at, (part, word)) in self.parts.iter().zip(words).enumerate() {
            let TextPart::Gap { after } = part else { continue };
            let own = word.strip_suffix(after.as_str()).unwrap_or(word);
            if !is_number(own) {
                gaps.push(own.to_owned());
            } else if let Some(TextPart::Word(unit)) = self.parts.get(at + 1)
                && is_unit(unit)
            {
                gaps.push(format!("{own} {unit}"));
            }
        }
        gaps
    }

    /// The text with `…` where they differ.
    pub fn show(&self) -> String {
        let mut shown = String::new();
        let mut after_gap = false;
        for part in &self.parts {
            let (word, gap) = match part {
                TextPart::Word(word) => (word.clone(), false),
                TextPart::Gap { after } => (format!("…{after}"), after.is_empty()),
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

/// What is between the spaces of a text. Words are short, so that each byte is looked at.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.bytes().position(|byte| byte == b' ');
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// Whether a word behind a number says what it counts.
fn is_unit(word: &str) -> bool {
    word == "day" || word.len() > 3 && word.ends_with('s') && word.chars().all(char::is_alphabetic)
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == ',')
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
    fn what_texts_differ_in_is_found_a_number_with_its_unit() {
        let texts =
            ["entry ABC-1 liquidated 93 days ago, on Monday", "entry ABC-2 liquidated 9 days ago, on Friday"];
        let templates = TextTemplate::of(texts.iter().map(|text| (text, 1)));
        assert_eq!(templates[0].show(), "entry … liquidated … days ago, on …");
        let words: Vec<&str> = texts[1].split(' ').collect();
        assert_eq!(templates[0].gaps(&words), ["ABC-2", "9 days", "Friday"]);
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
            [("file it on or after …".to_owned(), 2), ("leave it out for now".to_owned(), 1)]
        );
    }
}
