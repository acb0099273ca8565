//! Arguments that several commands share.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::ValueEnum;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};

use super::complete;
use capelint::Format;
use capelint::finding::{Extent, Severity};
use capelint::frontend::input::STDIN;

/// What is checked, against what, for which day.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Inputs {
    /// Declarations: files, folders, patterns; `-` is standard input
    #[arg(value_name = "DECLARATION", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub declarations: Vec<String>,
    #[command(flatten, next_help_heading = DATA)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten, next_help_heading = RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
}

/// The heading of what is read.
pub const DATA: &str = "Data";
/// The heading of which rules run.
pub const RULES: &str = "Rules";
/// The heading of what is printed.
pub const REPORT: &str = "Report";

/// The heading of which entries are written for upload.
pub const ENTRIES: &str = "Entries";

/// The heading of which files are written, and where.
pub const OUTPUT: &str = "Output";

/// The reference tables, and the day.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Data {
    /// Read this ES-003 export, CSV or XLSX (the same as --table es003=FILE)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub es003: Vec<String>,
    /// Read this list: es003, claims, psc, protests, …; FILE may be a pattern, or `none` if there is nothing to list
    #[arg(long = "table", short, value_name = "NAME=FILE", value_parser = pair, add = ArgValueCompleter::new(complete::table_and_file))]
    pub tables: Vec<(String, String)>,
    /// State that these lists have nothing in them: `--none protests,psc`
    #[arg(long, value_name = "NAME", value_delimiter = ',', add = ArgValueCandidates::new(complete::tables))]
    pub none: Vec<String>,
    /// Evaluate for an upload on this day [default: today, US Eastern time]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub filing_date: Option<NaiveDate>,
    /// State the day on which the ES-003 was exported (or NAME=DATE for another list)
    #[arg(long, value_name = "[NAME=]YYYY-MM-DD", value_parser = exported)]
    pub exported: Vec<(String, NaiveDate)>,
    /// Also look for export entries that are on no declaration (reads the whole export)
    #[arg(long)]
    pub left_out: bool,
    /// Call standard input by this name in reports
    #[arg(long, value_name = "NAME", default_value = STDIN)]
    pub stdin_name: String,
}

/// Which rules run.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RuleArgs {
    /// Use this configuration [default: capelint.yaml in the folder of the declaration or a folder above it]
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,
    /// Do not look for a configuration file
    #[arg(long)]
    pub isolated: bool,
    /// Add rule files; a folder with a `pack.yaml` replaces the built-in pack
    #[arg(long = "rules", value_name = "PATH")]
    pub files: Vec<PathBuf>,
    /// Evaluate only these rules; `*` matches any characters, `stage:NAME` all rules of a stage
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(complete::rules_and_stages))]
    pub select: Vec<String>,
    /// Do not evaluate these rules, named like those of `--select`
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(complete::rules_and_stages))]
    pub ignore: Vec<String>,
    /// Change the severity of a rule: error, stop, warning, note, off
    #[arg(long, value_name = "RULE=LEVEL", value_parser = level, add = ArgValueCompleter::new(complete::rule_and_level))]
    pub severity: Vec<(String, Option<Severity>)>,
    /// Whether only a part of the rules runs, or only a slice of an export is at hand.
    #[arg(skip)]
    pub extent: Extent,
}

/// How to report.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct OutputArgs {
    /// Print this format: human, full, short, json, jsonl, sarif, github, gitlab, junit, csv, html, markdown [default: human]
    #[arg(long, short, value_name = "FORMAT", overrides_with = "format", add = ArgValueCandidates::new(complete::formats))]
    pub format: Option<Format>,
    /// Write a report to a file as well, or to standard output instead (`-`); may be repeated. `entries` and `findings` write Parquet
    #[arg(id = "output", long = "output", short, value_name = "FORMAT=FILE", value_parser = output, add = ArgValueCompleter::new(complete::format_and_file))]
    pub files: Vec<(ReportOutput, PathBuf)>,
    /// Exit with 1 at this level or above: error, stop, warning, never [default: stop]; always if no entry may be uploaded
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// Print at most this many findings of a rule (0 for all); all are counted [default: 20, fewer if many rules have findings]
    #[arg(long, value_name = "N")]
    pub max_per_rule: Option<usize>,
    /// Print findings, what is undecided and one line of verdicts, no summary
    #[arg(long, short)]
    pub quiet: bool,
    /// Print every finding with its cells: `--format full --max-per-rule 0`
    #[arg(long, short, conflicts_with_all = ["quiet", "format", "max_per_rule"])]
    pub verbose: bool,
    /// Count the findings of each rule
    #[arg(long)]
    pub statistics: bool,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
}

/// What makes the run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors.
    Error,
    /// Errors, stops and undecided entries.
    #[default]
    Stop,
    /// Errors, stops, undecided entries, and warnings.
    Warning,
    /// No finding; a run without an entry that may be uploaded exits with 1 nevertheless.
    Never,
}

impl FailOn {
    /// Whether it lets pass what fails a run by default.
    pub fn is_weaker_than_default(self) -> bool {
        matches!(self, Self::Error | Self::Never)
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; elsewhere if `FORCE_COLOR` or `CLICOLOR_FORCE` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to use colors on an output that is a terminal, or is not.
    pub fn applies(self, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => by_environment(terminal, |name| std::env::var_os(name)),
        }
    }
}

/// What the environment variables set for colors. `NO_COLOR` (no-color.org) comes first, whatever it is set
/// to; then what forces them, where it is not `0`; a terminal that is `dumb` has none.
fn by_environment(terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let forces = |name: &str| set(name).is_some_and(|value| value != "0");
    let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
    set("NO_COLOR").is_none() && (forces("FORCE_COLOR") || forces("CLICOLOR_FORCE") || terminal && !is_dumb)
}

/// The file or folder from which a configuration is looked for; of a pattern, the folder before it.
pub fn folder_of(input: &str) -> &Path {
    let path = Path::new(input.split(['*', '?', '[']).next().unwrap_or(input));
    if input.contains(['*', '?', '[']) && !path.is_dir() { path.parent().unwrap_or(path) } else { path }
}

/// Reads a day as 2026-11-22.
pub fn date(text: &str) -> Result<NaiveDate, String> {
    let shaped = text.len() == 10 && text.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    shaped.then(|| text.parse().ok()).flatten().ok_or_else(|| "not a day; write it as 2026-11-22".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.to_owned())),
        _ => Err("write it as NAME=FILE, such as protests=protests.csv".to_owned()),
    }
}

fn exported(text: &str) -> Result<(String, NaiveDate), String> {
    let (name, day) = text.split_once('=').unwrap_or(("es003", text));
    Ok((name.to_owned(), date(day)?))
}

fn level(text: &str) -> Result<(String, Option<Severity>), String> {
    let (rule, level) =
        text.split_once('=').ok_or("write it as RULE=LEVEL, such as mixed-section-122=off")?;
    if level == "off" {
        return Ok((rule.to_owned(), None));
    }
    let severity = level.parse().map_err(|_| "the level is one of error, stop, warning, note, off")?;
    Ok((rule.to_owned(), Some(severity)))
}

/// What a file of a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOutput {
    /// A report.
    Report(Format),
    /// The entries, or the findings, as Parquet.
    #[cfg(feature = "parquet")]
    Parquet(capelint::frontend::outputs::Records),
}

fn output(text: &str) -> Result<(ReportOutput, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("write it as FORMAT=FILE, such as sarif=out.sarif")?;
    let format = match format {
        #[cfg(feature = "parquet")]
        "entries" => ReportOutput::Parquet(capelint::frontend::outputs::Records::Entries),
        #[cfg(feature = "parquet")]
        "findings" => ReportOutput::Parquet(capelint::frontend::outputs::Records::Findings),
        #[cfg(not(feature = "parquet"))]
        "entries" | "findings" => {
            return Err(
                "this capelint was built without Parquet; build it with `--features parquet`".to_owned()
            );
        }
        _ => ReportOutput::Report(
            format.parse().map_err(|error: capelint::frontend::UnknownFormat| error.to_string())?,
        ),
    };
    if file.is_empty() { Err("the file's name is missing".to_owned()) } else { Ok((format, file.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_environment() {
        let colors = |terminal: bool, set: &[(&str, &str)]| {
            by_environment(terminal, |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            })
        };
        assert!(colors(true, &[]) && !colors(false, &[]));
        assert!(!colors(true, &[("TERM", "dumb")]) && colors(true, &[("TERM", "xterm")]));
        for no in ["1", "0", "no"] {
            assert!(!colors(true, &[("NO_COLOR", no)]), "{no}");
            assert!(!colors(false, &[("NO_COLOR", no), ("FORCE_COLOR", "1")]), "{no}");
        }
        assert!(colors(true, &[("NO_COLOR", "")]));
        for force in ["FORCE_COLOR", "CLICOLOR_FORCE"] {
            assert!(colors(false, &[(force, "1")]) && colors(false, &[(force, "1"), ("TERM", "dumb")]));
            assert!(!colors(false, &[(force, "0")]) && !colors(false, &[(force, "")]));
        }
    }
}
