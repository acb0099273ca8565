//! Keeps other runs from writing into a folder.

use std::fs;
use std::path::Path;

use capelint::Diagnostic;
use capelint::frontend::errors::outputs;

/// A lock on a folder. It ends with the process, however that ends.
pub struct Lock {
    _held: Option<fs::File>,
}

impl Lock {
    /// Locks a folder that is there; a new one appears with all its files, and needs none.
    pub fn of(folder: &Path) -> Result<Self, Diagnostic> {
        #[cfg(unix)]
        {
            let Ok(open) = fs::File::open(folder) else { return Ok(Self { _held: None }) };
            match rustix::fs::flock(&open, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _held: Some(open) }),
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(outputs::in_use(folder)),
                // Some network file systems have no locks.
                Err(_) => {}
            }
        }
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            const DELETE_ON_CLOSE: u32 = 0x0400_0000;
            if !folder.is_dir() {
                return Ok(Self { _held: None });
            }
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(false).share_mode(0).custom_flags(DELETE_ON_CLOSE);
            match options.open(folder.join(LOCK)) {
                Ok(open) => return Ok(Self { _held: Some(open) }),
                Err(error) if capelint::frontend::input::is_locked(&error) => {
                    return Err(outputs::in_use(folder));
                }
                // What cannot be written is reported with the files.
                Err(_) => {}
            }
        }
        #[cfg(not(any(unix, windows)))]
        let _ = folder;
        Ok(Self { _held: None })
    }
}

/// The file that a run keeps for itself on Windows, which cannot lock a folder; it is removed with the
/// process.
#[cfg(windows)]
const LOCK: &str = ".capelint-lock";
