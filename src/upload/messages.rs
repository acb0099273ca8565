//! The messages of `rules/messages.yaml` as triage asks for them.

use chrono::NaiveDate;
use serde::Deserialize;

use super::triage::{Message, Messages, Refile};

/// The messages that CBP gives for entries.
#[derive(Clone, Debug, Default)]
pub struct Book {
    messages: Vec<Message>,
    /// Folded wordings with the index of their message; longest first.
    wordings: Vec<(String, usize)>,
}

#[derive(Deserialize)]
struct File {
    messages: Vec<Written>,
}

/// A message as the file has it; what triage does not need is left out.
#[derive(Deserialize)]
struct Written {
    id: String,
    text: String,
    #[serde(default)]
    also: Vec<String>,
    stage: String,
    meaning: String,
    refile: String,
    refile_after_days: Option<u32>,
    #[serde(rename = "do")]
    next: String,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    until: Option<String>,
}

/// The shortest wording that is looked for inside a longer text.
const SHORTEST_PART: usize = 16;

impl Book {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it is not such a file, or a value is not one of those it may have.
    pub fn read(yaml: &str) -> Result<Self, String> {
        let file: File = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
        let mut book = Self::default();
        for written in file.messages {
            // Claim Details answer entries: what a screen says of a server or a login is not theirs.
            if !matches!(written.stage.as_str(), "entry" | "account" | "file") {
                continue;
            }
            let bad = |what: &str| format!("message `{}`: {what}", written.id);
            let refile = match (written.refile.as_str(), written.refile_after_days) {
                ("now", _) => Refile::Now,
                ("later", Some(days)) => Refile::After(days),
                ("after_correction", _) => Refile::AfterCorrection,
                ("never", _) => Refile::Never,
                ("later", None) => return Err(bad("`later` without `refile_after_days`")),
                _ => return Err(bad("`refile` is none of now, later, after_correction, never")),
            };
            let until = match &written.until {
                Some(day) => Some(day.parse::<NaiveDate>().map_err(|_| bad("`until` is not a day"))?),
                None => None,
            };
            let index = book.messages.len();
            for wording in std::iter::once(&written.text).chain(&written.also) {
                book.wordings.push((fold(wording), index));
            }
            book.messages.push(Message {
                id: written.id,
                text: written.text,
                meaning: written.meaning,
                next: written.next,
                refile,
                rules: written.rules,
                sources: written.sources,
                until,
            });
        }
        book.wordings.sort_by_key(|(wording, _)| std::cmp::Reverse(wording.len()));
        Ok(book)
    }

    /// All messages.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}

impl Messages for Book {
    fn find(&self, text: &str) -> Option<&Message> {
        let text = fold(text);
        let padded = format!(" {text} ");
        let inside =
            |wording: &str| wording.len() >= SHORTEST_PART && padded.contains(&format!(" {wording} "));
        self.wordings
            .iter()
            .find(|(wording, _)| *wording == text)
            .or_else(|| self.wordings.iter().find(|(wording, _)| inside(wording)))
            .map(|(_, index)| &self.messages[*index])
    }
}

/// A text as it is compared: lower case, letters and digits only, words with one space between.
fn fold(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        Book::read(include_str!("../../rules/messages.yaml")).unwrap()
    }

    #[test]
    fn every_message_of_the_pack_is_found_by_each_of_its_wordings() {
        let book = book();
        assert!(book.messages().len() > 15);
        for message in book.messages() {
            assert_eq!(book.find(&message.text).map(|found| &found.id), Some(&message.id));
        }
        let id = |text: &str| book.find(text).map(|message| message.id.clone());
        assert_eq!(id("  Invalid   hts ").as_deref(), Some("invalid-hts"));
        assert_eq!(
            id("Line 001: GOODS VALUE AMOUNT NOT ALLOWED ON IEEPA HTS LINE (002)").as_deref(),
            Some("goods-value-on-ieepa-line")
        );
        assert_eq!(id("SOMETHING ELSE"), None);
        assert_eq!(id(""), None);
    }

    #[test]
    fn retired_messages_may_go_again_and_waiting_ones_later() {
        let book = book();
        let refile = |text: &str| book.find(text).map(|message| message.refile);
        assert_eq!(refile("HTS RELATIONSHIP/SEQUENCE MISMATCH"), Some(Refile::Now));
        assert_eq!(refile("HTS RELATIONSHIP MISMATCH"), Some(Refile::AfterCorrection));
        assert_eq!(refile("STATEMENT PROCESSING NOT COMPLETE"), Some(Refile::After(3)));
        assert_ne!(refile("ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS"), Some(Refile::Now));
    }

    #[test]
    fn mistakes_are_told() {
        let text = "messages:\n  - {id: a, text: A, stage: entry, meaning: m, refile: maybe, do: d}\n";
        assert!(Book::read(text).unwrap_err().contains("`refile` is none of"));
        assert!(Book::read("messages: 3").is_err());
    }
}
