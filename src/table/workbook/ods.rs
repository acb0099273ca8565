//! Workbooks in OpenDocument format (`.ods`), row by row.

use std::io::{Read, Seek};

use super::package::{Limits, Package, PartRole};
use super::xlsx::MAX_SHEETS;
use super::xml::{Tag, Token, Xml, XmlError, unescape};
use super::{COLUMNS, Expansion, Heads, ROWS, SheetInfo, SheetRow, absurd, encrypted, errors, unreadable};
use crate::diagnostic::Diagnostic;
use crate::table::head_row::{HeadRow, ROWS_SEARCHED};
use crate::table::{MAX_RECORD, value};

/// A workbook whose sheets can be read.
pub(super) struct Ods<R> {
    package: Package<R>,
    content: usize,
    pub(super) sheets: Vec<SheetInfo>,
    /// The first rows of each sheet. All sheets are in one part, so they are read in one go.
    pub(super) heads: Vec<Vec<HeadRow>>,
}

/// The most rows that are given of a sheet: repeated ones are written once in the file.
const MAX_GIVEN: u64 = ROWS as u64;

impl<R: Read + Seek> Ods<R> {
    pub(super) fn open(name: &str, reader: R, limits: Limits, all: &mut Heads) -> Result<Self, Diagnostic> {
        let mut package = Package::open(name, reader, limits)?;
        let Some(content) = package.find("content.xml") else {
            return Err(errors::no_content(name));
        };
        if let Some(manifest) = package.find("META-INF/manifest.xml") {
            let mut xml = Xml::new(package.part(manifest, PartRole::Held)?);
            loop {
                match xml.next().map_err(|error| unreadable(name, error))? {
                    Token::Open(tag) if tag.name == b"encryption-data" => return Err(encrypted(name)),
                    Token::End => break,
                    _ => {}
                }
            }
        }
        let mut workbook = Self { package, content, sheets: Vec::new(), heads: Vec::new() };
        let (mut sheets, mut heads) = (Vec::new(), Vec::new());
        workbook.each_table(|sheet, xml| {
            if sheets.len() == MAX_SHEETS {
                return Err(OdsFailure::Absurd(errors::TOO_MANY_SHEETS.to_owned()));
            }
            let mut head = Vec::new();
            let is_over = rows(xml, &mut |row| {
                head.push(all.take(name, row)?);
                Ok(head.len() < ROWS_SEARCHED)
            })?;
            if !is_over {
                xml.skip(b"table")?;
            }
            sheets.push(SheetInfo { name: sheet, visible: true });
            heads.push(head);
            Ok(true)
        })?;
        (workbook.sheets, workbook.heads) = (sheets, heads);
        Ok(workbook)
    }

    /// Calls a function at the beginning of each sheet, until it has enough.
    fn each_table(
        &mut self,
        mut each: impl FnMut(String, &mut Xml<super::package::ArchivePart<'_, R>>) -> Result<bool, OdsFailure>,
    ) -> Result<(), Diagnostic> {
        let name = self.package.name.clone();
        let mut xml = Xml::new(self.package.part(self.content, PartRole::Sheet)?);
        let mut read = || -> Result<(), OdsFailure> {
            loop {
                let table = match xml.next()? {
                    Token::Open(tag) if tag.name == b"table" && !tag.is_empty => {
                        tag.text(b"name").unwrap_or_default()
                    }
                    Token::End => return Ok(()),
                    _ => continue,
                };
                if !each(table, &mut xml)? {
                    return Ok(());
                }
            }
        };
        read().map_err(|failure| match failure {
            OdsFailure::Xml(error) => unreadable(&name, error),
            OdsFailure::Absurd(what) => absurd(&name, what),
            OdsFailure::Receiver(diagnostic) => diagnostic,
        })
    }

    /// Gives each row of a sheet that has a cell with something in it, until `each` has enough.
    pub(super) fn rows(
        &mut self,
        index: usize,
        mut each: impl FnMut(&SheetRow<'_>) -> Result<bool, Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let mut at = 0;
        self.each_table(|_, xml| {
            let wanted = at == index;
            at += 1;
            if wanted {
                rows(xml, &mut each).map(|_| false)
            } else {
                Ok(xml.skip(b"table").map(|()| true)?)
            }
        })
    }
}

enum OdsFailure {
    Xml(XmlError),
    Absurd(String),
    Receiver(Diagnostic),
}

impl From<XmlError> for OdsFailure {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

/// How often a row or cell is repeated.
fn repeated(tag: &Tag<'_>, name: &[u8]) -> u64 {
    let times = tag.attribute(name).and_then(|times| std::str::from_utf8(times).ok()?.parse().ok());
    times.unwrap_or(1).clamp(1, u64::from(ROWS))
}

/// Gives each row of a sheet that has a cell with something in it, until `each` has enough; whether the sheet
/// was read to its end.
fn rows<R: Read>(
    xml: &mut Xml<R>,
    each: &mut impl FnMut(&SheetRow<'_>) -> Result<bool, Diagnostic>,
) -> Result<bool, OdsFailure> {
    let mut cells: Vec<String> = Vec::new();
    let (mut number, mut given) = (0, 0);
    let mut expansion = Expansion::default();
    loop {
        let (times, hidden, is_empty) = match xml.next()? {
            Token::Open(tag) if tag.name == b"table-row" => (
                repeated(&tag, b"number-rows-repeated"),
                matches!(tag.attribute(b"visibility"), Some(b"collapse" | b"filter")),
                tag.is_empty,
            ),
            Token::Close(b"table") => return Ok(true),
            Token::End => return Err(XmlError::Malformed("it is cut off").into()),
            _ => continue,
        };
        cells.clear();
        if !is_empty {
            read_row(xml, &mut cells)?;
        }
        let first = number + 1;
        number += times;
        if cells.is_empty() {
            continue;
        }
        given += times;
        if number > u64::from(ROWS) || given > MAX_GIVEN {
            return Err(OdsFailure::Absurd(format!("it has a row {number}")));
        }
        let (mut filled, mut size) = (0, cells.len());
        for cell in cells.iter().filter(|cell| !cell.is_empty()) {
            (filled, size) = (filled + 1, size + cell.len());
        }
        let struck = vec![false; cells.len()];
        for number in first..=number {
            // However often a row is repeated, its cells are written once.
            expansion.add(std::mem::take(&mut filled), size).map_err(OdsFailure::Absurd)?;
            let row = SheetRow { number, cells: &cells, struck: &struck, hidden: Some(hidden) };
            if !each(&row).map_err(OdsFailure::Receiver)? {
                return Ok(false);
            }
        }
    }
}

/// Reads the cells of a row up to the last that is not blank.
fn read_row<R: Read>(xml: &mut Xml<R>, cells: &mut Vec<String>) -> Result<(), OdsFailure> {
    let (mut column, mut size) = (0, 0);
    loop {
        let (times, said, is_empty) = match xml.next()? {
            Token::Open(tag) if matches!(tag.name, b"table-cell" | b"covered-table-cell") => {
                (repeated(&tag, b"number-columns-repeated"), value_of(&tag), tag.is_empty)
            }
            Token::Close(b"table-row") => return Ok(()),
            Token::End => return Err(XmlError::Malformed("it is cut off").into()),
            _ => continue,
        };
        let mut text = String::new();
        if !is_empty {
            read_cell(xml, &mut text)?;
        }
        let text = said.unwrap_or(text);
        let first = column;
        column += times as usize;
        if value::clean(&text).is_empty() {
            continue;
        }
        size += text.len() * times as usize;
        if column > COLUMNS as usize || size > MAX_RECORD {
            return Err(OdsFailure::Absurd("it has a row that no sheet can have".to_owned()));
        }
        cells.resize_with(first, String::new);
        cells.resize(column, text);
    }
}

/// The value in a cell's tag, where that is not a text.
fn value_of(tag: &Tag<'_>) -> Option<String> {
    match tag.attribute(b"value-type")? {
        b"float" | b"currency" | b"percentage" => {
            let value = tag.text(b"value")?;
            let mut text = String::new();
            match value.parse::<f64>() {
                Ok(number) => super::sheet::write_number(&mut text, number),
                Err(_) => text = value,
            }
            Some(text)
        }
        b"date" => {
            let day = tag.text(b"date-value")?;
            Some(day.strip_suffix("T00:00:00").unwrap_or(&day).to_owned())
        }
        b"boolean" => Some(tag.text(b"boolean-value")?.to_uppercase()),
        _ => None,
    }
}

/// Reads the paragraphs of a cell, without remarks on it.
fn read_cell<R: Read>(xml: &mut Xml<R>, text: &mut String) -> Result<(), XmlError> {
    let mut depth = 0;
    loop {
        match xml.next()? {
            Token::Open(tag) if tag.name == b"annotation" && !tag.is_empty => xml.skip(b"annotation")?,
            Token::Open(tag) if tag.name == b"p" && !tag.is_empty => {
                if !text.is_empty() {
                    text.push('\n');
                }
                depth += 1;
            }
            Token::Open(tag) if tag.name == b"s" => {
                let times = repeated(&tag, b"c").min(1000) as usize;
                text.extend(std::iter::repeat_n(' ', times));
            }
            Token::Close(b"p") => depth -= 1,
            Token::Text(bytes) if depth > 0 => unescape(bytes, text),
            Token::Verbatim(bytes) if depth > 0 => text.push_str(&String::from_utf8_lossy(bytes)),
            Token::Close(b"table-cell" | b"covered-table-cell") => return Ok(()),
            Token::End => return Err(XmlError::Malformed("it is cut off")),
            _ => {}
        }
        if text.len() > MAX_RECORD {
            return Err(XmlError::TooLong);
        }
    }
}
