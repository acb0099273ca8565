//! The results of the engine, as the page reads them: see `app/protocol.ts`.

use std::collections::{BTreeMap, HashMap, HashSet};

use capelint::cause::UndecidedCause;
use capelint::frontend::Frontend;
use capelint::frontend::input::{FileCount, FileUse, Recognized};
use capelint::frontend::text::{OutsideString, dollars};
use capelint::rule_tests::TestChoice;
use capelint::source::Sources;
use capelint::{EntryNumber, Errors, Rules, Severity, Verdict};
use rust_decimal::Decimal;
use serde::Serialize;

/// How many stops are given one by one; the report has all.
const MAX_STOPS: usize = 200;

/// How many entries are named whose verdict a house rule changes.
const MAX_CHANGES: usize = 100;

/// As JSON.
///
/// # Errors
/// None that these types can have.
pub fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

/// An error at its place.
#[derive(Serialize)]
pub struct Diagnostic {
    code: String,
    message: String,
    help: Vec<String>,
    file: Option<String>,
    line: Option<u64>,
    column: Option<u32>,
    from: Option<u64>,
    to: Option<u64>,
}

/// Errors with their places.
pub fn diagnostics(errors: &Errors) -> Vec<Diagnostic> {
    let told = |diagnostic: &capelint::diagnostic::Diagnostic| {
        let place = diagnostic.labels.first().map(|label| label.place);
        Diagnostic {
            code: diagnostic.code.to_string(),
            message: diagnostic.message.shown().into_owned(),
            help: diagnostic.help.iter().map(|help| help.shown().into_owned()).collect(),
            file: place.map(|place| errors.sources.name(place.file).to_string()),
            line: place.map(|place| place.line.into()),
            column: place.map(|place| place.column),
            from: place.map(|place| place.span.start()),
            to: place.map(|place| place.span.end()),
        }
    };
    errors.diagnostics.iter().map(told).collect()
}

#[derive(Serialize)]
pub struct About {
    version: &'static str,
    pack: String,
    tables: Vec<TableInfo>,
}

#[derive(Serialize)]
struct TableInfo {
    name: String,
    title: String,
    rules: Vec<RuleName>,
}

/// A rule by its name and its title.
#[derive(Clone, Serialize)]
struct RuleName {
    id: String,
    title: String,
}

/// The version, the rule pack and the tables.
pub fn about(rules: &Rules) -> About {
    let titles: HashMap<String, String> =
        rules.list().into_iter().map(|rule| (rule.id, rule.title.to_string())).collect();
    let named = |id: String| RuleName { title: titles.get(&id).cloned().unwrap_or_default(), id };
    let tables = rules.tables().into_iter().map(|table| TableInfo {
        name: table.name,
        title: table.title.to_string(),
        rules: table.rules.into_iter().map(named).collect(),
    });
    let pack = rules.pack();
    About {
        version: capelint::frontend::VERSION,
        pack: format!("{} {}", pack.name, pack.version),
        tables: tables.collect(),
    }
}

/// What a file is used as: `declaration`, `table:NAME`, `configuration`, `rules`.
#[derive(Serialize)]
pub struct Used {
    #[serde(rename = "use")]
    used_as: String,
    note: Option<String>,
}

/// What a file was taken for.
pub fn recognized(recognized: &Recognized) -> Used {
    let used_as = match &recognized.file_use {
        FileUse::Declaration => "declaration".to_owned(),
        FileUse::Table(table) => format!("table:{table}"),
        FileUse::Configuration => "configuration".to_owned(),
        FileUse::Rules => "rules".to_owned(),
    };
    let also = &recognized.also;
    let note = (!also.is_empty())
        .then(|| format!("Its headers also fit: {}. Confirm the choice.", OutsideString::joined(also, "; ")));
    Used { used_as, note }
}

/// What a file is used as, from the word for it.
pub fn file_use(used_as: &str) -> FileUse {
    match used_as.strip_prefix("table:") {
        Some(table) => FileUse::Table(table.to_owned()),
        None => FileUse::Declaration,
    }
}

#[derive(Serialize)]
pub struct Counted {
    rows: u64,
    entries: usize,
    exported: Option<String>,
}

impl From<FileCount> for Counted {
    fn from(FileCount { rows, entries, exported }: FileCount) -> Self {
        Self { rows, entries, exported: exported.map(|day| day.to_string()) }
    }
}

/// Entries and their IEEPA duty.
#[derive(Default, Serialize)]
struct Figure {
    entries: usize,
    duty: Option<String>,
}

#[derive(Serialize)]
struct Stop {
    rule: String,
    title: String,
    entry: String,
    message: String,
    help: String,
}

/// What only the user can provide, and what is open without it.
#[derive(Serialize)]
struct Missing {
    /// The list that was not provided.
    table: Option<String>,
    /// The member of `account` that is not set.
    setting: Option<&'static str>,
    text: String,
    help: String,
    /// Entries that are undecided without it.
    entries: usize,
    /// Rules that are not checked, or undecided, without it.
    rules: Vec<RuleName>,
    /// Rules that the other sources decided.
    elsewhere: Vec<RuleName>,
}

/// The words of the page for the steps that it offers.
#[derive(Debug)]
struct Page;

impl Frontend for Page {
    fn provide_table(&self, _table: &str, optional: bool) -> String {
        if optional {
            "drop the list above, or tick “Nothing to list” if there is none".to_owned()
        } else {
            "drop the file above".to_owned()
        }
    }

    fn set_account(&self, name: &str) -> String {
        match name {
            "role" => "choose the account that files, under “Filing date and account”".to_owned(),
            "importer_numbers" => "write the importer numbers under “Filing date and account”".to_owned(),
            "filer_codes" => "write the filer codes under “Filing date and account”".to_owned(),
            other => format!(
                "set `{other}` under `account` in capelint.yaml, at the end of “Filing date and account”"
            ),
        }
    }

    fn state_export_date(&self, _table: &str) -> String {
        "write the day of the export on the card of the file".to_owned()
    }

    fn explain_entry(&self) -> String {
        "look the entry up in the report".to_owned()
    }
}

/// What the batches of a check add up to.
#[derive(Default)]
pub struct Figures {
    verdicts: BTreeMap<&'static str, (usize, Option<Decimal>)>,
    accepted: usize,
    stops: Vec<Stop>,
    more_stops: usize,
    /// How many entries are undecided for each cause that the user can remove.
    undecided: BTreeMap<String, usize>,
}

impl Figures {
    /// Adds what a batch gave.
    pub fn add(&mut self, checked: &capelint::Checked<'_>) {
        let outcome = &checked.outcome;
        for entry in &outcome.entries {
            if entry.is_accepted_by_you() {
                self.accepted += 1;
                continue;
            }
            let (entries, duty) = self.verdicts.entry(entry.after_waivers.name()).or_default();
            *entries += 1;
            if let Some(more) = entry.ieepa_duty {
                *duty = Some(duty.unwrap_or_default().saturating_add(more));
            }
        }
        let stops = (outcome.findings.iter())
            .filter(|finding| finding.waived.is_none() && finding.severity == Severity::Stop)
            .filter_map(|finding| Some((finding, outcome.entries[finding.entry()?].number?)));
        for (finding, number) in stops {
            if self.stops.len() == MAX_STOPS {
                self.more_stops += 1;
                continue;
            }
            self.stops.push(Stop {
                rule: outcome.rule(finding.rule).id.clone(),
                title: outcome.rule(finding.rule).title.to_string(),
                entry: number.to_string(),
                message: finding.message.to_string(),
                help: finding.help.as_ref().map(ToString::to_string).unwrap_or_default(),
            });
        }
        self.count_undecided(checked);
    }

    fn count_undecided(&mut self, checked: &capelint::Checked<'_>) {
        let outcome = &checked.outcome;
        let mut of_cause: BTreeMap<String, HashSet<usize>> = BTreeMap::new();
        for (at, undecided) in outcome.undecided.iter().enumerate() {
            if !is_for_the_user(&undecided.cause) || undecided.optional || undecided.is_in_part() {
                continue;
            }
            let is_open = |entry: &usize| {
                let entry = &outcome.entries[*entry];
                entry.after_waivers == Verdict::Undecided && entry.undecided.contains(&undecided.rule)
            };
            let entries = of_cause.entry(undecided.cause.text(&checked.sources).to_string()).or_default();
            if undecided.for_all {
                entries.extend((0..outcome.entries.len()).filter(is_open));
            } else {
                let of = outcome.undecided_of.iter().filter(|of| of.undecided as usize == at);
                entries.extend(of.map(|of| of.entry as usize).filter(is_open));
            }
        }
        for (cause, entries) in of_cause {
            *self.undecided.entry(cause).or_default() += entries.len();
        }
    }
}

/// Whether a cause is something that the user did not provide, and not a cell of a file.
fn is_for_the_user(cause: &UndecidedCause) -> bool {
    matches!(
        cause,
        UndecidedCause::NoTable(_)
            | UndecidedCause::NoColumn { .. }
            | UndecidedCause::NoSetting { .. }
            | UndecidedCause::NoExportDate(_)
    )
}

/// What came out of a check.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    planned: bool,
    verdicts: BTreeMap<&'static str, Figure>,
    accepted: usize,
    stops: Vec<Stop>,
    more_stops: usize,
    missing: Vec<Missing>,
    checklist: Vec<String>,
}

impl Checked {
    /// `planned`: every entry of the export was checked. `named` are files that the configuration names and
    /// that were not provided.
    pub fn of(
        figures: Figures,
        overall: &capelint::Checked<'_>,
        planned: bool,
        named: &[String],
        rules: &Rules,
    ) -> Self {
        let Figures { verdicts: mut sums, accepted, stops, more_stops, undecided } = figures;
        for &verdict in Verdict::ALL {
            sums.entry(verdict.name()).or_default();
        }
        let verdicts = sums.into_iter().map(|(name, (entries, duty))| {
            (name, Figure { entries, duty: duty.map(|duty| format!("{} IEEPA duty", dollars(duty))) })
        });
        Self {
            planned,
            verdicts: verdicts.collect(),
            accepted,
            more_stops,
            stops,
            missing: missing(overall, named, &undecided, rules),
            checklist: capelint::frontend::checklist().iter().map(|item| item.question.clone()).collect(),
        }
    }
}

fn missing(
    overall: &capelint::Checked<'_>,
    named: &[String],
    undecided: &BTreeMap<String, usize>,
    rules: &Rules,
) -> Vec<Missing> {
    let outcome = &overall.outcome;
    let files = named.iter().map(|name| Missing {
        table: None,
        setting: None,
        text: format!("capelint.yaml names `{name}`, which was not provided"),
        help: "drop the file above".to_owned(),
        entries: 0,
        rules: Vec::new(),
        elsewhere: Vec::new(),
    });
    let mut missing: Vec<Missing> = files.collect();
    let titles: HashMap<String, String> =
        rules.list().into_iter().map(|rule| (rule.id, rule.title.to_string())).collect();
    for open in outcome.undecided.iter().filter(|open| is_for_the_user(&open.cause)) {
        let text = open.cause.text(&overall.sources).to_string();
        let at = missing.iter().position(|other| other.text == text).unwrap_or_else(|| {
            missing.push(Missing {
                table: match &open.cause {
                    UndecidedCause::NoTable(table) => Some(table.name.to_string()),
                    _ => None,
                },
                setting: match &open.cause {
                    UndecidedCause::NoSetting { name } => Some(name),
                    _ => None,
                },
                help: open.cause.help(&Page).to_string(),
                entries: undecided.get(&text).copied().unwrap_or_default(),
                text,
                rules: Vec::new(),
                elsewhere: Vec::new(),
            });
            missing.len() - 1
        });
        let id = outcome.rule(open.rule).id.clone();
        let name = RuleName { title: titles.get(&id).cloned().unwrap_or_default(), id };
        let list = if open.is_in_part() { &mut missing[at].elsewhere } else { &mut missing[at].rules };
        if list.iter().all(|other| other.id != name.id) {
            list.push(name);
        }
    }
    missing
}

/// The verdict of each entry, as few bytes as possible: an export may have hundreds of thousands.
#[derive(Default)]
pub struct Seen(Vec<(Option<EntryNumber>, Verdict)>);

impl Seen {
    /// Adds what a batch gave.
    pub fn add(&mut self, checked: &capelint::Checked<'_>) {
        self.0.extend(checked.outcome.entries.iter().map(|entry| (entry.number, entry.after_waivers)));
    }

    fn verdicts(&self) -> BTreeMap<&'static str, usize> {
        let mut verdicts: BTreeMap<_, _> = Verdict::ALL.iter().map(|verdict| (verdict.name(), 0)).collect();
        for (_, verdict) in &self.0 {
            *verdicts.entry(verdict.name()).or_default() += 1;
        }
        verdicts
    }
}

/// What house rules change.
#[derive(Serialize)]
pub struct Compared {
    without: BTreeMap<&'static str, usize>,
    with: BTreeMap<&'static str, usize>,
    /// The first entries whose verdict differs.
    changed: Vec<Change>,
    /// How many more there are.
    more: usize,
}

#[derive(Serialize)]
struct Change {
    entry: String,
    without: &'static str,
    with: &'static str,
}

impl Compared {
    /// Both are of the same files, so that their entries are in the same order.
    pub fn of(without: &Seen, with: &Seen) -> Self {
        let pairs = without.0.iter().zip(&with.0);
        let mut differ = pairs.filter(|(before, after)| before.1 != after.1);
        let changed = differ.by_ref().take(MAX_CHANGES).map(|((number, before), (_, after))| Change {
            entry: number.map_or_else(|| "(no entry number)".to_owned(), |number| number.to_string()),
            without: before.name(),
            with: after.name(),
        });
        let changed: Vec<Change> = changed.collect();
        Self { without: without.verdicts(), with: with.verdicts(), changed, more: differ.count() }
    }
}

#[derive(Serialize)]
pub struct RuleText {
    id: String,
    severity: &'static str,
    title: String,
    text: String,
    sources: Vec<String>,
}

/// All rules, to be read.
pub fn rules(rules: &Rules) -> Vec<RuleText> {
    let of = |rule: capelint::engine::ListedRule| RuleText {
        severity: rule.severity.name(),
        text: rules.describe_rule(&rule.id).map(|card| card.to_string()).unwrap_or_default(),
        id: rule.id,
        title: rule.title.to_string(),
        sources: rule.sources.iter().map(ToString::to_string).collect(),
    };
    rules.list().into_iter().map(of).collect()
}

#[derive(Serialize)]
pub struct Tests {
    passed: bool,
    text: String,
}

/// Runs the tests of the rules in some files.
pub fn tests(rules: &Rules, of: impl Fn(&str) -> bool) -> Tests {
    let sources: &Sources = rules.sources();
    let run = rules.run_tests(of, TestChoice::default());
    let failed = run.failures.len();
    let mut text =
        format!("{} rules, {} tests: {} passed, {failed} failed\n", run.rules, run.tests, run.tests - failed);
    if failed > 0 {
        text.push_str(&Errors::new(run.failures, sources.clone()).to_string());
    }
    Tests { passed: failed == 0, text }
}
