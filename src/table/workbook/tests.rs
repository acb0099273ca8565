//! What a workbook is read as, and what is refused.

use super::*;
use crate::entry::EntryNumber;
use crate::input::Input;
use crate::source::Sources;
use crate::table::declaration::{Declarations, file_schema, row_facts};
use crate::table::reference::{Request, read_table};
use crate::table::schema::{Column, Type};
use crate::table::value::{CellReading, HtsNumber, Value};
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
    row.columns = vec![column("entry", Type::EntryNumber, "Entry Number")].into();
    row.columns.extend(row_facts());
    let mut es003 = Schema { name: "es003".into(), title: "ES-003".into(), key: Some(0), ..file_schema() };
    es003.sheet = Some("Main Report".into());
    es003.columns = vec![
        column("entry", Type::EntryNumber, "Entry Summary Number"),
        column("entry_type", Type::Text, "Entry Type Code"),
        column("date", Type::Date, "Entry Date"),
        column("hts", Type::Hts, "HTS Number - Full"),
        column("duty", Type::Money, "Line Tariff Duty Amount"),
    ]
    .into();
    vec![Arc::new(file_schema()), Arc::new(row), Arc::new(es003)]
}

fn read(name: &str, bytes: &[u8]) -> Result<(Tables, Sources), Diagnostic> {
    let (mut sources, mut entries) = (Sources::default(), Entries::default());
    entries.insert(EntryNumber::parse(FIRST).unwrap());
    let schemas = schemas();
    let request = Request::new(ES003, &schemas);
    let inputs = [(name.to_owned(), Input::from(bytes))];
    let table =
        read_table(&request, &inputs, &mut sources, &mut entries).map_err(|mut errors| errors.remove(0))?;
    Ok((Tables { schemas, tables: vec![None, None, Some(table)] }, sources))
}

const HEADERS: [&str; 5] =
    ["Entry Summary Number", "Entry Type Code", "Entry Date", "HTS Number - Full", "Line Tariff Duty Amount"];

/// A report as ACE exports it: a preamble, the header, rows, and rows that are only formatted.
fn report() -> Vec<u8> {
    let mut book = Writer::new();
    book.add_worksheet().set_name("Parameters").unwrap().write(0, 0, "Run by").unwrap();
    let sheet = book.add_worksheet().set_name("Main Report").unwrap();
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
    book.save_to_buffer().unwrap()
}

fn reading(table: &Table, column: usize, row: usize) -> &CellReading {
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
    let text = |text: &str| CellReading::Value(Value::Text(text.into()));
    let hts = |digits: &str| CellReading::Value(Value::Hts(HtsNumber::parse(digits).unwrap()));
    let money = |amount: &str| CellReading::Value(Value::Money(amount.parse().unwrap()));
    let day = chrono::NaiveDate::from_ymd_opt(2026, 9, 2).unwrap();
    assert_eq!(reading(table, 1, 0), &text("01"));
    assert_eq!(reading(table, 2, 0), &CellReading::Value(Value::Date(day)));
    assert_eq!(table.columns[2].cell(0).unwrap().text().raw(), "2026-09-02");
    assert_eq!(reading(table, 3, 0), &hts("99030125"));
    assert_eq!(reading(table, 4, 0), &money("652.8"));
    assert_eq!(reading(table, 1, 1), &text("01"));
    assert_eq!(reading(table, 2, 1), &CellReading::Blank, "the day 0 of a spreadsheet is no date");
    assert_eq!(reading(table, 3, 1), &hts("0101210010"));
    assert_eq!(reading(table, 4, 1), &money("1234.5"));
    let cell = CellRef { table: ES003, row: 1, column: 3 };
    let place = tables.place(cell, &sources);
    assert_eq!(sources.show(place).to_string(), "es003.xlsx, Main Report!D7");
    let excerpt = tables.excerpt(&[cell], &sources);
    let cells: Vec<_> =
        excerpt.cells.iter().map(|cell| (cell.header.raw(), cell.text.raw(), cell.gap_before)).collect();
    assert_eq!(
        cells,
        [("Entry Summary Number", "261103162", false), ("HTS Number - Full", "101210010", true)]
    );
}

#[test]
fn a_planning_sheet_is_a_declaration() {
    let mut book = Writer::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Notes").unwrap().write(0, 1, "Entry Number").unwrap();
    sheet.write(1, 0, "a, \"b\"").unwrap().write(1, 1, "002-6110316-2").unwrap();
    sheet.write(3, 1, 261112239).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let schemas = schemas();
    let (mut sources, mut entries) = (Sources::default(), Entries::default());
    let mut declarations = Declarations::new(&schemas);
    declarations.read("plan.xlsx", &bytes, &mut sources, &mut entries).unwrap();
    let (files, rows) = declarations.finish();
    let tables = Tables { schemas, tables: vec![Some(files), Some(rows)] };
    let rows = tables.get(ROW).unwrap();
    let forms: Vec<&str> = (0..3).map(|row| rows.columns[1].cell(row).unwrap().text().raw()).collect();
    assert_eq!(forms, ["dashes", "blank", "lost_zeros"]);
    assert_eq!(entries.len(), 2);
    let place = tables.place(CellRef { table: ROW, row: 2, column: 0 }, &sources);
    assert_eq!(sources.show(place).to_string(), "plan.xlsx, Sheet1!B4");
}

#[test]
fn a_wrong_workbook_is_one_clear_error() {
    let mut book = Writer::new();
    for sheet in ["A", "B"] {
        book.add_worksheet().set_name(sheet).unwrap().write(0, 0, "Entry Summary Number").unwrap();
    }
    let two = book.save_to_buffer().unwrap();
    let mut book = Writer::new();
    book.add_worksheet().write(0, 0, "Something").unwrap();
    let other = book.save_to_buffer().unwrap();
    let report = report();
    for (name, bytes, code) in [
        ("es003.xlsx", two.as_slice(), "ambiguous-sheet"),
        ("es003.xlsx", &other, "no-key-column"),
        ("es003.csv", &report, "not-a-table"),
        ("es003.xlsx", b"Entry Summary Number\n", "not-a-table"),
        ("es003.xlsx", &report[..report.len() / 2], "damaged-workbook"),
        ("es003.xlsx", b"PK\x03\x04nonsense", "damaged-workbook"),
    ] {
        assert_eq!(read(name, bytes).err().unwrap().code.name(), code);
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
    let small = Limits { sheet: 400_000, held: 200_000, ratio: 50, big: 50_000, free: 1 << 20, parts: 20 };
    let refused = |bytes: &[u8]| {
        let mut book = match Xlsx::open("a.xlsx", Cursor::new(bytes), small) {
            Ok(book) => book,
            Err(error) => return Some((error.code.name(), error.message)),
        };
        let read = (0..book.sheets.len()).find_map(|sheet| book.rows(sheet, None, |_| Ok(())).err());
        read.map(|error| (error.code.name(), error.message))
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
        (with_part(sheet, &mut |out| out.write_all(&b"<si>a</si>".repeat(6_000)).unwrap()), "times its size"),
        (with_part(strings, &mut texts(12_000)), "unpacks to more"),
        (with_part(sheet, &mut texts(24_000)), "unpacks to more"),
    ] {
        let (code, message) = refused(&bytes).unwrap();
        assert_eq!(code, "oversized-workbook", "{message}");
        assert!(message.raw().contains(what), "{what}: {message}");
    }
    let long = with_part(sheet, &mut |out| out.write_all(&vec![b'x'; 3 * xml::MAX_TOKEN]).unwrap());
    let error = Workbook::open("a.xlsx", Cursor::new(long)).unwrap().sheet(1).err().unwrap();
    assert_eq!(error.code.name(), "oversized-workbook", "{}", error.message);
}

/// Many entries of an archive can be the same bytes of it, and a part can be read again and again.
#[test]
fn all_parts_together_are_bounded() {
    let limits = Limits { sheet: 1 << 20, held: 1 << 20, ratio: 2, big: 1 << 20, free: 1_000_000, parts: 20 };
    let part = vec![b'x'; 400_000];
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    out.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
    out.write_all(&part).unwrap();
    let bytes = out.finish().unwrap().into_inner();
    let mut package = Package::open("a.xlsx", Cursor::new(bytes), limits).unwrap();
    let mut read = || {
        let mut part = package.part(0, package::PartRole::Sheet).unwrap();
        std::io::copy(&mut part, &mut std::io::sink()).map_err(|error| error.to_string())
    };
    assert_eq!(read(), Ok(400_000));
    assert_eq!(read(), Ok(400_000));
    assert!(read().unwrap_err().contains("its parts together unpack to more"));
}

#[test]
fn what_a_part_promises_reserves_nothing() {
    let strings = "xl/sharedStrings.xml";
    for head in [
        "<sst uniqueCount=\"99999999999\">",
        "<!-- <sst uniqueCount=\"1\"> --><sst uniqueCount='99999999999999999999'>",
    ] {
        let bytes = with_part(strings, &mut |out| write!(out, "{head}<si><t>one</t></si></sst>").unwrap());
        let mut book = Workbook::open("a.xlsx", Cursor::new(bytes)).unwrap();
        // The cells refer to texts that are not there.
        assert_eq!(book.sheet(1).err().unwrap().code.name(), "damaged-workbook");
    }
}

#[test]
fn a_part_has_one_name() {
    let book = with_part("xl/workbook.xml", &mut |out| {
        write!(out, "<workbook xmlns:r='r'><sheets>").unwrap();
        for number in 0..900 {
            write!(out, "<sheet name='{number}' sheetId='{number}' r:id='rId1'/>").unwrap();
        }
        write!(out, "</sheets></workbook>").unwrap();
    });
    let error = Workbook::open("a.xlsx", Cursor::new(book)).err().unwrap();
    assert_eq!(error.code.name(), "damaged-workbook");
    assert!(error.message.raw().contains("the part of another sheet"), "{}", error.message);
}

/// Cells as another reader gives them: the differences are deliberate.
#[test]
fn cells_are_read_as_calamine_reads_them() {
    use calamine::{Data, Reader};
    let mut book = Writer::new();
    let sheet = book.add_worksheet().set_name("Data").unwrap();
    let day = Format::new().set_num_format("mm/dd/yyyy");
    for row in 0..200u32 {
        sheet.write(row, 0, format!("A&B <{row}> _x000A_ \u{e4}")).unwrap();
        sheet.write(row, 1, f64::from(row) * 0.1).unwrap().write(row, 2, row * 1000).unwrap();
        sheet.write_with_format(row, 3, f64::from(row) * 200.0 + 0.25, &day).unwrap();
        sheet.write(row, 4, row % 2 == 0).unwrap();
        if row % 3 == 0 {
            sheet.write(row, 9, "x").unwrap();
        }
        sheet
            .write_rich_string(row, 6, &[(&Format::new().set_bold(), "bold"), (&Format::default(), " & not")])
            .unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let mut other: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(&bytes)).unwrap();
    let range = other.worksheet_range("Data").unwrap();
    let mut ours = Workbook::open("a.xlsx", Cursor::new(&bytes)).unwrap();
    let sheet = ours.sheet(0).unwrap();
    let mut rows = range.rows();
    ours.rows(&sheet, None, |row| {
        let theirs = rows.next().unwrap();
        for (column, text) in row.cells.iter().enumerate() {
            let expected = match &theirs[column] {
                Data::Empty => String::new(),
                Data::Float(number) => number.to_string(),
                Data::Bool(yes) => yes.to_string().to_uppercase(),
                Data::DateTime(day) => {
                    let (year, month, day, hour, ..) = day.to_ymd_hms_milli();
                    format!("{year:04}-{month:02}-{day:02} {hour:02}:00:00")
                }
                other => other.to_string(),
            };
            assert_eq!(*text, expected, "row {}, column {column}", row.number);
        }
        Ok(())
    })
    .unwrap();
    assert!(rows.next().is_none());
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
        assert_eq!(error.code.name(), "formula-without-result", "{cell}");
        assert!(error.message.raw().contains("cell B2"), "{}", error.message);
    }
    let said = |cell: &str| {
        let (tables, _) = report(cell).unwrap();
        tables.get(ES003).unwrap().columns[1].cell(0).unwrap().text().raw().to_owned()
    };
    assert_eq!(said("<c r=\"B2\"><f>IF(1=1,1,0)</f><v>1</v></c>"), "1");
    assert_eq!(said("<c r=\"B2\" t=\"str\"><f>IF(1=1,\"\",0)</f><v></v></c>"), "");
    assert_eq!(said("<c r=\"B2\" s=\"1\"/>"), "");
}

#[test]
fn a_report_that_goes_on_in_another_sheet_is_not_read_by_half() {
    for (other, is_refused) in [("Main Report (2)", true), ("Main Report1", true), ("My copy", false)] {
        let mut book = Writer::new();
        for name in ["Main Report", other] {
            let sheet = book.add_worksheet().set_name(name).unwrap();
            sheet.write(0, 0, "Entry Summary Number").unwrap().write(0, 1, "Entry Type Code").unwrap();
            sheet.write(0, 2, "Entry Date").unwrap().write(1, 0, FIRST).unwrap();
        }
        let refused = read("a.xlsx", &book.save_to_buffer().unwrap()).err().map(|error| error.code.name());
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
        assert_eq!(read("a.xlsx", &sheet).err().unwrap().code.name(), "damaged-workbook", "{cell}");
    }
}
