//! Limits which files a configuration that was found, not named, may read and write.
//!
//! A folder of files from another person can have a `capelint.yaml` too. Unless `--config` names it, it may
//! read and write only in its own folder and below, and no link leads out of that.

use std::path::{Component, Path, PathBuf};

use capelint::diagnostic::Diagnostic;
use capelint::frontend::errors::inputs;

/// The folder that paths may not leave; none for what the user named.
#[derive(Clone, Debug, Default)]
pub struct Confinement(Option<PathBuf>);

impl Confinement {
    /// No limit: the user named the configuration.
    pub fn none() -> Self {
        Self(None)
    }

    /// Only this folder and what is below it.
    pub fn to(folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self(Some(folder.to_owned()))
    }

    /// Checks a path of the configuration, before anything is opened. `written` is the path as the
    /// configuration has it, `path` the same counted from the configuration's folder.
    ///
    /// # Errors
    /// Where it leads out of the folder.
    pub fn check(&self, written: &str, path: &Path) -> Result<(), Diagnostic> {
        let Some(folder) = &self.0 else { return Ok(()) };
        let inside = Path::new(written)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside && self.is_inside(path, folder) { Ok(()) } else { Err(inputs::outside(written, folder)) }
    }

    /// [`Confinement::check`] of a file to write: also none that a program of this folder may run or read
    /// unasked, such as a hook of Git or a shell's start-up file.
    ///
    /// # Errors
    /// Where it leads out of the folder, or is hidden.
    pub fn check_output(&self, written: &str, path: &Path) -> Result<(), Diagnostic> {
        self.check(written, path)?;
        let is_hidden = |part: Component<'_>| match part {
            Component::Normal(name) => name.to_string_lossy().starts_with('.'),
            _ => false,
        };
        if self.is_limited() && Path::new(written).components().any(is_hidden) {
            return Err(inputs::hidden(written));
        }
        Ok(())
    }

    /// Checks a file that was found on the way, such as a file of a folder.
    ///
    /// # Errors
    /// Where a link leads out of the folder.
    pub fn check_file(&self, path: &Path) -> Result<(), Diagnostic> {
        match &self.0 {
            Some(folder) if !self.is_inside(path, folder) => {
                Err(inputs::outside(&path.to_string_lossy(), folder))
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a limit.
    pub fn is_limited(&self) -> bool {
        self.0.is_some()
    }

    /// Whether a path, with all links followed, is in the folder. What does not exist yet is where its
    /// first existing folder is.
    fn is_inside(&self, path: &Path, folder: &Path) -> bool {
        let Ok(folder) = folder.canonicalize() else { return false };
        let mut path = path.to_owned();
        loop {
            match path.canonicalize() {
                Ok(real) => return real.starts_with(&folder),
                // A link that leads nowhere could be made to lead anywhere.
                Err(_) if path.is_symlink() => return false,
                Err(_) => match path.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => path = parent.to_owned(),
                    _ => return Path::new(".").canonicalize().is_ok_and(|here| here.starts_with(&folder)),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sent");
        std::fs::create_dir_all(folder.join("below")).unwrap();
        std::fs::write(root.path().join("secret"), "x").unwrap();
        std::fs::write(folder.join("es003.csv"), "x").unwrap();
        let confined = Confinement::to(&folder);
        let allowed = |written: &str| confined.check(written, &folder.join(written)).is_ok();
        assert!(allowed("es003.csv") && allowed("below/new/report.json") && allowed("./es003.csv"));
        for written in ["../secret", "below/../../secret", "/etc/passwd", "..", "/"] {
            assert!(!allowed(written), "{written}");
            assert!(Confinement::none().check(written, &folder.join(written)).is_ok());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(root.path().join("secret"), folder.join("link")).unwrap();
            symlink(root.path(), folder.join("up")).unwrap();
            symlink(root.path().join("nowhere"), folder.join("dangling")).unwrap();
            symlink(folder.join("below"), folder.join("inner")).unwrap();
            for written in ["link", "up/secret", "up/new", "dangling", "dangling/new"] {
                assert!(!allowed(written), "{written}");
            }
            assert!(allowed("inner/report.json"));
        }
    }
}
