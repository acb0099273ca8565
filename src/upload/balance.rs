//! Where the rows that were read went: every row is accounted for, or nothing is written.

use std::fmt;

use crate::entry::{self, Form};
use crate::table::declaration::written_number;
use crate::table::{self, ROW, Tables};

/// Where the rows that were read went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Rows read from all declarations, headers not counted.
    pub rows: usize,
    /// Entries in upload files.
    pub uploaded: usize,
    /// Entries, and rows without a readable number, that are held back.
    pub held: usize,
    /// Rows left out because another row has the same entry.
    pub duplicates: usize,
    /// Rows left out because they contain no entry number and are not entries.
    pub blank: usize,
}

impl Balance {
    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.rows == self.uploaded + self.held + self.duplicates + self.blank
    }
}

/// The sum as it is printed: `12 rows = 9 uploaded + 2 held + 1 duplicate + 0 blank`.
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, uploaded, held, duplicates, blank } = *self;
        let s = |n: usize| if n == 1 { "" } else { "s" };
        write!(
            f,
            "{rows} row{} read = {uploaded} uploaded + {held} held + {duplicates} duplicate{} + {blank} blank",
            s(rows),
            s(duplicates),
        )
    }
}

/// A plan that would lose or double an entry, or break a limit of CBP's. Nothing may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbalanced {
    /// What does not add up.
    pub what: String,
}

impl fmt::Display for Unbalanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Unbalanced {}

/// What the reader saw below the headers, counted apart from the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsSeen {
    /// All rows.
    pub rows: usize,
    /// Those whose cell for the entry number is blank.
    pub blank: usize,
}

impl RowsSeen {
    /// Counts the rows of the declarations.
    pub fn of(tables: &Tables) -> Self {
        let Some(table) = tables.get(ROW) else { return Self { rows: 0, blank: 0 } };
        let is_blank = |row: &table::Row| {
            let part = &table.parts[row.part as usize];
            let written = written_number(&tables.schemas[ROW.index()], part, table.record(row));
            entry::read(&written).form == Form::Blank
        };
        let blank = table.rows.iter().filter(|row| row.entry.is_none() && is_blank(row));
        Self { rows: table.rows.len(), blank: blank.count() }
    }
}
