//! The wording of why a table or a declaration cannot be read: one function for each error, named by what
//! is wrong. Workbooks have their own, in [`super::workbook`].

use super::MAX_RECORD;
use super::named::{listed, quoted};
use super::schema::Schema;
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::figures::grouped;
use crate::input::errors::file_too_big;
use crate::mask::mask;
use crate::outside::Outside;
use crate::source::Place;

codes! {
    /// Kinds of errors in tables and declarations.
    enum TableCode:
    Files {
        CutOff "cut-off"
            "The last row of a file ends in the middle: the export was not complete when it was saved or copied."
            "Export it again."
        DuplicateColumn "duplicate-column"
            "Two columns of a file have the header of one column of the table."
            "Remove or rename one of them."
        EmptyFile "empty-file"
            "A file has no bytes."
            "Export it again."
        EmptyTable "empty-table"
            "A file has a header and no rows, and the table cannot be empty."
            "Export it again for the period and the entries that you need."
        NoEntryNumbers "no-entry-numbers"
            "A table has rows, and no entry number in them can be read."
            "Export it again with the entry number in one column."
        NoKeyColumn "no-key-column"
            "No header of a file is that of the entry number."
            "Check that it is the right file, or add the header to the table in a rule file."
        NotATable "not-a-table"
            "A file is neither CSV nor a workbook, whatever its name ends in."
            "Export the report as CSV or XLSX."
        NotSeekable "not-seekable"
            "A file can only be read from beginning to end, and here it has to be read twice."
            "Save it to a file first."
        OtherTable "other-table"
            "The headers of a file are those of another table."
            "Provide it as that table."
        RecordTooLong "record-too-long"
            "A row is longer than any row of a table."
            "Export the report as CSV again."
        SecondHeader "second-header"
            "A second header in the middle of a file has other columns than the first."
            "Provide the parts as files of their own."
        TwoHeaders "two-headers"
            "Two rows of a file could be its header."
            "Remove the one that is not."
        UnterminatedQuote "unterminated-quote"
            "A quote is opened and not closed, so that the rows after it would be one cell."
            "Close or remove the quote, or export the report again."
    }
}

/// A file with nothing in it.
pub fn empty_file(name: &str) -> Diagnostic {
    Diagnostic::new(TableCode::EmptyFile, format!("`{name}` is empty"))
        .help("export it again; the first row must be the header")
}

/// A file that is not a table, by what its first bytes show.
pub fn not_a_table(name: &str, kind: OtherFile) -> Diagnostic {
    let save = "save or export it as CSV, and pass that file";
    let open_in_excel = "open it in Excel and save it as .xlsx or CSV; renaming it is not enough";
    let (looks_like, help) = match kind {
        OtherFile::Png => ("a PNG image", save),
        OtherFile::Jpeg => ("a JPEG image", save),
        OtherFile::Gif => ("a GIF image", save),
        OtherFile::Pdf => ("a PDF document", save),
        OtherFile::Rtf => ("an RTF document", save),
        OtherFile::Gzip => ("a gzip archive", "unpack it first"),
        OtherFile::Program => ("a program", save),
        OtherFile::Sqlite => ("an SQLite database", save),
        OtherFile::Parquet => ("a Parquet file", save),
        OtherFile::Utf32 => ("UTF-32 text", "save it as UTF-8"),
        OtherFile::Binary => ("binary data", save),
        OtherFile::XmlSpreadsheet => ("an XML spreadsheet (Excel 2003)", open_in_excel),
        OtherFile::HtmlTable => ("a table in HTML, which some programs save as .xls", open_in_excel),
        OtherFile::WebPage => (
            "a web page",
            "a login or error page was saved instead of the export; sign in to ACE and export again",
        ),
        OtherFile::Xml => ("XML", save),
        OtherFile::Json => ("JSON", save),
    };
    Diagnostic::new(TableCode::NotATable, format!("`{name}` is not a CSV file: it looks like {looks_like}"))
        .help(help)
}

/// A file that is mistaken for a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherFile {
    /// An image in this format.
    Png,
    /// An image in this format.
    Jpeg,
    /// An image in this format.
    Gif,
    /// A document in this format.
    Pdf,
    /// A document in this format.
    Rtf,
    /// A packed file.
    Gzip,
    /// Something to run.
    Program,
    /// A database of SQLite.
    Sqlite,
    /// A table in the format Parquet.
    Parquet,
    /// A text with four bytes for each character.
    Utf32,
    /// Nothing that is text.
    Binary,
    /// A workbook in the XML of Excel 2003.
    XmlSpreadsheet,
    /// A page with a table, as some programs write it for Excel.
    HtmlTable,
    /// Another page, such as one to sign in on.
    WebPage,
    /// Other XML.
    Xml,
    /// Data in this format.
    Json,
}

/// A file that is too big in some way to be a declaration.
pub fn too_big(name: &str, place: Place, excess: Excess) -> Diagnostic {
    let what = match excess {
        Excess::LongRow | Excess::LongRowInQuotes => "a row of more than 4 MiB",
        Excess::WideRow => "a row of more than 16,384 columns",
        Excess::Rows => "more than 1,048,576 rows",
        Excess::Cells => "more than 128 MiB in its cells",
    };
    let diagnostic = file_too_big(name, what).at(place, "here");
    match excess {
        Excess::LongRowInQuotes => diagnostic.help("is a quote in it never closed?"),
        Excess::LongRow | Excess::WideRow | Excess::Rows | Excess::Cells => diagnostic,
    }
}

/// In what a file is too big to be a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// A row has more than [`MAX_RECORD`] bytes.
    LongRow,
    /// Such a row with line ends in it, which only a quote allows.
    LongRowInQuotes,
    /// A row has more columns than a sheet.
    WideRow,
    /// There are more rows than in a sheet.
    Rows,
    /// The cells of a workbook have too much text.
    Cells,
}

/// A table that lists what there is, without a row: that no entry is in it has no meaning for the entries.
pub fn no_rows(name: Outside<'_>, header: Place, schema: &Schema) -> Diagnostic {
    Diagnostic::new(TableCode::EmptyTable, format!("`{name}` has no row below its header"))
        .at(header, format!("the header of {}", schema.title))
        .help("check the filters and dates of the report, and export it again")
}

/// An entry is under another header above the one that was used.
pub fn two_headers(name: &str, entry: Place, first: Place, second: Place) -> Diagnostic {
    let message =
        format!("`{name}` has entry numbers under two headers, in lines {} and {}", first.line, second.line);
    Diagnostic::new(TableCode::TwoHeaders, message)
        .at(entry, "an entry under the first of them")
        .at(first, "the first header")
        .at(second, "another header, with more known columns")
        .help("the rows above it would be left out; make a file of each part")
}

/// Two fields of a header are one column of a table. The second is in the file's column of that number.
pub fn duplicate_column(
    name: &str,
    header: &str,
    (first, second): (Place, Place),
    column_number: u32,
    (column, schema): (&str, &Schema),
) -> Diagnostic {
    Diagnostic::new(TableCode::DuplicateColumn, format!("`{name}` has two columns `{}`", header.trim()))
        .at(second, format!("again here, column {column_number}"))
        .at(first, "first here")
        .help(format!(
            "it is not known which of them is the {} of {}; delete or rename one",
            column.replace('_', " "),
            schema.title
        ))
}

/// A file is another table than the one that it was provided as; which, where that is known.
pub fn other_table<'h>(
    name: &str,
    schema: &Schema,
    header: Place,
    headers: impl Iterator<Item = &'h str>,
    looks_like: Option<&Schema>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(TableCode::OtherTable, format!("`{name}` does not look like {}", schema.title))
            .at(header, "this is its header")
            .help(first_row(headers));
    match looks_like {
        Some(other) => diagnostic.help(format!("it looks like {} (table `{}`)", other.title, other.name)),
        None => diagnostic
            .help("it has entry numbers and no other column that the table has; is it a declaration?"),
    }
}

/// What a file without the key column has.
#[derive(Default)]
pub struct Keyless<'a> {
    /// Where its header should be; `None` where it has no rows.
    pub header: Option<Place>,
    /// What that row reads.
    pub headers: Vec<String>,
    /// The other table that it looks like.
    pub looks_like: Option<&'a Schema>,
    /// Whether its texts are in single quotes.
    pub single_quotes: bool,
    /// The header of another column, which has entry numbers.
    pub numbered: Option<&'a str>,
    /// A header that is nearly the key's, and no other column's.
    pub near: Option<&'a str>,
}

/// A file without the key column of the table that it was given as.
pub fn no_key_column(name: &str, schema: &Schema, file: &Keyless<'_>) -> Diagnostic {
    let key = schema.key.map(|key| &schema.columns[key]);
    let wanted = key.and_then(|key| key.headers.first()).map_or("Entry Number", String::as_str);
    let message = format!("`{name}` has no column `{wanted}`, so it cannot be read as {}", schema.title);
    let mut diagnostic = Diagnostic::new(TableCode::NoKeyColumn, message);
    let Some(header) = file.header else {
        return diagnostic.help("it has no rows; export it again");
    };
    diagnostic = diagnostic.at(header, "no header row was found from here on");
    if let Some(other) = file.looks_like {
        let article = if other.title.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
        diagnostic = diagnostic
            .help(format!("this looks like {article} {} file (table `{}`)", other.title, other.name));
    }
    if file.single_quotes {
        return diagnostic.help(
            "its texts are in single quotes (apostrophes), which CSV does not know; export it again with double quotes (\") as the text qualifier",
        );
    }
    let first_row = first_row(file.headers.iter().map(String::as_str));
    if let Some(numbered) = file.numbered {
        return diagnostic
            .help(format!(
                "the column {} has entry numbers: rename it to `{wanted}`, or add its header to the `headers` of {}.{} in a rule file",
                quoted(numbered),
                schema.name,
                key.map_or("entry", |key| key.name.as_str())
            ))
            .help(first_row);
    }
    if let Some(near) = file.near {
        diagnostic = diagnostic.help(format!("rename {} to `{wanted}` if it is that column", quoted(near)));
    }
    diagnostic
        .help(first_row)
        .help("if the column has another name, add it to the table's `headers` in a rule file")
}

/// What the first row of a file reads.
fn first_row<'h>(headers: impl Iterator<Item = &'h str>) -> String {
    format!("its first row reads {}", listed(headers.map(quoted)))
}

/// A file of unknown use has no column of entry numbers.
pub fn no_known_header(name: &str) -> Diagnostic {
    Diagnostic::new(
        TableCode::NoKeyColumn,
        format!("`{name}` has no column of entry numbers under a known header"),
    )
    .help("export the report again with its header row, and with the column `Entry Summary Number`")
}

/// A file of unknown use can be read only once, so its header cannot be looked at first.
pub fn unknown_stream(name: &str) -> Diagnostic {
    Diagnostic::new(TableCode::NotSeekable, format!("`{name}` is a stream"))
        .help("provide it as the table that it is, such as the ES-003")
}

/// A quote that is open where [`MAX_RECORD`] bytes end.
pub fn endless_quote(name: &str, quote: Place) -> Diagnostic {
    open_quote(name)
        .at(quote, format!("opened here; no closing quote in {} MiB", MAX_RECORD >> 20))
        .help(CLOSE)
}

/// A quote that is open where the file ends.
pub fn unterminated_quote(name: &str, quote: Place) -> Diagnostic {
    open_quote(name).at(quote, "opened here; everything after it would be one cell").help(CLOSE)
}

/// A quote that closes in a later row.
pub fn swallowed_rows(name: &str, quote: Place) -> Diagnostic {
    Diagnostic::new(TableCode::UnterminatedQuote, format!("`{name}` has a quote that encloses several rows"))
        .at(quote, "opened here, and closed only in a later row")
        .help("close the quote in its own row or remove it, or export the report again")
}

fn open_quote(name: &str) -> Diagnostic {
    Diagnostic::new(TableCode::UnterminatedQuote, format!("`{name}` has a quote that is never closed"))
}

const CLOSE: &str = "close or remove the quote, or export the report again";

/// A row of more than [`MAX_RECORD`] bytes.
pub fn row_too_long(name: &str, row: Place) -> Diagnostic {
    let mebibytes = MAX_RECORD >> 20;
    Diagnostic::new(TableCode::RecordTooLong, format!("`{name}` has a row of more than {mebibytes} MiB"))
        .at(row, "the row begins here")
        .help("export the report again as CSV; this file is not a table")
}

/// The last row of a file is not whole.
pub fn cut_off(name: &str, row: Place) -> Diagnostic {
    Diagnostic::new(TableCode::CutOff, format!("`{name}` is cut off in its last row"))
        .at(row, "this row has too few fields and no line end")
        .help("the export was not complete when it was saved or copied; export it again")
}

/// A sheet fills all rows that its format has.
pub fn full_sheet(name: &str, last_row: Place) -> Diagnostic {
    let most = grouped(&last_row.line.to_string());
    let message = format!("`{name}` fills all {most} rows that its format has, so rows may be missing");
    Diagnostic::new(TableCode::CutOff, message)
        .at(last_row, "the last row of the sheet")
        .help("export it as CSV, which has no limit, or in parts")
}

/// No row of a file has an entry number that can be read. `text` is what the first of them has, and
/// `elsewhere` the header of another column that has one.
pub fn no_entry_numbers(name: &str, cell: Place, text: &str, elsewhere: Option<&str>) -> Diagnostic {
    let text = mask(text);
    let label = match text.as_ref() {
        "" => "this cell is blank".to_owned(),
        text => format!("`{text}` is not an entry number"),
    };
    let help = match elsewhere {
        None if crate::digits::rounded(&text).is_some() => "a spreadsheet rounded the entry numbers, and their last digits are gone: export the file again, and do not save it from a spreadsheet, or import it there with this column as text".to_owned(),
        Some(header) => format!(
            "the column {header} has entry numbers: name that column `Entry Number`, and give this one another name"
        ),
        None => "write each entry number as 11 characters in one cell: filer code, 7 digits and check digit; where the filer code has a column of its own, join the columns".to_owned(),
    };
    let message = format!("no row of `{name}` has an entry number that can be read");
    Diagnostic::new(TableCode::NoEntryNumbers, message).at(cell, label).help(help)
}

/// A second header with other columns. `first` is the line of the first.
pub fn second_header(name: &str, second: Place, first: u64) -> Diagnostic {
    let message = format!("`{name}` has a second header, with other columns than the first");
    Diagnostic::new(TableCode::SecondHeader, message).at(second, "the columns change here").help(format!(
        "split the file before this line, so that the rows below it have a file of their own, and pass both; the first header is in line {first}"
    ))
}
