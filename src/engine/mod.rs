//! The entry point: from rules, declarations and tables to an outcome, and from there to reports, upload files and
//! explanations.
//!
//! The calls are at the root of the crate: [`Loader`](crate::Loader) compiles rule files and a configuration into
//! [`Rules`](crate::Rules); [`Check`](crate::Check) takes declarations, tables, the filing date and the account, and
//! gives [`Checked`](crate::Checked), which has the [`Outcome`](crate::Outcome) with all that reports, upload files
//! and explanations need. Here is what else these calls take and give.

pub(crate) mod batch;
mod catalog;
pub(crate) mod check;
pub(crate) mod checked;
mod declared;
mod describe;
mod digest;
pub(crate) mod documents;
pub(crate) mod errors;
mod explain;
pub(crate) mod load;
mod names;
mod numbered;
pub(crate) mod outputs;
pub(crate) mod plan;
mod read;
mod run;
pub(crate) mod triage;
mod uploads;

pub use crate::duty::DutySum;
pub use crate::judge::truth::Truth;
pub use crate::waiver::BaselineKey;
pub use catalog::{ListedRule, ListedTable};
pub use describe::{MessageCard, NextStep, RuleCard, TextExplanation};
pub use explain::{Clause, ClauseCell, EntryExplanation, RuleExplanation, RuleStanding};
pub use plan::{ImporterTotal, Sum};
pub use uploads::{FirstNamed, UploadNotes};
