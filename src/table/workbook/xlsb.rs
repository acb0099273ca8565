//! The newer binary format (`.xlsb`, [MS-XLSB]): an archive as an `.xlsx` is, with records in place of XML.
//!
//! Read by the project's own reader, because a planning sheet needs to know which rows are hidden and which
//! cells are struck out, and because no record of a damaged file may end the program.

use std::io::{Read, Seek};

use hashbrown::HashMap;

use super::package::{Limits, Package, PartRole};
use super::sheet::{DAYS_TO_1904, write_day, write_number};
use super::styles::{CellStyle, Styles, is_built_in_date, is_date_format};
use super::whole::{MAX_TEXT, WholeRows, WholeSheet};
use super::xlsx::{MAX_SHEETS, path, read_part, relations};
use super::{SheetInfo, errors, unreadable};
use crate::diagnostic::Diagnostic;

/// Reads all sheets of an `.xlsb`.
pub(super) fn read<R: Read + Seek>(
    name: &str,
    reader: R,
    limits: Limits,
) -> Result<Vec<WholeSheet>, Diagnostic> {
    let mut parts = BinaryParts { package: Package::open(name, reader, limits)?, left: limits.held };
    let Some(book) = parts.take("xl/workbook.bin")? else {
        return Err(errors::no_workbook_part(name));
    };
    let (listed, from_1904) = sheets(&book).ok_or_else(|| cut_off(name))?;
    if listed.len() > MAX_SHEETS {
        return Err(errors::too_many_sheets(name));
    }
    let relations = match parts.package.find("xl/_rels/workbook.bin.rels") {
        Some(part) => read_part(&mut parts.package, part, |part| relations(part))?,
        None => return Err(errors::no_places_of_sheets(name)),
    };
    let of_kind = |kind: &str| {
        let relation = relations.values().find(|relation| relation.kind.ends_with(kind));
        relation.map(|relation| path("xl", &relation.target))
    };
    let strings = match of_kind("/sharedStrings") {
        Some(part) => parts.take(&part)?.map(|part| strings(name, &part, MAX_TEXT)),
        None => None,
    };
    let styles = match of_kind("/styles") {
        Some(part) => parts.take(&part)?.map(|part| styles(&part).ok_or_else(|| cut_off(name))),
        None => None,
    };
    let meanings = CellMeanings {
        strings: strings.transpose()?.unwrap_or_default(),
        styles: styles.transpose()?.unwrap_or_default(),
        from_1904,
    };
    let mut rows = WholeRows::new(name);
    let mut read = Vec::new();
    for (info, id) in listed {
        // Charts and macro sheets have no rows.
        let Some(relation) = relations.get(&id).filter(|relation| relation.kind.ends_with("/worksheet"))
        else {
            continue;
        };
        let Some(part) = parts.take(&path("xl", &relation.target))? else { continue };
        let mut hidden = Vec::new();
        meanings.rows(name, &part, &mut rows, &mut hidden)?;
        read.push(rows.take(info, |number| Some(hidden.binary_search(&number).is_ok())));
    }
    Ok(read)
}

fn cut_off(name: &str) -> Diagnostic {
    errors::record_cut_off(name)
}

/// The parts of the archive, unpacked within what all of them may have together.
struct BinaryParts<R> {
    package: Package<R>,
    left: u64,
}

impl<R: Read + Seek> BinaryParts<R> {
    /// Unpacks a part; `None` where there is none of that path.
    fn take(&mut self, path: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
        let Some(index) = self.package.find(path) else { return Ok(None) };
        let name = self.package.name.clone();
        let mut bytes = Vec::new();
        let part = self.package.part(index, PartRole::Held)?;
        let read = part.take(self.left + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(&name, error.into()))?;
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| errors::unpacks_to_too_much(&name, Limits::DEFAULT.held >> 20))?;
        Ok(Some(bytes))
    }
}

/// Kinds of records ([MS-XLSB] 2.3.2).
mod kind {
    pub(super) const ROW: u16 = 0;
    pub(super) const NUMBER_SHORT: u16 = 2;
    pub(super) const ERROR: u16 = 3;
    pub(super) const BOOLEAN: u16 = 4;
    pub(super) const NUMBER: u16 = 5;
    pub(super) const TEXT: u16 = 6;
    pub(super) const SHARED_TEXT: u16 = 7;
    pub(super) const FORMULA_TEXT: u16 = 8;
    pub(super) const FORMULA_NUMBER: u16 = 9;
    pub(super) const FORMULA_BOOLEAN: u16 = 10;
    pub(super) const FORMULA_ERROR: u16 = 11;
    pub(super) const SHARED_ITEM: u16 = 0x13;
    pub(super) const FONT: u16 = 0x2b;
    pub(super) const NUMBER_FORMAT: u16 = 0x2c;
    pub(super) const CELL_FORMAT: u16 = 0x2f;
    pub(super) const RICH_TEXT: u16 = 0x3e;
    pub(super) const BEGIN_ROWS: u16 = 0x91;
    pub(super) const END_ROWS: u16 = 0x92;
    pub(super) const BOOK_PROPERTIES: u16 = 0x99;
    pub(super) const SHEET: u16 = 0x9c;
    pub(super) const BEGIN_CELL_FORMATS: u16 = 0x269;
    pub(super) const END_CELL_FORMATS: u16 = 0x26a;
}

/// The records of a part. One that is cut off ends them with `Some(None)`.
struct BinaryRecords<'b>(&'b [u8]);

impl<'b> Iterator for BinaryRecords<'b> {
    type Item = Option<(u16, &'b [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_none() {
            self.0 = &[];
        }
        Some(record)
    }
}

impl<'b> BinaryRecords<'b> {
    fn record(&mut self) -> Option<(u16, &'b [u8])> {
        let low = self.byte()?;
        let kind = match low & 0x80 {
            0 => u16::from(low),
            _ => u16::from(low & 0x7f) | u16::from(self.byte()? & 0x7f) << 7,
        };
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let data = self.0.get(..length)?;
        self.0 = &self.0[length..];
        Some((kind, data))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn double_word(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// A text, and where it ends.
fn text(data: &[u8], at: usize) -> Option<(String, usize)> {
    let start = at + 4;
    let end = start.checked_add((double_word(data, at)? as usize).checked_mul(2)?)?;
    let units = data.get(start..end)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some((char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(), end))
}

/// The sheets that a workbook lists, each with the id of its relation, and whether days count from 1904.
fn sheets(book: &[u8]) -> Option<(Vec<(SheetInfo, String)>, bool)> {
    let (mut listed, mut from_1904) = (Vec::new(), false);
    for record in BinaryRecords(book) {
        match record? {
            (kind::BOOK_PROPERTIES, data) => from_1904 = data.first()? & 1 != 0,
            (kind::SHEET, data) => {
                // A sheet without a relation is not a part of the archive.
                if double_word(data, 8)? == u32::MAX {
                    continue;
                }
                let (id, end) = text(data, 8)?;
                let (name, _) = text(data, end)?;
                // One more than there may be shows that there are too many.
                if listed.len() > MAX_SHEETS {
                    break;
                }
                listed.push((SheetInfo { name, visible: double_word(data, 0)? == 0 }, id));
            }
            _ => {}
        }
    }
    Some((listed, from_1904))
}

/// The texts that cells share, of at most so many bytes. An empty one takes more memory than its record.
fn strings(name: &str, part: &[u8], most: usize) -> Result<Vec<String>, Diagnostic> {
    let (mut strings, mut size) = (Vec::new(), 0);
    for record in BinaryRecords(part) {
        let (kind, data) = record.ok_or_else(|| cut_off(name))?;
        if kind == kind::SHARED_ITEM {
            let text = text(data, 1).ok_or_else(|| cut_off(name))?.0;
            size += text.len() + size_of::<String>();
            if size > most {
                return Err(errors::texts_too_long(name));
            }
            strings.push(text);
        }
    }
    Ok(strings)
}

fn styles(part: &[u8]) -> Option<Styles> {
    let mut dates: HashMap<u16, bool> = HashMap::new();
    let (mut struck, mut formats, mut in_formats) = (Vec::new(), Vec::new(), false);
    for record in BinaryRecords(part) {
        match record? {
            (kind::NUMBER_FORMAT, data) => {
                dates.insert(word(data, 0)?, is_date_format(&text(data, 2)?.0));
            }
            (kind::FONT, data) => struck.push(word(data, 2)? & STRUCK_OUT != 0),
            (kind::BEGIN_CELL_FORMATS, _) => in_formats = true,
            (kind::END_CELL_FORMATS, _) => in_formats = false,
            (kind::CELL_FORMAT, data) if in_formats => {
                let (number, font) = (word(data, 2)?, usize::from(word(data, 4)?));
                formats.push(CellStyle {
                    is_date: dates.get(&number).copied().unwrap_or_else(|| is_built_in_date(number.into())),
                    is_struck: struck.get(font).copied().unwrap_or(false),
                });
            }
            _ => {}
        }
    }
    Some(Styles::new(formats))
}

/// The flag of a font that strikes out.
const STRUCK_OUT: u16 = 1 << 3;

/// The flag of a row that hides it, in byte 12 of its record.
const HIDDEN: u8 = 1 << 4;

/// What cells refer to.
struct CellMeanings {
    strings: Vec<String>,
    styles: Styles,
    from_1904: bool,
}

impl CellMeanings {
    /// Reads the rows of a sheet, and the numbers of those that are hidden, in their order.
    fn rows(
        &self,
        name: &str,
        part: &[u8],
        rows: &mut WholeRows<'_>,
        hidden: &mut Vec<u64>,
    ) -> Result<(), Diagnostic> {
        let mut row = 0;
        let inside =
            BinaryRecords(part).skip_while(|record| !matches!(record, Some((kind::BEGIN_ROWS, _)) | None));
        for record in inside {
            let (kind, data) = record.ok_or_else(|| cut_off(name))?;
            match kind {
                kind::END_ROWS => return Ok(()),
                kind::ROW => {
                    row = double_word(data, 0).ok_or_else(|| cut_off(name))?;
                    let number = u64::from(row) + 1;
                    if data.get(11).is_some_and(|flags| flags & HIDDEN != 0)
                        && hidden.last().is_none_or(|last| *last < number)
                    {
                        hidden.push(number);
                    }
                }
                kind::NUMBER_SHORT..=kind::FORMULA_ERROR | kind::RICH_TEXT => {
                    let cell = self.cell(kind, data).ok_or_else(|| cut_off(name))?;
                    rows.put(row, cell.column, cell.text, cell.is_struck)?;
                }
                _ => {}
            }
        }
        Err(errors::endless_sheet(name))
    }

    /// A cell's text as a CSV export would have it; `None` where its record is cut off or refers to a text
    /// that is not there.
    fn cell(&self, kind: u16, data: &[u8]) -> Option<BinaryCell> {
        let column = double_word(data, 0)?;
        let style = self.styles.get((double_word(data, 4)? & 0xff_ffff) as usize);
        let mut out = String::new();
        let number = |out: &mut String, number: f64| {
            let shift = if self.from_1904 { DAYS_TO_1904 } else { 0.0 };
            if !(style.is_date && write_day(out, number + shift)) {
                write_number(out, number);
            }
        };
        match kind {
            kind::NUMBER_SHORT => number(&mut out, short_number(double_word(data, 8)?)),
            kind::NUMBER | kind::FORMULA_NUMBER => {
                number(&mut out, f64::from_le_bytes(data.get(8..16)?.try_into().ok()?));
            }
            kind::BOOLEAN | kind::FORMULA_BOOLEAN => {
                out.push_str(if *data.get(8)? == 0 { "FALSE" } else { "TRUE" });
            }
            kind::ERROR | kind::FORMULA_ERROR => out.push_str(error(*data.get(8)?)),
            kind::TEXT | kind::FORMULA_TEXT => out = text(data, 8)?.0,
            kind::SHARED_TEXT => out.push_str(self.strings.get(double_word(data, 8)? as usize)?),
            // Its text has flags before it.
            kind::RICH_TEXT => out = text(data, 9)?.0,
            _ => {}
        }
        Some(BinaryCell { column, text: out, is_struck: style.is_struck })
    }
}

/// A cell of a row.
struct BinaryCell {
    column: u32,
    text: String,
    is_struck: bool,
}

/// A number in four bytes ([MS-XLSB] 2.5.123): thirty bits of a whole number or of a float, and whether it is
/// in hundredths.
pub(super) fn short_number(bits: u32) -> f64 {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits as i32 >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// What a spreadsheet shows for an error ([MS-XLSB] 2.5.97.2).
pub(super) fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_texts_are_counted_as_what_they_take() {
        let part = [kind::SHARED_ITEM as u8, 5, 0, 0, 0, 0, 0].repeat(1_000);
        assert_eq!(strings("a.xlsb", &part, 24_000).unwrap().len(), 1_000);
        let error = strings("a.xlsb", &part, 23_999).unwrap_err();
        assert!(error.message.raw().contains("its texts are too long"), "{}", error.message);
    }
}
