//! The JSON documents of `fix`, `plan`, `explain` and `test`. Those of a check are reports, see
//! [`crate::report`].

pub mod explanation;
pub mod schemas;
pub mod uploads;

use serde::Serialize;

use crate::report::text::json_masked;

/// A JSON document of one value, with the version of its layout. Social security numbers are masked.
///
/// # Errors
/// None for the values of this crate.
pub fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct VersionedDocument<'v, T> {
        schema: u32,
        #[serde(flatten)]
        value: &'v T,
    }
    let text = serde_json::to_string(&VersionedDocument { schema: 1, value })?;
    Ok(json_masked(&text) + "\n")
}
