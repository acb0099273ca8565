//! Opens files and standard input.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use capelint::diagnostic::{Diagnostic, nearest};
use capelint::frontend::input::{Opened, errors, is_locked};
use capelint::{Input, ReadAt};

/// Where an input of the command line comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes that are already here.
    Bytes(Arc<[u8]>),
}

impl From<Origin> for Input {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Bytes(bytes) => Self::from(bytes),
            Origin::Stdin => Self::lazy(|_| Ok(Opened::Stream(Box::new(io::stdin())))),
            Origin::Path(path) => Self::lazy(move |name| open(&path, name)),
        }
    }
}

/// What distinguishes files, whatever they are called: device, inode and the time it was made, since the
/// inode of a file that was deleted is used again; or the path with its links followed.
#[cfg(unix)]
type Identity = (u64, u64, Option<std::time::SystemTime>);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(_: &Path, metadata: &fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino(), metadata.created().ok()))
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &fs::Metadata) -> Option<Identity> {
    path.canonicalize().ok()
}

/// The files that this process has opened as inputs.
static READ: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// Whether a file was read in this run, under whatever name, or is what standard input comes from. It
/// must never be written over.
pub fn is_input(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    let Some(identity) = identity(path, &metadata).filter(|_| metadata.is_file()) else { return false };
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.contains(&identity) || stdin_identity() == Some(identity)
}

/// The file that standard input was redirected from.
#[cfg(unix)]
fn stdin_identity() -> Option<Identity> {
    use std::os::fd::AsFd;
    let file = fs::File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
    identity(Path::new(""), &metadata)
}

#[cfg(not(unix))]
fn stdin_identity() -> Option<Identity> {
    None
}

/// Reads a file whole.
///
/// # Errors
/// Where it cannot be opened or read, or has more than `limit` bytes.
pub fn read_whole(path: &Path, limit: u64) -> Result<Vec<u8>, Diagnostic> {
    Input::from(Origin::Path(path.to_owned())).read_whole(&path.to_string_lossy(), limit)
}

/// [`read_whole`] of a file that this run may write anew, such as a baseline.
///
/// # Errors
/// As [`read_whole`].
pub fn read_replaceable(path: &Path, limit: u64) -> Result<Vec<u8>, Diagnostic> {
    let bytes = read_whole(path, limit)?;
    if let Some(identity) = fs::metadata(path).ok().and_then(|metadata| identity(path, &metadata)) {
        READ.lock().unwrap_or_else(PoisonError::into_inner).retain(|read| *read != identity);
    }
    Ok(bytes)
}

/// Opens a file. `name` is what errors call it.
fn open(path: &Path, name: &str) -> Result<Opened, Diagnostic> {
    // Opening a named pipe waits for its writer, so a directory is refused before.
    let metadata = fs::metadata(path).map_err(|error| cannot_open(name, path, &error))?;
    if metadata.is_dir() {
        return Err(errors::is_a_directory(name, path));
    }
    let file = fs::File::open(path).map_err(|error| cannot_open(name, path, &error))?;
    if !metadata.is_file() {
        return Ok(Opened::Stream(Box::new(file)));
    }
    let metadata = file.metadata().map_err(|error| cannot_open(name, path, &error))?;
    if let Some(identity) = identity(path, &metadata) {
        READ.lock().unwrap_or_else(PoisonError::into_inner).push(identity);
    }
    let (length, modified) = (metadata.len(), metadata.modified().ok());
    Ok(Opened::Seekable(Arc::new(DiskFile { file, length, modified })))
}

/// A file on a disk, as it was when it was opened.
struct DiskFile {
    file: fs::File,
    length: u64,
    modified: Option<std::time::SystemTime>,
}

impl ReadAt for DiskFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match read_file_at(&self.file, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(length) => done += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn has_changed(&self) -> bool {
        match self.file.metadata() {
            Ok(now) => now.len() != self.length || now.modified().ok() != self.modified,
            Err(_) => true,
        }
    }
}

#[cfg(unix)]
fn read_file_at(file: &fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(not(any(unix, windows)))]
fn read_file_at(mut file: &fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    // One reader at a time: the file has one position.
    static POSITION: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _held = POSITION.lock();
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

/// The error for a file that cannot be opened.
fn cannot_open(name: &str, path: &Path, error: &io::Error) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => errors::no_such_file(name, near_file(path)),
        io::ErrorKind::PermissionDenied => errors::forbidden(name),
        _ if is_locked(error) => errors::open_elsewhere(name),
        _ => errors::cannot_read(name, error),
    }
}

/// The file in the same folder whose name is nearest.
fn near_file(path: &Path) -> Option<String> {
    let folder =
        path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let mut names: Vec<String> = fs::read_dir(folder?)
        .ok()?
        .take(1000)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let near = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near).display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_opened_are_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("es003.csv"), "x").unwrap();
        let error = |name: &str| open(&path(name), name).err().unwrap();
        let missing = error("es03.csv");
        assert_eq!(missing.code.name(), "no-such-file");
        assert!(missing.help[0].raw().contains("es003.csv"), "{missing:?}");
        assert_eq!(error("").code, "is-a-directory");
        assert_eq!(read_whole(&path("es003.csv"), 1).unwrap(), b"x");
        fs::write(path("es003.csv"), "xy").unwrap();
        assert_eq!(read_whole(&path("es003.csv"), 1).unwrap_err().code.name(), "file-too-big");
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "0123456789").unwrap();
        let Opened::Seekable(file) = open(&path, "a.csv").unwrap() else { panic!() };
        let mut buffer = [0; 4];
        assert_eq!((file.read_at(8, &mut buffer).unwrap(), &buffer[..2]), (2, &b"89"[..]));
        assert!(!file.has_changed());
        fs::write(&path, "0123").unwrap();
        assert!(file.has_changed());
    }
}
