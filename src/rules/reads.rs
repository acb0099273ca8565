//! What a condition looks at: the one place that defines how conditions, tests and operands nest, and what
//! each of them reads.
//!
//! It answers several questions: which columns a run must keep, which tests one column decides, whether something
//! is the same for everything, which cells an explanation shows. So what a new [`Argument`], [`Operand`] or
//! [`Predicate`] reads is defined once. The matches name every variant: a new one does not compile until it is.

use super::model::{Argument, Condition, Dependency, Given, Operand, Predicate, Quantifier, Subject, Test};

impl Operand {
    /// Visits what the value follows from, in the order it is written. What visits nothing is the
    /// same for everything.
    pub fn reads(&self, visit: &mut impl FnMut(Dependency)) {
        match self {
            Self::Literal(_) | Self::Choice(_) | Self::FilingDate | Self::PackVerified | Self::Setting(_) => {
            }
            Self::Figure(figure, frame) => visit(Dependency::Figure(*figure, *frame)),
            Self::Column(column) => visit(Dependency::Cell(*column)),
            Self::Entry => visit(Dependency::Entry),
            Self::Account(field) => visit(Dependency::Account(*field)),
            Self::Shift { date, .. } => date.reads(visit),
            Self::Call(call) => {
                for argument in &call.arguments {
                    match argument {
                        Argument::Value(of) => of.reads(visit),
                        Argument::Rows(column) => visit(Dependency::Rows(*column)),
                        Argument::Line(column) => visit(Dependency::Line(*column)),
                        Argument::Declaration(column) => visit(Dependency::Declaration(*column)),
                        Argument::Table(read) => visit(*read),
                        Argument::ListColumn(..) | Argument::Rates(_) => {}
                    }
                }
            }
        }
    }
}

impl Predicate {
    /// The operands that the subject is compared with.
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::OneOf { values, .. } | Self::Word(_, Given::Values(values)) => values,
            Self::Compare(_, operand) | Self::Word(_, Given::Near(operand, _)) => {
                std::slice::from_ref(operand)
            }
            Self::Listed { .. }
            | Self::Word(_, Given::Texts(_) | Given::Pattern(_) | Given::Type(..))
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
            | Self::Listed { .. }
            | Self::Word(..)
            | Self::Compare(..)
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
    pub fn reads(&self, visit: &mut impl FnMut(Dependency)) {
        let cell = if matches!(self.predicate, Predicate::Readable) {
            Dependency::Readability
        } else {
            Dependency::Cell
        };
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
    pub fn walk<'c>(&'c self, visit: &mut impl FnMut(&'c Self)) {
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
    pub fn reads(&self, visit: &mut impl FnMut(Dependency)) {
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
