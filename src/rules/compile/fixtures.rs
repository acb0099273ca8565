//! What the tests of rules are applied to: rows, cells and files, and what looks like a slip in them.
//!
//! A test whose cells are not what they seem shows nothing, so everything that a declaration or an export
//! would not have is an error, unless the test marks it as meant.

use super::super::Beside;
use super::super::errors;
use super::super::model::{EXAMPLE_ENTRY, TestCell, TestFile, TestRows, TestTables};
use super::super::syntax::{self, WrittenCell, WrittenUnreadable};
use super::World;
use chrono::NaiveDate;

use crate::entry::{self, EntryNumber};
use crate::source::Place;
use crate::table::schema::Column;
use crate::table::value::{self, CellReading};
use crate::table::{FILE, ROW, TableId};
use crate::yaml::decode::{Named, decode};
use crate::yaml::{Diagnostics, NodeId, Style, Tree, View};

/// The keys of a test that are not tables.
const KEYS: [&str; 18] = [
    "name",
    "filing_date",
    "account",
    "declaration",
    "file",
    "row",
    "rows",
    "settings",
    "other_entries",
    "same_entry",
    "supersedes",
    "findings",
    "severity",
    "values",
    "expect",
    "message",
    "help",
    "labels",
];

/// What a rule's tests are compiled with.
pub struct TestContext<'c> {
    /// The tables.
    pub world: &'c World,
    /// The file.
    pub tree: &'c Tree,
    /// The files beside it.
    pub neighbors: &'c Beside,
    /// When the rule is in force.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// Whether a test has to state the filing date.
    pub needs_filing_date: bool,
}

/// Compiles what a test is applied to. `at` is the place of the test's name.
pub fn compile(
    context: &TestContext<'_>,
    node: NodeId,
    at: Place,
    written: &syntax::WrittenTest,
    diagnostics: &mut Diagnostics,
) -> TestTables {
    let mut fixture = FixtureCompiler { context, diagnostics };
    fixture.one_declaration(node, at, written);
    let file = written.file.as_ref().map(|cells| fixture.row(FILE, cells)).unwrap_or_default();
    let rows = match (&written.row, &written.rows) {
        (Some(cells), _) => vec![fixture.row(ROW, cells)],
        (None, Some(rows)) => rows.iter().map(|cells| fixture.row(ROW, cells)).collect(),
        (None, None) => Vec::new(),
    };
    let declaration = written.declaration.as_ref().and_then(|file| fixture.file("declaration", file.node));
    let tables = written.tables.0.iter().filter_map(|(key, value)| fixture.table(*key, *value)).collect();
    let tables = TestTables { declaration, file, rows, tables };
    if tables.declaration.is_none() {
        if written.other_entries != Some(true) {
            fixture.declared(&tables);
        }
        if written.same_entry != Some(true) {
            fixture.distinct(&tables.rows);
        }
    }
    tables
}

struct FixtureCompiler<'f, 'm> {
    context: &'f TestContext<'f>,
    diagnostics: &'m mut Diagnostics,
}

impl FixtureCompiler<'_, '_> {
    /// Reports a declaration that is written in two ways.
    fn one_declaration(&mut self, node: NodeId, at: Place, written: &syntax::WrittenTest) {
        let tree = self.context.tree;
        let given = [
            ("declaration", written.declaration.is_some()),
            ("row", written.row.is_some()),
            ("rows", written.rows.is_some()),
            ("file", written.file.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        let place = |key: &str| tree.pair(node, key).map_or(at, |(key, _)| tree.place(key));
        self.diagnostics.push(match given[..] {
            ["declaration", other, ..] => errors::declaration_and(other, place(other)),
            ["row", "rows", ..] => errors::row_and_rows(place("rows")),
            _ => return,
        });
    }

    fn row(&mut self, table: TableId, cells: &Named<WrittenCell>) -> Vec<TestCell> {
        cells.0.iter().filter_map(|(name, text)| self.cell(table, name.node, text.0.0)).collect()
    }

    fn cell(&mut self, table: TableId, key: NodeId, value: NodeId) -> Option<TestCell> {
        let TestContext { world, tree, .. } = self.context;
        let schema = world.schema(table);
        let name = tree.scalar(key).unwrap_or_default();
        let Some(column) = schema.column(name) else {
            let known = schema.columns.iter().map(|column| column.name.as_str());
            self.diagnostics.push(errors::unknown_column_of(&schema.name, name, tree.place(key), known));
            return None;
        };
        let (value, is_meant) = match tree.view(value) {
            View::Mapping(_) => {
                (decode::<WrittenUnreadable>(tree, value, self.diagnostics)?.unreadable?.node, true)
            }
            View::Scalar(..) | View::Sequence(_) => (value, false),
        };
        match tree.view(value) {
            View::Scalar(text, style) if !text.is_empty() || style != Style::Plain => {
                let cell =
                    TestCell { column: column as u16, text: text.to_owned(), place: tree.place(value) };
                self.readable(&schema.columns[column], &cell, is_meant);
                Some(cell)
            }
            View::Scalar(..) => {
                self.diagnostics.push(errors::cell_without_text(tree.place(key)));
                None
            }
            other => {
                self.diagnostics.push(errors::not_a_cell(&other, tree.head(value)));
                None
            }
        }
    }

    /// Reports a cell that its column cannot read, unless that is meant; and one that it can read although
    /// the test marks it as unreadable.
    fn readable(&mut self, column: &Column, cell: &TestCell, is_meant: bool) {
        let is_unreadable = value::read(column, &cell.text) == CellReading::Unreadable;
        if is_unreadable == is_meant {
            return;
        }
        let worded = if is_meant { errors::cell_is_readable } else { errors::cell_is_unreadable };
        self.diagnostics.push(worded(column, &cell.text, cell.place));
    }

    fn table(&mut self, key: NodeId, value: NodeId) -> Option<(TableId, TestRows)> {
        let TestContext { world, tree, .. } = self.context;
        let name = tree.scalar(key).unwrap_or_default();
        let Some(id) = world.table(name).filter(|id| *id != FILE && *id != ROW) else {
            let known: Vec<&str> = KEYS.into_iter().chain(world.reference_tables()).collect();
            self.diagnostics.push(errors::unknown_key_or_table(name, tree.place(key), known));
            return None;
        };
        let is_file = |node: &NodeId| matches!(tree.view(*node), View::Scalar(..));
        match tree.view(value) {
            View::Scalar(..) => Some((id, TestRows::Files(self.file(name, value).into_iter().collect()))),
            View::Sequence(files) if files.first().is_some_and(is_file) => {
                Some((id, TestRows::Files(files.iter().filter_map(|file| self.file(name, *file)).collect())))
            }
            View::Sequence(rows) => {
                Some((id, TestRows::Rows(rows.iter().filter_map(|row| self.table_row(id, *row)).collect())))
            }
            other @ View::Mapping(_) => {
                self.diagnostics.push(errors::not_rows(name, &other, tree.head(value)));
                None
            }
        }
    }

    fn table_row(&mut self, id: TableId, row: NodeId) -> Option<Vec<TestCell>> {
        let tree = self.context.tree;
        match tree.view(row) {
            View::Mapping(pairs) => {
                Some(pairs.iter().filter_map(|(key, value)| self.cell(id, *key, *value)).collect())
            }
            other => {
                self.diagnostics.push(errors::not_a_row(&other, tree.head(row)));
                None
            }
        }
    }

    /// A file: the name of one beside the rule file, or its text where that has several lines. `what` is what
    /// it is provided as.
    fn file(&mut self, what: &str, node: NodeId) -> Option<TestFile> {
        let tree = self.context.tree;
        let View::Scalar(written, _) = tree.view(node) else {
            self.diagnostics.push(errors::not_a_file(&tree.view(node), tree.head(node)));
            return None;
        };
        let place = tree.place(node);
        if written.contains('\n') {
            return Some(TestFile { name: format!("{what}.csv"), bytes: written.as_bytes().into(), place });
        }
        match (self.context.neighbors)(written) {
            Ok(bytes) => Some(TestFile { name: written.to_owned(), bytes: (*bytes).into(), place }),
            Err(why) => {
                self.diagnostics.push(errors::unreadable_test_file(written, &why, place));
                None
            }
        }
    }

    /// Reports rows of tables for an entry that no row of the test declares.
    fn declared(&mut self, tables: &TestTables) {
        let mut numbers: Vec<EntryNumber> =
            tables.rows.iter().filter_map(|row| number(self.context, ROW, row)?.0).collect();
        if tables.rows.is_empty() || tables.rows.iter().any(|row| number(self.context, ROW, row).is_none()) {
            numbers.extend(EntryNumber::parse(EXAMPLE_ENTRY));
        }
        for (id, rows) in &tables.tables {
            let TestRows::Rows(rows) = rows else { continue };
            for (found, place) in rows.iter().filter_map(|row| number(self.context, *id, row)) {
                if found.is_some_and(|found| !numbers.contains(&found)) {
                    self.diagnostics.push(errors::undeclared_row(place));
                }
            }
        }
    }

    /// Reports rows of the declaration that are for one entry.
    fn distinct(&mut self, rows: &[Vec<TestCell>]) {
        let mut seen: Vec<EntryNumber> = Vec::new();
        for row in rows {
            let (number, place) = match number(self.context, ROW, row) {
                Some((number, place)) => (number, Some(place)),
                None => (EntryNumber::parse(EXAMPLE_ENTRY), row.first().map(|cell| cell.place)),
            };
            let Some(number) = number else { continue };
            if !seen.contains(&number) {
                seen.push(number);
                continue;
            }
            self.diagnostics.push(errors::same_entry(number, place));
        }
    }
}

/// The entry number that a row has, where it has such a cell, and where that is.
fn number(context: &TestContext<'_>, id: TableId, row: &[TestCell]) -> Option<(Option<EntryNumber>, Place)> {
    let key = context.world.schema(id).key;
    let cell = row.iter().find(|cell| Some(usize::from(cell.column)) == key)?;
    Some((entry::read(&cell.text).number, cell.place))
}
