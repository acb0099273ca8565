//! Names what a condition asks about as rule files do, with the value it has: a failed test of a rule prints
//! both.

use super::Context;
use super::explain::Explained;
use super::message::shown_cell;
use super::scope::Scope;
use super::truth::Truth;
use crate::rules::model::{AccountField, Condition, Frame, Operand, Subject, Test};
use crate::table::CellRef;

impl<'a> Context<'a> {
    /// The name and the value that a clause of a condition asks about. Nothing where it is one of a row among
    /// several, and no cell.
    pub fn named_value(
        &self,
        condition: &'a Condition,
        clause: &Explained,
        scope: &Scope<'_>,
    ) -> Option<(String, String)> {
        let mut test: Option<&'a Test> = None;
        condition.walk(&mut |condition| {
            if let Condition::Test(found) = condition
                && found.place == clause.place
            {
                test.get_or_insert(found);
            }
        });
        let Some(Test { subject: Subject::Operand(operand), .. }) = test else { return None };
        let name = self.name_of(operand)?;
        if let (Operand::Column(_), Some(cell)) = (operand, clause.cells.first()) {
            return Some((name, self.shown_cell_at(*cell)?));
        }
        let mut is_of_inner_row = false;
        operand.reads(&mut |read| {
            is_of_inner_row |= read.column().is_some_and(|column| matches!(column.of, Frame::Inner(_)));
        });
        let is_known = clause.truth != Truth::Unknown;
        (is_known && !is_of_inner_row).then(|| (name, self.show(operand, scope).into_owned()))
    }

    fn shown_cell_at(&self, at: CellRef) -> Option<String> {
        let table = self.input.tables.get(at.table)?;
        let cell = table.columns.get(usize::from(at.column))?.cell(at.row as usize)?;
        Some(shown_cell(cell, self.column(at.table, at.column).kind))
    }

    /// What rule files call an operand; nothing of a literal.
    fn name_of(&self, operand: &Operand) -> Option<String> {
        let rules = self.input.rules;
        Some(match operand {
            Operand::Literal(_) | Operand::Choice(_) | Operand::Figure(_, Frame::Inner(_)) => return None,
            Operand::Column(column) => {
                self.input.tables.schemas[column.table.index()].qualified(usize::from(column.column))
            }
            Operand::FilingDate => "filing_date".to_owned(),
            Operand::PackVerified => "pack_verified".to_owned(),
            Operand::Entry => "entry".to_owned(),
            Operand::Account(field) => {
                let (name, ..) = AccountField::ALL.iter().find(|(_, known, _)| known == field)?;
                format!("account.{name}")
            }
            Operand::Shift { times: Some(_), .. } => return None,
            Operand::Shift { date, by, times: None, unit } => {
                let sign = if *by < 0 { '-' } else { '+' };
                format!("{} {sign} {} {}", self.name_of(date)?, by.unsigned_abs(), unit.name())
            }
            Operand::Call(call) => format!("{}(…)", call.function().name),
            Operand::Figure(id, _) => rules.figures.get(usize::from(id.0))?.name.clone(),
            Operand::Setting(id) => rules.settings.get(usize::from(id.0))?.name.clone(),
        })
    }
}
