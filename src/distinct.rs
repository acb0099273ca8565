//! Values that many others have, each kept once.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashSet;

/// The values, each once, in the order of the first of each. For a few: it compares each with all.
pub(crate) fn each_once<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// Values of which equal ones are kept once.
pub(crate) struct Distinct<T: ?Sized>(HashSet<Arc<T>>);

impl<T: ?Sized> Default for Distinct<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: ?Sized + Eq + Hash> Distinct<T> {
    /// Replaces a value by the one that is kept, which it is itself where there was none.
    pub(crate) fn share(&mut self, value: &mut Arc<T>) {
        *value = Arc::clone(self.0.get_or_insert_with(value, Arc::clone));
    }
}

impl<T: Clone + Eq + Hash> Distinct<[T]> {
    /// The list that is kept.
    pub(crate) fn list(&mut self, list: &[T]) -> Arc<[T]> {
        Arc::clone(self.0.get_or_insert_with(list, |list| list.into()))
    }
}
