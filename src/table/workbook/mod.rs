//! Reads workbooks: sheets become rows of texts.
//!
//! Cells become the texts that a CSV export would have in their place: dates as ISO, whole numbers without a
//! decimal point, TRUE and FALSE. Sheets are read row by row, and what an archive states about itself is not
//! believed: no count reserves memory, no part is unpacked beyond a limit.
//!
//! - Here: what all kinds of workbooks have in common, and which sheet is meant.
//! - `xlsx`: Office Open XML, read by the project's own reader (`package`, `xml`, `sheet`,
//!   `strings`, `styles`), because an export of 200,000 rows comes so.
//! - `ods`: OpenDocument, by the same means.
//! - `xlsb`: the newer binary format, by the project's own reader too.
//! - `xls`: the old binary format, by the project's own reader too.
//! - `whole`: what both binary formats are read into.

mod errors;
mod ods;
mod package;
mod sheet;
mod strings;
mod styles;
mod whole;
mod xls;
mod xlsb;
mod xlsx;
mod xml;

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::encoding::COMPOUND_FILE;
use super::head_row::{HeadRow, ROWS_SEARCHED};
use super::header::{self, Match};
use super::schema::{Schema, fold_header};
use super::stamp;
use crate::diagnostic::Diagnostic;
use crate::input::{WORKBOOKS, named_sheet};
use crate::source::Span;
pub(crate) use errors::WorkbookCode;
use errors::{absurd, damaged, encrypted, no_result, too_many_parts, unreadable};
pub use errors::{not_a_workbook, not_csv, too_much_text};
use ods::Ods;
use package::{Limits, Package};
use whole::WholeSheet;
use xlsx::Xlsx;

/// The rows and columns that a sheet can have.
pub(super) const ROWS: u32 = 1 << 20;
pub(super) const COLUMNS: u32 = 1 << 14;

/// A workbook whose sheets can be read.
pub struct Workbook<R> {
    name: String,
    book: Book<R>,
    sheets: Vec<SheetInfo>,
    heads: Heads,
}

/// A workbook by its format.
enum Book<R> {
    Xlsx(Xlsx<R>),
    Ods(Ods<R>),
    Whole(Vec<WholeSheet>),
}

/// A sheet that a workbook lists.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SheetInfo {
    name: String,
    visible: bool,
}

/// The sheet that was chosen.
pub struct Sheet {
    /// Its name.
    pub name: Arc<str>,
    /// Its first rows.
    pub head: Vec<HeadRow>,
    /// The day of the export, where another sheet has it.
    pub stamp: Option<chrono::NaiveDate>,
    index: usize,
}

/// A row of a sheet that has a cell with something in it.
#[derive(Clone, Copy, Debug)]
pub struct SheetRow<'r> {
    /// Its one-based number.
    pub number: u64,
    /// The cells' texts from column A to the last that has something in it.
    pub cells: &'r [String],
    /// For each cell whether it is struck out.
    pub struck: &'r [bool],
    /// Whether it is hidden, by hand or by a filter; `None` where the format does not show it.
    pub hidden: Option<bool>,
}

impl SheetRow<'_> {
    /// Whether the row is struck out: the cell of that column, or every cell that is not blank.
    pub fn is_struck(&self, column: Option<u32>) -> bool {
        let of_column = column.and_then(|column| self.struck.get(column as usize)).copied().unwrap_or(false);
        let filled = || self.cells.iter().zip(self.struck).filter(|(text, _)| !text.is_empty());
        of_column || filled().next().is_some() && filled().all(|(_, struck)| *struck)
    }
}

/// How to skip the rows that are not needed without reading all of their cells.
pub struct Skip<'s> {
    /// The zero-based column of the key.
    pub column: u32,
    /// Takes the one-based number of each row and its key (`None`: the same key as the last row that was
    /// skipped), and returns whether to skip the row.
    pub unwanted: &'s mut dyn FnMut(u64, Option<&str>) -> bool,
}

/// Whether a workbook of that name is in the old binary format, which has fewer rows.
pub fn is_old(name: &str) -> bool {
    let (file, _) = named_sheet(name);
    Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xls"))
}

/// Whether a file with this extension must be a workbook. Much that is called `.xls` is text.
pub fn is_extension(extension: &str) -> bool {
    extension != "xls" && WORKBOOKS.contains(&extension)
}

/// A sheet that may be the one.
struct SheetCandidate {
    sheet: Sheet,
    /// Whether some row has the header of the key.
    has_key: bool,
    /// How many columns of the table a row has, less those of another table that it fits better.
    margin: isize,
}

impl<R: Read + Seek + Send> Workbook<R> {
    /// Opens a workbook.
    ///
    /// # Errors
    /// Where it is damaged, encrypted, or too large when it is unpacked.
    pub fn open(name: &str, mut reader: R) -> Result<Self, Diagnostic> {
        let mut magic = [0; COMPOUND_FILE.len()];
        let beginning = reader.read_exact(&mut magic).and_then(|()| reader.rewind());
        beginning.map_err(|error| damaged(name, &error))?;
        let limits = Limits::DEFAULT;
        let mut heads = Heads::default();
        let book = if magic == COMPOUND_FILE {
            Book::Whole(xls::read(name, reader)?)
        } else {
            let package = Package::open(name, &mut reader, limits)?;
            let has = |path: &str| package.find(path).is_some();
            let (is_ods, is_xlsb) = (has("content.xml") && has("mimetype"), has("xl/workbook.bin"));
            let other = other_archive(name, &package);
            drop(package);
            reader.rewind().map_err(|error| damaged(name, &error))?;
            match other {
                Some(error) => return Err(error),
                None if is_ods => Book::Ods(Ods::open(name, reader, limits, &mut heads)?),
                None if is_xlsb => Book::Whole(xlsb::read(name, reader, limits)?),
                None => Book::Xlsx(Xlsx::open(name, reader, limits)?),
            }
        };
        let sheets = match &book {
            Book::Xlsx(book) => book.sheets.clone(),
            Book::Ods(book) => book.sheets.clone(),
            Book::Whole(sheets) => sheets.iter().map(|sheet| sheet.info.clone()).collect(),
        };
        Ok(Self { name: name.to_owned(), book, sheets, heads })
    }

    /// Chooses the sheet: the one that the file's name names; else the one that the schema prefers; else the
    /// only one whose first rows have the key column and fit no other table better, or else are `acceptable`.
    /// Where there is none, the first sheet, so that the caller can report what it has.
    ///
    /// # Errors
    /// Where several sheets would do, none can be read, the named one is not there, or the preferred
    /// one goes on in another.
    pub fn choose(
        &mut self,
        schema: &Schema,
        schemas: &[Arc<Schema>],
        acceptable: impl Fn(&[HeadRow]) -> bool,
    ) -> Result<Sheet, Diagnostic> {
        if let (_, Some(wanted)) = named_sheet(&self.name) {
            let index = self.named(wanted)?;
            let mut stamps = Vec::new();
            for other in (0..self.sheets.len()).filter(|other| *other != index) {
                stamps.extend(stamp::find(&self.sheet(other)?.head));
            }
            return Ok(Sheet { stamp: only(stamps), ..self.sheet(index)? });
        }
        let any_visible = self.sheets.iter().any(|sheet| sheet.visible);
        let mut found = Vec::new();
        let mut others = Vec::new();
        let mut stamps = Vec::new();
        for index in 0..self.sheets.len() {
            if self.sheets[index].visible || !any_visible {
                let candidate = candidate(self.sheet(index)?, schema, schemas);
                if candidate.has_key {
                    found.push(candidate);
                } else {
                    stamps.extend(stamp::find(&candidate.sheet.head));
                    others.push(candidate);
                }
            }
        }
        if let Some(at) = found.iter().position(|found| Some(&*found.sheet.name) == schema.sheet.as_deref()) {
            let preferred = found.remove(at);
            // A report too long for one sheet goes on in `Main Report (2)`. Other sheets are the user's own.
            found.retain(|other| other.sheet.name.starts_with(&*preferred.sheet.name));
            found.insert(0, preferred);
        } else {
            // Each table has its own sheet in a workbook of several.
            if found.iter().any(|found| found.margin >= 0) {
                found.retain(|found| found.margin >= 0);
            }
            let is_named = |found: &SheetCandidate| names_table(&found.sheet.name, schema);
            if found.iter().filter(|found| is_named(found)).count() == 1 {
                found.retain(is_named);
            }
        }
        if found.is_empty() {
            let (good, bad): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|other| acceptable(&other.sheet.head));
            (found, others) = (good, bad);
        }
        if found.len() > 1 {
            let names: Vec<&str> = found.iter().map(|found| &*found.sheet.name).collect();
            return Err(errors::several_sheets(&self.name, named_sheet(&self.name).0, &names));
        }
        let chosen = found.into_iter().chain(others).next().map(|found| found.sheet);
        let chosen = chosen.map(|sheet| Sheet { stamp: only(stamps), ..sheet });
        chosen.ok_or_else(|| errors::no_worksheet(&self.name))
    }

    /// The sheet of that name, be it hidden.
    fn named(&self, wanted: &str) -> Result<usize, Diagnostic> {
        let sheets = &self.sheets;
        let found = (sheets.iter().position(|sheet| sheet.name == wanted))
            .or_else(|| sheets.iter().position(|sheet| fold_header(&sheet.name) == fold_header(wanted)));
        found.ok_or_else(|| {
            let names = sheets.iter().map(|sheet| sheet.name.as_str());
            errors::unknown_sheet(named_sheet(&self.name).0, wanted, names)
        })
    }

    /// The first rows of all sheets that have something in them.
    ///
    /// # Errors
    /// Where a sheet is damaged.
    pub fn heads(&mut self) -> Result<Vec<HeadRow>, Diagnostic> {
        let mut heads = Vec::new();
        for index in 0..self.sheets.len() {
            heads.extend(self.sheet(index)?.head);
        }
        Ok(heads)
    }

    /// All sheets, and whether each is visible.
    ///
    /// # Errors
    /// Where a sheet is damaged.
    #[cfg(feature = "cli")]
    pub fn sheets(&mut self) -> Result<Vec<(Sheet, bool)>, Diagnostic> {
        (0..self.sheets.len()).map(|index| Ok((self.sheet(index)?, self.sheets[index].visible))).collect()
    }

    /// A sheet with its first rows that have something in them.
    fn sheet(&mut self, index: usize) -> Result<Sheet, Diagnostic> {
        let Self { name, book, heads, .. } = self;
        let mut head: Vec<HeadRow> = Vec::new();
        let each = |row: &SheetRow<'_>| {
            head.push(heads.take(name, row)?);
            Ok(head.len() < ROWS_SEARCHED)
        };
        match book {
            Book::Xlsx(book) => book.head(index, each)?,
            Book::Ods(book) => head.clone_from(&book.heads[index]),
            Book::Whole(sheets) => sheets[index].rows(each)?,
        }
        Ok(Sheet { name: self.sheets[index].name.as_str().into(), head, stamp: None, index })
    }

    /// How many rows a sheet can have in this format.
    pub fn max_rows(&self) -> u64 {
        if is_old(&self.name) && matches!(self.book, Book::Whole(_)) { 1 << 16 } else { u64::from(ROWS) }
    }

    /// Gives each row of a sheet that has a cell with something in it, but for those that are
    /// skipped.
    ///
    /// # Errors
    /// Where the sheet is damaged, and what `each` returns.
    pub fn rows(
        &mut self,
        sheet: &Sheet,
        skip: Option<&mut Skip<'_>>,
        mut each: impl FnMut(&SheetRow<'_>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        match &mut self.book {
            Book::Xlsx(book) => book.rows(sheet.index, skip, each),
            Book::Ods(book) => book.rows(sheet.index, |row| each(row).map(|()| true)),
            Book::Whole(sheets) => sheets[sheet.index].rows(|row| each(row).map(|()| true)),
        }
    }
}

/// Counts the memory that the first rows of all sheets take: few bytes can ask for much, as a cell in the last
/// column makes thousands of blank ones before it.
#[derive(Default)]
struct Heads {
    bytes: usize,
}

impl Heads {
    /// Bytes that the first rows may hold: far more than those of any workbook that people made.
    const MAX_BYTES: usize = 256 << 20;

    /// Copies a row.
    fn take(&mut self, name: &str, row: &SheetRow<'_>) -> Result<HeadRow, Diagnostic> {
        let text: usize = row.cells.iter().map(String::len).sum();
        self.bytes += text + row.cells.len() * size_of::<((String, Span), (u64, u32))>();
        if self.bytes > Self::MAX_BYTES {
            return Err(errors::first_rows_too_large(name));
        }
        Ok(HeadRow {
            line: row.number,
            start: 0,
            next: (0, row.number + 1),
            fields: row.cells.iter().map(|text| (text.clone(), Span::default())).collect(),
            positions: (1..=row.cells.len() as u32).map(|column| (0, column)).collect(),
        })
    }
}

/// How much more the rows of a sheet have than the cells that are written in it. Few bytes can ask for much:
/// a cell in the last column makes thousands of blank ones before it, and a long text is shared by many cells.
#[derive(Default)]
struct Expansion {
    given: u64,
    cells: u64,
}

impl Expansion {
    /// Bytes and cells that any sheet may have, and those that each cell that is written allows besides.
    const FREE: u64 = 256 << 20;
    const PER_CELL: u64 = 1 << 10;

    /// Counts a row: the cells that are not blank, and the bytes of their texts with one for each cell.
    fn add(&mut self, cells: usize, given: usize) -> Result<(), String> {
        self.given += given as u64;
        self.cells += cells as u64;
        if self.given > Self::FREE + self.cells * Self::PER_CELL {
            return Err("its rows have too many blank cells or repeated texts".to_owned());
        }
        Ok(())
    }
}

/// The error for an archive that is something else than a workbook that is read.
fn other_archive<R: Read + Seek>(name: &str, package: &Package<R>) -> Option<Diagnostic> {
    let paths: Vec<String> = package.paths().collect();
    let has = |wanted: &dyn Fn(&str) -> bool| paths.iter().any(|path| wanted(path));
    let is_book = |path: &str| path.starts_with("xl/") || path == "content.xml";
    if has(&|path| path.starts_with("word/")) {
        Some(errors::word_document(name))
    } else if has(&|path| path.starts_with("Index/") || path == "Index.zip" || path.ends_with(".iwa")) {
        Some(errors::apple_document(name))
    } else if has(&is_book) || has(&|path| path.ends_with(".rels")) {
        None
    } else {
        let file = paths.iter().find(|path| !path.ends_with('/') && !path.starts_with("__MACOSX"))?;
        Some(errors::archive(name, file))
    }
}

/// The day that all stamps have.
fn only(stamps: Vec<chrono::NaiveDate>) -> Option<chrono::NaiveDate> {
    let first = *stamps.first()?;
    stamps.iter().all(|stamp| *stamp == first).then_some(first)
}

/// How well a sheet fits a table.
fn candidate(sheet: Sheet, schema: &Schema, schemas: &[Arc<Schema>]) -> SheetCandidate {
    let keys: Vec<_> = sheet.head.iter().map(|row| header::field_keys(&row.fields)).collect();
    let columns = |schema: &Schema| {
        let scores = keys.iter().map(|row| Match::of_keys(schema, row).score(schema));
        scores.max().unwrap_or((false, 0))
    };
    let (has_key, own) = columns(schema);
    let others = schemas.iter().filter(|other| has_key && other.name != schema.name && other.key.is_some());
    let other =
        others.map(|other| columns(other)).filter(|(has_key, _)| *has_key).map(|(_, columns)| columns);
    let margin = own as isize - other.max().unwrap_or(0) as isize;
    SheetCandidate { sheet, has_key, margin }
}

/// Whether a sheet is called like a table: `PSC worklist`, `Protest list`.
fn names_table(sheet: &str, schema: &Schema) -> bool {
    let stem = schema.name.trim_end_matches('s');
    let sheet: String = sheet.chars().filter(char::is_ascii_alphanumeric).collect();
    sheet.to_ascii_lowercase().contains(stem)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod formats;
