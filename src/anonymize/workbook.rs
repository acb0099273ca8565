//! Anonymizes workbooks: the cells that the reader sees are written into a new workbook.
//!
//! The sheets, their names, the place of each cell, and what is hidden or struck out stay, because rules and
//! the choice of a sheet use them. Formulas become their results. Nothing else of the old file is copied: not
//! its author, its comments, its filters or the caches of its pivot tables.

use std::io::Cursor;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Worksheet, XlsxError};

use super::errors::not_anonymized;
use super::{Anonymizer, Words};
use crate::diagnostic::Diagnostic;
use crate::table::RecordForm;
use crate::table::header;
use crate::table::schema::{Column, Schema};
use crate::table::workbook::{Sheet, Workbook};

/// The most characters of a cell that a spreadsheet program reads.
const MAX_CELL: usize = 32_767;

/// The most characters of a sheet's name, and those that it cannot have.
const MAX_SHEET_NAME: usize = 31;
const NOT_IN_SHEET_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

impl Anonymizer {
    /// The made-up form of a workbook, as `.xlsx`.
    ///
    /// # Errors
    /// What reading it returns: damage, a password, a formula without a result.
    pub(super) fn workbook(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
        let mut old = Workbook::open(path, Cursor::new(bytes))?;
        let mut new = rust_xlsxwriter::Workbook::new();
        // The clock would make each run differ.
        let never = ExcelDateTime::from_ymd(1980, 1, 1).map_err(|error| not_anonymized(path, &error))?;
        new.set_properties(&DocProperties::new().set_creation_datetime(&never));
        let mut names: Vec<String> = Vec::new();
        for (sheet, visible) in old.sheets()? {
            let target = new.add_worksheet();
            let name = self.sheet_name(&sheet.name, &names);
            target.set_name(&name).map_err(|error| not_anonymized(path, &error))?;
            names.push(name);
            if !visible {
                target.set_hidden(true);
            }
            let header = SheetHeader::find(&self.schemas, &sheet);
            old.rows(&sheet, None, |row| {
                let at = u32::try_from(row.number - 1).unwrap_or(u32::MAX);
                if row.hidden == Some(true) {
                    target.set_row_hidden(at).map_err(|error| not_anonymized(path, &error))?;
                }
                for (column, text) in (0_u16..).zip(row.cells).filter(|(_, text)| !text.is_empty()) {
                    let mut made_up = text.clone().into_bytes();
                    self.sheet_cell(&header, row.number, usize::from(column), &mut made_up);
                    let made_up = String::from_utf8_lossy(&made_up);
                    let struck = row.struck.get(usize::from(column)).copied().unwrap_or(false);
                    write_cell(target, at, column, &made_up, struck)
                        .map_err(|error| not_anonymized(path, &error))?;
                }
                Ok(())
            })?;
        }
        new.save_to_buffer().map_err(|error| not_anonymized(path, &error))
    }

    fn sheet_cell(&self, header: &SheetHeader<'_>, row: u64, column: usize, cell: &mut [u8]) {
        if row == header.row {
            drop(self.numbers(cell));
        } else if row < header.row {
            self.other_cell(Words::OfRules, cell);
        } else {
            match header.columns.get(column).copied().flatten() {
                Some(column) => self.cell(column, cell),
                None => self.other_cell(header.words, cell),
            }
        }
    }

    /// The name of a sheet without names and numbers. That of a report stays, because it decides which sheet
    /// is read.
    fn sheet_name(&self, name: &str, taken: &[String]) -> String {
        let mut made_up = name.as_bytes().to_vec();
        self.text(&mut made_up);
        let made_up = String::from_utf8_lossy(&made_up).replace(NOT_IN_SHEET_NAMES, "_");
        let made_up: String = made_up.trim_matches('\'').chars().take(MAX_SHEET_NAME).collect();
        let is_free = |name: &str| taken.iter().all(|other| other.to_lowercase() != name.to_lowercase());
        if !made_up.is_empty() && is_free(&made_up) {
            return made_up;
        }
        (1..).map(|number| format!("Sheet {number}")).find(|name| is_free(name)).unwrap_or_default()
    }
}

/// The header of a sheet, if a table has it.
struct SheetHeader<'s> {
    /// Its one-based row; 0 where there is none.
    row: u64,
    columns: Vec<Option<&'s Column>>,
    words: Words,
}

impl<'s> SheetHeader<'s> {
    fn find(schemas: &'s [std::sync::Arc<Schema>], sheet: &Sheet) -> Self {
        let found = schemas
            .iter()
            .filter_map(|schema| Some((schema, header::find_in(schema, &sheet.head, RecordForm::Cells)?)))
            .max_by_key(|(schema, found)| found.matched.score(schema));
        let Some((schema, found)) = found else {
            return Self { row: 0, columns: Vec::new(), words: Words::OfRules };
        };
        let mut columns = vec![None; found.row.fields.len()];
        for (column, field) in schema.columns.iter().zip(&found.matched.fields) {
            if let Some(slot) = field.and_then(|field| columns.get_mut(field as usize)) {
                *slot = Some(column);
            }
        }
        Self { row: found.row.line, columns, words: Words::of_other_columns(schema) }
    }
}

/// Writes a text as the number or the day that it is read as, where it is one.
fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    struck: bool,
) -> Result<(), XlsxError> {
    let mut format = Format::new();
    if struck {
        format = format.set_font_strikethrough();
    }
    if let Some((day, has_time)) = day(text) {
        format = format.set_num_format(if has_time { "yyyy-mm-dd hh:mm:ss" } else { "yyyy-mm-dd" });
        sheet.write_datetime_with_format(row, column, &day, &format)?;
    } else if let Some(number) = number(text) {
        sheet.write_number_with_format(row, column, number, &format)?;
    } else {
        let text: String = text.chars().take(MAX_CELL).collect();
        sheet.write_string_with_format(row, column, text, &format)?;
    }
    Ok(())
}

/// The number that a text is written as, where it is read as that text again.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (number.abs() < 1e15 && number.to_string() == text && text != "-0").then_some(number)
}

/// The day that a text is, and whether it has a time. Spreadsheets count a day that never was before March 1900.
fn day(text: &str) -> Option<(ExcelDateTime, bool)> {
    let (moment, has_time) = match NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
        Ok(moment) => (moment, true),
        Err(_) => (NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?, false),
    };
    let written = if has_time { moment.to_string() } else { moment.date().to_string() };
    if written != text
        || !(1901..=9999).contains(&moment.year())
        || has_time && moment.num_seconds_from_midnight() == 0
    {
        return None;
    }
    let day = ExcelDateTime::from_ymd(moment.year() as u16, moment.month() as u8, moment.day() as u8).ok()?;
    let day = day.and_hms(moment.hour() as u16, moment.minute() as u8, f64::from(moment.second())).ok()?;
    Some((day, has_time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    /// All cells of a workbook with their places, and what is hidden or struck out.
    fn cells(bytes: &[u8]) -> Vec<String> {
        let mut book = Workbook::open("a.xlsx", Cursor::new(bytes)).unwrap();
        let mut all = Vec::new();
        for (sheet, visible) in book.sheets().unwrap() {
            let name = sheet.name.to_string();
            all.push(format!("{name} {visible}"));
            let each = |row: &crate::table::workbook::SheetRow<'_>| {
                all.push(format!("{} {:?} {:?} {:?}", row.number, row.hidden, row.struck, row.cells));
                Ok(())
            };
            book.rows(&sheet, None, each).unwrap();
        }
        all
    }

    #[test]
    fn cells_stay_where_they_are_and_names_go() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let notes = book.add_worksheet().set_name("Zebulon notes").unwrap();
        notes.write(0, 0, "Zebulon owes Quincy 4321").unwrap();
        notes.write(1, 0, "Run date: 11/20/2026").unwrap();
        let sheet = book.add_worksheet().set_name("Main Report").unwrap();
        let struck = Format::new().set_font_strikethrough();
        let date = Format::new().set_num_format("mm/dd/yyyy");
        sheet.write(2, 1, "Entry Summary Number").unwrap();
        sheet.write(2, 2, "Entry Date").unwrap();
        sheet.write(2, 3, "Line Tariff Duty Amount").unwrap();
        sheet.write(2, 4, "Customer share").unwrap();
        sheet.write_with_format(3, 1, "ABC12345676", &struck).unwrap();
        let day = ExcelDateTime::parse_from_str("2026-10-08").unwrap();
        sheet.write_with_format(3, 2, &day, &date).unwrap();
        sheet.write(3, 3, 1234.5).unwrap();
        sheet.write(3, 4, "Duty 98765 M\u{fc}ller").unwrap();
        sheet.write(4, 1, 60_557_610_015_u64).unwrap();
        sheet.write(4, 4, 98765).unwrap();
        sheet.set_row_hidden(4).unwrap();
        let bytes = book.save_to_buffer().unwrap();

        let anonymizer = Anonymizer::new("a seed", &Rules::built_in().unwrap());
        let made_up = anonymizer.file("folder/Book.XLSM#Main Report", &bytes).unwrap();
        assert_eq!(made_up.name, "Book.xlsx");
        let (old, new) = (cells(&bytes), cells(&made_up.bytes));
        let text = new.join("\n");
        for gone in
            ["Zebulon", "Quincy", "4321", "12345676", "60557610015", "Duty 9", "98765", "ller", "\u{fc}"]
        {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert_eq!(new.len(), old.len());
        assert!(text.contains("Run date: 11/20/2026") && text.contains("Main Report true"), "{text}");
        assert!(text.contains("\"2026-10-08\", \"1234.5\""), "{text}");
        assert!(text.contains("Some(true)") && text.contains("[false, true,"), "{text}");
        let unpacked = String::from_utf8_lossy(&made_up.bytes).into_owned();
        assert!(!unpacked.contains("Zebulon"));
        assert_eq!(anonymizer.file("Book.xlsx", &bytes).unwrap().bytes, made_up.bytes, "one seed, one file");
    }

    #[test]
    fn a_text_is_read_again_as_it_was() {
        let texts = [
            "1",
            "0",
            "-1.5",
            "00261103162",
            "1e5",
            "1E+5",
            "inf",
            "NaN",
            "1.50",
            "0.1",
            "-0",
            "123456789012345678",
            "2026-10-08",
            "2026-10-08 12:30:15",
            "2026-10-08 00:00:00",
            "2026-1-8",
            "1899-12-30",
            "TRUE",
            "=A1",
            "a\tb",
            "_x0041_",
            "  x",
            "<&>",
            "a\u{1}b",
        ];
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, text) in (0..).zip(texts) {
            write_cell(sheet, row, 0, text, false).unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        let mut book = Workbook::open("a.xlsx", Cursor::new(bytes)).unwrap();
        let mut read = vec![String::new(); texts.len()];
        let (sheet, _) = book.sheets().unwrap().remove(0);
        book.rows(&sheet, None, |row| {
            read[row.number as usize - 1] = row.cells[0].clone();
            Ok(())
        })
        .unwrap();
        for (text, read) in texts.iter().zip(read) {
            assert_eq!(*text, read);
        }
    }
}
