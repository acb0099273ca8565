//! Workbooks that are read whole; and the old binary format (`.xls`), which calamine reads.
//!
//! What calamine would reserve memory for is looked at before.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Seek};

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xls, XlsError};
use hashbrown::HashSet;

use super::sheet::{LAST_DAY, write_number};
use super::{COLUMNS, ROWS, SheetInfo, SheetRow, absurd, damaged, encrypted, oversized};
use crate::diagnostic::{Code, Diagnostic};
use crate::table::value;

/// A sheet that was read whole.
pub(super) struct WholeSheet {
    pub(super) info: SheetInfo,
    rows: Vec<WholeRow>,
}

struct WholeRow {
    number: u64,
    cells: Vec<String>,
    /// For each cell whether it is struck out.
    struck: Vec<bool>,
    hidden: Option<bool>,
}

impl WholeSheet {
    /// Gives each row, until `each` has enough.
    pub(super) fn rows(
        &self,
        mut each: impl FnMut(&SheetRow<'_>) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        for row in &self.rows {
            let (cells, struck) = (&row.cells, &row.struck);
            if !each(&SheetRow { number: row.number, cells, struck, hidden: row.hidden })? {
                break;
            }
        }
        Ok(())
    }
}

/// The largest `.xls` that is read. One that is full has about 30 MB.
const MAX_FILE: u64 = 64 << 20;
/// The most cells that all sheets of a workbook span.
const MAX_CELLS: u64 = 8 << 20;
/// The most bytes that the cells of a workbook have.
const MAX_TEXT: usize = 256 << 20;
/// The rows and columns of a sheet of an `.xls`.
const XLS_ROWS: u64 = 1 << 16;
const XLS_COLUMNS: u64 = 1 << 8;

/// Rows that are put together from cells.
pub(super) struct WholeRows<'n> {
    name: &'n str,
    rows: Vec<WholeRow>,
    cells: u64,
    text: usize,
}

impl<'n> WholeRows<'n> {
    /// No rows yet, of the workbook of that name.
    pub(super) fn new(name: &'n str) -> Self {
        Self { name, rows: Vec::new(), cells: 0, text: 0 }
    }

    /// The sheet of the rows that were put in; `is_hidden` says which are hidden, by number. What is counted of
    /// all sheets goes on.
    pub(super) fn take(&mut self, info: SheetInfo, is_hidden: impl Fn(u64) -> Option<bool>) -> WholeSheet {
        let mut rows = std::mem::take(&mut self.rows);
        for row in &mut rows {
            row.hidden = is_hidden(row.number);
        }
        WholeSheet { info, rows }
    }

    /// Adds a cell. Rows come in their order.
    pub(super) fn put(
        &mut self,
        row: u32,
        column: u32,
        text: String,
        is_struck: bool,
    ) -> Result<(), Diagnostic> {
        if row >= ROWS || column >= COLUMNS {
            return Err(absurd(self.name, format!("it has a cell in row {}", u64::from(row) + 1)));
        }
        if value::clean(&text).is_empty() {
            return Ok(());
        }
        let number = u64::from(row) + 1;
        match self.rows.last() {
            Some(last) if last.number > number => {
                return Err(absurd(self.name, format!("row {number} follows row {}", last.number)));
            }
            Some(last) if last.number == number => {}
            _ => self.rows.push(WholeRow { number, cells: Vec::new(), struck: Vec::new(), hidden: None }),
        }
        let Some(last) = self.rows.last_mut() else { return Ok(()) };
        let column = column as usize;
        if last.cells.len() <= column {
            self.cells += (column + 1 - last.cells.len()) as u64;
            last.cells.resize_with(column + 1, String::new);
            last.struck.resize(column + 1, false);
        }
        self.text += text.len();
        last.cells[column] = text;
        last.struck[column] = is_struck;
        if self.cells > MAX_CELLS || self.text > MAX_TEXT {
            return Err(oversized(self.name, "its sheets have too many cells"));
        }
        Ok(())
    }
}

/// Reads an `.xls`, or says what else is in the compound file.
pub(super) fn xls(name: &str, mut reader: impl Read + Seek) -> Result<Vec<WholeSheet>, Diagnostic> {
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(MAX_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| crate::input::cannot_read(name, &error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(oversized(name, format!("it has more than {} MiB", MAX_FILE >> 20)));
    }
    let mut file = cfb::CompoundFile::open(Cursor::new(&bytes)).map_err(|error| damaged(name, &error))?;
    if file.is_stream("EncryptedPackage") {
        return Err(encrypted(name));
    }
    let stream = ["Workbook", "Book"].into_iter().find(|stream| file.is_stream(stream));
    let Some(stream) = stream else {
        let what = match () {
            () if file.is_stream("WordDocument") => "an old Word document",
            () if file.is_stream("__properties_version1.0") => "an Outlook message",
            () if file.is_stream("PowerPoint Document") => "an old PowerPoint presentation",
            () => "no workbook",
        };
        return Err(Diagnostic::new(Code::NotATable, format!("`{name}` is {what}"))
            .help("save the table in it as .xlsx or CSV, and pass that file"));
    };
    let mut records = Vec::new();
    let read = file.open_stream(stream).and_then(|stream| stream.take(MAX_FILE).read_to_end(&mut records));
    read.map_err(|error| damaged(name, &error))?;
    let hidden = look_through(name, &records)?;
    let mut book = Xls::new(Cursor::new(&bytes)).map_err(|error| match error {
        XlsError::Password => encrypted(name),
        error => damaged(name, &error),
    })?;
    let metadata = book.sheets_metadata().to_vec();
    let mut all = WholeRows::new(name);
    let mut sheets = Vec::new();
    for (at, sheet) in metadata.into_iter().enumerate() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let range = book.worksheet_range(&sheet.name).map_err(|error| damaged(name, &error))?;
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        for (row, column, data) in range.used_cells() {
            let mut text = String::new();
            write_data(&mut text, data);
            all.put(first_row + row as u32, first_column + column as u32, text, false)?;
        }
        let visible = sheet.visible == SheetVisible::Visible;
        let hidden = hidden.get(at);
        let is_hidden = |number| hidden.map(|hidden| hidden.contains(&number));
        sheets.push(all.take(SheetInfo { name: sheet.name, visible }, is_hidden));
    }
    Ok(sheets)
}

/// Looks at the records of an `.xls`, refuses what would need too much memory, and gives for each
/// sheet the numbers of the rows that are hidden ([MS-XLS] 2.4).
fn look_through(name: &str, records: &[u8]) -> Result<Vec<HashSet<u64>>, Diagnostic> {
    const BOUND_SHEET: u16 = 0x85;
    let mut offsets = Vec::new();
    for (kind, data) in XlsRecords(records, 0) {
        match (kind, data) {
            (BOUND_SHEET, [a, b, c, d, ..]) => offsets.push(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
            (END, _) => break,
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    let mut area = 0;
    let mut sheets = Vec::new();
    for offset in offsets {
        if offset > records.len() {
            return Err(absurd(name, "a sheet begins behind the end of the file"));
        }
        if !seen.insert(offset) {
            return Err(absurd(name, "a sheet has two names"));
        }
        let mut hidden = HashSet::new();
        let mut bounds: Option<[u64; 4]> = None;
        let word = |data: &[u8], at: usize| {
            data.get(at..at + 2).map_or(0, |bytes| u64::from(u16::from_le_bytes([bytes[0], bytes[1]])))
        };
        let mut depth = 0;
        for (kind, data) in XlsRecords(records, offset) {
            match kind {
                0x809 | 0x409 | 0x209 => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                // The extent that a sheet states: memory is reserved for it.
                0x200 => {
                    let long = |at: usize| word(data, at) | word(data, at + 2) << 16;
                    let (rows, columns) = match data.len() {
                        10 => (word(data, 0)..word(data, 2), word(data, 4)..word(data, 6)),
                        _ => (long(0)..long(4), word(data, 8)..word(data, 10)),
                    };
                    if rows.end > XLS_ROWS || columns.end > XLS_COLUMNS {
                        return Err(absurd(name, "a sheet states more rows or columns than it can have"));
                    }
                    let has_any = rows.end > 0 && columns.end > 0;
                    if has_any && (rows.is_empty() || columns.start == columns.end) {
                        return Err(absurd(name, "a sheet states an extent that ends before it begins"));
                    }
                }
                0x208 if word(data, 12) & 0x20 != 0 => {
                    hidden.insert(word(data, 0) + 1);
                }
                // Cells: their row and first column; several in one have their last column at the end.
                0x203..=0x207 | 0x27e | 0xfd | 0xd6 | 0x06 | 0x406 | 0xbd | 0xbe | 0x201 => {
                    let (row, first) = (word(data, 0), word(data, 2));
                    let last = match kind {
                        0xbd | 0xbe => word(data, data.len().saturating_sub(2)),
                        // The text that the formula before gave.
                        0x207 => continue,
                        _ => first,
                    };
                    if first.max(last) >= XLS_COLUMNS {
                        return Err(absurd(name, "a sheet has a cell beyond its last column"));
                    }
                    let [top, bottom, left, right] = bounds.unwrap_or([row, row, first, last]);
                    bounds = Some([top.min(row), bottom.max(row), left.min(first), right.max(last)]);
                }
                _ => {}
            }
        }
        if let Some([top, bottom, left, right]) = bounds {
            area += (bottom - top + 1) * (right - left + 1);
        }
        if area > MAX_CELLS {
            return Err(oversized(name, "its sheets have too many cells"));
        }
        sheets.push(hidden);
    }
    Ok(sheets)
}

/// The record that ends a sheet.
const END: u16 = 0x0a;

/// The records of an `.xls` from an offset on.
struct XlsRecords<'r>(&'r [u8], usize);

impl<'r> Iterator for XlsRecords<'r> {
    type Item = (u16, &'r [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.0.get(self.1..self.1.checked_add(4)?)?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = self.0.get(self.1 + 4..self.1 + 4 + length)?;
        self.1 += 4 + length;
        Some((kind, data))
    }
}

/// Writes what a cell says as a CSV export would have it.
fn write_data(out: &mut String, data: &Data) {
    match data {
        Data::Empty => {}
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => out.push_str(text),
        Data::Int(number) => write_number(out, *number as f64),
        Data::Float(number) => write_number(out, *number),
        Data::Bool(yes) => out.push_str(if *yes { "TRUE" } else { "FALSE" }),
        Data::Error(error) => out.push_str(&error.to_string()),
        Data::DateTime(day) if day.is_datetime() && (0.0..LAST_DAY).contains(&day.as_f64()) => {
            let (year, month, day, hour, minute, second, _) = day.to_ymd_hms_milli();
            // Writing to a string cannot fail.
            let _ = write!(out, "{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) != (0, 0, 0) {
                let _ = write!(out, " {hour:02}:{minute:02}:{second:02}");
            }
        }
        Data::DateTime(number) => write_number(out, number.as_f64()),
    }
}
