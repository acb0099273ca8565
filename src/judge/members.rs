//! Which rows, or entries of a file, a quantifier or a figure looks at.

use super::Context;
use super::cause::Cause;
use super::scope::{Inner, Scope};
use super::truth::Truth;
use crate::rules::model::{Quantifier, Range};
use crate::table::{EntryId, ROW};

/// A row that is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// The row of the range's table.
    pub row: u32,
    /// Whether it surely is one of those meant: a row whose line is not known may be on any line.
    pub certain: bool,
    /// Of a declaration's row, its entry.
    declared: Option<Option<EntryId>>,
}

impl Member {
    fn of(row: u32, certain: bool) -> Self {
        Self { row, certain, declared: None }
    }

    /// The row as the innermost one of a scope.
    pub(super) fn inner<'s>(self, scope: Scope<'s>) -> Inner<'s> {
        Inner { row: self.row, outer: scope.inner }
    }

    /// The scope in which it is looked at.
    pub(super) fn scope<'i>(self, scope: Scope<'i>, inner: &'i Inner<'i>) -> Scope<'i> {
        let inside = scope.inside(inner);
        match self.declared {
            Some(entry) => Scope { declared: Some(self.row), entry, ..inside },
            None => inside,
        }
    }
}

/// The rows of a range, in order.
#[derive(Clone, Debug)]
pub(super) enum Members<'c> {
    /// Consecutive rows.
    Rows(std::ops::Range<u32>),
    /// Consecutive rows of which any may be meant.
    Perhaps(std::ops::Range<u32>),
    /// Rows on the line, and rows that may be.
    Line(&'c [u32], &'c [u32]),
    /// Rows of declarations, with their entries.
    Declared(Vec<(u32, Option<EntryId>, bool)>),
}

impl Members<'_> {
    /// How many there may be.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) | Self::Perhaps(rows) => rows.len(),
            Self::Line(certain, perhaps) => certain.len() + perhaps.len(),
            Self::Declared(rows) => rows.len(),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Member> {
        let (rows, certain, line, declared): (_, _, (&[u32], &[u32]), &[_]) = match self {
            Self::Rows(rows) => (rows.clone(), true, (&[], &[]), &[]),
            Self::Perhaps(rows) => (rows.clone(), false, (&[], &[]), &[]),
            Self::Line(certain, perhaps) => (0..0, true, (certain, perhaps), &[]),
            Self::Declared(declared) => (0..0, true, (&[], &[]), declared),
        };
        rows.map(move |row| Member::of(row, certain))
            .chain(line.0.iter().map(|row| Member::of(*row, true)))
            .chain(line.1.iter().map(|row| Member::of(*row, false)))
            .chain(declared.iter().map(|&(row, entry, certain)| Member {
                row,
                certain,
                declared: Some(entry),
            }))
    }
}

impl Quantifier {
    /// The truth that a row contributes to the quantifier where the row may not be meant at all.
    pub(super) fn perhaps(&self, truth: Truth) -> Truth {
        match self {
            Self::Every => truth.or(Truth::Unknown),
            Self::Some | Self::No | Self::Count(_) => truth.and(Truth::Unknown),
        }
    }
}

/// The most rows of an entry that a rule on each of them looks at for each: what an entry summary of 999
/// lines with two rows each has, and few enough to compare each with each.
pub(super) const MAX_COMPARED_ROWS: usize = 2_048;

impl Context<'_> {
    /// Why a quantifier inside a rule on each row, or inside another quantifier, does not look at the rows of
    /// an entry that has too many: the work would grow with the square of their number.
    pub(super) fn too_many_rows(&self, range: Range, scope: &Scope<'_>) -> Option<Cause> {
        let (Range::Entry(id), Some(entry)) = (range, scope.entry) else { return None };
        let is_for_each_row = scope.own.is_some() || scope.inner.is_some();
        let rows = self.table(id).map_or(0, |table| table.rows_of(entry).len());
        (is_for_each_row && rows > MAX_COMPARED_ROWS).then_some(Cause::TooManyRows(id))
    }

    /// The rows of a range in a scope; an error has the reason why they are not known.
    pub(super) fn members(&self, range: Range, scope: &Scope<'_>) -> Result<Members<'_>, Cause> {
        if let Some(cause) = self.too_many_rows(range, scope) {
            return Err(cause);
        }
        let id = range.table();
        let table = self.table(id).ok_or(Cause::NoTable(id))?;
        Ok(match range {
            Range::Entry(_) => {
                let rows = table.rows_of(scope.entry.ok_or(Cause::NotDeclared)?);
                Members::Rows(rows.start as u32..rows.end as u32)
            }
            Range::Line(_, frame) => {
                let entry = scope.entry.ok_or(Cause::NotDeclared)?;
                let row = scope.row(frame).ok_or(Cause::NotDeclared)?;
                let lines = self.lines(id).ok_or(Cause::NoTable(id))?;
                let rows = table.rows_of(entry);
                match lines.same(row) {
                    Some(same) => Members::Line(same, lines.without_line(table, entry)),
                    None => Members::Perhaps(rows.start as u32..rows.end as u32),
                }
            }
            Range::Declared => {
                let first = table.rows.partition_point(|row| row.part < scope.part);
                let rows = table.rows[first..].iter().take_while(|row| row.part == scope.part);
                Members::Declared((first as u32..).zip(rows).map(|(at, row)| (at, row.entry, true)).collect())
            }
            Range::Entries => {
                let declared = self.of_declaration(scope.part).iter();
                Members::Declared(declared.map(|one| (one.row, one.entry, one.entry.is_some())).collect())
            }
        })
    }

    /// Whether an entry without rows in the range may have some elsewhere.
    pub(super) fn absent_members(&self, range: Range) -> bool {
        match range {
            Range::Entry(table) | Range::Line(table, _) => table != ROW && self.absent_is_unknown(table),
            Range::Declared | Range::Entries => false,
        }
    }
}
