//! Writing a set of files: all of them or none, as far as the file system allows.
//!
//! All contents are first written to temporary files in the target folder and synced. Only then are
//! they renamed, which replaces nothing unless asked to. Whoever pulls the plug before the renames
//! leaves the folder as it was; during them, each file is either there whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::diagnostic::Diagnostic;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name in the folder.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Writes the files into a folder, which is made where it is not there.
///
/// # Errors
/// Where a file is one of the inputs, or exists and `force` is not given, or cannot be written.
/// After an error the folder holds what it held before.
pub fn write(
    folder: &Path,
    files: &[Output],
    inputs: &[PathBuf],
    force: bool,
) -> Result<(), Vec<Diagnostic>> {
    check(folder, files, inputs, force)?;
    let made = !folder.exists();
    let written = write_checked(folder, files, force);
    if written.is_err() && made {
        // Only an empty folder goes.
        let _ = fs::remove_dir(folder);
    }
    written.map_err(|mistake| vec![mistake])
}

/// Finds everything that forbids to write, before anything is.
///
/// # Errors
/// As [`write()`].
pub fn check(
    folder: &Path,
    files: &[Output],
    inputs: &[PathBuf],
    force: bool,
) -> Result<(), Vec<Diagnostic>> {
    let inputs: Vec<PathBuf> = inputs.iter().filter_map(|input| fs::canonicalize(input).ok()).collect();
    let mut mistakes = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        // A link that points nowhere exists too.
        if fs::symlink_metadata(&path).is_err() {
            continue;
        }
        let shown = path.display();
        if fs::canonicalize(&path).is_ok_and(|path| inputs.iter().any(|input| same(input, &path))) {
            mistakes.push(
                Diagnostic::new("would-overwrite-input", format!("`{shown}` is an input of this run"))
                    .help("inputs are never written over; choose another folder with --out"),
            );
        } else if path.is_dir() {
            mistakes.push(Diagnostic::new("cannot-write", format!("`{shown}` is a directory")));
        } else if !force {
            mistakes.push(
                Diagnostic::new("file-exists", format!("`{shown}` exists already"))
                    .help("choose an empty folder with --out, or write over it with --force"),
            );
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
}

/// Whether two canonical paths are the same file, also under another hard link.
fn same(a: &Path, b: &Path) -> bool {
    if a == b {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    false
}

fn write_checked(folder: &Path, files: &[Output], force: bool) -> Result<(), Diagnostic> {
    fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    let mut ready = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        let temporary = temporary(folder, &file.bytes).map_err(|error| cannot_write(&path, &error))?;
        ready.push((path, temporary));
    }
    let mut done: Vec<(PathBuf, Option<NamedTempFile>)> = Vec::new();
    for (path, new) in ready {
        match put(folder, &path, new, force) {
            Ok(old) => done.push((path, old)),
            Err(error) => {
                take_back(done);
                return Err(cannot_write(&path, &error));
            }
        }
    }
    sync(folder).map_err(|error| cannot_write(folder, &error))
}

/// Writes a temporary file and sees to it that it is on the disk.
fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".capelint-").suffix(".tmp");
    // As other programs make files: what the user's umask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Renames a temporary file into its place; gives what stood there before.
fn put(folder: &Path, path: &Path, new: NamedTempFile, force: bool) -> io::Result<Option<NamedTempFile>> {
    if !force {
        new.persist_noclobber(path).map_err(|error| error.error)?;
        return Ok(None);
    }
    let old = match fs::read(path) {
        Ok(bytes) => Some(temporary(folder, &bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    new.persist(path).map_err(|error| error.error)?;
    Ok(old)
}

/// Puts back what stood there before.
fn take_back(done: Vec<(PathBuf, Option<NamedTempFile>)>) {
    for (path, old) in done.into_iter().rev() {
        // Nothing better can be done where this fails too.
        let _ = match old {
            Some(old) => old.persist(&path).map(drop).map_err(|error| error.error),
            None => fs::remove_file(&path),
        };
    }
}

/// Sees to it that the folder's new names are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match fs::File::open(folder)?.sync_all() {
        // Some network file systems cannot sync a folder.
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => return Err(error),
        _ => {}
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new("cannot-write", format!("cannot write `{}`: {error}", path.display()))
        .help("is there room, and may you write there?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(name: &str, bytes: &str) -> Output {
        Output { name: name.into(), bytes: bytes.into() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_written_where_one_file_exists() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "old").unwrap();
        let files = [output("a", "new"), output("b", "new")];
        let mistakes = write(folder.path(), &files, &[], false).unwrap_err();
        assert_eq!(mistakes[0].code, "file-exists");
        assert_eq!(names(folder.path()), ["b"]);
        write(folder.path(), &files, &[], true).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "new");
        assert_eq!(names(folder.path()), ["a", "b"], "no temporary file is left");
    }

    #[test]
    fn inputs_are_never_written_over_not_even_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("plan.csv");
        fs::write(&input, "precious").unwrap();
        fs::hard_link(&input, folder.path().join("held.csv")).unwrap();
        for name in ["plan.csv", "held.csv"] {
            let given = folder.path().join("../").join(folder.path().file_name().unwrap()).join("plan.csv");
            let mistakes = write(folder.path(), &[output(name, "x")], &[given], true).unwrap_err();
            assert_eq!(mistakes[0].code, "would-overwrite-input", "{name}");
        }
        assert_eq!(fs::read_to_string(&input).unwrap(), "precious");
    }

    #[test]
    fn a_failure_in_the_middle_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old").unwrap();
        fs::create_dir(folder.path().join("c")).unwrap();
        // Renaming a file over a folder fails, after `a` and `b` were renamed.
        let files = [output("a", "new"), output("b", "new"), output("c", "new")];
        assert!(write_checked(folder.path(), &files, true).is_err());
        assert_eq!(names(folder.path()), ["a", "c"]);
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old");
    }

    #[test]
    fn a_folder_that_was_made_in_vain_goes_again() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        assert!(write(&new, &[output("no/such/folder", "x")], &[], false).is_err());
        assert!(!new.exists());
        write(&new, &[output("a", "x")], &[], false).unwrap();
        assert_eq!(names(&new), ["a"]);
    }
}
