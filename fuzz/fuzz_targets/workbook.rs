//! Workbooks: any bytes as the parts of one end in a report or a reason, and a sheet gives the same entries
//! with the same verdicts and findings as the same cells as CSV.
#![no_main]

mod run;

use std::io::Write as _;

use std::borrow::Cow;

use arbitrary::Arbitrary;
use capelint::Checked;
use libfuzzer_sys::fuzz_target;
use run::Cell;

#[derive(Debug, Arbitrary)]
enum Book<'a> {
    /// A sheet of cells, and which of its rows are hidden.
    Plain { title: Option<Cell<'a>>, rows: Vec<(SheetCell<'a>, SheetCell<'a>)> },
    /// Any XML in the parts of a workbook.
    Parts { workbook: &'a str, shared: &'a str, sheet: &'a str },
    /// Any bytes.
    Bytes(&'a [u8]),
}

/// A cell as a workbook has it.
#[derive(Debug, Arbitrary)]
enum SheetCell<'a> {
    Inline(Cell<'a>),
    Shared(Cell<'a>),
    FormulaText(Cell<'a>),
    Number(u32),
    Hundredths(u16),
    Flag(bool),
    /// Days after 2026-01-01.
    Day(u8),
    Missing,
}

impl SheetCell<'_> {
    /// What a CSV export has in place of the cell.
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Inline(cell) | Self::Shared(cell) | Self::FormulaText(cell) => held(cell.text()).into(),
            Self::Number(number) => number.to_string().into(),
            Self::Hundredths(number) => format!("{}", f64::from(*number) / 100.0).into(),
            Self::Flag(yes) => if *yes { "TRUE" } else { "FALSE" }.into(),
            Self::Day(days) => {
                let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
                (first + chrono::Days::new((*days).into())).to_string().into()
            }
            Self::Missing => "".into(),
        }
    }

    /// The cell as XML; its text goes into the shared texts where it is one of them.
    fn write(&self, at: &str, shared: &mut Vec<String>, out: &mut String) {
        *out += &match self {
            Self::Inline(cell) => {
                format!("<c r=\"{at}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(cell.text()))
            }
            Self::Shared(cell) => {
                shared.push(escaped(cell.text()));
                format!("<c r=\"{at}\" t=\"s\"><v>{}</v></c>", shared.len() - 1)
            }
            Self::FormulaText(cell) => {
                format!("<c r=\"{at}\" t=\"str\"><f>A1</f><v xml:space=\"preserve\">{}</v></c>", escaped(cell.text()))
            }
            Self::Number(number) => format!("<c r=\"{at}\"><v>{number}</v></c>"),
            Self::Hundredths(number) => format!("<c r=\"{at}\"><v>{}</v></c>", f64::from(*number) / 100.0),
            Self::Flag(yes) => format!("<c r=\"{at}\" t=\"b\"><v>{}</v></c>", u8::from(*yes)),
            Self::Day(days) => format!("<c r=\"{at}\" s=\"1\"><v>{}</v></c>", 46023 + u32::from(*days)),
            Self::Missing => String::new(),
        };
    }
}

const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

fn zipped(workbook: &str, shared: &str, sheet: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let of_book = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
    for (name, text) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", relations),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", of_book),
        ("xl/sharedStrings.xml", shared),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The letters of a text that XML can have.
fn held(text: &str) -> String {
    let holds = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(holds).collect()
}

/// Text as it must be written in XML.
fn escaped(text: &str) -> String {
    let text = held(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

/// Each entry with its verdict and the rules that found something, in order of numbers.
fn verdicts(checked: &Checked<'_>) -> Vec<(String, String, Vec<String>)> {
    let outcome = &checked.outcome;
    let mut all: Vec<_> = outcome.entries.iter().enumerate().filter_map(|(at, entry)| {
        let found = outcome.findings.iter().filter(|finding| finding.entry() == Some(at));
        let mut found: Vec<String> = found.map(|finding| outcome.rule(finding.rule).id.to_string()).collect();
        found.sort();
        Some((entry.number?.as_str().to_owned(), format!("{:?}", entry.verdict), found))
    }).collect();
    all.sort();
    all
}

fuzz_target!(|book: Book| {
    match book {
        Book::Bytes(bytes) => drop(run::check("plan.xlsx", bytes, None)),
        Book::Parts { workbook, shared, sheet } => {
            let workbook = if workbook.is_empty() { WORKBOOK } else { workbook };
            drop(run::check("plan.xlsx", &zipped(workbook, shared, sheet), None));
        }
        Book::Plain { title, rows } => {
            let mut sheet = String::from("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>");
            let mut shared = Vec::new();
            let head = [Cell::Text("Entry Number"), Cell::Text("Notes")].map(SheetCell::Inline);
            let title = title.map(|title| (SheetCell::Inline(title), SheetCell::Missing));
            let [entry, notes] = head;
            let all: Vec<_> = title.into_iter().chain([(entry, notes)]).chain(rows).collect();
            for (at, (entry, note)) in all.iter().enumerate() {
                let row = at + 1;
                sheet += &format!("<row r=\"{row}\">");
                entry.write(&format!("A{row}"), &mut shared, &mut sheet);
                note.write(&format!("B{row}"), &mut shared, &mut sheet);
                sheet += "</row>";
            }
            sheet += "</sheetData></worksheet>";
            let shared: String = shared.iter().map(|text| format!("<si><t xml:space=\"preserve\">{text}</t></si>")).collect();
            let shared = format!("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">{shared}</sst>");
            let texts: Vec<_> = all.iter().map(|(entry, note)| (entry.text(), note.text())).collect();
            let cells: Vec<Vec<&str>> = texts.iter().map(|(entry, note)| vec![&**entry, &**note]).collect();
            let of_book = run::check("plan.xlsx", &zipped(WORKBOOK, &shared, &sheet), None);
            let csv = run::csv(&cells);
            let of_csv = run::check("plan.csv", &csv, None);
            match (&of_book, &of_csv) {
                (Some(book), Some(csv)) => assert_eq!(verdicts(book), verdicts(csv), "a workbook and its cells as CSV"),
                (None, None) => {}
                // A title as the first bytes of a program, an image or another file that is not text.
                (Some(_), None) if capelint::internals::table::encoding::beginning("plan.csv", &csv).is_err() => {}
                (book, _) => panic!("only the {} is read", if book.is_some() { "workbook" } else { "CSV" }),
            }
            if let Some(checked) = of_book {
                run::render(&checked, sheet.len());
            }
        }
    }
});
