//! Reference tables: read once from beginning to end, keeping the rows of declared entries.
//!
//! Memory follows the declaration, not the export. A file is read in chunks that all cores work on at once.
//! Where a chunk begins it is unknown whether a quote is open, so each chunk *assumes* that its first line
//! break ends a record, and scans from there. Then the chunks are put together in order: where the chunk
//! before ended exactly where this one assumed to begin, its work is right; otherwise it is scanned again
//! from the true position. The outcome is that of one scan from beginning to end, whatever is in the quotes.

//!
//! - Here: opening a file, finding its header, and putting together what was found.
//! - `scan`: what one core does with a chunk.
//! - `survey`: what the whole table has, so that its rows can be read a batch of entries at a time.
//! - `failure`: why that cannot go on, and how it is reported.

mod failure;
mod scan;
mod survey;
mod total;

use std::cell::{Cell, RefCell};
use std::io::{BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{self, AtomicU64};

use hashbrown::HashSet;
use rayon::prelude::*;

use super::date_order::Dates;
use super::encoding::{self, Beginning, Utf16Reader};
use super::header::{self, FoundHeader};
use super::lost::{self, LostRow, MAX_LOST};
use super::named::quoted;
use super::record::push_cells;
use super::schema::Schema;
use super::workbook::{self, Skip, Workbook};
use super::{
    Asked, Encoding, Entries, MAX_RECORD, Part, RecordForm, Row, Table, TableId, build, declaration,
    duplicate_columns, errors, head_row, overlap, repeated_amounts, unread_status,
};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::errors::{cannot_read, changed};
use crate::input::{Input, Opened, ReadAt, SequentialReader};
use crate::outside::OutsideString;
use crate::source::{FileId, Place, SourceKind, Sources, Span, line_number};
use failure::{FailureKind, ScanFailure};
use scan::{LastKey, Piece, RecordLayout, Scanner, Unread};
pub use survey::Survey;
use survey::Surveying;

/// Which table to read, and what of it.
pub struct Request<'a> {
    /// The table.
    pub id: TableId,
    /// The schemas of all tables, by [`TableId`]; the others help to name what a wrong file is.
    pub schemas: &'a [Arc<Schema>],
    /// What is asked of each column of the schema; of those beyond the end, their texts.
    pub asked: &'a [Asked],
    /// Numbers that mistyped ones may mean: reported in [`Table::corrections_found`] where they occur.
    pub corrections: Option<&'a HashSet<EntryNumber>>,
    /// Which rows to keep.
    pub keep: Keep,
    /// Whether the files are a slice of an export: what none of their rows has, the export may have.
    pub is_slice: bool,
    /// Is called now and then with how many bytes were read, and how many there are (0 where it is unknown).
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// How the work is cut up.
    pub chunks: Chunks,
}

impl<'a> Request<'a> {
    /// The table of declared entries with all its columns.
    pub fn new(id: TableId, schemas: &'a [Arc<Schema>]) -> Self {
        Self {
            id,
            schemas,
            asked: &[],
            corrections: None,
            keep: Keep::Declared,
            is_slice: false,
            progress: &|_, _| {},
            chunks: Chunks::default(),
        }
    }
}

/// Which rows of a reference table to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those of declared entries.
    Declared,
    /// All that have an entry number; entries not yet known are taken in. Memory follows the
    /// table's size.
    All,
    /// None, where they can be read again; what the table has is surveyed: see [`Survey`].
    Survey,
    /// None of the declared entries, where they can be read again; what the table has of these is surveyed.
    DeclaredSurvey,
    /// None. Every entry number counts as one that was asked about: see [`Table::corrections_found`].
    Numbers,
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
/// All errors in all files: such that cannot be opened, are something else, have no key column, have a quote
/// that is never closed, or change while they are read.
pub fn read_table(
    request: &Request<'_>,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
) -> Result<Table, Vec<Diagnostic>> {
    let schema = &*request.schemas[request.id.index()];
    let mut table = scan_files(request, inputs, sources, entries, &mut None)?;
    if request.keep == Keep::All && schema.line.is_none() {
        lost::take_in_entries(schema, &table, entries);
    }
    finish(request, schema, &mut table, entries, &Dates::default());
    Ok(table)
}

/// Scans the files for the rows to keep, which are not yet sorted, nor their cells read.
fn scan_files(
    request: &Request<'_>,
    inputs: &[(String, Input)],
    sources: &mut Sources,
    entries: &mut Entries,
    survey: &mut Option<&mut Survey>,
) -> Result<Table, Vec<Diagnostic>> {
    let schema = &*request.schemas[request.id.index()];
    let mut table = Table::default();
    let mut errors = Vec::new();
    let mut opened = Vec::new();
    let mut total = 0;
    for (name, input) in inputs {
        let file = sources.add(name.as_str(), SourceKind::Streamed);
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
        let reading = FileReading { request, schema, name, file, done, total };
        match reading.read(input, &mut table, sources, entries, survey) {
            Ok(length) => done += length,
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(part) = table.parts.first()
        && !schema.optional
        && !request.is_slice
        && table.parts.iter().all(|part| part.records == 0)
    {
        let span = part.header.fields.first().map_or(Span::default(), |(_, span)| *span);
        let header = Place { file: part.file, line: line_number(part.header.line), column: 1, span };
        return Err(vec![errors::no_rows(sources.name(part.file), header, schema)]);
    }
    Ok(table)
}

/// Sorts the rows, decides what becomes of those that two files have or whose entry is unknown,
/// and reads the cells. `dates` are those of the whole table, where the rows are part of one.
fn finish(request: &Request<'_>, schema: &Schema, table: &mut Table, entries: &Entries, dates: &Dates) {
    lost::add_doubtful_rows(schema, table, entries, request.is_slice);
    table.entry_rows = build::sort_by_entry(&mut table.rows, entries.len());
    if table.parts.len() > 1 {
        overlap::leave_out_repeated(schema, table, request.asked);
    }
    unread_status::make_doubtful(schema, table);
    table.columns = build::columns_beside(schema, table, request.asked, dates);
    let differing = duplicate_columns::differing(schema, table, request.asked);
    build::distrust(&mut table.columns, differing.contradicted);
    let repeated = repeated_amounts::find(schema, table, request.asked);
    build::distrust(&mut table.columns, repeated);
    table.duplicate_columns = differing.headers;
    table.find_partial_parts(schema);
}

/// The reading of one file.
struct FileReading<'a> {
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

impl FileReading<'_> {
    /// Reads the file into the table; gives its length.
    fn read(
        &self,
        input: Opened,
        table: &mut Table,
        sources: &mut Sources,
        entries: &mut Entries,
        survey: &mut Option<&mut Survey>,
    ) -> Result<u64, Diagnostic> {
        match input {
            Opened::Seekable(file) => {
                let mut head = vec![0; HEAD.min(file.len() as usize)];
                let length = file.read_at(0, &mut head).map_err(|error| cannot_read(self.name, &error))?;
                head.truncate(length);
                match self.beginning(&head)? {
                    Beginning::Workbook => {
                        let progress = |read: u64| {
                            (self.request.progress)(self.done + read.min(file.len()), self.total);
                        };
                        let reader = CountingReader {
                            inner: SequentialReader::new(&*file),
                            read: 0,
                            progress: &progress,
                        };
                        let reader = BufReader::with_capacity(64 << 10, reader);
                        self.read_workbook(reader, table, sources, entries, survey)?;
                    }
                    Beginning::Utf16 { big_endian, mark } => {
                        let reader = SequentialReader::new(&*file);
                        self.read_utf16(reader, big_endian, mark, table, entries, survey)?;
                    }
                    Beginning::Bytes { mark } => {
                        self.read_chunks(&file, mark, table, entries, survey)?;
                    }
                }
                if file.has_changed() {
                    return Err(changed(self.name));
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
                    Beginning::Workbook => {
                        let mut bytes = Vec::new();
                        let read = stream.take(WORKBOOK_STREAM_LIMIT).read_to_end(&mut bytes);
                        read.map_err(|error| cannot_read(self.name, &error))?;
                        self.read_workbook(Cursor::new(bytes), table, sources, entries, survey)?;
                    }
                    Beginning::Utf16 { big_endian, mark } => {
                        self.read_utf16(stream, big_endian, mark, table, entries, survey)?;
                    }
                    Beginning::Bytes { mark } => {
                        let mut stream = stream;
                        skip(&mut stream, mark).map_err(|error| cannot_read(self.name, &error))?;
                        self.read_stream(stream, Encoding::Ascii, mark, table, entries, survey)?;
                    }
                }
                Ok(0)
            }
        }
    }

    fn beginning(&self, head: &[u8]) -> Result<Beginning, Diagnostic> {
        let extension = declaration::extension(self.name);
        let is_workbook = workbook::is_extension(&extension);
        match encoding::beginning(self.name, head)? {
            Beginning::Workbook if matches!(extension.as_str(), "csv" | "txt" | "tsv") => {
                Err(workbook::not_csv(self.name, &extension))
            }
            Beginning::Workbook => Ok(Beginning::Workbook),
            _ if is_workbook => Err(workbook::not_a_workbook(self.name, &extension)),
            beginning => Ok(beginning),
        }
    }

    /// Finds the header in a text's beginning. `Ok(None)`: more of the text is needed.
    fn header(&self, head: &[u8], last: bool, skipped: usize) -> Result<Option<FoundHeader>, Diagnostic> {
        if let Some(found) = header::find(self.schema, head, last) {
            found.refuse_doubt(self.name, self.schema, self.file, skipped as u64)?;
            let schemas = self.request.schemas;
            found.refuse_other_table(self.name, self.schema, schemas, self.file, skipped as u64)?;
            return Ok(Some(found));
        }
        let rows = head_row::first_rows(head, header::likely_delimiter(head, last), last);
        if !last && rows.len() < head_row::ROWS_SEARCHED && head.len() < HEAD_LIMIT {
            return Ok(None);
        }
        let schemas = self.request.schemas;
        Err(header::no_key(self.name, self.file, self.schema, schemas, &rows, skipped as u64))
    }

    /// What one scan of the file needs to know.
    fn scanner<'s>(&'s self, layout: &'s RecordLayout<'s>, entries: &'s Entries) -> Scanner<'s> {
        Scanner {
            form: layout.form,
            key: layout.key,
            width: layout.width,
            layout,
            entries,
            corrections: self.request.corrections,
            keep: self.request.keep,
            keeps_rows: true,
        }
    }

    /// Reads a file of one-byte units, chunks of it at once.
    fn read_chunks(
        &self,
        input: &Arc<dyn ReadAt>,
        mark: usize,
        table: &mut Table,
        entries: &mut Entries,
        survey: &mut Option<&mut Survey>,
    ) -> Result<(), Diagnostic> {
        let file = &**input;
        let mut length = HEAD;
        let found = loop {
            let mut head = vec![0; length.min(file.len() as usize - mark)];
            let read =
                file.read_at(mark as u64, &mut head).map_err(|error| cannot_read(self.name, &error))?;
            if read < head.len() {
                return Err(changed(self.name));
            }
            match self.header(&head, (mark + read) as u64 >= file.len(), mark)? {
                Some(found) => break found,
                None => length *= 4,
            }
        };
        let layout = RecordLayout::new(self.schema, &found);
        let begin = (mark + found.row.next.0) as u64;
        let part = found.part(self.file, Encoding::Ascii, mark as u64);
        let mut merge = Merge::new(table, part, begin, found.row.next.1);
        // That the rows of a slice have none has no meaning for the file.
        merge.keyed = self.request.is_slice;
        merge.survey(survey, self.schema, &layout);
        merge.is_stretch = true;
        let Chunks { size, .. } = self.request.chunks;
        let count = file.len().saturating_sub(begin).div_ceil(size as u64);
        let chunk = |index: u64| {
            let start = begin + index * size as u64;
            start..(start + size as u64).min(file.len())
        };
        let scanned = AtomicU64::new(self.done + begin);
        // Enough chunks at once to keep all cores busy, few enough to take little memory; as many each time.
        let most = (AT_ONCE / size).max(4 * rayon::current_num_threads()) as u64;
        let at_once = count.div_ceil(count.div_ceil(most).max(1)).max(1);
        let scan_all = |indices: &[u64], entries: &Entries| -> Vec<Piece> {
            let scanner = Scanner { keeps_rows: false, ..self.scanner(&layout, entries) };
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
        let put_together =
            |indices: &[u64], pieces: Vec<Piece>, merge: &mut Merge<'_, '_>, entries: &mut Entries| {
                merge.table.rows.reserve(pieces.iter().map(|piece| piece.rows.len()).sum());
                for (index, mut piece) in indices.iter().zip(pieces) {
                    let range = chunk(*index);
                    if merge.at >= range.end {
                        continue;
                    }
                    if piece.begin != merge.at {
                        let scanner = Scanner { keeps_rows: false, ..self.scanner(&layout, entries) };
                        piece = scanner.scan_chunk(file, Some(merge.at), range.clone(), self.request.chunks);
                    }
                    merge.take(piece, entries).map_err(|failure| failure.diagnostic(self.name, self.file))?;
                }
                Ok(())
            };
        let indices: Vec<u64> = (0..count).collect();
        let mut rounds = indices.chunks(at_once as usize);
        // A survey takes all entries, so that a scan need not know those of the chunks before.
        let none = (self.request.keep == Keep::Survey).then(Entries::default);
        let mut next = rounds.next().map(|round| (round, scan_all(round, none.as_ref().unwrap_or(entries))));
        while let Some((round, pieces)) = next {
            let following = rounds.next();
            let (taken, scanned) = match &none {
                Some(none) => rayon::join(
                    || put_together(round, pieces, &mut merge, entries),
                    || following.map(|round| (round, scan_all(round, none))),
                ),
                None => {
                    put_together(round, pieces, &mut merge, entries)?;
                    (Ok(()), following.map(|round| (round, scan_all(round, entries))))
                }
            };
            taken?;
            next = scanned;
        }
        merge.read_again = Some((Arc::clone(input), self.name, self.file, &found));
        merge.finish(self.schema).map_err(|failure| failure.diagnostic(self.name, self.file))
    }

    /// Reads a text of UTF-16 from beginning to end.
    fn read_utf16(
        &self,
        mut stream: impl Read,
        big_endian: bool,
        mark: usize,
        table: &mut Table,
        entries: &mut Entries,
        survey: &mut Option<&mut Survey>,
    ) -> Result<(), Diagnostic> {
        skip(&mut stream, mark).map_err(|error| cannot_read(self.name, &error))?;
        let text = Utf16Reader::new(stream, big_endian);
        self.read_stream(text, Encoding::Utf16, 0, table, entries, survey)
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
        survey: &mut Option<&mut Survey>,
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
        let layout = RecordLayout::new(self.schema, &found);
        let part = found.part(self.file, encoding, mark as u64);
        let mut merge = Merge::new(table, part, (mark + found.row.next.0) as u64, found.row.next.1);
        // That the rows of a slice have none has no meaning for the file.
        merge.keyed = self.request.is_slice;
        merge.survey(survey, self.schema, &layout);
        buffer.drain(..found.row.next.0);
        loop {
            let mut piece = Piece::new(merge.at);
            let scanner = self.scanner(&layout, entries);
            let unfinished = scanner.scan(&mut piece, &buffer, usize::MAX, last).err();
            let used = (piece.next - merge.at) as usize;
            if buffer.len() - used > MAX_RECORD {
                piece.failure = Some(ScanFailure::too_long(&piece, unfinished.flatten()));
            }
            scanner.check_text(&mut piece);
            merge.take(piece, entries).map_err(|failure| failure.diagnostic(self.name, self.file))?;
            (self.request.progress)(self.done + merge.at, self.total);
            buffer.drain(..used);
            if last {
                break;
            }
            last = more(&mut buffer, self.request.chunks.window)?;
        }
        merge.finish(self.schema).map_err(|failure| failure.diagnostic(self.name, self.file))
    }

    fn read_workbook<R: Read + std::io::Seek + Send>(
        &self,
        reader: R,
        table: &mut Table,
        sources: &mut Sources,
        entries: &mut Entries,
        survey: &mut Option<&mut Survey>,
    ) -> Result<(), Diagnostic> {
        let mut workbook = Workbook::open(self.name, reader)?;
        let sheet = workbook.choose(self.schema, self.request.schemas, |_| false)?;
        sources.set_kind(self.file, SourceKind::Sheet { sheet: OutsideString::new(sheet.name.clone()) });
        let found = header::find_in(self.schema, &sheet.head, RecordForm::Cells).ok_or_else(|| {
            header::no_key(self.name, self.file, self.schema, self.request.schemas, &sheet.head, 0)
        })?;
        found.refuse_doubt(self.name, self.schema, self.file, 0)?;
        found.refuse_other_table(self.name, self.schema, self.request.schemas, self.file, 0)?;
        let mut layout = RecordLayout::new(self.schema, &found);
        layout.watched.width = usize::MAX;
        let part = found.part(self.file, Encoding::Workbook, 0);
        let part = Part { exported: part.exported.or(sheet.stamp), ..part };
        let mut merge = Merge::new(table, part, 0, found.row.line + 1);
        // That the rows of a slice have none has no meaning for the file.
        merge.keyed = self.request.is_slice;
        merge.survey(survey, self.schema, &layout);
        let mut record = Vec::new();
        let key = self.schema.key.and_then(|key| found.matched.fields[key]);
        // Rows are skipped by the entries that are known, and taken in as others become known.
        let entries = RefCell::new(entries);
        let (mut skipped, mut last) = (0, 0);
        // Of which chapters the rows are is looked at whether or not they are kept, until all are seen.
        let (all_seen, repeated) = (Cell::new(layout.has_no_chapters()), Cell::new(false));
        // And how dates are written, in the first rows of many entries.
        let mut dates_left = if layout.watched.dates.is_empty() { 0 } else { DATED_ROWS };
        let mut unwanted = |line: u64, key: Option<&str>| {
            let is_unwanted = |key: &str| {
                let number = declaration::read_number(key.as_bytes()).number;
                number.is_some_and(|number| {
                    entries.borrow().get(&number).is_none()
                        && self.request.corrections.is_none_or(|corrections| !corrections.contains(&number))
                })
            };
            last = line;
            repeated.set(repeated.get() || key.is_none());
            let unwanted = all_seen.get() && line > found.row.line && key.is_none_or(is_unwanted);
            if unwanted && key.is_some() && dates_left > 0 {
                dates_left -= 1;
                return false;
            }
            skipped += u64::from(unwanted);
            unwanted
        };
        // Where all numbers are counted, every row has to be read.
        let keep_all = matches!(self.request.keep, Keep::All | Keep::Survey | Keep::Numbers);
        let mut skip = key.filter(|_| !keep_all).map(|column| Skip { column, unwanted: &mut unwanted });
        let mut memory = LastKey::default();
        workbook.rows(&sheet, skip.as_mut(), |row| {
            if row.number <= found.row.line {
                return Ok(());
            }
            record.clear();
            push_cells(&mut record, row.cells.iter().map(String::as_str));
            let mut piece = Piece::new(0);
            let mut entries = entries.borrow_mut();
            self.scanner(&layout, &entries).take(&mut piece, &record, 0, 0, false, &mut memory);
            merge.line = row.number;
            merge.take(piece, &mut entries).map_err(|failure| failure.diagnostic(self.name, self.file))?;
            all_seen.set(all_seen.get() || merge.part.seen.has_all_chapters());
            if merge.table.texts.len() > WORKBOOK_TEXT_LIMIT {
                return Err(workbook::too_much_text(self.name));
            }
            Ok(())
        })?;
        merge.part.records += skipped;
        merge.keyed |= skipped > 0;
        merge.table.seen.repeated |= repeated.get();
        let most = workbook.max_rows();
        if last.max(merge.line) >= most {
            let last_row =
                Place { file: self.file, line: line_number(most), column: 1, span: Span::default() };
            return Err(errors::full_sheet(self.name, last_row));
        }
        // A workbook's places are cells.
        if let (Some(unread), Some(key)) = (&mut merge.unread, self.schema.key) {
            unread.position.2 = found.matched.fields[key].map_or(1, |field| field + 1);
        }
        merge.finish(self.schema).map_err(|failure| failure.diagnostic(self.name, self.file))
    }
}

/// How many bytes of a file are scanned before their rows are put together.
const AT_ONCE: usize = 256 << 20;

/// Of how many entries of a workbook that were not declared the dates are looked at.
const DATED_ROWS: usize = 5_000;

/// Most bytes of a workbook that comes through a pipe.
const WORKBOOK_STREAM_LIMIT: u64 = 512 << 20;
/// Most bytes of rows kept from a workbook, whose cells may share texts and so take more memory than it.
const WORKBOOK_TEXT_LIMIT: usize = 1 << 30;

/// A file that reports how many of its bytes were read, at any offset: a workbook is an archive, whose
/// directory comes last.
struct CountingReader<'f, R> {
    inner: R,
    read: u64,
    progress: &'f (dyn Fn(u64) + Sync),
}

impl<R: Read> Read for CountingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read += length as u64;
        (self.progress)(self.read);
        Ok(length)
    }
}

impl<R: std::io::Seek> std::io::Seek for CountingReader<'_, R> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Skips a byte order mark.
fn skip(reader: &mut impl Read, length: usize) -> std::io::Result<()> {
    let mut mark = [0; 4];
    reader.read_exact(&mut mark[..length])
}

/// Puts pieces together, in order.
struct Merge<'a, 's> {
    table: &'a mut Table,
    part: Part,
    /// The number of the file in the table.
    number: u32,
    /// Whether the records were all seen before: only their rows count.
    is_again: bool,
    surveying: Option<Surveying<'s>>,
    /// Whether the pieces can be read again; and what to do so with, once the file is read.
    is_stretch: bool,
    read_again: Option<(Arc<dyn ReadAt>, &'s str, FileId, &'s FoundHeader)>,
    /// Where the next record begins, and on which line.
    at: u64,
    line: u64,
    /// Whether some record has an entry number that can be read; the first that has none.
    keyed: bool,
    unread: Option<Unread>,
}

impl<'a, 's> Merge<'a, 's> {
    fn new(table: &'a mut Table, part: Part, at: u64, line: u64) -> Self {
        let number = table.parts.len() as u32;
        Self {
            table,
            part,
            number,
            is_again: false,
            surveying: None,
            is_stretch: false,
            read_again: None,
            at,
            line,
            keyed: false,
            unread: None,
        }
    }

    /// Notes for a survey what the file has.
    fn survey(&mut self, survey: &'s mut Option<&mut Survey>, schema: &Schema, layout: &RecordLayout<'_>) {
        let number = self.number as usize;
        self.surveying = survey.as_deref_mut().map(|survey| Surveying::new(survey, schema, layout, number));
    }

    fn take(&mut self, mut piece: Piece, entries: &mut Entries) -> Result<(), ScanFailure> {
        if let Some(failure) = piece.failure {
            return Err(failure.moved(self.line));
        }
        if let Some(surveying) = &mut self.surveying {
            surveying.take(&mut piece, self.line, self.is_stretch);
        }
        let taken = self.table.texts.take(piece.text);
        let part = self.number;
        let line = self.line;
        self.table.rows.extend(piece.rows.into_iter().map(|row| Row {
            part,
            line: line_number(line + row.line),
            start: row.start,
            text: taken.at(row.text),
            entry: row.entry.or_else(|| Some(entries.insert(row.number))),
            doubtful: false,
        }));
        if self.is_again {
            return Ok(());
        }
        let room = (MAX_LOST + 1).saturating_sub(self.table.lost.len());
        self.table.lost.extend(piece.lost.into_iter().take(room).map(|row| LostRow {
            part,
            line: line + row.line,
            start: row.start,
            text: taken.at(row.text),
            key: row.key,
        }));
        self.table.seen = self.table.seen.and(piece.seen);
        self.part.seen = self.part.seen.and(piece.seen);
        self.table.corrections_found.extend(piece.corrections);
        self.part.records += piece.records;
        self.part.unkeyed_rows += piece.unkeyed;
        self.part.lost_rows += piece.lost_rows;
        self.part.dates = self.part.dates.and(piece.dates);
        self.part.repeated_headers += piece.repeated_headers;
        self.keyed |= piece.keyed;
        if let (None, Some(mut unread)) = (&self.unread, piece.unread) {
            unread.position.1 += self.line;
            self.unread = Some(unread);
        }
        self.part.encoding = self.part.encoding.and(piece.encoding);
        self.line += piece.lines;
        self.at = piece.next;
        Ok(())
    }

    /// Adds the file.
    ///
    /// # Errors
    /// Where it is full of entry numbers of which none can be read: it is unknown which entries are on such a
    /// list, and no entry may pass for not being there.
    fn finish(self, schema: &Schema) -> Result<(), ScanFailure> {
        // A list of rounded numbers still shows which entries may be on it.
        let is_rounded_list = |unread: &Unread| {
            schema.line.is_none()
                && unread.elsewhere.is_none()
                && crate::digits::rounded(&unread.text).is_some()
        };
        let unread = self.unread.filter(|unread| !is_rounded_list(unread));
        if let (false, Some(Unread { position, text, elsewhere })) = (self.keyed, unread) {
            let header = |field: usize| self.part.header.fields.get(field).map(|(text, _)| quoted(text));
            let elsewhere = elsewhere.and_then(header);
            return Err(ScanFailure { record: position, kind: FailureKind::NoNumbers { text, elsewhere } });
        }
        if let Some(surveying) = self.surveying {
            surveying.finish(self.read_again);
        }
        self.table.parts.push(self.part);
        Ok(())
    }
}

/// The columns of a built-in table, and what a text is read as that is given as it: for tests.
#[cfg(test)]
pub(super) fn read_built_in(
    name: &str,
    text: &str,
    asked: Asked,
) -> (Vec<String>, Result<Table, Vec<Diagnostic>>) {
    use crate::rules::{self, pack};
    let rules = rules::load(pack::embedded(), rules::CompileOptions::default(), &mut Sources::default())
        .expect("the built-in pack");
    let id =
        rules.schemas.iter().position(|schema| schema.name == name).map(TableId::new).expect("a table of it");
    let columns: Vec<String> =
        rules.schemas[id.index()].columns.iter().map(|column| column.name.clone()).collect();
    let asked = vec![asked; columns.len()];
    let request = Request { asked: &asked, keep: Keep::All, ..Request::new(id, &rules.schemas) };
    let inputs = [("a.csv".to_owned(), Input::from(text.as_bytes()))];
    (columns, read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default()))
}

#[cfg(test)]
mod tests;
