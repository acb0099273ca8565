//! What the README shows is what the program prints.

use std::fmt::Write as _;
use std::process::Command;

use capelint::finding::Verdict;

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    trycmd::TestCases::new().case("README.md");
}

#[test]
fn whole_commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md").case("examples/house-rules/README.md");
}

/// What stands between the marks of a generated part of the README.
fn generated(name: &str) -> String {
    let readme = std::fs::read_to_string("README.md").expect("the README");
    let (_, rest) = readme.split_once(&format!("<!-- generated: {name} -->\n\n")).expect("its beginning");
    let (part, _) = rest.split_once("\n\n<!-- end -->").expect("its end");
    part.to_owned()
}

#[test]
fn the_table_of_rules_and_messages_is_the_packs_own() {
    let printed = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["rules", "--isolated", "--format", "markdown"])
        .output()
        .expect("the list of rules");
    assert_eq!(
        generated("capelint rules --format markdown"),
        String::from_utf8_lossy(&printed.stdout).trim_end()
    );
}

#[test]
fn the_table_of_verdicts_is_the_programs_own() {
    let mut verdicts = "| verdict | meaning | `fix` uploads it |\n| --- | --- | --- |".to_owned();
    for verdict in Verdict::ALL {
        let uploads = match verdict {
            Verdict::Undecided => "with `--include undecided`",
            Verdict::Stopped => "with a waiver that has a reason and an end date",
            Verdict::Rejected => "with a waiver",
            Verdict::Ready | Verdict::Warned => "yes",
        };
        write!(verdicts, "\n| {} | {} | {uploads} |", verdict.title(), verdict.meaning()).unwrap();
    }
    assert_eq!(generated("verdicts"), verdicts);
}
