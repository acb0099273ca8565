//! What Claim Details say, told to people and to programs.

use std::io::{self, Write};

use serde::Serialize;

use super::triage::{Answered, Refile, State, Status, Triage};
use crate::report::text::{masked, shown, thousands};
use crate::source::Sources;

impl Triage {
    /// Writes it for people. `most` is how many entries of a group are named.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn human(&self, sources: &Sources, most: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
        let most = most.unwrap_or(usize::MAX);
        for group in &self.groups {
            let text =
                if group.text.is_empty() { "(no error description)".into() } else { shown(&group.text) };
            writeln!(out, "{text}: {}", entries(group.entries.len()))?;
            match &group.message {
                Some(message) => {
                    writeln!(out, "   = meaning: {}", shown(&message.meaning))?;
                    writeln!(out, "   = next: {}", shown(&message.next))?;
                    writeln!(out, "   = again: {}", message.refile.told())?;
                    if !message.rules.is_empty() {
                        writeln!(out, "   = found before the upload by: {}", message.rules.join(", "))?;
                    }
                    if !message.sources.is_empty() {
                        writeln!(out, "   = source: {}", shown(&message.sources.join(", ")))?;
                    }
                }
                None => {
                    writeln!(out, "   = meaning: not known; look at the declaration in the Claims tab")?;
                    writeln!(out, "   = again: {}", Refile::Unknown.told())?;
                }
            }
            if group.accepted_since > 0 {
                let since = entries(group.accepted_since);
                writeln!(out, "   = besides: {since} with this message, accepted in another claim")?;
            }
            for index in group.entries.iter().take(most) {
                self.human_entry(&self.entries[*index], sources, out)?;
            }
            if group.entries.len() > most {
                writeln!(out, "   … and {} more", thousands(group.entries.len() - most))?;
            }
            writeln!(out)?;
        }
        let unclear: Vec<&Answered> =
            self.entries.iter().filter(|entry| entry.state == State::Unclear).collect();
        if !unclear.is_empty() {
            writeln!(out, "neither accepted nor failed: {}", entries(unclear.len()))?;
            for entry in unclear.iter().take(most) {
                let words = entry.claims.iter().find_map(|at| match &self.claims[*at].status {
                    Status::Other(text) => Some(text.as_str()),
                    _ => None,
                });
                let words = shown(words.unwrap_or("")).into_owned();
                writeln!(out, "   {}: status `{words}`", entry.number)?;
            }
            if unclear.len() > most {
                writeln!(out, "   … and {} more", thousands(unclear.len() - most))?;
            }
            writeln!(out)?;
        }
        if !self.unanswered.is_empty() {
            writeln!(out, "declared, but in no claim: {}", entries(self.unanswered.len()))?;
            for number in self.unanswered.iter().take(most) {
                writeln!(out, "   {number}")?;
            }
            if self.unanswered.len() > most {
                writeln!(out, "   … and {} more", thousands(self.unanswered.len() - most))?;
            }
            writeln!(
                out,
                "   = help: where the declaration has no claim number, nothing of it went in and it can be \
                 uploaded again; where it has one, download its Claim Details"
            )?;
            writeln!(out)?;
        }
        for (count, what) in [
            (self.unreadable, "declared without a readable number, so it cannot be told what became of them"),
            (self.unkeyed as usize, "of Claim Details without a readable entry number, not counted"),
        ] {
            if count > 0 {
                writeln!(out, "{} row{} {what}", thousands(count), if count == 1 { "" } else { "s" })?;
            }
        }
        writeln!(
            out,
            "{} answered: {} accepted, {} failed, {} unclear; {} may be filed again now",
            entries(self.entries.len()),
            thousands(self.count(State::Accepted)),
            thousands(self.count(State::Failed)),
            thousands(self.count(State::Unclear)),
            thousands(self.refile.len()),
        )
    }

    fn human_entry(&self, entry: &Answered, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let last = entry.claims.iter().rev().map(|at| &self.claims[*at]);
        let claim = last.clone().find(|claim| claim.status == Status::Failed).or(last.clone().next());
        let Some(claim) = claim else { return Ok(()) };
        let place = sources.show(claim.place).to_string();
        let number = if claim.claim_number.is_empty() {
            String::new()
        } else {
            format!("claim {}, ", shown(&claim.claim_number))
        };
        writeln!(out, "   {} ({number}{})", entry.number, shown(&place))?;
        let notes =
            [("help", &entry.help), ("not in refile.csv", &entry.held), ("check", &entry.disagreement)];
        for (label, note) in notes {
            if let Some(note) = note {
                writeln!(out, "      = {label}: {}", shown(note))?;
            }
        }
        Ok(())
    }

    /// Writes one JSON object a line: all groups, all entries, the unanswered ones, one summary.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn jsonl(&self, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        for group in &self.groups {
            let message = group.message.as_ref();
            line(
                out,
                &Record::Message {
                    text: masked(&group.text).into_owned(),
                    id: message.map(|message| message.id.as_str()),
                    meaning: message.map(|message| message.meaning.as_str()),
                    next: message.map(|message| message.next.as_str()),
                    refile: message.map_or(Refile::Unknown, |message| message.refile).name(),
                    refile_after_days: match message.map(|message| message.refile) {
                        Some(Refile::After(days)) => Some(days),
                        _ => None,
                    },
                    rules: message.map_or(&[], |message| &message.rules),
                    sources: message.map_or(&[], |message| &message.sources),
                    entries: group.entries.len(),
                    accepted_since: group.accepted_since,
                },
            )?;
        }
        for entry in &self.entries {
            let claims = entry.claims.iter().map(|at| &self.claims[*at]).map(|claim| ClaimRecord {
                claim_number: masked(&claim.claim_number).into_owned(),
                status: match &claim.status {
                    Status::Accepted => "accepted".to_owned(),
                    Status::Failed => "failed".to_owned(),
                    Status::Other(text) => masked(text).into_owned(),
                },
                error: masked(&claim.error).into_owned(),
                file: sources.name(claim.place.file).to_owned(),
                line: claim.place.line,
            });
            line(
                out,
                &Record::Entry {
                    entry: entry.number.as_str(),
                    state: entry.state.name(),
                    refile: entry.refile.name(),
                    in_refile: entry.refile == Refile::Now && entry.held.is_none(),
                    held: entry.held.as_deref().map(|text| masked(text).into_owned()),
                    help: entry.help.as_deref().map(|text| masked(text).into_owned()),
                    disagreement: entry.disagreement.as_deref(),
                    claims: claims.collect(),
                },
            )?;
        }
        for number in &self.unanswered {
            line(out, &Record::Unanswered { entry: number.as_str() })?;
        }
        line(
            out,
            &Record::Summary {
                schema: 1,
                entries: self.entries.len(),
                accepted: self.count(State::Accepted),
                failed: self.count(State::Failed),
                unclear: self.count(State::Unclear),
                unanswered: self.unanswered.len(),
                unreadable: self.unreadable,
                unkeyed: self.unkeyed,
                refile: self.refile.len(),
            },
        )
    }
}

fn entries(n: usize) -> String {
    if n == 1 { "1 entry".to_owned() } else { format!("{} entries", thousands(n)) }
}

/// Writes a record on a line of its own; characters that act on a terminal stay escaped.
fn line(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    let json = serde_json::to_string(record)?;
    for c in json.chars() {
        if crate::report::text::acts(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
        } else {
            write!(out, "{c}")?;
        }
    }
    out.write_all(b"\n")
}

/// A line of `jsonl`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record<'a> {
    Message {
        text: String,
        id: Option<&'a str>,
        meaning: Option<&'a str>,
        next: Option<&'a str>,
        refile: &'static str,
        refile_after_days: Option<u32>,
        rules: &'a [String],
        sources: &'a [String],
        entries: usize,
        accepted_since: usize,
    },
    Entry {
        entry: &'a str,
        state: &'static str,
        refile: &'static str,
        in_refile: bool,
        held: Option<String>,
        help: Option<String>,
        disagreement: Option<&'a str>,
        claims: Vec<ClaimRecord>,
    },
    Unanswered {
        entry: &'a str,
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
        refile: usize,
    },
}

#[derive(Serialize)]
struct ClaimRecord {
    claim_number: String,
    status: String,
    error: String,
    file: String,
    line: u64,
}
