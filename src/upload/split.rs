//! Which entries share an upload file, and what the files are called.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};

use super::plan::{MAX_ENTRIES, UploadFile};
use crate::account::{Account, Role};
use crate::entry::EntryNumber;
use crate::importer::{self, ImporterNumber};

/// An entry with the day on which its window closes.
type Dated = (Option<NaiveDate>, EntryNumber);

/// Spreads the entries over files: by account where one upload cannot serve several, then by size.
pub fn split(
    uploads: &[(Option<NaiveDate>, usize, EntryNumber)],
    account: &Account,
    importer: &dyn Fn(EntryNumber) -> Option<ImporterNumber>,
) -> Vec<UploadFile> {
    let label = |number: EntryNumber| match account.role {
        // Filer account: the first three characters of each entry are its filer code.
        Some(Role::Broker) => number.filer_code().to_owned(),
        // Importer account: the importer number of each entry is the account's.
        Some(Role::Importer) if may_have_several(account) => importer(number)
            .map_or_else(|| "importer-unknown".to_owned(), |number| importer_label(&number, account)),
        _ => String::new(),
    };
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    let mut parts: Vec<(String, Vec<Dated>)> = Vec::new();
    for &(deadline, _, number) in uploads {
        let label = label(number);
        let at = *accounts.entry(label).or_insert_with_key(|label| {
            parts.push((label.clone(), Vec::new()));
            parts.len() - 1
        });
        parts[at].1.push((deadline, number));
    }
    let several = parts.len() > 1;
    let mut shown: HashMap<String, usize> = HashMap::new();
    let mut files = Vec::new();
    for (label, entries) in parts {
        let mut name = "declaration".to_owned();
        if several {
            let label = file_label(&label);
            let times = shown.entry(label.clone()).or_default();
            *times += 1;
            // Two importers may have the same last four digits.
            name = if *times == 1 { format!("{name}-{label}") } else { format!("{name}-{label}-no{times}") };
        }
        for (at, part) in entries.chunks(MAX_ENTRIES).enumerate() {
            files.push(UploadFile {
                name: format!("{name}-{:03}.csv", at + 1),
                entries: part.iter().map(|(_, number)| *number).collect(),
                deadline: part.iter().filter_map(|(deadline, _)| *deadline).min(),
            });
        }
    }
    files
}

/// Whether the importer's account may hold several importer numbers: where one is all there is,
/// another number on an entry is a matter for the rules.
fn may_have_several(account: &Account) -> bool {
    let Some(numbers) = &account.importer_numbers else { return true };
    let bases: HashSet<&str> = numbers.iter().map(ImporterNumber::base).collect();
    bases.len() != 1
}

/// What tells importers apart, never printed: form and base. The account's own way of writing
/// tells an employer's number from a social security number where the export has bare digits.
fn importer_label(number: &ImporterNumber, account: &Account) -> String {
    let known = account.importer_numbers.iter().flatten().find(|known| known.same_importer(number));
    let number = known.unwrap_or(number);
    match number.form() {
        importer::Form::Employer => format!("{}-{}", &number.base()[..2], &number.base()[2..]),
        importer::Form::Assigned => number.to_string(),
        importer::Form::SocialSecurity | importer::Form::NineDigits => format!("!{}", number.base()),
    }
}

/// A label as file names show it: of what may be a social security number the last four digits.
fn file_label(label: &str) -> String {
    match label.strip_prefix('!') {
        Some(base) => format!("importer-{}", &base[base.len().saturating_sub(4)..]),
        None => label.to_owned(),
    }
}
