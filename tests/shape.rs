//! The structure of the source: a type name means one thing, and errors are worded in modules of their own.

use std::collections::BTreeMap;
use std::fs;

use walkdir::WalkDir;

/// The name that a line declares a type under, where it does. Types of traits (`type Item`) are the trait's
/// names, and are indented deeper than a module's.
fn declared(line: &str) -> Option<&str> {
    let declaration = line.trim_start();
    let public = declaration.strip_prefix("pub").map(|rest| match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')').map_or(rest, |(_, rest)| rest),
        None => rest,
    });
    let (kind, rest) = public.unwrap_or(declaration).trim_start().split_once(' ')?;
    let is_type = match kind {
        "struct" | "enum" | "union" | "trait" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
    (is_type && name.starts_with(|c: char| c.is_ascii_uppercase())).then_some(name)
}

/// The sources below a path that have an extension, by name: their text without the tests in them.
fn sources(path: &str, extension: &str) -> Vec<(String, String)> {
    let files = WalkDir::new(path).sort_by_file_name().into_iter().map(|file| file.expect("the sources"));
    let files = files.filter(|file| file.path().extension().is_some_and(|found| found == extension));
    files
        .map(|file| {
            let text = fs::read_to_string(file.path()).expect("a source");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            (file.path().display().to_string(), code)
        })
        .collect()
}

/// The wording of an error, and its kind, are in a file or folder `errors`, and not where the error is found.
#[test]
fn logic_words_no_error() {
    let mut worded = Vec::new();
    // What an error is made of, and what prints it. `formats.rs` and `tests.rs` are made of tests.
    let is_logic = |name: &str| {
        !name.contains("errors")
            && name != "src/diagnostic.rs"
            && !name.ends_with("/formats.rs")
            && !name.ends_with("tests.rs")
    };
    let logic: Vec<_> = sources("src", "rs").into_iter().filter(|(name, _)| is_logic(name)).collect();
    for (name, code) in &logic {
        let words = ["Diagnostic::new(", ".help(\"", ".help(format!(", "codes! {"];
        let lines = code.lines().zip(1..).filter(|(line, _)| words.iter().any(|word| line.contains(word)));
        worded.extend(lines.map(|(line, number)| format!("{name}:{number}: {}", line.trim())));
    }
    assert!(logic.len() > 150, "{} files: the sources were not read", logic.len());
    assert!(worded.is_empty(), "errors that are worded where they are found: {worded:#?}");
}

/// Flags are the command line's. What other frontends show as well names them nowhere: not in the library's texts,
/// and not in those of the rule pack.
#[test]
fn only_the_command_line_names_its_flags() {
    let names_a_flag = |text: &str| {
        let flag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase());
        text.match_indices("--").any(|(at, dashes)| flag(&text[at + dashes.len()..]))
    };
    let is_command_line =
        |name: &str| ["src/cli/", "src/frontend/", "src/main.rs"].iter().any(|path| name.starts_with(path));
    let mut texts: Vec<_> =
        sources("src", "rs").into_iter().filter(|(name, _)| !is_command_line(name)).collect();
    texts.extend(sources("rules", "yaml"));
    assert!(texts.len() > 200, "{} files: the sources were not read", texts.len());
    let mut flags = Vec::new();
    for (name, text) in &texts {
        let comment = if name.ends_with(".rs") { "//" } else { "#" };
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with(comment));
        let lines = lines.filter(|(line, _)| names_a_flag(line));
        flags.extend(lines.map(|(line, number)| format!("{name}:{number}: {}", line.trim())));
    }
    assert!(flags.is_empty(), "flags that are named outside the command line: {flags:#?}");
}

#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in WalkDir::new("src").sort_by_file_name() {
        let file = file.expect("the sources");
        if file.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(file.path()).expect("a source");
        for (line, number) in text.lines().zip(1..) {
            if let Some(name) = declared(line) {
                let place = format!("{}:{number}", file.path().display());
                places.entry(name.to_owned()).or_default().push(place);
            }
        }
    }
    assert!(places.len() > 300, "{} types: the sources were not read", places.len());
    // One type that is declared for each operating system is one.
    places.remove("Identity");
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "types of one name: {places:#?}");
}
