//! Workbooks that are read whole: those in the binary formats.

use super::{COLUMNS, ROWS, SheetInfo, SheetRow, errors};
use crate::diagnostic::Diagnostic;
use crate::table::value;

/// A sheet that was read whole.
pub(super) struct WholeSheet {
    pub(super) info: SheetInfo,
    rows: Vec<WholeRow>,
}

struct WholeRow {
    number: u64,
    cells: Vec<String>,
    /// For each cell whether it is struck out.
    struck: Vec<bool>,
    hidden: Option<bool>,
}

impl WholeSheet {
    /// Gives each row, until `each` has enough.
    pub(super) fn rows(
        &self,
        mut each: impl FnMut(&SheetRow<'_>) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        for row in &self.rows {
            let (cells, struck) = (&row.cells, &row.struck);
            if !each(&SheetRow { number: row.number, cells, struck, hidden: row.hidden })? {
                break;
            }
        }
        Ok(())
    }
}

/// The most cells that all sheets of a workbook span.
pub(super) const MAX_CELLS: u64 = 8 << 20;
/// The most bytes that the cells of a workbook have.
pub(super) const MAX_TEXT: usize = 256 << 20;
/// Rows that are put together from cells.
pub(super) struct WholeRows<'n> {
    name: &'n str,
    rows: Vec<WholeRow>,
    cells: u64,
    text: usize,
}

impl<'n> WholeRows<'n> {
    /// No rows yet, of the workbook of that name.
    pub(super) fn new(name: &'n str) -> Self {
        Self { name, rows: Vec::new(), cells: 0, text: 0 }
    }

    /// The sheet of the rows that were put in; `is_hidden` is true for those that are hidden, by number. What
    /// is counted of all sheets goes on.
    pub(super) fn take(&mut self, info: SheetInfo, is_hidden: impl Fn(u64) -> Option<bool>) -> WholeSheet {
        let mut rows = std::mem::take(&mut self.rows);
        for row in &mut rows {
            row.hidden = is_hidden(row.number);
        }
        WholeSheet { info, rows }
    }

    /// Adds a cell. Rows come in their order.
    pub(super) fn put(
        &mut self,
        row: u32,
        column: u32,
        text: String,
        is_struck: bool,
    ) -> Result<(), Diagnostic> {
        if row >= ROWS || column >= COLUMNS {
            return Err(errors::cell_beyond_rows(self.name, u64::from(row) + 1));
        }
        if value::clean(&text).is_empty() {
            return Ok(());
        }
        let number = u64::from(row) + 1;
        match self.rows.last() {
            Some(last) if last.number > number => {
                return Err(errors::rows_out_of_order(self.name, number, last.number));
            }
            Some(last) if last.number == number => {}
            _ => self.rows.push(WholeRow { number, cells: Vec::new(), struck: Vec::new(), hidden: None }),
        }
        let Some(last) = self.rows.last_mut() else { return Ok(()) };
        let column = column as usize;
        if last.cells.len() <= column {
            self.cells += (column + 1 - last.cells.len()) as u64;
            last.cells.resize_with(column + 1, String::new);
            last.struck.resize(column + 1, false);
        }
        self.text += text.len();
        last.cells[column] = text;
        last.struck[column] = is_struck;
        if self.cells > MAX_CELLS || self.text > MAX_TEXT {
            return Err(errors::too_many_cells(self.name));
        }
        Ok(())
    }
}
