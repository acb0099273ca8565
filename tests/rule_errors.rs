//! Every kind of error in a rule file, with its exact text.
//!
//! Each `tests/rule-errors/NAME.yaml` is read after `tables.yaml` of the same folder, and what
//! comes out must be `NAME.txt`. `SNAPSHOTS=overwrite cargo test --test rule_errors` writes those
//! files; read them before you commit them.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use capelint::diagnostic::Code;
use capelint::frontend::messages;
use capelint::source::Sources;
use capelint::{Errors, Loader, RuleSource};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rule-errors")
}

fn source(name: &str, bytes: Vec<u8>) -> RuleSource {
    RuleSource::new(name, bytes, |_| Err("there is no such file".into()))
}

/// The errors of loading a file.
fn errors(name: &str, bytes: Vec<u8>) -> Errors {
    if name.starts_with("messages") {
        let mut sources = Sources::default();
        let diagnostics = messages::load(name, &bytes, &mut sources).unwrap_err();
        return Errors::new(diagnostics, sources);
    }
    let mut loader = Loader::new();
    loader.without_built_in();
    loader.rule_file(source("tables.yaml", fs::read(folder().join("tables.yaml")).unwrap()));
    if name.starts_with("config") {
        loader.configuration(name, &bytes);
        loader.rule_file(source("rules.yaml", house_rules().into()));
        loader.rule_file(source("off.yaml", b"off: [switched-off]\n".to_vec()));
    } else {
        loader.rule_file(source(name, bytes));
    }
    loader.load().expect_err("each file has an error")
}

/// Two rules, one of which is turned off.
fn house_rules() -> String {
    let rule = |id: &str| {
        format!("  - {{ id: {id}, title: T, severity: note, each: file, require: {{ file.columns: 1 }} }}\n")
    };
    format!("rules:\n{}{}", rule("on-hold"), rule("switched-off"))
}

fn rendered(name: &str, bytes: Vec<u8>) -> String {
    errors(name, bytes).draw(false)
}

fn files() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") && name != "tables.yaml")
        .collect();
    names.sort();
    names
}

#[test]
fn each_diagnostic_is_worded_as_expected() {
    let mut wrong = Vec::new();
    for name in files() {
        let shown = rendered(&name, fs::read(folder().join(&name)).unwrap());
        assert!(!shown.is_empty(), "{name} has no error");
        let path = folder().join(&name).with_extension("txt");
        wrong.extend(
            common::snapshot::compare_file(path, &shown).err().map(|difference| difference.to_string()),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let shown = rendered("too-large.yaml", vec![b'#'; (1 << 20) + 1]);
    assert!(shown.starts_with("error[too-large]: too-large.yaml is larger than 1 MiB"), "{shown}");
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let shown = rendered("too-long.yaml", [b"rules: []\n# ".as_slice(), &[b'x'; 1 << 14]].concat());
    assert!(shown.starts_with("error[too-long]: a line of more than 16384 bytes"), "{shown}");
}

#[test]
fn a_file_full_of_diagnostics_is_cut_off() {
    let ids: Vec<String> = (0..1000).map(|n| format!("no-such-rule-{n}")).collect();
    let Errors { diagnostics, .. } = errors("many.yaml", format!("off: [{}]\n", ids.join(",\n ")).into());
    assert_eq!((diagnostics.len(), diagnostics[256].code.name()), (257, "too-many-errors"));
}

#[test]
fn every_kind_of_diagnostic_has_a_file() {
    let shown: String = files()
        .iter()
        .map(|name| fs::read_to_string(folder().join(name).with_extension("txt")).unwrap())
        .collect();
    let of_loader = |code: &Code| code.group().contains("YAML") || code.group() == "Rules";
    let known: Vec<&str> = Code::all().into_iter().filter(of_loader).map(|code| code.name()).collect();
    assert!(known.len() > 50, "{known:?}");
    // These have tests of their own above, as their files would be long.
    let long = ["too-large", "too-long", "too-many-errors"];
    let has_file = |code: &str| long.contains(&code) || shown.contains(&format!("error[{code}]"));
    let without: Vec<_> = known.iter().filter(|code| !has_file(code)).collect();
    assert!(without.is_empty(), "no file for {without:?}");
}
