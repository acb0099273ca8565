//! Beginning to use capelint with an old portfolio: the baseline, reports to files, standard input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn capelint(folder: &Path, args: &[&str]) -> (i32, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["check", "--isolated", "--filing-date", "2026-11-22"])
        .args(args)
        .current_dir(folder)
        .output()
        .expect("capelint");
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    (run.status.code().expect("an exit code"), said)
}

fn declaration(folder: &Path, numbers: &[&str]) {
    let rows: String = numbers.iter().map(|number| format!("{number}\r\n")).collect();
    std::fs::write(folder.join("march.csv"), format!("Entry Number\r\n{rows}")).expect("the declaration");
}

/// A check by one rule alone, which finds entries of the filer ABC.
fn by_a_house_rule(folder: &Path, args: &[&str]) -> (i32, String) {
    let rule = "rules: [{ id: not-our-filer, title: Not ours, severity: error, each: entry, forbid: { entry: { starts_with: ABC } } }]\n";
    std::fs::write(folder.join("house.yaml"), rule).expect("a rule file");
    let mut all = vec!["march.csv", "--rules", "house.yaml", "--select", "not-our-filer"];
    all.extend(args);
    capelint(folder, &all)
}

#[test]
fn what_stands_in_the_baseline_does_not_count_wherever_its_row_moves() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    declaration(folder, &["ABC12345676"]);
    let (exit, _) = by_a_house_rule(folder, &["--write-baseline", "known.json"]);
    assert_eq!(exit, 1, "writing a baseline does not hide what is in it");
    let (exit, said) = by_a_house_rule(folder, &["--baseline", "known.json"]);
    assert_eq!(exit, 0, "{said}");
    declaration(folder, &["SZ912345674", "ABC12345676"]);
    let (exit, said) = by_a_house_rule(folder, &["--baseline", "known.json"]);
    assert_eq!(exit, 0, "{said}");
    declaration(folder, &["SZ912345674", "ABC12345676", "ABC71001483"]);
    let (exit, said) = by_a_house_rule(folder, &["--baseline", "known.json"]);
    assert_eq!(exit, 1, "{said}");
    std::fs::write(folder.join("known.json"), "[]").expect("a file");
    let (exit, said) = by_a_house_rule(folder, &["--baseline", "known.json"]);
    assert_eq!(exit, 2);
    assert!(said.contains("is not a baseline"), "{said}");
}

#[test]
fn a_finding_on_a_file_is_known_for_that_file_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let write = |name: &str| {
        std::fs::write(folder.join(name), "Entry Numbr\r\nABC12345676\r\n").expect("a declaration");
    };
    write("march.csv");
    let only = ["march.csv", "--select", "header-not-exact"];
    capelint(folder, &[&only[..], &["--write-baseline", "known.json"]].concat());
    let (exit, said) = capelint(folder, &[&only[..], &["--baseline", "known.json"]].concat());
    assert_eq!(exit, 0, "{said}");
    write("april.csv");
    let (exit, said) = capelint(folder, &[&only[..], &["april.csv", "--baseline", "known.json"]].concat());
    assert_eq!(exit, 1, "{said}");
    assert!(said.contains("error[header-not-exact]"), "{said}");
}

#[test]
fn a_baseline_written_again_keeps_what_was_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    declaration(folder, &["ABC12345676"]);
    by_a_house_rule(folder, &["--write-baseline", "known.json"]);
    declaration(folder, &["ABC12345676", "ABC71001483"]);
    by_a_house_rule(folder, &["--baseline", "known.json", "--write-baseline", "known.json"]);
    let (exit, said) = by_a_house_rule(folder, &["--baseline", "known.json"]);
    assert_eq!(exit, 0, "{said}");
}

#[test]
fn a_baseline_does_not_silence_expired_waivers() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    declaration(folder, &["ABC12345676"]);
    let waiver = "waivers: [{ rule: check-digit, entries: ['*'], reason: r, until: 2026-11-21 }]\n";
    std::fs::write(folder.join("waived.yaml"), waiver).expect("a configuration");
    let check = |more: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args(["check", "march.csv", "--config", "waived.yaml", "--filing-date", "2026-11-22"])
            .args(more)
            .current_dir(folder)
            .output()
            .expect("capelint");
        String::from_utf8_lossy(&run.stdout).into_owned()
    };
    check(&["--write-baseline", "known.json"]);
    let said = check(&["--baseline", "known.json"]);
    assert!(said.contains("warning[waiver-expired]"), "{said}");
}

#[test]
fn one_run_writes_several_reports() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    declaration(folder, &["ABC12345677"]);
    let (exit, said) = capelint(
        folder,
        &["march.csv", "--format", "short", "--output", "sarif=out.sarif", "--output", "junit=out.xml"],
    );
    assert_eq!(exit, 1);
    assert!(said.starts_with("march.csv:2:1: error[check-digit]"), "{said}");
    let sarif = std::fs::read_to_string(folder.join("out.sarif")).expect("SARIF");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(std::fs::read_to_string(folder.join("out.xml")).expect("JUnit").contains("check-digit"));
    let (exit, said) = capelint(folder, &["march.csv", "--output", "sarif=no/such/folder/out.sarif"]);
    assert_eq!(exit, 2);
    assert!(said.contains("cannot write `no/such/folder/out.sarif`"), "{said}");
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let mut run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["check", "-", "--stdin-name", "march.csv", "--isolated", "--format", "short"])
        .args(["--filing-date", "2026-11-22", "--select", "check-digit"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("capelint");
    run.stdin.take().expect("its input").write_all(b"Entry Number\r\nABC12345677\r\n").expect("written");
    let run = run.wait_with_output().expect("its end");
    assert!(String::from_utf8_lossy(&run.stdout).starts_with("march.csv:2:1: error[check-digit]"));
}

#[test]
fn declarations_under_different_configurations_are_not_checked_by_one_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for client in ["one", "two"] {
        std::fs::create_dir(folder.join(client)).expect("a folder");
        declaration(&folder.join(client), &["ABC12345676"]);
        std::fs::write(folder.join(client).join("capelint.yaml"), "account: { role: importer }\n")
            .expect("a configuration");
    }
    let run = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args([
                "check",
                "--filing-date",
                "2026-11-22",
                "--fail-on",
                "never",
                "--ignore",
                "duplicate-across-declarations",
            ])
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("capelint");
        (run.status.code(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let (exit, said) = run(&["one/march.csv", "two/march.csv"]);
    assert_eq!(exit, Some(2));
    assert!(said.contains("`two/march.csv` belongs to `two/capelint.yaml`"), "{said}");
    assert_eq!(run(&["*/march.csv"]).0, Some(2));
    // They run; without an export no entry may be uploaded.
    assert_eq!(run(&["one/march.csv", "one/march.csv"]).0, Some(1));
    assert_eq!(run(&["one/march.csv", "two/march.csv", "--config", "one/capelint.yaml"]).0, Some(1));
    assert_eq!(run(&["one/march.csv", "two/march.csv", "--isolated"]).0, Some(1));
}
