//! Where cells are, and what reports show of the rows they are in.

use super::csv::{self, Damage};
use super::declaration::{self, RowFact};
use super::encoding::decode;
use super::marks;
use super::schema::{Schema, Type};
use super::{CellRef, Encoding, Excerpt, ExcerptCell, FILE, Part, ROW, RawRecord, Row, Table, Tables};
use crate::entry;
use crate::importer::{self, ImporterNumber};
use crate::mask;
use crate::outside::Outside;
use crate::source::{FileId, Place, Sources, Span, line_number};

impl Tables {
    /// Where a cell is. The place of a column its file does not have is the row's first byte; that of a cell
    /// its record is too short for, the record's end. The facts of a declaration are in its header, those of
    /// a row in the entry's cell or where the damage is.
    ///
    /// # Panics
    /// Where the cell is not of these tables.
    pub fn place(&self, cell: CellRef, sources: &Sources) -> Place {
        let table = self.get(cell.table).expect("the cell is of a table that was read");
        let row = &table.rows[cell.row as usize];
        let part = &table.parts[row.part as usize];
        if cell.table == FILE {
            return file_fact(part, row, cell, sources);
        }
        let record = table.bytes_or_read(row);
        let record = RawRecord::new(&record, part.form);
        let field = part.fields.get(usize::from(cell.column)).copied().flatten();
        let column = self.schemas[cell.table.index()].columns.get(usize::from(cell.column));
        let fact = column.filter(|_| cell.table == ROW).and_then(RowFact::of);
        if fact == Some(RowFact::Mark)
            && let Some((field, _)) =
                marks::find(&marks::columns(&self.schemas[ROW.index()], part), part, record)
        {
            return at_field(part, row, record, field);
        }
        if let Some(fact) = fact
            && part.encoding != Encoding::Workbook
        {
            let width = part.header.fields.len();
            let at = match fact {
                RowFact::Problem => declaration::damage(&self.schemas[ROW.index()], part, record)
                    .map(|(_, at)| at..record.bytes().len()),
                RowFact::Fields => record.field(width).map(|field| field.raw),
                RowFact::EntryForm
                | RowFact::EntryFound
                | RowFact::EntryBeside
                | RowFact::EntryElsewhere
                | RowFact::EntrySplit
                | RowFact::Hidden
                | RowFact::StruckOut
                | RowFact::Mark => None,
            };
            if let Some(at) = at {
                return at_bytes(part, row, record, at);
            }
        }
        match field {
            Some(field) => at_field(part, row, record, field),
            None => at_bytes(part, row, record, 0..0),
        }
    }

    /// The type of the column that a place in the row of a cell is in; `None` where it is in no column that is read.
    ///
    /// # Panics
    /// Where the cell is not of these tables.
    pub fn kind_at(&self, cell: CellRef, place: Place) -> Option<Type> {
        let table = self.get(cell.table).expect("the cell is of a table that was read");
        let row = &table.rows[cell.row as usize];
        let part = &table.parts[row.part as usize];
        let at = usize::try_from(place.span.start().checked_sub(row.start)?).ok()?;
        let mut fields = table.record(row).fields();
        let field = fields.position(|field| field.raw.start <= at && at <= field.raw.end)?;
        let column = part.fields.iter().position(|found| *found == Some(field as u32))?;
        Some(self.schemas[cell.table.index()].columns[column].kind)
    }

    /// What makes all cells of a reference table's row unreadable: a quote that does not close, or a
    /// cell too many; and where it is.
    ///
    /// # Panics
    /// Where the cell is not of these tables.
    pub fn damage(&self, cell: CellRef) -> Option<(Damage, Place)> {
        let table = self.get(cell.table).expect("the cell is of a table that was read");
        let row = &table.rows[cell.row as usize];
        let part = &table.parts[row.part as usize];
        if matches!(cell.table, FILE | ROW) || part.encoding == Encoding::Workbook {
            return None;
        }
        let record = table.bytes_or_read(row);
        let record = RawRecord::new(&record, part.form);
        let fields: Vec<csv::Field> = record.fields().collect();
        let (damage, at) = csv::doubt(&fields, part.header.fields.len())?;
        Some((damage, at_bytes(part, row, record, at..record.bytes().len())))
    }

    /// The excerpt of a row: its key, then the given cells' columns. All cells must be of one row,
    /// that of the first. Texts are as the file has them, except that whatever is or may be a
    /// social security number is masked.
    ///
    /// # Panics
    /// Where a cell is not of these tables.
    pub fn excerpt(&self, cells: &[CellRef], sources: &Sources) -> Excerpt {
        let Some(&first) = cells.first() else {
            return Excerpt { file: FileId(0), header_line: 0, line: 0, cells: Vec::new() };
        };
        let table = self.get(first.table).expect("the cell is of a table that was read");
        let schema = &self.schemas[first.table.index()];
        let row = &table.rows[first.row as usize];
        let part = &table.parts[row.part as usize];
        let field_of = |column: usize| Some((part.fields.get(column).copied().flatten()?, column));
        let key = schema.key.and_then(field_of);
        let mut shown: Vec<(u32, usize)> =
            cells.iter().filter_map(|cell| field_of(usize::from(cell.column))).collect();
        shown.sort_unstable();
        shown.retain(|(field, _)| key.is_none_or(|(key, _)| *field != key));
        shown.dedup_by_key(|(field, _)| *field);
        let mut next = 0;
        let cells = key
            .into_iter()
            .chain(shown)
            .map(|(field, column)| {
                let gap_before = field != next;
                next = field + 1;
                let place = self.place(CellRef { column: column as u16, ..first }, sources);
                let (header, text) = named_cell(schema, table, row, field, column);
                ExcerptCell { header: header.into(), text: text.into(), place, gap_before }
            })
            .collect();
        Excerpt { file: part.file, header_line: part.header.line, line: row.line.into(), cells }
    }

    /// The header and the text of a cell of a declaration or table, as the file has them, except that whatever is
    /// or may be a social security number is masked; `None` where the file does not have the column.
    pub fn named_cell(&self, cell: CellRef) -> Option<(String, String)> {
        let table = self.get(cell.table).filter(|_| cell.table != FILE)?;
        let schema = &self.schemas[cell.table.index()];
        let row = table.rows.get(cell.row as usize)?;
        let fields = &table.parts.get(row.part as usize)?.fields;
        let column = usize::from(cell.column);
        let field = (*fields.get(column)?)?;
        // A field that is read as the key too is shown as the key.
        let key = schema.key.filter(|key| fields.get(*key) == Some(&Some(field)));
        Some(named_cell(schema, table, row, field, key.unwrap_or(column)))
    }
}

/// The header and the text of a field, as its column is shown.
fn named_cell(schema: &Schema, table: &Table, row: &Row, field: u32, column: usize) -> (String, String) {
    let part = &table.parts[row.part as usize];
    let header = part.header.fields.get(field as usize).map_or_else(String::new, |(text, _)| text.clone());
    let value = value(table, part, row, field);
    (header, shown_text(Outside::new(&value), schema.columns[column].kind))
}

/// The value of a field as the file has it; empty where the record is too short.
fn value(table: &Table, part: &Part, row: &Row, field: u32) -> String {
    let record = table.bytes_or_read(row);
    let value = RawRecord::new(&record, part.form).value_at(field as usize);
    value.map_or_else(String::new, |value| decode(&value).into_owned())
}

/// A cell's text with what is or may be a social security number masked.
pub fn shown_text(text: Outside<'_>, kind: Type) -> String {
    let text = text.raw();
    if kind == Type::ImporterNumber {
        match ImporterNumber::parse(super::value::clean(text)) {
            Some(number)
                if matches!(
                    number.form(),
                    importer::ImporterForm::SocialSecurity | importer::ImporterForm::NineDigits
                ) =>
            {
                return number.to_string();
            }
            Some(_) => return text.to_owned(),
            // It is unknown what this is, but it may be such a number in an unusual format.
            None => return mask::mask_all(text).into_owned(),
        }
    }
    let is_known = match kind {
        Type::EntryNumber => entry::read(text).number.is_some(),
        Type::Money | Type::Hts => super::value::reads_as(kind, text),
        // What is something else may be a person's number, in the wrong column.
        _ => false,
    };
    mask::mask_unless(text, |_| is_known).into_owned()
}

fn at_field(part: &Part, row: &Row, record: RawRecord<'_>, field: u32) -> Place {
    if part.encoding == Encoding::Workbook {
        return Place { file: part.file, line: row.line, column: field + 1, span: Span::default() };
    }
    let end = record.bytes().len();
    let range = record.field(field as usize).map_or(end..end, |field| field.raw);
    at_bytes(part, row, record, range)
}

fn at_bytes(part: &Part, row: &Row, record: RawRecord<'_>, range: std::ops::Range<usize>) -> Place {
    if part.encoding == Encoding::Workbook {
        return Place { file: part.file, line: row.line, column: 1, span: Span::default() };
    }
    let (below, column) = record.locate(range.start);
    let span = Span::in_file(row.start + range.start as u64, row.start + range.end as u64);
    Place { file: part.file, line: line_number(u64::from(row.line) + below), column, span }
}

/// The place of a fact of a declaration file: the header field that `part` gives for it.
fn file_fact(part: &Part, row: &Row, cell: CellRef, sources: &Sources) -> Place {
    let span = part.header.fields.get(usize::from(cell.column)).map_or(Span::default(), |(_, span)| *span);
    match sources.text(part.file) {
        Some(text) => {
            let skipped = text.skipped as u64;
            let range =
                span.start().saturating_sub(skipped) as usize..span.end().saturating_sub(skipped) as usize;
            text.place(part.file, range)
        }
        None => Place { file: part.file, line: row.line, column: 1, span },
    }
}
