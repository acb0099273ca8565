//! The parts of reading: records, fields, values, a declaration, a reference table.
//! `cargo bench --bench table`; whole-process figures are in `benches/README.md`.

use std::fmt::Write;
use std::sync::Arc;

use capelint::entry::{EntryNumber, check_digit};
use capelint::input::Input;
use capelint::source::Sources;
use capelint::table::declaration::{Declarations, file_schema, row_facts};
use capelint::table::reference::{Request, read_table};
use capelint::table::schema::{Column, Schema, Type};
use capelint::table::value::Reader;
use capelint::table::{Entries, TableId, csv};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use hashbrown::HashSet;

fn main() {
    divan::main();
}

const ENTRIES: usize = 20_000;

/// A made-up valid entry number.
fn number(at: usize) -> String {
    let ten = format!("XYZ{at:07}");
    let digit = check_digit(ten.as_bytes()).expect("ten letters and digits");
    format!("{ten}{}", char::from(digit))
}

fn column(name: &str, kind: Type, header: &str) -> Column {
    Column { headers: vec![header.into()], ..Column::new(name, kind) }
}

fn schemas() -> Vec<Arc<Schema>> {
    let table = |name: &str, columns| Schema { name: name.into(), key: Some(0), columns, ..file_schema() };
    let mut row = vec![column("entry", Type::EntryNumber, "Entry Number")];
    row.extend(row_facts());
    let es003 = vec![
        column("entry", Type::EntryNumber, "Entry Summary Number"),
        column("entry_date", Type::Date, "Entry Date"),
        column("line", Type::Integer, "Entry Summary Line Number"),
        column("hts", Type::Hts, "HTS Number - Full"),
        column("duty", Type::Money, "Line Tariff Duty Amount"),
    ];
    vec![Arc::new(file_schema()), Arc::new(table("row", row)), Arc::new(table("es003", es003))]
}

/// An export of four rows an entry. `guarded` as ACE wraps its texts: every row has quotes.
fn export(guarded: bool) -> Vec<u8> {
    let mut text = String::from(
        "Entry Summary Number,Entry Date,Importer Number,Manufacturer ID,Entry Summary Line Number,\
         HTS Number - Full,Line Tariff Duty Amount,Liquidation Status,Liquidation Date,Notes\r\n",
    );
    for at in 0..ENTRIES {
        for line in 1..=4 {
            let number = number(at);
            let number = if guarded { format!("=\"{number}\"") } else { number };
            let duty = (at * 37 + line * 11) % 90_000;
            writeln!(
                text,
                "{number},09/{:02}/2026,12-345678900,CNMANUF{:03}SHE,{line},99030125,{duty}.80,Liquidated,10/02/2026,,\r",
                at % 30 + 1,
                at % 999,
            )
            .expect("a string takes everything");
        }
    }
    text.into_bytes()
}

/// One entry in twenty is declared, as in the reference case.
fn declared() -> Entries {
    let mut entries = Entries::default();
    for at in (0..ENTRIES).step_by(20) {
        entries.insert(EntryNumber::parse(&number(at)).expect("made to be valid"));
    }
    entries
}

#[divan::bench(args = [false, true])]
fn records(bencher: Bencher, guarded: bool) {
    let text = export(guarded);
    bencher.counter(BytesCount::of_slice(&text)).bench(|| {
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            let Ok(record) = csv::record_end(&text, at, b',', true) else { break };
            at = record.next;
            count += 1;
        }
        count
    });
}

#[divan::bench(args = [false, true])]
fn records_and_fields(bencher: Bencher, guarded: bool) {
    let text = export(guarded);
    bencher.counter(BytesCount::of_slice(&text)).bench(|| {
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            let Ok(record) = csv::record_end(&text, at, b',', true) else { break };
            count += csv::fields(&text[at..record.end], b',').count();
            at = record.next;
        }
        count
    });
}

/// The same by the `csv` crate, for comparison.
#[divan::bench(args = [false, true])]
fn records_and_fields_by_the_csv_crate(bencher: Bencher, guarded: bool) {
    let text = export(guarded);
    bencher.counter(BytesCount::of_slice(&text)).bench(|| {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&text[..]);
        let (mut record, mut count) = (::csv::ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).is_ok_and(|more| more) {
            count += record.len();
        }
        count
    });
}

#[divan::bench(args = [false, true])]
fn reference_table(bencher: Bencher, guarded: bool) {
    let text: Arc<[u8]> = export(guarded).into();
    let schemas = schemas();
    let corrections = HashSet::new();
    bencher.counter(BytesCount::of_slice(&text)).bench(|| {
        let request = Request { corrections: Some(&corrections), ..Request::new(TableId(2), &schemas) };
        let inputs = [("es003.csv".to_owned(), Input::Bytes(text.clone()))];
        read_table(&request, &inputs, &mut Sources::default(), &mut declared())
    });
}

#[divan::bench]
fn declaration(bencher: Bencher) {
    let text: String = std::iter::once("Entry Number".to_owned())
        .chain((0..9_999).map(number))
        .map(|line| line + "\r\n")
        .collect();
    let schemas = schemas();
    bencher.counter(ItemsCount::new(9_999usize)).bench(|| {
        let mut declarations = Declarations::new(&schemas);
        let (mut sources, mut entries) = (Sources::default(), Entries::default());
        declarations
            .read("march.csv", text.as_bytes(), &mut sources, &mut entries)
            .expect("this is a declaration");
        declarations.finish()
    });
}

#[divan::bench(args = [
    (Type::Date, "09/02/2026"),
    (Type::Money, "$1,234.56"),
    (Type::Hts, "9903.01.25"),
    (Type::EntryNumber, "ABC-1234567-6"),
    (Type::ImporterNumber, "12-3456789"),
    (Type::Integer, "12"),
    (Type::YesNo, "Yes"),
])]
fn value(bencher: Bencher, (kind, text): (Type, &str)) {
    let reader = Reader::new(&column("c", kind, "C"));
    bencher.counter(ItemsCount::new(1usize)).bench(|| reader.read(black_box(text)));
}
