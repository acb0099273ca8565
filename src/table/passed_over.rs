//! Files in which two columns have headers of the same column, under different names.
//!
//! The header that the schema lists first is read. Where the other says something else, nobody knows
//! which is right, so it is said.

use super::csv;
use super::encoding::decode;
use super::header;
use super::schema::Schema;
use super::value::{Reader, Reading, clean};
use super::{Asked, Part, Row, Table};

/// The columns that were not read though the schema knows their headers, and that say something
/// else than the one read in their place in some row that was kept; each beside that one. Columns
/// that are not needed are not looked at: nothing depends on them.
pub(super) fn differing(schema: &Schema, table: &Table, asked: &[Asked]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, part) in (0..).zip(&table.parts) {
        for &(column, field) in &part.passed_over {
            let differs = Differs { schema, table, part, column, field };
            if asked.get(column) == Some(&Asked::Nothing)
                || !differs.in_any(table.rows.iter().filter(|row| row.part == at))
            {
                continue;
            }
            let header = |field: u32| header::quoted(&part.header.fields[field as usize].0);
            let Some(read) = part.fields.get(column).copied().flatten() else { continue };
            let told = format!("{} beside {}", header(field), header(read));
            if !found.contains(&told) {
                found.push(told);
            }
        }
    }
    found
}

/// Whether a field says something else than a column.
struct Differs<'a> {
    schema: &'a Schema,
    table: &'a Table,
    part: &'a Part,
    column: usize,
    field: u32,
}

impl Differs<'_> {
    fn in_any<'a>(&self, mut rows: impl Iterator<Item = &'a Row>) -> bool {
        let reader = Reader::new(&self.schema.columns[self.column]);
        let Some(read) = self.part.fields.get(self.column).copied().flatten() else { return false };
        rows.any(|row| {
            let other = self.text(row, self.field);
            let other = clean(&other);
            // Who leaves a cell blank says nothing against the other.
            if other.is_empty() {
                return false;
            }
            let text = self.text(row, read);
            match (reader.read(other), reader.read(&text)) {
                (Reading::Value(a), Reading::Value(b)) => a != b,
                _ => other != clean(&text),
            }
        })
    }

    fn text(&self, row: &Row, field: u32) -> String {
        let record = self.table.record(row);
        csv::fields(record, self.part.delimiter)
            .nth(field as usize)
            .map_or_else(String::new, |field| decode(&field.value(record)).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::rules;
    use crate::source::{Input, Sources};
    use crate::table::reference::{Chunks, Keep, Request, read_table};
    use crate::table::{Asked, Entries, TableId};
    use hashbrown::HashSet;

    /// What is told of a file of the built-in ES-003.
    fn told(text: &str, needed: bool) -> Vec<String> {
        let rules =
            rules::load(rules::pack::embedded(), rules::Options::default(), &mut Sources::default()).unwrap();
        let id = rules.schemas.iter().position(|schema| schema.name == "es003").map(TableId).unwrap();
        let request = Request {
            id,
            schemas: &rules.schemas,
            asked: &vec![
                if needed { Asked::Value } else { Asked::Nothing };
                rules.schemas[id.0].columns.len()
            ],
            corrections: &HashSet::new(),
            keep: Keep::All,
            progress: &|_, _| {},
            chunks: Chunks::default(),
        };
        let inputs = [("a.csv".to_owned(), Input::Bytes(text.as_bytes().into()))];
        read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default()).unwrap().passed_over
    }

    #[test]
    fn a_column_that_says_something_else_than_the_one_read_is_told() {
        for header in ["Liquidation Date,Liq Date,Entry Number", "Entry Number,Liq Date,Liquidation Date"] {
            let text = |a: &str, b: &str| match header.starts_with("Entry") {
                false => format!("{header}\n{a},{b},00261103162\n"),
                true => format!("{header}\n00261103162,{b},{a}\n"),
            };
            let differs = |a: &str, b: &str| !told(&text(a, b), true).is_empty();
            assert_eq!(
                told(&text("10/02/2026", "09/02/2026"), true),
                ["`Liq Date` beside `Liquidation Date`"]
            );
            assert!(told(&text("10/02/2026", "09/02/2026"), false).is_empty(), "no rule reads it");
            assert!(differs("", "09/02/2026") && differs("10/02/2026", "soon"));
            assert!(!differs("10/02/2026", "2026-10-02") && !differs("10/02/2026", ""));
            assert!(!differs("", "") && !differs("soon", "soon"));
        }
    }

    #[test]
    fn the_official_header_is_read_wherever_it_stands() {
        let text = "Entry No,HTS,Entry Summary Number,HTS Number - Full\n1,7,00261103162,99030124\n";
        assert_eq!(
            told(text, true),
            ["`Entry No` beside `Entry Summary Number`", "`HTS` beside `HTS Number - Full`"]
        );
    }
}
