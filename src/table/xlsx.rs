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
use super::header::{HeadRow, Names, ROWS_SEARCHED};
use super::schema::Schema;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// What an archive may hold.
struct Limits {
    /// Bytes of all parts together, unpacked. A full sheet of an ES-003 has about 1.5 GB.
    unpacked: u64,
    /// Bytes of all parts but the sheets, unpacked: these are held in memory.
    held: u64,
    /// How many times its packed size a big part may have.
    ratio: u64,
    /// Bytes from which on a part is big.
    big: u64,
    /// Bytes between two `<`.
    text: usize,
    /// Parts.
    parts: usize,
}

impl Limits {
    const DEFAULT: Self =
        Self { unpacked: 8 << 30, held: 256 << 20, ratio: 300, big: 64 << 20, text: 16 << 20, parts: 10_000 };
}

/// The rows and columns that a sheet can have.
pub(super) const ROWS: u32 = 1 << 20;
pub(super) const COLUMNS: u32 = 1 << 14;

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
    Diagnostic::new(
        "not-a-table",
        format!("`{name}` is not a CSV file: it looks like an Excel workbook (a ZIP archive)"),
    )
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
        look_through(name, &mut reader, &Limits::DEFAULT)?;
        reader.rewind().map_err(|error| crate::input::cannot_read(name, &error))?;
        let inner = Xlsx::new(reader).map_err(|error| damaged(name, &error))?;
        Ok(Self { name: name.to_owned(), inner })
    }

    /// Chooses the sheet: the one the schema prefers, else the only one whose first rows have the
    /// key column, or else are `acceptable`. Where there is none, the first sheet, so that the
    /// caller can say what it has.
    ///
    /// # Errors
    /// Where several sheets would do, none can be read, or the preferred one goes on in another.
    pub fn choose(
        &mut self,
        schema: &Schema,
        acceptable: impl Fn(&[HeadRow]) -> bool,
    ) -> Result<Sheet, Diagnostic> {
        let sheets: Vec<(String, bool)> = (self.inner.sheets_metadata().iter())
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect();
        let headers = Names::new(schema);
        let any_visible = sheets.iter().any(|(_, visible)| *visible);
        let mut preferred = None;
        let mut found = Vec::new();
        let mut others = Vec::new();
        for (sheet, _) in sheets.into_iter().filter(|(_, visible)| *visible || !any_visible) {
            let head = self.head(&sheet)?;
            let has_key = head.iter().any(|row| headers.compare(&row.fields).score(schema).0);
            let is_preferred = schema.sheet.as_deref() == Some(sheet.as_str());
            let sheet = Sheet { name: sheet.into(), head };
            match has_key {
                true if is_preferred => preferred = Some(sheet),
                true => found.push(sheet),
                false => others.push(sheet),
            }
        }
        if let Some(sheet) = preferred {
            // A report too long for one sheet goes on in `Main Report (2)`. Other sheets are the user's own.
            found.retain(|other| other.name.starts_with(&*sheet.name));
            if found.is_empty() {
                return Ok(sheet);
            }
            found.insert(0, sheet);
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

    /// The first rows of all sheets that hold something.
    ///
    /// # Errors
    /// Where a sheet is damaged.
    pub fn heads(&mut self) -> Result<Vec<HeadRow>, Diagnostic> {
        let sheets: Vec<String> = (self.inner.sheets_metadata().iter())
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| sheet.name.clone())
            .collect();
        let mut heads = Vec::new();
        for sheet in sheets {
            heads.extend(self.head(&sheet)?);
        }
        Ok(heads)
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
            let cell = reader.next_cell_with_formula_metadata().map_err(|error| damaged(name, &error))?;
            let position = cell.as_ref().map(|cell| cell.pos);
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
            if matches!(cell.value, DataRef::Empty) {
                // Blank and not yet computed are not the same.
                if cell.formula.is_some() {
                    return Err(no_result(name, sheet, row, column));
                }
                continue;
            }
            let column = column as usize;
            if cells.len() <= column {
                cells.resize_with(column + 1, String::new);
            }
            cells[column].clear();
            write_text(&mut cells[column], &cell.value);
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

/// The error for a formula of which the workbook does not say what came out. Programs that write
/// workbooks leave that to the spreadsheet.
fn no_result(name: &str, sheet: &str, row: u32, column: u32) -> Diagnostic {
    let cell = format!("{}{}", crate::source::column_letters(column + 1), row + 1);
    let message = format!("`{name}`, sheet `{sheet}`: cell {cell} is a formula without a stored result");
    Diagnostic::new("formula-without-result", message)
        .help("open the workbook in a spreadsheet program and save it; then it holds what the formulas give")
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
fn look_through<R: Read + Seek>(name: &str, reader: R, limits: &Limits) -> Result<(), Diagnostic> {
    let bad = |error: &dyn std::fmt::Display| {
        Diagnostic::new("damaged-workbook", format!("`{name}` cannot be read as an Excel workbook: {error}"))
            .help("open it in Excel and save it again as .xlsx or CSV")
    };
    let bomb = |what: String| {
        Diagnostic::new("oversized-workbook", format!("`{name}` was refused: {what}"))
            .help("no report looks like this; if it is one, export it as CSV, which has no limit")
    };
    let mut archive = zip::ZipArchive::new(reader).map_err(|error| bad(&error))?;
    if archive.len() > limits.parts {
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
                (Some(first), Some(_)) if gap + first > limits.text => usize::MAX,
                (Some(_), Some(last)) => length - last,
                _ => gap + length,
            };
            if is_strings && beginning.len() < STRINGS_HEAD {
                beginning.extend_from_slice(&bytes[..length.min(STRINGS_HEAD - beginning.len())]);
            }
            if gap > limits.text {
                return Err(bomb(format!(
                    "part `{part_name}` has a text of more than {} MiB",
                    limits.text >> 20
                )));
            }
            if size > limits.big && size / packed > limits.ratio {
                return Err(bomb(format!(
                    "part `{part_name}` unpacks to more than {} times its size",
                    limits.ratio
                )));
            }
            if total > limits.unpacked || held > limits.held {
                return Err(bomb(format!(
                    "it unpacks to more than {} MiB",
                    if held > limits.held { limits.held } else { limits.unpacked } >> 20
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::EntryNumber;
    use crate::input::Input;
    use crate::source::Sources;
    use crate::table::declaration::{Declarations, file_schema, row_facts};
    use crate::table::reference::{Request, read_table};
    use crate::table::schema::{Column, Type};
    use crate::table::value::{HtsNumber, Reading, Value};
    use crate::table::{CellRef, Encoding, Entries, ROW, Table, TableId, Tables};
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook as Writer};
    use std::io::{Cursor, Write};

    const FIRST: &str = "00261103162";
    const OTHER: &str = "00261112239";
    const ES003: TableId = TableId(2);

    fn schemas() -> Vec<Arc<Schema>> {
        let column = |name: &str, kind: Type, header: &str| Column {
            headers: vec![header.into()],
            pad: (name == "entry_type").then_some(2),
            ..Column::new(name, kind)
        };
        let mut row = Schema { name: "row".into(), key: Some(0), ..file_schema() };
        row.columns = vec![column("entry", Type::EntryNumber, "Entry Number")];
        row.columns.extend(row_facts());
        let mut es003 =
            Schema { name: "es003".into(), title: "ES-003".into(), key: Some(0), ..file_schema() };
        es003.sheet = Some("Main Report".into());
        es003.columns = vec![
            column("entry", Type::EntryNumber, "Entry Summary Number"),
            column("entry_type", Type::Text, "Entry Type Code"),
            column("date", Type::Date, "Entry Date"),
            column("hts", Type::Hts, "HTS Number - Full"),
            column("duty", Type::Money, "Line Tariff Duty Amount"),
        ];
        vec![Arc::new(file_schema()), Arc::new(row), Arc::new(es003)]
    }

    fn read(name: &str, bytes: &[u8]) -> Result<(Tables, Sources), Diagnostic> {
        let (mut sources, mut entries) = (Sources::default(), Entries::default());
        entries.insert(EntryNumber::parse(FIRST).unwrap());
        let schemas = schemas();
        let request = Request::new(ES003, &schemas);
        let inputs = [(name.to_owned(), Input::Bytes(bytes.into()))];
        let table = read_table(&request, &inputs, &mut sources, &mut entries)
            .map_err(|mut errors| errors.remove(0))?;
        Ok((Tables { schemas, tables: vec![None, None, Some(table)] }, sources))
    }

    const HEADERS: [&str; 5] = [
        "Entry Summary Number",
        "Entry Type Code",
        "Entry Date",
        "HTS Number - Full",
        "Line Tariff Duty Amount",
    ];

    /// A report as ACE exports it: a preamble, the header, rows, and rows that are only formatted.
    fn report() -> Vec<u8> {
        let mut catalog = Writer::new();
        catalog.add_worksheet().set_name("Parameters").unwrap().write(0, 0, "Run by").unwrap();
        let sheet = catalog.add_worksheet().set_name("Main Report").unwrap();
        let date = Format::new().set_num_format("mm/dd/yyyy");
        sheet.write(0, 0, "ES-003 Entry Summary Line Tariff Details").unwrap();
        for (column, header) in (0..).zip(HEADERS) {
            sheet.write(3, column, header).unwrap();
        }
        let day = ExcelDateTime::from_ymd(2026, 9, 2).unwrap();
        sheet.write(4, 0, FIRST).unwrap().write(4, 1, 1).unwrap();
        sheet.write_with_format(4, 2, &day, &date).unwrap();
        sheet.write(4, 3, 99030125).unwrap().write(4, 4, 652.8).unwrap();
        // Everything as numbers: a detour through a spreadsheet took the zeros.
        sheet.write(6, 0, 261103162).unwrap().write(6, 1, "01").unwrap();
        sheet.write_with_format(6, 2, 0, &date).unwrap();
        sheet.write(6, 3, 101210010).unwrap().write(6, 4, "1,234.50").unwrap();
        sheet.write(7, 0, OTHER).unwrap();
        sheet.write(8, 0, "Total").unwrap().write(8, 4, 1887.3).unwrap();
        for row in 9..400 {
            sheet.write_blank(row, 0, &date).unwrap();
        }
        catalog.save_to_buffer().unwrap()
    }

    fn reading(table: &Table, column: usize, row: usize) -> &Reading {
        &table.columns[column].cell(row).unwrap().reading
    }

    #[test]
    fn a_report_is_read_from_its_sheet_with_dates_and_lost_zeros() {
        let (tables, sources) = read("es003.xlsx", &report()).unwrap();
        let table = tables.get(ES003).unwrap();
        let part = &table.parts[0];
        assert_eq!((part.header.line, part.preamble_rows, part.encoding), (4, 1, Encoding::Workbook));
        assert_eq!((part.records, part.unkeyed_rows), (4, 1));
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 7]);
        let text = |text: &str| Reading::Value(Value::Text(text.into()));
        let hts = |digits: &str| Reading::Value(Value::Hts(HtsNumber::parse(digits).unwrap()));
        let money = |amount: &str| Reading::Value(Value::Money(amount.parse().unwrap()));
        let day = chrono::NaiveDate::from_ymd_opt(2026, 9, 2).unwrap();
        assert_eq!(reading(table, 1, 0), &text("01"));
        assert_eq!(reading(table, 2, 0), &Reading::Value(Value::Date(day)));
        assert_eq!(&*table.columns[2].cell(0).unwrap().text, "2026-09-02");
        assert_eq!(reading(table, 3, 0), &hts("99030125"));
        assert_eq!(reading(table, 4, 0), &money("652.8"));
        assert_eq!(reading(table, 1, 1), &text("01"));
        assert_eq!(reading(table, 2, 1), &Reading::Blank, "the day 0 of a spreadsheet is no date");
        assert_eq!(reading(table, 3, 1), &hts("0101210010"));
        assert_eq!(reading(table, 4, 1), &money("1234.5"));
        let cell = CellRef { table: ES003, row: 1, column: 3 };
        let place = tables.place(cell, &sources);
        assert_eq!(sources.show(place).to_string(), "es003.xlsx, Main Report!D7");
        let excerpt = tables.excerpt(&[cell], &sources);
        let cells: Vec<_> = excerpt
            .cells
            .iter()
            .map(|cell| (cell.header.as_str(), cell.text.as_str(), cell.gap_before))
            .collect();
        assert_eq!(
            cells,
            [("Entry Summary Number", "261103162", false), ("HTS Number - Full", "101210010", true)]
        );
    }

    #[test]
    fn a_planning_sheet_is_a_declaration() {
        let mut catalog = Writer::new();
        let sheet = catalog.add_worksheet();
        sheet.write(0, 0, "Notes").unwrap().write(0, 1, "Entry Number").unwrap();
        sheet.write(1, 0, "a, \"b\"").unwrap().write(1, 1, "002-6110316-2").unwrap();
        sheet.write(3, 1, 261112239).unwrap();
        let bytes = catalog.save_to_buffer().unwrap();
        let schemas = schemas();
        let (mut sources, mut entries) = (Sources::default(), Entries::default());
        let mut declarations = Declarations::new(&schemas);
        declarations.read("plan.xlsx", &bytes, &mut sources, &mut entries).unwrap();
        let (files, rows) = declarations.finish();
        let tables = Tables { schemas, tables: vec![Some(files), Some(rows)] };
        let rows = tables.get(ROW).unwrap();
        let forms: Vec<&str> = (0..3).map(|row| &*rows.columns[1].cell(row).unwrap().text).collect();
        assert_eq!(forms, ["dashes", "blank", "lost_zeros"]);
        assert_eq!(entries.len(), 2);
        let place = tables.place(CellRef { table: ROW, row: 2, column: 0 }, &sources);
        assert_eq!(sources.show(place).to_string(), "plan.xlsx, Sheet1!B4");
    }

    #[test]
    fn a_wrong_workbook_is_one_clear_error() {
        let mut catalog = Writer::new();
        for sheet in ["A", "B"] {
            catalog.add_worksheet().set_name(sheet).unwrap().write(0, 0, "Entry Summary Number").unwrap();
        }
        let two = catalog.save_to_buffer().unwrap();
        let mut catalog = Writer::new();
        catalog.add_worksheet().write(0, 0, "Something").unwrap();
        let other = catalog.save_to_buffer().unwrap();
        let report = report();
        for (name, bytes, code) in [
            ("es003.xlsx", two.as_slice(), "ambiguous-sheet"),
            ("es003.xlsx", &other, "no-key-column"),
            ("es003.csv", &report, "not-a-table"),
            ("es003.xlsx", b"Entry Summary Number\n", "not-a-table"),
            ("es003.xlsx", &report[..report.len() / 2], "damaged-workbook"),
            ("es003.xlsx", b"PK\x03\x04nonsense", "damaged-workbook"),
        ] {
            assert_eq!(read(name, bytes).err().unwrap().code, code);
        }
    }

    /// The report with a part replaced.
    fn with_part(part: &str, content: &mut dyn FnMut(&mut dyn Write)) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(Cursor::new(report())).unwrap();
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).unwrap();
            if file.name().unwrap() != part {
                out.raw_copy_file(file).unwrap();
            }
        }
        out.start_file(part, options).unwrap();
        content(&mut out);
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_that_blow_up_are_refused() {
        let small =
            Limits { unpacked: 400_000, held: 200_000, ratio: 50, big: 50_000, text: 9_000, parts: 20 };
        let refused = |bytes: &[u8]| {
            let error = look_through("a.xlsx", Cursor::new(bytes), &small).err();
            error.map(|error| (error.code, error.message))
        };
        assert_eq!(refused(&report()), None);
        let strings = "xl/sharedStrings.xml";
        let sheet = "xl/worksheets/sheet2.xml";
        let texts = |count: usize| {
            move |out: &mut dyn Write| {
                out.write_all(b"<sst>").unwrap();
                for number in 0..count {
                    write!(out, "<si><t>{number}</t></si>").unwrap();
                }
            }
        };
        for (bytes, what) in [
            (
                with_part(strings, &mut |out| {
                    out.write_all(b"<sst uniqueCount=\"99999999999999999\"></sst>").unwrap();
                }),
                "promises more texts",
            ),
            (with_part(sheet, &mut |out| out.write_all(&[b' '; 10_000]).unwrap()), "has a text of more"),
            (
                with_part(sheet, &mut |out| out.write_all(&b"<si>a</si>".repeat(6_000)).unwrap()),
                "times its size",
            ),
            (with_part(strings, &mut texts(12_000)), "unpacks to more"),
            (with_part(sheet, &mut texts(24_000)), "unpacks to more"),
        ] {
            let (code, message) = refused(&bytes).unwrap();
            assert_eq!(code, "oversized-workbook", "{message}");
            assert!(message.contains(what), "{what}: {message}");
        }
    }

    #[test]
    fn a_formula_without_a_result_is_not_blank() {
        let report = |formula: &str| {
            let cells = format!(
                "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Entry Summary Number</v></c>\
                 <c r=\"B1\" t=\"str\"><v>Entry Type Code</v></c></row>\
                 <row r=\"2\"><c r=\"A2\" t=\"str\"><v>{FIRST}</v></c>{formula}</row>"
            );
            let sheet = with_part("xl/worksheets/sheet2.xml", &mut |out| {
                write!(out, "<worksheet><sheetData>{cells}</sheetData></worksheet>").unwrap();
            });
            read("a.xlsx", &sheet)
        };
        for cell in [
            "<c r=\"B2\"><f>IF(1=1,1,0)</f><v></v></c>",
            "<c r=\"B2\"><f>IF(1=1,1,0)</f><v/></c>",
            "<c r=\"B2\"><f>IF(1=1,1,0)</f></c>",
            "<c r=\"B2\"><f t=\"shared\" ref=\"B2:B3\" si=\"4000000000\">A1</f></c>",
            "<c r=\"B2\"><f t=\"shared\" si=\"7\"/><v/></c>",
        ] {
            let error = report(cell).err().unwrap();
            assert_eq!(error.code, "formula-without-result", "{cell}");
            assert!(error.message.contains("cell B2"), "{}", error.message);
        }
        let said = |cell: &str| {
            let (tables, _) = report(cell).unwrap();
            tables.get(ES003).unwrap().columns[1].cell(0).unwrap().text.clone()
        };
        assert_eq!(said("<c r=\"B2\"><f>IF(1=1,1,0)</f><v>1</v></c>"), "1");
        assert_eq!(said("<c r=\"B2\" t=\"str\"><f>IF(1=1,\"\",0)</f><v></v></c>"), "");
        assert_eq!(said("<c r=\"B2\" s=\"1\"/>"), "");
    }

    #[test]
    fn a_report_that_goes_on_in_another_sheet_is_not_read_by_half() {
        for (other, is_refused) in [("Main Report (2)", true), ("Main Report1", true), ("My copy", false)] {
            let mut catalog = Writer::new();
            for name in ["Main Report", other] {
                let sheet = catalog.add_worksheet().set_name(name).unwrap();
                sheet.write(0, 0, "Entry Summary Number").unwrap().write(0, 1, "Entry Type Code").unwrap();
                sheet.write(0, 2, "Entry Date").unwrap().write(1, 0, FIRST).unwrap();
            }
            let refused = read("a.xlsx", &catalog.save_to_buffer().unwrap()).err().map(|error| error.code);
            assert_eq!(refused, is_refused.then_some("ambiguous-sheet"), "{other}");
        }
    }

    #[test]
    fn absurd_rows_and_columns_are_refused() {
        for cell in ["A2000000", "ZZZZ1", "XFE1"] {
            let sheet = with_part("xl/worksheets/sheet2.xml", &mut |out| {
                write!(
                    out,
                    "<worksheet><sheetData><row r=\"1\"><c r=\"{cell}\" t=\"str\"><v>x</v></c></row></sheetData></worksheet>"
                )
                .unwrap();
            });
            assert_eq!(read("a.xlsx", &sheet).err().unwrap().code, "damaged-workbook", "{cell}");
        }
    }
}
