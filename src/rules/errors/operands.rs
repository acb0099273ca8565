//! Errors in operands: texts that are none, names that nothing has, functions and types.

use super::super::operand::{SyntaxError, SyntaxErrorKind};
use super::{LiteralCode, QUOTE_IT, RuleFileCode, unknown_table};
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::judge::functions::Function;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::Type;
use crate::yaml::errors::{unknown, unknown_of};

codes! {
    /// Kinds of errors in operands.
    enum OperandCode:
    Rules {
        BadOperand "bad-operand"
            "An operand cannot be read."
            "Write a literal, a column, `filing_date`, `account.…` or a function, with `+` or `-` and a number of days."
        BadPlaceholder "bad-placeholder"
            "A `{` has no `}`, or what is between them is not an operand."
            "Close it; `{{` prints a brace."
        LineColumn "line-column"
            "A column has a value for each line, and a rule reads it as if it had one for the entry."
            "Use `some`, `every` or `no` rows `where` it is tested."
        UnknownFunction "unknown-function"
            "There is no function of that name."
            "Use one of those in the rule language reference."
        UnknownPlaceholder "unknown-placeholder"
            "The name in a placeholder is unknown."
            "Correct the name."
        UnknownSetting "unknown-setting"
            "There is no setting of that name."
            "Correct the name, or declare it under `settings`."
        UsesItself "uses-itself"
            "A named figure or condition uses itself."
            "Write out what is meant."
    }
}

/// What is wrong with a text that is not an operand, without what to do.
pub(super) fn unreadable_operand(error: &SyntaxError, place: Place) -> Diagnostic {
    use SyntaxErrorKind as Kind;
    let bad = |message: String| Diagnostic::new(OperandCode::BadOperand, message);
    let expected = |what: &str| bad(format!("expected {what}"));
    let bad_placeholder = |message: &str| Diagnostic::new(OperandCode::BadPlaceholder, message);
    let diagnostic = match &error.kind {
        Kind::Trailing(text) => bad(format!("`{}` does not belong here", Outside::new(text).brief())),
        Kind::TooManySteps => bad("the number is too large to move a date by".to_owned()),
        Kind::NoSteps => expected("a number of days, months or working days"),
        Kind::NoUnit => expected("`days`, `months` or `working days`"),
        Kind::NoOperand => expected("a column, `filing_date`, `entry` or a function"),
        Kind::NoColumn => expected("a column's name"),
        Kind::OpenCall => expected("`,` or `)`"),
        Kind::OpenQuote => bad("a quote that is never closed".to_owned()),
        Kind::TooDeep => bad("calls nested too deep".to_owned()),
        Kind::NotADate(text) => {
            Diagnostic::new(LiteralCode::BadDate, format!("`{}` is not a date", Outside::new(text).brief()))
        }
        Kind::OpenBrace => bad_placeholder("a `{` without its `}`"),
        Kind::CloseBrace => bad_placeholder("a `}` without its `{`"),
    };
    diagnostic.at(place, "")
}

/// A text that is not an operand.
pub fn not_an_operand(error: &SyntaxError, in_placeholder: bool, place: Place) -> Diagnostic {
    let is_cut_off = error.kind == SyntaxErrorKind::OpenCall && error.range.is_empty();
    unreadable_operand(error, place).help(match error.kind {
        SyntaxErrorKind::NoSteps | SyntaxErrorKind::NoUnit => "such as `filing_date - 80 days`",
        SyntaxErrorKind::NotADate(_) if in_placeholder => "dates in rules are written as 2026-11-22 (YYYY-MM-DD)",
        SyntaxErrorKind::NotADate(_) => {
            "dates in rules are written as 2026-11-22 (YYYY-MM-DD); put quotes around a text that is meant literally"
        }
        _ if is_cut_off && !in_placeholder => {
            "between `{ }` and `[ ]` a comma ends the text: put quotes around the operand"
        }
        _ if in_placeholder => {
            "write a column, `entry`, `filing_date` or a function between the braces; `{{` is a brace"
        }
        _ => QUOTE_IT,
    })
}

/// Something named that is used in what it means.
pub fn uses_itself(name: &str, place: Place) -> Diagnostic {
    Diagnostic::new(OperandCode::UsesItself, format!("`{name}` uses itself"))
        .at(place, "")
        .help("write it without its own name")
}

/// `TABLE.*` where a value is needed.
pub fn all_columns_compared(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongTest, "`TABLE.*` has no single value to compare")
        .at(place, "")
        .help("`TABLE.*` goes with `consistent: yes` and `readable: yes`")
}

/// No operand that a placeholder may have has the name.
pub fn unknown_placeholder<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(OperandCode::UnknownPlaceholder, "placeholder", name, place, known)
}

/// `{by}` in a text that has no last day.
pub fn no_last_day(place: Place) -> Diagnostic {
    Diagnostic::new(OperandCode::UnknownPlaceholder, "unknown placeholder `by`").at(place, "").help(
        "write `- text: …` under `help:`, and below it `by:` with a date; `{by}`, alone, is then that day",
    )
}

/// No column has the name.
pub fn unknown_column<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(RuleFileCode::UnknownColumn, "column", name, place, known)
}

/// A column's name without its table; `columns` are those of the name, as `TABLE.COLUMN`.
pub fn column_without_table(
    name: &str,
    in_placeholder: bool,
    columns: &[String],
    place: Place,
) -> Diagnostic {
    let diagnostic = if in_placeholder {
        Diagnostic::new(OperandCode::UnknownPlaceholder, format!("unknown placeholder `{name}`"))
    } else {
        Diagnostic::new(RuleFileCode::UnknownColumn, format!("unknown column `{name}`"))
    };
    let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    diagnostic.at(place, "").help(format!("similar names exist: {}", columns.join(", ")))
}

/// The account has no such field.
pub fn unknown_account_field<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown_of(RuleFileCode::UnknownColumn, "field", "the account", name, place, known)
}

/// No table has the name before the dot of an operand, which may be a text instead.
pub fn unknown_table_of_operand<'a>(
    name: &str,
    in_placeholder: bool,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let diagnostic = unknown_table(name, place, known);
    if in_placeholder { diagnostic } else { diagnostic.help(QUOTE_IT) }
}

/// No table that users give has the name.
pub fn unknown_reference_table<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(RuleFileCode::UnknownTable, "reference table", name, place, known)
}

/// No setting has the name.
pub fn unknown_setting<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(OperandCode::UnknownSetting, "setting", name, place, known)
}

/// No setting has the name that a date is moved by.
pub fn moved_by_unknown_setting<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown_setting(name, place, known).help("a date is moved by a number or a setting")
}

/// No function has the name.
pub fn unknown_function<'a>(
    name: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown(OperandCode::UnknownFunction, "function", name, place, known)
}

/// The number of an entry, in a rule that is about the file.
pub fn entry_in_a_file_rule(place: Place) -> Diagnostic {
    in_a_file_rule("the entry number", place)
}

/// A column of entries, in a rule that is about the file.
pub fn column_in_a_file_rule(table: &str, column: &str, place: Place) -> Diagnostic {
    in_a_file_rule(&format!("`{table}.{column}`"), place)
}

/// A function of an entry, in a rule that is about the file.
pub fn function_in_a_file_rule(function: &str, place: Place) -> Diagnostic {
    in_a_file_rule(&format!("`{function}`"), place)
}

fn in_a_file_rule(what: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::FileScope, format!("{what} in a rule with `each: file`"))
        .at(place, "")
        .help("a file has many entries: write `each: entry` or `each: row`, or use a `file.` column")
}

/// A figure of entries, in a rule that is about the file.
pub fn figure_in_a_file_rule(figure: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::FileScope, format!("figure `{figure}` in a rule with `each: file`"))
        .at(place, "it is a figure of each entry")
        .help("declare a figure with `over: file` and `total` of it, or look at entries: `some: entry` with `where`")
}

/// A figure of lines where no line is looked at.
pub fn figure_without_line(figure: &str, table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(OperandCode::LineColumn, format!("figure `{figure}` is one of each line"))
        .at(place, "")
        .help(format!("write `each: line`, or use it inside the `where` of `some: {table}`"))
}

/// A column of lines where one value is needed. `at_hand`: rows of the table are looked at, so that the
/// bare name would do.
pub fn column_of_lines(table: &str, column: &str, at_hand: bool, place: Place) -> Diagnostic {
    let help = if at_hand {
        format!("inside `where` write `{column}` for the row at hand")
    } else {
        format!(
            "choose the rows: `some: {table}` with `where: {{ {column}: … }}` (or `every`, `no`, `count`), or take `earliest`, `latest` or `total` of it"
        )
    };
    Diagnostic::new(
        OperandCode::LineColumn,
        format!("`{table}.{column}` has a value for each line, not one for the entry"),
    )
    .at(place, "")
    .help(help)
}

/// A value of another type than is needed.
pub fn wrong_type(wanted: Type, found: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("expected a value of type `{}`", wanted.name()))
        .at(place, format!("this is of type `{}`", found.name()))
}

/// A list of the account where one value is needed.
pub fn list_for_a_value(wanted: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("expected a value of type `{}`", wanted.name()))
        .at(place, "this is a list")
}

/// A call with too many arguments, or too few.
pub fn wrong_number_of_arguments(function: &Function, given: usize, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::WrongArguments,
        format!("`{}` does not take {given} arguments", function.name),
    )
    .at(place, "")
    .help(format!("it is written {}", function.signature))
}

/// A function of all rows whose argument is not a column.
pub fn rows_without_column(place: Place) -> Diagnostic {
    not_a_column_of_a_table(place).help("written `TABLE.COLUMN`; all rows of the entry are read")
}

/// A figure of rows that is not of a column.
pub fn figure_without_column(place: Place) -> Diagnostic {
    not_a_column_of_a_table(place).help("written `TABLE.COLUMN`; for an operand use `value`")
}

fn not_a_column_of_a_table(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a table's column").at(place, "")
}

/// A function of all entries of a file whose argument is not a column.
pub fn entries_without_column(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a column")
        .at(place, "")
        .help("written `row.COLUMN` or `TABLE.COLUMN`; all entries of the file are read")
}

/// A function of all entries of a file in a rule of another kind (`on_file`: it goes with rules on files),
/// or with a column that entries do not have.
pub fn entries_elsewhere(function: &str, on_file: bool, place: Place) -> Diagnostic {
    let scope = if on_file { "`each: file`" } else { "`each: entry` or `each: row`" };
    Diagnostic::new(RuleFileCode::WrongArguments, format!("`{function}` reads the entries of a file"))
        .at(place, "")
        .help(format!("it goes with {scope}, and a column of `row` or of a reference table"))
}

/// A function of a line where no row is looked at.
pub fn not_the_row_at_hand(function: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a column of the row at hand")
        .at(place, "")
        .help(format!("`{function}` needs a row: `each: TABLE`, or a bare name inside `where`"))
}

/// A function of a table whose argument is not a table.
pub fn not_a_table(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a table's name").at(place, "")
}

/// A function of a code list's column whose argument is not such a column.
pub fn not_a_column_of_a_list(function: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a code list's column")
        .at(place, "")
        .help(format!("it is written {function}(LIST.COLUMN, CODE)"))
}

/// A function of a code list whose argument is not a code list.
pub fn not_a_code_list(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "expected a code list's name").at(place, "")
}

/// A code list without rates over time.
pub fn list_without_rates(list: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, format!("code list `{list}` has no rates"))
        .at(place, "")
        .help("rates need a key of type `hts`, dates `from` and `until`, and `percent` of type `money`")
}
