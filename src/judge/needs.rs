//! Which columns rules read. Tables keep only those, and conditions are indexed by them.

use std::collections::BTreeSet;

use crate::rules::model::{
    Call, ColumnRef, Condition, Each, Frame, Operand, Piece, Predicate, Quantifier, Rule, RuleSet, Subject,
    Template, WholeFile,
};
use crate::table::TableId;

/// For each table of the rule set, whether a rule that `runs` (or a fact) reads each column. The
/// key and the line column are always read.
pub fn columns(rules: &RuleSet, runs: impl Fn(usize) -> bool) -> Vec<Vec<bool>> {
    let mut needed: Vec<Vec<bool>> =
        rules.schemas.iter().map(|schema| vec![false; schema.columns.len()]).collect();
    for (schema, needed) in rules.schemas.iter().zip(&mut needed) {
        for column in schema.key.into_iter().chain(schema.line) {
            needed[column] = true;
        }
    }
    let mut exported = BTreeSet::new();
    let mut visit = Visitor {
        column: &mut |column| needed[column.table.0][usize::from(column.column)] = true,
        exported: &mut |table| {
            exported.insert(table);
        },
        figure: &mut |_| {},
    };
    for (at, rule) in rules.rules.iter().enumerate() {
        if runs(at) {
            visit.rule(rule);
        }
    }
    visit.facts(rules);
    for table in exported {
        for (column, needed) in rules.schemas[table.0].columns.iter().zip(&mut needed[table.0]) {
            *needed |= column.kind == crate::table::schema::Type::Date;
        }
    }
    needed
}

/// The columns whose value all rows of an entry must agree on, where a rule reads them so.
pub fn entry_columns(rules: &RuleSet) -> BTreeSet<(TableId, u16)> {
    let mut found = BTreeSet::new();
    let mut visit = Visitor {
        column: &mut |column: ColumnRef| {
            if column.of == Frame::Entry {
                found.insert((column.table, column.column));
            }
        },
        exported: &mut |_| {},
        figure: &mut |_| {},
    };
    for rule in &rules.rules {
        visit.rule(rule);
    }
    visit.facts(rules);
    found
}

/// Whether a rule asks for what no declaration names, which only `--left-out` finds out.
pub fn asks_left_out(rule: &Rule) -> bool {
    let mut asked = false;
    let mut visit = Visitor {
        column: &mut |_| {},
        exported: &mut |_| {},
        figure: &mut |figure| asked |= matches!(figure, WholeFile::LeftOutEntries | WholeFile::LeftOutDuty),
    };
    visit.rule(rule);
    asked
}

/// The tables that a rule reads, besides the declaration.
pub fn tables(rule: &Rule) -> BTreeSet<TableId> {
    let mut found = BTreeSet::new();
    if let Each::Table(table) = rule.each {
        found.insert(table);
    }
    let mut exported = BTreeSet::new();
    let mut visit = Visitor {
        column: &mut |column: ColumnRef| {
            found.insert(column.table);
        },
        exported: &mut |table| {
            exported.insert(table);
        },
        figure: &mut |_| {},
    };
    rule.when.iter().chain([&rule.condition]).for_each(|condition| visit.condition(condition));
    let mut quantified = BTreeSet::new();
    rule.when.iter().chain([&rule.condition]).for_each(|condition| row_tables(condition, &mut quantified));
    found
        .into_iter()
        .chain(exported)
        .chain(quantified)
        .filter(|table| table.0 > crate::table::ROW.0)
        .collect()
}

fn row_tables(condition: &Condition, found: &mut BTreeSet<TableId>) {
    match condition {
        Condition::All(parts, _) | Condition::Any(parts, _) | Condition::AnyGiven(parts, _) => {
            parts.iter().for_each(|part| row_tables(part, found));
        }
        Condition::Not(part, _) => row_tables(part, found),
        Condition::Rows(rows) => {
            found.insert(rows.table);
            rows.filter.iter().for_each(|filter| row_tables(filter, found));
        }
        Condition::Test(_) => {}
    }
}

/// Walks through everything that can name a column.
struct Visitor<'v> {
    column: &'v mut dyn FnMut(ColumnRef),
    exported: &'v mut dyn FnMut(TableId),
    figure: &'v mut dyn FnMut(WholeFile),
}

impl Visitor<'_> {
    fn rule(&mut self, rule: &Rule) {
        rule.when.iter().chain([&rule.condition]).for_each(|condition| self.condition(condition));
        self.template(&rule.message);
        for case in &rule.help {
            case.when.iter().for_each(|when| self.condition(when));
            self.template(&case.text);
        }
        for (column, text) in &rule.labels {
            (self.column)(*column);
            self.template(text);
        }
    }

    fn facts(&mut self, rules: &RuleSet) {
        for fact in &rules.facts {
            fact.when.iter().chain(&fact.rows).for_each(|condition| self.condition(condition));
            self.operand(&fact.value);
        }
    }

    fn template(&mut self, template: &Template) {
        for piece in &template.pieces {
            if let Piece::Operand(operand) = piece {
                self.operand(operand);
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts, _) | Condition::Any(parts, _) | Condition::AnyGiven(parts, _) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Condition::Not(part, _) => self.condition(part),
            Condition::Rows(rows) => {
                rows.filter.iter().for_each(|filter| self.condition(filter));
                if let Quantifier::Count(predicates) = &rows.quantifier {
                    predicates.iter().for_each(|predicate| self.predicate(predicate));
                }
            }
            Condition::Test(test) => {
                match &test.subject {
                    Subject::Operand(operand) => self.operand(operand),
                    Subject::Columns(columns) => columns.iter().for_each(|column| (self.column)(*column)),
                }
                self.predicate(&test.predicate);
            }
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::OneOf { values, .. } | Predicate::Exactly(values) => {
                values.iter().for_each(|value| self.operand(value));
            }
            Predicate::Compare(_, operand) | Predicate::Near { operand, .. } => self.operand(operand),
            Predicate::Listed { .. }
            | Predicate::Matches(_)
            | Predicate::StartsWith(_)
            | Predicate::Valid { .. }
            | Predicate::Present(_)
            | Predicate::Unique(_)
            | Predicate::Consistent
            | Predicate::Readable => {}
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Column(column) => (self.column)(*column),
            Operand::Shift { date, .. } => self.operand(date),
            Operand::Call(call) => self.call(call),
            Operand::Literal(_)
            | Operand::Choice(_)
            | Operand::FilingDate
            | Operand::PackVerified
            | Operand::Entry
            | Operand::Account(_) => {}
        }
    }

    fn call(&mut self, call: &Call) {
        match call {
            Call::Age(operand)
            | Call::MonthlyStatementDue(operand)
            | Call::FilerCode(operand)
            | Call::Lookup { of: operand, .. } => {
                self.operand(operand);
            }
            Call::Earliest(operands) | Call::Latest(operands) => {
                operands.iter().for_each(|operand| self.operand(operand));
            }
            Call::EarliestOf(column)
            | Call::LatestOf(column)
            | Call::Total(column)
            | Call::LineTotal(column)
            | Call::Distinct(column) => {
                (self.column)(*column);
            }
            Call::RateOn { heading, date, .. } => {
                self.operand(heading);
                self.operand(date);
            }
            Call::Percent { rate, amount } => {
                self.operand(rate);
                self.operand(amount);
            }
            Call::Exported(table) => (self.exported)(*table),
            Call::WholeFile(figure, _) => (self.figure)(*figure),
            Call::Nearest(_) => {}
        }
    }
}
