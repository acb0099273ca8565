//! Whether the dates of a file may be read as they are written: a spreadsheet under other settings exchanges
//! days and months, and a person who writes day first writes all dates so.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use hashbrown::HashSet;

use super::schema::{Schema, Type};
use super::value::{Cell, CellReader, CellReading, Order, Value, clean, day_of, order_of_date, order_shown};
use super::{ColumnCells, Table, encoding};

/// How dates of a file are written, as far as that decides how its others are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateForms {
    /// Some can only be day first.
    day_first: bool,
    /// Some are texts with the month first and a day above 12.
    text: bool,
    /// Some are real dates with a day above 12.
    high: bool,
}

impl DateForms {
    /// Takes in a date of a row that is not kept.
    pub(super) fn see(&mut self, text: &str) {
        if let Some((form, _)) = DateForm::of(clean(text)) {
            self.add(form);
        }
    }

    /// Whether a text adds nothing to what was seen, as far as a glance at it shows: it is blank, or begins
    /// with a number that may be a month, where it is known that texts have the month first.
    #[inline]
    pub(super) fn is_known(self, text: &[u8]) -> bool {
        match text {
            [] => true,
            [b'0', b'1'..=b'9', b'/', rest @ ..]
            | [b'1', b'0'..=b'2', b'/', rest @ ..]
            | [b'1'..=b'9', b'/', rest @ ..] => {
                self.text
                    && rest.first().is_some_and(u8::is_ascii_digit)
                    && rest.iter().all(|byte| matches!(byte, b'/'..=b'9'))
            }
            _ => false,
        }
    }

    fn add(&mut self, form: DateForm) {
        match form {
            DateForm::DayFirst => self.day_first = true,
            DateForm::Text => self.text = true,
            DateForm::High => self.high = true,
            DateForm::Low => {}
        }
    }

    /// What both have seen.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            day_first: self.day_first || other.day_first,
            text: self.text || other.text,
            high: self.high || other.high,
        }
    }
}

/// How one date is written.
#[derive(Clone, Copy, PartialEq)]
enum DateForm {
    /// `21/08/2026`: it can only be day first.
    DayFirst,
    /// A text with the month first and a day above 12.
    Text,
    /// A real date with a day up to 12, and above.
    Low,
    High,
}

impl DateForm {
    /// The form of a date, and its day.
    fn of(text: &str) -> Option<(Self, Option<NaiveDate>)> {
        match order_shown(text) {
            Some(Order::DayFirst) => return Some((Self::DayFirst, None)),
            Some(Order::MonthFirst) => return Some((Self::Text, day_of(text))),
            Some(Order::Either) | None => {}
        }
        let day = day_of(text).filter(|_| is_real(text))?;
        Some((if day.day() > 12 { Self::High } else { Self::Low }, Some(day)))
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        let form = Self::of(cell.text().raw())?.0;
        // Texts whose value was rejected as ambiguous, or is in a damaged row, show less.
        let is_read = matches!(cell.reading, CellReading::Value(_));
        (is_read || matches!(form, Self::DayFirst | Self::Text)).then_some(form)
    }
}

/// Whether a date is written as spreadsheets write their own: with the year first, or the month by its name.
fn is_real(text: &str) -> bool {
    let year_first = text.len() >= 8 && text.bytes().take(4).all(|c| c.is_ascii_digit());
    let date = &text[..text.find(['T', ' ']).unwrap_or(text.len())];
    year_first || date.bytes().any(|c| c.is_ascii_alphabetic())
}

/// The distinct texts of a date column of a file.
#[derive(Debug)]
pub(super) struct DateTexts {
    pub(super) part: usize,
    /// `None`: texts of damaged rows, whose values do not count.
    pub(super) column: Option<usize>,
    pub(super) texts: HashSet<Box<[u8]>>,
}

/// What the dates of a whole table show about how each of them is to be read.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// By file.
    forms: Vec<DateForms>,
    /// The days that show how new the table is.
    pub(super) days: BTreeSet<NaiveDate>,
}

impl Dates {
    pub(super) fn of_texts(schema: &Schema, parts: usize, found: &[DateTexts]) -> Self {
        let mut dates = Self { forms: vec![DateForms::default(); parts], ..Self::default() };
        let mut cells = Vec::new();
        for DateTexts { part, column, texts } in found {
            let reader = column.map(|column| CellReader::new(&schema.columns[column]));
            for text in texts {
                let text = encoding::decode(text);
                let cell = match &reader {
                    Some(reader) => reader.cell(&text),
                    None => Cell::new(clean(&text), CellReading::Unreadable),
                };
                if let Some(form) = DateForm::of_cell(&cell) {
                    dates.forms[*part].add(form);
                }
                cells.push((cell, *column));
            }
        }
        let day_first = dates.forms.iter().any(|forms| forms.day_first);
        for (cell, column) in cells {
            if column.is_some_and(|column| schema.dates_export(column))
                && !(day_first && order_of_date(cell.text().raw()) == Some(Order::Either))
                && let CellReading::Value(Value::Date(day)) = cell.reading
            {
                dates.days.insert(day);
            }
        }
        dates
    }

    /// How the dates of a file are written that are not among the table's rows.
    fn forms(&self, table: &Table, part: usize) -> DateForms {
        let known = self.forms.get(part).copied().unwrap_or_default();
        table.parts.get(part).map_or(known, |part| known.and(part.dates))
    }
}

/// Where a date of the table can only be day first (`21/08/2026`), the same person wrote the others so too:
/// `10/08/2026` could be either day, and it is unknown which.
pub(super) fn distrust_day_first(schema: &Schema, table: &Table, columns: &mut [ColumnCells], known: &Dates) {
    let mut dates: Vec<&mut ColumnCells> = (schema.columns.iter().zip(columns))
        .filter(|(declared, _)| declared.kind == Type::Date)
        .map(|(_, column)| column)
        .collect();
    let is_day_first = |cell: &Cell| DateForm::of_cell(cell) == Some(DateForm::DayFirst);
    let is_known = (0..table.parts.len()).any(|part| known.forms(table, part).day_first);
    if !is_known && !dates.iter().any(|column| column.dictionary.iter().any(is_day_first)) {
        return;
    }
    for cell in dates.iter_mut().flat_map(|column| &mut column.dictionary) {
        if order_of_date(cell.text().raw()) == Some(Order::Either) {
            cell.reading = CellReading::Unreadable;
        }
    }
}

/// The dates of a file whose day and month may have been exchanged: its real dates (a workbook's, or those
/// with the year first or the month by its name), where none of them has a day above 12 and other cells have
/// dates with the month first and such a day. A spreadsheet with day-first settings makes a real date of
/// `03/04/2026`, and leaves `03/14/2026` a text.
///
/// Each with its column, its row and its text.
pub(super) fn exchanged_days(
    schema: &Schema,
    table: &Table,
    columns: &[ColumnCells],
    known: &Dates,
) -> Vec<(usize, u32, String)> {
    let dates: Vec<(usize, Vec<Option<DateForm>>)> = (schema.columns.iter().zip(columns).enumerate())
        .filter(|(_, (declared, _))| declared.kind == Type::Date)
        .map(|(at, (_, column))| (at, column.dictionary.iter().map(DateForm::of_cell).collect()))
        .collect();
    let some = |wanted: DateForm| dates.iter().any(|(_, forms)| forms.contains(&Some(wanted)));
    let mut forms: Vec<DateForms> = (0..table.parts.len()).map(|part| known.forms(table, part)).collect();
    // Hardly any file has both.
    if !(some(DateForm::Text) || forms.iter().any(|forms| forms.text)) || !some(DateForm::Low) {
        return Vec::new();
    }
    let of_row = |at: usize, forms: &[Option<DateForm>], row: usize| {
        let cell = columns[at].cells.get(row).copied().unwrap_or(ColumnCells::MISSING);
        forms.get(cell as usize).copied().flatten()
    };
    for (at, of_cells) in &dates {
        for (row, data) in table.rows.iter().enumerate() {
            if let Some(form) = of_row(*at, of_cells, row) {
                forms[data.part as usize].add(form);
            }
        }
    }
    let mut found = Vec::new();
    for (at, of_cells) in &dates {
        for (row, data) in table.rows.iter().enumerate() {
            let DateForms { text, high, .. } = forms[data.part as usize];
            if text
                && !high
                && of_row(*at, of_cells, row) == Some(DateForm::Low)
                && let Some(cell) = columns[*at].cell(row)
            {
                found.push((*at, row as u32, cell.text().raw().to_owned()));
            }
        }
    }
    found
}
