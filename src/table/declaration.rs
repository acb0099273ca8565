//! Declarations: every row is kept, and what the file itself looks like becomes a table.
//!
//! Nothing that a rule can report is an error here. A missing or misspelled header, damaged rows, blank lines
//! and unusual encodings are facts of the file or of a row; only a file without anything like an entry number
//! cannot be read.

mod damage;
mod file_facts;
mod layout;
mod number;
mod row_facts;

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

pub use damage::damage;
pub(super) use damage::encloses_rows;
pub(super) use file_facts::extension;
pub use file_facts::file_schema;
use file_facts::{Facts, TextFacts, line_ends, shown_extension};
use layout::{DeclarationLayout, is_other_header, is_own_header, key_headers};
pub(super) use number::read_number;
pub use number::{entry_form, written_number};
use row_facts::place_row_facts;
pub use row_facts::row_facts;
pub(super) use row_facts::{RowFact, add_row_facts};

use super::build;
use super::csv;
use super::encoding::{self, Beginning};
use super::errors::{self, Excess};
use super::head_row::{self, first_rows};
use super::header::{self, FoundHeader};
use super::header_keys::header_key;
use super::looks_like::DeclarationFile;
use super::named::listed;
use super::record::push_cells;
use super::schema::Schema;
use super::texts::Taken;
use super::workbook::{self, COLUMNS, ROWS, Workbook};
use super::{
    Asked, Encoding, Entries, Header, MAX_RECORD, Part, ROW, RawRecord, RecordForm, Row, Shown, Table,
};
use crate::diagnostic::Diagnostic;
use crate::entry::{self, EntryNumber, Form};
use crate::outside::OutsideString;
use crate::source::{FileId, Place, SourceKind, Sources, Span, Text, line_number};
use hashbrown::HashSet;

/// Reads declarations, one after the other, into the tables [`FILE`](super::FILE) and [`ROW`].
pub struct Declarations {
    schemas: Vec<Arc<Schema>>,
    files: Table,
    rows: Table,
}

/// A row of a declaration before it is taken in.
struct PendingRow {
    line: u64,
    /// Its bytes in the text; of a workbook, in the rows of cells.
    text: Range<usize>,
    /// How the sheet shows it.
    shown: Shown,
}

impl Declarations {
    /// Reads into tables with these schemas, which are those of all tables, by
    /// [`super::TableId`].
    pub fn new(schemas: &[Arc<Schema>]) -> Self {
        Self { schemas: schemas.to_vec(), files: Table::default(), rows: Table::default() }
    }

    /// Reads one declaration. `name` is the file's name as the user gave it; its extension is a
    /// fact of the file.
    ///
    /// # Errors
    /// Where the bytes are no table, or nothing in them is like an entry number.
    pub fn read(
        &mut self,
        name: &str,
        bytes: &[u8],
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> Result<FileId, Diagnostic> {
        let extension = extension(name);
        let head = &bytes[..bytes.len().min(4096)];
        match encoding::beginning(name, head).inspect_err(|_| {
            sources.add(name, SourceKind::Streamed);
        })? {
            Beginning::Workbook if matches!(extension.as_str(), "csv" | "txt" | "tsv") => {
                Err(workbook::not_csv(name, &extension))
            }
            Beginning::Workbook => self.read_workbook(name, bytes, sources, entries),
            _ if workbook::is_extension(&extension) => Err(workbook::not_a_workbook(name, &extension)),
            beginning => self.read_text(name, bytes, beginning, sources, entries),
        }
    }

    fn read_text(
        &mut self,
        name: &str,
        bytes: &[u8],
        beginning: Beginning,
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> Result<FileId, Diagnostic> {
        let decoded = encoding::decode_whole(bytes, beginning);
        if let Some((line, what)) = beyond_a_sheet(decoded.text.as_bytes()) {
            let file = sources.add(name, SourceKind::Streamed);
            return Err(errors::too_big(name, at_line(file, line), what));
        }
        let text = Arc::new(Text::new(decoded.text, decoded.skipped));
        let file = sources.add(name, SourceKind::Text(text.clone()));
        let content = text.text.as_bytes();
        let skipped = decoded.skipped as u64;
        let row_schema = self.schemas[ROW.index()].clone();
        let layout = match header::find(&row_schema, content, true) {
            Some(found) => {
                found.refuse_doubt(name, &row_schema, file, skipped)?;
                DeclarationLayout::from(found)
            }
            None => {
                let delimiter = header::likely_delimiter(content, true);
                let rows = first_rows(content, delimiter, true);
                match DeclarationLayout::guessed(&row_schema, &rows, RecordForm::Text { delimiter }) {
                    Some(layout) => layout,
                    None => {
                        return Err(header::no_key(name, file, &row_schema, &self.schemas, &rows, skipped));
                    }
                }
            }
        };
        let delimiter = layout.form.delimiter_within();
        let mut records = Vec::new();
        let mut quoted = false;
        let (mut at, mut line) =
            if layout.missing { (layout.header.start, layout.header.line) } else { layout.header.next };
        while at < content.len() {
            let blank = csv::line_end_length(content, at);
            if blank > 0 {
                records.push(PendingRow { line, text: at..at, shown: Shown::default() });
                (at, line) = (at + blank, line + 1);
                continue;
            }
            // The text is at hand to its end, so every record has one.
            let Ok(record) = csv::record_end(content, at, delimiter, true) else { break };
            if record.end - at > MAX_RECORD {
                return Err(errors::too_big(name, at_line(file, line), Excess::LongRowInQuotes));
            }
            quoted = quoted
                || memchr::memchr(b'"', &content[at..record.end]).is_some()
                    && csv::fields(&content[at..record.end], delimiter).any(|field| field.is_quoted());
            records.push(PendingRow { line, text: at..record.end, shown: Shown::default() });
            (at, line) = (record.next, line + record.breaks + 1);
        }
        let encoding = match decoded.encoding {
            Encoding::Ascii => "ascii",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Workbook => "",
        };
        let first_cell = first_rows(content, delimiter, true);
        let facts = Facts {
            name: name.to_owned(),
            bytes: bytes.len(),
            extension: shown_extension(name),
            first_cell: first_cell.first().and_then(|row| Some(row.fields.first()?.0.clone())),
            text: Some(TextFacts {
                encoding,
                byte_order_mark: decoded.mark,
                line_ends: line_ends(content),
                delimiter: csv::delimiter_name(delimiter),
                quoted: quoted || first_cell_is_quoted(content, &layout),
            }),
        };
        let taken = self.rows.texts.share(text.clone());
        let content = (content, taken);
        self.take_in(file, content, skipped, decoded.encoding, layout, records, &facts, entries);
        Ok(file)
    }

    fn read_workbook(
        &mut self,
        name: &str,
        bytes: &[u8],
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> Result<FileId, Diagnostic> {
        let file = sources.add(name, SourceKind::Sheet { sheet: "".into() });
        let row_schema = self.schemas[ROW.index()].clone();
        let mut workbook = Workbook::open(name, Cursor::new(bytes))?;
        let sheet = workbook.choose(&row_schema, &self.schemas, |rows| {
            DeclarationLayout::guessed(&row_schema, rows, RecordForm::Cells).is_some()
        })?;
        sources.set_kind(file, SourceKind::Sheet { sheet: OutsideString::new(sheet.name.clone()) });
        let mut layout = match header::find_in(&row_schema, &sheet.head, RecordForm::Cells) {
            Some(found) => {
                found.refuse_doubt(name, &row_schema, file, 0)?;
                DeclarationLayout::from(found)
            }
            None => DeclarationLayout::guessed(&row_schema, &sheet.head, RecordForm::Cells)
                .ok_or_else(|| header::no_key(name, file, &row_schema, &self.schemas, &sheet.head, 0))?,
        };
        let first = if layout.missing { layout.header.line } else { layout.header.line + 1 };
        let (mut content, mut records) = (Vec::new(), Vec::new());
        let mut expected = first;
        let key = row_schema.key.and_then(|key| layout.matched.fields[key]);
        workbook.rows(&sheet, None, |row| {
            let line = row.number;
            let shown = Shown { hidden: row.hidden, struck_out: row.is_struck(key) };
            if line < first {
                let start = content.len();
                push_cells(&mut content, row.cells.iter().map(String::as_str));
                layout.preamble.push(PendingRow { line, text: start..content.len(), shown });
                return Ok(());
            }
            // Rows without cells between two with some are blank rows.
            for line in expected..line {
                records.push(PendingRow {
                    line,
                    text: content.len()..content.len(),
                    shown: Shown::default(),
                });
            }
            expected = line + 1;
            let start = content.len();
            push_cells(&mut content, row.cells.iter().map(String::as_str));
            records.push(PendingRow { line, text: start..content.len(), shown });
            // Cells may share texts, and so take more memory than the workbook itself.
            if content.len() > WORKBOOK_TEXT {
                return Err(errors::too_big(name, at_line(file, line), Excess::Cells));
            }
            Ok(())
        })?;
        // Rows that were only formatted follow the last entry of many sheets.
        let is_blank = |record: &PendingRow| is_blank(RawRecord::cells(&content[record.text.clone()]));
        while records.last().is_some_and(is_blank) {
            records.pop();
        }
        let facts = Facts {
            name: name.to_owned(),
            bytes: bytes.len(),
            extension: shown_extension(name),
            first_cell: sheet.head.first().and_then(|row| Some(row.fields.first()?.0.clone())),
            text: None,
        };
        let taken = self.rows.texts.take(content.clone());
        let content = (content.as_slice(), taken);
        self.take_in(file, content, 0, Encoding::Workbook, layout, records, &facts, entries);
        Ok(file)
    }

    /// Takes in entries that are in no file, as a declaration in the form of CBP's template would name them.
    pub fn list(
        &mut self,
        name: &str,
        numbers: &[EntryNumber],
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> FileId {
        let file = sources.add(name, SourceKind::Streamed);
        let schema = &self.schemas[ROW.index()];
        let mut fields = vec![None; schema.columns.len()];
        let key = schema.key.map(|key| &schema.columns[key]);
        let header = key.and_then(|key| key.headers.first()).cloned().unwrap_or_default();
        if let Some(key) = schema.key {
            fields[key] = Some(0);
        }
        // As many bytes as the template has: the header, the numbers, and a line end after each.
        let bytes = header.len() + 2 + numbers.len() * (entry::LENGTH + 2);
        let of_template = Facts {
            name: name.to_owned(),
            bytes,
            extension: shown_extension(name),
            first_cell: Some(header.clone()),
            text: Some(TextFacts {
                encoding: "ascii",
                byte_order_mark: false,
                line_ends: "crlf",
                delimiter: csv::delimiter_name(b','),
                quoted: false,
            }),
        };
        let header = Header { line: 1, fields: vec![(header, Span::default())] };
        let mut part = Part { form: RecordForm::Cells, ..Part::new(file, header, fields) };
        part.records = numbers.len() as u64;
        let number_of_part = self.rows.parts.len() as u32;
        let mut row = Vec::new();
        for (number, line) in numbers.iter().zip(2..) {
            row.clear();
            push_cells(&mut row, [number.as_str()]);
            self.rows.rows.push(Row {
                part: number_of_part,
                line,
                start: 0,
                text: self.rows.texts.push(&row),
                entry: Some(entries.insert(*number)),
                doubtful: false,
            });
        }
        self.add_file_facts(&part, &of_template, (numbers.len() as i64, 0), "", "");
        self.rows.parts.push(part);
        file
    }

    #[expect(clippy::too_many_arguments, reason = "the two ways to read meet here")]
    fn take_in(
        &mut self,
        file: FileId,
        (content, taken): (&[u8], Taken),
        skipped: u64,
        encoding: Encoding,
        layout: DeclarationLayout,
        records: Vec<PendingRow>,
        facts: &Facts,
        entries: &mut Entries,
    ) {
        let row_schema = &self.schemas[ROW.index()];
        let found = FoundHeader::new(layout.header, layout.matched, layout.preamble_rows, layout.form);
        let mut part = found.part(file, encoding, skipped);
        if layout.missing {
            part.header.line = 0;
            part.header.fields.iter_mut().for_each(|(text, _)| text.clear());
        }
        part.records = records.len() as u64;
        let key = row_schema.key.and_then(|key| part.fields[key]);
        let number = self.rows.parts.len() as u32;
        let line_above = |record: PendingRow| Row {
            part: number,
            line: line_number(record.line),
            start: 0,
            text: taken.at(record.text),
            entry: None,
            doubtful: false,
        };
        self.rows.preamble.extend(layout.preamble.into_iter().map(line_above));
        let headers = key_headers(row_schema, &part, key);
        let mut header_again = Vec::new();
        let (mut filled, mut blank_rows) = (0, 0);
        let first_row = self.rows.rows.len();
        self.rows.rows.reserve(records.len());
        entries.reserve(records.len());
        for record in records {
            let raw = RawRecord::new(&content[record.text.clone()], part.form);
            let value = key.and_then(|key| raw.value_at(key as usize));
            let reading = value.as_deref().map(read_number);
            if reading.is_some_and(|reading| reading.form.may_be_words())
                && let Some(value) = &value
                && (headers.contains(&header_key(&encoding::decode(value)))
                    || is_other_header(row_schema, raw)
                    || is_own_header(&part, &headers, raw))
            {
                // No row of entries. What else is in it is looked at as what is above the header.
                header_again.push(record.line.to_string());
                let text = taken.at(record.text.clone());
                let (line, start) = (record.line, 0);
                self.rows.preamble.push(Row {
                    part: number,
                    line: line_number(line),
                    start,
                    text,
                    entry: None,
                    doubtful: false,
                });
                part.repeated_headers += 1;
                continue;
            }
            match reading.map(|reading| reading.form) {
                Some(Form::Blank) | None => blank_rows += i64::from(is_blank(raw)),
                Some(_) => filled += 1,
            }
            let entry = reading.and_then(|reading| reading.number).map(|number| entries.insert(number));
            part.unkeyed_rows += u64::from(entry.is_none() && !raw.is_empty());
            if record.shown != Shown::default() {
                self.rows.shown.insert(self.rows.rows.len() as u32, record.shown);
            }
            self.rows.rows.push(Row {
                part: number,
                line: line_number(record.line),
                start: if encoding == Encoding::Workbook { 0 } else { record.text.start as u64 + skipped },
                text: taken.at(record.text),
                entry,
                doubtful: false,
            });
        }
        let file = DeclarationFile { name: &facts.name, part: &part, table: &self.rows, first_row };
        let looks_like = file.other_table(&self.schemas).map_or(String::new(), |schema| schema.title.clone());
        self.add_file_facts(&part, facts, (filled, blank_rows), &listed(header_again), &looks_like);
        self.rows.parts.push(part);
    }

    /// The valid numbers that one error turns into what is written, for at most so many cells
    /// that cannot be read as entry numbers.
    pub fn corrections(&self, cells: usize) -> HashSet<EntryNumber> {
        let key = self.schemas[ROW.index()].key;
        let unread = self.rows.rows.iter().filter(|row| row.entry.is_none()).take(cells);
        unread
            .filter_map(|row| {
                let part = &self.rows.parts[row.part as usize];
                let record = self.rows.record(row);
                let value = record.value_at(part.fields[key?]? as usize)?;
                Some(entry::corrections(&encoding::decode(&value)))
            })
            .flatten()
            .collect()
    }

    /// The tables [`FILE`](super::FILE) and [`ROW`].
    pub fn finish(self) -> (Table, Table) {
        let schema = Arc::clone(&self.schemas[ROW.index()]);
        let (files, mut rows) = self.finish_without_cells();
        read_cells(&schema, &mut rows);
        (files, rows)
    }

    /// The same, without the cells of [`ROW`]: [`read_cells`] reads them, of some of the rows at a time.
    pub fn finish_without_cells(self) -> (Table, Table) {
        let Self { schemas, files, mut rows } = self;
        place_row_facts(&schemas[ROW.index()], &mut rows, &RowFact::columns(&schemas[ROW.index()]));
        (files, rows)
    }
}

/// Reads the cells of declarations' rows.
pub fn read_cells(schema: &Schema, rows: &mut Table) {
    let facts = RowFact::columns(schema);
    let asked =
        |column| if facts.iter().any(|(fact, _)| *fact == column) { Asked::Nothing } else { Asked::Value };
    let asked: Vec<Asked> = (0..schema.columns.len()).map(asked).collect();
    rows.columns = build::columns(schema, rows, &asked);
    add_row_facts(schema, rows, &facts);
}

/// Most bytes in the cells of a workbook.
const WORKBOOK_TEXT: usize = 128 << 20;

/// The first line of a text that no sheet can have, and why: everything in a declaration is kept, so what is
/// not a declaration has to be found before.
fn beyond_a_sheet(text: &[u8]) -> Option<(u64, Excess)> {
    let is_wide = |row: &[u8]| {
        let beyond =
            |&delimiter: &u8| memchr::memchr_iter(delimiter, row).nth(COLUMNS as usize - 1).is_some();
        row.len() >= COLUMNS as usize && head_row::DELIMITERS.iter().any(beyond)
    };
    let (mut line, mut start) = (0, 0);
    for end in memchr::memchr2_iter(b'\n', b'\r', text).chain([text.len()]) {
        // The end of the text may be the end of its last line, and a line feed half of a CRLF.
        let is_rest = end == text.len() || text[end] == b'\n' && end > 0 && text[end - 1] == b'\r';
        let row = &text[start..end];
        start = end + 1;
        if row.is_empty() && is_rest {
            continue;
        }
        line += 1;
        match row {
            _ if line > u64::from(ROWS) => return Some((line, Excess::Rows)),
            _ if row.len() > MAX_RECORD => return Some((line, Excess::LongRow)),
            _ if is_wide(row) => return Some((line, Excess::WideRow)),
            _ => {}
        }
    }
    None
}

/// Where a line begins.
fn at_line(file: FileId, line: u64) -> Place {
    Place { file, line: line_number(line), column: 1, span: Span::default() }
}

fn is_blank(record: RawRecord<'_>) -> bool {
    record.fields().all(|field| super::value::clean(&encoding::decode(&record.value(&field))).is_empty())
}

fn first_cell_is_quoted(content: &[u8], layout: &DeclarationLayout) -> bool {
    !layout.missing && content.get(layout.header.start) == Some(&b'"')
}

#[cfg(test)]
mod tests;
