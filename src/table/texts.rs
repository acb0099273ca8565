//! The texts of a table's rows, as they are in the files.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;

use crate::source::Text;

/// Texts, kept in blocks as they were read: none is copied to make room for more.
#[derive(Debug, Default)]
pub struct Texts {
    blocks: Vec<Block>,
    has_quotes: bool,
}

/// A block of [`Texts`].
#[derive(Debug)]
enum Block {
    Own(Vec<u8>),
    /// A whole file, which is kept to be shown.
    File(Arc<Text>),
}

impl Block {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::File(text) => text.text.as_bytes(),
        }
    }
}

/// Where one of the [`Texts`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextAt {
    block: u32,
    start: u32,
    end: u32,
}

impl TextAt {
    /// A text of so many bytes that is in its file alone.
    pub fn in_file(length: usize) -> Self {
        Self { block: IN_FILE, start: 0, end: length as u32 }
    }

    /// How many bytes a text has that is in its file alone.
    pub fn length_in_file(self) -> Option<usize> {
        (self.block == IN_FILE).then_some(self.end as usize)
    }
}

/// Stands for no block.
const IN_FILE: u32 = u32::MAX;

/// Where a block of [`Texts`] went.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    block: u32,
    offset: u32,
}

/// Blocks of fewer bytes are put together.
const SMALL: usize = 16 << 10;

impl Texts {
    /// Takes in a block of several texts, of less than 4 GiB.
    pub fn take(&mut self, block: Vec<u8>) -> Taken {
        self.append(&block).unwrap_or_else(|| self.add(block))
    }

    /// Takes in one text.
    pub fn push(&mut self, text: &[u8]) -> TextAt {
        let taken = self.append(text).unwrap_or_else(|| {
            let mut block = Vec::with_capacity(text.len().max(SMALL));
            block.extend_from_slice(text);
            self.add(block)
        });
        taken.at(0..text.len())
    }

    /// Puts a text into the last block, if that stays small.
    fn append(&mut self, text: &[u8]) -> Option<Taken> {
        let Some(Block::Own(last)) = self.blocks.last_mut() else { return None };
        if last.len() + text.len() > SMALL {
            return None;
        }
        let offset = last.len() as u32;
        last.extend_from_slice(text);
        self.has_quotes |= memchr(b'"', text).is_some();
        Some(Taken { block: self.blocks.len() as u32 - 1, offset })
    }

    /// Takes in the texts of a file of less than 4 GiB that is kept whole.
    pub fn share(&mut self, file: Arc<Text>) -> Taken {
        self.add_block(Block::File(file))
    }

    fn add(&mut self, block: Vec<u8>) -> Taken {
        self.add_block(Block::Own(block))
    }

    fn add_block(&mut self, block: Block) -> Taken {
        self.has_quotes |= memchr(b'"', block.bytes()).is_some();
        self.blocks.push(block);
        Taken { block: self.blocks.len() as u32 - 1, offset: 0 }
    }

    /// Whether there is a quote in any of them. Without one, fields end at delimiters alone.
    pub fn has_quotes(&self) -> bool {
        self.has_quotes
    }

    /// The text there. One without bytes needs no block.
    pub fn get(&self, at: TextAt) -> &[u8] {
        if at.start == at.end {
            return &[];
        }
        &self.blocks[at.block as usize].bytes()[at.start as usize..at.end as usize]
    }

    /// How many bytes all texts have.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.bytes().len()).sum()
    }
}

impl Taken {
    /// Where the text is that was there in the block.
    pub fn at(self, range: Range<usize>) -> TextAt {
        let Self { block, offset } = self;
        TextAt { block, start: offset + range.start as u32, end: offset + range.end as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_where_they_went() {
        assert_eq!(Texts::default().get(TextAt::default()), b"");
        let mut texts = Texts::default();
        let long = vec![b'x'; SMALL];
        let mut found = Vec::new();
        for text in [&b"a"[..], b"", b"bc", long.as_slice(), b"d"] {
            found.push((text, texts.push(text)));
        }
        let taken = texts.take(b"e,fg".to_vec());
        found.extend([(&b"e"[..], taken.at(0..1)), (b"fg", taken.at(2..4))]);
        for (text, at) in found {
            assert_eq!(texts.get(at), text);
        }
        assert_eq!(texts.len(), SMALL + 8);
        let file = texts.share(Arc::new(Text::new("ab,c".into(), 0)));
        let own = texts.push(b"f");
        assert_eq!([texts.get(file.at(3..4)), texts.get(own)], [b"c", b"f"]);
        assert!(!texts.has_quotes());
        for quoted in [&b"\"a\""[..], &[long, b"\"".to_vec()].concat()] {
            let mut texts = Texts::default();
            texts.push(b"a");
            texts.push(quoted);
            assert!(texts.has_quotes());
        }
    }
}
