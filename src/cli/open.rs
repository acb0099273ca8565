//! `capelint open`: files that were dropped on the program, and a double click on it.
//!
//! The files are distinguished by their headers. From them a `plan` or `check` command line is made, shown
//! and run, so that a reader who starts here can go on there.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};
use clap::Parser;

use super::disk::Origin;
use super::frontend::{no_option, quoted};
use super::paths;
use super::{Cli, Done, Failure, args, print};
use capelint::frontend::input::FileUse;
use capelint::frontend::outputs::SUMMARY;
use capelint::frontend::text::Outside;
use capelint::frontend::{eastern_day, errors};
use capelint::{Diagnostic, Input, Rules};

/// Arguments of `capelint open`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint open es003.xlsx                       plan the upload of a whole export
  capelint open march.csv es003.xlsx psc.csv     check a declaration
  capelint open .                                use the files of this folder

Files that are dropped on the program are opened in this way. With a declaration among the files, capelint \
checks it; otherwise it plans the upload of the ES-003. It writes into a new folder beside the files.")]
pub struct OpenArgs {
    /// Files, or folders with files, in any order
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Evaluate for an upload on this day [default: today, US Eastern time]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = args::date)]
    pub filing_date: Option<NaiveDate>,
    /// Write the report; do not open it in the browser
    #[arg(long)]
    pub no_browser: bool,
    /// Wait for Enter at the end, so that a window of its own stays open
    #[arg(long, hide = true)]
    pub wait: bool,
}

/// The name of the report of a check.
const REPORT: &str = "report.html";

/// How many folders of one day are tried.
const MAX_FOLDERS: usize = 1000;

/// What the process was started for: the arguments that were typed, or those of `open` where files were
/// dropped on the program or it was double-clicked. Dropped files arrive as absolute paths and nothing else.
pub fn arguments() -> Vec<OsString> {
    let given: Vec<OsString> = std::env::args_os().collect();
    let by_mouse = started_by_mouse();
    intended(given, by_mouse)
}

fn intended(given: Vec<OsString>, by_mouse: bool) -> Vec<OsString> {
    let Some((program, files)) = given.split_first() else { return given };
    let is_dropped = |file: &OsString| Path::new(file).is_absolute() && Path::new(file).exists();
    let files = match files {
        [] if by_mouse => vec![OsString::from(".")],
        [] => return given,
        files if files.iter().all(is_dropped) => files.to_vec(),
        _ => return given,
    };
    let mut arguments = vec![program.clone(), "open".into()];
    arguments.extend(by_mouse.then(|| "--wait".into()));
    arguments.extend(files);
    arguments
}

/// Whether the Explorer of Windows started the process, so that its window closes with it.
#[cfg(windows)]
fn started_by_mouse() -> bool {
    use winsafe::{HPROCESSLIST, co, prelude::*};
    let Ok(mut list) = HPROCESSLIST::CreateToolhelp32Snapshot(co::TH32CS::SNAPPROCESS, None) else {
        return false;
    };
    let processes: Vec<(u32, u32, String)> = list
        .iter_processes()
        .filter_map(Result::ok)
        .map(|process| (process.th32ProcessID, process.th32ParentProcessID, process.szExeFile()))
        .collect();
    let own = std::process::id();
    let parent = processes.iter().find(|(id, ..)| *id == own).map(|(_, parent, _)| *parent);
    let is_explorer = |name: &str| name.eq_ignore_ascii_case("explorer.exe");
    processes.iter().any(|(id, _, name)| Some(*id) == parent && is_explorer(name))
}

/// Elsewhere, programs of a terminal are not started by mouse.
#[cfg(not(windows))]
fn started_by_mouse() -> bool {
    false
}

/// Plans or checks the files, and opens the report.
///
/// # Errors
/// Files of which nothing can be made, and as the command that is run.
pub fn run(args: &OpenArgs) -> Done {
    let task = Task::of(args)?;
    let typed: Vec<String> = task.command.iter().map(|word| quoted(word)).collect();
    print(format!("{}\n\n", Outside::new(&typed.join(" "))).as_bytes())?;
    let cli = Cli::try_parse_from(&task.command).map_err(|error| errors::unreadable_command(&error))?;
    let done = super::run(&cli.command)?;
    let report = task.report.display().to_string();
    if !args.no_browser && task.report.exists() && open::that_detached(&task.report).is_err() {
        print(format!("\nopen the report in a browser: {}\n", Outside::new(&report)).as_bytes())?;
    }
    Ok(done)
}

/// Keeps the window open until its text is read.
pub fn wait(args: &OpenArgs) {
    if args.wait {
        let _ =
            write!(io::stdout(), "\nPress Enter to close this window. ").and_then(|()| io::stdout().flush());
        let _ = io::stdin().lock().read_line(&mut String::new());
    }
}

/// The command line that files ask for.
struct Task {
    command: Vec<String>,
    report: PathBuf,
}

impl Task {
    fn of(args: &OpenArgs) -> Result<Self, Failure> {
        let mut found = FilesByUse::default();
        let rules = Rules::built_in()?;
        let mut errors = Vec::new();
        for file in &args.files {
            if file.is_dir() {
                // The other files of a folder are left alone.
                for file in tables_of(file) {
                    let _ = found.add(&file, &rules);
                }
            } else if let Err(error) = found.add(file, &rules) {
                errors.push(error);
            }
        }
        if !errors.is_empty() {
            return Err(errors.into());
        }
        found.task(args.filing_date)
    }
}

/// The tables of a folder; a configuration is found from them anyway.
fn tables_of(folder: &Path) -> Vec<PathBuf> {
    paths::expand(&folder.to_string_lossy(), Path::new(""), "")
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(_, origin)| match origin {
            Origin::Path(path) => Some(path),
            Origin::Stdin | Origin::Bytes(_) => None,
        })
        .collect()
}

/// Files by what they are.
#[derive(Default)]
struct FilesByUse {
    declarations: Vec<String>,
    exports: Vec<String>,
    tables: Vec<(String, String)>,
    rules: Vec<String>,
    configuration: Option<String>,
}

impl FilesByUse {
    fn add(&mut self, file: &Path, rules: &Rules) -> Result<(), Diagnostic> {
        let name = no_option(&file.to_string_lossy()).into_owned();
        match rules.recognize(&name, &Input::from(Origin::Path(file.to_owned())))?.file_use {
            FileUse::Declaration => self.declarations.push(name),
            FileUse::Table(table) if table == "es003" => self.exports.push(name),
            FileUse::Table(table) => self.tables.push((table, name)),
            FileUse::Configuration => self.configuration = Some(name),
            FileUse::Rules => self.rules.push(name),
        }
        Ok(())
    }

    fn task(self, filing_date: Option<NaiveDate>) -> Result<Task, Failure> {
        let Some(first) = self.declarations.first().or(self.exports.first()) else {
            return Err(errors::inputs::nothing_to_begin_with().into());
        };
        let day = filing_date.unwrap_or_else(|| eastern_day(Utc::now()));
        let folder = new_folder(Path::new(first).parent().unwrap_or(Path::new("")), day);
        let mut command = vec!["capelint".to_owned()];
        let mut option = |flag: &str, value: String| command.extend([flag.to_owned(), value]);
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let report;
        if self.declarations.is_empty() {
            report = folder.join(SUMMARY);
            option("plan", self.exports[0].clone());
            for export in &self.exports[1..] {
                option("--es003", export.clone());
            }
            option("--out", path(&folder));
        } else {
            report = folder.join(REPORT);
            std::fs::create_dir_all(&folder)
                .map_err(|error| errors::outputs::cannot_write(&folder, &error))?;
            option("check", self.declarations[0].clone());
            for export in &self.exports {
                option("--es003", export.clone());
            }
            option("--output", format!("html={}", path(&report)));
        }
        for (table, file) in &self.tables {
            option("--table", format!("{table}={file}"));
        }
        for file in self.rules {
            option("--rules", file);
        }
        if let Some(file) = self.configuration {
            option("--config", file);
        }
        if filing_date.is_some() {
            option("--filing-date", day.to_string());
        }
        command.extend(self.declarations.into_iter().skip(1));
        Ok(Task { command, report })
    }
}

/// The first folder of a day that is not there yet.
fn new_folder(beside: &Path, day: NaiveDate) -> PathBuf {
    let name = |number: usize| match number {
        1 => format!("capelint {day}"),
        number => format!("capelint {day} ({number})"),
    };
    let mut folders = (1..=MAX_FOLDERS).map(|number| beside.join(name(number)));
    let free = folders.clone().find(|folder| std::fs::symlink_metadata(folder).is_err());
    free.or_else(|| folders.next_back()).unwrap_or_else(|| beside.join(name(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intended_of(words: &[&str], by_mouse: bool) -> Vec<String> {
        let given = std::iter::once("capelint").chain(words.iter().copied()).map(OsString::from).collect();
        intended(given, by_mouse).into_iter().skip(1).map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_typed_stays_and_what_is_dropped_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("es003.csv");
        std::fs::write(&file, "x").unwrap();
        let file = file.to_str().unwrap();
        assert_eq!(intended_of(&[], false), [""; 0]);
        assert_eq!(intended_of(&["check", file], true), ["check", file]);
        assert_eq!(intended_of(&["es003.csv"], true), ["es003.csv"]);
        assert_eq!(intended_of(&["/there/is/no/file.csv"], true), ["/there/is/no/file.csv"]);
        assert_eq!(intended_of(&[file], false), ["open", file]);
        assert_eq!(intended_of(&[file, file], true), ["open", "--wait", file, file]);
        assert_eq!(intended_of(&[], true), ["open", "--wait", "."]);
    }

    #[test]
    fn each_run_of_a_day_has_a_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let first = new_folder(folder.path(), day);
        assert!(first.ends_with("capelint 2026-11-22"));
        std::fs::create_dir(&first).unwrap();
        assert!(new_folder(folder.path(), day).ends_with("capelint 2026-11-22 (2)"));
    }
}
