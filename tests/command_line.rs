//! What shells and terminals see: completion, colors, manual pages, commands in several folders.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn capelint(words: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capelint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words).stdin(Stdio::null());
    for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM", "CAPELINT_COMPLETE"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

/// What bash would offer for the last word.
fn completed(words: &[&str]) -> Vec<String> {
    let last = words.len().to_string();
    let words = [&["--", "capelint"], words].concat();
    let environment =
        [("CAPELINT_COMPLETE", "bash"), ("_CLAP_IFS", "\n"), ("_CLAP_COMPLETE_INDEX", last.as_str())];
    let output = capelint(&words, &environment);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn shells_complete_rules_tables_and_formats() {
    let starts = |words: &[&str], wanted: &[&str]| {
        let offered = completed(words);
        for one in wanted {
            assert!(offered.iter().any(|offered| offered == one), "{words:?}: no `{one}` in {offered:?}");
        }
    };
    starts(&["che"], &["check"]);
    starts(&["check", "--sel"], &["--select"]);
    starts(&["check", "--select", "check-"], &["check-digit"]);
    starts(&["check", "--select", "check-digit,psc-"], &["check-digit,psc-needed"]);
    starts(&["check", "--select", "stage:"], &["stage:eligibility", "stage:psc"]);
    starts(&["check", "--ignore", "exp"], &["export-old"]);
    starts(&["check", "--severity", "check-d"], &["check-digit="]);
    starts(&["check", "--severity", "check-digit=o"], &["check-digit=off"]);
    starts(&["check", "--format", ""], &["human", "jsonl", "sarif", "markdown"]);
    starts(&["check", "--output", "sar"], &["sarif="]);
    starts(&["check", "--output", "html=examples/mar"], &["html=examples/march/"]);
    starts(&["check", "--table", "psc=examples/march/ps"], &["psc=examples/march/psc.csv"]);
    starts(&["check", "--table", ""], &["es003=", "psc=", "claims="]);
    starts(&["fix", "--none", "psc,dra"], &["psc,drawback"]);
    starts(&["explain", "liquidated-o"], &["liquidated-over-80-days"]);
    starts(&["explain", "no-key"], &["no-key-column"]);
    starts(&["tables", "es0"], &["es003"]);
    starts(&["man", "tri"], &["triage"]);
    // Files are offered as always.
    for command in ["check", "fix", "plan", "triage", "explain", "open", "anonymize"] {
        starts(&[command, "examples/march/decl"], &["examples/march/declaration.csv"]);
    }
    starts(&["check", "--es003", "examples/march/es"], &["examples/march/es003.csv"]);
}

#[test]
fn each_shell_learns_how_to_complete() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = capelint(&["completions", shell], &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("CAPELINT_COMPLETE") && text.contains("capelint"), "{shell}: {text}");
    }
}

#[test]
fn all_manual_pages_are_written_by_one_command() {
    let folder = std::env::temp_dir().join(format!("capelint-man-{}", std::process::id()));
    let output = capelint(&["man", "--out", folder.to_str().unwrap()], &[]);
    assert!(output.status.success() && output.stdout.is_empty());
    let mut pages: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    std::fs::remove_dir_all(&folder).unwrap();
    let help = String::from_utf8(capelint(&["--help"], &[]).stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    // A wrapped line is indented further.
    let commands = commands.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    "));
    let commands = commands.filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|name| *name != "help").collect();
    assert!(commands.len() > 10, "{help}");
    for command in commands {
        assert!(pages.contains(&format!("capelint-{command}.1")), "{command}: {pages:?}");
    }
    assert!(pages.contains(&"capelint.1".to_owned()));
}

#[test]
fn colors_follow_the_environment() {
    let check = ["check", "examples/march/declaration.csv", "--filing-date", "2026-11-22"];
    let is_colored = |environment: &[(&str, &str)], words: &[&str]| {
        let output = capelint(&[&check, words].concat(), environment);
        output.stdout.contains(&0x1b)
    };
    assert!(!is_colored(&[], &[]), "standard output is no terminal");
    assert!(is_colored(&[("FORCE_COLOR", "1")], &[]) && is_colored(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(is_colored(&[("FORCE_COLOR", "1"), ("TERM", "dumb")], &[]));
    assert!(!is_colored(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(is_colored(&[("NO_COLOR", "1")], &["--color", "always"]), "what is asked for comes first");
}

/// What a report for another program leaves out is named on standard error.
#[test]
fn what_a_report_leaves_out_is_named_on_standard_error() {
    let folder = std::env::temp_dir().join(format!("capelint-left-out-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let declaration = folder.join("d.csv");
    let rows: String = (0..5_010).map(|n| format!("XYZ{n:07}\r\n")).collect();
    std::fs::write(&declaration, format!("Entry Number\r\n{rows}")).unwrap();
    let declaration = declaration.to_str().unwrap();
    for format in ["sarif", "gitlab"] {
        let output = capelint(&["check", declaration, "--isolated", "--format", format], &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(&format!("warning: {format}: ")), "{stderr}");
        assert!(stderr.contains("left out: at most 5,000 are written, most severe first"), "{stderr}");
        let file = format!("{format}={}", folder.join("report").display());
        let output = capelint(&["check", declaration, "--isolated", "--quiet", "--output", &file], &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(&format!("warning: {format}: ")), "{stderr}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Nothing that may be uploaded is never exit 0, whatever the level.
#[test]
fn a_run_without_an_entry_to_upload_fails() {
    let folder = std::env::temp_dir().join(format!("capelint-no-entry-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in
        [("header.csv", "Entry Number\r\n"), ("undecided.csv", "Entry Number\r\nABC12345676\r\n")]
    {
        let declaration = folder.join(name);
        std::fs::write(&declaration, text).unwrap();
        let declaration = declaration.to_str().unwrap();
        for level in ["error", "stop", "warning", "never"] {
            let output = capelint(&["check", declaration, "--isolated", "--fail-on", level, "--quiet"], &[]);
            assert_ne!(output.status.code(), Some(0), "{name}, {level}");
        }
        let out = folder.join("out").display().to_string();
        for words in [&["--dry-run"][..], &["--out", &out, "--force"]] {
            let output = capelint(&[&["fix", declaration, "--isolated"], words].concat(), &[]);
            assert_ne!(output.status.code(), Some(0), "fix, {name}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_command_runs_in_each_folder_with_its_own_configuration() {
    let home = tempfile::tempdir().unwrap();
    let folder = |name: &str, files: &[(&str, &str)]| {
        let path = home.path().join("clients").join(name);
        fs::create_dir_all(&path).unwrap();
        for (file, text) in files {
            fs::write(path.join(file), text).unwrap();
        }
        path
    };
    let first = |name: &str| fs::read_to_string(Path::new("examples/first").join(name)).unwrap();
    let (march, es003, config) = (first("march.csv"), first("es003.csv"), first("capelint.yaml"));
    let ready = "Entry Number\n";
    folder("acme", &[("march.csv", &march), ("es003.csv", &es003), ("capelint.yaml", &config)]);
    folder("beta", &[("march.csv", ready), ("capelint.yaml", "account: { role: nobody }\n")]);
    folder("gamma", &[("april.csv", ready)]);
    fs::write(home.path().join("clients/notes.txt"), "not a folder").unwrap();
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_capelint"))
            .current_dir(home.path())
            .args(words)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let day = "--filing-date=2026-11-22";

    // Each folder has its own configuration and output; what cannot run does not stop the others.
    let (code, out, err) =
        run(&["--in", "clients/*", "check", "march.csv", day, "--output", "json=out.json"]);
    assert_eq!(code, Some(2), "{err}");
    let heads: Vec<&str> = out.lines().filter(|line| line.starts_with("== ")).collect();
    assert_eq!(heads, ["== clients/acme ==", "== clients/beta ==", "== clients/gamma ==", "== 3 folders =="]);
    let ends: Vec<&str> = out.lines().rev().take(3).collect();
    let passed = "clients/acme: findings: 1 entry may not be uploaded";
    assert_eq!(ends, ["clients/gamma: cannot run", "clients/beta: cannot run", passed]);
    assert!(err.contains("capelint.yaml") && err.contains("nobody") && err.contains("march.csv"), "{err}");
    assert!(home.path().join("clients/acme/out.json").is_file());
    assert!(!home.path().join("out.json").exists());

    // As from the folder itself.
    let (code, out, _) = run(&["--in", "clients/acme", "check", "march.csv", day]);
    let alone = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(home.path().join("clients/acme"))
        .args(["check", "march.csv", day])
        .output()
        .unwrap();
    assert_eq!(code, alone.status.code());
    assert_eq!(out, format!("== clients/acme ==\n{}", String::from_utf8_lossy(&alone.stdout)));

    // A document of a program stays alone on the standard output.
    let (_, out, err) = run(&["--in", "clients/acme", "check", "march.csv", day, "--format", "json"]);
    assert!(out.starts_with('{') && err.starts_with("== clients/acme =="), "{out}{err}");

    for missing in ["clients/delta", "clients/d*", "clients/notes.txt"] {
        let (code, out, err) = run(&["--in", missing, "check", "march.csv"]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{missing}");
        assert!(err.contains(&format!("no folder `{missing}`")), "{err}");
    }
}
