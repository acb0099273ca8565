//! What the engine answers, as the page reads it: see `app/protocol.ts`.

use std::collections::BTreeMap;

use capelint::door::text::{dollars, shown};
use capelint::engine::{FileCount, FileUse, Recognized};
use capelint::rule_tests::TestChoice;
use capelint::{Errors, Rules, Severity, Sources, Verdict};
use rust_decimal::Decimal;
use serde::Serialize;

/// How many stops are given one by one; the report has all.
const MAX_STOPS: usize = 200;

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
            message: shown(&diagnostic.message).into_owned(),
            help: diagnostic.help.iter().map(|help| shown(help).into_owned()).collect(),
            file: place.map(|place| errors.sources.name(place.file).to_string()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            from: place.map(|place| place.span.start),
            to: place.map(|place| place.span.end),
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
    rules: Vec<String>,
}

/// The version, the rule pack and the tables.
pub fn about(rules: &Rules) -> About {
    let tables = rules.tables().into_iter().map(|table| TableInfo {
        name: table.name,
        title: table.title,
        rules: table.rules,
    });
    let pack = rules.pack();
    About {
        version: capelint::door::VERSION,
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
    let note =
        (!also.is_empty()).then(|| format!("Its headers also fit: {}. Confirm the choice.", also.join("; ")));
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

#[derive(Serialize)]
struct Missing {
    text: String,
    help: String,
    rules: Vec<String>,
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
        checked: &capelint::Checked<'_>,
        planned: bool,
        named: &[String],
        door: &dyn capelint::door::Door,
    ) -> Self {
        let outcome = &checked.outcome;
        let mut sums: BTreeMap<&'static str, (usize, Option<Decimal>)> = BTreeMap::new();
        for &verdict in Verdict::ALL {
            sums.insert(verdict.name(), (0, None));
        }
        for entry in outcome.entries.iter().filter(|entry| !entry.is_accepted_by_you()) {
            let (entries, duty) = sums.entry(entry.after_waivers.name()).or_default();
            *entries += 1;
            if let Some(more) = entry.ieepa_duty {
                *duty = Some(duty.unwrap_or_default().saturating_add(more));
            }
        }
        let verdicts = sums.into_iter().map(|(name, (entries, duty))| {
            (name, Figure { entries, duty: duty.map(|duty| format!("{} IEEPA duty", dollars(duty))) })
        });
        let stops: Vec<_> = (outcome.findings.iter())
            .filter(|finding| finding.waived.is_none() && finding.severity == Severity::Stop)
            .filter_map(|finding| Some((finding, outcome.entries[finding.entry?].number?)))
            .collect();
        let shown = stops.iter().take(MAX_STOPS).map(|(finding, number)| Stop {
            rule: outcome.rule(finding.rule).id.clone(),
            title: outcome.rule(finding.rule).title.clone(),
            entry: number.to_string(),
            message: finding.message.to_string(),
            help: finding.help.as_ref().map(ToString::to_string).unwrap_or_default(),
        });
        let mut missing: Vec<Missing> = named
            .iter()
            .map(|name| Missing {
                text: format!("capelint.yaml names `{name}`, which was not provided"),
                help: "drop the file above".into(),
                rules: Vec::new(),
            })
            .collect();
        for undecided in &outcome.undecided {
            let rule = outcome.rule(undecided.rule).id.clone();
            let text = undecided.cause.text(&checked.sources);
            match missing.iter_mut().find(|other| other.text == text) {
                Some(other) => other.rules.push(rule),
                None => {
                    let help = undecided.cause.help(door);
                    missing.push(Missing { text, help, rules: vec![rule] });
                }
            }
        }
        Self {
            planned,
            verdicts: verdicts.collect(),
            accepted: outcome.entries.iter().filter(|entry| entry.is_accepted_by_you()).count(),
            more_stops: stops.len().saturating_sub(MAX_STOPS),
            stops: shown.collect(),
            missing,
            checklist: capelint::door::checklist().iter().map(|item| item.question.clone()).collect(),
        }
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
        title: rule.title,
        sources: rule.sources,
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
