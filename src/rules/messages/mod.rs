//! What the messages of CBP and ACE mean: `rules/messages.yaml`.
//!
//! [`MessageCatalog`] finds the messages in a pasted text, or in the error description of a row of Claim
//! Details.

mod lookup;
mod pasted;

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::IntoStaticStr;

pub use lookup::{Lookup, MessageCatalog, MessagePart};

use super::compile::literal_date;
use super::{errors, pack};
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Sources};
use crate::yaml::decode::{Lazy, Scalar, Spanned, decode};
use crate::yaml::errors::is_written;
use crate::yaml::{self, Diagnostics, Tree};

/// A message, or something else that people paste and ask about: a status, a report, a question.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name in reports.
    pub id: String,
    /// The exact text; if no text of CBP is known, what people call it.
    pub text: String,
    /// Other wordings.
    pub also: Vec<String>,
    /// CBP's or ACE's own code.
    pub code: Option<String>,
    /// Matches a family of codes, or the ways to write one.
    pub codes: Option<Regex>,
    /// Where it appears.
    pub stage: Stage,
    /// Whether a message beside it is more specific, so that this one is not explained there.
    pub general: bool,
    /// Whether it is known to be CBP's or ACE's own text.
    pub from_cbp: bool,
    /// What it means.
    pub meaning: String,
    /// Whether uploading the same file again helps; `None` where nothing was uploaded.
    pub retry: Option<bool>,
    /// Whether the entry can be resubmitted; `None` where the message is not about an entry.
    pub refile: Option<Refile>,
    /// The next step.
    pub action: String,
    /// The rules that find it before the upload.
    pub rules: Vec<String>,
    /// The heading of the day-one error guide that it covers.
    pub seed: Option<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// The first day on which CBP returns it.
    pub since: Option<NaiveDate>,
    /// The last day on which CBP returns it.
    pub until: Option<NaiveDate>,
    /// Its location in the file.
    pub place: Place,
}

/// Where a message appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// While uploading: CBP's servers.
    Server,
    /// CBP rejects the declaration as a whole.
    File,
    /// The account does not match the entries.
    Account,
    /// An entry fails.
    Entry,
    /// ACE rejects a Post Summary Correction.
    Psc,
    /// ACE rejects an entry or an entry summary.
    Filing,
    /// Logging in to ACE.
    Login,
    /// A status in the Claims tab, in Claim Details or in the ES-003.
    Status,
    /// An ACE report, or a status in one.
    Report,
    /// What people ask.
    Question,
    /// What third parties made up.
    ThirdParty,
}

/// Whether a failed entry can be resubmitted on a new declaration. From the most willing to the
/// least, so that of several messages the greatest decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Refile {
    /// Yes, at once.
    Now,
    /// Yes, so many calendar days after CBP's result.
    #[strum(serialize = "later")]
    After(u16),
    /// Yes, once its cause is resolved.
    AfterCorrection,
    /// Unknown: the catalog does not know the message.
    Unknown,
    /// No.
    Never,
}

impl Message {
    /// The code, unless the text contains it already.
    pub fn code_beside_text(&self) -> Option<&str> {
        self.code.as_deref().filter(|code| !self.text.contains(code))
    }
}

impl Refile {
    /// The name in machine-readable reports.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// When the entry can be resubmitted, as people read it beside the word `resubmit`.
    pub fn when(self) -> String {
        match self {
            Self::Now => "now".to_owned(),
            Self::After(days) if days > 1 => format!("after {} to {days} days", days - 1),
            Self::After(days) => format!("after {days} day"),
            Self::AfterCorrection => "when the cause is resolved".to_owned(),
            Self::Unknown => "not before you know the cause".to_owned(),
            Self::Never => "never".to_owned(),
        }
    }
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
    extend("required" = ["id", "text", "stage", "from_cbp", "meaning", "do", "sources"])
)]
struct MessageSyntax {
    /// Its name in reports.
    id: Option<Scalar>,
    /// The exact text; if no text of CBP is known, what people call it.
    text: Option<Scalar>,
    /// Other wordings.
    also: Option<Vec<Scalar>>,
    /// CBP's or ACE's own code.
    code: Option<Scalar>,
    /// A pattern for a family of codes, or for the ways to write one; it matches whole codes.
    codes: Option<Scalar>,
    /// Where it appears.
    stage: Option<Spanned<Stage>>,
    /// `yes`: a message beside it is more specific, so that this one is not explained there.
    general: Option<bool>,
    /// `yes`: CBP's or ACE's own text; `no`: a text that is not known to be theirs.
    from_cbp: Option<bool>,
    /// What it means.
    meaning: Option<Scalar>,
    /// Whether uploading the same file again helps; required for the stages server, file, account
    /// and entry.
    retry: Option<bool>,
    /// Whether the entry can be resubmitted; required for the stages server, file, account and entry.
    refile: Option<Spanned<RefileWord>>,
    /// For `refile: later`: how many days to wait.
    refile_after_days: Option<Spanned<u16>>,
    /// The next step.
    #[serde(rename = "do")]
    action: Option<Scalar>,
    /// Ids of the rules that find it before the upload.
    rules: Option<Vec<Scalar>>,
    /// The heading of the day-one error guide that it covers.
    seed: Option<Scalar>,
    /// Where it is written.
    sources: Option<Vec<Scalar>>,
    /// The first day on which CBP returns it, as 2026-11-22.
    since: Option<Scalar>,
    /// The last day on which CBP returns it, as 2026-11-22.
    until: Option<Scalar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Refile")]
enum RefileWord {
    /// Not at all.
    Never,
    /// At once.
    Now,
    /// After `refile_after_days`.
    Later,
    /// Once its cause is resolved.
    AfterCorrection,
}

/// The catalog of the built-in pack, read when it is first asked for.
pub fn embedded() -> &'static MessageCatalog {
    static CATALOG: LazyLock<MessageCatalog> = LazyLock::new(|| {
        let bytes = pack::file(pack::MESSAGES).unwrap_or_default();
        // A test reads them, and a binary that was built carries what was tested.
        let messages = load(&format!("rules/{}", pack::MESSAGES), bytes, &mut Sources::default());
        MessageCatalog::new(messages.unwrap_or_default())
    });
    &CATALOG
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
                diagnostics.push(errors::duplicate_message(&message.id, message.place, first.place));
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
    let about_upload = syntax.stage.as_ref().is_some_and(|stage| {
        matches!(stage.value, Stage::Server | Stage::File | Stage::Account | Stage::Entry)
    });
    for (key, provided) in [
        ("id", syntax.id.is_some()),
        ("text", syntax.text.is_some()),
        ("stage", syntax.stage.is_some()),
        ("from_cbp", syntax.from_cbp.is_some()),
        ("meaning", syntax.meaning.is_some()),
        ("retry", syntax.retry.is_some() || !about_upload),
        ("refile", syntax.refile.is_some() || !about_upload),
        ("do", syntax.action.is_some()),
        ("sources", syntax.sources.is_some()),
    ] {
        if !provided && !is_written(tree, lazy.node, key) {
            diagnostics.push(errors::missing_key(key, place));
        }
    }
    let since = syntax.since.as_ref().and_then(|day| literal_date(tree, day, diagnostics));
    let until = syntax.until.as_ref().and_then(|day| literal_date(tree, day, diagnostics));
    let codes = match &syntax.codes {
        None => None,
        Some(pattern) => match lookup::code_pattern(&pattern.value) {
            Ok(regex) => Some(regex),
            Err(why) => {
                diagnostics.push(errors::bad_code_pattern(&why, pattern.place(tree)));
                return None;
            }
        },
    };
    let texts = |list: &Option<Vec<Scalar>>| -> Vec<String> {
        list.iter().flatten().map(|scalar| scalar.value.clone()).collect()
    };
    Some(Message {
        refile: refile(tree, &syntax, diagnostics)?,
        id: syntax.id?.value,
        text: syntax.text?.value,
        also: texts(&syntax.also),
        code: syntax.code.map(|code| code.value),
        codes,
        stage: syntax.stage?.value,
        general: syntax.general.unwrap_or(false),
        from_cbp: syntax.from_cbp?,
        meaning: syntax.meaning?.value,
        retry: syntax.retry,
        action: syntax.action?.value,
        rules: texts(&syntax.rules),
        seed: syntax.seed.map(|seed| seed.value),
        sources: texts(&syntax.sources),
        since,
        until,
        place,
    })
}

/// `refile` with its days; `None` after an error.
fn refile(tree: &Tree, syntax: &MessageSyntax, diagnostics: &mut Diagnostics) -> Option<Option<Refile>> {
    let word = syntax.refile.as_ref().map(|word| word.value);
    Some(Some(match (word, &syntax.refile_after_days) {
        (Some(RefileWord::Later), Some(days)) => Refile::After(days.value),
        (Some(RefileWord::Later), None) => {
            diagnostics.push(errors::later_without_days(syntax.refile.as_ref()?.place(tree)));
            return None;
        }
        (_, Some(days)) => {
            diagnostics.push(errors::days_without_later(days.place(tree)));
            return None;
        }
        (Some(RefileWord::Never), None) => Refile::Never,
        (Some(RefileWord::Now), None) => Refile::Now,
        (Some(RefileWord::AfterCorrection), None) => Refile::AfterCorrection,
        (None, None) => return Some(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
messages:
  - { id: psc-refused, code: '864', text: PSC NOT ALLOWED - REFUND REQUESTED, stage: psc, from_cbp: yes, meaning: m, do: d, sources: [s] }
  - { id: statement, text: STATEMENT PROCESSING NOT COMPLETE, stage: entry, from_cbp: yes, meaning: m, retry: no, refile: later, refile_after_days: 3, do: d, sources: [s], until: 2026-06-24 }
  - { id: made-up, codes: 'E\\d{3}', text: E001 and others, stage: third_party, from_cbp: no, meaning: m, do: d, sources: [s] }
  - { id: login-41, code: '41', text: 'ApexT2JIT: Error', stage: login, from_cbp: yes, meaning: m, do: d, sources: [s] }
";

    fn load_text(text: &str) -> Result<Vec<Message>, Vec<Diagnostic>> {
        load("m.yaml", text.as_bytes(), &mut Sources::default())
    }

    #[test]
    fn a_message_has_what_its_stage_needs() {
        let messages = load_text(GOOD).unwrap();
        assert_eq!(messages[1].refile, Some(Refile::After(3)));
        assert_eq!(messages[1].until.map(|day| day.to_string()).as_deref(), Some("2026-06-24"));
        assert_eq!((messages[0].refile, messages[0].retry), (None, None));
        for (from, to, code) in [
            ("refile_after_days: 3, ", "", "missing-key"),
            ("retry: no, ", "", "missing-key"),
            ("refile: later, refile_after_days: 3, ", "", "missing-key"),
            ("refile: later", "refile: now", "conflicting-keys"),
            ("id: login-41", "id: psc-refused", "duplicate-message"),
            ("stage: psc", "stage: pcs", "unknown-value"),
            ("E\\d{3}", "E(", "bad-pattern"),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            let found = load_text(&text).unwrap_err();
            assert_eq!(found.iter().map(|error| error.code).collect::<Vec<_>>(), [code], "{from}");
        }
        assert!(load_text("messages:\n  - &X\n").is_err());
    }

    #[test]
    fn the_greatest_refile_is_the_most_careful() {
        let order = [Refile::Now, Refile::After(3), Refile::AfterCorrection, Refile::Unknown, Refile::Never];
        assert!(order.is_sorted());
    }

    #[test]
    fn the_messages_of_the_pack_are_readable_and_name_rules_that_exist() {
        let messages = embedded().messages();
        assert!(messages.len() > 60, "the file is read");
        let rules =
            super::super::load(pack::embedded(), Default::default(), &mut Sources::default()).unwrap();
        for message in messages {
            for id in &message.rules {
                assert!(rules.rules.iter().any(|rule| rule.id == *id), "{}: no rule `{id}`", message.id);
            }
            assert!(!message.sources.is_empty(), "{}: no source", message.id);
        }
    }

    /// `triage` prints these while it reads Claim Details.
    #[test]
    fn no_next_step_for_an_entry_sends_the_reader_back_to_claim_details() {
        for message in embedded().messages() {
            if matches!(message.stage, Stage::File | Stage::Account | Stage::Entry) || message.id == "failed"
            {
                assert!(!message.action.contains("Claim Details"), "{}", message.id);
            }
        }
    }
}
