//! Foreign text made fit to be shown.
//!
//! Cells, file names and everything made from them come from outside. A cell may hold an escape
//! sequence that rewrites the screen, a bidirectional override that turns `67-6` into `6-76`, a
//! terminal hyperlink, a line break that forges a second finding, or a social security number.
//! Every renderer passes such text through [`shown`] (or, where the format has escapes of its own
//! as JSON has, through [`masked`]).

use crate::figures::grouped;
pub use crate::figures::{bounded_dollars, cents, dollars};
use crate::finding::{Change, ChangedSetting, RuleChange, Waived};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::entry::is_dash;
use crate::importer::mask_alone;

/// Text as people may see it: social security numbers masked, characters that act instead of
/// showing made visible. Never longer than one line.
pub fn shown(text: &str) -> Cow<'_, str> {
    match masked(text) {
        Cow::Borrowed(text) => cleaned(text),
        Cow::Owned(text) => Cow::Owned(cleaned(&text).into_owned()),
    }
}

/// [`shown`], cut to a number of terminal columns with `…` at the end.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    cut(shown(text), columns)
}

/// Cuts text to a number of terminal columns, on a character boundary, with `…` at the end.
pub fn cut(text: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || text.width() <= columns {
        return text;
    }
    let mut left = columns.saturating_sub(1);
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let width = c.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        end = at + c.len_utf8();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Breaks a cleaned text into lines between words: `first` columns for the first line, `others` for the
/// rest. A word that is wider stands alone on its line.
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

/// [`fit`] that keeps the end: of a path the file's name.
pub fn fit_end(text: &str, columns: usize) -> Cow<'_, str> {
    let text = shown(text);
    let width = text.width();
    if width <= columns {
        return text;
    }
    let mut over = width + 1 - columns;
    let start = text.char_indices().find(|(_, c)| {
        let is_over = over > 0;
        over = over.saturating_sub(c.width().unwrap_or(0));
        !is_over
    });
    Cow::Owned(format!("…{}", &text[start.map_or(text.len(), |(at, _)| at)..]))
}

/// As many names as fit into so many columns, at least one: `a, b and 12 more`.
pub fn enumerated(names: &[String], columns: usize) -> String {
    const MORE: usize = " and 9,999 more".len();
    let whole: usize = names.iter().map(|name| self::columns(name) + 2).sum();
    if whole <= columns + 2 {
        return names.join(", ");
    }
    let mut text = String::new();
    for (n, name) in names.iter().enumerate() {
        if n > 0 && self::columns(&text) + 2 + self::columns(name) > columns.saturating_sub(MORE) {
            return format!("{text} and {} more", thousands(names.len() - n));
        }
        if n > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}

/// How many terminal columns a cleaned text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Characters that act instead of showing, made visible: control characters as their pictures
/// (ESC is `␛`), the others as `\u{202e}`.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    // `::error::` and `##vso[…]` are commands to the machines that run continuous integration.
    let commands = text.contains("::") || text.contains("##");
    if !commands && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let first = if commands { Some(0) } else { text.find(acts) };
    let Some(first) = first else { return Cow::Borrowed(text) };
    let mut clean = String::with_capacity(text.len() + 16);
    clean.push_str(&text[..first]);
    for c in text[first..].chars() {
        push_clean(&mut clean, c);
    }
    Cow::Owned(clean)
}

/// JSON with everything that acts on a terminal as an escape of JSON; its own line ends stay.
pub fn json_safe(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && acts(c);
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
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

fn push_clean(clean: &mut String, c: char) {
    match c {
        ':' | '#' if clean.ends_with(c) => clean.extend(['\\', c]),
        '\0'..='\u{1f}' => clean.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => clean.push('\u{2421}'),
        c if acts(c) => {
            // Writing to a string does not fail.
            let _ = write!(clean, "\\u{{{:x}}}", c as u32);
        }
        c => clean.push(c),
    }
}

/// Whether a character does something other than show itself: controls, direction marks, line
/// separators, everything of no width that is not a combining mark, and what XML cannot hold.
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

/// Text with everything that looks like a social security number masked, in as many bytes as
/// before. Unlike [`crate::importer::mask`] it is not fooled by invisible characters, other
/// dashes and other digits.
pub fn masked(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte < b' ') {
        return match crate::importer::mask(text) {
            Cow::Borrowed(text) => masked_shapes(text),
            Cow::Owned(text) => Cow::Owned(masked_shapes(&text).into_owned()),
        };
    }
    masked_shapes(text)
}

/// Masks three, two and four digits, whatever stands between them and whatever digits they are.
fn masked_shapes(text: &str) -> Cow<'_, str> {
    let could_be = |c: char| c.is_ascii_digit() || (!c.is_ascii() && folded(c).is_ascii_digit());
    if text.chars().filter(|&c| could_be(c)).count() < 9 {
        return Cow::Borrowed(text);
    }
    let seen: Vec<(usize, char)> = text
        .char_indices()
        .filter(|&(_, c)| !acts(c) && (c.is_ascii() || c.width() != Some(0)))
        .map(|(at, c)| (at, folded(c)))
        .collect();
    let digit = |at: usize| seen.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut hidden = Vec::new();
    let mut at = 0;
    while at < seen.len() {
        let starts = digit(at) && (at == 0 || !digit(at - 1));
        match starts.then(|| social_security(&seen, at)).flatten() {
            Some((digits, end)) => {
                hidden.extend(digits.map(|at| seen[at].0));
                at = end;
            }
            None => at += 1,
        }
    }
    hide(text, &hidden)
}

/// The first five digits of a social security number that begins here, and where it ends.
fn social_security(seen: &[(usize, char)], start: usize) -> Option<([usize; 5], usize)> {
    /// How many characters may separate two groups of digits.
    const MAX_BETWEEN: usize = 3;
    let rest = |at: usize| seen.get(at..).unwrap_or_default();
    let digits = |at: usize| rest(at).iter().take_while(|(_, c)| c.is_ascii_digit()).count();
    let between = |at: usize| {
        let separates = |c: char| matches!(c, '-' | ' ' | '.' | '/' | '_');
        let count = rest(at).iter().take_while(|(_, c)| separates(*c)).count();
        (1..=MAX_BETWEEN).contains(&count).then_some(at + count)
    };
    let area = start;
    let group = (digits(area) == 3).then(|| between(area + 3))??;
    let serial = (digits(group) == 2).then(|| between(group + 2))??;
    (digits(serial) == 4).then_some(([area, area + 1, area + 2, group, group + 1], serial + 4))
}

/// [`masked`], and also nine digits that stand alone ([`mask_alone`]). `keep` says which ones are known
/// to be something else (an entry number that lost its zeros). For text whose column is not known.
pub fn masked_digits(text: &str, keep: impl Fn(&str) -> bool) -> Cow<'_, str> {
    match mask_alone(text, keep) {
        Cow::Borrowed(text) => masked(text),
        Cow::Owned(text) => Cow::Owned(masked(&text).into_owned()),
    }
}

/// Replaces the digits at these bytes by stars of the same length.
fn hide<'a>(text: &'a str, at: &[usize]) -> Cow<'a, str> {
    if at.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    for (byte, c) in text.char_indices() {
        masked.push(match (at.contains(&byte), c.len_utf8()) {
            (false, _) => c,
            (true, 2) => '\u{d7}',
            (true, 3) => '\u{ff0a}',
            (true, _) => '*',
        });
    }
    Cow::Owned(masked)
}

/// The ASCII character that a dash, a space or a digit of another kind stands for.
fn folded(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from(b'0' + (c as u32 - 0xff10) as u8),
        '\u{660}'..='\u{669}' => char::from(b'0' + (c as u32 - 0x660) as u8),
        '\u{6f0}'..='\u{6f9}' => char::from(b'0' + (c as u32 - 0x6f0) as u8),
        '\u{966}'..='\u{96f}' => char::from(b'0' + (c as u32 - 0x966) as u8),
        '\u{ff0e}' => '.',
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' => '/',
        '\u{ff3f}' => '_',
        c if is_dash(c) => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// A line cut down to the parts that matter and made fit to be shown, and where those parts are
/// in it now.
pub struct CutLine {
    /// What to show.
    pub text: String,
    /// The parts, in the order asked for.
    pub parts: Vec<Range<usize>>,
}

/// Shows only these parts of a line, with `…` for what stands beside them: the other columns of a
/// planning sheet are nobody's business. Parts may overlap; each is cut to `columns`.
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
        text.push_str(&cut(cleaned(&line[part.clone()]), columns));
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
    let line = &*masked(line);
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

/// What stands between fields, and says nothing.
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

/// A number with commas between thousands.
pub fn thousands(n: usize) -> String {
    grouped(&n.to_string())
}

/// How many of the rules that were switched off are named.
const NAMED: usize = 5;

/// `2 rules switched off: check-digit, export-old`; nothing where none is.
pub fn switched_off(rules: &[String]) -> Option<String> {
    if rules.is_empty() {
        return None;
    }
    let names: Vec<&str> = rules.iter().take(NAMED).map(String::as_str).collect();
    let more = if rules.len() > NAMED { ", …" } else { "" };
    Some(format!("{} switched off: {}{more}", count(rules.len(), "rule", "rules"), names.join(", ")))
}

/// `setting small_refund changed from $25.00 to $100.00`; nothing where none is.
pub fn changed_settings(settings: &[ChangedSetting]) -> Option<String> {
    let told = settings.iter().map(|setting| {
        let unit = setting.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        format!("{} changed from {} to {}{unit}", setting.name, setting.default, setting.value)
    });
    let told: Vec<String> = told.map(|told| shown(&told).into_owned()).collect();
    let what = if told.len() == 1 { "setting" } else { "settings" };
    (!told.is_empty()).then(|| format!("{what} {}", told.join(", ")))
}

/// Why a finding does not count.
pub fn why_waived(waived: &Waived) -> String {
    match waived {
        Waived::Waiver { reason, until } => format!("waived until {until}: {}", shown(reason)),
        Waived::Baseline => "in the baseline".to_owned(),
    }
}

/// How many changed rules are named on one line.
const CHANGES_NAMED: usize = 8;

/// `rules changed: check-digit is a note, not an error (capelint.yaml), …`; nothing where none is.
pub fn rule_changes(changes: &[RuleChange]) -> Option<String> {
    let told = changes.iter().take(CHANGES_NAMED).map(|RuleChange { rule, change, file }| {
        let change = match change {
            Change::Demoted { from, to } => format!("is {} instead of {}", to.name(), from.name()),
            Change::Replaced { by } => format!("is replaced by {by}"),
            Change::Superseded { by } => format!("is superseded by {by}"),
            Change::Waived { waivers } => format!("has {}", count(*waivers, "waiver", "waivers")),
        };
        let file = file.as_deref().unwrap_or("this run");
        shown(&format!("{rule} {change} ({file})")).into_owned()
    });
    let mut told: Vec<String> = told.collect();
    if changes.len() > CHANGES_NAMED {
        told.push(format!("and {} more", thousands(changes.len() - CHANGES_NAMED)));
    }
    (!told.is_empty()).then(|| format!("rules changed: {}", told.join(", ")))
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
            assert_eq!(shown(text), expected, "{text:?}");
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
            assert_eq!(shown(text), expected, "{text:?}");
        }
        let keep = |word: &str| word == "261103162";
        assert_eq!(
            masked_digits("987654320, 261103162, 1234567890", keep),
            "*****4320, 261103162, 1234567890"
        );
    }

    #[test]
    fn social_security_numbers_are_masked_with_any_separator_and_any_digits() {
        for text in [
            "987-65-4320",
            "987 65 4320",
            "987.65.4320",
            "987/65/4320",
            "987_65_4320",
            "987 - 65 - 4320",
            "987-65 4320",
            "\u{ff19}\u{ff18}\u{ff17}-\u{ff16}\u{ff15}-\u{ff14}\u{ff13}\u{ff12}\u{ff10}",
            "\u{669}\u{668}\u{667}-\u{666}\u{665}-\u{664}\u{663}\u{662}\u{660}",
            "\u{6f9}\u{6f8}\u{6f7}/\u{6f6}\u{6f5}/\u{6f4}\u{6f3}\u{6f2}\u{6f0}",
            "9\u{301}87-65-4320",
            "987\u{2044}65\u{2044}4320",
        ] {
            let text = format!("of {text}.");
            let masked = masked(&text);
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
            "123456789 987-65",
        ] {
            assert_eq!(masked(text), text);
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
            let shown = shown(text);
            assert!(!shown.contains("::") && !shown.contains("##"), "{shown}");
            let line = whole_line(text, std::slice::from_ref(&(0..1)), 80).text;
            assert!(!line.contains("::") && !line.contains("##"), "{line}");
        }
        assert_eq!(shown("a: b # c"), "a: b # c");
    }

    #[test]
    fn text_is_cut_between_characters_to_its_width() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("東京都庁", 5), "東京…");
        assert_eq!(fit("東京都庁", 4), "東…");
        assert_eq!(fit("abc", 0), "…");
        assert_eq!(fit_end("abcdef", 6), "abcdef");
        assert_eq!(fit_end("abcdef", 4), "…def");
        assert_eq!(fit_end("東京都庁", 5), "…都庁");
        let names: Vec<String> = ["aaaa", "bbbb", "cccc"].map(String::from).to_vec();
        assert_eq!(enumerated(&names, 16), "aaaa, bbbb, cccc");
        assert_eq!(enumerated(&names, 15), "aaaa and 2 more");
        assert_eq!(enumerated(&[], 15), "");
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
