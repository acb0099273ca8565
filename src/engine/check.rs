//! What is to be checked: declarations and tables, the filing date and the account.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::errors;
use super::load::{Errors, Rules};
use crate::account::Account;
use crate::config::{Config, table_named};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::Input;
use crate::outside::Outside;
use crate::table::TableId;

/// A check to be made: which declarations, beside which tables, filed when and by whom.
///
/// It applies the dates in force, severities, supersession and waivers of its [`Rules`], and which rules are turned
/// off.
pub struct Check<'r> {
    pub(super) rules: &'r Rules,
    pub(super) filing_date: NaiveDate,
    pub(super) account: Account,
    pub(super) declarations: Vec<(String, Input)>,
    /// Entries that are checked without a declaration that names them.
    pub(super) undeclared: Vec<EntryNumber>,
    pub(super) tables: Vec<(TableId, Vec<(String, Input)>)>,
    pub(super) exported: HashMap<TableId, NaiveDate>,
    pub(super) left_out: bool,
    pub(super) batch: Option<usize>,
    pub(super) digests: bool,
    pub(super) line_column: Option<String>,
    pub(super) progress: Progress<'r>,
    /// What is wrong with the settings.
    errors: Vec<Diagnostic>,
    /// Inputs that the caller could not provide.
    pub(super) unavailable: Vec<Diagnostic>,
}

/// Gets the title of a table, how many of its bytes were read, and how many there are (0 where that is
/// unknown).
type Progress<'r> = Box<dyn Fn(Outside<'_>, u64, u64) + Sync + 'r>;

impl<'r> Check<'r> {
    /// A check without declarations and tables, by the account and the export dates of the rules'
    /// configuration.
    pub fn new(rules: &'r Rules, filing_date: NaiveDate) -> Self {
        let config = &rules.config;
        let exported = config.exported.iter();
        Self {
            rules,
            filing_date,
            account: config.account.clone(),
            declarations: Vec::new(),
            undeclared: Vec::new(),
            tables: Vec::new(),
            exported: exported
                .filter_map(|(name, day)| Some((table_named(&name.value, &rules.set).ok()?, *day)))
                .collect(),
            left_out: config.left_out.unwrap_or(false),
            batch: None,
            digests: false,
            line_column: None,
            progress: Box::new(|_, _, _| {}),
            errors: Vec::new(),
            unavailable: Vec::new(),
        }
    }

    /// Adds a declaration: CSV or a workbook. Reports call it by its name, and rules look at the
    /// name's extension.
    pub fn declaration(&mut self, name: impl Into<String>, input: impl Into<Input>) -> &mut Self {
        self.declarations.push((name.into(), input.into()));
        self
    }

    /// Adds a file of a table, such as `es003`. A table may have several.
    pub fn table(&mut self, table: &str, name: impl Into<String>, input: impl Into<Input>) -> &mut Self {
        if let Some(files) = self.files_of(table) {
            files.push((name.into(), input.into()));
        }
        self
    }

    /// States that there is nothing to list in a table: no entry has an open protest, for example.
    pub fn nothing_to_list(&mut self, table: &str) -> &mut Self {
        self.files_of(table);
        self
    }

    fn files_of(&mut self, table: &str) -> Option<&mut Vec<(String, Input)>> {
        let id = match table_named(table, &self.rules.set) {
            Ok(id) => id,
            Err(error) => {
                if !self.errors.contains(&error) {
                    self.errors.push(error);
                }
                return None;
            }
        };
        let at = self.tables.iter().position(|(other, _)| *other == id).unwrap_or_else(|| {
            self.tables.push((id, Vec::new()));
            self.tables.len() - 1
        });
        Some(&mut self.tables[at].1)
    }

    /// The account that will file, in place of the configuration's.
    pub fn account(&mut self, account: Account) -> &mut Self {
        self.account = account;
        self
    }

    /// The day on which a table was exported; without it the newest date in the table counts.
    pub fn exported(&mut self, table: &str, day: NaiveDate) -> &mut Self {
        match table_named(table, &self.rules.set) {
            Ok(id) => {
                self.exported.insert(id, day);
            }
            Err(error) if self.errors.contains(&error) => {}
            Err(error) => self.errors.push(error),
        }
        self
    }

    /// Whether to look for entries of the ES-003 that no declaration names. It is read whole then.
    pub fn left_out(&mut self, yes: bool) -> &mut Self {
        self.left_out = yes;
        self
    }

    /// About how many rows of declarations are evaluated at a time, in whole declarations; `None`: all. Entries,
    /// verdicts and findings are the same. Of what is undecided, which of several cells is named first and whether a
    /// rule is listed by entry may differ, and [`Checked::explain_entry`](crate::Checked::explain_entry) explains
    /// nothing. Entries that no declaration names are evaluated so many at a time.
    pub fn batch(&mut self, rows: Option<usize>) -> &mut Self {
        self.batch = rows;
        self
    }

    /// Whether to work out the SHA-256 of every file that is read, for reports that have it: see
    /// [`Format::has_digests`](crate::Format::has_digests).
    pub fn digests(&mut self, yes: bool) -> &mut Self {
        self.digests = yes;
        self
    }

    /// Declares that the first column of each CSV is called so and has the line in the original file, which
    /// is reported in place of the line in the slice. The column is not a column of the file otherwise.
    pub fn line_column(&mut self, name: &str) -> &mut Self {
        self.line_column = Some(name.to_owned());
        self
    }

    /// Reports how far the reading of a table is: its title, the bytes read, and how many there are (0 where
    /// that is unknown). It may be called from several threads.
    pub fn progress(&mut self, report: impl Fn(Outside<'_>, u64, u64) + Sync + 'r) -> &mut Self {
        self.progress = Box::new(report);
        self
    }

    /// Adds an error of the caller's: an input that it cannot provide. It is reported together with
    /// those that cannot be read.
    pub fn unavailable(&mut self, error: Diagnostic) -> &mut Self {
        self.unavailable.push(error);
        self
    }

    /// Whether any table was provided.
    pub fn has_tables(&self) -> bool {
        !self.tables.is_empty()
    }

    /// Finds what is wrong with the settings, before anything is read.
    ///
    /// # Errors
    /// Unknown tables, and days of export after the filing date.
    pub fn verify(&self) -> Result<(), Errors> {
        let mut errors = self.errors.clone();
        errors.extend(self.exported_later());
        if errors.is_empty() { Ok(()) } else { Err(Errors::new(errors, self.rules.sources.clone())) }
    }

    /// Exports of days after the filing date: a mistyped day would make an old export look new.
    fn exported_later(&self) -> Vec<Diagnostic> {
        let Self { filing_date, exported, .. } = self;
        let mut later: Vec<_> = exported.iter().filter(|(_, day)| *day > filing_date).collect();
        later.sort();
        let Config { exported, .. } = &self.rules.config;
        later
            .into_iter()
            .map(|(table, day)| {
                let name = &self.rules.set.schemas[table.index()].name;
                let configured = exported.iter().find(|(other, on)| other.value == *name && on == day);
                errors::exported_later(name, *day, *filing_date, configured.map(|(name, _)| name.place))
            })
            .collect()
    }
}

/// What the progress of the evaluation is called; what is counted are entries.
pub const EVALUATED: &str = "entries evaluated";
