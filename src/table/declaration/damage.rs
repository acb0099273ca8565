//! What is damaged in a row, and where.

use super::number::read_number;
use crate::table::csv::{self, Damage};
use crate::table::schema::Schema;
use crate::table::{Encoding, Part, RawRecord, RecordForm};

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

/// Whether a quoted field extends over several lines, one of which would be a row of its own: it has an entry
/// number in the key's field, and as many fields as the header. Then the quote was most likely never closed,
/// and the next quote of the file ended it. So it was where that was the opening quote of a cell: then text
/// follows it.
pub(in crate::table) fn encloses_rows(
    field: &csv::Field,
    record: RawRecord<'_>,
    key: usize,
    width: usize,
) -> bool {
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
