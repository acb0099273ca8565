//! Short tests: a table of cases becomes the tests that it stands for.
//!
//! What a case says is put together from the nodes of the file, as if it had been written as a test, so
//! that it means the same and an error in it points at the cell or the column where it was made.

use std::ops::Range;

use super::syntax;
use crate::diagnostic::{Code, Diagnostic};
use crate::outside::brief;
use crate::yaml::decode::{Lazy, Raw, Scalar, decode, missing_key};
use crate::yaml::{Diagnostics, NodeId, Tree, View};

/// The value of a case that has nothing in a column: the key, or the table's column, is not there.
const NOTHING: &str = "~";
/// The keys of a test that hold the cells of one row, not a list of rows.
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
                    diagnostics.push(missing_key(key, tree.head(table)));
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
    diagnostics.push(
        Diagnostic::new(Code::DuplicateKey, format!("column `{}` twice", brief(&column.value)))
            .at(column.place(tree), "again here")
            .at(first.place(tree), "first here")
            .help("keep one of them"),
    );
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
            let message = format!("{} values for {} columns", found.len(), columns.len());
            diagnostics.push(
                Diagnostic::new(Code::WrongKind, message)
                    .at(tree.place(values), "")
                    .help(format!("write one value per column, and `{NOTHING}` where there is nothing")),
            );
            None
        }
        other => {
            let message = format!("expected the values of a case, found {}", other.name());
            diagnostics.push(
                Diagnostic::new(Code::WrongKind, message)
                    .at(tree.head(values), "")
                    .help("a case is a list with one value per column: `name: [VALUE, VALUE]`"),
            );
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
        let mut tables: Vec<(NodeId, Vec<(NodeId, NodeId)>)> = Vec::new();
        for (column, value) in values {
            if self.is_nothing(*value) {
                continue;
            }
            let Some(dot) = column.value.find('.') else {
                pairs.push((column.node, *value));
                continue;
            };
            let table = self.tree.add_part(column.node, 0..dot);
            let cell = (self.tree.add_part(column.node, dot + 1..column.value.len()), *value);
            match tables.iter_mut().find(|(name, _)| self.tree.scalar(*name) == self.tree.scalar(table)) {
                Some((_, cells)) => cells.push(cell),
                None => tables.push((table, vec![cell])),
            }
        }
        for (key, value) in given {
            // What a case says itself counts, `~` too.
            if values.iter().any(|(column, _)| column.value == key.value) {
                continue;
            }
            match tables.iter_mut().find(|(table, _)| self.tree.scalar(*table) == Some(&key.value)) {
                None => pairs.push((key.node, value.0)),
                Some((_, cells)) => match single_row(self.tree, value.0) {
                    Some(others) => add_missing(self.tree, cells, &others),
                    None => diagnostics.push(
                        Diagnostic::new(
                            Code::ConflictingKeys,
                            format!("`{}` has several rows and columns in the cases", key.value),
                        )
                        .at(key.place(self.tree), "")
                        .help("give it one row, or write these tests one by one under `tests`"),
                    ),
                },
            }
        }
        for (table, cells) in tables {
            let is_single = self.tree.scalar(table).is_some_and(|name| SINGLE.contains(&name));
            let row = self.tree.add_mapping(self.whole.clone(), cells);
            let rows = if is_single { row } else { self.tree.add_sequence(self.whole.clone(), vec![row]) };
            pairs.push((table, rows));
        }
        self.tree.add_mapping(self.whole.clone(), pairs)
    }

    fn is_nothing(&self, value: NodeId) -> bool {
        self.tree.scalar(value) == Some(NOTHING) && !self.tree.is_quoted(value)
    }
}

/// The cells of a row, or of a list of one row.
fn single_row(tree: &Tree, value: NodeId) -> Option<Vec<(NodeId, NodeId)>> {
    match tree.view(value) {
        View::Mapping(cells) => Some(cells.to_vec()),
        View::Sequence([row]) => single_row(tree, *row),
        _ => None,
    }
}

/// Adds the cells whose columns are not there yet.
fn add_missing(tree: &Tree, cells: &mut Vec<(NodeId, NodeId)>, others: &[(NodeId, NodeId)]) {
    for (column, value) in others {
        if !cells.iter().any(|(name, _)| tree.scalar(*name) == tree.scalar(*column)) {
            cells.push((*column, *value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CompileOptions, RuleSource, load, model::RuleTest};
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

    /// What a test says, without its places.
    fn meaning(tests: &str) -> Vec<String> {
        let cells = |cells: &[super::super::model::TestCell]| -> Vec<(u16, String)> {
            cells.iter().map(|cell| (cell.column, cell.text.clone())).collect()
        };
        let tests = tests_of(tests).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
        let said = |test: &RuleTest| {
            let rows: Vec<_> = test.rows.iter().map(|row| cells(row)).collect();
            let tables: Vec<_> = test
                .tables
                .iter()
                .map(|(id, rows)| (*id, rows.iter().map(|row| cells(row)).collect::<Vec<_>>()))
                .collect();
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
        no such column: [~, '~', undecided, 2026-11-23]
        nothing provided: [~, ~, undecided, 2026-11-22]
";
        let tests = "
    tests:
      - { name: too late, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ liquidation_date: 11/22/2026, duty: 1 }], expect: violated }
      - { name: in time, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ liquidation_date: 11/23/2026, duty: '5' }], expect: satisfied }
      - { name: no such column, filing_date: 2026-11-23, row: { entry: ABC12345676 }, es003: [{ duty: '~' }], expect: undecided }
      - { name: nothing provided, filing_date: 2026-11-22, row: { entry: ABC12345676 }, es003: [{ duty: '5' }], expect: undecided }
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
