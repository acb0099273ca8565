//! Parses operands: a text becomes a syntax tree with exact places.
//!
//! ```text
//! operand  = primary { ("+" | "-") ( number | setting ) unit }
//! unit     = "day" | "days" | "month" | "months" | "working day" | "working days"
//! primary  = function "(" [ operand { "," operand } ] ")" | name "." name | name "." "*" | name
//!          | date | number | "'" text "'"
//! ```

use std::ops::Range;

use chrono::NaiveDate;

use crate::calendar::Unit;

/// How deep calls may nest.
const MAX_DEPTH: usize = 16;

/// An operand as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// What an operand is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `name`
    Name(String),
    /// `table.name`; the ranges of both parts.
    Member(String, Range<usize>, String, Range<usize>),
    /// `table.*`
    AllColumns(String, Range<usize>),
    /// `function(…)`; the range of its name.
    Call(String, Range<usize>, Vec<Expr>),
    /// A date moved by a number of units.
    Shift(Box<Expr>, Steps, Unit),
    /// `2026-11-22`
    Date(NaiveDate),
    /// `12.5`
    Number(String),
    /// `'text'`
    Text(String),
}

/// How many units a date is moved by.
#[derive(Clone, Debug, PartialEq)]
pub enum Steps {
    /// So many; negative goes back.
    Number(i32),
    /// 1 or -1, times a setting: its name and the range of it.
    Setting(i32, String, Range<usize>),
}

/// What is wrong with an operand's text.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where in the text.
    pub range: Range<usize>,
}

/// What is wrong with an operand's text or with a text that has placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum SyntaxErrorKind {
    /// This comes after a whole operand.
    Trailing(String),
    /// A date is moved by more than there are days.
    TooManySteps,
    /// No number and no setting after the sign that moves a date.
    NoSteps,
    /// No unit after the number that a date is moved by.
    NoUnit,
    /// Something else than an operand.
    NoOperand,
    /// No column after the dot.
    NoColumn,
    /// An argument that neither a comma nor a parenthesis follows.
    OpenCall,
    /// A text without its second quote.
    OpenQuote,
    /// Calls in calls in calls.
    TooDeep,
    /// Digits and dashes that are no date.
    NotADate(String),
    /// `{` without `}`.
    OpenBrace,
    /// `}` without `{`.
    CloseBrace,
}

/// Reads a whole text as an operand.
///
/// # Errors
/// Where the text is none; the range is never outside the text.
pub fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let mut parser = Parser { text, at: 0 };
    let expr = parser.operand(0)?;
    parser.space();
    if parser.at < text.len() {
        let range = parser.at..text.len();
        return Err(SyntaxError { kind: SyntaxErrorKind::Trailing(text[range.clone()].to_owned()), range });
    }
    Ok(expr)
}

/// Whether a text that is not quoted looks like an operand and not like a literal: a column
/// (`es003.duty`), a function call, or a name that is moved by days. A bare name is for the caller
/// to decide.
pub fn looks_like_operand(text: &str) -> bool {
    let name = name_length(text);
    if name == 0 {
        return false;
    }
    let rest = &text[name..];
    match rest.as_bytes().first() {
        Some(b'(') => true,
        Some(b'.') => rest[1..].starts_with('*') || name_length(&rest[1..]) > 0,
        Some(b' ' | b'+' | b'-') => {
            // A sign, a number and a unit: `filing_date - 80 days`, but not `utf-8`.
            rest.trim_start().strip_prefix(['+', '-']).is_some_and(|rest| {
                let moved = rest.trim_start();
                let unit = moved.trim_start_matches(|c: char| c.is_ascii_digit());
                if unit.len() < moved.len() {
                    return unit.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
                }
                // A setting's name and a unit: `filing_date - window days`.
                let unit = moved[name_length(moved)..].trim_start();
                ["day", "month", "working day"].iter().any(|word| unit.starts_with(word))
            })
        }
        _ => false,
    }
}

/// Whether a text is a name: a lower-case letter, then lower-case letters, digits and `_`.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

fn name_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(text.len())
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// An error about the text at the current position.
    fn error(&self, kind: SyntaxErrorKind) -> SyntaxError {
        let end = self.rest().chars().next().map_or(self.at, |c| self.at + c.len_utf8());
        SyntaxError { kind, range: self.at..end }
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn operand(&mut self, depth: usize) -> Result<Expr, SyntaxError> {
        self.space();
        let start = self.at;
        let mut expr = self.primary(depth)?;
        loop {
            let before = self.at;
            self.space();
            let sign = match self.rest().as_bytes().first() {
                Some(b'+') => 1,
                Some(b'-') => -1,
                _ => {
                    self.at = before;
                    return Ok(expr);
                }
            };
            self.at += 1;
            self.space();
            let digits_at = self.at;
            let digits =
                self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
            self.at += digits;
            let number =
                self.text[digits_at..self.at].parse::<i32>().ok().filter(|number| *number <= 100_000);
            let steps = match number {
                Some(number) => Steps::Number(sign * number),
                None if digits > 0 => {
                    let range = digits_at..self.at;
                    return Err(SyntaxError { kind: SyntaxErrorKind::TooManySteps, range });
                }
                None => {
                    let length = name_length(self.rest());
                    let name = self.rest()[..length].to_owned();
                    let unit = self.rest()[length..].trim_start();
                    if length == 0 || !unit.starts_with(|c: char| c.is_ascii_alphabetic()) {
                        return Err(self.error(SyntaxErrorKind::NoSteps));
                    }
                    self.at += length;
                    Steps::Setting(sign, name, digits_at..self.at)
                }
            };
            self.space();
            let unit = self.unit()?;
            expr = Expr { kind: ExprKind::Shift(Box::new(expr), steps, unit), range: start..self.at };
        }
    }

    fn unit(&mut self) -> Result<Unit, SyntaxError> {
        let start = self.at;
        let word = self.word();
        let unit = match word.as_str() {
            "day" | "days" => Some(Unit::Days),
            "month" | "months" => Some(Unit::Months),
            "working" => {
                self.space();
                matches!(self.word().as_str(), "day" | "days").then_some(Unit::WorkingDays)
            }
            _ => None,
        };
        unit.ok_or(SyntaxError { kind: SyntaxErrorKind::NoUnit, range: start..self.at })
    }

    fn word(&mut self) -> String {
        let length = self.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest().len());
        let word = self.rest()[..length].to_owned();
        self.at += length;
        word
    }

    fn primary(&mut self, depth: usize) -> Result<Expr, SyntaxError> {
        let start = self.at;
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.literal(start);
        }
        if self.take('\'') {
            let Some(length) = self.rest().find('\'') else {
                return Err(SyntaxError { kind: SyntaxErrorKind::OpenQuote, range: start..self.text.len() });
            };
            let text = self.rest()[..length].to_owned();
            self.at += length + 1;
            return Ok(Expr { kind: ExprKind::Text(text), range: start..self.at });
        }
        let length = name_length(self.rest());
        if length == 0 {
            return Err(self.error(SyntaxErrorKind::NoOperand));
        }
        let name = self.rest()[..length].to_owned();
        self.at += length;
        let name_range = start..self.at;
        if self.take('(') {
            if depth == MAX_DEPTH {
                return Err(SyntaxError { kind: SyntaxErrorKind::TooDeep, range: start..self.at });
            }
            let arguments = self.arguments(depth)?;
            return Ok(Expr { kind: ExprKind::Call(name, name_range, arguments), range: start..self.at });
        }
        if self.take('.') {
            if self.take('*') {
                return Ok(Expr { kind: ExprKind::AllColumns(name, name_range), range: start..self.at });
            }
            let column_at = self.at;
            let length = name_length(self.rest());
            if length == 0 {
                return Err(self.error(SyntaxErrorKind::NoColumn));
            }
            self.at += length;
            let column = self.text[column_at..self.at].to_owned();
            let kind = ExprKind::Member(name, name_range, column, column_at..self.at);
            return Ok(Expr { kind, range: start..self.at });
        }
        Ok(Expr { kind: ExprKind::Name(name), range: name_range })
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Expr>, SyntaxError> {
        let mut arguments = Vec::new();
        self.space();
        if self.take(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.operand(depth + 1)?);
            self.space();
            if self.take(')') {
                return Ok(arguments);
            }
            if !self.take(',') {
                return Err(self.error(SyntaxErrorKind::OpenCall));
            }
        }
    }

    fn literal(&mut self, start: usize) -> Result<Expr, SyntaxError> {
        let length = self
            .rest()
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
            .unwrap_or(self.rest().len());
        let text = self.rest()[..length].to_owned();
        self.at += length;
        let range = start..self.at;
        if text.contains('-') {
            return match date(&text) {
                Some(date) => Ok(Expr { kind: ExprKind::Date(date), range }),
                None => Err(SyntaxError { kind: SyntaxErrorKind::NotADate(text), range }),
            };
        }
        Ok(Expr { kind: ExprKind::Number(text), range })
    }
}

/// A date as rule files write it: `2026-11-22`, nothing else.
pub fn date(text: &str) -> Option<NaiveDate> {
    if is_date_shaped(text) { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None }
}

/// Whether a text is written as a date is, though there may be no such day.
pub fn is_date_shaped(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, c)| if matches!(at, 4 | 7) { c == b'-' } else { c.is_ascii_digit() })
}

/// A piece of a text with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePiece {
    /// As it is.
    Text(String),
    /// The text between braces: its text and its bytes in the whole.
    Placeholder(String, Range<usize>),
}

/// Splits a text at its placeholders. `{{` and `}}` are braces.
///
/// # Errors
/// A brace without its partner.
pub fn placeholders(text: &str) -> Result<Vec<TemplatePiece>, SyntaxError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    let lone = |kind, at| SyntaxError { kind, range: at..at + 1 };
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push_str(&rest[..1]);
            at += 2;
        } else if rest.starts_with('{') {
            let Some(length) = rest.find('}') else {
                return Err(lone(SyntaxErrorKind::OpenBrace, at));
            };
            if !plain.is_empty() {
                pieces.push(TemplatePiece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(TemplatePiece::Placeholder(rest[1..length].to_owned(), at + 1..at + length));
            at += length + 1;
        } else if rest.starts_with('}') {
            return Err(lone(SyntaxErrorKind::CloseBrace, at));
        } else {
            let length = rest.find(['{', '}']).unwrap_or(rest.len());
            plain.push_str(&rest[..length]);
            at += length;
        }
    }
    if !plain.is_empty() {
        pieces.push(TemplatePiece::Text(plain));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_nest_and_dates_move() {
        let expr = parse("latest(es003.liquidation_date + 2 working days, filing_date - 1 month) + 80 days")
            .unwrap();
        let ExprKind::Shift(inner, Steps::Number(80), Unit::Days) = &expr.kind else { panic!("{expr:?}") };
        let ExprKind::Call(name, _, arguments) = &inner.kind else { panic!("{expr:?}") };
        assert_eq!((name.as_str(), arguments.len()), ("latest", 2));
        assert!(matches!(arguments[0].kind, ExprKind::Shift(_, Steps::Number(2), Unit::WorkingDays)));
        assert!(matches!(arguments[1].kind, ExprKind::Shift(_, Steps::Number(-1), Unit::Months)));
    }

    #[test]
    fn diagnostics_point_at_their_own_characters() {
        for (text, found) in [
            ("filing_date - 80 dys", "dys"),
            ("filing_date - x", "x"),
            ("age(es003.)", ")"),
            ("age(es003.d", ""),
            ("age(a b)", "b"),
            ("es003.a es003.b", "es003.b"),
            ("2026-02-30 + 1 day", "2026-02-30"),
            ("'open", "'open"),
            ("filing_date + 99999999999 days", "99999999999"),
            ("\u{e9}", "\u{e9}"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(&text[error.range.clone()], found, "{text}: {error:?}");
        }
    }

    #[test]
    fn literals_do_not_look_like_operands() {
        for text in [
            "liquidated",
            "08",
            "9903.01.25",
            "ABC",
            "a note. Or two",
            "2026-11-22",
            "filing_date",
            "x - y",
            "utf-8",
        ] {
            assert!(!looks_like_operand(text), "{text}");
        }
        for text in ["es003.duty", "es003.*", "age(x)", "filing_date - 80 days", "filing_date+1 day"] {
            assert!(looks_like_operand(text), "{text}");
        }
    }

    #[test]
    fn braces_hold_placeholders() {
        use TemplatePiece::{Placeholder, Text};
        let pieces = placeholders("a {entry} b {{c}}").unwrap();
        assert_eq!(pieces, [Text("a ".into()), Placeholder("entry".into(), 3..8), Text(" b {c}".into())]);
        assert_eq!(placeholders("a {b").unwrap_err().range, 2..3);
        assert_eq!(placeholders("a }").unwrap_err().range, 2..3);
    }
}
