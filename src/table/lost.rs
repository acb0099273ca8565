//! Finds the entries that may miss a row: because the entry number of a row cannot be read, or because the export
//! cannot have all rows of its entries.
//!
//! A row that may belong to an entry is added to the entry's rows, as one in which nothing can be read
//! ([`Row::doubtful`]). With it, no rule can conclude that something is absent or that a total is complete, and
//! the report can show the row.

use std::ops::RangeInclusive;

use hashbrown::{HashMap, HashSet};

use super::schema::{Schema, Type};
use super::texts::TextAt;
use super::{Entries, EntryId, Header, Part, Row, Table};
use crate::digits;
use crate::entry::{self, EntryNumber, LENGTH};
use crate::mask;
use crate::source::FileId;

/// A row of data whose entry number cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct LostRow {
    pub(super) part: u32,
    pub(super) line: u64,
    pub(super) start: u64,
    pub(super) text: TextAt,
    /// What is in the place of the entry number.
    pub(super) key: String,
}

/// How many lost rows are compared with the entries. Where there are more, each entry may have lost one.
pub(super) const MAX_LOST: usize = 10_000;

/// Why an export cannot have all rows of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Partial {
    /// No row of any file has a Chapter 99 number.
    NoChapter99,
    /// No row of any file has a number of Chapters 1 to 97.
    NoCommodity,
    /// Each entry has one row, and no file has the line or the ordinal: a list of entries, not of lines.
    OneRowEach,
}

impl Partial {
    /// What is wrong with the files.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoChapter99 => "no row has a Chapter 99 number",
            Self::NoCommodity => "no row has a Chapter 1-97 number",
            Self::OneRowEach => "each entry has only one row, without line and ordinal",
        }
    }
}

/// What is seen of the rows of a file while it is read, whether or not they are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(super) chapter_99: bool,
    pub(super) commodity: bool,
    /// A row that has the entry number of the row before.
    pub(super) repeated: bool,
}

impl Seen {
    /// Whether nothing is left to see in a row's HTS number.
    pub(super) fn has_all_chapters(self) -> bool {
        self.chapter_99 && self.commodity
    }

    /// What is missing where all rows have the chapters of one kind. Where no HTS number can be read at all,
    /// that is reported for each.
    fn lacks_chapter(self) -> Option<Partial> {
        match (self.chapter_99, self.commodity) {
            (false, true) => Some(Partial::NoChapter99),
            (true, false) => Some(Partial::NoCommodity),
            (true, true) | (false, false) => None,
        }
    }

    /// What both have seen.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            chapter_99: self.chapter_99 || other.chapter_99,
            commodity: self.commodity || other.commodity,
            repeated: self.repeated || other.repeated,
        }
    }
}

/// Adds to each entry that may have lost a row the first such row; and where the files cannot have all
/// rows, to every entry.
pub(super) fn add_doubtful_rows(schema: &Schema, table: &mut Table, entries: &Entries, is_slice: bool) {
    table.partial = if is_slice { None } else { partial(schema, table) };
    let lost = std::mem::take(&mut table.lost);
    let mut doubtful = HashSet::new();
    let mut add = |table: &mut Table, lost: &LostRow, entry: EntryId| {
        if doubtful.insert(entry) {
            let LostRow { part, line, start, text, .. } = *lost;
            table.rows.push(Row { part, line, start, text, entry: Some(entry), doubtful: true });
        }
    };
    let mut of_any = None;
    for row in lost.iter().take(MAX_LOST) {
        match PossibleEntries::of(&row.key) {
            PossibleEntries::Any => of_any = of_any.or(Some(row)),
            PossibleEntries::Numbers(numbers) => {
                let declared = numbers.iter().filter_map(|number| entries.get(number));
                declared.for_each(|entry| add(table, row, entry));
            }
            PossibleEntries::Like(pattern) => {
                let ids = (0..).map(EntryId).zip(entries.numbers());
                let fitting = ids.filter(|(_, number)| pattern.fits(number));
                fitting.for_each(|(entry, _)| add(table, row, entry));
            }
        }
    }
    let all = (0..entries.len() as u32).map(EntryId);
    if let Some(row) = of_any.or_else(|| lost.get(MAX_LOST)) {
        all.for_each(|entry| add(table, row, entry));
    } else if table.partial.is_some()
        && let Some(part) = table.parts.first()
    {
        // There is not a row to show but the header.
        let start = part.header.fields.first().map_or(0, |(_, span)| span.start);
        let row =
            LostRow { part: 0, line: part.header.line, start, text: TextAt::default(), key: String::new() };
        all.for_each(|entry| add(table, &row, entry));
    } else if !is_slice && table.parts.iter().any(|part| part.partial(schema).is_some()) {
        add_partial_rows(schema, table, &mut doubtful);
    }
}

/// Adds a doubtful row to each entry whose rows are all from files that cannot have all of them, where
/// others can.
fn add_partial_rows(schema: &Schema, table: &mut Table, doubtful: &mut HashSet<EntryId>) {
    let mut seen: HashMap<EntryId, (Seen, u32)> = HashMap::new();
    for row in table.rows.iter().filter(|row| !row.doubtful) {
        if let Some(entry) = row.entry {
            let of_part = table.parts[row.part as usize].seen;
            let (known, _) = seen.entry(entry).or_insert((of_part, row.part));
            *known = known.and(of_part);
        }
    }
    let of_parts = seen.into_iter().filter(|(_, (seen, part))| {
        !seen.has_all_chapters() && table.parts[*part as usize].partial(schema).is_some()
    });
    for (entry, (_, part)) in of_parts {
        if doubtful.insert(entry) {
            let Header { line, fields } = &table.parts[part as usize].header;
            let (line, start) = (*line, fields.first().map_or(0, |(_, span)| span.start));
            let text = TextAt::default();
            table.rows.push(Row { part, line, start, text, entry: Some(entry), doubtful: true });
        }
    }
}

impl Part {
    /// What makes the file incomplete, as its chapters show it.
    pub(crate) fn partial(&self, schema: &Schema) -> Option<Partial> {
        self.has_hts_of_lines(schema).then(|| self.seen.lacks_chapter())?
    }

    /// The chapters of the tariff that its rows have, where they are lines with HTS numbers.
    pub(crate) fn chapters(&self, schema: &Schema) -> Option<Vec<&'static str>> {
        let seen = [("1-97", self.seen.commodity), ("99", self.seen.chapter_99)];
        self.has_hts_of_lines(schema)
            .then(|| seen.into_iter().filter(|(_, seen)| *seen).map(|(name, _)| name).collect())
    }

    fn has_hts_of_lines(&self, schema: &Schema) -> bool {
        let hts = schema.columns.iter().position(|column| column.kind == Type::Hts);
        schema.line.is_some() && hts.is_some_and(|hts| self.has_column(hts))
    }
}

impl Table {
    /// The files that cannot have all rows of their entries and have entries that no other file has, where
    /// others can have all.
    pub(crate) fn partial_files(&self, schema: &Schema) -> Vec<(FileId, Partial)> {
        let parts = self.partial_parts.iter().map(|part| &self.parts[*part]);
        parts.filter_map(|part| Some((part.file, part.partial(schema)?))).collect()
    }

    /// Finds those files, once the rows that only may belong to an entry are known.
    pub(super) fn find_partial_parts(&mut self, schema: &Schema) {
        if self.partial.is_some() || self.parts.iter().all(|part| part.partial(schema).is_none()) {
            return;
        }
        let mut found: Vec<usize> = (self.rows.iter())
            .map(|row| (row, row.part as usize))
            .filter(|(row, part)| row.doubtful && row.line == self.parts[*part].header.line)
            .map(|(_, part)| part)
            .collect();
        found.sort_unstable();
        found.dedup();
        self.partial_parts = found;
    }
}

/// What makes an export of lines incomplete, as far as its rows show it.
fn partial(schema: &Schema, table: &Table) -> Option<Partial> {
    let has = |column: Option<usize>| column.is_some_and(|column| table.has_column(column));
    let hts = schema.columns.iter().position(|column| column.kind == Type::Hts);
    if schema.line.is_none() || table.parts.iter().all(|part| part.records == 0) {
        return None;
    }
    let one_row_each = || {
        let rows = table.rows.iter().filter_map(|row| row.entry);
        let mut seen = HashSet::new();
        !has(schema.line)
            && !has(schema.column("ordinal"))
            && !table.seen.repeated
            && rows.map(|entry| entry.0).all(|entry| seen.insert(entry))
    };
    match table.seen {
        Seen { .. } if !has(hts) => one_row_each().then_some(Partial::OneRowEach),
        Seen { chapter_99: true, commodity: true, .. } => one_row_each().then_some(Partial::OneRowEach),
        seen => seen.lacks_chapter(),
    }
}

/// The entries that a damaged number may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PossibleEntries {
    /// Any: nothing is left of it.
    Any,
    /// One of these.
    Numbers(Vec<EntryNumber>),
    /// All that look like this.
    Like(NumberPattern),
}

/// What is left of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NumberPattern {
    /// A rounded figure: the number lies in this range.
    Rounded(RangeInclusive<u64>),
    /// Characters that are together in the number.
    Part(String),
}

impl NumberPattern {
    fn fits(&self, number: &EntryNumber) -> bool {
        match self {
            Self::Rounded(range) => {
                digits::value_of(number.as_str()).is_some_and(|value| range.contains(&value))
            }
            Self::Part(part) => number.as_str().contains(part.as_str()),
        }
    }
}

/// With fewer digits a text is a remark, not a number.
const MIN_DIGITS: usize = 4;

/// With more letters and digits it is not one number with a fault, but a remark too.
const MAX_WRITTEN: usize = LENGTH + 2;

impl PossibleEntries {
    fn of(key: &str) -> Self {
        let text = super::value::clean(key);
        if let Some(range) = digits::rounded(text) {
            return Self::Like(NumberPattern::Rounded(range));
        }
        let written = written(text);
        if key.contains(entry::REVERSES) || written.bytes().filter(u8::is_ascii_digit).count() < MIN_DIGITS {
            return Self::Any;
        }
        let within = entry::within(text).numbers;
        if !within.is_empty() {
            return Self::Numbers(within);
        }
        // As an amount, or with signs in it that no entry number has.
        let amount = digits::whole(text.trim_start_matches(CURRENCIES).trim_start());
        if let Some(number) = amount.iter().chain([&written]).find_map(|text| EntryNumber::parse(text)) {
            return Self::Numbers(vec![number]);
        }
        let is_number = text.chars().all(|c| {
            c.is_alphanumeric() || is_mark(c) || entry::is_dash(c) || entry::is_space(c) || c == '"'
        });
        match written.len() {
            ..LENGTH if written.len() < LENGTH - 2 && is_number => Self::Like(NumberPattern::Part(written)),
            LENGTH_TO_CORRECT..=MAX_WRITTEN if !text.contains(IN_NO_NUMBER) => {
                Self::Numbers(filers(&written).iter().flat_map(|text| entry::corrections(text)).collect())
            }
            // A day, a time, a remark with a number of its own: the row of any entry.
            _ => Self::Any,
        }
    }
}

/// What is before an amount.
const CURRENCIES: [char; 3] = ['$', '\u{20ac}', '\u{a3}'];

/// What is in times, amounts and other things than numbers.
const IN_NO_NUMBER: [char; 9] = [':', '$', '\u{20ac}', '\u{a3}', '%', '&', '@', '<', '>'];

/// The fewest characters in which an entry number with one fault is recognized.
const LENGTH_TO_CORRECT: usize = LENGTH - 2;

/// The letters and digits of a text, in whatever script, without what is between and above them.
fn written(text: &str) -> String {
    let plain = text.chars().filter(|c| !is_mark(*c)).map(|c| entry::resembles(c).unwrap_or(mask::folded(c)));
    plain.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// A mark that is put over or under the letter before it.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// A number with each filer code that may be meant: a filer code has letters, so in it an `O` is no mistake by
/// itself.
fn filers(written: &str) -> Vec<String> {
    let mut all = vec![written.to_owned()];
    for at in 0..written.len().min(3) {
        let others = all.iter().filter_map(|text| {
            let other = match text.as_bytes()[at] {
                b'O' => "0",
                b'0' => "O",
                b'I' | b'L' => "1",
                b'1' => "I",
                _ => return None,
            };
            Some(format!("{}{other}{}", &text[..at], &text[at + 1..]))
        });
        all.extend(others.collect::<Vec<_>>());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_number_fits_what_it_may_have_been() {
        let number = EntryNumber::parse("60557610015").unwrap();
        let fits = |key: &str| match PossibleEntries::of(key) {
            PossibleEntries::Any => None,
            PossibleEntries::Numbers(numbers) => Some(numbers.contains(&number)),
            PossibleEntries::Like(pattern) => Some(pattern.fits(&number)),
        };
        for key in [
            "",
            "#REF!",
            "see mail",
            "Total 12",
            // What is not an entry number at all: the columns may be displaced.
            "01/02/2026",
            "12:30:15.123",
            "see mail of 2026-11-02 on 17 entries",
            "\u{202e}51001675506",
        ] {
            assert_eq!(fits(key), None, "{key}");
        }
        for key in [
            "6.05576E+10",
            "6,05576E+10",
            "6.06E+10",
            "6E+10",
            "60557600000",
            "60557610016",
            "6055761001",
            "605576100155",
            "60557610O15",
            "60557",
            "7610015",
            "60557610015 or 60557610023",
            "605/5761001/5",
            "605.5761001.5",
            "605_5761001_5",
            "605:5761001:5",
            "605/5761001/6",
            "$60,557,610,015.00",
            "\u{20ac} 60557610015",
            "6\u{301}0557610015\u{301}",
            "\u{1d7d4}\u{1d7ce}\u{1d7d3}57610015",
            "\u{6f6}0557610016",
        ] {
            assert_eq!(fits(key), Some(true), "{key}");
        }
        for key in ["6.05577E+10", "6.05576E+09", "60557610023", "70557600000", "11111", "60557610099"] {
            assert_eq!(fits(key), Some(false), "{key}");
        }
        let zeros = EntryNumber::parse("00261103162").unwrap();
        for key in ["OO261103162", "O0261103163", "oo2-6110316-2"] {
            let PossibleEntries::Numbers(numbers) = PossibleEntries::of(key) else { panic!("{key}") };
            assert!(numbers.contains(&zeros), "{key}");
        }
    }
}
