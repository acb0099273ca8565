//! What several tests share.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use capelint::Rules;
use capelint::entry::{self, EntryNumber};

pub use snapshot::assert_file;

pub mod snapshot;
pub mod thorough;

/// The built-in rules, loaded once for all tests of a file.
pub static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::built_in().expect("the built-in rules"));

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the command in the folder of the project.
pub fn capelint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_capelint"))
        .current_dir(root())
        .args(arguments)
        .output()
        .expect("capelint runs")
}

/// A made-up entry number of a filer, with a valid check digit.
pub fn number(filer_code: &str, serial: u32) -> EntryNumber {
    let ten = format!("{filer_code}{serial:07}");
    let digit = char::from(entry::check_digit(ten.as_bytes()).expect("letters and digits"));
    EntryNumber::parse(&format!("{ten}{digit}")).expect("a valid number")
}

/// Compares a generated part of a document, between `<!-- generated: NAME -->` and `<!-- end -->`, with
/// what it has to be, as [`assert_file`] does.
pub fn assert_generated(file: &str, name: &str, expected: &str) {
    let text = fs::read_to_string(root().join(file)).expect(file).replace("\r\n", "\n");
    let open = format!("<!-- generated: {name} -->\n\n");
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("{file} has no place for {name}"));
    let (_, after) = rest.split_once("<!-- end -->").expect("the end of the generated part");
    assert_file(file, &format!("{before}{open}{}\n\n<!-- end -->{after}", expected.trim_end()));
}

/// All files below a folder of the project with this extension, as paths relative to the project, in order.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(root().join(&folder)).expect("a folder of the project") {
            let item = item.expect("an item of the folder");
            let path = folder.join(item.file_name());
            if item.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
