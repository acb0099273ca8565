//! Reads tables: bytes become typed cells.
//!
//! A [`Table`] has the rows of declared entries only, however large the file was. Its cells are kept once for
//! each distinct text of a column ([`Column::dictionary`]), so that a text is parsed once however many rules
//! ask, and mostly once however often it is in the export.

mod again;
pub mod build;
pub mod csv;
pub(crate) mod date_order;
pub mod declaration;
mod duplicate_columns;
mod elsewhere;
pub mod encoding;
pub(crate) mod errors;
mod fact;
pub mod from_cells;
pub mod head_row;
pub mod header;
pub mod header_keys;
pub mod looks_like;
mod lost;
mod marks;
pub(crate) mod named;
mod overlap;
pub mod place;
mod record;
pub mod reference;
mod repeated_amounts;
pub mod schema;
mod slice;
mod stamp;
pub mod texts;
mod unread_status;
pub mod value;
pub mod workbook;

#[cfg(all(test, feature = "cli"))]
mod hostile_tests;
#[cfg(test)]
mod value_tests;

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::entry::EntryNumber;
use crate::outside::{OutsideString, OutsideText};
use crate::source::{FileId, Place, Span};
pub use again::FilesToReadAgain;
pub use lost::Partial;
use lost::{LostRow, Seen};
pub use overlap::Doubt;
pub use record::{RawRecord, RecordForm};
use schema::Schema;
pub use texts::TextAt;
use texts::Texts;
use value::{Cell, CellReading, Value};

/// The longest record that is read, in bytes. No export has one near it; a longer one means that a quote was
/// never closed, or that the file is not a table. A quarter of it serves in unit tests, which are not optimized.
pub const MAX_RECORD: usize = if cfg!(test) { 1 << 20 } else { 4 << 20 };

/// Identifies a table: its index in [`Tables`] and in the rules' list of schemas. It is narrow because every
/// finding has it several times, in a [`CellRef`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub u32);

impl TableId {
    /// The table with this index.
    pub fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The facts of each declaration file: one row a file.
pub const FILE: TableId = TableId(0);
/// The declarations' own rows.
pub const ROW: TableId = TableId(1);
/// The name of [`FILE`] in rule files.
pub(crate) const FILE_NAME: &str = "file";
/// The name of [`ROW`] in rule files.
pub(crate) const ROW_NAME: &str = "row";

/// All tables of a run, by [`TableId`]; `None` where the user provided none.
#[derive(Debug, Default)]
pub struct Tables {
    /// The schemas, by [`TableId`].
    pub schemas: Vec<Arc<Schema>>,
    /// The tables.
    pub tables: Vec<Option<Table>>,
}

/// The entries that some declaration names, each with a small number that tables index by.
#[derive(Debug, Default)]
pub struct Entries {
    numbers: Vec<EntryNumber>,
    /// Ids by the hash of their number, which takes half of what the numbers would take again.
    index: HashTable<EntryId>,
    hasher: DefaultHashBuilder,
}

impl Default for Shown {
    fn default() -> Self {
        Self { hidden: Some(false), struck_out: false }
    }
}

/// Identifies an entry of an [`Entries`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u32);

impl Entries {
    /// Takes in an entry number, or finds the id it has.
    pub fn insert(&mut self, number: EntryNumber) -> EntryId {
        let Self { numbers, index, hasher } = self;
        let hash = hasher.hash_one(number);
        if let Some(id) = index.find(hash, |id| numbers[id.0 as usize] == number) {
            return *id;
        }
        let id = EntryId(numbers.len() as u32);
        numbers.push(number);
        index.insert_unique(hash, id, |id| hasher.hash_one(numbers[id.0 as usize]));
        id
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        self.numbers.reserve(more);
        self.index.reserve(more, |id| self.hasher.hash_one(self.numbers[id.0 as usize]));
    }

    /// The id of an entry number, where a declaration names it.
    pub fn get(&self, number: &EntryNumber) -> Option<EntryId> {
        self.index.find(self.hasher.hash_one(number), |id| self.numbers[id.0 as usize] == *number).copied()
    }

    /// The number of an id.
    pub fn number(&self, id: EntryId) -> EntryNumber {
        self.numbers[id.0 as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// All numbers, in the order in which they were declared.
    pub fn numbers(&self) -> &[EntryNumber] {
        &self.numbers
    }
}

/// A table that was read: of a reference table the rows of declared entries, of a declaration all.
#[derive(Debug, Default)]
pub struct Table {
    /// The files it was read from.
    pub parts: Vec<Part>,
    /// The rows; of a reference table sorted by entry, then in file order.
    pub rows: Vec<Row>,
    /// The columns' cells, by the schema's index.
    pub columns: Vec<ColumnCells>,
    /// The texts of the rows; see [`Table::record`].
    pub texts: Texts,
    /// For each [`EntryId`] where its rows begin; one more at the end. Empty for declarations.
    pub entry_rows: Vec<u32>,
    /// Numbers that were asked for as corrections of mistyped ones, and are in the table.
    pub corrections_found: hashbrown::HashSet<EntryNumber>,
    /// Columns of a reference table's files that were not read, because another has a header of the same
    /// column, and that differ from it: each beside the one that was read.
    pub duplicate_columns: Vec<String>,
    /// Of declarations that are workbooks, the rows above the header. Those of a text are in the text.
    pub preamble: Vec<Row>,
    /// Of declarations that are workbooks, the rows that the sheet does not show as the others.
    pub shown: HashMap<u32, Shown>,
    /// Why entries have a doubtful row that has their number.
    pub doubts: HashMap<EntryId, Doubt>,
    /// Why the files cannot have all rows of their entries, where they cannot.
    pub partial: Option<Partial>,
    /// Those of the files that cannot have all rows of their entries, where others can.
    pub(crate) partial_parts: Vec<usize>,
    /// Rows of data whose entry number cannot be read, until the entries they may belong to are known.
    pub(crate) lost: Vec<LostRow>,
    /// What was seen of all rows.
    pub(crate) seen: Seen,
    /// Where the texts of rows are that are not in `texts`.
    pub(crate) read_again: FilesToReadAgain,
}

/// How a sheet shows a row of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// It is hidden, by hand or by a filter; `None` where the format does not show it.
    pub hidden: Option<bool>,
    /// Its entry number, or all of its text, is struck out.
    pub struck_out: bool,
}

/// One file of a table.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file.
    pub file: FileId,
    /// The header row.
    pub header: Header,
    /// For each column of the schema the index of the file's field, where the file has it.
    pub fields: Vec<Option<u32>>,
    /// Columns of the schema with further fields that have one of their headers; see
    /// [`header::Match::duplicate_columns`].
    pub duplicate_columns: Vec<(usize, u32)>,
    /// In which form its rows are.
    pub form: RecordForm,
    /// How the bytes were read; of a reference table, those of the rows that were kept.
    pub encoding: Encoding,
    /// Rows above the header that were not blank.
    pub preamble_rows: u64,
    /// Rows below the header whose key is not an entry number and not blank, such as totals.
    pub unkeyed_rows: u64,
    /// Those of them that are data, not remarks: they belong to some entry.
    pub lost_rows: u64,
    /// Rows that repeat the header.
    pub repeated_headers: u64,
    /// Rows of the kept entries that an earlier file of the table has too, so that they were left out.
    pub repeated_rows: u64,
    /// Rows of the kept entries that were left out because a newer file contradicts them about the entry.
    pub superseded_rows: u64,
    /// The day on which the file was exported, according to itself.
    pub exported: Option<chrono::NaiveDate>,
    /// What its rows show, whether or not they were kept.
    pub(crate) seen: lost::Seen,
    /// How dates are written in rows that were not kept.
    pub(crate) dates: date_order::DateForms,
    /// Records below the header.
    pub records: u64,
}

impl Part {
    /// A file with this header, before anything below it is read.
    pub fn new(file: FileId, header: Header, fields: Vec<Option<u32>>) -> Self {
        Self {
            file,
            header,
            fields,
            duplicate_columns: Vec::new(),
            form: RecordForm::Text { delimiter: b',' },
            encoding: Encoding::Utf8,
            preamble_rows: 0,
            unkeyed_rows: 0,
            lost_rows: 0,
            repeated_headers: 0,
            repeated_rows: 0,
            superseded_rows: 0,
            exported: None,
            seen: lost::Seen::default(),
            dates: date_order::DateForms::default(),
            records: 0,
        }
    }

    /// Whether the file has a column of the schema.
    pub fn has_column(&self, column: usize) -> bool {
        self.fields.get(column).is_some_and(Option::is_some)
    }
}

/// A header row.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// One-based line (sheet row).
    pub line: u64,
    /// Its fields as written (unquoted), with their bytes in the file.
    pub fields: Vec<(String, Span)>,
}

/// How a file's bytes became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Only ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
    /// UTF-16, either byte order; byte offsets count in the text converted to UTF-8.
    Utf16,
    /// Not valid UTF-8, so read as Windows-1252; byte offsets count in the converted text.
    Windows1252,
    /// Cells of a workbook.
    Workbook,
}

impl Encoding {
    /// How a text of bytes is encoded.
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            _ if bytes.is_ascii() => Self::Ascii,
            Ok(_) => Self::Utf8,
            Err(_) => Self::Windows1252,
        }
    }

    /// How two texts of a file are encoded together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Ascii, other) => other,
            (Self::Utf8, Self::Windows1252) => Self::Windows1252,
            (encoding, _) => encoding,
        }
    }
}

/// A row that was kept.
#[derive(Clone, Debug)]
pub struct Row {
    /// Index into [`Table::parts`].
    pub part: u32,
    /// One-based line the record begins on (sheet row).
    pub line: u32,
    /// First byte of the record in the file.
    pub start: u64,
    /// Where its text is in [`Table::texts`].
    pub text: TextAt,
    /// The entry it belongs to; `None` only for declaration rows without a readable number.
    pub entry: Option<EntryId>,
    /// Whether it only may belong to that entry, because its entry number cannot be read: no cell of it has a
    /// text. An entry has at most one such row of a table, its last.
    pub doubtful: bool,
}

/// What is asked of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Nothing: it is not read.
    Nothing,
    /// Whether its cells can be read. The value of those that can be read need not be right.
    Readable,
    /// The content of its cells.
    Value,
}

/// The cells of a column.
#[derive(Debug, Default)]
pub struct ColumnCells {
    /// For each row an index into `dictionary`, or [`Column::MISSING`] where the row's file does not have the
    /// column. Empty where no file has it, or no rule asked for it. Columns in which all rows have the same
    /// cell share theirs.
    pub cells: Arc<Vec<u32>>,
    /// The distinct cells. Where nearly every row has a text of its own, the same one may be
    /// several times.
    pub dictionary: Vec<Cell>,
}

impl ColumnCells {
    /// Stands for a cell of a file that has no such column.
    pub const MISSING: u32 = u32::MAX;

    /// The cell in a row; `None` where the row's file does not have the column.
    pub fn cell(&self, row: usize) -> Option<&Cell> {
        self.dictionary.get(*self.cells.get(row)? as usize)
    }
}

/// Points at a cell of a table. [`Checked::cell`](crate::Checked::cell) gives its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellRef {
    /// The table.
    pub(crate) table: TableId,
    /// Index into [`Table::rows`].
    pub(crate) row: u32,
    /// The schema's column.
    pub(crate) column: u16,
}

impl Table {
    /// A row as its file has it.
    pub fn record(&self, row: &Row) -> RawRecord<'_> {
        RawRecord::new(self.texts.get(row.text), self.parts[row.part as usize].form)
    }

    /// The rows of an entry.
    pub fn rows_of(&self, entry: EntryId) -> Range<usize> {
        let at = entry.0 as usize;
        match (self.entry_rows.get(at), self.entry_rows.get(at + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// How the sheet of a declaration shows a row.
    pub fn shown(&self, row: u32) -> Shown {
        self.shown.get(&row).copied().unwrap_or_default()
    }

    /// Whether some file of the table has the column.
    pub fn has_column(&self, column: usize) -> bool {
        self.parts.iter().any(|part| part.has_column(column))
    }

    /// The day on which it was exported: as its files say, or else the newest date in it up to a day.
    pub fn exported(&self, schema: &Schema, until: chrono::NaiveDate) -> Option<chrono::NaiveDate> {
        let newest = || {
            let columns = self.columns.iter().enumerate().filter(|(at, _)| schema.dates_export(*at));
            let days =
                columns.flat_map(|(_, column)| &column.dictionary).filter_map(|cell| match cell.reading {
                    CellReading::Value(Value::Date(day)) => Some(day),
                    _ => None,
                });
            days.filter(|day| *day <= until).max()
        };
        self.stamped().or_else(newest)
    }

    /// The day of export that its files have, of several the oldest; `None` where one has none.
    pub fn stamped(&self) -> Option<chrono::NaiveDate> {
        let days: Option<Vec<_>> = self.parts.iter().map(|part| part.exported).collect();
        days?.into_iter().min()
    }
}

/// The cells of one row that matter to a finding, with their headers: what a report shows of a
/// wide row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The file.
    pub file: FileId,
    /// One-based line of the header row.
    pub header_line: u64,
    /// One-based line of the row.
    pub line: u64,
    /// The cells in the file's order, the key first.
    pub cells: Vec<ExcerptCell>,
}

/// A cell of an [`Excerpt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcerptCell {
    /// The header's text as the file has it.
    pub header: OutsideString,
    /// The cell's text as the file has it, importer numbers masked where needed.
    pub text: OutsideText<String>,
    /// Where the cell is.
    pub place: Place,
    /// Whether fields of the file were left out between the cell before (or the row's beginning)
    /// and this one.
    pub gap_before: bool,
}

impl Tables {
    /// The table, where one was provided.
    pub fn get(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id.index())?.as_ref()
    }

    /// The id of a table by name.
    pub fn id(&self, name: &str) -> Option<TableId> {
        self.schemas.iter().position(|schema| schema.name == name).map(TableId::new)
    }
}
