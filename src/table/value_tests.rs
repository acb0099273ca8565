//! Days and amounts, in every form that is read: each reads as itself, and whatever is read is in
//! one of the forms of the value that was read. Nothing is read as something else.

use std::sync::LazyLock;

use crate::table::schema::{Column, Type};
use crate::table::value::{CellReader, CellReading, Value};
use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use regex::Regex;
use rust_decimal::Decimal;

fn reader(kind: Type) -> CellReader {
    CellReader::new(&Column { headers: vec!["C".into()], ..Column::new("c", kind) })
}

fn day(text: &str) -> Option<NaiveDate> {
    match reader(Type::Date).read(text) {
        CellReading::Value(Value::Date(day)) => Some(day),
        _ => None,
    }
}

fn amount(text: &str) -> Option<Decimal> {
    match reader(Type::Money).read(text) {
        CellReading::Value(Value::Money(amount)) => Some(amount),
        _ => None,
    }
}

/// A text as it is in exports and spreadsheets: bare, with space around it, behind a guard.
fn around(text: &str, way: usize) -> String {
    match way {
        0 => text.to_owned(),
        1 => format!(" {text}\u{a0}"),
        2 => format!("=\"{text}\""),
        _ => format!("'{text}"),
    }
}

/// The ways in which a day is written.
fn forms_of_day(day: NaiveDate) -> Vec<String> {
    let (y, m, d) = (day.year(), day.month(), day.day());
    let mut forms = Vec::new();
    for month in [format!("{m}"), format!("{m:02}")] {
        for day in [format!("{d}"), format!("{d:02}")] {
            forms.push(format!("{month}/{day}/{y:04}"));
            forms.push(format!("{y:04}-{month}-{day}"));
            forms.push(format!("{y:04}/{month}/{day}"));
        }
    }
    forms
}

/// The ways in which a day is written, and those that are read besides: `2026.10.15` and `20261015`.
fn forms_that_are_read(day: NaiveDate) -> Vec<String> {
    let mut forms = forms_of_day(day);
    let dotted = |form: &String| form.starts_with(&format!("{:04}-", day.year()));
    forms.extend(forms_of_day(day).iter().filter(|form| dotted(form)).map(|form| form.replace('-', ".")));
    forms.push(day.format("%Y%m%d").to_string());
    forms
}

/// What spreadsheets and scripts append to a day.
const MIDNIGHTS: [&str; 7] =
    ["", " 00:00:00", "T00:00:00", "T00:00:00.000Z", " 0:00", " 12:00:00 AM", "\u{a0}12:00 am"];

/// Times of day that are no midnight, or no time.
const TIMES: [&str; 8] =
    [" 00:00:01", " 12:00:00", "T23:59:59Z", " 0:01", " 12:00:00 PM", " 1:00 AM", " x", "/1"];

fn days() -> impl Strategy<Value = NaiveDate> {
    (0..40_000i64)
        .prop_map(|after| NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(after as u64))
}

/// The ways in which an amount of so many cents is written.
fn forms_of_cents(cents: i64) -> Vec<String> {
    let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let plain = dollars.to_string();
    let grouped = grouped(&plain, ",");
    let mut forms = Vec::new();
    for whole in [plain.as_str(), &grouped] {
        forms.push(format!("{whole}.{rest:02}"));
        forms.push(format!("{whole}.{rest:02}00"));
        if rest % 10 == 0 {
            forms.push(format!("{whole}.{}", rest / 10));
        }
        if rest == 0 {
            forms.push(whole.to_owned());
            forms.push(format!("{whole}."));
        }
    }
    if dollars == 0 {
        forms.push(format!(".{rest:02}"));
    }
    let with_currency = |text: &String| {
        [text.clone(), format!("${text}"), format!("$ {text}"), format!("USD {text}"), format!("{text} USD")]
    };
    let mut signed = Vec::new();
    for form in &forms {
        if cents >= 0 {
            signed.extend(with_currency(form));
            signed.push(format!("+{form}"));
        }
        if cents <= 0 {
            for minus in ["-", "\u{2212}"] {
                signed.extend(with_currency(form).map(|text| format!("{minus}{text}")));
                signed.extend(with_currency(&format!("{minus}{form}")));
            }
            signed.extend(with_currency(form).map(|text| format!("({text})")));
            signed.push(format!("{form}-"));
        }
    }
    signed
}

/// Digits with something between groups of three.
fn grouped(digits: &str, between: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(between);
        }
        text.push(digit);
    }
    text
}

/// Cents of small and of big amounts, below and above nothing.
fn all_cents() -> impl Strategy<Value = i64> {
    prop_oneof![
        -20_000..20_000i64,
        -100_000_000_000..100_000_000_000i64,
        -99_999_999_999_999_999..99_999_999_999_999_999i64
    ]
}

/// A text as an amount, computed in another way: nothing where it is not in a form that is read.
fn amount_by_pattern(text: &str) -> Option<Decimal> {
    let text = text.trim();
    // A dash beside one currency is zero in accounting formats.
    let bare = text.replace("USD", "$");
    if bare.matches('$').count() == 1 && bare.contains('-') && bare.chars().all(|c| "$- ".contains(c)) {
        return Some(Decimal::ZERO);
    }
    // As programs write large amounts: every digit is there.
    if let Some((mantissa, exponent)) = text.split_once('E') {
        let power: u32 = exponent.parse().ok().filter(|power| *power < 16)?;
        let mantissa: Decimal = mantissa.parse().ok()?;
        return Some(mantissa * Decimal::from(10_u64.pow(power)));
    }
    // One currency may be before or behind the parentheses of a credit.
    let marks = ["$", "USD"];
    let bare = marks.iter().find_map(|mark| text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)));
    let in_parentheses = |text: &'_ str| Some(text.trim().strip_prefix('(')?.strip_suffix(')')?.to_owned());
    let (inner, mut negative) = match in_parentheses(text).or_else(|| in_parentheses(bare?)) {
        Some(inner) => (inner, true),
        None => (text.to_owned(), false),
    };
    let signs: Vec<char> = inner.chars().filter(|c| matches!(c, '-' | '+')).collect();
    if signs.len() + usize::from(negative) > 1 {
        return None;
    }
    negative |= signs == ['-'];
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let form = r"^(?x: \s* [-+]? \s* (\$|USD)? \s* [-+]? \s*
            (?P<whole> \d{1,3}(,\d{3})+ | \d* ) (?P<point>\.)? (?P<cents>\d{0,12})
            \s* -? \s* (\$|USD)? \s* -? \s* )$";
        Regex::new(form).unwrap()
    });
    let found = FORM.captures(&inner)?;
    let (whole, cents) = (&found["whole"], &found["cents"]);
    let currencies = text.matches('$').count() + text.matches("USD").count();
    let thousands =
        cents.len() == 3 && !whole.contains(',') && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if currencies > 1
        || thousands
        || whole.len() + cents.len() == 0
        || (found.name("point").is_none() && !cents.is_empty())
    {
        return None;
    }
    let digits = whole.replace(',', "");
    let amount: Decimal = format!("0{digits}.{cents}0").parse().ok()?;
    Some(if negative { -amount } else { amount })
}

proptest! {
    #[test]
    fn a_day_reads_as_itself_in_every_form(date in days(), way in 0..4usize) {
        for form in forms_of_day(date) {
            for midnight in MIDNIGHTS {
                let text = around(&format!("{form}{midnight}"), way);
                prop_assert_eq!(day(&text), Some(date), "{}", text);
            }
            for time in TIMES {
                let text = around(&format!("{form}{time}"), way);
                prop_assert_eq!(day(&text), None, "{}", text);
            }
        }
    }

    /// What a formula makes of an empty cell, and what older systems write for it; the others are
    /// mistyped.
    #[test]
    fn a_year_before_2000_is_not_a_day(year in 0..2000u32, month in 0..=12u32, date in 0..=31u32) {
        let reading = if !(2..1899).contains(&year) { CellReading::Blank } else { CellReading::Unreadable };
        for text in [format!("{month}/{date}/{year:04}"), format!("{year:04}-{month:02}-{date:02}")] {
            prop_assert_eq!(reader(Type::Date).read(&text), reading.clone(), "{}", text);
        }
    }

    /// Texts that look like days, most of them none: day first, two-digit years, impossible days.
    #[test]
    fn what_is_read_as_a_day_is_one_of_its_forms(
        text in "[0-9]{1,4}[-/. ]?[0-9]{1,2}[-/. ]?[0-9]{1,4}|(20[0-9]{2})-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/(20|19)[0-9]{2}",
    ) {
        if let Some(date) = day(&text) {
            prop_assert!(forms_that_are_read(date).contains(&text), "{text} is read as {date}");
        }
    }

    /// One letter changed, lost or added, as people mistype.
    #[test]
    fn a_mistyped_day_is_that_day_or_none(
        date in days(), form in 0..12usize, at in 0..10usize, change in "[0-9/. -]{0,2}", lost in 0..2usize,
    ) {
        let mut text = forms_of_day(date)[form].clone();
        let at = at.min(text.len());
        let end = (at + lost).min(text.len());
        text.replace_range(at..end, &change);
        if let Some(date) = day(&text) {
            prop_assert!(forms_that_are_read(date).contains(&text.trim().to_owned()), "{text} is read as {date}");
        }
    }

    #[test]
    fn an_amount_reads_as_itself_in_every_form(cents in all_cents(), way in 0..4usize) {
        let exact = Decimal::new(cents, 2);
        for form in forms_of_cents(cents) {
            let text = around(&form, way);
            // A leading apostrophe or a guard is a spreadsheet's; the amount is the same.
            prop_assert_eq!(amount(&text), Some(exact), "{}", text);
        }
    }

    /// As amounts are written elsewhere: with a comma before the cents, and points, spaces or
    /// apostrophes between thousands.
    #[test]
    fn an_amount_as_written_elsewhere_is_none(cents in all_cents(), negative in any::<bool>()) {
        let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
        let sign = if negative { "-" } else { "" };
        for between in [".", " ", "\u{a0}", "\u{202f}", "'", "\u{2019}", ""] {
            let whole = grouped(&dollars.to_string(), between);
            let text = format!("{sign}{whole},{rest:02}");
            prop_assert_eq!(amount(&text), None, "{}", text);
            if !between.is_empty() && dollars >= 1000 {
                for text in [format!("{sign}{whole}"), format!("{sign}{whole}.{rest:02}")] {
                    prop_assert_eq!(amount(&text), None, "{}", text);
                }
            }
        }
    }

    #[test]
    fn what_is_read_as_an_amount_is_in_one_of_its_forms(
        text in "[-+($]{0,2}(USD )?[0-9]{0,4}([,.][0-9]{0,4}){0,3}( ?USD|[$)-])?|[0-9.,$()+ E%-]{1,12}",
    ) {
        if let Some(read) = amount(&text) {
            prop_assert_eq!(Some(read), amount_by_pattern(&text), "{}", text);
        }
    }
}
