//! The facts of declarations, until the table reader brings its own.

use crate::entry::Form;
use crate::table::schema::{Absent, Belongs, Blank, Choice, Column, Schema, Type};

/// One row of facts for each declaration file.
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
            choice("encoding", &["ascii", "utf-8", "utf-16", "windows-1252"]),
            fact("byte_order_mark", Type::YesNo),
            choice("line_ends", &["crlf", "lf", "cr", "mixed"]),
            choice("delimiter", &["comma", "semicolon", "tab", "pipe"]),
            fact("blank_rows", Type::Integer),
            fact("quoted", Type::YesNo),
        ],
    }
}

/// What is known of a declaration's row besides its cells.
pub fn row_facts() -> Vec<Column> {
    let damage = ["none", "ragged", "text_after_quote", "unterminated_quote", "nul", "bad_encoding"];
    vec![
        choice("entry_form", &Form::ALL.map(Form::name)),
        choice("problem", &damage),
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

fn choice(name: &str, names: &[&str]) -> Column {
    let choice = |name: &&str| Choice { name: (*name).into(), texts: vec![(*name).into()] };
    Column { choices: names.iter().map(choice).collect(), ..fact(name, Type::Choice) }
}
