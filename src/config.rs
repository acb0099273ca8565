//! Reads `capelint.yaml`: what does not change from day to day.
//!
//! [`load`] reports errors as the loader of rule files does: each at its place, all in one run. Once the rule
//! files are loaded, [`check_names`] checks whether the rules and tables that it names exist.

mod errors;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::account::Account;
use crate::diagnostic::{Diagnostic, nearest};
use crate::entry::{self, EntryNumber};
use crate::finding::{RuleId, Severity, WAIVER_EXPIRED, WAIVER_UNUSED};
use crate::input::named_sheet;
use crate::rules::compile::{account, clients, literal_at, literal_date};
use crate::rules::model::{Rule, RuleSet};
use crate::rules::syntax;
use crate::source::{FileId, Place, Placed, Sources};
use crate::table::{ROW, TableId};
use crate::waiver::{self, Waiver};
use crate::yaml::decode::{Lazy, Named, OneOrMany, Scalar, Spanned, decode};
use crate::yaml::errors::is_written;
use crate::yaml::{self, Diagnostics, NodeId, Tree, View};
pub(crate) use errors::ConfigCode;

/// A configuration, as its file has it. Whether the rules it names exist is known only when the rule files
/// are loaded.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file; `None`: there is none, and everything is left at its default.
    pub file: Option<FileId>,
    /// Who will file.
    pub account: Account,
    /// Where the tables are, by name.
    pub tables: Vec<(Placed<String>, TableSource)>,
    /// Rule files besides the built-in pack; relative to the configuration's folder.
    pub rules: Vec<Placed<String>>,
    /// Severities that differ from the rules' own; `None` turns a rule off.
    pub severity: Vec<(Placed<String>, Option<Severity>)>,
    /// Only these rules run, by id, pattern or stage; empty: all.
    pub select: Vec<Placed<String>>,
    /// These rules do not run, by id, pattern or stage.
    pub ignore: Vec<Placed<String>>,
    /// Findings that are known and do not count.
    pub waivers: Vec<Waiver>,
    /// How to report.
    pub output: Output,
    /// Whether to look for entries that no declaration names.
    pub left_out: Option<bool>,
    /// When tables were exported, by name.
    pub exported: Vec<(Placed<String>, NaiveDate)>,
    /// Settings of the rules that differ from their defaults, by name, as they are written.
    pub settings: Vec<(Placed<String>, Placed<String>)>,
}

/// Where a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableSource {
    /// In these files or patterns of files, relative to the configuration's folder.
    Files(Vec<Placed<String>>),
    /// The user states that there is nothing to list.
    None,
}

/// How to report. What is not set is left at its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The format on standard output.
    pub format: Option<Placed<String>>,
    /// How many findings of a rule are shown; 0 shows all.
    pub max_per_rule: Option<usize>,
    /// What makes the run fail: `error`, `stop`, `warning` or `never`.
    pub fail_on: Option<Placed<String>>,
    /// Files to write besides, by format.
    pub files: Vec<(Placed<String>, Placed<String>)>,
}

/// The configuration as its file writes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConfigFile {
    /// Who will file.
    account: Option<syntax::WrittenAccount>,
    /// For whom the account files, each with its importer numbers: an entry of another client in a client's
    /// declaration is stopped.
    clients: Option<Vec<Lazy<syntax::WrittenClient>>>,
    /// Where the reference tables are, by name: a file, a pattern such as `results/*.csv`, a list of
    /// them, or `none` where there is nothing to list. Relative to this file's folder. A sheet of a workbook
    /// is `lists.xlsx#Drawback`, or `{ file: lists.xlsx, sheet: Drawback }`.
    tables: Option<Named<Lazy<OneOrMany<TableFile>>>>,
    /// Rule files besides the built-in rules; relative to this file's folder.
    rules: Option<OneOrMany<Scalar>>,
    /// Severities that differ from the rules' own, by rule.
    severity: Option<Named<Spanned<Level>>>,
    /// Only these rules run: ids, patterns (`liquidated-*`), or the rules of a file (`stage:psc`).
    select: Option<OneOrMany<Scalar>>,
    /// These rules do not run: ids, patterns, or the rules of a file, as in `select`.
    ignore: Option<OneOrMany<Scalar>>,
    /// Findings that are known and do not count. Expired and unused waivers are findings themselves.
    waivers: Option<Vec<Lazy<WaiverSyntax>>>,
    /// How to report.
    output: Option<OutputSyntax>,
    /// `yes`: look for entries of the export that no declaration names.
    left_out: Option<bool>,
    /// When tables were exported, by table, as 2026-11-22; without it the newest date in the table.
    exported: Option<Named<Scalar>>,
    /// Settings of the rules that differ from their defaults, by name; `capelint tables settings` lists
    /// them.
    settings: Option<Named<Scalar>>,
}

/// A file of a table: its name, or a workbook and the sheet in it.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it only describes what `table_file` reads")]
enum TableFile {
    /// A file, a pattern, `FILE#Sheet`, or `none`.
    Name(String),
    /// A sheet of a workbook.
    Sheet(SheetSyntax),
}

/// A sheet of a workbook.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "WorkbookSheet", extend("required" = ["file", "sheet"]))]
struct SheetSyntax {
    /// The workbook, or a pattern of workbooks.
    file: Option<Scalar>,
    /// The name of the sheet.
    sheet: Option<Scalar>,
}

/// How bad a violation of a rule is, or that it does not run.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename = "Severity", rename_all = "lowercase")]
#[schemars(rename = "Level")]
enum Level {
    /// CBP rejects it.
    Error,
    /// CBP would accept it, but a person decides first.
    Stop,
    /// It may be filed; know this.
    Warning,
    /// Worth knowing.
    Note,
    /// The rule does not run.
    Off,
}

impl From<Level> for Option<Severity> {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Some(Severity::Error),
            Level::Stop => Some(Severity::Stop),
            Level::Warning => Some(Severity::Warning),
            Level::Note => Some(Severity::Note),
            Level::Off => None,
        }
    }
}

/// Findings that are known and do not count.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Waiver", extend("required" = ["rule", "entries", "reason", "until"]))]
struct WaiverSyntax {
    /// The rule.
    rule: Option<Scalar>,
    /// Entry numbers; `*` matches any characters. `*` alone is every entry, and the file itself.
    entries: Option<OneOrMany<Scalar>>,
    /// Why it does not count.
    reason: Option<Scalar>,
    /// The last filing date on which it applies, as 2026-12-31.
    until: Option<Scalar>,
}

/// How to report.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Output")]
struct OutputSyntax {
    /// The format on standard output: `human`, `short`, `json`, `jsonl`, `sarif`, `github`, `gitlab`,
    /// `junit`, `csv`, `html` or `markdown`.
    format: Option<Scalar>,
    /// How many findings of a rule are shown; 0 shows all.
    max_per_rule: Option<u32>,
    /// What makes the run fail: `error`, `stop`, `warning` or `never`.
    fail_on: Option<Scalar>,
    /// Files to write besides, by format.
    files: Option<Named<Scalar>>,
}

/// Reads a configuration.
///
/// # Errors
/// All its errors, by place.
pub fn load(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<Config, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let (file, text) = yaml::read(name, bytes, sources, &mut diagnostics);
    let tree = text.and_then(|text| yaml::parse(file, &text, &mut diagnostics));
    let config = tree.map(|tree| {
        let syntax = tree.root().and_then(|root| decode(&tree, root, &mut diagnostics));
        Config { file: Some(file), ..compile(&tree, syntax.unwrap_or_default(), &mut diagnostics) }
    });
    match config {
        Some(config) if diagnostics.is_empty() => Ok(config),
        _ => Err(diagnostics.into_sorted()),
    }
}

fn compile(tree: &Tree, syntax: ConfigFile, diagnostics: &mut Diagnostics) -> Config {
    let located = |scalar: &Scalar| Placed { value: scalar.value.clone(), place: scalar.place(tree) };
    let list = |given: &Option<OneOrMany<Scalar>>, diagnostics: &mut Diagnostics| -> Vec<Placed<String>> {
        let Some(OneOrMany(given)) = given else { return Vec::new() };
        given.iter().filter(|scalar| is_filled(tree, scalar, diagnostics)).map(located).collect()
    };
    let account = syntax.account.as_ref().map(|syntax| {
        for OneOrMany(numbers) in [&syntax.importer_numbers, &syntax.filer_codes].into_iter().flatten() {
            if numbers.is_empty() {
                diagnostics.push(empty_account(tree));
            }
        }
        account(tree, syntax, diagnostics)
    });
    let mut account = account.unwrap_or_default();
    account.clients.extend(clients(tree, syntax.clients.as_deref().unwrap_or(&[]), diagnostics));
    let tables = syntax.tables.unwrap_or_default().0;
    let tables = tables.iter().filter_map(|(name, given)| {
        let nodes = match tree.view(given.node) {
            View::Sequence(items) => items,
            View::Scalar(..) | View::Mapping(_) => &[given.node],
        };
        let given: Vec<Scalar> =
            nodes.iter().filter_map(|node| table_file(tree, *node, diagnostics)).collect();
        // Each that cannot be read was reported.
        if given.len() < nodes.len() {
            return None;
        }
        let is_none = |scalar: &Scalar| scalar.value == "none" && !tree.is_quoted(scalar.node);
        let source = match given.as_slice() {
            [only] if is_none(only) => TableSource::None,
            [] => {
                diagnostics.push(errors::table_without_file(&name.value, name.place(tree)));
                return None;
            }
            [only] if only.value != "none" && nearest(&only.value, ["none"]).is_some() => {
                diagnostics.push(errors::nearly_none(&only.value, only.place(tree)));
                return None;
            }
            files => TableSource::Files(
                files.iter().filter(|file| is_filled(tree, file, diagnostics)).map(located).collect(),
            ),
        };
        Some((located(name), source))
    });
    let tables = tables.collect();
    let severity = syntax.severity.unwrap_or_default().0;
    let severity = severity.iter().map(|(rule, level)| (located(rule), level.value.into())).collect();
    let waivers = syntax.waivers.unwrap_or_default();
    let waivers = waivers.iter().filter_map(|lazy| waiver(tree, lazy, diagnostics)).collect();
    let exported = syntax.exported.unwrap_or_default().0;
    let exported = exported
        .iter()
        .filter_map(|(table, day)| Some((located(table), literal_date(tree, day, diagnostics)?)));
    let exported = exported.collect();
    let settings = syntax.settings.unwrap_or_default().0;
    let settings = settings.iter().map(|(name, value)| (located(name), located(value))).collect();
    let output = syntax.output.unwrap_or_default();
    let output = Output {
        format: output.format.as_ref().map(located),
        max_per_rule: output.max_per_rule.map(|most| most as usize),
        fail_on: output.fail_on.as_ref().map(located),
        files: output
            .files
            .unwrap_or_default()
            .0
            .iter()
            .map(|(format, file)| (located(format), located(file)))
            .collect(),
    };
    Config {
        file: None,
        account,
        tables,
        rules: list(&syntax.rules, diagnostics),
        severity,
        select: list(&syntax.select, diagnostics),
        ignore: list(&syntax.ignore, diagnostics),
        waivers,
        output,
        left_out: syntax.left_out,
        exported,
        settings,
    }
}

/// A file of a table as a command line would name it: a sheet is behind a `#`.
fn table_file(tree: &Tree, node: NodeId, diagnostics: &mut Diagnostics) -> Option<Scalar> {
    if !matches!(tree.view(node), View::Mapping(_)) {
        return decode(tree, node, diagnostics);
    }
    let before = diagnostics.len();
    let SheetSyntax { file, sheet } = decode(tree, node, diagnostics)?;
    if diagnostics.len() > before {
        return None;
    }
    let (Some(file), Some(sheet)) = (file, sheet) else {
        diagnostics.push(errors::half_a_sheet(tree.place(node)));
        return None;
    };
    if !(is_filled(tree, &file, diagnostics) && is_filled(tree, &sheet, diagnostics)) {
        return None;
    }
    let name = format!("{}#{}", file.value, sheet.value);
    if named_sheet(&name) != (&file.value, Some(&sheet.value)) {
        diagnostics.push(errors::file_without_sheets(&file.value, file.place(tree)));
        return None;
    }
    Some(Scalar { value: name, node: file.node })
}

/// Whether a text has something in it; reports one that has not.
fn is_filled(tree: &Tree, scalar: &Scalar, diagnostics: &mut Diagnostics) -> bool {
    let filled = !scalar.value.trim().is_empty();
    if !filled {
        diagnostics.push(errors::empty_text(scalar.place(tree)));
    }
    filled
}

/// An account without numbers would make every entry another importer's.
fn empty_account(tree: &Tree) -> Diagnostic {
    let at = tree.root().and_then(|root| tree.pair(root, "account"));
    let place = at.map(|(key, _)| tree.place(key));
    errors::empty_account(place)
}

fn waiver(tree: &Tree, lazy: &Lazy<WaiverSyntax>, diagnostics: &mut Diagnostics) -> Option<Waiver> {
    let syntax = lazy.decode(tree, diagnostics)?;
    let place = syntax.rule.as_ref().map_or(tree.head(lazy.node), |rule| rule.place(tree));
    for (key, given) in [
        ("rule", syntax.rule.is_some()),
        ("entries", syntax.entries.is_some()),
        ("reason", syntax.reason.is_some()),
        ("until", syntax.until.is_some()),
    ] {
        if !given && !is_written(tree, lazy.node, key) {
            diagnostics.push(errors::waiver_without(key, place));
        }
    }
    let entries = syntax.entries.map(|OneOrMany(given)| {
        if given.is_empty() {
            diagnostics.push(errors::waiver_of_no_entries(place));
        }
        let good = given.iter().filter(|pattern| is_pattern(tree, pattern, diagnostics));
        good.map(|pattern| Placed { value: pattern.value.clone(), place: pattern.place(tree) }).collect()
    });
    let until = syntax.until.as_ref().and_then(|until| {
        Some(Placed { value: literal_date(tree, until, diagnostics)?, place: until.place(tree) })
    });
    let reason = syntax.reason.filter(|reason| is_filled(tree, reason, diagnostics));
    let rule = syntax.rule?;
    Some(Waiver {
        place,
        rule: Placed { place: rule.place(tree), value: rule.value },
        entries: entries?,
        reason: reason?.value.into(),
        until: until?,
    })
}

/// Whether a waiver's entry can be one: an entry number, or a pattern of one.
fn is_pattern(tree: &Tree, pattern: &Scalar, diagnostics: &mut Diagnostics) -> bool {
    let text = &pattern.value;
    let good = if text.contains('*') {
        text.chars().all(|c| c.is_ascii_alphanumeric() || c == '*' || entry::is_dash(c))
            && text.chars().filter(char::is_ascii_alphanumeric).count() <= entry::LENGTH
    } else {
        EntryNumber::parse(text).is_some()
    };
    if !good {
        diagnostics.push(errors::waiver_of_no_entry_number(text, pattern.place(tree)));
    }
    good
}

/// What the name of a rule stands for, in the configuration and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleName {
    /// A rule.
    Rule(RuleId),
    /// A rule that a rule file turned off: settings for it apply as soon as it is back.
    Off,
    /// Findings on the waivers themselves: `waiver-expired` or `waiver-unused`.
    Waiver(&'static str),
}

/// Finds what the name of a rule stands for.
///
/// # Errors
/// Where it is the name of nothing.
pub fn rule_named(name: &str, rules: &RuleSet) -> Result<RuleName, Diagnostic> {
    if let Some(at) = rules.rules.iter().position(|rule| rule.id == name) {
        return Ok(RuleName::Rule(RuleId(at as u16)));
    }
    if let Some(own) = [WAIVER_EXPIRED, WAIVER_UNUSED].into_iter().find(|own| *own == name) {
        return Ok(RuleName::Waiver(own));
    }
    if rules.off.iter().any(|off| off.id == name) {
        return Ok(RuleName::Off);
    }
    Err(errors::unknown_rule(name, rules.rules.iter().map(|rule| rule.id.as_str())))
}

/// Before the name of a stage in `select` and `ignore`: `stage:psc` stands for all rules of `psc.yaml`.
const STAGE: &str = "stage:";

/// The rules that `select` or `ignore` names: one by its id, those of a stage (`stage:psc`), or those whose ids fit
/// a pattern (`liquidated-*`).
///
/// # Errors
/// Where it is the name of nothing.
pub fn rules_named(name: &str, rules: &RuleSet) -> Result<Vec<RuleName>, Diagnostic> {
    let stage = name.strip_prefix(STAGE);
    if stage.is_none() && !name.contains('*') {
        return Ok(vec![rule_named(name, rules)?]);
    }
    let fits = |rule: &Rule| match stage {
        Some(stage) => waiver::matches(stage, rule.stage.raw()),
        None => waiver::matches(name, &rule.id),
    };
    let fitting: Vec<RuleName> = (rules.rules.iter().zip(0..))
        .filter(|(rule, _)| fits(rule))
        .map(|(_, at)| RuleName::Rule(RuleId(at)))
        .collect();
    if fitting.is_empty() { Err(errors::no_rule_fits(name, stage.map(|_| rules))) } else { Ok(fitting) }
}

/// The rules that `select` names. One that cannot run is refused: with nothing else running, every entry would look
/// ready.
///
/// # Errors
/// Where no rule that may run has the name.
pub fn rules_to_select(name: &str, rules: &RuleSet) -> Result<Vec<RuleId>, Diagnostic> {
    let named = rules_named(name, rules)?.into_iter();
    named
        .map(|one| match one {
            RuleName::Rule(rule) => Ok(rule),
            RuleName::Off => Err(errors::rule_is_off(name)),
            RuleName::Waiver(name) => Err(errors::waivers_are_no_rule(name)),
        })
        .collect()
}

/// Finds a reference table.
///
/// # Errors
/// Where no table has the name.
pub fn table_named(name: &str, rules: &RuleSet) -> Result<TableId, Diagnostic> {
    let known = || rules.schemas.iter().skip(ROW.index() + 1).map(|schema| schema.name.as_str());
    let found = known().position(|known| known == name).map(|at| TableId::new(at + ROW.index() + 1));
    found.ok_or_else(|| errors::unknown_table(name, known()))
}

/// Gives the settings of the rules the values of the configuration, and reports those it cannot.
pub fn apply_settings(config: &Config, rules: &mut RuleSet) -> Vec<Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    for (name, value) in &config.settings {
        let Some(id) = rules.setting(&name.value) else {
            let known = rules.settings.iter().map(|setting| setting.name.as_str());
            diagnostics.push(errors::unknown_setting(&name.value, name.place, known));
            continue;
        };
        let setting = &mut rules.settings[usize::from(id.0)];
        if let Some(value) = literal_at(value.place, setting.kind, &value.value, &mut diagnostics) {
            setting.value = value;
        }
    }
    diagnostics.into_sorted()
}

/// Reports each name of a rule or table in the configuration that does not exist.
pub fn check_names(config: &Config, rules: &RuleSet) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut at = |place: Place, diagnostic: Option<Diagnostic>| {
        diagnostics.extend(diagnostic.map(|diagnostic| diagnostic.at(place, "")));
    };
    let ids = config.severity.iter().map(|(rule, _)| rule);
    for rule in ids.chain(config.waivers.iter().map(|waiver| &waiver.rule)) {
        at(rule.place, rule_named(&rule.value, rules).err());
    }
    for rule in &config.ignore {
        at(rule.place, rules_named(&rule.value, rules).err());
    }
    for rule in &config.select {
        at(rule.place, rules_to_select(&rule.value, rules).err());
    }
    let tables = config.tables.iter().map(|(table, _)| table);
    for table in tables.chain(config.exported.iter().map(|(table, _)| table)) {
        at(table.place, table_named(&table.value, rules).err());
    }
    diagnostics.sort_by_key(|diagnostic| {
        diagnostic.labels.first().map(|label| (label.place.line, label.place.column))
    });
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Role;

    const GOOD: &str = "
account:
  role: importer
  importer_numbers: ['12-3456789']
  filer_codes: abc
tables:
  es003: exports/es003.xlsx
  claims: [results/*.csv, more.csv]
  protests: none
  drawback: { file: lists/*.xlsx, sheet: 'Q3 #2' }
  surety: [{ file: a.xlsb, sheet: S }, b.csv]
rules: [house-rules.yaml]
severity: { liquidation-window-closing: error, mixed-section-122: off }
waivers:
  - rule: importer-number-mismatch
    entries: [ABC12345676, 'XYZ*']
    reason: DBA registration corrected with CBP on 2026-11-12
    until: 2026-12-31
output: { format: short, max_per_rule: 5, files: { sarif: out.sarif } }
left_out: yes
exported: { es003: 2026-11-20 }
";

    fn load_text(text: &str) -> Result<Config, Vec<Diagnostic>> {
        load("capelint.yaml", text.as_bytes(), &mut Sources::default())
    }

    #[test]
    fn a_configuration_keeps_its_settings_with_places() {
        let config = load_text(GOOD).unwrap();
        assert_eq!(config.account.role, Some(Role::Importer));
        assert_eq!(config.account.filer_codes.as_deref(), Some(&["ABC".to_owned()][..]));
        assert_eq!(config.tables[2].1, TableSource::None);
        let TableSource::Files(files) = &config.tables[1].1 else { panic!() };
        assert_eq!((files.len(), files[0].place.line, files[0].place.column), (2, 8, 12));
        let TableSource::Files(files) = &config.tables[3].1 else { panic!() };
        assert_eq!(files[0].value, "lists/*.xlsx#Q3 #2");
        let TableSource::Files(files) = &config.tables[4].1 else { panic!() };
        assert_eq!([&files[0].value, &files[1].value], ["a.xlsb#S", "b.csv"]);
        assert_eq!(config.severity[0].1, Some(Severity::Error));
        assert_eq!(config.severity[1].1, None);
        assert_eq!(config.waivers[0].until.place.line, 18);
        assert_eq!(config.waivers[0].entries.len(), 2);
        assert_eq!(config.output.max_per_rule, Some(5));
        assert_eq!(config.left_out, Some(true));
        assert_eq!(config.exported[0].1.to_string(), "2026-11-20");
        assert!(load_text("# nothing\n").is_ok());
    }

    #[test]
    fn a_sheet_is_of_a_workbook_and_has_a_name() {
        for (given, code) in [
            ("{ file: a.xlsx }", "missing-value"),
            ("{ sheet: Main }", "missing-value"),
            ("{ file: a.xlsx, sheet: '' }", "missing-value"),
            ("{ file: a.csv, sheet: Main }", "no-sheet"),
            ("{ file: a.xlsx#B, sheet: Main }", "no-sheet"),
            ("{ file: a.xlsx, sheets: Main }", "unknown-key"),
            ("[a.csv, { file: a.xlsx }]", "missing-value"),
        ] {
            let refused = load_text(&format!("tables: {{ es003: {given} }}\n")).unwrap_err();
            assert_eq!(refused[0].code.name(), code, "{given}");
        }
    }

    #[test]
    fn every_diagnostic_is_reported_at_its_place() {
        let diagnostics = load_text(
            "account: { role: importr, filer_codes: [] }
tables: { es003: [] }
severity: { a: eror }
waivers:
  - rule: a
    entries: [ABC12345670]
    until: 2026-02-30
outputs: {}
left_out: maybe
exported: { es003: soon }
",
        )
        .unwrap_err();
        let found: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| (diagnostic.code.name(), diagnostic.labels[0].place.line))
            .collect();
        assert_eq!(
            found,
            [
                ("empty-list", 1),
                ("unknown-value", 1),
                ("empty-list", 2),
                ("unknown-severity", 3),
                ("missing-key", 5),
                ("bad-entry-number", 6),
                ("bad-date", 7),
                ("unknown-key", 8),
                ("wrong-kind", 9),
                ("bad-date", 10),
            ]
        );
    }

    #[test]
    fn a_mistyped_importer_number_is_not_repeated() {
        let diagnostics = load_text("account: { importer_numbers: ['987-65-43210'] }").unwrap_err();
        assert!(!format!("{diagnostics:?}").contains("987"), "{diagnostics:?}");
    }

    const HOUSE: &str = "
tables: { broker_hold: { title: Holds, key: entry, columns: { entry: { type: entry_number, of: entry, headers: [Entry] } } } }
rules:
  - { id: on-hold, title: On hold, severity: note, each: file, require: { file.entries: 1 } }
  - { id: mixed, title: Mixed, severity: note, each: file, require: { file.entries: 2 } }
";

    fn house() -> RuleSet {
        let file = |name: &str, text: &str| crate::rules::RuleSource::new(name, text, |_| Err(String::new()));
        let files = vec![file("house.yaml", HOUSE), file("off.yaml", "off: [mixed]\n")];
        crate::rules::load(files, Default::default(), &mut Sources::default()).unwrap()
    }

    #[test]
    fn unknown_names_are_pointed_at() {
        let found: Vec<_> = check_names(&load_text(GOOD).unwrap(), &RuleSet::default())
            .iter()
            .map(|diagnostic| (diagnostic.code.name(), diagnostic.labels[0].place.line))
            .collect();
        let (rule, table) = ("unknown-rule", "unknown-table");
        let lines = [(table, 7), (table, 8), (table, 9), (table, 10), (table, 11)];
        let expected = [&lines[..], &[(rule, 13), (rule, 13), (rule, 15), (table, 21)]].concat();
        assert_eq!(found, expected);
    }

    #[test]
    fn rules_that_are_off_and_findings_on_waivers_are_known() {
        let rules = house();
        assert_eq!(rule_named("on-hold", &rules), Ok(RuleName::Rule(RuleId(0))));
        assert_eq!(rule_named("mixed", &rules), Ok(RuleName::Off));
        assert_eq!(rule_named("waiver-unused", &rules), Ok(RuleName::Waiver(WAIVER_UNUSED)));
        assert_eq!(rule_named("on-hodl", &rules).unwrap_err().help, ["a similar name exists: `on-hold`"]);
        assert_eq!(rule_named("nothing", &rules).unwrap_err().help, ["`capelint rules` lists all rules"]);
        assert_eq!(table_named("broker_hold", &rules), Ok(TableId::new(2)));
        assert_eq!(
            table_named("brokerhold", &rules).unwrap_err().help[0],
            "a similar name exists: `broker_hold`"
        );
        // The declaration itself is not a table that could be given.
        assert_eq!(table_named("row", &rules).unwrap_err().code.name(), "unknown-table");
        let config = "ignore: [mixed]\nseverity: { waiver-unused: error, mixed: off }\n";
        assert_eq!(check_names(&load_text(config).unwrap(), &rules), []);
    }

    #[test]
    fn patterns_and_stages_name_rules() {
        let rules = house();
        let is_on_hold = Ok(vec![RuleName::Rule(RuleId(0))]);
        for name in ["on-hold", "on-*", "*", "stage:house", "stage:h*"] {
            assert_eq!(rules_named(name, &rules), is_on_hold, "{name}");
        }
        let help = |name| rules_named(name, &rules).unwrap_err().help;
        assert_eq!(help("off-*"), ["`capelint rules` lists all rules"]);
        assert_eq!(help("stage:hause"), ["the stages are house"]);
        let config = load_text("select: ['on-*', stage:house, stage:psc]\nignore: ['*-off']\n").unwrap();
        let found: Vec<_> = (check_names(&config, &rules).iter())
            .map(|diagnostic| (diagnostic.code.name(), diagnostic.labels[0].place.line))
            .collect();
        assert_eq!(found, [("unknown-rule", 1), ("unknown-rule", 2)]);
    }

    #[test]
    fn what_cannot_run_is_not_selected() {
        let rules = house();
        let config = load_text("select: [on-hold, mixed, waiver-expired, on-hodl]\n").unwrap();
        let found: Vec<_> = check_names(&config, &rules)
            .iter()
            .map(|diagnostic| (diagnostic.code.name(), diagnostic.labels[0].place.column))
            .collect();
        assert_eq!(found, [("not-selectable", 19), ("not-selectable", 26), ("unknown-rule", 42)]);
    }
}
