//! The columns of a table and the keys of their headers, which each file is compared with.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use hashbrown::HashMap;

use super::schema::{Column, header_key};

/// The columns of a table. The keys of their headers are collected at the first comparison with a file: most
/// runs compare small files with every table.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    columns: Vec<Column>,
    /// Empty until it is asked for, and again after each change of the columns.
    by_key: OnceLock<ByKey>,
}

/// For the key of each header the columns that it names, each with its rank among the column's headers.
type ByKey = HashMap<String, Vec<(usize, usize)>>;

impl Columns {
    /// The columns that a header names, each with the rank of the header among the column's own. `key` is one
    /// of its [`super::schema::header_keys`].
    pub fn named(&self, key: &str) -> &[(usize, usize)] {
        self.by_key.get_or_init(|| by_key(&self.columns)).get(key).map_or(&[], Vec::as_slice)
    }

    /// Adds a column.
    pub fn push(&mut self, column: Column) {
        self.by_key.take();
        self.columns.push(column);
    }
}

fn by_key(columns: &[Column]) -> ByKey {
    let mut by_key = ByKey::new();
    for (column, declared) in columns.iter().enumerate() {
        for (rank, header) in declared.headers.iter().enumerate() {
            let named = by_key.entry(header_key(header)).or_default();
            if named.last().is_none_or(|(last, _)| *last != column) {
                named.push((column, rank));
            }
        }
    }
    by_key.remove("");
    by_key
}

impl Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.columns
    }
}

impl DerefMut for Columns {
    fn deref_mut(&mut self) -> &mut [Column] {
        self.by_key.take();
        &mut self.columns
    }
}

impl Extend<Column> for Columns {
    fn extend<I: IntoIterator<Item = Column>>(&mut self, columns: I) {
        columns.into_iter().for_each(|column| self.push(column));
    }
}

impl<'c> IntoIterator for &'c Columns {
    type Item = &'c Column;
    type IntoIter = std::slice::Iter<'c, Column>;

    fn into_iter(self) -> Self::IntoIter {
        self.columns.iter()
    }
}

impl From<Vec<Column>> for Columns {
    fn from(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::Type;

    fn column(name: &str, headers: &[&str]) -> Column {
        let headers = headers.iter().map(|&header| header.to_owned()).collect();
        Column { headers, ..Column::new(name, Type::Text) }
    }

    #[test]
    fn a_change_of_the_columns_changes_what_headers_name() {
        let mut columns = Columns::from(vec![column("a", &["A", "First", "first"]), column("b", &["First"])]);
        assert_eq!(columns.named("first"), [(0, 1), (1, 0)]);
        assert!(columns.named("c").is_empty() && columns.named("").is_empty());
        columns.push(column("c", &["C", "-"]));
        assert_eq!(columns.named("c"), [(2, 0)]);
        assert!(columns.named("").is_empty());
        let before = columns.clone();
        columns[0].headers.push("Third".into());
        assert_eq!(columns.named("third"), [(0, 3)]);
        assert!(before.named("third").is_empty() && before != columns);
        columns.extend([column("d", &["D"])]);
        assert_eq!(columns.named("d"), [(3, 0)]);
    }
}
