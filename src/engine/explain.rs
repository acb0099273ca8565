//! Explains why an entry was flagged, and why not: rule by rule, the clauses that decided and the cells they read.

use std::cmp::Reverse;

use strum::VariantArray;

use super::checked::Checked;
use crate::cause::UndecidedCause;
use crate::entry::EntryNumber;
use crate::finding::{Finding, Outcome, Severity, Undecided};
use crate::importer::ImporterNumber;
use crate::judge::explain::{Explained, WithoutRows};
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::judge::{Context, needs};
use crate::outside::{OutsideString, OutsideText};
use crate::rules::model::{Each, Expectation, RuleId};
use crate::source::Place;
use crate::table::schema::Type;
use crate::table::{CellRef, ROW, TableId};
use crate::waiver;

/// How many clauses of a rule, and cells of a clause, are explained.
const SHOWN: usize = 6;

/// What the rules found about an entry of one declaration.
#[derive(Clone, Debug)]
pub struct EntryExplanation {
    /// The entry's first cell in the declaration.
    pub place: Option<Place>,
    /// What became of the entry: its index in [`crate::Outcome::entries`].
    pub entry: Option<usize>,
    /// The errors and stops on its declaration as a whole: indices into [`crate::Outcome::findings`].
    pub on_declaration: Vec<usize>,
    /// Each rule that ran, those that decide first; one on rows once for each row.
    pub rules: Vec<RuleExplanation>,
}

/// What a rule found.
#[derive(Clone, Debug)]
pub struct RuleExplanation {
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub title: OutsideString,
    /// How bad a violation is.
    pub severity: Severity,
    /// What came out.
    pub outcome: Expectation,
    /// The rule that is reported in its place, because it is more precise.
    pub superseded_by: Option<String>,
    /// The waiver that covers the violation: its index in the configuration.
    pub waiver: Option<usize>,
    /// What is wrong, where the rule is violated.
    pub message: Option<OutsideText<String>>,
    /// The next step, where the rule is violated.
    pub help: Option<OutsideText<String>>,
    /// CBP's own message, where the rule is violated.
    pub cbp: Option<OutsideString>,
    /// The table that has no row for the entry, which satisfies the rule.
    pub without_rows: Option<String>,
    /// The clauses that decided.
    pub clauses: Vec<Clause>,
    /// What was missing for the rule as a whole, where no clause decided.
    pub causes: Vec<UndecidedCause>,
    /// The sources that were missing where others decided.
    pub missing: Vec<UndecidedCause>,
}

impl RuleExplanation {
    /// How a person sorts what the rule found.
    pub fn standing(&self) -> RuleStanding {
        match self.outcome {
            Expectation::Satisfied => RuleStanding::Passed,
            _ if self.superseded_by.is_some() => RuleStanding::Superseded,
            Expectation::Violated => RuleStanding::Failed,
            Expectation::Undecided => RuleStanding::Unknown,
            Expectation::NotChecked => RuleStanding::NotChecked,
        }
    }
}

/// What a rule found, as a person sorts it: what decides first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum RuleStanding {
    /// It is violated.
    Failed,
    /// It is undecided.
    Unknown,
    /// Only what is optional is missing.
    NotChecked,
    /// Another rule is reported in its place.
    Superseded,
    /// It is satisfied.
    Passed,
}

impl RuleStanding {
    /// All of them, in order.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotChecked => "not checked",
            Self::Superseded => "superseded",
            Self::Passed => "passed",
        }
    }
}

/// A clause that decided.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The clause as its rule file has it, on one line.
    pub text: OutsideString,
    /// Whether it is true.
    pub truth: Truth,
    /// The cells that it read.
    pub cells: Vec<ClauseCell>,
    /// What was missing for it, where it is unknown.
    pub causes: Vec<UndecidedCause>,
}

/// A cell that a clause read.
#[derive(Clone, Debug)]
pub struct ClauseCell {
    /// The header of its column.
    pub header: OutsideString,
    /// What is in it, importer numbers masked where needed; `None` where the file has no such column.
    pub text: Option<OutsideString>,
    /// Where it is; `None` for a fact of the file.
    pub place: Option<Place>,
}

impl Checked<'_> {
    /// Explains an entry: once for each declaration that names it, so none where none does.
    pub fn explain_entry(&self, number: EntryNumber) -> Vec<EntryExplanation> {
        let Some(id) = self.entries.get(&number) else { return Vec::new() };
        let input = self.input();
        let context = Context::new(&input);
        let explaining = Explaining { checked: self, context: &context, number };
        let declared = context.declared.iter().enumerate().filter(|(_, declared)| declared.entry == Some(id));
        declared
            .map(|(index, declared)| {
                let rows: Vec<u32> = (0..context.declared_of_row.len() as u32)
                    .filter(|&row| context.declared_of_row[row as usize] as usize == index)
                    .collect();
                let place =
                    context.declared_cell(declared.row).map(|cell| self.tables.place(cell, &self.sources));
                let scope = Scope {
                    part: declared.part,
                    declared: Some(declared.row),
                    entry: Some(id),
                    own: None,
                    inner: None,
                };
                let mut explained = EntryExplanation {
                    place,
                    entry: self.entry_of(declared.part as usize, number),
                    on_declaration: self.blocking_declaration(declared.part as usize),
                    rules: explaining.rules(scope, &rows),
                };
                self.mark_superseded(&mut explained);
                explained
            })
            .collect()
    }

    /// The entry of a declaration in the outcome, which has no blank rows.
    fn entry_of(&self, declaration: usize, number: EntryNumber) -> Option<usize> {
        let Outcome { declarations, entries, .. } = &self.outcome;
        declarations.get(declaration)?.entries.clone().find(|at| entries[*at].number == Some(number))
    }

    /// The errors and stops on a declaration as a whole, which keep all its entries.
    fn blocking_declaration(&self, declaration: usize) -> Vec<usize> {
        let findings = self.outcome.findings.iter().enumerate();
        let blocking = findings.filter(|(_, finding)| {
            finding.severity.blocks()
                && finding.entry().is_none()
                && finding.declaration() == Some(declaration)
                && self.rules.set.rules[usize::from(finding.rule.0)].each == Each::File
        });
        blocking.map(|(at, _)| at).collect()
    }

    /// Takes the result of each rule from the outcome, and puts first what decides.
    fn mark_superseded(&self, explained: &mut EntryExplanation) {
        let violated: Vec<String> = (explained.rules.iter())
            .filter(|rule| rule.outcome == Expectation::Violated)
            .map(|rule| rule.rule.clone())
            .collect();
        let id_of = |name: &str| self.rules.set.rules.iter().position(|rule| rule.id == name);
        let supersedes = |name: &str, other: RuleId| {
            id_of(name).is_some_and(|at| self.rules.set.rules[at].supersedes.contains(&other))
        };
        for rule in &mut explained.rules {
            let Some(at) = id_of(&rule.rule) else { continue };
            let id = RuleId(at as u16);
            let (findings, undecided) = match explained.entry {
                Some(entry) => (self.findings_of(entry, id), self.undecided_of(entry, id)),
                None => Default::default(),
            };
            // A rule that was waived or made less severe may supersede fewer others than its list names.
            let is_reported = !findings.is_empty() || !undecided.is_empty();
            if rule.outcome != Expectation::Satisfied && !is_reported {
                rule.superseded_by = violated.iter().find(|other| supersedes(other, id)).cloned();
            }
            if explained.entry.is_none() {
                continue;
            }
            if rule.outcome == Expectation::Violated {
                let finding = findings
                    .iter()
                    .find(|finding| rule.message.as_ref().is_some_and(|of| finding.message == *of.raw()));
                rule.help = finding
                    .and_then(|finding| finding.help.as_ref().map(OutsideText::raw).map(OutsideText::from));
                rule.cbp = self.rules.set.rules[at].cbp.clone();
            }
            let in_part = undecided.iter().filter(|undecided| undecided.is_in_part());
            rule.missing = in_part.map(|undecided| undecided.cause.clone()).collect();
            let mut whole = undecided.iter().filter(|undecided| !undecided.is_in_part()).peekable();
            if rule.outcome == Expectation::Undecided && whole.peek().is_some() && whole.all(|of| of.optional)
            {
                rule.outcome = Expectation::NotChecked;
            }
        }
        explained.rules.sort_by_key(|rule| {
            let has_cells = rule.clauses.iter().any(|clause| !clause.cells.is_empty());
            (rule.standing(), rule.waiver.is_some(), Reverse(rule.severity), !has_cells)
        });
    }

    /// What a rule found on an entry, according to the outcome.
    fn findings_of(&self, entry: usize, rule: RuleId) -> Vec<&Finding> {
        let findings = self.outcome.findings.iter();
        findings.filter(|finding| finding.entry() == Some(entry) && finding.rule == rule).collect()
    }

    /// What the outcome has as undecided about a rule and an entry: what is about the entry, else what is
    /// about all.
    fn undecided_of(&self, entry: usize, rule: RuleId) -> Vec<&Undecided> {
        let Outcome { undecided, undecided_of, .. } = &self.outcome;
        let own = undecided_of.iter().filter(|of| of.entry as usize == entry);
        let own = own.map(|of| &undecided[of.undecided as usize]).filter(|of| of.rule == rule);
        let own: Vec<&Undecided> = own.collect();
        let for_all = undecided.iter().filter(|of| of.rule == rule && of.for_all);
        match own.iter().any(|of| !of.is_in_part()) {
            true => own,
            false => own.into_iter().chain(for_all).collect(),
        }
    }
}

struct Explaining<'a> {
    checked: &'a Checked<'a>,
    context: &'a Context<'a>,
    number: EntryNumber,
}

impl Explaining<'_> {
    /// All rules that ran, for the entry in that scope and its rows in the declaration.
    fn rules(&self, scope: Scope<'_>, rows: &[u32]) -> Vec<RuleExplanation> {
        let mut explained = Vec::new();
        for (at, rule) in self.checked.rules.set.rules.iter().enumerate() {
            let id = RuleId(at as u16);
            // An entry that is on a declaration is not left out of all.
            if self.context.input.severities[at].is_none() || needs::asks_left_out(rule) {
                continue;
            }
            match rule.each {
                Each::File => {}
                Each::Entry => explained.push(self.rule(id, scope)),
                Each::Row => {
                    let of_row = |&row: &u32| self.rule(id, Scope { declared: Some(row), ..scope });
                    explained.extend(rows.iter().map(of_row));
                }
                Each::Table(table) | Each::Line(table) => {
                    let rows =
                        scope.entry.map_or(Vec::new(), |entry| self.context.own_rows(rule.each, entry));
                    if rows.is_empty() {
                        explained.push(self.rule_without_rows(id, table, scope));
                    }
                    let of_row = |row| self.rule(id, Scope { own: Some(row), ..scope });
                    explained.extend(rows.into_iter().map(of_row));
                }
            }
        }
        explained
    }

    fn empty(&self, id: RuleId, outcome: Expectation) -> RuleExplanation {
        let rule = &self.checked.rules.set.rules[usize::from(id.0)];
        RuleExplanation {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity: self.context.input.severities[usize::from(id.0)].unwrap_or(rule.severity),
            outcome,
            superseded_by: None,
            waiver: None,
            message: None,
            help: None,
            cbp: None,
            without_rows: None,
            clauses: Vec::new(),
            causes: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn rule(&self, id: RuleId, scope: Scope<'_>) -> RuleExplanation {
        let rule = &self.checked.rules.set.rules[usize::from(id.0)];
        let (violated, explained) = self.context.explain_rule(id, scope);
        let outcome = match violated {
            Truth::True => Expectation::Violated,
            Truth::False => Expectation::Satisfied,
            Truth::Unknown => Expectation::Undecided,
        };
        let is_violated = violated == Truth::True;
        let day = self.context.input.filing_date;
        let mut waivers = self.checked.rules.config.waivers.iter();
        let covers = |waiver: &crate::waiver::Waiver| {
            waiver.is_in_force(day) && waiver::covers_entry(waiver, &rule.id, &self.number)
        };
        RuleExplanation {
            waiver: waivers.position(covers).filter(|_| is_violated),
            message: is_violated.then(|| self.context.fill(&rule.message, &scope).into()),
            clauses: self.clauses(&explained),
            ..self.empty(id, outcome)
        }
    }

    /// What a rule for each row of a table finds about an entry that has none.
    fn rule_without_rows(&self, id: RuleId, table: TableId, scope: Scope<'_>) -> RuleExplanation {
        match self.context.without_rows(id, table) {
            WithoutRows::NeverApplies => {
                let (violated, explained) = self.context.explain_rule(id, scope);
                let clauses = if violated == Truth::False { self.clauses(&explained) } else { Vec::new() };
                RuleExplanation { clauses, ..self.empty(id, Expectation::Satisfied) }
            }
            WithoutRows::Satisfied => {
                let name = self.checked.rules.set.schemas[table.index()].name.clone();
                RuleExplanation { without_rows: Some(name), ..self.empty(id, Expectation::Satisfied) }
            }
            WithoutRows::Unknown(causes) => RuleExplanation {
                causes: causes.into_iter().map(|cause| self.context.named(cause)).collect(),
                ..self.empty(id, Expectation::Undecided)
            },
        }
    }

    fn clauses(&self, explained: &[Explained]) -> Vec<Clause> {
        let deciding = explained.iter().flat_map(Explained::deciding).take(SHOWN);
        deciding
            .map(|clause| {
                let source = self.checked.sources.text(clause.place.file);
                let text = source.and_then(|text| text.text.get(clause.place.span.range())).unwrap_or("");
                Clause {
                    text: text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
                    truth: clause.truth,
                    cells: clause.cells.iter().take(SHOWN).filter_map(|cell| self.cell(*cell)).collect(),
                    causes: clause.causes.iter().map(|cause| self.context.named(*cause)).collect(),
                }
            })
            .collect()
    }

    fn cell(&self, at: CellRef) -> Option<ClauseCell> {
        let Checked { tables, sources, .. } = self.checked;
        let table = tables.get(at.table)?;
        let column = self.context.column(at.table, at.column);
        let cell = table.columns.get(usize::from(at.column)).and_then(|column| column.cell(at.row as usize));
        let text = cell.map_or("", |cell| cell.text().raw());
        let text = match column.kind {
            Type::ImporterNumber if !text.is_empty() => {
                ImporterNumber::parse(text).map_or_else(|| "***".to_owned(), |number| number.to_string())
            }
            _ => text.to_owned(),
        };
        let part = table.rows.get(at.row as usize).and_then(|row| table.parts.get(row.part as usize));
        let is_fact = at.table.index() < ROW.index();
        let is_missing = !is_fact && part.is_some_and(|part| !part.has_column(usize::from(at.column)));
        Some(ClauseCell {
            header: column.headers.first().unwrap_or(&column.name).as_str().into(),
            text: (!is_missing).then(|| text.into()),
            place: (!is_fact).then(|| tables.place(at, sources)),
        })
    }
}
