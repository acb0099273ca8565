//! `capelint explain`: a rule, a message that CBP or ACE showed, or what decided about an entry.

use std::fmt::Write as _;
use std::path::Path;

use super::args::{Data, Inputs, RuleArgs};
use super::door::CommandLine;
use super::session::Session;
use super::{Done, Exit, Failure, print};
use capelint::cause::UndecidedCause;
use capelint::diagnostic::Diagnostic;
use capelint::engine::{Checked, ClauseCell, RuleExplanation};
use capelint::entry::{self, EntryNumber};
use capelint::judge::needs;
use capelint::report::cause;
use capelint::report::text::shown;
use capelint::rule_tests::TestFixture;
use capelint::rules::messages::{self, Message};
use capelint::rules::model::{Each, Expectation, Rule, RuleId};
use capelint::source::Sources;

/// Arguments of `capelint explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint explain liquidated-over-80-days
  capelint explain 864
  capelint explain \"Entry summary is in final liquidation\"
  capelint explain --entry ABC-1234567-6 march.csv --es003 es003.csv")]
pub struct Args {
    /// A rule, a message or its code; with --entry the declarations
    #[arg(value_name = "RULE|TEXT|DECLARATION", required = true)]
    pub what: Vec<String>,
    /// Rule by rule, the clause that decided about this entry and the cell it read
    #[arg(long, value_name = "ENTRY")]
    pub entry: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
}

/// Explains.
pub fn run(args: &Args) -> Done {
    let text = match &args.entry {
        Some(entry) => of_entry(args, entry)?,
        None => of_text(args, &args.what.join(" "))?,
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn of_text(args: &Args, text: &str) -> Result<String, Failure> {
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), args.data.clone(), true)?;
    if let Some(at) = session.rules.set().rules.iter().position(|rule| rule.id == text) {
        return Ok(of_rule(&session, RuleId(at as u16)));
    }
    let messages = messages::embedded();
    match messages::find(messages, text) {
        Some(found) => Ok(of_message(found, &session)),
        None => {
            let ids = session.rules.set().rules.iter().map(|rule| rule.id.as_str());
            Err(Diagnostic::new("nothing-known", format!("nothing is known about `{}`", shown(text)))
                .did_you_mean(text, ids)
                .help("give a rule's id (see `capelint rules`), or CBP's message as it was shown")
                .into())
        }
    }
}

/// A heading with its text below, indented; nothing where there is no text.
fn section(out: &mut String, heading: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}");
    for line in text.trim_end().lines() {
        let _ = writeln!(out, "  {}", shown(line));
    }
}

fn of_rule(session: &Session, id: RuleId) -> String {
    let rule = &session.rules.set().rules[usize::from(id.0)];
    let mut out = String::new();
    let _ = writeln!(out, "{}[{}]: {}", rule.severity.name(), rule.id, rule.title);
    let each = match rule.each {
        Each::File => "each declaration file".to_owned(),
        Each::Row => "each row of a declaration".to_owned(),
        Each::Entry => "each entry of a declaration".to_owned(),
        Each::Table(table) => {
            format!("each row that {} has for the entry", session.rules.set().schemas[table.0].title)
        }
    };
    section(&mut out, "Applies to", &format!("{each}, {}", dates(rule)));
    let tables = needs::tables(rule);
    let names: Vec<&str> =
        tables.iter().map(|table| session.rules.set().schemas[table.0].title.as_str()).collect();
    section(&mut out, "Reads", &names.join(", "));
    section(&mut out, "Condition", &condition(session, rule));
    section(&mut out, "Says", &rule.message.outline());
    let help: Vec<String> = rule.help.iter().map(|case| case.text.outline()).collect();
    section(&mut out, "What to do", &help.join("\n"));
    section(&mut out, "CBP's message", rule.cbp.as_deref().unwrap_or(""));
    section(&mut out, "Why", rule.note.as_deref().unwrap_or(""));
    for (expected, heading) in
        [(Expectation::Violated, "Violated, for example"), (Expectation::Satisfied, "Satisfied, for example")]
    {
        if let Some(test) = rule.tests.iter().find(|test| test.expect == expected) {
            let mut example = test.name.clone();
            let stage = TestFixture::new(session.rules.set(), session.rules.sources(), id, test);
            if let Some(finding) = stage.judge().findings.first() {
                let _ = write!(example, ": {}", finding.message);
            }
            section(&mut out, heading, &example);
        }
    }
    section(&mut out, "Sources", &rule.sources.join("\n"));
    let place = session.rules.sources().show(rule.place);
    section(&mut out, "Written in", &place.to_string());
    out
}

/// On which filing dates a rule is in force, in words.
pub fn dates(rule: &Rule) -> String {
    match rule.effective {
        (None, None) => "for all filing dates".to_owned(),
        (Some(from), None) => format!("for declarations filed from {from}"),
        (None, Some(until)) => format!("for declarations filed until {until}"),
        (Some(from), Some(until)) => format!("for declarations filed from {from} to {until}"),
    }
}

/// The `when`, `require` and `forbid` of a rule, as its file has them.
fn condition(session: &Session, rule: &Rule) -> String {
    let Some(text) = session.rules.sources().text(rule.whole.file) else { return String::new() };
    let span = rule.whole.span.range();
    let start = text.line_start(text.line_index(span.start.min(text.text.len())));
    let Some(whole) = text.text.get(start..span.end) else { return String::new() };
    let indent = rule.place.column as usize - 1;
    // The rule's own keys stand where `id` does, after the dash on the first line.
    let key_indent = whole
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(indent);
    let mut shown = String::new();
    let mut inside = false;
    for line in whole.lines() {
        let own = line.len() - line.trim_start().len();
        if !line.trim().is_empty() && own <= key_indent {
            inside = ["when:", "require:", "forbid:"].iter().any(|key| line.trim_start().starts_with(key));
        }
        if inside {
            shown.push_str(line.get(key_indent..).unwrap_or(""));
            shown.push('\n');
        }
    }
    shown
}

fn of_message(message: &Message, session: &Session) -> String {
    let mut out = String::new();
    let code = message.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
    let _ = writeln!(out, "{code}{}", message.text);
    if !message.from_cbp {
        let _ = writeln!(out, "(not a message of CBP: seen on other sites only)");
    }
    let dates = match (message.since, message.until) {
        (None, None) => String::new(),
        (Some(since), None) => format!("since {since}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(since), Some(until)) => format!("from {since} to {until}"),
    };
    section(&mut out, "Meaning", &message.meaning);
    section(&mut out, "Shown", &dates);
    section(&mut out, "Does trying again help?", &message.retry);
    section(&mut out, "What to do", &message.action);
    let caught: Vec<String> = message
        .rules
        .iter()
        .map(|id| {
            let title =
                session.rules.set().rules.iter().find(|rule| rule.id == *id).map(|rule| rule.title.as_str());
            format!("{id}: {}", title.unwrap_or("(switched off)"))
        })
        .collect();
    section(&mut out, "Found before the upload by", &caught.join("\n"));
    section(&mut out, "Sources", &message.sources.join("\n"));
    out
}

fn of_entry(args: &Args, entry: &str) -> Result<String, Failure> {
    let Some(number) = EntryNumber::parse(entry) else {
        let (written, why) = (shown(entry), entry::read(entry).form.fault());
        return Err(Diagnostic::new(
            "not-an-entry-number",
            format!("`{written}` is not an entry number: {why}"),
        )
        .help("an entry number is a filer code, seven digits and a check digit: ABC-1234567-6")
        .into());
    };
    let inputs =
        Inputs { declarations: args.what.clone(), data: args.data.clone(), rules: args.rules.clone() };
    let session = Session::open(&inputs)?;
    let checked = session.judge()?;
    let explained = checked.explain_entry(number);
    if explained.is_empty() {
        return Err(Diagnostic::new("not-declared", format!("no declaration names entry {number}")).into());
    }
    let mut out = String::new();
    for entry in &explained {
        if let Some(place) = entry.place {
            let place = checked.sources.show(place).to_string();
            let _ = writeln!(out, "entry {number}, {}, filed on {}", shown(&place), session.filing_date);
        }
        for rule in &entry.rules {
            explain_rule(&mut out, rule, &session, &checked);
        }
    }
    Ok(out)
}

/// What a rule found, and the clauses that decided.
fn explain_rule(out: &mut String, explained: &RuleExplanation, session: &Session, checked: &Checked<'_>) {
    let _ = write!(out, "\n{}: {}", explained.rule, explained.outcome.name());
    match explained.waiver.map(|at| &session.rules.config().waivers[at]) {
        Some(waiver) => {
            let _ = writeln!(out, " (waived until {}: {})", waiver.until.value, shown(&waiver.reason));
        }
        None => out.push('\n'),
    }
    if let Some(message) = &explained.message {
        let _ = writeln!(out, "  {}", shown(message));
    }
    if let Some(table) = &explained.without_rows {
        let _ = writeln!(out, "  no row in `{table}`");
    }
    // Clauses that lack the same say so once.
    let mut told = Vec::new();
    for clause in &explained.clauses {
        let _ = writeln!(out, "  {} is {}", shown(&clause.text), clause.truth.word());
        for cell in &clause.cells {
            explain_cell(out, cell, checked);
        }
        causes(out, &clause.causes, &checked.sources, "    ", &mut told);
    }
    causes(out, &explained.causes, &checked.sources, "  ", &mut told);
}

/// The causes that were not told before.
fn causes(
    out: &mut String,
    causes: &[UndecidedCause],
    sources: &Sources,
    indent: &str,
    told: &mut Vec<String>,
) {
    for cause in causes {
        let mut text = shown(&cause::text(cause, sources)).into_owned();
        // This is the explanation that its help would point to.
        if !matches!(cause, UndecidedCause::NotComputed { .. }) {
            let _ = write!(text, "; {}", shown(&cause::help(cause, &CommandLine)));
        }
        let cause = text;
        if !told.contains(&cause) {
            let _ = writeln!(out, "{indent}{cause}");
            told.push(cause);
        }
    }
}

fn explain_cell(out: &mut String, cell: &ClauseCell, checked: &Checked<'_>) {
    let ClauseCell { header, text, place } = cell;
    let Some(text) = text else {
        let file = place.map_or("", |place| checked.sources.name(place.file));
        let _ = writeln!(out, "    {header}: {} has no such column", shown(file));
        return;
    };
    let text = if text.is_empty() { "(blank)".into() } else { shown(text) };
    let place = place.map(|place| checked.sources.show(place).to_string());
    let place = place.map(|place| format!(" ({})", shown(&place))).unwrap_or_default();
    let _ = writeln!(out, "    {header}: {text}{place}");
}
