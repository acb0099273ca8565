//! `capelint check`: check declarations.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::{self, FailOn, Inputs, OutputArgs, ReportOutput};
use super::choices::one_of;
use super::frontend::CommandLine;
use super::same_file::same_output;
use super::session::Session;
use super::{Done, Exit, ExitReason, Failure, disk, files, fix, summary, until_closed};
use capelint::diagnostic::Diagnostic;
use capelint::engine::BaselineKey;
use capelint::finding::{Change, Extent, Outcome, RuleChange, RuleScope, Severity};
use capelint::frontend::errors;
use capelint::frontend::text::json_safe;
use capelint::{Checked, Errors, Format, Options};

/// Arguments of `capelint check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint check march.csv --es003 es003.csv
  capelint check march.csv --es003 es003.xlsx --table psc=psc.csv --filing-date 2026-11-22
  capelint check declarations/*.csv --format short --output sarif=out.sarif --output html=report.html
  cat march.csv | capelint check - --stdin-name march.csv --es003 es003.csv --format jsonl")]
pub struct CheckArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub inputs: Inputs,
    #[command(flatten, next_help_heading = args::REPORT)]
    #[allow(missing_docs)]
    pub output: OutputArgs,
    /// Evaluate only rules on entries, or only rules on declarations as a whole; default: both
    #[arg(long, help_heading = "Parts of a check", value_parser = one_of(&[RuleScope::Entry, RuleScope::File], scope_help), value_name = "SCOPE")]
    pub scope: Option<RuleScope>,
    /// Treat the ES-003 as a slice of an export: evaluate nothing that needs all of it, and suggest no numbers from it
    #[arg(long, help_heading = "Parts of a check")]
    pub partial: bool,
    /// Report the line that each row has in the column NAME, the first of each CSV: its line in the original file
    #[arg(long, help_heading = "Parts of a check", value_name = "NAME")]
    pub line_column: Option<String>,
    /// Do not count findings that are in this file: those known when you began to use capelint
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all present findings to a baseline
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
}

/// What the command line says of a scope.
fn scope_help(scope: RuleScope) -> &'static str {
    match scope {
        RuleScope::All => "Everything",
        RuleScope::Entry => "Entries, their rows and lines",
        RuleScope::File => "Declarations and tables as a whole",
    }
}

/// Checks declarations.
pub fn run(args: &CheckArgs) -> Done {
    let mut inputs = args.inputs.clone();
    inputs.rules.extent = Extent { scope: args.scope.unwrap_or_default(), partial: args.partial };
    let mut session = Session::open(&inputs)?;
    session.line_column.clone_from(&args.line_column);
    let plan = ReportPlan::new(&args.output, &session)?;
    session.digests = plan.has_digests();
    plan.refuse_twice(args)?;
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let mut checked = session.judge_in_batches()?;
    if let Some(baseline) = &baseline {
        checked.apply_baseline(baseline);
    }
    if let Some(file) = &args.write_baseline {
        let findings = checked.baseline();
        write_baseline(file, &findings, &fix::inputs(&checked.sources))?;
    }
    // What the configuration weakens is named; what the command line sets is known to the user.
    if args.output.fail_on.is_none() && plan.fail_on.is_weaker_than_default() {
        checked.outcome.rule_changes.push(RuleChange {
            name: "fail_on".to_owned(),
            change: Change::FailOn { level: plan.fail_on.name() },
            file: checked.outcome.configuration.clone(),
        });
    }
    plan.report(&checked)?;
    let exit = match fails(&checked.outcome, plan.fail_on) {
        true => Exit::Findings(found(&checked.outcome)),
        false => Exit::Clean,
    };
    // The process ends here. To free the tables cell by cell would only take time.
    std::mem::forget(checked);
    std::mem::forget(session);
    Ok(exit)
}

/// What there is to look at in an outcome.
fn found(outcome: &Outcome) -> ExitReason {
    let blocked = outcome.entries.iter().filter(|entry| !entry.after_waivers.may_be_uploaded()).count();
    if blocked == outcome.entries.len() { ExitReason::NothingToUpload } else { ExitReason::blocked(blocked) }
}

/// Whether an outcome is at or above a level.
pub fn fails(outcome: &Outcome, fail_on: FailOn) -> bool {
    let worst = outcome.counted().map(|finding| finding.severity).max();
    // A run in which nothing may be uploaded is never green, whatever the level.
    let nothing = !outcome.entries.iter().any(|entry| entry.after_waivers.may_be_uploaded());
    nothing
        || match fail_on {
            FailOn::Never => false,
            FailOn::Error => worst >= Some(Severity::Error),
            FailOn::Stop => worst >= Some(Severity::Stop) || outcome.is_undecided(),
            FailOn::Warning => worst >= Some(Severity::Warning) || outcome.is_undecided(),
        }
}

/// What to report where: flags before the configuration before the defaults.
pub struct ReportPlan {
    format: Format,
    files: Vec<(ReportOutput, PathBuf)>,
    options: Options,
    /// What makes the run fail.
    pub fail_on: FailOn,
}

impl ReportPlan {
    /// Merges the settings of the command line and the configuration.
    ///
    /// # Errors
    /// A format or level of the configuration that does not exist.
    pub fn new(args: &OutputArgs, session: &Session) -> Result<Self, Failure> {
        let settings = &session.rules.config().output;
        let diagnostic = |diagnostic: Diagnostic| {
            Failure::from(Errors::new(vec![diagnostic], session.rules.sources().clone()))
        };
        let format_of = |name: &capelint::source::Placed<String>| {
            name.value.parse::<Format>().map_err(|error| diagnostic(errors::unknown_format(name, &error)))
        };
        let format = match (args.format, &settings.format) {
            _ if args.verbose => Format::Full,
            (Some(format), _) => format,
            (None, Some(name)) => format_of(name)?,
            (None, None) => Format::Human,
        };
        let fail_on = match (args.fail_on, &settings.fail_on) {
            (Some(level), _) => level,
            (None, Some(name)) => <FailOn as clap::ValueEnum>::from_str(&name.value, false)
                .map_err(|_| diagnostic(errors::unknown_level(name)))?,
            (None, None) => FailOn::default(),
        };
        let mut files = args.files.clone();
        let format = match files.iter().filter(|(_, file)| file.as_os_str() == "-").collect::<Vec<_>>()[..] {
            [] => format,
            [(ReportOutput::Report(instead), _)] if args.format.is_none() && !args.verbose => *instead,
            _ => return Err(errors::outputs::stdout_twice().into()),
        };
        let is_only_stdout = !files.is_empty();
        files.retain(|(_, file)| file.as_os_str() != "-");
        if files.is_empty() && !is_only_stdout {
            for (name, file) in &settings.files {
                let path = session.folder.join(&file.value);
                session
                    .confinement
                    .check_output(&file.value, &path)
                    .map_err(|error| diagnostic(error.at(file.place, "")))?;
                files.push((ReportOutput::Report(format_of(name)?), path));
            }
        }
        let chosen = if args.verbose { Some(0) } else { args.max_per_rule.or(settings.max_per_rule) };
        let shown = chosen.unwrap_or(20);
        let options = Options {
            color: args.color.applies(io::stdout().is_terminal()),
            max_per_rule: (shown > 0).then_some(shown),
            // An explicit limit per rule replaces the limit of lines.
            max_lines: Options::default().max_lines.filter(|_| chosen.is_none()),
            width: summary::terminal_width().unwrap_or(Options::default().width),
            quiet: args.quiet,
            statistics: args.statistics,
            base: std::env::current_dir().ok().map(|folder| folder.to_string_lossy().into_owned()),
            frontend: &CommandLine,
            ..Options::default()
        };
        Ok(Self { format, files, options, fail_on })
    }

    /// Whether any report has the digests of the files that are read.
    fn has_digests(&self) -> bool {
        let has = |output: &ReportOutput| match output {
            ReportOutput::Report(format) => format.has_digests(),
            #[cfg(feature = "parquet")]
            ReportOutput::Parquet(_) => true,
        };
        self.format.has_digests() || self.files.iter().any(|(output, _)| has(output))
    }

    /// Refuses two reports, or a report and a baseline, in one file: only the last would be there.
    fn refuse_twice(&self, args: &CheckArgs) -> Result<(), Failure> {
        let reports: Vec<&Path> = self.files.iter().map(|(_, file)| file.as_path()).collect();
        let baselines = [args.baseline.as_deref(), args.write_baseline.as_deref()];
        let twice = reports.iter().enumerate().find(|(at, file)| {
            let mut others = reports[..*at].iter().copied().chain(baselines.into_iter().flatten());
            others.any(|other| same_output(file, other))
        });
        match twice {
            Some((_, file)) => Err(errors::outputs::same_output(file).into()),
            None => Ok(()),
        }
    }

    /// Writes all reports.
    ///
    /// # Errors
    /// A file that is an input or cannot be written, and what standard output reports.
    pub fn report(&self, checked: &Checked<'_>) -> Result<(), Failure> {
        let inputs = fix::inputs(&checked.sources);
        for (format, file) in &self.files {
            let plain = Options { color: false, ..self.options.clone() };
            let mut text = Vec::new();
            match *format {
                ReportOutput::Report(format) => {
                    checked.render(format, &plain, &mut text)?;
                    self.print_left_out(format, checked);
                }
                #[cfg(feature = "parquet")]
                ReportOutput::Parquet(records) => text = checked.parquet(records, &plain)?,
            }
            files::replace(file, &text, &inputs)?;
        }
        self.print_left_out(self.format, checked);
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let written = checked.render(self.format, &self.options, &mut out).and_then(|()| out.flush());
        // What is left in a buffer whose pipe is closed would be tried again.
        drop(out.into_parts());
        Ok(until_closed(written)?)
    }

    /// Prints what a report leaves out: a reader of the report alone cannot see that.
    fn print_left_out(&self, format: Format, checked: &Checked<'_>) {
        if let Some(left_out) = format.left_out(&checked.outcome) {
            eprintln!("warning: {format}: {left_out}");
        }
    }
}

/// The most bytes a baseline may have.
const BASELINE_LIMIT: u64 = 64 << 20;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    schema: u32,
    findings: Vec<BaselineFinding>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFinding {
    rule: String,
    /// Empty for a finding on the file.
    entry: String,
    /// The file, for a finding on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    file: String,
}

fn read_baseline(file: &Path) -> Result<BTreeSet<BaselineKey>, Failure> {
    let name = file.to_string_lossy();
    let bytes = disk::read_replaceable(file, BASELINE_LIMIT)?;
    let read: BaselineFile =
        serde_json::from_slice(&bytes).map_err(|error| errors::inputs::bad_baseline(&name, &error))?;
    let key =
        |BaselineFinding { rule, entry, file }| BaselineKey { rule, entry: entry.into(), file: file.into() };
    Ok(read.findings.into_iter().map(key).collect())
}

fn write_baseline(file: &Path, findings: &BTreeSet<BaselineKey>, inputs: &[PathBuf]) -> Result<(), Failure> {
    let finding = |key: &BaselineKey| BaselineFinding {
        rule: key.rule.clone(),
        entry: key.entry.raw().to_owned(),
        file: key.file.raw().to_owned(),
    };
    let findings = findings.iter().map(finding).collect();
    let text = serde_json::to_string_pretty(&BaselineFile { schema: 1, findings })
        .map_err(|error| Failure::Output(error.into()))?;
    files::replace(file, (json_safe(&text).into_owned() + "\n").as_bytes(), inputs)
}
