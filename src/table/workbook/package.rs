//! The ZIP archive that a workbook is: its parts, unpacked while they are read.
//!
//! What an archive states about its own size is not believed. What a part unpacks to is counted as it comes,
//! and a part that exceeds the limit is refused while nothing of it is kept.

use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{damaged, too_many_parts};
use crate::diagnostic::Diagnostic;

/// What an archive may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of a sheet, unpacked. A full sheet of an ES-003 has about 1.5 GB.
    pub(super) sheet: u64,
    /// Bytes of a part that is kept in memory, unpacked.
    pub(super) held: u64,
    /// How many times its packed size a big part may have.
    pub(super) ratio: u64,
    /// Bytes from which on a part is big.
    pub(super) big: u64,
    /// Bytes that all parts may unpack to, however often they are read, besides `ratio` times the size of the
    /// archive: many parts can be the same few bytes of it.
    pub(super) free: u64,
    /// Parts.
    pub(super) parts: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self =
        Self { sheet: 8 << 30, held: 256 << 20, ratio: 300, big: 64 << 20, free: 256 << 20, parts: 10_000 };
}

/// An archive whose parts can be read.
pub(super) struct Package<R> {
    pub(super) name: String,
    archive: ZipArchive<R>,
    limits: Limits,
    /// Bytes that its parts may still unpack to.
    left: u64,
}

/// What a part may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartRole {
    /// A sheet, which is read row by row.
    Sheet,
    /// Anything else: some of it stays in memory.
    Held,
}

impl<R: Read + Seek> Package<R> {
    pub(super) fn open(name: &str, mut reader: R, limits: Limits) -> Result<Self, Diagnostic> {
        let size = reader.seek(SeekFrom::End(0)).map_err(|error| damaged(name, &error))?;
        let archive = ZipArchive::new(reader).map_err(|error| damaged(name, &error))?;
        if archive.len() > limits.parts {
            return Err(too_many_parts(name, archive.len()));
        }
        let left = limits.free.saturating_add(size.saturating_mul(limits.ratio));
        Ok(Self { name: name.to_owned(), archive, limits, left })
    }

    /// The part of that path, whatever its letter case.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        let path = path.trim_start_matches('/').replace('\\', "/");
        self.archive
            .index_for_name(&path)
            .or_else(|| (0..self.archive.len()).find(|&at| self.path(at).eq_ignore_ascii_case(&path)))
    }

    /// Some of the paths, as examples.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        (0..self.archive.len().min(1000)).map(|index| self.path(index))
    }

    /// The path of a part.
    pub(super) fn path(&self, index: usize) -> String {
        let path = self.archive.name_for_index(index).and_then(Result::ok);
        path.map_or_else(String::new, |path| path.replace('\\', "/"))
    }

    /// Unpacks a part.
    pub(super) fn part(&mut self, index: usize, role: PartRole) -> Result<ArchivePart<'_, R>, Diagnostic> {
        let Limits { sheet, held, ratio, big, .. } = self.limits;
        let file = self.archive.by_index(index).map_err(|error| damaged(&self.name, &error))?;
        let most = if role == PartRole::Sheet { sheet } else { held };
        let suspicious = big.max(file.compressed_size().max(1).saturating_mul(ratio));
        Ok(ArchivePart { file, read: 0, most, suspicious, ratio, left: &mut self.left })
    }

    /// How many bytes a part unpacks to, according to the archive.
    pub(super) fn stated_size(&mut self, index: usize) -> u64 {
        self.archive.by_index_raw(index).map_or(0, |file| file.size())
    }
}

/// A part that is being unpacked.
pub(super) struct ArchivePart<'p, R: Read> {
    file: ZipFile<'p, R>,
    read: u64,
    most: u64,
    suspicious: u64,
    ratio: u64,
    left: &'p mut u64,
}

/// Why a part is not read on.
#[derive(Debug)]
pub(super) struct TooBig(pub(super) String);

impl std::fmt::Display for TooBig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TooBig {}

impl<R: Read> Read for ArchivePart<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read += length as u64;
        if self.read > self.most {
            let megabytes = self.most >> 20;
            return Err(io::Error::other(TooBig(format!("it unpacks to more than {megabytes} MiB"))));
        }
        if self.read > self.suspicious {
            let ratio = self.ratio;
            return Err(io::Error::other(TooBig(format!("it unpacks to more than {ratio} times its size"))));
        }
        match self.left.checked_sub(length as u64) {
            Some(left) => *self.left = left,
            None => {
                let ratio = self.ratio;
                let what = format!("its parts together unpack to more than {ratio} times its size");
                return Err(io::Error::other(TooBig(what)));
            }
        }
        Ok(length)
    }
}
