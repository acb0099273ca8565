//! One case in many shapes: line ends, byte order marks and quotes change no finding; each limit is tested on
//! both sides; what is missing is reported; and rule files edited on disk are what runs.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

const HEADER: &str = "Entry Summary Number,Entry Type Code,Entry Date,Entry Summary Line Number,HTS Number - Full,\
                      Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,Liquidation Date";

fn capelint(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(folder).args(arguments).output().expect("the program runs")
}

/// Runs `capelint check` and gives the objects it printed.
fn check(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = capelint(folder, &[&["check"], arguments, &["--format", "jsonl"]].concat());
    let text = String::from_utf8(output.stdout).expect("jsonl is UTF-8");
    let objects: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect();
    let complete = objects.get(1).is_some_and(|second| second["type"] == "summary");
    assert!(complete, "no summary: {}", String::from_utf8_lossy(&output.stderr));
    objects
}

fn of_type<'a>(objects: &'a [Value], kind: &str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["type"] == kind)
}

/// The findings of a rule.
fn findings<'a>(objects: &'a [Value], rule: &str) -> Vec<&'a Value> {
    of_type(objects, "finding").filter(|finding| finding["rule"] == rule).collect()
}

/// The rows of an ordinary entry in an ES-003 with [`HEADER`].
fn es003_rows(entry: &str, status: &str, liquidated: &str) -> String {
    format!(
        "{entry},01,11/14/2025,001,99030125,0,100.00,{status},{liquidated}\n\
         {entry},01,11/14/2025,001,8471300100,1000,0.00,{status},{liquidated}\n"
    )
}

fn number(serial: u32) -> String {
    common::number("ABC", serial).as_str().to_owned()
}

/// Rules about how the file is written, which the variants are meant to differ in.
const ABOUT_THE_BYTES: [&str; 4] = ["line-ends-not-crlf", "byte-order-mark", "not-ascii", "quoted-cells"];

/// A case of one declaration in several shapes: the folder, and the export beside the declaration.
fn shapes() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let rows = es003_rows("ABC12345676", "Liquidated", "08/21/2026")
        + &es003_rows("SZ912345674", "Unliquidated", "");
    fs::write(folder.path().join("es003.csv"), format!("{HEADER}\n{rows}")).expect("written");
    folder
}

/// A declaration with a note in its second row; `note` is the cell as the file has it.
fn declaration(note: &str, line_end: &str) -> String {
    let rows = [
        "Entry Number,Notes",
        &format!("SZ912345674,{note}"),
        "ABC12345676,",
        "",
        "ABC-1234567-6,",
        "ABC12345677,x",
    ];
    rows.map(|row| format!("{row}{line_end}")).concat()
}

/// Rule, entry, line, column and the text under the finding, besides what is about the bytes.
fn places(folder: &TempDir, content: &[u8]) -> BTreeSet<(String, String, u64, u64, String)> {
    fs::write(folder.path().join("d.csv"), content).expect("written");
    let arguments = [
        "d.csv",
        "--isolated",
        "--es003",
        "es003.csv",
        "--exported",
        "2026-11-20",
        "--filing-date",
        "2026-11-22",
    ];
    let objects = check(folder.path(), &arguments);
    of_type(&objects, "finding")
        .filter(|finding| !ABOUT_THE_BYTES.iter().any(|rule| finding["rule"] == *rule))
        .map(|finding| {
            let place = &finding["place"];
            let at = |name: &str| place[name].as_u64().expect("a number");
            let under = &content[at("start") as usize..at("end") as usize];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&finding["rule"]),
                text(&finding["entry"]),
                at("line"),
                at("column"),
                String::from_utf8_lossy(under).into_owned(),
            )
        })
        .collect()
}

#[test]
fn line_ends_marks_and_quotes_change_no_finding_and_no_place() {
    let folder = shapes();
    let plain = places(&folder, declaration("call Kim", "\n").as_bytes());
    let expected = [
        ("extra-columns", "", 1, 1, "Entry Number"),
        ("several-filer-codes", "", 1, 1, "Entry Number"),
        ("liquidated-over-80-days", "ABC12345676", 3, 1, "ABC12345676"),
        ("blank-row", "", 4, 1, ""),
        ("duplicate-entry", "ABC12345676", 5, 1, "ABC-1234567-6"),
        ("entry-number-dashes", "ABC12345676", 5, 1, "ABC-1234567-6"),
        ("check-digit", "", 6, 1, "ABC12345677"),
    ];
    let expected: BTreeSet<_> = expected
        .into_iter()
        .map(|(rule, entry, line, column, under)| {
            (rule.to_owned(), entry.to_owned(), line, column, under.to_owned())
        })
        .collect();
    assert_eq!(plain, expected);
    assert_eq!(places(&folder, declaration("call Kim", "\r\n").as_bytes()), plain, "CRLF");
    let marked = format!("\u{feff}{}", declaration("call Kim", "\n"));
    assert_eq!(places(&folder, marked.as_bytes()), plain, "byte order mark");
    assert_eq!(places(&folder, declaration("\"call Kim\"", "\r\n").as_bytes()), plain, "quoted");

    // A quoted line break moves what is below it by a line, and nothing else.
    let moved: BTreeSet<_> = plain
        .into_iter()
        .map(|(rule, entry, line, column, under)| (rule, entry, line + u64::from(line > 2), column, under))
        .collect();
    assert_eq!(places(&folder, declaration("\"call\nKim\"", "\n").as_bytes()), moved, "LF in quotes");
    assert_eq!(places(&folder, declaration("\"call\r\nKim\"", "\r\n").as_bytes()), moved, "CRLF in quotes");
}

#[test]
fn the_shape_itself_is_a_note() {
    let folder = shapes();
    let about = |content: &str| {
        fs::write(folder.path().join("d.csv"), content).expect("written");
        let objects = check(folder.path(), &["d.csv", "--isolated", "--filing-date", "2026-11-22"]);
        let rules =
            of_type(&objects, "finding").map(|finding| finding["rule"].as_str().expect("a rule").to_owned());
        rules.filter(|rule| ABOUT_THE_BYTES.contains(&rule.as_str())).collect::<Vec<_>>()
    };
    assert!(about(&declaration("x", "\r\n")).is_empty());
    assert_eq!(about(&declaration("x", "\n")), ["line-ends-not-crlf"]);
    assert_eq!(about(&declaration("\"x\"", "\r\n")), ["quoted-cells"]);
    assert!(about(&format!("\u{feff}{}", declaration("x", "\r\n"))).contains(&"byte-order-mark".to_owned()));
}

#[test]
fn a_declaration_takes_9999_entries_and_not_one_more() {
    let folder = TempDir::new().expect("a folder");
    for (entries, refused) in [(9999, false), (10_000, true)] {
        let rows: String = (0..entries).map(|serial| number(serial) + "\r\n").collect();
        fs::write(folder.path().join("d.csv"), format!("Entry Number\r\n{rows}")).expect("written");
        let objects = check(folder.path(), &["d.csv", "--isolated", "--filing-date", "2026-11-22"]);
        let found = findings(&objects, "too-many-entries");
        assert_eq!(found.len(), usize::from(refused), "{entries} entries");
        if let Some(finding) = found.first() {
            assert_eq!(finding["severity"], "error");
            assert_eq!(finding["place"]["line"], 1);
        }
        assert_eq!(of_type(&objects, "summary").next().expect("a summary")["entries"], entries);
    }
}

#[test]
fn the_file_itself_is_checked() {
    let folder = TempDir::new().expect("a folder");
    let entry = number(1);
    let found = |name: &str, content: &str, rule: &str| {
        fs::write(folder.path().join(name), content).expect("written");
        let objects = check(folder.path(), &[name, "--isolated", "--filing-date", "2026-11-22"]);
        findings(&objects, rule).len()
    };
    let sound = format!("Entry Number\r\n{entry}\r\n");
    assert_eq!(found("d.csv", &sound, "not-csv"), 0);
    assert_eq!(found("d.txt", &sound, "not-csv"), 1);
    assert_eq!(found("d.csv", &sound, "empty-file"), 0);
    assert_eq!(found("d.csv", "Entry Number\r\n", "empty-file"), 1);
    assert_eq!(found("d.csv", &sound, "header-missing"), 0);
    assert_eq!(found("d.csv", &format!("{entry}\r\n"), "header-missing"), 1);
    assert_eq!(found("d.csv", &sound, "header-not-first"), 0);
    assert_eq!(found("d.csv", &format!("March\r\n{sound}"), "header-not-first"), 1);
    // Planning columns may be long; a file of one megabyte and one byte less.
    let long = |bytes: usize| {
        let head = format!("Entry Number,Notes\r\n{entry},");
        format!("{head}{}\r\n", "x".repeat(bytes - head.len() - 2))
    };
    assert_eq!(found("d.csv", &long(999_999), "file-too-large"), 0);
    assert_eq!(found("d.csv", &long(1_000_000), "file-too-large"), 1);
}

#[test]
fn day_80_is_the_last_and_day_75_the_first_warning() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("written");
    let export = format!("{HEADER}\n{}", es003_rows("ABC12345676", "Liquidated", "09/02/2026"));
    fs::write(folder.path().join("es003.csv"), export).expect("written");
    for (day, filing_date, late, closing) in [
        (74, "2026-11-15", 0, 0),
        (75, "2026-11-16", 0, 1),
        (80, "2026-11-21", 0, 1),
        (81, "2026-11-22", 1, 0),
    ] {
        let objects = check(
            folder.path(),
            &["d.csv", "--isolated", "--es003", "es003.csv", "--filing-date", filing_date],
        );
        assert_eq!(findings(&objects, "liquidated-over-80-days").len(), late, "day {day}");
        assert_eq!(findings(&objects, "liquidation-window-closing").len(), closing, "day {day}");
    }
}

/// Copies the march example, its ES-003 without a column.
fn march_without(column: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/march");
    for file in fs::read_dir(&example).expect("the example") {
        let file = file.expect("a file");
        fs::copy(file.path(), folder.path().join(file.file_name())).expect("copied");
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(example.join("es003.csv")).expect("read");
    let mut writer = csv::Writer::from_path(folder.path().join("es003.csv")).expect("created");
    let mut dropped = None;
    for record in reader.records() {
        let record = record.expect("a record");
        let at = *dropped
            .get_or_insert_with(|| record.iter().position(|cell| cell == column).expect("the column"));
        let kept = record.iter().enumerate().filter(|(field, _)| *field != at);
        writer.write_record(kept.map(|(_, cell)| cell)).expect("written");
    }
    writer.flush().expect("written");
    folder
}

#[test]
fn without_the_liquidation_date_column_one_undecided_takes_the_findings_place() {
    let rule = "liquidated-over-80-days";
    let arguments = ["declaration.csv", "--filing-date", "2026-11-22"];
    let whole = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/march"), &arguments);
    let late: Vec<String> =
        findings(&whole, rule).iter().map(|finding| finding["entry"].to_string()).collect();
    assert_eq!(late.len(), 3);

    let folder = march_without("Liquidation Date");
    let objects = check(folder.path(), &arguments);
    assert!(findings(&objects, rule).is_empty());
    let undecided: Vec<&Value> =
        of_type(&objects, "undecided").filter(|undecided| undecided["rule"] == rule).collect();
    let [undecided] = undecided.as_slice() else { panic!("one cause, one report: {undecided:?}") };
    let told = |key: &str| undecided[key].as_str().expect("a text").to_owned();
    assert!(told("message").contains("es003.csv has no column `Liquidation Date`"), "{undecided}");
    assert!(told("help").contains("add the column"), "{undecided}");
    assert!(undecided["entries"].as_u64() >= Some(late.len() as u64));
    for entry in of_type(&objects, "entry").filter(|entry| late.contains(&entry["entry"].to_string())) {
        assert_ne!(entry["verdict"], "ready", "{entry}");
    }
    // An entry that is not liquidated needs no date.
    assert!(of_type(&objects, "entry").any(|entry| entry["verdict"] == "ready"));
}

#[test]
fn rule_files_edited_on_disk_are_what_runs() {
    let folder = TempDir::new().expect("a folder");
    let exported = capelint(folder.path(), &["rules", "export", "pack"]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let march = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/march");
    let pack = folder.path().join("pack");
    let pack = pack.to_str().expect("a path");
    let arguments = ["declaration.csv", "--filing-date", "2026-11-22"];
    let built_in = check(&march, &arguments);
    let mut loaded = check(&march, &[&arguments[..], &["--rules", pack]].concat());
    // That the built-in rules are not used is reported, and is all that differs.
    let [changes, own] = [&built_in, &loaded].map(|objects| objects[1]["rule_changes"].clone());
    assert_ne!(changes, own);
    loaded[1]["rule_changes"] = changes;
    assert_eq!(loaded, built_in, "the exported pack is the built-in one");

    let file = folder.path().join("pack/eligibility.yaml");
    let rules = fs::read_to_string(&file).expect("read");
    let edited =
        rules.replacen("on_or_after: filing_date - 80 days", "on_or_after: filing_date - 74 days", 1);
    assert_ne!(edited, rules);
    fs::write(&file, edited).expect("written");
    let objects = check(&march, &[&arguments[..], &["--rules", pack]].concat());
    let late = |objects: &[Value]| findings(objects, "liquidated-over-80-days").len();
    assert_eq!((late(&built_in), late(&objects)), (3, 5), "days 75 and 80 are too late now, day 74 is not");

    // An error stops the run; nothing is evaluated with half of the rules.
    let edited = rules.replacen("severity: error", "severty: error", 1);
    fs::write(&file, edited).expect("written");
    let output = capelint(&march, &[&["check"], &arguments[..], &["--rules", pack]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("severty") && told.contains("eligibility.yaml"), "{told}");
}

#[test]
fn what_only_the_user_can_provide_leaves_entries_ready() {
    let march = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/march");
    let arguments = ["declaration.csv", "--isolated", "--es003", "es003.csv", "--filing-date", "2026-11-22"];
    let objects = check(&march, &arguments);
    assert!(of_type(&objects, "summary").next().expect("a summary")["verdicts"]["ready"].as_u64() > Some(20));
    for (rule, cause) in [
        ("importer-number-mismatch", json!({ "kind": "no_setting", "setting": "role" })),
        ("psc-needed", json!({ "kind": "no_table", "table": "psc" })),
        ("on-drawback", json!({ "kind": "no_table", "table": "drawback" })),
    ] {
        let told: Vec<&Value> = of_type(&objects, "undecided")
            .filter(|undecided| undecided["rule"] == rule && undecided["optional"] == true)
            .collect();
        let [told] = told.as_slice() else { panic!("{rule} is told once: {told:?}") };
        for (member, value) in cause.as_object().expect("an object") {
            assert_eq!(told["cause"][member], *value, "{rule}");
        }
        assert!(told["help"].as_str().is_some_and(|help| !help.is_empty()));
    }
}

/// The rules that a declaration violates, each with its line, besides what is about the bytes.
fn violated(folder: &TempDir, content: &[u8], arguments: &[&str]) -> BTreeSet<(u64, String)> {
    fs::write(folder.path().join("d.csv"), content).expect("written");
    let objects = check(folder.path(), &[&["d.csv", "--isolated"], arguments].concat());
    of_type(&objects, "finding")
        .filter(|finding| !ABOUT_THE_BYTES.iter().any(|rule| finding["rule"] == *rule))
        .map(|finding| {
            let line = finding["place"]["line"].as_u64().expect("a line");
            (line, finding["rule"].as_str().expect("a rule").to_owned())
        })
        .collect()
}

fn rules(expected: &[(u64, &str)]) -> BTreeSet<(u64, String)> {
    expected.iter().map(|(line, rule)| (*line, (*rule).to_owned())).collect()
}

#[test]
fn each_kind_of_damage_is_named() {
    let folder = TempDir::new().expect("a folder");
    let on = ["--filing-date", "2026-11-22"];
    let lower = number(2).to_lowercase();
    let (guarded, ragged) = (format!("=\"{}\"", number(3)), format!("{},x", number(4)));
    let rows = [
        "Entry Number",
        "ABC 1234567 6",
        &lower,
        &guarded,
        "261103162",
        "ABC/2345676",
        "00012345679",
        &ragged,
    ];
    let expected = [
        (1, "several-filer-codes"),
        (2, "entry-number-spaces"),
        (3, "entry-number-lower-case"),
        (4, "entry-number-text-guard"),
        (5, "entry-number-lost-zeros"),
        (6, "entry-number-character"),
        (7, "filer-code-000"),
        (8, "ragged-row"),
    ];
    assert_eq!(violated(&folder, (rows.join("\r\n") + "\r\n").as_bytes(), &on), rules(&expected));

    let second = |row: &[u8]| [b"Entry Number\r\n", row, b"\r\n"].concat();
    // One cause, one finding: what the damage does to the entry number is not reported besides.
    for (row, rule) in [
        (&b"\"ABC12345676\"x"[..], "broken-quotes"),
        (b"\"ABC12345676", "broken-quotes"),
        (b"ABC12345676\0", "nul-byte"),
        (b"ABC12345676\x81", "unreadable-bytes"),
    ] {
        let found = violated(&folder, &second(row), &on);
        assert_eq!(found, rules(&[(2, rule)]), "{}", String::from_utf8_lossy(row));
    }
    assert_eq!(violated(&folder, &second(b"ABC12345676\r\n\""), &on), rules(&[(3, "broken-quotes")]));
    assert_eq!(violated(&folder, &second(b"ABC12345676"), &on), rules(&[]));

    let wide: Vec<u8> = "Entry Number\r\nABC12345676\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(violated(&folder, &[&[0xff, 0xfe], &wide[..]].concat(), &on), rules(&[(1, "utf-16")]));
    let semicolons = b"Entry Number;Notes\r\nABC12345676;x\r\n";
    assert_eq!(
        violated(&folder, semicolons, &on),
        rules(&[(1, "extra-columns"), (1, "not-comma-delimited")]),
        "how many columns there are depends on what stands between them"
    );
}

#[test]
fn rules_begin_and_end_on_their_days() {
    let folder = TempDir::new().expect("a folder");
    let declaration = b"Entry Number\r\nABC12345676\r\n";
    let on =
        |day: &str, more: &[&str]| violated(&folder, declaration, &[&["--filing-date", day], more].concat());
    assert_eq!(on("2026-04-19", &[]), rules(&[(1, "cape-not-open")]));
    assert_eq!(on("2026-04-20", &[]), rules(&[]));
    assert_eq!(on("2027-02-20", &[]), rules(&[]));
    assert_eq!(on("2027-02-21", &[]), rules(&[(1, "pack-old")]));

    let export = es003_rows("ABC12345676", "Unliquidated", "").replace(",1000,", ",0,");
    fs::write(folder.path().join("es003.csv"), format!("{HEADER}\n{export}")).expect("written");
    let exported = |day| on(day, &["--es003", "es003.csv", "--exported", day]);
    assert_eq!(exported("2026-06-24"), rules(&[(2, "goods-value-missing")]));
    assert_eq!(exported("2026-06-25"), rules(&[(2, "ieepa-line-without-value")]));
}

#[test]
fn the_export_itself_is_looked_at() {
    let folder = TempDir::new().expect("a folder");
    let declaration = b"Entry Number\r\nABC12345676\r\n";
    let export =
        es003_rows("ABC12345676", "Unliquidated", "") + &es003_rows("SZ912345674", "Unliquidated", "");
    let found = |content: String, exported: &str, more: &[&str]| {
        fs::write(folder.path().join("es003.csv"), content).expect("written");
        let given = ["--filing-date", "2026-11-22", "--es003", "es003.csv", "--exported", exported];
        violated(&folder, declaration, &[&given[..], more].concat())
    };
    let plain = format!("{HEADER}\n{export}");
    assert_eq!(found(plain.clone(), "2026-10-23", &[]), rules(&[]));
    assert_eq!(found(plain.clone(), "2026-10-22", &[]), rules(&[(1, "export-old")]));
    assert_eq!(found(plain.clone(), "2026-11-20", &["--left-out"]), rules(&[(4, "left-out")]));
    let preamble = format!("ES-003\nRun by,somebody\n{plain}");
    assert_eq!(found(preamble, "2026-11-20", &[]), rules(&[(1, "export-preamble")]));
    let total = format!("{plain}Total,,,,,2000,200.00,,\n");
    assert_eq!(found(total, "2026-11-20", &[]), rules(&[(1, "export-totals")]));
    for delimiter in [";", "\t", "|"] {
        let other = plain.replace(',', delimiter);
        assert_eq!(found(other, "2026-11-20", &[]), rules(&[(1, "table-read-by-guess")]), "{delimiter:?}");
    }
}

/// Each row of an entry asks about the other rows of its line, so an entry of many rows must not take the
/// square of their number: whether all are on one line, each on its own, or on none.
#[test]
fn an_entry_of_many_rows_takes_as_long_as_its_rows() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("written");
    let seconds = |rows: usize, line: fn(usize) -> String| {
        let row =
            |at: usize| format!("ABC12345676,01,11/14/2025,{},99030125,0,100.00,Unliquidated,\n", line(at));
        let content: String = (0..rows).map(row).collect();
        fs::write(folder.path().join("es003.csv"), format!("{HEADER}\n{content}")).expect("written");
        let begin = Instant::now();
        let given = ["check", "d.csv", "--isolated", "--filing-date", "2026-11-22", "--es003", "es003.csv"];
        let done = capelint(folder.path(), &given);
        assert!(matches!(done.status.code(), Some(0 | 1)), "{done:?}");
        begin.elapsed().as_secs_f64()
    };
    for line in [|_| "001".to_owned(), |at| at.to_string(), |_| String::new()] as [fn(usize) -> String; 3] {
        let (few, many) = (seconds(1_000, line), seconds(16_000, line));
        // Sixteen times the rows; their square would take some two hundred times as long.
        assert!(many < 64.0 * few, "{few} s for 1,000 rows, {many} s for 16,000");
    }
}
