//! What a person has to know of the entries that are written for upload: which have warnings, and which were
//! held back until a person lifted it.

use super::checked::Checked;
use crate::entry::EntryNumber;
use crate::finding::RuleId;
use crate::outside::{Outside, OutsideString};
use crate::report::cause::Frontend;
use crate::upload::plan::{Lifted, Reason, Warned};

/// The first of many things, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstNamed<T> {
    /// The first.
    pub first: Vec<T>,
    /// How many there are.
    pub count: usize,
}

impl<T> Default for FirstNamed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<T> FirstNamed<T> {
    /// Adds one, by name where there are less than `most`.
    fn push(&mut self, most: usize, name: impl FnOnce() -> T) {
        if self.first.len() < most {
            self.first.push(name());
        }
        self.count += 1;
    }

    /// How many are not named.
    pub fn more(&self) -> usize {
        self.count - self.first.len()
    }
}

/// What is printed about entries to upload above the sum; all of it is in [`WARNED`](super::outputs::WARNED) and
/// [`ACCEPTED`](super::outputs::ACCEPTED).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadNotes {
    /// How many entries have a warning.
    pub warned: usize,
    /// Of each rule the entries that have its warning.
    pub warned_by: Vec<(RuleId, FirstNamed<EntryNumber>)>,
    /// What a person lifted, a line for each.
    pub accepted: FirstNamed<OutsideString>,
}

impl UploadNotes {
    /// How many entries with a warning are named of each rule, and of a plan of several batches how much of
    /// what was lifted.
    pub(super) const NAMED: usize = 100;

    /// The notes on a whole run.
    pub fn of(checked: &Checked<'_>, warned: &[Warned], lifted: &[Lifted], frontend: &dyn Frontend) -> Self {
        let mut notes = Self::default();
        notes.take(checked, warned, lifted, usize::MAX, frontend);
        notes
    }

    /// Takes in the notes on a batch; of what was lifted, at most so many lines are kept.
    pub(super) fn take(
        &mut self,
        checked: &Checked<'_>,
        warned: &[Warned],
        lifted: &[Lifted],
        most: usize,
        frontend: &dyn Frontend,
    ) {
        let outcome = &checked.outcome;
        let mut last_of: Vec<Option<EntryNumber>> = vec![None; self.warned_by.len()];
        let mut last = None;
        for one in warned {
            let Some(number) = outcome.entries[one.entry].number else { continue };
            if last != Some(number) {
                (last, self.warned) = (Some(number), self.warned + 1);
            }
            let rule = outcome.findings[one.finding].rule;
            let at = self.warned_by.iter().position(|(of, _)| *of == rule).unwrap_or_else(|| {
                self.warned_by.push((rule, FirstNamed::default()));
                last_of.push(None);
                self.warned_by.len() - 1
            });
            // An entry may be on several declarations.
            if last_of[at] != Some(number) {
                last_of[at] = Some(number);
                self.warned_by[at].1.push(Self::NAMED, || number);
            }
        }
        let mut rest = lifted;
        while let [first, ..] = rest {
            let is_same = |other: &&Lifted| {
                matches!((first.reason, other.reason), (Reason::Undecided(_), Reason::Undecided(_)))
                    && first.entry == other.entry
            };
            // All that is undecided of an entry is one line.
            let (of_line, after) = rest.split_at(rest.iter().take_while(is_same).count().max(1));
            rest = after;
            self.accepted.push(most, || line(checked, of_line, frontend).into());
        }
    }
}

/// What was lifted of an entry, or of a declaration.
fn line(checked: &Checked<'_>, lifted: &[Lifted], frontend: &dyn Frontend) -> String {
    let outcome = &checked.outcome;
    let Some(first) = lifted.first() else { return String::new() };
    let number = first.entry.and_then(|at| outcome.entries[at].number);
    let subject = number.map_or_else(|| "the declaration".to_owned(), |number| number.to_string());
    let by = checked.accepted_by(first, frontend);
    match first.reason {
        Reason::Finding(at) => {
            let finding = &outcome.findings[at];
            let (severity, rule) = (finding.severity.name(), &outcome.rule(finding.rule).id);
            format!("{subject}: {severity}[{rule}]: {} ({by})", Outside::new(finding.message.raw()))
        }
        Reason::Undecided(_) | Reason::Unreadable => {
            let rules = lifted.iter().filter_map(|one| match one.reason {
                Reason::Undecided(rule) => Some(outcome.rule(rule).id.as_str()),
                Reason::Finding(_) | Reason::Unreadable => None,
            });
            format!("{subject}: undecided: {} ({by})", rules.collect::<Vec<_>>().join(", "))
        }
    }
}
