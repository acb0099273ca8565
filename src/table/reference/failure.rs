//! Why the scan of a file cannot go on, and where.

use super::scan::Piece;
use crate::diagnostic::Diagnostic;
use crate::input::errors::{cannot_read, changed};
use crate::source::{FileId, Place, Span, line_number};
use crate::table::errors;

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
    EnclosesRows {
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
            | FailureKind::EnclosesRows { quote } => quote.1 += line,
            FailureKind::Changed
            | FailureKind::Unreadable(_)
            | FailureKind::TooLong { open_quote: None }
            | FailureKind::CutOff
            | FailureKind::OtherHeader { .. }
            | FailureKind::NoNumbers { .. } => {}
        }
        self
    }

    /// The error, for the file of that name.
    pub(super) fn diagnostic(self, name: &str, file: FileId) -> Diagnostic {
        let place = |(offset, line, column): Position, length: u64| Place {
            file,
            line: line_number(line),
            column,
            span: Span::in_file(offset, offset + length),
        };
        match self.kind {
            FailureKind::Changed => changed(name),
            FailureKind::Unreadable(error) => cannot_read(name, &error),
            FailureKind::TooLong { open_quote: Some(quote) } => errors::endless_quote(name, place(quote, 1)),
            FailureKind::TooLong { open_quote: None } => errors::row_too_long(name, place(self.record, 0)),
            FailureKind::Unterminated { quote } => errors::unterminated_quote(name, place(quote, 1)),
            FailureKind::CutOff => errors::cut_off(name, place(self.record, 0)),
            FailureKind::NoNumbers { text, elsewhere } => {
                errors::no_entry_numbers(name, place(self.record, 0), &text, elsewhere.as_deref())
            }
            FailureKind::OtherHeader { first } => errors::second_header(name, place(self.record, 0), first),
            FailureKind::EnclosesRows { quote } => errors::swallowed_rows(name, place(quote, 1)),
        }
    }
}
