//! Reading: a declaration, an export, and what is refused before a rule runs.
//! `cargo bench --bench table`; whole-process figures are in `benches/README.md`.

use std::fmt::Write;
use std::sync::Arc;

use capelint::entry::{self, check_digit};
use capelint::frontend::input::FileUse;
use capelint::{Check, Input, RuleChoice, Rules};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

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

/// An export of 4 rows per entry. `guarded` as ACE wraps its texts: every row has quotes.
fn export(guarded: bool) -> Arc<[u8]> {
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
    text.into_bytes().into()
}

fn declaration(numbers: impl Iterator<Item = usize>) -> Input {
    let lines = numbers.map(|at| number(at) + "\r\n");
    std::iter::once("Entry Number\r\n".to_owned()).chain(lines).collect::<String>().into_bytes().into()
}

/// The pack with one rule that reads the table, so that reading is the work.
fn rules() -> Rules {
    let mut loader = capelint::Loader::new();
    loader.choose(RuleChoice { select: vec!["liquidated-over-80-days".into()], ..RuleChoice::default() });
    loader.load().expect("the built-in pack loads")
}

/// One entry in twenty is declared, as in the reference case.
#[divan::bench(args = [false, true])]
fn export_of_some_declared(bencher: Bencher, guarded: bool) {
    let (rules, export) = (rules(), export(guarded));
    let declared = declaration((0..ENTRIES).step_by(20));
    bencher.counter(BytesCount::new(export.len())).bench(|| {
        let mut check = Check::new(&rules, "2026-11-22".parse().expect("a day"));
        check.declaration("march.csv", declared.clone()).table("es003", "es003.csv", export.clone());
        check.run().expect("both are tables").outcome.entries.len()
    });
}

/// The scanner alone: nothing of the export is kept.
#[divan::bench(args = [false, true])]
fn entries_of_an_export(bencher: Bencher, guarded: bool) {
    let (rules, export) = (rules(), export(guarded));
    let (table, input) = (FileUse::Table("es003".into()), Input::from(Arc::clone(&export)));
    bencher
        .counter(BytesCount::new(export.len()))
        .bench(|| rules.count(&table, "es003.csv", &input, &|_, _, _| {}));
}

/// The same by the `csv` crate, for comparison.
#[divan::bench(args = [false, true])]
fn fields_of_an_export_by_the_csv_crate(bencher: Bencher, guarded: bool) {
    let export = export(guarded);
    bencher.counter(BytesCount::new(export.len())).bench(|| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&export[..]);
        let (mut record, mut count) = (csv::ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).is_ok_and(|more| more) {
            count += record.len();
        }
        count
    });
}

#[divan::bench]
fn declaration_alone(bencher: Bencher) {
    let (rules, declared) = (rules(), declaration(0..9_999));
    bencher.counter(ItemsCount::new(9_999usize)).bench(|| {
        let mut check = Check::new(&rules, "2026-11-22".parse().expect("a day"));
        check.declaration("march.csv", declared.clone());
        check.run().expect("this is a declaration").outcome.entries.len()
    });
}

#[divan::bench(args = ["ABC12345676", "ABC-1234567-6", "=\"ABC12345676\"", "2.61103E+08"])]
fn entry_number(bencher: Bencher, text: &str) {
    bencher.counter(ItemsCount::new(1usize)).bench(|| entry::read(black_box(text)));
}
