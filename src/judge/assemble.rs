//! Puts an outcome together: findings, what is undecided, and the verdicts of entries.

use std::cmp::Reverse;
use std::mem::take;

use hashbrown::HashSet;

use super::message::show;
use super::operand::Val;
use super::ranges::Renumbered;
use super::superseded::SupersededRules;
use super::undecided::UndecidedRules;
use super::{Context, Judged, Violation};
use crate::distinct::Distinct;
use crate::finding::{ChangedSetting, Entry, EntryFacts, Extent, Finding, FoundOn, Outcome, RuleInfo};
use crate::outside::{OutsideString, OutsideText};
use crate::rules::model::{Rule, RuleId, Severity};
use crate::table::{CellRef, FILE};

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

/// Adds new values; those of the first batch are moved, not copied.
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

/// Replaces the cells of a batch by those of the whole run.
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

impl<'a> Context<'a> {
    pub(super) fn severity(&self, rule: RuleId) -> Severity {
        self.input.severities[usize::from(rule.0)].unwrap_or(Severity::Note)
    }

    pub(super) fn rule(&self, rule: RuleId) -> &'a Rule {
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
}
