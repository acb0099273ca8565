//! Whether a file that was provided as a declaration is another table: Claim Details, an ES-003 or a list of
//! entries that must not all be filed.
//!
//! A planning sheet may have columns of any of them, so only what no planning sheet is counts: the columns of
//! the other table are filled, and they are more than the planning columns. A file of entry numbers alone is a
//! declaration, unless its header or its name is that of a list that needs no other column.

use std::path::Path;
use std::sync::Arc;

use super::header::{self, Match};
use super::header_keys::header_key;
use super::schema::{Blank, Column, Schema, Type};
use super::value::{CellReader, CellReading, clean};
use super::{FILE, Part, ROW, RawRecord, Table, TableId, encoding};
use crate::input::named_sheet;

/// How many columns of another table a file has more than of a declaration, where its headers alone are enough.
const MORE: usize = 2;

/// A file that was read as a declaration.
pub struct DeclarationFile<'a> {
    /// Its name as the user gave it.
    pub name: &'a str,
    /// Its header.
    pub part: &'a Part,
    /// The table of all declarations.
    pub table: &'a Table,
    /// Where its rows begin in the table; they go on to the end.
    pub first_row: usize,
}

impl DeclarationFile<'_> {
    /// The table whose file it is; `None` where it may be a declaration.
    pub fn other_table<'s>(&self, schemas: &'s [Arc<Schema>]) -> Option<&'s Schema> {
        let headers: Vec<&str> = self.part.header.fields.iter().map(|(text, _)| text.as_str()).collect();
        let named = headers.iter().filter(|text| !clean(text).is_empty()).count();
        let others = || {
            let others = schemas.iter().enumerate();
            others.filter(|(at, _)| ![FILE, ROW].contains(&TableId::new(*at))).map(|(_, schema)| &**schema)
        };
        let keys = header::field_keys(&self.part.header.fields);
        let own = Match::of_keys(&schemas[ROW.index()], &keys).score(&schemas[ROW.index()]).1.max(1);
        let fit = |schema: &'s Schema| {
            let matched = Match::of_keys(schema, &keys);
            let has_line = schema.line.is_none_or(|line| matched.fields[line].is_some());
            let (has_key, columns) = matched.score(schema);
            (has_key && has_line).then_some(FittedHeader { schema, fields: matched.fields, columns })
        };
        let wide = others().filter_map(fit).filter(|fit| {
            fit.columns >= own + MORE && fit.others().any(|(_, field)| self.filled(field) * 2 > self.rows())
        });
        // The first of equals.
        let best = wide.reduce(|best, other| if other.columns > best.columns { other } else { best });
        if let Some(best) = best {
            return Some(best.schema);
        }
        let lists = || others().filter(|schema| schema.optional);
        match named {
            0 | 1 => lists().find(|schema| {
                schema.needs_no_column()
                    && (self.has_key_of(schema, schemas, &headers) || is_name_of(self.name, schema))
            }),
            // No planning column, and no column of an unknown name.
            _ if own == 1 => {
                lists().filter_map(fit).find(|fit| self.is_list(fit, named, schemas)).map(|fit| fit.schema)
            }
            _ => None,
        }
    }

    /// Whether all columns are those of a list, and one of them is of no other table and filled in every row.
    fn is_list(&self, fit: &FittedHeader<'_>, named: usize, schemas: &[Arc<Schema>]) -> bool {
        let has = |schema: &Schema, header: &str| schema.columns.iter().any(|of| of.is_headed(header));
        let tells = |column: &Column, field: u32| {
            let header = self.part.header.fields.get(field as usize).map_or("", |(text, _)| text);
            let is_its_own = if is_named_after(header, &fit.schema.name) {
                // The ES-003 has the data that it shares with a list under the same headers.
                !has(&schemas[ROW.index()], header)
            } else {
                // Any list may have notes.
                column.kind == Type::Choice
                    && schemas.iter().filter(|schema| has(schema, header)).count() == 1
            };
            is_its_own && self.rows() > 0 && self.read(column, field) == self.rows()
        };
        fit.columns == named && fit.others().any(|(column, field)| tells(column, field))
    }

    /// Whether the column of entry numbers has a header that only a list has: `Protested Entry`.
    fn has_key_of(&self, schema: &Schema, schemas: &[Arc<Schema>], headers: &[&str]) -> bool {
        let Some(header) = headers.iter().find(|text| !clean(text).is_empty()) else { return false };
        let has = |schema: &Schema| schema.key.is_some_and(|key| schema.columns[key].is_headed(header));
        has(schema) && schemas.iter().filter(|schema| has(schema)).count() == 1
    }

    /// How many rows have something in the column of entry numbers.
    fn rows(&self) -> usize {
        self.keyed().count()
    }

    fn keyed(&self) -> impl Iterator<Item = RawRecord<'_>> {
        let rows = self.table.rows[self.first_row..].iter().filter(|row| row.entry.is_some());
        rows.map(|row| RawRecord::new(self.table.texts.get(row.text), self.part.form))
    }

    fn cells(&self, field: u32) -> impl Iterator<Item = String> {
        self.keyed().map(move |record| {
            let cell = record.value_at(field as usize);
            cell.map_or(String::new(), |cell| encoding::decode(&cell).into_owned())
        })
    }

    /// In how many rows a column has something.
    fn filled(&self, field: u32) -> usize {
        self.cells(field).filter(|cell| !clean(cell).is_empty()).count()
    }

    /// In how many rows a column has a value of its type.
    fn read(&self, column: &Column, field: u32) -> usize {
        let reader = CellReader::new(column);
        let is_value =
            |cell: &String| !clean(cell).is_empty() && matches!(reader.read(cell), CellReading::Value(_));
        self.cells(field).filter(is_value).count()
    }
}

/// Which fields of a header are a table's columns.
struct FittedHeader<'s> {
    schema: &'s Schema,
    fields: Vec<Option<u32>>,
    columns: usize,
}

impl<'s> FittedHeader<'s> {
    /// The columns besides that of the entry numbers.
    fn others(&self) -> impl Iterator<Item = (&'s Column, u32)> {
        let columns = self.schema.columns.iter().enumerate().zip(&self.fields);
        columns
            .filter(|((at, _), _)| Some(*at) != self.schema.key)
            .filter_map(|((_, column), field)| Some((column, (*field)?)))
    }
}

impl Schema {
    /// Whether a file of entry numbers alone can be this list: what no column has is still known.
    fn needs_no_column(&self) -> bool {
        let others = self.columns.iter().enumerate().filter(|(at, _)| Some(*at) != self.key);
        others.map(|(_, column)| column).all(|column| column.optional || column.missing != Blank::Unknown)
    }
}

impl Column {
    fn is_headed(&self, header: &str) -> bool {
        let key = header_key(header);
        self.headers.iter().any(|own| header_key(own) == key)
    }
}

/// Whether a text has the name of a table in it: `PSC list.xlsx`, `es-003_march.csv`, `Protest Number`.
pub fn is_named_after(text: &str, table: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let table = plain(table);
    plain(text).contains(table.strip_suffix('s').unwrap_or(&table))
}

/// Whether a file has the name of a list and no other: `drawback.csv`, `PSC list 2026-11.csv`, and not
/// `no protests.csv`.
fn is_name_of(name: &str, schema: &Schema) -> bool {
    let (name, _) = named_sheet(name);
    // A path may come from another system.
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem =
        Path::new(name).file_stem().map_or(String::new(), |stem| stem.to_string_lossy().to_lowercase());
    let letters: String = stem.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.strip_suffix("list").unwrap_or(&letters);
    let letters = letters.strip_prefix("listof").unwrap_or(letters);
    letters == schema.name || Some(letters) == schema.name.strip_suffix('s')
}
