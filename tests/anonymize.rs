//! Made-up files give the same findings as the files they were made from.

use std::path::Path;
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
                _ => None,
            }
        })
        .collect()
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
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .arg("anonymize")
            .args(&files)
            .args(["--seed", "one of many", "--out"])
            .arg(&out)
            .output()
            .expect("capelint");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
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
