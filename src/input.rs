//! Where bytes come from: memory, anything that can be read at an offset, or a stream.
//!
//! The library opens nothing itself. Its caller gives bytes, or an [`Input`] that opens
//! something when it is asked to: a file, a browser's `File`, a pipe.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

pub mod errors;

use crate::diagnostic::Diagnostic;
use errors::{cannot_read, changed, file_too_big};

/// The name of a declaration on standard input to which the user gave no other.
pub const STDIN: &str = "-";

/// The extensions of workbooks that are read.
pub const WORKBOOKS: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xls", "ods"];

/// The name of a workbook without the sheet that it names, and that sheet: `plan.xlsx#March`.
pub fn named_sheet(name: &str) -> (&str, Option<&str>) {
    let sheet = name.match_indices('#').find(|(at, _)| {
        let extension = Path::new(&name[..*at]).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| WORKBOOKS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
    });
    match sheet {
        Some((at, _)) => (&name[..at], Some(&name[at + 1..])),
        None => (name, None),
    }
}

/// Whether another program has locked a file, as Excel does on Windows with one that is open there.
pub fn is_locked(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    cfg!(windows) && matches!(error.raw_os_error(), Some(SHARING_VIOLATION | LOCK_VIOLATION))
}

/// Bytes that can be read at any offset, by several threads at once.
pub trait ReadAt: Send + Sync {
    /// How many bytes there were when it was opened.
    fn len(&self) -> u64;

    /// Reads what is at an offset, filling the buffer unless the bytes end before.
    ///
    /// # Errors
    /// What the system reports.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes were changed since they were opened.
    fn has_changed(&self) -> bool {
        false
    }
}

/// Bytes in memory.
struct Memory(Arc<[u8]>);

impl ReadAt for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let length = buffer.len().min(self.0.len() - start);
        buffer[..length].copy_from_slice(&self.0[start..start + length]);
        Ok(length)
    }
}

/// Something to read. Cloning it is cheap; it may be opened several times, unless it is a stream.
#[derive(Clone)]
pub struct Input(InputOrigin);

#[derive(Clone)]
enum InputOrigin {
    /// Bytes that are already here.
    Bytes(Arc<[u8]>),
    /// Something that is opened when it is read. The function gets the name to call it by.
    Lazy(Arc<OpenInput>),
}

/// Opens an [`InputOrigin::Lazy`]; the argument is the name that errors call it by.
type OpenInput = dyn Fn(&str) -> Result<Opened, Diagnostic> + Send + Sync;

/// An [`Input`] that was opened.
pub enum Opened {
    /// Any part can be read at any time, by several threads at once.
    Seekable(Arc<dyn ReadAt>),
    /// Can only be read from beginning to end: standard input, a named pipe.
    Stream(Box<dyn Read + Send>),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            InputOrigin::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            InputOrigin::Lazy(_) => f.write_str("not yet opened"),
        }
    }
}

impl<B: Into<Arc<[u8]>>> From<B> for Input {
    fn from(bytes: B) -> Self {
        Self(InputOrigin::Bytes(bytes.into()))
    }
}

impl Input {
    /// What a function opens, each time it is read.
    pub fn lazy(open: impl Fn(&str) -> Result<Opened, Diagnostic> + Send + Sync + 'static) -> Self {
        Self(InputOrigin::Lazy(Arc::new(open)))
    }

    /// Bytes that are read where they are needed: a file, a browser's `File`.
    pub fn seekable(bytes: impl ReadAt + 'static) -> Self {
        let bytes: Arc<dyn ReadAt> = Arc::new(bytes);
        Self::lazy(move |_| Ok(Opened::Seekable(Arc::clone(&bytes))))
    }

    /// Opens it. `name` is what errors call it.
    ///
    /// # Errors
    /// What its function returns: a missing or unreadable file, a directory.
    pub fn open(&self, name: &str) -> Result<Opened, Diagnostic> {
        match &self.0 {
            InputOrigin::Bytes(bytes) => Ok(Opened::Seekable(Arc::new(Memory(Arc::clone(bytes))))),
            InputOrigin::Lazy(open) => open(name),
        }
    }

    /// Reads it whole.
    ///
    /// # Errors
    /// As [`Input::open`], and where it has more than `limit` bytes, or is written to meanwhile.
    pub fn read_whole(&self, name: &str, limit: u64) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        let read = match self.open(name)? {
            Opened::Stream(stream) => stream.take(limit + 1).read_to_end(&mut bytes),
            Opened::Seekable(file) if file.len() > limit => Ok(file.len() as usize),
            Opened::Seekable(file) => {
                // One byte more, so that the end is seen without asking for twice the room.
                bytes.reserve_exact(file.len() as usize + 1);
                let read = SequentialReader::new(&*file).take(limit + 1).read_to_end(&mut bytes);
                if read.is_ok() && file.has_changed() {
                    return Err(changed(name));
                }
                read
            }
        };
        let length = read.map_err(|error| cannot_read(name, &error))?;
        if length as u64 > limit {
            return Err(file_too_big(name, &format!("more than {} MiB", limit >> 20)));
        }
        Ok(bytes)
    }
}

/// Reads a [`ReadAt`] from beginning to end, and can go back.
pub struct SequentialReader<'a> {
    bytes: &'a dyn ReadAt,
    at: u64,
}

impl<'a> SequentialReader<'a> {
    /// Begins at the beginning.
    pub fn new(bytes: &'a dyn ReadAt) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Read for SequentialReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read_at(self.at, buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for SequentialReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_at_any_offset() {
        let Opened::Seekable(bytes) = Input::from(*b"0123456789").open("a").unwrap() else { panic!() };
        let mut buffer = [0; 4];
        assert_eq!((bytes.read_at(8, &mut buffer).unwrap(), &buffer[..2]), (2, &b"89"[..]));
        assert_eq!(bytes.read_at(u64::MAX, &mut buffer).unwrap(), 0);
        let mut reader = SequentialReader::new(&*bytes);
        assert_eq!(reader.seek(SeekFrom::End(-3)).unwrap(), 7);
        assert!(reader.seek(SeekFrom::Current(-8)).is_err());
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "789");
    }

    #[test]
    fn no_more_is_read_than_the_limit_allows() {
        let input = Input::from(*b"xy");
        assert_eq!(input.read_whole("a", 2).unwrap(), b"xy");
        assert_eq!(input.read_whole("a", 1).unwrap_err().code.name(), "file-too-big");
        let endless = Input::lazy(|_| Ok(Opened::Stream(Box::new(io::repeat(b'x')))));
        assert_eq!(endless.read_whole("a", 1000).unwrap_err().code.name(), "file-too-big");
    }
}
