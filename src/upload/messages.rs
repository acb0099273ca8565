//! The messages of CBP as triage asks for them: only by their wording, never by likeness, because
//! an entry may be filed again on the strength of the answer.

use std::ops::Range;

use super::triage::{Held, Message, Messages, Refile};
use crate::rules::messages::{self, TestFixture};

/// The messages that CBP gives for entries.
#[derive(Clone, Debug, Default)]
pub struct MessageCatalog {
    messages: Vec<Message>,
    /// Folded wordings with the index of their message; longest first.
    wordings: Vec<(String, usize)>,
}

/// The shortest wording that is looked for inside a longer text.
const SHORTEST_PART: usize = 16;

impl MessageCatalog {
    /// Takes over the messages that answer entries.
    pub fn of(messages: &[messages::Message]) -> Self {
        let mut catalog = Self::default();
        // What a screen says of a server or a login is not in Claim Details.
        let answers = |stage| matches!(stage, TestFixture::Entry | TestFixture::Account | TestFixture::File);
        for message in messages.iter().filter(|message| answers(message.stage)) {
            let index = catalog.messages.len();
            for wording in std::iter::once(&message.text).chain(&message.also) {
                catalog.wordings.push((fold(wording), index));
            }
            catalog.messages.push(Message {
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
        catalog.wordings.sort_by_key(|(wording, _)| std::cmp::Reverse(wording.len()));
        catalog
    }

    /// All messages.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}

impl Messages for MessageCatalog {
    fn find<'a>(&'a self, text: &'a str) -> Held<'a> {
        let words = words(text);
        let is_wording = |words: &[Word], wording: &str| {
            wording.split(' ').eq(words.iter().map(|word| word.folded.as_str()))
        };
        let whole = self.wordings.iter().find(|(wording, _)| is_wording(&words, wording));
        if let Some((_, index)) = whole {
            return Held { messages: vec![&self.messages[*index]], unknown: Vec::new() };
        }
        let mut found: Vec<usize> = Vec::new();
        // What a message takes away no shorter one can be read from.
        let mut rest: Vec<&[Word]> = vec![&words];
        for (wording, index) in self.wordings.iter().filter(|(wording, _)| wording.len() >= SHORTEST_PART) {
            let length = wording.split(' ').count();
            let mut at = 0;
            while at < rest.len() {
                let part = rest[at];
                match part.windows(length).position(|words| is_wording(words, wording)) {
                    Some(start) => {
                        found.push(*index);
                        rest.splice(at..=at, [&part[..start], &part[start + length..]]);
                    }
                    None => at += 1,
                }
            }
        }
        let mut unknown = Vec::new();
        // Beside a message a short one counts too, where it is all that is left.
        if found.is_empty() {
            return Held::default();
        }
        for part in rest {
            let short = |(wording, _): &&(String, usize)| wording.contains(' ') && is_wording(part, wording);
            match self.wordings.iter().find(short) {
                Some((_, index)) => found.push(*index),
                None => unknown.extend(says_something(part).then(|| written(text, part)).flatten()),
            }
        }
        found.sort_unstable();
        found.dedup();
        Held { messages: found.into_iter().map(|index| &self.messages[index]).collect(), unknown }
    }
}

/// A word of a text.
struct Word {
    /// As it is compared.
    folded: String,
    /// Its bytes in the text.
    at: Range<usize>,
}

/// The words of a text: letters and digits with anything else between.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(Word { folded: text[from..at].to_lowercase(), at: from..at });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// The text from the first of some of its words to the last.
fn written<'a>(text: &'a str, words: &[Word]) -> Option<&'a str> {
    Some(&text[words.first()?.at.start..words.last()?.at.end])
}

/// Words that say where a message belongs, and nothing themselves.
const EMPTY_WORDS: [&str; 24] = [
    "line", "lines", "item", "no", "nbr", "number", "hts", "tariff", "code", "entry", "summary", "claim",
    "error", "errors", "failed", "failure", "reason", "message", "on", "in", "for", "of", "at", "and",
];

/// Whether what stands beside a message is more than a line number, a code or the like.
fn says_something(words: &[Word]) -> bool {
    let has_digit = |word: &Word| word.folded.contains(|c: char| c.is_numeric());
    // The filer code of an entry number with dashes.
    let is_filer_code = |at: usize| {
        words[at].folded.len() == 3
            && words.get(at + 1).is_some_and(|next| {
                matches!(next.folded.len(), 7 | 8) && next.folded.bytes().all(|c| c.is_ascii_digit())
            })
    };
    (words.iter().enumerate()).any(|(at, word)| {
        !has_digit(word) && !EMPTY_WORDS.contains(&word.folded.as_str()) && !is_filer_code(at)
    })
}

/// A text as it is compared: lower case, letters and digits only, words with one space between.
fn fold(text: &str) -> String {
    words(text).into_iter().map(|word| word.folded).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> MessageCatalog {
        MessageCatalog::of(messages::embedded())
    }

    #[test]
    fn every_message_of_the_pack_is_found_by_each_of_its_wordings() {
        let catalog = catalog();
        assert!(catalog.messages().len() > 15);
        for message in catalog.messages() {
            let found: Vec<&String> =
                catalog.find(&message.text).messages.into_iter().map(|found| &found.id).collect();
            assert_eq!(found, [&message.id]);
        }
        let id = |text: &str| catalog.find(text).messages.first().map(|message| message.id.clone());
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
        let catalog = catalog();
        let ids = |text: &str| {
            let mut ids: Vec<String> =
                catalog.find(text).messages.into_iter().map(|found| found.id.clone()).collect();
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
    fn what_is_left_beside_known_messages_is_an_unknown_one() {
        let catalog = catalog();
        let unknown = |text: &'static str| catalog.find(text).unknown.join(" / ");
        for (text, expected) in [
            ("SOMETHING NEW, HTS RELATIONSHIP/SEQUENCE MISMATCH", "SOMETHING NEW"),
            ("HTS RELATIONSHIP/SEQUENCE MISMATCH - Duty Bill (3) open", "Duty Bill (3) open"),
            ("ENTRY ON DRAWBACK, A NEW ONE, PROTEST ON ENTRY, ANOTHER", "A NEW ONE / ANOTHER"),
            // Where a message belongs is none.
            ("Line 001: GOODS VALUE AMOUNT NOT ALLOWED ON IEEPA HTS LINE (002)", ""),
            ("Failed: PROTEST ON ENTRY ABC-1234567-6", ""),
            ("E123 - ENTRY ON DRAWBACK; HTS 9903.01.25, line no. 2", ""),
            ("INVALID HTS, HTS RELATIONSHIP/SEQUENCE MISMATCH", ""),
            // Of a text in which nothing is known, all is unknown: that is for the caller to say.
            ("SOMETHING NEW", ""),
            ("", ""),
        ] {
            assert_eq!(unknown(text), expected, "{text}");
        }
    }

    #[test]
    fn retired_messages_may_go_again_and_waiting_ones_later() {
        let catalog = catalog();
        let refile = |text: &str| catalog.find(text).messages.first().map(|message| message.refile);
        assert_eq!(refile("HTS RELATIONSHIP/SEQUENCE MISMATCH"), Some(Refile::Now));
        assert_eq!(refile("HTS RELATIONSHIP MISMATCH"), Some(Refile::AfterCorrection));
        assert_eq!(refile("STATEMENT PROCESSING NOT COMPLETE"), Some(Refile::After(3)));
        assert_ne!(refile("ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS"), Some(Refile::Now));
    }
}
