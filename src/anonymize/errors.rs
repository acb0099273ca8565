//! The wording of why a file cannot be anonymized.

use rust_xlsxwriter::XlsxError;

use crate::diagnostic::{Code, Diagnostic};

/// A workbook that cannot be written again.
pub fn not_anonymized(path: &str, error: &XlsxError) -> Diagnostic {
    Diagnostic::new(Code::WorkbookNotAnonymized, format!("`{path}` cannot be anonymized: {error}"))
        .help("save the sheet as CSV and anonymize that file")
}
