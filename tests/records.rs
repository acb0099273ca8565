//! What commands print for programs: it fits the published schemas, and a member has one type.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Runs capelint in the repository; gives what it prints.
fn capelint(arguments: &str) -> String {
    capelint_with(&arguments.split(' ').collect::<Vec<_>>())
}

fn capelint_with(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    let output = command.output().unwrap();
    let status = output.status.code();
    assert!(
        matches!(status, Some(0 | 1)),
        "{arguments:?}: {status:?}: {}",
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

/// No member has two types over all records: neither their own members nor those of what they have, at
/// whatever depth.
fn assert_one_type_each<'a>(records: impl IntoIterator<Item = &'a Value>) {
    let mut types: BTreeMap<String, &str> = BTreeMap::new();
    for record in records {
        note_types("", record, &mut types);
    }
    assert!(types.len() > 3, "{types:?}");
}

fn note_types(path: &str, value: &Value, types: &mut BTreeMap<String, &'static str>) {
    let found = match value {
        Value::Null => return,
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => panic!("{path}: {number} is no whole number"),
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            items.iter().for_each(|item| note_types(&format!("{path}[]"), item, types));
            "array"
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, of)| note_types(&format!("{path}.{name}"), of, types));
            "object"
        }
    };
    let known = types.entry(path.to_owned()).or_insert(found);
    assert_eq!(*known, found, "{path}");
}

const MARCH: &str = "examples/march/declaration.csv --filing-date 2026-11-22";

#[test]
fn reports_fit_their_schema() {
    let lines = capelint(&format!("check {MARCH} --format jsonl"));
    let records = validate("report", lines.lines());
    assert_one_type_each(&records);
    assert_eq!(records[0]["type"], "run");
    // Readers that look at the first lines only see all kinds of records there.
    assert_eq!(records[1]["type"], "summary");
    let entries = records.iter().position(|record| record["type"] == "entry").unwrap();
    let mut entry = &Value::Null;
    for record in &records[entries..] {
        match record["type"].as_str() {
            Some("entry") => entry = &record["entry"],
            kind => assert_eq!((kind, &record["entry"]), (Some("finding"), entry)),
        }
    }
    let inputs = records[0]["inputs"].as_array().unwrap();
    assert!(inputs.iter().all(|input| input["sha256"].as_str().unwrap().len() == 64), "{inputs:?}");
    let undecided = records
        .iter()
        .find(|record| record["rule"] == "liquidated-over-80-days" && record["type"] == "undecided");
    assert_eq!(undecided.unwrap()["entry_numbers"], serde_json::json!(["ABC71016283"]));
    let document = capelint(&format!("check {MARCH} --format json"));
    let document = &validate("report", [document.as_str()])[0];
    let other = capelint(
        "check examples/portfolio/abc.csv --config examples/portfolio/abc.yaml --filing-date 2026-11-22 --format json",
    );
    assert_one_type_each([document, &validate("report", [other.as_str()])[0]]);
    let of = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
    for (member, kind) in [("findings", "finding"), ("undecided", "undecided"), ("entries", "entry")] {
        assert_eq!(document[member].as_array().unwrap().len(), of(kind));
    }
}

#[test]
fn what_fix_does_fits_its_schema() {
    let text = capelint(&format!("fix {MARCH} --dry-run --format json"));
    let fixed = &validate("fix", [text.as_str()])[0];
    let held = capelint(
        "fix tests/cmd/data/damaged.csv --isolated --filing-date 2026-11-22 --dry-run --format json",
    );
    let held = &validate("fix", [held.as_str()])[0];
    assert_one_type_each([fixed, held]);
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
    let other =
        capelint("plan examples/portfolio/june-es003.csv --filing-date 2026-11-22 --dry-run --format json");
    assert_one_type_each([plan, &validate("plan", [other.as_str()])[0]]);
    let sum = |name: &str| plan["sum"][name].as_u64().unwrap();
    let parts = ["uploaded", "work", "nothing_to_claim", "accepted_before", "not_selected"].map(sum);
    assert_eq!(sum("entries"), parts.iter().sum::<u64>());
    let cause = &plan["undecided"][0]["cause"];
    assert_eq!([&cause["kind"], &cause["file"]], ["blank", "examples/march/es003.csv"]);
    assert_eq!([&cause["damage"], &cause["incomplete"]], [&Value::Null; 2]);
    assert_eq!(plan["clients"], serde_json::json!([]));
    let of_clients = "plan tests/cmd/data/clients/es003.csv --filing-date 2026-11-22 --dry-run --format json";
    let clients = &validate("plan", [capelint(of_clients).as_str()])[0]["clients"];
    let named: Vec<_> =
        clients.as_array().unwrap().iter().map(|one| (&one["client"], &one["entries"])).collect();
    assert_eq!(
        named,
        [(&"Acme & Sons".into(), &3.into()), (&"Bolt".into(), &1.into()), (&Value::Null, &1.into())]
    );
    assert_eq!(clients[1]["standings"][0]["ieepa_duty"], "910.00");
    let inputs = plan["run"]["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|input| input["table"] == "es003"));
    assert!(inputs.iter().all(|input| input["sha256"].as_str().unwrap().len() == 64), "{inputs:?}");
}

#[test]
fn what_triage_reads_fits_its_schema() {
    let arguments = format!("triage examples/march/claims.csv --declaration {MARCH}");
    let lines = capelint(&format!("{arguments} --format jsonl"));
    let records = validate("triage", lines.lines());
    assert_one_type_each(&records);
    assert_eq!(records[0]["type"], "run");
    let inputs = records[0]["inputs"].as_array().unwrap();
    let tables: Vec<&str> = inputs.iter().map(|input| input["table"].as_str().unwrap()).collect();
    assert!(["claims", "row", "es003"].iter().all(|table| tables.contains(table)), "{tables:?}");
    assert!(inputs.iter().all(|input| input["sha256"].as_str().unwrap().len() == 64), "{inputs:?}");
    let document = capelint(&format!("{arguments} --format json"));
    let document = &validate("triage", [document.as_str()])[0];
    assert_eq!(
        document["entries"].as_array().unwrap().len() as u64,
        document["summary"]["entries"].as_u64().unwrap()
    );
}

#[test]
fn a_part_of_a_check_is_marked_in_its_first_record() {
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

/// A declaration of an account with clients: two of one client, one of another and one of none.
const CLIENTS: &str = "check tests/cmd/data/clients/march.csv --filing-date 2026-11-22";

#[test]
fn each_entry_has_its_client() {
    let lines = capelint(&format!("{CLIENTS} --format jsonl"));
    let records = validate("report", lines.lines());
    assert_one_type_each(&records);
    let of = |kind: &'static str| records.iter().filter(move |record| record["type"] == kind);
    let clients: Vec<Option<&str>> = of("entry").map(|entry| entry["client"].as_str()).collect();
    let acme = Some("Acme & Sons");
    assert_eq!(clients, [acme, acme, acme, Some("Bolt"), None]);
    let stray = of("finding").find(|finding| finding["rule"] == "other-client").unwrap();
    assert_eq!(stray["client"], "Bolt");
    let list = capelint(&format!("{CLIENTS} --format csv"));
    let column = |line: &str, at: usize| line.split(',').nth(at).map(str::to_owned);
    let at = list.lines().next().unwrap().split(',').position(|name| name == "Client").unwrap();
    let after = list.lines().next().unwrap().split(',').position(|name| name == "Importer Number").unwrap();
    assert_eq!(at, after + 1);
    assert_eq!(column(list.lines().nth(2).unwrap(), at).as_deref(), acme);
    let page = capelint(&format!("{CLIENTS} --format html"));
    assert!(page.contains("<select id=\"client\"") && page.contains("<u>Bolt</u>"));
    // A client without an entry is no choice, and without clients there is nothing to choose.
    assert!(page.contains("Of no client") && !page.contains(">Cedar<"));
    let page = capelint(&format!("check {MARCH} --format html"));
    assert!(!page.contains("<select id=\"client\""));
    let list = capelint(&format!("check {MARCH} --format csv"));
    assert!(!list.lines().next().unwrap().contains("Client"));
}

#[test]
fn explanations_fit_their_schema() {
    let of = |what: &[&str]| {
        let arguments = [&["explain", "--format", "json"], what].concat();
        capelint_with(&arguments)
    };
    let entry: Vec<&str> = ["--entry", "ABC71016283"].into_iter().chain(MARCH.split(' ')).collect();
    let texts = [
        of(&["liquidated-over-80-days"]),
        of(&["no-key-column"]),
        of(&["checklist"]),
        of(&["UNABLE TO CALCULATE DUTY\nINVALID ENTRY NUMBER"]),
        of(&entry),
    ];
    let explained = validate("explain", texts.iter().map(String::as_str));
    assert_one_type_each(&explained);
    assert_eq!(explained[0]["explained_rule"]["id"], "liquidated-over-80-days");
    assert_eq!(explained[1]["explained_error"]["code"], "no-key-column");
    assert!(explained[2]["checklist"][0]["question"].as_str().unwrap().ends_with('?'));
    assert_eq!(explained[3]["messages"].as_array().unwrap().len(), 2);
    let rules = explained[4]["declarations"][0]["rule_outcomes"].as_array().unwrap();
    let undecided = rules.iter().find(|rule| rule["outcome"] == "undecided").unwrap();
    assert_eq!(undecided["rule"], "liquidated-over-80-days");
    let causes =
        undecided["clauses"].as_array().unwrap().iter().flat_map(|clause| clause["causes"].as_array());
    let causes: Vec<&Value> = causes.flatten().chain(undecided["causes"].as_array().unwrap()).collect();
    assert!(causes.iter().any(|cause| cause["kind"] == "blank" && cause["table"] == "es003"), "{causes:?}");
    assert_eq!(explained[4]["run"]["inputs"][0]["file"], "examples/march/declaration.csv");
}

#[test]
fn what_tests_show_fits_its_schema() {
    let text = capelint("test --only protest --format json");
    let shown = &validate("test", [text.as_str()])[0];
    let tests = shown["tests"].as_array().unwrap();
    assert!(tests.len() > 5 && tests.iter().all(|test| test["passed"] == true));
    assert!(tests[0]["place"]["line"].as_u64().unwrap() > 1);
    let failing = std::env::temp_dir().join(format!("capelint-records-{}.yaml", std::process::id()));
    let rule = "rules:\n  - id: never\n    title: T\n    severity: error\n    each: entry\n    require: { some: es003 }\n    \
                message: m\n    sources: [s]\n    tests:\n      - { name: n, es003: [], expect: satisfied }\n";
    std::fs::write(&failing, rule).unwrap();
    let text = capelint_with(&["test", failing.to_str().unwrap(), "--format", "json"]);
    std::fs::remove_file(&failing).unwrap();
    let failed = &validate("test", [text.as_str()])[0];
    assert_eq!(failed["tests"][0]["passed"], false);
    assert!(failed["errors"][0]["places"][0]["line"].as_u64().unwrap() > 1);
    assert_one_type_each([shown, failed]);
}

#[test]
fn what_keeps_a_command_from_running_fits_the_schema_of_each() {
    for (schema, arguments) in [
        ("report", "check no-such.csv --format json"),
        ("report", "check no-such.csv --format jsonl"),
        ("fix", "fix no-such.csv --dry-run --format json"),
        ("plan", "plan no-such.csv --dry-run --format json"),
        ("triage", "triage no-such.csv --format json"),
        ("explain", "explain --entry ABC12345676 no-such.csv --format json"),
        ("test", "test no-such.yaml --format json"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
        let output = command.args(arguments.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = if arguments.ends_with("jsonl") { text.lines().collect() } else { vec![text.as_str()] };
        assert!(!errors.is_empty(), "{arguments}");
        for error in validate(schema, errors) {
            let error = error.get("error").unwrap_or_else(|| &error["errors"][0]);
            assert!(error["code"].is_string(), "{arguments}: {error}");
        }
    }
}

/// What a schema allows a member to be, but for `null`: `string`, `number`, `[object]` for a list of objects.
fn kinds(schema: &Value, definitions: &Value) -> BTreeSet<String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return kinds(&definitions[name], definitions);
    }
    let any = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
    let mut found: BTreeSet<String> = any.flat_map(|part| kinds(part, definitions)).collect();
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    for kind in types.iter().filter_map(Value::as_str).filter(|kind| *kind != "null") {
        found.insert(match kind {
            "integer" => "number".to_owned(),
            "array" => {
                let items: Vec<String> = kinds(&schema["items"], definitions).into_iter().collect();
                format!("[{}]", items.join("|"))
            }
            other => other.to_owned(),
        });
    }
    found
}

/// The types of each member in all objects of a schema, with where they are.
fn members(schema: &Value, of: &str, all: &mut BTreeMap<String, BTreeMap<String, String>>) {
    let definitions = schema["$defs"].as_object().expect("definitions");
    let schema_definitions = &schema["$defs"];
    for (name, object) in definitions {
        let parts = ["anyOf", "oneOf"].into_iter().filter_map(|key| object[key].as_array()).flatten();
        for object in parts.chain([object]) {
            let Some(properties) = object["properties"].as_object() else { continue };
            let properties: Vec<(&String, BTreeSet<String>)> = properties
                .iter()
                .map(|(member, schema)| (member, kinds(schema, schema_definitions)))
                .collect();
            // The members of an object of counts are categories, each with its count.
            let is_number = |kinds: &BTreeSet<String>| kinds.iter().all(|kind| kind == "number");
            if properties.len() > 2 && properties.iter().all(|(_, kinds)| is_number(kinds)) {
                continue;
            }
            // A document has lists of its records; elsewhere their name counts them or lists their keys.
            let is_document = name.ends_with("Document") || name == "TextExplanation";
            for (member, kinds) in properties {
                for kind in kinds.into_iter().filter(|kind| !(is_document && kind == "[object]")) {
                    all.entry(member.clone()).or_default().entry(kind).or_insert(format!("{of}: {name}"));
                }
            }
        }
    }
}

#[test]
fn a_member_has_one_type_in_the_output_of_all_commands() {
    let mut all = BTreeMap::new();
    for of in ["report", "fix", "plan", "triage", "explain", "test"] {
        let schema: Value = serde_json::from_str(&capelint(&format!("schema {of} --isolated"))).unwrap();
        members(&schema, of, &mut all);
    }
    assert!(all.len() > 120, "{}", all.len());
    // The column of a place is its number; that of a cause is its name in rule files, beside its table's.
    let column = all.remove("column").expect("places have columns");
    assert!(column.keys().eq(["number", "string"]), "{column:?}");
    let several: Vec<_> = all.iter().filter(|(_, types)| types.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
}
