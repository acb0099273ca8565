//! What `capelint explain` prints about a rule, and about the messages in a pasted text.

use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::Serialize;

use super::catalog::in_force;
use super::load::Rules;
use crate::judge::needs;
use crate::outside::{Outside, OutsideString};
use crate::rule_tests::TestFixture;
use crate::rules::messages::{self, Lookup, Message, MessagePart, Refile, Stage};
use crate::rules::model::{Each, Expectation, HelpCase, Rule, RuleId};
use crate::source::Place;

/// A rule, for people ([`fmt::Display`]) and for programs ([`Serialize`]).
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RuleCard {
    /// Its name.
    pub id: String,
    /// `error`, `stop`, `warning` or `note`, before the configuration changes it.
    pub severity: &'static str,
    /// What it checks.
    pub title: OutsideString,
    /// What it is evaluated for, and on which filing dates.
    pub applies_to: OutsideString,
    /// The titles of the tables that it reads.
    pub reads: Vec<OutsideString>,
    /// Its `when`, `require` and `forbid`, as its file has them.
    pub condition: OutsideString,
    /// Its message, with its placeholders.
    pub message: OutsideString,
    /// The first of these whose condition is true is the help of a finding.
    pub next_steps: Vec<NextStep>,
    /// The message that CBP returns.
    pub cbp: Option<OutsideString>,
    /// Why it is as it is.
    pub note: Option<OutsideString>,
    /// A test that violates it, with the message.
    pub violated: Option<OutsideString>,
    /// A test that satisfies it.
    pub satisfied: Option<OutsideString>,
    /// Where it is written.
    pub sources: Vec<OutsideString>,
    /// The place in its rule file.
    pub written_in: OutsideString,
}

/// A next step of a rule, and when it is the one.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct NextStep {
    /// Its condition, as the rule file has it; `null` where it always applies.
    pub when: Option<OutsideString>,
    /// The step, with its placeholders.
    pub help: OutsideString,
}

impl Rules {
    /// Describes a rule. Its examples are shown if the rules were loaded with their tests.
    pub fn describe_rule(&self, id: &str) -> Option<RuleCard> {
        let at = self.set.rules.iter().position(|rule| rule.id == id)?;
        let rule = &self.set.rules[at];
        let each = match rule.each {
            Each::File => "each declaration file".to_owned(),
            Each::Row => "each row of a declaration".to_owned(),
            Each::Line(_) => "each line of an entry on the declaration".to_owned(),
            Each::Entry => "each entry of a declaration".to_owned(),
            Each::Table(table) => {
                format!("each row that {} has for the entry", self.set.schemas[table.index()].title)
            }
        };
        let example = |expected: Expectation| {
            let test = rule.tests.iter().find(|test| test.expect == expected)?;
            let fixture = TestFixture::new(&self.set, &self.sources, RuleId(at as u16), test);
            let message =
                fixture.ok()?.judge().findings.first().map(|finding| format!(": {}", finding.message.raw()));
            Some(format!("{}{}", test.name, message.unwrap_or_default()).into())
        };
        let tables = needs::tables(&self.set, rule);
        Some(RuleCard {
            id: rule.id.clone(),
            severity: rule.severity.name(),
            title: rule.title.clone(),
            applies_to: format!("{each}, {}", in_force(rule.effective.0, rule.effective.1)).into(),
            reads: tables.iter().map(|table| self.set.schemas[table.index()].title.clone().into()).collect(),
            condition: self.condition(rule).into(),
            message: rule.message.outline().into(),
            next_steps: rule.help.iter().map(|case| self.next_step(case)).collect(),
            cbp: rule.cbp.clone(),
            note: rule.note.clone(),
            violated: example(Expectation::Violated),
            satisfied: example(Expectation::Satisfied),
            sources: rule.sources.clone(),
            written_in: self.sources.show(rule.place),
        })
    }

    fn next_step(&self, case: &HelpCase) -> NextStep {
        let when: Vec<String> = case.conditions.iter().map(|place| self.written(*place)).collect();
        let when = (!when.is_empty()).then(|| when.join("\n").into());
        NextStep { when, help: case.text.outline().into() }
    }

    /// What is written at a place, without the indentation of its first line.
    fn written(&self, place: Place) -> String {
        let text = self.sources.text(place.file).and_then(|text| text.text.get(place.span.range()));
        let indent = place.column as usize - 1;
        let line = |line: &str| line.get(line.len().min(indent)..).unwrap_or("").to_owned();
        let mut lines = text.unwrap_or("").trim_end().lines();
        let first = lines.next().map(str::to_owned);
        first.into_iter().chain(lines.map(line)).collect::<Vec<_>>().join("\n")
    }

    /// The `when`, `require` and `forbid` of a rule, as its file has them.
    fn condition(&self, rule: &Rule) -> String {
        let Some(text) = self.sources.text(rule.whole.file) else { return String::new() };
        let span = rule.whole.span.range();
        let start = text.line_start(text.line_index(span.start.min(text.text.len())));
        let Some(whole) = text.text.get(start..span.end) else { return String::new() };
        let indent = rule.place.column as usize - 1;
        // The rule's own keys are where `id` is, after the dash on the first line.
        let key_indent = whole
            .lines()
            .skip(1)
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.len() - line.trim_start().len())
            .min()
            .unwrap_or(indent);
        let mut condition = String::new();
        let mut inside = false;
        for line in whole.lines() {
            let own = line.len() - line.trim_start().len();
            if !line.trim().is_empty() && own <= key_indent {
                inside =
                    ["when:", "require:", "forbid:"].iter().any(|key| line.trim_start().starts_with(key));
            }
            if inside {
                condition.push_str(line.get(key_indent..).unwrap_or(""));
                condition.push('\n');
            }
        }
        condition
    }

    /// Explains the messages of CBP and ACE in a pasted text.
    pub fn explain_text<'t>(&self, text: &'t str) -> TextExplanation<'t> {
        let lookup = messages::embedded().lookup(text);
        let title = |id: &String| {
            let rule = self.set.rules.iter().find(|rule| rule.id == *id);
            (id.clone(), rule.map(|rule| rule.title.clone()))
        };
        let rules = |message: &Message| message.rules.iter().map(title).collect();
        TextExplanation { items: items(&lookup, &rules), unknown: unknown(&lookup) }
    }
}

/// A heading with its text below, indented; nothing where there is not a text.
fn section(out: &mut fmt::Formatter<'_>, heading: &str, text: Outside<'_>) -> fmt::Result {
    let text = text.raw();
    if text.trim().is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{heading}")?;
    text.trim_end().lines().try_for_each(|line| writeln!(out, "  {}", Outside::new(line)))
}

impl fmt::Display for RuleCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}[{}]: {}", self.severity, self.id, self.title)?;
        let text = |text: &Option<OutsideString>| text.clone().unwrap_or_default();
        let steps: Vec<OutsideString> =
            self.next_steps.iter().map(|step| step.in_lines(self.next_steps.len())).collect();
        for (heading, text) in [
            ("Applies to", self.applies_to.clone()),
            ("Reads", OutsideString::joined(&self.reads, ", ")),
            ("Condition", self.condition.clone()),
            ("Message", self.message.clone()),
            ("What to do", OutsideString::joined(&steps, "\n")),
            ("CBP's message", text(&self.cbp)),
            ("Why", text(&self.note)),
            ("Violated, for example", text(&self.violated)),
            ("Satisfied, for example", text(&self.satisfied)),
            ("Sources", OutsideString::joined(&self.sources, "\n")),
            ("Written in", self.written_in.clone()),
        ] {
            section(out, heading, text.outside())?;
        }
        Ok(())
    }
}

impl NextStep {
    /// The step below its condition; `among` is how many there are.
    fn in_lines(&self, among: usize) -> OutsideString {
        let help = self.help.raw();
        let lines = match self.when.as_ref().map(OutsideString::raw) {
            Some(when) if when.contains('\n') => {
                let when: Vec<String> = when.lines().map(|line| format!("    {line}")).collect();
                format!("if:\n{}\n  {help}", when.join("\n"))
            }
            Some(when) => format!("if {when}:\n  {help}"),
            None if among > 1 => format!("otherwise:\n  {help}"),
            None => help.to_owned(),
        };
        lines.into()
    }
}

/// The messages in a text, for people ([`fmt::Display`]) and for programs ([`Serialize`]).
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct TextExplanation<'t> {
    /// The messages, in the order of the text; what is only close is marked.
    #[serde(rename = "messages")]
    pub items: Vec<MessageCard<'t>>,
    /// The parts that are like nothing known.
    pub unknown: Vec<Outside<'t>>,
}

impl TextExplanation<'_> {
    /// Whether nothing in the text is known or like anything known.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// A message that a text has, or may have.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct MessageCard<'t> {
    /// Whether the text has the message itself, and not only something close to it.
    pub exact: bool,
    /// The part of the text.
    pub found: Outside<'t>,
    /// The name of the message.
    pub id: &'static str,
    /// CBP's or ACE's own code.
    pub code: Option<&'static str>,
    /// Its text.
    pub text: &'static str,
    /// Whether that is known to be CBP's or ACE's own text.
    pub from_cbp: bool,
    /// What it means.
    pub meaning: &'static str,
    /// The first day on which CBP returns it.
    pub since: Option<String>,
    /// The last day on which CBP returns it.
    pub until: Option<String>,
    /// Whether uploading the same file again helps.
    pub retry: Option<bool>,
    /// `now`, `later`, `after_correction` or `never`; nothing where it is about no entry.
    pub refile: Option<&'static str>,
    /// The next step.
    #[serde(rename = "do")]
    pub action: &'static str,
    /// The rules that find it before the upload.
    pub rules: Vec<String>,
    /// Where it is written.
    pub sources: &'static [String],
    /// If it is only close: the ids of what it may be instead.
    pub or: Vec<&'static str>,
    #[serde(skip)]
    titles: Titles,
    #[serde(skip)]
    message: &'static Message,
}

type Titles = Vec<(String, Option<OutsideString>)>;

fn items<'t>(lookup: &Lookup<'static, 't>, rules: &dyn Fn(&Message) -> Titles) -> Vec<MessageCard<'t>> {
    let known: Vec<&str> = lookup.known().map(|message| message.id.as_str()).collect();
    let mut items = Vec::new();
    for part in &lookup.parts {
        match part {
            MessagePart::Known { text, message } => {
                items.push(card(true, text, message, &[], rules(message)))
            }
            // A guess at a message that was found already adds nothing.
            MessagePart::Closest { text, candidates } => match candidates.as_slice() {
                [first, others @ ..] if !known.contains(&first.id.as_str()) => {
                    items.push(card(false, text, first, others, rules(first)));
                }
                _ => {}
            },
            MessagePart::Unknown { .. } => {}
        }
    }
    items
}

fn unknown<'t>(lookup: &Lookup<'_, 't>) -> Vec<Outside<'t>> {
    let unknown = |part: &MessagePart<'_, 't>| match part {
        MessagePart::Unknown { text } => Some(Outside::new(text)),
        MessagePart::Known { .. } | MessagePart::Closest { .. } => None,
    };
    lookup.parts.iter().filter_map(unknown).collect()
}

fn card<'t>(
    exact: bool,
    found: &'t str,
    message: &'static Message,
    others: &[&'static Message],
    titles: Titles,
) -> MessageCard<'t> {
    MessageCard {
        exact,
        found: Outside::new(found),
        id: &message.id,
        code: message.code.as_deref(),
        text: &message.text,
        from_cbp: message.from_cbp,
        meaning: &message.meaning,
        since: message.since.map(|day| day.to_string()),
        until: message.until.map(|day| day.to_string()),
        retry: message.retry,
        refile: message.refile.map(Refile::name),
        action: &message.action,
        rules: message.rules.clone(),
        sources: &message.sources,
        or: others.iter().map(|message| message.id.as_str()).collect(),
        titles,
        message,
    }
}

impl fmt::Display for TextExplanation<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            if self.items.len() > 1 {
                write!(out, "{} of {}: ", at + 1, self.items.len())?;
            }
            item.fmt(out)?;
        }
        if !self.unknown.is_empty() && !self.items.is_empty() {
            writeln!(out)?;
        }
        self.unknown.iter().try_for_each(|text| writeln!(out, "nothing is known about `{}`", text.fit(200)))
    }
}

impl fmt::Display for MessageCard<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.exact {
            write!(out, "closest, not exact, to `{}`: ", self.found.fit(100))?;
        }
        if let Some(code) = self.message.code_beside_text() {
            write!(out, "{code}: ")?;
        }
        writeln!(out, "{}", Outside::new(self.text))?;
        if !self.from_cbp && self.message.stage != Stage::Question {
            writeln!(out, "(not known to be CBP's own text)")?;
        }
        let days = match (&self.since, &self.until) {
            (None, None) => String::new(),
            (Some(since), None) => format!("since {since}"),
            (None, Some(until)) => format!("until {until}"),
            (Some(since), Some(until)) => format!("from {since} to {until}"),
        };
        let refile = self.message.refile.filter(|_| self.message.stage != Stage::Server);
        let mut rules = String::new();
        for (id, title) in &self.titles {
            writeln!(rules, "{id}: {}", title.as_ref().map_or("(turned off)", OutsideString::raw))?;
        }
        let mut or = String::new();
        for message in self.or.iter().filter_map(|id| messages::embedded().by_id(id)) {
            writeln!(or, "{}: {}", message.id, message.text)?;
        }
        let mut section = |heading: &str, text: &str| section(out, heading, Outside::new(text));
        section("Meaning", self.meaning)?;
        section("In use", &days)?;
        section(
            "Does it help to upload the same file again?",
            self.retry.map_or("", |yes| if yes { "yes" } else { "no" }),
        )?;
        section("Resubmit the entry?", &refile.map(Refile::when).unwrap_or_default())?;
        section("What to do", self.action)?;
        section("Found before the upload by", &rules)?;
        section("Sources", &self.sources.join("\n"))?;
        section("Or", &or)
    }
}
