//! The tests that rules carry.

use chrono::NaiveDate;

use super::super::model::{
    Argument, Dependency, EXAMPLE_ENTRY, Each, Expectation, Operand, RuleTest, SettingId, Stated, TestCell,
    WholeFile,
};
use super::super::operand::{self, ExprKind};
use super::super::syntax;
use super::operands::{Compiler, Spot};
use super::{World, literal, require};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::entry;
use crate::judge::functions::{self, Parameter};
use crate::outside::brief;
use crate::source::Place;
use crate::table::schema::{Column, Type};
use crate::table::value::{self, CellReading};
use crate::table::{FILE, ROW, TableId};
use crate::yaml::decode::{Lazy, Named, Scalar, missing_key, unknown};
use crate::yaml::{Diagnostics, NodeId, Tree, View};

/// What a rule's tests are compiled with.
pub struct TestContext<'c> {
    /// The tables.
    pub world: &'c World,
    /// The file.
    pub tree: &'c Tree,
    /// When the rule is in force.
    pub effective: (Option<NaiveDate>, Option<NaiveDate>),
    /// Whether a test has to say the filing date.
    pub needs_filing_date: bool,
}

/// Compiles a rule's tests; those with an error are left out.
pub fn compile(
    context: &TestContext<'_>,
    tests: &[Lazy<syntax::WrittenTest>],
    diagnostics: &mut Diagnostics,
) -> Vec<RuleTest> {
    let compiled: Vec<RuleTest> = tests.iter().filter_map(|lazy| test(context, lazy, diagnostics)).collect();
    for (at, test) in compiled.iter().enumerate() {
        if let Some(first) = compiled[..at].iter().find(|first| first.name == test.name) {
            diagnostics.push(
                Diagnostic::new(
                    Code::DuplicateName,
                    format!("two tests are called \"{}\"", brief(&test.name)),
                )
                .at(test.place, "again here")
                .at(first.place, "first here")
                .help("say in each name what the test shows"),
            );
        }
        declared(context, test, diagnostics);
    }
    compiled
}

/// Reports rows of tables that are for an entry which no row of the test declares: a check digit that
/// does not match, or a number that is not the declaration's.
fn declared(context: &TestContext<'_>, test: &RuleTest, diagnostics: &mut Diagnostics) {
    let key = |id: TableId| context.world.schema(id).key;
    let number = |cells: &[TestCell], id: TableId| {
        let cell = cells.iter().find(|cell| Some(usize::from(cell.column)) == key(id))?;
        Some((entry::read(&cell.text).number, cell.place))
    };
    let mut numbers: Vec<_> =
        test.rows.iter().filter_map(|row| number(row, ROW)).filter_map(|(number, _)| number).collect();
    if test.rows.is_empty() || test.rows.iter().any(|row| number(row, ROW).is_none()) {
        numbers.extend(entry::read(EXAMPLE_ENTRY).number);
    }
    if test.other_entries {
        return;
    }
    // A declaration whose number cannot be read may mean any row's.
    let is_unreadable = |row: &Vec<TestCell>| matches!(number(row, ROW), Some((None, _)));
    if test.rows.iter().any(is_unreadable) {
        return;
    }
    for (id, rows) in &test.tables {
        for (found, place) in rows.iter().filter_map(|row| number(row, *id)) {
            match found {
                Some(found) if !numbers.contains(&found) => diagnostics.push(
                    Diagnostic::new(Code::UndeclaredRow, "a row for an entry that the test does not declare")
                        .at(place, "")
                        .help("take the entry number out: it is filled in; or declare it with `row: { entry: … }`; where it is meant, write `other_entries: yes`"),
                ),
                _ => {}
            }
        }
    }
}

fn test(
    context: &TestContext<'_>,
    lazy: &Lazy<syntax::WrittenTest>,
    diagnostics: &mut Diagnostics,
) -> Option<RuleTest> {
    let TestContext { world, tree, .. } = context;
    let syntax = lazy.decode(tree, diagnostics)?;
    let at = syntax.name.as_ref().map_or(tree.head(lazy.node), |name| name.place(tree));
    require(tree, diagnostics, lazy.node, at, "name", syntax.name.is_some());
    require(tree, diagnostics, lazy.node, at, "expect", syntax.expect.is_some());
    if context.needs_filing_date && tree.get(lazy.node, "filing_date").is_none() {
        diagnostics.push(missing_key("filing_date", at).help("the rule reads it, or has dates in force"));
    }
    let filing_date = syntax.filing_date.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    out_of_force(context, filing_date, &syntax, diagnostics);
    if let Some(expect) = &syntax.expect {
        says_nothing(context, lazy.node, &expect.value, diagnostics);
    }
    let account = syntax
        .account
        .as_ref()
        .map(|account| literal::account(tree, account, diagnostics))
        .unwrap_or_default();
    let named = |table, cells: &Option<Named<Scalar>>, diagnostics: &mut Diagnostics| {
        cells.as_ref().map(|cells| row(world, tree, table, cells, diagnostics)).unwrap_or_default()
    };
    let file = named(FILE, &syntax.file, diagnostics);
    if let (Some(_), Some(_)) = (&syntax.row, &syntax.rows) {
        let place = tree.pair(lazy.node, "rows").map_or(at, |(key, _)| tree.place(key));
        diagnostics.push(
            Diagnostic::new(Code::ConflictingKeys, "both `row` and `rows`")
                .at(place, "")
                .help("put all rows into `rows`"),
        );
    }
    let rows = match (&syntax.row, &syntax.rows) {
        (Some(cells), _) => vec![row(world, tree, ROW, cells, diagnostics)],
        (None, Some(rows)) => rows.iter().map(|cells| row(world, tree, ROW, cells, diagnostics)).collect(),
        (None, None) => Vec::new(),
    };
    let tables =
        syntax.tables.0.iter().filter_map(|(key, value)| table(context, *key, *value, diagnostics)).collect();
    let values = syntax
        .values
        .iter()
        .flat_map(|values| &values.0)
        .filter_map(|(call, number)| value(context, call, number, diagnostics))
        .collect();
    let settings = syntax
        .settings
        .iter()
        .flat_map(|settings| &settings.0)
        .filter_map(|(name, text)| setting(context, name, text, diagnostics))
        .collect();
    let labels = syntax
        .labels
        .as_ref()
        .map(|labels| labels.iter().filter_map(|label| self::label(context, label, diagnostics)).collect());
    let text = |text: &Option<Scalar>| text.as_ref().map(|text| text.value.clone());
    // Whoever mistyped the key reads which one it was, too.
    let expect = syntax.expect.as_ref()?;
    Some(RuleTest {
        name: syntax.name.as_ref()?.value.clone(),
        place: at,
        filing_date,
        account,
        file,
        rows,
        tables,
        values,
        settings,
        other_entries: syntax.other_entries.unwrap_or(false),
        supersedes: syntax.supersedes.iter().flatten().map(|id| (id.value.clone(), id.place(tree))).collect(),
        findings: syntax.findings.map(|findings| findings as usize),
        expect: expect.value,
        expect_place: expect.place(tree),
        message: text(&syntax.message),
        help: text(&syntax.help),
        labels,
    })
}

/// Only a rule that is violated has something to say.
fn says_nothing(
    context: &TestContext<'_>,
    test: NodeId,
    expect: &Expectation,
    diagnostics: &mut Diagnostics,
) {
    if *expect == Expectation::Violated {
        return;
    }
    for key in ["message", "help", "labels", "supersedes", "findings"] {
        if let Some((at, _)) = context.tree.pair(test, key) {
            let diagnostic = format!("`{key}` of a test in which the rule is not violated");
            diagnostics.push(
                Diagnostic::new(Code::ConflictingKeys, diagnostic)
                    .at(context.tree.place(at), "")
                    .help("take it out, or expect `violated`"),
            );
        }
    }
}

/// A rule that is not in force says nothing, so it cannot be violated.
fn out_of_force(
    context: &TestContext<'_>,
    filing_date: Option<NaiveDate>,
    syntax: &syntax::WrittenTest,
    diagnostics: &mut Diagnostics,
) {
    let (Some(day), Some(written), Some(expect)) = (filing_date, &syntax.filing_date, &syntax.expect) else {
        return;
    };
    let (from, until) = context.effective;
    let outside = from.is_some_and(|from| day < from) || until.is_some_and(|until| until < day);
    if outside && expect.value != Expectation::Satisfied {
        diagnostics.push(
            Diagnostic::new(Code::TestOutOfForce, "the rule is not in force on this filing date")
                .at(written.place(context.tree), "outside `effective`")
                .at(expect.place(context.tree), "so this cannot come out")
                .help("change the date, or expect `holds`"),
        );
    }
}

fn row(
    world: &World,
    tree: &Tree,
    table: TableId,
    cells: &Named<Scalar>,
    diagnostics: &mut Diagnostics,
) -> Vec<TestCell> {
    cells
        .0
        .iter()
        .filter_map(|(name, text)| cell(world, tree, table, name.node, text.node, diagnostics))
        .collect()
}

fn cell(
    world: &World,
    tree: &Tree,
    table: TableId,
    key: NodeId,
    value: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<TestCell> {
    let schema = world.schema(table);
    let name = tree.scalar(key).unwrap_or_default();
    let Some(column) = schema.column(name) else {
        let known = schema.columns.iter().map(|column| column.name.as_str());
        let what = format!("column of `{}`", schema.name);
        diagnostics.push(unknown(Code::UnknownColumn, &what, name, tree.place(key), known));
        return None;
    };
    match tree.view(value) {
        View::Scalar(text, style) if !text.is_empty() || style != crate::yaml::Style::Plain => {
            nearly_a_choice(&schema.columns[column], text, tree.place(value), diagnostics);
            Some(TestCell { column: column as u16, text: text.to_owned(), place: tree.place(value) })
        }
        View::Scalar(..) => {
            diagnostics.push(
                Diagnostic::new(Code::MissingValue, "a cell without a text")
                    .at(tree.place(key), "")
                    .help("write `''` for a blank cell"),
            );
            None
        }
        other => {
            let message = format!("expected a cell's text, found {}", other.name());
            diagnostics.push(Diagnostic::new(Code::WrongKind, message).at(tree.head(value), ""));
            None
        }
    }
}

/// Reports a cell that no choice has and that is nearly one.
fn nearly_a_choice(column: &Column, text: &str, place: Place, diagnostics: &mut Diagnostics) {
    if column.kind != Type::Choice
        || text.chars().count() < 5
        || value::read(column, text) != CellReading::Unreadable
    {
        return;
    }
    let texts = column.choices.iter().flat_map(|choice| &choice.texts).map(|text| text.trim_matches('*'));
    if let Some(near) = nearest(text, texts) {
        diagnostics.push(
            Diagnostic::new(
                Code::NearMiss,
                format!("`{}` is nearly `{near}`, a text of a choice", brief(text)),
            )
            .at(place, "")
            .help("for a text that no choice has, write one that cannot be confused with it"),
        );
    }
}

fn table(
    context: &TestContext<'_>,
    key: NodeId,
    value: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<(TableId, Vec<Vec<TestCell>>)> {
    let TestContext { world, tree, .. } = context;
    let name = tree.scalar(key).unwrap_or_default();
    let found = world.table(name).filter(|id| *id != FILE && *id != ROW);
    let Some(id) = found else {
        const KEYS: [&str; 15] = [
            "name",
            "filing_date",
            "account",
            "file",
            "row",
            "rows",
            "settings",
            "other_entries",
            "supersedes",
            "findings",
            "values",
            "expect",
            "message",
            "help",
            "labels",
        ];
        let known: Vec<&str> = KEYS.into_iter().chain(world.reference_tables()).collect();
        diagnostics.push(unknown(Code::UnknownKey, "key or table", name, tree.place(key), known));
        return None;
    };
    let View::Sequence(rows) = tree.view(value) else {
        diagnostics.push(
            Diagnostic::new(
                Code::WrongKind,
                format!("expected the rows of `{name}`, found {}", tree.view(value).name()),
            )
            .at(tree.head(value), "")
            .help(format!("a list of rows: `{name}: [{{ COLUMN: TEXT }}]`, or `[]` for none")),
        );
        return None;
    };
    let mut compiled = Vec::with_capacity(rows.len());
    for item in rows {
        match tree.view(*item) {
            View::Mapping(pairs) => compiled.push(
                pairs
                    .iter()
                    .filter_map(|(key, value)| cell(world, tree, id, *key, *value, diagnostics))
                    .collect(),
            ),
            other => diagnostics.push(
                Diagnostic::new(Code::WrongKind, format!("expected a row, found {}", other.name()))
                    .at(tree.head(*item), "")
                    .help("a row is a mapping of columns to texts"),
            ),
        }
    }
    Some((id, compiled))
}

/// A setting that differs from its default.
fn setting(
    context: &TestContext<'_>,
    name: &Scalar,
    text: &Scalar,
    diagnostics: &mut Diagnostics,
) -> Option<(SettingId, crate::table::value::Value)> {
    let TestContext { world, tree, .. } = context;
    let Some(at) = world.settings.iter().position(|setting| setting.name == name.value) else {
        let known = world.settings.iter().map(|setting| setting.name.as_str());
        diagnostics.push(unknown(Code::UnknownSetting, "setting", &name.value, name.place(tree), known));
        return None;
    };
    let value = literal::at(text.place(tree), world.settings[at].kind, &text.value, diagnostics)?;
    Some((SettingId(at as u16), value))
}

/// What a function gives that looks at whole files.
fn value(
    context: &TestContext<'_>,
    call: &Scalar,
    number: &Scalar,
    diagnostics: &mut Diagnostics,
) -> Option<(WholeFile, TableId, Stated)> {
    let TestContext { world, tree, .. } = context;
    let mut compiler = Compiler::new(world, tree, diagnostics, Some(Each::File));
    let typed = compiler.operand(&call.value, Spot { node: call.node, offset: 0, placeholder: false })?;
    let whole = match &typed.operand {
        Operand::Call(call) => match call.arguments.as_slice() {
            [Argument::Table(Dependency::WholeFile(what, table))] => Some((*what, *table)),
            _ => None,
        },
        _ => None,
    };
    let Some((what, id)) = whole else {
        let is_whole = |function: &&functions::Function| match function.takes {
            [Parameter::Table(read)] => matches!(read(FILE), Dependency::WholeFile(..)),
            _ => false,
        };
        let names = functions::FUNCTIONS.iter().filter(is_whole);
        let names: Vec<String> = names.map(|function| format!("`{}`", function.name)).collect();
        diagnostics.push(
            Diagnostic::new(
                Code::WrongArguments,
                format!("`{}` does not look at whole files", brief(&call.value)),
            )
            .at(call.place(tree), "")
            .help(format!("these do: {}; others are computed from the rows given", names.join(", "))),
        );
        return None;
    };
    if typed.kind == Type::Text {
        return Some((what, id, Stated::Text(number.value.trim().to_owned())));
    }
    match literal::decimal(number.value.trim()) {
        Some(number) => Some((what, id, Stated::Number(number))),
        None => {
            let message = format!("`{}` is not a number", brief(&number.value));
            diagnostics.push(Diagnostic::new(Code::BadNumber, message).at(number.place(tree), ""));
            None
        }
    }
}

/// A column whose cell must be pointed at.
fn label(context: &TestContext<'_>, label: &Scalar, diagnostics: &mut Diagnostics) -> Option<(TableId, u16)> {
    let TestContext { world, tree, .. } = context;
    let spot = Spot { node: label.node, offset: 0, placeholder: false };
    let mut compiler = Compiler::new(world, tree, diagnostics, None);
    match operand::parse(&label.value).map(|expr| expr.kind) {
        Ok(ExprKind::Member(table, table_range, column, column_range)) => {
            let id = compiler.table(&table, &table_range, spot)?;
            let index = compiler.column(id, &column, &column_range, spot)?;
            Some((id, index as u16))
        }
        _ => {
            diagnostics.push(
                Diagnostic::new(Code::UnknownColumn, format!("`{}` is not a column", brief(&label.value)))
                    .at(label.place(tree), "")
                    .help("written `TABLE.COLUMN`"),
            );
            None
        }
    }
}
