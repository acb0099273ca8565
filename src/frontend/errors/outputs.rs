//! Files and folders that cannot be written, or must not be.

use std::io;
use std::path::Path;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::engine::errors::EngineCode;
use crate::input::is_locked;
use crate::outside::Outside;

codes! {
    /// Kinds of errors in files and folders that are written.
    enum CommandOutputCode:
    CommandLine {
        CannotPrint "cannot-print"
            "The files were written, but standard output cannot be."
            "Use the files; they are complete."
        FileExists "file-exists"
            "A file exists already, and capelint does not write over it."
            "Choose another folder, or `--force`."
        FolderInUse "folder-in-use"
            "Another run is writing into the folder."
            "Wait until it ends, or choose another folder."
        Interrupted "interrupted-run"
            "An earlier run was interrupted while it wrote into the folder: its files are not complete."
            "Write them again with `--force`, or choose another folder. Do not upload them."
        LeftOverUploads "left-over-uploads"
            "A folder has upload files of another run; together with the new ones, entries would be on two declarations."
            "Move them away, or choose another folder."
        NotEmpty "not-empty"
            "A folder is not empty, and nothing is written over."
            "Name a new folder."
        SameOutput "same-output"
            "Two outputs would be written to one file."
            "Give each a file of its own."
        WouldOverwriteInput "would-overwrite-input"
            "A file to write is an input of the run."
            "Choose another name: inputs are never written over."
    }
}

/// A folder into which a run was interrupted while it wrote, and whose files are not written over.
pub fn interrupted(folder: &Path) -> Diagnostic {
    Diagnostic::new(CommandOutputCode::Interrupted, of_interrupted_run(folder))
        .help("write them again with --force, or choose another folder with --out; do not upload them")
}

/// The message about a folder whose files are not complete.
pub fn of_interrupted_run(folder: &Path) -> String {
    format!("an earlier run was interrupted: the files in `{}` are not complete", folder.display())
}

/// A folder with upload files that the run does not write: the first of them, and how many there are.
pub fn left_over_uploads(folder: &Path, first: &str, count: usize) -> Diagnostic {
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    let message =
        format!("`{}` has upload files of another run: {}{more}", folder.display(), Outside::new(first));
    Diagnostic::new(CommandOutputCode::LeftOverUploads, message).help(
        "move them away, or choose another folder with --out: if you uploaded them with the new files, \
         entries would be on two declarations",
    )
}

/// A folder into which another run writes.
pub fn in_use(folder: &Path) -> Diagnostic {
    Diagnostic::new(
        CommandOutputCode::FolderInUse,
        format!("another run is writing into `{}`", folder.display()),
    )
    .help("wait until it ends, or choose another folder with --out")
}

/// An output that is an input.
pub fn would_overwrite(path: &Path, instead: &str) -> Diagnostic {
    Diagnostic::new(
        CommandOutputCode::WouldOverwriteInput,
        format!("`{}` is an input of this run", path.display()),
    )
    .help(format!("inputs are never written over; {instead}"))
}

/// A file that is there already.
pub fn exists(path: &Path) -> Diagnostic {
    Diagnostic::new(CommandOutputCode::FileExists, format!("`{}` exists already", path.display()))
}

/// A file of a folder that is there already.
pub fn exists_in_folder(path: &Path) -> Diagnostic {
    exists(path).help("choose an empty folder with --out, or write over it with --force")
}

/// An error of a command that may write over its file.
pub fn or_force(error: Diagnostic) -> Diagnostic {
    if error.code == CommandOutputCode::FileExists { error.help("--force writes over it") } else { error }
}

/// A folder where a file shall be.
pub fn is_a_directory(path: &Path) -> Diagnostic {
    Diagnostic::new(EngineCode::CannotWrite, format!("`{}` is a folder", path.display()))
}

/// A file that cannot be written because its folder is missing.
pub fn no_folder(path: &Path, folder: &Path) -> Diagnostic {
    let message = format!("cannot write `{}`: there is no folder `{}`", path.display(), folder.display());
    Diagnostic::new(EngineCode::CannotWrite, message).help("make the folder first, or correct the path")
}

/// A folder to write into that is not empty.
pub fn not_empty(folder: &Path) -> Diagnostic {
    Diagnostic::new(CommandOutputCode::NotEmpty, format!("`{}` is not empty", folder.display()))
        .help("name a new folder; nothing is written over")
}

/// A file or folder that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Diagnostic {
    // The error about a temporary file would name that file, whose name means nothing and is never the same.
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or_default();
    let diagnostic =
        Diagnostic::new(EngineCode::CannotWrite, format!("cannot write `{}`: {text}", path.display()));
    if is_locked(error) {
        diagnostic.help("close it in the program that has it open, such as Excel, and run again")
    } else if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied {
        // Windows returns this also for a file that is open elsewhere.
        diagnostic.help(
            "close it if it is open in a program such as Excel; otherwise check that you may write there",
        )
    } else {
        diagnostic.help("check the free space, and that you may write there")
    }
}

/// Two inputs whose outputs would have one name.
pub fn same_name(name: &str) -> Diagnostic {
    Diagnostic::new(CommandOutputCode::SameOutput, format!("two files are named `{name}`"))
        .help("anonymize one of them in a run of its own")
}

/// One file as two outputs.
pub fn same_output(file: &Path) -> Diagnostic {
    let message = format!("`{}` has two uses in this run", Outside::new(&file.display().to_string()));
    Diagnostic::new(CommandOutputCode::SameOutput, message)
        .help("give each report and each baseline a file of its own")
}

/// Standard output as two outputs.
pub fn stdout_twice() -> Diagnostic {
    Diagnostic::new(CommandOutputCode::SameOutput, "standard output has two uses in this run")
        .help("write one report to `-`, and name a file for each other")
}

/// An output that cannot be printed, after files were written.
pub fn cannot_print(error: &io::Error, folder: &Path) -> Diagnostic {
    let message = format!("the files were written, but the output cannot be: {error}");
    Diagnostic::new(CommandOutputCode::CannotPrint, message)
        .help(format!("the files in `{}` are complete", Outside::new(&folder.display().to_string())))
}
