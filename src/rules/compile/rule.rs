//! Compiles rules.

use super::super::model::{Condition, Each, HelpCase, Operand, Rule, Template, TextPiece};
use super::super::operand::{self, TemplatePiece};
use super::super::{Beside, errors, syntax};
use super::check::{self, Demand};
use super::operands::{Compiler, Spot};
use super::{SCOPES, World, check_digits, literal, masked, one_line, require, tests};
use crate::outside::OutsideString;
use crate::source::Place;
use crate::yaml::decode::{self, Scalar};
use crate::yaml::errors::is_written;
use crate::yaml::{Diagnostics, NodeId, Tree, View};

/// In `supersedes`: every rule for entries (or files, as the rule is), but those that supersede it.
pub const ALL: &str = "all";

/// A compiled rule whose `supersedes` are still names.
pub struct Draft {
    /// The rule.
    pub rule: Rule,
    /// The ids it supersedes.
    pub supersedes: Vec<(String, Place)>,
}

/// Compiles a rule; `None` where it has an error. Its tests are compiled where `neighbors` gives the files
/// beside its file.
pub fn compile(
    world: &World,
    tree: &Tree,
    node: NodeId,
    syntax: &syntax::WrittenRule,
    neighbors: Option<&Beside>,
    diagnostics: &mut Diagnostics,
) -> Option<Draft> {
    let before = diagnostics.len();
    let at = syntax.id.as_ref().map_or(tree.head(node), |id| id.place(tree));
    for (key, given) in [
        ("id", syntax.id.is_some()),
        ("title", syntax.title.is_some()),
        ("severity", syntax.severity.is_some()),
        ("each", syntax.each.is_some()),
    ] {
        require(tree, diagnostics, node, at, key, given);
    }
    if let Some(id) = &syntax.id {
        check_id(tree, id, diagnostics);
    }
    let each = syntax.each.as_ref().and_then(|each| scope(world, tree, each, diagnostics));
    let mut compiler = Compiler::new(world, tree, diagnostics, each);
    let (when, applies) = syntax.when.map(|when| compiler.with_demands(when.0.0)).unzip();
    let (forbids, (condition, asked)) = compiler.demand(syntax, node, at);
    if let Some(condition) = &condition {
        check::rule(&applies.unwrap_or_default(), condition, &asked, forbids, compiler.diagnostics);
    }
    let required_for = syntax.required_for.map(|required| compiler.required_for(required.0.0, at));
    let message = match (&syntax.message, &syntax.title) {
        (Some(message), _) => compiler.template(message.node, &message.value),
        (None, Some(title)) => {
            Some(Template { pieces: vec![TextPiece::Text(one_line(&title.value).into())] })
        }
        (None, None) => None,
    };
    let help = syntax.help.map(|help| compiler.help(help.0.0));
    let mut labels = Vec::new();
    for (column, text) in syntax.labels.iter().flat_map(|labels| &labels.0) {
        let column = compiler.label(column);
        let text = compiler.template(text.node, &text.value);
        labels.extend(column.zip(text));
    }
    let needs_filing_date = compiler.needs_filing_date || syntax.effective.is_some();
    let effective = effective(tree, syntax.effective.as_ref(), diagnostics);
    let text = |scalar: &Option<Scalar>| scalar.as_ref().map(|scalar| masked(&scalar.value).into());
    let tests = match neighbors {
        Some(neighbors) => {
            let context =
                super::fixtures::TestContext { world, tree, neighbors, effective, needs_filing_date };
            tests::compile(&context, syntax.tests.as_deref().unwrap_or_default(), diagnostics)
        }
        None => Vec::new(),
    };
    if diagnostics.len() > before {
        return None;
    }
    let rule = Rule {
        id: syntax.id.as_ref()?.value.clone(),
        title: one_line(&syntax.title.as_ref()?.value).into(),
        stage: OutsideString::default(),
        severity: syntax.severity.as_ref()?.value,
        each: each?,
        when: match when {
            Some(when) => Some(when?),
            None => None,
        },
        forbids,
        condition: condition?,
        message: message?,
        help: match help {
            Some(help) => help?,
            None => Vec::new(),
        },
        labels,
        cbp: text(&syntax.cbp),
        sources: syntax.sources.iter().flatten().map(|source| masked(&source.value).into()).collect(),
        note: text(&syntax.note),
        effective,
        supersedes: Vec::new(),
        supersedes_all: false,
        replaces: syntax.replaces.as_ref().map(|replaced| replaced.value.clone()),
        fix: syntax.fix.as_ref().map(|fix| fix.value),
        remedy: syntax.remedy.as_ref().map_or_else(Default::default, |remedy| remedy.value),
        required_for: match required_for {
            Some(required_for) => Some(required_for?),
            None => None,
        },
        tests,
        place: at,
        whole: tree.place(node),
    };
    let supersedes =
        syntax.supersedes.iter().flatten().map(|id| (id.value.clone(), id.place(tree))).collect();
    Some(Draft { rule, supersedes })
}

fn check_id(tree: &Tree, id: &Scalar, diagnostics: &mut Diagnostics) {
    let good = id.value.len() <= 80
        && id.value != ALL
        && id.value.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
    if !good {
        diagnostics.push(errors::bad_id(&id.value, id.place(tree)));
    } else {
        check_digits(tree, id, "rule", diagnostics);
    }
}

/// What a rule is applied to.
fn scope(world: &World, tree: &Tree, each: &Scalar, diagnostics: &mut Diagnostics) -> Option<Each> {
    if let Some((_, scope)) = SCOPES.iter().find(|(name, _)| *name == each.value) {
        return Some(*scope);
    }
    if each.value == "line" {
        return Compiler::new(world, tree, diagnostics, None).line_table(each.place(tree)).map(Each::Line);
    }
    if let Some(table) = world.table(&each.value) {
        return Some(Each::Table(table));
    }
    let known: Vec<&str> =
        SCOPES.iter().map(|(name, _)| *name).chain(["line"]).chain(world.reference_tables()).collect();
    diagnostics.push(errors::unknown_scope(&each.value, each.place(tree), known));
    None
}

pub(super) type DateRange = (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

/// The first and the last day on which a rule is in force.
pub(super) fn effective(
    tree: &Tree,
    syntax: Option<&syntax::Effective>,
    diagnostics: &mut Diagnostics,
) -> DateRange {
    let Some(syntax) = syntax else { return (None, None) };
    let from = syntax.from.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    let until = syntax.until.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    if let (Some(first), Some(last), Some(from), Some(until)) = (from, until, &syntax.from, &syntax.until)
        && first > last
    {
        diagnostics.push(errors::ends_before_it_begins(from.place(tree), until.place(tree)));
    }
    (from, until)
}

impl Compiler<'_> {
    /// What is required or forbidden.
    fn demand(
        &mut self,
        syntax: &syntax::WrittenRule,
        node: NodeId,
        at: Place,
    ) -> (bool, (Option<Condition>, Vec<Demand>)) {
        let tree = self.tree;
        match (syntax.require, syntax.forbid) {
            (Some(require), None) => (false, self.with_demands(require.0.0)),
            (None, Some(forbid)) => (true, self.with_demands(forbid.0.0)),
            (Some(require), Some(forbid)) => {
                let place = |key: &str| tree.pair(node, key).map_or(at, |(key, _)| tree.place(key));
                self.diagnostics.push(errors::require_and_forbid(place("require"), place("forbid")));
                self.condition(require.0.0);
                self.condition(forbid.0.0);
                (false, (None, Vec::new()))
            }
            (None, None) => {
                if !is_written(tree, node, "require") && !is_written(tree, node, "forbid") {
                    self.diagnostics.push(errors::nothing_required(at));
                }
                (false, (None, Vec::new()))
            }
        }
    }

    /// For which entries what is optional is required. Only an entry can be undecided for it.
    fn required_for(&mut self, node: NodeId, at: Place) -> Option<Condition> {
        if self.each.is_some_and(|each| each != Each::Entry) {
            self.diagnostics.push(errors::required_for_elsewhere(at));
        }
        self.condition(node)
    }

    /// A text with placeholders.
    fn template(&mut self, node: NodeId, text: &str) -> Option<Template> {
        self.step_text(node, text, None)
    }

    /// The text of a step, with `{by}` for its last day. A text with that day as another placeholder is refused: were one
    /// of the two changed, the finding would have two days.
    fn step_text(&mut self, node: NodeId, text: &str, by: Option<Option<&Operand>>) -> Option<Template> {
        let spot = Spot { node, offset: 0, placeholder: true };
        let pieces = match operand::placeholders(text) {
            Ok(pieces) => pieces,
            Err(error) => {
                self.syntax_error(spot, &error);
                return None;
            }
        };
        let mut compiled = Vec::with_capacity(pieces.len());
        let mut failed = false;
        let last = pieces.len().saturating_sub(1);
        for (at, piece) in pieces.into_iter().enumerate() {
            match piece {
                TemplatePiece::Text(text) => {
                    // A text of several lines is one sentence.
                    let text = masked(&text).replace('\n', " ");
                    let text = if at == last { text.trim_end().to_owned() } else { text };
                    if !text.is_empty() {
                        compiled.push(TextPiece::Text(text.into()));
                    }
                }
                TemplatePiece::Placeholder(text, range) => {
                    if let (Some(by), "by") = (by, text.trim()) {
                        // Of a day that cannot be read, an error is reported there.
                        by.map_or_else(|| failed = true, |by| compiled.push(TextPiece::Operand(by.clone())));
                        continue;
                    }
                    match self.operand(&text, Spot { offset: range.start, ..spot }) {
                        Some(typed) if by.flatten() == Some(&typed.operand) => {
                            self.diagnostics.push(errors::last_day_repeated(self.place(spot, &range)));
                            failed = true;
                        }
                        Some(typed) => compiled.push(TextPiece::Operand(typed.operand)),
                        None => failed = true,
                    }
                }
            }
        }
        (!failed).then_some(Template { pieces: compiled })
    }

    /// The next step: a text, cases, or a named step.
    fn help(&mut self, node: NodeId) -> Option<Vec<HelpCase>> {
        let tree = self.tree;
        let items = match tree.view(node) {
            View::Scalar(text, _) => {
                let text = self.template(node, text)?;
                return Some(vec![HelpCase::always(text, tree.head(node))]);
            }
            View::Mapping(_) => {
                let syntax = decode::decode::<syntax::NamedStep>(tree, node, self.diagnostics)?;
                require(tree, self.diagnostics, node, tree.head(node), "step", syntax.step.is_some());
                return self.step(&syntax.step?);
            }
            View::Sequence(items) if !items.is_empty() => items,
            other => {
                self.diagnostics.push(errors::not_a_next_step(&other, tree.head(node)));
                return None;
            }
        };
        let mut cases = Vec::with_capacity(items.len());
        let mut failed = false;
        for (at, item) in items.iter().enumerate() {
            let Some(syntax) = decode::decode::<syntax::WrittenHelpCase>(tree, *item, self.diagnostics)
            else {
                failed = true;
                continue;
            };
            if tree.get(*item, "step").is_none() {
                require(tree, self.diagnostics, *item, tree.head(*item), "text", syntax.text.is_some());
            }
            if let (Some(_), Some(step)) = (&syntax.text, &syntax.step) {
                self.diagnostics.push(errors::text_and_step(step.place(tree)));
                failed = true;
            }
            let condition = syntax.when.as_ref().map(|when| tree.place(when.0.0));
            let when = syntax.when.map(|when| self.condition(when.0.0));
            let place = tree.head(*item);
            let by = syntax.by.as_ref().map(|by| self.day(by));
            let remedy = syntax.remedy.as_ref().map(|remedy| remedy.value);
            let own = match (&syntax.text, &syntax.step) {
                (Some(text), _) => {
                    let by = by.as_ref().map(Option::as_ref);
                    let text = self.step_text(text.node, &text.value, by);
                    text.map(|text| vec![HelpCase::always(text, place)])
                }
                (None, Some(step)) => self.step(step),
                (None, None) => None,
            };
            let (Some(own), None | Some(Some(_)), None | Some(Some(_))) = (own, &when, &by) else {
                failed = true;
                continue;
            };
            let (when, by) = (when.flatten(), by.flatten());
            let always = when.is_none() && own.iter().any(|case| case.when.is_none());
            if always && at + 1 < items.len() && !is_written(tree, *item, "when") {
                self.diagnostics.push(errors::cases_after_the_last(tree.head(*item)));
                failed = true;
            }
            cases.extend(own.into_iter().map(|case| HelpCase {
                when: match (when.clone(), case.when) {
                    (Some(outer), Some(inner)) => Some(Condition::All(vec![outer, inner], case.place)),
                    (outer, inner) => outer.or(inner),
                },
                conditions: condition.into_iter().chain(case.conditions.iter().copied()).collect(),
                by: case.by.or_else(|| by.clone()),
                remedy: case.remedy.or(remedy),
                ..case
            }));
        }
        (!failed).then_some(cases)
    }

    /// A named step. It is compiled where it is used, since its operands mean what they mean there.
    fn step(&mut self, name: &Scalar) -> Option<Vec<HelpCase>> {
        let world = self.world;
        let Some(step) = world.steps.iter().find(|step| step.name == name.value) else {
            let known = world.steps.iter().map(|step| step.name.as_str());
            self.diagnostics.push(errors::unknown_step(&name.value, name.place(self.tree), known));
            return None;
        };
        self.within(step, |this| this.help(step.node))
    }

    /// A column to point at.
    fn label(&mut self, name: &Scalar) -> Option<super::super::model::ColumnRef> {
        use super::super::model::{ColumnRef, Frame};
        use super::super::operand::ExprKind;
        let spot = Spot { node: name.node, offset: 0, placeholder: false };
        let expr = operand::parse(&name.value).ok();
        let Some(ExprKind::Member(table, table_range, column, column_range)) = expr
            .as_ref()
            .map(|expr| &expr.kind)
            .filter(|kind| !matches!(kind, ExprKind::Member(table, ..) if table == "account"))
        else {
            self.diagnostics.push(errors::label_is_no_column(&name.value, name.place(self.tree)));
            return None;
        };
        let id = self.table(table, table_range, spot)?;
        let index = self.column(id, column, column_range, spot)?;
        let of = match self.each? {
            _ if id == crate::table::FILE => Frame::File,
            _ if id == crate::table::ROW => Frame::Declared,
            Each::Table(own) | Each::Line(own) if own == id => Frame::Own,
            _ => Frame::Entry,
        };
        Some(ColumnRef { table: id, column: index as u16, of })
    }
}
