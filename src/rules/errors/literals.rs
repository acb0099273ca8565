//! Errors in values that are written out: dates, amounts, numbers, codes and the account.

use super::super::operand;
use super::RuleFileCode;
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::importer::ImporterNumber;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::Type;
use crate::yaml::errors::YamlCode;

codes! {
    /// Kinds of errors in values that are written out.
    enum LiteralCode:
    Rules {
        BadDate "bad-date"
            "A text is not a date."
            "Write it as 2026-11-22."
        BadEntryNumber "bad-entry-number"
            "A text is not an entry number, or not a pattern of one."
            "Write 11 letters and digits with a right check digit; a pattern has `*`."
        BadFilerCode "bad-filer-code"
            "A text is not a filer code."
            "Write its 3 letters and digits."
        BadHts "bad-hts"
            "A text is not an HTS number or heading."
            "Write 2 to 10 digits, with or without dots."
        BadImporterNumber "bad-importer-number"
            "A text is not an importer number."
            "Write it as NN-NNNNNNNXX, NNN-NN-NNNN or YYDDPP-NNNNN."
        BadNumber "bad-number"
            "A text is not a number."
            "Write digits."
        BadYesNo "bad-yes-no"
            "A text is neither yes nor no."
            "Write `yes` or `no`."
    }
}

/// A text that is not a value of a type.
#[derive(Clone, Copy, Debug)]
pub struct NotALiteral<'t> {
    /// The type.
    pub kind: Type,
    /// The text.
    pub text: &'t str,
}

/// A text that is not a value of its type.
pub fn not_a_literal(error: &NotALiteral<'_>, place: Place) -> Diagnostic {
    unread_literal(error, place, "")
}

/// The same, with a text at its place.
pub(super) fn unread_literal(error: &NotALiteral<'_>, place: Place, text: impl Into<String>) -> Diagnostic {
    let diagnostic = worded(error);
    match error.kind {
        // A number that is none may be a person's.
        Type::ImporterNumber => diagnostic.at_a_persons(place, text),
        _ => diagnostic.at(place, text),
    }
}

/// The same, without its place.
fn worded(error: &NotALiteral<'_>) -> Diagnostic {
    let text = error.text;
    let not = |code: LiteralCode, what: &str| Diagnostic::new(code, not_what(text, what));
    match error.kind {
        Type::Date => not(LiteralCode::BadDate, "a date").help(if operand::is_date_shaped(text) {
            "the calendar has no such day; a date is year, month, day"
        } else {
            "dates in rules are written as 2026-11-22"
        }),
        Type::Money => not(LiteralCode::BadNumber, "an amount").help("amounts in rules are written as 1234.56"),
        Type::Integer => not(LiteralCode::BadNumber, "a whole number"),
        Type::YesNo => not(LiteralCode::BadYesNo, "`yes` or `no`"),
        Type::EntryNumber => not(LiteralCode::BadEntryNumber, "an entry number with its check digit"),
        // Not quoted: what is mistyped here may be a social security number.
        Type::ImporterNumber => Diagnostic::new(LiteralCode::BadImporterNumber, "not an importer number")
            .help("such as 12-3456789 or 12-3456789AB"),
        Type::Hts => not(LiteralCode::BadHts, "an HTS number or heading")
            .help("4, 6, 8 or 10 digits of Chapters 01 to 99, with or without dots, such as 9903.01.25; a leading zero counts"),
        // Every text is one, and a choice is looked up by the column that has it.
        Type::Text | Type::Choice => Diagnostic::new(YamlCode::WrongKind, not_what(text, "a text")),
    }
}

fn not_what(text: &str, what: &str) -> String {
    format!("`{}` is not {what}", Outside::new(text).brief())
}

/// Neither `yes` nor `no`.
pub fn not_yes_or_no(given: &str, place: Place) -> Diagnostic {
    Diagnostic::new(LiteralCode::BadYesNo, format!("`{}` is not `yes` or `no`", Outside::new(given).brief()))
        .at(place, "")
}

/// A text that is not a number.
pub fn not_a_number(given: &str, place: Place) -> Diagnostic {
    Diagnostic::new(LiteralCode::BadNumber, format!("`{}` is not a number", Outside::new(given).brief()))
        .at(place, "")
}

/// A client that is not known by any number.
pub fn client_without_numbers(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, "a client without importer numbers")
        .at(place, "")
        .help("list its importer numbers")
}

/// Two clients of one name.
pub fn duplicate_client(name: &str, place: Place) -> Diagnostic {
    client_twice(format!("client `{}` twice", Outside::new(name).brief()), place)
}

/// An importer number of two clients.
pub fn number_of_two_clients(number: &ImporterNumber, first: &str, second: &str, place: Place) -> Diagnostic {
    let (first, second) = (Outside::new(first).brief(), Outside::new(second).brief());
    client_twice(format!("{number} is a number of `{first}` and of `{second}`"), place)
}

fn client_twice(message: String, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::DuplicateName, message)
        .at(place, "")
        .help("give each client a name of its own (letter case and spaces do not count), and list each importer number under one client")
}

/// A text that is not a filer code.
pub fn bad_filer_code(code: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        LiteralCode::BadFilerCode,
        format!("`{}` is not a filer code", Outside::new(code).brief()),
    )
    .at(place, "")
    .help("3 letters or digits, not 000; quote digits: \"002\"")
}
