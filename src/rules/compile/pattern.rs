//! What a regular expression can match at all.

use std::ops::RangeInclusive;

use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether some text of these characters alone may match; never `false` where one does.
pub fn can_match(pattern: &Hir, characters: &[RangeInclusive<char>]) -> bool {
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
        HirKind::Repetition(repeated) => repeated.min == 0 || can_match(&repeated.sub, characters),
        HirKind::Capture(capture) => can_match(&capture.sub, characters),
        HirKind::Concat(parts) => parts.iter().all(|part| can_match(part, characters)),
        HirKind::Alternation(parts) => parts.iter().any(|part| can_match(part, characters)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_ask_for_other_characters_never_match() {
        let can = |pattern: &str| can_match(&regex_syntax::parse(pattern).expect(pattern), &['0'..='9']);
        for pattern in
            ["", "^9903", "^(9903|98)", r"9903\.?01", "[.]*01", ".", r"^\d{8}$", "(a|1)", r"\b99", "[^a]"]
        {
            assert!(can(pattern), "{pattern}");
        }
        for pattern in
            [r"9903\.01", "[.]", "^A", "(?i)a", r"(9903\.01|9903\.02)", r"\D", "é", "9903[.]{1,2}01"]
        {
            assert!(!can(pattern), "{pattern}");
        }
    }
}
