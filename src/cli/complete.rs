//! Completes command lines in a shell: the names of rules, tables and formats.
//!
//! The names are those of the pack and of the configuration in the current folder. If a rule file has an error,
//! the pack's names are offered.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};

use super::load::{self, ConfigSource};
use capelint::diagnostic::Code;
use capelint::frontend::text::Outside;
use capelint::{Format, RuleChoice, Rules};

/// The variable by which a shell asks for what can follow.
pub const VARIABLE: &str = "CAPELINT_COMPLETE";

fn with_rules<T: Default>(of: impl Fn(&Rules) -> T) -> T {
    let config = ConfigSource::above(Path::new("."));
    let rules = config.and_then(|config| load::rules(&config, &[], RuleChoice::default(), false));
    match rules {
        Ok(rules) => of(&rules),
        Err(_) => Rules::built_in().as_ref().map(of).unwrap_or_default(),
    }
}

/// A name with what it means, as a shell may show it: the texts of rules come from outside.
fn named(name: &str, help: Outside<'_>) -> CompletionCandidate {
    CompletionCandidate::new(name).help((!help.raw().is_empty()).then(|| help.to_string().into()))
}

/// The ids of the rules.
pub fn rules() -> Vec<CompletionCandidate> {
    with_rules(|rules| rules.list().iter().map(|rule| named(&rule.id, rule.title.outside())).collect())
}

/// The ids of the rules, and the stages by which all rules of one are named.
pub fn rules_and_stages() -> Vec<CompletionCandidate> {
    with_rules(|rules| {
        let rules = rules.list();
        let stages: BTreeSet<&str> = rules.iter().map(|rule| rule.stage.raw()).collect();
        let stages = stages.into_iter().map(|stage| named(&format!("stage:{stage}"), Outside::default()));
        rules.iter().map(|rule| named(&rule.id, rule.title.outside())).chain(stages).collect()
    })
}

/// The tables that can be provided.
pub fn tables() -> Vec<CompletionCandidate> {
    with_rules(|rules| rules.tables().iter().map(|table| named(&table.name, table.title.outside())).collect())
}

/// All names that rules may use.
pub fn names() -> Vec<CompletionCandidate> {
    let all = |rules: &Rules| {
        let names = rules.names();
        names
            .iter()
            .flat_map(|(_, names)| names.iter().map(|(name, title)| named(name, title.outside())))
            .collect()
    };
    with_rules(all)
}

/// The formats of reports.
pub fn formats() -> Vec<CompletionCandidate> {
    Format::ALL.iter().map(|format| CompletionCandidate::new(format.name())).collect()
}

/// What can be explained: a rule, a kind of error, the checklist; or a declaration, with its entry.
pub fn explained(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else { return Vec::new() };
    let codes = Code::all().into_iter().map(|code| named(code.name(), Outside::new(code.meaning())));
    let names = rules().into_iter().chain(codes);
    let names =
        names.chain([named("checklist", Outside::new("questions to answer before the first upload"))]);
    let begins = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(text);
    names.filter(begins).chain(PathCompleter::file().complete(current)).collect()
}

/// `NAME=` by names, and behind it files.
fn name_and_file(current: &OsStr, names: impl Fn() -> Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else { return Vec::new() };
    match text.split_once('=') {
        None => followed(names(), text),
        Some((name, file)) => {
            let files = PathCompleter::file().complete(OsStr::new(file));
            files.into_iter().map(|one| one.add_prefix(format!("{name}="))).collect()
        }
    }
}

/// The names that begin so, each with `=` behind it.
fn followed(names: Vec<CompletionCandidate>, text: &str) -> Vec<CompletionCandidate> {
    let begins = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(text);
    let names = names.into_iter().filter(begins);
    names
        .map(|one| {
            let name = one.get_value().to_string_lossy().into_owned();
            CompletionCandidate::new(format!("{name}=")).help(one.get_help().cloned())
        })
        .collect()
}

/// `TABLE=FILE`.
pub fn table_and_file(current: &OsStr) -> Vec<CompletionCandidate> {
    name_and_file(current, tables)
}

/// `FORMAT=FILE`.
pub fn format_and_file(current: &OsStr) -> Vec<CompletionCandidate> {
    let parquet = || ["entries", "findings"].map(CompletionCandidate::new).into_iter();
    name_and_file(current, || {
        formats().into_iter().chain(parquet().filter(|_| cfg!(feature = "parquet"))).collect()
    })
}

/// `RULE=LEVEL`.
pub fn rule_and_level(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else { return Vec::new() };
    match text.split_once('=') {
        None => followed(rules(), text),
        Some((rule, level)) => {
            let levels = ["error", "stop", "warning", "note", "off"].into_iter();
            let levels = levels.filter(|one| one.starts_with(level));
            levels.map(|one| CompletionCandidate::new(format!("{rule}={one}"))).collect()
        }
    }
}
