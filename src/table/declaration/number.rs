//! The entry number of a row: what it is, how it is written, and what is beside it.

use crate::entry::{self, EntryNumber, Form};
use crate::table::encoding;
use crate::table::named::listed;
use crate::table::schema::Schema;
use crate::table::value::clean;
use crate::table::{Part, RawRecord};

/// Reads a field's value as an entry number; nearly all are in normal form.
pub(in crate::table) fn read_number(value: &[u8]) -> entry::Reading {
    match EntryNumber::from_plain(value) {
        Some(number) => entry::Reading { form: Form::Plain, number: Some(number) },
        None => entry::read(&encoding::decode(value)),
    }
}

/// How the entry number of a record is written.
pub fn entry_form(schema: &Schema, part: &Part, record: RawRecord<'_>) -> Form {
    let field = schema.key.and_then(|key| part.fields[key]);
    field
        .and_then(|field| record.value_at(field as usize))
        .map_or(Form::Blank, |value| read_number(&value).form)
}

/// The entry numbers in the cell of a row whose number needs a word, and what is beside them: other
/// text, the names of characters that do not show.
pub(super) fn described(schema: &Schema, part: &Part, record: RawRecord<'_>) -> (String, String) {
    let field = schema.key.and_then(|key| part.fields[key]);
    let Some(value) = field.and_then(|field| record.value_at(field as usize)) else {
        return Default::default();
    };
    if EntryNumber::from_plain(&value).is_some() {
        return Default::default();
    }
    let text = encoding::decode(&value);
    match entry::read(&text).form {
        Form::Invisible => (String::new(), entry::invisible_names(&text)),
        Form::ListMark | Form::TextAround | Form::Several => {
            let within = entry::within(&text);
            let numbers: Vec<String> = within.numbers.iter().map(ToString::to_string).collect();
            (listed(numbers), within.beside())
        }
        Form::Plain
        | Form::Dashes
        | Form::OtherDashes
        | Form::Spaces
        | Form::LowerCase
        | Form::TextGuard
        | Form::Number
        | Form::LostZeros
        | Form::Scientific
        | Form::WrongLength
        | Form::BadCharacter
        | Form::LookAlike
        | Form::BadFilerCode
        | Form::BadCheckDigit
        | Form::Blank => Default::default(),
    }
}

/// What is in the cell of a record's entry number, without what is around it.
pub fn written_number(schema: &Schema, part: &Part, record: RawRecord<'_>) -> String {
    let field = schema.key.and_then(|key| part.fields[key]);
    let value = field.and_then(|field| record.value_at(field as usize)).unwrap_or_default();
    clean(&encoding::decode(&value)).to_owned()
}
