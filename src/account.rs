//! The account that files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::importer::ImporterNumber;
use crate::outside::OutsideString;

/// The account that will file, as far as the user stated it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Importer or broker.
    pub role: Option<Role>,
    /// The importer numbers of the account.
    pub importer_numbers: Option<Vec<ImporterNumber>>,
    /// The filer codes of the account, upper case.
    pub filer_codes: Option<Vec<String>>,
    /// Filer codes of couriers that are importers of record themselves, upper case.
    pub courier_filer_codes: Option<Vec<String>>,
    /// For whom the account files, where it files for several. No importer number is of two clients.
    pub clients: Vec<Client>,
}

impl Account {
    /// Whose importer number that is.
    pub fn client(&self, importer: &ImporterNumber) -> Option<&Client> {
        self.client_index(importer).map(|at| &self.clients[at])
    }

    /// The same as an index into the clients.
    pub(crate) fn client_index(&self, importer: &ImporterNumber) -> Option<usize> {
        let is_own = |own: &ImporterNumber| own.same_importer(importer);
        self.clients.iter().position(|client| client.importer_numbers.iter().any(is_own))
    }
}

/// A client for whom an account files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What people call it.
    pub name: OutsideString,
    /// Its importer numbers.
    pub importer_numbers: Vec<ImporterNumber>,
}

/// The role of the filer (CSMS 68315804: the importer of record, or the broker that filed the entry summaries
/// for it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The importer of record.
    Importer,
    /// The broker that filed the entry summaries.
    Broker,
}
