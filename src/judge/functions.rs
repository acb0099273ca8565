//! The functions of operands, one block each: its name, what it takes and gives, what it means, how
//! it is evaluated, and an example that the tests compile.
//!
//! The compiler checks calls against these blocks, and the table of `rules/README.md` is made from
//! them. What a call reads follows from its arguments.

use std::cmp::Ordering;
use std::sync::PoisonError;

use rust_decimal::{Decimal, RoundingStrategy};

use super::operand::{Got, HUNDREDTH, Val, sum};
use super::scope::Scope;
use super::{Context, figures};
use crate::rules::model::Dependency;
use crate::rules::model::{Argument, Call, FunctionId, Operand, WholeFile};
use crate::table::TableId;
use crate::table::schema::Type;
use crate::table::value::CellReading;

/// A function of the rule language.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub signature: &'static str,
    /// What is between its parentheses.
    pub takes: &'static [Parameter],
    /// What it gives.
    pub gives: Gives,
    /// What it means, for the reference.
    pub meaning: &'static str,
    /// A rule that uses it: the keys from `each` on.
    pub example: &'static str,
    /// Whether the value depends on the filing date, besides its arguments.
    pub by_filing_date: bool,
    /// How a placeholder prints the value.
    pub prints: Prints,
    evaluate: Evaluate,
}

type Evaluate = for<'c, 'a, 's> fn(&FunctionCall<'c, 'a, 's>) -> Got<'a>;

/// What is at one place between the parentheses of a call.
#[derive(Clone, Copy)]
pub enum Parameter {
    /// A value of that type.
    Value(Type),
    /// An amount, a percentage or a whole number.
    Number,
    /// Two dates or more, or one column of dates over all rows of the entry.
    Dates,
    /// A column of that type over all rows of the entry.
    Rows(Type),
    /// A column of that type of the row at hand, over the rows of its line.
    Line(Type),
    /// A column over all entries of the declaration file, in a rule on the file.
    Declaration,
    /// A column of that type over all entries of the declaration file, in a rule on the file.
    DeclarationOf(Type),
    /// A column of that type over all entries of the declaration, in a rule on its entries or rows.
    OfDeclaration(Type),
    /// A reference table, of which this is read.
    Table(fn(TableId) -> Dependency),
    /// A reference table, whose row at hand (or whose rows of the entry) is meant.
    RowOf,
    /// A column of a code list.
    ListColumn,
    /// A code of the list whose column is before it.
    Code,
    /// A code list with rates over time.
    Rates,
}

/// What a function gives.
#[derive(Clone, Copy)]
pub enum Gives {
    /// A value of that type.
    Type(Type),
    /// The type of the column of the code list.
    ListColumn,
}

/// How a placeholder prints a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prints {
    /// As its type is printed.
    AsTyped,
    /// `93 days`.
    Days,
    /// `12.5`, without a currency sign.
    Plain,
}

/// A call at the moment of its evaluation.
struct FunctionCall<'c, 'a, 's> {
    context: &'c Context<'a>,
    arguments: &'a [Argument],
    scope: &'c Scope<'s>,
}

impl<'a> FunctionCall<'_, 'a, '_> {
    /// What the operand at that place gives.
    fn value(&self, at: usize) -> Got<'a> {
        match self.arguments.get(at) {
            Some(Argument::Value(operand)) => self.context.value(operand, self.scope),
            _ => Got::Unknown,
        }
    }

    /// The value at that place, where there is one.
    fn known(&self, at: usize) -> Option<Val<'a>> {
        match self.value(at) {
            Got::Val(value) => Some(value),
            Got::Nothing | Got::Unknown => None,
        }
    }

    /// What follows from the values at the first two places; nothing where one is nothing.
    fn both(&self, follows: impl FnOnce(Val<'a>, Val<'a>) -> Option<Val<'a>>) -> Got<'a> {
        match (self.value(0), self.value(1)) {
            (Got::Unknown, _) | (_, Got::Unknown) => Got::Unknown,
            (Got::Nothing, _) | (_, Got::Nothing) => Got::Nothing,
            (Got::Val(a), Got::Val(b)) => Got::from_option(follows(a, b)),
        }
    }

    /// The first or last of the dates given.
    fn extreme(&self, order: Ordering) -> Got<'a> {
        match self.arguments {
            [Argument::Rows(column)] => {
                self.context.extreme(self.context.all_rows(*column, self.scope), order)
            }
            dates => self.context.extreme((0..dates.len()).map(|at| self.value(at)), order),
        }
    }

    /// A figure of whole files.
    fn whole_file(&self) -> Got<'a> {
        match self.arguments {
            [Argument::Table(Dependency::WholeFile(figure, table))] => {
                self.context.whole_file(*figure, *table)
            }
            _ => Got::Unknown,
        }
    }
}

/// All functions.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "age",
        signature: "age(DATE)",
        takes: &[Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Integer),
        meaning: "days from the date to the filing date",
        example: "{ each: entry, forbid: { age(es003.liquidation_date): { above: 60 } } }",
        by_filing_date: true,
        prints: Prints::Days,
        evaluate: |call| {
            call.value(0).follows(|day| {
                let days = call.context.input.filing_date.signed_duration_since(day.date()?).num_days();
                Some(Val::Integer(days))
            })
        },
    },
    Function {
        name: "days_between",
        signature: "days_between(DATE, DATE)",
        takes: &[Parameter::Value(Type::Date), Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Integer),
        meaning: "days from the first date to the second; negative where the second is earlier",
        example: "{ each: entry, forbid: { \"days_between(es003.entry_date, es003.liquidation_date)\": { above: 400 } } }",
        by_filing_date: false,
        prints: Prints::Days,
        evaluate: |call| {
            call.both(|from, to| {
                Some(Val::Integer(to.date()?.signed_duration_since(from.date()?).num_days()))
            })
        },
    },
    Function {
        name: "is_or_was",
        signature: "is_or_was(DATE)",
        takes: &[Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Text),
        meaning: "text: `is 2027-02-17`, or `was 2027-02-17` where the filing date is later",
        example: "{ each: entry, require: { some: es003 }, message: 'the last day {is_or_was(es003.liquidation_date + 80 days)}' }",
        by_filing_date: true,
        prints: Prints::AsTyped,
        evaluate: |call| {
            call.value(0).follows(|last| {
                let last = last.date()?;
                let verb = if call.context.input.filing_date <= last { "is" } else { "was" };
                Some(Val::Text(format!("{verb} {last}").into()))
            })
        },
    },
    Function {
        name: "period_end",
        signature: "period_end(DATE)",
        takes: &[Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Text),
        meaning: "text, like `is_or_was`, for the last day of a period: where CBP is closed on it, the next working day, and the advice not to wait for that; *undecided* in years whose holidays are not listed",
        example: "{ each: entry, require: { some: es003 }, message: 'the last day {period_end(es003.liquidation_date + 180 days)}' }",
        by_filing_date: true,
        prints: Prints::AsTyped,
        evaluate: |call| {
            call.value(0).follows(|day| {
                let day = day.date()?;
                let last = call.context.holidays.next_working_day(day)?;
                let today = call.context.input.filing_date;
                let text = if last == day {
                    format!("{} {last}", if today <= last { "is" } else { "was" })
                } else if today < day {
                    format!(
                        "is {last}, because CBP is closed on {day}; do not wait for it, file before {day}"
                    )
                } else {
                    format!(
                        "{} {last}, because CBP was closed on {day}",
                        if today <= last { "is" } else { "was" }
                    )
                };
                Some(Val::Text(text.into()))
            })
        },
    },
    Function {
        name: "next_working_day",
        signature: "next_working_day(DATE)",
        takes: &[Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Date),
        meaning: "the day itself, or the first working day after it: a period that ends on a day on which CBP is closed ends then; *undecided* in years whose holidays are not listed",
        example: "{ each: entry, require: { filing_date: { on_or_before: next_working_day(es003.liquidation_date + 180 days) } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| {
            call.value(0).follows(|day| call.context.holidays.next_working_day(day.date()?).map(Val::Date))
        },
    },
    Function {
        name: "earliest",
        signature: "earliest(COLUMN) or earliest(DATE, DATE, …)",
        takes: &[Parameter::Dates],
        gives: Gives::Type(Type::Date),
        meaning: "the first of several dates, or of one column over the entry's rows",
        example: "{ each: entry, forbid: { earliest(es003.entry_date): { before: 2025-02-04 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.extreme(Ordering::Less),
    },
    Function {
        name: "latest",
        signature: "latest(COLUMN) or latest(DATE, DATE, …)",
        takes: &[Parameter::Dates],
        gives: Gives::Type(Type::Date),
        meaning: "the last of several dates, or of one column over the entry's rows",
        example: "{ each: entry, forbid: { latest(es003.entry_date): { after: 2026-02-23 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.extreme(Ordering::Greater),
    },
    Function {
        name: "total",
        signature: "total(TABLE.COLUMN)",
        takes: &[Parameter::Rows(Type::Money)],
        gives: Gives::Type(Type::Money),
        meaning: "sum of a money column over all rows of the entry; for some of them declare a figure",
        example: "{ each: entry, forbid: { total(es003.duty): 0 } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Rows(column)] => {
                Got::from_option(sum(call.context.all_rows(*column, call.scope)).map(Val::Money))
            }
            _ => Got::Unknown,
        },
    },
    Function {
        name: "line_total",
        signature: "line_total(COLUMN)",
        takes: &[Parameter::Line(Type::Money)],
        gives: Gives::Type(Type::Money),
        meaning: "sum of a money column over the rows of the same entry line",
        example: "{ each: es003, forbid: { line_total(es003.goods_value): 0 } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Line(column)] => {
                let row = call.scope.row(column.of);
                Got::from_option(row.and_then(|row| call.context.line_total(*column, row)).map(Val::Money))
            }
            _ => Got::Unknown,
        },
    },
    Function {
        name: "difference",
        signature: "difference(NUMBER, NUMBER)",
        takes: &[Parameter::Value(Type::Money), Parameter::Value(Type::Money)],
        gives: Gives::Type(Type::Money),
        meaning: "the first amount less the second",
        example: "{ each: es003, forbid: { \"difference(es003.goods_value, es003.duty)\": { below: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.both(|a, b| Some(Val::Money(a.number()?.checked_sub(b.number()?)?))),
    },
    Function {
        name: "ratio",
        signature: "ratio(NUMBER, NUMBER)",
        takes: &[Parameter::Number, Parameter::Number],
        gives: Gives::Type(Type::Money),
        meaning: "the first as a percentage of the second, such as `30`; undecided where the second is 0",
        example: "{ each: es003, forbid: { \"ratio(es003.duty, es003.goods_value)\": { above: 30 } } }",
        by_filing_date: false,
        prints: Prints::Plain,
        evaluate: |call| {
            call.both(|part, whole| {
                let whole = whole.number()?;
                let ratio = part.number()?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
                Some(Val::Money(ratio.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)))
            })
        },
    },
    Function {
        name: "percent",
        signature: "percent(RATE, MONEY)",
        takes: &[Parameter::Number, Parameter::Value(Type::Money)],
        gives: Gives::Type(Type::Money),
        meaning: "RATE percent of an amount, rounded to cents",
        example: "{ each: es003, require: { es003.duty: { near: \"percent(10, es003.goods_value)\", tolerance: 1 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| {
            let percent = || {
                let (rate, amount) = (call.known(0)?.number()?, call.known(1)?.number()?);
                let product = rate.checked_mul(amount)?.checked_mul(HUNDREDTH)?;
                Some(product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
            };
            Got::from_option(percent().map(Val::Money))
        },
    },
    Function {
        name: "filer_code",
        signature: "filer_code(ENTRY)",
        takes: &[Parameter::Value(Type::EntryNumber)],
        gives: Gives::Type(Type::Text),
        meaning: "the first 3 characters of an entry number, text",
        example: "{ each: entry, require: { filer_code(entry): [ABC, XYZ] } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| {
            call.value(0).follows(|number| match number {
                Val::Entry(number) => Some(Val::Text(number.filer_code().to_owned().into())),
                _ => None,
            })
        },
    },
    Function {
        name: "filer_codes",
        signature: "filer_codes(row.COLUMN)",
        takes: &[Parameter::DeclarationOf(Type::EntryNumber)],
        gives: Gives::Type(Type::Integer),
        meaning: "in `each: file`: how many different filer codes the file's entry numbers have (numbers that cannot be read do not count)",
        example: "{ each: file, require: { filer_codes(row.entry): { at_most: 1 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| Got::Val(Val::Integer(call.context.filer_codes(call.scope) as i64)),
    },
    Function {
        name: "distinct",
        signature: "distinct(row.COLUMN) or distinct(TABLE.COLUMN)",
        takes: &[Parameter::Declaration],
        gives: Gives::Type(Type::Integer),
        meaning: "in `each: file`: how many different values the column has over the file's entries (importer numbers by their 9 digits; blank cells do not count)",
        example: "{ each: file, require: { distinct(es003.importer_number): { at_most: 1 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Declaration(column)] => match call.context.distinct(*column, call.scope) {
                Ok(count) => Got::Val(Val::Integer(count as i64)),
                Err(_) => Got::Unknown,
            },
            _ => Got::Unknown,
        },
    },
    Function {
        name: "majority",
        signature: "majority(TABLE.COLUMN)",
        takes: &[Parameter::OfDeclaration(Type::ImporterNumber)],
        gives: Gives::Type(Type::ImporterNumber),
        meaning: "the importer number that more than half of the declaration's entries have (by its 9 digits); nothing where none has, undecided where none can be read",
        example: "{ each: entry, forbid: { es003.importer_number: { is_not: majority(es003.importer_number) } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Declaration(column)] => match call.context.majority(*column, call.scope) {
                Ok(Some(number)) => Got::Val(Val::Importer(number)),
                Ok(None) => Got::Nothing,
                Err(_) => Got::Unknown,
            },
            _ => Got::Unknown,
        },
    },
    Function {
        name: "client",
        signature: "client(IMPORTER)",
        takes: &[Parameter::Value(Type::ImporterNumber)],
        gives: Gives::Type(Type::Text),
        meaning: "the client of the account with this importer number, text; nothing where it is of none",
        example: "{ each: entry, forbid: { client(es003.importer_number): Made Up Imports } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.value(0) {
            _ if call.context.input.account.clients.is_empty() => Got::Nothing,
            Got::Val(Val::Importer(number)) => match call.context.input.account.client(&number) {
                Some(client) => Got::Val(Val::Text(client.name.raw().to_owned().into())),
                None => Got::Nothing,
            },
            Got::Val(_) | Got::Unknown => Got::Unknown,
            Got::Nothing => Got::Nothing,
        },
    },
    Function {
        name: "majority_client",
        signature: "majority_client(TABLE.COLUMN)",
        takes: &[Parameter::OfDeclaration(Type::ImporterNumber)],
        gives: Gives::Type(Type::Text),
        meaning: "the client of the account whose importer numbers more than half of the declaration's entries of clients have, text; nothing where none has",
        example: "{ each: entry, forbid: { client(es003.importer_number): { is_not: majority_client(es003.importer_number) } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Declaration(column)] => match call.context.majority_client(*column, call.scope) {
                Ok(Some(name)) => Got::Val(Val::Text(name.into())),
                Ok(None) => Got::Nothing,
                Err(_) => Got::Unknown,
            },
            _ => Got::Unknown,
        },
    },
    Function {
        name: "monthly_statement_due",
        signature: "monthly_statement_due(DATE)",
        takes: &[Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Date),
        meaning: "the 15th working day of the month after the date",
        example: "{ each: entry, require: { filing_date: { after: monthly_statement_due(es003.entry_date) } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| {
            call.value(0)
                .follows(|day| call.context.holidays.monthly_statement_due(day.date()?).map(Val::Date))
        },
    },
    Function {
        name: "lookup",
        signature: "lookup(LIST.COLUMN, CODE)",
        takes: &[Parameter::ListColumn, Parameter::Code],
        gives: Gives::ListColumn,
        meaning: "that column of the code list for this code (longest matching heading for hts), of several rows the last that has a value, so that a later file can add to a list or correct it; unknown where not listed or blank",
        example: "{ each: es003, forbid: { \"lookup(chapter99.authority, es003.hts)\": Section 122 } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| {
            let [Argument::ListColumn(list, column), _] = call.arguments else { return Got::Unknown };
            let list = &call.context.rules().code_lists[*list];
            let Some(code) = call.known(1) else { return Got::Unknown };
            let said = list.rows_for(&code.code()).iter().rev().find_map(|&row| {
                match &list.rows[row as usize][*column] {
                    CellReading::Value(value) => Some(Val::of_literal(value)),
                    _ => None,
                }
            });
            Got::from_option(said)
        },
    },
    Function {
        name: "rate_on",
        signature: "rate_on(LIST, HTS, DATE)",
        takes: &[Parameter::Rates, Parameter::Value(Type::Hts), Parameter::Value(Type::Date)],
        gives: Gives::Type(Type::Money),
        meaning: "percent in force for the heading on that date, from a list with `from`, `until`, `percent`; unknown where the list has no rate",
        example: "{ each: es003, forbid: { \"rate_on(ieepa_rates, es003.hts, es003.entry_date)\": { above: 100 } } }",
        by_filing_date: false,
        prints: Prints::Plain,
        evaluate: |call| {
            let [Argument::Rates(list), ..] = call.arguments else { return Got::Unknown };
            let rate = || call.context.rate_on(*list, &call.known(1)?.code(), call.known(2)?.date()?);
            Got::from_option(rate().map(Val::Money))
        },
    },
    Function {
        name: "exported",
        signature: "exported(TABLE)",
        takes: &[Parameter::Table(Dependency::Exported)],
        gives: Gives::Type(Type::Date),
        meaning: "the date the table was exported: the day that was provided, else the day that is written in its files, else, in its rows for the entries at hand, the newest date that is not after the filing date (of a table with liquidation dates, only those count)",
        example: "{ each: file, require: { exported(es003): { on_or_after: filing_date - 7 days } } }",
        by_filing_date: true,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Table(Dependency::Exported(table))] => {
                Got::from_option(call.context.exported(*table).map(Val::Date))
            }
            _ => Got::Unknown,
        },
    },
    Function {
        name: "export_of",
        signature: "export_of(TABLE)",
        takes: &[Parameter::RowOf],
        gives: Gives::Type(Type::Text),
        meaning: "text: the name of the file that the row at hand came from, of a table in several files; for an entry the file of all its rows, unknown where they came from several",
        example: "{ each: es003, forbid: { export_of(es003): { matches: old } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Value(Operand::Column(column))] => Got::from_option(
                call.context.export_of(*column, call.scope).map(|name| Val::Text(name.into())),
            ),
            _ => Got::Unknown,
        },
    },
    Function {
        name: "nearest",
        signature: "nearest(TABLE)",
        takes: &[Parameter::Table(Dependency::Written)],
        gives: Gives::Type(Type::EntryNumber),
        meaning: "the one entry number of the table that differs from the written one by one character or one transposition; blank where there is none or more than one",
        example: "{ each: row, forbid: { nearest(es003): { present: yes } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| match call.arguments {
            [Argument::Table(Dependency::Written(table))] => call
                .context
                .nearest(*table, call.scope)
                .map_or(Got::Nothing, |number| Got::Val(Val::Entry(number))),
            _ => Got::Unknown,
        },
    },
    Function {
        name: "preamble_rows",
        signature: "preamble_rows(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::PreambleRows, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "rows above the table's header",
        example: "{ each: file, forbid: { preamble_rows(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "unkeyed_rows",
        signature: "unkeyed_rows(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::UnkeyedRows, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "rows of the table whose key is not an entry number (totals)",
        example: "{ each: file, forbid: { unkeyed_rows(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "lost_rows",
        signature: "lost_rows(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::LostRows, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "those of the unkeyed rows that are data, so that some entry lost a row; the entries they may belong to are undecided",
        example: "{ each: file, forbid: { lost_rows(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "repeated_headers",
        signature: "repeated_headers(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::RepeatedHeaders, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "rows of the table that repeat its header; they are skipped",
        example: "{ each: file, forbid: { repeated_headers(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "partial",
        signature: "partial(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::Partial, table))],
        gives: Gives::Type(Type::Text),
        meaning: "text: why the table's files cannot have all rows of their entries (`no row has a Chapter 99 number`); nothing where they may",
        example: "{ each: file, forbid: { partial(es003): { present: yes } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "repeated_rows",
        signature: "repeated_rows(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::RepeatedRows, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "of a table in several files: rows, of entries on a declaration, that another file has too. They are left out, so that overlapping exports count once, and the row with more columns stays; equal rows within one file all count",
        example: "{ each: file, forbid: { repeated_rows(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "superseded_rows",
        signature: "superseded_rows(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::SupersededRows, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "of a table in several files whose export dates are known: rows, of entries on a declaration, that were left out because a newer file differs on the entry",
        example: "{ each: file, forbid: { superseded_rows(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "conflicting_columns",
        signature: "conflicting_columns(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::ConflictingColumns, table))],
        gives: Gives::Type(Type::Text),
        meaning: "text: columns of the files that were not read because another has a header of the same column, and that have another value in a row of an entry on a declaration (`` `Liq Date` beside `Liquidation Date` ``); nothing where there is none, or no rule reads the column",
        example: "{ each: file, forbid: { conflicting_columns(es003): { present: yes } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "read_otherwise",
        signature: "read_otherwise(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::ReadOtherwise, table))],
        gives: Gives::Type(Type::Text),
        meaning: "text: files of the table that could only be read by a guess, with what was guessed (`` `es003.csv` (semicolons, Windows-1252) ``): another character than the comma between the fields, or bytes that are not UTF-8; nothing where there is none",
        example: "{ each: file, forbid: { read_otherwise(es003): { present: yes } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "unread_columns",
        signature: "unread_columns(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::UnreadColumns, table))],
        gives: Gives::Type(Type::Text),
        meaning: "text: columns of the table's files that are not read, because no column has their header; each with the column that it looks like (`` `Prot Stat` (like `Protest Status`) ``). Of a table with lines only those that look like a column; nothing where there is none",
        example: "{ each: file, forbid: { unread_columns(es003): { present: yes } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "left_out_entries",
        signature: "left_out_entries(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::LeftOutEntries, table))],
        gives: Gives::Type(Type::Integer),
        meaning: "how many entries of the export would be ready and are on no declaration. Unless these entries are asked for, a rule that uses it is not in force; if they are, a rule with `each: entry` is applied to these entries instead of those declared",
        example: "{ each: file, forbid: { left_out_entries(es003): { above: 0 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
    Function {
        name: "left_out_duty",
        signature: "left_out_duty(TABLE)",
        takes: &[Parameter::Table(|table| Dependency::WholeFile(WholeFile::LeftOutDuty, table))],
        gives: Gives::Type(Type::Money),
        meaning: "their IEEPA duty",
        example: "{ each: file, forbid: { left_out_duty(es003): { above: 1000 } } }",
        by_filing_date: false,
        prints: Prints::AsTyped,
        evaluate: |call| call.whole_file(),
    },
];

/// The function of that name.
pub fn named(name: &str) -> Option<(FunctionId, &'static Function)> {
    let at = FUNCTIONS.iter().position(|function| function.name == name)?;
    Some((FunctionId(at as u8), &FUNCTIONS[at]))
}

impl Call {
    /// The function's block.
    pub fn function(&self) -> &'static Function {
        &FUNCTIONS[usize::from(self.function.0)]
    }
}

impl<'a> Context<'a> {
    /// What a call gives.
    pub(super) fn call(&self, call: &'a Call, scope: &Scope<'_>) -> Got<'a> {
        let Call { arguments, .. } = call;
        let evaluate = || (call.function().evaluate)(&FunctionCall { context: self, arguments, scope });
        // Of many rows that ask the same of their entry, only the first waits for the answer.
        let [Argument::Rows(column)] = arguments.as_slice() else { return evaluate() };
        let rows =
            self.table(column.table).zip(scope.entry).map_or(0, |(table, entry)| table.rows_of(entry).len());
        let Some(entry) = scope.entry.filter(|_| rows >= REMEMBERED) else { return evaluate() };
        let key = (std::ptr::from_ref(call) as usize, entry);
        let remembered = || self.of_entries.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered().get(&key).copied();
        if let Some(known) = known {
            return known.got();
        }
        let got = evaluate();
        let value = figures::FigureValue::of(&got);
        if value.got() == got {
            remembered().insert(key, value);
        }
        got
    }
}

/// From how many rows of an entry on the value of a function over all of them is remembered.
pub(super) const REMEMBERED: usize = 256;

#[cfg(test)]
/// The table of functions, for the reference.
pub fn reference() -> String {
    let mut table = String::from("| function | gives |\n|---|---|\n");
    for function in FUNCTIONS {
        let signature = function.signature.replace(" or ", "`, `");
        table.push_str(&format!("| `{signature}` | {} |\n", function.meaning));
    }
    table
}
