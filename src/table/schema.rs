//! What a table is: its columns, their types, and what it means when something is not there.
//!
//! Schemas are declared in `rules/tables/*.yaml` and compiled by [`crate::rules`].

/// The type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Any text.
    Text,
    /// One of a few named values, found from the text by patterns.
    Choice,
    /// An entry number ([`crate::entry`]).
    EntryNumber,
    /// An importer number ([`crate::importer`]).
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
    /// All types with the names that rule files use.
    pub const ALL: [(&'static str, Self); 9] = [
        ("text", Self::Text),
        ("choice", Self::Choice),
        ("entry_number", Self::EntryNumber),
        ("importer_number", Self::ImporterNumber),
        ("hts", Self::Hts),
        ("date", Self::Date),
        ("money", Self::Money),
        ("integer", Self::Integer),
        ("yes_no", Self::YesNo),
    ];

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What a table's columns mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The name that rules use.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Index of the column that holds the entry number; `None` only for the declaration's facts.
    pub key: Option<usize>,
    /// Index of the column whose value rows of one entry line share.
    pub line: Option<usize>,
    /// A list the user keeps: not giving it is said, but leaves entries ready.
    pub optional: bool,
    /// What it means that a declared entry has no row.
    pub absent: Absent,
    /// The sheet to prefer in a workbook.
    pub sheet: Option<String>,
    /// How to get a missing column into the file.
    pub add_column: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
}

impl Schema {
    /// A table of that name and title, of which nothing else is said yet.
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
            columns: Vec::new(),
        }
    }
}

/// What it means that a declared entry has no row in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nothing is known.
    Unknown,
    /// There is nothing: the list is complete and the entry not on it, the cells are blank.
    Nothing,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
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
    /// A column that many files lack: that it is missing is said, but leaves entries ready.
    pub optional: bool,
    /// Text and HTS numbers that lost leading zeros are filled up to this many characters.
    pub pad: Option<usize>,
    /// The choices of a [`Type::Choice`] column, in order; the first whose pattern fits wins.
    pub choices: Vec<Choice>,
}

impl Column {
    /// A column of which only the name and the type are said: a line's, without headers.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// The entry: all its rows should agree.
    Entry,
    /// The line or the row.
    Line,
}

/// What a blank cell means, or a column that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blank {
    /// It cannot be told.
    Unknown,
    /// There is nothing: no comparison with it is true.
    Nothing,
    /// The same as this text.
    Text(String),
}

/// A named value of a choice column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name that rules use.
    pub name: String,
    /// Texts that mean it; `*` stands for anything, letter case does not matter.
    pub texts: Vec<String>,
}

impl Schema {
    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
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
}
