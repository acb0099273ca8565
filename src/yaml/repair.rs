//! Finds the place of an error in a file that is not YAML: a parser notices a lost bracket or colon lines later.
//!
//! Small repairs are tried near the error, each by parsing the file again. The one after which the parser
//! gets furthest shows the place and what is missing there.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashSet;

use super::{Diagnostics, TreeBuilder, events};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Text};

/// The largest text for which repairs are tried.
const MAX_TEXT: usize = 256 << 10;
/// How many lines before the error are looked at.
const LINES_BEFORE: usize = 3;
/// The most repairs that are tried.
const MAX_TRIED: usize = 120;

/// A repair, and what it shows about the place.
pub struct FoundRepair {
    /// The bytes to point at.
    pub range: Range<usize>,
    /// What is wrong there.
    pub kind: RepairKind,
}

/// What is wrong at a place that can be repaired.
#[derive(Clone, Copy, Debug)]
pub enum RepairKind {
    /// A key without its colon.
    KeyWithoutColon,
    /// A key's colon without a space behind it.
    NoSpaceAfterColon,
    /// A list's hyphen without a space behind it.
    NoSpaceAfterDash,
    /// A quote that is not closed in its line.
    OpenQuote,
    /// A line has more spaces before it than the line beside it, or fewer.
    OtherThanBeside { spaces: usize, beside: usize },
    /// A line has one space too many or too few before it.
    UnevenIndentation { spaces: usize, fitting: usize },
    /// An item of a list without its hyphen.
    ItemWithoutDash,
    /// A bracket that this one does not close.
    OpenBracket { closing: char },
}

/// A change of the text: these bytes are replaced by that.
struct TriedRepair {
    range: Range<usize>,
    by: String,
    found: FoundRepair,
}

/// The repair near an error after which most of the file can be read; `None` where none helps. `open` is
/// where the innermost bracket that is not closed is.
pub fn find(text: &str, at: usize, open: Option<usize>) -> Option<FoundRepair> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let lines = LineRanges::new(text);
    let error = lines.of(at);
    let first = open.map_or(error, |open| lines.of(open)).max(error.saturating_sub(LINES_BEFORE));
    let first = first.min(error.saturating_sub(1));
    let mut repairs = Vec::new();
    // What is least likely to mend another error comes first.
    for line in (first..=error).rev() {
        key_or_quote(text, &lines, line, &mut repairs);
    }
    for line in (first..=error).rev() {
        brackets(text, lines.range(line), &mut repairs);
    }
    // Files are indented by two: of two lines that do not fit, the one with the uneven indentation is wrong.
    for odd in [true, false] {
        for line in
            (first..=error).rev().filter(|line| (indent_of(&text[lines.range(*line)]) % 2 == 1) == odd)
        {
            indentation(text, &lines, line, &mut repairs);
        }
    }
    let mut best: Option<(usize, TriedRepair)> = None;
    // Two kinds of repairs may be the same change, of which the first is what it shows.
    let mut tried = HashSet::new();
    repairs.retain(|repair| tried.insert((repair.range.clone(), repair.by.clone())));
    for repair in repairs.into_iter().take(MAX_TRIED) {
        let mut mended = text.to_owned();
        mended.replace_range(repair.range.clone(), &repair.by);
        let reached = match first_error(&mended) {
            None => return Some(repair.found),
            // Counted in the text as it was.
            Some(reached) => (reached + repair.range.len()).saturating_sub(repair.by.len()),
        };
        let is_further = reached < text.len() && lines.of(reached) > error + 1;
        if is_further && best.as_ref().is_none_or(|(furthest, _)| reached > *furthest) {
            best = Some((reached, repair));
        }
    }
    best.map(|(_, repair)| repair.found)
}

/// Where the first error of a text is.
fn first_error(text: &str) -> Option<usize> {
    let text = Arc::new(Text::new(text.to_owned(), 0));
    let mut diagnostics = Diagnostics::default();
    let mut builder = TreeBuilder::new(FileId(0), &text, 0, &mut diagnostics);
    let failed = events(&mut builder, &text).err();
    let noticed = diagnostics.into_sorted().into_iter().map(|diagnostic: Diagnostic| {
        diagnostic.labels.first().map_or(0, |label| label.place.span.range().start)
    });
    failed.into_iter().map(|error| error.marker().byte_offset().unwrap_or(0)).chain(noticed).min()
}

/// The bytes of each line, without its end.
struct LineRanges(Vec<Range<usize>>);

impl LineRanges {
    fn new(text: &str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let range = start..start + line.trim_end_matches(['\n', '\r']).len();
            start += line.len();
            range
        });
        Self(lines.collect())
    }

    fn of(&self, at: usize) -> usize {
        self.0.partition_point(|line| line.start <= at).saturating_sub(1)
    }

    fn range(&self, line: usize) -> Range<usize> {
        self.0.get(line).cloned().unwrap_or(0..0)
    }

    /// The nearest line in a direction that is neither blank nor a comment.
    fn beside(&self, text: &str, mut line: usize, down: bool) -> Option<Range<usize>> {
        loop {
            line = if down { line + 1 } else { line.checked_sub(1)? };
            let range = self.0.get(line)?.clone();
            let content = text[range.clone()].trim_start();
            if !content.is_empty() && !content.starts_with('#') {
                return Some(range);
            }
        }
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The indentation of a line, and the bytes of the rest; `None` where there is nothing to repair.
fn written(text: &str, line: Range<usize>) -> Option<(usize, Range<usize>)> {
    let content = &text[line.clone()];
    let indent = indent_of(content);
    let rest = content[indent..].trim_end();
    (!rest.is_empty() && !rest.starts_with('#'))
        .then(|| (indent, line.start + indent..line.start + indent + rest.len()))
}

fn repair(range: Range<usize>, by: impl Into<String>, at: Range<usize>, kind: RepairKind) -> TriedRepair {
    TriedRepair { range, by: by.into(), found: FoundRepair { range: at, kind } }
}

/// A colon, a space behind a colon or dash, or a quote that a line lost.
fn key_or_quote(text: &str, lines: &LineRanges, line: usize, repairs: &mut Vec<TriedRepair>) {
    let Some((_, whole)) = written(text, lines.range(line)) else { return };
    let rest = &text[whole.clone()];
    let key = rest.strip_prefix("- ").map_or(rest, str::trim_start);
    let start = whole.end - key.len();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let length = key.find(|c: char| !is_name(c)).unwrap_or(key.len());
    let (name, after) = (start..start + length, &key[length..]);
    if length > 0 && (after.is_empty() || after.starts_with(' ')) {
        repairs.push(repair(name.end..name.end, ":", name, RepairKind::KeyWithoutColon));
    } else if after.strip_prefix(':').is_some_and(|lost| !lost.is_empty() && !lost.starts_with(' ')) {
        let at = name.end + 1;
        repairs.push(repair(at..at, " ", name.start..at, RepairKind::NoSpaceAfterColon));
    }
    if rest.starts_with('-') && !rest.starts_with("- ") {
        let at = whole.start..whole.start + 1;
        repairs.push(repair(at.end..at.end, " ", at, RepairKind::NoSpaceAfterDash));
    }
    for quote in ['\'', '"'] {
        if rest.matches(quote).count() % 2 == 1 {
            let start = whole.start + rest.find(quote).unwrap_or(0);
            repairs.push(repair(whole.end..whole.end, quote, start..start + 1, RepairKind::OpenQuote));
        }
    }
}

/// Spaces that a line has too many or too few, or a dash that it lost.
fn indentation(text: &str, lines: &LineRanges, line: usize, repairs: &mut Vec<TriedRepair>) {
    let range = lines.range(line);
    let Some((indent, whole)) = written(text, range.clone()) else { return };
    let spaces = range.start..whole.start;
    let beside = [lines.beside(text, line, true), lines.beside(text, line, false)];
    let theirs: Vec<usize> = beside.into_iter().flatten().map(|beside| indent_of(&text[beside])).collect();
    for &theirs in theirs.iter().filter(|theirs| **theirs != indent) {
        let kind = RepairKind::OtherThanBeside { spaces: indent, beside: theirs };
        repairs.push(repair(spaces.clone(), " ".repeat(theirs), whole.clone(), kind));
    }
    if indent % 2 == 1 {
        for other in [indent - 1, indent + 1] {
            let kind = RepairKind::UnevenIndentation { spaces: indent, fitting: other };
            repairs.push(repair(spaces.clone(), " ".repeat(other), whole.clone(), kind));
        }
    }
    for &theirs in &theirs {
        // The other keys of an item are two columns to the right of its dash.
        for width in [theirs.saturating_sub(2), theirs] {
            let by = format!("{}- ", " ".repeat(width));
            repairs.push(repair(spaces.clone(), by, whole.clone(), RepairKind::ItemWithoutDash));
        }
    }
}

/// A bracket that is not closed: at the end of the line, or before a comma or another bracket in it. What is
/// further behind comes first, because more of what was written stays together.
fn brackets(text: &str, line: Range<usize>, repairs: &mut Vec<TriedRepair>) {
    let content = &text[line.clone()];
    if !content.contains(['{', '[']) {
        return;
    }
    let code = content.find(" #").map_or(content, |comment| &content[..comment]).trim_end();
    let inner = code.char_indices().filter(|(_, c)| matches!(c, ',' | '}' | ']')).map(|(at, _)| at);
    let mut places: Vec<usize> = inner.collect();
    places.push(code.len());
    for at in places.into_iter().rev() {
        let fitting = closings(&code[..at]);
        for &closing in fitting {
            let at = line.start + at;
            let shown = at.saturating_sub(usize::from(at > line.start));
            let shown =
                text[..=shown.min(text.len() - 1)].char_indices().next_back().map_or(at, |(at, _)| at);
            let found =
                FoundRepair { range: shown..at.max(shown), kind: RepairKind::OpenBracket { closing } };
            repairs.push(TriedRepair { range: at..at, by: closing.to_string(), found });
        }
    }
}

/// The brackets that can close what is open at the end of a beginning of a line. What is open before the line is not
/// known, and in a line with quotes a bracket may be in a text.
fn closings(beginning: &str) -> &'static [char] {
    let mut open = Vec::new();
    for c in beginning.chars() {
        match c {
            '{' | '[' => open.push(c),
            '}' | ']' => drop(open.pop()),
            '"' | '\'' => return &['}', ']'],
            _ => {}
        }
    }
    match open.last() {
        Some('{') => &['}'],
        Some(_) => &[']'],
        None => &['}', ']'],
    }
}
