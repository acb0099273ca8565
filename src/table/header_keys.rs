//! The keys of a header: what it may be called in an export, whatever a tool adds to it.

use std::borrow::Cow;

/// The keys under which a header's text may be known, the surest first: as it is written, without units and
/// footnotes (`Duty Amount ($)`, `Liquidation Date [1]`), and without the object that a query tool puts before
/// a name (`Entry Summary.Liquidation Date`). In a key there are only letters, digits and `#`, so that camel
/// case, snake case, hyphens, line breaks and characters that do not show make no difference.
pub fn header_keys(text: &str) -> Vec<String> {
    if text.len() > MAX_HEADER {
        return Vec::new();
    }
    let text = crate::entry::unguard(text.trim().trim_start_matches('\u{feff}'));
    let mut keys = vec![header_key(text)];
    let mut add = |key: String| {
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    };
    let plain = without_marks(text);
    if plain != text {
        add(header_key(&plain));
    }
    let separator = plain.rfind(['.', '\\', ':', '|', '>', ']']).filter(|at| *at + 1 < plain.len());
    let object = separator.map(|separator| plain.split_at(separator + 1));
    if let Some((object, name)) = object.filter(|(object, _)| is_object(object)) {
        // Some words of the object may belong to the name: `Entry Summary Line.Duty Amount`.
        let words: Vec<&str> =
            object.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for from in 1..=words.len() {
            add(header_key(&format!("{} {name}", words[from..].join(" "))));
        }
    }
    keys.retain(|key| !key.is_empty());
    keys
}

/// The most bytes of a header; a longer text is none.
const MAX_HEADER: usize = 1_000;

/// Whether what is before a name is the name of an object, and no word that changes what the name means
/// (`Est. Liquidation Date`).
fn is_object(text: &str) -> bool {
    const OBJECTS: [&str; 18] = [
        "entry",
        "es",
        "es003",
        "summary",
        "line",
        "tariff",
        "linetariff",
        "liquidation",
        "importer",
        "protest",
        "reconciliation",
        "report",
        "mainreport",
        "query",
        "query1",
        "data",
        "table",
        "table1",
    ];
    let key = header_key(text);
    key.len() < 40 && key.starts_with("entrysummary") || OBJECTS.contains(&key.as_str())
}

/// The letters, digits and `#` of a header, in lower case.
pub fn header_key(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.bytes().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
        return kept.map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    }
    let keeps = |c: &char| c.is_alphanumeric() && !is_superscript(*c) || *c == '#';
    text.chars().filter(keeps).flat_map(char::to_lowercase).collect()
}

fn is_superscript(c: char) -> bool {
    matches!(c, '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}'..='\u{209f}')
}

/// A header without units, footnotes and what tools append to the second of two equal ones.
fn without_marks(text: &str) -> Cow<'_, str> {
    const UNITS: [&str; 16] = [
        "usd",
        "us",
        "dollars",
        "usdollars",
        "mmddyyyy",
        "mdyyyy",
        "mmddyy",
        "mdyy",
        "mdy",
        "et",
        "est",
        "yyyymmdd",
        "date",
        "yn",
        "text",
        "required",
    ];
    if !text.contains(['(', '[']) {
        return Cow::Borrowed(without_number(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['(', '[']) {
        let close = if rest[open..].starts_with('(') { ')' } else { ']' };
        let Some(end) = rest[open..].find(close).map(|end| open + end) else { break };
        let inner = header_key(&rest[open + 1..end]);
        let is_number = inner.len() <= 2 && inner.bytes().all(|c| c.is_ascii_digit());
        let is_mark = inner.is_empty() || UNITS.contains(&inner.as_str()) || is_number;
        // A bracket before a name has the name of its object: `[Entry Summary].[Liquidation Date]`.
        let cut = is_mark && open > 0;
        plain.push_str(&rest[..open]);
        plain.push_str(if cut { " " } else { &rest[open..=end] });
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    Cow::Owned(without_number(&plain).to_owned())
}

/// A header without the number that data frames put behind the second of two: `Liquidation Date.1`.
fn without_number(text: &str) -> &str {
    let number =
        text.rsplit_once('.').filter(|(_, last)| last.len() <= 2 && last.bytes().all(|c| c.is_ascii_digit()));
    match number {
        Some((name, last)) if !last.is_empty() => name,
        _ => text.trim_end_matches([']', ' ']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressed_headers_have_the_key_of_the_plain_one() {
        for text in [
            "Liquidation Date",
            "liquidation_date",
            "LiquidationDate",
            "LIQUIDATION-DATE",
            "Liquidation\r\nDate",
            "Liquidation\u{200b} Date\u{200e}",
            "Liquidation Date*",
            "Liquidation Date\u{b9}",
            "Liquidation Date [1]",
            "Liquidation Date (2)",
            "Liquidation Date (MM/DD/YYYY)",
            "Liquidation Date:",
            "Liquidation Date.1",
            "Entry Summary.Liquidation Date",
            "[Entry Summary].[Liquidation Date]",
            "Entry Summary\\Liquidation Date",
            "'Liquidation Date'",
            "=\"Liquidation Date\"",
        ] {
            assert!(
                header_keys(text).contains(&"liquidationdate".to_owned()),
                "{text:?} {:?}",
                header_keys(text)
            );
        }
        assert_eq!(header_keys("Line Tariff Quantity (1)")[0], "linetariffquantity1");
        assert_eq!(header_keys("Entry #"), ["entry#"]);
        // However many words a note has, it is not a header.
        let begun = std::time::Instant::now();
        assert!(header_keys(&("entry ".repeat(200_000) + ".x")).is_empty());
        assert!(header_keys(&("a ".repeat(200_000) + ".x")).is_empty());
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        // The words nearest to the name come first: a line's amount is not a tariff number's.
        let keys = header_keys("Entry Summary Line.Duty Amount");
        let at = |key: &str| keys.iter().position(|known| known == key);
        assert!(at("linedutyamount") < at("dutyamount"), "{keys:?}");
        for text in ["Est. Liquidation Date", "Liquidation Date (Scheduled)", "Old.Liquidation Date"] {
            assert!(!header_keys(text).contains(&"liquidationdate".to_owned()), "{text:?}");
        }
        for text in ["", "***", " - "] {
            assert!(header_keys(text).is_empty(), "{text:?}");
        }
    }
}
