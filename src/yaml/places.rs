//! Finds places inside scalars whose text in the file differs from the decoded text: folded lines, escapes, blocks.

use std::ops::Range;

use super::Style;

/// The bytes of the file that a part of a decoded scalar comes from.
///
/// Both texts are compared side by side. White space is folded, so a run of it in the file corresponds to what the
/// scalar has there; an escape corresponds to one character. Where the two cannot be matched, the rest points at
/// the scalar's end, which is near enough for a caret.
pub(super) fn within(
    source: &str,
    node: Range<usize>,
    decoded: &str,
    style: Style,
    part: Range<usize>,
) -> Range<usize> {
    let bytes = &source[node.clone()];
    // A block's bytes begin at its first line's text, after the header and the indentation.
    let mut at = usize::from(style == Style::Quoted);
    let double = bytes.starts_with('"');
    let single = bytes.starts_with('\'');
    let mut start = None;
    let mut end = bytes.len();
    for (offset, c) in decoded.char_indices() {
        at = skip_to(bytes, at, c, double);
        if offset >= part.start && start.is_none() {
            start = Some(at);
        }
        if offset >= part.end {
            end = at;
            break;
        }
        at += width(&bytes[at.min(bytes.len())..], c, double, single);
        if offset + c.len_utf8() >= part.end {
            end = at;
            break;
        }
    }
    let start = start.unwrap_or(at).min(bytes.len());
    node.start + start..node.start + end.clamp(start, bytes.len())
}

/// Skips indentation and line breaks of the file that the decoded text does not have.
fn skip_to(bytes: &str, at: usize, wanted: char, double: bool) -> usize {
    let rest = &bytes[at.min(bytes.len())..];
    if double && rest.starts_with("\\\n") {
        let skipped = rest[1..].len() - rest[1..].trim_start().len();
        return at + 1 + skipped;
    }
    if rest.starts_with(wanted) || wanted.is_whitespace() || rest.starts_with('\\') {
        return at;
    }
    at + (rest.len() - rest.trim_start().len())
}

/// How many bytes of the file stand for one decoded character.
fn width(rest: &str, c: char, double: bool, single: bool) -> usize {
    if single && rest.starts_with("''") {
        return 2;
    }
    if double && let Some(escape) = rest.strip_prefix('\\') {
        return match escape.chars().next() {
            Some('x') => 4,
            Some('u') => 6,
            Some('U') => 10,
            Some(other) => 1 + other.len_utf8(),
            None => 1,
        }
        .min(rest.len());
    }
    if c.is_whitespace() {
        // One space or line break may stand for a whole run of them.
        let run = rest.len() - rest.trim_start().len();
        return if rest[..run].contains('\n') { run } else { run.min(c.len_utf8()) };
    }
    rest.chars().next().map_or(0, char::len_utf8)
}
