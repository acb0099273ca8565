//! One-word errors in a rule file and a configuration: how many are not reported.
//!
//! Each word of `tests/mistakes/*.yaml` that is not a free text is mistyped in several ways: a letter left
//! out, doubled, exchanged with the next or replaced; a colon, a quote or a bracket lost. A change is
//! unreported if the file loads and passes its tests. Those are listed here, each with its reason.

mod common;

use std::fmt::Write as _;

use capelint::Loader;
use capelint::RuleSource;
use capelint::rule_tests::TestChoice;

const RULES: &str = include_str!("mistakes/rules.yaml");
const CONFIG: &str = include_str!("mistakes/config.yaml");

/// How many errors are made at least.
const MADE: usize = 300;
/// How many of them may be unreported.
const SILENT: usize = 10;

/// Whether no error is reported for the files.
fn is_silent(rules: &str, config: &str) -> bool {
    let mut loader = Loader::new();
    loader.without_built_in().with_tests();
    loader.configuration("capelint.yaml", config.as_bytes());
    loader.rule_file(RuleSource::new("rules.yaml", rules, |_| Err("there is no such file".into())));
    match loader.load() {
        Ok(rules) => rules.run_tests(|_| true, TestChoice::default()).failures.is_empty(),
        Err(_) => false,
    }
}

/// Free texts, in which an error changes the meaning only for people.
fn is_free(line: &str) -> bool {
    ["title:", "- name:", "message:", "reason:", "wait: wait", "help: wait", "labels:"]
        .iter()
        .any(|key| line.trim_start().starts_with(key))
}

/// A file with one error each, and what the error is.
fn mistakes(text: &str) -> Vec<(String, String)> {
    let mut made = Vec::new();
    let word = regex::Regex::new(r"[A-Za-z_]{3,}").expect("a pattern");
    let mut start = 0;
    let free = regex::Regex::new(r"name: [^,}]*|headers: \[[^\]]*\]|title: [^,}]*").expect("a pattern");
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if !is_free(line) {
            let mut change = |range: std::ops::Range<usize>, with: String| {
                let mut changed = text.to_owned();
                changed.replace_range(start + range.start..start + range.end, &with);
                made.push((format!("line {}: `{}` for `{}`", number + 1, with, &line[range]), changed));
            };
            // In names of tests written on one line, and in headers, only people notice an error.
            let is_in_free = |at: usize| {
                free.find_iter(line).any(|found| found.range().contains(&at) && at > found.start() + 5)
            };
            for (nth, found) in word.find_iter(line).enumerate() {
                if is_in_free(found.start()) {
                    continue;
                }
                let letters: Vec<char> = found.as_str().chars().collect();
                let (at, last) = ((number + nth) % (letters.len() - 1), letters.len() - 1);
                let mut other = letters.clone();
                match (number + nth) % 4 {
                    0 => drop(other.remove(at)),
                    1 => other.insert(at, letters[at]),
                    2 if letters[at] != letters[at + 1] => other.swap(at, at + 1),
                    _ => other[last] = if letters[last] == 'x' { 'y' } else { 'x' },
                }
                change(found.range(), other.into_iter().collect());
            }
            for (at, c) in line.char_indices().filter(|(at, c)| {
                (matches!(c, '[' | ']' | '{' | '}' | '\'') || *c == ':' && line[*at..].starts_with(": "))
                    && number % 3 == 0
                    && !is_in_free(*at)
            }) {
                change(at..at + c.len_utf8(), String::new());
            }
        }
        start += line.len();
    }
    made
}

/// Mistakes that mean something, each with the reason.
const MEANT: &[(&str, &str)] = &[
    ("`importer_nmuber`", "a column that nothing reads may have any name"),
    ("`Setcion`", "the value of a column of texts in a code list that no selection asks for"),
    ("`dayx`", "a unit is a text that people read"),
    ("line 73: `` for `'`", "the quote that is left is a spreadsheet's mark for text, which cells may have"),
    ("`exportts`", "a folder; that there is none is said when the table is opened"),
    ("`scv`", "a file's name; that there is none is said when the table is opened"),
    ("configuration, line 13: `` for `[`", "a bracket around an entry number is read past, as in cells"),
    ("`shhort`", "formats are those of the command, which says so at this place"),
    ("`waning`", "levels are those of the command, which says so at this place"),
];

#[test]
fn the_files_themselves_are_right() {
    assert!(is_silent(RULES, CONFIG));
}

#[test]
fn hardly_an_error_is_unreported() {
    let step = common::thorough::step();
    let rules = mistakes(RULES)
        .into_iter()
        .step_by(step)
        .map(|(what, text)| (format!("rules, {what}"), is_silent(&text, CONFIG)));
    let config = mistakes(CONFIG)
        .into_iter()
        .step_by(step)
        .map(|(what, text)| (format!("configuration, {what}"), is_silent(RULES, &text)));
    let all: Vec<(String, bool)> = rules.chain(config).collect();
    let silent: Vec<&str> = all.iter().filter(|(_, silent)| *silent).map(|(what, _)| what.as_str()).collect();
    let mut told = String::new();
    for what in silent.iter().filter(|what| !MEANT.iter().any(|(meant, _)| what.contains(meant))) {
        let _ = writeln!(told, "{what}");
    }
    assert!(all.len() >= MADE / step, "{} mistakes", all.len());
    assert!(told.is_empty(), "of {} mistakes {} are silent:\n{told}", all.len(), silent.len());
    assert!(silent.len() <= SILENT, "{} are silent", silent.len());
}

/// The first line that an error is at; `None` where there is none.
fn first_line_reported(rules: &str) -> Option<u32> {
    let mut loader = Loader::new();
    loader.without_built_in().with_tests();
    loader.rule_file(RuleSource::new("rules.yaml", rules, |_| Err("there is no such file".into())));
    let errors = loader.load().err()?;
    errors.diagnostics.first().and_then(|error| error.labels.first()).map(|label| label.place.line)
}

/// A character of YAML that is lost, or a space or dash of a word processor, is reported in its own line, not
/// where the parser noticed it.
#[test]
fn errors_are_reported_where_they_were_made() {
    let mut elsewhere = String::new();
    let (mut made, mut start) = (0, 0);
    for (number, line) in (1..).zip(RULES.split_inclusive('\n')) {
        let code = line.find(" #").map_or(line, |comment| &line[..comment]).trim_end();
        for (at, c) in
            code.char_indices().filter(|(at, _)| !is_free(line) && (at + number as usize).is_multiple_of(3))
        {
            let is_key = c == ':' && (code[at + 1..].starts_with(' ') || at + 1 == code.len());
            let is_item = c == '-' && code[..at].trim().is_empty();
            let change = match c {
                '[' | ']' | '{' | '}' => "",
                ':' if is_key => "",
                '-' if is_item && number % 2 == 0 => "",
                '-' if is_item => "\u{2013}",
                ' ' if !code[..at].trim().is_empty() && number % 3 == 0 => "\u{a0}",
                _ => continue,
            };
            let mut changed = RULES.to_owned();
            changed.replace_range(start + at..start + at + c.len_utf8(), change);
            made += 1;
            match first_line_reported(&changed) {
                Some(told) if told != number => {
                    let _ = writeln!(
                        elsewhere,
                        "line {number}:{at}, `{c}` lost or replaced, told in line {told}"
                    );
                }
                _ => {}
            }
        }
        start += line.len();
    }
    assert!(made >= 80, "{made}");
    assert!(elsewhere.lines().count() <= 2, "of {made}:\n{elsewhere}");
}
