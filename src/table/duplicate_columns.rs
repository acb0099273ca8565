//! Files in which two columns have headers of the same column, under different names.
//!
//! The header that the schema lists first is read. Where the other differs, it is not known which is right:
//! it is reported, and the cell is unknown.

use super::encoding::decode;
use super::named::quoted;
use super::schema::Schema;
use super::value::{CellReader, CellReading, clean};
use super::{Asked, Row, Table};

/// How such columns differ from those that were read in their place.
#[derive(Debug, Default)]
pub(super) struct ColumnConflicts {
    /// The headers of the columns that differ in some row that was kept, each beside the one that was read.
    pub(super) headers: Vec<String>,
    /// The cells that have another value than the other column: column, row, and both texts. A text that
    /// cannot be read does not contradict one that can.
    pub(super) contradicted: Vec<(usize, u32, String)>,
}

/// Compares the columns that were not read although the schema has their headers with those that were.
/// Columns that are not needed are not looked at: nothing depends on them.
pub(super) fn differing(schema: &Schema, table: &Table, asked: &[Asked]) -> ColumnConflicts {
    let mut found = ColumnConflicts::default();
    for (at, part) in (0..).zip(&table.parts) {
        for &(column, field) in &part.duplicate_columns {
            let asked = asked.get(column).copied().unwrap_or(Asked::Value);
            let Some(read) = part.fields.get(column).copied().flatten() else { continue };
            if asked == Asked::Nothing {
                continue;
            }
            let pair = ColumnPair { reader: CellReader::new(&schema.columns[column]), table, read, field };
            let mut differs = false;
            for (number, row) in (0..).zip(&table.rows).filter(|(_, row)| row.part == at) {
                let Some((contradiction, texts)) = pair.differs(row) else { continue };
                differs = true;
                if asked != Asked::Value {
                    // The value is not needed: that it differs somewhere is enough.
                    break;
                }
                if contradiction {
                    found.contradicted.push((column, number, texts));
                }
            }
            let header = |field: u32| quoted(&part.header.fields[field as usize].0);
            let pair = format!("{} beside {}", header(field), header(read));
            if differs && !found.headers.contains(&pair) {
                found.headers.push(pair);
            }
        }
    }
    found
}

/// A column that was read, and the field of another that was not.
struct ColumnPair<'a> {
    reader: CellReader,
    table: &'a Table,
    read: u32,
    field: u32,
}

impl ColumnPair<'_> {
    /// Where the other differs in a row: whether both have a value, and both texts.
    fn differs(&self, row: &Row) -> Option<(bool, String)> {
        let (text, other) = (self.text(row, self.read), self.text(row, self.field));
        let (text, other) = (clean(&text), clean(&other));
        // A blank cell does not contradict the other column.
        if other.is_empty() {
            return None;
        }
        let (differs, contradiction) = match (self.reader.read(text), self.reader.read(other)) {
            (CellReading::Value(a), CellReading::Value(b)) => (a != b, true),
            (CellReading::Blank | CellReading::Nothing, CellReading::Value(_)) => (true, true),
            _ => (other != text, false),
        };
        let text = if text.is_empty() { "blank" } else { text };
        differs.then(|| (contradiction, format!("{text} or {other}")))
    }

    fn text(&self, row: &Row, field: u32) -> String {
        let value = self.table.record(row).value_at(field as usize);
        value.map_or_else(String::new, |value| decode(&value).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::table::Asked;
    use crate::table::reference::read_built_in;
    use crate::table::value::CellReading;

    /// What is reported of a file of the built-in ES-003.
    fn reported(text: &str, asked: Asked) -> Vec<String> {
        read_built_in("es003", text, asked).1.unwrap().duplicate_columns
    }

    #[test]
    fn a_cell_that_the_other_column_contradicts_is_unknown() {
        let header = "Entry Summary Number,Liquidation Date,Liq Date,Liquidation Status,Status";
        let rows = [
            "00261103162,10/02/2026,09/02/2026,Liquidated,Liquidated",
            "00261103162,10/02/2026,2026-10-02,Liquidated,L",
            "00261103162,,09/02/2026,Liquidated,",
            "00261103162,10/02/2026,soon,Liquidated,9",
            "00261103162,10/02/2026,09/02/2026,Liquidated,",
        ];
        let text = format!("{header}\n{}\n", rows.join("\n"));
        let (columns, table) = read_built_in("es003", &text, Asked::Value);
        let table = table.unwrap();
        let column = columns.iter().position(|name| name == "liquidation_date").unwrap();
        let cells: Vec<_> = (0..rows.len()).map(|row| table.columns[column].cell(row).unwrap()).collect();
        let read: Vec<_> =
            cells.iter().map(|cell| (cell.text().raw(), cell.reading == CellReading::Unreadable)).collect();
        assert_eq!(
            read,
            [
                ("10/02/2026 or 09/02/2026", true),
                ("10/02/2026", false),
                ("blank or 09/02/2026", true),
                ("10/02/2026", false),
                ("10/02/2026 or 09/02/2026", true),
            ]
        );
        let status = columns.iter().position(|name| name == "liquidation_status").unwrap();
        assert!((0..rows.len()).all(|row| table.columns[status].cell(row).unwrap().is_read()));
    }

    #[test]
    fn a_column_that_differs_from_the_one_read_is_reported() {
        for header in ["Liquidation Date,Liq Date,Entry Number", "Entry Number,Liq Date,Liquidation Date"] {
            let text = |a: &str, b: &str| match header.starts_with("Entry") {
                false => format!("{header}\n{a},{b},00261103162\n"),
                true => format!("{header}\n00261103162,{b},{a}\n"),
            };
            let differs = |a: &str, b: &str| !reported(&text(a, b), Asked::Value).is_empty();
            assert_eq!(
                reported(&text("10/02/2026", "09/02/2026"), Asked::Value),
                ["`Liq Date` beside `Liquidation Date`"]
            );
            assert!(
                reported(&text("10/02/2026", "09/02/2026"), Asked::Nothing).is_empty(),
                "no rule reads it"
            );
            assert_eq!(reported(&text("10/02/2026", "09/02/2026"), Asked::Readable).len(), 1);
            assert!(differs("", "09/02/2026") && differs("10/02/2026", "soon"));
            assert!(!differs("10/02/2026", "2026-10-02") && !differs("10/02/2026", ""));
            assert!(!differs("", "") && !differs("soon", "soon"));
        }
    }

    #[test]
    fn the_official_header_is_read_wherever_it_stands() {
        let text = "Entry No,HTS,Entry Summary Number,HTS Number - Full\n1,7,00261103162,99030124\n";
        assert_eq!(
            reported(text, Asked::Value),
            ["`Entry No` beside `Entry Summary Number`", "`HTS` beside `HTS Number - Full`"]
        );
    }
}
