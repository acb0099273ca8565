//! From the ES-003 alone to the files to upload: every entry of the export is evaluated as if a
//! declaration named it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;
use hashbrown::HashMap;
use rust_decimal::Decimal;

use super::check::{Check, Checked, OutputFile};
use super::load::Errors;
use super::triage::WORK_LIST;
use crate::account::{Account, Role};
use crate::diagnostic::{Code, Diagnostic};
use crate::entry::EntryNumber;
use crate::finding::{Entry, Outcome, Severity};
use crate::importer::ImporterNumber;
use crate::input::Input;
use crate::report::cause::Door;
use crate::report::{Format, Options};
use crate::rules::model::Remedy;
use crate::table::Asked;
use crate::table::reference::{Keep, Request, read_table};
use crate::table::value::{Reading, Value};
use crate::table::{Entries, TableId};
use crate::upload::csv;
use crate::upload::plan::{Held, Include, UploadFile};
use crate::upload::split::split;

/// The table that a plan starts from.
const ES003: &str = "es003";

/// The folder of the upload files, inside the folder of a plan.
pub const DECLARATIONS: &str = "declarations";

/// The name of the report.
pub const SUMMARY: &str = "summary.html";

/// Which entries of the export to plan for, and how.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Which entries are written for upload besides those that are ready.
    pub include: Include,
    /// One set of files for all importers, where the account allows it.
    pub merge: bool,
    /// Only entries of these importers; empty: of all.
    pub importers: Vec<ImporterNumber>,
    /// Only entries whose 80-day window closes on or before this day.
    pub by_day: Option<NaiveDate>,
    /// Only entries with at least this IEEPA duty, US dollars. Entries whose duty is unknown stay.
    pub min_duty: Option<Decimal>,
    /// Also put entries without IEEPA duty on the work list.
    pub list_all: bool,
}

/// What becomes of the entries of an export.
pub struct ExportPlan<'r> {
    /// The check of all entries: one declaration for each importer (or filer code) and 9,999 entries.
    pub checked: Checked<'r>,
    /// The files to upload, in the order in which they should be uploaded.
    pub uploads: Vec<UploadFile>,
    /// What is not written for upload and needs a person: see [`WORK_LIST`].
    pub work: Vec<Held>,
    /// Entries without IEEPA duty, which stay as they are.
    pub left_as_is: Vec<Held>,
    /// Entries that CBP accepted before.
    pub accepted: Vec<Held>,
    /// The sum.
    pub sum: Sum,
    list_all: bool,
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
        write!(
            f,
            "{} in the export = {uploaded} written for upload + {work} on the work list + {left_as_is} with \
             nothing to claim + {accepted} accepted before",
            crate::report::text::count(entries, "entry", "entries"),
        )?;
        if not_selected > 0 { write!(f, " + {not_selected} not selected") } else { Ok(()) }
    }
}

/// The distinct entries of an export, in file order, and the importer of each where its rows agree.
struct Survey {
    numbers: Vec<EntryNumber>,
    importers: HashMap<EntryNumber, ImporterNumber>,
}

impl<'r> Check<'r> {
    /// Plans the upload of every entry of the ES-003. The check has tables and no declaration.
    ///
    /// # Errors
    /// As [`Check::run`]; where there is no ES-003, or it has no entry that the options select; and
    /// where the entries do not add up, which is a bug.
    pub fn plan(mut self, options: &PlanOptions) -> Result<ExportPlan<'r>, Errors> {
        self.verify()?;
        let survey = self.survey()?;
        let total = survey.numbers.len();
        let selected: Vec<EntryNumber> = survey
            .numbers
            .iter()
            .filter(|number| {
                options.importers.is_empty()
                    || survey.importers.get(*number).is_some_and(|importer| {
                        options.importers.iter().any(|one| one.same_importer(importer))
                    })
            })
            .copied()
            .collect();
        if selected.is_empty() {
            let error = Diagnostic::new(Code::NothingSelected, "the ES-003 has no entry of these importers")
                .help("compare the numbers with the column `Importer Number` of the export");
            return Err(Errors::new(vec![error], self.rules.sources.clone()));
        }
        let account = grouping(&self.account, options.merge);
        let undated: Vec<_> = selected.iter().enumerate().map(|(at, number)| (None, at, *number)).collect();
        let importer = |number: EntryNumber| survey.importers.get(&number).copied();
        for group in split(&undated, &account, &importer) {
            // Not by the name of an upload file: those are put together by deadline, once it is known.
            let name = group.name.replacen("declaration", "entries", 1);
            self.declaration(name, Input::from(csv::declaration(&group.entries)));
        }
        let checked = self.run()?;
        let unselected = total - selected.len();
        checked.plan_export(options, total, unselected, &account).map_err(|what| {
            let error = Diagnostic::new(Code::DoesNotAddUp, format!("nothing was written: {what}"))
                .help("report this as a bug in capelint");
            Errors::new(vec![error], self.rules.sources.clone())
        })
    }

    /// Finds the entries of the ES-003 and their importers. Where an entry's rows name several
    /// importers, it has none.
    fn survey(&self) -> Result<Survey, Errors> {
        let set = &self.rules.set;
        let refuse = |errors: Vec<Diagnostic>, sources| Err(Errors::new(errors, sources));
        let es003 = set.schemas.iter().position(|schema| schema.name == ES003).map(TableId);
        let inputs = es003.and_then(|id| self.tables.iter().find(|(other, _)| *other == id));
        let Some((id, inputs)) = inputs.filter(|(_, inputs)| !inputs.is_empty()) else {
            if !self.unavailable.is_empty() {
                return refuse(self.unavailable.clone(), self.rules.sources.clone());
            }
            let error =
                Diagnostic::new(Code::NoExport, "a plan starts from the ES-003, and none was provided")
                    .help("name the export, or set `es003` under `tables` in the configuration");
            return refuse(vec![error], self.rules.sources.clone());
        };
        let schema = &set.schemas[id.0];
        let importer = schema.column("importer_number");
        let asked: Vec<Asked> =
            (0..schema.columns.len())
                .map(|at| {
                    if Some(at) == importer || Some(at) == schema.key { Asked::Value } else { Asked::Nothing }
                })
                .collect();
        let request = Request {
            asked: &asked,
            keep: Keep::All,
            progress: &|done, total| (self.progress)(&schema.title, done, total),
            ..Request::new(*id, &set.schemas)
        };
        let mut sources = self.rules.sources.clone();
        let mut entries = Entries::default();
        let table = match read_table(&request, inputs, &mut sources, &mut entries) {
            Ok(table) => table,
            Err(errors) => return refuse([self.unavailable.clone(), errors].concat(), sources),
        };
        let mut importers = HashMap::new();
        if let Some(cells) = importer.and_then(|column| table.columns.get(column)) {
            for (at, number) in entries.numbers().iter().enumerate() {
                let rows = table.rows_of(crate::table::EntryId(at as u32));
                let mut named = rows.filter_map(|row| match cells.cell(row)?.reading {
                    Reading::Value(Value::Importer(importer)) => Some(importer),
                    Reading::Value(_) | Reading::Blank | Reading::Nothing | Reading::Unreadable => None,
                });
                if let Some(first) = named.next()
                    && named.all(|other| other.same_importer(&first))
                {
                    importers.insert(*number, first);
                }
            }
        }
        Ok(Survey { numbers: entries.numbers().to_vec(), importers })
    }
}

/// The account by which files are grouped: whose files a broker uploads is told by the filer code; for
/// everybody else each importer number is an account of its own, unless all are wanted in one.
fn grouping(account: &Account, merge: bool) -> Account {
    match account.role {
        Some(Role::Broker) => account.clone(),
        Some(Role::Importer) | None if merge => Account { role: None, ..account.clone() },
        Some(Role::Importer) | None => {
            Account { role: Some(Role::Importer), importer_numbers: None, ..account.clone() }
        }
    }
}

impl<'r> Checked<'r> {
    /// Sorts the entries of the export by what becomes of them.
    fn plan_export(
        self,
        options: &PlanOptions,
        entries: usize,
        unselected: usize,
        account: &Account,
    ) -> Result<ExportPlan<'r>, String> {
        let plan = self.plan(options.include).map_err(|error| error.to_string())?;
        let by_number: HashMap<EntryNumber, usize> = (self.outcome.entries.iter().enumerate())
            .filter_map(|(at, entry)| Some((entry.number?, at)))
            .collect();
        let selects = |entry: &Entry| {
            options.by_day.is_none_or(|day| entry.deadline.is_some_and(|deadline| deadline <= day))
                && options.min_duty.is_none_or(|least| entry.ieepa_duty.is_none_or(|duty| duty >= least))
        };
        let mut sum = Sum { entries, not_selected: unselected, ..Sum::default() };
        let mut dated = Vec::new();
        for number in plan.files.iter().flat_map(|file| &file.entries) {
            let at =
                *by_number.get(number).ok_or_else(|| format!("{number} is not an entry of the export"))?;
            let entry = &self.outcome.entries[at];
            if selects(entry) {
                dated.push((entry.deadline, at, *number));
            } else {
                sum.not_selected += 1;
            }
        }
        dated.sort_by_key(|&(deadline, at, _)| (deadline.is_none(), deadline, at));
        let uploads = split(&dated, account, &|number| self.importer_of(number));
        let remedies = remedies(&self.outcome);
        let (mut work, mut left_as_is, mut accepted) = (Vec::new(), Vec::new(), Vec::new());
        for held in plan.held {
            let entry = &self.outcome.entries[held.entry];
            match class(remedies[held.entry], entry) {
                Class::Accepted => accepted.push(held),
                Class::NothingToClaim => left_as_is.push(held),
                Class::Work if selects(entry) => work.push(held),
                Class::Work => sum.not_selected += 1,
            }
        }
        sum.uploaded = uploads.iter().map(|file| file.entries.len()).sum();
        (sum.work, sum.left_as_is, sum.accepted) = (work.len(), left_as_is.len(), accepted.len());
        let distinct: BTreeSet<&EntryNumber> = uploads.iter().flat_map(|file| &file.entries).collect();
        if distinct.len() != sum.uploaded {
            return Err("an entry would be uploaded twice".to_owned());
        }
        if !sum.adds_up() {
            return Err(format!("the entries do not add up: {sum}"));
        }
        Ok(ExportPlan { checked: self, uploads, work, left_as_is, accepted, sum, list_all: options.list_all })
    }
}

/// What becomes of an entry that is not written for upload.
enum Class {
    Accepted,
    NothingToClaim,
    Work,
}

/// An accepted entry has no IEEPA duty any more, so acceptance comes first. An entry has nothing to claim
/// only where its duty is known to be zero and an error keeps it out of CAPE.
fn class(remedy: Option<Remedy>, entry: &Entry) -> Class {
    match remedy {
        Some(Remedy::Accepted) => Class::Accepted,
        Some(Remedy::Out) if entry.ieepa_duty.is_some_and(|duty| duty.is_zero()) => Class::NothingToClaim,
        Some(Remedy::Repair | Remedy::Settle | Remedy::Out) | None => Class::Work,
    }
}

/// For each entry what its errors leave to do; of several the last counts.
fn remedies(outcome: &Outcome) -> Vec<Option<Remedy>> {
    let mut remedies = vec![None; outcome.entries.len()];
    for finding in outcome.counted().filter(|finding| finding.severity == Severity::Error) {
        if let Some(at) = finding.entry {
            remedies[at] = finding.remedy.max(remedies[at]);
        }
    }
    remedies
}

impl ExportPlan<'_> {
    /// The files of the plan: the upload files, the report, and the work list. Where they are written one
    /// after the other, the work list comes last and says that all others are there.
    pub fn files(&self, options: &Options) -> Vec<OutputFile> {
        let mut files: Vec<OutputFile> = (self.uploads.iter())
            .map(|file| OutputFile {
                name: format!("{DECLARATIONS}/{}", file.name),
                bytes: csv::declaration(&file.entries),
            })
            .collect();
        let mut html = Vec::new();
        // Writing to memory does not fail.
        let _ = self.checked.render(Format::Html, options, &mut html);
        files.push(OutputFile { name: SUMMARY.into(), bytes: html });
        files.push(OutputFile { name: WORK_LIST.into(), bytes: self.work_list(options.door) });
        files
    }

    /// The work list: one row for each entry and reason.
    fn work_list(&self, door: &dyn Door) -> Vec<u8> {
        let listed: Vec<Held> = if self.list_all {
            self.work.iter().chain(&self.left_as_is).cloned().collect()
        } else {
            self.work.clone()
        };
        let Checked { outcome, sources, tables, .. } = &self.checked;
        csv::held(&listed, &[], outcome, sources, &(tables, sources), door)
    }

    /// The IEEPA duty on some entries, US dollars, and whether part of it is ordinary duty, so that the
    /// refund is less. Entries whose duty is unknown count as nothing.
    pub fn duty(&self, entries: impl IntoIterator<Item = usize>) -> (Decimal, bool) {
        let mut total = (Decimal::ZERO, false);
        for at in entries {
            let entry = &self.checked.outcome.entries[at];
            total.0 += entry.ieepa_duty.unwrap_or_default();
            total.1 |= entry.ieepa_duty_is_upper_bound();
        }
        total
    }
}
