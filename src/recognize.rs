//! Finds out what a file is, by its headers, for a caller that does not know.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::config;
use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::errors::cannot_read;
use crate::input::{Input, Opened, SequentialReader};
use crate::outside::OutsideString;
use crate::source::Sources;
use crate::table::declaration::Declarations;
use crate::table::encoding::{self, Beginning, Utf16Reader};
use crate::table::errors;
use crate::table::head_row::{DELIMITERS, HeadRow, first_rows};
use crate::table::header::{self, Match};
use crate::table::looks_like::is_named_after;
use crate::table::reference::{Keep, Request, read_table};
use crate::table::schema::Schema;
use crate::table::workbook::Workbook;
use crate::table::{Asked, Entries, FILE, ROW, Table, TableId};

/// How much of a text is looked at, in bytes.
const HEAD: u64 = 64 << 10;

/// The most bytes a declaration may have to be counted.
const MAX_DECLARATION: u64 = 256 << 20;

/// The most bytes a configuration or rule file may have to be looked at.
const MAX_YAML: u64 = 8 << 20;

/// By how many columns more another table must fit before it is preferred to the table after which the
/// file is named.
const NAME_WEIGHS: usize = 2;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileUse {
    /// A declaration, or a planning sheet.
    Declaration,
    /// A file of the table of that name.
    Table(String),
    /// `capelint.yaml`.
    Configuration,
    /// A rule file.
    Rules,
}

/// What a file was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// What it is.
    pub file_use: FileUse,
    /// The titles of other tables that its headers fit as well. Where there are any, a person confirms
    /// the choice.
    pub also: Vec<OutsideString>,
}

/// Finds out what a file is, from its name and its first rows.
///
/// # Errors
/// Where the file cannot be read, or is neither a table nor YAML, or no row of it looks like the header
/// of a declaration or a table.
pub fn recognize(name: &str, input: &Input, schemas: &[Arc<Schema>]) -> Result<Recognized, Diagnostic> {
    let lower = name.to_lowercase();
    if lower.ends_with(".yaml") || lower.ends_with(".yml") {
        return Ok(yaml(name, &lower, &input.read_whole(name, MAX_YAML)?));
    }
    let mut best: Option<Fit> = None;
    let rows = head_rows(name, input)?;
    let keys: Vec<_> = rows.iter().map(|row| header::field_keys(&row.fields)).collect();
    for (at, schema) in schemas.iter().enumerate().filter(|(at, _)| TableId::new(*at) != FILE) {
        let columns = keys.iter().map(|row| Match::of_keys(schema, row).score(schema));
        let columns = columns.filter(|(has_key, _)| *has_key).map(|(_, columns)| columns).max();
        let Some(columns) = columns else { continue };
        let named = TableId::new(at) != ROW && is_named_after(&lower, &schema.name);
        let fit = Fit { table: TableId::new(at), columns, named, also: Vec::new() };
        best = Some(match best {
            None => fit,
            Some(best) => best.compare(fit),
        });
    }
    match best {
        Some(best) => Ok(best.recognized(schemas)),
        // A list without a header is a declaration, whose own rules report what is wrong with it.
        None if rows.iter().any(|row| row.fields.iter().any(|(text, _)| is_entry_number(text))) => {
            Ok(Recognized { file_use: FileUse::Declaration, also: Vec::new() })
        }
        None => Err(errors::no_known_header(name)),
    }
}

/// How many rows a table's file has, and how many entries are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCount {
    /// Rows below the header that have an entry number.
    pub rows: u64,
    /// Entries.
    pub entries: usize,
    /// The day of the export, where the file has it.
    pub exported: Option<NaiveDate>,
}

/// Counts a file of a table, in one pass that keeps no row, or a declaration ([`ROW`]).
///
/// # Errors
/// As [`read_table`].
pub fn count(
    table: TableId,
    name: &str,
    input: &Input,
    schemas: &[Arc<Schema>],
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<FileCount, Vec<Diagnostic>> {
    if table == ROW {
        return count_declaration(name, input, schemas).map_err(|error| vec![error]);
    }
    let read = numbers(table, name, input, schemas, progress)?;
    let rows = read.parts.iter().map(|part| part.records - part.unkeyed_rows).sum();
    let exported = read.parts.iter().find_map(|part| part.exported);
    Ok(FileCount { rows, entries: read.corrections_found.len(), exported })
}

/// A table of which nothing is kept but the entry numbers.
fn numbers(
    table: TableId,
    name: &str,
    input: &Input,
    schemas: &[Arc<Schema>],
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Table, Vec<Diagnostic>> {
    let asked = vec![Asked::Nothing; schemas[table.index()].columns.len()];
    let request = Request { asked: &asked, keep: Keep::Numbers, progress, ..Request::new(table, schemas) };
    let inputs = [(name.to_owned(), input.clone())];
    read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default())
}

fn count_declaration(name: &str, input: &Input, schemas: &[Arc<Schema>]) -> Result<FileCount, Diagnostic> {
    let bytes = input.read_whole(name, MAX_DECLARATION)?;
    let mut declarations = Declarations::new(schemas);
    let mut entries = Entries::default();
    declarations.read(name, &bytes, &mut Sources::default(), &mut entries)?;
    let (_, rows) = declarations.finish();
    Ok(FileCount { rows: rows.rows.len() as u64, entries: entries.len(), exported: None })
}

/// How well a table fits a file.
struct Fit {
    table: TableId,
    columns: usize,
    named: bool,
    also: Vec<TableId>,
}

impl Fit {
    /// How well it fits, in columns. A declaration has one column, as lists of entries may have: only the
    /// name shows which of the two it is.
    fn weight(&self) -> usize {
        self.columns + if self.named { NAME_WEIGHS } else { 0 }
    }

    /// The better of two; the first of equals, with the other noted.
    fn compare(mut self, other: Self) -> Self {
        match self.weight().cmp(&other.weight()) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                // The bare upload file is a declaration, and nothing to ask about.
                if self.columns > 1 || self.named {
                    self.also.push(other.table);
                }
                self
            }
        }
    }

    fn recognized(self, schemas: &[Arc<Schema>]) -> Recognized {
        let file_use = match self.table {
            ROW => FileUse::Declaration,
            table => FileUse::Table(schemas[table.index()].name.clone()),
        };
        Recognized {
            file_use,
            also: self.also.iter().map(|at| schemas[at.index()].title.clone().into()).collect(),
        }
    }
}

fn is_entry_number(text: &str) -> bool {
    EntryNumber::parse(text).is_some()
}

fn yaml(name: &str, lower: &str, bytes: &[u8]) -> Recognized {
    let is_configuration =
        lower.ends_with("capelint.yaml") || config::load(name, bytes, &mut Sources::default()).is_ok();
    let file_use = if is_configuration { FileUse::Configuration } else { FileUse::Rules };
    Recognized { file_use, also: Vec::new() }
}

/// The rows that may be a header: the first of a text under each delimiter, of a workbook those of all
/// sheets.
fn head_rows(name: &str, input: &Input) -> Result<Vec<HeadRow>, Diagnostic> {
    use std::io::Read;
    let file = match input.open(name)? {
        Opened::Seekable(file) => file,
        Opened::Stream(_) => return Err(errors::unknown_stream(name)),
    };
    let mut head = Vec::new();
    let read = SequentialReader::new(&*file).take(HEAD).read_to_end(&mut head);
    read.map_err(|error| cannot_read(name, &error))?;
    let whole = head.len() as u64 == file.len();
    match encoding::beginning(name, &head)? {
        Beginning::Workbook => Workbook::open(name, SequentialReader::new(&*file))?.heads(),
        Beginning::Utf16 { big_endian, mark } => {
            let mut text = Vec::new();
            let read = Utf16Reader::new(&head[mark..], big_endian).read_to_end(&mut text);
            read.map_err(|error| cannot_read(name, &error))?;
            Ok(rows_of(&text, whole))
        }
        Beginning::Bytes { mark } => Ok(rows_of(&head[mark..], whole)),
    }
}

fn rows_of(text: &[u8], whole: bool) -> Vec<HeadRow> {
    DELIMITERS.into_iter().flat_map(|delimiter| first_rows(text, delimiter, whole)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{self, pack};

    fn schemas() -> Vec<Arc<Schema>> {
        rules::load(pack::embedded(), rules::CompileOptions::default(), &mut Sources::default())
            .unwrap()
            .schemas
    }

    fn found(name: &str, text: &str) -> String {
        let schemas = schemas();
        match recognize(name, &Input::from(text.as_bytes()), &schemas) {
            Ok(Recognized { file_use: FileUse::Table(table), .. }) => table,
            Ok(other) => format!("{:?}", other.file_use).to_lowercase(),
            Err(error) => error.code.name().to_string(),
        }
    }

    #[test]
    fn files_are_recognized_by_their_headers() {
        let es003 = "Report\n\nEntry Summary Number,Entry Summary Line Number,Tariff Ordinal Number,HTS Number - Full,Liquidation Status\n";
        assert_eq!(found("export.csv", es003), "es003");
        assert_eq!(found("a.txt", &es003.replace(',', "\t")), "es003");
        assert_eq!(found("x.csv", "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n"), "claims");
        assert_eq!(found("x.csv", "Entry Number,Protest Number,Protest Status,Issue\n"), "protests");
        assert_eq!(found("x.csv", "Entry Number,Type 09 Filed,Due Date\n"), "reconciliation");
        assert_eq!(
            found("x.csv", "Client,Entry Number,IOR,HTS,Liquidation Date,PSC Needed?,Notes\n"),
            "declaration"
        );
        assert_eq!(found("march.csv", "Entry Number\nABC12345676\n"), "declaration");
        assert_eq!(found("march.csv", "ABC12345676\n"), "declaration");
        assert_eq!(found("letter.txt", "Dear Sir or Madam\n"), "no-key-column");
        assert_eq!(found("empty.csv", ""), "empty-file");
    }

    #[test]
    fn the_name_decides_between_lists_that_look_alike() {
        assert_eq!(found("PSC list.csv", "Entry Number,Status\n"), "psc");
        assert_eq!(found("adcvd.csv", "Entry Number,Status\n"), "adcvd");
        assert_eq!(found("surety-paid.csv", "Entry Number\nABC12345676\n"), "surety");
        // Headers of another table count more than the name.
        let es003 =
            "Entry Summary Number,Entry Summary Line Number,Tariff Ordinal Number,HTS Number - Full\n";
        assert_eq!(found("claims of march.csv", es003), "es003");
        let schemas = schemas();
        let recognized = recognize("list.csv", &Input::from(*b"Entry Number,Status\n"), &schemas).unwrap();
        assert!(!recognized.also.is_empty(), "{recognized:?}");
    }

    #[test]
    fn settings_and_rules_are_distinguished() {
        assert_eq!(found("capelint.yaml", "account: { rol: importer }"), "configuration");
        assert_eq!(found("client.yml", "rules: [house.yaml]\naccount: { role: broker }\n"), "configuration");
        assert_eq!(found("house.yaml", "rules:\n  - { id: mine, title: Mine }\n"), "rules");
    }

    #[test]
    fn rows_and_entries_are_counted() {
        let schemas = schemas();
        let es003 = TableId::new(schemas.iter().position(|schema| schema.name == "es003").unwrap());
        let text = "Entry Summary Number,Entry Summary Line Number,HTS Number - Full\n\
                    ABC12345676,001,9903.01.25\nABC12345676,001,8471\n00200000016,001,9903.01.25\nABC12345676,002,8471\nTotal,,\n";
        let counted = count(es003, "a.csv", &Input::from(text.as_bytes()), &schemas, &|_, _| {}).unwrap();
        assert_eq!(counted, FileCount { rows: 4, entries: 2, exported: None });
        let text = Input::from(*b"Entry Number\nABC12345676\nABC12345676\nwhat\n");
        assert_eq!(
            count(ROW, "a.csv", &text, &schemas, &|_, _| {}).unwrap(),
            FileCount { rows: 3, entries: 1, exported: None }
        );
    }

    #[test]
    fn all_entries_of_a_workbook_are_counted() {
        let schemas = schemas();
        let es003 = TableId::new(schemas.iter().position(|schema| schema.name == "es003").unwrap());
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, header) in ["Entry Summary Number", "HTS Number - Full", "Entry Date"].iter().enumerate()
        {
            sheet.write(0, column as u16, *header).unwrap();
        }
        let number = |serial: u32| (0..10).map(move |digit| format!("ABC{serial:07}{digit}"));
        let numbers = (1..).flat_map(number).filter(|number| is_entry_number(number));
        for (at, number) in numbers.take(6000).enumerate() {
            // Two rows of each, so that both kinds of HTS numbers are seen early.
            for (offset, hts) in ["99030125", "8471300100"].iter().enumerate() {
                let row = (at * 2 + offset + 1) as u32;
                sheet.write(row, 0, &number).unwrap();
                sheet.write(row, 1, *hts).unwrap();
                sheet.write(row, 2, "10/02/2025").unwrap();
            }
        }
        let input = Input::from(book.save_to_buffer().unwrap());
        let counted = count(es003, "es003.xlsx", &input, &schemas, &|_, _| {}).unwrap();
        assert_eq!(counted, FileCount { rows: 12_000, entries: 6000, exported: None });
    }
}
