//! Whether two paths are one file, under whatever names.

use std::fs;
use std::path::{Path, PathBuf};

use super::disk;

/// Whether two outputs are one file: the same name in the same folder, however it is written, or two
/// names of one file. Upper and lower case are the same, as they are where Windows and macOS keep files.
pub fn same_output(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((folder.canonicalize().ok()?, path.file_name()?.to_string_lossy().to_lowercase()))
    };
    let exist = || Some(same(&fs::canonicalize(a).ok()?, &fs::canonicalize(b).ok()?));
    a == b || place(a).is_some_and(|a| Some(a) == place(b)) || exist().unwrap_or(false)
}

/// Whether a file is one of those that this run read, under whatever name.
pub fn is_input(path: &Path, inputs: &[PathBuf]) -> bool {
    let is_one = |path: PathBuf| {
        inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| same(&input, &path)))
    };
    disk::is_input(path) || fs::canonicalize(path).is_ok_and(is_one)
}

/// Whether two canonical paths are the same file, also under another hard link.
fn same(a: &Path, b: &Path) -> bool {
    if a == b {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn outputs_are_compared_by_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "x").unwrap();
        fs::hard_link(path("a"), path("b")).unwrap();
        std::os::unix::fs::symlink("a", path("c")).unwrap();
        assert!(same_output(&path("a"), &path("b")) && same_output(&path("a"), &path("c")));
        assert!(same_output(&path("new"), &folder.path().join("./new")));
        assert!(same_output(&path("New.json"), &path("new.JSON")));
        assert!(!same_output(&path("new"), &path("other")) && !same_output(&path("a"), &path("new")));
    }
}
