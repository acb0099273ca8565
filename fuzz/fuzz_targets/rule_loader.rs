//! Rule files of any bytes: rules, or errors with a place inside the file; never both, never a
//! panic. Alone or beside a small table, which gives them something to refer to, as their length decides, and now
//! and then beside the whole built-in pack: to compile that takes most of the time.
#![no_main]

use capelint::internals::report::diagnostic;
use capelint::internals::rules::{CompileOptions, RuleSource, load, pack};
use capelint::source::Sources;
use libfuzzer_sys::fuzz_target;

/// Something for rules to refer to.
const TABLE: &str = "
tables:
  es003:
    title: export
    key: entry
    columns:
      entry: { type: entry_number, headers: [Entry Summary Number] }
      hts: { type: hts, headers: [HTS] }
      duty: { type: money, headers: [Duty] }
      liquidation_date: { type: date, of: entry, headers: [Liquidation Date] }
      liquidation_status: { type: choice, of: entry, headers: [Liquidation Status], choices: { liquidated: [liquidated] } }
";

fuzz_target!(|bytes: &[u8]| {
    let house = RuleSource::new("house.yaml", bytes, |_| Err("no files here".into()));
    let table = RuleSource::new("table.yaml", TABLE, |_| Err(String::new()));
    let mut files = match bytes.len() {
        length if length % 1024 == 1023 => pack::embedded(),
        length if length.is_multiple_of(2) => vec![table],
        _ => Vec::new(),
    };
    files.push(house);
    let mut sources = Sources::default();
    if let Err(diagnostics) = load(files, CompileOptions::default(), &mut sources) {
        assert!(!diagnostics.is_empty(), "refused without a reason");
        for diagnostic in &diagnostics {
            assert!(!diagnostic.message.raw().is_empty());
            for label in &diagnostic.labels {
                let Some(text) = sources.text(label.place.file) else { continue };
                let range = label.place.span.range();
                let range = range.start - text.skipped..range.end - text.skipped;
                assert!(text.text.get(range.clone()).is_some(), "{} points at {range:?}", diagnostic.code.name());
            }
        }
        let mut out = Vec::new();
        diagnostic::render(&diagnostics, &sources, false, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "a control character came out");
    }
});
