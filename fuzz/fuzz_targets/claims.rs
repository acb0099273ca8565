//! `capelint triage` on any Claim Details: what CBP accepted is never among what can be resubmitted, and
//! nothing comes from nowhere.
#![no_main]

mod run;

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use capelint::Check;
use capelint::entry::{self, EntryNumber};
use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use run::Cell;

const STATUSES: &[&str] = &["Entry Summary Updated", "Failed", "failed", "", "In Process", "Accepted with Error(s)"];
const MESSAGES: &[&str] = &[
    "", "NO IEEPA HTS ON ENTRY", "STATEMENT PROCESSING NOT COMPLETE", "INVALID HTS", "ENTRY ON DRAWBACK", "x",
    "HTS RELATIONSHIP/SEQUENCE MISMATCH", "UNABLE TO CALCULATE DUTY",
];

#[derive(Debug, Arbitrary)]
struct Claims<'a> {
    declared: Vec<Cell<'a>>,
    rows: Vec<(Cell<'a>, u8, u8, Option<Cell<'a>>)>,
}

fuzz_target!(|claims: Claims| {
    let mut rows = vec![vec!["ENTRY_NUMBER", "CLAIM_NUMBER", "STATUS", "ERROR_DESCRIPTION"]];
    let mut updated = BTreeSet::new();
    let mut failed = BTreeSet::new();
    for (number, status, message, any) in &claims.rows {
        let status = STATUSES[usize::from(*status) % STATUSES.len()];
        let message = any.as_ref().map_or(MESSAGES[usize::from(*message) % MESSAGES.len()], Cell::text);
        if let Some(number) = entry::read(number.text()).number {
            match status {
                "Entry Summary Updated" => updated.insert(number),
                _ => failed.insert(number),
            };
        }
        rows.push(vec![number.text(), "123456789012", status, message]);
    }
    let mut declaration = vec![vec!["Entry Number"]];
    declaration.extend(claims.declared.iter().map(|cell| vec![cell.text()]));
    let mut check = Check::new(run::rules(), NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    check.declaration("march.csv", run::csv(&declaration));
    let details = vec![("claims.csv".to_owned(), run::csv(&rows).into())];
    let triaged = match check.triage(details) {
        Ok(triaged) => triaged,
        Err(errors) => return run::look_at_errors(&errors),
    };
    let mut resubmitted = BTreeSet::new();
    for file in triaged.files().iter().filter(|file| file.name.starts_with("refile")) {
        let text = std::str::from_utf8(&file.bytes).expect("text");
        let mut lines = text.split_terminator("\r\n");
        assert_eq!(lines.next(), Some("Entry Number"));
        for line in lines {
            let number = EntryNumber::parse(line).expect("an entry number");
            assert!(resubmitted.insert(number), "{line} twice");
        }
    }
    assert!(resubmitted.is_disjoint(&updated), "accepted and to be resubmitted");
    assert!(resubmitted.is_subset(&failed), "nothing comes from nowhere");
    let mut out = Vec::new();
    triaged.human(Some(20), &mut out).unwrap();
    run::inert("human", String::from_utf8(out).expect("text"));
});
