//! The exact bytes of an upload file, and its limits.

use crate::entry::EntryNumber;

/// How the upload files are called where they are not named after a declaration.
pub const UPLOAD: &str = "declaration";

/// The most entries of one upload file (CBP's CAPE quick reference guide, relayed).
pub const MAX_ENTRIES: usize = 9_999;

/// An upload file must be smaller than this, in bytes (third parties that cite CBP's guide).
pub const SIZE_LIMIT: usize = 1_000_000;

/// The text of cell A1 of CBP's template.
pub const HEADER: &str = "Entry Number";

/// An upload file in the form of CBP's template: one column, ASCII, CRLF, no byte order mark, no quotes, the
/// bare 11 characters.
pub fn declaration(entries: &[EntryNumber]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size(entries.len()));
    bytes.extend_from_slice(HEADER.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    for entry in entries {
        bytes.extend_from_slice(entry.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// How many bytes [`declaration`] gives for so many entries.
pub fn size(entries: usize) -> usize {
    HEADER.len() + 2 + entries * (crate::entry::LENGTH + 2)
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::number;
    use super::*;

    #[test]
    fn an_upload_file_is_what_the_template_wants() {
        let bytes = declaration(&[number(1), number(2)]);
        let expected = format!("Entry Number\r\n{}\r\n{}\r\n", number(1).as_str(), number(2).as_str());
        assert_eq!(bytes, expected.as_bytes());
        assert_eq!(bytes.len(), size(2));
        assert!(size(MAX_ENTRIES) < SIZE_LIMIT);
    }
}
