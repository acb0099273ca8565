//! `capelint new`: a commented start for a rule, a test or a table.

use clap::ValueEnum;

use super::{Done, Exit, print};

/// Arguments of `capelint new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint new rule > house-rules.yaml       a rule with its tests
  capelint new table >> house-rules.yaml     a list of your own, with its columns")]
pub struct NewArgs {
    /// What to begin
    #[arg(value_enum)]
    pub what: NewKind,
}

/// What can be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewKind {
    /// A rule file with a rule and its tests.
    Rule,
    /// More tests of a rule.
    Test,
    /// A table of your own, with a rule that uses it.
    Table,
}

/// Prints the start.
pub fn run(args: &NewArgs) -> Done {
    print(text(args.what).as_bytes())?;
    Ok(Exit::Clean)
}

/// A commented start that loads as it is; that of a test goes under `tests:` of a rule.
fn text(what: NewKind) -> &'static str {
    match what {
        NewKind::Rule => RULE,
        NewKind::Test => TEST,
        NewKind::Table => TABLE,
    }
}

const RULE: &str = "\
# Check it with `capelint test FILE --coverage`, use it with `--rules FILE`.
rules:
  - id: small-refund                 # lower-case words joined by `-`
    title: IEEPA duty under $25      # one line: what it checks
    severity: note                   # error, stop, warning or note
    each: entry                      # file, row, entry, line, or a table such as es003
    # when: { es003.liquidation_status: liquidated }   # when it applies; without it always
    forbid: { ieepa_duty: { below: 25 } }              # or `require:` what must be true
    message: entry {entry} has {ieepa_duty} of IEEPA duty
    help: decide whether the refund is worth the work
    tests:
      - name: a cent less
        es003: [{ hts: 9903.01.25, duty: 24.99 }]
        expect: violated
        message: entry ABC-1234567-6 has $24.99 of IEEPA duty
      - name: no less
        es003: [{ hts: 9903.01.25, duty: 25 }]
        expect: satisfied
      - name: no export
        expect: undecided
";

const TEST: &str = "    tests:                                   # below the rule's other keys
      - name: what this test shows
        filing_date: 2026-11-22              # where the rule or its dates need it
        # account: { role: importer, importer_numbers: [12-3456789] }
        # row: { entry: ABC12345676, psc_needed: yes }    # the declaration's row
        es003:                               # the rows of this entry; cells as the export writes them
          - { line_number: 001, hts: 9903.01.25, duty: 85.00 }
          - { line_number: 001, hts: 8471.30.0100, duty: 0 }
        # es003: es003.csv                   # or a real export beside this file (CSV or a workbook)
        # protests: []                       # provided, without a row for this entry
        expect: violated                     # satisfied, violated, undecided or not checked
        # severity: warning                  # how bad a violated rule must be
        # findings: 1                        # how many findings it must give, or which
        # message: …                         # what it must say
        # help: …
";

const TABLE: &str = "\
# A list of your own: `--table broker_hold=broker-hold.csv`, or under `tables` in capelint.yaml.
tables:
  broker_hold:
    title: Hold list of the desk
    key: entry                       # the column with the entry number
    optional: yes                    # not providing it is said, and leaves entries ready
    absent: nothing                  # an entry that is not on it is not held
    columns:
      entry: { type: entry_number, of: entry, headers: [Entry, Entry Number] }
      until: { type: date, headers: [Hold until] }      # text, choice, date, money, integer, hts, …

rules:
  - id: on-hold
    title: On the hold list of the desk
    severity: stop
    each: entry
    forbid: { some: broker_hold, where: { until: { on_or_after: filing_date } } }
    message: entry {entry} is on the hold list
    help: ask the desk that put it there
    tests:
      - name: the last day
        filing_date: 2026-11-22
        broker_hold: [{ until: 11/22/2026 }]
        expect: violated
      - name: the day after
        filing_date: 2026-11-23
        broker_hold: [{ until: 11/22/2026 }]
        expect: satisfied
      - name: without the list
        filing_date: 2026-11-22
        expect: undecided
";

#[cfg(test)]
mod tests {
    use super::*;
    use capelint::rule_tests::TestChoice;
    use capelint::{Loader, RuleSource};

    #[test]
    fn each_start_loads_and_its_tests_pass() {
        let with_test = RULE.split_once("    tests:").map(|(rule, _)| format!("{rule}{TEST}"));
        for start in [RULE.to_owned(), TABLE.to_owned(), with_test.expect("a rule with tests")] {
            let mut loader = Loader::new();
            loader.rule_file(RuleSource::new("start.yaml", start.as_bytes(), |_| Err(String::new())));
            let rules = loader.load().unwrap_or_else(|errors| panic!("{errors:?}\n{start}"));
            let report = rules.run_tests(|name| name == "start.yaml", TestChoice::default());
            assert!(report.tests > 0, "{start}");
            // The start of a test shows its keys; what it expects is the writer's.
            if !start.contains("what this test shows") {
                assert_eq!(report.failures, vec![], "{start}");
            }
        }
    }
}
