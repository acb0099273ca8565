//! Rules that were decided without one of their sources.
//!
//! `any_given` takes evidence from the sources that were provided. If none of these has anything about an entry
//! and another source was not provided, the rule is satisfied only as far as the provided sources show: reports
//! name which source was not checked and which were used.

use std::collections::BTreeSet;

use super::Context;
use super::bind::BoundRule;
use super::cause::Cause;
use crate::rules::model::{Condition, Each, Range, RowsCondition, Rule, Severity};
use crate::table::{ROW, TableId};

/// One place where evidence is taken from: a list as a whole, or a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EvidenceSource {
    /// A table of which the presence of the entry and its cells count.
    Table(TableId),
    /// A column of the ES-003 or of the declaration.
    Column(TableId, u16),
}

impl<'a> Context<'a> {
    /// The rules of this run for which one of several sources is missing, each with the rule that asks all of
    /// them: that one is unknown where a missing source could name the entry.
    pub(super) fn alternatives<'r, 'b>(&self, rules: &'r [BoundRule<'b>]) -> Vec<(&'r BoundRule<'b>, Rule)> {
        let is_asked = |bound: &&BoundRule<'_>| {
            matches!(bound.rule.each, Each::Entry | Each::Row)
                && self.input.severities[usize::from(bound.id.0)].is_some_and(Severity::blocks)
                && self.sources_of(bound.rule).iter().any(|source| !self.is_provided(*source))
        };
        let strict = |bound: &'r BoundRule<'b>| {
            let when = bound.rule.when.as_ref().map(all_sources);
            let condition = all_sources(&bound.rule.condition);
            (bound, Rule { when, condition, ..bound.rule.clone() })
        };
        rules.iter().filter(is_asked).map(strict).collect()
    }

    /// The sources of a rule each of which may be enough.
    pub(super) fn sources_of(&self, rule: &Rule) -> BTreeSet<EvidenceSource> {
        let mut found = BTreeSet::new();
        let mut of_part = |part: &Condition| {
            part.reads(&mut |read| {
                let column = read.column().filter(|column| !self.is_key(column.table, column.column));
                found.extend(column.map(|column| self.source(column.table, column.column)));
            });
            part.walk(&mut |condition| {
                if let Condition::Rows(RowsCondition { range: Range::Entry(table), .. }) = condition
                    && self.is_list(*table)
                {
                    found.insert(EvidenceSource::Table(*table));
                }
            });
        };
        for condition in rule.when.iter().chain([&rule.condition]) {
            condition.walk(&mut |condition| {
                if let Condition::AnyGiven(parts, _) = condition {
                    parts.iter().for_each(&mut of_part);
                }
            });
        }
        found
    }

    fn is_key(&self, table: TableId, column: u16) -> bool {
        self.input.tables.schemas[table.index()].key == Some(usize::from(column))
    }

    fn source(&self, table: TableId, column: u16) -> EvidenceSource {
        if self.is_list(table) { EvidenceSource::Table(table) } else { EvidenceSource::Column(table, column) }
    }

    /// Whether a table is a list about entries rather than the export or the declaration.
    fn is_list(&self, table: TableId) -> bool {
        table.index() > ROW.index() && self.input.tables.schemas[table.index()].optional
    }

    /// Whether the run has a source, in each file that it may be in.
    pub(super) fn is_provided(&self, source: EvidenceSource) -> bool {
        match source {
            EvidenceSource::Table(table) => self.table(table).is_some(),
            // A declaration needs no more columns than CBP's template has.
            EvidenceSource::Column(ROW, _) => true,
            EvidenceSource::Column(table, column) => self
                .table(table)
                .is_some_and(|table| table.parts.iter().all(|part| part.has_column(usize::from(column)))),
        }
    }

    /// Which of a rule's sources were used: those of which any file has something.
    pub(super) fn used_sources(&self, rule: &Rule) -> Vec<EvidenceSource> {
        let is_used = |source: &EvidenceSource| match *source {
            EvidenceSource::Table(table) => self.table(table).is_some(),
            EvidenceSource::Column(table, column) => {
                self.table(table).is_some_and(|table| table.has_column(usize::from(column)))
            }
        };
        self.sources_of(rule).into_iter().filter(is_used).collect()
    }
}

/// Whether a cause of a strict rule names a source which the user could provide: a declaration needs no more
/// columns than CBP's template has.
pub(super) fn is_missing(cause: &Cause) -> bool {
    cause.is_not_given() && !matches!(cause, Cause::NoColumn(ROW, _))
}

/// The condition with `any` in the place of `any_given`. Quantifiers over the rows of a line stay, since they
/// are evaluated once for a rule and its strict copy.
fn all_sources(condition: &Condition) -> Condition {
    let parts = |parts: &[Condition]| parts.iter().map(all_sources).collect();
    match condition {
        Condition::All(all, place) => Condition::All(parts(all), *place),
        Condition::Any(any, place) | Condition::AnyGiven(any, place) => Condition::Any(parts(any), *place),
        Condition::Not(part, place) => Condition::Not(Box::new(all_sources(part)), *place),
        Condition::Rows(rows) if matches!(rows.range, Range::Line(..)) => Condition::Rows(rows.clone()),
        Condition::Rows(rows) => Condition::Rows(RowsCondition {
            filter: rows.filter.as_deref().map(|filter| Box::new(all_sources(filter))),
            ..rows.clone()
        }),
        Condition::Test(test) => Condition::Test(test.clone()),
    }
}
