//! The exact bytes of the files that `capelint fix` and `capelint triage` write.

use std::borrow::Cow;

use super::misplaced::MisplacedEntry;
use super::plan::{Held, Lifted, Reason, Warned};
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, Outcome, Verdict};
use crate::importer::ImporterNumber;
use crate::report::Evidence;
use crate::report::cause::Frontend;
use crate::report::spreadsheet::List;
use crate::report::text::{self, shown, shown_message};
use crate::source::{Place, Sources};

/// The text of cell A1 of CBP's template.
pub const HEADER: &str = "Entry Number";

/// An upload file in the form of CBP's template: one column, ASCII, CRLF, no byte order mark, no quotes, the
/// bare 11 characters.
pub fn declaration(entries: &[EntryNumber]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size(entries.len()));
    bytes.extend_from_slice(HEADER.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    for entry in entries {
        bytes.extend_from_slice(entry.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// How many bytes [`declaration`] gives for so many entries.
pub fn size(entries: usize) -> usize {
    HEADER.len() + 2 + entries * (crate::entry::LENGTH + 2)
}

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
}

/// The columns of the list of what is held back; that of what a person lifted has one more.
const COLUMNS: [&str; 11] = [
    "Entry Number",
    "Declaration",
    "Importer",
    "IEEPA Duty",
    "IEEPA Duty Is Upper Bound",
    "Verdict",
    "Rule",
    "Reason",
    "Next Step",
    "Last Day",
    "Evidence",
];

/// A list of what a person lifted, as yet without rows.
pub fn accepted_list() -> List {
    let header: Vec<&str> = COLUMNS.into_iter().chain(["Accepted By"]).collect();
    List::new(&header)
}

/// A list of warnings on entries to upload, as yet without rows.
pub fn warned_list() -> List {
    List::new(&COLUMNS)
}

impl Lists<'_> {
    /// What is held back: one row for each entry and reason, and one for each misplaced number.
    pub fn held(&self, held: &[Held], misplaced: &[MisplacedEntry]) -> Vec<u8> {
        let mut list = List::new(&COLUMNS);
        for Held { entry, reasons } in held {
            for reason in reasons {
                list.row(&self.row(Some(*entry), *reason, |entry| entry.after_waivers));
            }
        }
        for stray in misplaced {
            list.row(&[
                shown(&stray.written),
                self.sources.name(stray.place.file).shown(),
                "".into(),
                "".into(),
                "".into(),
                "not checked".into(),
                "".into(),
                "the number is outside the rows or the column of entry numbers, so it was not checked".into(),
                "give it a row of its own and run again".into(),
                "".into(),
                self.place(stray.place),
            ]);
        }
        list.finish()
    }

    /// Adds what would have held back entries to upload, and what lifted it, to an [`accepted_list`].
    pub fn accepted(&self, lifted: &[Lifted], list: &mut List) {
        for lifted in lifted {
            let mut cells = self.row(lifted.entry, lifted.reason, |entry| entry.verdict).to_vec();
            cells.push(self.accepted_by(lifted).into());
            list.row(&cells);
        }
    }

    /// Adds the warnings on entries to upload to a [`warned_list`].
    pub fn warned(&self, warned: &[Warned], list: &mut List) {
        for Warned { entry, finding } in warned {
            list.row(&self.row(Some(*entry), Reason::Finding(*finding), |entry| entry.after_waivers));
        }
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

    fn row(
        &self,
        entry: Option<usize>,
        reason: Reason,
        verdict: impl Fn(&Entry) -> Verdict,
    ) -> [Cow<'_, str>; COLUMNS.len()] {
        let outcome = self.outcome;
        let at = entry;
        let entry = entry.map(|at| &outcome.entries[at]);
        let number = entry.and_then(|entry| entry.number);
        let (rule, why, help, place) = match reason {
            Reason::Finding(at) => {
                let finding = &outcome.findings[at];
                let help = shown_message(finding.help.as_deref().unwrap_or(""));
                let evidence = self.evidence_of(finding).into();
                (outcome.rule(finding.rule).id.as_str(), shown_message(&finding.message), help, evidence)
            }
            Reason::Undecided(rule) => {
                let causes = || at.into_iter().flat_map(|at| outcome.undecided_about(at, rule));
                let joined = |mut texts: Vec<String>| {
                    texts.dedup();
                    shown(&texts.join("; ")).into_owned()
                };
                let why = joined(causes().map(|why| why.text(self.sources)).collect());
                let help = joined(causes().map(|why| why.help(self.frontend)).collect());
                let place = entry.filter(|_| self.names_declarations);
                let place = place.map_or(Cow::Borrowed(""), |entry| self.place(entry.place));
                (outcome.rule(rule).id.as_str(), format!("undecided: {why}").into(), help.into(), place)
            }
            Reason::Unreadable => (
                "",
                "the entry number cannot be read".into(),
                "write the 11 characters of the entry number".into(),
                entry.map_or(Cow::Borrowed(""), |entry| self.place(entry.place)),
            ),
        };
        let finding = match reason {
            Reason::Finding(at) => Some(&outcome.findings[at]),
            Reason::Undecided(_) | Reason::Unreadable => None,
        };
        let file = entry
            .map(|entry| entry.place.file)
            .or_else(|| Some(outcome.declarations[finding?.declaration?].file))
            .filter(|_| self.names_declarations);
        let deadline =
            finding.and_then(|finding| finding.deadline).or(entry.and_then(|entry| entry.deadline));
        [
            match (entry, number) {
                (_, Some(number)) => number.to_string().into(),
                (Some(entry), None) => shown_message(&entry.written),
                (None, None) => "".into(),
            },
            file.map_or(Cow::Borrowed(""), |file| self.sources.name(file).shown()),
            number.and_then(self.importer).map_or(Cow::Borrowed(""), |importer| importer.to_string().into()),
            entry
                .and_then(|entry| entry.ieepa_duty)
                .map_or(Cow::Borrowed(""), |duty| format!("{:.2}", duty).into()),
            if entry.is_some_and(Entry::ieepa_duty_is_upper_bound) { "yes" } else { "" }.into(),
            entry.map_or("", |entry| verdict(entry).name()).into(),
            rule.into(),
            why,
            help,
            deadline.map_or(Cow::Borrowed(""), |day| day.to_string().into()),
            place,
        ]
    }

    fn place(&self, place: Place) -> Cow<'static, str> {
        shown(&self.sources.show(place).to_string()).into_owned().into()
    }

    /// Where a finding is, and the cells that decided.
    pub(crate) fn evidence_of(&self, finding: &Finding) -> String {
        let mut text = String::new();
        if self.names_declarations {
            text.push_str(&self.place(finding.place));
        }
        for label in &finding.labels {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&self.place(label.place));
            if let Some(cell) = label.cell.and_then(|cell| self.evidence.cell(cell)) {
                text.push_str(&format!(" {}: {}", shown(&cell.column_name), shown_message(&cell.value)));
            }
            if !label.text.is_empty() {
                text.push_str(&format!(" ({})", shown_message(&label.text)));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{entry_at, finding, number, outcome};
    use super::*;
    use crate::finding::Severity;
    use crate::table::Tables;

    #[test]
    fn an_upload_file_is_what_the_template_wants() {
        let bytes = declaration(&[number(1), number(2)]);
        let expected = format!("Entry Number\r\n{}\r\n{}\r\n", number(1).as_str(), number(2).as_str());
        assert_eq!(bytes, expected.as_bytes());
        assert_eq!(bytes.len(), size(2));
        assert!(size(super::super::plan::MAX_ENTRIES) < super::super::plan::SIZE_LIMIT);
    }

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
        };
        let text = String::from_utf8(lists.held(&list, &[])).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0][0].starts_with("'=HYPERLINK"), "{text}");
        assert!(rows[0][7].starts_with("'-1, \"quoted\""), "{text}");
        assert_eq!(
            (&rows[0][1], &rows[0][5], &rows[1][7]),
            ("plan.csv", "rejected", "the entry number cannot be read")
        );
        assert!(!text.contains("987-65"), "{text}");
        assert_eq!(text.matches("\r\n").count(), 3, "no cell breaks a line");
    }
}
