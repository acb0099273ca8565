//! Folders of upload files: whatever is in a folder, whatever runs write into it, and wherever one of them is
//! killed, it has the old files, the new ones, or a file that marks it as not complete; nothing is lost that
//! the runs do not write, and no input is ever written over.
#![no_main]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Once;

use arbitrary::Arbitrary;
use capelint::OutputFile;
use libfuzzer_sys::fuzz_target;

/// The part of the command line that writes files. It is not in the library, which has no files.
#[path = "../../src/cli"]
mod cli {
    #[allow(dead_code, reason = "files are not read here")]
    pub mod disk;
    #[allow(dead_code, reason = "single files are not written here")]
    pub mod files;
    mod lock;
    #[allow(dead_code, reason = "single files are not written here")]
    mod same_file;

    use std::io;

    use capelint::Errors;
    use capelint::diagnostic::Diagnostic;

    #[derive(Debug)]
    #[allow(dead_code, reason = "only files that are written alone fail so")]
    pub enum Failure {
        Errors(Errors),
        Output(io::Error),
    }

    impl From<io::Error> for Failure {
        fn from(error: io::Error) -> Self {
            Self::Output(error)
        }
    }

    impl From<Diagnostic> for Failure {
        fn from(diagnostic: Diagnostic) -> Self {
            Self::Errors(diagnostic.into())
        }
    }

    pub fn until_closed(written: io::Result<()>) -> io::Result<()> {
        written
    }
}

use cli::files::{self, FileSet, INCOMPLETE};

const NAMES: &[&str] = &[
    "declaration-001.csv",
    "declaration-002.csv",
    "declaration-ABC-003-by-2026-11-25.csv",
    "accepted-by-you.csv",
    "held.csv",
    "refile.csv",
    "declarations/declaration-001.csv",
    "declarations/declaration-002.csv",
    "evaluated.csv",
    INCOMPLETE,
    ".capelint-1.tmp",
    ".capelint-lock",
    "notes.txt",
];

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Content {
    File(u8),
    Folder,
    LinkToInput,
    HardLinkToInput,
    LinkToNothing,
    LinkToItself,
}

#[derive(Debug, Arbitrary)]
struct Run {
    /// Which of the files, by name, and what is in them.
    files: u8,
    text: u8,
    force: bool,
    below: bool,
    /// Before which file operation it is killed.
    killed: Option<u8>,
}

#[derive(Debug, Arbitrary)]
struct Story {
    there: bool,
    before: Vec<(u8, Content)>,
    runs: Vec<Run>,
}

thread_local! {
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    static IS_KILL: Cell<bool> = const { Cell::new(false) };
}

/// A file operation comes next.
pub fn step() {
    match LEFT.get() {
        Some(0) => {
            LEFT.set(None);
            IS_KILL.set(true);
            panic::panic_any("killed");
        }
        left => LEFT.set(left.map(|left| left - 1)),
    }
}

/// Lets the kills of [`step`] through; every other panic is found.
fn let_kills_through() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let found = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_KILL.get() {
                found(info);
            }
        }));
    });
}

/// Everything below a folder: a file's bytes, a link's goal, `None` for a folder.
fn listed(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(listing) = fs::read_dir(&next) else { continue };
        for file in listing {
            let file = file.unwrap();
            let (path, kind) = (file.path(), file.file_type().unwrap());
            let content = if kind.is_symlink() {
                Some(fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes())
            } else if kind.is_dir() {
                open.push(path.clone());
                None
            } else {
                Some(fs::read(&path).unwrap())
            };
            all.insert(path.strip_prefix(folder).unwrap().to_owned(), content);
        }
    }
    all
}

fn is_own(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name == INCOMPLETE || name.starts_with(".capelint-") && name.ends_with(".tmp")
}

/// What is there but for what capelint calls its own.
fn without_own(all: &BTreeMap<PathBuf, Option<Vec<u8>>>) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    // Folders appear before the files in them.
    all.iter().filter(|(path, content)| !is_own(path) && content.is_some()).map(|(p, c)| (p.clone(), c.clone())).collect()
}

fuzz_target!(|story: Story| {
    let_kills_through();
    let shared = Path::new("/dev/shm");
    let place = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    let root = place.join(format!("capelint-fuzz-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir(&root).unwrap();
    let (folder, input) = (root.join("upload"), root.join("march.csv"));
    fs::write(&input, "precious").unwrap();
    if story.there {
        fs::create_dir(&folder).unwrap();
        for (name, content) in story.before.iter().take(8) {
            let path = folder.join(NAMES[usize::from(*name) % NAMES.len()]);
            let _ = fs::create_dir_all(path.parent().unwrap());
            // Through a link that is there already, the input itself would be written.
            if fs::symlink_metadata(&path).is_ok() {
                continue;
            }
            let _ = match content {
                Content::File(text) => fs::write(&path, [*text]),
                Content::Folder => fs::create_dir(&path),
                Content::HardLinkToInput => fs::hard_link(&input, &path),
                Content::LinkToInput => std::os::unix::fs::symlink(&input, &path),
                Content::LinkToNothing => std::os::unix::fs::symlink("nothing", &path),
                Content::LinkToItself => std::os::unix::fs::symlink(path.file_name().unwrap(), &path),
            };
        }
    }
    for run in story.runs.iter().take(4) {
        let before = listed(&folder);
        let files: Vec<OutputFile> = (NAMES[..9].iter().enumerate())
            .filter(|(at, _)| run.files & (1 << (at % 8)) != 0)
            .map(|(_, name)| OutputFile { name: (*name).to_owned(), bytes: vec![run.text; 3] })
            .collect();
        let inputs = [input.clone()];
        let below = if run.below { "declarations" } else { "" };
        let set = FileSet { files: &files, last: Vec::new(), inputs: &inputs, force: run.force, uploads: (below, files::is_upload) };
        LEFT.set(run.killed.map(usize::from));
        let ended = panic::catch_unwind(AssertUnwindSafe(|| set.write(&folder)));
        LEFT.set(None);
        IS_KILL.set(false);
        let after = listed(&folder);
        assert_eq!(fs::read(&input).unwrap(), b"precious", "the input was written over");
        let is_written = |path: &Path| files.iter().any(|file| Path::new(&file.name) == path);
        for (path, content) in without_own(&before) {
            if !run.force || !is_written(&path) {
                assert_eq!(after.get(&path), Some(&content), "{} was lost", path.display());
            }
        }
        for path in after.keys().filter(|path| !is_own(path) && after[*path].is_some()) {
            assert!(before.contains_key(path) || is_written(path), "{} comes from nowhere", path.display());
        }
        let is_new = files.iter().all(|file| after.get(Path::new(&file.name)) == Some(&Some(file.bytes.clone())));
        let is_old = without_own(&before) == without_own(&after);
        let is_marked = after.contains_key(Path::new(INCOMPLETE));
        match ended {
            Ok(Ok(())) => {
                assert!(is_new && !is_marked, "a set is not complete");
                let left_over = |path: &Path| {
                    let parent = path.parent().unwrap_or(Path::new(""));
                    parent == Path::new(below) && files::is_upload(&path.file_name().unwrap().to_string_lossy())
                };
                assert!(after.keys().all(|path| is_written(path) || !left_over(path)), "uploads of two runs");
            }
            Ok(Err(errors)) => {
                assert!(errors.iter().all(|error| !error.message.raw().is_empty()) && !errors.is_empty());
                assert!(is_old, "after an error the folder is another");
            }
            Err(_) => assert!(is_old || is_new || is_marked, "killed: {before:?} became {after:?}"),
        }
    }
    fs::remove_dir_all(&root).unwrap();
});
