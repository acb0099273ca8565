//! A row as its file has it, before its cells are read: a record of a text, whose fields are found when they are asked
//! for, or cells that are known already, as those of a workbook and of a rule's own test are.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::csv::{self, Field};

/// In which form the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordForm {
    /// Records of a text.
    Text {
        /// The byte between fields.
        delimiter: u8,
    },
    /// Cells, each with its length before it: nothing in them is a quote or a delimiter.
    Cells,
}

impl RecordForm {
    /// The byte between the fields of rows that are in one field, because a quote was not closed where it should
    /// have been. In a cell they are from a text that was broken before it became one.
    pub fn delimiter_within(self) -> u8 {
        match self {
            Self::Text { delimiter } => delimiter,
            Self::Cells => b',',
        }
    }
}

/// A row as its file has it.
#[derive(Clone, Copy, Debug)]
pub struct RawRecord<'a> {
    bytes: &'a [u8],
    form: RecordForm,
}

impl<'a> RawRecord<'a> {
    /// A row that is kept as these bytes.
    #[inline]
    pub fn new(bytes: &'a [u8], form: RecordForm) -> Self {
        Self { bytes, form }
    }

    /// A record of a text, without its line end.
    #[inline]
    pub fn text(bytes: &'a [u8], delimiter: u8) -> Self {
        Self::new(bytes, RecordForm::Text { delimiter })
    }

    /// A row of cells that [`push_cells`] wrote.
    pub fn cells(bytes: &'a [u8]) -> Self {
        Self::new(bytes, RecordForm::Cells)
    }

    /// The bytes in which it is kept; of a text, its own. Ranges of fields count in them.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Its form.
    #[inline]
    pub fn form(self) -> RecordForm {
        self.form
    }

    /// Whether there is nothing in it: a blank line, a row without cells or with one that is empty.
    pub fn is_empty(self) -> bool {
        match self.form {
            RecordForm::Text { .. } => self.bytes.is_empty(),
            RecordForm::Cells => matches!(self.bytes, [] | [0]),
        }
    }

    /// Its fields. There is always at least one.
    #[inline]
    pub fn fields(self) -> RecordFields<'a> {
        match self.form {
            RecordForm::Text { delimiter } => RecordFields::Text(csv::fields(self.bytes, delimiter)),
            RecordForm::Cells => RecordFields::Cells(CellRanges::new(self.bytes)),
        }
    }

    /// The field with that number, from zero.
    #[inline]
    pub fn field(self, at: usize) -> Option<Field> {
        match self.form {
            RecordForm::Text { delimiter } => csv::fields(self.bytes, delimiter).nth(at),
            RecordForm::Cells => CellRanges::new(self.bytes).nth(at).map(Field::plain),
        }
    }

    /// The value of one of its fields.
    #[inline]
    pub fn value(self, field: &Field) -> Cow<'a, [u8]> {
        field.value(self.bytes)
    }

    /// The value of the field with that number, where it has one.
    #[inline]
    pub fn value_at(self, at: usize) -> Option<Cow<'a, [u8]>> {
        match self.form {
            RecordForm::Text { delimiter } => {
                csv::fields(self.bytes, delimiter).nth(at).map(|field| field.value(self.bytes))
            }
            RecordForm::Cells => CellRanges::new(self.bytes).nth(at).map(|cell| self.bytes[cell].into()),
        }
    }

    /// Where a byte that is no delimiter is first in one of its fields.
    pub fn find(self, byte: u8) -> Option<usize> {
        match self.form {
            RecordForm::Text { .. } => memchr(byte, self.bytes),
            RecordForm::Cells => CellRanges::new(self.bytes).find_map(|cell| {
                let start = cell.start;
                memchr(byte, &self.bytes[cell]).map(|at| start + at)
            }),
        }
    }

    /// Where one of its bytes is, seen from its first byte: lines below it (line breaks in cells), and the one-based
    /// column in characters.
    pub fn locate(self, at: usize) -> (u64, u32) {
        match self.form {
            RecordForm::Text { delimiter } => csv::locate(self.bytes, delimiter, at),
            RecordForm::Cells => csv::locate_in(self.bytes, self.fields(), at),
        }
    }
}

/// The fields of a [`RawRecord`].
#[derive(Clone, Debug)]
pub enum RecordFields<'a> {
    /// Those of a text, found one after the other.
    Text(csv::Fields<'a>),
    /// Cells.
    Cells(CellRanges<'a>),
}

impl Iterator for RecordFields<'_> {
    type Item = Field;

    // A field is large: it is not copied on the way.
    #[inline(always)]
    fn next(&mut self) -> Option<Field> {
        match self {
            Self::Text(fields) => fields.next(),
            Self::Cells(cells) => cells.next().map(Field::plain),
        }
    }

    #[inline(always)]
    fn nth(&mut self, n: usize) -> Option<Field> {
        match self {
            Self::Text(fields) => fields.nth(n),
            Self::Cells(cells) => cells.nth(n).map(Field::plain),
        }
    }
}

/// Where the cells of a row are in its bytes.
#[derive(Clone, Debug)]
pub struct CellRanges<'a> {
    bytes: &'a [u8],
    /// Where the next one begins with its length; beyond the bytes where there is none.
    next: usize,
}

impl<'a> CellRanges<'a> {
    /// Those of a row that [`push_cells`] wrote.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0 }
    }
}

impl Iterator for CellRanges<'_> {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        let at = self.next;
        let (length, start) = match self.bytes.get(at) {
            Some(&length @ 0..LONG) => (usize::from(length), at + 1),
            Some(_) => long(self.bytes, at),
            // A row without cells has an empty one.
            None if at == 0 => {
                self.next = 1;
                return Some(0..0);
            }
            None => return None,
        };
        self.next = start + length;
        Some(start..self.next)
    }
}

/// From here on a length has more than one byte: 7 bits in each, the lowest first, and this bit in all but the last.
const LONG: u8 = 0x80;

/// A length of several bytes, and where it ends.
fn long(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = bytes[at];
        length |= usize::from(byte & !LONG) << shift;
        (at, shift) = (at + 1, shift + 7);
        if byte < LONG {
            return (length, at);
        }
    }
}

/// Adds a row of these cells.
pub fn push_cells<'t>(row: &mut Vec<u8>, cells: impl IntoIterator<Item = &'t str>) {
    for cell in cells {
        let mut length = cell.len();
        while length >= usize::from(LONG) {
            row.push(length as u8 | LONG);
            length >>= 7;
        }
        row.push(length as u8);
        row.extend_from_slice(cell.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_are_read_as_they_are(
            cells in proptest::collection::vec("[ab,\"\r\n;\u{ff}\u{4e2d}]{0,6}|x{100,300}|y{20000}", 1..5), skipped in 0usize..5
        ) {
            let mut bytes = Vec::new();
            push_cells(&mut bytes, cells.iter().map(String::as_str));
            let row = RawRecord::cells(&bytes);
            let text = |field: Field| {
                assert_eq!((field.is_quoted(), field.damage), (false, None));
                String::from_utf8(row.value(&field).into_owned()).unwrap()
            };
            prop_assert_eq!(row.fields().map(text).collect::<Vec<_>>(), cells.clone());
            prop_assert_eq!(row.field(skipped).map(text), cells.get(skipped).cloned());
            prop_assert_eq!(row.is_empty(), cells.len() == 1 && cells[0].is_empty());
        }

        /// The cells of a text without quotes are where its fields are.
        #[test]
        fn cells_are_placed_as_the_fields_of_a_text(cells in proptest::collection::vec("[ab;\u{4e2d}]{0,6}", 1..5)) {
            let text = cells.join(",");
            let text = RawRecord::text(text.as_bytes(), b',');
            let mut bytes = Vec::new();
            push_cells(&mut bytes, cells.iter().map(String::as_str));
            let row = RawRecord::cells(&bytes);
            for (cell, field) in row.fields().zip(text.fields()) {
                prop_assert_eq!(row.locate(cell.raw.start), text.locate(field.raw.start));
                prop_assert_eq!(row.locate(cell.raw.end), text.locate(field.raw.end));
            }
        }
    }

    #[test]
    fn a_row_without_cells_has_one_that_is_empty() {
        let row = RawRecord::cells(&[]);
        assert!(row.is_empty());
        assert_eq!(row.fields().map(|field| field.raw.len()).collect::<Vec<_>>(), [0]);
        assert_eq!((row.value_at(0).as_deref(), row.value_at(1)), (Some(&b""[..]), None));
    }
}
