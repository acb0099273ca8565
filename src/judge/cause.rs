//! Why something is unknown: what is missing for a clause.
//!
//! A function that finds no value returns the cause, and reports give the next step for it.

use std::sync::Arc;

use crate::rules::model::AccountField;
use crate::table::value::{Cell, CellReading};
use crate::table::{CellRef, TableId};

/// Why something is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The table was not provided.
    NoTable(TableId),
    /// The file has no such column.
    NoColumn(TableId, u16),
    /// The entry is not in the table.
    NoRows(TableId),
    /// The cell is blank.
    Blank(CellRef),
    /// The cell cannot be read as its column's type.
    Unreadable(CellRef),
    /// The rows of the entry disagree.
    Conflict(TableId, u16),
    /// The configuration does not have it.
    NoAccount(AccountField),
    /// It is not known when the table was exported.
    NoExportDate(TableId),
    /// The rule looks at the declaration, and there is none for this entry.
    NotDeclared,
    /// A code list does not have the code, or has a blank cell for it.
    Unlisted {
        /// The cell with the code.
        cell: CellRef,
        /// The cell's index in its column's dictionary: each code is reported.
        text: u32,
        /// The code list's index.
        list: u32,
        /// The list's column that is blank for the code; `None` where the list does not have the code.
        blank: Option<u16>,
    },
    /// The entry has more rows than a rule on each of them may look at together.
    TooManyRows(TableId),
    /// A figure cannot be computed from the cells there are (a rate or a holiday that is not
    /// known).
    Computed,
}

impl Cause {
    /// Whether the user provided no table or column for it, rather than one that leaves it unknown.
    pub(super) fn is_not_given(&self) -> bool {
        match self {
            Self::NoTable(_) | Self::NoColumn(..) => true,
            Self::NoRows(_)
            | Self::Blank(_)
            | Self::Unreadable(_)
            | Self::Conflict(..)
            | Self::NoAccount(_)
            | Self::NoExportDate(_)
            | Self::NotDeclared
            | Self::Unlisted { .. }
            | Self::TooManyRows(_)
            | Self::Computed => false,
        }
    }

    /// Whether both are the same but for the row.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Blank(a), Self::Blank(b)) | (Self::Unreadable(a), Self::Unreadable(b)) => {
                (a.table, a.column) == (b.table, b.column)
            }
            (Self::Unlisted { cell: a, text, list, blank }, Self::Unlisted { cell: b, .. }) => {
                other == Self::Unlisted { cell: b, text, list, blank }
                    && (a.table, a.column) == (b.table, b.column)
            }
            (a, b) => a == b,
        }
    }

    /// What keeps a cell from being used.
    pub(super) fn of_cell(cell: &Cell, at: CellRef) -> Option<Self> {
        match cell.reading {
            CellReading::Blank => Some(Self::Blank(at)),
            CellReading::Unreadable => Some(Self::Unreadable(at)),
            CellReading::Value(_) | CellReading::Nothing => None,
        }
    }
}

/// Lists of causes, each kept once however many entries in a row have it: what is missing is mostly missing for
/// all of them.
#[derive(Debug, Default)]
pub(super) struct SharedCauses(Option<Arc<[Cause]>>);

impl SharedCauses {
    /// A list, which is the one before where both are the same.
    pub(super) fn share(&mut self, causes: &[Cause]) -> Arc<[Cause]> {
        match &self.0 {
            Some(before) if **before == *causes => before.clone(),
            _ => self.0.insert(causes.into()).clone(),
        }
    }
}

/// Adds a cause unless it is there.
pub(super) fn push(causes: &mut Vec<Cause>, cause: Cause) {
    if !causes.contains(&cause) {
        causes.push(cause);
    }
}

/// Adds a cause unless there is one of its kind: which of many cells it was does not matter.
pub(super) fn push_kind(causes: &mut Vec<Cause>, cause: Cause) {
    if !causes.iter().any(|known| known.is_like(cause)) {
        causes.push(cause);
    }
}
