//! The lists beside the upload files: what is held back, the work list of a plan, warnings, and what a person lifted.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use strum::VariantArray;

use super::misplaced::MisplacedEntry;
use super::plan::{Held, Lifted, Reason, Warned};
use crate::distinct::each_once;
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, Outcome, Remedy, Verdict};
use crate::importer::ImporterNumber;
use crate::outside::{OutsideString, OutsideText};
use crate::report::Evidence;
use crate::report::cause::Frontend;
use crate::report::spreadsheet::{RowOrder, SortedList};
use crate::report::text;
use crate::source::{Place, Sources};

/// What the lists of entries are written from.
#[derive(Clone, Copy)]
pub struct Lists<'a> {
    /// What the rules found.
    pub outcome: &'a Outcome,
    /// The files that places are in.
    pub sources: &'a Sources,
    /// The cells that decided.
    pub evidence: &'a dyn Evidence,
    /// The importer of record of an entry, where the export has it.
    pub importer: &'a dyn Fn(EntryNumber) -> Option<ImporterNumber>,
    /// How the reader takes the steps that are advised.
    pub frontend: &'a dyn Frontend,
    /// Whether the reader has the declarations: those of a plan are made for the evaluation only.
    pub names_declarations: bool,
    /// Where the ES-003 has the first row of an entry: what is undecided is looked for there if there are no
    /// declarations.
    pub first_row: &'a dyn Fn(EntryNumber) -> String,
}

/// A column of the lists. A list has some of them, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
enum ListColumn {
    EntryNumber,
    Declaration,
    Importer,
    IeepaDuty,
    IsUpperBound,
    Verdict,
    Rule,
    Reason,
    NextStep,
    WhoMustAct,
    LastDay,
    Evidence,
    AcceptedBy,
}

impl ListColumn {
    fn title(self) -> &'static str {
        match self {
            Self::EntryNumber => "Entry Number",
            Self::Declaration => "Declaration",
            Self::Importer => "Importer",
            Self::IeepaDuty => "IEEPA Duty",
            Self::IsUpperBound => "IEEPA Duty Is Upper Bound",
            Self::Verdict => "Verdict",
            Self::Rule => "Rule",
            Self::Reason => "Reason",
            Self::NextStep => "Next Step",
            Self::WhoMustAct => "Who Must Act",
            Self::LastDay => "Last Day",
            Self::Evidence => "Evidence",
            Self::AcceptedBy => "Accepted By",
        }
    }
}

/// A list of entries with reasons: one row for each entry, so that a spreadsheet's sum of the duty and its count of
/// rows are those of the entries.
pub struct EntryList {
    columns: Vec<ListColumn>,
    /// The rows.
    pub rows: SortedList,
}

impl EntryList {
    fn without(left_out: &[ListColumn]) -> Self {
        let columns: Vec<ListColumn> =
            ListColumn::VARIANTS.iter().copied().filter(|column| !left_out.contains(column)).collect();
        let titles: Vec<&str> = columns.iter().map(|column| column.title()).collect();
        Self { columns, rows: SortedList::new(&titles) }
    }

    /// What is held back of declarations.
    pub fn held() -> Self {
        Self::without(&[ListColumn::WhoMustAct, ListColumn::AcceptedBy])
    }

    /// The work list of a plan.
    pub fn work() -> Self {
        Self::without(&[ListColumn::Declaration, ListColumn::AcceptedBy])
    }

    /// Warnings on entries to upload, of declarations that the reader has, or of a plan.
    pub fn warned(names_declarations: bool) -> Self {
        let all = [ListColumn::WhoMustAct, ListColumn::AcceptedBy, ListColumn::Declaration];
        Self::without(if names_declarations { &all[..2] } else { &all })
    }

    /// What a person lifted, of declarations that the reader has, or of a plan.
    pub fn accepted(names_declarations: bool) -> Self {
        let all = [ListColumn::WhoMustAct, ListColumn::Declaration];
        Self::without(if names_declarations { &all[..1] } else { &all })
    }

    fn add(&mut self, row: &ListRow<'_>, today: NaiveDate) {
        let ListRow { number, declaration, importer, duty, is_upper_bound, verdict, reasons } = row;
        let each = |of: ReasonPart| numbered(reasons.iter().map(of).collect());
        let distinct = |of: ReasonPart, separator| -> Cow<'_, str> {
            let all = each_once(reasons.iter().map(of).filter(|text| !text.is_empty()));
            match all.as_slice() {
                [one] => (*one).into(),
                all => all.join(separator).into(),
            }
        };
        let days = || reasons.iter().filter_map(|reason| reason.last_day);
        // What can still be done comes first.
        let last_day = days().filter(|day| *day >= today).min().or(days().max());
        let cell = |column: &ListColumn| -> Cow<'_, str> {
            match column {
                ListColumn::EntryNumber => number.as_ref().into(),
                ListColumn::Declaration => declaration.as_ref().into(),
                ListColumn::Importer => importer.as_str().into(),
                ListColumn::IeepaDuty => duty.map_or(String::new(), |duty| format!("{duty:.2}")).into(),
                ListColumn::IsUpperBound => if *is_upper_bound { "yes" } else { "" }.into(),
                ListColumn::Verdict => (*verdict).into(),
                ListColumn::Rule => distinct(|reason| &reason.rule, RULES),
                ListColumn::Reason => each(|reason| &reason.why),
                ListColumn::NextStep => each(|reason| &reason.help),
                ListColumn::WhoMustAct => distinct(|reason| reason.who, "; "),
                ListColumn::LastDay => last_day.map_or(String::new(), |day| day.to_string()).into(),
                ListColumn::Evidence => each(|reason| &reason.evidence),
                ListColumn::AcceptedBy => each(|reason| &reason.accepted_by),
            }
        };
        let cells: Vec<Cow<'_, str>> = self.columns.iter().map(cell).collect();
        self.rows.row(RowOrder::new(last_day, *duty, today), &cells);
    }
}

/// What is between the rules of a row.
const RULES: &str = ", ";

/// The parts of a cell: `(1) first (2) second`, or only one where they are alike.
fn numbered(parts: Vec<&str>) -> Cow<'_, str> {
    match parts.as_slice() {
        [] => "".into(),
        [one, others @ ..] if others.iter().all(|other| other == one) => (*one).into(),
        _ => {
            let parts = parts.iter().enumerate().filter(|(_, part)| !part.is_empty());
            parts.map(|(at, part)| format!("({}) {part}", at + 1)).collect::<Vec<_>>().join(" ").into()
        }
    }
}

/// An entry on a list.
struct ListRow<'a> {
    number: Cow<'a, str>,
    declaration: Cow<'a, str>,
    importer: String,
    duty: Option<Decimal>,
    is_upper_bound: bool,
    verdict: &'static str,
    reasons: Vec<ReasonCells<'a>>,
}

/// What a cell has of a reason.
type ReasonPart = for<'a, 'r> fn(&'a ReasonCells<'r>) -> &'a str;

/// Why an entry is on a list.
#[derive(Default)]
struct ReasonCells<'a> {
    rule: Cow<'a, str>,
    why: Cow<'a, str>,
    help: Cow<'a, str>,
    who: &'static str,
    last_day: Option<NaiveDate>,
    evidence: String,
    accepted_by: String,
}

/// Who can complete an export or a list in which a value is missing.
const EXPORTER: &str = "the person who exports the data";

/// Who can do what a finding asks for, by the stage of CBP's checks that its rule belongs to.
fn who_acts(stage: &str, remedy: Option<Remedy>) -> &'static str {
    match (stage, remedy) {
        (_, Some(Remedy::Accepted)) => "nobody",
        ("data" | "file", _) => EXPORTER,
        ("account", _) | (_, Some(Remedy::OtherFiler)) => "importer of record, or the filer of the entry",
        (_, Some(Remedy::Out)) => "importer of record",
        (_, Some(Remedy::Repair | Remedy::Resolve) | None) => "filer of the entry",
    }
}

impl<'a> Lists<'a> {
    /// What is held back, and the misplaced numbers.
    pub fn held(&self, held: &[Held], misplaced: &[MisplacedEntry]) -> EntryList {
        let mut list = EntryList::held();
        for Held { entry, reasons } in held {
            let reasons = reasons.iter().map(|reason| self.reason(Some(*entry), *reason)).collect();
            self.add(&mut list, (Some(*entry), None), |entry| entry.after_waivers.name(), reasons);
        }
        for stray in misplaced {
            let reason = ReasonCells {
                why: "the number is outside the rows or the column of entry numbers, so it was not checked"
                    .into(),
                help: "give it a row of its own and run again".into(),
                evidence: self.place(stray.place),
                ..ReasonCells::default()
            };
            let row = ListRow {
                number: stray.written.shown(),
                declaration: self.sources.name(stray.place.file).shown(),
                importer: String::new(),
                duty: None,
                is_upper_bound: false,
                verdict: "not checked",
                reasons: vec![reason],
            };
            list.add(&row, self.outcome.filing_date);
        }
        list
    }

    /// Adds an entry that is not written for upload to a [work list](EntryList::work).
    pub fn work(&self, held: &Held, list: &mut EntryList) {
        let reasons = held.reasons.iter().map(|reason| self.reason(Some(held.entry), *reason)).collect();
        let verdict = |entry: &Entry| match entry.verdict {
            Verdict::Ready => "held back",
            verdict @ (Verdict::Warned | Verdict::Undecided | Verdict::Stopped | Verdict::Rejected) => {
                verdict.name()
            }
        };
        self.add(list, (Some(held.entry), None), verdict, reasons);
    }

    /// Adds what would have held back entries to upload, and what lifted it, to a [list](EntryList::accepted). What
    /// is about the same entry is together.
    pub fn accepted(&self, lifted: &[Lifted], list: &mut EntryList) {
        for of_entry in lifted.chunk_by(|one, next| self.are_same(one.entry, next.entry)) {
            let reason = |lifted: &Lifted| ReasonCells {
                accepted_by: self.accepted_by(lifted),
                ..self.reason(lifted.entry, lifted.reason)
            };
            let reasons = of_entry.iter().map(reason).collect();
            let Lifted { entry, reason } = of_entry[0];
            self.add(list, (entry, Some(reason)), |entry| entry.verdict.name(), reasons);
        }
    }

    /// Adds the warnings on entries to upload to a [list](EntryList::warned). Those on the same entry are together.
    pub fn warned(&self, warned: &[Warned], list: &mut EntryList) {
        for of_entry in warned.chunk_by(|one, next| self.are_same(Some(one.entry), Some(next.entry))) {
            let reason = |warned: &Warned| self.reason(Some(warned.entry), Reason::Finding(warned.finding));
            let reasons = of_entry.iter().map(reason).collect();
            self.add(list, (Some(of_entry[0].entry), None), |entry| entry.after_waivers.name(), reasons);
        }
    }

    /// Whether two rows of declarations are one entry.
    fn are_same(&self, one: Option<usize>, other: Option<usize>) -> bool {
        let number = |at: Option<usize>| at.and_then(|at| self.outcome.entries[at].number);
        one.is_some() && (one == other || (number(one).is_some() && number(one) == number(other)))
    }

    /// Which waiver, baseline or choice of a person lifted something.
    pub fn accepted_by(&self, lifted: &Lifted) -> String {
        match lifted.reason {
            Reason::Finding(at) => match &self.outcome.findings[at].waived {
                Some(waived) => text::why_waived(waived),
                None => self.frontend.include("stopped"),
            },
            Reason::Undecided(_) | Reason::Unreadable => self.frontend.include("undecided"),
        }
    }

    /// Adds a row for an entry, or for a finding that is on none.
    fn add(
        &self,
        list: &mut EntryList,
        (entry, reason): (Option<usize>, Option<Reason>),
        verdict: impl Fn(&Entry) -> &'static str,
        reasons: Vec<ReasonCells<'a>>,
    ) {
        let entry = entry.map(|at| &self.outcome.entries[at]);
        let number = entry.and_then(|entry| entry.number);
        let on_file = match reason {
            Some(Reason::Finding(at)) => self.outcome.findings[at].declaration(),
            Some(Reason::Undecided(_) | Reason::Unreadable) | None => None,
        };
        let on_file = on_file.map(|at| self.outcome.declarations[at].file);
        let file = entry.map(|entry| entry.place.file).or(on_file);
        let row = ListRow {
            number: match (entry, number) {
                (_, Some(number)) => number.to_string().into(),
                (Some(entry), None) => entry.written.shown(),
                (None, None) => "".into(),
            },
            declaration: file.map_or(Cow::Borrowed(""), |file| self.sources.name(file).shown()),
            importer: number.and_then(self.importer).map_or(String::new(), |importer| importer.to_string()),
            duty: entry.and_then(|entry| entry.ieepa_duty),
            is_upper_bound: entry.is_some_and(|entry| entry.ieepa_duty_is_upper_bound),
            verdict: entry.map_or("", verdict),
            reasons,
        };
        list.add(&row, self.outcome.filing_date);
    }

    fn reason(&self, at: Option<usize>, reason: Reason) -> ReasonCells<'a> {
        let outcome = self.outcome;
        let entry = at.map(|at| &outcome.entries[at]);
        let deadline = entry.and_then(|entry| entry.deadline);
        match reason {
            Reason::Finding(at) => {
                let finding = &outcome.findings[at];
                let rule = outcome.rule(finding.rule);
                ReasonCells {
                    rule: rule.id.as_str().into(),
                    why: finding.message.shown(),
                    help: finding.help.as_ref().map(OutsideText::shown).unwrap_or_default(),
                    who: who_acts(rule.stage.raw(), finding.remedy),
                    last_day: finding.deadline.or(deadline),
                    evidence: self.evidence_of(finding),
                    ..ReasonCells::default()
                }
            }
            Reason::Undecided(rule) => {
                let causes = || at.into_iter().flat_map(|at| outcome.undecided_about(at, rule));
                // Their order may depend on the batch.
                let joined = |mut texts: Vec<OutsideString>| {
                    texts.sort();
                    texts.dedup();
                    OutsideString::joined(&texts, "; ").to_string()
                };
                let why = joined(causes().map(|why| why.text(self.sources)).collect());
                let number = entry.and_then(|entry| entry.number);
                ReasonCells {
                    rule: outcome.rule(rule).id.as_str().into(),
                    why: format!("undecided: {why}").into(),
                    help: joined(causes().map(|why| why.help(self.frontend)).collect()).into(),
                    who: EXPORTER,
                    last_day: deadline,
                    evidence: match entry {
                        Some(entry) if self.names_declarations => self.place(entry.place),
                        Some(_) | None => number.map_or_else(String::new, self.first_row),
                    },
                    ..ReasonCells::default()
                }
            }
            Reason::Unreadable => ReasonCells {
                why: "the entry number cannot be read".into(),
                help: "write the 11 characters of the entry number".into(),
                who: EXPORTER,
                last_day: deadline,
                evidence: entry.map_or_else(String::new, |entry| self.place(entry.place)),
                ..ReasonCells::default()
            },
        }
    }

    fn place(&self, place: Place) -> String {
        self.sources.show(place).to_string()
    }

    /// Where a finding is, and the cells that decided.
    pub(crate) fn evidence_of(&self, finding: &Finding) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        if self.names_declarations {
            let _ = write!(text, "{}", self.sources.show(finding.place));
        }
        for label in &finding.labels {
            if !text.is_empty() {
                text.push_str("; ");
            }
            let _ = write!(text, "{}", self.sources.show(label.place));
            if let Some(cell) = label.cell.and_then(|cell| self.evidence.cell(cell)) {
                let _ = write!(text, " {}: {}", cell.column_name, cell.value);
            }
            if !label.text.raw().is_empty() {
                let _ = write!(text, " ({})", label.text);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{entry_at, finding, outcome};
    use super::*;
    use crate::finding::Severity;
    use crate::table::Tables;

    #[test]
    fn no_cell_is_a_formula_and_each_row_has_all_cells() {
        let written = "=HYPERLINK(\"http://x\")\r\n987-65-4320";
        let mut finding = finding(Some(0), Severity::Error, None);
        finding.message = "-1, \"quoted\"\nsecond line".into();
        let outcome = outcome(vec![entry_at(None, written, 2, 1)], vec![finding]);
        let mut sources = Sources::default();
        sources.add_text("plan.csv", "");
        let tables = Tables::default();
        let list = [Held { entry: 0, reasons: vec![Reason::Finding(0), Reason::Unreadable] }];
        let lists = Lists {
            outcome: &outcome,
            sources: &sources,
            evidence: &(&tables, &sources),
            importer: &|_| None,
            frontend: &crate::report::cause::Library,
            names_declarations: true,
            first_row: &|_| String::new(),
        };
        let text = String::from_utf8(lists.held(&list, &[]).rows.bytes()).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1, "a row for each entry, whatever its reasons");
        assert!(rows[0][0].starts_with("'=HYPERLINK"), "{text}");
        assert!(rows[0][7].starts_with("(1) -1, \"quoted\""), "{text}");
        assert!(rows[0][7].ends_with(" (2) the entry number cannot be read"), "{text}");
        assert_eq!((&rows[0][1], &rows[0][5]), ("plan.csv", "rejected"));
        assert!(!text.contains("987-65"), "{text}");
        assert_eq!(text.matches("\r\n").count(), 2, "no cell breaks a line");
    }
}
