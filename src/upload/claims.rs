//! The rows of Claim Details: what CBP returned for each entry.

use crate::entry::EntryNumber;
use crate::outside::OutsideString;
use crate::source::{Place, Sources};
use crate::table::csv::Damage;
use crate::table::schema::Schema;
use crate::table::value::{CellReading, Value};
use crate::table::{CellRef, Entries, Table, TableId, Tables};
use strum::{EnumString, IntoStaticStr};

/// A row of Claim Details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub entry: EntryNumber,
    /// The claim that it was in, as CBP numbers it.
    pub claim_number: OutsideString,
    /// What became of it.
    pub status: Status,
    /// Why it failed, in CBP's words; empty where there are none.
    pub error: OutsideString,
    /// Where the row is.
    pub place: Place,
}

/// What CBP returned for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// `Entry Summary Updated`.
    Accepted,
    /// `Failed`.
    Failed,
    /// Anything else, as written; may be blank.
    Other(OutsideString),
    /// Unknown: the row is damaged, so that no cell of it but the entry number can be trusted.
    Damaged(Damage),
}

/// Reads the rows of a table with the columns of Claim Details (`entry`, `claim_number`, `status`,
/// `error`), in the order of the files.
pub fn claims(tables: &Tables, id: TableId, entries: &Entries, sources: &Sources) -> Vec<Claim> {
    let (Some(table), Some(schema)) = (tables.get(id), tables.schemas.get(id.index())) else {
        return Vec::new();
    };
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    rows.sort_by_key(|row| (table.rows[*row].part, table.rows[*row].line));
    let key = schema.key.unwrap_or(0);
    let claim = |row: usize| {
        let cell = CellRef { table: id, row: row as u32, column: key as u16 };
        Some(Claim {
            entry: entries.number(table.rows[row].entry?),
            claim_number: text(table, schema, "claim_number", row),
            status: match tables.damage(cell) {
                Some((damage, _)) => Status::Damaged(damage),
                None => status(table, schema, row),
            },
            error: text(table, schema, "error", row),
            place: tables.place(cell, sources),
        })
    };
    rows.into_iter().filter_map(claim).collect()
}

fn text(table: &Table, schema: &Schema, column: &str, row: usize) -> OutsideString {
    let cell = schema.column(column).and_then(|column| table.columns.get(column)?.cell(row));
    cell.map_or("", |cell| cell.text().raw().trim()).into()
}

fn status(table: &Table, schema: &Schema, row: usize) -> Status {
    let Some(column) = schema.column("status") else { return Status::Other(OutsideString::default()) };
    let Some(cell) = table.columns.get(column).and_then(|column| column.cell(row)) else {
        return Status::Other(OutsideString::default());
    };
    let choice = match &cell.reading {
        CellReading::Value(Value::Choice(choice)) => schema.columns[column].choices.get(usize::from(*choice)),
        _ => None,
    };
    match choice.and_then(|choice| choice.name.parse().ok()) {
        Some(ClaimResult::Accepted) => Status::Accepted,
        Some(ClaimResult::Failed) => Status::Failed,
        Some(ClaimResult::Unclear) | None => Status::Other(cell.text().raw().trim().into()),
    }
}

/// What became of an entry over all claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ClaimResult {
    /// Some claim accepted it.
    Accepted,
    /// It failed on every claim.
    Failed,
    /// No claim accepted it, and some status is neither accepted nor failed.
    Unclear,
}

impl ClaimResult {
    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
