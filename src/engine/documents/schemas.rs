//! The JSON Schemas of the files that capelint reads and of the documents that it prints.

use serde_json::Value;
use strum::{IntoStaticStr, VariantArray};

use super::{explanation, uploads};
use crate::engine::load::Rules;
use crate::report::{self, Format};
use crate::rules::{schema, schema_names};
use crate::upload::triage_report;

/// A kind of file that has a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SchemaOf {
    /// Rule files.
    Rules,
    /// Files that declare tables.
    Tables,
    /// `capelint.yaml`.
    #[strum(serialize = "config")]
    Configuration,
    /// `messages.yaml`, the catalog of what CBP and ACE return.
    Messages,
    /// Reports in JSON.
    Report,
    /// What `fix` prints in JSON.
    Fix,
    /// What `plan` prints in JSON.
    Plan,
    /// What `triage` prints in JSON.
    Triage,
    /// What `explain` prints in JSON.
    Explain,
    /// What `test` prints in JSON.
    Test,
}

impl SchemaOf {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;
}

impl Rules {
    /// The JSON Schema (2020-12) of a kind of file, with the names that these rules have.
    pub fn schema(&self, of: SchemaOf) -> Value {
        let formats: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        match of {
            SchemaOf::Rules => schema_names::of_rules(schema::rules(), &self.set),
            SchemaOf::Tables => schema::tables(),
            SchemaOf::Messages => schema::messages(),
            SchemaOf::Report => report::json_schema(),
            SchemaOf::Fix => uploads::fix_schema(),
            SchemaOf::Plan => uploads::plan_schema(),
            SchemaOf::Triage => triage_report::schema(),
            SchemaOf::Explain => explanation::explain_schema(),
            SchemaOf::Test => explanation::test_schema(),
            SchemaOf::Configuration => schema_names::of_config(schema::config(), &self.set, &formats),
        }
    }
}
