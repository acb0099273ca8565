//! Marks in a planning sheet that advise against filing an entry: `Hold`, `Do Not File`, `PSC reqd?`.
//!
//! Planners have many names for such a column, so headers are known by their words, not from a list. A column
//! whose header the table `row` has is read as that column, and is none of these. In all other columns, and
//! in the notes, a text counts only if it means that by itself (`do not file`, `HOLD`).

use super::encoding::decode;
use super::named::quoted;
use super::schema::Schema;
use super::value::clean;
use super::{Part, RawRecord};

/// What a mark in a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// That the entry is not to be filed: `Hold`.
    Against,
    /// That it is to be filed, so that a "no" advises against it: `File this week?`.
    For,
    /// That it needs a correction first: `PSC reqd?`.
    Correction,
    /// What is to become of it: `Disposition`. Whatever is not to file it advises against that.
    Decision,
    /// Nothing by its header: `Status`, `Notes`.
    Other,
}

/// A column whose marks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    /// The index of its field.
    pub(super) field: u32,
    meaning: Meaning,
}

/// The columns of a declaration whose marks count: those that are not read as something else, and the notes.
pub(super) fn columns(schema: &Schema, part: &Part) -> Vec<Marked> {
    let notes = schema.column("notes").and_then(|notes| part.fields[notes]);
    let is_open = |field: u32| !part.fields.contains(&Some(field)) || notes == Some(field);
    let open = (0..).zip(&part.header.fields).filter(|(field, _)| is_open(*field));
    let marked =
        open.map(|(field, (text, _))| Marked { field, meaning: meaning(text).unwrap_or(Meaning::Other) });
    marked.collect()
}

/// The first mark of a record that advises against filing the entry: its field, and its text.
pub(super) fn find(columns: &[Marked], part: &Part, record: RawRecord<'_>) -> Option<(u32, String)> {
    // They are in the order of their fields: one pass over the record finds them all.
    let mut columns = columns.iter().peekable();
    (0..).zip(record.fields()).find_map(|(at, field)| {
        let column = columns.next_if(|column| column.field == at)?;
        let value = record.value(&field);
        let text = decode(&value);
        let text = clean(&text);
        let (name, _) = part.header.fields.get(column.field as usize)?;
        advises_against(column.meaning, text).then(|| (column.field, mark(name, text)))
    })
}

/// The text of the column for corrections in a record, unless it means that none is needed.
pub(super) fn correction(schema: &Schema, part: &Part, record: RawRecord<'_>) -> Option<String> {
    let column = schema.column("psc_needed")?;
    let field = part.fields[column]?;
    let value = record.value_at(field as usize)?;
    let text = decode(&value);
    let text = clean(&text);
    let (name, _) = part.header.fields.get(field as usize)?;
    advises_against(Meaning::Correction, text).then(|| mark(name, text))
}

fn mark(name: &str, text: &str) -> String {
    let text: String = crate::mask::mask(text).chars().take(MAX_CHARACTERS).collect();
    format!("{} says \"{text}\"", quoted(name))
}

/// How much of a mark is shown.
const MAX_CHARACTERS: usize = 60;

/// What the marks of a column with that header mean.
fn meaning(header: &str) -> Option<Meaning> {
    let words = words(header);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let has_pair =
        |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    if has(&["psc", "pscs", "correction", "corrections", "amend", "amendment"]) || has_pair("post", "summary")
    {
        return Some(Meaning::Correction);
    }
    let is_against = has(&[
        "hold",
        "held",
        "holds",
        "exclude",
        "excluded",
        "exclusion",
        "excl",
        "skip",
        "skipped",
        "omit",
        "omitted",
        "remove",
        "removed",
        "defer",
        "deferred",
        "postpone",
        "postponed",
        "blocked",
        "dnf",
        "donotfile",
        "dontfile",
        "onhold",
        "wait",
        "waiting",
    ]) || has_pair("do", "not")
        || has_pair("not", "file")
        || has_pair("no", "file")
        || words.first().is_some_and(|word| word == "dont");
    if is_against {
        return Some(Meaning::Against);
    }
    // `File No`, `File Name` and `Filed Date` mean something else.
    let asks = header.trim_end().ends_with('?')
        || has_pair("y", "n")
        || has_pair("yes", "no")
        || has(&["now", "today", "week", "month"]);
    let is_for =
        has(&["file", "include", "included", "submit", "upload", "declare", "approved", "ready", "go"]);
    let alone =
        words.len() == 1 || has_pair("to", "file") || has_pair("in", "cape") || has_pair("in", "declaration");
    if has(&["disposition", "decision", "recommendation", "recommended", "route", "strategy", "treatment"])
        && !has(&["date", "by", "name"])
    {
        return Some(Meaning::Decision);
    }
    let is_allowed = has(&["eligible", "eligibility", "approved", "cleared", "ok"]);
    (is_for && (asks || alone) || is_allowed).then_some(Meaning::For)
}

/// Whether the text in a column of this meaning advises against filing.
fn advises_against(meaning: Meaning, text: &str) -> bool {
    let words = words(text);
    let first = words.first().map_or("", String::as_str);
    let is_no = matches!(first, "n" | "no" | "not" | "none" | "false" | "f" | "0" | "never" | "nil" | "na")
        || text.eq_ignore_ascii_case("n/a");
    let is_done = matches!(
        first,
        "done"
            | "complete"
            | "completed"
            | "cleared"
            | "released"
            | "ok"
            | "accepted"
            | "closed"
            | "resolved"
    );
    match meaning {
        Meaning::For => {
            (is_no && !text.eq_ignore_ascii_case("n/a"))
                || matches!(first, "hold" | "later" | "wait" | "pending" | "next")
        }
        Meaning::Decision => {
            let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
            !words.is_empty() && (is_no || means_not_to_file(&words) || !says(&TO_FILE))
        }
        Meaning::Other => means_not_to_file(&words),
        Meaning::Against | Meaning::Correction => !words.is_empty() && !is_no && !is_done,
    }
}

/// The words of a decision that mean that the entry is to be filed.
const TO_FILE: [&str; 17] = [
    "file", "filed", "filing", "cape", "include", "included", "submit", "upload", "declare", "yes", "y",
    "ok", "go", "proceed", "approved", "ready", "refund",
];

/// Whether a text by itself means that the entry is not to be filed.
fn means_not_to_file(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (first, second) = (words.first().copied().unwrap_or(""), words.get(1).copied());
    let begins = match first {
        "exclude" | "excluded" | "skip" | "skipped" | "omit" | "omitted" | "defer" | "deferred"
        | "postpone" | "postponed" | "dnf" | "donotfile" | "ineligible" | "later" | "wait" | "waiting"
        | "awaiting" | "remove" | "drop" | "nogo" => true,
        "next" => {
            matches!(second, Some("batch" | "declaration" | "file" | "round" | "upload" | "week" | "month"))
        }
        "pending" => matches!(
            second,
            Some(
                "psc"
                    | "client"
                    | "review"
                    | "approval"
                    | "correction"
                    | "confirmation"
                    | "docs"
                    | "documents"
            )
        ),
        // A firm may be called Hold & Sons.
        "hold" | "holding" => second.is_none_or(|word| {
            matches!(word, "for" | "until" | "till" | "per" | "pending" | "off" | "by" | "do")
        }),
        _ => false,
    };
    let says = words.windows(2).any(|pair| {
        matches!(pair, ["on", "hold"] | ["not", "eligible"] | ["not", "file"] | ["not", "include"])
            || matches!(pair, ["not", "ready"] | ["no", "go"] | ["leave", "out"] | ["take", "out"])
            || matches!(pair, ["protest", "instead" | "only" | "filed" | "pending" | "open" | "first"])
            || matches!(pair, ["file" | "via" | "by" | "under", "protest"])
            || matches!(pair, ["not", "submit"] | ["not", "upload"] | ["dont", "file"] | ["dont", "include"])
    });
    begins || says || words.contains(&"instead")
}

/// The words of a text, in lower case; apostrophes are not letters, but join a word.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\'', '\u{2019}'], "");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_by_their_words() {
        for (header, expected) in [
            ("HOLD", Some(Meaning::Against)),
            ("On Hold?", Some(Meaning::Against)),
            ("Do Not File", Some(Meaning::Against)),
            ("Don't file (reason)", Some(Meaning::Against)),
            ("Exclude from CAPE", Some(Meaning::Against)),
            ("skip", Some(Meaning::Against)),
            ("PSC reqd?", Some(Meaning::Correction)),
            ("Needs Post-Summary Correction", Some(Meaning::Correction)),
            ("File this week?", Some(Meaning::For)),
            ("Include (Y/N)", Some(Meaning::For)),
            ("Ready to file", Some(Meaning::For)),
            ("Include", Some(Meaning::For)),
            ("CAPE Eligible", Some(Meaning::For)),
            ("Approved by client", Some(Meaning::For)),
            ("Wait until", Some(Meaning::Against)),
            ("Disposition", Some(Meaning::Decision)),
            ("Filing decision", Some(Meaning::Decision)),
            ("Decision Date", None),
            ("Status", None),
            ("File No.", None),
            ("Filed Date", None),
            ("File Name", None),
            ("Client", None),
            ("Duty", None),
            ("Household goods", None),
            ("", None),
        ] {
            assert_eq!(meaning(header), expected, "{header}");
        }
    }

    #[test]
    fn marks_count_against_filing_unless_they_mean_no() {
        for (meaning, texts, expected) in [
            (Meaning::Against, &["X", "yes", "y - ask Kim", "X do not file", "1", "\u{2713}k"][..], true),
            (
                Meaning::Against,
                &["", " ", "N", "no", "No, released", "released 11/02", "-", "n/a", "0"],
                false,
            ),
            (Meaning::Correction, &["YES - origin wrong", "x", "needed", "TBD"], true),
            (Meaning::Correction, &["", "none", "not required", "done", "Accepted"], false),
            (Meaning::For, &["N", "no", "Not yet", "later", "hold"], true),
            (
                Meaning::Other,
                &[
                    "HOLD",
                    "hold until 12/15",
                    "On hold per Kim",
                    "do not file - PSC pending",
                    "Don't file",
                    "Exclude",
                    "Not eligible",
                    "Skip",
                ],
                true,
            ),
            (
                Meaning::Other,
                &["", "Hold & Sons", "file now", "released", "Household goods", "N", "ok"],
                false,
            ),
            (
                Meaning::Other,
                &[
                    "Protest instead",
                    "file protest",
                    "waiting on client",
                    "Later",
                    "next batch",
                    "Pending PSC",
                    "not ready",
                ],
                true,
            ),
            (
                Meaning::Other,
                &[
                    "Not yet liquidated",
                    "Pending liquidation",
                    "Protest deadline 12/01/2026",
                    "Dropbox 12",
                    "no protest",
                ],
                false,
            ),
            (Meaning::Decision, &["Protest", "Court", "No", "TBD", "ask Kim", "do not file"], true),
            (Meaning::Decision, &["", "CAPE", "File", "Yes - file", "include", "ok to file"], false),
            (Meaning::For, &["Y", "yes", "", "x", "n/a"], false),
        ] {
            for text in texts {
                assert_eq!(advises_against(meaning, text), expected, "{meaning:?} {text:?}");
            }
        }
    }
}
