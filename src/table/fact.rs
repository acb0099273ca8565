//! Facts of a declaration: not the content of a cell, but how the file and its rows are written.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;

use super::ColumnCells;
use super::schema::{Belongs, Blank, Choice, Column, Type};
use super::value::{Cell, CellReading, Value, clean};

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact<'a> {
    /// Nothing.
    None,
    /// A text of the file, or about it.
    Text(Cow<'a, str>),
    /// One of the column's choices, by its name.
    Choice(&'static str),
    /// A number.
    Number(i64),
    /// Whether something is so.
    YesNo(bool),
}

impl<'a> Fact<'a> {
    /// A text without what is around it; nothing where that leaves nothing.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(clean(text)),
            Cow::Owned(text) if clean(&text).len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(clean(&text).to_owned()),
        };
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }

    /// The fact as a cell of its column.
    pub(super) fn cell(&self, column: &Column) -> Cell {
        match self {
            Self::None => Cell::new(
                "",
                match column.blank {
                    Blank::Nothing => CellReading::Nothing,
                    Blank::Unknown | Blank::Text(_) => CellReading::Blank,
                },
            ),
            Self::Text(text) => Cell::new(&**text, CellReading::Value(Value::Text((&**text).into()))),
            Self::Choice(name) => {
                let at = column.choices.iter().position(|choice| choice.name == *name);
                let value = at.map(|at| CellReading::Value(Value::Choice(at as u16)));
                Cell::new(*name, value.unwrap_or(CellReading::Unreadable))
            }
            Self::Number(number) => {
                Cell::new(number.to_string(), CellReading::Value(Value::Integer(*number)))
            }
            Self::YesNo(yes) => {
                Cell::new(if *yes { "yes" } else { "no" }, CellReading::Value(Value::YesNo(*yes)))
            }
        }
    }

    /// The column with one fact a row. `first` are the indices of one in which all rows have the first cell.
    pub(super) fn column(
        declared: &Column,
        facts: impl IntoIterator<Item = Self>,
        first: &OnceLock<Arc<Vec<u32>>>,
    ) -> ColumnCells {
        let mut known: HashMap<Self, u32> = HashMap::new();
        let mut dictionary = Vec::new();
        // Most rows have the fact of the row before.
        let mut last: Option<(Self, u32)> = None;
        let cells = facts.into_iter().map(|fact| {
            if let Some((before, at)) = &last
                && *before == fact
            {
                return *at;
            }
            let at = *known.entry(fact.clone()).or_insert_with_key(|fact| {
                dictionary.push(fact.cell(declared));
                dictionary.len() as u32 - 1
            });
            last = Some((fact, at));
            at
        });
        let cells = Arc::new(cells.collect());
        let cells = if dictionary.len() == 1 { Arc::clone(first.get_or_init(|| cells)) } else { cells };
        ColumnCells { cells, dictionary }
    }
}

/// The column of a fact.
pub(super) fn fact(name: &str, kind: Type) -> Column {
    Column { of: Belongs::Entry, ..Column::new(name, kind) }
}

/// The column of a fact that is one of these.
pub(super) fn choice(name: &str, choices: impl IntoIterator<Item = &'static str>) -> Column {
    let choices =
        choices.into_iter().map(|name| Choice { name: name.into(), texts: vec![name.into()] }).collect();
    Column { choices, ..fact(name, Type::Choice) }
}

/// The column of a fact that not every file or row has, so that no test of it is true there.
pub(super) fn or_nothing(column: Column) -> Column {
    Column { blank: Blank::Nothing, ..column }
}
