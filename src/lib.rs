//! # capelint
//!
//! A linter for CAPE declarations, run **before** the upload, because an accepted declaration
//! cannot be withdrawn.
//!
//! Data flows one way, and so do the modules:
//!
//! 1. [`source`] gives bytes a name and every cell an exact [`source::Place`].
//! 2. [`table`] turns bytes (CSV or XLSX) into typed cells under the columns that a
//!    [`table::schema::Schema`] declares. [`entry`], [`importer`] and [`calendar`] are the
//!    domain values it reads.
//! 3. [`rules`] turns YAML rule files into compiled [`rules::model::Rule`]s; every error in
//!    one is found here, at its place, before anything runs.
//! 4. [`judge`] joins the declared entries with the tables' rows and applies the rules in
//!    three-valued logic. It knows neither YAML nor files.
//! 5. [`finding`] is what comes out; [`report`] renders it, one small file a format, and knows
//!    no rules. [`upload`] writes the clean files and reads CBP's answers.
//!
//! The library never prints, never reads the clock and opens no file: whoever calls it gives bytes,
//! or an [`input::Input`] that opens something when it is asked to. Without its default feature
//! `cli` it depends on nothing that does, and it builds for `wasm32-unknown-unknown`. The feature is
//! for the `capelint` command (`src/main.rs`, `src/cli`), which uses this library as anybody else
//! would.
#![forbid(unsafe_code)]

pub mod account;
pub mod anonymize;
pub mod calendar;
pub mod cause;
pub mod config;
pub mod diagnostic;
pub mod digits;
pub mod engine;
pub mod entry;
pub mod figures;
pub mod finding;
pub mod importer;
pub mod input;
pub mod judge;
pub mod recognize;
pub mod report;
pub mod rule_tests;
pub mod rules;
pub mod source;
pub mod table;
pub mod upload;
pub mod waiver;
pub mod yaml;

pub use engine::{Check, Checked, Errors, Loader, RuleChoice, Rules};
pub use input::{Input, ReadAt};
pub use report::{Format, Options};
