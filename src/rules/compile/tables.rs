//! Compiles table declarations to schemas.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::{errors, syntax};
use super::{ParsedFile, check_digits, check_name, literal, require};
use crate::diagnostic::nearest;
use crate::source::Place;
use crate::table::schema::{Absent, Belongs, Blank, Choice, Column, Schema, Type, fold_header};
use crate::table::{ROW_NAME, declaration};
use crate::yaml::decode::{Lazy, OneOrMany, Scalar};
use crate::yaml::{Diagnostics, NodeId, Tree};

/// A schema while files add to it.
struct Building {
    schema: Schema,
    /// Where it was declared; `None` for what capelint declares itself.
    place: Option<Place>,
    /// Where each folded header was given, and for which column.
    headers: HashMap<String, (Place, usize)>,
}

/// All tables of all files; the first two are the declaration's own.
pub fn compile(units: &mut [ParsedFile], extended: &mut Vec<(String, Place)>) -> Vec<Arc<Schema>> {
    let own = |schema| Building { schema, place: None, headers: HashMap::new() };
    let mut tables = vec![own(declaration::file_schema()), own(row_schema())];
    for ParsedFile { tree, file, diagnostics, .. } in units {
        for (name, node) in file.tables.iter().flat_map(|named| &named.0) {
            table(&mut tables, tree, name, node, extended, diagnostics);
        }
    }
    finish_rows(&mut tables[1].schema);
    tables.into_iter().map(|building| Arc::new(building.schema)).collect()
}

/// The declaration's rows before any file declares which columns planners add.
fn row_schema() -> Schema {
    Schema { title: "Declaration".into(), ..Schema::new(ROW_NAME) }
}

/// Gives the declaration's rows what every file's have: the entry number, and the facts after all
/// declared columns.
fn finish_rows(schema: &mut Schema) {
    if schema.column("entry").is_none() {
        schema.columns.push(Column {
            of: Belongs::Entry,
            headers: vec!["Entry Number".into()],
            ..Column::new("entry", Type::EntryNumber)
        });
    }
    schema.key = schema.key.or(schema.column("entry"));
    schema.columns.extend(declaration::row_facts());
}

fn table(
    tables: &mut Vec<Building>,
    tree: &Tree,
    name: &Scalar,
    lazy: &Lazy<syntax::WrittenTable>,
    extended: &mut Vec<(String, Place)>,
    diagnostics: &mut Diagnostics,
) {
    let Some(syntax) = lazy.decode(tree, diagnostics) else { return };
    let place = name.place(tree);
    let known = tables.iter().position(|table| table.schema.name == name.value);
    let extends = syntax.extends.as_ref().is_some_and(|extends| extends.value);
    let at = match (known, extends) {
        (Some(0), _) | (None, _) if matches!(name.value.as_str(), "file" | "account" | "entry") => {
            diagnostics.push(errors::reserved_table(&name.value, place));
            return;
        }
        (Some(at), true) => {
            extended.push((name.value.clone(), place));
            at
        }
        // The first file that declares the rows of the declaration defines what planners add.
        (Some(at), false) if tables[at].place.is_none() => {
            tables[at].place = Some(place);
            at
        }
        (Some(at), false) => {
            diagnostics.push(errors::duplicate_table(&name.value, place, tables[at].place));
            return;
        }
        (None, true) => {
            let known = tables.iter().skip(1).map(|table| table.schema.name.as_str());
            diagnostics.push(errors::unknown_table(&name.value, place, known));
            return;
        }
        (None, false) => {
            if !check_name(tree, name, "table", diagnostics) {
                return;
            }
            for (key, given) in [("key", syntax.key.is_some()), ("columns", syntax.columns.is_some())] {
                require(tree, diagnostics, lazy.node, place, key, given);
            }
            tables.push(Building {
                schema: Schema::new(&name.value),
                place: Some(place),
                headers: HashMap::new(),
            });
            tables.len() - 1
        }
    };
    let building = &mut tables[at];
    let schema = &mut building.schema;
    let text = |scalar: &Option<Scalar>| scalar.as_ref().map(|scalar| scalar.value.clone());
    schema.title = text(&syntax.title).unwrap_or(std::mem::take(&mut schema.title));
    schema.optional = syntax.optional.unwrap_or(schema.optional);
    schema.absent = syntax.absent.map_or(schema.absent, Absent::from);
    schema.sheet = text(&syntax.sheet).or(schema.sheet.take());
    schema.add_column = text(&syntax.add_column).or(schema.add_column.take());
    for (name, column) in syntax.columns.iter().flat_map(|named| &named.0) {
        self::column(building, tree, name, column, diagnostics);
    }
    let schema = &mut building.schema;
    if let Some(key) = &syntax.key
        && let Some(index) = column_named(schema, tree, key, diagnostics)
    {
        if schema.columns[index].kind != Type::EntryNumber {
            diagnostics.push(errors::key_is_no_entry_number(&key.value, key.place(tree)));
        }
        schema.key = Some(index);
    }
    if let Some(line) = &syntax.line {
        schema.line = column_named(schema, tree, line, diagnostics).or(schema.line);
    }
}

fn column_named(schema: &Schema, tree: &Tree, name: &Scalar, diagnostics: &mut Diagnostics) -> Option<usize> {
    let found = schema.column(&name.value);
    if found.is_none() {
        let known = schema.columns.iter().map(|column| column.name.as_str());
        diagnostics.push(errors::unknown_column(&name.value, name.place(tree), known));
    }
    found
}

fn column(
    building: &mut Building,
    tree: &Tree,
    name: &Scalar,
    lazy: &Lazy<syntax::WrittenColumn>,
    diagnostics: &mut Diagnostics,
) {
    if !check_name(tree, name, "column", diagnostics) {
        return;
    }
    let place = name.place(tree);
    let is_fact =
        building.schema.name == "row" && declaration::row_facts().iter().any(|fact| fact.name == name.value);
    if is_fact {
        diagnostics.push(errors::column_is_a_fact(&name.value, place));
        return;
    }
    let Some(syntax) = lazy.decode(tree, diagnostics) else { return };
    let index = match building.schema.column(&name.value) {
        Some(index) => {
            let known = building.schema.columns[index].kind;
            if let Some(kind) = &syntax.kind
                && kind.value != known
            {
                diagnostics.push(errors::column_of_another_type(&name.value, known, kind.place(tree)));
                return;
            }
            index
        }
        None => {
            require(tree, diagnostics, lazy.node, place, "type", syntax.kind.is_some());
            require(tree, diagnostics, lazy.node, place, "headers", syntax.headers.is_some());
            let Some(kind) = &syntax.kind else { return };
            building.schema.columns.push(Column::new(&name.value, kind.value));
            building.schema.columns.len() - 1
        }
    };
    let Building { schema, headers, .. } = building;
    let column = &mut schema.columns[index];
    column.of = syntax.of.map_or(column.of, Belongs::from);
    column.optional = syntax.optional.unwrap_or(column.optional);
    if let Some(OneOrMany(given)) = &syntax.headers {
        if given.is_empty() {
            diagnostics.push(errors::empty_list("headers", place_of_list(tree, lazy.node, "headers")));
        }
        for header in given {
            let place = header.place(tree);
            match headers.get(&fold_header(&header.value)) {
                Some((first, _)) => diagnostics.push(errors::duplicate_header(&header.value, place, *first)),
                None => {
                    headers.insert(fold_header(&header.value), (place, index));
                    column.headers.push(header.value.clone());
                }
            }
        }
    }
    choices(column, tree, lazy.node, &syntax, place, diagnostics);
    if let Some(pad) = &syntax.pad {
        if matches!(column.kind, Type::Text | Type::Choice | Type::Hts) && (1..=32).contains(&pad.value) {
            column.pad = Some(usize::from(pad.value));
        } else {
            diagnostics.push(errors::padded_type(column.kind, pad.place(tree)));
        }
    }
    for (given, is_blank) in [(&syntax.blank, true), (&syntax.missing, false)] {
        let Some(given) = given else { continue };
        if let Some(blank) = blank(column, tree, given, diagnostics) {
            *(if is_blank { &mut column.blank } else { &mut column.missing }) = blank;
        }
    }
}

fn choices(
    column: &mut Column,
    tree: &Tree,
    node: NodeId,
    syntax: &syntax::WrittenColumn,
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let Some(given) = &syntax.choices else {
        if column.kind == Type::Choice && column.choices.is_empty() {
            require(tree, diagnostics, node, place, "choices", false);
        }
        return;
    };
    if column.kind != Type::Choice {
        let at = tree.pair(node, "choices").map_or(place, |(key, _)| tree.place(key));
        diagnostics.push(errors::choices_of_another_type(column.kind, at));
        return;
    }
    // New choices come first, so that what a user adds is not caught by a wider pattern.
    let mut new = 0;
    for (name, OneOrMany(texts)) in &given.0 {
        if name.value.is_empty()
            || !name.value.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
        {
            diagnostics.push(errors::bad_choice_name(&name.value, name.place(tree)));
            continue;
        }
        if !check_digits(tree, name, "choice", diagnostics) {
            continue;
        }
        if texts.is_empty() {
            diagnostics.push(errors::choice_without_text(&name.value, name.place(tree)));
        }
        // A choice's own name is one of its texts, so that another that is nearly it is none.
        if let [only] = texts.as_slice()
            && let bare = only.value.trim_matches('*').to_lowercase()
            && bare != name.value.to_lowercase()
            && nearest(&bare, [name.value.as_str()]).is_some()
            && bare.chars().count() >= 4
        {
            diagnostics.push(errors::text_near_its_choice(&only.value, only.place(tree), name.place(tree)));
        }
        let at = match column.choices.iter().position(|choice| choice.name == name.value) {
            Some(at) => at,
            None => {
                column.choices.insert(new, Choice { name: name.value.clone(), texts: Vec::new() });
                new += 1;
                new - 1
            }
        };
        let choice = &mut column.choices[at];
        for text in texts.iter().map(|text| &text.value).chain([&name.value]) {
            if !choice.texts.iter().any(|known| known.eq_ignore_ascii_case(text)) {
                choice.texts.push(text.clone());
            }
        }
    }
}

/// What `blank` and `missing` may have besides a value.
const BLANK_WORDS: [&str; 2] = ["unknown", "nothing"];

/// What a blank cell or a missing column means.
fn blank(column: &Column, tree: &Tree, given: &Scalar, diagnostics: &mut Diagnostics) -> Option<Blank> {
    if !tree.is_quoted(given.node) {
        match given.value.as_str() {
            "unknown" => return Some(Blank::Unknown),
            "nothing" => return Some(Blank::Nothing),
            // Any text can be a text's value, but this one is more likely a word mistyped.
            other if column.kind == Type::Text && nearest(other, BLANK_WORDS).is_some() => {
                diagnostics.push(errors::near_blank_word(other, given.place(tree), BLANK_WORDS));
                return None;
            }
            _ => {}
        }
    }
    if column.kind == Type::Choice {
        let known = column.choices.iter().map(|choice| choice.name.as_str());
        if !known.clone().any(|name| name == given.value) {
            let known = known.chain(BLANK_WORDS);
            diagnostics.push(errors::unknown_choice(&given.value, given.place(tree), known));
            return None;
        }
        let first =
            column.choices.iter().find(|choice| choice.texts.iter().any(|text| fits(text, &given.value)));
        if let Some(first) = first.filter(|choice| choice.name != given.value) {
            diagnostics.push(errors::choice_means_another(&given.value, &first.name, given.place(tree)));
            return None;
        }
    } else {
        literal::at(given.place(tree), column.kind, &given.value, diagnostics)?;
    }
    Some(Blank::Text(given.value.clone()))
}

/// Whether a choice's text, in which `*` stands for anything, fits.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Where a mapping's list begins on the line of its key.
pub fn place_of_list(tree: &Tree, mapping: NodeId, key: &str) -> Place {
    tree.pair(mapping, key).map_or(tree.head(mapping), |(key, value)| tree.place_of_pair(key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, yes) in [
            ("liq*", "Liquidated", true),
            ("liq*", "reliquidated", false),
            ("*liq*", "reliquidated", true),
            ("op", "OP", true),
            ("op", "open", false),
            ("a*b*c", "a x b y c", true),
            ("a*b*c", "acb", false),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(fits(pattern, text), yes, "{pattern} {text}");
        }
    }
}
