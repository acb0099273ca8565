//! Reads whole numbers in the formats of spreadsheets and programs.
//!
//! An entry number, an HTS number or a day that looks like a number is written as one by the programs that
//! pass it on: `60557610015.0` by a data frame, `6.0557610015E10` by Java, `60,557,610,015` by a number
//! format. All digits are there, so it can be read ([`whole`]). In `6.05576E+10` they are not, and all that
//! is left is a range ([`rounded`]).

use std::ops::RangeInclusive;

/// Most digits that are read: no number here has more.
const MAX_DIGITS: usize = 15;

/// The digits of a whole number in such a format, where all of them are there; `None` also where it is
/// written plainly.
pub fn whole(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(scientific) = Scientific::parse(text) {
        let missing = usize::try_from(scientific.exponent).ok()?.checked_sub(scientific.decimals.len());
        return match missing {
            Some(0) => Some(format!("{}{}", scientific.whole, scientific.decimals)),
            Some(_) => None,
            None => {
                let (digits, rest) = scientific.decimals.split_at(scientific.exponent as usize);
                is_zeros(rest).then(|| format!("{}{digits}", scientific.whole))
            }
        };
    }
    // A comma before one or two zeros is that of a decimal: groups have 3 digits.
    let by_comma = || text.rsplit_once(',').filter(|(_, zeros)| matches!(*zeros, "0" | "00"));
    let (digits, decimals) = match text.split_once('.').or_else(by_comma) {
        Some((digits, decimals)) => (digits, Some(decimals)),
        None => (text, None),
    };
    let is_dressed = decimals.is_some() || digits.contains(',');
    if !is_dressed || decimals.is_some_and(|decimals| decimals.is_empty() || !is_zeros(decimals)) {
        return None;
    }
    let mut groups = digits.split(',');
    let first = groups.next()?;
    let grouped = digits.contains(',');
    let good = is_digits(first)
        && (!grouped || first.len() <= 3)
        && groups.all(|group| group.len() == 3 && is_digits(group));
    let digits = digits.replace(',', "");
    (good && digits.len() <= MAX_DIGITS).then_some(digits)
}

/// The whole numbers that a rounded figure may stand for: scientific notation with too few digits, or 11
/// digits of which the last ones became zeros.
pub fn rounded(text: &str) -> Option<RangeInclusive<u64>> {
    let text = text.trim();
    // Whether the last digit was rounded or cut is not known.
    let around = |value: u64, step: u64| value.saturating_sub(step / 2)..=value.saturating_add(step - 1);
    if let Some(scientific) = Scientific::parse(text) {
        let exponent = usize::try_from(scientific.exponent).ok().filter(|exponent| *exponent < MAX_DIGITS)?;
        let missing = exponent.checked_sub(scientific.decimals.len()).filter(|missing| *missing > 0)?;
        let known: u64 = format!("{}{}", scientific.whole, scientific.decimals).parse().ok()?;
        let step = 10u64.checked_pow(missing as u32)?;
        return Some(around(known.checked_mul(step)?, step));
    }
    let zeros = text.len() - text.trim_end_matches('0').len();
    let is_rounded =
        is_digits(text) && (10..=11).contains(&text.len()) && (MIN_ZEROS..text.len()).contains(&zeros);
    is_rounded.then(|| Some(around(text.parse().ok()?, 10u64.pow(zeros as u32))))?
}

/// How many zeros at the end mean that digits are gone.
const MIN_ZEROS: usize = 4;

/// The value of a text that is nothing but digits.
pub fn value_of(text: &str) -> Option<u64> {
    is_digits(text).then(|| text.parse().ok())?
}

/// A number in scientific notation: `6.05761E+10`, in some regions `6,05761E+10`.
struct Scientific<'a> {
    whole: &'a str,
    decimals: &'a str,
    exponent: i32,
}

impl<'a> Scientific<'a> {
    /// An `E` alone is not enough: `12E-1234567-8` is a good entry number.
    fn parse(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['E', 'e'])?;
        let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let is_marked = whole.len() != mantissa.len() || exponent.starts_with('+');
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let good = is_marked
            && whole.len() == 1
            && is_digits(whole)
            && decimals.bytes().all(|c| c.is_ascii_digit())
            && decimals.len() <= MAX_DIGITS
            && is_digits(power);
        if good { Some(Self { whole, decimals, exponent: exponent.parse().ok()? }) } else { None }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

fn is_zeros(text: &str) -> bool {
    text.bytes().all(|c| c == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressed_whole_numbers_have_all_their_digits() {
        for (text, digits) in [
            ("60557610015.0", "60557610015"),
            ("60557610015.00", "60557610015"),
            ("60557610015,0", "60557610015"),
            ("60557610015,00", "60557610015"),
            ("6.0557610015E10", "60557610015"),
            ("6.0557610015E+10", "60557610015"),
            ("6.0557610015e+010", "60557610015"),
            ("6,0557610015E+10", "60557610015"),
            ("6.05576100150E10", "60557610015"),
            ("60,557,610,015", "60557610015"),
            ("1.0", "1"),
            ("2.61103162E8", "261103162"),
        ] {
            assert_eq!(whole(text).as_deref(), Some(digits), "{text}");
        }
        for text in [
            "60557610015",
            "6.05576E+10",
            "60557610015.5",
            "60557610015,5",
            "60557610015,000",
            "60557610015,",
            "60557610015.",
            "6055,7610015",
            "60,557,610,15",
            "ABC.0",
            "12E1234567",
            "6.05576100155E10",
            "",
            ".0",
            "6.0E",
            "1.5E-1",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn rounded_figures_stand_for_a_range() {
        assert_eq!(rounded("6.05576E+10"), Some(60_557_550_000..=60_557_699_999));
        assert_eq!(rounded("6E+10"), Some(55_000_000_000..=69_999_999_999));
        assert_eq!(rounded("60557600000"), Some(60_557_550_000..=60_557_699_999));
        for text in ["6.0557610015E10", "60557610015", "00000000000", "1.2E+99", "1E-3", "6055760", "x"] {
            assert_eq!(rounded(text), None, "{text}");
        }
    }
}
