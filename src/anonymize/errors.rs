//! The wording of why a file cannot be anonymized.

use rust_xlsxwriter::XlsxError;

use crate::code::codes;
use crate::diagnostic::Diagnostic;

codes! {
    /// Kinds of errors of files that cannot be anonymized.
    enum AnonymizeCode:
    Files {
        WorkbookNotAnonymized "workbook-not-anonymized"
            "`capelint anonymize` cannot write a made-up copy of a workbook."
            "Save the sheet as CSV and anonymize that file."
    }
}

/// A workbook that cannot be written again.
pub fn not_anonymized(path: &str, error: &XlsxError) -> Diagnostic {
    Diagnostic::new(AnonymizeCode::WorkbookNotAnonymized, format!("`{path}` cannot be anonymized: {error}"))
        .help("save the sheet as CSV and anonymize that file")
}
