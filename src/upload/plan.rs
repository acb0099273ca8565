//! Decides which entries are written for upload and which are held back.
//!
//! A finding that `capelint fix` repairs by writing (a number with dashes, a second row, a wrong header)
//! keeps no entry from being uploaded. Because of an error that it cannot repair the entry is held back, and
//! because of one on the file all entries of the file. What was read is accounted for row by row:
//! [`Balance`].

use std::borrow::Cow;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};

use super::balance::{Balance, RowsSeen, Unbalanced};
use super::csv::{self, MAX_ENTRIES, SIZE_LIMIT, UPLOAD};
use super::misplaced::MisplacedEntry;
use super::split::{FileGroup, Naming, SplitFile, split};
use crate::account::Account;
use crate::entry::EntryNumber;
use crate::finding::{Finding, Outcome};
use crate::finding::{RuleId, Severity};
use crate::importer::ImporterNumber;

/// Which entries without an error are written for upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Include {
    /// Entries with a warning.
    pub warned: bool,
    /// Entries for which an error or stop rule is undecided.
    pub undecided: bool,
    /// Entries with a stop, and those of a declaration with one.
    pub stopped: bool,
}

/// Warned entries are included, because CBP accepts them. Undecided and stopped ones are held back,
/// because an accepted declaration cannot be withdrawn.
impl Default for Include {
    fn default() -> Self {
        Self { warned: true, undecided: false, stopped: false }
    }
}

impl Include {
    /// Whether entries with such a finding are uploaded by a person's word alone.
    fn lifts(self, severity: Severity) -> bool {
        match severity {
            Severity::Stop => self.stopped,
            Severity::Error | Severity::Warning | Severity::Note => false,
        }
    }
}

/// Which entries may share an upload file, besides what the account allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sets {
    /// Those of one declaration: each has files of its own, named after it.
    #[default]
    PerDeclaration,
    /// All.
    Merged,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The upload files, in the order in which they should be uploaded.
    pub files: Vec<UploadFile>,
    /// What is held back, in the order of the declarations.
    pub held: Vec<Held>,
    /// Findings on whole files that hold back all of their entries: indices of
    /// [`Outcome::findings`].
    pub file_errors: Vec<usize>,
    /// The warnings on entries to upload, those of an entry together, in the order of the declarations.
    pub warned: Vec<Warned>,
    /// How many of the entries to upload have an error or stop rule that is undecided.
    pub undecided: usize,
    /// What would have held back entries to upload, and what a person lifted, in the order of the declarations.
    pub lifted: Vec<Lifted>,
    /// Entry numbers that no row of their own declares; they are listed with what is held back.
    pub misplaced: Vec<MisplacedEntry>,
    /// The sum.
    pub balance: Balance,
}

/// A file to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadFile {
    /// Its name, such as `declaration-001.csv`.
    pub name: String,
    /// Its entries, those first whose window closes first.
    pub entries: Vec<EntryNumber>,
    /// The earliest of their filing deadlines, where that is known.
    pub deadline: Option<NaiveDate>,
}

impl UploadFile {
    /// Its bytes, as CBP's template has them.
    pub fn bytes(&self) -> Vec<u8> {
        csv::declaration(&self.entries)
    }
}

/// An entry that is held back, or a row whose number cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The first of its entries: an index into [`Outcome::entries`].
    pub entry: usize,
    /// Why. Never empty. Where there are errors, only these.
    pub reasons: Vec<Reason>,
}

impl Held {
    /// What keeps the entry, each rule once: `psc-needed`, `protest-open (undecided)`.
    pub fn rules<'o>(&self, outcome: &'o Outcome) -> Vec<Cow<'o, str>> {
        let name = |reason: &Reason| match reason {
            Reason::Finding(at) => outcome.rule(outcome.findings[*at].rule).id.as_str().into(),
            Reason::Undecided(rule) => format!("{} (undecided)", outcome.rule(*rule).id).into(),
            Reason::Unreadable => "unreadable entry number".into(),
        };
        let mut names: Vec<Cow<'o, str>> = self.reasons.iter().map(name).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// How many entries each rule holds back, most entries first.
pub fn by_rule(held: &[Held], outcome: &Outcome) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in held.iter().flat_map(|held| held.rules(outcome)) {
        *counts.entry_ref(name.as_ref()).or_insert(0) += 1;
    }
    most_first(counts)
}

/// Counts in the order in which they are shown.
pub(crate) fn most_first(counts: HashMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(name_a, a), (name_b, b)| (b, name_a).cmp(&(a, name_b)));
    counts
}

/// Why an entry is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A finding on it, or on its file: an index into [`Outcome::findings`].
    Finding(usize),
    /// An error rule that could not be decided.
    Undecided(RuleId),
    /// The cell leaves doubt about the number, and no finding has the reason.
    Unreadable,
}

impl Reason {
    /// Whether a rule is undecided.
    pub(crate) fn is_undecided(&self) -> bool {
        match self {
            Self::Undecided(_) => true,
            Self::Finding(_) | Self::Unreadable => false,
        }
    }
}

/// What would have held back an entry to upload, if no waiver, no baseline and no [`Include`] had lifted it. A
/// finding has its own mark where it is waived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// The entry: an index into [`Outcome::entries`]; `None` for a finding on a whole file.
    pub entry: Option<usize>,
    /// What was lifted.
    pub reason: Reason,
}

/// A warning on an entry that is written for upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warned {
    /// The entry: an index into [`Outcome::entries`].
    pub entry: usize,
    /// The warning: an index into [`Outcome::findings`].
    pub finding: usize,
}

/// The same entry in all declarations of a run.
struct SameEntry {
    number: Option<EntryNumber>,
    entries: Vec<usize>,
    deadline: Option<NaiveDate>,
}

/// Decides what is written.
///
/// `read` is compared with the outcome: no row may have been lost on the way. `misplaced` comes from
/// [`super::misplaced::misplaced`]. `names` gives for each declaration how its upload files are called; where
/// it is empty, all entries are one set. `importer` gives the importer of record of an entry, where the
/// export has it.
///
/// # Errors
/// Where the rows do not add up, an entry would be uploaded twice, or a file would break a limit.
pub fn plan(
    outcome: &Outcome,
    read: RowsSeen,
    misplaced: Vec<MisplacedEntry>,
    include: Include,
    names: &[String],
    account: &Account,
    importer: &dyn Fn(EntryNumber) -> Option<ImporterNumber>,
) -> Result<Plan, Unbalanced> {
    let findings = Findings::of(outcome, include);
    // A damaged row is held back, although its cell is blank.
    let damaged = outcome.entries.iter().filter(|entry| entry.is_blank());
    let damaged: usize = damaged.map(|entry| entry.rows as usize).sum();
    let blank = read.blank.saturating_sub(damaged);
    let mut balance = Balance { rows: read.rows, blank, ..Balance::default() };
    let mut uploads = vec![Vec::new(); names.len().max(1)];
    let mut held = Vec::new();
    let mut lifted = Vec::new();
    let (mut warned, mut undecided) = (Vec::new(), 0);
    for group in groups(outcome) {
        let first = group.entries[0];
        let all_rows: usize = group.entries.iter().map(|at| outcome.entries[*at].rows as usize).sum();
        let mut reasons = findings.errors(&group.entries);
        let Some(number) = group.number else {
            if reasons.is_empty() {
                reasons.push(Reason::Unreadable);
            }
            balance.duplicates += all_rows - 1;
            held.push(Held { entry: first, reasons });
            continue;
        };
        reasons.extend(findings.file_errors(&group.entries).map(Reason::Finding));
        let open = findings.undecided(&group.entries);
        let warnings = findings.warnings(&group.entries);
        let holds_open = !include.undecided && !open.is_empty();
        let holds_warned = !include.warned && !warnings.is_empty();
        if !reasons.is_empty() || holds_open || holds_warned {
            // What else is open about an entry with an error matters once the error is gone.
            if reasons.is_empty() {
                if holds_open {
                    reasons.extend(open.into_iter().map(Reason::Undecided));
                }
                if holds_warned {
                    reasons.extend(warnings.iter().map(|warning| Reason::Finding(warning.finding)));
                }
            }
            held.push(Held { entry: first, reasons });
        } else {
            warned.extend(warnings);
            undecided += usize::from(!open.is_empty());
            lifted.extend(findings.lifted(&group.entries));
            let open = open.into_iter().map(Reason::Undecided);
            lifted.extend(open.map(|reason| Lifted { entry: Some(first), reason }));
            let declaration =
                || outcome.declarations.iter().position(|declaration| declaration.entries.contains(&first));
            let set = if names.is_empty() { 0 } else { declaration().unwrap_or(0) };
            uploads[set].push((group.deadline, first, number));
        }
        balance.duplicates += all_rows - 1;
    }
    let mut files = Vec::new();
    for (set, mut uploads) in uploads.into_iter().enumerate() {
        // The index keeps file order among equal deadlines; an unknown deadline comes last.
        uploads.sort_by_key(|&(deadline, first, _)| (deadline.is_none(), deadline, first));
        let name = names.get(set).map_or(UPLOAD, String::as_str);
        let of = |(deadline, _, number)| (FileGroup::of(number, importer(number)), deadline);
        let split_files = split(uploads, of, account, Naming { stem: name, ..Naming::default() });
        files.extend(split_files.into_iter().map(|SplitFile { name, entries, deadline }| UploadFile {
            name,
            entries: entries.into_iter().map(|(_, _, number)| number).collect(),
            deadline,
        }));
    }
    distinguish(&mut files);
    if !files.is_empty() {
        lifted.extend(
            findings.lifted_on_files.iter().map(|at| Lifted { entry: None, reason: Reason::Finding(*at) }),
        );
    }
    balance.uploaded = files.iter().map(|file| file.entries.len()).sum();
    balance.held = held.len();
    let plan =
        Plan { files, held, file_errors: findings.on_files, warned, undecided, lifted, misplaced, balance };
    plan.verify(outcome)?;
    Ok(plan)
}

/// Gives files of one name different names: one declaration may be called as another's part of an account.
fn distinguish(files: &mut [UploadFile]) {
    let mut used: HashSet<String> = HashSet::new();
    for UploadFile { name, .. } in files {
        let Some((stem, rest)) = name.rsplit_once('-').map(|(a, b)| (a.to_owned(), b.to_owned())) else {
            continue;
        };
        let mut times = 1;
        while !used.insert(name.to_ascii_lowercase()) {
            times += 1;
            *name = format!("{stem}-no{times}-{rest}");
        }
    }
}

/// The entries of all declarations, the same number once, in the order of their first rows.
fn groups(outcome: &Outcome) -> Vec<SameEntry> {
    let mut groups: Vec<SameEntry> = Vec::new();
    let mut known: HashMap<EntryNumber, usize> = HashMap::new();
    for (at, entry) in outcome.entries.iter().enumerate() {
        let group = match entry.number {
            Some(number) => *known.entry(number).or_insert(groups.len()),
            None => groups.len(),
        };
        if group == groups.len() {
            groups.push(SameEntry { number: entry.number, entries: Vec::new(), deadline: None });
        }
        groups[group].entries.push(at);
        groups[group].deadline = [groups[group].deadline, entry.deadline].into_iter().flatten().min();
    }
    groups
}

/// The findings, by what they are on.
struct Findings<'a> {
    outcome: &'a Outcome,
    include: Include,
    by_entry: Vec<Vec<usize>>,
    /// Errors and stops on files that hold back what is in them.
    on_files: Vec<usize>,
    /// Errors and stops on files that a person lifted.
    lifted_on_files: Vec<usize>,
}

impl<'a> Findings<'a> {
    fn of(outcome: &'a Outcome, include: Include) -> Self {
        let by_entry = vec![Vec::new(); outcome.entries.len()];
        let mut findings =
            Self { outcome, include, by_entry, on_files: Vec::new(), lifted_on_files: Vec::new() };
        for (at, finding) in outcome.findings.iter().enumerate() {
            match finding.entry() {
                Some(entry) => findings.by_entry[entry].push(at),
                None if !holds(finding) => {}
                None if findings.is_lifted(finding) => findings.lifted_on_files.push(at),
                None => findings.on_files.push(at),
            }
        }
        findings
    }

    /// Whether a person decided that a finding keeps nothing from being uploaded.
    fn is_lifted(&self, finding: &Finding) -> bool {
        finding.waived.is_some() || self.include.lifts(finding.severity)
    }

    fn on(&self, entries: &[usize]) -> impl Iterator<Item = (usize, &'a Finding)> {
        let all = entries.iter().flat_map(|entry| &self.by_entry[*entry]);
        all.map(|at| (*at, &self.outcome.findings[*at]))
    }

    fn errors(&self, entries: &[usize]) -> Vec<Reason> {
        self.on(entries)
            .filter(|(_, finding)| holds(finding) && !self.is_lifted(finding))
            .map(|(at, _)| Reason::Finding(at))
            .collect()
    }

    fn warnings(&self, entries: &[usize]) -> Vec<Warned> {
        self.on(entries)
            .filter(|(_, finding)| {
                finding.severity.warns() && finding.fix.is_none() && finding.waived.is_none()
            })
            .filter_map(|(at, finding)| Some(Warned { entry: finding.entry()?, finding: at }))
            .collect()
    }

    /// What a person lifted. A waived warning is named with it: without the waiver it would be reported.
    fn lifted(&self, entries: &[usize]) -> Vec<Lifted> {
        self.on(entries)
            .filter(|(_, finding)| {
                (holds(finding) || finding.severity.warns())
                    && finding.fix.is_none()
                    && self.is_lifted(finding)
            })
            .map(|(at, finding)| Lifted { entry: finding.entry(), reason: Reason::Finding(at) })
            .collect()
    }

    fn undecided(&self, entries: &[usize]) -> Vec<RuleId> {
        let mut rules: Vec<RuleId> =
            entries.iter().flat_map(|entry| &*self.outcome.entries[*entry].undecided).copied().collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// Errors on the files in which these entries are, and on no file in particular.
    fn file_errors(&self, entries: &[usize]) -> impl Iterator<Item = usize> {
        self.on_files.iter().copied().filter(|at| match self.outcome.findings[*at].declaration() {
            Some(declaration) => {
                let range = &self.outcome.declarations[declaration].entries;
                entries.iter().any(|entry| range.contains(entry))
            }
            None => true,
        })
    }
}

/// Whether a finding keeps what it is on from being uploaded.
fn holds(finding: &Finding) -> bool {
    finding.severity.blocks() && finding.fix.is_none()
}

impl Plan {
    /// Checks that nothing is lost or doubled and that each file is within CBP's limits.
    fn verify(&self, outcome: &Outcome) -> Result<(), Unbalanced> {
        let fail = |what: String| Err(Unbalanced { what });
        if !self.balance.adds_up() {
            return fail(format!("the rows do not add up: {}", self.balance));
        }
        let mut seen: HashSet<EntryNumber> = HashSet::new();
        let held = self.held.iter().filter_map(|held| outcome.entries[held.entry].number);
        for number in self.files.iter().flat_map(|file| file.entries.iter().copied()).chain(held) {
            if !seen.insert(number) {
                return fail(format!("entry {number} would be handled twice"));
            }
        }
        if let Some(lost) =
            outcome.entries.iter().filter_map(|entry| entry.number).find(|number| !seen.contains(number))
        {
            return fail(format!("entry {lost} would be lost"));
        }
        for file in &self.files {
            if file.entries.is_empty()
                || file.entries.len() > MAX_ENTRIES
                || csv::size(file.entries.len()) >= SIZE_LIMIT
            {
                return fail(format!("{} would break a limit of CBP's", file.name));
            }
        }
        let names: HashSet<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        if names.len() != self.files.len() {
            return fail("two upload files would have the same name".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;
    use crate::account::Role;
    use crate::entry::check_digit;
    use crate::finding::Fix;
    use crate::finding::{Declaration, Entry, FoundOn, Repair, RuleInfo, Verdict};
    use crate::source::{FileId, Place, Span, line_number};

    pub fn number_of(filer: &str, n: u32) -> EntryNumber {
        let ten = format!("{filer}{n:07}");
        let digit = char::from(check_digit(ten.as_bytes()).unwrap());
        EntryNumber::parse(&format!("{ten}{digit}")).unwrap()
    }

    pub fn number(n: u32) -> EntryNumber {
        number_of("ABC", n)
    }

    pub fn place(line: u64) -> Place {
        Place { file: FileId(0), line: line_number(line), column: 1, span: Span::default() }
    }

    pub fn entry_at(number: Option<EntryNumber>, written: &str, line: u64, rows: u32) -> Entry {
        Entry {
            number,
            written: written.into(),
            place: place(line),
            rows,
            verdict: Verdict::Ready,
            after_waivers: Verdict::Ready,
            remedy: None,
            rules: Default::default(),
            undecided: Default::default(),
            deadline: None,
            ieepa_duty: None,
            ieepa_duty_is_upper_bound: false,
            facts: Default::default(),
        }
    }

    pub fn finding(entry: Option<usize>, severity: Severity, fix: Option<Fix>) -> Finding {
        Finding {
            rule: RuleId(0),
            severity,
            on: match entry {
                Some(entry) => FoundOn::Entry { declaration: 0, entry: entry as u32 },
                None => FoundOn::Declaration(0),
            },
            message: "something is wrong".into(),
            names_entry: false,
            help: Some("do something".into()),
            place: place(2),
            cell: None,
            column_name: None,
            labels: Vec::new(),
            fix: fix.map(|kind| Repair { kind, replacement: None }),
            deadline: None,
            remedy: None,
            waived: None,
        }
    }

    pub fn outcome(entries: Vec<Entry>, findings: Vec<Finding>) -> Outcome {
        let whole = 0..entries.len();
        outcome_of(entries, findings, std::slice::from_ref(&whole))
    }

    fn outcome_of(entries: Vec<Entry>, findings: Vec<Finding>, declarations: &[Range<usize>]) -> Outcome {
        let info = RuleInfo {
            id: "a-rule".into(),
            title: "A rule".into(),
            severity: Severity::Error,
            help: None,
            cbp: None,
            sources: Vec::new(),
            fix: None,
            stage: "file".into(),
        };
        let declarations = declarations.iter().enumerate();
        let declarations = declarations
            .map(|(at, entries)| Declaration { file: FileId(at as u32), entries: entries.clone() });
        let mut outcome = Outcome {
            rules: vec![info],
            declarations: declarations.collect(),
            entries,
            findings,
            filing_date: "2026-11-22".parse().unwrap(),
            ..Outcome::default()
        };
        outcome.update_verdicts();
        outcome
    }

    /// What the reader would have counted, where no row was blank.
    fn read(outcome: &Outcome) -> RowsSeen {
        RowsSeen { rows: outcome.entries.iter().map(|entry| entry.rows as usize).sum(), blank: 0 }
    }

    fn plan_of(outcome: &Outcome) -> Plan {
        plan(outcome, read(outcome), Vec::new(), Include::default(), &[], &Account::default(), &|_| None)
            .unwrap()
    }

    #[test]
    fn what_fix_repairs_goes_out_and_other_errors_are_held() {
        let entries = (0..4).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        let findings = vec![
            finding(Some(0), Severity::Error, Some(Fix::RewriteEntryNumber)),
            finding(Some(1), Severity::Error, None),
            finding(Some(2), Severity::Warning, None),
            finding(None, Severity::Error, Some(Fix::RewriteFile)),
        ];
        let plan = plan_of(&outcome(entries, findings));
        assert_eq!(plan.files[0].entries, [number(0), number(2), number(3)]);
        assert_eq!(plan.held, [Held { entry: 1, reasons: vec![Reason::Finding(1)] }]);
        assert_eq!(plan.warned, [Warned { entry: 2, finding: 2 }]);
        assert_eq!(plan.balance.to_string(), "4 rows read = 3 uploaded + 1 held + 0 duplicates + 0 blank");
    }

    #[test]
    fn because_of_an_error_on_the_file_that_cannot_be_repaired_all_of_it_is_held_back() {
        let entries = vec![entry_at(Some(number(0)), "", 2, 1), entry_at(Some(number(1)), "", 3, 1)];
        let outcome = outcome_of(entries, vec![finding(None, Severity::Error, None)], &[0..1, 1..2]);
        let plan = plan_of(&outcome);
        assert_eq!((plan.held.len(), plan.files[0].entries.as_slice()), (1, &[number(1)][..]));
        assert_eq!(plan.file_errors, [0]);
    }

    #[test]
    fn for_a_waived_error_no_entry_is_held_back() {
        let entries = vec![entry_at(Some(number(0)), "", 2, 1)];
        let mut waived = finding(Some(0), Severity::Error, None);
        waived.waived = Some(crate::finding::Waived::Baseline.into());
        assert_eq!(plan_of(&outcome(entries, vec![waived])).balance.uploaded, 1);
    }

    #[test]
    fn undecided_entries_are_held_unless_asked_for() {
        let mut entry = entry_at(Some(number(0)), "", 2, 1);
        entry.undecided = [RuleId(0)].into();
        let outcome = outcome(vec![entry], Vec::new());
        assert_eq!(plan_of(&outcome).held[0].reasons, [Reason::Undecided(RuleId(0))]);
        let include = Include { undecided: true, ..Include::default() };
        let plan =
            plan(&outcome, read(&outcome), Vec::new(), include, &[], &Account::default(), &|_| None).unwrap();
        assert_eq!((plan.balance.uploaded, plan.undecided), (1, 1));
    }

    #[test]
    fn an_entry_with_an_error_is_held_for_the_error_alone() {
        let mut entry = entry_at(Some(number(0)), "", 2, 1);
        entry.undecided = [RuleId(0)].into();
        let findings =
            vec![finding(Some(0), Severity::Error, None), finding(Some(0), Severity::Warning, None)];
        let outcome = outcome(vec![entry], findings);
        let include = Include { warned: false, ..Include::default() };
        let plan =
            plan(&outcome, read(&outcome), Vec::new(), include, &[], &Account::default(), &|_| None).unwrap();
        assert_eq!(plan.held[0].reasons, [Reason::Finding(0)]);
    }

    #[test]
    fn an_entry_of_two_declarations_goes_out_once_and_blank_rows_are_counted_apart() {
        let entries = vec![
            entry_at(Some(number(0)), "", 2, 2),
            entry_at(None, " ", 4, 1),
            entry_at(None, "6.05761E+10", 5, 1),
            entry_at(Some(number(0)), "", 2, 1),
        ];
        let outcome = outcome_of(entries, Vec::new(), &[0..3, 3..4]);
        assert_eq!(outcome.declarations[0].entries, 0..2);
        assert_eq!(outcome.declarations[1].entries, 2..3);
        let read = RowsSeen { rows: 5, blank: 1 };
        let plan = plan(&outcome, read, Vec::new(), Include::default(), &[], &Account::default(), &|_| None)
            .unwrap();
        let expected = Balance { rows: 5, uploaded: 1, held: 1, duplicates: 2, blank: 1 };
        assert_eq!(plan.balance, expected);
        assert_eq!(plan.held, [Held { entry: 1, reasons: vec![Reason::Unreadable] }]);
    }

    #[test]
    fn a_blank_row_is_not_an_entry_unless_it_is_damaged() {
        let entries = vec![
            entry_at(None, "", 2, 1),
            entry_at(None, "\u{a0}", 3, 1),
            entry_at(Some(number(0)), "", 4, 1),
        ];
        let mut quotes = finding(Some(1), Severity::Error, None);
        quotes.waived = Some(crate::finding::Waived::Baseline.into());
        let findings = vec![finding(Some(0), Severity::Warning, Some(Fix::DropRow)), quotes];
        let mut outcome = outcome(entries, findings);
        // Updating them again, as waivers do, changes nothing.
        outcome.update_verdicts();
        let verdicts: Vec<_> =
            outcome.entries.iter().map(|entry| (entry.verdict, entry.after_waivers)).collect();
        // The waiver lifts the broken quote, but not that no number can be read.
        assert_eq!(verdicts, [(Verdict::Rejected, Verdict::Undecided), (Verdict::Ready, Verdict::Ready)]);
        let on: Vec<_> = outcome.findings.iter().map(Finding::entry).collect();
        assert_eq!(on, [None, Some(0)]);
        let read = RowsSeen { rows: 3, blank: 2 };
        let plan = plan(&outcome, read, Vec::new(), Include::default(), &[], &Account::default(), &|_| None)
            .unwrap();
        let expected = Balance { rows: 3, uploaded: 1, held: 1, duplicates: 0, blank: 1 };
        assert_eq!(plan.balance, expected);
    }

    #[test]
    fn what_a_waiver_lifts_is_accepted_by_you_and_keeps_its_verdict() {
        let waived = |severity| Finding {
            waived: Some(crate::finding::Waived::Baseline.into()),
            ..finding(Some(0), severity, None)
        };
        let open = |mut entry: Entry| {
            entry.undecided = [RuleId(0)].into();
            entry
        };
        let entry = || entry_at(Some(number(0)), "", 2, 1);
        for (entry, findings, verdict, after_waivers, accepted) in [
            (entry(), vec![waived(Severity::Error)], Verdict::Rejected, Verdict::Ready, true),
            (entry(), vec![waived(Severity::Stop)], Verdict::Stopped, Verdict::Ready, true),
            (entry(), vec![waived(Severity::Warning)], Verdict::Warned, Verdict::Ready, true),
            (entry(), vec![waived(Severity::Note)], Verdict::Ready, Verdict::Ready, false),
            (open(entry()), vec![waived(Severity::Error)], Verdict::Rejected, Verdict::Undecided, false),
            (
                entry(),
                vec![waived(Severity::Error), finding(Some(0), Severity::Stop, None)],
                Verdict::Rejected,
                Verdict::Stopped,
                false,
            ),
            (
                entry(),
                vec![waived(Severity::Stop), finding(Some(0), Severity::Warning, None)],
                Verdict::Stopped,
                Verdict::Warned,
                true,
            ),
        ] {
            let outcome = outcome(vec![entry], findings);
            let entry = &outcome.entries[0];
            assert_eq!((entry.verdict, entry.after_waivers), (verdict, after_waivers));
            assert_eq!(entry.is_accepted_by_you(), accepted);
            assert_eq!(plan_of(&outcome).balance.uploaded, usize::from(after_waivers.may_be_uploaded()));
        }
    }

    #[test]
    fn windows_that_close_first_come_first() {
        let days = [None, Some("2026-12-24"), Some("2026-12-01"), Some("2026-12-24")];
        let entries = (0..4)
            .map(|n| Entry {
                deadline: days[n as usize].map(|day| day.parse().unwrap()),
                ..entry_at(Some(number(n)), "", n.into(), 1)
            })
            .collect();
        let plan = plan_of(&outcome(entries, Vec::new()));
        assert_eq!(plan.files[0].entries, [2, 1, 3, 0].map(number));
        assert_eq!(plan.files[0].deadline, Some("2026-12-01".parse().unwrap()));
    }

    #[test]
    fn a_row_that_the_judge_never_saw_stops_everything() {
        let entries = vec![entry_at(Some(number(0)), "", 2, 1)];
        let outcome = outcome(entries, Vec::new());
        let error = plan(
            &outcome,
            RowsSeen { rows: 2, blank: 0 },
            Vec::new(),
            Include::default(),
            &[],
            &Account::default(),
            &|_| None,
        )
        .unwrap_err();
        assert!(error.what.contains("do not add up"), "{error}");
    }

    #[test]
    fn ten_thousand_entries_need_two_files() {
        let entries = (0..10_000).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        let plan = plan_of(&outcome(entries, Vec::new()));
        let names: Vec<_> = plan.files.iter().map(|file| (file.name.as_str(), file.entries.len())).collect();
        assert_eq!(names, [("declaration-001.csv", 9_999), ("declaration-002.csv", 1)]);
    }

    #[test]
    fn brokers_get_a_file_for_each_filer_code() {
        let entries = vec![
            entry_at(Some(number_of("XYZ", 1)), "", 2, 1),
            entry_at(Some(number(1)), "", 3, 1),
            entry_at(Some(number_of("XYZ", 2)), "", 4, 1),
        ];
        let outcome = outcome(entries, Vec::new());
        let account = Account { role: Some(Role::Broker), ..Account::default() };
        let plan =
            plan(&outcome, read(&outcome), Vec::new(), Include::default(), &[], &account, &|_| None).unwrap();
        let names: Vec<_> = plan.files.iter().map(|file| (file.name.as_str(), file.entries.len())).collect();
        assert_eq!(names, [("declaration-XYZ-001.csv", 2), ("declaration-ABC-001.csv", 1)]);
    }

    #[test]
    fn importers_get_a_file_for_each_number_and_no_name_shows_a_whole_ssn() {
        let entries = (0..4).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        let outcome = outcome(entries, Vec::new());
        let numbers = ["12-3456789", "987-65-4320", "986-65-4320", "12-345678901"];
        let account = Account { role: Some(Role::Importer), ..Account::default() };
        let importer = |wanted: EntryNumber| {
            let at = (0..4).position(|n| number(n) == wanted)?;
            ImporterNumber::parse(numbers[at])
        };
        let plan =
            plan(&outcome, read(&outcome), Vec::new(), Include::default(), &[], &account, &importer).unwrap();
        let names: Vec<_> = plan.files.iter().map(|file| (file.name.as_str(), file.entries.len())).collect();
        let expected = [
            ("declaration-12-3456789-001.csv", 2),
            ("declaration-importer-4320-001.csv", 1),
            ("declaration-importer-4320-no2-001.csv", 1),
        ];
        assert_eq!(names, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_doubled(
            shapes in prop::collection::vec(
                (0..40_u32, 0..4_u8, 1..4_u32, 0..6_u8, prop::bool::ANY, prop::option::of(0..200_u64)), 0..120),
            second in 0..120_usize,
            file_error in prop::option::of((0..2_usize, prop::bool::ANY)),
            include in (prop::bool::ANY, prop::bool::ANY, prop::bool::ANY),
            merged in prop::bool::ANY,
            role in 0..3_u8,
        ) {
            let second = second.min(shapes.len());
            let mut entries = Vec::new();
            let mut findings = Vec::new();
            let start: NaiveDate = "2026-11-01".parse().unwrap();
            for (at, (n, kind, rows, damage, open, deadline)) in shapes.iter().enumerate() {
                let filer = ["ABC", "XYZ", "SZ9"][*n as usize % 3];
                // Within one declaration a number occurs once; in another declaration it may occur again.
                let n = n + 1000 * (at % second.max(1)) as u32;
                let mut entry = match kind {
                    0 => entry_at(None, "", at as u64, 1),
                    1 => entry_at(None, "6.05761E+10", at as u64, 1),
                    _ => entry_at(Some(number_of(filer, n)), "x", at as u64, *rows),
                };
                if *open { entry.undecided = [RuleId(0)].into(); }
                entry.deadline = deadline.map(|days| start + chrono::Days::new(days));
                entries.push(entry);
                let (severity, fix) = match damage {
                    0 if n.is_multiple_of(2) => (Severity::Stop, None),
                    0 => (Severity::Error, None),
                    1 => (Severity::Error, Some(Fix::RewriteEntryNumber)),
                    2 => (Severity::Error, Some(Fix::DropRow)),
                    3 => (Severity::Warning, None),
                    4 => (Severity::Note, None),
                    _ => continue,
                };
                findings.push(finding(Some(at), severity, fix));
            }
            if let Some((declaration, fixed)) = file_error {
                findings.push(Finding {
                    on: FoundOn::Declaration(declaration as u32),
                    ..finding(None, Severity::Error, fixed.then_some(Fix::RewriteFile))
                });
            }
            let length = entries.len();
            let seen = RowsSeen {
                rows: entries.iter().map(|entry| entry.rows as usize).sum(),
                blank: entries.iter().filter(|entry| entry.is_blank()).count(),
            };
            let outcome = outcome_of(entries, findings, &[0..second, second..length]);
            let blank = outcome.entries.iter().filter(|entry| entry.is_blank()).count();
            let account = Account {
                role: [None, Some(Role::Broker), Some(Role::Importer)][usize::from(role)],
                ..Account::default()
            };
            let importer = |number: EntryNumber| match number.filer_code() {
                "ABC" => ImporterNumber::parse("12-3456789"),
                "XYZ" => ImporterNumber::parse("987-65-4320"),
                _ => None,
            };
            let include = Include { warned: include.0, undecided: include.1, stopped: include.2 };
            let names: Vec<String> =
                if merged { Vec::new() } else { vec!["march".to_owned(), "april".to_owned()] };
            let plan = plan(&outcome, seen, Vec::new(), include, &names, &account, &importer).unwrap();
            prop_assert!(plan.balance.adds_up());
            prop_assert_eq!(plan.balance.blank + blank, seen.blank);
            let mut uploaded: Vec<EntryNumber> =
                plan.files.iter().flat_map(|file| file.entries.iter().copied()).collect();
            let held: Vec<EntryNumber> =
                plan.held.iter().filter_map(|held| outcome.entries[held.entry].number).collect();
            uploaded.extend(held);
            uploaded.sort_unstable();
            let mut read: Vec<EntryNumber> =
                outcome.entries.iter().filter_map(|entry| entry.number).collect();
            read.sort_unstable();
            read.dedup();
            prop_assert_eq!(uploaded, read);
            for file in &plan.files {
                let bytes = csv::declaration(&file.entries);
                prop_assert!(bytes.len() < SIZE_LIMIT && file.entries.len() <= MAX_ENTRIES);
                prop_assert_eq!(bytes.len(), csv::size(file.entries.len()));
                if role == 1 {
                    let first = file.entries[0].filer_code();
                    prop_assert!(file.entries.iter().all(|number| number.filer_code() == first)
                        || plan.files.len() == 1);
                }
            }
            // Nothing with an error that cannot be repaired is written for upload, in whichever declaration
            // it is.
            for finding in outcome.findings.iter().filter(|finding| {
                holds(finding) && !(include.stopped && finding.severity == Severity::Stop)
            }) {
                let Some(number) = finding.entry().and_then(|at| outcome.entries[at].number) else { continue };
                prop_assert!(!plan.files.iter().any(|file| file.entries.contains(&number)));
            }
        }
    }
}
