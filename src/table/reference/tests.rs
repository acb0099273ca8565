use super::*;
use crate::entry;
use crate::table::csv;
use crate::table::schema::{Column, Type};
use crate::table::{CellRef, Tables};
use proptest::prelude::*;

const FIRST: &str = "00261103162";
const SECOND: &str = "00261111157";
const OTHER: &str = "00261112239";

fn schema() -> Schema {
    let column = |name: &str, kind: Type, header: &str| Column {
        headers: vec![header.into()],
        ..Column::new(name, kind)
    };
    Schema {
        title: "ES-003 Entry Summary Line Tariff Details".into(),
        key: Some(0),
        sheet: Some("Main Report".into()),
        columns: vec![
            column("entry", Type::EntryNumber, "Entry Summary Number"),
            column("duty", Type::Money, "Line Tariff Duty Amount"),
            column("note", Type::Text, "Note"),
            column("importer", Type::ImporterNumber, "Importer Number"),
        ]
        .into(),
        ..Schema::new("es003")
    }
}

const ES003: TableId = TableId(2);

fn schemas() -> Vec<Arc<Schema>> {
    let row = Schema { name: "row".into(), ..schema() };
    vec![Arc::new(declaration::file_schema()), Arc::new(row), Arc::new(schema())]
}

struct ReadExport {
    tables: Tables,
    sources: Sources,
}

impl ReadExport {
    fn table(&self) -> &Table {
        self.tables.tables[2].as_ref().unwrap()
    }
}

fn declared() -> Entries {
    let mut entries = Entries::default();
    for number in [SECOND, FIRST] {
        entries.insert(EntryNumber::parse(number).unwrap());
    }
    entries
}

fn read_input(name: &str, input: Input, chunks: Chunks, keep: Keep) -> Result<ReadExport, Vec<Diagnostic>> {
    let schemas = schemas();
    let request = Request {
        corrections: Some(&HashSet::from_iter([EntryNumber::parse(OTHER).unwrap()])),
        keep,
        chunks,
        ..Request::new(ES003, &schemas)
    };
    let mut sources = Sources::default();
    let table = read_table(&request, &[(name.into(), input)], &mut sources, &mut declared())?;
    Ok(ReadExport { tables: Tables { schemas, tables: vec![None, None, Some(table)] }, sources })
}

fn read(text: impl AsRef<[u8]>) -> Result<ReadExport, Diagnostic> {
    let bytes = Input::from(text.as_ref());
    read_input("es003.csv", bytes, Chunks::default(), Keep::Declared).map_err(|mut errors| errors.remove(0))
}

/// What matters of a table, to be compared.
fn digest(table: &Table) -> String {
    let rows: Vec<_> = (table.rows.iter())
        .map(|row| {
            let text = String::from_utf8_lossy(table.record(row).bytes()).into_owned();
            (row.line, row.start, text, row.entry)
        })
        .collect();
    let part = &table.parts[0];
    format!(
        "{rows:?} {} {} {:?} {:?}",
        part.records, part.unkeyed_rows, part.encoding, table.corrections_found
    )
}

/// By one scan from beginning to end, without any of the shortcuts.
fn expected(text: &[u8], delimiter: u8, header_end: usize) -> Vec<(u64, u64, Vec<u8>)> {
    let wanted = declared();
    let mut rows = Vec::new();
    let (mut at, mut line) = (header_end, 2);
    while at < text.len() {
        let blank = csv::line_end_length(text, at);
        if blank > 0 {
            (at, line) = (at + blank, line + 1);
            continue;
        }
        let record = csv::record_end(text, at, delimiter, true).unwrap();
        let raw = &text[at..record.end];
        let key = csv::fields(raw, delimiter).next().unwrap().value(raw).into_owned();
        if entry::read(&encoding::decode(&key)).number.is_some_and(|number| wanted.get(&number).is_some()) {
            rows.push((line, at as u64, raw.to_vec()));
        }
        (at, line) = (record.next, line + record.breaks + 1);
    }
    rows
}

fn rows_text() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        4 => Just(FIRST.to_owned()),
        2 => Just(format!("=\"{SECOND}\"")),
        2 => Just(format!("\"{SECOND}\"")),
        4 => Just(OTHER.to_owned()),
        1 => Just("Total".to_owned()),
        1 => Just("261103162".to_owned()),
        1 => Just(String::new()),
    ];
    let note = prop_oneof![
        6 => "[a-z]{0,12}",
        1 => Just("\"two\nlines\"".to_owned()),
        1 => Just("\"a \"\"b\"\"\r\n, c\"".to_owned()),
        1 => Just("3\" pipe".to_owned()),
        1 => Just("\"\r\r\"".to_owned()),
        1 => Just("\"x\"y".to_owned()),
        1 => Just("\u{e4}\u{1f600}".to_owned()),
    ];
    let end = prop_oneof![
        6 => Just("\r\n"),
        3 => Just("\n"),
        1 => Just("\r"),
        1 => Just("\n\r\n"),
    ];
    let row = (key, note, end).prop_map(|(key, note, end)| format!("{key},1.00,{note}{end}"));
    proptest::collection::vec(row, 0..30).prop_map(|rows| rows.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::thorough::cases(600)))]
    #[test]
    fn chunks_of_any_size_give_what_one_scan_gives(
        rows in rows_text(), size in 1usize..90, window in 1usize..50, beyond in 0usize..20, cut in 0usize..3
    ) {
        let header = "Entry Summary Number,Line Tariff Duty Amount,Note\r\n";
        let mut text = format!("{header}{rows}");
        // Sometimes the last line has no end.
        for _ in 0..cut.min(rows.chars().count()) {
            text.pop();
        }
        let bytes = text.as_bytes();
        let input = || Input::from(bytes);
        let whole = read_input("a.csv", input(), Chunks::default(), Keep::Declared);
        let cut = read_input("a.csv", input(), Chunks { size, window, beyond }, Keep::Declared);
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => {
                prop_assert_eq!(digest(whole.table()), digest(cut.table()));
                let mut found: Vec<_> = (whole.table().rows.iter())
                    .filter(|row| !row.doubtful)
                    .map(|row| (u64::from(row.line), row.start, whole.table().record(row).bytes().to_vec()))
                    .collect();
                found.sort();
                prop_assert_eq!(found, expected(bytes, b',', header.len()));
                // Every cell's bytes are at its place.
                for row in 0..whole.table().rows.len() as u32 {
                    if whole.table().rows[row as usize].doubtful {
                        continue;
                    }
                    let cell = CellRef { table: ES003, row, column: 0 };
                    let place = whole.tables.place(cell, &whole.sources);
                    let written = std::str::from_utf8(&bytes[place.span.range()]).unwrap();
                    let value = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written);
                    prop_assert!(EntryNumber::parse(value).is_some(), "{}", written);
                }
            }
            (Err(whole), Err(cut)) => prop_assert_eq!(whole, cut),
            (whole, cut) => prop_assert!(false, "{:?} {:?}", whole.err(), cut.err()),
        }
    }

    #[test]
    fn a_stream_gives_what_a_file_gives(rows in rows_text(), size in 1usize..90, window in 1usize..50) {
        let text = format!("Entry Summary Number,Line Tariff Duty Amount,Note\n{rows}");
        let schemas = schemas();
        let request = Request {
            chunks: Chunks { size, window, beyond: 0 },
            ..Request::new(ES003, &schemas)
        };
        let schema = &*schemas[2];
        let (mut streamed, mut chunked) = (Table::default(), Table::default());
        let reading =
            FileReading { request: &request, schema, name: "a.csv", file: FileId(0), done: 0, total: 0 };
        let mut sources = Sources::default();
        let stream = Opened::Stream(Box::new(Cursor::new(text.clone().into_bytes())));
        let one = reading.read(stream, &mut streamed, &mut sources, &mut declared(), &mut None);
        let file = Input::from(text.as_bytes()).open("a.csv").unwrap();
        let other = reading.read(file, &mut chunked, &mut sources, &mut declared(), &mut None);
        prop_assert_eq!(one.as_ref().err(), other.as_ref().err());
        if one.is_ok() {
            prop_assert_eq!(digest(&streamed), digest(&chunked));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_alike_in_chunks(
        bytes in proptest::collection::vec(prop_oneof![
            any::<u8>(), Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a')
        ], 0..120),
        size in 1usize..40,
        window in 1usize..30,
    ) {
        let text = [b"Entry Summary Number,Note\n", bytes.as_slice()].concat();
        let read = |chunks| {
            let read = read_input("a.csv", Input::from(text.as_slice()), chunks, Keep::All);
            read.map(|read| digest(read.table()))
        };
        prop_assert_eq!(read(Chunks::default()), read(Chunks { size, window, beyond: 1 }));
    }
}

#[test]
fn rows_of_declared_entries_are_kept_and_others_counted() {
    let text = format!(
        "ES-003 report\r\nRun 11/22/2026\r\n\r\nNote,Entry Summary Number,Importer Number,Line Tariff Duty Amount\r\n\
         a,{FIRST},987-65-4321,1.00\r\nb,{OTHER},,2.00\r\nc,=\"{SECOND}\",12-3456789,\"$1,003.00\"\r\n\r\n\
         ,Total,,1006.00\r\n,,,\r\nSum,,,5.00\r\nd,{FIRST},,4.00\r\n"
    );
    let read = read(&text).unwrap();
    let table = read.table();
    let part = &table.parts[0];
    assert_eq!((part.header.line, part.preamble_rows, part.records, part.unkeyed_rows), (4, 2, 7, 2));
    assert_eq!((part.form, part.encoding), (RecordForm::Text { delimiter: b',' }, Encoding::Ascii));
    assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [7, 5, 12]);
    assert_eq!(table.entry_rows, [0, 1, 3]);
    assert_eq!(table.corrections_found.len(), 1);
    let excerpt = read.tables.excerpt(
        &[CellRef { table: ES003, row: 1, column: 1 }, CellRef { table: ES003, row: 1, column: 3 }],
        &read.sources,
    );
    let cells: Vec<_> = (excerpt.cells.iter())
        .map(|cell| (cell.header.raw(), cell.text.raw(), cell.gap_before, cell.place.column))
        .collect();
    assert_eq!(
        cells,
        [
            ("Entry Summary Number", FIRST, true, 3),
            ("Importer Number", "***-**-4321", false, 15),
            ("Line Tariff Duty Amount", "1.00", false, 27),
        ]
    );
    let place = read.tables.place(CellRef { table: ES003, row: 0, column: 1 }, &read.sources);
    assert_eq!((place.line, &text[place.span.range()]), (7, "\"$1,003.00\""));
}

#[test]
fn keeping_all_takes_in_every_entry() {
    let text = format!("Entry Summary Number,Note\n{OTHER},x\n{FIRST},y\nTotal,z\n");
    let input = Input::from(text.as_bytes());
    let read = read_input("a.csv", input, Chunks::default(), Keep::All).unwrap();
    assert_eq!(read.table().rows.len(), 2);
    assert_eq!(read.table().entry_rows, [0, 0, 1, 2]);
}

#[test]
fn a_list_without_any_readable_number_is_an_error() {
    let code = |rows: &str| {
        let text = format!("Title\r\nNote,Entry Summary Number\r\n{rows}");
        read(text)
            .err()
            .map(|error| (error.code.name(), error.labels[0].place.line, error.labels[0].place.column))
    };
    // The filer code in a column of its own, a wrong check digit, more digits than a number has.
    for number in ["76543216", "00261103163", "002611031620"] {
        let rows = format!("a,\r\nb,{number}\r\nc,{number}\r\n");
        assert_eq!(code(&rows), Some(("no-entry-numbers", 4, 3)), "{number}");
        assert_eq!(code(&format!("{rows}d,{FIRST}\r\n")), None, "{number}");
        assert_eq!(code(&format!("d,{OTHER}\r\n{rows}")), None, "{number}");
    }
    for rows in ["a,\r\n", "a,none\r\n,Total\r\n", "a,12 rows\r\n"] {
        assert_eq!(code(rows), None, "{rows}");
    }
    assert_eq!(code(""), Some(("empty-table", 2, 1)));
}

#[test]
fn a_wrong_table_is_one_clear_error() {
    let error = |text: &str| read(text).err().unwrap();
    let claim = error("ENTRY_NUMBER,CLAIM_NUMBER,STATUS\n1,2,Failed\n");
    assert_eq!(claim.code.name(), "no-key-column");
    assert!(claim.message.raw().contains("Entry Summary Number"), "{claim:?}");
    assert!(claim.help.iter().any(|help| help.raw().contains("`CLAIM_NUMBER`")), "{claim:?}");
    let typo = error("Entry Sumary Number,Note\n1,2\n");
    assert!(typo.help.iter().any(|help| help.raw().contains("to `Entry Summary Number` if")), "{typo:?}");
    assert_eq!(error("Entry Summary Number,Note,Note\n").code, "duplicate-column");
    assert_eq!(error("").code, "empty-file");
}

#[test]
fn a_quote_that_encloses_rows_is_located() {
    let header = "Entry Summary Number,Note\n";
    for (rows, code, line, column) in [
        (format!("{FIRST},a\n{SECOND},\"b\n{OTHER},c\n"), Some("unterminated-quote"), 3, 13),
        (format!("{FIRST},\"b\n{SECOND},c\n{OTHER},\"d\n"), Some("unterminated-quote"), 2, 13),
        (format!("{FIRST},\"b\nnothing\",\n"), None, 0, 0),
        // All cells in quotes: the next row's first quote closes the open one.
        (format!("\"{FIRST}\",\"b\n\"{SECOND}\",\"c\"\n"), Some("unterminated-quote"), 2, 15),
        (
            format!("\"{FIRST}\",\"a\"\n\"{OTHER}\",\"b\r\n\"{SECOND}\",\"c\"\r\n"),
            Some("unterminated-quote"),
            3,
            15,
        ),
        (format!("{FIRST},3\" pipe\n{SECOND},4\" pipe\n"), None, 0, 0),
    ] {
        let text = format!("{header}{rows}");
        for size in [5, 1000] {
            let input = Input::from(text.as_bytes());
            let error =
                read_input("a.csv", input, Chunks { size, window: 4, beyond: 3 }, Keep::Declared).err();
            assert_eq!(error.as_ref().map(|errors| errors[0].code.name()), code, "{text}");
            if let Some(errors) = error {
                let place = errors[0].labels[0].place;
                assert_eq!((place.line, place.column), (line, column), "{text}");
                assert_eq!(&text[place.span.range()], "\"");
            }
        }
    }
}

#[test]
fn a_last_row_that_is_cut_off_is_an_error() {
    let header = "Entry Summary Number,Line Tariff Duty Amount,Note\r\n";
    let code = |last: &str| {
        let text = format!("{header}{FIRST},1.00,a\r\n{last}");
        read(text).err().map(|error| (error.code.name(), error.labels[0].place.line))
    };
    for last in ["00261111157,1.0", "00261111157", "0026111", "00261111157,\"a\""] {
        assert_eq!(code(last), Some(("cut-off", 3)), "{last}");
    }
    for last in ["", "00261111157,1.00,", "00261111157,1.00\r\n", "Total", "2 rows", " ", "\u{1a}"] {
        assert_eq!(code(last), None, "{last}");
    }
}

#[test]
fn an_endless_row_ends_the_reading_not_the_memory() {
    let header = "Entry Summary Number,Note\n";
    let long = format!("{header}{FIRST},{}", "x".repeat(MAX_RECORD + 10));
    let error = read(&long).err().unwrap();
    assert_eq!((error.code.name(), error.labels[0].place.line), ("record-too-long", 2));
    let quoted = format!("{header}{FIRST},a\n{FIRST},\"{}\n", "x\n".repeat(MAX_RECORD / 2 + 10));
    let error = read(&quoted).err().unwrap();
    let place = error.labels[0].place;
    assert_eq!((error.code.name(), place.line, place.column), ("unterminated-quote", 3, 13));
}

#[test]
fn utf16_windows_1252_and_semicolons_are_read() {
    let text = format!("\u{feff}Entry Summary Number;Note\r\n{FIRST};\u{e4}\r\n{OTHER};b\r\n");
    for big_endian in [false, true] {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect();
        let read = read(bytes).unwrap();
        assert_eq!(
            (read.table().parts[0].encoding, read.table().parts[0].form.delimiter_within()),
            (Encoding::Utf16, b';')
        );
        assert_eq!(read.table().columns[2].cell(0).unwrap().text().raw(), "\u{e4}");
    }
    let bytes = [b"Entry Summary Number,Note\n".as_slice(), FIRST.as_bytes(), b",M\xfcller\n"].concat();
    let read = read(&bytes).unwrap();
    assert_eq!(read.table().parts[0].encoding, Encoding::Windows1252);
    assert_eq!(read.table().columns[2].cell(0).unwrap().text().raw(), "M\u{fc}ller");
}
