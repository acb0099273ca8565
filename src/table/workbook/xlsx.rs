//! Workbooks in Office Open XML (`.xlsx`, `.xlsm`): which sheets there are, and what their cells mean.

use std::io::{self, Read, Seek};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use hashbrown::{HashMap, HashSet};

use super::package::{ArchivePart, Limits, Package, PartRole};
use super::sheet::{self, Meanings, SheetError};
use super::strings::Strings;
use super::styles::Styles;
use super::xml::{Token, Xml, XmlError};
use super::{SheetInfo, SheetRow, Skip, errors, no_result, unreadable};
use crate::diagnostic::Diagnostic;

/// A workbook whose sheets can be read.
pub(super) struct Xlsx<R> {
    package: Package<R>,
    strings: Strings,
    styles: Styles,
    from_1904: bool,
    pub(super) sheets: Vec<SheetInfo>,
    /// For each sheet its part.
    parts: Vec<usize>,
}

/// The most sheets that are looked at.
pub(super) const MAX_SHEETS: usize = 1_000;

/// The most relations that a part can have: as many as an archive has parts.
const MAX_RELATIONS: usize = Limits::DEFAULT.parts;

impl<R: Read + Seek> Xlsx<R> {
    pub(super) fn open(name: &str, reader: R, limits: Limits) -> Result<Self, Diagnostic> {
        let mut package = Package::open(name, reader, limits)?;
        let (book, folder) = match start_part(&mut package)? {
            Some(start) => start,
            None => match package.find("xl/workbook.xml") {
                Some(part) => (part, "xl".to_owned()),
                None => return Err(errors::no_workbook_part(name)),
            },
        };
        let (listed, from_1904) = read_part(&mut package, book, |part| sheets(part))?;
        let book = package.path(book);
        let of_book = format!("{folder}/_rels/{}.rels", book.rsplit('/').next().unwrap_or_default());
        let relations = match package.find(&of_book) {
            Some(part) => read_part(&mut package, part, |part| relations(part))?,
            None => return Err(errors::no_places_of_sheets(name)),
        };
        let mut workbook = Self {
            package,
            strings: Strings::default(),
            styles: Styles::default(),
            from_1904,
            sheets: Vec::new(),
            parts: Vec::new(),
        };
        let mut known = HashSet::new();
        for (sheet, id) in listed {
            let Some(relation) = relations.get(&id) else { continue };
            // Charts and macro sheets have no rows.
            if !relation.kind.ends_with("/worksheet") {
                continue;
            }
            let Some(part) = workbook.package.find(&path(&folder, &relation.target)) else { continue };
            if !known.insert(part) {
                return Err(errors::part_of_two_sheets(name, &sheet.name));
            }
            workbook.sheets.push(sheet);
            workbook.parts.push(part);
        }
        let of_kind = |kind: &str| {
            let relation = relations.values().find(|relation| relation.kind.ends_with(kind))?;
            workbook.package.find(&path(&folder, &relation.target))
        };
        let (strings, styles) = (of_kind("/sharedStrings"), of_kind("/styles"));
        if let Some(part) = strings {
            workbook.strings = read_part(&mut workbook.package, part, |part| Strings::read(part))?;
        }
        if let Some(part) = styles {
            workbook.styles = read_part(&mut workbook.package, part, |part| Styles::read(part))?;
        }
        Ok(workbook)
    }

    /// The first rows of a sheet, until `each` has enough.
    pub(super) fn head(
        &mut self,
        index: usize,
        each: impl FnMut(&SheetRow<'_>) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let part = self.package.part(self.parts[index], PartRole::Sheet)?;
        let meanings = Meanings { strings: &self.strings, styles: &self.styles, from_1904: self.from_1904 };
        let read = sheet::rows(part, &meanings, None, each);
        read.map_err(|error| sheet_error(&self.package.name, &self.sheets[index].name, error))
    }
}

impl<R: Read + Seek + Send> Xlsx<R> {
    /// All rows of a sheet; see [`sheet::rows`]. A large sheet is unpacked by another thread, where
    /// there are threads.
    pub(super) fn rows(
        &mut self,
        index: usize,
        skip: Option<&mut Skip<'_>>,
        mut each: impl FnMut(&SheetRow<'_>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let meanings = Meanings { strings: &self.strings, styles: &self.styles, from_1904: self.from_1904 };
        let sheet = &self.sheets[index].name;
        let each = |row: &SheetRow<'_>| each(row).map(|()| true);
        let is_large = self.package.stated_size(self.parts[index]) > LARGE;
        let part = self.package.part(self.parts[index], PartRole::Sheet)?;
        let read = if is_large {
            let slot = Mutex::new(Some(part));
            let take = || slot.lock().ok().and_then(|mut slot| slot.take());
            thread::scope(|scope| {
                let (blocks, unpacked) = sync_channel(BLOCKS);
                let spawned = thread::Builder::new().spawn_scoped(scope, || {
                    if let Some(part) = take() {
                        unpack(part, blocks);
                    }
                });
                match spawned {
                    Ok(_) => {
                        let unpacked = Unpacked { blocks: unpacked, block: Vec::new(), given: 0 };
                        sheet::rows(unpacked, &meanings, skip, each)
                    }
                    // Where there are no threads.
                    Err(_) => match take() {
                        Some(part) => sheet::rows(part, &meanings, skip, each),
                        None => Ok(()),
                    },
                }
            })
        } else {
            sheet::rows(part, &meanings, skip, each)
        };
        read.map_err(|error| sheet_error(&self.package.name, sheet, error))
    }
}

/// Bytes of a sheet, as the archive states them, from which on another thread unpacks it.
const LARGE: u64 = 4 << 20;
/// How many blocks are unpacked ahead, and how many bytes one has.
const BLOCKS: usize = 8;
const BLOCK: usize = 256 << 10;

/// Unpacks a part block by block, until the receiver stops.
fn unpack<R: Read>(mut part: ArchivePart<'_, R>, blocks: SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = vec![0; BLOCK];
        let mut filled = 0;
        let read = loop {
            match part.read(&mut block[filled..]) {
                Ok(0) => break Ok(()),
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if filled == BLOCK {
                break Ok(());
            }
        };
        block.truncate(filled);
        if let Err(error) = read {
            let _nobody_listens = blocks.send(Err(error));
            return;
        }
        if filled == 0 || blocks.send(Ok(block)).is_err() {
            return;
        }
    }
}

/// What another thread unpacks.
struct Unpacked {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    given: usize,
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.block.len() {
            match self.blocks.recv() {
                Ok(block) => (self.block, self.given) = (block?, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = &self.block[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

/// Where a part is and what it is.
pub(super) struct Relation {
    pub(super) kind: String,
    pub(super) target: String,
}

/// Reads the sheets that a workbook lists, each with the id of its relation, and whether days count
/// from 1904.
fn sheets(part: impl Read) -> Result<(Vec<(SheetInfo, String)>, bool), XmlError> {
    let mut xml = Xml::new(part);
    let (mut listed, mut from_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Token::End => return Ok((listed, from_1904)),
            Token::Open(tag) if tag.name == b"workbookPr" => from_1904 = tag.is_yes(b"date1904"),
            Token::Open(tag) if tag.name == b"sheet" => {
                // Both `sheetId` and `r:id` are ids; the relation's has the prefix.
                let (Some(name), Some(id)) = (tag.text(b"name"), tag.text(b"id")) else { continue };
                let visible = !matches!(tag.attribute(b"state"), Some(b"hidden" | b"veryHidden"));
                if listed.len() == MAX_SHEETS {
                    return Err(XmlError::Malformed(errors::TOO_MANY_SHEETS));
                }
                listed.push((SheetInfo { name, visible }, id));
            }
            _ => {}
        }
    }
}

/// Reads the relations of a part, by id.
pub(super) fn relations(part: impl Read) -> Result<HashMap<String, Relation>, XmlError> {
    let mut xml = Xml::new(part);
    let mut relations = HashMap::new();
    loop {
        match xml.next()? {
            Token::End => return Ok(relations),
            Token::Open(tag) if tag.name == b"Relationship" => {
                if let (Some(id), Some(kind), Some(target)) =
                    (tag.text(b"Id"), tag.text(b"Type"), tag.text(b"Target"))
                {
                    if relations.len() == MAX_RELATIONS {
                        return Err(XmlError::Malformed("it has more relations than parts"));
                    }
                    relations.insert(id, Relation { kind, target });
                }
            }
            _ => {}
        }
    }
}

/// The path of a part from the target of a relation in a folder.
pub(super) fn path(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split(['/', '\\']) {
        match part {
            "." | "" => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// The part that the archive names as its first, and the folder it is in.
fn start_part<R: Read + Seek>(package: &mut Package<R>) -> Result<Option<(usize, String)>, Diagnostic> {
    let Some(part) = package.find("_rels/.rels") else { return Ok(None) };
    let relations = read_part(package, part, |part| relations(part))?;
    let start = relations.into_values().find(|relation| relation.kind.ends_with("/officeDocument"));
    Ok(start.and_then(|start| {
        let path = path("", &start.target);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        Some((package.find(&path)?, folder))
    }))
}

/// Reads a part that is small enough to be kept.
pub(super) fn read_part<R: Read + Seek, T>(
    package: &mut Package<R>,
    index: usize,
    read: impl FnOnce(&mut ArchivePart<'_, R>) -> Result<T, XmlError>,
) -> Result<T, Diagnostic> {
    let read = read(&mut package.part(index, PartRole::Held)?);
    read.map_err(|error| unreadable(&package.name, error))
}

/// The error for a sheet that cannot be read.
fn sheet_error(name: &str, sheet: &str, error: SheetError<Diagnostic>) -> Diagnostic {
    match error {
        SheetError::Receiver(diagnostic) => diagnostic,
        SheetError::Xml(error) => unreadable(name, error),
        SheetError::Absurd(what) => errors::absurd_sheet(name, sheet, &what),
        SheetError::NoResult(row, column) => no_result(name, sheet, row, column),
    }
}
