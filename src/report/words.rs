//! The wording about a run that several formats share: what was found, what became of it, what is undecided.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{ClientCount, ReportInput, Share, Standing, Summary, Verdicts, text};
use crate::cause::UndecidedCause;
use crate::entry::EntryNumber;
use crate::finding::{ClientId, Extent, Finding, Fix, Outcome, RuleInfo, RuleScope, Undecided, Verdict};
use crate::outside::{Outside, OutsideString};
use crate::source::Place;

/// `1 finding`, `14 findings`.
pub fn findings(count: usize) -> String {
    text::count(count, "finding", "findings")
}

/// What a finding is on: its entry, or its place.
pub fn subject(input: ReportInput<'_>, finding: &Finding) -> String {
    let entry = input.outcome.entry_of(finding);
    entry.map_or_else(|| input.place(finding.place), |entry| input.name_of(entry))
}

/// What CBP would return, if the rule has its message.
pub fn cbp(input: ReportInput<'_>, finding: &Finding) -> Option<String> {
    let said = input.rule(finding.rule).cbp.as_ref()?;
    Some(format!("CBP {} return \"{said}\"", finding.severity.would()))
}

/// What `capelint fix` would do, where it would do something.
pub fn fix(finding: &Finding) -> Option<String> {
    let repair = finding.fix.as_ref()?;
    Some(match (repair.kind, &repair.replacement) {
        (Fix::RewriteEntryNumber, Some(number)) => format!("`capelint fix` writes {}", number.as_str()),
        (Fix::RewriteEntryNumber, None) => "`capelint fix` writes the number in its normal form".to_owned(),
        (Fix::DropRow, _) => "`capelint fix` leaves this row out".to_owned(),
        (Fix::RewriteFile, _) => "`capelint fix` writes the file in CBP's form".to_owned(),
    })
}

/// Where a rule is written.
pub fn sources(rule: &RuleInfo) -> Option<String> {
    let sources: Vec<_> = rule.sources.iter().map(OutsideString::shown).collect();
    (!sources.is_empty()).then(|| format!("source: {}", sources.join("; ")))
}

/// Rules that are undecided for the same cause.
pub struct SharedCause<'a> {
    /// The first of them.
    pub first: &'a Undecided,
    /// Their names.
    pub rules: Vec<&'a str>,
    all: Vec<&'a Undecided>,
}

impl SharedCause<'_> {
    /// For how many entries (or with `on_files` declarations), in words; `None` for none. The same may be
    /// missing for more or fewer entries.
    fn counted(&self, on_files: bool) -> Option<String> {
        let counts = self.all.iter().filter(|one| one.on_file == on_files).map(|one| one.entries);
        let (least, most) = (counts.clone().min()?, counts.max()?);
        Some(format!("{}{}", if least < most { "up to " } else { "" }, things(most, on_files)))
    }

    /// The first cell that cannot be used, where the cause is one.
    pub fn place(&self) -> Option<Place> {
        self.all.iter().filter_map(|undecided| undecided.place).min()
    }

    /// Its rules, up to a number of names: `check-digit, export-old and 57 more rules`.
    pub fn names(&self, most: usize) -> String {
        match self.rules.len().checked_sub(most) {
            None | Some(0) => self.rules.join(", "),
            Some(more) => {
                let more = text::count(more, "more rule", "more rules");
                format!("{} and {more}", self.rules[..most].join(", "))
            }
        }
    }

    /// For how many entries, as in `8 entries`; `None` where all its rules look at whole files.
    pub fn entries(&self) -> Option<String> {
        self.counted(false)
    }

    /// For how many entries and declarations, as in `8 entries, 1 declaration`.
    pub fn how_many(&self) -> String {
        [false, true].into_iter().filter_map(|on_files| self.counted(on_files)).collect::<Vec<_>>().join(", ")
    }

    /// All of it in a line, for formats that are read by machines.
    pub fn line(&self, input: ReportInput<'_>) -> String {
        let (cause, help) = (input.cause(self.first), input.help(self.first));
        format!("{}: {cause}; {help} ({})", self.names(5), self.how_many())
    }
}

/// `8 entries`, or of a rule on files `1 declaration`.
pub fn things(count: usize, on_files: bool) -> String {
    let (one, many) = if on_files { ("declaration", "declarations") } else { ("entry", "entries") };
    text::count(count, one, many)
}

/// What is undecided, with rules of the same cause together: a missing table is one thing to provide,
/// not twenty.
pub fn causes(input: ReportInput<'_>, optional: bool) -> Vec<SharedCause<'_>> {
    let mut causes: Vec<SharedCause<'_>> = Vec::new();
    for undecided in input.outcome.undecided.iter().filter(|undecided| undecided.optional == optional) {
        let name = input.rule(undecided.rule).id.as_str();
        let same = causes
            .iter_mut()
            .find(|cause| cause.first.cause == undecided.cause && cause.first.used == undecided.used);
        match same {
            Some(cause) => {
                cause.all.push(undecided);
                if !cause.rules.contains(&name) {
                    cause.rules.push(name);
                }
            }
            None => causes.push(SharedCause { first: undecided, rules: vec![name], all: vec![undecided] }),
        }
    }
    if optional {
        // A missing list may name any entry.
        causes.sort_by_key(|cause| match cause.first.cause {
            UndecidedCause::NoTable(_) => 0,
            UndecidedCause::NoSetting { .. } => 1,
            UndecidedCause::NoColumn { .. }
            | UndecidedCause::NoRows(_)
            | UndecidedCause::Blank { .. }
            | UndecidedCause::Unreadable { .. }
            | UndecidedCause::TwoDays { .. }
            | UndecidedCause::ExchangedDays { .. }
            | UndecidedCause::RepeatedAmount { .. }
            | UndecidedCause::LostRow { .. }
            | UndecidedCause::RowMayNotCount { .. }
            | UndecidedCause::ExportsDiffer { .. }
            | UndecidedCause::StatusNotRead { .. }
            | UndecidedCause::Partial { .. }
            | UndecidedCause::DamagedRow { .. }
            | UndecidedCause::Conflict(_)
            | UndecidedCause::NoExportDate(_)
            | UndecidedCause::TooManyRows { .. }
            | UndecidedCause::Unlisted { .. }
            | UndecidedCause::NotComputed { .. } => 2,
        });
    }
    causes
}

/// `9,999 entries: 9,402 ready, 411 rejected, 74 with warnings, 112 undecided`.
pub fn verdicts(counts: Verdicts) -> String {
    let mut line = format!(
        "{}: {} ready",
        text::count(counts.entries, "entry", "entries"),
        text::thousands(counts.ready)
    );
    for (count, what) in [
        (counts.rejected, "rejected"),
        (counts.stopped, "stopped"),
        (counts.warned, "with warnings"),
        (counts.undecided, "undecided"),
    ] {
        if count > 0 {
            line.push_str(&format!(", {} {what}", text::thousands(count)));
        }
    }
    if let Some(accepted) = accepted_by_you(counts) {
        line.push_str(&format!(", {accepted}"));
    }
    line
}

/// `2 accepted by you (by the rules 1 rejected, 1 stopped)`.
pub fn accepted_by_you(counts: Verdicts) -> Option<String> {
    let of = Verdict::ALL.iter().copied().rev().zip(counts.accepted_of.into_iter().rev());
    let of: Vec<_> = of
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{} {}", text::thousands(count), verdict.title()))
        .collect();
    let accepted = text::thousands(counts.accepted_by_you);
    (!of.is_empty()).then(|| format!("{accepted} accepted by you (by the rules {})", of.join(", ")))
}

/// `by 2026-11-24: ABC-1234567-6, ABC-1234568-4 and 3 more`, in so many columns; less where they are too
/// few.
pub fn first_day(share: &Share, columns: usize) -> Option<String> {
    let (day, entries) = share.first_day.as_ref()?;
    let by = format!("by {day}");
    let names: Vec<String> = entries.iter().map(EntryNumber::to_string).collect();
    let named = format!("{by}: {}", text::enumerated(&names, columns.saturating_sub(by.len() + 2)));
    [named, by].into_iter().find(|text| text::columns(text) <= columns)
}

/// What people call a client, or the entries of none.
pub fn client(outcome: &Outcome, client: Option<ClientId>) -> Cow<'_, str> {
    let name = client.and_then(|client| outcome.clients.get(client.0 as usize));
    name.map_or(Cow::Borrowed("of no client"), |name| name.outside().fit(40))
}

/// `3 entries: 2 may be uploaded ($1,234.00), 1 out of CAPE`.
pub fn client_count(count: &ClientCount) -> String {
    let entries = text::count(count.verdicts.entries, "entry", "entries");
    match shares(&count.shares) {
        Some(shares) => format!("{entries}: {shares}"),
        None => format!("{entries}: all may be uploaded"),
    }
}

/// What is left to do and the IEEPA duty on it, in one line: `24 may be uploaded ($1,234.00), 2 out of CAPE`.
/// Nothing where all are ready and no duty is known.
pub fn shares(shares: &[Share]) -> Option<String> {
    let parts: Vec<String> = shares
        .iter()
        .map(|share| {
            let duty = share.duty.in_short().map_or_else(String::new, |duty| format!(" ({duty})"));
            format!("{} {}{duty}", text::thousands(share.entries), share.standing.title())
        })
        .collect();
    let says_more =
        shares.iter().any(|share| share.standing != Standing::MayBeUploaded || share.duty.known > 0);
    says_more.then(|| parts.join(", "))
}

/// `2 errors, 1 warning; 1 waived`.
pub fn tally(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (count, one, many) in [
        (summary.errors, "error", "errors"),
        (summary.stops, "stop", "stops"),
        (summary.warnings, "warning", "warnings"),
        (summary.notes, "note", "notes"),
    ] {
        if count > 0 {
            parts.push(text::count(count, one, many));
        }
    }
    let mut line = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    if summary.waived > 0 {
        line.push_str(&format!("; {} waived", text::thousands(summary.waived)));
    }
    line
}

/// What a clean result means, and what it does not.
pub fn assurance(input: ReportInput<'_>, summary: &Summary) -> Option<String> {
    if summary.errors + summary.stops + summary.warnings > 0 {
        return None;
    }
    let nothing = if summary.waived > 0 {
        "no errors or warnings found besides what is waived"
    } else {
        "no errors or warnings found"
    };
    let open = summary.verdicts.undecided;
    let unapplied = input.outcome.undecided.iter().any(|undecided| undecided.optional);
    let undecided = input.outcome.undecided.iter().any(|undecided| !undecided.optional);
    Some(if open > 0 {
        format!(
            "{nothing}, but {} undecided: do not treat this as a pass",
            text::count(open, "entry is", "entries are")
        )
    } else if undecided {
        format!("{nothing} by the rules that were decided; see what is undecided")
    } else if !input.outcome.extent.is_whole() {
        format!("{nothing} by the rules that ran; this is part of a check")
    } else if unapplied {
        let others = if input.outcome.turned_off.is_empty() { "all others" } else { "all others that ran" };
        format!("{nothing}; some rules were not checked, {others} were decided")
    } else if !input.outcome.turned_off.is_empty() {
        format!("{nothing} by the rules that ran; others are turned off")
    } else {
        format!("{nothing}: every rule in force was decided for every entry")
    })
}

/// `earliest filing deadline: 2026-11-25 (12 entries)`.
pub fn deadline(summary: &Summary) -> Option<String> {
    let (day, count) = summary.first_deadline?;
    Some(format!("earliest filing deadline: {day} ({})", text::count(count, "entry", "entries")))
}

/// `evaluated for filing on 2026-11-22 with rule pack cape 2026.11, last checked against CBP's pages on
/// 2026-11-20`.
pub fn provenance(outcome: &Outcome) -> String {
    let pack = &outcome.pack;
    let mut line = format!("evaluated for filing on {}", outcome.filing_date);
    if !pack.name.raw().is_empty() {
        let name = format!("{} {}", pack.name.raw(), pack.version.raw());
        line.push_str(&format!(" with rule pack {}", Outside::new(name.trim())));
    }
    if let Some(day) = pack.verified {
        line.push_str(&format!(", last checked against CBP's pages on {day}"));
    }
    for said in [in_force(outcome), extent(outcome)] {
        line.extend(said.map(|said| format!("; {said}")));
    }
    line
}

/// What changes the built-in rules and what they read in this run, and the configuration by name; `None` where
/// nothing does. Every format has it, because it may weaken the check.
pub fn in_force(outcome: &Outcome) -> Option<String> {
    let file = outcome.configuration.as_ref();
    let said: Vec<String> = [
        file.map(|file| format!("configuration: {}", file)),
        text::turned_off(outcome),
        text::changed_settings(&outcome.settings),
        text::rule_changes(&outcome.rule_changes),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What other runs of the same book evaluate; `None` where nothing is left to them.
pub fn extent(outcome: &Outcome) -> Option<String> {
    let Extent { scope, partial } = outcome.extent;
    let rules = match scope {
        RuleScope::All => None,
        RuleScope::Entry => Some("only rules on entries were evaluated"),
        RuleScope::File => Some("only rules on declarations as a whole were evaluated"),
    };
    let slice = partial.then_some("the ES-003 is a slice of an export, and no rule that needs all of it ran");
    let parts: Vec<&str> = rules.into_iter().chain(slice).collect();
    (!parts.is_empty()).then(|| format!("this is part of a check: {}", parts.join("; ")))
}

/// The verdicts, what is to be done, and by which rules, in one line.
pub fn sum_in_a_line(input: ReportInput<'_>, summary: &Summary) -> String {
    let parts = [
        Some(verdicts(summary.verdicts)),
        shares(&summary.shares),
        deadline(summary),
        Some(provenance(input.outcome)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The rules of these causes, each once, in alphabetical order.
fn rules_of<'a>(causes: &[SharedCause<'a>]) -> BTreeSet<&'a str> {
    causes.iter().flat_map(|cause| cause.rules.iter().copied()).collect()
}

/// How many rules are undecided for what, or were not checked, as a headline; `None` where all were decided.
pub fn undecided(input: ReportInput<'_>, causes: &[SharedCause<'_>], optional: bool) -> Option<String> {
    let count = rules_of(causes).len();
    let one = count == 1;
    if optional {
        let lack = if one { "it needs" } else { "they need" };
        let what = if one { "a list, column or setting" } else { "lists, columns or settings" };
        return not_checked(causes).map(|rules| format!("{rules}: {lack} {what} that only you can provide"));
    }
    if count == 0 {
        return None;
    }
    let things: Vec<_> =
        [false, true].into_iter().filter_map(|on_files| all_things(input, causes, on_files)).collect();
    let is = if one { "is" } else { "are" };
    Some(format!("{} {is} undecided for {}", text::count(count, "rule", "rules"), things.join(" and ")))
}

/// How many rules were not checked, or without one of their sources; `None` where all were.
pub fn not_checked(causes: &[SharedCause<'_>]) -> Option<String> {
    let all = rules_of(causes).len();
    let not_at_all: BTreeSet<&str> = causes
        .iter()
        .filter(|cause| !cause.first.is_in_part())
        .flat_map(|cause| cause.rules.iter().copied())
        .collect();
    Some(match (not_at_all.len(), all - not_at_all.len()) {
        (0, 0) => return None,
        (none, 0) => format!("{} not checked", text::count(none, "rule", "rules")),
        (0, some) => {
            format!("{} checked without one of the sources", text::count(some, "rule", "rules"))
        }
        (none, some) => format!(
            "{} not checked, {} checked without one of the sources",
            text::count(none, "rule", "rules"),
            text::thousands(some)
        ),
    })
}

/// For which entries (or with `on_files` declarations) there are causes: so many where all causes are of
/// the same ones, else some. `None` for none.
fn all_things(input: ReportInput<'_>, causes: &[SharedCause<'_>], on_files: bool) -> Option<String> {
    let counts: Vec<String> = causes.iter().filter_map(|cause| cause.counted(on_files)).collect();
    let first = counts.first()?;
    let all = if on_files { input.outcome.declarations.len() } else { input.outcome.entries.len() };
    let alike =
        counts.iter().all(|one| one == first) && (counts.len() == 1 || *first == things(all, on_files));
    Some(match (alike, on_files) {
        (true, _) => first.clone(),
        (false, false) => "some entries".to_owned(),
        (false, true) => "some declarations".to_owned(),
    })
}

/// A cause in one line: its rules, for how many entries if that is to be printed, why, and where first.
pub fn cause(
    input: ReportInput<'_>,
    cause: &SharedCause<'_>,
    most: usize,
    how_many: Option<String>,
) -> String {
    let how_many = how_many.map_or_else(String::new, |how_many| format!(" ({how_many})"));
    let mut line = format!("{}{how_many}: {}", cause.names(most), input.cause(cause.first));
    if let Some(place) = cause.place() {
        line.push_str(&format!(" (first at {})", input.place(place)));
    }
    line
}
