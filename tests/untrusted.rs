//! Hostile folders and interrupted runs, against the program itself.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const NUMBER: &str = "ABC12345676";
const DECLARATION: &str = "Entry Number\r\nABC12345676\r\n";

fn capelint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(folder);
    command
}

fn run<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    capelint(folder).args(arguments).args(["--filing-date", "2026-11-22"]).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder from another person, with a private file beside it.
fn sent(configuration: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sent");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("march.csv"), DECLARATION).unwrap();
    fs::write(folder.join("capelint.yaml"), configuration).unwrap();
    fs::write(root.path().join("secret.csv"), "Entry Summary Number,SECRET\nABC12345676,hunter2\n").unwrap();
    fs::write(root.path().join("secret.yaml"), "password: hunter2\n").unwrap();
    root
}

#[test]
fn a_found_configuration_reads_and_writes_only_below_its_folder() {
    for configuration in [
        "output: { files: { json: ../pwned } }",
        "output: { files: { json: /tmp/capelint-pwned } }",
        "output: { files: { json: link/pwned } }",
        "output: { files: { human: .git/hooks/pre-commit } }",
        "output: { files: { human: .bashrc } }",
        "tables: { es003: '-' }",
        "tables: { es003: ../secret.csv }",
        "tables: { es003: link/secret.csv }",
        "tables: { es003: 'link/*.csv' }",
        "tables: { es003: '../*.csv' }",
        "tables: { es003: '/**/secret.csv' }",
        "tables: { es003: inner.csv }",
        "rules: [../secret.yaml]",
        "rules: [link/secret.yaml]",
        "rules: [rules]",
    ] {
        let root = sent(configuration);
        let folder = root.path().join("sent");
        symlink(root.path(), folder.join("link")).unwrap();
        symlink("../secret.csv", folder.join("inner.csv")).unwrap();
        fs::create_dir(folder.join("rules")).unwrap();
        fs::create_dir_all(folder.join(".git/hooks")).unwrap();
        symlink("../../secret.yaml", folder.join("rules/a.yaml")).unwrap();
        for command in ["check", "fix"] {
            let out = if command == "fix" {
                vec!["fix", "march.csv", "--out", "up"]
            } else {
                vec!["check", "march.csv"]
            };
            let done = run(&folder, &out);
            let said = text(&done.stdout) + &text(&done.stderr);
            // `fix` writes no reports, so it does not look at where they would go.
            if command == "check" || !configuration.starts_with("output") {
                assert_eq!(done.status.code(), Some(2), "{command} {configuration}: {said}");
                assert!(said.contains("outside-folder"), "{command} {configuration}: {said}");
            }
            assert!(!said.contains("hunter2"), "{configuration}: {said}");
        }
        assert!(!root.path().join("pwned").exists() && !Path::new("/tmp/capelint-pwned").exists());
    }
}

/// A link would have any file of the user's read as a configuration, and shown in its errors.
#[test]
fn a_found_configuration_is_not_a_link_out_of_its_folder() {
    let root = sent("account: { role: importer }");
    let folder = root.path().join("sent");
    fs::remove_file(folder.join("capelint.yaml")).unwrap();
    symlink("../secret.yaml", folder.join("capelint.yaml")).unwrap();
    for command in [&["check", "march.csv"][..], &["fix", "march.csv", "--out", "up"], &["config"]] {
        let done = run(&folder, command);
        let said = text(&done.stdout) + &text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{command:?}: {said}");
        assert!(said.contains("outside-folder") && !said.contains("hunter2"), "{command:?}: {said}");
    }
    // One in the folder leads nowhere else.
    fs::write(folder.join("ours.yaml"), "account: { role: importer }\n").unwrap();
    fs::remove_file(folder.join("capelint.yaml")).unwrap();
    symlink("ours.yaml", folder.join("capelint.yaml")).unwrap();
    assert_eq!(run(&folder, &["config"]).status.code(), Some(0));
}

/// What the tests of a rule file are applied to is in its folder, even where the rule file was named.
#[test]
fn the_files_of_rule_tests_are_beside_their_rule_file() {
    let root = sent("rules: [house.yaml]");
    let folder = root.path().join("sent");
    symlink(root.path(), folder.join("link")).unwrap();
    symlink("../secret.csv", folder.join("inner.csv")).unwrap();
    fs::create_dir(folder.join("below")).unwrap();
    fs::write(folder.join("below/es003.csv"), "Entry Summary Number,Entry Type Code\nABC12345676,01\n")
        .unwrap();
    let with = |es003: &str| {
        let rule = format!(
            "rules:\n  - id: house\n    title: A\n    severity: note\n    each: entry\n    forbid: {{ es003.entry_type: '01' }}\n    \
             tests:\n      - {{ name: a, declaration: march.csv, es003: '{es003}', expect: violated }}\n"
        );
        fs::write(folder.join("house.yaml"), rule).unwrap();
        [["test", "house.yaml"], ["test", "--only=house"]].map(|arguments| {
            let done = capelint(&folder).args(arguments).output().unwrap();
            (done.status.code(), text(&done.stdout) + &text(&done.stderr))
        })
    };
    for outside in ["../secret.csv", "/etc/passwd", "link/secret.csv", "inner.csv", "below/../../secret.csv"]
    {
        for (code, said) in with(outside) {
            assert_eq!(code, Some(2), "{outside}: {said}");
            assert!(said.contains("missing-file") && !said.contains("hunter2"), "{outside}: {said}");
        }
    }
    for (code, said) in with("below/es003.csv") {
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_named_configuration_is_trusted() {
    let root = sent("output: { files: { json: ../report.json } }\ntables: { es003: ../es003.csv }");
    let folder = root.path().join("sent");
    fs::write(root.path().join("es003.csv"), format!("Entry Summary Number,Entry Type Code\n{NUMBER},01\n"))
        .unwrap();
    let done = run(&folder, &["check", "march.csv", "--config", "capelint.yaml"]);
    assert_ne!(done.status.code(), Some(2), "{}", text(&done.stderr));
    assert!(root.path().join("report.json").exists());
}

#[test]
fn a_closed_pipe_keeps_the_exit_code() {
    let root = sent("{}");
    let folder = root.path().join("sent");
    let rows: String = (0..400).map(|n| format!("ABC{n:08}\r\n")).collect();
    fs::write(folder.join("bad.csv"), format!("Entry Number\r\n{rows}")).unwrap();
    for format in ["human", "jsonl", "short"] {
        let mut child = capelint(&folder)
            .args([
                "check",
                "bad.csv",
                "--max-per-rule",
                "0",
                "--format",
                format,
                "--filing-date",
                "2026-11-22",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{format}: {}", text(&done.stderr));
    }
}

#[test]
fn files_that_were_written_are_named_where_the_output_cannot_be_printed() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let root = sent("{}");
    let folder = root.path().join("sent");
    let done = capelint(&folder)
        .args(["fix", "march.csv", "--out", "up", "--filing-date", "2026-11-22"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    assert!(
        said.contains("the files were written, but the output cannot be") && said.contains("`up`"),
        "{said}"
    );
    assert!(folder.join("up/held.csv").exists());
}

#[test]
fn no_input_is_written_over_under_any_name() {
    use std::os::unix::ffi::OsStrExt;
    let root = sent("{}");
    let folder = root.path().join("sent");
    let odd = OsStr::from_bytes(b"odd\xff.csv");
    fs::write(folder.join(odd), DECLARATION).unwrap();
    fs::hard_link(folder.join("march.csv"), folder.join("hard")).unwrap();
    symlink("march.csv", folder.join("soft")).unwrap();
    let refused = |command: &mut Command| {
        let done = command.args(["--filing-date", "2026-11-22"]).output().unwrap();
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{command:?}: {said}");
        assert!(
            said.contains("would-overwrite-input") || said.contains("same-output"),
            "{command:?}: {said}"
        );
        assert_eq!(fs::read_to_string(folder.join("march.csv")).unwrap(), DECLARATION, "{command:?}");
        assert_eq!(fs::read_to_string(folder.join(odd)).unwrap(), DECLARATION, "{command:?}");
    };
    for name in ["march.csv", "./march.csv", "hard", "soft", "../sent/march.csv"] {
        refused(capelint(&folder).args(["check", "march.csv", "--output", &format!("json={name}")]));
    }
    symlink(odd, folder.join("alias")).unwrap();
    refused(capelint(&folder).args(["check", ".", "--output", "json=alias"]));
    let stdin = || Stdio::from(fs::File::open(folder.join("march.csv")).unwrap());
    refused(capelint(&folder).args(["check", "-", "--output", "json=march.csv"]).stdin(stdin()));
    let export = format!("Entry Summary Number,Entry Type Code\n{NUMBER},01\n");
    fs::write(folder.join("es003.csv"), &export).unwrap();
    let stdin = Stdio::from(fs::File::open(folder.join("es003.csv")).unwrap());
    refused(
        capelint(&folder)
            .args(["check", "march.csv", "--es003", "-", "--output", "json=es003.csv"])
            .stdin(stdin),
    );
    assert_eq!(fs::read_to_string(folder.join("es003.csv")).unwrap(), export);
    refused(capelint(&folder).args(["check", "march.csv", "--output", "json=o1", "--output", "html=./o1"]));
    refused(capelint(&folder).args(["check", "march.csv", "--baseline", "b", "--output", "json=./b"]));
    fs::hard_link(folder.join("march.csv"), folder.join("held.csv")).unwrap();
    refused(capelint(&folder).args(["fix", "march.csv", "--out", ".", "--force"]));
}

#[test]
fn init_takes_no_settings_from_file_names() {
    let root = tempfile::tempdir().unwrap();
    let names = [
        "a\"\nseverity: { check-digit: off }\nx: \".csv",
        "b\u{1b}[2J\u{202e}.csv",
        "c\\\".csv",
        "d\u{2028}x: y.csv",
        "##vso[task.x]e.csv",
        "::error::###f.csv",
    ];
    for name in names {
        fs::write(root.path().join(name), "Entry Summary Number,Liquidation Status,Liquidation Date\n")
            .unwrap();
    }
    let shown = text(&capelint(root.path()).args(["init", "--dry-run"]).output().unwrap().stdout);
    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{2028}']), "{shown}");
    assert!(!shown.contains("##") && !shown.contains("::"), "{shown}");
    let done = capelint(root.path()).arg("init").output().unwrap();
    assert!(done.status.success());
    let done = capelint(root.path()).arg("config").output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
    let config = text(&done.stdout);
    assert!(config.contains("tables.es003:") && !config.contains("severity."), "{config}");
    // The names are those of the files.
    let written = fs::read_to_string(root.path().join("capelint.yaml")).unwrap();
    let written: serde_json::Value = serde_yaml::from_str(&written).unwrap();
    let named: Vec<&str> =
        written["tables"]["es003"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in ["c\\\".csv", "##vso[task.x]e.csv", "::error::###f.csv"] {
        assert!(named.contains(&name), "{name}: {named:?}");
    }
}

#[test]
fn rule_texts_and_cells_are_not_commands_and_reach_no_terminal_raw() {
    let root = sent("{}");
    let folder = root.path().join("sent");
    let hostile = "\\e[2J\\u202e ::error::x ##vso[task.x]y ##[z] 987/65/4320";
    fs::write(
        folder.join("house.yaml"),
        format!(
            "rules:\n  - id: house-rule\n    title: \"{hostile}\"\n    severity: warning\n    each: entry\n    \
             forbid: {{ row.entry: {NUMBER} }}\n    message: \"{hostile}\"\n    help: \"{hostile}\"\n    note: \"{hostile}\"\n    \
             sources: [\"{hostile}\"]\n    tests:\n      - name: \"{hostile}\"\n        row: {{ entry: {NUMBER} }}\n        expect: satisfied\n"
        ),
    )
    .unwrap();
    // A rule file that is read has no control characters.
    let visible = "::error::x ##vso[task.x]y ##[z] 987/65/4320";
    fs::write(
        folder.join("read.yaml"),
        format!(
            "tables:\n  row:\n    extends: yes\n    columns:\n      remark: {{ type: text, headers: [\"{visible}\"] }}\nrules:\n  \
             - id: read-rule\n    title: \"{visible}\"\n    severity: error\n    each: entry\n    \
             forbid: {{ row.remark: '{visible}' }}\n    message: \"{visible}\"\n    help: \"{visible}\"\n    note: \"{visible}\"\n    \
             cbp: \"{visible}\"\n    sources: [\"{visible}\"]\n"
        ),
    )
    .unwrap();
    fs::write(folder.join("remark.csv"), format!("Entry Number,{visible}\r\n{NUMBER},{visible}\r\n"))
        .unwrap();
    let explain = format!("explain --entry {NUMBER} remark.csv --rules read.yaml");
    let explain_json = format!("{explain} --format json");
    fs::write(
        folder.join("cells.csv"),
        "Entry Number\r\n::set-output name=x::\u{1b}[2J ##vso[task.x]\u{202e} 987_65_4320\r\n",
    )
    .unwrap();
    let hostile = [
        "check cells.csv",
        "check march.csv --rules house.yaml",
        "rules --rules house.yaml",
        "rules --rules house.yaml --format json",
        "rules --rules house.yaml --format markdown",
        "explain house-rule --rules house.yaml",
        "explain house-rule --rules house.yaml --format json",
        "test house.yaml",
        "check remark.csv --rules read.yaml",
        "check remark.csv --rules read.yaml --format markdown",
        "fix remark.csv --rules read.yaml --dry-run",
        "explain read-rule --rules read.yaml",
        &explain,
        &explain_json,
        "fix cells.csv --dry-run",
        "check cells.csv --format short",
        "check cells.csv --format markdown",
        "explain ::error::x",
        "explain 987/65/4320",
    ];
    for command in hostile {
        let done = capelint(&folder).args(command.split(' ')).output().unwrap();
        let said = text(&done.stdout) + &text(&done.stderr);
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{command}: {said}");
        assert!(!said.contains("987"), "{command}: {said}");
        assert!(!said.contains("##[") && !said.contains("##v"), "{command}: {said}");
        assert!(command.contains("json") || !said.contains("::"), "{command}: {said}");
    }
}

#[test]
fn patterns_end_whatever_the_links_make_of_the_folders() {
    let root = sent("{}");
    let folder = root.path().join("sent");
    for name in ["a", "b"] {
        symlink(".", folder.join(name)).unwrap();
    }
    let made = Command::new("mkfifo").arg(folder.join("pipe.csv")).status();
    let begun = std::time::Instant::now();
    // Each folder has 2 links to the next, which makes a million ways to the last.
    for level in 0..20 {
        let next = folder.join(format!("chain/{level}"));
        fs::create_dir_all(&next).unwrap();
        for name in ["x", "y"] {
            symlink(format!("../{}", level + 1), next.join(name)).unwrap();
        }
    }
    fs::create_dir(folder.join("chain/20")).unwrap();
    // Folders that do not fit are not looked into, wherever links lead from them.
    let done = run(&folder, &["check", &format!("m*/0/{}a.csv", "*/".repeat(20))]);
    assert!(text(&done.stderr).contains("nothing-there"), "{}", text(&done.stderr));
    // A pattern for all folders below follows no link.
    let done = run(&folder, &["check", "**/march.csv"]);
    assert_ne!(done.status.code(), Some(2), "{}", text(&done.stderr));
    let done = run(&folder, &["check", "march.csv", "--es003", "*/*/*/*/secret*.csv"]);
    assert_eq!(done.status.code(), Some(2));
    if made.is_ok_and(|status| status.success()) {
        let done = run(&folder, &["check", "*.csv"]);
        assert_ne!(done.status.code(), None, "{}", text(&done.stderr));
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let root = sent("{}");
    let folder = root.path().join("sent");
    fs::create_dir(folder.join("up")).unwrap();
    let Ok(mut holder) = Command::new("flock")
        .args(["up", "sh", "-c", "echo held; read line"])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        return;
    };
    let mut held = [0; 5];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut held).unwrap();
    let done = run(&folder, &["fix", "march.csv", "--out", "up"]);
    writeln!(holder.stdin.take().unwrap()).unwrap();
    holder.wait().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("folder-in-use"), "{}", text(&done.stderr));
    assert_ne!(run(&folder, &["fix", "march.csv", "--out", "up"]).status.code(), Some(2));
}

#[test]
fn a_filing_date_that_cannot_be_meant_is_asked_about() {
    let root = sent("{}");
    let explain = format!("explain --entry {NUMBER} march.csv");
    for command in ["check march.csv", "fix march.csv --dry-run", "triage march.csv", &explain, "config"] {
        for (day, asked) in
            [("2026-04-19", true), ("2026-04-20", false), ("2029-12-31", false), ("2062-11-22", true)]
        {
            let done = capelint(&root.path().join("sent"))
                .args(command.split(' '))
                .args(["--filing-date", day])
                .output()
                .unwrap();
            let said = text(&done.stderr);
            assert_eq!(said.contains("is its year right?"), asked, "{command} {day}: {said}");
        }
    }
}

/// A rule that is never violated, beside the tables that it needs.
const SILENT_PACK: &str = "\
tables:
  es003: { title: export, key: entry, columns: { entry: { type: entry_number, headers: [Entry Summary Number] } } }
rules:
  - { id: silent, title: t, severity: note, each: entry, forbid: { row.entry: ABC12345684 }, message: m, sources: [s] }
";

#[test]
fn a_found_configuration_does_not_replace_the_built_in_rules() {
    let root = sent("rules: [pack]");
    let folder = root.path().join("sent");
    fs::create_dir(folder.join("pack")).unwrap();
    fs::write(folder.join("pack/pack.yaml"), "pack: { name: cape, version: '2026.11.22' }\n").unwrap();
    fs::write(folder.join("pack/rules.yaml"), SILENT_PACK).unwrap();
    for command in ["check march.csv", "fix march.csv --out up"] {
        let done = run(&folder, &command.split(' ').collect::<Vec<_>>());
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("untrusted-pack"), "{command}: {said}");
    }
    // With `--config`, the reports name what became of the built-in rules.
    for command in [
        "check march.csv --config capelint.yaml",
        "check march.csv --isolated --rules pack",
        "fix march.csv --dry-run --config capelint.yaml",
        "check march.csv --config capelint.yaml --format json",
    ] {
        let done = run(&folder, &command.split(' ').collect::<Vec<_>>());
        let said = words(&done.stdout);
        assert!(said.contains("the built-in rule pack is not used"), "{command}: {said}");
    }
}

#[test]
fn a_rule_file_does_not_pass_for_a_built_in_one_by_its_name() {
    let root = sent("rules: [rules/data.yaml]");
    let folder = root.path().join("sent");
    fs::create_dir(folder.join("rules")).unwrap();
    fs::write(
        folder.join("rules/data.yaml"),
        "rules:\n  - { id: never, replaces: duplicate-entry, title: t, severity: note, each: entry, forbid: { row.entry: ABC12345684 }, message: m, sources: [s], effective: { from: 2030-01-01 } }\n",
    )
    .unwrap();
    let done = run(&folder, &["check", "march.csv"]);
    let said = words(&done.stdout);
    assert!(said.contains("duplicate-entry is replaced by never (rules/data.yaml)"), "{said}");
}

/// Output without the line breaks of a narrow page.
fn words(output: &[u8]) -> String {
    text(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_configuration_weakens_is_named() {
    let root = sent(
        "severity: { check-digit: note, byte-order-mark: off }\nrules: [house.yaml]\nignore: [export-old]\n\
         tables: { psc: none }\noutput: { fail_on: never }\nwaivers:\n  - { rule: duplicate-entry, entries: [ABC12345676], reason: known, until: 2026-12-31 }\n",
    );
    let folder = root.path().join("sent");
    fs::write(
        folder.join("house.yaml"),
        "off: [line-ends-not-crlf]\ntables:\n  es003: { extends: yes, columns: { entry_type: { headers: [Kind] } } }\n\
         codes:\n  chapter99: { extends: yes, rows: [{ heading: 9903.99.99, authority: IEEPA }] }\n\
         rules:\n  - { id: house-dash, replaces: entry-number-dashes, title: t, severity: note, each: row, forbid: { row.entry: ABC12345684 }, message: m, sources: [s] }\n  \
         - { id: house-all, supersedes: [entry-not-in-es003], title: t, severity: note, each: entry, forbid: { row.entry: ABC12345684 }, message: m, sources: [s] }\n",
    )
    .unwrap();
    let changes = [
        "check-digit is note instead of error (capelint.yaml)",
        "entry-number-dashes is replaced by house-dash (house.yaml)",
        "entry-not-in-es003 is superseded by house-all (house.yaml)",
        "duplicate-entry has 1 waiver (capelint.yaml)",
        "2 rules are turned off: export-old, byte-order-mark (capelint.yaml)",
        "1 rule is turned off: line-ends-not-crlf (house.yaml)",
        "nothing to list: psc (capelint.yaml)",
        "additions to es003, chapter99 (house.yaml)",
    ];
    for command in [
        "check march.csv",
        "check march.csv --format json",
        "check march.csv --format markdown",
        "check march.csv --format html",
        "fix march.csv --dry-run",
    ] {
        let done = run(&folder, &command.split(' ').collect::<Vec<_>>());
        let said = words(&done.stdout).replace("&#95;", "_");
        // `fix` has no such level.
        let level = said.contains("fail_on is never (capelint.yaml)");
        assert_eq!(level, command.starts_with("check"), "{command}: {said}");
        for change in changes {
            assert!(said.contains(change), "{command}: no `{change}` in {said}{}", text(&done.stderr));
        }
        assert!(said.contains("byte-order-mark"), "{command}: {said}");
    }
}

#[test]
fn rules_chosen_by_a_pattern_do_not_hide_what_the_configuration_turns_off() {
    let root = sent("severity: { check-digit: off }\nignore: ['stage:psc']\n");
    let folder = root.path().join("sent");
    for select in ["check-*", "stage:data,check-digit", "*"] {
        let done = run(&folder, &["check", "march.csv", "--select", select]);
        let said = words(&done.stdout);
        assert!(said.contains("turned off: check-digit"), "{select}: {said}{}", text(&done.stderr));
        assert!(said.contains("(capelint.yaml)"), "{select}: {said}");
        assert_eq!(said.contains("psc-needed"), select == "*", "{select}: {said}");
    }
    // What the user turns off is not the configuration's doing.
    let done = run(&folder, &["check", "march.csv", "--ignore", "check-*,stage:psc"]);
    assert!(!words(&done.stdout).contains("(capelint.yaml)"), "{}", words(&done.stdout));
}

#[test]
fn lists_of_rules_print_what_is_from_rule_files_masked_and_clean() {
    let root = sent("{}");
    let folder = root.path().join("sent");
    let name = "house\u{1b}[2J 123-45-6789.yaml";
    let rules = "pack: { name: 'a::b', version: '1' }\nrules:\n  - id: house\n    title: A\n    severity: note\n    \
                 each: entry\n    forbid: { es003.entry_type: '01' }\n    message: m\n";
    fs::write(folder.join(name), rules).unwrap();
    for format in ["human", "json", "markdown"] {
        let done = capelint(&folder).args(["rules", "--rules", name, "--format", format]).output().unwrap();
        let said = text(&done.stdout);
        assert!(said.contains("house"), "{format}: {said}{}", text(&done.stderr));
        for bad in ["\u{1b}", "123-45", "a::b"] {
            assert!(!said.contains(bad), "{format}: {bad:?} in {said}");
        }
    }
}

/// What is printed can be typed, whatever is in the name of a file that came with the folder.
#[test]
fn a_command_that_is_printed_runs_nothing_that_a_file_name_has() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a$(touch pwned).csv"), DECLARATION).unwrap();
    fs::write(folder.path().join("-x.csv"), "Entry Number\r\nSZ912345674\r\n").unwrap();
    let output = run(folder.path(), &["open", "--no-browser", "."]);
    let command = text(&output.stdout).lines().next().unwrap_or_default().to_owned();
    assert!(command.contains("'./a$(touch pwned).csv'"), "{command}");
    let typed = command.replacen("capelint", env!("CARGO_BIN_EXE_capelint"), 1);
    let output = Command::new("sh").args(["-c", &typed]).current_dir(folder.path()).output().unwrap();
    assert!(text(&output.stdout).contains("-x.csv: 1 entry"), "{typed}\n{}", text(&output.stderr));
    assert!(!folder.path().join("pwned").exists(), "{typed}");
}

/// A line break in a file's name forges no line of a message.
#[test]
fn a_similar_file_name_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old\n= help: all is well.csv"), DECLARATION).unwrap();
    let output = run(folder.path(), &["check", "old= help: all is wel.csv"]);
    let error = text(&output.stderr);
    assert!(error.contains("a similar name exists: `old\u{240a}= help: all is well.csv`"), "{error}");
}
