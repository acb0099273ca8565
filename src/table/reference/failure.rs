//! Why the scan of a file cannot go on, and how that is reported.

use super::scan::Piece;
use crate::diagnostic::{Code, Diagnostic};
use crate::input::{cannot_read, changed};
use crate::mask::mask;
use crate::source::{FileId, Place, Span};
use crate::table::MAX_RECORD;

/// Offset in the file, line (in a [`Piece`] counted from 0 at its beginning), column.
pub(super) type Position = (u64, u64, u32);

/// Why a scan cannot go on.
#[derive(Debug)]
pub(super) struct ScanFailure {
    /// The record it happened in.
    pub(super) record: Position,
    pub(super) kind: FailureKind,
}

#[derive(Debug)]
pub(super) enum FailureKind {
    Changed,
    Unreadable(std::io::Error),
    TooLong {
        open_quote: Option<Position>,
    },
    CutOff,
    Unterminated {
        quote: Position,
    },
    Swallowed {
        quote: Position,
    },
    /// A second header with other columns, or the same ones in another order.
    OtherHeader {
        /// The line of the first.
        first: u64,
    },
    /// No record has an entry number that can be read; this is the first.
    NoNumbers {
        text: String,
        /// The header of another column that has an entry number in that row.
        elsewhere: Option<String>,
    },
}

impl ScanFailure {
    pub(super) fn new(piece: &Piece, kind: FailureKind) -> Self {
        Self { record: (piece.next, piece.lines, 1), kind }
    }

    pub(super) fn too_long(piece: &Piece, quote: Option<Position>) -> Self {
        Self::new(piece, FailureKind::TooLong { open_quote: quote })
    }

    /// Counts lines from the file's beginning.
    pub(super) fn moved(mut self, line: u64) -> Self {
        self.record.1 += line;
        match &mut self.kind {
            FailureKind::TooLong { open_quote: Some(quote) }
            | FailureKind::Unterminated { quote }
            | FailureKind::Swallowed { quote } => quote.1 += line,
            _ => {}
        }
        self
    }

    /// The error, for the file of that name.
    pub(super) fn told(self, name: &str, file: FileId) -> Diagnostic {
        let place = |(offset, line, column): Position, length: u64| Place {
            file,
            line,
            column,
            span: Span { start: offset, end: offset + length },
        };
        let mebibytes = MAX_RECORD >> 20;
        match self.kind {
            FailureKind::Changed => changed(name),
            FailureKind::Unreadable(error) => cannot_read(name, &error),
            FailureKind::TooLong { open_quote: Some(quote) } => {
                Diagnostic::new(Code::UnterminatedQuote, format!("`{name}` has a quote that is never closed"))
                    .at(place(quote, 1), format!("opened here; no closing quote in {mebibytes} MiB"))
                    .help("close the quote or take it out, or export the report again")
            }
            FailureKind::TooLong { open_quote: None } => {
                Diagnostic::new(Code::RecordTooLong, format!("`{name}` has a row of more than {mebibytes} MiB"))
                    .at(place(self.record, 0), "the row begins here")
                    .help("export the report again as CSV; this file is not a table")
            }
            FailureKind::Unterminated { quote } => {
                Diagnostic::new(Code::UnterminatedQuote, format!("`{name}` has a quote that is never closed"))
                    .at(place(quote, 1), "opened here; everything after it would be one cell")
                    .help("close the quote or take it out, or export the report again")
            }
            FailureKind::CutOff => Diagnostic::new(Code::CutOff, format!("`{name}` is cut off in its last row"))
                .at(place(self.record, 0), "this row has too few fields and no line end")
                .help("the export was not complete when it was saved or copied; export it again"),
            FailureKind::NoNumbers { text, elsewhere } => {
                let text = mask(&text);
                let label = match text.as_ref() {
                    "" => "this cell is blank".to_owned(),
                    text => format!("`{text}` is not an entry number"),
                };
                let help = match elsewhere {
                    None if crate::digits::rounded(&text).is_some() => "a spreadsheet rounded the entry numbers, and their last digits are gone: export the file again, and do not save it from a spreadsheet, or import it there with this column as text".to_owned(),
                    Some(header) => format!(
                        "the column {header} has entry numbers: name that column `Entry Number`, and give this one another name"
                    ),
                    None => "write each entry number as 11 characters in one cell: filer code, 7 digits and check digit; where the filer code has a column of its own, join the columns".to_owned(),
                };
                let message = format!("no row of `{name}` has an entry number that can be read");
                Diagnostic::new(Code::NoEntryNumbers, message).at(place(self.record, 0), label).help(help)
            }
            FailureKind::OtherHeader { first } => {
                Diagnostic::new(Code::SecondHeader, format!("`{name}` has a second header, with other columns than the first"))
                    .at(place(self.record, 0), "the columns change here")
                    .help(format!(
                        "split the file before this line, so that the rows below it have a file of their own, and pass both; the first header is in line {first}"
                    ))
            }
            FailureKind::Swallowed { quote } => {
                Diagnostic::new(Code::UnterminatedQuote, format!("`{name}` has a quote that swallows rows"))
                    .at(place(quote, 1), "opened here, and closed only in a later row")
                    .help("close the quote in its own row or take it out, or export the report again")
            }
        }
    }
}
