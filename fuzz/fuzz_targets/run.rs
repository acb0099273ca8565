//! A whole run in memory, as `capelint check` makes it: shared by the targets that judge.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use capelint::account::Account;
use capelint::diagnostic::Diagnostic;
use capelint::finding::Outcome;
use capelint::internals::judge::{self, needs};
use capelint::internals::report::{Format, Options, diagnostic, render};
use capelint::internals::rules::model::RuleSet;
use capelint::internals::rules::{self, pack};
use capelint::input::Input;
use capelint::source::Sources;
use capelint::internals::table::declaration::Declarations;
use capelint::internals::table::reference::{Chunks, Request, read_table};
use capelint::internals::table::{Entries, FILE, ROW, TableId, Tables};
use chrono::NaiveDate;

/// The built-in pack, compiled once, and its files.
fn built_in() -> &'static (RuleSet, Sources) {
    static PACK: OnceLock<(RuleSet, Sources)> = OnceLock::new();
    PACK.get_or_init(|| {
        let mut sources = Sources::default();
        let rules = rules::load(pack::embedded(), rules::Options::default(), &mut sources);
        (rules.expect("the built-in pack loads"), sources)
    })
}

/// Judges a declaration against an ES-003 and renders all formats, or renders why that cannot be.
pub fn check(name: &str, declaration: &[u8], es003: Option<&[u8]>, chunks: Chunks) {
    let (rules, sources) = built_in();
    let mut sources = sources.clone();
    match judged(rules, &mut sources, name, declaration, es003, chunks) {
        Ok((outcome, tables)) => {
            look_at(&outcome, &sources);
            for (_, format) in Format::ALL {
                let mut out = Vec::new();
                render(format, &outcome, &sources, &(&tables, &sources), &Options::default(), &mut out)
                    .unwrap();
                inert(format.name(), out);
            }
        }
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty(), "refused without a reason");
            let mut out = Vec::new();
            diagnostic::render(&diagnostics, &sources, false, &mut out).unwrap();
            inert("diagnostic", out);
        }
    }
}

fn judged(
    rules: &RuleSet,
    sources: &mut Sources,
    name: &str,
    declaration: &[u8],
    es003: Option<&[u8]>,
    chunks: Chunks,
) -> Result<(Outcome, Tables), Vec<Diagnostic>> {
    let mut entries = Entries::default();
    let mut declarations = Declarations::new(&rules.schemas);
    declarations.read(name, declaration, sources, &mut entries).map_err(|diagnostic| vec![diagnostic])?;
    let (files, rows) = declarations.finish();
    let mut tables =
        Tables { schemas: rules.schemas.clone(), tables: rules.schemas.iter().map(|_| None).collect() };
    tables.tables[FILE.0] = Some(files);
    tables.tables[ROW.0] = Some(rows);
    if let Some(bytes) = es003 {
        let id = rules.schemas.iter().position(|schema| schema.name == "es003").map(TableId).unwrap();
        let asked = needs::columns(rules, |_| true);
        let request = Request {
            asked: &asked[id.0],
            chunks,
            ..Request::new(id, &rules.schemas)
        };
        let input = [("es003.csv".to_owned(), Input::Bytes(Arc::from(bytes)))];
        tables.tables[id.0] = Some(read_table(&request, &input, sources, &mut entries)?);
    }
    let filing_date = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let outcome = judge::judge(&judge::Input {
        rules,
        severities: rules
            .rules
            .iter()
            .map(|rule| rule.in_force(filing_date).then_some(rule.severity))
            .collect(),
        tables: &tables,
        sources,
        entries: &entries,
        account: &Account::default(),
        filing_date,
        exported: HashMap::new(),
        values: HashMap::new(),
        settings: HashMap::new(),
        left_out: false,
    });
    Ok((outcome, tables))
}

/// Findings point into their file, at whole characters.
fn look_at(outcome: &Outcome, sources: &Sources) {
    for finding in &outcome.findings {
        for place in std::iter::once(finding.place).chain(finding.labels.iter().map(|label| label.place)) {
            assert!(place.line > 0 && place.column > 0);
            let Some(text) = sources.text(place.file) else { continue };
            let range = place.span.range();
            assert!(range.start >= text.skipped, "a place in the byte order mark");
            let range = range.start - text.skipped..range.end - text.skipped;
            assert!(text.text.get(range.clone()).is_some(), "{range:?} is not whole characters");
        }
    }
}

/// What comes out is text, and nothing in it acts on a terminal.
fn inert(format: &str, out: Vec<u8>) {
    let text = String::from_utf8(out).expect(format);
    let acts = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(acts), "{format}: a control character came out");
    if matches!(format, "human" | "short" | "diagnostic") {
        assert!(!text.contains(['\r', '\t']), "{format}: a carriage return or tab came out");
    }
}
