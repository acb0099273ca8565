//! Exports that differ, days, protests without a status, claims: each kind in several made-up files. No uncertain
//! reading may lead to an upload.

mod common;

use capelint::{Check, Format, Options, Verdict};
use common::RULES;

const ENTRY: &str = "ABC72000013";
const OTHER: &str = "ABC72000021";
const HEADER: &str = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
    Tariff Ordinal Number,HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,\
    Control Status,Entry Summary Status,Reconciliation Indicator,Protest Number,Protest Status,Liquidation Status,\
    Liquidation Date,CAPE Indicator\n";

/// The row of an IEEPA heading with its duty.
fn ieepa(entry: &str, duty: &str) -> String {
    format!("{entry},01,12-3456789,02/10/2026,001,1,99030125,0,{duty},CBP,Accepted,N,,,Unliquidated,,\n")
}

/// The row of the goods on the same line.
fn goods(entry: &str) -> String {
    format!("{entry},01,12-3456789,02/10/2026,001,2,8471300100,1000,0,CBP,Accepted,N,,,Unliquidated,,\n")
}

fn sound(entry: &str) -> String {
    ieepa(entry, "100.00") + &goods(entry)
}

/// An export, below a line with its run date.
fn export(day: Option<&str>, rows: &str) -> String {
    let line = day.map(|day| format!("Run Date: {day}\n")).unwrap_or_default();
    line + HEADER + rows
}

/// The verdict on [`ENTRY`], its rules and the report.
fn judged(exports: &[String], lists: &[(&str, &str)], filing_date: &str) -> (Verdict, Vec<String>, String) {
    let mut check = Check::new(&RULES, filing_date.parse().expect("a day"));
    check.declaration("d.csv", format!("Entry Number\r\n{ENTRY}\r\n").into_bytes());
    for (at, export) in exports.iter().enumerate() {
        check.table("es003", format!("es003-{at}.csv"), export.clone().into_bytes());
    }
    for table in ["claims", "psc", "drawback", "surety", "statements", "protests", "reconciliation", "adcvd"]
    {
        match lists.iter().find(|(name, _)| *name == table) {
            Some((name, text)) => check.table(name, format!("{name}.csv"), text.as_bytes().to_vec()),
            None => check.nothing_to_list(table),
        };
    }
    let checked = match check.run() {
        Ok(checked) => checked,
        Err(errors) => panic!("{:?}", errors.diagnostics),
    };
    let mut said = Vec::new();
    checked.render(Format::Human, &Options::default(), &mut said).expect("a report");
    let said = String::from_utf8(said).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ");
    let entry = &checked.outcome.entries[0];
    let rules =
        entry.rules.iter().chain(&*entry.undecided).map(|rule| checked.outcome.rule(*rule).id.clone());
    (entry.verdict, rules.collect(), said)
}

fn of_exports(exports: &[String]) -> (Verdict, Vec<String>, String) {
    judged(exports, &[], "2026-11-22")
}

#[test]
fn two_exports_that_differ_are_never_put_together() {
    let old = sound(ENTRY);
    let newer = [
        // The IEEPA row is gone, its duty is 0, it is another amount, a line is gone or new.
        goods(ENTRY),
        ieepa(ENTRY, "0") + &goods(ENTRY),
        ieepa(ENTRY, "60.00") + &goods(ENTRY),
        ieepa(ENTRY, "100.00"),
        old.clone() + &goods(ENTRY).replace(",001,2,", ",002,1,"),
        old.replace(",Unliquidated,,", ",Liquidated,08/01/2026,"),
        old.replace(",CBP,Accepted,", ",CBP,Rejected,"),
    ];
    for newer in &newer {
        // Which is the newer one is not known: not by the order of the files, nor by their names.
        for exports in [[&old, newer], [newer, &old]] {
            let exports = exports.map(|rows| export(None, rows));
            let (verdict, rules, said) = of_exports(&exports);
            assert!(!verdict.may_be_uploaded(), "{newer} {rules:?} {said}");
        }
    }
    // One of the two days is not known, or both are the same.
    for days in [[Some("10/01/2026"), None], [Some("11/20/2026"), Some("11/20/2026")]] {
        let exports = [export(days[0], &old), export(days[1], &goods(ENTRY))];
        let (verdict, rules, said) = of_exports(&exports);
        assert!(!verdict.may_be_uploaded(), "{days:?} {rules:?} {said}");
    }
}

#[test]
fn the_newest_export_counts_where_the_days_are_known() {
    let (old, new) = (Some("10/01/2026"), Some("11/20/2026"));
    for order in [[0, 1], [1, 0]] {
        let in_order = |exports: [String; 2]| order.map(|at| exports[at].clone());
        // The IEEPA rows are gone since: accepted, or corrected.
        let exports = in_order([export(old, &sound(ENTRY)), export(new, &goods(ENTRY))]);
        let (verdict, rules, said) = of_exports(&exports);
        assert!(!verdict.may_be_uploaded(), "{rules:?} {said}");
        // They came since.
        let exports = in_order([export(old, &goods(ENTRY)), export(new, &sound(ENTRY))]);
        let (verdict, rules, said) = of_exports(&exports);
        assert!(verdict.may_be_uploaded(), "{verdict:?} {rules:?} {said}");
        // It liquidated since.
        let liquidated = sound(ENTRY).replace(",Unliquidated,,", ",Liquidated,08/01/2026,");
        let exports = in_order([export(old, &sound(ENTRY)), export(new, &liquidated)]);
        let (verdict, rules, said) = of_exports(&exports);
        assert_eq!(verdict, Verdict::Rejected, "{rules:?} {said}");
    }
}

#[test]
fn exports_that_agree_or_divide_the_entries_are_one() {
    for exports in [
        vec![export(None, &sound(ENTRY)), export(None, &sound(ENTRY))],
        vec![export(None, &(sound(ENTRY) + &sound(OTHER))), export(None, &sound(ENTRY))],
        vec![export(None, &sound(OTHER)), export(None, &sound(ENTRY))],
        // A total of one file is none of another.
        vec![
            export(None, &(sound(ENTRY) + "Total,,,,,,,1000,100.00,,,,,,,,\n")),
            export(None, &sound(OTHER)),
        ],
    ] {
        let (verdict, rules, said) = of_exports(&exports);
        assert!(verdict.may_be_uploaded(), "{exports:?} {verdict:?} {rules:?} {said}");
    }
}

#[test]
fn a_protest_whose_status_is_not_known_is_not_an_absence() {
    let liquidated = sound(ENTRY).replace(",Unliquidated,,", ",Liquidated,11/02/2026,");
    let with = |protest: &str| liquidated.replace(",N,,,Liquidated", &format!(",N,{protest},Liquidated"));
    let of = |rows: String| of_exports(&[export(None, &rows)]);
    for protest in
        ["110126100001,", "110126100001,XX", "110126100001,OP", ",SP", "110126100001,Pending review"]
    {
        let (verdict, rules, said) = of(with(protest));
        assert!(!verdict.may_be_uploaded(), "{protest} {rules:?} {said}");
    }
    for protest in ["110126100001,DN", "110126100001,Withdrawn", ","] {
        let (verdict, rules, said) = of(with(protest));
        assert!(verdict.may_be_uploaded(), "{protest} {verdict:?} {rules:?} {said}");
    }
    // Two protests, each in a row of its own: one is denied, of the other nothing is known.
    let [first, second] = [with("110126100001,DN"), with("110126100002,")];
    let rows: Vec<&str> = first.lines().take(1).chain(second.lines().skip(1)).collect();
    let (verdict, rules, said) = of(rows.join("\n") + "\n");
    assert!(!verdict.may_be_uploaded(), "{rules:?} {said}");
    // The status has no column.
    let without: String = export(None, &with("110126100001,DN"))
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            [&cells[..13], &cells[14..]].concat().join(",") + "\n"
        })
        .collect();
    let (verdict, rules, said) = of_exports(&[without]);
    assert!(!verdict.may_be_uploaded(), "{rules:?} {said}");
    // A list has no status for it, or a row without one beside another that is denied.
    for list in ["Entry Number,Protest Status\nENTRY,\n", "Entry Number,Protest Status\nENTRY,DN\nENTRY,\n"] {
        let list = list.replace("ENTRY", ENTRY);
        let (verdict, rules, said) =
            judged(&[export(None, &liquidated)], &[("protests", &list)], "2026-11-22");
        assert!(!verdict.may_be_uploaded(), "{list} {rules:?} {said}");
    }
}

#[test]
fn past_days_are_not_reported_as_days_to_come() {
    let flagged = sound(ENTRY).replace(",Accepted,N,", ",Accepted,Y,");
    // A type 09 that is overdue, due today, in 30 days, in 31.
    for (due, told, silent) in [
        ("10/01/2026", "[reconciliation-overdue]", "[reconciliation-due-soon]"),
        ("11/21/2026", "[reconciliation-overdue]", "[reconciliation-due-soon]"),
        ("11/22/2026", "[reconciliation-due-soon]", "[reconciliation-overdue]"),
        ("12/22/2026", "[reconciliation-due-soon]", "[reconciliation-overdue]"),
        ("12/23/2026", "[reconciliation-after-cape]", "[reconciliation-due-soon]"),
    ] {
        let list = format!("Entry Number,Type 09 Filed,Due Date\n{ENTRY},No,{due}\n");
        let (_, rules, said) = judged(&[export(None, &flagged)], &[("reconciliation", &list)], "2026-11-22");
        assert!(said.contains(told) && !said.contains(silent), "{due} {rules:?} {said}");
    }
    // 180 days that end on a Saturday, a Sunday, a holiday, a working day.
    for (liquidated, filing_date, last, is_past) in [
        ("05/25/2026", "2026-11-20", "2026-11-23", false),
        ("05/25/2026", "2026-11-23", "2026-11-23", false),
        ("05/25/2026", "2026-11-24", "2026-11-23", true),
        ("05/26/2026", "2026-11-22", "2026-11-23", false),
        ("05/30/2026", "2026-11-25", "2026-11-27", false),
        ("05/28/2026", "2026-11-24", "2026-11-24", false),
        ("05/28/2026", "2026-11-25", "2026-11-24", true),
    ] {
        let rows = sound(ENTRY).replace(",Unliquidated,,", &format!(",Liquidated,{liquidated},"));
        let (_, rules, said) = judged(&[export(None, &rows)], &[], filing_date);
        let was = said.contains(&format!("(CBP Form 19) was {last}"));
        let is = said.contains(&format!("is {last}")) || said.contains(&format!("on {last}, the last day"));
        assert_eq!((was, is), (is_past, !is_past), "{liquidated} {filing_date} {rules:?} {said}");
    }
}

#[test]
fn what_failed_before_is_not_uploaded_unseen() {
    for (row, wanted) in [
        ("Failed,ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS", Some("failed-before")),
        ("Failed,Entry Type Not Allowed.", Some("failed-before")),
        ("Failed,SOME NEW MESSAGE", Some("failed-before")),
        ("Failed,", Some("failed-before")),
        ("FAILED,NO IEEPA HTS ON ENTRY | PROTEST ON ENTRY", Some("failed-before")),
        ("Rejected,NO IEEPA HTS ON ENTRY", Some("unreadable-claims")),
        ("Entry Summary Updated,", Some("already-accepted")),
        ("Failed,STATEMENT PROCESSING NOT COMPLETE", None),
    ] {
        for header in [
            "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION",
            "Entry No,CAPE Claim Number,Filing Status,CAPE Error Detail",
        ] {
            let list = format!("{header}\n=\"{ENTRY}\",=\"300000001300\",{row}\n");
            let (verdict, rules, said) =
                judged(&[export(None, &sound(ENTRY))], &[("claims", &list)], "2026-11-22");
            assert_eq!(!verdict.may_be_uploaded(), wanted.is_some(), "{row} {rules:?} {said}");
            assert!(wanted.is_none_or(|rule| rules.iter().any(|one| one == rule)), "{row} {rules:?}");
        }
    }
}

/// Claim Details, an ES-003 or a list, provided as the declaration, is recognized for what it is, and nothing
/// of it is uploaded; a planning sheet may have some of their columns.
#[test]
fn another_file_given_as_a_declaration_is_known_for_what_it_is() {
    let es003 = export(None, &(sound(ENTRY) + &sound(OTHER)));
    let said_of = |name: &str, declaration: &str| {
        let mut check = Check::new(&RULES, "2026-11-22".parse().expect("a day"));
        check.declaration(name, declaration.as_bytes().to_vec());
        check.table("es003", "es003.csv", es003.clone().into_bytes());
        for table in ["claims", "psc", "protests", "reconciliation", "adcvd"] {
            check.nothing_to_list(table);
        }
        let checked = check.run().unwrap_or_else(|errors| panic!("{:?}", errors.diagnostics));
        let mut findings = checked.outcome.findings.iter();
        let found = findings.find(|of| checked.outcome.rule(of.rule).id == "not-a-declaration");
        let plan = checked.plan(capelint::Include::default(), capelint::Sets::Merged).expect("a plan");
        (found.map(|finding| finding.message.clone()), plan.files.iter().map(|file| file.entries.len()).sum())
    };
    let said = |declaration: &str| said_of("d.csv", declaration);
    for (declaration, named) in [
        (
            format!("ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n{ENTRY},300000001300,Failed,\n"),
            "Claim",
        ),
        (format!("Entry No,CAPE Claim Number,Filing Status,CAPE Error Detail\n{ENTRY},1,Failed,\n"), "Claim"),
        (es003.clone(), "ES-003"),
        (format!("Run Date: 11/20/2026\n{es003}"), "ES-003"),
        (format!("Protested Entry,Protest Number,Protest Status\n{ENTRY},110126100001,OP\n"), "Protests"),
        (format!("Entry Number,PSC Status,PSC Filing Date,Reason\n{ENTRY},Needed,,value\n"), "Post Summary"),
        (format!("Entry Number,Type 09 Filed,Type 09 Due Date\n{ENTRY},no,12/01/2026\n"), "Reconciliation"),
        // One column beside the entry numbers that only this list has, filled in every row.
        (format!("Entry Summary Number,Monthly Payment Status\n{ENTRY},PD\n{OTHER},NP\n"), "Statements"),
        (format!("Entry Number,Protest Status\n{ENTRY},OP\n"), "Protests"),
        (format!("Entry Number,Protest Number\n{ENTRY},110126100001\n"), "Protests"),
        (format!("Drawback Claim Number,Entry Number\nAA1-0000001-5,{ENTRY}\n"), "drawback"),
        (format!("Entry Number,Recon Filed\n{ENTRY},no\n"), "Reconciliation"),
        (format!("Entry Number,AD/CVD Status\n{ENTRY},Suspended\n"), "Antidumping"),
        (format!("Entry Number,Surety Code\n{ENTRY},123\n"), "surety"),
        // A column of entry numbers as only a list calls it.
        (format!("Protested Entry\n{ENTRY}\n"), "Protests"),
        (format!("Designated Import Entry\n{ENTRY}\n"), "drawback"),
        (format!("Underlying Entry Number\n{ENTRY}\n"), "Reconciliation"),
    ] {
        let (found, uploaded): (_, usize) = said(&declaration);
        assert!(
            found.as_ref().is_some_and(|message| message.raw().contains(named)),
            "{declaration}: {found:?}"
        );
        assert_eq!(uploaded, 0, "{declaration}");
    }
    for declaration in [
        format!("Entry Number\n{ENTRY}\n"),
        format!("Entry Number,Status\n{ENTRY},file now\n"),
        format!(
            "Entry Summary Number,Importer Number,Entry Date,Liquidation Status\n{ENTRY},12-3456789,02/10/2026,Unliquidated\n"
        ),
        format!(
            "Entry Number,Importer Name,HTS Number,IEEPA Duty,PSC Needed,Notes\n{ENTRY},Example,99030125,100.00,no,\n"
        ),
        // A cut of the ES-003, which has these columns of every entry.
        format!("Entry Summary Number,Liquidation Status\n{ENTRY},Unliquidated\n"),
        format!("Entry Summary Number,Protest Status\n{ENTRY},\n"),
        format!("Entry Summary Number,Protest Number,Protest Status\n{ENTRY},,\n"),
        format!("Entry Summary Number,Reconciliation Due Date\n{ENTRY},\n"),
        // Headers that a list has too, and planners may use.
        format!("Entry Number,Reason\n{ENTRY},first of the month\n"),
        format!("Entry Number,Case\n{ENTRY},17\n"),
        format!("Entry Number,PSC Status\n{ENTRY},none\n"),
        // One planning column, or one that is unknown.
        format!("Entry Number,Monthly Payment Status,Client\n{ENTRY},PD,Example\n"),
        format!("Entry Number,Surety Code,Our reference\n{ENTRY},123,A-17\n"),
    ] {
        let (found, uploaded) = said(&declaration);
        assert_eq!((found, uploaded), (None, 1), "{declaration}");
    }
    // A file of entry numbers alone is a declaration, unless it has the name of a list that may be that.
    let numbers = format!("Entry Number\n{ENTRY}\n");
    for (name, is_list) in [
        ("lists/drawback.csv", true),
        (r"C:\lists\Protests 2026-11.csv", true),
        ("PSC list.csv", true),
        ("surety.csv", true),
        ("march.csv", false),
        ("no protests.csv", false),
        ("after-psc.csv", false),
        // These lists mean nothing without another column.
        ("claims.csv", false),
        ("statements.csv", false),
    ] {
        let (found, uploaded) = said_of(name, &numbers);
        assert_eq!((found.is_some(), uploaded), (is_list, usize::from(!is_list)), "{name}: {found:?}");
    }
    let no_header = said_of("drawback.csv", &format!("{ENTRY}\n"));
    assert_eq!((no_header.0.is_some(), no_header.1), (true, 0));
}

/// A row whose number is damaged may be the row that decides: no way of damaging it leaves the entry ready.
#[test]
fn a_damaged_number_leaves_no_entry_ready() {
    let (ready, rules, said) = of_exports(&[export(None, &(sound(ENTRY) + &sound(OTHER)))]);
    assert!(ready.may_be_uploaded(), "{rules:?} {said}");
    let other_script = |zero: u32| {
        let moved = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(c);
        ENTRY.chars().map(moved).collect::<String>()
    };
    let marked: String = ENTRY.chars().flat_map(|c| [c, '\u{301}']).collect();
    let reversed: String = format!("\u{202e}{}", ENTRY.chars().rev().collect::<String>());
    let full = other_script(0xff10);
    let arabic = other_script(0x660);
    let bold = other_script(0x1d7ce);
    let damaged = [
        "",
        "#REF!",
        "#########",
        "see above",
        "ditto",
        "N/A",
        "same as line 1",
        "01/02/2026",
        "08:30:15",
        "see mail of 2026-11-02, line 17",
        "ABC7200001",
        "BC72000013",
        "72000013",
        "ABC72000014",
        "ABC72000031",
        "ABD72000013",
        "ABC720000013",
        "ABC72000013x",
        "xABC72000013",
        "ABC7200x0013",
        "ABC7200001?",
        "ABC720O0013",
        "A8C72000013",
        "ABC/7200001/3",
        "ABC.7200001.3",
        "ABC_7200001_3",
        "ABC:7200001:3",
        "ABC/7200001/4",
        "$ABC72000013",
        "ABC-7200001-",
        "-7200001-3",
        "ABC-72000-013x",
        "ABC72000013 / ABC72000021",
        "\u{410}BC72000013",
        "ABC7200\u{fffd}0013",
        "ABC7200\u{0}0013",
        "ABC\n7200001\n4",
        // Two characters lost at either end, those in the middle, one more fault where the filer code is lost.
        "ABC720000",
        "C72000013",
        "ABC720013",
        "ABC720 13",
        "ABC720000...",
        "ABC7200001xx",
        "ABC72000XX",
        "XXX72000013",
        "00072000013",
        "79000013",
        "No. 7200001",
        "ABC72000021, ABC7200001",
        &marked,
        &reversed,
        &full,
        &arabic,
        &bold,
        "RAW\"ABC72000013\"x",
        "RAWABC72000013\"x\"",
    ];
    let late = ieepa(ENTRY, "100.00")
        .replace(",001,1,", ",002,1,")
        .replace(",Unliquidated,,", ",Liquidated,06/01/2026,");
    for key in damaged {
        let cell = key.strip_prefix("RAW").map_or_else(|| format!("\"{key}\""), str::to_owned);
        let late = late.replace(ENTRY, &cell);
        for rows in [sound(ENTRY) + &late + &sound(OTHER), late.clone() + &sound(OTHER) + &sound(ENTRY)] {
            let (verdict, rules, said) = of_exports(&[export(None, &rows)]);
            assert!(!verdict.may_be_uploaded(), "{key:?} {verdict:?} {rules:?} {said}");
        }
        // In a list, a row that is not a remark.
        let list = format!(
            "Entry Number,Protest Number,Protest Status\n{OTHER},110126100002,DN\n{cell},110126100001,Open\n"
        );
        let (verdict, rules, said) =
            judged(&[export(None, &sound(ENTRY))], &[("protests", &list)], "2026-11-22");
        assert!(!verdict.may_be_uploaded(), "protests: {key:?} {verdict:?} {rules:?} {said}");
    }
    // The number of another entry, however it is written, says nothing of this one.
    for key in ["ABC-7200002-1", "ABC/7200002/1", "\"ABC72000021\"x", "$605,576,100.15", "ABC7200999"] {
        let late = late.replace(ENTRY, &format!("\"{}\"", key.replace('"', "\"\"")));
        let (verdict, rules, said) = of_exports(&[export(None, &(sound(ENTRY) + &late + &sound(OTHER)))]);
        assert!(verdict.may_be_uploaded() || key.starts_with('$'), "{key:?} {verdict:?} {rules:?} {said}");
    }
}

/// More than the number may be damaged in a row: all its cells may be displaced by a comma that is not quoted.
#[test]
fn a_row_with_a_damaged_number_and_another_fault_leaves_no_entry_ready() {
    let late = ieepa(ENTRY, "100.00")
        .replace(",001,1,", ",002,1,")
        .replace(",Unliquidated,,", ",Liquidated,06/01/2026,");
    // The export with its first column, that of the numbers, as the last one, so that others displace it.
    let moved = |text: &str| -> String {
        let moved = text.lines().map(|line| {
            let (number, rest) = line.split_once(',').expect("cells");
            format!("{rest},{number}\n")
        });
        moved.collect()
    };
    let header: String = HEADER.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    let sound = sound(ENTRY) + &sound(OTHER);
    let total = "Total,,,,,,,1000,100.00,,,,,,,,\n";
    let subtotal = format!("{ENTRY} Total,,,,,,,1000,100.00,,,,,,,,\n");
    for more in ["", total, &subtotal] {
        let text = moved(&format!("{header}\n{sound}{more}"));
        let (verdict, rules, said) = of_exports(&[text]);
        assert!(verdict.may_be_uploaded(), "{more} {rules:?} {said}");
    }
    let cells = |line: &str| line.trim_end().split(',').map(str::to_owned).collect::<Vec<_>>();
    for at in 0..16 {
        let mut damaged = Vec::new();
        let (mut more, mut less) = (cells(&moved(&late)), cells(&moved(&late)));
        more.insert(at, "x".into());
        less.remove(at);
        damaged.extend([more, less]);
        for key in ["", "#REF!", "ABC7200001"] {
            for text in ["", "#REF!", "x"] {
                let mut row = cells(&moved(&late));
                row[16] = key.into();
                row[at] = text.into();
                damaged.push(row);
            }
        }
        for row in damaged {
            let (row, sound) = (row.join(",") + "\n", moved(&sound));
            for rows in [row.clone() + &sound, sound.clone() + &row + &moved(&self::sound(OTHER))] {
                let (verdict, rules, said) = of_exports(&[moved(&header) + &rows]);
                assert!(!verdict.may_be_uploaded(), "{row} {verdict:?} {rules:?} {said}");
            }
        }
    }
}

/// In each list, whatever it is for.
#[test]
fn a_damaged_number_in_a_list_leaves_no_entry_ready() {
    let lists = [
        ("protests", "Entry Number", ",", ""),
        ("drawback", "Entry Number", ",", ""),
        ("claims", "ENTRY_NUMBER,STATUS", "Failed", "Entry Summary Updated"),
        ("psc", "Entry Number,PSC Status", "done", "needed"),
        ("drawback", "Import Entry Number,Drawback Claim Number", "XYZ00000098", "XYZ00000106"),
        ("surety", "Entry Number,Surety", "036", "036"),
        ("statements", "Entry Summary Number,Monthly Payment Status", "PD", "NP"),
        ("reconciliation", "Entry Number,Type 09 Filed", "no", "yes"),
        ("adcvd", "Entry Number,AD/CVD Status", "suspended", "pending"),
    ];
    let exports = [export(None, &(sound(ENTRY) + &sound(OTHER)))];
    for (table, header, good, bad) in lists {
        let has_more = header.contains(',');
        let row =
            |key: &str, cell: &str| if has_more { format!("{key},{cell}\n") } else { format!("{key}\n") };
        let judged = |rows: &str| {
            judged(&exports, &[(table, &format!("{header}\n{}{rows}", row(OTHER, good)))], "2026-11-22")
        };
        for remark in ["", "Total\n", "12 entries\n", "as of 11/20/2026\n"] {
            let (verdict, rules, said) = judged(remark);
            assert!(verdict.may_be_uploaded(), "{table} {remark} {rules:?} {said}");
        }
        for key in
            [ENTRY, "ABC720000", "C72000013", "ABC720013", "ABC7200001xx", "XXX72000013", "7200...", "ABC7"]
        {
            let (verdict, rules, said) = judged(&row(key, bad));
            assert!(!verdict.may_be_uploaded(), "{table} {key} {verdict:?} {rules:?} {said}");
        }
    }
}
