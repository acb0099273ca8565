//! The result of a slice of an export is the result of the whole.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// A folder with files, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("capelint-slices-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        Self(folder)
    }

    /// The records of a check.
    fn check(&self, flags: &[&str]) -> Vec<Value> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
        command.current_dir(&self.0).args(["check", "d.csv", "--isolated", "--filing-date", "2026-11-22"]);
        let output = command.args(["--format", "jsonl"]).args(flags).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HEADER: &str = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
                      Tariff Ordinal Number,HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,\
                      Liquidation Status,Liquidation Date\n";

fn row(entry: &str, ordinal: u8, hts: &str, duty: &str) -> String {
    format!("{entry},01,12-3456789,11/16/2025,001,{ordinal},{hts},1000,{duty},Unliquidated,\n")
}

/// In a slice, a file may have rows of few entries: that none of them is of Chapter 99 has no meaning for the
/// file.
#[test]
fn a_slice_without_chapter_99_is_not_a_filtered_export() {
    let first = row("ABC12345676", 1, "99030124", "100.00") + &row("ABC12345676", 2, "8471500150", "0");
    let second = row("ABC71000378", 1, "8471500150", "0");
    let folder = Folder::new(
        "chapters",
        &[
            ("d.csv", "Entry Number\nABC12345676\nABC71000378\n"),
            ("a.csv", &format!("{HEADER}{first}")),
            ("b.csv", &format!("{HEADER}{second}")),
        ],
    );
    let exports = ["--es003", "a.csv", "--es003", "b.csv"];
    let verdict = |records: &[Value], entry: &str| {
        let record = records.iter().find(|one| one["type"] == "entry" && one["entry"] == entry);
        record.unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    let whole = folder.check(&exports);
    assert_eq!(verdict(&whole, "ABC71000378"), "undecided", "its file was filtered");
    let slice = folder.check(&[&exports[..], &["--scope", "entry", "--partial"]].concat());
    assert_eq!(verdict(&slice, "ABC71000378"), "rejected", "it has no IEEPA duty");
    // The caller that puts the slices together gets what each file has.
    let chapters = |file: &str| {
        let inputs = slice[0]["inputs"].as_array().unwrap();
        inputs.iter().find(|input| input["file"] == file).unwrap()["chapters"].clone()
    };
    assert_eq!(chapters("a.csv"), serde_json::json!(["1-97", "99"]));
    assert_eq!(chapters("b.csv"), serde_json::json!(["1-97"]));
    assert_eq!(chapters("d.csv"), Value::Null);
}
