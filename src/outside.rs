//! Text from outside, made harmless.
//!
//! Cells, headers, file names, rule texts and everything made from them come from outside. A cell may have an
//! escape sequence that rewrites the screen, a bidirectional override that turns `67-6` into `6-76`, a
//! terminal hyperlink, a line break that forges a second finding, or a social security number. Such text is
//! an [`Outside`], or an [`OutsideString`] where it is kept, until it is printed, which cleans it. What the engine wrote, and what an outcome keeps of a cell, is
//! an [`OutsideText`]: displayed it is a [`shown_message`]; a format that has escapes of its own, as JSON has, takes it
//! [`masked`](OutsideText::masked).

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::mask;
pub use crate::mask::acts;

/// A text from outside. Displayed it is [`shown`]: a call that is forgotten cannot let it through. What
/// computes with it, or has escapes and masks of its own, asks for the [`raw`](Self::raw) text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outside<'t>(&'t str);

impl<'t> Outside<'t> {
    /// Marks a text as coming from outside.
    pub fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// The text as it came.
    pub fn raw(self) -> &'t str {
        self.0
    }

    /// The text as people may see it: see [`shown`].
    pub fn shown(self) -> Cow<'t, str> {
        shown(self.0)
    }

    /// The text without what may be a person's number, for formats that have escapes of their own.
    pub fn masked(self) -> Cow<'t, str> {
        masked(self.0)
    }

    /// [`Self::shown`], cut to a number of terminal columns; of a path the end stays.
    pub fn fit_end(self, columns: usize) -> Cow<'t, str> {
        fit_end(self.0, columns)
    }
}

impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// An [`Outside`] that is kept: a text of which no column's type says how to mask it, such as a header or a cell of
/// Claim Details as CBP wrote it.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutsideString(String);

impl OutsideString {
    /// The text as it came: to compute with it, not to print it.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The text as people may see it: see [`shown`].
    pub fn shown(&self) -> Cow<'_, str> {
        shown(&self.0)
    }

    /// The text without what may be a person's number, for formats that have escapes of their own.
    pub fn masked(&self) -> Cow<'_, str> {
        masked(&self.0)
    }
}

impl From<&str> for OutsideString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for OutsideString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialEq<&str> for OutsideString {
    fn eq(&self, other: &&str) -> bool {
        self.raw() == *other
    }
}

impl fmt::Display for OutsideString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Outside::new(&self.0), f)
    }
}

impl fmt::Debug for OutsideString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Outside::new(&self.0), f)
    }
}

/// A text that is kept with an outcome: a cell as it was written, or what the engine wrote with cells in it, which
/// were masked one by one, as their columns ask. Displayed it is as [`shown`](Self::shown) gives it. `S` is how it is kept.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutsideText<S>(S);

impl<S: AsRef<str>> OutsideText<S> {
    /// The text as it is kept: to compute with it, not to print it.
    pub fn raw(&self) -> &str {
        self.0.as_ref()
    }

    /// The text as people may see it.
    pub fn shown(&self) -> Cow<'_, str> {
        shown_message(self.raw())
    }

    /// The text without what may be a person's number, for formats that have escapes of their own.
    pub fn masked(&self) -> Cow<'_, str> {
        masked_message(self.raw())
    }
}

impl<S> OutsideText<S> {
    /// Marks a text as coming from outside.
    pub fn new(text: S) -> Self {
        Self(text)
    }

    /// What keeps it, to keep equal texts once.
    pub(crate) fn kept(&mut self) -> &mut S {
        &mut self.0
    }
}

impl<'t, S: From<&'t str>> From<&'t str> for OutsideText<S> {
    fn from(text: &'t str) -> Self {
        Self(text.into())
    }
}

impl<S: From<String>> From<String> for OutsideText<S> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl<S: AsRef<str>> PartialEq<str> for OutsideText<S> {
    fn eq(&self, other: &str) -> bool {
        self.raw() == other
    }
}

impl<S: AsRef<str>> fmt::Display for OutsideText<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl<S: AsRef<str>> fmt::Debug for OutsideText<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// Text as people may see it: social security numbers masked, characters that act instead of
/// showing made visible. Never longer than one line.
pub fn shown(text: &str) -> Cow<'_, str> {
    match masked(text) {
        Cow::Borrowed(text) => cleaned(text),
        Cow::Owned(text) => Cow::Owned(cleaned(&text).into_owned()),
    }
}

/// [`shown`], cut to a number of terminal columns with `…` at the end.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    cut(shown(text), columns)
}

/// Cuts text to a number of terminal columns, on a character boundary, with `…` at the end. Marks that take no
/// column of their own are cut as well, where there are more of them than columns.
pub fn cut(text: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || text.width() <= columns && text.chars().count() <= 2 * columns {
        return text;
    }
    let mut left = columns.saturating_sub(1);
    let mut marks_left = columns;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let width = c.width().unwrap_or(0);
        if width > left || width == 0 && marks_left == 0 {
            break;
        }
        left -= width;
        marks_left -= usize::from(width == 0);
        end = at + c.len_utf8();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// [`fit`] for a piece of a rule file or of a setting that a message quotes.
pub fn brief(text: &str) -> Cow<'_, str> {
    fit(text, 60)
}

/// [`fit`] that keeps the end: of a path the file's name.
pub fn fit_end(text: &str, columns: usize) -> Cow<'_, str> {
    let text = shown(text);
    if text.width() <= columns && text.chars().count() <= 2 * columns {
        return text;
    }
    let mut left = columns.saturating_sub(1);
    let mut marks_left = columns;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let width = c.width().unwrap_or(0);
        if width > left || width == 0 && marks_left == 0 {
            break;
        }
        left -= width;
        marks_left -= usize::from(width == 0);
        start = at;
    }
    Cow::Owned(format!("…{}", &text[start..]))
}

/// Characters that act instead of showing, made visible: control characters as their pictures
/// (ESC is `␛`), the others as `\u{202e}`.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    // `::error::` and `##vso[…]` are commands to the machines that run continuous integration.
    let commands = text.contains("::") || text.contains("##");
    if !commands && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let first = if commands { Some(0) } else { text.find(acts) };
    let Some(first) = first else { return Cow::Borrowed(text) };
    let mut clean = String::with_capacity(text.len() + 16);
    clean.push_str(&text[..first]);
    for c in text[first..].chars() {
        push_clean(&mut clean, c);
    }
    Cow::Owned(clean)
}

/// Adds a character to a cleaned text.
pub(crate) fn push_clean(clean: &mut String, c: char) {
    match c {
        ':' | '#' if clean.ends_with(c) => clean.extend(['\\', c]),
        '\0'..='\u{1f}' => clean.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => clean.push('\u{2421}'),
        c if acts(c) => {
            // Writing to a string does not fail.
            let _ = write!(clean, "\\u{{{:x}}}", c as u32);
        }
        c => clean.push(c),
    }
}

/// Text with every number that may be a person's masked, in as many bytes as before.
pub fn masked(text: &str) -> Cow<'_, str> {
    mask::mask(text)
}

/// The text that the engine wrote: [`shown`] for messages, help, labels and causes, whose cells were masked
/// one by one, as their columns ask. An entry number that lost its zeros stays.
pub fn shown_message(text: &str) -> Cow<'_, str> {
    match masked_message(text) {
        Cow::Borrowed(text) => cleaned(text),
        Cow::Owned(text) => Cow::Owned(cleaned(&text).into_owned()),
    }
}

/// [`shown_message`], for formats that have escapes of their own.
pub fn masked_message(text: &str) -> Cow<'_, str> {
    mask::mask_message(text)
}

/// The text of an importer number, whatever way it is written, with all digits but the last four masked.
pub fn masked_all(text: &str) -> Cow<'_, str> {
    mask::mask_all(text)
}

/// [`masked`], except 9 digits for which `keep` is true because they are something else (an entry number that
/// lost its zeros).
pub fn masked_digits(text: &str, keep: impl Fn(&str) -> bool) -> Cow<'_, str> {
    mask::mask_unless(text, keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_outside_is_printed_clean() {
        let text: OutsideText<String> = "entry\u{1b}[2J \u{202e}6-76, 123-45-6789".into();
        assert_eq!(text.to_string(), "entry\u{241b}[2J \\u{202e}6-76, ***-**-6789");
        assert_eq!(format!("{text:?}"), format!("`{text}`"));
        assert_eq!(text.raw(), "entry\u{1b}[2J \u{202e}6-76, 123-45-6789");
        assert_eq!(text.masked(), "entry\u{1b}[2J \u{202e}6-76, ***-**-6789");
        assert_eq!(size_of::<OutsideText<String>>(), size_of::<String>());
        let cell = OutsideString::from("claim\u{1b}[2J 123-45-6789");
        assert_eq!(cell.to_string(), "claim\u{241b}[2J ***-**-6789");
        assert_eq!(format!("{cell:?}"), format!("`{cell}`"));
        assert_eq!(
            (cell.raw(), &*cell.masked()),
            ("claim\u{1b}[2J 123-45-6789", "claim\u{1b}[2J ***-**-6789")
        );
    }
}
