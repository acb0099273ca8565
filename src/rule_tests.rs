//! Runs the tests in rule files and reports what they do not cover.

mod coverage;
mod errors;
mod fixture;

use crate::diagnostic::Diagnostic;
use crate::finding::{Finding, Outcome, Undecided};
use crate::judge::scope::Scope;
use crate::judge::truth::Truth;
use crate::judge::{self, Context};
use crate::outside::{OutsideString, OutsideText};
use crate::report::cause;
pub use crate::rules::model::Expectation;
use crate::rules::model::{Each, ExpectedFindings, HelpCase, Rule, RuleId, RuleSet, RuleTest};
use crate::source::{Place, Sources};
use crate::table::TableId;
use coverage::{try_changes, uncovered, untested_steps};
use errors::FindingPart;
pub(crate) use errors::TestRunCode;
pub(crate) use fixture::TestFixture;

/// What the tests of some rules showed.
#[derive(Debug, Default)]
pub struct TestReport {
    /// How many rules were looked at.
    pub rules: usize,
    /// How many tests ran.
    pub tests: usize,
    /// Tests that came out otherwise than expected.
    pub failures: Vec<Diagnostic>,
    /// Rules that no test violates, none satisfies, or none leaves undecided although a table or column it reads
    /// can be missing; and those with several next steps of which one is in no test.
    pub uncovered: Vec<Diagnostic>,
    /// Each test that ran.
    pub results: Vec<TestResult>,
    /// How many changes to the rules were tried.
    pub mutants: usize,
    /// Changes that no test notices.
    pub unnoticed: Vec<Diagnostic>,
}

/// A test that ran.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Its rule.
    pub rule: String,
    /// Its name.
    pub name: OutsideString,
    /// Where it is.
    pub place: Place,
    /// How it failed: its index in [`TestReport::failures`].
    pub failure: Option<usize>,
}

/// Which tests run.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestChoice<'c> {
    /// Only tests that have this in their name or in their rule's id.
    pub only: Option<&'c str>,
    /// Whether to look for what no test would notice, too.
    pub coverage: bool,
}

/// Runs the tests of all rules for which `of` is true.
pub(crate) fn run_tests(
    rules: &RuleSet,
    sources: &Sources,
    of: impl Fn(&Rule) -> bool,
    choice: TestChoice<'_>,
) -> TestReport {
    let TestChoice { only, coverage } = choice;
    let mut rule_tests = TestReport::default();
    let mut shown_steps = Vec::new();
    let mut changes = Vec::new();
    for (at, rule) in rules.rules.iter().enumerate().filter(|(_, rule)| of(rule)) {
        let id = RuleId(at as u16);
        rule_tests.rules += 1;
        let mut shown = Vec::new();
        let chosen =
            |test: &&RuleTest| only.is_none_or(|only| rule.id.contains(only) || test.name.contains(only));
        for test in rule.tests.iter().filter(chosen) {
            let fixture = TestFixture::new(rules, sources, id, test);
            let (got, failure) = match &fixture {
                Ok(fixture) => fixture.run(),
                Err(errors) => (None, errors.first().cloned()),
            };
            rule_tests.results.push(TestResult {
                rule: rule.id.clone(),
                name: test.name.clone().into(),
                place: test.place,
                failure: failure.as_ref().map(|_| rule_tests.failures.len()),
            });
            shown.extend(got);
            if let Ok(fixture) = &fixture
                && test.help.is_some()
                && rule.help.len() > 1
            {
                shown_steps.extend(judge::next_step(&fixture.input()).map(|step| rule.help[step].place));
            }
            rule_tests.tests += 1;
            rule_tests.failures.extend(failure);
        }
        rule_tests.uncovered.extend(uncovered(rules, rule, &shown));
        if coverage {
            changes.extend(try_changes(rules, sources, id));
        }
    }
    // What several rules share, such as a named step, is tested where one of them is.
    changes.sort_by(|one, other| one.order().cmp(&other.order()));
    changes.dedup_by(|later, first| later.place == first.place && later.change == first.change);
    rule_tests.mutants = changes.len();
    rule_tests.unnoticed = changes
        .iter()
        .filter(|tried| !tried.is_noticed)
        .map(|tried| errors::unnoticed_change(tried.rule, &tried.change, tried.place))
        .collect();
    // Rules may share their next steps.
    for (at, rule) in rules.rules.iter().enumerate().filter(|(_, rule)| of(rule)) {
        let is_first = |case: &&HelpCase| {
            !rules.rules[..at].iter().any(|before| before.help.iter().any(|other| other.place == case.place))
        };
        let untested = rule.help.iter().filter(is_first).filter(|case| !shown_steps.contains(&case.place));
        rule_tests.uncovered.extend(untested_steps(rule, untested.collect()));
    }
    rule_tests
}

impl TestFixture<'_> {
    /// Evaluates the one rule on the fixture.
    pub fn judge(&self) -> Outcome {
        judge::judge(&self.input())
    }

    /// Runs the test: what came out, and how that differs from what was expected.
    pub fn run(&self) -> (Option<Expectation>, Option<Diagnostic>) {
        let outcome = self.judge();
        let optional = outcome.undecided.iter().all(|undecided| undecided.optional);
        let own = |rule: RuleId| rule == self.rule;
        let got = match (
            outcome.findings.iter().find(|finding| own(finding.rule)),
            outcome.undecided.iter().find(|undecided| own(undecided.rule) && !undecided.is_in_part()),
        ) {
            (Some(_), _) => Expectation::Violated,
            (None, Some(_)) if optional && self.distinguishes_unchecked() => Expectation::NotChecked,
            (None, Some(_)) => Expectation::Undecided,
            (None, None) => Expectation::Satisfied,
        };
        (Some(got), self.failure(&outcome, got))
    }

    /// Whether the test distinguishes what is not checked from what is undecided: where it expects `not
    /// checked`, and where the rule requires for some entries what is optional for others.
    fn distinguishes_unchecked(&self) -> bool {
        let rule = &self.rules.rules[usize::from(self.rule.0)];
        self.test.expect == Expectation::NotChecked || rule.required_for.is_some()
    }

    fn failure(&self, outcome: &Outcome, got: Expectation) -> Option<Diagnostic> {
        let test = self.test;
        let rule = &self.rules.rules[usize::from(self.rule.0)];
        if got != test.expect {
            if !rule.in_force(self.filing_date) {
                return Some(errors::other_result_out_of_force(rule, test, got, self.filing_date));
            }
            let undecided = outcome.undecided.iter().find(|undecided| !undecided.is_in_part());
            let undecided = undecided
                .map(|Undecided { cause, .. }| (cause.text(&self.sources), cause.help(&cause::Library)));
            let undecided = undecided.as_ref().map(|(why, help)| (why.raw(), help.raw()));
            return Some(errors::other_result_because(rule, test, got, &self.deciding(), undecided));
        }
        for (id, place) in &test.supersedes {
            let other = self.rules.rules.iter().position(|rule| rule.id == *id);
            let violated = judge::violated(&self.input());
            let is_violated = |at: usize| violated.iter().any(|(rule, ..)| usize::from(rule.0) == at);
            let worded = match other {
                None => errors::superseded_is_unknown,
                Some(at) if !is_violated(at) => errors::superseded_is_satisfied,
                Some(at) if outcome.findings.iter().any(|finding| usize::from(finding.rule.0) == at) => {
                    errors::superseded_is_reported
                }
                Some(_) => continue,
            };
            return Some(worded(rule, test, id, *place));
        }
        let own: Vec<&Finding> =
            outcome.findings.iter().filter(|finding| finding.rule == self.rule).collect();
        if let Some(diagnostic) =
            test.findings.as_ref().and_then(|expected| self.other_findings(outcome, &own, expected))
        {
            return Some(diagnostic);
        }
        let finding = *own.first()?;
        if let Some(expected) = test.severity
            && finding.severity != expected
        {
            return Some(errors::other_severity(rule, test, expected, finding.severity));
        }
        for (part, expected, said) in [
            (FindingPart::Message, &test.message, finding.message.raw()),
            (FindingPart::Help, &test.help, finding.help.as_ref().map(OutsideText::raw).unwrap_or_default()),
        ] {
            if let Some(expected) = expected
                && expected != said
            {
                return Some(errors::other_text(rule, test, part, expected, said));
            }
        }
        let labels = test.labels.as_ref()?;
        let mut shown: Vec<_> = finding
            .labels
            .iter()
            .filter_map(|label| label.cell)
            .map(|cell| (cell.table, cell.column))
            .collect();
        let mut expected = labels.clone();
        shown.sort_unstable();
        shown.dedup();
        expected.sort_unstable();
        let names = |columns: &[(TableId, u16)]| {
            let name = |(table, column): &(TableId, u16)| {
                self.rules.schemas[table.index()].qualified(usize::from(*column))
            };
            columns.iter().map(name).collect::<Vec<_>>()
        };
        (shown != expected).then(|| errors::other_cells(rule, test, &names(&expected), &names(&shown)))
    }

    /// How the findings of the rule differ from those that are expected.
    fn other_findings(
        &self,
        outcome: &Outcome,
        own: &[&Finding],
        expected: &ExpectedFindings,
    ) -> Option<Diagnostic> {
        let count = match expected {
            ExpectedFindings::Count(count) => *count as usize,
            ExpectedFindings::These(these) => these.len(),
        };
        let rule = &self.rules.rules[usize::from(self.rule.0)];
        if own.len() != count {
            return Some(errors::other_number_of_findings(rule, self.test, count, own));
        }
        let ExpectedFindings::These(these) = expected else { return None };
        these.iter().zip(own).find_map(|(expected, finding)| {
            let entry = finding.entry().and_then(|at| outcome.entries[at].number);
            let help = finding.help.as_ref().map(OutsideText::raw).unwrap_or_default();
            let part = if expected.entry.is_some_and(|number| entry != Some(number)) {
                FindingPart::Entry
            } else if expected.line.is_some_and(|line| line != u64::from(finding.place.line)) {
                FindingPart::Line
            } else if expected.message.as_ref().is_some_and(|message| message != finding.message.raw()) {
                FindingPart::Message
            } else if expected.help.as_deref().is_some_and(|expected| expected != help) {
                FindingPart::Help
            } else {
                return None;
            };
            Some(errors::other_finding(rule, self.test, part, expected.place, (finding, entry)))
        })
    }

    /// The clauses that decided, with what they came out as and the values that they asked about.
    fn deciding(&self) -> Vec<DecidingClause> {
        let input = self.input();
        let context = Context::new(&input);
        let rule = &self.rules.rules[usize::from(self.rule.0)];
        let scope = match (rule.each, context.declared.first()) {
            (Each::File, _) | (_, None) => Scope::file(0),
            (_, Some(declared)) => Scope {
                part: declared.part,
                declared: Some(declared.row),
                entry: declared.entry,
                own: declared.entry.and_then(|entry| context.own_rows(rule.each, entry).first().copied()),
                inner: None,
            },
        };
        let (_, explained) = context.explain_rule(self.rule, scope);
        let conditions = rule.when.iter().chain([&rule.condition]);
        explained
            .iter()
            .flat_map(|explained| explained.deciding())
            .map(|clause| DecidingClause {
                place: clause.place,
                truth: clause.truth,
                value: conditions
                    .clone()
                    .find_map(|condition| context.named_value(condition, clause, &scope)),
            })
            .take(MAX_CLAUSES)
            .collect()
    }
}

/// The most clauses that a failed test points at.
const MAX_CLAUSES: usize = 4;

/// A clause that decided about a rule.
struct DecidingClause {
    place: Place,
    truth: Truth,
    /// What it asked about, by its name in rule files, and the value.
    value: Option<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::bind::BoundRule;
    use crate::rules::{self, pack};

    /// Each rule of the pack on each fixture of every test: the fast path gives what the
    /// definition gives.
    #[test]
    fn the_fast_path_gives_what_the_definition_gives() {
        let mut sources = Sources::default();
        let rules = rules::load(pack::embedded(), rules::CompileOptions { tests: true }, &mut sources)
            .expect("the pack");
        let mut compared = 0;
        for (at, rule) in rules.rules.iter().enumerate() {
            for test in rule.tests.iter().step_by(crate::thorough::step()) {
                let fixture =
                    TestFixture::new(&rules, &sources, RuleId(at as u16), test).expect("good files");
                let input = fixture.input();
                let context = Context::new(&input);
                for (other, judged) in rules.rules.iter().enumerate() {
                    let id = RuleId(other as u16);
                    let bound = BoundRule::new(&context, id, judged);
                    for scope in crate::mutation::scopes(&context, judged) {
                        let fast = bound.violated.truth(&context, scope);
                        if let Some((truths, row)) = bound.by_row.as_ref().zip(scope.own) {
                            assert_eq!(truths[row as usize], fast, "rule {} by row", judged.id);
                        }
                        let defined = context.defined(judged, scope);
                        assert_eq!(
                            fast, defined,
                            "rule {} on test \"{}\" of {}",
                            judged.id, test.name, rule.id
                        );
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 10_000 / crate::thorough::step(), "{compared}");
    }

    #[test]
    fn closed_window_is_not_reported_as_open() {
        let rule = "
rules:
  - id: a
    title: A
    severity: note
    each: entry
    forbid: { some: es003 }
    message: 'it {is_or_was(next_working_day(es003.liquidation_date + 180 days))}'
    tests:
      - name: the last day
        filing_date: 2027-02-17
        es003: [{ liquidation_date: 08/21/2026 }]
        expect: violated
        message: it is 2027-02-17
      - name: the day after
        filing_date: 2027-02-18
        es003: [{ liquidation_date: 08/21/2026 }]
        expect: violated
        message: it was 2027-02-17
      - name: no date
        filing_date: 2027-02-18
        es003: [{ liquidation_date: '' }]
        expect: violated
        message: it unknown
      - name: day 180 is a Saturday, so Monday is the last day
        filing_date: 2026-11-23
        es003: [{ liquidation_date: 05/25/2026 }]
        expect: violated
        message: it is 2026-11-23
";
        proves(rule, 4);
    }

    #[test]
    fn a_period_that_ends_on_a_closed_day_ends_later_and_the_help_names_an_earlier_day() {
        let rule = "
rules:
  - id: a
    title: A
    severity: note
    each: entry
    forbid: { some: es003 }
    message: 'it {period_end(es003.liquidation_date + 180 days)}'
    tests:
      - name: day 180 is a Saturday, and the Friday before
        filing_date: 2026-11-20
        es003: [{ liquidation_date: 05/25/2026 }]
        expect: violated
        message: it is 2026-11-23, because CBP is closed on 2026-11-21; do not wait for it, file before 2026-11-21
      - name: on that Saturday
        filing_date: 2026-11-21
        es003: [{ liquidation_date: 05/25/2026 }]
        expect: violated
        message: it is 2026-11-23, because CBP was closed on 2026-11-21
      - name: on the Monday
        filing_date: 2026-11-23
        es003: [{ liquidation_date: 05/25/2026 }]
        expect: violated
        message: it is 2026-11-23, because CBP was closed on 2026-11-21
      - name: on the Tuesday
        filing_date: 2026-11-24
        es003: [{ liquidation_date: 05/25/2026 }]
        expect: violated
        message: it was 2026-11-23, because CBP was closed on 2026-11-21
      - name: a working day
        filing_date: 2026-11-20
        es003: [{ liquidation_date: 05/24/2026 }]
        expect: violated
        message: it is 2026-11-20
      - name: the day after it
        filing_date: 2026-11-21
        es003: [{ liquidation_date: 05/24/2026 }]
        expect: violated
        message: it was 2026-11-20
";
        proves(rule, 6);
    }

    /// Cells and literals of a column get back the zeros that a spreadsheet took, whatever the test.
    #[test]
    fn a_code_without_its_zeros_is_the_code() {
        let rule = |id: &str, port: &str| {
            format!(
                "
  - id: {id}
    title: A
    severity: note
    each: entry
    forbid: {{ es003.port: {port} }}
    tests:
      - name: without its zero
        es003: [{{ port: '704' }}]
        expect: violated
      - name: with it
        es003: [{{ port: '0704' }}]
        expect: violated
      - name: another
        es003: [{{ port: '2704' }}]
        expect: satisfied
"
            )
        };
        let ports =
            ["704", "'0704'", "[704, 1]", "{ in: [704] }", "{ starts_with: '07' }", "{ matches: '^07' }"];
        let rules: Vec<String> =
            ports.iter().zip('a'..).map(|(port, id)| rule(&id.to_string(), port)).collect();
        proves(&format!("rules:{}", rules.concat()), 3 * ports.len());
    }

    /// With the list the rule would be undecided, so that it is not better without it.
    #[test]
    fn an_unknown_day_of_export_beside_a_missing_list_is_undecided() {
        proves(
            "
rules:
  - id: a
    title: A
    severity: error
    each: entry
    when: { exported(es003): { before: 2026-11-01 } }
    require: { some: protests }
    tests:
      - name: neither is known
        filing_date: 2026-11-22
        es003: [{ hts: '8471300100' }]
        expect: undecided
",
            1,
        );
    }

    /// A test may be applied to real files: CSV and workbooks beside the rule file, or lines in it.
    #[test]
    fn a_test_reads_real_files_and_states_which_findings_they_give() {
        let header = "Entry Summary Number,Liquidation Status,Liquidation Date";
        let rule = format!(
            "
rules:
  - id: a
    title: A
    severity: stop
    each: entry
    forbid: {{ es003.liquidation_date: {{ before: 2026-09-03 }} }}
    message: entry {{entry}} liquidated {{es003.liquidation_date}}
    help: look at it
    tests:
      - name: lines
        declaration: |
          Entry Number
          00261103162
          00261111158
          00261110829
        es003: |
          {header}
          00261103162,Liquidated,09/02/2026
          00261110829,Liquidated,09/03/2026
        expect: violated
        severity: stop
        findings:
          - {{ line: 2, entry: 002-6110316-2, message: entry 002-6110316-2 liquidated 2026-09-02, help: look at it }}
      - name: files
        declaration: march.csv
        es003: [old.csv, new.csv]
        expect: violated
        findings: 1
      - name: another line
        declaration: march.csv
        es003: new.csv
        expect: violated
        findings: [{{ line: 3 }}]
      - name: too few
        declaration: march.csv
        es003: new.csv
        expect: violated
        findings: 2
      - name: less severe
        declaration: march.csv
        es003: new.csv
        expect: violated
        severity: note
      - name: no table
        declaration: march.csv
        es003: notes.csv
        expect: violated
      - name: no declaration
        declaration: notes.csv
        es003: new.csv
        expect: violated
"
        );
        let files = [
            ("march.csv", "Entry Number\n00261103162\n".to_owned()),
            ("old.csv", format!("{header}\n00261110829,Liquidated,08/02/2026\n")),
            ("new.csv", format!("{header}\n00261103162,Liquidated,09/02/2026\n")),
            ("notes.csv", "To Do\ncall Kim\n".to_owned()),
        ];
        let beside = move |name: &str| {
            let found = files.iter().find(|(file, _)| *file == name);
            found.map(|(_, text)| text.clone().into_bytes().into()).ok_or_else(|| "it is not there".into())
        };
        let mut all = pack::embedded();
        all.push(rules::RuleSource::new("a.yaml", rule, beside));
        let mut sources = Sources::default();
        let rules =
            rules::load(all, rules::CompileOptions { tests: true }, &mut sources).expect("good rules");
        let report = run_tests(&rules, &sources, |rule| rule.id.len() == 1, TestChoice::default());
        let failures: Vec<&str> = report.failures.iter().map(|failure| failure.message.raw()).collect();
        let failed = |test: &str, what: &str| format!("test \"{test}\" of rule `a` failed: {what}");
        let unreadable = &failures[3..];
        assert_eq!(
            failures[..3],
            [
                failed("another line", "the line of a finding is another one"),
                failed("too few", "expected 2 findings, got 1"),
                failed("less severe", "expected severity note, got stop"),
            ]
        );
        assert_eq!(unreadable.len(), 2, "{unreadable:#?}");
        assert!(report.failures[3..].iter().all(|failure| failure.labels.len() == 1), "{unreadable:#?}");
    }

    /// A failed test points at the clauses that decided, with the values that they asked about.
    #[test]
    fn a_failed_test_shows_the_values_that_decided() {
        let rule = |id: &str, forbid: &str, es003: &str, expect: &str| {
            format!(
                "
  - id: {id}
    title: A
    severity: note
    each: entry
    forbid: {{ {forbid} }}
    tests:
      - name: fails
        filing_date: 2026-11-22
        es003: [{{ {es003} }}]
        expect: {expect}
"
            )
        };
        let cases = [
            (
                "ieepa_duty: { below: 600 }",
                "hts: 9903.01.25, duty: 520",
                "satisfied",
                "true: `ieepa_duty` is $520.00 here",
            ),
            (
                "es003.entry_type: '06'",
                "entry_type: '01'",
                "violated",
                "false: `es003.entry_type` is 01 here",
            ),
            (
                "es003.liquidation_date: { after: 2026-01-01 }",
                "liquidation_date: { unreadable: abc }",
                "violated",
                "unknown: `es003.liquidation_date` is abc here",
            ),
            (
                "age(es003.entry_date): { above: 60 }",
                "entry_date: 10/01/2026",
                "violated",
                "false: `age(…)` is 52 days here",
            ),
            ("age(es003.entry_date): { above: 60 }", "entry_type: '01'", "violated", "unknown"),
            (
                "es003.liquidation_date - 80 days: { after: 2026-10-01 }",
                "liquidation_date: 10/01/2026",
                "violated",
                "false: `es003.liquidation_date - 80 days` is 2026-07-13 here",
            ),
            (
                "some: es003, where: { duty: { above: 9 } }",
                "duty: 3",
                "violated",
                "false: `es003.duty` is 3 here",
            ),
        ];
        let written: Vec<String> = cases
            .iter()
            .zip('a'..)
            .map(|((forbid, es003, expect, _), id)| rule(&id.to_string(), forbid, es003, expect))
            .collect();
        let mut files = pack::embedded();
        let text = format!("rules:{}", written.concat());
        files.push(rules::RuleSource::new("a.yaml", text, |_| Err("nothing is beside it".into())));
        let mut sources = Sources::default();
        let rules =
            rules::load(files, rules::CompileOptions { tests: true }, &mut sources).expect("good rules");
        let report = run_tests(&rules, &sources, |rule| rule.id.len() == 1, TestChoice::default());
        let said: Vec<&str> = report.failures.iter().map(|failure| failure.labels[1].text.raw()).collect();
        let expected: Vec<String> = cases.iter().map(|(.., value)| format!("this is {value}")).collect();
        assert_eq!(said, expected);
    }

    /// Asserts that a rule file beside the pack passes its tests.
    fn proves(text: &str, tests: usize) {
        let mut files = pack::embedded();
        files.push(rules::RuleSource::new("a.yaml", text, |_| Err("nothing is beside it".into())));
        let mut sources = Sources::default();
        let rules =
            rules::load(files, rules::CompileOptions { tests: true }, &mut sources).expect("good rules");
        let rule_tests = run_tests(&rules, &sources, |rule| rule.id.len() == 1, TestChoice::default());
        assert_eq!((rule_tests.tests, rule_tests.failures), (tests, vec![]));
    }
}
