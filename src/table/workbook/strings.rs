//! The table of texts that cells share.

use std::io::Read;

use hashbrown::HashSet;

use super::xml::{Token, Xml, XmlError, unescape};

/// The texts of a workbook, by index. Nothing is reserved for the number of texts that the part
/// promises.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
    /// Those that are struck out, or some of whose letters are.
    struck: HashSet<u32>,
}

impl Strings {
    /// Reads the part.
    pub(super) fn read(reader: impl Read) -> Result<Self, XmlError> {
        let mut strings = Self::default();
        let mut xml = Xml::new(reader);
        let mut item = TextItem::default();
        let mut inside = false;
        loop {
            match xml.next()? {
                Token::End => return Ok(strings),
                Token::Open(tag) if tag.name == b"si" => {
                    inside = !tag.is_empty;
                    item = TextItem::default();
                    if tag.is_empty {
                        strings.end(false)?;
                    }
                }
                Token::Close(b"si") if inside => {
                    inside = false;
                    strings.end(item.struck)?;
                }
                token if inside => item.take(&token, &mut strings.text),
                _ => {}
            }
        }
    }

    fn end(&mut self, struck: bool) -> Result<(), XmlError> {
        let end = u32::try_from(self.text.len()).map_err(|_| XmlError::TooLong)?;
        if struck {
            self.struck.insert(self.ends.len() as u32);
        }
        self.ends.push(end);
        Ok(())
    }

    /// The text of an index, and whether it is struck out.
    pub(super) fn get(&self, index: usize) -> Option<(&str, bool)> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let struck = !self.struck.is_empty() && self.struck.contains(&(index as u32));
        Some((&self.text[start..end], struck))
    }
}

/// The text of the pieces of a text with formats: of `<si>` and `<is>`.
#[derive(Debug, Default)]
pub(super) struct TextItem {
    in_text: bool,
    /// How Japanese texts are pronounced is not part of them.
    in_phonetic: bool,
    /// Whether some of it is struck out.
    pub(super) struck: bool,
}

impl TextItem {
    pub(super) fn take(&mut self, token: &Token<'_>, out: &mut String) {
        match token {
            Token::Open(tag) => match tag.name {
                b"t" => self.in_text = !tag.is_empty,
                b"rPh" => self.in_phonetic = !tag.is_empty,
                b"strike" => self.struck |= !matches!(tag.attribute(b"val"), Some(b"0" | b"false")),
                _ => {}
            },
            Token::Close(b"t") => self.in_text = false,
            Token::Close(b"rPh") => self.in_phonetic = false,
            Token::Text(text) if self.in_text && !self.in_phonetic => unescape(text, out),
            Token::Verbatim(text) if self.in_text && !self.in_phonetic => {
                out.push_str(&String::from_utf8_lossy(text));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_pieces_and_not_their_pronunciation() {
        let part = "<!-- --><sst uniqueCount='99999999999'><si><t>one</t></si><si/><si><r><t>t</t></r><r><rPr><strike/>\
                    </rPr><t xml:space='preserve'>w&amp;o</t></r><rPh><t>no</t></rPh></si><si><t><![CDATA[<3>]]></t></si></sst>";
        let strings = Strings::read(part.as_bytes()).unwrap();
        let all: Vec<_> = (0..5).map(|at| strings.get(at)).collect();
        assert_eq!(
            all,
            [Some(("one", false)), Some(("", false)), Some(("tw&o", true)), Some(("<3>", false)), None]
        );
    }
}
