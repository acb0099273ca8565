//! Compiles syntax to a [`RuleSet`]: resolves every name, reads every literal, checks that every test fits its type.
//!
//! Each step takes in errors and goes on, so that one run shows all of them. A step that meets something it
//! could not compile leaves it out and reports nothing more about what depends on it.

mod budget;
mod check;
mod codes;
mod condition;
mod figures;
mod fixtures;
mod ids;
mod literal;
mod operands;
mod pattern;
mod predicate;
mod rule;
mod settings;
mod tables;
mod tests;
pub mod words;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::model::{CodeList, CodeSet, Each, Figure, Off, Pack, Rule, RuleId, RuleSet, Setting};
use super::syntax::{self, RuleFile};
use super::{Neighbors, errors, operand};
use crate::mask;
use crate::source::{Place, Sources};
use crate::table::TableId;
use crate::table::schema::Schema;
use crate::table::value::{CellReading, Value};
use crate::yaml::decode::Scalar;
use crate::yaml::errors::is_written;
use crate::yaml::{Diagnostics, NodeId, Tree};
use budget::Budget;

pub(crate) use literal::{account, at as literal_at, clients, date as literal_date};

/// A file that was parsed and decoded.
pub(super) struct ParsedFile {
    pub tree: Arc<Tree>,
    pub file: RuleFile,
    /// The rules with their nodes.
    pub rules: Vec<(NodeId, syntax::WrittenRule)>,
    pub neighbors: Neighbors,
    /// Whether the rules' tests are compiled.
    pub tests: bool,
    pub diagnostics: Diagnostics,
}

/// What conditions may refer to.
pub(super) struct World {
    pub schemas: Vec<Arc<Schema>>,
    pub lists: Vec<CodeList>,
    pub selections: Vec<(String, CodeSet)>,
    /// The figures that were compiled so far: one uses only those before it.
    pub figures: Vec<Figure>,
    pub settings: Vec<Setting>,
    pub conditions: Vec<NamedNode>,
    pub steps: Vec<NamedNode>,
    pub budget: Budget,
}

/// Something named that is compiled where it is used.
pub(super) struct NamedNode {
    pub name: String,
    /// Its file.
    pub tree: Arc<Tree>,
    pub node: NodeId,
    /// Where its name is.
    pub place: Place,
}

impl World {
    fn table(&self, name: &str) -> Option<TableId> {
        self.schemas.iter().position(|schema| schema.name == name).map(TableId::new)
    }

    fn schema(&self, table: TableId) -> &Schema {
        &self.schemas[table.index()]
    }

    /// The tables that users give, without the declaration's own two.
    fn reference_tables(&self) -> impl Iterator<Item = &str> {
        self.schemas.iter().skip(2).map(|schema| schema.name.as_str())
    }
}

/// Compiles the files, in their order.
pub(super) fn compile(units: &mut [ParsedFile], sources: &mut Sources) -> RuleSet {
    let mut extended = Vec::new();
    let schemas = tables::compile(units, &mut extended);
    let (lists, selections) = codes::compile(units, &mut extended, sources);
    let mut world = World {
        schemas,
        lists,
        selections,
        figures: Vec::new(),
        settings: Vec::new(),
        conditions: Vec::new(),
        steps: Vec::new(),
        budget: Budget::default(),
    };
    let pack = pack(units);
    settings::compile(units, &mut world);
    named(units, &mut world);
    figures::compile(units, &mut world);
    let world = world;
    let ids = ids::assign(units);
    let drafts: Vec<rule::Draft> = units
        .par_iter_mut()
        .enumerate()
        .flat_map_iter(|(at, unit)| {
            let world = &world;
            let ids = &ids;
            let ParsedFile { tree, rules, diagnostics, tests, neighbors, .. } = unit;
            let tests = tests.then_some(&**neighbors);
            rules
                .iter()
                .enumerate()
                .filter(move |(index, _)| ids.runs(at, *index))
                .filter_map(|(_, (node, syntax))| {
                    let go_on = !diagnostics.full();
                    go_on.then(|| rule::compile(world, tree, *node, syntax, tests, diagnostics)).flatten()
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let mut rules = supersedes(drafts, &ids, units);
    for rule in &mut rules {
        let file = Path::new(sources.name(rule.place.file).raw());
        rule.stage =
            file.file_stem().map(|stem| stem.to_string_lossy().into_owned().into()).unwrap_or_default();
    }
    let holidays = holidays(&world.lists);
    let off = ids.off.into_iter().map(|ids::Stopped { id, rule: (unit, index), by }| {
        let ParsedFile { tree, rules, .. } = &units[unit];
        // Errors in a rule that does not run need no report.
        let effective = rule::effective(tree, rules[index].1.effective.as_ref(), &mut Diagnostics::default());
        Off { id, effective, by }
    });
    let off = off.collect();
    let World { schemas, lists, selections, figures, settings, conditions, steps, budget } = world;
    if let Some(last) = units.last_mut() {
        budget.errors().for_each(|error| last.diagnostics.push(error));
    }
    let selections = selections.into_iter().map(|(_, codes)| codes).collect();
    let places = |named: Vec<NamedNode>| named.into_iter().map(|node| (node.name, node.place)).collect();
    let (conditions, steps) = (places(conditions), places(steps));
    RuleSet {
        pack,
        schemas,
        code_lists: lists,
        rules,
        selections,
        conditions,
        steps,
        figures,
        settings,
        holidays,
        off,
        extended,
    }
}

/// Collects the named conditions and steps of all files. They are compiled where they are used.
fn named(units: &mut [ParsedFile], world: &mut World) {
    for ParsedFile { tree, file, diagnostics, .. } in units {
        for (given, what, into) in
            [(&file.conditions, "condition", &mut world.conditions), (&file.steps, "step", &mut world.steps)]
        {
            for (name, raw) in given.iter().flat_map(|named| &named.0) {
                let known: Vec<_> = into.iter().map(|other| (other.name.as_str(), other.place)).collect();
                if check_name(tree, name, what, diagnostics) && is_new(tree, name, what, &known, diagnostics)
                {
                    into.push(NamedNode {
                        name: name.value.clone(),
                        tree: Arc::clone(tree),
                        node: raw.0,
                        place: name.place(tree),
                    });
                }
            }
        }
    }
}

/// Reports a name that is in use already.
fn is_new(
    tree: &Tree,
    name: &Scalar,
    what: &str,
    known: &[(&str, Place)],
    diagnostics: &mut Diagnostics,
) -> bool {
    let first = known.iter().find(|(known, _)| *known == name.value);
    if let Some((_, first)) = first {
        diagnostics.push(errors::duplicate_name(&name.value, what, name.place(tree), *first));
    }
    first.is_none()
}

/// Which pack it is: the last file that sets it.
fn pack(units: &mut [ParsedFile]) -> Pack {
    let mut pack = Pack::default();
    for ParsedFile { tree, file, diagnostics, .. } in units {
        let Some(syntax) = &file.pack else { continue };
        let Some((key, node)) = tree.root().and_then(|root| tree.pair(root, "pack")) else { continue };
        for (name, given) in [("name", syntax.name.is_some()), ("version", syntax.version.is_some())] {
            require(tree, diagnostics, node, tree.place(key), name, given);
        }
        let text = |scalar: &Option<Scalar>| {
            scalar.as_ref().map(|scalar| masked(&scalar.value).into()).unwrap_or_default()
        };
        let verified = syntax.verified.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
        pack = Pack { name: text(&syntax.name), version: text(&syntax.version), verified };
    }
    pack
}

/// A text that may have been written in several lines: a folded or literal block ends with a line break that
/// is not meant.
fn one_line(text: &str) -> String {
    masked(text).trim_end().replace('\n', " ")
}

/// A text of a rule file as reports print it. No column shows that 9 digits in it are not a person's.
fn masked(text: &str) -> String {
    mask::mask(text).into_owned()
}

/// Reports that a key is missing, unless it is there and something else is wrong with it.
fn require(tree: &Tree, diagnostics: &mut Diagnostics, mapping: NodeId, at: Place, key: &str, given: bool) {
    if !given && !is_written(tree, mapping, key) {
        diagnostics.push(errors::missing_key(key, at));
    }
}

/// The days of the code list `federal_holidays`.
fn holidays(lists: &[CodeList]) -> Vec<chrono::NaiveDate> {
    let Some(list) = lists.iter().find(|list| list.name == "federal_holidays") else { return Vec::new() };
    let mut days: Vec<_> = list
        .rows
        .iter()
        .filter_map(|row| match row.get(list.key) {
            Some(CellReading::Value(Value::Date(day))) => Some(*day),
            _ => None,
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Gives the rules their numbers, and resolves which supersede which.
fn supersedes(drafts: Vec<rule::Draft>, ids: &ids::Ids, units: &mut [ParsedFile]) -> Vec<Rule> {
    let numbers: HashMap<String, usize> =
        drafts.iter().enumerate().map(|(at, draft)| (draft.rule.id.clone(), at)).collect();
    let eaches: Vec<Each> = drafts.iter().map(|draft| draft.rule.each).collect();
    let mut links: Vec<Vec<(usize, Place)>> = Vec::with_capacity(drafts.len());
    let mut over_all = Vec::new();
    let mut rules = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.into_iter().enumerate() {
        let mut own = Vec::new();
        for (id, place) in &draft.supersedes {
            if id == rule::ALL {
                over_all.push(at);
                continue;
            }
            let current = ids.current(id);
            if let Some(&at) = numbers.get(current) {
                own.push((at, *place));
                let file = |each| each == Each::File;
                let (ours, theirs) = (file(draft.rule.each), file(eaches[at]));
                if ours != theirs
                    && let Some(unit) = units.iter_mut().find(|unit| unit.tree.file == place.file)
                {
                    unit.diagnostics.push(errors::supersedes_elsewhere(&draft.rule.id, id, *place));
                }
            } else if !ids.is_known(id)
                && let Some(unit) = units.iter_mut().find(|unit| unit.tree.file == place.file)
            {
                unit.diagnostics.push(ids.unknown(id, *place));
            }
        }
        links.push(own);
        rules.push(draft.rule);
    }
    for (circle, place) in circles(&links) {
        let names: Vec<&str> = circle.iter().map(|&at| rules[at].id.as_str()).collect();
        if let Some(unit) = units.iter_mut().find(|unit| unit.tree.file == place.file) {
            unit.diagnostics.push(errors::supersedes_circle(&names, place));
        }
    }
    for (rule, own) in rules.iter_mut().zip(&links) {
        rule.supersedes = own.iter().filter_map(|(at, _)| u16::try_from(*at).ok()).map(RuleId).collect();
    }
    for at in over_all {
        let above = superseding(&links, at);
        let is_file = |other: usize| eaches[other] == Each::File;
        let below = (0..rules.len())
            .filter(|&other| other != at && is_file(other) == is_file(at) && !above.contains(&other));
        rules[at].supersedes_all = true;
        rules[at].supersedes = below.filter_map(|at| u16::try_from(at).ok()).map(RuleId).collect();
    }
    rules
}

/// The rules that supersede a rule by name, directly or through others.
fn superseding(links: &[Vec<(usize, Place)>], rule: usize) -> HashSet<usize> {
    let mut above = HashSet::from([rule]);
    loop {
        let before = above.len();
        let found = links.iter().enumerate().filter(|(_, own)| own.iter().any(|(at, _)| above.contains(at)));
        let found: Vec<usize> = found.map(|(at, _)| at).collect();
        above.extend(found);
        if above.len() == before {
            above.remove(&rule);
            return above;
        }
    }
}

/// The circles of a graph, each once, with the place of the link that closes it.
fn circles(links: &[Vec<(usize, Place)>]) -> Vec<(Vec<usize>, Place)> {
    #[derive(Clone, Copy, PartialEq)]
    enum VisitState {
        New,
        Open,
        Done,
    }
    let mut states = vec![VisitState::New; links.len()];
    let mut found = Vec::new();
    for start in 0..links.len() {
        if states[start] != VisitState::New {
            continue;
        }
        // A path of rules, each with how many of its links were followed.
        let mut path = vec![(start, 0)];
        states[start] = VisitState::Open;
        while let Some((at, next)) = path.last_mut() {
            let Some(&(target, place)) = links[*at].get(*next) else {
                states[*at] = VisitState::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match states[target] {
                VisitState::New => {
                    states[target] = VisitState::Open;
                    path.push((target, 0));
                }
                VisitState::Open => {
                    let from = path.iter().position(|(at, _)| *at == target).unwrap_or(0);
                    found.push((path[from..].iter().map(|(at, _)| *at).collect(), place));
                }
                VisitState::Done => {}
            }
        }
    }
    found
}

/// The names that `each` accepts besides tables.
const SCOPES: [(&str, Each); 3] = [("file", Each::File), ("row", Each::Row), ("entry", Each::Entry)];

/// Names that no table or column may have, because a condition gives them a meaning.
fn is_reserved(name: &str) -> bool {
    words::STRUCTURE.iter().any(|(word, _)| *word == name)
        || crate::judge::words::named(name).is_some()
        || matches!(name, "filing_date" | "pack_verified" | "by")
}

/// Reports a name that is none: `what` is its kind.
fn check_name(tree: &Tree, name: &Scalar, what: &str, diagnostics: &mut Diagnostics) -> bool {
    let place = name.place(tree);
    if !operand::is_name(&name.value) {
        diagnostics.push(errors::bad_name(&name.value, what, place));
        return false;
    }
    if is_reserved(&name.value) {
        diagnostics.push(errors::reserved_name(&name.value, what, place));
        return false;
    }
    check_digits(tree, name, what, diagnostics)
}

/// Reports a name with what may be a person's number: names are printed as they are, and a masked one would
/// name nothing.
fn check_digits(tree: &Tree, name: &Scalar, what: &str, diagnostics: &mut Diagnostics) -> bool {
    let is_free = mask::find(&name.value, |_| false).is_empty();
    if !is_free {
        diagnostics.push(errors::name_with_a_number(&name.value, what, name.place(tree)));
    }
    is_free
}
