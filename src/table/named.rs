//! Headers as messages name them.

use super::value::clean;
use crate::mask::mask;

/// A header as messages name it: cut, and without what may be a social security number.
pub fn quoted(header: &str) -> String {
    let header = header.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = mask(clean(&header));
    format!("`{}`", masked.chars().take(40).collect::<String>())
}

/// The first of several headers, and how many more there are: as many as a message prints whole.
pub fn listed(headers: impl IntoIterator<Item = String>) -> String {
    let mut shown = String::new();
    let (mut characters, mut left_out) = (0, 0);
    for (at, header) in headers.into_iter().enumerate() {
        characters += header.chars().count() + ", ".len();
        if at > 0 && (left_out > 0 || at >= MAX_LISTED || characters > LISTED_CHARACTERS) {
            left_out += 1;
            continue;
        }
        if at > 0 {
            shown.push_str(", ");
        }
        shown.push_str(&header);
    }
    match left_out {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How many headers a message lists.
const MAX_LISTED: usize = 12;

/// How many characters the headers in a list may have. With what follows them this stays below the
/// length at which messages cut a cell.
const LISTED_CHARACTERS: usize = 180;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_headers_ends_between_two_of_them() {
        let list = |count: usize, length: usize| {
            listed((0..count).map(|at| quoted(&format!("{at:02}{}", "x".repeat(length)))))
        };
        assert_eq!(list(3, 1), "`00x`, `01x`, `02x`");
        assert!(list(12, 1).ends_with("`11x`"));
        assert!(list(13, 1).ends_with("`11x` and 1 more"));
        assert_eq!(list(40, 30).matches('`').count(), 2 * 5);
        for length in 0..60 {
            let list = list(1000, length);
            assert!(list.contains("` and ") && list.len() < 200, "{list}");
        }
    }
}
