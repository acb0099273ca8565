//! Made-up files give the same findings as the files they were made from.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The rule, the line and the column of each finding, and the verdict of each row.
fn report(folder: &Path, declaration: &str) -> Vec<String> {
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(folder)
        .args(["check", declaration, "--filing-date", "2026-11-22", "--format", "jsonl"])
        .output()
        .expect("capelint");
    let text = String::from_utf8(run.stdout).expect("text");
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
    text.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a record"))
        .filter_map(|record| {
            let place = &record["place"];
            match record["type"].as_str()? {
                "finding" => Some(format!("{} {} {}", record["rule"], place["line"], place["column"])),
                "entry" => Some(format!("{} {}", record["verdict"], place["line"])),
                "undecided" => Some(format!("{} {}", record["rule"], record["entries"])),
                _ => None,
            }
        })
        .collect()
}

fn anonymize(files: &[PathBuf], out: &Path) {
    let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .arg("anonymize")
        .args(files)
        .args(["--seed", "one of many", "--out"])
        .arg(out)
        .output()
        .expect("capelint");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn the_examples_give_the_same_findings_when_they_are_anonymized() {
    let made_up = tempfile::tempdir().expect("a folder");
    for (example, declarations) in
        [("march", &["declaration.csv", "planning.csv"][..]), ("portfolio", &["abc.csv", "importer.csv"])]
    {
        let folder = Path::new("examples").join(example);
        let out = made_up.path().join(example);
        let files: Vec<_> = std::fs::read_dir(&folder)
            .expect("the example")
            .map(|file| file.expect("a file").path())
            .filter(|file| file.extension().is_some_and(|ending| ending == "csv" || ending == "yaml"))
            .collect();
        anonymize(&files, &out);
        for declaration in declarations {
            let (before, after) = (report(&folder, declaration), report(&out, declaration));
            assert_eq!(before, after, "{example}/{declaration}");
            assert!(before.len() > 5, "{example}/{declaration} says something");
            let text = |folder: &Path| std::fs::read_to_string(folder.join(declaration)).expect("text");
            let kept =
                text(&folder).lines().skip(1).zip(text(&out).lines().skip(1)).filter(|(a, b)| a == b).count();
            assert!(kept < 5, "{kept} rows of {example}/{declaration} are as they were");
        }
    }
}

/// A CSV file as a workbook: below a sheet of notes, with numbers and days as a spreadsheet stores them,
/// every fifth row hidden.
fn workbook(file: &Path) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let notes = book.add_worksheet().set_name("Notes of Zebulon").expect("a name");
    notes.write(0, 0, "Zebulon called about ABC71000010").expect("a cell");
    let is_export = file.file_stem().is_some_and(|name| name == "es003");
    let sheet =
        book.add_worksheet().set_name(if is_export { "Main Report" } else { "March" }).expect("a name");
    let day = rust_xlsxwriter::Format::new().set_num_format("mm/dd/yyyy");
    let mut records =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(file).expect("a file");
    for (row, record) in (0_u32..).zip(records.records()) {
        for (column, text) in (0_u16..).zip(&record.expect("a record")) {
            let date = chrono::NaiveDate::parse_from_str(text, "%m/%d/%Y").map(|date| date.to_string());
            if let Ok(date) = date {
                let date = rust_xlsxwriter::ExcelDateTime::parse_from_str(&date).expect("a day");
                sheet.write_with_format(row, column, &date, &day).expect("a cell");
            } else if let Some(number) = text.parse::<f64>().ok().filter(|number| number.to_string() == text)
            {
                sheet.write(row, column, number).expect("a cell");
            } else {
                sheet.write(row, column, text).expect("a cell");
            }
        }
        if row > 0 && row % 5 == 0 {
            sheet.set_row_hidden(row).expect("a row");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn workbooks_give_the_same_findings_when_they_are_anonymized() {
    let folder = tempfile::tempdir().expect("a folder");
    let (real, out) = (folder.path().join("real"), folder.path().join("made-up"));
    std::fs::create_dir(&real).expect("a folder");
    let example = Path::new("examples/march");
    let mut files = Vec::new();
    for name in ["declaration", "planning", "es003", "psc", "protests", "claims"] {
        // What is written is always `.xlsx`, whatever the file is called.
        let file = real.join(format!("{name}.{}", if name == "psc" { "xlsm" } else { "xlsx" }));
        std::fs::write(&file, workbook(&example.join(format!("{name}.csv")))).expect("a file");
        files.push(file);
    }
    let config = std::fs::read_to_string(example.join("capelint.yaml")).expect("text");
    let config = config.replace("psc.csv", "psc.xlsm").replace(".csv", ".xlsx");
    files.push(real.join("capelint.yaml"));
    std::fs::write(files.last().expect("a file"), config).expect("a file");
    anonymize(&files, &out);
    assert!(out.join("psc.xlsx").exists());
    for declaration in ["declaration.xlsx", "planning.xlsx"] {
        let (before, after) = (report(&real, declaration), report(&out, declaration));
        assert_eq!(before, after, "{declaration}");
        assert!(before.iter().any(|line| line.contains("hidden")), "{before:?}");
        assert!(before.len() > 20, "{declaration} has findings: {before:?}");
    }
}
