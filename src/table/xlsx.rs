//! Workbooks: sheets to rows of texts.
//!
//! Cells become the texts a CSV export would have: dates as ISO, whole numbers without a decimal
//! point, TRUE and FALSE. A workbook is a ZIP archive of XML, so it is looked through before it is
//! parsed: archives that blow up, texts no spreadsheet writes and counts that promise more than
//! there is are refused while nothing is held in memory.

use std::io::{Read, Seek};
use std::sync::Arc;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::csv;
use super::header::{HeadRow, Match, ROWS_SEARCHED};
use super::schema::Schema;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Most bytes of all parts together, unpacked. A full sheet of an ES-003 has about 1.5 GB.
const UNPACKED_LIMIT: u64 = 8 << 30;
/// Most bytes of all parts but the sheets, unpacked: these are held in memory.
const HELD_LIMIT: u64 = 256 << 20;
/// How much smaller a big part may be packed than unpacked.
const RATIO_LIMIT: u64 = 300;
/// From where on a part is big.
const BIG_PART: u64 = 64 << 20;
/// Most bytes between two `<`.
const TEXT_LIMIT: usize = 16 << 20;
/// Most parts of an archive.
const PARTS_LIMIT: usize = 10_000;
/// The rows and columns that a sheet can have.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;

/// A workbook whose sheets can be read.
pub struct Workbook<R> {
    name: String,
    inner: Xlsx<R>,
}

/// The sheet that was chosen.
pub struct Sheet {
    /// Its name.
    pub name: Arc<str>,
    /// Its first rows.
    pub head: Vec<HeadRow>,
}

/// The error for a workbook under a CSV file's name.
pub fn not_csv(name: &str, extension: &str) -> Diagnostic {
    Diagnostic::new("not-a-table", format!("`{name}` is not a CSV file: it looks like an Excel workbook"))
        .help(format!(
            "in Excel, save it as \"CSV (Comma delimited)\"; renaming it to .{extension} is not enough"
        ))
}

/// The error for something else under a workbook's name.
pub fn not_a_workbook(name: &str, extension: &str) -> Diagnostic {
    Diagnostic::new(
        "not-a-table",
        format!("`{name}` is not an Excel workbook, though it is called .{extension}"),
    )
    .help("if it is text, name it .csv; otherwise export it again")
}

impl<R: Read + Seek> Workbook<R> {
    /// Looks through the archive and opens the workbook.
    ///
    /// # Errors
    /// Where it is damaged, encrypted, or blows up when it is unpacked.
    pub fn open(name: &str, mut reader: R) -> Result<Self, Diagnostic> {
        look_through(name, &mut reader)?;
        reader.rewind().map_err(|error| crate::source::cannot_read(name, &error))?;
        let inner = Xlsx::new(reader).map_err(|error| damaged(name, &error))?;
        Ok(Self { name: name.to_owned(), inner })
    }

    /// Chooses the sheet: the one the schema prefers, else the only one whose first rows have the
    /// key column, or else are `acceptable`. Where there is none, the first sheet, so that the
    /// caller can say what it has.
    ///
    /// # Errors
    /// Where several sheets would do, or none can be read.
    pub fn choose(
        &mut self,
        schema: &Schema,
        acceptable: impl Fn(&[HeadRow]) -> bool,
    ) -> Result<Sheet, Diagnostic> {
        let sheets: Vec<(String, bool)> = (self.inner.sheets_metadata().iter())
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect();
        let any_visible = sheets.iter().any(|(_, visible)| *visible);
        let mut found = Vec::new();
        let mut others = Vec::new();
        for (sheet, _) in sheets.into_iter().filter(|(_, visible)| *visible || !any_visible) {
            let head = self.head(&sheet)?;
            let has_key = head.iter().any(|row| Match::new(schema, &row.fields).score(schema).0);
            let preferred = schema.sheet.as_deref() == Some(sheet.as_str());
            let sheet = Sheet { name: sheet.into(), head };
            match has_key {
                true if preferred => return Ok(sheet),
                true => found.push(sheet),
                false => others.push(sheet),
            }
        }
        if found.is_empty() {
            let (good, bad): (Vec<_>, Vec<_>) = others.into_iter().partition(|sheet| acceptable(&sheet.head));
            (found, others) = (good, bad);
        }
        if found.len() > 1 {
            let names: Vec<String> = found.iter().map(|sheet| format!("`{}`", sheet.name)).collect();
            return Err(Diagnostic::new(
                "ambiguous-sheet",
                format!("`{}` has several sheets with entry numbers: {}", self.name, names.join(", ")),
            )
            .help("save the one you mean as a file of its own, or delete the others"));
        }
        found.into_iter().chain(others).next().ok_or_else(|| {
            Diagnostic::new("no-sheet", format!("`{}` has no worksheet", self.name))
                .help("export the report again")
        })
    }

    /// The first rows of a sheet that hold something.
    fn head(&mut self, sheet: &str) -> Result<Vec<HeadRow>, Diagnostic> {
        let mut head: Vec<HeadRow> = Vec::new();
        self.rows_while(sheet, |line, cells| {
            head.push(HeadRow {
                line,
                start: 0,
                next: (0, line + 1),
                fields: cells.iter().map(|text| (text.clone(), Span::default())).collect(),
                positions: (1..=cells.len() as u32).map(|column| (0, column)).collect(),
            });
            Ok(head.len() < ROWS_SEARCHED)
        })?;
        Ok(head)
    }

    /// Gives each row of a sheet that has a cell with something in it: its one-based number and
    /// its cells' texts from column A to the last that holds something.
    ///
    /// # Errors
    /// Where the sheet is damaged, and what `each` returns.
    pub fn rows(
        &mut self,
        sheet: &str,
        mut each: impl FnMut(u64, &[String]) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.rows_while(sheet, |line, cells| each(line, cells).map(|()| true))
    }

    fn rows_while(
        &mut self,
        sheet: &str,
        mut each: impl FnMut(u64, &[String]) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let name = self.name.as_str();
        let mut reader = self.inner.worksheet_cells_reader(sheet).map_err(|error| damaged(name, &error))?;
        let absurd = |what: String| {
            Diagnostic::new("damaged-workbook", format!("`{name}`, sheet `{sheet}`: {what}"))
                .help("no spreadsheet program writes this; export the report again")
        };
        let mut cells: Vec<String> = Vec::new();
        let (mut used, mut current, mut size) = (0, 0, 0);
        loop {
            let cell = reader.next_cell().map_err(|error| damaged(name, &error))?;
            let position = cell.as_ref().map(calamine::Cell::get_position);
            if used > 0 && position.is_none_or(|(row, _)| row != current) {
                let go_on = each(u64::from(current) + 1, &cells[..used])?;
                cells[..used].iter_mut().for_each(String::clear);
                (used, size) = (0, 0);
                if !go_on {
                    return Ok(());
                }
            }
            let (Some(cell), Some((row, column))) = (cell, position) else { return Ok(()) };
            if row >= ROWS || column >= COLUMNS {
                return Err(absurd(format!(
                    "it has a cell in row {}, column {}",
                    u64::from(row) + 1,
                    u64::from(column) + 1
                )));
            }
            if row < current {
                return Err(absurd(format!("row {} stands after row {}", row + 1, current + 1)));
            }
            current = row;
            if matches!(cell.get_value(), DataRef::Empty) {
                continue;
            }
            let column = column as usize;
            if cells.len() <= column {
                cells.resize_with(column + 1, String::new);
            }
            cells[column].clear();
            write_text(&mut cells[column], cell.get_value());
            if !super::value::clean(&cells[column]).is_empty() {
                used = used.max(column + 1);
            }
            size += cells[column].len();
            if size > super::MAX_RECORD {
                return Err(absurd(format!("row {} has more than {} MiB", row + 1, super::MAX_RECORD >> 20)));
            }
        }
    }
}

/// The text of a cell, as a CSV export would have it.
fn write_text(out: &mut String, value: &DataRef<'_>) {
    use std::fmt::Write;
    let number = |out: &mut String, number: f64| {
        // Writing to a string cannot fail.
        let _ = if number.fract() == 0.0 && number.abs() < 1e15 {
            write!(out, "{}", number as i64)
        } else {
            write!(out, "{number}")
        };
    };
    match value {
        DataRef::Empty => {}
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => out.push_str(text),
        DataRef::SharedString(text) => out.push_str(text),
        DataRef::Int(int) => number(out, *int as f64),
        DataRef::Float(float) => number(out, *float),
        DataRef::Bool(yes) => out.push_str(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::Error(error) => {
            let _ = write!(out, "{error}");
        }
        // Outside this range the serial number is no date that a spreadsheet can show.
        DataRef::DateTime(date) if date.is_datetime() && (0.0..2_958_466.0).contains(&date.as_f64()) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let _ = write!(out, "{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) != (0, 0, 0) {
                let _ = write!(out, " {hour:02}:{minute:02}:{second:02}");
            }
        }
        DataRef::DateTime(date) => number(out, date.as_f64()),
    }
}

/// Adds a row as a CSV record.
pub(super) fn push_row(out: &mut Vec<u8>, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        csv::push_field(out, cell, b',');
    }
}

/// The error for a workbook that cannot be read.
fn damaged(name: &str, error: &XlsxError) -> Diagnostic {
    match error {
        XlsxError::Password => {
            Diagnostic::new("encrypted-workbook", format!("`{name}` is protected by a password"))
                .help("save a copy without password, or export the report again as CSV")
        }
        _ => Diagnostic::new(
            "damaged-workbook",
            format!("`{name}` cannot be read as an Excel workbook: {error}"),
        )
        .help("open it in Excel and save it again as .xlsx or CSV"),
    }
}

/// Unpacks every part once, keeping nothing, and refuses what would not fit.
fn look_through<R: Read + Seek>(name: &str, reader: R) -> Result<(), Diagnostic> {
    let bad = |error: &dyn std::fmt::Display| {
        Diagnostic::new("damaged-workbook", format!("`{name}` cannot be read as an Excel workbook: {error}"))
            .help("open it in Excel and save it again as .xlsx or CSV")
    };
    let bomb = |what: String| {
        Diagnostic::new("oversized-workbook", format!("`{name}` was refused: {what}"))
            .help("no report looks like this; if it is one, export it as CSV, which has no limit")
    };
    let mut archive = zip::ZipArchive::new(reader).map_err(|error| bad(&error))?;
    if archive.len() > PARTS_LIMIT {
        return Err(bomb(format!("the archive has {} parts", archive.len())));
    }
    let (mut total, mut held) = (0, 0);
    let mut buffer = vec![0; 256 << 10];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| bad(&error))?;
        let part_name = part.name().map_err(|error| bad(&error))?.to_lowercase();
        let is_sheet = part_name.contains("worksheets/");
        let is_strings = part_name.ends_with("sharedstrings.xml");
        let packed = part.compressed_size().max(1);
        let (mut size, mut gap) = (0u64, 0usize);
        let mut beginning = Vec::new();
        loop {
            let length = match part.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(bad(&error)),
            };
            let bytes = &buffer[..length];
            size += length as u64;
            total += length as u64;
            held += if is_sheet { 0 } else { length as u64 };
            gap = match (memchr::memchr(b'<', bytes), memchr::memrchr(b'<', bytes)) {
                (Some(first), Some(_)) if gap + first > TEXT_LIMIT => usize::MAX,
                (Some(_), Some(last)) => length - last,
                _ => gap + length,
            };
            if is_strings && beginning.len() < STRINGS_HEAD {
                beginning.extend_from_slice(&bytes[..length.min(STRINGS_HEAD - beginning.len())]);
            }
            if gap > TEXT_LIMIT {
                return Err(bomb(format!(
                    "part `{part_name}` has a text of more than {} MiB",
                    TEXT_LIMIT >> 20
                )));
            }
            if size > BIG_PART && size / packed > RATIO_LIMIT {
                return Err(bomb(format!(
                    "part `{part_name}` unpacks to more than {RATIO_LIMIT} times its size"
                )));
            }
            if total > UNPACKED_LIMIT || held > HELD_LIMIT {
                return Err(bomb(format!(
                    "it unpacks to more than {} MiB",
                    if held > HELD_LIMIT { HELD_LIMIT } else { UNPACKED_LIMIT } >> 20
                )));
            }
        }
        if is_strings && promised_strings(&beginning).is_none_or(|count| count > size / 4) {
            return Err(bomb("its table of texts promises more texts than it has bytes".into()));
        }
    }
    Ok(())
}

/// How much of the table of texts is looked at for its count.
const STRINGS_HEAD: usize = 64 << 10;

/// The number of texts that the table of texts says it has, for which memory would be reserved;
/// `None` where the element that says so is not near the beginning.
fn promised_strings(head: &[u8]) -> Option<u64> {
    let element = memchr::memmem::find(head, b"sst")?;
    let end = element + memchr::memchr(b'>', &head[element..])?;
    let counts = memchr::memmem::find_iter(&head[..end], b"uniqueCount").map(|at| {
        let digits =
            head[at..end].iter().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit());
        digits.fold(0u64, |number, &c| number.saturating_mul(10).saturating_add(u64::from(c - b'0')))
    });
    Some(counts.max().unwrap_or(0))
}
