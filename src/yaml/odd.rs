//! Characters that look like those of YAML and are others, and texts that a `#` cuts off.

use std::ops::Range;

/// Something odd in a text without quotes.
pub struct Odd {
    /// Its bytes, counted from the beginning of what was looked at.
    pub range: Range<usize>,
    /// What it is.
    pub kind: OddKind,
}

/// What is odd in a text.
#[derive(Clone, Copy, Debug)]
pub enum OddKind {
    /// This space is not the space bar's.
    Space(char),
    /// A dash where a list has its hyphen.
    Dash,
    /// A quote that a word processor made.
    Quote,
    /// A comment begins in the text.
    CutOff,
}

/// How many lines before an error are looked at.
const LINES_BEFORE: usize = 2;

/// A space that is not the space bar's.
fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}')
}

/// A dash or bullet that stands where a list's `-` would.
fn is_odd_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2022}' | '\u{b7}' | '\u{25cf}')
}

/// A quote that a word processor made.
fn is_odd_quote(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
}

/// The first thing that is odd in a text without quotes; `after` is what follows it in the file.
pub fn in_plain(text: &str, after: &str) -> Option<Odd> {
    if !text.is_ascii()
        && let Some(odd) = in_text(text)
    {
        return Some(odd);
    }
    let comment = after.strip_prefix(" #")?;
    let is_cut = comment.starts_with(|c: char| c.is_alphanumeric()) || text.contains(' ');
    is_cut.then(|| Odd { range: text.len()..text.len() + 2, kind: OddKind::CutOff })
}

fn in_text(text: &str) -> Option<Odd> {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_odd_space(*c)) {
        return Some(Odd { range: at..at + c.len_utf8(), kind: OddKind::Space(c) });
    }
    let first = text.chars().next()?;
    let range = 0..first.len_utf8();
    if is_odd_dash(first) && text[first.len_utf8()..].starts_with(' ') {
        return Some(Odd { range, kind: OddKind::Dash });
    }
    if is_odd_quote(first) {
        return Some(Odd { range, kind: OddKind::Quote });
    }
    None
}

/// What is odd in the lines around an error of the parser, outside of comments.
pub fn near(text: &str, at: usize) -> Option<Odd> {
    let mut start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    for _ in 0..LINES_BEFORE {
        start = text[..start.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    }
    let mut line_start = start;
    for line in text[start..end].split_inclusive('\n') {
        let code = line.find(" #").map_or(line, |comment| &line[..comment]);
        let indent = code.len() - code.trim_start_matches(' ').len();
        let key = code[indent..].find(": ").map_or(code.len(), |colon| indent + colon + 2);
        for part in [indent..code.len(), key..code.len()] {
            if let Some(odd) = in_text(code[part.clone()].trim_end()) {
                let offset = line_start + part.start;
                return Some(Odd { range: offset + odd.range.start..offset + odd.range.end, ..odd });
            }
        }
        line_start += line.len();
    }
    None
}
