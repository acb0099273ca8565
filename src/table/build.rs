//! Rows to columns: each distinct text of a column is parsed once.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use rayon::prelude::*;

use super::csv;
use super::declaration;
use super::encoding;
use super::schema::{self, Blank, Schema};
use super::value::{Cell, Reader, Reading};
use super::{Column, Encoding, Entries, Header, Part, Row, Table};
use crate::entry;
use crate::source::{FileId, Span};

/// Collects the distinct texts of a column.
struct Dictionary<'a> {
    reader: Reader,
    cells: Vec<Cell>,
    /// The cells by their texts.
    index: HashTable<u32>,
    /// Texts that are another cell's when cleaned: ` 01` and `="01"` are `01`.
    aliases: HashMap<Cow<'a, [u8]>, u32>,
    /// Texts of damaged records: kept as written, but no value is read from them.
    distrusted: HashMap<Cow<'a, [u8]>, u32>,
    /// The cell that stands for a column the file does not have.
    missing: Option<u32>,
    /// The text before and its index: neighbouring rows often agree.
    last: Option<(&'a [u8], u32)>,
    hasher: DefaultHashBuilder,
}

impl<'a> Dictionary<'a> {
    fn new(column: &schema::Column) -> Self {
        Self {
            reader: Reader::new(column),
            cells: Vec::new(),
            index: HashTable::new(),
            aliases: HashMap::new(),
            distrusted: HashMap::new(),
            missing: None,
            last: None,
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The index of a field's value.
    #[inline]
    fn intern(&mut self, value: Cow<'a, [u8]>) -> u32 {
        if let Some((last, index)) = self.last
            && *last == *value
        {
            return index;
        }
        let found = self.find(&value).or_else(|| self.aliases.get(value.as_ref()).copied());
        let index = found.unwrap_or_else(|| self.intern_new(&value));
        if let Cow::Borrowed(value) = value {
            self.last = Some((value, index));
        }
        index
    }

    /// The cell with that text.
    fn find(&self, text: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        self.index.find(hash, |&at| self.cells[at as usize].text.as_bytes() == text).copied()
    }

    #[inline(never)]
    fn intern_new(&mut self, value: &Cow<'a, [u8]>) -> u32 {
        let cell = self.reader.cell(&encoding::decode(value));
        let is_alias = cell.text.as_bytes() != value.as_ref();
        let known = if is_alias { self.find(cell.text.as_bytes()) } else { None };
        let index = known.unwrap_or_else(|| {
            let index = self.cells.len() as u32;
            self.cells.push(cell);
            let hash = |at: &u32| self.hasher.hash_one(self.cells[*at as usize].text.as_bytes());
            self.index.insert_unique(hash(&index), index, hash);
            index
        });
        if is_alias {
            self.aliases.insert(value.clone(), index);
        }
        index
    }

    /// The index of the cell that stands for a column the file does not have.
    fn intern_missing(&mut self, column: &schema::Column) -> u32 {
        let reading = match &column.missing {
            Blank::Unknown => return Column::MISSING,
            Blank::Nothing => Reading::Nothing,
            Blank::Text(text) => self.reader.read(text),
        };
        *self.missing.get_or_insert_with(|| {
            self.cells.push(Cell { text: "".into(), reading });
            self.cells.len() as u32 - 1
        })
    }

    /// The index of a value that cannot be trusted to stand in the right column.
    fn intern_distrusted(&mut self, value: Cow<'a, [u8]>) -> u32 {
        if let Some(&index) = self.distrusted.get(value.as_ref()) {
            return index;
        }
        let index = self.cells.len() as u32;
        let text = super::value::clean(&encoding::decode(&value)).into();
        self.cells.push(Cell { text, reading: Reading::Unreadable });
        self.distrusted.insert(value, index);
        index
    }
}

/// Reads the columns that are needed from the rows' texts. Columns that no part has stay empty,
/// unless the schema says what that means, and so do those that are not needed.
///
/// A record with fewer fields than the header ends in blank cells, as spreadsheets write it. A
/// record with more has a delimiter too many somewhere: nothing says which of its cells still
/// stand in their columns, so all but the key are unreadable. The same goes for a record with a
/// quote that is never closed or with text after a closing quote.
pub(super) fn columns(
    schema: &Schema,
    parts: &[Part],
    rows: &[Row],
    text: &[u8],
    needed: &[bool],
) -> Vec<Column> {
    let wanted: Vec<usize> = (0..schema.columns.len())
        .filter(|&column| needed.get(column).copied().unwrap_or(true))
        .filter(|&column| {
            schema.columns[column].missing != Blank::Unknown
                || parts.iter().any(|part| part.fields.get(column).is_some_and(Option::is_some))
        })
        .collect();
    let plans: Vec<Plan> = parts.iter().map(|part| Plan::new(part, &wanted)).collect();
    let mut read: Vec<(usize, Dictionary, Vec<u32>)> = (wanted.iter())
        .map(|&column| {
            let dictionary = Dictionary::new(&schema.columns[column]);
            (column, dictionary, Vec::with_capacity(rows.len()))
        })
        .collect();
    // Rows by entry lie scattered over the text. In blocks, each is fetched once for all columns.
    let mut cells = vec![Raw::Missing; rows.len().min(BLOCK) * wanted.len()];
    for rows in rows.chunks(BLOCK).filter(|_| !wanted.is_empty()) {
        let cells = &mut cells[..rows.len() * wanted.len()];
        cells.par_chunks_mut(wanted.len()).zip(rows).with_min_len(256).for_each(|(cells, row)| {
            plans[row.part as usize].split(&text[row.text.clone()], cells);
        });
        read.par_iter_mut().with_max_len(1).enumerate().for_each(|(at, (column, dictionary, indices))| {
            let is_key = schema.key == Some(*column);
            for (row, cells) in rows.iter().zip(cells.chunks_exact(wanted.len())) {
                let record = &text[row.text.clone()];
                let value = |start: u32| value_at(record, start, row, parts);
                indices.push(match cells[at] {
                    Raw::Missing => dictionary.intern_missing(&schema.columns[*column]),
                    Raw::Absent => dictionary.intern(Cow::Borrowed(&[])),
                    Raw::Plain { start, end } => {
                        dictionary.intern(Cow::Borrowed(&record[start as usize..end as usize]))
                    }
                    Raw::Quoted { start } => dictionary.intern(value(start)),
                    Raw::Distrusted { start } if is_key => dictionary.intern(value(start)),
                    Raw::Distrusted { start } => dictionary.intern_distrusted(value(start)),
                });
            }
        });
    }
    let mut columns: Vec<Column> = Vec::new();
    columns.resize_with(schema.columns.len(), Column::default);
    for (column, (_, dictionary, cells)) in wanted.into_iter().zip(read) {
        columns[column] = Column { cells, dictionary: dictionary.cells };
    }
    columns
}

/// How many rows are read at once: their texts fit a core's cache.
const BLOCK: usize = 4096;

/// The value of the field that begins at a byte of the record.
fn value_at<'a>(record: &'a [u8], start: u32, row: &Row, parts: &[Part]) -> Cow<'a, [u8]> {
    let rest = &record[start as usize..];
    let delimiter = parts[row.part as usize].delimiter;
    csv::fields(rest, delimiter).next().map_or(Cow::Borrowed(&[]), |field| field.value(rest))
}

/// Where a cell's text is in its record.
#[derive(Clone, Copy, Debug)]
enum Raw {
    /// The file has no such column.
    Missing,
    /// The record ends before the field.
    Absent,
    /// Without quotes: the bytes themselves.
    Plain { start: u32, end: u32 },
    /// In quotes: the field that begins there.
    Quoted { start: u32 },
    /// A field of a damaged record.
    Distrusted { start: u32 },
}

/// Which fields of a part's records are wanted.
struct Plan {
    /// Field and wanted column, by field.
    fields: Vec<(u32, usize)>,
    missing: Vec<usize>,
    /// The header's fields; cells of a workbook always stand in their columns.
    width: usize,
    delimiter: u8,
}

impl Plan {
    fn new(part: &Part, wanted: &[usize]) -> Self {
        let mut fields = Vec::new();
        let mut missing = Vec::new();
        for (at, &column) in wanted.iter().enumerate() {
            match part.fields.get(column).copied().flatten() {
                Some(field) => fields.push((field, at)),
                None => missing.push(at),
            }
        }
        fields.sort_unstable();
        let is_workbook = part.encoding == Encoding::Workbook;
        let width = if is_workbook { usize::MAX } else { part.header.fields.len() };
        Self { fields, missing, width, delimiter: part.delimiter }
    }

    fn split(&self, record: &[u8], cells: &mut [Raw]) {
        for &at in &self.missing {
            cells[at] = Raw::Missing;
        }
        let mut plan = self.fields.iter().peekable();
        for &(_, at) in &self.fields {
            cells[at] = Raw::Absent;
        }
        let mut distrusted = false;
        for (number, field) in csv::fields(record, self.delimiter).enumerate() {
            distrusted |= field.damage.is_some()
                // A delimiter at the end of every row is a habit, not damage.
                || number >= self.width && !super::value::clean(&encoding::decode(&field.value(record))).is_empty();
            let start = field.raw.start as u32;
            while let Some((_, at)) = plan.next_if(|(wanted, _)| *wanted as usize == number) {
                cells[*at] = if field.is_quoted() {
                    Raw::Quoted { start }
                } else {
                    Raw::Plain { start, end: field.raw.end as u32 }
                };
            }
        }
        if distrusted {
            for cell in cells {
                if let Raw::Plain { start, .. } | Raw::Quoted { start } = *cell {
                    *cell = Raw::Distrusted { start };
                }
            }
        }
    }
}

/// Sorts the rows by entry, then as they stand in the files, and says where each entry's begin.
/// Rows without an entry come last.
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
        *rows = order.into_iter().map(|at| rows[at as usize].clone()).collect();
    }
    starts
}

/// What a table made of texts stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The declarations (or their facts): all rows are kept, in order, and their entries declared.
    Declaration,
    /// A reference table: rows of entries that nobody declared are passed over, the others sorted
    /// by entry.
    Reference,
}

impl Table {
    /// A table made of texts as an export would have them, for rules' own tests. Each row lists
    /// schema columns with their texts; a column that no row names is missing, and a column that
    /// some other row names is blank. Of a declaration, the row facts
    /// ([`declaration::row_facts`]) that no row names are found from the texts.
    pub fn from_cells(
        schema: &Schema,
        file: FileId,
        rows: &[Vec<(usize, &str)>],
        entries: &mut Entries,
        role: Role,
    ) -> Self {
        let is_fact = |column: usize| {
            role == Role::Declaration
                && declaration::FACT_NAMES.contains(&schema.columns[column].name.as_str())
        };
        let named: Vec<usize> = (0..schema.columns.len())
            .filter(|&column| rows.iter().flatten().any(|&(name, _)| name == column))
            .collect();
        let mut header = Header { line: 1, fields: Vec::new() };
        let mut position = 0;
        for &column in &named {
            let column = &schema.columns[column];
            let text = column.headers.first().unwrap_or(&column.name);
            header.fields.push((text.clone(), Span::new(position, position + text.len())));
            position += text.len() + 1;
        }
        let mut fields = vec![None; schema.columns.len()];
        for (field, &column) in named.iter().enumerate() {
            fields[column] = Some(field as u32);
        }
        let part = Part {
            file,
            header,
            fields,
            delimiter: b',',
            encoding: Encoding::Utf8,
            preamble_rows: 0,
            unkeyed_rows: 0,
            records: rows.len() as u64,
        };
        let mut table = Self { parts: vec![part], ..Self::default() };
        for (number, cells) in rows.iter().enumerate() {
            let text_of =
                |column: usize| cells.iter().find(|(name, _)| *name == column).map_or("", |&(_, text)| text);
            let number_of_entry = schema.key.and_then(|key| entry::read(text_of(key)).number);
            let entry = match role {
                Role::Declaration => number_of_entry.map(|number| entries.insert(number)),
                Role::Reference => match number_of_entry.and_then(|number| entries.get(&number)) {
                    None => continue,
                    found => found,
                },
            };
            let start = table.text.len();
            for (at, &column) in named.iter().enumerate() {
                if at > 0 {
                    table.text.push(b',');
                }
                csv::push_field(&mut table.text, text_of(column), b',');
            }
            let text = start..table.text.len();
            table.rows.push(Row {
                part: 0,
                line: number as u64 + 2,
                start: (position + start + number) as u64,
                text,
                entry,
            });
        }
        if role == Role::Reference {
            table.entry_rows = sort_by_entry(&mut table.rows, entries.len());
        }
        table.columns = columns(schema, &table.parts, &table.rows, &table.text, &[]);
        let facts: Vec<usize> = (0..schema.columns.len())
            .filter(|&column| is_fact(column) && !named.contains(&column) && schema.key.is_some())
            .collect();
        if !facts.is_empty() {
            declaration::add_row_facts(schema, &mut table, &facts);
        }
        table
    }
}

/// A column whose cells are given as texts, one a row.
pub(super) fn column_of<'a>(
    column: &schema::Column,
    texts: impl IntoIterator<Item = Cow<'a, str>>,
) -> Column {
    let mut dictionary = Dictionary::new(column);
    let cells = texts
        .into_iter()
        .map(|text| {
            dictionary.intern(match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            })
        })
        .collect();
    Column { cells, dictionary: dictionary.cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::{Absent, Belongs, Blank, Type};
    use crate::table::value::Value;

    fn column(name: &str, kind: Type) -> schema::Column {
        schema::Column {
            name: name.into(),
            kind,
            of: Belongs::Line,
            headers: vec![name.to_uppercase()],
            blank: Blank::Unknown,
            missing: Blank::Unknown,
            optional: false,
            pad: None,
            choices: Vec::new(),
        }
    }

    fn schema() -> Schema {
        Schema {
            name: "lines".into(),
            title: "Lines".into(),
            key: Some(0),
            line: None,
            optional: false,
            absent: Absent::Unknown,
            sheet: None,
            add_column: None,
            columns: vec![
                column("entry", Type::EntryNumber),
                column("duty", Type::Money),
                column("note", Type::Text),
            ],
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
        let table = Table::from_cells(&schema(), FileId(0), &rows, &mut entries, Role::Reference);
        assert_eq!((table.rows_of(first), table.rows_of(second)), (0..1, 1..3));
        assert_eq!(entries.len(), 2);
        let duty: Vec<_> = (0..3).map(|row| table.columns[1].cell(row).unwrap().reading.clone()).collect();
        let money = |text: &str| Reading::Value(Value::Money(text.parse().unwrap()));
        assert_eq!(duty, [money("2.00"), money("1.00"), money("1.00")]);
        assert_eq!(table.columns[1].dictionary.len(), 2, "equal texts are one cell");
        assert!(table.columns[2].cell(0).is_none() && !table.has_column(2), "nobody names it");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 2, 4]);
    }

    #[test]
    fn a_declaration_keeps_all_rows_in_order() {
        let mut entries = Entries::default();
        let rows = [vec![(0, "00261111157")], vec![(0, "nonsense")], vec![(2, "a note")]];
        let table = Table::from_cells(&schema(), FileId(0), &rows, &mut entries, Role::Declaration);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(entries.len(), 1);
        assert_eq!(table.columns[0].cell(1).unwrap().reading, Reading::Unreadable);
        assert_eq!(table.columns[0].cell(2).unwrap().reading, Reading::Blank);
        assert_eq!(table.columns[2].cell(0).unwrap().reading, Reading::Blank);
    }

    #[test]
    fn cells_of_a_row_with_too_many_fields_are_not_trusted() {
        let schema = schema();
        let mut table = Table::from_cells(
            &schema,
            FileId(0),
            &[vec![(0, "00261111157"), (1, "1"), (2, "x")]],
            &mut Entries::default(),
            Role::Declaration,
        );
        for (text, trusted) in [
            ("00261111157,1,ACME", true),
            ("00261111157,1,ACME,", true),
            ("00261111157,1,ACME, Inc", false),
            ("00261111157,1,\"ACME\"x", false),
            ("00261111157,1,\"ACME", false),
        ] {
            table.text = text.as_bytes().to_vec();
            table.rows[0].text = 0..text.len();
            let columns = columns(&schema, &table.parts, &table.rows, &table.text, &[]);
            assert!(matches!(columns[0].cell(0).unwrap().reading, Reading::Value(_)), "{text}");
            assert_eq!(columns[1].cell(0).unwrap().reading != Reading::Unreadable, trusted, "{text}");
        }
        table.text = b"00261111157".to_vec();
        table.rows[0].text = 0..11;
        let columns = columns(&schema, &table.parts, &table.rows, &table.text, &[]);
        assert_eq!(columns[1].cell(0).unwrap().reading, Reading::Blank);
    }

    trait ParseEntry {
        fn parse_entry(&self) -> entry::EntryNumber;
    }

    impl ParseEntry for str {
        fn parse_entry(&self) -> entry::EntryNumber {
            entry::EntryNumber::parse(self).unwrap()
        }
    }
}
