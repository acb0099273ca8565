//! The entries and the declarations of an outcome.

use std::sync::Arc;

use rayon::prelude::*;
use smol_str::{SmolStr, format_smolstr};

use super::operand::{Got, Val};
use super::scope::{Located, Scope};
use super::{Context, Declared, FLOOR_DUTY, IEEPA_DUTY, LAST_DAY};
use crate::finding::{ClientId, Declaration, Entry, EntryFacts, Verdict};
use crate::outside::{OutsideString, OutsideText};
use crate::rules::model::{ColumnRef, FigureId, Frame};
use crate::source::{Place, Span, line_number};
use crate::table::place::shown_text;
use crate::table::schema::Type;
use crate::table::value::{CellReading, Value};
use crate::table::{CellRef, EntryId, FILE, ROW, Row};

impl<'a> Context<'a> {
    /// The declarations, each with so many entries.
    pub(super) fn declarations(&self, entries: &[usize]) -> Vec<Declaration> {
        let Some(files) = self.input.tables.get(FILE) else { return Vec::new() };
        let mut at = 0;
        let of_file = |(row, entries): (&Row, &usize)| {
            let from = at;
            at += entries;
            Declaration { file: files.parts[row.part as usize].file, entries: from..at }
        };
        files.rows.iter().zip(entries).map(of_file).collect()
    }

    /// The declared entries.
    pub(super) fn entries(&'a self) -> Vec<Entry> {
        let Some(table) = self.input.tables.get(ROW) else { return Vec::new() };
        let key = self.input.tables.schemas[ROW.index()].key.unwrap_or(0);
        let entry = |declared: &Declared| {
            let scope = Scope {
                part: declared.part,
                declared: Some(declared.row),
                entry: declared.entry,
                own: None,
                inner: None,
            };
            let written = table.columns.get(key).and_then(|column| column.cell(declared.row as usize));
            let written = match written {
                Some(cell) if declared.entry.is_none() => shown_text(cell.text(), Type::EntryNumber).into(),
                Some(cell) => cell.text().raw().into(),
                None => SmolStr::default(),
            };
            self.entry(scope, written, self.declared_place(declared.row), declared.rows)
        };
        self.declared.par_iter().map(entry).collect()
    }

    /// The entries of the export that no declaration names, where they were asked for.
    pub(super) fn left_out(&'a self) -> Vec<Entry> {
        let of = |entry: &EntryId| {
            let scope = Scope::undeclared(*entry);
            let number = self.input.entries.number(*entry);
            let cell = self.export_cell(*entry);
            let place = cell.map(|cell| self.input.tables.place(cell, self.input.sources));
            let place = place.unwrap_or_else(|| self.file_place(0));
            self.entry(scope, number.as_str().into(), place, 0)
        };
        self.left_out_entries.par_iter().map(of).collect()
    }

    /// The cell of the ES-003 with an entry's number, in the first of its rows.
    pub(super) fn export_cell(&self, entry: EntryId) -> Option<CellRef> {
        let table = self.input.tables.id("es003")?;
        let row = self.table(table)?.rows_of(entry).next()?;
        let column = self.input.tables.schemas[table.index()].key?;
        Some(CellRef { table, row: row as u32, column: column as u16 })
    }

    fn entry(&'a self, scope: Scope<'_>, written: SmolStr, place: Place, rows: u32) -> Entry {
        let deadline = self.input.rules.figure(LAST_DAY);
        let ieepa_duty = self.input.rules.figure(IEEPA_DUTY);
        let floor_duty = self.input.rules.figure(FLOOR_DUTY);
        let figure = |id: Option<FigureId>, scope: Scope<'_>| {
            let got = scope.entry.and(id).map(|id| self.figure(id, Frame::Entry, &scope));
            if let Some(Got::Val(value)) = got { Some(value) } else { None }
        };
        let money = |figure: Option<Val<'_>>| match figure {
            Some(Val::Money(amount)) => Some(amount),
            _ => None,
        };
        Entry {
            number: scope.entry.map(|entry| self.input.entries.number(entry)),
            written: OutsideText::new(written),
            place,
            rows,
            verdict: Verdict::Ready,
            after_waivers: Verdict::Ready,
            remedy: None,
            rules: Arc::default(),
            undecided: Arc::default(),
            deadline: match figure(deadline, scope) {
                Some(Val::Date(day)) => Some(day),
                _ => None,
            },
            ieepa_duty: money(figure(ieepa_duty, scope)),
            ieepa_duty_is_upper_bound: money(figure(floor_duty, scope)).is_some_and(|duty| !duty.is_zero()),
            facts: self.facts(&scope).into(),
        }
    }

    /// What the ES-003 has about an entry, for reports.
    pub(super) fn facts(&self, scope: &Scope<'_>) -> EntryFacts {
        let Some((id, columns)) = &self.fact_columns else { return EntryFacts::default() };
        let Some(table) = self.table(*id) else { return EntryFacts::default() };
        let schema = &self.input.tables.schemas[id.index()];
        let values = columns.map(|column| {
            let column = column?;
            let agreed = ColumnRef { table: *id, column, of: Frame::Entry };
            match self.locate_agreed(table, agreed, scope) {
                Located::Cell(cell, _) => match &cell.reading {
                    CellReading::Value(value) => Some((value, usize::from(column))),
                    CellReading::Blank | CellReading::Nothing | CellReading::Unreadable => None,
                },
                Located::Nothing | Located::Missing(_) => None,
            }
        });
        let text = |at: usize| match values[at]? {
            (Value::Importer(number), _) => Some(OutsideString::new(format_smolstr!("{number}"))),
            (Value::Choice(choice), column) => {
                let choice = schema.columns[column].choices.get(usize::from(*choice));
                choice.map(|choice| choice.name.as_str().into())
            }
            (Value::Text(text), _) => Some((**text).into()),
            _ => None,
        };
        let day = |at: usize| match values[at]? {
            (Value::Date(day), _) => Some(*day),
            _ => None,
        };
        let client = match values[0] {
            Some((Value::Importer(number), _)) => self.input.account.client_index(number),
            _ => None,
        };
        EntryFacts {
            importer_number: text(0),
            entry_type: text(1),
            entry_date: day(2),
            liquidation_status: text(3),
            liquidation_date: day(4),
            client: client.map(|at| ClientId(at as u32)),
        }
    }

    fn declared_place(&self, row: u32) -> Place {
        match self.declared_cell(row) {
            Some(cell) => self.input.tables.place(cell, self.input.sources),
            None => self.file_place(0),
        }
    }

    /// The cell of the declaration's header, or the file's beginning where it has none.
    pub(super) fn file_place(&self, part: u32) -> Place {
        let files = self.input.tables.get(FILE);
        let Some(part) = files.and_then(|files| files.parts.get(part as usize)) else {
            return Place { file: crate::source::FileId(0), line: 1, column: 1, span: Span::default() };
        };
        let line = part.header.line.max(1);
        let span = part.header.fields.first().map_or(Span::default(), |(_, span)| *span);
        match self.input.sources.text(part.file) {
            Some(text) => {
                let start = (span.start() as usize).saturating_sub(text.skipped);
                let end = (span.end() as usize).saturating_sub(text.skipped);
                text.place(part.file, start..end)
            }
            None => Place { file: part.file, line: line_number(line), column: 1, span },
        }
    }
}
