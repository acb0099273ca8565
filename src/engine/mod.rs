//! The entry point: from rules, declarations and tables to an outcome, and from there to reports, upload files and
//! explanations.
//!
//! Everything a caller needs is re-exported at the root of the crate.
//!
//! - [`Loader`] compiles rule files and a configuration into [`Rules`].
//! - [`Check`] takes declarations, tables, the filing date and the account, and gives [`Checked`].
//! - [`Checked`] has the [`Outcome`](crate::finding::Outcome) with all that reports, upload files
//!   and explanations need.

mod batch;
mod catalog;
mod check;
mod checked;
mod declared;
mod describe;
mod digest;
mod documents;
mod errors;
mod explain;
mod load;
mod names;
mod numbered;
mod outputs;
mod plan;
mod read;
mod run;
mod triage;
mod uploads;

pub use crate::finding::{Extent, RuleScope};
pub use crate::recognize::{FileCount, FileUse, Recognized};
#[cfg(feature = "parquet")]
pub use crate::report::parquet::Records;
pub use crate::report::spreadsheet::Scratch;
pub use crate::waiver::BaselineKey;
pub use catalog::{ListedRule, ListedTable};
pub use check::{Check, EVALUATED};
pub use checked::Checked;
pub use describe::{MessageCard, NextStep, RuleCard, TextExplanation, json};
pub use documents::explanation::{Explanation, of_tests as tests_document};
pub use documents::schemas::SchemaOf;
pub use documents::uploads::Written;
pub(crate) use errors::EngineCode;
pub use explain::{Clause, ClauseCell, EntryExplanation, RuleExplanation, RuleStanding};
pub use load::{Errors, Loader, RuleChoice, Rules};
pub use outputs::{ACCEPTED, CHECKLIST, DECLARATIONS, HELD, OutputFile, SUMMARY, WARNED, WORK_LIST};
pub use plan::{ExportPlan, ImporterTotal, PlanLists, PlanOptions, Sum};
pub use triage::Triaged;
pub use uploads::{FirstNamed, UploadNotes};
