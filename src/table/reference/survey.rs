//! A first look at a whole table: which entries it has, whose they are and where their rows are, so
//! that the rows can be read again a batch of entries at a time.
//!
//! What depends on all rows together (in which order dates are written, whether rows are missing, which
//! day is the newest) is found out here, so that a batch is read as the whole table would be.

use std::mem::take;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use memchr::memchr;
use rayon::prelude::*;

use super::scan::{Piece, RecordLayout, Scanner};
use super::{FileReading, Keep, Merge, Request, finish, scan_files};
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::importer::ImporterNumber;
use crate::input::errors::changed;
use crate::input::{Input, ReadAt};
use crate::source::{FileId, Sources};
use crate::table::build;
use crate::table::date_order::{DateTexts, Dates};
use crate::table::header::FoundHeader;
use crate::table::lost::Seen;
use crate::table::schema::Schema;
use crate::table::value::{self, CellReader};
use crate::table::{
    Encoding, Entries, EntryId, FilesToReadAgain, Part, RawRecord, RecordForm, Row, Table, csv, encoding,
};

/// What a table has.
#[derive(Default)]
pub struct Survey {
    /// Its entries, in the order of their first rows.
    pub entries: Entries,
    /// For each of them the importer in its rows: an index into `known`.
    importers: Vec<Importer>,
    known: KnownImporters,
    /// What does not belong to an entry: the files, the rows whose entry number cannot be read. Of files
    /// that cannot be read at any offset, also the rows, sorted by entry.
    table: Table,
    files: Vec<Surveyed>,
    dates: Dates,
    /// The texts of the date columns, while the table is read.
    texts: Vec<DateTexts>,
}

/// The importers of an export, each under the first of its numbers.
#[derive(Default)]
struct KnownImporters {
    numbers: Vec<ImporterNumber>,
    /// Which of them begin with these 9 characters.
    by_first_nine: HashMap<[u8; 9], Vec<u32>>,
}

impl KnownImporters {
    /// Returns the index of an importer, and adds one that is not known.
    fn insert(&mut self, number: ImporterNumber) -> u32 {
        let alike = self.by_first_nine.entry(number.first_nine()).or_default();
        let known = alike.iter().find(|at| self.numbers[**at as usize].same_importer(&number));
        if let Some(known) = known {
            return *known;
        }
        let new = self.numbers.len() as u32;
        self.numbers.push(number);
        alike.push(new);
        new
    }
}

/// The importer in the rows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Importer {
    Unnamed,
    Known(u32),
    /// Several.
    Conflict,
}

/// A file that can be read at any offset.
struct Surveyed {
    file: Arc<dyn ReadAt>,
    name: String,
    id: FileId,
    part: u32,
    found: FoundHeader,
    stretches: Vec<Stretch>,
}

/// Consecutive records of a file.
struct Stretch {
    bytes: Range<u64>,
    /// The line the first begins on.
    line: u64,
    /// Their entries: ranges in ascending order.
    entries: Vec<Range<u32>>,
}

/// More ranges of entries are not kept apart: the rows of such a stretch are in no order.
const MAX_RANGES: usize = 256;

impl Stretch {
    fn new(bytes: Range<u64>, line: u64, mut entries: Vec<u32>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for entry in entries {
            match ranges.last_mut() {
                Some(last) if last.end == entry => last.end += 1,
                _ => ranges.push(entry..entry + 1),
            }
        }
        if let (true, Some(first), Some(last)) = (ranges.len() > MAX_RANGES, ranges.first(), ranges.last()) {
            let all = first.start..last.end;
            ranges.clear();
            ranges.push(all);
        }
        Self { bytes, line, entries: ranges }
    }

    /// Whether it may have rows of one of these entries, which are in ascending order.
    fn has_any(&self, wanted: &[u32]) -> bool {
        self.entries.iter().any(|range| {
            let at = wanted.partition_point(|entry| *entry < range.start);
            wanted.get(at).is_some_and(|entry| *entry < range.end)
        })
    }
}

/// What a scan notes of the rows of a piece.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The entry and its importer, an index into `importers`, of each row in which one of them is not
    /// that of the row before.
    runs: Vec<(EntryNumber, u32)>,
    importers: Vec<Box<[u8]>>,
    index: HashMap<Box<[u8]>, u32>,
    /// The texts of each date column; those of damaged rows are at the end.
    dates: Vec<HashSet<Box<[u8]>>>,
    /// The cells of the row before in the columns that are read.
    last: Vec<Vec<u8>>,
    ends: Vec<u32>,
}

/// No importer that can be read.
const UNNAMED: u32 = u32::MAX;

impl Notes {
    /// Notes the content of a record.
    pub(super) fn note(&mut self, layout: &RecordLayout<'_>, record: RawRecord<'_>, number: EntryNumber) {
        let watched = &layout.watched;
        self.last.resize_with(watched.dates.len() + 1, Vec::new);
        self.dates.resize_with(watched.dates.len() + 1, HashSet::new);
        let bytes = record.bytes();
        if let RecordForm::Text { delimiter } = record.form()
            && memchr(b'"', bytes).is_none()
        {
            let mut room = take(&mut self.ends);
            let ends = csv::plain_ends(bytes, delimiter, &mut room);
            if ends.len() <= watched.width {
                let field = |field: usize| {
                    let end = ends.get(field).map_or(bytes.len(), |end| *end as usize);
                    let start =
                        if field == 0 { 0 } else { ends.get(field - 1).map_or(end, |end| *end as usize + 1) };
                    bytes.get(start..end).unwrap_or(&[])
                };
                self.note_importer(watched.importer.map(field), number);
                for (at, (_, wanted)) in watched.dates.iter().enumerate() {
                    self.note_date(at, field(*wanted));
                }
                self.ends = room;
                return;
            }
            self.ends = room;
        }
        let fields: Vec<csv::Field> = record.fields().collect();
        let field = |field: usize| fields.get(field).map(|field| record.value(field)).unwrap_or_default();
        if csv::doubt(&fields, watched.width).is_some() {
            self.note_importer(None, number);
            for (_, wanted) in &watched.dates {
                self.note_date(watched.dates.len(), &field(*wanted));
            }
            return;
        }
        self.note_importer(watched.importer.map(field).as_deref(), number);
        for (at, (_, wanted)) in watched.dates.iter().enumerate() {
            self.note_date(at, &field(*wanted));
        }
    }

    fn note_importer(&mut self, text: Option<&[u8]>, number: EntryNumber) {
        let Some(text) = text else { return self.push(number, UNNAMED) };
        let last = self.last.last_mut().map(|last| {
            let is_same = last == text;
            if !is_same {
                last.clear();
                last.extend_from_slice(text);
            }
            is_same
        });
        if last == Some(true)
            && let Some((of, importer)) = self.runs.last().copied()
            && importer != UNNAMED
        {
            if of != number {
                self.runs.push((number, importer));
            }
            return;
        }
        let importer = match self.index.get(text) {
            Some(importer) => *importer,
            None => {
                self.importers.push(text.into());
                let importer = self.importers.len() as u32 - 1;
                self.index.insert(text.into(), importer);
                importer
            }
        };
        self.push(number, importer);
    }

    fn push(&mut self, number: EntryNumber, importer: u32) {
        if self.runs.last() != Some(&(number, importer)) {
            self.runs.push((number, importer));
        }
    }

    fn note_date(&mut self, at: usize, text: &[u8]) {
        let is_damaged = at + 1 == self.dates.len();
        if !is_damaged {
            if self.last[at] == text {
                return;
            }
            self.last[at].clear();
            self.last[at].extend_from_slice(text);
        }
        if !text.is_empty() && !self.dates[at].contains(text) {
            self.dates[at].insert(text.into());
        }
    }
}

/// What of a file's pieces belongs to the survey, while they are put together.
pub(super) struct Surveying<'s> {
    survey: &'s mut Survey,
    importer: Option<CellReader>,
    /// Where the texts of its date columns begin.
    dates: usize,
    part: usize,
    stretches: Vec<Stretch>,
}

impl<'s> Surveying<'s> {
    pub(super) fn new(
        survey: &'s mut Survey,
        schema: &Schema,
        layout: &RecordLayout<'_>,
        part: usize,
    ) -> Self {
        let importer =
            schema.column("importer_number").map(|column| CellReader::new(&schema.columns[column]));
        let dates = survey.texts.len();
        let columns = layout.watched.dates.iter().map(|(column, _)| Some(*column));
        let texts = columns.chain([None]).map(|column| DateTexts { part, column, texts: HashSet::new() });
        survey.texts.extend(texts);
        Self { survey, importer, dates, part, stretches: Vec::new() }
    }

    /// Takes in what was noted of a piece that begins on a line; and of a file that can be read again,
    /// where its records are.
    pub(super) fn take(&mut self, piece: &mut Piece, line: u64, is_stretch: bool) {
        let notes = take(&mut piece.notes);
        let survey = &mut *self.survey;
        let reader = &self.importer;
        let read = |text: &[u8]| -> Option<ImporterNumber> {
            let text = encoding::decode(text);
            match reader.as_ref()?.read(value::clean(&text)) {
                value::CellReading::Value(value::Value::Importer(number)) => Some(number),
                _ => None,
            }
        };
        let known: Vec<Importer> = (notes.importers.iter())
            .map(|text| match read(text) {
                Some(number) => Importer::Known(survey.known.insert(number)),
                None => Importer::Unnamed,
            })
            .collect();
        let mut entries = Vec::with_capacity(if is_stretch { notes.runs.len() } else { 0 });
        let mut last = None;
        for (number, importer) in notes.runs {
            let count = survey.entries.len();
            let entry = survey.entries.insert(number).0;
            if entry as usize == count {
                survey.importers.push(Importer::Unnamed);
            } else if last != Some(entry) {
                survey.table.seen.repeated = true;
            }
            last = Some(entry);
            let of_entry = &mut survey.importers[entry as usize];
            let named = known.get(importer as usize).copied().unwrap_or(Importer::Unnamed);
            *of_entry = match (*of_entry, named) {
                (Importer::Unnamed, named) => named,
                (known, Importer::Unnamed) => known,
                (known, named) if known == named => known,
                _ => Importer::Conflict,
            };
            if is_stretch {
                entries.push(entry);
            }
        }
        for (known, texts) in survey.texts[self.dates..].iter_mut().zip(notes.dates) {
            known.texts.extend(texts);
        }
        if is_stretch && piece.begin < piece.next {
            self.stretches.push(Stretch::new(piece.begin..piece.next, line, entries));
        }
    }

    /// Ends the survey of a file that was read to its end.
    pub(super) fn finish(self, file: Option<(Arc<dyn ReadAt>, &str, FileId, &FoundHeader)>) {
        if let Some((file, name, id, found)) = file {
            let (name, found) = (name.to_owned(), found.clone());
            let (part, stretches) = (self.part as u32, self.stretches);
            self.survey.files.push(Surveyed { file, name, id, part, found, stretches });
        }
    }
}

impl Survey {
    /// Reads a table from beginning to end.
    ///
    /// # Errors
    /// As [`super::read_table`].
    pub fn read(
        request: &Request<'_>,
        inputs: &[(String, Input)],
        sources: &mut Sources,
    ) -> Result<Self, Vec<Diagnostic>> {
        Self::of_entries(
            &Request { keep: Keep::Survey, ..*request },
            inputs,
            sources,
            &mut Entries::default(),
        )
    }

    /// Reads a table for what it has of declared entries.
    ///
    /// # Errors
    /// As [`super::read_table`].
    pub fn read_declared(
        request: &Request<'_>,
        inputs: &[(String, Input)],
        sources: &mut Sources,
        declared: &mut Entries,
    ) -> Result<Self, Vec<Diagnostic>> {
        Self::of_entries(&Request { keep: Keep::DeclaredSurvey, ..*request }, inputs, sources, declared)
    }

    fn of_entries(
        request: &Request<'_>,
        inputs: &[(String, Input)],
        sources: &mut Sources,
        rows: &mut Entries,
    ) -> Result<Self, Vec<Diagnostic>> {
        let schema = &*request.schemas[request.id.index()];
        let mut survey = Self::default();
        let mut table = scan_files(request, inputs, sources, rows, &mut Some(&mut survey))?;
        table.seen = table.seen.and(Seen { repeated: survey.table.seen.repeated, ..Seen::default() });
        // The rows that were kept know their entries by other numbers.
        for row in &mut table.rows {
            row.entry = row.entry.and_then(|entry| survey.entries.get(&rows.number(entry)));
        }
        table.entry_rows = build::sort_by_entry(&mut table.rows, survey.entries.len());
        let parts = table.parts.len();
        survey.table = table;
        survey.dates = Dates::of_texts(schema, parts, &take(&mut survey.texts));
        Ok(survey)
    }

    /// Whether the rows are read again for each batch. The table of a batch then describes the whole files.
    pub fn is_in_batches(&self) -> bool {
        self.table.rows.is_empty() && self.table.parts.iter().all(|part| part.duplicate_columns.is_empty())
    }

    /// Gives back the entries, for a caller that numbers them itself and knows their importers.
    pub fn take_entries(&mut self) -> Entries {
        self.importers = Vec::new();
        take(&mut self.entries)
    }

    /// The files of the table.
    pub fn parts(&self) -> &[Part] {
        &self.table.parts
    }

    /// Its files whose rows are read again.
    pub fn files(&self) -> FilesToReadAgain {
        FilesToReadAgain(self.files.iter().map(|file| (file.part, Arc::clone(&file.file))).collect())
    }

    /// The importer of an entry, where its rows name one.
    pub fn importer(&self, entry: EntryId) -> Option<ImporterNumber> {
        match self.importers[entry.0 as usize] {
            Importer::Known(at) => Some(self.known.numbers[at as usize]),
            Importer::Unnamed | Importer::Conflict => None,
        }
    }

    /// Whether any row names an importer.
    pub fn has_importers(&self) -> bool {
        !self.known.numbers.is_empty()
    }

    /// The day of export that its files have, of several the oldest; `None` where one has none.
    pub fn stamped(&self) -> Option<NaiveDate> {
        self.table.stamped()
    }

    /// The newest day in the table up to a day, of those that show how new it is.
    pub fn newest(&self, until: NaiveDate) -> Option<NaiveDate> {
        self.dates.days.range(..=until).next_back().copied()
    }

    /// Reads the rows of a batch of entries, as the whole table would be read. `entries` are those of the
    /// batch, `wanted` their numbers in the survey, in ascending order.
    ///
    /// # Errors
    /// As [`super::read_table`].
    pub fn batch(
        &self,
        request: &Request<'_>,
        entries: &mut Entries,
        wanted: &[u32],
    ) -> Result<Table, Vec<Diagnostic>> {
        let schema = &*request.schemas[request.id.index()];
        let request = Request { keep: Keep::Declared, ..*request };
        let mut table = Table {
            seen: self.table.seen,
            corrections_found: self.table.corrections_found.clone(),
            ..Table::default()
        };
        let mut errors = Vec::new();
        for file in &self.files {
            let reading =
                FileReading { request: &request, schema, name: &file.name, file: file.id, done: 0, total: 0 };
            errors.extend(file.read(&reading, &mut table, entries, wanted).err());
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        table.parts.clone_from(&self.table.parts);
        for &entry in wanted {
            for row in &self.table.rows[self.table.rows_of(EntryId(entry))] {
                let entry = entries.get(&self.entries.number(EntryId(entry)));
                let text = table.texts.push(self.table.record(row).bytes());
                table.rows.push(Row { text, entry, ..row.clone() });
            }
        }
        for row in &self.table.lost {
            let text = table.texts.push(self.table.texts.get(row.text));
            table.lost.push(crate::table::lost::LostRow { text, ..row.clone() });
        }
        finish(&request, schema, &mut table, entries, &self.dates);
        Ok(table)
    }
}

/// How many bytes of stretches are scanned before their rows are put together.
const AT_ONCE: u64 = 64 << 20;

impl Surveyed {
    fn read(
        &self,
        reading: &FileReading<'_>,
        table: &mut Table,
        entries: &mut Entries,
        wanted: &[u32],
    ) -> Result<(), Diagnostic> {
        let layout = RecordLayout::new(reading.schema, &self.found);
        let stretches: Vec<&Stretch> =
            self.stretches.iter().filter(|stretch| stretch.has_any(wanted)).collect();
        let mut at = 0;
        while at < stretches.len() {
            let mut length = 0;
            let fits = stretches[at..].iter().take_while(|stretch| {
                let fits = length < AT_ONCE;
                length += stretch.bytes.end - stretch.bytes.start;
                fits
            });
            let group = &stretches[at..at + fits.count()];
            at += group.len();
            let pieces: Vec<Piece> = {
                let scanner: Scanner<'_> = reading.scanner(&layout, entries);
                let scan = |stretch: &&Stretch| {
                    let begin = Some(stretch.bytes.start);
                    scanner.scan_chunk(&*self.file, begin, stretch.bytes.clone(), reading.request.chunks)
                };
                group.par_iter().with_max_len(1).map(scan).collect()
            };
            for (stretch, piece) in group.iter().zip(pieces) {
                if piece.failure.is_none() && piece.next != stretch.bytes.end {
                    return Err(changed(&self.name));
                }
                let part = self.found.part(self.id, Encoding::Ascii, 0);
                let mut merge = Merge::new(table, part, stretch.bytes.start, stretch.line);
                merge.number = self.part;
                merge.is_again = true;
                merge.take(piece, entries).map_err(|failure| failure.diagnostic(&self.name, self.id))?;
            }
        }
        if self.file.has_changed() { Err(changed(&self.name)) } else { Ok(()) }
    }
}
