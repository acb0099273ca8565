//! What the README shows is what the program prints.

use std::process::Command;

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    trycmd::TestCases::new().case("README.md");
}

#[test]
fn whole_commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}

#[test]
fn the_table_of_rules_and_messages_is_the_packs_own() {
    let readme = std::fs::read_to_string("README.md").expect("the README");
    let (_, rest) =
        readme.split_once("<!-- generated: capelint rules --format markdown -->\n\n").expect("its beginning");
    let (table, _) = rest.split_once("\n\n<!-- end -->").expect("its end");
    let printed = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["rules", "--isolated", "--format", "markdown"])
        .output()
        .expect("the list of rules");
    assert_eq!(table, String::from_utf8_lossy(&printed.stdout).trim_end());
}
