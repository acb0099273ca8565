//! Loads rule files and a configuration: what comes out are rules that are ready to run.

use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;

use super::errors::EngineCode;
use crate::config::{self, Config, RuleName, check_names, rule_named, rules_named, rules_to_select};
use crate::diagnostic::Diagnostic;
use crate::finding::{
    Change, Extent, Pack, RuleChange, RuleId, RuleScope, Severity, WAIVER_EXPIRED, WAIVER_UNUSED,
};
use crate::judge::needs;
use crate::outside::{Outside, OutsideString};
use crate::report::{self, Format};
use crate::rule_tests::{TestChoice, TestReport, run_tests};
use crate::rules::model::{Each, RuleSet};
use crate::rules::{self, CompileOptions, RuleSource, pack};
use crate::source::{FileId, Placed, Sources};

/// Why something could not be done: every error that was found, with the files that they point into.
///
/// It is displayed as a compiler would: each error with the line it is about. `Debug` writes the same, because
/// a `main` that returns it prints that.
pub struct Errors {
    /// The errors, in the order of their places. Never empty.
    pub diagnostics: Vec<Diagnostic>,
    /// The files they are in.
    pub sources: Box<Sources>,
}

impl Errors {
    /// Errors in files.
    pub fn new(diagnostics: Vec<Diagnostic>, sources: Sources) -> Self {
        Self { diagnostics, sources: Box::new(sources) }
    }

    /// Whether nothing is wrong but that the export has no entry of the importers to which the run is limited.
    pub fn nothing_selected(&self) -> bool {
        self.diagnostics.iter().all(|error| error.code == EngineCode::NothingSelected)
    }

    /// Draws them as a compiler would; with the colors of a terminal where `color`.
    pub fn draw(&self, color: bool) -> String {
        let mut text = Vec::new();
        // Writing to memory does not fail.
        let _ = report::diagnostic::render(&self.diagnostics, &self.sources, color, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Writes them in a format that programs read; `None` for formats that people read.
    pub fn in_format(&self, format: Format) -> Option<String> {
        report::errors::render(format, &self.diagnostics, &self.sources)
    }

    /// A JSON list of them, with all their places.
    pub fn json(&self) -> serde_json::Value {
        report::errors::json(&self.diagnostics, &self.sources)
    }

    /// One line for each: `FILE:LINE:COLUMN: error[CODE]: MESSAGE; HELP`.
    pub fn short(&self) -> String {
        report::errors::short(&self.diagnostics, &self.sources)
    }
}

impl From<Diagnostic> for Errors {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(vec![diagnostic], Sources::default())
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.draw(false).trim_end())
    }
}

impl fmt::Debug for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Errors {}

/// Which rules run and how bad a violation is, where a caller decides that for one run. It comes before the
/// configuration.
#[derive(Clone, Debug, Default)]
pub struct RuleChoice {
    /// Other severities; `None` turns a rule off.
    pub severity: Vec<(String, Option<Severity>)>,
    /// Only these rules run (ids, patterns, or stages such as `stage:psc`), and not those that the
    /// configuration selects; empty: as the configuration has it.
    pub select: Vec<String>,
    /// These rules do not run (named like those of `select`), and not those that the configuration ignores;
    /// empty: as the configuration has it.
    pub ignore: Vec<String>,
    /// Whether only a part of the rules runs, or only a slice of an export is at hand.
    pub extent: Extent,
}

/// Collects the configuration and rule files, and compiles them.
///
/// The built-in rule pack comes first, unless [`Loader::without_built_in`] was called.
#[derive(Debug, Default)]
pub struct Loader {
    sources: Sources,
    config: Config,
    files: Vec<RuleSource>,
    without_built_in: bool,
    tests: bool,
    choice: RuleChoice,
    diagnostics: Vec<Diagnostic>,
}

impl Loader {
    /// Begins with the built-in rule pack and no configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a configuration (`capelint.yaml`) and returns it, so that the caller can load the rule
    /// files and tables that it names. Its errors are reported by [`Loader::load`]; until then
    /// everything in it that has one is left at its default.
    pub fn configuration(&mut self, name: &str, bytes: &[u8]) -> &Config {
        match config::load(name, bytes, &mut self.sources) {
            Ok(config) => self.config = config,
            Err(found) => self.diagnostics.extend(found),
        }
        &self.config
    }

    /// The configuration that was read; the default where there is none.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Adds a rule file. Later ones may add to the tables and code lists of earlier ones, and replace
    /// or turn off their rules.
    pub fn rule_file(&mut self, file: RuleSource) -> &mut Self {
        self.files.push(file);
        self
    }

    /// Leaves out the built-in pack: the files are a pack of their own.
    pub fn without_built_in(&mut self) -> &mut Self {
        self.without_built_in = true;
        self
    }

    /// Compiles the tests of the built-in pack too: descriptions of its rules show examples from them.
    /// Those of other files always are, so that their errors show.
    pub fn with_tests(&mut self) -> &mut Self {
        self.tests = true;
        self
    }

    /// Decides for this run which rules run.
    pub fn choose(&mut self, choice: RuleChoice) -> &mut Self {
        self.choice = choice;
        self
    }

    /// Adds an error of the caller's: a file that a configuration names and that cannot be read. It is
    /// reported together with those of [`Loader::load`].
    pub fn error(&mut self, diagnostic: Diagnostic) -> &mut Self {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Compiles everything.
    ///
    /// # Errors
    /// All errors of all files, and every name of a rule or a table that does not exist.
    pub fn load(mut self) -> Result<Rules, Errors> {
        let mut files = if self.without_built_in { Vec::new() } else { pack::embedded() };
        files.extend(self.files);
        let are_built_in: Vec<bool> = files.iter().map(|file| file.built_in).collect();
        let before = self.sources.iter().count();
        let is_without_tests = !self.tests && are_built_in.contains(&true);
        let untested =
            is_without_tests.then(|| Untested { files: files.clone(), before: self.sources.clone() });
        let loaded = rules::load(files, CompileOptions { tests: self.tests }, &mut self.sources);
        // Not by their names: a file of the user can be called as one of the pack is.
        let files = self.sources.iter().skip(before).zip(are_built_in);
        let built_in = files.filter(|(_, built_in)| *built_in).map(|((id, _), _)| id).collect();
        let mut diagnostics = self.diagnostics;
        let mut set = loaded.unwrap_or_else(|found| {
            diagnostics.extend(found);
            RuleSet::default()
        });
        if diagnostics.is_empty() {
            diagnostics.extend(config::apply_settings(&self.config, &mut set));
            diagnostics.extend(check_names(&self.config, &set));
            diagnostics.extend(self.choice.unknown_names(&set));
        }
        if diagnostics.is_empty() {
            Ok(Rules {
                sources: self.sources,
                set,
                config: self.config,
                choice: self.choice,
                built_in,
                without_built_in: self.without_built_in,
                untested,
            })
        } else {
            Err(Errors::new(diagnostics, self.sources))
        }
    }
}

impl RuleChoice {
    fn unknown_names(&self, rules: &RuleSet) -> Vec<Diagnostic> {
        let severity = self.severity.iter().filter_map(|(rule, _)| rule_named(rule, rules).err());
        let ignored = self.ignore.iter().filter_map(|rule| rules_named(rule, rules).err());
        let not_selectable = self.select.iter().filter_map(|rule| rules_to_select(rule, rules).err());
        severity.chain(ignored).chain(not_selectable).collect()
    }
}

/// Rules that are ready to run, with their configuration.
#[derive(Debug)]
pub struct Rules {
    pub(super) sources: Sources,
    pub(crate) set: RuleSet,
    pub(super) config: Config,
    choice: RuleChoice,
    /// The files of the built-in pack.
    built_in: HashSet<FileId>,
    /// Whether the files of the user take its place.
    without_built_in: bool,
    /// What the rules are compiled from, where that was without the tests of the built-in pack.
    untested: Option<Untested>,
}

/// Rule files whose tests are compiled when they are to run.
#[derive(Debug)]
struct Untested {
    files: Vec<RuleSource>,
    /// The files that were read before them, so that places in them stay the same.
    before: Sources,
}

impl Untested {
    /// Compiles all of it, with the tests.
    fn compile(&self, config: &Config) -> Result<RuleSet, Vec<Diagnostic>> {
        let mut set =
            rules::load(self.files.clone(), CompileOptions { tests: true }, &mut self.before.clone())?;
        let wrong = config::apply_settings(config, &mut set);
        if wrong.is_empty() { Ok(set) } else { Err(wrong) }
    }
}

impl Rules {
    /// The built-in rule pack, without a configuration.
    ///
    /// # Errors
    /// None that a build whose tests passed has.
    pub fn built_in() -> Result<Self, Errors> {
        Loader::new().load()
    }

    /// The configuration; the default where there is none.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The name of the configuration that was read; `None` where there is none.
    pub fn configuration(&self) -> Option<Outside<'_>> {
        self.config.file.map(|file| self.sources.name(file))
    }

    /// Which rule pack this is, and when it was last checked against CBP's pages.
    pub fn pack(&self) -> &Pack {
        &self.set.pack
    }

    /// Whether only a part of the rules runs, or only a slice of an export is at hand.
    pub fn extent(&self) -> Extent {
        self.choice.extent
    }

    /// The rule files and the configuration, for the places of rules.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Runs the tests of the rules in the files for which `of` is true, given their names. What fails is at places
    /// of [`Rules::sources`].
    ///
    /// ```
    /// use capelint::rule_tests::TestChoice;
    /// use capelint::{Errors, Rules};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Rules::built_in()?;
    /// let report = rules.run_tests(|file| file == "rules/psc.yaml", TestChoice::default());
    /// assert!(report.tests > report.rules);
    /// if !report.failures.is_empty() {
    ///     return Err(Errors::new(report.failures, rules.sources().clone()).into());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_tests(&self, of: impl Fn(&str) -> bool, choice: TestChoice<'_>) -> TestReport {
        let asks_built_in = self.built_in.iter().any(|file| of(self.sources.name(*file).raw()));
        let untested = self.untested.as_ref().filter(|_| asks_built_in);
        let compiled = match untested.map(|untested| untested.compile(&self.config)).transpose() {
            Ok(compiled) => compiled,
            Err(failures) => return TestReport { failures, ..TestReport::default() },
        };
        let set = compiled.as_ref().unwrap_or(&self.set);
        run_tests(set, &self.sources, |rule| of(self.sources.name(rule.place.file).raw()), choice)
    }

    /// For each rule its severity on a filing date, by [`RuleId`], after the configuration and the
    /// caller's choice; `None` where it does not run.
    pub fn severities(&self, filing_date: NaiveDate) -> Vec<Option<Severity>> {
        self.chosen(filing_date).rules
    }

    /// What the configuration and the user's rule files change about the rules in force on a filing date,
    /// and about the tables and code lists that they read.
    pub fn changes(&self, filing_date: NaiveDate) -> Vec<RuleChange> {
        let mut changes = Vec::new();
        if self.without_built_in {
            let name = "the built-in rule pack".to_owned();
            changes.push(RuleChange { name, change: Change::NotUsed, file: None });
        }
        self.changed_rules(filing_date, &mut changes);
        self.turned_off(filing_date, &mut changes);
        for (name, place) in &self.set.extended {
            let file = self.users_file(place.file);
            changes.extend(file.map(|file| RuleChange {
                name: name.clone(),
                change: Change::Extended,
                file: Some(file),
            }));
        }
        for (table, source) in &self.config.tables {
            if matches!(source, config::TableSource::None) {
                changes.push(self.by_config(&table.value, Change::NothingToList));
            }
        }
        self.waived(filing_date, &mut changes);
        changes
    }

    /// The name of a file that the user gave; `None` for one of the built-in pack.
    fn users_file(&self, file: FileId) -> Option<OutsideString> {
        (!self.built_in.contains(&file)).then(|| self.sources.name(file).into())
    }

    /// A change that the configuration makes.
    fn by_config(&self, name: &str, change: Change) -> RuleChange {
        let file = self.config.file.map(|file| self.sources.name(file).into());
        RuleChange { name: name.to_owned(), change, file }
    }

    /// Rules that are less severe, replaced or superseded.
    fn changed_rules(&self, filing_date: NaiveDate, changes: &mut Vec<RuleChange>) {
        let severities = self.chosen(filing_date);
        let rules = || self.set.rules.iter().zip(&severities.rules);
        for (rule, severity) in rules() {
            let Some(to) = severity.filter(|to| *to < rule.severity) else { continue };
            let mut change = self.by_config(&rule.id, Change::Demoted { from: rule.severity, to });
            if self.choice.severity.iter().any(|(id, _)| *id == rule.id) {
                change.file = None;
            }
            changes.push(change);
        }
        for (rule, severity) in rules() {
            let Some(file) = self.users_file(rule.place.file) else { continue };
            let change =
                |of: &str, change| RuleChange { name: of.to_owned(), change, file: Some(file.clone()) };
            // What was replaced is gone, whether or not the other rule runs.
            if let Some(replaced) = &rule.replaces {
                changes.push(change(replaced, Change::Replaced { by: rule.id.clone() }));
            }
            for other in rule.supersedes.iter().filter(|_| severity.is_some()) {
                let other = &self.set.rules[usize::from(other.0)];
                if self.built_in.contains(&other.place.file) {
                    changes.push(change(&other.id, Change::Superseded { by: rule.id.clone() }));
                }
            }
        }
    }

    /// Rules in force that the configuration or a rule file turns off.
    fn turned_off(&self, filing_date: NaiveDate, changes: &mut Vec<RuleChange>) {
        let chosen = self.chosen(filing_date);
        let by_caller = Self::is_chosen_by(&self.choice, &self.set);
        for (at, (rule, severity)) in self.set.rules.iter().zip(&chosen.rules).enumerate() {
            if severity.is_none() && chosen.in_force[at] && !by_caller(RuleId(at as u16)) {
                changes.push(self.by_config(&rule.id, Change::Off));
            }
        }
        for off in self.set.off.iter().filter(|off| off.in_force(filing_date)) {
            // A later file may have put a rule of the same name in its place.
            if !self.set.rules.iter().any(|rule| rule.id == off.id) {
                let file = self.users_file(off.by);
                changes.push(RuleChange { name: off.id.clone(), change: Change::Off, file });
            }
        }
    }

    /// Whether the caller, not the configuration, turns off a rule.
    fn is_chosen_by(choice: &RuleChoice, set: &RuleSet) -> impl Fn(RuleId) -> bool {
        let off = choice.severity.iter().filter(|(_, severity)| severity.is_none()).map(|(name, _)| name);
        let off: HashSet<RuleName> =
            off.chain(&choice.ignore).filter_map(|name| rules_named(name, set).ok()).flatten().collect();
        let selected: HashSet<RuleId> =
            choice.select.iter().filter_map(|name| rules_to_select(name, set).ok()).flatten().collect();
        move |rule| off.contains(&RuleName::Rule(rule)) || !selected.is_empty() && !selected.contains(&rule)
    }

    /// Rules with waivers that are still in force.
    fn waived(&self, filing_date: NaiveDate, changes: &mut Vec<RuleChange>) {
        let severities = self.chosen(filing_date);
        let runs = |id: &str| {
            let mut rules = self.set.rules.iter().zip(&severities.rules);
            rules.any(|(rule, severity)| rule.id == id && severity.is_some())
        };
        let current = (self.config.waivers.iter())
            .filter(|waiver| waiver.is_in_force(filing_date) && runs(&waiver.rule.value));
        let mut waivers: Vec<(&str, usize)> = Vec::new();
        for waiver in current {
            match waivers.iter_mut().find(|(rule, _)| *rule == waiver.rule.value) {
                Some((_, count)) => *count += 1,
                None => waivers.push((&waiver.rule.value, 1)),
            }
        }
        changes.extend(
            waivers.into_iter().map(|(rule, waivers)| self.by_config(rule, Change::Waived { waivers })),
        );
    }

    /// Works out the severities. That all names exist was checked when the rules were loaded.
    pub(super) fn chosen(&self, filing_date: NaiveDate) -> Severities {
        let rules = &self.set.rules;
        let in_force: Vec<bool> = rules.iter().map(|rule| rule.in_force(filing_date)).collect();
        let own = rules.iter().zip(&in_force);
        let mut severities = Severities {
            rules: own.map(|(rule, in_force)| in_force.then_some(rule.severity)).collect(),
            in_force,
            waivers: [WAIVER_EXPIRED, WAIVER_UNUSED].map(|id| (id, Some(Severity::Warning))),
        };
        let config = self.config.severity.iter().map(|(rule, severity)| (&rule.value, *severity));
        for (rule, severity) in config.chain(self.choice.severity.iter().map(|(rule, level)| (rule, *level)))
        {
            severities.set(rule_named(rule, &self.set), severity);
        }
        let or_config = |choice: &[String], config: &[Placed<String>]| -> Vec<String> {
            if choice.is_empty() {
                config.iter().map(|rule| rule.value.clone()).collect()
            } else {
                choice.to_vec()
            }
        };
        let selected = or_config(&self.choice.select, &self.config.select);
        if !selected.is_empty() {
            let selected: Vec<RuleId> =
                selected.iter().filter_map(|rule| rules_to_select(rule, &self.set).ok()).flatten().collect();
            for (at, severity) in severities.rules.iter_mut().enumerate() {
                *severity = severity.filter(|_| selected.contains(&RuleId(at as u16)));
            }
        }
        for name in or_config(&self.choice.ignore, &self.config.ignore) {
            for rule in rules_named(&name, &self.set).into_iter().flatten() {
                severities.set(Ok(rule), None);
            }
        }
        self.leave_out_of_scope(&mut severities);
        severities
    }
}

impl Rules {
    /// Leaves out what another run of the same book evaluates. Those rules are not turned off.
    fn leave_out_of_scope(&self, severities: &mut Severities) {
        let Extent { scope, partial } = self.choice.extent;
        for (at, rule) in self.set.rules.iter().enumerate() {
            let is_out = match scope {
                RuleScope::All => false,
                RuleScope::Entry => rule.each == Each::File,
                RuleScope::File => rule.each != Each::File,
            };
            if is_out || (partial && needs::asks_whole_export(&self.set, rule)) {
                severities.rules[at] = None;
                severities.in_force[at] = false;
            }
        }
        // A part of a book does not show whether a waiver is used.
        if partial || scope != RuleScope::All {
            severities.waivers[1].1 = None;
        }
        if scope == RuleScope::Entry {
            severities.waivers[0].1 = None;
        }
    }
}

/// How bad violations are on a filing date.
pub(super) struct Severities {
    /// For each rule; `None`: it does not run, or is not in force on the filing date.
    pub(super) rules: Vec<Option<Severity>>,
    /// Whether each rule is in force.
    in_force: Vec<bool>,
    /// For the findings on waivers, by their ids; `None`: they are not reported.
    pub(super) waivers: [(&'static str, Option<Severity>); 2],
}

impl Severities {
    fn set(&mut self, name: Result<RuleName, Diagnostic>, severity: Option<Severity>) {
        match name {
            Ok(RuleName::Rule(rule)) => {
                let at = usize::from(rule.0);
                self.rules[at] = severity.filter(|_| self.in_force[at]);
            }
            Ok(RuleName::Waiver(id)) => {
                for (_, of) in self.waivers.iter_mut().filter(|(other, _)| *other == id) {
                    *of = severity;
                }
            }
            // A rule that a file turned off, or a name that the loader refused.
            Ok(RuleName::Off) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_were_loaded_without_tests_are_tested_too() {
        let wrong = "rules:\n  - id: mine\n    title: Mine\n    severity: note\n    each: entry\n    \
                     forbid: { ieepa_duty: { below: 25 } }\n    message: little\n    tests:\n      \
                     - { name: one, es003: [{ hts: 9903.01.25, duty: 25 }], expect: violated }\n";
        let tested = |with_tests: bool| {
            let mut loader = Loader::new();
            loader.configuration("capelint.yaml", b"settings: {}\n");
            loader.rule_file(RuleSource::new("mine.yaml", wrong, |_| Err("there is no such file".into())));
            if with_tests {
                loader.with_tests();
            }
            let rules = loader.load().unwrap();
            let choice = TestChoice { only: Some("check-digit"), ..TestChoice::default() };
            let pack = rules.run_tests(|_| true, choice);
            assert!(pack.tests > 2 && pack.failures.is_empty(), "{:?}", pack.failures);
            let mine = rules.run_tests(|name| name == "mine.yaml", TestChoice::default());
            assert_eq!((mine.tests, mine.failures.len()), (1, 1));
            (pack.rules, pack.tests, pack.uncovered, mine.failures, mine.uncovered)
        };
        assert_eq!(tested(false), tested(true));
    }
}
