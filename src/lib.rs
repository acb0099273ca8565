//! # capelint
//!
//! Checks CAPE declarations **before** the upload, because an accepted declaration cannot be
//! withdrawn. This library is the whole engine: bytes in, [`Outcome`] out. It never prints, never
//! reads the clock and opens no file, so that it runs behind a command line, in a browser, or in a
//! program of yours.
//!
//! # From rules to a report
//!
//! 1. **Load the rules.** [`Rules::built_in`] has those that CBP applies. A [`Loader`] adds rule files of your own, each
//!    a [`RuleSource`], and a configuration (`capelint.yaml`).
//! 2. **State what is to be checked.** A [`Check`] is of rules and of the **filing date**: the day of the upload, from
//!    which periods are counted. It takes declarations, tables such as the ES-003, and the [`Account`] that files. Each
//!    file is a name and an [`Input`]: bytes, or whatever can be read at any offset ([`ReadAt`]).
//! 3. **Run it.** [`Check::run`] gives [`Checked`]. Its [`Outcome`] has each [`Entry`] with its [`Verdict`], each
//!    [`Finding`] with its cell, and what is undecided because data is missing.
//! 4. **Render it.** [`Checked::render`] writes any [`Format`] that the command line has.
//!
//! ```
//! use capelint::{Account, Check, Format, ImporterNumber, Options, Role, Rules, Verdict};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = Rules::built_in()?;
//!
//! let declaration = b"Entry Number\r\n00261103162\r\n00261111158\r\n";
//! let es003 = b"Entry Summary Number,Importer Number,Liquidation Status,Liquidation Date\r\n\
//!               00261103162,12-3456789,Liquidated,08/21/2026\r\n";
//! let importer = ImporterNumber::parse("12-3456789");
//! let mut check = Check::new(&rules, "2026-11-22".parse()?);
//! check
//!     .declaration("march.csv", *declaration)
//!     .table("es003", "es003.csv", *es003)
//!     .nothing_to_list("protests")
//!     .account(Account {
//!         role: Some(Role::Importer),
//!         importer_numbers: importer.map(|number| vec![number]),
//!         ..Account::default()
//!     });
//! let checked = check.run()?;
//!
//! // The first entry liquidated 93 days before; the second number has a wrong check digit.
//! let entries = &checked.outcome.entries;
//! assert_eq!(entries[0].verdict, Verdict::Rejected);
//! assert_eq!(entries[1].number, None);
//!
//! let mut report = Vec::new();
//! checked.render(Format::Human, &Options::default(), &mut report)?;
//! assert!(String::from_utf8(report)?.contains("liquidated-over-80-days"));
//! # Ok(())
//! # }
//! ```
//!
//! A table that is not provided is not empty: rules that read it are undecided. [`Check::nothing_to_list`] states that there
//! is nothing to list.
//!
//! # What else there is to do
//!
//! All of it begins with the same rules and the same check.
//!
//! | to | call | and then |
//! |---|---|---|
//! | write clean files of checked declarations for upload | [`Checked::plan`] | [`Checked::files`] |
//! | plan the files from the ES-003 alone, without declarations | [`Check::plan`] | [`ExportPlan::files`] |
//! | compare CBP's Claim Details with a check, after an upload | [`Check::triage`] | [`Triaged::files`] |
//! | explain what decided about an entry | [`Checked::explain_entry`] | |
//! | explain a rule, or a message of CBP | [`Rules::describe_rule`], [`Rules::explain_text`] | |
//! | run the tests of rules | [`Rules::run_tests`] | |
//!
//! The JSON documents of `capelint fix`, `explain` and `test` are made by [`frontend::documents`].
//!
//! ```
//! use capelint::{Check, EntryNumber, Include, PlanOptions, Rules, Sets};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let rules = Rules::built_in()?;
//! # let es003 = b"Entry Summary Number,Liquidation Status,Liquidation Date\r\n00261103162,Liquidated,08/21/2026\r\n";
//! // Which entries of declarations may be uploaded, and the files with them: `capelint fix`.
//! let mut check = Check::new(&rules, "2026-11-22".parse()?);
//! check.declaration("march.csv", *b"Entry Number\r\n00261103162\r\n").table("es003", "es003.csv", *es003);
//! let checked = check.run()?;
//! let plan = checked.plan(Include::default(), Sets::PerDeclaration)?;
//! assert!(plan.files.is_empty());
//! let names: Vec<String> = checked.files(&plan).into_iter().map(|file| file.name).collect();
//! assert_eq!(names, ["warned.csv", "held.csv"]);
//!
//! // What decided about an entry: `capelint explain --entry`.
//! let number = EntryNumber::parse("002-6110316-2").ok_or("an entry number")?;
//! let explained = checked.explain_entry(number);
//! assert!(explained[0].rules.iter().any(|rule| rule.rule == "liquidated-over-80-days"));
//!
//! // What becomes of every entry of an export: `capelint plan`.
//! let mut check = Check::new(&rules, "2026-11-22".parse()?);
//! check.table("es003", "es003.csv", *es003);
//! let plan = check.plan(&PlanOptions::default())?;
//! assert_eq!((plan.sum.entries, plan.sum.work), (1, 1));
//! # Ok(())
//! # }
//! ```
//!
//! # What can be relied on
//!
//! - The engine itself applies the dates on which rules are in force, severities, supersession and waivers, and which
//!   rules are turned off: a caller cannot get a verdict from a rule that is not in force.
//! - The same input, rules and filing date give the same output, byte for byte.
//! - Inputs that cannot be read, or are not what they were provided as, are reported together as [`Errors`], which show
//!   each place like a compiler.
//! - Of a table that can be read at any offset only the rows of declared entries are kept in memory.
//!
//! # Where the other types are
//!
//! The calls and what they are made of are on this page. The parts of what they take and give are in modules:
//!
//! | module | has |
//! |---|---|
//! | [`finding`], [`cause`] | what a check gives: entries, findings, and why something is undecided |
//! | [`engine`] | the parts of plans and explanations, and lists of rules and tables |
//! | [`upload`] | the parts of what is written for upload, and of a comparison with Claim Details |
//! | [`rule_tests`] | which tests of rules run, and what they showed |
//! | [`entry`] | entry numbers, how they are written, and their check digit |
//! | [`source`], [`diagnostic`] | files and places, and the errors that name them |
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
// Tests include files of the command line, whose types no other crate sees.
#![cfg_attr(not(test), warn(unnameable_types))]

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
mod columns;
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
pub use engine::check::Check;
pub use engine::checked::Checked;
pub use engine::load::{Errors, Loader, RuleChoice, Rules};
pub use engine::outputs::OutputFile;
pub use engine::plan::{ExportPlan, PlanOptions};
pub use engine::triage::Triaged;
pub use entry::EntryNumber;
pub use finding::{Entry, Finding, Outcome, Severity, Verdict};
pub use importer::ImporterNumber;
pub use input::{Input, ReadAt};
pub use report::{Format, Options};
pub use rules::RuleSource;
pub use source::Place;
pub use upload::plan::{Include, Plan, Sets};

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

        /// What a text is read as in a column of that type.
        pub fn read_as(kind: schema::Type, text: &str) -> value::CellReading {
            value::read(&schema::Column::new("cell", kind), text)
        }
    }
}
