//! Finds the messages in a pasted text.
//!
//! A message is *known* where the text has one of its wordings, word by word, or its code. What is
//! left is compared by likeness, and what comes out of that is only *closest*: a person decides.
//! Neither ever crosses a NOT: `ENTRY IS NOT ON DRAWBACK` is not `ENTRY ON DRAWBACK`.

use std::cmp::Reverse;
use std::ops::Range;

use hashbrown::{HashMap, HashSet};
use regex::Regex;

use super::pasted::{
    MessageWord, has_digit, is_chat, is_common, is_conjunction, is_digits, is_filler, is_locator,
    is_negation, is_number, negated, pieces, stands_alone, word_likeness, words, written,
};
use super::{Message, Stage};

/// A wording shorter than this, in bytes, counts only where nothing else is around it.
const MIN_INSIDE: usize = 16;
/// How alike a text and a wording must be, from 0 to 1.
const MIN_LIKENESS: f64 = 0.62;
/// A candidate is named beside the best one if it is nearly as alike.
const NEAR_BEST: f64 = 0.88;
/// How many candidates are named for one text.
const MAX_CANDIDATES: usize = 3;
/// The longest text that is compared by likeness, in words.
const MAX_WORDS: usize = 40;
/// How many texts of one paste are compared by likeness.
const MAX_COMPARED: usize = 100;
/// The weight of a word that no message has. Such a word shows that the text is about something else.
const UNKNOWN_WEIGHT: f64 = 2.0;

/// All messages, prepared for looking them up.
#[derive(Clone, Debug, Default)]
pub struct MessageCatalog {
    messages: Vec<Message>,
    wordings: Vec<Wording>,
    /// The wordings that begin with a word.
    beginnings: HashMap<String, Vec<usize>>,
    codes: Vec<(Regex, usize)>,
    /// How much each word of the wordings distinguishes messages, in the order of
    /// [`MessageCatalog::vocabulary`].
    weights: Vec<f64>,
    vocabulary: HashMap<String, usize>,
}

/// One wording of a message.
#[derive(Clone, Debug)]
struct Wording {
    words: Vec<String>,
    /// Its words as they are compared by likeness: indices into the vocabulary, each once.
    compared: Vec<usize>,
    negations: usize,
    /// All letters and digits without spaces.
    squeezed: String,
    message: usize,
}

/// What a text contains, in its order.
#[derive(Clone, Debug, Default)]
pub struct Lookup<'c, 't> {
    /// The messages, each once, and the texts that are none.
    pub parts: Vec<MessagePart<'c, 't>>,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum MessagePart<'c, 't> {
    /// One of the wordings of a message, or its code.
    Known {
        /// The words.
        text: &'t str,
        /// The message.
        message: &'c Message,
    },
    /// Not a message that is known, but like some.
    Closest {
        /// The words.
        text: &'t str,
        /// What it may be, the most alike first; at least one.
        candidates: Vec<&'c Message>,
    },
    /// Like nothing that is known.
    Unknown {
        /// The words.
        text: &'t str,
    },
}

/// A message found in a text.
struct Hit {
    words: Range<usize>,
    message: usize,
}

impl MessageCatalog {
    /// Prepares messages for looking them up.
    pub fn new(messages: Vec<Message>) -> Self {
        let mut catalog = Self { messages, ..Self::default() };
        let mut frequency: HashMap<String, HashSet<usize>> = HashMap::new();
        let mut wordings = Vec::new();
        for (index, message) in catalog.messages.iter().enumerate() {
            let code = message.code.as_deref();
            if let Some(regex) = code.and_then(|code| code_pattern(&regex::escape(code)).ok()) {
                catalog.codes.push((regex, index));
            }
            if let Some(regex) = &message.codes {
                catalog.codes.push((regex.clone(), index));
            }
            for wording in std::iter::once(&message.text).chain(&message.also) {
                let words: Vec<String> = words(wording).into_iter().map(|word| word.folded).collect();
                for word in words.iter().filter(|word| !is_chat(word)) {
                    frequency.entry(word.clone()).or_default().insert(index);
                }
                wordings.push((words, index));
            }
        }
        let mut vocabulary: Vec<(String, f64)> = (frequency.into_iter())
            .map(|(word, messages)| {
                let weight = ((catalog.messages.len() + 1) as f64 / messages.len() as f64).ln();
                (word, weight)
            })
            .collect();
        vocabulary.sort_by(|(a, _), (b, _)| a.cmp(b));
        catalog.weights = vocabulary.iter().map(|(_, weight)| *weight).collect();
        catalog.vocabulary =
            vocabulary.into_iter().enumerate().map(|(index, (word, _))| (word, index)).collect();
        for (words, message) in wordings {
            let mut compared: Vec<usize> =
                words.iter().filter_map(|word| catalog.vocabulary.get(word).copied()).collect();
            compared.sort_unstable();
            compared.dedup();
            let Some(first) = words.first() else { continue };
            catalog.beginnings.entry(first.clone()).or_default().push(catalog.wordings.len());
            let negations = words.iter().filter(|word| is_negation(word)).count();
            catalog.wordings.push(Wording { squeezed: words.concat(), compared, negations, words, message });
        }
        catalog
    }

    /// All messages.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The message of this name.
    pub fn by_id(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// Finds the messages in a text. Entry numbers, claim numbers, dates and the like are skipped.
    pub fn lookup<'t>(&self, text: &'t str) -> Lookup<'_, 't> {
        if let Some(message) = self.by_id(text.trim()) {
            return Lookup { parts: vec![MessagePart::Known { text: text.trim(), message }] };
        }
        let words = words(text);
        let mut hits = self.codes_in(text, &words, |code| !is_digits(code), Vec::new());
        hits = self.wordings_in(&words, hits);
        hits = self.codes_in(text, &words, is_digits, hits);
        hits.sort_by_key(|hit| (hit.words.start, hit.words.end));
        let rest = rest(&words, &hits);
        let mut parts: Vec<(usize, MessagePart<'_, 't>)> = hits
            .iter()
            .map(|hit| {
                let text = written(text, &words[hit.words.clone()]);
                (hit.words.start, MessagePart::Known { text, message: &self.messages[hit.message] })
            })
            .collect();
        parts.extend(self.likenesses(text, &words, rest));
        parts.sort_by_key(|(at, _)| *at);
        self.without_repetition(parts, &words)
    }

    /// Adds the wordings in a text, the longest first where they overlap.
    fn wordings_in(&self, words: &[MessageWord], mut hits: Vec<Hit>) -> Vec<Hit> {
        let mut found: Vec<(Range<usize>, usize)> = Vec::new();
        for (start, word) in words.iter().enumerate() {
            for &index in self.beginnings.get(&word.folded).into_iter().flatten() {
                let wording = &self.wordings[index];
                let range = start..start + wording.words.len();
                let Some(part) = words.get(range.clone()) else { continue };
                if part.iter().map(|word| &word.folded).eq(&wording.words) {
                    found.push((range, index));
                }
            }
        }
        let length = |range: &Range<usize>| words[range.end - 1].at.end - words[range.start].at.start;
        found.sort_by_key(|(range, index)| {
            (Reverse(range.len()), Reverse(length(range)), range.start, *index)
        });
        let mut taken = vec![false; words.len()];
        for hit in &hits {
            taken[hit.words.clone()].fill(true);
        }
        for (range, index) in found {
            let wording = &self.wordings[index];
            let free = !taken[range.clone()].iter().any(|taken| *taken);
            let long = wording.squeezed.len() + wording.words.len() > MIN_INSIDE;
            let negated =
                self.messages[wording.message].stage != Stage::Question && negated(words, range.start);
            if free && !negated && (long || stands_alone(words, &range, &taken)) {
                taken[range.clone()].fill(true);
                hits.push(Hit { words: range, message: wording.message });
            }
        }
        hits
    }

    /// Adds the wanted codes in a text, outside of what was found. A code of digits alone could be any
    /// number, so it counts only where it is all there is, or beside a word such as `error`.
    fn codes_in(
        &self,
        text: &str,
        words: &[MessageWord],
        wanted: impl Fn(&str) -> bool,
        mut hits: Vec<Hit>,
    ) -> Vec<Hit> {
        for (regex, message) in &self.codes {
            for code in regex.find_iter(text).filter(|code| wanted(code.as_str())) {
                let whole = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
                if !whole(text[..code.start()].chars().next_back())
                    || !whole(text[code.end()..].chars().next())
                {
                    continue;
                }
                let start = words.partition_point(|word| word.at.end <= code.start());
                let end = words.partition_point(|word| word.at.start < code.end());
                let range = start..end;
                let overlaps = |hit: &Hit| hit.words.start < range.end && range.start < hit.words.end;
                let named_from = words[..start]
                    .iter()
                    .rposition(|word| !matches!(&*word.folded, "error" | "code" | "report"))
                    .map_or(0, |at| at + 1);
                if range.is_empty() || hits.iter().any(overlaps) || negated(words, named_from) {
                    continue;
                }
                if is_digits(code.as_str()) {
                    let word =
                        |at: Option<usize>| at.and_then(|at| words.get(at)).map(|word| word.folded.as_str());
                    let named =
                        matches!(word(start.checked_sub(1)), Some("error" | "code" | "message" | "msg"))
                            || word(Some(end)) == Some("error");
                    let is_hit = |at: &usize| hits.iter().any(|hit| hit.words.contains(at));
                    let mut rest =
                        words.iter().enumerate().filter(|(at, _)| !range.contains(at) && !is_hit(at));
                    let around = |word: &str| {
                        is_filler(word)
                            || is_conjunction(word)
                            || matches!(word, "error" | "code" | "message" | "ace" | "cbp" | "cape" | "psc")
                    };
                    if !named && !rest.all(|(_, word)| around(&word.folded)) {
                        continue;
                    }
                }
                hits.push(Hit { words: range, message: *message });
            }
        }
        hits
    }

    /// Compares by likeness what the wordings and codes leave: first what punctuation separates, then
    /// the whole line if no part of it is like anything.
    fn likenesses<'t>(
        &self,
        text: &'t str,
        words: &[MessageWord],
        rest: Vec<Range<usize>>,
    ) -> Vec<(usize, MessagePart<'_, 't>)> {
        let mut near = HashMap::new();
        let mut compared = 0;
        let mut candidates = |range: Range<usize>| {
            let words = &words[range];
            if words.iter().all(is_locator) || compared == MAX_COMPARED {
                return Vec::new();
            }
            compared += 1;
            self.candidates(words, &mut near)
        };
        let mut parts = Vec::new();
        for range in rest {
            let pieces = pieces(words, range.clone());
            let mut found: Vec<(Range<usize>, Vec<usize>)> =
                pieces.iter().map(|piece| (piece.clone(), candidates(piece.clone()))).collect();
            if pieces.len() > 1 && found.iter().all(|(_, candidates)| candidates.is_empty()) {
                let whole = candidates(range.clone());
                if !whole.is_empty() {
                    found = vec![(range.clone(), whole)];
                }
            }
            // `or` is a part of some messages, so that it joins two only where nothing else does.
            if found.iter().all(|(_, candidates)| candidates.is_empty()) {
                let is_or = |at: &usize| words[*at].folded == "or";
                let mut parts = Vec::new();
                let mut from = range.start;
                for at in range.clone().filter(is_or).chain([range.end]) {
                    if from < at {
                        parts.push((from..at, candidates(from..at)));
                    }
                    from = at + 1;
                }
                if parts.iter().any(|(_, candidates)| !candidates.is_empty()) {
                    found = parts;
                }
            }
            for (range, candidates) in found {
                let text = written(text, &words[range.clone()]);
                if candidates.is_empty() {
                    if words[range.clone()].iter().any(|word| !is_locator(word)) {
                        parts.push((range.start, MessagePart::Unknown { text }));
                    }
                } else {
                    let candidates = candidates.into_iter().map(|index| &self.messages[index]).collect();
                    parts.push((range.start, MessagePart::Closest { text, candidates }));
                }
            }
        }
        parts
    }

    /// The messages that some words may mean, the most alike first.
    fn candidates(&self, words: &[MessageWord], near: &mut HashMap<String, Vec<(usize, f64)>>) -> Vec<usize> {
        let words = &words[..words.len().min(MAX_WORDS)];
        let squeezed: String = words.iter().map(|word| word.folded.as_str()).collect();
        let negations = words.iter().filter(|word| is_negation(&word.folded)).count();
        // `REV-999` has the letters of REV-603, and is another code.
        let begins_code = |at: usize| {
            let word = &words[at];
            word.folded.len() < 4 && !has_digit(&word.folded) && words.get(at + 1).is_some_and(is_number)
        };
        let is_compared = |word: &MessageWord| !is_chat(&word.folded) && !is_number(word);
        let mut compared: Vec<&str> =
            words.iter().filter(|word| is_compared(word)).map(|word| word.folded.as_str()).collect();
        let mut beside = (0..words.len()).filter(|at| is_compared(&words[*at]) && !begins_code(*at));
        let is_code = beside.next().is_none_or(|at| is_common(&words[at].folded)) && beside.next().is_none();
        if is_code && (0..words.len()).any(begins_code) {
            return Vec::new();
        }
        compared.sort_unstable();
        compared.dedup();
        for word in &compared {
            if !near.contains_key(*word) {
                near.insert((*word).to_owned(), self.near_words(word));
            }
        }
        let near: Vec<&[(usize, f64)]> = compared.iter().map(|word| near[*word].as_slice()).collect();
        let mut scored: HashMap<usize, f64> = HashMap::new();
        for wording in &self.wordings {
            let question = self.messages[wording.message].stage == Stage::Question;
            let score = if squeezed.len() > MIN_INSIDE && wording.squeezed == squeezed {
                1.0
            } else if negations != wording.negations && !question {
                continue;
            } else if is_part(words, wording) {
                self.likeness(&near, &compared, wording).max(0.8)
            } else {
                self.likeness(&near, &compared, wording)
            };
            let best = scored.entry(wording.message).or_default();
            *best = best.max(score);
        }
        let mut scored: Vec<(usize, f64)> =
            scored.into_iter().filter(|(_, score)| *score >= MIN_LIKENESS).collect();
        scored.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
        let best = scored.first().map_or(0.0, |(_, score)| *score);
        (scored.iter().filter(|(_, score)| *score >= best * NEAR_BEST).take(MAX_CANDIDATES))
            .map(|(index, _)| *index)
            .collect()
    }

    /// The words of the vocabulary that a word may be, with how alike they are.
    fn near_words(&self, word: &str) -> Vec<(usize, f64)> {
        let all = self.vocabulary.iter().map(|(known, index)| (*index, word_likeness(word, known)));
        let mut near: Vec<(usize, f64)> = all.filter(|(_, likeness)| *likeness > 0.0).collect();
        near.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
        near
    }

    /// How alike some words and a wording are, from 0 to 1: how much of each is in the other, weighted
    /// by how rare the words are. 0 where they share one common word only.
    fn likeness(&self, near: &[&[(usize, f64)]], compared: &[&str], wording: &Wording) -> f64 {
        let of = |near: &[(usize, f64)], word: usize| {
            near.iter().find(|(known, _)| *known == word).map_or(0.0, |(_, likeness)| *likeness)
        };
        let mut shared = 0;
        let (mut recalled, mut whole) = (0.0, 0.0);
        for &word in &wording.compared {
            let best = near.iter().map(|near| of(near, word)).fold(0.0, f64::max);
            recalled += best * self.weights[word];
            whole += self.weights[word];
            shared += usize::from(best > 0.0);
        }
        let (mut meant, mut said) = (0.0, 0.0);
        let mut common_only = true;
        for (near, word) in near.iter().zip(compared) {
            let best = wording.compared.iter().map(|word| of(near, *word)).fold(0.0, f64::max);
            let weight = near.first().map_or(UNKNOWN_WEIGHT, |(word, _)| self.weights[*word]);
            meant += best * weight;
            said += weight;
            common_only &= best == 0.0
                || is_common(word)
                || near.first().is_none_or(|(word, _)| self.weights[*word] < 3.0);
        }
        if shared == 0 || whole == 0.0 || said == 0.0 || (shared == 1 && (compared.len() > 1 || common_only))
        {
            return 0.0;
        }
        let (recall, precision) = (recalled / whole, meant / said);
        // `INVLID HTS` is all there; `invalid importer number` shares with `invalid entry number` only
        // what many messages have.
        if common_only && recall.min(precision) < 0.85 {
            return 0.0;
        }
        if shared == 1 {
            // One rare word alone, such as `drawback`; `protest` is not a misspelling of `process`.
            return if precision < 1.0 { 0.0 } else { 0.7 };
        }
        2.0 * recall * precision / (recall + precision)
    }

    /// Takes out what repeats, and statuses beside a more specific message.
    fn without_repetition<'c, 't>(
        &'c self,
        parts: Vec<(usize, MessagePart<'c, 't>)>,
        words: &[MessageWord],
    ) -> Lookup<'c, 't> {
        let line = |at: usize| words[at].line;
        let precise: HashSet<usize> = parts
            .iter()
            .filter(|(_, part)| matches!(part, MessagePart::Known { message, .. } if !message.general))
            .filter(|(_, part)| !matches!(part, MessagePart::Known { message, .. } if message.stage == Stage::ThirdParty))
            .map(|(at, _)| line(*at))
            .collect();
        let mut seen = HashSet::new();
        let mut unknown = HashSet::new();
        let mut lookup = Lookup::default();
        for (at, part) in parts {
            let new = match &part {
                MessagePart::Known { message, .. } => {
                    !(message.general && precise.contains(&line(at)))
                        && seen.insert((true, message.id.as_str()))
                }
                MessagePart::Closest { candidates, .. } => seen.insert((false, candidates[0].id.as_str())),
                MessagePart::Unknown { text } => unknown.insert(*text),
            };
            if new {
                lookup.parts.push(part);
            }
        }
        lookup
    }
}

impl<'c> Lookup<'c, '_> {
    /// The messages that are known.
    pub fn known(&self) -> impl Iterator<Item = &'c Message> {
        self.parts.iter().filter_map(|part| match part {
            MessagePart::Known { message, .. } => Some(*message),
            MessagePart::Closest { .. } | MessagePart::Unknown { .. } => None,
        })
    }

    /// Whether nothing in the text is known or like anything.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, MessagePart::Unknown { .. }))
    }
}

/// The pattern of a code, in upper and lower case.
///
/// # Errors
/// Where it is not a regular expression, in words.
pub(super) fn code_pattern(pattern: &str) -> Result<Regex, String> {
    let built = regex::RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
    built.map_err(|error| error.to_string().lines().last().unwrap_or_default().trim().to_owned())
}

/// The runs of words of one line that no hit has.
fn rest(words: &[MessageWord], hits: &[Hit]) -> Vec<Range<usize>> {
    let mut rest: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for hit in hits.iter().map(|hit| hit.words.clone()).chain(std::iter::once(words.len()..words.len())) {
        let mut from = at;
        for next in at..hit.start {
            if next > from && words[next].line != words[from].line {
                rest.push(from..next);
                from = next;
            }
        }
        if from < hit.start {
            rest.push(from..hit.start);
        }
        at = at.max(hit.end);
    }
    rest
}

/// Whether words are a part of a wording that has a meaning by itself.
fn is_part(words: &[MessageWord], wording: &Wording) -> bool {
    let compared = words.iter().filter(|word| !is_chat(&word.folded));
    let rare = compared.clone().any(|word| !is_common(&word.folded));
    (rare || compared.count() > 1)
        && (2..wording.words.len()).contains(&words.len())
        // Two words that many messages have are little of a long one.
        && (rare || 3 * words.len() >= wording.words.len())
        && wording
            .words
            .windows(words.len())
            .any(|part| part.iter().eq(words.iter().map(|word| &word.folded)))
}
