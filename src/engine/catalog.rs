//! Lists the rules and the tables, and finds out which table a file is.

use super::load::{Errors, Rules};
use crate::diagnostic::Diagnostic;
use crate::finding::Severity;
use crate::input::Input;
use crate::judge::needs;
use crate::outside::{Outside, OutsideString};
use crate::recognize::{self, FileCount, FileUse, Recognized};
use crate::rules::model::{Each, Rule};
use crate::source::Sources;
use crate::table::{FILE, ROW, TableId};
use chrono::NaiveDate;

/// A rule, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRule {
    /// Its name.
    pub id: String,
    /// How bad a violation is, before the configuration changes it.
    pub severity: Severity,
    /// One line: what it checks.
    pub title: OutsideString,
    /// The stage of CBP's checks: the name of the rule's file (`eligibility`).
    pub stage: OutsideString,
    /// What it is evaluated for: `file`, `row`, `entry`, `line`, or the name of a table: its rows of the entry.
    pub each: String,
    /// Whether it asks for what only a whole ES-003 shows.
    pub whole_export: bool,
    /// The names of the tables that it reads.
    pub tables: Vec<String>,
    /// The first filing date on which it is in force; `None`: there is no first.
    pub from: Option<NaiveDate>,
    /// The last filing date on which it is in force; `None`: there is no last.
    pub until: Option<NaiveDate>,
    /// CBP's own message.
    pub cbp: Option<OutsideString>,
    /// Where it is written.
    pub sources: Vec<OutsideString>,
}

impl ListedRule {
    fn of(rules: &Rules, rule: &Rule) -> Self {
        let tables = needs::tables(&rules.set, rule).into_iter();
        Self {
            id: rule.id.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            stage: rule.stage.clone(),
            each: match rule.each {
                Each::File => "file".to_owned(),
                Each::Row => "row".to_owned(),
                Each::Entry => "entry".to_owned(),
                Each::Line(_) => "line".to_owned(),
                Each::Table(table) => rules.set.schemas[table.index()].name.clone(),
            },
            whole_export: needs::asks_whole_export(&rules.set, rule),
            tables: tables.map(|table| rules.set.schemas[table.index()].name.clone()).collect(),
            from: rule.effective.0,
            until: rule.effective.1,
            cbp: rule.cbp.clone(),
            sources: rule.sources.clone(),
        }
    }

    /// Whether it is in force for declarations filed on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// On which filing dates it is in force, in words.
    pub fn in_force_words(&self) -> String {
        in_force(self.from, self.until)
    }
}

/// On which filing dates something is in force, in words.
pub(super) fn in_force(from: Option<NaiveDate>, until: Option<NaiveDate>) -> String {
    match (from, until) {
        (None, None) => "for all filing dates".to_owned(),
        (Some(from), None) => format!("for declarations filed from {from}"),
        (None, Some(until)) => format!("for declarations filed until {until}"),
        (Some(from), Some(until)) => format!("for declarations filed from {from} to {until}"),
    }
}

/// A table that can be provided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTable {
    /// Its name, as in `es003`.
    pub name: String,
    /// What people call it.
    pub title: OutsideString,
    /// The rules that read it.
    pub rules: Vec<String>,
}

impl Rules {
    /// All rules, in the order of their files.
    pub fn list(&self) -> Vec<ListedRule> {
        self.set.rules.iter().map(|rule| ListedRule::of(self, rule)).collect()
    }

    /// The tables that can be provided.
    pub fn tables(&self) -> Vec<ListedTable> {
        let reading = |table: TableId| {
            let reads = |rule: &&Rule| needs::tables(&self.set, rule).contains(&table);
            self.set.rules.iter().filter(reads).map(|rule| rule.id.clone()).collect()
        };
        let tables = self.set.schemas.iter().enumerate().map(|(at, schema)| (TableId::new(at), schema));
        tables
            .filter(|(table, _)| ![FILE, ROW].contains(table))
            .map(|(table, schema)| ListedTable {
                name: schema.name.clone(),
                title: schema.title.clone().into(),
                rules: reading(table),
            })
            .collect()
    }

    /// Finds out what a file is, from its name and its first rows.
    ///
    /// # Errors
    /// Where the file cannot be read, or is neither a table nor YAML, or no row of it looks like the header
    /// of a declaration or a table.
    pub fn recognize(&self, name: &str, input: &Input) -> Result<Recognized, Diagnostic> {
        recognize::recognize(name, input, &self.set.schemas)
    }

    /// Counts the rows and the entries of a file, as what it is used. `progress` gets the title of the table,
    /// how many bytes were read, and how many there are (0 where that is unknown).
    ///
    /// # Errors
    /// Where the file is not what it is used as.
    pub fn count(
        &self,
        file_use: &FileUse,
        name: &str,
        input: &Input,
        progress: &(dyn Fn(Outside<'_>, u64, u64) + Sync),
    ) -> Result<FileCount, Errors> {
        let schemas = &self.set.schemas;
        let table = match file_use {
            FileUse::Declaration => Some(ROW),
            FileUse::Table(table) => {
                schemas.iter().position(|schema| schema.name == *table).map(TableId::new)
            }
            FileUse::Configuration | FileUse::Rules => None,
        };
        let Some(table) = table else { return Ok(FileCount::default()) };
        let progress = |done, total| progress(Outside::new(&schemas[table.index()].title), done, total);
        let counted = recognize::count(table, name, input, schemas, &progress);
        counted.map_err(|errors| Errors::new(errors, Sources::default()))
    }
}
