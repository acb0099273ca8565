//! Text laid out for people: lines cut and wrapped, names enumerated, numbers and amounts written.
//!
//! What comes from outside was made harmless by the module `outside` before, or is so here.

pub use crate::figures::{cents, dollars, thousands};
use crate::finding::{Change, ChangedSetting, Outcome, RuleChange, Waived};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

pub use crate::columns::cut;
pub use crate::outside::acts;
use crate::outside::{Outside, OutsideString, push_clean};

/// Breaks a cleaned text into lines between words: `first` columns for the first line, `others` for the
/// rest. A word that is wider is alone on its line.
pub fn wrapped(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let room = if lines.len() == 1 { first } else { others };
        let width = columns(word);
        match lines.last_mut() {
            Some(line) if used == 0 || used + 1 + width <= room => {
                if used > 0 {
                    line.push(' ');
                }
                line.push_str(word);
                used += width + usize::from(used > 0);
            }
            _ => {
                lines.push(word.to_owned());
                used = width;
            }
        }
    }
    lines
}

/// As many names as fit into so many columns, at least one: `a, b and 12 more`.
pub fn enumerated(names: &[String], columns: usize) -> String {
    enumerated_first(names, names.len(), columns)
}

/// As [`enumerated`], where `names` are only the first of `all`.
pub fn enumerated_first(names: &[String], all: usize, columns: usize) -> String {
    let whole: usize = names.iter().map(|name| self::columns(name) + 2).sum();
    if names.len() == all && whole <= columns + 2 {
        return names.join(", ");
    }
    let and_more = |named: usize| format!(" and {} more", thousands(all - named));
    let mut text = String::new();
    for (n, name) in names.iter().enumerate() {
        let room = columns.saturating_sub(if n + 1 < all { and_more(n).len() } else { 0 });
        if n > 0 && self::columns(&text) + 2 + self::columns(name) > room {
            return text + &and_more(n);
        }
        if n > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    if names.len() < all { text + &and_more(names.len()) } else { text }
}

/// How many terminal columns a cleaned text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// JSON with everything that acts on a terminal, and every second `#` of a command to a machine that reads the
/// log, as an escape of JSON; its own line ends stay.
pub fn json_safe(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && acts(c);
    if !json.contains(acts) && !json.contains("##") {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    let mut before = ' ';
    for c in json.chars() {
        let is_second = c == '#' && before == '#';
        before = c;
        if is_second || acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// [`json_safe`], and what may be a person's number masked in the strings; numbers stay numbers.
pub fn json_masked(json: &str) -> String {
    let mut safe = String::with_capacity(json.len() + 16);
    let mut rest = json;
    while let Some(open) = rest.find('"') {
        let content = &rest[open + 1..];
        let mut escaped = false;
        let close = content.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(close) = close else { break };
        safe.push_str(&rest[..=open]);
        safe.push_str(&json_safe(&Outside::new(&content[..close]).masked()));
        safe.push('"');
        rest = &content[close + 1..];
    }
    safe.push_str(rest);
    safe
}

/// A line cut down to the parts that matter and made fit to be shown, and where those parts are in it.
pub struct CutLine {
    /// What to show.
    pub text: String,
    /// The parts, in the order asked for.
    pub parts: Vec<Range<usize>>,
}

/// Shows only these parts of a line, with `…` for what is beside them: the other columns of a planning sheet
/// are private. Parts may overlap; each is cut to `columns`.
pub fn parts_of_line(line: &str, parts: &[Range<usize>], columns: usize) -> CutLine {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&n| (parts[n].start, parts[n].end));
    let mut shown_parts = vec![0..0; parts.len()];
    let mut text = String::new();
    let mut done = 0;
    let mut last = 0..0;
    for n in order {
        let part = on_boundaries(line, &parts[n]);
        if part.start < done && !text.is_empty() {
            // Overlaps the part before: show both as one.
            shown_parts[n] = last.clone();
            continue;
        }
        let between = &line[done..part.start];
        let gap = between.chars().any(|c| !is_separator(c));
        match (text.is_empty(), gap) {
            (true, true) => text.push_str("… │ "),
            (true, false) => {}
            (false, true) => text.push_str(" │ … │ "),
            (false, false) => text.push_str(" │ "),
        }
        let from = text.len();
        text.push_str(&cut(Outside::new(&line[part.clone()]).cleaned(), columns));
        last = from..text.len();
        shown_parts[n] = last.clone();
        done = part.end;
    }
    if !text.is_empty() && line[done..].chars().any(|c| !is_separator(c)) {
        text.push_str(" │ …");
    }
    CutLine { text, parts: shown_parts }
}

/// A whole line, cut to about `columns` around the first part: for rule files and configurations,
/// where the words around an error explain it.
pub fn whole_line(line: &str, parts: &[Range<usize>], columns: usize) -> CutLine {
    // Masking keeps every byte where it is.
    let line = &*Outside::new(line).masked();
    let parts: Vec<Range<usize>> = parts.iter().map(|part| on_boundaries(line, part)).collect();
    let first = parts.iter().map(|part| part.start).min().unwrap_or(0);
    let window = if line.width() <= columns {
        0..line.len()
    } else {
        let before = line[..first].char_indices().rev().nth(columns / 3).map_or(0, |(at, _)| at);
        let after = line[before..].char_indices().nth(columns).map_or(line.len(), |(at, _)| before + at);
        before..after
    };
    let mut text = String::new();
    if window.start > 0 {
        text.push('…');
    }
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for (at, c) in line[window.clone()].char_indices() {
        marks.push((window.start + at, text.len()));
        push_clean(&mut text, c);
    }
    marks.push((window.end, text.len()));
    let find = |byte: usize| {
        let at = marks.partition_point(|&(from, _)| from < byte).min(marks.len() - 1);
        marks[at].1
    };
    let parts = parts.iter().map(|part| find(part.start)..find(part.end)).collect();
    if window.end < line.len() {
        text.push('…');
    }
    CutLine { text, parts }
}

/// What is between fields, and has no meaning.
fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '|' | '"' | ' ' | '\u{feff}')
}

fn on_boundaries(line: &str, part: &Range<usize>) -> Range<usize> {
    let mut start = part.start.min(line.len());
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = part.end.clamp(start, line.len());
    while !line.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// `1 entry`, `9,999 entries`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `2 rules turned off: check-digit, export-old`, those that the caller turned off for this run; nothing
/// where none is. What a file turns off is reported by [`rule_changes`].
pub fn turned_off(outcome: &Outcome) -> Option<String> {
    let by_file = |rule: &String| {
        let mut changes = outcome.rule_changes.iter();
        changes.any(|change| change.change == Change::Off && change.file.is_some() && change.name == *rule)
    };
    let rules: Vec<&str> =
        outcome.turned_off.iter().filter(|rule| !by_file(rule)).map(String::as_str).collect();
    // The caller chose them, so a few names are enough.
    let names = rules.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if rules.len() > 5 { ", …" } else { "" };
    (!rules.is_empty()).then(|| format!("{} turned off: {names}{more}", count(rules.len(), "rule", "rules")))
}

/// The first of many names.
fn first_names(names: &[&str]) -> String {
    let mut list = names.iter().take(CHANGES_NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > CHANGES_NAMED {
        list.push_str(&format!(" and {} more", thousands(names.len() - CHANGES_NAMED)));
    }
    list
}

/// `setting small_refund changed from $25.00 to $100.00`; nothing where none is.
pub fn changed_settings(settings: &[ChangedSetting]) -> Option<String> {
    let changed = settings.iter().map(|setting| {
        let unit = setting.unit.as_ref().map(|unit| format!(" {}", unit.raw())).unwrap_or_default();
        let (from, to) = (setting.default.raw(), setting.value.raw());
        format!("{} changed from {from} to {to}{unit}", setting.name)
    });
    let changed: Vec<String> = changed.map(|changed| Outside::new(&changed).shown().into_owned()).collect();
    let what = if changed.len() == 1 { "setting" } else { "settings" };
    (!changed.is_empty()).then(|| format!("{what} {}", changed.join(", ")))
}

/// Why a finding does not count.
pub fn why_waived(waived: &Waived) -> String {
    match waived {
        Waived::Waiver { reason, until } => format!("waived until {until}: {}", reason),
        Waived::Baseline => "in the baseline".to_owned(),
    }
}

/// How many changes of a kind are named.
const CHANGES_NAMED: usize = 20;

/// `changed: check-digit is note instead of error (capelint.yaml), …`; nothing where nothing is.
pub fn rule_changes(changes: &[RuleChange]) -> Option<String> {
    let mut parts = Vec::new();
    for (at, RuleChange { name, change, file }) in changes.iter().enumerate() {
        let file = file.as_ref().map(OutsideString::raw);
        let Some(file) = file.or_else(|| (*change != Change::Off).then_some("this run")) else {
            continue;
        };
        let same = |other: &&RuleChange| {
            other.change == *change && other.file.as_ref().map(OutsideString::raw) == Some(file)
        };
        // What a file does to many is reported together, where the first of them is.
        let all = || -> Option<Vec<&str>> {
            let is_first = !changes[..at].iter().any(|other| same(&other));
            is_first.then(|| changes.iter().filter(same).map(|other| other.name.as_str()).collect())
        };
        let change = match change {
            Change::Demoted { from, to } => format!("{name} is {} instead of {}", to.name(), from.name()),
            Change::Replaced { by } => format!("{name} is replaced by {by}"),
            Change::Superseded { by } => format!("{name} is superseded by {by}"),
            Change::Waived { waivers } => format!("{name} has {}", count(*waivers, "waiver", "waivers")),
            Change::NotUsed => format!("{name} is not used"),
            Change::FailOn { level } => format!("{name} is {level}"),
            Change::Off => {
                let Some(names) = all() else { continue };
                let what = count(names.len(), "rule is turned off:", "rules are turned off:");
                format!("{what} {}", first_names(&names))
            }
            Change::NothingToList => {
                let Some(names) = all() else { continue };
                format!("nothing to list: {}", first_names(&names))
            }
            Change::Extended => {
                let Some(names) = all() else { continue };
                format!("additions to {}", first_names(&names))
            }
        };
        parts.push(Outside::new(&format!("{change} ({file})")).shown().into_owned());
    }
    let more = parts.len().saturating_sub(CHANGES_NAMED);
    parts.truncate(CHANGES_NAMED);
    if more > 0 {
        parts.push(format!("and {} more", thousands(more)));
    }
    (!parts.is_empty()).then(|| format!("changed: {}", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_made_visible() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\x1b[31mb", "a␛[31mb"),
            ("a\nb\r\tc\0\x7f", "a␊b␍␉c␀␡"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("67\u{202e}6-\u{2066}x", "67\\u{202e}6-\\u{2066}x"),
            ("a\u{2028}b\u{200b}\u{feff}", "a\\u{2028}b\\u{200b}\\u{feff}"),
            ("\u{e0041}", "\\u{e0041}"),
            ("Ærø \u{a0}東京 e\u{301}", "Ærø \u{a0}東京 e\u{301}"),
        ] {
            assert_eq!(Outside::new(text).shown(), expected, "{text:?}");
        }
    }

    #[test]
    fn social_security_numbers_are_masked_however_they_are_dressed() {
        for (text, expected) in [
            ("of 987-65-4320.", "of ***-**-4320."),
            ("987\u{2013}65\u{2013}4321", "***\u{2013}**\u{2013}4321"),
            ("98\u{200b}7-65-4322", "**\\u{200b}*-**-4322"),
            ("\u{e4} 987 65 4323", "\u{e4} *** ** 4323"),
            ("９８７-６５-４３２４", "＊＊＊-＊＊-４３２４"),
            ("1987-65-4320\u{e4}", "1987-65-4320\u{e4}"),
        ] {
            assert_eq!(Outside::new(text).shown(), expected, "{text:?}");
        }
    }

    #[test]
    fn commands_to_machines_are_broken_up() {
        for text in [
            "::error file=x::y",
            "##vso[task.setvariable]x",
            "##[command]",
            "a ::set-output name=x::y",
            ":::",
            "###",
        ] {
            let shown = Outside::new(text).shown();
            assert!(!shown.contains("::") && !shown.contains("##"), "{shown}");
            let line = whole_line(text, std::slice::from_ref(&(0..1)), 80).text;
            assert!(!line.contains("::") && !line.contains("##"), "{line}");
        }
        assert_eq!(Outside::new("a: b # c").shown(), "a: b # c");
    }

    #[test]
    fn text_is_cut_between_characters_to_its_width() {
        assert_eq!(Outside::new("abcdef").fit(6), "abcdef");
        assert_eq!(Outside::new("abcdef").fit(4), "abc…");
        assert_eq!(Outside::new("東京都庁").fit(5), "東京…");
        assert_eq!(Outside::new("東京都庁").fit(4), "東…");
        assert_eq!(Outside::new("abc").fit(0), "…");
        // Marks over a letter take no column, however many there are.
        assert_eq!(
            Outside::new(&format!("e{}x", "\u{301}".repeat(9))).fit(4),
            format!("e{}…", "\u{301}".repeat(4))
        );
        assert_eq!(
            Outside::new(&format!("e{}", "\u{301}".repeat(9))).fit_end(4),
            format!("…{}", "\u{301}".repeat(4))
        );
        assert_eq!(Outside::new("abcdef").fit_end(6), "abcdef");
        assert_eq!(Outside::new("abcdef").fit_end(4), "…def");
        assert_eq!(Outside::new("東京都庁").fit_end(5), "…都庁");
        let names: Vec<String> = ["aaaa", "bbbb", "cccc"].map(String::from).to_vec();
        assert_eq!(enumerated(&names, 16), "aaaa, bbbb, cccc");
        assert_eq!(enumerated(&names, 15), "aaaa and 2 more");
        assert_eq!(enumerated(&[], 15), "");
        assert_eq!(enumerated_first(&names, 1_003, 40), "aaaa, bbbb, cccc and 1,000 more");
        assert_eq!(enumerated_first(&names, 1_003, 26), "aaaa, bbbb and 1,001 more");
    }

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrapped("aa bb cc dd", 5, 8), ["aa bb", "cc dd"]);
        assert_eq!(wrapped("aaaaaaaaa bb", 5, 5), ["aaaaaaaaa", "bb"]);
        assert_eq!(wrapped("", 5, 5), [""]);
        assert_eq!(wrapped("東京 東京", 5, 5), ["東京", "東京"]);
    }

    #[test]
    fn a_line_shows_only_its_parts() {
        let line = "\"Smith, J\",ABC12345676,secret,\u{1b}x";
        let shown = parts_of_line(line, &[11..22, 30..32], 40);
        assert_eq!(shown.text, "… │ ABC12345676 │ … │ ␛x");
        assert_eq!(&shown.text[shown.parts[0].clone()], "ABC12345676");
        assert_eq!(&shown.text[shown.parts[1].clone()], "␛x");
        assert_eq!(parts_of_line("ABC,", std::slice::from_ref(&(0..3)), 40).text, "ABC");
        assert_eq!(parts_of_line("ABC,x", std::slice::from_ref(&(0..99)), 40).text, "ABC,x");
    }

    #[test]
    fn a_long_line_is_cut_around_its_part() {
        let line = format!("{}MISTAKE{}", "a ".repeat(200), " b".repeat(200));
        let shown = whole_line(&line, std::slice::from_ref(&(400..407)), 60);
        assert!(shown.text.starts_with('…') && shown.text.ends_with('…'));
        assert_eq!(&shown.text[shown.parts[0].clone()], "MISTAKE");
    }

    #[test]
    fn amounts_and_counts_are_grouped() {
        assert_eq!(dollars("1234567.5".parse().unwrap()), "$1,234,567.50");
        assert_eq!(dollars("-0.001".parse().unwrap()), "$0.00");
        assert_eq!(dollars("-1234".parse().unwrap()), "-$1,234.00");
        for (amount, expected) in
            [("1440", "1440.00"), ("0.5", "0.50"), ("-0.001", "0.00"), ("2.005", "2.00")]
        {
            assert_eq!(cents(amount.parse().unwrap()), expected);
        }
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(9999, "entry", "entries"), "9,999 entries");
    }
}
