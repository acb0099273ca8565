//! Declarations: every row is kept, and what the file itself looks like becomes a table.
//!
//! Nothing that a rule can report is an error here. A missing or misspelled header, damaged rows, blank lines
//! and unusual encodings are facts of the file or of a row; only a file without anything like an entry number
//! cannot be read.

use std::io::Cursor;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::build;
use super::csv::{self, Damage};
use super::elsewhere;
use super::encoding::{self, Beginning};
use super::errors::{self, Excess};
use super::fact::Fact;
use super::head_row::{self, HeadRow, first_rows};
use super::header::{self, FoundHeader, Match};
use super::header_keys::header_key;
use super::looks_like::DeclarationFile;
use super::marks;
use super::named::{listed, quoted};
use super::record::push_cells;
use super::schema::{Belongs, Blank, Choice, Column, Schema, Type};
use super::texts::Taken;
use super::value::Cell;
use super::workbook::{self, COLUMNS, ROWS, Workbook};
use super::{
    Asked, ColumnCells, Encoding, Entries, FILE, FILE_NAME, Header, MAX_RECORD, Part, ROW, RawRecord,
    RecordForm, Row, Shown, Table,
};
use crate::diagnostic::Diagnostic;
use crate::entry::{self, EntryNumber, Form};
use crate::input::{STDIN, named_sheet};
use crate::outside::OutsideString;
use crate::source::{FileId, Place, SourceKind, Sources, Span, Text, line_number};
use hashbrown::HashSet;
use rayon::prelude::*;
use strum::{IntoStaticStr, VariantArray};

/// What is found out about a declaration's file: the columns of the table [`FILE`], by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
enum FileFact {
    Entries,
    Columns,
    Header,
    HeaderForm,
    HeaderLine,
    Bytes,
    Extension,
    Encoding,
    ByteOrderMark,
    LineEnds,
    Delimiter,
    BlankRows,
    HeaderAgain,
    Quoted,
    UnreadColumns,
    LooksLike,
}

impl FileFact {
    fn column(self) -> Column {
        let name = self.into();
        match self {
            Self::Entries | Self::Columns | Self::HeaderLine | Self::Bytes | Self::BlankRows => {
                fact(name, Type::Integer)
            }
            Self::Header | Self::Extension => fact(name, Type::Text),
            Self::HeaderForm => choice(name, ["plain", "spaces", "text_guard"]),
            // A workbook has none of these, so that no test of them is true.
            Self::Encoding => or_nothing(choice(name, ["ascii", "utf-8", "utf-16", "windows-1252"])),
            Self::ByteOrderMark | Self::Quoted => or_nothing(fact(name, Type::YesNo)),
            Self::LineEnds => or_nothing(choice(name, ["crlf", "lf", "cr", "mixed"])),
            Self::Delimiter => or_nothing(choice(name, ["comma", "semicolon", "tab", "pipe"])),
            Self::HeaderAgain | Self::UnreadColumns | Self::LooksLike => or_nothing(fact(name, Type::Text)),
        }
    }

    /// The fact that a column of the table [`FILE`] has.
    fn of(column: &Column) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|fact| <&str>::from(fact) == column.name)
    }
}

/// What is found out about a declaration's row: columns of the table [`ROW`], by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum RowFact {
    EntryForm,
    EntryFound,
    EntryBeside,
    EntryElsewhere,
    EntrySplit,
    Problem,
    Fields,
    Hidden,
    StruckOut,
    Mark,
}

impl RowFact {
    /// The fact that a column of the table [`ROW`] has.
    pub(super) fn of(column: &Column) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|fact| <&str>::from(fact) == column.name)
    }

    fn column(self) -> Column {
        let name = self.into();
        match self {
            Self::EntryForm => choice(name, Form::ALL.iter().copied().map(Form::name)),
            Self::EntryFound | Self::EntryBeside | Self::EntryElsewhere | Self::EntrySplit | Self::Mark => {
                or_nothing(fact(name, Type::Text))
            }
            Self::Problem => {
                choice(name, std::iter::once("none").chain(Damage::ALL.iter().copied().map(Damage::name)))
            }
            Self::Fields => fact(name, Type::Integer),
            Self::Hidden | Self::StruckOut => fact(name, Type::YesNo),
        }
    }

    /// The columns of all facts that a schema has.
    pub(super) fn columns(schema: &Schema) -> Vec<(usize, Self)> {
        let facts = Self::VARIANTS.iter().copied();
        facts.filter_map(|fact| Some((schema.column(fact.into())?, fact))).collect()
    }
}

/// The schema of the table [`super::FILE`]: one row of facts for each declaration file.
pub fn file_schema() -> Schema {
    Schema {
        title: "Declaration file".into(),
        columns: FileFact::VARIANTS.iter().map(|fact| fact.column()).collect::<Vec<_>>().into(),
        ..Schema::new(FILE_NAME)
    }
}

fn or_nothing(column: Column) -> Column {
    Column { blank: Blank::Nothing, ..column }
}

/// The columns of the table [`super::ROW`] that no file has, because they describe how a row is written. They
/// are after those that `tables/declaration.yaml` declares.
pub fn row_facts() -> Vec<Column> {
    RowFact::VARIANTS.iter().map(|fact| fact.column()).collect()
}

fn fact(name: &str, kind: Type) -> Column {
    Column { of: Belongs::Entry, ..Column::new(name, kind) }
}

fn choice(name: &str, choices: impl IntoIterator<Item = &'static str>) -> Column {
    let choices =
        choices.into_iter().map(|name| Choice { name: name.into(), texts: vec![name.into()] }).collect();
    Column { choices, ..fact(name, Type::Choice) }
}

/// Fills the given row facts of a declaration's table, found from the rows' texts.
pub(super) fn add_row_facts(schema: &Schema, table: &mut Table, facts: &[(usize, RowFact)]) {
    let marked: Vec<_> = table.parts.iter().map(|part| marks::columns(schema, part)).collect();
    let first = OnceLock::new();
    let read = |&(column, fact): &(usize, RowFact)| {
        let declared = &schema.columns[column];
        let of_row = |(at, row): (u32, &Row)| -> Fact<'static> {
            let record = table.record(row);
            let part = &table.parts[row.part as usize];
            // Nearly all rows have their number, and need no word about where it is.
            let key = schema.key.and_then(|key| part.fields[key]).filter(|_| row.entry.is_none());
            match fact {
                RowFact::EntryForm => Fact::Choice(entry_form(schema, part, record).name()),
                RowFact::EntryFound => Fact::text(described(schema, part, record).0),
                RowFact::EntryBeside => Fact::text(described(schema, part, record).1),
                RowFact::EntryElsewhere => {
                    key.map_or(Fact::None, |key| Fact::text(elsewhere::in_other_column(part, key, record)))
                }
                RowFact::EntrySplit => {
                    key.map_or(Fact::None, |key| Fact::text(elsewhere::split(part, key, record)))
                }
                RowFact::Problem => {
                    Fact::Choice(damage(schema, part, record).map_or("none", |(damage, _)| damage.name()))
                }
                RowFact::Hidden => table.shown(at).hidden.map_or(Fact::None, Fact::YesNo),
                RowFact::StruckOut => Fact::YesNo(table.shown(at).struck_out),
                RowFact::Mark => {
                    let marked = &marked[row.part as usize];
                    let own = marks::find(marked, part, record).map(|(_, said)| said);
                    let below = || row.entry.and_then(|_| mark_below(schema, table, marked, at));
                    own.or_else(below).map_or(Fact::None, Fact::text)
                }
                // A blank line has no fields.
                RowFact::Fields if record.is_empty() => Fact::Number(0),
                RowFact::Fields => Fact::Number(record.fields().count() as i64),
            }
        };
        Fact::column(declared, (0..).zip(&table.rows).map(of_row), &first)
    };
    let columns: Vec<super::ColumnCells> = facts.par_iter().with_max_len(1).map(read).collect();
    for (&(column, _), cells) in facts.iter().zip(columns) {
        table.columns[column] = cells;
    }
    place_row_facts(schema, table, facts);
}

/// What is found out about a row is where its entry number is.
fn place_row_facts(schema: &Schema, table: &mut Table, facts: &[(usize, RowFact)]) {
    for part in &mut table.parts {
        for &(column, _) in facts {
            part.fields[column] = schema.key.and_then(|key| part.fields[key]);
        }
    }
}

/// The first mark against filing in the rows right below a row that have no entry number: a sheet whose rows
/// are grouped shows the number only in the first row of an entry.
fn mark_below(schema: &Schema, table: &Table, marked: &[marks::Marked], at: u32) -> Option<String> {
    let above = table.rows.get(at as usize)?;
    let part = &table.parts[above.part as usize];
    let key_field = schema.key.and_then(|key| part.fields[key])?;
    let is_below = |row: &&Row| {
        let record = table.record(row);
        let key = record.value_at(key_field as usize);
        row.entry.is_none()
            && row.part == above.part
            && key.is_none_or(|key| super::value::clean(&encoding::decode(&key)).is_empty())
            // A row with a number elsewhere is that number's.
            && elsewhere::in_other_column(part, key_field, record).is_empty()
    };
    let below = table.rows[at as usize + 1..].iter().take_while(is_below).take(MAX_BELOW);
    let said = below.filter_map(|row| {
        let record = table.record(row);
        let mark = marks::find(marked, part, record).map(|(_, said)| said);
        mark.or_else(|| marks::correction(schema, part, record))
    });
    said.map(|said| format!("{said}, in a row below it that has no entry number")).next()
}

/// How many rows below an entry are looked at.
const MAX_BELOW: usize = 100;

/// The header's fields that are read as no column: it is unknown what they are called here, or another
/// field is read in their place.
fn unread(part: &Part) -> Vec<&(String, Span)> {
    let is_unread = |&(at, (text, _)): &(u32, &(String, Span))| {
        !part.fields.contains(&Some(at)) && !super::value::clean(text).is_empty()
    };
    (0..).zip(&part.header.fields).filter(is_unread).map(|(_, field)| field).collect()
}

/// How cell A1 is written. Rules see its text without what is around it, but CBP's template has
/// nothing there.
fn header_form(cell: &str) -> &'static str {
    if super::value::clean(cell) == cell {
        "plain"
    } else if cell.trim_start().starts_with(['=', '\'']) {
        "text_guard"
    } else {
        "spaces"
    }
}

/// How the entry number of a record is written.
pub fn entry_form(schema: &Schema, part: &Part, record: RawRecord<'_>) -> Form {
    let field = schema.key.and_then(|key| part.fields[key]);
    field
        .and_then(|field| record.value_at(field as usize))
        .map_or(Form::Blank, |value| read_number(&value).form)
}

/// The entry numbers in the cell of a row whose number needs a word, and what is beside them: other
/// text, the names of characters that do not show.
fn described(schema: &Schema, part: &Part, record: RawRecord<'_>) -> (String, String) {
    let field = schema.key.and_then(|key| part.fields[key]);
    let Some(value) = field.and_then(|field| record.value_at(field as usize)) else {
        return Default::default();
    };
    if EntryNumber::from_plain(&value).is_some() {
        return Default::default();
    }
    let text = encoding::decode(&value);
    match entry::read(&text).form {
        Form::Invisible => (String::new(), entry::invisible_names(&text)),
        Form::ListMark | Form::TextAround | Form::Several => {
            let within = entry::within(&text);
            let numbers: Vec<String> = within.numbers.iter().map(ToString::to_string).collect();
            (listed(numbers), within.beside())
        }
        Form::Plain
        | Form::Dashes
        | Form::OtherDashes
        | Form::Spaces
        | Form::LowerCase
        | Form::TextGuard
        | Form::Number
        | Form::LostZeros
        | Form::Scientific
        | Form::WrongLength
        | Form::BadCharacter
        | Form::LookAlike
        | Form::BadFilerCode
        | Form::BadCheckDigit
        | Form::Blank => Default::default(),
    }
}

/// Reads a field's value as an entry number; nearly all are in normal form.
pub(super) fn read_number(value: &[u8]) -> entry::Reading {
    match EntryNumber::from_plain(value) {
        Some(number) => entry::Reading { form: Form::Plain, number: Some(number) },
        None => entry::read(&encoding::decode(value)),
    }
}

/// Whether a quoted field extends over several lines, one of which would be a row of its own: it has an entry
/// number in the key's field, and as many fields as the header. Then the quote was most likely never closed,
/// and the next quote of the file ended it. So it was where that was the opening quote of a cell: then text
/// follows it.
pub(super) fn encloses_rows(field: &csv::Field, record: RawRecord<'_>, key: usize, width: usize) -> bool {
    let may_hold_rows = field.is_quoted() || record.form() == RecordForm::Cells;
    let delimiter = record.form().delimiter_within();
    let is_row = |line: &[u8]| {
        memchr::memchr_iter(delimiter, line).count() + 1 >= width
            && line
                .split(|&byte| byte == delimiter)
                .nth(key)
                .is_some_and(|key| read_number(key).number.is_some())
    };
    if !may_hold_rows {
        return false;
    }
    let mut lines = record.bytes()[field.raw.clone()].split(|byte| matches!(byte, b'\n' | b'\r')).skip(1);
    let ends_outside = match field.damage.map(|(damage, _)| damage) {
        Some(Damage::TextAfterQuote) => lines.clone().next().is_some(),
        Some(Damage::Ragged | Damage::UnterminatedQuote | Damage::Nul | Damage::BadEncoding) | None => false,
    };
    ends_outside || width > 1 && lines.any(is_row)
}

/// The worst damage of a record, and the byte of the record where it is.
pub fn damage(schema: &Schema, part: &Part, record: RawRecord<'_>) -> Option<(Damage, usize)> {
    let key = schema.key.and_then(|key| part.fields[key]);
    // Undefined bytes of Windows-1252 become C1 controls, others the replacement character.
    let is_bad = |c: char| matches!(c, '\u{fffd}' | '\u{80}'..='\u{9f}');
    let bytes = record.bytes();
    let is_ascii = bytes.is_ascii();
    let mut bad_text = None;
    let mut width = 0;
    let mut excess = None;
    let mut quote = None;
    let mut last = 0;
    let key = key.map_or(0, |key| key as usize);
    for field in record.fields() {
        if quote.is_none() && encloses_rows(&field, record, key, part.header.fields.len()) {
            quote = Some((Damage::UnterminatedQuote, field.raw.start));
        }
        quote = quote.or(field.damage);
        if !is_ascii && bad_text.is_none() {
            let text = std::str::from_utf8(&bytes[field.raw.clone()]).ok();
            bad_text = text.and_then(|text| text.find(is_bad)).map(|at| field.raw.start + at);
        }
        if width == part.header.fields.len() {
            excess = Some(field.raw.start);
        }
        last = field.raw.start;
        width += 1;
    }
    // Cells of a workbook always are in their columns, and a blank line has no fields.
    let may_be_ragged = !record.is_empty() && part.encoding != Encoding::Workbook;
    quote
        .or_else(|| record.find(0).map(|at| (Damage::Nul, at)))
        .or_else(|| bad_text.map(|at| (Damage::BadEncoding, at)))
        .or_else(|| excess.filter(|_| may_be_ragged).map(|at| (Damage::Ragged, at)))
        .or_else(|| (width < part.header.fields.len() && may_be_ragged).then_some((Damage::Ragged, last)))
}

/// Reads declarations, one after the other, into the tables [`FILE`] and [`ROW`].
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

/// A declaration whose header was found.
struct DeclarationLayout {
    header: HeadRow,
    /// Whether `header` is a row of entries already: there is not a header.
    missing: bool,
    matched: Match,
    preamble_rows: u64,
    /// The rows above it, of a workbook.
    preamble: Vec<PendingRow>,
    form: RecordForm,
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

    /// Adds the row of a file to the table [`FILE`]. Its cells are where the header is.
    fn add_file_facts(
        &mut self,
        part: &Part,
        facts: &Facts,
        (filled, blank_rows): (i64, i64),
        header_again: &str,
        looks_like: &str,
    ) {
        let schema = &self.schemas[FILE.index()];
        let unread = unread(part);
        let first_cell = || facts.first_cell.as_deref().unwrap_or("");
        let of_text = |fact: fn(&TextFacts) -> Fact<'static>| facts.text.as_ref().map_or(Fact::None, fact);
        let cell = |column: &Column| {
            let fact = FileFact::of(column).map_or(Fact::None, |fact| match fact {
                FileFact::Entries => Fact::Number(filled),
                FileFact::Columns => Fact::Number(part.header.fields.len() as i64),
                FileFact::Header => Fact::text(first_cell()),
                FileFact::HeaderForm => Fact::Choice(header_form(first_cell())),
                FileFact::HeaderLine => Fact::Number(part.header.line as i64),
                FileFact::Bytes => Fact::Number(facts.bytes as i64),
                FileFact::Extension => Fact::text(facts.extension.as_str()),
                FileFact::Encoding => of_text(|text| Fact::Choice(text.encoding)),
                FileFact::ByteOrderMark => of_text(|text| Fact::YesNo(text.byte_order_mark)),
                FileFact::LineEnds => of_text(|text| Fact::Choice(text.line_ends)),
                FileFact::Delimiter => of_text(|text| Fact::Choice(text.delimiter)),
                FileFact::BlankRows => Fact::Number(blank_rows),
                FileFact::HeaderAgain => Fact::text(header_again),
                FileFact::Quoted => of_text(|text| Fact::YesNo(text.quoted)),
                FileFact::UnreadColumns => {
                    Fact::text(listed(unread.iter().map(|(header, _)| quoted(header))))
                }
                FileFact::LooksLike => Fact::text(looks_like),
            });
            fact.cell(column)
        };
        let cells: Vec<Cell> = schema.columns.iter().map(cell).collect();
        let row = self.files.rows.len() as u32;
        self.files.columns.resize_with(cells.len(), ColumnCells::default);
        for (column, cell) in self.files.columns.iter_mut().zip(cells) {
            column.dictionary.push(cell);
            Arc::make_mut(&mut column.cells).push(row);
        }
        let spans = part.header.fields.first().map_or(Span::default(), |(_, span)| *span);
        self.files.rows.push(Row {
            part: self.files.parts.len() as u32,
            line: line_number(part.header.line.max(1)),
            start: spans.start(),
            text: self.files.texts.push(b""),
            entry: None,
            doubtful: false,
        });
        self.files.parts.push(Part {
            header: Header {
                line: part.header.line,
                fields: (schema.columns.iter())
                    .map(|column| {
                        let place = match FileFact::of(column) {
                            // The second column is the first that is too many.
                            Some(FileFact::Columns) => part.header.fields.get(1),
                            Some(FileFact::UnreadColumns) => unread.first().copied(),
                            _ => None,
                        };
                        (column.name.clone(), place.map_or(spans, |(_, span)| *span))
                    })
                    .collect(),
            },
            fields: (0..schema.columns.len() as u32).map(Some).collect(),
            duplicate_columns: Vec::new(),
            form: RecordForm::Text { delimiter: b',' },
            ..part.clone()
        });
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

    /// The tables [`FILE`] and [`ROW`].
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

/// What is in the cell of a record's entry number, without what is around it.
pub fn written_number(schema: &Schema, part: &Part, record: RawRecord<'_>) -> String {
    let field = schema.key.and_then(|key| part.fields[key]);
    let value = field.and_then(|field| record.value_at(field as usize)).unwrap_or_default();
    super::value::clean(&encoding::decode(&value)).to_owned()
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

/// What a file looks like.
struct Facts {
    /// As the user gave it.
    name: String,
    bytes: usize,
    extension: String,
    first_cell: Option<String>,
    /// What only a text has.
    text: Option<TextFacts>,
}

/// What a text looks like: its choices by their names.
struct TextFacts {
    encoding: &'static str,
    byte_order_mark: bool,
    line_ends: &'static str,
    delimiter: &'static str,
    quoted: bool,
}

impl From<FoundHeader> for DeclarationLayout {
    fn from(found: FoundHeader) -> Self {
        Self {
            header: found.row,
            missing: false,
            matched: found.matched,
            preamble_rows: found.preamble_rows,
            preamble: Vec::new(),
            form: found.form,
        }
    }
}

impl DeclarationLayout {
    /// Where no row has the key's header: the column in which the first entry number is. The
    /// row above it is the header under another name; where there is none, the header is missing.
    fn guessed(schema: &Schema, rows: &[HeadRow], form: RecordForm) -> Option<Self> {
        let key = schema.key?;
        let first = |good: fn(entry::Reading) -> bool| {
            rows.iter().enumerate().find_map(|(at, row)| {
                let field = row.fields.iter().position(|(text, _)| good(entry::read(text)))?;
                Some((at, field))
            })
        };
        let (mut row, field) = first(|reading| reading.number.is_some())
            .or_else(|| first(|reading| reading.form.is_damaged_number()))?;
        // A damaged number above the first good one is not a header, and must not be lost as one. The header
        // is the nearest row above that has words there, and no digits of a number. The column of the numbers
        // itself may have no name.
        let is_header = |row: &HeadRow| {
            let text = row.fields.get(field).map_or("", |(text, _)| text);
            let is_unnamed = super::value::clean(text).is_empty() || super::value::stands_for_none(text);
            is_name(text) || is_unnamed && row.fields.iter().any(|(text, _)| is_name(text))
        };
        row = rows[..row].iter().rposition(is_header).map_or(0, |header| header + 1);
        let header = rows[row.saturating_sub(1)].clone();
        let mut matched = match row {
            0 => Match {
                fields: vec![None; schema.columns.len()],
                duplicate: None,
                duplicate_columns: Vec::new(),
            },
            _ => Match::new(schema, &header.fields),
        };
        matched.fields[key] = Some(field as u32);
        let preamble_rows = row.saturating_sub(1) as u64;
        Some(Self { header, missing: row == 0, matched, preamble_rows, preamble: Vec::new(), form })
    }
}

/// Whether a row is a header with the columns in another order.
fn is_other_header(schema: &Schema, record: RawRecord<'_>) -> bool {
    let fields: Vec<(String, Span)> = (record.fields())
        .map(|field| (encoding::decode(&record.value(&field)).into_owned(), Span::default()))
        .collect();
    let (has_key, known) = Match::new(schema, &fields).score(schema);
    has_key && known >= 2
}

/// Whether a row has nothing but headers of the file's own columns, that of the entry numbers among them.
fn is_own_header(part: &Part, key_headers: &HashSet<String>, record: RawRecord<'_>) -> bool {
    let cells = record.fields();
    let mut keys = cells.map(|field| header_key(&encoding::decode(&record.value(&field)))).peekable();
    let own: HashSet<String> = part.header.fields.iter().map(|(text, _)| header_key(text)).collect();
    let mut has_key = false;
    keys.all(|key| {
        has_key |= key_headers.contains(&key);
        key.is_empty() || own.contains(&key)
    }) && has_key
}

/// The keys of the headers that name the column of entry numbers, the file's own among them.
fn key_headers(schema: &Schema, part: &Part, key: Option<u32>) -> HashSet<String> {
    let known = schema.key.map_or(&[][..], |key| &schema.columns[key].headers);
    let own = key.and_then(|key| part.header.fields.get(key as usize)).map(|(text, _)| text);
    let keys = known.iter().chain(own).map(|header| header_key(header));
    keys.filter(|key| !key.is_empty()).collect()
}

/// Whether a cell may be a column's name: it has words, and neither the digits of a damaged number nor a
/// word in the place of a missing value (`N/A` in the place of the first entry number).
fn is_name(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let form = entry::read(text).form;
    let may_be_name = match form {
        Form::BadFilerCode | Form::Blank => false,
        Form::Plain
        | Form::Dashes
        | Form::OtherDashes
        | Form::Spaces
        | Form::LowerCase
        | Form::TextGuard
        | Form::Invisible
        | Form::ListMark
        | Form::Number
        | Form::LostZeros
        | Form::Scientific
        | Form::Several
        | Form::TextAround
        | Form::WrongLength
        | Form::BadCharacter
        | Form::LookAlike
        | Form::BadCheckDigit => !form.is_damaged_number(),
    };
    digits < MIN_DIGITS && letters > digits && may_be_name && !super::value::stands_for_none(text)
}

/// A text with so many digits is a number, whatever else is in it.
const MIN_DIGITS: usize = 3;

/// The extension of a file's name, lower case, without the dot.
pub(super) fn extension(name: &str) -> String {
    let (name, _) = named_sheet(name);
    Path::new(name).extension().map_or(String::new(), |extension| extension.to_string_lossy().to_lowercase())
}

/// The extension as a fact of the file: `none` where its name has none, nothing where it has no name.
fn shown_extension(name: &str) -> String {
    match extension(name) {
        none if none.is_empty() && name != STDIN => "none".to_owned(),
        extension => extension,
    }
}

fn is_blank(record: RawRecord<'_>) -> bool {
    record.fields().all(|field| super::value::clean(&encoding::decode(&record.value(&field))).is_empty())
}

fn first_cell_is_quoted(content: &[u8], layout: &DeclarationLayout) -> bool {
    !layout.missing && content.get(layout.header.start) == Some(&b'"')
}

/// Which line ends a text has; nothing where it has none.
fn line_ends(text: &[u8]) -> &'static str {
    let pairs = memchr::memmem::find_iter(text, b"\r\n").count();
    let feeds = memchr::memchr_iter(b'\n', text).count() - pairs;
    let returns = memchr::memchr_iter(b'\r', text).count() - pairs;
    match (pairs, feeds, returns) {
        (0, 0, 0) => "",
        (_, 0, 0) => "crlf",
        (0, _, 0) => "lf",
        (0, 0, _) => "cr",
        _ => "mixed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::value::{CellReading, Value};
    use crate::table::{CellRef, Tables};

    /// The schema of declarations, as `tables/declaration.yaml` has it but shorter.
    fn row_schema() -> Schema {
        let column = |name: &str, kind: Type, headers: &[&str]| Column {
            headers: headers.iter().map(|&header| header.to_owned()).collect(),
            ..fact(name, kind)
        };
        let mut columns = vec![
            column("entry", Type::EntryNumber, &["Entry Number", "Entry No."]),
            column("importer_number", Type::ImporterNumber, &["IOR Number"]),
            column("note", Type::Text, &["Notes"]),
        ];
        columns.extend(row_facts());
        Schema { name: "row".into(), key: Some(0), columns: columns.into(), ..file_schema() }
    }

    struct ReadRecords {
        tables: Tables,
        sources: Sources,
        entries: Entries,
    }

    fn try_read(name: &str, bytes: &[u8]) -> Result<ReadRecords, Diagnostic> {
        let schemas = vec![Arc::new(file_schema()), Arc::new(row_schema())];
        let (mut sources, mut entries) = (Sources::default(), Entries::default());
        let mut declarations = Declarations::new(&schemas);
        declarations.read(name, bytes, &mut sources, &mut entries)?;
        let (files, rows) = declarations.finish();
        Ok(ReadRecords {
            tables: Tables { schemas, tables: vec![Some(files), Some(rows)] },
            sources,
            entries,
        })
    }

    fn read(text: &str) -> ReadRecords {
        try_read("march.csv", text.as_bytes()).unwrap()
    }

    impl ReadRecords {
        fn table(&self, name: &str) -> (super::super::TableId, &Table, usize) {
            let (table, column) = name.split_once('.').unwrap();
            let id = self.tables.id(table).unwrap();
            (id, self.tables.get(id).unwrap(), self.tables.schemas[id.index()].column(column).unwrap())
        }

        /// The text of a column's cells, `-` where the file does not have the column.
        fn texts(&self, name: &str) -> Vec<&str> {
            let (_, table, column) = self.table(name);
            (0..table.rows.len())
                .map(|row| table.columns[column].cell(row).map_or("-", |cell| cell.text().raw()))
                .collect()
        }

        fn place(&self, name: &str, row: u32) -> Place {
            let (table, _, column) = self.table(name);
            self.tables.place(CellRef { table, row, column: column as u16 }, &self.sources)
        }

        /// Line, column and the text there.
        fn at(&self, name: &str, row: u32) -> (u32, u32, &str) {
            let place = self.place(name, row);
            let text = self.sources.text(place.file).unwrap();
            let range = place.span.start() as usize - text.skipped..place.span.end() as usize - text.skipped;
            assert_eq!(text.place(place.file, range.clone()), place, "{name} {row}");
            (place.line, place.column, &text.text[range])
        }
    }

    #[test]
    fn columns_that_are_not_read_are_named() {
        let unread = |text: &str| read(text).texts("file.unread_columns")[0].to_owned();
        assert_eq!(unread("Entry Number\nABC12345676\n"), "");
        assert_eq!(unread("ABC12345676\n"), "");
        assert_eq!(unread("Entry,PSC Reqd,Importer Number,,987-65-4321\nABC12345676,Y,,x,\n"), {
            "`PSC Reqd`, `Importer Number`, `***-**-4321`"
        });
        let wide: String = (0..40).map(|at| format!(",\"column {at}\n{}\"", "x".repeat(99))).collect();
        let named = unread(&format!("Entry{wide}\nABC12345676\n"));
        assert!(named.starts_with("`column 0 xxx") && named.ends_with("` and 36 more"), "{named}");
        assert!(named.len() < 200, "{named}");
    }

    #[test]
    fn the_bare_upload_file() {
        let read = read("Entry Number\r\n00261103162\r\n002-6111115-7\r\n");
        assert_eq!(read.texts("row.entry"), ["00261103162", "002-6111115-7"]);
        assert_eq!(read.texts("row.entry_form"), ["plain", "dashes"]);
        assert_eq!(read.texts("row.problem"), ["none", "none"]);
        assert_eq!(read.texts("row.importer_number"), ["-", "-"]);
        assert_eq!(read.at("row.entry", 1), (3, 1, "002-6111115-7"));
        assert_eq!(read.entries.len(), 2);
        for (fact, text) in [
            ("entries", "2"),
            ("columns", "1"),
            ("header", "Entry Number"),
            ("header_form", "plain"),
            ("header_line", "1"),
            ("bytes", "42"),
            ("extension", "csv"),
            ("encoding", "ascii"),
            ("byte_order_mark", "no"),
            ("line_ends", "crlf"),
            ("delimiter", "comma"),
            ("blank_rows", "0"),
            ("header_again", ""),
            ("quoted", "no"),
        ] {
            let name = format!("file.{fact}");
            assert_eq!(read.texts(&name), [text], "{fact}");
            let (_, table, column) = read.table(&name);
            let is_read = table.columns[column].dictionary[0].is_read();
            assert!(
                is_read
                    && (text.is_empty()
                        || table.columns[column].dictionary[0].reading != CellReading::Nothing),
                "{fact}"
            );
            assert_eq!(read.at(&name, 0), (1, 1, "Entry Number"));
        }
    }

    #[test]
    fn the_same_places_under_crlf_lf_cr_bom_and_quoted_line_breaks() {
        for end in ["\r\n", "\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let text = [
                    mark,
                    "Notes,Entry Number",
                    end,
                    end,
                    "\"two",
                    end,
                    "lines\",00261103162",
                    end,
                    "\u{e4}\u{1f600},\"002-6111115-7\"",
                    end,
                ]
                .concat();
                let read = read(&text);
                assert_eq!(read.texts("row.entry_form"), ["blank", "plain", "dashes"]);
                assert_eq!(read.at("row.entry", 1), (4, 8, "00261103162"));
                assert_eq!(read.at("row.note", 1).0, 3);
                assert_eq!(read.at("row.entry", 2), (5, 4, "\"002-6111115-7\""));
                assert_eq!(read.at("row.entry_form", 0), (2, 1, ""));
                assert_eq!(read.texts("file.blank_rows"), ["1"]);
                assert_eq!(read.texts("file.quoted"), ["yes"]);
                assert_eq!(read.texts("file.byte_order_mark"), [if mark.is_empty() { "no" } else { "yes" }]);
            }
        }
    }

    #[test]
    fn damage_is_found_at_its_place() {
        let read = read(concat!(
            "Entry Number,Notes\n",
            "00261103162,a,b\n",
            "00261103162\n",
            "00261103162,\"a\"b\n",
            "00261103162,a\0b\n",
            "00261103162,\u{fffd}\n",
            "00261103162,fine\n",
            "00261103162,\"swallows\n00261111157,the next\"\n",
            "00261103162,\"never closed\n00261111157,x\n",
        ));
        assert_eq!(
            read.texts("row.problem"),
            [
                "ragged",
                "ragged",
                "text_after_quote",
                "nul",
                "bad_encoding",
                "none",
                "unterminated_quote",
                "unterminated_quote"
            ]
        );
        let at = |row| {
            let (line, column, _) = read.at("row.problem", row);
            (line, column)
        };
        assert_eq!([at(0), at(1), at(2), at(3), at(4)], [(2, 15), (3, 1), (4, 16), (5, 14), (6, 13)]);
        assert_eq!([at(6), at(7)], [(8, 13), (10, 13)]);
        assert_eq!(read.texts("row.fields"), ["3", "1", "2", "2", "2", "2", "2", "2"]);
        assert_eq!(read.at("row.fields", 0), (2, 15, "b"));
    }

    #[test]
    fn a_header_below_a_preamble_or_under_another_delimiter_is_found() {
        let read = read("Planned declaration\n\nNotes;IOR Number;entry_number\nx;987-65-4321;00261103162\n");
        assert_eq!(read.texts("row.entry"), ["00261103162"]);
        assert_eq!(read.at("row.importer_number", 0), (4, 3, "987-65-4321"));
        assert_eq!(read.texts("file.delimiter"), ["semicolon"]);
        assert_eq!(read.texts("file.header"), ["Planned declaration"]);
        assert_eq!(read.texts("file.header_line"), ["3"]);
        assert_eq!(read.tables.get(ROW).unwrap().parts[0].preamble_rows, 1);
        let excerpt = read.tables.excerpt(&[CellRef { table: ROW, row: 0, column: 1 }], &read.sources);
        let cells: Vec<_> =
            excerpt.cells.iter().map(|cell| (cell.header.raw(), cell.text.raw(), cell.gap_before)).collect();
        assert_eq!(cells, [("entry_number", "00261103162", true), ("IOR Number", "***-**-4321", true)]);
        assert_eq!((excerpt.header_line, excerpt.line), (3, 4));
    }

    #[test]
    fn what_stands_around_the_header_is_a_fact() {
        for (header, form) in [
            ("Entry Number ", "spaces"),
            ("\u{a0}Entry Number", "spaces"),
            ("=\"Entry Number\"", "text_guard"),
            ("\"Entry Number\"", "plain"),
        ] {
            let read = read(&format!("{header}\n00261103162\n"));
            assert_eq!(read.texts("file.header_form"), [form], "{header}");
            assert_eq!(read.texts("file.header"), ["Entry Number"], "{header}");
        }
    }

    #[test]
    fn a_missing_or_misspelled_header_is_a_fact_not_an_error() {
        let bare = read("00261103162\n00261111157\n");
        assert_eq!(bare.texts("row.entry"), ["00261103162", "00261111157"]);
        assert_eq!(
            (bare.texts("file.header"), bare.texts("file.header_line")),
            (vec!["00261103162"], vec!["0"])
        );
        for damaged in [
            "00261103163",
            "2.61103E+08",
            "26110",
            "ABC1234567",
            "ABC12345676x",
            "\"ABC12345676\"x",
            "0026111O829",
            "no. 611",
        ] {
            let bare = read(&format!("{damaged}\n00261103162\n"));
            assert_eq!(bare.texts("row.entry"), [damaged.replace('"', "").as_str(), "00261103162"]);
            assert_eq!(bare.texts("file.header_line"), ["0"]);
        }
        let damaged_first = read("Entrie Numbr\nABC1234567\n\n00261103162\n");
        assert_eq!(damaged_first.texts("row.entry"), ["ABC1234567", "", "00261103162"]);
        assert_eq!(damaged_first.texts("file.header_line"), ["1"]);
        let misspelled = read("Note,Entrie Numbr\na,00261103162\n");
        assert_eq!(misspelled.texts("row.entry"), ["00261103162"]);
        assert_eq!(
            (misspelled.texts("file.header"), misspelled.texts("file.header_line")),
            (vec!["Note"], vec!["1"])
        );
        let only_header = read("Entry Number\n");
        assert_eq!(only_header.texts("file.entries"), ["0"]);
        let (_, table, column) = only_header.table("file.entries");
        assert_eq!(table.columns[column].dictionary[0].reading, CellReading::Value(Value::Integer(0)));
    }

    #[test]
    fn the_repeated_header_is_not_a_row() {
        let read = read(
            "Entry No.,Notes\n00261103162,a\nEntry Number,\n\nentry no,Notes\n00261111157,b\nEntries,c\n",
        );
        assert_eq!(read.texts("row.entry"), ["00261103162", "", "00261111157", "Entries"]);
        assert_eq!(read.texts("file.header_again"), ["3, 5"]);
        assert_eq!(read.tables.get(ROW).unwrap().parts[0].repeated_headers, 2);
    }

    #[test]
    fn a_file_without_entry_numbers_is_one_clear_error() {
        let code = |name, bytes: &[u8]| try_read(name, bytes).err().map(|error| error.code.name());
        assert_eq!(code("a.csv", b"Name,Amount\nx,1\n"), Some("no-key-column"));
        assert_eq!(code("a.csv", b"\n\n"), Some("no-key-column"));
        assert_eq!(code("a.csv", b""), Some("empty-file"));
        assert_eq!(code("a.csv", b"PK\x03\x04abc"), Some("not-a-table"));
        assert_eq!(code("a.xlsx", b"Entry Number\n"), Some("not-a-table"));
        assert_eq!(code("a.csv", b"Entry Number,Entry Number\n1,2\n"), Some("duplicate-column"));
        let error = try_read("a.csv", b"Entry Numbr,Amount\nx,1\n").err().unwrap();
        assert!(error.help.iter().any(|help| help.raw().contains("`Entry Numbr`")), "{error:?}");
    }

    #[test]
    fn utf16_and_windows_1252_are_read_and_reported() {
        let utf16: Vec<u8> =
            "\u{feff}Entry Number\r\n00261103162\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = try_read("a.csv", &utf16).unwrap();
        assert_eq!(wide.texts("row.entry"), ["00261103162"]);
        assert_eq!(
            (wide.texts("file.encoding"), wide.texts("file.byte_order_mark")),
            (vec!["utf-16"], vec!["yes"])
        );
        assert_eq!(wide.at("row.entry", 0), (2, 1, "00261103162"));
        let ansi = try_read("a.csv", b"Notes,Entry Number\r\nM\xfcller,00261103162\r\n").unwrap();
        assert_eq!(ansi.texts("file.encoding"), ["windows-1252"]);
        assert_eq!(ansi.at("row.entry", 0), (2, 8, "00261103162"));
        assert_eq!(ansi.texts("row.note"), ["M\u{fc}ller"]);
    }

    #[test]
    fn several_declarations_go_into_one_table() {
        let schemas = vec![Arc::new(file_schema()), Arc::new(row_schema())];
        let (mut sources, mut entries) = (Sources::default(), Entries::default());
        let mut declarations = Declarations::new(&schemas);
        for (name, text) in
            [("a.csv", "Entry Number\n00261103162\n"), ("b.csv", "Notes,Entry Number\nx,00261103162\n")]
        {
            declarations.read(name, text.as_bytes(), &mut sources, &mut entries).unwrap();
        }
        let (files, rows) = declarations.finish();
        assert_eq!((files.rows.len(), rows.rows.len(), entries.len()), (2, 2, 1));
        assert_eq!(rows.columns[2].cell(0), None);
        assert_eq!(rows.columns[2].cell(1).unwrap().text().raw(), "x");
        assert_eq!(rows.rows[1].part, 1);
    }
}
