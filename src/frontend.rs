//! What a frontend needs besides the engine, such as the command line, a page or a service. A caller that only
//! checks declarations needs nothing of this.
//!
//! - [`Frontend`]: how the steps that reports advise are taken there.
//! - [`input`] and [`config`]: what is read, and the settings in force.
//! - [`outputs`]: what is written for upload, where the lists of a plan go, and what the files are called.
//! - [`documents`]: what commands other than `check` print in JSON, and the JSON Schemas.
//! - [`text`]: texts as people may see them.
//! - [`messages`], [`checklist`] and [`pack`]: the messages of CBP, the questions to answer before an upload, and the
//!   built-in rules as files.

#[cfg(feature = "cli")]
pub mod errors;

#[cfg(feature = "cli")]
pub use crate::anonymize::Anonymizer;
pub use crate::calendar::eastern_day;
pub use crate::report::cause::{Frontend, Library};
pub use crate::report::{ClientCount, Share, Standing, ToDo, UnknownFormat, Verdicts};
pub use crate::rules::checklist::{ChecklistItem, embedded as checklist};

/// The version of capelint.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Texts from outside, and figures, as people may see them.
pub mod text {
    pub use crate::figures::dollars;
    pub use crate::outside::{Outside, OutsideString, OutsideText, acts};
    pub use crate::report::text::{columns, count, json_masked, json_safe, thousands, wrapped};
}

/// Where bytes come from: the names of inputs, what a file is, and why one cannot be read.
pub mod input {
    pub use crate::input::{Opened, STDIN, WORKBOOKS, errors, is_locked, named_sheet};
    pub use crate::recognize::{FileCount, FileUse, Recognized};
}

/// What is written: the files, where the lists of a plan go, and lines that show what was changed.
pub mod outputs {
    pub use crate::engine::batch::SurveyedExport;
    pub use crate::engine::check::EVALUATED;
    pub use crate::engine::documents::uploads::Written;
    pub use crate::engine::outputs::{ACCEPTED, CHECKLIST, DECLARATIONS, HELD, SUMMARY, WARNED, WORK_LIST};
    pub use crate::engine::plan::PlanLists;
    #[cfg(feature = "parquet")]
    pub use crate::report::parquet::Records;
    pub use crate::report::spreadsheet::Scratch;
    pub use crate::upload::diff::unified;
    pub use crate::upload::plan::by_rule;
    pub use crate::upload::split::plain;
}

/// What commands other than `check` print in JSON, and the JSON Schemas of what is read and printed.
pub mod documents {
    pub use crate::engine::documents::explanation::{
        ErrorCard, ExplainedEntry, Explanation, TestDocument, of_tests as tests_document,
    };
    pub use crate::engine::documents::json;
    pub use crate::engine::documents::schemas::SchemaOf;
}

/// The settings in force: those of `capelint.yaml`, typed.
pub mod config {
    pub use crate::config::{Config, Output, RuleName, TableSource};
    pub use crate::waiver::Waiver;
}

/// The catalog of the messages that CBP and ACE show.
pub mod messages {
    pub use crate::rules::messages::{
        Lookup, Message, MessageCatalog, MessagePart, Refile, Stage, embedded, load,
    };
}

/// The built-in rule pack as files.
pub mod pack {
    pub use crate::rules::pack::{CHECKLIST, MESSAGES, PACK_FILE, embedded, file, files, in_order};
}
