//! Finds the entries that may miss a row: because the entry number of a row cannot be read, or because the export
//! cannot have all rows of its entries.
//!
//! A row that may belong to an entry is added to the entry's rows, as one in which nothing can be read
//! ([`Row::doubtful`]). With it, no rule can conclude that something is absent or that a total is complete, and
//! the report can show the row.

use std::ops::RangeInclusive;

use hashbrown::{HashMap, HashSet};
use strum::IntoStaticStr;

use super::schema::{Schema, Type};
use super::texts::TextAt;
use super::{Entries, EntryId, Header, Part, Row, Table, encoding};
use crate::digits;
use crate::entry::{self, EntryNumber, LENGTH};
use crate::mask;
use crate::source::{FileId, line_number};

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

impl LostRow {
    /// The row as one that only may be an entry's.
    fn row(&self, entry: Option<EntryId>) -> Row {
        let Self { part, line, start, text, .. } = *self;
        Row { part, line: line_number(line), start, text, entry, doubtful: true }
    }
}

/// Takes in the entries whose numbers are in the key's cell of a lost row, beside other text or a broken quote: a list
/// that is read for all its entries names them too.
pub(super) fn take_in_entries(schema: &Schema, table: &Table, entries: &mut Entries) {
    for lost in table.lost.iter().take(MAX_LOST) {
        let part = &table.parts[lost.part as usize];
        let record = table.record(&lost.row(None));
        let key = schema.key.and_then(|key| part.fields[key]);
        let field = key.and_then(|key| record.field(key as usize));
        if let Some(field) = field {
            let written = encoding::decode(&record.bytes()[field.raw]);
            for number in entry::within(&written).numbers {
                entries.insert(number);
            }
        }
    }
}

/// How many lost rows are compared with the entries. Where there are more, each entry may have lost one.
pub(super) const MAX_LOST: usize = 10_000;

/// How often a lost row is compared with an entry, which takes about a second.
const MAX_COMPARED: usize = 100_000_000;

/// Why an export cannot have all rows of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Partial {
    /// No row of any file has a Chapter 99 number.
    #[strum(serialize = "no_chapter_99")]
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
    let most = (MAX_COMPARED / entries.len().max(1)).min(MAX_LOST);
    let mut doubtful = HashSet::new();
    let mut add = |table: &mut Table, lost: &LostRow, entry: EntryId| {
        if doubtful.insert(entry) {
            table.rows.push(lost.row(Some(entry)));
        }
    };
    let mut of_any = None;
    for row in lost.iter().take(most) {
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
    if let Some(row) = of_any.or_else(|| lost.get(most)) {
        all.for_each(|entry| add(table, row, entry));
    } else if table.partial.is_some()
        && let Some(part) = table.parts.first()
    {
        // There is not a row to show but the header.
        let start = part.header.fields.first().map_or(0, |(_, span)| span.start());
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
            let (line, start) = (*line, fields.first().map_or(0, |(_, span)| span.start()));
            let text = TextAt::default();
            table.rows.push(Row {
                part,
                line: line_number(line),
                start,
                text,
                entry: Some(entry),
                doubtful: true,
            });
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
            .filter(|(row, part)| row.doubtful && u64::from(row.line) == self.parts[*part].header.line)
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
    /// A rounded figure: the number lies in this range, or what follows its filer code.
    Rounded(RangeInclusive<u64>),
    /// Digits that are in the number in this order.
    Digits(DigitsLeft),
}

impl NumberPattern {
    fn fits(&self, number: &EntryNumber) -> bool {
        match self {
            Self::Rounded(range) => {
                let is_in =
                    |digits: &str| digits::value_of(digits).is_some_and(|value| range.contains(&value));
                is_in(number.as_str()) || is_in(&number.as_str()[FILER_CODE..])
            }
            Self::Digits(digits) => digits.fit(number),
        }
    }
}

/// How many characters the filer code has.
const FILER_CODE: usize = 3;

/// The digits that are left of a number. Letters are not compared: only the filer code has any, which is left out
/// most easily, and in place of digits they stand for what is not known (`ABC72000XX`).
#[derive(Clone, Debug, PartialEq, Eq)]
struct DigitsLeft {
    /// For each digit where it is among those left: a bit each, as all numbers of an export may be compared.
    at: [u16; 10],
    /// How many must be in a number, in their order: all, or all but one where nearly all are there.
    needed: u32,
    /// What is written, where it is as long as a number: then it may be one with one fault.
    whole: Option<String>,
}

impl DigitsLeft {
    fn new(written: String) -> Self {
        let digits = written.bytes().filter(u8::is_ascii_digit).map(|c| usize::from(c - b'0'));
        // Zeros are lost, and filled up.
        let digits: Vec<usize> = digits.skip_while(|digit| *digit == 0).collect();
        let mut at = [0; 10];
        for (bit, digit) in digits.iter().enumerate() {
            at[*digit] |= 1 << bit;
        }
        let whole = Some(written).filter(|written| written.len() >= LENGTH);
        let wrong = usize::from(whole.is_none() && digits.len() >= LENGTH - FILER_CODE);
        Self { at, needed: (digits.len() - wrong) as u32, whole }
    }

    fn fit(&self, number: &EntryNumber) -> bool {
        self.are_in(number) || self.whole.as_ref().is_some_and(|whole| is_near(whole, number.as_str()))
    }

    /// Whether a number has the digits, by the length of the longest common subsequence, whose steps are the bits
    /// of a word (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004).
    fn are_in(&self, number: &EntryNumber) -> bool {
        let mut open = u16::MAX;
        for digit in number.as_str().bytes().filter(u8::is_ascii_digit) {
            let found = open & self.at[usize::from(digit - b'0')];
            open = open.wrapping_add(found) | (open - found);
        }
        open.count_zeros() >= self.needed
    }
}

/// Whether one fault makes the one of the other: a wrong, missing or surplus character, or two neighbors that are
/// exchanged. What looks alike is the same.
fn is_near(written: &str, number: &str) -> bool {
    let plain = |c: &u8| entry::digit_for(*c).unwrap_or(*c);
    let is_same = |(one, other): &(u8, u8)| plain(one) == plain(other);
    let begins = written.bytes().zip(number.bytes()).take_while(is_same).count();
    let (written, number) = (&written[begins..], &number[begins..]);
    let ends = written.bytes().rev().zip(number.bytes().rev()).take_while(is_same).count();
    let (written, number) = (&written[..written.len() - ends], &number[..number.len() - ends]);
    written.len() <= 1 && number.len() <= 1 || written.bytes().eq(number.bytes().rev()) && written.len() == 2
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
        let has_few_digits = |text: &str| text.chars().filter(char::is_ascii_digit).count() < MIN_DIGITS;
        if key.contains(entry::REVERSES) || has_few_digits(&written) {
            return Self::Any;
        }
        let within = entry::within(text);
        if !within.numbers.is_empty() {
            // Beside a number that is read there may be one that is not.
            let is_all = has_few_digits(&self::written(&within.beside()));
            return if is_all { Self::Numbers(within.numbers) } else { Self::Any };
        }
        // As an amount, or with signs in it that no entry number has.
        let amount = digits::whole(text.trim_start_matches(CURRENCIES).trim_start());
        if let Some(number) = amount.iter().chain([&written]).find_map(|text| EntryNumber::parse(text)) {
            return Self::Numbers(vec![number]);
        }
        let is_number = text.chars().all(|c| {
            c.is_alphanumeric() || is_mark(c) || entry::is_dash(c) || entry::is_space(c) || c == '"'
        });
        let is_day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
        match written.len() {
            ..LENGTH if is_number && !is_day => Self::Like(NumberPattern::Digits(DigitsLeft::new(written))),
            LENGTH..=MAX_WRITTEN if !text.contains(IN_NO_NUMBER) => {
                Self::Like(NumberPattern::Digits(DigitsLeft::new(written)))
            }
            // A day, a time, a remark with a number of its own: the row of any entry.
            _ => Self::Any,
        }
    }
}

/// What is before an amount.
const CURRENCIES: [char; 3] = ['$', '\u{20ac}', '\u{a3}'];

/// What is in times, amounts, lists and other things than a number.
const IN_NO_NUMBER: [char; 12] = [':', '$', '\u{20ac}', '\u{a3}', '%', '&', '@', '<', '>', ',', ';', '+'];

/// The letters and digits of a text, in whatever script, without what is between and above them.
fn written(text: &str) -> String {
    let plain = text.chars().filter(|c| !is_mark(*c)).map(|c| entry::resembles(c).unwrap_or(mask::folded(c)));
    plain.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// A mark that is put over or under the letter before it.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
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
            "2026-11-22",
            "60557610023 or 6055761001",
            "605-5761001-6, 605-5761002-4",
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
            // What is lost at both ends, in the middle, and beside one more fault.
            "605576100",
            "557610015",
            "605760015",
            "60557 0015",
            "6055761001xx",
            "XXX57610015",
            "00057610015",
            "57619015",
            "605576110015",
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
            let PossibleEntries::Like(pattern) = PossibleEntries::of(key) else { panic!("{key}") };
            assert!(pattern.fits(&zeros), "{key}");
        }
    }
}
