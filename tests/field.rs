//! Files as users have them: each kind of damage in several files, and what becomes of the entries. Nothing here may
//! make a certain verdict of an uncertain reading.

mod common;

use capelint::ImporterNumber;
use capelint::{Account, Role};
use capelint::{Check, Errors, Format, Options, Verdict};
use common::RULES;

/// Made-up entries with good check digits: unliquidated, and liquidated in time.
const OPEN: &str = "ABC72000013";
const LIQUIDATED: &str = "ABC72000021";
/// All digits, which spreadsheets often take for numbers.
const DIGITS: &str = "60557610015";
const OTHER_DIGITS: &str = "60557610023";

const HEADER: &str = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
    Tariff Ordinal Number,HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,\
    Control Status,Entry Summary Status,Reconciliation Indicator,Protest Status,Liquidation Status,\
    Liquidation Date,CAPE Indicator\n";

/// The rows of a sound entry, with another key, status, date of liquidation and amounts.
fn rows(key: &str, status: &str, liquidated: &str) -> String {
    let row = |ordinal: u8, hts: &str, value: &str, duty: &str| {
        format!(
            "{key},01,12-3456789,11/16/2025,001,{ordinal},{hts},{value},{duty},CBP,Accepted,N,,{status},{liquidated},\n"
        )
    };
    row(1, "99030124", "0", "100.00")
        + &row(2, "99030125", "0", "100.00")
        + &row(3, "3923900080", "1000", "30.00")
}

fn sound() -> String {
    rows(OPEN, "Unliquidated", "") + &rows(LIQUIDATED, "Liquidated", "10/02/2026")
}

/// What came out of a run.
struct Outcome {
    verdicts: Vec<(String, Verdict)>,
    said: String,
}

impl Outcome {
    #[track_caller]
    fn verdict(&self, entry: &str) -> Verdict {
        let found = self.verdicts.iter().find(|(written, _)| written.contains(entry));
        found.unwrap_or_else(|| panic!("{entry}: {}", self.said)).1
    }

    /// Whether `fix` would write it for upload.
    #[track_caller]
    fn is_up(&self, entry: &str) -> bool {
        matches!(self.verdict(entry), Verdict::Ready | Verdict::Warned)
    }
}

/// Checks a declaration against an export and one list, all other lists being none.
fn check(declaration: &str, es003: &str, list: Option<(&str, &str)>) -> Result<Outcome, String> {
    let mut check = Check::new(&RULES, "2026-11-22".parse().expect("a day"));
    check.declaration("d.csv", declaration.as_bytes().to_vec());
    check.table("es003", "es003.csv", es003.as_bytes().to_vec());
    check.account(Account {
        role: Some(Role::Importer),
        importer_numbers: ImporterNumber::parse("12-3456789").map(|number| vec![number]),
        ..Account::default()
    });
    for table in ["claims", "psc", "drawback", "surety", "statements", "protests", "reconciliation", "adcvd"]
    {
        match list {
            Some((name, text)) if name == table => {
                check.table(table, format!("{table}.csv"), text.as_bytes().to_vec());
            }
            _ => {
                check.nothing_to_list(table);
            }
        }
    }
    outcome_of(check).map_err(|errors| {
        errors.diagnostics.iter().map(|error| format!("{error:?}")).collect::<Vec<_>>().join("\n")
    })
}

fn outcome_of(check: Check<'_>) -> Result<Outcome, Errors> {
    let checked = check.run()?;
    let mut said = Vec::new();
    checked.render(Format::Human, &Options::default(), &mut said).expect("a report");
    let entries = checked.outcome.entries.iter();
    let verdicts = entries.map(|entry| (entry.written.raw().to_owned(), entry.verdict)).collect();
    // Long lines are wrapped.
    let said = String::from_utf8(said).expect("UTF-8");
    Ok(Outcome { verdicts, said: said.split_whitespace().collect::<Vec<_>>().join(" ") })
}

#[track_caller]
fn run(es003: &str, list: Option<(&str, &str)>, entries: &[&str]) -> Outcome {
    let declaration = format!("Entry Number\r\n{}\r\n", entries.join("\r\n"));
    check(&declaration, es003, list).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn a_sound_pair_of_files_is_ready() {
    let outcome = run(&(HEADER.to_owned() + &sound()), None, &[OPEN, LIQUIDATED]);
    assert!(outcome.is_up(OPEN) && outcome.is_up(LIQUIDATED), "{}", outcome.said);
}

#[test]
fn a_repeated_header_is_skipped_and_another_one_is_refused() {
    let [first, second] = [rows(OPEN, "Unliquidated", ""), rows(LIQUIDATED, "Liquidated", "10/02/2026")];
    let upper = HEADER.to_uppercase();
    let snake = HEADER.to_lowercase().replace(' ', "_");
    let page = |title: &str, header: &str| format!("{HEADER}{first}{title}{header}{second}");
    for text in [
        page("", HEADER),
        page("\n", &upper),
        page("", &snake),
        page("ES-003 Entry Summary Line Tariff Details - page 2\n", HEADER),
        page("", &HEADER.repeat(6)),
    ] {
        let outcome = run(&text, None, &[OPEN, LIQUIDATED]);
        assert!(outcome.is_up(OPEN) && outcome.is_up(LIQUIDATED), "{}", outcome.said);
        assert!(outcome.said.contains("repeat its header"), "{}", outcome.said);
        assert!(!outcome.said.contains("export-rows-without-entry"), "{}", outcome.said);
    }
    // Two columns exchanged, one missing, one more.
    for header in [
        HEADER
            .replace("Entry Date", "X")
            .replace("Liquidation Date", "Entry Date")
            .replace("X", "Liquidation Date"),
        HEADER.replace(",CAPE Indicator", ""),
        HEADER.replace("CAPE Indicator", "CAPE Indicator,Importer Name"),
        // Another report, with 3 columns that are known.
        "Entry Summary Number,Liquidation Status,Liquidation Date\n".to_owned(),
    ] {
        let declaration = format!("Entry Number\n{OPEN}\n{LIQUIDATED}\n");
        let refused = check(&declaration, &page("", &header), None).err().unwrap_or_default();
        assert!(refused.contains("second-header") || refused.contains("two-headers"), "{header} {refused}");
    }
}

#[test]
fn the_repeated_header_of_a_declaration_is_not_an_entry() {
    let es003 = HEADER.to_owned() + &sound();
    for again in ["Entry Number", "ENTRY NUMBER", "entry_number", "Entry Summary Number", "Entry Numbers"] {
        let outcome = run(&es003, None, &[OPEN, again, LIQUIDATED]);
        assert_eq!(outcome.verdicts.len(), 2, "{again}: {}", outcome.said);
        assert!(outcome.said.contains("header-again"), "{again}: {}", outcome.said);
    }
    // As a report prints it, with lines.
    for line in ["------------", "===========", "_____"] {
        let outcome = run(&es003, None, &[OPEN, line, "Entry No.", line, LIQUIDATED]);
        assert_eq!(outcome.verdicts.len(), 2, "{line}: {}", outcome.said);
        assert!(outcome.said.contains("header-again"), "{line}: {}", outcome.said);
    }
    // In another order: the number below it is not a mark against the entry above.
    let declaration = format!("Entry Number,Hold\n{OPEN},\nHold,Entry Number\n,{LIQUIDATED}\n");
    let outcome = check(&declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(outcome.verdicts.len(), 1, "{}", outcome.said);
    assert!(outcome.is_up(OPEN), "{}", outcome.said);
    for said in ["header-again", "ABC-7200002-1 in column `Hold`"] {
        assert!(outcome.said.contains(said), "{said}: {}", outcome.said);
    }
}

#[test]
fn numbers_that_only_changed_their_dress_are_read() {
    for dressed in
        ["60557610015.0", "6.0557610015E10", "6.0557610015E+10", "\"60,557,610,015\"", "\"60557610015,0\""]
    {
        let es003 = HEADER.to_owned() + &rows(dressed, "Unliquidated", "").replace(",01,", ",1.0,");
        let outcome = run(&es003, None, &[DIGITS]);
        assert!(outcome.is_up(DIGITS), "{dressed}: {}", outcome.said);
    }
}

#[test]
fn lost_digits_leave_undecided_whatever_fits_them() {
    for lossy in ["6.05576E+10", "6.06E+10", "60557600000"] {
        // In the export: no report states that the entry is not the account's.
        let es003 = HEADER.to_owned() + &sound() + &rows(lossy, "Unliquidated", "");
        let outcome = run(&es003, None, &[DIGITS, OTHER_DIGITS, OPEN]);
        for entry in [DIGITS, OTHER_DIGITS] {
            assert_eq!(outcome.verdict(entry), Verdict::Undecided, "{lossy}: {}", outcome.said);
        }
        assert!(outcome.is_up(OPEN), "{lossy}: {}", outcome.said);
        // In the Claim Details and in a list: that an entry is on neither is not known.
        let es003 = HEADER.to_owned()
            + &sound()
            + &rows(DIGITS, "Unliquidated", "")
            + &rows(OTHER_DIGITS, "Unliquidated", "");
        for (table, list) in [
            (
                "claims",
                format!(
                    "ENTRY_NUMBER,CLAIM_NUMBER,STATUS\n{lossy},1,Entry Summary Updated\n{LIQUIDATED},1,Failed\n"
                ),
            ),
            ("drawback", format!("Entry Number\n{lossy}\n{LIQUIDATED}\n")),
            // Where no number of the list is whole.
            ("drawback", format!("Entry Number\n{lossy}\n{lossy}\n")),
            ("claims", format!("ENTRY_NUMBER,CLAIM_NUMBER,STATUS\n{lossy},3E+11,Entry Summary Updated\n")),
            ("surety", format!("Entry Number,Surety\n{lossy},036\n{LIQUIDATED},036\n")),
        ] {
            let outcome = run(&es003, Some((table, &list)), &[DIGITS, OTHER_DIGITS, OPEN]);
            assert!(
                !outcome.is_up(DIGITS) && !outcome.is_up(OTHER_DIGITS),
                "{table} {lossy}: {}",
                outcome.said
            );
            assert_ne!(outcome.verdict(DIGITS), Verdict::Rejected, "{table} {lossy}: {}", outcome.said);
            assert!(outcome.is_up(OPEN), "{table} {lossy}: {}", outcome.said);
        }
    }
}

#[test]
fn a_row_that_lost_its_number_makes_entries_undecided_and_is_named() {
    let extra = "01,12-3456789,11/16/2025,002,1,99030125,500,50.00,CBP,Accepted,N,,Unliquidated,,\n";
    // The key, and whether it may be the one entry and the other.
    for (key, first, second) in [
        ("", true, true),
        ("#REF!", true, true),
        ("see mail", true, true),
        ("ABC72000014", true, false),
        ("ABC7200001", true, true),
        ("ABC720000131", true, false),
        ("ABC7200O013", true, false),
        ("BAC72000021", false, true),
        ("SZ912345673", false, false),
    ] {
        let es003 = format!("{HEADER}{}{key},{extra}", sound());
        let outcome = run(&es003, None, &[OPEN, LIQUIDATED]);
        assert_eq!(
            (outcome.is_up(OPEN), outcome.is_up(LIQUIDATED)),
            (!first, !second),
            "{key}: {}",
            outcome.said
        );
        if first || second {
            assert!(outcome.said.contains("es003.csv:8"), "{key}: {}", outcome.said);
        }
    }
    // Totals and remarks belong to no entry.
    for remark in ["Total,,,,,,,1000,230.00,,,,,,,", "2 entries,,,,,,,,,,,,,,,", ",,,,,,,1000,230.00,,,,,,,"]
    {
        let outcome = run(&format!("{HEADER}{}{remark}\n", sound()), None, &[OPEN, LIQUIDATED]);
        assert!(outcome.is_up(OPEN) && outcome.is_up(LIQUIDATED), "{remark}: {}", outcome.said);
    }
}

#[test]
fn several_numbers_in_a_cell_of_a_list_count_for_each() {
    let es003 = HEADER.to_owned() + &sound();
    for cell in
        ["ABC72000013; ABC72000021", "\"ABC-7200001-3, ABC-7200002-1\"", "\"ABC72000013\nABC72000021\""]
    {
        let list = format!("Entry Number\n{cell}\n{DIGITS}\n");
        let outcome = run(&es003, Some(("drawback", &list)), &[OPEN, LIQUIDATED]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Rejected, "{cell}: {}", outcome.said);
        assert_eq!(outcome.verdict(LIQUIDATED), Verdict::Rejected, "{cell}: {}", outcome.said);
    }
    // Text beside the number may mean anything: that the entry is on the list is not known.
    for cell in ["ABC72000013 (withdrawn)", "not ABC72000013", "ABC72000013 - see file"] {
        let list = format!("Entry Number\n{cell}\n{DIGITS}\n");
        let outcome = run(&es003, Some(("drawback", &list)), &[OPEN, LIQUIDATED]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{cell}: {}", outcome.said);
        assert!(outcome.is_up(LIQUIDATED), "{cell}: {}", outcome.said);
    }
}

#[test]
fn a_number_in_another_cell_is_named_and_never_guessed() {
    let es003 = HEADER.to_owned() + &sound();
    for (declaration, rule, told) in [
        ("Filer Code,Entry Number\nABC,72000013\n", "entry-number-split", "`Filer Code`, `Entry Number`"),
        ("Filer,Entry No,CD\nABC,7200001,3\n", "entry-number-split", "`Filer`, `Entry No`, `CD`"),
        ("Filer;Client;Entry No\nABC;ACME;7200001-3\n", "entry-number-split", "`Filer`, `Entry No`"),
        ("Entry Number,,\nABC,7200001,3\n", "entry-number-split", "`Entry Number`, 2, 3"),
        ("Entry Number,Broker Ref\n1,ABC72000013\n", "entry-number-in-other-column", "`Broker Ref`"),
        ("Entry,7501 No\nREF-1001,ABC72000013\n", "entry-number-in-other-column", "`7501 No`"),
        ("Entry Number,B/L\n,ABC72000013\n", "blank-row", "ABC-7200001-3 in column `B/L`"),
        (
            "Entry Number,Importer Number\nABC72000021,12-3456789\nImporter Number,Entry Number\n12-3456789,ABC72000013\n",
            "entry-number-in-other-column",
            "`Importer Number`",
        ),
        ("Entry Number\n72000013\n", "entry-number-length", "put the filer code before it"),
    ] {
        let outcome = check(declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(
            outcome.said.contains(&format!("[{rule}]")) && outcome.said.contains(told),
            "{declaration}: {}",
            outcome.said
        );
        let uploaded = outcome.verdicts.iter().filter(|(written, _)| written.contains("72000013"));
        assert!(uploaded.into_iter().all(|(_, verdict)| *verdict == Verdict::Rejected), "{declaration}");
    }
    // A column of running numbers beside the right one, or one without a name, is no matter.
    for declaration in ["Entry #,Entry Summary Number\n1,ABC72000013\n", "No.,\n1,ABC72000013\n"] {
        let outcome = check(declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(outcome.is_up(OPEN), "{declaration}: {}", outcome.said);
        assert!(!outcome.said.contains("header-missing"), "{declaration}: {}", outcome.said);
    }
    // In a list and in an export the file is refused, or the entry undecided: none passes for not listed.
    for (list, told) in [
        ("Entry #,7501\n1,ABC72000013\n", "`7501` has entry numbers"),
        ("Entry Number,Ref\n,ABC72000013\n", "`Ref` has entry numbers"),
        ("Filer,Entry No\nABC,72000013\n", "join the columns"),
    ] {
        let declaration = format!("Entry Number\n{OPEN}\n{LIQUIDATED}\n");
        let refused = check(&declaration, &es003, Some(("drawback", list))).err().unwrap_or_default();
        assert!(refused.contains("no-entry-numbers") && refused.contains(told), "{list}: {refused}");
        let mixed = format!("{list}{}", list.lines().next().map_or("", |_| "60557610015,\n"));
        if let Ok(outcome) = check(&declaration, &es003, Some(("drawback", &mixed))) {
            assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{mixed}: {}", outcome.said);
            assert!(outcome.is_up(LIQUIDATED), "{mixed}: {}", outcome.said);
        }
    }
}

#[test]
fn a_mark_against_filing_stops_the_entry_whatever_its_column_is_called() {
    let es003 = HEADER.to_owned() + &sound();
    for (header, mark) in [
        ("Hold?", "Y"),
        ("Do Not File", "x"),
        ("Status", "HOLD"),
        ("Notes", "do not file - PSC pending"),
        ("Comments", "on hold per Kim"),
        ("PSC reqd?", "Yes"),
        ("Ready?", "No"),
        ("Include in CAPE", "no"),
        ("Action", "Exclude"),
        ("CAPE Eligible", "N"),
        ("Decision", "Skip"),
        ("Approved by client", "No"),
        ("Wait until", "12/15/2026"),
        ("Disposition", "Protest instead"),
        ("Recommendation", "Court"),
        ("Status", "Waiting on client"),
        ("Notes", "file protest"),
    ] {
        let declaration = format!("Entry Number,{header}\n{OPEN},{mark}\n{LIQUIDATED},\n");
        let outcome = check(&declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(outcome.verdict(OPEN), Verdict::Stopped, "{header}: {}", outcome.said);
        assert!(outcome.said.contains(&format!("`{header}` says \"{mark}\"")), "{header}: {}", outcome.said);
        assert!(outcome.is_up(LIQUIDATED), "{header}: {}", outcome.said);
    }
    for (header, mark) in [
        ("Vendor", "Hold & Sons"),
        ("Status", "file now"),
        ("Hold?", "released"),
        ("Ready?", "Y"),
        ("Disposition", "File in CAPE"),
        ("Status", "Not yet liquidated"),
    ] {
        let declaration = format!("Entry Number,{header}\n{OPEN},{mark}\n");
        let outcome = check(&declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert!(outcome.is_up(OPEN), "{header}: {}", outcome.said);
    }
}

#[test]
fn a_mark_in_a_row_below_without_a_number_is_the_entrys() {
    let es003 = HEADER.to_owned() + &sound();
    for (declaration, stopped) in [
        (format!("Entry Number,Line,PSC Needed\n{OPEN},1,\n,2,Y\n{LIQUIDATED},1,\n"), true),
        (format!("Entry Number,Hold,Line\n{OPEN},,1\n,,2\n,X,3\n{LIQUIDATED},,\n"), true),
        (format!("Entry Number,Notes\n{OPEN},\n,do not file yet\n{LIQUIDATED},\n"), true),
        (format!("Notes;Entry Number\n;{OPEN}\nexclude;\n;{LIQUIDATED}\n"), true),
        (format!("Entry Number,Duty,Notes\n{OPEN},100.00,\n,100.00,Total\n{LIQUIDATED},,\n"), false),
        (format!("Entry Number,PSC Needed\n{OPEN},\n,N\n\n{LIQUIDATED},\n"), false),
    ] {
        let outcome = check(&declaration, &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(outcome.verdict(OPEN) == Verdict::Stopped, stopped, "{declaration}: {}", outcome.said);
        assert!(outcome.is_up(LIQUIDATED), "{declaration}: {}", outcome.said);
    }
}

#[test]
fn lists_whose_status_is_not_read_decide_nothing() {
    let es003 = HEADER.to_owned() + &sound();
    for (table, list, named) in [
        ("protests", "Entry No.,Protest Decision\nABC72000013,DENIED\n", "`Protest Decision`"),
        ("protests", "Entry No.,CBP Action\nABC72000013,Approved in part\n", "`CBP Action`"),
        ("protests", "Entry No.,Comments\nABC72000013,withdrawn 10/1\n", "`Comments`"),
        ("drawback", "Entry,Designated (Y/N)\nABC72000013,N\n", "`Designated (Y/N)`"),
        ("surety", "Entry Number,Surety Amount Paid\nABC72000013,0.00\n", "`Surety Amount Paid`"),
        ("surety", "Entry Number,Paid by Surety?\nABC72000013,N\n", "`Paid by Surety?`"),
        ("reconciliation", "Entry Number,Type 09 Entry Number\nABC72000013,\n", "`Type 09 Entry Number`"),
        ("reconciliation", "Entry Number,Recon Entry #\nABC72000013,N/A\n", "`Recon Entry #`"),
        ("protests", "Entry No.,Protest No,Decision Date\nABC72000013,1,10/15/2026\n", "`Decision Date`"),
        ("reconciliation", "Entry Number,Recon Filed Date\nABC72000013,\n", "`Recon Filed Date`"),
        ("surety", "Entry Number,Surety,Paid Date\nABC72000013,036,\n", "`Paid Date`"),
        ("psc", "Entry Number,Action\nABC72000013,no PSC required\n", "`Action`"),
        (
            "claims",
            "Entry Number,CAPE Processing Result\nABC72000013,Entry Summary Updated\n",
            "`CAPE Processing Result`",
        ),
    ] {
        let outcome = run(&es003, Some((table, list)), &[OPEN, LIQUIDATED]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{list}: {}", outcome.said);
        assert!(outcome.is_up(LIQUIDATED), "{list}: {}", outcome.said);
        assert!(outcome.said.contains(named), "{list}: {}", outcome.said);
    }
    // The unread columns of every list are named, with what they look like.
    for (table, list, named) in [
        ("protests", "Entry No.,Prot Nbr,Status\nABC72000013,1,DN\n", "`Prot Nbr` (like `Protest Number`)"),
        ("psc", "Entry Number,Status,Analyst\nABC72000013,done,Kim\n", "`Analyst`"),
        ("claims", "ENTRY_NUM,CLAIM_NUM,STATUS,ERR_DESC\nABC72000013,1,Failed,INVALID HTS\n", "`ERR_DESC`"),
    ] {
        let said = run(&es003, Some((table, list)), &[OPEN, LIQUIDATED]).said;
        assert!(said.contains("list-columns-not-read") && said.contains(named), "{list}: {said}");
    }
}

#[test]
fn filtered_exports_give_no_verdict() {
    let without = |text: &str, wanted: &dyn Fn(&str) -> bool| -> String {
        text.lines().filter(|line| wanted(line)).map(|line| format!("{line}\n")).collect()
    };
    let whole = HEADER.to_owned() + &sound();
    let entries_only = "Entry Summary Number,HTS Number - Full,Line Tariff Duty Amount,Liquidation Status\n\
                        ABC72000013,99030125,100.00,Unliquidated\nABC72000021,3923900080,0,Unliquidated\n";
    for (text, named) in [
        (without(&whole, &|line| !line.contains(",9903")), "Chapter 99"),
        (without(&whole, &|line| !line.contains(",3923")), "Chapter 1-97"),
        (
            without(&whole, &|line| !line.contains(",9903"))
                + &rows(DIGITS, "Unliquidated", "")
                    .lines()
                    .last()
                    .map(|line| format!("{line}\n"))
                    .unwrap_or_default(),
            "Chapter 99",
        ),
        (entries_only.to_owned(), "only one row"),
    ] {
        let outcome = run(&text, None, &[OPEN, LIQUIDATED]);
        for entry in [OPEN, LIQUIDATED] {
            let verdict = outcome.verdict(entry);
            assert!(
                !outcome.is_up(entry) && verdict != Verdict::Rejected,
                "{named}: {verdict:?} {}",
                outcome.said
            );
        }
        assert!(
            outcome.said.contains("export-filtered") && outcome.said.contains(named),
            "{named}: {}",
            outcome.said
        );
    }
}

#[test]
fn amounts_that_repeat_on_a_line_may_be_the_lines() {
    for (value, duty) in [
        ("Goods Value Amount", "Duty Amount"),
        ("Goods Value", "Duty"),
        ("Entered Value", "Duty Paid"),
        ("Line Tariff Goods Value Amount", "Line Tariff Duty Amount"),
        ("Total Entered Value", "Total Duty"),
        ("Entry Summary Line Goods Value", "ES Line Duty Amount"),
    ] {
        let header =
            HEADER.replace("Line Tariff Goods Value Amount", value).replace("Line Tariff Duty Amount", duty);
        let es003 = header.clone()
            + &rows(OPEN, "Unliquidated", "")
                .replace(",0,100.00,", ",1000,230.00,")
                .replace(",1000,30.00,", ",1000,230.00,")
            // With one row of another amount, the amounts are those of the rows.
            + &rows(LIQUIDATED, "Unliquidated", "").replace(",0,100.00,", ",0.00,230.00,");
        let outcome = run(&es003, None, &[OPEN, LIQUIDATED]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{value}: {}", outcome.said);
        let is_read = |header: &str| !["Ent", "Total"].iter().any(|word| header.starts_with(word));
        if is_read(value) && is_read(duty) {
            assert!(outcome.said.contains("in every row of the line"), "{value}: {}", outcome.said);
            assert!(outcome.is_up(LIQUIDATED), "{value}: {}", outcome.said);
        }
    }
    // IEEPA duty in a column of its own is named.
    for own in
        ["IEEPA Duty", "Fentanyl Duty", "Reciprocal Tariff Amount", "Chapter 99 Duty", "Addl. Duty 9903"]
    {
        let es003: String = (HEADER.to_owned() + &rows(OPEN, "Unliquidated", ""))
            .lines()
            .filter(|line| !line.contains(",9903"))
            .map(|line| {
                if line.starts_with("Entry") { format!("{line},{own}\n") } else { format!("{line},200.00\n") }
            })
            .collect();
        let outcome = run(&es003, None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{own}: {}", outcome.said);
        assert!(outcome.said.contains(&format!("not from `{own}`")), "{own}: {}", outcome.said);
        let each = format!("Entry Number,Liquidation Status,{own}\n{OPEN},Unliquidated,200.00\n");
        let outcome = run(&each, None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{own}: {}", outcome.said);
        assert!(outcome.said.contains(&format!("not from `{own}`")), "{own}: {}", outcome.said);
    }
}

#[test]
fn of_several_exports_one_may_be_filtered() {
    let only = |text: &str, wanted: &dyn Fn(&str) -> bool| -> String {
        text.lines().filter(|line| wanted(line)).map(|line| format!("{line}\n")).collect()
    };
    let (first, second) = (rows(OPEN, "Unliquidated", ""), rows(LIQUIDATED, "Unliquidated", ""));
    let chapter_99 = |line: &str| line.contains(",9903");
    let goods = |line: &str| !line.contains(",9903");
    for (files, verdict, named) in [
        ([only(&first, &goods), second.clone()], Verdict::Undecided, "Chapter 99"),
        ([only(&first, &chapter_99), second.clone()], Verdict::Undecided, "Chapter 1-97"),
        // Together they have all rows.
        ([only(&first, &goods), only(&first, &chapter_99) + &second], Verdict::Ready, ""),
        // Headings cut to 4 digits are not headings.
        (
            [first.replace(",99030124,", ",9903,").replace(",99030125,", ",9903,"), second],
            Verdict::Undecided,
            "Chapter 99",
        ),
    ] {
        let mut check = Check::new(&RULES, "2026-11-22".parse().expect("a day"));
        check.declaration("d.csv", format!("Entry Number\r\n{OPEN}\r\n{LIQUIDATED}\r\n").into_bytes());
        for (name, rows) in ["a.csv", "b.csv"].into_iter().zip(files) {
            check.table("es003", name, (HEADER.to_owned() + &rows).into_bytes());
        }
        let checked = check.run().expect("both files are read");
        let mut said = Vec::new();
        checked.render(Format::Human, &Options::default(), &mut said).expect("a report");
        let said = String::from_utf8(said).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ");
        let verdicts: Vec<Verdict> = checked.outcome.entries.iter().map(|entry| entry.verdict).collect();
        assert_eq!(verdicts, [verdict, Verdict::Ready], "{said}");
        assert_eq!(said.contains("export-filtered"), !named.is_empty(), "{said}");
        assert!(named.is_empty() || said.contains(&format!("in a.csv, no row has a {named}")), "{said}");
    }
}

#[test]
fn amounts_of_a_line_are_not_those_of_a_tariff_number() {
    for (value, duty) in [
        ("Line Goods Value Amount", "Line Duty Amount"),
        ("Line Goods Value", "Line Duty"),
        ("Entry Summary Line.Goods Value Amount", "Entry Summary Line.Duty Amount"),
        ("line_goods_value_amount", "line_duty_amount"),
    ] {
        let header =
            HEADER.replace("Line Tariff Goods Value Amount", value).replace("Line Tariff Duty Amount", duty);
        let es003 = header + &rows(OPEN, "Unliquidated", "").replace(",0,100.00,", ",1000,230.00,");
        let outcome = run(&es003, None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{value}: {}", outcome.said);
    }
}

#[test]
fn headers_are_known_in_any_dress_and_near_ones_are_named() {
    let old = rows(OPEN, "Liquidated", "08/01/2026");
    for (status, date) in [
        ("LiquidationStatus", "LiquidationDate"),
        ("liquidation_status", "liquidation_date"),
        ("Liquidation Status*", "Liquidation Date [1]"),
        ("Entry Summary.Liquidation Status", "Entry Summary.Liquidation Date"),
        ("Liquidation-Status", "\"Liquidation\r\nDate\""),
        ("Liquidation\u{200b} Status", "Liquidation Date (MM/DD/YYYY)"),
        ("Entry Liquidation Status", "Date Liquidated"),
        ("Liq Status", "Liq Dt"),
        ("Liq Status Desc", "LIQ DATE (MM/DD/YY)"),
    ] {
        let es003 = HEADER.replace("Liquidation Status", status).replace("Liquidation Date", date) + &old;
        let outcome = run(&es003, None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Rejected, "{status}: {}", outcome.said);
    }
    for near in ["Final Liquidation Dt", "Liquidatn Date", "Est. Liquidation Date", "LIQNDT", "Liquidatd"] {
        let es003 = HEADER.replace("Liquidation Date", near) + &old;
        let outcome = run(&es003, None, &[OPEN]);
        assert!(!outcome.is_up(OPEN), "{near}: {}", outcome.said);
        assert!(outcome.said.contains(&format!("`{near}` looks like it")), "{near}: {}", outcome.said);
        assert!(!outcome.said.contains("Liquidation Date`; in ACE"), "{near}: {}", outcome.said);
    }
}

#[test]
fn what_may_be_there_under_another_name_is_not_to_be_added_in_ace() {
    let old = rows(OPEN, "Liquidated", "08/01/2026");
    for (missing, header) in [
        ("Liquidation Date", "Fecha"),
        ("Liquidation Date", "Final Liq"),
        ("Liquidation Date", "Date (DD/MM/YYYY)"),
        ("Liquidation Status", "Estado de Liquidacion"),
        ("Entry Type Code", "Type"),
        ("Line Tariff Duty Amount", "Est Duty"),
        ("Importer Number", "Consignee Number"),
    ] {
        let outcome = run(&(HEADER.replace(missing, header) + &old), None, &[OPEN]);
        assert!(!outcome.is_up(OPEN), "{header}: {}", outcome.said);
        let told = [format!("(not read: `{header}`)"), format!("`{header}` looks like it")];
        assert!(told.iter().any(|told| outcome.said.contains(told)), "{header}: {}", outcome.said);
        assert!(!outcome.said.contains("= help: in ACE Reports"), "{header}: {}", outcome.said);
    }
    // The column of entry numbers is known by what is in it.
    for header in ["Entry Summary Number Formatted", "Filing", "No. of entry"] {
        let es003 = HEADER.replace("Entry Summary Number", header) + &sound();
        let refused = check(&format!("Entry Number\n{OPEN}\n"), &es003, None).err().unwrap_or_default();
        assert!(refused.contains(&format!("the column `{header}` has entry numbers")), "{header}: {refused}");
        assert!(!refused.contains("`Entry Summary Line Number` to"), "{header}: {refused}");
    }
}

#[test]
fn type_09_columns_of_the_export_are_read() {
    for number in [
        "NAFTA/FTA/Other Reconciliation Entry Summary Number",
        "Reconciliation Entry Summary Number",
        "Reconciliation (Other) Entry Summary Number",
    ] {
        let header = HEADER.replace("CAPE Indicator", number);
        let rows = rows(OPEN, "Unliquidated", "").replace(",N,,", ",Y,,");
        let filed = rows.replace(",\n", ",ABC73999999\n");
        assert_eq!(
            run(&(header.clone() + &filed), None, &[OPEN]).verdict(OPEN),
            Verdict::Rejected,
            "{number}"
        );
        assert_ne!(run(&(header + &rows), None, &[OPEN]).verdict(OPEN), Verdict::Rejected, "{number}");
    }
    // The status beside the number does not count against it.
    for status in ["Accepted", "", "N/A"] {
        let header = HEADER.replace(
            "CAPE Indicator",
            "Reconciliation (Other) Status,Reconciliation (Other) Entry Summary Number",
        );
        let rows = rows(OPEN, "Unliquidated", "")
            .replace(",N,,", ",Y,,")
            .replace(",\n", &format!(",{status},ABC73999999\n"));
        let outcome = run(&(header + &rows), None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Rejected, "{status}: {}", outcome.said);
    }
}

#[test]
fn the_due_date_of_a_type_09_in_the_export_stops_the_entry() {
    for header in ["Reconciliation Due Date", "NAFTA/FTA/Other Reconciliation Due Date"] {
        for (due, stops) in [("12/22/2026", true), ("06/01/2026", true), ("03/01/2027", false), ("", false)] {
            let rows =
                rows(OPEN, "Unliquidated", "").replace(",N,,", ",Y,,").replace(",\n", &format!(",{due}\n"));
            let es003 = HEADER.replace("CAPE Indicator", header) + &rows;
            let outcome = run(&es003, None, &[OPEN]);
            assert_eq!(outcome.verdict(OPEN) == Verdict::Stopped, stops, "{header} {due}: {}", outcome.said);
        }
    }
}

#[test]
fn a_bad_entry_cell_has_the_reason() {
    let es003 = HEADER.to_owned() + &sound();
    for (cell, rule, why) in [
        ("\"ABC72000013, ABC72000021\"", "entry-number-several", "ABC-7200001-3, ABC-7200002-1"),
        ("\"ABC72000013\nABC72000021\"", "entry-number-several", "more than one"),
        ("ABC72000013 / ABC72000021", "entry-number-several", "more than one"),
        ("ABC-7200001-3 (amended)", "entry-number-text-around", "(amended)"),
        ("ABC-7200001-3 - PSC filed", "entry-number-text-around", "PSC filed"),
        ("ABC72000013*", "entry-number-text-around", "*"),
        ("\u{2022} ABC72000013", "entry-number-list-mark", "\u{2022}"),
        ("1. ABC72000013", "entry-number-list-mark", "1."),
        ("\"'ABC72000013',\"", "entry-number-list-mark", "'"),
        ("\u{202a}ABC72000013\u{202c}", "entry-number-invisible", "LEFT-TO-RIGHT EMBEDDING"),
        ("ABC72000013\u{feff}", "entry-number-invisible", "ZERO WIDTH NO-BREAK SPACE"),
        ("ABC72000013\u{1a}", "entry-number-invisible", "Ctrl-Z"),
        ("60557610015.0", "entry-number-as-number", "605-5761001-5"),
        ("6.0557610015E+10", "entry-number-as-number", "605-5761001-5"),
        ("\"60,557,610,015\"", "entry-number-as-number", "605-5761001-5"),
    ] {
        let said = run(&es003, None, &[cell]).said;
        assert!(said.contains(rule) && said.contains(why), "{cell:?}: {said}");
    }
}

#[test]
fn values_in_other_forms_are_read() {
    for date in ["15-Oct-2026", "20261015", "2026/10/15", "October 15, 2026", "15OCT2026"] {
        let date = if date.contains(',') { format!("\"{date}\"") } else { date.to_owned() };
        let outcome = run(&(HEADER.to_owned() + &rows(OPEN, "Liquidated", &date)), None, &[OPEN]);
        assert!(outcome.is_up(OPEN), "{date}: {}", outcome.said);
    }
    for word in ["N/A", "NULL", "(blank)", "TBD", "-", "0"] {
        let outcome = run(&(HEADER.to_owned() + &rows(OPEN, "Unliquidated", word)), None, &[OPEN]);
        assert!(outcome.is_up(OPEN), "{word}: {}", outcome.said);
        // Where there must be a date, a word for none is none.
        let outcome = run(&(HEADER.to_owned() + &rows(OPEN, "Liquidated", word)), None, &[OPEN]);
        assert!(!outcome.is_up(OPEN), "{word}: {}", outcome.said);
    }
    for (zero, duty, is_up) in [
        (" $-   ", " $100.00 ", true),
        ("$ -", "USD 100.00", true),
        (" $-   ", " $-   ", false),
        ("0", "1.05E7", true),
    ] {
        let text = HEADER.to_owned()
            + &rows(OPEN, "Unliquidated", "").replace(",0,100.00,", &format!(",{zero},{duty},"));
        let outcome = run(&text, None, &[OPEN]);
        assert_eq!(outcome.is_up(OPEN), is_up, "{zero} {duty}: {}", outcome.said);
    }
    for bad in ["10.15.2026", "15/10/26", "46310", "soon"] {
        let outcome = run(&(HEADER.to_owned() + &rows(OPEN, "Liquidated", bad)), None, &[OPEN]);
        assert!(!outcome.is_up(OPEN), "{bad}: {}", outcome.said);
        assert!(
            outcome.said.contains("MM/DD/YYYY") && !outcome.said.contains("choices"),
            "{bad}: {}",
            outcome.said
        );
    }
}

#[test]
fn days_and_months_that_may_be_exchanged_are_not_believed() {
    // The entry date of the 16th stayed a text: the spreadsheet read the others day first.
    for date in ["2026-10-05", "2026-10-05 00:00:00", "2026-05-10"] {
        let es003 = HEADER.to_owned() + &rows(OPEN, "Liquidated", date);
        let outcome = run(&es003, None, &[OPEN]);
        assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{date}: {}", outcome.said);
        assert!(outcome.said.contains("exchanged"), "{date}: {}", outcome.said);
        // A real date of the 31st shows that it did not, and so does a file without such texts.
        let es003 = es003 + &rows(LIQUIDATED, "Liquidated", "2026-10-31");
        let believed = run(&es003, None, &[OPEN, LIQUIDATED]);
        assert_ne!(believed.verdict(OPEN), Verdict::Undecided, "{date}: {}", believed.said);
        let plain = HEADER.to_owned() + &rows(OPEN, "Liquidated", date).replace("11/16/2025", "11/06/2025");
        let believed = run(&plain, None, &[OPEN]);
        assert_ne!(believed.verdict(OPEN), Verdict::Undecided, "{date}: {}", believed.said);
    }
}

#[test]
fn undeclared_rows_show_too_how_dates_are_written() {
    for (date, other) in [
        // Real dates beside texts: with two digits of the year, with dashes, with named months.
        ("2026-05-10", "9/28/26"),
        ("2026-05-10", "09-28-2026"),
        ("2026-05-10T00:00:00", "09/28/2026 00:00:00"),
        ("10-May-2026", "09/28/2026"),
        ("2026/05/10", "9/28/2026"),
        // Day first.
        ("05/10/2026", "28/09/2026"),
        ("05/10/2026", "28.09.2026"),
        ("5/10/2026", "28/9/26"),
    ] {
        let es003 = HEADER.to_owned()
            + &rows(OPEN, "Liquidated", date).replace("11/16/2025", "")
            + &rows(LIQUIDATED, "Liquidated", other).replace("11/16/2025", "");
        for declared in [&[OPEN][..], &[OPEN, LIQUIDATED]] {
            let outcome = run(&es003, None, declared);
            assert_eq!(outcome.verdict(OPEN), Verdict::Undecided, "{date} {other}: {}", outcome.said);
        }
        let list = format!("Entry Number,Filed,Due Date\n{OPEN},No,{date}\n{DIGITS},No,{other}\n");
        let es003 = HEADER.to_owned() + &sound().replace(",N,,", ",Y,,");
        let outcome = run(&es003, Some(("reconciliation", &list)), &[OPEN]);
        assert!(!outcome.said.contains("[reconciliation-overdue]"), "{date}: {}", outcome.said);
        assert!(!outcome.said.contains("choices"), "{date} {other}: {}", outcome.said);
        assert!(outcome.said.contains("unreadable-list-values"), "{date} {other}: {}", outcome.said);
    }
}

#[test]
fn rows_of_a_group_are_never_evaluated_in_part() {
    // Each row of a group as a report with breaks shows it: what repeats is left out.
    let grouped = |order: [usize; 3], repeats: &[usize]| -> String {
        [rows(OPEN, "Unliquidated", ""), rows(LIQUIDATED, "Unliquidated", "")]
            .iter()
            .flat_map(|entry| {
                let rows: Vec<&str> = entry.lines().collect();
                order.map(|at| rows[at].to_owned()).into_iter().enumerate().map(|(at, row)| {
                    let blank = |(column, cell): (usize, &'_ str)| {
                        if at > 0 && repeats.contains(&column) { String::new() } else { cell.to_owned() }
                    };
                    row.split(',').enumerate().map(blank).collect::<Vec<_>>().join(",") + "\n"
                })
            })
            .collect()
    };
    let commodity_first = [2, 0, 1];
    for (what, text) in [
        ("by entry", HEADER.to_owned() + &grouped([0, 1, 2], &[0])),
        ("by entry, the goods first", HEADER.to_owned() + &grouped(commodity_first, &[0])),
        ("by entry and line", HEADER.to_owned() + &grouped(commodity_first, &[0, 4])),
        ("all that repeats", HEADER.to_owned() + &grouped([0, 1, 2], &[0, 1, 2, 3, 4, 9, 10, 11, 13])),
        (
            "the entry in a row of its own",
            [OPEN, LIQUIDATED].iter().fold(HEADER.to_owned(), |text, entry| {
                text + entry + ",,,,,,,,,,,,,,,\n" + &rows("", "Unliquidated", "")
            }),
        ),
        ("ditto marks", HEADER.to_owned() + &grouped([0, 1, 2], &[0]).replace("\n,01", "\n\"\"\"\",01")),
        (
            "totals between",
            HEADER.to_owned() + &grouped(commodity_first, &[0]) + "Total,,,,,,,1000,230.00,,,,,,,\n",
        ),
    ] {
        let outcome = run(&text, None, &[OPEN, LIQUIDATED]);
        for entry in [OPEN, LIQUIDATED] {
            assert_eq!(outcome.verdict(entry), Verdict::Undecided, "{what}: {}", outcome.said);
        }
        assert!(outcome.said.contains("export-rows-without-entry"), "{what}: {}", outcome.said);
        assert!(!outcome.said.contains("[chapter-99-without-commodity]"), "{what}: {}", outcome.said);
        assert!(!outcome.said.contains("[no-ieepa-duty]"), "{what}: {}", outcome.said);
    }
}

#[test]
fn a_damaged_first_entry_is_not_a_header() {
    let es003 = HEADER.to_owned() + &sound();
    for first in [
        "ABC1234567",
        "\"ABC12345676\"x",
        "ABC12345676x",
        "Entrie Numbr\nABC1234567",
        "ABC7200O013",
        // Words for a number that is missing.
        "N/A",
        "#N/A",
        "TBD",
        "None",
    ] {
        let outcome =
            check(&format!("{first}\n{OPEN}\n"), &es003, None).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(outcome.verdicts.len(), 2, "{first}: {}", outcome.said);
        assert_eq!(outcome.verdicts[0].1, Verdict::Rejected, "{first}: {}", outcome.said);
    }
}

#[test]
fn texts_in_single_quotes_are_read() {
    let quoted = |text: &str| -> String {
        let line = |line: &str| line.split(',').map(|cell| format!("'{cell}'")).collect::<Vec<_>>().join(",");
        text.lines().map(|text| line(text) + "\n").collect()
    };
    let outcome = run(&quoted(&(HEADER.to_owned() + &sound())), None, &[OPEN, LIQUIDATED]);
    assert!(outcome.is_up(OPEN) && outcome.is_up(LIQUIDATED), "{}", outcome.said);
}

/// A workbook of sheets; rows that begin with `-` are hidden, cells that begin with `~` struck out.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let struck = rust_xlsxwriter::Format::new().set_font_strikethrough();
    for (name, text) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a name");
        for (row, line) in (0..).zip(text.lines()) {
            if line.starts_with('-') {
                sheet.set_row_hidden(row).expect("a row");
            }
            for (column, cell) in (0..).zip(line.trim_start_matches('-').split(',')) {
                let written = match cell.strip_prefix('~') {
                    Some(cell) => sheet.write_with_format(row, column, cell, &struck),
                    None => sheet.write(row, column, cell),
                };
                written.expect("a cell");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// Checks files as they are given, in whatever format, all other tables being none.
fn check_files(
    declaration: (&str, Vec<u8>),
    tables: &[(&str, &str, Vec<u8>)],
) -> Result<Outcome, Vec<(String, String)>> {
    let mut check = Check::new(&RULES, "2026-11-22".parse().expect("a day"));
    check.declaration(declaration.0, declaration.1);
    for (table, name, bytes) in tables {
        check.table(table, *name, bytes.clone());
    }
    for table in ["claims", "psc", "drawback", "surety", "statements", "protests", "reconciliation", "adcvd"]
    {
        if !tables.iter().any(|(given, ..)| *given == table) {
            check.nothing_to_list(table);
        }
    }
    outcome_of(check).map_err(|errors| {
        let told = errors.diagnostics.iter();
        told.map(|error| {
            (
                error.code.name().to_owned(),
                format!(
                    "{} {}",
                    error.message.raw(),
                    error.help.iter().map(|help| help.raw()).collect::<Vec<_>>().join(" ")
                ),
            )
        })
        .collect()
    })
}

#[test]
fn rows_of_a_planning_sheet_that_are_hidden_or_struck_out_are_stopped() {
    let es003 = (HEADER.to_owned() + &sound()).into_bytes();
    for (sheet, rule) in [
        (format!("Entry Number,Client\n-{OPEN},ACME\n{LIQUIDATED},ACME\n"), "planned-row-hidden"),
        (format!("Entry Number\n{LIQUIDATED}\n-{OPEN}\n"), "planned-row-hidden"),
        (format!("Entry Number,Client\n~{OPEN},ACME\n{LIQUIDATED},ACME\n"), "planned-row-struck-out"),
        (format!("Client,Entry Number\n~ACME,~{OPEN}\n~ACME,{LIQUIDATED}\n"), "planned-row-struck-out"),
    ] {
        let outcome = check_files(
            ("plan.xlsx", workbook(&[("Plan", &sheet)])),
            &[("es003", "es003.csv", es003.clone())],
        )
        .unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(outcome.verdict(OPEN), Verdict::Stopped, "{sheet}: {}", outcome.said);
        assert!(outcome.said.contains(&format!("stop[{rule}]")), "{sheet}: {}", outcome.said);
        assert!(outcome.is_up(LIQUIDATED), "{sheet}: {}", outcome.said);
    }
}

#[test]
fn each_table_finds_its_own_sheet_of_a_workbook() {
    let export = HEADER.to_owned() + &sound();
    let parameters = "FOR OFFICIAL USE ONLY\nReport Parameters:\nRun Date,11/20/2026\n";
    let drawback = format!("Import Entry Number,Claim Number\n{LIQUIDATED},D1\n");
    let declaration = || ("d.csv", format!("Entry Number\r\n{OPEN}\r\n{LIQUIDATED}\r\n").into_bytes());
    for (name, sheets) in [
        ("book.xlsx", vec![("Parameters", parameters), ("Main Report", &export), ("Drawback", &drawback)]),
        ("book.xlsx", vec![("Drawback", &drawback), ("ES-003", &export)]),
        ("book.xlsx#Report", vec![("Report", &export), ("Old", HEADER), ("Drawback", &drawback)]),
    ] {
        let book = workbook(&sheets);
        let own = if name.contains('#') { "book.xlsx#Drawback" } else { name };
        let outcome = check_files(declaration(), &[("es003", name, book.clone()), ("drawback", own, book)])
            .unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        assert!(outcome.is_up(OPEN), "{name}: {}", outcome.said);
        assert_eq!(outcome.verdict(LIQUIDATED), Verdict::Rejected, "{name}: {}", outcome.said);
        assert!(outcome.said.contains("[on-drawback]"), "{name}: {}", outcome.said);
    }
    let two = workbook(&[("New", &export), ("Old", &export)]);
    let refused = check_files(declaration(), &[("es003", "book.xlsx", two)]).err().unwrap_or_default();
    assert!(refused[0].0 == "ambiguous-sheet" && refused[0].1.contains("book.xlsx#New"), "{refused:?}");
}

#[test]
fn what_is_not_a_table_is_named_as_what_it_is() {
    let cells = |open: &str, close: &str| -> String {
        HEADER.trim().split(',').map(|text| format!("{open}{text}{close}")).collect()
    };
    let table = format!("<table><tr>{}</tr></table>", cells("<td>", "</td>"));
    let markup = |text: String| text.into_bytes();
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook \
         xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet><Table><Row>{}</Row></Table></Worksheet></Workbook>",
        cells("<Cell><Data>", "</Data></Cell>")
    );
    for (name, bytes, what, next) in [
        (
            "es003.xls",
            markup(format!("<html><body>{table}</body></html>")),
            "table in HTML",
            "save it as .xlsx",
        ),
        (
            "es003.xls",
            markup(format!("\u{feff}\n<!DOCTYPE html>\n{table}")),
            "table in HTML",
            "save it as .xlsx",
        ),
        ("es003.csv", markup(format!("<div>{table}</div>")), "table in HTML", "save it as .xlsx"),
        ("es003.html", markup("<html><body><form>Sign in</form></body></html>".into()), "page", "sign in"),
        ("es003.xls", markup(xml.clone()), "XML spreadsheet", "save it as .xlsx"),
        ("es003.xml", markup(xml), "XML spreadsheet", "save it as .xlsx"),
        ("es003.pdf", b"%PDF-1.7\n%\xe2\xe3".to_vec(), "PDF", "export it as CSV"),
        ("es003.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "gzip", "unpack"),
        ("es003.json", b"[{\"Entry Summary Number\": 1}]".to_vec(), "JSON", "export it as CSV"),
        ("es003.csv", workbook(&[("a", HEADER)]), "Excel workbook", "renaming it to .csv is not enough"),
    ] {
        let declaration = ("d.csv", format!("Entry Number\r\n{OPEN}\r\n").into_bytes());
        let refused = check_files(declaration, &[("es003", name, bytes)]).err().unwrap_or_default();
        let [(code, told)] = refused.as_slice() else { panic!("{name}: {refused:?}") };
        assert_eq!(code, "not-a-table", "{name}: {told}");
        assert!(told.contains(what) && told.contains(next), "{name}: {told}");
    }
}
