//! The part of a table that some of its entries have, as a table of its own.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{ColumnCells, EntryId, Row, Table};

impl Table {
    /// The rows of consecutive entries, which become the first ones. What the table has about its files
    /// stays.
    pub fn slice(&self, entries: Range<u32>) -> Self {
        let entries: Vec<Option<EntryId>> = entries.map(|entry| Some(EntryId(entry))).collect();
        self.of_entries(&entries).0
    }

    /// The rows of some entries, which are numbered anew in this order (`None`: one that the table does not
    /// know), and which rows of the table they are.
    pub fn of_entries(&self, entries: &[Option<EntryId>]) -> (Self, Vec<u32>) {
        let rows_of = |entry: &Option<EntryId>| entry.map_or(0..0, |entry| self.rows_of(entry));
        let mut starts = vec![0];
        let mut rows: Vec<u32> = Vec::new();
        let mut new = Vec::new();
        for (at, entry) in (0..).map(EntryId).zip(entries) {
            let of_entry = rows_of(entry);
            new.resize(new.len() + of_entry.len(), Some(at));
            rows.extend(of_entry.map(|row| row as u32));
            starts.push(rows.len() as u32);
        }
        let mut slice = self.of_rows(&rows, &new);
        slice.entry_rows = starts;
        let doubt = |(at, entry): (u32, &Option<EntryId>)| Some((EntryId(at), *self.doubts.get(&(*entry)?)?));
        slice.doubts = (0..).zip(entries).filter_map(doubt).collect();
        (slice, rows)
    }

    /// Some rows, and the entries that they then belong to.
    pub fn of_rows(&self, rows: &[u32], entries: &[Option<EntryId>]) -> Self {
        let mut slice = Self {
            parts: self.parts.clone(),
            corrections_found: self.corrections_found.clone(),
            duplicate_columns: self.duplicate_columns.clone(),
            partial: self.partial,
            partial_parts: self.partial_parts.clone(),
            seen: self.seen,
            ..Self::default()
        };
        for (&at, &entry) in rows.iter().zip(entries) {
            let row = &self.rows[at as usize];
            let text = slice.texts.push(self.record(row).bytes());
            slice.rows.push(Row { text, entry, ..row.clone() });
        }
        if !self.shown.is_empty() {
            let shown = (0..).zip(rows).filter_map(|(at, row)| Some((at, *self.shown.get(row)?)));
            slice.shown = shown.collect();
        }
        slice.columns = self.columns.iter().map(|column| column.of_rows(rows)).collect();
        slice
    }
}

impl ColumnCells {
    /// The cells of some rows.
    fn of_rows(&self, rows: &[u32]) -> Self {
        if self.cells.is_empty() {
            return Self::default();
        }
        let mut dictionary = Vec::new();
        let mut known: HashMap<u32, u32> = HashMap::new();
        let cells = rows.iter().map(|row| {
            let cell = self.cells.get(*row as usize).copied().unwrap_or(Self::MISSING);
            match self.dictionary.get(cell as usize) {
                Some(text) => *known.entry(cell).or_insert_with(|| {
                    dictionary.push(text.clone());
                    dictionary.len() as u32 - 1
                }),
                None => Self::MISSING,
            }
        });
        Self { cells: Arc::new(cells.collect()), dictionary }
    }
}
