//! Tests: the same rows from each format that is read, and what is none named as what it is.

use std::io::{Cursor, Write};

use super::*;

const ROWS_WRITTEN: [[&str; 3]; 3] =
    [["Entry Number", "Notes", "Date"], ["00261103162", "a & b", ""], ["00261112239", "", "x"]];

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in parts {
        out.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A compound file with streams.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        file.create_stream(path).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// The records of an `.xls` with one sheet whose third row is hidden, and others put into the sheet.
fn xls_records(more: &[u8]) -> Vec<u8> {
    let bof = |kind: u16| record(0x809, &[&[0, 6][..], &kind.to_le_bytes(), &[0; 12]].concat());
    let name = [&[5, 0][..], b"March"].concat();
    let globals = |offset: u32| {
        let sheet = [&offset.to_le_bytes()[..], &[0, 0], &name].concat();
        [bof(5), record(0x85, &sheet), record(END_OF_SHEET, &[])].concat()
    };
    let mut sheet = bof(16);
    sheet.extend(record(0x208, &[&[2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0][..], &[0x20, 0, 0, 0]].concat()));
    for (row, cells) in (0u16..).zip(ROWS_WRITTEN) {
        for (column, text) in (0u16..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            let head = [row.to_le_bytes(), column.to_le_bytes(), [0, 0], (text.len() as u16).to_le_bytes()];
            sheet.extend(record(0x204, &[&head.concat()[..], &[0], text.as_bytes()].concat()));
        }
    }
    sheet.extend(more);
    sheet.extend(record(END_OF_SHEET, &[]));
    [globals(globals(0).len() as u32), sheet].concat()
}

const END_OF_SHEET: u16 = 0x0a;

/// A record of an `.xlsb`.
fn xlsb_record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = match kind {
        ..0x80 => vec![kind as u8],
        _ => vec![kind as u8 & 0x7f | 0x80, (kind >> 7) as u8],
    };
    out.extend([data.len() as u8 & 0x7f | 0x80, (data.len() >> 7) as u8]);
    out.extend(data);
    out
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [(units.len() as u32).to_le_bytes().to_vec(), units.iter().flat_map(|unit| unit.to_le_bytes()).collect()]
        .concat()
}

fn xlsb_cell(kind: u16, column: u32, style: u32, content: &[u8]) -> Vec<u8> {
    xlsb_record(kind, &[&column.to_le_bytes()[..], &style.to_le_bytes(), content].concat())
}

/// The records of a sheet of an `.xlsb`: the rows, the third of them hidden, and others behind them.
fn xlsb_sheet(more: &[u8]) -> Vec<u8> {
    let mut sheet = [xlsb_record(0x81, &[]), xlsb_record(0x94, &[0; 16]), xlsb_record(0x91, &[])].concat();
    for (row, cells) in (0u32..).zip(ROWS_WRITTEN) {
        let flags = if row == 2 { 0x10 } else { 0 };
        sheet.extend(xlsb_record(0, &[&row.to_le_bytes()[..], &[0; 7], &[flags, 0, 0, 0, 0, 0]].concat()));
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.extend(match text {
                "a & b" => xlsb_cell(7, column, 0, &1u32.to_le_bytes()),
                text => xlsb_cell(6, column, 0, &wide(text)),
            });
        }
    }
    [sheet, more.to_vec(), xlsb_record(0x92, &[]), xlsb_record(0x82, &[])].concat()
}

fn xlsb(sheet: &[u8]) -> Vec<u8> {
    let listed = |number: u32, name: &str| {
        let id = wide(&format!("rId{number}"));
        xlsb_record(0x9c, &[&[0; 4][..], &number.to_le_bytes(), &id, &wide(name)].concat())
    };
    // A name that refers to cells, as a filter leaves one.
    let name = xlsb_record(0x27, &[0xff; 9]);
    let book = [
        xlsb_record(0x83, &[]),
        xlsb_record(0x99, &[0; 12]),
        listed(1, "March"),
        xlsb_record(0x90, &[]),
        name,
        xlsb_record(0x84, &[]),
    ];
    let item = |text: &str| xlsb_record(0x13, &[&[0][..], &wide(text)].concat());
    let strings = [xlsb_record(0x9f, &[0; 8]), item("x"), item("a & b"), xlsb_record(0xa0, &[])].concat();
    let font = |flags: u16| xlsb_record(0x2b, &[&[220, 0][..], &flags.to_le_bytes(), &[0; 20]].concat());
    let format = |number: u16, font: u16| {
        let words = [0u16, number, font, 0, 0, 0, 0, 0];
        xlsb_record(0x2f, &words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>())
    };
    let styles = [
        xlsb_record(0x2c, &[&164u16.to_le_bytes()[..], &wide("mm/dd/yyyy")].concat()),
        font(0),
        font(8),
        xlsb_record(0x269, &2u32.to_le_bytes()),
        format(0, 0),
        format(164, 1),
        xlsb_record(0x26a, &[]),
    ]
    .concat();
    let relations = "<Relationships><Relationship Id='rId1' Type='t/worksheet' Target='worksheets/sheet1.bin'/>\
        <Relationship Id='rId2' Type='t/sharedStrings' Target='sharedStrings.bin'/>\
        <Relationship Id='rId3' Type='t/styles' Target='styles.bin'/></Relationships>";
    zip(&[
        ("xl/workbook.bin", &book.concat()),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
        ("xl/sharedStrings.bin", &strings),
        ("xl/styles.bin", &styles),
        ("xl/worksheets/sheet1.bin", sheet),
    ])
}

#[test]
fn cells_of_an_xlsb_are_read_as_what_they_show() {
    let day = 46_305.0_f64.to_le_bytes();
    let short = |number: i32, flags: i32| (number << 2 | flags).to_le_bytes();
    let more = [
        xlsb_record(0, &[&3u32.to_le_bytes()[..], &[0; 13]].concat()),
        xlsb_cell(5, 0, 1, &day),
        xlsb_cell(5, 1, 0, &12.5_f64.to_le_bytes()),
        xlsb_cell(2, 2, 0, &short(1250, 2)),
        xlsb_cell(2, 3, 0, &short(1250, 3)),
        xlsb_cell(3, 4, 0, &[0x2a]),
        xlsb_cell(4, 5, 0, &[1]),
        xlsb_cell(8, 6, 0, &[wide("of a formula"), vec![0; 8]].concat()),
        xlsb_cell(9, 7, 0, &[&60_557_610_015.0_f64.to_le_bytes()[..], &[0; 8]].concat()),
        xlsb_cell(0x3e, 8, 0, &[vec![0], wide("rich")].concat()),
    ]
    .concat();
    let rows = read("a.xlsb", &xlsb(&xlsb_sheet(&more)), 0).unwrap();
    assert_eq!(
        rows[3].1,
        ["2026-10-10", "12.5", "1250", "12.5", "#N/A", "TRUE", "of a formula", "60557610015", "rich"]
    );
    let mut book = Workbook::open("a.xlsb", Cursor::new(xlsb(&xlsb_sheet(&more)))).unwrap();
    let sheet = book.sheet(0).unwrap();
    let mut struck = Vec::new();
    book.rows(&sheet, None, |row| {
        struck.push((row.is_struck(Some(0)), row.is_struck(Some(1))));
        Ok(())
    })
    .unwrap();
    assert_eq!(struck[3], (true, false));
}

#[test]
fn a_damaged_xlsb_is_refused() {
    let whole = xlsb_sheet(&[]);
    for length in 0..whole.len() - xlsb_record(0x82, &[]).len() {
        let refused = read("a.xlsb", &xlsb(&whole[..length]), 0).map_err(|error| error.code);
        assert_eq!(refused.err(), Some(WorkbookCode::DamagedWorkbook.into()), "cut off after {length} bytes");
    }
    for (what, more) in [
        ("a text that is not there", xlsb_cell(7, 0, 0, &9u32.to_le_bytes())),
        ("a text of another length", xlsb_cell(6, 0, 0, &u32::MAX.to_le_bytes())),
        ("a number of 4 bytes", xlsb_cell(5, 0, 0, &[0; 4])),
        ("a cell without a column", xlsb_record(6, &[])),
        ("a row beyond the last", [xlsb_record(0, &[0xff; 12]), xlsb_cell(6, 0, 0, &wide("x"))].concat()),
        ("a column beyond the last", xlsb_cell(6, u32::MAX, 0, &wide("x"))),
        ("a row above", [xlsb_record(0, &[0; 12]), xlsb_cell(6, 0, 0, &wide("x"))].concat()),
    ] {
        let refused = read("a.xlsb", &xlsb(&xlsb_sheet(&more)), 0).map_err(|error| error.code);
        assert_eq!(refused.err(), Some(WorkbookCode::DamagedWorkbook.into()), "{what}");
    }
}

fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version='1.0'?><office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x'><office:body>\
         <office:spreadsheet><table:table table:name='Cover'><table:table-row><table:table-cell><text:p>Cover</text:p>\
         </table:table-cell></table:table-row></table:table><table:table table:name='March'>{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
    ])
}

fn ods_of_rows() -> Vec<u8> {
    let cell = |text: &str| {
        let text = text.replace('&', "&amp;");
        format!(
            "<table:table-cell office:value-type='string'><text:p>{text}</text:p><office:annotation><text:p>remark\
             </text:p></office:annotation></table:table-cell>"
        )
    };
    let rows = (0..).zip(ROWS_WRITTEN).map(|(at, cells)| {
        let hidden = if at == 2 { " table:visibility='filter'" } else { "" };
        let cells: String = cells.iter().map(|text| if text.is_empty() { "<table:table-cell/>".to_owned() } else { cell(text) }).collect();
        format!("<table:table-row{hidden}>{cells}<table:table-cell table:number-columns-repeated='16000'/></table:table-row>")
    });
    let rows: String = rows.collect();
    ods(&format!(
        "{rows}<table:table-row table:number-rows-repeated='1048573'><table:table-cell/></table:table-row>"
    ))
}

/// The numbers, texts and hidden marks of the rows of a sheet.
type SheetContent = Vec<(u64, Vec<String>, Option<bool>)>;

fn read(name: &str, bytes: &[u8], sheet: usize) -> Result<SheetContent, Diagnostic> {
    let mut book = Workbook::open(name, Cursor::new(bytes))?;
    let sheet = book.sheet(sheet)?;
    let mut rows = Vec::new();
    book.rows(&sheet, None, |row| {
        rows.push((row.number, row.cells.to_vec(), row.hidden));
        Ok(())
    })?;
    Ok(rows)
}

#[test]
fn every_format_gives_the_same_rows() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(ROWS_WRITTEN) {
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write(row, column, text).unwrap();
        }
    }
    sheet.set_row_hidden(2).unwrap();
    let xlsx = book.save_to_buffer().unwrap();
    let xls = compound(&[("Workbook", &xls_records(&[]))]);
    for (name, bytes, sheet) in [
        ("a.xlsx", xlsx, 0),
        ("a.xls", xls, 0),
        ("a.ods", ods_of_rows(), 1),
        ("a.xlsb", xlsb(&xlsb_sheet(&[])), 0),
    ] {
        let rows = read(name, &bytes, sheet).unwrap();
        assert_eq!(rows.len(), 3, "{name}");
        for (at, (number, cells, hidden)) in rows.iter().enumerate() {
            let mut expected = ROWS_WRITTEN[at].to_vec();
            while expected.last() == Some(&"") {
                expected.pop();
            }
            assert_eq!(
                (*number, cells.iter().map(String::as_str).collect::<Vec<_>>()),
                (at as u64 + 1, expected),
                "{name}"
            );
            assert_eq!(*hidden, Some(at == 2), "{name}, row {number}");
        }
    }
}

#[test]
fn what_would_need_too_much_memory_is_refused() {
    let cell = |row: u16, column: u16| {
        record(0x203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat())
    };
    // Its one sheet begins behind the end.
    let mut beyond = xls_records(&[]);
    let listed = beyond.windows(2).position(|kind| kind == 0x85_u16.to_le_bytes()).unwrap();
    beyond[listed + 4..listed + 8].fill(0xff);
    let of_xls = |more: Vec<u8>| compound(&[("Workbook", &xls_records(&more))]);
    let repeated = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell><text:p>x</text:p>\
                    </table:table-cell></table:table-row>";
    let wide = "<table:table-row><table:table-cell table:number-columns-repeated='99999'><text:p>x</text:p>\
                </table:table-cell></table:table-row>";
    for (bytes, code) in [
        (compound(&[("Workbook", &beyond)]), WorkbookCode::DamagedWorkbook),
        (of_xls(cell(65_535, 60_000)), WorkbookCode::DamagedWorkbook),
        (of_xls((0..1_000).flat_map(|row| cell(row, 16_000)).collect()), WorkbookCode::OversizedWorkbook),
        (ods(&format!("{repeated}{repeated}")), WorkbookCode::DamagedWorkbook),
        (ods(wide), WorkbookCode::DamagedWorkbook),
        (
            ods(&repeated.replace(">x<", &format!(">{}<", "written once ".repeat(80)))),
            WorkbookCode::DamagedWorkbook,
        ),
    ] {
        let sheet = usize::from(bytes.starts_with(b"PK"));
        assert_eq!(read("a", &bytes, sheet).unwrap_err().code, code);
    }
}

/// A text of an `.xls`, in one byte for each letter or in two.
fn xls_text(text: &str, is_wide: bool) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = (units.len() as u16).to_le_bytes().to_vec();
    out.push(is_wide.into());
    match is_wide {
        true => out.extend(units.iter().flat_map(|unit| unit.to_le_bytes())),
        false => out.extend(units.iter().map(|unit| *unit as u8)),
    }
    out
}

/// An `.xls` with records of the whole workbook and of its only sheet.
fn xls_of(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let bof = |kind: u16| record(0x809, &[&[0, 6][..], &kind.to_le_bytes(), &[0; 12]].concat());
    let listed = |offset: u32| {
        let sheet = [&offset.to_le_bytes()[..], &[0, 0, 5, 0], b"March"].concat();
        [bof(5), globals.to_vec(), record(0x85, &sheet), record(END_OF_SHEET, &[])].concat()
    };
    let all = [listed(listed(0).len() as u32), bof(16), sheet.to_vec(), record(END_OF_SHEET, &[])].concat();
    compound(&[("Workbook", &all)])
}

/// Every kind of cell of an `.xls`, and a shared text that goes on in another record in other letters.
#[test]
fn cells_of_an_old_workbook_are_read_as_they_are_shown() {
    let word = |number: u16| number.to_le_bytes();
    let at = |row: u16, column: u16, style: u16| [word(row), word(column), word(style)].concat();
    let first = [&word(8)[..], &[0], b"Entr"].concat();
    let strings = [
        record(0xfc, &[&[9, 0, 0, 0, 2, 0, 0, 0][..], &first].concat()),
        record(0x3c, &[&[1][..], b"i\0e\0s\0 \0", &xls_text("M\u{fc}ller", false)].concat()),
    ];
    let font = |flags: u16| record(0x31, &[word(200), word(flags), word(0)].concat());
    let format = |number: u16, font: u16| record(0xe0, &[&word(font)[..], &word(number), &[0; 16]].concat());
    let globals = [
        font(0),
        font(0),
        font(0),
        font(0),
        font(8),
        record(0x41e, &[&word(164)[..], &xls_text("mm\\/dd\\/yyyy", true)].concat()),
        format(0, 0),
        format(164, 0),
        format(14, 5),
        strings.concat(),
    ]
    .concat();
    let short = |number: u32| number.to_le_bytes();
    let formula = |column, result: [u8; 8]| record(0x06, &[&at(1, column, 0)[..], &result, &[0; 8]].concat());
    let sheet = [
        record(0xfd, &[&at(1, 1, 0)[..], &short(1)].concat()),
        // Rows in another order than Excel writes them.
        record(0xfd, &[&at(0, 0, 0)[..], &short(0)].concat()),
        record(0x203, &[&at(0, 1, 1)[..], &45_977_f64.to_le_bytes()].concat()),
        record(0x27e, &[&at(0, 2, 2)[..], &short(45_978 << 2 | 2)].concat()),
        record(
            0xbd,
            &[
                &word(0)[..],
                &word(3),
                &word(0),
                &short(123_456 << 2 | 3),
                &word(0),
                &short(7 << 2 | 2),
                &word(4),
            ]
            .concat(),
        ),
        record(0x205, &[&at(0, 5, 0)[..], &[1, 0]].concat()),
        record(0x205, &[&at(0, 6, 0)[..], &[0x2a, 1]].concat()),
        formula(2, [0, 0, 0, 0, 0, 0, 0xff, 0xff]),
        record(0x207, &xls_text("of a formula", true)),
        formula(3, 12.5_f64.to_le_bytes()),
        formula(4, [1, 0, 0, 0, 0, 0, 0xff, 0xff]),
        formula(5, [2, 0, 7, 0, 0, 0, 0xff, 0xff]),
        record(0xd6, &[&at(1, 6, 0)[..], &xls_text("rich", false), &word(1), &word(2), &word(5)].concat()),
    ]
    .concat();
    let bytes = xls_of(&globals, &sheet);
    let mut book = Workbook::open("a.xls", Cursor::new(&bytes)).unwrap();
    let sheet = book.sheet(0).unwrap();
    let mut rows = Vec::new();
    book.rows(&sheet, None, |row| {
        rows.push((row.number, row.cells.to_vec(), row.struck.to_vec()));
        Ok(())
    })
    .unwrap();
    let struck = |at: usize| (0..7).map(|column| column == at).collect::<Vec<_>>();
    let cells = |cells: [&str; 7]| cells.map(str::to_owned).to_vec();
    assert_eq!(
        rows,
        [
            (1, cells(["Entries ", "2025-11-16", "2025-11-17", "1234.56", "7", "TRUE", "#N/A"]), struck(2)),
            (2, cells(["", "M\u{fc}ller", "of a formula", "12.5", "FALSE", "#DIV/0!", "rich"]), struck(6)),
        ]
    );
    // The library reads the same.
    use calamine::Reader as _;
    let mut other: calamine::Xls<_> = calamine::Xls::new(Cursor::new(&bytes)).unwrap();
    let range = other.worksheet_range("March").unwrap();
    for (at, (_, cells, _)) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            let other = match range.get_value((at as u32, column as u32)).unwrap() {
                calamine::Data::DateTime(day) => format!(
                    "{}-{:02}-{:02}",
                    day.to_ymd_hms_milli().0,
                    day.to_ymd_hms_milli().1,
                    day.to_ymd_hms_milli().2
                ),
                calamine::Data::Bool(yes) => yes.to_string().to_uppercase(),
                other => other.to_string(),
            };
            assert_eq!(*text, other, "row {at}, column {column}");
        }
    }
}

/// A damaged `.xls` is read or refused with a sentence, wherever it is damaged or cut off.
#[test]
fn no_damage_of_an_old_workbook_ends_the_program() {
    let strings = [&[1, 0, 0, 0, 1, 0, 0, 0][..], &xls_text("shared", true)].concat();
    let cell = record(0xfd, &[0; 10]);
    let rich = [&[4, 0, 0, 0, 0, 0][..], &xls_text("rich", false), &[1, 0, 0, 0, 5, 0]].concat();
    let whole = xls_of(&record(0xfc, &strings), &[cell, record(0xd6, &rich)].concat());
    assert_eq!(read("a.xls", &whole, 0).unwrap().len(), 2);
    let every_row = |bytes: &[u8]| -> Result<(), Diagnostic> {
        let mut book = Workbook::open("a.xls", Cursor::new(bytes))?;
        book.heads().map(drop)
    };
    // The free sectors do not matter.
    let damaged = (0..whole.len()).filter(|at| whole[*at] != 0xff || at % 16 == 0);
    for at in damaged.step_by(crate::thorough::step()) {
        let mut bytes = whole.clone();
        for value in [bytes[at] ^ 1, bytes[at] ^ 0xff] {
            bytes[at] = value;
            if let Err(error) = every_row(&bytes) {
                assert!(!error.message.raw().is_empty());
            }
        }
        // What is cut off may be not a part of any stream.
        if at % 32 == 0
            && let Err(error) = every_row(&whole[..at])
        {
            assert!(!error.message.raw().is_empty());
        }
    }
    let records = xls_records(&[]);
    let begins = records.windows(2).position(|kind| kind == 0x85_u16.to_le_bytes()).unwrap() + 4;
    let offset = u32::from_le_bytes(records[begins..begins + 4].try_into().unwrap()) as usize;
    for length in offset..records.len() {
        let refused = read("a.xls", &compound(&[("Workbook", &records[..length])]), 0).unwrap_err();
        assert_eq!(refused.code, WorkbookCode::DamagedWorkbook, "cut off at {length}");
    }
    // Two names of one sheet.
    let twice = [&records[..begins - 4], &records[begins - 4..begins + 13], &records[begins - 4..]].concat();
    assert!(read("a.xls", &compound(&[("Workbook", &twice)]), 0).is_err());
}

/// Many sheets of few bytes each: their first rows are held, or searched, within bounds.
#[test]
fn many_sheets_take_no_more_memory_or_time_than_one() {
    let relations = |count: usize| {
        let one =
            |at| format!("<Relationship Id='r{at}' Type='t/worksheet' Target='worksheets/sheet{at}.xml'/>");
        let start = "<Relationship Id='b' Type='t/officeDocument' Target='xl/workbook.xml'/>";
        (
            format!("<Relationships>{start}</Relationships>"),
            format!("<Relationships>{}</Relationships>", (0..count).map(one).collect::<String>()),
        )
    };
    let xlsx = |listed: usize, sheets: usize, related: usize, rows: &str| {
        let (start, of_book) = relations(related);
        let listed: String = (0..listed).map(|at| format!("<sheet name='{at}' r:id='r{at}'/>")).collect();
        let book = format!("<workbook><sheets>{listed}</sheets></workbook>");
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        let paths: Vec<String> = (0..sheets).map(|at| format!("xl/worksheets/sheet{at}.xml")).collect();
        let mut parts = vec![
            ("_rels/.rels", start.as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", of_book.as_bytes()),
        ];
        parts.extend(paths.iter().map(|path| (path.as_str(), sheet.as_bytes())));
        zip(&parts)
    };
    let far = |row: usize| format!("<row r='{row}'><c r='XFD{row}' t='str'><v>x</v></c></row>");
    let far: String = (1..=60).map(far).collect();
    let table = "<table:table></table:table>";
    let tables = |count: usize, rows: &str| {
        let table = table.replace("></", &format!(">{rows}</"));
        let content = format!("<document-content>{}</document-content>", table.repeat(count));
        zip(&[
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content.as_bytes()),
        ])
    };
    let far_in_ods = "<table:table-row table:number-rows-repeated='60'><table:table-cell \
                      table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell></table:table-row>";
    for (bytes, code, said) in [
        (xlsx(8, 8, 8, &far), WorkbookCode::OversizedWorkbook, "the first rows of its sheets"),
        (xlsx(1_001, 1, 1, ""), WorkbookCode::DamagedWorkbook, "1,000 sheets"),
        (xlsx(1, 1, 10_001, ""), WorkbookCode::DamagedWorkbook, "more relations than parts"),
        (tables(1_001, ""), WorkbookCode::DamagedWorkbook, "1,000 sheets"),
        (tables(8, far_in_ods), WorkbookCode::OversizedWorkbook, "the first rows of its sheets"),
    ] {
        let read = Workbook::open("a", Cursor::new(bytes)).and_then(|mut book| book.heads());
        let error = read.err().unwrap_or_else(|| panic!("{said}: read"));
        assert!(error.code == code && error.message.raw().contains(said), "{said}: {}", error.message);
    }
    let sound = Workbook::open("a", Cursor::new(xlsx(3, 3, 3, &far))).unwrap().heads().unwrap();
    assert_eq!(sound.len(), 3 * 60);
    let sound = Workbook::open("a", Cursor::new(tables(3, far_in_ods))).unwrap().heads().unwrap();
    assert_eq!(sound.len(), 3 * 60);
}

/// A sheet of ordinary rows may be as long as it can be; one of blank cells up to the last column, or of one
/// long text again and again, may not.
#[test]
fn rows_have_no_more_than_their_cells_account_for() {
    let rows = |count: usize, cells: usize, given: usize| {
        let mut expansion = Expansion::default();
        (0..count).try_for_each(|_| expansion.add(cells, given))
    };
    for (cells, given) in [(1, 40), (35, 400), (3, 3_000), (100, 20_000)] {
        assert_eq!(rows(1 << 20, cells, given), Ok(()), "{cells} cells of {given} bytes");
    }
    assert_eq!(rows(5_000, 3, 40_000), Ok(()), "long notes");
    for (count, cells, given) in [(20_000, 1, 16_385), (60_000, 1, 8 << 20), (1 << 20, 2, 5_000)] {
        assert!(rows(count, cells, given).is_err(), "{cells} cells of {given} bytes");
    }
}

#[test]
fn files_that_are_not_workbooks_are_named_as_what_they_are() {
    let rels = b"<Relationships/>";
    for (bytes, what, step) in [
        (
            compound(&[("EncryptedPackage", b"x"), ("EncryptionInfo", b"x")]),
            "protected by a password",
            "remove the password",
        ),
        (compound(&[("WordDocument", b"x")]), "an old Word document", "save the table"),
        (compound(&[("__properties_version1.0", b"x")]), "an Outlook message", "save the table"),
        (zip(&[("Index/Document.iwa", b"x")]), "a document of Numbers", "Export To"),
        (zip(&[("word/document.xml", b"x"), ("_rels/.rels", rels)]), "a Word document", "copy the table"),
        (zip(&[("__MACOSX/._a", b"x"), ("march/es003.csv", b"x")]), "a ZIP archive", "`march/es003.csv`"),
        (
            zip(&[
                ("mimetype", b""),
                ("content.xml", b"\0"),
                ("META-INF/manifest.xml", b"<m><encryption-data/></m>"),
            ]),
            "protected by a password",
            "remove the password",
        ),
    ] {
        let error = read("a.xlsx", &bytes, 0).unwrap_err();
        assert!(error.message.raw().contains(what), "{what}: {}", error.message);
        assert!(error.help[0].raw().contains(step), "{step}: {:?}", error.help);
    }
    for (text, what) in [
        (
            "<html xmlns:x='urn:x'><body><table><tr><td>Entry Number</td></tr></table></body></html>",
            "a table in HTML",
        ),
        ("<table border=1><tr><th>Entry Number</th></tr></table>", "a table in HTML"),
        ("<html><body><form><table></table><input type=password></form></body></html>", "a web page"),
        (
            "<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
            "an XML spreadsheet",
        ),
    ] {
        let error = crate::table::encoding::beginning("a.xls", text.as_bytes()).unwrap_err();
        assert!(error.message.raw().contains(what), "{what}: {}", error.message);
    }
}

#[test]
fn a_sheet_is_named_behind_its_file() {
    for (name, file, sheet) in [
        ("a.xlsx#March", "a.xlsx", Some("March")),
        ("x#1/a.XLSM#No. #2", "x#1/a.XLSM", Some("No. #2")),
        ("a#b.xlsx", "a#b.xlsx", None),
        ("a.csv#March", "a.csv#March", None),
    ] {
        assert_eq!(named_sheet(name), (file, sheet));
    }
    let schema = Schema { name: "row".into(), ..Schema::new("row") };
    let choose = |name: &str| {
        let mut book = Workbook::open(name, Cursor::new(ods_of_rows())).unwrap();
        book.choose(&schema, &[], |_| false).map(|sheet| sheet.name.to_string())
    };
    assert_eq!(choose("a.ods#March").unwrap(), "March");
    assert_eq!(choose("a.ods#march").unwrap(), "March");
    let missing = choose("a.ods#Marsch").unwrap_err();
    assert!(missing.help[0].raw().contains("`March`"), "{missing:?}");
    assert!(choose("a.ods#Q4").unwrap_err().help[0].raw().contains("`Cover`"));
}
