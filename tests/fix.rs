//! `capelint fix` as a process: what it writes passes `check`, nothing is lost, and being killed
//! leaves no half of a set.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use capelint::entry::{self, EntryNumber};
use proptest::prelude::*;

const DAY: &str = "2026-11-22";

fn number(filer: &str, n: u32) -> EntryNumber {
    let ten = format!("{filer}{n:07}");
    let digit = char::from(entry::check_digit(ten.as_bytes()).unwrap());
    EntryNumber::parse(&format!("{ten}{digit}")).unwrap()
}

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
    all.extend(["--es003", "es003.csv"]);
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
    reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
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
        19 => format!("{plain},{}", self::number("XYZ", 1).as_str()),
        _ => plain.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

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
fn numbers_that_a_broken_quote_swallowed_are_named_not_lost() {
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
    fs::write(path.join("declaration-001.csv"), &plan).unwrap();
    let over = fix(path, &["declaration-001.csv", "--out", ".", "--include", "undecided", "--force"]);
    assert_eq!(over.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&over.stderr).contains("would-overwrite-input"));
    assert_eq!(fs::read_to_string(path.join("declaration-001.csv")).unwrap(), plan);
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
    for step in 0..8_u32 {
        let out = format!("killed-{step}");
        let mut child = start(&out);
        // Most of the time goes into judging; the moments that matter are near the end.
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
