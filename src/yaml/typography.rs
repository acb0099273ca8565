//! Characters that look like those of YAML and are others, and texts that a `#` cuts off.

use std::ops::Range;

/// A character or cut in a text without quotes that was most likely not meant.
pub struct Slip {
    /// Its bytes, counted from the beginning of what was looked at.
    pub range: Range<usize>,
    /// What it is.
    pub kind: SlipKind,
}

/// What was most likely not meant in a text.
#[derive(Clone, Copy, Debug)]
pub enum SlipKind {
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
fn is_other_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}')
}

/// A dash or bullet in place of a list's `-`.
fn is_other_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2022}' | '\u{b7}' | '\u{25cf}')
}

/// A quote that a word processor made.
fn is_other_quote(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
}

/// The first slip in a text without quotes; `after` is what follows it in the file.
pub fn in_plain(text: &str, after: &str) -> Option<Slip> {
    if !text.is_ascii()
        && let Some(slip) = in_text(text)
    {
        return Some(slip);
    }
    let comment = after.strip_prefix(" #")?;
    let is_cut = comment.starts_with(|c: char| c.is_alphanumeric()) || text.contains(' ');
    is_cut.then(|| Slip { range: text.len()..text.len() + 2, kind: SlipKind::CutOff })
}

fn in_text(text: &str) -> Option<Slip> {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_other_space(*c)) {
        return Some(Slip { range: at..at + c.len_utf8(), kind: SlipKind::Space(c) });
    }
    let first = text.chars().next()?;
    let range = 0..first.len_utf8();
    if is_other_dash(first) && text[first.len_utf8()..].starts_with(' ') {
        return Some(Slip { range, kind: SlipKind::Dash });
    }
    if is_other_quote(first) {
        return Some(Slip { range, kind: SlipKind::Quote });
    }
    None
}

/// The slip in the lines around an error of the parser, outside of comments.
pub fn near(text: &str, at: usize) -> Option<Slip> {
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
            if let Some(slip) = in_text(code[part.clone()].trim_end()) {
                let offset = line_start + part.start;
                return Some(Slip { range: offset + slip.range.start..offset + slip.range.end, ..slip });
            }
        }
        line_start += line.len();
    }
    None
}
