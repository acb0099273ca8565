//! The first rows of a file, in which its header is looked for.

use super::csv;
use super::encoding::decode;
use super::value::clean;
use crate::source::{FileId, Place, Span, line_number};

/// The bytes that may be between fields, in the order in which they are preferred.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many rows that are not blank are looked at.
pub const ROWS_SEARCHED: usize = 60;

/// How many fields of a row are looked at: as many as a spreadsheet has columns.
pub const MAX_FIELDS: usize = 16_384;

/// A row near the beginning of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// One-based line (sheet row).
    pub line: u64,
    /// Where the record begins in the text.
    pub start: usize,
    /// Where the next line begins, and its one-based number.
    pub next: (usize, u64),
    /// The fields' values with their bytes in the text.
    pub fields: Vec<(String, Span)>,
    /// For each field how many lines below the row's first it begins, and its one-based column.
    pub positions: Vec<(u64, u32)>,
}

impl HeadRow {
    /// Whether all fields are blank.
    pub fn is_blank(&self) -> bool {
        self.fields.iter().all(|(text, _)| clean(text).is_empty())
    }

    /// The place of a field, or of the row where it has no such field. `skipped` is added to offsets.
    pub fn place(&self, file: FileId, field: usize, skipped: u64) -> Place {
        let (below, column) = self.positions.get(field).copied().unwrap_or((0, 1));
        let span = self.fields.get(field).map_or(Span::default(), |(_, span)| *span);
        let span = Span::in_file(span.start() + skipped, span.end() + skipped);
        Place { file, line: line_number(self.line + below), column, span }
    }
}

/// The first rows of a text that are not blank lines. Where `last` is not set, the text may be cut
/// and its last record is skipped.
pub fn first_rows(text: &[u8], delimiter: u8, last: bool) -> Vec<HeadRow> {
    let mut rows = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() && rows.len() < ROWS_SEARCHED {
        let blank = csv::line_end_length(text, at);
        if blank > 0 {
            (at, line) = (at + blank, line + 1);
            continue;
        }
        let Ok(record) = csv::record_end(text, at, delimiter, last) else { break };
        let raw = &text[at..record.end];
        let fields = csv::fields(raw, delimiter)
            .take(MAX_FIELDS)
            .map(|field| {
                let span = Span::new(at + field.raw.start, at + field.raw.end);
                (decode(&field.value(raw)).into_owned(), span)
            })
            .collect();
        let next = (record.next, line + record.breaks + 1);
        rows.push(HeadRow {
            line,
            start: at,
            next,
            fields,
            positions: csv::positions(raw, delimiter, MAX_FIELDS),
        });
        (at, line) = next;
    }
    rows
}
