//! Rows to columns: each distinct text of a column is parsed once.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use memchr::memchr;
use rayon::prelude::*;

use super::csv;
use super::date_order::{self, Dates};
use super::encoding;
use super::record::CellRanges;
use super::schema::{self, Blank, Schema, Type};
use super::value::{Cell, CellReader, CellReading, Value};
use super::{Asked, ColumnCells, Encoding, Part, RawRecord, RecordForm, Row, Table};

/// Collects the cells of a column, each distinct text once, unless nearly every row has its own.
struct CellCollector<'a> {
    /// Whether no rule needs a plain text itself: they ask only whether it can be read, and it can.
    only_readability: bool,
    /// The cell that stands for all of those.
    plain: Option<u32>,
    reader: CellReader,
    /// How many rows there will be.
    rows: usize,
    /// How many rows there are while all have the first cell.
    same: usize,
    /// For each row the index of its cell, once one has another.
    cells: Vec<u32>,
    dictionary: Vec<Cell>,
    /// The cells by their texts; `None` once nearly every row had a text of its own: to look for each
    /// would take longer than to keep a few twice.
    index: Option<HashTable<Slot>>,
    /// Texts that are another cell's when cleaned: ` 01` and `="01"` are `01`.
    aliases: HashMap<Cow<'a, [u8]>, u32>,
    /// Texts of damaged records: kept as written, but no value is read from them.
    distrusted: HashMap<Cow<'a, [u8]>, u32>,
    /// The cell that stands for a column the file does not have.
    missing: Option<u32>,
    /// The text before and its index: neighboring rows often agree.
    last: Option<(&'a [u8], u32)>,
    hasher: DefaultHashBuilder,
}

/// A cell's text and index. Short texts are here whole, so that most are found without a look at
/// the dictionary, which is too large to stay in a core's cache.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// The text's first bytes, or the hash of a long text.
    start: u64,
    /// The bytes that follow, at most three, and the text's length; [`LONG`] for a long text.
    end: u32,
    index: u32,
}

/// How many bytes a short text has at most: an entry number, an amount, an HTS number.
const SHORT: usize = 11;
const LONG: u32 = u32::MAX;

impl Slot {
    /// The slot of a text, still without a cell.
    fn of(text: &[u8], hasher: &DefaultHashBuilder) -> Self {
        let (start, end) = match text.len() {
            8..=SHORT => (bytes(&text[..8]), bytes(&text[8..]) as u32 | (text.len() as u32) << 24),
            0..8 => (bytes(text), (text.len() as u32) << 24),
            _ => (hasher.hash_one(text), LONG),
        };
        Self { start, end, index: 0 }
    }

    fn hash(&self, hasher: &DefaultHashBuilder) -> u64 {
        hasher.hash_one((self.start, self.end))
    }
}

/// At most 8 bytes as a number.
#[inline]
fn bytes(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.first_chunk(), text.last_chunk()) {
        (Some(all), ..) => u64::from_le_bytes(*all),
        // The two chunks overlap in bytes that are the same in both.
        (_, Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (text.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => text.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// Whether two texts are the same: mostly both are empty, and seldom so long that the call of a
/// comparison pays.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && match a.len() {
            0 => true,
            1..=8 => bytes(a) == bytes(b),
            9..=16 => bytes(&a[..8]) == bytes(&b[..8]) && bytes(&a[8..]) == bytes(&b[8..]),
            _ => a == b,
        }
}

impl<'a> CellCollector<'a> {
    fn new(column: &schema::Column, asked: Asked, rows: usize) -> Self {
        Self {
            only_readability: asked == Asked::Readable && column.kind == Type::Text,
            plain: None,
            reader: CellReader::new(column),
            rows,
            same: 0,
            cells: Vec::new(),
            dictionary: Vec::new(),
            index: Some(HashTable::new()),
            aliases: HashMap::new(),
            distrusted: HashMap::new(),
            missing: None,
            last: None,
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The column. `first` are the indices of one in which all rows have the first cell.
    fn finish(self, first: &OnceLock<Arc<Vec<u32>>>) -> ColumnCells {
        let cells = if self.cells.is_empty() {
            Arc::clone(first.get_or_init(|| Arc::new(vec![0; self.same])))
        } else {
            Arc::new(self.cells)
        };
        ColumnCells { cells, dictionary: self.dictionary }
    }

    /// Adds a row with that cell.
    #[inline]
    fn add(&mut self, index: u32) {
        if index == 0 && self.cells.is_empty() {
            self.same += 1;
        } else {
            self.add_other(index);
        }
    }

    fn add_other(&mut self, index: u32) {
        if self.cells.is_empty() {
            self.cells.reserve_exact(self.rows);
            self.cells.resize(self.same, 0);
        }
        self.cells.push(index);
    }

    /// Adds a row with that value.
    #[inline]
    fn push(&mut self, value: &'a [u8]) {
        let index = match self.last {
            Some((last, index)) if is_same(last, value) => index,
            _ if self.only_readability && value.first().is_some_and(u8::is_ascii_alphanumeric) => {
                self.plain()
            }
            _ => {
                let index = self.intern(Cow::Borrowed(value));
                self.last = Some((value, index));
                index
            }
        };
        self.add(index);
    }

    /// Adds a row with a value that may not be in the text as it is.
    fn push_quoted(&mut self, value: Cow<'a, [u8]>) {
        match value {
            Cow::Borrowed(value) => self.push(value),
            value => {
                let index = self.intern(value);
                self.add(index);
            }
        }
    }

    /// The index of the cell for plain texts.
    fn plain(&mut self) -> u32 {
        *self.plain.get_or_insert_with(|| {
            let reading = CellReading::Value(Value::Text("".into()));
            self.dictionary.push(Cell::new("", reading));
            self.dictionary.len() as u32 - 1
        })
    }

    /// The index of a field's value.
    fn intern(&mut self, value: Cow<'a, [u8]>) -> u32 {
        match self.find(&value) {
            Ok(index) => index,
            Err(slot) => self.intern_new(value, slot),
        }
    }

    /// The cell with that text, or the slot for it.
    fn find(&self, text: &[u8]) -> Result<u32, Slot> {
        let Some(index) = &self.index else { return Err(Slot::default()) };
        let wanted = Slot::of(text, &self.hasher);
        let is_wanted = |slot: &Slot| {
            (slot.start, slot.end) == (wanted.start, wanted.end)
                && (slot.end != LONG || self.dictionary[slot.index as usize].text().raw().as_bytes() == text)
        };
        index.find(wanted.hash(&self.hasher), is_wanted).map(|slot| slot.index).ok_or(wanted)
    }

    #[inline(never)]
    fn intern_new(&mut self, value: Cow<'a, [u8]>, slot: Slot) -> u32 {
        if let Some(&index) = self.aliases.get(value.as_ref()) {
            return index;
        }
        let cell = self.reader.cell(&encoding::decode(&value));
        if cell.text().raw().as_bytes() == value.as_ref() {
            return self.insert(cell, slot);
        }
        let index = self.find(cell.text().raw().as_bytes()).unwrap_or_else(|slot| self.insert(cell, slot));
        self.aliases.insert(value, index);
        index
    }

    fn insert(&mut self, cell: Cell, slot: Slot) -> u32 {
        if self.dictionary.len() == self.dictionary.capacity() {
            self.make_room();
        }
        let index = self.dictionary.len() as u32;
        self.dictionary.push(cell);
        if let Some(cells) = &mut self.index {
            let hash = |slot: &Slot| slot.hash(&self.hasher);
            cells.insert_unique(hash(&slot), Slot { index, ..slot }, hash);
        }
        index
    }

    /// Makes room for as many cells as there will be if the rest of the rows are like those before, but
    /// not for many times those known, since most columns have only so many texts. What grows step by
    /// step is copied again and again.
    fn make_room(&mut self) {
        let (known, read, rows) = (self.dictionary.len(), self.same.max(self.cells.len()), self.rows);
        if !(FEW_ROWS..rows).contains(&read) {
            return;
        }
        let expected = (known * rows / read + known / 8).min(rows).min(8 * known);
        let more = expected.saturating_sub(known);
        self.dictionary.reserve_exact(more);
        match &mut self.index {
            Some(_) if read >= MANY_ROWS && known >= read - read / 8 => self.index = None,
            Some(cells) => cells.reserve(more, |slot| slot.hash(&self.hasher)),
            None => {}
        }
    }

    /// Adds a row of a file that does not have the column.
    fn push_missing(&mut self, column: &schema::Column) {
        let reading = match &column.missing {
            Blank::Unknown => return self.add(ColumnCells::MISSING),
            Blank::Nothing => CellReading::Nothing,
            Blank::Text(text) => self.reader.read(text),
        };
        let index = *self.missing.get_or_insert_with(|| {
            self.dictionary.push(Cell::new("", reading));
            self.dictionary.len() as u32 - 1
        });
        self.add(index);
    }

    /// Adds a row with a value that cannot be trusted to be in the right column.
    fn push_distrusted(&mut self, value: Cow<'a, [u8]>) {
        let index = match self.distrusted.get(value.as_ref()) {
            Some(&index) => index,
            None => {
                let text = super::value::clean(&encoding::decode(&value)).to_owned();
                let index = self.dictionary.len() as u32;
                self.dictionary.push(Cell::new(text, CellReading::Unreadable));
                self.distrusted.insert(value, index);
                index
            }
        };
        self.add(index);
    }
}

/// Reads the columns that are needed from the rows' texts. Columns that no part has stay empty, unless the
/// schema defines what that means, and so do those that are not needed.
///
/// A record with fewer fields than the header ends in blank cells, as spreadsheets write it. A record with
/// more has a delimiter too many somewhere: it is not known which of its cells are still in their columns, so
/// all but the key are unreadable, even where the surplus is blank. The same is true for a record with a
/// quote that is never closed or with text after a closing quote.
pub(super) fn columns(schema: &Schema, table: &Table, asked: &[Asked]) -> Vec<ColumnCells> {
    columns_beside(schema, table, asked, &Dates::default())
}

/// As [`columns`], of rows that are part of a larger table with these dates.
pub(super) fn columns_beside(
    schema: &Schema,
    table: &Table,
    asked: &[Asked],
    dates: &Dates,
) -> Vec<ColumnCells> {
    let of = |column: usize| asked.get(column).copied().unwrap_or(Asked::Value);
    let is_date = |column: usize| schema.columns[column].kind == Type::Date;
    let some_date = (0..schema.columns.len()).any(|column| is_date(column) && of(column) == Asked::Value);
    // Each date shows in which order the others are written.
    let asked = |column: usize| if some_date && is_date(column) { Asked::Value } else { of(column) };
    let Table { parts, rows, .. } = table;
    let wanted = (0..schema.columns.len())
        .filter(|&column| asked(column) != Asked::Nothing)
        .filter(|&column| schema.columns[column].missing != Blank::Unknown || table.has_column(column));
    // Those in which many rows have a text of their own take longest, so they are dealt out first.
    let (long, short): (Vec<usize>, Vec<usize>) = wanted.partition(|&column| {
        asked(column) == Asked::Value
            && matches!(schema.columns[column].kind, Type::EntryNumber | Type::Hts | Type::Money)
    });
    let wanted = [long, short].concat();
    // Each core reads some of the columns, from all rows: what it has to remember of them then has
    // room in its cache.
    let cores = if rows.len() < FEW_ROWS { 1 } else { rayon::current_num_threads().min(MAX_CORES) };
    let first = OnceLock::new();
    let read = |core: usize| -> Vec<(usize, ColumnCells)> {
        let wanted: Vec<usize> = wanted.iter().copied().skip(core).step_by(cores).collect();
        let may_quote = table.texts.has_quotes();
        let plans: Vec<FieldPlan> =
            parts.iter().map(|part| FieldPlan::new(schema, part, &wanted, may_quote)).collect();
        let mut builders: Vec<CellCollector> = (wanted.iter())
            .map(|&at| CellCollector::new(&schema.columns[at], asked(at), rows.len()))
            .collect();
        let mut room = Vec::new();
        for row in rows {
            let plan = &plans[row.part as usize];
            match row.doubtful {
                false => plan.read(table.texts.get(row.text), &mut room, &mut builders),
                true => plan.read_doubtful(table.record(row), &mut builders),
            }
        }
        drop(plans);
        wanted.into_iter().zip(builders.into_iter().map(|builder| builder.finish(&first))).collect()
    };
    let read: Vec<Vec<(usize, ColumnCells)>> = match cores {
        1 => vec![read(0)],
        cores => (0..cores).into_par_iter().with_max_len(1).map(read).collect(),
    };
    let mut columns: Vec<ColumnCells> = Vec::new();
    columns.resize_with(schema.columns.len(), ColumnCells::default);
    for (column, cells) in read.into_iter().flatten() {
        columns[column] = cells;
    }
    date_order::distrust_day_first(schema, table, &mut columns, dates);
    let exchanged = date_order::exchanged_days(schema, table, &columns, dates);
    distrust(&mut columns, exchanged);
    columns
}

/// Makes cells unreadable: column, row, and what to show as their text.
pub(super) fn distrust(columns: &mut [ColumnCells], cells: Vec<(usize, u32, String)>) {
    let mut known: HashMap<(usize, String), u32> = HashMap::new();
    for (at, row, text) in cells {
        let column = &mut columns[at];
        let index = *known.entry((at, text)).or_insert_with_key(|(_, text)| {
            column.dictionary.push(Cell::new(text.as_str(), CellReading::Unreadable));
            column.dictionary.len() as u32 - 1
        });
        if let Some(cell) = Arc::make_mut(&mut column.cells).get_mut(row as usize) {
            *cell = index;
        }
    }
}

/// Over how many cores columns are spread at most. Each has to find the fields of all rows.
const MAX_CORES: usize = 8;

/// How many rows one core reads in less time than it takes to wake another.
const FEW_ROWS: usize = 1024;

/// How many rows have to be read before it is known that each has a text of its own: of a few thousand texts,
/// the first rows hardly have one twice.
const MANY_ROWS: usize = 8 * FEW_ROWS;

/// Which fields of a part's records are wanted.
struct FieldPlan<'s> {
    schema: &'s Schema,
    /// The wanted columns.
    wanted: &'s [usize],
    /// Field and wanted column, by field.
    fields: Vec<(usize, usize)>,
    /// The wanted columns that the file does not have.
    missing: Vec<usize>,
    /// The header's fields; cells of a workbook always are in their columns.
    width: usize,
    form: RecordForm,
    /// Whether there may be quotes in the records.
    may_quote: bool,
}

impl<'s> FieldPlan<'s> {
    fn new(schema: &'s Schema, part: &Part, wanted: &'s [usize], may_quote: bool) -> Self {
        let mut fields = Vec::new();
        let mut missing = Vec::new();
        for (at, &column) in wanted.iter().enumerate() {
            match part.fields.get(column).copied().flatten() {
                Some(field) => fields.push((field as usize, at)),
                None => missing.push(at),
            }
        }
        fields.sort_unstable();
        let is_workbook = part.encoding == Encoding::Workbook;
        let width = if is_workbook { usize::MAX } else { part.header.fields.len() };
        Self { schema, wanted, fields, missing, width, form: part.form, may_quote }
    }

    /// Reads the cells of a record that is kept as these bytes; the builders are those of the wanted columns.
    /// `room` is for its field ends.
    fn read<'a>(&self, record: &'a [u8], room: &mut Vec<u32>, builders: &mut [CellCollector<'a>]) {
        for &at in &self.missing {
            builders[at].push_missing(&self.schema.columns[self.wanted[at]]);
        }
        let RecordForm::Text { delimiter } = self.form else {
            return self.read_cells(record, builders);
        };
        if self.may_quote && memchr(b'"', record).is_some() {
            return self.read_fields(record, delimiter, builders);
        }
        let ends = csv::plain_ends(record, delimiter, room);
        if ends.len() > self.width {
            return self.read_fields(record, delimiter, builders);
        }
        for &(field, at) in &self.fields {
            // The record may end before the field.
            let end = ends.get(field).map_or(record.len(), |end| *end as usize);
            let start = if field == 0 { 0 } else { ends.get(field - 1).map_or(end, |end| *end as usize + 1) };
            builders[at].push(record.get(start..end).unwrap_or(&[]));
        }
    }

    /// Reads a row of cells, which always are in their columns.
    fn read_cells<'a>(&self, row: &'a [u8], builders: &mut [CellCollector<'a>]) {
        let mut cells = CellRanges::new(row);
        let (mut next, mut cell) = (0, &[][..]);
        for &(field, at) in &self.fields {
            // Two columns may have the same field.
            if field >= next {
                cell = cells.nth(field - next).map_or(&[], |cell| &row[cell]);
                next = field + 1;
            }
            builders[at].push(cell);
        }
    }

    /// Reads a record of which it is not known whose it is.
    fn read_doubtful<'a>(&self, record: RawRecord<'a>, builders: &mut [CellCollector<'a>]) {
        for &at in &self.missing {
            builders[at].push_distrusted(Cow::Borrowed(&[]));
        }
        let fields: Vec<csv::Field> = record.fields().collect();
        for &(wanted, at) in &self.fields {
            let value = fields.get(wanted).map_or(Cow::Borrowed(&[][..]), |field| record.value(field));
            builders[at].push_distrusted(value);
        }
    }

    /// Reads a record in which there are quotes, or too many fields.
    fn read_fields<'a>(&self, record: &'a [u8], delimiter: u8, builders: &mut [CellCollector<'a>]) {
        let fields: Vec<csv::Field> = csv::fields(record, delimiter).collect();
        let distrusted = csv::doubt(&fields, self.width).is_some();
        for &(wanted, at) in &self.fields {
            let is_key = self.schema.key == Some(self.wanted[at]);
            match fields.get(wanted) {
                None => builders[at].push(&[]),
                Some(field) if distrusted && !is_key => builders[at].push_distrusted(field.value(record)),
                Some(field) => builders[at].push_quoted(field.value(record)),
            }
        }
    }
}

/// Sorts the rows by entry, then as they are in the files, and returns where each entry's begin. Rows without
/// an entry come last.
pub(super) fn sort_by_entry(rows: &mut Vec<Row>, entries: usize) -> Vec<u32> {
    let entry_of = |row: &Row| row.entry.map_or(entries, |entry| entry.0 as usize);
    let mut starts = vec![0; entries + 2];
    for row in rows.iter() {
        starts[entry_of(row) + 1] += 1;
    }
    for entry in 0..=entries {
        starts[entry + 1] += starts[entry];
    }
    starts.truncate(entries + 1);
    if !rows.is_sorted_by_key(entry_of) {
        let mut next = starts.clone();
        let mut order = vec![0; rows.len()];
        for (at, row) in (0u32..).zip(rows.iter()) {
            let next = &mut next[entry_of(row)];
            order[*next as usize] = at;
            *next += 1;
        }
        *rows = order.into_par_iter().with_min_len(FEW_ROWS).map(|at| rows[at as usize].clone()).collect();
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry;
    use crate::source::FileId;
    use crate::table::Entries;
    use crate::table::from_cells::TableRole;
    use crate::table::reference::read_built_in;
    use crate::table::schema::Type;
    use crate::table::value::Value;
    use proptest::prelude::*;

    fn column(name: &str, kind: Type) -> schema::Column {
        schema::Column { headers: vec![name.to_uppercase()], ..schema::Column::new(name, kind) }
    }

    fn schema() -> Schema {
        Schema {
            title: "Lines".into(),
            key: Some(0),
            columns: vec![
                column("entry", Type::EntryNumber),
                column("duty", Type::Money),
                column("note", Type::Text),
            ]
            .into(),
            ..Schema::new("lines")
        }
    }

    #[test]
    fn a_reference_table_keeps_declared_rows_by_entry() {
        let mut entries = Entries::default();
        let first = entries.insert("002-6110316-2".parse_entry());
        let second = entries.insert("002-6111115-7".parse_entry());
        let rows = [
            vec![(0, "00261111157"), (1, "1.00")],
            vec![(0, "00261103162"), (1, "2.00")],
            vec![(0, "002-6111115-7"), (1, " 1.00")],
            vec![(0, "00261112239"), (1, "3.00")],
        ];
        let table = Table::from_cells(&schema(), FileId(0), &rows, &mut entries, TableRole::Reference);
        assert_eq!((table.rows_of(first), table.rows_of(second)), (0..1, 1..3));
        assert_eq!(entries.len(), 2);
        let duty: Vec<_> = (0..3).map(|row| table.columns[1].cell(row).unwrap().reading.clone()).collect();
        let money = |text: &str| CellReading::Value(Value::Money(text.parse().unwrap()));
        assert_eq!(duty, [money("2.00"), money("1.00"), money("1.00")]);
        assert_eq!(table.columns[1].dictionary.len(), 2, "equal texts are one cell");
        assert!(table.columns[2].cell(0).is_none() && !table.has_column(2), "nobody names it");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 2, 4]);
    }

    #[test]
    fn a_declaration_keeps_all_rows_in_order() {
        let mut entries = Entries::default();
        let rows = [vec![(0, "00261111157")], vec![(0, "nonsense")], vec![(2, "a note")]];
        let table = Table::from_cells(&schema(), FileId(0), &rows, &mut entries, TableRole::Declaration);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(entries.len(), 1);
        assert_eq!(table.columns[0].cell(1).unwrap().reading, CellReading::Unreadable);
        assert_eq!(table.columns[0].cell(2).unwrap().reading, CellReading::Blank);
        assert_eq!(table.columns[2].cell(0).unwrap().reading, CellReading::Blank);
    }

    #[test]
    fn cells_of_a_row_with_too_many_fields_are_not_trusted() {
        let schema = schema();
        let mut table = Table::from_cells(
            &schema,
            FileId(0),
            &[vec![(0, "00261111157"), (1, "1"), (2, "x")]],
            &mut Entries::default(),
            TableRole::Declaration,
        );
        table.parts[0].form = RecordForm::Text { delimiter: b',' };
        for (text, trusted) in [
            ("00261111157,1,ACME", true),
            ("00261111157,1,ACME,", false),
            ("00261111157,1,ACME, Inc", false),
            ("00261111157,1,\"ACME\"x", false),
            ("00261111157,1,\"ACME", false),
        ] {
            table.rows[0].text = table.texts.push(text.as_bytes());
            let columns = columns(&schema, &table, &[]);
            assert!(matches!(columns[0].cell(0).unwrap().reading, CellReading::Value(_)), "{text}");
            assert_eq!(columns[1].cell(0).unwrap().reading != CellReading::Unreadable, trusted, "{text}");
        }
        table.rows[0].text = table.texts.push(b"00261111157");
        let columns = columns(&schema, &table, &[]);
        assert_eq!(columns[1].cell(0).unwrap().reading, CellReading::Blank);
    }

    #[test]
    fn cells_are_right_whether_rows_share_texts_or_not() {
        // The duty is another in every row at first, the note in every second; later both recur.
        let count = 3 * MANY_ROWS;
        let duty = |row: usize| format!("{}.50", row % (2 * MANY_ROWS));
        let note = |row: usize| format!("a note on row {}", row / 2 % FEW_ROWS);
        let texts: Vec<_> = (0..count).map(|row| (duty(row), note(row))).collect();
        let rows: Vec<Vec<(usize, &str)>> =
            texts.iter().map(|(duty, note)| vec![(0, "00261111157"), (1, duty), (2, note)]).collect();
        let mut entries = Entries::default();
        let table = Table::from_cells(&schema(), FileId(0), &rows, &mut entries, TableRole::Declaration);
        let text_of = |column: usize, row| table.columns[column].cell(row).unwrap().text().raw();
        for (row, (duty, note)) in texts.iter().enumerate() {
            assert_eq!((text_of(1, row), text_of(2, row)), (duty.as_str(), note.as_str()));
        }
        let distinct = |column: usize| table.columns[column].dictionary.len();
        assert_eq!((distinct(0), distinct(2)), (1, FEW_ROWS));
        assert!(distinct(1) > 2 * MANY_ROWS, "nobody looks for what is hardly ever found");
    }

    #[test]
    fn one_date_with_the_day_first_makes_others_doubtful() {
        // Whether the entry date is read in each row, and the liquidation date in the first two.
        let dates = |other: &str| {
            let text = format!(
                "Entry Summary Number,Entry Date,Liquidation Date\n00261103162,{other},10/08/2026\n\
                 00261103162,08/08/2026,2026-10-18\n00261103162,12/31/2026,\n"
            );
            let (names, table) = read_built_in("es003", &text, Asked::Value);
            let table = table.unwrap();
            [
                ("entry_date", 0),
                ("entry_date", 1),
                ("entry_date", 2),
                ("liquidation_date", 0),
                ("liquidation_date", 1),
            ]
            .map(|(name, row)| {
                let column = names.iter().position(|known| known == name).unwrap();
                table.columns[column].cell(row).unwrap().is_read()
            })
        };
        assert_eq!(dates("21/08/2026"), [false, true, true, false, true]);
        assert_eq!(dates("08/21/2026"), [true; 5]);
        assert_eq!(dates("21/13/2026"), [false, true, true, true, true]);
        assert_eq!(dates("N/A"), [false, true, true, true, true]);
    }

    #[test]
    fn real_dates_beside_texts_with_a_day_above_12_are_doubtful() {
        let read = |entry: [&str; 3], liquidated: &str| {
            let text = format!(
                "Entry Summary Number,Entry Date,Liquidation Date\n00261103162,{},{liquidated}\n\
                 00261103162,{},\n00261103162,{},\n",
                entry[0], entry[1], entry[2]
            );
            let (names, table) = read_built_in("es003", &text, Asked::Value);
            let table = table.unwrap();
            let is_read = |name: &str, row: usize| {
                let column = names.iter().position(|known| known == name).unwrap();
                table.columns[column].cell(row).unwrap().is_read()
            };
            [is_read("entry_date", 0), is_read("entry_date", 2), is_read("liquidation_date", 0)]
        };
        // A text with day 14 shows that the real dates were read day first.
        assert_eq!(read(["2026-04-03", "03/14/2026", "2026-08-08"], "2026-05-02"), [false; 3]);
        assert_eq!(read(["2026-04-03", "03/14/2026", "2026-08-08"], "05/02/2026"), [false, false, true]);
        // A real date with day 31 shows that they were not.
        assert_eq!(read(["2026-04-03", "03/14/2026", "2026-08-31"], "2026-05-02"), [true; 3]);
        assert_eq!(read(["2026-04-03", "03/12/2026", "2026-08-08"], "2026-05-02"), [true; 3]);
        assert_eq!(read(["04/03/2026", "03/14/2026", "08/08/2026"], "05/02/2026"), [true; 3]);
    }

    #[test]
    fn a_glance_shows_what_cannot_be_read() {
        let schema = schema();
        let blank = [vec![(0, ""), (1, ""), (2, "")]];
        let mut table =
            Table::from_cells(&schema, FileId(0), &blank, &mut Entries::default(), TableRole::Declaration);
        // Notes with quotes, as CSV has them.
        table.parts[0].form = RecordForm::Text { delimiter: b',' };
        table.rows.clear();
        let notes = [
            "plain",
            "",
            "#N/A",
            " #REF!",
            "another",
            "#1 quality",
            "\"x\"y",
            "a, b",
            "\"#N/A\"",
            "\u{e4}",
            "plain",
        ];
        for note in notes {
            let text = table.texts.push(format!("00261111157,1.00,{note}").as_bytes());
            table.rows.push(Row { part: 0, line: 2, start: 0, text, entry: None, doubtful: false });
        }
        let whole = columns(&schema, &table, &[]);
        let glance = columns(&schema, &table, &[Asked::Value, Asked::Readable, Asked::Readable]);
        assert_eq!(whole[1].dictionary, glance[1].dictionary, "only texts are not kept");
        let mut unreadable = 0;
        for row in 0..table.rows.len() {
            let reading = |columns: &[ColumnCells]| columns[2].cell(row).unwrap().reading.clone();
            match reading(&whole) {
                CellReading::Value(_) => assert!(matches!(reading(&glance), CellReading::Value(_))),
                other => assert_eq!(reading(&glance), other),
            }
            unreadable += usize::from(reading(&glance) == CellReading::Unreadable);
        }
        assert_eq!(unreadable, 5);
        assert!(glance[2].dictionary.len() < whole[2].dictionary.len());
        assert!(columns(&schema, &table, &[Asked::Value, Asked::Nothing])[1].cells.is_empty());
    }

    trait ParseEntry {
        fn parse_entry(&self) -> entry::EntryNumber;
    }

    impl ParseEntry for str {
        fn parse_entry(&self) -> entry::EntryNumber {
            entry::EntryNumber::parse(self).unwrap()
        }
    }

    proptest! {
        #[test]
        fn short_texts_have_the_same_slot_only_where_they_are_the_same(
            a in prop::collection::vec(prop_oneof![Just(0u8), Just(b'0'), any::<u8>()], 0..=SHORT),
            b in prop::collection::vec(prop_oneof![Just(0u8), Just(b'0'), any::<u8>()], 0..=SHORT),
            cut in 0..=SHORT,
        ) {
            let hasher = DefaultHashBuilder::default();
            let key = |text: &[u8]| {
                let slot = Slot::of(text, &hasher);
                (slot.start, slot.end)
            };
            prop_assert_eq!(key(&a) == key(&b), a == b);
            let cut = &a[..cut.min(a.len())];
            prop_assert_eq!(key(&a) == key(cut), a == cut);
            prop_assert_ne!(key(&a).1, LONG);
        }
    }
}
