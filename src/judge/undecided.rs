//! What is undecided: once for each rule and cause, and for each entry which errors and stops are.

use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use smol_str::SmolStr;

use super::alternatives::EvidenceSource;
use super::bind::Bound;
use super::cause::Cause;
use super::explain::Explained;
use super::members::MAX_COMPARED_ROWS;
use super::message::cut;
use super::ranges::{Ranges, Renumbered};
use super::scope::Scope;
use super::superseded::SupersededRules;
use super::truth::Truth;
use super::{Context, Judged, MissingSources};
use crate::cause::{ColumnName, SourceName, TableName, UndecidedCause};
use crate::distinct::Distinct;
use crate::finding::{Entry, Undecided, UndecidedOf};
use crate::outside::OutsideString;
use crate::rules::model::{AccountField, Each, Rule, RuleId, Severity};
use crate::source::Place;
use crate::table::header;
use crate::table::named::quoted;
use crate::table::place::shown_text;
use crate::table::schema::{Schema, Type};
use crate::table::value::{Order, day_of, order_of_date, reads_as};
use crate::table::{CellRef, Doubt, TableId};

/// What is undecided, once for each rule and cause; and for each entry which error rules are.
#[derive(Default)]
pub(super) struct UndecidedRules {
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
    pub(super) fn differing(&self) -> HashSet<RuleId> {
        let differing = |of: &Undecidable| !of.is_same || of.batches != self.batches;
        self.undecidable.iter().filter(|(_, of)| differing(of)).map(|(rule, _)| *rule).collect()
    }

    /// Takes in what is undecided in a batch, some of whose entries are `rejected`. For each of its entries the errors
    /// and stops among it.
    pub(super) fn take(
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
            let declared: Vec<u32> = (about.iter())
                .filter(|declared| !superseded.contains(part(*declared), Some(*declared), rule))
                .filter(|declared| entries[*declared as usize].number.is_some())
                .map(|declared| renumbered.of(declared))
                .collect();
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
    pub(super) fn finish(
        mut self,
        context: &Context<'_>,
        entries: &[Entry],
    ) -> (Vec<Undecided>, Vec<UndecidedOf>) {
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
            // A rule on rows may be about several rows of one entry.
            let about = about.each_once();
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
    /// Whether it is the same for every entry: a table, a column, a setting or a day of export is missing.
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
    /// not provided, and providing it may decide the rule. Where a day of export is unknown too, the rule would
    /// stay undecided.
    fn weigh(&self, rule: RuleId, causes: &[Cause]) -> WeighedCause {
        // A missing column that only a note needs is no reason for a warning.
        let of_note = self.severity(rule) == Severity::Note;
        let leaves_ready =
            |cause: &Cause| self.leaves_ready(cause) || of_note && matches!(cause, Cause::NoColumn(..));
        let list = causes.iter().find(|cause| leaves_ready(cause));
        let may_be_decided = |cause: &Cause| cause.is_not_given() || matches!(cause, Cause::NoAccount(_));
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
