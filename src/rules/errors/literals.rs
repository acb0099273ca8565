//! Errors in values that are written out: dates, amounts, numbers, codes and the account.

use super::super::compile::NotALiteral;
use super::super::operand;
use crate::diagnostic::{Code, Diagnostic};
use crate::importer::ImporterNumber;
use crate::outside::brief;
use crate::source::Place;
use crate::table::schema::Type;

/// A text that is not a value of its type.
pub fn not_a_literal(error: &NotALiteral<'_>, place: Place) -> Diagnostic {
    unread_literal(error).at(place, "")
}

/// The same, without its place.
pub(super) fn unread_literal(error: &NotALiteral<'_>) -> Diagnostic {
    let text = error.text;
    let not = |code, what: &str| Diagnostic::new(code, format!("`{}` is not {what}", brief(text)));
    match error.kind {
        Type::Date => not(Code::BadDate, "a date").help(if operand::is_date_shaped(text) {
            "the calendar has no such day; a date is year, month, day"
        } else {
            "dates in rules are written as 2026-11-22"
        }),
        Type::Money => not(Code::BadNumber, "an amount").help("amounts in rules are written as 1234.56"),
        Type::Integer => not(Code::BadNumber, "a whole number"),
        Type::YesNo => not(Code::BadYesNo, "`yes` or `no`"),
        Type::EntryNumber => not(Code::BadEntryNumber, "an entry number with its check digit"),
        // Not quoted: what is mistyped here may be a social security number.
        Type::ImporterNumber => Diagnostic::new(Code::BadImporterNumber, "not an importer number")
            .help("such as 12-3456789 or 12-3456789AB"),
        Type::Hts => not(Code::BadHts, "an HTS number or heading")
            .help("4, 6, 8 or 10 digits of Chapters 01 to 99, with or without dots, such as 9903.01.25; a leading zero counts"),
        // Every text is one, and a choice is looked up by the column that has it.
        Type::Text | Type::Choice => not(Code::WrongKind, "a text"),
    }
}

/// A client that is not known by any number.
pub fn client_without_numbers(place: Place) -> Diagnostic {
    Diagnostic::new(Code::EmptyList, "a client without importer numbers")
        .at(place, "")
        .help("list its importer numbers")
}

/// Two clients of one name.
pub fn duplicate_client(name: &str, place: Place) -> Diagnostic {
    client_twice(format!("client `{}` twice", brief(name)), place)
}

/// An importer number of two clients.
pub fn number_of_two_clients(number: &ImporterNumber, first: &str, second: &str, place: Place) -> Diagnostic {
    let (first, second) = (brief(first), brief(second));
    client_twice(format!("{number} is a number of `{first}` and of `{second}`"), place)
}

fn client_twice(message: String, place: Place) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, message)
        .at(place, "")
        .help("an importer number belongs to one client, and each client has a name of its own")
}

/// A text that is not a filer code.
pub fn bad_filer_code(code: &str, place: Place) -> Diagnostic {
    Diagnostic::new(Code::BadFilerCode, format!("`{}` is not a filer code", brief(code)))
        .at(place, "")
        .help("3 letters or digits, not 000; quote digits: \"002\"")
}
