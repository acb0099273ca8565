//! Writes clean upload files from findings, and reads what CBP returns.
//!
//! - `plan`: which entries are written for upload, which are held back and why; no entry is lost. `split`
//!   distributes the entries to upload over files, `misplaced` finds numbers that no row declares.
//! - `csv`: the exact bytes of an upload file, and its limits; `lists`: what is held back, the work list of a plan,
//!   warnings.
//! - `rows`: where each row of the declarations goes.
//! - `diff`: what the clean file changes, line by line.
//! - `balance`: where the rows that were read went, as they are counted.
//! - `claims`: the rows of Claim Details.
//! - `triage`: what became of each entry according to Claim Details, and what to do about it; `triage_report` writes it
//!   for people and programs, and as a work list.
//!
//! Nothing here reads or writes files: the caller does.

pub(crate) mod balance;
pub(crate) mod claims;
pub(crate) mod csv;
pub(crate) mod diff;
pub(crate) mod lists;
pub(crate) mod misplaced;
pub(crate) mod plan;
pub(crate) mod rows;
pub(crate) mod split;
pub(crate) mod triage;
pub(crate) mod triage_report;

pub use balance::{Balance, Unbalanced};
pub use claims::{Claim, ClaimResult, Status};
pub use misplaced::MisplacedEntry;
pub use plan::{Held, Lifted, Reason, UploadFile, Warned};
pub use rows::{Destination, RowGroup};
pub use triage::{EntryResult, MessageGroup, OtherStatus, Triage, Unanswered};
