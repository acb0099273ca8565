//! `capelint --in FOLDER COMMAND`: the command in several folders, each with its own configuration.

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;

use super::{Exit, paths, print, print_failure};
use capelint::Diagnostic;
use capelint::frontend::errors;
use capelint::frontend::text::{Outside, count};

/// Runs a command in each folder, as if started there, and prints how each run ended. What stops one run does
/// not stop the others; the exit code is the highest.
///
/// `for_people`: whether the command prints text for people, so that a heading and a summary may be between
/// its lines. Else they go to standard error.
pub fn run_in(arguments: &[String], for_people: bool, run: impl Fn() -> Exit) -> Exit {
    let tell = |line: &str| {
        let line = format!("{line}\n");
        // A closed pipe or a full disk is reported by the command.
        let _ = if for_people { print(line.as_bytes()) } else { io::stderr().write_all(line.as_bytes()) };
    };
    let (home, folders) = match (env::current_dir(), folders(arguments)) {
        (Ok(home), Ok(folders)) => (home, folders),
        (Err(error), _) => return cannot_enter(".", &error),
        (_, Err(error)) => return print_failure(&error.into(), None),
    };
    let mut ends = Vec::with_capacity(folders.len());
    for folder in &folders {
        let name = folder.to_string_lossy();
        tell(&format!("== {} ==", Outside::new(&name)));
        let end = match env::set_current_dir(home.join(folder)) {
            Ok(()) => run(),
            Err(error) => cannot_enter(&name, &error),
        };
        ends.push(end);
    }
    if folders.len() > 1 {
        tell(&format!("== {} ==", count(folders.len(), "folder", "folders")));
        for (folder, end) in folders.iter().zip(&ends) {
            let end = match end {
                Exit::Clean => "passed".to_owned(),
                Exit::Findings(found) => found.to_string(),
                Exit::CouldNotRun => "cannot run".to_owned(),
            };
            tell(&format!("{}: {end}", Outside::new(&folder.to_string_lossy())));
        }
    }
    ends.into_iter().max().unwrap_or(Exit::CouldNotRun)
}

/// The folders that the arguments name, each once.
fn folders(arguments: &[String]) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut all: Vec<PathBuf> = Vec::new();
    for argument in arguments {
        for folder in paths::folders(argument)? {
            if !all.contains(&folder) {
                all.push(folder);
            }
        }
    }
    Ok(all)
}

fn cannot_enter(folder: &str, error: &io::Error) -> Exit {
    print_failure(&errors::inputs::cannot_enter(folder, error).into(), None)
}
