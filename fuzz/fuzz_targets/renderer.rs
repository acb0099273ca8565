//! Cells with any text, in files that are otherwise right: whatever they hold, no format lets a
//! control character out, and every place is a range of whole characters.
#![no_main]

mod run;

use capelint::internals::table::csv::push_field;
use capelint::internals::table::reference::Chunks;
use libfuzzer_sys::fuzz_target;

const ENTRY: &str = "ABC12345676";

fuzz_target!(|cells: (&str, &str, &str, &str, &str, &str)| {
    let (name, entry, importer, notes, status, date) = cells;
    let mut declaration = b"Entry Number,Importer Number,Notes\n".to_vec();
    for row in [[ENTRY, importer, notes], [entry, importer, notes], [entry, "12-3456789", ""]] {
        push_row(&mut declaration, &row);
    }
    let mut es003 = b"Entry Summary Number,Importer Number,HTS Number - Full,Line Tariff Duty Amount,\
        Liquidation Status,Liquidation Date\n"
        .to_vec();
    for key in [ENTRY, entry] {
        push_row(&mut es003, &[key, importer, "99030125", "850.00", status, date]);
        push_row(&mut es003, &[key, importer, notes, status, "Liquidated", "08/21/2026"]);
    }
    run::check(&format!("{name}.csv"), &declaration, Some(&es003), Chunks::default());
});

fn push_row(out: &mut Vec<u8>, cells: &[&str]) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        push_field(out, cell, b',');
    }
    out.push(b'\n');
}
