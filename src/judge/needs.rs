//! Which columns rules read. Tables keep only those, and conditions are indexed by them.

use std::collections::BTreeSet;

use crate::rules::model::Read;
use crate::rules::model::{Condition, Each, Frame, Piece, Rule, RuleSet, Template, WholeFile};
use crate::table::schema::Type;
use crate::table::{Asked, ROW, TableId};

/// For each table of the rule set, what the rules that `run` (and the facts) ask of each column. The
/// key and the line column are always read.
pub fn columns(rules: &RuleSet, runs: impl Fn(usize) -> bool) -> Vec<Vec<Asked>> {
    let mut needed: Vec<Vec<Asked>> =
        rules.schemas.iter().map(|schema| vec![Asked::Nothing; schema.columns.len()]).collect();
    for (schema, needed) in rules.schemas.iter().zip(&mut needed) {
        for column in schema.key.into_iter().chain(schema.line) {
            needed[column] = Asked::Value;
        }
    }
    let mut visit = |read: Read| {
        if let Some(column) = read.column() {
            let asked = if let Read::Readability(_) = read { Asked::Readable } else { Asked::Value };
            let needed = &mut needed[column.table.0][usize::from(column.column)];
            *needed = asked.max(*needed);
        }
        // The day of an export is the newest date in it.
        if let Read::Exported(table) = read {
            for (column, needed) in rules.schemas[table.0].columns.iter().zip(&mut needed[table.0]) {
                if column.kind == Type::Date {
                    *needed = Asked::Value;
                }
            }
        }
    };
    for (at, rule) in rules.rules.iter().enumerate() {
        if runs(at) {
            of_rule(rule, &mut visit);
        }
    }
    of_facts(rules, &mut visit);
    needed
}

/// The columns whose value all rows of an entry must agree on, where a rule reads them so.
pub fn entry_columns(rules: &RuleSet) -> BTreeSet<(TableId, u16)> {
    let mut found = BTreeSet::new();
    let mut visit = |read: Read| {
        if let Some(column) = read.column().filter(|column| column.of == Frame::Entry) {
            found.insert((column.table, column.column));
        }
    };
    rules.rules.iter().for_each(|rule| of_rule(rule, &mut visit));
    of_facts(rules, &mut visit);
    found
}

/// Whether a rule asks for what no declaration names, which only `--left-out` finds out.
pub fn asks_left_out(rule: &Rule) -> bool {
    let mut asked = false;
    of_rule(rule, &mut |read| {
        asked |= matches!(read, Read::WholeFile(WholeFile::LeftOutEntries | WholeFile::LeftOutDuty, _));
    });
    asked
}

/// The tables that a rule reads, besides the declaration.
pub fn tables(rule: &Rule) -> BTreeSet<TableId> {
    let mut found = BTreeSet::new();
    if let Each::Table(table) = rule.each {
        found.insert(table);
    }
    for condition in rule.when.iter().chain([&rule.condition]) {
        condition.walk(&mut |part| {
            if let Condition::Rows(rows) = part {
                found.insert(rows.table);
            }
        });
        condition.reads(&mut |read| {
            let exported = if let Read::Exported(table) = read { Some(table) } else { None };
            found.extend(read.column().map(|column| column.table).or(exported));
        });
    }
    found.retain(|table| table.0 > ROW.0);
    found
}

/// Visits what a rule reads: to judge, to say what is wrong and to point at it.
fn of_rule(rule: &Rule, visit: &mut impl FnMut(Read)) {
    let conditions = rule.when.iter().chain([&rule.condition]).chain(&rule.required_for);
    conditions.for_each(|condition| condition.reads(visit));
    of_template(&rule.message, visit);
    for case in &rule.help {
        case.when.iter().for_each(|when| when.reads(visit));
        of_template(&case.text, visit);
    }
    for (column, text) in &rule.labels {
        visit(Read::Cell(*column));
        of_template(text, visit);
    }
}

/// Visits what the figures read that reports show.
fn of_facts(rules: &RuleSet, visit: &mut impl FnMut(Read)) {
    for fact in &rules.facts {
        fact.when.iter().chain(&fact.rows).for_each(|condition| condition.reads(visit));
        fact.value.reads(visit);
    }
}

/// Visits what a text's placeholders read.
fn of_template(template: &Template, visit: &mut impl FnMut(Read)) {
    for piece in &template.pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Operand(operand) => operand.reads(visit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::source::Sources;

    #[test]
    fn what_is_asked_of_a_column_is_the_most_that_any_rule_asks() {
        let rules =
            rules::load(rules::pack::embedded(), rules::Options::default(), &mut Sources::default()).unwrap();
        let es003 = rules.schemas.iter().position(|schema| schema.name == "es003").unwrap();
        let asked = |runs: &dyn Fn(&str) -> bool, column: &str| {
            let asked = columns(&rules, |at| runs(&rules.rules[at].id));
            asked[es003][rules.schemas[es003].column(column).unwrap()]
        };
        let all = |_: &str| true;
        assert_eq!(asked(&all, "manufacturer"), Asked::Readable, "only `unreadable-values` looks at it");
        assert_eq!(asked(&|id| id != "unreadable-values", "manufacturer"), Asked::Nothing);
        for column in ["entry", "line_number", "hts", "duty", "entry_date", "importer_number"] {
            assert_eq!(asked(&all, column), Asked::Value, "{column}");
        }
        // The key, the line and what the figures of a report show are read whatever runs.
        for column in ["entry", "line_number", "duty"] {
            assert_eq!(asked(&|_| false, column), Asked::Value, "{column}");
        }
        assert_eq!(asked(&|id| id == "unreadable-values", "port"), Asked::Readable);
    }
}
