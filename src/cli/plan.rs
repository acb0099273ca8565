//! `capelint plan`: from the ES-003 alone to the files to upload.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::args::{self, Data, RuleArgs};
use super::checklist;
use super::choices::DocumentFormat;
use super::files::{self, FileSet};
use super::fix::{self, IncludedEntries};
use super::frontend::CommandLine;
use super::session::Session;
use super::summary::{self, Uploads};
use super::{Done, Exit, ExitReason, Failure, print, print_after_writing};
use capelint::engine::DutySum;
use capelint::frontend::errors;
use capelint::frontend::outputs::{
    ACCEPTED, CHECKLIST, DECLARATIONS, PlanLists, SUMMARY, Scratch, WARNED, WORK_LIST, Written, plain,
};
use capelint::frontend::text::{Outside, OutsideString, columns, count, thousands};
use capelint::{Checked, Client, Diagnostic, Errors, ExportPlan, ImporterNumber, PlanOptions};

/// Arguments of `capelint plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint plan es003.xlsx --out upload/
  capelint plan 'exports/*.csv' --table claims='results/*.csv' --out upload/
  capelint plan es003.csv --by-day 2026-12-31 --dry-run

Files:
  declarations/   the upload files
  warned.csv      the entries to upload that have warnings, with what to know
  worklist.csv    every other entry, with the reason and the next step
  summary.html    the report
  checklist.txt   questions that no data can answer")]
pub struct PlanArgs {
    /// ES-003 exports: files, folders, patterns; CSV or XLSX
    #[arg(value_name = "ES003", value_hint = clap::ValueHint::AnyPath)]
    pub exports: Vec<String>,
    #[command(flatten, next_help_heading = args::DATA)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten, next_help_heading = args::RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
    /// Write the files into this folder
    ///
    /// A new folder appears with all files in it or not at all. In an existing folder, files appear one at
    /// a time and worklist.csv last; until then the folder has a file INCOMPLETE.txt.
    #[arg(long, short, value_name = "FOLDER", required_unless_present = "dry_run", help_heading = args::OUTPUT)]
    pub out: Option<PathBuf>,
    /// Print the summary only; write nothing
    #[arg(long, short = 'n', help_heading = args::OUTPUT)]
    pub dry_run: bool,
    /// Write over files of an earlier run; never over an input
    #[arg(long, help_heading = args::OUTPUT)]
    pub force: bool,
    /// Write these entries for upload besides those that are ready [default: warned]
    #[arg(long, value_enum, value_name = "LEVEL", value_delimiter = ',', help_heading = args::ENTRIES)]
    pub include: Vec<IncludedEntries>,
    /// Put the entries of all importers into the same files, where the account allows it; clients have files of
    /// their own
    #[arg(long, help_heading = args::OUTPUT)]
    pub merge: bool,
    /// Plan only for these importers of record, or clients of the configuration by name
    #[arg(long, value_name = "IMPORTER", help_heading = args::ENTRIES)]
    pub limit_to: Vec<String>,
    /// Make a plan for each client of the configuration, in a folder of its own
    ///
    /// Entries of importers that are of no client have a folder of their own, `no-client`.
    #[arg(long, conflicts_with = "limit_to", help_heading = args::OUTPUT)]
    pub by_client: bool,
    /// Plan only for entries whose 80-day window closes on or before this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = args::date, help_heading = args::ENTRIES)]
    pub by_day: Option<NaiveDate>,
    /// Plan only for entries with at least this IEEPA duty, in US dollars
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, help_heading = args::ENTRIES)]
    pub min_duty: Option<Decimal>,
    /// Put entries without IEEPA duty on the work list as well
    #[arg(long, help_heading = args::ENTRIES)]
    pub list_all: bool,
    /// Print this format; with --by-client, one JSON object per line and client
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t, help_heading = args::OUTPUT)]
    pub format: DocumentFormat,
}

/// The importers that a value of `--limit-to` names: those of a client, or some importers with commas between.
fn limited_to(value: &str, clients: &[Client]) -> Result<Vec<ImporterNumber>, Diagnostic> {
    let name = value.trim();
    if let Some(client) =
        clients.iter().find(|client| client.name.raw().trim().to_lowercase() == name.to_lowercase())
    {
        return Ok(client.importer_numbers.clone());
    }
    match value.split_once(',') {
        // A name may have a comma in it.
        Some((first, rest)) => Ok([limited_to(first, clients)?, limited_to(rest, clients)?].concat()),
        None => match ImporterNumber::parse(name) {
            Some(importer) => Ok(vec![importer]),
            None => Err(errors::no_importer_or_client(name, clients.iter().map(|client| client.name.raw()))),
        },
    }
}

fn dollars(text: &str) -> Result<Decimal, String> {
    let plain = text.trim_start_matches('$').replace(',', "");
    let amount: Option<Decimal> = plain.parse().ok();
    amount
        .filter(|amount| !amount.is_sign_negative())
        .ok_or_else(|| "not an amount; write it as 250 or 1,250.00".to_owned())
}

/// Writes the files.
pub fn run(args: &PlanArgs) -> Done {
    let near = args.exports.first().map_or(Path::new("."), |export| args::folder_of(export));
    let es003 = args.exports.iter().chain(&args.data.es003).cloned().collect();
    let data = Data { es003, ..args.data.clone() };
    let mut session = Session::with_rules(&args.rules, near, Vec::new(), data, false)?;
    session.digests = args.format == DocumentFormat::Json;
    let clients = &session.rules.config().account.clients;
    let limits = args.limit_to.iter().map(|value| limited_to(value, clients));
    let options = PlanOptions {
        include: fix::include(&args.include),
        merge: args.merge,
        importers: limits.collect::<Result<Vec<_>, _>>()?.concat(),
        except: Vec::new(),
        by_day: args.by_day,
        min_duty: args.min_duty,
        list_all: args.list_all,
        batch: Some(PlanOptions::BATCH),
    };
    let folder = args.out.as_deref().unwrap_or(Path::new(""));
    if !args.by_client {
        let plan = |lists: PlanLists<'_>| session.check().plan_into(&options, lists);
        return run_one(&session, args, folder, plan).map(|(exit, _)| exit);
    }
    if clients.is_empty() {
        return Err(errors::no_clients().into());
    }
    let check = session.check();
    let export = check.survey_export();
    session.finish_progress();
    let export = export?;
    let mut exit = Exit::Clean;
    let folders = client_folders(clients.iter().map(|client| client.name.raw()));
    let folders = folders.into_iter().chain([NO_CLIENT.to_owned()]);
    let mut totals: Vec<[String; 6]> = Vec::new();
    let all = clients.iter().flat_map(|client| client.importer_numbers.iter().copied()).collect();
    let of_client = |client: &Client| {
        (client.name.clone(), PlanOptions { importers: client.importer_numbers.clone(), ..options.clone() })
    };
    let rest = (OutsideString::from("no client"), PlanOptions { except: all, ..options.clone() });
    for ((name, options), of_client) in clients.iter().map(of_client).chain([rest]).zip(folders) {
        let name = name.outside().fit(NAME).into_owned();
        let plan = |lists: PlanLists<'_>| export.plan_into(&options, lists);
        match run_one(&session, args, &folder.join(of_client), plan) {
            Ok((its, total)) => {
                totals.push(total.row(name));
                exit = if matches!(its, Exit::Clean) { exit } else { its };
            }
            Err(Failure::Errors(errors)) if errors.nothing_selected() => {
                let mut row: [String; 6] = Default::default();
                row[0] = format!("{name}: no entry in the export");
                totals.push(row);
            }
            Err(failure) => return Err(failure),
        }
    }
    if args.format == DocumentFormat::Human {
        print(table(&totals).as_bytes())?;
    }
    Ok(exit)
}

/// The folder of entries that are of no client.
const NO_CLIENT: &str = "no-client";

/// A folder for each client. No two are alike, none is that of entries of no client, and each can be made on Windows,
/// where the names of devices are reserved.
fn client_folders<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for name in names {
        let mut folder = plain(name);
        if is_device(&folder) {
            folder.insert_str(0, "client-");
        }
        while folder == NO_CLIENT || folders.contains(&folder) {
            folder.push_str("-2");
        }
        folders.push(folder);
    }
    folders
}

/// Whether Windows reserves the name for a device; the name is in lower case.
fn is_device(name: &str) -> bool {
    let is_port =
        |port: &str| name.strip_prefix(port).is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    matches!(name, "con" | "prn" | "aux" | "nul") || is_port("com") || is_port("lpt")
}

/// How many columns of the terminal the name of a client has at most.
const NAME: usize = 30;

/// What became of a client's entries.
struct Total {
    files: usize,
    uploaded: usize,
    duty: DutySum,
    work: usize,
    first_day: Option<NaiveDate>,
}

impl Total {
    fn of(plan: &ExportPlan<'_>) -> Self {
        let mut duty = DutySum::default();
        plan.upload_duty.iter().for_each(|of_file| duty += *of_file);
        let days = plan.shares.iter().filter_map(|share| share.first_day.as_ref());
        let first_day = days.map(|(day, _)| *day).min();
        Self { files: plan.uploads.len(), uploaded: plan.sum.uploaded, duty, work: plan.sum.work, first_day }
    }

    fn row(&self, client: String) -> [String; 6] {
        [
            client,
            thousands(self.files),
            thousands(self.uploaded),
            self.duty.in_short().unwrap_or_default(),
            thousands(self.work),
            self.first_day.map_or_else(String::new, |day| day.to_string()),
        ]
    }
}

/// The totals of the clients, one a line.
fn table(rows: &[[String; 6]]) -> String {
    let head = ["client", "files", "to upload", "IEEPA duty", "on the work list", "first last day"];
    let lines = || [head.map(str::to_owned)].into_iter().chain(rows.iter().cloned());
    let widths: Vec<usize> =
        (0..head.len()).map(|at| lines().map(|line| columns(&line[at])).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines() {
        let mut cells = String::new();
        for (at, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let space = " ".repeat(width - columns(cell));
            match at {
                0 => cells += &format!("{cell}{space}"),
                _ => cells += &format!("  {space}{cell}"),
            }
        }
        text += cells.trim_end();
        text.push('\n');
    }
    text
}

/// Makes one plan and writes its files into a folder; gives its totals.
fn run_one<'r>(
    session: &Session,
    args: &PlanArgs,
    folder: &Path,
    plan: impl FnOnce(PlanLists<'_>) -> Result<ExportPlan<'r>, Errors>,
) -> Result<(Exit, Total), Failure> {
    // The lists grow beside their places: they may be larger than memory.
    let mut lists = None;
    let plan_into = move |[warned, accepted, work_list]: [&mut dyn io::Write; 3],
                          scratch: Option<&mut fs::File>| {
        let (frontend, evaluated) = (&CommandLine, &mut |_: &Checked<'_>| {});
        let scratch = scratch.map(|scratch| scratch as &mut dyn Scratch);
        let lists = PlanLists { warned, accepted, work_list, scratch, frontend, evaluated };
        plan(lists)
    };
    let planned = if args.dry_run {
        let [mut warned, mut accepted, mut work_list] = [const { io::sink() }; 3];
        plan_into([&mut warned, &mut accepted, &mut work_list], None)
    } else {
        let begin = || files::Growing::beside(folder);
        let [warned, accepted, work_list] = lists.insert([begin()?, begin()?, begin()?]);
        plan_into([warned, accepted, work_list], Some(&mut files::scratch_beside(folder)?))
    };
    session.finish_progress();
    let plan = planned?;
    if !args.dry_run {
        let outputs = plan.files();
        let mut last: Vec<_> =
            [WARNED, ACCEPTED, WORK_LIST].into_iter().zip(lists.into_iter().flatten()).collect();
        last.retain(|(name, _)| *name != ACCEPTED || plan.notes.accepted.count > 0);
        let set = FileSet {
            files: &outputs,
            last,
            inputs: &fix::inputs(&plan.sources),
            force: args.force,
            uploads: (DECLARATIONS, files::is_upload),
        };
        set.write(folder).map_err(Failure::from)?;
    }
    let asks_for_psc = plan.overall().is_some_and(|checked| summary::asks_for_psc(&checked.outcome));
    let clean = plan.sum.work == 0 && !plan.uploads.is_empty() && !asks_for_psc;
    let mut text = String::new();
    match args.format {
        DocumentFormat::Human => {
            // Writing to a string does not fail.
            let _ = write_summary(&plan, folder, args, &mut text);
            text = summary::for_terminal(text);
        }
        DocumentFormat::Json => {
            let folder = folder.to_string_lossy();
            let folder = (!args.dry_run).then_some(&*folder);
            let written = Written { folder, complete: clean, asks_for_psc };
            text = fix::in_json(|out| plan.json(written, &session.json_options(), out))?;
        }
    }
    if args.dry_run {
        print(text.as_bytes())?;
    } else {
        print_after_writing(text.as_bytes(), folder)?;
    }
    let exit = match (clean, plan.uploads.is_empty()) {
        (true, _) => Exit::Clean,
        (false, true) => Exit::Findings(ExitReason::NothingToUpload),
        (false, false) => Exit::Findings(ExitReason::blocked(plan.sum.work)),
    };
    let total = Total::of(&plan);
    if !args.by_client {
        // The process ends here. To free the tables cell by cell would only take time.
        std::mem::forget(plan);
    }
    Ok((exit, total))
}

/// `, $1,234.00 IEEPA duty`, where it is known of any entry.
fn with_duty(duty: &DutySum) -> String {
    duty.in_words().map_or_else(String::new, |duty| format!(", {duty}"))
}

fn write_summary(
    plan: &ExportPlan<'_>,
    folder: &Path,
    args: &PlanArgs,
    out: &mut String,
) -> std::fmt::Result {
    let dry_run = args.dry_run;
    // Entries with nothing to claim that are on the work list.
    let listed = if args.list_all { plan.left_as_is.len() } else { 0 };
    let path = |name: &str| Outside::new(&folder.join(name).to_string_lossy()).shown().into_owned();
    for (file, amount) in plan.uploads.iter().zip(&plan.upload_duty) {
        let entries = count(file.entries.len(), "entry", "entries");
        let amount = with_duty(amount);
        write!(out, "{}: {entries}{amount}", path(&format!("{DECLARATIONS}/{}", file.name)))?;
        match file.deadline {
            Some(day) => writeln!(out, ", earliest filing deadline {day}")?,
            None => writeln!(out)?,
        }
    }
    if plan.uploads.is_empty() {
        writeln!(out, "no upload file: no entry may be uploaded")?;
    }
    let warned =
        count(plan.notes.warned, "entry to upload with a warning", "entries to upload with warnings");
    writeln!(out, "{}: {warned}", path(WARNED))?;
    writeln!(
        out,
        "{}: {}{}",
        path(WORK_LIST),
        count(plan.sum.work + listed, "entry", "entries"),
        with_duty(&plan.work_duty)
    )?;
    summary::by_rule(&plan.work_by_rule, out)?;
    if !plan.left_as_is.is_empty() {
        writeln!(
            out,
            "nothing to claim: {} without IEEPA duty{}",
            count(plan.left_as_is.len(), "entry", "entries"),
            if listed > 0 { format!(", also in {WORK_LIST}") } else { String::new() }
        )?;
    }
    if !plan.accepted.is_empty() {
        writeln!(out, "accepted before: {}", count(plan.accepted.len(), "entry", "entries"))?;
    }
    if !dry_run {
        writeln!(out, "{}: the report", path(SUMMARY))?;
        writeln!(out, "{}: questions to answer before the first upload", path(CHECKLIST))?;
    }
    if let Some(checked) = plan.overall() {
        Uploads { checked, notes: &plan.notes, are_written: !dry_run }.caveats(out)?;
    }
    writeln!(out, "{}", plan.sum)?;
    summary::first_steps(|options, out| plan.first_steps(options, out), out);
    if !plan.uploads.is_empty() {
        checklist::write(out)?;
    }
    if dry_run {
        writeln!(out, "nothing was written (--dry-run)")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_a_folder_that_every_system_can_make() {
        let names =
            ["CON", "nul", "Com1", "LPT9", "COM10", "Console", "No Client", "client con", "Acme", "ACME!"];
        let expected = [
            "client-con",
            "client-nul",
            "client-com1",
            "client-lpt9",
            "com10",
            "console",
            "no-client-2",
            "client-con-2",
            "acme",
            "acme-2",
        ];
        assert_eq!(client_folders(names.into_iter()), expected);
    }
}
