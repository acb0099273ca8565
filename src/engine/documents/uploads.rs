//! JSON: what `fix` and `plan` write for upload, and what they hold back, for programs. The members have
//! the names and types of the records of a check; see [`json`](crate::report::json).

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::NaiveDate;
use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::duty::DutySum;
use crate::engine::checked::Checked;
use crate::engine::outputs::{ACCEPTED, DECLARATIONS, WARNED, WORK_LIST};
use crate::engine::plan::{ExportPlan, Sum};
use crate::entry::EntryNumber;
use crate::finding::Entry;
use crate::outside::{Outside, OutsideString, OutsideText};
use crate::report::errors::ErrorDocument;
use crate::report::json::{
    ClientRecord, DutyRecord, FactsRecord, PlaceRecord, RunRecord, SCHEMA, StandingRecord, UndecidedRecord,
    about, day, number, own, some_day, write,
};
use crate::report::{Evidence, Options, ReportInput};
use crate::upload::balance::Balance;
use crate::upload::plan::{Plan, Reason, UploadFile};

/// Where the files of a run went.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The folder; `None`: nothing was written.
    pub folder: Option<&'a str>,
    /// Whether nothing was held back or is open: the meaning of exit code 0.
    pub complete: bool,
    /// Whether it is not known which entries need a Post Summary Correction first.
    pub asks_for_psc: bool,
}

/// What `fix` writes.
#[derive(JsonSchema, Serialize)]
struct FixDocument<'a> {
    /// The version of this format.
    schema: u32,
    run: RunRecord<'a>,
    /// Whether nothing was held back or is open, so that the exit code is 0.
    complete: bool,
    /// The folder of the files; `null`: nothing was written.
    folder: Option<Cow<'a, str>>,
    /// The upload files, in the order in which they should be uploaded.
    files: Vec<FileRecord<'a>>,
    /// The warnings on entries of the upload files, in the order of the declarations.
    warned: Vec<WarnedRecord<'a>>,
    /// What is held back, in the order of the declarations.
    held: Vec<HeldRecord<'a>>,
    /// What would have held back entries of the upload files, and was lifted by a person.
    accepted_by_you: Vec<AcceptedRecord<'a>>,
    /// Entry numbers outside the rows and the column of entry numbers: not checked, not written.
    misplaced: Vec<MisplacedRecord<'a>>,
    /// What is undecided.
    undecided: Vec<UndecidedRecord<'a>>,
    /// Whether it is not known which entries need a Post Summary Correction (PSC) first.
    asks_for_psc: bool,
    balance: BalanceRecord,
}

/// A file to upload.
#[derive(JsonSchema, Serialize)]
struct FileRecord<'a> {
    /// Below the folder, with `/`.
    name: Cow<'a, str>,
    /// The bare 11 characters of its entries, in the order of the file.
    entry_numbers: Vec<&'a str>,
    /// The first last day to file among its entries.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    #[serde(flatten)]
    duty: DutyRecord,
}

/// Why something is held back.
#[derive(JsonSchema, Serialize)]
struct ReasonRecord<'a> {
    /// `finding`, `undecided` or `unreadable`.
    kind: &'static str,
    rule: Option<&'a str>,
    /// `error`, `stop`, `warning` or `note`; `null` where it is not a finding.
    severity: Option<&'static str>,
    message: Cow<'a, str>,
    help: Option<Cow<'a, str>>,
}

/// An entry that is held back, or a row whose number cannot be read.
#[derive(JsonSchema, Serialize)]
struct HeldRecord<'a> {
    entry: Option<&'a str>,
    /// The cell as written.
    written: Cow<'a, str>,
    place: PlaceRecord<'a>,
    verdict: &'static str,
    after_waivers: &'static str,
    reasons: Vec<ReasonRecord<'a>>,
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    #[serde(flatten)]
    facts: FactsRecord<'a>,
}

/// A warning on an entry of an upload file.
#[derive(JsonSchema, Serialize)]
struct WarnedRecord<'a> {
    entry: Option<&'a str>,
    finding: ReasonRecord<'a>,
    #[serde(flatten)]
    facts: FactsRecord<'a>,
}

/// What a person lifted.
#[derive(JsonSchema, Serialize)]
struct AcceptedRecord<'a> {
    /// `null` for a finding on a whole file.
    entry: Option<&'a str>,
    /// What would keep it from being uploaded.
    finding: ReasonRecord<'a>,
    /// By which waiver, baseline or choice.
    by: Cow<'a, str>,
}

#[derive(JsonSchema, Serialize)]
struct MisplacedRecord<'a> {
    written: Cow<'a, str>,
    place: PlaceRecord<'a>,
}

/// Where the rows went: `rows` is the sum of the others.
#[derive(JsonSchema, Serialize)]
struct BalanceRecord {
    rows: usize,
    uploaded: usize,
    held: usize,
    duplicates: usize,
    blank: usize,
}

/// What `plan` writes.
#[derive(JsonSchema, Serialize)]
struct PlanDocument<'a> {
    /// The version of this format.
    schema: u32,
    run: RunRecord<'a>,
    /// Whether nothing is on the work list or open, so that the exit code is 0.
    complete: bool,
    /// The folder of the files; `null`: nothing was written.
    folder: Option<Cow<'a, str>>,
    /// The upload files, in the order in which they should be uploaded.
    files: Vec<FileRecord<'a>>,
    /// The file with the entries that are not written for upload; `null`: nothing was written.
    work_list: Option<&'static str>,
    /// The IEEPA duty on them.
    work_duty: DutyRecord,
    /// How many entries each rule keeps there, most first.
    work_by_rule: Vec<RuleCountRecord<'a>>,
    /// The file with the warnings on entries of the upload files; `null`: nothing was written.
    warned_list: Option<&'static str>,
    /// How many entries of the upload files have each rule's warning.
    warned_by_rule: Vec<RuleCountRecord<'a>>,
    /// The file with what would have kept entries of the upload files on the work list, and was lifted by a
    /// person; `null`: there is none, or nothing was written.
    accepted_list: Option<&'static str>,
    /// How much that is, all that is undecided of an entry counted once.
    accepted_by_you_count: usize,
    /// Entries without IEEPA duty: the bare numbers.
    nothing_to_claim: Vec<&'a str>,
    /// Entries that CBP accepted before: the bare numbers.
    accepted_before: Vec<&'a str>,
    importers: Vec<ImporterRecord>,
    /// The days on which windows close.
    days: Vec<DayRecord>,
    /// What is left to do about all entries that were evaluated.
    standings: Vec<StandingRecord>,
    /// The same of each client that has entries, in the order of the configuration; last the entries of no
    /// client. Empty where the configuration has no clients.
    clients: Vec<ClientRecord<'a>>,
    /// What is undecided; `null` where the export was evaluated in several batches.
    undecided: Option<Vec<UndecidedRecord<'a>>>,
    /// Whether it is not known which entries need a Post Summary Correction (PSC) first.
    asks_for_psc: bool,
    sum: SumRecord,
}

#[derive(JsonSchema, Serialize)]
struct RuleCountRecord<'a> {
    rule: &'a str,
    entries: usize,
}

/// What becomes of the entries of an importer.
#[derive(JsonSchema, Serialize)]
struct ImporterRecord {
    /// Masked where it may be a person's; `null`: the export names none, or several.
    importer_number: Option<String>,
    sum: SumRecord,
    uploaded: DutyRecord,
    work: DutyRecord,
}

#[derive(JsonSchema, Serialize)]
struct DayRecord {
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    deadline: NaiveDate,
    /// Entries to upload whose window closes then.
    uploaded_count: usize,
    /// Entries of the work list whose window closes then.
    work_count: usize,
}

/// Where the entries of the export went: `entries` is the sum of the others.
#[derive(JsonSchema, Serialize)]
struct SumRecord {
    entries: usize,
    uploaded: usize,
    work: usize,
    nothing_to_claim: usize,
    accepted_before: usize,
    not_selected: usize,
}

impl From<Sum> for SumRecord {
    fn from(sum: Sum) -> Self {
        Self {
            entries: sum.entries,
            uploaded: sum.uploaded,
            work: sum.work,
            nothing_to_claim: sum.left_as_is,
            accepted_before: sum.accepted,
            not_selected: sum.not_selected,
        }
    }
}

impl From<Balance> for BalanceRecord {
    fn from(balance: Balance) -> Self {
        let Balance { rows, uploaded, held, duplicates, blank } = balance;
        Self { rows, uploaded, held, duplicates, blank }
    }
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum FixOutput<'a> {
    Fix(Box<FixDocument<'a>>),
    Errors(ErrorDocument),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum PlanOutput<'a> {
    Plan(Box<PlanDocument<'a>>),
    Errors(ErrorDocument),
}

/// The JSON Schema (2020-12) of what `fix` prints.
pub fn fix_schema() -> serde_json::Value {
    schemars::schema_for!(FixOutput<'static>).to_value()
}

/// The JSON Schema (2020-12) of what `plan` prints.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(PlanOutput<'static>).to_value()
}

impl Checked<'_> {
    /// What `capelint fix` did with a plan, as one JSON document.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn plan_json(
        &self,
        plan: &Plan,
        written: Written<'_>,
        options: &Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Self { outcome, sources, .. } = self;
        let evidence = &(&self.tables, sources);
        let input = ReportInput { outcome, sources, evidence, options };
        let entry_of: HashMap<EntryNumber, &Entry> =
            outcome.entries.iter().filter_map(|entry| Some((entry.number?, entry))).collect();
        let held = plan.held.iter().map(|held| {
            let entry = &outcome.entries[held.entry];
            HeldRecord {
                entry: number(entry),
                written: entry.written.masked(),
                place: PlaceRecord::of(input.sources, entry.place, None),
                verdict: entry.verdict.name(),
                after_waivers: entry.after_waivers.name(),
                reasons: held
                    .reasons
                    .iter()
                    .map(|one| ReasonRecord::of(input, Some(held.entry), *one))
                    .collect(),
                deadline: entry.deadline,
                facts: FactsRecord::of_entry(input, entry),
            }
        });
        let warned = plan.warned.iter().map(|warned| {
            let entry = &outcome.entries[warned.entry];
            WarnedRecord {
                entry: number(entry),
                finding: ReasonRecord::of(input, Some(warned.entry), Reason::Finding(warned.finding)),
                facts: FactsRecord::of_entry(input, entry),
            }
        });
        let accepted = plan.lifted.iter().map(|lifted| AcceptedRecord {
            entry: lifted.entry.and_then(|at| number(&outcome.entries[at])),
            finding: ReasonRecord::of(input, lifted.entry, lifted.reason),
            by: own(&self.accepted_by(lifted, options.frontend)),
        });
        let misplaced = plan.misplaced.iter().map(|one| MisplacedRecord {
            written: one.written.masked(),
            place: PlaceRecord::of(input.sources, one.place, None),
        });
        let document = FixDocument {
            schema: SCHEMA,
            run: RunRecord::of(input),
            complete: written.complete,
            folder: written.folder.map(|text| Outside::new(text).masked()),
            files: plan
                .files
                .iter()
                .map(|file| {
                    let entries = file.entries.iter().filter_map(|number| entry_of.get(number).copied());
                    FileRecord::of(file, "", DutySum::of(entries))
                })
                .collect(),
            warned: warned.collect(),
            held: held.collect(),
            accepted_by_you: accepted.collect(),
            misplaced: misplaced.collect(),
            undecided: undecided(input),
            asks_for_psc: written.asks_for_psc,
            balance: plan.balance.into(),
        };
        whole(&document, out)
    }
}

impl ExportPlan<'_> {
    /// What was done, as one JSON document. The entries of the work list are in the work list.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn json(&self, written: Written<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let evidence = self.overall().map(|checked| (&checked.tables, &checked.sources));
        let evidence = evidence.as_ref().map(|evidence| evidence as &dyn Evidence);
        let input = self.overall().zip(evidence).map(|(checked, evidence)| ReportInput {
            outcome: &checked.outcome,
            sources: &checked.sources,
            evidence,
            options,
        });
        let document = PlanDocument {
            schema: SCHEMA,
            run: match input {
                Some(input) => RunRecord::of(input).with_inputs(self.inputs.clone()),
                None => RunRecord::new(&self.pack, self.filing_date, None, self.inputs.clone()),
            },
            complete: written.complete,
            folder: written.folder.map(|text| Outside::new(text).masked()),
            files: (self.uploads.iter().zip(&self.upload_duty))
                .map(|(file, duty)| FileRecord::of(file, DECLARATIONS, *duty))
                .collect(),
            work_list: written.folder.map(|_| WORK_LIST),
            work_duty: self.work_duty.into(),
            work_by_rule: (self.work_by_rule.iter())
                .map(|(rule, entries)| RuleCountRecord { rule, entries: *entries })
                .collect(),
            warned_list: written.folder.map(|_| WARNED),
            warned_by_rule: (self.overall().into_iter())
                .flat_map(|checked| {
                    self.notes.warned_by.iter().map(|(rule, of)| RuleCountRecord {
                        rule: &checked.outcome.rule(*rule).id,
                        entries: of.count,
                    })
                })
                .collect(),
            accepted_list: written.folder.filter(|_| self.notes.accepted.count > 0).map(|_| ACCEPTED),
            accepted_by_you_count: self.notes.accepted.count,
            nothing_to_claim: self.left_as_is.iter().map(EntryNumber::as_str).collect(),
            accepted_before: self.accepted.iter().map(EntryNumber::as_str).collect(),
            importers: (self.importers.iter())
                .map(|total| ImporterRecord {
                    importer_number: total.importer.map(|importer| importer.to_string()),
                    sum: total.sum.into(),
                    uploaded: total.uploaded.into(),
                    work: total.work.into(),
                })
                .collect(),
            days: (self.days.iter())
                .map(|&(deadline, uploaded_count, work_count)| DayRecord {
                    deadline,
                    uploaded_count,
                    work_count,
                })
                .collect(),
            standings: StandingRecord::all(&self.shares),
            clients: (self.overall())
                .map_or_else(Vec::new, |checked| ClientRecord::all(&checked.outcome, &self.clients)),
            undecided: input.map(undecided),
            asks_for_psc: written.asks_for_psc,
            sum: self.sum.into(),
        };
        whole(&document, out)
    }
}

fn whole(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes, document)?;
    bytes.push(b'\n');
    out.write_all(&bytes)
}

fn undecided(input: ReportInput<'_>) -> Vec<UndecidedRecord<'_>> {
    let all = about(input.outcome);
    all.into_iter().map(|(undecided, about)| UndecidedRecord::of(input, undecided, &about)).collect()
}

impl<'a> FileRecord<'a> {
    /// A file in a folder.
    fn of(file: &'a UploadFile, folder: &str, duty: DutySum) -> Self {
        let name = Outside::new(&file.name).masked();
        Self {
            name: if folder.is_empty() { name } else { format!("{folder}/{name}").into() },
            entry_numbers: file.entries.iter().map(EntryNumber::as_str).collect(),
            deadline: file.deadline,
            duty: duty.into(),
        }
    }
}

impl<'a> ReasonRecord<'a> {
    fn of(input: ReportInput<'a>, entry: Option<usize>, reason: Reason) -> Self {
        match reason {
            Reason::Finding(at) => {
                let finding = &input.outcome.findings[at];
                Self {
                    kind: "finding",
                    rule: Some(&input.outcome.rule(finding.rule).id),
                    severity: Some(finding.severity.name()),
                    message: finding.message.masked(),
                    help: finding.help.as_ref().map(OutsideText::masked),
                }
            }
            Reason::Undecided(rule) => {
                let about = || entry.into_iter().flat_map(|at| input.outcome.undecided_about(at, rule));
                let joined = |mut texts: Vec<OutsideString>| {
                    texts.dedup();
                    OutsideString::joined(&texts, "; ").masked().into_owned()
                };
                Self {
                    kind: "undecided",
                    rule: Some(&input.outcome.rule(rule).id),
                    severity: None,
                    message: joined(about().map(|why| why.text(input.sources)).collect()).into(),
                    help: Some(joined(about().map(|why| why.help(input.options.frontend)).collect()).into()),
                }
            }
            Reason::Unreadable => Self {
                kind: "unreadable",
                rule: None,
                severity: None,
                message: "the entry number cannot be read".into(),
                help: Some("write the 11 characters of the entry number".into()),
            },
        }
    }
}
