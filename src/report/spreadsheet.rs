//! Lists that a person opens in a spreadsheet.
//!
//! Made for Excel: they begin with a UTF-8 byte order mark, without which Excel reads UTF-8 as the machine's old
//! code page; lines end in CRLF; and no cell acts, whatever text from outside is in it.

use std::borrow::Cow;

/// A list that is written row by row.
pub struct List {
    bytes: Vec<u8>,
}

impl List {
    /// A list with its header.
    pub fn new(header: &[&str]) -> Self {
        let mut list = Self { bytes: "\u{feff}".into() };
        list.row(&header.iter().map(|name| Cow::Borrowed(*name)).collect::<Vec<_>>());
        list
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cow<'_, str>]) {
        row(&mut self.bytes, cells);
    }

    /// The bytes that were not taken yet.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// The longest text of a cell, in characters; a spreadsheet takes 32,767.
const MAX_CELL: usize = 8_000;

/// Adds a row of cells that a spreadsheet reads as text, whatever is in them.
pub fn row(bytes: &mut Vec<u8>, cells: &[Cow<'_, str>]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        // A reader of another separator takes the whole row for one cell, which begins with the first.
        let mut cell = neutral(cell);
        if at == 0 && cell.starts_with('-') {
            cell.to_mut().insert(0, '\'');
        }
        let is_quoted = memchr::memchr3(b',', b'"', b'\n', cell.as_bytes()).is_some() || cell.contains('\r');
        if is_quoted {
            bytes.push(b'"');
            for (at, piece) in cell.split('"').enumerate() {
                if at > 0 {
                    bytes.extend_from_slice(b"\"\"");
                }
                bytes.extend_from_slice(piece.as_bytes());
            }
            bytes.push(b'"');
        } else {
            bytes.extend_from_slice(cell.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
}

/// A cell that no spreadsheet takes for a formula: an apostrophe is put before what would begin one,
/// also behind white space (OWASP, CSV Injection). A reader that separates cells at `,`, `;`, `|` or tabs
/// takes the text behind those for a cell of its own, so there too; `␉`, `␍` and `␊` are what a tab and a line
/// break are shown as. A number stays one. Long text is cut.
fn neutral(cell: &str) -> Cow<'_, str> {
    if is_number(cell) || is_plainly_neutral(cell) {
        return Cow::Borrowed(cell);
    }
    let cut = match cell.char_indices().nth(MAX_CELL) {
        Some((end, _)) => Cow::Owned(format!("{}…", &cell[..end])),
        None => Cow::Borrowed(cell),
    };
    let mut neutral = String::new();
    let mut done = 0;
    let mut at_start = true;
    for (at, c) in cut.char_indices() {
        if at_start && (begins_formula(c) || (at == 0 && c.is_control())) {
            neutral.push_str(&cut[done..at]);
            neutral.push('\'');
            done = at;
        }
        at_start = matches!(c, ',' | ';' | '|' | '\t' | '\r' | '\n' | '␉' | '␍' | '␊')
            || (at_start && (c.is_whitespace() || matches!(c, '"' | '\'')));
    }
    if done == 0 && neutral.is_empty() {
        return cut;
    }
    neutral.push_str(&cut[done..]);
    Cow::Owned(neutral)
}

/// Whether a cell is short visible ASCII of which no piece begins a formula: what most are, found out without a look
/// at each character.
fn is_plainly_neutral(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let begins_formula = |from: usize| {
        let first = bytes[from..].iter().find(|byte| !matches!(byte, b' ' | b'"' | b'\''));
        first.is_some_and(|byte| begins_formula(char::from(*byte)))
    };
    bytes.len() <= MAX_CELL
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !begins_formula(0)
        && !memchr::memchr3_iter(b',', b';', b'|', bytes).any(|at| begins_formula(at + 1))
}

/// Whether a spreadsheet reads a cell that begins with this as a formula.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' | '␉' | '␍' | '␊')
}

/// Whether a cell is an amount and nothing else.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list as a spreadsheet does that separates cells at `separator`.
    fn cells(bytes: &[u8], separator: u8) -> Vec<String> {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        reader.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn a_cell_of_plain_text_is_written_as_it_is() {
        for plain in ["", "due 2026-11-17; the last day, not -", "a | b", " 'x'", "3-4", "it's =2"] {
            assert!(is_plainly_neutral(plain) && neutral(plain) == plain, "{plain}");
        }
        for other in ["=1", " \"'=1", "a, -b", "a;@b", "a|\"+b", "é", "a\tb"] {
            assert!(!is_plainly_neutral(other), "{other}");
        }
    }

    #[test]
    fn no_reader_of_any_separator_finds_a_formula() {
        let hostile = [
            "=1+1",
            "x;=1+1",
            "x; =1+1",
            "x;\"=1+1",
            "x\t@SUM(A1)",
            ";-2",
            "a;b;+3",
            "\u{ff1d}1",
            "x;\u{ff0b}1",
            "\t=1",
            "  =1",
            "\"=1",
            "a\n=1",
            "a,=1",
            "-5.00;=1",
            "'=1",
            "x␉=1",
            "-1",
            "-5.00",
        ];
        let mut list = List::new(&["entry", "note"]);
        for cell in hostile {
            list.row(&[cell.into(), "last".into()]);
            list.row(&["first".into(), cell.into()]);
        }
        let bytes = list.finish();
        assert!(bytes.starts_with("\u{feff}entry,note\r\n".as_bytes()));
        for separator in [b',', b';', b'\t'] {
            for cell in cells(&bytes, separator) {
                let first = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"').chars().next();
                assert!(
                    !first.is_some_and(begins_formula) || is_number(&cell),
                    "{cell:?} for {:?}",
                    char::from(separator)
                );
            }
        }
    }

    #[test]
    fn a_formula_is_neutral_wherever_a_cell_may_begin() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            (" +1", " '+1"),
            ("\"@x", "\"'@x"),
            ("a;=b", "a;'=b"),
            ("a, -b", "a, '-b"),
            ("002-6110316-2", "002-6110316-2"),
            ("a = b - c", "a = b - c"),
        ] {
            assert_eq!(neutral(text), expected);
        }
    }

    #[test]
    fn what_is_not_a_formula_stays_as_it_is_and_long_text_is_cut() {
        for cell in ["", "a - b; c", "ABC-1234567-6", "$1,234.56", "x = y", "a; b", "-5.00", "002-6110316-2"]
        {
            assert_eq!(neutral(cell), cell);
        }
        assert_eq!(neutral(&"é".repeat(MAX_CELL + 1)).chars().count(), MAX_CELL + 1);
        assert!(neutral(&"x".repeat(1 << 20)).ends_with('…'));
    }
}
