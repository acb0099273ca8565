//! Reads slices of files whose first column has the line in the original file, so that a pipeline that splits a
//! file can report places in the original.

use crate::diagnostic::Diagnostic;
use crate::input::Input;
use crate::source::{FileId, line_number};
use crate::table::Table;

/// The most bytes of a slice.
const SLICE_LIMIT: u64 = 4 << 30;

/// The lines in the original files, by the lines of their slices.
#[derive(Default)]
pub struct OriginalLines {
    files: Vec<(FileId, Vec<u64>)>,
}

impl OriginalLines {
    /// Takes in a file of which [`strip`] gave the lines.
    pub fn add(&mut self, file: FileId, lines: Option<Vec<u64>>) {
        self.files.extend(lines.map(|lines| (file, lines)));
    }

    /// Puts the original lines in place of those of the slices.
    pub fn apply(&self, table: &mut Table) {
        let of = |file: FileId, line: u64| {
            let (_, lines) = self.files.iter().find(|(other, _)| *other == file)?;
            lines.get(usize::try_from(line).ok()?.checked_sub(1)?).copied()
        };
        for row in &mut table.rows {
            let file = table.parts[row.part as usize].file;
            row.line = of(file, row.line.into()).map_or(row.line, line_number);
        }
    }
}

/// A file without its first column, if that has the name, and the original line of each of its lines. A line
/// that does not begin with a number continues the line before.
pub fn strip(column: &str, bytes: Vec<u8>) -> (Vec<u8>, Option<Vec<u64>>) {
    let Some(mut rest) = bytes.strip_prefix(column.as_bytes()).and_then(|rest| rest.strip_prefix(b","))
    else {
        return (bytes, None);
    };
    let mut text = Vec::with_capacity(rest.len());
    let mut lines = vec![1];
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at(end + 1);
        text.extend_from_slice(line);
        rest = after;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse().ok());
        match (number, rest.get(digits)) {
            (Some(number), Some(b',')) => {
                lines.push(number);
                rest = &rest[digits + 1..];
            }
            _ => lines.push(lines[lines.len() - 1] + 1),
        }
    }
    text.extend_from_slice(rest);
    (text, Some(lines))
}

/// The inputs of a table without their first columns, and the original lines.
///
/// # Errors
/// Inputs that cannot be read or are too large for a slice.
#[allow(clippy::type_complexity, reason = "named inputs, as everywhere, and their lines")]
pub fn strip_all(
    column: &str,
    inputs: &[(String, Input)],
) -> Result<(Vec<(String, Input)>, Vec<Option<Vec<u64>>>), Vec<Diagnostic>> {
    let (mut stripped, mut all, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (name, input) in inputs {
        match input.read_whole(name, SLICE_LIMIT) {
            Ok(bytes) => {
                let (bytes, lines) = strip(column, bytes);
                stripped.push((name.clone(), Input::from(bytes)));
                all.push(lines);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok((stripped, all)) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_column_gives_the_original_lines() {
        let slice = b"line,Entry Number,Note\r\n7,ABC12345676,\"a\r\nb\"\r\n12,,x\n".to_vec();
        let (bytes, lines) = strip("line", slice);
        assert_eq!(bytes, b"Entry Number,Note\r\nABC12345676,\"a\r\nb\"\r\n,x\n");
        assert_eq!(lines, Some(vec![1, 7, 8, 12, 13]));
    }

    #[test]
    fn a_file_without_the_column_stays_as_it_is() {
        for text in ["Entry Number\n1,x\n", "lines,Entry Number\n", "line;Entry Number\n", ""] {
            let (bytes, lines) = strip("line", text.into());
            assert_eq!((bytes, lines), (text.as_bytes().to_vec(), None));
        }
    }
}
