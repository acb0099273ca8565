//! Code lists, their named parts, and how a code is found in one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::table::schema::Type;
use crate::table::value::CellReading;

/// A code list.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeList {
    /// The name that rules use.
    pub name: String,
    /// The columns with their types.
    pub columns: Vec<(String, Type)>,
    /// Index of the key column.
    pub key: usize,
    /// The rows' readings, in file order.
    pub rows: Vec<Vec<CellReading>>,
    /// Row indices by code. Several rows may share one (rates over time).
    pub index: Codes<Vec<u32>>,
}

impl CodeList {
    /// Whether its codes are HTS headings.
    pub fn is_headings(&self) -> bool {
        self.columns[self.key].1 == Type::Hts
    }

    /// The rows for a code; for HTS those of the longest heading the number begins with.
    pub fn rows_for(&self, code: &str) -> &[u32] {
        self.index.get(code).map_or(&[], Vec::as_slice)
    }
}

/// The codes of a code list or selection that a test compares with.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeSet {
    /// What the rule calls it.
    pub name: String,
    /// The codes.
    pub codes: Arc<Codes<()>>,
}

impl CodeSet {
    /// Whether its codes are HTS headings.
    pub fn is_headings(&self) -> bool {
        self.codes.headings
    }

    /// Whether a code is in the set; for HTS, whether the number begins with a heading of it.
    pub fn contains(&self, code: &str) -> bool {
        self.codes.get(code).is_some()
    }
}

/// Something for each of several codes.
///
/// Codes are HTS digits, ISO dates, bare entry numbers, the base of importer numbers, texts in
/// lower case: what [`crate::judge::operand::Val::code`] gives.
#[derive(Clone, Default, PartialEq)]
pub struct Codes<T> {
    map: HashMap<Box<str>, T>,
    /// Whether codes are HTS headings, which match every number that begins with their digits.
    headings: bool,
    /// The lengths that occur, a bit for each: most numbers need to be looked up at one or two.
    lengths: u32,
    /// What all codes begin with, so that most numbers need no look-up: headings of Chapter 99 begin with
    /// `9903`. `None` where there is not a code.
    beginning: Option<Box<str>>,
}

/// The fewest digits of an HTS heading.
const HEADING: usize = 4;

impl<T> Codes<T> {
    /// Without codes yet. `headings`: whether they are HTS headings.
    pub fn new(headings: bool) -> Self {
        Self { map: HashMap::new(), headings, lengths: 0, beginning: None }
    }

    /// What belongs to a code, to be filled in.
    pub fn entry(&mut self, code: Box<str>) -> &mut T
    where
        T: Default,
    {
        self.lengths |= length_bit(code.len());
        let beginning = self.beginning.get_or_insert_with(|| code.clone());
        if !code.starts_with(&**beginning) {
            let same = |(at, a): &(usize, char)| code[*at..].starts_with(*a);
            let length = beginning.char_indices().take_while(same).map(|(at, a)| at + a.len_utf8()).last();
            *beginning = beginning[..length.unwrap_or(0)].into();
        }
        self.map.entry(code).or_default()
    }

    /// What belongs to a code; for HTS to the longest heading the number begins with.
    pub fn get(&self, code: &str) -> Option<&T> {
        if !code.starts_with(self.beginning.as_deref()?) {
            return None;
        }
        if !self.headings {
            return self.map.get(code);
        }
        (HEADING..=code.len())
            .rev()
            .filter(|length| self.lengths & length_bit(*length) != 0)
            .find_map(|length| self.map.get(code.get(..length)?))
    }

    /// The codes, in no order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.map.keys().map(|code| &**code)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl<T: Default> Codes<T> {
    /// The codes of an iterator.
    pub fn from_codes(headings: bool, codes: impl IntoIterator<Item = Box<str>>) -> Self {
        let mut all = Self::new(headings);
        for code in codes {
            all.entry(code);
        }
        all
    }
}

/// In order, so that the same codes always print alike.
impl<T: fmt::Debug> fmt::Debug for Codes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.map.iter().collect::<BTreeMap<_, _>>()).finish()
    }
}

fn length_bit(length: usize) -> u32 {
    1 << length.min(31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_longest_heading_whatever_they_begin_with() {
        let codes = |headings, codes: &[&str]| {
            Codes::<()>::from_codes(headings, codes.iter().map(|code| Box::from(*code)))
        };
        let one = codes(true, &["99030125", "99030202", "990303"]);
        for (code, is_there) in [
            ("9903012500", true),
            ("99030125", true),
            ("9903012", false),
            ("9903031500", true),
            ("8471300100", false),
            ("9903", false),
            ("", false),
        ] {
            assert_eq!(one.get(code).is_some(), is_there, "{code}");
        }
        let others = codes(true, &["99030125", "8471"]);
        assert!(others.get("84713001").is_some() && others.get("9903012599").is_some());
        assert!(others.get("9903012").is_none());
        let texts = codes(false, &["m\u{fc}ller", "m\u{fd}"]);
        assert!(texts.get("m\u{fc}ller").is_some() && texts.get("m\u{fd}").is_some());
        assert!(texts.get("m").is_none() && texts.get("m\u{fe}").is_none());
        assert!(codes(false, &[]).get("").is_none());
        assert!(codes(false, &["", "a"]).get("").is_some());
    }
}
