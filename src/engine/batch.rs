//! A check in batches: the ES-003 is surveyed once, and its rows are read again a batch of entries at a
//! time, so that memory follows the batch and not the export.

use std::collections::HashMap;

use chrono::NaiveDate;
use hashbrown::HashSet;

use super::check::Check;
use super::checked::Checked;
use super::digest::Shared;
use super::load::{Errors, Severities};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::finding::Outcome;
use crate::input::{Input, Opened};
use crate::judge::needs;
use crate::outside::Outside;
use crate::source::{FileId, Place, Sources, Span};
use crate::table::declaration::Declarations;
use crate::table::reference::{Request, Survey};
use crate::table::{Asked, Entries, EntryId, FILE, ROW, Table, TableId, Tables};

/// The most bytes of a stream that is read for a survey.
const STREAM_LIMIT: u64 = 512 << 20;

/// A check whose ES-003 was surveyed, for plans of different entries of it.
pub struct SurveyedExport<'c, 'r> {
    pub(super) check: &'c Check<'r>,
    severities: Severities,
    asked: Vec<Vec<Asked>>,
    id: TableId,
    /// What the ES-003 has.
    pub(super) survey: Survey,
    /// The rules' files and those of the tables.
    pub(super) sources: Sources,
    /// The first file of the table.
    export: FileId,
    /// The other tables, to be read for each plan.
    others: Vec<(TableId, Vec<(String, Input)>)>,
    exported: HashMap<TableId, NaiveDate>,
}

/// Entries of a surveyed ES-003, to be evaluated batch after batch.
pub(super) struct Batches<'e, 'c, 'r> {
    pub(super) export: &'e SurveyedExport<'c, 'r>,
    /// What the ES-003 has.
    pub(super) survey: &'e Survey,
    /// The rules' files and those of the tables.
    pub(super) sources: Sources,
    /// The other tables, for the selected entries in their order.
    others: Vec<(TableId, Table)>,
}

impl<'c, 'r> SurveyedExport<'c, 'r> {
    /// Surveys a table.
    pub(super) fn survey(
        check: &'c Check<'r>,
        id: TableId,
        inputs: &[(String, Input)],
    ) -> Result<Self, Errors> {
        let set = &check.rules.set;
        let severities = check.rules.chosen(check.filing_date);
        let asked = needs::columns(set, |at| severities.rules[at].is_some());
        let mut sources = check.rules.sources.clone();
        let schema = &set.schemas[id.index()];
        let request = Request {
            progress: &|done, total| (check.progress)(Outside::new(&schema.title), done, total),
            ..Request::new(id, &set.schemas)
        };
        let refuse = |errors: Vec<Diagnostic>, sources: &Sources| {
            Errors::new([check.unavailable.clone(), errors].concat(), sources.clone())
        };
        // A stream can be read only once, and the other tables are read for each plan.
        let mut errors = Vec::new();
        let mut all_kept = |inputs: &[(String, Input)]| -> Vec<(String, Input)> {
            let kept = inputs.iter().map(|(name, input)| Ok((name.clone(), kept(name, input)?)));
            kept.filter_map(|kept| kept.map_err(|error| errors.push(error)).ok()).collect()
        };
        let inputs = all_kept(inputs);
        let others = check.tables.iter().filter(|(other, _)| *other != id);
        let others = others.map(|(id, inputs)| (*id, all_kept(inputs))).collect();
        if !errors.is_empty() {
            return Err(refuse(errors, &sources));
        }
        let first = sources.iter().count();
        let digest = || if check.digests { Shared::open(&inputs).of_files() } else { Ok(Vec::new()) };
        let (survey, digests) = rayon::join(|| Survey::read(&request, &inputs, &mut sources), digest);
        let survey = survey.map_err(|errors| refuse(errors, &sources))?;
        let digests = digests.map_err(|errors| refuse(errors, &sources))?;
        // Each input is a source, in the order given.
        for (at, digest) in digests.into_iter().enumerate() {
            if let Some(digest) = digest {
                sources.set_digest(FileId((first + at) as u32), digest);
            }
        }
        let mut exported = check.exported.clone();
        if let Some(day) = survey.stamped().or_else(|| survey.newest(check.filing_date)) {
            exported.entry(id).or_insert(day);
        }
        let export = FileId(first as u32);
        Ok(Self { check, severities, asked, id, survey, sources, export, others, exported })
    }

    /// Where the export begins, for what is found on it as a whole.
    pub(super) fn beginning(&self) -> Place {
        Place { file: self.export, line: 1, column: 1, span: Span::default() }
    }

    /// Reads the other tables' rows of the entries that will be evaluated, batch after batch.
    pub(super) fn batches(&self, selected: &[u32]) -> Result<Batches<'_, 'c, 'r>, Errors> {
        let (mut sources, mut others) = (self.sources.clone(), Vec::new());
        let mut errors = self.check.unavailable.clone();
        if !self.others.is_empty() {
            let mut entries = Entries::default();
            entries.reserve(selected.len());
            for entry in selected {
                entries.insert(self.survey.entries.number(EntryId(*entry)));
            }
            let none = HashSet::new();
            others = self.check.read_tables(
                &self.others,
                &self.severities,
                &none,
                None,
                &mut sources,
                &mut entries,
                &mut errors,
            );
        }
        match errors.is_empty() {
            true => Ok(Batches { export: self, survey: &self.survey, sources, others }),
            false => Err(Errors::new(errors, sources)),
        }
    }
}

impl<'r> Batches<'_, '_, 'r> {
    /// Evaluates a batch: entries `first..` of the selected ones, which are numbered as in the survey, in
    /// these declarations.
    pub(super) fn check(
        &self,
        first: usize,
        batch: &[u32],
        named: Vec<(String, Vec<u8>)>,
    ) -> Result<Checked<'r>, Errors> {
        let SurveyedExport { check, asked, id, exported, .. } = self.export;
        let (set, id) = (&check.rules.set, *id);
        let mut sources = self.sources.clone();
        let mut entries = Entries::default();
        entries.reserve(batch.len());
        for entry in batch {
            entries.insert(self.number(*entry));
        }
        let mut declarations = Declarations::new(&set.schemas);
        let mut errors = Vec::new();
        for (name, bytes) in named {
            errors.extend(declarations.read(&name, &bytes, &mut sources, &mut entries).err());
        }
        let request = Request { asked: &asked[id.index()], ..Request::new(id, &set.schemas) };
        let ((files, rows), table) =
            rayon::join(|| declarations.finish(), || self.survey.batch(&request, &mut entries, batch));
        let table = match table {
            Ok(table) if errors.is_empty() => table,
            Ok(_) => return Err(Errors::new(errors, sources)),
            Err(found) => return Err(Errors::new([errors, found].concat(), sources)),
        };
        let mut tables =
            Tables { schemas: set.schemas.clone(), tables: set.schemas.iter().map(|_| None).collect() };
        for (id, table) in [(FILE, files), (ROW, rows), (id, table)] {
            tables.tables[id.index()] = Some(table);
        }
        for (id, table) in &self.others {
            let range = first as u32..(first + batch.len()) as u32;
            tables.tables[id.index()] =
                Some(if table.parts.is_empty() { Table::default() } else { table.slice(range) });
        }
        let mut checked = Checked {
            rules: check.rules,
            filing_date: check.filing_date,
            account: check.account.clone(),
            exported: exported.clone(),
            left_out: false,
            severities: check.rules.chosen(check.filing_date),
            outcome: Outcome::default(),
            sources,
            tables,
            entries,
            importers: None,
        };
        checked.evaluate();
        Ok(checked)
    }

    /// The number of an entry of the survey.
    pub(super) fn number(&self, entry: u32) -> EntryNumber {
        self.survey.entries.number(EntryId(entry))
    }
}

/// An input that can be read several times.
fn kept(name: &str, input: &Input) -> Result<Input, Diagnostic> {
    match input.open(name)? {
        Opened::Seekable(file) => Ok(Input::lazy(move |_| Ok(Opened::Seekable(file.clone())))),
        Opened::Stream(stream) => {
            let stream = std::sync::Mutex::new(Some(stream));
            let once = Input::lazy(move |name| {
                let taken = stream.lock().ok().and_then(|mut stream| stream.take());
                taken.map(Opened::Stream).ok_or_else(|| crate::input::errors::changed(name))
            });
            Ok(Input::from(once.read_whole(name, STREAM_LIMIT)?))
        }
    }
}
