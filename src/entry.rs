//! Entry numbers: normal form, check digit, and what spreadsheets do to them.
//!
//! An entry number is 11 characters: a filer code of 3 letters or digits (never `000`), 7 digits, and a check
//! digit. People write it `FFF-NNNNNNN-C`; an upload file has the bare 11 (CBP: CATAIR Appendix E).
//!
//! ```
//! use capelint::entry::{EntryNumber, Form, read};
//!
//! let number = EntryNumber::parse("002-6110316-2").unwrap();
//! assert_eq!(number.as_str(), "00261103162");
//! assert_eq!(number.to_string(), "002-6110316-2");
//!
//! // A spreadsheet took the zeros; the check digit shows that this reading is right.
//! let reading = read("261103162");
//! assert_eq!((reading.form, reading.number), (Form::LostZeros, Some(number)));
//! ```

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use regex::Regex;

use strum::{IntoStaticStr, VariantArray};

use crate::digits;

/// How many characters an entry number has.
pub(crate) const LENGTH: usize = 11;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Form {
    /// Bare 11 characters, upper case: the form for upload files.
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
    /// With characters that do not show: zero-width spaces, direction marks, control characters.
    Invisible,
    /// With a bullet, a running number or quotes around it.
    ListMark,
    /// A whole number in another format (`60557610015.0`): all digits are there.
    Number,
    /// Leading zeros are gone, and the number filled up to 11 digits has a right check digit.
    LostZeros,
    /// Scientific notation (`6.05761E+10`): digits are gone and cannot be restored.
    Scientific,
    /// More than one entry number.
    Several,
    /// An entry number with other text before or behind it.
    TextAround,
    /// Not 11 characters.
    WrongLength,
    /// A character that is neither letter nor digit, or a letter where a digit belongs.
    BadCharacter,
    /// A character that only looks right: a Cyrillic or Greek letter, a full-width digit, an `O` for a zero.
    LookAlike,
    /// The filer code is `000`.
    BadFilerCode,
    /// 11 characters whose last is not the check digit of the others.
    BadCheckDigit,
    /// Nothing but white space.
    Blank,
}

impl Form {
    /// All forms, in the order of the documentation.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What is wrong with a text of this form, or only unusual about it, as messages print it.
    pub fn fault(self) -> &'static str {
        match self {
            Self::Plain => "it is in its normal form",
            Self::Dashes => "it is written with dashes",
            Self::OtherDashes => "it has a dash that is not a hyphen",
            Self::Spaces => "it has spaces in or around it",
            Self::LowerCase => "it is written in lower case",
            Self::TextGuard => "it is wrapped in a text guard",
            Self::Invisible => "it has characters that do not show",
            Self::ListMark => "it has a list mark or quotes around it",
            Self::Number => "it is written as a number with decimals or separators",
            Self::LostZeros => "it lost its leading zeros",
            Self::Scientific => "it is in scientific notation, which loses its last digits",
            Self::Several => "it is more than one entry number",
            Self::TextAround => "it has other text before or behind it",
            Self::WrongLength => "it does not have the 11 characters of an entry number",
            Self::BadCharacter => "it has a character that is not allowed at its position",
            Self::LookAlike => "it has a character that only looks like the right one",
            Self::BadFilerCode => "its filer code is 000, which CBP assigns to no filer",
            Self::BadCheckDigit => "the check digit does not match the other 10 characters",
            Self::Blank => "it is blank",
        }
    }

    /// Whether a text that is no number by itself may contain one, or the digits of one in another format.
    fn may_contain_number(self) -> bool {
        match self {
            Self::BadCharacter | Self::WrongLength | Self::LookAlike | Self::Scientific => true,
            Self::Plain
            | Self::Dashes
            | Self::OtherDashes
            | Self::Spaces
            | Self::LowerCase
            | Self::TextGuard
            | Self::Invisible
            | Self::ListMark
            | Self::Number
            | Self::LostZeros
            | Self::Several
            | Self::TextAround
            | Self::BadFilerCode
            | Self::BadCheckDigit
            | Self::Blank => false,
        }
    }

    /// Whether the words of a header may be read as this form.
    pub(crate) fn may_be_words(self) -> bool {
        match self {
            Self::BadCharacter | Self::WrongLength | Self::LookAlike => true,
            Self::Plain
            | Self::Dashes
            | Self::OtherDashes
            | Self::Spaces
            | Self::LowerCase
            | Self::TextGuard
            | Self::Invisible
            | Self::ListMark
            | Self::Number
            | Self::LostZeros
            | Self::Scientific
            | Self::Several
            | Self::TextAround
            | Self::BadFilerCode
            | Self::BadCheckDigit
            | Self::Blank => false,
        }
    }

    /// Whether a text without a number most likely was one: of the right length, but for what damaged it.
    pub(crate) fn is_damaged_number(self) -> bool {
        match self {
            Self::BadCheckDigit | Self::LookAlike | Self::Scientific => true,
            Self::Plain
            | Self::Dashes
            | Self::OtherDashes
            | Self::Spaces
            | Self::LowerCase
            | Self::TextGuard
            | Self::Invisible
            | Self::ListMark
            | Self::Number
            | Self::LostZeros
            | Self::Several
            | Self::TextAround
            | Self::WrongLength
            | Self::BadCharacter
            | Self::BadFilerCode
            | Self::Blank => false,
        }
    }
}

/// How a cell reads as an entry number.
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
    pub(crate) fn from_plain(bytes: &[u8]) -> Option<Self> {
        let characters: [u8; LENGTH] = bytes.try_into().ok()?;
        // All at once: a branch for each character would take longer. That the first three are letters
        // and digits is for the check digit to find.
        let are_digits = characters[3..].iter().fold(true, |all, c| all & c.is_ascii_digit());
        (are_digits
            && &characters[..3] != b"000"
            && check_digit(&characters[..LENGTH - 1]) == Some(characters[LENGTH - 1]))
        .then_some(Self(characters))
    }

    /// The bare 11 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII by construction")
    }

    /// The first 3 characters: who filed the entry summary.
    pub fn filer_code(&self) -> &str {
        &self.as_str()[..3]
    }

    /// The same as bytes.
    pub(crate) fn filer_code_bytes(&self) -> [u8; 3] {
        let [a, b, c, ..] = self.0;
        [a, b, c]
    }

    /// The 11 bytes.
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

/// The check digit (as an ASCII digit) of the first 10 characters of an entry number.
///
/// Letters become digits: A-I are 1-9, J-R are 1-9, S-Z are **2**-9. Counting from the left, every second
/// character is doubled and the two digits of the product added; the digit fills the sum up to a multiple of
/// 10 (CBP: CATAIR Appendix E). `None` unless these are 10 letters and digits.
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

/// Reads a cell that should contain an entry number.
pub fn read(cell: &str) -> Reading {
    let alone = read_alone(cell);
    if alone.number.is_some() || !alone.form.may_contain_number() || cell.contains(REVERSES) {
        return alone;
    }
    let text = unguard(cell.trim_matches(is_space));
    if let Some(digits) = digits::whole(text) {
        let reading = read_alone(&digits);
        let form = if reading.form == Form::Plain { Form::Number } else { reading.form };
        return Reading { form, ..reading };
    }
    let within = within(text);
    match within.numbers.as_slice() {
        [] => alone,
        [number] if within.has_only_marks() => Reading { form: Form::ListMark, number: Some(*number) },
        [_] => Reading { form: Form::TextAround, number: None },
        _ => Reading { form: Form::Several, number: None },
    }
}

/// Reads a cell that contains nothing but the characters of one number and what is usual between them.
fn read_alone(cell: &str) -> Reading {
    let found = |form, number| Reading { form, number };
    let trimmed = cell.trim_matches(is_space);
    if trimmed.is_empty() || is_separator(trimmed) {
        return found(Form::Blank, None);
    }
    let unguarded = unguard(trimmed);
    let mut guarded = unguarded.len() != trimmed.len();
    let (mut hyphens, mut other_dashes, mut lower) = (false, false, false);
    let spaces = cell.chars().any(char::is_whitespace);
    let invisible = cell.chars().any(is_invisible);
    let mut characters = Vec::with_capacity(LENGTH);
    for c in unguarded.chars() {
        match c {
            '-' => hyphens = true,
            c if is_dash(c) => other_dashes = true,
            c if is_space(c) => {}
            '"' | '\'' if characters.is_empty() => guarded = true,
            c => {
                lower |= c.is_ascii_lowercase();
                characters.push(c.to_ascii_uppercase());
            }
        }
    }
    // What is read is not what a person sees.
    if characters.is_empty() || cell.contains(REVERSES) {
        let is_blank = guarded && characters.is_empty();
        return found(if is_blank { Form::Blank } else { Form::BadCharacter }, None);
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
    let mut start = unguarded.chars();
    let has_bullet = start.next().is_some_and(is_dash) && start.next().is_some_and(char::is_whitespace);
    // Hyphens come last: of them alone there is evidence that CBP takes them.
    let ways = [
        (invisible, Form::Invisible),
        (has_bullet, Form::ListMark),
        (other_dashes, Form::OtherDashes),
        (lower, Form::LowerCase),
        (guarded, Form::TextGuard),
        (spaces, Form::Spaces),
        (hyphens, Form::Dashes),
    ];
    let written = ways.into_iter().find(|(is, _)| *is).map_or(Form::Plain, |(_, form)| form);
    match bytes.len() {
        LENGTH => {}
        // A filer code has at least one digit that is not zero, so at most two zeros can be lost.
        9 | 10 if bytes.iter().all(u8::is_ascii_digit) => {
            let number = EntryNumber::from_plain(&with_zeros(&bytes));
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

/// Whether a text is a line as reports draw it between a header and its rows: `----------`, `===`.
fn is_separator(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next().filter(|c| matches!(c, '=' | '_') || is_dash(*c)) else {
        return false;
    };
    characters.clone().count() + 1 >= MIN_SEPARATOR && characters.all(|c| c == first)
}

/// How many of its characters make a line: one or two dashes may be meant for something.
const MIN_SEPARATOR: usize = 3;

/// Digits filled up with zeros in front.
fn with_zeros(digits: &[u8]) -> [u8; LENGTH] {
    let mut padded = [b'0'; LENGTH];
    padded[LENGTH - digits.len()..].copy_from_slice(digits);
    padded
}

/// The entry numbers in a longer text, and what else is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NumbersWithin {
    /// The numbers whose check digit is right, in order, none twice.
    pub numbers: Vec<EntryNumber>,
    /// What is before the first number.
    pub before: String,
    /// What is between and behind the numbers.
    pub after: String,
}

impl NumbersWithin {
    /// Whether what is around the numbers is only list marks, quotes, running numbers and what separates one
    /// number from the next: nothing that qualifies them.
    pub(crate) fn has_only_marks(&self) -> bool {
        let is_running = |text: &str| {
            let text = text.strip_prefix(['#', '(']).unwrap_or(text);
            let digits = text.strip_suffix(['.', ')', ':']).unwrap_or(text);
            (1..=5).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit())
        };
        let is_bullet =
            |text: &str| text.chars().all(|c| is_dash(c) || BULLETS.contains(c) || QUOTES.contains(c));
        self.before.split_whitespace().all(|word| is_bullet(word) || is_running(word))
            && self.before.split_whitespace().filter(|word| is_running(word)).count() <= 1
            && self.after.chars().all(|c| c.is_whitespace() || QUOTES.contains(c) || SEPARATORS.contains(c))
    }

    /// What is around the numbers, for messages.
    pub(crate) fn beside(&self) -> String {
        [self.before.trim(), self.after.trim()].join(" ").trim().to_owned()
    }
}

/// What is before the items of a list.
const BULLETS: &str =
    "\u{2022}\u{2023}\u{25e6}\u{25cf}\u{25cb}\u{25aa}\u{25ab}\u{25a0}\u{b7}\u{2219}\u{2043}\u{2192}\u{bb}>*";
/// What is around texts.
const QUOTES: &str = "\"'`\u{b4}\u{2018}\u{2019}\u{201c}\u{201d}\u{201e}\u{ab}[]";
/// What is between the items of a list.
const SEPARATORS: &str = ",;/|&+";

/// An entry number, with or without its dashes, in a text whose dashes are hyphens and whose blanks are
/// spaces.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i-u)[0-9A-Z]{3}[ -]{0,3}[0-9]{7}[ -]{0,3}[0-9]").expect("a good pattern"));

/// Finds the entry numbers in a text.
pub(crate) fn within(text: &str) -> NumbersWithin {
    let plain: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| {
            if is_dash(c) {
                '-'
            } else if c.is_whitespace() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let mut found = NumbersWithin::default();
    let (mut at, mut copied) = (0, 0);
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    while let Some(candidate) = NUMBER.find_at(&plain, at) {
        let characters: Vec<u8> = candidate
            .as_str()
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let stands_alone = !is_word(plain[..candidate.start()].chars().next_back())
            && !is_word(plain[candidate.end()..].chars().next());
        match EntryNumber::from_plain(&characters).filter(|_| stands_alone) {
            Some(number) => {
                let text = &plain[copied..candidate.start()];
                if found.numbers.is_empty() { &mut found.before } else { &mut found.after }.push_str(text);
                if !found.numbers.contains(&number) {
                    found.numbers.push(number);
                }
                at = candidate.end();
                copied = at;
            }
            // The characters of a candidate are ASCII.
            None => at = candidate.start() + 1,
        }
    }
    if !found.numbers.is_empty() {
        found.after.push_str(&plain[copied..]);
    }
    found
}

/// All valid numbers that one error turns into what is written: one wrong, missing or surplus character,
/// or two neighbors exchanged; for look-alikes also the characters meant. For a longer text the numbers in
/// it. At most a few hundred, in a fixed order, none twice.
pub fn corrections(cell: &str) -> Vec<EntryNumber> {
    let text = unguard(cell.trim_matches(is_space));
    let within = within(text).numbers;
    if !within.is_empty() {
        return within;
    }
    let whole = digits::whole(text);
    let mut written: Vec<u8> = whole
        .as_deref()
        .unwrap_or(text)
        .chars()
        .filter(|&c| !is_dash(c) && !is_space(c))
        .map(|c| resembles(c).unwrap_or(c.to_ascii_uppercase()))
        .map(|c| u8::try_from(c).ok().filter(u8::is_ascii_alphanumeric).unwrap_or(b'?'))
        .collect();
    let mut found = Vec::new();
    let mut offer = |candidate: &[u8]| {
        if let Some(number) = EntryNumber::from_plain(candidate)
            && !found.contains(&number)
        {
            found.push(number);
        }
    };
    let alphabet =
        |at: usize| -> &[u8] { if at < 3 { b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" } else { b"0123456789" } };
    if written.len() == LENGTH + 1 {
        for at in 0..written.len() {
            let mut shorter = written.clone();
            shorter.remove(at);
            offer(&shorter);
        }
        return found;
    }
    if written.len() == LENGTH - 1 {
        for at in 0..=written.len() {
            for &other in alphabet(at) {
                let mut longer = written.clone();
                longer.insert(at, other);
                offer(&longer);
            }
        }
        return found;
    }
    if written.len() == LENGTH - 2 && written.iter().all(u8::is_ascii_digit) {
        written = with_zeros(&written).to_vec();
    }
    if written.len() != LENGTH {
        return found;
    }
    for character in &mut written[3..] {
        *character = digit_for(*character).unwrap_or(*character);
    }
    offer(&written);
    for at in 0..LENGTH {
        let kept = written[at];
        for &other in alphabet(at) {
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
pub(crate) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ad}')
}

/// White space, and characters that do not show.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Whether a character does not show and takes no room: what copying from web pages and other scripts
/// leaves, and control characters other than NUL.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{1}'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'
        | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The mark behind which letters are shown in reverse.
pub(crate) const REVERSES: char = '\u{202e}';

/// What Unicode calls the characters of a text that do not show, each once.
pub(crate) fn invisible_names(text: &str) -> String {
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    for c in text.chars().filter(|c| is_invisible(*c)) {
        let name = match c {
            '\u{1a}' => "U+001A SUBSTITUTE (Ctrl-Z)",
            '\u{34f}' => "U+034F COMBINING GRAPHEME JOINER",
            '\u{61c}' => "U+061C ARABIC LETTER MARK",
            '\u{180e}' => "U+180E MONGOLIAN VOWEL SEPARATOR",
            '\u{200b}' => "U+200B ZERO WIDTH SPACE",
            '\u{200c}' => "U+200C ZERO WIDTH NON-JOINER",
            '\u{200d}' => "U+200D ZERO WIDTH JOINER",
            '\u{200e}' => "U+200E LEFT-TO-RIGHT MARK",
            '\u{200f}' => "U+200F RIGHT-TO-LEFT MARK",
            '\u{202a}' => "U+202A LEFT-TO-RIGHT EMBEDDING",
            '\u{202b}' => "U+202B RIGHT-TO-LEFT EMBEDDING",
            '\u{202c}' => "U+202C POP DIRECTIONAL FORMATTING",
            '\u{202d}' => "U+202D LEFT-TO-RIGHT OVERRIDE",
            '\u{202e}' => "U+202E RIGHT-TO-LEFT OVERRIDE",
            '\u{2060}' => "U+2060 WORD JOINER",
            '\u{2066}' => "U+2066 LEFT-TO-RIGHT ISOLATE",
            '\u{2067}' => "U+2067 RIGHT-TO-LEFT ISOLATE",
            '\u{2068}' => "U+2068 FIRST STRONG ISOLATE",
            '\u{2069}' => "U+2069 POP DIRECTIONAL ISOLATE",
            '\u{feff}' => "U+FEFF ZERO WIDTH NO-BREAK SPACE",
            _ => "",
        };
        let name = match (name, c) {
            ("", '\u{fe00}'..='\u{fe0f}') => format!("U+{:04X} VARIATION SELECTOR", c as u32).into(),
            ("", _) => format!("U+{:04X}", c as u32).into(),
            (name, _) => Cow::Borrowed(name),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// Takes off the text guards of ACE exports (`="…"`) and spreadsheets (`'…`), and single quotes around a
/// text.
pub(crate) fn unguard(text: &str) -> &str {
    let text = match text.strip_prefix('\'') {
        Some(rest) => rest.strip_suffix('\'').unwrap_or(rest),
        None => text,
    };
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
pub(crate) fn digit_for(letter: u8) -> Option<u8> {
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
pub(crate) fn resembles(c: char) -> Option<char> {
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
    fn letters_count_as_in_the_appendix() {
        for (ten, digit) in [(b"ABC1234567", b'6'), (b"0020000001", b'6'), (b"SZ91234567", b'4')] {
            assert_eq!(check_digit(ten), Some(digit));
        }
        assert_eq!(check_digit(b"ABC123456"), None);
        assert_eq!(check_digit(b"abc1234567"), None);
    }

    #[test]
    fn every_way_of_writing_is_recognized() {
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
            ("ABC12345676\u{200b}", Form::Invisible),
            ("\u{202a}ABC12345676\u{202c} ", Form::Invisible),
            ("ABC-1234567-6\u{1a}", Form::Invisible),
            ("\u{2022} ABC12345676", Form::ListMark),
            ("- ABC-1234567-6", Form::ListMark),
            ("1. ABC12345676", Form::ListMark),
            ("(3) abc-1234567-6", Form::ListMark),
            ("'ABC12345676',", Form::ListMark),
            ("\u{201c}ABC12345676\u{201d}", Form::ListMark),
            ("'ABC12345676'", Form::TextGuard),
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
            ("---", Form::Blank),
            ("==========", Form::Blank),
            ("-", Form::BadCharacter),
            ("--", Form::BadCharacter),
            ("-=-", Form::BadCharacter),
            ("ABC-1234567-6 (amended)", Form::TextAround),
            ("ABC-1234567-6 - PSC filed", Form::TextAround),
            ("ABC12345676*", Form::TextAround),
            ("not ABC12345676", Form::TextAround),
            ("1 2 ABC12345676", Form::TextAround),
            ("ABC12345676, 00261103162", Form::Several),
            ("ABC-1234567-6\n002-6110316-2", Form::Several),
            ("ABC12345676 00261103162 x", Form::Several),
            ("ABC1234567600261103162", Form::WrongLength),
            ("6.0557610016E10", Form::BadCheckDigit),
            ("\u{202e}67654321CBA", Form::BadCharacter),
            ("\u{202e}ABC12345676", Form::BadCharacter),
            ("605,576", Form::WrongLength),
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
    fn lost_zeros_come_back_only_where_the_check_digit_matches() {
        let reading = read("261103162");
        assert_eq!(reading.form, Form::LostZeros);
        assert_eq!(reading.number.unwrap().as_str(), "00261103162");
        assert_eq!(read("261103161").number, None);
        assert_eq!(read("261,103,162.0"), reading);
        // 8 digits would make the filer code 000.
        assert_eq!(read("61103162").form, Form::WrongLength);
    }

    #[test]
    fn numbers_in_another_dress_are_read() {
        let number = EntryNumber::parse("60557610015");
        assert!(number.is_some());
        for cell in
            ["60557610015.0", "6.0557610015E10", "6.0557610015E+10", "60,557,610,015", "=\"60557610015.0\""]
        {
            assert_eq!(read(cell), Reading { form: Form::Number, number }, "{cell}");
        }
    }

    #[test]
    fn invisible_characters_have_names() {
        assert_eq!(
            invisible_names("\u{202a}ABC\u{fe0f}\u{2}\u{202a}\u{1a}"),
            "U+202A LEFT-TO-RIGHT EMBEDDING, U+FE0F VARIATION SELECTOR, U+0002, U+001A SUBSTITUTE (Ctrl-Z)"
        );
        assert_eq!(invisible_names("ABC \u{a0}"), "");
    }

    #[test]
    fn corrections_hold_the_number_that_was_meant() {
        let meant = EntryNumber::parse("002-6110316-2").unwrap();
        for typo in [
            "00261103172",
            "00261101362",
            "0O261103162",
            "00261103\u{661}62",
            "0026110316",
            "0261103162",
            "002661103162",
            "00261103162 (amended)",
            "261103172",
        ] {
            assert!(corrections(typo).contains(&meant), "{typo}");
        }
        assert!(corrections("12").is_empty());
    }
}
