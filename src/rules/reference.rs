//! The reference tables of the rule language, made from the blocks that define it.
//!
//! They are in `rules/README.md` between `<!-- NAME -->` and `<!-- end -->`; a test compares them.
//! `SNAPSHOTS=overwrite cargo test --lib reference` writes them anew.

use crate::table::value::Value;

/// A value as rule files write it.
pub fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Money(amount) => amount.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Date(day) => day.to_string(),
        Value::YesNo(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
        Value::Hts(number) => number.as_str().to_owned(),
        Value::Entry(number) => number.as_str().to_owned(),
        Value::Importer(number) => number.to_string(),
        Value::Choice(choice) => choice.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{functions, words};
    use crate::rules::{self, CompileOptions, RuleSource, pack};
    use crate::source::Sources;

    /// The tables by the name of their place.
    fn tables() -> Vec<(&'static str, String)> {
        vec![("words", words::reference()), ("functions", functions::reference())]
    }

    /// A text with each table put into its place.
    fn filled(text: &str) -> String {
        let mut text = text.to_owned();
        for (name, table) in tables() {
            let (open, close) = (format!("<!-- {name} -->\n"), "<!-- end -->");
            let Some(start) = text.find(&open).map(|at| at + open.len()) else { continue };
            let Some(length) = text[start..].find(close) else { continue };
            text.replace_range(start..start + length, &table);
        }
        text
    }

    #[test]
    fn the_reference_is_made_from_the_blocks() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/README.md");
        let text = std::fs::read_to_string(path).unwrap();
        for (name, _) in tables() {
            assert!(text.contains(&format!("<!-- {name} -->\n")), "no place for {name}");
        }
        crate::snapshot::assert_file(path, &filled(&text));
    }

    /// Each example of a block is a rule that loads beside the pack.
    #[test]
    fn every_example_loads() {
        let of_words = words::WORDS.iter().map(|word| (word.name, word.example));
        let of_functions = functions::FUNCTIONS.iter().map(|function| (function.name, function.example));
        let mut text = String::from("rules:\n");
        for (at, (name, example)) in of_words.chain(of_functions).enumerate() {
            assert!(example.contains(name), "the example of `{name}` does not use it");
            let head = format!("  - {{ id: example-{at}, title: Example, severity: note, ");
            text.push_str(&example.replacen("{ ", &head, 1));
            text.push('\n');
        }
        let mut files = pack::embedded();
        files.push(RuleSource::new("examples.yaml", text.as_str(), |_| Err(String::new())));
        if let Err(diagnostics) = rules::load(files, CompileOptions::default(), &mut Sources::default()) {
            let line = |at: usize| text.lines().nth(at - 1).unwrap_or_default();
            let messages: Vec<_> = diagnostics
                .iter()
                .map(|found| {
                    (&found.message, found.labels.first().map(|label| line(label.place.line as usize)))
                })
                .collect();
            panic!("{messages:#?}");
        }
    }
}
