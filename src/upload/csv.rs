//! The exact bytes of the files that `capelint fix` and `capelint triage` write.

use std::borrow::Cow;

use super::misplaced::MisplacedEntry;
use super::plan::{Held, Reason};
use crate::entry::EntryNumber;
use crate::finding::{Finding, Outcome};
use crate::report::Evidence;
use crate::report::cause::Library;
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
                    let why = said(causes().map(|why| why.text(sources)).collect());
                    [
                        Cow::from(outcome.rule(*rule).id.as_str()),
                        format!("undecided: {why}").into(),
                        said(causes().map(|why| why.help(&Library)).collect()).into(),
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

/// A list for people: a CSV that opens right in a spreadsheet, with a byte order mark (so that Excel
/// reads it as UTF-8), CRLF, and no cell that acts.
pub struct List {
    bytes: Vec<u8>,
}

impl List {
    /// A list with its header.
    pub fn new(header: &[&str]) -> Self {
        let mut list = Self { bytes: "\u{feff}".into() };
        list.row(&header.iter().map(|name| Cow::Borrowed(*name)).collect::<Vec<_>>());
        list
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cow<'_, str>]) {
        row(&mut self.bytes, cells);
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// The longest text of a cell, in characters; a spreadsheet takes 32,767.
const MAX_CELL: usize = 8_000;

/// Adds a row of cells that a spreadsheet reads as text, whatever is in them.
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

/// A cell that no spreadsheet takes for a formula: an apostrophe is put before what would begin one,
/// also behind white space (OWASP, CSV Injection). A reader that separates cells at `;` or at tabs
/// takes the text behind those for a cell of its own, so there too. Long text is cut.
fn neutral(cell: &str) -> Cow<'_, str> {
    let cut = match cell.char_indices().nth(MAX_CELL) {
        Some((end, _)) => Cow::Owned(format!("{}…", &cell[..end])),
        None => Cow::Borrowed(cell),
    };
    let mut neutral = String::new();
    let mut done = 0;
    let mut at_start = true;
    for (at, c) in cut.char_indices() {
        if at_start && (begins_formula(c) || (at == 0 && c.is_control())) {
            neutral.push_str(&cut[done..at]);
            neutral.push('\'');
            done = at;
        }
        at_start = matches!(c, ';' | '\t' | '\r' | '\n') || (at_start && (c.is_whitespace() || c == '"'));
    }
    if done == 0 && neutral.is_empty() {
        return cut;
    }
    neutral.push_str(&cut[done..]);
    Cow::Owned(neutral)
}

/// Whether a spreadsheet reads a cell that begins with this as a formula.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
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

    /// Reads a list as a spreadsheet does that separates cells at `separator`.
    fn cells(bytes: &[u8], separator: u8) -> Vec<String> {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn no_reader_of_any_separator_finds_a_formula() {
        let hostile = [
            "=1+1",
            "x;=1+1",
            "x; =1+1",
            "x;\"=1+1",
            "x\t@SUM(A1)",
            ";-2",
            "a;b;+3",
            "\u{ff1d}1",
            "x;\u{ff0b}1",
            "\t=1",
            "  =1",
            "\"=1",
            "a\n=1",
            "a,=1",
        ];
        let mut list = List::new(&["entry", "note"]);
        for cell in hostile {
            list.row(&[cell.into(), "last".into()]);
            list.row(&["first".into(), cell.into()]);
        }
        let bytes = list.finish();
        assert!(bytes.starts_with("\u{feff}entry,note\r\n".as_bytes()));
        for separator in [b',', b';', b'\t'] {
            for cell in cells(&bytes, separator) {
                let first = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"').chars().next();
                assert!(!first.is_some_and(begins_formula), "{cell:?} for {:?}", char::from(separator));
            }
        }
    }

    #[test]
    fn what_is_no_formula_stays_as_it_is_and_long_text_is_cut() {
        for cell in ["", "a - b; c", "ABC-1234567-6", "$1,234.56", "x = y", "a; b"] {
            assert_eq!(neutral(cell), cell);
        }
        assert_eq!(neutral(&"é".repeat(MAX_CELL + 1)).chars().count(), MAX_CELL + 1);
        assert!(neutral(&"x".repeat(1 << 20)).ends_with('…'));
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
        let text = String::from_utf8(held(&list, &[], &outcome, &sources, &(&tables, &sources))).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0][0].starts_with("'=HYPERLINK"), "{text}");
        assert!(rows[0][2].starts_with("'-1, \"quoted\""), "{text}");
        assert!(!text.contains("987-65"), "{text}");
        assert_eq!(text.matches("\r\n").count(), 3, "no cell breaks a line");
    }
}
