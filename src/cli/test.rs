//! `capelint test`: run the tests that stand in rule files.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::args::{Color, Data, RuleArgs};
use super::session::Session;
use super::{Done, Exit, print};
use capelint::report;

/// Arguments of `capelint test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint test                          the built-in pack and the rules of capelint.yaml
  capelint test house-rules.yaml         the rules of a file
  capelint test rules --coverage         a folder with a pack.yaml takes the built-in pack's place")]
pub struct Args {
    /// Rule files or folders; without any the built-in pack and the configuration's rules
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Fail rules that no test makes fire, none leaves alone, or none leaves undecided although a table can be missing, and next steps that no test tells
    #[arg(long)]
    pub coverage: bool,
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
}

/// Runs the tests.
pub fn run(args: &Args) -> Done {
    let rules =
        RuleArgs { files: args.paths.clone(), isolated: !args.paths.is_empty(), ..RuleArgs::default() };
    let session = Session::with_rules(&rules, Path::new("."), Vec::new(), Data::default(), true)?;
    // Of named files only their own rules are looked at, not the pack's they stand beside.
    let named =
        |name: &str| args.paths.is_empty() || args.paths.iter().any(|path| Path::new(name).starts_with(path));
    let rule_tests = session.rules.run_tests(named);
    let mut text = Vec::new();
    let color = args.color.applies(io::stdout().is_terminal());
    report::diagnostic::render(&rule_tests.failures, session.rules.sources(), color, &mut text)?;
    if args.coverage {
        report::diagnostic::render(&rule_tests.uncovered, session.rules.sources(), color, &mut text)?;
    }
    let uncovered = if args.coverage { rule_tests.uncovered.len() } else { 0 };
    let mut summary = format!(
        "{} rules, {} tests: {} passed, {} failed",
        rule_tests.rules,
        rule_tests.tests,
        rule_tests.tests - rule_tests.failures.len(),
        rule_tests.failures.len()
    );
    if args.coverage {
        summary.push_str(&format!("; {uncovered} rules not covered"));
    }
    summary.push('\n');
    text.extend_from_slice(summary.as_bytes());
    print(&text)?;
    Ok(if rule_tests.failures.is_empty() && uncovered == 0 { Exit::Clean } else { Exit::Findings })
}
