//! The words of a test: what is asked of an operand, and the values it is compared with.

use std::sync::Arc;

use hashbrown::HashSet;

use super::super::errors;
use super::super::errors::OtherName;
use super::super::model::{
    CodeSet, Codes, Comparison, Each, FirstWithin, Given, Operand, Pattern, Predicate, Tolerance, WordId,
};
use super::super::operand::{self, ExprKind};
use super::budget::Refused;
use super::literal;
use super::operands::{Compiler, Spot, Typed};
use super::pattern;
use crate::diagnostic::nearest;
use crate::judge::words::{self, Asks, Takes, Word};
use crate::source::Place;
use crate::table::ROW;
use crate::table::schema::Type;
use crate::table::value;
use crate::yaml::{NodeId, Style, View};

/// The shortest text that may be a mistyped name: of fewer letters too many are similar.
const SHORTEST_NEAR_NAME: usize = 5;

/// A comparison that was written as one text (`> 100`, `above 100`): the word for it, and the value.
fn comparison(text: &str) -> Option<(&'static str, &str)> {
    const SIGNS: [(&str, &str); 12] = [
        (">=", "at_least"),
        ("<=", "at_most"),
        ("\u{2265}", "at_least"),
        ("\u{2264}", "at_most"),
        (">", "above"),
        ("<", "below"),
        ("above ", "above"),
        ("over ", "above"),
        ("below ", "below"),
        ("under ", "below"),
        ("at least ", "at_least"),
        ("at most ", "at_most"),
    ];
    SIGNS.iter().find_map(|(sign, word)| Some((*word, text.strip_prefix(sign)?.trim())))
}

/// A mapping's keys and values.
pub type KeyValues = [(NodeId, NodeId)];

impl Compiler<'_> {
    /// The words of a test.
    pub fn words(&mut self, subject: &Typed, pairs: &KeyValues) -> Option<Vec<(Predicate, Place)>> {
        let tree = self.tree;
        let mut predicates = Vec::new();
        let mut failed = false;
        for &(key, value) in pairs {
            let name = tree.scalar(key).unwrap_or_default();
            let place = tree.place_of_pair(key, value);
            let Some((id, word)) = words::named(name) else {
                let known = words::fitting(subject.kind);
                self.diagnostics.push(errors::unknown_test(name, tree.place(key), known));
                failed = true;
                continue;
            };
            if !word.on.contains(&subject.kind) {
                let fitting = words::fitting(subject.kind);
                self.diagnostics.push(errors::test_of_another_type(
                    name,
                    subject.kind,
                    fitting,
                    tree.place(key),
                ));
                failed = true;
                continue;
            }
            if let View::Scalar("", Style::Plain) = tree.view(value) {
                self.diagnostics.push(errors::word_without_value(name, tree.place(key)));
                failed = true;
                continue;
            }
            if let Asks::Beside(other) = word.asks {
                if !pairs.iter().any(|(key, _)| tree.scalar(*key) == Some(other)) {
                    self.diagnostics.push(errors::word_without_partner(name, other, tree.place(key)));
                    failed = true;
                }
                continue;
            }
            match self.word(id, word, subject, value, pairs, key) {
                Some(found) => predicates.extend(found.into_iter().map(|predicate| (predicate, place))),
                None => failed = true,
            }
        }
        (!failed).then_some(predicates)
    }

    fn word(
        &mut self,
        id: WordId,
        word: &'static Word,
        subject: &Typed,
        value: NodeId,
        pairs: &KeyValues,
        key: NodeId,
    ) -> Option<Vec<Predicate>> {
        let tree = self.tree;
        let predicate = match word.asks {
            Asks::Equal { negated } if word.takes == Takes::List => self.listed(subject, value, negated)?,
            Asks::Equal { negated } => self.equal(subject, &[value], negated)?,
            Asks::Compare(comparison) => Predicate::Compare(comparison, self.one(subject, value)?),
            Asks::Between => {
                let View::Sequence(&[low, high]) = tree.view(value) else {
                    self.diagnostics.push(errors::between_without_bounds(tree.head(value)));
                    return None;
                };
                let low = self.one(subject, low);
                let high = self.one(subject, high);
                return Some(vec![
                    Predicate::Compare(Comparison::AtLeast, low?),
                    Predicate::Compare(Comparison::AtMost, high?),
                ]);
            }
            Asks::Present => Predicate::Present(self.yes_no(value)?),
            Asks::First => self.unique(subject, value)?,
            Asks::Own(_) => Predicate::Word(id, self.given(word.takes, subject, value, pairs, key)?),
            Asks::Cells(_) | Asks::Beside(_) => return None,
        };
        Some(vec![predicate])
    }

    /// What is beside a word that its own block evaluates.
    fn given(
        &mut self,
        takes: Takes,
        subject: &Typed,
        value: NodeId,
        pairs: &KeyValues,
        key: NodeId,
    ) -> Option<Given> {
        let tree = self.tree;
        Some(match takes {
            Takes::Values | Takes::List => {
                let items = self.items(value)?;
                let operands: Vec<_> = items.iter().map(|item| self.value(subject, *item, true)).collect();
                let operands: Option<Vec<_>> = operands.into_iter().collect();
                Given::Values(operands?.into_iter().map(|typed| typed.operand).collect())
            }
            Takes::Value => Given::Values(vec![self.one(subject, value)?]),
            Takes::Pattern => Given::Pattern(self.pattern(subject, value)?),
            Takes::Texts => Given::Texts(self.texts(subject, value)?),
            Takes::Near => {
                let operand = self.one(subject, value);
                let tolerance = pairs.iter().find(|(key, _)| tree.scalar(*key) == Some("tolerance"));
                let Some(&(_, tolerance)) = tolerance else {
                    self.diagnostics.push(errors::no_tolerance(tree.place(key)));
                    return None;
                };
                let tolerance = self.tolerance(tolerance);
                Given::Near(operand?, tolerance?)
            }
            Takes::Kind => {
                let (kind, yes) = self.valid(subject, value)?;
                Given::Type(kind, yes)
            }
            Takes::Two | Takes::YesNo | Takes::Within | Takes::Tolerance => return None,
        })
    }

    pub fn yes_no(&mut self, node: NodeId) -> Option<bool> {
        match self.tree.scalar(node) {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            other => {
                let found = other.unwrap_or("a list");
                self.diagnostics.push(errors::not_yes_or_no(found, self.tree.head(node)));
                None
            }
        }
    }

    /// The items of a list, or the one value.
    fn items(&mut self, node: NodeId) -> Option<Vec<NodeId>> {
        match self.tree.view(node) {
            View::Sequence([]) => {
                self.diagnostics.push(errors::no_values(self.tree.place(node)));
                None
            }
            View::Sequence(items) => Some(items.to_vec()),
            _ => Some(vec![node]),
        }
    }

    /// One value to compare with.
    fn one(&mut self, subject: &Typed, node: NodeId) -> Option<Operand> {
        self.value(subject, node, false).map(|typed| typed.operand)
    }

    /// A value to compare the subject with: a literal of its type, or an operand that is not quoted.
    fn value(&mut self, subject: &Typed, node: NodeId, many: bool) -> Option<Typed> {
        let tree = self.tree;
        let place = tree.head(node);
        let View::Scalar(text, style) = tree.view(node) else {
            self.diagnostics.push(errors::not_one_value(&tree.view(node), place));
            return None;
        };
        if text.is_empty() && style == Style::Plain {
            self.diagnostics.push(errors::missing_value(place));
            return None;
        }
        let is_choice = subject.kind == Type::Choice && subject.choices.iter().any(|choice| choice == text);
        // Quotes make a text literal. Where no text is wanted they only keep commas together, as in
        // `{ after: "earliest(a, b)" }`.
        let may_be_operand = style == Style::Plain || !matches!(subject.kind, Type::Text | Type::Choice);
        if may_be_operand && !is_choice && self.is_operand(text, subject.kind) {
            let spot = Spot { node, offset: 0, placeholder: false };
            let found = self.operand(text, spot)?;
            let is_number = |kind| matches!(kind, Type::Money | Type::Integer);
            if found.kind != subject.kind && !(is_number(found.kind) && is_number(subject.kind)) {
                let list =
                    self.world.selections.iter().map(|(name, _)| name.as_str()).find(|name| *name == text);
                self.diagnostics.push(errors::types_differ(subject.kind, found.kind, list, place));
                return None;
            }
            if found.many && !many {
                self.diagnostics.push(errors::compared_with_list(text, place));
                return None;
            }
            return Some(found);
        }
        if subject.kind == Type::Choice {
            if !is_choice {
                let known = subject.choices.iter().map(String::as_str);
                self.diagnostics.push(errors::unknown_choice(text, place, known));
                return None;
            }
            return Some(Typed { operand: Operand::Choice(text.into()), ..subject.clone() });
        }
        if style == Style::Plain && self.is_other_name(subject, text, place) {
            return None;
        }
        // As the column's cells are: who writes 704 means the port 0704.
        let padded = subject.pad.map(|width| value::padded(text, width));
        match literal::read(subject.kind, padded.as_deref().unwrap_or(text)) {
            Ok(value) => Some(Typed::one(Operand::Literal(value), subject.kind)),
            Err(error) => {
                let mut diagnostic = errors::not_a_literal(&error, place);
                if style == Style::Plain {
                    let names = ["filing_date", "entry", "pack_verified"].into_iter();
                    diagnostic = diagnostic.did_you_mean(text, names.chain(self.value_names()));
                }
                if let Some((word, value)) = comparison(text) {
                    diagnostic = diagnostic.help(errors::comparison_in_one(word, value));
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// The names of values that may be written bare where a value is expected.
    fn value_names(&self) -> impl Iterator<Item = &str> {
        let figures = self.world.figures.iter().map(|figure| figure.name.as_str());
        let settings = self.world.settings.iter().map(|setting| setting.name.as_str());
        let inner = self.inner_table().map(|table| self.world.schema(table));
        let columns = inner.into_iter().flat_map(|schema| &schema.columns).map(|column| column.name.as_str());
        figures.chain(settings).chain(columns)
    }

    /// Reports a text without quotes that is compared with a text column and is the name of something else,
    /// nearly the name of a value, or several codes in one.
    fn is_other_name(&mut self, subject: &Typed, text: &str, place: Place) -> bool {
        if !matches!(subject.kind, Type::Text | Type::Hts) {
            return false;
        }
        let world = self.world;
        let is_text = subject.kind == Type::Text;
        let is = if world.selections.iter().any(|(name, _)| name == text) {
            OtherName::Codes
        } else if world.figures.iter().any(|figure| figure.name == text) {
            OtherName::Figure
        } else if world.settings.iter().any(|setting| setting.name == text) {
            OtherName::Setting
        } else if world.conditions.iter().any(|condition| condition.name == text) {
            OtherName::Condition
        } else if world.table(text).is_some() {
            OtherName::Table
        } else if let Some(list) = literal::codes_in_one(text).filter(|_| is_text) {
            OtherName::Several(list)
        } else if is_text
            && text.len() >= SHORTEST_NEAR_NAME
            && operand::is_name(text)
            && let Some(near) = nearest(text, self.value_names())
        {
            OtherName::Near(near)
        } else {
            return false;
        };
        let diagnostic = errors::other_name(text, &is, place);
        self.diagnostics.push(diagnostic);
        true
    }

    /// Whether a text without quotes is an operand where a value of this type is expected.
    fn is_operand(&self, text: &str, kind: Type) -> bool {
        // A date that is moved by something else than days is an operand with an error in it.
        let is_moved = |name: &str| {
            text.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['+', '-', '\u{2013}']))
        };
        operand::looks_like_operand(text)
            || matches!(text, "filing_date" | "pack_verified")
            || (kind == Type::Date && ["filing_date", "pack_verified"].into_iter().any(is_moved))
            || (text == "entry" && kind == Type::EntryNumber)
            || self.is_inner_column(text)
            || self.is_named_value(text, kind)
            || (kind == Type::Date
                && operand::parse(text).is_ok_and(|expr| matches!(expr.kind, ExprKind::Shift(..))))
    }

    /// Whether a bare name is a figure's or a setting's of that type.
    fn is_named_value(&self, name: &str, kind: Type) -> bool {
        let figures = self.world.figures.iter().map(|figure| (&figure.name, figure.kind));
        let settings = self.world.settings.iter().map(|setting| (&setting.name, setting.kind));
        figures.chain(settings).any(|(known, of)| known == name && (of == kind || kind != Type::Text))
    }

    /// `is` and `is_not`, and a list of values.
    pub fn equal(&mut self, subject: &Typed, nodes: &[NodeId], negated: bool) -> Option<Predicate> {
        let found: Vec<_> = nodes.iter().map(|node| self.value(subject, *node, true)).collect();
        let values: Vec<Operand> =
            found.into_iter().collect::<Option<Vec<_>>>()?.into_iter().map(|typed| typed.operand).collect();
        if subject.kind != Type::Hts || !values.iter().any(|value| matches!(value, Operand::Literal(_))) {
            return Some(Predicate::OneOf { values, negated });
        }
        // Headings match by their digits, so a list of them is a code list without a name.
        let codes: HashSet<Box<str>> = values
            .iter()
            .filter_map(|value| match value {
                Operand::Literal(value) => Some(literal::code(value)),
                _ => None,
            })
            .collect();
        if codes.len() < values.len() && values.iter().any(|value| !matches!(value, Operand::Literal(_))) {
            let place = self.tree.head(nodes[0]);
            self.diagnostics.push(errors::headings_and_columns(place));
            return None;
        }
        let mut names: Vec<&str> = codes.iter().map(|code| &**code).collect();
        names.sort_unstable();
        let name = names.join(", ");
        let codes = CodeSet { name, codes: Arc::new(Codes::from_codes(true, codes)) };
        Some(Predicate::Listed { codes, negated })
    }

    /// `in` and `not_in`: a list, the name of a code list or selection, or a list of the account.
    pub fn listed(&mut self, subject: &Typed, node: NodeId, negated: bool) -> Option<Predicate> {
        let tree = self.tree;
        if let View::Sequence(_) = tree.view(node) {
            let items = self.items(node)?;
            return self.equal(subject, &items, negated);
        }
        let place = tree.head(node);
        let Some(text) = tree.scalar(node) else {
            self.diagnostics.push(errors::not_a_list(&tree.view(node), place));
            return None;
        };
        if operand::looks_like_operand(text) && !tree.is_quoted(node) {
            return self.equal(subject, &[node], negated);
        }
        let world = self.world;
        let Some((_, codes)) = world.selections.iter().find(|(name, _)| name == text) else {
            let known: Vec<&str> = world.selections.iter().map(|(name, _)| name.as_str()).collect();
            self.diagnostics.push(errors::unknown_selection(text, place, known));
            return None;
        };
        let list = world.lists.iter().find(|list| list.name == *text);
        let key = list.map(|list| list.columns[list.key].1);
        let fits = match key {
            Some(kind) => kind == subject.kind,
            None => codes.is_headings() == (subject.kind == Type::Hts),
        };
        if !fits {
            let of = if codes.is_headings() { "hts" } else { key.map_or("text", Type::name) };
            self.diagnostics.push(errors::codes_of_another_type(text, subject.kind, of, place));
            return None;
        }
        Some(Predicate::Listed { codes: codes.clone(), negated })
    }

    fn pattern(&mut self, subject: &Typed, node: NodeId) -> Option<Pattern> {
        let tree = self.tree;
        let Some(text) = tree.scalar(node) else {
            self.diagnostics.push(errors::pattern_is_no_text(tree.head(node)));
            return None;
        };
        if tree.is_recorded() {
            return Some(Pattern::known(text));
        }
        let parsed = regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(text);
        if let Err(error) = &parsed {
            let span = match error {
                regex_syntax::Error::Parse(error) => *error.span(),
                regex_syntax::Error::Translate(error) => *error.span(),
                _ => regex_syntax::ast::Span::splat(regex_syntax::ast::Position::new(0, 1, 1)),
            };
            let end = span.end.offset.max(span.start.offset);
            let place = tree.place_within(node, span.start.offset..end);
            self.diagnostics.push(errors::bad_pattern(error, place));
            return None;
        }
        let normal = match subject.kind {
            Type::Hts => Some((&['0'..='9'][..], 10)),
            Type::EntryNumber => Some((&['0'..='9', 'A'..='Z'][..], 11)),
            _ => None,
        };
        if let (Ok(parsed), Some((characters, longest))) = (&parsed, normal)
            && !pattern::can_match(parsed, characters, longest)
        {
            self.diagnostics.push(errors::pattern_never_matches(subject.kind, tree.head(node)));
            return None;
        }
        if subject.kind == Type::Hts
            && let Some(at) = pattern::dot_between_digits(text)
        {
            self.diagnostics.push(errors::dot_in_pattern(tree.place_within(node, at..at + 1)));
            return None;
        }
        match self.world.budget.pattern(text) {
            Ok(pattern) => Some(Pattern::compiled(pattern)),
            Err(Refused::Together) => None,
            Err(Refused::TooLarge) => {
                self.diagnostics.push(errors::pattern_too_large(tree.head(node)));
                None
            }
        }
    }

    fn texts(&mut self, subject: &Typed, node: NodeId) -> Option<Vec<String>> {
        let tree = self.tree;
        let items = self.items(node)?;
        let mut texts = Vec::new();
        let mut failed = false;
        for item in items {
            let Some(text) = tree.scalar(item).map(str::trim).filter(|text| !text.is_empty()) else {
                self.diagnostics.push(errors::not_a_text(tree.head(item)));
                failed = true;
                continue;
            };
            if operand::looks_like_operand(text) && !tree.is_quoted(item) {
                self.diagnostics.push(errors::column_for_a_text(tree.head(item)));
                failed = true;
                continue;
            }
            // Cells of these types are compared without their dots and dashes.
            texts.push(match subject.kind {
                Type::Hts => text.replace('.', ""),
                Type::EntryNumber => text.replace('-', "").to_ascii_uppercase(),
                _ => text.to_owned(),
            });
        }
        (!failed).then_some(texts)
    }

    fn tolerance(&mut self, node: NodeId) -> Option<Tolerance> {
        let text = self.tree.scalar(node).unwrap_or_default().trim();
        let (number, percent) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text, false),
        };
        match literal::decimal(number).filter(|number| !number.is_sign_negative()) {
            Some(number) if percent => Some(Tolerance::Percent(number)),
            Some(number) => Some(Tolerance::Dollars(number)),
            None => {
                self.diagnostics.push(errors::not_a_tolerance(text, self.tree.head(node)));
                None
            }
        }
    }

    fn valid(&mut self, subject: &Typed, node: NodeId) -> Option<(Type, bool)> {
        let text = self.tree.scalar(node).unwrap_or_default();
        let kind = text.parse::<Type>().ok();
        match (text, kind) {
            ("yes", _) => Some((subject.kind, true)),
            ("no", _) => Some((subject.kind, false)),
            (
                _,
                Some(
                    kind @ (Type::EntryNumber | Type::ImporterNumber | Type::Hts | Type::Date | Type::Money),
                ),
            ) => Some((kind, true)),
            _ => {
                let known = ["entry_number", "importer_number", "hts", "date", "money", "yes", "no"];
                self.diagnostics.push(errors::unknown_type(text, self.tree.head(node), known));
                None
            }
        }
    }

    fn unique(&mut self, subject: &Typed, node: NodeId) -> Option<Predicate> {
        let text = self.tree.scalar(node).unwrap_or_default();
        let place = self.tree.head(node);
        let within = match text {
            "file" => FirstWithin::File,
            "run" => FirstWithin::Run,
            _ => {
                self.diagnostics.push(errors::unknown_value(text, place, ["file", "run"]));
                return None;
            }
        };
        let declared = matches!(&subject.operand, Operand::Column(column) if column.table == ROW);
        if !declared || !matches!(self.each, Some(Each::Row | Each::Entry)) {
            self.diagnostics.push(errors::unique_elsewhere(place));
            return None;
        }
        if within == FirstWithin::File && self.each == Some(Each::Entry) {
            self.diagnostics.push(errors::entries_are_unique(place));
            return None;
        }
        Some(Predicate::Unique(within))
    }
}
