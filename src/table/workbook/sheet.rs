//! Rows of a worksheet, one after the other; only the present one is kept.

use std::fmt::Write as _;
use std::io::Read;

use chrono::{Days, NaiveDate};

use super::strings::{Strings, TextItem};
use super::styles::{CellStyle, Styles};
use super::xml::{Tag, Token, Xml, XmlError};
use super::{COLUMNS, Expansion, ROWS, SheetRow, Skip};
use crate::table::{MAX_RECORD, value};

/// Why a sheet cannot be read on.
#[derive(Debug)]
pub(super) enum SheetError<E> {
    /// Its XML is damaged.
    Xml(XmlError),
    /// It has what no spreadsheet program writes.
    Absurd(String),
    /// A formula without a stored result, in this zero-based row and column.
    NoResult(u32, u32),
    /// What the receiver of the rows returned.
    Receiver(E),
}

impl<E> From<XmlError> for SheetError<E> {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

/// What the cells of a sheet mean.
pub(super) struct Meanings<'w> {
    pub(super) strings: &'w Strings,
    pub(super) styles: &'w Styles,
    /// Whether days count from 1904.
    pub(super) from_1904: bool,
}

/// The row at hand.
#[derive(Default)]
struct RowCells {
    texts: Vec<String>,
    struck: Vec<bool>,
    /// How many cells there are up to the last that is not blank.
    used: usize,
    /// How many of them are not blank.
    filled: usize,
    /// Bytes of the texts.
    size: usize,
}

/// Gives each row that has a cell with something in it, until `each` returns that it has enough.
///
/// A row whose key shows that it is not needed is passed to `skip`, and read no further.
pub(super) fn rows<R: Read, E>(
    reader: R,
    meanings: &Meanings<'_>,
    mut skip: Option<&mut Skip<'_>>,
    mut each: impl FnMut(&SheetRow<'_>) -> Result<bool, E>,
) -> Result<(), SheetError<E>> {
    let mut xml = Xml::new(reader);
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name == b"sheetData" && tag.is_empty => return Ok(xml.finish()?),
            Token::Open(tag) if tag.name == b"sheetData" => break,
            Token::End => return Ok(()),
            _ => {}
        }
    }
    let mut cells = RowCells::default();
    let mut key = KeySeen::default();
    let mut expansion = Expansion::default();
    let mut next = 0;
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name == b"row" => {
                let (number, hidden) = row_attributes(&tag, next)?;
                if number < next {
                    return Err(SheetError::Absurd(format!("row {} follows row {next}", number + 1)));
                }
                next = number + 1;
                if tag.is_empty {
                    continue;
                }
                if !cells.read(&mut xml, meanings, number, skip.as_deref_mut(), &mut key)? {
                    continue;
                }
                let used = cells.used;
                if used > 0 {
                    expansion.add(cells.filled, cells.size + used).map_err(SheetError::Absurd)?;
                    let row = SheetRow {
                        number: u64::from(number) + 1,
                        cells: &cells.texts[..used],
                        struck: &cells.struck[..used],
                        hidden: Some(hidden),
                    };
                    if !each(&row).map_err(SheetError::Receiver)? {
                        return Ok(());
                    }
                }
            }
            Token::Close(b"sheetData") => break,
            Token::End => return Err(XmlError::Malformed("it is cut off").into()),
            _ => {}
        }
    }
    Ok(xml.finish()?)
}

/// The zero-based number of a row, and whether it is hidden.
fn row_attributes<E>(tag: &Tag<'_>, next: u32) -> Result<(u32, bool), SheetError<E>> {
    let (mut number, mut hidden, mut height, mut own_height) = (next, false, None, false);
    for (name, value) in tag.attributes() {
        let yes = matches!(value, b"1" | b"true");
        match name {
            b"r" => {
                let one_based = whole(value).filter(|number| (1..=u64::from(ROWS)).contains(number));
                let Some(one_based) = one_based else {
                    return Err(SheetError::Absurd(format!(
                        "it has a row `{}`",
                        String::from_utf8_lossy(value)
                    )));
                };
                number = one_based as u32 - 1;
            }
            b"hidden" => hidden = yes,
            b"ht" => height = std::str::from_utf8(value).ok().and_then(|height| height.parse::<f64>().ok()),
            b"customHeight" => own_height = yes,
            _ => {}
        }
    }
    if number >= ROWS {
        return Err(SheetError::Absurd(format!("it has a row {}", u64::from(number) + 1)));
    }
    Ok((number, hidden || own_height && height == Some(0.0)))
}

/// The key before: neighboring rows mostly have the same.
#[derive(Default)]
struct KeySeen {
    /// The index of a shared text that was skipped.
    skipped: Option<usize>,
}

/// What a cell is made of.
struct SheetCell {
    column: u32,
    style: usize,
    kind: CellKind,
    has_formula: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Number,
    Shared,
    /// The result of a formula.
    Text,
    Inline,
    Boolean,
    Error,
    Date,
}

impl RowCells {
    /// Reads a row; `false` where it was skipped.
    fn read<R: Read, E>(
        &mut self,
        xml: &mut Xml<R>,
        meanings: &Meanings<'_>,
        row: u32,
        mut skip: Option<&mut Skip<'_>>,
        seen: &mut KeySeen,
    ) -> Result<bool, SheetError<E>> {
        self.texts[..self.used].iter_mut().for_each(String::clear);
        self.struck[..self.used].fill(false);
        (self.used, self.filled, self.size) = (0, 0, 0);
        let mut next = 0;
        let mut value = String::new();
        loop {
            let (cell, is_empty) = match xml.next()? {
                Token::Open(tag) if tag.name == b"c" => (cell_attributes(&tag, row, next)?, tag.is_empty),
                Token::Close(b"row") => return Ok(true),
                Token::End => return Err(XmlError::Malformed("it is cut off").into()),
                _ => continue,
            };
            next = cell.column + 1;
            if is_empty {
                continue;
            }
            let (has_formula, struck) = read_value(xml, cell.kind, &mut value)?;
            let cell = SheetCell { has_formula, ..cell };
            let is_key = skip.as_ref().is_some_and(|skip| skip.column == cell.column);
            let shared = (cell.kind == CellKind::Shared).then(|| whole(value.trim().as_bytes())).flatten();
            if is_key && shared.is_some() && shared.map(|index| index as usize) == seen.skipped {
                if let Some(skip) = &mut skip {
                    (skip.unwanted)(u64::from(row) + 1, None);
                }
                xml.skip_row()?;
                return Ok(false);
            }
            self.put(&cell, &value, struck, meanings, row)?;
            if is_key
                && let Some(skip) = &mut skip
                && {
                    let key = self.texts.get(cell.column as usize).map_or("", String::as_str);
                    (skip.unwanted)(u64::from(row) + 1, Some(key))
                }
            {
                seen.skipped = shared.map(|index| index as usize);
                xml.skip_row()?;
                return Ok(false);
            }
        }
    }

    /// Puts a cell into the row.
    fn put<E>(
        &mut self,
        cell: &SheetCell,
        value: &str,
        struck: bool,
        meanings: &Meanings<'_>,
        row: u32,
    ) -> Result<(), SheetError<E>> {
        // Blank and not yet computed are not the same. A text that a formula gave may be empty.
        if value.is_empty() && cell.kind != CellKind::Text {
            return if cell.has_formula { Err(SheetError::NoResult(row, cell.column)) } else { Ok(()) };
        }
        let column = cell.column as usize;
        if self.texts.len() <= column {
            self.texts.resize_with(column + 1, String::new);
            self.struck.resize(column + 1, false);
        }
        let style = meanings.styles.get(cell.style);
        let text = &mut self.texts[column];
        text.clear();
        let struck = write_text(text, cell.kind, value, style, meanings).ok_or_else(|| {
            SheetError::Absurd(format!("row {} has a text that is not in its table of texts", row + 1))
        })? || struck;
        self.size += text.len();
        let is_blank = value::clean(text).is_empty();
        if is_blank {
            text.clear();
        } else {
            self.used = self.used.max(column + 1);
            self.filled += 1;
            self.struck[column] = struck || style.is_struck;
        }
        if self.size > MAX_RECORD {
            return Err(SheetError::Absurd(format!(
                "row {} has more than {} MiB",
                row + 1,
                MAX_RECORD >> 20
            )));
        }
        Ok(())
    }
}

/// The content of a cell's tag.
fn cell_attributes<E>(tag: &Tag<'_>, row: u32, next: u32) -> Result<SheetCell, SheetError<E>> {
    let mut cell = SheetCell { column: next, style: 0, kind: CellKind::Number, has_formula: false };
    let absurd = |what: &[u8]| {
        let what = String::from_utf8_lossy(&what[..what.len().min(20)]).into_owned();
        SheetError::Absurd(format!("it has a cell `{what}` in row {}", row + 1))
    };
    for (name, value) in tag.attributes() {
        match name {
            b"r" => {
                let (column, number) = reference(value).ok_or_else(|| absurd(value))?;
                if number != row {
                    return Err(absurd(value));
                }
                cell.column = column;
            }
            b"s" => cell.style = whole(value).unwrap_or(0) as usize,
            b"t" => {
                cell.kind = match value {
                    b"s" => CellKind::Shared,
                    b"str" => CellKind::Text,
                    b"inlineStr" => CellKind::Inline,
                    b"b" => CellKind::Boolean,
                    b"e" => CellKind::Error,
                    b"d" => CellKind::Date,
                    _ => CellKind::Number,
                }
            }
            _ => {}
        }
    }
    if cell.column >= COLUMNS { Err(absurd(b"beyond column XFD")) } else { Ok(cell) }
}

/// Reads the content of a cell into `value`: whether there is a formula, and whether some of the text
/// is struck out.
fn read_value<R: Read>(
    xml: &mut Xml<R>,
    kind: CellKind,
    value: &mut String,
) -> Result<(bool, bool), XmlError> {
    value.clear();
    let (mut has_formula, mut in_value, mut in_inline) = (false, false, false);
    let mut item = TextItem::default();
    loop {
        match xml.next()? {
            Token::Close(b"c") => return Ok((has_formula, item.struck)),
            Token::Close(b"v") => in_value = false,
            Token::Close(b"is") => in_inline = false,
            Token::Open(tag) if tag.name == b"v" => in_value = !tag.is_empty,
            Token::Open(tag) if tag.name == b"is" => in_inline = !tag.is_empty,
            Token::Open(tag) if tag.name == b"f" => has_formula = true,
            Token::Text(text) if in_value => super::xml::unescape(text, value),
            Token::Verbatim(text) if in_value => value.push_str(&String::from_utf8_lossy(text)),
            Token::End => return Err(XmlError::Malformed("it is cut off")),
            token if in_inline && kind == CellKind::Inline => item.take(&token, value),
            _ => {}
        }
    }
}

/// Writes a cell as a CSV export would have it: whether it is struck out; `None` where it refers to a text
/// that is not there.
fn write_text(
    out: &mut String,
    kind: CellKind,
    value: &str,
    style: CellStyle,
    meanings: &Meanings<'_>,
) -> Option<bool> {
    match kind {
        CellKind::Shared => {
            let (text, struck) = meanings.strings.get(whole(value.trim().as_bytes())? as usize)?;
            out.push_str(text);
            return Some(struck);
        }
        CellKind::Text | CellKind::Inline | CellKind::Error => out.push_str(value),
        CellKind::Boolean => {
            out.push_str(if matches!(value.trim(), "1" | "true") { "TRUE" } else { "FALSE" })
        }
        // `2026-10-08T00:00:00`
        CellKind::Date => out.push_str(value.trim().strip_suffix("T00:00:00").unwrap_or(value.trim())),
        CellKind::Number => {
            let value = value.trim();
            match value.parse::<f64>() {
                Ok(number) if style.is_date => {
                    let shift = if meanings.from_1904 { DAYS_TO_1904 } else { 0.0 };
                    if !write_day(out, number + shift) {
                        write_number(out, number);
                    }
                }
                Ok(number) => write_number(out, number),
                Err(_) => out.push_str(value),
            }
        }
    }
    Some(false)
}

/// Days from the first day of a workbook to the first of one that counts from 1904.
pub(super) const DAYS_TO_1904: f64 = 1462.0;

/// The first number that no spreadsheet shows as a day: it would be 10000-01-01.
pub(super) const LAST_DAY: f64 = 2_958_466.0;

/// Writes a day as ISO does, with the time where it is not midnight; `false` where no spreadsheet
/// could show it.
pub(super) fn write_day(out: &mut String, serial: f64) -> bool {
    if !(0.0..LAST_DAY).contains(&serial) {
        return false;
    }
    let (mut day, mut second) = (serial.trunc() as u64, (serial.fract() * 86_400.0).round() as u32);
    if second == 86_400 {
        (day, second) = (day + 1, 0);
    }
    // There was no 1900-02-29, but spreadsheets count it as day 60.
    let day = if day < 60 { day + 1 } else { day };
    let first = NaiveDate::from_ymd_opt(1899, 12, 30);
    let Some(date) = first.and_then(|first| first.checked_add_days(Days::new(day))) else { return false };
    // Writing to a string cannot fail.
    let _ = write!(out, "{date}");
    if second > 0 {
        let _ = write!(out, " {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    }
    true
}

/// Writes a number, without a point where it is whole.
pub(super) fn write_number(out: &mut String, number: f64) {
    // Writing to a string cannot fail.
    let _ = if number.fract() == 0.0 && number.abs() < 1e15 {
        write!(out, "{}", number as i64)
    } else {
        write!(out, "{number}")
    };
}

/// Column and row of `AB12`, from zero.
fn reference(text: &[u8]) -> Option<(u32, u32)> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = text[..letters]
        .iter()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A' + 1));
    let row = whole(&text[letters..]).filter(|row| (1..=u64::from(ROWS)).contains(row))?;
    Some((column - 1, row as u32 - 1))
}

/// A number of at most 18 digits.
fn whole(text: &[u8]) -> Option<u64> {
    if !(1..=18).contains(&text.len()) {
        return None;
    }
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_that_spreadsheets_show() {
        for (serial, day) in [
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (61.0, "1900-03-01"),
            (45_977.0, "2025-11-16"),
            (45_977.5, "2025-11-16 12:00:00"),
            (45_976.999_999_999, "2025-11-16"),
        ] {
            let mut text = String::new();
            assert!(write_day(&mut text, serial));
            assert_eq!(text, day, "{serial}");
        }
        for serial in [-1.0, 3_000_000.0, f64::NAN, f64::INFINITY] {
            assert!(!write_day(&mut String::new(), serial), "{serial}");
        }
    }

    #[test]
    fn references_are_read_within_a_sheet() {
        assert_eq!(reference(b"A1"), Some((0, 0)));
        assert_eq!(reference(b"XFD1048576"), Some((16_383, 1_048_575)));
        for text in ["", "A", "1", "A0", "A1048577", "ABCD1", "A-1", "A1B"] {
            assert_eq!(reference(text.as_bytes()), None, "{text}");
        }
    }
}
