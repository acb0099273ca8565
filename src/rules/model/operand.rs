//! What a rule reads: columns, fields of the account, figures, settings and functions of them, and what a value follows
//! from.

use rust_decimal::Decimal;

use super::{FigureId, SettingId};
use crate::calendar::Unit;
use crate::table::TableId;
use crate::table::schema::Type;
use crate::table::value::Value;

/// A column as a rule refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    /// The table.
    pub table: TableId,
    /// The schema's column.
    pub column: u16,
    /// Whose value.
    pub of: Frame,
}

/// Whose value of a column is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// The declaration file's (only [`crate::table::FILE`]).
    File,
    /// The declaration row's (only [`crate::table::ROW`]); for `each: entry` the entry's first row.
    Declared,
    /// What all rows of the entry agree on.
    Entry,
    /// What all rows of the line that the rule is applied to agree on (`each: line`).
    Line,
    /// The row the rule is applied to (`each: TABLE`), or the first of its line (`each: line`).
    Own,
    /// The row that the n-th enclosing quantifier looks at; 0 is the innermost.
    Inner(u8),
}

/// A value that is found during the evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A literal.
    Literal(Value),
    /// A literal choice, by name: compared by name so that tables may number theirs differently.
    Choice(Box<str>),
    /// A column.
    Column(ColumnRef),
    /// The filing date.
    FilingDate,
    /// The day on which the pack was last checked against CBP's pages.
    PackVerified,
    /// The entry number.
    Entry,
    /// A field of the account; many values, compared as "one of".
    Account(AccountField),
    /// A date moved by a number of units, which may be negative.
    Shift {
        /// The date.
        date: Box<Operand>,
        /// How many units; negative goes back.
        by: i32,
        /// The setting that is multiplied with it.
        times: Option<SettingId>,
        /// The unit.
        unit: Unit,
    },
    /// A function.
    Call(Box<Call>),
    /// A named figure; of a line, that of the row of the frame.
    Figure(FigureId, Frame),
    /// A setting.
    Setting(SettingId),
}

/// A field of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountField {
    /// `importer` or `broker`.
    Role,
    /// The importer numbers the account may file for.
    ImporterNumbers,
    /// The filer codes the account may file under.
    FilerCodes,
    /// Filer codes of couriers that are importers of record themselves.
    CourierFilerCodes,
}

impl AccountField {
    /// All fields with the names that rule files use.
    pub const ALL: [(&'static str, Self, Type); 4] = [
        ("role", Self::Role, Type::Choice),
        ("importer_numbers", Self::ImporterNumbers, Type::ImporterNumber),
        ("filer_codes", Self::FilerCodes, Type::Text),
        ("courier_filer_codes", Self::CourierFilerCodes, Type::Text),
    ];
}

/// A function with its arguments. Its block in [`crate::judge::functions`] defines what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function.
    pub function: FunctionId,
    /// What it is called with.
    pub arguments: Vec<Argument>,
}

/// Identifies a function: its index in [`crate::judge::functions::FUNCTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionId(pub u8);

/// What a function is called with.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A value.
    Value(Operand),
    /// A column over the entry's rows.
    Rows(ColumnRef),
    /// A column over the rows on the same line as the column's row.
    Line(ColumnRef),
    /// A column over the entries of the declaration file.
    Declaration(ColumnRef),
    /// What is read of a table as a whole.
    Table(Dependency),
    /// A code list and its column.
    ListColumn(usize, usize),
    /// A code list with rates over time.
    Rates(usize),
}

/// Something that a value follows from, besides the rule itself, its pack and the filing date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// The entry number.
    Entry,
    /// A field of the account.
    Account(AccountField),
    /// A column's cell.
    Cell(ColumnRef),
    /// Whether a column's cell can be read, and nothing else of it.
    Readability(ColumnRef),
    /// A column's cells in all rows of the entry.
    Rows(ColumnRef),
    /// A column's cells in the rows on the same line as the column's row.
    Line(ColumnRef),
    /// A column's cells for all entries of the declaration file.
    Declaration(ColumnRef),
    /// The day a table was exported, which may be the newest date in it.
    Exported(TableId),
    /// The declaration's number as it is written, and the numbers of the table that it may mean.
    Written(TableId),
    /// A figure of a table's whole files.
    WholeFile(WholeFile, TableId),
    /// A named figure: what the figure reads is visited by the caller, which has the figures.
    Figure(FigureId, Frame),
}

impl Dependency {
    /// The table of which something is read that only the whole export shows: its totals, or when it was exported.
    pub fn whole_export(self) -> Option<TableId> {
        match self {
            Self::Exported(table) | Self::WholeFile(_, table) => Some(table),
            // What a figure reads is visited by the caller.
            Self::Entry
            | Self::Account(_)
            | Self::Cell(_)
            | Self::Readability(_)
            | Self::Rows(_)
            | Self::Line(_)
            | Self::Declaration(_)
            | Self::Written(_)
            | Self::Figure(..) => None,
        }
    }

    /// The column whose cells are read.
    pub fn column(self) -> Option<ColumnRef> {
        match self {
            Self::Cell(column)
            | Self::Readability(column)
            | Self::Rows(column)
            | Self::Line(column)
            | Self::Declaration(column) => Some(column),
            Self::Entry
            | Self::Account(_)
            | Self::Exported(_)
            | Self::Written(_)
            | Self::WholeFile(..)
            | Self::Figure(..) => None,
        }
    }
}

/// The value of a function that reads whole files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WholeFile {
    /// Rows above the table's header.
    PreambleRows,
    /// Rows of the table whose key is not an entry number.
    UnkeyedRows,
    /// Those of them that are data, so that some entry lost a row.
    LostRows,
    /// Rows of the table that repeat its header.
    RepeatedHeaders,
    /// Why the table's files cannot have all rows of their entries.
    Partial,
    /// Rows of the kept entries that are in an earlier file of the table too.
    RepeatedRows,
    /// Rows that were left out because a newer file contradicts them about their entry.
    SupersededRows,
    /// Columns of the table's files that were not read, because another has a header of the same column, and
    /// that differ from it.
    ConflictingColumns,
    /// Files of the table that are read by a guess: not separated by commas, or as Windows-1252.
    ReadOtherwise,
    /// Columns of the table's files that are read as nothing.
    UnreadColumns,
    /// Entries of the table that no declaration names and that would be ready; only where they are asked for.
    LeftOutEntries,
    /// Their IEEPA duty; only where they are asked for.
    LeftOutDuty,
}

/// What replaces [`WholeFile`] in the rules' own tests.
#[derive(Clone, Debug, PartialEq)]
pub enum Stated {
    /// A number.
    Number(Decimal),
    /// A text.
    Text(String),
}
