//! Describes the names that rules may use, for `capelint tables`.

use std::fmt::Write as _;

use super::load::Rules;
use crate::judge::functions::{self, FUNCTIONS};
use crate::judge::words::{self, WORDS};
use crate::outside::{Outside, OutsideString};
use crate::report::text::count;
use crate::rules::compile::words::STRUCTURE;
use crate::rules::model::{Aggregate, Over, RuleSet};
use crate::rules::reference::written;
use crate::source::Sources;
use crate::table::schema::{Belongs, Column, Schema};

impl Rules {
    /// Everything that a rule may name, by kind, each with a few words.
    pub fn names(&self) -> Vec<(&'static str, Vec<(String, OutsideString)>)> {
        names(&self.set)
    }

    /// Lists [`Rules::names`] for people.
    pub fn list_names(&self) -> String {
        list(&self.set)
    }

    /// Describes everything that is called so: a table, a column (`es003.duty`), a code list, a selection,
    /// a figure, a setting, a condition, a step, a function or a word. `None` where nothing is.
    pub fn describe_name(&self, name: &str) -> Option<String> {
        describe(&self.set, &self.sources, name)
    }
}

/// All names by kind, each with a few words.
fn names(set: &RuleSet) -> Vec<(&'static str, Vec<(String, OutsideString)>)> {
    let title = |title: &Option<OutsideString>| title.clone().unwrap_or_default();
    vec![
        (
            "tables",
            set.schemas.iter().map(|schema| (schema.name.clone(), schema.title.clone().into())).collect(),
        ),
        (
            "code lists",
            set.code_lists
                .iter()
                .map(|list| (list.name.clone(), count(list.rows.len(), "row", "rows").into()))
                .collect(),
        ),
        (
            "selections",
            set.selections
                .iter()
                .map(|codes| (codes.name.clone(), count(codes.codes.codes().count(), "code", "codes").into()))
                .collect(),
        ),
        ("figures", set.figures.iter().map(|figure| (figure.name.clone(), title(&figure.title))).collect()),
        (
            "settings",
            set.settings.iter().map(|setting| (setting.name.clone(), title(&setting.title))).collect(),
        ),
        (
            "conditions",
            set.conditions.iter().map(|(name, _)| (name.clone(), OutsideString::default())).collect(),
        ),
        ("steps", set.steps.iter().map(|(name, _)| (name.clone(), OutsideString::default())).collect()),
        (
            "functions",
            FUNCTIONS.iter().map(|function| (function.name.into(), function.meaning.into())).collect(),
        ),
        (
            "words of conditions",
            STRUCTURE.iter().map(|(name, meaning)| ((*name).into(), (*meaning).into())).collect(),
        ),
        ("words of tests", WORDS.iter().map(|word| (word.name.into(), word.meaning.into())).collect()),
    ]
}

/// How many characters of a meaning a list shows.
const MAX_MEANING: usize = 76;

fn list(set: &RuleSet) -> String {
    let mut out = String::new();
    for (kind, names) in names(set) {
        if names.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{kind}");
        let width = names.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, meaning) in names {
            // A number that is cut would not be masked.
            let meaning = meaning.masked();
            let short: String = meaning.chars().take(MAX_MEANING).collect();
            let more = if short.len() < meaning.len() { "…" } else { "" };
            let _ =
                writeln!(out, "{}", format!("  {name:<width$}  {}{more}", Outside::new(&short)).trim_end());
        }
        out.push('\n');
    }
    out.push_str("`capelint tables NAME` describes one of them.\n");
    out
}

/// Everything that is called so, described.
fn describe(set: &RuleSet, sources: &Sources, name: &str) -> Option<String> {
    let mut out = String::new();
    if let Some(schema) = set.schemas.iter().find(|schema| schema.name == name) {
        table(&mut out, schema);
    }
    if let Some((schema, column)) = name.split_once('.').and_then(|(table, column)| {
        let schema = set.schemas.iter().find(|schema| schema.name == table)?;
        Some((schema, &schema.columns[schema.column(column)?]))
    }) {
        let _ = writeln!(out, "column `{name}` of {}", Outside::new(&schema.title));
        column_line(&mut out, column);
        choices(&mut out, column);
    }
    if let Some(list) = set.code_lists.iter().find(|list| list.name == name) {
        let columns = list.columns.iter().map(|(name, kind)| format!("{name} ({})", kind.name()));
        let columns: Vec<String> = columns.collect();
        let key = &list.columns[list.key].0;
        let _ = writeln!(
            out,
            "code list `{name}`: {}, key `{key}`\n  columns: {}\n  used as `in: {name}` and `lookup({name}.COLUMN, CODE)`",
            count(list.rows.len(), "row", "rows"),
            Outside::new(&columns.join(", ")),
        );
    } else if let Some(codes) = set.selections.iter().find(|codes| codes.name == name) {
        let mut all: Vec<&str> = codes.codes.codes().collect();
        all.sort_unstable();
        let _ = writeln!(
            out,
            "selection `{name}`: {}, used as `in: {name}`\n  {}",
            count(all.len(), "code", "codes"),
            Outside::new(&all.join(", "))
        );
    }
    if let Some(figure) = set.figures.iter().find(|figure| figure.name == name) {
        let over = match figure.over {
            Over::Entry(_) => "each entry",
            Over::Line(_) => "each line",
            Over::File => "each declaration file",
        };
        let how = match figure.aggregate {
            Aggregate::Value => "a value",
            Aggregate::Total => "a total",
            Aggregate::Count => "a count",
            Aggregate::Distinct => "a count of different values",
            Aggregate::Earliest => "the earliest date",
            Aggregate::Latest => "the latest date",
        };
        let _ = writeln!(out, "figure `{name}` of {over}: {how} ({})", figure.kind.name());
        titled(&mut out, figure.title.as_ref());
        let _ = writeln!(out, "  declared at {}", sources.show(figure.place));
    }
    if let Some(setting) = set.settings.iter().find(|setting| setting.name == name) {
        let unit = setting.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        let _ =
            writeln!(out, "setting `{name}` ({}): {}{unit}", setting.kind.name(), written(&setting.value));
        titled(&mut out, setting.title.as_ref());
        let _ = writeln!(
            out,
            "  default {}{unit}; changed in capelint.yaml: settings: {{ {name}: … }}",
            written(&setting.default)
        );
    }
    for (kind, named) in [("condition", &set.conditions), ("step", &set.steps)] {
        if let Some((_, place)) = named.iter().find(|(known, _)| known == name) {
            let used = if kind == "condition" { format!("{name}: yes") } else { format!("step: {name}") };
            let _ =
                writeln!(out, "{kind} `{name}`, used as `{used}`\n  declared at {}", sources.show(*place));
        }
    }
    if let Some((_, function)) = functions::named(name) {
        let _ = writeln!(
            out,
            "function `{}`\n  {}\n  example: {}",
            function.signature, function.meaning, function.example
        );
    }
    if let Some((_, word)) = words::named(name) {
        let on: Vec<&str> = word.on.iter().map(|kind| kind.name()).collect();
        let _ = writeln!(
            out,
            "word `{name}`, on {}\n  {}\n  example: {}",
            on.join(", "),
            word.meaning,
            word.example
        );
    }
    if let Some((_, meaning)) = STRUCTURE.iter().find(|(word, _)| *word == name) {
        let _ = writeln!(out, "word `{name}` of conditions\n  {meaning}");
    }
    (!out.is_empty()).then_some(out)
}

fn titled(out: &mut String, title: Option<&OutsideString>) {
    if let Some(title) = title {
        let _ = writeln!(out, "  {}", title);
    }
}

fn table(out: &mut String, schema: &Schema) {
    let _ = writeln!(out, "table `{}`: {}", schema.name, Outside::new(&schema.title));
    for column in &schema.columns {
        column_line(out, column);
        choices(out, column);
    }
}

fn column_line(out: &mut String, column: &Column) {
    let of = match column.of {
        Belongs::Entry => "entry",
        Belongs::Line => "line",
    };
    let headers: Vec<String> = column.headers.iter().map(|header| format!("`{header}`")).collect();
    let headers = if headers.is_empty() { "computed".to_owned() } else { headers.join(", ") };
    let _ =
        writeln!(out, "  {} ({}, of the {of}): {}", column.name, column.kind.name(), Outside::new(&headers));
}

fn choices(out: &mut String, column: &Column) {
    if !column.choices.is_empty() {
        let names: Vec<&str> = column.choices.iter().map(|choice| choice.name.as_str()).collect();
        let _ = writeln!(out, "    choices: {}", Outside::new(&names.join(", ")));
    }
}
