//! Tables made of texts, for rules' own tests: read as an export with those texts would be.

use super::build::{columns, sort_by_entry};
use super::declaration::{self, RowFact};
use super::record::push_cells;
use super::schema::Schema;
use super::{Entries, Header, Part, RecordForm, Row, Table};
use crate::entry;
use crate::source::{FileId, Span};

/// The meaning of a table made of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRole {
    /// The declarations (or their facts): all rows are kept, in order, and their entries declared.
    Declaration,
    /// A reference table: rows of entries on no declaration are skipped, the others sorted by entry.
    Reference,
}

impl Table {
    /// A table made of texts as an export would have them, for rules' own tests. Each row lists
    /// schema columns with their texts; a column that no row names is missing, and a column that
    /// some other row names is blank. Of a declaration, the row facts
    /// ([`declaration::row_facts`]) that no row names are found from the texts.
    pub fn from_cells(
        schema: &Schema,
        file: FileId,
        rows: &[Vec<(usize, &str)>],
        entries: &mut Entries,
        role: TableRole,
    ) -> Self {
        let named: Vec<usize> = (0..schema.columns.len())
            .filter(|&column| rows.iter().flatten().any(|&(name, _)| name == column))
            .collect();
        let mut header = Header { line: 1, fields: Vec::new() };
        let mut position = 0;
        for &column in &named {
            let column = &schema.columns[column];
            let text = column.headers.first().unwrap_or(&column.name);
            header.fields.push((text.clone(), Span::new(position, position + text.len())));
            position += text.len() + 1;
        }
        let mut fields = vec![None; schema.columns.len()];
        for (field, &column) in named.iter().enumerate() {
            fields[column] = Some(field as u32);
        }
        let records = rows.len() as u64;
        let part = Part { records, form: RecordForm::Cells, ..Part::new(file, header, fields) };
        let mut table = Self { parts: vec![part], ..Self::default() };
        let mut start = position;
        for (number, cells) in rows.iter().enumerate() {
            let text_of =
                |column: usize| cells.iter().find(|(name, _)| *name == column).map_or("", |&(_, text)| text);
            let number_of_entry = schema.key.and_then(|key| entry::read(text_of(key)).number);
            let entry = match role {
                TableRole::Declaration => number_of_entry.map(|number| entries.insert(number)),
                TableRole::Reference => match number_of_entry.and_then(|number| entries.get(&number)) {
                    None => continue,
                    found => found,
                },
            };
            let mut text = Vec::new();
            push_cells(&mut text, named.iter().map(|column| text_of(*column)));
            let at = table.texts.push(&text);
            table.rows.push(Row {
                part: 0,
                line: number as u32 + 2,
                start: start as u64,
                text: at,
                entry,
                doubtful: false,
            });
            start += text.len() + 1;
        }
        if role == TableRole::Reference {
            table.entry_rows = sort_by_entry(&mut table.rows, entries.len());
        }
        table.columns = columns(schema, &table, &[]);
        let mut facts = match role {
            TableRole::Declaration if schema.key.is_some() => RowFact::columns(schema),
            TableRole::Declaration | TableRole::Reference => Vec::new(),
        };
        facts.retain(|(column, _)| !named.contains(column));
        if !facts.is_empty() {
            declaration::add_row_facts(schema, &mut table, &facts);
        }
        table
    }
}
