//! The wording of what keeps a check, a plan or a comparison from running: one function for each error,
//! named by what is wrong.

use std::io;

use chrono::NaiveDate;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::Place;
use crate::table::errors::TableCode;

codes! {
    /// Kinds of errors that keep a check, a plan or a comparison from running.
    enum EngineCode:
    Files {
        NoStatusColumn "no-status-column"
            "Claim Details have no status column, so they do not show what became of the entries."
            "Download them from the Claims tab of the ACE Portal."
    }
    CommandLine {
        CannotMerge "cannot-merge"
            "Entries of several importers share a file only where the account may file for all of them."
            "Set `role: broker`, or the account's `importer_numbers`, in the configuration."
        CannotWrite "cannot-write"
            "A file or folder cannot be written."
            "Check the folder, its permissions and the free space."
        DoesNotAddUp "does-not-add-up"
            "The rows of the declarations and of the files to write do not add up. Nothing was written."
            "Report this as a bug in capelint."
        ExportedLater "exported-later"
            "A table's day of export is after the filing date."
            "Correct one of the two days."
        NoClaimsTable "no-claims-table"
            "The rules declare no table `claims`."
            "Use the built-in pack's `tables/claims.yaml`."
        NoExport "no-export"
            "A plan starts from the ES-003, and none was provided."
            "Provide the ES-003."
        NothingSelected "nothing-selected"
            "The export has no entry of the importers to which the run is limited."
            "Check their numbers."
    }
}

/// Rules without the table of Claim Details.
pub fn no_claims_table() -> Diagnostic {
    Diagnostic::new(EngineCode::NoClaimsTable, "the rules declare no table `claims`")
        .help("use the built-in pack's tables/claims.yaml")
}

/// Claim Details without the column that says what became of an entry.
pub fn no_status_column(name: Outside<'_>, header: &str, title: &str) -> Diagnostic {
    let message = format!("`{name}` has no column `{header}`, so it cannot be read as {title}");
    Diagnostic::new(EngineCode::NoStatusColumn, message).help(DOWNLOAD)
}

/// Another list that was provided as Claim Details.
pub fn no_claim_details(name: Outside<'_>, title: &str) -> Diagnostic {
    let message = format!(
        "`{name}` has no claim number and no status of Claim Details, so it cannot be read as {title}"
    );
    Diagnostic::new(TableCode::OtherTable, message).help(DOWNLOAD)
}

const DOWNLOAD: &str = "download Claim Details from the Claims tab of the ACE Portal";

/// A plan that shall merge importers whose uploads may not be one.
pub fn cannot_merge() -> Diagnostic {
    let message = "the account is not set up for one upload with entries of several importers";
    Diagnostic::new(EngineCode::CannotMerge, message).help(
        "set `role: broker` under `account` in the configuration, or list the account's `importer_numbers` there",
    )
}

/// A plan without an export.
pub fn no_export() -> Diagnostic {
    Diagnostic::new(EngineCode::NoExport, "a plan starts from the ES-003, and none was provided")
        .help("name the export, or set `es003` under `tables` in the configuration")
}

/// A plan for importers of which the export has no entry.
pub fn no_entry_of_importers() -> Diagnostic {
    Diagnostic::new(EngineCode::NothingSelected, "the ES-003 has no entry of these importers")
        .help("compare the numbers with the column `Importer Number` of the export")
}

/// A plan whose parts are not all entries of the export: what does not add up.
pub fn does_not_add_up(what: &str) -> Diagnostic {
    Diagnostic::new(EngineCode::DoesNotAddUp, format!("nothing was written: {what}"))
        .help("report this as a bug in capelint")
}

/// A list of a plan that cannot be written.
pub fn unwritten_list(error: &io::Error) -> Diagnostic {
    Diagnostic::new(EngineCode::CannotWrite, format!("cannot write a list of the plan: {error}"))
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
    let error = Diagnostic::new(EngineCode::ExportedLater, message)
        .help("correct the day of the export, or the filing date");
    match place {
        Some(place) => error.at(place, ""),
        None => error,
    }
}
