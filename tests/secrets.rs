//! What is planted in every cell, header, name, setting and text that capelint reads, in every way of writing
//! it, reaches no output of any command: 9 digits, which may be a person's number, and commands to
//! terminals and to machines that run continuous integration.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use capelint::{Check, Loader, RuleSource, Rules, entry};

/// Ways to write 9 digits.
const FORMS: [fn(&str) -> String; 12] = [
    str::to_owned,
    |digits| grouped(digits, "-"),
    |digits| grouped(digits, " "),
    |digits| grouped(digits, "/"),
    |digits| grouped(digits, "_"),
    |digits| digits.chars().map(|c| moved(c, 0xff10)).collect(),
    |digits| grouped(digits, "-").chars().map(|c| moved(c, 0xff10)).collect(),
    |digits| digits.chars().map(|c| moved(c, 0x660)).collect(),
    |digits| grouped(digits, "\u{2013}").chars().map(|c| moved(c, 0x6f0)).collect(),
    |digits| digits.chars().flat_map(|c| [c, '\u{301}']).collect(),
    |digits| grouped(digits, "-").chars().flat_map(|c| [c, '\u{301}']).collect(),
    |digits| digits.chars().flat_map(|c| [c, '\u{200b}']).collect(),
];

fn grouped(digits: &str, between: &str) -> String {
    [&digits[..3], &digits[3..5], &digits[5..]].join(between)
}

/// A digit of another script, whose zero is this.
fn moved(c: char, zero: u32) -> char {
    c.to_digit(10).map_or(c, |digit| char::from_u32(zero + digit).expect("a digit"))
}

/// Commands to a terminal (the end of its screen, its code page, the direction of writing, a link) and to a
/// machine that runs continuous integration, and pieces that two texts beside each other may make one of. A
/// command of the latter is at the beginning of a line (`::`) or anywhere (`##`).
const COMMANDS: [&str; 20] = [
    "::planted::x",
    "\n::planted::x",
    "\r::planted::x",
    "##[planted]x",
    "\n##vso[planted.x]y",
    " ##teamcity[planted]",
    ":",
    "#",
    ":::planted:::",
    "###[planted]",
    "%0A::planted::x",
    "\u{2028}::planted::x",
    "\u{85}::planted::x",
    "\u{b}::planted::x",
    "\u{1b}[2J",
    "\u{9b}2J",
    "\u{202e}x\u{2066}",
    "\u{1b}]8;;http://planted\u{7}",
    "\u{8}\u{0}x",
    "\u{fffe}\u{e0041}##[planted]",
];

/// What was planted.
#[derive(Default)]
struct Plants {
    form: usize,
    /// Commands are planted in place of numbers.
    commands: bool,
    /// The numbers that were planted, by place. Every other one could be an entry number that lost its zeros.
    digits: BTreeMap<String, String>,
}

impl Plants {
    fn number(&mut self, place: &str) -> String {
        let n = self.digits.len();
        let in_entry_column = ["a header that is none", "a row without a header", "a row that is nothing"]
            .contains(&place)
            || place.ends_with("column 0");
        let wanted = |digits: &String| {
            entry::read(digits).number.is_some() == (n.is_multiple_of(2) && !in_entry_column)
        };
        let mut candidates = (0..1_000).map(|more| (934_500_000 + 1_000 * n as u32 * 7 + more).to_string());
        let digits = candidates.find(wanted).expect("a number");
        assert!(self.digits.insert(place.to_owned(), digits.clone()).is_none(), "{place} twice");
        digits
    }

    /// A number, in the next form, or the next command.
    fn plant(&mut self, place: &str) -> String {
        self.form += 1;
        if self.commands {
            return COMMANDS[self.form % COMMANDS.len()].to_owned();
        }
        // 9 digits in a column of amounts are an amount, in one of HTS numbers a number that lost its zero.
        let is_no_person =
            place.starts_with("export: Line Tariff") || place.starts_with("export: HTS Number");
        if self.form.is_multiple_of(FORMS.len()) && is_no_person {
            self.form += 1;
        }
        FORMS[self.form % FORMS.len()](&self.number(place))
    }

    /// What is planted, as a file's name can have it.
    fn name(&mut self, place: &str) -> String {
        self.plant(place).replace(['/', '\0'], " ")
    }

    /// What is planted, as a text in YAML's double quotes, which hold no characters that act.
    fn yaml(&mut self, place: &str) -> String {
        let acts = |c: char| c.is_control() || !c.is_ascii();
        while self.commands && COMMANDS[(self.form + 1) % COMMANDS.len()].contains(acts) {
            self.form += 1;
        }
        self.plant(place)
    }
}

/// The digits of an output, whatever they are written with, with nothing between them.
fn digits(output: &str) -> String {
    let mut output = output.to_owned();
    for (open, close) in [("\\u{", "}"), ("&#x", ";"), ("\\u", ""), ("%", "")] {
        let mut parts = output.split(open);
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let length = match (open, close) {
                ("\\u", _) => Some(4),
                ("%", _) => Some(2),
                _ => part.find(close),
            };
            let code =
                length.and_then(|length| Some((length, u32::from_str_radix(part.get(..length)?, 16).ok()?)));
            match code {
                // One byte of several: the digits between them are what counts.
                Some((length, code)) if open == "%" => {
                    plain.extend(char::from_u32(code).filter(char::is_ascii));
                    plain += &part[length..];
                }
                Some((length, code)) => {
                    plain.extend(char::from_u32(code));
                    plain += part[length..].strip_prefix(close).unwrap_or(&part[length..]);
                }
                None => {
                    plain += open;
                    plain += part;
                }
            }
        }
        output = plain;
    }
    output
        .chars()
        .filter_map(|c| match u32::from(c) {
            zero @ (0xff10..=0xff19) => char::from_digit(zero - 0xff10, 10),
            zero @ (0x660..=0x669) => char::from_digit(zero - 0x660, 10),
            zero @ (0x6f0..=0x6f9) => char::from_digit(zero - 0x6f0, 10),
            0x300..=0x36f | 0x200b => None,
            _ if matches!(c, '-' | ' ' | '/' | '_' | '\u{2013}' | '.') => None,
            _ => Some(c),
        })
        .collect()
}

fn quoted(cells: &[String]) -> String {
    cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",") + "\r\n"
}

const ES003: [&str; 20] = [
    "Entry Summary Number",
    "Entry Type Code",
    "Importer Number",
    "Port of Entry Code",
    "Entry Date",
    "Entry Summary Line Number",
    "Review Team Number",
    "Country of Origin Code",
    "Manufacturer ID",
    "HTS Number - Full",
    "Line Tariff Quantity (1)",
    "Line Tariff Goods Value Amount",
    "Line Tariff Duty Amount",
    "Liquidation Status",
    "Liquidation Date",
    "Liquidation Reason",
    "Importer Name",
    "Control Status",
    "Reconciliation Indicator",
    "Protest Number",
];

/// A folder whose every part has a number in it.
fn folder(root: &Path, plants: &mut Plants) {
    let mut es003: Vec<String> = ES003.iter().map(|&name| name.to_owned()).collect();
    es003.push(format!("Ours {}", plants.plant("header of the export")));
    let mut export = format!("Report for {}\r\n", plants.plant("title of the export")) + &quoted(&es003);
    let good = |number: &str| -> Vec<String> {
        let cells = [
            number,
            "01",
            "12-3456789",
            "4601",
            "11/16/2025",
            "001",
            "417",
            "CN",
            "CNMADEUP0378",
            "99030125",
        ];
        let more = ["1", "0", "113.70", "Liquidated", "10/02/2026", "", "Made Up", "CBP", "N", "", ""];
        cells.iter().chain(&more).map(|&cell| cell.to_owned()).collect()
    };
    let numbers: Vec<String> = (1..30).map(number).collect();
    for (column, name) in es003.iter().enumerate() {
        let mut row = good(&numbers[column]);
        row[column] =
            plants.plant(&format!("export: {}", name.split(' ').take(3).collect::<Vec<_>>().join(" ")));
        export += &quoted(&row);
    }
    let mut row = good(&numbers[22]);
    row.push(plants.plant("beyond the last column of the export"));
    export += &quoted(&row);
    let mut row = good(&numbers[23]);
    row[2] = format!("IOR {} (old)", plants.plant("text around an importer number"));
    export += &quoted(&row);
    let mut row = good(&numbers[24]);
    row[14] = format!("late: {}", plants.plant("text around a date"));
    export += &quoted(&row);
    export +=
        &format!("{},\"01\"x {},12-3456789\r\n", numbers[25], plants.plant("broken quote of the export"));
    fs::write(root.join(format!("es003 {}.csv", plants.name("name of the export"))), &export).unwrap();
    fs::write(root.join("es003.csv"), &export).unwrap();

    let mut declaration = quoted(&[
        "Entry Number".into(),
        "Importer Number".into(),
        "Liquidation Date".into(),
        "PSC Needed".into(),
        format!("Notes {}", plants.plant("header of the declaration")),
    ]);
    for (at, number) in numbers.iter().enumerate() {
        let mut row: Vec<String> = [number, "12-3456789", "", "", ""].map(str::to_owned).into();
        match at {
            1..5 => row[at] = plants.plant(&format!("declaration: column {at}")),
            5 => row[0] = format!("{number} {}", plants.plant("beside an entry number")),
            6 => row[0] = format!("see {}", plants.plant("text for an entry number")),
            7 => row.push(plants.plant("beyond the last column of the declaration")),
            _ => {}
        }
        declaration += &quoted(&row);
    }
    declaration += &format!("ABC12345676\"x {}\r\n", plants.plant("broken quote of the declaration"));
    declaration += &format!("\u{1b}{}\r\n", plants.plant("a row that is nothing"));
    fs::write(root.join("march.csv"), &declaration).unwrap();
    fs::write(root.join(format!("plan {}.csv", plants.name("name of the declaration"))), &declaration)
        .unwrap();
    let one = format!(
        "{}\r\n{}\r\n",
        plants.plant("a header that is none"),
        plants.plant("a row without a header")
    );
    fs::write(root.join("bare.csv"), one).unwrap();

    let mut claims =
        quoted(&["ENTRY_NUMBER", "CLAIM_NUMBER", "STATUS", "ERROR_DESCRIPTION"].map(str::to_owned));
    for column in 0..4 {
        let mut row = [&numbers[column], "300000001247", "Failed", "STATEMENT PROCESSING NOT COMPLETE"]
            .map(str::to_owned);
        row[column] = plants.plant(&format!("claims: column {column}"));
        claims += &quoted(&row);
    }
    let message = format!("UNABLE FOR {} TODAY", plants.plant("text of a claim"));
    claims += &quoted(&[numbers[5].clone(), "300000001247".into(), "Failed".into(), message]);
    fs::write(root.join("claims.csv"), claims).unwrap();

    let mut lists = String::new();
    for (table, header) in [
        ("psc", ["Entry Number", "Status", "Reason", "Filed Date"]),
        ("protests", ["Entry Number", "Protest Number", "Protest Status", "Issue"]),
        ("statements", ["Entry Number", "Statement Number", "Statement Status", "Paid Date"]),
    ] {
        let mut text = quoted(&header.map(str::to_owned));
        for column in 0..4 {
            let mut row = [&numbers[column + 8], "x", "y", "z"].map(str::to_owned);
            row[column] = plants.plant(&format!("{table}: column {column}"));
            text += &quoted(&row);
        }
        fs::write(root.join(format!("{table}.csv")), text).unwrap();
        lists += &format!("  {table}: {table}.csv\n");
    }

    let house = format!(
        "settings:\n  ours: {{ type: text, default: \"{}\", unit: \"{}\", title: \"{}\" }}\n\
         tables:\n  ours:\n    title: \"{}\"\n    key: entry\n    optional: yes\n    columns:\n      entry: {{ type: entry_number, headers: [Entry Number] }}\n      \
         state: {{ type: choice, headers: [\"{}\"], choices: {{ good: [\"{}\"] }} }}\n\
         rules:\n  - id: house-rule\n    title: \"of {}\"\n    severity: warning\n    each: entry\n    forbid: {{ row.entry: [{}, \"{}\", \"{}\"] }}\n    cbp: \"{}\"\n    \
         message: \"{{entry}} is {}\"\n    help: \"ask {}\"\n    note: \"{}\"\n    labels: {{ row.entry: \"{}\" }}\n    sources: [\"{}\"]\n    tests:\n      - name: \"{}\"\n        row: {{ entry: {} }}\n        expect: satisfied\n",
        plants.yaml("default of a setting"),
        plants.yaml("unit of a setting"),
        plants.yaml("title of a setting"),
        plants.yaml("title of a table"),
        plants.yaml("header of a table"),
        plants.yaml("text of a choice"),
        plants.yaml("title of a rule"),
        numbers[0],
        numbers[10],
        "ABC12345684",
        plants.yaml("text of CBP in a rule"),
        plants.yaml("message of a rule"),
        plants.yaml("help of a rule"),
        plants.yaml("note of a rule"),
        plants.yaml("label of a rule"),
        plants.yaml("source of a rule"),
        plants.yaml("name of a test"),
        numbers[0],
    );
    let house = house.replace(&numbers[0], "ABC12345676");
    fs::write(
        root.join(format!("house {}.yaml", plants.name("name of a rule file"))),
        house.replace("house-rule", "other-rule"),
    )
    .unwrap();
    fs::write(root.join("house.yaml"), &house).unwrap();
    fs::write(
        root.join("wrong.yaml"),
        house
            .replace("forbid:", "forbit:")
            .replace("expect: satisfied", "expect: none")
            .replace("ABC12345684", &plants.yaml("value in a rule")),
    )
    .unwrap();

    let config = format!(
        "account:\n  role: importer\n  importer_numbers: [\"{}\", \"12-3456789\"]\n  filer_codes: [ABC]\ntables:\n  es003: es003.csv\n  claims: claims.csv\n{lists}\
         rules: [house.yaml]\nsettings: {{ ours: \"{}\" }}\nwaivers:\n  - rule: entry-not-in-es003\n    entries: [{}]\n    reason: \"told by {}\"\n    until: 2026-12-31\n",
        grouped(&plants.number("importer number of the account"), "-"),
        plants.yaml("value of a setting"),
        number(40),
        plants.yaml("reason of a waiver"),
    );
    fs::write(root.join("capelint.yaml"), &config).unwrap();
    let wrong = [
        ("key", format!("\"{}\": 1\n", plants.yaml("a key of the configuration"))),
        ("account", format!("account: {{ role: \"{}\" }}\n", plants.yaml("a role"))),
        ("filer", format!("account: {{ filer_codes: [\"{}\"] }}\n", plants.yaml("a filer code"))),
        (
            "importer",
            format!("account: {{ importer_numbers: [\"x {}\"] }}\n", plants.yaml("a wrong importer number")),
        ),
        ("severity", format!("severity: {{ \"{}\": off }}\n", plants.yaml("a rule's name"))),
        ("table", format!("tables: {{ es003: \"gone {}.csv\" }}\n", plants.yaml("a file that is not there"))),
        (
            "waiver",
            format!(
                "waivers: [{{ rule: check-digit, entries: [\"{}\"], reason: x }}]\n",
                plants.yaml("entry of a waiver")
            ),
        ),
        ("settings", format!("settings: {{ \"x\": \"{}\" }}\n", plants.yaml("a setting"))),
        ("none", plants.yaml("a configuration that is none")),
    ];
    for (name, text) in wrong {
        fs::write(root.join(format!("wrong-{name}.yml")), text).unwrap();
    }
}

/// A good entry number.
fn number(n: u32) -> String {
    common::number("ABC", 4_100_000 + n * 13).as_str().to_owned()
}

fn read_all(folder: &Path, into: &mut String) {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        *into += &format!("\n{}\n", file.file_name().unwrap().to_string_lossy());
        if file.is_dir() {
            read_all(&file, into);
        } else {
            *into += &String::from_utf8_lossy(&fs::read(&file).unwrap());
        }
    }
}

/// Plants in every place and calls a function with the words of every command, what it printed and what it
/// wrote, and collects what the function found. Most of the time is the start of over 130 processes, so each
/// core takes a share of them, in a folder of its own.
fn run_all(plants: fn(usize) -> Plants, find: fn(&Plants, &[String], &str, &str) -> Vec<String>) {
    let shares = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<String> = std::thread::scope(|scope| {
        let of_share = |share| {
            let rounds = 0..rounds();
            rounds.flat_map(|round| run_share(&mut plants(round), share, shares, find)).collect()
        };
        let threads: Vec<_> = (0..shares).map(|share| scope.spawn(move || of_share(share))).collect();
        threads.into_iter().flat_map(|thread| -> Vec<String> { thread.join().expect("a share") }).collect()
    });
    assert!(found.is_empty(), "{} lines\n{}", found.len(), found.join("\n"));
}

/// What one share of the commands prints and writes that it should not.
fn run_share(
    plants: &mut Plants,
    share: usize,
    shares: usize,
    find: fn(&Plants, &[String], &str, &str) -> Vec<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let root = tempfile::tempdir().unwrap();
    let folder_name = format!("of {}", plants.name("name of the folder"));
    let root_folder = root.path().join(&folder_name);
    fs::create_dir(&root_folder).unwrap();
    folder(&root_folder, plants);
    let planned = glob(&root_folder, "plan ");
    let export = glob(&root_folder, "es003 ");
    let house = glob(&root_folder, "house ");
    let config = root_folder.join("capelint.yaml").to_string_lossy().into_owned();
    let argument = plants.plant("argument").replace('\0', " ");
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut add = |words: &[&str]| commands.push(words.iter().map(|&word| word.to_owned()).collect());
    for format in
        ["human", "short", "json", "jsonl", "sarif", "junit", "markdown", "csv", "html", "github", "gitlab"]
    {
        add(&["check", "march.csv", "--format", format, "--max-per-rule", "0", "--statistics"]);
        add(&["check", &planned, "bare.csv", "--es003", &export, "--rules", &house, "--format", format]);
    }
    add(&["check", "march.csv", "--config", &config]);
    add(&["check", "march.csv", "--output", "json=out.json", "--write-baseline", "out.baseline"]);
    add(&["check", "march.csv", "--output", "json=out.json", "--baseline", "out.baseline"]);
    add(&["check", "march.csv", "--isolated"]);
    add(&["check", "bare.csv", "--isolated"]);
    add(&["check", "march.csv", "--rules", "wrong.yaml"]);
    add(&["check", "march.csv", "--rules", "wrong.yaml", "--format", "json"]);
    add(&["fix", "march.csv", "--dry-run"]);
    add(&["fix", "march.csv", "--out", "out.fix"]);
    add(&["fix", &planned, "--es003", &export, "--out", "out.fix2"]);
    add(&["fix", &planned, "bare.csv", "--isolated", "--include", "undecided", "--out", "out.fix3"]);
    add(&["plan", "es003.csv", "--out", "out.plan", "--list-all"]);
    add(&["plan", &export, "--out", "out.plan2", "--dry-run"]);
    add(&["plan", &export, "--isolated", "--out", "out.plan3", "--include", "undecided", "--list-all"]);
    add(&["triage", "claims.csv", "--declaration", "march.csv", "--out", "out.triage"]);
    add(&["triage", "claims.csv", "--declaration", &planned, "--format", "json"]);
    add(&["triage", "claims.csv", "--format", "jsonl"]);
    add(&["explain", "house-rule"]);
    add(&["explain", "house-rule", "--format", "json"]);
    for n in [1, 3, 5, 8, 10, 13, 15, 17] {
        let entry = number(n);
        add(&["explain", "--entry", &entry, "march.csv"]);
        add(&["explain", "--entry", &entry, "march.csv", "--format", "json"]);
    }
    add(&[
        "anonymize",
        "march.csv",
        &planned,
        &export,
        "claims.csv",
        "psc.csv",
        "protests.csv",
        "--out",
        "out.anonymous",
    ]);
    add(&["test", "house.yaml"]);
    add(&["test", "house.yaml", "--format", "json"]);
    add(&["test", &house, "--format", "junit"]);
    add(&["test", "wrong.yaml"]);
    add(&["rules"]);
    add(&["rules", "--format", "json"]);
    add(&["rules", "--format", "markdown"]);
    add(&["tables"]);
    add(&["schema", "rules"]);
    add(&["schema", "config"]);
    add(&["config"]);
    add(&["init", "--dry-run"]);
    for name in ["key", "account", "filer", "importer", "severity", "table", "waiver", "settings", "none"] {
        add(&["check", "march.csv", "--config", &format!("wrong-{name}.yml")]);
    }
    for flag in [
        "--select",
        "--ignore",
        "--severity",
        "--config",
        "--rules",
        "--table",
        "--exported",
        "--filing-date",
        "--format",
        "--output",
        "--baseline",
        "--max-per-rule",
        "--fail-on",
        "--es003",
        "--color",
    ] {
        add(&["check", "march.csv", flag, &argument]);
    }
    for flag in ["--table", "--output", "--severity"] {
        add(&["check", "march.csv", flag, &format!("es003={argument}")]);
        add(&["check", "march.csv", flag, &format!("{argument}=error")]);
    }
    add(&["check", &argument]);
    add(&["check", "-", "--stdin-name", &argument]);
    add(&[&argument]);
    add(&["explain", &argument]);
    add(&["explain", &format!("UNABLE TO {argument} CALCULATE")]);
    add(&["explain", "--entry", &argument, "march.csv"]);
    add(&["rules", "export", &format!("out {argument}")]);
    add(&["test", "house.yaml", "--only", &argument]);
    add(&["plan", "es003.csv", "--limit-to", &argument, "--dry-run"]);
    add(&["plan", "es003.csv", "--min-duty", &argument, "--dry-run"]);
    add(&["fix", "march.csv", "--out", &format!("missing {argument}/x")]);
    add(&["new", "rule", &argument]);
    add(&["tables", &argument]);
    add(&["schema", &argument]);
    for command in commands.iter().skip(share).step_by(shares * common::thorough::step()) {
        let mut run = Command::new(env!("CARGO_BIN_EXE_capelint"));
        let dated = ["check", "fix", "plan", "triage"].contains(&command[0].as_str());
        let dated = dated && !command.iter().any(|word| word == "--filing-date");
        run.current_dir(&root_folder).args(command).stdin(std::process::Stdio::null());
        if dated {
            run.args(["--filing-date", "2026-11-22"]);
        }
        let done = run.output().unwrap();
        // Nothing that is planted in the folder's own files is a reason to refuse them.
        let must_run = command.iter().any(|word| word == "--statistics");
        assert!(
            done.status.code().is_some_and(|code| code < if must_run { 2 } else { 3 }),
            "{command:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        let printed =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        let mut written = String::new();
        for file in fs::read_dir(&root_folder).unwrap().map(|file| file.unwrap()) {
            let name = file.file_name().to_string_lossy().into_owned();
            if !name.starts_with("out.") {
                continue;
            }
            if file.path().is_dir() {
                read_all(&file.path(), &mut written);
                fs::remove_dir_all(file.path()).unwrap();
            } else {
                written += &fs::read_to_string(file.path()).unwrap();
            }
        }
        found.extend(find(plants, command, &printed, &written));
    }
    found
}

/// How often everything is planted anew, each time in other forms.
fn rounds() -> usize {
    std::env::var("CAPELINT_ROUNDS").map_or(1, |rounds| rounds.parse().expect("a number"))
}

#[test]
fn nine_digits_reach_no_output() {
    let plants = |round| Plants { form: round * FORMS.len() / rounds(), ..Plants::default() };
    run_all(plants, |plants, command, printed, written| {
        let mut leaks = Vec::new();
        for line in printed.lines().chain(written.lines()) {
            let line_digits = digits(line);
            for (place, number) in &plants.digits {
                if let Some(at) = line_digits.find(number.as_str()) {
                    let before: String = line_digits[..at].chars().rev().take(150).collect();
                    let after = line_digits[at..].chars().take(50);
                    let line: String = before.chars().rev().chain(after).collect();
                    leaks.push(format!("{place} ({number}): {}\n      {line}", command.join(" ")));
                }
            }
        }
        leaks
    });
}

/// Whether a terminal or a machine that reads the log would obey something in a line.
fn is_obeyed(line: &str, is_github: bool) -> bool {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    // The format for GitHub is made of commands, and has no others.
    let own = is_github && ["::error ", "::warning ", "::notice "].iter().any(|own| line.starts_with(own));
    let command = line.trim_start().strip_prefix("::").filter(|_| !own);
    command.is_some_and(|command| command.starts_with(char::is_alphabetic))
        || ["##[", "##vso[", "##teamcity["].iter().any(|command| line.contains(command))
        || line.contains(acts)
}

#[test]
fn commands_reach_no_output() {
    let plants =
        |round| Plants { form: round * COMMANDS.len() / rounds(), commands: true, ..Plants::default() };
    run_all(plants, |_, command, printed, written| {
        // What `anonymize` writes is damaged as the file it is made from.
        let written = if command[0] == "anonymize" { "" } else { written };
        let is_github = command.iter().any(|word| word == "github");
        // Other programs than ours end lines at a carriage return too.
        let output = format!("{printed}\n{written}").replace("\r\n", "\n");
        let obeyed = output.split(['\n', '\r']).filter(|line| is_obeyed(line, is_github));
        obeyed.map(|line| format!("{command:?}: {:?}", line.chars().take(300).collect::<String>())).collect()
    });
}

/// What a program of others prints that returns the errors of the library from its `main`.
#[test]
fn a_persons_number_is_in_no_errors_of_the_library() {
    let rules = Rules::built_in().unwrap();
    let mut check = Check::new(&rules, "2026-11-22".parse().unwrap());
    check.declaration("987-65-4320.csv", *b"Jane Doe,987-65-4320\n").table("es003", "es003.csv", *b"");
    let errors = check.run().err().expect("neither is what it should be");
    for printed in [format!("{errors:?}"), errors.to_string()] {
        assert!(!printed.contains("987-65") && !printed.contains("98765"), "{printed}");
        assert!(printed.len() < 5000, "{} bytes", printed.len());
    }
    let sources = format!("{:?}", errors.sources);
    assert!(!sources.contains("987-65") && sources.contains("Text(21 bytes)"), "{sources}");
}

/// What a frontend shows while a table is read.
#[test]
fn the_title_of_a_table_is_no_command_while_it_is_read() {
    let table = "tables:\n  desk:\n    title: 'Hold list ::error:: of 987-65-4320'\n    key: entry\n    optional: yes\n    \
                 absent: nothing\n    columns:\n      entry: { type: entry_number, of: entry, headers: [Entry] }\n";
    let mut loader = Loader::new();
    loader.rule_file(RuleSource::new("house.yaml", table, |_| Err("no files".to_owned())));
    let rules = loader.load().unwrap_or_else(|errors| panic!("{errors}"));
    let titles = std::sync::Mutex::new(String::new());
    let mut check = Check::new(&rules, "2026-11-22".parse().unwrap());
    check.declaration("march.csv", *b"Entry Number\n00261103162\n").table(
        "desk",
        "d.csv",
        *b"Entry\n00261103162\n",
    );
    check.progress(|title, _, _| titles.lock().unwrap().push_str(&format!("{title}\n")));
    check.run().unwrap_or_else(|errors| panic!("{errors}"));
    drop(check);
    let titles = titles.into_inner().unwrap();
    assert!(titles.contains("Hold list") && titles.contains("4320"), "{titles}");
    assert!(!titles.contains("::") && !titles.contains("987-65"), "{titles}");
}

fn glob(folder: &Path, prefix: &str) -> String {
    let mut names =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    names.find(|name| name.starts_with(prefix)).expect("the file")
}
