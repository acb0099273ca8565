//! The old binary format (`.xls`, [MS-XLS]; and that of Excel 5 and 95): a compound file with one stream of
//! records.
//!
//! Read by the project's own reader, because a planning sheet needs to know which rows are hidden and which
//! cells are struck out, and because no record of a damaged file may end the program, in a browser neither.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};

use hashbrown::{HashMap, HashSet};

use super::sheet::{DAYS_TO_1904, write_day, write_number};
use super::styles::{CellStyle, Styles, is_built_in_date, is_date_format};
use super::whole::{MAX_CELLS, MAX_TEXT, WholeRows, WholeSheet};
use super::xlsb::{error, short_number};
use super::xlsx::MAX_SHEETS;
use super::{SheetInfo, damaged, encrypted, errors};
use crate::diagnostic::Diagnostic;
use crate::table::encoding::decode;
use crate::table::value;

/// The largest `.xls` that is read. One that is full has about 30 MB.
const MAX_FILE: u64 = 64 << 20;

/// Reads an `.xls`, or returns what else is in the compound file.
pub(super) fn read(name: &str, mut reader: impl Read + Seek) -> Result<Vec<WholeSheet>, Diagnostic> {
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(MAX_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| crate::input::errors::cannot_read(name, &error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(errors::file_too_large(name, MAX_FILE >> 20));
    }
    let mut file = cfb::CompoundFile::open(Cursor::new(&bytes)).map_err(|error| damaged(name, &error))?;
    if file.is_stream("EncryptedPackage") {
        return Err(encrypted(name));
    }
    let stream = ["Workbook", "OldBook"].into_iter().find(|stream| file.is_stream(stream));
    let Some(stream) = stream else {
        return Err(match () {
            () if file.is_stream("WordDocument") => errors::old_word_document(name),
            () if file.is_stream("__properties_version1.0") => errors::outlook_message(name),
            () if file.is_stream("PowerPoint Document") => errors::old_presentation(name),
            () => errors::no_old_workbook(name),
        });
    };
    let mut records = Vec::new();
    let read = file.open_stream(stream).and_then(|stream| stream.take(MAX_FILE).read_to_end(&mut records));
    read.map_err(|error| damaged(name, &error))?;
    drop(file);
    drop(bytes);
    let book = OldBook::read(name, &records)?;
    let mut rows = WholeRows::new(name);
    let mut sheets = Vec::new();
    // Sheets do not overlap, so all together are no longer than the stream: each byte is read once.
    let mut left = records.len();
    let mut text = 0;
    for (info, offset) in &book.sheets {
        let end = records.len().min(offset.saturating_add(left));
        let mut all = BookRecords { all: &records[..end], at: *offset };
        let hidden = book.rows(name, &mut all, &mut rows, &mut text)?;
        left -= all.at - offset;
        sheets.push(rows.take(info.clone(), |number| Some(hidden.contains(&number))));
    }
    Ok(sheets)
}

/// Kinds of records ([MS-XLS] 2.3).
mod kind {
    pub(super) const FORMULA: u16 = 0x06;
    pub(super) const END: u16 = 0x0a;
    pub(super) const FROM_1904: u16 = 0x22;
    pub(super) const ENCRYPTED: u16 = 0x2f;
    pub(super) const FONT: u16 = 0x31;
    pub(super) const CONTINUED: u16 = 0x3c;
    pub(super) const SHEET: u16 = 0x85;
    pub(super) const SHORT_NUMBERS: u16 = 0xbd;
    pub(super) const RICH_TEXT: u16 = 0xd6;
    pub(super) const CELL_FORMAT: u16 = 0xe0;
    pub(super) const SHARED_TEXTS: u16 = 0xfc;
    pub(super) const SHARED_TEXT: u16 = 0xfd;
    pub(super) const NUMBER: u16 = 0x203;
    pub(super) const TEXT: u16 = 0x204;
    pub(super) const BOOLEAN_OR_ERROR: u16 = 0x205;
    pub(super) const FORMULA_TEXT: u16 = 0x207;
    pub(super) const ROW: u16 = 0x208;
    pub(super) const SHORT_NUMBER: u16 = 0x27e;
    pub(super) const NUMBER_FORMAT: u16 = 0x41e;
    pub(super) const BEGIN: u16 = 0x809;
}

/// The records from an offset on. One that is cut off ends them with `Some(None)`.
struct BookRecords<'r> {
    all: &'r [u8],
    at: usize,
}

impl<'r> Iterator for BookRecords<'r> {
    type Item = Option<(u16, Pieces<'r>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.all.len() {
            return None;
        }
        let record = self.record();
        if record.is_none() {
            self.at = self.all.len();
        }
        Some(record)
    }
}

impl<'r> BookRecords<'r> {
    /// The next record with those that continue it.
    fn record(&mut self) -> Option<(u16, Pieces<'r>)> {
        let kind = word(self.all, self.at)?;
        let mut pieces = Pieces { current: self.piece()?, more: Vec::new() };
        while word(self.all, self.at) == Some(kind::CONTINUED) {
            pieces.more.push(self.piece()?);
        }
        pieces.more.reverse();
        Some((kind, pieces))
    }

    fn piece(&mut self) -> Option<&'r [u8]> {
        let start = self.at.checked_add(4)?;
        let end = start + usize::from(word(self.all, self.at + 2)?);
        let data = self.all.get(start..end)?;
        self.at = end;
        Some(data)
    }
}

/// A record, and what is left of those that continue it, the next one last.
struct Pieces<'r> {
    current: &'r [u8],
    more: Vec<&'r [u8]>,
}

impl Pieces<'_> {
    /// Goes on in the next piece where this one is at its end; whether there is any.
    fn go_on(&mut self) -> bool {
        while self.current.is_empty() {
            match self.more.pop() {
                Some(next) => self.current = next,
                None => return false,
            }
        }
        true
    }

    fn byte(&mut self) -> Option<u8> {
        self.go_on();
        let (first, rest) = self.current.split_first()?;
        self.current = rest;
        Some(*first)
    }

    fn word(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn double_word(&mut self) -> Option<u32> {
        Some(u32::from(self.word()?) | u32::from(self.word()?) << 16)
    }

    fn float(&mut self) -> Option<f64> {
        let low = self.double_word()?;
        Some(f64::from_bits(u64::from(low) | u64::from(self.double_word()?) << 32))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if !self.go_on() {
                return None;
            }
            let here = count.min(self.current.len());
            self.current = &self.current[here..];
            count -= here;
        }
        Some(())
    }

    /// A text of so many letters after its flags, and whether a format inside it strikes something out
    /// ([MS-XLS] 2.5.293). What continues in another record has flags of its own there.
    fn text(&mut self, length: usize, fonts: &Fonts) -> Option<(String, bool)> {
        let flags = self.byte()?;
        let formats = if flags & 8 == 0 { 0 } else { usize::from(self.word()?) };
        let extra = if flags & 4 == 0 { 0 } else { self.double_word()? as usize };
        let mut units = Vec::new();
        let mut is_wide = flags & 1 != 0;
        while units.len() < length {
            if self.current.is_empty() {
                if !self.go_on() {
                    return None;
                }
                is_wide = self.byte()? & 1 != 0;
            }
            let left = length - units.len();
            let width = if is_wide { 2 } else { 1 };
            let here = left.min(self.current.len() / width);
            let (letters, rest) = self.current.split_at(here * width);
            match is_wide {
                true => {
                    units.extend(letters.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])))
                }
                false => units.extend(letters.iter().map(|byte| u16::from(*byte))),
            }
            self.current = rest;
            // Half a letter at the end of a piece.
            if here == 0 && !self.current.is_empty() {
                return None;
            }
        }
        let mut is_struck = false;
        for _ in 0..formats {
            self.word()?;
            let font = self.word()?;
            is_struck |= fonts.is_struck(font);
        }
        self.skip(extra)?;
        let letters = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        Some((letters.collect(), is_struck))
    }

    /// A text in bytes, as Excel 95 wrote them.
    fn byte_text(&mut self, length: usize) -> Option<String> {
        let text = (0..length).map(|_| self.byte()).collect::<Option<Vec<u8>>>()?;
        Some(decode(&text).into_owned())
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// For each font whether it strikes out.
#[derive(Default)]
struct Fonts(Vec<bool>);

impl Fonts {
    /// There is no font 4: the fifth has the index 5.
    fn is_struck(&self, index: u16) -> bool {
        let at = usize::from(index) - usize::from(index > 4);
        self.0.get(at).copied().unwrap_or(false)
    }
}

/// The flag of a font that strikes out.
const STRUCK_OUT: u16 = 1 << 3;

/// The flag of a row that hides it, in byte 13 of its record.
const HIDDEN: u16 = 1 << 5;

/// The content of the records of the whole workbook.
struct OldBook {
    /// The worksheets, and where their records begin.
    sheets: Vec<(SheetInfo, usize)>,
    /// Whether texts are in bytes, as before Excel 97.
    in_bytes: bool,
    fonts: Fonts,
    styles: Styles,
    strings: Vec<(String, bool)>,
    from_1904: bool,
}

impl OldBook {
    fn read(name: &str, records: &[u8]) -> Result<Self, Diagnostic> {
        let mut all = BookRecords { all: records, at: 0 };
        let cut_off = || cut_off(name);
        let version = match all.next().ok_or_else(cut_off)?.ok_or_else(cut_off)? {
            (kind::BEGIN, mut data) => data.word(),
            _ => None,
        };
        let in_bytes = match version {
            Some(0x600) => false,
            Some(0x500) => true,
            _ => return Err(errors::too_old(name)),
        };
        let mut book = Self {
            sheets: Vec::new(),
            in_bytes,
            fonts: Fonts::default(),
            styles: Styles::default(),
            strings: Vec::new(),
            from_1904: false,
        };
        let mut dates = HashMap::new();
        let mut formats = Vec::new();
        for record in all {
            let (kind, mut data) = record.ok_or_else(cut_off)?;
            match kind {
                kind::ENCRYPTED => return Err(encrypted(name)),
                kind::END => {
                    let style = |(font, number): (u16, u16)| CellStyle {
                        is_date: dates
                            .get(&number)
                            .copied()
                            .unwrap_or_else(|| is_built_in_date(number.into())),
                        is_struck: book.fonts.is_struck(font),
                    };
                    book.styles = Styles::new(formats.into_iter().map(style).collect());
                    return Ok(book);
                }
                kind::SHARED_TEXTS => book.strings = book.shared_texts(name, data)?,
                kind::CELL_FORMAT => {
                    formats.push((|| Some((data.word()?, data.word()?)))().ok_or_else(cut_off)?)
                }
                kind::NUMBER_FORMAT => {
                    let (number, is_date) = book.number_format(data).ok_or_else(cut_off)?;
                    dates.insert(number, is_date);
                }
                _ => book.take(kind, data).ok_or_else(cut_off)?,
            }
            if book.sheets.len() > MAX_SHEETS {
                return Err(errors::too_many_sheets(name));
            }
        }
        Err(errors::endless_list_of_sheets(name))
    }

    /// Takes a record of the workbook in; `None` where it is cut off.
    fn take(&mut self, kind: u16, mut data: Pieces<'_>) -> Option<()> {
        match kind {
            kind::FROM_1904 => self.from_1904 = data.word()? != 0,
            kind::FONT => {
                data.word()?;
                self.fonts.0.push(data.word()? & STRUCK_OUT != 0);
            }
            kind::SHEET => {
                let offset = data.double_word()? as usize;
                let visible = data.byte()? & 3 == 0;
                let is_worksheet = data.byte()? == 0;
                let length = data.byte()?.into();
                let name = self.text(&mut data, length)?.0;
                // Charts and macro sheets have no rows.
                if is_worksheet {
                    self.sheets.push((SheetInfo { name, visible }, offset));
                }
            }
            _ => {}
        }
        Some(())
    }

    /// A text of so many letters, and whether something in it is struck out.
    fn text(&self, data: &mut Pieces<'_>, length: usize) -> Option<(String, bool)> {
        match self.in_bytes {
            true => Some((data.byte_text(length)?, false)),
            false => data.text(length, &self.fonts),
        }
    }

    /// The number of a format, and whether it shows a day.
    fn number_format(&self, mut data: Pieces<'_>) -> Option<(u16, bool)> {
        let number = data.word()?;
        let length = if self.in_bytes { data.byte()?.into() } else { data.word()? };
        let code = self.text(&mut data, length.into())?.0;
        Some((number, is_date_format(&code)))
    }

    /// The texts that cells share, with whether something in them is struck out. How many cells refer to them
    /// does not matter, and nothing is reserved for their number.
    fn shared_texts(&self, name: &str, mut data: Pieces<'_>) -> Result<Vec<(String, bool)>, Diagnostic> {
        let mut strings = Vec::new();
        let mut size = 0;
        let count = data.double_word().and_then(|_| data.double_word()).ok_or_else(|| cut_off(name))?;
        for _ in 0..count {
            let length = data.word().ok_or_else(|| cut_off(name))?;
            let text = data.text(length.into(), &self.fonts).ok_or_else(|| cut_off(name))?;
            size += text.0.len() + size_of::<(String, bool)>();
            if size > MAX_TEXT {
                return Err(errors::texts_too_long(name));
            }
            strings.push(text);
        }
        Ok(strings)
    }

    /// Reads the rows of the sheet whose records come next, and gives the numbers of those that are hidden.
    /// `text` counts the bytes of all cells, those of the sheets before too.
    fn rows(
        &self,
        name: &str,
        records: &mut BookRecords<'_>,
        rows: &mut WholeRows<'_>,
        text: &mut usize,
    ) -> Result<HashSet<u64>, Diagnostic> {
        let cut_off = || cut_off(name);
        let mut hidden = HashSet::new();
        // Programs other than Excel may write rows in any order.
        let mut cells: BTreeMap<(u16, u16), (String, bool)> = BTreeMap::new();
        let mut of_formula = None;
        // Charts are inside the records of their sheet.
        let mut depth = 0;
        for record in records {
            let (kind, mut data) = record.ok_or_else(cut_off)?;
            if depth == 0 && kind != kind::BEGIN {
                return Err(errors::no_sheet_where_listed(name));
            }
            match kind {
                kind::BEGIN => depth += 1,
                kind::END if depth == 1 => {
                    for ((row, column), (text, is_struck)) in cells {
                        rows.put(row.into(), column.into(), text, is_struck)?;
                    }
                    return Ok(hidden);
                }
                kind::END => depth -= 1,
                _ if depth > 1 => {}
                kind::ROW => {
                    let row = data.word().ok_or_else(cut_off)?;
                    data.skip(10).ok_or_else(cut_off)?;
                    if data.word().ok_or_else(cut_off)? & HIDDEN != 0 {
                        hidden.insert(u64::from(row) + 1);
                    }
                }
                _ => {
                    let mut put = |row, column, cell: String, is_struck| {
                        *text += cell.len();
                        if !value::clean(&cell).is_empty() {
                            cells.insert((row, column), (cell, is_struck));
                        }
                    };
                    self.cells(kind, data, &mut of_formula, &mut put).ok_or_else(cut_off)?;
                    if cells.len() as u64 > MAX_CELLS || *text > MAX_TEXT {
                        return Err(errors::too_many_cells(name));
                    }
                }
            }
        }
        Err(errors::endless_sheet(name))
    }

    /// Gives each cell of a record: row, column, its text as a CSV export would have it, and whether it is
    /// struck out. The text of a formula is in another record. `None` where the record is cut off or refers
    /// to a text that is not there.
    fn cells(
        &self,
        kind: u16,
        mut data: Pieces<'_>,
        of_formula: &mut Option<(u16, u16, bool)>,
        put: &mut impl FnMut(u16, u16, String, bool),
    ) -> Option<()> {
        use kind::{
            BOOLEAN_OR_ERROR, FORMULA, FORMULA_TEXT, NUMBER, RICH_TEXT, SHARED_TEXT, SHORT_NUMBER,
            SHORT_NUMBERS, TEXT,
        };
        match kind {
            FORMULA_TEXT => {
                let length = data.word()?.into();
                let text = self.text(&mut data, length)?.0;
                if let Some((row, column, is_struck)) = of_formula.take() {
                    put(row, column, text, is_struck);
                }
            }
            SHORT_NUMBERS => {
                let (row, first) = (data.word()?, data.word()?);
                // Each has six bytes; behind them is the last column.
                let count = data.current.len().checked_sub(2)? / 6;
                for column in (0..count).map(|at| usize::from(first) + at) {
                    let style = self.style(data.word()?);
                    let text = self.number(style, short_number(data.double_word()?));
                    put(row, u16::try_from(column).ok()?, text, style.is_struck);
                }
            }
            TEXT | RICH_TEXT | SHARED_TEXT | NUMBER | SHORT_NUMBER | BOOLEAN_OR_ERROR | FORMULA => {
                let (row, column) = (data.word()?, data.word()?);
                let style = self.style(data.word()?);
                *of_formula = None;
                let (text, is_struck) = match kind {
                    TEXT | RICH_TEXT => {
                        let length = data.word()?.into();
                        let (text, is_struck) = self.text(&mut data, length)?;
                        // The formats of a rich text follow it: the letter where each begins, and its font.
                        let is_rich = kind == RICH_TEXT && self.rich_text_is_struck(&mut data)?;
                        (text, is_struck || is_rich)
                    }
                    SHARED_TEXT => self.strings.get(data.double_word()? as usize)?.clone(),
                    NUMBER => (self.number(style, data.float()?), false),
                    SHORT_NUMBER => (self.number(style, short_number(data.double_word()?)), false),
                    BOOLEAN_OR_ERROR => {
                        let (value, is_error) = (data.byte()?, data.byte()? != 0);
                        (if is_error { error(value).to_owned() } else { boolean(value) }, false)
                    }
                    _ => match data.float()?.to_le_bytes() {
                        [0, _, _, _, _, _, 0xff, 0xff] => {
                            *of_formula = Some((row, column, style.is_struck));
                            return Some(());
                        }
                        [1, _, value, _, _, _, 0xff, 0xff] => (boolean(value), false),
                        [2, _, value, _, _, _, 0xff, 0xff] => (error(value).to_owned(), false),
                        [3, _, _, _, _, _, 0xff, 0xff] => return Some(()),
                        bytes => (self.number(style, f64::from_le_bytes(bytes)), false),
                    },
                };
                put(row, column, text, is_struck || style.is_struck);
            }
            _ => {}
        }
        Some(())
    }

    fn rich_text_is_struck(&self, data: &mut Pieces<'_>) -> Option<bool> {
        let mut is_struck = false;
        let count = if self.in_bytes { data.byte()?.into() } else { data.word()? };
        for _ in 0..count {
            let font = match self.in_bytes {
                true => (data.byte()?, u16::from(data.byte()?)).1,
                false => (data.word()?, data.word()?).1,
            };
            is_struck |= self.fonts.is_struck(font);
        }
        Some(is_struck)
    }

    fn style(&self, index: u16) -> CellStyle {
        self.styles.get(index.into())
    }

    fn number(&self, style: CellStyle, number: f64) -> String {
        let mut out = String::new();
        let shift = if self.from_1904 { DAYS_TO_1904 } else { 0.0 };
        if !(style.is_date && write_day(&mut out, number + shift)) {
            write_number(&mut out, number);
        }
        out
    }
}

fn boolean(value: u8) -> String {
    if value == 0 { "FALSE" } else { "TRUE" }.to_owned()
}

fn cut_off(name: &str) -> Diagnostic {
    errors::unreadable_record(name)
}
