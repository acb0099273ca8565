//! What must not be uploaded without a person's decision is stopped, and nearly nothing else is.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use capelint::frontend::messages::{self, Refile, Stage};
use capelint::{Check, Loader, RuleChoice, RuleSource, Severity, Verdict};
use chrono::{Days, NaiveDate};
use common::RULES;

const FILING_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
const HEADER: &str = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
                      HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,\
                      Liquidation Date,Control Status,Reconciliation Indicator,Protest Number,Protest Status\n";

/// A made-up entry number.
fn number(n: usize) -> String {
    common::number("XYZ", n as u32).as_str().to_owned()
}

/// The rows of an ordinary entry of 2026-02-10: 10% on heading 9903.01.25, and its commodity.
fn rows(number: &str, kind: &str, entry_date: &str, rest: &str) -> String {
    let head = format!("{number},{kind},12-3456789,{entry_date},001");
    format!("{head},99030125,0,100.00,{rest}\n{head},8471300100,1000,0,{rest}\n")
}

/// The verdict and the violated rules of each entry.
fn judged(export: &str, lists: &[(&str, &str)]) -> BTreeMap<String, (Verdict, Vec<String>)> {
    let mut numbers: Vec<&str> =
        export.lines().skip(1).map(|row| row.split(',').next().expect("a cell")).collect();
    numbers.dedup();
    let mut check = Check::new(&RULES, FILING_DATE);
    check.declaration("d.csv", format!("Entry Number\r\n{}\r\n", numbers.join("\r\n")).into_bytes());
    check.table("es003", "es003.csv", export.as_bytes().to_vec());
    for (name, content) in lists {
        check.table(name, format!("{name}.csv"), content.as_bytes().to_vec());
    }
    let outcome = check.run().expect("a check").outcome;
    let entries = outcome.entries.iter();
    entries
        .map(|entry| {
            let rules = entry.rules.iter().map(|rule| outcome.rule(*rule).id.clone()).collect();
            (entry.number.expect("a number").as_str().to_owned(), (entry.verdict, rules))
        })
        .collect()
}

fn may_be_uploaded(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Ready | Verdict::Warned)
}

/// Heading, its rate in percent, and the commodity.
const GOODS: [(&str, usize, &str); 4] = [
    ("99030125", 10, "8471300100"),
    ("99030110", 35, "3923900080"),
    ("99030220", 15, "8708998180"),
    ("99030261", 19, "6403999065"),
];

#[test]
fn at_most_one_entry_in_a_hundred_of_a_sound_book_is_stopped() {
    let mut export = HEADER.to_owned();
    let mut random = 20_261_122_u64;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % limit
    };
    for n in 0..2_000 {
        let number = number(n);
        let date = NaiveDate::from_ymd_opt(2025, 11, 14).expect("a day") + Days::new(below(100) as u64);
        let liquidated = date + Days::new(314);
        let (status, day) = match (liquidated < FILING_DATE, below(20)) {
            (true, _) => ("Liquidated", liquidated.format("%m/%d/%Y").to_string()),
            (false, 0) => ("Extended", String::new()),
            (false, 1) => ("Suspended", String::new()),
            (false, _) => ("Unliquidated", String::new()),
        };
        let kind = if below(30) == 0 { "06" } else { "01" };
        for line in 1..=1 + below(4) {
            let (heading, rate, commodity) = GOODS[below(GOODS.len())];
            let cents = 10_000 + below(9_000_000);
            let duty = match below(40) {
                // Repaired abroad, or partly of the United States: less than the rate gives.
                0 => cents * rate / 300,
                // The value is rounded to dollars, the duty is not.
                1 => (cents + 49) * rate / 100,
                _ => cents * rate / 100,
            };
            let head = format!("{number},{kind},12-3456789,{},{line:03}", date.format("%m/%d/%Y"));
            let rest = format!("{status},{day},CBP,N,,");
            writeln!(export, "{head},{heading},0,{}.{:02},{rest}", duty / 100, duty % 100).expect("text");
            writeln!(export, "{head},{commodity},{},0,{rest}", cents / 100).expect("text");
        }
    }
    let judged = judged(&export, &[]);
    let count = |wanted: Verdict| judged.values().filter(|(verdict, _)| *verdict == wanted).count();
    let stopped = count(Verdict::Stopped);
    assert_eq!(judged.len(), 2_000);
    // What is not stopped is really evaluated.
    assert!(count(Verdict::Ready) + count(Verdict::Warned) > 1_800, "{}", count(Verdict::Undecided));
    assert!(stopped * 100 <= judged.len(), "{stopped} of {} are stopped", judged.len());
}

/// Entries that CBP rejected before: the catalog's entry for the message decides.
#[test]
fn what_failed_for_good_is_stopped_and_what_can_be_resubmitted_is_not() {
    let catalog = messages::embedded();
    let of_entries =
        catalog.messages().iter().filter(|message| message.stage == Stage::Entry && message.from_cbp);
    let mut export = HEADER.to_owned();
    let mut claims = String::from("ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n");
    let mut expected = BTreeMap::new();
    for (n, message) in of_entries.enumerate() {
        let number = number(n);
        export += &rows(&number, "01", "02/10/2026", "Unliquidated,,CBP,N,,");
        writeln!(claims, "=\"{number}\",=\"300000001300\",Failed,{}", message.text).expect("text");
        let for_good =
            !matches!(message.refile, Some(Refile::Now | Refile::After(_) | Refile::AfterCorrection));
        expected.insert(number, (for_good, message.text.clone()));
    }
    for (text, n) in [("", 900), ("SOMETHING NEW", 901), ("PROTEST ON ENTRY; NO IEEPA HTS ON ENTRY", 902)] {
        let number = number(n);
        export += &rows(&number, "01", "02/10/2026", "Unliquidated,,CBP,N,,");
        writeln!(claims, "{number},300000001300,Failed,{text}").expect("text");
        expected.insert(number, (true, text.to_owned()));
    }
    assert!(expected.len() > 12, "{}", expected.len());
    for (number, (verdict, rules)) in judged(&export, &[("claims", &claims)]) {
        let (for_good, text) = &expected[&number];
        let stopped = rules.iter().any(|rule| rule == "failed-before");
        assert_eq!((stopped, verdict == Verdict::Stopped), (*for_good, *for_good), "{text}: {rules:?}");
    }
}

#[test]
fn an_informal_entry_without_a_liquidation_date_is_spoken_of() {
    for (n, (kind, date, rest)) in [
        ("11", "10/01/2025", "Unliquidated,,CBP,N,,"),
        ("12", "02/10/2026", "Unliquidated,,CBP,N,,"),
        ("11", "02/10/2026", "Liquidated,09/02/2026,CBP,N,,"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = number(n);
        let judged = judged(&(HEADER.to_owned() + &rows(&number, kind, date, rest)), &[]);
        let (_, rules) = &judged[&number];
        let spoken_of = ["informal-entry", "liquidated-over-80-days"];
        assert!(
            rules.iter().any(|rule| spoken_of.contains(&rule.as_str())),
            "{kind} {date} {rest}: {rules:?}"
        );
    }
}

#[test]
fn a_protest_that_may_be_open_keeps_an_entry() {
    // The cells after the entry's lines, the `protests` list, and whether the entry may be uploaded.
    for (n, (rest, list, uploaded)) in [
        ("Liquidated,11/01/2026,CBP,N,110126100001,", None, false),
        ("Liquidated,11/01/2026,CBP,N,110126100001,OP", None, false),
        ("Liquidated,11/01/2026,CBP,N,110126100001,DN", None, true),
        ("Liquidated,11/01/2026,CBP,N,,", None, true),
        ("Liquidated,11/01/2026,CBP,N,,", Some("Entry Number,Protest Status\nNUMBER,SP\n"), false),
        ("Liquidated,11/01/2026,CBP,N,,", Some("Entry Number,Protest Status\nNUMBER,WD\n"), true),
        ("Liquidated,11/01/2026,CBP,N,,", Some("Entry Number,Protest Status\nNUMBER,\n"), false),
        ("Unliquidated,,CBP,N,,", None, true),
    ]
    .into_iter()
    .enumerate()
    {
        let number = number(n);
        let export = HEADER.to_owned() + &rows(&number, "01", "02/10/2026", rest);
        let list = list.map(|list| list.replace("NUMBER", &number));
        let lists: Vec<_> = list.iter().map(|list| ("protests", list.as_str())).collect();
        let judged = judged(&export, &lists);
        assert_eq!(may_be_uploaded(judged[&number].0), uploaded, "{rest} {list:?}: {:?}", judged[&number]);
    }
    // Without protest columns and without a list, a liquidated entry is not known to be free of one.
    let bare = |status: &str| {
        let header = HEADER.replace(",Protest Number,Protest Status", "");
        let number = number(99);
        judged(&(header + &rows(&number, "01", "02/10/2026", status)), &[])[&number].0
    };
    assert_eq!(bare("Liquidated,11/01/2026,CBP,N"), Verdict::Undecided);
    assert_eq!(bare("Unliquidated,,CBP,N"), Verdict::Ready);
}

#[test]
fn an_entry_that_needs_a_correction_waits() {
    let psc = |status: &str| format!("Entry Number,Status\n{},{status}\n", number(1));
    for (status, date, rest, verdict) in [
        ("Needed", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Stopped),
        ("", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Stopped),
        ("Rejected", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Stopped),
        ("Filed", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Stopped),
        ("ask Kim", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Stopped),
        ("Not needed", "02/10/2026", "Unliquidated,,CBP,N,,", Verdict::Ready),
        // The window has closed: waiting gains nothing.
        ("Needed", "01/25/2026", "Unliquidated,,CBP,N,,", Verdict::Warned),
        // It may be open longer.
        ("Needed", "01/25/2026", "Extended,,CBP,N,,", Verdict::Stopped),
        // Protest or CAPE: a person chooses.
        ("Needed", "01/05/2026", "Liquidated,11/02/2026,CBP,N,,", Verdict::Stopped),
    ] {
        let export = HEADER.to_owned() + &rows(&number(1), "01", date, rest);
        let judged = judged(&export, &[("psc", &psc(status))]);
        assert_eq!(judged[&number(1)].0, verdict, "{status} {date} {rest}: {:?}", judged[&number(1)].1);
    }
}

/// `already-accepted` supersedes every other rule. Made a note or waived, it must not hide what CBP rejects.
#[test]
fn a_rule_that_was_made_less_severe_or_waived_hides_nothing_more_severe() {
    let number = number(1);
    let export = format!("{HEADER}{}", rows(&number, "01", "10/10/2025", "Liquidated,08/21/2026,,,,"));
    let claims = format!("ENTRY_NUMBER,STATUS\n{number},Entry Summary Updated\n");
    let rules_of = |severity: &[(&str, Severity)], configuration: &str| {
        let mut loader = Loader::new();
        loader.configuration("capelint.yaml", configuration.as_bytes());
        let severity =
            severity.iter().map(|(rule, severity)| ((*rule).to_owned(), Some(*severity))).collect();
        loader.choose(RuleChoice { severity, ..RuleChoice::default() });
        let rules = loader.load().expect("the built-in rules");
        let mut check = Check::new(&rules, FILING_DATE);
        check.declaration("d.csv", format!("Entry Number\r\n{number}\r\n").into_bytes());
        check.table("es003", "es003.csv", export.as_bytes().to_vec());
        check.table("claims", "claims.csv", claims.as_bytes().to_vec());
        let outcome = check.run().expect("a check").outcome;
        let entry = &outcome.entries[0];
        let rules: Vec<String> = entry.rules.iter().map(|rule| outcome.rule(*rule).id.clone()).collect();
        (entry.after_waivers, rules)
    };
    assert_eq!(rules_of(&[], ""), (Verdict::Rejected, vec!["already-accepted".to_owned()]));
    let (verdict, rules) = rules_of(&[("already-accepted", Severity::Note)], "");
    assert_eq!(verdict, Verdict::Rejected);
    assert!(rules.contains(&"liquidated-over-80-days".to_owned()), "{rules:?}");
    // What is as little severe is still left to it.
    let both = [("already-accepted", Severity::Note), ("liquidated-over-80-days", Severity::Note)];
    let (_, rules) = rules_of(&both, "");
    assert!(!rules.contains(&"liquidated-over-80-days".to_owned()), "{rules:?}");
    let waiver = |until| {
        format!(
            "waivers:\n  - rule: already-accepted\n    entries: [{number}]\n    reason: CBP closed the claim\n    until: {until}\n"
        )
    };
    let (verdict, rules) = rules_of(&[], &waiver("2026-12-31"));
    assert_eq!(verdict, Verdict::Rejected);
    assert!(rules.contains(&"liquidated-over-80-days".to_owned()), "{rules:?}");
    // A waiver that has ended changes nothing.
    let (_, rules) = rules_of(&[], &waiver("2026-11-21"));
    assert!(!rules.contains(&"liquidated-over-80-days".to_owned()), "{rules:?}");
}

/// A superseded rule is not reported, and so supersedes no other rule.
#[test]
fn a_superseded_rule_supersedes_nothing() {
    const ANY: &str = "row.entry: { present: yes }";
    let house = |first: &str| {
        let rule = |id: &str, severity: &str, supersedes: &str, forbid: &str| {
            format!(
                "  - {{ id: {id}, title: t, severity: {severity}, each: entry, {supersedes}forbid: {{ {forbid} }}, \
                 message: m, sources: [s] }}\n"
            )
        };
        "rules:\n".to_owned()
            + &rule("house-first", "note", "supersedes: [house-second], ", first)
            + &rule("house-second", "stop", "supersedes: [house-third], ", ANY)
            + &rule("house-third", "stop", "", ANY)
    };
    let found = |first: &str| {
        let mut loader = Loader::new();
        let beside = |_: &str| Err("there is no such file".to_owned());
        loader.rule_file(RuleSource::new("house.yaml", house(first).into_bytes(), beside));
        let rules = loader.load().unwrap_or_else(|errors| panic!("{:?}", errors.diagnostics));
        let number = number(1);
        let mut check = Check::new(&rules, FILING_DATE);
        check.declaration("d.csv", format!("Entry Number\r\n{number}\r\n").into_bytes());
        let rest = "Unliquidated,,CBP,N,,";
        let export = HEADER.to_owned() + &rows(&number, "01", "02/10/2026", rest);
        check.table("es003", "es003.csv", export.into_bytes());
        for list in ["protests", "reconciliation", "psc", "adcvd"] {
            check.nothing_to_list(list);
        }
        let outcome = check.run().expect("a check").outcome;
        let house = outcome.findings.iter().map(|finding| outcome.rule(finding.rule).id.clone());
        let mut house: Vec<_> = house.filter(|id| id.starts_with("house-")).collect();
        house.sort();
        (house, outcome.entries[0].verdict)
    };
    // All three are violated: the note supersedes the second rule, and nothing supersedes the third.
    assert_eq!(found(ANY), (vec!["house-first".into(), "house-third".into()], Verdict::Stopped));
    // Without the first, the second supersedes the third.
    assert_eq!(found("row.entry: ABC12345676"), (vec!["house-second".into()], Verdict::Stopped));
}

/// A list that is provided is read, whatever the configuration states, and no report contradicts that.
#[test]
fn a_list_that_is_provided_is_not_reported_as_having_nothing_to_list() {
    let mut loader = Loader::new();
    loader.configuration("capelint.yaml", b"tables: { protests: none, psc: none }");
    let rules = loader.load().unwrap_or_else(|errors| panic!("{:?}", errors.diagnostics));
    let number = number(1);
    let export = HEADER.to_owned() + &rows(&number, "01", "02/10/2026", "Unliquidated,,CBP,N,,");
    for (protests, is_said) in
        [(Some(format!("Entry Number,Protest Status\n{number},OP\n")), false), (None, true)]
    {
        let mut check = Check::new(&rules, FILING_DATE);
        check.declaration("d.csv", format!("Entry Number\r\n{number}\r\n").into_bytes());
        check.table("es003", "es003.csv", export.clone().into_bytes());
        check.nothing_to_list("psc").nothing_to_list("protests");
        if let Some(protests) = protests {
            check.table("protests", "protests.csv", protests.into_bytes());
        }
        let checked = check.run().expect("a check");
        let said = checked.provenance();
        assert_eq!(said.contains("protests"), is_said, "{said}");
        assert!(said.contains("psc"), "{said}");
        assert_eq!(checked.outcome.entries[0].verdict == Verdict::Rejected, !is_said);
    }
}
