//! The wording of what keeps a check, a plan or a comparison from running: one function for each error,
//! named by what is wrong.

use std::io;

use chrono::NaiveDate;

use crate::diagnostic::{Code, Diagnostic};
use crate::outside::Outside;
use crate::source::Place;

/// Rules without the table of Claim Details.
pub fn no_claims_table() -> Diagnostic {
    Diagnostic::new(Code::NoClaimsTable, "the rules declare no table `claims`")
        .help("use the built-in pack's tables/claims.yaml")
}

/// Claim Details without the column that says what became of an entry.
pub fn no_status_column(name: Outside<'_>, header: &str, title: &str) -> Diagnostic {
    let message = format!("`{name}` has no column `{header}`, so it cannot be read as {title}");
    Diagnostic::new(Code::NoStatusColumn, message).help(DOWNLOAD)
}

/// Another list that was provided as Claim Details.
pub fn no_claim_details(name: Outside<'_>, title: &str) -> Diagnostic {
    let message = format!(
        "`{name}` has no claim number and no status of Claim Details, so it cannot be read as {title}"
    );
    Diagnostic::new(Code::OtherTable, message).help(DOWNLOAD)
}

const DOWNLOAD: &str = "download Claim Details from the Claims tab of the ACE Portal";

/// A plan that shall merge importers whose uploads may not be one.
pub fn cannot_merge() -> Diagnostic {
    let message = "the account is not set up for one upload with entries of several importers";
    Diagnostic::new(Code::CannotMerge, message).help(
        "set `role: broker` under `account` in the configuration, or list the account's `importer_numbers` there",
    )
}

/// A plan without an export.
pub fn no_export() -> Diagnostic {
    Diagnostic::new(Code::NoExport, "a plan starts from the ES-003, and none was provided")
        .help("name the export, or set `es003` under `tables` in the configuration")
}

/// A plan for importers of which the export has no entry.
pub fn no_entry_of_importers() -> Diagnostic {
    Diagnostic::new(Code::NothingSelected, "the ES-003 has no entry of these importers")
        .help("compare the numbers with the column `Importer Number` of the export")
}

/// A plan whose parts are not all entries of the export: what does not add up.
pub fn does_not_add_up(what: &str) -> Diagnostic {
    Diagnostic::new(Code::DoesNotAddUp, format!("nothing was written: {what}"))
        .help("report this as a bug in capelint")
}

/// A list of a plan that cannot be written.
pub fn unwritten_list(error: &io::Error) -> Diagnostic {
    Diagnostic::new(Code::CannotWrite, format!("cannot write a list of the plan: {error}"))
        .help("check the free space")
}

/// An export of a day after the filing date, with the place in the configuration that states the day, if it does.
pub fn exported_later(
    table: &str,
    day: NaiveDate,
    filing_date: NaiveDate,
    place: Option<Place>,
) -> Diagnostic {
    let message =
        format!("`{table}` cannot have been exported on {day}, after the filing date, {filing_date}");
    let error = Diagnostic::new(Code::ExportedLater, message)
        .help("correct the day of the export, or the filing date");
    match place {
        Some(place) => error.at(place, ""),
        None => error,
    }
}
