//! `capelint fix` on any planning sheet: each entry is written once or held back, nothing else is
//! written, and the upload files are what CBP's template wants.
#![no_main]

mod run;

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use capelint::entry::EntryNumber;
use capelint::{Include, Sets};
use libfuzzer_sys::fuzz_target;
use run::Cell;

#[derive(Debug, Arbitrary)]
struct Sheet<'a> {
    include: (bool, bool, bool),
    header: bool,
    /// Entry number and a note.
    rows: Vec<(Cell<'a>, Cell<'a>)>,
    /// Which entries the export has, and whether they are late.
    export: Vec<(u8, bool)>,
}

fuzz_target!(|sheet: Sheet| {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    if sheet.header {
        rows.push(vec!["Entry Number", "Notes"]);
    }
    rows.extend(sheet.rows.iter().map(|(entry, note)| vec![entry.text(), note.text()]));
    let mut export = vec![vec!["Entry Summary Number", "HTS Number - Full", "Line Tariff Duty Amount", "Liquidation Status", "Liquidation Date"]];
    for (word, late) in &sheet.export {
        let day = if *late { "01/02/2026" } else { "11/20/2026" };
        export.push(vec![run::WORDS[usize::from(*word) % run::WORDS.len()], "99030125", "850.00", "Liquidated", day]);
    }
    let Some(checked) = run::check("plan.csv", &run::csv(&rows), Some(("es003.csv", &run::csv(&export)))) else { return };
    let include = Include { warned: sheet.include.0, undecided: sheet.include.1, stopped: sheet.include.2 };
    let plan = checked.plan(include, Sets::Merged).expect("the rows add up");
    let mut uploaded = BTreeSet::new();
    for file in checked.files(&plan).iter().filter(|file| !["warned.csv", "held.csv", "accepted-by-you.csv"].contains(&file.name.as_str())) {
        let text = std::str::from_utf8(&file.bytes).expect("text");
        let mut lines = text.split_terminator("\r\n");
        assert_eq!(lines.next(), Some("Entry Number"));
        assert!(text.ends_with("\r\n") && text.is_ascii() && text.len() < 1_000_000);
        let mut count = 0;
        for line in lines {
            let number = EntryNumber::parse(line).expect("an entry number");
            assert_eq!(number.as_str(), line);
            assert!(uploaded.insert(number), "{line} twice");
            count += 1;
        }
        assert!((1..=9_999).contains(&count));
    }
    let declared: BTreeSet<EntryNumber> = checked.outcome.entries.iter().filter_map(|entry| entry.number).collect();
    let held: BTreeSet<EntryNumber> = plan.held.iter().filter_map(|held| checked.outcome.entries[held.entry].number).collect();
    assert!(uploaded.is_disjoint(&held), "both written and held back");
    assert_eq!(&uploaded | &held, declared, "nothing is lost and nothing comes from nowhere");
});
