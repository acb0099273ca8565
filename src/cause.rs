//! Why a rule is undecided: what was missing, as data.
//!
//! Reports put a cause in words ([`UndecidedCause::text`]), and each frontend its next step.

use strum::IntoStaticStr;

use crate::outside::OutsideString;
use crate::source::Place;
pub use crate::table::Partial;
pub use crate::table::csv::Damage;
pub use crate::table::schema::Type;

/// A table, as causes call it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableName {
    /// Its name in rule files, such as `es003`.
    pub name: String,
    /// Its title, such as `ES-003 Entry Summary Line Tariff Details`.
    pub title: OutsideString,
    /// The names of its files; empty where none was provided.
    pub files: Vec<OutsideString>,
    /// Whether it is a list that the user may well not have.
    pub is_optional: bool,
}

/// A column of a table, as causes call it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColumnName {
    /// The table.
    pub table: TableName,
    /// Its name in rule files, such as `liquidation_date`.
    pub name: String,
    /// Its first header, such as `Liquidation Date`.
    pub header: OutsideString,
}

/// A source of evidence, of a rule that may take it from several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceName {
    /// A list.
    Table(TableName),
    /// A column of the ES-003 or of the declaration.
    Column(ColumnName),
}

/// Why a rule is undecided.
#[derive(Clone, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum UndecidedCause {
    /// No file of the table was provided.
    NoTable(TableName),
    /// A file of the table has no such column.
    NoColumn {
        /// The column.
        column: ColumnName,
        /// The first file without it.
        file: Option<OutsideString>,
        /// How to add it, where the table's declaration has it.
        add: Option<OutsideString>,
        /// Headers of that file which no column has and which come near the column's.
        near: Vec<OutsideString>,
        /// The first of that file's other headers which no column has: one of them may be the column under
        /// quite another name.
        unread: Vec<OutsideString>,
    },
    /// The entry is not in the table.
    NoRows(TableName),
    /// The cell is blank.
    Blank {
        /// Its column.
        column: ColumnName,
        /// The file of the first such cell.
        file: Option<OutsideString>,
    },
    /// The cell cannot be read as its column's type.
    Unreadable {
        /// Its column.
        column: ColumnName,
        /// The column's type.
        kind: Type,
        /// The first such cell's text, importer numbers masked.
        value: OutsideString,
    },
    /// The cell is a date that could be two days, because other dates of the table have the day first.
    #[strum(serialize = "ambiguous_date")]
    TwoDays {
        /// Its column.
        column: ColumnName,
        /// The first such cell's text.
        value: OutsideString,
    },
    /// The cell is a date whose day and month a spreadsheet may have exchanged: in its column there are
    /// real dates with no day above 12, and texts whose second number is above 12.
    #[strum(serialize = "exchanged_date")]
    ExchangedDays {
        /// Its column.
        column: ColumnName,
        /// The first such cell's text.
        value: OutsideString,
    },
    /// The cell is an amount that is in every row of its line, so that it may be the line's and not the
    /// HTS number's.
    RepeatedAmount {
        /// Its column.
        column: ColumnName,
        /// The first header of that column.
        wanted: OutsideString,
        /// The first such cell's text.
        value: OutsideString,
    },
    /// A row of the table has no readable entry number, and may belong to the entry.
    LostRow {
        /// The table.
        table: TableName,
        /// What is in the place of the number; may be blank.
        value: OutsideString,
        /// Where.
        place: Place,
    },
    /// Two exports have different values for the entry, and it is not known which is newer.
    ExportsDiffer {
        /// The table.
        table: TableName,
        /// A row that is not in all of them.
        place: Place,
    },
    /// A list has no column for the meaning of being on it, but one that may be that, under a header that is
    /// not known.
    StatusNotRead {
        /// The table.
        table: TableName,
        /// The header of that column.
        header: OutsideString,
        /// The column of the table that it may be, by its first header; `None` where the table has none.
        like: Option<OutsideString>,
    },
    /// A list has no column for the meaning of being on it, and a cell of the entry's row indicates that the
    /// row does not count: a blank number of what was filed, or a remark such as `withdrawn`.
    RowMayNotCount {
        /// The table.
        table: TableName,
        /// The header of the cell.
        header: OutsideString,
    },
    /// The table's files cannot have all rows of their entries.
    #[strum(serialize = "partial_table")]
    Partial {
        /// The table.
        table: TableName,
        /// Why not.
        partial: Partial,
        /// Headers of columns that are not read and seem to have the IEEPA duty.
        duty_columns: Vec<OutsideString>,
    },
    /// The row is damaged, so that none of its cells can be trusted to be in its column.
    DamagedRow {
        /// The column that the rule reads.
        column: ColumnName,
        /// How it is damaged.
        damage: Damage,
        /// Where.
        place: Place,
    },
    /// The rows of the entry disagree.
    Conflict(ColumnName),
    /// The configuration does not have it.
    NoSetting {
        /// The member of `account`.
        name: &'static str,
    },
    /// It is unknown when the table was exported.
    NoExportDate(TableName),
    /// The entry has so many rows that a rule on each of them does not look at all of them for each.
    TooManyRows {
        /// The table.
        table: TableName,
        /// The most rows that an entry may have for that.
        limit: usize,
    },
    /// A code list does not have the code, or has nothing of what the rule asks about it.
    Unlisted {
        /// The column with the code.
        column: ColumnName,
        /// The code.
        value: OutsideString,
        /// The code list.
        list: String,
        /// The list's column that is blank for the code; `None` where the list does not have the code.
        lacks: Option<String>,
    },
    /// A figure cannot be computed from the cells there are (a rate or a holiday that is not known).
    NotComputed {
        /// The rule, where it looks at a declaration as a whole: no entry's explanation has it.
        rule: Option<String>,
    },
}

impl UndecidedCause {
    /// The name of its kind in machine-readable reports.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// Whether its next step is to have the entry explained.
    pub fn needs_explanation(&self) -> bool {
        match self {
            Self::NotComputed { .. } => true,
            Self::NoTable(_)
            | Self::NoColumn { .. }
            | Self::NoRows(_)
            | Self::Blank { .. }
            | Self::Unreadable { .. }
            | Self::TwoDays { .. }
            | Self::ExchangedDays { .. }
            | Self::RepeatedAmount { .. }
            | Self::LostRow { .. }
            | Self::ExportsDiffer { .. }
            | Self::StatusNotRead { .. }
            | Self::RowMayNotCount { .. }
            | Self::Partial { .. }
            | Self::DamagedRow { .. }
            | Self::Conflict(_)
            | Self::NoSetting { .. }
            | Self::NoExportDate(_)
            | Self::TooManyRows { .. }
            | Self::Unlisted { .. } => false,
        }
    }

    /// Whether another cause differs in nothing but the cell or row that it names: of one rule both are reported
    /// together, with the first.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        #[derive(PartialEq)]
        enum CellCause {
            Blank,
            Unreadable,
            DoubtfulRow,
        }
        let kind = |cause: &Self| match cause {
            Self::Blank { .. } => Some(CellCause::Blank),
            Self::Unreadable { .. }
            | Self::TwoDays { .. }
            | Self::ExchangedDays { .. }
            | Self::RepeatedAmount { .. }
            | Self::DamagedRow { .. } => Some(CellCause::Unreadable),
            Self::LostRow { .. } | Self::ExportsDiffer { .. } => Some(CellCause::DoubtfulRow),
            Self::NoTable(_)
            | Self::NoColumn { .. }
            | Self::NoRows(_)
            | Self::StatusNotRead { .. }
            | Self::RowMayNotCount { .. }
            | Self::Partial { .. }
            | Self::Conflict(_)
            | Self::NoSetting { .. }
            | Self::NoExportDate(_)
            | Self::TooManyRows { .. }
            | Self::Unlisted { .. }
            | Self::NotComputed { .. } => None,
        };
        let is_one_kind = || kind(self).is_some() && kind(self) == kind(other);
        let is_one_place = || (self.table(), self.column()) == (other.table(), other.column());
        self == other || is_one_kind() && is_one_place()
    }

    /// The table that it is about.
    pub fn table(&self) -> Option<&TableName> {
        match self {
            Self::NoTable(table)
            | Self::NoRows(table)
            | Self::NoExportDate(table)
            | Self::TooManyRows { table, .. }
            | Self::LostRow { table, .. }
            | Self::Partial { table, .. }
            | Self::ExportsDiffer { table, .. }
            | Self::StatusNotRead { table, .. }
            | Self::RowMayNotCount { table, .. } => Some(table),
            Self::NoColumn { .. }
            | Self::Blank { .. }
            | Self::Unreadable { .. }
            | Self::TwoDays { .. }
            | Self::ExchangedDays { .. }
            | Self::RepeatedAmount { .. }
            | Self::DamagedRow { .. }
            | Self::Conflict(_)
            | Self::Unlisted { .. } => self.column().map(|column| &column.table),
            Self::NoSetting { .. } | Self::NotComputed { .. } => None,
        }
    }

    /// The column that it is about.
    pub fn column(&self) -> Option<&ColumnName> {
        match self {
            Self::NoColumn { column, .. }
            | Self::Blank { column, .. }
            | Self::Unreadable { column, .. }
            | Self::TwoDays { column, .. }
            | Self::ExchangedDays { column, .. }
            | Self::RepeatedAmount { column, .. }
            | Self::DamagedRow { column, .. }
            | Self::Conflict(column)
            | Self::Unlisted { column, .. } => Some(column),
            Self::NoTable(_)
            | Self::NoRows(_)
            | Self::LostRow { .. }
            | Self::Partial { .. }
            | Self::ExportsDiffer { .. }
            | Self::StatusNotRead { .. }
            | Self::RowMayNotCount { .. }
            | Self::NoExportDate(_)
            | Self::TooManyRows { .. }
            | Self::NoSetting { .. }
            | Self::NotComputed { .. } => None,
        }
    }

    /// How the row is damaged, where it is.
    pub fn damage(&self) -> Option<Damage> {
        match self {
            Self::DamagedRow { damage, .. } => Some(*damage),
            _ => None,
        }
    }

    /// Why the files of the table cannot have all rows of their entries, where that is the cause.
    pub fn partial(&self) -> Option<Partial> {
        match self {
            Self::Partial { partial, .. } => Some(*partial),
            _ => None,
        }
    }

    /// The first file with such a cell, or without the column.
    pub fn file(&self) -> Option<&OutsideString> {
        match self {
            Self::NoColumn { file, .. } | Self::Blank { file, .. } => file.as_ref(),
            _ => None,
        }
    }

    /// The text of the first such cell, where it cannot be used.
    pub fn value(&self) -> Option<&OutsideString> {
        match self {
            Self::Unreadable { value, .. }
            | Self::TwoDays { value, .. }
            | Self::ExchangedDays { value, .. }
            | Self::RepeatedAmount { value, .. }
            | Self::LostRow { value, .. }
            | Self::Unlisted { value, .. } => Some(value),
            Self::NoTable(_)
            | Self::NoColumn { .. }
            | Self::NoRows(_)
            | Self::Blank { .. }
            | Self::Partial { .. }
            | Self::ExportsDiffer { .. }
            | Self::StatusNotRead { .. }
            | Self::RowMayNotCount { .. }
            | Self::DamagedRow { .. }
            | Self::Conflict(_)
            | Self::NoSetting { .. }
            | Self::NoExportDate(_)
            | Self::TooManyRows { .. }
            | Self::NotComputed { .. } => None,
        }
    }
}
