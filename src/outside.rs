//! Text from outside, made harmless.
//!
//! Cells, headers, file names, rule texts and everything made from them come from outside. A cell may have an
//! escape sequence that rewrites the screen, a bidirectional override that turns `67-6` into `6-76`, a
//! terminal hyperlink, a line break that forges a second finding, or a social security number. Such text has a type
//! of its own, whose `Display` makes it harmless: a call that is forgotten does not compile, or prints a clean text.
//!
//! - [`Outside`] is a text that is borrowed, and [`OutsideString`] one that is kept: headers, file names, settings, the
//!   texts of rule files. Nothing shows what their digits are, so 9 digits are masked wherever they may be a person's.
//! - [`OutsideText`] is what the engine wrote with cells in it, and what an outcome keeps of a cell. Its cells were
//!   masked one by one, as their columns ask, so an entry number that lost its zeros stays readable. Use it for messages,
//!   help, labels and cells, and [`OutsideString`] for everything else.
//!
//! Texts of the program itself are plain, and so are the names of rules, tables, columns, code lists and settings: they
//! are only loaded if they consist of lower-case letters, a few digits, dashes and underscores.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::columns::{cut, cut_front};
use crate::mask;
pub use crate::mask::acts;

/// A text from outside. Displayed it is as [`shown`](Self::shown) gives it: a call that is forgotten cannot let it
/// through. What computes with it, or has escapes and masks of its own, asks for the [`raw`](Self::raw) text.
///
/// It is not a text by itself:
///
/// ```compile_fail,E0308
/// # let checked: capelint::Checked<'_> = todo!();
/// fn print(text: &str) {}
/// for (_, file) in checked.sources.iter() {
///     print(file.name());
/// }
/// ```
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

    /// The text as people may see it: social security numbers masked, characters that act instead of showing made
    /// visible. Never longer than one line.
    pub fn shown(self) -> Cow<'t, str> {
        clean(self.masked())
    }

    /// The text with every number that may be a person's masked, in as many bytes as before: for formats that have
    /// escapes of their own.
    pub fn masked(self) -> Cow<'t, str> {
        mask::mask(self.0)
    }

    /// [`Self::masked`], except 9 digits for which `keep` is true because they are something else (an entry number
    /// that lost its zeros).
    pub fn masked_unless(self, keep: impl Fn(&str) -> bool) -> Cow<'t, str> {
        mask::mask_unless(self.0, keep)
    }

    /// The text of an importer number, whatever way it is written, with all digits but the last four masked.
    pub fn masked_all(self) -> Cow<'t, str> {
        mask::mask_all(self.0)
    }

    /// Characters that act instead of showing, made visible: control characters as their pictures (ESC is `␛`), the
    /// others as `\u{202e}`. Numbers stay: for a text that was masked before.
    pub fn cleaned(self) -> Cow<'t, str> {
        cleaned(self.0)
    }

    /// [`Self::shown`], cut to a number of terminal columns with `…` at the end.
    pub fn fit(self, columns: usize) -> Cow<'t, str> {
        cut(self.shown(), columns)
    }

    /// [`Self::shown`], cut to a number of terminal columns; of a path the end stays.
    pub fn fit_end(self, columns: usize) -> Cow<'t, str> {
        cut_front(self.shown(), columns)
    }

    /// [`Self::fit`] for a piece of a rule file or of a setting that a message quotes.
    pub fn brief(self) -> Cow<'t, str> {
        self.fit(60)
    }
}

/// An [`Outside`] that is kept. `S` is how it is kept.
///
/// ```compile_fail,E0308
/// # let cause: capelint::cause::ColumnName = todo!();
/// fn print(text: &str) {}
/// print(&cause.header);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutsideString<S = String>(S);

impl<S: AsRef<str>> OutsideString<S> {
    /// The text as it came: to compute with it, not to print it.
    pub fn raw(&self) -> &str {
        self.0.as_ref()
    }

    /// The same text, borrowed.
    pub fn outside(&self) -> Outside<'_> {
        Outside(self.raw())
    }

    /// The text as people may see it: see [`Outside::shown`].
    pub fn shown(&self) -> Cow<'_, str> {
        self.outside().shown()
    }

    /// The text without what may be a person's number, for formats that have escapes of their own.
    pub fn masked(&self) -> Cow<'_, str> {
        self.outside().masked()
    }
}

impl OutsideString {
    /// Several texts in one.
    pub fn joined<S: AsRef<str>>(texts: &[OutsideString<S>], between: &str) -> Self {
        texts.iter().map(OutsideString::raw).collect::<Vec<_>>().join(between).into()
    }
}

impl From<Outside<'_>> for OutsideString {
    fn from(text: Outside<'_>) -> Self {
        text.raw().into()
    }
}

/// A text that is kept with an outcome: a cell as it was written, or what the engine wrote with cells in it, which
/// were masked one by one, as their columns ask. Displayed it is as [`shown`](Self::shown) gives it. `S` is how it is kept.
///
/// ```compile_fail,E0308
/// # let finding: capelint::Finding = todo!();
/// fn print(text: &str) {}
/// print(&finding.message);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutsideText<S = String>(S);

impl<S: AsRef<str>> OutsideText<S> {
    /// The text as it is kept: to compute with it, not to print it.
    pub fn raw(&self) -> &str {
        self.0.as_ref()
    }

    /// The text as people may see it: see [`Outside::shown`]. An entry number that lost its zeros stays.
    pub fn shown(&self) -> Cow<'_, str> {
        clean(self.masked())
    }

    /// The text without what may be a person's number, for formats that have escapes of their own.
    pub fn masked(&self) -> Cow<'_, str> {
        mask::mask_message(self.raw())
    }

    /// [`Self::shown`], cut to a number of terminal columns with `…` at the end.
    pub fn fit(&self, columns: usize) -> Cow<'_, str> {
        cut(self.shown(), columns)
    }
}

/// How a text from outside is written: shown for people. JSON has escapes of its own, so there it is masked.
macro_rules! written {
    ([$($kept:tt)*] $text:ty) => {
        impl<$($kept)*> fmt::Display for $text {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.shown())
            }
        }

        impl<$($kept)*> fmt::Debug for $text {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "`{self}`")
            }
        }

        impl<$($kept)*> Serialize for $text {
            fn serialize<W: Serializer>(&self, to: W) -> Result<W::Ok, W::Error> {
                to.serialize_str(&self.masked())
            }
        }

        impl<$($kept)*> JsonSchema for $text {
            fn inline_schema() -> bool {
                String::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                String::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    };
}

written!(['t] Outside<'t>);
written!([S: AsRef<str>] OutsideString<S>);
written!([S: AsRef<str>] OutsideText<S>);

/// What both kinds of kept texts have in common.
macro_rules! kept {
    ($kind:ident) => {
        impl<S> $kind<S> {
            /// Marks a text as coming from outside.
            pub fn new(text: S) -> Self {
                Self(text)
            }

            /// What keeps it, to keep equal texts once.
            pub(crate) fn kept(&mut self) -> &mut S {
                &mut self.0
            }
        }

        impl<'t, S: From<&'t str>> From<&'t str> for $kind<S> {
            fn from(text: &'t str) -> Self {
                Self(text.into())
            }
        }

        impl<S: From<String>> From<String> for $kind<S> {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl<S: AsRef<str>> PartialEq<str> for $kind<S> {
            fn eq(&self, other: &str) -> bool {
                self.raw() == other
            }
        }

        impl<S: AsRef<str>> PartialEq<&str> for $kind<S> {
            fn eq(&self, other: &&str) -> bool {
                self.raw() == *other
            }
        }
    };
}

kept!(OutsideString);
kept!(OutsideText);

/// A masked text with what acts made visible.
fn clean(masked: Cow<'_, str>) -> Cow<'_, str> {
    match masked {
        Cow::Borrowed(text) => cleaned(text),
        Cow::Owned(text) => match cleaned(&text) {
            Cow::Borrowed(_) => Cow::Owned(text),
            Cow::Owned(clean) => Cow::Owned(clean),
        },
    }
}

/// See [`Outside::cleaned`].
fn cleaned(text: &str) -> Cow<'_, str> {
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
        let cell: OutsideString = "claim\u{1b}[2J 123-45-6789".into();
        assert_eq!(cell.to_string(), "claim\u{241b}[2J ***-**-6789");
        assert_eq!(format!("{cell:?}"), format!("`{cell}`"));
        assert_eq!(
            (cell.raw(), &*cell.masked()),
            ("claim\u{1b}[2J 123-45-6789", "claim\u{1b}[2J ***-**-6789")
        );
    }
}
