//! The words of a pasted text, and what each is beside a message: a negation, a number, a word that says nothing.

use std::ops::Range;

use crate::entry::EntryNumber;

/// A word of a text.
#[derive(Debug)]
pub(super) struct MessageWord {
    /// As it is compared.
    pub(super) folded: String,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
    /// The line that it is in; `;` and `|` end lines too.
    pub(super) line: usize,
    /// Whether punctuation separates it from the word before.
    pub(super) separated: bool,
    /// Whether it is part of an entry number.
    pub(super) entry_number: bool,
}

/// The words of a text: letters and digits with anything else between.
pub(super) fn words(text: &str) -> Vec<MessageWord> {
    let mut words: Vec<MessageWord> = Vec::new();
    let mut start = None;
    let (mut line, mut end) = (0, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let between = &text[end..from];
                line += usize::from(between.contains(['\n', '\r', ';', '|']));
                words.push(MessageWord {
                    folded: text[from..at].to_lowercase(),
                    at: from..at,
                    line,
                    separated: words.is_empty()
                        || separates(text, end..from)
                        || is_conjunction(&text[from..at].to_lowercase())
                        || words.last().is_some_and(|word| is_conjunction(&word.folded)),
                    entry_number: false,
                });
                (start, end) = (None, at);
            }
            _ => {}
        }
    }
    for at in 0..words.len() {
        for parts in [1, 3] {
            let Some(range) = words.get(at..at + parts) else { continue };
            if EntryNumber::parse(written(text, range)).is_some() {
                words[at..at + parts].iter_mut().for_each(|word| word.entry_number = true);
            }
        }
    }
    words
}

/// Whether a word joins two messages in a sentence.
pub(super) fn is_conjunction(word: &str) -> bool {
    matches!(word, "and" | "plus")
}

/// Whether what is between two words is punctuation that separates.
fn separates(text: &str, between: Range<usize>) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let inside_number =
        digit(text[..between.start].chars().next_back()) && digit(text[between.end..].chars().next());
    let between = &text[between];
    let dash = |c: char| matches!(c, '-' | '\u{2013}' | '\u{2014}');
    (between.contains([
        ',', ':', '"', '(', ')', '[', ']', '{', '}', '=', '!', '?', '<', '>', '\t', ';', '|', '\n', '\r',
        '\u{201c}', '\u{201d}',
    ])) || (between.contains('.') && !inside_number)
        || (between.contains(|c| dash(c) || matches!(c, '&' | '/' | '+')) && between.contains(' '))
}

/// The text from the first of some words to the last.
pub(super) fn written<'t>(text: &'t str, words: &[MessageWord]) -> &'t str {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => &text[first.at.start..last.at.end],
        _ => "",
    }
}

/// A run of words cut where punctuation separates.
pub(super) fn pieces(words: &[MessageWord], range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = range.start;
    for at in range.clone().skip(1) {
        if words[at].separated {
            pieces.push(from..at);
            from = at;
        }
    }
    pieces.push(from..range.end);
    pieces
}

/// Whether around some words, up to the next punctuation, there is nothing with a meaning of its own. A
/// single word, such as `accepted`, is easily part of a sentence about something else.
pub(super) fn stands_alone(words: &[MessageWord], range: &Range<usize>, taken: &[bool]) -> bool {
    let single = range.len() == 1;
    let silent = |at: usize| {
        is_locator(&words[at])
            && !(single
                && is_filler(&words[at].folded)
                && !matches!(words[at].folded.as_str(), "is" | "was" | "the"))
    };
    let goes_on = |at: &usize| single || !taken[*at];
    let before = (0..range.start).rev().take_while(|at| !words[at + 1].separated).take_while(goes_on);
    let after = (range.end..words.len()).take_while(|at| !words[*at].separated).take_while(goes_on);
    before.chain(after).all(|at| silent(at) && !taken[at])
}

/// Whether a NOT before a word turns what follows around.
pub(super) fn negated(words: &[MessageWord], start: usize) -> bool {
    let mut at = start;
    while at > 0 && !words[at].separated {
        at -= 1;
        let word = words[at].folded.as_str();
        if is_negation(word) {
            return true;
        }
        if !matches!(
            word,
            "is" | "are"
                | "was"
                | "were"
                | "be"
                | "been"
                | "in"
                | "on"
                | "a"
                | "an"
                | "the"
                | "yet"
                | "any"
                | "t"
                | "to"
                | "has"
                | "have"
                | "entry"
        ) {
            return false;
        }
    }
    false
}

/// How alike two words are, from 0 to 1.
pub(super) fn word_likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (shorter, longer) =
        (a.chars().count().min(b.chars().count()), a.chars().count().max(b.chars().count()));
    if shorter < 4 || longer > 40 || has_digit(a) || has_digit(b) {
        return 0.0;
    }
    let slips = if shorter < 7 { 1 } else { 2 };
    if longer - shorter <= slips && strsim::damerau_levenshtein(a, b) <= slips {
        return 0.9;
    }
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    if common >= 5 && common * 10 >= longer * 6 { 0.7 } else { 0.0 }
}

pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_numeric())
}

/// Whether a word is a number of the filer's or of CBP's that no message names.
pub(super) fn is_number(word: &MessageWord) -> bool {
    word.entry_number || (has_digit(&word.folded) && (word.folded.len() > 4 || is_digits(&word.folded)))
}

pub(super) fn is_negation(word: &str) -> bool {
    matches!(
        word,
        "not"
            | "no"
            | "non"
            | "never"
            | "without"
            | "cannot"
            | "isn"
            | "wasn"
            | "aren"
            | "don"
            | "doesn"
            | "didn"
            | "won"
            | "can't"
            | "nor"
            | "neither"
    )
}

/// Whether a word only shows where a message belongs: a line number, a header, a filler.
pub(super) fn is_locator(word: &MessageWord) -> bool {
    const WORDS: &[&str] = &[
        "line",
        "lines",
        "item",
        "no",
        "nbr",
        "number",
        "hts",
        "tariff",
        "code",
        "entry",
        "entries",
        "summary",
        "claim",
        "error",
        "errors",
        "failed",
        "failure",
        "reason",
        "message",
        "messages",
        "msg",
        "status",
        "description",
        "on",
        "in",
        "for",
        "of",
        "at",
        "and",
        "cbp",
        "ace",
        "cape",
    ];
    word.entry_number
        || has_digit(&word.folded)
        || WORDS.contains(&word.folded.as_str())
        || is_filler(&word.folded)
}

/// Words of a sentence around a message.
pub(super) fn is_filler(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "a", "an", "the", "i", "we", "you", "he", "she", "it", "they", "my", "our", "your", "their", "its",
        "me", "us", "this", "that", "these", "those", "is", "are", "was", "were", "be", "been", "am", "do",
        "does", "did", "have", "has", "had", "get", "got", "getting", "gets", "can", "could", "would",
        "will", "shall", "should", "must", "may", "might", "what", "why", "how", "when", "which", "who",
        "where", "if", "then", "so", "but", "or", "to", "from", "by", "with", "as", "about", "into", "out",
        "up", "there", "here", "also", "again", "just", "please", "help", "thanks", "hi", "hello", "mean",
        "means", "says", "said", "say", "shows", "showing", "saw", "s",
    ];
    WORDS.contains(&word)
}

/// Words that are not compared by likeness.
pub(super) fn is_chat(word: &str) -> bool {
    is_filler(word)
        || is_negation(word)
        || matches!(
            word,
            "on" | "in"
                | "for"
                | "of"
                | "at"
                | "and"
                | "t"
                | "message"
                | "messages"
                | "error"
                | "errors"
                | "day"
                | "days"
                | "week"
                | "weeks"
                | "ago"
                | "since"
        )
}

/// Words that many messages have, or that mean many things: one of them alone is not a message.
pub(super) fn is_common(word: &str) -> bool {
    matches!(
        word,
        "entry"
            | "entries"
            | "summary"
            | "summaries"
            | "status"
            | "code"
            | "codes"
            | "file"
            | "files"
            | "csv"
            | "claim"
            | "claims"
            | "declaration"
            | "declarations"
            | "number"
            | "numbers"
            | "hts"
            | "psc"
            | "cape"
            | "ace"
            | "cbp"
            | "ieepa"
            | "duty"
            | "duties"
            | "refund"
            | "refunds"
            | "importer"
            | "broker"
            | "account"
            | "line"
            | "lines"
            | "value"
            | "amount"
            | "type"
            | "invalid"
            | "allowed"
            | "report"
            | "liquidation"
            | "liquidated"
            | "statement"
            | "processing"
            | "final"
            | "accepted"
            | "rejected"
            | "failed"
            | "pending"
            | "missing"
            | "upload"
            | "header"
            | "row"
            | "validation"
            | "relationship"
            | "mismatch"
            | "reported"
            | "requested"
            | "complete"
            | "system"
            | "user"
            | "support"
            | "contact"
            | "time"
            | "data"
            | "details"
            | "date"
            | "payment"
            | "bank"
            | "country"
            | "goods"
            | "tariff"
            | "section"
    )
}
