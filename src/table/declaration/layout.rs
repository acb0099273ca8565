//! Which row of a declaration is the header, and which column has the entry numbers.

use super::PendingRow;
use crate::entry::{self, Form};
use crate::source::Span;
use crate::table::encoding;
use crate::table::head_row::HeadRow;
use crate::table::header::{FoundHeader, Match};
use crate::table::header_keys::header_key;
use crate::table::schema::Schema;
use crate::table::value::{clean, stands_for_none};
use crate::table::{Part, RawRecord, RecordForm};
use hashbrown::HashSet;

/// A declaration whose header was found.
pub(super) struct DeclarationLayout {
    pub(super) header: HeadRow,
    /// Whether `header` is a row of entries already: there is not a header.
    pub(super) missing: bool,
    pub(super) matched: Match,
    pub(super) preamble_rows: u64,
    /// The rows above it, of a workbook.
    pub(super) preamble: Vec<PendingRow>,
    pub(super) form: RecordForm,
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
    pub(super) fn guessed(schema: &Schema, rows: &[HeadRow], form: RecordForm) -> Option<Self> {
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
            let is_unnamed = clean(text).is_empty() || stands_for_none(text);
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
pub(super) fn is_other_header(schema: &Schema, record: RawRecord<'_>) -> bool {
    let fields: Vec<(String, Span)> = (record.fields())
        .map(|field| (encoding::decode(&record.value(&field)).into_owned(), Span::default()))
        .collect();
    let (has_key, known) = Match::new(schema, &fields).score(schema);
    has_key && known >= 2
}

/// Whether a row has nothing but headers of the file's own columns, that of the entry numbers among them.
pub(super) fn is_own_header(part: &Part, key_headers: &HashSet<String>, record: RawRecord<'_>) -> bool {
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
pub(super) fn key_headers(schema: &Schema, part: &Part, key: Option<u32>) -> HashSet<String> {
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
    digits < MIN_DIGITS && letters > digits && may_be_name && !stands_for_none(text)
}

/// A text with so many digits is a number, whatever else is in it.
const MIN_DIGITS: usize = 3;
