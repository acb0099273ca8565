//! Marks in a planning sheet that speak against filing an entry: `Hold`, `Do Not File`, `PSC reqd?`.
//!
//! Planners have many names for such a column, so headers are known by their words, not from a list. A
//! column whose header the table `row` knows is read as that, and is none of these.

use super::csv;
use super::encoding::decode;
use super::value::clean;
use super::{Part, header};

/// What a mark in a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// That the entry is not to be filed: `Hold`.
    Against,
    /// That it is to be filed, so that a "no" speaks against it: `File this week?`.
    For,
    /// That it needs a correction first: `PSC reqd?`.
    Correction,
}

/// A column whose marks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    /// The index of its field.
    pub(super) field: u32,
    meaning: Meaning,
}

/// The columns of a declaration whose marks count: none that is read as something else.
pub(super) fn columns(part: &Part) -> Vec<Marked> {
    let unread = (0..).zip(&part.header.fields).filter(|(field, _)| !part.fields.contains(&Some(*field)));
    unread.filter_map(|(field, (text, _))| Some(Marked { field, meaning: meaning(text)? })).collect()
}

/// The first mark of a record that speaks against filing the entry: its field, and what it says.
pub(super) fn find(columns: &[Marked], part: &Part, record: &[u8]) -> Option<(u32, String)> {
    columns.iter().find_map(|column| {
        let field = csv::fields(record, part.delimiter).nth(column.field as usize)?;
        let value = field.value(record);
        let text = decode(&value);
        let text = clean(&text);
        let (name, _) = part.header.fields.get(column.field as usize)?;
        speaks_against(column.meaning, text).then(|| {
            let text: String = crate::importer::mask_digits(text).chars().take(MAX_CHARACTERS).collect();
            (column.field, format!("{} says \"{text}\"", header::quoted(name)))
        })
    })
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
    ]) || has_pair("do", "not")
        || has_pair("not", "file")
        || has_pair("no", "file")
        || words.first().is_some_and(|word| word == "dont");
    if is_against {
        return Some(Meaning::Against);
    }
    // `File No`, `File Name` and `Filed Date` say something else.
    let asks = header.trim_end().ends_with('?')
        || has_pair("y", "n")
        || has_pair("yes", "no")
        || has(&["now", "today", "week", "month"]);
    let is_for =
        has(&["file", "include", "included", "submit", "upload", "declare", "approved", "ready", "go"]);
    let alone =
        words.len() == 1 || has_pair("to", "file") || has_pair("in", "cape") || has_pair("in", "declaration");
    (is_for && (asks || alone)).then_some(Meaning::For)
}

/// Whether the text in such a column speaks against filing.
fn speaks_against(meaning: Meaning, text: &str) -> bool {
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
        Meaning::Against | Meaning::Correction => !words.is_empty() && !is_no && !is_done,
    }
}

/// The words of a text, in lower case; apostrophes are no letters, but hold a word together.
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
    fn marks_speak_against_unless_they_say_no() {
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
            (Meaning::For, &["Y", "yes", "", "x", "n/a"], false),
        ] {
            for text in texts {
                assert_eq!(speaks_against(meaning, text), expected, "{meaning:?} {text:?}");
            }
        }
    }
}
