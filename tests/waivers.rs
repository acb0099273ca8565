//! A waiver lifts the finding it names, and nothing else.

use std::fs;
use std::process::Command;

fn check(folder: &std::path::Path, waivers: &str) -> (i32, String) {
    fs::write(folder.join("march.csv"), "Entry Number\r\nABC12345676\r\n").expect("the declaration");
    fs::write(
        folder.join("es003.csv"),
        "Entry Summary Number,Entry Type Code,Liquidation Status,Liquidation Date,HTS Number - Full,\
         Line Tariff Duty Amount\r\nSZ912345674,01,Unliquidated,,99030125,10.00\r\nSZ912345674,01,Unliquidated,,8471300100,0.00\r\n",
    )
    .expect("the export");
    fs::write(folder.join("capelint.yaml"), format!("tables: {{ es003: es003.csv }}\n{waivers}"))
        .expect("settings");
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["check", "march.csv", "--filing-date", "2026-11-22", "--format", "jsonl"])
        .current_dir(folder)
        .output()
        .expect("capelint");
    let errors = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(errors, "");
    (run.status.code().expect("an exit code"), String::from_utf8_lossy(&run.stdout).into_owned())
}

fn verdict(lines: &str) -> String {
    let entry = lines.lines().find(|line| line.starts_with(r#"{"type":"entry""#)).expect("an entry");
    let entry: serde_json::Value = serde_json::from_str(entry).expect("JSON");
    entry["verdict"].as_str().expect("a verdict").to_owned()
}

const WAIVER: &str =
    "waivers:\n  - rule: entry-not-in-es003\n    entries: [ABC12345676]\n    reason: seen on the screen\n";

#[test]
fn an_unknown_entry_does_not_become_ready_by_a_waiver() {
    let folder = tempfile::tempdir().expect("a folder");
    let (exit, lines) = check(folder.path(), "");
    assert_eq!((exit, verdict(&lines).as_str()), (1, "rejected"));
    let (exit, lines) = check(folder.path(), &format!("{WAIVER}    until: 2026-12-31\n"));
    assert_eq!((exit, verdict(&lines).as_str()), (1, "rejected"), "a waiver changes no verdict");
    assert!(lines.contains(r#""after_waivers":"undecided","accepted_by_you":false"#), "{lines}");
    assert!(lines.contains("seen on the screen"), "{lines}");
}

#[test]
fn an_expired_waiver_is_a_finding_and_waives_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (exit, lines) = check(folder.path(), &format!("{WAIVER}    until: 2026-11-21\n"));
    assert_eq!((exit, verdict(&lines).as_str()), (1, "rejected"));
    assert!(lines.contains(r#""rule":"waiver-expired""#), "{lines}");
    assert!(lines.contains(r#""file":"capelint.yaml","line":6"#), "{lines}");
}

#[test]
fn an_unused_waiver_is_a_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let waiver = WAIVER.replace("ABC12345676", "SZ9*");
    let (_, lines) = check(folder.path(), &format!("{waiver}    until: 2026-12-31\n"));
    assert!(lines.contains(r#""rule":"waiver-unused""#), "{lines}");
}

#[test]
fn findings_on_waivers_have_the_severity_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let waiver = WAIVER.replace("ABC12345676", "SZ9*") + "    until: 2026-12-31\n";
    let (_, lines) = check(folder.path(), &format!("severity: {{ waiver-unused: note }}\n{waiver}"));
    assert!(lines.contains(r#""rule":"waiver-unused","severity":"note""#), "{lines}");
    for off in ["severity: { waiver-unused: off }", "ignore: [waiver-unused]"] {
        let (_, lines) = check(folder.path(), &format!("{off}\n{waiver}"));
        assert!(!lines.contains("waiver-unused"), "{lines}");
    }
}

#[test]
fn a_report_with_nothing_but_waived_findings_shows_that() {
    let folder = tempfile::tempdir().expect("a folder");
    check(folder.path(), &format!("{WAIVER}    until: 2026-12-31\n"));
    let run = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args(arguments)
            .args(["march.csv", "--filing-date", "2026-11-22"])
            .current_dir(folder.path())
            .output()
            .expect("capelint");
        String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr)
    };
    let said = run(&["check"]);
    assert!(
        said.contains("no errors or warnings found besides what is waived, but 1 entry is undecided"),
        "{said}"
    );
    // A column that the file does not have is not a blank cell.
    let said = run(&["explain", "--all", "--entry", "ABC12345676"]);
    assert!(said.contains("  HTS Number: march.csv has no such column\n"), "{said}");
}

#[test]
fn what_is_undecided_is_not_reported_as_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("march.csv"), "Entry Number\r\nABC12345676\r\n").expect("the declaration");
    let header = "Entry Summary Number,Entry Type Code,Entry Date,Liquidation Status,Liquidation Date,\
                  HTS Number - Full,Line Tariff Duty Amount,Line Tariff Goods Value Amount,Control Status\r\n";
    // The second export has the blank, so it is the second that is named.
    for (name, rows) in [
        ("a.csv", "SZ912345674,01,11/16/2025,Unliquidated,,99030125,10.00,0,CBP\r\n"),
        ("b.csv", "ABC12345676,,11/16/2025,Unliquidated,,99030125,10.00,0,\r\n"),
    ] {
        std::fs::write(folder.join(name), format!("{header}{rows}")).expect("an export");
    }
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["check", "march.csv", "--isolated", "--es003", "a.csv", "--es003", "b.csv"])
        .args(["--filing-date", "2026-11-22", "--exported", "2026-11-20"])
        .args(["--select", "temporary-import-bond", "--select", "on-drawback"])
        .current_dir(folder)
        .output()
        .expect("capelint");
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("`Entry Type Code` is blank in b.csv"), "{said}");
    assert!(said.contains("no errors or warnings found by the rules that were decided"), "{said}");
    assert!(said.contains(" rules turned off: entry-not-in-es003, "), "{said}");
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["fix", "march.csv", "--isolated", "--select", "check-digit", "--dry-run"])
        .args(["--filing-date", "2026-11-22"])
        .current_dir(folder)
        .output()
        .expect("capelint");
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(said.contains(" rules turned off: entry-not-in-es003, "), "{said}");
}

#[test]
fn rules_that_a_rule_file_switches_off_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("march.csv"), "Entry Number\r\nABC12345676\r\n").expect("a declaration");
    // Goods values are asked for until 2026-06-24.
    std::fs::write(folder.join("house.yaml"), "off: [mixed-section-122, goods-value-missing]\n")
        .expect("rules");
    for (day, expected) in [
        ("2026-11-22", "; changed: 1 rule is turned off: mixed-section-122 (house.yaml)"),
        (
            "2026-06-24",
            "; changed: 2 rules are turned off: mixed-section-122, goods-value-missing (house.yaml)",
        ),
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args(["check", "march.csv", "--isolated", "--rules", "house.yaml", "--filing-date", day])
            .current_dir(folder)
            .output()
            .expect("capelint");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(expected), "{said}");
    }
}
