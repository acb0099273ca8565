//! Writes amounts and numbers as people read them, the same in messages and in reports.

use rust_decimal::Decimal;

/// An amount in US dollars, rounded to cents: `$1,234.56`.
pub fn dollars(amount: Decimal) -> String {
    let rounded = amount.round_dp(2);
    let text = format!("{:.2}", rounded.abs());
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let minus = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    format!("{minus}${}.{cents}", grouped(whole))
}

/// An amount that may only be an upper bound: `at most $1,234.56`.
pub fn bounded_dollars(amount: Decimal, is_upper_bound: bool) -> String {
    format!("{}{}", if is_upper_bound { "at most " } else { "" }, dollars(amount))
}

/// An amount as text for programs and spreadsheets: `1234.50`.
pub fn cents(amount: Decimal) -> String {
    let amount = amount.round_dp(2);
    format!("{:.2}", if amount.is_zero() { Decimal::ZERO } else { amount })
}

/// A whole number with its thousands apart: `1,234`.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut grouped = String::from(sign);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its thousands apart.
pub fn thousands(n: usize) -> String {
    grouped(&n.to_string())
}

/// An HTS number with its dots: `9903.01.25`, `3923.90.0080`.
pub fn dotted(digits: &str) -> String {
    match (digits.is_ascii(), digits.len()) {
        (true, 5..=6) => format!("{}.{}", &digits[..4], &digits[4..]),
        (true, 7..) => format!("{}.{}.{}", &digits[..4], &digits[4..6], &digits[6..]),
        _ => digits.to_owned(),
    }
}
