//! Every rule file in `rules/README.md` loads beside the built-in pack, and its own tests hold.

use std::fs;
use std::process::Command;

#[test]
fn every_snippet_is_a_rule_file_that_proves_itself() {
    let text = fs::read_to_string("rules/README.md").expect("the chapter");
    let snippets: Vec<&str> = text
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split_once("\n```").expect("an end of the snippet").0)
        .collect();
    assert!(snippets.len() >= 5, "{}", snippets.len());
    let folder = tempfile::tempdir().expect("a folder");
    for (at, snippet) in snippets.iter().enumerate() {
        let file = folder.path().join(format!("snippet-{at}.yaml"));
        fs::write(&file, snippet).expect("the snippet");
        let run =
            Command::new(env!("CARGO_BIN_EXE_capelint")).arg("test").arg(&file).output().expect("capelint");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{snippet}\n{said}");
        assert!(!said.contains("\n0 rules"), "{said}");
    }
}
