//! Compares what CBP returned for an upload with what a check of the same entries finds.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::check::Check;
use super::errors;
use super::load::Errors;
use super::outputs::{OutputFile, WORK_LIST};
use super::read::read_with_digests;
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::Input;
use crate::outside::{Outside, OutsideString};
use crate::report::Evidence;
use crate::rules::messages;
use crate::source::Sources;
use crate::table::reference::{Keep, Request, read_table};
use crate::table::schema::Schema;
use crate::table::value::CellReading;
use crate::table::{Entries, ROW, Table, Tables};
use crate::upload::claims::claims;
use crate::upload::triage::{Triage, triage};
use crate::upload::triage_report::TriageRun;

/// What became of the entries of an upload.
pub struct Triaged {
    triage: Triage,
    sources: Sources,
    checked: Sources,
    run: TriageRun,
}

impl Triaged {
    /// Entry by entry.
    pub fn triage(&self) -> &Triage {
        &self.triage
    }

    /// The files that were read: the Claim Details, then what was checked.
    pub fn sources(&self) -> [&Sources; 2] {
        [&self.sources, &self.checked]
    }

    /// Writes the report for people; of each message at most so many entries are named, and all are counted.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn human(&self, most: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
        self.triage.human(&self.sources, most, out)
    }

    /// Writes the report for programs: one JSON object per line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn jsonl(&self, out: &mut dyn Write) -> io::Result<()> {
        self.triage.jsonl(&self.run, &self.sources, out)
    }

    /// Writes the report for programs: one JSON object.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.triage.json(&self.run, &self.sources, out)
    }

    /// The upload files with the entries that can be resubmitted now, and the work list with every
    /// other entry that was not accepted.
    pub fn files(&self) -> Vec<OutputFile> {
        let list = self.triage.work_list().map(|bytes| (WORK_LIST.to_owned(), bytes));
        let files = self.triage.refile_files().into_iter().chain(list);
        files.map(|(name, bytes)| OutputFile { name, bytes }).collect()
    }
}

impl Check<'_> {
    /// Reads Claim Details and compares them with a check of the declarations. Without declarations,
    /// the entries that CBP returned are checked, if there are tables to check them against.
    ///
    /// # Errors
    /// Claim Details that cannot be read or have no status, and those of [`Check::run`].
    ///
    /// ```
    /// use capelint::upload::ClaimResult;
    /// use capelint::{Check, Rules};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Rules::built_in()?;
    /// let claims = b"ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\r\n\
    ///                00261103162,123456789012,Failed,LIQUIDATED OVER 80 DAYS\r\n";
    /// let mut check = Check::new(&rules, "2026-11-22".parse()?);
    /// let triaged = check.triage(vec![("claims.csv".to_owned(), (*claims).into())])?;
    /// assert_eq!(triaged.triage().entries[0].state, ClaimResult::Failed);
    /// assert!(triaged.triage().refile.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn triage(&mut self, claim_details: Vec<(String, Input)>) -> Result<Triaged, Errors> {
        let set = &self.rules.set;
        let mut sources = self.rules.sources.clone();
        let mut tables =
            Tables { schemas: set.schemas.clone(), tables: set.schemas.iter().map(|_| None).collect() };
        let Some(id) = tables.id("claims") else {
            return Err(errors::no_claims_table().into());
        };
        let schema = &set.schemas[id.index()];
        let request = Request {
            keep: Keep::All,
            progress: &|done, total| (self.progress)(Outside::new(&schema.title), done, total),
            ..Request::new(id, &set.schemas)
        };
        let mut entries = Entries::default();
        let read = if self.digests { read_with_digests } else { read_table };
        let table = match read(&request, &claim_details, &mut sources, &mut entries) {
            Ok(table) => table,
            Err(found) => return Err(Errors::new(found, sources)),
        };
        let without_status = no_status(&table, schema, &sources);
        if !without_status.is_empty() {
            return Err(Errors::new(without_status, sources));
        }
        let unkeyed = table.parts.iter().map(|part| part.unkeyed_rows).sum();
        tables.tables[id.index()] = Some(table);
        let claims = claims(&tables, id, &entries, &sources);
        // What the tables have for an entry counts, whether or not its declaration was provided.
        let has_declarations = !self.declarations.is_empty();
        if !has_declarations && self.has_tables() {
            let numbers: BTreeSet<EntryNumber> = claims.iter().map(|claim| claim.entry).collect();
            self.undeclared = Vec::from_iter(numbers);
        }
        let has_entries = has_declarations || !self.undeclared.is_empty();
        let checked = if has_entries { Some(self.run()?) } else { None };
        let has_export = checked.as_ref().is_some_and(|checked| {
            let tables = &checked.tables;
            tables.id("es003").and_then(|id| tables.get(id)).is_some_and(|table| !table.parts.is_empty())
        });
        let triage = triage(
            claims,
            unkeyed,
            messages::embedded(),
            checked.as_ref().map(|checked| &checked.outcome),
            has_export,
            self.filing_date,
        );
        let mut inputs = (&tables, &sources).inputs();
        if let Some(checked) = &checked {
            inputs.extend((&checked.tables, &checked.sources).inputs());
        }
        // The entries of Claim Details are no declaration.
        inputs.retain(|file| has_declarations || file.table != set.schemas[ROW.index()].name);
        let configuration = self.rules.configuration().map(OutsideString::from);
        let run = TriageRun { pack: set.pack.clone(), configuration, inputs };
        let checked = checked.map(|checked| checked.sources).unwrap_or_default();
        Ok(Triaged { triage, sources, checked, run })
    }
}

/// An error for each file that does not have the results of its entries: it is not a Claim Details file.
fn no_status(table: &Table, schema: &Schema, sources: &Sources) -> Vec<Diagnostic> {
    let Some(status) = schema.column("status") else { return Vec::new() };
    let header = schema.columns[status].headers.first().map_or("STATUS", String::as_str);
    let parts = table.parts.iter().filter(|part| part.fields[status].is_none());
    parts
        .map(|part| errors::no_status_column(sources.name(part.file), header, &schema.title))
        .chain(other_lists(table, schema, sources))
        .collect()
}

/// An error for each file with a status of its own: without a claim number, and with no status that Claim
/// Details have, it is another list.
fn other_lists(table: &Table, schema: &Schema, sources: &Sources) -> Vec<Diagnostic> {
    let (Some(status), Some(claim)) = (schema.column("status"), schema.column("claim_number")) else {
        return Vec::new();
    };
    let is_known = |row: usize| {
        let cell = table.columns[status].cell(row);
        cell.is_some_and(|cell| matches!(cell.reading, CellReading::Value(_)))
    };
    let known: BTreeSet<u32> =
        (table.rows.iter().enumerate()).filter(|(row, _)| is_known(*row)).map(|(_, row)| row.part).collect();
    let others = (0..).zip(&table.parts).filter(|(at, part)| {
        part.has_column(status) && !part.has_column(claim) && part.records > 0 && !known.contains(at)
    });
    others.map(|(_, part)| errors::no_claim_details(sources.name(part.file), &schema.title)).collect()
}
