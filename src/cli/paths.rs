//! Finding files: folders, patterns, and the configuration.

use std::path::{Path, PathBuf};

use super::disk::Origin;
use capelint::diagnostic::Diagnostic;

/// The name of the configuration.
pub const CONFIG: &str = "capelint.yaml";

/// A file with the name to call it by.
pub type Named = (String, Origin);

/// The files that an argument names: a file, the `.csv` and `.xlsx` files of a folder, or all
/// that fit a pattern; in the order of their names. `-` is standard input.
///
/// # Errors
/// A pattern that is malformed or fits nothing, an empty folder.
pub fn expand(argument: &str, base: &Path, stdin_name: &str) -> Result<Vec<Named>, Diagnostic> {
    if argument == "-" {
        return Ok(vec![(stdin_name.to_owned(), Origin::Stdin)]);
    }
    let path = base.join(argument);
    let named = |path: PathBuf| (path.to_string_lossy().into_owned(), Origin::Path(path));
    if path.is_dir() {
        let files = folder(&path, |name| {
            let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| {
                ["csv", "xlsx"].iter().any(|known| extension.eq_ignore_ascii_case(known))
            })
        });
        if files.is_empty() {
            return Err(Diagnostic::new("nothing-there", format!("no .csv or .xlsx file in `{argument}`")));
        }
        return Ok(files.into_iter().map(named).collect());
    }
    // A file whose name has the characters of a pattern is that file.
    if path.exists() || !argument.contains(['*', '?', '[']) {
        return Ok(vec![named(path)]);
    }
    let pattern = path.to_string_lossy().into_owned();
    let found = glob::glob(&pattern).map_err(|error| {
        Diagnostic::new("bad-file-pattern", format!("`{argument}` is not a pattern of files: {}", error.msg))
    })?;
    let mut files: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| !path.is_dir()).collect();
    files.sort();
    if files.is_empty() {
        return Err(Diagnostic::new("nothing-there", format!("no file fits `{argument}`"))
            .help("check the folder and the pattern; `none` instead of a file says that there is nothing"));
    }
    Ok(files.into_iter().map(named).collect())
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
    // What the user named comes first, so that reports show paths as short as they were given.
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
