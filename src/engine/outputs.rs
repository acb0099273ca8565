//! The files that a run writes beside its upload files, and what they are called.

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name in the folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The name of the list of what is held back.
pub const HELD: &str = "held.csv";

/// The name of the list of warnings on entries that are written for upload.
pub const WARNED: &str = "warned.csv";

/// The name of the list of what would have been held back and was lifted by a person.
pub const ACCEPTED: &str = "accepted-by-you.csv";

/// The folder of the upload files, inside the folder of a plan.
pub const DECLARATIONS: &str = "declarations";

/// The name of the report of a plan.
pub const SUMMARY: &str = "summary.html";

/// The name of the list of what data cannot show.
pub const CHECKLIST: &str = "checklist.txt";

/// The name of the list of entries that are in no upload file: of a plan, or of those that CBP did not accept.
pub const WORK_LIST: &str = "worklist.csv";
