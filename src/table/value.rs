//! Typed values of cells.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entry::EntryNumber;
use crate::importer::ImporterNumber;

/// A distinct cell of a column: its text and what its type reads in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The text without quotes, guards and surrounding space.
    pub text: Box<str>,
    /// What it says.
    pub reading: Reading,
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A value of the column's type.
    Value(Value),
    /// Nothing is written there, and the column does not say what that means.
    Blank,
    /// Nothing is written there, and the column says that there is nothing.
    Nothing,
    /// The type cannot read the text; for a choice, no pattern fits.
    Unreadable,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`crate::table::schema::Type::Text`].
    Text(Box<str>),
    /// The index of the choice in its column.
    Choice(u16),
    /// An entry number.
    Entry(EntryNumber),
    /// An importer number.
    Importer(ImporterNumber),
    /// The digits of an HTS number.
    Hts(Box<str>),
    /// A calendar day.
    Date(NaiveDate),
    /// US dollars.
    Money(Decimal),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    YesNo(bool),
}
