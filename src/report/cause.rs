//! Words why a rule is undecided, and the next step.
//!
//! How a step is taken depends on the frontend: a command line has flags, a page has fields. So each frontend
//! implements [`Frontend`], and the words here name neither.

use std::fmt;

use crate::cause::{SourceName, TableName, UndecidedCause};
use crate::outside::OutsideString;
use crate::report::text::thousands;
use crate::source::Sources;
use crate::table::csv::Damage;
use crate::table::schema::Type;
use crate::table::{FILE_NAME, ROW_NAME};

/// How the reader of a report takes the steps that it advises.
pub trait Frontend: fmt::Debug + Sync {
    /// How to provide a table; where it is `optional`, also how to state that there is nothing to list.
    fn provide_table(&self, table: &str, optional: bool) -> String {
        if optional {
            format!("provide the table `{table}`, or state that there is nothing to list")
        } else {
            format!("provide the table `{table}`")
        }
    }

    /// How entries that are held back by themselves are written for upload nevertheless: `stopped` or
    /// `undecided`.
    fn include(&self, level: &str) -> String {
        format!("{level} entries are included")
    }

    /// How to provide the name of a declaration's file.
    fn name_declaration(&self) -> String {
        "provide the name of the file".to_owned()
    }

    /// How to set a member of `account` in the configuration.
    fn set_account(&self, name: &str) -> String {
        format!("set `{name}` under `account` in capelint.yaml")
    }

    /// How to provide the day on which a table was exported.
    fn state_export_date(&self, table: &str) -> String {
        format!("provide the day on which `{table}` was exported")
    }

    /// How to see the clause of an entry that could not be computed.
    fn explain_entry(&self) -> String {
        "look at the explanation of the entry for the clause".to_owned()
    }

    /// How to repair what `fix` can repair in these declarations.
    fn repair(&self, declarations: &[&str]) -> String {
        format!("plan the upload of {} and write its files", declarations.join(", "))
    }

    /// How to see all of what a report leaves out to stay short.
    fn show_all(&self) -> String {
        "render it without limits, or in the format `full`".to_owned()
    }

    /// What shows every finding of a rule, where a report stops at a number of them.
    fn lift_cap(&self) -> String {
        "a report without `max_per_rule`".to_owned()
    }

    /// How to see what a rule reads.
    fn explain_rule(&self, rule: &str) -> String {
        format!("look at the explanation of `{rule}` for what it reads")
    }
}

/// The default, for a caller without words of its own.
#[derive(Debug)]
pub struct Library;

impl Frontend for Library {}

impl UndecidedCause {
    /// What is unknown, and why.
    pub fn text(&self, sources: &Sources) -> OutsideString {
        text(self, sources).into()
    }

    /// The next step, as it is taken in a frontend.
    pub fn help(&self, frontend: &dyn Frontend) -> OutsideString {
        help(self, frontend).into()
    }
}

impl SourceName {
    /// The source in words: `Protest Status` of a file, or a list.
    pub fn text(&self) -> OutsideString {
        match self {
            Self::Table(table) => format!("the `{}` table", table.name).into(),
            Self::Column(column) => format!("`{}`", column.header.raw()).into(),
        }
    }
}

/// What is unknown, and why.
fn text(cause: &UndecidedCause, sources: &Sources) -> String {
    match cause {
        UndecidedCause::NoTable(table) => format!("no `{}` table was provided", table.name),
        UndecidedCause::NoColumn { column, file, near, .. } => {
            let files = files(&column.table);
            let said = format!(
                "{} has no column `{}`",
                file.as_ref().map_or(&*files, OutsideString::raw),
                column.header.raw()
            );
            match near.as_slice() {
                [] => said,
                [near] => format!("{said}, but `{}` looks like it", near.raw()),
                near => {
                    format!("{said}, but `{}` look like it", OutsideString::joined(near, "` and `").raw())
                }
            }
        }
        UndecidedCause::NoRows(table) => {
            let has = if table.files.len() < 2 { "has" } else { "have" };
            format!("{} {has} no row for the entry", files(table))
        }
        UndecidedCause::Blank { column, file } => {
            let files = files(&column.table);
            format!(
                "`{}` is blank in {}",
                column.header.raw(),
                file.as_ref().map_or(&*files, OutsideString::raw)
            )
        }
        UndecidedCause::Unreadable { column, kind, value } => {
            let (header, value) = (column.header.raw(), value.raw());
            match kind {
                Type::Choice => format!("`{header}` is \"{value}\", which is not a known value"),
                Type::ImporterNumber => format!("`{header}` cannot be read as {}", a(*kind)),
                Type::Text
                | Type::EntryNumber
                | Type::Hts
                | Type::Date
                | Type::Money
                | Type::Integer
                | Type::YesNo => format!("`{header}` cannot be read as {} (\"{value}\")", a(*kind)),
            }
        }
        UndecidedCause::TwoDays { column, value } => format!(
            "`{}` is \"{value}\", which can be read as two dates: other dates of the table have the day first",
            column.header.raw(),
            value = value.raw()
        ),
        UndecidedCause::ExchangedDays { column, value } => format!(
            "`{}` is \"{value}\", a date whose day and month a spreadsheet may have exchanged: no real date of the file has a day above 12, and all days above 12 are texts",
            column.header.raw(),
            value = value.raw()
        ),
        UndecidedCause::RepeatedAmount { column, value, .. } => format!(
            "`{}` is \"{value}\" in every row of the line, so it may be an amount of the line and not of the HTS number",
            column.header.raw(),
            value = value.raw()
        ),
        UndecidedCause::LostRow { value, place, .. } => {
            let place = sources.show(*place);
            match value.raw() {
                "" => format!("the row at {place} has no entry number, so it may belong to the entry"),
                value => format!(
                    "the row at {place} has an entry number that cannot be read (\"{value}\"), so it may belong to the entry"
                ),
            }
        }
        UndecidedCause::ExportsDiffer { table, place } => format!(
            "{} disagree on the entry (first at {}), and it is not known which export is newer",
            files(table),
            sources.show(*place)
        ),
        UndecidedCause::StatusNotRead { table, header, like: Some(like) } => format!(
            "{} has no column `{like}`, but `{header}`, which may be it and is not read; being on the list alone decides nothing",
            files(table),
            like = like.raw(),
            header = header.raw()
        ),
        UndecidedCause::StatusNotRead { table, header, like: None } => format!(
            "{} has a column `{header}`, which is not read and may matter; being on the list alone decides nothing",
            files(table),
            header = header.raw()
        ),
        UndecidedCause::RowMayNotCount { table, header } => format!(
            "the row in {} may not count: its `{header}` is blank or means no, and the list has no status column",
            files(table),
            header = header.raw()
        ),
        UndecidedCause::Partial { table, partial, duty_columns } => {
            let said =
                format!("{} cannot have all rows of its entries: {}", files(table), partial.describe());
            match duty_columns.as_slice() {
                [] => said,
                columns => format!(
                    "{said}; IEEPA duty is read from Chapter 99 rows, not from `{}`",
                    OutsideString::joined(columns, "`, `").raw()
                ),
            }
        }
        UndecidedCause::DamagedRow { damage, place, .. } => {
            let place = sources.show(*place);
            match damage {
                Damage::Ragged => format!(
                    "the row has a cell too many for the header, at {place}, so none of its cells can be trusted"
                ),
                Damage::UnterminatedQuote | Damage::TextAfterQuote => format!(
                    "a quote at {place} does not close where its cell ends, so none of the row's cells can be trusted"
                ),
                Damage::Nul | Damage::BadEncoding => {
                    format!("the row is damaged at {place}, so none of its cells can be trusted")
                }
            }
        }
        UndecidedCause::Conflict(column) => {
            format!("the entry's rows in {} disagree on `{}`", files(&column.table), column.header.raw())
        }
        UndecidedCause::NoSetting { name } => format!("`account.{name}` is not set"),
        UndecidedCause::NoExportDate(table) => {
            let was = if table.files.len() < 2 { "was" } else { "were" };
            format!("it is not known when {} {was} exported", files(table))
        }
        UndecidedCause::TooManyRows { table, limit } => format!(
            "the entry has more than {} rows in {}, and the rule compares each of them with all",
            thousands(*limit),
            files(table)
        ),
        UndecidedCause::Unlisted { column, value, list, lacks } => {
            let said =
                format!("`{}` is \"{}\" in {}", column.header.raw(), value.raw(), files(&column.table));
            match lacks {
                Some(lacks) => format!("{said}, for which the code list `{list}` has no `{lacks}`"),
                None => format!("{said}, which is not in the code list `{list}`"),
            }
        }
        UndecidedCause::NotComputed { rule: Some(_) } => "a figure it needs is not known".to_owned(),
        UndecidedCause::NotComputed { rule: None } => {
            "a figure it needs is not known for this entry".to_owned()
        }
    }
}

/// The next step.
fn help(cause: &UndecidedCause, frontend: &dyn Frontend) -> String {
    match cause {
        UndecidedCause::NoTable(table) => frontend.provide_table(&table.name, table.is_optional),
        UndecidedCause::NoColumn { column, near, .. } if !near.is_empty() => format!(
            "if it is `{}`, add its header to the `headers` of {}.{} in a rule file, or rename the column",
            column.header.raw(), column.table.name, column.name
        ),
        UndecidedCause::NoColumn { add, unread, column, .. } => {
            let add = add.as_ref().map_or("add the column to the file", OutsideString::raw);
            match unread.as_slice() {
                [] => add.to_owned(),
                unread => format!(
                    "if it is there under another name (not read: `{}`), add that header to the `headers` of {}.{} in a rule file; otherwise {add}",
                    OutsideString::joined(unread, "`, `").raw(), column.table.name, column.name
                ),
            }
        }
        UndecidedCause::NoRows(_) => "export the table again so that it covers the entry".to_owned(),
        UndecidedCause::Blank { column, .. } if column.table.name == FILE_NAME => frontend.name_declaration(),
        UndecidedCause::Blank { column, .. } if column.table.name == ROW_NAME || column.table.is_optional => {
            "fill in the cell".to_owned()
        }
        UndecidedCause::Blank { .. } => "look the entry up in ACE and export again".to_owned(),
        UndecidedCause::Unreadable { kind: Type::Choice, value, .. } if value.raw().starts_with('#') => {
            "correct the formula or the look-up behind the cell, and export again".to_owned()
        }
        UndecidedCause::Unreadable { column, kind: Type::Choice, .. } => format!(
            "if its meaning is clear, add the text to the choices of {}.{} in a rule file",
            column.table.name, column.name
        ),
        UndecidedCause::Unreadable { kind, .. } => format!("correct the cell and export again; {}", forms(*kind)),
        UndecidedCause::ExchangedDays { .. } => "export it again and do not open the CSV by double click: import it \
                                                 (Data, From Text/CSV) with the date columns as text or as MM/DD/YYYY"
            .to_owned(),
        UndecidedCause::RepeatedAmount { wanted, .. } => format!(
            "in ACE Reports, replace the column with `{}`, which has the amount of each HTS number, and export again",
            wanted.raw()
        ),
        UndecidedCause::LostRow { .. } => "correct the entry number in this row, or export the table again with the \
                                           entry number as text in every row"
            .to_owned(),
        UndecidedCause::ExportsDiffer { .. } => {
            "pass only the newest export, or export all of them again on one day".to_owned()
        }
        UndecidedCause::StatusNotRead { table, header, like: Some(_) } => format!(
            "if `{header}` is the status, add it to the column's `headers` and its texts to the `choices` of table `{}` in a rule file; or delete the rows that no longer count, and the column",
            table.name,
            header = header.raw()
        ),
        UndecidedCause::StatusNotRead { .. } => {
            "delete the rows that do not count, and the column, and check again".to_owned()
        }
        UndecidedCause::RowMayNotCount { header, .. } => {
            format!("delete the row from the list if it does not count; if it does, correct `{}`", header.raw())
        }
        UndecidedCause::Partial { .. } => "remove the filters and grouping of the report, so that it has one row for \
                                           each HTS number of each line, and export it again"
            .to_owned(),
        UndecidedCause::TwoDays { .. } => "export it with dates as MM/DD/YYYY or YYYY-MM-DD".to_owned(),
        UndecidedCause::DamagedRow { damage, .. } => match damage {
            Damage::Ragged => {
                "put double quotes (\") around the cell that has the delimiter in it; where all rows end in \
                 a delimiter, end the header in one"
                    .to_owned()
            }
            Damage::UnterminatedQuote | Damage::TextAfterQuote => {
                "correct the quotes, or export the table again".to_owned()
            }
            Damage::Nul | Damage::BadEncoding => "export the table again".to_owned(),
        },
        UndecidedCause::Conflict(_) => "export the table again in one go".to_owned(),
        UndecidedCause::NoSetting { name } => frontend.set_account(name),
        UndecidedCause::NoExportDate(table) => frontend.state_export_date(&table.name),
        UndecidedCause::TooManyRows { .. } => {
            "compare the rows of one line (`on: line`), or declare a figure of the entry and compare with that"
                .to_owned()
        }
        UndecidedCause::Unlisted { list, lacks: Some(_), .. } => {
            format!("find it out, and add it to `{list}` in your own rule file (`extends: yes`, `rows`)")
        }
        UndecidedCause::Unlisted { list, lacks: None, .. } => {
            format!("find out what it is, and add it to `{list}` in your own rule file (`extends: yes`, `rows`)")
        }
        UndecidedCause::NotComputed { rule: Some(rule) } => frontend.explain_rule(rule),
        UndecidedCause::NotComputed { rule: None } => frontend.explain_entry(),
    }
}

/// The forms in which a type is read.
pub fn forms(kind: Type) -> &'static str {
    match kind {
        Type::Date => "dates are read as MM/DD/YYYY, YYYY-MM-DD, 15-Oct-2026 or 20261015",
        Type::Money => "amounts are read as 1234.56, $1,234.56 or (1,234.56)",
        Type::Integer => "whole numbers are read as 1234 or 1,234",
        Type::Hts => "HTS numbers are read as 4, 6, 8 or 10 digits, with or without dots",
        Type::EntryNumber => "entry numbers are read as 11 characters, with or without dashes",
        Type::ImporterNumber => "importer numbers are read as NN-NNNNNNN, NNN-NN-NNNN or YYDDPP-NNNNN",
        Type::YesNo => "yes and no are read as Y, N, yes, no, true or false",
        Type::Choice | Type::Text => "a text that a spreadsheet shows for an error is not read",
    }
}

/// What a table's files are called.
fn files(table: &TableName) -> String {
    match table.files.as_slice() {
        [] => table.title.raw().to_owned(),
        [only] => only.raw().to_owned(),
        files => format!("the {} `{}` files", files.len(), table.name),
    }
}

/// What a cell of a type has to be.
fn a(kind: Type) -> &'static str {
    match kind {
        Type::Date => "a date",
        Type::Money => "an amount",
        Type::Integer => "a number",
        Type::Hts => "an HTS number",
        Type::EntryNumber => "an entry number",
        Type::ImporterNumber => "an importer number",
        Type::YesNo => "yes or no",
        Type::Text | Type::Choice => "a text",
    }
}
