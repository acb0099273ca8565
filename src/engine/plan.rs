//! Plans the files to upload from the ES-003 alone: every entry of the export is evaluated as if a declaration
//! named it.
//!
//! The export is surveyed first; then its entries are evaluated in batches, and of each only what becomes
//! of it is kept. The rows of the lists wait outside of memory. So memory follows the batch, and the outcome does not
//! depend on how large the batches are.

mod totals;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::batch::{Batches, SurveyedExport};
use super::check::{Check, EVALUATED};
use super::checked::Checked;
use super::errors;
use super::load::Errors;
use super::outputs::{ACCEPTED, CHECKLIST, DECLARATIONS, OutputFile, SUMMARY, WARNED, WORK_LIST};
use super::uploads::UploadNotes;
use crate::account::{Account, Role};
use crate::diagnostic::Diagnostic;
use crate::duty::DutySum;
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, FoundOn, Outcome, Pack, Remedy, RuleId, Undecided, WAIVER_UNUSED};
use crate::importer::ImporterNumber;
use crate::outside::Outside;
use crate::report::cause::{Frontend, Library};
use crate::report::html::Planned;
use crate::report::spreadsheet::Scratch;
use crate::report::text::{count, thousands};
use crate::report::{ClientCount, Evidence, InputFile, Options, Share, Standing, ToDo};
use crate::rules::checklist;
use crate::source::Sources;
use crate::table::{Entries, EntryId, ROW, TableId, Tables};
use crate::upload::csv;
use crate::upload::lists::{EntryList, Lists};
use crate::upload::plan::{Held, Include, Reason, Sets, UploadFile, most_first};
use crate::upload::split::{FileGroup, Naming, SplitFile, split};

/// The table that a plan starts from.
const ES003: &str = "es003";

/// Which entries of the export to plan for, and how.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Which entries are written for upload besides those that are ready.
    pub include: Include,
    /// One set of files for all importers that the account may file for.
    pub merge: bool,
    /// Only entries of these importers; empty: of all.
    pub importers: Vec<ImporterNumber>,
    /// No entries of these importers.
    pub except: Vec<ImporterNumber>,
    /// Only entries whose 80-day window closes on or before this day.
    pub by_day: Option<NaiveDate>,
    /// Only entries with at least this IEEPA duty, US dollars. Entries whose duty is unknown stay.
    pub min_duty: Option<Decimal>,
    /// Also put entries without IEEPA duty on the work list.
    pub list_all: bool,
    /// How many entries are evaluated at a time, at most; `None`: all. What is written does not depend on it,
    /// except that the report of several batches gives totals instead of each entry.
    pub batch: Option<usize>,
}

/// What becomes of the entries of an export.
pub struct ExportPlan<'r> {
    /// The check of all entries, where they were evaluated in one batch: a declaration for each importer (or
    /// filer code) and 9,999 entries.
    pub checked: Option<Checked<'r>>,
    /// What the checks of the batches have in common, where there were several: what is undecided or was not
    /// checked, what was found on the files as a whole, and by which rules all was evaluated; without entries
    /// and tables.
    pub batched: Option<Checked<'r>>,
    /// The files to upload, in the order in which they should be uploaded.
    pub uploads: Vec<UploadFile>,
    /// The IEEPA duty on each of them.
    pub upload_duty: Vec<DutySum>,
    /// The IEEPA duty on the entries of the work list.
    pub work_duty: DutySum,
    /// How many entries of the work list each rule keeps there, most first.
    pub work_by_rule: Vec<(String, usize)>,
    /// Entries without IEEPA duty, which stay as they are; of those that the options select.
    pub left_as_is: Vec<EntryNumber>,
    /// Entries that CBP accepted before; of those that the options select.
    pub accepted: Vec<EntryNumber>,
    /// Entries that the options do not select, where all were evaluated in one batch.
    not_selected: Vec<EntryNumber>,
    /// What a person has to know of the entries to upload.
    pub notes: UploadNotes,
    /// The sum.
    pub sum: Sum,
    /// What becomes of the entries of each importer, by their numbers.
    pub importers: Vec<ImporterTotal>,
    /// What is left to do about all entries that were evaluated, whatever becomes of them.
    pub shares: Vec<Share>,
    /// The same of each client that has any, in the order of the configuration; last those of none. Nothing where
    /// there are no clients.
    pub clients: Vec<ClientCount>,
    /// What to do first.
    pub todo: ToDo,
    /// The days on which windows close, and for how many entries to upload and of the work list.
    pub days: Vec<(NaiveDate, usize, usize)>,
    /// The files that were read.
    pub sources: Sources,
    /// What they are, as reports name them.
    pub(crate) inputs: Vec<InputFile>,
    pub(super) filing_date: NaiveDate,
    pub(super) pack: Pack,
    /// The list of warnings, what was lifted and the work list, where they were not written elsewhere.
    lists: Option<[Vec<u8>; 3]>,
}

/// Where the lists of a plan are written: they may be larger than all else.
pub struct PlanLists<'a> {
    /// The entries that are not written for upload ([`WORK_LIST`]).
    pub work_list: &'a mut dyn Write,
    /// The warnings on those that are ([`WARNED`]).
    pub warned: &'a mut dyn Write,
    /// What a person lifted ([`ACCEPTED`]); nothing is written where there is none.
    pub accepted: &'a mut dyn Write,
    /// Where rows of several batches wait until all are there to be sorted; `None`: nothing is listed.
    pub scratch: Option<&'a mut dyn Scratch>,
    /// How the reader chooses what is to be uploaded nevertheless.
    pub frontend: &'a dyn Frontend,
    /// Is given each batch once it is evaluated; of what it does not take from it, only the totals are kept.
    pub evaluated: &'a mut dyn FnMut(&Checked<'_>),
}

/// What becomes of the entries of an importer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImporterTotal {
    /// The importer; `None`: the export names none, or several.
    pub importer: Option<ImporterNumber>,
    /// Where its entries went.
    pub sum: Sum,
    /// The duty on those to upload, and on those of the work list.
    pub uploaded: DutySum,
    #[allow(missing_docs)]
    pub work: DutySum,
}

/// Where the entries of an export went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Distinct entries of the export.
    pub entries: usize,
    /// Written for upload.
    pub uploaded: usize,
    /// On the work list.
    pub work: usize,
    /// Without IEEPA duty.
    pub left_as_is: usize,
    /// Accepted before.
    pub accepted: usize,
    /// Not selected by the options.
    pub not_selected: usize,
}

impl Sum {
    /// Whether every entry is accounted for.
    pub fn adds_up(&self) -> bool {
        self.entries == self.uploaded + self.work + self.left_as_is + self.accepted + self.not_selected
    }
}

/// The sum as it is printed.
impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, uploaded, work, left_as_is, accepted, not_selected } = *self;
        let [uploaded, work, left_as_is, accepted] = [uploaded, work, left_as_is, accepted].map(thousands);
        write!(
            f,
            "{} in the export = {uploaded} written for upload + {work} on the work list + {left_as_is} with \
             nothing to claim + {accepted} accepted before",
            count(entries, "entry", "entries"),
        )?;
        if not_selected > 0 { write!(f, " + {} not selected", thousands(not_selected)) } else { Ok(()) }
    }
}

/// An entry that is written for upload, as few bytes as possible: there may be millions.
#[derive(Clone, Copy)]
struct Candidate {
    deadline: Option<NaiveDate>,
    /// Its number in the survey.
    entry: u32,
    /// Its IEEPA duty, US dollars.
    duty: Decimal,
    is_duty_known: bool,
    is_upper_bound: bool,
}

impl Candidate {
    fn duty(&self) -> DutySum {
        let known = u32::from(self.is_duty_known);
        DutySum { amount: self.duty, known, unknown: 1 - known, is_upper_bound: self.is_upper_bound }
    }
}

impl PlanOptions {
    /// As many entries at a time as a page that names each of them can have.
    pub const BATCH: usize = 25_000;
}

impl<'r> Check<'r> {
    /// Plans the upload of every entry of the ES-003. The check has tables and no declaration.
    ///
    /// # Errors
    /// As [`Check::run`]; where there is no ES-003, or it has no entry that the options select; and
    /// where the entries do not add up, which is a bug.
    pub fn plan(&self, options: &PlanOptions) -> Result<ExportPlan<'r>, Errors> {
        self.verify()?;
        self.verify_merge(options)?;
        self.survey_export()?.plan(options)
    }

    /// As [`Check::plan`], and writes the lists elsewhere.
    ///
    /// # Errors
    /// As [`Check::plan`], and those of the lists.
    pub fn plan_into(&self, options: &PlanOptions, lists: PlanLists<'_>) -> Result<ExportPlan<'r>, Errors> {
        self.verify()?;
        self.verify_merge(options)?;
        self.survey_export()?.plan_into(options, lists)
    }

    /// Reads what the ES-003 has, for several plans of it: it is surveyed once for all of them.
    ///
    /// # Errors
    /// As [`Check::run`]; and where there is no ES-003.
    pub fn survey_export(&self) -> Result<SurveyedExport<'_, 'r>, Errors> {
        self.verify()?;
        let refuse = |error: Diagnostic| Errors::new(vec![error], self.rules.sources.clone());
        let set = &self.rules.set;
        let es003 = set.schemas.iter().position(|schema| schema.name == ES003).map(TableId::new);
        let inputs = es003.and_then(|id| self.tables.iter().find(|(other, _)| *other == id));
        let Some((id, inputs)) = inputs.filter(|(_, inputs)| !inputs.is_empty()) else {
            if !self.unavailable.is_empty() {
                return Err(Errors::new(self.unavailable.clone(), self.rules.sources.clone()));
            }
            return Err(refuse(errors::no_export()));
        };
        SurveyedExport::survey(self, *id, inputs)
    }

    fn verify_merge(&self, options: &PlanOptions) -> Result<(), Errors> {
        match options.merge && !may_merge(&self.account) {
            true => Err(Errors::new(vec![errors::cannot_merge()], self.rules.sources.clone())),
            false => Ok(()),
        }
    }
}

impl<'r> SurveyedExport<'_, 'r> {
    /// As [`Check::plan`].
    ///
    /// # Errors
    /// As [`Check::plan`].
    pub fn plan(&self, options: &PlanOptions) -> Result<ExportPlan<'r>, Errors> {
        let [mut warned, mut accepted, mut work_list] = [const { Vec::new() }; 3];
        let mut scratch = io::Cursor::new(Vec::new());
        let lists = PlanLists {
            work_list: &mut work_list,
            warned: &mut warned,
            accepted: &mut accepted,
            scratch: Some(&mut scratch),
            frontend: &Library,
            evaluated: &mut |_| {},
        };
        let mut plan = self.plan_into(options, lists)?;
        plan.lists = Some([warned, accepted, work_list]);
        Ok(plan)
    }

    /// As [`Check::plan_into`].
    ///
    /// # Errors
    /// As [`Check::plan_into`].
    pub fn plan_into(&self, options: &PlanOptions, lists: PlanLists<'_>) -> Result<ExportPlan<'r>, Errors> {
        self.check.verify_merge(options)?;
        let survey = &self.survey;
        let is_selected = |entry: &u32| {
            let importer = survey.importer(EntryId(*entry));
            let is_of = |importers: &[ImporterNumber]| {
                importer.is_some_and(|importer| importers.iter().any(|one| one.same_importer(&importer)))
            };
            (options.importers.is_empty() || is_of(&options.importers)) && !is_of(&options.except)
        };
        let selected: Vec<u32> = (0..survey.entries.len() as u32).filter(is_selected).collect();
        if selected.is_empty() {
            return Err(Errors::new(vec![errors::no_entry_of_importers()], self.check.rules.sources.clone()));
        }
        let batches = self.batches(&selected)?;
        let planned = Planning::new(self.check, options, &batches, selected.len());
        planned.run(&selected, lists)
    }
}

/// Whether an account allows entries of several importers in one file.
fn may_merge(account: &Account) -> bool {
    account.role == Some(Role::Broker) || account.importer_numbers.as_ref().is_some_and(|all| all.len() > 1)
}

/// A plan in the making.
struct Planning<'p, 'c, 'r> {
    check: &'c Check<'r>,
    options: &'p PlanOptions,
    batches: &'p Batches<'p, 'c, 'r>,
    candidates: Vec<Candidate>,
    left_as_is: Vec<EntryNumber>,
    accepted: Vec<EntryNumber>,
    not_selected: Vec<EntryNumber>,
    notes: UploadNotes,
    /// What a person lifted that is not about an entry.
    lifted_on_files: HashSet<(RuleId, String)>,
    is_listed: bool,
    work_list: EntryList,
    warned_list: EntryList,
    accepted_list: EntryList,
    /// The merged outcome of the batches, where there are several.
    merged: Option<Outcome>,
    shares: Vec<Share>,
    clients: Vec<ClientCount>,
    todo: ToDo,
    work_duty: DutySum,
    by_rule: HashMap<String, usize>,
    importers: HashMap<Option<ImporterNumber>, ImporterTotal>,
    days: BTreeMap<NaiveDate, (usize, usize)>,
    sum: Sum,
    inputs: Vec<InputFile>,
}

impl<'p, 'c, 'r> Planning<'p, 'c, 'r> {
    fn new(
        check: &'c Check<'r>,
        options: &'p PlanOptions,
        batches: &'p Batches<'p, 'c, 'r>,
        selected: usize,
    ) -> Self {
        let entries = batches.survey.entries.len();
        Self {
            check,
            options,
            batches,
            candidates: Vec::new(),
            left_as_is: Vec::new(),
            accepted: Vec::new(),
            not_selected: Vec::new(),
            notes: UploadNotes::default(),
            lifted_on_files: HashSet::new(),
            is_listed: true,
            work_list: EntryList::work(),
            warned_list: EntryList::warned(false),
            accepted_list: EntryList::accepted(false),
            merged: None,
            shares: Vec::new(),
            clients: Vec::new(),
            todo: ToDo::default(),
            work_duty: DutySum::default(),
            by_rule: HashMap::new(),
            importers: HashMap::new(),
            days: BTreeMap::new(),
            sum: Sum { entries, not_selected: entries - selected, ..Sum::default() },
            inputs: Vec::new(),
        }
    }

    fn run(mut self, selected: &[u32], mut lists: PlanLists<'_>) -> Result<ExportPlan<'r>, Errors> {
        let refuse = |error: Diagnostic| Errors::new(vec![error], self.check.rules.sources.clone());
        let failed = |what: String| refuse(errors::does_not_add_up(&what));
        let unwritten = |error: io::Error| refuse(errors::unwritten_list(&error));
        self.is_listed = lists.scratch.is_some();
        let is_whole = self.options.batch.is_none_or(|most| selected.len() <= most);
        let size = match self.options.batch {
            Some(most) if !is_whole => most.clamp(1, AT_ONCE),
            _ => selected.len().max(1),
        };
        let (check, batches) = (self.check, self.batches);
        let chunks: Vec<&[u32]> = selected.chunks(size).collect();
        let evaluate = |first: usize| -> Vec<Result<Checked<'r>, Errors>> {
            let together = first..chunks.len().min(first + TOGETHER);
            let of =
                |at: usize| batches.check(at * size, chunks[at], declarations(check, batches, chunks[at]));
            together.into_par_iter().map(of).collect()
        };
        let mut last = None;
        let mut next = evaluate(0);
        for first in (0..chunks.len()).step_by(TOGETHER) {
            (check.progress)(Outside::new(EVALUATED), (first * size) as u64, selected.len() as u64);
            let mut evaluated = Vec::with_capacity(TOGETHER);
            for checked in next {
                let mut checked = checked?;
                if !is_whole {
                    // A waiver may cover a finding of another batch.
                    let unused = checked.outcome.rules.iter().position(|rule| rule.id == WAIVER_UNUSED);
                    let unused = unused.map(|at| RuleId(at as u16));
                    checked.outcome.findings.retain(|finding| Some(finding.rule) != unused);
                }
                (lists.evaluated)(&checked);
                evaluated.push(checked);
            }
            let frontend = lists.frontend;
            let take = || {
                for (checked, batch) in evaluated.into_iter().zip(&chunks[first..]) {
                    self.take(&checked, batch, is_whole, frontend)?;
                    let outcome = &checked.outcome;
                    let selects = |entry: &Entry| self.selects(entry);
                    let selected = || outcome.entries.iter().filter(|entry| selects(entry));
                    let shares = Share::of(selected(), outcome.filing_date);
                    let clients = ClientCount::of(outcome, selected());
                    let todo = ToDo::by(outcome, |entry| selects(entry).then(|| Standing::of(entry)));
                    Share::merge(&mut self.shares, shares);
                    ClientCount::merge(&mut self.clients, clients);
                    self.todo.merge(todo);
                    if !is_whole {
                        self.merge(&checked);
                    }
                    // Every batch reads of all files. Its declarations are none.
                    self.inputs = (&checked.tables, &checked.sources).inputs();
                    self.inputs.retain(|file| file.table != checked.tables.schemas[ROW.index()].name);
                    last = Some(checked);
                }
                Ok(())
            };
            // The next batches are evaluated meanwhile; where there is one thread, afterwards, when these are given back.
            let (taken, evaluated) = rayon::join(take, || evaluate(first + TOGETHER));
            taken.map_err(failed)?;
            next = evaluated;
            if let (false, Some(scratch)) = (is_whole, lists.scratch.as_deref_mut()) {
                for list in [&mut self.work_list, &mut self.warned_list, &mut self.accepted_list] {
                    list.rows.spill(scratch).map_err(unwritten)?;
                }
            }
        }
        if let Some(scratch) = lists.scratch {
            let any_accepted = self.notes.accepted.count > 0;
            let written = [
                (&mut self.work_list, lists.work_list, true),
                (&mut self.warned_list, lists.warned, true),
                (&mut self.accepted_list, lists.accepted, any_accepted),
            ];
            for (list, out, _) in written.into_iter().filter(|(.., is_written)| *is_written) {
                list.rows.finish(scratch, out).map_err(unwritten)?;
                out.flush().map_err(unwritten)?;
            }
        }
        self.finish(last).map_err(failed)
    }

    fn selects(&self, entry: &Entry) -> bool {
        let Self { options, .. } = self;
        options.by_day.is_none_or(|day| entry.deadline.is_some_and(|deadline| deadline <= day))
            && options.min_duty.is_none_or(|least| entry.ieepa_duty.is_none_or(|duty| duty >= least))
    }

    /// Takes in what becomes of a batch, and adds what is not uploaded to the work list.
    fn take(
        &mut self,
        checked: &Checked<'r>,
        batch: &[u32],
        is_whole: bool,
        frontend: &dyn Frontend,
    ) -> Result<(), String> {
        let outcome = &checked.outcome;
        let plan = checked.plan(self.options.include, Sets::Merged).map_err(|error| error.to_string())?;
        let entries: HashMap<EntryNumber, u32> =
            batch.iter().map(|entry| (self.batches.number(*entry), *entry)).collect();
        let numbered = |entry: &Entry| {
            let entry = entry.number.and_then(|number| entries.get(&number).copied());
            entry.ok_or_else(|| "an entry is not one of the export".to_owned())
        };
        let by_number: HashMap<EntryNumber, usize> = (outcome.entries.iter().enumerate())
            .filter_map(|(at, entry)| Some((entry.number?, at)))
            .collect();
        let mut uploaded = HashSet::new();
        for number in plan.files.iter().flat_map(|file| &file.entries) {
            let at =
                *by_number.get(number).ok_or_else(|| format!("{number} is not an entry of the export"))?;
            let entry = &outcome.entries[at];
            let id = numbered(entry)?;
            let selects = self.selects(entry);
            let duty = DutySum::of([entry]);
            let total = self.total_of(id);
            if selects {
                total.sum.uploaded += 1;
                total.uploaded += duty;
                uploaded.insert(*number);
                self.candidates.push(Candidate {
                    deadline: entry.deadline,
                    entry: id,
                    duty: duty.amount,
                    is_duty_known: duty.known > 0,
                    is_upper_bound: duty.is_upper_bound,
                });
            } else {
                total.sum.not_selected += 1;
                self.sum.not_selected += 1;
                self.not_selected.extend(is_whole.then_some(*number));
            }
        }
        let (mut warned, mut lifted) = (plan.warned, plan.lifted);
        warned.retain(|warned| self.selects(&outcome.entries[warned.entry]));
        lifted.retain(|lifted| match (lifted.entry, lifted.reason) {
            (Some(at), _) => self.selects(&outcome.entries[at]),
            // Every batch reads all of the export.
            (None, Reason::Finding(at)) => {
                let finding = &outcome.findings[at];
                self.lifted_on_files.insert((finding.rule, finding.message.raw().to_owned()))
            }
            (None, _) => true,
        });
        // In the order of the export.
        let order = |at: usize| outcome.entries[at].number.and_then(|number| entries.get(&number).copied());
        warned.sort_by_key(|warned| order(warned.entry));
        lifted.sort_by_key(|lifted| lifted.entry.map(order));
        let most = if is_whole { usize::MAX } else { UploadNotes::NAMED };
        self.notes.take(checked, &warned, &lifted, most, frontend);
        if self.is_listed {
            checked.lists(&Library, |lists| {
                let lists = without_declarations(lists);
                lists.warned(&warned, &mut self.warned_list);
                lists.accepted(&lifted, &mut self.accepted_list);
            });
        }
        let remedies = remedies(outcome);
        let mut held: Vec<(u32, Held)> = Vec::with_capacity(plan.held.len());
        for one in plan.held {
            held.push((numbered(&outcome.entries[one.entry])?, one));
        }
        held.sort_by_key(|(entry, _)| *entry);
        for (id, held) in held {
            let entry = &outcome.entries[held.entry];
            let selects = self.selects(entry);
            let duty = DutySum::of([entry]);
            let class = class(remedies[held.entry], entry);
            let total = self.total_of(id);
            match class {
                _ if !selects => {
                    total.sum.not_selected += 1;
                    self.sum.not_selected += 1;
                    self.not_selected.extend(is_whole.then(|| self.batches.number(id)));
                }
                Class::Accepted => {
                    total.sum.accepted += 1;
                    self.accepted.push(self.batches.number(id));
                }
                Class::NothingToClaim => {
                    total.sum.left_as_is += 1;
                    self.left_as_is.push(self.batches.number(id));
                    if self.options.list_all {
                        self.list(checked, id, &held);
                    }
                }
                Class::Work => {
                    total.sum.work += 1;
                    total.work += duty;
                    self.work_duty += duty;
                    self.sum.work += 1;
                    if let Some(day) = entry.deadline {
                        self.days.entry(day).or_default().1 += 1;
                    }
                    self.count_rules(outcome, &held);
                    self.list(checked, id, &held);
                }
            }
        }
        Ok(())
    }

    /// The total of an entry's importer.
    fn total_of(&mut self, entry: u32) -> &mut ImporterTotal {
        let importer = self.batches.survey.importer(EntryId(entry));
        let (sum, uploaded, work) = Default::default();
        let new = ImporterTotal { importer, sum, uploaded, work };
        let total = self.importers.entry(importer).or_insert(new);
        total.sum.entries += 1;
        total
    }

    fn count_rules(&mut self, outcome: &Outcome, held: &Held) {
        for name in held.rules(outcome) {
            *self.by_rule.entry_ref(name.as_ref()).or_insert(0) += 1;
        }
    }

    /// Adds an entry to the work list.
    fn list(&mut self, checked: &Checked<'r>, id: u32, held: &Held) {
        if !self.is_listed {
            return;
        }
        let batches = self.batches;
        let importer = |_| batches.survey.importer(EntryId(id));
        checked.lists(&Library, |lists| {
            let lists = Lists { importer: &importer, ..without_declarations(lists) };
            lists.work(held, &mut self.work_list);
        });
    }

    /// Takes in what a batch reports that is not about one entry.
    fn merge(&mut self, checked: &Checked<'r>) {
        let outcome = &checked.outcome;
        let merged = self.merged.get_or_insert_with(|| Outcome {
            declarations: Vec::new(),
            entries: Vec::new(),
            left_out: Vec::new(),
            findings: Vec::new(),
            undecided: Vec::new(),
            undecided_of: Vec::new(),
            ..outcome.clone()
        });
        for undecided in &outcome.undecided {
            let is_same = |other: &Undecided| {
                let Undecided { rule, on_file, optional, used, .. } = undecided;
                (rule, on_file, optional, used) == (&other.rule, &other.on_file, &other.optional, &other.used)
                    && other.cause.is_alike(&undecided.cause)
            };
            match merged.undecided.iter_mut().find(|other| is_same(other)) {
                Some(other) => other.entries += undecided.entries,
                None => {
                    merged.undecided.push(Undecided { place: None, for_all: false, ..undecided.clone() });
                    merged.undecided.sort_by_key(|one| (one.is_in_part(), one.rule));
                }
            }
        }
        // The declarations exist only for the evaluation: what is found on them is reported on the export.
        let export = self.batches.export.beginning();
        for finding in outcome.findings.iter().filter(|of| of.entry().is_none() && of.left_out().is_none()) {
            if !merged.findings.iter().any(|of| of.rule == finding.rule && of.message == finding.message) {
                let labels = Vec::new();
                let (place, on, cell) = (export, FoundOn::Run, None);
                merged.findings.push(Finding { place, on, cell, labels, ..finding.clone() });
            }
        }
    }

    /// Puts the files together, once all batches are evaluated.
    fn finish(mut self, last: Option<Checked<'r>>) -> Result<ExportPlan<'r>, String> {
        let (checked, batched) = match self.merged.take() {
            None => (last, None),
            Some(outcome) => {
                let batched = last.map(|last| {
                    let tables = last.tables.tables.iter().map(|_| None).collect();
                    let tables = Tables { tables, ..last.tables };
                    Checked { outcome, tables, entries: Entries::default(), ..last }
                });
                (None, batched)
            }
        };
        let Self { check, options, batches, .. } = self;
        self.candidates.par_sort_unstable_by_key(|one| (one.deadline.is_none(), one.deadline, one.entry));
        if let Some(twice) = self.candidates.windows(2).find(|pair| pair[0].entry == pair[1].entry) {
            return Err(format!("{} would be written for upload twice", batches.number(twice[0].entry)));
        }
        let may_merge = |importer: &ImporterNumber| {
            let own = check.account.importer_numbers.iter().flatten();
            options.merge && own.into_iter().any(|own| own.same_importer(importer))
        };
        let of = |one: &Candidate| {
            let group = match batches.survey.importer(EntryId(one.entry)) {
                Some(importer) if may_merge(&importer) => FileGroup::All,
                importer => FileGroup::of(batches.number(one.entry), importer),
            };
            (group, one.deadline)
        };
        let naming = Naming { always_labeled: true, dated: true, ..Naming::default() };
        let files = split(&self.candidates, of, &account_for_splitting(&check.account), naming);
        let (mut uploads, mut upload_duty) = (Vec::new(), Vec::new());
        for SplitFile { name, entries, deadline } in files {
            let mut duty = DutySum::default();
            entries.iter().for_each(|one| duty += one.duty());
            upload_duty.push(duty);
            let entries = entries.into_iter().map(|one| batches.number(one.entry)).collect();
            uploads.push(UploadFile { name, entries, deadline });
        }
        let mut sum = self.sum;
        for one in &self.candidates {
            if let Some(day) = one.deadline {
                self.days.entry(day).or_default().0 += 1;
            }
        }
        sum.uploaded = uploads.iter().map(|file| file.entries.len()).sum();
        (sum.left_as_is, sum.accepted) = (self.left_as_is.len(), self.accepted.len());
        // In the order of the export, however large the batches are.
        let order = |number: &EntryNumber| batches.survey.entries.get(number);
        let of_clients = self.clients.iter_mut().flat_map(|client| &mut client.shares);
        for share in self.shares.iter_mut().chain(of_clients) {
            share.first_day.iter_mut().for_each(|(_, entries)| entries.sort_by_key(order));
        }
        if !sum.adds_up() {
            return Err(format!("the entries do not add up: {sum}"));
        }
        let work_by_rule = most_first(self.by_rule);
        let mut importers: Vec<_> = self.importers.into_values().collect();
        importers.sort_by_key(|total| (total.importer.is_none(), total.importer));
        Ok(ExportPlan {
            inputs: self.inputs,
            checked,
            batched,
            uploads,
            upload_duty,
            work_duty: self.work_duty,
            work_by_rule,
            left_as_is: self.left_as_is,
            accepted: self.accepted,
            not_selected: self.not_selected,
            notes: self.notes,
            sum,
            importers,
            shares: self.shares,
            clients: self.clients,
            todo: self.todo,
            days: self.days.into_iter().map(|(day, (uploaded, work))| (day, uploaded, work)).collect(),
            sources: batches.sources.clone(),
            filing_date: check.filing_date,
            pack: check.rules.set.pack.clone(),
            lists: None,
        })
    }
}

/// The declarations that a batch is evaluated in: one for each importer (or filer code), so that the
/// verdict of an entry does not depend on the entries of others.
fn declarations(check: &Check<'_>, batches: &Batches<'_, '_, '_>, batch: &[u32]) -> Vec<(String, Vec<u8>)> {
    let has_importers = batches.survey.has_importers();
    let of = |entry: u32| {
        let number = batches.number(entry);
        let group = match batches.survey.importer(EntryId(entry)) {
            // Alone: together, what most of them have would depend on the batch.
            None if has_importers => FileGroup::Alone(number),
            importer => FileGroup::of(number, importer),
        };
        (group, None)
    };
    // Not by the name of an upload file: those are put together by deadline, once it is known.
    let naming = Naming { stem: "entries", ..Naming::default() };
    let files = split(batch.iter().copied(), of, &account_for_splitting(&check.account), naming);
    let declaration = |file: SplitFile<u32>| {
        let entries: Vec<_> = file.entries.iter().map(|entry| batches.number(*entry)).collect();
        (file.name, csv::declaration(&entries))
    };
    files.into_iter().map(declaration).collect()
}

/// How many entries a batch of several has, at most. What a batch takes besides its entries is little.
const AT_ONCE: usize = 2_500;

/// How many batches are evaluated at a time. The next ones are evaluated while these are written, so that twice as
/// many are in memory.
const TOGETHER: usize = 4;

/// The account by which a plan is split: each importer has files of its own, unless a broker files.
fn account_for_splitting(account: &Account) -> Account {
    match account.role {
        Some(Role::Broker) => account.clone(),
        Some(Role::Importer) | None => {
            Account { role: Some(Role::Importer), importer_numbers: None, ..account.clone() }
        }
    }
}

/// Lists that name no declarations: those of a plan exist only for the evaluation.
fn without_declarations(lists: Lists<'_>) -> Lists<'_> {
    Lists { names_declarations: false, ..lists }
}

/// What becomes of an entry that is not written for upload.
enum Class {
    Accepted,
    NothingToClaim,
    Work,
}

/// CBP removes the IEEPA duty of an accepted entry, so acceptance comes first. An entry has nothing to claim
/// only where its duty is known to be zero and an error keeps it out of CAPE.
fn class(remedy: Option<Remedy>, entry: &Entry) -> Class {
    match remedy {
        Some(Remedy::Accepted) => Class::Accepted,
        Some(Remedy::Out) if entry.ieepa_duty.is_some_and(|duty| duty.is_zero()) => Class::NothingToClaim,
        Some(Remedy::Repair | Remedy::Resolve | Remedy::OtherFiler | Remedy::Out) | None => Class::Work,
    }
}

/// For each entry what its errors leave to do; of several the last counts.
fn remedies(outcome: &Outcome) -> Vec<Option<Remedy>> {
    let mut remedies = vec![None; outcome.entries.len()];
    for finding in outcome.counted().filter(|finding| finding.severity.is_certain()) {
        if let Some(at) = finding.entry() {
            remedies[at] = finding.remedy.max(remedies[at]);
        }
    }
    remedies
}

impl ExportPlan<'_> {
    /// The files of the plan: the upload files, the report, the checklist, and the lists, unless they were
    /// written elsewhere. Where they are written one after the other, the work list comes last: where it is,
    /// all others are.
    pub fn files(&self) -> Vec<OutputFile> {
        let mut files: Vec<OutputFile> = (self.uploads.iter())
            .map(|file| OutputFile {
                name: format!("{DECLARATIONS}/{}", file.name),
                bytes: csv::declaration(&file.entries),
            })
            .collect();
        let mut html = Vec::new();
        // Writing to memory does not fail.
        match &self.checked {
            Some(checked) => {
                let _ = checked.render_plan(&self.planned(checked), &mut html);
            }
            None => html = totals::page(self).into_bytes(),
        }
        files.push(OutputFile { name: SUMMARY.into(), bytes: html });
        files.push(OutputFile { name: CHECKLIST.into(), bytes: checklist::text().into_bytes() });
        if let Some(lists) = &self.lists {
            let lists = [WARNED, ACCEPTED, WORK_LIST].into_iter().zip(lists);
            let lists = lists.filter(|(_, bytes)| !bytes.is_empty());
            files.extend(lists.map(|(name, bytes)| OutputFile { name: name.into(), bytes: bytes.clone() }));
        }
        files
    }

    /// Where the entries of the check of all are.
    fn planned(&self, checked: &Checked<'_>) -> Planned {
        let exports: Vec<_> = self.inputs.iter().filter(|input| input.table == ES003).collect();
        let title = match exports.as_slice() {
            [one] => format!("Plan of {}", one.name.raw()),
            several => format!("Plan of {}", count(several.len(), "export", "exports")),
        };
        let others = [&self.accepted, &self.left_as_is, &self.not_selected];
        let mut destinations: Vec<String> = self.uploads.iter().map(|file| file.name.clone()).collect();
        let of_uploads = self.uploads.iter().map(|file| &file.entries).chain(others).enumerate();
        let of_number: HashMap<EntryNumber, usize> =
            of_uploads.flat_map(|(at, entries)| entries.iter().map(move |entry| (*entry, at))).collect();
        let work = destinations.len() + others.len();
        destinations
            .extend(["accepted before", "nothing to claim", "not selected", "work list"].map(String::from));
        let of =
            |entry: &Entry| entry.number.and_then(|number| of_number.get(&number).copied()).unwrap_or(work);
        let of_entry: Vec<usize> = checked.outcome.entries.iter().map(of).collect();
        // Only what has entries is named, the work list after the upload files.
        let mut has_entries = vec![false; work + 1];
        of_entry.iter().for_each(|at| has_entries[*at] = true);
        let order = (0..self.uploads.len()).chain([work]).chain(self.uploads.len()..work);
        let order: Vec<usize> = order.filter(|at| has_entries[*at]).collect();
        let mut place_of = vec![0; work + 1];
        order.iter().enumerate().for_each(|(place, at)| place_of[*at] = place);
        let destinations = order.iter().map(|at| std::mem::take(&mut destinations[*at])).collect();
        let of_entry = of_entry.iter().map(|at| place_of[*at]).collect();
        Planned { title: title.into(), destinations, of_entry }
    }

    /// The outcome of all checks together: the check of all entries, or what those of the batches have in
    /// common.
    pub fn overall(&self) -> Option<&Checked<'_>> {
        self.checked.as_ref().or(self.batched.as_ref())
    }

    /// What is left to do, with counts, dollars and the first last days, and what to do first, as
    /// [`Format::Human`](crate::Format::Human) prints it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn first_steps(&self, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let Some(checked) = self.overall() else { return Ok(()) };
        let left = (&*self.shares, &*self.clients);
        crate::report::first_steps(left, Standing::title, &self.todo, &checked.outcome, options, out)
    }
}
