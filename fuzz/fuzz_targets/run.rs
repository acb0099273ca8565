//! A whole run in memory, as `capelint check` makes it: shared by the targets that check.

#![allow(dead_code, reason = "each target uses a part")]

use std::sync::OnceLock;

use capelint::{Checked, Errors, Format, Options, RuleSource, Check, Loader, Rules};
use capelint::internals::rules::pack;
use chrono::NaiveDate;

/// Texts that a fuzzer would need long to find.
pub const WORDS: &[&str] = &[
    "ABC12345676", "ABC-1234567-6", "ABC12345684", "00261103162", "261103162", "6.05576E+10", "=\"ABC12345676\"",
    "Entry Number", "Entry Summary Number", "Liquidated", "Unliquidated", "08/21/2026", "2026-11-21", "99030125",
    "850.00", "987-65-4320", "12-3456789", "=1+1", "::error::", "\u{202e}", "\u{1b}[2J", "\"", "'", ",", ";", "\t", "\r\n", "\u{feff}",
];

/// The small pack, compiled once.
pub fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut loader = Loader::new();
        loader.without_built_in();
        let is_table = |file: &RuleSource| file.name.contains("/tables/") || file.name.contains("/codes/");
        for file in pack::embedded().into_iter().filter(is_table) {
            loader.rule_file(file);
        }
        loader.rule_file(RuleSource::new("rules.yaml", &include_bytes!("../pack/rules.yaml")[..], |_| Err(String::new())));
        loader.load().unwrap_or_else(|errors| panic!("{errors}"))
    })
}

/// Checks a declaration against an ES-003, or renders why that cannot be.
pub fn check(name: &str, declaration: &[u8], es003: Option<(&str, &[u8])>) -> Option<Checked<'static>> {
    let mut check = Check::new(rules(), NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    check.declaration(name, declaration.to_vec());
    if let Some((name, bytes)) = es003 {
        check.table("es003", name, bytes.to_vec());
    }
    match check.run() {
        Ok(checked) => {
            look_at(&checked);
            Some(checked)
        }
        Err(errors) => {
            look_at_errors(&errors);
            None
        }
    }
}

/// Errors have a reason, point into their files at whole characters, and act on no terminal.
pub fn look_at_errors(errors: &Errors) {
    assert!(!errors.diagnostics.is_empty(), "refused without a reason");
    for diagnostic in &errors.diagnostics {
        assert!(!diagnostic.message.raw().is_empty());
        for label in &diagnostic.labels {
            let Some(text) = errors.sources.text(label.place.file) else { continue };
            let range = label.place.span.range();
            let range = range.start - text.skipped..range.end - text.skipped;
            assert!(text.text.get(range.clone()).is_some(), "{} points at {range:?}", diagnostic.code.name());
        }
    }
    inert("diagnostic", errors.to_string());
}

/// Renders one format; the input chooses which.
pub fn render(checked: &Checked<'_>, choice: usize) {
    let formats = Format::ALL;
    let format = formats[choice % formats.len()];
    let mut out = Vec::new();
    checked.render(format, &Options::default(), &mut out).unwrap();
    inert(format.name(), String::from_utf8(out).expect("text"));
}

/// Findings point into their file, at whole characters.
fn look_at(checked: &Checked<'_>) {
    for finding in &checked.outcome.findings {
        for place in std::iter::once(finding.place).chain(finding.labels.iter().map(|label| label.place)) {
            assert!(place.line > 0 && place.column > 0);
            let Some(text) = checked.sources.text(place.file) else { continue };
            let range = place.span.range();
            assert!(range.start >= text.skipped, "a place in the byte order mark");
            let range = range.start - text.skipped..range.end - text.skipped;
            assert!(text.text.get(range.clone()).is_some(), "{range:?} is not whole characters");
        }
    }
}

/// What comes out acts on no terminal.
pub fn inert(format: &str, text: String) {
    let acts = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(acts), "{format}: a control character came out");
    if matches!(format, "human" | "short" | "diagnostic") {
        assert!(!text.contains(['\r', '\t']), "{format}: a carriage return or tab came out");
        assert!(!text.contains("::error") && !text.contains("##vso["), "{format}: a command came out");
    }
}

/// A cell: a word that means something, or any text.
#[derive(Debug, arbitrary::Arbitrary)]
pub enum Cell<'a> {
    Word(u8),
    Text(&'a str),
}

impl Cell<'_> {
    pub fn text(&self) -> &str {
        match self {
            Cell::Word(at) => WORDS[usize::from(*at) % WORDS.len()],
            Cell::Text(text) => text,
        }
    }
}

/// A table as CSV, each cell quoted as it must be.
pub fn csv(rows: &[Vec<&str>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).expect("in memory"));
    writer.into_inner().expect("in memory")
}
