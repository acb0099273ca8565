//! `capelint FILE`: a file where a command belongs. Its header shows which command was most likely meant.

use std::ffi::OsString;
use std::path::Path;

use super::disk::Origin;
use super::frontend::quoted;
use capelint::frontend::errors::{self, Found, Misplaced};
use capelint::frontend::input::{FileUse, WORKBOOKS};
use capelint::frontend::text::Outside;
use capelint::{Diagnostic, Input, Rules};

/// The error where the first word is a file or looks like one; `None` where it is neither.
pub fn command_of(words: &[OsString]) -> Option<Diagnostic> {
    let (first, rest) = words.split_first()?;
    let path = Path::new(first);
    let name = first.to_string_lossy();
    let looks_like_one = path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        WORKBOOKS.iter().chain(&["csv", "txt", "yaml", "yml"]).any(|known| *known == extension)
    });
    if !path.exists() && !looks_like_one {
        return None;
    }
    let all: Vec<String> = std::iter::once(first).chain(rest).map(shown).collect();
    let what = match path {
        path if path.is_dir() => Found::Folder,
        path if path.exists() => Found::File(recognized(&name, path)),
        _ => Found::Nothing,
    };
    let misplaced = Misplaced { name: &name, quoted: &shown(first), all: &all.join(" "), what };
    Some(errors::file_for_command(misplaced))
}

/// A word as a shell reads it again, without what would act on a terminal.
fn shown(word: &OsString) -> String {
    quoted(&Outside::new(&word.to_string_lossy()).shown())
}

/// What the file is, by its header.
fn recognized(name: &str, path: &Path) -> Option<FileUse> {
    let rules = Rules::built_in().ok()?;
    let input: Input = Origin::Path(path.to_owned()).into();
    Some(rules.recognize(name, &input).ok()?.file_use)
}
