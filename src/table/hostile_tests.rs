//! Hostile files: each beside the expected account of what is read in it. See
//! `tests/hostile/README.md`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::entry::EntryNumber;
use crate::input::Input;
use crate::snapshot;
use crate::source::Sources;
use crate::table::declaration::{Declarations, file_schema, row_facts};
use crate::table::reference::{Request, read_table};
use crate::table::schema::{Column, Schema, Type};
use crate::table::value::CellReading;
use crate::table::{CellRef, Entries, FILE, ROW, TableId, Tables};

#[allow(dead_code, reason = "the command line's own module; the tests of files use some of it")]
#[path = "../cli/disk.rs"]
mod disk;

use disk::Origin;

const ES003: TableId = TableId(2);
const DECLARED: [&str; 2] = ["00261103162", "00261111157"];

fn column(name: &str, kind: Type, headers: &[&str]) -> Column {
    Column { headers: headers.iter().map(|&header| header.to_owned()).collect(), ..Column::new(name, kind) }
}

fn schemas() -> Vec<Arc<Schema>> {
    let table = |name: &str, title: &str, columns: Vec<Column>| Schema {
        name: name.into(),
        title: title.into(),
        key: Some(0),
        columns: columns.into(),
        ..file_schema()
    };
    let mut row =
        vec![column("entry", Type::EntryNumber, &["Entry Number"]), column("note", Type::Text, &["Notes"])];
    row.extend(row_facts());
    let es003 = vec![
        column("entry", Type::EntryNumber, &["Entry Summary Number"]),
        column("entry_date", Type::Date, &["Entry Date"]),
        column("liquidation_date", Type::Date, &["Liquidation Date"]),
        column("duty", Type::Money, &["Line Tariff Duty Amount"]),
        column("hts", Type::Hts, &["HTS Number - Full"]),
        column("importer", Type::ImporterNumber, &["Importer Number"]),
        column("note", Type::Text, &["Note"]),
    ];
    let claims = vec![
        column("entry", Type::EntryNumber, &["ENTRY_NUMBER"]),
        column("claim_number", Type::Text, &["CLAIM_NUMBER"]),
        column("status", Type::Text, &["STATUS"]),
    ];
    vec![
        Arc::new(file_schema()),
        Arc::new(table("row", "Declaration", row)),
        Arc::new(table("es003", "ES-003 Entry Summary Line Tariff Details", es003)),
        Arc::new(table("claims", "Claim Details", claims)),
    ]
}

fn read_declaration(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<Tables, Vec<Diagnostic>> {
    let schemas = schemas();
    let mut declarations = Declarations::new(&schemas);
    declarations.read(name, bytes, sources, &mut Entries::default()).map_err(|error| vec![error])?;
    let (files, rows) = declarations.finish();
    Ok(Tables { schemas, tables: vec![Some(files), Some(rows)] })
}

fn read_es003(name: &str, input: Input, sources: &mut Sources) -> Result<Tables, Vec<Diagnostic>> {
    let schemas = schemas();
    let mut entries = Entries::default();
    for number in DECLARED {
        entries.insert(EntryNumber::parse(number).unwrap());
    }
    let request = Request::new(ES003, &schemas);
    let table = read_table(&request, &[(name.to_owned(), input)], sources, &mut entries)?;
    Ok(Tables { schemas, tables: vec![None, None, Some(table)] })
}

/// Everything that was read, or the errors, in words.
fn account(outcome: Result<Tables, Vec<Diagnostic>>, sources: &Sources) -> String {
    let mut out = String::new();
    match outcome {
        Err(errors) => {
            for error in errors {
                writeln!(out, "error[{}]: {}", error.code.name(), error.message).unwrap();
                for label in &error.labels {
                    writeln!(out, "  at {}: {}", sources.show(label.place), label.text).unwrap();
                }
                for help in &error.help {
                    writeln!(out, "  help: {help}").unwrap();
                }
            }
        }
        Ok(tables) => {
            for id in [FILE, ROW, ES003] {
                if let Some(table) = tables.get(id) {
                    account_of_table(&mut out, &tables, id, table, sources);
                }
            }
        }
    }
    // Foreign texts are made harmless by the reports; here they are made visible.
    out.chars()
        .map(|c| {
            if c == '\n' || !c.is_control() && !('\u{200b}'..='\u{202e}').contains(&c) {
                c.to_string()
            } else {
                c.escape_unicode().to_string()
            }
        })
        .collect()
}

fn account_of_table(
    out: &mut String,
    tables: &Tables,
    id: TableId,
    table: &crate::table::Table,
    sources: &Sources,
) {
    let schema = &tables.schemas[id.index()];
    if id == ES003 {
        let part = &table.parts[0];
        writeln!(
            out,
            "header in line {}, {} above; {:?}, delimiter {:?}; {} records, {} without entry number",
            part.header.line,
            part.preamble_rows,
            part.encoding,
            char::from(part.form.delimiter_within()),
            part.records,
            part.unkeyed_rows
        )
        .unwrap();
    }
    let cells = |row: usize| {
        schema.columns.iter().enumerate().filter_map(move |(column, declared)| {
            let cell = table.columns[column].cell(row)?;
            Some((CellRef { table: id, row: row as u32, column: column as u16 }, declared, cell))
        })
    };
    for row in 0..table.rows.len() {
        if id == FILE {
            let facts: Vec<_> =
                cells(row).map(|(_, fact, cell)| format!("{} {:?}", fact.name, cell.text().raw())).collect();
            writeln!(out, "file: {}", facts.join(", ")).unwrap();
            continue;
        }
        for (cell_ref, declared, cell) in cells(row) {
            let place = tables.place(cell_ref, sources);
            let lead = if cell_ref.column == 0 { "" } else { "  " };
            let text = match declared.kind {
                // Importer numbers are shown as reports show them.
                Type::ImporterNumber => {
                    format!("{:?}", tables.excerpt(&[cell_ref], sources).cells.last().unwrap().text.raw())
                }
                _ => format!("{:?}", cell.text().raw()),
            };
            let reading = match (&cell.reading, declared.kind) {
                (CellReading::Value(_), Type::Text | Type::Choice | Type::Integer) => String::new(),
                (CellReading::Value(value), _) => format!(" = {value:?}"),
                (reading, _) => format!(" = {reading:?}"),
            };
            let (start, end) = (place.span.start(), place.span.end());
            writeln!(
                out,
                "{lead}{}:{} [{start}..{end}] {} {text}{reading}",
                place.line, place.column, declared.name
            )
            .unwrap();
        }
    }
}

fn compare(folder: &str, read: impl Fn(&str, Vec<u8>, &mut Sources) -> Result<Tables, Vec<Diagnostic>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "expected"));
    paths.sort();
    assert!(paths.len() > 20, "the files are there");
    let mut different = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut sources = Sources::default();
        let outcome = read(name, fs::read(&path).unwrap(), &mut sources);
        let account = account(outcome, &sources);
        let expected = folder.join(format!("{name}.expected"));
        different.extend(
            snapshot::compare_file(expected, &account).err().map(|difference| difference.to_string()),
        );
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn declarations_are_read_as_expected() {
    compare("declarations", |name, bytes, sources| read_declaration(name, &bytes, sources));
}

#[test]
fn reference_tables_are_read_as_expected() {
    compare("es003", |name, bytes, sources| read_es003(name, Input::from(bytes), sources));
}

#[test]
fn every_account_has_its_file() {
    for folder in ["declarations", "es003"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(
                path.extension().is_none_or(|extension| extension != "expected")
                    || path.with_extension("").exists(),
                "{path:?}"
            );
        }
    }
}

fn codes(outcome: Result<Tables, Vec<Diagnostic>>) -> Vec<&'static str> {
    outcome.err().unwrap_or_default().iter().map(|error| error.code.name()).collect()
}

#[test]
fn paths_that_are_not_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| Origin::Path(folder.path().join(name)).into();
    let read = |name: &str| codes(read_es003(name, path(name), &mut Sources::default()));
    assert_eq!(read("missing.csv"), ["no-such-file"]);
    assert_eq!(read(""), ["is-a-directory"]);
    fs::write(folder.path().join("es003.csv"), "").unwrap();
    assert_eq!(read("es003.csv"), ["empty-file"]);
}

/// A reader that gets nothing must not wait for ever, and a pipe cannot be read twice.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_once_from_beginning_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("no mkfifo here");
        return;
    }
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            let mut pipe = fs::OpenOptions::new().write(true).open(path).unwrap();
            writeln!(pipe, "Entry Summary Number,Note").unwrap();
            for number in 0..50_000 {
                writeln!(pipe, "{},{number}", DECLARED[number % 2]).unwrap();
            }
        }
    });
    let tables = read_es003("pipe", Origin::Path(path).into(), &mut Sources::default()).unwrap();
    writer.join().unwrap();
    let table = tables.get(ES003).unwrap();
    assert_eq!(table.rows.len(), 50_000);
    assert_eq!(table.rows[1].line, 4);
}

#[test]
fn ten_thousand_columns_are_read() {
    let mut text = "Note,".to_owned();
    text.extend((1..9_999).map(|n| format!("c{n},")));
    text.push_str("Entry Summary Number\r\n");
    for number in DECLARED {
        text += &(",".repeat(9_999) + number + "\r\n");
    }
    let mut sources = Sources::default();
    let tables = read_es003("wide.csv", Input::from(text.into_bytes()), &mut sources).unwrap();
    let place = tables.place(CellRef { table: ES003, row: 1, column: 0 }, &sources);
    assert_eq!((place.line, place.column), (3, 10_000));
}

/// A gigabyte without a line end, but not a gigabyte of memory. (Most of the file is a hole.)
#[test]
fn a_row_of_a_gigabyte_is_refused_at_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let read = |opening: &str| {
        let mut file = fs::File::create(&path).unwrap();
        write!(file, "Entry Summary Number,Note\r\n{},{opening}{}", DECLARED[0], "x".repeat(1 << 17))
            .unwrap();
        file.set_len(1 << 30).unwrap();
        let errors =
            read_es003("long.csv", Origin::Path(path.clone()).into(), &mut Sources::default()).unwrap_err();
        let place = errors[0].labels[0].place;
        (errors[0].code.name(), place.line, place.column)
    };
    assert_eq!(read("\""), ("unterminated-quote", 2, 13));
    assert_eq!(read(""), ("record-too-long", 2, 1));
}

#[test]
fn a_big_file_given_as_a_declaration_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("es003.csv");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = disk::read_whole(&path, 64 << 20).unwrap_err();
    assert_eq!(error.code.name(), "file-too-big");
}

/// All of a declaration is kept, so what is not a declaration is refused before it takes memory.
#[test]
fn a_declaration_that_no_sheet_could_hold_is_refused_with_its_place() {
    let number = DECLARED[0];
    let row = |line_end: &str| format!("{number}{line_end}");
    let refused = |text: String| {
        let mut sources = Sources::default();
        let errors = read_declaration("d.csv", text.as_bytes(), &mut sources).err()?;
        let place = errors[0].labels[0].place;
        Some((errors[0].code.name(), errors[0].message.raw().to_owned(), place.line))
    };
    let file_too_big = |what: &str, line| Some(("file-too-big", format!("`d.csv` has {what}"), line));
    let rows = |count: usize, line_end: &str| format!("Entry Number{line_end}{}", line_end.repeat(count));
    for line_end in ["\n", "\r", "\r\n"] {
        let too_many = file_too_big("more than 1,048,576 rows", (1 << 20) + 1);
        assert_eq!(refused(rows(1 << 20, line_end)), too_many, "{line_end:?}");
    }
    let columns =
        |count: usize| format!("Entry Number\n\"{number}\"{}\n{}", ",".repeat(count - 1), row("\n"));
    assert_eq!(refused(columns(16_384)), None);
    assert_eq!(refused(columns(16_385)), file_too_big("a row of more than 16,384 columns", 2));
    let long = |length: usize| format!("Entry Number\n{}{}\n", row("\n"), "x".repeat(length));
    assert_eq!(refused(long((4 << 20) + 1)), file_too_big("a row of more than 4 MiB", 3));
    let quote = format!("Entry Number\n\"{}", row("\n").repeat(400_000));
    assert_eq!(refused(quote), file_too_big("a row of more than 4 MiB", 2));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("es003.csv");
    let row = format!("{},x\n", DECLARED[0]);
    fs::write(&path, format!("Entry Summary Number,Note\n{}", row.repeat(400_000))).unwrap();
    let schemas = schemas();
    // The first report of progress comes when the first chunk was read.
    let shrink = |_, _| fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100).unwrap();
    let mut entries = Entries::default();
    entries.insert(EntryNumber::parse(DECLARED[0]).unwrap());
    let request = Request { progress: &shrink, ..Request::new(ES003, &schemas) };
    let inputs = [("es003.csv".to_owned(), Origin::Path(path.clone()).into())];
    let errors = read_table(&request, &inputs, &mut Sources::default(), &mut entries).unwrap_err();
    assert_eq!(errors[0].code.name(), "file-changed");
}

#[test]
fn all_files_are_looked_at_before_the_run_ends() {
    let schemas = schemas();
    let request = Request::new(ES003, &schemas);
    let bytes = |text: &str| Input::from(text.as_bytes());
    let inputs = [("a.csv".to_owned(), bytes("")), ("b.csv".to_owned(), bytes("x,y\n1,2\n"))];
    let errors = read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default()).unwrap_err();
    let codes: Vec<_> = errors.iter().map(|error| error.code.name()).collect();
    assert_eq!(codes, ["empty-file", "no-key-column"]);
}
