//! Entry numbers of a declaration that are not in the cell where they belong: in another column of the row,
//! or split over columns (filer code, number, check digit).
//!
//! Nothing is read because of it; the report names where the number is.

use super::encoding::decode;
use super::named::quoted;
use super::value::clean;
use super::{Part, RawRecord};
use crate::entry::{self, EntryNumber, Form, LENGTH};
use crate::importer::ImporterNumber;

/// The first other cell of a record that has an entry number, where the key's cell is blank or means
/// something else: the number and its column. Empty where there is none.
pub(super) fn in_other_column(part: &Part, key: u32, record: RawRecord<'_>) -> String {
    let cells = cells(record);
    let written = cells.get(key as usize).map_or("", String::as_str);
    let digits = written.chars().filter(char::is_ascii_digit).count();
    let reading = entry::read(written);
    let means_another = match reading.form {
        Form::Blank | Form::BadCharacter => true,
        // With most of its digits it is a damaged number, and the other one is of another kind.
        Form::WrongLength | Form::LookAlike => {
            digits + MAX_LOST < LENGTH || written.contains('-') && ImporterNumber::parse(written).is_some()
        }
        Form::Plain
        | Form::Dashes
        | Form::OtherDashes
        | Form::Spaces
        | Form::LowerCase
        | Form::TextGuard
        | Form::Invisible
        | Form::ListMark
        | Form::Number
        | Form::LostZeros
        | Form::Scientific
        | Form::Several
        | Form::TextAround
        | Form::BadFilerCode
        | Form::BadCheckDigit => false,
    };
    if reading.number.is_some() || !means_another {
        return String::new();
    }
    let found = cells.iter().enumerate().find_map(|(at, text)| {
        let number = entry::read(text).number.filter(|_| at != key as usize)?;
        Some((at, number))
    });
    found.map_or(String::new(), |(at, number)| format!("{number} in column {}", column(part, at)))
}

/// The number that the key's cell makes together with cells beside it, and their columns. Empty where they
/// make none.
pub(super) fn split(part: &Part, key: u32, record: RawRecord<'_>) -> String {
    let cells = cells(record);
    let key = key as usize;
    if cells.get(key).is_none_or(|text| text.is_empty() || entry::read(text).number.is_some()) {
        return String::new();
    }
    let filer = part.header.fields.iter().position(|(text, _)| text.to_lowercase().contains("filer"));
    let ways = [
        vec![Some(key), Some(key + 1), Some(key + 2)],
        vec![Some(key), Some(key + 1)],
        vec![key.checked_sub(1), Some(key), Some(key + 1)],
        vec![key.checked_sub(1), Some(key)],
        vec![filer, Some(key), Some(key + 1)],
        vec![filer, Some(key)],
    ];
    let made = ways.into_iter().find_map(|way| {
        let way: Vec<usize> = way.into_iter().collect::<Option<_>>()?;
        let texts: Vec<&str> =
            way.iter().map(|at| cells.get(*at).map(String::as_str)).collect::<Option<_>>()?;
        Some((joined(&texts)?, way))
    });
    made.map_or(String::new(), |(number, way)| {
        let columns: Vec<String> = way.into_iter().map(|at| column(part, at)).collect();
        format!("{number} ({})", columns.join(", "))
    })
}

/// How many leading zeros a spreadsheet may have taken from the parts of a number.
const MAX_LOST: usize = 3;

/// The entry number of which these are the filer code, the 7 digits and the check digit, the last two of them
/// in one cell or in two. Leading zeros may be lost.
fn joined(texts: &[&str]) -> Option<EntryNumber> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| !entry::is_dash(*c) && !entry::is_space(*c))
            .collect::<String>()
            .to_uppercase()
    };
    let (filer, digits, check) = match texts {
        [filer, digits] => (plain(filer), plain(digits), String::new()),
        [filer, digits, check] => (plain(filer), plain(digits), plain(check)),
        _ => return None,
    };
    let is_digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    let is_code = (1..=3).contains(&filer.len()) && (filer.len() == 3 || is_digits(&filer));
    // A check digit is one digit; any text may be in its cell.
    let wanted = (LENGTH - 3).checked_sub(check.len())?;
    let fits = !digits.is_empty()
        && digits.len() <= wanted
        && is_digits(&digits)
        && is_digits(&check)
        && (texts.len() == 2 || check.len() == 1)
        && filer.len() + digits.len() + check.len() + MAX_LOST >= LENGTH;
    if !is_code || !fits {
        return None;
    }
    EntryNumber::from_plain(format!("{filer:0>3}{digits:0>wanted$}{check}").as_bytes())
}

fn cells(record: RawRecord<'_>) -> Vec<String> {
    let values = record.fields().map(|field| decode(&record.value(&field)).into_owned());
    values.map(|text| clean(&text).to_owned()).collect()
}

/// What a column is called: by its header, or by its number.
fn column(part: &Part, at: usize) -> String {
    let named = part.header.fields.get(at).filter(|(text, _)| !clean(text).is_empty());
    named.map_or_else(|| (at + 1).to_string(), |(text, _)| quoted(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_number_make_one_only_if_the_check_digit_matches() {
        for (texts, expected) in [
            (&["ABC", "1234567", "6"][..], Some("ABC12345676")),
            (&["abc", "1234567", "6"], Some("ABC12345676")),
            (&["ABC", "12345676"], Some("ABC12345676")),
            (&["ABC", "1234567-6"], Some("ABC12345676")),
            (&["ABC-", "-1234567-", "6"], Some("ABC12345676")),
            // 002-6110316-2 after a spreadsheet.
            (&["2", "6110316", "2"], Some("00261103162")),
            (&["2", "61103162"], Some("00261103162")),
            (&["ABC", "1234567", "5"], None),
            (&["ABC", "1234567"], None),
            (&["AB", "1234567", "6"], None),
            (&["1", "2", "3"], None),
            (&["ABC", "12345676", "6"], None),
            (&["ABC", "1234567", "liquidated"], None),
            (&["", "1234567", "6"], None),
        ] {
            assert_eq!(
                joined(texts).map(|number| number.as_str().to_owned()).as_deref(),
                expected,
                "{texts:?}"
            );
        }
    }
}
