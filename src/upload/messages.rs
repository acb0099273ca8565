//! The messages of CBP as triage asks for them: only by their wording, never by likeness, because
//! an entry may be filed again on the strength of the answer.

use super::triage::{Message, Messages, Refile};
use crate::rules::messages::{self, Stage};

/// The messages that CBP gives for entries.
#[derive(Clone, Debug, Default)]
pub struct Book {
    messages: Vec<Message>,
    /// Folded wordings with the index of their message; longest first.
    wordings: Vec<(String, usize)>,
}

/// The shortest wording that is looked for inside a longer text.
const SHORTEST_PART: usize = 16;

impl Book {
    /// Takes over the messages that answer entries.
    pub fn of(messages: &[messages::Message]) -> Self {
        let mut book = Self::default();
        // What a screen says of a server or a login is not in Claim Details.
        let answers = |stage| matches!(stage, Stage::Entry | Stage::Account | Stage::File);
        for message in messages.iter().filter(|message| answers(message.stage)) {
            let index = book.messages.len();
            for wording in std::iter::once(&message.text).chain(&message.also) {
                book.wordings.push((fold(wording), index));
            }
            book.messages.push(Message {
                id: message.id.clone(),
                text: message.text.clone(),
                meaning: message.meaning.clone(),
                next: message.action.clone(),
                refile: match message.refile {
                    messages::Refile::Now => Refile::Now,
                    messages::Refile::Later { days } => Refile::After(days.into()),
                    messages::Refile::AfterCorrection => Refile::AfterCorrection,
                    messages::Refile::Never => Refile::Never,
                },
                rules: message.rules.clone(),
                sources: message.sources.clone(),
                until: message.until,
            });
        }
        book.wordings.sort_by_key(|(wording, _)| std::cmp::Reverse(wording.len()));
        book
    }

    /// All messages.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}

impl Messages for Book {
    fn find(&self, text: &str) -> Vec<&Message> {
        let text = fold(text);
        if let Some((_, index)) = self.wordings.iter().find(|(wording, _)| *wording == text) {
            return vec![&self.messages[*index]];
        }
        let mut found: Vec<usize> = Vec::new();
        // What a message takes away no shorter one can be read from. Bars stand where one was.
        let mut rest = format!(" {text} ");
        for (wording, index) in self.wordings.iter().filter(|(wording, _)| wording.len() >= SHORTEST_PART) {
            let padded = format!(" {wording} ");
            while let Some(at) = rest.find(&padded) {
                rest.replace_range(at..at + padded.len(), " | ");
                found.push(*index);
            }
        }
        // Beside a message a short one counts too, where it is all that is left.
        for part in rest.split('|').map(str::trim).filter(|_| !found.is_empty()).collect::<Vec<_>>() {
            let short = |(wording, _): &&(String, usize)| wording == part && wording.contains(' ');
            found.extend(self.wordings.iter().find(short).map(|(_, index)| *index));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|index| &self.messages[index]).collect()
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
        Book::of(messages::embedded())
    }

    #[test]
    fn every_message_of_the_pack_is_found_by_each_of_its_wordings() {
        let book = book();
        assert!(book.messages().len() > 15);
        for message in book.messages() {
            let found: Vec<&String> = book.find(&message.text).into_iter().map(|found| &found.id).collect();
            assert_eq!(found, [&message.id]);
        }
        let id = |text: &str| book.find(text).first().map(|message| message.id.clone());
        assert_eq!(id("  Invalid   hts ").as_deref(), Some("invalid-hts"));
        assert_eq!(
            id("Line 001: GOODS VALUE AMOUNT NOT ALLOWED ON IEEPA HTS LINE (002)").as_deref(),
            Some("goods-value-on-ieepa-line")
        );
        assert_eq!(id("SOMETHING ELSE"), None);
        assert_eq!(id(""), None);
    }

    #[test]
    fn all_messages_of_a_text_are_found() {
        let book = book();
        let ids = |text: &str| {
            let mut ids: Vec<String> = book.find(text).into_iter().map(|found| found.id.clone()).collect();
            ids.sort();
            ids
        };
        assert_eq!(
            ids("HTS RELATIONSHIP/SEQUENCE MISMATCH, ENTRY ON DRAWBACK"),
            ["hts-relationship-sequence", "on-drawback"]
        );
        assert_eq!(
            ids("INVALID HTS, HTS RELATIONSHIP/SEQUENCE MISMATCH"),
            ["hts-relationship-sequence", "invalid-hts"]
        );
        assert_eq!(ids("Failed: PROTEST ON ENTRY PROTEST ON ENTRY"), ["protest-on-entry"]);
    }

    #[test]
    fn retired_messages_may_go_again_and_waiting_ones_later() {
        let book = book();
        let refile = |text: &str| book.find(text).first().map(|message| message.refile);
        assert_eq!(refile("HTS RELATIONSHIP/SEQUENCE MISMATCH"), Some(Refile::Now));
        assert_eq!(refile("HTS RELATIONSHIP MISMATCH"), Some(Refile::AfterCorrection));
        assert_eq!(refile("STATEMENT PROCESSING NOT COMPLETE"), Some(Refile::After(3)));
        assert_ne!(refile("ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS"), Some(Refile::Now));
    }
}
