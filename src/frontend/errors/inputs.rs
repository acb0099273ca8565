//! Files and folders that are named on the command line or in a configuration, and are not what they should be.
//! That one cannot be read is worded in [`crate::input::errors`].

use std::fmt::Display;
use std::io;
use std::path::Path;

use super::CommandCode;
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::engine::outputs::HELD;
use crate::outside::Outside;
use crate::source::Place;

codes! {
    /// Kinds of errors in files and folders that are named and read.
    enum CommandInputCode:
    CommandLine {
        BadBaseline "bad-baseline"
            "A file that was named as a baseline is not a baseline."
            "Write it again with `--write-baseline`."
        BadFilePattern "bad-file-pattern"
            "A pattern of file names is malformed."
            "Correct it: `*` matches anything in a name, `**` matches any folders."
        LockFile "lock-file"
            "A file is the lock file that Office writes beside an open workbook."
            "Name the workbook itself."
        OutsideFolder "outside-folder"
            "A configuration that was found, not named, refers to a file outside its own folder."
            "Name it with `--config` if you trust it."
        SeveralConfigurations "several-configurations"
            "Declarations of one run belong to different configurations."
            "Check them in runs of their own, or name one configuration for all."
        StdinTwice "stdin-twice"
            "Standard input is named for two inputs of a run."
            "Name a file for one of them."
        UntrustedPack "untrusted-pack"
            "A configuration that was found, not named, would put other rules in the place of the built-in ones."
            "Name it with `--config` if you trust it, or remove `pack.yaml` from the folder of rules."
    }
}

/// A folder to start in that cannot be entered.
pub fn cannot_enter(folder: &str, error: &io::Error) -> Diagnostic {
    let message = format!("the folder `{}` cannot be entered: {error}", Outside::new(folder));
    Diagnostic::new(CommandCode::NothingThere, message)
}

/// A folder without anything that could be a table.
pub fn no_table_in(folder: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no .csv file or workbook in `{folder}`"))
        .help("name the folder with the files; folders below it are not searched")
}

/// A folder whose tables all have another use in the run.
pub fn no_declaration_in(folder: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no declaration in `{folder}`"))
        .help(format!("tables of this run and {HELD} are not declarations"))
}

/// A folder of rules without any.
pub fn no_rules_in(folder: &Path) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no rule file (.yaml) in `{}`", folder.display()))
}

/// The lock file that an Office program writes beside a file that it has open.
pub fn lock_file(name: &str, open: &str) -> Diagnostic {
    let message = format!("`{name}` is not a table: an Office program keeps it while a file is open");
    Diagnostic::new(CommandInputCode::LockFile, message)
        .help(format!("name the file itself, which ends in `{open}`"))
}

/// A pattern that no file fits.
pub fn no_file_fits(pattern: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no file fits the pattern `{pattern}`"))
        .help("check the folder and the pattern")
}

/// An error about the files of a table; where there are none, there may be nothing to list.
pub fn or_nothing_to_list(error: Diagnostic, table: &str) -> Diagnostic {
    if error.code == CommandCode::NothingThere {
        error.help(format!("if there is nothing to list, pass `--none {table}`"))
    } else {
        error
    }
}

/// Folders to start in that are not there.
pub fn no_folder(name: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no folder `{name}`"))
        .help("check the name; put a pattern such as `clients/*` between quotes")
}

/// A pattern that is none.
pub fn bad_pattern(pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(CommandInputCode::BadFilePattern, format!("`{pattern}` is not a pattern of files: {why}"))
}

/// A pattern for which half the disk would have to be looked through.
pub fn pattern_too_wide(pattern: &str) -> Diagnostic {
    let message = format!("`{pattern}` looks through more than 200,000 files and folders");
    Diagnostic::new(CommandInputCode::BadFilePattern, message)
        .help("name the folder that has the files, such as `exports/*.csv`")
}

/// Standard input in a configuration that was found, not named.
pub fn stdin_of_configuration() -> Diagnostic {
    let message = "a configuration that was found may not read the standard input";
    Diagnostic::new(CommandInputCode::OutsideFolder, message)
        .help("name a file, or name the configuration with `--config` if you trust it")
}

/// A path in a configuration that was found, not named, which leads out of its folder.
pub fn outside(written: &str, folder: &Path) -> Diagnostic {
    Diagnostic::new(
        CommandInputCode::OutsideFolder,
        format!("`{}` is outside `{}`", Outside::new(written), Outside::new(&folder.display().to_string())),
    )
    .help("a configuration that was found may read and write only in its own folder and below; if you trust it, name it with `--config`")
}

/// An output to a hidden file, in a configuration that was found, not named.
pub fn hidden(written: &str) -> Diagnostic {
    let message = format!("`{}` is a hidden file or folder", Outside::new(written));
    Diagnostic::new(CommandInputCode::OutsideFolder, message)
        .help("choose a name without a dot at its beginning, or name the configuration with `--config`")
}

/// A pack of rules in a configuration that was found, not named.
pub fn untrusted_pack(folder: &Path, place: Place) -> Diagnostic {
    let folder = folder.display().to_string();
    let message = format!("`{}` would take the place of the built-in rules", Outside::new(&folder));
    Diagnostic::new(CommandInputCode::UntrustedPack, message)
        .at(place, "")
        .help("if you trust this configuration, name it with `--config`")
}

/// A declaration that a configuration other than the run's is for.
pub fn several_configurations(name: &str, its: Option<&Path>, used: Option<&Path>) -> Diagnostic {
    let named = |file: Option<&Path>| {
        file.map_or("no configuration".to_owned(), |file| format!("`{}`", file.display()))
    };
    let message = format!("`{name}` belongs to {}, but this run uses {}", named(its), named(used));
    Diagnostic::new(CommandInputCode::SeveralConfigurations, message).help(
        "check what belongs together in a run of its own, or name the configuration of all with --config",
    )
}

/// Standard input as two inputs.
pub fn stdin_twice() -> Diagnostic {
    Diagnostic::new(
        CommandInputCode::StdinTwice,
        "standard input (`-`) is named twice, and can be read only once",
    )
    .help("name a file for the other input")
}

/// Files to open of which none is one to begin with.
pub fn nothing_to_begin_with() -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, "there is neither an ES-003 nor a declaration among the files")
        .help(
            "drop an ES-003 from ACE Reports (XLSX or CSV) on the program, or put it into the folder of the \
         program; on a command line, see `capelint --help`",
        )
}

/// A file that is no baseline.
pub fn bad_baseline(name: &str, error: &dyn Display) -> Diagnostic {
    Diagnostic::new(CommandInputCode::BadBaseline, format!("`{name}` is not a baseline: {error}"))
        .help("write it anew with --write-baseline")
}
