//! One outcome with everything that a renderer can meet; all formats are tested over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Evidence, Format, Options, render};
use crate::cause::{ColumnName, TableName, UndecidedCause};
use crate::entry::{EntryNumber, check_digit};
use crate::finding::{
    ClientId, Declaration, Entry, EntryFacts, Finding, FoundOn, Label, NamedCell, Outcome, Repair, RuleInfo,
    Undecided, Verdict, Waived,
};
use crate::finding::{Fix, Pack, Remedy, RuleId, Severity};
use crate::source::{FileId, Place, SourceKind, Sources, Span, Text, line_number};
use crate::table::schema::Type;
use crate::table::{CellRef, Excerpt, ExcerptCell, TableId};

/// An outcome with what it points at.
pub struct Fixture {
    pub outcome: Outcome,
    pub sources: Sources,
    pub evidence: FixtureRows,
}

/// Table rows by table and row, as whole rows: header, text and place of each field.
#[derive(Default)]
pub struct FixtureRows {
    pub rows: BTreeMap<(usize, u32), FixtureRow>,
}

/// A row with all of its fields; the first is the key.
pub struct FixtureRow {
    pub file: FileId,
    pub header_line: u64,
    pub line: u64,
    pub fields: Vec<(String, String, Place)>,
}

impl Evidence for FixtureRows {
    fn excerpt(&self, cells: &[CellRef]) -> Excerpt {
        let row = &self.rows[&(cells[0].table.index(), cells[0].row)];
        let mut before = -1;
        let shown = row
            .fields
            .iter()
            .enumerate()
            .filter(|(n, _)| *n == 0 || cells.iter().any(|cell| usize::from(cell.column) == *n));
        let cells = shown
            .map(|(n, (header, text, place))| {
                let gap_before = n as i64 > before + 1;
                before = n as i64;
                ExcerptCell {
                    header: header.clone().into(),
                    text: text.clone().into(),
                    place: *place,
                    gap_before,
                }
            })
            .collect();
        Excerpt { file: row.file, header_line: row.header_line, line: row.line, cells }
    }

    fn cell(&self, cell: CellRef) -> Option<NamedCell> {
        let row = self.rows.get(&(cell.table.index(), cell.row))?;
        let (header, text, _) = row.fields.get(usize::from(cell.column))?;
        Some(NamedCell { column_name: header.clone().into(), value: text.clone().into() })
    }
}

/// A valid entry number of the made-up filer ABC.
pub fn number(n: u32) -> EntryNumber {
    let ten = format!("ABC{n:07}");
    let digit = char::from(check_digit(ten.as_bytes()).unwrap());
    EntryNumber::parse(&format!("{ten}{digit}")).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a hostile cell contains.
pub const HOSTILE: &str = "=HYPERLINK(\"http://x\")\u{1b}]8;;http://x\u{7}\u{202e}</script><b>&]]> 987-65-4320,%0A::error::\r\n|`x`";

fn rule(id: &str, title: &str, severity: Severity, stage: &str) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        title: title.into(),
        severity,
        help: Some("do {entry} differently".into()),
        cbp: None,
        sources: vec!["CSMS 68315804".into(), "19 USC 1501".into()],
        fix: None,
        stage: stage.into(),
    }
}

fn found_on(declaration: u32, entry: Option<usize>) -> FoundOn {
    match entry {
        Some(entry) => FoundOn::Entry { declaration, entry: entry as u32 },
        None => FoundOn::Declaration(declaration),
    }
}

/// The fixture with this text wherever a cell's text, a file name, a reason or a message made
/// from cells can be.
pub fn with(foreign: &str) -> Fixture {
    use Severity::{Error, Note, Stop, Warning};
    let mut sources = Sources::default();
    let numbers: Vec<EntryNumber> = (1..=9).map(|n| number(1_234_500 + n)).collect();
    let line_break_free = foreign.replace(['\n', '\r', ','], " ");
    let plan = format!(
        "Entry Number,IOR,Notes\r\n{}\r\n",
        [
            format!("{},12-3456789,", numbers[0].as_str()),
            format!("{},987-65-4320,{line_break_free}", numbers[1].as_str()),
            format!("{},,", numbers[2].as_str()),
            format!("{},,", numbers[0].as_str()),
            format!("{},987-65-4321,yes", numbers[3].as_str()),
            format!("{line_break_free},,"),
            format!("{},,", numbers[4].as_str()),
            format!("{},,", numbers[5].as_str()),
            format!("{},,", numbers[6].as_str()),
        ]
        .join("\r\n")
    );
    let march = sources.add("march.csv", SourceKind::Text(Arc::new(Text::new(plan.clone(), 0))));
    let april =
        sources.add("week 2/april,50%.csv", SourceKind::Text(Arc::new(Text::new("Entry\n".into(), 0))));
    let es003 = sources.add("exports/es003.csv", SourceKind::Streamed);
    let catalog = sources.add("claims.xlsx", SourceKind::Sheet { sheet: "Main Report".into() });
    let config = sources.add_text(
        "capelint.yaml",
        "waivers:\n  - rule: importer-number-mismatch\n    entries: [ABC12345676]\n",
    );
    let odd = sources.add(format!("odd {foreign}.csv"), SourceKind::Streamed);

    let lines: Vec<usize> = plan
        .split_inclusive("\r\n")
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    let text = Text::new(plan.clone(), 0);
    let cell = |line: usize| {
        let start = lines[line - 1];
        let end = start + plan[start..].find(',').unwrap();
        text.place(march, start..end)
    };
    let far = |file, line: u64, column, start: u64, len: u64| Place {
        file,
        line: line_number(line),
        column,
        span: Span::in_file(start, start + len),
    };

    let mut evidence = FixtureRows::default();
    let headers = [
        "Entry Summary Number",
        "Port of Entry Code",
        "Liquidation Status",
        "Liquidation Date",
        "HTS Number - Full",
        "Importer Name",
    ];
    for (n, (entry, line, fields)) in [
        (0, 1042, ["401", "Liquidated", "08/21/2026", "99030125", "Ærø 東京 Ltd"]),
        (2, 2042, ["401", "Unliquidated", "", "99030125", "x"]),
        (2, 2043, ["401", "Unliquidated", "", "99030302", "x"]),
        (1, 3000, ["401", "Liquidated", "09/05/2026", "99030125", &line_break_free]),
    ]
    .into_iter()
    .enumerate()
    {
        let key: EntryNumber = numbers[entry];
        let mut column = 1;
        let mut row = Vec::new();
        for (header, field) in headers.iter().zip([key.as_str()].into_iter().chain(fields)) {
            let at = far(es003, line, column, line * 500 + u64::from(column) - 1, field.len() as u64);
            column += field.chars().count() as u32 + 40;
            row.push(((*header).to_owned(), field.to_owned(), at));
        }
        let row = FixtureRow { file: es003, header_line: 1, line, fields: row };
        evidence.rows.insert((2, n as u32), row);
    }
    let at = |column| Place { file: catalog, line: 1042, column, span: Span::default() };
    let claim = [
        ("ENTRY_NUMBER".to_owned(), numbers[4].as_str().to_owned(), at(1)),
        ("STATUS".to_owned(), "Entry Summary Updated".to_owned(), at(28)),
    ];
    let claim = FixtureRow { file: catalog, header_line: 6, line: 1042, fields: claim.to_vec() };
    evidence.rows.insert((3, 0), claim);
    // Rows of the planning sheet, as its table has them.
    for (row, line, notes) in [(0, 2, ""), (1, 3, line_break_free.as_str())] {
        let start = lines[line - 1];
        let fields = plan[start..].split("\r\n").next().unwrap_or("").splitn(3, ',');
        let mut at = start;
        let mut cells = Vec::new();
        for (header, field) in ["Entry Number", "IOR", "Notes"].into_iter().zip(fields) {
            let shown = if header == "Notes" { notes.to_owned() } else { field.to_owned() };
            cells.push((header.to_owned(), shown, text.place(march, at..at + field.len())));
            at += field.len() + 1;
        }
        let row_of = FixtureRow { file: march, header_line: 1, line: line as u64, fields: cells };
        evidence.rows.insert((1, row), row_of);
    }
    let label = |table: usize, row: u32, column: u16, text: &str, evidence: &FixtureRows| Label {
        place: evidence.rows[&(table, row)].fields[usize::from(column)].2,
        cell: Some(CellRef { table: TableId::new(table), row, column }),
        text: text.into(),
    };

    let mut rules = vec![
        rule("liquidated-over-80-days", "Liquidated more than 80 days before filing", Error, "eligibility"),
        rule("liquidation-window-closing", "The 80-day window closes soon", Warning, "eligibility"),
        rule("mixed-section-122", "IEEPA and Section 122 duties", Note, "eligibility"),
        rule("duplicate-entry", "The same entry number twice", Error, "file"),
        rule("importer-number-mismatch", "The importer is not the account's", Error, "account"),
        rule("header-not-exact", "The header is not exactly `Entry Number`", Error, "file"),
        rule("already-accepted", "Already on an accepted declaration", Error, "eligibility"),
        rule("malformed-entry-number", "Not an entry number", Error, "file"),
        rule("unused-waiver", "A waiver that matches nothing", Warning, "configuration"),
        rule("protest-open", "An open protest", Error, "eligibility"),
        rule("surety-paid", "Duties paid by the surety", Error, "eligibility"),
        rule("psc-needed", "A correction is still to be filed", Stop, "psc"),
    ];
    rules[0].cbp = Some("ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS".into());
    rules[1].cbp = rules[0].cbp.clone();
    rules[5].cbp = Some("Failed initial validation".into());
    rules[8].sources.clear();
    rules[8].help = None;

    let finding = |rule: u16, severity, entry: Option<usize>, message: String, place: Place| Finding {
        rule: RuleId(rule),
        severity,
        on: found_on(u32::from(place.file == april), entry),
        message: message.into(),
        names_entry: true,
        help: None,
        place,
        cell: None,
        column_name: Some("Entry Number".into()),
        labels: Vec::new(),
        fix: None,
        deadline: None,
        remedy: None,
        waived: None,
    };
    let mut findings = vec![
        Finding {
            help: Some(
                "leave it out of this declaration; a protest (Form 19) is open until 2027-02-17".into(),
            ),
            labels: vec![label(2, 0, 3, "liquidated here", &evidence), label(2, 0, 2, "", &evidence)],
            deadline: Some(day("2027-02-17")),
            ..finding(
                0,
                Error,
                Some(0),
                format!("entry {} liquidated 93 days before filing; the limit is 80", numbers[0]),
                cell(2),
            )
        },
        Finding {
            help: Some("file it by 2026-11-24".into()),
            labels: vec![
                label(2, 3, 3, "liquidated here", &evidence),
                label(2, 3, 5, "who", &evidence),
                label(1, 1, 2, "so says your plan", &evidence),
            ],
            deadline: Some(day("2026-11-24")),
            names_entry: false,
            ..finding(1, Warning, Some(1), "2 days are left to file it".into(), cell(3))
        },
        Finding {
            labels: vec![label(2, 1, 4, "IEEPA", &evidence), label(2, 2, 4, "Section 122", &evidence)],
            ..finding(2, Note, Some(2), format!("entry {} has both", numbers[2]), cell(4))
        },
        Finding {
            labels: vec![label(1, 0, 0, "first here", &evidence)],
            fix: Some(Repair { kind: Fix::DropRow, replacement: None }),
            ..finding(3, Error, Some(0), format!("entry {} is listed twice", numbers[0]), cell(5))
        },
        Finding {
            waived: Some(Arc::new(Waived::Waiver {
                reason: format!("DBA registration corrected {foreign}").into(),
                until: day("2026-12-31"),
            })),
            ..finding(4, Error, Some(3), format!("entry {} is of importer ***-**-4321", numbers[3]), cell(6))
        },
        Finding {
            help: Some(format!("correct {foreign}").into()),
            column_name: Some(foreign.into()),
            fix: Some(Repair { kind: Fix::RewriteEntryNumber, replacement: Some(numbers[8]) }),
            ..finding(7, Error, Some(4), format!("{foreign} is not an entry number"), cell(7))
        },
        Finding {
            labels: vec![label(3, 0, 1, "accepted by CBP", &evidence)],
            ..finding(6, Error, Some(5), format!("entry {} was accepted before", numbers[4]), cell(8))
        },
        Finding {
            waived: Some(Arc::new(Waived::Baseline)),
            names_entry: false,
            ..finding(4, Error, Some(6), foreign.into(), cell(9))
        },
        Finding {
            help: Some("file the PSC first, no later than 2026-12-06".into()),
            deadline: Some(day("2026-12-06")),
            ..finding(
                11,
                Stop,
                Some(7),
                format!("entry {} needs a Post Summary Correction (PSC) first", numbers[6]),
                cell(10),
            )
        },
        Finding {
            fix: Some(Repair { kind: Fix::RewriteFile, replacement: None }),
            column_name: None,
            ..finding(
                5,
                Error,
                None,
                "the header is `Entry`, not `Entry Number`".into(),
                sources.place(april, 0..5),
            )
        },
        Finding {
            on: FoundOn::Run,
            column_name: None,
            ..finding(
                8,
                Warning,
                None,
                "the waiver for importer-number-mismatch matches nothing".into(),
                sources.place(config, 13..43),
            )
        },
    ];
    findings.push(Finding {
        names_entry: false,
        ..finding(7, Error, Some(8), "not an entry number".into(), far(odd, 7, 3, 100, 4))
    });

    let entry = |n: Option<usize>, written: &str, place, verdict, rules: &[u16]| Entry {
        number: n.map(|n| numbers[n]),
        written: written.into(),
        place,
        rows: 1,
        verdict,
        after_waivers: verdict,
        remedy: match verdict {
            Verdict::Rejected if rules.contains(&7) => Some(Remedy::Repair),
            Verdict::Rejected => Some(Remedy::Out),
            Verdict::Stopped => Some(Remedy::Resolve),
            Verdict::Ready | Verdict::Warned | Verdict::Undecided => None,
        },
        rules: rules.iter().map(|rule| RuleId(*rule)).collect(),
        undecided: if verdict == Verdict::Undecided { [RuleId(9)].into() } else { Default::default() },
        deadline: None,
        ieepa_duty: None,
        ieepa_duty_is_upper_bound: false,
        facts: Default::default(),
    };
    let plain = |n: usize, line, verdict, rules: &[u16]| {
        entry(Some(n), numbers[n].as_str(), cell(line), verdict, rules)
    };
    let of_client = |client: u32, importer: &str| {
        let importer_number = Some(importer.into());
        Arc::new(EntryFacts { importer_number, client: Some(ClientId(client)), ..EntryFacts::default() })
    };
    let dollars = |cents: i64| Some(rust_decimal::Decimal::new(cents, 2));
    let entries = vec![
        Entry {
            rows: 2,
            deadline: Some(day("2026-11-09")),
            ieepa_duty: dollars(123_456),
            facts: of_client(0, "12-3456789"),
            ..plain(0, 2, Verdict::Rejected, &[0, 3])
        },
        Entry {
            deadline: Some(day("2026-11-24")),
            ieepa_duty: dollars(1_000_000),
            facts: of_client(1, "***-**-4320"),
            ..plain(1, 3, Verdict::Warned, &[1])
        },
        Entry {
            ieepa_duty: dollars(50),
            ieepa_duty_is_upper_bound: true,
            facts: of_client(0, "12-3456789AB"),
            ..plain(2, 4, Verdict::Ready, &[2])
        },
        plain(3, 6, Verdict::Undecided, &[]),
        entry(None, foreign, cell(7), Verdict::Rejected, &[7]),
        Entry { deadline: Some(day("2026-12-30")), ..plain(4, 8, Verdict::Rejected, &[6]) },
        Entry { after_waivers: Verdict::Ready, ..plain(5, 9, Verdict::Rejected, &[]) },
        Entry { ieepa_duty: dollars(7_700), ..plain(6, 10, Verdict::Stopped, &[11]) },
        entry(None, foreign, far(odd, 7, 3, 100, 4), Verdict::Rejected, &[7]),
    ];
    let undecided = |rule, entries, cause, optional| Undecided {
        rule: RuleId(rule),
        entries,
        on_file: false,
        cause,
        place: None,
        optional,
        for_all: false,
        used: None,
    };
    let table =
        |name: &str, is_optional| TableName { name: name.into(), is_optional, ..TableName::default() };
    let no_table = |name: &str, is_optional| UndecidedCause::NoTable(table(name, is_optional));
    let liquidation_date = ColumnName {
        table: table("es003", false),
        name: "liquidation_date".into(),
        header: "Liquidation Date".into(),
    };
    let unreadable =
        UndecidedCause::Unreadable { column: liquidation_date, kind: Type::Date, value: foreign.into() };
    let outcome = Outcome {
        filing_date: day("2026-11-22"),
        pack: Pack { name: "cape".into(), version: "2026.11".into(), verified: Some(day("2026-11-20")) },
        rules,
        declarations: vec![
            Declaration { file: march, entries: 0..8 },
            Declaration { file: april, entries: 8..9 },
        ],
        entries,
        findings,
        undecided: vec![
            undecided(9, 8, no_table("protests", false), false),
            undecided(2, 8, no_table("protests", false), false),
            Undecided { place: Some(far(es003, 12, 4, 900, 3)), ..undecided(0, 1, unreadable, false) },
            undecided(10, 8, no_table("surety", true), true),
            Undecided { on_file: true, ..undecided(8, 1, no_table("surety", true), true) },
            Undecided { on_file: true, ..undecided(5, 2, no_table("protests", false), false) },
        ],
        clients: vec!["Acme & Sons".into(), foreign.into(), "Nobody".into()],
        ..Outcome::default()
    };
    Fixture { outcome, sources, evidence }
}

/// The fixture with [`HOSTILE`] cells.
pub fn hostile() -> Fixture {
    with(HOSTILE)
}

/// The same declarations with nothing wrong.
pub fn clean() -> Fixture {
    let mut fixture = hostile();
    fixture.outcome.findings.clear();
    fixture.outcome.undecided.clear();
    for entry in &mut fixture.outcome.entries {
        entry.verdict = Verdict::Ready;
        entry.after_waivers = Verdict::Ready;
        entry.remedy = None;
        entry.rules = Default::default();
        entry.undecided = Default::default();
    }
    fixture
}

impl Fixture {
    /// What renderers look at.
    #[cfg(feature = "parquet")]
    pub fn input<'a>(&'a self, options: &'a Options) -> super::ReportInput<'a> {
        super::ReportInput {
            outcome: &self.outcome,
            sources: &self.sources,
            evidence: &self.evidence,
            options,
        }
    }

    /// Rendered.
    pub fn render(&self, format: Format, options: &Options) -> String {
        let mut out = Vec::new();
        render(format, &self.outcome, &self.sources, &self.evidence, options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// A declaration of that many entries of which each violates three rules, each shown with a row of
/// evidence: the worst case for speed.
pub fn everything_fails(entries: u32) -> Fixture {
    let Fixture { mut outcome, mut sources, .. } = clean();
    let numbers: Vec<EntryNumber> = (0..entries).map(number).collect();
    let mut plan = String::from("Entry Number\r\n");
    for number in &numbers {
        plan.push_str(number.as_str());
        plan.push_str("\r\n");
    }
    let text = Arc::new(Text::new(plan, 0));
    let file = sources.add("worst.csv", SourceKind::Text(text.clone()));
    let es003 = sources.add("worst-es003.csv", SourceKind::Streamed);
    let mut evidence = FixtureRows::default();
    outcome.declarations = vec![Declaration { file, entries: 0..numbers.len() }];
    outcome.clients.clear();
    outcome.entries.clear();
    let headers = ["Entry Summary Number", "Liquidation Status", "Liquidation Date", "HTS Number - Full"];
    for (n, number) in numbers.iter().enumerate() {
        let start = 14 + n * 13;
        let place = text.place(file, start..start + 11);
        let line = 2 + 80 * n as u64;
        let fields = headers.iter().zip([number.as_str(), "Liquidated", "08/21/2026", "99030125"]);
        let fields = fields.enumerate().map(|(at, (header, field))| {
            let start = line * 160 + at as u64 * 12;
            let span = Span::in_file(start, start + 8);
            let place = Place { file: es003, line: line_number(line), column: at as u32 * 12 + 1, span };
            ((*header).to_owned(), field.to_owned(), place)
        });
        let row = FixtureRow { file: es003, header_line: 1, line, fields: fields.collect() };
        for (rule, columns) in [(0, vec![1, 2]), (6, vec![1]), (7, vec![3])] {
            let labels = columns.iter().map(|&column: &u16| Label {
                place: row.fields[usize::from(column)].2,
                cell: Some(CellRef { table: TableId::new(2), row: n as u32, column }),
                text: "liquidated here".into(),
            });
            outcome.findings.push(Finding {
                rule: RuleId(rule),
                severity: Severity::Error,
                on: found_on(0, Some(n)),
                message: format!("entry {number} liquidated 93 days before filing; the limit is 80").into(),
                names_entry: true,
                help: Some(
                    "leave it out of this declaration; a protest (Form 19) is open until 2027-02-17".into(),
                ),
                place,
                cell: None,
                column_name: Some("Entry Number".into()),
                labels: labels.collect(),
                fix: None,
                deadline: None,
                remedy: None,
                waived: None,
            });
        }
        evidence.rows.insert((2, n as u32), row);
        outcome.entries.push(Entry {
            number: Some(*number),
            written: number.as_str().into(),
            place,
            rows: 1,
            verdict: Verdict::Rejected,
            after_waivers: Verdict::Rejected,
            remedy: Some(Remedy::Resolve),
            rules: [RuleId(0), RuleId(6), RuleId(7)].into(),
            undecided: Default::default(),
            deadline: Some(day("2026-11-22") + chrono::Days::new(n as u64 % 70)),
            ieepa_duty: Some(rust_decimal::Decimal::new(n as i64 * 991, 2)),
            ieepa_duty_is_upper_bound: false,
            facts: Default::default(),
        });
    }
    Fixture { outcome, sources, evidence }
}

/// A large declaration as they are: most entries ready, some of each other verdict.
pub fn mixed(entries: u32) -> Fixture {
    let mut fixture = everything_fails(entries);
    let verdict = |n: usize| match n % 100 {
        0..4 => Verdict::Rejected,
        4 => Verdict::Undecided,
        5 | 6 => Verdict::Warned,
        _ => Verdict::Ready,
    };
    let outcome = &mut fixture.outcome;
    outcome.findings.retain(|finding| {
        let n = finding.entry().unwrap_or(0);
        match verdict(n) {
            Verdict::Rejected => n.is_multiple_of(2) == (finding.rule == RuleId(0)),
            Verdict::Warned => finding.rule == RuleId(0),
            Verdict::Undecided | Verdict::Stopped | Verdict::Ready => false,
        }
    });
    for finding in &mut outcome.findings {
        if finding.entry().is_some_and(|n| verdict(n) == Verdict::Warned) {
            finding.rule = RuleId(1);
            finding.severity = Severity::Warning;
        }
    }
    for (n, entry) in outcome.entries.iter_mut().enumerate() {
        if verdict(n) == Verdict::Undecided {
            entry.undecided = [RuleId(9)].into();
            entry.ieepa_duty = None;
        }
    }
    outcome.undecided = hostile().outcome.undecided;
    outcome.undecided.remove(2);
    outcome.update_verdicts();
    fixture
}

/// The same for an account with clients: of 10 entries, 6 of the first, 3 of the second, whose name is `foreign`, and
/// 1 of none.
pub fn of_clients(entries: u32, foreign: &str) -> Fixture {
    let mut fixture = mixed(entries);
    fixture.outcome.clients = vec!["Acme & Sons".into(), foreign.into(), "Nobody".into()];
    for (n, entry) in fixture.outcome.entries.iter_mut().enumerate() {
        let (client, importer) = match n % 10 {
            0..6 => (Some(ClientId(0)), "12-3456789"),
            6..9 => (Some(ClientId(1)), "98-7654321"),
            _ => (None, "55-1234567"),
        };
        entry.facts =
            Arc::new(EntryFacts { importer_number: Some(importer.into()), client, ..EntryFacts::default() });
    }
    fixture
}
