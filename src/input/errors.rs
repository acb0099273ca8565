//! The wording of why an input cannot be read, whatever is in it: one function for each error.

use std::io;
use std::path::Path;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;

codes! {
    /// Kinds of errors in what is read, whatever is in it.
    enum InputCode:
    Files {
        FileChanged "file-changed"
            "A file was written to while it was read."
            "Wait until it is complete, then run again."
        FileTooBig "file-too-big"
            "A file is larger than any file of its kind."
            "Check that it is the file you meant."
        IsADirectory "is-a-directory"
            "The path is a folder, and a file is needed."
            "Name a file in it."
        NoSuchFile "no-such-file"
            "A file does not exist."
            "Check the path. Paths in `capelint.yaml` are relative to its folder."
        UnreadableFile "unreadable-file"
            "A file exists and cannot be read."
            "Check the permissions and the drive, or copy it to a local folder."
    }
}

/// A file that is too big to be what it is provided as. `what` names what it has too much of.
pub fn file_too_big(name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(InputCode::FileTooBig, format!("`{name}` has {what}"))
        .help("check that this is the file you meant; an export is provided as a table, such as the ES-003")
}

/// A file that is written to while it is read.
pub fn changed(name: &str) -> Diagnostic {
    Diagnostic::new(InputCode::FileChanged, format!("`{name}` was changed while it was read"))
        .help("wait until it is complete, then run again")
}

/// A file that cannot be read to its end.
pub fn cannot_read(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new(InputCode::UnreadableFile, format!("`{name}` cannot be read: {error}"))
        .help("is the drive still connected? copy the file to a local folder and try again")
}

/// A folder where a file belongs.
pub fn is_a_directory(name: &str, path: &Path) -> Diagnostic {
    Diagnostic::new(InputCode::IsADirectory, format!("`{name}` is a folder, not a file")).help(format!(
        "name the files in it, such as `{}`",
        Outside::new(&path.join("*.csv").to_string_lossy())
    ))
}

/// A file that is not there; the one that is meant, if a name is near.
pub fn no_such_file(name: &str, near: Option<String>) -> Diagnostic {
    let diagnostic = Diagnostic::new(InputCode::NoSuchFile, format!("file `{name}` not found"));
    match near {
        Some(near) => diagnostic.help(format!("a similar name exists: `{}`", Outside::new(&near))),
        None => diagnostic.help(
            "check the path; paths are relative to the current folder, those in capelint.yaml to its folder",
        ),
    }
}

/// A file that the user may not read.
pub fn forbidden(name: &str) -> Diagnostic {
    Diagnostic::new(InputCode::UnreadableFile, format!("`{name}` cannot be read: permission denied"))
        .help("ask its owner for read permission, or copy it to a folder of yours")
}

/// A file that another program has locked.
pub fn open_elsewhere(name: &str) -> Diagnostic {
    Diagnostic::new(InputCode::UnreadableFile, format!("`{name}` is open in another program, such as Excel"))
        .help("close it there and run again")
}
