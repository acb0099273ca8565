//! What a rule asks: conditions, tests and the values that they compare with.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::codes::CodeSet;
use super::operand::{ColumnRef, Frame, Operand};
use crate::source::Place;
use crate::table::TableId;
use crate::table::schema::Type;

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All are true. Never empty.
    All(Vec<Condition>, Place),
    /// At least one is true. Never empty.
    Any(Vec<Condition>, Place),
    /// At least one is true of those for which the user provided tables and columns. Never empty.
    AnyGiven(Vec<Condition>, Place),
    /// Is not true.
    Not(Box<Condition>, Place),
    /// Of the rows that a table has for the entry.
    Rows(RowsCondition),
    /// A test of an operand.
    Test(Test),
}

/// A condition on the rows that a table has for the entry.
#[derive(Clone, Debug)]
pub struct RowsCondition {
    /// How many.
    pub quantifier: Quantifier,
    /// Of which.
    pub range: Range,
    /// For which this is true; `None`: all rows count.
    pub filter: Option<Box<Condition>>,
    /// Where it is.
    pub place: Place,
}

/// Which rows a quantifier looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Those that a table has for the entry.
    Entry(TableId),
    /// Of these, those on the same line as the row of that frame.
    Line(TableId, Frame),
    /// The rows of the declaration file.
    Declared,
    /// The distinct entries of the declaration file.
    Entries,
}

impl Range {
    /// The table of the rows.
    pub fn table(self) -> TableId {
        match self {
            Self::Entry(table) | Self::Line(table, _) => table,
            Self::Declared | Self::Entries => crate::table::ROW,
        }
    }
}

/// How many rows.
#[derive(Clone, Debug)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// Each one; true where there is none.
    Every,
    /// None.
    No,
    /// As many as the predicates require (each is a number test).
    Count(Vec<Predicate>),
}

/// A test of an operand.
#[derive(Clone, Debug)]
pub struct Test {
    /// What is tested.
    pub subject: Subject,
    /// What is asked of it.
    pub predicate: Predicate,
    /// Where it is: the key and its value.
    pub place: Place,
}

/// What is tested.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A value.
    Operand(Operand),
    /// Several columns of a table (`es003.*`), for `consistent` and `readable`.
    Columns(Vec<ColumnRef>),
}

/// What is asked of an operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Equal to one of these (`is`, `in`, a scalar, a list); negated by `is_not`, `not_in`.
    OneOf {
        /// The values.
        values: Vec<Operand>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// In a code list or selection.
    Listed {
        /// The codes.
        codes: CodeSet,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Compares with another value of the same type.
    Compare(Comparison, Operand),
    /// Is not blank (`true`), or is.
    Present(bool),
    /// The first of its kind.
    Unique(FirstWithin),
    /// All rows of the entry agree.
    Consistent,
    /// Nothing unreadable and nothing unmapped.
    Readable,
    /// Evaluated by the block of the word, in [`crate::judge::words`].
    Word(WordId, Given),
}

/// Identifies a word of tests: its index in [`crate::judge::words::WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WordId(pub u8);

/// What is beside a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Values of the subject's type.
    Values(Vec<Operand>),
    /// Texts, compared without the dots and dashes that the subject's type has not.
    Texts(Vec<String>),
    /// A regular expression.
    Pattern(Pattern),
    /// An amount, and how far from it another may be.
    Near(Operand, Tolerance),
    /// A type, and whether the text can be read as it.
    Type(Type, bool),
}

/// A regular expression; two are the same where they are written the same.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// One that is compiled already.
    pub fn compiled(pattern: Regex) -> Self {
        Self { text: pattern.as_str().to_owned(), compiled: pattern.into() }
    }

    /// One that is known to be good, compiled when something is first compared with it.
    pub fn known(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// Whether some part of a text matches.
    pub fn is_match(&self, text: &str) -> bool {
        let compile = || Regex::new(&self.text).expect("the tests of the pack compile its patterns");
        self.compiled.get_or_init(compile).is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `above`, `after`.
    Above,
    /// `at_least`, `on_or_after`.
    AtLeast,
    /// `below`, `before`.
    Below,
    /// `at_most`, `on_or_before`.
    AtMost,
}

/// How far apart two amounts may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// US dollars.
    Dollars(Decimal),
    /// Percent of the operand.
    Percent(Decimal),
}

/// Where an entry number must be the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstWithin {
    /// In its declaration file.
    File,
    /// In all declarations of the run.
    Run,
}
