//! Numbers of entries: kept as ranges, and those of a batch among those of the whole run.

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

    /// Each number once, in ascending order.
    pub(super) fn each_once(mut self) -> Self {
        self.0.sort_unstable_by_key(|range| range.start);
        let mut once = Self::default();
        for range in self.0 {
            match once.0.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => once.0.push(range),
            }
        }
        once
    }

    /// The same numbers, numbered anew: `to` keeps their distances.
    pub(super) fn moved(&self, to: impl Fn(u32) -> u32) -> Self {
        Self(self.0.iter().map(|range| to(range.start)..to(range.end)).collect())
    }
}

/// How the entries of a batch are numbered among those of all batches.
#[derive(Clone, Copy)]
pub(super) struct Renumbered {
    /// How many of the batch are those of other batches, before its own.
    pub(super) earlier: u32,
    /// The number of the first of its own.
    pub(super) first: u32,
}

impl Renumbered {
    /// The number among those of all batches.
    pub(super) fn of(self, declared: u32) -> u32 {
        declared - self.earlier + self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_added_twice_counts_once() {
        let ranges: Ranges = [0, 1, 2, 0, 5, 1, 2, 3, 9].into_iter().collect();
        let once = ranges.each_once();
        assert_eq!(once.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 5, 9]);
        assert_eq!(once.len(), 6);
    }
}
