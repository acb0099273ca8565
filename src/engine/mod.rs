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
mod declared;
mod describe;
mod digest;
mod errors;
mod explain;
mod load;
mod names;
mod numbered;
mod plan;
mod triage;
mod uploads;

pub use crate::finding::{Extent, RuleScope};
pub use crate::recognize::{FileCount, FileUse, Recognized};
pub use crate::report::explanation::{Explanation, of_tests as tests_document};
#[cfg(feature = "parquet")]
pub use crate::report::parquet::Records;
pub use crate::report::spreadsheet::Scratch;
pub use crate::report::uploads::Written;
pub use crate::waiver::BaselineKey;
pub use catalog::{ListedRule, ListedTable, SchemaOf};
pub use check::{ACCEPTED, Check, Checked, HELD, OutputFile, WARNED};
pub use describe::{MessageCard, NextStep, RuleCard, TextExplanation, json};
pub(crate) use errors::EngineCode;
pub use explain::{Clause, ClauseCell, EntryExplanation, RuleExplanation, RuleStanding};
pub use load::{Errors, Loader, RuleChoice, Rules};
pub use plan::{
    CHECKLIST, DECLARATIONS, EVALUATED, ExportPlan, ImporterTotal, PlanLists, PlanOptions, SUMMARY, Sum,
};
pub use triage::{Triaged, WORK_LIST};
pub use uploads::{FirstNamed, UploadNotes};
