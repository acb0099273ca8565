//! Every text that a user reads keeps to the project's words: no metaphors, no talking files, one word for one
//! thing. `CONTRIBUTING.md` gives the reasons.

mod common;

use std::fs;

use capelint::finding::OutsideString;
use capelint::frontend::messages;
use regex::Regex;

/// Words that user-facing texts do not have, and what is written instead. Patterns are case-sensitive where a
/// text of CBP has the same word in capitals.
const FORBIDDEN: &[(&str, &str)] = &[
    // Not knowing: unknown, undecided, cannot.
    (r"for want of|[Ll]acking|for lack of", "missing"),
    (r"could not be decided|cannot tell|cannot be told|not to be told|no text settles", "unknown, undecided"),
    (r"could not|[Uu]nable to|[Ff]ailed to|[Ii]nvalid input", "cannot, or what is wrong"),
    (r"(?i)did you mean", "a similar name exists"),
    (r"(?i)\bsettle[sd]?\b", "resolve, decide"),
    // What CBP and CAPE do: accept, reject, return.
    (
        r"(?i)\b(CBP|CAPE|ACE)('s)? (would |may |will )?(answer|take|took|refuse|object)",
        "accept, reject, return",
    ),
    (r"(?i)\bbounced?\b", "reject"),
    (r"(?i)\b(filed|file (it|them|the entry|an entry)|go|goes) again\b", "resubmit, upload again"),
    (r"(?i)\bdeclared entr|goes into CAPE|go into CAPE", "entry on a declaration"),
    (r"(?i)leaves? the (80-day )?window|\b(the|past the|within the) 80 days\b", "80-day window"),
    (
        r"(?i)\bof type \d|broker code|entry no\.|\btariff numbers?\b|IEEPA tariff",
        "is type 21; filer code; HTS number",
    ),
    // No talking files, and no rules that stand or hold.
    (
        r"(?i)\b(file|sheet|export|column|cell|row|list|table|rule|configuration|header|report|name)s? (does not |do not )?(says?|tells?|speaks?|knows?)\b",
        "a literal verb",
    ),
    (
        r"(?i)\b(declaration|file|rule|rules|folder|cell|row|must|tests?) holds?\b",
        "include, contain, be true",
    ),
    (
        r"(?i)\bstands?\b|\bspeaks?\b|\bgoes? out\b|\bpassed over\b|\bproves itself\b|\bis to be said\b",
        "a literal verb",
    ),
    (
        r"(?i)\b(is|are|be|was|were) told\b|\b(no|some|any)body\b|\b(some|any)one\b|\bwhoever\b|\bof old\b",
        "the actor first",
    ),
    (r"(?i)\b(condition|when|where|it|this|that|which|never|always)\b`? holds?\b", "is true, applies"),
    (r"(?i)(^|[;:,] |\bor )say (so|why|what|which|it|that|with)\b", "write, state, pass"),
    (r"(?i)\btake (it|them|the [a-z]+) (out|away)\b", "remove"),
    (
        r"(?i)\b(is|are) no (entry|table|date|number|text|hyphen|declaration|rule|file|column|CSV|row|name)\b",
        "is not a",
    ),
    // Figures in digits.
    (r"(?i)\b(three|four|five|six|seven|eight|nine|ten|eleven|twelve) [a-z]", "digits for every count"),
    // One name for one thing.
    (r"(?i)\bswitch(es|ed)? off\b", "turn off"),
    (r"(?i)\buploaded entr(y|ies)\b", "entry to upload: only the user uploads"),
    (r"(?i)\b(a|the|current|new|empty) director(y|ies)\b", "folder"),
    (r"(?i)\b(lints?|linted|linting|linter)\b", "check"),
    (r"(?i)\bjudged?\b|\bjudging\b", "evaluate"),
    (r"(?i)\bmistakes?\b|\bproblems?\b", "error"),
    (r"\btable given\b|\b(is|are|was|were|not) given\b", "provided"),
    (r"(?i)\b(we|our|ours)\b|\bthe user\b", "you"),
    (
        r"(?i)\b(licence|colou?rs? of|behaviour|normalis|recognis|optimis|judgement|cancelled entr|honour)",
        "American spelling",
    ),
];

/// What is not the project's own words: names of files and CBP's texts.
const NAMES: &str = r"problem\.severity|lint_?[a-z]*\.(sh|py|rs)|`row\.problem`|tests/mistakes|`judge`|src/judge|not-our-filer-code|merged into ours";

/// The texts of more than one word between quotes, each on one line.
fn literals(code: &str) -> impl Iterator<Item = String> {
    let token =
        Regex::new(r#"(?s)//[^\n]*|r\#"(.*?)"\#|r"([^"]*)"|"((?:[^"\\]|\\.)*)"|'(?:\\[^']*|[^'\\])'"#)
            .expect("a pattern");
    let break_of_line = Regex::new(r"\\\n\s*").expect("a pattern");
    let texts: Vec<String> = token
        .captures_iter(code)
        .filter_map(|found| (1..4).find_map(|group| found.get(group)))
        .map(|text| break_of_line.replace_all(text.as_str(), "").into_owned())
        .filter(|text| text.contains(' '))
        .collect();
    texts.into_iter()
}

/// Every text, with where it is.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["docs/src", "tests/cmd"] {
        for file in common::files(folder, "md") {
            texts.push((
                file.display().to_string(),
                fs::read_to_string(common::root().join(&file)).expect("a page"),
            ));
        }
    }
    for folder in ["tests/rule-errors", "src/report/snapshots"] {
        for file in common::files(folder, "txt") {
            texts.push((
                file.display().to_string(),
                fs::read_to_string(common::root().join(&file)).expect("a snapshot"),
            ));
        }
    }
    // The page (which is not in the packed crate) and the Python package, without their comments.
    for (folder, extension) in [("web/app/views", "tsx"), ("web/app/views", "ts"), ("python/capelint", "py")]
    {
        if !common::root().join(folder).exists() {
            continue;
        }
        for file in common::files(folder, extension) {
            let text = fs::read_to_string(common::root().join(&file)).expect("a source");
            let is_comment =
                |line: &&str| ["//", "/*", "* ", "# "].iter().any(|mark| line.trim().starts_with(mark));
            let lines: Vec<&str> =
                text.lines().map(|line| if is_comment(&line) { "" } else { line }).collect();
            texts.push((file.display().to_string(), lines.join("\n")));
        }
    }
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "benches/README.md",
        "CHANGELOG.md",
        "rules/README.md",
        "examples/README.md",
        "examples/house-rules/README.md",
        "action.yml",
    ] {
        texts.push((file.to_owned(), fs::read_to_string(common::root().join(file)).expect(file)));
    }
    // What the program prints: the texts in its code, without comments and tests.
    for file in common::files("src", "rs") {
        let name = file.display().to_string();
        if name.contains("tests") {
            continue;
        }
        let code = fs::read_to_string(common::root().join(&file)).expect("a source");
        let code = code.split("\nmod tests").next().unwrap_or_default();
        texts.extend(literals(code).map(|text| (name.clone(), text)));
    }
    // The texts of the pack, without those that CBP wrote.
    let rules = &*common::RULES;
    for rule in &rules.list() {
        let card = rules.describe_rule(&rule.id).expect("a rule");
        let help: Vec<&str> = card.next_steps.iter().map(|step| step.help.raw()).collect();
        let help = help.join("\n");
        let note = card.note.as_ref().map(OutsideString::raw);
        let texts_of = [Some(card.title.raw()), Some(card.message.raw()), Some(&*help), note];
        for text in texts_of.into_iter().flatten() {
            texts.push((format!("rule {}", rule.id), text.to_owned()));
        }
    }
    for message in messages::embedded().messages() {
        texts.push((format!("message {}", message.id), format!("{}\n{}", message.meaning, message.action)));
    }
    for item in capelint::frontend::checklist() {
        texts.push((
            format!("checklist {}", item.id),
            format!("{}\n{}\n{}", item.question, item.reason, item.action),
        ));
    }
    for code in capelint::diagnostic::Code::all() {
        texts.push((format!("error {}", code.name()), format!("{}\n{}", code.meaning(), code.help())));
    }
    // Help of the program and of each command.
    let help =
        |arguments: &[&str]| String::from_utf8(common::capelint(arguments).stdout).expect("help is text");
    let whole = help(&["--help"]);
    let (_, commands) = whole.split_once("Commands:\n").expect("a list of commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    for name in
        commands.filter(|line| !line.starts_with("    ")).filter_map(|line| line.split_whitespace().next())
    {
        texts.push((format!("capelint {name} --help"), help(&["help", name])));
    }
    texts.push(("capelint --help".to_owned(), whole));
    texts
}

#[test]
fn user_facing_texts_have_no_forbidden_words() {
    let names = Regex::new(NAMES).expect("a pattern");
    let forbidden: Vec<(Regex, &str)> = (FORBIDDEN.iter())
        .map(|(pattern, instead)| (Regex::new(pattern).expect("a pattern"), *instead))
        .collect();
    let texts = texts();
    assert!(texts.len() > 300, "{}", texts.len());
    let mut found = Vec::new();
    for (place, text) in &texts {
        for (number, line) in text.lines().enumerate() {
            let line = names.replace_all(line, "");
            for (pattern, instead) in &forbidden {
                if let Some(word) = pattern.find(&line) {
                    found.push(format!(
                        "{place}:{}: `{}` ({instead}): {}",
                        number + 1,
                        word.as_str(),
                        line.trim()
                    ));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} forbidden words:\n{}", found.len(), found.join("\n"));
}

/// Findings, help and labels are lower case and have no final period, as CSV and Markdown put them in columns.
#[test]
fn messages_and_help_have_the_case_of_their_surface() {
    let rules = &*common::RULES;
    let mut wrong = Vec::new();
    for rule in &rules.list() {
        let card = rules.describe_rule(&rule.id).expect("a rule");
        for text in card.next_steps.iter().map(|step| &step.help).chain([&card.message]) {
            let text = text.raw();
            let first = text.split_whitespace().next().unwrap_or_default();
            let is_name = first.chars().filter(|c| c.is_uppercase()).count() > 1 || first.contains('`');
            if text.ends_with('.') || (first.starts_with(char::is_uppercase) && !is_name) {
                wrong.push(format!("{}: {text}", card.id));
            }
        }
        if card.title.raw().ends_with('.')
            || card.title.raw().starts_with("The ")
            || card.title.raw().starts_with("A ")
        {
            wrong.push(format!("{}: {}", card.id, card.title));
        }
        if card.message.raw().matches(';').count() > 1 {
            wrong.push(format!("{} has more than one semicolon: {}", card.id, card.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
