//! Amounts that are in every row of a line: then they are the line's, and not those of its HTS numbers.
//!
//! Reports have both, and their headers do not always say which (`Goods Value`, `Duty`). Nothing is evaluated
//! on such amounts.

use std::collections::HashMap;

use super::schema::{Schema, Type, header_key};
use super::value::{CellReading, Value};
use super::{Asked, ColumnCells, EntryId, Table};

/// With fewer rows of a line, their duties may be the same by chance.
const MIN_ROWS: usize = 3;

/// The amounts of rows of which each has the same, with their columns, rows and texts: the goods value and
/// the duty together; or one of them, where its header does not say that it is the HTS number's.
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
    let mut found = Vec::new();
    for entry in 0..table.entry_rows.len().saturating_sub(1) {
        let rows = table.rows_of(EntryId(entry as u32));
        if rows.len() < 2 {
            continue;
        }
        let mut lines: HashMap<u32, Vec<usize>> = HashMap::new();
        for row in rows.filter(|row| !table.rows[*row].doubtful) {
            let cell = table.columns[line].cells.get(row).copied().unwrap_or(ColumnCells::MISSING);
            lines.entry(cell).or_default().push(row);
        }
        let mut lines: Vec<Vec<usize>> = lines.into_values().collect();
        lines.sort_unstable();
        for rows in lines {
            let chapter_99 = rows.iter().filter(|row| is_chapter_99(&table.columns[hts], **row)).count();
            if chapter_99 == 0 || chapter_99 == rows.len() {
                continue;
            }
            let (same_value, same_duty) =
                (is_same(&table.columns[value], &rows), is_same(&table.columns[duty], &rows));
            let is_clear = |column: usize| is_of_the_number(table, column, rows[0]);
            let has_values = rows.iter().any(|row| table.columns[value].cell(*row).is_some());
            let distrusted = [
                (value, same_value && (same_duty || !is_clear(value))),
                (duty, same_duty && (same_value || !has_values && !is_clear(duty) && rows.len() >= MIN_ROWS)),
            ];
            for (column, _) in distrusted.into_iter().filter(|(_, is_distrusted)| *is_distrusted) {
                found.extend(rows.iter().filter_map(|row| {
                    Some((column, *row as u32, table.columns[column].cell(*row)?.text().raw().to_owned()))
                }));
            }
        }
    }
    found
}

fn is_chapter_99(column: &ColumnCells, row: usize) -> bool {
    match column.cell(row).map(|cell| &cell.reading) {
        Some(CellReading::Value(Value::Hts(number))) => number.as_str().starts_with("99"),
        _ => false,
    }
}

/// Whether all rows have the same amount above 0.
fn is_same(column: &ColumnCells, rows: &[usize]) -> bool {
    let amount = |row: &usize| match column.cell(*row).map(|cell| &cell.reading) {
        Some(CellReading::Value(Value::Money(amount))) => Some(*amount),
        _ => None,
    };
    let first = rows.first().and_then(amount);
    first.is_some_and(|first| !first.is_zero()) && rows.iter().all(|row| amount(row) == first)
}

/// Whether the header says that the amount is the HTS number's.
fn is_of_the_number(table: &Table, column: usize, row: usize) -> bool {
    let part = &table.parts[table.rows[row].part as usize];
    let field = part.fields[column].and_then(|field| part.header.fields.get(field as usize));
    field.is_some_and(|(text, _)| header_key(text).contains("tariff"))
}
