//! How much all rule files together may ask for: what is small to write can need much memory.
//!
//! Files are compiled on several cores, so which one exceeds a limit is not the same in each run. The error
//! is reported once, for all files.

use std::sync::atomic::{AtomicUsize, Ordering};

use regex::{Regex, RegexBuilder};

use super::super::errors;
use crate::diagnostic::Diagnostic;

/// The largest regular expression, in bytes, when it is compiled.
const MAX_PATTERN: usize = 1 << 20;
/// What a regular expression counts as, at least.
const SMALL_PATTERN: usize = 32 << 10;
/// All regular expressions together: about 1,000 of the usual size.
const MAX_PATTERNS: usize = 32 << 20;
/// What a regular expression may remember of the texts that it has seen.
const PATTERN_CACHE: usize = 128 << 10;
/// The most conditions, each counted wherever its name is used.
const MAX_CONDITIONS: usize = 200_000;

/// What is used up so far.
#[derive(Default)]
pub struct Budget {
    patterns: AtomicUsize,
    conditions: AtomicUsize,
}

/// Why a regular expression is not compiled.
pub enum Refused {
    /// It is too large.
    TooLarge,
    /// All of them together are; [`Budget::errors`] reports it.
    Together,
}

impl Budget {
    /// Compiles a regular expression.
    ///
    /// # Errors
    /// Where it alone is too large, or all of them together are.
    pub fn pattern(&self, text: &str) -> Result<Regex, Refused> {
        let mut size = SMALL_PATTERN;
        while size <= MAX_PATTERN {
            if self.patterns.load(Ordering::Relaxed) + size > MAX_PATTERNS {
                self.patterns.store(usize::MAX / 2, Ordering::Relaxed);
                return Err(Refused::Together);
            }
            if let Ok(pattern) =
                RegexBuilder::new(text).size_limit(size).dfa_size_limit(PATTERN_CACHE).build()
            {
                self.patterns.fetch_add(size, Ordering::Relaxed);
                return Ok(pattern);
            }
            size *= 2;
        }
        Err(Refused::TooLarge)
    }

    /// Counts a condition; whether it may be compiled.
    pub fn condition(&self) -> bool {
        self.conditions.fetch_add(1, Ordering::Relaxed) < MAX_CONDITIONS
    }

    /// What exceeds the limits.
    pub fn errors(&self) -> impl Iterator<Item = Diagnostic> {
        let patterns = self.patterns.load(Ordering::Relaxed) > MAX_PATTERNS;
        let conditions = self.conditions.load(Ordering::Relaxed) >= MAX_CONDITIONS;
        let patterns = patterns.then(errors::patterns_too_large);
        let conditions = conditions.then(|| errors::too_many_conditions(MAX_CONDITIONS));
        patterns.into_iter().chain(conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_bounded_alone_and_together() {
        let budget = Budget::default();
        assert!(matches!(budget.pattern("(a{1,1000}){1,1000}"), Err(Refused::TooLarge)));
        assert!(budget.pattern("^9903").is_ok());
        assert_eq!(budget.errors().count(), 0);
        let more = (0..2_000).take_while(|_| budget.pattern("^9903").is_ok()).count();
        assert_eq!(more, MAX_PATTERNS / SMALL_PATTERN - 1);
        assert!(matches!(budget.pattern("a"), Err(Refused::Together)));
        assert_eq!(budget.errors().count(), 1);
    }
}
