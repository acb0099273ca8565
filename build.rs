//! Reads the YAML of the rules that the binary carries, so that the program need not at every start: a list
//! of what the reader found in each file, without the rules' own tests, which few commands ask for.
//! `src/yaml/recorded.rs` reads it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use granit_parser::{Event, Options, Parser, ScalarStyle};

/// The keys of rules that are left out.
const TESTS: [&str; 2] = ["tests", "cases"];

/// The files that are not rule files: what reads them does so itself.
const OTHERS: [&str; 2] = ["messages.yaml", "checklist.yaml"];

fn main() {
    // A file that is added counts too.
    println!("cargo:rerun-if-changed=rules");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    let rules =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where this is")).join("rules");
    let mut list = String::from("&[\n");
    for (number, name) in rule_files(&rules).iter().enumerate() {
        let text = fs::read_to_string(rules.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // What is no YAML is not recorded: the program reports what is wrong with it.
        if let Some(record) = record(text) {
            let file = out.join(format!("{number}.events"));
            fs::write(&file, record).expect("the folder that cargo made can be written");
            list.push_str(&format!("({name:?}, include_bytes!({:?})),\n", file.display().to_string()));
        }
    }
    list.push(']');
    fs::write(out.join("recorded.rs"), list).expect("the folder that cargo made can be written");
}

/// The rule files below a folder, by their path in it, in order.
fn rule_files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut open = vec![String::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(folder.join(&below)).expect("the folder of rules can be read") {
            let entry = entry.expect("the folder of rules can be read");
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => open.push(format!("{name}/")),
                false if name.ends_with(".yaml") && !OTHERS.contains(&name.as_str()) => files.push(name),
                false => {}
            }
        }
    }
    files.sort();
    files
}

/// What the reader finds in a text, each with its kind, the bytes from the beginning of the one before to its
/// own, its length, and of a scalar whose text differs from its source, its text.
fn record(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut last = 0;
    // Of each open collection whether it is a mapping, and whether a key comes next.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut skipping: Option<usize> = None;
    let mut options = Options::default();
    options.disallow_directives = true;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.ok()?;
        let range = span.byte_range()?;
        let begins = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        let ends = matches!(event, Event::SequenceEnd | Event::MappingEnd);
        if !begins && !ends && !matches!(event, Event::Scalar(..)) {
            // Anchors, aliases and tags are refused by the program.
            if matches!(event, Event::Alias(_)) {
                return None;
            }
            continue;
        }
        if let Some(depth) = skipping {
            let depth = if begins { depth + 1 } else { depth - usize::from(ends) };
            skipping = Some(depth).filter(|depth| *depth > 0);
            continue;
        }
        if ends {
            open.pop();
        }
        let depth = open.len();
        let is_key = match open.last_mut() {
            Some((true, key_next)) if !ends => std::mem::replace(key_next, !*key_next),
            _ => false,
        };
        if let Event::Scalar(key, ..) = &event
            && is_key
            && depth == 3
            && TESTS.contains(&&**key)
        {
            // The pair is not there at all.
            open[2].1 = true;
            skipping = Some(0);
            continue;
        }
        let (kind, decoded) = match &event {
            Event::SequenceStart(_, _, None) => (0, None),
            Event::MappingStart(_, _, None) => (1, None),
            Event::SequenceEnd | Event::MappingEnd => (2, None),
            Event::Scalar(value, style, _, None) => {
                let source = text.get(range.clone())?;
                // A key without a value comes as `~` of no length.
                let value = if source.is_empty() && *style == ScalarStyle::Plain { "" } else { value };
                let (kind, verbatim) = match style {
                    ScalarStyle::Plain => (3, source == value),
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                        (4, source.len() >= 2 && &source[1..source.len() - 1] == value)
                    }
                    _ => (5, false),
                };
                (kind, (!verbatim).then(|| value.to_owned()))
            }
            _ => return None,
        };
        if begins {
            open.push((kind == 1, true));
        }
        out.push(kind + if decoded.is_some() { 8 } else { 0 });
        // Nothing begins before what came before it, but where a collection ends that may be earlier.
        let start = range.start.max(last);
        number(&mut out, start - last);
        number(&mut out, range.end.max(start) - start);
        last = start;
        if let Some(decoded) = decoded {
            number(&mut out, decoded.len());
            out.extend(decoded.as_bytes());
        }
    }
    Some(out)
}

/// 7 bits per byte, the lowest first; the 8th means that more follow.
fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
