//! Less information never makes an entry fit for upload, unless the run says which rule it could not apply.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use capelint::{Check, Loader, Rules, Verdict, entry};
use chrono::NaiveDate;

static RULES: LazyLock<Rules> = LazyLock::new(|| Loader::new().load().expect("the built-in rules"));
const FILING_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");

/// A table as its columns and rows. The first column is the entry.
#[derive(Clone)]
struct Sheet {
    name: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(name: &'static str, header: &str) -> Self {
        Self { name, header: header.split(',').map(str::to_owned).collect(), rows: Vec::new() }
    }

    fn row(&mut self, cells: &str) {
        let cells: Vec<String> = cells.split(',').map(str::to_owned).collect();
        assert_eq!(cells.len(), self.header.len(), "{cells:?}");
        self.rows.push(cells);
    }

    fn bytes(&self) -> Vec<u8> {
        let lines = std::iter::once(&self.header).chain(&self.rows);
        lines.map(|cells| cells.join(",") + "\r\n").collect::<String>().into_bytes()
    }

    fn without(&self, column: usize) -> Self {
        let mut sheet = self.clone();
        for cells in std::iter::once(&mut sheet.header).chain(&mut sheet.rows) {
            cells.remove(column);
        }
        sheet
    }

    fn blank(&self, column: usize) -> Self {
        let mut sheet = self.clone();
        sheet.rows.iter_mut().for_each(|cells| cells[column].clear());
        sheet
    }
}

/// A made-up entry number with its check digit.
fn number(n: usize) -> String {
    let first = format!("XYZ{n:07}");
    let digit = entry::check_digit(first.as_bytes()).expect("ten characters");
    format!("{first}{}", char::from(digit))
}

/// Entries that may be uploaded and others that may not, each for a reason of its own.
fn sheets() -> (Vec<String>, Vec<Sheet>) {
    let mut es003 = Sheet::new(
        "es003",
        "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
         HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,\
         Liquidation Date,Control Status,Summary Status,Reconciliation Indicator,Protest Number,\
         Protest Status,CAPE Indicator",
    );
    let mut numbers = Vec::new();
    for (n, (kind, heading, rest)) in [
        ("01", "99030125", "Unliquidated,,CBP,Accepted,N,,,"),
        ("01", "99030125", "Liquidated,11/01/2026,CBP,Accepted,N,,,"),
        ("01", "99030125", "Liquidated,08/01/2026,CBP,Accepted,N,,,"),
        ("01", "99030125", "Reliquidated,11/10/2026,CBP,Accepted,N,,,"),
        ("01", "99030125", "Unliquidated,,Trade,Accepted,N,,,"),
        ("01", "99030125", "Unliquidated,,Inactive,Accepted,N,,,"),
        ("01", "99030125", "Unliquidated,,CBP,Rejected,N,,,"),
        ("01", "99030125", "Unliquidated,,CBP,Canceled,N,,,"),
        ("01", "99030125", "Liquidated,11/01/2026,CBP,Accepted,N,110126100001,OP,"),
        ("01", "99030125", "Unliquidated,,CBP,Accepted,N,,,Y"),
        ("03", "99030125", "Suspended,,CBP,Accepted,N,,,"),
        ("21", "99030125", "Unliquidated,,CBP,Accepted,N,,,"),
        ("09", "99030125", "Unliquidated,,CBP,Accepted,N,,,"),
        ("01", "99030125", "Unliquidated,,CBP,Accepted,Y,,,"),
        ("11", "99030125", "Liquidated,02/10/2026,CBP,Accepted,N,,,"),
        ("01", "99030301", "Unliquidated,,CBP,Accepted,N,,,"),
        ("01", "99038803", "Unliquidated,,CBP,Accepted,N,,,"),
    ]
    .into_iter()
    .enumerate()
    {
        let number = number(n);
        let head = format!("{number},{kind},12-3456789,02/10/2026,001");
        es003.row(&format!("{head},{heading},0,100.00,{rest}"));
        es003.row(&format!("{head},8471300100,1000,0,{rest}"));
        numbers.push(number);
    }
    let mut lists = vec![es003];
    for (name, header, rows) in [
        ("psc", "Entry Number,Status", &[(0, "Needed"), (10, "Filed")][..]),
        ("protests", "Entry Number,Protest Status", &[(1, "SP")]),
        ("reconciliation", "Entry Number,Reconciliation Entry Summary Number", &[(13, "XYZ12345678")]),
        ("adcvd", "Entry Number,Status", &[(10, "Pending")]),
        (
            "claims",
            "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION",
            &[(3, "300000001300,Entry Summary Updated,")],
        ),
        ("surety", "Entry Number,Note", &[(4, "paid")]),
        ("drawback", "Entry Number,Note", &[(0, "claimed")]),
    ] {
        let mut list = Sheet::new(name, header);
        for (n, rest) in rows {
            list.row(&format!("{},{rest}", number(*n)));
        }
        lists.push(list);
    }
    (numbers, lists)
}

/// Of each entry the verdict and the rules that keep it; and all rules that are undecided or not checked.
type Judged = (BTreeMap<String, (Verdict, BTreeSet<String>)>, BTreeSet<String>);

fn judged(numbers: &[String], sheets: &[Sheet]) -> Option<Judged> {
    let mut check = Check::new(&RULES, FILING_DATE);
    check.declaration("d.csv", format!("Entry Number\r\n{}\r\n", numbers.join("\r\n")).into_bytes());
    for sheet in sheets {
        check.table(sheet.name, format!("{}.csv", sheet.name), sheet.bytes());
    }
    check.exported("es003", FILING_DATE);
    // A table that is no longer one is refused, which is no better verdict.
    let outcome = check.run().ok()?.outcome;
    let name = |rule: &_| outcome.rule(*rule).id.clone();
    let blocking = |rule: &&_| outcome.rule(**rule).severity.blocks();
    let entries = outcome.entries.iter().map(|entry| {
        let rules = entry.rules.iter().filter(blocking).chain(&entry.undecided).map(name).collect();
        (entry.number.expect("a number").as_str().to_owned(), (entry.verdict, rules))
    });
    Some((entries.collect(), outcome.undecided.iter().map(|undecided| name(&undecided.rule)).collect()))
}

/// Rules that still have an answer where this is taken away: a blank CAPE Indicator is ACE's way to say no, and
/// protests are in the ES-003 and in a list, each of which answers alone. Reports do not say yet that only one of
/// them was asked.
const OTHERWISE_KNOWN: [(&str, &str); 3] = [
    ("already-in-cape", "blank CAPE Indicator"),
    ("protest-open", "Protest Status of es003 and Protest Number"),
    ("protest-open", "without protests"),
];

#[test]
fn what_is_taken_away_never_makes_an_entry_fit_for_upload_unsaid() {
    let (numbers, sheets) = sheets();
    let (full, _) = judged(&numbers, &sheets).expect("a check");
    let kept = full.values().filter(|(verdict, _)| !verdict.may_be_uploaded()).count();
    assert!(kept >= 12, "{full:?}");
    let mut fewer: Vec<(String, Vec<Sheet>)> = Vec::new();
    for (at, sheet) in sheets.iter().enumerate() {
        let mut with = |what: String, replaced: Option<Sheet>| {
            let mut less = sheets.clone();
            match replaced {
                Some(sheet) => less[at] = sheet,
                None => drop(less.remove(at)),
            }
            fewer.push((what, less));
        };
        with(format!("without {}", sheet.name), None);
        for column in 1..sheet.header.len() {
            let title = format!("{} of {}", sheet.header[column], sheet.name);
            with(format!("without {title}"), Some(sheet.without(column)));
            with(format!("with blank {title}"), Some(sheet.blank(column)));
            for other in 1..column {
                let what = format!("without {title} and {}", sheet.header[other]);
                with(what, Some(sheet.without(column).without(other)));
            }
        }
    }
    let mut unsaid = Vec::new();
    for (what, less) in &fewer {
        let Some((verdicts, undecided)) = judged(&numbers, less) else { continue };
        for (number, (verdict, _)) in verdicts {
            let (before, rules) = &full[&number];
            // The run must name a rule that kept the entry before.
            let is_said = rules.iter().any(|rule| undecided.contains(rule));
            if OTHERWISE_KNOWN.iter().any(|(rule, part)| rules.contains(*rule) && what.contains(part)) {
                continue;
            }
            if verdict.may_be_uploaded() && !before.may_be_uploaded() && !is_said {
                unsaid.push(format!("{number} {what}: {before:?} by {rules:?}, now {verdict:?}"));
            }
        }
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}
