//! What a regular expression can match at all.

use std::ops::RangeInclusive;

use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether some text of these characters alone, and of at most so many, may match; never `false` where one
/// does.
pub fn can_match(pattern: &Hir, characters: &[RangeInclusive<char>], longest: usize) -> bool {
    pattern.properties().minimum_len().is_some_and(|shortest| shortest <= longest)
        && has_characters(pattern, characters)
}

/// Where a pattern has a dot between two digits, as numbers are written.
pub fn dot_between_digits(pattern: &str) -> Option<usize> {
    let bytes = pattern.as_bytes();
    bytes
        .windows(3)
        .position(|window| window[0].is_ascii_digit() && window[1] == b'.' && window[2].is_ascii_digit())
        .map(|at| at + 1)
}

fn has_characters(pattern: &Hir, characters: &[RangeInclusive<char>]) -> bool {
    let has =
        |from: char, to: char| characters.iter().any(|range| from <= *range.end() && *range.start() <= to);
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| has(char::from(*byte), char::from(*byte))),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| has(range.start(), range.end()))
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| has(char::from(range.start()), char::from(range.end())))
        }
        HirKind::Repetition(repeated) => repeated.min == 0 || has_characters(&repeated.sub, characters),
        HirKind::Capture(capture) => has_characters(&capture.sub, characters),
        HirKind::Concat(parts) => parts.iter().all(|part| has_characters(part, characters)),
        HirKind::Alternation(parts) => parts.iter().any(|part| has_characters(part, characters)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_ask_for_other_characters_never_match() {
        let can = |pattern: &str| can_match(&regex_syntax::parse(pattern).expect(pattern), &['0'..='9'], 10);
        for pattern in
            ["", "^9903", "^(9903|98)", r"9903\.?01", "[.]*01", ".", r"^\d{8}$", "(a|1)", r"\b99", "[^a]"]
        {
            assert!(can(pattern), "{pattern}");
        }
        for pattern in [
            r"9903\.01",
            "[.]",
            "^A",
            "(?i)a",
            r"(9903\.01|9903\.02)",
            r"\D",
            "é",
            "9903[.]{1,2}01",
            r"^\d{11}$",
        ] {
            assert!(!can(pattern), "{pattern}");
        }
        assert_eq!(dot_between_digits("^9903.01"), Some(5));
        assert_eq!(dot_between_digits("^9903.*01"), None);
    }
}
