//! Numbers of entries, kept as ranges.

use std::ops::Range;

/// Numbers, mostly ascending, as ranges: a rule that is undecided for an entry is so for most of its neighbors.
#[derive(Debug, Default)]
pub(super) struct Ranges(Vec<Range<u32>>);

impl FromIterator<u32> for Ranges {
    fn from_iter<T: IntoIterator<Item = u32>>(numbers: T) -> Self {
        let mut ranges = Self::default();
        numbers.into_iter().for_each(|number| ranges.push(number));
        ranges
    }
}

impl Ranges {
    /// Adds a number, unless the last range has it.
    pub(super) fn push(&mut self, number: u32) {
        match self.0.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            Some(last) if last.contains(&number) => {}
            _ => self.0.push(number..number + 1),
        }
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(ExactSizeIterator::len).sum()
    }

    /// The numbers, in the order in which they were added.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().cloned().flatten()
    }

    /// Adds the numbers of others, behind its own.
    pub(super) fn extend(&mut self, others: Self) {
        for range in others.0 {
            match self.0.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => self.0.push(range),
            }
        }
    }

    /// The same numbers, numbered anew: `to` keeps their distances.
    pub(super) fn moved(&self, to: impl Fn(u32) -> u32) -> Self {
        Self(self.0.iter().map(|range| to(range.start)..to(range.end)).collect())
    }
}
