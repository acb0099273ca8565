//! Errors in the tests of rules: what they state, what they are applied to, and their tables of cases.

use super::super::syntax::NOTHING;
use super::{LiteralCode, RuleFileCode, SchemaCode, missing_key};
use crate::code::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::entry::{self, EntryNumber};
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::{Column, Type};
use crate::yaml::View;
use crate::yaml::errors::{YamlCode, unknown};

codes! {
    /// Kinds of errors in the tests of rules.
    enum RuleTestCode:
    Rules {
        TestOutOfForce "test-out-of-force"
            "A test files on a day on which its rule is not in force."
            "Correct the test's `filing_date`."
    }
    RuleTests {
        SameEntry "same-entry"
            "Two rows of the declaration of a test are for one entry."
            "Declare another entry, or write `same_entry: yes` in the test."
        UndeclaredRow "undeclared-row"
            "A test gives a table a row for an entry that the test does not declare."
            "Take the entry number out of the row, or declare the entry."
        UnreadableCell "unreadable-cell"
            "A cell of a test has a text that its column cannot read, or one that it can read although the test says otherwise."
            "Correct it; where it is meant, write `{ unreadable: TEXT }`."
    }
}

/// The most choices that an error lists.
const MAX_CHOICES: usize = 12;
/// The shortest text that is compared with those of choices: of fewer characters too many are similar.
const SHORTEST_NEAR: usize = 4;

/// Two tests of a rule have one name.
pub fn duplicate_test(name: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::DuplicateName,
        format!("two tests are called \"{}\"", Outside::new(name).brief()),
    )
    .at(again, "again here")
    .at(first, "first here")
    .help("write in each name what the test shows")
}

/// A test of a rule that reads the filing date, without one.
pub fn test_without_filing_date(place: Place) -> Diagnostic {
    missing_key("filing_date", place).help("the rule reads it, or has dates in force")
}

/// What a finding has, in a test that expects none.
pub fn expected_of_no_finding(key: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::ConflictingKeys,
        format!("`{key}` of a test in which the rule is not violated"),
    )
    .at(place, "")
    .help("remove it, or expect `violated`")
}

/// A test expects a result that a rule cannot have on a day on which it is not in force.
pub fn test_out_of_force(filing_date: Place, expect: Place) -> Diagnostic {
    Diagnostic::new(RuleTestCode::TestOutOfForce, "the rule is not in force on this filing date")
        .at(filing_date, "outside `effective`")
        .at(expect, "so this result is not possible")
        .help("change the date, or expect `satisfied`")
}

/// A value is given for a call whose value comes from the rows; `whole` are the functions whose does not.
pub fn not_of_whole_files<'a>(call: &str, whole: impl Iterator<Item = &'a str>, place: Place) -> Diagnostic {
    let names: Vec<String> = whole.map(|function| format!("`{function}`")).collect();
    Diagnostic::new(
        RuleFileCode::WrongArguments,
        format!("`{}` does not read whole files", Outside::new(call).brief()),
    )
    .at(place, "")
    .help(format!("these do: {}; others are computed from the rows of the test", names.join(", ")))
}

/// `findings` that is neither a number nor a list.
pub fn not_findings(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(
        YamlCode::WrongKind,
        format!("expected a number or a list of findings, found {}", found.name()),
    )
    .at(place, "")
    .help("write how many there are, or each in a list: `- { line: 3, message: … }`")
}

/// A text that is not an entry number.
pub fn no_entry_number(text: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        LiteralCode::BadEntryNumber,
        format!("`{}` is not an entry number", Outside::new(text).brief()),
    )
    .at(place, "")
}

/// A label that a test expects is not a column.
pub fn tested_label_is_no_column(label: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::UnknownColumn, format!("`{}` is not a column", Outside::new(label).brief()))
        .at(place, "")
        .help("written `TABLE.COLUMN`")
}

/// A test has a real declaration and what such a file has itself.
pub fn declaration_and(key: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, format!("both `declaration` and `{key}`"))
        .at(place, "")
        .help("the declaration has its own rows and facts")
}

/// A test has one row and several.
pub fn row_and_rows(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "both `row` and `rows`")
        .at(place, "")
        .help("put all rows into `rows`")
}

/// A test has a key that is neither one of tests nor a table.
pub fn unknown_key_or_table<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(YamlCode::UnknownKey, "key or table", name, place, known)
}

/// A cell with nothing after its column.
pub fn cell_without_text(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "a cell without a text")
        .at(place, "")
        .help("write `''` for a blank cell")
}

/// A list or a mapping where a cell's text belongs.
pub fn not_a_cell(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected a cell's text, found {}", found.name()))
        .at(place, "")
}

/// A cell that its column can read, although the test states that it cannot.
pub fn cell_is_readable(column: &Column, text: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleTestCode::UnreadableCell,
        format!("column `{}` can read `{}`", column.name, Outside::new(text).brief()),
    )
    .help("remove `unreadable`, or write another text")
    .at(place, "")
}

/// A cell that its column cannot read.
pub fn cell_is_unreadable(column: &Column, text: &str, place: Place) -> Diagnostic {
    let shown = Outside::new(text).brief();
    let (message, help) = match column.kind {
        Type::EntryNumber => {
            let fault = format!("`{shown}` is not an entry number: {}", entry::read(text).form.fault());
            let right = text.get(..10).and_then(|ten| Some((ten, entry::check_digit(ten.as_bytes())?)));
            let help = match right.filter(|_| text.len() == 11) {
                Some((ten, digit)) => {
                    format!("the right check digit is {}: `{ten}{}`", char::from(digit), char::from(digit))
                }
                None => "write the filer code, 7 digits and the check digit".to_owned(),
            };
            (fault, help)
        }
        Type::Choice => (
            format!("no choice of column `{}` has the text `{shown}`", column.name),
            choice_for(column, text),
        ),
        kind => (
            format!("column `{}` cannot read `{shown}`", column.name),
            format!("write it as {}", example(kind)),
        ),
    };
    Diagnostic::new(RuleTestCode::UnreadableCell, message)
        .help(help)
        .help(format!("where that is meant, write `{{ unreadable: {} }}`", quoted(&shown)))
        .at(place, "")
}

/// What to write instead of a text that no choice has.
fn choice_for(column: &Column, text: &str) -> String {
    let texts = column.choices.iter().flat_map(|choice| &choice.texts).map(|text| text.trim_matches('*'));
    if let Some(near) = nearest(text, texts).filter(|_| text.chars().count() >= SHORTEST_NEAR) {
        return format!("a similar text exists: `{near}`");
    }
    let names: Vec<String> = column.choices.iter().map(|choice| format!("`{}`", choice.name)).collect();
    if names.len() <= MAX_CHOICES {
        format!("the choices are {}", names.join(", "))
    } else {
        "write the name of a choice, or one of its texts".to_owned()
    }
}

/// A text as a value of a mapping on one line.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | '.' | '$' | '(' | ')');
    if text.chars().all(is_plain) && text == text.trim() && !text.starts_with('-') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A text of a type.
fn example(kind: Type) -> &'static str {
    match kind {
        Type::Date => "09/02/2026",
        Type::Money => "1234.56",
        Type::Integer => "12",
        Type::YesNo => "yes or no",
        Type::Hts => "9903.01.25",
        Type::ImporterNumber => "12-3456789",
        Type::EntryNumber => "ABC-1234567-6",
        // Any text is one, or one of those that the column lists.
        Type::Text | Type::Choice => "text",
    }
}

/// A table of a test that is neither rows nor files.
pub fn not_rows(table: &str, found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected the rows of `{table}`, found {}", found.name()))
        .at(place, "")
        .help(format!(
            "a list of rows: `{table}: [{{ COLUMN: TEXT }}]`, or `[]` for none; or the name of a file"
        ))
}

/// A row of a table that is not a mapping.
pub fn not_a_row(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected a row, found {}", found.name()))
        .at(place, "")
        .help("a row is a mapping of columns to texts")
}

/// A list or a mapping where a file belongs.
pub fn not_a_file(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected a file, found {}", found.name())).at(place, "")
}

/// A real file of a test cannot be read.
pub fn unreadable_test_file(name: &str, why: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        SchemaCode::MissingFile,
        format!("`{}` cannot be read: {why}", Outside::new(name).brief()),
    )
    .at(place, "")
    .help("write the path relative to the folder of this rule file, or the file's lines after `|`")
}

/// A row of a table for an entry that no row of the test declares.
pub fn undeclared_row(place: Place) -> Diagnostic {
    Diagnostic::new(RuleTestCode::UndeclaredRow, "a row for an entry that the test does not declare")
        .at(place, "")
        .help("remove the entry number: it is filled in; or declare it with `row: { entry: … }`; where it is meant, write `other_entries: yes`")
}

/// Two rows of the declaration are for one entry; a row without cells has no place.
pub fn same_entry(number: EntryNumber, place: Option<Place>) -> Diagnostic {
    let diagnostic = Diagnostic::new(RuleTestCode::SameEntry, format!("a second row for entry {number}"))
        .help("declare another entry with `entry: …`; where it is meant, write `same_entry: yes`");
    match place {
        Some(place) => diagnostic.at(place, ""),
        None => diagnostic,
    }
}

/// A table of cases has a column twice.
pub fn duplicate_case_column(column: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::DuplicateKey, format!("column `{}` twice", Outside::new(column).brief()))
        .at(again, "again here")
        .at(first, "first here")
        .help("keep one of them")
}

/// A case has more values than there are columns, or fewer.
pub fn values_without_columns(values: usize, columns: usize, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("{values} values for {columns} columns"))
        .at(place, "")
        .help(format!("write one value per column, and `{NOTHING}` where there is nothing"))
}

/// A case that is not a list.
pub fn not_a_case(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected the values of a case, found {}", found.name()))
        .at(place, "")
        .help("a case is a list with one value per column: `name: [VALUE, VALUE]`")
}

/// What is given to all cases is no rows, and the cases have columns of them.
pub fn columns_without_rows(key: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::ConflictingKeys,
        format!("`{}` has no rows, and columns in the cases", Outside::new(key).brief()),
    )
    .at(place, "")
    .help("write rows with cells for it, or write these tests one by one under `tests`")
}

/// A column of cases names a row that does not exist; rows count from 1.
pub fn no_such_row(table: &str, row: usize, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::UnknownColumn,
        format!("`{}` has no row {row}", Outside::new(table).brief()),
    )
    .at(place, "")
    .help("the rows are those under `given`, the first of them 1")
}
