//! Amounts that are in every row of a line: then they are the line's, and not those of its HTS numbers.
//!
//! Reports have both, and their headers do not always show which (`Goods Value`, `Duty`). Nothing is
//! evaluated on such amounts.

use super::header_keys::header_key;
use super::schema::{Schema, Type};
use super::value::{Cell, CellReading, Value};
use super::{Asked, ColumnCells, EntryId, Table};

/// With fewer rows of a line, their duties may be the same by chance.
const MIN_ROWS: usize = 3;

/// The amounts of rows of which each has the same, with their columns, rows and texts: the goods value and
/// the duty together; or one of them, where its header does not show that it is the HTS number's.
pub(super) fn find(schema: &Schema, table: &Table, asked: &[Asked]) -> Vec<(usize, u32, String)> {
    let of_kind = |kind: Type| schema.columns.iter().position(|column| column.kind == kind);
    let (Some(line), Some(hts)) = (schema.line, of_kind(Type::Hts)) else { return Vec::new() };
    let (Some(value), Some(duty)) = (schema.column("goods_value"), schema.column("duty")) else {
        return Vec::new();
    };
    // Of the others the values are not known, and no rule reads them.
    let is_read = |column: &usize| asked.get(*column).is_none_or(|asked| *asked == Asked::Value);
    if ![line, hts, value, duty].iter().all(is_read) {
        return Vec::new();
    }
    let is_chapter_99: Vec<bool> = table.columns[hts].dictionary.iter().map(is_chapter_99).collect();
    let is_chapter_99 = |row: &&u32| {
        let cell = table.columns[hts].cells.get(**row as usize);
        cell.and_then(|cell| is_chapter_99.get(*cell as usize)).copied().unwrap_or(false)
    };
    let line_of = |row: &u32| {
        let cell = table.columns[line].cells.get(*row as usize);
        cell.copied().unwrap_or(ColumnCells::MISSING)
    };
    let mut found = Vec::new();
    let mut rows: Vec<u32> = Vec::new();
    for entry in 0..table.entry_rows.len().saturating_sub(1) {
        let of_entry = table.rows_of(EntryId(entry as u32)).filter(|row| !table.rows[*row].doubtful);
        rows.clear();
        rows.extend(of_entry.map(|row| row as u32));
        if !rows.is_sorted_by_key(line_of) {
            rows.sort_by_key(line_of);
        }
        let lines = rows.chunk_by(|a, b| line_of(a) == line_of(b));
        for rows in lines.filter(|rows| rows.len() > 1) {
            let chapter_99 = rows.iter().filter(is_chapter_99).count();
            if chapter_99 == 0 || chapter_99 == rows.len() {
                continue;
            }
            let (same_value, same_duty) =
                (is_same(&table.columns[value], rows), is_same(&table.columns[duty], rows));
            let is_clear = |column: usize| is_of_the_number(table, column, rows[0] as usize);
            let has_values = rows.iter().any(|row| table.columns[value].cell(*row as usize).is_some());
            let distrusted = [
                (value, same_value && (same_duty || !is_clear(value))),
                (duty, same_duty && (same_value || !has_values && !is_clear(duty) && rows.len() >= MIN_ROWS)),
            ];
            for (column, _) in distrusted.into_iter().filter(|(_, is_distrusted)| *is_distrusted) {
                found.extend(rows.iter().filter_map(|row| {
                    Some((column, *row, table.columns[column].cell(*row as usize)?.text().raw().to_owned()))
                }));
            }
        }
    }
    found
}

fn is_chapter_99(cell: &Cell) -> bool {
    matches!(&cell.reading, CellReading::Value(Value::Hts(number)) if number.as_str().starts_with("99"))
}

/// Whether all rows have the same amount above 0.
fn is_same(column: &ColumnCells, rows: &[u32]) -> bool {
    let amount = |row: &u32| match column.cell(*row as usize).map(|cell| &cell.reading) {
        Some(CellReading::Value(Value::Money(amount))) => Some(*amount),
        _ => None,
    };
    let first = rows.first().and_then(amount);
    first.is_some_and(|first| !first.is_zero()) && rows.iter().all(|row| amount(row) == first)
}

/// Whether the header shows that the amount is the HTS number's.
fn is_of_the_number(table: &Table, column: usize, row: usize) -> bool {
    let part = &table.parts[table.rows[row].part as usize];
    let field = part.fields[column].and_then(|field| part.header.fields.get(field as usize));
    field.is_some_and(|(text, _)| header_key(text).contains("tariff"))
}
