//! Lists where each row of the declarations goes, which is shown before anything is written. [`Plan`] decides it
//! by entry.

use hashbrown::{HashMap, HashSet};

use super::plan::Plan;
use crate::entry::EntryNumber;
use crate::finding::Outcome;
use crate::table::declaration::written_number;
use crate::table::{Entries, ROW, Tables};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// Into an upload file: an index of [`Plan::files`].
    Upload(usize),
    /// Onto the list of what is held back.
    HeldBack,
    /// Nowhere: another row before it has the same entry.
    Duplicate,
    /// Nowhere: it contains no entry number.
    Blank,
}

/// The rows of a declaration that go the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// Where to.
    pub goes: Destination,
    /// Their lines (in a workbook: rows of the sheet), in order.
    pub lines: Vec<u64>,
    /// How many of them write the entry number otherwise than the upload file does.
    pub rewritten: usize,
}

/// For each declaration the ways of its rows: upload files in their order, then the rest.
pub fn row_groups(plan: &Plan, outcome: &Outcome, tables: &Tables, entries: &Entries) -> Vec<Vec<RowGroup>> {
    let mut row_groups = vec![Vec::new(); outcome.declarations.len()];
    let Some(table) = tables.get(ROW) else { return row_groups };
    let schema = &tables.schemas[ROW.index()];
    let mut files: HashMap<EntryNumber, usize> = HashMap::new();
    for (at, file) in plan.files.iter().enumerate() {
        files.extend(file.entries.iter().map(|number| (*number, at)));
    }
    let held = plan.held.iter().map(|held| &outcome.entries[held.entry]);
    let unread: HashSet<_> = held
        .filter(|entry| entry.number.is_none())
        .map(|entry| (entry.place.file, entry.place.line))
        .collect();
    let mut seen = HashSet::new();
    for row in &table.rows {
        let number = row.entry.map(|entry| entries.number(entry));
        let goes = match number {
            Some(number) if !seen.insert(number) => Destination::Duplicate,
            Some(number) => {
                files.get(&number).map_or(Destination::HeldBack, |file| Destination::Upload(*file))
            }
            None if unread.contains(&(table.parts[row.part as usize].file, row.line)) => {
                Destination::HeldBack
            }
            None => Destination::Blank,
        };
        let of_file: &mut Vec<RowGroup> = &mut row_groups[row.part as usize];
        let found = of_file.iter().position(|way| way.goes == goes).unwrap_or_else(|| {
            of_file.push(RowGroup { goes, lines: Vec::new(), rewritten: 0 });
            of_file.len() - 1
        });
        let way = &mut of_file[found];
        way.lines.push(row.line.into());
        let is_plain = |number: EntryNumber| {
            let part = &table.parts[row.part as usize];
            written_number(schema, part, table.record(row)) == number.as_str()
        };
        let is_upload = matches!(goes, Destination::Upload(_));
        way.rewritten += usize::from(is_upload && !number.is_none_or(is_plain));
    }
    for of_file in &mut row_groups {
        of_file.sort_by_key(|way| way.goes);
    }
    row_groups
}

impl RowGroup {
    /// The lines as people write them: `2-40`, `42`, `44-50`.
    pub fn ranges(&self) -> Vec<String> {
        ranges(&self.lines)
    }
}

/// Lines as people write them: `2-40, 42, 44-50`.
fn ranges(lines: &[u64]) -> Vec<String> {
    lines
        .chunk_by(|before, after| *after == before + 1)
        .map(|run| match run {
            [one] => one.to_string(),
            [first, .., last] => format!("{first}-{last}"),
            [] => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_follow_each_other_are_written_as_one() {
        assert_eq!(ranges(&[2, 3, 4, 6, 8, 9]), ["2-4", "6", "8-9"]);
        assert_eq!(ranges(&[]), Vec::<String>::new());
    }
}
