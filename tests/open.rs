//! Files that are dropped on the program: `capelint open`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const EXPORT: &str = "Entry Summary Number,Entry Type Code,Liquidation Status,Liquidation Date,HTS Number - Full,\
                      Line Tariff Duty Amount\r\nABC12345676,01,Unliquidated,,99030125,10.00\r\n";

/// Runs the program on files of a folder, as a file manager does, with a browser that notes what it opens.
fn dropped(folder: &Path, files: &[&str], more: &[&str]) -> (i32, String, String) {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    let browser = bin.join("xdg-open");
    fs::write(&browser, format!("#!/bin/sh\nprintf '%s' \"$1\" > '{}'\n", folder.join("opened").display()))
        .expect("a browser");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("an executable");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(more)
        .args(files.iter().map(|file| folder.join(file)))
        .env("PATH", path)
        .env_remove("BROWSER")
        .output()
        .expect("capelint");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code().expect("an exit code"), text(&run.stdout), text(&run.stderr))
}

/// What the browser was asked to open.
fn opened(folder: &Path) -> String {
    for _ in 0..100 {
        if let Ok(text) = fs::read_to_string(folder.join("opened")).map(|text| text.trim().to_owned())
            && !text.is_empty()
        {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    String::new()
}

#[test]
fn a_dropped_export_is_planned_and_its_report_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("my export.csv"), EXPORT).expect("the export");
    let (_, out, err) = dropped(folder, &["my export.csv"], &[]);
    assert!(out.starts_with("capelint plan \""), "{out}{err}");
    let report = opened(folder);
    assert!(report.ends_with("summary.html"), "{report}: {out}{err}");
    let written = Path::new(&report).parent().expect("a folder");
    assert!(written.join("worklist.csv").exists());
}

#[test]
fn with_a_declaration_the_files_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("es003.csv"), EXPORT).expect("the export");
    fs::write(folder.join("march.csv"), "Entry Number\r\nABC12345676\r\n").expect("the declaration");
    let more = ["open", "--filing-date", "2026-11-22", "--no-browser"];
    let (_, out, err) = dropped(folder, &["es003.csv", "march.csv"], &more);
    assert!(out.starts_with("capelint check "), "{out}{err}");
    let report = fs::read_to_string(folder.join("capelint 2026-11-22/report.html")).expect("the report");
    assert!(report.contains("ABC-1234567-6"));
    assert!(!folder.join("opened").exists(), "no browser was asked for");
    // The folder of the first run stays as it is.
    dropped(folder, &["es003.csv", "march.csv"], &more);
    assert!(folder.join("capelint 2026-11-22 (2)/report.html").exists());
}

#[test]
fn files_of_which_nothing_can_be_made_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("letter.csv"), "Dear Sir or Madam\r\n").expect("a file");
    let (exit, _, err) = dropped(folder, &["letter.csv"], &[]);
    assert_eq!(exit, 2);
    assert!(err.contains("letter.csv"), "{err}");
    let (exit, _, err) = dropped(folder, &["bin"], &["open"]);
    assert_eq!(exit, 2);
    assert!(err.contains("neither an ES-003 nor a declaration"), "{err}");
}
