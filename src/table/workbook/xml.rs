//! Reads XML token by token, with no more than a window of it in memory.
//!
//! Only what workbooks use: elements, attributes, texts, CDATA. Comments and processing instructions
//! are skipped, document types refused, and names are given without their namespace prefix.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem::Finder;
use memchr::{memchr, memmem};

/// Bytes that are read at a time.
const WINDOW: usize = 128 << 10;
/// The longest tag or text. A cell has at most 32,767 characters.
pub(super) const MAX_TOKEN: usize = 4 << 20;

/// Why XML cannot be read.
#[derive(Debug)]
pub(super) enum XmlError {
    /// The part cannot be unpacked, or is too big.
    Read(io::Error),
    /// It is not XML, or not the kind that workbooks use.
    Malformed(&'static str),
    /// A tag or text is longer than [`MAX_TOKEN`].
    TooLong,
}

impl From<io::Error> for XmlError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// A piece of XML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'x> {
    /// A start tag.
    Open(Tag<'x>),
    /// The name of an end tag.
    Close(&'x [u8]),
    /// Text as written; see [`unescape`].
    Text(&'x [u8]),
    /// The content of a CDATA section, in which nothing is escaped.
    Verbatim(&'x [u8]),
    /// Nothing follows.
    End,
}

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'x> {
    /// The element's name.
    pub(super) name: &'x [u8],
    attributes: &'x [u8],
    /// Whether it is its own end tag.
    pub(super) is_empty: bool,
}

impl<'x> Tag<'x> {
    /// The attributes with their values as written.
    pub(super) fn attributes(&self) -> Attributes<'x> {
        Attributes { rest: self.attributes }
    }

    /// The value of an attribute as written.
    pub(super) fn attribute(&self, name: &[u8]) -> Option<&'x [u8]> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value of an attribute.
    pub(super) fn text(&self, name: &[u8]) -> Option<String> {
        let mut text = String::new();
        unescape(self.attribute(name)?, &mut text);
        Some(text)
    }

    /// Whether a yes-or-no attribute is yes.
    pub(super) fn is_yes(&self, name: &[u8]) -> bool {
        matches!(self.attribute(name), Some(b"1" | b"true" | b"on"))
    }
}

/// See [`Tag::attributes`].
pub(super) struct Attributes<'x> {
    rest: &'x [u8],
}

impl<'x> Iterator for Attributes<'x> {
    type Item = (&'x [u8], &'x [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let name = local(rest[..equals].trim_ascii_end());
        let value = rest[equals + 1..].trim_ascii_start();
        let quote = *value.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let end = 1 + value[1..].iter().position(|byte| *byte == quote)?;
        self.rest = &value[end + 1..];
        Some((name, &value[1..end]))
    }
}

/// A name without its namespace prefix.
#[inline]
fn local(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|byte| *byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// Reads XML from beginning to end.
pub(super) struct Xml<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer is not yet given.
    unread: Range<usize>,
    ended: bool,
    row_end: Finder<'static>,
}

/// A token by its place in the buffer.
enum FoundToken {
    Open { name: Range<usize>, attributes: Range<usize>, is_empty: bool },
    Close(Range<usize>),
    Text(Range<usize>),
    Verbatim(Range<usize>),
    Nothing,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; WINDOW], unread: 0..0, ended: false, row_end: Finder::new("</row") }
    }

    /// The next token.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Token<'_>, XmlError> {
        let (found, bytes) = loop {
            match scan(&self.buffer[self.unread.clone()], self.ended)? {
                Some((found, length)) => {
                    let start = self.unread.start;
                    self.unread.start += length;
                    if !matches!(found, FoundToken::Nothing) {
                        break (found, start..start + length);
                    }
                }
                None if self.ended => return Ok(Token::End),
                None => self.fill()?,
            }
        };
        let bytes = &self.buffer[bytes];
        Ok(match found {
            FoundToken::Nothing => Token::End,
            FoundToken::Open { name, attributes, is_empty } => {
                Token::Open(Tag { name: local(&bytes[name]), attributes: &bytes[attributes], is_empty })
            }
            FoundToken::Close(name) => Token::Close(local(&bytes[name])),
            FoundToken::Text(range) => Token::Text(&bytes[range]),
            FoundToken::Verbatim(range) => Token::Verbatim(&bytes[range]),
        })
    }

    /// Skips what is left of an element, its end tag included.
    pub(super) fn skip(&mut self, name: &[u8]) -> Result<(), XmlError> {
        let mut depth = 1;
        loop {
            match self.next()? {
                Token::Open(tag) if tag.name == name && !tag.is_empty => depth += 1,
                Token::Close(closed) if closed == name => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Token::End => return Err(XmlError::Malformed("an element is not closed")),
                _ => {}
            }
        }
    }

    /// Skips what is left of a row, which has no rows in it.
    pub(super) fn skip_row(&mut self) -> Result<(), XmlError> {
        loop {
            let bytes = &self.buffer[self.unread.clone()];
            let end = self.row_end.find(bytes);
            let skipped = &bytes[..end.unwrap_or(bytes.len())];
            // In a comment or a CDATA section an end tag is none.
            if end.is_none() && self.ended || memmem::find(skipped, b"<!").is_some() {
                return self.skip(b"row");
            }
            match end {
                Some(end) => {
                    self.unread.start += end;
                    // The end tag itself, which may have spaces in it.
                    if self.next()? == Token::Close(b"row") {
                        return Ok(());
                    }
                }
                None => {
                    // What may be the beginning of the end tag, or of a comment, stays.
                    let keep = memchr::memrchr(b'<', bytes).map_or(bytes.len(), |at| at);
                    self.unread.start += keep;
                    self.fill()?;
                }
            }
        }
    }

    fn fill(&mut self) -> Result<(), XmlError> {
        let Range { start, end } = self.unread.clone();
        if start > 0 {
            self.buffer.copy_within(start..end, 0);
            self.unread = 0..end - start;
        }
        if self.unread.end == self.buffer.len() {
            if self.buffer.len() > MAX_TOKEN {
                return Err(XmlError::TooLong);
            }
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        let read = loop {
            match self.reader.read(&mut self.buffer[self.unread.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.ended = read == 0;
        self.unread.end += read;
        Ok(())
    }

    /// Reads to the end, so that the archive's checksum of the part is verified.
    pub(super) fn finish(mut self) -> Result<(), XmlError> {
        while self.reader.read(&mut self.buffer)? > 0 {}
        Ok(())
    }
}

/// The first token of the bytes and its length; `None` where it may go on after them.
#[inline]
fn scan(bytes: &[u8], ended: bool) -> Result<Option<(FoundToken, usize)>, XmlError> {
    const CUT_OFF: XmlError = XmlError::Malformed("it is cut off");
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes[0] != b'<' {
        return Ok(match memchr(b'<', bytes) {
            Some(end) => Some((FoundToken::Text(0..end), end)),
            None if ended => Some((FoundToken::Text(0..bytes.len()), bytes.len())),
            None => None,
        });
    }
    let cut_off = || if ended { Err(CUT_OFF) } else { Ok(None) };
    match bytes.get(1) {
        Some(b'/') => match memchr(b'>', bytes) {
            Some(end) => Ok(Some((FoundToken::Close(2..2 + bytes[2..end].trim_ascii_end().len()), end + 1))),
            None => cut_off(),
        },
        Some(b'?') => match memmem::find(bytes, b"?>") {
            Some(end) => Ok(Some((FoundToken::Nothing, end + 2))),
            None => cut_off(),
        },
        Some(b'!') => {
            const DATA: &[u8] = b"<![CDATA[";
            if bytes.starts_with(b"<!--") {
                match memmem::find(&bytes[4..], b"-->") {
                    Some(end) => Ok(Some((FoundToken::Nothing, 4 + end + 3))),
                    None => cut_off(),
                }
            } else if bytes.starts_with(DATA) {
                match memmem::find(bytes, b"]]>") {
                    Some(end) => Ok(Some((FoundToken::Verbatim(DATA.len()..end), end + 3))),
                    None => cut_off(),
                }
            } else if bytes.len() < DATA.len() && (DATA.starts_with(bytes) || b"<!--".starts_with(bytes)) {
                cut_off()
            } else {
                Err(XmlError::Malformed("it has a document type declaration"))
            }
        }
        Some(_) => {
            let (mut at, mut name_end) = (1, 0);
            loop {
                match bytes.get(at) {
                    Some(b'>') => break,
                    Some(quote @ (b'"' | b'\'')) => match memchr(*quote, &bytes[at + 1..]) {
                        Some(length) => at += length + 2,
                        None => return cut_off(),
                    },
                    Some(byte) => {
                        if name_end == 0 && (byte.is_ascii_whitespace() || *byte == b'/') {
                            name_end = at;
                        }
                        at += 1;
                    }
                    None => return cut_off(),
                }
            }
            let is_empty = bytes[at - 1] == b'/';
            let name_end = if name_end == 0 { at } else { name_end };
            let attributes = name_end..(at - usize::from(is_empty)).max(name_end);
            Ok(Some((FoundToken::Open { name: 1..name_end, attributes, is_empty }, at + 1)))
        }
        None => cut_off(),
    }
}

/// Adds a text with its escapes resolved: those of XML, and `_x000D_` as workbooks write control characters.
/// What is not an escape stays as it is.
pub(super) fn unescape(text: &[u8], out: &mut String) {
    let text: Cow<'_, str> = match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(text),
    };
    if memchr::memchr2(b'&', b'_', text.as_bytes()).is_none() {
        return out.push_str(&text);
    }
    let mut rest: &str = &text;
    while let Some(at) = rest.find(['&', '_']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match escaped(rest) {
            Some((c, length)) => {
                out.push(c);
                rest = &rest[length..];
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

/// The character that an escape at the beginning of a text stands for, and the escape's length.
fn escaped(text: &str) -> Option<(char, usize)> {
    if let Some(code) = text.strip_prefix("_x") {
        let digits = code.get(..4).filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()))?;
        let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        return (code.as_bytes().get(4) == Some(&b'_')).then_some((c, 7));
    }
    let end = text.as_bytes().iter().take(12).position(|byte| *byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its bytes a few at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn tokens(text: &str, step: usize) -> Result<Vec<String>, XmlError> {
        let mut xml = Xml::new(Slow(text.as_bytes(), step));
        let mut found = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        loop {
            found.push(match xml.next()? {
                Token::Open(tag) => {
                    let attributes: Vec<_> = tag
                        .attributes()
                        .map(|(name, value)| format!(" {}={}", text(name), text(value)))
                        .collect();
                    let end = if tag.is_empty { "/" } else { "" };
                    format!("<{}{}{end}>", text(tag.name), attributes.concat())
                }
                Token::Close(name) => format!("</{}>", text(name)),
                Token::Text(bytes) => text(bytes),
                Token::Verbatim(bytes) => format!("[{}]", text(bytes)),
                Token::End => return Ok(found),
            });
        }
    }

    #[test]
    fn tokens_are_the_same_however_the_bytes_come() {
        let text = "\u{feff}<?xml version='1.0'?><!-- <row> --><x:row r=\"3\" a = '>\"' >t<c/><c r='A1'/>\
                    <v>1 &lt; 2</v ><![CDATA[</row>]]></x:row>";
        let expected = [
            "\u{feff}",
            "<row r=3 a=>\">",
            "t",
            "<c/>",
            "<c r=A1/>",
            "<v>",
            "1 &lt; 2",
            "</v>",
            "[</row>]",
            "</row>",
        ];
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(tokens(text, step).unwrap(), expected, "{step}");
        }
    }

    #[test]
    fn what_is_cut_off_or_declares_a_type_is_refused() {
        for text in [
            "<a",
            "<a b='",
            "<!-- ",
            "<![CDATA[ ]]",
            "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>",
            "<?xml",
            "</a",
            "<",
        ] {
            assert!(tokens(text, 3).is_err(), "{text}");
        }
    }

    #[test]
    fn a_row_is_skipped_to_its_own_end() {
        let long = "x".repeat(3 * WINDOW);
        for row in [
            "<c><v>1</v></c></row>",
            "</row>",
            "<!-- </row> --><c/></row>",
            "<c><![CDATA[</row>]]></c></row>",
            &format!("<c><v>{long}</v></c></row>"),
            &format!("{}<!-- </row> {long} --></row>", "<c/>".repeat(WINDOW / 4)),
            "<c/></row >",
        ] {
            for step in [1, 5, 70_000] {
                if step < 1000 && row.len() > WINDOW {
                    continue;
                }
                let text = format!("<row>{row}<row r='2'/>");
                let mut xml = Xml::new(Slow(text.as_bytes(), step));
                assert!(matches!(xml.next().unwrap(), Token::Open(_)));
                xml.skip_row().unwrap();
                assert!(
                    matches!(xml.next().unwrap(), Token::Open(tag) if tag.is_yes(b"r") || tag.is_empty),
                    "{row:.40}"
                );
                assert_eq!(xml.next().unwrap(), Token::End, "{row:.40}");
            }
        }
    }

    #[test]
    fn endless_tokens_are_refused() {
        let text = format!("<a>{}", "x".repeat(3 * MAX_TOKEN));
        assert!(matches!(tokens(&text, 1 << 20), Err(XmlError::TooLong)));
    }

    #[test]
    fn escapes_are_resolved_and_what_is_none_stays() {
        let plain = |text: &str| {
            let mut out = String::new();
            unescape(text.as_bytes(), &mut out);
            out
        };
        assert_eq!(plain("a &amp; b &lt;&#65;&#x42;&gt;"), "a & b <AB>");
        assert_eq!(plain("one_x000A_two_x005F_x000A_"), "one\ntwo_x000A_");
        for text in ["&", "&nope;", "&#xD800;", "_x00_", "_xyz", "entry_number", "&#99999999999;", "é_"] {
            assert_eq!(plain(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(text in "[<>/!?a\"'=& \\[\\]-]{0,60}", step in 1usize..9) {
            let whole = tokens(&text, 1000).ok();
            prop_assert_eq!(tokens(&text, step).ok(), whole);
        }
    }
}
