//! Errors in conditions: how they are put together, what rows they are about, and what they test.

use super::super::operand::{self, SyntaxError};
use super::{LiteralCode, QUOTE_IT, RuleFileCode};
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::figures::thousands;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::Type;
use crate::yaml::View;
use crate::yaml::errors::{YamlCode, missing_key, unknown};

codes! {
    /// Kinds of errors in conditions.
    enum ConditionCode:
    Rules {
        BadPattern "bad-pattern"
            "A pattern is not a regular expression."
            "Correct it."
        ConstantCondition "constant-condition"
            "A condition has the same value for all data."
            "Remove it, or correct what it compares."
        Contradiction "contradiction"
            "A condition can never be true."
            "Correct one of its parts."
        StrayTest "stray-test"
            "A test has nothing to test."
            "Write the column first."
        StrayWhere "stray-where"
            "`where` has no table."
            "Write `some`, `every` or `no` and the table first."
        UnknownTest "unknown-test"
            "There is no test word of that name."
            "Use one of those in the rule language reference."
    }
    RuleTests {
        NearMiss "near-miss"
            "A name or a text is nearly another that would mean something."
            "Correct it, or choose one that cannot be confused with the other."
    }
}

/// Something else than a condition.
pub fn not_a_condition(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected a condition, found {}", found.name()))
        .at(place, "")
        .help(match found {
            View::Sequence(_) => {
                "a condition is a mapping; for several write `all:` or `any:` before the list"
            }
            View::Mapping(_) | View::Scalar(..) => {
                "a condition is a mapping of columns to tests, such as `es003.entry_type: \"01\"`"
            }
        })
}

/// A condition of nothing.
pub fn empty_condition(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, "an empty condition")
        .at(place, "")
        .help("write what has to be true, or remove the key")
}

/// Two words such as `some` and `no`, each with its place, are in one mapping.
pub fn two_quantifiers(first: (&str, Place), second: (&str, Place)) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, format!("`{}` and `{}` in one mapping", first.0, second.0))
        .at(second.1, "second")
        .at(first.1, "first")
        .help("use `all:` for several; one mapping is about the rows of one table")
}

/// `where` or `on` without `some`, `every`, `no` or `count`.
pub fn word_without_table(word: &str, place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::StrayWhere, format!("`{word}` without a table"))
        .at(place, "")
        .help("write `some: TABLE`, `every: TABLE`, `no: TABLE` or `count: TABLE` beside it")
}

/// A word of a test where a condition names what is tested.
pub fn word_without_operand(word: &str, counts: bool, place: Place) -> Diagnostic {
    let help = if counts {
        format!("write `COLUMN: {{ {word}: … }}`, or put it beside `count: TABLE`")
    } else {
        format!("write `COLUMN: {{ {word}: … }}`")
    };
    Diagnostic::new(ConditionCode::StrayTest, format!("`{word}` without something to test"))
        .at(place, "")
        .help(help)
}

/// `all`, `any` or `any_given` of nothing.
pub fn no_conditions(word: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, format!("`{word}` has no conditions"))
        .at(place, "")
        .help("list at least one, or remove the key")
}

/// `all`, `any` or `any_given` of something else than a list.
pub fn not_a_list_of_conditions(word: &str, found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(
        YamlCode::WrongKind,
        format!("`{word}` takes a list of conditions, found {}", found.name()),
    )
    .at(place, "")
    .help("put `- ` before each condition")
}

/// `every` without the condition that must be true for every row.
pub fn every_without_where(place: Place) -> Diagnostic {
    missing_key("where", place).help("`every` row is one for which `where` is true")
}

/// `some`, `every`, `no` or `count` of something else than a table.
pub fn rows_of_no_table(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, "expected a table's name").at(place, "")
}

/// Rows of a reference table, in a rule that is about the file.
pub fn rows_in_a_file_rule(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::FileScope, format!("rows of `{table}` in a rule with `each: file`"))
        .at(place, "")
        .help("look at the file's entries: `some: entry` with `where`, or write `each: entry` or `each: row`")
}

/// Rows of what an entry has none of: of the declaration, or of entries.
pub fn not_rows_of_an_entry(name: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::UnknownTable, format!("`{name}` is not a table of the entry's rows"))
        .at(place, "")
        .help(if name == "entry" {
            "entries are counted in a rule with `each: file`".to_owned()
        } else {
            format!("its columns are written `{name}.NAME`")
        })
}

/// `on: line` where no row is looked at whose line could be meant.
pub fn line_without_row(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "`on: line` without a row at hand")
        .at(place, "")
        .help(format!("it goes with `each: {table}`, `each: line`, or inside the `where` of `some: {table}`"))
}

/// `count` without a test of the number.
pub fn count_without_number(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingKey, "`count` without a number")
        .at(place, "")
        .help("put a test beside it, such as `at_most: 1`")
}

/// A key of a condition that is neither a word nor an operand.
pub fn key_is_no_operand(error: &SyntaxError, place: Place) -> Diagnostic {
    super::unreadable_operand(error, place)
        .help("a key of a condition is `all`, `any`, `not`, `some`, … or an operand such as a column")
}

/// A test of a literal.
pub fn literal_tested(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::ConstantCondition, "a test of a literal always has the same result")
        .at(place, "")
        .help("test a column or `filing_date`")
}

/// A test of a list of the account as if it were one value.
pub fn list_tested(operand: &str, place: Place) -> Diagnostic {
    let operand = Outside::new(operand).brief();
    Diagnostic::new(RuleFileCode::WrongTest, format!("`{operand}` is a list, not one value"))
        .at(place, "")
        .help(format!("test what should be in it: `COLUMN: {{ in: {operand} }}`"))
}

/// A column that nothing is asked of.
pub fn column_without_test(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "a column without a test")
        .at(place, "")
        .help("write a value, a list or words such as `present: yes` after it")
}

/// A test that is an empty mapping.
pub fn test_without_word(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, "a test without a word")
        .at(place, "")
        .help("write words such as `present: yes`")
}

/// Another word beside `consistent` or `readable`.
pub fn word_beside_test_of_cells(word: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, format!("`{word}` beside a test of cells"))
        .at(place, "")
        .help("`consistent` and `readable` allow no other word beside them; use `all:` for other tests")
}

/// `consistent: no` or `readable: no`.
pub fn cells_tested_with_no(word: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, format!("`{word}: no`"))
        .at(place, "")
        .help(format!("write `not: {{ COLUMN: {{ {word}: yes }} }}`"))
}

/// `consistent` or `readable` of something that has no cells.
pub fn no_cells(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, "`consistent` and `readable` test cells")
        .at(place, "")
        .help("write `TABLE.*` or a column before them")
}

/// `consistent` or `readable` of an entry's cells, in a rule that is about the file.
pub fn cells_in_a_file_rule(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::FileScope, "cells of entries in a rule with `each: file`")
        .at(place, "")
        .help("write `each: entry` or `each: row`")
}

/// No word of a test has the name.
pub fn unknown_test<'a>(word: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let diagnostic = unknown(ConditionCode::UnknownTest, "test", word, place, known);
    if operand::is_name(word) {
        diagnostic
    } else {
        diagnostic.help("between `{ }` a comma ends a value: write numbers without commas, and quotes around operands that have one")
    }
}

/// A word that does not go with values of the type; `fitting` are those that do.
pub fn test_of_another_type<'a>(
    word: &str,
    kind: Type,
    fitting: impl Iterator<Item = &'a str>,
    place: Place,
) -> Diagnostic {
    let fitting: Vec<String> = fitting.map(|word| format!("`{word}`")).collect();
    Diagnostic::new(
        RuleFileCode::WrongTest,
        format!("`{word}` does not apply to a value of type `{}`", kind.name()),
    )
    .at(place, "")
    .help(format!("these do: {}", fitting.join(", ")))
}

/// A word of a test with nothing after it.
pub fn word_without_value(word: &str, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, format!("`{word}` without a value"))
        .at(place, "")
        .help("write a value, or remove it")
}

/// A word that only belongs with another one, which is not there.
pub fn word_without_partner(word: &str, partner: &str, place: Place) -> Diagnostic {
    missing_key(partner, place).help(format!("`{word}` belongs to `{partner}`"))
}

/// `between` without its two bounds.
pub fn between_without_bounds(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, "`between` takes a list of two values")
        .at(place, "")
        .help("write `between: [low, high]`, both included")
}

/// `near` without how far away is near.
pub fn no_tolerance(place: Place) -> Diagnostic {
    missing_key("tolerance", place).help("dollars, or a part such as `2 %`")
}

/// A tolerance that is none.
pub fn not_a_tolerance(given: &str, place: Place) -> Diagnostic {
    Diagnostic::new(LiteralCode::BadNumber, format!("`{}` is not a tolerance", Outside::new(given).brief()))
        .at(place, "")
        .help("dollars such as `0.05`, or a part such as `2 %`")
}

/// A list or a mapping where one value is compared with.
pub fn not_one_value(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected one value, found {}", found.name())).at(place, "")
}

/// Nothing where a value is compared with.
pub fn missing_value(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "a value is missing").at(place, "")
}

/// Two values that cannot be compared; the second one is at the place. `list` is a code list that has its
/// name, too.
pub fn types_differ(subject: Type, found: Type, list: Option<&str>, place: Place) -> Diagnostic {
    let (subject, found) = (subject.name(), found.name());
    Diagnostic::new(
        RuleFileCode::WrongType,
        format!("a value of type `{subject}` is compared with one of type `{found}`"),
    )
    .at(place, format!("this is of type `{found}`"))
    .help(match list {
        Some(list) => format!("write `in: {}` for the codes of that name", Outside::new(list).brief()),
        None => QUOTE_IT.to_owned(),
    })
}

/// What a text is that was written without quotes and is compared with a text.
pub enum OtherName<'t> {
    /// The name of a code list or selection.
    Codes,
    /// The name of a figure.
    Figure,
    /// The name of a setting.
    Setting,
    /// The name of a condition.
    Condition,
    /// The name of a table.
    Table,
    /// Several codes; as a list.
    Several(String),
    /// Nearly this name.
    Near(&'t str),
}

/// A text without quotes that is the name of something else.
pub fn other_name(text: &str, is: &OtherName<'_>, place: Place) -> Diagnostic {
    let text = Outside::new(text).brief();
    let of = |what: &str| {
        Diagnostic::new(ConditionCode::NearMiss, format!("`{text}` is the name of {what}, not a text"))
    };
    let diagnostic = match is {
        OtherName::Codes => of("a code list or selection").help(format!("write `in: {text}`")),
        OtherName::Figure => of("a figure"),
        OtherName::Setting => of("a setting of another type"),
        OtherName::Condition => of("a condition").help(format!("write `{text}: yes`")),
        OtherName::Table => of("a table").help(format!("a column of it is `{text}.COLUMN`")),
        OtherName::Several(list) => {
            Diagnostic::new(ConditionCode::NearMiss, format!("`{text}` is one text, not several"))
                .help(format!("write a list: `{list}`"))
        }
        OtherName::Near(near) => {
            Diagnostic::new(ConditionCode::NearMiss, format!("`{text}` is nearly the name `{near}`"))
                .help(format!("a similar name exists: `{near}`"))
        }
    };
    diagnostic.at(place, "").help(QUOTE_IT)
}

/// Several codes of a list that were written as one.
pub fn several_in_one(code: &str, list: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        ConditionCode::NearMiss,
        format!("`{}` is one code, not several", Outside::new(code).brief()),
    )
    .at(place, "")
    .help(format!("write `{list}`, or quotes around a code that is meant literally"))
}

/// A comparison that was written as one text: what to write in its place.
pub fn comparison_in_one(word: &str, value: &str) -> String {
    format!("write `{{ {word}: {} }}`", Outside::new(value).brief())
}

/// A dot between the digits of a pattern.
pub fn dot_in_pattern(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::BadPattern, "a dot in a pattern of HTS numbers matches a digit")
        .at(place, "")
        .help("leave it out: HTS numbers are compared as digits alone; for any digit write `[0-9]`")
}

/// A list of the account where one value is compared with.
pub fn compared_with_list(operand: &str, place: Place) -> Diagnostic {
    let operand = Outside::new(operand).brief();
    Diagnostic::new(RuleFileCode::WrongTest, format!("`{operand}` is a list"))
        .at(place, "")
        .help(format!("write `in: {operand}`"))
}

/// Headings, which match by their digits, in one list with columns, which do not.
pub fn headings_and_columns(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, "headings and columns in one list")
        .at(place, "")
        .help("use `any:` with one test for each")
}

/// `in` or `not_in` of something that is not a list.
pub fn not_a_list(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected a list or its name, found {}", found.name()))
        .at(place, "")
}

/// No code list or part of one has the name.
pub fn unknown_selection<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(RuleFileCode::UnknownCodeList, "code list or selection", name, place, known)
        .help("for one value write `is:`, for several `in: [A, B]`")
}

/// A code list whose codes are of another type than what is looked up; `codes` names their type.
pub fn codes_of_another_type(list: &str, wanted: Type, codes: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::WrongType,
        format!("the codes of `{list}` are not of type `{}`", wanted.name()),
    )
    .at(place, format!("these are of type `{codes}`"))
}

/// A list or a mapping where a pattern belongs.
pub fn pattern_is_no_text(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, "expected a regular expression").at(place, "")
}

/// A text that is not a regular expression.
pub fn bad_pattern(error: &regex_syntax::Error, place: Place) -> Diagnostic {
    let what = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "not a regular expression".to_owned(),
    };
    Diagnostic::new(ConditionCode::BadPattern, format!("bad pattern: {what}"))
        .at(place, "")
        .help("regular expressions: https://docs.rs/regex/latest/regex/#syntax; put a backslash before a character that is meant itself")
}

/// A pattern that asks for characters which no value of the type has.
pub fn pattern_never_matches(kind: Type, place: Place) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(ConditionCode::BadPattern, "nothing that can be read ever matches this pattern")
            .at(place, "");
    match kind {
        Type::Hts => diagnostic.help("HTS numbers are compared as at most 10 digits, without dots"),
        Type::EntryNumber => {
            diagnostic.help("entry numbers are compared as 11 letters and digits, without dashes")
        }
        Type::Text
        | Type::Choice
        | Type::ImporterNumber
        | Type::Date
        | Type::Money
        | Type::Integer
        | Type::YesNo => diagnostic,
    }
}

/// A pattern that takes too much memory.
pub fn pattern_too_large(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::BadPattern, "bad pattern: it is too large")
        .at(place, "")
        .help("use smaller numbers of repetitions")
}

/// A column where a word takes texts.
pub fn column_for_a_text(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, "this word takes texts, not columns")
        .at(place, "")
        .help(format!("{QUOTE_IT}; for filer codes test `filer_code(entry)`"))
}

/// `valid` as a type that has nothing to be valid.
pub fn unknown_type<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(YamlCode::UnknownType, "type", name, place, known)
}

/// `unique` of something else than the entry number of a row.
pub fn unique_elsewhere(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, "`unique` goes with `row.entry`")
        .at(place, "")
        .help("in a rule with `each: row`")
}

/// `unique: file` in a rule on entries.
pub fn entries_are_unique(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::ConstantCondition, "in `each: entry` every entry is the first of its file")
        .at(place, "")
        .help("write `each: row`")
}

/// A rule that can never be violated, or always is where it applies: what it asks for is opposed to its
/// `when`.
pub fn opposed_to_when(forbids: bool, asked: Place, when: Place) -> Diagnostic {
    let (message, is, help) = if forbids {
        (
            "the rule can never be violated: where `when` is true, this never is",
            "this is forbidden",
            "forbid what is possible there, or remove the test from `when`",
        )
    } else {
        (
            "the rule is violated wherever it applies: where `when` is true, this never is",
            "this is required",
            "require what is possible there, or write only what must not be, with `forbid`",
        )
    };
    Diagnostic::new(ConditionCode::Contradiction, message)
        .at(asked, is)
        .at(when, "only where this is true")
        .help(help)
}

/// A rule that can never be violated: its `when` already requires it.
pub fn implied_by_when(asked: Place, when: Place) -> Diagnostic {
    let message = "the rule can never be violated: where `when` is true, this always is";
    Diagnostic::new(ConditionCode::ConstantCondition, message)
        .at(asked, "this is required")
        .at(when, "only where this is true")
        .help("require what may be otherwise there, or remove the test from `when`")
}

/// A test that names every choice of its column.
pub fn all_choices(negated: bool, place: Place) -> Diagnostic {
    let message =
        if negated { "no choice of the column is left" } else { "these are all choices of the column" };
    Diagnostic::new(ConditionCode::ConstantCondition, message)
        .at(place, "")
        .help("to ask whether the cell is filled in, write `present: yes`")
}

/// A bound that every number of rows is within (`always`), or none.
pub fn any_number_of_rows(always: bool, place: Place) -> Diagnostic {
    let message = if always { "there are always so many rows" } else { "there are never so few rows" };
    Diagnostic::new(ConditionCode::ConstantCondition, message)
        .at(place, "")
        .help("a number of rows is at least 0")
}

/// Two tests that no value passes; they may be one.
pub fn tests_contradict(first: Place, second: Place) -> Diagnostic {
    let diagnostic = if first == second {
        Diagnostic::new(ConditionCode::Contradiction, "no value passes this test").at(first, "")
    } else {
        Diagnostic::new(ConditionCode::Contradiction, "no value passes both tests")
            .at(second, "this")
            .at(first, "and this")
    };
    diagnostic.help("turn a bound around, or use `any:` if one of them is enough")
}

/// All patterns together take too much memory.
pub fn patterns_too_large() -> Diagnostic {
    Diagnostic::new(YamlCode::TooLarge, "the regular expressions of the rule files are too large together")
        .help("use fewer of them, smaller numbers of repetitions, or a code list")
}

/// There are more conditions than that, wherever they come from.
pub fn too_many_conditions(most: usize) -> Diagnostic {
    let message = format!(
        "the rule files have more than {} conditions, each counted wherever its name is used",
        thousands(most)
    );
    Diagnostic::new(YamlCode::TooLarge, message).help("use named conditions in fewer places")
}
