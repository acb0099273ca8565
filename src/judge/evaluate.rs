//! What each condition, test and operand means.
//!
//! This is the definition, told with its evidence: [`Context::explain`] says not only whether a
//! condition holds but which cells decided and what was missing. [`super::bind`] gives the same
//! answers fast.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::bind::Cause;
use super::truth::Truth;
use super::Context;
use crate::config::Role;
use crate::entry::{self, EntryNumber};
use crate::importer::ImporterNumber;
use crate::rules::model::{
    AccountField, Call, ColumnRef, Comparison, Condition, FactName, Frame, Operand, Predicate, Quantifier,
    RowsCondition, Subject, Test, Tolerance, Within,
};
use crate::source::Place;
use crate::table::schema::{self, Absent, Type};
use crate::table::value::{Cell, Reading, Value};
use crate::table::{CellRef, EntryId, FILE, ROW, Table, TableId};

/// What a rule is applied to at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The declaration.
    pub part: u32,
    /// The declaration's row.
    pub declared: Option<u32>,
    /// The entry.
    pub entry: Option<EntryId>,
    /// The row of the rule's own table (`each: TABLE`).
    pub own: Option<u32>,
    /// The rows that the enclosing quantifiers look at.
    pub inner: Option<&'s Inner<'s>>,
}

/// A row that a quantifier looks at.
#[derive(Debug)]
pub struct Inner<'s> {
    /// The row.
    pub row: u32,
    /// The quantifier around it.
    pub outer: Option<&'s Inner<'s>>,
}

impl<'s> Scope<'s> {
    /// A declaration file as a whole.
    pub fn file(part: u32) -> Self {
        Self { part, declared: None, entry: None, own: None, inner: None }
    }

    pub(crate) fn inner_row(&self, depth: u8) -> Option<u32> {
        let mut inner = self.inner?;
        for _ in 0..depth {
            inner = inner.outer?;
        }
        Some(inner.row)
    }

    /// The scope inside a quantifier that looks at `inner`.
    pub fn inside<'i>(self, inner: &'i Inner<'i>) -> Scope<'i>
    where
        's: 'i,
    {
        Scope { part: self.part, declared: self.declared, entry: self.entry, own: self.own, inner: Some(inner) }
    }
}

/// A value while judging.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// The name of a choice.
    Choice(&'a str),
    /// An entry number.
    Entry(EntryNumber),
    /// An importer number.
    Importer(ImporterNumber),
    /// The digits of an HTS number.
    Hts(Cow<'a, str>),
    /// A day.
    Date(NaiveDate),
    /// US dollars, or a percentage.
    Money(Decimal),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    YesNo(bool),
}

impl<'a> Val<'a> {
    /// The value of a cell of that column.
    pub fn of_cell(value: &'a Value, column: &'a schema::Column) -> Self {
        match value {
            Value::Choice(choice) => {
                Self::Choice(column.choices.get(usize::from(*choice)).map_or("", |choice| &choice.name))
            }
            other => Self::of_literal(other),
        }
    }

    /// The value of a literal.
    pub fn of_literal(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
            Value::Choice(_) => Self::Choice(""),
            Value::Entry(number) => Self::Entry(*number),
            Value::Importer(number) => Self::Importer(*number),
            Value::Hts(digits) => Self::Hts(Cow::Borrowed(digits)),
            Value::Date(day) => Self::Date(*day),
            Value::Money(amount) => Self::Money(*amount),
            Value::Integer(number) => Self::Integer(*number),
            Value::YesNo(yes) => Self::YesNo(*yes),
        }
    }

    /// As code lists hold it; see [`crate::rules::model::CodeSet::codes`].
    pub fn code(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Owned(text.trim().to_lowercase()),
            Self::Choice(name) => Cow::Borrowed(name),
            Self::Entry(number) => Cow::Owned(number.as_str().to_owned()),
            Self::Importer(number) => Cow::Owned(number.base().to_owned()),
            Self::Hts(digits) => Cow::Borrowed(digits),
            Self::Date(day) => Cow::Owned(day.to_string()),
            Self::Money(amount) => Cow::Owned(amount.normalize().to_string()),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::YesNo(yes) => Cow::Borrowed(if *yes { "yes" } else { "no" }),
        }
    }

    /// Whether both are the same: importer numbers by their base, texts without letter case.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Importer(a), Self::Importer(b)) => a.same_importer(b),
            (Self::Text(a), Self::Text(b)) => a.trim().to_lowercase() == b.trim().to_lowercase(),
            (Self::Choice(a), Self::Choice(b)) => a == b,
            (Self::Choice(a), Self::Text(b)) | (Self::Text(b), Self::Choice(a)) => a.eq_ignore_ascii_case(b.trim()),
            (Self::Hts(a), Self::Hts(b)) => a == b,
            _ => self == other || self.compare(other) == Some(Ordering::Equal),
        }
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::YesNo(a), Self::YesNo(b)) => Some(a.cmp(b)),
            (a, b) => Some(a.number()?.cmp(&b.number()?)),
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Self::Money(amount) => Some(*amount),
            Self::Integer(number) => Some(Decimal::from(*number)),
            _ => None,
        }
    }
}

/// What an operand gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Got<'a> {
    /// A value.
    Val(Val<'a>),
    /// There is nothing, and that is known.
    Nothing,
    /// It cannot be told.
    Unknown,
}

impl<'a> Got<'a> {
    fn from_option(value: Option<Val<'a>>) -> Self {
        value.map_or(Self::Unknown, Self::Val)
    }

    fn date(&self) -> Option<NaiveDate> {
        match self {
            Self::Val(Val::Date(day)) => Some(*day),
            _ => None,
        }
    }
}

/// Where a column's value is found.
#[derive(Clone, Copy, Debug)]
pub enum Located<'a> {
    /// In this cell.
    Cell(&'a Cell, CellRef),
    /// The entry is not in a table that is complete.
    Nothing,
    /// Nowhere.
    Missing(Cause),
}

/// Whether a condition holds, and why.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Whether it holds.
    pub truth: Truth,
    /// Where the clause stands in its rule file.
    pub place: Place,
    /// The cells that the clause itself read.
    pub cells: Vec<CellRef>,
    /// What it lacked, where it cannot be told.
    pub causes: Vec<Cause>,
    /// Its parts, those that were looked at.
    pub parts: Vec<Explained>,
}

impl Explained {
    /// The cells of the clauses that decided, in order, none twice.
    pub fn evidence(&self) -> Vec<CellRef> {
        let mut cells = Vec::new();
        self.collect(&mut cells);
        cells
    }

    fn collect(&self, cells: &mut Vec<CellRef>) {
        for cell in &self.cells {
            if !cells.contains(cell) {
                cells.push(*cell);
            }
        }
        self.parts.iter().for_each(|part| part.collect(cells));
    }

    /// The innermost clauses that decided.
    pub fn deciding(&self) -> Vec<&Self> {
        if self.parts.is_empty() { vec![self] } else { self.parts.iter().flat_map(Self::deciding).collect() }
    }
}

impl<'a> Context<'a> {
    /// The schema's column.
    pub fn column(&self, table: TableId, column: u16) -> &'a schema::Column {
        let tables: &'a crate::table::Tables = self.input.tables;
        &tables.schemas[table.0].columns[usize::from(column)]
    }

    pub(crate) fn absent_is_unknown(&self, table: TableId) -> bool {
        self.input.tables.schemas[table.0].absent == Absent::Unknown
    }

    fn table(&self, id: TableId) -> Option<&'a Table> {
        let tables: &'a crate::table::Tables = self.input.tables;
        tables.get(id)
    }

    /// Finds the cell that a column stands for.
    pub fn locate(&self, column: ColumnRef, scope: &Scope<'_>) -> Located<'a> {
        let Some(table) = self.table(column.table) else {
            return Located::Missing(Cause::NoTable(column.table));
        };
        let row = match column.of {
            Frame::File => Some(scope.part),
            Frame::Declared => scope.declared,
            Frame::Own => scope.own,
            Frame::Inner(depth) => scope.inner_row(depth),
            Frame::Entry => return self.locate_agreed(table, column, scope),
        };
        match row {
            Some(row) => self.cell(table, column, row),
            None => Located::Missing(Cause::NotDeclared),
        }
    }

    fn cell(&self, table: &'a Table, column: ColumnRef, row: u32) -> Located<'a> {
        match table.columns.get(usize::from(column.column)).and_then(|cells| cells.cell(row as usize)) {
            Some(cell) => Located::Cell(cell, CellRef { table: column.table, row, column: column.column }),
            // A declaration is what the user plans: a column it lacks says that nothing is planned.
            None if column.table == ROW => Located::Nothing,
            None => Located::Missing(Cause::NoColumn(column.table, column.column)),
        }
    }

    fn locate_agreed(&self, table: &'a Table, column: ColumnRef, scope: &Scope<'_>) -> Located<'a> {
        let Some(entry) = scope.entry else { return Located::Missing(Cause::NotDeclared) };
        let rows = table.rows_of(entry);
        let Some(first) = rows.clone().next() else {
            return if self.absent_is_unknown(column.table) {
                Located::Missing(Cause::NoRows(column.table))
            } else {
                Located::Nothing
            };
        };
        let Located::Cell(agreed, at) = self.cell(table, column, first as u32) else {
            return Located::Missing(Cause::NoColumn(column.table, column.column));
        };
        for row in rows.skip(1) {
            match self.cell(table, column, row as u32) {
                Located::Cell(cell, _) if agree(cell, agreed) => {}
                Located::Cell(..) => return Located::Missing(Cause::Conflict(column.table, column.column)),
                missing => return missing,
            }
        }
        Located::Cell(agreed, at)
    }

    /// For each entry the dictionary index of the cell that its rows agree on, or one of the
    /// marks of [`super::bind`].
    pub(crate) fn agree(&self, id: TableId, column: u16) -> Option<Vec<u32>> {
        let table = self.table(id)?;
        let cells = &table.columns.get(usize::from(column))?.cells;
        let column = ColumnRef { table: id, column, of: Frame::Entry };
        let of_entry = |at| {
            let entry = EntryId(at as u32);
            let rows = table.rows_of(entry);
            if let Some(first) = cells.get(rows.start).filter(|_| !rows.is_empty())
                && cells[rows.clone()].iter().all(|cell| cell == first)
            {
                return *first;
            }
            let scope = Scope { entry: Some(entry), ..Scope::file(u32::MAX) };
            match self.locate_agreed(table, column, &scope) {
                Located::Cell(..) => cells[rows.start],
                Located::Nothing => super::bind::NOTHING,
                Located::Missing(Cause::NoRows(_)) => super::bind::NO_ROWS,
                Located::Missing(Cause::Conflict(..)) => super::bind::CONFLICT,
                Located::Missing(_) => crate::table::Column::MISSING,
            }
        };
        Some((0..self.input.entries.len()).map(of_entry).collect())
    }

    /// The value of an operand.
    pub fn value(&self, operand: &'a Operand, scope: &Scope<'_>) -> Got<'a> {
        match operand {
            Operand::Literal(value) => Got::Val(Val::of_literal(value)),
            Operand::Choice(name) => Got::Val(Val::Choice(name)),
            Operand::Column(column) => match self.locate(*column, scope) {
                Located::Cell(cell, at) => self.read(cell, at.table, at.column),
                Located::Nothing => Got::Nothing,
                Located::Missing(_) => Got::Unknown,
            },
            Operand::FilingDate => Got::Val(Val::Date(self.input.filing_date)),
            Operand::Entry => {
                Got::from_option(scope.entry.map(|entry| Val::Entry(self.input.entries.number(entry))))
            }
            // A list has a value of its own only where it has one; tests compare with all of it.
            Operand::Account(field) => match self.account(*field) {
                Some(values) if values.len() == 1 => Got::from_option(values.into_iter().next()),
                _ => Got::Unknown,
            },
            Operand::Shift { date, by, unit } => match self.value(date, scope) {
                Got::Val(Val::Date(day)) => Got::from_option(self.holidays.shift(day, *by, *unit).map(Val::Date)),
                Got::Nothing => Got::Nothing,
                _ => Got::Unknown,
            },
            Operand::Call(call) => self.call(call, scope),
        }
    }

    /// What a cell of that column says.
    pub(crate) fn read(&self, cell: &'a Cell, table: TableId, column: u16) -> Got<'a> {
        match &cell.reading {
            Reading::Value(value) => Got::Val(Val::of_cell(value, self.column(table, column))),
            Reading::Nothing => Got::Nothing,
            Reading::Blank | Reading::Unreadable => Got::Unknown,
        }
    }

    /// The values of a field of the account; `None` where the user did not say.
    pub(crate) fn account(&self, field: AccountField) -> Option<Vec<Val<'a>>> {
        let account = self.input.account;
        let texts = |codes: &'a Option<Vec<String>>| {
            Some(codes.as_ref()?.iter().map(|code| Val::Text(Cow::Borrowed(code.as_str()))).collect())
        };
        match field {
            AccountField::Role => Some(vec![Val::Choice(match account.role? {
                Role::Importer => "importer",
                Role::Broker => "broker",
            })]),
            AccountField::ImporterNumbers => {
                Some(account.importer_numbers.as_ref()?.iter().map(|number| Val::Importer(*number)).collect())
            }
            AccountField::FilerCodes => texts(&account.filer_codes),
            AccountField::CourierFilerCodes => texts(&account.courier_filer_codes),
        }
    }

    fn call(&self, call: &'a Call, scope: &Scope<'_>) -> Got<'a> {
        let day = |operand: &'a Operand| self.value(operand, scope);
        match call {
            Call::Age(of) => match day(of) {
                Got::Val(Val::Date(day)) => {
                    Got::Val(Val::Integer(self.input.filing_date.signed_duration_since(day).num_days()))
                }
                Got::Nothing => Got::Nothing,
                _ => Got::Unknown,
            },
            Call::Earliest(of) => self.extreme(of.iter().map(day), Ordering::Less),
            Call::Latest(of) => self.extreme(of.iter().map(day), Ordering::Greater),
            Call::EarliestOf(column) => self.extreme(self.all_rows(*column, scope), Ordering::Less),
            Call::LatestOf(column) => self.extreme(self.all_rows(*column, scope), Ordering::Greater),
            Call::Total(column) => sum(self.all_rows(*column, scope)),
            Call::LineTotal(column) => sum(self.line_rows(*column, scope)),
            Call::MonthlyStatementDue(of) => match day(of) {
                Got::Val(Val::Date(day)) => {
                    Got::from_option(self.holidays.monthly_statement_due(day).map(Val::Date))
                }
                Got::Nothing => Got::Nothing,
                _ => Got::Unknown,
            },
            Call::Lookup { list, column, of } => {
                let rules: &'a crate::rules::model::RuleSet = self.input.rules;
                let list = &rules.code_lists[*list];
                let Got::Val(of) = self.value(of, scope) else { return Got::Unknown };
                let Some(&row) = list.rows_for(&of.code()).first() else { return Got::Unknown };
                match &list.rows[row as usize][*column] {
                    Reading::Value(value) => Got::Val(Val::of_literal(value)),
                    _ => Got::Unknown,
                }
            }
            Call::RateOn { list, heading, date } => {
                let (Got::Val(heading), Some(date)) = (self.value(heading, scope), day(date).date()) else {
                    return Got::Unknown;
                };
                Got::from_option(self.rate_on(*list, &heading.code(), date).map(Val::Money))
            }
            Call::Percent { rate, amount } => {
                let number = |operand| match self.value(operand, scope) {
                    Got::Val(value) => value.number(),
                    _ => None,
                };
                let percent = |rate: Decimal, amount: Decimal| {
                    let product = rate.checked_mul(amount)?.checked_div(Decimal::ONE_HUNDRED)?;
                    Some(product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
                };
                Got::from_option(
                    number(rate)
                        .zip(number(amount))
                        .and_then(|(rate, amount)| percent(rate, amount))
                        .map(Val::Money),
                )
            }
            Call::Exported(table) => Got::from_option(self.exported(*table).map(Val::Date)),
            Call::PreambleRows(table) => self.parts_total(*table, |part| part.preamble_rows),
            Call::UnkeyedRows(table) => self.parts_total(*table, |part| part.unkeyed_rows),
            Call::Nearest(table) => self.nearest(*table, scope).map_or(Got::Nothing, |number| Got::Val(Val::Entry(number))),
            Call::LeftOutEntries(_) => match self.left_out {
                Some(left_out) => Got::Val(Val::Integer(left_out.entries)),
                None => Got::Nothing,
            },
            Call::LeftOutDuty(_) => match self.left_out {
                Some(left_out) => Got::Val(Val::Money(left_out.duty)),
                None => Got::Nothing,
            },
        }
    }

    /// The least or greatest date; unknown as soon as one is.
    fn extreme(&self, dates: impl IntoIterator<Item = Got<'a>>, order: Ordering) -> Got<'a> {
        let mut best: Option<NaiveDate> = None;
        for date in dates {
            match date {
                Got::Val(Val::Date(day)) if best.is_none_or(|best| day.cmp(&best) == order) => best = Some(day),
                Got::Val(_) | Got::Nothing => {}
                Got::Unknown => return Got::Unknown,
            }
        }
        best.map_or(Got::Nothing, |day| Got::Val(Val::Date(day)))
    }

    /// A column's values in all rows of the entry.
    fn all_rows(&self, column: ColumnRef, scope: &Scope<'_>) -> Vec<Got<'a>> {
        let Some((table, entry)) = self.table(column.table).zip(scope.entry) else { return vec![Got::Unknown] };
        let rows = table.rows_of(entry);
        if rows.is_empty() && self.absent_is_unknown(column.table) {
            return vec![Got::Unknown];
        }
        rows.map(|row| self.got(table, column, row as u32)).collect()
    }

    /// A column's values in the rows of the same entry line as the row that the column stands for.
    fn line_rows(&self, column: ColumnRef, scope: &Scope<'_>) -> Vec<Got<'a>> {
        let row = match column.of {
            Frame::Own => scope.own,
            Frame::Inner(depth) => scope.inner_row(depth),
            _ => None,
        };
        let (Some(table), Some(row), Some(entry)) = (self.table(column.table), row, scope.entry) else {
            return vec![Got::Unknown];
        };
        let Some(line_column) = self.input.tables.schemas[column.table.0].line else { return vec![Got::Unknown] };
        let line = ColumnRef { column: line_column as u16, ..column };
        let Got::Val(own) = self.got(table, line, row) else { return vec![Got::Unknown] };
        let mut values = Vec::new();
        for row in table.rows_of(entry) {
            match self.got(table, line, row as u32) {
                Got::Val(line) if line.same(&own) => values.push(self.got(table, column, row as u32)),
                Got::Val(_) => {}
                // A row whose line cannot be told may belong to this one.
                _ => values.push(Got::Unknown),
            }
        }
        values
    }

    fn got(&self, table: &'a Table, column: ColumnRef, row: u32) -> Got<'a> {
        match self.cell(table, column, row) {
            Located::Cell(cell, at) => self.read(cell, at.table, at.column),
            _ => Got::Unknown,
        }
    }

    fn rate_on(&self, list: usize, heading: &str, date: NaiveDate) -> Option<Decimal> {
        let list = &self.input.rules.code_lists[list];
        let column = |name: &str| list.columns.iter().position(|(column, _)| column == name);
        let (from, until, percent) = (column("from")?, column("until")?, column("percent")?);
        list.rows_for(heading).iter().map(|&row| &list.rows[row as usize]).find_map(|row| {
            let day = |at: usize| match &row[at] {
                Reading::Value(Value::Date(day)) => Some(*day),
                _ => None,
            };
            let rate = match &row[percent] {
                Reading::Value(value) => Val::of_literal(value).number(),
                _ => None,
            };
            (day(from)? <= date && day(until).is_none_or(|until| date <= until)).then_some(rate).flatten()
        })
    }

    /// The day a table was exported: as the user said, or else the newest date in it that is not
    /// after the filing date.
    fn exported(&self, id: TableId) -> Option<NaiveDate> {
        if let Some(day) = self.input.exported.get(&id) {
            return Some(*day);
        }
        let columns = &self.table(id)?.columns;
        columns
            .iter()
            .flat_map(|column| &column.dictionary)
            .filter_map(|cell| match cell.reading {
                Reading::Value(Value::Date(day)) => Some(day),
                _ => None,
            })
            .filter(|day| *day <= self.input.filing_date)
            .max()
    }

    fn parts_total(&self, id: TableId, of: impl Fn(&crate::table::Part) -> u64) -> Got<'a> {
        match self.table(id) {
            Some(table) => Got::Val(Val::Integer(table.parts.iter().map(of).sum::<u64>() as i64)),
            None => Got::Unknown,
        }
    }

    /// The one number of the table that the declaration's cell may mean.
    pub(crate) fn nearest(&self, id: TableId, scope: &Scope<'_>) -> Option<EntryNumber> {
        let table = self.table(id)?;
        let key = self.input.tables.schemas[ROW.0].key?;
        let written = self.table(ROW)?.columns.get(key)?.cell(scope.declared? as usize)?;
        let mut found =
            entry::corrections(&written.text).into_iter().filter(|number| table.corrections_found.contains(number));
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }

    /// The money figure of an entry, where it has one.
    pub fn fact_money(&self, name: FactName, scope: Scope<'_>) -> Option<Decimal> {
        match self.fact(name, scope) {
            Some(Val::Money(amount)) => Some(amount),
            _ => None,
        }
    }

    /// The date figure of an entry, where it has one.
    pub fn fact_date(&self, name: FactName, scope: Scope<'_>) -> Option<NaiveDate> {
        match self.fact(name, scope) {
            Some(Val::Date(day)) => Some(day),
            _ => None,
        }
    }

    fn fact(&self, name: FactName, scope: Scope<'_>) -> Option<Val<'a>> {
        let rules: &'a crate::rules::model::RuleSet = self.input.rules;
        let fact = rules.facts.iter().find(|fact| fact.name == name)?;
        if let Some(when) = &fact.when
            && self.truth(when, scope) != Truth::True
        {
            return None;
        }
        let got = match (&fact.value, &fact.rows) {
            (Operand::Call(call), Some(filter)) if let Call::Total(column) = &**call => {
                let table = self.table(column.table)?;
                let rows = table.rows_of(scope.entry?);
                if rows.is_empty() {
                    return None;
                }
                let counted = rows.filter_map(|row| {
                    let inner = Inner { row: row as u32, outer: None };
                    match self.truth(filter, scope.inside(&inner)) {
                        Truth::True => Some(self.got(table, *column, row as u32)),
                        Truth::Unknown => Some(Got::Unknown),
                        Truth::False => None,
                    }
                });
                sum(counted.collect())
            }
            (value, _) => self.value(value, &scope),
        };
        match got {
            Got::Val(value) => Some(value),
            Got::Nothing | Got::Unknown => None,
        }
    }

    /// Whether a condition holds.
    pub fn truth(&self, condition: &'a Condition, scope: Scope<'_>) -> Truth {
        match condition {
            Condition::All(parts, _) => Truth::all(parts.iter().map(|part| self.truth(part, scope))),
            Condition::Any(parts, _) => Truth::any(parts.iter().map(|part| self.truth(part, scope))),
            Condition::Not(part, _) => !self.truth(part, scope),
            Condition::Rows(rows) => self.rows(rows, scope, |filter, scope| self.truth(filter, scope)),
            Condition::Test(test) => self.test(test, scope),
        }
    }

    /// Whether as many rows as a condition says satisfy its filter, asked through `holds`.
    pub(crate) fn rows(
        &self,
        condition: &'a RowsCondition,
        scope: Scope<'_>,
        mut holds: impl FnMut(&'a Condition, Scope<'_>) -> Truth,
    ) -> Truth {
        let Some((table, entry)) = self.table(condition.table).zip(scope.entry) else { return Truth::Unknown };
        let rows = table.rows_of(entry);
        // Without a filter the question is whether the entry is in the table, and that is known.
        if rows.is_empty() && condition.filter.is_some() && self.absent_is_unknown(condition.table) {
            return Truth::Unknown;
        }
        let truths = rows.map(|row| {
            let inner = Inner { row: row as u32, outer: scope.inner };
            condition.filter.as_deref().map_or(Truth::True, |filter| holds(filter, scope.inside(&inner)))
        });
        self.quantified(&condition.quantifier, truths, &scope)
    }

    /// What a quantifier says of its rows.
    pub(crate) fn quantified(
        &self,
        quantifier: &'a Quantifier,
        truths: impl Iterator<Item = Truth>,
        scope: &Scope<'_>,
    ) -> Truth {
        match quantifier {
            Quantifier::Some => Truth::any(truths),
            Quantifier::Every => Truth::all(truths),
            Quantifier::No => !Truth::any(truths),
            Quantifier::Count(predicates) => {
                let (mut least, mut most) = (0, 0);
                for truth in truths {
                    least += i64::from(truth == Truth::True);
                    most += i64::from(truth != Truth::False);
                }
                // The count lies between `least` and `most`: what holds for all of them holds.
                let says = |count| {
                    Truth::all(predicates.iter().map(|predicate| {
                        self.answer(predicate, &Tested::Value(Got::Val(Val::Integer(count))), scope)
                    }))
                };
                let first = says(least);
                if (least + 1..=most).all(|count| says(count) == first) { first } else { Truth::Unknown }
            }
        }
    }

    /// Whether a test holds.
    pub fn test(&self, test: &'a Test, scope: Scope<'_>) -> Truth {
        let columns = match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), _) => columns.as_slice(),
            (Subject::Operand(Operand::Column(column)), Predicate::Consistent | Predicate::Readable) => {
                std::slice::from_ref(column)
            }
            (Subject::Operand(operand), predicate) => {
                if let Predicate::Unique(within) = predicate {
                    return self.is_first(*within, &scope);
                }
                let tested = self.tested(operand, &scope);
                return self.answer(predicate, &tested, &scope);
            }
        };
        Truth::all(columns.iter().map(|column| match test.predicate {
            Predicate::Consistent => match self.locate(*column, &scope) {
                Located::Cell(..) | Located::Nothing => Truth::True,
                Located::Missing(Cause::Conflict(..)) => Truth::False,
                // A column that is not there cannot disagree; other rules say that it is missing.
                Located::Missing(Cause::NoColumn(..)) => Truth::True,
                Located::Missing(_) => Truth::Unknown,
            },
            _ => {
                if self.table(column.table).is_none() {
                    return Truth::Unknown;
                }
                Truth::from(self.unreadable(*column, &scope).is_none())
            }
        }))
    }

    /// The first cell of a column, among the rows at hand, that cannot be read.
    fn unreadable(&self, column: ColumnRef, scope: &Scope<'_>) -> Option<CellRef> {
        let table = self.table(column.table)?;
        let rows = match (column.of, scope.entry) {
            (Frame::Entry, Some(entry)) => table.rows_of(entry),
            _ => match self.locate(column, scope) {
                Located::Cell(_, at) => at.row as usize..at.row as usize + 1,
                _ => 0..0,
            },
        };
        rows.map(|row| self.cell(table, column, row as u32)).find_map(|located| match located {
            Located::Cell(cell, at) if cell.reading == Reading::Unreadable => Some(at),
            _ => None,
        })
    }

    fn is_first(&self, within: Within, scope: &Scope<'_>) -> Truth {
        let Some(row) = scope.declared else { return Truth::Unknown };
        self.first_of(within, row).map_or(Truth::Unknown, |first| Truth::from(first == row))
    }

    /// The first row with the same entry number, in the file or the run.
    pub(crate) fn first_of(&self, within: Within, row: u32) -> Option<u32> {
        match within {
            Within::File => {
                let declared = *self.declared_of_row.get(row as usize)?;
                Some(self.declared[declared as usize].row)
            }
            // A number that stands twice in its own file is that file's matter.
            Within::Run => {
                let first = *self.first_in_run.get(row as usize)?;
                let rows = &self.table(ROW)?.rows;
                Some(if rows[first as usize].part == rows[row as usize].part { row } else { first })
            }
        }
    }

    /// What a test's subject is.
    pub(crate) fn tested(&self, operand: &'a Operand, scope: &Scope<'_>) -> Tested<'a> {
        match operand {
            Operand::Column(column) => match self.locate(*column, scope) {
                Located::Cell(cell, at) => Tested::Cell(cell, self.column(at.table, at.column)),
                Located::Nothing => Tested::Value(Got::Nothing),
                Located::Missing(_) => Tested::Value(Got::Unknown),
            },
            other => Tested::Value(self.value(other, scope)),
        }
    }

    /// What a predicate says of a subject.
    pub(crate) fn answer(&self, predicate: &'a Predicate, tested: &Tested<'a>, scope: &Scope<'_>) -> Truth {
        let got = match tested {
            Tested::Cell(cell, column) => match &cell.reading {
                Reading::Value(value) => Got::Val(Val::of_cell(value, column)),
                Reading::Nothing => Got::Nothing,
                Reading::Blank | Reading::Unreadable => Got::Unknown,
            },
            Tested::Value(got) => got.clone(),
        };
        match predicate {
            Predicate::Present(yes) => {
                let present = match (tested, &got) {
                    (Tested::Cell(cell, _), _) => {
                        Truth::from(!matches!(cell.reading, Reading::Blank | Reading::Nothing))
                    }
                    (_, Got::Val(_)) => Truth::True,
                    (_, Got::Nothing) => Truth::False,
                    (_, Got::Unknown) => Truth::Unknown,
                };
                if *yes { present } else { !present }
            }
            Predicate::Valid { kind, yes } => {
                let valid = match tested {
                    Tested::Cell(cell, column) => valid(cell, column, *kind),
                    Tested::Value(Got::Val(_)) => Truth::True,
                    Tested::Value(Got::Nothing | Got::Unknown) => Truth::Unknown,
                };
                if *yes { valid } else { !valid }
            }
            Predicate::OneOf { values, negated } => {
                let one_of = match &got {
                    Got::Unknown => Truth::Unknown,
                    Got::Nothing => Truth::False,
                    Got::Val(value) => Truth::any(values.iter().map(|other| self.is(value, other, scope, false))),
                };
                if *negated { !one_of } else { one_of }
            }
            Predicate::Exactly(values) => match &got {
                Got::Unknown => Truth::Unknown,
                Got::Nothing => Truth::False,
                Got::Val(value) => Truth::any(values.iter().map(|other| self.is(value, other, scope, true))),
            },
            Predicate::Listed { codes, negated } => {
                let listed = match &got {
                    Got::Unknown => Truth::Unknown,
                    Got::Nothing => Truth::False,
                    Got::Val(value) => Truth::from(codes.contains(&value.code())),
                };
                if *negated { !listed } else { listed }
            }
            Predicate::Matches(pattern) => as_text(tested, &got, |text| pattern.is_match(text)),
            Predicate::StartsWith(prefixes) => as_text(tested, &got, |text| {
                prefixes.iter().any(|prefix| {
                    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
                })
            }),
            Predicate::Compare(comparison, operand) => match (&got, self.value(operand, scope)) {
                (Got::Nothing, _) | (_, Got::Nothing) => Truth::False,
                (Got::Val(a), Got::Val(b)) => a.compare(&b).map_or(Truth::Unknown, |order| {
                    Truth::from(match comparison {
                        Comparison::Above => order.is_gt(),
                        Comparison::AtLeast => order.is_ge(),
                        Comparison::Below => order.is_lt(),
                        Comparison::AtMost => order.is_le(),
                    })
                }),
                _ => Truth::Unknown,
            },
            Predicate::Near { operand, tolerance } => match (&got, self.value(operand, scope)) {
                (Got::Nothing, _) | (_, Got::Nothing) => Truth::False,
                (Got::Val(a), Got::Val(b)) => a
                    .number()
                    .zip(b.number())
                    .and_then(|(a, b)| {
                        let allowed = match tolerance {
                            Tolerance::Dollars(amount) => *amount,
                            Tolerance::Percent(percent) => {
                                b.abs().checked_mul(*percent)?.checked_div(Decimal::ONE_HUNDRED)?
                            }
                        };
                        Some(Truth::from(a.checked_sub(b)?.abs() <= allowed))
                    })
                    .unwrap_or(Truth::Unknown),
                _ => Truth::Unknown,
            },
            // Asked of places, not of values; see `test`.
            Predicate::Unique(_) | Predicate::Consistent | Predicate::Readable => Truth::Unknown,
        }
    }

    fn is(&self, value: &Val<'a>, other: &'a Operand, scope: &Scope<'_>, exactly: bool) -> Truth {
        let same = |other: &Val<'a>| match (value, other) {
            (Val::Importer(a), Val::Importer(b)) if exactly => a.same_importer(b) && a.suffix() == b.suffix(),
            _ => value.same(other),
        };
        if let Operand::Account(field) = other {
            return match self.account(*field) {
                Some(values) => Truth::from(values.iter().any(same)),
                None => Truth::Unknown,
            };
        }
        match self.value(other, scope) {
            Got::Val(other) => Truth::from(same(&other)),
            Got::Nothing => Truth::False,
            Got::Unknown => Truth::Unknown,
        }
    }

    /// Whether a condition holds, with the clauses and cells that decided.
    pub fn explain(&self, condition: &'a Condition, scope: Scope<'_>) -> Explained {
        match condition {
            Condition::All(parts, place) | Condition::Any(parts, place) => {
                let all = matches!(condition, Condition::All(..));
                let parts: Vec<_> = parts.iter().map(|part| self.explain(part, scope)).collect();
                let truths = parts.iter().map(|part| part.truth);
                let truth = if all { Truth::all(truths) } else { Truth::any(truths) };
                let deciding = parts.into_iter().filter(|part| part.truth == truth);
                Explained::of_parts(truth, *place, deciding.collect())
            }
            Condition::Not(part, place) => {
                let part = self.explain(part, scope);
                Explained::of_parts(!part.truth, *place, vec![part])
            }
            Condition::Rows(rows) => self.explain_rows(rows, scope),
            Condition::Test(test) => self.explain_test(test, scope),
        }
    }

    fn explain_rows(&self, condition: &'a RowsCondition, scope: Scope<'_>) -> Explained {
        let truth = self.rows(condition, scope, |filter, scope| self.truth(filter, scope));
        let mut explained = Explained::of_parts(truth, condition.place, Vec::new());
        let rows = match (self.table(condition.table), scope.entry) {
            (None, _) => {
                explained.causes.push(Cause::NoTable(condition.table));
                return explained;
            }
            (_, None) => {
                explained.causes.push(Cause::NotDeclared);
                return explained;
            }
            (Some(table), Some(entry)) => table.rows_of(entry),
        };
        if rows.is_empty() && truth == Truth::Unknown {
            explained.causes.push(Cause::NoRows(condition.table));
        }
        // Rows that decide: the ones that match where matching ones were found or counted, else those
        // that fail.
        let wanted = match (&condition.quantifier, truth) {
            (_, Truth::Unknown) => Truth::Unknown,
            (Quantifier::Some, truth) | (Quantifier::Every, truth) => truth,
            (Quantifier::No, truth) => !truth,
            (Quantifier::Count(_), _) => Truth::True,
        };
        let one_is_enough = matches!(
            (&condition.quantifier, wanted),
            (Quantifier::Some | Quantifier::No, Truth::True) | (Quantifier::Every, Truth::False)
        );
        let key = self.input.tables.schemas[condition.table.0].key.unwrap_or(0) as u16;
        for row in rows {
            let row = row as u32;
            match condition.filter.as_deref() {
                None => explained.cells.push(CellRef { table: condition.table, row, column: key }),
                Some(filter) => {
                    let inner = Inner { row, outer: scope.inner };
                    let part = self.explain(filter, scope.inside(&inner));
                    if part.truth != wanted {
                        continue;
                    }
                    explained.parts.push(part);
                }
            }
            if one_is_enough || explained.parts.len() + explained.cells.len() >= SHOWN_ROWS {
                break;
            }
        }
        explained
    }

    fn explain_test(&self, test: &'a Test, scope: Scope<'_>) -> Explained {
        let truth = self.test(test, scope);
        let mut explained = Explained::of_parts(truth, test.place, Vec::new());
        match (&test.subject, &test.predicate) {
            (Subject::Columns(columns), predicate) => {
                for column in columns {
                    self.explain_column(*column, predicate, truth, &scope, &mut explained);
                }
            }
            (Subject::Operand(Operand::Column(column)), predicate @ (Predicate::Consistent | Predicate::Readable)) => {
                self.explain_column(*column, predicate, truth, &scope, &mut explained);
            }
            (Subject::Operand(operand), predicate) => {
                self.explain_operand(operand, &scope, &mut explained);
                match predicate {
                    Predicate::OneOf { values, .. } | Predicate::Exactly(values) => {
                        values.iter().for_each(|value| self.explain_operand(value, &scope, &mut explained));
                    }
                    Predicate::Compare(_, operand) | Predicate::Near { operand, .. } => {
                        self.explain_operand(operand, &scope, &mut explained);
                    }
                    Predicate::Unique(within) if truth == Truth::False => {
                        if let (Operand::Column(column), Some(row)) = (operand, scope.declared)
                            && let Some(first) = self.first_of(*within, row)
                        {
                            explained.cells.push(CellRef { table: ROW, row: first, column: column.column });
                        }
                    }
                    _ => {}
                }
            }
        }
        if truth != Truth::Unknown {
            explained.causes.clear();
        } else if explained.causes.is_empty() {
            explained.causes.push(Cause::Computed);
        }
        explained
    }

    /// The cells behind `consistent` and `readable`: those that disagree, or cannot be read.
    fn explain_column(
        &self,
        column: ColumnRef,
        predicate: &Predicate,
        truth: Truth,
        scope: &Scope<'_>,
        explained: &mut Explained,
    ) {
        let Some(table) = self.table(column.table) else {
            explained.causes.push(Cause::NoTable(column.table));
            return;
        };
        if truth == Truth::Unknown {
            if let Located::Missing(cause) = self.locate(column, scope) {
                explained.causes.push(cause);
            }
        } else if truth == Truth::False {
            match predicate {
                Predicate::Readable => explained.cells.extend(self.unreadable(column, scope)),
                _ => {
                    let rows = scope.entry.map_or(0..0, |entry| table.rows_of(entry));
                    let Some(first) = rows.clone().next() else { return };
                    let Located::Cell(agreed, at) = self.cell(table, column, first as u32) else { return };
                    let other = rows.map(|row| self.cell(table, column, row as u32)).find_map(|located| {
                        match located {
                            Located::Cell(cell, other) if !agree(cell, agreed) => Some(other),
                            _ => None,
                        }
                    });
                    if let Some(other) = other {
                        explained.cells.extend([at, other]);
                    }
                }
            }
        }
    }

    /// The cells an operand reads, and what it lacks.
    fn explain_operand(&self, operand: &'a Operand, scope: &Scope<'_>, explained: &mut Explained) {
        match operand {
            Operand::Column(column) => match self.locate(*column, scope) {
                Located::Cell(cell, at) => {
                    explained.cells.push(at);
                    explained.causes.extend(Cause::of_cell(cell, at));
                }
                Located::Nothing => {}
                Located::Missing(cause) => explained.causes.push(cause),
            },
            Operand::Account(field) if self.account(*field).is_none() => {
                explained.causes.push(Cause::NoAccount(*field));
            }
            Operand::Shift { date, .. } => self.explain_operand(date, scope, explained),
            Operand::Call(call) => match &**call {
                Call::Age(of) | Call::MonthlyStatementDue(of) | Call::Lookup { of, .. } => {
                    self.explain_operand(of, scope, explained);
                }
                Call::Earliest(of) | Call::Latest(of) => {
                    of.iter().for_each(|of| self.explain_operand(of, scope, explained));
                }
                Call::EarliestOf(column) | Call::LatestOf(column) | Call::Total(column) | Call::LineTotal(column) => {
                    self.explain_rows_of(*column, scope, explained);
                }
                Call::RateOn { heading, date, .. } => {
                    self.explain_operand(heading, scope, explained);
                    self.explain_operand(date, scope, explained);
                }
                Call::Percent { rate, amount } => {
                    self.explain_operand(rate, scope, explained);
                    self.explain_operand(amount, scope, explained);
                }
                Call::Exported(table) if self.exported(*table).is_none() => {
                    explained.causes.push(if self.table(*table).is_some() {
                        Cause::NoExportDate(*table)
                    } else {
                        Cause::NoTable(*table)
                    });
                }
                Call::PreambleRows(table) | Call::UnkeyedRows(table) if self.table(*table).is_none() => {
                    explained.causes.push(Cause::NoTable(*table));
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// The first cells that an aggregate reads, and what it lacks.
    fn explain_rows_of(&self, column: ColumnRef, scope: &Scope<'_>, explained: &mut Explained) {
        let Some((table, entry)) = self.table(column.table).zip(scope.entry) else {
            explained.causes.push(Cause::NoTable(column.table));
            return;
        };
        let rows = table.rows_of(entry);
        if rows.is_empty() && self.absent_is_unknown(column.table) {
            explained.causes.push(Cause::NoRows(column.table));
        }
        for row in rows {
            match self.cell(table, column, row as u32) {
                Located::Cell(cell, at) => {
                    explained.causes.extend(Cause::of_cell(cell, at));
                    if explained.cells.len() < SHOWN_ROWS {
                        explained.cells.push(at);
                    }
                }
                Located::Nothing => {}
                Located::Missing(cause) => explained.causes.push(cause),
            }
        }
    }

    /// The declaration's cell that stands for a row: where findings point.
    pub fn declared_cell(&self, row: u32) -> Option<CellRef> {
        let key = self.input.tables.schemas[ROW.0].key?;
        Some(CellRef { table: ROW, row, column: key as u16 })
    }

    /// The row of the file facts of a declaration.
    pub fn file_cell(&self, part: u32, column: u16) -> CellRef {
        CellRef { table: FILE, row: part, column }
    }
}

/// How many rows of a table an explanation shows where none of them decides alone.
const SHOWN_ROWS: usize = 3;

/// The subject of a test.
#[derive(Clone, Debug)]
pub(crate) enum Tested<'a> {
    /// A cell, whose text can be asked too.
    Cell(&'a Cell, &'a schema::Column),
    /// A value.
    Value(Got<'a>),
}

impl Explained {
    fn of_parts(truth: Truth, place: Place, parts: Vec<Self>) -> Self {
        Self { truth, place, cells: Vec::new(), causes: Vec::new(), parts }
    }

    /// What was missing, from all clauses that could not be told.
    pub fn all_causes(&self) -> Vec<Cause> {
        let mut causes = self.causes.clone();
        for part in &self.parts {
            for cause in part.all_causes() {
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            }
        }
        causes
    }
}

/// Whether two cells of a column say the same.
fn agree(a: &Cell, b: &Cell) -> bool {
    match (&a.reading, &b.reading) {
        (Reading::Unreadable, Reading::Unreadable) => a.text == b.text,
        (Reading::Value(Value::Text(a)), Reading::Value(Value::Text(b))) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

/// Whether a cell can be read as a type.
fn valid(cell: &Cell, column: &schema::Column, kind: Type) -> Truth {
    match cell.reading {
        Reading::Blank | Reading::Nothing => Truth::Unknown,
        Reading::Unreadable if kind == column.kind => Truth::False,
        Reading::Value(_) if kind == column.kind => Truth::True,
        Reading::Value(_) | Reading::Unreadable => {
            let as_kind = schema::Column { kind, choices: Vec::new(), ..column.clone() };
            Truth::from(matches!(crate::table::value::read(&as_kind, &cell.text), Reading::Value(_)))
        }
    }
}

/// Asks a question of a cell's text; for HTS and entry numbers of their normal form.
fn as_text(tested: &Tested<'_>, got: &Got<'_>, ask: impl Fn(&str) -> bool) -> Truth {
    match (tested, got) {
        (_, Got::Val(value @ (Val::Hts(_) | Val::Entry(_)))) => Truth::from(ask(&value.code())),
        (Tested::Cell(cell, _), _) => match cell.reading {
            Reading::Blank => Truth::Unknown,
            Reading::Nothing => Truth::False,
            Reading::Value(_) | Reading::Unreadable => Truth::from(ask(&cell.text)),
        },
        (_, Got::Val(Val::Text(text))) => Truth::from(ask(text)),
        (_, Got::Val(value)) => Truth::from(ask(&value.code())),
        (_, Got::Nothing) => Truth::False,
        (_, Got::Unknown) => Truth::Unknown,
    }
}

/// The sum of amounts; unknown as soon as one is, or where the sum is too large to hold.
fn sum(amounts: Vec<Got<'_>>) -> Got<'_> {
    let mut total = Decimal::ZERO;
    for amount in amounts {
        match amount {
            Got::Val(value) => match value.number().and_then(|amount| total.checked_add(amount)) {
                Some(sum) => total = sum,
                None => return Got::Unknown,
            },
            Got::Nothing => {}
            Got::Unknown => return Got::Unknown,
        }
    }
    Got::Val(Val::Money(total))
}
