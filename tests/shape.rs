//! The structure of the source: data flows one way, a type name means one thing, and errors are worded in modules of
//! their own.

use std::collections::{BTreeMap, BTreeSet};
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
    let words = ["Diagnostic::new(", ".help(\"", ".help(format!(", "codes! {"];
    // What is wrong with a workbook, said to the functions that all such errors are made with.
    let workbooks = ["damaged", "absurd", "oversized"].map(|error| {
        regex::Regex::new(&format!(r#"\b{error}\([^()]*, &?(format!\()?""#)).expect("a pattern")
    });
    for (name, code) in &logic {
        let is_worded = |line: &str| {
            words.iter().any(|word| line.contains(word)) || workbooks.iter().any(|error| error.is_match(line))
        };
        let lines = code.lines().zip(1..).filter(|(line, _)| is_worded(line));
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

/// A module by its path below the crate: `src/table/mod.rs` and `table` are one.
type Module = Vec<String>;

/// What a `use` takes: a path below the crate, and the name that it has here.
struct Import {
    path: Module,
    name: String,
    is_public: bool,
}

/// The paths of a `use`, without braces, each with the name that it is given.
fn paths(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some((before, inner)) = tree.strip_suffix('}').and_then(|tree| tree.split_once('{')) else {
        let (path, name) =
            tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap_or(tree)));
        return vec![(path.to_owned(), name.to_owned())];
    };
    let mut depth = 0;
    let parts = inner.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let parts = parts.filter(|part| !part.trim().is_empty()).flat_map(paths);
    parts.map(|(path, name)| (format!("{before}{path}"), name)).collect()
}

/// What a file takes from the files of the crate.
fn imports(module: &Module, code: &str, modules: &BTreeSet<Module>) -> Vec<Import> {
    let code: Vec<_> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join(" ");
    let mut imports = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let before = code[..at].trim_end();
        let is_public = before.ends_with("pub") || before.ends_with(')');
        if !(is_public || before.is_empty() || before.ends_with([';', '{', '}', ']'])) {
            continue;
        }
        let Some((tree, _)) = code[at + 4..].split_once(';') else { continue };
        for (path, name) in paths(tree) {
            let mut steps: Vec<String> = path.split("::").map(|step| step.trim().to_owned()).collect();
            let mut from = module.clone();
            match steps[0].as_str() {
                "crate" | "capelint" => from.clear(),
                "self" => {}
                "super" => {
                    let up = steps.iter().take_while(|step| *step == "super").count();
                    from.truncate(from.len().saturating_sub(up));
                    steps.drain(1..up);
                }
                child if modules.contains(&[&from[..], &[child.to_owned()]].concat()) => {
                    steps.insert(0, String::new());
                }
                _ => continue,
            }
            from.extend(steps.drain(1..));
            imports.push(Import { path: from, name, is_public });
        }
    }
    imports
}

/// The file that declares what a path names: a file that only passes it on is passed over.
fn declares(path: &[String], all: &BTreeMap<Module, Vec<Import>>) -> Option<Module> {
    let (file, imports) = (0..=path.len()).rev().find_map(|end| all.get_key_value(&path[..end]))?;
    let (name, inside) = path[file.len()..].split_first().unzip();
    let passed_on = imports.iter().find(|import| import.is_public && Some(&import.name) == name);
    match passed_on {
        Some(import) => declares(&[&import.path[..], inside.unwrap_or_default()].concat(), all),
        None => Some(file.clone()),
    }
}

/// The circles of files that take from each other. What a file takes from a module around it is not counted:
/// they are parts of one thing.
fn circles(all: &BTreeMap<Module, Vec<Import>>) -> Vec<String> {
    let takes: BTreeMap<&Module, BTreeSet<Module>> = (all.iter())
        .map(|(module, imports)| {
            let of = imports.iter().filter_map(|import| declares(&import.path, all));
            (module, of.filter(|other| !module.starts_with(other)).collect())
        })
        .collect();
    let reached = |from: &Module| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(module) = open.pop() {
            open.extend(takes[module].iter().filter(|other| reached.insert((*other).clone())));
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> = all.keys().map(|from| (from, reached(from))).collect();
    let mut circles = BTreeSet::new();
    for (module, others) in &reached {
        let circle: Vec<_> =
            others.iter().filter(|other| reached[other].contains(*module)).map(|one| one.join("/")).collect();
        if circle.len() > 1 {
            circles.insert(circle.join(", "));
        }
    }
    circles.into_iter().collect()
}

/// Files that take from each other can be understood only together, so each such circle has a reason.
#[test]
fn data_flows_one_way() {
    let sources = sources("src", "rs");
    let module = |name: &str| -> Module {
        let path = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("mod");
        path.split('/').filter(|step| !step.is_empty() && *step != "lib").map(str::to_owned).collect()
    };
    let modules: BTreeSet<Module> = sources.iter().map(|(name, _)| module(name)).collect();
    let all: BTreeMap<Module, Vec<Import>> = (sources.iter())
        .map(|(name, code)| {
            let module = module(name);
            let imports = imports(&module, code, &modules);
            (module, imports)
        })
        .collect();
    let taken: usize = all.values().map(Vec::len).sum();
    assert!(all.len() > 200 && taken > 1_500, "{} files, {taken} imports: they were not read", all.len());
    let permitted = [
        // A condition is bound to the tables part by part, and some parts are conditions themselves; what
        // cannot be bound is evaluated plainly, and explained with the parts that were bound.
        "judge/bind, judge/bind/bound, judge/bind/by_row, judge/bind/cells, judge/bind/constants, \
         judge/bind/line, judge/bind/rows, judge/bind/several, judge/evaluate, judge/explain",
        // A scan ends in a failure, which has the piece that was being scanned; a survey is a scan, and a scan
        // takes notes for it.
        "table/reference/failure, table/reference/scan, table/reference/survey",
    ];
    assert_eq!(circles(&all), permitted);
}

/// Reports and the values of the domain depend on no rule: a report can be rendered of any outcome.
#[test]
fn reports_and_values_import_no_rules() {
    let free = ["src/report/", "src/calendar.rs", "src/figures.rs", "src/entry.rs", "src/importer.rs"];
    let is_free = |name: &str| {
        free.iter().any(|path| name.starts_with(path)) && !name.contains("tests") && !name.contains("fixture")
    };
    let free: Vec<_> = sources("src", "rs").into_iter().filter(|(name, _)| is_free(name)).collect();
    assert!(free.len() > 25, "{} files: the sources were not read", free.len());
    let mut importing = free.iter().filter(|(_, code)| code.contains("crate::rules")).map(|(name, _)| name);
    assert_eq!(importing.next(), None);
    // What an error is worded with is not a report's.
    let rules = sources("src/rules", "rs");
    let rules = rules.iter().filter(|(name, _)| !name.ends_with("tests.rs"));
    let mut reported = rules.filter(|(_, code)| code.contains("crate::report"));
    assert_eq!(reported.next().map(|(name, _)| name), None);
}

/// What a stranger reads first is short, and each name of it was put there.
#[test]
fn the_library_has_few_names() {
    let names = |file: &str| -> Vec<String> {
        let code = fs::read_to_string(file).expect("a source");
        let code = code.split("#[cfg(fuzzing)]").next().unwrap_or_default();
        let passed_on = code.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
        passed_on.flat_map(|tree| paths(&tree.replace('\n', " "))).map(|(_, name)| name).collect()
    };
    // What a public type is made of has a name too: the lint `unnameable_types` sees to it. A plan and a triage have
    // many parts.
    for (file, most) in [("src/lib.rs", 30), ("src/engine/mod.rs", 18), ("src/upload/mod.rs", 19)] {
        let names = names(file);
        assert!((5..=most).contains(&names.len()), "{} names in {file}: {names:?}", names.len());
        assert!(names.iter().all(|name| !name.contains('*')), "{file} passes on all names of a module");
    }
    assert!(!names("src/frontend.rs").iter().any(|name| name.contains('*')));
}

/// A type without the texts from outside in it: `Option<OutsideText<Arc<str>>>` is `Option<>`.
fn without_outside(kind: &str) -> String {
    let mut left = String::new();
    let mut rest = kind;
    while let Some(at) = rest.find("Outside") {
        left.push_str(&rest[..at]);
        rest = rest[at..].trim_start_matches(|c: char| c.is_alphanumeric());
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth <= 0
        });
        // What the type is of is a part of it.
        if rest.starts_with('<') {
            rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        }
    }
    left + rest
}

/// The public fields of the types of a file that have a plain text, each as `Type.field`.
fn plain_texts(code: &str) -> Vec<String> {
    let mut plain = Vec::new();
    let mut inside = None;
    for line in code.lines() {
        let declared = line.strip_prefix("pub struct ").map(|rest| (rest, false));
        let declared = declared.or_else(|| line.strip_prefix("pub enum ").map(|rest| (rest, true)));
        if let Some((rest, is_enum)) = declared.filter(|_| line.ends_with('{')) {
            let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            inside = Some((name, is_enum));
        }
        if line == "}" {
            inside = None;
        }
        let Some((of, is_enum)) = inside else { continue };
        let field = line.trim();
        let public = if is_enum { Some(field) } else { field.strip_prefix("pub ") };
        let Some(field) = public.filter(|field| !field.starts_with("//")) else { continue };
        let (name, kind) = field.split_once(": ").or_else(|| field.split_once('(')).unwrap_or((field, ""));
        let kind = without_outside(&kind.replace("&'static str", "").replace("&'static [String]", ""));
        let is_text = |word: &str| ["String", "str", "SmolStr", "Cow", "PathBuf"].contains(&word);
        if kind.split(|c: char| !c.is_alphanumeric()).any(is_text) {
            plain.push(format!("{of}.{name}"));
        }
    }
    plain
}

/// What comes from a file, its name, a rule file or a setting is a text from outside in what a run gives: only
/// then is a text that is printed without a thought masked and clean.
#[test]
fn what_a_run_gives_has_no_plain_text_from_outside() {
    // Names of rules, tables, columns, code lists and settings. Rule files with other characters in them do not load.
    let names = [
        "Change.by",
        "ChangedSetting.name",
        "ColumnName.name",
        "ExportPlan.work_by_rule",
        "InputFile.table",
        "ListedRule.each",
        "ListedRule.id",
        "ListedRule.tables",
        "ListedTable.name",
        "ListedTable.rules",
        "MessageCard.rules",
        "Outcome.turned_off",
        "RuleCard.id",
        "RuleChange.name",
        "RuleExplanation.rule",
        "RuleExplanation.superseded_by",
        "RuleExplanation.without_rows",
        "RuleInfo.id",
        "TableName.name",
        "TestResult.rule",
        "UndecidedCause.lacks",
        "UndecidedCause.list",
        "UndecidedCause.rule",
        "BaselineKey.rule",
        "FileUse.Table",
        "Waiver.rule",
    ];
    // What the program itself writes: days, levels, and names of files of nothing but letters, digits and dashes.
    let own = [
        "Change.level",
        "MessageCard.since",
        "MessageCard.until",
        "OutputFile.name",
        "UploadFile.name",
        "Unbalanced.what",
    ];
    // What a caller asks for, codes of an account, and patterns of entry numbers.
    let given = [
        "Account.courier_filer_codes",
        "Account.filer_codes",
        "Options.base",
        "TestChoice.only",
        "Waiver.entries",
    ];
    // A whole file, which only excerpts are made of.
    let whole = ["Text.text"];
    let files = [
        "account",
        "cause",
        "diagnostic",
        "engine/catalog",
        "engine/checked",
        "engine/describe",
        "engine/explain",
        "engine/outputs",
        "engine/plan",
        "engine/triage",
        "engine/uploads",
        "finding",
        "recognize",
        "report/mod",
        "rule_tests",
        "source",
        "upload/balance",
        "upload/claims",
        "upload/misplaced",
        "upload/plan",
        "upload/rows",
        "upload/triage",
        "upload/triage_report",
        "waiver",
    ];
    let mut plain = BTreeSet::new();
    for file in files {
        let code = fs::read_to_string(format!("src/{file}.rs")).expect("a source");
        plain.extend(plain_texts(&code));
    }
    let known: BTreeSet<String> =
        [&names[..], &own, &given, &whole].concat().into_iter().map(String::from).collect();
    let new: Vec<_> = plain.difference(&known).collect();
    assert!(new.is_empty(), "fields that are to be an `OutsideString` or `OutsideText`: {new:#?}");
    let gone: Vec<_> = known.difference(&plain).collect();
    assert!(gone.is_empty(), "names of fields that are no plain text: {gone:#?}");
}
