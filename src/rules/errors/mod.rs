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

use crate::diagnostic::{Code, Diagnostic};
use crate::outside::brief;
use crate::source::Place;
use crate::yaml::errors::{unknown, unknown_of};

/// What to do with a text that was taken for an operand.
const QUOTE_IT: &str = "put quotes around a text that is meant literally";

/// No table has the name.
pub fn unknown_table<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(Code::UnknownTable, "table", name, place, known)
}

/// No column of the table has the name.
pub fn unknown_column_of<'a>(
    table: &str,
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown_of(Code::UnknownColumn, "column", &format!("`{table}`"), name, place, known)
}

/// No code list has the name.
pub fn unknown_code_list<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(Code::UnknownCodeList, "code list", name, place, known)
}

/// The column has no such choice.
pub fn unknown_choice<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(Code::UnknownChoice, "choice", name, place, known)
}

/// A word that takes one of a few values has another.
pub fn unknown_value<'a>(given: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(Code::UnknownValue, "value", given, place, known)
}

/// A table is asked for the lines that it does not have.
pub fn table_without_line(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(Code::WrongArguments, format!("table `{table}` does not declare `line`"))
        .at(place, "")
        .help("declare it with `line: COLUMN`")
}

/// Something else than a list or a mapping is needed.
pub fn not_a_text(place: Place) -> Diagnostic {
    Diagnostic::new(Code::WrongKind, "expected a text").at(place, "")
}

/// Neither `yes` nor `no`.
pub fn not_yes_or_no(given: &str, place: Place) -> Diagnostic {
    Diagnostic::new(Code::BadYesNo, format!("`{}` is not `yes` or `no`", brief(given))).at(place, "")
}

/// A text that is not a number.
pub fn not_a_number(given: &str, place: Place) -> Diagnostic {
    Diagnostic::new(Code::BadNumber, format!("`{}` is not a number", brief(given))).at(place, "")
}

/// A list of values to compare with that has none.
pub fn no_values(place: Place) -> Diagnostic {
    Diagnostic::new(Code::EmptyList, "an empty list")
        .at(place, "")
        .help("list at least one value; nothing matches an empty list")
}
