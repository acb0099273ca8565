//! Which columns rules read. Tables keep only those, and conditions are indexed by them.

use std::collections::BTreeSet;

use crate::finding::EntryFacts;
use crate::rules::model::{
    Aggregate, Condition, Dependency, Each, Figure, Frame, Operand, Rule, RuleSet, Template, TextPiece,
    WholeFile,
};
use crate::table::schema::Type;
use crate::table::{Asked, ROW, TableId};

/// For each table of the rule set, what the rules that `run` (and the figures) ask of each column. The
/// key and the line column are always read.
pub fn columns(rules: &RuleSet, runs: impl Fn(usize) -> bool) -> Vec<Vec<Asked>> {
    let mut needed: Vec<Vec<Asked>> =
        rules.schemas.iter().map(|schema| vec![Asked::Nothing; schema.columns.len()]).collect();
    for (schema, needed) in rules.schemas.iter().zip(&mut needed) {
        for column in schema.key.into_iter().chain(schema.line) {
            needed[column] = Asked::Value;
        }
    }
    let mut visit = |read: Dependency| {
        if let Some(column) = read.column() {
            let asked = if let Dependency::Readability(_) = read { Asked::Readable } else { Asked::Value };
            let needed = &mut needed[column.table.index()][usize::from(column.column)];
            *needed = asked.max(*needed);
        }
        // The day of an export is the newest date in it.
        if let Dependency::Exported(table) = read {
            for (column, needed) in
                rules.schemas[table.index()].columns.iter().zip(&mut needed[table.index()])
            {
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
    of_figures(rules, &figures(rules, &runs), &mut visit);
    // What reports show of an entry.
    if let Some(es003) = rules.schemas.iter().position(|schema| schema.name == "es003") {
        for column in EntryFacts::COLUMNS.iter().filter_map(|name| rules.schemas[es003].column(name)) {
            needed[es003][column] = Asked::Value;
        }
    }
    needed
}

/// The columns whose value all rows of an entry must agree on, where a rule reads them so.
pub fn entry_columns(rules: &RuleSet) -> BTreeSet<(TableId, u16)> {
    let mut found = BTreeSet::new();
    let mut visit = |read: Dependency| {
        let agreed =
            matches!(read, Dependency::Cell(_) | Dependency::Readability(_) | Dependency::Declaration(_));
        if let Some(column) = read.column().filter(|column| agreed && column.of == Frame::Entry) {
            found.insert((column.table, column.column));
        }
    };
    rules.rules.iter().for_each(|rule| of_rule(rule, &mut visit));
    of_figures(rules, &vec![true; rules.figures.len()], &mut visit);
    found
}

/// Whether a rule asks for what no declaration names, which is found out only where it is asked for.
pub fn asks_left_out(rule: &Rule) -> bool {
    let mut asked = false;
    of_rule(rule, &mut |read| {
        asked |= matches!(read, Dependency::WholeFile(WholeFile::LeftOutEntries | WholeFile::LeftOutDuty, _));
    });
    asked
}

/// Whether a rule asks for what only a whole ES-003 shows: its totals, or when it was exported.
pub fn asks_whole_export(rules: &RuleSet, rule: &Rule) -> bool {
    let is_es003 = |table: TableId| rules.schemas[table.index()].name == "es003";
    let mut asked = false;
    let mut used = Vec::new();
    let mut visit = |read: Dependency| {
        asked |= read.whole_export().is_some_and(is_es003);
        if let Dependency::Figure(id, _) = read {
            used.push(id);
        }
    };
    of_rule(rule, &mut visit);
    let mut seen = BTreeSet::new();
    while let Some(id) = used.pop() {
        if !seen.insert(id) {
            continue;
        }
        let figure = &rules.figures[usize::from(id.0)];
        let mut visit = |read: Dependency| {
            asked |= read.whole_export().is_some_and(is_es003);
            if let Dependency::Figure(id, _) = read {
                used.push(id);
            }
        };
        figure.when.iter().chain(&figure.filter).for_each(|condition| condition.reads(&mut visit));
        figure.of.iter().for_each(|operand| operand.reads(&mut visit));
    }
    asked
}

/// The tables that a rule reads, besides the declaration.
pub fn tables(rules: &RuleSet, rule: &Rule) -> BTreeSet<TableId> {
    let mut found = BTreeSet::new();
    if let Each::Table(table) | Each::Line(table) = rule.each {
        found.insert(table);
    }
    let mut open: Vec<&Condition> = rule.when.iter().chain([&rule.condition]).collect();
    let mut operands: Vec<&Operand> = Vec::new();
    let mut seen = BTreeSet::new();
    loop {
        let mut used = Vec::new();
        let mut visit = |read: Dependency| {
            let exported = if let Dependency::Exported(table) = read { Some(table) } else { None };
            found.extend(read.column().map(|column| column.table).or(exported));
            if let Dependency::Figure(id, _) = read {
                used.push(id);
            }
        };
        open.iter().for_each(|condition| condition.reads(&mut visit));
        operands.iter().for_each(|operand| operand.reads(&mut visit));
        for condition in open.drain(..) {
            condition.walk(&mut |part| {
                if let Condition::Rows(rows) = part {
                    found.insert(rows.range.table());
                }
            });
        }
        operands.clear();
        used.retain(|id| seen.insert(*id));
        if used.is_empty() {
            break;
        }
        for id in used {
            let figure = &rules.figures[usize::from(id.0)];
            if figure.aggregate != Aggregate::Value {
                found.insert(figure.range().table());
            }
            open.extend(figure.when.iter().chain(&figure.filter));
            operands.extend(&figure.of);
        }
    }
    found.retain(|table| table.index() > ROW.index());
    found
}

/// Visits what a rule reads: to evaluate it, to word the message and to label the cells.
fn of_rule(rule: &Rule, visit: &mut impl FnMut(Dependency)) {
    let conditions = rule.when.iter().chain([&rule.condition]).chain(&rule.required_for);
    conditions.for_each(|condition| condition.reads(visit));
    of_template(&rule.message, visit);
    for case in &rule.help {
        case.when.iter().for_each(|when| when.reads(visit));
        of_template(&case.text, visit);
        case.by.iter().for_each(|by| by.reads(visit));
    }
    for (column, text) in &rule.labels {
        visit(Dependency::Cell(*column));
        of_template(text, visit);
    }
}

/// The figures that the rules that `run` and the reports use, and those that these use.
pub fn figures(rules: &RuleSet, runs: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut used = vec![false; rules.figures.len()];
    let mut visit = |read: Dependency| {
        if let Dependency::Figure(id, _) = read {
            used[usize::from(id.0)] = true;
        }
    };
    for (at, rule) in rules.rules.iter().enumerate() {
        if runs(at) {
            of_rule(rule, &mut visit);
        }
    }
    for name in [super::LAST_DAY, super::IEEPA_DUTY, super::FLOOR_DUTY] {
        rules.figure(name).iter().for_each(|id| visit(Dependency::Figure(*id, Frame::Entry)));
    }
    // A figure uses only those before it.
    for at in (0..rules.figures.len()).rev() {
        if used[at] {
            of_figure(&rules.figures[at], &mut |read| {
                if let Dependency::Figure(id, _) = read {
                    used[usize::from(id.0)] = true;
                }
            });
        }
    }
    used
}

/// Visits what the figures read that are used.
fn of_figures(rules: &RuleSet, used: &[bool], visit: &mut impl FnMut(Dependency)) {
    for (figure, _) in rules.figures.iter().zip(used).filter(|(_, used)| **used) {
        of_figure(figure, visit);
    }
}

/// Visits what a figure reads.
fn of_figure(figure: &Figure, visit: &mut impl FnMut(Dependency)) {
    figure.when.iter().chain(&figure.filter).for_each(|condition| condition.reads(visit));
    figure.of.iter().for_each(|of| of.reads(visit));
}

/// Visits what a text's placeholders read.
fn of_template(template: &Template, visit: &mut impl FnMut(Dependency)) {
    for piece in &template.pieces {
        match piece {
            TextPiece::Text(_) => {}
            TextPiece::Operand(operand) => operand.reads(visit),
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
            rules::load(rules::pack::embedded(), rules::CompileOptions::default(), &mut Sources::default())
                .unwrap();
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
