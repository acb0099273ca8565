//! Counts that every report gives: of findings, rules, verdicts, and the first deadline.

use std::ops::AddAssign;

use chrono::NaiveDate;
use strum::{IntoStaticStr, VariantArray};

use crate::duty::DutySum;
use crate::entry::EntryNumber;
use crate::finding::{ClientId, Entry, Outcome, Verdict};
use crate::finding::{Remedy, RuleId, Severity};

/// The counts of a run. Caps on what is printed never change them.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Errors that count.
    pub errors: usize,
    /// Stops that count.
    pub stops: usize,
    /// Warnings that count.
    pub warnings: usize,
    /// Notes that count.
    pub notes: usize,
    /// Findings that a waiver or the baseline keeps from counting.
    pub waived: usize,
    /// The rules that were violated: most severe first, then most often, then by name.
    pub rules: Vec<RuleCount>,
    /// What became of the entries of all declarations.
    pub verdicts: Verdicts,
    /// What is to be done about the rejected entries, where there are any.
    pub remedies: Vec<RemedyCount>,
    /// What is left to do, with dollars and days.
    pub shares: Vec<Share>,
    /// See [`Outcome::first_deadline`].
    pub first_deadline: Option<(NaiveDate, usize)>,
    /// What became of the entries of each client that has any, in the order of the configuration; last those
    /// of none. Nothing where there are no clients.
    pub clients: Vec<ClientCount>,
}

/// How often a rule was violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleId,
    /// The most severe of its findings.
    pub severity: Severity,
    /// Findings that count.
    pub findings: usize,
    /// Findings that are waived.
    pub waived: usize,
    /// Distinct entries among the findings that count.
    pub entries: usize,
    /// The IEEPA duty on those entries.
    pub duty: DutySum,
}

/// How many rejected entries need the same kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemedyCount {
    /// What is to be done.
    pub remedy: Remedy,
    /// For how many entries.
    pub entries: usize,
    /// Their IEEPA duty.
    pub duty: DutySum,
}

impl RemedyCount {
    /// Counts the rejected entries by what is to be done, in the order of [`Remedy::ALL`].
    pub fn of(entries: &[Entry]) -> Vec<Self> {
        let count = |&remedy: &Remedy| {
            let of_it = entries.iter().filter(|entry| {
                entry.after_waivers.is_rejected() && entry.remedy.unwrap_or_default() == remedy
            });
            let mut count = Self { remedy, entries: 0, duty: DutySum::default() };
            for entry in of_it {
                count.entries += 1;
                count.duty.add(entry);
            }
            count
        };
        Remedy::ALL.iter().map(count).filter(|count| count.entries > 0).collect()
    }
}

/// What is left to do about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// It may be uploaded, with warnings or without.
    MayBeUploaded,
    /// It may be uploaded only because of waivers or the baseline.
    AcceptedByYou,
    /// `capelint fix` repairs it.
    Repair,
    /// Something must be resolved first: a statement, a protest, a correction, a person's decision.
    Resolve,
    /// A rule that could keep it from being uploaded is undecided.
    Undecided,
    /// It is not this account's to file.
    OtherFiler,
    /// It is out of CAPE.
    Out,
    /// CBP accepted it before.
    AcceptedBefore,
}

impl Standing {
    /// All of them, in the order in which reports have them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// That of an entry.
    pub fn of(entry: &Entry) -> Self {
        match (entry.after_waivers, entry.remedy) {
            (Verdict::Ready | Verdict::Warned, _) if entry.is_accepted_by_you() => Self::AcceptedByYou,
            (Verdict::Ready | Verdict::Warned, _) => Self::MayBeUploaded,
            (Verdict::Undecided, _) => Self::Undecided,
            (Verdict::Stopped | Verdict::Rejected, Some(Remedy::Repair)) => Self::Repair,
            (Verdict::Stopped | Verdict::Rejected, Some(Remedy::Resolve) | None) => Self::Resolve,
            (Verdict::Stopped | Verdict::Rejected, Some(Remedy::OtherFiler)) => Self::OtherFiler,
            (Verdict::Stopped | Verdict::Rejected, Some(Remedy::Out)) => Self::Out,
            (Verdict::Stopped | Verdict::Rejected, Some(Remedy::Accepted)) => Self::AcceptedBefore,
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::MayBeUploaded => "may be uploaded",
            Self::AcceptedByYou => "accepted by you",
            Self::Repair => "`capelint fix` repairs",
            Self::Resolve => "to resolve first",
            Self::Undecided => "undecided",
            Self::OtherFiler => "for another filer",
            Self::Out => "out of CAPE",
            Self::AcceptedBefore => "accepted before",
        }
    }

    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it can still be filed, now or later.
    pub fn is_open(self) -> bool {
        match self {
            Self::MayBeUploaded
            | Self::AcceptedByYou
            | Self::Repair
            | Self::Resolve
            | Self::Undecided
            | Self::OtherFiler => true,
            Self::Out | Self::AcceptedBefore => false,
        }
    }
}

/// The entries about which the same is left to do, with what is at stake and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What is left to do.
    pub standing: Standing,
    /// How many entries.
    pub entries: usize,
    /// Their IEEPA duty.
    pub duty: DutySum,
    /// The first last day to file that is not past, and the entries whose it is.
    pub first_day: Option<(NaiveDate, Vec<EntryNumber>)>,
}

impl Share {
    /// The shares of a run's entries, in the order of [`Standing::ALL`], without those of no entry.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>, filing_date: NaiveDate) -> Vec<Self> {
        Self::by(entries.into_iter().map(|entry| (Standing::of(entry), entry)), filing_date)
    }

    /// As [`Share::of`], with what is left to do about each entry given.
    pub fn by<'e>(
        entries: impl IntoIterator<Item = (Standing, &'e Entry)>,
        filing_date: NaiveDate,
    ) -> Vec<Self> {
        let mut shares = Self::none();
        for (standing, entry) in entries {
            shares[standing as usize].add(entry, filing_date);
        }
        shares.retain(|share| share.entries > 0);
        shares
    }

    /// Takes those of another batch into those of a run.
    pub fn merge(shares: &mut Vec<Self>, others: Vec<Self>) {
        for other in others {
            match shares.binary_search_by_key(&other.standing, |share| share.standing) {
                Ok(at) => shares[at].take(other),
                Err(at) => shares.insert(at, other),
            }
        }
    }

    fn none() -> Vec<Self> {
        let empty = |standing| Self { standing, entries: 0, duty: DutySum::default(), first_day: None };
        Standing::ALL.iter().copied().map(empty).collect()
    }

    fn add(&mut self, entry: &Entry, today: NaiveDate) {
        self.entries += 1;
        self.duty.add(entry);
        let Some(day) = entry.deadline.filter(|day| self.standing.is_open() && *day >= today) else { return };
        self.until(day, entry.number);
    }

    fn take(&mut self, other: Self) {
        self.entries += other.entries;
        self.duty += other.duty;
        if let Some((day, entries)) = other.first_day {
            self.until(day, entries);
        }
    }

    fn until(&mut self, day: NaiveDate, numbers: impl IntoIterator<Item = EntryNumber>) {
        match &mut self.first_day {
            Some((first, entries)) if *first == day => entries.extend(numbers),
            Some((first, _)) if *first < day => {}
            first => *first = Some((day, numbers.into_iter().collect())),
        }
    }
}

/// What became of the entries of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCount {
    /// The client; `None`: the entries are of no client.
    pub client: Option<ClientId>,
    /// Their verdicts.
    pub verdicts: Verdicts,
    /// What is left to do, with dollars and days.
    pub shares: Vec<Share>,
}

impl ClientCount {
    /// Counts these entries of an outcome for each client that has any, in the order of the configuration; last
    /// those of none.
    pub fn of<'e>(outcome: &Outcome, entries: impl IntoIterator<Item = &'e Entry>) -> Vec<Self> {
        if outcome.clients.is_empty() {
            return Vec::new();
        }
        let mut by_client: Vec<Vec<&Entry>> = vec![Vec::new(); outcome.clients.len() + 1];
        for entry in entries {
            let client = entry.facts.client.map_or(outcome.clients.len(), |client| client.0 as usize);
            by_client[client].push(entry);
        }
        let count = |(client, entries): (usize, Vec<&Entry>)| Self {
            client: (client < outcome.clients.len()).then_some(ClientId(client as u32)),
            verdicts: Verdicts::of(entries.iter().copied()),
            shares: Share::of(entries.iter().copied(), outcome.filing_date),
        };
        by_client.into_iter().enumerate().filter(|(_, entries)| !entries.is_empty()).map(count).collect()
    }

    /// Takes those of another batch into those of a run.
    pub fn merge(counts: &mut Vec<Self>, others: Vec<Self>) {
        let order = |count: &Self| (count.client.is_none(), count.client);
        for other in others {
            match counts.binary_search_by_key(&order(&other), order) {
                Ok(at) => {
                    counts[at].verdicts += other.verdicts;
                    Share::merge(&mut counts[at].shares, other.shares);
                }
                Err(at) => counts.insert(at, other),
            }
        }
    }

    /// The first last day to file that is not past, of entries that can still be filed.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.shares.iter().filter_map(|share| share.first_day.as_ref()).map(|(day, _)| *day).min()
    }
}

/// What became of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// How many there are.
    pub entries: usize,
    /// See [`Verdict::Ready`].
    pub ready: usize,
    /// See [`Verdict::Warned`].
    pub warned: usize,
    /// See [`Verdict::Undecided`].
    pub undecided: usize,
    /// See [`Verdict::Stopped`].
    pub stopped: usize,
    /// See [`Verdict::Rejected`].
    pub rejected: usize,
    /// See [`Entry::is_accepted_by_you`]. These are counted here and under no verdict.
    pub accepted_by_you: usize,
    /// What their verdicts are, in the order of [`Verdict::ALL`].
    pub accepted_of: [usize; 5],
}

impl Verdicts {
    /// Counts entries by what is left after waivers and the baseline: an entry whose error is waived, but
    /// which is undecided besides, still waits for the decision.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            counts.entries += 1;
            if entry.is_accepted_by_you() {
                counts.accepted_by_you += 1;
                counts.accepted_of[entry.verdict as usize] += 1;
                continue;
            }
            match entry.after_waivers {
                Verdict::Ready => counts.ready += 1,
                Verdict::Warned => counts.warned += 1,
                Verdict::Undecided => counts.undecided += 1,
                Verdict::Stopped => counts.stopped += 1,
                Verdict::Rejected => counts.rejected += 1,
            }
        }
        counts
    }

    /// The count of a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Ready => self.ready,
            Verdict::Warned => self.warned,
            Verdict::Undecided => self.undecided,
            Verdict::Stopped => self.stopped,
            Verdict::Rejected => self.rejected,
        }
    }
}

/// Adds what became of other entries.
impl AddAssign for Verdicts {
    fn add_assign(&mut self, other: Self) {
        let Self { entries, ready, warned, undecided, stopped, rejected, accepted_by_you, accepted_of } =
            other;
        self.entries += entries;
        self.ready += ready;
        self.warned += warned;
        self.undecided += undecided;
        self.stopped += stopped;
        self.rejected += rejected;
        self.accepted_by_you += accepted_by_you;
        self.accepted_of.iter_mut().zip(accepted_of).for_each(|(count, of)| *count += of);
    }
}

impl Summary {
    /// Counts an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        let mut summary = Self {
            errors: 0,
            stops: 0,
            warnings: 0,
            notes: 0,
            waived: 0,
            rules: Vec::new(),
            verdicts: Verdicts::of(&outcome.entries),
            remedies: RemedyCount::of(&outcome.entries),
            shares: Share::of(&outcome.entries, outcome.filing_date),
            first_deadline: outcome.first_deadline(),
            clients: ClientCount::of(outcome, &outcome.entries),
        };
        let mut rules: Vec<Option<RuleCount>> = vec![None; outcome.rules.len()];
        // An entry that a rule finds twice (in two rows) is counted once, and so is its duty.
        let mut seen: Vec<hashbrown::HashSet<usize>> = vec![hashbrown::HashSet::new(); outcome.rules.len()];
        for finding in &outcome.findings {
            let at = usize::from(finding.rule.0);
            let rule = rules[at].get_or_insert(RuleCount {
                rule: finding.rule,
                severity: finding.severity,
                findings: 0,
                waived: 0,
                entries: 0,
                duty: DutySum::default(),
            });
            rule.severity = rule.severity.max(finding.severity);
            if finding.waived.is_some() {
                summary.waived += 1;
                rule.waived += 1;
                continue;
            }
            rule.findings += 1;
            match finding.severity {
                Severity::Error => summary.errors += 1,
                Severity::Stop => summary.stops += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Note => summary.notes += 1,
            }
            if let Some(entry) = finding.entry()
                && seen[at].insert(entry)
            {
                rule.entries += 1;
                rule.duty.add(&outcome.entries[entry]);
            }
        }
        summary.rules = rules.into_iter().flatten().collect();
        summary.rules.sort_by(|a, b| {
            let name = |count: &RuleCount| &outcome.rules[usize::from(count.rule.0)].id;
            (b.severity, b.findings).cmp(&(a.severity, a.findings)).then_with(|| name(a).cmp(name(b)))
        });
        summary
    }

    /// All findings that count.
    pub fn findings(&self) -> usize {
        self.errors + self.stops + self.warnings + self.notes
    }
}
