//! Literals: what a text of a rule file means for a type.
//!
//! Rule files write values one way only (`2026-11-22`, `1234.56`), unlike exports, whose many ways
//! [`crate::table`] reads.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::errors::{self, NotALiteral};
use super::super::operand;
use super::super::syntax;
use crate::account::{Account, Client};
use crate::entry::EntryNumber;
use crate::importer::ImporterNumber;
use crate::source::Place;
use crate::table::schema::Type;
use crate::table::value::{HtsNumber, Value};
use crate::yaml::decode::{Lazy, OneOrMany, Scalar};
use crate::yaml::{Diagnostics, Tree};

/// Fewest digits of an HTS number or heading.
const SHORTEST_HEADING: usize = 4;

/// Reads a literal; choices are the caller's, because their columns know them.
///
/// # Errors
/// Where the text is not a value of the type.
pub fn read(kind: Type, text: &str) -> Result<Value, NotALiteral<'_>> {
    let text = text.trim();
    let value = match kind {
        Type::Text | Type::Choice => Some(Value::Text(text.into())),
        Type::Date => operand::date(text).map(Value::Date),
        Type::Money => decimal(text).map(Value::Money),
        Type::Integer => text.parse().ok().map(Value::Integer),
        Type::YesNo => match text {
            "yes" => Some(Value::YesNo(true)),
            "no" => Some(Value::YesNo(false)),
            _ => None,
        },
        Type::EntryNumber => EntryNumber::parse(text).map(Value::Entry),
        Type::ImporterNumber => ImporterNumber::parse(text).map(Value::Importer),
        Type::Hts => heading(text).map(Value::Hts),
    };
    value.ok_or(NotALiteral { kind, text })
}

/// Codes that were written as one text (`CN, HK`, `CN or HK`), as a list.
pub fn codes_in_one(text: &str) -> Option<String> {
    let codes: Vec<&str> = text.split([',', '/', '|', ' ']).filter(|part| !part.is_empty()).collect();
    let codes: Vec<&str> = codes.into_iter().filter(|part| !matches!(*part, "or" | "and")).collect();
    let is_code =
        |part: &&str| part.len() <= 4 && part.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    (codes.len() > 1 && codes.iter().all(is_code)).then(|| format!("[{}]", codes.join(", ")))
}

/// A decimal number as rules write it.
pub fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.bytes().all(|c| c.is_ascii_digit() || c == b'.')
        && digits.starts_with(|c: char| c.is_ascii_digit());
    if plain { Decimal::from_str(text).ok() } else { None }
}

/// An HTS number or heading.
pub fn heading(text: &str) -> Option<HtsNumber> {
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    // A digit that is missing makes another number of what is left; there is no Chapter 00.
    let is_whole =
        digits.len() >= SHORTEST_HEADING && digits.len().is_multiple_of(2) && !digits.starts_with("00");
    HtsNumber::heading(&digits).filter(|_| is_whole)
}

/// A value as code lists and [`crate::rules::model::CodeSet`] write it.
pub fn code(value: &Value) -> Box<str> {
    match value {
        Value::Text(text) => text.to_lowercase().into(),
        Value::Choice(index) => index.to_string().into(),
        Value::Entry(number) => number.as_str().into(),
        Value::Importer(number) => number.base().into(),
        Value::Hts(number) => number.as_str().into(),
        Value::Date(date) => date.to_string().into(),
        Value::Money(amount) => amount.normalize().to_string().into(),
        Value::Integer(number) => number.to_string().into(),
        Value::YesNo(yes) => (if *yes { "yes" } else { "no" }).into(),
    }
}

/// A date, or an error at its place.
pub fn date(tree: &Tree, text: &Scalar, diagnostics: &mut Diagnostics) -> Option<NaiveDate> {
    match at(text.place(tree), Type::Date, &text.value, diagnostics)? {
        Value::Date(date) => Some(date),
        _ => None,
    }
}

/// A literal, or an error at its place.
pub fn at(place: Place, kind: Type, text: &str, diagnostics: &mut Diagnostics) -> Option<Value> {
    read(kind, text).map_err(|error| diagnostics.push(errors::not_a_literal(&error, place))).ok()
}

/// The account, as the configuration and the rules' tests describe it.
pub(crate) fn account(
    tree: &Tree,
    syntax: &syntax::WrittenAccount,
    diagnostics: &mut Diagnostics,
) -> Account {
    let role = syntax.role.as_ref().map(|role| role.value);
    let numbers = syntax.importer_numbers.as_ref();
    let importer_numbers = numbers.map(|numbers| importer_numbers(tree, numbers, diagnostics));
    let clients = clients(tree, syntax.clients.as_deref().unwrap_or(&[]), diagnostics);
    let mut codes = |given: &Option<OneOrMany<Scalar>>| {
        given.as_ref().map(|OneOrMany(codes)| {
            codes.iter().filter_map(|code| filer_code(tree, code, diagnostics)).collect::<Vec<_>>()
        })
    };
    let filer_codes = codes(&syntax.filer_codes);
    let courier_filer_codes = codes(&syntax.courier_filer_codes);
    Account { role, importer_numbers, filer_codes, courier_filer_codes, clients }
}

fn importer_numbers(
    tree: &Tree,
    OneOrMany(numbers): &OneOrMany<Scalar>,
    diagnostics: &mut Diagnostics,
) -> Vec<ImporterNumber> {
    let read = |number: &Scalar| match ImporterNumber::parse(&number.value) {
        Some(read) => Some(read),
        None => {
            at(number.place(tree), Type::ImporterNumber, &number.value, diagnostics);
            None
        }
    };
    numbers.iter().filter_map(read).collect()
}

/// The clients of an account. A number of two clients would leave open whose entries are whose.
pub(crate) fn clients(
    tree: &Tree,
    given: &[Lazy<syntax::WrittenClient>],
    diagnostics: &mut Diagnostics,
) -> Vec<Client> {
    let mut clients: Vec<Client> = Vec::new();
    for lazy in given {
        let Some(syntax) = lazy.decode(tree, diagnostics) else { continue };
        let place = syntax.name.as_ref().map_or(tree.head(lazy.node), |name| name.place(tree));
        let (name, numbers) = match (syntax.name, syntax.importer_numbers) {
            (Some(name), Some(numbers)) if !name.value.trim().is_empty() => (name, numbers),
            (name, numbers) => {
                if name.is_none_or(|name| name.value.trim().is_empty()) {
                    diagnostics.push(errors::missing_key("name", place));
                }
                if numbers.is_none() {
                    diagnostics.push(errors::missing_key("importer_numbers", place));
                }
                continue;
            }
        };
        if numbers.0.is_empty() {
            diagnostics.push(errors::client_without_numbers(place));
        }
        // Names that look alike to a person would have to be told apart in every report.
        let looks = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if clients.iter().any(|other| looks(other.name.raw()) == looks(&name.value)) {
            diagnostics.push(errors::duplicate_client(&name.value, place));
        }
        let own = importer_numbers(tree, &numbers, diagnostics);
        for number in &own {
            let is_taken =
                |other: &&Client| other.importer_numbers.iter().any(|one| one.same_importer(number));
            if let Some(other) = clients.iter().find(is_taken) {
                diagnostics.push(errors::number_of_two_clients(number, other.name.raw(), &name.value, place));
            }
        }
        clients.push(Client { name: name.value.into(), importer_numbers: own });
    }
    clients
}

fn filer_code(tree: &Tree, code: &Scalar, diagnostics: &mut Diagnostics) -> Option<String> {
    let good =
        code.value.len() == 3 && code.value.bytes().all(|c| c.is_ascii_alphanumeric()) && code.value != "000";
    if !good {
        diagnostics.push(errors::bad_filer_code(&code.value, code.place(tree)));
    }
    good.then(|| code.value.to_ascii_uppercase())
}
