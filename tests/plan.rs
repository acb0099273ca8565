//! `capelint plan`: every entry of an export is in exactly one output, and what is written for upload passes
//! the check.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use capelint::engine::DutySum;
use capelint::entry::EntryNumber;
use capelint::finding::{Entry, Severity, Verdict};
use capelint::frontend::Share;
use capelint::frontend::input::Opened;
use capelint::frontend::outputs::{HELD, SUMMARY, WARNED, WORK_LIST, Written};
use capelint::{
    Account, Check, Client, ExportPlan, Include, Input, Loader, Options, PlanOptions, ReadAt, Role, Sets,
};
use chrono::NaiveDate;
use common::RULES;
use common::thorough::cases;
use proptest::prelude::*;
use rust_decimal::Decimal;

const FILING_DATE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");

/// The numbers in the first column of files, by file.
fn numbers(text: &str) -> Vec<String> {
    let rows = text.trim_start_matches('\u{feff}').lines().skip(1);
    rows.map(|row| row.split(',').next().expect("a cell").replace(['-', '"'], "")).collect()
}

/// The distinct entries of an export, counted independently.
fn entries(export: &str) -> BTreeSet<String> {
    numbers(export).into_iter().filter(|number| number.len() == 11).collect()
}

fn examples() -> Vec<(&'static str, Vec<u8>)> {
    ["examples/portfolio/es003.csv", "examples/march/es003.csv"]
        .map(|name| (name, fs::read(name).expect("the example")))
        .into()
}

#[test]
fn the_verdicts_are_those_of_a_declaration_that_names_every_entry() {
    for (name, export) in examples() {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", name, export.clone());
        let planned = check.plan(&PlanOptions::default()).expect("a plan").checked.expect("one batch");
        // One declaration for each importer, as the plan has them.
        let mut by_importer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let text = String::from_utf8(export.clone()).expect("text");
        for row in text.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let base: String = cells[2].chars().filter(char::is_ascii_digit).take(9).collect();
            let of_importer = by_importer.entry(base).or_default();
            if !of_importer.contains(&cells[0].to_owned()) {
                of_importer.push(cells[0].to_owned());
            }
        }
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", name, export);
        for (importer, numbers) in &by_importer {
            let text = format!("Entry Number\r\n{}\r\n", numbers.join("\r\n"));
            check.declaration(format!("{importer}.csv"), text.into_bytes());
        }
        let checked = check.run().expect("a check");
        let verdicts = |outcome: &capelint::finding::Outcome| -> BTreeMap<String, Verdict> {
            outcome.entries.iter().map(|entry| (entry.written.raw().to_owned(), entry.verdict)).collect()
        };
        let (planned, checked) = (verdicts(&planned.outcome), verdicts(&checked.outcome));
        assert!(planned.len() > 50, "{name}");
        assert_eq!(planned, checked, "{name}");
    }
}

#[test]
fn what_it_writes_for_upload_passes_the_check() {
    let folder = tempfile::tempdir().expect("a folder");
    for (example, config) in [("portfolio", &["--isolated"][..]), ("march", &[])] {
        let export = format!("examples/{example}/es003.csv");
        let out = folder.path().join(example);
        let capelint = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
            command.env("NO_COLOR", "1");
            command
        };
        let run = capelint()
            .arg("plan")
            .arg(&export)
            .args(config)
            .args(["--filing-date", "2026-11-22"])
            .arg("--out")
            .arg(&out)
            .output()
            .expect("capelint");
        assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
        let mut seen = BTreeSet::new();
        for file in fs::read_dir(out.join("declarations")).expect("the upload files") {
            let file = file.expect("a file").path();
            for number in numbers(&fs::read_to_string(&file).expect("an upload file")) {
                assert!(seen.insert(number.clone()), "{number} is uploaded twice");
            }
            let config: Vec<String> = match config {
                [] => vec!["--config".into(), format!("examples/{example}/capelint.yaml")],
                config => config.iter().map(ToString::to_string).collect(),
            };
            let check = capelint()
                .arg("check")
                .arg(&file)
                .args(&config)
                .args(["--es003", &export, "--filing-date", "2026-11-22", "--format", "short"])
                .output()
                .expect("capelint");
            assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
        }
        assert!(seen.len() > 20, "{example}");
        let listed: BTreeSet<String> =
            numbers(&fs::read_to_string(out.join(WORK_LIST)).expect("the work list")).into_iter().collect();
        assert!(seen.is_disjoint(&listed), "an entry is uploaded and on the work list");
        assert!(Path::new(&out.join("summary.html")).is_file());
        // A second run does not write over the first.
        let again = capelint()
            .arg("plan")
            .arg(&export)
            .args(["--isolated", "--out"])
            .arg(&out)
            .output()
            .expect("capelint");
        assert_eq!(again.status.code(), Some(2));
    }
}

#[test]
fn options_select_entries_and_the_others_are_counted() {
    let (name, export) = &examples()[0];
    let plan = |options: PlanOptions| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", *name, export.clone());
        check.plan(&options).expect("a plan")
    };
    let all = plan(PlanOptions::default());
    assert_eq!(all.sum.not_selected, 0);
    let one = capelint::ImporterNumber::parse("55-1234567").expect("an importer of the example");
    let of_one = plan(PlanOptions { importers: vec![one], ..PlanOptions::default() });
    assert_eq!(of_one.uploads.len(), 1);
    assert!(of_one.sum.not_selected > 0 && of_one.sum.adds_up(), "{}", of_one.sum);
    let day = all.uploads[0].deadline.expect("a deadline");
    let soon = plan(PlanOptions { by_day: Some(day), ..PlanOptions::default() });
    let uploaded = || soon.uploads.iter().flat_map(|file| &file.entries);
    assert!(soon.uploads.iter().all(|file| file.deadline == Some(day)));
    assert!(uploaded().count() > 0 && uploaded().count() < all.sum.uploaded);
    let large = plan(PlanOptions { min_duty: Some(5_000.into()), ..PlanOptions::default() });
    assert!(large.sum.uploaded < all.sum.uploaded && large.sum.adds_up());
    assert!(
        large
            .checked
            .as_ref()
            .expect("one batch")
            .outcome
            .entries
            .iter()
            .any(|entry| entry.ieepa_duty < Some(5_000.into()))
    );
}

/// What the options do not select is in no other count, whatever would become of it.
#[test]
fn every_count_of_a_plan_is_of_the_entries_that_the_options_select() {
    let (name, export) = &examples()[0];
    let claims = fs::read("examples/portfolio/claims.csv").expect("the example");
    let plan = |options: PlanOptions| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", *name, export.clone()).table("claims", "claims.csv", claims.clone());
        check.plan(&options).expect("a plan")
    };
    let all = plan(PlanOptions::default());
    let outcome = &all.checked.as_ref().expect("one batch").outcome;
    let entry_of = |number: &EntryNumber| {
        outcome.entries.iter().find(|entry| entry.number == Some(*number)).expect("an entry of the export")
    };
    let day = all.uploads[0].deadline.expect("a deadline");
    let least = Decimal::from(5_000);
    let is_soon = |entry: &Entry| entry.deadline.is_some_and(|deadline| deadline <= day);
    let is_large = |entry: &Entry| entry.ieepa_duty.is_none_or(|duty| duty >= least);
    let by_day = PlanOptions { by_day: Some(day), ..PlanOptions::default() };
    let min_duty = PlanOptions { min_duty: Some(least), ..PlanOptions::default() };
    assert!(!all.left_as_is.is_empty() && !all.accepted.is_empty());
    for options in [by_day, min_duty] {
        let is_selected =
            |entry: &Entry| if options.by_day.is_some() { is_soon(entry) } else { is_large(entry) };
        let selected = |numbers: &[EntryNumber]| -> Vec<EntryNumber> {
            numbers.iter().copied().filter(|number| is_selected(entry_of(number))).collect()
        };
        for batch in [None, Some(7)] {
            let limited = plan(PlanOptions { batch, ..options.clone() });
            let sum = limited.sum;
            assert_eq!(limited.left_as_is, selected(&all.left_as_is));
            assert_eq!(limited.accepted, selected(&all.accepted));
            let numbers = |plan: &ExportPlan<'_>| -> Vec<EntryNumber> {
                plan.uploads.iter().flat_map(|file| file.entries.iter().copied()).collect()
            };
            assert_eq!(sum.uploaded, selected(&numbers(&all)).len());
            assert_eq!((sum.left_as_is, sum.accepted), (limited.left_as_is.len(), limited.accepted.len()));
            assert_eq!(sum.entries, all.sum.entries);
            assert_eq!(
                sum.entries,
                sum.uploaded + sum.work + sum.left_as_is + sum.accepted + sum.not_selected
            );
            let not_selected = outcome.entries.iter().filter(|entry| !is_selected(entry)).count();
            assert_eq!(sum.not_selected, not_selected);
            assert!(limited.importers.iter().all(|importer| importer.sum.adds_up()));
            let of_selected = outcome.entries.iter().filter(|entry| is_selected(entry));
            let counts = |shares: &[Share]| -> Vec<_> {
                shares.iter().map(|share| (share.standing, share.entries, share.duty)).collect()
            };
            assert_eq!(counts(&limited.shares), counts(&Share::of(of_selected, FILING_DATE)));
            let first_step = |plan: &ExportPlan<'_>| {
                let mut out = Vec::new();
                plan.first_steps(&Options::default(), &mut out).expect("memory");
                String::from_utf8(out).expect("text")
            };
            assert_ne!(first_step(&limited), first_step(&all));
        }
    }
}

#[test]
fn importers_share_files_where_the_account_may_file_for_all_of_them() {
    let (name, export) = &examples()[0];
    let plan = |account: Account| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", *name, export.clone()).account(account);
        check.plan(&PlanOptions { merge: true, ..PlanOptions::default() })
    };
    let Err(errors) = plan(Account::default()) else { panic!("an account that may file for one importer") };
    assert_eq!(errors.diagnostics[0].code.name(), "cannot-merge");
    let numbers = ["12-3456789", "55-1234567"].map(|text| capelint::ImporterNumber::parse(text).unwrap());
    let own =
        Account { role: Some(Role::Importer), importer_numbers: Some(numbers.into()), ..Account::default() };
    let merged = plan(own).expect("a plan");
    assert!(merged.uploads[0].name.starts_with("declaration-001-by-2026-"), "{}", merged.uploads[0].name);
    let importers: BTreeSet<_> = merged
        .importers
        .iter()
        .filter(|total| total.sum.uploaded > 0)
        .collect::<Vec<_>>()
        .iter()
        .map(|total| total.importer)
        .collect();
    assert!(importers.len() > merged.uploads.len(), "{importers:?}");
}

#[test]
fn without_an_export_there_is_nothing_to_plan() {
    let code = |check: Check<'_>| match check.plan(&PlanOptions::default()) {
        Ok(_) => panic!("a plan of nothing"),
        Err(errors) => errors.diagnostics[0].code.name().to_string(),
    };
    assert_eq!(code(Check::new(&RULES, FILING_DATE)), "no-export");
    let mut check = Check::new(&RULES, FILING_DATE);
    check.table("es003", "missing-key.csv", &b"Port\n0401\n"[..]);
    assert_ne!(code(check), "no-export");
}

#[test]
fn each_client_has_a_plan_of_its_own_and_a_declaration_with_another_clients_entry_is_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).expect("a file");
    write("es003.csv", &examples()[0].1);
    write(
        "capelint.yaml",
        b"account: { role: broker }\nclients:\n  - { name: Acme & Sons, importer_numbers: [12-3456789] }\n  - { name: Bolt, \
          importer_numbers: 55-1234567 }\n  - { name: Nobody, importer_numbers: 11-1111111 }\n",
    );
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
        let run =
            command.args(args).args(["--filing-date", "2026-11-22"]).current_dir(folder.path()).output();
        let run = run.expect("capelint");
        String::from_utf8(run.stdout).expect("text") + &String::from_utf8_lossy(&run.stderr)
    };
    let told = run(&["plan", "es003.csv", "--by-client", "--out", "up"]);
    let table: Vec<&str> = told.lines().skip_while(|line| !line.starts_with("client ")).collect();
    let head: Vec<&str> = table[0].split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect();
    assert_eq!(head, ["client", "files", "to upload", "IEEPA duty", "on the work list", "first last day"]);
    let names: Vec<&str> = table[1..].iter().map(|line| line.split("  ").next().unwrap_or("")).collect();
    assert_eq!(names[..4], ["Acme & Sons", "Bolt", "Nobody: no entry in the export", "no client"]);
    let of = |client: &str| -> Vec<String> {
        let files =
            fs::read_dir(folder.path().join("up").join(client).join("declarations")).expect("uploads");
        let text = |file: fs::DirEntry| fs::read_to_string(file.path()).expect("an upload file");
        files.flat_map(|file| numbers(&text(file.expect("a file")))).collect()
    };
    let (acme, bolt, none) = (of("acme-sons"), of("bolt"), of("no-client"));
    assert!(acme.len() > 20 && bolt.len() > 20 && none.len() > 20);
    let all: BTreeSet<&String> = acme.iter().chain(&bolt).chain(&none).collect();
    assert_eq!(all.len(), acme.len() + bolt.len() + none.len(), "an entry is uploaded twice");
    let filer = &acme[0][..3];
    let stray = bolt.iter().find(|number| number.starts_with(filer)).expect("an entry of the same filer");
    let own: Vec<&str> = acme.iter().filter(|number| number.starts_with(filer)).map(String::as_str).collect();
    write("mixed.csv", format!("Entry Number\r\n{}\r\n{stray}\r\n", own.join("\r\n")).as_bytes());
    let told = run(&["check", "mixed.csv", "--es003", "es003.csv", "--format", "short"]);
    let stopped: Vec<&str> = told.lines().filter(|line| line.contains("[other-client]")).collect();
    assert_eq!(stopped.len(), 1, "{told}");
    assert!(
        stopped[0].contains("is of the client Bolt; most entries of the declaration are of Acme & Sons"),
        "{told}"
    );
}

/// The count beside the name of the work list is that of its rows, also where it has the entries with nothing to claim.
#[test]
fn the_work_list_has_as_many_entries_as_are_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("es003.csv"), &examples()[0].1).expect("a file");
    let printed = |out: &str, more: &[&str]| -> (usize, usize) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
        command.args(["plan", "es003.csv", "--isolated", "--filing-date", "2026-11-22", "--out", out]);
        let run = command.args(more).current_dir(folder.path()).output().expect("capelint");
        let told = String::from_utf8_lossy(&run.stdout).into_owned();
        let line =
            told.lines().find(|line| line.contains("worklist.csv: ")).expect("the line of the work list");
        let count = line.split_whitespace().nth(1).and_then(|count| count.parse().ok());
        let list = fs::read_to_string(folder.path().join(out).join("worklist.csv")).expect("the work list");
        (count.expect("a count"), numbers(&list).len())
    };
    let (work, rows) = printed("up", &[]);
    assert_eq!(work, rows);
    let (all, rows) = printed("up-all", &["--list-all"]);
    assert_eq!(all, rows);
    assert!(all > work, "{all} and {work}");
}

/// A file that counts what is read of it.
struct CountingFile(Vec<u8>, Arc<AtomicU64>);

impl ReadAt for CountingFile {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[offset as usize..];
        let length = buffer.len().min(rest.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.1.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// Of an export that was surveyed once, the plan of each importer is what a plan of its own would be; and an export
/// whose rows are by importer is not read whole again for each.
#[test]
fn an_export_is_surveyed_once_for_several_plans() {
    let (header, example) = text(&examples()[0].1)
        .split_once("\r\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a header");
    // Many importers with the entries of the example, one after the other.
    const IMPORTERS: u32 = 20;
    let importers: Vec<String> = (0..IMPORTERS).map(|n| format!("10-{:07}", 1_000_000 + n)).collect();
    let mut rows = Vec::new();
    for (n, importer) in importers.iter().enumerate() {
        let mut of_entry = (String::new(), String::new());
        let mut count = 0;
        for row in example.lines() {
            let cells: Vec<&str> = row.split(',').collect();
            if of_entry.0 != cells[0] {
                of_entry = (cells[0].to_owned(), number(n as u32 * 1_000 + count));
                count += 1;
            }
            rows.push(format!("{},{},{importer},{}", of_entry.1, cells[1], cells[3..].join(",")));
        }
    }
    let bytes = export(&header, &rows);
    let (size, read) = (bytes.len() as u64, Arc::new(AtomicU64::new(0)));
    let check = || {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", "es003.csv", Input::seekable(CountingFile(bytes.clone(), Arc::clone(&read))));
        check
    };
    let check_of_all = check();
    let export = check_of_all.survey_export().expect("a survey");
    for importer in &importers {
        let importers = vec![capelint::ImporterNumber::parse(importer).expect("an importer")];
        let options = PlanOptions { importers, ..PlanOptions::default() };
        let files = |plan: ExportPlan<'_>| -> Vec<(String, Vec<u8>)> {
            plan.files().into_iter().map(|file| (file.name, file.bytes)).collect()
        };
        let before = read.load(Ordering::Relaxed);
        let of_survey = files(export.plan(&options).expect("a plan"));
        assert!(read.load(Ordering::Relaxed) - before < size, "{importer}");
        assert!(of_survey == files(check().plan(&options).expect("a plan")), "{importer}");
    }
}

#[test]
fn a_list_that_can_be_read_only_once_is_there_for_each_of_several_plans() {
    let (name, export) = &examples()[0];
    let claims = fs::read("examples/portfolio/claims.csv").expect("the example");
    let plan = |claims: Input| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", *name, export.clone()).table("claims", "claims.csv", claims);
        let export = check.survey_export().expect("a survey");
        [(); 2].map(|()| export.plan(&PlanOptions::default()).expect("a plan").accepted)
    };
    let of_file = plan(Input::from(claims.clone()));
    let stream = std::sync::Mutex::new(Some(std::io::Cursor::new(claims)));
    let of_stream = plan(Input::lazy(move |_| {
        let stream = stream.lock().expect("a lock").take();
        Ok(Opened::Stream(Box::new(stream.unwrap_or_default())))
    }));
    assert!(!of_file[0].is_empty());
    assert_eq!(of_stream, of_file);
    assert_eq!(of_file[0], of_file[1]);
}

/// A file of an export with these rows.
fn export(header: &str, rows: &[String]) -> Vec<u8> {
    format!("{header}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

/// The upload files of a plan, with what is in them.
fn uploads(plan: &ExportPlan<'_>) -> Vec<(String, Vec<u8>)> {
    let files = plan.files();
    let uploads = files.into_iter().filter(|file| file.name.starts_with("declarations/"));
    uploads.map(|file| (file.name, file.bytes)).collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// What a plan reports that is not about one entry: for how many entries each rule is undecided and why, by
/// which rules it was made, and how many entries to upload have each warning.
fn said(plan: &ExportPlan<'_>) -> (BTreeMap<String, usize>, String, BTreeMap<String, usize>) {
    let checked = plan.overall().expect("a check");
    let outcome = &checked.outcome;
    let mut undecided = BTreeMap::new();
    for one in outcome.undecided.iter().filter(|one| !one.on_file) {
        // Of several files, a cause names the first.
        *undecided
            .entry(format!("{} {} {}", outcome.rule(one.rule).id, one.cause.kind(), one.optional))
            .or_default() += one.entries;
    }
    let mut warned: BTreeMap<String, usize> = BTreeMap::new();
    match &plan.batched {
        Some(_) => {
            for (rule, entries) in &plan.notes.warned_by {
                warned.insert(outcome.rule(*rule).id.clone(), entries.count);
            }
        }
        None => {
            let uploaded: BTreeSet<&str> =
                plan.uploads.iter().flat_map(|file| &file.entries).map(|number| number.as_str()).collect();
            let mut seen = BTreeSet::new();
            for finding in
                outcome.findings.iter().filter(|of| of.severity == Severity::Warning && of.fix.is_none())
            {
                let Some(number) = finding.entry().and_then(|at| outcome.entries[at].number) else {
                    continue;
                };
                if uploaded.contains(number.as_str()) && seen.insert((finding.rule, number)) {
                    *warned.entry(outcome.rule(finding.rule).id.clone()).or_default() += 1;
                }
            }
        }
    }
    (undecided, checked.provenance(), warned)
}

/// A plan of several batches reports what a plan of a single batch reports of the run.
#[test]
fn a_plan_of_several_batches_reports_what_was_not_checked_and_what_is_in_force() {
    let mut loader = Loader::new();
    loader.configuration(
        "capelint.yaml",
        b"severity: { reliquidated: note }\ntables: { surety: none }\nwaivers:\n  - { rule: protest-open, \
          entries: [ABC12345676], reason: seen, until: 2026-12-31 }\n",
    );
    let rules = loader.load().expect("a configuration");
    let rows = "ABC12345676,01,12-3456789,02/10/2026,001,99030125,0,100.00,Unliquidated,\n\
                ABC12345676,01,12-3456789,02/10/2026,001,8471300100,1000,0,Unliquidated,\n\
                SZ912345674,01,12-3456789,02/10/2026,001,99030125,0,100.00,Liquidated,09/06/2026\n\
                SZ912345674,01,12-3456789,02/10/2026,001,8471300100,1000,0,Liquidated,09/06/2026\n";
    let header = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
                  HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,\
                  Liquidation Date\n";
    let plan_in = |batch| {
        let mut check = Check::new(&rules, FILING_DATE);
        check.table("es003", "es003.csv", format!("{header}{rows}").into_bytes());
        check.nothing_to_list("protests").nothing_to_list("reconciliation");
        check.plan(&PlanOptions { batch, ..PlanOptions::default() }).expect("a plan")
    };
    let (whole, batched) = (plan_in(None), plan_in(Some(1)));
    assert!(whole.batched.is_none() && batched.checked.is_none());
    assert_eq!(said(&whole), said(&batched));
    let (undecided, provenance, warned) = said(&batched);
    for text in ["capelint.yaml", "reliquidated is note instead of stop", "protest-open has 1 waiver"] {
        assert!(provenance.contains(text), "{provenance}");
    }
    assert!(undecided.keys().any(|one| one.starts_with("psc-needed no_table")), "{undecided:?}");
    assert_eq!(warned.get("liquidation-window-closing"), Some(&1), "{warned:?} {:?}", batched.work_by_rule);
    let files = batched.files();
    let page = files.iter().find(|file| file.name == "summary.html").expect("a report");
    let page = text(&page.bytes);
    assert!(page.contains("reliquidated is note instead of stop") && page.contains("psc-needed"), "{page}");
}

/// What is undecided for cells of a column in several batches is one cause, as in a single batch, whatever the
/// cells contain.
#[test]
fn causes_in_several_batches_are_reported_together() {
    let rules = Loader::new().load().expect("the built-in rules");
    let header = "Entry Summary Number,Entry Date,Entry Summary Line Number,HTS Number - Full,Line Tariff Duty Amount\n";
    // Without a Chapter 1-97 number the export may lack rows, which is a cause beside the cells.
    let row = |n: u32, other: &str| {
        let cells = [("001", "99030125", "100.00"), ("001", &format!("n{n}"), "0"), ("002", other, "0")];
        let line = |(line, hts, duty)| format!("{},02/10/2026,{line},{hts},{duty}\n", number(n));
        cells.map(line).concat()
    };
    let causes_in = |batch, other: &str| {
        let export = format!("{header}{}", (1..6).map(|n| row(n, other)).collect::<String>());
        let mut check = Check::new(&rules, FILING_DATE);
        check.table("es003", "es003.csv", export.into_bytes());
        let plan = check.plan(&PlanOptions { batch, ..PlanOptions::default() }).expect("a plan");
        let outcome = &plan.overall().expect("a check").outcome;
        if batch.is_none() {
            for (at, one) in (0..).zip(&outcome.undecided).filter(|(_, one)| !one.for_all && !one.on_file) {
                let named = outcome.undecided_of.iter().filter(|of| of.undecided == at).count();
                assert_eq!(one.entries, named, "{one:?}");
            }
        }
        let cells = outcome.undecided.iter().filter(|one| one.cause.kind() == "unreadable");
        let causes = cells.map(|one| {
            (
                outcome.rule(one.rule).id.clone(),
                one.cause.column().map(|column| column.name.clone()),
                one.entries,
            )
        });
        causes.collect::<Vec<_>>()
    };
    for other in ["8471300100", "99038501"] {
        let whole = causes_in(None, other);
        let of_all =
            whole.iter().filter(|(_, column, entries)| column.as_deref() == Some("hts") && *entries == 5);
        assert!(of_all.count() > 1, "{whole:?}");
        assert_eq!(whole, causes_in(Some(1), other));
        assert_eq!(whole, causes_in(Some(2), other));
    }
}

/// The totals of each client are those of its entries, and with what is left to do about all entries the same for every
/// batch size: in JSON, on the page of several batches, and in what is printed.
#[test]
fn a_plan_of_several_batches_has_the_totals_of_each_client() {
    let (name, export) = &examples()[0];
    let importers = |text: &str| vec![capelint::ImporterNumber::parse(text).expect("an importer")];
    let client = |name: &str, number| Client { name: name.into(), importer_numbers: importers(number) };
    let clients = vec![
        client("Acme & Sons", "12-3456789"),
        client("Nobody", "11-1111111"),
        client("Bolt", "55-1234567"),
    ];
    let account = Account { role: Some(Role::Broker), clients, ..Account::default() };
    let plan_in = |batch| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", *name, export.clone()).account(account.clone());
        check.plan(&PlanOptions { batch, ..PlanOptions::default() }).expect("a plan")
    };
    let json = |plan: &ExportPlan<'_>| -> serde_json::Value {
        let mut document = Vec::new();
        let written = Written { folder: None, complete: false, asks_for_psc: false };
        plan.json(written, &Options::default(), &mut document).expect("a document");
        serde_json::from_slice(&document).expect("JSON")
    };
    let whole = plan_in(None);
    let outcome = &whole.checked.as_ref().expect("one batch").outcome;
    let named: Vec<Option<&str>> = whole
        .clients
        .iter()
        .map(|count| count.client.map(|client| outcome.clients[client.0 as usize].raw()))
        .collect();
    assert_eq!(named, [Some("Acme & Sons"), Some("Bolt"), None]);
    for count in &whole.clients {
        let own: Vec<_> = outcome.entries.iter().filter(|entry| entry.facts.client == count.client).collect();
        assert!(own.len() > 20);
        assert_eq!(count.verdicts.entries, own.len());
        for verdict in Verdict::ALL.iter().copied() {
            let of_it = own.iter().filter(|entry| entry.after_waivers == verdict).count();
            assert_eq!(count.verdicts.count(verdict), of_it, "{verdict:?}");
        }
        let mut duty = DutySum::default();
        count.shares.iter().for_each(|share| duty += share.duty);
        assert_eq!(duty, DutySum::of(own));
    }
    let document = json(&whole);
    assert_eq!(document["clients"].as_array().expect("clients").len(), 3);
    for batch in [1, 7, 50] {
        let plan = plan_in(Some(batch));
        assert_eq!((&plan.clients, &plan.shares), (&whole.clients, &whole.shares), "{batch}");
        let of_batches = json(&plan);
        for member in ["clients", "standings"] {
            assert_eq!(of_batches[member], document[member], "{batch}");
        }
        let page = plan.files().into_iter().find(|file| file.name == SUMMARY).expect("the page").bytes;
        let page = text(&page);
        assert!(page.contains("<h2>Clients</h2>") && page.contains("Acme &amp; Sons"), "{page}");
        let mut printed = Vec::new();
        plan.first_steps(&Options::default(), &mut printed).expect("memory");
        let printed = text(&printed);
        let bolt = printed.lines().find(|line| line.starts_with("  Bolt: ")).expect("its totals");
        assert!(bolt.contains("entries: ") && printed.starts_with("by client\n"), "{printed}");
    }
    // Of a single client all is said below.
    let mut check = Check::new(&RULES, FILING_DATE);
    check.table("es003", *name, export.clone()).account(account);
    let of_one = PlanOptions { importers: importers("55-1234567"), ..PlanOptions::default() };
    let plan = check.plan(&of_one).expect("a plan");
    let mut printed = Vec::new();
    plan.first_steps(&Options::default(), &mut printed).expect("memory");
    assert_eq!(plan.clients.len(), 1);
    assert!(!text(&printed).contains("by client"));
}

/// A made-up entry number with a valid check digit.
fn number(n: u32) -> String {
    common::number("ABC", n).as_str().to_owned()
}

/// Every entry to upload that has a warning is named: the first of each rule above the sum, all in a list.
#[test]
fn every_entry_to_upload_with_a_warning_is_named_however_many_there_are() {
    let header = "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Entry Summary Line Number,\
                  HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount,Liquidation Status,\
                  Liquidation Date\n";
    let numbers: Vec<String> = (1..=150).map(number).collect();
    let rows: String = (numbers.iter())
        .map(|entry| {
            let head = format!("{entry},01,12-3456789,02/10/2026,001");
            // Day 77 of 80.
            let tail = "Liquidated,09/06/2026";
            format!("{head},99030125,0,100.00,{tail}\n{head},8471300100,1000,0,{tail}\n")
        })
        .collect();
    let plan_in = |batch| {
        let mut check = Check::new(&RULES, FILING_DATE);
        check.table("es003", "es003.csv", format!("{header}{rows}").into_bytes());
        check.nothing_to_list("protests").nothing_to_list("reconciliation");
        check.plan(&PlanOptions { batch, ..PlanOptions::default() }).expect("a plan")
    };
    for batch in [None, Some(40)] {
        let plan = plan_in(batch);
        assert_eq!((plan.sum.uploaded, plan.notes.warned), (150, 150));
        let rules = &plan.overall().expect("a check").outcome.rules;
        let of_rule = plan.notes.warned_by.iter();
        let mut closing = of_rule.map(|(rule, of)| (&rules[usize::from(rule.0)].id, of));
        let (_, closing) = closing.find(|(id, _)| *id == "liquidation-window-closing").expect("it warns");
        assert_eq!((closing.first.len(), closing.count, closing.more()), (100, 150, 50));
        let files = plan.files();
        let list = files.iter().find(|file| file.name == WARNED).expect("a list of warnings");
        let mut reader = csv::Reader::from_reader(&list.bytes[..]);
        let listed: Vec<String> = (reader.records().map(|row| row.expect("a row")))
            .filter(|row| row[5].split(", ").any(|rule| rule == "liquidation-window-closing"))
            .map(|row| row[0].replace('-', ""))
            .collect();
        assert_eq!(listed, numbers);
    }
}

/// The rows of a list: entry, last day and IEEPA duty.
fn rows_of(bytes: &[u8]) -> Vec<(String, Option<NaiveDate>, Option<Decimal>)> {
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().expect("a header").clone();
    let at = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name);
    let [entry, day, duty] =
        ["Entry Number", "Last Day", "IEEPA Duty"].map(|name| at(name).expect("a column"));
    let row = |row: csv::StringRecord| (row[entry].to_owned(), row[day].parse().ok(), row[duty].parse().ok());
    reader.records().map(|cells| row(cells.expect("a row"))).collect()
}

/// Each list has one row for an entry, whatever its reasons: what a spreadsheet sums and counts is what the summary has.
#[test]
fn a_list_sums_to_what_the_summary_has_and_is_sorted_by_day_and_duty() {
    let (name, export) = &examples()[0];
    let sorted = |rows: &[(String, Option<NaiveDate>, Option<Decimal>)]| {
        let order = |(_, day, duty): &(String, Option<NaiveDate>, Option<Decimal>)| {
            (
                day.is_some_and(|day| day < FILING_DATE),
                day.is_none(),
                *day,
                duty.is_none(),
                std::cmp::Reverse(*duty),
            )
        };
        rows.is_sorted_by_key(order)
    };
    let sum = |rows: &[(String, Option<NaiveDate>, Option<Decimal>)]| -> Decimal {
        rows.iter().filter_map(|(_, _, duty)| *duty).sum()
    };
    let mut check = Check::new(&RULES, FILING_DATE);
    check.table("es003", *name, export.clone());
    let mut lists = Vec::new();
    for batch in [None, Some(1), Some(37)] {
        let plan = check.plan(&PlanOptions { batch, ..PlanOptions::default() }).expect("a plan");
        let list = plan.files().into_iter().find(|file| file.name == WORK_LIST).expect("the work list");
        let rows = rows_of(&list.bytes);
        assert_eq!((rows.len(), sum(&rows)), (plan.sum.work, plan.work_duty.amount));
        let unknown = rows.iter().filter(|(_, _, duty)| duty.is_none()).count();
        assert_eq!(unknown, plan.work_duty.unknown as usize);
        assert!(sorted(&rows), "{rows:?}");
        lists.push(list.bytes);
    }
    assert!(lists.windows(2).all(|pair| pair[0] == pair[1]));

    let mut check = Check::new(&RULES, FILING_DATE);
    check.table("es003", *name, export.clone());
    let all = format!("Entry Number\r\n{}\r\n", Vec::from_iter(entries(text(export))).join("\r\n"));
    let checked = check.declaration("all.csv", all.into_bytes()).run().expect("a check");
    let plan = checked.plan(Include { warned: true, ..Include::default() }, Sets::Merged).expect("a plan");
    let several = plan.held.iter().filter(|held| held.reasons.len() > 1).count();
    assert!(several > 0, "some are held back for several reasons");
    let duty_of = |entries: &mut dyn Iterator<Item = usize>| {
        DutySum::of(entries.map(|at| &checked.outcome.entries[at]).collect::<Vec<_>>())
    };
    let mut warned: Vec<usize> = plan.warned.iter().map(|warned| warned.entry).collect();
    warned.dedup();
    for (name, entries) in [(HELD, plan.held.iter().map(|held| held.entry).collect()), (WARNED, warned)] {
        let list = checked.files(&plan).into_iter().find(|file| file.name == name).expect("the list");
        let rows = rows_of(&list.bytes);
        let expected = duty_of(&mut entries.iter().copied());
        assert_eq!((rows.len(), sum(&rows)), (entries.len(), expected.amount), "{name}");
        assert!(sorted(&rows) && !rows.is_empty(), "{name}: {rows:?}");
    }
}

/// The page of a plan names no declarations that were made for the evaluation only.
#[test]
fn the_report_of_a_plan_names_upload_files_and_the_work_list() {
    let (name, export) = &examples()[0];
    let mut check = Check::new(&RULES, FILING_DATE);
    check.table("es003", *name, export.clone());
    let plan = check.plan(&PlanOptions::default()).expect("a plan");
    let page = plan.files().into_iter().find(|file| file.name == SUMMARY).expect("the page");
    let page = text(&page.bytes);
    for made_up in &plan.overall().expect("a check").outcome.declarations {
        let made_up = plan.overall().expect("a check").sources.name(made_up.file).to_string();
        assert!(!page.contains(&made_up), "{made_up}");
    }
    assert!(page.contains(&format!("<h1>Plan of {name}</h1>")));
    for file in &plan.uploads {
        let rows = page.matches(&format!(r#"<i class="file">{}</i>"#, file.name)).count();
        assert_eq!(rows, file.entries.len(), "{}", file.name);
    }
    assert_eq!(page.matches(r#"<i class="file">work list</i>"#).count(), plan.sum.work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24), max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Exports of any order, in one file or two, with damaged rows: every entry is in exactly one output;
    /// what is written for upload passes the check; and nothing depends on how large the batches are.
    #[test]
    fn every_entry_of_an_export_goes_somewhere_once(
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
        cut in any::<prop::sample::Index>(),
        damaged in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
        turned in any::<bool>(),
        (undecided, stopped) in any::<(bool, bool)>(),
    ) {
        let include = Include { warned: true, undecided, stopped };
        let (_, example) = &examples()[0];
        let example = text(example);
        let (header, rows) = example.split_once("\r\n").expect("a header");
        let rows: Vec<&str> = rows.lines().collect();
        let mut rows: Vec<String> = order.iter().map(|at| at.get(&rows).to_string()).collect();
        if let Some((row, at)) = damaged {
            let row = row.index(rows.len());
            let at = at.index(rows[row].len());
            rows[row].replace_range(at..=at, "?");
        }
        if turned {
            // A date that can only be day first makes others doubtful, in whatever batch they are.
            rows[0] = rows[0].replacen("/2025", "/2025 ", 1).replace("11/22/2026", "22/11/2026");
        }
        let (first, second) = rows.split_at(cut.index(rows.len()));
        let files: Vec<(&str, Vec<u8>)> = [("a.csv", first), ("b.csv", second)]
            .into_iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(name, rows)| (name, export(header, rows)))
            .collect();
        let check = || {
            let mut check = Check::new(&RULES, FILING_DATE);
            for (name, bytes) in &files {
                check.table("es003", *name, bytes.clone());
            }
            check
        };
        let planned = |batch: Option<usize>| {
            check().plan(&PlanOptions { batch, include, ..PlanOptions::default() })
        };
        // A file of nothing but damage is refused, not planned.
        let Ok(plan) = planned(None) else { return Ok(()) };
        let files_of = |plan: &ExportPlan<'_>| {
            let files = plan.files().into_iter();
            files.filter(|file| file.name != "summary.html").map(|file| (file.name, file.bytes)).collect::<Vec<_>>()
        };
        for batch in [1, 7] {
            let other = planned(Some(batch)).expect("a plan");
            prop_assert_eq!(plan.sum, other.sum);
            prop_assert_eq!(&plan.work_by_rule, &other.work_by_rule);
            prop_assert_eq!(&plan.importers, &other.importers);
            let (one, other_said) = (said(&plan), said(&other));
            // Of several files and cells a cause names the first, so batches may have more causes.
            let rules = |undecided: &BTreeMap<String, usize>| -> BTreeSet<String> {
                undecided.keys().map(|key| key.split(' ').next().expect("a rule").to_owned()).collect()
            };
            prop_assert!(rules(&one.0).is_subset(&rules(&other_said.0)), "{:?} {:?}", one.0, other_said.0);
            prop_assert_eq!((one.1, one.2), (other_said.1, other_said.2));
            for (one, other) in files_of(&plan).iter().zip(&files_of(&other)) {
                prop_assert_eq!((&one.0, text(&one.1)), (&other.0, text(&other.1)));
            }
        }

        let mut gone: Vec<String> = Vec::new();
        for (_, bytes) in uploads(&plan) {
            gone.extend(numbers(text(&bytes)));
        }
        prop_assert_eq!(gone.len(), plan.sum.uploaded);
        let list = files_of(&plan).into_iter().find(|(name, _)| name == WORK_LIST).expect("the work list").1;
        let listed = numbers(text(&list));
        prop_assert_eq!(listed.len(), plan.sum.work);
        let sum: Decimal = rows_of(&list).into_iter().filter_map(|(_, _, duty)| duty).sum();
        prop_assert_eq!(sum, plan.work_duty.amount);
        gone.extend(listed);
        gone.extend(plan.left_as_is.iter().chain(&plan.accepted).map(|number| number.as_str().to_owned()));
        let distinct: BTreeSet<String> = gone.iter().cloned().collect();
        prop_assert_eq!(distinct.len(), gone.len(), "an entry went to two places");
        let whole: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let known: BTreeSet<String> = entries(text(&whole)).into_iter().filter(|number| !number.contains('?')).collect();
        // A damaged number may still be read (a lost quote), but none that is whole may be lost.
        let lost: Vec<_> = known.difference(&distinct).filter(|number| capelint::entry::EntryNumber::parse(number).is_some()).collect();
        prop_assert!(lost.is_empty(), "lost {:?}", lost);

        if undecided || stopped {
            return Ok(());
        }
        // Each upload file, checked like any declaration.
        for (name, bytes) in uploads(&plan) {
            let mut check = check();
            check.declaration(name.clone(), bytes);
            let checked = check.run().expect("a check");
            let bad: Vec<_> = (checked.outcome.counted())
                .filter(|finding| finding.severity >= Severity::Stop)
                .map(|finding| &finding.message)
                .collect();
            prop_assert!(bad.is_empty(), "{}: {:?}", name, bad);
            prop_assert!(!checked.outcome.is_undecided(), "{} is undecided", name);
        }
    }
}
