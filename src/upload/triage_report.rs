//! The results of Claim Details, written for people, for programs, and as a work list.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::claims::{Claim, ClaimResult, Status};
use super::triage::{EntryResult, MessageGroup, OtherStatus, Triage, Unanswered};
use crate::distinct::each_once;
use crate::finding::Pack;
use crate::outside::{Outside, OutsideString, OutsideText};
use crate::report::InputFile;
use crate::report::errors::ErrorDocument;
use crate::report::json::RunRecord;
use crate::report::spreadsheet::List;
use crate::report::text::{dollars, thousands};
use crate::rules::messages::Refile;
use crate::source::Sources;
use crate::table::csv::Damage;

/// The next step for entries without a result.
const UNANSWERED_HELP: &str = "if the declaration has no claim number, none of it was submitted and you can \
                               upload it again; if it has one, download its Claim Details";
/// What the message of a group means, for a reader who has nothing but the work list.
fn mailed_meaning(group: &MessageGroup) -> Cow<'_, str> {
    match (&group.message, &group.closest) {
        (Some(message), _) => message.meaning.as_str().into(),
        (None, Some(closest)) => format!("closest, not exact: {}", closest.text).into(),
        (None, None) => "unknown".into(),
    }
}

/// What to do about the message of a group, for the same reader.
fn mailed_step(group: &MessageGroup) -> Cow<'_, str> {
    match (&group.message, &group.closest) {
        (Some(message), _) => message.action.as_str().into(),
        (None, Some(closest)) => format!("If it is {}: {}", closest.text, closest.action).into(),
        (None, None) => UNKNOWN_STEP.into(),
    }
}

/// The next step where a message is unknown.
const UNKNOWN_STEP: &str = "Look at the declaration in the Claims tab of the ACE Portal, and resubmit the entry only when you know the \
     cause and it is resolved.";

/// Texts in one cell, each once.
fn joined_texts<'t>(texts: impl Iterator<Item = Cow<'t, str>>) -> String {
    let texts: Vec<Cow<'_, str>> = texts.collect();
    joined(texts.iter().map(|text| &**text))
}

const UNCLEAR_HELP: &str = "do not resubmit it; download Claim Details again later, when CBP has a result";

impl Triage {
    /// Writes it for people. `most` is how many entries of a group are named.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn human(&self, sources: &Sources, most: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
        let most = most.unwrap_or(usize::MAX);
        for group in &self.groups {
            self.human_group(group, out)?;
            named(group.entries.len(), most, out, |at, out| {
                self.human_entry(&self.entries[group.entries[at]], sources, out)
            })?;
            writeln!(out)?;
        }
        for status in &self.statuses {
            writeln!(out, "{}: {}", status_title(status), entries(status.entries.len()))?;
            if let Some(message) = &status.message {
                writeln!(out, "   = meaning: {}", Outside::new(&message.meaning))?;
            }
            writeln!(out, "   = help: {}", unclear_help(status))?;
            named(status.entries.len(), most, out, |at, out| {
                let entry = &self.entries[status.entries[at]];
                let mut claim = entry.claims.iter().map(|at| &self.claims[*at]);
                let place = claim.next_back().map(|claim| sources.show(claim.place));
                writeln!(out, "   {} ({})", entry.number, place.unwrap_or_default())
            })?;
            writeln!(out)?;
        }
        if !self.unanswered.is_empty() {
            writeln!(out, "on a declaration, but on no claim: {}", entries(self.unanswered.len()))?;
            named(self.unanswered.len(), most, out, |at, out| {
                writeln!(out, "   {}", self.unanswered[at].number)
            })?;
            writeln!(out, "   = help: {UNANSWERED_HELP}")?;
            writeln!(out)?;
        }
        for (count, what) in [
            (self.unreadable, "on the declaration without a readable entry number; their result is unknown"),
            (self.unkeyed as usize, "of Claim Details without a readable entry number, not counted"),
        ] {
            if count > 0 {
                writeln!(out, "{} row{} {what}", thousands(count), if count == 1 { "" } else { "s" })?;
            }
        }
        let later =
            self.entries.iter().filter(|entry| entry.refile_on.is_some() && entry.held.is_none()).count();
        let later = if later > 0 { format!(", {} later", thousands(later)) } else { String::new() };
        writeln!(
            out,
            "{} in Claim Details: {} accepted, {} failed, {} unclear; resubmit {} now{later}",
            entries(self.entries.len()),
            thousands(self.count(ClaimResult::Accepted)),
            thousands(self.count(ClaimResult::Failed)),
            thousands(self.count(ClaimResult::Unclear)),
            thousands(self.refile.len()),
        )
    }

    fn human_group(&self, group: &MessageGroup, out: &mut dyn Write) -> io::Result<()> {
        let text = match group.text.raw() {
            "" => "(no error description)".into(),
            _ => group.text.shown(),
        };
        writeln!(out, "{text}: {}", entries(group.entries.len()))?;
        match &group.message {
            Some(message) => {
                writeln!(out, "   = meaning: {}", Outside::new(&message.meaning))?;
                writeln!(out, "   = help: {}", Outside::new(&message.action))?;
                writeln!(
                    out,
                    "   = resubmit: {}",
                    self.resubmit_group(message.refile.unwrap_or(Refile::Unknown))
                )?;
                if !message.rules.is_empty() {
                    writeln!(out, "   = rules: {}", message.rules.join(", "))?;
                }
                writeln!(out, "   = source: {}", Outside::new(&message.sources.join("; ")))?;
            }
            None => {
                match &group.closest {
                    Some(closest) => writeln!(
                        out,
                        "   = meaning: unknown; closest, not exact: {} (`capelint explain {}`)",
                        Outside::new(&closest.text),
                        closest.id
                    )?,
                    None => {
                        writeln!(out, "   = meaning: unknown; look at the declaration in the Claims tab")?
                    }
                }
                writeln!(out, "   = resubmit: {}", self.resubmit_group(Refile::Unknown))?;
            }
        }
        if group.accepted_since > 0 {
            let since = entries(group.accepted_since);
            writeln!(out, "   = also: {since} with this message, accepted on another claim")?;
        }
        Ok(())
    }

    /// What to do with the entries that got one message, if they got no other.
    fn resubmit_group(&self, refile: Refile) -> String {
        match refile {
            Refile::After(days) => match self.today.checked_add_days(chrono::Days::new(days.into())) {
                Some(day) => format!("{}, from {day}", refile.when()),
                None => refile.when(),
            },
            _ => refile.when(),
        }
    }

    fn human_entry(&self, entry: &EntryResult, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let Some(claim) = self.deciding_claim(entry) else { return Ok(()) };
        let place = sources.show(claim.place);
        let number = if claim.claim_number.raw().is_empty() {
            String::new()
        } else {
            format!("claim {}, ", claim.claim_number)
        };
        writeln!(out, "   {} ({number}{place})", entry.number)?;
        for (label, note) in
            [("help", &entry.help), ("not in refile.csv", &entry.held), ("check", &entry.disagreement)]
        {
            if let Some(note) = note {
                writeln!(out, "      = {label}: {note}")?;
            }
        }
        Ok(())
    }

    /// The last claim on which an entry failed, or its last one.
    fn deciding_claim(&self, entry: &EntryResult) -> Option<&Claim> {
        let mut last = entry.claims.iter().rev().map(|at| &self.claims[*at]);
        last.clone().find(|claim| claim.status == Status::Failed).or_else(|| last.next())
    }

    /// The work list: each entry that no claim accepted, with the reason and the next step, as a CSV
    /// that opens right in a spreadsheet and can be mailed. `None` if there is no such entry.
    pub fn work_list(&self) -> Option<Vec<u8>> {
        let mut list = List::new(&[
            "entry",
            "claim_number",
            "status",
            "message",
            "meaning",
            "next_step",
            "resubmit",
            "ieepa_duty",
            "ieepa_duty_is_upper_bound",
            "last_day",
            "note",
        ]);
        let mut rows = 0;
        let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
        for (at, entry) in
            self.entries.iter().enumerate().filter(|(_, entry)| entry.state != ClaimResult::Accepted)
        {
            rows += 1;
            let groups: Vec<&MessageGroup> = entry.groups.iter().map(|group| &self.groups[*group]).collect();
            let status = self.statuses.iter().find(|status| status.entries.binary_search(&at).is_ok());
            let claim = self.deciding_claim(entry);
            let meaning = match (groups.is_empty(), status) {
                (true, Some(OtherStatus { message: Some(message), .. })) => message.meaning.clone(),
                _ => joined_texts(groups.iter().map(|group| mailed_meaning(group))),
            };
            let steps = match (&entry.help, entry.state) {
                (_, ClaimResult::Unclear) => status.map_or(UNCLEAR_HELP, unclear_help).to_owned(),
                (Some(help), _) => help.raw().to_owned(),
                (None, _) => joined_texts(groups.iter().map(|group| mailed_step(group))),
            };
            let notes = [&entry.held, &entry.disagreement];
            list.row(&[
                entry.number.to_string().into(),
                claim.map(|claim| claim.claim_number.shown()).unwrap_or_default(),
                match status {
                    Some(status) if status.damage.is_some() => status_title(status).into(),
                    Some(status) => status.text.shown(),
                    None => "Failed".into(),
                },
                Outside::new(&joined(groups.iter().map(|group| group.text.raw())))
                    .shown()
                    .into_owned()
                    .into(),
                Outside::new(&meaning).shown().into_owned().into(),
                Outside::new(&steps).shown().into_owned().into(),
                self.resubmit(entry),
                entry.ieepa_duty.map_or(String::new(), dollars).into(),
                if entry.ieepa_duty_is_upper_bound { "yes" } else { "" }.into(),
                day(entry.deadline).into(),
                Outside::new(&joined(notes.into_iter().flatten().map(OutsideText::raw)))
                    .shown()
                    .into_owned()
                    .into(),
            ]);
        }
        for Unanswered { number, ieepa_duty, ieepa_duty_is_upper_bound, deadline } in &self.unanswered {
            rows += 1;
            list.row(&[
                number.to_string().into(),
                "".into(),
                "".into(),
                "on a declaration, but on no claim".into(),
                "".into(),
                UNANSWERED_HELP.into(),
                "".into(),
                ieepa_duty.map_or(String::new(), dollars).into(),
                if *ieepa_duty_is_upper_bound { "yes" } else { "" }.into(),
                day(*deadline).into(),
                "".into(),
            ]);
        }
        (rows > 0).then(|| list.finish())
    }

    /// When an entry can be resubmitted, for the work list.
    fn resubmit(&self, entry: &EntryResult) -> Cow<'static, str> {
        if entry.held.is_some() {
            return "no: capelint's check would reject it".into();
        }
        match (entry.refile, entry.refile_on) {
            (Refile::Now, _) => "now: it is in refile.csv".into(),
            (Refile::After(_), Some(day)) => format!("again on {day}").into(),
            (refile, _) => refile.when().into(),
        }
    }

    /// Writes one JSON object per line: all messages, all entries, the unanswered ones, one summary.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn jsonl(&self, run: &TriageRun, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        for record in self.records(run, sources) {
            line(out, &record)?;
        }
        Ok(())
    }

    /// Writes one JSON object with the same records as [`Triage::jsonl`].
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn json(&self, run: &TriageRun, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let mut document = TriageDocument {
            schema: 1,
            run: None,
            messages: Vec::new(),
            entries: Vec::new(),
            unanswered: Vec::new(),
            summary: None,
        };
        for record in self.records(run, sources) {
            match record {
                TriageRecord::Run(_) => document.run = Some(record),
                TriageRecord::Message { .. } => document.messages.push(record),
                TriageRecord::Entry { .. } => document.entries.push(record),
                TriageRecord::Unanswered { .. } => document.unanswered.push(record),
                TriageRecord::Summary { .. } => document.summary = Some(record),
            }
        }
        line(out, &document)
    }

    fn records<'a>(
        &'a self,
        run: &'a TriageRun,
        sources: &'a Sources,
    ) -> impl Iterator<Item = TriageRecord<'a>> {
        let messages = self.groups.iter().map(|group| {
            let message = group.message.as_ref();
            TriageRecord::Message {
                text: group.text.masked(),
                id: message.map(|message| message.id.as_str()),
                closest: group.closest.as_ref().map(|message| message.id.as_str()),
                meaning: message.map(|message| message.meaning.as_str()),
                next: message.map(|message| message.action.as_str()),
                refile: message.and_then(|message| message.refile).unwrap_or(Refile::Unknown).name(),
                refile_after_days: match message.and_then(|message| message.refile) {
                    Some(Refile::After(days)) => Some(days),
                    _ => None,
                },
                rules: message.map_or(&[], |message| &message.rules),
                sources: message.map_or(&[], |message| &message.sources),
                entries: group.entries.len(),
                accepted_since: group.accepted_since,
            }
        });
        let entries = self.entries.iter().map(|entry| {
            let claims = entry.claims.iter().map(|at| &self.claims[*at]).map(|claim| ClaimRecord {
                claim_number: claim.claim_number.masked(),
                status: match &claim.status {
                    Status::Accepted => "accepted".into(),
                    Status::Failed => "failed".into(),
                    Status::Other(text) => text.masked(),
                    Status::Damaged(_) => "damaged".into(),
                },
                error_description: claim.error.masked(),
                file: sources.name(claim.place.file).masked(),
                line: claim.place.line.into(),
            });
            TriageRecord::Entry {
                entry: entry.number.as_str(),
                state: entry.state.name(),
                refile: entry.refile.name(),
                refile_on: entry.refile_on.map(|day| day.to_string()),
                in_refile: entry.refile == Refile::Now && entry.held.is_none(),
                messages: (entry.groups.iter().filter_map(|group| self.groups[*group].message.as_ref()))
                    .map(|message| message.id.as_str())
                    .collect(),
                held: entry.held.as_ref().map(OutsideText::masked),
                help: entry.help.as_ref().map(OutsideText::masked),
                disagreement: entry.disagreement.as_ref().map(OutsideText::masked),
                ieepa_duty: entry.ieepa_duty.map(|duty| format!("{duty:.2}")),
                ieepa_duty_is_upper_bound: entry.ieepa_duty_is_upper_bound,
                deadline: entry.deadline.map(|day| day.to_string()),
                claims: claims.collect(),
            }
        });
        let unanswered = self.unanswered.iter().map(|entry| TriageRecord::Unanswered {
            entry: entry.number.as_str(),
            ieepa_duty: entry.ieepa_duty.map(|duty| format!("{duty:.2}")),
            ieepa_duty_is_upper_bound: entry.ieepa_duty_is_upper_bound,
            deadline: entry.deadline.map(|day| day.to_string()),
        });
        let summary = TriageRecord::Summary {
            schema: 1,
            entries: self.entries.len(),
            accepted: self.count(ClaimResult::Accepted),
            failed: self.count(ClaimResult::Failed),
            unclear: self.count(ClaimResult::Unclear),
            unanswered: self.unanswered.len(),
            unreadable: self.unreadable,
            unkeyed: self.unkeyed,
            refile_count: self.refile.len(),
        };
        let TriageRun { pack, configuration, inputs } = run;
        let run = RunRecord::new(pack, self.today, configuration.as_ref(), inputs.clone());
        let run = TriageRecord::Run(run);
        std::iter::once(run).chain(messages).chain(entries).chain(unanswered).chain([summary])
    }
}

/// What unclear entries have in common.
fn status_title(status: &OtherStatus) -> String {
    match status.damage {
        Some(Damage::Ragged) => "row with a cell too many for the header".to_owned(),
        Some(Damage::TextAfterQuote | Damage::UnterminatedQuote) => "row with broken quotes".to_owned(),
        Some(Damage::Nul | Damage::BadEncoding) => "row with bytes that are not text".to_owned(),
        None if status.text.raw().is_empty() => "status (blank)".to_owned(),
        None => format!("status `{}`", status.text),
    }
}

/// The next step for unclear entries.
fn unclear_help(status: &OtherStatus) -> &'static str {
    match status.damage {
        Some(Damage::Ragged) => "put quotes around the cell that has the delimiter in it, and run again",
        Some(Damage::TextAfterQuote | Damage::UnterminatedQuote | Damage::Nul | Damage::BadEncoding) => {
            "download Claim Details again, or repair the row, and run again"
        }
        None => UNCLEAR_HELP,
    }
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry".to_owned() } else { format!("{} entries", thousands(n)) }
}

/// Writes the first of some entries and how many there are besides.
fn named(
    count: usize,
    most: usize,
    out: &mut dyn Write,
    mut write: impl FnMut(usize, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    for at in 0..count.min(most) {
        write(at, out)?;
    }
    if count > most {
        writeln!(out, "   … and {} more", thousands(count - most))?;
    }
    Ok(())
}

/// The texts that are not blank, each once.
fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    each_once(texts.filter(|text| !text.is_empty())).join(" | ")
}

/// Writes a record on a line of its own, as JSON that acts nowhere.
fn line(out: &mut dyn Write, record: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(record)?;
    out.write_all(crate::report::text::json_safe(&json).as_bytes())?;
    out.write_all(b"\n")
}

/// The JSON Schema (2020-12) of what `triage` prints: a document, or a line.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(TriageReport<'static>).to_value()
}

/// A document of `json`, or a line of `jsonl`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum TriageReport<'a> {
    Document(Box<TriageDocument<'a>>),
    Record(Box<TriageRecord<'a>>),
    Errors(ErrorDocument),
}

/// On what a triage was worked out, besides its day.
#[derive(Clone, Debug)]
pub(crate) struct TriageRun {
    /// The rule pack.
    pub pack: Pack,
    /// The configuration's file.
    pub configuration: Option<OutsideString>,
    /// The Claim Details, then what was checked.
    pub inputs: Vec<InputFile>,
}

/// The records of a run as one object.
#[derive(JsonSchema, Serialize)]
struct TriageDocument<'a> {
    schema: u32,
    run: Option<TriageRecord<'a>>,
    messages: Vec<TriageRecord<'a>>,
    entries: Vec<TriageRecord<'a>>,
    unanswered: Vec<TriageRecord<'a>>,
    summary: Option<TriageRecord<'a>>,
}

/// A line of `jsonl`.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum TriageRecord<'a> {
    /// On what this was worked out.
    Run(RunRecord<'a>),
    /// Entries that failed with the same message.
    Message {
        text: Cow<'a, str>,
        id: Option<&'a str>,
        closest: Option<&'a str>,
        meaning: Option<&'a str>,
        next: Option<&'a str>,
        refile: &'static str,
        refile_after_days: Option<u16>,
        rules: &'a [String],
        sources: &'a [String],
        entries: usize,
        accepted_since: usize,
    },
    Entry {
        entry: &'a str,
        state: &'static str,
        refile: &'static str,
        refile_on: Option<String>,
        in_refile: bool,
        messages: Vec<&'a str>,
        held: Option<Cow<'a, str>>,
        help: Option<Cow<'a, str>>,
        disagreement: Option<Cow<'a, str>>,
        ieepa_duty: Option<String>,
        ieepa_duty_is_upper_bound: bool,
        deadline: Option<String>,
        claims: Vec<ClaimRecord<'a>>,
    },
    Unanswered {
        entry: &'a str,
        ieepa_duty: Option<String>,
        ieepa_duty_is_upper_bound: bool,
        deadline: Option<String>,
    },
    Summary {
        schema: u32,
        entries: usize,
        accepted: usize,
        failed: usize,
        unclear: usize,
        unanswered: usize,
        unreadable: usize,
        unkeyed: u64,
        refile_count: usize,
    },
}

#[derive(JsonSchema, Serialize)]
struct ClaimRecord<'a> {
    claim_number: Cow<'a, str>,
    status: Cow<'a, str>,
    /// CBP's own text.
    error_description: Cow<'a, str>,
    file: Cow<'a, str>,
    line: u64,
}
