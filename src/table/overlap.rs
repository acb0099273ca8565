//! Exports that overlap: a row that is in several files of one table is counted once.
//!
//! People export month by month, or export again and keep both files. An entry's row that another file of the
//! table has too adds nothing, and its duty must not be added twice. Within one file equal rows all count: a
//! report does not repeat itself.

use std::cmp::Reverse;
use std::mem::{replace, take};
use std::ops::Range;

use hashbrown::HashMap;

use super::schema::{Schema, Type};
use super::value::CellReading;
use super::{Asked, ColumnCells, Row, Table, build};

/// The values of the schema's columns in a row, each as a number; [`Column::MISSING`] where the file does not
/// have the column.
type Content = Vec<u32>;

/// Why an entry has a row of which it is not known whether it counts ([`Row::doubtful`]), where that is
/// not a row without a readable entry number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Two exports have different values for the entry, and it is not known which is newer.
    ExportsDiffer,
    /// The list has no column for the meaning of being on it, but one that may be that.
    StatusNotRead {
        /// The field of that column.
        field: u32,
    },
}

/// What becomes of an entry's rows that are in several files.
enum Fate {
    /// These have nothing that another file does not have.
    Repeated(Vec<usize>),
    /// The files differ about it, and these are not of the newest.
    Superseded(Vec<usize>),
    /// The files differ about it, and it is not known which is newest: these are not in all.
    Doubtful(Vec<usize>),
}

/// Leaves out the rows that another file has too, and counts them in [`super::Part::repeated_rows`]. The rows
/// are sorted by entry, and those of an entry by file.
///
/// Rows are equal where all columns of the schema have the same values in them, whatever the order of the
/// columns and however quotes, zeros and dates are written. Of two files with the same columns the later
/// one's row is left out; where one has columns that the other does not have, the row with fewer values.
/// Where each has such columns both count: neither has everything.
///
/// Where two exports of lines differ about an entry, their rows are never put together: the newest export's
/// count where each file has its day of export. Otherwise only the rows that are in all of them are certain,
/// and the entry gets a doubtful row.
pub(super) fn leave_out_repeated(schema: &Schema, table: &mut Table, asked: &[Asked]) {
    // Most files share no entry: then no cell need be looked at.
    let overlapping = overlapping(table);
    if overlapping.is_empty() {
        return;
    }
    let contents = contents(schema, table, &overlapping);
    let (mut dropped, mut doubtful) = (Vec::new(), Vec::new());
    let mut first = 0;
    for range in overlapping {
        let contents = &contents[first..first + range.len()];
        first += range.len();
        match fate(schema, table, asked, range.clone(), contents) {
            Fate::Repeated(rows) => {
                rows.iter().for_each(|row| table.parts[table.rows[*row].part as usize].repeated_rows += 1);
                dropped.extend(rows);
            }
            Fate::Superseded(rows) => {
                rows.iter().for_each(|row| table.parts[table.rows[*row].part as usize].superseded_rows += 1);
                dropped.extend(rows);
            }
            Fate::Doubtful(rows) => {
                let shown = rows.first().map(|row| Row { doubtful: true, ..table.rows[*row].clone() });
                if !table.rows[range].iter().any(|row| row.doubtful) {
                    doubtful.extend(shown);
                }
                dropped.extend(rows);
            }
        }
    }
    drop_rows(table, &dropped);
    if doubtful.is_empty() {
        return;
    }
    for row in &doubtful {
        table.doubts.extend(row.entry.map(|entry| (entry, Doubt::ExportsDiffer)));
    }
    // A doubtful row is its entry's last.
    table.rows.extend(doubtful);
    table.entry_rows = build::sort_by_entry(&mut table.rows, table.entry_rows.len() - 1);
}

/// The rows of an entry by file, each with its values.
type OfFile<'c> = (u32, Vec<(usize, &'c Content)>);

fn fate(schema: &Schema, table: &Table, asked: &[Asked], rows: Range<usize>, contents: &[Content]) -> Fate {
    let mut files: Vec<OfFile<'_>> = Vec::new();
    for (at, content) in rows.clone().zip(contents) {
        let row = &table.rows[at];
        match files.last_mut() {
            _ if row.doubtful => {}
            Some((part, of_file)) if *part == row.part => of_file.push((at, content)),
            _ => files.push((row.part, vec![(at, content)])),
        }
    }
    let differ = |a: &OfFile<'_>, b: &OfFile<'_>| differ(schema, table, asked, a, b);
    // Lists of events have different values for an entry one after the other.
    let some_differ = schema.line.is_some()
        && files.iter().enumerate().any(|(at, file)| files[..at].iter().any(|other| differ(file, other)));
    if !some_differ {
        return Fate::Repeated(repeats(table, rows, contents));
    }
    let exported: Option<Vec<_>> =
        files.iter().map(|(part, _)| table.parts[*part as usize].exported).collect();
    let newest = exported.and_then(|days| {
        let newest = *days.iter().max()?;
        let mut of_newest = days.iter().zip(&files).filter(|(day, _)| **day == newest);
        let (_, (part, _)) = of_newest.next()?;
        of_newest.next().is_none().then_some(*part)
    });
    let all = files.iter().flat_map(|(part, rows)| rows.iter().map(|(row, content)| (*part, *row, *content)));
    if let Some(newest) = newest {
        return Fate::Superseded(all.filter(|(part, ..)| *part != newest).map(|(_, row, _)| row).collect());
    }
    let base = files.iter().map(|(part, _)| *part).max_by_key(|part| {
        let columns = table.parts[*part as usize].fields.iter().flatten().count();
        (columns, Reverse(*part))
    });
    let in_all = |part: u32, content: &Content| {
        files.iter().all(|(other, rows)| {
            let shared = shared(table, asked, part, *other);
            rows.iter().any(|(_, theirs)| projected(theirs, &shared) == projected(content, &shared))
        })
    };
    let is_certain =
        |(part, _, content): &(u32, usize, &Content)| Some(*part) == base && in_all(*part, content);
    Fate::Doubtful(all.filter(|row| !is_certain(row)).map(|(_, row, _)| row).collect())
}

/// The columns that two files have and some rule reads.
fn shared(table: &Table, asked: &[Asked], a: u32, b: u32) -> Vec<usize> {
    let [a, b] = [a, b].map(|part| &table.parts[part as usize]);
    let is_read = |column: &usize| asked.get(*column).copied().unwrap_or(Asked::Value) != Asked::Nothing;
    (0..a.fields.len())
        .filter(is_read)
        .filter(|&column| a.has_column(column) && b.has_column(column))
        .collect()
}

fn projected(content: &Content, columns: &[usize]) -> Content {
    columns.iter().map(|&column| content[column]).collect()
}

/// Whether two files differ about an entry. Where they have none of its tariff numbers in common, one goes on
/// where the other ends.
fn differ(schema: &Schema, table: &Table, asked: &[Asked], a: &OfFile<'_>, b: &OfFile<'_>) -> bool {
    let shared = shared(table, asked, a.0, b.0);
    let values = |(_, rows): &OfFile<'_>, columns: &[usize]| -> Vec<Content> {
        let mut values: Vec<Content> = rows.iter().map(|(_, content)| projected(content, columns)).collect();
        values.sort_unstable();
        values
    };
    if values(a, &shared) == values(b, &shared) {
        return false;
    }
    let hts = schema.columns.iter().position(|column| column.kind == Type::Hts);
    let has_both =
        |column: &usize| [a.0, b.0].iter().all(|part| table.parts[*part as usize].has_column(*column));
    let Some(line) = schema.line.filter(has_both) else { return true };
    let Some(number) = schema.column("ordinal").filter(has_both).or(hts.filter(has_both)) else {
        return true;
    };
    let numbers = values(a, &[line, number]);
    values(b, &[line, number]).iter().any(|theirs| numbers.binary_search(theirs).is_ok())
}

/// Which of an entry's rows have nothing that a row of another file does not have.
fn repeats(table: &Table, rows: Range<usize>, contents: &[Content]) -> Vec<usize> {
    let columns = |part: u32| &table.parts[part as usize].fields;
    let mut files: Vec<(u32, &[Content], usize)> = Vec::new();
    let mut at = rows.start;
    for of_file in table.rows[rows.clone()].chunk_by(|a, b| a.part == b.part) {
        let contents = &contents[at - rows.start..][..of_file.len()];
        files.push((of_file[0].part, contents, at));
        at += of_file.len();
    }
    // A row is left out for one of a file that has as much or more, so those come first.
    files.sort_by_key(|(part, ..)| (Reverse(columns(*part).iter().flatten().count()), *part));
    let mut repeated = Vec::new();
    for (number, &(part, contents, start)) in files.iter().enumerate() {
        // How often another file has each content, the most often.
        let mut known: HashMap<Content, usize> = HashMap::new();
        for (other, others, _) in &files[..number] {
            let covers = columns(*other).iter().zip(columns(part)).all(|(a, b)| a.is_some() || b.is_none());
            if !covers {
                continue;
            }
            let mut times: HashMap<Content, usize> = HashMap::new();
            for content in *others {
                let values = content.iter().zip(columns(part));
                let values =
                    values.map(|(value, field)| if field.is_some() { *value } else { ColumnCells::MISSING });
                *times.entry(values.collect()).or_default() += 1;
            }
            for (content, times) in times {
                let most = known.entry(content).or_default();
                *most = times.max(*most);
            }
        }
        for (at, content) in (start..).zip(contents) {
            if let Some(left) = known.get_mut(content)
                && *left > 0
            {
                *left -= 1;
                repeated.push(at);
            }
        }
    }
    repeated.sort_unstable();
    repeated
}

/// The rows of each entry that has some in more than one file.
fn overlapping(table: &Table) -> Vec<Range<usize>> {
    let is_overlapping = |range: &Range<usize>| match &table.rows[range.clone()] {
        [first, .., last] => first.part != last.part,
        _ => false,
    };
    let ranges = table.entry_rows.windows(2).map(|pair| pair[0] as usize..pair[1] as usize);
    ranges.filter(is_overlapping).collect()
}

/// The values of the rows of these ranges, one after the other.
fn contents(schema: &Schema, table: &mut Table, ranges: &[Range<usize>]) -> Vec<Content> {
    // Only the rows in question are read, but all of their columns, whether or not a rule asks.
    let asked: Vec<Row> = ranges.iter().flat_map(|range| table.rows[range.clone()].iter().cloned()).collect();
    let rows = replace(&mut table.rows, asked);
    let columns = build::columns(schema, table, &[]);
    let mut contents = vec![Vec::with_capacity(columns.len()); table.rows.len()];
    for (number, column) in columns.iter().enumerate() {
        let values = values(column);
        for (at, row) in table.rows.iter().enumerate() {
            let value = column.cells.get(at).and_then(|cell| values.get(*cell as usize)).copied();
            let has_column = table.parts[row.part as usize].has_column(number);
            contents[at].push(value.filter(|_| has_column).unwrap_or(ColumnCells::MISSING));
        }
    }
    table.rows = rows;
    contents
}

/// For each cell of a column the first one with the same value: the same value, or the same text where there
/// is none.
fn values(column: &ColumnCells) -> Vec<u32> {
    let mut first: HashMap<(&CellReading, &str), u32> = HashMap::new();
    (0..)
        .zip(&column.dictionary)
        .map(|(at, cell)| {
            let text = if matches!(cell.reading, CellReading::Value(_)) { "" } else { cell.text().raw() };
            *first.entry((&cell.reading, text)).or_insert(at)
        })
        .collect()
}

/// Takes rows out.
fn drop_rows(table: &mut Table, dropped: &[usize]) {
    let mut dropped = dropped.to_vec();
    dropped.sort_unstable();
    let before = |row: u32| dropped.partition_point(|at| *at < row as usize) as u32;
    for start in &mut table.entry_rows {
        *start -= before(*start);
    }
    let mut dropped = dropped.iter().copied().peekable();
    for (at, row) in take(&mut table.rows).into_iter().enumerate() {
        if dropped.next_if_eq(&at).is_none() {
            table.rows.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;
    use crate::source::Sources;
    use crate::table::reference::{Keep, Request, read_table};
    use crate::table::schema::{self, Blank};
    use crate::table::{Entries, TableId};
    use proptest::prelude::*;

    const FIRST: &str = "00261103162";
    const SECOND: &str = "00261111157";

    fn schema() -> Schema {
        let column = |name: &str, kind: Type| schema::Column {
            headers: vec![name.into()],
            missing: Blank::Nothing,
            pad: (kind == Type::Text).then_some(3),
            ..schema::Column::new(name, kind)
        };
        Schema {
            title: "ES-003".into(),
            key: Some(0),
            columns: vec![
                column("entry", Type::EntryNumber),
                column("line", Type::Text),
                column("duty", Type::Money),
                column("date", Type::Date),
            ]
            .into(),
            ..Schema::new("es003")
        }
    }

    fn read(files: &[&str]) -> Table {
        let schemas = [schema().into()];
        let request = Request {
            // A difference in columns that no rule reads keeps rows apart as well.
            asked: &[Asked::Value, Asked::Nothing, Asked::Nothing, Asked::Nothing],
            keep: Keep::All,
            ..Request::new(TableId::new(0), &schemas)
        };
        let inputs: Vec<(String, Input)> = (files.iter().enumerate())
            .map(|(at, text)| (format!("{at}.csv"), Input::from(text.as_bytes())))
            .collect();
        read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default()).unwrap()
    }

    /// The rows that were kept, by file and line, and how many of each file were left out.
    fn kept(files: &[&str]) -> (Vec<(u32, u64)>, Vec<u64>) {
        let table = read(files);
        assert_eq!(table.entry_rows.last().copied(), Some(table.rows.len() as u32));
        for (entry, range) in table.entry_rows.windows(2).enumerate() {
            let rows = &table.rows[range[0] as usize..range[1] as usize];
            assert!(rows.iter().all(|row| row.entry.is_some_and(|id| id.0 as usize == entry)));
        }
        let rows = table.rows.iter().map(|row| (row.part, row.line.into())).collect();
        (rows, table.parts.iter().map(|part| part.repeated_rows).collect())
    }

    #[test]
    fn a_row_of_a_later_file_counts_once_however_it_is_written() {
        let first = format!("entry,line,duty,date\n{FIRST},001,1.00,10/02/2026\n{SECOND},001,2.00,\n");
        let again = format!(
            "Report\ndate;duty;broker;entry;line\n2026-10-02;\"$1.00\";x;=\"{FIRST}\";1\n;3;y;{SECOND};1\n"
        );
        assert_eq!(kept(&[&first, &again]), (vec![(0, 2), (0, 3), (1, 4)], vec![0, 1]));
        assert_eq!(kept(&[&first, &first, &first]), (vec![(0, 2), (0, 3)], vec![0, 2, 2]));
    }

    #[test]
    fn the_row_with_fewer_values_is_left_out() {
        let with = format!("entry,line,date\n{FIRST},001,\n");
        let without = format!("entry,line\n{FIRST},001\n");
        assert_eq!(kept(&[&with, &without]), (vec![(0, 2)], vec![0, 1]));
        assert_eq!(kept(&[&without, &with]), (vec![(1, 2)], vec![1, 0]));
        assert_eq!(kept(&[&with, &without, &with]).1, [0, 1, 1]);
        // Of two lines that differ in columns which the other file does not have, each has a row there.
        let dated = format!("entry,line,date\n{FIRST},001,\n{FIRST},001,10/02/2026\n");
        assert_eq!(kept(&[&without, &dated]).1, [1, 0]);
        let twice = format!("entry,line\n{FIRST},001\n{FIRST},001\n{FIRST},001\n");
        assert_eq!(kept(&[&twice, &dated]), (vec![(0, 4), (1, 2), (1, 3)], vec![2, 0]));
    }

    #[test]
    fn columns_that_one_file_does_not_have_keep_rows_apart() {
        let dated = format!("entry,line,date\n{FIRST},001,\n");
        let paid = format!("entry,line,duty\n{FIRST},001,1.00\n");
        assert_eq!(kept(&[&dated, &paid]).1, [0, 0]);
    }

    #[test]
    fn what_cannot_be_read_is_compared_as_written() {
        let file = |line: &str| format!("entry,line,duty,date\n{FIRST},{line}\n");
        let (soon, later) = (file("1,1.00,soon"), file("1,1.00,later"));
        assert_eq!(kept(&[&soon, &later]).1, [0, 0]);
        assert_eq!(kept(&[&soon, &soon]).1, [0, 1]);
        // A delimiter too many: it is unknown what the cells are.
        let ragged = file("1,1,000.00,soon");
        assert_eq!(kept(&[&ragged, &file("1,1,000.00")]).1, [0, 0]);
    }

    /// The rows of ES-003 files that are certain, by file and line, whether the entry is doubtful, and
    /// how many rows were superseded.
    fn lines(files: &[&str]) -> (Vec<(u32, u64)>, bool, u64) {
        let mut schema = schema();
        schema.line = Some(1);
        schema.columns.push(schema::Column {
            headers: vec!["ordinal".into()],
            ..schema::Column::new("ordinal", Type::Text)
        });
        let schemas = [schema.into()];
        let request = Request { keep: Keep::All, ..Request::new(TableId::new(0), &schemas) };
        let inputs: Vec<(String, Input)> = (files.iter().enumerate())
            .map(|(at, text)| (format!("{at}.csv"), Input::from(text.as_bytes())))
            .collect();
        let table = read_table(&request, &inputs, &mut Sources::default(), &mut Entries::default()).unwrap();
        let certain =
            table.rows.iter().filter(|row| !row.doubtful).map(|row| (row.part, row.line.into())).collect();
        let doubtful = table.rows.iter().any(|row| row.doubtful);
        assert_eq!(doubtful, !table.doubts.is_empty());
        (certain, doubtful, table.parts.iter().map(|part| part.superseded_rows).sum())
    }

    #[test]
    fn exports_that_differ_are_never_put_together() {
        let file = |stamp: &str, rows: &[&str]| {
            let rows: String = rows.iter().map(|row| format!("{FIRST},{row}\n")).collect();
            format!("{stamp}entry,line,ordinal,duty\n{rows}")
        };
        let old = file("", &["1,1,100.00", "1,2,0"]);
        // The newer lost its IEEPA row, or has no duty on it.
        for new in [file("", &["1,2,0"]), file("", &["1,1,0", "1,2,0"])] {
            let (certain, doubtful, superseded) = lines(&[&old, &new]);
            assert_eq!((certain, doubtful, superseded), (vec![(0, 3)], true, 0));
            assert!(lines(&[&new, &old]).1, "whichever is named first");
        }
        assert_eq!(lines(&[&old, &old]), (vec![(0, 2), (0, 3)], false, 0));
        // One goes on where the other ends.
        let rest = file("", &["2,1,50.00", "2,2,0"]);
        assert_eq!(lines(&[&old, &rest]), (vec![(0, 2), (0, 3), (1, 2), (1, 3)], false, 0));
        // Both have a day of export.
        let old = file("Run Date: 10/01/2026\n", &["1,1,100.00", "1,2,0"]);
        let new = file("Run Date: 11/20/2026\n", &["1,2,0"]);
        assert_eq!(lines(&[&old, &new]), (vec![(1, 3)], false, 2));
        assert_eq!(lines(&[&new, &old]), (vec![(0, 3)], false, 2));
        let again = file("Run Date: 11/20/2026\n", &["1,1,1.00"]);
        assert!(lines(&[&new, &again]).0.len() == 2, "other numbers of the same day");
        let other = file("Run Date: 11/20/2026\n", &["1,2,1.00"]);
        assert!(lines(&[&new, &other]).1, "of one day");
    }

    proptest! {
        /// Of each content so many rows are kept as the file has that has it most often.
        #[test]
        fn equal_rows_within_a_file_all_count(
            files in prop::collection::vec(prop::collection::vec((0..2, 0..3), 0..12), 1..4)
        ) {
            // An export without any row is refused.
            prop_assume!(files.iter().any(|rows| !rows.is_empty()));
            let entry = |at: i32| [FIRST, SECOND][at as usize];
            let texts: Vec<String> = (files.iter())
                .map(|rows| {
                    let rows = rows.iter().map(|&(at, line)| format!("{},{line}\n", entry(at)));
                    std::iter::once("entry,line\n".to_owned()).chain(rows).collect()
                })
                .collect();
            let table = read(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let mut expected = Vec::new();
            for content in (0..2).flat_map(|at| (0..3).map(move |line| (at, line))) {
                let times = |rows: &Vec<(i32, i32)>| rows.iter().filter(|row| **row == content).count();
                let most = files.iter().map(times).max().unwrap_or(0);
                expected.extend(vec![format!("{},{}", entry(content.0), content.1); most]);
            }
            let text = |row: &Row| String::from_utf8_lossy(table.record(row).bytes()).into_owned();
            let mut kept: Vec<String> = table.rows.iter().map(text).collect();
            kept.sort();
            prop_assert_eq!(kept, expected);
            let left_out: u64 = table.parts.iter().map(|part| part.repeated_rows).sum();
            let all: usize = files.iter().map(Vec::len).sum();
            prop_assert_eq!(table.rows.len() + left_out as usize, all);
        }
    }
}
