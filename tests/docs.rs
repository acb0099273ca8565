//! What the documentation shows is what the program prints, and the sample files it offers are read
//! without a complaint.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_commands_of_the_documentation_print_what_it_shows() {
    trycmd::TestCases::new().case("docs/src/*/*.md");
}

/// A list that is offered as a pattern to copy must be read whole: no cell that its column cannot read, no
/// column that is skipped, no rule that misses something in it.
#[test]
fn each_sample_list_is_read_without_a_complaint() {
    let folder = Path::new("docs/src/brokers/samples");
    let page = fs::read_to_string("docs/src/brokers/lists.md").expect("the page on lists");
    let mut samples = 0;
    for file in fs::read_dir(folder).expect("the samples") {
        let file = file.expect("a sample").path();
        let table = file.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(page.contains(&format!("[{table}.csv](samples/{table}.csv)")), "{table} is not offered");
        let run = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args(["check", "examples/march/declaration.csv", "--isolated", "--filing-date", "2026-11-22"])
            .args(["--es003", "examples/march/es003.csv", "--format", "json", "--table"])
            .arg(format!("{table}={}", file.display()))
            .output()
            .expect("capelint");
        let report: serde_json::Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|_| panic!("{table}: {}", String::from_utf8_lossy(&run.stderr)));
        let items = |name: &str| report[name].as_array().expect("a list").clone();
        for item in items("findings").iter().chain(&items("undecided")) {
            let text = item.to_string();
            assert!(!text.contains(&format!("samples/{table}.csv")), "{table}: {text}");
        }
        samples += 1;
    }
    assert_eq!(samples, 8, "one for each list that the pack knows");
}
