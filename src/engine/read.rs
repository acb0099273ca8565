//! Reads the tables of a check, or surveys one whose rows can be read again.

use hashbrown::HashSet;

use super::check::Check;
use super::digest::Shared;
use super::load::Severities;
use super::numbered::{self, OriginalLines};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::Input;
use crate::judge::needs;
use crate::outside::Outside;
use crate::source::{FileId, Sources};
use crate::table::reference::{Keep, Request, Survey, read_table};
use crate::table::{Asked, Entries, EntryId, Table, TableId};

/// A table of which the rows of a batch are read again.
pub(super) struct SurveyedTable {
    pub(super) id: TableId,
    /// Without its entries.
    pub(super) survey: Survey,
    pub(super) entries: SurveyedEntries,
    /// What is asked of its columns.
    pub(super) asked: Vec<Asked>,
}

/// Which entries of the run those of a survey are.
pub(super) struct SurveyedEntries {
    /// By the number in the survey.
    pub(super) of_run: Vec<EntryId>,
    /// By [`EntryId`]; [`UNKNOWN`]: the survey does not have it.
    of_survey: Vec<u32>,
}

impl SurveyedEntries {
    /// The entries of a survey, in its order.
    fn new(entries: impl Iterator<Item = EntryId>) -> Self {
        let of_run: Vec<EntryId> = entries.collect();
        let most = of_run.iter().max().map_or(0, |entry| entry.0 as usize + 1);
        let mut of_survey = vec![UNKNOWN; most];
        (0..).zip(&of_run).for_each(|(at, entry)| of_survey[entry.0 as usize] = at);
        Self { of_run, of_survey }
    }

    pub(super) fn number(&self, entry: EntryId) -> Option<u32> {
        self.of_survey.get(entry.0 as usize).copied().filter(|number| *number != UNKNOWN)
    }
}

/// The survey does not have the entry.
const UNKNOWN: u32 = u32::MAX;

impl Check<'_> {
    /// Reads the rows of the entries from these tables; of more than so many entries the ES-003 may be
    /// surveyed instead, where its rows can be read again.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn read_tables(
        &self,
        given: &[(TableId, Vec<(String, Input)>)],
        severities: &Severities,
        corrections: &HashSet<EntryNumber>,
        mut surveyed: Option<(usize, &mut Option<SurveyedTable>)>,
        sources: &mut Sources,
        entries: &mut Entries,
        errors: &mut Vec<Diagnostic>,
    ) -> Vec<(TableId, Table)> {
        let set = &self.rules.set;
        let asked = needs::columns(set, |at| severities.rules[at].is_some());
        let mut tables = Vec::with_capacity(given.len());
        let mut given: Vec<_> = given.iter().collect();
        // The other tables are read for the entries that it has.
        given.sort_by_key(|(id, _)| !self.left_out || set.schemas[id.index()].name != "es003");
        for (id, inputs) in given {
            if inputs.is_empty() {
                tables.push((*id, Table::default()));
                continue;
            }
            let schema = &set.schemas[id.index()];
            let request = Request {
                asked: &asked[id.index()],
                corrections: Some(corrections),
                keep: if self.left_out && schema.name == "es003" { Keep::All } else { Keep::Declared },
                is_slice: self.rules.extent().partial && schema.name == "es003",
                progress: &|done, total| (self.progress)(Outside::new(&schema.title), done, total),
                ..Request::new(*id, &set.schemas)
            };
            let surveyed = surveyed.as_mut().filter(|_| schema.name == "es003" && inputs.len() == 1);
            let read = if let Some((most, surveyed)) = surveyed {
                survey_table(&request, self.digests, inputs, sources, entries, (*most, surveyed))
            } else if let Some(column) = &self.line_column {
                read_numbered(&request, column, inputs, sources, entries)
            } else if self.digests {
                read_with_digests(&request, inputs, sources, entries)
            } else {
                read_table(&request, inputs, sources, entries)
            };
            match read {
                Ok(table) => tables.push((*id, table)),
                Err(found) => errors.extend(found),
            }
        }
        tables
    }
}

/// Reads a table from slices whose first column has the original lines.
fn read_numbered(
    request: &Request<'_>,
    column: &str,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let (inputs, numbers) = numbered::strip_all(column, inputs)?;
    let first = sources.iter().count();
    let mut table = read_table(request, &inputs, sources, entries)?;
    let mut lines = OriginalLines::default();
    for (at, numbers) in numbers.into_iter().enumerate() {
        lines.add(FileId((first + at) as u32), numbers);
    }
    lines.apply(&mut table);
    Ok(table)
}

/// Surveys a table of more than so many entries whose rows can be read again, or else reads it.
fn survey_table(
    request: &Request<'_>,
    digests: bool,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
    (most, surveyed): (usize, &mut Option<SurveyedTable>),
) -> Result<Table, Vec<Diagnostic>> {
    let shared = Shared::open(inputs);
    if !shared.are_files() {
        return match digests {
            true => read_shared(request, &shared, sources, entries),
            false => read_table(request, &shared.inputs, sources, entries),
        };
    }
    let first = sources.iter().count();
    let (survey, found) = rayon::join(
        || match request.keep {
            Keep::All => Survey::read(request, &shared.inputs, sources),
            _ => Survey::read_declared(request, &shared.inputs, sources, entries),
        },
        || if digests { shared.of_files() } else { Ok(Vec::new()) },
    );
    let (mut survey, found) = (survey?, found?);
    for (at, digest) in found.into_iter().enumerate() {
        if let Some(digest) = digest {
            sources.set_digest(FileId((first + at) as u32), digest);
        }
    }
    if request.keep == Keep::All {
        survey.entries.numbers().iter().for_each(|number| _ = entries.insert(*number));
    }
    if survey.is_in_batches() && entries.len() > most {
        let table = Table { parts: survey.parts().to_vec(), ..Table::default() };
        // The numbers are kept once.
        let numbers = survey.take_entries();
        let entries = SurveyedEntries::new(numbers.numbers().iter().map(|number| entries.insert(*number)));
        *surveyed = Some(SurveyedTable { id: request.id, survey, entries, asked: request.asked.to_vec() });
        return Ok(table);
    }
    let all: Vec<u32> = (0..survey.entries.len() as u32).collect();
    survey.batch(request, entries, &all)
}

/// Reads a table, and meanwhile works out the digests of its files.
pub(super) fn read_with_digests(
    request: &Request<'_>,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    read_shared(request, &Shared::open(inputs), sources, entries)
}

fn read_shared(
    request: &Request<'_>,
    shared: &Shared,
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let first = sources.iter().count();
    let (table, digests) =
        rayon::join(|| read_table(request, &shared.inputs, sources, entries), || shared.of_files());
    let (table, digests) = (table?, digests?);
    // Each input is a source, in the order given.
    for (at, of_file) in digests.into_iter().enumerate() {
        if let Some(digest) = of_file.or_else(|| shared.of_stream(at)) {
            sources.set_digest(FileId((first + at) as u32), digest);
        }
    }
    Ok(table)
}
