//! What a run found, in numbers.

use super::run::PackRecord;
use super::{SCHEMA, day, some_day};
use crate::duty::DutySum;
use crate::finding::{Outcome, Severity};
use crate::outside::OutsideString;
use crate::report::{ClientCount, ReportInput, Share, Summary, Verdicts, text};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// The counts of the run.
#[derive(JsonSchema, Serialize)]
pub(super) struct SummaryRecord<'a> {
    schema: u32,
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    filing_date: NaiveDate,
    pack: PackRecord<'a>,
    /// Distinct entries of all declarations.
    entries: usize,
    /// Entries by verdict after waivers; those that only your word lets pass are counted apart.
    verdicts: VerdictsRecord,
    /// The rejected entries by what is to be done about them.
    remedies: Vec<RemedyRecord>,
    /// Findings that count, by severity.
    severities: SeveritiesRecord,
    /// Findings that do not count.
    waived_count: usize,
    /// Rules that were violated: most severe first, then most often.
    rule_counts: Vec<RuleRecord<'a>>,
    /// How many `undecided` records there are.
    undecided_count: usize,
    /// What is left to do, with dollars and the first last days.
    standings: Vec<StandingRecord>,
    /// Rules that were turned off for this run.
    turned_off: &'a [String],
    /// Rules that the configuration or rule files changed, in words.
    rule_changes: Option<String>,
    /// Settings of the rules that the configuration changed.
    settings: Vec<SettingRecord<'a>>,
    /// The first day after which entries leave the 80-day window.
    first_deadline: Option<DeadlineRecord>,
    /// Each declaration's verdicts.
    declarations: Vec<DeclarationRecord<'a>>,
    /// The same of each client that has entries, in the order of the configuration; last the entries of no
    /// client. Empty where the configuration has no clients.
    clients: Vec<ClientRecord<'a>>,
}

impl<'a> SummaryRecord<'a> {
    pub(super) fn of(input: ReportInput<'a>, summary: &Summary) -> Self {
        let outcome = input.outcome;
        let rules = summary.rules.iter().map(|count| RuleRecord {
            rule: &input.rule(count.rule).id,
            severity: Severity::name(count.severity),
            findings: count.findings,
            waived_count: count.waived,
            entries: count.entries,
            duty: count.duty.into(),
        });
        let declarations = outcome.declarations.iter().map(|declaration| {
            let entries = &outcome.entries[declaration.entries.clone()];
            DeclarationRecord {
                file: input.sources.name(declaration.file).masked(),
                entries: entries.len(),
                verdicts: Verdicts::of(entries).into(),
                standings: StandingRecord::all(&Share::of(
                    &outcome.entries[declaration.entries.clone()],
                    outcome.filing_date,
                )),
            }
        });
        Self {
            schema: SCHEMA,
            filing_date: outcome.filing_date,
            pack: PackRecord::of(&outcome.pack),
            entries: summary.verdicts.entries,
            verdicts: summary.verdicts.into(),
            remedies: (summary.remedies.iter())
                .map(|count| RemedyRecord {
                    remedy: count.remedy.name(),
                    entries: count.entries,
                    duty: count.duty.into(),
                })
                .collect(),
            severities: SeveritiesRecord {
                error: summary.errors,
                stop: summary.stops,
                warning: summary.warnings,
                note: summary.notes,
            },
            waived_count: summary.waived,
            rule_counts: rules.collect(),
            undecided_count: outcome.undecided.len(),
            standings: StandingRecord::all(&summary.shares),
            turned_off: &outcome.turned_off,
            rule_changes: text::rule_changes(&outcome.rule_changes),
            settings: outcome
                .settings
                .iter()
                .map(|setting| SettingRecord {
                    name: &setting.name,
                    value: setting.value.masked(),
                    default: setting.default.masked(),
                    unit: setting.unit.as_ref().map(OutsideString::masked),
                })
                .collect(),
            first_deadline: summary.first_deadline.map(|(date, entries)| DeadlineRecord { date, entries }),
            declarations: declarations.collect(),
            clients: ClientRecord::all(outcome, &summary.clients),
        }
    }
}

/// A setting that the configuration changed, with its values as messages print them.
#[derive(JsonSchema, Serialize)]
struct SettingRecord<'a> {
    name: &'a str,
    value: Cow<'a, str>,
    default: Cow<'a, str>,
    unit: Option<Cow<'a, str>>,
}

#[derive(JsonSchema, Serialize)]
struct VerdictsRecord {
    ready: usize,
    warned: usize,
    undecided: usize,
    stopped: usize,
    rejected: usize,
    accepted_by_you: usize,
}

impl From<Verdicts> for VerdictsRecord {
    fn from(counts: Verdicts) -> Self {
        Self {
            ready: counts.ready,
            warned: counts.warned,
            undecided: counts.undecided,
            stopped: counts.stopped,
            rejected: counts.rejected,
            accepted_by_you: counts.accepted_by_you,
        }
    }
}

/// How many rejected entries need the same kind of work.
#[derive(JsonSchema, Serialize)]
struct RemedyRecord {
    /// `repair`, `resolve`, `out` or `accepted`.
    remedy: &'static str,
    entries: usize,
    #[serde(flatten)]
    duty: DutyRecord,
}

#[derive(JsonSchema, Serialize)]
struct SeveritiesRecord {
    error: usize,
    stop: usize,
    warning: usize,
    note: usize,
}

/// How often a rule was violated.
#[derive(JsonSchema, Serialize)]
struct RuleRecord<'a> {
    rule: &'a str,
    severity: &'static str,
    findings: usize,
    waived_count: usize,
    /// Distinct entries.
    entries: usize,
    /// That on those entries.
    #[serde(flatten)]
    duty: DutyRecord,
}

#[derive(JsonSchema, Serialize)]
struct DeadlineRecord {
    #[serde(serialize_with = "some_day")]
    #[schemars(with = "String")]
    date: NaiveDate,
    /// Entries whose last day it is.
    entries: usize,
}

#[derive(JsonSchema, Serialize)]
struct DeclarationRecord<'a> {
    file: Cow<'a, str>,
    entries: usize,
    verdicts: VerdictsRecord,
    standings: Vec<StandingRecord>,
}

/// IEEPA duty on several entries.
#[derive(JsonSchema, Serialize)]
pub struct DutyRecord {
    /// US dollars, with two decimals; `null` where it is known of none of them.
    ieepa_duty: Option<String>,
    /// Whether that is an upper bound of the refund.
    ieepa_duty_is_upper_bound: bool,
    /// For how many entries the duty is unknown; they count as nothing.
    unknown_duty: u32,
}

impl From<DutySum> for DutyRecord {
    fn from(duty: DutySum) -> Self {
        Self {
            ieepa_duty: duty.some().map(text::cents),
            ieepa_duty_is_upper_bound: duty.is_upper_bound,
            unknown_duty: duty.unknown,
        }
    }
}

/// What became of the entries of a client.
#[derive(JsonSchema, Serialize)]
pub(crate) struct ClientRecord<'a> {
    /// Its name; `null`: the entries are of no client.
    client: Option<Cow<'a, str>>,
    entries: usize,
    verdicts: VerdictsRecord,
    standings: Vec<StandingRecord>,
}

impl<'a> ClientRecord<'a> {
    pub(crate) fn all(outcome: &'a Outcome, counts: &[ClientCount]) -> Vec<Self> {
        let of = |count: &ClientCount| Self {
            client: count.client.map(|client| outcome.clients[client.0 as usize].masked()),
            entries: count.verdicts.entries,
            verdicts: count.verdicts.into(),
            standings: StandingRecord::all(&count.shares),
        };
        counts.iter().map(of).collect()
    }
}

/// The entries about which the same is left to do.
#[derive(JsonSchema, Serialize)]
pub struct StandingRecord {
    /// See the entries' `standing`.
    standing: &'static str,
    entries: usize,
    #[serde(flatten)]
    duty: DutyRecord,
    /// The first last day to file that is not past.
    #[serde(serialize_with = "day")]
    #[schemars(with = "Option<String>")]
    deadline: Option<NaiveDate>,
    /// The entries whose last day that is; the bare numbers.
    first_entries: Vec<String>,
}

impl StandingRecord {
    pub fn all(shares: &[Share]) -> Vec<Self> {
        let of = |share: &Share| {
            let first = share.first_day.as_ref();
            Self {
                standing: share.standing.name(),
                entries: share.entries,
                duty: share.duty.into(),
                deadline: first.map(|(day, _)| *day),
                first_entries: first
                    .into_iter()
                    .flat_map(|(_, entries)| entries)
                    .map(|number| number.as_str().into())
                    .collect(),
            }
        };
        shares.iter().map(of).collect()
    }
}
