//! Sums of IEEPA duty, with what is not known of them.

use std::fmt;
use std::ops::AddAssign;

use rust_decimal::Decimal;

use crate::figures::{bounded_dollars, grouped};
use crate::finding::Entry;

/// The IEEPA duty on several entries. US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DutySum {
    /// The sum of what is known: an entry whose duty is unknown counts as nothing.
    pub amount: Decimal,
    /// For how many entries it is known.
    pub known: u32,
    /// For how many it is not.
    pub unknown: u32,
    /// Whether the sum is an upper bound of the refund of those for which it is known, because part of it is
    /// ordinary duty (a floor heading).
    pub is_upper_bound: bool,
}

impl DutySum {
    /// The sum of entries.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut sum = Self::default();
        entries.into_iter().for_each(|entry| sum.add(entry));
        sum
    }

    /// Adds an entry.
    pub fn add(&mut self, entry: &Entry) {
        self.is_upper_bound |= entry.ieepa_duty_is_upper_bound;
        match entry.ieepa_duty {
            Some(duty) => {
                self.amount = self.amount.saturating_add(duty);
                self.known += 1;
            }
            None => self.unknown += 1,
        }
    }

    /// The sum, where it is known of any entry.
    pub fn some(&self) -> Option<Decimal> {
        (self.known > 0).then_some(self.amount)
    }

    /// `at most $1,234.50, 3 unknown`; nothing where it is known of no entry.
    pub fn in_short(&self) -> Option<String> {
        (self.known > 0).then(|| self.to_string())
    }

    /// `at most $1,234.50 IEEPA duty, unknown for 3 entries`; nothing where it is known of no entry.
    pub fn in_words(&self) -> Option<String> {
        let sum = self.some()?;
        let unknown = match self.unknown {
            0 => String::new(),
            1 => ", unknown for 1 entry".to_owned(),
            some => format!(", unknown for {} entries", grouped(&some.to_string())),
        };
        Some(format!("{} IEEPA duty{unknown}", bounded_dollars(sum, self.is_upper_bound)))
    }
}

impl AddAssign for DutySum {
    fn add_assign(&mut self, other: Self) {
        self.amount = self.amount.saturating_add(other.amount);
        self.known += other.known;
        self.unknown += other.unknown;
        self.is_upper_bound |= other.is_upper_bound;
    }
}

/// `$1,234.50`, `at most $1,234.50, 3 unknown`, `unknown`.
impl fmt::Display for DutySum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.known == 0 && self.unknown > 0 {
            return f.write_str("unknown");
        }
        f.write_str(&bounded_dollars(self.amount, self.is_upper_bound))?;
        if self.unknown > 0 { write!(f, ", {} unknown", grouped(&self.unknown.to_string())) } else { Ok(()) }
    }
}
