//! All formats over one outcome.

use proptest::prelude::*;

use super::fixture;
use super::*;
use crate::cause::{SourceName, TableName};
use crate::finding::{Change, ChangedSetting, Extent, RuleChange, RuleId, RuleScope, Severity};
use crate::table::ROW;

fn all() -> Options {
    Options { max_per_rule: None, max_lines: None, base: Some("/home/ada/book".into()), ..Options::default() }
}

/// Compares a report with the one in `snapshots/`.
#[track_caller]
fn holds(name: &str, report: &str) {
    crate::snapshot::assert_file(format!("src/report/snapshots/{name}.txt"), report);
}

#[test]
fn every_format_of_the_shared_fixture() {
    let fixture = fixture::hostile();
    for &format in Format::ALL {
        holds(format.name(), &fixture.render(format, &all()));
    }
}

#[test]
fn every_format_of_a_clean_outcome() {
    let fixture = fixture::clean();
    for &format in Format::ALL {
        if format != Format::Html {
            holds(&format!("clean_{format}"), &fixture.render(format, &all()));
        }
    }
}

#[test]
fn every_format_shows_that_it_is_part_of_a_check() {
    let mut fixture = fixture::clean();
    // Without line breaks, and with any capital at the beginning.
    let said = |fixture: &fixture::Fixture, format| {
        let report = fixture.render(format, &all()).to_lowercase();
        report.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let whole: Vec<String> = Format::ALL.iter().map(|&format| said(&fixture, format)).collect();
    fixture.outcome.extent = Extent { scope: RuleScope::Entry, partial: true };
    for (&format, whole) in Format::ALL.iter().zip(whole) {
        let parts: &[&str] = match format {
            Format::Json | Format::Jsonl => &["\"scope\":\"entry\",\"partial\":true"],
            Format::Sarif => &["\"scope\":\"entry\",\"partial\":true", "this is part of a check"],
            _ => &["this is part of a check: only rules on entries", "a slice of an export"],
        };
        let part = said(&fixture, format);
        for text in parts {
            assert!(part.contains(text) && !whole.contains(text), "{format}: {text}: {part}");
        }
        assert!(!part.contains("every rule in force was decided"), "{format}: {part}");
    }
    let quiet = fixture.render(Format::Human, &Options { quiet: true, ..all() });
    assert!(quiet.contains("this is part of a check"), "{quiet}");
}

/// What may weaken a check, and which source was missing where others decided, is in every format.
#[test]
fn every_format_names_what_is_in_force_and_what_was_missing() {
    let mut fixture = fixture::clean();
    let said = |fixture: &fixture::Fixture, format| {
        let report = fixture.render(format, &all()).to_lowercase();
        report.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let before: Vec<String> = Format::ALL.iter().map(|&format| said(&fixture, format)).collect();
    let change = |name: &str, change| RuleChange {
        name: name.to_owned(),
        change,
        file: Some("book/house.yaml".into()),
    };
    let outcome = &mut fixture.outcome;
    outcome.configuration = Some("book/capelint.yaml".into());
    outcome.rule_changes = vec![
        change("demoted-rule", Change::Demoted { from: Severity::Stop, to: Severity::Note }),
        change("waived-rule", Change::Waived { waivers: 2 }),
        change("superseded-rule", Change::Superseded { by: "own-rule".to_owned() }),
        change("replaced-rule", Change::Replaced { by: "other-rule".to_owned() }),
        change("rule-turned-off", Change::Off),
        change("drawback", Change::NothingToList),
    ];
    outcome.turned_off = vec!["rule-turned-off".to_owned()];
    outcome.settings = vec![ChangedSetting {
        name: "least-refund".to_owned(),
        value: "100 days".into(),
        default: "25 days".into(),
        unit: None,
    }];
    let table = |name: &str| TableName { name: name.into(), is_optional: true, ..TableName::default() };
    outcome.undecided = vec![Undecided {
        rule: RuleId(10),
        entries: 8,
        on_file: false,
        cause: UndecidedCause::NoTable(table("missinglist")),
        place: None,
        optional: true,
        for_all: true,
        used: Some(vec![SourceName::Table(table("usedlist"))]),
    }];
    let parts = [
        "book/capelint.yaml",
        "demoted-rule is note instead of stop",
        "waived-rule has 2 waivers",
        "superseded-rule is superseded by own-rule",
        "replaced-rule is replaced by other-rule",
        "rule-turned-off",
        "nothing to list: drawback",
        "rule-turned-off",
        "least-refund",
        "100 days",
        "missinglist",
        "usedlist",
    ];
    let mut silent = Vec::new();
    for (&format, before) in Format::ALL.iter().zip(before) {
        let now = said(&fixture, format);
        for text in parts.iter().filter(|text| !now.contains(**text) || before.contains(**text)) {
            silent.push(format!("{format}: {text}"));
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn human_with_colors_caps_and_statistics() {
    let options = Options { color: true, ..Options::default() };
    let mut fixture = fixture::with("plain");
    fixture.outcome.findings.truncate(1);
    holds("human_color", &fixture.render(Format::Human, &options).replace('\u{1b}', "\\e"));
    let fixture = fixture::with("plain");
    let options = Options { max_per_rule: Some(1), statistics: true, ..Options::default() };
    holds("human_statistics", &fixture.render(Format::Human, &options));
    let quiet = fixture.render(Format::Human, &Options { quiet: true, ..all() });
    assert!(
        quiet.contains("error[duplicate-entry]") && !quiet.contains("earliest filing deadline"),
        "{quiet}"
    );
    let last = quiet.lines().last().unwrap_or_default();
    assert!(!quiet.contains("note[not-checked]") && last.contains(" not checked"), "{quiet}");
}

/// Characters that make trouble somewhere, among any others.
fn foreign() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
        proptest::sample::select(vec![
            "\u{1b}[2J",
            "\u{1b}]8;;x\u{7}",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{2028}",
            "\u{85}",
            "\0",
            "\r",
            "\n",
            "\t",
            "\"",
            "'",
            "<",
            ">",
            "&",
            "]]>",
            "-->",
            "</script>",
            "=1",
            "+",
            "-",
            "@",
            "%0A",
            "::error::",
            "`",
            "|",
            "{}",
            "\\",
            ",",
            ";",
            " 987-65-4320 ",
            "\u{feff}",
            "\u{ffff}",
            "\u{e0001}",
            "\u{301}",
            "東",
        ])
        .prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::thorough::cases(48), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_foreign_text_breaks_out_of_any_format(foreign in foreign()) {
        let fixture = fixture::with(&foreign);
        for &format in Format::ALL {
            let name = format.name();
            let report = fixture.render(format, &all());
            for (at, c) in report.char_indices() {
                let ours = c == '\n'
                    || (format == Format::Csv && (at == 0 && c == '\u{feff}' || report[at..].starts_with("\r\n")));
                prop_assert!(ours || !text::acts(c), "{name}: {c:?} at {at} of {foreign:?}");
            }
            prop_assert!(!report.contains("987-65-43"), "{name}");
            match format {
                Format::Json | Format::Sarif | Format::Gitlab => {
                    let parsed: Result<serde_json::Value, _> = serde_json::from_str(&report);
                    prop_assert!(parsed.is_ok(), "{name}: {parsed:?}");
                }
                Format::Jsonl => {
                    for line in report.lines() {
                        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
                        prop_assert!(parsed.is_ok(), "{parsed:?}: {line}");
                    }
                }
                Format::Junit => {
                    let parsed = quick_junit::Report::deserialize_from_str(&report);
                    prop_assert_eq!(parsed.map(|report| report.tests).map_err(|error| error.to_string()), Ok(12));
                }
                Format::Html => prop_assert_eq!(unbalanced(&report), None),
                Format::Csv => {
                    let mut reader = ::csv::Reader::from_reader(report.trim_start_matches('\u{feff}').as_bytes());
                    let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
                    prop_assert_eq!(records.len(), 9);
                    for field in records.iter().flatten() {
                        prop_assert!(!field.trim().starts_with(['=', '+', '-', '@']), "{field}");
                    }
                }
                Format::Github => {
                    let commands = ["::error ", "::warning ", "::notice "];
                    let all = report.lines().all(|line| commands.iter().any(|command| line.starts_with(command)));
                    prop_assert!(all);
                    prop_assert_eq!(report.lines().count(), 14);
                }
                Format::Short => prop_assert_eq!(report.lines().count(), 17),
                Format::Human | Format::Full | Format::Markdown => {}
            }
        }
    }
}

/// The first tag of a page that is not closed, or closes nothing, or is not a tag of the report.
fn unbalanced(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let Some(mut rest) = page.strip_prefix("<!DOCTYPE html>") else { return Some("no doctype".into()) };
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else { return Some(rest.to_owned()) };
        let tag = &rest[..end];
        if tag.contains('<') || tag.matches('"').count() % 2 != 0 {
            return Some(tag.to_owned());
        }
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or("").trim_end_matches('/');
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Some(tag.to_owned());
            }
        } else if matches!(name, "style" | "script") {
            let Some(end) = rest.find(&format!("</{name}>")) else { return Some(tag.to_owned()) };
            rest = &rest[end + name.len() + 3..];
        } else if !matches!(name, "meta" | "input") && !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.pop().map(str::to_owned)
}

#[test]
fn the_check_of_pages_sees_what_is_wrong() {
    for wrong in ["<p>", "</p>", "<p></b></p>", "<p a=\"></p>", "<script>", "<p <b></b></p>"] {
        assert!(unbalanced(&format!("<!DOCTYPE html>{wrong}")).is_some(), "{wrong}");
    }
    assert_eq!(unbalanced("<!DOCTYPE html><p a=\"b\"><meta></p>"), None);
}

#[test]
fn short_and_github_never_lose_the_entry_the_line_or_the_rule() {
    let fixture = fixture::hostile();
    for format in [Format::Short, Format::Github] {
        let report = fixture.render(format, &all());
        let lines: Vec<&str> = report.lines().collect();
        let counted = fixture.outcome.findings.iter().filter(|finding| finding.waived.is_none());
        for (finding, line) in counted.zip(lines) {
            assert!(line.contains(&fixture.outcome.rules[usize::from(finding.rule.0)].id), "{line}");
            assert!(line.contains(&format!(":{}:{}", finding.place.line, finding.place.column)), "{line}");
            if let Some(number) = finding.entry().and_then(|at| fixture.outcome.entries[at].number) {
                assert!(line.contains(&number.to_string()), "{line}");
            }
        }
    }
}

#[test]
fn tables_show_their_cells_with_headers_and_masked() {
    use std::sync::Arc;

    use crate::source::{SourceKind, Span};
    use crate::table::schema::{Column, Schema, Type};
    use crate::table::texts::Texts;
    use crate::table::{Encoding, Header, Part, Row, Table, TableId};

    let column = |name: &str, kind| Column { headers: vec![name.into()], ..Column::new(name, kind) };
    let schema = Arc::new(Schema {
        title: "Declaration".into(),
        key: Some(0),
        columns: vec![
            column("entry", Type::EntryNumber),
            column("importer", Type::ImporterNumber),
            column("date", Type::Date),
        ]
        .into(),
        ..Schema::new("declaration")
    });
    let mut sources = Sources::default();
    let file = sources.add("plan.xlsx", SourceKind::Sheet { sheet: "Plan".into() });
    let mut texts = Texts::default();
    let text = texts.push(b"\"ABC12345676\",\"987654320\"");
    let header = ["Entry Number", "IOR"].map(|name| (name.to_owned(), Span::default()));
    let table = Table {
        parts: vec![Part {
            encoding: Encoding::Workbook,
            records: 1,
            ..Part::new(file, Header { line: 1, fields: header.to_vec() }, vec![Some(0), Some(1), None])
        }],
        rows: vec![Row { part: 0, line: 7, start: 0, text, entry: None, doubtful: false }],
        texts,
        ..Table::default()
    };
    let tables = Tables { schemas: vec![schema.clone(), schema], tables: vec![None, Some(table)] };
    let evidence = (&tables, &sources);
    let cell = |column| CellRef { table: ROW, row: 0, column };
    let named = evidence.cell(cell(1)).unwrap();
    assert_eq!((named.column_name.raw(), named.value.raw()), ("IOR", "***-**-4320"));
    assert_eq!(evidence.cell(cell(0)).unwrap().value.raw(), "ABC12345676");
    assert_eq!(evidence.cell(cell(2)), None, "the file has no such column");
    assert_eq!(evidence.cell(CellRef { table: TableId::new(0), row: 0, column: 0 }), None);
}

#[test]
fn a_cap_counts_what_it_leaves_out() {
    let fixture = fixture::everything_fails(30);
    let options = Options { max_per_rule: Some(20), ..Options::default() };
    for format in [Format::Full, Format::Short] {
        let report = fixture.render(format, &options);
        assert_eq!(report.matches("error[already-accepted]").count(), 20);
        assert!(
            report.contains("… and 10 more of already-accepted (a report without `max_per_rule` shows all)")
        );
    }
    let report = fixture.render(Format::Human, &options);
    assert_eq!(report.matches("error[already-accepted]").count(), 1);
    assert!(report.contains("… and 10 more ($"), "{report}");
    assert!(report.contains("\n90 errors\n"), "{report}");
}

#[test]
fn a_long_report_keeps_to_its_lines_and_names_every_rule() {
    let fixture = fixture::mixed(9_999);
    let options = Options::default();
    let lines = |options: &Options| fixture.render(Format::Human, options).lines().count();
    assert!(lines(&options) <= 120, "{}", lines(&options));
    // Each is named, those of errors and stops in a line of their own.
    let tight = Options { max_lines: Some(1), ..Options::default() };
    let report = fixture.render(Format::Human, &tight);
    for count in &Summary::of(&fixture.outcome).rules {
        let rule = &fixture.outcome.rules[usize::from(count.rule.0)].id;
        let is_named = !count.severity.blocks() && report.contains(&format!("{rule} ("));
        assert!(is_named || report.contains(&format!("[{rule}]: ")), "{rule}");
    }
    assert!(report.contains("shortened: "), "{report}");
    let all = Options { max_lines: None, max_per_rule: None, ..Options::default() };
    assert!(lines(&all) > 400 && !fixture.render(Format::Human, &all).contains("shortened: "));
}

#[test]
fn text_is_wrapped_to_the_terminal() {
    let fixture = fixture::with("plain");
    for width in [60, 80, 100, 200] {
        let options = Options { width, ..Options::default() };
        for format in [Format::Human, Format::Full] {
            let report = fixture.render(format, &options);
            // Rows of a file are cut to their cells, not wrapped.
            // A command is not broken either, so that it can be copied.
            let whole = |line: &&str| line.contains(['│', '┌']) || line.starts_with("    plan the upload");
            let wide = |line: &&str| text::columns(line) > width && !whole(line);
            assert_eq!(report.lines().find(wide), None, "{format} at {width}");
        }
    }
}

#[test]
fn records_are_as_their_schema_declares() {
    let schema = json_schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        value
    };
    for fixture in [fixture::hostile(), fixture::clean(), fixture::everything_fails(30)] {
        valid(&fixture.render(Format::Json, &all()));
        let report = fixture.render(Format::Jsonl, &all());
        let records: Vec<serde_json::Value> = report.lines().map(valid).collect();
        assert_eq!(records[0]["type"], "run");
        assert_eq!(records[1]["type"], "summary");
        // A member is of one type in all records, so that a reader without a schema agrees on it.
        let mut kinds: std::collections::HashMap<&str, (&str, Option<bool>)> =
            std::collections::HashMap::new();
        for (name, value) in records.iter().filter_map(|record| record.as_object()).flatten() {
            let kind = match value {
                serde_json::Value::Null => continue,
                serde_json::Value::Bool(_) => "bool",
                serde_json::Value::Number(_) => "number",
                serde_json::Value::String(_) => "string",
                serde_json::Value::Array(_) => "array",
                serde_json::Value::Object(_) => "object",
            };
            let nested = value.get(0).map(serde_json::Value::is_object);
            let known = kinds.entry(name).or_insert((kind, nested));
            known.1 = known.1.or(nested);
            assert!(known.0 == kind && (nested.is_none() || known.1 == nested), "{name}: {kind}, {known:?}");
        }
    }
    let no_verdict = r#"{"type":"entry","entry":null}"#;
    assert!(!validator.is_valid(&serde_json::from_str(no_verdict).unwrap()));
}

#[test]
fn the_error_for_a_mistyped_format_names_the_right_one() {
    assert_eq!("sarif".parse(), Ok(Format::Sarif));
    let error = "jsnol".parse::<Format>().unwrap_err().to_string();
    assert!(
        error.starts_with("unknown format `jsnol`; a similar name exists: `jsonl` (formats: human, "),
        "{error}"
    );
    for &format in Format::ALL {
        let name = format.name();
        assert_eq!(format.to_string(), name);
    }
}

/// Not a check but a measurement: `cargo test --release --lib report::tests::speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed_when_everything_fails() {
    let fixture = fixture::everything_fails(9_999);
    for &format in Format::ALL {
        let name = format.name();
        let mut best = std::time::Duration::MAX;
        let mut bytes = 0;
        for _ in 0..10 {
            let start = std::time::Instant::now();
            bytes = fixture.render(format, &all()).len();
            best = best.min(start.elapsed());
        }
        println!("{name:<9} {best:>10.1?} {:>6.1} MB", bytes as f64 / 1e6);
    }
}

/// Writes pages to look at: `CAPELINT_PAGES=DIR cargo test --lib report::tests::pages -- --ignored`.
#[test]
#[ignore = "writes files for the checks under tests/html and tests/validators"]
fn pages_for_the_eye_and_for_validators() {
    let dir = std::path::PathBuf::from(
        std::env::var_os("CAPELINT_PAGES").expect("CAPELINT_PAGES names a directory"),
    );
    std::fs::create_dir_all(&dir).unwrap();
    for (fixture, stem) in [
        (fixture::hostile(), "hostile"),
        (fixture::clean(), "clean"),
        (fixture::everything_fails(9_999), "worst"),
        (fixture::mixed(9_999), "mixed"),
        (fixture::mixed(25_000), "large"),
        (fixture::mixed(400), "desk"),
        (fixture::of_clients(1_000, fixture::HOSTILE), "clients"),
    ] {
        for &format in Format::ALL {
            std::fs::write(dir.join(format!("{stem}.{format}")), fixture.render(format, &all())).unwrap();
        }
    }
}
