//! The words of tests, one block each: its name, the types it applies to, what is beside it, what it means,
//! and an example that the tests compile. A word that no other shares its meaning with is evaluated by its
//! own block; the others come down to a few [`Predicate`]s.
//!
//! The compiler checks against these blocks; the table of `rules/README.md` and the JSON Schema are
//! made from them.

use super::Context;
use super::evaluate::Tested;
use super::operand::{Got, HUNDREDTH, Val};
use super::scope::Scope;
use super::truth::Truth;
use crate::rules::model::{Comparison, Given, Tolerance, WordId};
use crate::table::schema::{self, Type};
use crate::table::value::{Cell, CellReading};

/// A word of a test.
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// The types it applies to.
    pub on: &'static [Type],
    /// What is beside it.
    pub takes: Takes,
    /// What it asks.
    pub asks: Asks,
    /// What it means.
    pub meaning: &'static str,
    /// A rule that uses it: the keys from `each` on.
    pub example: &'static str,
}

/// What is beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One value.
    Value,
    /// A list of values, the name of a code list or selection, or an `account` list.
    List,
    /// One value or a list.
    Values,
    /// A text or a list of texts.
    Texts,
    /// Two values.
    Two,
    /// `yes` or `no`.
    YesNo,
    /// A regular expression.
    Pattern,
    /// A type's name, `yes` or `no`.
    Kind,
    /// `file` or `run`.
    Within,
    /// One value, with `tolerance` beside the word.
    Near,
    /// Dollars or a percentage.
    Tolerance,
}

/// What a word asks.
#[derive(Clone, Copy)]
pub enum Asks {
    /// Equal to one of the values, or none of them.
    Equal {
        /// Whether it must be none of them.
        negated: bool,
    },
    /// Where it is in an order.
    Compare(Comparison),
    /// From the first to the second value.
    Between,
    /// Whether there is something.
    Present,
    /// Whether the row is the first with its entry number.
    First,
    /// Of the cells of columns, not of a value.
    Cells(CellTest),
    /// Evaluated by the block itself.
    Own(AnswerFn),
    /// Nothing: it belongs to that other word.
    Beside(&'static str),
}

/// What is asked of the cells of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellTest {
    /// Whether all rows of the entry have the same.
    Agree,
    /// Whether the type of the column can read them.
    CanBeRead,
}

impl Word {
    /// Whether it tests a number of rows, beside `count`.
    pub fn counts(&self) -> bool {
        let compares = match self.asks {
            Asks::Equal { .. } => self.takes == Takes::Value,
            Asks::Compare(_) | Asks::Between => true,
            Asks::Present | Asks::First | Asks::Cells(_) | Asks::Own(_) | Asks::Beside(_) => false,
        };
        compares && self.on.contains(&Integer)
    }

    /// Whether it selects rows of a code list.
    pub fn selects(&self) -> bool {
        match self.asks {
            Asks::Equal { .. } | Asks::Present => true,
            Asks::Compare(_)
            | Asks::Between
            | Asks::First
            | Asks::Cells(_)
            | Asks::Own(_)
            | Asks::Beside(_) => false,
        }
    }

    /// What it asks of the cells of columns; `None` where it asks of a value.
    pub fn of_cells(&self) -> Option<CellTest> {
        match self.asks {
            Asks::Cells(test) => Some(test),
            Asks::Equal { .. }
            | Asks::Compare(_)
            | Asks::Between
            | Asks::Present
            | Asks::First
            | Asks::Own(_)
            | Asks::Beside(_) => None,
        }
    }

    /// Whether it asks only whether there is something, which a list can be asked as well.
    pub fn asks_if_set(&self) -> bool {
        match self.asks {
            Asks::Present => true,
            Asks::Equal { .. }
            | Asks::Compare(_)
            | Asks::Between
            | Asks::First
            | Asks::Cells(_)
            | Asks::Own(_)
            | Asks::Beside(_) => false,
        }
    }
}

type AnswerFn = for<'c, 'a, 's> fn(&WordCall<'c, 'a, 's>) -> Truth;

/// A word at the moment of its evaluation.
pub struct WordCall<'c, 'a, 's> {
    pub(super) given: &'a Given,
    pub(super) tested: &'c Tested<'a>,
    pub(super) got: &'c Got<'a>,
    pub(super) context: &'c Context<'a>,
    pub(super) scope: &'c Scope<'s>,
}

impl WordCall<'_, '_, '_> {
    /// Asks about each of the texts beside the word, whatever their letter case.
    fn text_is(&self, is: impl Fn(&str, &str) -> bool) -> Truth {
        let Given::Texts(wanted) = self.given else { return Truth::Unknown };
        as_text(self.tested, self.got, |text| {
            let text = text.to_lowercase();
            wanted.iter().any(|wanted| is(&text, &wanted.to_lowercase()))
        })
    }
}

use Type::{Choice, Date, EntryNumber, Hts, ImporterNumber, Integer, Money, Text, YesNo};

const ALL: &[Type] = &[Text, Choice, EntryNumber, ImporterNumber, Hts, Date, Money, Integer, YesNo];
const TEXTS: &[Type] = &[Text, Choice, Hts, EntryNumber];
const NUMBERS: &[Type] = &[Money, Integer];
const DATES: &[Type] = &[Date];

/// All words of tests.
pub static WORDS: &[Word] = &[
    Word {
        name: "is",
        on: ALL,
        takes: Takes::Value,
        asks: Asks::Equal { negated: false },
        meaning: "equal; importer numbers compare their 9 digits; a heading on `hts` matches every number that begins with its digits (so do lists)",
        example: "{ each: entry, forbid: { es003.entry_type: { is: '23' } } }",
    },
    Word {
        name: "is_not",
        on: ALL,
        takes: Takes::Value,
        asks: Asks::Equal { negated: true },
        meaning: "not equal",
        example: "{ each: entry, require: { es003.entry_type: { is_not: '23' } } }",
    },
    Word {
        name: "in",
        on: ALL,
        takes: Takes::List,
        asks: Asks::Equal { negated: false },
        meaning: "one of a list, a code list, a selection, or an `account` list",
        example: "{ each: entry, require: { some: es003, where: { hts: { in: ieepa_duty } } } }",
    },
    Word {
        name: "not_in",
        on: ALL,
        takes: Takes::List,
        asks: Asks::Equal { negated: true },
        meaning: "none of a list, a code list, a selection, or an `account` list",
        example: "{ each: entry, require: { es003.entry_type: { not_in: ['08', '09', '47'] } } }",
    },
    Word {
        name: "exactly",
        on: &[ImporterNumber],
        takes: Takes::Values,
        asks: Asks::Own(|word| {
            let (Got::Val(value), Given::Values(values)) = (word.got, word.given) else {
                return nothing_is(word.got);
            };
            Truth::any(values.iter().map(|other| word.context.is(value, other, word.scope, true)))
        }),
        meaning: "equal with the suffix",
        example: "{ each: entry, require: { es003.importer_number: { exactly: 12-3456789AB } } }",
    },
    Word {
        name: "matches",
        on: TEXTS,
        takes: Takes::Pattern,
        asks: Asks::Own(|word| match word.given {
            Given::Pattern(pattern) => as_text(word.tested, word.got, |text| pattern.is_match(text)),
            _ => Truth::Unknown,
        }),
        meaning: "a regular expression fits the text as written, anywhere in it. An HTS number that can be read is its digits, an entry number its 11 characters: a pattern that asks for a dot or dash is an error",
        example: "{ each: row, forbid: { row.notes: { matches: '(?i)hold' } } }",
    },
    Word {
        name: "starts_with",
        on: TEXTS,
        takes: Takes::Texts,
        asks: Asks::Own(|word| match word.given {
            Given::Texts(prefixes) => as_text(word.tested, word.got, |text| {
                prefixes.iter().any(|prefix| {
                    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
                })
            }),
            _ => Truth::Unknown,
        }),
        meaning: "the text begins with this, or with one of these",
        example: "{ each: entry, require: { entry: { starts_with: [ABC, XYZ] } } }",
    },
    Word {
        name: "ends_with",
        on: TEXTS,
        takes: Takes::Texts,
        asks: Asks::Own(|word| word.text_is(|text, wanted| text.ends_with(wanted))),
        meaning: "the text ends with this, or with one of these",
        example: "{ each: row, forbid: { row.notes: { ends_with: '?' } } }",
    },
    Word {
        name: "contains",
        on: TEXTS,
        takes: Takes::Texts,
        asks: Asks::Own(|word| word.text_is(|text, wanted| text.contains(wanted))),
        meaning: "the text has this in it, or one of these",
        example: "{ each: row, forbid: { row.notes: { contains: [hold, do not file] } } }",
    },
    Word {
        name: "above",
        on: NUMBERS,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::Above),
        meaning: "greater",
        example: "{ each: entry, forbid: { total(es003.duty): { above: 10000 } } }",
    },
    Word {
        name: "at_least",
        on: NUMBERS,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::AtLeast),
        meaning: "greater or equal",
        example: "{ each: entry, require: { total(es003.duty): { at_least: 25 } } }",
    },
    Word {
        name: "below",
        on: NUMBERS,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::Below),
        meaning: "less",
        example: "{ each: entry, forbid: { total(es003.duty): { below: 25 } } }",
    },
    Word {
        name: "at_most",
        on: NUMBERS,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::AtMost),
        meaning: "less or equal",
        example: "{ each: file, require: { file.entries: { at_most: 9999 } } }",
    },
    Word {
        name: "before",
        on: DATES,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::Below),
        meaning: "earlier",
        example: "{ each: entry, forbid: { es003.entry_date: { before: 2025-02-04 } } }",
    },
    Word {
        name: "after",
        on: DATES,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::Above),
        meaning: "later",
        example: "{ each: entry, forbid: { es003.liquidation_date: { after: filing_date } } }",
    },
    Word {
        name: "on_or_before",
        on: DATES,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::AtMost),
        meaning: "on that day or earlier",
        example: "{ each: entry, require: { es003.entry_date: { on_or_before: 2026-02-23 } } }",
    },
    Word {
        name: "on_or_after",
        on: DATES,
        takes: Takes::Value,
        asks: Asks::Compare(Comparison::AtLeast),
        meaning: "on that day or later",
        example: "{ each: entry, require: { es003.liquidation_date: { on_or_after: filing_date - 80 days } } }",
    },
    Word {
        name: "between",
        on: &[Date, Money, Integer],
        takes: Takes::Two,
        asks: Asks::Between,
        meaning: "`[low, high]`, both included",
        example: "{ each: entry, forbid: { es003.liquidation_date: { between: [filing_date - 80 days, filing_date - 75 days] } } }",
    },
    Word {
        name: "near",
        on: &[Money],
        takes: Takes::Near,
        asks: Asks::Own(|word| {
            let Given::Near(operand, tolerance) = word.given else { return Truth::Unknown };
            match (word.got, word.context.value(operand, word.scope)) {
                (Got::Nothing, _) | (_, Got::Nothing) => Truth::False,
                (Got::Val(a), Got::Val(b)) => a
                    .number()
                    .zip(b.number())
                    .and_then(|(a, b)| {
                        let allowed = match tolerance {
                            Tolerance::Dollars(amount) => *amount,
                            Tolerance::Percent(percent) => {
                                b.abs().checked_mul(*percent)?.checked_mul(HUNDREDTH)?
                            }
                        };
                        Some(Truth::from(a.checked_sub(b)?.abs() <= allowed))
                    })
                    .unwrap_or(Truth::Unknown),
                _ => Truth::Unknown,
            }
        }),
        meaning: "differs from the operand by at most the `tolerance` beside it",
        example: "{ each: es003, require: { es003.duty: { near: \"percent(10, es003.goods_value)\", tolerance: 2 % } } }",
    },
    Word {
        name: "tolerance",
        on: &[Money],
        takes: Takes::Tolerance,
        asks: Asks::Beside("near"),
        meaning: "how much `near` may differ: dollars, or `2 %` of the operand",
        example: "{ each: es003, require: { es003.duty: { near: es003.goods_value, tolerance: 0.05 } } }",
    },
    Word {
        name: "valid",
        on: ALL,
        takes: Takes::Kind,
        asks: Asks::Own(|word| {
            let Given::Type(kind, yes) = word.given else { return Truth::Unknown };
            let valid = match (word.tested, word.got) {
                (Tested::Cell(cell, column), _) => valid(cell, column, *kind),
                (_, Got::Val(_)) => Truth::True,
                (_, Got::Nothing | Got::Unknown) => Truth::Unknown,
            };
            if *yes { valid } else { !valid }
        }),
        meaning: "the text as written can be read as that type: `valid: entry_number`, or `yes` / `no` for the column's own type",
        example: "{ each: row, require: { row.entry: { valid: entry_number } } }",
    },
    Word {
        name: "present",
        on: ALL,
        takes: Takes::YesNo,
        asks: Asks::Present,
        meaning: "not blank (`yes`), or blank (`no`); of an `account` field, whether it is set",
        example: "{ each: entry, require: { es003.liquidation_status: { present: yes } } }",
    },
    Word {
        name: "unique",
        on: &[EntryNumber],
        takes: Takes::Within,
        asks: Asks::First,
        meaning: "of `row.entry`: `file` (the first in its file; with `each: row`) or `run` (the first in all files of the run)",
        example: "{ each: row, require: { row.entry: { unique: file } } }",
    },
    Word {
        name: "consistent",
        on: ALL,
        takes: Takes::YesNo,
        asks: Asks::Cells(CellTest::Agree),
        meaning: "of `TABLE.*` or a column, `yes`: all rows of the entry agree. A column that the file does not have has no cells",
        example: "{ each: entry, require: { es003.*: { consistent: yes } } }",
    },
    Word {
        name: "readable",
        on: ALL,
        takes: Takes::YesNo,
        asks: Asks::Cells(CellTest::CanBeRead),
        meaning: "of `TABLE.*` or a column, `yes`: no cell of the row(s) that its type cannot read, no text without a choice. A column that the file does not have has no cells",
        example: "{ each: entry, require: { es003.*: { readable: yes } } }",
    },
];

/// The word of that name.
pub fn named(name: &str) -> Option<(WordId, &'static Word)> {
    let at = WORDS.iter().position(|word| word.name == name)?;
    Some((WordId(at as u8), &WORDS[at]))
}

/// The words that apply to a type.
pub fn fitting(kind: Type) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |word| word.on.contains(&kind)).map(|word| word.name)
}

#[cfg(test)]
/// The table of words, for the reference.
pub fn reference() -> String {
    let mut table = String::from("| word | on | meaning |\n|---|---|---|\n");
    for word in WORDS {
        let on = match word.on {
            on if on.len() == ALL.len() => "all".to_owned(),
            on => on.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "),
        };
        table.push_str(&format!("| `{}` | {on} | {} |\n", word.name, word.meaning));
    }
    table
}

impl<'a> Context<'a> {
    /// The truth of a word with a block of its own.
    pub(super) fn word(
        &self,
        id: WordId,
        given: &'a Given,
        tested: &Tested<'a>,
        got: &Got<'a>,
        scope: &Scope<'_>,
    ) -> Truth {
        match WORDS[usize::from(id.0)].asks {
            Asks::Own(answer) => answer(&WordCall { given, tested, got, context: self, scope }),
            Asks::Equal { .. }
            | Asks::Compare(_)
            | Asks::Between
            | Asks::Present
            | Asks::First
            | Asks::Cells(_)
            | Asks::Beside(_) => Truth::Unknown,
        }
    }
}

/// Whether something that is not a value equals any.
fn nothing_is(got: &Got<'_>) -> Truth {
    match got {
        Got::Nothing => Truth::False,
        Got::Val(_) | Got::Unknown => Truth::Unknown,
    }
}

/// Whether a cell can be read as a type.
fn valid(cell: &Cell, column: &schema::Column, kind: Type) -> Truth {
    match cell.reading {
        CellReading::Blank | CellReading::Nothing => Truth::Unknown,
        CellReading::Unreadable if kind == column.kind => Truth::False,
        CellReading::Value(_) if kind == column.kind => Truth::True,
        CellReading::Value(_) | CellReading::Unreadable => {
            let as_kind = schema::Column { kind, choices: Vec::new(), ..column.clone() };
            Truth::from(matches!(
                crate::table::value::read(&as_kind, cell.text().raw()),
                CellReading::Value(_)
            ))
        }
    }
}

/// Asks a question of a cell's text; for HTS and entry numbers of their normal form.
fn as_text(tested: &Tested<'_>, got: &Got<'_>, ask: impl Fn(&str) -> bool) -> Truth {
    match (tested, got) {
        (_, Got::Val(value @ (Val::Hts(_) | Val::Entry(_)))) => Truth::from(ask(&value.code())),
        // Digits that lost their zeros have them again.
        (_, Got::Val(Val::Text(text))) => Truth::from(ask(text)),
        (Tested::Cell(cell, _), _) => match cell.reading {
            CellReading::Blank => Truth::Unknown,
            CellReading::Nothing => Truth::False,
            CellReading::Value(_) | CellReading::Unreadable => Truth::from(ask(cell.text().raw())),
        },
        (_, Got::Val(value)) => Truth::from(ask(&value.code())),
        (_, Got::Nothing) => Truth::False,
        (_, Got::Unknown) => Truth::Unknown,
    }
}
