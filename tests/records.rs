//! What commands print for programs: it fits the published schemas, and a member has one type.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Runs capelint in the repository; gives what it prints.
fn capelint(arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments.split(' '));
    let output = command.output().unwrap();
    let status = output.status.code();
    assert!(
        matches!(status, Some(0 | 1)),
        "{arguments}: {status:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Validates each value against a published schema.
fn validate<'a>(schema: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    let schema: Value = serde_json::from_str(&capelint(&format!("schema {schema} --isolated"))).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{text}");
        value
    };
    texts.into_iter().map(valid).collect()
}

/// No member has two types over all records.
fn assert_one_type_each(records: &[Value]) {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in records.iter().flat_map(|record| record.as_object().unwrap()) {
        let found = match value {
            Value::Null => continue,
            Value::Array(items) if items.is_empty() => continue,
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(items) if items[0].is_object() => "array of objects",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let known = types.entry(name).or_insert(found);
        assert_eq!(*known, found, "{name}");
    }
}

const MARCH: &str = "examples/march/declaration.csv --filing-date 2026-11-22";

#[test]
fn reports_fit_their_schema() {
    let lines = capelint(&format!("check {MARCH} --format jsonl"));
    let records = validate("report", lines.lines());
    assert_one_type_each(&records);
    assert_eq!(records[0]["type"], "run");
    let inputs = records[0]["inputs"].as_array().unwrap();
    assert!(inputs.iter().all(|input| input["sha256"].as_str().unwrap().len() == 64), "{inputs:?}");
    let undecided = records
        .iter()
        .find(|record| record["rule"] == "liquidated-over-80-days" && record["type"] == "undecided");
    assert_eq!(undecided.unwrap()["entry_numbers"], serde_json::json!(["ABC71016283"]));
    let document = capelint(&format!("check {MARCH} --format json"));
    let document = &validate("report", [document.as_str()])[0];
    let of = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
    for (member, kind) in [("findings", "finding"), ("undecided", "undecided"), ("entries", "entry")] {
        assert_eq!(document[member].as_array().unwrap().len(), of(kind));
    }
}

#[test]
fn what_fix_does_fits_its_schema() {
    let text = capelint(&format!("fix {MARCH} --dry-run --format json"));
    let fixed = &validate("fix", [text.as_str()])[0];
    let balance = &fixed["balance"];
    let written: usize = fixed["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["entry_numbers"].as_array().unwrap().len())
        .sum();
    assert_eq!(balance["uploaded"], written);
    assert_eq!(balance["held"], fixed["held"].as_array().unwrap().len());
    assert!(fixed["held"][0]["reasons"][0]["message"].is_string());
    assert_eq!(fixed["folder"], Value::Null);
}

#[test]
fn what_plan_does_fits_its_schema() {
    let text = capelint("plan examples/march/es003.csv --filing-date 2026-11-22 --dry-run --format json");
    let plan = &validate("plan", [text.as_str()])[0];
    let sum = |name: &str| plan["sum"][name].as_u64().unwrap();
    let parts = ["uploaded", "work", "nothing_to_claim", "accepted_before", "not_selected"].map(sum);
    assert_eq!(sum("entries"), parts.iter().sum::<u64>());
    assert_eq!(plan["undecided"][0]["cause"]["kind"], "blank");
}

#[test]
fn what_triage_reads_fits_its_schema() {
    let arguments = format!("triage examples/march/claims.csv --declaration {MARCH}");
    let lines = capelint(&format!("{arguments} --format jsonl"));
    let records = validate("triage", lines.lines());
    assert_one_type_each(&records);
    assert_eq!(records[0]["type"], "run");
    let document = capelint(&format!("{arguments} --format json"));
    let document = &validate("triage", [document.as_str()])[0];
    assert_eq!(
        document["entries"].as_array().unwrap().len() as u64,
        document["summary"]["entries"].as_u64().unwrap()
    );
}

#[test]
fn a_part_of_a_check_says_so_in_its_first_record() {
    let whole = capelint(&format!("check {MARCH} --format jsonl"));
    let run = &validate("report", whole.lines().take(1))[0];
    assert_eq!((&run["scope"], &run["partial"]), (&"all".into(), &false.into()));
    let part = capelint(&format!("check {MARCH} --scope entry --partial --format jsonl"));
    let run = &validate("report", part.lines().take(1))[0];
    assert_eq!((&run["scope"], &run["partial"]), (&"entry".into(), &true.into()));
    let files = capelint(&format!("check {MARCH} --scope file --format json"));
    let run = &validate("report", [files.as_str()])[0]["run"];
    assert_eq!((&run["scope"], &run["partial"]), (&"file".into(), &false.into()));
}
