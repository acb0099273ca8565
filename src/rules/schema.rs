//! JSON Schemas (2020-12) of the YAML files, for editors: completion and a description of every key.
//!
//! They come from the types that the files are decoded into and from the compiler's own tables of words, so
//! that they cannot differ from the compiler. A schema has no columns and no types of values: what it accepts
//! the compiler may still refuse.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::compile::words::STRUCTURE;
use super::syntax::{
    Help, NamedStep, RuleFile, WrittenCell, WrittenCondition, WrittenFinding, WrittenFindings,
    WrittenHelpCase, WrittenUnreadable,
};
use crate::judge::words::{Takes, WORDS, Word};
use crate::yaml::decode::{Lazy, Named, OneOrMany, Raw, Rest, Spanned};

/// The schema of rule files, which declare tables and code lists too.
pub fn rules() -> Value {
    schema_of::<RuleFile>("capelint rule file")
}

/// The schema of files that only declare tables, code lists and selections.
pub fn tables() -> Value {
    let mut schema = rules();
    schema["title"] = json!("capelint tables and code lists");
    schema["description"] = json!("Tables, code lists and selections.");
    if let Some(keys) = schema["properties"].as_object_mut() {
        keys.retain(|key, _| matches!(key.as_str(), "tables" | "codes" | "selections"));
    }
    schema
}

/// The schema of `capelint.yaml`.
pub fn config() -> Value {
    schema_of::<crate::config::ConfigFile>("capelint configuration")
}

/// The schema of `messages.yaml`.
pub fn messages() -> Value {
    schema_of::<super::messages::MessageFile>("capelint messages")
}

/// The schema of a type that files are decoded into.
fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with_transform(AsTyped);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".into(), title.into());
    schema.to_value()
}

/// Adapts a schema to what editors read in YAML: a text may look like a number, `yes` is a text, and a key that
/// may be left out is not a key that may be null.
#[derive(Clone)]
struct AsTyped;

impl Transform for AsTyped {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        if object.get("default") == Some(&Value::Null) {
            object.remove("default");
        }
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(options)) = object.get_mut("anyOf") {
            options.retain(|option| option != &json!({ "type": "null" }));
            if let [Value::Object(only)] = options.as_slice() {
                let only = only.clone();
                object.remove("anyOf");
                object.extend(only);
            }
        }
        let is_plain = !["enum", "const", "pattern"].iter().any(|key| object.contains_key(*key));
        match object.get("type").and_then(Value::as_str) {
            Some("string") if is_plain => {
                object.insert("type".into(), json!(["string", "number", "boolean"]));
            }
            Some("boolean") => {
                object.remove("type");
                object.insert("enum".into(), json!(["yes", "no", true, false]));
            }
            Some("integer") => {
                // The sizes of Rust's integers are nothing that a writer of rules needs to know.
                object.remove("format");
            }
            _ => {}
        }
        // Keys that a struct does not know are described by its field for them.
        let rest = object.get_mut("properties").and_then(|keys| keys.as_object_mut()?.shift_remove("$rest"));
        if let Some(rest) = rest {
            object.insert("additionalProperties".into(), rest);
        }
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Lazy<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A node that the compiler reads itself: a named condition or step.
impl JsonSchema for Raw {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Raw".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let condition = generator.subschema_for::<WrittenCondition>();
        let help = generator.subschema_for::<Help>();
        json_schema!({ "anyOf": [condition, help] })
    }
}

/// The rows of a table in a rule's test.
impl JsonSchema for Rest {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TestTable".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let row = generator.subschema_for::<Named<WrittenCell>>();
        json_schema!({
            "description": "The rows that this table has for the entry; `[]` for none. Or a real file: its name beside the rule file, or its lines; or several.",
            "anyOf": [
                { "type": "array", "items": { "anyOf": [row, { "type": "string" }] } },
                { "type": "string" },
            ],
        })
    }
}

impl JsonSchema for WrittenCell {
    fn schema_name() -> Cow<'static, str> {
        "Cell".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let unreadable = generator.subschema_for::<WrittenUnreadable>();
        json_schema!({ "anyOf": [scalar(), unreadable] })
    }
}

impl JsonSchema for WrittenFindings {
    fn schema_name() -> Cow<'static, str> {
        "Findings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let finding = generator.subschema_for::<WrittenFinding>();
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "array", "items": finding }] })
    }
}

impl JsonSchema for WrittenCondition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let condition = generator.subschema_for::<Self>();
        let test = generator.subschema_for::<TestValue>();
        let mut keys = Map::new();
        for (word, meaning) in STRUCTURE {
            let mut schema = match word {
                "on" => json!({ "enum": ["line", "entry"] }),
                "all" | "any" | "any_given" => json!({ "type": "array", "minItems": 1, "items": condition }),
                "not" | "where" => json!({ "allOf": [condition] }),
                _ => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$" }),
            };
            schema["description"] = meaning.into();
            keys.insert(word.into(), schema);
        }
        for word in WORDS.iter().filter(|word| word.counts()) {
            keys.insert(word.name.into(), word_schema(word));
        }
        json_schema!({
            "description": "All parts are true. Any key that is not a word is a column or another operand, with its test.",
            "type": "object",
            "minProperties": 1,
            "properties": keys,
            "additionalProperties": test,
        })
    }
}

/// What is beside a column: a value, a list or words.
struct TestValue;

impl JsonSchema for TestValue {
    fn schema_name() -> Cow<'static, str> {
        "Test_of_a_column".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Map<String, Value> =
            WORDS.iter().map(|word| (word.name.to_owned(), word_schema(word))).collect();
        json_schema!({
            "description": "A value (is), a list (is one of), or words, all of which must be true.",
            "anyOf": [
                scalar(),
                { "type": "array", "minItems": 1, "items": scalar() },
                { "type": "object", "minProperties": 1, "properties": words, "additionalProperties": false },
            ],
        })
    }
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn word_schema(word: &Word) -> Value {
    let list = json!({ "type": "array", "minItems": 1, "items": scalar() });
    let mut schema = match word.takes {
        Takes::Value | Takes::Near | Takes::Tolerance => scalar(),
        Takes::List | Takes::Values | Takes::Texts => json!({ "anyOf": [scalar(), list] }),
        Takes::Two => json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": scalar() }),
        Takes::YesNo => json!({ "enum": ["yes", "no"] }),
        Takes::Pattern => json!({ "type": ["string", "number"] }),
        Takes::Kind => {
            json!({ "enum": ["yes", "no", "entry_number", "importer_number", "hts", "date", "money"] })
        }
        Takes::Within => json!({ "enum": ["file", "run"] }),
    };
    schema["description"] = word.meaning.into();
    schema
}

impl JsonSchema for Help {
    fn schema_name() -> Cow<'static, str> {
        "Help".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let case = generator.subschema_for::<WrittenHelpCase>();
        let same = generator.subschema_for::<NamedStep>();
        json_schema!({ "anyOf": [scalar(), { "type": "array", "minItems": 1, "items": case }, same] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key of every mapping in a schema.
    fn undescribed(schema: &Value, path: &str, found: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                for (key, value) in object {
                    if key == "properties" {
                        for (name, value) in value.as_object().into_iter().flatten() {
                            if value.get("description").is_none() {
                                found.push(format!("{path}/{name}"));
                            }
                        }
                    }
                    undescribed(value, &format!("{path}/{key}"), found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| undescribed(item, path, found)),
            _ => {}
        }
    }

    #[test]
    fn every_key_has_a_description_and_none_is_null() {
        for schema in [rules(), tables(), config(), messages()] {
            let mut found = Vec::new();
            undescribed(&schema, "", &mut found);
            assert_eq!(found, Vec::<String>::new());
            assert!(!schema.to_string().contains("null"), "{schema:#}");
            assert!(jsonschema::draft202012::meta::is_valid(&schema));
        }
    }

    #[test]
    fn the_pack_fits_its_schema() {
        let rules = jsonschema::validator_for(&rules()).unwrap();
        let messages = jsonschema::validator_for(&messages()).unwrap();
        let is_checked = |name: &str| name.ends_with(".yaml") && name != super::super::pack::CHECKLIST;
        for (name, bytes) in super::super::pack::files().filter(|(name, _)| is_checked(name)) {
            let validator = if name == super::super::pack::MESSAGES { &messages } else { &rules };
            let value: Value = serde_yaml::from_slice(bytes).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn the_examples_fit_their_schemas() {
        let errors = |schema: Value, text: &str| -> Vec<String> {
            let validator = jsonschema::validator_for(&schema).unwrap();
            let value: Value = serde_yaml::from_str(text).unwrap();
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
        };
        for text in [
            include_str!("../../examples/march/capelint.yaml"),
            include_str!("../../examples/portfolio/abc.yaml"),
            include_str!("../../examples/portfolio/importer.yaml"),
            include_str!("../../examples/pipeline/capelint.yaml"),
        ] {
            assert_eq!(errors(config(), text), Vec::<String>::new(), "{text}");
        }
        let chapter = include_str!("../../rules/README.md");
        let snippets = chapter.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
        for (snippet, _) in snippets {
            assert_eq!(errors(rules(), snippet), Vec::<String>::new(), "{snippet}");
        }
    }

    #[test]
    fn diagnostics_do_not_fit() {
        let validator = jsonschema::validator_for(&rules()).unwrap();
        for text in [
            "rules: [{ id: Bad Id, title: x, severity: error, each: entry }]",
            "rules: [{ id: a, title: x, severity: eror, each: entry }]",
            "rules: [{ id: a, title: x, severity: error }]",
            "rules: [{ id: a, title: x, severity: error, each: entry, requires: {} }]",
            "rules: [{ id: a, title: x, severity: error, each: entry, require: { a: { abve: 1 } } }]",
            "tables: { t: { columns: { c: { type: dates } } } }",
        ] {
            let value: Value = serde_yaml::from_str(text).unwrap();
            assert!(!validator.is_valid(&value), "{text}");
        }
    }
}
