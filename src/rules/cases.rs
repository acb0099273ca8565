//! Short tests: a table of cases becomes its tests.
//!
//! A case is put together from the nodes of the file, as if it had been written as a test, so that it means
//! the same and an error in it is reported at the cell or the column where it was made.

use std::ops::Range;

use super::syntax::NOTHING;
use super::{errors, syntax};
use crate::yaml::decode::{Lazy, Raw, Scalar, decode};
use crate::yaml::{Diagnostics, NodeId, Tree, View};

/// The keys of a test that have the cells of one row, not a list of rows.
const SINGLE: [&str; 2] = ["row", "file"];

/// Appends to a rule's tests those of its tables of cases.
pub fn expand(tree: &mut Tree, rule: &mut syntax::WrittenRule, diagnostics: &mut Diagnostics) {
    let Some(Raw(node)) = rule.cases else { return };
    let tables = match tree.view(node) {
        View::Sequence(tables) => tables.to_vec(),
        View::Mapping(_) | View::Scalar(..) => vec![node],
    };
    for table in tables {
        let Some(cases) = decode::<syntax::Cases>(tree, table, diagnostics) else { continue };
        let (Some(columns), Some(rows)) = (&cases.columns, &cases.rows) else {
            for (key, missing) in [("columns", cases.columns.is_none()), ("rows", cases.rows.is_none())] {
                if missing {
                    diagnostics.push(errors::missing_key(key, tree.head(table)));
                }
            }
            continue;
        };
        if repeats(tree, columns, diagnostics) {
            continue;
        }
        let shared = cases.given.as_ref().map_or(&[][..], |given| &given.0);
        for (name, values) in &rows.0 {
            let whole = tree.range(name.node).start..tree.range(values.0).end;
            let Some(values) = values_of(tree, columns, values.0, diagnostics) else { continue };
            let values: Vec<_> = columns.iter().zip(values).collect();
            let test = Case { tree, whole }.test(name, shared, &values, diagnostics);
            rule.tests.get_or_insert_default().push(Lazy::new(test));
        }
    }
}

/// Reports a column that is there twice.
fn repeats(tree: &Tree, columns: &[Scalar], diagnostics: &mut Diagnostics) -> bool {
    let repeated = columns.iter().enumerate().find_map(|(at, column)| {
        let first = columns[..at].iter().find(|first| first.value == column.value)?;
        Some((first, column))
    });
    let Some((first, column)) = repeated else { return false };
    diagnostics.push(errors::duplicate_case_column(&column.value, column.place(tree), first.place(tree)));
    true
}

/// The values of a case, one for each column.
fn values_of(
    tree: &Tree,
    columns: &[Scalar],
    values: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<NodeId>> {
    match tree.view(values) {
        View::Sequence(values) if values.len() == columns.len() => Some(values.to_vec()),
        View::Sequence(found) => {
            diagnostics.push(errors::values_without_columns(found.len(), columns.len(), tree.place(values)));
            None
        }
        other => {
            diagnostics.push(errors::not_a_case(&other, tree.head(values)));
            None
        }
    }
}

/// A case that becomes a test.
struct Case<'t> {
    tree: &'t mut Tree,
    /// Its bytes.
    whole: Range<usize>,
}

impl Case<'_> {
    /// The mapping of the test: the case's name, what is given to all cases, and the values of its columns.
    fn test(
        &mut self,
        name: &Scalar,
        given: &[(Scalar, Raw)],
        values: &[(&Scalar, NodeId)],
        diagnostics: &mut Diagnostics,
    ) -> NodeId {
        let key = self.tree.add_text(name.node, "name");
        let mut pairs = vec![(key, name.node)];
        let mut tables: Vec<TableCells> = Vec::new();
        for (column, value) in values {
            if self.is_nothing(*value) {
                continue;
            }
            let Some(dot) = column.value.find('.') else {
                pairs.push((column.node, *value));
                continue;
            };
            let (row, name) = match row_number(&column.value[dot + 1..]) {
                Some((row, length)) => (Some(row), dot + 1 + length),
                None => (None, dot + 1),
            };
            let cell = ShownCell {
                column,
                row,
                name: self.tree.add_part(column.node, name..column.value.len()),
                value: *value,
            };
            match tables.iter_mut().find(|table| table.name == column.value[..dot]) {
                Some(table) => table.cells.push(cell),
                None => tables.push(TableCells {
                    key: self.tree.add_part(column.node, 0..dot),
                    name: column.value[..dot].to_owned(),
                    given: None,
                    cells: vec![cell],
                }),
            }
        }
        for (key, value) in given {
            // The case's own cells count, `~` too.
            if values.iter().any(|(column, _)| column.value == key.value) {
                continue;
            }
            match tables.iter_mut().find(|table| table.name == key.value) {
                None => pairs.push((key.node, value.0)),
                Some(table) => match rows_of(self.tree, value.0) {
                    Some(rows) => table.given = Some(rows),
                    None => diagnostics.push(errors::columns_without_rows(&key.value, key.place(self.tree))),
                },
            }
        }
        for table in tables {
            let rows: Vec<NodeId> = table
                .rows(self.tree, diagnostics)
                .into_iter()
                .map(|cells| self.tree.add_mapping(self.whole.clone(), cells))
                .collect();
            let rows = match rows.as_slice() {
                [row] if SINGLE.contains(&table.name.as_str()) => *row,
                _ => self.tree.add_sequence(self.whole.clone(), rows),
            };
            pairs.push((table.key, rows));
        }
        self.tree.add_mapping(self.whole.clone(), pairs)
    }

    fn is_nothing(&self, value: NodeId) -> bool {
        self.tree.scalar(value) == Some(NOTHING) && !self.tree.is_quoted(value)
    }
}

/// A column with its value: nodes of a mapping.
type Pair = (NodeId, NodeId);

/// A table of a case: the rows that all cases have, and the cells that this one shows.
struct TableCells<'c> {
    key: NodeId,
    name: String,
    given: Option<Vec<Vec<Pair>>>,
    cells: Vec<ShownCell<'c>>,
}

/// A cell that a case shows.
struct ShownCell<'c> {
    /// The column as the table of cases names it.
    column: &'c Scalar,
    /// Which row of those given it is in, from 0; `None`: each.
    row: Option<usize>,
    name: NodeId,
    value: NodeId,
}

impl TableCells<'_> {
    /// The rows: those given, with the cells of the case in place of their own.
    fn rows(&self, tree: &Tree, diagnostics: &mut Diagnostics) -> Vec<Vec<Pair>> {
        let mut rows = self.given.clone().unwrap_or_else(|| vec![Vec::new()]);
        for ShownCell { column, row, name, value } in &self.cells {
            let those = match row {
                None => &mut rows[..],
                Some(row) => match rows.get_mut(*row) {
                    Some(row) => std::slice::from_mut(row),
                    None => {
                        diagnostics.push(errors::no_such_row(&self.name, row + 1, column.place(tree)));
                        continue;
                    }
                },
            };
            for row in those {
                match row.iter_mut().find(|(other, _)| tree.scalar(*other) == tree.scalar(*name)) {
                    Some((_, cell)) => *cell = *value,
                    None => row.push((*name, *value)),
                }
            }
        }
        rows
    }
}

/// The row that a column begins with (`2.duty`), from 0, and how many bytes that takes.
fn row_number(column: &str) -> Option<(usize, usize)> {
    let (number, _) = column.split_once('.')?;
    let row: usize = number.parse().ok().filter(|_| number.bytes().all(|c| c.is_ascii_digit()))?;
    Some((row.checked_sub(1)?, number.len() + 1))
}

/// The cells of each row of a list, or of a single row.
fn rows_of(tree: &Tree, value: NodeId) -> Option<Vec<Vec<Pair>>> {
    match tree.view(value) {
        View::Mapping(cells) => Some(vec![cells.to_vec()]),
        View::Sequence(rows) if !rows.is_empty() => rows
            .iter()
            .map(|row| match tree.view(*row) {
                View::Mapping(cells) => Some(cells.to_vec()),
                View::Sequence(_) | View::Scalar(..) => None,
            })
            .collect(),
        View::Sequence(_) | View::Scalar(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{RuleTest, TestRows};
    use super::super::{CompileOptions, RuleSource, load};
    use crate::diagnostic::Diagnostic;
    use crate::source::Sources;

    const TABLES: &str = "
tables:
  es003:
    title: ES-003
    key: entry
    columns:
      entry: { type: entry_number, of: entry, headers: [Entry Summary Number] }
      duty: { type: money, headers: [Duty] }
      liquidation_date: { type: date, of: entry, headers: [Liquidation Date] }
";

    fn tests_of(tests: &str) -> Result<Vec<RuleTest>, Vec<Diagnostic>> {
        let rule = format!(
            "rules:\n  - id: a\n    title: t\n    severity: error\n    each: entry\n    require: {{ es003.liquidation_date: {{ after: filing_date }} }}\n{tests}"
        );
        let source = |name: &str, text: &str| RuleSource::new(name, text, |_| Err("no files here".into()));
        let files = vec![source("tables.yaml", TABLES), source("rules.yaml", &rule)];
        Ok(load(files, CompileOptions { tests: true }, &mut Sources::default())?.rules.remove(0).tests)
    }

    /// The content of a test, without its places.
    fn meaning(tests: &str) -> Vec<String> {
        let cells = |cells: &[super::super::model::TestCell]| -> Vec<(u16, String)> {
            let mut cells: Vec<_> = cells.iter().map(|cell| (cell.column, cell.text.clone())).collect();
            cells.sort();
            cells
        };
        let tests = tests_of(tests).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
        let said = |test: &RuleTest| {
            let rows_of = |rows: &[Vec<super::super::model::TestCell>]| -> Vec<_> {
                rows.iter().map(|row| cells(row)).collect()
            };
            let tables: Vec<_> = test
                .fixture
                .tables
                .iter()
                .map(|(id, rows)| match rows {
                    TestRows::Rows(rows) => (*id, rows_of(rows)),
                    TestRows::Files(_) => panic!("no files here"),
                })
                .collect();
            let rows = rows_of(&test.fixture.rows);
            let (expect, help) = (test.expect, &test.help);
            format!("{} {:?} {rows:?} {tables:?} {expect:?} {help:?}", test.name, test.filing_date)
        };
        tests.iter().map(said).collect()
    }

    #[test]
    fn a_case_means_what_the_test_means_that_it_stands_for() {
        let cases = "
    cases:
      given: { filing_date: 2026-11-22, es003: [{ duty: '5' }], row: { entry: ABC12345676 } }
      columns: [es003.liquidation_date, es003.duty, expect, filing_date]
      rows:
        too late: [11/22/2026, 1, violated, 2026-11-22]
        in time: [11/23/2026, ~, satisfied, 2026-11-22]
        no such column: [~, { unreadable: '~' }, undecided, 2026-11-23]
        nothing provided: [~, ~, undecided, 2026-11-22]
";
        let tests = "
    tests:
      - { name: too late, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ liquidation_date: 11/22/2026, duty: 1 }], expect: violated }
      - { name: in time, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ liquidation_date: 11/23/2026, duty: '5' }], expect: satisfied }
      - { name: no such column, filing_date: 2026-11-23, row: { entry: ABC12345676 }, es003: [{ duty: { unreadable: '~' } }], expect: undecided }
      - { name: nothing provided, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ duty: '5' }], expect: undecided }
";
        assert_eq!(meaning(cases), meaning(tests));
    }

    #[test]
    fn a_case_changes_cells_of_one_row_given_or_of_all() {
        let cases = "
    cases:
      given: { filing_date: 2026-11-22, es003: [{ duty: 1 }, { duty: 2 }] }
      columns: [es003.2.duty, es003.liquidation_date, expect]
      rows:
        the second row: [3, ~, undecided]
        every row: [~, 11/22/2026, violated]
";
        let tests = "
    tests:
      - { name: the second row, filing_date: 2026-11-22, es003: [{ duty: 1 }, { duty: 3 }], expect: undecided }
      - { name: every row, filing_date: 2026-11-22, es003: [{ duty: 1, liquidation_date: 11/22/2026 }, { duty: 2, liquidation_date: 11/22/2026 }], expect: violated }
";
        assert_eq!(meaning(cases), meaning(tests));
    }

    #[test]
    fn a_table_without_a_value_is_not_provided_and_one_in_brackets_has_no_row() {
        let cases = "
    cases:
      - given: { filing_date: 2026-11-22 }
        columns: [es003.liquidation_date, expect]
        rows: { no export: [~, undecided] }
      - given: { filing_date: 2026-11-22 }
        columns: [es003, expect]
        rows: { not in the export: [[], undecided] }
";
        let tests = "
    tests:
      - { name: no export, filing_date: 2026-11-22, expect: undecided }
      - { name: not in the export, filing_date: 2026-11-22, es003: [], expect: undecided }
";
        assert_eq!(meaning(cases), meaning(tests));
    }

    #[test]
    fn an_error_in_a_case_points_at_where_it_was_made() {
        for (cases, code, place) in [
            (
                "columns: [es003.liquidation_date, expect]\n      rows: { a: [11/22/2026] }",
                "wrong-kind",
                (10, 18),
            ),
            (
                "columns: [es003.liquidation_date, expect]\n      rows: { a: violated }",
                "wrong-kind",
                (10, 18),
            ),
            (
                "columns: [es003.liquidaton_date, expect]\n      rows: { a: [11/22/2026, violated] }",
                "unknown-column",
                (9, 23),
            ),
            (
                "columns: [es03.liquidation_date, expect]\n      rows: { a: [11/22/2026, violated] }",
                "unknown-key",
                (9, 17),
            ),
            (
                "columns: [es003.liquidation_date, expect]\n      rows: { a: [11/22/2026, violatd] }",
                "unknown-value",
                (10, 31),
            ),
            (
                "columns: [es003.liquidation_date, expect, expect]\n      rows: { a: [11/22/2026, violated, violated] }",
                "duplicate-key",
                (9, 49),
            ),
            ("columns: [es003.liquidation_date]\n      rows: { a: [11/22/2026] }", "missing-key", (10, 15)),
            ("rows: { a: [11/22/2026] }", "missing-key", (8, 7)),
        ] {
            let cases = format!("    cases:\n      given: {{ filing_date: 2026-11-22 }}\n      {cases}\n");
            let diagnostics = tests_of(&cases).unwrap_err();
            let found: Vec<_> = diagnostics
                .iter()
                .map(|diagnostic| {
                    let place = diagnostic.labels[0].place;
                    (diagnostic.code.name(), (place.line, place.column))
                })
                .collect();
            assert_eq!(found, [(code, place)], "{cases}");
        }
    }
}
