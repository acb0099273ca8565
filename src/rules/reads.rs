//! What a condition looks at: the one place that knows how conditions, tests and operands nest, and
//! what each of them reads.
//!
//! Many ask: which columns a run must keep, which tests one column decides, whether something is
//! the same for everything, which cells an explanation shows. All of them ask here, so that a new
//! [`Call`], [`Operand`] or [`Predicate`] is sorted once. The matches name every variant: a new one
//! does not compile until it says what it reads.

use super::model::{
    AccountField, Call, ColumnRef, Condition, Operand, Predicate, Quantifier, Subject, Test, WholeFile,
};
use crate::table::TableId;

/// Something that a value follows from, besides the rule itself, its pack and the filing date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
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
}

impl Read {
    /// The column whose cells are read.
    pub fn column(self) -> Option<ColumnRef> {
        match self {
            Self::Cell(column)
            | Self::Readability(column)
            | Self::Rows(column)
            | Self::Line(column)
            | Self::Declaration(column) => Some(column),
            Self::Entry | Self::Account(_) | Self::Exported(_) | Self::Written(_) | Self::WholeFile(..) => {
                None
            }
        }
    }
}

impl Operand {
    /// Visits what the value follows from, in the order it is written. What visits nothing is the
    /// same for everything.
    pub fn reads(&self, visit: &mut impl FnMut(Read)) {
        match self {
            Self::Literal(_) | Self::Choice(_) | Self::FilingDate | Self::PackVerified => {}
            Self::Column(column) => visit(Read::Cell(*column)),
            Self::Entry => visit(Read::Entry),
            Self::Account(field) => visit(Read::Account(*field)),
            Self::Shift { date, .. } => date.reads(visit),
            Self::Call(call) => match &**call {
                Call::Age(of)
                | Call::OpenUntil(of)
                | Call::MonthlyStatementDue(of)
                | Call::FilerCode(of)
                | Call::Lookup { of, .. } => of.reads(visit),
                Call::Earliest(of) | Call::Latest(of) => of.iter().for_each(|of| of.reads(visit)),
                Call::RateOn { heading, date, .. } => {
                    heading.reads(visit);
                    date.reads(visit);
                }
                Call::Percent { rate, amount } => {
                    rate.reads(visit);
                    amount.reads(visit);
                }
                Call::EarliestOf(column) | Call::LatestOf(column) | Call::Total(column) => {
                    visit(Read::Rows(*column));
                }
                Call::LineTotal(column) => visit(Read::Line(*column)),
                Call::Distinct(column) => visit(Read::Declaration(*column)),
                Call::Exported(table) => visit(Read::Exported(*table)),
                Call::Nearest(table) => visit(Read::Written(*table)),
                Call::WholeFile(figure, table) => visit(Read::WholeFile(*figure, *table)),
            },
        }
    }
}

impl Predicate {
    /// The operands that the subject is compared with.
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::OneOf { values, .. } | Self::Exactly(values) => values,
            Self::Compare(_, operand) | Self::Near { operand, .. } => std::slice::from_ref(operand),
            Self::Listed { .. }
            | Self::Matches(_)
            | Self::StartsWith(_)
            | Self::Valid { .. }
            | Self::Present(_)
            | Self::Unique(_)
            | Self::Consistent
            | Self::Readable => &[],
        }
    }

    /// Whether it is asked of a place (a row among others, a column in all rows of an entry) rather
    /// than of a value.
    pub fn is_of_place(&self) -> bool {
        match self {
            Self::Unique(_) | Self::Consistent | Self::Readable => true,
            Self::OneOf { .. }
            | Self::Exactly(_)
            | Self::Listed { .. }
            | Self::Matches(_)
            | Self::StartsWith(_)
            | Self::Compare(..)
            | Self::Near { .. }
            | Self::Valid { .. }
            | Self::Present(_) => false,
        }
    }
}

impl Quantifier {
    /// What is asked of the number of rows.
    pub fn predicates(&self) -> &[Predicate] {
        match self {
            Self::Count(predicates) => predicates,
            Self::Some | Self::Every | Self::No => &[],
        }
    }
}

impl Test {
    /// Visits what the subject and the operands it is compared with follow from. What a predicate
    /// looks at that [is of a place](Predicate::is_of_place) comes on top of it.
    pub fn reads(&self, visit: &mut impl FnMut(Read)) {
        let cell = if matches!(self.predicate, Predicate::Readable) { Read::Readability } else { Read::Cell };
        match &self.subject {
            Subject::Operand(Operand::Column(column)) => visit(cell(*column)),
            Subject::Operand(operand) => operand.reads(visit),
            Subject::Columns(columns) => columns.iter().for_each(|column| visit(cell(*column))),
        }
        self.predicate.operands().iter().for_each(|operand| operand.reads(visit));
    }
}

impl Condition {
    /// Visits the condition and all conditions inside, also those on rows.
    pub fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::All(parts, _) | Self::Any(parts, _) | Self::AnyGiven(parts, _) => {
                parts.iter().for_each(|part| part.walk(visit));
            }
            Self::Not(part, _) => part.walk(visit),
            Self::Rows(rows) => rows.filter.iter().for_each(|filter| filter.walk(visit)),
            Self::Test(_) => {}
        }
    }

    /// Visits what its tests read, and what is asked of the number of rows.
    pub fn reads(&self, visit: &mut impl FnMut(Read)) {
        self.walk(&mut |condition| match condition {
            Self::Test(test) => test.reads(visit),
            Self::Rows(rows) => {
                let asked = rows.quantifier.predicates().iter().flat_map(Predicate::operands);
                asked.for_each(|operand| operand.reads(visit));
            }
            Self::All(..) | Self::Any(..) | Self::AnyGiven(..) | Self::Not(..) => {}
        });
    }
}
