//! Workbooks: any bytes as the parts of one end in a report or a reason, and a plain sheet gives the
//! same verdicts as the same table as CSV.
#![no_main]

mod run;

use std::io::Write as _;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use run::Cell;

#[derive(Debug, Arbitrary)]
enum Book<'a> {
    /// A sheet of cells as text.
    Plain(Vec<(Cell<'a>, Cell<'a>)>),
    /// Any XML in the parts of a workbook.
    Parts { workbook: &'a str, shared: &'a str, sheet: &'a str },
    /// Any bytes.
    Bytes(&'a [u8]),
}

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

fn zipped(workbook: &str, shared: &str, sheet: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let of_book = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
    for (name, text) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", relations),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", of_book),
        ("xl/sharedStrings.xml", shared),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Text that XML can hold, as it must be written there.
fn escaped(text: &str) -> String {
    let holds = |c: &char| matches!(c, '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().filter(holds).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fuzz_target!(|book: Book| {
    match book {
        Book::Bytes(bytes) => drop(run::check("plan.xlsx", bytes, None)),
        Book::Parts { workbook, shared, sheet } => {
            let workbook = if workbook.is_empty() { WORKBOOK } else { workbook };
            drop(run::check("plan.xlsx", &zipped(workbook, shared, sheet), None));
        }
        Book::Plain(rows) => {
            let mut sheet = String::from("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>");
            let header = [("Entry Number", "Notes")];
            let rows = header.into_iter().chain(rows.iter().map(|(entry, note)| (entry.text(), note.text())));
            for (at, (entry, note)) in rows.enumerate() {
                let row = at + 1;
                sheet += &format!("<row r=\"{row}\">");
                for (column, text) in [("A", entry), ("B", note)] {
                    sheet += &format!(
                        "<c r=\"{column}{row}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                        escaped(text)
                    );
                }
                sheet += "</row>";
            }
            sheet += "</sheetData></worksheet>";
            let read = run::check("plan.xlsx", &zipped(WORKBOOK, "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"/>", &sheet), None);
            if let Some(checked) = read {
                run::render(&checked, sheet.len());
            }
        }
    }
});
