//! Compiled rules: what [`crate::judge`] evaluates.
//!
//! Everything here is resolved and type-checked: tables, columns and code lists are indices,
//! literals are values, patterns are compiled. Each clause keeps its [`Place`] in the rule file,
//! so that an explanation can point at the one that decided.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use hashbrown::HashMap;
use regex::Regex;
use rust_decimal::Decimal;

use schemars::JsonSchema;
use serde::Deserialize;
use strum::IntoStaticStr;

pub use crate::finding::{Fix, Pack, Remedy, RuleId, Severity};
use crate::source::{FileId, Place};
use crate::table::TableId;
use crate::table::schema::{Schema, Type};
use crate::table::value::{CellReading, Value};

/// Everything that the rule files of a run declare.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Which pack this is.
    pub pack: Pack,
    /// All tables, by [`TableId`]; the first two are [`crate::table::FILE`] and [`crate::table::ROW`].
    pub schemas: Vec<Arc<Schema>>,
    /// All code lists.
    pub code_lists: Vec<CodeList>,
    /// The rules, in the order of their files. Rules that were replaced or turned off are gone.
    pub rules: Vec<Rule>,
    /// The named parts of code lists, and each list as a whole under its own name.
    pub selections: Vec<CodeSet>,
    /// The named conditions, and where each is.
    pub conditions: Vec<(String, Place)>,
    /// The named steps, and where each is.
    pub steps: Vec<(String, Place)>,
    /// The named figures, by [`FigureId`].
    pub figures: Vec<Figure>,
    /// The settings, by [`SettingId`].
    pub settings: Vec<Setting>,
    /// Federal holidays, from the code list of that name, sorted.
    pub holidays: Vec<NaiveDate>,
    /// Rules that some file turned off: known, but off.
    pub off: Vec<Off>,
    /// The tables and code lists that a file adds to, by name, with the place where it does.
    pub extended: Vec<(String, Place)>,
}

/// A rule that a rule file turned off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// Its name, as in the file that turned it off.
    pub id: String,
    /// First and last day on which it would be in force.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// The file that turned it off.
    pub by: FileId,
}

impl Off {
    /// Whether the rule would be in force for declarations filed on that day.
    pub fn in_force(&self, filing_date: NaiveDate) -> bool {
        is_within(self.effective, filing_date)
    }
}

fn is_within((from, until): (Option<NaiveDate>, Option<NaiveDate>), day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// One line: what it checks.
    pub title: String,
    /// The stage of CBP's checks that it belongs to: the name of its file, without `.yaml`.
    pub stage: String,
    /// How bad a violation is.
    pub severity: Severity,
    /// What it is applied to.
    pub each: Each,
    /// When it applies; `None`: always.
    pub when: Option<Condition>,
    /// Whether `condition` must be true (`require`) or must not (`forbid`).
    pub forbids: bool,
    /// What is required or forbidden.
    pub condition: Condition,
    /// What is wrong, with placeholders.
    pub message: Template,
    /// The next step, with placeholders: the first case that applies. Empty: none.
    pub help: Vec<HelpCase>,
    /// Cells to label, with the texts of the labels. Empty: the cells that decided.
    pub labels: Vec<(ColumnRef, Template)>,
    /// CBP's own message.
    pub cbp: Option<String>,
    /// Where it is written.
    pub sources: Vec<String>,
    /// A longer explanation.
    pub note: Option<String>,
    /// First and last filing date on which it is in force, both inclusive.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// Rules that are not reported where this one is violated.
    pub supersedes: Vec<RuleId>,
    /// Whether those are every other rule, because nothing else matters then; otherwise they are about the same
    /// matter, with less precision.
    pub supersedes_all: bool,
    /// The rule of an earlier file whose place it takes.
    pub replaces: Option<String>,
    /// What `capelint fix` does about a violation.
    pub fix: Option<Fix>,
    /// What becomes of an entry that violates it, where `fix` repairs nothing.
    pub remedy: Remedy,
    /// The entries for which the lists and columns it reads are required although they are optional:
    /// without them the rule is undecided there, not unchecked. `None`: for none.
    pub required_for: Option<Condition>,
    /// Its own tests.
    pub tests: Vec<RuleTest>,
    /// The rule's id in its file.
    pub place: Place,
    /// The whole rule in its file, for `explain`.
    pub whole: Place,
}

impl Rule {
    /// Whether the rule is in force for declarations filed on that day.
    pub fn in_force(&self, filing_date: NaiveDate) -> bool {
        is_within(self.effective, filing_date)
    }
}

/// A next step, and when it is the one to take.
#[derive(Clone, Debug)]
pub struct HelpCase {
    /// When; `None`: always.
    pub when: Option<Condition>,
    /// Where its conditions are written: its own, after those of the case that names its step.
    pub conditions: Vec<Place>,
    /// The step.
    pub text: Template,
    /// The last day to take it; `None`: the last day to file the entry.
    pub by: Option<Operand>,
    /// Whose work it is; `None`: as the rule has it.
    pub remedy: Option<Remedy>,
    /// Where the case is.
    pub place: Place,
}

impl HelpCase {
    /// A step without a condition.
    pub fn always(text: Template, place: Place) -> Self {
        Self { when: None, conditions: Vec::new(), text, by: None, remedy: None, place }
    }
}

/// What a rule is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// Each declaration file.
    File,
    /// Each row of a declaration.
    Row,
    /// Each distinct entry of a declaration.
    Entry,
    /// Each row that a table has for a declared entry.
    Table(TableId),
    /// Each line that a table has for a declared entry.
    Line(TableId),
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All are true. Never empty.
    All(Vec<Condition>, Place),
    /// At least one is true. Never empty.
    Any(Vec<Condition>, Place),
    /// At least one is true of those for which the user provided tables and columns. Never empty.
    AnyGiven(Vec<Condition>, Place),
    /// Is not true.
    Not(Box<Condition>, Place),
    /// Of the rows that a table has for the entry.
    Rows(RowsCondition),
    /// A test of an operand.
    Test(Test),
}

/// A condition on the rows that a table has for the entry.
#[derive(Clone, Debug)]
pub struct RowsCondition {
    /// How many.
    pub quantifier: Quantifier,
    /// Of which.
    pub range: Range,
    /// For which this is true; `None`: all rows count.
    pub filter: Option<Box<Condition>>,
    /// Where it is.
    pub place: Place,
}

/// Which rows a quantifier looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Those that a table has for the entry.
    Entry(TableId),
    /// Of these, those on the same line as the row of that frame.
    Line(TableId, Frame),
    /// The rows of the declaration file.
    Declared,
    /// The distinct entries of the declaration file.
    Entries,
}

impl Range {
    /// The table of the rows.
    pub fn table(self) -> TableId {
        match self {
            Self::Entry(table) | Self::Line(table, _) => table,
            Self::Declared | Self::Entries => crate::table::ROW,
        }
    }
}

/// How many rows.
#[derive(Clone, Debug)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// Each one; true where there is none.
    Every,
    /// None.
    No,
    /// As many as the predicates require (each is a number test).
    Count(Vec<Predicate>),
}

/// A test of an operand.
#[derive(Clone, Debug)]
pub struct Test {
    /// What is tested.
    pub subject: Subject,
    /// What is asked of it.
    pub predicate: Predicate,
    /// Where it is: the key and its value.
    pub place: Place,
}

/// What is tested.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A value.
    Operand(Operand),
    /// Several columns of a table (`es003.*`), for `consistent` and `readable`.
    Columns(Vec<ColumnRef>),
}

/// What is asked of an operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// Equal to one of these (`is`, `in`, a scalar, a list); negated by `is_not`, `not_in`.
    OneOf {
        /// The values.
        values: Vec<Operand>,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// In a code list or selection.
    Listed {
        /// The codes.
        codes: CodeSet,
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Compares with another value of the same type.
    Compare(Comparison, Operand),
    /// Is not blank (`true`), or is.
    Present(bool),
    /// The first of its kind.
    Unique(FirstWithin),
    /// All rows of the entry agree.
    Consistent,
    /// Nothing unreadable and nothing unmapped.
    Readable,
    /// Evaluated by the block of the word, in [`crate::judge::words`].
    Word(WordId, Given),
}

/// Identifies a word of tests: its index in [`crate::judge::words::WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WordId(pub u8);

/// What is beside a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Values of the subject's type.
    Values(Vec<Operand>),
    /// Texts, compared without the dots and dashes that the subject's type has not.
    Texts(Vec<String>),
    /// A regular expression.
    Pattern(Pattern),
    /// An amount, and how far from it another may be.
    Near(Operand, Tolerance),
    /// A type, and whether the text can be read as it.
    Type(Type, bool),
}

/// A regular expression; two are the same where they are written the same.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// One that is compiled already.
    pub fn compiled(pattern: Regex) -> Self {
        Self { text: pattern.as_str().to_owned(), compiled: pattern.into() }
    }

    /// One that is known to be good, compiled when something is first compared with it.
    pub fn known(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// Whether some part of a text matches.
    pub fn is_match(&self, text: &str) -> bool {
        let compile = || Regex::new(&self.text).expect("the tests of the pack compile its patterns");
        self.compiled.get_or_init(compile).is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `above`, `after`.
    Above,
    /// `at_least`, `on_or_after`.
    AtLeast,
    /// `below`, `before`.
    Below,
    /// `at_most`, `on_or_before`.
    AtMost,
}

/// How far apart two amounts may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// US dollars.
    Dollars(Decimal),
    /// Percent of the operand.
    Percent(Decimal),
}

/// Where an entry number must be the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstWithin {
    /// In its declaration file.
    File,
    /// In all declarations of the run.
    Run,
}

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

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Calendar months; the day is cut to the month's last.
    Months,
    /// Monday to Friday, without federal holidays.
    WorkingDays,
}

impl Unit {
    /// What rule files call several of them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
            Self::WorkingDays => "working days",
        }
    }
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

/// A text with placeholders.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The pieces, one after the other.
    pub pieces: Vec<TextPiece>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug)]
pub enum TextPiece {
    /// As it is.
    Text(String),
    /// The value of an operand.
    Operand(Operand),
}

/// Identifies a figure: its index in [`RuleSet::figures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FigureId(pub u16);

/// A named figure: something computed that rules, messages, other figures and reports use by name.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The type of its value: money, integer or date.
    pub kind: Type,
    /// What has one.
    pub over: Over,
    /// How it is computed.
    pub aggregate: Aggregate,
    /// What is aggregated, or the value itself; `None` for a count.
    pub of: Option<Operand>,
    /// When there is one; `None`: always.
    pub when: Option<Condition>,
    /// Which of the rows (of a file, entries) count; `None`: all.
    pub filter: Option<Condition>,
    /// Where its name is.
    pub place: Place,
}

/// What has a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Each entry. An aggregate is over the rows of this table.
    Entry(TableId),
    /// Each line of a table.
    Line(TableId),
    /// Each declaration file. An aggregate is over its distinct entries.
    File,
}

/// How a figure is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// It is a value.
    Value,
    /// The sum.
    Total,
    /// How many there are.
    Count,
    /// How many different values there are.
    Distinct,
    /// The first date.
    Earliest,
    /// The last date.
    Latest,
}

/// Identifies a setting: its index in [`RuleSet::settings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u16);

/// A setting: a value that the configuration may change without copying a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it means.
    pub title: Option<String>,
    /// What it is measured in.
    pub unit: Option<String>,
    /// The type of its value.
    pub kind: Type,
    /// Its default value.
    pub default: Value,
    /// Its value in this run.
    pub value: Value,
    /// Where its name is.
    pub place: Place,
}

impl RuleSet {
    /// The figure of that name.
    pub fn figure(&self, name: &str) -> Option<FigureId> {
        self.figures.iter().position(|figure| figure.name == name).map(|at| FigureId(at as u16))
    }

    /// The setting of that name.
    pub fn setting(&self, name: &str) -> Option<SettingId> {
        self.settings.iter().position(|setting| setting.name == name).map(|at| SettingId(at as u16))
    }
}

/// A code list.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeList {
    /// The name that rules use.
    pub name: String,
    /// The columns with their types.
    pub columns: Vec<(String, Type)>,
    /// Index of the key column.
    pub key: usize,
    /// The rows' readings, in file order.
    pub rows: Vec<Vec<CellReading>>,
    /// Row indices by code. Several rows may share one (rates over time).
    pub index: Codes<Vec<u32>>,
}

impl CodeList {
    /// Whether its codes are HTS headings.
    pub fn is_headings(&self) -> bool {
        self.columns[self.key].1 == Type::Hts
    }

    /// The rows for a code; for HTS those of the longest heading the number begins with.
    pub fn rows_for(&self, code: &str) -> &[u32] {
        self.index.get(code).map_or(&[], Vec::as_slice)
    }
}

/// The codes of a code list or selection that a test compares with.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeSet {
    /// What the rule calls it.
    pub name: String,
    /// The codes.
    pub codes: Arc<Codes<()>>,
}

impl CodeSet {
    /// Whether its codes are HTS headings.
    pub fn is_headings(&self) -> bool {
        self.codes.headings
    }

    /// Whether a code is in the set; for HTS, whether the number begins with a heading of it.
    pub fn contains(&self, code: &str) -> bool {
        self.codes.get(code).is_some()
    }
}

/// Something for each of several codes.
///
/// Codes are HTS digits, ISO dates, bare entry numbers, the base of importer numbers, texts in
/// lower case: what [`crate::judge::operand::Val::code`] gives.
#[derive(Clone, Default, PartialEq)]
pub struct Codes<T> {
    map: HashMap<Box<str>, T>,
    /// Whether codes are HTS headings, which match every number that begins with their digits.
    headings: bool,
    /// The lengths that occur, a bit for each: most numbers need to be looked up at one or two.
    lengths: u32,
    /// What all codes begin with, so that most numbers need no look-up: headings of Chapter 99 begin with
    /// `9903`. `None` where there is not a code.
    beginning: Option<Box<str>>,
}

/// The fewest digits of an HTS heading.
const HEADING: usize = 4;

impl<T> Codes<T> {
    /// Without codes yet. `headings`: whether they are HTS headings.
    pub fn new(headings: bool) -> Self {
        Self { map: HashMap::new(), headings, lengths: 0, beginning: None }
    }

    /// What belongs to a code, to be filled in.
    pub fn entry(&mut self, code: Box<str>) -> &mut T
    where
        T: Default,
    {
        self.lengths |= length_bit(code.len());
        let beginning = self.beginning.get_or_insert_with(|| code.clone());
        if !code.starts_with(&**beginning) {
            let same = |(at, a): &(usize, char)| code[*at..].starts_with(*a);
            let length = beginning.char_indices().take_while(same).map(|(at, a)| at + a.len_utf8()).last();
            *beginning = beginning[..length.unwrap_or(0)].into();
        }
        self.map.entry(code).or_default()
    }

    /// What belongs to a code; for HTS to the longest heading the number begins with.
    pub fn get(&self, code: &str) -> Option<&T> {
        if !code.starts_with(self.beginning.as_deref()?) {
            return None;
        }
        if !self.headings {
            return self.map.get(code);
        }
        (HEADING..=code.len())
            .rev()
            .filter(|length| self.lengths & length_bit(*length) != 0)
            .find_map(|length| self.map.get(code.get(..length)?))
    }

    /// The codes, in no order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.map.keys().map(|code| &**code)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl<T: Default> Codes<T> {
    /// The codes of an iterator.
    pub fn from_codes(headings: bool, codes: impl IntoIterator<Item = Box<str>>) -> Self {
        let mut all = Self::new(headings);
        for code in codes {
            all.entry(code);
        }
        all
    }
}

/// In order, so that the same codes always print alike.
impl<T: fmt::Debug> fmt::Debug for Codes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.map.iter().collect::<BTreeMap<_, _>>()).finish()
    }
}

fn length_bit(length: usize) -> u32 {
    1 << length.min(31)
}

/// The entry number of a test that names none: made up, with a right check digit.
pub const EXAMPLE_ENTRY: &str = "ABC12345676";

/// A rule's own test.
#[derive(Clone, Debug)]
pub struct RuleTest {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The filing date.
    pub filing_date: Option<NaiveDate>,
    /// The account.
    pub account: crate::account::Account,
    /// What the rule is applied to.
    pub fixture: TestTables,
    /// What functions give that look at whole files: the call and its value.
    pub values: Vec<(WholeFile, TableId, Stated)>,
    /// Settings that differ from their defaults.
    pub settings: Vec<(SettingId, Value)>,
    /// The rules that are violated too and not reported, by id.
    pub supersedes: Vec<(String, Place)>,
    /// The findings that there must be, if they are checked.
    pub findings: Option<ExpectedFindings>,
    /// How bad they must be, if that is checked.
    pub severity: Option<Severity>,
    /// What must come out.
    pub expect: Expectation,
    /// Where `expect` is.
    pub expect_place: Place,
    /// The message, if it is checked.
    pub message: Option<String>,
    /// The next step, if it is checked; empty where there must be none.
    pub help: Option<String>,
    /// The labeled columns, if they are checked.
    pub labels: Option<Vec<(TableId, u16)>>,
}

/// The findings of its rule that a [`RuleTest`] expects.
#[derive(Clone, Debug)]
pub enum ExpectedFindings {
    /// So many.
    Count(u32),
    /// These, in the order of the report.
    These(Vec<ExpectedFinding>),
}

/// What a finding must be; what is `None` is not checked.
#[derive(Clone, Debug)]
pub struct ExpectedFinding {
    /// The entry that it is on.
    pub entry: Option<crate::entry::EntryNumber>,
    /// The line of the declaration.
    pub line: Option<u64>,
    /// Its message.
    pub message: Option<String>,
    /// Its next step; empty where there must be none.
    pub help: Option<String>,
    /// Where the test states it.
    pub place: Place,
}

/// The declaration and the tables of a [`RuleTest`].
#[derive(Clone, Debug, Default)]
pub struct TestTables {
    /// A real declaration; without it there are its facts and rows.
    pub declaration: Option<TestFile>,
    /// Facts of the declaration file: column and text.
    pub file: Vec<TestCell>,
    /// The declaration's rows; empty: one row with a made-up valid number.
    pub rows: Vec<Vec<TestCell>>,
    /// The tables that are provided.
    pub tables: Vec<(TableId, TestRows)>,
}

/// What a table has in a [`RuleTest`].
#[derive(Clone, Debug)]
pub enum TestRows {
    /// These rows; those that name no entry are for the first that is declared.
    Rows(Vec<Vec<TestCell>>),
    /// What these files have.
    Files(Vec<TestFile>),
}

/// A real file of a [`RuleTest`]: CSV or a workbook.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// What to call it; its extension counts.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Where the test names it.
    pub place: Place,
}

/// A cell of a [`RuleTest`].
#[derive(Clone, Debug)]
pub struct TestCell {
    /// The schema's column.
    pub column: u16,
    /// The text as an export would have it.
    pub text: String,
    /// Where it is.
    pub place: Place,
}

/// The outcome of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, IntoStaticStr, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Expectation {
    /// `satisfied`.
    Satisfied,
    /// `violated`.
    Violated,
    /// `undecided`.
    Undecided,
    /// `not checked`: only what is optional is missing, and the entry stays ready.
    #[serde(rename = "not checked")]
    #[strum(serialize = "not checked")]
    NotChecked,
}

impl Expectation {
    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_longest_heading_whatever_they_begin_with() {
        let codes = |headings, codes: &[&str]| {
            Codes::<()>::from_codes(headings, codes.iter().map(|code| Box::from(*code)))
        };
        let one = codes(true, &["99030125", "99030202", "990303"]);
        for (code, is_there) in [
            ("9903012500", true),
            ("99030125", true),
            ("9903012", false),
            ("9903031500", true),
            ("8471300100", false),
            ("9903", false),
            ("", false),
        ] {
            assert_eq!(one.get(code).is_some(), is_there, "{code}");
        }
        let others = codes(true, &["99030125", "8471"]);
        assert!(others.get("84713001").is_some() && others.get("9903012599").is_some());
        assert!(others.get("9903012").is_none());
        let texts = codes(false, &["m\u{fc}ller", "m\u{fd}"]);
        assert!(texts.get("m\u{fc}ller").is_some() && texts.get("m\u{fd}").is_some());
        assert!(texts.get("m").is_none() && texts.get("m\u{fe}").is_none());
        assert!(codes(false, &[]).get("").is_none());
        assert!(codes(false, &["", "a"]).get("").is_some());
    }
}
