//! Defines what a run finds: the one model that every report renders.
//!
//! Reports do not depend on rules: what they show of a rule is its [`RuleInfo`]. They may ask the tables for
//! excerpts of the rows that findings point at.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use schemars::JsonSchema;
use serde::Deserialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::cause::{SourceName, UndecidedCause};
use crate::distinct::Distinct;
use crate::entry::{self, EntryNumber, Form};
pub use crate::outside::{OutsideString, OutsideText};
use crate::source::{FileId, Place};
pub use crate::table::CellRef;

/// The id of the finding on a waiver whose last day has passed.
pub(crate) const WAIVER_EXPIRED: &str = "waiver-expired";
/// The id of the finding on a waiver that nothing needed.
pub(crate) const WAIVER_UNUSED: &str = "waiver-unused";

/// Everything that came out of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The filing date that the declarations were evaluated for.
    pub filing_date: NaiveDate,
    /// The rule pack that was used.
    pub pack: Pack,
    /// The rules in force, and those of findings on waivers or on the file itself; by [`RuleId`].
    pub rules: Vec<RuleInfo>,
    /// The declarations, in the order given.
    pub declarations: Vec<Declaration>,
    /// The entries of all declarations, each distinct entry of a file once, in file order; a row
    /// whose number cannot be read is an entry of its own. A row that contains no number is none,
    /// unless it is damaged: see `Outcome::update_verdicts`.
    pub entries: Vec<Entry>,
    /// Entries of the export that no declaration names and that would be ready, by importer and last day;
    /// only where they were asked for.
    pub left_out: Vec<Entry>,
    /// All findings: by declaration, then line, most severe first. Waived ones are among them.
    pub findings: Vec<Finding>,
    /// What could not be decided: once for each rule and cause.
    pub undecided: Vec<Undecided>,
    /// Which of [`Outcome::undecided`] are about which entries, in the order of the entries. What is
    /// undecided for all entries alike ([`Undecided::for_all`]) is left out.
    pub undecided_of: Vec<UndecidedOf>,
    /// The names of rules that are in force on the filing date and were turned off, by selection, severity or
    /// a rule file: it is unknown what they would have found.
    pub turned_off: Vec<String>,
    /// The settings of the rules that the configuration changed.
    pub settings: Vec<ChangedSetting>,
    /// What the configuration and rule files of the user change about the built-in rules and the data that
    /// they read.
    pub rule_changes: Vec<RuleChange>,
    /// The names of the clients for whom the account files, in the order of the configuration; none where it
    /// files for itself.
    pub clients: Vec<OutsideString>,
    /// The name of the configuration that was used; `None`: there was none.
    pub configuration: Option<OutsideString>,
    /// Of how much of the data and the rules it is the outcome.
    pub extent: Extent,
}

/// Whether a run evaluated everything, or only what another run of the same book leaves to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// What the rules that ran are evaluated for.
    pub scope: RuleScope,
    /// Whether the ES-003 is a slice of an export: nothing about an export as a whole was evaluated.
    pub partial: bool,
}

impl Extent {
    /// Whether nothing was left to other runs.
    pub(crate) fn is_whole(self) -> bool {
        self == Self::default()
    }
}

/// What the rules that run are evaluated for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoStaticStr, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RuleScope {
    /// Everything.
    #[default]
    All,
    /// Entries, their rows and lines: what the rows of an entry decide, whatever else is declared.
    Entry,
    /// Declarations and tables as a whole.
    File,
}

impl RuleScope {
    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A change to the rules or to what they read: it may weaken the check, so every report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// The rule, table, code list or setting.
    pub name: String,
    /// What was changed.
    pub change: Change,
    /// The file that changes it; `None` for what the caller asked of this run.
    pub file: Option<OutsideString>,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is less severe.
    Demoted {
        /// Its own severity.
        from: Severity,
        /// That of this run.
        to: Severity,
    },
    /// Another rule takes its place.
    Replaced {
        /// The other rule.
        by: String,
    },
    /// Another rule is reported in its place where both are violated.
    Superseded {
        /// The other rule.
        by: String,
    },
    /// Waivers lift findings of it.
    Waived {
        /// How many waivers.
        waivers: usize,
    },
    /// Rules are turned off.
    Off,
    /// The table has nothing to list.
    NothingToList,
    /// A rule file adds to the table or code list.
    Extended,
    /// Other files take the place of the built-in rules.
    NotUsed,
    /// The exit code follows another level of severity.
    FailOn {
        /// The level.
        level: String,
    },
}

/// A setting that the configuration changed, with its values as rule files write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSetting {
    /// Its name.
    pub name: String,
    /// Its value in this run.
    pub value: OutsideString,
    /// Its value without the configuration.
    pub default: OutsideString,
    /// What it is measured in.
    pub unit: Option<OutsideString>,
}

/// Identifies a rule: its index in [`Outcome::rules`], and in the rule set of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u16);

/// Identifies a client: its index in [`Outcome::clients`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u32);

/// Which rule pack is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pack {
    /// Its name.
    pub name: OutsideString,
    /// Its version.
    pub version: OutsideString,
    /// The day on which its rules were last checked against CBP's pages.
    pub verified: Option<NaiveDate>,
}

/// How bad a violation is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Deserialize,
    EnumString,
    IntoStaticStr,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It may be filed; know this. Or it is inferred, not CBP's own word.
    Warning,
    /// CBP would accept it, but filing it now does harm that cannot be undone, or the evidence
    /// contradicts itself: a person decides first.
    Stop,
    /// CBP rejects it.
    Error,
}

impl Severity {
    /// Whether what has such a finding is not uploaded without a person's word.
    pub fn blocks(self) -> bool {
        match self {
            Self::Error | Self::Stop => true,
            Self::Warning | Self::Note => false,
        }
    }

    /// Whether CBP rejects what has such a finding; of everything less, it is not known what CBP does.
    pub fn is_certain(self) -> bool {
        match self {
            Self::Error => true,
            Self::Stop | Self::Warning | Self::Note => false,
        }
    }

    /// How certain it is that CBP returns the message of a rule: `would`, or `may`.
    pub fn would(self) -> &'static str {
        if self.is_certain() { "would" } else { "may" }
    }

    /// What the check does with an entry that has such a finding: it would `reject` or `stop` it. `None` where the
    /// entry may be uploaded.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Error => Some("reject"),
            Self::Stop => Some("stop"),
            Self::Warning | Self::Note => None,
        }
    }

    /// Whether its entry may be uploaded once a person knows of the finding.
    pub(crate) fn warns(self) -> bool {
        match self {
            Self::Warning => true,
            Self::Error | Self::Stop | Self::Note => false,
        }
    }

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A declaration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The file.
    pub file: FileId,
    /// Its entries, as a range of [`Outcome::entries`].
    pub entries: std::ops::Range<usize>,
}

/// What a report may show of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name.
    pub id: String,
    /// One line: what it checks.
    pub title: OutsideString,
    /// How bad a violation is, after the configuration.
    pub severity: Severity,
    /// The next step, its placeholders left open, where there is only one; of several, each finding has its own.
    pub help: Option<OutsideString>,
    /// CBP's own message.
    pub cbp: Option<OutsideString>,
    /// Where it is written.
    pub sources: Vec<OutsideString>,
    /// What `capelint fix` does about a violation.
    pub fix: Option<Fix>,
    /// The stage of CBP's checks: the name of the rule's file (`eligibility`), for tags.
    pub stage: OutsideString,
}

/// An entry of a declaration. What many entries have is kept once.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number; `None` where the cell leaves doubt about it.
    pub number: Option<EntryNumber>,
    /// The cell as written.
    pub written: OutsideText<SmolStr>,
    /// The cell of its first row.
    pub place: Place,
    /// How many rows of the file contain it.
    pub rows: u32,
    /// What became of it, by all findings: no waiver and no baseline makes it better.
    pub verdict: Verdict,
    /// The same by the findings that count: what is left after waivers and the baseline.
    pub after_waivers: Verdict,
    /// What is to be done about the errors and stops that count; `None` where there are none.
    pub remedy: Option<Remedy>,
    /// The rules that are violated, not waived; most severe first.
    pub rules: Arc<[RuleId]>,
    /// The rules that could keep it from being uploaded (errors and stops) and are undecided.
    pub undecided: Arc<[RuleId]>,
    /// The last day on which it can be filed, where that is known.
    pub deadline: Option<NaiveDate>,
    /// The IEEPA duty on it, where that is known. US dollars.
    pub ieepa_duty: Option<Decimal>,
    /// Whether it is an upper bound of the refund: part of it is on headings whose 15 % include the ordinary duty
    /// (9903.02.20 and similar ones), which CAPE does not refund.
    pub ieepa_duty_is_upper_bound: bool,
    /// What else the ES-003 has about it.
    pub facts: Arc<EntryFacts>,
}

/// What the ES-003 has about an entry, each where all rows of the entry agree and the cell can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EntryFacts {
    /// The importer number, masked where it may be a person's.
    pub importer_number: Option<OutsideString<SmolStr>>,
    /// The entry type, such as `01`.
    pub entry_type: Option<OutsideString<SmolStr>>,
    /// The entry date.
    pub entry_date: Option<NaiveDate>,
    /// The liquidation status, as rules call it.
    pub liquidation_status: Option<OutsideString<SmolStr>>,
    /// The liquidation date.
    pub liquidation_date: Option<NaiveDate>,
    /// Whose importer number it is; `None` where it is of no client of the account.
    pub client: Option<ClientId>,
}

impl EntryFacts {
    /// The columns of the ES-003 that they are from, as rules call them.
    pub(crate) const COLUMNS: [&'static str; 5] =
        ["importer_number", "entry_type", "entry_date", "liquidation_status", "liquidation_date"];
}

impl Entry {
    /// Whether it may be uploaded only because of waivers or the baseline.
    pub fn is_accepted_by_you(&self) -> bool {
        self.after_waivers != self.verdict && self.after_waivers.may_be_uploaded()
    }

    /// Whether its cell contains nothing.
    pub(crate) fn is_blank(&self) -> bool {
        self.number.is_none() && entry::read(self.written.raw()).form == Form::Blank
    }
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// No rule in force found an error, a stop or a warning, and every rule that could keep it from
    /// being uploaded was decided, except those listed as not checked.
    Ready,
    /// It may be filed, with a warning.
    Warned,
    /// No error and no stop, but at least one rule that could keep it from being uploaded is undecided.
    Undecided,
    /// CBP would accept it, but filing it now does harm that cannot be undone, or the evidence
    /// contradicts itself: a person decides first.
    Stopped,
    /// CBP would reject it.
    Rejected,
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Warned => "with warnings",
            Self::Undecided => "undecided",
            Self::Stopped => "stopped",
            Self::Rejected => "rejected",
        }
    }

    /// What it means, for the tables of the documentation and for reports.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ready => {
                "no rule in force on the filing date found an error, a stop or a warning, and every error \
                 and stop rule was decided, except those listed as not checked"
            }
            Self::Warned => "no error and no stop was found; a warning says what to know before you file it",
            Self::Undecided => {
                "no error and no stop was found, but at least one error or stop rule is undecided"
            }
            Self::Stopped => {
                "CBP would accept it, but filing it now does harm that cannot be undone, or the evidence \
                 contradicts itself or cannot be relied on; a person decides first"
            }
            Self::Rejected => "CBP would reject it",
        }
    }

    /// Whether `capelint fix` uploads such entries without a person's word.
    pub fn may_be_uploaded(self) -> bool {
        match self {
            Self::Ready | Self::Warned => true,
            Self::Undecided | Self::Stopped | Self::Rejected => false,
        }
    }

    /// Whether CBP would reject such entries on any day.
    pub fn is_rejected(self) -> bool {
        match self {
            Self::Rejected => true,
            Self::Ready | Self::Warned | Self::Undecided | Self::Stopped => false,
        }
    }

    /// Whether a rule is undecided about such entries, and nothing worse is known.
    pub fn is_undecided(self) -> bool {
        match self {
            Self::Undecided => true,
            Self::Ready | Self::Warned | Self::Stopped | Self::Rejected => false,
        }
    }

    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A violated rule. Texts that many findings have are kept once.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How bad it is.
    pub severity: Severity,
    /// What it is on.
    pub on: FoundOn,
    /// What is wrong, one sentence without a full stop.
    pub message: OutsideText<String>,
    /// Whether the message names the entry; reports name it where it does not.
    pub names_entry: bool,
    /// The next step.
    pub help: Option<OutsideText<Arc<str>>>,
    /// Where: the cell of the declaration, its header, or the waiver in the configuration.
    pub place: Place,
    /// The cell of the declaration that it is about; `None` where it is about none.
    pub cell: Option<CellRef>,
    /// The name of the column that `place` is in, as its file has it.
    pub column_name: Option<OutsideString<Arc<str>>>,
    /// The cells that decided, other than `place`.
    pub labels: Vec<Label>,
    /// What can be done about it without a person.
    pub fix: Option<Repair>,
    /// What becomes of what it is on; for errors and stops only.
    pub remedy: Option<Remedy>,
    /// The last day to take the next step, where the rule states one, else to file the entry; `None` where it is
    /// not known.
    pub deadline: Option<NaiveDate>,
    /// Why it does not count, where it does not.
    pub waived: Option<Arc<Waived>>,
}

/// What a finding is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundOn {
    /// An entry of a declaration.
    Entry {
        /// Its index in [`Outcome::declarations`].
        declaration: u32,
        /// The entry's index in [`Outcome::entries`].
        entry: u32,
    },
    /// A declaration as a whole, or a row of it that is not an entry; its index in [`Outcome::declarations`].
    Declaration(u32),
    /// An entry that no declaration names; its index in [`Outcome::left_out`].
    LeftOut(u32),
    /// The run as a whole: a waiver that expired or that nothing needed; in a plan of several batches what is found on
    /// the export.
    Run,
}

impl Finding {
    /// The entry of a declaration that it is on: an index into [`Outcome::entries`].
    pub fn entry(&self) -> Option<usize> {
        match self.on {
            FoundOn::Entry { entry, .. } => Some(entry as usize),
            FoundOn::Declaration(_) | FoundOn::LeftOut(_) | FoundOn::Run => None,
        }
    }

    /// The entry that no declaration names and that it is on: an index into [`Outcome::left_out`].
    pub fn left_out(&self) -> Option<usize> {
        match self.on {
            FoundOn::LeftOut(entry) => Some(entry as usize),
            FoundOn::Entry { .. } | FoundOn::Declaration(_) | FoundOn::Run => None,
        }
    }

    /// The declaration that it is on, or that has its entry: an index into [`Outcome::declarations`].
    pub fn declaration(&self) -> Option<usize> {
        match self.on {
            FoundOn::Entry { declaration, .. } | FoundOn::Declaration(declaration) => {
                Some(declaration as usize)
            }
            FoundOn::LeftOut(_) | FoundOn::Run => None,
        }
    }
}

/// A cell that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// The cell of a table; `None` for places in texts (the first of two equal rows).
    pub cell: Option<CellRef>,
    /// The text of the label; may be empty.
    pub text: OutsideText<Arc<str>>,
}

/// A cell with its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCell {
    /// The header's text as the file has it.
    pub column_name: OutsideString,
    /// The cell's text.
    pub value: OutsideText<String>,
}

/// What can be done about a finding without a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What kind of repair.
    pub kind: Fix,
    /// What the cell should contain, for [`Fix::RewriteEntryNumber`].
    pub replacement: Option<EntryNumber>,
}

/// What becomes of an entry that a rule keeps from being uploaded. In order: of several findings on an entry the
/// last counts.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Deserialize,
    IntoStaticStr,
    JsonSchema,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Remedy {
    /// `capelint fix` repairs it.
    #[serde(skip)]
    Repair,
    /// It can still be resolved: a statement, the summary's status, a protest, a PSC.
    #[default]
    Resolve,
    /// It is not this account's to file: the importer of record or the filer of its entry summary can file it.
    OtherFiler,
    /// It is out of CAPE: what is left is a protest, or nothing.
    Out,
    /// CBP accepted it before: nothing is left to do.
    Accepted,
}

impl Remedy {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in rule files and machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Repair => "repaired by `capelint fix`",
            Self::Resolve => "to resolve first",
            Self::OtherFiler => "for another filer",
            Self::Out => "out of CAPE",
            Self::Accepted => "accepted before",
        }
    }
}

/// What `capelint fix` does about a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Fix {
    /// Writes the number in its normal form.
    #[serde(rename = "rewrite entry number")]
    RewriteEntryNumber,
    /// Leaves the row out; nothing is lost, the entry is in another row or there is none.
    #[serde(rename = "drop row")]
    DropRow,
    /// The file as a whole is written anew in CBP's form.
    #[serde(rename = "rewrite file")]
    RewriteFile,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waived {
    /// A waiver of the configuration.
    Waiver {
        /// Why.
        reason: OutsideString,
        /// The last day it is in force.
        until: NaiveDate,
    },
    /// It is in the baseline.
    Baseline,
}

/// A rule that could not be decided for one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    /// The rule.
    pub rule: RuleId,
    /// For how many entries of all declarations; where the rule is one on files, for how many
    /// declarations.
    pub entries: usize,
    /// Whether the rule looks at a declaration as a whole.
    pub on_file: bool,
    /// Why.
    pub cause: UndecidedCause,
    /// The first cell that cannot be read, where the cause is one.
    pub place: Option<Place>,
    /// Whether the cause is a list the user did not provide and that leaves entries ready.
    pub optional: bool,
    /// Whether it is undecided for all entries alike.
    pub for_all: bool,
    /// Where the rule was decided without a source that is missing: the other sources, which decided it.
    pub used: Option<Vec<SourceName>>,
}

impl Undecided {
    /// Whether the rule was decided, and only one of its sources is missing.
    pub fn is_in_part(&self) -> bool {
        self.used.is_some()
    }
}

/// What is undecided for one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct UndecidedOf {
    /// The entry: an index into [`Outcome::entries`].
    pub entry: u32,
    /// What is undecided: an index into [`Outcome::undecided`].
    pub undecided: u32,
    /// Why, where that differs from what the first entry has: another cell that cannot be read.
    pub own: Option<Arc<UndecidedCause>>,
}

impl Outcome {
    /// Works out the verdicts again from the findings that count; called after waivers were applied.
    ///
    /// Rows without an entry number lose their place among the entries, and what was found on them stays. One
    /// with an error that no repair takes away (a quote that encloses the cells behind it) may have had a
    /// number: it stays, even where that error is waived.
    pub(crate) fn update_verdicts(&mut self) {
        self.leave_out_blank_rows();
        let mut findings: Vec<&Finding> =
            self.findings.iter().filter(|finding| finding.entry().is_some()).collect();
        findings.sort_by_key(|finding| (finding.entry(), std::cmp::Reverse(finding.severity), finding.rule));
        let mut by_entry = findings.chunk_by(|a, b| a.entry() == b.entry()).peekable();
        let mut lists = Distinct::default();
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let own = by_entry.next_if(|own| own.first().is_some_and(|finding| finding.entry() == Some(at)));
            let all = own.unwrap_or_default();
            let counted: Vec<&Finding> =
                all.iter().copied().filter(|finding| finding.waived.is_none()).collect();
            entry.remedy = counted.iter().filter_map(|finding| finding.remedy).max();
            let mut rules: Vec<RuleId> = counted.iter().map(|finding| finding.rule).collect();
            rules.dedup();
            entry.rules = lists.list(&rules);
            let open = !entry.undecided.is_empty() || entry.number.is_none();
            // The most severe one is the first.
            let worst = [all.first(), counted.first()].map(|worst| worst.map(|finding| finding.severity));
            [entry.verdict, entry.after_waivers] = worst.map(|worst| match worst {
                Some(Severity::Error) => Verdict::Rejected,
                Some(Severity::Stop) => Verdict::Stopped,
                Some(Severity::Warning | Severity::Note) | None if open => Verdict::Undecided,
                Some(Severity::Warning) => Verdict::Warned,
                Some(Severity::Note) | None => Verdict::Ready,
            });
        }
    }

    fn leave_out_blank_rows(&mut self) {
        let mut blank: Vec<bool> = self.entries.iter().map(Entry::is_blank).collect();
        for finding in &self.findings {
            if let Some(at) = finding.entry()
                && finding.severity.blocks()
                && finding.fix.is_none()
            {
                blank[at] = false;
            }
        }
        if !blank.contains(&true) {
            return;
        }
        // How many entries stay before each, which is what its index becomes.
        let mut kept = Vec::with_capacity(blank.len() + 1);
        kept.push(0);
        for &blank in &blank {
            kept.push(kept[kept.len() - 1] + usize::from(!blank));
        }
        for finding in &mut self.findings {
            if let FoundOn::Entry { declaration, entry } = finding.on {
                let at = entry as usize;
                finding.on = if blank[at] {
                    FoundOn::Declaration(declaration)
                } else {
                    FoundOn::Entry { declaration, entry: kept[at] as u32 }
                };
            }
        }
        self.undecided_of.retain(|of| !blank[of.entry as usize]);
        for of in &mut self.undecided_of {
            of.entry = kept[of.entry as usize] as u32;
        }
        for declaration in &mut self.declarations {
            declaration.entries = kept[declaration.entries.start]..kept[declaration.entries.end];
        }
        let mut at = 0;
        self.entries.retain(|_| {
            at += 1;
            !blank[at - 1]
        });
    }

    /// Why a rule that could keep an entry from being uploaded is undecided for it, by its own cells.
    pub(crate) fn undecided_about(
        &self,
        entry: usize,
        rule: RuleId,
    ) -> impl Iterator<Item = &UndecidedCause> {
        let begin = self.undecided_of.partition_point(|of| (of.entry as usize) < entry);
        let own = self.undecided_of[begin..].iter().take_while(move |of| of.entry as usize == entry);
        let own = own.map(|of| (&self.undecided[of.undecided as usize], of.own.as_deref()));
        let own = own.filter(|(undecided, _)| !undecided.for_all && !undecided.optional);
        let for_all = self.undecided.iter().filter(|undecided| undecided.for_all && !undecided.optional);
        for_all
            .map(|undecided| (undecided, None))
            .chain(own)
            .filter(move |(undecided, _)| undecided.rule == rule && !undecided.is_in_part())
            .map(|(undecided, own)| own.unwrap_or(&undecided.cause))
    }

    /// Whether anything that could keep an entry from being uploaded is undecided: an entry, or a rule
    /// about a declaration as a whole.
    pub fn is_undecided(&self) -> bool {
        let on_a_file = self.undecided.iter().any(|undecided| {
            let rule = self.rule(undecided.rule);
            undecided.on_file && !undecided.optional && rule.severity.blocks() && rule.fix.is_none()
        });
        on_a_file || self.entries.iter().any(|entry| entry.after_waivers.is_undecided())
    }

    /// The entry that a finding is on, declared or not.
    pub(crate) fn entry_of(&self, finding: &Finding) -> Option<&Entry> {
        let left_out = || self.left_out.get(finding.left_out()?);
        finding.entry().map(|at| &self.entries[at]).or_else(left_out)
    }

    /// The findings that count: those that were not waived.
    pub fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.waived.is_none())
    }

    /// The rule of a finding.
    pub fn rule(&self, id: RuleId) -> &RuleInfo {
        &self.rules[usize::from(id.0)]
    }

    /// The name of an entry's client; `None` where it is of none.
    pub fn client_of(&self, entry: &Entry) -> Option<&OutsideString> {
        self.clients.get(entry.facts.client?.0 as usize)
    }

    /// The earliest filing deadline of entries that can still be filed, and of how many entries it is.
    pub(crate) fn first_deadline(&self) -> Option<(NaiveDate, usize)> {
        let open = || {
            let entries = self.entries.iter().filter(|entry| !entry.after_waivers.is_rejected());
            entries.filter_map(|entry| entry.deadline).filter(|deadline| *deadline >= self.filing_date)
        };
        let first = open().min()?;
        Some((first, open().filter(|deadline| *deadline == first).count()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Row;

    /// A run of 100 declarations has a million entries and about as many findings, so each byte is a megabyte.
    #[test]
    fn what_a_run_has_a_million_of_stays_small() {
        assert!(size_of::<CellRef>() <= 12, "{}", size_of::<CellRef>());
        assert!(size_of::<Place>() <= 24, "{}", size_of::<Place>());
        assert!(size_of::<Row>() <= 40, "{}", size_of::<Row>());
        assert!(size_of::<Label>() <= 56, "{}", size_of::<Label>());
        assert!(size_of::<Entry>() <= 136, "{}", size_of::<Entry>());
        assert!(size_of::<Finding>() <= 168, "{}", size_of::<Finding>());
    }
}
