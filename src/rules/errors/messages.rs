//! Errors in the catalog of CBP's messages.

use super::{ConditionCode, RuleFileCode, missing_key};
use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::Place;

codes! {
    /// Kinds of errors in the catalog of CBP's messages.
    enum CatalogCode:
    Rules {
        DuplicateMessage "duplicate-message"
            "A message is declared twice."
            "Choose another id."
    }
}

/// Two messages have one id.
pub fn duplicate_message(id: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(
        CatalogCode::DuplicateMessage,
        format!("duplicate message `{}`", Outside::new(id).brief()),
    )
    .at(again, "again here")
    .at(first, "first here")
    .help("choose another id")
}

/// `codes` that is not a regular expression.
pub fn bad_code_pattern(why: &str, place: Place) -> Diagnostic {
    Diagnostic::new(ConditionCode::BadPattern, format!("`codes` is not a regular expression: {why}"))
        .at(place, "")
}

/// `refile: later` without a number of days.
pub fn later_without_days(place: Place) -> Diagnostic {
    missing_key("refile_after_days", place).help("add the number of days; `later` needs it")
}

/// A number of days for what does not wait.
pub fn days_without_later(place: Place) -> Diagnostic {
    Diagnostic::new(RuleFileCode::ConflictingKeys, "`refile_after_days` without `refile: later`")
        .at(place, "")
        .help("remove it, or write `refile: later`")
}
