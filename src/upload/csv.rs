//! The exact bytes of the files that `capelint fix` and `capelint triage` write.

use std::borrow::Cow;

use super::misplaced::MisplacedEntry;
use super::plan::{Held, Reason};
use crate::entry::EntryNumber;
use crate::finding::{Finding, Outcome};
use crate::report::Evidence;
use crate::report::cause::{self, Door};
use crate::report::text::shown;
use crate::source::Sources;

/// What cell A1 of CBP's template holds.
pub const HEADER: &str = "Entry Number";

/// An upload file as CBP's template wants it: one column, ASCII, CRLF, no byte order mark, no
/// quotes, the bare eleven characters.
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

/// What is held back: one row for each entry and reason, and one for each stray number.
pub fn held(
    held: &[Held],
    misplaced: &[MisplacedEntry],
    outcome: &Outcome,
    sources: &Sources,
    evidence: &dyn Evidence,
    door: &dyn Door,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    row(&mut bytes, &["entry", "rule", "message", "help", "evidence", "deadline"].map(Cow::Borrowed));
    for held in held {
        let entry = &outcome.entries[held.entry];
        let name = match entry.number {
            Some(number) => number.as_str().to_owned(),
            None => shown(&entry.written).into_owned(),
        };
        let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
        for reason in &held.reasons {
            let cells = match reason {
                Reason::Finding(at) => {
                    let finding = &outcome.findings[*at];
                    [
                        Cow::from(outcome.rule(finding.rule).id.as_str()),
                        shown(&finding.message),
                        shown(finding.help.as_deref().unwrap_or("")),
                        evidence_of(finding, sources, evidence).into(),
                        day(finding.deadline.or(entry.deadline)).into(),
                    ]
                }
                Reason::Undecided(rule) => {
                    let causes = || {
                        let those = outcome.undecided.iter().filter(|undecided| undecided.rule == *rule);
                        those.map(|undecided| &undecided.cause)
                    };
                    let said = |mut texts: Vec<String>| {
                        texts.dedup();
                        shown(&texts.join("; ")).into_owned()
                    };
                    let why = said(causes().map(|why| cause::text(why, sources)).collect());
                    [
                        Cow::from(outcome.rule(*rule).id.as_str()),
                        format!("undecided: {why}").into(),
                        said(causes().map(|why| cause::help(why, door)).collect()).into(),
                        shown(&sources.show(entry.place).to_string()).into_owned().into(),
                        day(entry.deadline).into(),
                    ]
                }
                Reason::Unreadable => [
                    Cow::from(""),
                    "the entry number cannot be read".into(),
                    "write the eleven characters of the entry number".into(),
                    shown(&sources.show(entry.place).to_string()).into_owned().into(),
                    "".into(),
                ],
            };
            let [rule, message, help, evidence, deadline] = cells;
            row(&mut bytes, &[name.as_str().into(), rule, message, help, evidence, deadline]);
        }
    }
    for stray in misplaced {
        let place = shown(&sources.show(stray.place).to_string()).into_owned();
        row(
            &mut bytes,
            &[
                Cow::from(stray.number.as_str()),
                "".into(),
                "stands outside the rows or the column of entry numbers, so it was not checked".into(),
                "give it a row of its own and run again".into(),
                place.into(),
                "".into(),
            ],
        );
    }
    bytes
}

/// Where a finding is, and the cells that decided.
fn evidence_of(finding: &Finding, sources: &Sources, evidence: &dyn Evidence) -> String {
    let mut text = shown(&sources.show(finding.place).to_string()).into_owned();
    for label in &finding.labels {
        text.push_str("; ");
        text.push_str(&shown(&sources.show(label.place).to_string()));
        if let Some(cell) = label.cell.and_then(|cell| evidence.cell(cell)) {
            text.push_str(&format!(" {}: {}", shown(&cell.column_name), shown(&cell.value)));
        }
        if !label.text.is_empty() {
            text.push_str(&format!(" ({})", shown(&label.text)));
        }
    }
    text
}

/// Adds a row of cells that a spreadsheet reads as text, whatever they hold.
pub fn row(bytes: &mut Vec<u8>, cells: &[Cow<'_, str>]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        let cell = neutral(cell);
        if cell.contains([',', '"', '\r', '\n']) {
            bytes.push(b'"');
            bytes.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            bytes.push(b'"');
        } else {
            bytes.extend_from_slice(cell.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
}

/// A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin
/// one, also behind white space (OWASP, CSV Injection).
fn neutral(cell: &str) -> Cow<'_, str> {
    let first = cell.trim_start().chars().next();
    let acts =
        matches!(first, Some('=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'))
            || cell.starts_with(['\t', '\r', '\n']);
    if acts { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{entry_at, finding, number, outcome};
    use super::*;
    use crate::rules::model::Severity;
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
        let text =
            String::from_utf8(held(&list, &[], &outcome, &sources, &(&tables, &sources), &cause::Library))
                .unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0][0].starts_with("'=HYPERLINK"), "{text}");
        assert!(rows[0][2].starts_with("'-1, \"quoted\""), "{text}");
        assert!(!text.contains("987-65"), "{text}");
        assert_eq!(text.matches("\r\n").count(), 3, "no cell breaks a line");
    }
}
