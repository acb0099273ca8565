//! The typed values of cells, and how they are read from texts.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use arrayvec::ArrayString;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use crate::digits;
use crate::entry::EntryNumber;
use crate::importer::ImporterNumber;
use crate::outside::Outside;
use crate::table::schema::{Blank, Column, Type, fold_header};

/// A distinct cell of a column: its text and what its type reads in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    text: SmolStr,
    /// Its value.
    pub reading: CellReading,
}

impl Cell {
    /// A cell with that text, clean as [`clean`] leaves it, and its value.
    pub fn new(text: impl Into<SmolStr>, reading: CellReading) -> Self {
        Self { text: text.into(), reading }
    }

    /// The text without quotes, guards and surrounding space.
    pub fn text(&self) -> Outside<'_> {
        Outside::new(&self.text)
    }

    /// Whether it has a known value, which may be that there is nothing.
    pub fn is_read(&self) -> bool {
        matches!(self.reading, CellReading::Value(_) | CellReading::Nothing)
    }
}

/// How a cell reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CellReading {
    /// A value of the column's type.
    Value(Value),
    /// Nothing is written there, and the column does not define what that means.
    Blank,
    /// Nothing is written there, and in this column that means that there is nothing.
    Nothing,
    /// The type cannot read the text; for a choice, no pattern fits.
    Unreadable,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// See [`crate::table::schema::Type::Text`].
    Text(Box<str>),
    /// The index of the choice in its column.
    Choice(u16),
    /// An entry number.
    Entry(EntryNumber),
    /// An importer number.
    Importer(ImporterNumber),
    /// An HTS number.
    Hts(HtsNumber),
    /// A calendar day.
    Date(NaiveDate),
    /// US dollars.
    Money(Decimal),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    YesNo(bool),
}

/// Reads the cells of one column: its choice patterns are compiled once.
///
/// Nothing is ever guessed. A text that could mean two things ([`Reading::Unreadable`]) leads to "undecided",
/// never to a value.
#[derive(Clone, Debug)]
pub struct CellReader {
    kind: Type,
    pad: Option<usize>,
    blank: CellReading,
    choices: Vec<(u16, ChoicePattern)>,
}

impl CellReader {
    /// The reader of a column.
    pub fn new(column: &Column) -> Self {
        let choices = column
            .choices
            .iter()
            .zip(0..=u16::MAX)
            .flat_map(|(choice, index)| {
                choice.texts.iter().map(move |text| (index, ChoicePattern::new(text)))
            })
            .collect();
        let mut reader = Self { kind: column.kind, pad: column.pad, blank: CellReading::Blank, choices };
        reader.blank = match &column.blank {
            Blank::Unknown => CellReading::Blank,
            Blank::Nothing => CellReading::Nothing,
            Blank::Text(text) => reader.read(text),
        };
        reader
    }

    /// How a text reads.
    pub fn read(&self, text: &str) -> CellReading {
        self.read_clean(clean(text))
    }

    /// How a text reads from which [`clean`] has nothing to remove.
    fn read_clean(&self, text: &str) -> CellReading {
        if text.is_empty() {
            return self.blank.clone();
        }
        if text.starts_with('#') && SPREADSHEET_ERRORS.contains(&text) {
            return CellReading::Unreadable;
        }
        match null_word(text, self.kind) {
            _ if self.kind == Type::Choice && self.choice(&self.padded(text)).is_some() => {}
            Some(Null::Blank) => return self.blank.clone(),
            Some(Null::Open) => return CellReading::Blank,
            None => {}
        }
        let value = match self.kind {
            Type::Text => Some(Value::Text(self.padded(text).into())),
            Type::Choice => self.choice(&self.padded(text)).map(Value::Choice),
            Type::EntryNumber => EntryNumber::from_plain(text.as_bytes())
                .or_else(|| EntryNumber::parse(text))
                .map(Value::Entry),
            Type::ImporterNumber => ImporterNumber::parse(text)
                .or_else(|| ImporterNumber::parse(&digits::whole(text)?))
                .map(Value::Importer),
            Type::Hts => HtsNumber::parse(text).map(Value::Hts),
            Type::Date => match date(text) {
                DateReading::Day(day) => Some(Value::Date(day)),
                DateReading::None => return self.blank.clone(),
                DateReading::Unreadable => None,
            },
            Type::Money => money(text).map(Value::Money),
            Type::Integer => integer(text).map(Value::Integer),
            Type::YesNo => yes_no(text).map(Value::YesNo),
        };
        value.map_or(CellReading::Unreadable, CellReading::Value)
    }

    /// The cell of a text: the text as rules see it, and its value.
    pub fn cell(&self, text: &str) -> Cell {
        let text = clean(text);
        Cell { text: text.into(), reading: self.read_clean(text) }
    }

    /// Digits that lost leading zeros, filled up to the column's width.
    fn padded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(width) = self.pad else { return text.into() };
        match text.contains('.').then(|| digits::whole(text)).flatten() {
            Some(digits) => padded(&digits, width).into_owned().into(),
            None => padded(text, width),
        }
    }

    fn choice(&self, text: &str) -> Option<u16> {
        let folded = fold_header(text);
        self.choices.iter().find(|(_, pattern)| pattern.fits(&folded)).map(|&(index, _)| index)
    }
}

/// How a word reads that stands for no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Null {
    /// There is none: the cell is as good as blank.
    Blank,
    /// It is still to come.
    Open,
}

/// Words that databases, data frames and people write where there is not a value. A text may be one of the
/// short ones itself (`NA` is Namibia), so in texts only the clear ones are.
fn null_word(text: &str, kind: Type) -> Option<Null> {
    if text.len() > 16 || text != "0" && text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let word = text.to_ascii_lowercase();
    match (word.as_str(), kind) {
        (
            "n/a" | "n.a." | "null" | "(null)" | "<null>" | "[null]" | "(blank)" | "(empty)"
            | "not applicable",
            _,
        ) => Some(Null::Blank),
        (_, Type::Text) => None,
        ("na" | "n.a" | "nan" | "nat" | "nil" | "none" | "(none)" | "not available", _) => Some(Null::Blank),
        (dashes, _) if dashes.chars().all(crate::entry::is_dash) => Some(Null::Blank),
        // A look-up that finds a blank cell gives 0.
        ("0", Type::Choice | Type::Date) => Some(Null::Open),
        ("tbd" | "t.b.d." | "tba" | "to be determined" | "?" | "??" | "unknown", _) => Some(Null::Open),
        _ => None,
    }
}

/// What a spreadsheet shows where a formula failed: there should be a value, but it is unknown which.
const SPREADSHEET_ERRORS: [&str; 8] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"];

/// Whether a text is in the place of a missing value or of a failed formula: it is not the name of a column.
pub(super) fn stands_for_none(text: &str) -> bool {
    let text = clean(text);
    null_word(text, Type::Date).is_some() || SPREADSHEET_ERRORS.contains(&text.to_uppercase().as_str())
}

/// Reads one cell; for many cells of a column make a [`Reader`].
pub fn read(column: &Column, text: &str) -> CellReading {
    CellReader::new(column).read(text)
}

/// Whether a text is an amount or an HTS number, for a column of such.
pub fn reads_as(kind: Type, text: &str) -> bool {
    match kind {
        Type::Money => money(clean(text)).is_some(),
        Type::Hts => HtsNumber::parse(clean(text)).is_some(),
        _ => false,
    }
}

/// The text of a cell without surrounding space, invisible characters and text guards
/// (`="…"`, a leading apostrophe).
pub fn clean(text: &str) -> &str {
    // Nearly all cells are neither padded nor guarded.
    if let [first, .., last] | [first @ last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
        && !matches!(first, b'=' | b'\'')
    {
        return text;
    }
    let is_space = crate::entry::is_space;
    crate::entry::unguard(text.trim_matches(is_space)).trim_matches(is_space)
}

/// A text of a choice: pieces between `*`, folded as headers are.
#[derive(Clone, Debug)]
struct ChoicePattern {
    /// The pieces; a text without `*` is a single piece that must be everything.
    pieces: Vec<String>,
}

impl ChoicePattern {
    fn new(text: &str) -> Self {
        Self { pieces: fold_header(text).split('*').map(str::to_owned).collect() }
    }

    fn fits(&self, folded: &str) -> bool {
        let (first, last) = match self.pieces.as_slice() {
            [only] => return only == folded,
            [first, .., last] => (first, last),
            [] => return false,
        };
        let Some(rest) = folded.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        // The earliest place for each piece leaves the most room for the next.
        for piece in &self.pieces[1..self.pieces.len() - 1] {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        true
    }
}

/// Digits filled up with zeros in front to a width, as they were before a spreadsheet took them.
pub fn padded(text: &str, width: usize) -> Cow<'_, str> {
    if (1..width).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit()) {
        format!("{text:0>width$}").into()
    } else {
        text.into()
    }
}

/// How a date cell reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DateReading {
    /// A day.
    Day(NaiveDate),
    /// "No date": the year 0 or 1, or one from 1899 to 1999. A blank that went through a spreadsheet
    /// formula shows as 1900 (`1/0/1900`), and older systems write `00/00/0000` or `01/01/0001`;
    /// nothing in CAPE is that old. Other years before 2000 are mistyped ones.
    None,
    /// Not a date, or one that does not exist.
    Unreadable,
}

/// Reads `MM/DD/YYYY`, `M/D/YYYY` and ISO `YYYY-MM-DD`, also with the midnight that spreadsheets
/// append; and what can be nothing else: a year first (`2026.10.15`, `20261015`), or a month by its name
/// (`15-Oct-2026`, `October 15, 2026`). Two-digit years and day-first dates are unreadable: `03/04/26`
/// could be anything.
fn date(text: &str) -> DateReading {
    let (day, time) = day_and_time(text);
    let parts = parts_of_date(day).filter(|_| is_midnight(time));
    let parts = parts.or_else(|| compact_date(text)).or_else(|| named_month(text));
    parts.map_or(DateReading::Unreadable, |(year, month, day)| {
        match year {
            0 | 1 | 1899..2000 => return DateReading::None,
            2..1899 => return DateReading::Unreadable,
            _ => {}
        }
        NaiveDate::from_ymd_opt(year, month, day).map_or(DateReading::Unreadable, DateReading::Day)
    })
}

/// The day of a text, whatever the other dates of its table.
pub fn day_of(text: &str) -> Option<NaiveDate> {
    match date(text) {
        DateReading::Day(day) => Some(day),
        DateReading::None | DateReading::Unreadable => None,
    }
}

/// In which order a date like `10/08/2026` names its day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `21/08/2026`.
    DayFirst,
    /// `08/21/2026`.
    MonthFirst,
    /// `10/08/2026`: two different days.
    Either,
}

/// The order of a date's numbers; `None` for other texts, and where both orders give the same day.
pub fn order_of_date(text: &str) -> Option<Order> {
    let (day, _) = day_and_time(text);
    // With the year first there is no doubt.
    let (year, first, second) = parts_of_date(day).filter(|_| day.find('/').is_some_and(|at| at < 4))?;
    let is_date = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    match (is_date(first, second), is_date(second, first)) {
        _ if year < 2000 || first == second => None,
        (true, true) => Some(Order::Either),
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        (false, false) => None,
    }
}

/// The order that a date shows, be it one that is read or not: `28-09-2026` and `9/28/26` show theirs too.
/// `None` where its numbers may be either, or a year.
pub fn order_shown(text: &str) -> Option<Order> {
    let (day, _) = day_and_time(text);
    let mut parts = day.split(['/', '-', '.']);
    let mut number = || {
        let part = parts.next().filter(|part| matches!(part.len(), 1 | 2 | 4))?;
        part.bytes().all(|c| c.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
    };
    let (first, second, year) = (number()?, number()?, number()?);
    let is_year = |year: u32| matches!(year, 20..=39 | 2000..=2099);
    match (first, second) {
        _ if !is_year(year) || parts.next().is_some() => None,
        (1..=12, 13..=31) => Some(Order::MonthFirst),
        // Two digits in front may be those of a year.
        (13..=31, 1..=12) if year >= 2000 || !(20..=27).contains(&first) => Some(Order::DayFirst),
        _ => None,
    }
}

/// A date, and the time of day behind it.
fn day_and_time(text: &str) -> (&str, &str) {
    text.split_at(text.find([' ', 'T', '\u{a0}', '\u{202f}']).unwrap_or(text.len()))
}

/// Year, month and day as written, without a time of day.
fn parts_of_date(day: &str) -> Option<(i32, u32, u32)> {
    fn number(part: &str, widths: RangeInclusive<usize>) -> Option<u32> {
        (widths.contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit()))
            .then(|| part.parse().ok())?
    }
    let mut parts = day.split(['/', '-', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let separator = day.as_bytes()[first.len()];
    if day.as_bytes()[first.len() + 1 + second.len()] != separator {
        return None;
    }
    let (year, month, day) = match first.len() {
        4 => (number(first, 4..=4)?, number(second, 1..=2)?, number(third, 1..=2)?),
        // `9-2-2026` may be day first in places where dashes are used; `9/2/2026` is what ACE
        // and a spreadsheet in the US write.
        _ if separator == b'/' => (number(third, 4..=4)?, number(first, 1..=2)?, number(second, 1..=2)?),
        _ => return None,
    };
    Some((year as i32, month, day))
}

/// Year, month and day of 8 digits, the year first. Only years are read in which the month cannot be meant by
/// the first digits.
fn compact_date(text: &str) -> Option<(i32, u32, u32)> {
    let whole = digits::whole(text);
    let text = whole.as_deref().unwrap_or(text);
    let good = text.len() == 8 && text.bytes().all(|c| c.is_ascii_digit());
    let is_date = good && (text.starts_with("20") || text == "00000000");
    is_date.then(|| Some((text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)))?
}

/// Year, month and day of a date whose month is named, with 4 digits of the year.
fn named_month(text: &str) -> Option<(i32, u32, u32)> {
    if text.len() > 40 || !text.bytes().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let (mut words_end, mut kind) = (text.len(), 0);
    if let Some(colon) = text.find(':') {
        // A time of day begins with the word before its first colon.
        words_end = text[..colon].rfind([' ', 'T', '\u{a0}'])?;
        if !is_midnight(&text[words_end..]) {
            return None;
        }
    }
    for c in text[..words_end].chars() {
        let next = match c {
            '0'..='9' => 1,
            c if c.is_ascii_alphabetic() => 2,
            ' ' | '-' | '/' | ',' | '.' | '\u{a0}' => 0,
            _ => return None,
        };
        match words.last_mut().filter(|_| next == kind) {
            _ if next == 0 => {}
            Some(word) => word.push(c.to_ascii_lowercase()),
            None => words.push(c.to_ascii_lowercase().into()),
        }
        kind = next;
    }
    let [first, second, third] = words.as_slice() else { return None };
    let month = |word: &str| {
        let at = MONTHS.iter().position(|name| {
            word.len() >= 3 && (*name == word || name[..3] == *word || word == "sept" && *name == "september")
        })?;
        Some(at as u32 + 1)
    };
    let number = |word: &str, longest: usize| (word.len() <= longest).then(|| word.parse::<u32>().ok())?;
    let year = |word: &str| (word.len() == 4).then(|| word.parse::<i32>().ok())?;
    match (month(first), month(second)) {
        (Some(month), None) => Some((year(third)?, month, number(second, 2)?)),
        (None, Some(month)) if first.len() == 4 => Some((year(first)?, month, number(third, 2)?)),
        (None, Some(month)) => Some((year(third)?, month, number(first, 2)?)),
        _ => None,
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether this is nothing, or a midnight: ` 00:00:00`, `T00:00:00.000Z`, ` 12:00:00 AM`.
fn is_midnight(time: &str) -> bool {
    let time = time.strip_prefix('T').unwrap_or(time).trim();
    if time.is_empty() {
        return true;
    }
    let upper = time.to_ascii_uppercase();
    let (clock, midnight_hour) = match upper.strip_suffix("AM") {
        Some(clock) => (clock.trim_end(), 12),
        None => (upper.strip_suffix('Z').unwrap_or(&upper), 0),
    };
    let mut parts = clock.split([':', '.']);
    let hour = parts.next().and_then(|hour| hour.parse::<u8>().ok());
    hour == Some(midnight_hour)
        && clock.contains(':')
        && parts.all(|part| !part.is_empty() && part.bytes().all(|c| c == b'0'))
}

/// Reads an amount in US dollars: `850`, `850.00`, `$1,234.56`, `(12.00)`, `-12.00`, `12.00-`,
/// `USD 850`.
///
/// Unreadable, because it could be meant in two ways or cannot be an amount: `1.234,56` and
/// `1.234` (a dot may separate thousands elsewhere), `1,23`, `1E+30`, more than fifteen digits
/// before the point.
fn money(text: &str) -> Option<Decimal> {
    plain_money(text.as_bytes()).or_else(|| any_money(text))
}

/// Reads an amount as ACE writes it: digits, and one or two decimals. [`any_money`] reads it as the
/// same amount.
fn plain_money(text: &[u8]) -> Option<Decimal> {
    let (whole, cents) = match text {
        [whole @ .., b'.', a, b] => (whole, &[*a, *b][..]),
        [whole @ .., b'.', a] => (whole, &[*a][..]),
        whole => (whole, &[][..]),
    };
    if !(1..=15).contains(&whole.len()) {
        return None;
    }
    let mut amount = 0;
    for digit in whole.iter().chain(cents) {
        amount = amount * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let mut scale = cents.len() as u32;
    while scale > 0 && amount % 10 == 0 {
        (amount, scale) = (amount / 10, scale - 1);
    }
    Some(Decimal::new(amount, scale))
}

/// Reads an amount however it is written.
fn any_money(text: &str) -> Option<Decimal> {
    // How a tariff writes that there is no duty.
    if text.eq_ignore_ascii_case("free") {
        return Some(Decimal::ZERO);
    }
    // As Java writes large amounts; a spreadsheet writes `1.05E+07` and may have cut digits off.
    if let Some((mantissa, exponent)) = text.split_once('E')
        && mantissa.contains('.')
        && let Some(digits) = scaled(mantissa, exponent)
    {
        return plain_money(digits.as_bytes());
    }
    // A dash in place of an amount is how accounting formats write zero.
    let beside = CURRENCY.iter().find_map(|mark| text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)));
    if beside.map(str::trim).is_some_and(|rest| !rest.is_empty() && rest.chars().all(crate::entry::is_dash)) {
        return Some(Decimal::ZERO);
    }
    let (mut text, mut negative) = (text, false);
    let (mut signed, mut currency) = (negative, false);
    loop {
        if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            if signed {
                return None;
            }
            (text, negative, signed) = (inner.trim(), true, true);
            continue;
        }
        let sign = text.strip_prefix(['-', '\u{2212}']).or_else(|| text.strip_suffix('-'));
        let plus = text.strip_prefix('+');
        let dollars =
            CURRENCY.iter().find_map(|mark| text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)));
        match (sign, plus, dollars) {
            (Some(rest), ..) if !signed => (text, negative, signed) = (rest.trim(), true, true),
            (None, Some(rest), _) if !signed => (text, signed) = (rest.trim(), true),
            (None, None, Some(rest)) if !currency => (text, currency) = (rest.trim(), true),
            (None, None, None) => break,
            _ => return None,
        }
    }
    let (whole, cents) = match text.split_once('.') {
        Some((whole, cents)) => (whole, Some(cents)),
        None => (text, None),
    };
    let digits = ungrouped(whole)?;
    if let Some(cents) = cents {
        let may_be_thousands =
            cents.len() == 3 && digits.len() <= 3 && !digits.starts_with('0') && whole.len() == digits.len();
        if cents.len() > 12 && !is_float_noise(cents)
            || !cents.bytes().all(|c| c.is_ascii_digit())
            || may_be_thousands
            || (cents.is_empty() && digits.is_empty())
        {
            return None;
        }
    } else if digits.is_empty() {
        return None;
    }
    if digits.trim_start_matches('0').len() > 15 {
        return None;
    }
    let cents = cents.unwrap_or("");
    // Twelve decimals are exact; what a spreadsheet's binary fractions add after that is noise.
    let cents = &cents[..cents.len().min(12)];
    let digits = digits.trim_start_matches('0');
    let amount: i128 = format!("{digits}{cents}0").parse().ok()?;
    let mut amount = Decimal::try_from_i128_with_scale(amount, cents.len() as u32 + 1).ok()?.normalize();
    if negative && !amount.is_zero() {
        amount.set_sign_negative(true);
    }
    Some(amount)
}

/// What is beside an amount in dollars.
const CURRENCY: [&str; 3] = ["US$", "USD", "$"];

/// The digits of `1.05E7`: at least 7 before the point, none of them lost. `None` where the exponent has a
/// sign.
fn scaled(mantissa: &str, exponent: &str) -> Option<String> {
    let (whole, decimals) = mantissa.split_once('.')?;
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if whole.len() != 1 || !all_digits(whole) || !all_digits(decimals) || !all_digits(exponent) {
        return None;
    }
    let exponent: usize = exponent.parse().ok().filter(|exponent| (7..=14).contains(exponent))?;
    let decimals = decimals.trim_end_matches('0');
    let (digits, cents) = decimals.split_at(decimals.len().min(exponent));
    (cents.len() <= 2).then(|| {
        let point = if cents.is_empty() { "" } else { "." };
        format!("{whole}{digits:0<exponent$}{point}{cents}")
    })
}

/// Whether decimals end as binary fractions do when printed: `…00000001`, `…99999999`.
fn is_float_noise(decimals: &str) -> bool {
    decimals.len() <= 20 && decimals.bytes().all(|c| c.is_ascii_digit()) && {
        let after_cents = &decimals[4..decimals.len() - 1];
        after_cents.bytes().all(|c| c == b'0') || after_cents.bytes().all(|c| c == b'9')
    }
}

/// The digits of a number whose thousands may be set apart by commas; `None` where the groups are
/// not groups of three.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let all_digits = |group: &str| group.bytes().all(|c| c.is_ascii_digit());
    if !all_digits(first) {
        return None;
    }
    if first.len() == text.len() {
        return Some(first.into());
    }
    if !(1..=3).contains(&first.len()) || !groups.all(|group| group.len() == 3 && all_digits(group)) {
        return None;
    }
    Some(text.replace(',', "").into())
}

/// Reads a whole number: `12`, `1,234`, `-3`, also with the `.0` that a spreadsheet or a script
/// appends.
fn integer(text: &str) -> Option<i64> {
    let (negative, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = match rest.split_once('.') {
        Some((whole, "0" | "00")) => whole,
        Some(_) => return None,
        None => rest,
    };
    let digits = ungrouped(whole).filter(|digits| !digits.is_empty())?;
    let number: i64 = digits.parse().ok()?;
    Some(if negative { -number } else { number })
}

/// Reads yes or no. `X` is how people tick a box in a work list.
fn yes_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" | "x" => Some(true),
        "n" | "no" | "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// The bare digits of an HTS number: a heading of 4, a subheading of 6, a rate line of 8 or a
/// statistical number of 10.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HtsNumber(ArrayString<10>);

impl HtsNumber {
    /// Reads an HTS number.
    ///
    /// There are no other lengths, so an odd number of digits has lost a zero in a spreadsheet:
    ///
    /// - the leading one of chapters 01 to 09: `101210010` is `0101210010`;
    /// - the last one, if the number has 7 digits and begins with `99`: `9903.0120` read as a number is
    ///   `9903.012`. It cannot be the leading one, because chapter 09 has no heading `0990`.
    ///
    /// Chapter `00` and anything but digits between dots and spaces is unreadable.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(number) = Self::from_digits(text) {
            return Some(number);
        }
        // `99030125.0`: a number that a script wrote. A dot of an HTS number follows the 4th digit.
        let whole = digits::whole(text).filter(|digits| digits.len() >= 7);
        let text = whole.as_deref().unwrap_or(text);
        let mut digits = String::with_capacity(11);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '.' => {}
                c if c.is_whitespace() || crate::entry::is_dash(c) => {}
                _ => return None,
            }
        }
        match digits.len() {
            7 if digits.starts_with("99") => digits.push('0'),
            3 | 5 | 7 | 9 if !digits.starts_with("99") => digits.insert(0, '0'),
            _ => {}
        }
        Self::from_digits(&digits)
    }

    /// A number from digits, if HTS numbers have this length and chapter.
    fn from_digits(text: &str) -> Option<Self> {
        // A heading of Chapter 99 has 8 digits; of fewer it is not known which heading is meant.
        let good = matches!(text.len(), 4 | 6 | 8 | 10) && !text.starts_with("00");
        let good = good && (text.len() >= 8 || !text.starts_with("99"));
        if good { Self::heading(text) } else { None }
    }

    /// The first digits of a group of numbers: at most 10, not necessarily a number of the tariff.
    pub fn heading(text: &str) -> Option<Self> {
        let are_digits = text.bytes().all(|c| c.is_ascii_digit());
        if are_digits { ArrayString::from(text).ok().map(Self) } else { None }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for HtsNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::Choice;

    fn column(kind: Type) -> Column {
        Column { headers: vec!["C".into()], ..Column::new("c", kind) }
    }

    fn day(year: i32, month: u32, day: u32) -> CellReading {
        CellReading::Value(Value::Date(NaiveDate::from_ymd_opt(year, month, day).unwrap()))
    }

    #[test]
    fn dates_are_read_as_ace_spreadsheets_and_iso_write_them() {
        let read = |text| read(&column(Type::Date), text);
        for text in [
            "09/02/2026",
            "9/2/2026",
            "2026-09-02",
            "2026-9-2",
            "2026/09/02",
            "2026-09-02 00:00:00",
            "2026-09-02T00:00:00",
            "2026-09-02T00:00:00.000Z",
            "9/2/2026 0:00",
            "9/2/2026 12:00:00 AM",
            "=\"09/02/2026\"",
            " 09/02/2026\u{a0}",
            "20260902",
            "20260902.0",
            "2026.09.02",
            "02-Sep-2026",
            "2-SEP-2026",
            "02SEP2026",
            "2 September 2026",
            "Sep 2, 2026",
            "Sept. 2, 2026",
            "2026-Sep-02",
            "02-Sep-2026 00:00:00",
            "Sep 2, 2026 12:00:00 AM",
        ] {
            assert_eq!(read(text), day(2026, 9, 2), "{text:?}");
        }
        assert_eq!(read("02/29/2028"), day(2028, 2, 29));
    }

    #[test]
    fn dates_that_do_not_exist_or_could_be_two_are_unreadable() {
        for text in [
            "02/30/2026",
            "02/29/2026",
            "13/01/2026",
            "00/10/2026",
            "03/04/26",
            "9-2-2026",
            "2026-09/02",
            "09022026",
            "02092026",
            "20261302",
            "46267",
            "02-Sep-26",
            "Sep 2026",
            "31-Sep-2026",
            "2-Septober-2026",
            "Sep 2, 2026 14:30",
            "02.09.2026",
            "2026-09-02 14:30:00",
            "2026-09-02 12:00:00",
            "09/02/2026/",
            "/",
            "//",
            "soon",
            "09/02/20\u{0662}6",
        ] {
            assert_eq!(read(&column(Type::Date), text), CellReading::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn the_order_of_a_date_is_seen_where_it_shows() {
        for (text, order) in [
            ("21/08/2026", Some(Order::DayFirst)),
            ("21/8/2026 0:00", Some(Order::DayFirst)),
            ("08/21/2026", Some(Order::MonthFirst)),
            ("10/08/2026", Some(Order::Either)),
            ("12/01/2026", Some(Order::Either)),
            ("13/12/2026", Some(Order::DayFirst)),
            ("12/13/2026", Some(Order::MonthFirst)),
            ("08/08/2026", None),
            ("32/08/2026", None),
            ("13/13/2026", None),
            ("2026/10/08", None),
            ("10/08/26", None),
            ("10/08/1900", None),
            ("10-08-2026", None),
            ("10/08/2026/1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(order_of_date(text), order, "{text:?}");
        }
    }

    #[test]
    fn years_before_2000_are_blank() {
        for text in ["1/0/1900", "01/00/1900", "12/30/1899", "1900-01-00", "00/00/0000", "", "  ", "=\"\""] {
            assert_eq!(read(&column(Type::Date), text), CellReading::Blank, "{text:?}");
        }
        let nothing = Column { blank: Blank::Nothing, ..column(Type::Date) };
        assert_eq!(read(&nothing, "1/0/1900"), CellReading::Nothing);
        for text in ["8/1/0026", "0206-08-01", "08/01/1776"] {
            assert_eq!(read(&column(Type::Date), text), CellReading::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn words_for_no_value_are_blanks() {
        for word in ["N/A", "n/a", "NULL", "(blank)", "NaN", "NaT", "None", "-", "--", "\u{2013}", "TBD"] {
            for kind in
                [Type::Date, Type::Money, Type::Hts, Type::Integer, Type::ImporterNumber, Type::Choice]
            {
                assert_eq!(read(&column(kind), word), CellReading::Blank, "{word} {kind:?}");
            }
        }
        let zero = Column { blank: Blank::Text("0".into()), ..column(Type::Money) };
        assert_eq!(read(&zero, "N/A"), CellReading::Value(Value::Money(Decimal::ZERO)));
        // What is still to come is not what a blank means.
        assert_eq!(read(&zero, "TBD"), CellReading::Blank);
        assert_eq!(read(&column(Type::Text), "N/A"), CellReading::Blank);
        for text in ["NA", "None", "-", "TBD"] {
            assert_eq!(
                read(&column(Type::Text), text),
                CellReading::Value(Value::Text(text.into())),
                "{text}"
            );
        }
        for text in ["#N/A", "not known", "n/a (see mail)"] {
            assert_eq!(read(&column(Type::Date), text), CellReading::Unreadable, "{text}");
        }
    }

    #[test]
    fn money_is_exact() {
        for (text, amount) in [
            ("$ -", "0"),
            ("$-   ", "0"),
            (" $-   ", "0"),
            ("US$ -", "0"),
            ("$(1,234.56)", "-1234.56"),
            ("$ (12.00)", "-12"),
            (" $ 1,234.56 ", "1234.56"),
            ("US$ 12", "12"),
            ("1.05E7", "10500000"),
            ("1.234567891E7", "12345678.91"),
            ("9.99999999999E10", "99999999999.9"),
            ("850", "850"),
            ("850.00", "850"),
            ("850.5", "850.5"),
            ("$1,234.56", "1234.56"),
            ("1,234,567", "1234567"),
            ("(12.00)", "-12"),
            ("($1,234.56)", "-1234.56"),
            ("-$12.00", "-12"),
            ("$-12.00", "-12"),
            ("$ -12.00", "-12"),
            ("12.00-", "-12"),
            ("\u{2212}12", "-12"),
            ("+3", "3"),
            ("USD 1,000.10", "1000.1"),
            ("1000.10 USD", "1000.1"),
            ("-0.00", "0"),
            ("FREE", "0"),
            ("Free", "0"),
            ("(0.00)", "0"),
            (".50", "0.5"),
            ("5.", "5"),
            ("0.125", "0.125"),
            ("1234.567", "1234.567"),
            ("652.8000000000001", "652.8"),
            ("=\"850.00\"", "850"),
            ("999999999999999.99", "999999999999999.99"),
        ] {
            let expected = CellReading::Value(Value::Money(amount.parse().unwrap()));
            assert_eq!(read(&column(Type::Money), text), expected, "{text:?}");
        }
        let CellReading::Value(Value::Money(zero)) = read(&column(Type::Money), "-0.00") else { panic!() };
        assert!(zero.is_sign_positive());
    }

    #[test]
    fn money_that_could_be_two_amounts_is_unreadable() {
        for text in [
            "1.234,56",
            "1.234",
            "12,34",
            "1,23",
            "1,2345",
            ",123",
            "1,,234",
            "1000000000000000000000000000000",
            "1E+30",
            "1e3",
            "1.05E+07",
            "1.05E3",
            "1.0512345678E7",
            "--1",
            "(-1)",
            "((1))",
            "-(1)",
            "$$1",
            "$",
            "()",
            ".",
            "1 234",
            "12%",
            "\u{20ac}12",
        ] {
            assert_eq!(read(&column(Type::Money), text), CellReading::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn hts_numbers_are_digits_and_get_back_the_zeros_a_spreadsheet_took() {
        for (text, digits) in [
            ("9903.01.25", "99030125"),
            ("99030125", "99030125"),
            ("99030125.0", "99030125"),
            ("3923900080", "3923900080"),
            ("3923.90.0080", "3923900080"),
            ("3923 90 00 80", "3923900080"),
            ("101210010", "0101210010"),
            ("101.21.0010", "0101210010"),
            ("1012100", "01012100"),
            ("9903.012", "99030120"),
            ("9903012", "99030120"),
            ("3923", "3923"),
            ("=\"9903.01.25\"", "99030125"),
            ("9.9030125E7", "99030125"),
            ("3.923900080E9", "3923900080"),
        ] {
            let expected = CellReading::Value(Value::Hts(HtsNumber::heading(digits).unwrap()));
            assert_eq!(read(&column(Type::Hts), text), expected, "{text:?}");
        }
        for text in [
            "99",
            "9903",
            "9903.01",
            "990301250",
            "99030",
            "00123456",
            "12345678901",
            "9903.01.2A",
            "\u{ff19}903",
            "9.9E+07",
        ] {
            assert_eq!(read(&column(Type::Hts), text), CellReading::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn text_is_padded_only_where_digits_are_short() {
        let padded = Column { pad: Some(2), ..column(Type::Text) };
        for (text, expected) in [
            ("1.0", "01"),
            ("11.0", "11"),
            ("1", "01"),
            ("01", "01"),
            ("011", "011"),
            ("A", "A"),
            ("=\"1\"", "01"),
        ] {
            assert_eq!(read(&padded, text), CellReading::Value(Value::Text(expected.into())), "{text:?}");
        }
        assert_eq!(read(&padded, ""), CellReading::Blank);
        assert_eq!(read(&padded, "#REF!"), CellReading::Unreadable);
    }

    #[test]
    fn yes_no_and_integers() {
        for (text, expected) in [("Y", true), ("yes", true), ("TRUE", true), ("1", true), ("x", true)]
            .into_iter()
            .chain([("N", false), ("No", false), ("false", false), ("0", false)])
        {
            assert_eq!(
                read(&column(Type::YesNo), text),
                CellReading::Value(Value::YesNo(expected)),
                "{text:?}"
            );
        }
        assert_eq!(read(&column(Type::YesNo), "P"), CellReading::Unreadable);
        for (text, expected) in [("12", 12), ("1,234", 1234), ("-3", -3), ("7.0", 7), ("+7", 7), ("007", 7)] {
            assert_eq!(
                read(&column(Type::Integer), text),
                CellReading::Value(Value::Integer(expected)),
                "{text:?}"
            );
        }
        for text in ["1.5", "1.234", "1,23", "99999999999999999999", "one", "1e3"] {
            assert_eq!(read(&column(Type::Integer), text), CellReading::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn the_first_choice_whose_text_fits_wins() {
        let choice = |name: &str, texts: &[&str]| Choice {
            name: name.into(),
            texts: texts.iter().map(|&text| text.to_owned()).collect(),
        };
        let column = Column {
            choices: vec![
                choice("liquidated", &["liquidated", "deemed liq*"]),
                choice("open", &["un*dated", "*review*"]),
                choice("any_b", &["a*b*c"]),
            ],
            ..column(Type::Choice)
        };
        let index = |text: &str| match read(&column, text) {
            CellReading::Value(Value::Choice(index)) => Some(index),
            _ => None,
        };
        assert_eq!(index("LIQUIDATED "), Some(0));
        assert_eq!(index("Deemed Liquidated"), Some(0));
        assert_eq!(index("Deemed_Liquidated"), Some(0));
        assert_eq!(index("Unliquidated"), Some(1));
        assert_eq!(index("Under Review"), Some(1));
        assert_eq!(index("a b c"), Some(2));
        assert_eq!(index("abbc"), Some(2));
        assert_eq!(index("ac"), None);
        assert_eq!(index("undat"), None);
        assert_eq!(read(&column, "Extended"), CellReading::Unreadable);
        assert_eq!(read(&column, " "), CellReading::Blank);
    }

    #[test]
    fn a_blank_means_what_the_column_declares() {
        let zero = Column { blank: Blank::Text("0".into()), ..column(Type::Money) };
        assert_eq!(read(&zero, " "), CellReading::Value(Value::Money(Decimal::ZERO)));
        let nothing = Column { blank: Blank::Nothing, ..column(Type::Text) };
        assert_eq!(read(&nothing, "\u{200b}"), CellReading::Nothing);
        let still_blank = Column { blank: Blank::Text(String::new()), ..column(Type::Text) };
        assert_eq!(read(&still_blank, ""), CellReading::Blank);
    }
}
