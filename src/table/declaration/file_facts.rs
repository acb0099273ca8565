//! What a declaration's file looks like: one row of the table [`FILE`] for each file.

use std::path::Path;
use std::sync::Arc;

use super::Declarations;
use crate::input::{STDIN, named_sheet};
use crate::source::{Span, line_number};
use crate::table::fact::{Fact, choice, fact, or_nothing};
use crate::table::named::{listed, quoted};
use crate::table::schema::{Column, Schema, Type};
use crate::table::value::{Cell, clean};
use crate::table::{ColumnCells, FILE, FILE_NAME, Header, Part, RecordForm, Row};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What is found out about a declaration's file: the columns of the table [`FILE`], by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
enum FileFact {
    Entries,
    Columns,
    Header,
    HeaderForm,
    HeaderLine,
    Bytes,
    Extension,
    Encoding,
    ByteOrderMark,
    LineEnds,
    Delimiter,
    BlankRows,
    HeaderAgain,
    Quoted,
    UnreadColumns,
    LooksLike,
}

impl FileFact {
    fn column(self) -> Column {
        let name = self.into();
        match self {
            Self::Entries | Self::Columns | Self::HeaderLine | Self::Bytes | Self::BlankRows => {
                fact(name, Type::Integer)
            }
            Self::Header | Self::Extension => fact(name, Type::Text),
            Self::HeaderForm => choice(name, ["plain", "spaces", "text_guard"]),
            // A workbook has none of these, so that no test of them is true.
            Self::Encoding => or_nothing(choice(name, ["ascii", "utf-8", "utf-16", "windows-1252"])),
            Self::ByteOrderMark | Self::Quoted => or_nothing(fact(name, Type::YesNo)),
            Self::LineEnds => or_nothing(choice(name, ["crlf", "lf", "cr", "mixed"])),
            Self::Delimiter => or_nothing(choice(name, ["comma", "semicolon", "tab", "pipe"])),
            Self::HeaderAgain | Self::UnreadColumns | Self::LooksLike => or_nothing(fact(name, Type::Text)),
        }
    }

    /// The fact that a column of the table [`FILE`] has.
    fn of(column: &Column) -> Option<Self> {
        column.name.parse().ok()
    }
}

/// The schema of the table [`FILE`]: one row of facts for each declaration file.
pub fn file_schema() -> Schema {
    Schema {
        title: "Declaration file".into(),
        columns: FileFact::VARIANTS.iter().map(|fact| fact.column()).collect::<Vec<_>>().into(),
        ..Schema::new(FILE_NAME)
    }
}

/// What a file looks like.
pub(super) struct Facts {
    /// As the user gave it.
    pub(super) name: String,
    pub(super) bytes: usize,
    pub(super) extension: String,
    pub(super) first_cell: Option<String>,
    /// What only a text has.
    pub(super) text: Option<TextFacts>,
}

/// What a text looks like: its choices by their names.
pub(super) struct TextFacts {
    pub(super) encoding: &'static str,
    pub(super) byte_order_mark: bool,
    pub(super) line_ends: &'static str,
    pub(super) delimiter: &'static str,
    pub(super) quoted: bool,
}

/// The header's fields that are read as no column: it is unknown what they are called here, or another
/// field is read in their place.
fn unread(part: &Part) -> Vec<&(String, Span)> {
    let is_unread = |&(at, (text, _)): &(u32, &(String, Span))| {
        !part.fields.contains(&Some(at)) && !clean(text).is_empty()
    };
    (0..).zip(&part.header.fields).filter(is_unread).map(|(_, field)| field).collect()
}

/// How cell A1 is written. Rules see its text without what is around it, but CBP's template has
/// nothing there.
fn header_form(cell: &str) -> &'static str {
    if clean(cell) == cell {
        "plain"
    } else if cell.trim_start().starts_with(['=', '\'']) {
        "text_guard"
    } else {
        "spaces"
    }
}

/// The extension of a file's name, lower case, without the dot.
pub(in crate::table) fn extension(name: &str) -> String {
    let (name, _) = named_sheet(name);
    Path::new(name).extension().map_or(String::new(), |extension| extension.to_string_lossy().to_lowercase())
}

/// The extension as a fact of the file: `none` where its name has none, nothing where it has no name.
pub(super) fn shown_extension(name: &str) -> String {
    match extension(name) {
        none if none.is_empty() && name != STDIN => "none".to_owned(),
        extension => extension,
    }
}

/// Which line ends a text has; nothing where it has none.
pub(super) fn line_ends(text: &[u8]) -> &'static str {
    let pairs = memchr::memmem::find_iter(text, b"\r\n").count();
    let feeds = memchr::memchr_iter(b'\n', text).count() - pairs;
    let returns = memchr::memchr_iter(b'\r', text).count() - pairs;
    match (pairs, feeds, returns) {
        (0, 0, 0) => "",
        (_, 0, 0) => "crlf",
        (0, _, 0) => "lf",
        (0, 0, _) => "cr",
        _ => "mixed",
    }
}

impl Declarations {
    /// Adds the row of a file to the table [`FILE`]. Its cells are where the header is.
    pub(super) fn add_file_facts(
        &mut self,
        part: &Part,
        facts: &Facts,
        (filled, blank_rows): (i64, i64),
        header_again: &str,
        looks_like: &str,
    ) {
        let schema = &self.schemas[FILE.index()];
        let unread = unread(part);
        let first_cell = || facts.first_cell.as_deref().unwrap_or("");
        let of_text = |fact: fn(&TextFacts) -> Fact<'static>| facts.text.as_ref().map_or(Fact::None, fact);
        let cell = |column: &Column| {
            let fact = FileFact::of(column).map_or(Fact::None, |fact| match fact {
                FileFact::Entries => Fact::Number(filled),
                FileFact::Columns => Fact::Number(part.header.fields.len() as i64),
                FileFact::Header => Fact::text(first_cell()),
                FileFact::HeaderForm => Fact::Choice(header_form(first_cell())),
                FileFact::HeaderLine => Fact::Number(part.header.line as i64),
                FileFact::Bytes => Fact::Number(facts.bytes as i64),
                FileFact::Extension => Fact::text(facts.extension.as_str()),
                FileFact::Encoding => of_text(|text| Fact::Choice(text.encoding)),
                FileFact::ByteOrderMark => of_text(|text| Fact::YesNo(text.byte_order_mark)),
                FileFact::LineEnds => of_text(|text| Fact::Choice(text.line_ends)),
                FileFact::Delimiter => of_text(|text| Fact::Choice(text.delimiter)),
                FileFact::BlankRows => Fact::Number(blank_rows),
                FileFact::HeaderAgain => Fact::text(header_again),
                FileFact::Quoted => of_text(|text| Fact::YesNo(text.quoted)),
                FileFact::UnreadColumns => {
                    Fact::text(listed(unread.iter().map(|(header, _)| quoted(header))))
                }
                FileFact::LooksLike => Fact::text(looks_like),
            });
            fact.cell(column)
        };
        let cells: Vec<Cell> = schema.columns.iter().map(cell).collect();
        let row = self.files.rows.len() as u32;
        self.files.columns.resize_with(cells.len(), ColumnCells::default);
        for (column, cell) in self.files.columns.iter_mut().zip(cells) {
            column.dictionary.push(cell);
            Arc::make_mut(&mut column.cells).push(row);
        }
        let spans = part.header.fields.first().map_or(Span::default(), |(_, span)| *span);
        self.files.rows.push(Row {
            part: self.files.parts.len() as u32,
            line: line_number(part.header.line.max(1)),
            start: spans.start(),
            text: self.files.texts.push(b""),
            entry: None,
            doubtful: false,
        });
        self.files.parts.push(Part {
            header: Header {
                line: part.header.line,
                fields: (schema.columns.iter())
                    .map(|column| {
                        let place = match FileFact::of(column) {
                            // The second column is the first that is too many.
                            Some(FileFact::Columns) => part.header.fields.get(1),
                            Some(FileFact::UnreadColumns) => unread.first().copied(),
                            _ => None,
                        };
                        (column.name.clone(), place.map_or(spans, |(_, span)| *span))
                    })
                    .collect(),
            },
            fields: (0..schema.columns.len() as u32).map(Some).collect(),
            duplicate_columns: Vec::new(),
            form: RecordForm::Text { delimiter: b',' },
            ..part.clone()
        });
    }
}
