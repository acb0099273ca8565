//! From findings to clean upload files, and back from CBP's answer.
//!
//! - [`plan`]: which entries go out, in which file, which are held back and why; no entry is lost.
//! - [`csv`]: the exact bytes of an upload file, and of the list of what is held back.
//! - [`rows`]: where each row of the declarations goes.
//! - [`diff`]: what the clean file changes, line by line.
//! - [`triage`]: what Claim Details say of each entry, and what to do about it; [`messages`] knows
//!   what CBP says.
//!
//! Everything here is values in, values out; files are written by [`crate::cli`].

pub mod csv;
pub mod diff;
pub mod messages;
pub mod plan;
pub mod rows;
pub mod triage;
