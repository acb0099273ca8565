//! Files, and places in them.
//!
//! A [`Place`] is where something stands: file, one-based line, one-based column (counted in
//! Unicode scalar values) and byte range. Everything capelint says points at one.
//!
//! This is also where files are opened ([`Input`]): the only place in the library that does.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, nearest};

/// Identifies a file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// The span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u64, end: end as u64 }
    }

    /// As a range that slices a text held in memory.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// One-based line; in a workbook the one-based row of the sheet.
    pub line: u64,
    /// One-based column in Unicode scalar values; in a workbook the one-based column of the sheet.
    pub column: u32,
    /// Bytes in the decoded text; empty in a workbook, which has no text.
    pub span: Span,
}

/// What a file holds, as far as places go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text whose lines can be shown (declaration, rule file, configuration): held whole.
    Text(Arc<Text>),
    /// A large table that is streamed; only the rows of declared entries are kept, by their table.
    Streamed,
    /// A sheet of a workbook; places are cells.
    Sheet {
        /// The sheet's name.
        sheet: Arc<str>,
    },
}

/// A text and the beginnings of its lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// The decoded text, without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
    /// Bytes of a byte order mark that stood before the text (places count from the file's own
    /// first byte).
    pub skipped: usize,
}

impl Text {
    /// A text with its lines found. Lines end at LF, CRLF or a lone CR.
    pub fn new(text: String, skipped: usize) -> Self {
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            line_starts.push(at + 1);
        }
        Self { text, line_starts, skipped }
    }

    /// Zero-based line that the byte offset (in `text`) lies in.
    pub fn line_index(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= at) - 1
    }

    /// The bytes of a zero-based line without its line end; empty past the last line.
    pub fn line(&self, index: usize) -> &str {
        let Some(&start) = self.line_starts.get(index) else { return "" };
        let end = self.line_starts.get(index + 1).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The first byte of a zero-based line, or the text's length past the last line.
    pub fn line_start(&self, index: usize) -> usize {
        self.line_starts.get(index).copied().unwrap_or(self.text.len())
    }

    /// How many lines there are, counting a last empty one.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The place of a byte range of this text in `file`.
    pub fn place(&self, file: FileId, range: std::ops::Range<usize>) -> Place {
        let mut start = range.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line = self.line_index(start);
        let column = self.text[self.line_starts[line]..start].chars().count() as u32 + 1;
        Place {
            file,
            line: line as u64 + 1,
            column,
            span: Span::new(start + self.skipped, range.end.max(start) + self.skipped),
        }
    }
}

/// A file as the user named it.
#[derive(Clone, Debug)]
pub struct File {
    /// The name as given on the command line or in the configuration; `-` is standard input.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: Kind,
}

/// All files of a run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
}

impl Sources {
    /// Takes in a file and gives it its id.
    pub fn add(&mut self, name: impl Into<Arc<str>>, kind: Kind) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(File { name: name.into(), kind });
        id
    }

    /// Takes in a text that is held whole.
    pub fn add_text(&mut self, name: impl Into<Arc<str>>, text: impl Into<String>) -> FileId {
        self.add(name, Kind::Text(Arc::new(Text::new(text.into(), 0))))
    }

    /// The file of that id.
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// Says what a file holds once that is known (a workbook's sheet is chosen while it is read).
    pub fn set_kind(&mut self, id: FileId, kind: Kind) {
        self.files[id.0 as usize].kind = kind;
    }

    /// The file's name.
    pub fn name(&self, id: FileId) -> &str {
        &self.file(id).name
    }

    /// The text of a file that is held whole.
    pub fn text(&self, id: FileId) -> Option<&Text> {
        match &self.file(id).kind {
            Kind::Text(text) => Some(text),
            Kind::Streamed | Kind::Sheet { .. } => None,
        }
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file))
    }

    /// The place of a byte range of a text file.
    ///
    /// # Panics
    /// Where the file is not a text: only texts have byte ranges.
    pub fn place(&self, file: FileId, range: std::ops::Range<usize>) -> Place {
        self.text(file).expect("only texts have byte ranges").place(file, range)
    }

    /// The place as people write it: `file:line:column`, or `file, Sheet!AB12` in a workbook.
    pub fn show(&self, place: Place) -> ShownPlace<'_> {
        ShownPlace { sources: self, place }
    }
}

/// See [`Sources::show`].
pub struct ShownPlace<'a> {
    sources: &'a Sources,
    place: Place,
}

impl fmt::Display for ShownPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.sources.file(self.place.file);
        match &file.kind {
            Kind::Sheet { sheet } => {
                write!(f, "{}, {}!{}{}", file.name, sheet, column_letters(self.place.column), self.place.line)
            }
            _ => write!(f, "{}:{}:{}", file.name, self.place.line, self.place.column),
        }
    }
}

/// Where a file's bytes come from.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes that are already here.
    Bytes(Arc<[u8]>),
}

/// An [`Input`] that was opened.
pub enum Opened {
    /// Any part can be read at any time, by several threads at once.
    Seekable(Seekable),
    /// Can only be read from beginning to end: standard input, a named pipe.
    Stream(Box<dyn Read + Send>),
}

/// A file, or bytes, of known length.
pub struct Seekable {
    bytes: Bytes,
    length: u64,
}

enum Bytes {
    Memory(Arc<[u8]>),
    File { file: fs::File, modified: Option<std::time::SystemTime> },
}

impl Input {
    /// Opens it. `name` is what errors call it.
    ///
    /// # Errors
    /// A missing or unreadable file, a directory.
    pub fn open(&self, name: &str) -> Result<Opened, Diagnostic> {
        let path = match self {
            Self::Stdin => return Ok(Opened::Stream(Box::new(io::stdin()))),
            Self::Bytes(bytes) => {
                let length = bytes.len() as u64;
                return Ok(Opened::Seekable(Seekable { bytes: Bytes::Memory(bytes.clone()), length }));
            }
            Self::Path(path) => path,
        };
        // Opening a named pipe waits for its writer, so a directory is refused before.
        let metadata = fs::metadata(path).map_err(|error| cannot_open(name, path, &error))?;
        if metadata.is_dir() {
            return Err(Diagnostic::new("is-a-directory", format!("`{name}` is a directory, not a file"))
                .help(format!("name the files in it, such as `{}`", path.join("*.csv").display())));
        }
        let file = fs::File::open(path).map_err(|error| cannot_open(name, path, &error))?;
        if !metadata.is_file() {
            return Ok(Opened::Stream(Box::new(file)));
        }
        let metadata = file.metadata().map_err(|error| cannot_open(name, path, &error))?;
        let bytes = Bytes::File { file, modified: metadata.modified().ok() };
        Ok(Opened::Seekable(Seekable { bytes, length: metadata.len() }))
    }

    /// Reads it whole.
    ///
    /// # Errors
    /// As [`Input::open`], and where it has more than `limit` bytes, or is written to meanwhile.
    pub fn read_whole(&self, name: &str, limit: u64) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        let read = match self.open(name)? {
            Opened::Stream(stream) => stream.take(limit + 1).read_to_end(&mut bytes),
            Opened::Seekable(file) if file.length > limit => Ok(file.length as usize),
            Opened::Seekable(file) => {
                // One byte more, so that the end is seen without asking for twice the room.
                bytes.reserve_exact(file.length as usize + 1);
                let read = file.reader().take(limit + 1).read_to_end(&mut bytes);
                if read.is_ok() && file.has_changed() {
                    return Err(changed(name));
                }
                read
            }
        };
        let length = read.map_err(|error| cannot_read(name, &error))?;
        if length as u64 > limit {
            let mebibytes = limit >> 20;
            return Err(Diagnostic::new("file-too-big", format!("`{name}` has more than {mebibytes} MiB"))
                .help("is this really the file you meant? exports go after `--es003` or `--table NAME=`"));
        }
        Ok(bytes)
    }
}

impl Seekable {
    /// How many bytes there were when it was opened.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Reads what stands at an offset, filling the buffer unless the file ends before.
    ///
    /// # Errors
    /// What the system reports.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.bytes {
            Bytes::Memory(bytes) => {
                let start = bytes.len().min(offset as usize);
                let length = buffer.len().min(bytes.len() - start);
                buffer[..length].copy_from_slice(&bytes[start..start + length]);
                Ok(length)
            }
            Bytes::File { file, .. } => {
                let mut done = 0;
                while done < buffer.len() {
                    match read_file_at(file, &mut buffer[done..], offset + done as u64) {
                        Ok(0) => break,
                        Ok(length) => done += length,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(done)
            }
        }
    }

    /// Reads it from the beginning.
    pub fn reader(&self) -> SeekableReader<'_> {
        SeekableReader { file: self, at: 0 }
    }

    /// Whether the file was written to since it was opened.
    pub fn has_changed(&self) -> bool {
        match &self.bytes {
            Bytes::Memory(_) => false,
            Bytes::File { file, modified } => match file.metadata() {
                Ok(now) => now.len() != self.length || now.modified().ok() != *modified,
                Err(_) => true,
            },
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
fn read_file_at(file: &fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Seek, SeekFrom};
    // One reader at a time: the file has one position.
    static POSITION: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _held = POSITION.lock();
    let mut file = file;
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

/// Reads a [`Seekable`] from beginning to end, and can go back.
pub struct SeekableReader<'a> {
    file: &'a Seekable,
    at: u64,
}

impl Read for SeekableReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(self.at, buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl io::Seek for SeekableReader<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.file.length.checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The error for a file that cannot be opened.
fn cannot_open(name: &str, path: &Path, error: &io::Error) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => {
            let diagnostic = Diagnostic::new("no-such-file", format!("there is no file `{name}`"));
            match near_file(path) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help(
                    "check the path; relative paths count from the current directory, those of capelint.yaml from its folder",
                ),
            }
        }
        io::ErrorKind::PermissionDenied => {
            Diagnostic::new("unreadable-file", format!("`{name}` may not be read: permission denied"))
                .help("ask its owner for read permission, or copy it to a folder of yours")
        }
        _ => cannot_read(name, error),
    }
}

/// The error for a file that is written to while it is read.
pub fn changed(name: &str) -> Diagnostic {
    Diagnostic::new("file-changed", format!("`{name}` was changed while it was read"))
        .help("wait until it is complete, then run again")
}

/// The error for a file that breaks off while it is read.
pub fn cannot_read(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::new("unreadable-file", format!("`{name}` cannot be read: {error}"))
        .help("is the drive still connected? copy the file to a local folder and try again")
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

/// The letters of a one-based spreadsheet column: 1 is `A`, 27 is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines_right_after_crlf_and_blank_lines() {
        let text = Text::new("a\r\n\r\n\u{e4}b,c\rd".into(), 0);
        let at = text.text.find('c').unwrap();
        let place = text.place(FileId(0), at..at + 1);
        assert_eq!((place.line, place.column), (3, 4));
        let at = text.text.find('d').unwrap();
        assert_eq!(text.place(FileId(0), at..at + 1).line, 4);
        assert_eq!(text.line(1), "");
        assert_eq!(text.line(2), "\u{e4}b,c");
    }

    #[test]
    fn files_that_cannot_be_opened_are_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("es003.csv"), "x").unwrap();
        let error = |name: &str| Input::Path(path(name)).open(name).err().unwrap();
        let missing = error("es03.csv");
        assert_eq!(missing.code, "no-such-file");
        assert!(missing.help[0].contains("es003.csv"), "{missing:?}");
        assert_eq!(error("").code, "is-a-directory");
        let whole = Input::Path(path("es003.csv"));
        assert_eq!(whole.read_whole("es003.csv", 1).unwrap(), b"x");
        fs::write(path("es003.csv"), "xy").unwrap();
        assert_eq!(whole.read_whole("es003.csv", 1).unwrap_err().code, "file-too-big");
    }

    #[test]
    fn a_file_that_changes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "0123456789").unwrap();
        let Opened::Seekable(file) = Input::Path(path.clone()).open("a.csv").unwrap() else { panic!() };
        let mut buffer = [0; 4];
        assert_eq!((file.read_at(8, &mut buffer).unwrap(), &buffer[..2]), (2, &b"89"[..]));
        assert!(!file.has_changed());
        fs::write(&path, "0123").unwrap();
        assert!(file.has_changed());
    }

    #[test]
    fn spreadsheet_columns_have_letters() {
        for (column, letters) in [(1, "A"), (26, "Z"), (27, "AA"), (28, "AB"), (703, "AAA")] {
            assert_eq!(column_letters(column), letters);
        }
    }
}
