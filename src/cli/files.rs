//! Writes files: everything that capelint writes is there whole or not at all.
//!
//! One file ([`replace`]) is written under another name, synced, and renamed into its place. Of a set
//! of files ([`FileSet`]) all are written or none, as far as the file system allows.
//!
//! A folder that is not there yet is made beside its place, filled and synced, and then renamed: it appears
//! with all files at once, or not at all. Into a folder that is there, files can only be renamed one by one.
//! Their contents are written to temporary files and synced first; then all old ones go, so that no old file
//! is ever beside a new one; then the new ones come, in the order given. So a reader who sees the last one
//! sees all of them. Meanwhile a file [`INCOMPLETE`] is there: after a kill it stays, and the next run
//! reports it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use super::Failure;
use super::lock::Lock;
use super::same_file::is_input;
use capelint::OutputFile;
use capelint::diagnostic::Diagnostic;
use capelint::frontend::errors::outputs;
use capelint::frontend::outputs::ACCEPTED;
use capelint::frontend::text::Outside;

/// The file that a folder has while its files are not complete.
pub const INCOMPLETE: &str = "INCOMPLETE.txt";

const INCOMPLETE_TEXT: &str = "capelint was interrupted while it wrote the files of this folder. They are not complete: do \
                               not upload them.\r\nRun the same command again with --force.\r\n";

/// Refuses a folder into which a run was interrupted while it wrote, unless its files are written over.
fn refuse_incomplete(folder: &Path, force: bool) -> Result<(), Diagnostic> {
    if is_incomplete(folder) && !force { Err(outputs::interrupted(folder)) } else { Ok(()) }
}

/// Whether the files of a folder are not complete.
fn is_incomplete(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(INCOMPLETE)).is_ok()
}

/// The files of a run for one folder.
pub struct FileSet<'a> {
    /// The files, in the order in which they come.
    pub files: &'a [OutputFile],
    /// Files that are written already and come after the others.
    pub last: Vec<(&'a str, Growing)>,
    /// What the run read, and must not write over.
    pub inputs: &'a [PathBuf],
    /// Whether files of an earlier run are written over.
    pub force: bool,
    /// The folder below that the upload files are in, and which names they have.
    pub uploads: (&'a str, fn(&str) -> bool),
}

impl FileSet<'_> {
    /// The names of all files.
    fn names(&self) -> Vec<&str> {
        let last = self.last.iter().map(|(name, _)| *name);
        self.files.iter().map(|file| file.name.as_str()).chain(last).collect()
    }

    /// Writes the files into a folder, which is made where it is not there. Into one that is there, the
    /// last of the files comes last.
    ///
    /// # Errors
    /// Where another run writes into the folder, or one was interrupted there and `force` is not set; where
    /// the folder has upload files that this run does not write; where a file is one of the inputs, or exists
    /// and `force` is not set, or cannot be written. After an error the folder is as it was before.
    pub fn write(self, folder: &Path) -> Result<(), Vec<Diagnostic>> {
        let alone = |diagnostic| vec![diagnostic];
        // Held until the files are there, so that two runs never mix theirs. What the folder has is looked at
        // only now: until the lock is taken another run may write there.
        let _lock = Lock::of(folder).map_err(alone)?;
        refuse_incomplete(folder, self.force).map_err(alone)?;
        self.refuse_left_over(folder).map_err(alone)?;
        let mut names = self.names();
        names.push(INCOMPLETE);
        check(folder, &names, self.inputs, self.force)?;
        if is_incomplete(folder) {
            let message = outputs::of_interrupted_run(folder);
            eprintln!("warning: {}; they are written over", Outside::new(&message));
        }
        // A link that points nowhere is there too.
        let written = match fs::symlink_metadata(folder) {
            Ok(_) => write_into(folder, self),
            Err(_) => write_new(folder, self),
        };
        written.map_err(alone)
    }

    /// Refuses a folder with upload files that this run does not write: with the new ones, entries would be
    /// on two declarations.
    fn refuse_left_over(&self, folder: &Path) -> Result<(), Diagnostic> {
        let (below, is_upload) = self.uploads;
        let (parent, folder) = (folder, folder.join(below));
        let listing = fs::read_dir(&folder).into_iter().flatten();
        let written = self.names();
        let is_written =
            |name: &str| written.iter().any(|path| Path::new(path) == Path::new(below).join(name));
        let mut names: Vec<String> = listing
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter(|name| is_upload(name) && !is_written(name))
            .collect();
        // Of a plan, it is beside the folder of the upload files.
        if !below.is_empty() && !written.contains(&ACCEPTED) && parent.join(ACCEPTED).exists() {
            names.push(format!("../{ACCEPTED}"));
        }
        names.sort();
        let Some(first) = names.first() else { return Ok(()) };
        Err(outputs::left_over_uploads(&folder, first, names.len()))
    }
}

/// Whether a file is named as the upload files of `fix` and `plan` are, or as the list of what only the
/// user accepted for them.
pub fn is_upload(name: &str) -> bool {
    let number = name
        .strip_prefix("declaration-")
        .and_then(|rest| rest.strip_suffix(".csv"))
        // The names of `plan` also have a day.
        .map(|rest| rest.split_once("-by-").map_or(rest, |(rest, _)| rest))
        .map(|rest| rest.rsplit('-').next().unwrap_or(rest));
    name == ACCEPTED
        || number.is_some_and(|number| number.len() >= 3 && number.bytes().all(|c| c.is_ascii_digit()))
}

/// Whether a file is named as the upload file of `triage` is.
pub fn is_refile(name: &str) -> bool {
    name.starts_with("refile") && name.ends_with(".csv")
}

/// A file that grows while the files of a set are still made; it is removed unless it is written with them.
pub struct Growing(NamedTempFile);

impl Growing {
    /// Begins a file for a folder, on the same file system.
    ///
    /// # Errors
    /// Where it cannot be written there.
    pub fn beside(folder: &Path) -> Result<Self, Diagnostic> {
        begin_beside(folder, |place| builder(0o666).tempfile_in(place)).map(Self)
    }
}

/// A file without a name, for what a run puts aside on the file system of a folder. It ends with the run.
///
/// # Errors
/// Where it cannot be written there.
pub fn scratch_beside(folder: &Path) -> Result<fs::File, Diagnostic> {
    begin_beside(folder, |place| tempfile::tempfile_in(place))
}

fn begin_beside<T>(folder: &Path, begin: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, Diagnostic> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = if folder.is_dir() { folder } else { parent };
    fs::create_dir_all(place)
        .and_then(|()| begin(place))
        .map_err(|error| outputs::cannot_write(folder, &error))
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Finds everything that forbids to write, before anything is.
///
/// # Errors
/// As [`FileSet::write`].
fn check(folder: &Path, names: &[&str], inputs: &[PathBuf], force: bool) -> Result<(), Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    for name in names {
        let path = folder.join(name);
        // A link that points nowhere exists too.
        if fs::symlink_metadata(&path).is_err() {
            continue;
        }
        if is_input(&path, inputs) {
            diagnostics.push(outputs::would_overwrite(&path, "choose another folder with --out"));
        } else if path.is_dir() {
            diagnostics.push(outputs::is_a_directory(&path));
        } else if !force {
            diagnostics.push(outputs::exists_in_folder(&path));
        }
    }
    if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
}

/// Writes one file in place of what may be there. Links are followed; a device or a named pipe is written to
/// as it is, and so is this process's own standard output or error.
///
/// # Errors
/// Where the file is one of the inputs, or cannot be written. After an error there is what was there
/// before.
pub fn replace(path: &Path, bytes: &[u8], inputs: &[PathBuf]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::from(outputs::cannot_write(path, &error));
    let there = match fs::metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(rename_into(&followed(path).map_err(failed)?, bytes, true)?);
        }
        Err(error) => return Err(failed(error)),
    };
    if there.is_dir() {
        return Err(outputs::is_a_directory(path).into());
    }
    if let Some(mut output) = own_output(&there) {
        // A closed pipe is not an error: its reader stops early.
        return Ok(super::until_closed(output.write_all(bytes).and_then(|()| output.flush()))?);
    }
    if there.is_file() && is_input(path, inputs) {
        return Err(outputs::would_overwrite(path, "choose another name").into());
    }
    // A file that cannot be written to must not be replaced either.
    let mut file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
    let real = followed(path).map_err(failed)?;
    // A file that was deleted and is still open has no name to replace.
    if there.is_file() && real.is_file() {
        drop(file);
        return Ok(rename_into(&real, bytes, true)?);
    }
    file.write_all(bytes).map_err(failed)
}

/// Writes one file, unless something is there already.
///
/// # Errors
/// Where the file exists, or cannot be written.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    if fs::symlink_metadata(path).is_ok() {
        Err(outputs::exists(path))
    } else {
        rename_into(path, bytes, false)
    }
}

fn rename_into(path: &Path, bytes: &[u8], force: bool) -> Result<(), Diagnostic> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(outputs::no_folder(path, folder));
    }
    let written = temporary(folder, bytes).and_then(|new| {
        if !force {
            return new.persist_noclobber(path).map_err(|error| error.error);
        }
        if let Ok(old) = fs::metadata(path) {
            new.as_file().set_permissions(old.permissions())?;
        }
        new.persist(path).map_err(|error| error.error)
    });
    match written.and_then(|_| sync(folder)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(outputs::exists(path)),
        written => written.map_err(|error| outputs::cannot_write(path, &error)),
    }
}

/// Where a path leads when its links are followed, also where nothing is there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            // No link, or nothing there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("the link leads in a circle"))
}

/// This process's own standard output or error, where the path leads to it (`/dev/stdout`, or the file that
/// the shell made for it): written to by its name, the texts would destroy each other.
fn own_output(there: &fs::Metadata) -> Option<Box<dyn Write>> {
    #[cfg(unix)]
    {
        use std::os::fd::{AsFd, BorrowedFd};
        use std::os::unix::fs::MetadataExt;
        let is = |fd: BorrowedFd<'_>| {
            let open = fd.try_clone_to_owned().and_then(|fd| fs::File::from(fd).metadata());
            open.is_ok_and(|open| (open.dev(), open.ino()) == (there.dev(), there.ino()))
        };
        if is(io::stdout().as_fd()) {
            return Some(Box::new(io::stdout()));
        }
        if is(io::stderr().as_fd()) {
            return Some(Box::new(io::stderr()));
        }
    }
    #[cfg(not(unix))]
    let _ = there;
    None
}

/// Makes a folder with all files in it.
fn write_new(folder: &Path, set: FileSet<'_>) -> Result<(), Diagnostic> {
    let FileSet { files, last, .. } = set;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| outputs::cannot_write(parent, &error))?;
    // As other programs make folders: what the user's umask leaves.
    let new = builder(0o777).tempdir_in(parent).map_err(|error| outputs::cannot_write(folder, &error))?;
    for file in files {
        let write = || {
            let path = new.path().join(&file.name);
            fs::create_dir_all(path.parent().unwrap_or(new.path()))?;
            step();
            let mut out = fs::File::create_new(path)?;
            step();
            out.write_all(&file.bytes)?;
            out.sync_all()
        };
        write().map_err(|error| outputs::cannot_write(&folder.join(&file.name), &error))?;
    }
    for (name, Growing(file)) in last {
        let place = || {
            file.as_file().sync_all()?;
            step();
            file.persist_noclobber(new.path().join(name)).map_err(|error| error.error)
        };
        place().map_err(|error| outputs::cannot_write(&folder.join(name), &error))?;
    }
    let appear = || {
        sync(new.path())?;
        step();
        fs::rename(new.path(), folder)
    };
    appear().map_err(|error| outputs::cannot_write(folder, &error))?;
    // It is at its place now, so there is nothing to take away.
    let _ = new.keep();
    sync(parent).map_err(|error| outputs::cannot_write(parent, &error))
}

/// Puts files into a folder that is there.
fn write_into(folder: &Path, set: FileSet<'_>) -> Result<(), Diagnostic> {
    let FileSet { files, last, inputs, force, .. } = set;
    let mut ready = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        fs::create_dir_all(path.parent().unwrap_or(folder))
            .map_err(|error| outputs::cannot_write(&path, &error))?;
        let temporary =
            temporary(folder, &file.bytes).map_err(|error| outputs::cannot_write(&path, &error))?;
        ready.push((path, temporary));
    }
    for (name, Growing(file)) in last {
        let path = folder.join(name);
        file.as_file().sync_all().map_err(|error| outputs::cannot_write(&path, &error))?;
        ready.push((path, file));
    }
    let marker = folder.join(INCOMPLETE);
    step();
    let mark = || {
        let new = temporary(folder, INCOMPLETE_TEXT.as_bytes())?;
        step();
        new.persist(&marker).map_err(|error| error.error)?;
        sync(folder)
    };
    mark().map_err(|error| outputs::cannot_write(&marker, &error))?;
    let written = put_in_place(folder, ready, force);
    step();
    // What was there before is there again, or all of the new.
    fs::remove_file(&marker)
        .and_then(|()| sync(folder))
        .map_err(|error| outputs::cannot_write(&marker, &error))?;
    if written.is_ok() {
        remove_remains(folder, inputs);
    }
    written
}

/// Removes what a run that was killed left. No other run writes into the folder.
fn remove_remains(folder: &Path, inputs: &[PathBuf]) {
    let Ok(listing) = fs::read_dir(folder) else { return };
    for file in listing.filter_map(Result::ok) {
        let name = file.file_name();
        let name = name.to_string_lossy();
        let is_remains = name.starts_with(PREFIX) && name.ends_with(SUFFIX) && file.path().is_file();
        // Whatever it is called, what this run read stays.
        if is_remains && !is_input(&file.path(), inputs) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Puts files that are written already into the place of old ones.
fn put_in_place(folder: &Path, ready: Vec<(PathBuf, NamedTempFile)>, force: bool) -> Result<(), Diagnostic> {
    let mut moved = Moved::default();
    // The last one is removed first, and for good before any other: without it the set is plainly incomplete.
    for (path, _) in ready.iter().rev().filter(|_| force) {
        let first = moved.old.is_empty();
        let put_away = moved.put_away(folder, path).and_then(|()| if first { sync(folder) } else { Ok(()) });
        if let Err(error) = put_away {
            moved.take_back();
            return Err(outputs::cannot_write(path, &error));
        }
    }
    let count = ready.len();
    for (at, (path, new)) in ready.into_iter().enumerate() {
        if at + 1 == count && count > 1 {
            sync(folder).map_err(|error| outputs::cannot_write(folder, &error))?;
        }
        step();
        if let Err(error) = new.persist_noclobber(&path) {
            moved.take_back();
            return Err(outputs::cannot_write(&path, &error.error));
        }
        moved.new.push(path);
    }
    sync(folder).map_err(|error| outputs::cannot_write(folder, &error))
}

/// What was done in a folder so far.
#[derive(Default)]
struct Moved {
    /// Where old files are now, and where they belong.
    old: Vec<(TempPath, PathBuf)>,
    /// New files.
    new: Vec<PathBuf>,
}

impl Moved {
    /// Takes an old file out of the way.
    fn put_away(&mut self, folder: &Path, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path).is_err() {
            return Ok(());
        }
        step();
        let away = builder(0o666).tempfile_in(folder)?.into_temp_path();
        step();
        fs::rename(path, &away)?;
        self.old.push((away, path.to_owned()));
        Ok(())
    }

    /// Leaves the folder as it was. Nothing better can be done where this fails too.
    fn take_back(self) {
        for path in self.new {
            let _ = fs::remove_file(path);
        }
        for (away, path) in self.old {
            let _ = away.persist(path);
        }
    }
}

/// A file operation comes next. Tests end the process's work here, at each one in turn.
fn step() {
    #[cfg(test)]
    tests::step();
    #[cfg(all(fuzzing, not(test)))]
    crate::step();
}

/// How the names of what is not finished begin and end.
const PREFIX: &str = ".capelint-";
const SUFFIX: &str = ".tmp";

/// Names of what is not finished; `mode` is what a user's umask is taken from.
fn builder(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Writes a temporary file and syncs it to the disk.
fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    step();
    // As other programs make files.
    let mut file = builder(0o666).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Syncs the folder's new names to the disk.
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

#[cfg(test)]
mod tests {
    use super::*;
    use capelint::Errors;

    fn set<'a>(files: &'a [OutputFile], inputs: &'a [PathBuf], force: bool) -> FileSet<'a> {
        FileSet { files, last: Vec::new(), inputs, force, uploads: ("", is_upload) }
    }

    fn write(
        folder: &Path,
        files: &[OutputFile],
        inputs: &[PathBuf],
        force: bool,
    ) -> Result<(), Vec<Diagnostic>> {
        set(files, inputs, force).write(folder)
    }

    #[test]
    fn upload_files_are_known_by_their_names() {
        for name in [
            "declaration-001.csv",
            "declaration-ABC-012.csv",
            "declaration-1000.csv",
            "declaration-12-3456789-001-by-2026-11-25.csv",
            "accepted-by-you.csv",
        ] {
            assert!(is_upload(name), "{name}");
        }
        for name in ["declaration-march.csv", "declaration-01.csv", "declaration.csv", "held.csv"] {
            assert!(!is_upload(name), "{name}");
        }
    }

    /// The names that a run uses for itself may be those of its inputs.
    #[test]
    fn an_input_stays_whatever_it_is_called() {
        for name in [INCOMPLETE, ".capelint-1.tmp"] {
            let folder = tempfile::tempdir().unwrap();
            let input = folder.path().join(name);
            fs::write(&input, "precious").unwrap();
            let refused = write(folder.path(), &[output("a", "x")], std::slice::from_ref(&input), true);
            assert_eq!(refused.is_err(), name == INCOMPLETE);
            assert_eq!(fs::read_to_string(&input).unwrap(), "precious", "{name}");
        }
    }

    /// Where another run wrote while this one evaluated, what it wrote is seen.
    #[test]
    fn upload_files_of_another_run_are_refused_even_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["declaration-001.csv", "declaration-002.csv", "held.csv"].map(|name| output(name, "x"));
        write(folder.path(), &files, &[], false).unwrap();
        let refused = write(folder.path(), &[output("declaration-001.csv", "y")], &[], true).unwrap_err();
        assert_eq!(refused[0].code, "left-over-uploads");
        let below = output("declarations/declaration-001.csv", "z");
        let plan = |files| FileSet { uploads: ("declarations", is_upload), ..set(files, &[], true) };
        plan(std::slice::from_ref(&below)).write(folder.path()).unwrap();
        plan(std::slice::from_ref(&below)).write(folder.path()).unwrap();
        let refused =
            plan(&[output("declarations/declaration-002.csv", "z")]).write(folder.path()).unwrap_err();
        assert_eq!(refused[0].code, "left-over-uploads");
    }

    thread_local! {
        /// How many file operations are left until the kill; `None`: there is none.
        static LEFT: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
    }

    pub(super) fn step() {
        match LEFT.get() {
            Some(0) => panic!("killed here"),
            Some(left) => LEFT.set(Some(left - 1)),
            None => {}
        }
    }

    /// Kills a run before each of its file operations: what is left is the old set, the new set, or
    /// plainly incomplete, and never a mixture with the last file in it.
    #[test]
    fn a_kill_at_any_file_operation_leaves_no_mixture() {
        let files = |text: &str| {
            ["declaration-001.csv", "declaration-002.csv", "held.csv"].map(|name| output(name, text))
        };
        for fresh in [true, false] {
            let mut kills = 0;
            for at in 0.. {
                let root = tempfile::tempdir().unwrap();
                let folder = root.path().join("upload");
                if !fresh {
                    write(&folder, &files("old"), &[], false).unwrap();
                }
                LEFT.set(Some(at));
                let run = std::panic::catch_unwind(|| write(&folder, &files("new"), &[], !fresh));
                LEFT.set(None);
                let names = if folder.exists() { names(&folder) } else { Vec::new() };
                let is_all = |text: &str| {
                    files(text)
                        .iter()
                        .all(|file| fs::read(folder.join(&file.name)).is_ok_and(|is| is == file.bytes))
                };
                let is_marked = names.contains(&INCOMPLETE.to_owned());
                let is_empty = names.iter().all(|name| name.starts_with(PREFIX));
                assert!(
                    is_marked || is_all("old") || is_all("new") || fresh && is_empty,
                    "killed at {at}: {names:?}"
                );
                if names.contains(&"held.csv".to_owned()) {
                    assert!(is_all("old") || is_all("new"), "killed at {at}: {names:?}");
                }
                if is_marked {
                    let refused = write(&folder, &files("new"), &[], false).unwrap_err();
                    assert_eq!(refused[0].code, "interrupted-run");
                }
                if run.is_err() {
                    write(&folder, &files("new"), &[], true).unwrap();
                    assert!(is_all("new"));
                    if is_marked {
                        let all = ["declaration-001.csv", "declaration-002.csv", "held.csv"];
                        assert_eq!(self::names(&folder), all, "killed at {at}");
                    }
                }
                match run {
                    Ok(written) => {
                        written.unwrap();
                        assert!(is_all("new"));
                        break;
                    }
                    Err(_) => kills += 1,
                }
            }
            assert!(kills > 5, "{kills} operations");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_second_run_in_one_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let held = Lock::of(folder.path()).unwrap();
        let refused = write(folder.path(), &[output("a", "x")], &[], true).unwrap_err();
        assert_eq!(refused[0].code, "folder-in-use");
        drop(held);
        write(folder.path(), &[output("a", "x")], &[], true).unwrap();
    }

    fn output(name: &str, bytes: &str) -> OutputFile {
        OutputFile { name: name.into(), bytes: bytes.into() }
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
        let diagnostics = write(folder.path(), &files, &[], false).unwrap_err();
        assert_eq!(diagnostics[0].code.name(), "file-exists");
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
            let diagnostics = write(folder.path(), &[output(name, "x")], &[given], true).unwrap_err();
            assert_eq!(diagnostics[0].code.name(), "would-overwrite-input", "{name}");
        }
        assert_eq!(fs::read_to_string(&input).unwrap(), "precious");
    }

    #[test]
    fn a_failure_in_the_middle_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old").unwrap();
        fs::create_dir(folder.path().join("c")).unwrap();
        let files = [output("a", "new"), output("b", "new"), output("c", "new")];
        // With force, a folder cannot be put away as a file; without, `c` is not put over it after `b`.
        for (files, force) in [(&files[..], true), (&files[1..], false)] {
            assert!(write_into(folder.path(), set(files, &[], force)).is_err());
            assert_eq!(names(folder.path()), ["a", "c"]);
            assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old");
        }
    }

    #[test]
    fn a_folder_that_was_made_in_vain_goes_again() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        assert!(write(&new, &[output("no\0name", "x")], &[], false).is_err());
        assert!(!new.exists());
        assert_eq!(names(folder.path()), Vec::<String>::new());
        write(&new, &[output("a", "x")], &[], false).unwrap();
        assert_eq!(names(&new), ["a"]);
    }

    #[test]
    fn a_new_folder_appears_with_everything_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("of/no/use/yet/");
        write(&new, &[output("a", "x"), output("b", "y")], &[], false).unwrap();
        assert_eq!(names(&new), ["a", "b"]);
        assert_eq!(names(&folder.path().join("of/no/use")), ["yet"], "nothing else is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let other = folder.path().join("other");
            fs::create_dir(&other).unwrap();
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&new), mode(&other), "as other folders are made");
        }
    }
    /// What went wrong, by its code.
    fn code(failure: Failure) -> &'static str {
        match failure {
            Failure::Errors(errors) => errors.diagnostics[0].code.name(),
            Failure::Output(error) => panic!("{error}"),
        }
    }

    #[test]
    fn one_file_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        replace(&path("a"), b"old", &[]).unwrap();
        replace(&path("a"), b"new", &[]).unwrap();
        assert_eq!(fs::read(path("a")).unwrap(), b"new");
        assert_eq!(code(replace(&path("a"), b"x", &[path("a")]).unwrap_err()), "would-overwrite-input");
        assert_eq!(code(replace(folder.path(), b"x", &[]).unwrap_err()), "cannot-write");
        let Failure::Errors(Errors { diagnostics, .. }) = replace(&path("no/b"), b"x", &[]).unwrap_err()
        else {
            panic!()
        };
        assert!(diagnostics[0].message.raw().contains("there is no folder"), "{}", diagnostics[0].message);
        assert_eq!(create(&path("a"), b"x").unwrap_err().code.name(), "file-exists");
        create(&path("b"), b"b").unwrap();
        assert_eq!(names(folder.path()), ["a", "b"], "no temporary file is left");
        assert_eq!(fs::read(path("a")).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("there")).unwrap();
        fs::write(path("there/old"), "old").unwrap();
        fs::set_permissions(path("there/old"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("there/old", path("link")).unwrap();
        symlink("link", path("link-to-link")).unwrap();
        symlink("there/new", path("dangling")).unwrap();
        symlink("circle", path("circle")).unwrap();
        replace(&path("link-to-link"), b"1", &[]).unwrap();
        replace(&path("dangling"), b"2", &[]).unwrap();
        assert!(replace(&path("circle"), b"3", &[]).is_err());
        assert_eq!(
            code(replace(&path("link"), b"4", &[path("there/old")]).unwrap_err()),
            "would-overwrite-input"
        );
        assert_eq!(names(&path("there")), ["new", "old"]);
        assert_eq!(fs::read(path("there/old")).unwrap(), b"1");
        assert_eq!(fs::metadata(path("there/old")).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read(path("there/new")).unwrap(), b"2");
        assert!(
            path("link").is_symlink() && path("link-to-link").is_symlink() && path("dangling").is_symlink()
        );
        replace(Path::new("/dev/null"), b"5", &[]).unwrap();
    }
}
