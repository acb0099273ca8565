//! Errors in tables, code lists and selections.

use super::{ConditionCode, NotALiteral, RuleFileCode};
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::Type;
use crate::yaml::errors::{YamlCode, missing_key, unknown};

codes! {
    /// Kinds of errors in declarations of tables and code lists.
    enum SchemaCode:
    Rules {
        BadCodeList "bad-code-list"
            "A code list cannot be read."
            "Correct the CSV file."
        DuplicateCodeList "duplicate-code-list"
            "A code list is declared twice."
            "Rename it, or write `extends: yes`."
        DuplicateHeader "duplicate-header"
            "A header belongs to two columns of a table."
            "Remove it from one."
        DuplicateTable "duplicate-table"
            "A table is declared twice."
            "Rename it, or write `extends: yes`."
        MissingFile "missing-file"
            "A file that a rule file names does not exist."
            "Write its path relative to the folder of the rule file."
        UnknownWord "unknown-word"
            "A word is not one of those that are allowed here."
            "Use one of those that are listed."
    }
}

/// A list in a declaration that has no items.
pub fn empty_list(key: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, format!("`{key}` is empty"))
        .at(place, "")
        .help("list at least one, or remove the key")
}

/// A table with the name of something that rules look at anyway.
pub fn reserved_table(name: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::BadName, format!("`{name}` cannot be the name of a table"))
        .at(place, "")
        .help("choose another name")
}

/// A table is declared again; capelint itself may have declared it, which has no place.
pub fn duplicate_table(name: &str, again: Place, first: Option<Place>) -> Diagnostic {
    let message = format!("table `{name}` exists already");
    again_and_first(SchemaCode::DuplicateTable, message, again, first)
        .help("write `extends: yes` to add to it")
}

/// A code list is declared again.
pub fn duplicate_code_list(name: &str, again: Place, first: Place) -> Diagnostic {
    let message = format!("code list `{name}` exists already");
    again_and_first(SchemaCode::DuplicateCodeList, message, again, Some(first))
        .help("write `extends: yes` to add to it")
}

/// A selection has the name of another or, without a place, of a code list.
pub fn duplicate_selection(name: &str, again: Place, first: Option<Place>) -> Diagnostic {
    let message = format!("`{name}` exists already");
    again_and_first(SchemaCode::DuplicateCodeList, message, again, first).help("choose another name")
}

fn again_and_first(code: SchemaCode, message: String, again: Place, first: Option<Place>) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, message).at(again, "again here");
    match first {
        Some(first) => diagnostic.at(first, "first here"),
        None => diagnostic,
    }
}

/// The key of a table is not the entry number.
pub fn key_is_no_entry_number(column: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("the key `{column}` is not of type `entry_number`"))
        .at(place, "")
        .help("rows are joined by entry number: name the column that has it")
}

/// A column of the declaration has the name of something that capelint itself fills in.
pub fn column_is_a_fact(column: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::BadName,
        format!("`row.{column}` is a column that capelint itself fills in"),
    )
    .at(place, "")
    .help("choose another name")
}

/// A column gets another type than it has.
pub fn column_of_another_type(column: &str, known: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("column `{column}` is of type `{}`", known.name()))
        .at(place, "another type here")
        .help("leave `type` out, or give the column another name")
}

/// A header is given twice.
pub fn duplicate_header(header: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(
        SchemaCode::DuplicateHeader,
        format!("duplicate header `{}` in a table", Outside::new(header).brief()),
    )
    .at(again, "again here")
    .at(first, "first here")
    .help("a header names one column; upper and lower case, `_` and space are the same")
}

/// `pad` of a column whose cells are not filled up.
pub fn padded_type(kind: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("`pad` does not apply to type `{}`", kind.name()))
        .at(place, "")
        .help("`pad` fills `text`, `choice` and `hts` up to 1 to 32 characters")
}

/// `choices` of a column that is none of them.
pub fn choices_of_another_type(kind: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("`choices` does not apply to type `{}`", kind.name()))
        .at(place, "")
        .help("only `type: choice` has choices")
}

/// A text that cannot name a choice.
pub fn bad_choice_name(name: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::BadName,
        format!("`{}` cannot be the name of a choice", Outside::new(name).brief()),
    )
    .at(place, "")
    .help("a name is made of lower-case letters, digits and `_`")
}

/// A choice that no text of a cell means.
pub fn choice_without_text(name: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, format!("choice `{name}` without a text"))
        .at(place, "")
        .help("list the texts that mean it")
}

/// The one text of a choice is its name, mistyped.
pub fn text_near_its_choice(text: &str, place: Place, name: Place) -> Diagnostic {
    Diagnostic::new(
        ConditionCode::NearMiss,
        format!("`{}` is nearly the name of its choice", Outside::new(text).brief()),
    )
    .at(place, "")
    .at(name, "which is one of its texts by itself")
    .help("correct one of them, or list the other texts that mean it, too")
}

/// What a blank cell means is nearly one of the two words for it.
pub fn near_blank_word<'a>(
    given: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(SchemaCode::UnknownWord, "word", given, place, known)
        .help("if it is the value that is meant, put it in quotes")
}

/// The choice that a blank cell shall mean is not the one that its text means.
pub fn choice_means_another(text: &str, means: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::UnknownChoice, format!("the text `{text}` means the choice `{means}` here"))
        .at(place, "")
        .help("put the choice that is meant before the other, or change the other's texts")
}

/// A code list without codes.
pub fn list_without_codes(place: Place) -> Diagnostic {
    missing_key("file", place).help("or `list:`, or `rows:`")
}

/// A code list that has its codes in several ways.
pub fn list_in_several_ways(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "more than one of `file`, `list` and `rows`")
        .at(place, "")
        .help("keep one of them")
}

/// A column of a code list that is a choice.
pub fn choice_in_a_list(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, "code lists have no choices")
        .at(place, "")
        .help("leave the type out: it is text")
}

/// A column of a code list that is most likely another one.
pub fn near_column(name: &str, near: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        ConditionCode::NearMiss,
        format!("column `{}` is nearly `{near}`", Outside::new(name).brief()),
    )
    .at(place, "")
    .help("give both the same name, or names that cannot be confused")
}

/// The file of a code list cannot be read.
pub fn unreadable_list_file(name: &str, reason: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        SchemaCode::MissingFile,
        format!("cannot read `{}`: {reason}", Outside::new(name).brief()),
    )
    .at(place, "")
    .help("write the path relative to the folder of this rule file")
}

/// The file of a code list does not have a column that the list declares.
pub fn column_not_in_file<'a>(
    name: &str,
    place: Place,
    header: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    super::unknown_column(name, place, known).at(header, "the columns of the file")
}

/// The file of a code list is not CSV.
pub fn list_is_no_csv(error: &csv::Error, place: Place) -> Diagnostic {
    Diagnostic::new(SchemaCode::BadCodeList, format!("not CSV: {error}")).at(place, "")
}

/// A row of a code list's file has more fields than there are headers, or fewer.
pub fn fields_without_headers(fields: usize, headers: usize, place: Place) -> Diagnostic {
    Diagnostic::new(SchemaCode::BadCodeList, format!("{fields} cells under {headers} headers")).at(place, "")
}

/// A row of a code list without its code.
pub fn row_without_code(column: &str, place: Place) -> Diagnostic {
    Diagnostic::new(SchemaCode::BadCodeList, format!("a row without `{column}`"))
        .at(place, "")
        .help("each row has a code")
}

/// A cell of a code list that its column cannot have.
pub fn bad_list_cell(error: NotALiteral<'_>, column: &str, place: Place) -> Diagnostic {
    super::unread_literal(&error, place, format!("column `{column}`"))
}

/// A selection that no row of its list fits.
pub fn selection_without_codes(name: &str, list: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, format!("selection `{name}` has no code"))
        .at(place, "")
        .help(format!("its `where` is true for no row of `{list}`"))
}

/// The `where` of a selection is not a mapping.
pub fn not_a_selection(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, "expected a mapping of columns to tests").at(place, "")
}

/// No word of a selection's `where` has the name.
pub fn unknown_selection_test<'a>(
    word: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(ConditionCode::UnknownTest, "test in a selection", word, place, known)
}
