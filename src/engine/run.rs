//! Runs a check: from declarations and tables to an outcome.

use super::check::Check;
use super::checked::Checked;
use super::declared;
use super::digest;
use super::load::Errors;
use super::numbered::{self, OriginalLines};
use super::read::SurveyedTable;
use crate::finding::Outcome;
use crate::table::declaration::Declarations;
use crate::table::{Entries, FILE, ROW, Tables};

/// The most bytes a declaration may have: far more than any planning sheet.
const DECLARATION_LIMIT: u64 = 256 << 20;

/// For how many unreadable entry numbers the tables are asked what may be meant.
const CORRECTED: usize = 1000;

impl<'r> Check<'r> {
    /// Reads everything, evaluates the rules and applies the waivers.
    ///
    /// # Errors
    /// Every input that cannot be read or is not what it was provided as, and those of [`Check::verify`].
    pub fn run(&self) -> Result<Checked<'r>, Errors> {
        self.verify()?;
        let size = self.batch.filter(|_| self.left_out || self.declarations.len() > 1);
        let mut surveyed = None;
        let mut checked = self.read(size, &mut surveyed)?;
        // Entries that no declaration names are found in batches where their rows can be read again.
        let can = !self.left_out || surveyed.is_some();
        match size.filter(|size| can && checked.entries.len() > *size) {
            Some(size) => {
                declared::evaluate(self, &mut checked, surveyed, size)?;
                checked.complete_outcome();
            }
            None => {
                checked.read_cells();
                checked.evaluate();
            }
        }
        Ok(checked)
    }

    /// Reads the declarations and the tables. The outcome is still empty. Of more than so many entries, the
    /// ES-003 may be surveyed only.
    fn read(&self, most: Option<usize>, surveyed: &mut Option<SurveyedTable>) -> Result<Checked<'r>, Errors> {
        let severities = self.rules.chosen(self.filing_date);
        let set = &self.rules.set;
        let mut sources = self.rules.sources.clone();
        let mut entries = Entries::default();
        let mut errors = self.unavailable.clone();
        let mut declarations = Declarations::new(&set.schemas);
        let mut lines = OriginalLines::default();
        for (name, input) in &self.declarations {
            let read = input.read_whole(name, DECLARATION_LIMIT).and_then(|bytes| {
                let digest = self.digests.then(|| digest::of_bytes(&bytes));
                let (bytes, numbers) = match &self.line_column {
                    Some(column) => numbered::strip(column, bytes),
                    None => (bytes, None),
                };
                let file = declarations.read(name, &bytes, &mut sources, &mut entries)?;
                lines.add(file, numbers);
                if let Some(digest) = digest {
                    sources.set_digest(file, digest);
                }
                Ok(())
            });
            errors.extend(read.err());
        }
        if !self.undeclared.is_empty() {
            declarations.list("the entries of Claim Details", &self.undeclared, &mut sources, &mut entries);
        }
        let is_many = most.is_some_and(|most| entries.len() > most);
        let corrections = declarations.corrections(if self.rules.extent().partial { 0 } else { CORRECTED });
        // The cells of the declarations are read while the tables are.
        let ((files, mut rows), given) = rayon::join(
            // Of many rows they are read a batch at a time.
            || if is_many { declarations.finish_without_cells() } else { declarations.finish() },
            || {
                let is_large = self.left_out && !self.declarations.is_empty() || is_many;
                let survey = most.filter(|_| self.line_column.is_none() && is_large);
                let survey = survey.map(|most| (most, surveyed));
                let (sources, entries, errors) = (&mut sources, &mut entries, &mut errors);
                self.read_tables(&self.tables, &severities, &corrections, survey, sources, entries, errors)
            },
        );
        lines.apply(&mut rows);
        let mut tables =
            Tables { schemas: set.schemas.clone(), tables: set.schemas.iter().map(|_| None).collect() };
        for (id, table) in [(FILE, files), (ROW, rows)].into_iter().chain(given) {
            tables.tables[id.index()] = Some(table);
        }
        if !errors.is_empty() {
            return Err(Errors::new(errors, sources));
        }
        Ok(Checked {
            rules: self.rules,
            filing_date: self.filing_date,
            account: self.account.clone(),
            exported: self.exported.clone(),
            left_out: self.left_out,
            severities,
            outcome: Outcome::default(),
            sources,
            tables,
            entries,
            importers: None,
        })
    }
}
