//! The names that rules and configurations may use, put into their JSON Schemas: what an editor offers.
//!
//! A file may declare names of its own, so a schema offers the known names and accepts others; the compiler checks
//! whether they exist. Only what no file can add to is a closed list.

use serde_json::{Map, Value, json};

use super::model::RuleSet;
use crate::outside::OutsideString;
use crate::table::schema::{Schema, Type};
use crate::table::{FILE, ROW};

/// A schema of rule files with the names of some rules.
pub fn of_rules(mut schema: Value, rules: &RuleSet) -> Value {
    let tables = || rules.schemas.iter().map(|schema| schema.name.clone());
    let reference = || tables().skip(2);
    let ids = || rules.rules.iter().map(|rule| rule.id.clone());
    let defs = &mut schema["$defs"];
    offer(
        &mut defs["Rule"]["properties"]["each"],
        ["file", "row", "entry", "line"].map(String::from).into_iter().chain(reference()),
    );
    offer(&mut defs["Rule"]["properties"]["supersedes"]["items"], ids().chain([String::from("all")]));
    offer(&mut defs["Rule"]["properties"]["replaces"], ids());
    defs["Rule"]["oneOf"] = json!([{ "required": ["require"] }, { "required": ["forbid"] }]);
    offer(&mut defs["NamedStep"]["properties"]["step"], rules.steps.iter().map(|(name, _)| name.clone()));
    offer(&mut defs["HelpCase"]["properties"]["step"], rules.steps.iter().map(|(name, _)| name.clone()));
    offer(
        &mut defs["Selection"]["properties"]["from"],
        rules.code_lists.iter().map(|list| list.name.clone()),
    );
    if let Some(keys) = defs["Rule"]["properties"]["labels"].as_object_mut() {
        let columns =
            columns(rules).map(|(name, _)| (name, json!({ "type": "string" }))).collect::<Map<_, _>>();
        keys.insert("properties".into(), columns.into());
    }
    condition(&mut defs["Condition"], rules);
    let lists = rules.selections.iter().map(|codes| codes.name.clone()).collect::<Vec<_>>();
    for word in ["in", "not_in"] {
        let shape = &mut defs["Test_of_a_column"]["anyOf"][2]["properties"][word];
        if let Some(options) = shape["anyOf"].as_array_mut() {
            options.insert(0, json!({ "enum": lists }));
        }
    }
    if let Some(keys) = defs["Test"]["properties"].as_object_mut() {
        for schema in rules.schemas.iter().skip(ROW.index() + 1) {
            let description = format!(
                "The rows that {} has for the entry; `[]` for none. Or a real file: its name beside the rule file, or its lines; or several.",
                schema.title
            );
            let rows = json!({ "type": "array", "items": { "anyOf": [row(schema), { "type": "string" }] } });
            keys.insert(
                schema.name.clone(),
                json!({ "description": description, "anyOf": [rows, { "type": "string" }] }),
            );
        }
        for (key, table) in [("row", ROW), ("file", FILE)] {
            let description = keys.get(key).map(|old| old["description"].clone()).unwrap_or_default();
            let mut cells = row(&rules.schemas[table.index()]);
            cells["description"] = description;
            keys.insert(key.into(), cells);
        }
    }
    let test = defs["Test"]["properties"].clone();
    let cells = columns(rules).map(|(name, _)| name);
    let keys =
        ["expect", "message", "help", "filing_date", "findings", "severity", "supersedes"].map(String::from);
    offer(&mut defs["Cases"]["properties"]["columns"]["items"], cells.chain(keys));
    if let Some(given) = defs["Cases"]["properties"]["given"].as_object_mut() {
        given.insert("properties".into(), test);
    }
    offer(&mut schema["properties"]["off"]["items"], ids());
    schema
}

/// A schema of configurations with the names of some rules.
pub fn of_config(mut schema: Value, rules: &RuleSet, formats: &[&str]) -> Value {
    let ids: Vec<String> = rules.rules.iter().map(|rule| rule.id.clone()).collect();
    let keys = &mut schema["properties"];
    let level = keys["severity"]["additionalProperties"].clone();
    keys["severity"]["properties"] =
        ids.iter().map(|id| (id.clone(), level.clone())).collect::<Map<_, _>>().into();
    let given = keys["tables"]["additionalProperties"].clone();
    let tables = rules.schemas.iter().skip(ROW.index() + 1);
    keys["tables"]["properties"] = tables
        .map(|table| {
            let mut given = given.clone();
            given["description"] = table.title.clone().into();
            (table.name.clone(), given)
        })
        .collect::<Map<_, _>>()
        .into();
    keys["settings"]["properties"] = rules
        .settings
        .iter()
        .map(|setting| {
            let title = setting.title.as_ref().map_or(&*setting.name, OutsideString::raw);
            (setting.name.clone(), json!({ "description": title, "type": ["string", "number", "boolean"] }))
        })
        .collect::<Map<_, _>>()
        .into();
    for key in ["select", "ignore"] {
        if let Some(options) = keys[key]["anyOf"].as_array_mut() {
            options.insert(0, json!({ "enum": ids }));
            options.insert(
                1,
                json!({ "type": "array", "items": { "anyOf": [{ "enum": ids }, { "type": "string" }] } }),
            );
        }
    }
    offer(&mut schema["$defs"]["Waiver"]["properties"]["rule"], ids.into_iter());
    // These are the program's own: no file adds to them.
    let output = &mut schema["$defs"]["Output"]["properties"];
    close(&mut output["format"], formats);
    close(&mut output["fail_on"], &["error", "stop", "warning", "never"]);
    schema
}

/// Offers names, and lets others pass.
fn offer(schema: &mut Value, names: impl Iterator<Item = String>) {
    let names: Vec<String> = names.collect();
    let description = schema["description"].take();
    *schema = json!({ "anyOf": [{ "enum": names }, { "type": "string" }] });
    if !description.is_null() {
        schema["description"] = description;
    }
}

/// Lets nothing pass but these.
fn close(schema: &mut Value, names: &[&str]) {
    if let Some(object) = schema.as_object_mut() {
        object.remove("type");
        object.insert("enum".into(), json!(names));
    }
}

/// All columns as conditions write them, with their types.
fn columns(rules: &RuleSet) -> impl Iterator<Item = (String, String)> {
    rules.schemas.iter().flat_map(|schema| {
        schema.columns.iter().map(move |column| {
            let name = format!("{}.{}", schema.name, column.name);
            (name, format!("{} ({})", column.headers.first().unwrap_or(&column.name), column.kind.name()))
        })
    })
}

/// The keys of a condition: columns, figures, settings, named conditions, tables after a quantifier.
fn condition(schema: &mut Value, rules: &RuleSet) {
    let tables: Vec<String> =
        rules.schemas.iter().skip(ROW.index() + 1).map(|schema| schema.name.clone()).collect();
    let of_file = ["entry", "row"].map(String::from);
    let Some(keys) = schema["properties"].as_object_mut() else { return };
    for word in ["some", "every", "no", "count"] {
        if let Some(shape) = keys.get_mut(word) {
            offer(shape, tables.iter().cloned().chain(of_file.clone()));
        }
    }
    let test =
        |description: String| json!({ "$ref": "#/$defs/Test_of_a_column", "description": description });
    for (name, description) in columns(rules) {
        keys.entry(name).or_insert_with(|| test(description));
    }
    for figure in &rules.figures {
        let title = figure.title.as_ref().map_or(&*figure.name, OutsideString::raw);
        keys.entry(figure.name.clone()).or_insert_with(|| test(title.to_owned()));
    }
    for (name, _) in &rules.conditions {
        let shape = json!({ "enum": ["yes", "no", true, false], "description": "A named condition, or its opposite." });
        keys.entry(name.clone()).or_insert(shape);
    }
}

/// A row of a table in a test: its columns, with the texts of choices.
fn row(schema: &Schema) -> Value {
    let cell = |column: &crate::table::schema::Column| {
        let texts = column.choices.iter().flat_map(|choice| &choice.texts).filter(|text| !text.contains('*'));
        let texts: Vec<&String> = texts.collect();
        let any = json!({ "$ref": "#/$defs/Cell" });
        let mut shape = match column.kind {
            Type::Choice => json!({ "anyOf": [{ "enum": texts }, any] }),
            _ => json!({ "anyOf": [any] }),
        };
        shape["description"] = column.headers.first().unwrap_or(&column.name).clone().into();
        shape
    };
    let cells =
        schema.columns.iter().map(|column| (column.name.clone(), cell(column))).collect::<Map<_, _>>();
    json!({ "type": "object", "properties": cells, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::super::{CompileOptions, load, pack, schema};
    use super::*;
    use crate::source::Sources;

    #[test]
    fn the_pack_fits_a_schema_with_its_own_names_and_a_mistyped_column_of_a_test_does_not() {
        let rules = load(pack::embedded(), CompileOptions::default(), &mut Sources::default()).unwrap();
        let schema = of_rules(schema::rules(), &rules);
        assert!(jsonschema::draft202012::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let fits = |text: &[u8]| validator.is_valid(&serde_yaml::from_slice::<Value>(text).unwrap());
        for (name, bytes) in pack::files().filter(|(name, _)| name.ends_with(".yaml")) {
            if name.starts_with("messages") || name == "checklist.yaml" {
                continue;
            }
            let value: Value = serde_yaml::from_slice(bytes).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{name}");
        }
        let rule = |test: &str| {
            format!(
                "rules: [{{ id: a, title: T, severity: note, each: entry, forbid: {{ es003.duty: 1 }}, tests: [{test}] }}]"
            )
        };
        assert!(fits(rule("{ name: a, es003: [{ duty: 1 }], expect: violated }").as_bytes()));
        assert!(!fits(rule("{ name: a, es003: [{ dutty: 1 }], expect: violated }").as_bytes()));
        assert!(!fits(rule("").replace("forbid", "help").as_bytes()), "neither `require` nor `forbid`");
    }

    #[test]
    fn a_configuration_has_the_formats_and_levels_of_the_program() {
        let rules = load(pack::embedded(), CompileOptions::default(), &mut Sources::default()).unwrap();
        let schema = of_config(schema::config(), &rules, &["human", "json"]);
        let validator = jsonschema::validator_for(&schema).unwrap();
        let fits = |text: &str| validator.is_valid(&serde_yaml::from_str::<Value>(text).unwrap());
        assert!(fits(
            "output: { format: json, fail_on: stop }\nseverity: { check-digit: warning }\nselect: [check-digit]"
        ));
        assert!(!fits("output: { format: jsn }") && !fits("output: { fail_on: stops }"));
    }
}
