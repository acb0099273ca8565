//! The JSON documents of `fix`, `plan`, `explain` and `test`. Those of a check are reports, see
//! [`crate::report`].

pub mod explanation;
pub mod schemas;
pub mod uploads;
