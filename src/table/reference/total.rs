//! Tells totals and remarks of a list from rows that lost their entry number.
//!
//! A list has no column that only its data have, as an export has HTS numbers. So a row without a readable
//! entry number is a total or a remark only where all of it is part of one. Anything else may be the row of
//! any entry: a needless "undecided" costs a look, a false absence an upload that cannot be undone.

use crate::entry;
use crate::table::value;

/// Words of which one makes a text the label of a total.
const HEADS: [&str; 14] = [
    "total",
    "totals",
    "subtotal",
    "subtotals",
    "sum",
    "sums",
    "count",
    "counts",
    "average",
    "rows",
    "records",
    "entries",
    "items",
    "lines",
];

/// Words that may be beside them. Any other makes it a text about an entry: `total value understated`.
const BESIDE: [&str; 21] = [
    "grand", "sub", "overall", "report", "list", "all", "the", "of", "in", "for", "number", "no", "duty",
    "duties", "ieepa", "amount", "amounts", "value", "goods", "refund", "refunds",
];

/// Words of a header below which a number is an amount or a count, not what something is called.
const AMOUNTS: [&str; 17] = [
    "amount", "amounts", "amt", "duty", "duties", "value", "total", "totals", "refund", "refunds", "usd",
    "qty", "quantity", "count", "interest", "fee", "fees",
];

/// How remarks below a list begin.
const REMARKS: [&str; 12] = [
    "as of",
    "confidential",
    "end of",
    "exported",
    "generated",
    "last updated",
    "legend",
    "page ",
    "prepared by",
    "printed",
    "source:",
    "updated on",
];

/// What people write in place of a number that is not known yet, besides what stands for no value anywhere.
const PLACEHOLDERS: [&str; 4] = ["missing", "pending", "blank", "ditto"];

/// Whether a text labels a total: `Total`, `Grand total:`, `12 entries`, `Number of rows 12`.
pub(super) fn is_total_label(text: &str) -> bool {
    let words = words(text);
    let is_head = |word: &String| HEADS.contains(&word.as_str());
    words.iter().any(is_head)
        && words.iter().all(|word| is_head(word) || BESIDE.contains(&word.as_str()) || is_figure(word))
}

/// Whether a text labels a total, or that of an entry: `ABC-1234567-6 Total`.
pub(super) fn is_total_of_entry(text: &str) -> bool {
    let beside = entry::within(text).beside();
    is_total_label(text) || is_total_label(&beside)
}

/// Whether a text begins as a remark below a list does.
pub(super) fn is_remark(text: &str) -> bool {
    let text = text.to_lowercase();
    REMARKS.iter().any(|beginning| text.starts_with(beginning))
}

/// Whether a text is an amount, or a number below a header of amounts.
pub(super) fn is_amount(text: &str, is_below_amounts: bool) -> bool {
    let text = text.trim_start_matches("USD");
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '$' | '%' | '(' | ')' | '-'));
    let has_cents = bare.rsplit_once('.').is_some_and(|(_, cents)| cents.len() == 2);
    // An accountant's zero is a dash.
    let is_zero = bare.is_empty() && text.contains('$');
    is_zero || is_figure(bare) && (is_below_amounts || has_cents || text.contains(['$', '%']))
}

/// Whether the numbers below a header are amounts or counts.
pub(super) fn is_of_amounts(header: &str) -> bool {
    words(header).iter().any(|word| AMOUNTS.contains(&word.as_str()))
}

/// Whether a text stands for a number that is not known: a spreadsheet's error, or a word that promises one.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    let is_mark = |c: char| matches!(c, '?' | '-' | '*' | '.' | '_' | 'x' | '"');
    text.starts_with('#')
        || text.chars().all(is_mark)
        || value::stands_for_none(&text)
        || PLACEHOLDERS.contains(&text.as_str())
        || ["see ", "ask "].iter().any(|beginning| text.starts_with(beginning))
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | ','));
    words.map(|word| word.trim_matches(['.', ',']).to_lowercase()).filter(|word| !word.is_empty()).collect()
}

fn is_figure(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_has_no_text_but_that_of_a_total() {
        for text in
            ["Total", "TOTAL:", "Grand total", "Sub-total", "Total 12", "12 entries", "Number of rows: 12"]
        {
            assert!(is_total_label(text), "{text}");
        }
        for text in ["", "claimed", "total value understated", "count is wrong", "12", "all", "Entry type 12"]
        {
            assert!(!is_total_label(text), "{text}");
        }
    }

    #[test]
    fn an_amount_has_cents_a_sign_or_a_header_of_amounts() {
        for text in ["5.00", "$5", "1,006.00", "($85.00)", "USD 12.50", "12%", "$-", "-5.00"] {
            assert!(is_amount(text, false), "{text}");
        }
        for text in ["036", "300000001300", "35", "XYZ00000098", "", "-", "claimed", "11/20/2026"] {
            assert!(!is_amount(text, false), "{text}");
        }
        assert!(is_amount("35", true) && !is_amount("claimed", true) && !is_amount("", true));
        assert!(
            is_of_amounts("IEEPA Duty") && is_of_amounts("Refund (USD)") && !is_of_amounts("Surety Code")
        );
    }

    #[test]
    fn remarks_and_placeholders_are_distinguished_from_texts_about_an_entry() {
        assert!(is_remark("As of 11/20/2026") && is_remark("Prepared by Kim") && !is_remark("paid"));
        for text in ["#REF!", "#N/A", "TBD", "??", "see mail", "xxx", "n/a"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["Total", "Notes", "Last updated by Kim"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
