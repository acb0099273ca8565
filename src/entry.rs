//! Entry numbers: normal form, check digit, and what spreadsheets do to them.
//!
//! An entry number is eleven characters: a filer code of three letters or digits (never `000`),
//! seven digits, and a check digit. People write it `FFF-NNNNNNN-C`; an upload file holds the bare
//! eleven (CBP: CATAIR Appendix E).
//!
//! ```
//! use capelint::entry::{EntryNumber, Form, read};
//!
//! let number = EntryNumber::parse("002-6110316-2").unwrap();
//! assert_eq!(number.as_str(), "00261103162");
//! assert_eq!(number.to_string(), "002-6110316-2");
//!
//! // A spreadsheet took the zeros; the check digit tells that this reading is right.
//! let reading = read("261103162");
//! assert_eq!((reading.form, reading.number), (Form::LostZeros, Some(number)));
//! ```

use std::fmt;
use std::hash::{Hash, Hasher};

/// How many characters an entry number has.
pub const LENGTH: usize = 11;

/// An entry number in normal form, its check digit verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryNumber([u8; LENGTH]);

/// As one number: every row of an export is looked up by it.
impl Hash for EntryNumber {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut bytes = [0; 16];
        bytes[..LENGTH].copy_from_slice(&self.0);
        state.write_u128(u128::from_le_bytes(bytes));
    }
}

/// How an entry number is written in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Bare eleven characters, upper case: what the upload file should hold.
    Plain,
    /// With hyphens (`-`), as CBP and brokers write it.
    Dashes,
    /// With dashes that only look like hyphens: en dashes, minus signs, soft hyphens.
    OtherDashes,
    /// With white space in or around it.
    Spaces,
    /// With lower-case letters.
    LowerCase,
    /// Wrapped as `="…"` or with a leading apostrophe, as exports and spreadsheets keep text.
    TextGuard,
    /// Leading zeros are gone, and the number filled up to eleven digits has a right check digit.
    LostZeros,
    /// Scientific notation (`6.05761E+10`): digits are gone and cannot be restored.
    Scientific,
    /// Not eleven characters.
    WrongLength,
    /// A character that is neither letter nor digit, or a letter where a digit belongs.
    BadCharacter,
    /// A character that only looks right: a Cyrillic or Greek letter, a full-width digit, an `O` for a zero.
    LookAlike,
    /// The filer code is `000`.
    BadFilerCode,
    /// Eleven characters whose last is not the check digit of the others.
    BadCheckDigit,
    /// Nothing but white space.
    Blank,
}

impl Form {
    /// All forms, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Plain,
        Self::Dashes,
        Self::OtherDashes,
        Self::Spaces,
        Self::LowerCase,
        Self::TextGuard,
        Self::LostZeros,
        Self::Scientific,
        Self::WrongLength,
        Self::BadCharacter,
        Self::LookAlike,
        Self::BadFilerCode,
        Self::BadCheckDigit,
        Self::Blank,
    ];

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Dashes => "dashes",
            Self::OtherDashes => "other_dashes",
            Self::Spaces => "spaces",
            Self::LowerCase => "lower_case",
            Self::TextGuard => "text_guard",
            Self::LostZeros => "lost_zeros",
            Self::Scientific => "scientific",
            Self::WrongLength => "wrong_length",
            Self::BadCharacter => "bad_character",
            Self::LookAlike => "look_alike",
            Self::BadFilerCode => "bad_filer_code",
            Self::BadCheckDigit => "bad_check_digit",
            Self::Blank => "blank",
        }
    }

    /// What is wrong with text of this form, or only odd about it, as messages say it.
    pub fn fault(self) -> &'static str {
        match self {
            Self::Plain => "it is in its normal form",
            Self::Dashes => "it is written with dashes",
            Self::OtherDashes => "it has a dash that is no hyphen",
            Self::Spaces => "it has spaces in or around it",
            Self::LowerCase => "it is written in lower case",
            Self::TextGuard => "it is wrapped in a text guard",
            Self::LostZeros => "it lost its leading zeros",
            Self::Scientific => "it is in scientific notation, which loses its last digits",
            Self::WrongLength => "it has not the 11 characters of one",
            Self::BadCharacter => "it has a character that cannot stand there",
            Self::LookAlike => "it has a character that only looks like the right one",
            Self::BadFilerCode => "its filer code is 000, which CBP gives to nobody",
            Self::BadCheckDigit => "its check digit does not fit the other ten characters",
            Self::Blank => "it is blank",
        }
    }
}

/// What a cell says about an entry number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How it is written. Where several apply, the one that needs most attention.
    pub form: Form,
    /// The number, where the cell leaves no doubt about it.
    pub number: Option<EntryNumber>,
}

impl EntryNumber {
    /// Reads a number in any form that leaves no doubt about it; see [`read`] for the reason where
    /// this is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        read(text).number
    }

    /// A number from bytes that are already in normal form: the common case when a large export is
    /// read. `None` sends the caller to [`read`].
    #[inline]
    pub fn from_plain(bytes: &[u8]) -> Option<Self> {
        let characters: [u8; LENGTH] = bytes.try_into().ok()?;
        // All at once: a branch for each character would take longer. That the first three are letters
        // and digits is for the check digit to find.
        let are_digits = characters[3..].iter().fold(true, |all, c| all & c.is_ascii_digit());
        (are_digits
            && &characters[..3] != b"000"
            && check_digit(&characters[..LENGTH - 1]) == Some(characters[LENGTH - 1]))
        .then_some(Self(characters))
    }

    /// The bare eleven characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII by construction")
    }

    /// The first three characters: who filed the entry summary.
    pub fn filer_code(&self) -> &str {
        &self.as_str()[..3]
    }

    /// The eleven bytes.
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

/// With dashes, as CBP and brokers write it: `ABC-1234567-6`.
impl fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        write!(f, "{}-{}-{}", &text[..3], &text[3..10], &text[10..])
    }
}

impl fmt::Debug for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The check digit (as an ASCII digit) of the first ten characters of an entry number.
///
/// Letters become digits: A-I are 1-9, J-R are 1-9, S-Z are **2**-9. Counting from the left, every
/// second character is doubled and the two digits of the product added; the digit fills the sum
/// up to a multiple of ten (CBP: CATAIR Appendix E). `None` unless these are ten letters and digits.
pub fn check_digit(first_ten: &[u8]) -> Option<u8> {
    let first_ten: &[u8; LENGTH - 1] = first_ten.try_into().ok()?;
    let counts = first_ten.iter().zip(COUNTS.iter().cycle());
    let sum: u16 = counts.map(|(character, counts)| counts[usize::from(*character)]).sum();
    (sum < NEITHER).then(|| b'0' + (10 - (sum % 10) as u8) % 10)
}

/// What counts for a character that is neither letter nor digit: more than ten others do together.
const NEITHER: u16 = 1000;

/// What each character counts in the sum of an entry number: at the first, third, … place, and
/// doubled at those between.
const COUNTS: [[u16; 256]; 2] = {
    let mut counts = [[NEITHER; 256]; 2];
    let mut character = 0;
    while character < 256 {
        let digit = match character as u8 {
            digit @ b'0'..=b'9' => Some(digit - b'0'),
            letter @ b'A'..=b'I' => Some(letter - b'A' + 1),
            letter @ b'J'..=b'R' => Some(letter - b'J' + 1),
            letter @ b'S'..=b'Z' => Some(letter - b'S' + 2),
            _ => None,
        };
        if let Some(digit) = digit {
            let digit = digit as u16;
            counts[0][character] = digit;
            counts[1][character] = digit * 2 / 10 + digit * 2 % 10;
        }
        character += 1;
    }
    counts
};

/// Reads a cell that should hold an entry number.
pub fn read(cell: &str) -> Reading {
    let found = |form, number| Reading { form, number };
    let trimmed = cell.trim_matches(is_space);
    if trimmed.is_empty() {
        return found(Form::Blank, None);
    }
    let unguarded = unguard(trimmed);
    let mut guarded = unguarded.len() != trimmed.len();
    let (mut hyphens, mut other_dashes) = (false, false);
    let (mut spaces, mut lower) = (trimmed.len() != cell.len(), false);
    let mut characters = Vec::with_capacity(LENGTH);
    for c in unguarded.chars() {
        match c {
            '-' => hyphens = true,
            c if is_dash(c) => other_dashes = true,
            c if is_space(c) => spaces = true,
            '"' | '\'' if characters.is_empty() => guarded = true,
            c => {
                lower |= c.is_ascii_lowercase();
                characters.push(c.to_ascii_uppercase());
            }
        }
    }
    if characters.is_empty() {
        return found(if guarded { Form::Blank } else { Form::BadCharacter }, None);
    }
    if is_scientific(unguarded) {
        return found(Form::Scientific, None);
    }
    if characters.iter().any(|&c| !c.is_ascii() && resembles(c).is_some()) {
        return found(Form::LookAlike, None);
    }
    let Some(bytes) = characters
        .iter()
        .map(|&c| u8::try_from(c).ok().filter(u8::is_ascii_alphanumeric))
        .collect::<Option<Vec<u8>>>()
    else {
        return found(Form::BadCharacter, None);
    };
    // Hyphens come last: of them alone there is evidence that CBP takes them.
    let row_groups = [
        (other_dashes, Form::OtherDashes),
        (lower, Form::LowerCase),
        (guarded, Form::TextGuard),
        (spaces, Form::Spaces),
        (hyphens, Form::Dashes),
    ];
    let written = row_groups.into_iter().find(|(is, _)| *is).map_or(Form::Plain, |(_, form)| form);
    match bytes.len() {
        LENGTH => {}
        // A filer code has at least one digit that is not zero, so at most two zeros can be lost.
        9 | 10 if bytes.iter().all(u8::is_ascii_digit) => {
            let mut padded = [b'0'; LENGTH];
            padded[LENGTH - bytes.len()..].copy_from_slice(&bytes);
            let number = EntryNumber::from_plain(&padded);
            return found(if number.is_some() { Form::LostZeros } else { Form::WrongLength }, number);
        }
        _ => return found(Form::WrongLength, None),
    }
    if bytes[3..].iter().any(|c| !c.is_ascii_digit()) {
        let all_resemble = bytes[3..].iter().all(|&c| c.is_ascii_digit() || digit_for(c).is_some());
        return found(if all_resemble { Form::LookAlike } else { Form::BadCharacter }, None);
    }
    if &bytes[..3] == b"000" {
        return found(Form::BadFilerCode, None);
    }
    match EntryNumber::from_plain(&bytes) {
        Some(number) => found(written, Some(number)),
        None => found(Form::BadCheckDigit, None),
    }
}

/// All valid numbers that one error turns into what is written: one wrong character, or two
/// neighbours exchanged; for look-alikes also the characters meant. Empty for cells that are not
/// eleven characters. At most a few hundred, in a fixed order, none twice.
pub fn corrections(cell: &str) -> Vec<EntryNumber> {
    let mut written: Vec<u8> = unguard(cell.trim_matches(is_space))
        .chars()
        .filter(|&c| !is_dash(c) && !is_space(c))
        .map(|c| resembles(c).unwrap_or(c.to_ascii_uppercase()))
        .map(|c| u8::try_from(c).ok().filter(u8::is_ascii_alphanumeric).unwrap_or(b'?'))
        .collect();
    if written.len() != LENGTH {
        return Vec::new();
    }
    for character in &mut written[3..] {
        *character = digit_for(*character).unwrap_or(*character);
    }
    let mut found = Vec::new();
    let mut offer = |candidate: &[u8]| {
        if let Some(number) = EntryNumber::from_plain(candidate)
            && !found.contains(&number)
        {
            found.push(number);
        }
    };
    offer(&written);
    for at in 0..LENGTH {
        let kept = written[at];
        let alphabet: &[u8] = if at < 3 { b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" } else { b"0123456789" };
        for &other in alphabet {
            written[at] = other;
            offer(&written);
        }
        written[at] = kept;
    }
    for at in 1..LENGTH {
        written.swap(at - 1, at);
        offer(&written);
        written.swap(at - 1, at);
    }
    found
}

/// Whether the character is one of the dashes that people and spreadsheets put into numbers.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ad}')
}

/// White space, and the invisible characters that copying from web pages leaves.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Takes off the text guards of ACE exports (`="…"`) and spreadsheets (`'…`).
pub fn unguard(text: &str) -> &str {
    let text = text.strip_prefix('\'').unwrap_or(text);
    match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner,
        None => text,
    }
}

/// `6.05761E+10`, `6,05761E10`: what a spreadsheet makes of a long number. An `E` alone is not
/// enough: `12E-1234567-8` is a good entry number.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let marked = mantissa.contains(['.', ',']) || exponent.starts_with('+');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    marked
        && mantissa.split(['.', ',']).all(digits)
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// The digit that a letter is mistaken for.
fn digit_for(letter: u8) -> Option<u8> {
    match letter {
        b'O' | b'Q' | b'D' => Some(b'0'),
        b'I' | b'L' => Some(b'1'),
        b'Z' => Some(b'2'),
        b'S' => Some(b'5'),
        b'B' => Some(b'8'),
        _ => None,
    }
}

/// The ASCII letter or digit that another script's character looks like.
fn resembles(c: char) -> Option<char> {
    let latin = match c {
        '\u{391}' | '\u{410}' | '\u{3b1}' | '\u{430}' => 'A',
        '\u{392}' | '\u{412}' => 'B',
        '\u{421}' | '\u{3f9}' | '\u{441}' => 'C',
        '\u{395}' | '\u{415}' | '\u{435}' => 'E',
        '\u{397}' | '\u{41d}' => 'H',
        '\u{399}' | '\u{406}' | '\u{456}' => 'I',
        '\u{408}' | '\u{458}' => 'J',
        '\u{39a}' | '\u{41a}' => 'K',
        '\u{39c}' | '\u{41c}' => 'M',
        '\u{39d}' => 'N',
        '\u{39f}' | '\u{41e}' | '\u{3bf}' | '\u{43e}' => 'O',
        '\u{3a1}' | '\u{420}' | '\u{440}' => 'P',
        '\u{405}' | '\u{455}' => 'S',
        '\u{3a4}' | '\u{422}' => 'T',
        '\u{3a7}' | '\u{425}' | '\u{445}' => 'X',
        '\u{3a5}' | '\u{423}' | '\u{443}' => 'Y',
        '\u{396}' => 'Z',
        '\u{417}' => '3',
        '\u{ff10}'..='\u{ff19}' => char::from(b'0' + (c as u32 - 0xff10) as u8),
        '\u{ff21}'..='\u{ff3a}' => char::from(b'A' + (c as u32 - 0xff21) as u8),
        '\u{660}'..='\u{669}' => char::from(b'0' + (c as u32 - 0x660) as u8),
        _ => return None,
    };
    Some(latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Public record: CBP ruling HQ H005628.
    const PUBLIC: [&str; 14] = [
        "002-6110316-2",
        "002-6111115-7",
        "002-6111223-9",
        "002-6111109-0",
        "002-6111082-9",
        "002-6110748-6",
        "002-6111267-6",
        "002-6110711-4",
        "002-6111447-4",
        "002-6110706-4",
        "002-6111495-3",
        "002-6110240-4",
        "002-6111224-7",
        "002-6110467-3",
    ];

    #[test]
    fn the_public_numbers_are_valid_and_each_single_digit_change_is_caught() {
        for text in PUBLIC {
            let number = EntryNumber::parse(text).expect(text);
            assert_eq!(number.to_string(), text);
            for at in 0..LENGTH {
                for digit in b'0'..=b'9' {
                    let mut changed = *number.as_bytes();
                    changed[at] = digit;
                    let same = changed == *number.as_bytes();
                    assert_eq!(EntryNumber::from_plain(&changed).is_some(), same, "{text} at {at}");
                }
            }
        }
    }

    #[test]
    fn letters_count_as_the_appendix_says() {
        for (ten, digit) in [(b"ABC1234567", b'6'), (b"0020000001", b'6'), (b"SZ91234567", b'4')] {
            assert_eq!(check_digit(ten), Some(digit));
        }
        assert_eq!(check_digit(b"ABC123456"), None);
        assert_eq!(check_digit(b"abc1234567"), None);
    }

    #[test]
    fn every_way_of_writing_is_recognised() {
        let abc = EntryNumber::parse("ABC12345676");
        assert!(abc.is_some());
        for (cell, form) in [
            ("ABC12345676", Form::Plain),
            ("ABC-1234567-6", Form::Dashes),
            ("ABC\u{2013}1234567\u{2014}6", Form::OtherDashes),
            ("ABC\u{2212}1234567\u{2212}6", Form::OtherDashes),
            ("ABC-1234567\u{2013}6", Form::OtherDashes),
            ("ABC12345\u{ad}676 ", Form::OtherDashes),
            ("abc-1234567-6", Form::LowerCase),
            ("=\"ABC-1234567-6\"", Form::TextGuard),
            ("ABC - 1234567 - 6", Form::Spaces),
            (" ABC12345676", Form::Spaces),
            ("ABC 1234567 6", Form::Spaces),
            ("ABC12345676\u{a0}", Form::Spaces),
            ("abc12345676", Form::LowerCase),
            ("=\"ABC12345676\"", Form::TextGuard),
            ("'ABC12345676", Form::TextGuard),
        ] {
            assert_eq!(read(cell), Reading { form, number: abc }, "{cell:?}");
        }
        for (cell, form) in [
            ("", Form::Blank),
            (" \u{a0}", Form::Blank),
            ("=\"\"", Form::Blank),
            ("6.05761E+10", Form::Scientific),
            ("6,05761E+10", Form::Scientific),
            ("6E+10", Form::Scientific),
            ("ABC1234567", Form::WrongLength),
            ("261103163", Form::WrongLength),
            ("ABC123456766", Form::WrongLength),
            ("ABC1234567#", Form::BadCharacter),
            ("ABC12X45676", Form::BadCharacter),
            ("ABC1234O676", Form::LookAlike),
            ("\u{410}BC12345676", Form::LookAlike),
            ("00012345678", Form::BadFilerCode),
            ("ABC12345677", Form::BadCheckDigit),
            ("---", Form::BadCharacter),
        ] {
            assert_eq!(read(cell), Reading { form, number: None }, "{cell:?}");
        }
    }

    #[test]
    fn an_e_in_the_filer_code_is_not_scientific_notation() {
        let ten = b"12E1234567";
        let number = format!("12E1234567{}", char::from(check_digit(ten).unwrap()));
        assert_eq!(read(&number).form, Form::Plain);
        assert_eq!(read(&EntryNumber::parse(&number).unwrap().to_string()).form, Form::Dashes);
    }

    #[test]
    fn lost_zeros_come_back_only_where_the_check_digit_holds() {
        let reading = read("261103162");
        assert_eq!(reading.form, Form::LostZeros);
        assert_eq!(reading.number.unwrap().as_str(), "00261103162");
        assert_eq!(read("261103161").number, None);
        // Eight digits would make the filer code 000.
        assert_eq!(read("61103162").form, Form::WrongLength);
    }

    #[test]
    fn corrections_hold_the_number_that_was_meant() {
        let meant = EntryNumber::parse("002-6110316-2").unwrap();
        for typo in ["00261103172", "00261101362", "0O261103162", "00261103\u{661}62"] {
            assert_eq!(EntryNumber::parse(typo), None, "{typo}");
            assert!(corrections(typo).contains(&meant), "{typo}");
        }
        assert!(corrections("12").is_empty());
    }
}
