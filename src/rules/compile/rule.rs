//! Rules and facts.

use super::super::model::{
    Argument, Condition, Each, Fact, FactName, HelpCase, Operand, Piece, Rule, Template,
};
use super::super::operand::{self, TemplatePiece};
use super::super::syntax;
use super::check::{self, Claim};
use super::operands::{Compiler, Spot};
use super::{SCOPES, Unit, World, literal, require, tests};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::table::TableId;
use crate::yaml::decode::{self, Scalar, missing_key, unknown};
use crate::yaml::{Diagnostics, NodeId, Tree, View, shown};

/// In `supersedes`: every rule for entries (or files, as the rule is), but those that supersede it.
pub const ALL: &str = "all";

/// A compiled rule whose `supersedes` are still names.
pub struct Draft {
    /// The rule.
    pub rule: Rule,
    /// The ids it supersedes.
    pub supersedes: Vec<(String, Place)>,
}

/// Compiles a rule; `None` where it has an error.
pub fn compile(
    world: &World,
    tree: &Tree,
    node: NodeId,
    syntax: &syntax::Rule,
    with_tests: bool,
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
    let mut compiler =
        Compiler { world, tree, diagnostics, each, inner: Vec::new(), needs_filing_date: false };
    let (when, applies) = syntax.when.map(|when| compiler.claimed(when.0.0)).unzip();
    let (forbids, (condition, asked)) = compiler.demand(syntax, node, at);
    if let Some(condition) = &condition {
        check::rule(&applies.unwrap_or_default(), condition, &asked, forbids, compiler.diagnostics);
    }
    let required_for = syntax.required_for.map(|required| compiler.required_for(required.0.0, at));
    let message = match (&syntax.message, &syntax.title) {
        (Some(message), _) => compiler.template(message.node, &message.value),
        (None, Some(title)) => Some(Template { pieces: vec![Piece::Text(title.value.clone())] }),
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
    let text = |scalar: &Option<Scalar>| scalar.as_ref().map(|scalar| scalar.value.clone());
    let tests = if with_tests {
        let context = tests::Context { world, tree, effective, needs_filing_date };
        tests::compile(&context, syntax.tests.as_deref().unwrap_or_default(), diagnostics)
    } else {
        Vec::new()
    };
    if diagnostics.len() > before {
        return None;
    }
    let rule = Rule {
        id: syntax.id.as_ref()?.value.clone(),
        title: syntax.title.as_ref()?.value.clone(),
        severity: syntax.severity.as_ref()?.value.into(),
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
        sources: syntax.sources.iter().flatten().map(|source| source.value.clone()).collect(),
        note: text(&syntax.note),
        effective,
        supersedes: Vec::new(),
        fix: syntax.fix.as_ref().map(|fix| fix.value.into()),
        remedy: syntax.remedy.as_ref().map_or_else(Default::default, |remedy| remedy.value.into()),
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
        diagnostics.push(
            Diagnostic::new("bad-name", format!("`{}` cannot be the id of a rule", shown(&id.value)))
                .at(id.place(tree), "")
                .help("an id is lower-case words joined by `-`, such as `entry-on-hold`"),
        );
    }
}

/// What a rule is applied to.
fn scope(world: &World, tree: &Tree, each: &Scalar, diagnostics: &mut Diagnostics) -> Option<Each> {
    if let Some((_, scope)) = SCOPES.iter().find(|(name, _)| *name == each.value) {
        return Some(*scope);
    }
    if let Some(table) = world.table(&each.value) {
        return Some(Each::Table(table));
    }
    let known: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).chain(world.reference_tables()).collect();
    diagnostics.push(
        unknown("unknown-scope", "scope", &each.value, each.place(tree), known)
            .help("a rule is for each `file`, `row` or `entry`, or for each row of a table"),
    );
    None
}

pub(super) type Dates = (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

/// The first and the last day on which a rule is in force.
pub(super) fn effective(
    tree: &Tree,
    syntax: Option<&syntax::Effective>,
    diagnostics: &mut Diagnostics,
) -> Dates {
    let Some(syntax) = syntax else { return (None, None) };
    let from = syntax.from.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    let until = syntax.until.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    if let (Some(first), Some(last), Some(from), Some(until)) = (from, until, &syntax.from, &syntax.until)
        && first > last
    {
        diagnostics.push(
            Diagnostic::new("effective-reversed", "the rule ends before it begins")
                .at(until.place(tree), "the last day")
                .at(from.place(tree), "the first day")
                .help("exchange the two dates"),
        );
    }
    (from, until)
}

impl Compiler<'_> {
    /// What is required or forbidden.
    fn demand(
        &mut self,
        syntax: &syntax::Rule,
        node: NodeId,
        at: Place,
    ) -> (bool, (Option<Condition>, Vec<Claim>)) {
        let tree = self.tree;
        match (syntax.require, syntax.forbid) {
            (Some(require), None) => (false, self.claimed(require.0.0)),
            (None, Some(forbid)) => (true, self.claimed(forbid.0.0)),
            (Some(require), Some(forbid)) => {
                let place = |key: &str| tree.pair(node, key).map_or(at, |(key, _)| tree.place(key));
                self.diagnostics.push(
                    Diagnostic::new("conflicting-keys", "both `require` and `forbid`")
                        .at(place("forbid"), "second")
                        .at(place("require"), "first")
                        .help("make two rules of it"),
                );
                self.condition(require.0.0);
                self.condition(forbid.0.0);
                (false, (None, Vec::new()))
            }
            (None, None) => {
                if tree.get(node, "require").is_none() && tree.get(node, "forbid").is_none() {
                    self.diagnostics.push(missing_key("require", at).help("or `forbid:`"));
                }
                (false, (None, Vec::new()))
            }
        }
    }

    /// For which entries what is optional is required. Only an entry can be undecided for it.
    fn required_for(&mut self, node: NodeId, at: Place) -> Option<Condition> {
        if self.each.is_some_and(|each| each != Each::Entry) {
            self.diagnostics.push(
                Diagnostic::new("conflicting-keys", "`required_for` in a rule that is not for each entry")
                    .at(at, "")
                    .help("write `each: entry`, or leave `required_for` out"),
            );
        }
        self.condition(node)
    }

    /// A text with placeholders.
    fn template(&mut self, node: NodeId, text: &str) -> Option<Template> {
        let spot = Spot { node, offset: 0, placeholder: true };
        let pieces = match operand::placeholders(text) {
            Ok(pieces) => pieces,
            Err(error) => {
                self.syntax_error(spot, error);
                return None;
            }
        };
        let mut compiled = Vec::with_capacity(pieces.len());
        let mut failed = false;
        for piece in pieces {
            match piece {
                TemplatePiece::Text(text) => compiled.push(Piece::Text(text)),
                TemplatePiece::Placeholder(text, range) => {
                    match self.operand(&text, Spot { offset: range.start, ..spot }) {
                        Some(typed) => compiled.push(Piece::Operand(typed.operand)),
                        None => failed = true,
                    }
                }
            }
        }
        (!failed).then_some(Template { pieces: compiled })
    }

    /// The next step: a text, cases, or what another rule has.
    fn help(&mut self, node: NodeId) -> Option<Vec<HelpCase>> {
        let tree = self.tree;
        let node = match tree.view(node) {
            View::Mapping(_) => self.same_help(node)?,
            _ => node,
        };
        let items = match tree.view(node) {
            View::Scalar(text, _) => {
                let text = self.template(node, text)?;
                return Some(vec![HelpCase { when: None, text, remedy: None, place: tree.head(node) }]);
            }
            View::Sequence(items) if !items.is_empty() => items,
            other => {
                self.diagnostics.push(
                    Diagnostic::new(
                        "wrong-kind",
                        format!("expected a text, a list of cases or `same_as`, found {}", other.name()),
                    )
                    .at(tree.head(node), "")
                    .help("a case is `- when: CONDITION` and `text: …` below it; the last may lack `when`"),
                );
                return None;
            }
        };
        let mut cases = Vec::with_capacity(items.len());
        let mut failed = false;
        for (at, item) in items.iter().enumerate() {
            let Some(syntax) = decode::decode::<syntax::HelpCase>(tree, *item, self.diagnostics) else {
                failed = true;
                continue;
            };
            require(tree, self.diagnostics, *item, tree.head(*item), "text", syntax.text.is_some());
            if syntax.when.is_none() && at + 1 < items.len() && tree.get(*item, "when").is_none() {
                self.diagnostics.push(
                    Diagnostic::new("constant-condition", "no case after this one ever speaks")
                        .at(tree.head(*item), "a case without `when` always speaks")
                        .help("give it a `when`, or put it last"),
                );
                failed = true;
            }
            let when = syntax.when.map(|when| self.condition(when.0.0));
            let text = syntax.text.as_ref().and_then(|text| self.template(text.node, &text.value));
            let place = tree.head(*item);
            let remedy = syntax.remedy.as_ref().map(|remedy| remedy.value.into());
            match (when, text) {
                (None, Some(text)) => cases.push(HelpCase { when: None, text, remedy, place }),
                (Some(Some(when)), Some(text)) => {
                    cases.push(HelpCase { when: Some(when), text, remedy, place });
                }
                _ => failed = true,
            }
        }
        (!failed).then_some(cases)
    }

    /// Where the next step stands of the rule that `same_as` names. It is compiled anew, since its
    /// operands mean what they mean in this rule.
    fn same_help(&mut self, node: NodeId) -> Option<NodeId> {
        let tree = self.tree;
        let syntax = decode::decode::<syntax::SameHelp>(tree, node, self.diagnostics)?;
        require(tree, self.diagnostics, node, tree.head(node), "same_as", syntax.same_as.is_some());
        let same_as = syntax.same_as?;
        let rules = tree.root().and_then(|root| tree.get(root, "rules")).map(|rules| tree.view(rules));
        let Some(View::Sequence(rules)) = rules else { return None };
        let named = |rule: &NodeId| Some((tree.scalar(tree.get(*rule, "id")?)?, *rule));
        let named: Vec<(&str, NodeId)> = rules.iter().filter_map(named).collect();
        let place = same_as.place(tree);
        let Some((_, other)) = named.iter().find(|(id, _)| *id == same_as.value) else {
            let known = named.iter().map(|(id, _)| *id);
            let diagnostic = unknown("unknown-rule", "rule of this file", &same_as.value, place, known);
            self.diagnostics.push(diagnostic);
            return None;
        };
        let help = tree.get(*other, "help").filter(|help| !matches!(tree.view(*help), View::Mapping(_)));
        if help.is_none() {
            self.diagnostics.push(
                Diagnostic::new("no-own-help", format!("`{}` has no `help` of its own", same_as.value))
                    .at(place, "")
                    .help("name the rule in which the next step is written"),
            );
        }
        help
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
            self.diagnostics.push(
                Diagnostic::new("unknown-column", format!("`{}` is not a column", shown(&name.value)))
                    .at(name.place(self.tree), "")
                    .help("labels point at cells: `TABLE.COLUMN`"),
            );
            return None;
        };
        let id = self.table(table, table_range, spot)?;
        let index = self.column(id, column, column_range, spot)?;
        let of = match self.each? {
            _ if id == crate::table::FILE => Frame::File,
            _ if id == crate::table::ROW => Frame::Declared,
            Each::Table(own) if own == id => Frame::Own,
            _ => Frame::Entry,
        };
        Some(ColumnRef { table: id, column: index as u16, of })
    }
}

/// The figures that reports show.
pub fn facts(unit: &mut Unit, world: &World) -> Vec<Fact> {
    const NAMES: [(&str, FactName); 3] = [
        ("deadline", FactName::Deadline),
        ("ieepa_duty", FactName::IeepaDuty),
        ("floor_duty", FactName::FloorDuty),
    ];
    let Unit { tree, file, diagnostics, .. } = unit;
    let mut facts = Vec::new();
    for (name, lazy) in file.facts.iter().flat_map(|named| &named.0) {
        let Some(syntax) = lazy.decode(tree, diagnostics) else { continue };
        let Some((_, fact)) = NAMES.iter().find(|(known, _)| *known == name.value) else {
            let known = NAMES.iter().map(|(known, _)| *known);
            diagnostics.push(unknown("unknown-fact", "fact", &name.value, name.place(tree), known));
            continue;
        };
        require(tree, diagnostics, lazy.node, name.place(tree), "value", syntax.value.is_some());
        let mut compiler = Compiler {
            world,
            tree,
            diagnostics,
            each: Some(Each::Entry),
            inner: Vec::new(),
            needs_filing_date: false,
        };
        let when = syntax.when.map(|when| compiler.condition(when.0.0));
        let Some(value) = &syntax.value else { continue };
        let Some(typed) =
            compiler.operand(&value.value, Spot { node: value.node, offset: 0, placeholder: false })
        else {
            continue;
        };
        let summed: Option<TableId> = match &typed.operand {
            Operand::Call(call) => match call.arguments.as_slice() {
                [Argument::Rows(column)] => Some(column.table),
                _ => None,
            },
            _ => None,
        };
        if syntax.rows.is_some() && summed.is_none() {
            compiler.diagnostics.push(
                Diagnostic::new("wrong-arguments", "`rows` without a `total`")
                    .at(value.place(tree), "this is no total")
                    .help("`rows` says which rows a `total(TABLE.COLUMN)` sums"),
            );
            continue;
        }
        compiler.inner.push(summed);
        let rows = syntax.rows.map(|rows| compiler.condition(rows.0.0));
        if let (None | Some(Some(_)), None | Some(Some(_))) = (&when, &rows) {
            facts.push(Fact {
                name: *fact,
                when: when.flatten(),
                value: typed.operand,
                rows: rows.flatten(),
            });
        }
    }
    facts
}
