//! What a clean upload file changes of a declaration, line by line.

use similar::{Algorithm, TextDiff};

use crate::entry;
use crate::outside::Outside;

/// The most lines for which a diff is drawn: it takes time that grows with the square of what differs, and a
/// longer one is not read.
pub const MAX_LINES: usize = 25_000;

/// A unified diff between a declaration as it was read and what would be written. Lines are
/// compared without their line ends and made fit to be shown. Empty where no line differs; `None`
/// where there are too many lines.
pub fn unified(before_name: &str, before: &str, after_name: &str, after: &str) -> Option<String> {
    let (before, after) = (lines(before), lines(after));
    if before.len().max(after.len()) > MAX_LINES {
        return None;
    }
    // Compared as they are, shown clean: a line that differs only in what is not shown still differs.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_slices(&before, &after);
    // An entry number that lost its zeros is known; other 9 digits may be a person's number.
    let line = |line: &str| {
        let masked = Outside::new(line).masked_unless(|word| entry::read(word).number.is_some());
        Outside::new(&masked).cleaned().into_owned()
    };
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if text.is_empty() {
            text.push_str(&format!("--- {}\n+++ {}\n", Outside::new(before_name), Outside::new(after_name)));
        }
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            text.push_str(&format!("{}{}\n", change.tag(), line(change.value())));
        }
    }
    Some(text)
}

/// The lines of a text without their ends; LF, CRLF and a lone CR end one.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> =
        text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')).collect();
    // What is after the last line end is not a line.
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_changes_and_nothing_that_acts() {
        let before = "Entry\nABC-1234567-6,\u{1b}[31m\nSZ912345674\n";
        let after = "Entry Number\r\nABC12345676\r\nSZ912345674\r\n";
        let text = unified("march.csv", before, "declaration-001.csv", after).unwrap();
        let expected = "--- march.csv\n+++ declaration-001.csv\n@@ -1,3 +1,3 @@\n-Entry\n\
                        -ABC-1234567-6,\u{241b}[31m\n+Entry Number\n+ABC12345676\n SZ912345674\n";
        assert_eq!(text, expected);
        let planned = unified("a", "261103162,261103163,987-65-4320\n", "b", "00261103162\n").unwrap();
        assert!(planned.contains("-261103162,*****3163,***-**-4320\n"), "{planned}");
    }

    #[test]
    fn line_ends_alone_are_not_a_difference() {
        assert_eq!(unified("a", "x\ry\n", "b", "x\r\ny\r\n").as_deref(), Some(""));
        assert_eq!(unified("a", &"x\n".repeat(MAX_LINES + 1), "b", ""), None);
    }
}
