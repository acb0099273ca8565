//! Which rules there are, which run, and which replace others.

use std::collections::{HashMap, HashSet};

use super::super::errors;
use super::ParsedFile;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Place};
use crate::yaml::Tree;
use crate::yaml::decode::Scalar;

/// What became of the rules' ids.
pub struct Ids {
    /// Each id with where it was first given.
    known: HashMap<String, Place>,
    /// Ids in their order, for suggestions.
    order: Vec<String>,
    /// The rules that run: file and index.
    running: HashMap<String, (usize, usize)>,
    /// The rules that were replaced or turned off: file and index.
    stopped: HashSet<(usize, usize)>,
    /// What replaces a replaced id.
    replaced: HashMap<String, String>,
    /// What some file turned off.
    pub off: Vec<Stopped>,
}

/// A rule that a file turned off.
pub struct Stopped {
    /// Its id, as that file has it.
    pub id: String,
    /// Where the rule is: file and index.
    pub rule: (usize, usize),
    /// The file that turned it off.
    pub by: FileId,
}

impl Ids {
    /// Whether the rule was neither replaced nor turned off.
    pub fn runs(&self, unit: usize, index: usize) -> bool {
        !self.stopped.contains(&(unit, index))
    }

    fn stop(&mut self, id: &str) -> Option<(usize, usize)> {
        let stopped = self.running.remove(id);
        self.stopped.extend(stopped);
        stopped
    }

    /// The id that replaces this one.
    pub fn current<'i>(&'i self, id: &'i str) -> &'i str {
        let mut id = id;
        // Each step goes to a later file, so this ends; the bound guarantees it.
        for _ in 0..self.replaced.len() {
            match self.replaced.get(id) {
                Some(next) => id = next,
                None => break,
            }
        }
        id
    }

    /// Whether some file has or had a rule of that id.
    pub fn is_known(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    /// An error: an id that no rule has.
    pub fn unknown(&self, id: &str, place: Place) -> Diagnostic {
        errors::unknown_rule(id, self.order.iter().map(String::as_str)).at(place, "")
    }
}

/// Goes through the files in their order.
pub fn assign(units: &mut [ParsedFile]) -> Ids {
    let mut ids = Ids {
        known: HashMap::new(),
        order: Vec::new(),
        running: HashMap::new(),
        stopped: HashSet::new(),
        replaced: HashMap::new(),
        off: Vec::new(),
    };
    for (at, unit) in units.iter_mut().enumerate() {
        let ParsedFile { tree, file, rules, diagnostics, .. } = unit;
        // Only rules of earlier files can be replaced or turned off.
        let earlier: HashSet<String> = ids.order.iter().cloned().collect();
        for id in file.off.iter().flatten() {
            if earlier.contains(&id.value) {
                let current = ids.current(&id.value).to_owned();
                // What is off already cannot be turned off again.
                let by = id.place(tree).file;
                let stopped = ids.stop(&current).map(|rule| Stopped { id: id.value.clone(), rule, by });
                ids.off.extend(stopped);
            } else {
                diagnostics.push(not_earlier(tree, id, &ids, &earlier));
            }
        }
        for (index, (_, rule)) in rules.iter().enumerate() {
            let Some(id) = &rule.id else { continue };
            let replaced = rule.replaces.as_ref();
            if let Some(replaced) = replaced {
                if earlier.contains(&replaced.value) {
                    let current = ids.current(&replaced.value).to_owned();
                    ids.stop(&current);
                    if current != id.value {
                        ids.replaced.insert(current, id.value.clone());
                    }
                } else {
                    diagnostics.push(not_earlier(tree, replaced, &ids, &earlier));
                }
            }
            let place = id.place(tree);
            let same =
                replaced.is_some_and(|replaced| replaced.value == id.value) && earlier.contains(&id.value);
            match ids.known.get(&id.value) {
                Some(first) if !same || ids.running.contains_key(&id.value) => {
                    diagnostics.push(errors::duplicate_rule(
                        &id.value,
                        earlier.contains(&id.value),
                        place,
                        *first,
                    ));
                    continue;
                }
                Some(_) => {}
                None => {
                    ids.known.insert(id.value.clone(), place);
                    ids.order.push(id.value.clone());
                }
            }
            ids.running.insert(id.value.clone(), (at, index));
        }
    }
    ids
}

fn not_earlier(tree: &Tree, id: &Scalar, ids: &Ids, earlier: &HashSet<String>) -> Diagnostic {
    let place = id.place(tree);
    if let Some(first) = ids.known.get(&id.value) {
        return errors::rule_is_not_earlier(&id.value, place, *first);
    }
    if earlier.is_empty() {
        return errors::no_earlier_rule(&id.value, place);
    }
    let known = ids.order.iter().map(String::as_str).filter(|id| earlier.contains(*id));
    errors::unknown_rule(&id.value, known).at(place, "")
}
