//! Declarations: every row is kept, and what the file itself looks like becomes a table.

use std::borrow::Cow;

use super::build::column_of;
use super::csv::{self, Damage};
use super::encoding;
use super::schema::{Absent, Belongs, Blank, Choice, Column, Schema, Type};
use super::{Part, Table};
use crate::entry::{self, Form};

/// The names of the [`row_facts`].
pub const FACT_NAMES: [&str; 3] = ["entry_form", "problem", "fields"];

/// The schema of the table [`super::FILE`]: one row of facts for each declaration file.
pub fn file_schema() -> Schema {
    Schema {
        name: "file".into(),
        title: "Declaration file".into(),
        key: None,
        line: None,
        optional: false,
        absent: Absent::Unknown,
        sheet: None,
        add_column: None,
        columns: vec![
            fact("entries", Type::Integer),
            fact("columns", Type::Integer),
            fact("header", Type::Text),
            fact("header_line", Type::Integer),
            fact("bytes", Type::Integer),
            fact("extension", Type::Text),
            choice("encoding", ["ascii", "utf-8", "utf-16", "windows-1252"]),
            fact("byte_order_mark", Type::YesNo),
            choice("line_ends", ["crlf", "lf", "cr", "mixed"]),
            choice("delimiter", ["comma", "semicolon", "tab", "pipe"]),
            fact("blank_rows", Type::Integer),
            fact("quoted", Type::YesNo),
        ],
    }
}

/// The columns of the table [`super::ROW`] that no file has, because they say how a row is
/// written. They stand after those that `tables/declaration.yaml` declares.
pub fn row_facts() -> Vec<Column> {
    vec![
        choice("entry_form", Form::ALL.map(Form::name)),
        choice("problem", std::iter::once("none").chain(Damage::ALL.map(Damage::name))),
        fact("fields", Type::Integer),
    ]
}

fn fact(name: &str, kind: Type) -> Column {
    Column {
        name: name.into(),
        kind,
        of: Belongs::Entry,
        headers: Vec::new(),
        blank: Blank::Unknown,
        missing: Blank::Unknown,
        optional: false,
        pad: None,
        choices: Vec::new(),
    }
}

fn choice(name: &str, choices: impl IntoIterator<Item = &'static str>) -> Column {
    let choices =
        choices.into_iter().map(|name| Choice { name: name.into(), texts: vec![name.into()] }).collect();
    Column { choices, ..fact(name, Type::Choice) }
}

/// Fills the given row facts of a declaration's table, found from the rows' texts.
pub(super) fn add_row_facts(schema: &Schema, table: &mut Table, facts: &[usize]) {
    for &column in facts {
        let declared = &schema.columns[column];
        let texts: Vec<Cow<'static, str>> = table
            .rows
            .iter()
            .map(|row| {
                let record = &table.text[row.text.clone()];
                let part = &table.parts[row.part as usize];
                match declared.name.as_str() {
                    "entry_form" => entry_form(schema, part, record).name().into(),
                    "problem" => damage(part, record).map_or("none", |(damage, _)| damage.name()).into(),
                    _ => csv::fields(record, part.delimiter).count().to_string().into(),
                }
            })
            .collect();
        table.columns[column] = column_of(declared, texts);
        for part in &mut table.parts {
            part.fields[column] = schema.key.and_then(|key| part.fields[key]);
        }
    }
}

/// How the entry number of a record is written.
fn entry_form(schema: &Schema, part: &Part, record: &[u8]) -> Form {
    let field = schema.key.and_then(|key| part.fields[key]);
    field
        .and_then(|field| csv::fields(record, part.delimiter).nth(field as usize))
        .map_or(Form::Blank, |field| entry::read(&encoding::decode(&field.value(record))).form)
}

/// The worst damage of a record, and the byte of the record where it is.
pub(super) fn damage(part: &Part, record: &[u8]) -> Option<(Damage, usize)> {
    let bad_text = |at: usize| {
        let text = std::str::from_utf8(&record[at..]).ok()?;
        // Undefined bytes of Windows-1252 become C1 controls, others the replacement character.
        text.char_indices()
            .find(|(_, c)| matches!(c, '\u{fffd}' | '\u{80}'..='\u{9f}'))
            .map(|(found, _)| at + found)
    };
    let mut width = 0;
    let mut excess = None;
    let mut quote = None;
    for field in csv::fields(record, part.delimiter) {
        quote = quote.or(field.damage);
        if width == part.header.fields.len() {
            excess = Some(field.raw.start);
        }
        width += 1;
    }
    let is_blank = record.is_empty();
    quote
        .or_else(|| memchr::memchr(0, record).map(|at| (Damage::Nul, at)))
        .or_else(|| bad_text(0).map(|at| (Damage::BadEncoding, at)))
        .or_else(|| excess.map(|at| (Damage::Ragged, at)))
        .or_else(|| (width < part.header.fields.len() && !is_blank).then_some((Damage::Ragged, record.len())))
}
