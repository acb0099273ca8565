//! Puts the texts of rules in words: placeholders filled, cells and values as messages print them.

use std::borrow::Cow;
use std::sync::Arc;

use super::Context;
use super::functions::Prints;
use super::operand::{Got, Val};
use super::scope::{Located, Scope};
use crate::figures::{dollars, dotted, grouped};
use crate::rules::model::{Aggregate, Operand, Template, TextPiece};
use crate::table::ROW;
use crate::table::place::shown_text;
use crate::table::schema::Type;
use crate::table::value::Cell;

impl<'a> Context<'a> {
    /// Fills a text's placeholders.
    pub fn fill(&self, template: &'a Template, scope: &Scope<'_>) -> String {
        let length = |piece: &TextPiece| match piece {
            TextPiece::Text(text) => text.len(),
            TextPiece::Operand(_) => LIKELY_VALUE,
        };
        let mut text = String::with_capacity(template.pieces.iter().map(length).sum());
        for piece in &template.pieces {
            match piece {
                TextPiece::Text(piece) => text.push_str(piece),
                TextPiece::Operand(operand) => text.push_str(&self.show(operand, scope)),
            }
        }
        text
    }

    /// [`Self::fill`] for a text that many findings have.
    pub(super) fn fill_shared(&self, template: &'a Template, scope: &Scope<'_>) -> Arc<str> {
        match template.pieces.as_slice() {
            [TextPiece::Text(whole)] => Arc::clone(whole),
            _ => self.fill(template, scope).into(),
        }
    }

    /// Whether a text has the number of the entry, or what is written in its place, in it.
    pub(super) fn names_entry(&self, template: &Template) -> bool {
        template.pieces.iter().any(|piece| match piece {
            TextPiece::Operand(Operand::Entry) => true,
            TextPiece::Operand(Operand::Column(column)) => {
                self.input.tables.schemas[column.table.index()].key == Some(usize::from(column.column))
            }
            TextPiece::Operand(_) | TextPiece::Text(_) => false,
        })
    }

    /// An operand's value as messages print it.
    pub(super) fn show(&self, operand: &'a Operand, scope: &Scope<'_>) -> Cow<'a, str> {
        if let Operand::Account(field) = operand {
            return match self.account(*field) {
                Some(values) => {
                    values.iter().map(|value| show(value).into_owned()).collect::<Vec<_>>().join(", ").into()
                }
                None => UNKNOWN.into(),
            };
        }
        if let (Operand::Entry, None, Some(row)) = (operand, scope.entry, scope.declared) {
            // The number cannot be read, so the text is printed as written.
            return self.written(row).into();
        }
        if let Operand::Column(column) = operand
            && let Located::Cell(cell, at) = self.locate(*column, scope)
        {
            let kind = self.column(at.table, at.column).kind;
            return match (self.read(cell, at.table, at.column), kind) {
                (_, Type::Text | Type::Choice) | (Got::Unknown, _) if kind != Type::ImporterNumber => {
                    shown_cell(cell, kind).into()
                }
                (Got::Val(value), _) => show(&value).into_owned().into(),
                _ => UNKNOWN.into(),
            };
        }
        match self.value(operand, scope) {
            Got::Val(Val::Integer(days)) if self.prints(operand) == Prints::Days => {
                format!("{days} day{}", if days.abs() == 1 { "" } else { "s" }).into()
            }
            Got::Val(Val::Money(plain)) if self.prints(operand) == Prints::Plain => {
                plain.normalize().to_string().into()
            }
            Got::Val(value) => show(&value).into_owned().into(),
            Got::Nothing => "(none)".into(),
            Got::Unknown => UNKNOWN.into(),
        }
    }

    /// How the value of an operand is printed.
    fn prints(&self, operand: &Operand) -> Prints {
        match operand {
            Operand::Call(call) => call.function().prints,
            Operand::Figure(id, _) => {
                let figure = &self.input.rules.figures[usize::from(id.0)];
                let value = figure.of.as_ref().filter(|_| figure.aggregate == Aggregate::Value);
                value.map_or(Prints::AsTyped, |value| self.prints(value))
            }
            _ => Prints::AsTyped,
        }
    }

    fn written(&self, row: u32) -> String {
        let key = self.input.tables.schemas[ROW.index()].key.unwrap_or(0);
        let cell = self.input.tables.get(ROW).and_then(|table| table.columns.get(key)?.cell(row as usize));
        cell.map(|cell| format!("`{}`", cut(&shown_text(cell.text(), Type::EntryNumber)))).unwrap_or_default()
    }
}

/// Bytes that the value of a placeholder has seldom more of.
const LIKELY_VALUE: usize = 16;

/// What a placeholder prints whose value is unknown.
const UNKNOWN: &str = "unknown";

/// What a cell has, as messages print it.
pub(super) fn shown_cell(cell: &Cell, kind: Type) -> String {
    if cell.text().raw().is_empty() { "(blank)".to_owned() } else { cut(&shown_text(cell.text(), kind)) }
}

/// A cell's text as messages print it: a long one is cut.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How many characters of a cell a message prints.
const MAX_CHARACTERS: usize = 200;

/// A value as messages print it.
pub(super) fn show<'v>(value: &'v Val<'_>) -> Cow<'v, str> {
    match value {
        Val::Text(text) => crate::mask::mask(text),
        Val::Choice(name) => Cow::Borrowed(name),
        Val::Entry(number) => number.to_string().into(),
        Val::Importer(number) => number.to_string().into(),
        Val::Hts(digits) => dotted(digits).into(),
        Val::Date(day) => day.to_string().into(),
        Val::Money(amount) => dollars(*amount).into(),
        Val::Integer(number) => grouped(&number.to_string()).into(),
        Val::YesNo(yes) => Cow::Borrowed(if *yes { "yes" } else { "no" }),
    }
}

impl Template {
    /// The text with its placeholders left open, for lists of rules.
    pub fn outline(&self) -> String {
        let mut outline = String::new();
        for piece in &self.pieces {
            outline.push_str(match piece {
                TextPiece::Text(text) => text,
                TextPiece::Operand(_) => "…",
            });
        }
        outline
    }
}
