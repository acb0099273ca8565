//! Compiles conditions: what has to be true together, of which rows, and which operand is tested. What is asked of
//! the operand is compiled in `predicate`.

use super::super::errors;
use super::super::model::{
    ColumnRef, Condition, Each, Frame, Operand, Predicate, Quantifier, Range, RowsCondition, Subject, Test,
};
use super::super::operand::{self, ExprKind};
use super::NamedNode;
use super::check::{self, Demand};
use super::operands::{Compiler, Spot, Typed};
use super::predicate::KeyValues;
use crate::judge::words::{self, CellTest};
use crate::source::Place;
use crate::table::schema::{Belongs, Type};
use crate::table::value::Value;
use crate::table::{FILE, ROW, TableId};
use crate::yaml::{NodeId, Style, View};

/// The words for how many rows a condition is about.
const QUANTIFIERS: [&str; 4] = ["some", "every", "no", "count"];

impl<'c> Compiler<'c> {
    /// Compiles a condition; `None` where it has an error.
    pub fn condition(&mut self, node: NodeId) -> Option<Condition> {
        self.with_demands(node).0
    }

    /// Compiles a condition, and gives what has to be true of each operand wherever the condition is true.
    pub fn with_demands(&mut self, node: NodeId) -> (Option<Condition>, Vec<Demand>) {
        let mut demands = Vec::new();
        let condition = self.conjunction(node, &mut demands);
        check::contradictions(&demands, self.diagnostics);
        (condition, demands)
    }

    /// Compiles a condition that has to be true together with others; what it demands of each operand is
    /// added to `demands`.
    fn conjunction(&mut self, node: NodeId, demands: &mut Vec<Demand>) -> Option<Condition> {
        if !self.world.budget.condition() {
            return None;
        }
        let tree = self.tree;
        let pairs = match tree.view(node) {
            View::Mapping(pairs) => pairs,
            other => {
                self.diagnostics.push(errors::not_a_condition(&other, tree.head(node)));
                return None;
            }
        };
        if pairs.is_empty() {
            self.diagnostics.push(errors::empty_condition(tree.place(node)));
            return None;
        }
        let name = |key: NodeId| tree.scalar(key).unwrap_or_default();
        let quantifiers: Vec<_> = pairs.iter().filter(|(key, _)| QUANTIFIERS.contains(&name(*key))).collect();
        if let [(first, _), (second, _), ..] = quantifiers.as_slice() {
            let at = |key: NodeId| (name(key), tree.place(key));
            self.diagnostics.push(errors::two_quantifiers(at(*first), at(*second)));
            return None;
        }
        let quantifier = quantifiers.first().map(|(key, _)| name(*key));
        let mut parts = Vec::with_capacity(pairs.len());
        let mut failed = false;
        for &(key, value) in pairs {
            let whole = tree.place_of_pair(key, value);
            let part = match name(key) {
                "all" => self
                    .several(key, value, |this, item| this.conjunction(item, demands))
                    .map(|parts| all(parts, whole)),
                "any" => self.several(key, value, Self::condition).map(|parts| Condition::Any(parts, whole)),
                "any_given" => {
                    self.several(key, value, Self::condition).map(|parts| Condition::AnyGiven(parts, whole))
                }
                "not" => self.condition(value).map(|inner| Condition::Not(Box::new(inner), whole)),
                "where" | "on" if quantifier.is_some() => continue,
                // A mistyped quantifier is an error of its own.
                "where" | "on" if pairs.iter().any(|(_, value)| self.is_table(*value)) => continue,
                word @ ("where" | "on") => {
                    self.diagnostics.push(errors::word_without_table(word, tree.place(key)));
                    None
                }
                word if QUANTIFIERS.contains(&word) => self.rows(word, key, value, pairs),
                word if quantifier == Some("count") && is_count_word(word) => continue,
                word if words::named(word).is_some() && !self.is_inner_column(word) => {
                    self.diagnostics.push(errors::word_without_operand(
                        word,
                        is_count_word(word),
                        tree.place(key),
                    ));
                    None
                }
                word => match self.named_condition(word) {
                    Some(named) => self.use_condition(named, key, value, demands),
                    None => self.test(key, value, demands),
                },
            };
            match part {
                Some(part) => parts.push(part),
                None => failed = true,
            }
            if self.diagnostics.full() {
                return None;
            }
        }
        (!failed && !parts.is_empty()).then(|| all(parts, tree.place(node)))
    }

    /// The named condition of that name, where no column of the row being looked at is called so.
    fn named_condition(&self, name: &str) -> Option<&'c NamedNode> {
        if self.is_inner_column(name) {
            return None;
        }
        self.world.conditions.iter().find(|condition| condition.name == name)
    }

    /// `NAME: yes` and `NAME: no`.
    fn use_condition(
        &mut self,
        named: &'c NamedNode,
        key: NodeId,
        value: NodeId,
        demands: &mut Vec<Demand>,
    ) -> Option<Condition> {
        let whole = self.tree.place_of_pair(key, value);
        if self.yes_no(value)? {
            return self.within(named, |this| this.conjunction(named.node, demands));
        }
        let inner = self.within(named, |this| this.condition(named.node))?;
        Some(Condition::Not(Box::new(inner), whole))
    }

    fn is_table(&self, node: NodeId) -> bool {
        self.tree.scalar(node).is_some_and(|name| self.world.table(name).is_some())
    }

    /// The table whose rows are looked at.
    pub(super) fn inner_table(&self) -> Option<TableId> {
        self.inner.last().copied().flatten()
    }

    pub(super) fn is_inner_column(&self, name: &str) -> bool {
        matches!(self.inner.last(), Some(Some(table)) if self.world.schema(*table).column(name).is_some())
    }

    /// The conditions of a list.
    fn several(
        &mut self,
        key: NodeId,
        value: NodeId,
        mut compile: impl FnMut(&mut Self, NodeId) -> Option<Condition>,
    ) -> Option<Vec<Condition>> {
        let tree = self.tree;
        let name = tree.scalar(key).unwrap_or_default();
        match tree.view(value) {
            View::Sequence([]) => {
                self.diagnostics.push(errors::no_conditions(name, tree.place_of_pair(key, value)));
                None
            }
            View::Sequence(items) => {
                let parts: Vec<_> = items.iter().map(|item| compile(self, *item)).collect();
                parts.into_iter().collect()
            }
            other => {
                self.diagnostics.push(errors::not_a_list_of_conditions(name, &other, tree.head(value)));
                None
            }
        }
    }

    /// `some`, `every`, `no` and `count`.
    fn rows(&mut self, word: &str, key: NodeId, value: NodeId, pairs: &KeyValues) -> Option<Condition> {
        let tree = self.tree;
        let pair = |wanted: &str| pairs.iter().find(|(key, _)| tree.scalar(*key) == Some(wanted));
        let range = self.range(value, pair("on").copied());
        let filter = pair("where").map(|(_, filter)| {
            let each = self.each;
            if let Some(Range::Declared | Range::Entries) = range {
                self.each = Some(Each::Entry);
            }
            self.inner.push(range.map(Range::table));
            let condition = self.condition(*filter);
            self.inner.pop();
            self.each = each;
            condition
        });
        let quantifier = match word {
            "some" => Some(Quantifier::Some),
            "every" => {
                if filter.is_none() {
                    self.diagnostics.push(errors::every_without_where(tree.place(key)));
                }
                Some(Quantifier::Every)
            }
            "no" => Some(Quantifier::No),
            _ => self.count(key, value, pairs).map(Quantifier::Count),
        };
        let filter = match filter {
            Some(filter) => Some(Box::new(filter?)),
            None => None,
        };
        let place = tree.place_of_pair(key, value);
        Some(Condition::Rows(RowsCondition { quantifier: quantifier?, range: range?, filter, place }))
    }

    /// The rows that a quantifier looks at: those of a table for the entry or on the line; in a rule on
    /// files its rows and entries.
    fn range(&mut self, node: NodeId, on: Option<(NodeId, NodeId)>) -> Option<Range> {
        let tree = self.tree;
        let place = tree.head(node);
        let Some(name) = tree.scalar(node).filter(|name| !name.is_empty()) else {
            self.diagnostics.push(errors::rows_of_no_table(place));
            return None;
        };
        let of_file = self.each == Some(Each::File);
        let range = match (name, self.world.table(name)) {
            ("entry", _) if of_file => Range::Entries,
            ("row", _) if of_file => Range::Declared,
            (_, Some(id)) if id != FILE && id != ROW => {
                if of_file {
                    self.diagnostics.push(errors::rows_in_a_file_rule(name, place));
                    return None;
                }
                // A rule on lines looks at its line.
                if self.each == Some(Each::Line(id)) && on.is_none() && !self.inner.contains(&Some(id)) {
                    return Some(Range::Line(id, Frame::Own));
                }
                Range::Entry(id)
            }
            (_, Some(_)) | ("entry", _) => {
                self.diagnostics.push(errors::not_rows_of_an_entry(name, place));
                return None;
            }
            (_, None) => {
                let known: Vec<&str> = self.world.reference_tables().collect();
                self.diagnostics.push(errors::unknown_table(name, place, known));
                return None;
            }
        };
        let Some((key, value)) = on else { return Some(range) };
        match (tree.scalar(value), range) {
            (Some("entry"), Range::Entry(_)) => Some(range),
            (Some("line"), Range::Entry(id)) => self.on_line(id, tree.place_of_pair(key, value)),
            (other, _) => {
                let other = other.unwrap_or_default();
                let known = ["line", "entry"];
                self.diagnostics.push(errors::unknown_value(other, tree.head(value), known));
                None
            }
        }
    }

    /// The rows on the same line as the row at hand.
    fn on_line(&mut self, id: TableId, place: Place) -> Option<Range> {
        let schema = self.world.schema(id);
        if schema.line.is_none() {
            self.diagnostics.push(errors::table_without_line(&schema.name, place));
            return None;
        }
        let depth = self.inner.iter().rev().position(|inner| *inner == Some(id));
        match (depth.and_then(|depth| u8::try_from(depth).ok()), self.each?) {
            (Some(depth), _) => Some(Range::Line(id, Frame::Inner(depth))),
            (None, Each::Table(own) | Each::Line(own)) if own == id => Some(Range::Line(id, Frame::Own)),
            _ => {
                self.diagnostics.push(errors::line_without_row(&schema.name, place));
                None
            }
        }
    }

    /// The number tests beside `count`.
    fn count(&mut self, key: NodeId, value: NodeId, pairs: &KeyValues) -> Option<Vec<Predicate>> {
        let tree = self.tree;
        let number = Typed::one(Operand::Literal(Value::Integer(0)), Type::Integer);
        let tests: Vec<_> =
            pairs.iter().copied().filter(|(key, _)| tree.scalar(*key).is_some_and(is_count_word)).collect();
        if tests.is_empty() {
            self.diagnostics.push(errors::count_without_number(tree.place_of_pair(key, value)));
            return None;
        }
        let predicates = self.words(&number, &tests)?;
        let mut demands = Vec::new();
        demands.extend(predicates.iter().map(|(predicate, place)| {
            Demand::count(tree.place(key).span.start(), predicate.clone(), *place)
        }));
        check::contradictions(&demands, self.diagnostics);
        Some(predicates.into_iter().map(|(predicate, _)| predicate).collect())
    }

    /// A test: an operand and what is asked of it.
    fn test(&mut self, key: NodeId, value: NodeId, demands: &mut Vec<Demand>) -> Option<Condition> {
        let tree = self.tree;
        let text = tree.scalar(key)?;
        let spot = Spot { node: key, offset: 0, placeholder: false };
        let expr = match operand::parse(text) {
            Ok(expr) => expr,
            Err(error) => {
                self.diagnostics.push(errors::key_is_no_operand(&error, self.place(spot, &error.range)));
                return None;
            }
        };
        let whole = tree.place_of_pair(key, value);
        if let View::Mapping(pairs) = tree.view(value)
            && pairs.iter().any(|(word, _)| tree.scalar(*word).and_then(cell_test).is_some())
        {
            return self.columns_test(&expr, spot, pairs, whole);
        }
        let subject = self.resolve(&expr, spot)?;
        if matches!(subject.operand, Operand::Literal(_)) {
            self.diagnostics.push(errors::literal_tested(tree.place(key)));
            return None;
        }
        // Of a list one can only ask whether it is set.
        let asks_if_set = matches!(tree.view(value), View::Mapping(pairs)
        if pairs.iter().all(|(word, _)| {
            tree.scalar(*word).and_then(words::named).is_some_and(|(_, word)| word.asks_if_set())
        }));
        if subject.many && !asks_if_set {
            self.diagnostics.push(errors::list_tested(text, tree.place(key)));
            return None;
        }
        let predicates = match tree.view(value) {
            View::Scalar("", Style::Plain) => {
                self.diagnostics.push(errors::column_without_test(tree.place(key)));
                return None;
            }
            View::Scalar(..) => vec![(self.equal(&subject, &[value], false)?, tree.head(value))],
            View::Sequence(_) => vec![(self.listed(&subject, value, false)?, tree.place(value))],
            View::Mapping([]) => {
                self.diagnostics.push(errors::test_without_word(whole));
                return None;
            }
            View::Mapping(pairs) => self.words(&subject, pairs)?,
        };
        for (predicate, place) in &predicates {
            demands.push(Demand::new(text, &subject, predicate.clone(), *place));
        }
        let single = predicates.len() == 1;
        let tests = predicates
            .into_iter()
            .map(|(predicate, place)| {
                let subject = Subject::Operand(subject.operand.clone());
                Condition::Test(Test { subject, predicate, place: if single { whole } else { place } })
            })
            .collect();
        Some(all(tests, whole))
    }

    /// Words that look at cells and not at a value.
    fn columns_test(
        &mut self,
        expr: &operand::Expr,
        spot: Spot,
        pairs: &KeyValues,
        whole: Place,
    ) -> Option<Condition> {
        let tree = self.tree;
        let mut tests = Vec::new();
        for &(key, value) in pairs {
            let word = tree.scalar(key).unwrap_or_default();
            let Some(test) = cell_test(word) else {
                self.diagnostics.push(errors::word_beside_test_of_cells(word, tree.place(key)));
                return None;
            };
            if !self.yes_no(value)? {
                self.diagnostics.push(errors::cells_tested_with_no(word, tree.place_of_pair(key, value)));
                return None;
            }
            let columns = self.cells(expr, spot, test == CellTest::Agree)?;
            let predicate = match test {
                CellTest::Agree => Predicate::Consistent,
                CellTest::CanBeRead => Predicate::Readable,
            };
            tests.push(Condition::Test(Test { subject: Subject::Columns(columns), predicate, place: whole }));
        }
        Some(all(tests, whole))
    }

    /// The columns whose cells a word looks at: `consistent` asks whether they agree.
    fn cells(&mut self, expr: &operand::Expr, spot: Spot, consistent: bool) -> Option<Vec<ColumnRef>> {
        let (table, columns) = match &expr.kind {
            ExprKind::Name(name) if self.is_inner_column(name) => {
                let table = self.inner.last().copied().flatten()?;
                (table, vec![self.world.schema(table).column(name)?])
            }
            ExprKind::Member(table, table_range, column, column_range) if table != "account" => {
                let id = self.table(table, table_range, spot)?;
                (id, vec![self.column(id, column, column_range, spot)?])
            }
            ExprKind::AllColumns(table, table_range) => {
                let id = self.table(table, table_range, spot)?;
                let schema = self.world.schema(id);
                // The key is what rows are joined by; columns of the line differ by their nature.
                let wanted = |index: &usize| {
                    Some(*index) != schema.key && (!consistent || schema.columns[*index].of == Belongs::Entry)
                };
                (id, (0..schema.columns.len()).filter(wanted).collect())
            }
            _ => {
                let place = self.place(spot, &expr.range);
                self.diagnostics.push(errors::no_cells(place));
                return None;
            }
        };
        let each = self.each?;
        if each == Each::File && table != FILE {
            let place = self.place(spot, &expr.range);
            self.diagnostics.push(errors::cells_in_a_file_rule(place));
            return None;
        }
        let of = if table == FILE {
            Frame::File
        } else if table == ROW {
            Frame::Declared
        } else if matches!(expr.kind, ExprKind::Name(_)) {
            Frame::Inner(0)
        } else if each == Each::Line(table) && consistent {
            Frame::Line
        } else if matches!(each, Each::Table(own) | Each::Line(own) if own == table) && !consistent {
            Frame::Own
        } else {
            Frame::Entry
        };
        Some(columns.into_iter().map(|column| ColumnRef { table, column: column as u16, of }).collect())
    }
}

/// Several conditions as one.
fn all(mut parts: Vec<Condition>, place: Place) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => Condition::All(parts, place),
    }
}

/// The words that test a number of rows.
fn is_count_word(word: &str) -> bool {
    words::named(word).is_some_and(|(_, word)| word.counts())
}

/// What a word asks of cells.
fn cell_test(word: &str) -> Option<CellTest> {
    words::named(word).and_then(|(_, word)| word.of_cells())
}
