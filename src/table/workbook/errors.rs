//! The wording of why a workbook cannot be read: one function for each error, named by what is wrong.

use std::fmt::Display;

use super::super::errors::TableCode;
use super::super::named::{listed, quoted};
use super::package::TooBig;
use super::xml::{self, XmlError};
use crate::code::codes;
use crate::diagnostic::{Diagnostic, nearest};

codes! {
    /// Kinds of errors in workbooks.
    enum WorkbookCode:
    Files {
        AmbiguousSheet "ambiguous-sheet"
            "A workbook has several sheets that could be the table."
            "Name the sheet (`FILE#Sheet`), or save it as a file of its own."
        DamagedWorkbook "damaged-workbook"
            "A workbook cannot be read: the archive or its XML is broken."
            "Open it in Excel and save it again, or export it as CSV."
        EncryptedWorkbook "encrypted-workbook"
            "A workbook is protected by a password."
            "Open it in Excel, remove the password and save it."
        FormulaWithoutResult "formula-without-result"
            "A cell has a formula whose result was never saved."
            "Open the workbook in Excel and save it."
        NoSheet "no-sheet"
            "A workbook has no worksheet, or not the one that was named."
            "Name one of its sheets."
        OversizedWorkbook "oversized-workbook"
            "A workbook unpacks to more than any report has."
            "Export the report as CSV."
    }
}

/// A workbook under a CSV file's name.
pub fn not_csv(name: &str, extension: &str) -> Diagnostic {
    Diagnostic::new(
        TableCode::NotATable,
        format!("`{name}` is not a CSV file: it looks like an Excel workbook"),
    )
    .help(format!(
        "in Excel, save it as \"CSV (Comma delimited)\"; renaming it to .{extension} is not enough"
    ))
}

/// Something else under a workbook's name.
pub fn not_a_workbook(name: &str, extension: &str) -> Diagnostic {
    Diagnostic::new(
        TableCode::NotATable,
        format!("`{name}` is not a workbook, though it is called .{extension}"),
    )
    .help("if it is text, name it .csv; otherwise export it again")
}

/// Several sheets may be the table.
pub fn several_sheets(name: &str, file: &str, sheets: &[&str]) -> Diagnostic {
    let names: Vec<String> = sheets.iter().map(|sheet| format!("`{sheet}`")).collect();
    let example = format!("{file}#{}", sheets.first().copied().unwrap_or_default());
    Diagnostic::new(
        WorkbookCode::AmbiguousSheet,
        format!("`{name}` has several sheets with entry numbers: {}", names.join(", ")),
    )
    .help(format!("name the sheet behind the file, as in `{example}`, or delete the others"))
}

/// A workbook has no sheet that could be a table.
pub fn no_worksheet(name: &str) -> Diagnostic {
    Diagnostic::new(WorkbookCode::NoSheet, format!("`{name}` has no worksheet"))
        .help("export the report again")
}

/// A workbook does not have the sheet that was named.
pub fn unknown_sheet<'a>(
    file: &str,
    wanted: &str,
    sheets: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(WorkbookCode::NoSheet, format!("`{file}` has no sheet `{wanted}`"));
    match nearest(wanted, sheets.clone()) {
        Some(near) => diagnostic.help(format!("a similar name exists: `{near}`")),
        None => diagnostic.help(format!("its sheets are {}", listed(sheets.map(quoted)))),
    }
}

/// A text document in the newer format.
pub fn word_document(name: &str) -> Diagnostic {
    not_a_table(name, "a Word document")
        .help("copy the table in it into a spreadsheet, and save it as .xlsx or CSV")
}

/// A document of Apple's programs.
pub fn apple_document(name: &str) -> Diagnostic {
    not_a_table(name, "a document of Numbers, Pages or Keynote")
        .help("in Numbers, choose File > Export To > Excel or CSV, and pass that file")
}

/// An archive of files, of which this is one.
pub fn archive(name: &str, file: &str) -> Diagnostic {
    not_a_table(name, "a ZIP archive, not a workbook")
        .help(format!("unpack it first, and pass the file in it, such as {}", quoted(file)))
}

/// A text document in the old format.
pub fn old_word_document(name: &str) -> Diagnostic {
    other_old_file(name, "an old Word document")
}

/// A message of Outlook.
pub fn outlook_message(name: &str) -> Diagnostic {
    other_old_file(name, "an Outlook message")
}

/// A presentation in the old format.
pub fn old_presentation(name: &str) -> Diagnostic {
    other_old_file(name, "an old PowerPoint presentation")
}

/// Something in the container of old workbooks that is none.
pub fn no_old_workbook(name: &str) -> Diagnostic {
    other_old_file(name, "no workbook")
}

fn other_old_file(name: &str, what: &str) -> Diagnostic {
    not_a_table(name, what).help("save the table in it as .xlsx or CSV, and pass that file")
}

fn not_a_table(name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(TableCode::NotATable, format!("`{name}` is {what}"))
}

/// A workbook that is encrypted.
pub fn encrypted(name: &str) -> Diagnostic {
    Diagnostic::new(WorkbookCode::EncryptedWorkbook, format!("`{name}` is protected by a password"))
        .help("in Excel, remove the password (File > Info > Protect Workbook) and save a copy, or export the report again as CSV")
}

/// A formula of which the workbook does not have the result: programs that write workbooks leave that to
/// the spreadsheet. Row and column count from 0.
pub fn no_result(name: &str, sheet: &str, row: u32, column: u32) -> Diagnostic {
    let cell = format!("{}{}", crate::source::column_letters(column + 1), row + 1);
    let message = format!("`{name}`, sheet `{sheet}`: cell {cell} is a formula without a stored result");
    Diagnostic::new(WorkbookCode::FormulaWithoutResult, message)
        .help("open the workbook in a spreadsheet program and save it, which stores the results")
}

/// A workbook that cannot be read.
pub fn damaged(name: &str, error: &dyn Display) -> Diagnostic {
    Diagnostic::new(
        WorkbookCode::DamagedWorkbook,
        format!("`{name}` cannot be read as an Excel workbook: {error}"),
    )
    .help("open it in Excel and save it again as .xlsx or CSV")
}

/// A workbook in which something is as no spreadsheet program writes it.
pub fn absurd(name: &str, what: impl Display) -> Diagnostic {
    Diagnostic::new(WorkbookCode::DamagedWorkbook, format!("`{name}`: {what}"))
        .help("no spreadsheet program writes this; export the report again")
}

/// A workbook that would need too much memory or time.
pub fn oversized(name: &str, what: impl Display) -> Diagnostic {
    Diagnostic::new(WorkbookCode::OversizedWorkbook, format!("`{name}` was refused: {what}"))
        .help("no report looks like this; if it is one, export it as CSV, which has no limit")
}

/// A part of a workbook that cannot be read.
pub fn unreadable(name: &str, error: XmlError) -> Diagnostic {
    match error {
        XmlError::Read(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<TooBig>()) {
            Some(too_big) => oversized(name, too_big),
            None => damaged(name, &error),
        },
        XmlError::Malformed(what) => damaged(name, &what),
        XmlError::TooLong => {
            oversized(name, format!("it has a text of more than {} MiB", xml::MAX_TOKEN >> 20))
        }
    }
}

/// The rows of a sheet that were kept have more text than any report.
pub fn too_much_text(name: &str) -> Diagnostic {
    Diagnostic::new(
        WorkbookCode::OversizedWorkbook,
        format!("`{name}` was refused: its rows have too much text"),
    )
    .help("no report looks like this; if it is one, export it as CSV")
}

/// Why a workbook with more is not read.
pub const TOO_MANY_SHEETS: &str = "it has more than 1,000 sheets";

/// A cell in a row that no sheet has.
pub fn cell_beyond_rows(name: &str, row: u64) -> Diagnostic {
    absurd(name, format!("it has a cell in row {row}"))
}

/// A row after one that is below it.
pub fn rows_out_of_order(name: &str, row: u64, after: u64) -> Diagnostic {
    absurd(name, format!("row {row} follows row {after}"))
}

/// More sheets than any workbook has.
pub fn too_many_sheets(name: &str) -> Diagnostic {
    absurd(name, TOO_MANY_SHEETS)
}

/// A part of the archive that two sheets are said to be.
pub fn part_of_two_sheets(name: &str, sheet: &str) -> Diagnostic {
    absurd(name, format!("sheet `{sheet}` is the part of another sheet"))
}

/// A sheet in which something is as no spreadsheet program writes it.
pub fn absurd_sheet(name: &str, sheet: &str, what: &str) -> Diagnostic {
    absurd(name, format!("sheet `{sheet}`: {what}"))
}

/// More cells than any report has.
pub fn too_many_cells(name: &str) -> Diagnostic {
    oversized(name, "its sheets have too many cells")
}

/// More cells in the first rows, which are kept, than any report has.
pub fn first_rows_too_large(name: &str) -> Diagnostic {
    oversized(name, "the first rows of its sheets have too many cells")
}

/// An archive of more files than any workbook.
pub fn too_many_parts(name: &str, parts: usize) -> Diagnostic {
    oversized(name, format!("the archive has {parts} parts"))
}

/// A file of an old format that is larger than any report.
pub fn file_too_large(name: &str, mebibytes: u64) -> Diagnostic {
    oversized(name, format!("it has more than {mebibytes} MiB"))
}

/// Parts that are larger than any report once they are unpacked.
pub fn unpacks_to_too_much(name: &str, mebibytes: u64) -> Diagnostic {
    oversized(name, format!("it unpacks to more than {mebibytes} MiB"))
}

/// A table of texts that is larger than any report.
pub fn texts_too_long(name: &str) -> Diagnostic {
    oversized(name, "its texts are too long")
}

/// An OpenDocument archive without the part that has the sheets.
pub fn no_content(name: &str) -> Diagnostic {
    damaged(name, &"it has no content")
}

/// A workbook of a format before that of Excel 95.
pub fn too_old(name: &str) -> Diagnostic {
    damaged(name, &"it was not written by Excel 95 or newer")
}

/// A list of sheets that is cut off.
pub fn endless_list_of_sheets(name: &str) -> Diagnostic {
    damaged(name, &"the list of its sheets has no end")
}

/// A sheet that is not at the place that the workbook lists.
pub fn no_sheet_where_listed(name: &str) -> Diagnostic {
    damaged(name, &"it does not have a sheet where it lists one")
}

/// A sheet that is cut off.
pub fn endless_sheet(name: &str) -> Diagnostic {
    damaged(name, &"a sheet has no end")
}

/// A record that ends too early, or refers to what is not there.
pub fn unreadable_record(name: &str) -> Diagnostic {
    damaged(name, &"one of its records is cut off, or refers to what is not there")
}

/// A record that ends too early.
pub fn record_cut_off(name: &str) -> Diagnostic {
    damaged(name, &"one of its records is cut off")
}

/// An archive without the part that lists the sheets.
pub fn no_workbook_part(name: &str) -> Diagnostic {
    damaged(name, &"it has no workbook part")
}

/// An archive without the part that has the places of the sheets.
pub fn no_places_of_sheets(name: &str) -> Diagnostic {
    damaged(name, &"it has no list of where its sheets are")
}
