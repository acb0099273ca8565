//! What the documentation shows is what the program prints, each link has a target, and nothing is reported of the
//! sample files that it offers.

mod common;
#[path = "../docs/reference/pages.rs"]
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pages::Page;
use regex::Regex;

#[test]
fn the_commands_of_the_documentation_print_what_it_shows() {
    trycmd::TestCases::new().case("docs/src/*/*.md");
}

/// The pages that the preprocessor adds, with those below them.
fn reference() -> Vec<Page> {
    fn flat(pages: Vec<Page>, all: &mut Vec<Page>) {
        for mut page in pages {
            let below = std::mem::take(&mut page.pages);
            all.push(page);
            flat(below, all);
        }
    }
    let mut all = Vec::new();
    flat(pages::reference().expect("the reference"), &mut all);
    all
}

#[test]
fn every_rule_message_and_error_has_a_page_with_an_example_and_a_source() {
    let pages: BTreeMap<String, String> =
        reference().into_iter().map(|page| (page.path, page.text)).collect();
    let has = |path: String, headings: &[&str]| {
        let page = pages.get(&path).unwrap_or_else(|| panic!("no page {path}"));
        for heading in headings {
            let section = page.split_once(&format!("\n## {heading}\n\n"));
            assert!(section.is_some_and(|(_, text)| !text.trim().is_empty()), "{path} has no `{heading}`");
        }
    };
    let rules = &*common::RULES;
    for rule in &rules.list() {
        has(format!("reference/rules/{}.md", rule.id), &["Condition", "Message", "Example", "Source"]);
    }
    for message in capelint::frontend::messages::embedded().messages() {
        has(format!("reference/messages/{}.md", message.id), &["Meaning", "What to do", "Source"]);
    }
    for code in capelint::diagnostic::Code::all() {
        has(format!("reference/errors/{}.md", code.name()), &["What to do", "Example"]);
    }
}

#[test]
fn the_reference_is_added_to_a_book_of_either_version_of_mdbook() {
    for key in ["sections", "items"] {
        let mut book = serde_json::json!({ key: [{ "PartTitle": "For brokers" }] });
        pages::add_to(&mut book).expect("a book");
        let items = book[key].as_array().expect("its items");
        let titles: Vec<&str> = items.iter().filter_map(|item| item["Chapter"]["name"].as_str()).collect();
        assert_eq!(titles, ["Rules", "Messages of CBP and ACE", "Errors that stop capelint"]);
        assert!(items[2]["Chapter"]["sub_items"].as_array().is_some_and(|pages| pages.len() > 50));
    }
}

/// The names by which a page's headings can be linked to.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    '-' | '_' => Some(c),
                    _ => c.is_alphanumeric().then_some(c),
                })
                .collect()
        })
        .collect()
}

/// A path without `.` and `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                tidied.pop();
            }
            Component::CurDir => {}
            part => tidied.push(part),
        }
    }
    tidied
}

#[test]
fn every_link_leads_to_a_page_or_a_file() {
    let mut pages: BTreeMap<PathBuf, String> =
        reference().into_iter().map(|page| (Path::new("docs/src").join(page.path), page.text)).collect();
    let mut documents = common::files("docs/src", "md");
    // What `cargo package` packs has neither the page nor the fuzz targets, and links to them lead out of it.
    let left_out = |path: &Path| {
        let is_packed = !common::root().join("fuzz").exists();
        is_packed
            && [".ci", ".github", "benches", "fuzz", "web"].iter().any(|folder| path.starts_with(folder))
    };
    for folder in ["rules", "examples", "benches", "tests", "web", "fuzz"] {
        if !common::root().join(folder).exists() && left_out(Path::new(folder)) {
            continue;
        }
        documents.extend(common::files(folder, "md").into_iter().filter(|file| {
            !file.components().any(|part| part.as_os_str() == "node_modules" || part.as_os_str() == "target")
        }));
    }
    for file in fs::read_dir(common::root()).expect("the project") {
        let file = PathBuf::from(file.expect("a file").file_name());
        if file.extension().is_some_and(|extension| extension == "md") {
            documents.push(file);
        }
    }
    for file in documents {
        let text = fs::read_to_string(common::root().join(&file)).expect("a page");
        pages.insert(file, text);
    }
    // The book's page is the included file, whose links must lead somewhere from both.
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let code = Regex::new(r"(?ms)^ *(`{3,})[^\n]*\n.*?^ *`{3,} *$|`[^`\n]*`").expect("a pattern");
    let mut wrong = Vec::new();
    let mut links = 0;
    for (file, text) in &pages {
        for found in link.captures_iter(&code.replace_all(text, "")) {
            let target = &found[1];
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match path {
                "" => file.clone(),
                path => tidy(&file.parent().expect("a folder").join(path)),
            };
            if left_out(&path) {
                continue;
            }
            let anchored =
                anchor.is_empty() || pages.get(&path).is_some_and(|text| anchors(text).contains(anchor));
            if !(pages.contains_key(&path) || common::root().join(&path).exists()) || !anchored {
                wrong.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
    assert!(links > 400, "{links}");
}

/// A list that is offered as a pattern to copy must be read whole: no cell that its column cannot read, no
/// column that is skipped, no rule that misses something in it.
#[test]
fn each_sample_list_is_read_without_a_complaint() {
    let page = fs::read_to_string("docs/src/brokers/lists.md").expect("the page on lists");
    let samples = common::files("docs/src/brokers/samples", "csv");
    for file in &samples {
        let table = file.file_stem().expect("a name").to_string_lossy();
        assert!(page.contains(&format!("[{table}.csv](samples/{table}.csv)")), "{table} is not offered");
        let run = common::capelint(&[
            "check",
            "examples/march/declaration.csv",
            "--isolated",
            "--filing-date=2026-11-22",
            "--es003=examples/march/es003.csv",
            "--format=json",
            &format!("--table={table}={}", file.display()),
        ]);
        let report: serde_json::Value = serde_json::from_slice(&run.stdout)
            .unwrap_or_else(|_| panic!("{table}: {}", String::from_utf8_lossy(&run.stderr)));
        let items = |name: &str| report[name].as_array().expect("a list").clone();
        for item in items("findings").iter().chain(&items("undecided")) {
            let text = item.to_string();
            assert!(!text.contains(&format!("samples/{table}.csv")), "{table}: {text}");
        }
    }
    assert_eq!(samples.len(), 8, "one for each list that the pack knows");
}

#[test]
fn the_tests_that_the_promises_name_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/src/project/promises.md")).expect("the page");
    let mut tests = 0;
    for quoted in page.split('`').skip(1).step_by(2) {
        if let Some((file, test)) = quoted.split_once("::") {
            let text =
                std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(text.contains(&format!("fn {test}(")), "{file} has no test {test}");
            tests += 1;
        } else if quoted.starts_with("tests/") || quoted.starts_with("src/") {
            assert!(root.join(quoted).exists(), "{quoted}");
        }
    }
    assert!(tests >= 15, "{tests}");
}

/// The commands in the documents that a reader can type, without comments and redirections.
fn commands() -> BTreeSet<String> {
    let mut files: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "rules/README.md"].map(PathBuf::from).into();
    for folder in
        ["docs/src", "docs/src/brokers", "docs/src/authors", "docs/src/pipelines", "docs/src/project"]
    {
        files.extend(common::files(folder, "md"));
    }
    let command =
        Regex::new(r"(?m)`(capelint [^`]+)`|^ *(?:\$ )?(capelint (?:--|[a-z]+)[^#>\n]*)").expect("a pattern");
    let is_command =
        Regex::new(r"^capelint (--version|[a-z]+ (--)?[a-zA-Z0-9./\x22'][^…]*)$").expect("a pattern");
    let known = common::capelint(&["--help"]);
    let known = String::from_utf8(known.stdout).expect("text");
    let mut all = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for found in command.captures_iter(&text) {
            let command = found.get(1).or(found.get(2)).expect("a command").as_str();
            let command = command.split(['>', '#']).next().expect("a command").trim();
            let is_known = command.split(' ').nth(1).is_some_and(|word| {
                word == "--version"
                    || known.lines().any(|line| line.trim_start().starts_with(&format!("{word} ")))
            });
            if is_known
                && is_command.is_match(command)
                && !command.contains("FILE")
                && !command.contains("...")
            {
                all.insert(command.to_owned());
            }
        }
    }
    all
}

#[test]
fn each_command_of_the_documentation_runs_where_its_files_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut commands = commands();
    // It takes long, and the gate runs it.
    commands.remove("capelint test --coverage");
    assert!(commands.len() > 25, "{commands:#?}");
    for command in &commands {
        let folder = tempfile::tempdir().expect("a folder");
        for (from, to) in [
            ("examples/first/march.csv", "march.csv"),
            ("examples/first/es003.csv", "es003.csv"),
            ("examples/first/capelint.yaml", "capelint.yaml"),
            ("examples/march/claims.csv", "claims.csv"),
            ("examples/house-rules/house-rules.yaml", "house-rules.yaml"),
        ] {
            fs::copy(root.join(from), folder.path().join(to)).expect("a copy");
        }
        let mut declaration = fs::read_to_string(folder.path().join("march.csv")).expect("text");
        declaration.push_str("ABC12345676\n");
        fs::write(folder.path().join("march.csv"), declaration).expect("a file");
        let here = |argument: &str| {
            let argument = argument.trim_matches(['"', '\'']);
            let argument = argument.replace('~', &folder.path().to_string_lossy());
            if argument.starts_with("examples/") {
                root.join(argument).to_string_lossy().into_owned()
            } else {
                argument
            }
        };
        let arguments: Vec<String> = command.split_whitespace().skip(1).map(here).collect();
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_capelint"))
            .args(&arguments)
            .current_dir(folder.path())
            .output()
            .expect("capelint");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(matches!(run.status.code(), Some(0 | 1)), "{command}: {:?}: {said}", run.status.code());
    }
}
