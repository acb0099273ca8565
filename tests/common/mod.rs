//! What several tests share.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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

/// Whether expected output is to be written instead of compared: `SNAPSHOTS=overwrite`.
pub fn overwrites() -> bool {
    std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite")
}

/// Compares a file of the project with what it has to be. A difference is shown as a diff;
/// `SNAPSHOTS=overwrite` writes the file.
pub fn assert_file(file: impl AsRef<Path>, expected: &str) {
    let path = root().join(file);
    if overwrites() {
        fs::write(&path, expected).expect("the file is written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        found == expected,
        "{}: SNAPSHOTS=overwrite writes it\n{}",
        path.display(),
        diff(&found, expected)
    );
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

/// The lines that differ between what a file has and what it has to be, with three lines around each.
pub fn diff(old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header("in the file", "now")
        .to_string()
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
