//! `capelint test`: run the tests in rule files.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::args::{Color, Data, RuleArgs};
use super::choices::TestFormat;
use super::session::Session;
use super::{Done, Exit, ExitReason, Failure, print};
use capelint::diagnostic::Diagnostic;
use capelint::frontend::documents::tests_document;
use capelint::frontend::errors;
use capelint::frontend::text::{count, json_masked, thousands};
use capelint::rule_tests::{TestChoice, TestReport};
use capelint::source::Sources;
use capelint::{Errors, Format};

/// Arguments of `capelint test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint test                          the built-in pack and the rules of capelint.yaml
  capelint test house-rules.yaml         the rules of a file
  capelint test --only protest           tests with this in their name or in the id of their rule
  capelint test rules --coverage         a folder with a pack.yaml takes the built-in pack's place")]
pub struct TestArgs {
    /// Rule files or folders [default: the built-in pack and the rules of capelint.yaml]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Run only tests with this text in their name or in the id of their rule
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Also fail if no test violates a rule, none satisfies it, none leaves it undecided although a table can be missing, none covers one of its next steps, or a part of it could change without a failing test
    #[arg(long)]
    pub coverage: bool,
    /// Print the results in this format
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: TestFormat,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
}

/// Runs the tests.
pub fn run(args: &TestArgs) -> Done {
    let rules =
        RuleArgs { files: args.paths.clone(), isolated: !args.paths.is_empty(), ..RuleArgs::default() };
    let session = Session::with_rules(&rules, Path::new("."), Vec::new(), Data::default(), true)?;
    // Of named files only their own rules are looked at, not the pack's they are beside.
    let named =
        |name: &str| args.paths.is_empty() || args.paths.iter().any(|path| Path::new(name).starts_with(path));
    let choice = TestChoice { only: args.only.as_deref(), coverage: args.coverage };
    let report = session.rules.run_tests(named, choice);
    let sources = session.rules.sources();
    if report.tests == 0
        && let Some(only) = &args.only
    {
        return Err(errors::no_such_test(only).into());
    }
    let missing = || report.uncovered.iter().chain(&report.unnoticed).filter(|_| args.coverage);
    let failed: Vec<Diagnostic> = report.failures.iter().chain(missing()).cloned().collect();
    let failed = Errors::new(failed, sources.clone());
    let text = match args.format {
        TestFormat::Human => {
            let mut text = failed.draw(args.color.applies(io::stdout().is_terminal()));
            text.push_str(&summary(&report, args.coverage));
            text.into_bytes()
        }
        TestFormat::Short => {
            let mut text = failed.short();
            text.push_str(&summary(&report, args.coverage));
            text.into_bytes()
        }
        TestFormat::Github => failed.in_format(Format::Github).unwrap_or_default().into_bytes(),
        TestFormat::Json => json(&report, &failed, sources)?,
        TestFormat::Junit => junit(&report, &missing().cloned().collect::<Vec<_>>(), sources)?,
    };
    print(&text)?;
    Ok(if failed.diagnostics.is_empty() { Exit::Clean } else { Exit::Findings(ExitReason::Other) })
}

fn summary(report: &TestReport, coverage: bool) -> String {
    let mut summary = format!(
        "{}, {}: {} passed, {} failed",
        count(report.rules, "rule", "rules"),
        count(report.tests, "test", "tests"),
        thousands(report.tests - report.failures.len()),
        thousands(report.failures.len())
    );
    if coverage {
        summary.push_str(&format!(
            "; {} not covered; {} of {} changes noticed",
            count(report.uncovered.len(), "rule", "rules"),
            thousands(report.mutants - report.unnoticed.len().min(report.mutants)),
            thousands(report.mutants)
        ));
    }
    summary.push('\n');
    summary
}

fn json(report: &TestReport, failed: &Errors, sources: &Sources) -> Result<Vec<u8>, Failure> {
    let text = serde_json::to_string_pretty(&tests_document(report, failed, sources));
    Ok((json_masked(&text.map_err(|error| Failure::Output(error.into()))?) + "\n").into_bytes())
}

fn junit(report: &TestReport, missing: &[Diagnostic], sources: &Sources) -> Result<Vec<u8>, Failure> {
    use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
    let mut junit = Report::new("capelint test");
    let mut suites: Vec<TestSuite> = Vec::new();
    let failed = |diagnostic: &Diagnostic| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(diagnostic.message.shown());
        status.set_description(Errors::new(vec![diagnostic.clone()], sources.clone()).short());
        status
    };
    for result in &report.results {
        if suites.last().is_none_or(|suite| suite.name.as_str() != result.rule) {
            suites.push(TestSuite::new(result.rule.as_str()));
        }
        let status = match result.failure {
            Some(at) => failed(&report.failures[at]),
            None => TestCaseStatus::success(),
        };
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(TestCase::new(result.name.shown(), status));
        }
    }
    if !missing.is_empty() {
        let mut suite = TestSuite::new("coverage");
        for diagnostic in missing {
            suite.add_test_case(TestCase::new(diagnostic.message.shown(), failed(diagnostic)));
        }
        suites.push(suite);
    }
    junit.add_test_suites(suites);
    let text = junit.to_string().map_err(|error| Failure::Output(io::Error::other(error)))?;
    Ok(text.into_bytes())
}
