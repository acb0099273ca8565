//! What became of each entry according to Claim Details, and what to do about it.
//!
//! An entry can be on several claims. If it was accepted on any of them, it must not be resubmitted. If it failed,
//! it can be resubmitted when every message that CBP returned for it allows that; a message or status that is
//! unknown, or only like a known one, never does.

mod own_check;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use rust_decimal::Decimal;

use super::claims::{Claim, ClaimResult, Status};
use super::csv::MAX_ENTRIES;
use crate::entry::EntryNumber;
use crate::finding::Outcome;
use crate::outside::{OutsideString, OutsideText};
use crate::rules::messages::{Message, MessageCatalog, MessagePart, Refile, Stage};
use crate::table::csv::Damage;
use own_check::OwnCheck;

/// An entry that is on some claim.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryResult {
    /// The entry.
    pub number: EntryNumber,
    /// What became of it.
    pub state: ClaimResult,
    /// Its rows: indices of [`Triage::claims`].
    pub claims: Vec<usize>,
    /// The messages it failed with: indices of [`Triage::groups`].
    pub groups: Vec<usize>,
    /// Whether it can be resubmitted; [`Refile::Never`] where it was accepted.
    pub refile: Refile,
    /// The first day on which it can be resubmitted, where it has to wait for it.
    pub refile_on: Option<NaiveDate>,
    /// Why it is not in `refile.csv` though CBP's messages would allow it.
    pub held: Option<OutsideText<String>>,
    /// What capelint's check finds about the cause, such as the last day to file a protest.
    pub help: Option<OutsideText<String>>,
    /// Where capelint's check disagrees with CBP.
    pub disagreement: Option<OutsideText<String>>,
    /// The IEEPA duty on it, where an ES-003 shows it. US dollars.
    pub ieepa_duty: Option<Decimal>,
    /// Whether that duty includes ordinary duty, so that the refund is less.
    pub ieepa_duty_is_upper_bound: bool,
    /// The last day on which it can be filed, where that is known.
    pub deadline: Option<NaiveDate>,
}

/// The entries that failed with the same message.
#[derive(Clone, Debug)]
pub struct MessageGroup {
    /// CBP's text.
    pub text: OutsideString,
    /// The message that it is.
    pub message: Option<Message>,
    /// If it is none that is known: the message that is most like it.
    pub closest: Option<Message>,
    /// Entries that failed with it and that no claim accepted: indices of [`Triage::entries`].
    pub entries: Vec<usize>,
    /// How many more got it but were accepted on another claim.
    pub accepted_since: usize,
}

/// A status that means neither accepted nor failed, as written, with what is known of it.
#[derive(Clone, Debug)]
pub struct OtherStatus {
    /// The cell.
    pub text: OutsideString,
    /// Why it cannot be trusted, where the row is damaged.
    pub damage: Option<Damage>,
    /// What it means.
    pub message: Option<Message>,
    /// The entries: indices of [`Triage::entries`].
    pub entries: Vec<usize>,
}

/// The results of all Claim Details together.
#[derive(Clone, Debug, Default)]
pub struct Triage {
    /// The day that waiting times count from.
    pub today: NaiveDate,
    /// All rows.
    pub claims: Vec<Claim>,
    /// The entries, in the order in which the claims first have them.
    pub entries: Vec<EntryResult>,
    /// The failures by message, most entries first.
    pub groups: Vec<MessageGroup>,
    /// The unclear entries by status, most entries first.
    pub statuses: Vec<OtherStatus>,
    /// Entries on the declarations that are on no claim.
    pub unanswered: Vec<Unanswered>,
    /// Rows of the declarations without a readable entry number: their result is unknown.
    pub unreadable: usize,
    /// Rows of Claim Details without a readable entry number.
    pub unkeyed: u64,
    /// The entries that can be resubmitted on the filing date.
    pub refile: Vec<EntryNumber>,
}

/// An entry on a declaration that is on no claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Unanswered {
    /// The entry.
    pub number: EntryNumber,
    /// The IEEPA duty on it, where an ES-003 shows it. US dollars.
    pub ieepa_duty: Option<Decimal>,
    /// Whether that duty includes ordinary duty, so that the refund is less.
    pub ieepa_duty_is_upper_bound: bool,
    /// The last day on which it can be filed, where that is known.
    pub deadline: Option<NaiveDate>,
}

/// A message in an error description.
#[derive(Clone, Debug)]
struct FailureMessage<'c> {
    /// CBP's own text where the message is known, else what the cell has.
    text: OutsideString,
    message: Option<&'c Message>,
    closest: Option<&'c Message>,
}

/// Takes the claims together. `outcome` is capelint's check of the declarations, where there is one;
/// `checked` is whether it had an export to check against, so that it can disagree. `today` decides which of
/// CBP's messages are retired, and waiting times count from it.
pub fn triage(
    claims: Vec<Claim>,
    unkeyed: u64,
    catalog: &MessageCatalog,
    outcome: Option<&Outcome>,
    checked: bool,
    today: NaiveDate,
) -> Triage {
    let mut entries: Vec<EntryResult> = Vec::new();
    let mut known: HashMap<EntryNumber, usize> = HashMap::new();
    for (at, claim) in claims.iter().enumerate() {
        let index = *known.entry(claim.entry).or_insert_with(|| {
            entries.push(EntryResult {
                number: claim.entry,
                state: ClaimResult::Failed,
                claims: Vec::new(),
                groups: Vec::new(),
                refile: Refile::Never,
                refile_on: None,
                held: None,
                help: None,
                disagreement: None,
                ieepa_duty: None,
                ieepa_duty_is_upper_bound: false,
                deadline: None,
            });
            entries.len() - 1
        });
        entries[index].claims.push(at);
    }
    let check = outcome.map(|outcome| OwnCheck::new(outcome, checked));
    // Thousands of rows have the same few texts.
    let mut read: HashMap<OutsideString, Vec<FailureMessage<'_>>> = HashMap::new();
    for claim in claims.iter().filter(|claim| claim.status == Status::Failed) {
        if !read.contains_key(&claim.error) {
            read.insert(claim.error.clone(), read_error(claim.error.raw(), catalog));
        }
    }
    let mut groups: BTreeMap<OutsideString, MessageGroup> = BTreeMap::new();
    let mut texts: Vec<Vec<OutsideString>> = Vec::with_capacity(entries.len());
    let mut refile = Vec::new();
    for (index, result) in entries.iter_mut().enumerate() {
        let rows = || result.claims.iter().map(|at| &claims[*at]);
        result.state = if rows().any(|claim| claim.status == Status::Accepted) {
            ClaimResult::Accepted
        } else if rows().all(|claim| claim.status == Status::Failed) {
            ClaimResult::Failed
        } else {
            ClaimResult::Unclear
        };
        let accepted = result.state == ClaimResult::Accepted;
        let mut failures: Vec<&FailureMessage<'_>> = Vec::new();
        for claim in rows().filter(|claim| claim.status == Status::Failed) {
            for failure in &read[&claim.error] {
                if !failures.iter().any(|known| known.text == failure.text) {
                    failures.push(failure);
                }
            }
        }
        result.refile = match result.state {
            ClaimResult::Accepted => Refile::Never,
            ClaimResult::Unclear => Refile::Unknown,
            ClaimResult::Failed => {
                failures.iter().filter_map(|failure| refile_of(failure)).max().unwrap_or(Refile::Unknown)
            }
        };
        if let Refile::After(days) = result.refile {
            result.refile_on = today.checked_add_days(chrono::Days::new(days.into()));
        }
        if let Some(check) = &check {
            if let Some(entry) = check.entry(result.number) {
                result.ieepa_duty = entry.ieepa_duty;
                result.ieepa_duty_is_upper_bound = entry.ieepa_duty_is_upper_bound;
                result.deadline = entry.deadline;
            }
            if !accepted {
                result.help = check.help(result.number, &failures);
                result.disagreement = check.disagreement(result.number, &failures, today);
                if matches!(result.refile, Refile::Now | Refile::After(_)) {
                    result.held = check.objection(result.number);
                }
            }
        }
        if result.refile == Refile::Now && result.held.is_none() {
            refile.push(result.number);
        }
        texts.push(failures.iter().map(|failure| failure.text.clone()).collect());
        for failure in failures {
            let group = groups.entry(failure.text.clone()).or_insert_with(|| MessageGroup {
                text: failure.text.clone(),
                message: failure.message.cloned(),
                closest: failure.closest.cloned(),
                entries: Vec::new(),
                accepted_since: 0,
            });
            if accepted { group.accepted_since += 1 } else { group.entries.push(index) }
        }
    }
    let mut groups: Vec<MessageGroup> = groups.into_values().collect();
    // The map has them in the order of their texts, which stays the order among equals.
    groups.sort_by_key(|group| std::cmp::Reverse(group.entries.len()));
    let index_of: HashMap<OutsideString, usize> =
        groups.iter().enumerate().map(|(at, group)| (group.text.clone(), at)).collect();
    for (result, texts) in entries.iter_mut().zip(texts) {
        result.groups = texts.iter().map(|text| index_of[text]).collect();
    }
    let statuses = statuses(&entries, &claims, catalog);
    let (mut unanswered, mut unreadable) = (Vec::new(), 0);
    let mut seen = HashSet::new();
    for entry in outcome.iter().flat_map(|outcome| &outcome.entries) {
        match entry.number {
            Some(number) if !known.contains_key(&number) && seen.insert(number) => {
                unanswered.push(Unanswered {
                    number,
                    ieepa_duty: entry.ieepa_duty,
                    ieepa_duty_is_upper_bound: entry.ieepa_duty_is_upper_bound,
                    deadline: entry.deadline,
                });
            }
            Some(_) => {}
            None => unreadable += usize::from(!entry.written.raw().trim().is_empty()),
        }
    }
    Triage { today, claims, entries, groups, statuses, unanswered, unreadable, unkeyed, refile }
}

/// Whether a failure allows to resubmit the entry. `None` for a text without a meaning for that: a code that
/// third parties made up, beside CBP's own text.
fn refile_of(failure: &FailureMessage<'_>) -> Option<Refile> {
    match failure.message {
        None => Some(Refile::Unknown),
        Some(message) if message.stage == Stage::ThirdParty => None,
        Some(message) => Some(message.refile.unwrap_or(Refile::Unknown)),
    }
}

/// The unclear entries by the first status of theirs that is neither accepted nor failed.
fn statuses(entries: &[EntryResult], claims: &[Claim], catalog: &MessageCatalog) -> Vec<OtherStatus> {
    let mut statuses: BTreeMap<(&str, Option<Damage>), Vec<usize>> = BTreeMap::new();
    for (index, result) in
        entries.iter().enumerate().filter(|(_, result)| result.state == ClaimResult::Unclear)
    {
        let status = result.claims.iter().find_map(|at| match &claims[*at].status {
            Status::Other(text) => Some((text.raw(), None)),
            Status::Damaged(damage) => Some(("", Some(*damage))),
            Status::Accepted | Status::Failed => None,
        });
        statuses.entry(status.unwrap_or_default()).or_default().push(index);
    }
    let mut statuses: Vec<OtherStatus> = statuses
        .into_iter()
        .map(|((text, damage), entries)| OtherStatus {
            text: text.into(),
            damage,
            message: catalog.lookup(text).known().find(|message| message.stage == Stage::Status).cloned(),
            entries,
        })
        .collect();
    statuses.sort_by_key(|status| std::cmp::Reverse(status.entries.len()));
    statuses
}

/// The messages of an error description, known ones under CBP's own text. Where one cell has several,
/// each counts, because an entry can be resubmitted only when all of them allow it.
fn read_error<'c>(error: &str, catalog: &'c MessageCatalog) -> Vec<FailureMessage<'c>> {
    let lookup = catalog.lookup(error);
    if lookup.is_empty() {
        return vec![FailureMessage { text: error.trim().into(), message: None, closest: None }];
    }
    let failures = lookup.parts.into_iter().map(|part| match part {
        MessagePart::Known { message, .. } => {
            FailureMessage { text: message.text.as_str().into(), message: Some(message), closest: None }
        }
        MessagePart::Closest { text, candidates } => {
            FailureMessage { text: text.into(), message: None, closest: candidates.first().copied() }
        }
        MessagePart::Unknown { text } => FailureMessage { text: text.into(), message: None, closest: None },
    });
    failures.collect()
}

impl Triage {
    /// How many entries are in a state.
    pub fn count(&self, state: ClaimResult) -> usize {
        self.entries.iter().filter(|entry| entry.state == state).count()
    }

    /// The upload files of the entries that can be resubmitted now: `refile.csv`, or several if there
    /// are more than one declaration can include. None if there is no such entry.
    pub(crate) fn refile_files(&self) -> Vec<(String, Vec<u8>)> {
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
    use crate::finding::{Entry, RuleId, Severity, Undecided, Verdict};
    use crate::source::Sources;

    use crate::upload::triage_report::TriageRun;

    const MESSAGES: &str = "
messages:
  - { id: retired, text: RETIRED, until: 2026-06-24, refile: now, rules: [a-rule], stage: entry, from_cbp: yes, meaning: it means this, retry: no, do: do that, sources: [CSMS 68315804] }
  - { id: wait, text: WAIT, refile: later, refile_after_days: 3, stage: entry, from_cbp: yes, meaning: it means this, retry: no, do: do that, sources: [CSMS 68315804] }
  - { id: correct, text: CORRECT, refile: after_correction, rules: [a-rule], stage: entry, from_cbp: yes, meaning: it means this, retry: no, do: do that, sources: [CSMS 68315804] }
  - { id: late, text: LATE, refile: never, rules: [LATE_RULES], stage: entry, from_cbp: yes, meaning: it means this, retry: no, do: do that, sources: [CSMS 68315804] }
  - { id: made-up, text: 'X100 and others', codes: 'X\\d{3}', stage: third_party, from_cbp: no, meaning: it is made up, do: do that, sources: [nobody] }
  - { id: received, text: Received, stage: status, from_cbp: no, meaning: no result yet, do: wait, sources: [nobody] }
  - { id: calculate, text: UNABLE TO CALCULATE THE DUTY, refile: now, stage: entry, from_cbp: yes, meaning: it means this, retry: no, do: do that, sources: [CSMS 68315804] }
";

    fn catalog(late_rules: &str) -> MessageCatalog {
        let text = MESSAGES.replace("LATE_RULES", late_rules);
        let loaded = crate::rules::messages::load("m.yaml", text.as_bytes(), &mut Sources::default());
        MessageCatalog::new(loaded.unwrap())
    }

    fn claim(n: u32, status: Status, error: &str) -> Claim {
        let claim_number = "123456789012".into();
        Claim { entry: number(n), claim_number, status, error: error.into(), place: place(n.into()) }
    }

    fn failed(n: u32, error: &str) -> Claim {
        claim(n, Status::Failed, error)
    }

    fn of(claims: Vec<Claim>, outcome: Option<&Outcome>) -> Triage {
        triage(claims, 0, &catalog("a-rule"), outcome, true, "2026-11-22".parse().unwrap())
    }

    #[test]
    fn accepted_in_any_claim_is_accepted() {
        for order in [[0, 1], [1, 0]] {
            let rows = [failed(1, "RETIRED"), claim(1, Status::Accepted, "")];
            let triage = of(order.map(|at| rows[at].clone()).to_vec(), None);
            assert_eq!(triage.entries[0].state, ClaimResult::Accepted);
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
        outcome.entries[2].undecided = [RuleId(0)].into();
        let claims = vec![failed(1, "LATE"), failed(2, "LATE"), failed(3, "LATE")];
        let triage = of(claims, Some(&outcome));
        let wrong: Vec<_> = triage.entries.iter().map(|entry| entry.disagreement.is_some()).collect();
        assert_eq!(wrong, [true, false, false], "the second was foreseen, the third could not be told");
        assert_eq!(triage.entries[1].help.as_ref().unwrap().raw(), "a protest is open until 2027-02-17");
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
            for_all: true,
            used: None,
        };
        outcome.undecided = vec![not_applied(0)];
        let disagrees =
            |outcome: &Outcome| of(vec![failed(1, "LATE")], Some(outcome)).entries[0].disagreement.is_some();
        assert!(!disagrees(&outcome), "its only rule was not applied");
        outcome.rules[0].id = "list-rule".into();
        outcome.rules.push(info);
        let both = |outcome: &Outcome| {
            let catalog = catalog("a-rule, list-rule");
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
        assert!(triage.entries[0].held.as_ref().is_some_and(|held| held.raw().contains("a-rule")));
    }

    #[test]
    fn what_our_check_leaves_undecided_is_not_filed_again() {
        let mut entries: Vec<Entry> = (1..=2).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        entries[0].after_waivers = Verdict::Undecided;
        entries[0].undecided = [RuleId(0)].into();
        let triage = of(vec![failed(1, "RETIRED"), failed(2, "RETIRED")], Some(&outcome(entries, vec![])));
        assert_eq!(triage.refile, [number(2)]);
        assert!(triage.entries[0].held.as_ref().is_some_and(|held| held.raw().contains("undecided")));
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
        let unanswered: Vec<_> = triage.unanswered.iter().map(|entry| entry.number).collect();
        assert_eq!((unanswered, triage.unreadable), (vec![number(2)], 1));
    }

    #[test]
    fn reports_have_all_texts_and_nothing_in_them_acts() {
        let mut sources = Sources::default();
        sources.add_text("details 987-65-4321.csv", "");
        let claims = vec![failed(1, "RETIRED"), failed(2, "\u{1b}[2J\u{202e}987-65-4320"), failed(3, "WAIT")];
        let triage = of(claims, None);
        let mut text = Vec::new();
        triage.human(&sources, Some(20), &mut text).unwrap();
        let human = String::from_utf8(text).unwrap();
        assert!(human.contains("   = resubmit: after 2 to 3 days, from 2026-11-25\n"), "{human}");
        assert!(human.contains("RETIRED: 1 entry\n   = meaning: it means this\n   = help: do that\n"));
        assert!(human.ends_with(
            "3 entries in Claim Details: 0 accepted, 3 failed, 0 unclear; resubmit 1 now, 1 later\n"
        ));
        let mut text = Vec::new();
        let (pack, configuration, inputs) = Default::default();
        let run = TriageRun { pack, configuration, inputs };
        triage.jsonl(&run, &sources, &mut text).unwrap();
        let json = String::from_utf8(text).unwrap();
        for line in json.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["type"].is_string());
        }
        assert_eq!(json.lines().count(), 8);
        for text in [human, json] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("987-65"), "{text}");
        }
    }

    /// Reads a work list as a spreadsheet does: header and cells by row.
    fn rows_of(list: &[u8]) -> Vec<BTreeMap<String, String>> {
        let text = std::str::from_utf8(list).unwrap().strip_prefix('\u{feff}').expect("a byte order mark");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let row = |row: ::csv::StringRecord| {
            header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
        };
        reader.records().map(|record| row(record.unwrap())).collect()
    }

    #[test]
    fn the_work_list_has_reason_and_day_of_each_entry() {
        let mut entries: Vec<_> = (1..=9).map(|n| entry_at(Some(number(n)), "", n.into(), 1)).collect();
        entries[0].ieepa_duty = Some("1234.5".parse().unwrap());
        entries[1].deadline = Some("2026-12-21".parse().unwrap());
        let claims = vec![
            failed(1, "RETIRED"),
            failed(2, "WAIT"),
            failed(3, "LATE"),
            failed(4, "=cmd|' /C calc'!A0"),
            failed(5, "UNABEL TO CALCULATE DUTY"),
            claim(6, Status::Other("Received".into()), ""),
            claim(7, Status::Accepted, ""),
            failed(8, "X100: RETIRED"),
        ];
        let triage = of(claims, Some(&outcome(entries, Vec::new())));
        let rows = rows_of(&triage.work_list().unwrap());
        let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
        let expected: Vec<String> = [1, 2, 3, 4, 5, 6, 8, 9].map(|n| number(n).to_string()).into();
        assert_eq!(column("entry"), expected, "all but the accepted one, with dashes");
        assert_eq!(
            column("resubmit"),
            [
                "now: it is in refile.csv",
                "again on 2026-11-25",
                "never",
                "not before you know the cause",
                "not before you know the cause",
                "not before you know the cause",
                "now: it is in refile.csv",
                "",
            ]
        );
        assert_eq!(
            (rows[0]["ieepa_duty"].as_str(), rows[1]["last_day"].as_str()),
            ("$1,234.50", "2026-12-21")
        );
        assert_eq!(rows[3]["message"], "'=cmd|' /C calc'!A0", "no cell is a formula");
        assert_eq!(rows[4]["meaning"], "closest, not exact: UNABLE TO CALCULATE THE DUTY");
        assert!(rows[4]["next_step"].starts_with("If it is UNABLE TO CALCULATE THE DUTY: "));
        assert_eq!(rows[3]["meaning"], "unknown");
        assert!(rows.iter().all(|row| !row["next_step"].is_empty()), "{rows:?}");
        assert_eq!(rows[5]["meaning"], "no result yet");
        assert!(rows[7]["next_step"].contains("claim number"));
        assert!(of(vec![claim(7, Status::Accepted, "")], None).work_list().is_none());
    }

    #[test]
    fn every_message_that_explain_knows_is_known_in_claim_details() {
        let catalog = crate::rules::messages::embedded();
        for message in catalog.messages() {
            let wordings = std::iter::once(&message.text).chain(&message.also).chain(&message.code);
            for text in wordings {
                let found = read_error(text, catalog);
                let known = found.iter().any(|failure| failure.message.is_some_and(|of| of.id == message.id));
                assert!(known, "{text:?} is {}", message.id);
            }
        }
    }

    #[test]
    fn a_guess_never_resubmits_an_entry() {
        let triage = of(vec![failed(1, "UNABEL TO CALCULATE DUTY")], None);
        assert_eq!(triage.entries[0].refile, Refile::Unknown);
        assert_eq!(triage.groups[0].closest.as_ref().map(|message| message.id.as_str()), Some("calculate"));
        assert!(triage.refile.is_empty());
    }

    #[test]
    fn of_several_messages_in_one_cell_each_counts() {
        let refile = |error: &str| of(vec![failed(1, error)], None).entries[0].refile;
        for (error, expected) in [
            ("RETIRED; CORRECT", Refile::AfterCorrection),
            ("RETIRED, LATE", Refile::Never),
            ("RETIRED | NOBODY KNOWS THIS", Refile::Unknown),
            ("Line 001: RETIRED (002)", Refile::Now),
            ("X100: RETIRED", Refile::Now),
            ("X100", Refile::Unknown),
            ("NOT RETIRED", Refile::Unknown),
            ("", Refile::Unknown),
        ] {
            assert_eq!(refile(error), expected, "{error}");
        }
    }
}
