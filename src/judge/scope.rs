//! What a rule is applied to at the moment, and where a column's value is found in it.

use super::Context;
use super::cause::Cause;
use crate::rules::model::{ColumnRef, Frame};
use crate::table::schema::{self, Absent};
use crate::table::value::{Cell, CellReading, Value};
use crate::table::{CellRef, EntryId, ROW, Table, TableId};

/// What a rule is applied to at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The declaration.
    pub part: u32,
    /// The declaration's row.
    pub declared: Option<u32>,
    /// The entry.
    pub entry: Option<EntryId>,
    /// The row of the rule's own table (`each: TABLE`).
    pub own: Option<u32>,
    /// The rows that the enclosing quantifiers look at.
    pub inner: Option<&'s Inner<'s>>,
}

/// A row that a quantifier looks at.
#[derive(Debug)]
pub struct Inner<'s> {
    /// The row.
    pub row: u32,
    /// The quantifier around it.
    pub outer: Option<&'s Inner<'s>>,
}

impl<'s> Scope<'s> {
    /// A declaration file as a whole.
    pub fn file(part: u32) -> Self {
        Self { part, declared: None, entry: None, own: None, inner: None }
    }

    /// An entry of the export that no declaration names.
    pub fn undeclared(entry: EntryId) -> Self {
        Self { part: u32::MAX, declared: None, entry: Some(entry), own: None, inner: None }
    }

    /// The row that columns of a frame are looked up in; none where all rows of the entry are meant.
    pub(super) fn row(&self, frame: Frame) -> Option<u32> {
        match frame {
            Frame::File => Some(self.part),
            Frame::Declared => self.declared,
            Frame::Own => self.own,
            Frame::Inner(depth) => self.inner_row(depth),
            Frame::Entry | Frame::Line => None,
        }
    }

    /// Where the cell of a column of that frame is found: the row, or for all rows of the entry the entry.
    pub(super) fn index(&self, frame: Frame) -> Option<usize> {
        let at = match frame {
            Frame::Entry => self.entry?.0,
            frame => self.row(frame)?,
        };
        Some(at as usize)
    }

    fn inner_row(&self, depth: u8) -> Option<u32> {
        let mut inner = self.inner?;
        for _ in 0..depth {
            inner = inner.outer?;
        }
        Some(inner.row)
    }

    /// The scope inside a quantifier that looks at `inner`.
    pub fn inside<'i>(self, inner: &'i Inner<'i>) -> Scope<'i>
    where
        's: 'i,
    {
        Scope {
            part: self.part,
            declared: self.declared,
            entry: self.entry,
            own: self.own,
            inner: Some(inner),
        }
    }
}

/// Where a column's value is found.
#[derive(Clone, Copy, Debug)]
pub enum Located<'a> {
    /// In this cell.
    Cell(&'a Cell, CellRef),
    /// The entry is not in a table that is complete.
    Nothing,
    /// Nowhere.
    Missing(Cause),
}

impl<'a> Context<'a> {
    /// The schema's column.
    pub fn column(&self, table: TableId, column: u16) -> &'a schema::Column {
        let tables: &'a crate::table::Tables = self.input.tables;
        &tables.schemas[table.index()].columns[usize::from(column)]
    }

    pub(super) fn absent_is_unknown(&self, table: TableId) -> bool {
        self.input.tables.schemas[table.index()].absent == Absent::Unknown
    }

    pub(super) fn table(&self, id: TableId) -> Option<&'a Table> {
        let tables: &'a crate::table::Tables = self.input.tables;
        tables.get(id)
    }

    /// Finds the cell that a column stands for.
    pub fn locate(&self, column: ColumnRef, scope: &Scope<'_>) -> Located<'a> {
        let Some(table) = self.table(column.table) else {
            return Located::Missing(Cause::NoTable(column.table));
        };
        if column.of == Frame::Entry {
            return self.locate_agreed(table, column, scope);
        }
        if column.of == Frame::Line {
            return self.locate_on_line(table, column, scope);
        }
        match scope.row(column.of) {
            Some(row) => self.cell(table, column, row),
            None => Located::Missing(Cause::NotDeclared),
        }
    }

    /// The cell of a column that all rows of the rule's line agree on.
    fn locate_on_line(&self, table: &'a Table, column: ColumnRef, scope: &Scope<'_>) -> Located<'a> {
        let (Some(row), Some(entry), Some(lines)) = (scope.own, scope.entry, self.lines(column.table)) else {
            return Located::Missing(Cause::NotDeclared);
        };
        let same = match (lines.same(row), lines.without_line(table, entry)) {
            (Some(same), []) => same,
            (Some(_), [other, ..]) => {
                return Located::Missing(self.line_cause_of(column.table, *other));
            }
            (None, _) => return Located::Missing(self.line_cause_of(column.table, row)),
        };
        let mut cells = same.iter().map(|row| self.cell(table, column, *row));
        let Some(Located::Cell(first, at)) = cells.next() else {
            return Located::Missing(Cause::NoColumn(column.table, column.column));
        };
        match cells.all(|cell| matches!(cell, Located::Cell(cell, _) if agree(cell, first))) {
            true => Located::Cell(first, at),
            false => Located::Missing(Cause::Conflict(column.table, column.column)),
        }
    }

    pub(super) fn cell(&self, table: &'a Table, column: ColumnRef, row: u32) -> Located<'a> {
        match table.columns.get(usize::from(column.column)).and_then(|cells| cells.cell(row as usize)) {
            Some(cell) => Located::Cell(cell, CellRef { table: column.table, row, column: column.column }),
            None => Located::Missing(Cause::NoColumn(column.table, column.column)),
        }
    }

    pub(super) fn locate_agreed(
        &self,
        table: &'a Table,
        column: ColumnRef,
        scope: &Scope<'_>,
    ) -> Located<'a> {
        let Some(entry) = scope.entry else { return Located::Missing(Cause::NotDeclared) };
        let rows = table.rows_of(entry);
        // Mostly all rows have the very same cell.
        if let Some(data) = table.columns.get(usize::from(column.column))
            && let Some([first, others @ ..]) = data.cells.get(rows.clone())
            && others.iter().all(|other| other == first)
            && let Some(cell) = data.dictionary.get(*first as usize)
        {
            let row = rows.start as u32;
            return Located::Cell(cell, CellRef { table: column.table, row, column: column.column });
        }
        let Some(first) = rows.clone().next() else {
            return if self.absent_is_unknown(column.table) {
                Located::Missing(Cause::NoRows(column.table))
            } else {
                Located::Nothing
            };
        };
        // A file without a column that is often missing does not contradict one that has it.
        let optional = table.parts.len() > 1 && self.column(column.table, column.column).optional;
        let has_column =
            |row: &usize| table.parts[table.rows[*row].part as usize].has_column(usize::from(column.column));
        // A row that only may be the entry's does not contradict the others.
        let mut rows = rows.filter(|row| !table.rows[*row].doubtful && (!optional || has_column(row)));
        let first = rows.next().unwrap_or(first);
        let Located::Cell(agreed, at) = self.cell(table, column, first as u32) else {
            return Located::Missing(Cause::NoColumn(column.table, column.column));
        };
        for row in rows {
            match self.cell(table, column, row as u32) {
                Located::Cell(cell, _) if agree(cell, agreed) => {}
                Located::Cell(..) => return Located::Missing(Cause::Conflict(column.table, column.column)),
                missing => return missing,
            }
        }
        Located::Cell(agreed, at)
    }

    /// The declaration's cell that stands for a row: where findings point.
    pub fn declared_cell(&self, row: u32) -> Option<CellRef> {
        let key = self.input.tables.schemas[ROW.index()].key?;
        Some(CellRef { table: ROW, row, column: key as u16 })
    }
}

/// Whether two cells of a column have the same value.
pub(super) fn agree(a: &Cell, b: &Cell) -> bool {
    match (&a.reading, &b.reading) {
        (CellReading::Unreadable, CellReading::Unreadable) => a.text().raw() == b.text().raw(),
        (CellReading::Value(Value::Text(a)), CellReading::Value(Value::Text(b))) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}
