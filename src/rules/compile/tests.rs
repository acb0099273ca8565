//! Compiles the tests of rules.

use chrono::NaiveDate;

use super::super::model::{
    Argument, Dependency, Each, Expectation, ExpectedFinding, ExpectedFindings, Operand, RuleTest, SettingId,
    Stated, WholeFile,
};
use super::super::operand::{self, ExprKind};
use super::super::{errors, syntax};
use super::fixtures::TestContext;
use super::operands::{Compiler, Spot};
use super::{fixtures, literal, one_line, require};
use crate::entry::EntryNumber;
use crate::judge::functions::{self, Parameter};
use crate::table::schema::Type;
use crate::table::{FILE, TableId};
use crate::yaml::decode::{Lazy, Scalar, decode};
use crate::yaml::errors::is_written;
use crate::yaml::{Diagnostics, NodeId, View};

/// Compiles a rule's tests; those with an error are left out.
pub fn compile(
    context: &TestContext<'_>,
    tests: &[Lazy<syntax::WrittenTest>],
    diagnostics: &mut Diagnostics,
) -> Vec<RuleTest> {
    let compiled: Vec<RuleTest> = tests.iter().filter_map(|lazy| test(context, lazy, diagnostics)).collect();
    for (at, test) in compiled.iter().enumerate() {
        if let Some(first) = compiled[..at].iter().find(|first| first.name == test.name) {
            diagnostics.push(errors::duplicate_test(&test.name, test.place, first.place));
        }
    }
    compiled
}

fn test(
    context: &TestContext<'_>,
    lazy: &Lazy<syntax::WrittenTest>,
    diagnostics: &mut Diagnostics,
) -> Option<RuleTest> {
    let tree = context.tree;
    let syntax = lazy.decode(tree, diagnostics)?;
    let at = syntax.name.as_ref().map_or(tree.head(lazy.node), |name| name.place(tree));
    require(tree, diagnostics, lazy.node, at, "name", syntax.name.is_some());
    require(tree, diagnostics, lazy.node, at, "expect", syntax.expect.is_some());
    if context.needs_filing_date && !is_written(tree, lazy.node, "filing_date") {
        diagnostics.push(errors::test_without_filing_date(at));
    }
    let filing_date = syntax.filing_date.as_ref().and_then(|date| literal::date(tree, date, diagnostics));
    out_of_force(context, filing_date, &syntax, diagnostics);
    if let Some(expect) = &syntax.expect {
        refuse_expected_texts(context, lazy.node, &expect.value, diagnostics);
    }
    let account = syntax
        .account
        .as_ref()
        .map(|account| literal::account(tree, account, diagnostics))
        .unwrap_or_default();
    let fixture = fixtures::compile(context, lazy.node, at, &syntax, diagnostics);
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
    let text = |text: &Option<Scalar>| text.as_ref().map(|text| one_line(&text.value));
    // A mistyped key is named as well.
    let expect = syntax.expect.as_ref()?;
    Some(RuleTest {
        name: syntax.name.as_ref()?.value.clone(),
        place: at,
        filing_date,
        account,
        fixture,
        values,
        settings,
        supersedes: syntax.supersedes.iter().flatten().map(|id| (id.value.clone(), id.place(tree))).collect(),
        severity: syntax.severity.as_ref().map(|severity| severity.value),
        findings: syntax.findings.and_then(|findings| self::findings(context, findings.0.0, diagnostics)),
        expect: expect.value,
        expect_place: expect.place(tree),
        message: text(&syntax.message),
        help: text(&syntax.help),
        labels,
    })
}

/// Refuses the texts of a finding where none is expected: only a violated rule has them.
fn refuse_expected_texts(
    context: &TestContext<'_>,
    test: NodeId,
    expect: &Expectation,
    diagnostics: &mut Diagnostics,
) {
    if *expect == Expectation::Violated {
        return;
    }
    for key in ["message", "help", "labels", "supersedes", "findings", "severity"] {
        if let Some((at, _)) = context.tree.pair(test, key) {
            diagnostics.push(errors::expected_of_no_finding(key, context.tree.place(at)));
        }
    }
}

/// A rule that is not in force finds nothing, so it cannot be violated.
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
        diagnostics.push(errors::test_out_of_force(written.place(context.tree), expect.place(context.tree)));
    }
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
        diagnostics.push(errors::unknown_setting(&name.value, name.place(tree), known));
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
        let whole = functions::FUNCTIONS.iter().filter(is_whole).map(|function| function.name);
        diagnostics.push(errors::not_of_whole_files(&call.value, whole, call.place(tree)));
        return None;
    };
    if typed.kind == Type::Text {
        return Some((what, id, Stated::Text(number.value.trim().to_owned())));
    }
    match literal::decimal(number.value.trim()) {
        Some(number) => Some((what, id, Stated::Number(number))),
        None => {
            diagnostics.push(errors::not_a_number(&number.value, number.place(tree)));
            None
        }
    }
}

/// How many findings there must be, or which.
fn findings(
    context: &TestContext<'_>,
    node: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<ExpectedFindings> {
    let tree = context.tree;
    match tree.view(node) {
        View::Scalar(..) => decode(tree, node, diagnostics).map(ExpectedFindings::Count),
        View::Sequence(items) => {
            let each = items.iter().filter_map(|item| finding(context, *item, diagnostics));
            Some(ExpectedFindings::These(each.collect()))
        }
        other @ View::Mapping(_) => {
            diagnostics.push(errors::not_findings(&other, tree.head(node)));
            None
        }
    }
}

fn finding(
    context: &TestContext<'_>,
    node: NodeId,
    diagnostics: &mut Diagnostics,
) -> Option<ExpectedFinding> {
    let tree = context.tree;
    let written: syntax::WrittenFinding = decode(tree, node, diagnostics)?;
    let entry = match &written.entry {
        Some(text) => match EntryNumber::parse(&text.value) {
            Some(number) => Some(number),
            None => {
                diagnostics.push(errors::no_entry_number(&text.value, text.place(tree)));
                return None;
            }
        },
        None => None,
    };
    let text = |text: Option<Scalar>| text.map(|text| one_line(&text.value));
    Some(ExpectedFinding {
        entry,
        line: written.line.map(u64::from),
        message: text(written.message),
        help: text(written.help),
        place: tree.head(node),
    })
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
            diagnostics.push(errors::tested_label_is_no_column(&label.value, label.place(tree)));
            None
        }
    }
}
