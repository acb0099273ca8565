//! Errors in what a rule is: its names, scopes, texts and dates, and the figures and settings it uses.

use super::{ConditionCode, RuleFileCode};
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::schema::Type;
use crate::yaml::View;
use crate::yaml::errors::{YamlCode, missing_key, unknown};

codes! {
    /// Kinds of errors in what a rule is.
    enum RuleCode:
    Rules {
        DuplicateRule "duplicate-rule"
            "Two rules have the same id."
            "Rename one, or write `replaces: yes`."
        EffectiveReversed "effective-reversed"
            "A rule ends before it begins."
            "Exchange the days."
        SupersedesCircle "supersedes-circle"
            "Rules supersede each other in a circle."
            "Remove one `supersedes`."
        SupersedesElsewhere "supersedes-elsewhere"
            "A rule supersedes one that never applies to the same item."
            "Remove it, or correct `each`."
        UnknownRule "unknown-rule"
            "No rule has this name."
            "Run `capelint rules` for the list."
        UnknownScope "unknown-scope"
            "`each:` has a value that is not one of those to which rules apply."
            "Use `file`, `row`, `entry` or a table."
        UnknownStep "unknown-step"
            "There is no next step of that name."
            "Correct the name, or declare it under `steps`."
    }
}

/// A text that cannot name what it should; `what` is the kind of thing, such as `figure`.
pub fn bad_name(name: &str, what: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::BadName,
        format!("`{}` cannot be the name of a {what}", Outside::new(name).brief()),
    )
    .at(place, "")
    .help("a name is a lower-case letter, then lower-case letters, digits and `_`")
}

/// A name with 9 digits, such as those of a Social Security number.
pub fn name_with_a_number(name: &str, what: &str, place: Place) -> Diagnostic {
    let message = format!(
        "`{}` cannot be the name of a {what}: its 9 digits may be a person's number",
        Outside::new(name).brief()
    );
    Diagnostic::new(RuleFileCode::BadName, message).at(place, "").help("choose another name")
}

/// A name that is a word of conditions.
pub fn reserved_name(name: &str, what: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::BadName,
        format!("`{name}` means something in conditions and cannot name a {what}"),
    )
    .at(place, "")
    .help("choose another name")
}

/// A name that is in use already.
pub fn duplicate_name(name: &str, what: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::DuplicateName,
        format!("{what} `{}` exists already", Outside::new(name).brief()),
    )
    .at(again, "again here")
    .at(first, "first here")
    .help("choose another name")
}

/// A text that cannot be the id of a rule.
pub fn bad_id(id: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::BadName,
        format!("`{}` cannot be the id of a rule", Outside::new(id).brief()),
    )
    .at(place, "")
    .help("an id is lower-case words joined by `-`, such as `entry-on-hold`")
}

/// A rule has the id of another. That one may be of an `earlier` file, which can be replaced.
pub fn duplicate_rule(id: &str, earlier: bool, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(RuleCode::DuplicateRule, format!("duplicate rule `{}`", Outside::new(id).brief()))
        .at(again, "again here")
        .at(first, "first here")
        .help(if earlier {
            "choose another id, or write `replaces:` to put this rule in its place"
        } else {
            "choose another id"
        })
}

/// No rule has the id. It has no place where it is of the command line.
pub fn unknown_rule<'a>(id: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(RuleCode::UnknownRule, format!("unknown rule `{}`", Outside::new(id).brief()));
    match crate::diagnostic::nearest(id, known) {
        Some(near) => diagnostic.help(format!("a similar name exists: `{near}`")),
        None => diagnostic.help("`capelint rules` lists all rules"),
    }
}

/// A rule of the same file, or of a later one, is to be replaced or turned off.
pub fn rule_is_not_earlier(id: &str, place: Place, rule: Place) -> Diagnostic {
    Diagnostic::new(
        RuleCode::UnknownRule,
        format!("rule `{}` is not of an earlier file", Outside::new(id).brief()),
    )
    .at(place, "")
    .at(rule, "it is here")
    .help("change or delete it there")
}

/// A rule is to be replaced or turned off, and no file comes before.
pub fn no_earlier_rule(id: &str, place: Place) -> Diagnostic {
    unknown(RuleCode::UnknownRule, "rule", id, place, []).help("no earlier file has a rule")
}

/// A rule supersedes one that is about something else.
pub fn supersedes_elsewhere(rule: &str, other: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleCode::SupersedesElsewhere,
        format!("`{rule}` and `{other}` never apply to the same item"),
    )
    .at(place, "one is about files, the other about their contents")
    .help("remove this `supersedes`: a finding supersedes others only on its own entry or file")
}

/// Rules that supersede each other, so that none would be reported.
pub fn supersedes_circle(rules: &[&str], place: Place) -> Diagnostic {
    let names: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
    let message = match names.as_slice() {
        [only] => format!("{only} supersedes itself"),
        _ => format!("{} supersede each other", names.join(", ")),
    };
    Diagnostic::new(RuleCode::SupersedesCircle, message)
        .at(place, "this closes the circle")
        .help("remove one `supersedes`: of two rules that are both violated, one must be reported")
}

/// `each` of something else than capelint looks at.
pub fn unknown_scope<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(RuleCode::UnknownScope, "scope", name, place, known)
        .help("a rule is for each `file`, `row`, `entry` or `line`, or for each row of a table")
}

/// Lines are asked for, and no table has them.
pub fn no_table_with_lines(place: Place) -> Diagnostic {
    Diagnostic::new(RuleCode::UnknownScope, "no table declares `line`")
        .at(place, "")
        .help("declare it with `line: COLUMN`")
}

/// `from` is after `until`.
pub fn ends_before_it_begins(from: Place, until: Place) -> Diagnostic {
    Diagnostic::new(RuleCode::EffectiveReversed, "the rule ends before it begins")
        .at(until, "the last day")
        .at(from, "the first day")
        .help("exchange the two dates")
}

/// A rule that requires and forbids.
pub fn require_and_forbid(require: Place, forbid: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "both `require` and `forbid`")
        .at(forbid, "second")
        .at(require, "first")
        .help("make two rules of it")
}

/// A rule that neither requires nor forbids.
pub fn nothing_required(place: Place) -> Diagnostic {
    missing_key("require", place).help("or `forbid:`")
}

/// `required_for` where nothing is undecided for an entry.
pub fn required_for_elsewhere(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "`required_for` in a rule that is not for each entry")
        .at(place, "")
        .help("write `each: entry`, or leave `required_for` out")
}

/// `help` that is none of its forms.
pub fn not_a_next_step(found: &View<'_>, place: Place) -> Diagnostic {
    Diagnostic::new(
        YamlCode::WrongKind,
        format!("expected a text, a list of cases or `step: NAME`, found {}", found.name()),
    )
    .at(place, "")
    .help("a case is `- when: CONDITION` and `text: …` below it; `when` is optional in the last")
}

/// A case of `help` that has its text in two ways.
pub fn text_and_step(step: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "both `text` and `step`")
        .at(step, "")
        .help("keep one of them")
}

/// A text of a next step that repeats the operand of its `by`.
pub fn last_day_repeated(placeholder: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "the text repeats the day of `by`")
        .at(placeholder, "")
        .help("write `{by}`, so that the text always has the day of `by`")
}

/// Cases of `help` after one that always applies.
pub fn cases_after_the_last(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::ConstantCondition, "no case after this one is ever used")
        .at(place, "a case without `when` always applies")
        .help("add `when` to it, or put it last")
}

/// No named step has the name.
pub fn unknown_step<'a>(name: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(RuleCode::UnknownStep, "step", name, place, known)
}

/// A label of a finding that is not a column.
pub fn label_is_no_column(label: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::UnknownColumn, format!("`{}` is not a column", Outside::new(label).brief()))
        .at(place, "")
        .help("labels are for cells: `TABLE.COLUMN`")
}

/// A figure with nothing to compute.
pub fn figure_of_nothing(place: Place) -> Diagnostic {
    missing_key("total", place).help("or one of `count`, `distinct`, `earliest`, `latest` and `value`")
}

/// A figure that is computed in two ways.
pub fn figure_in_two_ways(first: &str, second: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, format!("both `{first}` and `{second}`"))
        .at(place, "")
        .help("a figure is computed in one way; make two of it")
}

/// A figure over a file that counts something else than entries.
pub fn counts_no_entries(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, "over a file, entries are counted")
        .at(place, "")
        .help("write `count: entry`")
}

/// A figure of values that it cannot be computed from; `wanted` are the types it can be.
pub fn figure_of_another_type(key: &str, wanted: &[Type], found: Type, place: Place) -> Diagnostic {
    let names: Vec<String> = wanted.iter().map(|kind| format!("`{}`", kind.name())).collect();
    let wanted = match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    };
    Diagnostic::new(RuleFileCode::WrongType, format!("`{key}` needs a value of type {wanted}"))
        .at(place, format!("this is of type `{}`", found.name()))
}

/// `where` of a figure that looks at no rows.
pub fn where_of_a_value(place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::StrayWhere, "`where` without rows to choose from")
        .at(place, "")
        .help("it belongs to `total`, `count`, `distinct`, `earliest` and `latest`; for a value write `when`")
}

/// A figure of lines over a table that has none.
pub fn figure_over_no_lines(table: &str, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongArguments, format!("table `{table}` does not declare `line`"))
        .at(place, "")
        .help("declare it with `line: COLUMN`, or leave `over: line` out")
}

/// A figure of entries that reads the declaration.
pub fn figure_reads_declaration(figure: &str, place: Place) -> Diagnostic {
    Diagnostic::new(
        RuleFileCode::FileScope,
        format!("figure `{}` reads the declaration", Outside::new(figure).brief()),
    )
    .at(place, "an entry may be on several declarations")
    .help("read the reference tables only, or write `over: file`")
}

/// A setting of a type that no setting has.
pub fn setting_of_another_type(kind: Type, place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::WrongType, format!("a setting cannot be of type `{}`", kind.name()))
        .at(place, "")
        .help("these can: `integer`, `money`, `date`, `text`, `hts`, `yes_no`")
}
