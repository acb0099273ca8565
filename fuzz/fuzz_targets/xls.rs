//! Old workbooks (`.xls`): any records in a compound file, and any damage of the file, end in a report or a
//! reason.
#![no_main]

mod run;

use std::io::{Cursor, Write as _};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use run::Cell;

/// A record of a sheet or of the workbook.
#[derive(Debug, Arbitrary)]
enum Record<'a> {
    Text(u8, u8, Cell<'a>),
    Rich(u8, u8, Cell<'a>, u8),
    Shared(u8, u8, u8),
    Number(u8, u8, f64),
    Short(u8, u8, u32),
    Formula(u8, u8, [u8; 8], Cell<'a>),
    Hidden(u8),
    Any(u8, &'a [u8]),
    /// A record by its number.
    Raw(u16, &'a [u8]),
}

#[derive(Debug, Arbitrary)]
struct Book<'a> {
    strings: Vec<Cell<'a>>,
    more: &'a [u8],
    globals: Vec<Record<'a>>,
    sheet: Vec<Record<'a>>,
    /// Bytes of the whole file that are others.
    damage: Vec<(u16, u8)>,
    cut: Option<u16>,
}

const KINDS: &[u16] = &[
    0x06, 0x0a, 0x22, 0x2f, 0x31, 0x3c, 0x42, 0x85, 0xbd, 0xbe, 0xd6, 0xe0, 0xe5, 0xfc, 0xfd, 0x200, 0x201, 0x203, 0x204, 0x205,
    0x207, 0x208, 0x27e, 0x41e, 0x4bc, 0x809,
];

fn record(kind: u16, data: &[u8], out: &mut Vec<u8>) {
    let data = &data[..data.len().min(8224)];
    out.extend(kind.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
}

fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(4_000).collect();
    let mut out = (units.len() as u16).to_le_bytes().to_vec();
    out.push(1);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

impl Record<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let at = |row: u8, column: u8| [row, 0, column % 4, 0, 0, 0].to_vec();
        match self {
            Self::Text(row, column, cell) => record(0x204, &[at(*row, *column), text(cell.text())].concat(), out),
            Self::Rich(row, column, cell, count) => {
                record(0xd6, &[at(*row, *column), text(cell.text()), vec![*count, 0, 1, 0, 5, 0]].concat(), out);
            }
            Self::Shared(row, column, index) => record(0xfd, &[at(*row, *column), vec![*index, 0, 0, 0]].concat(), out),
            Self::Number(row, column, number) => {
                record(0x203, &[at(*row, *column), number.to_le_bytes().to_vec()].concat(), out);
            }
            Self::Short(row, column, number) => {
                record(0x27e, &[at(*row, *column), number.to_le_bytes().to_vec()].concat(), out);
            }
            Self::Formula(row, column, result, cell) => {
                record(0x06, &[at(*row, *column), result.to_vec(), vec![0; 8]].concat(), out);
                record(0x207, &text(cell.text()), out);
            }
            Self::Hidden(row) => record(0x208, &[*row, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0], out),
            Self::Any(kind, data) => record(KINDS[usize::from(*kind) % KINDS.len()], data, out),
            Self::Raw(kind, data) => record(*kind, data, out),
        }
    }
}

fn all<'a>(book: &Book<'a>) -> Vec<u8> {
    let begin = |kind: u8| [&[0, 6, kind, 0][..], &[0; 12]].concat();
    let mut shared = [[0; 4], (book.strings.len() as u32).to_le_bytes()].concat();
    shared.extend(book.strings.iter().flat_map(|string| text(string.text())));
    let listed = |offset: u32| {
        let mut out = Vec::new();
        record(0x809, &begin(5), &mut out);
        book.globals.iter().for_each(|record| record.write(&mut out));
        record(0xfc, &shared, &mut out);
        record(0x3c, book.more, &mut out);
        record(0x85, &[&offset.to_le_bytes()[..], &[0, 0, 4, 0], b"Plan"].concat(), &mut out);
        record(0x0a, &[], &mut out);
        out
    };
    let mut out = listed(listed(0).len() as u32);
    record(0x809, &begin(16), &mut out);
    record(0x204, &[vec![0; 6], text("Entry Number")].concat(), &mut out);
    book.sheet.iter().for_each(|record| record.write(&mut out));
    record(0x0a, &[], &mut out);
    out
}

fuzz_target!(|book: Book| {
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
    file.create_stream("Workbook").unwrap().write_all(&all(&book)).unwrap();
    file.flush().unwrap();
    let mut bytes = file.into_inner().into_inner();
    let length = bytes.len();
    for (at, value) in &book.damage {
        bytes[usize::from(*at) % length] = *value;
    }
    if let Some(cut) = book.cut {
        bytes.truncate(usize::from(cut) % length);
    }
    drop(run::check("plan.xls", &bytes, None));
});
