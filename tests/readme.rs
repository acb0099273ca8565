//! What the README and the command snapshots show is what the program prints.

mod common;

use std::fmt::Write as _;
use std::fs;

use capelint::finding::Verdict;
#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    trycmd::TestCases::new().case("README.md");
}

#[test]
fn whole_commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md").case("examples/house-rules/README.md");
}

#[test]
fn the_table_of_verdicts_is_the_programs_own() {
    let mut verdicts = "| verdict | meaning | written for upload |\n| --- | --- | --- |".to_owned();
    for verdict in Verdict::ALL {
        let written = match verdict {
            Verdict::Undecided => "with `--include undecided`",
            Verdict::Stopped => "with `--include stopped`, or a waiver that has a reason and an end date",
            Verdict::Rejected => "with a waiver",
            Verdict::Ready | Verdict::Warned => "yes",
        };
        write!(verdicts, "\n| {} | {} | {written} |", verdict.title(), verdict.meaning()).unwrap();
    }
    for file in ["README.md", "docs/src/brokers/verdicts.md"] {
        common::assert_generated(file, "verdicts", &verdicts);
    }
}

#[test]
fn the_readme_is_short() {
    let lines = fs::read_to_string("README.md").expect("the README").lines().count();
    assert!(lines <= 200, "{lines} lines: move some of it to docs/");
}
