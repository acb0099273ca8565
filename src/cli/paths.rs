//! Finds files: folders, patterns, and the configuration.

use std::path::{Path, PathBuf};

use super::confine::Confinement;
use super::disk::Origin;
use capelint::diagnostic::Diagnostic;
use capelint::frontend::errors::inputs;
use capelint::frontend::input::{WORKBOOKS, named_sheet};

/// The name of the configuration.
pub const CONFIG: &str = "capelint.yaml";

/// What the name of the file begins with that an Office program keeps beside an open one.
const LOCK_FILES: [&str; 2] = ["~$", ".~lock."];

/// What systems keep in folders.
const SYSTEM_FILES: [&str; 3] = ["Thumbs.db", "desktop.ini", ".DS_Store"];

/// The name of the open file that a lock file belongs to, or its end.
fn locked(name: &str) -> Option<&str> {
    LOCK_FILES.iter().find_map(|lock| name.strip_prefix(lock)).map(|name| name.trim_end_matches('#'))
}

/// A file with the name to call it by.
pub type NamedFile = (String, Origin);

/// The files that an argument names: a file, a sheet of a workbook (`plan.xlsx#March`), the `.csv`
/// files and workbooks of a folder, or all that fit a pattern; in the order of their names. `-` is
/// standard input. What an Office program leaves beside an open file is none of them.
///
/// # Errors
/// A pattern that is malformed or fits nothing, an empty folder, a lock file.
pub fn expand(argument: &str, base: &Path, stdin_name: &str) -> Result<Vec<NamedFile>, Diagnostic> {
    expand_within(argument, base, stdin_name, &Confinement::none())
}

fn expand_within(
    argument: &str,
    base: &Path,
    stdin_name: &str,
    confinement: &Confinement,
) -> Result<Vec<NamedFile>, Diagnostic> {
    if argument == "-" {
        return Ok(vec![(stdin_name.to_owned(), Origin::Stdin)]);
    }
    let path = base.join(argument);
    let named = |path: PathBuf| (path.to_string_lossy().into_owned(), Origin::Path(path));
    if path.is_dir() {
        let files = folder(&path, |name| {
            let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
            let is_table = extension.is_some_and(|extension| {
                WORKBOOKS.iter().chain(&["csv"]).any(|known| extension.eq_ignore_ascii_case(known))
            });
            is_table && locked(name).is_none() && !name.starts_with('.')
        });
        if files.is_empty() {
            return Err(inputs::no_table_in(argument));
        }
        return Ok(files.into_iter().map(named).collect());
    }
    if let Some(open) = path.file_name().and_then(|name| locked(name.to_str()?)) {
        return Err(inputs::lock_file(argument, open));
    }
    // A file whose name has the characters of a pattern is that file.
    if path.exists() || !argument.contains(['*', '?', '[']) {
        let (file, sheet) = named_sheet(argument);
        if sheet.is_some() && !path.exists() {
            return Ok(vec![(path.to_string_lossy().into_owned(), Origin::Path(base.join(file)))]);
        }
        return Ok(vec![named(path)]);
    }
    let mut files = matching(argument, &path, Path::is_file, confinement)?;
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        locked(&name).is_none() && !SYSTEM_FILES.contains(&&*name)
    });
    if files.is_empty() {
        return Err(inputs::no_file_fits(argument));
    }
    Ok(files.into_iter().map(named).collect())
}

/// The folders that an argument names: one, or all that fit a pattern, in the order of their names.
///
/// # Errors
/// A folder that is not there, a pattern that is malformed or fits none.
pub fn folders(argument: &str) -> Result<Vec<PathBuf>, Diagnostic> {
    let path = Path::new(argument);
    if path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_pattern = argument.contains(['*', '?', '[']);
    let found =
        if is_pattern { matching(argument, path, Path::is_dir, &Confinement::none())? } else { Vec::new() };
    if found.is_empty() {
        return Err(inputs::no_folder(argument));
    }
    Ok(found)
}

/// [`expand`] for what a configuration names: nothing outside of its folder.
///
/// # Errors
/// As [`expand`], and where a path leads out of the folder.
pub fn expand_confined(
    argument: &str,
    base: &Path,
    stdin_name: &str,
    confinement: &Confinement,
) -> Result<Vec<NamedFile>, Diagnostic> {
    if confinement.is_limited() {
        if argument == "-" {
            return Err(inputs::stdin_of_configuration());
        }
        let fixed = fixed_part(Path::new(argument));
        let fixed = fixed.to_string_lossy();
        confinement.check(&fixed, &base.join(&*fixed))?;
    }
    let files = expand_within(argument, base, stdin_name, confinement)?;
    for (_, origin) in &files {
        if let Origin::Path(path) = origin {
            confinement.check_file(path)?;
        }
    }
    Ok(files)
}

/// What of a pattern comes before its first special character, as whole folders.
fn fixed_part(pattern: &Path) -> PathBuf {
    let is_plain =
        |part: &std::path::Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    pattern.components().take_while(is_plain).collect()
}

/// The most files and folders that a pattern may look through.
const MAX_WALKED: usize = 200_000;
/// How deep `**` looks.
const MAX_DEPTH: usize = 32;

/// The paths that match a pattern and for which `wanted` is true, sorted. `**` follows no links, so that it
/// ends whatever they make of the folders. Wanted are files or folders: pipes and devices are not tables, and
/// opening one could wait for ever. Without `**` only folders that fit their part of the pattern are looked
/// into, and none that a link puts out of reach.
fn matching(
    argument: &str,
    path: &Path,
    is_wanted: impl Fn(&Path) -> bool,
    confinement: &Confinement,
) -> Result<Vec<PathBuf>, Diagnostic> {
    let malformed = |error: glob::PatternError| inputs::bad_pattern(argument, error.msg);
    let pattern = glob::Pattern::new(&path.to_string_lossy()).map_err(malformed)?;
    let fixed = fixed_part(path);
    let root = if fixed.as_os_str().is_empty() { Path::new(".") } else { fixed.as_path() };
    let deep = argument.contains("**");
    let levels = path.components().count().saturating_sub(fixed.components().count());
    // As in a shell, `*` does not fit hidden files.
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let walk = walkdir::WalkDir::new(root)
        .min_depth(1)
        .max_depth(if deep { MAX_DEPTH } else { levels })
        .follow_links(!deep)
        .sort_by_file_name();
    let parts = (path.components().skip(fixed.components().count()))
        .map(|part| glob::Pattern::new(&part.as_os_str().to_string_lossy()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(malformed)?;
    let fits = |entry: &walkdir::DirEntry| {
        let part = entry.depth().checked_sub(1).and_then(|at| parts.get(at));
        deep || part.is_none_or(|part| part.matches_with(&entry.file_name().to_string_lossy(), options))
    };
    let mut files = Vec::new();
    let mut out_of_reach = None;
    let walk = walk.into_iter().filter_entry(|entry| {
        if !fits(entry) || out_of_reach.is_some() {
            return false;
        }
        if entry.path_is_symlink() {
            out_of_reach = confinement.check_file(entry.path()).err();
        }
        out_of_reach.is_none()
    });
    for (walked, entry) in walk.enumerate() {
        if walked == MAX_WALKED {
            return Err(inputs::pattern_too_wide(argument));
        }
        // What cannot be read fits nothing.
        let Ok(entry) = entry else { continue };
        let found = entry.path().strip_prefix("./").unwrap_or(entry.path());
        if pattern.matches_path_with(found, options) && is_wanted(found) {
            files.push(found.to_owned());
        }
    }
    if let Some(error) = out_of_reach {
        return Err(error);
    }
    files.sort();
    Ok(files)
}

/// The files of a folder whose names are wanted, sorted.
pub fn folder(path: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(path) else { return Vec::new() };
    let mut files: Vec<PathBuf> = listing
        .filter_map(Result::ok)
        .map(|file| file.path())
        .filter(|path| path.is_file())
        .filter(|path| path.file_name().is_some_and(|name| wanted(&name.to_string_lossy())))
        .collect();
    files.sort();
    files
}

/// The configuration that governs a file: `capelint.yaml` in its folder or one above.
pub fn config_above(file: &Path) -> Option<PathBuf> {
    let start = if file.is_dir() { Some(file) } else { file.parent() };
    let relative = start.filter(|start| !start.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What the user named comes first, so that reports show paths as short as they were typed.
    let mut folder = relative.to_owned();
    loop {
        let candidate = folder.join(CONFIG);
        if candidate.is_file() {
            return Some(candidate.strip_prefix("./").map(Path::to_owned).unwrap_or(candidate));
        }
        match folder.parent() {
            Some(above) if !above.as_os_str().is_empty() => folder = above.to_owned(),
            _ => break,
        }
    }
    let absolute = std::fs::canonicalize(relative).ok()?;
    absolute.ancestors().skip(1).map(|folder| folder.join(CONFIG)).find(|candidate| candidate.is_file())
}

/// A folder to look into; the current one has no name.
fn joined(folder: &Path) -> PathBuf {
    Path::new(".").join(folder)
}

/// Whether a file was meant to be the configuration: another ending, a copy, a name that an editor made.
fn is_misnamed_config(name: &str) -> bool {
    let folded = name.trim_start_matches('.').to_lowercase();
    let folded = folded.strip_suffix(".txt").unwrap_or(&folded);
    let Some((stem, "yaml" | "yml")) = folded.rsplit_once('.') else { return false };
    let stem = stem.trim_end_matches(".yaml").trim_end_matches(".yml");
    let copy =
        stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '-' | '_'));
    name != CONFIG && copy.trim_end_matches("copy").trim_end_matches([' ', '-', '_']) == "capelint"
}

/// Configurations that look as if they governed a run and do not: under another name in the folder of
/// what is checked, or in the current folder while that is elsewhere.
pub fn ignored_configs(near: &Path, in_force: Option<&Path>) -> Vec<String> {
    let mut said = Vec::new();
    let folder = if near.is_dir() { near } else { near.parent().unwrap_or(Path::new("")) };
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    let governs = |file: &Path| in_force.is_some_and(|config| same(config, file));
    let folders =
        if same(Path::new("."), &joined(folder)) { vec![folder] } else { vec![folder, Path::new("")] };
    for folder in folders {
        let misnamed = self::folder(&joined(folder), is_misnamed_config);
        let names = misnamed.iter().filter_map(|path| path.file_name());
        for path in names.map(|name| folder.join(name)).filter(|path| !governs(path)) {
            said.push(format!(
                "`{}` is not read: the configuration is called `{CONFIG}`; rename it, or pass it with --config",
                path.display()
            ));
        }
    }
    let here = Path::new(CONFIG);
    if here.is_file() && !governs(here) {
        let why = match in_force {
            Some(file) => format!("which is governed by `{}`", file.display()),
            None => "which is not below it".to_owned(),
        };
        said.push(format!(
            "`{CONFIG}` in the current folder does not govern `{}`, {why}; pass --config {CONFIG} to use it",
            near.display(),
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lock_files_are_skipped_and_sheets_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a.xlsx",
            "~$a.xlsx",
            ".~lock.b.csv#",
            ".hidden.csv",
            "Thumbs.db",
            "desktop.ini",
            "b.csv",
            "c.ods",
            "d.xls",
            "notes.txt",
        ] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let names = |argument: &str| -> Result<Vec<String>, &'static str> {
            let found = expand(argument, folder.path(), "-").map_err(|error| error.code.name())?;
            Ok(found.iter().map(|(name, _)| name.rsplit(['/', '\\']).next().unwrap().to_owned()).collect())
        };
        assert_eq!(names("").unwrap(), ["a.xlsx", "b.csv", "c.ods", "d.xls"]);
        assert_eq!(names("*.xlsx").unwrap(), ["a.xlsx"]);
        assert_eq!(names("*").unwrap(), ["a.xlsx", "b.csv", "c.ods", "d.xls", "notes.txt"]);
        assert_eq!(names(".~lock.b.csv#"), Err("lock-file"));
        assert_eq!(names("~$a.xlsx"), Err("lock-file"));
        assert_eq!(names("~$*").err(), Some("lock-file"));
        assert_eq!(names("a.xlsx#March").unwrap(), ["a.xlsx#March"]);
        let Origin::Path(path) = &expand("a.xlsx#March", folder.path(), "-").unwrap()[0].1 else { panic!() };
        assert_eq!(*path, folder.path().join("a.xlsx"));
    }

    #[test]
    fn a_configuration_under_another_name_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let near = folder.path().join("d.csv");
        assert!(ignored_configs(&near, None).is_empty());
        for name in ["capelint.yml", ".capelint.yaml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let said = ignored_configs(&near, None);
        assert!(
            said.len() == 2 && said.iter().any(|said| said.contains("capelint.yml` is not read")),
            "{said:?}"
        );
        for (name, expected) in [
            ("Capelint.yaml", true),
            ("capelint.yaml.txt", true),
            ("capelint.yml", true),
            ("capelint (1).yaml", true),
            ("capelint - Copy.yaml", true),
            ("capelint.yaml.yaml", true),
            ("capelint.yaml", false),
            ("capelint-rules.yaml", false),
            ("house-rules.yaml", false),
            ("capelint.csv", false),
            ("capelint", false),
        ] {
            assert_eq!(is_misnamed_config(name), expected, "{name}");
        }
    }
}
