//! Reference tables: read once from beginning to end, keeping the rows of declared entries.
//!
//! Memory follows the declaration, not the export. A file is read in chunks that all cores work on
//! at once. Where a chunk begins nobody knows whether a quote is open, so each chunk *assumes*
//! that its first line break ends a record, and scans from there. Then the chunks are put together
//! in order: where the chunk before ended exactly where this one assumed to begin, its work is
//! right; otherwise it is scanned again from the true position. The outcome is that of one scan
//! from beginning to end, whatever the quotes hold.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{BufReader, Cursor, Read};
use std::mem::{replace, take};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicU64};

use hashbrown::HashSet;
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};
use rayon::prelude::*;

use super::csv::{self, Damage};
use super::encoding::{self, Beginning, Utf16Reader};
use super::header::{self, Found, Names};
use super::schema::Schema;
use super::xlsx::Workbook;
use super::{
    Asked, Encoding, Entries, EntryId, MAX_RECORD, Part, Row, Table, TableId, build, declaration, overlap,
    passed_over,
};
use crate::diagnostic::Diagnostic;
use crate::entry::{self, EntryNumber, Form};
use crate::source::{FileId, Input, Kind, Opened, Place, Seekable, Sources, Span, cannot_read};

/// Which table to read, and what of it.
pub struct Request<'a> {
    /// The table.
    pub id: TableId,
    /// The schemas of all tables, by [`TableId`]; the others help to say what a wrong file is.
    pub schemas: &'a [Arc<Schema>],
    /// What is asked of each column of the schema; of those beyond the end, what they say.
    pub asked: &'a [Asked],
    /// Numbers that mistyped ones may mean: told in [`Table::corrections_found`] where they occur.
    pub corrections: &'a HashSet<EntryNumber>,
    /// Which rows to keep.
    pub keep: Keep,
    /// Told now and then how many bytes were read, and how many there are (0 where nobody knows).
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// How the work is cut up.
    pub chunks: Chunks,
}

/// Which rows of a reference table to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those of declared entries.
    Declared,
    /// All that have an entry number; entries not yet known are taken in. Memory follows the
    /// table's size.
    All,
}

/// How the work of reading is cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunks {
    /// Bytes of a chunk, which one core scans.
    pub size: usize,
    /// Bytes of it that are read at a time: they have room in a core's cache.
    pub window: usize,
    /// Bytes read past a chunk's end in the hope that its last record ends there.
    pub beyond: usize,
}

impl Default for Chunks {
    fn default() -> Self {
        Self { size: 1 << 20, window: 256 << 10, beyond: 4 << 10 }
    }
}

/// Reads a table from its files.
///
/// # Errors
/// All mistakes in all files: such that cannot be opened, hold something else, lack the key
/// column, have a quote that is never closed, or change while they are read.
pub fn read_table(
    request: &Request<'_>,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let schema = &*request.schemas[request.id.0];
    let mut table = Table::default();
    let mut errors = Vec::new();
    let mut opened = Vec::new();
    let mut total = 0;
    for (name, input) in inputs {
        let file = sources.add(name.as_str(), Kind::Streamed);
        match input.open(name) {
            Ok(input) => {
                if let Opened::Seekable(file) = &input {
                    total += file.len();
                }
                opened.push((name, file, input));
            }
            Err(error) => errors.push(error),
        }
    }
    let mut done = 0;
    for (name, file, input) in opened {
        let reading = Reading { request, schema, name, file, done, total };
        match reading.read(input, &mut table, sources, entries) {
            Ok(length) => done += length,
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    table.entry_rows = build::sort_by_entry(&mut table.rows, entries.len());
    if table.parts.len() > 1 {
        overlap::leave_out_repeated(schema, &mut table);
    }
    table.columns = build::columns(schema, &table, request.asked);
    table.passed_over = passed_over::differing(schema, &table, request.asked);
    Ok(table)
}

/// The reading of one file.
struct Reading<'a> {
    request: &'a Request<'a>,
    schema: &'a Schema,
    name: &'a str,
    file: FileId,
    /// Bytes of the files before, and of all.
    done: u64,
    total: u64,
}

/// How much of a file is looked at for its header, at first and at most.
const HEAD: usize = 64 << 10;
const HEAD_LIMIT: usize = 2 * MAX_RECORD;

impl Reading<'_> {
    /// Reads the file into the table; gives its length.
    fn read(
        &self,
        input: Opened,
        table: &mut Table,
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> Result<u64, Diagnostic> {
        match input {
            Opened::Seekable(file) => {
                let mut head = vec![0; HEAD.min(file.len() as usize)];
                let length = file.read_at(0, &mut head).map_err(|error| cannot_read(self.name, &error))?;
                head.truncate(length);
                match self.beginning(&head)? {
                    Beginning::Zip => {
                        let reader = BufReader::with_capacity(64 << 10, file.reader());
                        self.read_workbook(reader, table, sources, entries)?;
                    }
                    Beginning::Utf16 { big_endian, mark } => {
                        let mut reader = file.reader();
                        skip(&mut reader, mark).map_err(|error| cannot_read(self.name, &error))?;
                        self.read_stream(
                            Utf16Reader::new(reader, big_endian),
                            Encoding::Utf16,
                            0,
                            table,
                            entries,
                        )?;
                    }
                    Beginning::Bytes { mark } => {
                        self.read_chunks(&file, mark, table, entries)?;
                    }
                }
                if file.has_changed() {
                    return Err(self.changed());
                }
                (self.request.progress)(self.done + file.len(), self.total);
                Ok(file.len())
            }
            Opened::Stream(mut stream) => {
                let mut head = Vec::new();
                let read = stream.by_ref().take(HEAD as u64).read_to_end(&mut head);
                read.map_err(|error| cannot_read(self.name, &error))?;
                let beginning = self.beginning(&head)?;
                let stream = Cursor::new(head).chain(stream);
                match beginning {
                    Beginning::Zip => {
                        let mut bytes = Vec::new();
                        let read = stream.take(WORKBOOK_STREAM_LIMIT).read_to_end(&mut bytes);
                        read.map_err(|error| cannot_read(self.name, &error))?;
                        self.read_workbook(Cursor::new(bytes), table, sources, entries)?;
                    }
                    Beginning::Utf16 { big_endian, mark } => {
                        let mut stream = stream;
                        skip(&mut stream, mark).map_err(|error| cannot_read(self.name, &error))?;
                        self.read_stream(
                            Utf16Reader::new(stream, big_endian),
                            Encoding::Utf16,
                            0,
                            table,
                            entries,
                        )?;
                    }
                    Beginning::Bytes { mark } => {
                        let mut stream = stream;
                        skip(&mut stream, mark).map_err(|error| cannot_read(self.name, &error))?;
                        self.read_stream(stream, Encoding::Ascii, mark, table, entries)?;
                    }
                }
                Ok(0)
            }
        }
    }

    fn beginning(&self, head: &[u8]) -> Result<Beginning, Diagnostic> {
        let extension = declaration::extension(self.name);
        let is_workbook = matches!(extension.as_str(), "xlsx" | "xlsm");
        match encoding::beginning(self.name, head)? {
            Beginning::Zip if matches!(extension.as_str(), "csv" | "txt" | "tsv") => {
                Err(super::xlsx::not_csv(self.name, &extension))
            }
            Beginning::Zip => Ok(Beginning::Zip),
            _ if is_workbook => Err(super::xlsx::not_a_workbook(self.name, &extension)),
            beginning => Ok(beginning),
        }
    }

    /// Finds the header in a text's beginning. `Ok(None)`: more of the text is needed.
    fn header(&self, head: &[u8], last: bool, skipped: usize) -> Result<Option<Found>, Diagnostic> {
        if let Some(found) = header::find(self.schema, head, last) {
            found.refuse_duplicates(self.name, self.schema, self.file, skipped as u64)?;
            return Ok(Some(found));
        }
        let rows = header::first_rows(head, header::likely_delimiter(head, last), last);
        if !last && rows.len() < header::ROWS_SEARCHED && head.len() < HEAD_LIMIT {
            return Ok(None);
        }
        let schemas = self.request.schemas;
        Err(header::no_key(self.name, self.file, self.schema, schemas, &rows, skipped as u64))
    }

    /// What one scan of the file needs to know.
    fn scanner<'s>(&'s self, found: &Found, entries: &'s Entries) -> Scanner<'s> {
        let key = self.schema.key.and_then(|key| found.matched.fields[key]);
        Scanner {
            delimiter: found.delimiter,
            key: key.map_or(0, |key| key as usize),
            width: found.row.fields.len(),
            entries,
            corrections: self.request.corrections,
            keep: self.request.keep,
        }
    }

    /// Reads a file of one-byte units, chunks of it at once.
    fn read_chunks(
        &self,
        file: &Seekable,
        mark: usize,
        table: &mut Table,
        entries: &mut Entries,
    ) -> Result<(), Diagnostic> {
        let mut length = HEAD;
        let found = loop {
            let mut head = vec![0; length.min(file.len() as usize - mark)];
            let read =
                file.read_at(mark as u64, &mut head).map_err(|error| cannot_read(self.name, &error))?;
            if read < head.len() {
                return Err(self.changed());
            }
            match self.header(&head, (mark + read) as u64 >= file.len(), mark)? {
                Some(found) => break found,
                None => length *= 4,
            }
        };
        let begin = (mark + found.row.next.0) as u64;
        let part = found.part(self.file, Encoding::Ascii, mark as u64);
        let mut merge = Merge::new(table, part, begin, found.row.next.1);
        let Chunks { size, .. } = self.request.chunks;
        let count = file.len().saturating_sub(begin).div_ceil(size as u64);
        let chunk = |index: u64| {
            let start = begin + index * size as u64;
            start..(start + size as u64).min(file.len())
        };
        let scanned = AtomicU64::new(self.done + begin);
        // Enough chunks at once to keep all cores busy, few enough to hold little; as many each time.
        let most = (AT_ONCE / size).max(4 * rayon::current_num_threads()) as u64;
        let at_once = count.div_ceil(count.div_ceil(most).max(1)).max(1);
        for first in (0..count).step_by(at_once as usize) {
            let indices: Vec<u64> = (first..(first + at_once).min(count)).collect();
            let pieces: Vec<Piece> = {
                let scanner = self.scanner(&found, entries);
                let scan = |&index: &u64| {
                    let range = chunk(index);
                    let begin = (index == 0).then_some(range.start);
                    let piece = scanner.scan_chunk(file, begin, range.clone(), self.request.chunks);
                    let length = range.end - range.start;
                    let scanned = scanned.fetch_add(length, atomic::Ordering::Relaxed) + length;
                    (self.request.progress)(scanned, self.total);
                    piece
                };
                if indices.len() == 1 {
                    indices.iter().map(scan).collect()
                } else {
                    indices.par_iter().with_max_len(1).map(scan).collect()
                }
            };
            merge.table.rows.reserve(pieces.iter().map(|piece| piece.rows.len()).sum());
            for (index, mut piece) in indices.into_iter().zip(pieces) {
                let range = chunk(index);
                if merge.at >= range.end {
                    continue;
                }
                if piece.begin != merge.at {
                    let scanner = self.scanner(&found, entries);
                    piece = scanner.scan_chunk(file, Some(merge.at), range.clone(), self.request.chunks);
                }
                merge.take(piece, entries).map_err(|failure| self.failed(failure))?;
            }
        }
        merge.finish();
        Ok(())
    }

    /// Reads a text from beginning to end. `encoding` is what it is if it turns out to be ASCII,
    /// `mark` the length of the byte order mark before it.
    fn read_stream(
        &self,
        mut stream: impl Read,
        encoding: Encoding,
        mark: usize,
        table: &mut Table,
        entries: &mut Entries,
    ) -> Result<(), Diagnostic> {
        let mut buffer = Vec::new();
        let mut last = false;
        let mut more = |buffer: &mut Vec<u8>, length: usize| {
            let read = stream.by_ref().take(length as u64).read_to_end(buffer);
            read.map(|read| read < length).map_err(|error| cannot_read(self.name, &error))
        };
        let found = loop {
            last = last || more(&mut buffer, HEAD)?;
            if let Some(found) = self.header(&buffer, last, mark)? {
                break found;
            }
        };
        let part = found.part(self.file, encoding, mark as u64);
        let mut merge = Merge::new(table, part, (mark + found.row.next.0) as u64, found.row.next.1);
        buffer.drain(..found.row.next.0);
        loop {
            let mut piece = Piece::new(merge.at);
            let scanner = self.scanner(&found, entries);
            let unfinished = scanner.scan(&mut piece, &buffer, usize::MAX, last).err();
            let used = (piece.next - merge.at) as usize;
            if buffer.len() - used > MAX_RECORD {
                piece.failure = Some(Failure::too_long(&piece, unfinished.flatten()));
            }
            scanner.check_text(&mut piece);
            merge.take(piece, entries).map_err(|failure| self.failed(failure))?;
            (self.request.progress)(self.done + merge.at, self.total);
            buffer.drain(..used);
            if last {
                break;
            }
            last = more(&mut buffer, self.request.chunks.window)?;
        }
        merge.finish();
        Ok(())
    }

    fn read_workbook<R: Read + std::io::Seek>(
        &self,
        reader: R,
        table: &mut Table,
        sources: &mut Sources,
        entries: &mut Entries,
    ) -> Result<(), Diagnostic> {
        let mut workbook = Workbook::open(self.name, reader)?;
        let sheet = workbook.choose(self.schema, |_| false)?;
        sources.set_kind(self.file, Kind::Sheet { sheet: sheet.name.clone() });
        let found = header::find_in(&Names::new(self.schema), &sheet.head, b',').ok_or_else(|| {
            header::no_key(self.name, self.file, self.schema, self.request.schemas, &sheet.head, 0)
        })?;
        found.refuse_duplicates(self.name, self.schema, self.file, 0)?;
        let mut merge =
            Merge::new(table, found.part(self.file, Encoding::Workbook, 0), 0, found.row.line + 1);
        let mut record = Vec::new();
        workbook.rows(&sheet.name, |line, cells| {
            if line <= found.row.line {
                return Ok(());
            }
            record.clear();
            super::xlsx::push_row(&mut record, cells);
            let mut piece = Piece::new(0);
            self.scanner(&found, entries).take(&mut piece, &record, 0, 0, &mut Memory::default());
            merge.line = line;
            merge.take(piece, entries).map_err(|failure| self.failed(failure))?;
            if merge.table.texts.len() > WORKBOOK_TEXT_LIMIT {
                return Err(Diagnostic::new(
                    "oversized-workbook",
                    format!("`{}` was refused: its rows hold too much text", self.name),
                )
                .help("no report looks like this; if it is one, export it as CSV"));
            }
            Ok(())
        })?;
        merge.finish();
        Ok(())
    }

    fn changed(&self) -> Diagnostic {
        Diagnostic::new("file-changed", format!("`{}` was changed while it was read", self.name))
            .help("wait until the export is complete, then run again")
    }

    /// The error for a scan that failed.
    fn failed(&self, failure: Failure) -> Diagnostic {
        let place = |(offset, line, column): Position, length: u64| Place {
            file: self.file,
            line,
            column,
            span: Span { start: offset, end: offset + length },
        };
        let mebibytes = MAX_RECORD >> 20;
        match failure.kind {
            FailureKind::Changed => self.changed(),
            FailureKind::Unreadable(error) => cannot_read(self.name, &error),
            FailureKind::TooLong { open_quote: Some(quote) } => Diagnostic::new(
                "unterminated-quote",
                format!("`{}` has a quote that is never closed", self.name),
            )
            .at(place(quote, 1), format!("opened here; no closing quote in {mebibytes} MiB"))
            .help("close the quote or take it out, or export the report again"),
            FailureKind::TooLong { open_quote: None } => Diagnostic::new(
                "record-too-long",
                format!("`{}` has a row of more than {mebibytes} MiB", self.name),
            )
            .at(place(failure.record, 0), "the row begins here")
            .help("this is no table; export the report again as CSV"),
            FailureKind::Unterminated { quote } => Diagnostic::new(
                "unterminated-quote",
                format!("`{}` has a quote that is never closed", self.name),
            )
            .at(place(quote, 1), "opened here; everything after it would be one cell")
            .help("close the quote or take it out, or export the report again"),
            FailureKind::CutOff => {
                Diagnostic::new("cut-off", format!("`{}` is cut off in its last row", self.name))
                    .at(place(failure.record, 0), "this row has too few fields and no line end")
                    .help("the export was not complete when it was saved or copied; export it again")
            }
            FailureKind::Swallowed { quote } => Diagnostic::new(
                "unterminated-quote",
                format!("`{}` has a quote that swallows rows", self.name),
            )
            .at(place(quote, 1), "opened here, and closed only in a later row")
            .help("close the quote in its own row or take it out, or export the report again"),
        }
    }
}

/// How many bytes of a file are scanned before what they hold is put together.
const AT_ONCE: usize = 128 << 20;

/// Most bytes of a workbook that comes through a pipe.
const WORKBOOK_STREAM_LIMIT: u64 = 512 << 20;
/// Most bytes of rows kept from a workbook, whose cells may share texts and so hold more than it.
const WORKBOOK_TEXT_LIMIT: usize = 1 << 30;

/// Passes over a byte order mark.
fn skip(reader: &mut impl Read, length: usize) -> std::io::Result<()> {
    let mut mark = [0; 4];
    reader.read_exact(&mut mark[..length])
}

/// What a chunk holds.
#[derive(Debug)]
struct Piece {
    /// Where its first record begins in the file; `u64::MAX` where no record begins in the chunk.
    begin: u64,
    /// Where the first record after its last begins.
    next: u64,
    /// Line ends from `begin` to `next`.
    lines: u64,
    records: u64,
    unkeyed: u64,
    rows: Vec<KeptRow>,
    text: Vec<u8>,
    corrections: Vec<EntryNumber>,
    encoding: Encoding,
    failure: Option<Failure>,
}

#[derive(Debug)]
struct KeptRow {
    number: EntryNumber,
    /// Its entry, where it is a declared one.
    entry: Option<EntryId>,
    /// Where the record begins in the file, and how many line ends after the piece's beginning.
    start: u64,
    line: u64,
    text: Range<usize>,
}

/// Offset in the file, line (in a [`Piece`] counted from 0 at its beginning), column.
type Position = (u64, u64, u32);

/// Why a scan cannot go on.
#[derive(Debug)]
struct Failure {
    /// The record it happened in.
    record: Position,
    kind: FailureKind,
}

#[derive(Debug)]
enum FailureKind {
    Changed,
    Unreadable(std::io::Error),
    TooLong { open_quote: Option<Position> },
    CutOff,
    Unterminated { quote: Position },
    Swallowed { quote: Position },
}

impl Failure {
    fn new(piece: &Piece, kind: FailureKind) -> Self {
        Self { record: (piece.next, piece.lines, 1), kind }
    }

    fn too_long(piece: &Piece, quote: Option<Position>) -> Self {
        Self::new(piece, FailureKind::TooLong { open_quote: quote })
    }

    /// Counts lines from the file's beginning.
    fn moved(mut self, line: u64) -> Self {
        self.record.1 += line;
        match &mut self.kind {
            FailureKind::TooLong { open_quote: Some(quote) }
            | FailureKind::Unterminated { quote }
            | FailureKind::Swallowed { quote } => quote.1 += line,
            _ => {}
        }
        self
    }
}

impl Piece {
    fn new(begin: u64) -> Self {
        Self {
            begin,
            next: begin,
            lines: 0,
            records: 0,
            unkeyed: 0,
            rows: Vec::new(),
            text: Vec::new(),
            corrections: Vec::new(),
            encoding: Encoding::Ascii,
            failure: None,
        }
    }
}

/// What is known of the last key: neighbouring rows mostly have the same.
struct Memory {
    key: [u8; entry::LENGTH],
    /// How the row began, where its first field is the key in normal form: the key and the delimiter.
    beginning: [u8; entry::LENGTH + 1],
    verdict: Verdict,
}

impl Default for Memory {
    fn default() -> Self {
        // No record begins with a line break.
        Self { key: [b'\n'; entry::LENGTH], beginning: [b'\n'; entry::LENGTH + 1], verdict: Verdict::Unkeyed }
    }
}

/// What to do with a row, by its key.
#[derive(Clone, Copy)]
enum Verdict {
    Keep(EntryNumber, Option<EntryId>),
    PassOver,
    /// The key is blank: a row of its own only where something else stands in it.
    Blank,
    Unkeyed,
}

/// Scans texts for the rows to keep.
struct Scanner<'a> {
    delimiter: u8,
    /// The field with the entry number.
    key: usize,
    /// The header's fields.
    width: usize,
    entries: &'a Entries,
    corrections: &'a HashSet<EntryNumber>,
    keep: Keep,
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
    fn scan_chunk(&self, file: &Seekable, begin: Option<u64>, range: Range<u64>, chunks: Chunks) -> Piece {
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
        file: &Seekable,
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
                    piece.failure = Some(Failure::new(piece, FailureKind::Changed));
                    return;
                }
                Err(error) => {
                    piece.failure = Some(Failure::new(piece, FailureKind::Unreadable(error)));
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
                piece.failure = Some(Failure::too_long(piece, unfinished));
                return;
            }
            buffer.copy_within(scanned..filled, 0);
            base += scanned as u64;
            filled -= scanned;
        }
    }

    /// Scans the records of `bytes` that begin before `until`; the first byte begins a line, and
    /// stands in the file where the piece ends so far. Stops before a record that the bytes do not
    /// hold whole, giving the quote that is open.
    fn scan(
        &self,
        piece: &mut Piece,
        bytes: &[u8],
        until: usize,
        last: bool,
    ) -> Result<(), Option<Position>> {
        let before = (piece.next, piece.lines, piece.records, piece.unkeyed);
        let kept = (piece.rows.len(), piece.text.len(), piece.corrections.len());
        if let Some(scanned) = self.scan_lines(piece, bytes, until, last) {
            return scanned;
        }
        (piece.next, piece.lines, piece.records, piece.unkeyed) = before;
        piece.failure = None;
        piece.rows.truncate(kept.0);
        piece.text.truncate(kept.1);
        piece.corrections.truncate(kept.2);
        let mut scan = Scan::new(piece, bytes, last);
        while scan.at < bytes.len() && scan.at < until && piece.failure.is_none() {
            self.scan_record(piece, &mut scan)?;
        }
        scan.end(until)
    }

    /// The same where lines end with line feeds; `None` where some end with a carriage return alone.
    /// Without a quote in it a line is a record.
    fn scan_lines(
        &self,
        piece: &mut Piece,
        bytes: &[u8],
        until: usize,
        last: bool,
    ) -> Option<Result<(), Option<Position>>> {
        let has_returns = memchr(b'\r', bytes).is_some();
        let mut scan = Scan::new(piece, bytes, last);
        // Carriage returns that were seen before a line feed, or in a record with quotes.
        let mut returns = 0;
        for mark in memchr2_iter(b'\n', b'"', bytes) {
            if scan.at >= until {
                break;
            }
            if mark < scan.at {
                // In a record with quotes that was scanned already.
                continue;
            }
            if bytes[mark] == b'\n' {
                let mut line = &bytes[scan.at..mark];
                if let [rest @ .., b'\r'] = line {
                    line = rest;
                    returns += 1;
                }
                if !line.is_empty() {
                    self.take(piece, line, scan.base + scan.at as u64, piece.lines, &mut scan.memory);
                }
                piece.lines += 1;
                scan.at = mark + 1;
                continue;
            }
            while scan.at <= mark && scan.at < until {
                let from = scan.at;
                let scanned = self.scan_record(piece, &mut scan);
                if scanned.is_err() || piece.failure.is_some() {
                    let is_lone = has_returns && count_returns(&bytes[..from]) != returns;
                    return (!is_lone).then_some(scanned);
                }
                if has_returns {
                    returns += count_returns(&bytes[from..scan.at]);
                }
            }
        }
        let at = scan.at;
        let unfinished = at < until && at < bytes.len();
        if unfinished && last {
            self.check_last(piece, &bytes[at..], scan.base + at as u64, piece.lines);
            self.take(piece, &bytes[at..], scan.base + at as u64, piece.lines, &mut scan.memory);
            scan.at = bytes.len();
        }
        piece.next = scan.base + scan.at as u64;
        let is_lone = || {
            count_returns(&bytes[..scan.at]) != returns
                || unfinished && !last && memchr(b'\r', &bytes[scan.at..]).is_some()
        };
        if has_returns && is_lone() {
            return None;
        }
        Some(scan.end(until))
    }

    /// Scans one record, or passes over a line end.
    fn scan_record(&self, piece: &mut Piece, scan: &mut Scan<'_>) -> Result<(), Option<Position>> {
        let Scan { bytes, base, at, last, memory } = scan;
        let (bytes, base, last, start) = (*bytes, *base, *last, *at);
        piece.next = base + start as u64;
        let blank = csv::line_end_length(bytes, start);
        // A carriage return at the end may be half of a CRLF.
        if blank == 1 && bytes[start] == b'\r' && start + 1 == bytes.len() && !last {
            return Err(None);
        }
        if blank > 0 {
            *at += blank;
            piece.lines += 1;
            piece.next = base + *at as u64;
            return Ok(());
        }
        let record = csv::record_end(bytes, start, self.delimiter, last).map_err(|unfinished| {
            // The quote's place counts from the record's beginning.
            unfinished
                .open_quote
                .map(|quote| self.position(&bytes[start..], quote - start, base + start as u64, piece.lines))
        })?;
        let raw = &bytes[start..record.end];
        if (record.next == bytes.len() || record.breaks > 0)
            && let Some(kind) = self.broken_quote(raw, base + start as u64, piece.lines)
        {
            piece.failure = Some(Failure::new(piece, kind));
            return Ok(());
        }
        if record.next == record.end {
            self.check_last(piece, raw, base + start as u64, piece.lines);
        }
        self.take(piece, raw, base + start as u64, piece.lines, memory);
        // The last line of a file may have no end.
        piece.lines += record.breaks + u64::from(record.next > record.end);
        *at = record.next;
        piece.next = base + *at as u64;
        Ok(())
    }

    /// Looks whether the last record of a file, which has no line end, is whole. What is cut off
    /// cannot be told from what is blank, nor how many rows are missing.
    fn check_last(&self, piece: &mut Piece, record: &[u8], start: u64, line: u64) {
        let key = self.key_of(record);
        // Other short last lines are remarks: `Total`, `5 rows`.
        let begins_a_number = record.len() == key.len()
            && (4..entry::LENGTH).contains(&key.len())
            && key[..3].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
            && key[3..].iter().all(u8::is_ascii_digit);
        if csv::fields(record, self.delimiter).count() < self.width
            && (begins_a_number || declaration::read_number(&key).number.is_some())
            && piece.failure.is_none()
        {
            piece.failure = Some(Failure { record: (start, line, 1), kind: FailureKind::CutOff });
        }
    }

    /// Decides about a record by its key, and keeps it where it is wanted.
    #[inline]
    fn take(&self, piece: &mut Piece, record: &[u8], start: u64, line: u64, memory: &mut Memory) {
        piece.records += 1;
        if record.len() > MAX_RECORD && piece.failure.is_none() {
            let mut quoted = csv::fields(record, self.delimiter).filter(csv::Field::is_quoted);
            let open_quote = (quoted.find(|field| csv::count_line_ends(&record[field.raw.clone()]) > 0))
                .map(|field| self.position(record, field.raw.start, start, line));
            let kind = FailureKind::TooLong { open_quote };
            piece.failure = Some(Failure { record: (start, line, 1), kind });
        }
        let again = record.first_chunk() == Some(&memory.beginning);
        let verdict = if again { memory.verdict } else { self.judge_record(piece, record, memory) };
        match verdict {
            Verdict::PassOver => {}
            Verdict::Unkeyed => piece.unkeyed += 1,
            Verdict::Blank => {
                let is_filled = |field: csv::Field| {
                    !super::value::clean(&encoding::decode(&field.value(record))).is_empty()
                };
                piece.unkeyed += u64::from(csv::fields(record, self.delimiter).any(is_filled));
            }
            Verdict::Keep(number, entry) => {
                let text = piece.text.len()..piece.text.len() + record.len();
                piece.text.extend_from_slice(record);
                piece.rows.push(KeptRow { number, entry, start, line, text });
            }
        }
    }

    /// What to do with a record whose key is not the one before.
    #[inline(never)]
    fn judge_record(&self, piece: &mut Piece, record: &[u8], memory: &mut Memory) -> Verdict {
        // Most exports begin with the entry number, in normal form.
        if self.key == 0
            && let Some(beginning @ [key @ .., delimiter]) = record.first_chunk::<{ entry::LENGTH + 1 }>()
            && *delimiter == self.delimiter
            && let Some(number) = EntryNumber::from_plain(key)
        {
            let verdict = self.judge_number(piece, number);
            *memory = Memory { key: *key, beginning: *beginning, verdict };
            return verdict;
        }
        self.judge(piece, &self.key_of(record), memory)
    }

    /// The key's value; empty where the record is too short.
    fn key_of<'r>(&self, record: &'r [u8]) -> Cow<'r, [u8]> {
        if self.key == 0 && record.first() != Some(&b'"') {
            let end = csv::find_near(self.delimiter, record).unwrap_or(record.len());
            return Cow::Borrowed(&record[..end]);
        }
        csv::fields(record, self.delimiter)
            .nth(self.key)
            .map_or(Cow::Borrowed(&[]), |field| field.value(record))
    }

    /// What to do with a row that has this key.
    fn judge(&self, piece: &mut Piece, key: &[u8], memory: &mut Memory) -> Verdict {
        // ACE wraps texts as `="…"`; without it, neighbours can be compared.
        let key = match key {
            [b'=', b'"', inner @ .., b'"'] => inner,
            key => key,
        };
        match <&[u8; entry::LENGTH]>::try_from(key) {
            Ok(key) if *key == memory.key => return memory.verdict,
            _ => {}
        }
        let verdict = match declaration::read_number(key) {
            entry::Reading { number: Some(number), .. } => self.judge_number(piece, number),
            entry::Reading { form: Form::Blank, .. } => Verdict::Blank,
            _ => Verdict::Unkeyed,
        };
        if let Ok(key) = key.try_into() {
            *memory = Memory { key, verdict, ..Memory::default() };
        }
        verdict
    }

    fn judge_number(&self, piece: &mut Piece, number: EntryNumber) -> Verdict {
        let entry = self.entries.get(&number);
        if self.keep == Keep::All || entry.is_some() {
            return Verdict::Keep(number, entry);
        }
        if !self.corrections.is_empty() && self.corrections.contains(&number) {
            piece.corrections.push(number);
        }
        Verdict::PassOver
    }

    /// A quote that is never closed, or that swallows rows: the record goes over several lines,
    /// and one of them would be a row of its own.
    fn broken_quote(&self, record: &[u8], start: u64, line: u64) -> Option<FailureKind> {
        for field in csv::fields(record, self.delimiter).filter(csv::Field::is_quoted) {
            let position = || self.position(record, field.raw.start, start, line);
            if let Some((Damage::UnterminatedQuote, _)) = field.damage {
                return Some(FailureKind::Unterminated { quote: position() });
            }
            if declaration::swallows_rows(&field, record, self.delimiter, self.key, self.width) {
                return Some(FailureKind::Swallowed { quote: position() });
            }
        }
        None
    }

    /// The position of a byte of a record that begins at `start`.
    fn position(&self, record: &[u8], at: usize, start: u64, line: u64) -> Position {
        let (below, column) = csv::locate(record, self.delimiter, at);
        (start + at as u64, line + below, column)
    }

    /// Finds out how the rows that were kept are encoded; the others are never read.
    fn check_text(&self, piece: &mut Piece) {
        let is_utf8 = |row: &KeptRow| std::str::from_utf8(&piece.text[row.text.clone()]).is_ok();
        piece.encoding = if piece.text.is_ascii() {
            Encoding::Ascii
        } else if piece.rows.iter().all(is_utf8) {
            Encoding::Utf8
        } else {
            Encoding::Windows1252
        };
    }
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
    memory: Memory,
}

impl<'b> Scan<'b> {
    /// A scan of the bytes that follow what the piece has so far.
    fn new(piece: &Piece, bytes: &'b [u8], last: bool) -> Self {
        Self { bytes, base: piece.next, at: 0, last, memory: Memory::default() }
    }

    /// An error where records that begin before `until` are not there whole.
    fn end(&self, until: usize) -> Result<(), Option<Position>> {
        if self.at < until && !self.last { Err(None) } else { Ok(()) }
    }
}

fn count_returns(bytes: &[u8]) -> usize {
    memchr_iter(b'\r', bytes).count()
}

/// Puts pieces together, in order.
struct Merge<'a> {
    table: &'a mut Table,
    part: Part,
    /// Where the next record begins, and on which line.
    at: u64,
    line: u64,
}

impl<'a> Merge<'a> {
    fn new(table: &'a mut Table, part: Part, at: u64, line: u64) -> Self {
        Self { table, part, at, line }
    }

    fn take(&mut self, piece: Piece, entries: &mut Entries) -> Result<(), Failure> {
        if let Some(failure) = piece.failure {
            return Err(failure.moved(self.line));
        }
        let taken = self.table.texts.take(piece.text);
        let part = self.table.parts.len() as u32;
        let line = self.line;
        self.table.rows.extend(piece.rows.into_iter().map(|row| Row {
            part,
            line: line + row.line,
            start: row.start,
            text: taken.at(row.text),
            entry: row.entry.or_else(|| Some(entries.insert(row.number))),
        }));
        self.table.corrections_found.extend(piece.corrections);
        self.part.records += piece.records;
        self.part.unkeyed_rows += piece.unkeyed;
        self.part.encoding = match (self.part.encoding, piece.encoding) {
            (Encoding::Ascii, other) => other,
            (Encoding::Utf8, Encoding::Windows1252) => Encoding::Windows1252,
            (encoding, _) => encoding,
        };
        self.line += piece.lines;
        self.at = piece.next;
        Ok(())
    }

    fn finish(self) {
        self.table.parts.push(self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::{Column, Type};
    use crate::table::{CellRef, Tables};
    use proptest::prelude::*;

    const FIRST: &str = "00261103162";
    const SECOND: &str = "00261111157";
    const OTHER: &str = "00261112239";

    fn schema() -> Schema {
        let column = |name: &str, kind: Type, header: &str| Column {
            headers: vec![header.into()],
            ..Column::new(name, kind)
        };
        Schema {
            title: "ES-003 Entry Summary Line Tariff Details".into(),
            key: Some(0),
            sheet: Some("Main Report".into()),
            columns: vec![
                column("entry", Type::EntryNumber, "Entry Summary Number"),
                column("duty", Type::Money, "Line Tariff Duty Amount"),
                column("note", Type::Text, "Note"),
                column("importer", Type::ImporterNumber, "Importer Number"),
            ],
            ..Schema::new("es003")
        }
    }

    const ES003: TableId = TableId(2);

    fn schemas() -> Vec<Arc<Schema>> {
        let row = Schema { name: "row".into(), ..schema() };
        vec![Arc::new(declaration::file_schema()), Arc::new(row), Arc::new(schema())]
    }

    struct Read {
        tables: Tables,
        sources: Sources,
    }

    impl Read {
        fn table(&self) -> &Table {
            self.tables.tables[2].as_ref().unwrap()
        }
    }

    fn declared() -> Entries {
        let mut entries = Entries::default();
        for number in [SECOND, FIRST] {
            entries.insert(EntryNumber::parse(number).unwrap());
        }
        entries
    }

    fn read_input(name: &str, input: Input, chunks: Chunks, keep: Keep) -> Result<Read, Vec<Diagnostic>> {
        let schemas = schemas();
        let request = Request {
            id: ES003,
            schemas: &schemas,
            asked: &[],
            corrections: &HashSet::from_iter([EntryNumber::parse(OTHER).unwrap()]),
            keep,
            progress: &|_, _| {},
            chunks,
        };
        let mut sources = Sources::default();
        let table = read_table(&request, &[(name.into(), input)], &mut sources, &mut declared())?;
        Ok(Read { tables: Tables { schemas, tables: vec![None, None, Some(table)] }, sources })
    }

    fn read(text: impl AsRef<[u8]>) -> Result<Read, Diagnostic> {
        let bytes = Input::Bytes(text.as_ref().into());
        read_input("es003.csv", bytes, Chunks::default(), Keep::Declared)
            .map_err(|mut errors| errors.remove(0))
    }

    /// What matters of a table, to be compared.
    fn digest(table: &Table) -> String {
        let rows: Vec<_> = (table.rows.iter())
            .map(|row| {
                let text = String::from_utf8_lossy(table.record(row)).into_owned();
                (row.line, row.start, text, row.entry)
            })
            .collect();
        let part = &table.parts[0];
        format!(
            "{rows:?} {} {} {:?} {:?}",
            part.records, part.unkeyed_rows, part.encoding, table.corrections_found
        )
    }

    /// By one scan from beginning to end, without any of the shortcuts.
    fn expected(text: &[u8], delimiter: u8, header_end: usize) -> Vec<(u64, u64, Vec<u8>)> {
        let wanted = declared();
        let mut rows = Vec::new();
        let (mut at, mut line) = (header_end, 2);
        while at < text.len() {
            let blank = csv::line_end_length(text, at);
            if blank > 0 {
                (at, line) = (at + blank, line + 1);
                continue;
            }
            let record = csv::record_end(text, at, delimiter, true).unwrap();
            let raw = &text[at..record.end];
            let key = csv::fields(raw, delimiter).next().unwrap().value(raw).into_owned();
            if entry::read(&encoding::decode(&key)).number.is_some_and(|number| wanted.get(&number).is_some())
            {
                rows.push((line, at as u64, raw.to_vec()));
            }
            (at, line) = (record.next, line + record.breaks + 1);
        }
        rows
    }

    fn rows_text() -> impl Strategy<Value = String> {
        let key = prop_oneof![
            4 => Just(FIRST.to_owned()),
            2 => Just(format!("=\"{SECOND}\"")),
            2 => Just(format!("\"{SECOND}\"")),
            4 => Just(OTHER.to_owned()),
            1 => Just("Total".to_owned()),
            1 => Just("261103162".to_owned()),
            1 => Just(String::new()),
        ];
        let note = prop_oneof![
            6 => "[a-z]{0,12}",
            1 => Just("\"two\nlines\"".to_owned()),
            1 => Just("\"a \"\"b\"\"\r\n, c\"".to_owned()),
            1 => Just("3\" pipe".to_owned()),
            1 => Just("\"\r\r\"".to_owned()),
            1 => Just("\"x\"y".to_owned()),
            1 => Just("\u{e4}\u{1f600}".to_owned()),
        ];
        let end = prop_oneof![
            6 => Just("\r\n"),
            3 => Just("\n"),
            1 => Just("\r"),
            1 => Just("\n\r\n"),
        ];
        let row = (key, note, end).prop_map(|(key, note, end)| format!("{key},1.00,{note}{end}"));
        proptest::collection::vec(row, 0..30).prop_map(|rows| rows.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn chunks_of_any_size_give_what_one_scan_gives(
            rows in rows_text(), size in 1usize..90, window in 1usize..50, beyond in 0usize..20, cut in 0usize..3
        ) {
            let header = "Entry Summary Number,Line Tariff Duty Amount,Note\r\n";
            let mut text = format!("{header}{rows}");
            // Sometimes the last line has no end.
            for _ in 0..cut.min(rows.chars().count()) {
                text.pop();
            }
            let bytes = text.as_bytes();
            let input = || Input::Bytes(bytes.into());
            let whole = read_input("a.csv", input(), Chunks::default(), Keep::Declared);
            let cut = read_input("a.csv", input(), Chunks { size, window, beyond }, Keep::Declared);
            match (whole, cut) {
                (Ok(whole), Ok(cut)) => {
                    prop_assert_eq!(digest(whole.table()), digest(cut.table()));
                    let mut found: Vec<_> = (whole.table().rows.iter())
                        .map(|row| (row.line, row.start, whole.table().record(row).to_vec()))
                        .collect();
                    found.sort();
                    prop_assert_eq!(found, expected(bytes, b',', header.len()));
                    // Every cell's bytes are where its place says.
                    for row in 0..whole.table().rows.len() as u32 {
                        let cell = CellRef { table: ES003, row, column: 0 };
                        let place = whole.tables.place(cell, &whole.sources);
                        let written = std::str::from_utf8(&bytes[place.span.range()]).unwrap();
                        let value = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written);
                        prop_assert!(EntryNumber::parse(value).is_some(), "{}", written);
                    }
                }
                (Err(whole), Err(cut)) => prop_assert_eq!(whole, cut),
                (whole, cut) => prop_assert!(false, "{:?} {:?}", whole.err(), cut.err()),
            }
        }

        #[test]
        fn a_stream_gives_what_a_file_gives(rows in rows_text(), size in 1usize..90, window in 1usize..50) {
            let text = format!("Entry Summary Number,Line Tariff Duty Amount,Note\n{rows}");
            let schemas = schemas();
            let request = Request {
                id: ES003,
                schemas: &schemas,
                asked: &[],
                corrections: &HashSet::new(),
                keep: Keep::Declared,
                progress: &|_, _| {},
                chunks: Chunks { size, window, beyond: 0 },
            };
            let schema = &*schemas[2];
            let (mut streamed, mut chunked) = (Table::default(), Table::default());
            let reading =
                Reading { request: &request, schema, name: "a.csv", file: FileId(0), done: 0, total: 0 };
            let mut sources = Sources::default();
            let stream = Opened::Stream(Box::new(Cursor::new(text.clone().into_bytes())));
            let one = reading.read(stream, &mut streamed, &mut sources, &mut declared());
            let file = Input::Bytes(text.as_bytes().into()).open("a.csv").unwrap();
            let other = reading.read(file, &mut chunked, &mut sources, &mut declared());
            prop_assert_eq!(one.as_ref().err(), other.as_ref().err());
            if one.is_ok() {
                prop_assert_eq!(digest(&streamed), digest(&chunked));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused_alike_in_chunks(
            bytes in proptest::collection::vec(prop_oneof![
                any::<u8>(), Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a')
            ], 0..120),
            size in 1usize..40,
            window in 1usize..30,
        ) {
            let text = [b"Entry Summary Number,Note\n", bytes.as_slice()].concat();
            let read = |chunks| {
                let read = read_input("a.csv", Input::Bytes(text.as_slice().into()), chunks, Keep::All);
                read.map(|read| digest(read.table()))
            };
            prop_assert_eq!(read(Chunks::default()), read(Chunks { size, window, beyond: 1 }));
        }
    }

    #[test]
    fn rows_of_declared_entries_are_kept_and_others_counted() {
        let text = format!(
            "ES-003 report\r\nRun 11/22/2026\r\n\r\nNote,Entry Summary Number,Importer Number,Line Tariff Duty Amount\r\n\
             a,{FIRST},987-65-4321,1.00\r\nb,{OTHER},,2.00\r\nc,=\"{SECOND}\",12-3456789,\"$1,003.00\"\r\n\r\n\
             ,Total,,1006.00\r\n,,,\r\ne,,,5.00\r\nd,{FIRST},,4.00\r\n"
        );
        let read = read(&text).unwrap();
        let table = read.table();
        let part = &table.parts[0];
        assert_eq!((part.header.line, part.preamble_rows, part.records, part.unkeyed_rows), (4, 2, 7, 2));
        assert_eq!((part.delimiter, part.encoding), (b',', Encoding::Ascii));
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [7, 5, 12]);
        assert_eq!(table.entry_rows, [0, 1, 3]);
        assert_eq!(table.corrections_found.len(), 1);
        let excerpt = read.tables.excerpt(
            &[CellRef { table: ES003, row: 1, column: 1 }, CellRef { table: ES003, row: 1, column: 3 }],
            &read.sources,
        );
        let cells: Vec<_> = (excerpt.cells.iter())
            .map(|cell| (cell.header.as_str(), cell.text.as_str(), cell.gap_before, cell.place.column))
            .collect();
        assert_eq!(
            cells,
            [
                ("Entry Summary Number", FIRST, true, 3),
                ("Importer Number", "***-**-4321", false, 15),
                ("Line Tariff Duty Amount", "1.00", false, 27),
            ]
        );
        let place = read.tables.place(CellRef { table: ES003, row: 0, column: 1 }, &read.sources);
        assert_eq!((place.line, &text[place.span.range()]), (7, "\"$1,003.00\""));
    }

    #[test]
    fn keeping_all_takes_in_every_entry() {
        let text = format!("Entry Summary Number,Note\n{OTHER},x\n{FIRST},y\nTotal,z\n");
        let input = Input::Bytes(text.as_bytes().into());
        let read = read_input("a.csv", input, Chunks::default(), Keep::All).unwrap();
        assert_eq!(read.table().rows.len(), 2);
        assert_eq!(read.table().entry_rows, [0, 0, 1, 2]);
    }

    #[test]
    fn a_wrong_table_is_one_clear_error() {
        let error = |text: &str| read(text).err().unwrap();
        let claim = error("ENTRY_NUMBER,CLAIM_NUMBER,STATUS\n1,2,Failed\n");
        assert_eq!(claim.code, "no-key-column");
        assert!(claim.message.contains("Entry Summary Number"), "{claim:?}");
        assert!(claim.help.iter().any(|help| help.contains("`CLAIM_NUMBER`")), "{claim:?}");
        let typo = error("Entry Sumary Number,Note\n1,2\n");
        assert!(
            typo.help.iter().any(|help| help.contains("did you mean `Entry Summary Number`")),
            "{typo:?}"
        );
        assert_eq!(error("Entry Summary Number,Note,Note\n").code, "duplicate-column");
        assert_eq!(error("").code, "empty-file");
    }

    #[test]
    fn a_quote_that_swallows_rows_is_pointed_at() {
        let header = "Entry Summary Number,Note\n";
        for (rows, code, line, column) in [
            (format!("{FIRST},a\n{SECOND},\"b\n{OTHER},c\n"), Some("unterminated-quote"), 3, 13),
            (format!("{FIRST},\"b\n{SECOND},c\n{OTHER},\"d\n"), Some("unterminated-quote"), 2, 13),
            (format!("{FIRST},\"b\nnothing\",\n"), None, 0, 0),
            (format!("{FIRST},3\" pipe\n{SECOND},4\" pipe\n"), None, 0, 0),
        ] {
            let text = format!("{header}{rows}");
            for size in [5, 1000] {
                let input = Input::Bytes(text.as_bytes().into());
                let error =
                    read_input("a.csv", input, Chunks { size, window: 4, beyond: 3 }, Keep::Declared).err();
                assert_eq!(error.as_ref().map(|errors| errors[0].code), code, "{text}");
                if let Some(errors) = error {
                    let place = errors[0].labels[0].place;
                    assert_eq!((place.line, place.column), (line, column), "{text}");
                    assert_eq!(&text[place.span.range()], "\"");
                }
            }
        }
    }

    #[test]
    fn a_last_row_that_is_cut_off_is_an_error() {
        let header = "Entry Summary Number,Line Tariff Duty Amount,Note\r\n";
        let code = |last: &str| {
            let text = format!("{header}{FIRST},1.00,a\r\n{last}");
            read(text).err().map(|error| (error.code, error.labels[0].place.line))
        };
        for last in ["00261111157,1.0", "00261111157", "0026111", "00261111157,\"a\""] {
            assert_eq!(code(last), Some(("cut-off", 3)), "{last}");
        }
        for last in ["", "00261111157,1.00,", "00261111157,1.00\r\n", "Total", "2 rows", " ", "\u{1a}"] {
            assert_eq!(code(last), None, "{last}");
        }
    }

    #[test]
    fn an_endless_row_ends_the_reading_not_the_memory() {
        let header = "Entry Summary Number,Note\n";
        let long = format!("{header}{FIRST},{}", "x".repeat(MAX_RECORD + 10));
        let error = read(&long).err().unwrap();
        assert_eq!((error.code, error.labels[0].place.line), ("record-too-long", 2));
        let quoted = format!("{header}{FIRST},a\n{FIRST},\"{}\n", "x\n".repeat(MAX_RECORD / 2 + 10));
        let error = read(&quoted).err().unwrap();
        let place = error.labels[0].place;
        assert_eq!((error.code, place.line, place.column), ("unterminated-quote", 3, 13));
    }

    #[test]
    fn utf16_windows_1252_and_semicolons_are_read() {
        let text = format!("\u{feff}Entry Summary Number;Note\r\n{FIRST};\u{e4}\r\n{OTHER};b\r\n");
        for big_endian in [false, true] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            let read = read(bytes).unwrap();
            assert_eq!(
                (read.table().parts[0].encoding, read.table().parts[0].delimiter),
                (Encoding::Utf16, b';')
            );
            assert_eq!(&*read.table().columns[2].cell(0).unwrap().text, "\u{e4}");
        }
        let bytes = [b"Entry Summary Number,Note\n".as_slice(), FIRST.as_bytes(), b",M\xfcller\n"].concat();
        let read = read(&bytes).unwrap();
        assert_eq!(read.table().parts[0].encoding, Encoding::Windows1252);
        assert_eq!(&*read.table().columns[2].cell(0).unwrap().text, "M\u{fc}ller");
    }
}
