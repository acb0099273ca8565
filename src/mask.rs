//! Masks social security numbers.
//!
//! 9 digits may be a person's number wherever they are: in a note, in a header, in a file's name, in the
//! wrong column. They are hidden but for the last four, whatever digits they are written with and whatever is
//! between them, unless the column of their cell shows that they are something else.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use crate::entry::{self, EntryNumber, is_dash};

/// Hides every number that may be a person's, in as many bytes as before.
pub fn mask(text: &str) -> Cow<'_, str> {
    mask_unless(text, |_| false)
}

/// Hides every number that may be a person's, except 9 digits without anything between them for which `keep`
/// is true because they are something else.
pub fn mask_unless(text: &str, keep: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let found = find(text, keep);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let written = |at: usize| at..at + escape(&text[at..]).map_or(1, |(_, length)| length);
    let digits: Vec<usize> =
        found.iter().flat_map(|digits| &digits[..5]).flat_map(|at| written(*at)).collect();
    Cow::Owned(hidden(text, &digits))
}

/// A text with the characters at these bytes, in order, replaced by stars of the same length.
fn hidden(text: &str, at: &[usize]) -> String {
    let mut at = at.iter().peekable();
    let mut masked = String::with_capacity(text.len());
    for (byte, c) in text.char_indices() {
        if at.next_if_eq(&&byte).is_none() {
            masked.push(c);
            continue;
        }
        masked.push(match c.len_utf8() {
            1 => '*',
            2 => '\u{d7}',
            3 => '\u{ff0a}',
            _ => '\u{1f7b6}',
        });
    }
    masked
}

/// Hides all digits but the last four of a text with 9 or more: a cell that is known to be an importer
/// number, whatever way it is written. In as many bytes as before.
pub fn mask_all(text: &str) -> Cow<'_, str> {
    let digits: Vec<usize> =
        text.char_indices().filter(|(_, c)| digit(*c).is_some()).map(|(at, _)| at).collect();
    if digits.len() < 9 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(hidden(text, &digits[..digits.len() - 4]))
}

/// [`mask`] for a text whose cells were masked one by one, as their columns ask: what is still readable as
/// an entry number, one that lost its zeros included, stays.
pub fn mask_message(text: &str) -> Cow<'_, str> {
    mask_unless(text, is_entry_number)
}

/// Whether 9 digits are an entry number that lost its zeros, as far as its check digit shows.
pub fn is_entry_number(digits: &str) -> bool {
    entry::read(digits).number.is_some()
}

/// Where the 9 digits of each number are that may be a person's: the first byte of each. `keep` is true for 9
/// digits in a row that are known to be something else.
pub fn find(text: &str, keep: impl Fn(&str) -> bool) -> Vec<[usize; 9]> {
    let digits = if text.is_ascii() {
        text.bytes().filter(u8::is_ascii_digit).count()
    } else {
        let could_be = |c: char| if c.is_ascii() { c.is_ascii_digit() } else { c.is_numeric() };
        text.chars().filter(|&c| could_be(c)).take(9).count()
    };
    if digits < 9 || is_plainly_none(text) {
        return Vec::new();
    }
    find_closely(text, keep)
}

/// [`find`], whatever the text looks like. A file that is shown as it is written may have characters as escapes.
fn find_closely(text: &str, keep: impl Fn(&str) -> bool) -> Vec<[usize; 9]> {
    let mut found = find_in(text.char_indices(), &keep);
    if text.contains('\\') {
        let is_new = |number: &[usize; 9]| {
            found.iter().all(|[first, .., last]| number[8] < *first || *last < number[0])
        };
        let more: Vec<[usize; 9]> = find_in(unescaped(text), &keep).into_iter().filter(is_new).collect();
        found.extend(more);
        found.sort_unstable();
    }
    found
}

/// The characters of a text, those that are written as an escape of YAML or JSON included, each with its first byte.
fn unescaped(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let next = rest.chars().next()?;
        let (c, length) = escape(rest).unwrap_or((next, next.len_utf8()));
        at += length;
        Some((at - length, c))
    })
}

/// The character that is written as an escape at the beginning of a text, and how many bytes the escape has.
pub fn escape(text: &str) -> Option<(char, usize)> {
    let [b'\\', kind, ..] = text.as_bytes() else { return None };
    let digits = match kind {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        // Whichever it is, it has no width.
        b't' | b'n' | b'r' | b'0' | b'a' | b'b' | b'e' | b'f' | b'v' | b'N' | b'L' | b'P' => {
            return Some(('\0', 2));
        }
        _ => return None,
    };
    let code = text.get(2..2 + digits).filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()))?;
    Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, 2 + digits))
}

fn find_in(characters: impl Iterator<Item = (usize, char)>, keep: impl Fn(&str) -> bool) -> Vec<[usize; 9]> {
    let seen: Vec<(usize, char)> = characters
        .filter(|&(_, c)| c.is_ascii() && !acts(c) || !c.is_ascii() && !acts(c) && c.width() != Some(0))
        .map(|(at, c)| (at, folded(c)))
        .collect();
    let digit = |at: usize| seen.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut found = Vec::new();
    let mut at = 0;
    while at < seen.len() {
        let starts = digit(at) && (at == 0 || !digit(at - 1));
        let number = if starts { grouped(&seen, at).or_else(|| in_a_row(&seen, at, &keep)) } else { None };
        match number {
            Some(digits) => {
                at = digits[8] + 1;
                found.push(digits.map(|at| seen[at].0));
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a text of nothing but visible ASCII without a backslash has neither 9 digits in a row nor 3, 2 and 4
/// with little between them: what most texts are, found out without a look at each character's width.
fn is_plainly_none(text: &str) -> bool {
    // Of the last two groups of digits how long they are, and how far behind the digits end.
    let (mut groups, mut length, mut between) = ([0, 0], 0, usize::MAX);
    for byte in text.bytes().chain([b' ']) {
        match byte {
            b'0'..=b'9' if length == 0 => {
                if between > MAX_BETWEEN {
                    groups = [0, 0];
                }
                length = 1;
            }
            b'0'..=b'9' => length += 1,
            b' '..=b'~' if byte != b'\\' => {
                if length > 0 {
                    if length == 9 || (groups, length) == ([3, 2], 4) {
                        return false;
                    }
                    (groups, length, between) = ([groups[1], length], 0, 0);
                }
                between = between.saturating_add(1);
            }
            _ => return false,
        }
    }
    true
}

/// How many characters may separate two groups of digits.
const MAX_BETWEEN: usize = 3;

/// 3, 2 and 4 digits from here on, with something between them.
fn grouped(seen: &[(usize, char)], area: usize) -> Option<[usize; 9]> {
    let rest = |at: usize| seen.get(at..).unwrap_or_default();
    let digits = |at: usize| rest(at).iter().take_while(|(_, c)| c.is_ascii_digit()).count();
    let between = |at: usize| {
        let separates = |c: char| {
            matches!(
                c,
                '-' | ' ' | '.' | '/' | '\\' | '_' | '~' | '+' | '*' | '(' | ')' | '\u{b7}' | '\u{2022}'
            )
        };
        let count = rest(at).iter().take_while(|(_, c)| separates(*c)).count();
        (1..=MAX_BETWEEN).contains(&count).then_some(at + count)
    };
    let group = (digits(area) == 3).then(|| between(area + 3))??;
    let serial = (digits(group) == 2).then(|| between(group + 2))??;
    let [a, g, s] = [area, group, serial];
    (digits(serial) == 4).then_some([a, a + 1, a + 2, g, g + 1, s, s + 1, s + 2, s + 3])
}

/// 9 digits in a row from here on, alone or with nothing but letters around them.
fn in_a_row(seen: &[(usize, char)], start: usize, keep: impl Fn(&str) -> bool) -> Option<[usize; 9]> {
    let is_word = |at: &usize| seen[*at].1.is_alphanumeric();
    let employer = |start: usize| {
        start >= 3
            && seen[start - 1].1 == '-'
            && seen[start - 3..start - 1].iter().all(|(_, c)| c.is_ascii_digit())
            && !(start > 3 && is_word(&(start - 4)))
    };
    let end = start + seen[start..].iter().take_while(|(_, c)| c.is_ascii_digit()).count();
    if end - start != 9 {
        return None;
    }
    let from = (0..start).rev().take_while(is_word).last().unwrap_or(start);
    let to = (end..seen.len()).take_while(is_word).last().map_or(end, |last| last + 1);
    let has_more_digits = |range: std::ops::Range<usize>| seen[range].iter().any(|(_, c)| c.is_numeric());
    if has_more_digits(from..start) || has_more_digits(end..to) {
        return None;
    }
    let text = |from: usize, to: usize| seen[from..to].iter().map(|(_, c)| *c).collect::<String>();
    if to - from == entry::LENGTH && EntryNumber::parse(&text(from, to)).is_some() {
        return None;
    }
    // An employer's number with a suffix of digits: two, a dash, nine.
    if from == start && employer(start) || from == start && to == end && keep(&text(start, end)) {
        return None;
    }
    Some(std::array::from_fn(|n| start + n))
}

/// Whether a character does something other than show itself: controls, direction marks, line separators,
/// everything of no width that is not a combining mark, and what XML cannot have.
pub fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}')
        || (c as u32 & 0xfffe) == 0xfffe
}

/// The zeros of the scripts that have decimal digits (Unicode, general category Nd).
const ZEROS: [u32; 63] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50,
    0x11d50, 0x11da0, 0x16a60, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e950,
    0x1fbf0,
];

/// The digit that a character is, of any script.
pub fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = u32::from(c);
    if !c.is_numeric() {
        return None;
    }
    match code {
        0x2070 | 0x2074..=0x2079 => Some(code - 0x2070),
        0x2080..=0x2089 => Some(code - 0x2080),
        0xb9 => Some(1),
        0xb2 | 0xb3 => Some(code - 0xb0),
        0x2460..=0x2468 => Some(code - 0x245f),
        0x24ea => Some(0),
        _ => ZEROS.iter().map(|zero| code.wrapping_sub(*zero)).find(|digit| *digit < 10),
    }
}

/// The ASCII character that a dash, a space or a digit of another kind stands for.
pub fn folded(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match c {
        '\u{ff0e}' => '.',
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' => '/',
        '\u{ff3f}' => '_',
        c if is_dash(c) => '-',
        c if c.is_whitespace() => ' ',
        c => digit(c).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plainly_no_number_is_none(
            parts in prop::collection::vec("[0-9]{1,4}|[0-9]{9}|[-. /_~+*aB\\\\]{1,4}|\u{ad}|\u{661}|[\\\\]u2013|[\\\\]n", 0..14)
        ) {
            let text = parts.concat();
            let found = find_closely(&text, |_| false);
            prop_assert!(found.is_empty() || !is_plainly_none(&text), "{:?}", text);
        }
    }

    #[test]
    fn nine_digits_that_stand_alone_are_hidden() {
        for (text, shown) in [
            ("987654321", "*****4321"),
            ("Importer 987654321, 12-3456789", "Importer *****4321, 12-3456789"),
            ("987-65-4321", "***-**-4321"),
            ("9876543210 ABC12345676 00261103162", "9876543210 ABC12345676 00261103162"),
            ("m\u{fc}ller 123456789\u{fc}", "m\u{fc}ller *****6789\u{fc}"),
            ("SSN987654321.0", "SSN*****4321.0"),
            ("12-345678900 240101-12345", "12-345678900 240101-12345"),
            ("x12-345678900", "x12-*****8900"),
            ("a1b987654321", "a1b987654321"),
            ("", ""),
        ] {
            assert_eq!(mask(text), shown);
        }
        let ten = "AB11234567";
        let entry = format!("{ten}{}", char::from(entry::check_digit(ten.as_bytes()).unwrap()));
        assert_eq!(mask(&entry), entry);
        let keep = |word: &str| word == "261103162";
        assert_eq!(mask_unless("987654320, 261103162, 1234567890", keep), "*****4320, 261103162, 1234567890");
        assert_eq!(mask_message("261103162 261103163"), "261103162 *****3163");
    }

    #[test]
    fn characters_may_be_written_as_escapes() {
        for (text, shown) in [
            (r"987\u201365\u20134320", r"***\u2013**\u20134320"),
            (r"987\x2d65\x2D4320", r"***\x2d**\x2D4320"),
            (r"9\u030187\U0000002d65\t-4320", r"*\u0301**\U0000002d**\t-4320"),
            (r"987\n65\L4320", r"***\n**\L4320"),
            (r"\u0039\x3887\u00364321", r"******************4321"),
            // A folder of Windows, and a file in it.
            (r"2026\n987654320.csv", r"2026\n*****4320.csv"),
            (r"\u2013\u2014", r"\u2013\u2014"),
            (r"C:\2026\new\x1234", r"C:\2026\new\x1234"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn social_security_numbers_are_masked_with_any_separator_and_any_digits() {
        for text in [
            "987-65-4320",
            "987 65 4320",
            "987.65.4320",
            "987/65/4320",
            "987_65_4320",
            "(987)65-4320",
            "(987) 65 (4320)",
            "987\\65\\4320",
            "987\u{b7}65\u{b7}4320",
            "987 - 65 - 4320",
            "987-65 4320",
            "\u{ff19}\u{ff18}\u{ff17}-\u{ff16}\u{ff15}-\u{ff14}\u{ff13}\u{ff12}\u{ff10}",
            "\u{ff19}\u{ff18}\u{ff17}\u{ff16}\u{ff15}\u{ff14}\u{ff13}\u{ff12}\u{ff10}",
            "\u{669}\u{668}\u{667}-\u{666}\u{665}-\u{664}\u{663}\u{662}\u{660}",
            "\u{6f9}\u{6f8}\u{6f7}/\u{6f6}\u{6f5}/\u{6f4}\u{6f3}\u{6f2}\u{6f0}",
            "\u{1d7d7}\u{1d7d6}\u{1d7d5}\u{1d7d4}\u{1d7d3}\u{1d7d2}\u{1d7d1}\u{1d7d0}\u{1d7ce}",
            "\u{96f}\u{96e}\u{96d}\u{96c}\u{96b}\u{96a}\u{969}\u{968}\u{966}",
            "9\u{301}87-65-4320",
            "9\u{301}8\u{301}7\u{301}6\u{301}5\u{301}4\u{301}3\u{301}2\u{301}0\u{301}",
            "987\u{200b}654\u{200b}320",
            "987\u{2044}65\u{2044}4320",
        ] {
            let text = format!("of {text}.");
            let masked = mask(&text);
            let left = masked.chars().map(folded).filter(char::is_ascii_digit).collect::<String>();
            assert_eq!(left, "4320", "{text:?}: {masked:?}");
            assert_eq!(masked.len(), text.len(), "{text:?}");
        }
        for text in [
            "11/22/2026",
            "ABC-1234567-6",
            "9903.01.25",
            "2026-11-22",
            "12-3456789",
            "1987-65-4320",
            "3923.90.0080",
            "987-65-432",
            "1234567 987-65-",
            "12345678 9",
            "417,12,2026",
            r"\u2013\u2014",
            r"C:\2026\new\x1234",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
