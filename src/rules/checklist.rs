//! The questions to answer before the first upload: `rules/checklist.yaml`.
//!
//! No export shows these facts, so no rule can decide them; what they prevent cannot be made up for
//! after CAPE acceptance.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{errors, pack};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;
use crate::yaml::decode::{Lazy, Scalar, decode};
use crate::yaml::{self, Diagnostics, Tree};

/// A question to be answered with yes before the first upload.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ChecklistItem {
    /// Its name in machine-readable output.
    pub id: String,
    /// The question, one sentence.
    pub question: String,
    /// What can go wrong otherwise.
    pub reason: String,
    /// The next step if the answer is no.
    #[serde(rename = "do")]
    pub action: String,
    /// Where it is written.
    pub sources: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ChecklistFile {
    checklist: Option<Vec<Lazy<ItemSyntax>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ItemSyntax {
    id: Option<Scalar>,
    question: Option<Scalar>,
    reason: Option<Scalar>,
    #[serde(rename = "do")]
    action: Option<Scalar>,
    sources: Option<Vec<Scalar>>,
}

/// The checklist of the built-in pack, in its order.
pub fn embedded() -> &'static [ChecklistItem] {
    static ITEMS: LazyLock<Vec<ChecklistItem>> = LazyLock::new(|| {
        let bytes = pack::file(pack::CHECKLIST).unwrap_or_default();
        // A test reads it, and a binary that was built carries what was tested.
        load(&format!("rules/{}", pack::CHECKLIST), bytes, &mut Sources::default()).unwrap_or_default()
    });
    &ITEMS
}

/// The checklist with reasons, next steps and sources.
pub fn text() -> String {
    let mut out = String::from("Before the first upload\n");
    for item in embedded() {
        let ChecklistItem { question, reason, action, sources, .. } = item;
        let sources = sources.join("; ");
        out += &format!("\n[ ] {question}\n    Why: {reason}\n    If not: {action}\n    Source: {sources}\n");
    }
    out
}

/// Reads a checklist.
///
/// # Errors
/// All its errors, by place.
pub fn load(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<Vec<ChecklistItem>, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let (file, text) = yaml::read(name, bytes, sources, &mut diagnostics);
    let tree = text.and_then(|text| yaml::parse(file, &text, &mut diagnostics));
    let mut items = Vec::new();
    if let Some(tree) = &tree {
        let file: Option<ChecklistFile> = tree.root().and_then(|root| decode(tree, root, &mut diagnostics));
        for lazy in file.unwrap_or_default().checklist.iter().flatten() {
            items.extend(item(tree, lazy, &mut diagnostics));
        }
    }
    if diagnostics.is_empty() { Ok(items) } else { Err(diagnostics.into_sorted()) }
}

fn item(tree: &Tree, lazy: &Lazy<ItemSyntax>, diagnostics: &mut Diagnostics) -> Option<ChecklistItem> {
    let syntax = lazy.decode(tree, diagnostics)?;
    let place = syntax.id.as_ref().map_or(tree.head(lazy.node), |id| id.place(tree));
    for (key, provided) in [
        ("id", syntax.id.is_some()),
        ("question", syntax.question.is_some()),
        ("reason", syntax.reason.is_some()),
        ("do", syntax.action.is_some()),
        ("sources", syntax.sources.is_some()),
    ] {
        if !provided && tree.get(lazy.node, key).is_none() {
            diagnostics.push(errors::missing_key(key, place));
        }
    }
    Some(ChecklistItem {
        id: syntax.id?.value,
        question: syntax.question?.value,
        reason: syntax.reason?.value,
        action: syntax.action?.value,
        sources: syntax.sources?.into_iter().map(|source| source.value).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checklist_of_the_pack_can_be_read() {
        let bytes = pack::file(pack::CHECKLIST).unwrap();
        let items = load(pack::CHECKLIST, bytes, &mut Sources::default()).unwrap();
        assert_eq!(items, embedded());
        for wanted in
            ["refund-account", "refund-party", "prior-disclosures", "protests-wanted", "importer-active"]
        {
            assert!(items.iter().any(|item| item.id == wanted), "{wanted}");
        }
        let mut ids: Vec<_> = items.iter().map(|item| &item.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), items.len());
        for item in &items {
            assert!(item.question.ends_with('?') && !item.sources.is_empty(), "{}", item.id);
        }
    }

    #[test]
    fn a_missing_key_is_reported() {
        let text = "checklist:\n  - { id: a, question: 'Is it?', reason: r, sources: [s] }\n";
        let diagnostics = load("c.yaml", text.as_bytes(), &mut Sources::default()).unwrap_err();
        assert_eq!(diagnostics[0].code.name(), "missing-key");
    }
}
