//! The wording of what is wrong in a rule file: one function for each error, named by what is wrong.
//!
//! The compiler finds an error; the wording is here: its code, its message, the labels at its places and what
//! to do. A function takes what was found (names, types, places) and decides only the wording, so that no
//! logic depends on a text. Errors with the same wording share a function. What is wrong in the YAML itself is
//! worded in [`crate::yaml::errors`].

mod conditions;
mod literals;
mod messages;
mod operands;
mod rule_tests;
mod rules;
mod tables;

pub use conditions::*;
pub use literals::*;
pub use messages::*;
pub use operands::*;
pub use rule_tests::*;
pub use rules::*;
pub use tables::*;

pub use crate::yaml::errors::missing_key;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::yaml::errors::{YamlCode, unknown, unknown_of};

codes! {
    /// Kinds of errors that several parts of a rule file can have.
    enum RuleFileCode:
    Rules {
        BadName "bad-name"
            "A text cannot be a name."
            "Use lower-case letters, digits and underscores (in rule ids, hyphens)."
        ConflictingKeys "conflicting-keys"
            "Two keys exclude each other."
            "Remove one of them."
        DuplicateName "duplicate-name"
            "Two declarations have the same name."
            "Rename one of them."
        EmptyList "empty-list"
            "A list has nothing in it."
            "List at least one value."
        FileScope "file-scope"
            "A rule on whole files reads something that only an entry or a row has."
            "Use `each: entry`, or a function that looks at whole files."
        UnknownChoice "unknown-choice"
            "A column has no choice of that name."
            "Use one of those that are listed."
        UnknownCodeList "unknown-code-list"
            "There is no code list or selection of that name."
            "Correct the name, or declare it under `codes`."
        UnknownColumn "unknown-column"
            "The table has no column of that name."
            "Correct the name, or declare the column."
        UnknownTable "unknown-table"
            "No table has this name."
            "Correct the name, or declare the table."
        WrongArguments "wrong-arguments"
            "A function or list has too many, too few or wrong arguments."
            "Write them as in the rule language reference."
        WrongTest "wrong-test"
            "A test word does not apply to the type of the value that it tests."
            "Use a word that applies to the type."
        WrongType "wrong-type"
            "Two values of different types are compared."
            "Compare values of one type."
    }
}

/// What to do with a text that was taken for an operand.
const QUOTE_IT: &str = "put quotes around a text that is meant literally";

/// No table has the name.
pub fn unknown_table<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(RuleFileCode::UnknownTable, "table", name, place, known)
}

/// No column of the table has the name.
pub fn unknown_column_of<'a>(
    table: &str,
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown_of(RuleFileCode::UnknownColumn, "column", &format!("`{table}`"), name, place, known)
}

/// No code list has the name.
pub fn unknown_code_list<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(RuleFileCode::UnknownCodeList, "code list", name, place, known)
}

/// The column has no such choice.
pub fn unknown_choice<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(RuleFileCode::UnknownChoice, "choice", name, place, known)
}

/// A word that takes one of a few values has another.
pub fn unknown_value<'a>(given: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(YamlCode::UnknownValue, "value", given, place, known)
}

/// A table is asked for the lines that it does not have.
pub fn table_without_line(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, format!("table `{table}` does not declare `line`"))
        .at(place, "")
        .help("declare it with `line: COLUMN`")
}

/// Something else than a list or a mapping is needed.
pub fn not_a_text(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, "expected a text").at(place, "")
}

/// A list of values to compare with that has none.
pub fn no_values(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, "an empty list")
        .at(place, "")
        .help("list at least one value; nothing matches an empty list")
}
