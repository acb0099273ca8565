//! `capelint triage` as a process, over Claim Details with every message of the pack.

mod common;

use std::fs;
use std::process::Command;

use capelint::entry::EntryNumber;
use capelint::frontend::messages::{self, Refile, Stage};

fn number(n: usize) -> EntryNumber {
    common::number("ABC", n as u32)
}

#[test]
fn every_message_is_explained_and_only_what_may_go_now_is_filed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let messages: Vec<_> = messages::embedded()
        .messages()
        .iter()
        .filter(|message| matches!(message.stage, Stage::Entry | Stage::Account | Stage::File))
        .collect();
    assert!(messages.len() > 15);
    let row = |n: usize, claim: &str, status: &str, error: &str| {
        format!("=\"{}\",=\"{claim}\",{status},\"{error}\"\r\n", number(n).as_str())
    };
    let mut text = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n".to_owned();
    for (n, message) in messages.iter().enumerate() {
        text.push_str(&row(n, "123456789012", "Failed", &message.text));
    }
    // Failed for a retired reason, and accepted in a later claim.
    let (again, unknown, left) = (messages.len(), messages.len() + 1, messages.len() + 2);
    text.push_str(&row(again, "123456789012", "Failed", "HTS RELATIONSHIP/SEQUENCE MISMATCH"));
    text.push_str(&row(unknown, "123456789012", "Failed", "NOBODY KNOWS THIS"));
    fs::write(path.join("details-1.csv"), text).unwrap();
    let later = row(again, "123456789013", "Entry Summary Updated", "");
    fs::write(
        path.join("details-2.csv"),
        format!("ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n{later}"),
    )
    .unwrap();
    let plan = format!("Entry Number\r\n{}\r\n{}\r\n", number(0).as_str(), number(left).as_str());
    fs::write(path.join("march.csv"), plan).unwrap();
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_capelint"))
            .current_dir(path)
            .args(["triage", "details-*.csv", "--declaration", "march.csv", "--isolated"])
            .args(["--filing-date", "2026-11-22"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let done = run(&["--out", "next"]);
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    let human = String::from_utf8(done.stdout).unwrap();
    for message in &messages {
        assert!(human.contains(&format!("{}: 1 entry\n", message.text)), "{}", message.text);
    }
    assert!(
        human.contains(&format!("on a declaration, but on no claim: 1 entry\n   {}\n", number(left))),
        "{human}"
    );
    let mut expected = "Entry Number\r\n".to_owned();
    for (n, _) in messages.iter().enumerate().filter(|(_, message)| message.refile == Some(Refile::Now)) {
        expected.push_str(&format!("{}\r\n", number(n).as_str()));
    }
    assert_eq!(fs::read_to_string(path.join("next/refile.csv")).unwrap(), expected);

    let list = fs::read_to_string(path.join("next/worklist.csv")).unwrap();
    assert!(list.starts_with("\u{feff}entry,claim_number,"), "{list}");
    assert!(list.contains(&number(left).to_string()) && !list.contains(&number(again).to_string()), "{list}");

    let lines = String::from_utf8(run(&["--format", "jsonl"]).stdout).unwrap();
    let records: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let whole: serde_json::Value = serde_json::from_slice(&run(&["--format", "json"]).stdout).unwrap();
    let parts = ["messages", "entries", "unanswered"].map(|name| whole[name].as_array().unwrap().clone());
    assert_eq!(records[0], whole["run"]);
    assert_eq!(records[1..records.len() - 1], parts.concat());
    assert_eq!(records.last(), Some(&whole["summary"]));
    let of = |n: usize| records.iter().find(|record| record["entry"] == number(n).as_str()).unwrap();
    assert_eq!((&of(again)["state"], &of(again)["in_refile"]), (&"accepted".into(), &false.into()));
    assert_eq!((&of(unknown)["state"], &of(unknown)["refile"]), (&"failed".into(), &"unknown".into()));
    assert_eq!(of(left)["type"], "unanswered");
    let summary = records.last().unwrap();
    assert_eq!(summary["accepted"], 1);
    assert_eq!(summary["failed"], messages.len() + 1);
}

#[test]
fn a_file_without_a_status_is_not_claim_details() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("march.csv"), "Entry Number\r\nABC12345676\r\n").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["triage", "march.csv", "--isolated"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&run.stdout), "");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("error[no-status-column]: `march.csv` has no column `STATUS`"), "{said}");
}

#[test]
fn of_several_messages_in_one_cell_each_counts() {
    let folder = tempfile::tempdir().unwrap();
    let retired = "HTS RELATIONSHIP/SEQUENCE MISMATCH";
    let errors = [
        retired.to_owned(),
        format!("{retired}; PROTEST ON ENTRY"),
        format!("{retired}, ENTRY ON DRAWBACK"),
        format!("{retired} | NOBODY KNOWS THIS"),
        "HTS RELATIONSHIP/SEQUENCE\nMISMATCH".to_owned(),
        format!("SOMETHING NEW, {retired}"),
        format!("{retired} - SOMETHING NEW; {retired}"),
        format!("Line 001: {retired} (002)"),
    ];
    let mut text = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n".to_owned();
    for (n, error) in errors.iter().enumerate() {
        text.push_str(&format!("{},123456789012,Failed,\"{error}\"\r\n", number(n).as_str()));
    }
    fs::write(folder.path().join("details.csv"), text).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["triage", "details.csv", "--isolated", "--out", "next"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let refile = fs::read_to_string(folder.path().join("next/refile.csv")).unwrap();
    let again = [number(0), number(4), number(7)].map(|number| number.as_str().to_owned());
    assert_eq!(refile.lines().skip(1).collect::<Vec<_>>(), again);
}

/// The tables' rows for an entry count although its declaration is not provided.
#[test]
fn tables_are_heeded_without_a_declaration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (again, late, fine) = (number(1), number(2), number(3));
    let retired = "HTS RELATIONSHIP/SEQUENCE MISMATCH";
    let header = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n";
    let failed: String = [again, late, fine]
        .iter()
        .map(|number| format!("{},123456789012,Failed,{retired}\r\n", number.as_str()))
        .collect();
    fs::write(path.join("details.csv"), format!("{header}{failed}")).unwrap();
    let accepted = format!("{header}{},123456789011,Entry Summary Updated,\r\n", again.as_str());
    fs::write(path.join("older.csv"), accepted).unwrap();
    let mut export =
        "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
        Tariff Ordinal Number,HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,\
        Reconciliation Indicator,Protest Status,Liquidation Status,Liquidation Date\r\n"
            .to_owned();
    for (number, day) in [(again, "11/01/2026"), (late, "08/01/2026"), (fine, "11/01/2026")] {
        for tariff in ["1,99030124,0,100.00", "2,99030125,0,100.00", "3,3923900080,1000,30.00"] {
            let number = number.as_str();
            export
                .push_str(&format!("{number},01,12-3456789,11/16/2025,001,{tariff},N,,Liquidated,{day}\r\n"));
        }
    }
    fs::write(path.join("es003.csv"), &export).unwrap();
    let run = |out: &str, arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .current_dir(path)
            .args(["triage", "details.csv", "--isolated", "--filing-date", "2026-11-22", "--out", out])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
        let refile = fs::read_to_string(path.join(out).join("refile.csv")).unwrap_or_default();
        refile.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let [again, late, fine] = [again, late, fine].map(|number| number.as_str().to_owned());
    assert_eq!(run("a", &[]), [again.clone(), late.clone(), fine.clone()]);
    assert_eq!(run("b", &["--table", "claims=older.csv"]), [late, fine.clone()]);
    assert_eq!(run("c", &["--es003", "es003.csv"]), [again, fine.clone()]);
    assert_eq!(run("d", &["--table", "claims=older.csv", "--es003", "es003.csv"]), [fine]);
    // The ES-003 has `Accepted` for every entry summary, and is not the result of a declaration.
    fs::write(path.join("details.csv"), export.replace("Liquidation Status", "Entry Summary Status"))
        .unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(path)
        .args(["triage", "details.csv", "--isolated"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
}

/// The error texts were pasted without quotes: which cell has the comma is not certain.
#[test]
fn a_comma_without_quotes_is_reported_once_and_nothing_of_the_row_counts() {
    let folder = tempfile::tempdir().unwrap();
    let row =
        format!("{},300000001247,Failed,HTS RELATIONSHIP/SEQUENCE MISMATCH, LINE 001", number(1).as_str());
    let text = format!("ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n{row}\r\n");
    fs::write(folder.path().join("details.csv"), text).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["triage", "details.csv", "--isolated", "--out", "next"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let human = String::from_utf8(run.stdout).unwrap();
    let expected = format!(
        "row with a cell too many for the header: 1 entry\n   \
         = help: put quotes around the cell that has the delimiter in it, and run again\n   \
         {} (details.csv:2:1)\n\n1 entry in Claim Details: 0 accepted, 0 failed, 1 unclear; resubmit 0 now\n",
        number(1)
    );
    assert!(human.starts_with(&expected), "{human}");
    assert!(!folder.path().join("next/refile.csv").exists());
}

/// The work list names each entry, also where a broken quote or other text is before or behind its number, and such a row
/// may be the one that says that CBP accepted it.
#[test]
fn entries_beside_a_broken_quote_are_listed_and_not_resubmitted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let numbers: Vec<EntryNumber> = (0..4).map(number).collect();
    let [a, b, c, d] = numbers.iter().map(EntryNumber::as_str).collect::<Vec<_>>()[..] else { panic!() };
    let failed = "300000001247,Failed,HTS RELATIONSHIP/SEQUENCE MISMATCH\r\n";
    let header = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n";
    let rows = format!("{header}\"x\"y {a},{failed}\"{b}\"x,{failed}{c},\"3\"x,Failed,\r\n{d},{failed}");
    // The accepted row of an entry that failed before, with one of several faults in its number.
    let accepted = "300000001300,Entry Summary Updated,\r\n";
    let damaged =
        [format!("\"{d}\"x"), format!("\"x\"y {d}"), d[..9].to_owned(), d[2..].to_owned(), String::new()];
    let cases = std::iter::once((rows.clone(), true));
    for (text, is_up) in cases.chain(damaged.map(|key| (format!("{rows}{key},{accepted}"), false))) {
        fs::write(path.join("claims.csv"), &text).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .current_dir(path)
            .args([
                "triage",
                "claims.csv",
                "--isolated",
                "--filing-date",
                "2026-11-22",
                "--out",
                "next",
                "--force",
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr) + String::from_utf8_lossy(&done.stdout);
        assert_eq!(done.status.code(), Some(1), "{text}: {said}");
        let list = fs::read_to_string(path.join("next/worklist.csv")).unwrap();
        for number in [a, b, c] {
            let shown = format!("{}-{}-{}", &number[..3], &number[3..10], &number[10..]);
            assert!(list.contains(&shown), "{number}: {list}");
        }
        let refile = fs::read_to_string(path.join("next/refile.csv")).unwrap_or_default();
        assert_eq!(refile.contains(d), is_up, "{text}: {refile}");
        assert!(![a, b, c].iter().any(|number| refile.contains(number)), "{refile}");
        fs::remove_dir_all(path.join("next")).unwrap();
    }
}
