//! # capelint
//!
//! Checks CAPE declarations **before** the upload, because an accepted declaration cannot be
//! withdrawn. This library is the whole engine: bytes in, [`Outcome`] out. It never prints, never
//! reads the clock and opens no file, so that it runs behind a command line, in a browser, or in a
//! program of yours.
//!
//! ```
//! use capelint::{Check, Format, Input, Options, Rules, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The rules that CBP applies. A `Loader` adds your own, and a configuration.
//! let rules = Rules::built_in()?;
//!
//! // What will be uploaded, on which day, and what ACE knows about it.
//! let declaration = b"Entry Number\r\n00261103162\r\n00261111158\r\n";
//! let es003 = b"Entry Summary Number,Liquidation Status,Liquidation Date\r\n\
//!               00261103162,Liquidated,08/21/2026\r\n";
//! let mut check = Check::new(&rules, "2026-11-22".parse()?);
//! check.declaration("march.csv", *declaration).table("es003", "es003.csv", *es003);
//! let checked = check.run()?;
//!
//! // The first entry liquidated 93 days before; the second number has a wrong check digit.
//! let entries = &checked.outcome.entries;
//! assert_eq!(entries[0].verdict, Verdict::Rejected);
//! assert_eq!(entries[1].number, None);
//!
//! // Any of the formats that the command line has.
//! let mut report = Vec::new();
//! checked.render(Format::Human, &Options::default(), &mut report)?;
//! assert!(String::from_utf8(report)?.contains("liquidated-over-80-days"));
//! # Ok(())
//! # }
//! ```
//!
//! # What there is to do
//!
//! | to | call |
//! |---|---|
//! | load rule files and a configuration | [`Loader`], then [`Loader::load`] |
//! | check declarations | [`Check::run`], which gives [`Checked`] |
//! | write a report | [`Checked::render`] in a [`Format`] |
//! | write the files to upload | [`Checked::plan`], then [`Checked::files`] |
//! | explain what decided about an entry | [`Checked::explain_entry`] |
//! | compare Claim Details with a check | [`Check::triage`] |
//! | run the tests of rules | [`Rules::run_tests`] |
//!
//! The engine itself applies the dates on which rules are in force, severities, supersession and waivers, and which
//! rules are turned off: a caller cannot get a verdict from a rule that is not in force. A failure is [`Errors`],
//! which shows each place like a compiler. The same input gives the same output, byte for byte.
//!
//! Large exports are not kept in memory: give them as an [`Input`] that can be read at any offset
//! ([`ReadAt`]), and only the rows of declared entries are kept.
//!
//! The values of an outcome, and what else these calls take and give, are in modules:
//!
//! | module | has |
//! |---|---|
//! | [`finding`], [`cause`] | what a check gives: entries, findings, and why something is undecided |
//! | [`entry`] | entry numbers, and how they are written |
//! | [`source`], [`diagnostic`] | files and places, and the errors that name them |
//! | [`engine`] | what the calls above take and give |
//! | [`upload`], [`rule_tests`] | plans and triage, and the results of rules' own tests |
//! | [`frontend`] | what only a command line, a page or a service needs |
//!
//! # How it is built
//!
//! Data flows one way, and so do the modules:
//!
//! 1. `input` is where bytes come from; [`source`] gives them a name and every cell an exact
//!    [`Place`].
//! 2. `table` turns bytes (CSV or workbooks) into typed cells. [`entry`], `importer` and
//!    `account` are the values of the field.
//! 3. `rules` turns rule files into compiled rules; every error in one is found here, at its place,
//!    before anything runs.
//! 4. `judge` joins the declared entries with the tables' rows and applies the rules in three-valued logic.
//!    It depends on neither YAML nor files.
//! 5. [`finding`] is what comes out, and [`cause`] why something is undecided; `report` renders it,
//!    one small file per format. `upload` plans the files to upload and reads CBP's results.
//! 6. [`engine`] is the entry point to all of it, and [`frontend`] what the command line or a page needs besides.
//!
//! Without its default feature `cli` the library depends on nothing that touches files, clock or terminal,
//! and it builds for `wasm32-unknown-unknown`. The feature is for the `capelint` command (`src/main.rs`,
//! `src/cli`), which uses this library as any other caller would.
#![forbid(unsafe_code)]

// The tests of hostile files open them with the modules of the command line, which use this name.
#[cfg(test)]
extern crate self as capelint;

#[cfg(test)]
#[path = "../tests/common/snapshot.rs"]
mod snapshot;
#[cfg(test)]
#[path = "../tests/common/thorough.rs"]
mod thorough;

mod account;
#[cfg(feature = "cli")]
mod anonymize;
mod calendar;
pub mod cause;
mod code;
mod codes;
mod config;
pub mod diagnostic;
mod digits;
mod distinct;
mod duty;
pub mod engine;
pub mod entry;
mod figures;
pub mod finding;
pub mod frontend;
mod importer;
mod input;
mod judge;
mod mask;
mod mutation;
mod outside;
mod recognize;
mod report;
pub mod rule_tests;
mod rules;
pub mod source;
mod table;
pub mod upload;
mod waiver;
mod yaml;

pub use account::{Account, Client, Role};
pub use diagnostic::Diagnostic;
pub use duty::DutySum;
pub use engine::{
    Check, Checked, EntryExplanation, Errors, ExportPlan, Loader, OutputFile, PlanOptions, RuleChoice, Rules,
    Triaged,
};
pub use entry::EntryNumber;
pub use finding::{Declaration, Entry, Finding, Outcome, Severity, Undecided, Verdict};
pub use importer::{ImporterForm, ImporterNumber};
pub use input::{Input, Opened, ReadAt};
pub use report::{Format, Options};
pub use rules::RuleSource;
pub use source::{Place, Sources};
pub use upload::{Include, Plan, Sets};

/// What the fuzz targets look into.
#[cfg(fuzzing)]
#[doc(hidden)]
#[allow(missing_docs, reason = "each has the docs of its own")]
pub mod internals {
    pub mod judge {
        pub use crate::judge::*;
    }
    pub mod report {
        pub use crate::report::*;
    }
    pub mod rules {
        pub use crate::rules::*;
    }
    pub mod table {
        pub use crate::table::*;
    }
}
