//! What a frontend needs besides the engine, such as the command line, a page or a service. A caller that only
//! checks declarations needs nothing of this.

#[cfg(feature = "cli")]
pub mod errors;

#[cfg(feature = "cli")]
pub use crate::anonymize::Anonymizer;
pub use crate::calendar::eastern_day;
pub use crate::report::cause::{Frontend, Library};
pub use crate::report::{Standing, UnknownFormat, text};
pub use crate::rules::checklist::{ChecklistItem, embedded as checklist};
pub use crate::rules::{messages, pack};

/// The version of capelint.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
