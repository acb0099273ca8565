//! Distributes entries over upload files, and names the files.

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};

use super::csv::{MAX_ENTRIES, UPLOAD};
use crate::account::{Account, Role};
use crate::entry::EntryNumber;
use crate::importer::{self, ImporterNumber};
use crate::input::named_sheet;
use crate::outside::Outside;

/// How files are called: `declaration-12-3456789-001.csv`.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// What the names begin with.
    pub stem: &'a str,
    /// Whether the names have the importer even where all files are of one.
    pub always_labeled: bool,
    /// Whether the names have the day on which the window of their first entry closes.
    pub dated: bool,
}

impl Default for Naming<'_> {
    fn default() -> Self {
        Self { stem: UPLOAD, always_labeled: false, dated: false }
    }
}

/// What entries that share upload files have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileGroup {
    /// The account may file all entries together.
    All,
    /// What the account decides by.
    Of {
        /// The first 3 characters of the entry number.
        filer_code: [u8; 3],
        /// The importer, where it is known.
        importer: Option<ImporterNumber>,
    },
    /// Nothing: the entry has files of its own.
    Alone(EntryNumber),
}

impl FileGroup {
    /// The group of an entry.
    pub fn of(number: EntryNumber, importer: Option<ImporterNumber>) -> Self {
        Self::Of { filer_code: number.filer_code_bytes(), importer }
    }

    /// What separates entries that cannot be on one upload: groups with the same label share files. What is behind `/`
    /// is in no name: different clients may have names that give one.
    fn label(self, account: &Account) -> String {
        let (filer_code, importer) = match self {
            Self::All => return String::new(),
            Self::Alone(number) => return number.to_string(),
            Self::Of { filer_code, importer } => (filer_code, importer),
        };
        match account.role {
            // Filer account: the first 3 characters of each entry are its filer code.
            Some(Role::Broker) => {
                let client = importer.and_then(|importer| account.client_index(&importer));
                let name = |at: usize| format!("-{}/{at}", plain(account.clients[at].name.raw()));
                format!("{}{}", String::from_utf8_lossy(&filer_code), client.map_or(String::new(), name))
            }
            // Importer account: the importer number of each entry is the account's.
            Some(Role::Importer) if may_have_several(account) => {
                let unknown = || "importer-unknown".to_owned();
                importer.map_or_else(unknown, |number| importer_label(&number, account))
            }
            _ => String::new(),
        }
    }
}

/// What goes into one file.
#[derive(Clone, Debug)]
pub struct SplitFile<T> {
    /// The name of the file, such as `declaration-001.csv`.
    pub name: String,
    /// Its entries, in their order.
    pub entries: Vec<T>,
    /// The earliest of their filing deadlines, where that is known.
    pub deadline: Option<NaiveDate>,
}

/// Spreads entries over files, in their order: by what the account may file together, then by size. `of` gives an
/// entry's group and the day on which its window closes.
pub fn split<T: Copy>(
    entries: impl IntoIterator<Item = T>,
    of: impl Fn(T) -> (FileGroup, Option<NaiveDate>),
    account: &Account,
    naming: Naming<'_>,
) -> Vec<SplitFile<T>> {
    let mut labels: Vec<(String, Vec<T>)> = Vec::new();
    let mut by_label: HashMap<String, usize> = HashMap::new();
    // A label is put together once for each group, not for each entry.
    let mut by_group: HashMap<FileGroup, usize> = HashMap::new();
    for entry in entries {
        let (group, _) = of(entry);
        let at = *by_group.entry(group).or_insert_with(|| {
            *by_label.entry(group.label(account)).or_insert_with_key(|label| {
                labels.push((label.clone(), Vec::new()));
                labels.len() - 1
            })
        });
        labels[at].1.push(entry);
    }
    let labeled = labels.len() > 1 || naming.always_labeled;
    let mut used = HashSet::new();
    let mut files = Vec::new();
    for (label, entries) in labels {
        let mut name = naming.stem.to_owned();
        if labeled && !label.is_empty() {
            // Two importers may have the same last four digits, and two clients like names.
            name = unused(format!("{name}-{}", file_label(&label)), &mut used);
        }
        for (at, part) in entries.chunks(MAX_ENTRIES).enumerate() {
            let deadline = part.iter().filter_map(|entry| of(*entry).1).min();
            let day = deadline.filter(|_| naming.dated).map_or(String::new(), |day| format!("-by-{day}"));
            let name = format!("{name}-{:03}{day}.csv", at + 1);
            files.push(SplitFile { name, entries: part.to_vec(), deadline });
        }
    }
    files
}

/// How the upload files of each declaration are called, given the declarations' names: `march.csv` gives
/// `declaration-march`. No two are alike, not even where the case of letters does not matter.
pub fn set_names<'a>(declarations: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut used: HashSet<String> = HashSet::new();
    let name = |declaration: &str| {
        let (file, sheet) = named_sheet(declaration);
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let stem = match file.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && extension.len() <= 4 => stem,
            _ => file,
        };
        let whole = [stem].into_iter().chain(sheet).collect::<Vec<_>>().join("-");
        let mut plain = String::new();
        for c in Outside::new(&whole).masked().chars().take(MAX_STEM) {
            match c {
                'A'..='Z' | 'a'..='z' | '0'..='9' => plain.push(c),
                _ if plain.ends_with('-') => {}
                _ => plain.push('-'),
            }
        }
        let plain = plain.trim_matches('-');
        let own = plain.strip_prefix(UPLOAD).filter(|rest| rest.is_empty() || rest.starts_with('-'));
        match own {
            Some(_) => plain.to_owned(),
            None if plain.is_empty() => UPLOAD.to_owned(),
            None => format!("{UPLOAD}-{plain}"),
        }
    };
    declarations.into_iter().map(|declaration| unused(name(declaration), &mut used)).collect()
}

/// The name, with a number behind it where one of those used is the same but for the case of letters.
fn unused(name: String, used: &mut HashSet<String>) -> String {
    let mut own = name.clone();
    let mut times = 1;
    while !used.insert(own.to_ascii_lowercase()) {
        times += 1;
        own = format!("{name}-no{times}");
    }
    own
}

/// The longest part of a declaration's name that its upload files keep, in characters.
const MAX_STEM: usize = 80;

/// A name as files and folders are called: letters and digits of ASCII, and dashes between them. Of what may be a
/// person's number only the last digits stay.
pub fn plain(name: &str) -> String {
    let name = Outside::new(name).masked();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let plain: String = words.collect::<Vec<_>>().join("-").chars().take(60).collect();
    if plain.is_empty() { "client".to_owned() } else { plain.to_lowercase() }
}

/// Whether the importer account may have several importer numbers: where one is all there is, another number
/// on an entry is a matter for the rules.
fn may_have_several(account: &Account) -> bool {
    let Some(numbers) = &account.importer_numbers else { return true };
    let bases: HashSet<&str> = numbers.iter().map(ImporterNumber::base).collect();
    bases.len() != 1
}

/// What tells importers apart, never printed: form and base. The account's own way of writing distinguishes
/// an employer's number from a social security number where the export has bare digits.
fn importer_label(number: &ImporterNumber, account: &Account) -> String {
    let known = account.importer_numbers.iter().flatten().find(|known| known.same_importer(number));
    let number = known.unwrap_or(number);
    match number.form() {
        importer::ImporterForm::Employer => format!("{}-{}", &number.base()[..2], &number.base()[2..]),
        importer::ImporterForm::Assigned => number.to_string(),
        importer::ImporterForm::SocialSecurity | importer::ImporterForm::NineDigits => {
            format!("!{}", number.base())
        }
    }
}

/// A label as file names show it, without what is behind `/`: of what may be a social security number the last 4 digits.
fn file_label(label: &str) -> String {
    match label.strip_prefix('!') {
        Some(base) => format!("importer-{}", &base[base.len().saturating_sub(4)..]),
        None => label.split('/').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Client;
    use crate::upload::plan::tests::number;

    #[test]
    fn clients_whose_names_give_one_file_name_have_files_of_their_own() {
        let names = [
            "Acme Inc",
            "Acme, Inc.",
            "\u{65e5}\u{672c}",
            "\u{4e2d}\u{56fd}",
            "Bolt 123-45-6789",
            "Acme Inc no2",
        ];
        let importer = |n: usize| ImporterNumber::parse(&format!("1{n}-3456789")).expect("a number");
        let client =
            |(n, name): (usize, &&str)| Client { name: (*name).into(), importer_numbers: vec![importer(n)] };
        let account = Account {
            role: Some(Role::Broker),
            clients: names.iter().enumerate().map(client).collect(),
            ..Account::default()
        };
        let entries = 0..2 * names.len();
        let of = |n: usize| (FileGroup::of(number(n as u32), Some(importer(n % names.len()))), None);
        let naming = Naming { always_labeled: true, ..Naming::default() };
        let files = split(entries, of, &account, naming);
        let written: Vec<(&str, &[usize])> =
            files.iter().map(|file| (file.name.as_str(), file.entries.as_slice())).collect();
        let expected: [(&str, &[usize]); 6] = [
            ("declaration-ABC-acme-inc-001.csv", &[0, 6]),
            ("declaration-ABC-acme-inc-no2-001.csv", &[1, 7]),
            ("declaration-ABC-client-001.csv", &[2, 8]),
            ("declaration-ABC-client-no2-001.csv", &[3, 9]),
            ("declaration-ABC-bolt-6789-001.csv", &[4, 10]),
            ("declaration-ABC-acme-inc-no2-no2-001.csv", &[5, 11]),
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn upload_files_are_named_after_their_declarations() {
        for (declarations, expected) in [
            (&["march.csv"][..], &["declaration-march"][..]),
            (&["declaration.csv"], &["declaration"]),
            (
                &["in/declaration-march.csv", "declarations.csv"],
                &["declaration-march", "declaration-declarations"],
            ),
            (
                &["a/march.csv", "b/March.xlsx", "march.csv"],
                &["declaration-march", "declaration-March-no2", "declaration-march-no3"],
            ),
            (&["C:\\files\\Plan of M\u{e4}rz (2).xlsx"], &["declaration-Plan-of-M-rz-2"]),
            (&["<stdin>", "..", "=.csv"], &["declaration-stdin", "declaration", "declaration-no2"]),
        ] {
            assert_eq!(set_names(declarations.iter().copied()), expected);
        }
        let names = set_names(["importer 987-65-4320.csv"]);
        assert!(!names[0].contains("987"), "{names:?}");
    }
}
