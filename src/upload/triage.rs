//! What Claim Details say of each entry, and what to do about it.
//!
//! An entry may stand in several claims. Accepted in any of them, it is accepted for good and must
//! never be filed again. Failed, it may go into a new declaration when every message it got allows
//! that; a message or status that is not known never does.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};

use super::plan::MAX_ENTRIES;
use crate::entry::EntryNumber;
use crate::finding::{Entry, Finding, Outcome};
use crate::rules::model::{RuleId, Severity};
use crate::source::{Place, Sources};
use crate::table::schema::Schema;
use crate::table::value::{Reading, Value};
use crate::table::{CellRef, Entries, Table, TableId, Tables};

/// A row of Claim Details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub entry: EntryNumber,
    /// The claim that it was in, as CBP numbers it.
    pub claim_number: String,
    /// What became of it.
    pub status: Status,
    /// Why it failed, as CBP says it; empty where nothing is said.
    pub error: String,
    /// Where the row stands.
    pub place: Place,
}

/// What CBP answered for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// `Entry Summary Updated`.
    Accepted,
    /// `Failed`.
    Failed,
    /// Anything else, as written; may be blank.
    Other(String),
}

/// Reads the rows of a table with the columns of Claim Details (`entry`, `claim_number`, `status`,
/// `error`), in the order of the files.
pub fn claims(tables: &Tables, id: TableId, entries: &Entries, sources: &Sources) -> Vec<Claim> {
    let (Some(table), Some(schema)) = (tables.get(id), tables.schemas.get(id.0)) else { return Vec::new() };
    let mut rows: Vec<usize> = (0..table.rows.len()).collect();
    rows.sort_by_key(|row| (table.rows[*row].part, table.rows[*row].line));
    let key = schema.key.unwrap_or(0);
    let claim = |row: usize| {
        let cell = CellRef { table: id, row: row as u32, column: key as u16 };
        Some(Claim {
            entry: entries.number(table.rows[row].entry?),
            claim_number: text(table, schema, "claim_number", row),
            status: status(table, schema, row),
            error: text(table, schema, "error", row),
            place: tables.place(cell, sources),
        })
    };
    rows.into_iter().filter_map(claim).collect()
}

fn text(table: &Table, schema: &Schema, column: &str, row: usize) -> String {
    let cell = schema.column(column).and_then(|column| table.columns.get(column)?.cell(row));
    cell.map_or(String::new(), |cell| cell.text.trim().to_owned())
}

fn status(table: &Table, schema: &Schema, row: usize) -> Status {
    let Some(column) = schema.column("status") else { return Status::Other(String::new()) };
    let Some(cell) = table.columns.get(column).and_then(|column| column.cell(row)) else {
        return Status::Other(String::new());
    };
    let choice = match &cell.reading {
        Reading::Value(Value::Choice(choice)) => schema.columns[column].choices.get(usize::from(*choice)),
        _ => None,
    };
    match choice.map(|choice| choice.name.as_str()) {
        Some("accepted") => Status::Accepted,
        Some("failed") => Status::Failed,
        _ => Status::Other(cell.text.trim().to_owned()),
    }
}

/// What is known of a message of CBP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub id: String,
    /// CBP's text.
    pub text: String,
    /// What it means.
    pub meaning: String,
    /// The next step.
    pub next: String,
    /// Whether an entry that got it may go into a new declaration.
    pub refile: Refile,
    /// The rules that say so before the upload.
    pub rules: Vec<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// The last day on which CBP answered this, where it no longer does.
    pub until: Option<NaiveDate>,
}

/// Whether a failed entry may go into a new declaration. From the most willing to the least, so
/// that of several messages the greatest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refile {
    /// At once.
    Now,
    /// So many days after CBP's answer.
    After(u32),
    /// When its cause is gone.
    AfterCorrection,
    /// Nobody knows: the message is not known.
    Unknown,
    /// Never.
    Never,
}

impl Refile {
    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::After(_) => "later",
            Self::AfterCorrection => "after_correction",
            Self::Unknown => "unknown",
            Self::Never => "never",
        }
    }

    /// As a sentence says it.
    pub(super) fn told(self) -> String {
        match self {
            Self::Now => "file it again now".to_owned(),
            Self::After(days) if days > 1 => format!("file it again in {} to {days} days", days - 1),
            Self::After(days) => format!("file it again in {days} day"),
            Self::AfterCorrection => "file it again when the cause is gone".to_owned(),
            Self::Unknown => "not known; do not file it again before you know the cause".to_owned(),
            Self::Never => "never file it again".to_owned(),
        }
    }
}

/// Where messages are looked up.
pub trait Messages {
    /// The messages that a text holds: one where it is a message's own wording, none where it is not known.
    fn find<'a>(&'a self, text: &'a str) -> Held<'a>;
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held<'a> {
    /// The messages that are known.
    pub messages: Vec<&'a Message>,
    /// What else it says beside them: messages that are not known.
    pub unknown: Vec<&'a str>,
}

/// What became of an entry over all claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Accepted in some claim.
    Accepted,
    /// Failed in all claims that say something.
    Failed,
    /// No claim says accepted, and some status is neither accepted nor failed.
    Unclear,
}

impl State {
    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
        }
    }
}

/// An entry that some claim mentions.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The entry.
    pub number: EntryNumber,
    /// What became of it.
    pub state: State,
    /// Its rows: indices of [`Triage::claims`].
    pub claims: Vec<usize>,
    /// Whether it may be filed again; [`Refile::Never`] where it was accepted.
    pub refile: Refile,
    /// Why it does not go into `refile.csv` though CBP's messages would allow it.
    pub held: Option<String>,
    /// What our own check says of the cause, such as until when a protest is open.
    pub help: Option<String>,
    /// Where our own check disagrees with CBP.
    pub disagreement: Option<String>,
}

/// The entries that failed with the same message.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What CBP said.
    pub text: String,
    /// What is known of it.
    pub message: Option<Message>,
    /// Entries that failed with it and were accepted in no claim: indices of [`Triage::entries`].
    pub entries: Vec<usize>,
    /// How many more got it but were accepted in another claim.
    pub accepted_since: usize,
}

/// What all Claim Details say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triage {
    /// All rows.
    pub claims: Vec<Claim>,
    /// The entries, in the order in which claims first mention them.
    pub entries: Vec<Answered>,
    /// The failures by message, most entries first.
    pub groups: Vec<Group>,
    /// Declared entries that no claim mentions.
    pub unanswered: Vec<EntryNumber>,
    /// Declared rows whose number cannot be read: whether CBP answered them cannot be told.
    pub unreadable: usize,
    /// Rows of Claim Details without a readable entry number.
    pub unkeyed: u64,
    /// The entries that may be filed again now.
    pub refile: Vec<EntryNumber>,
}

/// Takes the claims together. `outcome` is our own check of the declarations, where there is one;
/// `checked` tells whether it had an export to check against, so that it can disagree.
/// `today` decides which of CBP's messages are retired.
pub fn triage(
    claims: Vec<Claim>,
    unkeyed: u64,
    messages: &dyn Messages,
    outcome: Option<&Outcome>,
    checked: bool,
    today: NaiveDate,
) -> Triage {
    let mut entries: Vec<Answered> = Vec::new();
    let mut known: HashMap<EntryNumber, usize> = HashMap::new();
    for (at, claim) in claims.iter().enumerate() {
        let index = *known.entry(claim.entry).or_insert_with(|| {
            entries.push(Answered {
                number: claim.entry,
                state: State::Failed,
                claims: Vec::new(),
                refile: Refile::Never,
                held: None,
                help: None,
                disagreement: None,
            });
            entries.len() - 1
        });
        entries[index].claims.push(at);
    }
    let check = outcome.map(|outcome| Check::new(outcome, checked));
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut refile = Vec::new();
    for (index, answered) in entries.iter_mut().enumerate() {
        let rows = || answered.claims.iter().map(|at| &claims[*at]);
        answered.state = if rows().any(|claim| claim.status == Status::Accepted) {
            State::Accepted
        } else if rows().all(|claim| claim.status == Status::Failed) {
            State::Failed
        } else {
            State::Unclear
        };
        let accepted = answered.state == State::Accepted;
        let mut failures: Vec<(String, Option<Message>)> = Vec::new();
        for claim in rows().filter(|claim| claim.status == Status::Failed) {
            for failure in read_error(&claim.error, messages) {
                if !failures.iter().any(|(text, _)| *text == failure.0) {
                    failures.push(failure);
                }
            }
        }
        answered.refile = match answered.state {
            State::Accepted => Refile::Never,
            State::Unclear => Refile::Unknown,
            State::Failed => {
                let each = failures
                    .iter()
                    .map(|(_, message)| message.as_ref().map_or(Refile::Unknown, |message| message.refile));
                each.max().unwrap_or(Refile::Unknown)
            }
        };
        if !accepted && let Some(check) = &check {
            answered.help = check.help(answered.number, &failures);
            answered.disagreement = check.disagreement(answered.number, &failures, today);
            if answered.refile == Refile::Now {
                answered.held = check.objection(answered.number);
            }
        }
        if answered.refile == Refile::Now && answered.held.is_none() {
            refile.push(answered.number);
        }
        for (text, message) in failures {
            let group = groups.entry(text.clone()).or_insert(Group {
                text,
                message,
                entries: Vec::new(),
                accepted_since: 0,
            });
            if accepted { group.accepted_since += 1 } else { group.entries.push(index) }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    // The map gives them by their text, which stays the order among equals.
    groups.sort_by_key(|group| std::cmp::Reverse(group.entries.len()));
    let (mut unanswered, mut unreadable) = (Vec::new(), 0);
    let mut seen = HashSet::new();
    for entry in outcome.iter().flat_map(|outcome| &outcome.entries) {
        match entry.number {
            Some(number) if !known.contains_key(&number) && seen.insert(number) => unanswered.push(number),
            Some(_) => {}
            None => unreadable += usize::from(!entry.written.trim().is_empty()),
        }
    }
    Triage { claims, entries, groups, unanswered, unreadable, unkeyed, refile }
}

/// The messages of an error description, known ones under CBP's own text. Where several stand in one
/// cell each counts, because an entry may go again only when all of them allow it.
fn read_error(error: &str, messages: &dyn Messages) -> Vec<(String, Option<Message>)> {
    let read = |text: &str| -> Vec<(String, Option<Message>)> {
        let held = messages.find(text);
        if held.messages.is_empty() {
            return vec![(text.to_owned(), None)];
        }
        let known = held.messages.into_iter().map(|message| (message.text.clone(), Some(message.clone())));
        known.chain(held.unknown.into_iter().map(|text| (text.to_owned(), None))).collect()
    };
    let whole = read(error);
    let parts: Vec<&str> =
        error.split([';', '|', '\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() < 2 {
        return whole;
    }
    // A part that is not known counts as well, unless the break stands within a message.
    let parts: Vec<_> = parts.into_iter().flat_map(read).collect();
    let is_among = |(text, message): &(String, Option<Message>)| {
        message.is_none() || parts.iter().any(|(part, _)| part == text)
    };
    if whole.iter().all(is_among) { parts } else { whole }
}

/// Our own check of the declarations, by entry number.
struct Check<'a> {
    outcome: &'a Outcome,
    checked: bool,
    entries: HashMap<EntryNumber, Vec<&'a Entry>>,
    findings: HashMap<EntryNumber, Vec<&'a Finding>>,
    /// Rules that could not be decided for something.
    undecided: HashSet<RuleId>,
    /// Rules that were not applied, for want of a list that is optional.
    not_applied: HashSet<RuleId>,
}

impl<'a> Check<'a> {
    fn new(outcome: &'a Outcome, checked: bool) -> Self {
        let mut entries: HashMap<_, Vec<_>> = HashMap::new();
        for entry in &outcome.entries {
            if let Some(number) = entry.number {
                entries.entry(number).or_default().push(entry);
            }
        }
        let mut findings: HashMap<_, Vec<_>> = HashMap::new();
        for finding in &outcome.findings {
            if let Some(number) = finding.entry.and_then(|at| outcome.entries[at].number) {
                findings.entry(number).or_default().push(finding);
            }
        }
        let rules_of = |optional: bool| {
            let those = outcome.undecided.iter().filter(move |undecided| undecided.optional == optional);
            those.map(|undecided| undecided.rule).collect()
        };
        Self { outcome, checked, entries, findings, undecided: rules_of(false), not_applied: rules_of(true) }
    }

    fn findings(&self, number: EntryNumber) -> impl Iterator<Item = (&'a str, &'a Finding)> {
        let all = self.findings.get(&number).into_iter().flatten();
        all.map(|finding| (self.outcome.rule(finding.rule).id.as_str(), *finding))
    }

    /// What the finding that foresaw the failure says to do.
    fn help(&self, number: EntryNumber, failures: &[(String, Option<Message>)]) -> Option<String> {
        let rules: Vec<&String> = failures
            .iter()
            .filter_map(|(_, message)| message.as_ref())
            .flat_map(|found| &found.rules)
            .collect();
        self.findings(number)
            .filter(|(id, _)| rules.iter().any(|rule| *rule == id))
            .max_by_key(|(_, finding)| finding.severity)
            .and_then(|(_, finding)| finding.help.clone())
    }

    /// Where CBP refused for a reason that we have rules for, and none of them saw it.
    fn disagreement(
        &self,
        number: EntryNumber,
        failures: &[(String, Option<Message>)],
        today: NaiveDate,
    ) -> Option<String> {
        let entries = self.entries.get(&number).filter(|_| self.checked)?;
        failures.iter().filter_map(|(_, message)| message.as_ref()).find_map(|message| {
            // A check that CBP no longer makes has no rule in force.
            let retired = message.until.is_some_and(|until| until < today);
            let in_force: Vec<RuleId> = (self.outcome.rules.iter().enumerate())
                .filter(|(_, rule)| message.rules.contains(&rule.id))
                .map(|(at, _)| RuleId(at as u16))
                .collect();
            if retired || in_force.is_empty() {
                return None;
            }
            let saw = self.findings(number).any(|(id, _)| message.rules.iter().any(|rule| rule == id));
            let could_not_tell = in_force.iter().any(|rule| {
                entries.iter().any(|entry| entry.undecided.contains(rule)) || self.undecided.contains(rule)
            });
            // Without a list its rules are silent; then one that was decided must be as certain.
            let applied = |rule: &RuleId| !self.not_applied.contains(rule);
            let is_error = |rule: &RuleId| self.outcome.rule(*rule).severity == Severity::Error;
            let enough =
                in_force.iter().all(applied) || in_force.iter().any(|rule| applied(rule) && is_error(rule));
            if saw || could_not_tell || !enough {
                return None;
            }
            Some(format!(
                "CBP said \"{}\", our check found nothing of that ({}): the export is older than CBP's \
                 answer, or a rule is wrong",
                message.text,
                message.rules.join(", ")
            ))
        })
    }

    /// The error or stop for which the entry does not belong on a new declaration.
    fn objection(&self, number: EntryNumber) -> Option<String> {
        self.findings(number)
            .find(|(_, finding)| {
                finding.waived.is_none() && finding.severity.blocks() && finding.fix.is_none()
            })
            .map(|(id, finding)| {
                let does = if finding.severity == Severity::Error { "refuses" } else { "stops" };
                format!("our check {does} it: {} [{id}]", finding.message)
            })
    }
}

impl Triage {
    /// How many entries are in a state.
    pub fn count(&self, state: State) -> usize {
        self.entries.iter().filter(|entry| entry.state == state).count()
    }

    /// The files of the entries that may be filed again now: `refile.csv`, or several where there
    /// are more than fit one declaration. None where there is no such entry.
    pub fn refile_files(&self) -> Vec<(String, Vec<u8>)> {
        let chunks: Vec<&[EntryNumber]> = self.refile.chunks(MAX_ENTRIES).collect();
        let name = |at: usize| match chunks.len() {
            1 => "refile.csv".to_owned(),
            _ => format!("refile-{:03}.csv", at + 1),
        };
        chunks.iter().enumerate().map(|(at, part)| (name(at), super::csv::declaration(part))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{entry_at, finding, number, outcome, place};
    use super::*;
    use crate::finding::Undecided;

    struct MessageCatalog(Vec<Message>);

    impl Messages for MessageCatalog {
        fn find<'a>(&'a self, text: &'a str) -> Held<'a> {
            let messages = self.0.iter().filter(|message| message.text == text).collect();
            Held { messages, unknown: Vec::new() }
        }
    }

    fn catalog() -> MessageCatalog {
        let message = |text: &str, refile: Refile, rules: &[&str], until: Option<&str>| Message {
            id: text.to_lowercase(),
            text: text.into(),
            meaning: "it means this".into(),
            next: "do that".into(),
            refile,
            rules: rules.iter().map(|&rule| rule.to_owned()).collect(),
            sources: vec!["CSMS 68315804".into()],
            until: until.map(|day| day.parse().unwrap()),
        };
        MessageCatalog(vec![
            message("RETIRED", Refile::Now, &["a-rule"], Some("2026-06-24")),
            message("WAIT", Refile::After(3), &[], None),
            message("CORRECT", Refile::AfterCorrection, &["a-rule"], None),
            message("LATE", Refile::Never, &["a-rule"], None),
        ])
    }

    fn claim(n: u32, status: Status, error: &str) -> Claim {
        let claim_number = "123456789012".to_owned();
        Claim { entry: number(n), claim_number, status, error: error.into(), place: place(n.into()) }
    }

    fn failed(n: u32, error: &str) -> Claim {
        claim(n, Status::Failed, error)
    }

    fn of(claims: Vec<Claim>, outcome: Option<&Outcome>) -> Triage {
        triage(claims, 0, &catalog(), outcome, true, "2026-11-22".parse().unwrap())
    }

    #[test]
    fn accepted_in_any_claim_is_accepted() {
        for order in [[0, 1], [1, 0]] {
            let rows = [failed(1, "RETIRED"), claim(1, Status::Accepted, "")];
            let triage = of(order.map(|at| rows[at].clone()).to_vec(), None);
            assert_eq!(triage.entries[0].state, State::Accepted);
            assert!(triage.refile.is_empty());
            assert_eq!((triage.groups[0].entries.len(), triage.groups[0].accepted_since), (0, 1));
        }
    }

    #[test]
    fn only_what_may_go_again_now_is_filed_again() {
        let triage = of(
            vec![
                failed(1, "RETIRED"),
                failed(2, "WAIT"),
                failed(3, "CORRECT"),
                failed(4, "LATE"),
                failed(5, "NEVER HEARD"),
                failed(6, ""),
                claim(7, Status::Other("Received".into()), ""),
                failed(8, "RETIRED"),
                failed(8, "LATE"),
                failed(9, "RETIRED; CORRECT"),
            ],
            None,
        );
        assert_eq!(triage.refile, [number(1)]);
        let refiles: Vec<_> = triage.entries.iter().map(|entry| entry.refile).collect();
        use Refile::{After, AfterCorrection, Never, Now, Unknown};
        let expected =
            [Now, After(3), AfterCorrection, Never, Unknown, Unknown, Unknown, Never, AfterCorrection];
        assert_eq!(refiles, expected);
        let files = triage.refile_files();
        let expected = format!("Entry Number\r\n{}\r\n", number(1).as_str());
        assert_eq!(files, [("refile.csv".to_owned(), expected.into_bytes())]);
    }

    #[test]
    fn what_cbp_saw_and_our_check_did_not_is_pointed_out() {
        let entries = (1..=3).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        let mut outcome = outcome(entries, vec![finding(Some(1), Severity::Error, None)]);
        outcome.findings[0].help = Some("a protest is open until 2027-02-17".into());
        outcome.entries[2].undecided = vec![RuleId(0)];
        let claims = vec![failed(1, "LATE"), failed(2, "LATE"), failed(3, "LATE")];
        let triage = of(claims, Some(&outcome));
        let wrong: Vec<_> = triage.entries.iter().map(|entry| entry.disagreement.is_some()).collect();
        assert_eq!(wrong, [true, false, false], "the second was foreseen, the third could not be told");
        assert_eq!(triage.entries[1].help.as_deref(), Some("a protest is open until 2027-02-17"));
    }

    #[test]
    fn a_rule_without_its_list_leaves_the_word_to_an_error_rule_that_was_decided() {
        let entries = vec![entry_at(Some(number(1)), "", 1, 1)];
        let mut outcome = outcome(entries, Vec::new());
        let info = outcome.rules[0].clone();
        let not_applied = |rule: u16| Undecided {
            rule: RuleId(rule),
            entries: 1,
            on_file: false,
            cause: crate::cause::UndecidedCause::NotComputed { rule: None },
            place: None,
            optional: true,
        };
        outcome.undecided = vec![not_applied(0)];
        let disagrees =
            |outcome: &Outcome| of(vec![failed(1, "LATE")], Some(outcome)).entries[0].disagreement.is_some();
        assert!(!disagrees(&outcome), "its only rule was not applied");
        outcome.rules[0].id = "list-rule".into();
        outcome.rules.push(info);
        let both = |outcome: &Outcome| {
            let mut catalog = catalog();
            catalog.0[3].rules.push("list-rule".into());
            let day = "2026-11-22".parse().unwrap();
            triage(vec![failed(1, "LATE")], 0, &catalog, Some(outcome), true, day).entries[0]
                .disagreement
                .is_some()
        };
        assert!(both(&outcome));
        outcome.rules[1].severity = Severity::Warning;
        assert!(!both(&outcome));
    }

    #[test]
    fn what_our_check_refuses_is_not_filed_again() {
        let entries = (1..=2).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        let outcome = outcome(entries, vec![finding(Some(0), Severity::Error, None)]);
        let triage = of(vec![failed(1, "RETIRED"), failed(2, "RETIRED")], Some(&outcome));
        assert_eq!(triage.refile, [number(2)]);
        assert!(triage.entries[0].held.as_deref().is_some_and(|held| held.contains("a-rule")));
    }

    #[test]
    fn declared_entries_that_no_claim_mentions_are_named_once() {
        let entries = vec![
            entry_at(Some(number(1)), "", 2, 1),
            entry_at(Some(number(2)), "", 3, 1),
            entry_at(Some(number(2)), "", 2, 1),
            entry_at(None, "ABC1", 4, 1),
            entry_at(None, " ", 5, 1),
        ];
        let triage = of(vec![claim(1, Status::Accepted, "")], Some(&outcome(entries, Vec::new())));
        assert_eq!((triage.unanswered.as_slice(), triage.unreadable), (&[number(2)][..], 1));
    }

    #[test]
    fn reports_say_it_all_and_nothing_in_them_acts() {
        let mut sources = Sources::default();
        sources.add_text("details.csv", "");
        let claims = vec![failed(1, "RETIRED"), failed(2, "\u{1b}[2J\u{202e}987-65-4320"), failed(3, "WAIT")];
        let triage = of(claims, None);
        let mut text = Vec::new();
        triage.human(&sources, Some(20), &mut text).unwrap();
        let human = String::from_utf8(text).unwrap();
        assert!(human.contains("   = again: file it again in 2 to 3 days\n"), "{human}");
        assert!(human.contains("RETIRED: 1 entry\n   = meaning: it means this\n   = next: do that\n"));
        assert!(
            human
                .ends_with("3 entries answered: 0 accepted, 3 failed, 0 unclear; 1 may be filed again now\n")
        );
        let mut text = Vec::new();
        triage.jsonl(&sources, &mut text).unwrap();
        let json = String::from_utf8(text).unwrap();
        for line in json.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["type"].is_string());
        }
        assert_eq!(json.lines().count(), 7);
        for text in [human, json] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("987-65"), "{text}");
        }
    }
}
