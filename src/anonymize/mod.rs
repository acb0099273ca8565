//! Writes made-up files of the same shape, which a user can send with a report of a wrong verdict.
//!
//! Entry numbers, importer numbers and names are replaced by made-up ones, the same for the same original in
//! all files of a run; so is everything in a column that no table declares. What rules read stays: headers,
//! layout, line ends, quotes, dates, amounts, HTS numbers, and damage. So the made-up files give the same
//! findings.
//!
//! A CSV file is not read into a table and written again, because that would repair the damage that a report
//! is about: the bytes of a cell are replaced where they are, one for one. A workbook is written anew
//! (`workbook`), because its parts have much that no cell shows.

mod errors;
mod workbook;

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use encoding_rs::{UTF_16BE, UTF_16LE};
use regex::bytes::Regex;

use crate::diagnostic::Diagnostic;
use crate::engine::load::Rules;
use crate::engine::outputs::OutputFile;
use crate::entry::{self, Form};
use crate::input::{WORKBOOKS, named_sheet};
use crate::mask;
use crate::rules::pack;
use crate::table::csv;
use crate::table::encoding::{self, Beginning};
use crate::table::header;
use crate::table::schema::{Column, Schema, Type};
use crate::table::value::{self, CellReading};
use crate::table::workbook::not_csv;
pub(crate) use errors::AnonymizeCode;

/// Words shorter than this stay: countries, units, marks.
const MIN_WORD: usize = 3;

/// Runs of digits shorter than this stay: lines, ports, quantities.
const MIN_DIGITS: usize = 7;

/// Replaces what identifies an importer, the same way in all files of a run.
pub struct Anonymizer {
    seed: String,
    schemas: Vec<Arc<Schema>>,
}

impl Anonymizer {
    /// An anonymizer for the tables of these rules. The same seed gives the same replacements; it allows to
    /// undo them.
    pub fn new(seed: impl Into<String>, rules: &Rules) -> Self {
        Self { seed: seed.into(), schemas: rules.set.schemas.clone() }
    }

    /// The made-up form of a declaration, an export, a list or a configuration, and the name to write it
    /// under: that of the file, without entry numbers and other long numbers. A workbook of any kind becomes
    /// an `.xlsx`. The ending of the name distinguishes tables from YAML, in which only numbers, reasons,
    /// names and comments are replaced.
    ///
    /// # Errors
    /// Where the file is neither text nor a workbook: an image, a PDF, a damaged workbook.
    pub fn file(&self, path: &str, bytes: &[u8]) -> Result<OutputFile, Diagnostic> {
        let name = self.name(named_sheet(path).0.rsplit(['/', '\\']).next().unwrap_or(path));
        if bytes.is_empty() {
            return Ok(OutputFile { name, bytes: Vec::new() });
        }
        let extension = name.rsplit_once('.').map_or(String::new(), |(_, last)| last.to_ascii_lowercase());
        let is_yaml = ["yaml", "yml"].contains(&extension.as_str());
        let replace = |text: &mut [u8]| if is_yaml { self.settings(text) } else { self.table(text) };
        let bytes = match encoding::beginning(path, bytes)? {
            Beginning::Bytes { mark } => {
                let mut text = bytes.to_vec();
                replace(&mut text[mark..]);
                text
            }
            Beginning::Utf16 { big_endian, mark } => {
                let coding = if big_endian { UTF_16BE } else { UTF_16LE };
                let text = coding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
                let mut text = text.into_bytes();
                replace(&mut text);
                let units = String::from_utf8_lossy(&text);
                let units = units
                    .encode_utf16()
                    .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
                bytes[..mark].iter().copied().chain(units).collect()
            }
            Beginning::Workbook if WORKBOOKS.contains(&extension.as_str()) => {
                let bytes = self.workbook(path, bytes)?;
                let stem = &name[..name.len() - extension.len()];
                let name = if extension == "xlsx" { name } else { format!("{stem}xlsx") };
                return Ok(OutputFile { name, bytes });
            }
            Beginning::Workbook => return Err(not_csv(path, &extension)),
        };
        Ok(OutputFile { name, bytes })
    }

    /// Replaces the cells below the header and what is above it; the header keeps its words.
    fn table(&self, text: &mut [u8]) {
        let found = self
            .schemas
            .iter()
            .filter_map(|schema| Some((schema, header::find(schema, text, true)?)))
            .max_by_key(|(schema, found)| found.matched.score(schema));
        let delimiter = match &found {
            Some((_, found)) => found.form.delimiter_within(),
            None => header::likely_delimiter(text, true),
        };
        let header_line = found.as_ref().map_or(0, |(_, found)| found.row.line);
        let column_of = |field: usize| -> Option<&Column> {
            let (schema, found) = found.as_ref()?;
            let column = found.matched.fields.iter().position(|at| *at == Some(field as u32))?;
            schema.columns.get(column)
        };
        let columns: Vec<Option<&Column>> =
            (0..found.as_ref().map_or(0, |(_, found)| found.row.fields.len())).map(column_of).collect();
        let words = found.as_ref().map_or(Words::OfRules, |(schema, _)| Words::of_other_columns(schema));
        let (mut at, mut line) = (0, 1);
        while at < text.len() {
            let Ok(record) = csv::record_end(text, at, delimiter, true) else { break };
            let fields: Vec<Range<usize>> =
                csv::fields(&text[at..record.end], delimiter).map(|field| field.raw).collect();
            for (number, field) in fields.into_iter().enumerate() {
                let cell = &mut text[at + field.start..at + field.end];
                match columns.get(number).copied().flatten() {
                    _ if line == header_line => drop(self.numbers(cell)),
                    _ if line < header_line => self.other_cell(Words::OfRules, cell),
                    Some(column) => self.cell(column, cell),
                    None => self.other_cell(words, cell),
                }
            }
            line += record.breaks + 1;
            // A record without a line end is the last.
            if record.next <= at {
                break;
            }
            at = record.next;
        }
    }

    /// Replaces the numbers of a configuration, filer codes among them, and the reasons of waivers.
    fn settings(&self, text: &mut [u8]) {
        static FILER_CODES: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?m)^\s*(?:courier_)?filer_codes:\s*\[([^\]\n]*)\]").expect("a pattern")
        });
        static REASON: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?m)(?:^|\s)(?:(?:reason|name):\s*|#)([^\n]*)").expect("a pattern")
        });
        static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9]{3}").expect("a pattern"));
        let groups = |pattern: &Regex, text: &[u8]| -> Vec<Range<usize>> {
            pattern.captures_iter(text).filter_map(|found| Some(found.get(1)?.range())).collect()
        };
        for list in groups(&FILER_CODES, text) {
            let codes: Vec<_> = CODE.find_iter(&text[list.clone()]).map(|code| code.range()).collect();
            for code in codes {
                let code = list.start + code.start..list.start + code.end;
                self.replace_in_order(NumberKind::Entry, &mut text[code], 0);
            }
        }
        for reason in groups(&REASON, text) {
            self.words(&mut text[reason], &[]);
        }
        self.numbers(text);
    }

    /// Replaces a cell of a column that a table declares.
    fn cell(&self, column: &Column, cell: &mut [u8]) {
        let text = encoding::decode(cell).into_owned();
        let bare = text.trim_matches('"');
        match column.kind {
            Type::EntryNumber => {
                self.entry_cell(bare, cell);
                self.in_other_digits(cell);
            }
            Type::ImporterNumber => {
                self.importer(cell);
                self.in_other_digits(cell);
            }
            Type::Date | Type::Money | Type::Integer | Type::Hts
                if value::read(column, bare) != CellReading::Unreadable
                    && mask::find(bare, |_| true).is_empty() => {}
            _ => self.text(cell),
        }
    }

    /// Replaces a cell of a column that no table declares: every digit but those of a day, and every word but
    /// those that may decide something.
    fn other_cell(&self, words: Words, cell: &mut [u8]) {
        let numbers = self.numbers(cell);
        match words {
            Words::OfRules => self.words(cell, &numbers),
            Words::None => self.letters(cell, &numbers, |_| false),
        }
        let days = if words == Words::OfRules { ranges(&DAY, cell) } else { Vec::new() };
        let is_in = |ranges: &[Range<usize>], at| ranges.iter().any(|range| range.contains(&at));
        for at in 0..cell.len() {
            if cell[at].is_ascii_digit() && !is_in(&numbers, at) && !is_in(&days, at) {
                cell[at] = self.digit(NumberKind::Other, &cell[..at], cell[at]);
            }
        }
    }

    /// Replaces an entry number, however it is written.
    fn entry_cell(&self, text: &str, cell: &mut [u8]) {
        let form = entry::read(value::clean(text)).form;
        let bare: Vec<u8> = cell.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        if form == Form::Scientific {
            return self.scientific(cell);
        }
        let several = ENTRY.find_iter(cell).count() > 1;
        let lost = bare.iter().all(u8::is_ascii_digit) && (8..entry::LENGTH).contains(&bare.len());
        if several || bare.len() > entry::LENGTH + 2 {
            self.text(cell);
        } else if lost {
            self.replace_in_order(NumberKind::Entry, cell, entry::LENGTH - bare.len());
            let old: Vec<u8> = [vec![b'0'; entry::LENGTH - bare.len()], bare].concat();
            self.keep_check_digit(&old, cell);
        } else {
            self.replace_in_order(NumberKind::Entry, cell, 0);
            self.keep_check_digit(&bare, cell);
        }
    }

    /// Replaces the digits of a rounded number: `6.05761E+10` has the first 6 of 11.
    fn scientific(&self, cell: &mut [u8]) {
        let Some(exponent) = cell.iter().position(|c| c.eq_ignore_ascii_case(&b'E')) else { return };
        let power = cell[exponent + 1..].iter().filter(|c| c.is_ascii_digit());
        let power =
            power.fold(0_usize, |all, c| all.saturating_mul(10).saturating_add(usize::from(c - b'0')));
        let zeros = entry::LENGTH.saturating_sub(power.saturating_add(1));
        self.replace_in_order(NumberKind::Entry, &mut cell[..exponent], zeros);
    }

    /// Makes the check digit of a replaced number as right, or as wrong, as that of the old.
    fn keep_check_digit(&self, old: &[u8], cell: &mut [u8]) {
        let Some(at) = cell.iter().rposition(u8::is_ascii_alphanumeric) else { return };
        let new: Vec<u8> = cell.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        let new = [vec![b'0'; old.len().saturating_sub(new.len())], new].concat();
        let digit = |number: &[u8]| entry::check_digit(number.get(..entry::LENGTH - 1)?);
        let upper = |number: &[u8]| number.to_ascii_uppercase();
        if old.len() == entry::LENGTH
            && let (Some(was), Some(is)) = (digit(&upper(old)), digit(&upper(&new)))
            && old[entry::LENGTH - 1].is_ascii_digit()
        {
            cell[at] = b'0' + (is - b'0' + (old[entry::LENGTH - 1] + 10 - was)) % 10;
        }
    }

    /// Replaces the 9 digits of an importer number. The first becomes 9 unless it is 0: no social security
    /// number begins so.
    fn importer(&self, cell: &mut [u8]) {
        let digits: Vec<usize> =
            cell.iter().enumerate().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).take(9).collect();
        let Some((&first, rest)) = digits.split_first() else { return };
        let mut before = vec![cell[first]];
        if cell[first] != b'0' {
            cell[first] = b'9';
        }
        for &at in rest {
            let was = cell[at];
            cell[at] = self.digit(NumberKind::Importer, &before, was);
            before.push(was);
        }
    }

    /// Replaces entry numbers, importer numbers and other long numbers inside a text.
    /// Returns where they are.
    fn numbers(&self, text: &mut [u8]) -> Vec<Range<usize>> {
        let mut done: Vec<Range<usize>> = Vec::new();
        let is_free = |done: &[Range<usize>], found: &Range<usize>| {
            done.iter().all(|other| found.end <= other.start || other.end <= found.start)
        };
        for found in ranges(&ENTRY, text) {
            let old: Vec<u8> =
                text[found.clone()].iter().copied().filter(u8::is_ascii_alphanumeric).collect();
            self.replace_in_order(NumberKind::Entry, &mut text[found.clone()], 0);
            self.keep_check_digit(&old, &mut text[found.clone()]);
            done.push(found);
        }
        for found in ranges(&IMPORTER, text) {
            if is_free(&done, &found) {
                self.importer(&mut text[found.clone()]);
                done.push(found);
            }
        }
        for found in ranges(&DIGITS, text) {
            // An HTS number or a day identifies no importer.
            let digits = std::str::from_utf8(&text[found.clone()]).unwrap_or_default();
            let is_hts = value::HtsNumber::parse(digits).is_some() && digits.len() != 9;
            if found.len() >= MIN_DIGITS && is_free(&done, &found) && !is_hts {
                self.replace_in_order(NumberKind::Other, &mut text[found], 0);
            }
        }
        self.persons(text, &mut done);
        done
    }

    /// Replaces what may be a social security number, whatever is between its digits and whatever digits
    /// they are, where nothing was replaced yet.
    fn persons(&self, text: &mut [u8], done: &mut Vec<Range<usize>>) {
        let plain = match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            // Of an older encoding, whose digits are those of ASCII.
            Err(_) => text.iter().map(|c| if c.is_ascii() { char::from(*c) } else { '?' }).collect(),
        };
        for number in mask::find(&plain, |_| false) {
            let range = number[0]..number[8] + plain[number[8]..].chars().next().map_or(1, char::len_utf8);
            if !done.iter().all(|other| range.end <= other.start || other.end <= range.start) {
                continue;
            }
            let mut before = Vec::new();
            for at in number {
                let Some(c) = plain[at..].chars().next() else { continue };
                if let Some((_, length)) = mask::escape(&plain[at..]) {
                    text[at..at + length].fill(b'*');
                    continue;
                }
                let was = b'0' + mask::digit(c).unwrap_or_default() as u8;
                let new = match before.as_slice() {
                    [] if was == b'0' => was,
                    [] => b'9',
                    before => self.digit(NumberKind::Importer, before, was),
                };
                before.push(was);
                // The same digits: those of a script are in order.
                let other =
                    (u32::from(c) + u32::from(new)).checked_sub(u32::from(was)).and_then(char::from_u32);
                let is_digit = |other: &char| {
                    other.len_utf8() == c.len_utf8() && mask::digit(*other) == Some(u32::from(new - b'0'))
                };
                other.filter(is_digit).unwrap_or('*').encode_utf8(&mut text[at..]);
            }
            done.push(range);
        }
    }

    /// [`Self::persons`] in a cell whose ASCII digits were replaced.
    fn in_other_digits(&self, cell: &mut [u8]) {
        if !cell.is_ascii() {
            self.persons(cell, &mut Vec::new());
        }
    }

    /// The name of a file without numbers that identify an importer, as a configuration gives it.
    fn name(&self, name: &str) -> String {
        let mut bytes = name.as_bytes().to_vec();
        self.numbers(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Replaces the numbers of a text, and its words.
    fn text(&self, text: &mut [u8]) {
        let numbers = self.numbers(text);
        self.words(text, &numbers);
    }

    /// Replaces the words that are in no rule, no header and no message of CBP: names and addresses. Letters
    /// of the numbers that were replaced are not words.
    fn words(&self, text: &mut [u8], numbers: &[Range<usize>]) {
        self.letters(text, numbers, |word| word.len() < MIN_WORD || WORDS.contains(word));
    }

    /// Replaces the letters of each word that is not to stay, and letters that are not ASCII by others of the
    /// same length.
    fn letters(&self, text: &mut [u8], numbers: &[Range<usize>], stays: impl Fn(&str) -> bool) {
        for found in ranges(&WORD, text) {
            let word = String::from_utf8_lossy(&text[found.clone()]).to_ascii_lowercase();
            let is_number = numbers.iter().any(|number| found.start < number.end && number.start < found.end);
            if is_number || stays(&word) {
                continue;
            }
            for (number, at) in found.enumerate() {
                let letter = (self.hash(NumberKind::Other, word.as_bytes(), number) % 26) as u8;
                text[at] = letter + if text[at].is_ascii_uppercase() { b'A' } else { b'a' };
            }
        }
        if text.is_ascii() {
            return;
        }
        let Ok(whole) = std::str::from_utf8(text) else {
            // Of an older encoding, in which each letter is one byte.
            for at in (0..text.len()).filter(|at| text[*at] >= 0xc0).collect::<Vec<_>>() {
                text[at] = 0xe0 + (self.hash(NumberKind::Other, &text[at..=at], 0) % 16) as u8;
            }
            return;
        };
        let letters = whole.char_indices().filter(|(_, c)| !c.is_ascii() && c.is_alphabetic());
        for (at, c) in letters.collect::<Vec<_>>() {
            let by = self.hash(NumberKind::Other, c.to_string().as_bytes(), 0) as u32;
            // Greek, Chinese and Deseret letters: of two, three and four bytes.
            let made_up = match c.len_utf8() {
                2 => 0x3b1 + by % 16,
                3 => 0x4e00 + by % 1000,
                _ => 0x10400 + by % 40,
            };
            char::from_u32(made_up).unwrap_or(c).encode_utf8(&mut text[at..]);
        }
    }

    /// Replaces letters and digits one by one, each by what is before it: numbers that begin alike
    /// still do, so that a rounded number fits the same entries. `zeros` is how many a spreadsheet took.
    /// Zeros in front stay, since they are what a spreadsheet takes; so do letters behind the filer code.
    fn replace_in_order(&self, kind: NumberKind, cell: &mut [u8], zeros: usize) {
        let mut before = vec![b'0'; zeros];
        for c in cell.iter_mut().filter(|c| c.is_ascii_alphanumeric()) {
            let was = c.to_ascii_uppercase();
            if c.is_ascii_digit() {
                *c = self.digit(kind, &before, was);
            } else if before.len() < 3 && kind == NumberKind::Entry {
                let letter = (was - b'A' + (self.hash(kind, &before, 0) % 26) as u8) % 26;
                *c = letter + if c.is_ascii_uppercase() { b'A' } else { b'a' };
            }
            before.push(was);
        }
    }

    fn digit(&self, kind: NumberKind, before: &[u8], was: u8) -> u8 {
        let by = self.hash(kind, before, 0);
        if before.iter().all(|c| *c == b'0') {
            // Zero stays zero, and nothing else becomes it.
            return if was == b'0' { was } else { b'1' + ((u64::from(was - b'1') + by) % 9) as u8 };
        }
        b'0' + ((u64::from(was - b'0') + by) % 10) as u8
    }

    fn hash(&self, kind: NumberKind, text: &[u8], number: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.seed, kind, text, number).hash(&mut hasher);
        hasher.finish()
    }
}

/// Which words stay in the columns that no table declares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Those of the rule pack, because a mark such as `do not file` decides something in any column of a
    /// declaration, and a file without a header may be one.
    OfRules,
    /// None: no rule reads such a column of an export or a list.
    None,
}

impl Words {
    fn of_other_columns(schema: &Schema) -> Self {
        if schema.name == "row" { Self::OfRules } else { Self::None }
    }
}

/// What a number is: each kind is replaced in its own way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum NumberKind {
    Entry,
    Importer,
    Other,
}

static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?-u)\b(?:[A-Za-z0-9]{3}-[0-9]{7}-[0-9]|[A-Za-z0-9]{3} [0-9]{7} [0-9]|[A-Za-z0-9]{3}[0-9]{8})\b",
    )
    .expect("a pattern")
});
static IMPORTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)\b(?:[0-9]{2}-[0-9]{7}(?:[A-Z0-9]{2})?|[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}|[0-9]{6}-[0-9]{5}|[0-9]{9})\b")
        .expect("a pattern")
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)[0-9]+").expect("a pattern"));
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)\b(?:[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})\b")
        .expect("a pattern")
});
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)[A-Za-z]+").expect("a pattern"));

/// The words of the rule pack, in lower case: those of headers, statuses and CBP's messages.
static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let texts = pack::files().filter(|(name, _)| name.ends_with(".yaml"));
    texts
        .flat_map(|(_, bytes)| {
            WORD.find_iter(bytes).map(|word| String::from_utf8_lossy(word.as_bytes()).to_ascii_lowercase())
        })
        .collect()
});

fn ranges(pattern: &Regex, text: &[u8]) -> Vec<Range<usize>> {
    pattern.find_iter(text).map(|found| found.range()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anonymizer() -> Anonymizer {
        Anonymizer::new("a seed", &Rules::built_in().unwrap())
    }

    fn table(text: &str) -> String {
        String::from_utf8(anonymizer().file("made-up.csv", text.as_bytes()).unwrap().bytes).unwrap()
    }

    #[test]
    fn an_entry_number_keeps_its_form_and_its_damage() {
        for cell in [
            "ABC12345676",
            "ABC-1234567-6",
            "abc12345676",
            "ABC12345677",
            "=\"ABC12345676\"",
            "261103162",
            "6.05761E+10",
            "ABC1234567",
            "AB\u{421}12345676",
            "00012345678",
        ] {
            let text = format!("Entry Number\r\n{}\r\n", cell.replace('"', "\"\"").replace('=', "\"="));
            let text = if cell.starts_with('=') { text.replace("\"\"\r\n", "\"\"\"\r\n") } else { text };
            let made_up = table(&text);
            let cell_of = |text: &str| {
                let line = text.lines().nth(1).unwrap().to_owned();
                line.trim_matches('"').replace("\"\"", "\"")
            };
            assert_eq!(made_up.len(), text.len(), "{cell}");
            assert_eq!(
                entry::read(&cell_of(&made_up)).form,
                entry::read(&cell_of(&text)).form,
                "{cell} {made_up}"
            );
            assert_ne!(made_up, text, "{cell}");
        }
    }

    #[test]
    fn the_same_number_is_replaced_alike_in_all_files_and_forms() {
        let declaration = table("Entry Number\nABC-1234567-6\n");
        let claims = table(
            "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\nABC12345676,000000000101,Failed,PROTEST ON ENTRY ABC12345676\n",
        );
        let number = entry::EntryNumber::parse(declaration.lines().nth(1).unwrap()).unwrap();
        let row = claims.lines().nth(1).unwrap();
        assert!(row.starts_with(number.as_str()), "{row}");
        assert!(row.ends_with(&format!("Failed,PROTEST ON ENTRY {}", number.as_str())), "{row}");
        let rounded = table("Entry Number\n60557610015\n6.05576E+10\n");
        let lines: Vec<&str> = rounded.lines().collect();
        assert_eq!(lines[1][..6], lines[2].replace('.', "")[..6], "{rounded}");
    }

    #[test]
    fn names_and_importers_go_and_the_rest_stays() {
        let text = "Entry Summary Number,Importer Number,Importer Name,Entry Date,HTS Number - Full,Line Tariff Duty Amount,Liquidation Status,Desk\r\n\
                    ABC12345676,12-3456789,Zebulon Widgets,02/01/2026,99030125,\"1,234.56\",Liquidated,Quincy\r\n\
                    ABC12345676,123-45-6789,Zebulon Widgets,02/01/2026,8471300100,850,Liquidated,Quincy\r\n";
        let made_up = table(text);
        for gone in ["Zebulon", "Widgets", "Quincy", "3456789", "12345676", "123-45"] {
            assert!(!made_up.contains(gone), "{gone} in {made_up}");
        }
        for kept in
            ["02/01/2026,99030125,\"1,234.56\",Liquidated,", ",8471300100,850,Liquidated,", "Importer Name"]
        {
            assert!(made_up.contains(kept), "{kept} not in {made_up}");
        }
        let importer = |row: usize| made_up.lines().nth(row).unwrap().split(',').nth(1).unwrap().to_owned();
        assert_eq!(importer(1).replace('-', ""), importer(2).replace('-', ""), "one importer in two forms");
        assert!(importer(2).starts_with('9'), "no social security number begins with 9");
    }

    #[test]
    fn text_of_any_encoding_keeps_its_length() {
        let text = "Entry Number\r\nABC12345676\r\n";
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let made_up = anonymizer().file("a.csv", &utf16).unwrap().bytes;
        assert_eq!(made_up.len(), utf16.len());
        assert_ne!(made_up, utf16);
        assert_eq!(anonymizer().file("a.csv", b"").unwrap().bytes, b"");
        for (name, code) in [("a.xlsx", "damaged-workbook"), ("a.csv", "not-a-table")] {
            let error = anonymizer().file(name, b"PK\x03\x04rest").unwrap_err();
            assert_eq!(error.code.name(), code, "{name}");
        }
    }

    #[test]
    fn a_configuration_keeps_its_keys() {
        let text = "# for Zebulon\naccount:\n  filer_codes: [ABC]\n  importer_numbers: [\"12-3456789\"]\nwaivers:\n  - rule: on-drawback\n    entries: [ABC12345676]\n    reason: Zebulon called\n    until: 2026-12-31\n";
        let made_up =
            String::from_utf8(anonymizer().file("capelint.yaml", text.as_bytes()).unwrap().bytes).unwrap();
        for gone in ["ABC", "3456789", "Zebulon"] {
            assert!(!made_up.contains(gone), "{gone} in {made_up}");
        }
        for kept in ["rule: on-drawback", "until: 2026-12-31", "filer_codes: ["] {
            assert!(made_up.contains(kept), "{kept} not in {made_up}");
        }
        let code = &made_up[made_up.find("codes: [").unwrap() + 8..][..3];
        assert!(made_up.contains(&format!("entries: [{code}")), "{made_up}");
    }
}
