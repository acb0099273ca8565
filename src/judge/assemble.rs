//! Turns violations into findings, unknowns into causes, and both into the verdicts of entries.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use smol_str::{SmolStr, format_smolstr};

use super::alternatives::EvidenceSource;
use super::bind::Bound;
use super::cause::Cause;
use super::explain::Explained;
use super::functions::Prints;
use super::members::MAX_COMPARED_ROWS;
use super::operand::{Got, Val};
use super::ranges::Ranges;
use super::scope::{Located, Scope};
use super::truth::Truth;
use super::{Context, Declared, FLOOR_DUTY, IEEPA_DUTY, Judged, LAST_DAY, MissingSources, Violation};
use crate::cause::{ColumnName, SourceName, TableName, UndecidedCause};
use crate::distinct::Distinct;
use crate::figures::{dollars, dotted, grouped};
use crate::finding::{
    ChangedSetting, ClientId, Declaration, Entry, EntryFacts, Extent, Finding, FoundOn, Label, Outcome,
    Repair, RuleInfo, Undecided, UndecidedOf, Verdict,
};
use crate::outside::{OutsideString, OutsideText};
use crate::rules::model::{
    AccountField, Aggregate, ColumnRef, Each, FigureId, Fix, Frame, HelpCase, Operand, Remedy, Rule, RuleId,
    Severity, Template, TextPiece,
};
use crate::source::{Place, Span, line_number};
use crate::table::header;
use crate::table::named::quoted;
use crate::table::place::shown_text;
use crate::table::schema::{Schema, Type};
use crate::table::value::{Cell, CellReading, Order, Value, day_of, order_of_date, reads_as};
use crate::table::{CellRef, Doubt, EntryId, FILE, ROW, Row, TableId};
use crate::waiver;

/// Maps a cell of a batch to the cell of the whole run.
pub type MoveCell<'m> = dyn FnMut(CellRef) -> CellRef + 'm;

/// An outcome in the making: batch after batch of declarations is taken in.
#[derive(Default)]
pub struct Assembly {
    entries: Vec<Entry>,
    left_out: Vec<Entry>,
    findings: Vec<Finding>,
    texts: Distinct<str>,
    facts: Distinct<EntryFacts>,
    lists: Distinct<[RuleId]>,
    /// How many entries each declaration has, by its number.
    declarations: Vec<usize>,
    undecided: UndecidedRules,
}

impl Assembly {
    /// Takes in what was judged of a batch. `moved` maps a cell of the batch to the cell of the whole run; without it
    /// the batch is the whole run.
    pub fn take(&mut self, context: &Context<'_>, judged: Judged, moved: Option<&mut MoveCell<'_>>) {
        let mut entries = context.entries();
        let superseded = SupersededRules::new(context, &judged.violations, &entries);
        let mut findings = context.findings(&judged.violations, &superseded, &entries, &[]);
        let earlier = context.of_earlier_declarations();
        let renumbered = Renumbered { earlier: earlier as u32, first: self.entries.len() as u32 };
        let rejected: HashSet<usize> = findings
            .iter()
            // What `capelint fix` repairs is filed after all, so what is not known of it still counts.
            .filter(|finding| finding.severity == Severity::Error && finding.fix.is_none())
            .filter_map(Finding::entry)
            .collect();
        let Self { undecided, texts, .. } = self;
        let (undecided, ()) = rayon::join(
            || undecided.take(context, judged, &superseded, &rejected, &entries, renumbered),
            || {
                for finding in &mut findings {
                    if let FoundOn::Entry { entry, .. } = &mut finding.on {
                        *entry = renumbered.of(*entry);
                    }
                }
                share_texts(&mut findings, texts);
            },
        );
        if let Some(moved) = moved {
            move_cells(&mut findings, moved);
        }
        for (entry, undecided) in entries.iter_mut().zip(undecided) {
            entry.undecided = self.lists.list(&undecided);
            self.facts.share(&mut entry.facts);
        }
        let files = context.input.tables.get(FILE).map_or(0, |files| files.rows.len());
        self.declarations.resize(files, 0);
        for declared in &context.declared[earlier..] {
            self.declarations[declared.part as usize] += 1;
        }
        entries.drain(..earlier);
        append(&mut self.entries, entries);
        append(&mut self.findings, findings);
    }

    /// Takes in what was found of entries that no declaration names, after all that are on one.
    pub fn take_left_out(
        &mut self,
        context: &Context<'_>,
        violations: &[Violation],
        moved: Option<&mut MoveCell<'_>>,
    ) {
        let mut left_out = context.left_out();
        let superseded = SupersededRules::new(context, violations, &[]);
        let mut findings = context.findings(violations, &superseded, &[], &left_out);
        let mut rules = vec![Vec::new(); left_out.len()];
        for finding in &mut findings {
            if let FoundOn::LeftOut(at) = &mut finding.on {
                rules[*at as usize].push(finding.rule);
                *at += self.left_out.len() as u32;
            }
        }
        share_texts(&mut findings, &mut self.texts);
        if let Some(moved) = moved {
            move_cells(&mut findings, moved);
        }
        for (entry, rules) in left_out.iter_mut().zip(rules) {
            entry.rules = self.lists.list(&rules);
            self.facts.share(&mut entry.facts);
        }
        append(&mut self.findings, findings);
        append(&mut self.left_out, left_out);
    }

    /// Puts the entries that no declaration names in the order of their importers and last days, and what was
    /// found of them, which is at the end, in theirs.
    fn sort_left_out(&mut self) {
        let mut order: Vec<usize> = (0..self.left_out.len()).collect();
        let key = |at: &usize| {
            let Entry { facts, deadline, number, .. } = &self.left_out[*at];
            (&facts.importer_number, deadline.is_none(), *deadline, *number)
        };
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut sorted_at = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| sorted_at[*from] = to);
        let begin = self.findings.partition_point(|finding| finding.left_out().is_none());
        for finding in &mut self.findings[begin..] {
            if let FoundOn::LeftOut(at) = &mut finding.on {
                *at = sorted_at[*at as usize] as u32;
            }
        }
        self.findings[begin..].sort_by_key(|finding| (Reverse(finding.severity), finding.rule, finding.on));
        let mut left_out: Vec<(usize, Entry)> = sorted_at.into_iter().zip(take(&mut self.left_out)).collect();
        left_out.sort_unstable_by_key(|(to, _)| *to);
        self.left_out = left_out.into_iter().map(|(_, entry)| entry).collect();
    }

    /// The rules that were undecidable in some batches and looked at entry by entry in others: judged together,
    /// all entries would have been looked at. They have to be left out of [`Judged::undecidable`].
    pub fn differing(&self) -> HashSet<RuleId> {
        self.undecided.differing()
    }

    /// The outcome, once all batches were taken in: `context` is any of theirs.
    pub fn finish(mut self, context: &Context<'_>) -> Outcome {
        let input = context.input;
        self.sort_left_out();
        let Self { entries, left_out, findings, declarations, undecided, .. } = self;
        let (undecided, undecided_of) = undecided.finish(context, &entries);
        let mut outcome = Outcome {
            filing_date: input.filing_date,
            pack: input.rules.pack.clone(),
            rules: context.rule_infos(),
            declarations: context.declarations(&declarations),
            entries,
            left_out,
            findings,
            undecided,
            undecided_of,
            turned_off: turned_off(input),
            settings: changed_settings(input),
            rule_changes: Vec::new(),
            clients: input.account.clients.iter().map(|client| client.name.clone()).collect(),
            configuration: None,
            extent: Extent::default(),
        };
        outcome.update_verdicts();
        outcome
    }
}

/// Adds what is new; the first is taken as it is.
fn append<T>(kept: &mut Vec<T>, mut new: Vec<T>) {
    if kept.is_empty() { *kept = new } else { kept.append(&mut new) }
}

/// Keeps once what many findings have.
fn share_texts(findings: &mut [Finding], texts: &mut Distinct<str>) {
    for finding in findings {
        let help = finding.help.as_mut().map(OutsideText::kept);
        let column_name = finding.column_name.as_mut().map(OutsideString::kept);
        for text in help.into_iter().chain(column_name) {
            texts.share(text);
        }
        finding.labels.iter_mut().for_each(|label| texts.share(label.text.kept()));
    }
}

/// Calls cells as they are called in the end.
fn move_cells(findings: &mut [Finding], moved: &mut MoveCell<'_>) {
    let cells = findings
        .iter()
        .flat_map(|finding| finding.labels.iter().filter_map(|label| label.cell).chain(finding.cell));
    let mut cells: Vec<CellRef> = cells.collect();
    // Reports show rows in the order of their numbers, which stays that of the table.
    cells.sort_unstable_by_key(|cell| (cell.table, cell.row));
    cells.into_iter().for_each(|cell| _ = moved(cell));
    for finding in findings {
        finding.cell = finding.cell.map(&mut *moved);
        finding.labels.iter_mut().for_each(|label| label.cell = label.cell.map(&mut *moved));
    }
}

/// How the entries of a batch are numbered among those of all batches.
#[derive(Clone, Copy)]
struct Renumbered {
    /// How many of the batch are those of other batches, before its own.
    earlier: u32,
    /// The number of the first of its own.
    first: u32,
}

impl Renumbered {
    fn of(self, declared: u32) -> u32 {
        declared - self.earlier + self.first
    }
}

/// The settings that the configuration changed.
fn changed_settings(input: &super::JudgeInput<'_>) -> Vec<ChangedSetting> {
    let changed = input.rules.settings.iter().filter(|setting| setting.value != setting.default);
    let written = |value| show(&Val::of_literal(value)).into_owned();
    changed
        .map(|setting| ChangedSetting {
            name: setting.name.clone(),
            value: written(&setting.value).into(),
            default: written(&setting.default).into(),
            unit: setting.unit.clone(),
        })
        .collect()
}

/// The rules in force on the filing date that the run, its configuration or a rule file turned off.
fn turned_off(input: &super::JudgeInput<'_>) -> Vec<String> {
    let rules = &input.rules.rules;
    let for_the_run = (rules.iter().zip(&input.severities))
        .filter(|(rule, severity)| severity.is_none() && rule.in_force(input.filing_date))
        .map(|(rule, _)| &rule.id);
    // A later file may have put a rule of the same name in its place.
    let by_a_file = (input.rules.off.iter())
        .filter(|off| off.in_force(input.filing_date) && !rules.iter().any(|rule| rule.id == off.id))
        .map(|off| &off.id);
    for_the_run.chain(by_a_file).cloned().collect()
}

/// Rules that a more precise finding on the same entry or file supersedes.
struct SupersededRules {
    of: HashSet<(u32, Option<u32>, RuleId)>,
    /// Whether each rule is superseded anywhere: most are not.
    anywhere: Vec<bool>,
}

impl SupersededRules {
    fn new(context: &Context<'_>, violations: &[Violation], entries: &[Entry]) -> Self {
        let rules = &context.input.rules.rules;
        // A waived rule supersedes less precise rules on the same matter, but not every other rule.
        let is_waived = |violation: &Violation| {
            let entry = violation.declared.map(|declared| &entries[declared as usize]);
            let rule = &rules[usize::from(violation.rule.0)].id;
            context.input.waivers.iter().any(|waiver| waiver::covers(waiver, rule, entry))
        };
        let reported = violations.iter().filter(|violation| {
            let rule = &rules[usize::from(violation.rule.0)];
            !(rule.supersedes.is_empty() || rule.supersedes_all && is_waived(violation))
        });
        // A rule that was made less severe does not supersede a more severe one.
        let may_supersede = |rule: RuleId, other: RuleId| {
            let severity = context.severity(rule);
            severity >= rules[usize::from(rule.0)].severity || context.severity(other) <= severity
        };
        let mut by_subject: HashMap<(u32, Option<u32>), Vec<RuleId>> = HashMap::new();
        for violation in reported {
            by_subject.entry((violation.part, violation.subject())).or_default().push(violation.rule);
        }
        let mut superseded = HashSet::new();
        let mut anywhere = vec![false; rules.len()];
        for ((part, declared), reported) in by_subject {
            let supersedes = |rule: RuleId, other: RuleId| {
                rules[usize::from(rule.0)].supersedes.contains(&other) && may_supersede(rule, other)
            };
            for rule in not_superseded(&reported, &supersedes) {
                let others = rules[usize::from(rule.0)].supersedes.iter().copied();
                for other in others.filter(|other| may_supersede(rule, *other)) {
                    superseded.insert((part, declared, other));
                    anywhere[usize::from(other.0)] = true;
                }
            }
        }
        Self { of: superseded, anywhere }
    }

    fn contains(&self, part: u32, declared: Option<u32>, rule: RuleId) -> bool {
        self.anywhere[usize::from(rule.0)] && self.of.contains(&(part, declared, rule))
    }
}

/// The rules among these that none of the others supersedes: a superseded rule supersedes no other. Rules do
/// not supersede each other in a circle, which rule files are refused for.
fn not_superseded(rules: &[RuleId], supersedes: &dyn Fn(RuleId, RuleId) -> bool) -> Vec<RuleId> {
    let mut not_superseded: Vec<RuleId> = Vec::new();
    let mut open: Vec<RuleId> = rules.to_vec();
    while !open.is_empty() {
        // Rules that no undetermined rule supersedes are determined by those found so far.
        let is_next = |rule: &RuleId| !open.iter().any(|other| other != rule && supersedes(*other, *rule));
        let (next, rest): (Vec<RuleId>, Vec<RuleId>) = open.iter().partition(|rule| is_next(rule));
        let (next, rest) = if next.is_empty() { (rest, Vec::new()) } else { (next, rest) };
        let before = not_superseded.len();
        for rule in next {
            if !not_superseded[..before].iter().any(|other| supersedes(*other, rule)) {
                not_superseded.push(rule);
            }
        }
        open = rest;
    }
    not_superseded
}

impl<'a> Context<'a> {
    fn severity(&self, rule: RuleId) -> Severity {
        self.input.severities[usize::from(rule.0)].unwrap_or(Severity::Note)
    }

    fn rule(&self, rule: RuleId) -> &'a Rule {
        let rules: &'a crate::rules::model::RuleSet = self.input.rules;
        &rules.rules[usize::from(rule.0)]
    }

    fn rule_infos(&self) -> Vec<RuleInfo> {
        let rules = self.input.rules.rules.iter().enumerate();
        rules
            .map(|(at, rule)| RuleInfo {
                id: rule.id.clone(),
                title: rule.title.clone(),
                severity: self.input.severities[at].unwrap_or(rule.severity),
                help: match rule.help.as_slice() {
                    [only] => Some(only.text.outline().into()),
                    _ => None,
                },
                cbp: rule.cbp.clone(),
                sources: rule.sources.clone(),
                fix: rule.fix,
                stage: rule.stage.clone(),
            })
            .collect()
    }

    /// The declarations, each with so many entries.
    fn declarations(&self, entries: &[usize]) -> Vec<Declaration> {
        let Some(files) = self.input.tables.get(FILE) else { return Vec::new() };
        let mut at = 0;
        let of_file = |(row, entries): (&Row, &usize)| {
            let from = at;
            at += entries;
            Declaration { file: files.parts[row.part as usize].file, entries: from..at }
        };
        files.rows.iter().zip(entries).map(of_file).collect()
    }

    /// The declared entries.
    fn entries(&'a self) -> Vec<Entry> {
        let Some(table) = self.input.tables.get(ROW) else { return Vec::new() };
        let key = self.input.tables.schemas[ROW.index()].key.unwrap_or(0);
        let entry = |declared: &Declared| {
            let scope = Scope {
                part: declared.part,
                declared: Some(declared.row),
                entry: declared.entry,
                own: None,
                inner: None,
            };
            let written = table.columns.get(key).and_then(|column| column.cell(declared.row as usize));
            let written = match written {
                Some(cell) if declared.entry.is_none() => shown_text(cell.text(), Type::EntryNumber).into(),
                Some(cell) => cell.text().raw().into(),
                None => SmolStr::default(),
            };
            self.entry(scope, written, self.declared_place(declared.row), declared.rows)
        };
        self.declared.par_iter().map(entry).collect()
    }

    /// The entries of the export that no declaration names, where they were asked for.
    fn left_out(&'a self) -> Vec<Entry> {
        let of = |entry: &EntryId| {
            let scope = Scope::undeclared(*entry);
            let number = self.input.entries.number(*entry);
            let cell = self.export_cell(*entry);
            let place = cell.map(|cell| self.input.tables.place(cell, self.input.sources));
            let place = place.unwrap_or_else(|| self.file_place(0));
            self.entry(scope, number.as_str().into(), place, 0)
        };
        self.left_out_entries.par_iter().map(of).collect()
    }

    /// The cell of the ES-003 with an entry's number, in the first of its rows.
    fn export_cell(&self, entry: EntryId) -> Option<CellRef> {
        let table = self.input.tables.id("es003")?;
        let row = self.table(table)?.rows_of(entry).next()?;
        let column = self.input.tables.schemas[table.index()].key?;
        Some(CellRef { table, row: row as u32, column: column as u16 })
    }

    fn entry(&'a self, scope: Scope<'_>, written: SmolStr, place: Place, rows: u32) -> Entry {
        let deadline = self.input.rules.figure(LAST_DAY);
        let ieepa_duty = self.input.rules.figure(IEEPA_DUTY);
        let floor_duty = self.input.rules.figure(FLOOR_DUTY);
        let figure = |id: Option<FigureId>, scope: Scope<'_>| {
            let got = scope.entry.and(id).map(|id| self.figure(id, Frame::Entry, &scope));
            if let Some(Got::Val(value)) = got { Some(value) } else { None }
        };
        let money = |figure: Option<Val<'_>>| match figure {
            Some(Val::Money(amount)) => Some(amount),
            _ => None,
        };
        Entry {
            number: scope.entry.map(|entry| self.input.entries.number(entry)),
            written: OutsideText::new(written),
            place,
            rows,
            verdict: Verdict::Ready,
            after_waivers: Verdict::Ready,
            remedy: None,
            rules: Arc::default(),
            undecided: Arc::default(),
            deadline: match figure(deadline, scope) {
                Some(Val::Date(day)) => Some(day),
                _ => None,
            },
            ieepa_duty: money(figure(ieepa_duty, scope)),
            ieepa_duty_is_upper_bound: money(figure(floor_duty, scope)).is_some_and(|duty| !duty.is_zero()),
            facts: self.facts(&scope).into(),
        }
    }

    /// What the ES-003 has about an entry, for reports.
    pub(super) fn facts(&self, scope: &Scope<'_>) -> EntryFacts {
        let Some((id, columns)) = &self.fact_columns else { return EntryFacts::default() };
        let Some(table) = self.table(*id) else { return EntryFacts::default() };
        let schema = &self.input.tables.schemas[id.index()];
        let values = columns.map(|column| {
            let column = column?;
            let agreed = ColumnRef { table: *id, column, of: Frame::Entry };
            match self.locate_agreed(table, agreed, scope) {
                Located::Cell(cell, _) => match &cell.reading {
                    CellReading::Value(value) => Some((value, usize::from(column))),
                    CellReading::Blank | CellReading::Nothing | CellReading::Unreadable => None,
                },
                Located::Nothing | Located::Missing(_) => None,
            }
        });
        let text = |at: usize| match values[at]? {
            (Value::Importer(number), _) => Some(OutsideString::new(format_smolstr!("{number}"))),
            (Value::Choice(choice), column) => {
                let choice = schema.columns[column].choices.get(usize::from(*choice));
                choice.map(|choice| choice.name.as_str().into())
            }
            (Value::Text(text), _) => Some((**text).into()),
            _ => None,
        };
        let day = |at: usize| match values[at]? {
            (Value::Date(day), _) => Some(*day),
            _ => None,
        };
        let client = match values[0] {
            Some((Value::Importer(number), _)) => self.input.account.client_index(number),
            _ => None,
        };
        EntryFacts {
            importer_number: text(0),
            entry_type: text(1),
            entry_date: day(2),
            liquidation_status: text(3),
            liquidation_date: day(4),
            client: client.map(|at| ClientId(at as u32)),
        }
    }

    fn declared_place(&self, row: u32) -> Place {
        match self.declared_cell(row) {
            Some(cell) => self.input.tables.place(cell, self.input.sources),
            None => self.file_place(0),
        }
    }

    /// The cell of the declaration's header, or the file's beginning where it has none.
    fn file_place(&self, part: u32) -> Place {
        let files = self.input.tables.get(FILE);
        let Some(part) = files.and_then(|files| files.parts.get(part as usize)) else {
            return Place { file: crate::source::FileId(0), line: 1, column: 1, span: Span::default() };
        };
        let line = part.header.line.max(1);
        let span = part.header.fields.first().map_or(Span::default(), |(_, span)| *span);
        match self.input.sources.text(part.file) {
            Some(text) => {
                let start = (span.start() as usize).saturating_sub(text.skipped);
                let end = (span.end() as usize).saturating_sub(text.skipped);
                text.place(part.file, start..end)
            }
            None => Place { file: part.file, line: line_number(line), column: 1, span },
        }
    }

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
    fn findings(
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
    fn required_for(&'a self, rule: RuleId) -> Option<Bound<'a>> {
        self.rule(rule).required_for.as_ref().map(|required_for| self.bind(required_for))
    }

    /// Whether a declared entry is one of these. Where that is not known, it is: less information never
    /// gives a better verdict.
    fn is_required(&self, required_for: &Bound<'_>, declared: u32) -> bool {
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

    /// Fills a text's placeholders.
    pub fn fill(&self, template: &'a Template, scope: &Scope<'_>) -> String {
        let length = |piece: &TextPiece| match piece {
            TextPiece::Text(text) => text.len(),
            TextPiece::Operand(_) => LIKELY_VALUE,
        };
        let mut text = String::with_capacity(template.pieces.iter().map(length).sum());
        for piece in &template.pieces {
            match piece {
                TextPiece::Text(piece) => text.push_str(piece),
                TextPiece::Operand(operand) => text.push_str(&self.show(operand, scope)),
            }
        }
        text
    }

    /// [`Self::fill`] for a text that many findings have.
    fn fill_shared(&self, template: &'a Template, scope: &Scope<'_>) -> Arc<str> {
        match template.pieces.as_slice() {
            [TextPiece::Text(whole)] => Arc::clone(whole),
            _ => self.fill(template, scope).into(),
        }
    }

    /// Whether a text has the number of the entry, or what is written in its place, in it.
    fn names_entry(&self, template: &Template) -> bool {
        template.pieces.iter().any(|piece| match piece {
            TextPiece::Operand(Operand::Entry) => true,
            TextPiece::Operand(Operand::Column(column)) => {
                self.input.tables.schemas[column.table.index()].key == Some(usize::from(column.column))
            }
            TextPiece::Operand(_) | TextPiece::Text(_) => false,
        })
    }

    /// An operand's value as messages print it.
    pub(super) fn show(&self, operand: &'a Operand, scope: &Scope<'_>) -> Cow<'a, str> {
        if let Operand::Account(field) = operand {
            return match self.account(*field) {
                Some(values) => {
                    values.iter().map(|value| show(value).into_owned()).collect::<Vec<_>>().join(", ").into()
                }
                None => UNKNOWN.into(),
            };
        }
        if let (Operand::Entry, None, Some(row)) = (operand, scope.entry, scope.declared) {
            // The number cannot be read, so the text is printed as written.
            return self.written(row).into();
        }
        if let Operand::Column(column) = operand
            && let Located::Cell(cell, at) = self.locate(*column, scope)
        {
            let kind = self.column(at.table, at.column).kind;
            return match (self.read(cell, at.table, at.column), kind) {
                (_, Type::Text | Type::Choice) | (Got::Unknown, _) if kind != Type::ImporterNumber => {
                    shown_cell(cell, kind).into()
                }
                (Got::Val(value), _) => show(&value).into_owned().into(),
                _ => UNKNOWN.into(),
            };
        }
        match self.value(operand, scope) {
            Got::Val(Val::Integer(days)) if self.prints(operand) == Prints::Days => {
                format!("{days} day{}", if days.abs() == 1 { "" } else { "s" }).into()
            }
            Got::Val(Val::Money(plain)) if self.prints(operand) == Prints::Plain => {
                plain.normalize().to_string().into()
            }
            Got::Val(value) => show(&value).into_owned().into(),
            Got::Nothing => "(none)".into(),
            Got::Unknown => UNKNOWN.into(),
        }
    }

    /// How the value of an operand is printed.
    fn prints(&self, operand: &Operand) -> Prints {
        match operand {
            Operand::Call(call) => call.function().prints,
            Operand::Figure(id, _) => {
                let figure = &self.input.rules.figures[usize::from(id.0)];
                let value = figure.of.as_ref().filter(|_| figure.aggregate == Aggregate::Value);
                value.map_or(Prints::AsTyped, |value| self.prints(value))
            }
            _ => Prints::AsTyped,
        }
    }

    fn written(&self, row: u32) -> String {
        let key = self.input.tables.schemas[ROW.index()].key.unwrap_or(0);
        let cell = self.input.tables.get(ROW).and_then(|table| table.columns.get(key)?.cell(row as usize));
        cell.map(|cell| format!("`{}`", cut(&shown_text(cell.text(), Type::EntryNumber)))).unwrap_or_default()
    }
}

/// Bytes that the value of a placeholder has seldom more of.
const LIKELY_VALUE: usize = 16;

/// How many cells a finding points at, besides the declaration's.
const MAX_LABELS: usize = 4;

/// What a placeholder prints whose value is unknown.
const UNKNOWN: &str = "unknown";

/// What a cell has, as messages print it.
pub(super) fn shown_cell(cell: &Cell, kind: Type) -> String {
    if cell.text().raw().is_empty() { "(blank)".to_owned() } else { cut(&shown_text(cell.text(), kind)) }
}

/// A cell's text as messages print it: a long one is cut.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How many characters of a cell a message prints.
const MAX_CHARACTERS: usize = 200;

/// A value as messages print it.
fn show<'v>(value: &'v Val<'_>) -> Cow<'v, str> {
    match value {
        Val::Text(text) => crate::mask::mask(text),
        Val::Choice(name) => Cow::Borrowed(name),
        Val::Entry(number) => number.to_string().into(),
        Val::Importer(number) => number.to_string().into(),
        Val::Hts(digits) => dotted(digits).into(),
        Val::Date(day) => day.to_string().into(),
        Val::Money(amount) => dollars(*amount).into(),
        Val::Integer(number) => grouped(&number.to_string()).into(),
        Val::YesNo(yes) => Cow::Borrowed(if *yes { "yes" } else { "no" }),
    }
}

impl Template {
    /// The text with its placeholders left open, for lists of rules.
    pub fn outline(&self) -> String {
        let mut outline = String::new();
        for piece in &self.pieces {
            outline.push_str(match piece {
                TextPiece::Text(text) => text,
                TextPiece::Operand(_) => "…",
            });
        }
        outline
    }
}

/// What is undecided, once for each rule and cause; and for each entry which error rules are.
#[derive(Default)]
struct UndecidedRules {
    batches: usize,
    /// The rules that were undecidable: in how many batches, and for what.
    undecidable: BTreeMap<RuleId, Undecidable>,
    groups: CauseGroups,
    /// The causes of single entries: several rules name one cell.
    causes: Distinct<UndecidedCause>,
    /// The missing sources of rules that other sources decided, with the entries that each is about.
    without: BTreeMap<(RuleId, CauseKind), WithoutSource>,
}

/// A rule that was undecidable, whatever the entry.
struct Undecidable {
    batches: usize,
    causes: Vec<Cause>,
    /// Whether the causes are the same in all batches.
    is_same: bool,
    kind: CauseKind,
    optional: bool,
    of_row: bool,
    place: Option<CellRef>,
    /// For how many rows of declarations it is asked.
    rows: usize,
    /// The entries that it keeps from being ready, and those that it leaves ready.
    about: [Ranges; 2],
}

/// A missing source of a rule.
struct WithoutSource {
    cause: UndecidedCause,
    used: Vec<SourceName>,
    about: Ranges,
}

impl UndecidedRules {
    fn differing(&self) -> HashSet<RuleId> {
        let differing = |of: &Undecidable| !of.is_same || of.batches != self.batches;
        self.undecidable.iter().filter(|(_, of)| differing(of)).map(|(rule, _)| *rule).collect()
    }

    /// Takes in what is undecided in a batch, some of whose entries are `rejected`. For each of its entries the errors
    /// and stops among it.
    fn take(
        &mut self,
        context: &Context<'_>,
        judged: Judged,
        superseded: &SupersededRules,
        rejected: &HashSet<usize>,
        entries: &[Entry],
        renumbered: Renumbered,
    ) -> Vec<Vec<RuleId>> {
        self.batches += 1;
        let mut of_entries: Vec<Vec<RuleId>> = vec![Vec::new(); entries.len()];
        let earlier = renumbered.earlier as usize;
        let own = (0..).zip(entries).skip(earlier);
        let numbered: Ranges = own.filter(|(_, entry)| entry.number.is_some()).map(|(at, _)| at).collect();
        for (rule, causes) in &judged.undecidable {
            let (kind, place, optional) = context.weigh(*rule, causes);
            let of_row = context.rule(*rule).each == Each::Row;
            let of = self.undecidable.entry(*rule).or_insert_with(|| Undecidable {
                batches: 0,
                causes: causes.clone(),
                is_same: true,
                kind,
                optional,
                of_row,
                place,
                rows: 0,
                about: Default::default(),
            });
            of.batches += 1;
            of.is_same &= of.causes == *causes;
            let blocks = context.severity(*rule).blocks();
            let required = optional.then(|| context.required_for(*rule)).flatten();
            if optional && required.is_none() {
                of.about[1].extend(numbered.moved(|declared| renumbered.of(declared)));
            } else {
                for declared in numbered.iter() {
                    let is_required =
                        || required.as_ref().is_some_and(|of| context.is_required(of, declared));
                    let optional = optional && !is_required();
                    if !optional && blocks {
                        of_entries[declared as usize].push(*rule);
                    }
                    of.about[usize::from(optional)].push(renumbered.of(declared));
                }
            }
            let rows = context.declared_of_row.iter();
            of.rows += rows.filter(|declared| **declared >= renumbered.earlier).count();
        }
        let rules = context.input.rules.rules.len();
        // For which entries each rule is required.
        let mut required: Vec<Option<Option<Bound<'_>>>> = (0..rules).map(|_| None).collect();
        // For each entry the groups that it is in, and the cell that put it there.
        let mut about: Vec<(u32, u32, Option<CellRef>)> = Vec::new();
        // Most unknowns of a rule have the causes of the one before.
        let mut weighed: Vec<Option<WeighedCauses<'_>>> = vec![None; rules];
        for unknown in &judged.unknowns {
            let last = &mut weighed[usize::from(unknown.rule.0)];
            let is_known = last.as_ref().is_some_and(|(causes, ..)| Arc::ptr_eq(causes, &unknown.causes));
            if !is_known {
                *last = Some((&unknown.causes, context.weigh(unknown.rule, &unknown.causes), [None; 2]));
            }
            let Some((_, (kind, place, optional), groups)) = last else { continue };
            let (place, optional) = (*place, *optional);
            // What the run lacks it lacks for every entry, whatever else was found on it.
            if !kind.is_of_run() && superseded.contains(unknown.part, unknown.declared, unknown.rule) {
                continue;
            }
            let entry = unknown.declared.map(|declared| declared as usize);
            let required = &mut required[usize::from(unknown.rule.0)];
            let mut is_required = |declared| {
                let required = required.get_or_insert_with(|| context.required_for(unknown.rule));
                required.as_ref().is_some_and(|of| context.is_required(of, declared))
            };
            let optional = optional && !unknown.declared.is_some_and(&mut is_required);
            // The verdict depends on it even where it is not reported: the error may be waived later.
            if let Some(entry) = entry
                && !optional
                && context.severity(unknown.rule).blocks()
                && !of_entries[entry].contains(&unknown.rule)
            {
                of_entries[entry].push(unknown.rule);
            }
            // That an entry is not in the ES-003 is reported once, by the rule for it.
            let no_rows = unknown.causes.iter().any(|cause| matches!(cause, Cause::NoRows(_)));
            if no_rows && entry.is_some_and(|entry| rejected.contains(&entry)) {
                continue;
            }
            let at = *groups[usize::from(optional)].get_or_insert_with(|| {
                let key = (unknown.rule, kind.clone(), optional);
                self.groups.at(context, key, (self.batches, place))
            });
            let group = self.groups.get(at);
            // One entry may have several rows in a declaration, in any order.
            let is_ascending = context.rule(unknown.rule).each != Each::Row;
            match unknown.declared {
                Some(declared) if is_ascending && !kind.depends_on_cell() => {
                    group.about.push(renumbered.of(declared));
                }
                declared => about.extend(declared.map(|declared| (declared, at, place))),
            }
            // A rule for each row of a table may be undecided for several rows of one entry.
            let thing = unknown.declared.map(|declared| (self.batches, declared));
            if thing.is_none() || group.last != thing {
                group.things += 1;
            }
            group.last = thing;
        }
        // Of several cells of an entry the first counts.
        about.sort_by_key(|(entry, at, _)| (*entry, *at));
        about.dedup_by_key(|(entry, at, _)| (*entry, *at));
        let (groups, batch) = (&self.groups, self.batches);
        let about = about.into_par_iter().map(|(entry, at, cell)| {
            let ((_, kind, _), group) = groups.group(at);
            let differs = (batch, cell) != group.first && kind.depends_on_cell();
            let own = differs.then(|| context.name_cause(kind, cell));
            (renumbered.of(entry), at, own.filter(|own| *own != group.cause).map(Arc::new))
        });
        for (entry, at, own) in about.collect::<Vec<_>>() {
            let group = self.groups.get(at);
            match own {
                Some(mut cause) => {
                    self.causes.share(&mut cause);
                    group.own.push((entry, cause));
                }
                None => group.about.push(entry),
            }
        }
        self.take_without_a_source(context, &judged.without_a_source, superseded, entries, renumbered);
        of_entries
    }

    /// Takes in the missing sources of rules that other sources decided.
    fn take_without_a_source(
        &mut self,
        context: &Context<'_>,
        found: &[MissingSources],
        superseded: &SupersededRules,
        entries: &[Entry],
        renumbered: Renumbered,
    ) {
        for MissingSources { rule, causes, about } in found {
            let rule = *rule;
            let part = |declared: u32| context.declared[declared as usize].part;
            let mut declared: Vec<u32> = (about.iter())
                .filter(|declared| !superseded.contains(part(*declared), Some(*declared), rule))
                .filter(|declared| entries[*declared as usize].number.is_some())
                .map(|declared| renumbered.of(declared))
                .collect();
            // A rule on rows may be about several rows of one entry.
            declared.sort_unstable();
            declared.dedup();
            let mut kinds: Vec<CauseKind> = causes.iter().map(|cause| context.kind_of(*cause).0).collect();
            kinds.sort_unstable();
            kinds.dedup();
            for kind in kinds.into_iter().filter(|_| !declared.is_empty()) {
                let of = self.without.entry((rule, kind)).or_insert_with_key(|(rule, kind)| {
                    let used = context.used_sources(context.rule(*rule)).into_iter();
                    WithoutSource {
                        cause: context.name_cause(kind, None),
                        used: used.map(|source| context.name_source(source)).collect(),
                        about: Ranges::default(),
                    }
                });
                declared.iter().for_each(|declared| of.about.push(*declared));
            }
        }
    }

    /// What all batches lack together, in the order of the rules.
    fn finish(mut self, context: &Context<'_>, entries: &[Entry]) -> (Vec<Undecided>, Vec<UndecidedOf>) {
        let numbered = entries.iter().filter(|entry| entry.number.is_some()).count();
        for (rule, of) in self.undecidable {
            let Undecidable { kind, optional, place, about, .. } = of;
            let at = |groups: &mut CauseGroups, optional: bool| {
                groups.at(context, (rule, kind.clone(), optional), (0, place))
            };
            if of.of_row {
                let at = at(&mut self.groups, optional);
                let group = self.groups.get(at);
                (group.things, group.for_all) = (of.rows, true);
                continue;
            }
            if numbered == 0 {
                let at = at(&mut self.groups, optional);
                self.groups.get(at).for_all = true;
            }
            for (optional, about) in [false, true].into_iter().zip(about).filter(|(_, about)| about.len() > 0)
            {
                let at = at(&mut self.groups, optional);
                let group = self.groups.get(at);
                group.things += about.len();
                group.about.extend(about);
            }
        }
        let mut groups = self.groups.sorted();
        let mut undecided_of = Vec::new();
        for (at, ((rule, ..), group)) in (0..).zip(&mut groups) {
            let CauseGroup { about, own, .. } = group;
            let of_entries = context.rule(*rule).each != Each::Row;
            if own.is_empty() && of_entries && about.len() == numbered {
                group.for_all = true;
                continue;
            }
            let of = |entry, own| UndecidedOf { entry, undecided: at, own };
            undecided_of.extend(about.iter().map(|entry| of(entry, None)));
            undecided_of.extend(take(own).into_iter().map(|(entry, cause)| of(entry, Some(cause))));
        }
        let named: HashSet<(RuleId, &CauseKind)> =
            groups.iter().map(|((rule, kind, _), _)| (*rule, kind)).collect();
        // Where other entries leave the rule open for the same cause, that names it.
        self.without.retain(|(rule, kind), _| !named.contains(&(*rule, kind)));
        drop(named);
        let undecided = |((rule, kind, optional), group): (GroupKey, CauseGroup)| {
            let Rule { id, each, .. } = context.rule(rule);
            let on_file = *each == Each::File;
            // No entry's explanation has the rules on files.
            let cause = match kind {
                CauseKind::Computed if on_file => UndecidedCause::NotComputed { rule: Some(id.clone()) },
                _ => group.cause,
            };
            let CauseGroup { things, place, for_all, .. } = group;
            Undecided { rule, entries: things.max(1), on_file, cause, place, optional, for_all, used: None }
        };
        let mut undecided: Vec<Undecided> = groups.into_iter().map(undecided).collect();
        for ((rule, _), WithoutSource { cause, used, about }) in self.without {
            let (at, for_all) = (undecided.len() as u32, about.len() == numbered);
            undecided.push(Undecided {
                rule,
                entries: about.len(),
                on_file: false,
                cause,
                place: None,
                optional: true,
                for_all,
                used: Some(used),
            });
            if !for_all {
                let of = |entry| UndecidedOf { entry, undecided: at, own: None };
                undecided_of.extend(about.iter().map(of));
            }
        }
        undecided_of.sort_unstable_by_key(|of| (of.entry, of.undecided));
        undecided_of.shrink_to_fit();
        (undecided, undecided_of)
    }
}

/// A cause to report, its cell, and whether it leaves entries ready.
type WeighedCause = (CauseKind, Option<CellRef>, bool);

/// Causes, the one to report of them, and its groups: the one that leaves no entries ready first.
type WeighedCauses<'j> = (&'j Arc<[Cause]>, WeighedCause, [Option<u32>; 2]);

/// What is reported together: a rule, why it is undecided, and whether that leaves entries ready.
type GroupKey = (RuleId, CauseKind, bool);

/// What is undecided, by what is reported together.
#[derive(Default)]
struct CauseGroups {
    groups: Vec<(GroupKey, CauseGroup)>,
    index: HashMap<GroupKey, u32>,
}

struct CauseGroup {
    things: usize,
    /// The last of them that is an entry: its batch, and its number there.
    last: Option<(usize, u32)>,
    /// The batch and the cell that it began with.
    first: (usize, Option<CellRef>),
    cause: UndecidedCause,
    place: Option<Place>,
    for_all: bool,
    /// The entries that it is about, without those of `own`.
    about: Ranges,
    /// The entries whose cause is another: another cell that cannot be read.
    own: Vec<(u32, Arc<UndecidedCause>)>,
}

impl CauseGroups {
    /// The number of a key's group; where there was none, it begins with a cell of a batch.
    fn at(&mut self, context: &Context<'_>, key: GroupKey, first: (usize, Option<CellRef>)) -> u32 {
        if let Some(at) = self.index.get(&key) {
            return *at;
        }
        let at = self.groups.len() as u32;
        let cause = context.name_cause(&key.1, first.1);
        let place = first.1.map(|cell| context.input.tables.place(cell, context.input.sources));
        let group = CauseGroup {
            things: 0,
            last: None,
            first,
            cause,
            place,
            for_all: false,
            about: Ranges::default(),
            own: Vec::new(),
        };
        self.groups.push((key.clone(), group));
        self.index.insert(key, at);
        at
    }

    fn group(&self, at: u32) -> &(GroupKey, CauseGroup) {
        &self.groups[at as usize]
    }

    fn get(&mut self, at: u32) -> &mut CauseGroup {
        &mut self.groups[at as usize].1
    }

    /// The groups in the order of their keys.
    fn sorted(mut self) -> Vec<(GroupKey, CauseGroup)> {
        self.groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.groups
    }
}

/// A [`Cause`] without the cell, so that equal ones are reported once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum CauseKind {
    NoTable(TableId),
    NoColumn(TableId, u16),
    NoRows(TableId),
    Blank(TableId, u16),
    Unreadable(TableId, u16),
    Conflict(TableId, u16),
    NoAccount(u8),
    NoExportDate(TableId),
    TooManyRows(TableId),
    /// The column, the cell's text, the code list, and its column that is blank.
    Unlisted(TableId, u16, SmolStr, u32, Option<u16>),
    Computed,
}

impl CauseKind {
    /// Whether it is the same for every entry: the user provided no table, column or setting for it, and did not
    /// state a day of export that no file has.
    fn is_of_run(&self) -> bool {
        match self {
            Self::NoTable(_) | Self::NoColumn(..) | Self::NoAccount(_) | Self::NoExportDate(_) => true,
            Self::NoRows(_)
            | Self::Blank(..)
            | Self::Unreadable(..)
            | Self::Conflict(..)
            | Self::TooManyRows(_)
            | Self::Unlisted(..)
            | Self::Computed => false,
        }
    }

    /// Whether what is reported of it depends on the cell that has it.
    fn depends_on_cell(&self) -> bool {
        match self {
            Self::Blank(..) | Self::Unreadable(..) => true,
            Self::NoTable(_)
            | Self::NoColumn(..)
            | Self::NoRows(_)
            | Self::TooManyRows(_)
            | Self::Conflict(..)
            | Self::NoAccount(_)
            | Self::NoExportDate(_)
            | Self::Unlisted(..)
            | Self::Computed => false,
        }
    }
}

impl Context<'_> {
    fn schema(&self, table: TableId) -> &Schema {
        &self.input.tables.schemas[table.index()]
    }

    /// A cause without the cell, and the cell.
    fn kind_of(&self, cause: Cause) -> (CauseKind, Option<CellRef>) {
        match cause {
            Cause::NoTable(table) => (CauseKind::NoTable(table), None),
            Cause::NoColumn(table, column) => (CauseKind::NoColumn(table, column), None),
            Cause::NoRows(table) => (CauseKind::NoRows(table), None),
            Cause::Blank(cell) => (CauseKind::Blank(cell.table, cell.column), Some(cell)),
            Cause::Unreadable(cell) => (CauseKind::Unreadable(cell.table, cell.column), Some(cell)),
            Cause::Conflict(table, column) => (CauseKind::Conflict(table, column), None),
            Cause::NoAccount(field) => {
                let at = AccountField::ALL.iter().position(|(_, known, _)| *known == field);
                (CauseKind::NoAccount(at.unwrap_or(0) as u8), None)
            }
            Cause::NoExportDate(table) => (CauseKind::NoExportDate(table), None),
            Cause::TooManyRows(table) => (CauseKind::TooManyRows(table), None),
            Cause::Unlisted { cell, text, list, blank } => {
                let columns = self.input.tables.get(cell.table).map(|data| &data.columns);
                let cells = columns.and_then(|columns| columns.get(usize::from(cell.column)));
                let text = cells.and_then(|cells| cells.dictionary.get(text as usize));
                let text = text.map_or_else(SmolStr::default, |text| text.text().raw().into());
                (CauseKind::Unlisted(cell.table, cell.column, text, list, blank), Some(cell))
            }
            Cause::NotDeclared | Cause::Computed => (CauseKind::Computed, None),
        }
    }

    /// The cause to report of several, and whether it leaves entries ready: a list that the user keeps was
    /// not provided, and providing it may decide the rule. It cannot where a day of export is not known.
    fn weigh(&self, rule: RuleId, causes: &[Cause]) -> WeighedCause {
        // A missing column that only a note needs is no reason for a warning.
        let of_note = self.severity(rule) == Severity::Note;
        let leaves_ready =
            |cause: &Cause| self.leaves_ready(cause) || of_note && matches!(cause, Cause::NoColumn(..));
        let list = causes.iter().find(|cause| leaves_ready(cause));
        let may_be_decided = |cause: &Cause| {
            let kind = self.kind_of(*cause).0;
            kind.is_of_run() && !matches!(kind, CauseKind::NoExportDate(_))
        };
        match list {
            Some(list) if causes.iter().all(may_be_decided) => {
                let (kind, place) = self.kind_of(*list);
                (kind, place, true)
            }
            _ => {
                let reported = causes.iter().find(|cause| !leaves_ready(cause)).or(causes.first());
                let (kind, place) =
                    reported.map_or((CauseKind::Computed, None), |cause| self.kind_of(*cause));
                (kind, place, false)
            }
        }
    }

    /// Whether something the user may well not have is missing.
    fn leaves_ready(&self, cause: &Cause) -> bool {
        match cause {
            Cause::NoTable(table) => self.schema(*table).optional,
            Cause::NoColumn(table, column) => self.column(*table, *column).optional,
            Cause::NoAccount(_) => true,
            Cause::NoRows(_)
            | Cause::Blank(_)
            | Cause::Unreadable(_)
            | Cause::Conflict(..)
            | Cause::NoExportDate(_)
            | Cause::TooManyRows(_)
            | Cause::NotDeclared
            | Cause::Unlisted { .. }
            | Cause::Computed => false,
        }
    }

    /// A table as causes call it.
    fn table_name(&self, table: TableId) -> TableName {
        let schema = self.schema(table);
        let parts = self.input.tables.get(table).map_or(&[][..], |data| &data.parts);
        TableName {
            name: schema.name.clone(),
            title: schema.title.clone().into(),
            files: parts.iter().map(|part| self.input.sources.name(part.file).into()).collect(),
            is_optional: schema.optional,
        }
    }

    /// A column as causes call it: by the header that it has in the files, where one has it.
    fn column_name(&self, table: TableId, column: u16) -> ColumnName {
        let declared = self.column(table, column);
        let parts = self.input.tables.get(table).map_or(&[][..], |data| &data.parts);
        let written = parts.iter().find_map(|part| {
            let field = (*part.fields.get(usize::from(column))?)?;
            let (text, _) = part.header.fields.get(field as usize)?;
            let header = quoted(text).replace('`', "");
            (!header.is_empty()).then_some(header)
        });
        let first = || declared.headers.first().unwrap_or(&declared.name).clone();
        ColumnName {
            table: self.table_name(table),
            name: declared.name.clone(),
            header: written.unwrap_or_else(first).into(),
        }
    }

    /// A source as reports call it.
    fn name_source(&self, source: EvidenceSource) -> SourceName {
        match source {
            EvidenceSource::Table(table) => SourceName::Table(self.table_name(table)),
            EvidenceSource::Column(table, column) => SourceName::Column(self.column_name(table, column)),
        }
    }

    /// A cell's text as causes show it.
    fn text_of(&self, cell: CellRef) -> String {
        let kind = self.column(cell.table, cell.column).kind;
        let columns = self.input.tables.get(cell.table).map(|data| &data.columns);
        let cell = columns
            .and_then(|all| all.get(usize::from(cell.column)))
            .and_then(|column| column.cell(cell.row as usize));
        cell.map_or(String::new(), |cell| shown_text(cell.text(), kind))
    }

    /// The cause that a row which only may be the entry's gives.
    fn doubtful_row(&self, cell: CellRef) -> Option<UndecidedCause> {
        let data = self.input.tables.get(cell.table)?;
        let row = data.rows.get(cell.row as usize).filter(|row| row.doubtful)?;
        let part = &data.parts[row.part as usize];
        let table = self.table_name(cell.table);
        let partial = data.partial.or_else(|| part.partial(self.schema(cell.table)));
        if let Some(partial) = partial.filter(|_| u64::from(row.line) == part.header.line) {
            let is_read = |at: usize| part.fields.contains(&Some(at as u32));
            let unread = part.header.fields.iter().enumerate().filter(|(at, _)| !is_read(*at));
            let duty = unread.filter(|(_, (text, _))| header::may_be_additional_duty(text));
            let duty_columns = duty.map(|(_, (text, _))| quoted(text).replace('`', "").into()).collect();
            // Of several files the one that is partial.
            let files = vec![self.input.sources.name(part.file).into()];
            let table = if data.partial.is_none() { TableName { files, ..table } } else { table };
            return Some(UndecidedCause::Partial { table, partial, duty_columns });
        }
        let key = CellRef { column: self.schema(cell.table).key? as u16, ..cell };
        match row.entry.and_then(|entry| data.doubts.get(&entry)) {
            Some(Doubt::ExportsDiffer) => {
                let place = self.input.tables.place(key, self.input.sources);
                return Some(UndecidedCause::ExportsDiffer { table, place });
            }
            Some(Doubt::StatusNotRead { field }) => {
                let header = part.header.fields.get(*field as usize).map_or("", |(text, _)| text);
                let columns = &self.schema(cell.table).columns;
                let like = columns.iter().find(|column| column.kind == Type::Choice);
                let like = like.and_then(|column| column.headers.first()).cloned().map(OutsideString::from);
                let header = quoted(header).replace('`', "").into();
                if part.fields.contains(&Some(*field)) {
                    return Some(UndecidedCause::RowMayNotCount { table, header });
                }
                return Some(UndecidedCause::StatusNotRead { table, header, like });
            }
            None => {}
        }
        let text = data.columns.get(usize::from(key.column))?.cell(cell.row as usize)?;
        let value = cut(&shown_text(text.text(), Type::EntryNumber)).into();
        let place = self.input.tables.place(key, self.input.sources);
        Some(UndecidedCause::LostRow { table, value, place })
    }

    /// A cause with the names of what it is about. `place` is the first cell that has it.
    fn name_cause(&self, kind: &CauseKind, place: Option<CellRef>) -> UndecidedCause {
        match *kind {
            CauseKind::NoTable(table) => UndecidedCause::NoTable(self.table_name(table)),
            CauseKind::NoColumn(table, column) => {
                let parts = self.input.tables.get(table).map_or(&[][..], |data| &data.parts);
                let lacking = parts.iter().find(|part| !part.has_column(usize::from(column)));
                let declared = self.column(table, column);
                // Another file may have it, under a header of its own.
                let header = declared.headers.first().unwrap_or(&declared.name).clone().into();
                UndecidedCause::NoColumn {
                    column: ColumnName { header, ..self.column_name(table, column) },
                    file: lacking.map(|part| self.input.sources.name(part.file).into()),
                    add: self.schema(table).add_column.clone().map(OutsideString::from),
                    near: lacking.map_or(Vec::new(), |part| {
                        header::near(part, self.schema(table), usize::from(column))
                    }),
                    unread: lacking.map_or(Vec::new(), header::not_read),
                }
            }
            CauseKind::NoRows(table) => UndecidedCause::NoRows(self.table_name(table)),
            CauseKind::Blank(table, column) => {
                let place = place.map(|cell| self.input.tables.place(cell, self.input.sources));
                UndecidedCause::Blank {
                    column: self.column_name(table, column),
                    file: place.map(|place| self.input.sources.name(place.file).into()),
                }
            }
            CauseKind::Unreadable(table, column) => {
                if let Some(cause) = place.and_then(|cell| self.doubtful_row(cell)) {
                    return cause;
                }
                let declared = self.column(table, column);
                let (kind, wanted) =
                    (declared.kind, declared.headers.first().unwrap_or(&declared.name).clone().into());
                let column = self.column_name(table, column);
                if let Some((damage, place)) = place.and_then(|cell| self.input.tables.damage(cell)) {
                    return UndecidedCause::DamagedRow { column, damage, place };
                }
                let value = place.map_or(String::new(), |cell| self.text_of(cell));
                if kind == Type::Date && order_of_date(&value) == Some(Order::Either) {
                    UndecidedCause::TwoDays { column, value: value.into() }
                } else if kind == Type::Date && day_of(&value).is_some() {
                    UndecidedCause::ExchangedDays { column, value: value.into() }
                } else if kind == Type::Money && reads_as(kind, &value) {
                    UndecidedCause::RepeatedAmount { column, wanted, value: value.into() }
                } else {
                    UndecidedCause::Unreadable { column, kind, value: value.into() }
                }
            }
            CauseKind::Conflict(table, column) => UndecidedCause::Conflict(self.column_name(table, column)),
            CauseKind::NoAccount(at) => {
                UndecidedCause::NoSetting { name: AccountField::ALL[usize::from(at)].0 }
            }
            CauseKind::TooManyRows(table) => {
                UndecidedCause::TooManyRows { table: self.table_name(table), limit: MAX_COMPARED_ROWS }
            }
            CauseKind::NoExportDate(table) => UndecidedCause::NoExportDate(self.table_name(table)),
            CauseKind::Unlisted(table, column, ref text, list, blank) => {
                let codes = &self.input.rules.code_lists[list as usize];
                let lacks = blank.and_then(|blank| codes.columns.get(usize::from(blank)));
                UndecidedCause::Unlisted {
                    column: self.column_name(table, column),
                    value: crate::mask::mask(text).into_owned().into(),
                    list: codes.name.clone(),
                    lacks: lacks.map(|(name, _)| name.clone()),
                }
            }
            CauseKind::Computed => UndecidedCause::NotComputed { rule: None },
        }
    }

    /// A cause with the names of what it is about.
    pub fn named(&self, cause: Cause) -> UndecidedCause {
        let (kind, place) = self.kind_of(cause);
        self.name_cause(&kind, place)
    }

    /// Rule by rule, the explanation of an entry of a declaration, for `capelint explain --entry`.
    pub fn explain_rule(&self, rule: RuleId, scope: Scope<'_>) -> (Truth, Vec<Explained>) {
        let rule = self.rule(rule);
        let when = rule.when.as_ref().map(|when| self.explain(when, scope));
        let condition = self.explain(&rule.condition, scope);
        let broken = if rule.forbids { condition.truth } else { !condition.truth };
        let applies = when.as_ref().map_or(Truth::True, |when| when.truth);
        let explained = match (applies, when) {
            (Truth::False, Some(when)) => vec![when],
            (_, when) => when.into_iter().chain([condition]).collect(),
        };
        (applies.and(broken), explained)
    }
}
