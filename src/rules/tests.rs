use super::*;
use crate::table::TableId;
use crate::table::value::Value;
use model::{
    AccountField, ColumnRef, Condition, Dependency, Each, Expectation, Frame, Operand, Predicate, Quantifier,
    Subject, TextPiece, WholeFile,
};

const TABLES: &str = "
tables:
  es003:
    title: ES-003
    key: entry
    line: line_number
    columns:
      entry: { type: entry_number, of: entry, headers: [Entry Summary Number] }
      line_number: { type: text, headers: [Line Number] }
      entry_type: { type: text, of: entry, headers: [Entry Type Code], pad: 2 }
      importer_number: { type: importer_number, of: entry, headers: [Importer Number] }
      hts: { type: hts, headers: [HTS Number - Full] }
      duty: { type: money, headers: [Duty] }
      goods_value: { type: money, headers: [Value], blank: '0' }
      liquidation_date: { type: date, of: entry, headers: [Liquidation Date] }
      liquidation_status:
        type: choice
        of: entry
        headers: [Liquidation Status]
        choices: { liquidated: [liquidated], reliquidated: [reliquidated], extended: ['extended*'] }
codes:
  chapter99: { key: heading, columns: { heading: hts }, rows: [{ heading: 9903.01.25, authority: IEEPA }, { heading: 9903.03.01, authority: Section 122 }] }
  federal_holidays: { key: day, columns: { day: date }, list: [2026-12-25, 2026-01-01] }
selections:
  ieepa: { from: chapter99, where: { authority: IEEPA } }
";

fn load_all(texts: &[&str]) -> Result<RuleSet, Vec<Diagnostic>> {
    let sources = texts
        .iter()
        .enumerate()
        .map(|(at, text)| RuleSource::new(format!("{at}.yaml"), *text, |_| Err("no files here".into())));
    load(sources.collect(), CompileOptions::default(), &mut Sources::default())
}

fn rule(rest: &str) -> String {
    format!("rules:\n  - id: a\n    title: t\n    severity: error\n{rest}")
}

fn good(rest: &str) -> model::Rule {
    match load_all(&[TABLES, &rule(rest)]) {
        Ok(rules) => rules.rules[0].clone(),
        Err(diagnostics) => panic!("{rest}: {diagnostics:#?}"),
    }
}

fn codes(rest: &str) -> Vec<&'static str> {
    load_all(&[TABLES, &rule(rest)]).unwrap_err().iter().map(|diagnostic| diagnostic.code.name()).collect()
}

#[test]
fn the_built_in_pack_loads() {
    let mut sources = Sources::default();
    if let Err(diagnostics) = load(pack::embedded(), CompileOptions { tests: true }, &mut sources) {
        let shown: Vec<String> = diagnostics
            .iter()
            .map(|diagnostic| {
                let place = diagnostic.labels.first().map(|label| sources.show(label.place).to_string());
                format!(
                    "{}: {}: {} {:?}",
                    place.unwrap_or_default(),
                    diagnostic.code.name(),
                    diagnostic.message,
                    diagnostic.help
                )
            })
            .collect();
        panic!("{}", shown.join("\n"));
    }
}

#[test]
fn conditions_become_clauses_with_frames() {
    let rule = good(
        "    each: entry
    when: { es003.liquidation_status: [liquidated, reliquidated] }
    require:
      some: es003
      where: { hts: { in: ieepa }, duty: { above: 0 }, goods_value: { above: duty } }
    message: entry {entry} {age(es003.liquidation_date)} {{x}}\n",
    );
    assert_eq!(rule.each, Each::Entry);
    let Some(Condition::Test(test)) = &rule.when else { panic!("{rule:?}") };
    let Subject::Operand(Operand::Column(column)) = &test.subject else { panic!("{test:?}") };
    assert_eq!(column.of, Frame::Entry);
    let Condition::Rows(rows) = &rule.condition else { panic!("{rule:?}") };
    assert!(matches!(rows.quantifier, Quantifier::Some));
    let Some(Condition::All(parts, _)) = rows.filter.as_deref() else { panic!("{rows:?}") };
    let Condition::Test(test) = &parts[2] else { panic!("{parts:?}") };
    let Predicate::Compare(_, Operand::Column(column)) = &test.predicate else { panic!("{test:?}") };
    assert_eq!(column.of, Frame::Inner(0));
    assert_eq!(rule.message.pieces.len(), 5);
}

#[test]
fn every_operand_visits_what_it_reads() {
    let es003 = TableId::new(2);
    let column = |column, of| ColumnRef { table: es003, column, of };
    let (date, duty, importer) = (7, 5, 3);
    let (of_entry, own) = (|at| column(at, Frame::Entry), |at| column(at, Frame::Own));
    let cases = [
        ("entry", "filing_date - 3 days", vec![]),
        ("entry", "entry", vec![Dependency::Entry]),
        ("entry", "filer_code(entry)", vec![Dependency::Entry]),
        ("entry", "account.role", vec![Dependency::Account(AccountField::Role)]),
        ("entry", "age(es003.liquidation_date + 2 months)", vec![Dependency::Cell(of_entry(date))]),
        (
            "entry",
            "latest(es003.liquidation_date, exported(es003))",
            vec![Dependency::Cell(of_entry(date)), Dependency::Exported(es003)],
        ),
        (
            "entry",
            "is_or_was(next_working_day(es003.liquidation_date))",
            vec![Dependency::Cell(of_entry(date))],
        ),
        ("entry", "total(es003.duty)", vec![Dependency::Rows(of_entry(duty))]),
        ("es003", "line_total(es003.duty)", vec![Dependency::Line(own(duty))]),
        ("es003", "lookup(chapter99.authority, es003.hts)", vec![Dependency::Cell(own(4))]),
        ("file", "distinct(es003.importer_number)", vec![Dependency::Declaration(of_entry(importer))]),
        ("file", "unkeyed_rows(es003)", vec![Dependency::WholeFile(WholeFile::UnkeyedRows, es003)]),
        ("file", "repeated_rows(es003)", vec![Dependency::WholeFile(WholeFile::RepeatedRows, es003)]),
        (
            "file",
            "conflicting_columns(es003)",
            vec![Dependency::WholeFile(WholeFile::ConflictingColumns, es003)],
        ),
        ("file", "read_otherwise(es003)", vec![Dependency::WholeFile(WholeFile::ReadOtherwise, es003)]),
        ("file", "unread_columns(es003)", vec![Dependency::WholeFile(WholeFile::UnreadColumns, es003)]),
        ("row", "nearest(es003)", vec![Dependency::Written(es003)]),
    ];
    for (each, text, expected) in cases {
        let rule = good(&format!(
            "    each: {each}\n    require: {{ filing_date: {{ after: 2026-01-01 }} }}\n    message: \"{{{text}}}\"\n"
        ));
        let [TextPiece::Operand(operand)] = rule.message.pieces.as_slice() else { panic!("{rule:?}") };
        let mut found = Vec::new();
        operand.reads(&mut |read| found.push(read));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn every_rule_of_the_built_in_pack_has_a_source() {
    let pack = load(pack::embedded(), CompileOptions::default(), &mut Sources::default()).unwrap();
    for rule in &pack.rules {
        let named = rule.sources.iter().any(|source| !source.raw().trim().is_empty());
        assert!(named, "{} has no sources", rule.id);
    }
}

#[test]
fn a_heading_matches_every_number_that_begins_with_its_digits() {
    for test in ["9903.01", "[9903.01, 9903.02]", "{ is: 9903.01 }", "{ in: [9903.01] }"] {
        let rule =
            good(&format!("    each: entry\n    require: {{ some: es003, where: {{ hts: {test} }} }}\n"));
        let Condition::Rows(rows) = &rule.condition else { panic!("{rule:?}") };
        let Some(Condition::Test(test)) = rows.filter.as_deref() else { panic!("{rows:?}") };
        let Predicate::Listed { codes, negated: false } = &test.predicate else { panic!("{test:?}") };
        assert!(codes.contains("99030125") && !codes.contains("99040125"));
    }
}

#[test]
fn quoted_texts_are_literals_and_scalars_stay_what_was_typed() {
    let rule = good("    each: entry\n    forbid: { es003.entry_type: [08, '09', \"es003.hts\", NO] }\n");
    let Condition::Test(test) = &rule.condition else { panic!("{rule:?}") };
    let Predicate::OneOf { values, .. } = &test.predicate else { panic!("{test:?}") };
    let texts: Vec<&str> = values
        .iter()
        .map(|value| match value {
            Operand::Literal(Value::Text(text)) => &**text,
            _ => panic!("{value:?}"),
        })
        .collect();
    assert_eq!(texts, ["08", "09", "es003.hts", "NO"]);
}

#[test]
fn in_each_table_the_row_at_hand_is_the_rules_own() {
    let rule = good(
        "    each: es003
    require:
      count: es003
      where:
        hts: { is: es003.hts }
        duty:
          near: percent(10, line_total(goods_value))
          tolerance: 2 %
      at_most: 1\n",
    );
    let Condition::Rows(rows) = &rule.condition else { panic!("{rule:?}") };
    let Some(Condition::All(parts, _)) = rows.filter.as_deref() else { panic!("{rows:?}") };
    let Condition::Test(test) = &parts[0] else { panic!() };
    let Predicate::OneOf { values, .. } = &test.predicate else { panic!("{test:?}") };
    assert!(matches!(&values[0], Operand::Column(column) if column.of == Frame::Own));
}

#[test]
fn what_may_be_where_a_rule_applies_is_not_a_contradiction() {
    for rest in [
        // `when` decides only one of two demands.
        "when: { es003.entry_type: A }\n    require: { es003.entry_type: [A, B], total(es003.duty): 1 }",
        "when: { es003.entry_type: [A, B] }\n    require: { es003.entry_type: [B, C] }",
        "when: { es003.entry_type: [A, B] }\n    forbid: { es003.entry_type: [B, C] }",
        // Texts are compared without their case, importer numbers by their 9 digits.
        "when: { es003.entry_type: a }\n    forbid: { es003.entry_type: A }",
        "when: { es003.importer_number: 12-3456789 }\n    forbid: { es003.importer_number: 12-345678901 }",
        // A cell that contains nothing is not the value it must not be.
        "when: { es003.entry_type: { present: no } }\n    forbid: { es003.entry_type: { is_not: A } }",
        "when: { es003.entry_type: { present: no } }\n    require: { es003.entry_type: { is_not: A } }",
        "when: { total(es003.duty): { above: 1 } }\n    require: { total(es003.duty): { at_least: 2 } }",
        "when: { any: [{ es003.entry_type: A }, { es003.entry_type: B }] }\n    forbid: { es003.entry_type: B }",
        "when: { es003.entry_type: A }\n    require: { any: [{ es003.entry_type: A }, { some: es003 }] }",
    ] {
        good(&format!("    each: entry\n    {rest}\n"));
    }
    // A longer heading is one of the numbers of the shorter.
    good("    each: es003\n    when: { es003.hts: 9903.01 }\n    require: { es003.hts: 9903.01.25 }\n");
}

#[test]
fn diagnostics_are_found() {
    for (rest, code) in [
        ("    each: entry\n    require: { es003.dutty: 1 }", "unknown-column"),
        ("    each: entry\n    require: { es03.duty: 1 }", "unknown-table"),
        ("    each: entry\n    require: { es003.duty: { above: 1 } }", "line-column"),
        ("    each: entry\n    require: { some: es003, where: { es003.duty: { above: 1 } } }", "line-column"),
        ("    each: file\n    require: { es003.entry_type: '01' }", "file-scope"),
        ("    each: file\n    require: { some: es003 }", "file-scope"),
        ("    each: entyr\n    require: { some: es003 }", "unknown-scope"),
        ("    each: entry\n    require: { es003.liquidation_status: liquidatd }", "unknown-choice"),
        ("    each: entry\n    require: { es003.liquidation_date: 2026-02-30 }", "bad-date"),
        ("    each: entry\n    require: { es003.liquidation_date: { matches: x } }", "wrong-test"),
        ("    each: entry\n    require: { es003.entry_type: { matches: 'a(b' } }", "bad-pattern"),
        (
            "    each: entry\n    require: { es003.entry_type: { matches: '((a{999}){999}){999}' } }",
            "bad-pattern",
        ),
        ("    each: entry\n    require: { es003.entry_type: [] }", "empty-list"),
        ("    each: entry\n    require: { file.entries: { above: 5, below: 3 } }", "contradiction"),
        ("    each: entry\n    require: { file.entries: { above: 5, below: 6 } }", "contradiction"),
        ("    each: entry\n    require: { file.entries: { between: [5, 3] } }", "contradiction"),
        (
            "    each: entry\n    require: { all: [{ es003.entry_type: '01' }, { es003.entry_type: '02' }] }",
            "contradiction",
        ),
        ("    each: entry\n    require: { es003.entry_type: { is: '01', is_not: '01' } }", "contradiction"),
        (
            "    each: entry\n    require: { es003.liquidation_date: { after: filing_date - 80 days, before: filing_date - 90 days } }",
            "contradiction",
        ),
        (
            "    each: entry\n    require: { es003.liquidation_status: [liquidated, reliquidated, extended] }",
            "constant-condition",
        ),
        ("    each: entry\n    require: { count: es003, at_least: 0 }", "constant-condition"),
        ("    each: entry\n    require: { 5: { above: 3 } }", "constant-condition"),
        ("    each: entry\n    require: { some: es003 }\n    message: '{entyr}'", "unknown-placeholder"),
        (
            "    each: entry\n    require: { some: es003 }\n    message: '{agee(filing_date)}'",
            "unknown-function",
        ),
        ("    each: entry\n    require: { some: es003, where: { hts: { in: iepa } } }", "unknown-code-list"),
        (
            "    each: entry\n    require: { some: es003 }\n    effective: { from: 2026-02-01, until: 2026-01-01 }",
            "effective-reversed",
        ),
        ("    each: entry\n    require: { some: es003 }\n    supersedes: [a]", "supersedes-circle"),
        ("    each: entry\n    require: { some: es003 }\n    supersedes: [b]", "unknown-rule"),
        (
            "    each: entry\n    require: { some: es003 }\n    tests: [{ name: x, es003: [{ dutty: 1 }], expect: satisfied }]",
            "unknown-column",
        ),
        (
            "    each: entry\n    require: { some: es003 }\n    tests: [{ name: x, es03: [], expect: satisfied }]",
            "unknown-key",
        ),
        (
            "    each: entry\n    require: { some: es003 }\n    tests: [{ name: x, expect: hold }]",
            "unknown-value",
        ),
        ("    each: entry\n    require: { some: es003 }\n    forbid: { some: es003 }", "conflicting-keys"),
        ("    each: entry\n    requires: { some: es003 }", "unknown-key"),
    ] {
        assert!(codes(rest).contains(&code), "{rest}: {:?}", codes(rest));
        if code != "unknown-key" {
            assert_eq!(codes(rest), [code], "{rest}");
        }
    }
}

#[test]
fn all_diagnostics_of_all_files_come_out_in_one_run() {
    let diagnostics = load_all(&[
        TABLES,
        "rules:
  - id: a
    titel: x
    severity: eror
    each: entry
    require: { es003.dutty: { above: 1 } }
    sources: { a: b }
    tests:
      - expect: hold
",
        "rules:\n  - id: b\n    title: [x]\n    severity: note\n    each: entry\n    forbid: { es03.duty: 1 }\noff: [c]\n",
    ])
    .unwrap_err();
    let found: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code.name(), diagnostic.labels[0].place.line))
        .collect();
    assert_eq!(
        found,
        [
            ("unknown-key", 3),
            ("unknown-severity", 4),
            ("unknown-column", 6),
            ("wrong-kind", 7),
            ("missing-key", 9),
            ("unknown-value", 9),
            ("wrong-kind", 3),
            ("unknown-table", 6),
            ("unknown-rule", 7),
        ]
    );
}

#[test]
fn a_rule_may_supersede_all_others() {
    let rules = "rules:
  - { id: a, title: a, severity: error, each: entry, require: { some: es003 }, supersedes: [b, all] }
  - { id: b, title: b, severity: error, each: entry, require: { some: es003 }, supersedes: [all] }
  - { id: c, title: c, severity: error, each: row, forbid: { row.entry_form: dashes } }
  - { id: d, title: d, severity: error, each: file, require: { file.columns: 1 } }
  - { id: e, title: e, severity: error, each: es003, require: { es003.duty: { above: 0 } }, supersedes: [c] }
";
    let rules = load_all(&[TABLES, rules]).unwrap();
    let supersedes = |at: usize| rules.rules[at].supersedes.iter().map(|id| id.0).collect::<Vec<_>>();
    assert_eq!([supersedes(0), supersedes(1)], [vec![1, 2, 4], vec![2, 4]]);
    assert_eq!([supersedes(2), supersedes(3), supersedes(4)], [vec![], vec![], vec![2]]);
}

#[test]
fn later_files_extend_replace_and_switch_off() {
    let first = "rules:
  - { id: a, title: a, severity: error, each: entry, require: { some: es003 }, supersedes: [b, c] }
  - { id: b, title: b, severity: error, each: entry, require: { some: es003 } }
  - { id: c, title: c, severity: error, each: entry, require: { some: es003 } }
";
    let second = "
tables:
  es003:
    extends: yes
    columns:
      duty: { headers: [Duty Amount] }
      liquidation_status: { choices: { liquidated: [liq'd], hold: [hold] } }
      hold: { type: text, headers: [Hold] }
  broker_hold:
    key: entry
    absent: nothing
    columns: { entry: { type: entry_number, headers: [Entry] }, reason: { type: text, headers: [Reason] } }
codes:
  chapter99: { extends: yes, rows: [{ heading: 9903.99.99, authority: IEEPA }] }
off: [c]
rules:
  - { id: house-b, replaces: b, title: mine, severity: note, each: broker_hold, forbid: { es003.hold: x } }
";
    let error = load_all(&[TABLES, first, second]).unwrap_err();
    assert_eq!(error[0].code.name(), "line-column", "{error:#?}");
    let second = second.replace("es003.hold: x", "broker_hold.reason: { present: yes }");
    let rules = load_all(&[TABLES, first, &second]).unwrap();
    let ids: Vec<&str> = rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["a", "house-b"]);
    assert_eq!(rules.rules[0].supersedes, [model::RuleId(1)]);
    assert_eq!(rules.off.iter().map(|off| off.id.as_str()).collect::<Vec<_>>(), ["c"]);
    let es003 = rules.schemas.iter().find(|schema| schema.name == "es003").unwrap();
    let column = |name: &str| &es003.columns[es003.column(name).unwrap()];
    assert_eq!(column("duty").headers, ["Duty", "Duty Amount"]);
    assert_eq!(column("liquidation_status").choices[0].name, "hold");
    assert_eq!(rules.code_lists[0].rows.len(), 3);
    assert_eq!(rules.holidays.len(), 2);
    assert!(rules.holidays[0] < rules.holidays[1]);
}

#[test]
fn tests_of_rules_are_compiled() {
    let rule = good(
        "    each: entry
    require: { es003.liquidation_date: { after: filing_date } }
    tests:
      - name: x
        filing_date: 2026-11-22
        account: { role: broker, filer_codes: [abc] }
        file: { extension: csv }
        row: { entry: ABC12345676 }
        es003: [{ liquidation_date: '' }, {}]
        values: { preamble_rows(es003): 3 }
        expect: violated
        message: late
        help: ''
        labels: [es003.liquidation_date]
",
    );
    let test = &rule.tests[0];
    assert_eq!(test.expect, Expectation::Violated);
    assert_eq!((test.message.as_deref(), test.help.as_deref()), (Some("late"), Some("")));
    let super::model::TestRows::Rows(rows) = &test.fixture.tables[0].1 else { panic!("rows") };
    assert_eq!((test.fixture.file.len(), test.fixture.rows.len(), rows.len()), (1, 1, 2));
    assert_eq!(test.account.filer_codes.as_deref(), Some(&["ABC".to_owned()][..]));
    assert_eq!(test.values.len(), 1);
    let rest = "    each: entry\n    require: { es003.liquidation_date: { after: filing_date } }\n    tests: [{ name: x, expect: satisfied }]";
    assert_eq!(codes(rest), ["missing-key"]);
}

mod hostile {
    use proptest::prelude::*;

    use super::*;

    /// A file in which most of the language occurs, to be damaged.
    const RULES: &str = "
rules:
  - id: a
    title: t
    severity: error
    each: es003
    when: { es003.liquidation_date: { between: [filing_date - 80 days, filing_date + 1 month] } }
    forbid:
      any:
        - count: es003
          where: { hts: { in: ieepa }, duty: { near: \"percent(10, line_total(duty))\", tolerance: 2 % } }
          at_most: 1
        - not: { es003.entry_type: { matches: '^(0[1-9])$' } }
    message: >-
      entry {entry} of {age(es003.liquidation_date)}
      with {{braces}} and {total(es003.duty)}
    help:
      - when: { es003.*: { readable: yes } }
        text: \"look \\u00e4t {es003.hts}\"
      - text: leave it out
    effective: { from: 2026-01-01 }
    tests:
      - { name: x, filing_date: 2026-11-22, es003: [{ hts: '9903.01.25' }], expect: undecided }
";

    /// Whatever the bytes, loading ends, and every error points into the file.
    fn survives(bytes: &[u8]) {
        let mut sources = Sources::default();
        let files = vec![
            RuleSource::new("tables.yaml", TABLES, |_| Err("none".into())),
            RuleSource::new("damaged.yaml", bytes, |_| Err("none".into())),
        ];
        if let Err(diagnostics) = load(files, CompileOptions { tests: true }, &mut sources) {
            assert!(!diagnostics.is_empty());
            let mut out = Vec::new();
            crate::report::diagnostic::render(&diagnostics, &sources, false, &mut out).unwrap();
            for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
                let text = sources.text(label.place.file).unwrap();
                let span = label.place.span.range();
                assert!(span.end <= text.text.len() + text.skipped, "{diagnostics:?}");
                assert!(text.text.is_char_boundary(span.start - text.skipped), "{diagnostics:?}");
            }
        }
    }

    #[test]
    fn the_file_to_be_damaged_is_good() {
        if let Err(diagnostics) = load_all(&[TABLES, RULES]) {
            panic!("{diagnostics:#?}");
        }
    }

    #[test]
    fn files_made_to_be_slow_end_soon() {
        // In lines as long as they may be, and all on one.
        let many = |unit: &str| {
            let line = unit.repeat((yaml::MAX_LINE - 64) / unit.len());
            format!("{line}\n      ").repeat((yaml::MAX_FILE / 8) / (line.len() + 7))
        };
        survives(&[b'['; yaml::MAX_FILE]);
        for text in [
            many("["),
            many("{"),
            many("- "),
            many("a: &a *a\n"),
            many("? "),
            many("\"\\x41"),
            format!("rules: [{}]", many("{},")),
            format!("rules: [{}]", many("{id: a, title: b, each: row, severity: note},")),
            format!("tables: {{ t: {{ columns: {{ {} }} }} }}", many("c: {},")),
            format!("tables: {{ t: {{ columns: {{ c: {{ type: text, headers: [{}] }} }} }} }}", many("a,")),
            format!("rules:\n- {{ {} }}", many("a: 1, ")),
            format!("rules:\n- {{ sources: [{}] }}", many("[],")),
            format!("rules:\n- {{ message: '{}' }}", many("{a}")),
            format!("rules:\n- {{ id: {} }}", many("x")),
            format!("rules:\n- {{ when: {{ all: [{}] }} }}", many("{a: 1},")),
            format!("rules:\n- {{ when: {{ x: {{ matches: '{}' }} }} }}", many("(a*)*")),
            format!("off: [{}]", many("a,")),
            format!("selections: {{ {} }}", many("s: {},")),
        ] {
            let start = std::time::Instant::now();
            survives(text.as_bytes());
            assert!(start.elapsed().as_secs() < 20, "{:.40} took {:?}", text, start.elapsed());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::thorough::cases(256)))]

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            survives(&bytes);
        }

        #[test]
        fn any_yaml_like_text_is_survived(text in "[ \\n:{}\\[\\],'\"a-f0-9.*&!|>#%-]{0,300}") {
            survives(text.as_bytes());
        }

        #[test]
        fn a_damaged_file_is_survived(
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..6, "[ \\n:{}\\[\\](),'\"a-z0-9.*+-]{0,6}"), 1..5)
        ) {
            let mut text = RULES.to_owned();
            for (at, length, new) in cuts {
                let at = at.index(text.len());
                let end = (at + length).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, &new);
                }
            }
            survives(text.as_bytes());
        }
    }
}
