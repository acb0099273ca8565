//! Text cut to a number of terminal columns.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a text takes no more than so many columns. Marks that take no column of their own may be as many again.
fn fits(text: &str, columns: usize) -> bool {
    text.len() <= columns || text.width() <= columns && text.chars().count() <= 2 * columns
}

/// Cuts text to a number of terminal columns, on a character boundary, with `…` at the end. Marks that take no
/// column of their own are cut as well, where there are more of them than columns.
pub fn cut(text: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    if fits(&text, columns) {
        return text;
    }
    let mut room = RoomLeft::new(columns);
    let taken = text.char_indices().take_while(|(_, c)| room.takes(*c)).last();
    let end = taken.map_or(0, |(at, c)| at + c.len_utf8());
    Cow::Owned(format!("{}…", &text[..end]))
}

/// [`cut`] that keeps the end, with `…` before it.
pub fn cut_front(text: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    if fits(&text, columns) {
        return text;
    }
    let mut room = RoomLeft::new(columns);
    let start = text.char_indices().rev().take_while(|(_, c)| room.takes(*c)).last();
    let start = start.map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("…{}", &text[start..]))
}

/// What is left beside the `…`.
struct RoomLeft {
    columns: usize,
    marks: usize,
}

impl RoomLeft {
    fn new(columns: usize) -> Self {
        Self { columns: columns.saturating_sub(1), marks: columns }
    }

    /// Takes the character in, if there is room for it.
    fn takes(&mut self, c: char) -> bool {
        let width = c.width().unwrap_or(0);
        if width > self.columns || width == 0 && self.marks == 0 {
            return false;
        }
        self.columns -= width;
        self.marks -= usize::from(width == 0);
        true
    }
}
