//! JSON: everything a run found, for programs. Stable; the types here are the format.
//!
//! `jsonl` prints one object a line, each with its `type`: first the run (which program and rules, on which
//! files), then the summary, what is undecided, the findings on no entry, and each distinct entry in file order,
//! followed by its findings. A member has one type wherever it appears. `json` is one document
//! `{"schema":1,"run":{…},"findings":[…],"undecided":[…],"entries":[…],"summary":{…}}` of the same objects
//! without `type`. [`schema`] describes both. New members may be added at the end of an object; anything else
//! gives a new `schema` number.
//!
//! - Paths are as given on the command line. Dates are `YYYY-MM-DD`. Amounts are US dollars as
//!   text (`"1234.50"`), so that no reader makes a float of them.
//! - Entry numbers are the bare 11 characters; `null` where the cell leaves doubt, and `written` then has its
//!   content.
//! - Texts are faithful, except that social security numbers are masked. Characters that act on a
//!   terminal are written as `\u…` escapes.

mod records;
mod run;
mod summary;

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::errors::{ErrorDocument, ErrorRecord};
use super::{ReportInput, text};
use crate::finding::{Outcome, Undecided};
use crate::outside::OutsideString;
pub(crate) use records::{
    CauseRecord, EntryRecord, FactsRecord, FindingRecord, PlaceRecord, UndecidedRecord, WaivedRecord, number,
};
pub(crate) use run::{RunRecord, ToolRecord};
pub(crate) use summary::ClientRecord;
use summary::SummaryRecord;
pub use summary::{DutyRecord, StandingRecord};

/// The version of the format.
pub const SCHEMA: u32 = 1;

/// A line of `jsonl`.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record<'a> {
    Run(RunRecord<'a>),
    Finding(FindingRecord<'a>),
    Undecided(UndecidedRecord<'a>),
    Entry(EntryRecord<'a>),
    Summary(SummaryRecord<'a>),
    /// What kept capelint from running: all that is printed then.
    #[allow(dead_code)]
    Error(ErrorLine),
}

/// What kept capelint from running.
#[derive(JsonSchema, Serialize)]
struct ErrorLine {
    error: ErrorRecord,
}

/// All of the above in one document.
#[derive(JsonSchema)]
#[allow(dead_code)]
struct Document<'a> {
    schema: u32,
    run: RunRecord<'a>,
    findings: Vec<FindingRecord<'a>>,
    undecided: Vec<UndecidedRecord<'a>>,
    entries: Vec<EntryRecord<'a>>,
    summary: SummaryRecord<'a>,
}

/// A document of `json`, or a line of `jsonl`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum Report<'a> {
    Document(Box<Document<'a>>),
    Record(Box<Record<'a>>),
    Errors(ErrorDocument),
}

/// The JSON Schema (2020-12) of `json` documents and `jsonl` lines.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report<'static>).to_value()
}

pub(crate) fn day<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn some_day<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Writes `jsonl`. The summary is near the beginning, and each entry is before its findings, because some readers
/// learn the members from the first lines only.
pub fn lines(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    out.write_all(&line(&Record::Run(RunRecord::of(input)))?)?;
    out.write_all(&line(&Record::Summary(SummaryRecord::of(input, &input.summary())))?)?;
    lines_of(&about(outcome), out, |(undecided, about)| {
        Record::Undecided(UndecidedRecord::of(input, undecided, about))
    })?;
    lines_of(&entries_before_findings(outcome), out, |record| match record {
        EntryOrFinding::Entry(entry) => {
            Record::Entry(EntryRecord::of(input, &outcome.entries[*entry as usize]))
        }
        EntryOrFinding::Finding(finding) => {
            Record::Finding(FindingRecord::of(input, &outcome.findings[*finding as usize]))
        }
    })
}

/// An index into the entries or the findings of an outcome.
enum EntryOrFinding {
    Entry(u32),
    Finding(u32),
}

/// The findings on no entry, then each entry with its findings, each in the order of the outcome.
fn entries_before_findings(outcome: &Outcome) -> Vec<EntryOrFinding> {
    let mut findings: Vec<u32> = (0..outcome.findings.len() as u32).collect();
    let entry = |finding: &u32| outcome.findings[*finding as usize].entry();
    findings.sort_by_key(entry);
    let on_none = findings.partition_point(|finding| entry(finding).is_none());
    let mut rest = findings.split_off(on_none).into_iter().peekable();
    let mut all: Vec<_> = findings.into_iter().map(EntryOrFinding::Finding).collect();
    all.reserve_exact(rest.len() + outcome.entries.len());
    for at in 0..outcome.entries.len() {
        all.push(EntryOrFinding::Entry(at as u32));
        while let Some(finding) = rest.next_if(|finding| entry(finding) == Some(at)) {
            all.push(EntryOrFinding::Finding(finding));
        }
    }
    all
}

/// Writes `json`.
pub fn document(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    write!(out, "{{\"schema\":{SCHEMA},\n\"run\":")?;
    let mut run = Vec::new();
    write(&mut run, &RunRecord::of(input))?;
    out.write_all(&run)?;
    out.write_all(b",\n\"findings\":[")?;
    list(&outcome.findings, out, |finding| FindingRecord::of(input, finding))?;
    out.write_all(b"],\n\"undecided\":[")?;
    let undecided = about(outcome);
    list(&undecided, out, |(undecided, about)| UndecidedRecord::of(input, undecided, about))?;
    out.write_all(b"],\n\"entries\":[")?;
    list(&outcome.entries, out, |entry| EntryRecord::of(input, entry))?;
    out.write_all(b"],\n\"summary\":")?;
    let summary = input.summary();
    let mut bytes = Vec::new();
    write(&mut bytes, &SummaryRecord::of(input, &summary))?;
    out.write_all(&bytes)?;
    out.write_all(b"}\n")
}

/// What is undecided, each with the entries that it is about.
pub(crate) fn about(outcome: &Outcome) -> Vec<(&Undecided, Vec<u32>)> {
    let mut undecided: Vec<_> = outcome.undecided.iter().map(|one| (one, Vec::new())).collect();
    for of in &outcome.undecided_of {
        undecided[of.undecided as usize].1.push(of.entry);
    }
    undecided
}

fn lines_of<'a, T: Sync + 'a, R: Serialize>(
    items: &'a [T],
    out: &mut dyn Write,
    record: impl Fn(&'a T) -> R + Sync,
) -> io::Result<()> {
    let items: Vec<&'a T> = items.iter().collect();
    super::in_pieces(&items, out, |piece| {
        let mut bytes = Vec::with_capacity(piece.len() * 512);
        for item in piece {
            write(&mut bytes, &record(item))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    })
}

/// The elements of an array, one a line.
fn list<'a, T: Sync, R: Serialize>(
    items: &'a [T],
    out: &mut dyn Write,
    record: impl Fn(&'a T) -> R + Sync,
) -> io::Result<()> {
    let items: Vec<(usize, &'a T)> = items.iter().enumerate().collect();
    super::in_pieces(&items, out, |piece| {
        let mut bytes = Vec::with_capacity(piece.len() * 512);
        for (n, item) in piece {
            bytes.extend_from_slice(if *n == 0 { b"\n" } else { b",\n" });
            write(&mut bytes, &record(item))?;
        }
        Ok(bytes)
    })
}

fn line(record: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes, record)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes a value in one line, with everything escaped that could act on a terminal.
pub fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(bytes, Inert);
    value.serialize(&mut serializer).map_err(io::Error::other)
}

/// Compact JSON in which characters that act are written as escapes, and so is every second `#` of a command to a
/// machine that reads the log (`##vso[…]`).
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let is_plain = fragment.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !fragment.contains("##") && (is_plain || !fragment.contains(text::acts)) {
            return out.write_all(fragment.as_bytes());
        }
        let mut before = ' ';
        for c in fragment.chars() {
            let mut units = [0; 2];
            let is_second = c == '#' && before == '#';
            before = c;
            if is_second || text::acts(c) {
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                let mut bytes = [0; 4];
                out.write_all(c.encode_utf8(&mut bytes).as_bytes())?;
            }
        }
        Ok(())
    }
}

pub(crate) fn own<'a>(text: &OutsideString) -> Cow<'a, str> {
    Cow::Owned(text.masked().into_owned())
}
