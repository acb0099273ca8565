//! The wording of what is wrong in the configuration, and in names of rules and tables on the command line:
//! one function for each error, named by what is wrong.

use std::collections::BTreeSet;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::input::WORKBOOKS;
use crate::outside::Outside;
use crate::rules::errors::{ConditionCode, RuleCode, RuleFileCode};
pub use crate::rules::errors::{unknown_rule, unknown_setting};
use crate::rules::model::RuleSet;
use crate::source::Place;
use crate::table::workbook::WorkbookCode;
use crate::yaml::errors::{YamlCode, missing_key};

codes! {
    /// Kinds of errors in the configuration.
    enum ConfigCode:
    CommandLine {
        NotSelectable "not-selectable"
            "A rule cannot run alone: a rule file turned it off, or it is about waivers."
            "Select another, or remove it from `off:`."
    }
}

/// A table without a file and without `none`.
pub fn table_without_file(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::EmptyList,
        format!("table `{}` without a file", Outside::new(table).brief()),
    )
    .at(place, "")
    .help("name a file, or write `none` if there is nothing to list")
}

/// A file whose name is most likely `none`.
pub fn nearly_none(file: &str, place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::NearMiss, format!("`{}` is nearly `none`", Outside::new(file).brief()))
        .at(place, "")
        .help("write `none` if there is nothing to list; write a file of this name as `./NAME`")
}

/// A file with a sheet of which one is missing.
pub fn half_a_sheet(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "a sheet needs `file` and `sheet`")
        .at(place, "")
        .help("write `{ file: lists.xlsx, sheet: Drawback }`, or the name of the file alone")
}

/// A sheet of a file that is not a workbook.
pub fn file_without_sheets(file: &str, place: Place) -> Diagnostic {
    Diagnostic::new(WorkbookCode::NoSheet, format!("`{}` has no sheets", Outside::new(file).brief()))
        .at(place, "")
        .help(format!("only workbooks have sheets ({}); leave `sheet` out", WORKBOOKS.join(", ")))
}

/// A text with nothing in it.
pub fn empty_text(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "an empty text").at(place, "").help("fill it in, or remove it")
}

/// An account whose list of numbers or codes has none.
pub fn empty_account(place: Option<Place>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(RuleFileCode::EmptyList, "an account with an empty list of numbers or codes")
            .help("list them, or leave the key out where they are not known");
    match place {
        Some(place) => diagnostic.at(place, ""),
        None => diagnostic,
    }
}

/// A key of a waiver is missing.
pub fn waiver_without(key: &str, place: Place) -> Diagnostic {
    let diagnostic = missing_key(key, place);
    match key {
        "until" => diagnostic.help("a waiver has an end date, so that a person reviews it"),
        "reason" => diagnostic.help("write why, for those who read it later"),
        _ => diagnostic,
    }
}

/// A waiver that waives nothing.
pub fn waiver_of_no_entries(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::EmptyList, "a waiver of no entries")
        .at(place, "")
        .help("list entry numbers; `*` matches any characters")
}

/// What a waiver names is neither an entry number nor a pattern of such.
pub fn waiver_of_no_entry_number(text: &str, place: Place) -> Diagnostic {
    crate::rules::errors::no_entry_number(text, place)
        .help("11 letters and digits with a right check digit, or a pattern such as `ABC*`")
}

/// No rule fits a pattern; or, where the rules are given, no stage has the name.
pub fn no_rule_fits(name: &str, of_stages: Option<&RuleSet>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(RuleCode::UnknownRule, format!("no rule fits `{}`", Outside::new(name).brief()));
    let Some(rules) = of_stages else { return diagnostic.help("`capelint rules` lists all rules") };
    let stages: BTreeSet<&str> = rules.rules.iter().map(|rule| rule.stage.raw()).collect();
    let stages: Vec<&str> = stages.into_iter().collect();
    diagnostic.help(format!("the stages are {}", Outside::new(&stages.join(", ")).brief()))
}

/// A rule that shall run alone is turned off.
pub fn rule_is_off(name: &str) -> Diagnostic {
    Diagnostic::new(ConfigCode::NotSelectable, format!("rule `{name}` is turned off by a rule file"))
        .help("remove it from `off:` to run it")
}

/// What shall run alone is about waivers.
pub fn waivers_are_no_rule(name: &str) -> Diagnostic {
    Diagnostic::new(ConfigCode::NotSelectable, format!("`{name}` cannot run alone, because it is not a rule"))
        .help("it is about the waivers of the rules that run, and is reported with them")
}

/// No table has the name.
pub fn unknown_table<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let names: Vec<&str> = known.clone().collect();
    Diagnostic::new(RuleFileCode::UnknownTable, format!("unknown table `{}`", Outside::new(name).brief()))
        .did_you_mean(name, known)
        .help(format!("the tables are {}", names.join(", ")))
}
