//! Finds entry numbers outside the rows and the column of entry numbers.

use std::borrow::Cow;

use hashbrown::HashSet;
use smol_str::SmolStr;

use crate::entry::{EntryNumber, Form};
use crate::outside::OutsideText;
use crate::source::{FileId, Place, Sources, Span, line_number};
use crate::table::csv::Damage;
use crate::table::{self, Entries, ROW, RawRecord, RecordForm, Tables};

/// An entry number outside the rows and the column of entry numbers: behind a stray comma, above the
/// header, in a row whose cell for it is blank, or in a later line of a row whose quotes are broken. It
/// was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisplacedEntry {
    /// The number.
    pub number: EntryNumber,
    /// The cell, masked where it may be a person's number in a place of its own.
    pub written: OutsideText<SmolStr>,
    /// The row that it is in.
    pub place: Place,
}

/// Finds entry numbers that are in surplus cells of a declaration's rows, in rows without one of their own,
/// above its header, or where a broken quote encloses rows, and that no row declares. Other columns of a
/// planning sheet are not looked at where the row has its number: they may well have numbers of another kind.
pub fn misplaced(tables: &Tables, sources: &Sources, entries: &Entries) -> Vec<MisplacedEntry> {
    let Some(table) = tables.get(ROW) else { return Vec::new() };
    let schema = &tables.schemas[ROW.index()];
    let mut found: Vec<MisplacedEntry> = Vec::new();
    let mut seen = HashSet::new();
    let mut look = |file: FileId, line: u64, record: RawRecord<'_>, skip: usize| {
        for field in record.fields().skip(skip) {
            let text = table::encoding::decode(&record.value(&field)).into_owned();
            if let Some(number) = EntryNumber::parse(&text)
                && entries.get(&number).is_none()
                && seen.insert(number)
            {
                found.push(MisplacedEntry {
                    number,
                    written: match crate::mask::mask(&text) {
                        Cow::Borrowed(_) => number.to_string().into(),
                        Cow::Owned(masked) => masked.into(),
                    },
                    place: Place { file, line: line_number(line), column: 1, span: Span::default() },
                });
            }
        }
    };
    for part in &table.parts {
        let above = part.header.line.saturating_sub(1);
        for line in 0..above {
            let text = sources.text(part.file).map_or("", |text| text.line(line as usize));
            look(part.file, line + 1, RawRecord::text(text.as_bytes(), part.form.delimiter_within()), 0);
        }
    }
    for row in &table.preamble {
        let part = &table.parts[row.part as usize];
        look(part.file, row.line.into(), table.record(row), 0);
    }
    for row in &table.rows {
        let part = &table.parts[row.part as usize];
        let record = table.record(row);
        let is_blank = table::declaration::entry_form(schema, part, record) == Form::Blank;
        let skip = if is_blank { 0 } else { part.header.fields.len() };
        look(part.file, row.line.into(), record, skip);
        let is_quote = |(damage, _)| match damage {
            Damage::UnterminatedQuote | Damage::TextAfterQuote => true,
            Damage::Ragged | Damage::Nul | Damage::BadEncoding => false,
        };
        if table::declaration::damage(schema, part, record).is_some_and(is_quote) {
            // The original row boundaries are lost, so each line is scanned in full; in a workbook they are
            // in one cell.
            let texts: Vec<&[u8]> = match part.form {
                RecordForm::Text { .. } => vec![record.bytes()],
                RecordForm::Cells => record.fields().map(|cell| &record.bytes()[cell.raw]).collect(),
            };
            let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
            for line in texts.into_iter().flat_map(|text| text.split(is_end).skip(1)) {
                look(part.file, row.line.into(), RawRecord::text(line, part.form.delimiter_within()), 0);
            }
        }
    }
    found
}
