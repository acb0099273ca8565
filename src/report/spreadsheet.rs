//! Lists that a person opens in a spreadsheet.
//!
//! Made for Excel: they begin with a UTF-8 byte order mark, without which Excel reads UTF-8 as the machine's old
//! code page; lines end in CRLF; and no cell acts, whatever text from outside is in it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;
use rust_decimal::prelude::{Decimal, ToPrimitive};

/// A list that is written row by row.
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

/// What the rows of a [`SortedList`] are sorted by: the last day, the first one first, and of the same day the most
/// IEEPA duty. Rows without a day come after those with one, and behind them those whose day is past; of those of a
/// day the ones of unknown duty are last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowOrder {
    day: i32,
    cents: Reverse<i64>,
}

impl RowOrder {
    /// That of an entry, on the filing date.
    pub fn new(day: Option<NaiveDate>, duty: Option<Decimal>, today: NaiveDate) -> Self {
        // No day of a calendar has as high a number.
        const NONE: i32 = 1 << 30;
        // An amount that is too large to be counted comes before all others.
        let cents = |duty: Decimal| {
            let cents = duty.checked_mul(Decimal::ONE_HUNDRED);
            cents.and_then(|cents| cents.round().to_i64()).unwrap_or(i64::MAX)
        };
        Self {
            day: match day {
                Some(day) if day < today => NONE + 1 + day.num_days_from_ce(),
                Some(day) => day.num_days_from_ce(),
                None => NONE,
            },
            cents: Reverse(duty.map_or(i64::MIN, cents)),
        }
    }
}

/// Where rows wait to be sorted when they are more than memory should have.
pub trait Scratch {
    /// Adds bytes, and gives where they begin.
    ///
    /// # Errors
    /// Where there is no room for them.
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64>;

    /// Reads some of the bytes that are there.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl<T: Read + Write + Seek> Scratch for T {
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.seek(SeekFrom::End(0))?;
        self.write_all(bytes)?;
        Ok(offset)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        self.read(buffer)
    }
}

/// A list whose rows are written by [`RowOrder`], rows alike in that in the order in which they were added. Of rows that
/// wait elsewhere, memory has only the order: runs of them, each sorted, are merged at the end.
pub struct SortedList {
    header: Vec<u8>,
    /// The rows that do not wait elsewhere, as they were added.
    bytes: Vec<u8>,
    /// All rows. Those of a run are sorted; after them are those of `bytes`.
    rows: Vec<SortedRow>,
    runs: Vec<Run>,
}

/// There may be millions, so it is small.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SortedRow {
    order: RowOrder,
    /// Before how many it was added.
    number: u32,
    length: u32,
}

/// Sorted rows that wait elsewhere.
struct Run {
    /// How many rows there are up to its end.
    rows: usize,
    /// Where the bytes that are not read yet begin, and where they end.
    next: u64,
    end: u64,
    /// Bytes that were read, and how many of them are written.
    read: Vec<u8>,
    written: usize,
}

/// How many bytes of all runs together are read ahead.
const READ_AHEAD: usize = 16 << 20;

/// How many bytes of merged rows are written at once.
const WRITE_AT_ONCE: usize = 1 << 18;

impl SortedList {
    /// A list with its header.
    pub fn new(header: &[&str]) -> Self {
        let header = List::new(header).finish();
        Self { header, bytes: Vec::new(), rows: Vec::new(), runs: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, order: RowOrder, cells: &[Cow<'_, str>]) {
        let before = self.bytes.len();
        row(&mut self.bytes, cells);
        let (number, length) = (self.rows.len() as u32, (self.bytes.len() - before) as u32);
        self.rows.push(SortedRow { order, number, length });
    }

    /// Takes the rows that do not wait elsewhere, sorted.
    fn take(&mut self) -> Vec<u8> {
        let first = self.runs.last().map_or(0, |run| run.rows);
        let rows = &mut self.rows[first..];
        let begins: Vec<usize> = (rows.iter())
            .scan(0, |end, row| {
                let begin = *end;
                *end += row.length as usize;
                Some(begin)
            })
            .collect();
        rows.sort_unstable();
        let mut sorted = Vec::with_capacity(self.bytes.len());
        for row in rows {
            let begin = begins[row.number as usize - first];
            sorted.extend_from_slice(&self.bytes[begin..begin + row.length as usize]);
        }
        self.bytes.clear();
        sorted
    }

    /// Lets the rows so far wait elsewhere.
    ///
    /// # Errors
    /// Those of the scratch.
    pub fn spill(&mut self, scratch: &mut dyn Scratch) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let sorted = self.take();
        let next = scratch.append(&sorted)?;
        let (rows, end) = (self.rows.len(), next + sorted.len() as u64);
        self.runs.push(Run { rows, next, end, read: Vec::new(), written: 0 });
        Ok(())
    }

    /// Writes the list, given where its rows wait.
    ///
    /// # Errors
    /// Those of the scratch and of `out`.
    pub fn finish(&mut self, scratch: &mut dyn Scratch, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.header)?;
        if self.runs.is_empty() {
            return out.write_all(&self.take());
        }
        self.spill(scratch)?;
        self.rows.par_sort_unstable();
        let ahead = (READ_AHEAD / self.runs.len()).max(1 << 12);
        let mut out = BufWriter::with_capacity(WRITE_AT_ONCE, out);
        for row in std::mem::take(&mut self.rows) {
            let run = self.runs.partition_point(|run| run.rows <= row.number as usize);
            out.write_all(self.runs[run].next(row.length as usize, ahead, scratch)?)?;
        }
        out.flush()
    }

    /// The bytes of a list whose rows are all in memory.
    pub fn bytes(mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.header);
        bytes.extend(self.take());
        bytes
    }
}

impl Run {
    /// The next bytes.
    fn next(&mut self, length: usize, ahead: usize, scratch: &mut dyn Scratch) -> io::Result<&[u8]> {
        if self.read.len() - self.written < length {
            self.read.drain(..self.written);
            self.written = 0;
            let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
            let mut at = self.read.len();
            self.read.resize(at + left.min(ahead.max(length)), 0);
            while at < self.read.len() {
                let read = scratch.read_at(self.next, &mut self.read[at..])?;
                if read == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                (at, self.next) = (at + read, self.next + read as u64);
            }
        }
        self.written += length;
        Ok(&self.read[self.written - length..self.written])
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
        // A reader of another separator takes the whole row for one cell, which begins with the first.
        let mut cell = neutral(cell);
        if at == 0 && cell.starts_with('-') {
            cell.to_mut().insert(0, '\'');
        }
        let is_quoted = memchr::memchr3(b',', b'"', b'\n', cell.as_bytes()).is_some() || cell.contains('\r');
        if is_quoted {
            bytes.push(b'"');
            for (at, piece) in cell.split('"').enumerate() {
                if at > 0 {
                    bytes.extend_from_slice(b"\"\"");
                }
                bytes.extend_from_slice(piece.as_bytes());
            }
            bytes.push(b'"');
        } else {
            bytes.extend_from_slice(cell.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
}

/// A cell that no spreadsheet takes for a formula: an apostrophe is put before what would begin one,
/// also behind white space (OWASP, CSV Injection). A reader that separates cells at `,`, `;`, `|` or tabs
/// takes the text behind those for a cell of its own, so there too; `␉`, `␍` and `␊` are what a tab and a line
/// break are shown as. A number stays one. Long text is cut.
fn neutral(cell: &str) -> Cow<'_, str> {
    if is_number(cell) || is_plainly_neutral(cell) {
        return Cow::Borrowed(cell);
    }
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
        at_start = matches!(c, ',' | ';' | '|' | '\t' | '\r' | '\n' | '␉' | '␍' | '␊')
            || (at_start && (c.is_whitespace() || matches!(c, '"' | '\'')));
    }
    if done == 0 && neutral.is_empty() {
        return cut;
    }
    neutral.push_str(&cut[done..]);
    Cow::Owned(neutral)
}

/// Whether a cell is short visible ASCII of which no piece begins a formula: what most are, found out without a look
/// at each character.
fn is_plainly_neutral(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let begins_formula = |from: usize| {
        let first = bytes[from..].iter().find(|byte| !matches!(byte, b' ' | b'"' | b'\''));
        first.is_some_and(|byte| begins_formula(char::from(*byte)))
    };
    bytes.len() <= MAX_CELL
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !begins_formula(0)
        && !memchr::memchr3_iter(b',', b';', b'|', bytes).any(|at| begins_formula(at + 1))
}

/// Whether a spreadsheet reads a cell that begins with this as a formula.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' | '␉' | '␍' | '␊')
}

/// Whether a cell is an amount and nothing else.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_cell_of_plain_text_is_written_as_it_is() {
        for plain in ["", "due 2026-11-17; the last day, not -", "a | b", " 'x'", "3-4", "it's =2"] {
            assert!(is_plainly_neutral(plain) && neutral(plain) == plain, "{plain}");
        }
        for other in ["=1", " \"'=1", "a, -b", "a;@b", "a|\"+b", "é", "a\tb"] {
            assert!(!is_plainly_neutral(other), "{other}");
        }
    }

    #[test]
    fn an_amount_too_large_to_be_counted_comes_first() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let order = |duty: Decimal| RowOrder::new(None, Some(duty), today);
        assert!(order(Decimal::MAX) < order(Decimal::from(1_000_000)));
        assert!(order(Decimal::ONE) < RowOrder::new(None, None, today));
    }

    #[test]
    fn rows_are_sorted_by_day_and_duty_wherever_they_waited() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2026, 11, day);
        let rows: Vec<(Option<NaiveDate>, Option<i64>)> = (0..500_u32)
            .map(|n| {
                (
                    (n % 7 > 0).then(|| day(1 + n * 11 % 29)).flatten(),
                    (n % 5 > 0).then_some(i64::from(n * 37 % 90)),
                )
            })
            .collect();
        // A day that is past comes last.
        let today = day(9).unwrap();
        let list = |run: usize| {
            let mut list = SortedList::new(&["n", "text"]);
            let mut scratch = io::Cursor::new(Vec::new());
            for (n, (day, duty)) in rows.iter().enumerate() {
                let order = RowOrder::new(*day, duty.map(Decimal::from), today);
                list.row(order, &[n.to_string().into(), "x".repeat(n % 13).into()]);
                if n % run == 0 {
                    list.spill(&mut scratch).unwrap();
                }
            }
            let mut out = Vec::new();
            list.finish(&mut scratch, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by_key(|n| {
            let (day, duty) = rows[*n];
            (day.is_some_and(|day| day < today), day.is_none(), day, duty.is_none(), Reverse(duty))
        });
        let expected = sorted
            .iter()
            .fold("\u{feff}n,text\r\n".to_owned(), |text, n| format!("{text}{n},{}\r\n", "x".repeat(n % 13)));
        for run in [1, 7, 100, usize::MAX] {
            assert_eq!(list(run), expected, "{run}");
        }
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
            "-5.00;=1",
            "'=1",
            "x␉=1",
            "-1",
            "-5.00",
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
                assert!(
                    !first.is_some_and(begins_formula) || is_number(&cell),
                    "{cell:?} for {:?}",
                    char::from(separator)
                );
            }
        }
    }

    #[test]
    fn a_formula_is_neutral_wherever_a_cell_may_begin() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            (" +1", " '+1"),
            ("\"@x", "\"'@x"),
            ("a;=b", "a;'=b"),
            ("a, -b", "a, '-b"),
            ("002-6110316-2", "002-6110316-2"),
            ("a = b - c", "a = b - c"),
        ] {
            assert_eq!(neutral(text), expected);
        }
    }

    #[test]
    fn what_is_not_a_formula_stays_as_it_is_and_long_text_is_cut() {
        for cell in ["", "a - b; c", "ABC-1234567-6", "$1,234.56", "x = y", "a; b", "-5.00", "002-6110316-2"]
        {
            assert_eq!(neutral(cell), cell);
        }
        assert_eq!(neutral(&"é".repeat(MAX_CELL + 1)).chars().count(), MAX_CELL + 1);
        assert!(neutral(&"x".repeat(1 << 20)).ends_with('…'));
    }
}
