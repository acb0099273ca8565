//! What operands give: columns, functions of the rule language, and the values they compare as.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Context;
use super::cause::Cause;
use super::scope::{Located, Scope};
use crate::account::Role;
use crate::entry::{self, EntryNumber};
use crate::importer::ImporterNumber;
use crate::rules::model::{AccountField, ColumnRef, Operand, SettingId, Stated, WholeFile};
use crate::source::FileId;
use crate::table::csv;
use crate::table::header;
use crate::table::named::listed;
use crate::table::schema;
use crate::table::value::{Cell, CellReading, Value};
use crate::table::workbook;
use crate::table::{Encoding, Part, Partial, ROW, RecordForm, Table, TableId};

/// A value during the evaluation.
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
    Hts(&'a str),
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
            Value::Hts(number) => Self::Hts(number.as_str()),
            Value::Date(day) => Self::Date(*day),
            Value::Money(amount) => Self::Money(*amount),
            Value::Integer(number) => Self::Integer(*number),
            Value::YesNo(yes) => Self::YesNo(*yes),
        }
    }

    /// As code lists have it; see [`crate::rules::model::CodeSet::codes`].
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
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Importer(a), Self::Importer(b)) => a.same_importer(b),
            (Self::Text(a), Self::Text(b)) => {
                let (a, b) = (a.trim(), b.trim());
                a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
            }
            (Self::Choice(a), Self::Choice(b)) => a == b,
            (Self::Choice(a), Self::Text(b)) | (Self::Text(b), Self::Choice(a)) => {
                a.eq_ignore_ascii_case(b.trim())
            }
            (Self::Hts(a), Self::Hts(b)) => a == b,
            _ => self == other || self.compare(other) == Some(Ordering::Equal),
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::YesNo(a), Self::YesNo(b)) => Some(a.cmp(b)),
            (a, b) => Some(a.number()?.cmp(&b.number()?)),
        }
    }

    /// The day, of a date.
    pub(super) fn date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(day) => Some(*day),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<Decimal> {
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
    /// It is unknown.
    Unknown,
}

impl<'a> Got<'a> {
    pub(super) fn from_option(value: Option<Val<'a>>) -> Self {
        value.map_or(Self::Unknown, Self::Val)
    }

    /// What follows from a value; nothing from nothing.
    pub(super) fn follows(self, follows: impl FnOnce(Val<'a>) -> Option<Val<'a>>) -> Self {
        match self {
            Self::Val(value) => Self::from_option(follows(value)),
            Self::Nothing => Self::Nothing,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl<'a> Context<'a> {
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
            Operand::PackVerified => Got::from_option(self.input.rules.pack.verified.map(Val::Date)),
            Operand::Entry => {
                Got::from_option(scope.entry.map(|entry| Val::Entry(self.input.entries.number(entry))))
            }
            // A list has a value of its own only where it has one; tests compare with all of it.
            Operand::Account(field) => match self.account(*field) {
                Some(values) if values.len() == 1 => Got::from_option(values.into_iter().next()),
                _ => Got::Unknown,
            },
            Operand::Shift { date, by, times, unit } => self.value(date, scope).follows(|day| {
                let times = match times {
                    Some(setting) => i32::try_from(self.setting(*setting).number()?.to_i64()?).ok()?,
                    None => 1,
                };
                self.holidays.shift(day.date()?, by.checked_mul(times)?, *unit).map(Val::Date)
            }),
            Operand::Call(call) => self.call(call, scope),
            Operand::Figure(figure, frame) => self.figure(*figure, *frame, scope),
            Operand::Setting(setting) => Got::Val(self.setting(*setting)),
        }
    }

    /// The value of a setting in this run.
    fn setting(&self, id: SettingId) -> Val<'a> {
        let stated: &'a HashMap<SettingId, Value> = &self.input.settings;
        Val::of_literal(stated.get(&id).unwrap_or(&self.rules().settings[usize::from(id.0)].value))
    }

    /// The value of a cell of that column.
    pub(super) fn read(&self, cell: &'a Cell, table: TableId, column: u16) -> Got<'a> {
        match &cell.reading {
            CellReading::Value(value) => Got::Val(Val::of_cell(value, self.column(table, column))),
            CellReading::Nothing => Got::Nothing,
            CellReading::Blank | CellReading::Unreadable => Got::Unknown,
        }
    }

    /// The values of a field of the account; `None` where the user did not set it.
    pub(super) fn account(&self, field: AccountField) -> Option<Vec<Val<'a>>> {
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

    /// The least or greatest date; unknown as soon as one is.
    pub(super) fn extreme(&self, dates: impl IntoIterator<Item = Got<'a>>, order: Ordering) -> Got<'a> {
        let mut best: Option<NaiveDate> = None;
        for date in dates {
            match date {
                Got::Val(Val::Date(day)) if best.is_none_or(|best| day.cmp(&best) == order) => {
                    best = Some(day)
                }
                Got::Val(_) | Got::Nothing => {}
                Got::Unknown => return Got::Unknown,
            }
        }
        best.map_or(Got::Nothing, |day| Got::Val(Val::Date(day)))
    }

    /// A column's values in all rows of the entry.
    pub(super) fn all_rows(&self, column: ColumnRef, scope: &Scope<'_>) -> Vec<Got<'a>> {
        let Some((table, entry)) = self.table(column.table).zip(scope.entry) else {
            return vec![Got::Unknown];
        };
        let rows = table.rows_of(entry);
        if rows.is_empty() && self.absent_is_unknown(column.table) {
            return vec![Got::Unknown];
        }
        rows.map(|row| self.got(table, column, row as u32)).collect()
    }

    pub(super) fn got(&self, table: &'a Table, column: ColumnRef, row: u32) -> Got<'a> {
        match self.cell(table, column, row) {
            Located::Cell(cell, at) => self.read(cell, at.table, at.column),
            Located::Nothing | Located::Missing(_) => Got::Unknown,
        }
    }

    pub(super) fn rate_on(&self, list: usize, heading: &str, date: NaiveDate) -> Option<Decimal> {
        let list = &self.input.rules.code_lists[list];
        let column = |name: &str| list.columns.iter().position(|(column, _)| column == name);
        let (from, until, percent) = (column("from")?, column("until")?, column("percent")?);
        list.rows_for(heading).iter().map(|&row| &list.rows[row as usize]).find_map(|row| {
            let day = |at: usize| match &row[at] {
                CellReading::Value(Value::Date(day)) => Some(*day),
                _ => None,
            };
            let rate = match &row[percent] {
                CellReading::Value(value) => Val::of_literal(value).number(),
                _ => None,
            };
            (day(from)? <= date && day(until).is_none_or(|until| date <= until)).then_some(rate).flatten()
        })
    }

    /// How many different values a column has over the entries of the declaration; the cause as soon
    /// as one entry's is unknown.
    pub(super) fn distinct(&self, column: ColumnRef, scope: &Scope<'_>) -> Result<usize, Cause> {
        // Without the table that is the same for every declaration.
        if self.table(column.table).is_none() {
            return Err(Cause::NoTable(column.table));
        }
        let mut found = BTreeSet::new();
        let mut before = None;
        for declared in self.of_declaration(scope.part) {
            let of_entry = Scope { declared: Some(declared.row), entry: declared.entry, ..*scope };
            match self.locate(column, &of_entry) {
                // Most entries have the cell of the one before.
                Located::Cell(cell, _) if before.is_some_and(|before| std::ptr::eq(before, cell)) => {}
                Located::Cell(cell, at) => match &cell.reading {
                    CellReading::Value(value) => {
                        let value = Val::of_cell(value, self.column(at.table, at.column));
                        found.insert(value.code().into_owned());
                        before = Some(cell);
                    }
                    // A blank cell is not another importer.
                    CellReading::Blank | CellReading::Nothing => {}
                    CellReading::Unreadable => return Err(Cause::Unreadable(at)),
                },
                Located::Nothing => {}
                // Another rule reports entries that are not in the table.
                Located::Missing(Cause::NoRows(_) | Cause::NotDeclared) => {}
                Located::Missing(cause) => return Err(cause),
            }
        }
        Ok(found.len())
    }

    /// How many different filer codes the numbers of a declaration have.
    pub(super) fn filer_codes(&self, scope: &Scope<'_>) -> usize {
        let own = self.of_declaration(scope.part).iter();
        let numbers = own.filter_map(|declared| Some(self.input.entries.number(declared.entry?)));
        numbers.map(|number| number.filer_code_bytes()).collect::<BTreeSet<_>>().len()
    }

    /// The importer number that more than half of the declaration's entries have; the cause as soon as
    /// one entry's is unknown. Found once for each declaration, because each of its entries asks.
    pub(super) fn majority(
        &self,
        column: ColumnRef,
        scope: &Scope<'_>,
    ) -> Result<Option<ImporterNumber>, Cause> {
        let mut known = self.majorities.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *known
            .entry((scope.part, column.table, column.column))
            .or_insert_with(|| self.find_majority(column, scope))
    }

    fn find_majority(&self, column: ColumnRef, scope: &Scope<'_>) -> Result<Option<ImporterNumber>, Cause> {
        let mut counts: BTreeMap<String, (usize, ImporterNumber)> = BTreeMap::new();
        let unread = self.importers_of_declaration(column, scope, |number| {
            counts.entry(number.base().to_owned()).or_insert((0, number)).0 += 1;
        })?;
        // Where no entry's importer is known, the importer of most entries is unknown.
        if let (true, Some(cause)) = (counts.is_empty(), unread) {
            return Err(cause);
        }
        let all: usize = counts.values().map(|(count, _)| count).sum();
        Ok(counts.into_values().find(|(count, _)| count * 2 > all).map(|(_, number)| number))
    }

    /// The client of the account that more than half of the declaration's entries of clients are of; the
    /// cause as soon as one entry's importer is unknown.
    pub(super) fn majority_client(
        &self,
        column: ColumnRef,
        scope: &Scope<'_>,
    ) -> Result<Option<String>, Cause> {
        let clients = &self.input.account.clients;
        if clients.is_empty() {
            return Ok(None);
        }
        let mut known = self.majority_clients.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let found = known.entry((scope.part, column.table, column.column)).or_insert_with(|| {
            let mut counts = vec![0; clients.len()];
            self.importers_of_declaration(column, scope, |number| {
                if let Some(at) = self.input.account.client_index(&number) {
                    counts[at] += 1;
                }
            })?;
            let all: usize = counts.iter().sum();
            Ok(counts.iter().position(|count| count * 2 > all))
        });
        found.map(|at| at.map(|at| clients[at].name.raw().to_owned()))
    }

    /// Visits the importer of each entry of a declaration that the column names; returns why the first
    /// unknown one is unknown.
    fn importers_of_declaration(
        &self,
        column: ColumnRef,
        scope: &Scope<'_>,
        mut visit: impl FnMut(ImporterNumber),
    ) -> Result<Option<Cause>, Cause> {
        // Without the table that is the same for every declaration.
        if self.table(column.table).is_none() {
            return Err(Cause::NoTable(column.table));
        }
        let mut unread = None;
        for declared in self.of_declaration(scope.part) {
            let of_entry = Scope { declared: Some(declared.row), entry: declared.entry, own: None, ..*scope };
            match self.locate(column, &of_entry) {
                Located::Cell(cell, at) => match self.read(cell, at.table, at.column) {
                    Got::Val(Val::Importer(number)) => visit(number),
                    // Another rule reports that the importer cannot be read.
                    Got::Unknown if cell.reading == CellReading::Unreadable => {
                        unread = unread.or(Some(Cause::Unreadable(at)));
                    }
                    Got::Val(_) | Got::Nothing | Got::Unknown => {}
                },
                Located::Nothing | Located::Missing(Cause::NoRows(_) | Cause::NotDeclared) => {}
                Located::Missing(cause @ Cause::Conflict(..)) => unread = unread.or(Some(cause)),
                Located::Missing(cause) => return Err(cause),
            }
        }
        Ok(unread)
    }

    /// The day a table was exported: as the user stated, or as its files have it (of several the oldest), or
    /// else the newest date in it that is not after the filing date. Where the table has liquidation dates
    /// only those count: entry dates stopped moving with the end of IEEPA collection.
    pub(super) fn exported(&self, id: TableId) -> Option<NaiveDate> {
        *self.exported[id.index()].get_or_init(|| {
            if let Some(day) = self.input.exported.get(&id) {
                return Some(*day);
            }
            self.table(id)?.exported(&self.input.tables.schemas[id.index()], self.input.filing_date)
        })
    }

    /// A figure of a table's whole files; nothing where it was not asked for.
    pub(super) fn whole_file(&self, figure: WholeFile, id: TableId) -> Got<'a> {
        if let Some(value) = self.input.values.get(&(figure, id)) {
            return match (value, figure) {
                (Stated::Text(text), _) if text.is_empty() => Got::Nothing,
                (Stated::Text(text), _) => Got::Val(Val::Text(text.as_str().into())),
                (Stated::Number(amount), WholeFile::LeftOutDuty) => Got::Val(Val::Money(*amount)),
                (Stated::Number(number), _) => Got::from_option(number.to_i64().map(Val::Integer)),
            };
        }
        let total = |of: fn(&Part) -> u64| match self.table(id) {
            Some(table) => Got::Val(Val::Integer(table.parts.iter().map(of).sum::<u64>() as i64)),
            None => Got::Unknown,
        };
        let list = |of: &dyn Fn(&Table) -> Vec<String>| match self.table(id).map(of) {
            Some(texts) if texts.is_empty() => Got::Nothing,
            Some(texts) => Got::Val(Val::Text(listed(texts).into())),
            None => Got::Unknown,
        };
        match (figure, self.left_out.as_ref()) {
            (WholeFile::PreambleRows, _) => total(|part| part.preamble_rows),
            (WholeFile::UnkeyedRows, _) => total(|part| part.unkeyed_rows),
            (WholeFile::LostRows, _) => total(|part| part.lost_rows),
            (WholeFile::RepeatedHeaders, _) => total(|part| part.repeated_headers),
            (WholeFile::Partial, _) => {
                let schema = &self.input.tables.schemas[id.index()];
                let of_file = |(file, partial): (FileId, Partial)| {
                    format!("in {}, {}", self.input.sources.name(file), partial.describe())
                };
                list(&|table| {
                    let whole = table.partial.iter().map(|partial| partial.describe().to_owned());
                    whole.chain(table.partial_files(schema).into_iter().map(of_file)).collect()
                })
            }
            (WholeFile::RepeatedRows, _) => total(|part| part.repeated_rows),
            (WholeFile::SupersededRows, _) => total(|part| part.superseded_rows),
            (WholeFile::ConflictingColumns, _) => list(&|table| table.duplicate_columns.clone()),
            (WholeFile::ReadOtherwise, _) => {
                list(&|table| table.parts.iter().filter_map(|part| self.read_otherwise(part)).collect())
            }
            (WholeFile::UnreadColumns, _) => {
                let schema = &self.input.tables.schemas[id.index()];
                list(&|table| {
                    let mut unread: Vec<String> =
                        table.parts.iter().flat_map(|part| header::unread(part, schema)).collect();
                    let mut seen = hashbrown::HashSet::new();
                    unread.retain(|column| seen.insert(column.clone()));
                    unread
                })
            }
            (WholeFile::LeftOutEntries, Some(left_out)) => Got::Val(Val::Integer(left_out.entries as i64)),
            (WholeFile::LeftOutDuty, Some(left_out)) => Got::Val(Val::Money(left_out.duty)),
            (_, None) => Got::Nothing,
        }
    }

    /// A file that is read by a guess, with what was guessed.
    fn read_otherwise(&self, part: &Part) -> Option<String> {
        let delimiter = match part.form {
            RecordForm::Text { delimiter: b',' } | RecordForm::Cells => None,
            RecordForm::Text { delimiter } => Some(format!("{}s", csv::delimiter_name(delimiter))),
        };
        let encoding = (part.encoding == Encoding::Windows1252).then(|| "Windows-1252".to_owned());
        let file = self.input.sources.name(part.file);
        let is_old = part.encoding == Encoding::Workbook && workbook::is_old(file.raw());
        let format = is_old.then(|| "Excel 97-2003, which has at most 65,536 rows".to_owned());
        let guessed: Vec<String> = delimiter.into_iter().chain(encoding).chain(format).collect();
        (!guessed.is_empty()).then(|| format!("`{file}` ({})", guessed.join(", ")))
    }

    /// The name of the file that a column's row came from; of an entry, that of all its rows.
    pub(super) fn export_of(&self, column: ColumnRef, scope: &Scope<'_>) -> Option<&'a str> {
        let table = self.table(column.table)?;
        let part = |row: u32| table.rows.get(row as usize).map(|row| row.part);
        let part = match scope.row(column.of) {
            Some(row) => part(row)?,
            None => {
                let mut parts = table.rows_of(scope.entry?).map(|row| part(row as u32));
                let first = parts.next()??;
                parts.all(|other| other == Some(first)).then_some(first)?
            }
        };
        let sources: &'a crate::source::Sources = self.input.sources;
        Some(sources.name(table.parts.get(part as usize)?.file).raw())
    }

    /// The rules of the run.
    pub(super) fn rules(&self) -> &'a crate::rules::model::RuleSet {
        self.input.rules
    }

    /// The one number of the table that the declaration's cell may mean.
    pub(super) fn nearest(&self, id: TableId, scope: &Scope<'_>) -> Option<EntryNumber> {
        let table = self.table(id)?;
        let key = self.input.tables.schemas[ROW.index()].key?;
        let written = self.table(ROW)?.columns.get(key)?.cell(scope.declared? as usize)?;
        let mut found = entry::corrections(written.text().raw())
            .into_iter()
            .filter(|number| table.corrections_found.contains(number));
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }
}

/// One percent. To multiply by it is exact, and much faster than to divide by a hundred.
pub(super) const HUNDREDTH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The sum of amounts; `None` as soon as one is unknown, or where the sum is too large for the type.
pub(super) fn sum<'v>(amounts: impl IntoIterator<Item = Got<'v>>) -> Option<Decimal> {
    amounts.into_iter().try_fold(Decimal::ZERO, |total, amount| match amount {
        Got::Val(value) => total.checked_add(value.number()?),
        Got::Nothing => Some(total),
        Got::Unknown => None,
    })
}
