//! Rule files and configurations made of the words of the language: they are accepted, or refused with
//! errors at places inside them; what is accepted checks a declaration without a panic.
#![no_main]

mod run;

use arbitrary::Arbitrary;
use capelint::{Check, Loader, RuleSource};
use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;

/// A table to refer to.
const TABLE: &str = "
tables:
  es003:
    title: export
    key: entry
    columns:
      entry: { type: entry_number, headers: [Entry Summary Number] }
      hts: { type: hts, headers: [HTS Number - Full] }
      duty: { type: money, headers: [Line Tariff Duty Amount] }
      liquidation_date: { type: date, of: entry, headers: [Liquidation Date] }
      liquidation_status: { type: choice, of: entry, headers: [Liquidation Status], choices: { liquidated: [liquidated] } }
rules:
  - { id: first-rule, title: t, severity: error, each: entry, require: { some: es003 }, message: m, sources: [s] }
";

const SUBJECTS: &[&str] = &[
    "row.entry", "row.entry_form", "file.entries", "es003.duty", "es003.hts", "es003.liquidation_date", "duty", "hts",
    "es003.liquidation_status", "total(es003.duty)", "line_total(es003.duty)", "earliest(es003.liquidation_date)",
    "age(es003.liquidation_date)", "filing_date", "account.role", "entry", "c0", "f0", "nothing",
];
const WORDS: &[&str] = &[
    "is", "is_not", "in", "not_in", "matches", "starts_with", "above", "at_least", "below", "at_most", "before", "after",
    "on_or_before", "on_or_after", "valid", "present", "unique", "consistent", "between", "near",
];
const VALUES: &[&str] = &[
    "yes", "no", "0", "-1", "12.50", "2026-01-01", "filing_date - 80 days", "es003.duty", "[a, b]", "liquidated", "'^9903'",
    "entry_number", "99030125", "~", "[]", "{}", "'(a{1,99}){1,99}'", "filing_date + 99999999999 months", "duty", "\"\"",
];
const EACH: &[&str] = &["entry", "row", "file", "es003", "line", "nothing"];
const QUANTIFIERS: &[&str] = &["some", "every", "no", "count"];

fn of<'w>(words: &[&'w str], at: u8) -> &'w str {
    words[usize::from(at) % words.len()]
}

#[derive(Debug, Arbitrary)]
enum Condition<'a> {
    Test(u8, u8, u8),
    Is(u8, u8),
    All(Vec<Condition<'a>>),
    Any(Vec<Condition<'a>>),
    Not(Box<Condition<'a>>),
    Rows { quantifier: u8, line: bool, filter: Option<Box<Condition<'a>>>, count: u8 },
    Text(&'a str),
}

impl Condition<'_> {
    fn write(&self, depth: usize, out: &mut String) {
        let several = |name: &str, parts: &[Condition<'_>], out: &mut String| {
            out.push_str(&format!("{{ {name}: ["));
            for part in parts.iter().take(3) {
                part.write(depth + 1, out);
                out.push_str(", ");
            }
            out.push_str("] }");
        };
        match self {
            _ if depth > 4 => out.push_str("{ row.entry: { present: yes } }"),
            Self::Test(subject, word, value) => {
                out.push_str(&format!("{{ \"{}\": {{ {}: {} }} }}", of(SUBJECTS, *subject), of(WORDS, *word), of(VALUES, *value)));
            }
            Self::Is(subject, value) => out.push_str(&format!("{{ \"{}\": {} }}", of(SUBJECTS, *subject), of(VALUES, *value))),
            Self::All(parts) => several("all", parts, out),
            Self::Any(parts) => several("any", parts, out),
            Self::Not(part) => {
                out.push_str("{ not: ");
                part.write(depth + 1, out);
                out.push_str(" }");
            }
            Self::Rows { quantifier, line, filter, count } => {
                let quantifier = of(QUANTIFIERS, *quantifier);
                out.push_str(&format!("{{ {quantifier}: es003"));
                if *line {
                    out.push_str(", on: line");
                }
                if let Some(filter) = filter {
                    out.push_str(", where: ");
                    filter.write(depth + 1, out);
                }
                if quantifier == "count" {
                    out.push_str(&format!(", at_most: {count}"));
                }
                out.push_str(" }");
            }
            Self::Text(text) => out.push_str(text),
        }
    }
}

#[derive(Debug, Arbitrary)]
struct Rule<'a> {
    id: u8,
    each: u8,
    forbids: bool,
    when: Option<Condition<'a>>,
    condition: Condition<'a>,
    message: (u8, &'a str),
    /// Keys that replace another rule or turn it off.
    other: u8,
}

#[derive(Debug, Arbitrary)]
struct Files<'a> {
    named: Option<Condition<'a>>,
    rules: Vec<Rule<'a>>,
    severity: Vec<(u8, u8)>,
    waiver: Option<(u8, &'a str)>,
    tail: &'a str,
}

fuzz_target!(|files: Files| {
    let mut house = String::new();
    if let Some(named) = &files.named {
        house.push_str("conditions:\n  c0: ");
        named.write(0, &mut house);
        house.push('\n');
    }
    house.push_str("rules:\n");
    for rule in files.rules.iter().take(4) {
        house.push_str(&format!("  - id: house-{}\n    title: t\n    severity: stop\n    each: {}\n", rule.id % 4, of(EACH, rule.each)));
        match rule.other % 6 {
            0 => house.push_str("    replaces: first-rule\n"),
            1 => house.push_str("    supersedes: [first-rule]\n"),
            2 => house.push_str("    effective: { from: 2026-11-23 }\n"),
            _ => {}
        }
        if let Some(when) = &rule.when {
            house.push_str("    when: ");
            when.write(0, &mut house);
            house.push('\n');
        }
        house.push_str(if rule.forbids { "    forbid: " } else { "    require: " });
        rule.condition.write(0, &mut house);
        house.push_str(&format!("\n    message: \"m {{{}}} {}\"\n    sources: [s]\n", of(SUBJECTS, rule.message.0), rule.message.1.escape_default()));
    }
    house.push_str(files.tail);
    let mut config = String::from("account: { role: importer, importer_numbers: [12-3456789] }\nseverity: {");
    for (rule, level) in files.severity.iter().take(3) {
        config.push_str(&format!(" house-{}: {},", rule % 4, ["error", "stop", "note", "off", "x"][usize::from(level % 5)]));
    }
    config.push_str(" }\n");
    if let Some((rule, entry)) = files.waiver {
        config.push_str(&format!(
            "waivers:\n  - {{ rule: house-{}, entries: [\"{}\"], reason: r, until: 2026-12-31 }}\n",
            rule % 4,
            entry.escape_default()
        ));
    }
    let mut loader = Loader::new();
    loader.without_built_in();
    loader.configuration("capelint.yaml", config.as_bytes());
    loader.rule_file(RuleSource::new("table.yaml", TABLE, |_| Err(String::new())));
    loader.rule_file(RuleSource::new("house.yaml", house.into_bytes(), |_| Err("no files here".into())));
    let rules = match loader.load() {
        Ok(rules) => rules,
        Err(errors) => {
            assert!(!errors.diagnostics.is_empty(), "refused without a reason");
            run::look_at_errors(&errors);
            return;
        }
    };
    let mut check = Check::new(&rules, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    check.declaration("march.csv", *b"Entry Number\r\nABC12345676\r\nABC12345684\r\nABC12345676\r\n");
    check.table(
        "es003",
        "es003.csv",
        *b"Entry Summary Number,HTS Number - Full,Line Tariff Duty Amount,Liquidation Date,Liquidation Status\n\
          ABC12345676,99030125,12.50,01/02/2026,Liquidated\nABC12345676,8471300100,0,01/02/2026,Liquidated\nABC12345684,x,,,\n",
    );
    if let Ok(checked) = check.run() {
        let ready = checked.outcome.entries.iter().filter(|entry| entry.verdict.may_be_uploaded()).count();
        assert!(ready <= 2);
        run::render(&checked, files.rules.len());
    }
});
