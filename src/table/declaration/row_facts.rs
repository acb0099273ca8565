//! How each row of a declaration is written: the columns of the table [`ROW`](crate::table::ROW) that no file has.

use std::sync::OnceLock;

use super::damage::damage;
use super::number::{described, entry_form};
use crate::entry::Form;
use crate::table::csv::Damage;
use crate::table::fact::{Fact, choice, fact, or_nothing};
use crate::table::schema::{Column, Schema, Type};
use crate::table::value::clean;
use crate::table::{ColumnCells, Row, Table};
use crate::table::{elsewhere, encoding, marks};
use rayon::prelude::*;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What is found out about a declaration's row: columns of the table [`ROW`](crate::table::ROW), by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(in crate::table) enum RowFact {
    EntryForm,
    EntryFound,
    EntryBeside,
    EntryElsewhere,
    EntrySplit,
    Problem,
    Fields,
    Hidden,
    StruckOut,
    Mark,
}

impl RowFact {
    /// The fact that a column of the table [`ROW`](crate::table::ROW) has.
    pub(in crate::table) fn of(column: &Column) -> Option<Self> {
        column.name.parse().ok()
    }

    fn column(self) -> Column {
        let name = self.into();
        match self {
            Self::EntryForm => choice(name, Form::ALL.iter().copied().map(Form::name)),
            Self::EntryFound | Self::EntryBeside | Self::EntryElsewhere | Self::EntrySplit | Self::Mark => {
                or_nothing(fact(name, Type::Text))
            }
            Self::Problem => {
                choice(name, std::iter::once("none").chain(Damage::ALL.iter().copied().map(Damage::name)))
            }
            Self::Fields => fact(name, Type::Integer),
            Self::Hidden | Self::StruckOut => fact(name, Type::YesNo),
        }
    }

    /// The columns of all facts that a schema has.
    pub(in crate::table) fn columns(schema: &Schema) -> Vec<(usize, Self)> {
        let facts = Self::VARIANTS.iter().copied();
        facts.filter_map(|fact| Some((schema.column(fact.into())?, fact))).collect()
    }
}

/// The columns of the table [`ROW`](crate::table::ROW) that no file has, because they describe how a row is
/// written. They are after those that `tables/declaration.yaml` declares.
pub fn row_facts() -> Vec<Column> {
    RowFact::VARIANTS.iter().map(|fact| fact.column()).collect()
}

/// Fills the given row facts of a declaration's table, found from the rows' texts.
pub(in crate::table) fn add_row_facts(schema: &Schema, table: &mut Table, facts: &[(usize, RowFact)]) {
    let marked: Vec<_> = table.parts.iter().map(|part| marks::columns(schema, part)).collect();
    let first = OnceLock::new();
    let read = |&(column, fact): &(usize, RowFact)| {
        let declared = &schema.columns[column];
        let of_row = |(at, row): (u32, &Row)| -> Fact<'static> {
            let record = table.record(row);
            let part = &table.parts[row.part as usize];
            // Nearly all rows have their number, and need no word about where it is.
            let key = schema.key.and_then(|key| part.fields[key]).filter(|_| row.entry.is_none());
            match fact {
                RowFact::EntryForm => Fact::Choice(entry_form(schema, part, record).name()),
                RowFact::EntryFound => Fact::text(described(schema, part, record).0),
                RowFact::EntryBeside => Fact::text(described(schema, part, record).1),
                RowFact::EntryElsewhere => {
                    key.map_or(Fact::None, |key| Fact::text(elsewhere::in_other_column(part, key, record)))
                }
                RowFact::EntrySplit => {
                    key.map_or(Fact::None, |key| Fact::text(elsewhere::split(part, key, record)))
                }
                RowFact::Problem => {
                    Fact::Choice(damage(schema, part, record).map_or("none", |(damage, _)| damage.name()))
                }
                RowFact::Hidden => table.shown(at).hidden.map_or(Fact::None, Fact::YesNo),
                RowFact::StruckOut => Fact::YesNo(table.shown(at).struck_out),
                RowFact::Mark => {
                    let marked = &marked[row.part as usize];
                    let own = marks::find(marked, part, record).map(|(_, said)| said);
                    let below = || row.entry.and_then(|_| mark_below(schema, table, marked, at));
                    own.or_else(below).map_or(Fact::None, Fact::text)
                }
                // A blank line has no fields.
                RowFact::Fields if record.is_empty() => Fact::Number(0),
                RowFact::Fields => Fact::Number(record.fields().count() as i64),
            }
        };
        Fact::column(declared, (0..).zip(&table.rows).map(of_row), &first)
    };
    let columns: Vec<ColumnCells> = facts.par_iter().with_max_len(1).map(read).collect();
    for (&(column, _), cells) in facts.iter().zip(columns) {
        table.columns[column] = cells;
    }
    place_row_facts(schema, table, facts);
}

/// What is found out about a row is where its entry number is.
pub(super) fn place_row_facts(schema: &Schema, table: &mut Table, facts: &[(usize, RowFact)]) {
    for part in &mut table.parts {
        for &(column, _) in facts {
            part.fields[column] = schema.key.and_then(|key| part.fields[key]);
        }
    }
}

/// The first mark against filing in the rows right below a row that have no entry number: a sheet whose rows
/// are grouped shows the number only in the first row of an entry.
fn mark_below(schema: &Schema, table: &Table, marked: &[marks::Marked], at: u32) -> Option<String> {
    let above = table.rows.get(at as usize)?;
    let part = &table.parts[above.part as usize];
    let key_field = schema.key.and_then(|key| part.fields[key])?;
    let is_below = |row: &&Row| {
        let record = table.record(row);
        let key = record.value_at(key_field as usize);
        row.entry.is_none()
            && row.part == above.part
            && key.is_none_or(|key| clean(&encoding::decode(&key)).is_empty())
            // A row with a number elsewhere is that number's.
            && elsewhere::in_other_column(part, key_field, record).is_empty()
    };
    let below = table.rows[at as usize + 1..].iter().take_while(is_below).take(MAX_BELOW);
    let said = below.filter_map(|row| {
        let record = table.record(row);
        let mark = marks::find(marked, part, record).map(|(_, said)| said);
        mark.or_else(|| marks::correction(schema, part, record))
    });
    said.map(|said| format!("{said}, in a row below it that has no entry number")).next()
}

/// How many rows below an entry are looked at.
const MAX_BELOW: usize = 100;
