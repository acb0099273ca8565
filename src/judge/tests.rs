//! The fast path against the definition, over made-up exports.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::bind::BoundRule;
use super::cause::Cause;
use super::scope::Scope;
use super::truth::Truth;
use super::{Context, JudgeInput};
use crate::account::{Account, Role as Filer};
use crate::entry::EntryNumber;
use crate::importer::ImporterNumber;
use crate::rules::model::{Each, RuleId, RuleSet};
use crate::rules::{self, RuleSource, pack};
use crate::source::{SourceKind, Sources};
use crate::table::from_cells::TableRole;
use crate::table::schema::{Schema, Type};
use crate::table::{CellRef, Entries, EntryId, FILE, ROW, Table, TableId, Tables};

/// Rules of shapes that the pack does not have.
const HOUSE: &str = "
settings:
  h_days: { type: integer, default: 60 }
figures:
  h_rows: { count: es003, where: { duty: { above: 0 } } }
  h_line_duty: { over: line, total: es003.duty }
  h_last: { latest: es003.liquidation_date }
  h_refund: { over: file, total: ieepa_duty }
rules:
  - { id: h-every, title: t, severity: error, each: es003, require: { every: es003, where: { duty: { present: yes } }, on: line } }
  - { id: h-no, title: t, severity: error, each: es003, forbid: { no: es003, on: line, where: { duty: { above: 100 } } } }
  - { id: h-count, title: t, severity: error, each: es003, require: { count: es003, on: line, where: { duty: { above: 0 } }, at_most: 2 } }
  - { id: h-count-all, title: t, severity: error, each: entry, require: { count: es003, where: { duty: { above: 100 } }, at_most: 1 } }
  - { id: h-total, title: t, severity: error, each: entry, require: { some: es003, where: { line_total(duty): { above: 100 } } } }
  - { id: h-own-total, title: t, severity: error, each: es003, when: { es003.hts: { in: ieepa_any } }, forbid: { line_total(es003.duty): { at_least: es003.goods_value } } }
  - { id: h-age, title: t, severity: error, each: entry, forbid: { age(es003.liquidation_date): { above: 80 } } }
  - { id: h-late, title: t, severity: error, each: es003, forbid: { filing_date: { after: es003.entry_date + 200 days } } }
  - { id: h-either, title: t, severity: error, each: entry, forbid: { any: [ { es003.entry_type: '01' }, { all: [ { row.entry_date: 2026-09-02 }, { es003.port: '2704' } ] } ] } }
  - { id: h-given, title: t, severity: error, each: entry, forbid: { any_given: [ { es003.cape_indicator: yes }, { es003.reconciliation: flagged }, { some: psc } ] } }
  - { id: h-rate, title: t, severity: error, each: es003, require: { es003.duty: { near: 'percent(rate_on(ieepa_rates, es003.hts, es003.entry_date), line_total(es003.goods_value))', tolerance: 1 } } }
  - { id: h-several, title: t, severity: error, each: es003, require: { 'earliest(es003.entry_date, es003.liquidation_date)': { before: filing_date } } }
  - { id: h-month, title: t, severity: error, each: es003, require: { monthly_statement_due(es003.entry_date): { after: es003.entry_date + 3 working days } } }
  - { id: h-literals, title: t, severity: error, each: es003, forbid: { es003.entry_date: { before: 'earliest(2026-09-03, filing_date)' } } }
  - { id: h-never-due, title: t, severity: error, each: psc, forbid: { filing_date: { before: monthly_statement_due(2199-09-03) } } }
  - { id: h-exported, title: t, severity: error, each: es003, require: { es003.entry_date: { on_or_before: exported(es003) } } }
  - { id: h-distinct, title: t, severity: error, each: file, require: { distinct(es003.importer_number): { at_most: 1 } } }
  - { id: h-filer, title: t, severity: error, each: entry, require: { filer_code(entry): account.filer_codes } }
  - { id: h-line, title: t, severity: error, each: line, when: { es003.hts: { present: yes } }, require: { some: es003, where: { duty: { above: 100 } } } }
  - { id: h-line-figure, title: t, severity: error, each: line, forbid: { h_line_duty: { above: 100 } } }
  - { id: h-figure, title: t, severity: error, each: entry, when: { h_rows: { above: 1 } }, forbid: { 'ratio(ieepa_duty, goods_value)': { above: 20 } } }
  - { id: h-last, title: t, severity: error, each: entry, forbid: { h_last: { before: filing_date - h_days days } } }
  - { id: h-file, title: t, severity: error, each: file, when: { count: entry, where: { ieepa_duty: { above: 100 } }, at_least: 1 }, forbid: { h_refund: { above: 200 } } }
  - { id: h-file-rows, title: t, severity: error, each: file, forbid: { some: row, where: { notes: { present: yes }, row.entry_form: dashes } } }
  - { id: h-own-line, title: t, severity: error, each: entry, forbid: { some: es003, where: { hts: { in: ieepa_any }, no: es003, on: line, where: { hts: { not_in: ieepa_any } } } } }
  - { id: h-readable, title: t, severity: error, each: es003, require: { es003.duty: { valid: money } } }
";

/// The pack with the rules above.
fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut files = pack::embedded();
        files.push(RuleSource::new("house.yaml", HOUSE, |_| Err("no files here".into())));
        let loaded = rules::load(files, rules::CompileOptions::default(), &mut Sources::default());
        loaded.unwrap_or_else(|diagnostics| {
            panic!(
                "{:?}",
                diagnostics
                    .iter()
                    .map(|diagnostic| (&diagnostic.message, &diagnostic.labels))
                    .collect::<Vec<_>>()
            )
        })
    })
}

/// Made up, with right check digits.
const NUMBERS: [&str; 4] = ["ABC12345676", "00261103162", "00261111157", "SZ912345674"];

/// A table's made-up rows: which entry, and for each column of the schema a text, where it has it.
type MadeRows = Vec<(usize, Vec<Option<String>>)>;

/// Rows of a table, some columns of which are missing from all of them.
fn table(schema: &Schema, most: usize) -> BoxedStrategy<MadeRows> {
    let columns: Vec<BoxedStrategy<String>> =
        schema.columns.iter().map(|column| text(column.kind, &column.choices)).collect();
    let present = prop::collection::vec(prop::bool::weighted(0.8), columns.len());
    let key = schema.key;
    let row = (0..NUMBERS.len(), columns);
    (present, prop::collection::vec(row, 0..=most))
        .prop_map(move |(present, rows)| {
            let cell = |at: usize, text: String| (present[at] && Some(at) != key).then_some(text);
            rows.into_iter()
                .map(|(entry, cells)| {
                    (entry, cells.into_iter().enumerate().map(|(at, text)| cell(at, text)).collect())
                })
                .collect()
        })
        .boxed()
}

/// A text for a column: few different ones, so that rows agree and lines meet.
fn text(kind: Type, choices: &[crate::table::schema::Choice]) -> BoxedStrategy<String> {
    let texts: Vec<String> = match kind {
        Type::Date => {
            ["09/02/2026", "09/03/2026", "11/20/2026", "03/01/2026", "no day"].map(String::from).into()
        }
        Type::Money => ["0", "0.00", "85.00", "100.01", "850", "1.234,56"].map(String::from).into(),
        Type::Hts => ["99030125", "9903.01.33", "99030301", "8471300100", "none"].map(String::from).into(),
        Type::Integer => ["0", "3", "many"].map(String::from).into(),
        Type::YesNo => ["yes", "no", "perhaps"].map(String::from).into(),
        Type::ImporterNumber => ["12-3456789", "12-345678900", "98-7654321", "?"].map(String::from).into(),
        Type::EntryNumber => NUMBERS.map(String::from).into(),
        Type::Text => ["1", "2", "01", "2704", "ABC"].map(String::from).into(),
        Type::Choice => {
            let texts = choices.iter().filter_map(|choice| choice.texts.first().cloned());
            texts.chain(["unheard of".to_owned()]).collect()
        }
    };
    prop_oneof![1 => Just(String::new()), 6 => prop::sample::select(texts)].boxed()
}

fn account() -> impl Strategy<Value = Account> {
    let role = prop::option::of(prop::sample::select(vec![Filer::Importer, Filer::Broker]));
    (role, any::<[bool; 3]>()).prop_map(|(role, [numbers, filers, couriers])| Account {
        role,
        importer_numbers: numbers.then(|| vec![ImporterNumber::parse("12-3456789").expect("a number")]),
        filer_codes: filers.then(|| vec!["ABC".to_owned()]),
        courier_filer_codes: couriers.then(|| vec!["SZ9".to_owned()]),
        clients: Vec::new(),
    })
}

/// Everything that a run has: the rows of each table that is given, how many numbers are declared,
/// whether those left out are looked at.
#[derive(Clone, Debug)]
struct Made {
    tables: Vec<Option<MadeRows>>,
    declared: usize,
    left_out: bool,
    account: Account,
    filing_date: NaiveDate,
}

fn made() -> impl Strategy<Value = Made> {
    let tables: Vec<BoxedStrategy<Option<MadeRows>>> = rules()
        .schemas
        .iter()
        .enumerate()
        .map(|(at, schema)| match TableId::new(at) {
            FILE => Just(None).boxed(),
            ROW => table(schema, 3).prop_map(Some).boxed(),
            _ if schema.name == "es003" => prop::option::weighted(0.9, table(schema, 12)).boxed(),
            _ => prop::option::weighted(0.3, table(schema, 3)).boxed(),
        })
        .collect();
    let days =
        ["2026-05-01", "2026-06-25", "2026-11-22", "2027-02-01"].map(|day| day.parse().expect("a day"));
    (tables, 0..=NUMBERS.len(), any::<bool>(), account(), prop::sample::select(days.to_vec())).prop_map(
        |(tables, declared, left_out, account, filing_date)| Made {
            tables,
            declared,
            left_out,
            account,
            filing_date,
        },
    )
}

/// Compares what both find for every rule and everything it can be applied to.
fn compare(made: &Made) -> Result<(), TestCaseError> {
    let rules = rules();
    let mut entries = Entries::default();
    let mut sources = Sources::default();
    let mut tables =
        Tables { schemas: rules.schemas.clone(), tables: rules.schemas.iter().map(|_| None).collect() };
    for (at, rows) in made.tables.iter().enumerate() {
        let schema = &rules.schemas[at];
        if TableId::new(at) == FILE {
            let file = sources.add("a.csv", SourceKind::Streamed);
            tables.tables[at] =
                Some(Table::from_cells(schema, file, &[vec![]], &mut entries, TableRole::Declaration));
            continue;
        }
        let Some(rows) = rows else { continue };
        let cells: Vec<Vec<(usize, &str)>> = rows
            .iter()
            .filter(|(entry, _)| TableId::new(at) != ROW || *entry < made.declared)
            .map(|(entry, cells)| {
                let key = schema.key.map(|key| (key, NUMBERS[*entry]));
                let cells = cells.iter().enumerate();
                key.into_iter().chain(cells.filter_map(|(at, text)| Some((at, text.as_deref()?)))).collect()
            })
            .collect();
        let role = if TableId::new(at) == ROW { TableRole::Declaration } else { TableRole::Reference };
        let file = sources.add(format!("{}.csv", schema.name), SourceKind::Streamed);
        tables.tables[at] = Some(Table::from_cells(schema, file, &cells, &mut entries, role));
        if TableId::new(at) == ROW && made.left_out {
            for number in NUMBERS {
                entries.insert(EntryNumber::parse(number).expect("a number"));
            }
        }
    }
    let input = JudgeInput {
        rules,
        severities: rules
            .rules
            .iter()
            .map(|rule| rule.in_force(made.filing_date).then_some(rule.severity))
            .collect(),
        tables: &tables,
        sources: &sources,
        entries: &entries,
        account: &made.account,
        filing_date: made.filing_date,
        exported: HashMap::new(),
        values: HashMap::new(),
        settings: HashMap::new(),
        waivers: Vec::new(),
        left_out: made.left_out,
        batch: None,
    };
    let context = Context::new(&input);
    let nowhere = Scope::file(0);
    let declared: Vec<Scope<'_>> = context
        .declared
        .iter()
        .map(|declared| Scope { declared: Some(declared.row), entry: declared.entry, ..nowhere })
        .collect();
    let of_entries = (0..entries.len()).map(|entry| {
        let entry = Some(EntryId(entry as u32));
        let known = declared.iter().find(|scope| scope.entry == entry);
        known.copied().unwrap_or(Scope { entry, ..nowhere })
    });
    let of_entries: Vec<Scope<'_>> = of_entries.collect();
    for (at, rule) in rules.rules.iter().enumerate() {
        let id = RuleId(at as u16);
        let bound = BoundRule::new(&context, id, rule);
        let scopes: Vec<Scope<'_>> = match rule.each {
            Each::File => vec![nowhere],
            Each::Row => declared.clone(),
            Each::Entry => of_entries.clone(),
            Each::Table(_) | Each::Line(_) => of_entries
                .iter()
                .flat_map(|scope| {
                    let rows = scope.entry.map_or(Vec::new(), |entry| context.own_rows(rule.each, entry));
                    rows.into_iter().map(|row| Scope { own: Some(row), ..*scope })
                })
                .collect(),
        };
        for scope in scopes {
            let defined = context.defined(rule, scope);
            prop_assert_eq!(context.explain_rule(id, scope).0, defined, "rule {} explained", &rule.id);
            let fast = bound.violated.truth(&context, scope);
            prop_assert_eq!(fast, defined, "rule {} at {:?}", &rule.id, scope);
            if let Some((truths, row)) = bound.by_row.as_ref().zip(scope.own) {
                prop_assert_eq!(truths[row as usize], defined, "rule {} by row {}", &rule.id, row);
            }
            if fast == Truth::Unknown {
                let mut causes = Vec::new();
                bound.violated.causes(&context, scope, &mut causes);
                prop_assert!(!causes.is_empty(), "rule {} without a cause", &rule.id);
                let (_, explained) = context.explain_rule(id, scope);
                let of_clauses: Vec<_> = explained
                    .iter()
                    .filter(|explained| explained.truth == Truth::Unknown)
                    .flat_map(|explained| explained.all_causes())
                    .collect();
                let (causes, of_clauses) = (kinds(&causes), kinds(&of_clauses));
                // A cell that is not there is cause enough: what it would be compared with is then
                // not asked for.
                let more = |cause: &Cause| !matches!(cause, Cause::NoAccount(_));
                prop_assert!(
                    causes.is_subset(&of_clauses),
                    "{}: {:?} not in {:?}",
                    &rule.id,
                    causes,
                    of_clauses
                );
                let lacking: Vec<_> = of_clauses.difference(&causes).filter(|cause| more(cause)).collect();
                prop_assert!(lacking.is_empty(), "{}: {:?} not among {:?}", &rule.id, lacking, causes);
            }
        }
    }
    Ok(())
}

/// Causes without the rows of their cells: which of several like ones is named does not matter.
fn kinds(causes: &[Cause]) -> BTreeSet<Cause> {
    let without_row = |cell: CellRef| CellRef { row: 0, ..cell };
    causes
        .iter()
        .map(|cause| match *cause {
            Cause::Blank(cell) => Cause::Blank(without_row(cell)),
            Cause::Unreadable(cell) => Cause::Unreadable(without_row(cell)),
            Cause::Unlisted { cell, text, list, blank } => {
                Cause::Unlisted { cell: without_row(cell), text, list, blank }
            }
            other => other,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::thorough::cases(96)))]

    #[test]
    fn the_fast_path_gives_what_the_definition_gives_for_any_export(made in made()) {
        compare(&made)?;
    }
}
