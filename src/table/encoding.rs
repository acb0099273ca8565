//! Bytes to text: byte order marks, UTF-16, Windows-1252, and what is not a text at all.

use std::borrow::Cow;

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Encoding;
use super::errors::{self, OtherFile};
use crate::diagnostic::Diagnostic;

/// The byte order mark of UTF-8.
pub const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a field: UTF-8, or Windows-1252 where it is not valid UTF-8. Every byte means
/// something in Windows-1252 as browsers read it, so nothing is lost.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// What a compound file begins with: an old workbook, and any workbook that is encrypted.
pub(super) const COMPOUND_FILE: [u8; 8] = *b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What the first bytes of a file show about the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// ASCII, UTF-8 or a code page: one byte is one byte. `mark` is the length of the byte order
    /// mark: 0 or 3.
    Bytes {
        /// Bytes of a byte order mark.
        mark: usize,
    },
    /// UTF-16.
    Utf16 {
        /// The high byte comes first.
        big_endian: bool,
        /// Bytes of a byte order mark: 0 or 2.
        mark: usize,
    },
    /// A ZIP archive or a compound file, as workbooks are.
    Workbook,
}

/// Looks at the first bytes of a file (a few thousand are enough).
///
/// # Errors
/// Where the file is not a table: empty, an image, a PDF, a web page, binary.
pub fn beginning(name: &str, head: &[u8]) -> Result<Beginning, Diagnostic> {
    if head.is_empty() {
        return Err(errors::empty_file(name));
    }
    let looks_like = |kind: OtherFile| Err(errors::not_a_table(name, kind));
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return looks_like(*kind);
    }
    if head.starts_with(&COMPOUND_FILE) {
        return Ok(Beginning::Workbook);
    }
    match head {
        [b'P', b'K', 3 | 5, ..] => return Ok(Beginning::Workbook),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return looks_like(OtherFile::Utf32);
        }
        [0xff, 0xfe, ..] => return Ok(Beginning::Utf16 { big_endian: false, mark: 2 }),
        [0xfe, 0xff, ..] => return Ok(Beginning::Utf16 { big_endian: true, mark: 2 }),
        _ => {}
    }
    let nul = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (nul(0), nul(1));
    let pairs = head.len() / 2;
    // Text of Latin letters has a zero in every other byte, and hardly any in the others.
    if pairs >= 2 && even.max(odd) * 10 >= pairs * 7 && even.min(odd) * 20 <= pairs {
        return Ok(Beginning::Utf16 { big_endian: even > odd, mark: 0 });
    }
    let controls = head.iter().filter(|&&byte| byte < 0x20 && !b"\t\n\r\x0c".contains(&byte)).count();
    if controls * 10 > head.len() {
        return looks_like(OtherFile::Binary);
    }
    let text = head.strip_prefix(UTF8_MARK).unwrap_or(head);
    let opening: Vec<u8> = text
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take(14)
        .map(u8::to_ascii_lowercase)
        .collect();
    let is_markup = opening.starts_with(b"<");
    let folded = head.to_ascii_lowercase();
    let has = |what: &[u8]| memchr::memmem::find(&folded, what).is_some();
    let mentions = |what: &[u8]| memchr::memmem::find(text, what).is_some();
    if mentions(b"urn:schemas-microsoft-com:office:spreadsheet") {
        return looks_like(OtherFile::XmlSpreadsheet);
    }
    // A page to sign in on has tables too.
    if is_markup && has(b"<table") && !has(b"<form") {
        return looks_like(OtherFile::HtmlTable);
    }
    if opening.starts_with(b"<!doctype html")
        || opening.starts_with(b"<html")
        || opening.starts_with(b"<head")
    {
        return looks_like(OtherFile::WebPage);
    }
    if opening.starts_with(b"<?xml") {
        return looks_like(OtherFile::Xml);
    }
    if opening.starts_with(b"{\"") || opening.starts_with(b"[{") {
        return looks_like(OtherFile::Json);
    }
    Ok(Beginning::Bytes { mark: head.len() - text.len() })
}

/// First bytes of files that are mistaken for tables.
const MAGIC: &[(&[u8], OtherFile)] = &[
    (b"\x89PNG", OtherFile::Png),
    (b"\xff\xd8\xff", OtherFile::Jpeg),
    (b"GIF8", OtherFile::Gif),
    (b"%PDF-", OtherFile::Pdf),
    (b"{\\rtf", OtherFile::Rtf),
    (b"\x1f\x8b", OtherFile::Gzip),
    (b"\x7fELF", OtherFile::Program),
    (b"MZ\x90\x00", OtherFile::Program),
    (b"SQLite format 3\x00", OtherFile::Sqlite),
    (b"PAR1", OtherFile::Parquet),
];

/// A whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// How it was read.
    pub encoding: Encoding,
    /// Whether it began with a byte order mark.
    pub mark: bool,
    /// Bytes to add to an offset in `text` to get the place: the byte order mark of UTF-8.
    /// Converted texts have none.
    pub skipped: usize,
}

/// Converts a whole text. UTF-8 that is damaged in a few places stays UTF-8 (the damage becomes
/// U+FFFD); where most bytes outside ASCII make no sense in UTF-8 it is Windows-1252.
pub fn decode_whole(bytes: &[u8], beginning: Beginning) -> Decoded {
    match beginning {
        Beginning::Utf16 { big_endian, mark } => {
            let encoding = if big_endian { UTF_16BE } else { UTF_16LE };
            let text = encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
            Decoded { text, encoding: Encoding::Utf16, mark: mark > 0, skipped: 0 }
        }
        Beginning::Bytes { mark } => {
            let body = &bytes[mark..];
            let (text, encoding) = match std::str::from_utf8(body) {
                Ok(text) if text.is_ascii() => (text.to_owned(), Encoding::Ascii),
                Ok(text) => (text.to_owned(), Encoding::Utf8),
                Err(_) if mark > 0 || mostly_utf8(body) => {
                    (String::from_utf8_lossy(body).into_owned(), Encoding::Utf8)
                }
                Err(_) => {
                    let text = WINDOWS_1252.decode_without_bom_handling(body).0.into_owned();
                    (text, Encoding::Windows1252)
                }
            };
            Decoded { text, encoding, mark: mark > 0, skipped: mark }
        }
        // A workbook has no text.
        Beginning::Workbook => {
            Decoded { text: String::new(), encoding: Encoding::Workbook, mark: false, skipped: 0 }
        }
    }
}

/// Whether a text has more characters of several bytes than bytes that make no sense.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

/// Converts UTF-16 to UTF-8 piece by piece.
pub struct Utf16Reader<R> {
    inner: R,
    decoder: Decoder,
    pending: Vec<u8>,
    converted: Vec<u8>,
    given: usize,
    finished: bool,
}

impl<R: std::io::Read> Utf16Reader<R> {
    /// Converts what follows the byte order mark.
    pub fn new(inner: R, big_endian: bool) -> Self {
        let encoding = if big_endian { UTF_16BE } else { UTF_16LE };
        Self {
            inner,
            decoder: encoding.new_decoder_without_bom_handling(),
            pending: vec![0; 64 << 10],
            converted: Vec::new(),
            given: 0,
            finished: false,
        }
    }
}

impl<R: std::io::Read> std::io::Read for Utf16Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.converted.len() && !self.finished {
            let length = self.inner.read(&mut self.pending)?;
            self.finished = length == 0;
            self.given = 0;
            let room = self.decoder.max_utf8_buffer_length(length).unwrap_or(length * 3 + 16);
            self.converted.resize(room, 0);
            let (result, _, written, _) =
                self.decoder.decode_to_utf8(&self.pending[..length], &mut self.converted, self.finished);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            self.converted.truncate(written);
        }
        let length = buffer.len().min(self.converted.len() - self.given);
        buffer[..length].copy_from_slice(&self.converted[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn byte_order_marks_and_utf16_are_recognised() {
        let begin = |bytes: &[u8]| beginning("x.csv", bytes).unwrap();
        assert_eq!(begin(b"Entry Number\r\n"), Beginning::Bytes { mark: 0 });
        assert_eq!(begin(b"\xef\xbb\xbfEntry"), Beginning::Bytes { mark: 3 });
        for big_endian in [false, true] {
            let bytes = utf16("Entry Number\r\nABC12345676\r\n", big_endian);
            assert_eq!(begin(&bytes), Beginning::Utf16 { big_endian, mark: 0 });
            let marked = [utf16("\u{feff}", big_endian), bytes].concat();
            assert_eq!(begin(&marked), Beginning::Utf16 { big_endian, mark: 2 });
            let decoded = decode_whole(&marked, begin(&marked));
            assert_eq!((decoded.text.as_str(), decoded.mark), ("Entry Number\r\nABC12345676\r\n", true));
            let mut streamed = String::new();
            Utf16Reader::new(&marked[2..], big_endian).read_to_string(&mut streamed).unwrap();
            assert_eq!(streamed, decoded.text);
        }
    }

    #[test]
    fn what_is_not_a_table_is_named() {
        for (bytes, what) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], "a PNG image"),
            (b"%PDF-1.7\n", "a PDF document"),
            (b"  <!DOCTYPE html><html>", "a web page"),
            (b"\x1f\x8b\x08", "a gzip archive"),
            (b"\x01\x02\x03\x04abc\x05\x06", "binary data"),
            (b"{\"a\": 1}", "JSON"),
        ] {
            let message = beginning("x.csv", bytes).unwrap_err().message;
            assert!(message.raw().contains(what), "{message}");
        }
        assert_eq!(beginning("x.csv", b"").unwrap_err().code.name(), "empty-file");
        for workbook in [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"] {
            assert_eq!(beginning("x.csv", workbook).unwrap(), Beginning::Workbook);
        }
    }

    #[test]
    fn what_is_not_utf8_is_windows_1252_unless_most_of_it_is_utf8() {
        let whole = |bytes: &[u8]| {
            let decoded = decode_whole(bytes, Beginning::Bytes { mark: 0 });
            (decoded.text, decoded.encoding)
        };
        assert_eq!(whole(b"M\xfcller \x80"), ("M\u{fc}ller \u{20ac}".into(), Encoding::Windows1252));
        assert_eq!(whole("M\u{fc}ller".as_bytes()), ("M\u{fc}ller".into(), Encoding::Utf8));
        assert_eq!(whole(b"\xc3\xbc \xc3\xa4 \xff"), ("\u{fc} \u{e4} \u{fffd}".into(), Encoding::Utf8));
        assert_eq!(whole(b"abc"), ("abc".into(), Encoding::Ascii));
        assert_eq!(decode(b"M\xfcller"), "M\u{fc}ller");
    }
}
