//! `capelint.yaml`: what does not change from day to day.

use chrono::NaiveDate;

use crate::importer::ImporterNumber;
use crate::rules::model::Severity;
use crate::source::{FileId, Place};

/// A configuration, as its file says it. Whether the rules it names exist is known only when the
/// rule files are loaded.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file; `None`: there is none, and everything is left at its default.
    pub file: Option<FileId>,
    /// Who will file.
    pub account: Account,
    /// Where the tables are, by name.
    pub tables: Vec<(Located<String>, TableSource)>,
    /// Rule files besides the built-in pack; relative to the configuration's folder.
    pub rules: Vec<Located<String>>,
    /// Severities that differ from the rules' own; `None` switches a rule off.
    pub severity: Vec<(Located<String>, Option<Severity>)>,
    /// Only these rules run; empty: all.
    pub select: Vec<Located<String>>,
    /// These rules do not run.
    pub ignore: Vec<Located<String>>,
    /// Findings that are known and do not count.
    pub waivers: Vec<Waiver>,
    /// How to report.
    pub output: Output,
    /// Whether to look for entries that no declaration names.
    pub left_out: Option<bool>,
    /// When tables were exported, by name.
    pub exported: Vec<(Located<String>, NaiveDate)>,
}

/// A value with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Where a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableSource {
    /// In these files or patterns of files, relative to the configuration's folder.
    Files(Vec<Located<String>>),
    /// The user says that there is nothing to list.
    None,
}

/// A finding that is known and does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Where it stands.
    pub place: Place,
    /// The rule.
    pub rule: Located<String>,
    /// Entry numbers, or patterns with `*`.
    pub entries: Vec<Located<String>>,
    /// Why.
    pub reason: String,
    /// The last filing date on which it holds.
    pub until: Located<NaiveDate>,
}

/// How to report. What is not set is left at its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The format on standard output.
    pub format: Option<Located<String>>,
    /// How many findings of a rule are shown; 0 shows all.
    pub max_per_rule: Option<usize>,
    /// What makes the run fail: `error`, `warning`, `undecided`, `never`.
    pub fail_on: Option<Located<String>>,
    /// Files to write besides, by format.
    pub files: Vec<(Located<String>, Located<String>)>,
}

/// The account that will file, as far as the user said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Importer or broker.
    pub role: Option<Role>,
    /// The importer numbers of the account.
    pub importer_numbers: Option<Vec<ImporterNumber>>,
    /// The filer codes of the account, upper case.
    pub filer_codes: Option<Vec<String>>,
    /// Filer codes of couriers that are importers of record themselves, upper case.
    pub courier_filer_codes: Option<Vec<String>>,
}

/// Who files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The importer of record.
    Importer,
    /// The broker that filed the entry summaries.
    Broker,
}

/// Reads a configuration.
///
/// # Errors
/// All its mistakes.
pub fn load(
    _name: &str,
    _bytes: &[u8],
    _sources: &mut crate::source::Sources,
) -> Result<Config, Vec<crate::diagnostic::Diagnostic>> {
    Ok(Config::default())
}
