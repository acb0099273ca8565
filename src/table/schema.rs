//! What a table is: its columns, their types, and what it means when something is not there.
//!
//! Schemas are declared in `rules/tables/*.yaml` and compiled by [`crate::rules`].

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use hashbrown::HashMap;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::header_keys::header_key;

/// The type of a column's cells.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, EnumString, IntoStaticStr, JsonSchema, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Type {
    /// Any text.
    Text,
    /// One of a few named values, found from the text by patterns.
    Choice,
    /// An entry number ([`crate::entry`]).
    EntryNumber,
    /// An importer number.
    ImporterNumber,
    /// An HTS number: digits, without dots.
    Hts,
    /// A calendar day.
    Date,
    /// An amount in US dollars.
    Money,
    /// A whole number.
    Integer,
    /// Yes or no.
    YesNo,
}

impl Type {
    /// All types.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a table's columns mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The name that rules use.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Index of the column that contains the entry number; `None` only for the declaration's facts.
    pub key: Option<usize>,
    /// Index of the column whose value rows of one entry line share.
    pub line: Option<usize>,
    /// A list the user keeps: that it is not provided is reported, but leaves entries ready.
    pub optional: bool,
    /// What it means that a declared entry has no row.
    pub absent: Absent,
    /// The sheet to prefer in a workbook.
    pub sheet: Option<String>,
    /// How to get a missing column into the file.
    pub add_column: Option<String>,
    /// The columns.
    pub columns: Columns,
}

/// The column of an export whose dates move from week to week.
const LIQUIDATION_DATE: &str = "liquidation_date";

impl Schema {
    /// A table of that name and title, with nothing else declared yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: name.to_owned(),
            key: None,
            line: None,
            optional: false,
            absent: Absent::Unknown,
            sheet: None,
            add_column: None,
            columns: Columns::default(),
        }
    }

    /// What rule files call a column beside those of other tables: `TABLE.COLUMN`.
    pub fn qualified(&self, column: usize) -> String {
        format!("{}.{}", self.name, self.columns[column].name)
    }
}

/// What it means that a declared entry has no row in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// Nothing is known.
    Unknown,
    /// There is nothing: the list is complete and the entry not on it, the cells are blank.
    Nothing,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// The name that rules use.
    pub name: String,
    /// The type of its cells.
    pub kind: Type,
    /// Whether the whole entry or one line of it has the value.
    pub of: Belongs,
    /// The header texts that name it, as written in the schema; compare with [`fold_header`].
    pub headers: Vec<String>,
    /// What a blank cell means.
    pub blank: Blank,
    /// What it means that a file has no such column.
    pub missing: Blank,
    /// A column that is often missing: that it is missing is reported, but leaves entries ready.
    pub optional: bool,
    /// Text and HTS numbers that lost leading zeros are filled up to this many characters.
    pub pad: Option<usize>,
    /// The choices of a [`Type::Choice`] column, in order; the first whose pattern matches is used.
    pub choices: Vec<Choice>,
}

impl Column {
    /// A column with only its name and its type: a line's, without headers.
    pub fn new(name: &str, kind: Type) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            of: Belongs::Line,
            headers: Vec::new(),
            blank: Blank::Unknown,
            missing: Blank::Unknown,
            optional: false,
            pad: None,
            choices: Vec::new(),
        }
    }
}

/// What a column's value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Belongs {
    /// The entry: all its rows should agree.
    Entry,
    /// The line or the row.
    Line,
}

/// What a blank cell means, or a column that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blank {
    /// It is unknown.
    Unknown,
    /// There is nothing: no comparison with it is true.
    Nothing,
    /// The same as this text.
    Text(String),
}

/// A named value of a choice column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The name that rules use.
    pub name: String,
    /// Texts that mean it; `*` stands for anything, letter case does not matter.
    pub texts: Vec<String>,
}

impl Schema {
    /// Whether the dates of a column show how new an export is. Where the table has liquidation dates only
    /// these do: entry dates stopped moving with the end of IEEPA collection.
    pub fn dates_export(&self, column: usize) -> bool {
        match self.column(LIQUIDATION_DATE) {
            Some(moving) => column == moving,
            None => self.columns[column].kind == Type::Date,
        }
    }

    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// The columns of a table. The keys of their headers are collected at the first comparison with a file: most
/// runs compare small files with every table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    columns: Vec<Column>,
    /// Empty until it is asked for, and again after each change of the columns.
    by_key: OnceLock<ByKey>,
}

/// For the key of each header the columns that it names, each with its rank among the column's headers.
type ByKey = HashMap<String, Vec<(usize, usize)>>;

impl Columns {
    /// The columns that a header names, each with the rank of the header among the column's own. `key` is one
    /// of its [`header_keys`](super::header_keys::header_keys).
    pub fn named(&self, key: &str) -> &[(usize, usize)] {
        self.by_key.get_or_init(|| by_key(&self.columns)).get(key).map_or(&[], Vec::as_slice)
    }

    /// Adds a column.
    pub fn push(&mut self, column: Column) {
        self.by_key.take();
        self.columns.push(column);
    }
}

fn by_key(columns: &[Column]) -> ByKey {
    let mut by_key = ByKey::new();
    for (column, declared) in columns.iter().enumerate() {
        for (rank, header) in declared.headers.iter().enumerate() {
            let named = by_key.entry(header_key(header)).or_default();
            if named.last().is_none_or(|(last, _)| *last != column) {
                named.push((column, rank));
            }
        }
    }
    by_key.remove("");
    by_key
}

impl Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.columns
    }
}

impl DerefMut for Columns {
    fn deref_mut(&mut self) -> &mut [Column] {
        self.by_key.take();
        &mut self.columns
    }
}

impl Extend<Column> for Columns {
    fn extend<I: IntoIterator<Item = Column>>(&mut self, columns: I) {
        columns.into_iter().for_each(|column| self.push(column));
    }
}

impl<'c> IntoIterator for &'c Columns {
    type Item = &'c Column;
    type IntoIter = std::slice::Iter<'c, Column>;

    fn into_iter(self) -> Self::IntoIter {
        self.columns.iter()
    }
}

impl From<Vec<Column>> for Columns {
    fn from(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
    }
}

/// A header's text as it is compared: trimmed, case folded, runs of spaces and `_` as one space,
/// text guards taken off.
pub fn fold_header(text: &str) -> String {
    let text = crate::entry::unguard(text.trim().trim_start_matches('\u{feff}'));
    let mut folded = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '_').filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_without_case_underscores_and_guards() {
        for text in
            ["Entry Number", " entry_number ", "ENTRY  NUMBER", "=\"Entry Number\"", "\u{feff}Entry Number"]
        {
            assert_eq!(fold_header(text), "entry number", "{text:?}");
        }
    }

    fn column(name: &str, headers: &[&str]) -> Column {
        let headers = headers.iter().map(|&header| header.to_owned()).collect();
        Column { headers, ..Column::new(name, Type::Text) }
    }

    #[test]
    fn a_change_of_the_columns_changes_what_headers_name() {
        let mut columns = Columns::from(vec![column("a", &["A", "First", "first"]), column("b", &["First"])]);
        assert_eq!(columns.named("first"), [(0, 1), (1, 0)]);
        assert!(columns.named("c").is_empty() && columns.named("").is_empty());
        columns.push(column("c", &["C", "-"]));
        assert_eq!(columns.named("c"), [(2, 0)]);
        assert!(columns.named("").is_empty());
        let before = columns.clone();
        columns[0].headers.push("Third".into());
        assert_eq!(columns.named("third"), [(0, 3)]);
        assert!(before.named("third").is_empty() && before != columns);
        columns.extend([column("d", &["D"])]);
        assert_eq!(columns.named("d"), [(3, 0)]);
    }
}
