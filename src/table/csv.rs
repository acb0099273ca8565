//! Records and fields of a CSV text, with their places.
//!
//! The values are those of the `csv` crate, for any bytes whatever (a property test compares the two). What
//! the crate does not report is reported here: where a record and each of its fields begin and end, and what
//! is broken in it ([`Damage`]), which the crate accepts silently.
//!
//! The rules, as the crate has them: a record ends at LF, CRLF or a lone CR outside quotes; blank lines are
//! not records; a quote opens only as the first byte of a field; in quotes, `""` is a quote; what follows a
//! closing quote belongs to the field as it is.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memchr3};
use strum::{IntoStaticStr, VariantArray};

/// What is broken in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Damage {
    /// More or fewer fields than the header.
    Ragged,
    /// Text between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A quote that is never closed.
    UnterminatedQuote,
    /// A NUL character.
    Nul,
    /// Bytes that are no text in the file's encoding.
    BadEncoding,
}

impl Damage {
    /// All kinds, in the order of the documentation.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The end of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordEnd {
    /// One past the record's last byte, before its line end.
    pub end: usize,
    /// Where the next line begins.
    pub next: usize,
    /// Line ends inside the record's quotes.
    pub breaks: u64,
}

/// The bytes end before the record does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The quote that is open where the bytes end.
    pub open_quote: Option<usize>,
}

/// Finds the end of the record that begins at `start`. Where `last` is set, the bytes are the end
/// of the file and end the record; otherwise a record they do not end is [`Unfinished`].
pub fn record_end(bytes: &[u8], start: usize, delimiter: u8, last: bool) -> Result<RecordEnd, Unfinished> {
    let mut at = start;
    let mut quoted = false;
    loop {
        let Some(found) = memchr3(b'"', b'\n', b'\r', &bytes[at..]).map(|found| at + found) else {
            return if last {
                Ok(ended(bytes, start, bytes.len(), bytes.len(), quoted))
            } else {
                Err(Unfinished { open_quote: None })
            };
        };
        match bytes[found] {
            b'"' if found == start || (found > at || at == start) && bytes[found - 1] == delimiter => {
                quoted = true;
                match closing_quote(bytes, found) {
                    Some(close) => at = close + 1,
                    None if last => return Ok(ended(bytes, start, bytes.len(), bytes.len(), true)),
                    None => return Err(Unfinished { open_quote: Some(found) }),
                }
                // The byte after a quote may be a second one that makes them a pair.
                if at == bytes.len() && !last {
                    return Err(Unfinished { open_quote: Some(found) });
                }
            }
            b'"' => at = found + 1,
            b'\r' if found + 1 == bytes.len() && !last => return Err(Unfinished { open_quote: None }),
            _ => return Ok(ended(bytes, start, found, found + line_end_length(bytes, found), quoted)),
        }
    }
}

fn ended(bytes: &[u8], start: usize, end: usize, next: usize, quoted: bool) -> RecordEnd {
    RecordEnd { end, next, breaks: if quoted { count_line_ends(&bytes[start..end]) } else { 0 } }
}

/// The quote that closes the one at `open`.
fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = at + memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// What makes all cells of a record doubtful: a broken quote, or a field too many for a header of so many;
/// and the byte of the record where it is.
pub fn doubt(fields: &[Field], width: usize) -> Option<(Damage, usize)> {
    let surplus = fields.get(width).map(|field| (Damage::Ragged, field.raw.start));
    fields.iter().find_map(|field| field.damage).or(surplus)
}

/// What people call the byte between fields.
pub fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b';' => "semicolon",
        b'\t' => "tab",
        b'|' => "pipe",
        _ => "comma",
    }
}

/// How many bytes the line end at `at` has: 2 for CRLF, 1 for LF or CR, 0 where there is none.
pub fn line_end_length(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

/// Line ends in a text; CRLF is one.
pub fn count_line_ends(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// The first byte after the last line end of a text.
fn last_line_start(bytes: &[u8]) -> usize {
    memchr2_iter(b'\n', b'\r', bytes).next_back().map_or(0, |at| at + 1)
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its bytes in the record as written, with quotes.
    pub raw: Range<usize>,
    /// What is between the quotes, as written; the same as `raw` where there are none.
    content: Range<usize>,
    /// What is broken in it, and at which byte of the record.
    pub damage: Option<(Damage, usize)>,
}

impl Field {
    /// One without quotes.
    pub(super) fn plain(raw: Range<usize>) -> Self {
        Self { content: raw.clone(), raw, damage: None }
    }

    /// Whether it is written in quotes.
    pub fn is_quoted(&self) -> bool {
        self.content.start != self.raw.start
    }

    /// The value: without quotes, pairs of quotes as one. `record` is the record it was found in.
    pub fn value<'a>(&self, record: &'a [u8]) -> Cow<'a, [u8]> {
        let content = &record[self.content.clone()];
        if !self.is_quoted() {
            return content.into();
        }
        let after = record.get(self.content.end + 1..self.raw.end).unwrap_or(&[]);
        if after.is_empty() && memchr(b'"', content).is_none() {
            return content.into();
        }
        let mut value = Vec::with_capacity(self.raw.len());
        let mut at = 0;
        while let Some(quote) = memchr(b'"', &content[at..]).map(|found| at + found) {
            value.extend_from_slice(&content[at..=quote]);
            at = quote + 2;
        }
        value.extend_from_slice(content.get(at..).unwrap_or(&[]));
        value.extend_from_slice(after);
        value.into()
    }
}

/// The fields of a record (without its line end).
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    record: &'a [u8],
    delimiter: u8,
    next: Option<usize>,
}

/// The fields of a record (without its line end). There is always at least one.
pub fn fields(record: &[u8], delimiter: u8) -> Fields<'_> {
    Fields { record, delimiter, next: Some(0) }
}

impl Iterator for Fields<'_> {
    type Item = Field;

    #[inline]
    fn next(&mut self) -> Option<Field> {
        let start = self.next?;
        let end_after = |at: usize| {
            find_near(self.delimiter, &self.record[at..]).map_or(self.record.len(), |found| at + found)
        };
        let field = if self.record.get(start) == Some(&b'"') {
            match closing_quote(self.record, start) {
                Some(close) => {
                    let end = end_after(close + 1);
                    let damage = (end > close + 1).then_some((Damage::TextAfterQuote, close + 1));
                    Field { raw: start..end, content: start + 1..close, damage }
                }
                None => {
                    let end = self.record.len();
                    let damage = Some((Damage::UnterminatedQuote, start));
                    Field { raw: start..end, content: start + 1..end, damage }
                }
            }
        } else {
            Field::plain(start..end_after(start))
        };
        self.next = (field.raw.end < self.record.len()).then_some(field.raw.end + 1);
        Some(field)
    }

    fn nth(&mut self, n: usize) -> Option<Field> {
        let start = self.next?;
        let rest = &self.record[start..];
        match n.checked_sub(1) {
            // Without quotes every delimiter ends a field.
            Some(before) if memchr(b'"', rest).is_none() => {
                self.next = nth_occurrence(self.delimiter, rest, before).map(|at| start + at + 1);
            }
            _ => (0..n).try_for_each(|_| self.next().map(drop))?,
        }
        self.next()
    }
}

/// Where the fields of a record end that has no quotes: at its delimiters, and at its end. `room` is
/// used again for other records.
pub fn plain_ends<'r>(record: &[u8], delimiter: u8, room: &'r mut Vec<u32>) -> &'r [u32] {
    // Room for the most there can be: to ask for more with each end would take longer than to find it.
    if room.len() <= record.len() {
        room.resize(record.len() + 1, 0);
    }
    let (words, rest) = record.as_chunks();
    let (mut at, mut count) = (0, 0);
    let mut add = |end: u32| {
        if let Some(next) = room.get_mut(count) {
            *next = end;
            count += 1;
        }
    };
    for word in words {
        let mut found = matches_in(*word, delimiter);
        while found != 0 {
            add(at + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        at += WORD as u32;
    }
    let rest = rest.iter().zip(at..);
    rest.filter(|(byte, _)| **byte == delimiter).for_each(|(_, at)| add(at));
    add(record.len() as u32);
    &room[..count]
}

/// Visits the `wanted` fields, in ascending order, of a record that has no quotes; one that the record is too
/// short for is blank. Much faster than [`fields`] where a few of many are wanted.
pub fn visit_plain<'r>(record: &'r [u8], delimiter: u8, wanted: &[usize], mut visit: impl FnMut(&'r [u8])) {
    // The field that begins at `start`.
    let (mut field, mut start) = (0, 0);
    for &wanted in wanted {
        if let Some(before) = (wanted - field).checked_sub(1) {
            let passed = nth_occurrence(delimiter, &record[start..], before);
            start = passed.map_or(record.len(), |at| start + at + 1);
        }
        let end = find_near(delimiter, &record[start..]).map_or(record.len(), |at| start + at);
        visit(&record[start..end]);
        (field, start) = (wanted + 1, record.len().min(end + 1));
    }
}

/// How many bytes are compared at once.
const WORD: usize = size_of::<u64>();

/// The bytes of a word that are `byte`: the top bit of each of them is set.
#[inline]
fn matches_in(word: [u8; WORD], byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differs = u64::from_le_bytes(word) ^ u64::from_le_bytes([byte; WORD]);
    !(((differs & LOW) + LOW) | differs | LOW)
}

/// The occurrence of a byte before which there are so many others.
fn nth_occurrence(byte: u8, bytes: &[u8], mut before: usize) -> Option<usize> {
    let mut at = 0;
    // 32 bytes at a time become vector instructions.
    while let Some(chunk) = bytes[at..].first_chunk::<{ 4 * WORD }>() {
        let count = chunk.iter().fold(0, |count, other| count + u8::from(*other == byte));
        if usize::from(count) > before {
            break;
        }
        before -= usize::from(count);
        at += chunk.len();
    }
    while let Some(word) = bytes[at..].first_chunk() {
        let mut found = matches_in(*word, byte);
        // The top bits of the bytes, added up in the topmost one.
        let count = ((found >> 7).wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize;
        if count > before {
            (0..before).for_each(|_| found &= found - 1);
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        before -= count;
        at += WORD;
    }
    let mut rest = bytes[at..].iter().enumerate().filter(|(_, other)| **other == byte);
    rest.nth(before).map(|(found, _)| at + found)
}

/// The first occurrence of a byte that mostly is near the beginning, as the end of a field
/// does: for so few bytes the call of [`memchr`] would cost more than the search.
#[inline]
pub(super) fn find_near(byte: u8, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < 2 * WORD {
        let Some(word) = bytes[at..].first_chunk() else {
            return bytes[at..].iter().position(|other| *other == byte).map(|found| at + found);
        };
        let found = matches_in(*word, byte);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += WORD;
    }
    memchr(byte, &bytes[at..]).map(|found| at + found)
}

/// Where a byte of a record is, seen from the record's first byte: lines below it (line breaks
/// in quotes), and the one-based column in characters.
pub fn locate(record: &[u8], delimiter: u8, at: usize) -> (u64, u32) {
    // Nearly all records are one line of ASCII: a character for each byte.
    if let Some(before) = record.get(..at)
        && before.is_ascii()
        && memchr2(b'\n', b'\r', before).is_none()
    {
        return (0, u32::try_from(at).map_or(u32::MAX, |at| at.saturating_add(1)));
    }
    locate_in(record, fields(record, delimiter), at)
}

/// [`locate`] of any row with these fields.
pub(super) fn locate_in(record: &[u8], fields: impl Iterator<Item = Field>, at: usize) -> (u64, u32) {
    let mut found = Locator::default();
    for field in fields {
        if at <= field.raw.end {
            found.pass(&record[field.raw.start..at.max(field.raw.start)]);
            break;
        }
        found.pass(&record[field.raw.clone()]);
        found.column += 1;
    }
    (found.below, found.column)
}

/// Where each of the first `most` fields of a record begins, as [`locate`] gives it.
pub fn positions(record: &[u8], delimiter: u8, most: usize) -> Vec<(u64, u32)> {
    let mut found = Locator::default();
    fields(record, delimiter)
        .take(most)
        .map(|field| {
            let begins = (found.below, found.column);
            found.pass(&record[field.raw]);
            found.column += 1;
            begins
        })
        .collect()
}

struct Locator {
    below: u64,
    column: u32,
}

impl Default for Locator {
    fn default() -> Self {
        Self { below: 0, column: 1 }
    }
}

impl Locator {
    /// Goes over bytes of one field. Fields are decoded one by one, as everywhere, so that a badly
    /// encoded one shifts no other.
    fn pass(&mut self, bytes: &[u8]) {
        let line_start = last_line_start(bytes);
        if line_start > 0 {
            self.below += count_line_ends(bytes);
            self.column = 1;
        }
        let characters = super::encoding::decode(&bytes[line_start..]).chars().count();
        self.column = self.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_quotes_fields_are_what_stands_between_delimiters(record in "[a,;\\r\\n\u{e9}]{0,60}") {
            let record = record.as_bytes();
            let mut room = Vec::new();
            let plain = plain_ends(record, b',', &mut room);
            let fields: Vec<_> = fields(record, b',').map(|field| field.raw.end as u32).collect();
            prop_assert_eq!(plain, fields);
        }

        #[test]
        fn any_field_is_found_without_those_before(
            record in "[a,\";\u{e9}]{0,60}", skipped in 0usize..12, steps in prop::collection::vec(0usize..12, 1..4)
        ) {
            let record = record.as_bytes();
            let all: Vec<Field> = fields(record, b',').collect();
            let (mut found, mut at) = (fields(record, b','), skipped);
            prop_assert_eq!(fields(record, b',').skip(skipped).collect::<Vec<_>>(), all.get(skipped..).unwrap_or(&[]));
            found.by_ref().take(skipped).for_each(drop);
            for step in steps {
                prop_assert_eq!(found.nth(step), all.get(at + step).cloned());
                at += step + 1;
            }
        }
    }

    #[test]
    fn the_byte_near_is_the_first_one() {
        for length in 0..40 {
            for at in 0..=length {
                for other in [b'x', b',' ^ 1, b',' ^ 0x80, 0, 0xff] {
                    let mut bytes = vec![other; length];
                    assert_eq!(find_near(b',', &bytes), None);
                    bytes[at..].fill(b',');
                    assert_eq!(find_near(b',', &bytes), (at < length).then_some(at));
                }
            }
        }
    }

    /// All records of a text with their beginnings, by this module.
    fn records(bytes: &[u8], delimiter: u8) -> Vec<(usize, u64, Vec<Vec<u8>>)> {
        let mut found = Vec::new();
        let (mut at, mut line) = (0, 1);
        while at < bytes.len() {
            match line_end_length(bytes, at) {
                0 => {
                    let record = record_end(bytes, at, delimiter, true).unwrap();
                    let raw = &bytes[at..record.end];
                    let values = fields(raw, delimiter).map(|field| field.value(raw).into_owned()).collect();
                    found.push((at, line, values));
                    at = record.next;
                    line += record.breaks + 1;
                }
                length => {
                    at += length;
                    line += 1;
                }
            }
        }
        found
    }

    /// The same by the `csv` crate.
    fn records_of_crate(bytes: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(bytes)
            .byte_records()
            .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
            .collect()
    }

    #[track_caller]
    fn same_as_crate(bytes: &[u8], delimiter: u8) {
        let ours: Vec<_> = records(bytes, delimiter).into_iter().map(|(_, _, values)| values).collect();
        assert_eq!(ours, records_of_crate(bytes, delimiter), "{:?}", String::from_utf8_lossy(bytes));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::thorough::cases(2000)))]
        #[test]
        fn values_are_those_of_the_csv_crate(text in "[ab,;\"\r\n =\u{e4}]{0,40}") {
            same_as_crate(text.as_bytes(), b',');
            same_as_crate(text.as_bytes(), b';');
        }

        #[test]
        fn values_are_those_of_the_csv_crate_for_any_bytes(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n')], 0..60)
        ) {
            // The crate takes a byte order mark off; the reader does so before it scans.
            prop_assume!(!bytes.starts_with(b"\xef\xbb\xbf"));
            same_as_crate(&bytes, b',');
        }

        #[test]
        fn wanted_fields_are_those_of_the_record(
            record in "[ab,]{0,60}",
            wanted in proptest::collection::btree_set(0usize..40, 0..6),
        ) {
            let (record, wanted) = (record.as_bytes(), Vec::from_iter(wanted));
            let all: Vec<&[u8]> = fields(record, b',').map(|field| &record[field.raw]).collect();
            let expected: Vec<&[u8]> = wanted.iter().map(|at| all.get(*at).copied().unwrap_or_default()).collect();
            let mut visited = Vec::new();
            visit_plain(record, b',', &wanted, |text| visited.push(text));
            prop_assert_eq!(visited, expected);
        }

        #[test]
        fn fields_and_delimiters_make_up_the_record(record in "[ab,\"\u{e4}]{0,30}") {
            let mut end = None;
            for field in fields(record.as_bytes(), b',') {
                prop_assert_eq!(field.raw.start, end.map_or(0, |end: usize| end + 1));
                if let Some(end) = end {
                    prop_assert_eq!(record.as_bytes()[end], b',');
                }
                end = Some(field.raw.end);
            }
            prop_assert_eq!(end, Some(record.len()));
        }

        #[test]
        fn lines_are_counted_as_texts_count_them(text in "[ab,\"\r\n\u{e4}]{0,40}") {
            let whole = crate::source::Text::new(text.clone(), 0);
            for (start, line, _) in records(text.as_bytes(), b',') {
                prop_assert_eq!(line, whole.line_index(start) as u64 + 1);
                let record = record_end(text.as_bytes(), start, b',', true).unwrap();
                let raw = &text.as_bytes()[start..record.end];
                for field in fields(raw, b',') {
                    let place = whole.place(crate::source::FileId(0), start + field.raw.start..start + field.raw.end);
                    let (below, column) = locate(raw, b',', field.raw.start);
                    prop_assert!(positions(raw, b',', usize::MAX).contains(&(below, column)));
                    // A record is located from its own line's beginning; it always starts one.
                    prop_assert_eq!((line + below, column), (u64::from(place.line), place.column));
                }
            }
        }

        #[test]
        fn a_record_cut_short_is_unfinished_or_the_same(text in "[ab,\"\r\n]{1,30}", cut in 0usize..30) {
            let bytes = text.as_bytes();
            let whole = record_end(bytes, 0, b',', true).unwrap();
            let cut = cut.min(bytes.len());
            if let Ok(found) = record_end(&bytes[..cut], 0, b',', false) {
                prop_assert_eq!(found, whole);
            }
        }
    }

    #[test]
    fn broken_quotes_are_read_as_the_crate_does_and_reported() {
        let damage = |record: &str| fields(record.as_bytes(), b',').find_map(|field| field.damage);
        assert_eq!(damage("a,\"b"), Some((Damage::UnterminatedQuote, 2)));
        assert_eq!(damage("\"a\"b,c"), Some((Damage::TextAfterQuote, 3)));
        assert_eq!(damage("=\"60576069342\",3\" pipe"), None);
        assert_eq!(damage("\"a\"\"b\",c"), None);
    }
}
