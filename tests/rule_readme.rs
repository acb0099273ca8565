//! The examples of the documents are right: every rule file in them loads beside the built-in pack and passes
//! its own tests, and the code that `CONTRIBUTING.md` shows is the project's.

mod common;

use std::fs;

/// The fenced blocks of a language in a document.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(common::root().join(document)).expect(document).replace("\r\n", "\n");
    text.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split_once("\n```").expect("the end of the block").0.to_owned())
        .collect()
}

#[test]
fn every_rule_file_of_a_document_passes_its_tests() {
    let folder = tempfile::tempdir().expect("a folder");
    for (document, least) in [("rules/README.md", 5), ("CONTRIBUTING.md", 1)] {
        let blocks = blocks(document, "yaml");
        assert!(blocks.len() >= least, "{document}: {}", blocks.len());
        for block in blocks {
            let file = folder.path().join("rules.yaml");
            fs::write(&file, &block).expect("the rule file");
            let run = common::capelint(&["test", &file.to_string_lossy()]);
            let output = [run.stdout, run.stderr].concat();
            let output = String::from_utf8_lossy(&output);
            assert!(run.status.success(), "{document}\n{block}\n{output}");
            assert!(!output.contains("\n0 rules"), "{document}\n{output}");
        }
    }
}

#[test]
fn the_code_in_contributing_is_the_projects_own() {
    let sources: String = common::files("src", "rs")
        .iter()
        .map(|file| {
            fs::read_to_string(common::root().join(file)).expect("a source file").replace("\r\n", "\n")
        })
        .collect();
    let blocks = blocks("CONTRIBUTING.md", "rust");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        assert!(sources.contains(&block), "no longer in src/:\n{block}");
    }
}
