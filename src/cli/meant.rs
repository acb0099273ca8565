//! `capelint FILE`: a file where a command belongs. Its header says which command was most likely meant.

use std::ffi::OsString;
use std::path::Path;

use super::disk::Origin;
use capelint::diagnostic::Code;
use capelint::door::text::shown;
use capelint::engine::FileUse;
use capelint::{Diagnostic, Input, Rules};

/// What to say where the first word is a file or looks like one; `None` where it is neither.
pub fn command_of(words: &[OsString]) -> Option<Diagnostic> {
    let (first, rest) = words.split_first()?;
    let path = Path::new(first);
    let name = first.to_string_lossy();
    let looks_like_one = path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        ["csv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "yaml", "yml"].contains(&&*extension)
    });
    if !path.exists() && !looks_like_one {
        return None;
    }
    let all: Vec<String> = std::iter::once(first).chain(rest).map(quoted).collect();
    let all = all.join(" ");
    let used = if path.is_dir() { None } else { recognized(&name, path) };
    let help = match used {
        _ if path.is_dir() => format!(
            "check the declarations of the folder with `capelint check {all}`, or see what its files are for \
             with `capelint open {all}`"
        ),
        Some(FileUse::Declaration) => format!("check the declaration with `capelint check {all}`"),
        Some(FileUse::Table(table)) if table == "es003" => {
            format!("plan the upload of the ES-003 with `capelint plan {all} --out upload`")
        }
        Some(FileUse::Table(table)) if table == "claims" => {
            format!("read the Claim Details with `capelint triage {all}`")
        }
        Some(FileUse::Table(table)) => format!(
            "name the declaration beside it: `capelint check DECLARATION --table {table}={}`",
            quoted(first)
        ),
        Some(FileUse::Rules) => format!("run the tests of the rules with `capelint test {all}`"),
        Some(FileUse::Configuration) => {
            format!("name it beside a declaration: `capelint check DECLARATION --config {}`", quoted(first))
        }
        None => format!(
            "check a declaration with `capelint check {all}`, plan the upload of an ES-003 with `capelint plan \
             {all} --out upload`, or read Claim Details with `capelint triage {all}`"
        ),
    };
    let what = match path {
        path if path.is_dir() => "is a folder",
        path if path.exists() => "is a file",
        _ => "looks like a file",
    };
    let message = format!("`{}` {what}, and a command comes first", shown(&name));
    Some(Diagnostic::new(Code::UnknownCommand, message).help(help))
}

/// A word as a shell would read it again.
fn quoted(word: &OsString) -> String {
    let word = shown(&word.to_string_lossy()).into_owned();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./\\:=,#*?".contains(c);
    if word.chars().all(is_plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// What the file is, by its header.
fn recognized(name: &str, path: &Path) -> Option<FileUse> {
    let rules = Rules::built_in().ok()?;
    let input: Input = Origin::Path(path.to_owned()).into();
    Some(rules.recognize(name, &input).ok()?.file_use)
}
