//! The command line: the only place that reads the clock, prints, and finds files.
//!
//! One file for each command. [`session`] does what `check`, `fix`, `triage` and `explain --entry` have in
//! common: load the rules, read the tables, evaluate. [`Exit`] is the one place that defines the exit codes.

pub mod anonymize;
pub mod args;
pub mod check;
pub mod checklist;
pub mod choices;
pub mod complete;
pub mod config;
pub mod confine;
pub mod disk;
pub mod explain;
pub mod files;
pub mod fix;
mod folders;
pub mod frontend;
pub mod init;
mod load;
mod lock;
pub mod new;
pub mod open;
pub mod paths;
pub mod plan;
pub mod progress;
pub mod rules;
mod same_file;
pub mod schema;
pub mod session;
pub mod shell;
mod suggestion;
mod summary;
pub mod tables;
pub mod test;
pub mod threads;
pub mod triage;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::CompleteEnv;

use args::Color;
use capelint::diagnostic::Diagnostic;
use capelint::frontend::errors;
use capelint::frontend::text::{Outside, count};
use capelint::source::Sources;
use capelint::{Errors, Format, Rules};

/// Checks CAPE declarations before the upload.
#[derive(Debug, Parser)]
#[command(name = "capelint", version, about, after_help = after_help(), max_term_width = 100)]
pub struct Cli {
    /// Run in this folder, as if started there; with a pattern or several folders: in each of them, one
    /// after the other
    #[arg(long = "in", value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    pub folders: Vec<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  capelint plan es003.csv --out upload/              from an ES-003 to the files to upload
  capelint check march.csv --es003 es003.csv         check a planned declaration
  capelint check declarations/ --format short        check each file of a folder
  capelint explain liquidated-over-80-days           what a rule checks, and why
  capelint explain \"UNABLE TO CALCULATE DUTY\"        what a message from CBP means
  capelint explain --entry ABC-1234567-6 march.csv   why an entry was flagged, or why not
  capelint fix march.csv --out upload/               write the clean upload files";

/// The examples, and what the exit codes mean.
fn after_help() -> String {
    let exits = Exit::ALL.into_iter().enumerate();
    let exits = exits.map(|(code, exit)| format!("\n  {code}  {}", exit.meaning().replace('`', "")));
    format!("{EXAMPLES}\n\nExit codes:{}", exits.collect::<String>())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check declarations against CBP's rules and your own
    Check(check::CheckArgs),
    /// Plan the upload of a whole ES-003: the files to upload, and a work list of everything else
    Plan(plan::PlanArgs),
    /// Write the clean upload files, and the list of what is held back
    Fix(fix::FixArgs),
    /// Read CBP's Claim Details after an upload: what failed, why, and what you can resubmit
    Triage(triage::TriageArgs),
    /// Explain a rule, a message that CBP or ACE showed, or what decided an entry
    Explain(explain::ExplainArgs),
    /// List the rules, or export the built-in pack for editing
    Rules(rules::RulesArgs),
    /// Run the tests in rule files
    Test(test::TestArgs),
    /// Print the JSON Schema of rule, table or configuration files
    Schema(schema::SchemaArgs),
    /// List what rules may name: tables, columns, code lists, figures, settings, functions, words
    Tables(tables::TablesArgs),
    /// Print a commented start for a rule, a test or a table of your own
    New(new::NewArgs),
    /// Write a commented capelint.yaml for the files of this folder
    Init(init::InitArgs),
    /// Write made-up files of the same shape, to send with a report of a wrong verdict
    Anonymize(anonymize::AnonymizeArgs),
    /// Plan or check files by what they are, and open the report in a browser
    Open(open::OpenArgs),
    /// Print the settings in force, and where each comes from
    Config(config::ConfigArgs),
    /// Print what a shell runs to complete commands, rules, tables and formats
    Completions(shell::CompletionsArgs),
    /// Print a manual page, or write all pages
    Man(shell::ManArgs),
}

/// The meaning of the exit code, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Something at or above `--fail-on`, or nothing to upload; failed tests of rules.
    Findings(ExitReason),
    /// Could not run: unreadable input, an error in a rule file, an unknown flag.
    CouldNotRun,
}

/// What there is to look at after a run, for the line of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitReason {
    /// Something that is not about entries alone, or does not keep them from being uploaded.
    Other,
    /// So many entries that may not be uploaded, beside others that may.
    Blocked(usize),
    /// No entry that may be uploaded.
    NothingToUpload,
}

impl ExitReason {
    /// So many entries that may not be uploaded, or something else where there is none.
    pub fn blocked(entries: usize) -> Self {
        if entries == 0 { Self::Other } else { Self::Blocked(entries) }
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Other => f.write_str("findings"),
            Self::Blocked(entries) => {
                write!(f, "findings: {} may not be uploaded", count(entries, "entry", "entries"))
            }
            Self::NothingToUpload => f.write_str("nothing to upload"),
        }
    }
}

impl Exit {
    /// All of them, by their codes.
    pub const ALL: [Self; 3] = [Self::Clean, Self::Findings(ExitReason::Other), Self::CouldNotRun];

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "nothing at or above `--fail-on`, and at least one entry may be uploaded",
            Self::Findings(_) => {
                "something at or above `--fail-on` (by default an error, a stop or an undecided entry), or \
                 no entry that may be uploaded; for `fix`: an entry was held back"
            }
            Self::CouldNotRun => {
                "capelint cannot run: an input that cannot be read, an error in a rule file or the \
                 configuration, an unknown flag; nothing is printed as if it were complete"
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::from(0),
            Exit::Findings(_) => Self::from(1),
            Exit::CouldNotRun => Self::from(2),
        }
    }
}

/// Why a command could not run.
#[derive(Debug)]
pub enum Failure {
    /// Errors in what the user gave.
    Errors(Errors),
    /// Writing failed.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Errors> for Failure {
    fn from(errors: Errors) -> Self {
        Self::Errors(errors)
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Errors(Errors::new(diagnostics, Sources::default()))
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Errors(diagnostic.into())
    }
}

/// What a command ends with.
pub type Done = Result<Exit, Failure>;

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    CompleteEnv::with_factory(Cli::command).var(complete::VARIABLE).complete();
    let words = open::arguments();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return usage(error, words.get(1..).unwrap_or_default()),
    };
    threads::start();
    let format = match &cli.command {
        Command::Check(args) => args.output.format,
        Command::Test(args) => Some(args.format.into()),
        Command::Fix(args) => Some(args.format.into()),
        Command::Plan(args) => Some(args.format.into()),
        Command::Triage(args) => Some(args.format.into()),
        Command::Explain(args) => Some(args.format.into()),
        _ => None,
    };
    let run = || run(&cli.command).unwrap_or_else(|failure| print_failure(&failure, format));
    let exit = if cli.folders.is_empty() {
        run()
    } else {
        let for_people =
            matches!(format, None | Some(Format::Human | Format::Full | Format::Short | Format::Markdown));
        folders::run_in(&cli.folders, for_people, run)
    };
    if let Command::Open(args) = &cli.command {
        open::wait(args);
    }
    exit.into()
}

/// Runs a command.
fn run(command: &Command) -> Done {
    match command {
        Command::Check(args) => check::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Fix(args) => fix::run(args),
        Command::Triage(args) => triage::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Test(args) => test::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Tables(args) => tables::run(args),
        Command::New(args) => new::run(args),
        Command::Init(args) => init::run(args),
        Command::Anonymize(args) => anonymize::run(args),
        Command::Open(args) => open::run(args),
        Command::Config(args) => config::run(args),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments. Their text comes from outside:
/// a pattern of the shell turns the names of files into arguments.
fn usage(mut error: clap::Error, words: &[OsString]) -> ExitCode {
    if error.kind() == ErrorKind::DisplayVersion && words.iter().any(|word| word == "--version") {
        let _ = print(long_version().as_bytes());
        return Exit::Clean.into();
    }
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(diagnostic) = suggestion::command_of(words)
    {
        return print_failure(&diagnostic.into(), None).into();
    }
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Clean.into();
    }
    let writes_uploads = words.first().is_some_and(|word| word == "fix" || word == "plan");
    let lacks_out = error.kind() == ErrorKind::MissingRequiredArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(missing))
            if missing.iter().any(|argument| argument.starts_with("--out ")));
    if lacks_out && writes_uploads {
        let tip = "name a folder, such as '--out upload/', or add '--dry-run' to write nothing";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    let mut text = error
        .render()
        .to_string()
        .lines()
        .map(|line| Outside::new(line).shown())
        .fold(String::new(), |all, line| all + &line + "\n");
    if Color::Auto.applies(io::stderr().is_terminal())
        && let Some(rest) = text.strip_prefix("error:")
    {
        text = format!("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m{rest}");
    }
    let _ = io::stderr().write_all(text.as_bytes());
    Exit::CouldNotRun.into()
}

/// The program, its rules and the day on which they were last checked.
fn long_version() -> String {
    let mut text = format!("capelint {}\n", capelint::frontend::VERSION);
    if let Ok(rules) = Rules::built_in() {
        let pack = rules.pack();
        text += &format!("rule pack {} {}", pack.name, pack.version);
        if let Some(day) = pack.verified {
            text += &format!(", last checked against CBP's pages on {day}");
        }
        text.push('\n');
    }
    if let Some(commit) = option_env!("CAPELINT_COMMIT") {
        text += &format!("commit {commit}\n");
    }
    text
}

/// Prints why the command could not run.
fn print_failure(failure: &Failure, format: Option<Format>) -> Exit {
    match failure {
        Failure::Output(error) => {
            let _ = writeln!(io::stderr(), "error: the output cannot be written: {error}");
        }
        Failure::Errors(errors) => {
            let color = Color::Auto.applies(io::stderr().is_terminal());
            let _ = io::stderr().write_all(errors.draw(color).as_bytes());
            // Programs read the standard output.
            if let Some(text) = format.and_then(|format| errors.in_format(format)) {
                let _ = print(text.as_bytes());
            }
        }
    }
    Exit::CouldNotRun
}

/// Writes to standard output in one go.
///
/// # Errors
/// As [`until_closed`].
pub(crate) fn print(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    until_closed(out.write_all(text).and_then(|()| out.flush()))
}

/// A closed pipe is not an error: `capelint … | head` stops reading early. The exit code stays what the
/// findings make it.
///
/// # Errors
/// Every other error.
pub(crate) fn until_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// [`print`], after files were written: if the output cannot be printed, the error states that.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_after_writing(text: &[u8], folder: &Path) -> Result<(), Failure> {
    print(text).map_err(|error| errors::outputs::cannot_print(&error, folder).into())
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_documentation_has_the_table_of_exit_codes() {
        let mut table = "| exit code | meaning |\n| --- | --- |".to_owned();
        for (code, exit) in Exit::ALL.into_iter().enumerate() {
            table.push_str(&format!("\n| {code} | {} |", exit.meaning()));
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/brokers/verdicts.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page.contains(&format!("<!-- generated: exit codes -->\n\n{table}\n\n<!-- end -->")),
            "{table}"
        );
    }
}
