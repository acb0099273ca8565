//! The words of conditions: which there are, what they go with, and what they mean.
//!
//! The compiler checks against these tables and the JSON Schema is made from them.

use crate::table::schema::Type;

/// A word of a condition with its meaning.
pub const STRUCTURE: [(&str, &str); 9] = [
    ("all", "All of these conditions hold."),
    ("any", "At least one of these conditions holds."),
    (
        "any_given",
        "At least one holds of those that the user gave tables and columns for: for evidence that may come from several places.",
    ),
    ("not", "This condition does not hold."),
    ("some", "The table has at least one row for the entry (for which `where` holds)."),
    (
        "every",
        "Each row that the table has for the entry is one for which `where` holds; true where there is none.",
    ),
    ("no", "The table has no row for the entry (for which `where` holds)."),
    (
        "count",
        "How many rows the table has for the entry (for which `where` holds); a number test stands beside it.",
    ),
    ("where", "Which rows: a condition in which a bare name is a column of the row being looked at."),
];

/// A word of a test.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// The types it goes with.
    pub on: &'static [Type],
    /// What stands beside it.
    pub takes: Takes,
    /// What it means.
    pub meaning: &'static str,
}

/// What stands beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One value.
    Value,
    /// A list of values, the name of a code list or selection, or an `account` list.
    List,
    /// One value or a list.
    ValueOrList,
    /// Two values.
    Two,
    /// `yes` or `no`.
    YesNo,
    /// A regular expression.
    Pattern,
    /// A type's name, `yes` or `no`.
    Kind,
    /// `file` or `run`.
    Within,
    /// Dollars or a percentage.
    Tolerance,
}

use Type::{Choice, Date, EntryNumber, Hts, ImporterNumber, Integer, Money, Text, YesNo};

const ALL: &[Type] = &[Text, Choice, EntryNumber, ImporterNumber, Hts, Date, Money, Integer, YesNo];
const NUMBERS: &[Type] = &[Money, Integer];
const DATES: &[Type] = &[Date];

/// All words of tests.
pub const WORDS: [Word; 23] = [
    Word {
        name: "is",
        on: ALL,
        takes: Takes::Value,
        meaning: "Equal; importer numbers compare their nine digits, an HTS heading matches every number that begins with its digits.",
    },
    Word { name: "is_not", on: ALL, takes: Takes::Value, meaning: "Not equal." },
    Word {
        name: "in",
        on: ALL,
        takes: Takes::List,
        meaning: "One of a list, a code list, a selection or an `account` list.",
    },
    Word {
        name: "not_in",
        on: ALL,
        takes: Takes::List,
        meaning: "None of a list, a code list, a selection or an `account` list.",
    },
    Word {
        name: "exactly",
        on: &[ImporterNumber],
        takes: Takes::ValueOrList,
        meaning: "Equal with the suffix.",
    },
    Word {
        name: "matches",
        on: &[Text, Choice, Hts, EntryNumber],
        takes: Takes::Pattern,
        meaning: "The text as written matches this regular expression, anywhere.",
    },
    Word {
        name: "starts_with",
        on: &[Text, Choice, Hts, EntryNumber],
        takes: Takes::ValueOrList,
        meaning: "The text begins with this, or with one of these.",
    },
    Word { name: "above", on: NUMBERS, takes: Takes::Value, meaning: "Greater." },
    Word { name: "at_least", on: NUMBERS, takes: Takes::Value, meaning: "Greater or equal." },
    Word { name: "below", on: NUMBERS, takes: Takes::Value, meaning: "Less." },
    Word { name: "at_most", on: NUMBERS, takes: Takes::Value, meaning: "Less or equal." },
    Word { name: "before", on: DATES, takes: Takes::Value, meaning: "Earlier." },
    Word { name: "after", on: DATES, takes: Takes::Value, meaning: "Later." },
    Word { name: "on_or_before", on: DATES, takes: Takes::Value, meaning: "On that day or earlier." },
    Word { name: "on_or_after", on: DATES, takes: Takes::Value, meaning: "On that day or later." },
    Word {
        name: "between",
        on: &[Date, Money, Integer],
        takes: Takes::Two,
        meaning: "From the first to the second, both included.",
    },
    Word {
        name: "near",
        on: &[Money],
        takes: Takes::Value,
        meaning: "Differs by at most the `tolerance` beside it.",
    },
    Word {
        name: "tolerance",
        on: &[Money],
        takes: Takes::Tolerance,
        meaning: "How much `near` may differ: dollars, or `2 %` of the value.",
    },
    Word { name: "valid", on: ALL, takes: Takes::Kind, meaning: "The text can be read as that type." },
    Word { name: "present", on: ALL, takes: Takes::YesNo, meaning: "Not blank (`yes`), or blank (`no`)." },
    Word {
        name: "unique",
        on: &[EntryNumber],
        takes: Takes::Within,
        meaning: "The first of its kind: in its file, or in all files of the run.",
    },
    Word { name: "consistent", on: ALL, takes: Takes::YesNo, meaning: "All rows of the entry agree." },
    Word {
        name: "readable",
        on: ALL,
        takes: Takes::YesNo,
        meaning: "No cell that its type cannot read, and no text without a choice.",
    },
];

/// The functions of operands, with their arguments.
pub const FUNCTIONS: [(&str, &str); 21] = [
    ("age", "age(DATE)"),
    ("open_until", "open_until(DATE)"),
    ("earliest", "earliest(COLUMN) or earliest(DATE, DATE, …)"),
    ("latest", "latest(COLUMN) or latest(DATE, DATE, …)"),
    ("total", "total(TABLE.COLUMN)"),
    ("line_total", "line_total(COLUMN)"),
    ("filer_code", "filer_code(ENTRY)"),
    ("distinct", "distinct(row.COLUMN)"),
    ("monthly_statement_due", "monthly_statement_due(DATE)"),
    ("lookup", "lookup(LIST.COLUMN, CODE)"),
    ("rate_on", "rate_on(LIST, HTS, DATE)"),
    ("percent", "percent(RATE, MONEY)"),
    ("exported", "exported(TABLE)"),
    ("preamble_rows", "preamble_rows(TABLE)"),
    ("unkeyed_rows", "unkeyed_rows(TABLE)"),
    ("repeated_rows", "repeated_rows(TABLE)"),
    ("conflicting_columns", "conflicting_columns(TABLE)"),
    ("read_otherwise", "read_otherwise(TABLE)"),
    ("nearest", "nearest(TABLE)"),
    ("left_out_entries", "left_out_entries(TABLE)"),
    ("left_out_duty", "left_out_duty(TABLE)"),
];

/// The word of that name.
pub fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// The words that go with a type.
pub fn words_for(kind: Type) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |word| word.on.contains(&kind)).map(|word| word.name)
}
