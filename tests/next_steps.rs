//! No next step advises what the state of the entry forbids: every rule of the pack over entries in made-up
//! states, alone and in pairs.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use capelint::Check;
use capelint::finding::{Finding, Outcome, OutsideText, Severity};
use chrono::{Days, NaiveDate};
use common::RULES;
use regex::Regex;

/// The facts of an entry, each with its values; the first is the usual one.
const FACTS: [(&str, &[&str]); 12] = [
    (
        "liquidation",
        &[
            "Unliquidated ",
            "Liquidated -20",
            "Liquidated -80",
            "Liquidated -81",
            "Liquidated -180",
            "Liquidated -200",
            "Liquidated ",
            "Reliquidated -20",
            "Suspended ",
            "Extended ",
            "Under Review ",
        ],
    ),
    ("type", &["01", "02", "03", "06", "08", "09", "11", "12", "21", "23", "31", "47"]),
    ("entered", &["-290", "-300", "-301", "-400"]),
    ("control", &["CBP", "Trade", "Inactive"]),
    ("summary", &["Accepted", "Rejected", "Canceled"]),
    ("protest", &["", "OP", "SP", "DN", "?"]),
    (
        "claims",
        &["", "accepted", "NO IEEPA HTS ON ENTRY", "STATEMENT PROCESSING NOT COMPLETE", "PROTEST ON ENTRY"],
    ),
    ("psc", &["", "Needed", "Filed", "Rejected"]),
    ("lines", &["sound", "value", "none", "rate", "122", "alone", "zero"]),
    ("statements", &["PD", "NP"]),
    ("reconciliation", &["N", "Y", "filed", "due 10", "due 100", "due -10"]),
    ("indicator", &["", "Y", "P"]),
];

/// An entry: of each fact which value.
type State = [usize; FACTS.len()];

fn value(state: &State, fact: &str) -> &'static str {
    let at = FACTS.iter().position(|(name, _)| *name == fact).expect("a fact");
    FACTS[at].1[state[at]]
}

/// The usual entry, each other value alone, and each two of them; the same of an entry that liquidated in time and
/// has an open protest.
fn states() -> Vec<State> {
    let usual = [0; FACTS.len()];
    let mut states = vec![usual];
    let with = |state: &State, fact: usize, value: usize| {
        let mut state = *state;
        state[fact] = value;
        state
    };
    for (fact, (_, values)) in FACTS.iter().enumerate() {
        for value in 1..values.len() {
            let one = with(&usual, fact, value);
            states.push(one);
            for (other, (_, values)) in FACTS.iter().enumerate().skip(fact + 1) {
                states.extend((1..values.len()).map(|value| with(&one, other, value)));
            }
        }
    }
    let protested: Vec<State> = states.iter().map(|state| with(&with(state, 0, 1), 5, 1)).collect();
    states.into_iter().chain(protested).collect()
}

/// A made-up entry number.
fn number(n: usize) -> String {
    common::number("XYZ", n as u32).as_str().to_owned()
}

/// A day so many days from another; none for a blank.
fn day(from: NaiveDate, days: &str) -> Option<NaiveDate> {
    let days: i64 = days.parse().ok()?;
    let distance = Days::new(days.unsigned_abs());
    if days < 0 { from.checked_sub_days(distance) } else { from.checked_add_days(distance) }
}

fn shown(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| day.format("%m/%d/%Y").to_string())
}

/// The rules on entries in all states, as of a day.
fn outcome(states: &[State], filing_date: NaiveDate) -> Outcome {
    let mut es003 = String::from(
        "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
         HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,\
         Liquidation Date,Control Status,Summary Status,Reconciliation Indicator,Protest Number,Protest Status,\
         CAPE Indicator\n",
    );
    let mut lists: BTreeMap<&str, String> = BTreeMap::from([
        ("claims", "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n".to_owned()),
        ("psc", "Entry Number,Status,Filed Date\n".to_owned()),
        ("statements", "Entry Summary Number,Monthly Payment Status\n".to_owned()),
        ("reconciliation", "Entry Number,Filed,Due Date\n".to_owned()),
    ]);
    let mut declaration = String::from("Entry Number\r\n");
    for (n, state) in states.iter().enumerate() {
        let number = number(n);
        let of = |fact| value(state, fact);
        writeln!(declaration, "{number}\r").expect("text");
        let (status, days) = of("liquidation").rsplit_once(' ').expect("two words");
        let flag = if of("reconciliation") == "N" { "N" } else { "Y" };
        let (protest, protest_status) = match of("protest") {
            "" => ("", ""),
            "?" => ("110126100001", ""),
            status => ("110126100001", status),
        };
        let rest = format!(
            "{status},{},{},{},{flag},{protest},{protest_status},{}",
            shown(day(filing_date, days)),
            of("control"),
            of("summary"),
            of("indicator"),
        );
        let head =
            format!("{number},{},12-3456789,{},001", of("type"), shown(day(filing_date, of("entered"))));
        let (heading, value, duty) = match of("lines") {
            "value" => ("99030125", "1000", "100.00"),
            "none" => ("99038803", "0", "250.00"),
            "rate" => ("99030125", "0", "900.00"),
            "122" => ("99030301", "0", "100.00"),
            "zero" => ("99030125", "0", "0.00"),
            _ => ("99030125", "0", "100.00"),
        };
        writeln!(es003, "{head},{heading},{value},{duty},{rest}").expect("text");
        if of("lines") != "alone" {
            let value = if of("lines") == "value" { "0" } else { "1000" };
            writeln!(es003, "{head},8471300100,{value},0,{rest}").expect("text");
        }
        let mut list = |name: &str, row: String| *lists.get_mut(name).expect("a list") += &row;
        match of("claims") {
            "" => {}
            "accepted" => list("claims", format!("{number},300000001300,Entry Summary Updated,\n")),
            error => list("claims", format!("{number},300000001300,Failed,{error}\n")),
        }
        if !of("psc").is_empty() {
            list("psc", format!("{number},{},\n", of("psc")));
        }
        list("statements", format!("{number},{}\n", of("statements")));
        match of("reconciliation") {
            "filed" => list("reconciliation", format!("{number},yes,\n")),
            due if due.starts_with("due") => {
                let due = day(filing_date, due.trim_start_matches("due "));
                list("reconciliation", format!("{number},no,{}\n", shown(due)));
            }
            _ => {}
        }
    }
    let mut check = Check::new(&RULES, filing_date);
    check.declaration("d.csv", declaration.into_bytes());
    check.table("es003", "es003.csv", es003.into_bytes());
    for (name, list) in lists {
        check.table(name, format!("{name}.csv"), list.into_bytes());
    }
    check.exported("es003", filing_date);
    check.run().expect("a check").outcome
}

/// Why a next step is one that the state of the entry forbids.
fn objection(
    state: &State,
    finding: &Finding,
    (outcome, others): (&Outcome, &[&Finding]),
    filing_date: NaiveDate,
) -> Option<&'static str> {
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(by|before|no later than|until|is|on) (\d{4}-\d\d-\d\d)").expect("a pattern")
    });
    let of = |fact| value(state, fact);
    let rule = outcome.rule(finding.rule).id.as_str();
    let help = finding.help.as_ref().map(OutsideText::raw).unwrap_or_default();
    let (status, days) = of("liquidation").rsplit_once(' ').expect("two words");
    let liquidated = ["Liquidated", "Reliquidated"].contains(&status);
    let days: Option<i64> = days.parse().ok();
    let is_in_cape = of("claims") == "accepted" || !of("indicator").is_empty();
    if is_in_cape && !["already-accepted", "already-in-cape"].contains(&rule) {
        return Some("nothing else matters of an entry that CBP accepted");
    }
    for found in DAY.captures_iter(help) {
        let named: NaiveDate = found[2].parse().expect("a day");
        let is_told_of_the_past = ["on", "until", "is"].contains(&&found[1])
            && ["closed on", "liquidated on", "ended on", "reliquidated on", "reported on"]
                .iter()
                .any(|past| help[..found.get(2).expect("a day").start()].trim_end().ends_with(past));
        if named < filing_date && !is_told_of_the_past {
            return Some("the day has passed");
        }
    }
    let blocked = others.iter().any(|other| other.rule != finding.rule && other.severity.blocks());
    if help.starts_with("withdraw ") || help.contains("withdraw it") || help.contains("withdraw the protest")
    {
        let open = ["OP", "SP"].contains(&of("protest"));
        let in_time = !liquidated || days.is_some_and(|days| days >= -80);
        if !open || !in_time || blocked {
            return Some("a protest is not withdrawn for an entry that stays out of CAPE");
        }
    }
    let advises_psc = help.starts_with("file the PSC first, no later") || help.starts_with("file a PSC");
    let entered: i64 = of("entered").parse().expect("days");
    let window_stays_open =
        status == "Extended" || status == "Suspended" && ["03", "06", "07"].contains(&of("type"));
    if advises_psc {
        if liquidated || ["11", "12"].contains(&of("type")) || status == "Under Review" {
            return Some("no PSC is possible");
        }
        if of("control") != "CBP" || of("summary") != "Accepted" || of("statements") != "PD" {
            return Some("no PSC is possible yet");
        }
        if entered < -300 && !window_stays_open {
            return Some("the PSC window is closed");
        }
    }
    let advises_protest = help.contains("file a protest") && !help.contains("if the upload fails");
    if advises_protest {
        if !liquidated {
            return Some("nothing is liquidated that could be protested");
        }
        if days.is_some_and(|days| (-80..=0).contains(&days))
            && !blocked
            && !help.contains("last day to file a protest")
        {
            return Some("an entry that CAPE accepts needs no protest");
        }
    }
    let rejected = others.iter().any(|other| other.rule != finding.rule && other.severity == Severity::Error);
    let advises_filing =
        ["then file the entry", "then file this entry", "file CAPE first", "CAPE accepts it until"];
    let is_conditional =
        ["unless another finding blocks", "if no other finding blocks", "no other finding blocks"];
    if rejected
        && advises_filing.iter().any(|words| help.contains(words))
        && !is_conditional.iter().any(|words| help.contains(words))
    {
        return Some("CBP rejects it for another reason");
    }
    let has_no_psc = liquidated || ["11", "12"].contains(&of("type"));
    if has_no_psc && help.contains("(PSC) first") {
        return Some("no PSC is possible");
    }
    if (help.starts_with("resubmit it;") || help.starts_with("file it "))
        && !help.contains("unless")
        && blocked
    {
        return Some("another finding keeps it");
    }
    None
}

#[test]
fn no_next_step_advises_what_the_state_of_the_entry_forbids() {
    let states = states();
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    for filing_date in ["2026-11-20", "2026-11-22", "2026-07-01"] {
        let filing_date: NaiveDate = filing_date.parse().expect("a day");
        let mut steps = 0;
        for states in states.chunks(5_000) {
            let outcome = outcome(states, filing_date);
            assert_eq!(outcome.entries.len(), states.len());
            let mut of_entry: Vec<Vec<&Finding>> = vec![Vec::new(); states.len()];
            for finding in &outcome.findings {
                if let Some(at) = finding.entry() {
                    of_entry[at].push(finding);
                }
            }
            for (state, findings) in states.iter().zip(&of_entry) {
                for finding in findings {
                    steps += usize::from(finding.help.is_some());
                    let Some(why) = objection(state, finding, (&outcome, findings), filing_date) else {
                        continue;
                    };
                    let facts: Vec<&str> = (FACTS.iter().zip(state))
                        .filter(|(_, at)| **at > 0)
                        .map(|((_, values), at)| values[*at])
                        .collect();
                    let rule = &outcome.rule(finding.rule).id;
                    let help = finding.help.as_ref().map(OutsideText::raw).unwrap_or_default();
                    wrong
                        .entry(format!("{rule}: {why}"))
                        .or_insert(format!("{filing_date} {facts:?}: {help}"));
                }
            }
        }
        assert!(steps > 1_000, "{steps}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
