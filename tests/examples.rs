//! The examples are right: what capelint finds in them is what their generators expect.
//!
//! `expected.csv` and similar files come from `make.py` beside them, which implements CBP's rules without
//! capelint's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use capelint::finding::OutsideText;
use capelint::{Check, Checked, Format, Options, Rules};
use regex::Regex;
use serde_json::Value;

const FILING_DATE: &str = "2026-11-22";

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// Runs `capelint check` in a folder; its exit code, and the objects it printed.
fn check(folder: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(folder)
        .arg("check")
        .args(arguments)
        .args(["--format", "jsonl"])
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("jsonl is UTF-8");
    let objects = text.lines().map(|line| serde_json::from_str(line).expect("each line is an object"));
    let objects: Vec<Value> = objects.collect();
    assert!(
        objects.get(1).is_some_and(|second| second["type"] == "summary"),
        "{arguments:?} has no summary: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().expect("an exit code"), objects)
}

/// The objects of a type.
fn of_type<'a>(objects: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["type"] == kind)
}

/// The rows of a CSV file, by column.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("an example file");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Fails with what one side has and the other has not.
fn assert_same<T: Ord + Debug>(what: &str, expected: &BTreeSet<T>, found: &BTreeSet<T>) {
    let lines = |title: &str, items: Vec<&T>| {
        let items: String = items.iter().map(|item| format!("\n    {item:?}")).collect();
        format!("\n  {title}:{items}")
    };
    assert!(
        expected == found,
        "{what}{}{}",
        lines("expected, but not found", expected.difference(found).collect()),
        lines("found, but not expected", found.difference(expected).collect()),
    );
}

/// A finding: file, line, column, rule, entry (or what is written), whether it is waived.
type Found = (String, u64, u64, String, String, bool);

fn findings(objects: &[Value]) -> BTreeSet<Found> {
    let mut found = BTreeSet::new();
    for finding in of_type(objects, "finding") {
        let place = &finding["place"];
        let entry = finding["entry"].as_str().or(finding["written"].as_str()).unwrap_or_default();
        let key = (
            text(&place["file"]),
            place["line"].as_u64().expect("a line"),
            place["column"].as_u64().expect("a column"),
            text(&finding["rule"]),
            entry.to_owned(),
            !finding["waived"].is_null(),
        );
        assert!(found.insert(key), "said twice: {finding}");
    }
    found
}

fn expected_findings(path: &Path) -> BTreeSet<Found> {
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse().expect("a number");
    table(path)
        .iter()
        .map(|row| {
            let (line, column) = (number(row, "line"), number(row, "column"));
            (
                row["file"].clone(),
                line,
                column,
                row["rule"].clone(),
                row["entry"].clone(),
                row["waived"] == "yes",
            )
        })
        .collect()
}

fn verdicts(objects: &[Value]) -> BTreeSet<(String, String, String, String)> {
    let entry = |entry: &Value| {
        let place = &entry["place"];
        (text(&place["file"]), place["line"].to_string(), text(&entry["written"]), text(&entry["verdict"]))
    };
    of_type(objects, "entry").map(entry).collect()
}

fn expected_verdicts(path: &Path) -> BTreeSet<(String, String, String, String)> {
    let column = |row: &BTreeMap<String, String>, name: &str| row[name].clone();
    table(path)
        .iter()
        .map(|row| (column(row, "file"), column(row, "line"), column(row, "written"), column(row, "verdict")))
        .collect()
}

#[test]
fn every_finding_of_the_march_example_stands_where_it_should() {
    let folder = example("march");
    let (code, objects) = check(&folder, &["declaration.csv", "planning.csv", "--filing-date", FILING_DATE]);
    assert_eq!(code, 1);
    assert_same("findings", &expected_findings(&folder.join("expected.csv")), &findings(&objects));
    assert_same("verdicts", &expected_verdicts(&folder.join("verdicts.csv")), &verdicts(&objects));
}

#[test]
fn the_upload_file_alone_gives_its_own_findings() {
    let folder = example("march");
    let (code, objects) = check(&folder, &["declaration.csv", "--filing-date", FILING_DATE]);
    let mut expected = expected_findings(&folder.join("expected.csv"));
    expected.retain(|finding| finding.0 == "declaration.csv");
    assert_eq!(code, 1);
    assert_same("findings", &expected, &findings(&objects));
}

#[test]
fn most_entries_of_the_march_example_are_ready_and_what_is_undecided_is_reported() {
    let folder = example("march");
    let (_, objects) = check(&folder, &["declaration.csv", "--filing-date", FILING_DATE]);
    let summary = of_type(&objects, "summary").next().expect("a summary");
    let verdicts = &summary["verdicts"];
    let count = |verdict: &str| verdicts[verdict].as_u64().expect("a count");
    let worst_but_ready = ["warned", "rejected", "undecided"].map(count).into_iter().max().expect("three");
    assert!(count("ready") > worst_but_ready, "{verdicts}");
    let causes: BTreeSet<(String, u64)> = of_type(&objects, "undecided")
        .filter(|undecided| {
            ["statement-not-paid", "liquidated-over-80-days"].iter().any(|id| undecided["rule"] == *id)
        })
        .map(|undecided| (text(&undecided["rule"]), undecided["entries"].as_u64().expect("a count")))
        .collect();
    let readable = of_type(&objects, "entry").filter(|entry| !entry["entry"].is_null()).count() as u64;
    let expected = [("liquidated-over-80-days".to_owned(), 1), ("statement-not-paid".to_owned(), readable)];
    assert_same("undecided", &expected.into(), &causes);
}

#[test]
fn the_march_example_shows_every_rule_of_the_main_job() {
    let shown: BTreeSet<String> = expected_findings(&example("march").join("expected.csv"))
        .into_iter()
        .map(|finding| finding.3)
        .collect();
    for rule in [
        "entry-not-in-es003",
        "only-section-122",
        "no-ieepa-duty",
        "mixed-section-122",
        "liquidated-over-80-days",
        "liquidation-window-closing",
        "psc-needed",
        "header-not-exact",
        "extra-columns",
        "check-digit",
        "entry-number-length",
        "entry-number-scientific",
        "entry-number-look-alike",
        "duplicate-entry",
        "blank-row",
    ] {
        assert!(shown.contains(rule), "{rule} is not shown");
    }
}

/// What the portfolio expects of an entry: verdict, error rules, stop rules, warning rules.
type Judgment = (String, String, BTreeSet<String>, BTreeSet<String>, BTreeSet<String>);

/// Verdicts with the error, stop and warning rules of each entry, as the program gives them.
fn judgments(objects: &[Value]) -> BTreeSet<Judgment> {
    let mut rules: BTreeMap<(String, &str), BTreeSet<String>> = BTreeMap::new();
    for finding in of_type(objects, "finding").filter(|finding| !finding["entry"].is_null()) {
        let severity = finding["severity"].as_str().expect("a severity");
        rules.entry((text(&finding["entry"]), severity)).or_default().insert(text(&finding["rule"]));
    }
    let rules = |entry: &str, severity| rules.get(&(entry.to_owned(), severity)).cloned().unwrap_or_default();
    of_type(objects, "entry")
        .map(|entry| {
            let number = text(&entry["entry"]);
            let [errors, stops, warnings] =
                ["error", "stop", "warning"].map(|severity| rules(&number, severity));
            (number, text(&entry["verdict"]), errors, stops, warnings)
        })
        .collect()
}

fn words(cell: &str) -> BTreeSet<String> {
    cell.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_portfolio_is_evaluated_as_cbp_would() {
    let folder = example("portfolio");
    let expected = table(&folder.join("expected.csv"));
    for account in ["abc", "xyz", "importer"] {
        let (declaration, config) = (format!("{account}.csv"), format!("{account}.yaml"));
        let (code, objects) =
            check(&folder, &[&declaration, "--config", &config, "--filing-date", FILING_DATE]);
        assert_eq!(code, 1);
        let expected: BTreeSet<Judgment> = expected
            .iter()
            .filter(|row| row["declaration"] == declaration)
            .map(|row| {
                let [errors, stops, warnings] =
                    ["errors", "stops", "warnings"].map(|column| words(&row[column]));
                (row["entry"].clone(), row["verdict"].clone(), errors, stops, warnings)
            })
            .collect();
        assert!(expected.len() > 150, "{declaration} has {} entries", expected.len());
        assert_same(&declaration, &expected, &judgments(&objects));
    }
}

/// Verdict and error rules of each entry on each day around CBP's changes of rules.
fn june(day: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let folder = example("portfolio");
    let (_, objects) = check(&folder, &["june.csv", "--config", "june.yaml", "--filing-date", day]);
    judgments(&objects).into_iter().map(|(entry, verdict, errors, ..)| (entry, (verdict, errors))).collect()
}

#[test]
fn entries_are_evaluated_by_the_rules_of_the_filing_date() {
    let expected = table(&example("portfolio").join("june-expected.csv"));
    for day in ["2026-06-28", "2026-06-29", "2026-07-06", "2026-07-07"] {
        let expected: BTreeSet<_> = expected
            .iter()
            .filter(|row| row["filing_date"] == day)
            .map(|row| (row["entry"].clone(), (row["verdict"].clone(), words(&row["errors"]))))
            .collect();
        assert_eq!(expected.len(), 40);
        assert_same(day, &expected, &june(day).into_iter().collect());
    }
}

#[test]
fn a_change_of_rules_changes_what_it_is_about_and_nothing_else() {
    let changed = |before: &str, after: &str| {
        let (before, after) = (june(before), june(after));
        assert!(before.keys().eq(after.keys()));
        let pairs = before.values().zip(after.values());
        let rules = pairs.flat_map(|((_, before), (_, after))| before.symmetric_difference(after).cloned());
        rules.collect::<BTreeSet<String>>()
    };
    let rules = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
    let reconciliation = ["reconciliation-flagged", "reconciliation-type", "reconciliation-entry-filed"];
    assert_eq!(changed("2026-06-28", "2026-06-29"), rules(&reconciliation));
    assert_eq!(changed("2026-06-29", "2026-07-06"), rules(&[]));
    assert_eq!(changed("2026-07-06", "2026-07-07"), rules(&["warehouse-entry"]));
}

/// The three declarations of the portfolio as one, checked against all of its lists.
fn portfolio<'r>(rules: &'r Rules) -> Checked<'r> {
    let folder = example("portfolio");
    let read = |name: &str| fs::read(folder.join(format!("{name}.csv"))).expect("an example file");
    let text = ["importer", "abc", "xyz"].map(|name| String::from_utf8(read(name)).expect("UTF-8"));
    let entries: BTreeSet<&str> = text.iter().flat_map(|text| text.lines().skip(1)).collect();
    let declaration =
        entries.into_iter().fold("Entry Number\r\n".to_owned(), |all, entry| format!("{all}{entry}\r\n"));
    let mut check = Check::new(rules, FILING_DATE.parse().expect("a day"));
    check.declaration("all.csv", declaration.into_bytes());
    for table in
        ["es003", "claims", "psc", "protests", "reconciliation", "drawback", "surety", "adcvd", "statements"]
    {
        check.table(table, format!("{table}.csv"), read(table));
    }
    check.run().expect("a check")
}

#[test]
fn the_portfolio_is_reported_in_under_120_lines_of_any_width_with_the_first_entries_of_what_blocks() {
    let rules = Rules::built_in().expect("rules");
    let checked = portfolio(&rules);
    let blocking: BTreeSet<_> = checked
        .outcome
        .counted()
        .filter(|finding| finding.severity.blocks())
        .map(|finding| finding.rule)
        .collect();
    assert!(checked.outcome.entries.len() > 400 && blocking.len() > 20, "{}", blocking.len());
    for width in [60, 80, 100, 120, 200] {
        let mut report = Vec::new();
        let options = Options { width, ..Options::default() };
        checked.render(Format::Human, &options, &mut report).expect("a report");
        let report = String::from_utf8(report).expect("text");
        let lines: Vec<&str> = report.lines().collect();
        assert!(lines.len() < 120, "{} lines at {width}", lines.len());
        // A command can be copied, so it is not broken.
        let too_wide = |line: &&&str| line.chars().count() > width && !line.contains("plan the upload");
        assert_eq!(lines.iter().find(too_wide), None, "at {width}");
        for id in blocking.iter().map(|rule| &checked.outcome.rule(*rule).id) {
            let at = lines.iter().position(|line| line.contains(&format!("[{id}]"))).expect(id);
            let block = lines[at..].iter().take(2).copied().collect::<Vec<_>>().join(" ");
            assert!(block.contains("entr"), "{id} counts nothing at {width}: {block}");
            // Where there is room for it.
            let next = lines[at + 1].trim_start();
            assert!(
                width < 80 || next.contains('-') && !next.starts_with("stop["),
                "{id} at {width}: {next}"
            );
        }
    }
}

#[test]
fn the_last_day_of_a_finding_is_the_one_that_its_next_step_names() {
    let rules = Rules::built_in().expect("rules");
    let checked = portfolio(&rules);
    let day = Regex::new(r"\b(?:by|no later than|until|last day[a-zA-Z0-9 ()]* is) (\d{4}-\d{2}-\d{2})")
        .expect("a pattern");
    let mut seen = 0;
    for finding in checked.outcome.counted() {
        let help = finding.help.as_ref().map(OutsideText::raw).unwrap_or_default();
        if let Some(named) = day.captures(help) {
            let last_day = finding.deadline.map(|day| day.to_string());
            assert_eq!(last_day.as_deref(), Some(&named[1]), "{help}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}
