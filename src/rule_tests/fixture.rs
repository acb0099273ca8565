//! What a test of a rule describes, made into the declaration and the tables that the rule is evaluated on.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::entry::{self, EntryNumber};
use crate::input::Input;
use crate::judge::JudgeInput;
use crate::rules::model::{
    EXAMPLE_ENTRY, RuleId, RuleSet, RuleTest, SettingId, TestCell, TestFile, TestRows,
};
use crate::source::{FileId, SourceKind, Sources};
use crate::table::declaration::Declarations;
use crate::table::from_cells::TableRole;
use crate::table::reference::{Request, read_table};
use crate::table::schema::Schema;
use crate::table::{Entries, FILE, ROW, Table, TableId, Tables};
use chrono::NaiveDate;
use hashbrown::HashSet;

/// The filing date of a test that names none, where the rule has no date of its own.
const EXAMPLE_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");

/// The declaration and the tables that a test describes, with its rule.
pub(crate) struct TestFixture<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) rule: RuleId,
    pub(super) test: &'a RuleTest,
    pub(super) sources: Sources,
    tables: Tables,
    entries: Entries,
    pub(super) filing_date: NaiveDate,
}

impl<'a> TestFixture<'a> {
    /// Makes the declaration and the tables that a test describes.
    ///
    /// # Errors
    /// Real files that cannot be read as what they are provided as.
    pub fn new(
        rules: &'a RuleSet,
        sources: &Sources,
        rule: RuleId,
        test: &'a RuleTest,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut builder = FixtureBuilder {
            schemas: &rules.schemas,
            sources: sources.clone(),
            entries: Entries::default(),
            errors: Vec::new(),
        };
        let mut tables =
            Tables { schemas: rules.schemas.clone(), tables: rules.schemas.iter().map(|_| None).collect() };
        let (file, rows, corrections) = match &test.fixture.declaration {
            Some(file) => builder.real_declaration(file),
            None => builder.declaration(&test.fixture.file, &test.fixture.rows),
        };
        tables.tables[FILE.index()] = Some(file);
        tables.tables[ROW.index()] = Some(rows);
        let first = builder.entries.numbers().first();
        let declared = first.map_or(EXAMPLE_ENTRY.to_owned(), |number| number.as_str().to_owned());
        for (id, rows) in &test.fixture.tables {
            tables.tables[id.index()] = Some(match rows {
                TestRows::Rows(rows) => builder.table(*id, rows, &declared, &corrections),
                TestRows::Files(files) => builder.real_table(*id, files, &corrections),
            });
        }
        let FixtureBuilder { sources, entries, errors, .. } = builder;
        if !errors.is_empty() {
            return Err(errors);
        }
        let rule_date = rules.rules[usize::from(rule.0)].effective;
        let filing_date =
            test.filing_date.or(rule_date.0).or(rule_date.1).or(rules.pack.verified).unwrap_or(EXAMPLE_DATE);
        Ok(Self { rules, rule, test, sources, tables, entries, filing_date })
    }

    pub(super) fn input(&self) -> JudgeInput<'_> {
        let rule = &self.rules.rules[usize::from(self.rule.0)];
        let mut severities = vec![None; self.rules.rules.len()];
        severities[usize::from(self.rule.0)] = rule.in_force(self.filing_date).then_some(rule.severity);
        for (id, _) in &self.test.supersedes {
            if let Some(at) = self.rules.rules.iter().position(|rule| rule.id == *id) {
                let other = &self.rules.rules[at];
                severities[at] = other.in_force(self.filing_date).then_some(other.severity);
            }
        }
        JudgeInput {
            rules: self.rules,
            severities,
            tables: &self.tables,
            sources: &self.sources,
            entries: &self.entries,
            account: &self.test.account,
            filing_date: self.filing_date,
            exported: HashMap::new(),
            values: self
                .test
                .values
                .iter()
                .map(|(figure, table, value)| ((*figure, *table), value.clone()))
                .collect(),
            // The configuration does not change the rule's own severity.
            settings: (0..)
                .map(SettingId)
                .zip(&self.rules.settings)
                .map(|(id, setting)| (id, setting.default.clone()))
                .chain(self.test.settings.iter().cloned())
                .collect(),
            waivers: Vec::new(),
            left_out: false,
            batch: None,
        }
    }
}

/// Makes the tables of a test.
struct FixtureBuilder<'f> {
    schemas: &'f [Arc<Schema>],
    sources: Sources,
    entries: Entries,
    /// Why real files cannot be read.
    errors: Vec<Diagnostic>,
}

impl FixtureBuilder<'_> {
    fn build(&mut self, id: TableId, rows: &[Vec<(usize, &str)>], role: TableRole) -> Table {
        let schema = &self.schemas[id.index()];
        let file: FileId = self.sources.add(format!("{}.csv", schema.name), SourceKind::Streamed);
        Table::from_cells(schema, file, rows, &mut self.entries, role)
    }

    fn key(&self, id: TableId) -> Option<usize> {
        self.schemas[id.index()].key
    }

    /// The facts and rows of a declaration, and the numbers that its mistyped ones may mean.
    fn declaration(
        &mut self,
        facts: &[TestCell],
        rows: &[Vec<TestCell>],
    ) -> (Table, Table, HashSet<EntryNumber>) {
        let key = self.key(ROW);
        let rows: Vec<Vec<(usize, &str)>> = if rows.is_empty() {
            vec![with_key(&[], key, EXAMPLE_ENTRY)]
        } else {
            rows.iter().map(|row| with_key(row, key, EXAMPLE_ENTRY)).collect()
        };
        let numbers = rows.iter().filter_map(|row| text_of(row, key));
        let mistyped = numbers.filter(|text| entry::read(text).number.is_none());
        let corrections = mistyped.flat_map(entry::corrections).collect();
        let declared = self.build(ROW, &rows, TableRole::Declaration);
        let file = self.build(FILE, &[with_key(facts, None, "")], TableRole::Declaration);
        (file, declared, corrections)
    }

    /// [`Self::declaration`] of a real file.
    fn real_declaration(&mut self, file: &TestFile) -> (Table, Table, HashSet<EntryNumber>) {
        let mut declarations = Declarations::new(self.schemas);
        let read = declarations.read(&file.name, &file.bytes, &mut self.sources, &mut self.entries);
        self.errors.extend(read.err().map(|error| unreadable(file, &error)));
        let corrections = declarations.corrections(usize::MAX);
        let (file, rows) = declarations.finish();
        (file, rows, corrections)
    }

    /// The rows of a table; those that name no entry are for `declared`.
    fn table(
        &mut self,
        id: TableId,
        rows: &[Vec<TestCell>],
        declared: &str,
        corrections: &HashSet<EntryNumber>,
    ) -> Table {
        let key = self.key(id);
        let rows: Vec<_> = rows.iter().map(|row| with_key(row, key, declared)).collect();
        let mut table = self.build(id, &rows, TableRole::Reference);
        let numbers = rows.iter().filter_map(|row| entry::read(text_of(row, key)?).number);
        table.corrections_found.extend(numbers.filter(|number| corrections.contains(number)));
        table
    }

    /// [`Self::table`] of real files.
    fn real_table(&mut self, id: TableId, files: &[TestFile], corrections: &HashSet<EntryNumber>) -> Table {
        let inputs: Vec<(String, Input)> =
            files.iter().map(|file| (file.name.clone(), Input::from(Arc::clone(&file.bytes)))).collect();
        let request = Request { corrections: Some(corrections), ..Request::new(id, self.schemas) };
        match read_table(&request, &inputs, &mut self.sources, &mut self.entries) {
            Ok(table) => table,
            Err(errors) => {
                self.errors.extend(
                    files
                        .first()
                        .into_iter()
                        .flat_map(|file| errors.iter().map(|error| unreadable(file, error))),
                );
                Table::default()
            }
        }
    }
}

/// The error of a real file, at the place where the test names it.
fn unreadable(file: &TestFile, error: &Diagnostic) -> Diagnostic {
    Diagnostic { labels: Vec::new(), ..error.clone() }.at(file.place, "")
}

fn text_of<'c>(row: &[(usize, &'c str)], key: Option<usize>) -> Option<&'c str> {
    row.iter().find(|(column, _)| Some(*column) == key).map(|&(_, text)| text)
}

/// A test's row with its key filled in, where the test does not name it.
fn with_key<'c>(cells: &'c [TestCell], key: Option<usize>, number: &'c str) -> Vec<(usize, &'c str)> {
    let mut row: Vec<(usize, &str)> =
        cells.iter().map(|cell| (usize::from(cell.column), cell.text.as_str())).collect();
    if let Some(key) = key
        && !row.iter().any(|(column, _)| *column == key)
    {
        debug_assert!(entry::read(number).number.is_some());
        row.insert(0, (key, number));
    }
    row
}
