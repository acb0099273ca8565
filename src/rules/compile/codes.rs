//! Compiles code lists and selections.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::model::{CodeList, CodeSet, Codes};
use super::super::{errors, syntax};
use super::tables::place_of_list;
use super::{ParsedFile, check_name, literal};
use crate::diagnostic::nearest;
use crate::judge::words::{self, Asks, WORDS};
use crate::source::{Place, Sources};
use crate::table::schema::Type;
use crate::table::value::CellReading;
use crate::yaml::decode::{Lazy, Named, Scalar};
use crate::yaml::{Diagnostics, NodeId, Tree, View};

/// All code lists of all files, and the parts of them that have names.
pub fn compile(
    units: &mut [ParsedFile],
    extended: &mut Vec<(String, Place)>,
    sources: &mut Sources,
) -> (Vec<CodeList>, Vec<(String, CodeSet)>) {
    let mut lists: Vec<(CodeList, Place)> = Vec::new();
    for unit in units.iter_mut() {
        let ParsedFile { tree, file, diagnostics, neighbors, .. } = unit;
        for (name, lazy) in file.codes.iter().flat_map(|named| &named.0) {
            let Some(syntax) = lazy.decode(tree, diagnostics) else { continue };
            let Some(at) = list(&mut lists, tree, name, &syntax, diagnostics) else { continue };
            if syntax.extends.as_ref().is_some_and(|extends| extends.value) {
                extended.push((name.value.clone(), name.place(tree)));
            }
            let mut filling = Filling { list: &mut lists[at].0, tree, diagnostics };
            filling.fill(lazy.node, &syntax, neighbors.as_ref(), sources);
        }
    }
    let mut lists: Vec<CodeList> = lists.into_iter().map(|(list, _)| list).collect();
    for list in &mut lists {
        list.index = index(list);
    }
    let selections = selections(units, &lists);
    (lists, selections)
}

/// Finds or begins the list of that name.
fn list(
    lists: &mut Vec<(CodeList, Place)>,
    tree: &Tree,
    name: &Scalar,
    syntax: &syntax::WrittenCodes,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let place = name.place(tree);
    let known = lists.iter().position(|(list, _)| list.name == name.value);
    let extends = syntax.extends.as_ref().is_some_and(|extends| extends.value);
    match (known, extends) {
        (Some(at), true) => Some(at),
        (Some(at), false) => {
            diagnostics.push(errors::duplicate_code_list(&name.value, place, lists[at].1));
            None
        }
        (None, true) => {
            let known = lists.iter().map(|(list, _)| list.name.as_str());
            diagnostics.push(errors::unknown_code_list(&name.value, place, known));
            None
        }
        (None, false) => {
            if !check_name(tree, name, "code list", diagnostics) {
                return None;
            }
            let key = syntax.key.as_ref().map_or("code", |key| key.value.as_str()).to_owned();
            let list = CodeList {
                name: name.value.clone(),
                columns: vec![(key, Type::Text)],
                key: 0,
                rows: Vec::new(),
                index: Codes::default(),
            };
            lists.push((list, place));
            Some(lists.len() - 1)
        }
    }
}

struct Filling<'f> {
    list: &'f mut CodeList,
    tree: &'f Tree,
    diagnostics: &'f mut Diagnostics,
}

impl Filling<'_> {
    fn fill(
        &mut self,
        node: NodeId,
        syntax: &syntax::WrittenCodes,
        neighbors: &super::super::Beside,
        sources: &mut Sources,
    ) {
        let given = [syntax.file.is_some(), syntax.list.is_some(), syntax.rows.is_some()];
        match given.iter().filter(|given| **given).count() {
            1 => {}
            0 => {
                if ["file", "list", "rows"].iter().all(|key| self.tree.get(node, key).is_none()) {
                    self.diagnostics.push(errors::list_without_codes(self.tree.head(node)));
                }
                return;
            }
            _ => {
                self.diagnostics.push(errors::list_in_several_ways(self.tree.head(node)));
                return;
            }
        }
        for (name, kind) in syntax.columns.iter().flat_map(|named| &named.0) {
            let kind = kind.value;
            if kind == Type::Choice {
                self.diagnostics.push(errors::choice_in_a_list(name.place(self.tree)));
                continue;
            }
            match self.list.columns.iter_mut().find(|(known, _)| *known == name.value) {
                Some(column) => column.1 = kind,
                None => self.list.columns.push((name.value.clone(), kind)),
            }
        }
        if let Some(codes) = &syntax.list {
            if codes.is_empty() {
                let place = place_of_list(self.tree, node, "list");
                self.diagnostics.push(errors::empty_list("list", place));
            }
            for code in codes {
                if let Some(list) =
                    literal::codes_in_one(&code.value).filter(|_| !self.tree.is_quoted(code.node))
                {
                    self.diagnostics.push(errors::several_in_one(&code.value, &list, code.place(self.tree)));
                }
                self.row(&[(self.list.key, code.value.as_str(), code.place(self.tree))]);
            }
        } else if let Some(rows) = &syntax.rows {
            if rows.is_empty() {
                let place = place_of_list(self.tree, node, "rows");
                self.diagnostics.push(errors::empty_list("rows", place));
            }
            self.inline_rows(rows);
        } else if let Some(name) = &syntax.file {
            self.file(name, syntax, neighbors, sources);
        }
    }

    fn inline_rows(&mut self, rows: &[Named<Scalar>]) {
        let tree = self.tree;
        for row in rows {
            let mut cells = Vec::new();
            for (name, text) in &row.0 {
                let column = match self.list.columns.iter().position(|(known, _)| *known == name.value) {
                    Some(column) => column,
                    None => {
                        let known = self.list.columns.iter().map(|(known, _)| known.as_str());
                        if let Some(near) = nearest(&name.value, known) {
                            self.diagnostics.push(errors::near_column(&name.value, near, name.place(tree)));
                        }
                        self.list.columns.push((name.value.clone(), Type::Text));
                        self.list.columns.len() - 1
                    }
                };
                cells.push((column, text.value.as_str(), text.place(tree)));
            }
            self.row(&cells);
        }
    }

    fn file(
        &mut self,
        name: &Scalar,
        syntax: &syntax::WrittenCodes,
        neighbors: &super::super::Beside,
        sources: &mut Sources,
    ) {
        let place = name.place(self.tree);
        let bytes = match neighbors(&name.value) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.diagnostics.push(errors::unreadable_list_file(&name.value, &reason, place));
                return;
            }
        };
        // Messages name the CSV file relative to the folder of this file too.
        let folder = sources
            .name(self.tree.file)
            .raw()
            .rsplit_once('/')
            .map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let (file, Some(text)) =
            crate::yaml::read(&format!("{folder}{}", name.value), &bytes, sources, self.diagnostics)
        else {
            return;
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(_) => csv::StringRecord::new(),
        };
        let mut columns = Vec::with_capacity(header.len());
        for title in header.iter().map(str::trim) {
            let column = match self.list.columns.iter().position(|(known, _)| known == title) {
                Some(column) => column,
                None => {
                    self.list.columns.push((title.to_owned(), Type::Text));
                    self.list.columns.len() - 1
                }
            };
            columns.push(column);
        }
        let expected = syntax
            .key
            .iter()
            .chain(syntax.columns.iter().flat_map(|named| named.0.iter().map(|(name, _)| name)));
        for name in expected {
            if !header.iter().any(|title| title.trim() == name.value) {
                self.diagnostics.push(errors::column_not_in_file(
                    &name.value,
                    name.place(self.tree),
                    text.place(file, 0..text.line(0).len()),
                    header.iter().map(str::trim),
                ));
            }
        }
        if !columns.contains(&self.list.key) {
            if syntax.key.is_none() {
                self.diagnostics.push(errors::missing_key("key", place));
            }
            return;
        }
        let mut record = csv::StringRecord::new();
        loop {
            // The reader's position may still be on the line break before the record.
            let start = reader.position().byte() as usize;
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.diagnostics.push(errors::list_is_no_csv(&error, text.place(file, start..start)));
                    break;
                }
            }
            let rest = text.text.get(start..).unwrap_or_default();
            let start = start + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
            let place = text.place(file, start..start + text.line(text.line_index(start)).len());
            if record.len() != columns.len() {
                self.diagnostics.push(errors::fields_without_headers(record.len(), columns.len(), place));
                continue;
            }
            let cells: Vec<_> =
                columns.iter().zip(&record).map(|(column, cell)| (*column, cell, place)).collect();
            self.row(&cells);
            if self.diagnostics.full() {
                break;
            }
        }
    }

    /// Adds a row, each of whose cells is given by column.
    fn row(&mut self, cells: &[(usize, &str, Place)]) {
        let mut row = vec![CellReading::Blank; self.list.columns.len()];
        for &(column, text, place) in cells {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let (name, kind) = &self.list.columns[column];
            match literal::read(*kind, text) {
                Ok(value) => row[column] = CellReading::Value(value),
                Err(error) => {
                    self.diagnostics.push(errors::bad_list_cell(error, name, place));
                    return;
                }
            }
        }
        if row[self.list.key] == CellReading::Blank {
            if let Some((_, _, place)) = cells.first() {
                let name = &self.list.columns[self.list.key].0;
                self.diagnostics.push(errors::row_without_code(name, *place));
            }
            return;
        }
        self.list.rows.push(row);
    }
}

fn index(list: &mut CodeList) -> Codes<Vec<u32>> {
    let width = list.columns.len();
    let mut index: Codes<Vec<u32>> = Codes::new(list.is_headings());
    for (at, row) in list.rows.iter_mut().enumerate() {
        // Columns that a later file brought in.
        row.resize(width, CellReading::Blank);
        if let CellReading::Value(value) = &row[list.key] {
            index.entry(literal::code(value)).push(at as u32);
        }
    }
    index
}

/// The named parts of lists, and each list as a whole under its own name.
fn selections(units: &mut [ParsedFile], lists: &[CodeList]) -> Vec<(String, CodeSet)> {
    let mut named: Vec<(String, CodeSet)> =
        lists.iter().map(|list| (list.name.clone(), set(list, &list.name, |_| true))).collect();
    let mut places: HashMap<String, Place> = HashMap::new();
    for ParsedFile { tree, file, diagnostics, .. } in units {
        for (name, lazy) in file.selections.iter().flat_map(|named| &named.0) {
            let place = name.place(tree);
            let Some(syntax) = selection(tree, lazy, place, diagnostics) else { continue };
            if !check_name(tree, name, "selection", diagnostics) {
                continue;
            }
            if named.iter().any(|(known, _)| *known == name.value) {
                let first = places.get(&name.value).copied();
                diagnostics.push(errors::duplicate_selection(&name.value, place, first));
                continue;
            }
            let Some(from) = &syntax.from else { continue };
            let Some(list) = lists.iter().find(|list| list.name == from.value) else {
                let known = lists.iter().map(|list| list.name.as_str());
                diagnostics.push(errors::unknown_code_list(&from.value, from.place(tree), known));
                continue;
            };
            let filter = match &syntax.filter {
                None => Vec::new(),
                Some(condition) => match filter(list, tree, condition.0.0, diagnostics) {
                    Some(filter) => filter,
                    None => continue,
                },
            };
            let chosen =
                set(list, &name.value, |row| filter.iter().all(|(column, test)| test.holds(&row[*column])));
            if chosen.codes.is_empty() {
                diagnostics.push(errors::selection_without_codes(&name.value, &list.name, place));
                continue;
            }
            places.insert(name.value.clone(), place);
            named.push((name.value.clone(), chosen));
        }
    }
    named
}

fn selection(
    tree: &Tree,
    lazy: &Lazy<syntax::WrittenSelection>,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<syntax::WrittenSelection> {
    let syntax = lazy.decode(tree, diagnostics)?;
    super::require(tree, diagnostics, lazy.node, place, "from", syntax.from.is_some());
    Some(syntax)
}

fn set(list: &CodeList, name: &str, keep: impl Fn(&[CellReading]) -> bool) -> CodeSet {
    let codes = list.rows.iter().filter(|row| keep(row)).filter_map(|row| match &row[list.key] {
        CellReading::Value(value) => Some(literal::code(value)),
        _ => None,
    });
    CodeSet { name: name.to_owned(), codes: Arc::new(Codes::from_codes(list.is_headings(), codes)) }
}

/// A test of a list's column.
enum ListTest {
    OneOf(Vec<Box<str>>, bool),
    Present(bool),
}

impl ListTest {
    fn holds(&self, cell: &CellReading) -> bool {
        match (self, cell) {
            (Self::Present(yes), cell) => matches!(cell, CellReading::Value(_)) == *yes,
            (Self::OneOf(codes, yes), CellReading::Value(value)) => {
                codes.contains(&literal::code(value)) == *yes
            }
            (Self::OneOf(..), _) => false,
        }
    }
}

fn filter(
    list: &CodeList,
    tree: &Tree,
    node: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(usize, ListTest)>> {
    let View::Mapping(pairs) = tree.view(node) else {
        diagnostics.push(errors::not_a_selection(tree.head(node)));
        return None;
    };
    let mut filter = Vec::new();
    let before = diagnostics.len();
    for &(key, value) in pairs {
        let name = tree.scalar(key).unwrap_or_default();
        let Some(column) = list.columns.iter().position(|(known, _)| known == name) else {
            let known = list.columns.iter().map(|(name, _)| name.as_str());
            diagnostics.push(errors::unknown_column_of(&list.name, name, tree.place(key), known));
            continue;
        };
        let kind = list.columns[column].1;
        let View::Mapping(words) = tree.view(value) else {
            filter.extend(
                codes(tree, kind, value, diagnostics).map(|codes| (column, ListTest::OneOf(codes, true))),
            );
            continue;
        };
        for &(word, value) in words {
            let name = tree.scalar(word).unwrap_or_default();
            let test = match words::named(name).map(|(_, word)| word.asks) {
                Some(Asks::Equal { negated }) => {
                    codes(tree, kind, value, diagnostics).map(|codes| ListTest::OneOf(codes, !negated))
                }
                Some(Asks::Present) => match tree.scalar(value) {
                    Some("yes") => Some(ListTest::Present(true)),
                    Some("no") => Some(ListTest::Present(false)),
                    other => {
                        diagnostics.push(errors::not_yes_or_no(other.unwrap_or_default(), tree.head(value)));
                        None
                    }
                },
                Some(
                    Asks::Compare(_)
                    | Asks::Between
                    | Asks::First
                    | Asks::Cells(_)
                    | Asks::Own(_)
                    | Asks::Beside(_),
                )
                | None => {
                    let known = WORDS.iter().filter(|word| word.selects()).map(|word| word.name);
                    diagnostics.push(errors::unknown_selection_test(name, tree.place(word), known));
                    None
                }
            };
            filter.extend(test.map(|test| (column, test)));
        }
    }
    (diagnostics.len() == before).then_some(filter)
}

/// The codes of a list, or the one code, as the index writes them.
fn codes(tree: &Tree, kind: Type, node: NodeId, diagnostics: &mut Diagnostics) -> Option<Vec<Box<str>>> {
    let items = match tree.view(node) {
        View::Sequence([]) => {
            diagnostics.push(errors::no_values(tree.place(node)));
            return None;
        }
        View::Sequence(items) => items.to_vec(),
        _ => vec![node],
    };
    let code = |item| match tree.scalar(item) {
        Some(text) => Some(literal::code(&literal::at(tree.place(item), kind, text, diagnostics)?)),
        None => {
            diagnostics.push(errors::not_a_text(tree.head(item)));
            None
        }
    };
    items.into_iter().map(code).collect()
}

/// What a list's column contains, for messages about operands.
pub fn column_type(list: &CodeList, column: usize) -> Type {
    list.columns[column].1
}

/// Whether the list has rates over time: columns `from`, `until` and `percent`.
pub fn has_rates(list: &CodeList) -> bool {
    let kind = |name: &str| list.columns.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
    list.columns[list.key].1 == Type::Hts
        && kind("from") == Some(Type::Date)
        && kind("until") == Some(Type::Date)
        && matches!(kind("percent"), Some(Type::Money | Type::Integer))
}
