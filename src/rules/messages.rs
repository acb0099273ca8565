//! What CBP and ACE say, and what it means: `rules/messages.yaml`.
//!
//! People paste what they saw on a screen or in Claim Details, whole or in part, so [`find`] looks
//! for a message by its name, its code, its text, and at last by likeness.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::compile::literal_date;
use super::pack;
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Sources};
use crate::yaml::decode::{Lazy, Scalar, Spanned, decode, missing_key};
use crate::yaml::{self, Diagnostics, Tree, shown};

/// How alike a pasted text and a message have to be, from 0 to 1.
const ALIKE: f64 = 0.62;
/// The longest text that is compared by likeness, in characters.
const MAX_LENGTH: usize = 600;
/// A part of a text that is shorter than this says nothing.
const SHORTEST_PART: usize = 6;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name in reports.
    pub id: String,
    /// The exact text; where no text of CBP's is known, what people call it.
    pub text: String,
    /// Other wordings.
    pub also: Vec<String>,
    /// CBP's or ACE's own code.
    pub code: Option<String>,
    /// Where it comes up.
    pub stage: TestFixture,
    /// Whether it is CBP's or ACE's own text, and not somebody else's name for it.
    pub from_cbp: bool,
    /// What it means.
    pub meaning: String,
    /// Whether trying again helps, and when.
    pub retry: String,
    /// Whether the entry may go into a new declaration.
    pub refile: Refile,
    /// The next step.
    pub action: String,
    /// The rules that say so before the upload.
    pub rules: Vec<String>,
    /// The heading of the day-one error guide that it covers.
    pub seed: Option<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// The first day on which CBP answers this.
    pub since: Option<NaiveDate>,
    /// The last day on which CBP answers this.
    pub until: Option<NaiveDate>,
    /// Where it stands.
    pub place: Place,
}

/// Where a message comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestFixture {
    /// While uploading: CBP's servers.
    Server,
    /// The file as a whole is refused.
    File,
    /// The account does not fit.
    Account,
    /// An entry drops out.
    Entry,
    /// A Post Summary Correction is refused.
    Psc,
    /// Logging in to ACE.
    Login,
    /// After the upload.
    AfterUpload,
}

/// Whether an entry may go into a new declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refile {
    /// No: filing it again cannot help.
    Never,
    /// Yes, at once.
    Now,
    /// Yes, after so many days.
    Later {
        /// Calendar days to wait.
        days: u16,
    },
    /// Yes, once something was corrected.
    AfterCorrection,
}

/// The file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MessageFile {
    /// The messages.
    messages: Option<Vec<Lazy<MessageSyntax>>>,
}

/// A message of CBP or ACE.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(
    rename = "Message",
    extend("required" = ["id", "text", "stage", "from_cbp", "meaning", "retry", "refile", "do", "sources"])
)]
struct MessageSyntax {
    /// Its name in reports.
    id: Option<Scalar>,
    /// The exact text; where no text of CBP's is known, what people call it.
    text: Option<Scalar>,
    /// Other wordings.
    also: Option<Vec<Scalar>>,
    /// CBP's or ACE's own code.
    code: Option<Scalar>,
    /// Where it comes up.
    stage: Option<Spanned<TestFixture>>,
    /// `yes`: CBP's or ACE's own text; `no`: somebody else's name for it.
    from_cbp: Option<bool>,
    /// What it means.
    meaning: Option<Scalar>,
    /// Whether trying again helps, and when.
    retry: Option<Scalar>,
    /// Whether the entry may go into a new declaration.
    refile: Option<Spanned<RefileWord>>,
    /// For `refile: later`: how many days to wait.
    refile_after_days: Option<Spanned<u16>>,
    /// The next step.
    #[serde(rename = "do")]
    action: Option<Scalar>,
    /// Ids of the rules that say so before the upload.
    rules: Option<Vec<Scalar>>,
    /// The heading of the day-one error guide that it covers.
    seed: Option<Scalar>,
    /// Where it is written.
    sources: Option<Vec<Scalar>>,
    /// The first day on which CBP answers this, as 2026-11-22.
    since: Option<Scalar>,
    /// The last day on which CBP answers this, as 2026-11-22.
    until: Option<Scalar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Refile")]
enum RefileWord {
    /// Filing it again cannot help.
    Never,
    /// At once.
    Now,
    /// After `refile_after_days`.
    Later,
    /// Once something was corrected.
    AfterCorrection,
}

/// The messages of the built-in pack, read when they are first asked for.
pub fn embedded() -> &'static [Message] {
    static MESSAGES: LazyLock<Vec<Message>> = LazyLock::new(|| {
        let bytes = pack::file(pack::MESSAGES).unwrap_or_default();
        // A test holds that they can be read, and a binary that was built carries what was tested.
        load(&format!("rules/{}", pack::MESSAGES), bytes, &mut Sources::default()).unwrap_or_default()
    });
    &MESSAGES
}

/// Reads a file of messages.
///
/// # Errors
/// All its errors, by place.
pub fn load(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<Vec<Message>, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let (file, text) = yaml::read(name, bytes, sources, &mut diagnostics);
    let tree = text.and_then(|text| yaml::parse(file, &text, &mut diagnostics));
    let mut messages: Vec<Message> = Vec::new();
    if let Some(tree) = &tree {
        let file: Option<MessageFile> = tree.root().and_then(|root| decode(tree, root, &mut diagnostics));
        for lazy in file.unwrap_or_default().messages.iter().flatten() {
            let Some(message) = message(tree, lazy, &mut diagnostics) else { continue };
            if let Some(first) = messages.iter().find(|known| known.id == message.id) {
                diagnostics.push(
                    Diagnostic::new("duplicate-message", format!("message `{}` twice", shown(&message.id)))
                        .at(message.place, "again here")
                        .at(first.place, "first here")
                        .help("choose another id"),
                );
                continue;
            }
            messages.push(message);
        }
    }
    if diagnostics.is_empty() { Ok(messages) } else { Err(diagnostics.into_sorted()) }
}

fn message(tree: &Tree, lazy: &Lazy<MessageSyntax>, diagnostics: &mut Diagnostics) -> Option<Message> {
    let syntax = lazy.decode(tree, diagnostics)?;
    let place = syntax.id.as_ref().map_or(tree.head(lazy.node), |id| id.place(tree));
    for (key, given) in [
        ("id", syntax.id.is_some()),
        ("text", syntax.text.is_some()),
        ("stage", syntax.stage.is_some()),
        ("from_cbp", syntax.from_cbp.is_some()),
        ("meaning", syntax.meaning.is_some()),
        ("retry", syntax.retry.is_some()),
        ("refile", syntax.refile.is_some()),
        ("do", syntax.action.is_some()),
        ("sources", syntax.sources.is_some()),
    ] {
        if !given && tree.get(lazy.node, key).is_none() {
            diagnostics.push(missing_key(key, place));
        }
    }
    let since = syntax.since.as_ref().and_then(|day| literal_date(tree, day, diagnostics));
    let until = syntax.until.as_ref().and_then(|day| literal_date(tree, day, diagnostics));
    let refile = match (syntax.refile.as_ref()?.value, &syntax.refile_after_days) {
        (RefileWord::Later, Some(days)) => Refile::Later { days: days.value },
        (RefileWord::Later, None) => {
            let diagnostic = missing_key("refile_after_days", syntax.refile.as_ref()?.place(tree));
            diagnostics.push(diagnostic.help("`later` says after how many days"));
            return None;
        }
        (_, Some(days)) => {
            diagnostics.push(
                Diagnostic::new("conflicting-keys", "`refile_after_days` without `refile: later`")
                    .at(days.place(tree), "")
                    .help("take it out, or write `refile: later`"),
            );
            return None;
        }
        (RefileWord::Never, None) => Refile::Never,
        (RefileWord::Now, None) => Refile::Now,
        (RefileWord::AfterCorrection, None) => Refile::AfterCorrection,
    };
    let texts = |given: &Option<Vec<Scalar>>| -> Vec<String> {
        given.iter().flatten().map(|scalar| scalar.value.clone()).collect()
    };
    Some(Message {
        id: syntax.id?.value,
        text: syntax.text?.value,
        also: texts(&syntax.also),
        code: syntax.code.map(|code| code.value),
        stage: syntax.stage?.value,
        from_cbp: syntax.from_cbp?,
        meaning: syntax.meaning?.value,
        retry: syntax.retry?.value,
        refile,
        action: syntax.action?.value,
        rules: texts(&syntax.rules),
        seed: syntax.seed.map(|seed| seed.value),
        sources: texts(&syntax.sources),
        since,
        until,
        place,
    })
}

/// The message that a text means: its name or code, its text or a part of it, or what is most like
/// it. `None` where nothing is like it.
pub fn find<'m>(messages: &'m [Message], text: &str) -> Option<&'m Message> {
    let query: String = fold(text).chars().take(MAX_LENGTH).collect();
    if query.is_empty() {
        return None;
    }
    let codes = |message: &&Message| message.code.as_ref().map(|code| fold(code));
    let exact = messages.iter().find(|message| {
        fold(&message.id) == query
            || codes(message).as_ref() == Some(&query)
            || wordings(message).any(|wording| wording == query)
    });
    exact
        .or_else(|| {
            // What was pasted holds a message: the longest one says most.
            let held = messages.iter().flat_map(|message| {
                wordings(message)
                    .filter(|wording| wording.len() >= SHORTEST_PART && holds(&query, wording))
                    .map(move |wording| (wording.len(), message))
            });
            held.max_by_key(|(length, _)| *length).map(|(_, message)| message)
        })
        .or_else(|| {
            // What was pasted is a part of a message: the shortest one has least besides.
            let parts = messages.iter().flat_map(|message| {
                wordings(message)
                    .filter(|wording| query.len() >= SHORTEST_PART && holds(wording, &query))
                    .map(move |wording| (wording.len(), message))
            });
            parts.min_by_key(|(length, _)| *length).map(|(_, message)| message)
        })
        .or_else(|| {
            let mut words = query.split(' ');
            messages
                .iter()
                .find(|message| codes(message).is_some_and(|code| words.clone().any(|word| word == code)))
                .filter(|_| words.by_ref().count() <= 12)
        })
        .or_else(|| {
            let scored = messages.iter().map(|message| {
                let score = wordings(message).map(|wording| likeness(&query, &wording)).fold(0.0, f64::max);
                (score, message)
            });
            // The first of several that are equally like it.
            let best = scored.fold(None, |best: Option<(f64, &Message)>, (score, message)| match best {
                Some((highest, _)) if highest >= score => best,
                _ => Some((score, message)),
            });
            best.filter(|(score, _)| *score >= ALIKE).map(|(_, message)| message)
        })
}

fn wordings(message: &Message) -> impl Iterator<Item = String> {
    std::iter::once(&message.text).chain(&message.also).map(|text| fold(text))
}

/// Whether a text holds another as whole words.
fn holds(text: &str, part: &str) -> bool {
    format!(" {text} ").contains(&format!(" {part} "))
}

/// A text as it is compared: letters and digits in lower case, everything else one space.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.ends_with(' ') && !folded.is_empty() {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// How alike two texts are, from 0 to 1: by their letters or by their words, whichever is more.
fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &'_ str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let (left, right) = (words(a), words(b));
    let near = |word: &String, others: &BTreeSet<String>| {
        others.contains(word)
            || (word.len() > 3 && others.iter().any(|other| strsim::damerau_levenshtein(word, other) <= 1))
    };
    let shared = left.iter().filter(|word| near(word, &right)).count()
        + right.iter().filter(|word| near(word, &left)).count();
    let by_words = shared as f64 / (left.len() + right.len()).max(1) as f64;
    let by_letters = strsim::normalized_damerau_levenshtein(a, b);
    by_words.max(by_letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
messages:
  - &X
";

    const GOOD: &str = "
messages:
  - { id: final-liquidation, text: ENTRY SUMMARY IS IN FINAL LIQUIDATION STATUS, also: [past the liquidation window], stage: entry, from_cbp: yes, meaning: m, retry: no, refile: never, do: d, sources: [s] }
  - { id: psc-refused, code: '864', text: PSC NOT ALLOWED - REFUND REQUESTED, stage: psc, from_cbp: yes, meaning: m, retry: no, refile: never, do: d, sources: [s] }
  - { id: statement, text: STATEMENT PROCESSING NOT COMPLETE, stage: entry, from_cbp: yes, meaning: m, retry: no, refile: later, refile_after_days: 3, do: d, sources: [s], until: 2026-06-24 }
  - { id: login-41, code: '41', text: 'ApexT2JIT: Error: please contact ACE Support to have your user reactivated.', stage: login, from_cbp: yes, meaning: m, retry: no, refile: now, do: d, sources: [s] }
";

    fn messages() -> Vec<Message> {
        load("m.yaml", GOOD.as_bytes(), &mut Sources::default()).unwrap()
    }

    #[test]
    fn a_pasted_text_finds_its_message() {
        let messages = messages();
        let found = |text: &str| find(&messages, text).map(|message| message.id.as_str());
        for (text, id) in [
            ("864", Some("psc-refused")),
            ("psc-refused", Some("psc-refused")),
            ("entry summary is in final liquidation status", Some("final-liquidation")),
            ("ABC12345676: Entry Summary is in FINAL liquidation status.", Some("final-liquidation")),
            ("Past the liquidation window!", Some("final-liquidation")),
            ("final liquidation", Some("final-liquidation")),
            ("enrty summary in final liqidation staus", Some("final-liquidation")),
            ("statement procesing not completed", Some("statement")),
            ("864 PSC NOT ALLOWED \u{2013} REFUND REQUESTED", Some("psc-refused")),
            ("error 41", Some("login-41")),
            ("the weather is fine", None),
            ("entry", None),
            ("", None),
            (&"x ".repeat(100_000), None),
        ] {
            assert_eq!(found(text), id, "{text:.60}");
        }
        assert_eq!(messages[2].refile, Refile::Later { days: 3 });
        assert_eq!(messages[2].until.map(|day| day.to_string()).as_deref(), Some("2026-06-24"));
    }

    #[test]
    fn diagnostics_are_reported() {
        let bad = GOOD
            .replace("refile_after_days: 3, ", "")
            .replace("id: login-41", "id: psc-refused")
            .replace("stage: entry", "stage: entyr");
        let diagnostics = load("m.yaml", bad.as_bytes(), &mut Sources::default()).unwrap_err();
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, ["unknown-value", "unknown-value", "missing-key", "duplicate-message"]);
        assert!(load("m.yaml", TEXT.as_bytes(), &mut Sources::default()).is_err());
    }

    #[test]
    fn the_messages_of_the_pack_can_be_read_and_name_rules_that_exist() {
        let Some(bytes) = pack::file(pack::MESSAGES) else { return };
        let messages = load(pack::MESSAGES, bytes, &mut Sources::default()).unwrap();
        assert_eq!(embedded().len(), messages.len());
        let rules =
            super::super::load(pack::embedded(), Default::default(), &mut Sources::default()).unwrap();
        for message in &messages {
            for id in &message.rules {
                assert!(rules.rules.iter().any(|rule| rule.id == *id), "{}: no rule `{id}`", message.id);
            }
            assert_eq!(find(&messages, &message.text).map(|found| &found.id), Some(&message.id));
        }
    }
}
