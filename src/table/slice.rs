//! The part of a table that some of its entries have, as a table of its own.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{ColumnCells, EntryId, Row, Table};

impl Table {
    /// The rows of consecutive entries, which become the first ones. What the table says of its files stays.
    pub fn slice(&self, entries: Range<u32>) -> Self {
        let start = |entry: u32| self.entry_rows.get(entry as usize).map_or(0, |start| *start as usize);
        let rows = start(entries.start)..start(entries.end);
        let mut slice = Self {
            parts: self.parts.clone(),
            corrections_found: self.corrections_found.clone(),
            duplicate_columns: self.duplicate_columns.clone(),
            partial: self.partial,
            seen: self.seen,
            ..Self::default()
        };
        let local = |entry: EntryId| EntryId(entry.0.wrapping_sub(entries.start));
        for row in &self.rows[rows.clone()] {
            let text = slice.texts.push(self.record(row));
            slice.rows.push(Row { text, entry: row.entry.map(local), ..row.clone() });
        }
        slice.entry_rows =
            entries.clone().chain([entries.end]).map(|entry| (start(entry) - rows.start) as u32).collect();
        let doubts = self.doubts.iter().filter(|(entry, _)| entries.contains(&entry.0));
        slice.doubts = doubts.map(|(entry, doubt)| (local(*entry), *doubt)).collect();
        slice.columns = self.columns.iter().map(|column| column.slice(rows.clone())).collect();
        slice
    }
}

impl ColumnCells {
    /// The cells of consecutive rows.
    fn slice(&self, rows: Range<usize>) -> Self {
        let mut dictionary = Vec::new();
        let mut known: HashMap<u32, u32> = HashMap::new();
        let cells = self.cells.get(rows).unwrap_or(&[]).iter().map(|cell| {
            match self.dictionary.get(*cell as usize) {
                Some(text) => *known.entry(*cell).or_insert_with(|| {
                    dictionary.push(text.clone());
                    dictionary.len() as u32 - 1
                }),
                None => Self::MISSING,
            }
        });
        Self { cells: Arc::new(cells.collect()), dictionary }
    }
}
