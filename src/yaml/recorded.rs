//! Trees of texts that were read when the program was built: see `build.rs`, which records them.

use std::sync::Arc;

use super::{Diagnostics, NodeKind, Style, Tree, TreeBuilder};
use crate::source::{FileId, Text};

/// Builds the tree of a text from its record. `None` where the record is not one of this text.
pub fn replay(file: FileId, text: &Arc<Text>, record: &[u8]) -> Option<Tree> {
    let mut diagnostics = Diagnostics::default();
    let mut builder = TreeBuilder::new(file, text, record.len() / 4, &mut diagnostics);
    let mut rest = record;
    let mut start = 0;
    while let Some((&kind, after)) = rest.split_first() {
        rest = after;
        start += number(&mut rest)?;
        let range = start..start + number(&mut rest)?;
        text.text.get(range.clone())?;
        let decoded = match kind & 8 {
            0 => None,
            _ => {
                let length = number(&mut rest)?;
                let (decoded, after) = rest.split_at_checked(length)?;
                rest = after;
                Some(std::str::from_utf8(decoded).ok()?.into())
            }
        };
        let scalar = |style| NodeKind::Scalar { style, decoded };
        let goes_on = match kind & 7 {
            0 => builder.begin(range, NodeKind::Sequence(Vec::new())),
            1 => builder.begin(range, NodeKind::Mapping(Vec::new())),
            2 => {
                builder.end(range);
                true
            }
            3 => builder.node(range, scalar(Style::Plain)),
            4 => builder.node(range, scalar(Style::Quoted)),
            5 => builder.node(range, scalar(Style::Block)),
            _ => false,
        };
        if !goes_on {
            return None;
        }
    }
    let tree = Tree { is_recorded: true, ..builder.tree };
    diagnostics.is_empty().then_some(tree)
}

/// Takes a number from the front: 7 bits per byte, the lowest first; the 8th means that more follow.
fn number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..28).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
