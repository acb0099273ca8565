//! The built-in pack: the files under `rules/`, which the binary carries.

use std::borrow::Cow;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::RuleSource;

/// The file that makes a folder a pack, which takes the built-in one's place.
pub const PACK_FILE: &str = "pack.yaml";

static PACK: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The files of the built-in pack that rules are compiled from, in their order.
pub fn embedded() -> Vec<RuleSource> {
    let mut sources: Vec<RuleSource> = files()
        .filter(|(name, _)| name.ends_with(".yaml") && ![MESSAGES, CHECKLIST].contains(name))
        .map(|(name, bytes)| {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
            RuleSource {
                name: format!("rules/{name}"),
                bytes: Cow::Borrowed(bytes),
                beside: Arc::new(move |file| beside(&folder, file)),
                built_in: true,
            }
        })
        .collect();
    in_order(&mut sources);
    sources
}

/// The file of the messages of CBP and ACE, which is not a rule file.
pub const MESSAGES: &str = "messages.yaml";

/// The file of the questions to answer before the first upload, which is not a rule file.
pub const CHECKLIST: &str = "checklist.yaml";

/// All files of the pack with their bytes, by their path in the pack's folder: what
/// `capelint rules export` writes.
pub fn files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let mut open = vec![&PACK];
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        for file in dir.files() {
            if let Some(name) = file.path().to_str() {
                found.push((name, file.contents()));
            }
        }
    }
    found.sort_unstable_by_key(|(name, _)| *name);
    found.into_iter()
}

/// A file of the pack by its path in the pack's folder.
pub fn file(name: &str) -> Option<&'static [u8]> {
    PACK.get_file(name).map(|file| file.contents())
}

/// What `build.rs` recorded of the rule files, without the rules' tests, by their path in the pack's folder.
static RECORDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/recorded.rs"));

/// What was recorded of a rule file of the built-in pack, by its name.
pub fn recorded(name: &str) -> Option<&'static [u8]> {
    let name = name.strip_prefix("rules/")?;
    RECORDED.iter().find(|(other, _)| *other == name).map(|(_, record)| *record)
}

fn beside(folder: &str, file: &str) -> Result<Cow<'static, [u8]>, String> {
    let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
    self::file(&path).map(Cow::Borrowed).ok_or_else(|| "there is no such file".to_owned())
}

/// Puts the files of a folder into the order in which they build on each other: tables, code lists,
/// `pack.yaml`, then the others by name.
pub fn in_order(sources: &mut [RuleSource]) {
    sources.sort_by_key(|source| {
        let name = source.name.replace('\\', "/");
        let mut parts = name.rsplit('/');
        let file = parts.next().unwrap_or_default().to_owned();
        let stage = match (parts.next(), file.as_str()) {
            (Some("tables"), _) => 0,
            (Some("codes"), _) => 1,
            (_, PACK_FILE) => 2,
            _ => 3,
        };
        (stage, file, name)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_over_tests_loses_nothing_else() {
        use super::super::{CompileOptions, load};
        use crate::source::Sources;
        let load = |tests| load(embedded(), CompileOptions { tests }, &mut Sources::default()).unwrap();
        let (mut with, without) = (load(true), load(false));
        assert!(without.rules.iter().all(|rule| rule.tests.is_empty()));
        for (rule, other) in with.rules.iter_mut().zip(&without.rules) {
            rule.tests.clear();
            // A rule's last key is its tests.
            rule.whole = other.whole;
        }
        // Sets have no order.
        let sets = regex::Regex::new(r"codes: \{[^}]*\}").unwrap();
        let rules = |set: &super::super::model::RuleSet| {
            let all = format!("{:?} {:?} {:?}", set.rules, set.figures, set.schemas);
            sets.replace_all(&all, "").into_owned()
        };
        assert_eq!(rules(&with), rules(&without));
    }

    #[test]
    fn what_was_recorded_is_what_the_reader_finds() {
        use crate::source::Sources;
        use crate::yaml::{self, Diagnostics, NodeId, Tree, View};
        let is_test = |tree: &Tree, key, depth| {
            depth == 2 && tree.scalar(key).is_some_and(|key| ["tests", "cases"].contains(&key))
        };
        fn compare(
            read: (&Tree, NodeId),
            recorded: (&Tree, NodeId),
            depth: usize,
            is_test: &dyn Fn(&Tree, NodeId, usize) -> bool,
        ) {
            let nodes = match (read.0.view(read.1), recorded.0.view(recorded.1)) {
                (View::Scalar(text, style), View::Scalar(other, of)) => {
                    assert_eq!(
                        (text, style, read.0.range(read.1)),
                        (other, of, recorded.0.range(recorded.1))
                    );
                    return;
                }
                (View::Sequence(items), View::Sequence(others)) => (items.to_vec(), others.to_vec()),
                (View::Mapping(pairs), View::Mapping(others)) => {
                    let pairs = pairs.iter().filter(|(key, _)| !is_test(read.0, *key, depth));
                    let flat = |pair: &(NodeId, NodeId)| [pair.0, pair.1];
                    (pairs.flat_map(flat).collect(), others.iter().flat_map(flat).collect())
                }
                (one, other) => panic!("{one:?} and {other:?}"),
            };
            // Where a collection ends depends on what is left out at its end.
            assert_eq!(read.0.range(read.1).start, recorded.0.range(recorded.1).start);
            assert_eq!(nodes.0.len(), nodes.1.len());
            for (node, other) in nodes.0.into_iter().zip(nodes.1) {
                compare((read.0, node), (recorded.0, other), depth + 1, is_test);
            }
        }
        for source in embedded() {
            let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
            let (file, text) = yaml::read(&source.name, &source.bytes, &mut sources, &mut diagnostics);
            let text = text.unwrap_or_else(|| panic!("{}", source.name));
            let tree = yaml::parse(file, &text, &mut diagnostics);
            let tree = tree.unwrap_or_else(|| panic!("{}: {diagnostics:?}", source.name));
            let record = recorded(&source.name).unwrap_or_else(|| panic!("{}", source.name));
            let replayed = yaml::replay(file, &text, record).unwrap_or_else(|| panic!("{}", source.name));
            let roots = (tree.root().unwrap(), replayed.root().unwrap());
            compare((&tree, roots.0), (&replayed, roots.1), 0, &is_test);
            // A record of another text is none.
            let other = Arc::new(crate::source::Text::new(String::new(), 0));
            assert!(yaml::replay(file, &other, record).is_none(), "{}", source.name);
        }
    }

    #[test]
    fn tables_and_codes_come_before_the_rules_that_use_them() {
        let source = |name: &str| RuleSource::new(name, Vec::new(), |_| Err(String::new()));
        let mut sources: Vec<_> =
            ["r/b.yaml", "r/a.yaml", "r/pack.yaml", "r/codes/c.yaml", "r/tables/t.yaml"].map(source).into();
        in_order(&mut sources);
        let names: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
        assert_eq!(names, ["r/tables/t.yaml", "r/codes/c.yaml", "r/pack.yaml", "r/a.yaml", "r/b.yaml"]);
    }
}
