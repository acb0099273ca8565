//! Text that is compared with a file of the project, by unit tests and by tests of whole commands.
//!
//! A difference is shown as a diff; `SNAPSHOTS=overwrite cargo test` writes the files anew.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::path::Path;

use snapbox::assert::{DEFAULT_ACTION_ENV, Result};
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

/// Compares a text with a file; its path begins at the project's folder.
#[track_caller]
pub fn assert_file(file: impl AsRef<Path>, text: &str) {
    if let Err(difference) = compare_file(file, text) {
        panic!("{difference}");
    }
}

/// The same, for a test that compares many files and shows all differences at once.
pub fn compare_file(file: impl AsRef<Path>, text: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
    Assert::new().action_env(DEFAULT_ACTION_ENV).try_eq(Some(&"now"), Data::text(text), expected)
}
