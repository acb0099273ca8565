//! Scanning a text for the rows to keep, a chunk at a time.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::{replace, take};
use std::ops::Range;

use hashbrown::HashSet;
use memchr::{memchr2, memchr3};

use super::failure::{FailureKind, Position, ScanFailure};
use super::survey::Notes;
use super::total;
use super::{Chunks, Keep};
use crate::entry::{self, EntryNumber, Form};
use crate::input::ReadAt;
use crate::table::csv::{self, Damage};
use crate::table::date_order::DateForms;
use crate::table::header::{FoundHeader, Match};
use crate::table::header_keys::header_key;
use crate::table::lost::{MAX_LOST, Seen};
use crate::table::schema::{Schema, Type};
use crate::table::value::{CellReader, CellReading, HtsNumber};
use crate::table::{
    Encoding, Entries, EntryId, MAX_RECORD, RawRecord, RecordForm, declaration, encoding, value,
};

/// What a chunk contains.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where its first record begins in the file; `u64::MAX` where no record begins in the chunk.
    pub(super) begin: u64,
    /// Where the first record after its last begins.
    pub(super) next: u64,
    /// Line ends from `begin` to `next`.
    pub(super) lines: u64,
    pub(super) records: u64,
    pub(super) unkeyed: u64,
    /// Those of them that are data, and the first of these.
    pub(super) lost_rows: u64,
    pub(super) lost: Vec<ScannedLostRow>,
    /// Rows that repeat the header.
    pub(super) repeated_headers: u64,
    pub(super) seen: Seen,
    /// How dates are written in rows that are not kept.
    pub(super) dates: DateForms,
    /// Whether some record has an entry number that can be read.
    pub(super) keyed: bool,
    /// The first key that is meant as an entry number and cannot be read.
    pub(super) unread: Option<Unread>,
    pub(super) rows: Vec<KeptRow>,
    pub(super) text: Vec<u8>,
    pub(super) corrections: Vec<EntryNumber>,
    pub(super) encoding: Encoding,
    pub(super) failure: Option<ScanFailure>,
    /// What a survey notes.
    pub(super) notes: Notes,
}

/// A row of data whose entry number cannot be read.
#[derive(Debug)]
pub(super) struct ScannedLostRow {
    /// Where the record begins in the file, and how many line ends after the piece's beginning.
    pub(super) start: u64,
    pub(super) line: u64,
    pub(super) text: Range<usize>,
    pub(super) key: String,
}

/// A key that is meant as an entry number and cannot be read.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    pub(super) position: Position,
    pub(super) text: String,
    /// Another field of the row that has an entry number.
    pub(super) elsewhere: Option<usize>,
}

#[derive(Debug)]
pub(super) struct KeptRow {
    pub(super) number: EntryNumber,
    /// Its entry, where it is a declared one.
    pub(super) entry: Option<EntryId>,
    /// Where the record begins in the file, and how many line ends after the piece's beginning.
    pub(super) start: u64,
    pub(super) line: u64,
    pub(super) text: Range<usize>,
}

impl Piece {
    pub(super) fn new(begin: u64) -> Self {
        Self {
            begin,
            next: begin,
            lines: 0,
            records: 0,
            unkeyed: 0,
            lost_rows: 0,
            lost: Vec::new(),
            repeated_headers: 0,
            seen: Seen::default(),
            dates: DateForms::default(),
            keyed: false,
            unread: None,
            rows: Vec::new(),
            text: Vec::new(),
            corrections: Vec::new(),
            encoding: Encoding::Ascii,
            failure: None,
            notes: Notes::default(),
        }
    }
}

/// What is known of the last key: neighboring rows mostly have the same.
pub(super) struct LastKey {
    key: [u8; entry::LENGTH],
    /// How the row began, where its first field is the key in normal form: the key and the delimiter, or the length of
    /// the cell and the key.
    beginning: [u8; entry::LENGTH + 1],
    verdict: RowUse,
}

impl Default for LastKey {
    fn default() -> Self {
        // No record begins with a line break, and no cell has nothing else.
        Self { key: [b'\n'; entry::LENGTH], beginning: [b'\n'; entry::LENGTH + 1], verdict: RowUse::Unkeyed }
    }
}

/// What to do with a row, by its key.
#[derive(Clone, Copy)]
enum RowUse {
    Keep(EntryNumber, Option<EntryId>),
    Skip,
    /// The key is blank: a row of its own only where something else is in it.
    Blank,
    Unkeyed,
}

/// What the header shows about a file's records.
pub(super) struct RecordLayout<'s> {
    pub(super) form: RecordForm,
    /// The field with the entry number.
    pub(super) key: usize,
    /// The header's fields.
    pub(super) width: usize,
    schema: &'s Schema,
    /// The header's texts and line, and how many of its columns are known.
    header: Vec<String>,
    line: u64,
    known: usize,
    /// The HTS number, of a table that has a row for each.
    hts: Option<usize>,
    /// The fields that only a row of an export has and all must have, with how they are read.
    all: Vec<(usize, CellReader)>,
    /// The other fields that are read, besides amounts and counts, which totals have too.
    filled: Vec<usize>,
    /// Of each field of the header whether the numbers below it are amounts or counts.
    amounts: Vec<bool>,
    /// Whether rows are lines of entries; a row that names several entries is then none of theirs.
    has_lines: bool,
    /// What a survey looks at.
    pub(super) watched: Watched,
}

/// The fields that a survey looks at.
pub(super) struct Watched {
    /// The importer number.
    pub(super) importer: Option<usize>,
    /// The date columns and their fields.
    pub(super) dates: Vec<(usize, usize)>,
    /// Those fields, in their order.
    date_fields: Vec<usize>,
    /// How many fields a record has at most, unless it is damaged; cells of a workbook always are in their
    /// columns.
    pub(super) width: usize,
}

impl<'s> RecordLayout<'s> {
    pub(super) fn new(schema: &'s Schema, found: &FoundHeader) -> Self {
        let field = |column: usize| found.matched.fields[column].map(|field| field as usize);
        let key = schema.key.and_then(field).unwrap_or(0);
        let of_kinds = |kinds: &[Type]| -> Vec<(usize, CellReader)> {
            let columns =
                schema.columns.iter().enumerate().filter(|(_, column)| kinds.contains(&column.kind));
            columns.filter_map(|(at, column)| Some((field(at)?, CellReader::new(column)))).collect()
        };
        let has_lines = schema.line.is_some();
        let line = schema.line.and_then(|at| Some((field(at)?, CellReader::new(&schema.columns[at]))));
        let all = match has_lines {
            // A report may have grouped its rows by line too, and no total has an HTS number.
            true => match of_kinds(&[Type::Hts]) {
                hts if hts.is_empty() => line.into_iter().collect(),
                hts => hts,
            },
            false => Vec::new(),
        };
        let is_figure = |column: usize| matches!(schema.columns[column].kind, Type::Money | Type::Integer);
        let mut amounts: Vec<bool> =
            found.row.fields.iter().map(|(header, _)| total::is_of_amounts(header)).collect();
        for at in (0..schema.columns.len()).filter(|column| is_figure(*column)).filter_map(field) {
            amounts[at] = true;
        }
        let dates: Vec<(usize, usize)> = (schema.columns.iter().enumerate())
            .filter(|(_, column)| column.kind == Type::Date)
            .filter_map(|(at, _)| Some((at, field(at)?)))
            .collect();
        let date_fields = BTreeSet::from_iter(dates.iter().map(|(_, field)| *field)).into_iter().collect();
        let watched = Watched {
            importer: schema.column("importer_number").and_then(field),
            dates,
            date_fields,
            width: found.row.fields.len(),
        };
        let columns = (0..schema.columns.len()).filter(|column| !is_figure(*column));
        let filled = columns.filter_map(field).filter(|field| *field != key).collect();
        Self {
            form: found.form,
            key,
            width: found.row.fields.len(),
            schema,
            header: header_texts(found.row.fields.iter().map(|(text, _)| text.as_str())),
            line: found.row.line,
            known: found.matched.score(schema).1,
            hts: of_kinds(&[Type::Hts]).first().filter(|_| has_lines).map(|(field, _)| *field),
            all,
            filled,
            amounts,
            has_lines,
            watched,
        }
    }

    /// Whether the records have no HTS numbers of which to see the chapters.
    pub(super) fn has_no_chapters(&self) -> bool {
        self.hts.is_none()
    }

    /// Whether a record without a readable entry number is data, and not a total or a remark.
    fn is_data(&self, record: RawRecord<'_>) -> bool {
        let texts: Vec<String> = (record.fields())
            .map(|field| value::clean(&encoding::decode(&record.value(&field))).to_owned())
            .collect();
        let text = |at: usize| texts.get(at).map_or("", String::as_str);
        if !self.has_lines {
            return self.is_list_row(&texts);
        }
        let is_read = |(at, reader): &(usize, CellReader)| {
            !text(*at).is_empty() && matches!(reader.read(text(*at)), CellReading::Value(_))
        };
        if !self.all.is_empty() && self.all.iter().all(is_read) {
            return true;
        }
        // More cells may be damaged than the number, or all are displaced: a row that has as many cells as a row
        // of data is one, unless it is a total.
        let filled = self.filled.iter().filter(|at| !text(**at).is_empty()).count();
        let is_total = texts.iter().any(|text| total::is_total_of_entry(text));
        filled >= self.filled.len().div_ceil(3).max(2).min(self.filled.len().max(1)) && !is_total
    }

    /// Whether a row of a list without a readable entry number is that of some entry: unless all of it shows
    /// that it is a total or a remark below the list.
    fn is_list_row(&self, texts: &[String]) -> bool {
        let is_labeled = texts.iter().any(|text| total::is_total_label(text));
        let is_amount =
            |at: usize, text: &str| total::is_amount(text, self.amounts.get(at).copied().unwrap_or(false));
        let mut others = (0..)
            .zip(texts)
            .filter(|(at, text)| *at != self.key && !text.is_empty() && !is_amount(*at, text));
        let key = texts.get(self.key).map_or("", String::as_str);
        match (others.next(), others.next()) {
            _ if is_labeled => false,
            (None, _) => {
                let has_digits = key.contains(|c: char| c.is_numeric()) && !total::is_remark(key);
                !key.is_empty() && (has_digits || total::is_placeholder(key))
            }
            (Some((_, text)), None) if key.is_empty() => !total::is_remark(text),
            _ => true,
        }
    }

    /// What a record is as a header: the header again, or another one.
    fn second_header(&self, record: RawRecord<'_>) -> Option<SecondHeader> {
        let fields: Vec<(String, crate::source::Span)> = (record.fields())
            .map(|field| (encoding::decode(&record.value(&field)).into_owned(), Default::default()))
            .collect();
        if header_texts(fields.iter().map(|(text, _)| text.as_str())) == self.header {
            return Some(SecondHeader::Same);
        }
        let (has_key, known) = Match::new(self.schema, &fields).score(self.schema);
        let filled = fields.iter().filter(|(text, _)| !value::clean(text).is_empty()).count();
        let is_header = 2 * known > self.known || known == filled;
        (has_key && known >= 2 && is_header).then_some(SecondHeader::Other)
    }
}

/// The texts of a header as they are compared, without blank ones at the end.
fn header_texts<'t>(fields: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut texts: Vec<String> = fields.map(header_key).collect();
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    texts
}

enum SecondHeader {
    Same,
    Other,
}

/// Scans texts for the rows to keep.
pub(super) struct Scanner<'a> {
    pub(super) layout: &'a RecordLayout<'a>,
    /// In which form the records are.
    pub(super) form: RecordForm,
    /// The field with the entry number.
    pub(super) key: usize,
    /// The header's fields.
    pub(super) width: usize,
    pub(super) entries: &'a Entries,
    pub(super) corrections: Option<&'a HashSet<EntryNumber>>,
    pub(super) keep: Keep,
    /// Whether a survey keeps rows too, because they cannot be read again.
    pub(super) keeps_rows: bool,
}

/// What a thread reads into, kept so that memory is made ready only once.
#[derive(Default)]
struct Room {
    chunk: Vec<u8>,
    /// The rows kept of the chunk, and their texts.
    rows: Vec<KeptRow>,
    text: Vec<u8>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

impl Scanner<'_> {
    /// Scans the records that begin in a range of the file. `begin` is where the first of them
    /// begins, where that is known; otherwise it is assumed to be after the first line break.
    pub(super) fn scan_chunk(
        &self,
        file: &dyn ReadAt,
        begin: Option<u64>,
        range: Range<u64>,
        chunks: Chunks,
    ) -> Piece {
        // A thread that waits for others may be given a second chunk in the meantime: it finds
        // nothing kept.
        let mut room = ROOM.take();
        let mut piece = Piece::new(begin.unwrap_or(u64::MAX));
        (piece.rows, piece.text) = (take(&mut room.rows), take(&mut room.text));
        self.fill(&mut piece, &mut room.chunk, file, begin, range, chunks);
        self.check_text(&mut piece);
        // The piece keeps what it needs, the room what grew by doubling.
        let (rows, text) = (piece.rows.drain(..).collect(), piece.text.as_slice().into());
        room.rows = replace(&mut piece.rows, rows);
        room.text = replace(&mut piece.text, text);
        room.text.clear();
        // What an endless record needed is not kept.
        if room.chunk.len().max(room.text.capacity()) <= 2 * chunks.size + MAX_RECORD / 4 {
            ROOM.set(room);
        }
        piece
    }

    /// Reads a range of the file into the buffer, window by window, and scans it.
    fn fill(
        &self,
        piece: &mut Piece,
        buffer: &mut Vec<u8>,
        file: &dyn ReadAt,
        begin: Option<u64>,
        range: Range<u64>,
        chunks: Chunks,
    ) {
        // Where the buffer begins in the file. The byte before the chunk may be the line break that its
        // first record follows.
        let mut base = begin.unwrap_or(range.start - 1);
        let mut filled = 0;
        loop {
            let end = base + filled as u64;
            let left = range.end.saturating_sub(end) as usize + chunks.beyond;
            // A record that is not whole yet needs more each time.
            let more = left.min(chunks.window).max(chunks.beyond).max(filled / 2).max(16);
            let wanted = (filled + more).min((file.len() - base) as usize);
            if buffer.len() < wanted {
                buffer.resize(wanted, 0);
            }
            match file.read_at(end, &mut buffer[filled..wanted]) {
                Ok(read) if filled + read == wanted => filled = wanted,
                Ok(_) => {
                    piece.failure = Some(ScanFailure::new(piece, FailureKind::Changed));
                    return;
                }
                Err(error) => {
                    piece.failure = Some(ScanFailure::new(piece, FailureKind::Unreadable(error)));
                    return;
                }
            }
            let bytes = &buffer[..filled];
            let last = base + filled as u64 == file.len();
            if piece.begin == u64::MAX {
                match memchr2(b'\n', b'\r', bytes).map(|at| (at, csv::line_end_length(bytes, at))) {
                    // The other half of a CRLF may follow.
                    Some((at, 1)) if bytes[at] == b'\r' && at + 1 == filled && !last => continue,
                    Some((at, length)) if base + ((at + length) as u64) < range.end => {
                        piece.begin = base + (at + length) as u64;
                        piece.next = piece.begin;
                    }
                    None if base + (filled as u64) < range.end && !last => continue,
                    _ => return,
                }
            }
            let at = (piece.next - base) as usize;
            let until = range.end.saturating_sub(piece.next) as usize;
            let unfinished = match self.scan(piece, &bytes[at..], until, last) {
                Err(unfinished) if piece.failure.is_none() => unfinished,
                _ => return,
            };
            let scanned = (piece.next - base) as usize;
            if filled - scanned > MAX_RECORD {
                piece.failure = Some(ScanFailure::too_long(piece, unfinished));
                return;
            }
            buffer.copy_within(scanned..filled, 0);
            base += scanned as u64;
            filled -= scanned;
        }
    }

    /// Scans the records of `bytes` that begin before `until`; the first byte begins a line, and is in the
    /// file where the piece ends so far. Stops before a record that is not whole in the bytes, giving the
    /// quote that is open.
    pub(super) fn scan(
        &self,
        piece: &mut Piece,
        bytes: &[u8],
        until: usize,
        last: bool,
    ) -> Result<(), Option<Position>> {
        let mut scan = Scan { bytes, base: piece.next, at: 0, last, memory: LastKey::default() };
        while scan.at < until
            && piece.failure.is_none()
            && let Some(mark) = memchr3(b'\n', b'\r', b'"', &bytes[scan.at..])
        {
            let mark = scan.at + mark;
            if bytes[mark] == b'"' {
                self.scan_quoted(piece, &mut scan)?;
                continue;
            }
            let length = csv::line_end_length(bytes, mark);
            // The other half of a CRLF may follow.
            if bytes[mark] == b'\r' && mark + 1 == bytes.len() && !last {
                break;
            }
            // Without a quote in it a line is a record.
            if mark > scan.at {
                let start = scan.base + scan.at as u64;
                self.take(piece, &bytes[scan.at..mark], start, piece.lines, false, &mut scan.memory);
            }
            piece.lines += 1;
            scan.at = mark + length;
        }
        let unfinished = scan.at < until.min(bytes.len()) && piece.failure.is_none();
        if unfinished && last {
            let record = &bytes[scan.at..];
            let start = scan.base + scan.at as u64;
            self.check_last(piece, RawRecord::new(record, self.form), start, piece.lines);
            self.take(piece, record, start, piece.lines, false, &mut scan.memory);
            scan.at = bytes.len();
        }
        piece.next = scan.base + scan.at as u64;
        if scan.at < until && !last { Err(None) } else { Ok(()) }
    }

    /// Scans a record with a quote in its first line.
    fn scan_quoted(&self, piece: &mut Piece, scan: &mut Scan<'_>) -> Result<(), Option<Position>> {
        let Scan { bytes, base, at, last, memory } = scan;
        let (bytes, last, start) = (*bytes, *last, *at);
        piece.next = *base + start as u64;
        let begin = piece.next;
        let record =
            csv::record_end(bytes, start, self.form.delimiter_within(), last).map_err(|unfinished| {
                unfinished.open_quote.map(|quote| {
                    position(RawRecord::new(&bytes[start..], self.form), quote - start, begin, piece.lines)
                })
            })?;
        let raw = RawRecord::new(&bytes[start..record.end], self.form);
        if (record.next == bytes.len() || record.breaks > 0)
            && let Some(kind) = self.broken_quote(raw, begin, piece.lines)
        {
            piece.failure = Some(ScanFailure::new(piece, kind));
            return Ok(());
        }
        if record.next == record.end {
            self.check_last(piece, raw, begin, piece.lines);
        }
        self.take(piece, raw.bytes(), begin, piece.lines, true, memory);
        // The last line of a file may have no end.
        piece.lines += record.breaks + u64::from(record.next > record.end);
        *at = record.next;
        Ok(())
    }

    /// Looks whether the last record of a file, which has no line end, is whole. What is cut off
    /// looks like what is blank, and how many rows are missing is unknown.
    fn check_last(&self, piece: &mut Piece, record: RawRecord<'_>, start: u64, line: u64) {
        let key = self.key_of(record);
        // Other short last lines are remarks: `Total`, `5 rows`.
        let begins_a_number = record.bytes().len() == key.len()
            && (4..entry::LENGTH).contains(&key.len())
            && key[..3].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
            && key[3..].iter().all(u8::is_ascii_digit);
        if record.fields().count() < self.width
            && (begins_a_number || declaration::read_number(&key).number.is_some())
            && piece.failure.is_none()
        {
            piece.failure = Some(ScanFailure { record: (start, line, 1), kind: FailureKind::CutOff });
        }
    }

    /// Decides about a record, of these bytes, by its key, and keeps it where it is wanted. It has no quotes unless
    /// `may_quote`.
    #[inline]
    pub(super) fn take(
        &self,
        piece: &mut Piece,
        bytes: &[u8],
        start: u64,
        line: u64,
        may_quote: bool,
        memory: &mut LastKey,
    ) {
        piece.records += 1;
        let record = RawRecord::new(bytes, self.form);
        if bytes.len() > MAX_RECORD && piece.failure.is_none() {
            let mut quoted = record.fields().filter(csv::Field::is_quoted);
            let open_quote = (quoted.find(|field| csv::count_line_ends(&bytes[field.raw.clone()]) > 0))
                .map(|field| position(record, field.raw.start, start, line));
            let kind = FailureKind::TooLong { open_quote };
            piece.failure = Some(ScanFailure { record: (start, line, 1), kind });
        }
        let again = bytes.first_chunk() == Some(&memory.beginning);
        piece.seen.repeated |= again;
        if !piece.seen.has_all_chapters()
            && let Some(hts) = self.layout.hts
        {
            self.see_chapter(piece, record, hts);
        }
        let verdict = if again {
            memory.verdict
        } else {
            let before = memory.key;
            let verdict = self.judge_record(piece, bytes, memory);
            // The rows of an entry have the same dates.
            if matches!(verdict, RowUse::Skip) && memory.key != before {
                self.see_dates(piece, record, may_quote);
            }
            verdict
        };
        match verdict {
            RowUse::Skip => {}
            RowUse::Unkeyed => self.take_unkeyed(piece, record, start, line),
            RowUse::Blank => {
                let is_filled =
                    |field: csv::Field| !value::clean(&encoding::decode(&record.value(&field))).is_empty();
                if record.fields().any(is_filled) {
                    piece.unkeyed += 1;
                    self.see_unread(piece, record, start, line);
                    self.take_lost(piece, record, start, line, String::new());
                }
            }
            RowUse::Keep(number, entry) => {
                if matches!(self.keep, Keep::Survey | Keep::DeclaredSurvey) {
                    piece.notes.note(self.layout, record, number);
                    if !self.keeps_rows {
                        piece.encoding = piece.encoding.and(Encoding::of(bytes));
                        return;
                    }
                }
                let text = push_text(piece, record);
                piece.rows.push(KeptRow { number, entry, start, line, text });
            }
        }
    }

    /// Decides about a record whose key is not an entry number.
    #[inline(never)]
    fn take_unkeyed(&self, piece: &mut Piece, record: RawRecord<'_>, start: u64, line: u64) {
        match self.layout.second_header(record) {
            Some(SecondHeader::Same) => {
                piece.repeated_headers += 1;
                return;
            }
            Some(SecondHeader::Other) if piece.failure.is_none() => {
                let kind = FailureKind::OtherHeader { first: self.layout.line };
                piece.failure = Some(ScanFailure { record: (start, line, 1), kind });
                return;
            }
            _ => {}
        }
        let key = encoding::decode(&self.key_of(record)).into_owned();
        let within = entry::within(&key);
        if !self.layout.has_lines && within.numbers.len() > 1 && within.has_only_marks() {
            // Several entries on one row of a list: each of them is on it.
            let verdicts: Vec<RowUse> =
                within.numbers.iter().map(|number| self.judge_number(piece, *number)).collect();
            let mut text = None;
            for verdict in verdicts {
                if let RowUse::Keep(number, entry) = verdict {
                    let text = text.get_or_insert_with(|| push_text(piece, record)).clone();
                    piece.rows.push(KeptRow { number, entry, start, line, text });
                }
            }
            return;
        }
        piece.unkeyed += 1;
        self.see_unread(piece, record, start, line);
        self.take_lost(piece, record, start, line, key);
    }

    /// Remembers a record without a readable entry number that is data: in a list, one whose key is meant as
    /// a number, or which has a number in another cell; else one that has what only a row of data has.
    fn take_lost(&self, piece: &mut Piece, record: RawRecord<'_>, start: u64, line: u64, mut key: String) {
        let is_list = !self.layout.has_lines;
        let is_meant = is_list && is_meant(&key) && !total::is_remark(&key) && !total::is_total_label(&key);
        if is_list
            && !is_meant
            && let Some((field, number)) = self.number_elsewhere(record)
        {
            // Which entry the row is about, if another column has the entry numbers. One that is read has
            // other numbers, such as that of a claim.
            key = if self.layout.filled.contains(&field) { String::new() } else { number };
        } else if !is_meant && !self.layout.is_data(record) {
            return;
        }
        piece.lost_rows += 1;
        if piece.lost.len() <= MAX_LOST {
            let text = push_text(piece, record);
            piece.lost.push(ScannedLostRow { start, line, text, key });
        }
    }

    /// Sees of which chapters a record's HTS number is.
    #[inline(never)]
    fn see_chapter(&self, piece: &mut Piece, record: RawRecord<'_>, hts: usize) {
        let Some(cell) = record.value_at(hts) else { return };
        if let Some(number) = HtsNumber::parse(value::clean(&encoding::decode(&cell))) {
            match number.as_str().starts_with("99") {
                true => piece.seen.chapter_99 = true,
                false => piece.seen.commodity = true,
            }
        }
    }

    /// Sees how the dates of a record are written that is not kept.
    fn see_dates(&self, piece: &mut Piece, record: RawRecord<'_>, may_quote: bool) {
        let wanted = &self.layout.watched.date_fields;
        let dates = &mut piece.dates;
        let mut see = |text: &[u8]| {
            if !dates.is_known(text) {
                dates.see(&encoding::decode(text));
            }
        };
        if !may_quote && let RecordForm::Text { delimiter } = self.form {
            return csv::visit_plain(record.bytes(), delimiter, wanted, see);
        }
        for (at, field) in record.fields().enumerate() {
            if wanted.contains(&at) {
                see(&record.value(&field));
            }
        }
    }

    /// Remembers the first key that cannot be read and is meant as an entry number, while none can be read:
    /// remarks (`Total`, `5 rows`) have few digits. A key beside a cell with an entry number is meant as one.
    fn see_unread(&self, piece: &mut Piece, record: RawRecord<'_>, start: u64, line: u64) {
        if piece.keyed || piece.unread.is_some() {
            return;
        }
        let Some(field) = record.field(self.key) else { return };
        let text = value::clean(&encoding::decode(&record.value(&field))).to_owned();
        let elsewhere = self.number_elsewhere(record).map(|(field, _)| field);
        if is_meant(&text) || elsewhere.is_some() {
            let position = position(record, field.raw.start, start, line);
            piece.unread = Some(Unread { position, text, elsewhere });
        }
    }

    /// The first other cell of a record that has an entry number: its field, and its text.
    fn number_elsewhere(&self, record: RawRecord<'_>) -> Option<(usize, String)> {
        record.fields().enumerate().find_map(|(at, field)| {
            let text = encoding::decode(&record.value(&field)).into_owned();
            let has_number = at != self.key && !entry::within(&text).numbers.is_empty();
            has_number.then_some((at, text))
        })
    }

    /// What to do with a record whose key is not the one before.
    #[inline(never)]
    fn judge_record(&self, piece: &mut Piece, bytes: &[u8], memory: &mut LastKey) -> RowUse {
        // Most exports begin with the entry number, in normal form.
        if self.key == 0
            && let Some(beginning) = bytes.first_chunk()
            && let Some(key) = beginning_key(self.form, beginning)
            && let Some(number) = EntryNumber::from_plain(key)
        {
            let verdict = self.judge_number(piece, number);
            *memory = LastKey { key: *key, beginning: *beginning, verdict };
            return verdict;
        }
        self.judge(piece, &self.key_of(RawRecord::new(bytes, self.form)), memory)
    }

    /// The key's value; empty where the record is too short.
    fn key_of<'r>(&self, record: RawRecord<'r>) -> Cow<'r, [u8]> {
        let bytes = record.bytes();
        if let RecordForm::Text { delimiter } = record.form()
            && self.key == 0
            && bytes.first() != Some(&b'"')
        {
            let end = csv::find_near(delimiter, bytes).unwrap_or(bytes.len());
            return Cow::Borrowed(&bytes[..end]);
        }
        record.value_at(self.key).unwrap_or_default()
    }

    /// What to do with a row that has this key.
    fn judge(&self, piece: &mut Piece, key: &[u8], memory: &mut LastKey) -> RowUse {
        // ACE wraps texts as `="…"`; without it, neighbors can be compared.
        let key = match key {
            [b'=', b'"', inner @ .., b'"'] => inner,
            key => key,
        };
        match <&[u8; entry::LENGTH]>::try_from(key) {
            Ok(key) if *key == memory.key => {
                piece.seen.repeated |= match memory.verdict {
                    RowUse::Keep(..) | RowUse::Skip => true,
                    RowUse::Blank | RowUse::Unkeyed => false,
                };
                return memory.verdict;
            }
            Ok(_) | Err(_) => {}
        }
        let verdict = match declaration::read_number(key) {
            entry::Reading { number: Some(number), .. } => self.judge_number(piece, number),
            entry::Reading { number: None, form: Form::Blank } => RowUse::Blank,
            entry::Reading { number: None, .. } => RowUse::Unkeyed,
        };
        if let Ok(key) = key.try_into() {
            *memory = LastKey { key, verdict, ..LastKey::default() };
        }
        verdict
    }

    fn judge_number(&self, piece: &mut Piece, number: EntryNumber) -> RowUse {
        piece.keyed = true;
        let entry = self.entries.get(&number);
        let kept = match self.keep {
            Keep::All | Keep::Survey => true,
            Keep::Declared | Keep::DeclaredSurvey => entry.is_some(),
            Keep::Numbers => false,
        };
        if kept {
            return RowUse::Keep(number, entry);
        }
        if self.keep == Keep::Numbers || self.corrections.is_some_and(|asked| asked.contains(&number)) {
            piece.corrections.push(number);
        }
        RowUse::Skip
    }

    /// A quote that is never closed, or that encloses rows: the record extends over several lines, and one of
    /// them would be a row of its own.
    fn broken_quote(&self, record: RawRecord<'_>, start: u64, line: u64) -> Option<FailureKind> {
        for field in record.fields().filter(csv::Field::is_quoted) {
            let position = || position(record, field.raw.start, start, line);
            if let Some((Damage::UnterminatedQuote, _)) = field.damage {
                return Some(FailureKind::Unterminated { quote: position() });
            }
            if declaration::encloses_rows(&field, record, self.key, self.width) {
                return Some(FailureKind::EnclosesRows { quote: position() });
            }
        }
        None
    }

    /// Finds out how the rows that were kept are encoded; the others are never read.
    pub(super) fn check_text(&self, piece: &mut Piece) {
        let is_utf8 = |row: &KeptRow| std::str::from_utf8(&piece.text[row.text.clone()]).is_ok();
        let kept = if piece.text.is_ascii() {
            Encoding::Ascii
        } else if piece.rows.iter().all(is_utf8) {
            Encoding::Utf8
        } else {
            Encoding::Windows1252
        };
        piece.encoding = piece.encoding.and(kept);
    }
}

/// Whether a text is meant as an entry number: remarks (`Total`, `5 rows`) have few digits.
fn is_meant(key: &str) -> bool {
    key.chars().filter(char::is_ascii_digit).count() >= entry::LENGTH / 2
}

/// The position of a byte of a record that begins at `start`.
fn position(record: RawRecord<'_>, at: usize, start: u64, line: u64) -> Position {
    let (below, column) = record.locate(at);
    (start + at as u64, line + below, column)
}

/// The first field of a record that begins so, where it is as long as an entry number.
#[inline]
fn beginning_key(form: RecordForm, beginning: &[u8; entry::LENGTH + 1]) -> Option<&[u8; entry::LENGTH]> {
    match (form, beginning) {
        (RecordForm::Text { delimiter }, [key @ .., end]) if *end == delimiter => Some(key),
        (RecordForm::Cells, [length, key @ ..]) if usize::from(*length) == entry::LENGTH => Some(key),
        _ => None,
    }
}

/// Keeps a record's text.
fn push_text(piece: &mut Piece, record: RawRecord<'_>) -> Range<usize> {
    let record = record.bytes();
    let text = piece.text.len()..piece.text.len() + record.len();
    piece.text.extend_from_slice(record);
    text
}

/// A scan of bytes of a file.
struct Scan<'b> {
    bytes: &'b [u8],
    /// Where the bytes begin in the file.
    base: u64,
    /// Where the scan is in the bytes.
    at: usize,
    /// Whether the file ends with them.
    last: bool,
    memory: LastKey,
}
