//! `capelint fix` as a process: what it writes passes `check`, nothing is lost, and being killed
//! leaves no half of a set.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use capelint::entry::EntryNumber;
use common::number;
use common::thorough::cases;
use proptest::prelude::*;

const DAY: &str = "2026-11-22";

/// An ES-003 export in which all entries may be filed, except that every seventh liquidated long ago.
fn export(numbers: impl IntoIterator<Item = EntryNumber>) -> String {
    let mut text = "Entry Summary Number,Importer Number,Entry Type Code,Entry Date,Liquidation Status,\
                    Liquidation Date,HTS Number - Full,Line Tariff Duty Amount\r\n"
        .to_owned();
    for (at, number) in numbers.into_iter().enumerate() {
        let liquidated = if at % 7 == 3 { "01/02/2026" } else { "11/01/2026" };
        text.push_str(&format!(
            "=\"{}\",12-3456789,01,11/01/2025,Liquidated,{liquidated},9903.01.24,100.00\r\n",
            number.as_str()
        ));
    }
    text
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(folder).args(arguments).args(["--isolated", "--filing-date", DAY]);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn fix(folder: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["fix"];
    all.extend(arguments);
    all.extend(["--es003", "es003.csv", "--none", "psc"]);
    run(folder, &all)
}

/// The upload files of a folder, in the order of their names.
fn uploads(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("declaration-"))
        .collect();
    names.sort();
    names
}

fn uploaded(folder: &Path) -> Vec<EntryNumber> {
    let mut numbers = Vec::new();
    for name in uploads(folder) {
        let bytes = fs::read(folder.join(name)).unwrap();
        assert!(bytes.len() < 1_000_000 && bytes.is_ascii());
        let text = String::from_utf8(bytes).unwrap();
        let rows = text.strip_prefix("Entry Number\r\n").unwrap();
        assert!(rows.is_empty() || rows.ends_with("\r\n"));
        let before = numbers.len();
        for row in rows.split_terminator("\r\n") {
            assert_eq!(row.len(), 11);
            numbers.push(EntryNumber::parse(row).unwrap());
        }
        assert!((1..=9_999).contains(&(numbers.len() - before)));
    }
    numbers
}

fn held(folder: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(folder.join("held.csv")).unwrap();
    reader.records().map(|row| row.unwrap()[0].replace('-', "")).collect()
}

/// A declaration's row for an entry, damaged in some way.
fn damaged(number: EntryNumber, damage: u8) -> String {
    let plain = number.as_str();
    match damage {
        0 => number.to_string(),
        1 => format!(" {plain} "),
        2 => plain.to_lowercase(),
        3 => format!("=\"{plain}\""),
        4 => format!("'{plain}"),
        5 => number.to_string().replace('-', "\u{2013}"),
        6 => plain.trim_start_matches('0').to_owned(),
        7 => format!("\"{plain}\""),
        8 => format!("{plain}\u{a0}"),
        9 => format!("{plain},"),
        10 => format!("{plain},a note"),
        11 => format!("{plain}\r\n{plain}"),
        12 => "6.05761E+10".to_owned(),
        13 => plain[..10].to_owned(),
        14 => format!("{}{}", &plain[..10], char::from(b'0' + (plain.as_bytes()[10] - b'0' + 1) % 10)),
        15 => String::new(),
        16 => format!("=HYPERLINK({plain})"),
        17 => format!("{plain}\0"),
        18 => format!("\"{plain}\"x"),
        19 => format!("{plain},{}", common::number("XYZ", 1).as_str()),
        _ => plain.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_fix_writes_passes_check_and_nothing_is_lost(
        rows in prop::collection::vec((0..12_u32, 0..24_u8, prop::bool::ANY), 1..30),
        header in prop::sample::select(vec![
            "Entry Number", "entry number", "Entry No,Notes", "Entry Number,", "", "Plan of March\nEntry Number",
        ]),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        mark in prop::bool::ANY,
        second in prop::bool::ANY,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let numbered = |n: u32, zeros: bool| number(if zeros { "002" } else { "ABC" }, n);
        let known = (0..12).flat_map(|n| [numbered(n, false), numbered(n, true)]);
        fs::write(path.join("es003.csv"), export(known)).unwrap();
        let mut text = String::new();
        let mut lines: Vec<String> = header.lines().map(str::to_owned).collect();
        lines.extend(rows.iter().map(|(n, damage, zeros)| damaged(numbered(*n, *zeros), *damage)));
        if mark { text.push('\u{feff}'); }
        for line in &lines {
            text.push_str(line);
            text.push_str(line_end);
        }
        fs::write(path.join("plan.csv"), &text).unwrap();
        let mut arguments = vec!["plan.csv", "--out", "up", "--include", "undecided"];
        if second {
            fs::write(path.join("other.csv"), format!("Entry Number\r\n{}\r\n", number("ABC", 1).as_str())).unwrap();
            arguments.insert(1, "other.csv");
        }
        let done = fix(path, &arguments);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if done.status.code() == Some(2) {
            // Nothing like an entry number: not a declaration, so nothing is written.
            prop_assert!(!path.join("up").exists());
            return Ok(());
        }
        prop_assert!(said.contains(" read = "), "{said}");
        let up = path.join("up");
        let out = uploaded(&up);
        let distinct: BTreeSet<EntryNumber> = out.iter().copied().collect();
        prop_assert_eq!(distinct.len(), out.len(), "no entry twice");
        let back: BTreeSet<String> = held(&up).into_iter().collect();
        for (n, damage, zeros) in &rows {
            let number = numbered(*n, *zeros);
            if EntryNumber::parse(&damaged(number, *damage)) == Some(number) {
                prop_assert!(
                    distinct.contains(&number) || back.contains(number.as_str()),
                    "{} is lost: {}", number, said
                );
            }
        }
        for name in uploads(&up) {
            let check = run(&up, &["check", &name, "--es003", "../es003.csv", "--format", "short"]);
            let report = String::from_utf8_lossy(&check.stdout).into_owned();
            prop_assert_ne!(check.status.code(), Some(2), "{}", report);
            prop_assert!(!report.contains(": error[") && !report.contains(": stop["), "{}", report);
        }
        prop_assert_eq!(fs::read_to_string(path.join("plan.csv")).unwrap(), text, "the input is as it was");
    }
}

#[test]
fn a_second_number_in_a_row_is_named_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (first, second) = (number("ABC", 1), number("ABC", 2));
    fs::write(path.join("es003.csv"), export([first, second])).unwrap();
    fs::write(path.join("plan.csv"), format!("Entry Number\r\n{},{}\r\n", first.as_str(), second.as_str()))
        .unwrap();
    let done = fix(path, &["plan.csv", "--out", "up", "--include", "undecided"]);
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(uploaded(&path.join("up")), [first]);
    assert_eq!(held(&path.join("up")), [second.as_str()]);
}

#[test]
fn numbers_above_the_header_of_a_workbook_and_in_the_next_cell_are_named_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let numbers: Vec<EntryNumber> = (1..4).map(|n| number("ABC", n)).collect();
    fs::write(folder.path().join("es003.csv"), export(numbers.iter().copied())).unwrap();
    let mut catalog = rust_xlsxwriter::Workbook::new();
    let sheet = catalog.add_worksheet();
    sheet.write(0, 0, numbers[0].as_str()).unwrap();
    sheet.write(2, 0, "Entry Number").unwrap().write(2, 1, "Notes").unwrap();
    sheet.write(3, 0, numbers[1].as_str()).unwrap().write(3, 1, "x").unwrap();
    sheet.write(4, 1, numbers[2].as_str()).unwrap();
    catalog.save(folder.path().join("plan.xlsx")).unwrap();
    let done = fix(folder.path(), &["plan.xlsx", "--out", "up", "--include", "undecided"]);
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(uploaded(&folder.path().join("up")), [numbers[1]]);
    assert_eq!(held(&folder.path().join("up")), [numbers[0].as_str(), numbers[2].as_str()]);
}

#[test]
fn numbers_inside_a_broken_quote_are_named_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let numbers: Vec<EntryNumber> = (1..5).map(|n| number("ABC", n)).collect();
    let [first, second, third, last] = numbers[..] else { unreachable!() };
    let [a, b, c, d] = [&first, &second, &third, &last].map(EntryNumber::as_str);
    fs::write(path.join("es003.csv"), export(numbers.clone())).unwrap();
    for rows in [
        format!("{a},x\r\n{b},\"open\r\n{c},y\r\n{d},\"z\"\r\n"),
        format!("\"{a}\",\"x\"\r\n\"{b}\",\"open\r\n\"{c}\",\"y\"\r\n\"{d}\",\"z\"\r\n"),
    ] {
        fs::write(path.join("plan.csv"), format!("Entry Number,Note\r\n{rows}")).unwrap();
        let out = path.join("up");
        let _ = fs::remove_dir_all(&out);
        let done = fix(path, &["plan.csv", "--out", "up", "--include", "undecided"]);
        assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
        let mut named: Vec<String> = uploaded(&out).iter().map(|number| number.as_str().to_owned()).collect();
        named.extend(held(&out));
        for number in [a, b, c, d] {
            assert!(named.iter().any(|name| name.contains(number)), "{number} in {named:?}: {rows}");
        }
    }
}

#[test]
fn nothing_is_written_twice_over_or_over_an_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let numbers: Vec<EntryNumber> = (0..3).map(|n| number("ABC", n)).collect();
    fs::write(path.join("es003.csv"), export(numbers.clone())).unwrap();
    let plan = format!("Entry Number\r\n{}\r\n", numbers[0].as_str());
    fs::write(path.join("plan.csv"), &plan).unwrap();
    let arguments = ["plan.csv", "--out", "up", "--include", "undecided"];
    assert_eq!(fix(path, &["plan.csv", "--dry-run"]).status.code(), Some(1), "undecided, so held");
    assert!(!path.join("up").exists());
    assert_eq!(fix(path, &arguments).status.code(), Some(0));
    assert_eq!(fix(path, &arguments).status.code(), Some(2), "the files exist");
    let mut force = arguments.to_vec();
    force.push("--force");
    assert_eq!(fix(path, &force).status.code(), Some(0));
    // A file of a run with more entries would be uploaded with the new ones.
    fs::write(path.join("up/declaration-002.csv"), "x").unwrap();
    assert_eq!(fix(path, &force).status.code(), Some(2));
    fs::remove_file(path.join("up/declaration-002.csv")).unwrap();
    // The input has the name of an output.
    fs::write(path.join("held.csv"), &plan).unwrap();
    let over = fix(path, &["held.csv", "--out", ".", "--include", "undecided", "--force"]);
    assert_eq!(over.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&over.stderr).contains("would-overwrite-input"));
    assert_eq!(fs::read_to_string(path.join("held.csv")).unwrap(), plan);
}

/// A folder with an export of three entries, two declarations, and a PSC list that stops the first entry.
fn stopped_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let header = "Entry Summary Number,Importer Number,Entry Type Code,Entry Date,Control Status,Summary Status,\
                  Reconciliation Indicator,Liquidation Status,Liquidation Date,Protest Number,Protest Status,\
                  HTS Number - Full,Line Tariff Duty Amount,Line Tariff Goods Value Amount";
    let mut export = format!("{header}\r\n");
    for n in 1..=3 {
        let head = format!("{},12-3456789,01,02/10/2026,CBP,Accepted,N,Unliquidated,,,", number("ABC", n));
        export.push_str(&format!("{head},99030124,100.00,0\r\n{head},8471300100,0,1000\r\n"));
    }
    let list = |numbers: &[u32]| {
        let rows: String = numbers.iter().map(|n| format!("{}\r\n", number("ABC", *n).as_str())).collect();
        format!("Entry Number\r\n{rows}")
    };
    for (name, text) in [
        ("es003.csv", export),
        ("march.csv", list(&[1, 2])),
        ("april.csv", list(&[2, 3])),
        ("psc.csv", format!("Entry Number,Status\r\n{},Needed\r\n", number("ABC", 1))),
        ("capelint.yaml", "tables: { psc: psc.csv }\n".to_owned()),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn fix_stopped(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let fixed = ["--es003", "es003.csv", "--exported", "2026-11-20", "--filing-date", DAY, "--out", "up"];
    let done = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(folder)
        .arg("fix")
        .args(arguments)
        .args(fixed)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code(), said)
}

#[test]
fn a_stop_is_lifted_by_a_word_only_and_what_was_lifted_is_named() {
    let entry = number("ABC", 1).to_string();
    let waiver =
        "waivers:\n  - { rule: psc-needed, entries: ['*'], reason: agreed with Kim, until: 2026-12-31 }\n";
    for (arguments, waiver, by) in [
        (&["march.csv"][..], "", None),
        (&["march.csv", "--include", "undecided"], "", None),
        (&["march.csv", "--include", "stopped"], "", Some("stopped entries are included")),
        (&["march.csv"], waiver, Some("waived until 2026-12-31: agreed with Kim")),
    ] {
        let folder = stopped_folder();
        let path = folder.path();
        fs::write(path.join("capelint.yaml"), format!("tables: {{ psc: psc.csv }}\n{waiver}")).unwrap();
        let (code, said) = fix_stopped(path, arguments);
        let up = path.join("up");
        assert_eq!(uploads(&up), ["declaration-march-001.csv"], "{said}");
        assert_eq!(uploaded(&up).contains(&number("ABC", 1)), by.is_some(), "{said}");
        assert!(said.contains("configuration: capelint.yaml"), "{said}");
        let list = up.join("accepted-by-you.csv");
        let Some(by) = by else {
            assert_eq!((code, list.exists()), (Some(1), false), "{said}");
            continue;
        };
        assert_eq!(code, Some(0), "{said}");
        let line = said.lines().find(|line| line.contains(&format!("{entry}: stop[psc-needed]"))).unwrap();
        let printed = if by.starts_with("waived") { by } else { "`--include stopped`" };
        assert!(line.ends_with(&format!("({printed})")), "{line}");
        let list = fs::read_to_string(list).unwrap();
        let row = list.lines().find(|line| line.starts_with(&entry)).unwrap();
        for part in ["march.csv", "12-3456789", "100.00", "stopped", "psc-needed", by] {
            assert!(row.contains(part), "{part}: {row}");
        }
    }
}

#[test]
fn each_declaration_has_its_own_files_unless_they_are_merged() {
    let folder = stopped_folder();
    let path = folder.path();
    let (_, said) = fix_stopped(path, &["march.csv", "april.csv", "--include", "stopped"]);
    let up = path.join("up");
    assert_eq!(uploads(&up), ["declaration-april-001.csv", "declaration-march-001.csv"], "{said}");
    assert!(uploaded(&up).len() == 3, "the entry of both is in the first: {said}");
    fs::remove_dir_all(&up).unwrap();
    let (_, said) = fix_stopped(path, &["march.csv", "april.csv", "--include", "stopped", "--merge"]);
    assert_eq!((uploads(&up), uploaded(&up).len()), (vec!["declaration-001.csv".to_owned()], 3), "{said}");
}

/// A row that is left out repairs two entries; one of them is held back nevertheless, because it is undecided.
#[test]
fn what_is_repaired_and_held_back_is_counted_as_undecided() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir("examples/march").unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let rows = "Entry Number\r\nABC71016283\r\nABC71016283\r\nABC71008884\r\nABC71008884\r\n";
    fs::write(folder.path().join("two.csv"), rows).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(folder.path()).args(["fix", "two.csv", "--dry-run", "--filing-date", DAY]);
    let printed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let counts: Vec<&str> =
        printed.lines().skip_while(|line| !line.starts_with("all entries")).skip(1).take(2).collect();
    assert!(counts[0].starts_with("  repaired   1 entry "), "{printed}");
    assert!(counts[1].starts_with("  undecided  1 entry "), "{printed}");
    assert!(printed.contains("4 rows read = 1 uploaded + 1 held + 2 duplicates + 0 blank"), "{printed}");
}

#[test]
fn nothing_to_upload_is_not_a_success_and_what_was_not_checked_is_reported() {
    let folder = stopped_folder();
    let path = folder.path();
    // All that is in the declaration waits.
    let (code, said) =
        fix_stopped(path, &["march.csv", "--isolated", "--none", "psc", "--severity", "no-ieepa-duty=off"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("note[not-checked]") && said.contains("1 rule turned off: no-ieepa-duty"),
        "{said}"
    );
    assert!(!said.contains("question:"), "{said}");
    fs::remove_dir_all(path.join("up")).unwrap();
    // No source shows whether an entry needs a PSC.
    let (code, said) = fix_stopped(path, &["march.csv", "--isolated"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("question: does any entry need a Post Summary Correction"), "{said}");
    fs::remove_dir_all(path.join("up")).unwrap();
    fs::write(path.join("blank.csv"), "Entry Number\r\n\r\n").unwrap();
    let (code, said) = fix_stopped(path, &["blank.csv", "--isolated", "--none", "psc"]);
    assert_ne!(code, Some(0), "{said}");
    let (code, said) = fix_stopped(path, &["march.csv", "--table", "psc=psc.csv", "--none", "psc"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("none-and-file"), "{said}");
}

#[test]
fn the_list_of_what_is_held_back_has_what_a_person_needs() {
    let folder = stopped_folder();
    let path = folder.path();
    // A quote that does not close, and an importer number that may be a social security number.
    let export = fs::read_to_string(path.join("es003.csv")).unwrap().replace("12-3456789", "987-65-4320");
    fs::write(path.join("es003.csv"), export).unwrap();
    fs::write(
        path.join("march.csv"),
        format!("Entry Number\r\n{}\r\n\"{}\r\n", number("ABC", 1), number("ABC", 2)),
    )
    .unwrap();
    let (_, said) = fix_stopped(path, &["march.csv"]);
    let bytes = fs::read(path.join("up/held.csv")).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = String::from_utf8(bytes).unwrap();
    let header = "\u{feff}Entry Number,Declaration,Importer,IEEPA Duty,IEEPA Duty Is Upper Bound,Verdict,Rule,\
                  Reason,Next Step,Last Day,Evidence\r\n";
    assert!(text.starts_with(header), "{text}");
    let row = text.lines().find(|line| line.starts_with(&number("ABC", 1).to_string())).unwrap();
    assert!(row.contains(",march.csv,***-**-4320,100.00,,stopped,psc-needed,"), "{row}");
    assert!(!text.contains("987"), "{text}");
    assert!(
        text.contains(number("ABC", 2).as_str()) || text.contains(&number("ABC", 2).to_string()),
        "{text}"
    );
}

#[test]
fn killed_at_any_moment_it_leaves_all_files_or_none_and_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let numbers: Vec<EntryNumber> = (0..12_000).map(|n| number("ABC", n)).collect();
    fs::write(path.join("es003.csv"), export(numbers.clone())).unwrap();
    let mut plan = "Entry Number\r\n".to_owned();
    numbers.iter().for_each(|number| plan.push_str(&format!("{number}\r\n")));
    fs::write(path.join("plan.csv"), &plan).unwrap();
    let start = |out: &str| {
        command(path, &["fix", "plan.csv", "--es003", "es003.csv", "--out", out, "--include", "undecided"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let began = std::time::Instant::now();
    assert!(start("whole").wait().unwrap().code().is_some());
    let whole = began.elapsed();
    let complete: Vec<(String, Vec<u8>)> = uploads(&path.join("whole"))
        .into_iter()
        .chain(["held.csv".to_owned()])
        .map(|name| (name.clone(), fs::read(path.join("whole").join(name)).unwrap()))
        .collect();
    assert_eq!(complete.len(), 3);
    // Most of the time is spent on the evaluation; the moments that matter are near the end.
    for step in (0..8_u32).rev().take(cases(8) as usize) {
        let out = format!("killed-{step}");
        let mut child = start(&out);
        std::thread::sleep(whole.mul_f64(0.65 + 0.05 * f64::from(step)).max(Duration::from_millis(1)));
        child.kill().unwrap();
        child.wait().unwrap();
        // A new folder is there with everything in it, or not at all.
        let out = path.join(&out);
        for (name, bytes) in complete.iter().filter(|_| out.exists()) {
            assert_eq!(fs::read(out.join(name)).unwrap(), *bytes, "{name} of {} is not whole", out.display());
        }
        assert_eq!(fs::read_to_string(path.join("plan.csv")).unwrap(), plan);
    }
}
