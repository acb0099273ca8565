//! Cells with any text, in files that are otherwise right: whatever is in them, no format lets a
//! control character out, and every place is a range of whole characters.
#![no_main]

mod run;

use libfuzzer_sys::fuzz_target;
use run::Cell;

const ENTRY: &str = "ABC12345676";

fuzz_target!(|input: (u8, Cell, Cell, Cell, Cell, Cell, Cell)| {
    let (choice, name, entry, importer, notes, status, date) = &input;
    let [entry, importer, notes, status, date] = [entry, importer, notes, status, date].map(Cell::text);
    let declaration = run::csv(&[
        vec!["Entry Number", "Importer Number", "Notes"],
        vec![ENTRY, importer, notes],
        vec![entry, importer, notes],
        vec![entry, "12-3456789", ""],
    ]);
    let header = "Entry Summary Number,Importer Number,HTS Number - Full,Line Tariff Duty Amount,Liquidation Status,Liquidation Date";
    let mut rows = vec![header.split(',').collect::<Vec<_>>()];
    for key in [ENTRY, entry] {
        rows.push(vec![key, importer, "99030125", "850.00", status, date]);
        rows.push(vec![key, importer, notes, status, "Liquidated", "08/21/2026"]);
    }
    if let Some(checked) = run::check(&format!("{}.csv", name.text()), &declaration, Some(("es003.csv", &run::csv(&rows)))) {
        run::render(&checked, usize::from(*choice));
    }
});
