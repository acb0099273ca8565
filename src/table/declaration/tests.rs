//! Declarations as files have them, read to facts and cells.

use super::*;
use crate::table::fact::fact;
use crate::table::schema::{Column, Type};
use crate::table::value::{CellReading, Value};
use crate::table::{CellRef, Tables};

/// The schema of declarations, as `tables/declaration.yaml` has it but shorter.
fn row_schema() -> Schema {
    let column = |name: &str, kind: Type, headers: &[&str]| Column {
        headers: headers.iter().map(|&header| header.to_owned()).collect(),
        ..fact(name, kind)
    };
    let mut columns = vec![
        column("entry", Type::EntryNumber, &["Entry Number", "Entry No."]),
        column("importer_number", Type::ImporterNumber, &["IOR Number"]),
        column("note", Type::Text, &["Notes"]),
    ];
    columns.extend(row_facts());
    Schema { name: "row".into(), key: Some(0), columns: columns.into(), ..file_schema() }
}

struct ReadRecords {
    tables: Tables,
    sources: Sources,
    entries: Entries,
}

fn try_read(name: &str, bytes: &[u8]) -> Result<ReadRecords, Diagnostic> {
    let schemas = vec![Arc::new(file_schema()), Arc::new(row_schema())];
    let (mut sources, mut entries) = (Sources::default(), Entries::default());
    let mut declarations = Declarations::new(&schemas);
    declarations.read(name, bytes, &mut sources, &mut entries)?;
    let (files, rows) = declarations.finish();
    Ok(ReadRecords { tables: Tables { schemas, tables: vec![Some(files), Some(rows)] }, sources, entries })
}

fn read(text: &str) -> ReadRecords {
    try_read("march.csv", text.as_bytes()).unwrap()
}

impl ReadRecords {
    fn table(&self, name: &str) -> (crate::table::TableId, &Table, usize) {
        let (table, column) = name.split_once('.').unwrap();
        let id = self.tables.id(table).unwrap();
        (id, self.tables.get(id).unwrap(), self.tables.schemas[id.index()].column(column).unwrap())
    }

    /// The text of a column's cells, `-` where the file does not have the column.
    fn texts(&self, name: &str) -> Vec<&str> {
        let (_, table, column) = self.table(name);
        (0..table.rows.len())
            .map(|row| table.columns[column].cell(row).map_or("-", |cell| cell.text().raw()))
            .collect()
    }

    fn place(&self, name: &str, row: u32) -> Place {
        let (table, _, column) = self.table(name);
        self.tables.place(CellRef { table, row, column: column as u16 }, &self.sources)
    }

    /// Line, column and the text there.
    fn at(&self, name: &str, row: u32) -> (u32, u32, &str) {
        let place = self.place(name, row);
        let text = self.sources.text(place.file).unwrap();
        let range = place.span.start() as usize - text.skipped..place.span.end() as usize - text.skipped;
        assert_eq!(text.place(place.file, range.clone()), place, "{name} {row}");
        (place.line, place.column, &text.text[range])
    }
}

#[test]
fn columns_that_are_not_read_are_named() {
    let unread = |text: &str| read(text).texts("file.unread_columns")[0].to_owned();
    assert_eq!(unread("Entry Number\nABC12345676\n"), "");
    assert_eq!(unread("ABC12345676\n"), "");
    assert_eq!(unread("Entry,PSC Reqd,Importer Number,,987-65-4321\nABC12345676,Y,,x,\n"), {
        "`PSC Reqd`, `Importer Number`, `***-**-4321`"
    });
    let wide: String = (0..40).map(|at| format!(",\"column {at}\n{}\"", "x".repeat(99))).collect();
    let named = unread(&format!("Entry{wide}\nABC12345676\n"));
    assert!(named.starts_with("`column 0 xxx") && named.ends_with("` and 36 more"), "{named}");
    assert!(named.len() < 200, "{named}");
}

#[test]
fn the_bare_upload_file() {
    let read = read("Entry Number\r\n00261103162\r\n002-6111115-7\r\n");
    assert_eq!(read.texts("row.entry"), ["00261103162", "002-6111115-7"]);
    assert_eq!(read.texts("row.entry_form"), ["plain", "dashes"]);
    assert_eq!(read.texts("row.problem"), ["none", "none"]);
    assert_eq!(read.texts("row.importer_number"), ["-", "-"]);
    assert_eq!(read.at("row.entry", 1), (3, 1, "002-6111115-7"));
    assert_eq!(read.entries.len(), 2);
    for (fact, text) in [
        ("entries", "2"),
        ("columns", "1"),
        ("header", "Entry Number"),
        ("header_form", "plain"),
        ("header_line", "1"),
        ("bytes", "42"),
        ("extension", "csv"),
        ("encoding", "ascii"),
        ("byte_order_mark", "no"),
        ("line_ends", "crlf"),
        ("delimiter", "comma"),
        ("blank_rows", "0"),
        ("header_again", ""),
        ("quoted", "no"),
    ] {
        let name = format!("file.{fact}");
        assert_eq!(read.texts(&name), [text], "{fact}");
        let (_, table, column) = read.table(&name);
        let is_read = table.columns[column].dictionary[0].is_read();
        assert!(
            is_read
                && (text.is_empty() || table.columns[column].dictionary[0].reading != CellReading::Nothing),
            "{fact}"
        );
        assert_eq!(read.at(&name, 0), (1, 1, "Entry Number"));
    }
}

#[test]
fn the_same_places_under_crlf_lf_cr_bom_and_quoted_line_breaks() {
    for end in ["\r\n", "\n", "\r"] {
        for mark in ["", "\u{feff}"] {
            let text = [
                mark,
                "Notes,Entry Number",
                end,
                end,
                "\"two",
                end,
                "lines\",00261103162",
                end,
                "\u{e4}\u{1f600},\"002-6111115-7\"",
                end,
            ]
            .concat();
            let read = read(&text);
            assert_eq!(read.texts("row.entry_form"), ["blank", "plain", "dashes"]);
            assert_eq!(read.at("row.entry", 1), (4, 8, "00261103162"));
            assert_eq!(read.at("row.note", 1).0, 3);
            assert_eq!(read.at("row.entry", 2), (5, 4, "\"002-6111115-7\""));
            assert_eq!(read.at("row.entry_form", 0), (2, 1, ""));
            assert_eq!(read.texts("file.blank_rows"), ["1"]);
            assert_eq!(read.texts("file.quoted"), ["yes"]);
            assert_eq!(read.texts("file.byte_order_mark"), [if mark.is_empty() { "no" } else { "yes" }]);
        }
    }
}

#[test]
fn damage_is_found_at_its_place() {
    let read = read(concat!(
        "Entry Number,Notes\n",
        "00261103162,a,b\n",
        "00261103162\n",
        "00261103162,\"a\"b\n",
        "00261103162,a\0b\n",
        "00261103162,\u{fffd}\n",
        "00261103162,fine\n",
        "00261103162,\"swallows\n00261111157,the next\"\n",
        "00261103162,\"never closed\n00261111157,x\n",
    ));
    assert_eq!(
        read.texts("row.problem"),
        [
            "ragged",
            "ragged",
            "text_after_quote",
            "nul",
            "bad_encoding",
            "none",
            "unterminated_quote",
            "unterminated_quote"
        ]
    );
    let at = |row| {
        let (line, column, _) = read.at("row.problem", row);
        (line, column)
    };
    assert_eq!([at(0), at(1), at(2), at(3), at(4)], [(2, 15), (3, 1), (4, 16), (5, 14), (6, 13)]);
    assert_eq!([at(6), at(7)], [(8, 13), (10, 13)]);
    assert_eq!(read.texts("row.fields"), ["3", "1", "2", "2", "2", "2", "2", "2"]);
    assert_eq!(read.at("row.fields", 0), (2, 15, "b"));
}

#[test]
fn a_header_below_a_preamble_or_under_another_delimiter_is_found() {
    let read = read("Planned declaration\n\nNotes;IOR Number;entry_number\nx;987-65-4321;00261103162\n");
    assert_eq!(read.texts("row.entry"), ["00261103162"]);
    assert_eq!(read.at("row.importer_number", 0), (4, 3, "987-65-4321"));
    assert_eq!(read.texts("file.delimiter"), ["semicolon"]);
    assert_eq!(read.texts("file.header"), ["Planned declaration"]);
    assert_eq!(read.texts("file.header_line"), ["3"]);
    assert_eq!(read.tables.get(ROW).unwrap().parts[0].preamble_rows, 1);
    let excerpt = read.tables.excerpt(&[CellRef { table: ROW, row: 0, column: 1 }], &read.sources);
    let cells: Vec<_> =
        excerpt.cells.iter().map(|cell| (cell.header.raw(), cell.text.raw(), cell.gap_before)).collect();
    assert_eq!(cells, [("entry_number", "00261103162", true), ("IOR Number", "***-**-4321", true)]);
    assert_eq!((excerpt.header_line, excerpt.line), (3, 4));
}

#[test]
fn what_stands_around_the_header_is_a_fact() {
    for (header, form) in [
        ("Entry Number ", "spaces"),
        ("\u{a0}Entry Number", "spaces"),
        ("=\"Entry Number\"", "text_guard"),
        ("\"Entry Number\"", "plain"),
    ] {
        let read = read(&format!("{header}\n00261103162\n"));
        assert_eq!(read.texts("file.header_form"), [form], "{header}");
        assert_eq!(read.texts("file.header"), ["Entry Number"], "{header}");
    }
}

#[test]
fn a_missing_or_misspelled_header_is_a_fact_not_an_error() {
    let bare = read("00261103162\n00261111157\n");
    assert_eq!(bare.texts("row.entry"), ["00261103162", "00261111157"]);
    assert_eq!((bare.texts("file.header"), bare.texts("file.header_line")), (vec!["00261103162"], vec!["0"]));
    for damaged in [
        "00261103163",
        "2.61103E+08",
        "26110",
        "ABC1234567",
        "ABC12345676x",
        "\"ABC12345676\"x",
        "0026111O829",
        "no. 611",
    ] {
        let bare = read(&format!("{damaged}\n00261103162\n"));
        assert_eq!(bare.texts("row.entry"), [damaged.replace('"', "").as_str(), "00261103162"]);
        assert_eq!(bare.texts("file.header_line"), ["0"]);
    }
    let damaged_first = read("Entrie Numbr\nABC1234567\n\n00261103162\n");
    assert_eq!(damaged_first.texts("row.entry"), ["ABC1234567", "", "00261103162"]);
    assert_eq!(damaged_first.texts("file.header_line"), ["1"]);
    let misspelled = read("Note,Entrie Numbr\na,00261103162\n");
    assert_eq!(misspelled.texts("row.entry"), ["00261103162"]);
    assert_eq!(
        (misspelled.texts("file.header"), misspelled.texts("file.header_line")),
        (vec!["Note"], vec!["1"])
    );
    let only_header = read("Entry Number\n");
    assert_eq!(only_header.texts("file.entries"), ["0"]);
    let (_, table, column) = only_header.table("file.entries");
    assert_eq!(table.columns[column].dictionary[0].reading, CellReading::Value(Value::Integer(0)));
}

#[test]
fn the_repeated_header_is_not_a_row() {
    let read =
        read("Entry No.,Notes\n00261103162,a\nEntry Number,\n\nentry no,Notes\n00261111157,b\nEntries,c\n");
    assert_eq!(read.texts("row.entry"), ["00261103162", "", "00261111157", "Entries"]);
    assert_eq!(read.texts("file.header_again"), ["3, 5"]);
    assert_eq!(read.tables.get(ROW).unwrap().parts[0].repeated_headers, 2);
}

#[test]
fn a_file_without_entry_numbers_is_one_clear_error() {
    let code = |name, bytes: &[u8]| try_read(name, bytes).err().map(|error| error.code.name());
    assert_eq!(code("a.csv", b"Name,Amount\nx,1\n"), Some("no-key-column"));
    assert_eq!(code("a.csv", b"\n\n"), Some("no-key-column"));
    assert_eq!(code("a.csv", b""), Some("empty-file"));
    assert_eq!(code("a.csv", b"PK\x03\x04abc"), Some("not-a-table"));
    assert_eq!(code("a.xlsx", b"Entry Number\n"), Some("not-a-table"));
    assert_eq!(code("a.csv", b"Entry Number,Entry Number\n1,2\n"), Some("duplicate-column"));
    let error = try_read("a.csv", b"Entry Numbr,Amount\nx,1\n").err().unwrap();
    assert!(error.help.iter().any(|help| help.raw().contains("`Entry Numbr`")), "{error:?}");
}

#[test]
fn utf16_and_windows_1252_are_read_and_reported() {
    let utf16: Vec<u8> =
        "\u{feff}Entry Number\r\n00261103162\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = try_read("a.csv", &utf16).unwrap();
    assert_eq!(wide.texts("row.entry"), ["00261103162"]);
    assert_eq!(
        (wide.texts("file.encoding"), wide.texts("file.byte_order_mark")),
        (vec!["utf-16"], vec!["yes"])
    );
    assert_eq!(wide.at("row.entry", 0), (2, 1, "00261103162"));
    let ansi = try_read("a.csv", b"Notes,Entry Number\r\nM\xfcller,00261103162\r\n").unwrap();
    assert_eq!(ansi.texts("file.encoding"), ["windows-1252"]);
    assert_eq!(ansi.at("row.entry", 0), (2, 8, "00261103162"));
    assert_eq!(ansi.texts("row.note"), ["M\u{fc}ller"]);
}

#[test]
fn several_declarations_go_into_one_table() {
    let schemas = vec![Arc::new(file_schema()), Arc::new(row_schema())];
    let (mut sources, mut entries) = (Sources::default(), Entries::default());
    let mut declarations = Declarations::new(&schemas);
    for (name, text) in
        [("a.csv", "Entry Number\n00261103162\n"), ("b.csv", "Notes,Entry Number\nx,00261103162\n")]
    {
        declarations.read(name, text.as_bytes(), &mut sources, &mut entries).unwrap();
    }
    let (files, rows) = declarations.finish();
    assert_eq!((files.rows.len(), rows.rows.len(), entries.len()), (2, 2, 1));
    assert_eq!(rows.columns[2].cell(0), None);
    assert_eq!(rows.columns[2].cell(1).unwrap().text().raw(), "x");
    assert_eq!(rows.rows[1].part, 1);
}
