//! Files, and places in them.
//!
//! A [`Place`] is where something is: file, one-based line, one-based column (counted in Unicode
//! scalar values) and byte range. Everything capelint reports points at one.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::outside::{Outside, OutsideString};

/// Identifies a file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in a file's text, in as few bytes as possible: a run may keep millions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte, upper half first, so that the order is that of the bytes.
    start: [u32; 2],
    length: u32,
}

impl Span {
    /// The span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self::in_file(start as u64, end as u64)
    }

    /// The same in a file that may be larger than memory; a span of more than 4 GiB is cut.
    pub fn in_file(start: u64, end: u64) -> Self {
        let length = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
        Self { start: [(start >> 32) as u32, start as u32], length }
    }

    /// First byte.
    pub fn start(self) -> u64 {
        u64::from(self.start[0]) << 32 | u64::from(self.start[1])
    }

    /// One past the last byte.
    pub fn end(self) -> u64 {
        self.start() + u64::from(self.length)
    }

    /// As a range that slices a text in memory.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start() as usize..self.end() as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start(), self.end())
    }
}

/// Where something is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// One-based line; in a workbook the one-based row of the sheet. Of the lines of a file that has more than 4
    /// billion the last.
    pub line: u32,
    /// One-based column in Unicode scalar values; in a workbook the one-based column of the sheet.
    pub column: u32,
    /// Bytes in the decoded text; empty in a workbook, which has no text.
    pub span: Span,
}

/// A line as a [`Place`] has it.
pub(crate) fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// A value with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub place: Place,
}

/// What a file contains, as far as places go.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// A text whose lines can be shown (declaration, rule file, configuration): kept whole.
    Text(Arc<Text>),
    /// A large table that is streamed; only the rows of declared entries are kept, by their table.
    Streamed,
    /// A sheet of a workbook; places are cells.
    Sheet {
        /// The sheet's name.
        sheet: OutsideString<Arc<str>>,
    },
}

/// A text and its lines. `Debug` writes how long it is, and nothing of what is in it.
pub struct Text {
    /// The decoded text, without a byte order mark.
    pub text: String,
    /// Where its lines begin, once that was asked for: of most declarations it never is.
    line_starts: OnceLock<Vec<usize>>,
    /// Bytes of a byte order mark before the text (places count from the file's own first byte).
    pub skipped: usize,
}

impl Text {
    /// A text, with so many bytes of a byte order mark before it.
    pub fn new(text: String, skipped: usize) -> Self {
        Self { text, line_starts: OnceLock::new(), skipped }
    }

    /// The first byte of each line. Lines end at LF, CRLF or a lone CR.
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
            let ends = ends.filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
            std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
        })
    }

    /// Zero-based line that the byte offset (in `text`) is in.
    pub(crate) fn line_index(&self, at: usize) -> usize {
        self.line_starts().partition_point(|&start| start <= at) - 1
    }

    /// The bytes of a zero-based line without its line end; empty past the last line.
    pub fn line(&self, index: usize) -> &str {
        let Some(&start) = self.line_starts().get(index) else { return "" };
        let end = self.line_starts().get(index + 1).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The first byte of a zero-based line, or the text's length past the last line.
    pub(crate) fn line_start(&self, index: usize) -> usize {
        self.line_starts().get(index).copied().unwrap_or(self.text.len())
    }

    /// How many lines there are, counting a last empty one.
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// The place of a byte range of this text in `file`.
    pub fn place(&self, file: FileId, range: std::ops::Range<usize>) -> Place {
        let mut start = range.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line = self.line_index(start);
        let column = self.text[self.line_starts()[line]..start].chars().count() as u32 + 1;
        Place {
            file,
            line: line_number(line as u64 + 1),
            column,
            span: Span::new(start + self.skipped, range.end.max(start) + self.skipped),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.text.len())
    }
}

/// The SHA-256 of a file's bytes. Displayed as hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A file as the user named it.
#[derive(Clone, Debug)]
pub struct File {
    name: OutsideString<Arc<str>>,
    /// Its content.
    pub kind: SourceKind,
    /// The digest of its bytes, where it was asked for.
    pub digest: Option<Digest>,
}

impl File {
    /// The name as given on the command line or in the configuration; `-` is standard input.
    pub fn name(&self) -> Outside<'_> {
        self.name.outside()
    }

    /// The sheet of a workbook that it is.
    pub fn sheet(&self) -> Option<Outside<'_>> {
        match &self.kind {
            SourceKind::Sheet { sheet } => Some(sheet.outside()),
            SourceKind::Text(_) | SourceKind::Streamed => None,
        }
    }
}

/// All files of a run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Takes in a file and gives it its id.
    pub fn add(&mut self, name: impl Into<Arc<str>>, kind: SourceKind) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(File { name: OutsideString::new(name.into()), kind, digest: None });
        id
    }

    /// Takes in a text that is kept whole.
    #[cfg(test)]
    pub(crate) fn add_text(&mut self, name: impl Into<Arc<str>>, text: impl Into<String>) -> FileId {
        self.add(name, SourceKind::Text(Arc::new(Text::new(text.into(), 0))))
    }

    /// The file of that id.
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// Sets what a file contains, once that is known (a workbook's sheet is chosen while it is read).
    pub(crate) fn set_kind(&mut self, id: FileId, kind: SourceKind) {
        self.files[id.0 as usize].kind = kind;
    }

    /// Sets the digest of a file's bytes.
    pub(crate) fn set_digest(&mut self, id: FileId, digest: Digest) {
        self.files[id.0 as usize].digest = Some(digest);
    }

    /// The file's name.
    pub fn name(&self, id: FileId) -> Outside<'_> {
        self.file(id).name()
    }

    /// The text of a file that is kept whole.
    pub fn text(&self, id: FileId) -> Option<&Text> {
        match &self.file(id).kind {
            SourceKind::Text(text) => Some(text),
            SourceKind::Streamed | SourceKind::Sheet { .. } => None,
        }
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file))
    }

    /// The place of a byte range of a text file.
    ///
    /// # Panics
    /// Where the file is not a text: only texts have byte ranges.
    pub fn place(&self, file: FileId, range: std::ops::Range<usize>) -> Place {
        self.text(file).expect("only texts have byte ranges").place(file, range)
    }

    /// The place as people write it: `file:line:column`, or `file, Sheet!AB12` in a workbook.
    pub fn show(&self, place: Place) -> OutsideString {
        let file = self.file(place.file);
        let name = file.name().raw();
        let shown = match file.sheet() {
            Some(sheet) => {
                format!("{name}, {}!{}{}", sheet.raw(), column_letters(place.column), place.line)
            }
            None => format!("{name}:{}:{}", place.line, place.column),
        };
        shown.into()
    }
}

/// The letters of a one-based spreadsheet column: 1 is `A`, 27 is `AA`.
pub(crate) fn column_letters(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines_right_after_crlf_and_blank_lines() {
        let text = Text::new("a\r\n\r\n\u{e4}b,c\rd".into(), 0);
        let at = text.text.find('c').unwrap();
        let place = text.place(FileId(0), at..at + 1);
        assert_eq!((place.line, place.column), (3, 4));
        let at = text.text.find('d').unwrap();
        assert_eq!(text.place(FileId(0), at..at + 1).line, 4);
        assert_eq!(text.line(1), "");
        assert_eq!(text.line(2), "\u{e4}b,c");
    }

    #[test]
    fn spreadsheet_columns_have_letters() {
        for (column, letters) in [(1, "A"), (26, "Z"), (27, "AA"), (28, "AB"), (703, "AAA")] {
            assert_eq!(column_letters(column), letters);
        }
    }
}
