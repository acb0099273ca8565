//! Declarations that are evaluated in batches come out as if all were evaluated at once: entries, findings and upload
//! files byte for byte, and the same rules undecided. Which of two ways an undecided rule is listed in (for all entries
//! alike, or by entry) and which of several cells its cause names may depend on the batches.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use capelint::{Account, Check, Checked, Format, Include, Input, Options, Outcome, ReadAt, Role, Sets};
use chrono::NaiveDate;
use common::RULES;
use common::thorough::cases;
use proptest::prelude::*;
use proptest::sample::Index;

static EXPORT: LazyLock<(String, Vec<String>)> = LazyLock::new(|| {
    let text = fs::read_to_string("examples/portfolio/es003.csv").expect("the example");
    let (header, rows) = text.split_once("\r\n").expect("a header");
    (header.to_owned(), rows.lines().map(str::to_owned).collect())
});
const FILING_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");

fn file(header: &str, rows: &[String]) -> Vec<u8> {
    format!("{header}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

/// Every report of a check, and what `fix` would write of it.
fn reports(checked: &Checked<'_>) -> Vec<(String, String)> {
    let options = Options { max_lines: None, statistics: true, ..Options::default() };
    let mut reports: Vec<(String, Vec<u8>)> = Vec::new();
    // These say nothing of undecided rules but the entries that they keep.
    for format in [Format::Short, Format::Csv] {
        let mut report = Vec::new();
        checked.render(format, &options, &mut report).expect("a report");
        reports.push((format.to_string(), report));
    }
    // The findings, as they are drawn.
    let mut report = Vec::new();
    checked.render(Format::Full, &options, &mut report).expect("a report");
    let report = String::from_utf8(report).expect("text");
    let drawn = report.split("warning[undecided]").next().unwrap_or_default().as_bytes().to_vec();
    reports.push(("full".into(), drawn));
    let Outcome { entries, left_out, findings, declarations, undecided, .. } = &checked.outcome;
    reports.push(("entries".into(), format!("{entries:#?}{left_out:#?}{declarations:#?}").into_bytes()));
    let findings: Vec<String> = findings
        .iter()
        .map(|finding| {
            let mut finding = finding.clone();
            // Tables have other rows: what is in the cells is in the reports.
            let labels = finding.labels.iter().map(|label| label.cell);
            let cells: Vec<_> = labels.chain([finding.cell]).map(|cell| checked.cell(cell?)).collect();
            finding.cell = None;
            finding.labels.iter_mut().for_each(|label| label.cell = None);
            format!("{finding:#?}{cells:#?}")
        })
        .collect();
    reports.push(("findings".into(), findings.join("\n").into_bytes()));
    let undecided: BTreeSet<(String, bool)> =
        undecided.iter().map(|one| (checked.outcome.rule(one.rule).id.clone(), one.optional)).collect();
    reports.push(("undecided".into(), format!("{undecided:#?}").into_bytes()));
    for (name, sets) in [("per declaration", Sets::PerDeclaration), ("merged", Sets::Merged)] {
        let include = Include { warned: true, undecided: true, stopped: true };
        let plan = checked.plan(include, sets).expect("a plan");
        reports.extend(
            checked.files(&plan).into_iter().map(|file| (format!("{name}: {}", file.name), file.bytes)),
        );
        reports.push((format!("{name}: rows"), format!("{:#?}", checked.row_groups(&plan)).into_bytes()));
    }
    reports.into_iter().map(|(name, bytes)| (name, String::from_utf8(bytes).expect("text"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Exports in any order, in one file or two, with damaged rows; declarations that have entries of each
    /// other, of several importers, with damaged numbers and blank rows; lists, or none.
    #[test]
    fn batches_say_what_one_check_of_all_says(
        order in prop::collection::vec(any::<Index>(), 1..120),
        cut in prop::option::of(any::<Index>()),
        damaged in prop::option::of((any::<Index>(), any::<Index>(), prop::sample::select(vec!["?", "\"", "\u{e9}", " "]))),
        blanked in prop::option::of((any::<Index>(), any::<Index>())),
        declared in prop::collection::vec(prop::collection::vec((any::<Index>(), 0..30_u8), 0..14), 2..7),
        has_importers in any::<bool>(),
        listed in prop::collection::vec((0..5_usize, any::<Index>()), 0..12),
        lists in prop::collection::vec(any::<bool>(), 5),
        account in 0..4_u8,
        year_later in any::<bool>(),
        left_out in any::<bool>(),
    ) {
        let (header, all) = &*EXPORT;
        let mut rows: Vec<String> = order.iter().map(|at| at.get(all).clone()).collect();
        let number_of = |row: &str| row.split(',').next().unwrap_or("").to_owned();
        let importer_of = |row: &str| row.split(',').nth(2).unwrap_or("").to_owned();
        if let Some((row, at, with)) = &damaged {
            let row = row.index(rows.len());
            let at = at.index(rows[row].len());
            rows[row].replace_range(at..=at, with);
        }
        if let Some((row, at)) = &blanked {
            let row = row.index(rows.len());
            let mut cells: Vec<&str> = rows[row].split(',').collect();
            let at = at.index(cells.len());
            cells[at] = "";
            rows[row] = cells.join(",");
        }
        let files: Vec<(&str, Vec<u8>)> = match cut {
            None => vec![("a.csv", file(header, &rows))],
            Some(cut) => {
                let (first, second) = rows.split_at(cut.index(rows.len()));
                let files = [("a.csv", first), ("b.csv", second)].into_iter();
                files.filter(|(_, rows)| !rows.is_empty()).map(|(name, rows)| (name, file(header, rows))).collect()
            }
        };
        let declarations: Vec<(String, Vec<u8>)> = declared.iter().enumerate().map(|(at, declared)| {
            let row = |(row, odd): &(Index, u8)| {
                // Nearly all entries are in the export.
                let row = if *odd == 29 { row.get(all) } else { row.get(&order).get(all.as_slice()) };
                let number = match odd {
                    0 => String::new(),
                    1 => number_of(row).replace(char::is_numeric, "x"),
                    2 => format!("{}-{}-{}", &number_of(row)[..3], &number_of(row)[3..10], &number_of(row)[10..]),
                    3 => number_of(row).chars().rev().collect(),
                    _ => number_of(row),
                };
                if has_importers { format!("{number},{}", importer_of(row)) } else { number }
            };
            let rows: Vec<String> = declared.iter().map(row).collect();
            let header = if has_importers { "Entry Number,Importer Number" } else { "Entry Number" };
            (format!("{at}.csv"), file(header, &rows))
        }).collect();
        let list = |wanted: usize| -> Vec<String> {
            let of_list = listed.iter().filter(|(list, _)| *list == wanted);
            let row = |row: &Index| -> &String { row.get(&order).get(all) };
            of_list.map(|(_, at)| number_of(row(at))).collect()
        };
        let account = match account {
            0 => Account::default(),
            1 => Account { role: Some(Role::Importer), ..Account::default() },
            2 => {
                let importer = capelint::ImporterNumber::parse(&importer_of(&all[0]));
                Account { role: Some(Role::Importer), importer_numbers: importer.map(|one| vec![one]), ..Account::default() }
            }
            _ => Account { role: Some(Role::Broker), filer_codes: Some(vec!["ABC".into()]), ..Account::default() },
        };
        let filing_date = if year_later { FILING_DATE + chrono::Days::new(200) } else { FILING_DATE };
        let check = |batch: Option<usize>| {
            let mut check = Check::new(&RULES, filing_date);
            check.account(account.clone()).digests(true).batch(batch).left_out(left_out);
            for (name, bytes) in &declarations {
                check.declaration(name.clone(), bytes.clone());
            }
            for (name, bytes) in &files {
                check.table("es003", *name, bytes.clone());
            }
            let names = [
                ("psc", "Entry Number,Status", ",Filed"),
                ("protests", "Entry Number,Protest Status", ",OP"),
                ("adcvd", "Entry Number,Status", ",Pending"),
                ("drawback", "Entry Number,Note", ",claimed"),
                ("claims", "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION", ",300000001300,Entry Summary Updated,"),
            ];
            for (at, (name, header, rest)) in names.into_iter().enumerate().filter(|(at, _)| lists[*at]) {
                let rows: Vec<String> = list(at).into_iter().map(|number| number + rest).collect();
                if rows.is_empty() {
                    check.nothing_to_list(name);
                } else {
                    check.table(name, format!("{name}.csv"), file(header, &rows));
                }
            }
            check.run()
        };
        match check(None) {
            Ok(whole) => {
                let whole = reports(&whole);
                for batch in [1, 9] {
                    let batched = reports(&check(Some(batch)).expect("a check"));
                    prop_assert_eq!(whole.len(), batched.len());
                    for ((name, whole), (_, batched)) in whole.iter().zip(&batched) {
                        let differing = whole.lines().zip(batched.lines()).find(|(whole, batched)| whole != batched);
                        prop_assert!(whole == batched, "{name}: {differing:#?}");
                    }
                }
            }
            Err(errors) => {
                let batched = check(Some(1)).err().map(|errors| errors.to_string());
                prop_assert_eq!(Some(errors.to_string()), batched);
            }
        }
    }
}

/// An export without commodity lines leaves every entry undecided, those that it has no row of too.
#[test]
fn a_batch_whose_entries_are_in_no_row_of_a_partial_export_is_undecided() {
    let (header, all) = &*EXPORT;
    let rows: Vec<String> = all.iter().filter(|row| row.contains(",9903")).take(3).cloned().collect();
    let present: Vec<String> = rows.iter().map(|row| row[..11].to_owned()).collect();
    let absent = ["ABC12345676".to_owned()];
    let check = |batch: Option<usize>| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.batch(batch).table("es003", "es003.csv", file(header, &rows));
        check.declaration("a.csv", file("Entry Number", &present));
        check.declaration("b.csv", file("Entry Number", &absent));
        reports(&check.run().expect("a check"))
    };
    let batched = check(Some(1));
    assert_eq!(batched, check(None));
    assert!(batched.iter().any(|(name, text)| name == "entries" && text.contains("verdict: Undecided")));
}

/// A file that may be changed.
struct ChangingFile(Vec<u8>, Arc<AtomicBool>);

impl ReadAt for ChangingFile {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[offset as usize..];
        let length = buffer.len().min(rest.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn has_changed(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

/// Rows that findings point at are read again when they are shown, and never from a file that was changed.
#[test]
fn a_report_shows_no_rows_of_a_changed_file() {
    let (header, rows) = &*EXPORT;
    let is_changed = Arc::new(AtomicBool::new(false));
    let mut check = Check::new(&RULES, FILING_DATE + chrono::Days::new(200));
    for (name, rows) in [("a.csv", &rows[..20]), ("b.csv", &rows[20..])] {
        let numbers: Vec<String> = rows.iter().map(|row| row[..11].to_owned()).collect();
        check.declaration(name, file("Entry Number", &numbers));
    }
    check.table(
        "es003",
        "es003.csv",
        Input::seekable(ChangingFile(file(header, rows), Arc::clone(&is_changed))),
    );
    let checked = check.batch(Some(1)).run().expect("a check");
    let report = || {
        let mut report = Vec::new();
        checked.render(Format::Full, &Options::default(), &mut report).map(|()| report)
    };
    let text = String::from_utf8(report().expect("a report")).expect("text");
    assert!(text.contains("es003.csv:") && text.contains("Liquidated"), "{text}");
    is_changed.store(true, Ordering::Relaxed);
    assert_eq!(
        report().expect_err("it was changed").to_string(),
        "`es003.csv` was changed while it was read"
    );
}
