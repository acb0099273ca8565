//! Turns violations into findings: their places, labels, next steps and repairs.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::bind::Bound;
use super::operand::{Got, Val};
use super::scope::{Located, Scope};
use super::superseded::SupersededRules;
use super::truth::Truth;
use super::{Context, Violation};
use crate::finding::{Entry, Finding, FoundOn, Label, Repair};
use crate::outside::OutsideText;
use crate::rules::model::{Each, Fix, HelpCase, Remedy, Rule, RuleId};
use crate::source::Place;
use crate::table::{CellRef, EntryId, FILE, ROW};

impl<'a> Context<'a> {
    fn scope_of(&self, violation: &Violation) -> Scope<'static> {
        if let Some(left_out) = self.left_out_of(violation) {
            return Scope::undeclared(left_out);
        }
        Scope {
            part: violation.part,
            declared: violation.row,
            entry: violation.declared.and_then(|declared| self.declared[declared as usize].entry),
            own: violation.own,
            inner: None,
        }
    }

    fn left_out_of(&self, violation: &Violation) -> Option<EntryId> {
        self.left_out_entries.get(violation.left_out? as usize).copied()
    }

    /// The findings on violations of rules that are not superseded, in the order of the files; of one row, the most
    /// severe first.
    pub(super) fn findings(
        &self,
        violations: &[Violation],
        superseded: &SupersededRules,
        entries: &[Entry],
        left_out: &[Entry],
    ) -> Vec<Finding> {
        let is_reported = |violation: &&Violation| {
            !superseded.contains(violation.part, violation.subject(), violation.rule)
        };
        let mut violations: Vec<&Violation> = violations.iter().filter(is_reported).collect();
        violations.sort_by_key(|violation| {
            let severity = self.severity(violation.rule);
            (violation.part, violation.row, Reverse(severity), violation.rule, violation.own)
        });
        violations.par_iter().map(|violation| self.finding(violation, entries, left_out)).collect()
    }

    fn finding(&self, violation: &Violation, entries: &[Entry], left_out: &[Entry]) -> Finding {
        let rule = self.rule(violation.rule);
        let scope = self.scope_of(violation);
        let mut evidence = Vec::new();
        for condition in rule.when.iter().rev().chain([&rule.condition]).rev() {
            for cell in self.explain(condition, scope).evidence() {
                if !evidence.contains(&cell) {
                    evidence.push(cell);
                }
            }
        }
        let (place, column, primary) = self.primary(rule, violation, &evidence);
        let labels = self.labels(rule, &scope, &evidence, primary);
        let entry = violation.declared.map(|declared| declared as usize);
        let step = self.next_step(rule, &scope).map(|step| &rule.help[step]);
        let fix = rule.fix.and_then(|kind| self.repair(kind, &scope));
        let remedy = match (&fix, step.and_then(|step| step.remedy)) {
            (Some(_), _) => Remedy::Repair,
            (None, Some(remedy)) => remedy,
            (None, None) => rule.remedy,
        };
        let mut message = self.fill(&rule.message, &scope);
        message.shrink_to_fit();
        Finding {
            rule: violation.rule,
            severity: self.severity(violation.rule),
            on: match (violation.declared, violation.left_out) {
                (Some(entry), _) => FoundOn::Entry { declaration: violation.part, entry },
                (None, Some(left_out)) => FoundOn::LeftOut(left_out),
                (None, None) => FoundOn::Declaration(violation.part),
            },
            message: message.into(),
            names_entry: self.names_entry(&rule.message),
            help: step.map(|step| OutsideText::new(self.fill_shared(&step.text, &scope))),
            place,
            cell: primary,
            column_name: column.map(Into::into),
            labels,
            fix,
            remedy: self.severity(violation.rule).blocks().then_some(remedy),
            deadline: step.and_then(|step| self.last_day(step, &scope)).or_else(|| {
                let left_out = violation.left_out.map(|at| &left_out[at as usize]);
                entry.map(|entry| &entries[entry]).or(left_out)?.deadline
            }),
            waived: None,
        }
    }

    /// For which entries a rule requires even what is optional; `None`: for none.
    pub(super) fn required_for(&'a self, rule: RuleId) -> Option<Bound<'a>> {
        self.rule(rule).required_for.as_ref().map(|required_for| self.bind(required_for))
    }

    /// Whether a declared entry is one of these. Where that is not known, it is: less information never
    /// gives a better verdict.
    pub(super) fn is_required(&self, required_for: &Bound<'_>, declared: u32) -> bool {
        let scope = self.row_scope(self.declared[declared as usize].row, declared);
        required_for.truth(self, scope) != Truth::False
    }

    /// The first next step that applies.
    fn next_step(&self, rule: &'a Rule, scope: &Scope<'_>) -> Option<usize> {
        let applies = |case: &'a HelpCase| {
            case.when.as_ref().is_none_or(|when| self.truth(when, *scope) == Truth::True)
        };
        rule.help.iter().position(applies)
    }

    /// The last day to take a step, where it has one of its own that is known.
    fn last_day(&'a self, step: &'a HelpCase, scope: &Scope<'_>) -> Option<NaiveDate> {
        match self.value(step.by.as_ref()?, scope) {
            Got::Val(Val::Date(day)) => Some(day),
            Got::Val(_) | Got::Nothing | Got::Unknown => None,
        }
    }

    /// Which of its rule's next steps a violation is reported with.
    pub(super) fn next_step_of(&self, violation: &Violation) -> Option<usize> {
        self.next_step(self.rule(violation.rule), &self.scope_of(violation))
    }

    fn repair(&self, kind: Fix, scope: &Scope<'_>) -> Option<Repair> {
        let replacement = match kind {
            Fix::RewriteEntryNumber => Some(self.input.entries.number(scope.entry?)),
            Fix::DropRow | Fix::RewriteFile => None,
        };
        Some(Repair { kind, replacement })
    }

    /// Where a finding points: the cell of the declaration that decided, or the one with the
    /// entry number.
    fn primary(
        &self,
        rule: &Rule,
        violation: &Violation,
        evidence: &[CellRef],
    ) -> (Place, Option<String>, Option<CellRef>) {
        let export_cell = self.left_out_of(violation).and_then(|entry| self.export_cell(entry));
        if let Some(cell) = export_cell {
            return (self.input.tables.place(cell, self.input.sources), self.header_of(cell), Some(cell));
        }
        let Some(row) = violation.row else {
            return (self.file_place(violation.part), None, None);
        };
        let own_column = (rule.each == Each::Row)
            .then(|| evidence.iter().copied().find(|cell| cell.table == ROW && cell.row == row))
            .flatten();
        let Some(cell) = own_column.or_else(|| self.declared_cell(row)) else {
            return (self.file_place(violation.part), None, None);
        };
        // Of damage, the very byte: an open quote need not be in the entry number's cell.
        let place = self.input.tables.place(cell, self.input.sources);
        let cell = self.written_cell(cell);
        (place, self.header_of(cell), Some(cell))
    }

    /// The header of a cell's column, as its file has it.
    fn header_of(&self, cell: CellRef) -> Option<String> {
        let table = self.input.tables.get(cell.table)?;
        let part = &table.parts[table.rows[cell.row as usize].part as usize];
        let field = (*part.fields.get(usize::from(cell.column))?)?;
        Some(part.header.fields.get(field as usize)?.0.clone())
    }

    /// A computed column (how a number is written) is where the entry number is.
    fn written_cell(&self, cell: CellRef) -> CellRef {
        let computed = cell.table == ROW && self.column(ROW, cell.column).headers.is_empty();
        computed.then(|| self.declared_cell(cell.row)).flatten().unwrap_or(cell)
    }

    fn labels(
        &self,
        rule: &'a Rule,
        scope: &Scope<'_>,
        evidence: &[CellRef],
        primary: Option<CellRef>,
    ) -> Vec<Label> {
        let mut labels: Vec<(CellRef, Arc<str>)> = Vec::new();
        let mut add = |cell: CellRef, text: Arc<str>| {
            let cell = self.written_cell(cell);
            let known = labels.iter().any(|(other, _)| *other == cell);
            if cell.table != FILE && Some(cell) != primary && !known && labels.len() < MAX_LABELS {
                labels.push((cell, text));
            }
        };
        for (column, text) in &rule.labels {
            let text = self.fill_shared(text, scope);
            let mut decided = evidence.iter().filter(|cell| {
                cell.table == column.table
                    && cell.column == column.column
                    && Some(self.written_cell(**cell)) != primary
            });
            match decided.next() {
                Some(first) => {
                    for cell in std::iter::once(first).chain(decided) {
                        add(*cell, text.clone());
                    }
                }
                None => {
                    if let Located::Cell(_, at) = self.locate(*column, scope) {
                        add(at, text);
                    }
                }
            }
        }
        if rule.labels.is_empty() {
            evidence.iter().for_each(|cell| add(*cell, Arc::default()));
        }
        let label = |(cell, text)| Label {
            place: self.input.tables.place(cell, self.input.sources),
            cell: Some(cell),
            text: OutsideText::new(text),
        };
        let mut labels: Vec<Label> = labels.into_iter().map(label).collect();
        labels.shrink_to_fit();
        labels
    }
}

/// How many cells a finding points at, besides the declaration's.
const MAX_LABELS: usize = 4;
