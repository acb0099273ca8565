//! `capelint explain`: a rule, a message that CBP or ACE showed, or what decided about an entry.

use std::fmt::Write as _;
use std::path::Path;

use super::args::{Data, Inputs, RuleArgs};
use super::session::Session;
use super::{Done, Exit, Failure, print};
use capelint::diagnostic::Diagnostic;
use capelint::entry::{self, EntryNumber};
use capelint::judge::cause::Cause;
use capelint::judge::explain::{Explained, WithoutRows};
use capelint::judge::scope::Scope;
use capelint::judge::truth::Truth;
use capelint::judge::{Context, needs};
use capelint::report::text::shown;
use capelint::rule_tests::TestFixture;
use capelint::rules::messages::{self, Message};
use capelint::rules::model::{Each, Expectation, Rule, RuleId};
use capelint::table::{ROW, TableId};
use capelint::waiver;

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
    if let Some(at) = session.rules.rules.iter().position(|rule| rule.id == text) {
        return Ok(of_rule(&session, RuleId(at as u16)));
    }
    let messages = messages::embedded();
    match messages::find(messages, text) {
        Some(found) => Ok(of_message(found, &session)),
        None => {
            let ids = session.rules.rules.iter().map(|rule| rule.id.as_str());
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
    let rule = &session.rules.rules[usize::from(id.0)];
    let mut out = String::new();
    let _ = writeln!(out, "{}[{}]: {}", rule.severity.name(), rule.id, rule.title);
    let each = match rule.each {
        Each::File => "each declaration file".to_owned(),
        Each::Row => "each row of a declaration".to_owned(),
        Each::Entry => "each entry of a declaration".to_owned(),
        Each::Table(table) => {
            format!("each row that {} has for the entry", session.rules.schemas[table.0].title)
        }
    };
    section(&mut out, "Applies to", &format!("{each}, {}", dates(rule)));
    let tables = needs::tables(rule);
    let names: Vec<&str> = tables.iter().map(|table| session.rules.schemas[table.0].title.as_str()).collect();
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
            let stage = TestFixture::new(&session.rules, &session.sources, id, test);
            if let Some(finding) = stage.judge().findings.first() {
                let _ = write!(example, ": {}", finding.message);
            }
            section(&mut out, heading, &example);
        }
    }
    section(&mut out, "Sources", &rule.sources.join("\n"));
    let place = session.sources.show(rule.place);
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
    let Some(text) = session.sources.text(rule.whole.file) else { return String::new() };
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
                session.rules.rules.iter().find(|rule| rule.id == *id).map(|rule| rule.title.as_str());
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
    let loaded = session.read()?;
    let input = session.input(&loaded);
    let context = Context::new(&input);
    let Some(id) = loaded.entries.get(&number) else {
        return Err(Diagnostic::new("not-declared", format!("no declaration names entry {number}")).into());
    };
    let mut telling = Telling { out: String::new(), session: &session, loaded: &loaded, context: &context };
    for (index, declared) in context.declared.iter().enumerate() {
        if declared.entry != Some(id) {
            continue;
        }
        let rows: Vec<u32> = (0..context.declared_of_row.len() as u32)
            .filter(|&row| context.declared_of_row[row as usize] as usize == index)
            .collect();
        let place =
            context.declared_cell(declared.row).map(|cell| loaded.tables.place(cell, &loaded.sources));
        if let Some(place) = place {
            let _ = writeln!(
                telling.out,
                "entry {number}, {}, filed on {}",
                shown(&loaded.sources.show(place).to_string()),
                session.filing_date
            );
        }
        let scope = Scope {
            part: declared.part,
            declared: Some(declared.row),
            entry: Some(id),
            own: None,
            inner: None,
        };
        for (at, rule) in session.rules.rules.iter().enumerate() {
            let rule_id = RuleId(at as u16);
            if session.severities[at].is_none() {
                continue;
            }
            match rule.each {
                Each::File => {}
                Each::Entry => telling.rule(rule_id, scope, &number),
                Each::Row => {
                    for &row in &rows {
                        telling.rule(rule_id, Scope { declared: Some(row), ..scope }, &number);
                    }
                }
                Each::Table(table) => {
                    let rows = loaded.tables.get(table).map_or(0..0, |table| table.rows_of(id));
                    if rows.is_empty() {
                        telling.rule_without_rows(rule_id, table, scope);
                    }
                    for row in rows {
                        telling.rule(rule_id, Scope { own: Some(row as u32), ..scope }, &number);
                    }
                }
            }
        }
    }
    Ok(telling.out)
}

/// How many clauses of a rule are shown.
const SHOWN: usize = 6;

/// What is told of an entry, rule by rule.
struct Telling<'a> {
    out: String,
    session: &'a Session,
    loaded: &'a super::session::Loaded,
    context: &'a Context<'a>,
}

impl Telling<'_> {
    /// What a rule says, and the clauses that decided.
    fn rule(&mut self, id: RuleId, scope: Scope<'_>, number: &EntryNumber) {
        let rule = &self.session.rules.rules[usize::from(id.0)];
        let (violated, explained) = self.context.explain_rule(id, scope);
        let said = match violated {
            Truth::True => "violated",
            Truth::False => "satisfied",
            Truth::Unknown => "undecided",
        };
        let _ = write!(self.out, "\n{}: {said}", rule.id);
        let day = self.session.filing_date;
        let waiver = (self.session.config.waivers.iter())
            .find(|waiver| day <= waiver.until.value && waiver::covers_entry(waiver, &rule.id, number));
        match waiver {
            Some(waiver) if violated == Truth::True => {
                let _ =
                    writeln!(self.out, " (waived until {}: {})", waiver.until.value, shown(&waiver.reason));
            }
            _ => self.out.push('\n'),
        }
        if violated == Truth::True {
            let _ = writeln!(self.out, "  {}", shown(&self.context.fill(&rule.message, &scope)));
        }
        self.clauses(&explained);
    }

    /// What a rule for each row of a table says of an entry that has none.
    fn rule_without_rows(&mut self, id: RuleId, table: TableId, scope: Scope<'_>) {
        let rule = &self.session.rules.rules[usize::from(id.0)].id;
        match self.context.without_rows(id, table) {
            WithoutRows::NeverApplies => {
                let _ = writeln!(self.out, "\n{rule}: satisfied");
                let (violated, explained) = self.context.explain_rule(id, scope);
                if violated == Truth::False {
                    self.clauses(&explained);
                }
            }
            WithoutRows::Holds => {
                let name = &self.session.rules.schemas[table.0].name;
                let _ = writeln!(self.out, "\n{rule}: satisfied\n  no row in `{name}`");
            }
            WithoutRows::Untold(causes) => {
                let _ = writeln!(self.out, "\n{rule}: undecided");
                self.causes(&causes, "  ", &mut Vec::new());
            }
        }
    }

    fn clauses(&mut self, explained: &[Explained]) {
        let mut told = Vec::new();
        for clause in explained.iter().flat_map(Explained::deciding).take(SHOWN) {
            describe(&mut self.out, clause, self.loaded, self.context);
            self.causes(&clause.causes, "    ", &mut told);
        }
    }

    /// The causes that were not told before: clauses that lack the same say so once.
    fn causes(&mut self, causes: &[Cause], indent: &str, told: &mut Vec<String>) {
        for cause in causes {
            let cause = match self.context.tell_cause(*cause) {
                (cause, Some(settle)) => format!("{}; {}", shown(&cause), shown(&settle)),
                (cause, None) => shown(&cause).into_owned(),
            };
            if !told.contains(&cause) {
                let _ = writeln!(self.out, "{indent}{cause}");
                told.push(cause);
            }
        }
    }
}

/// A clause with what it read.
fn describe(out: &mut String, clause: &Explained, loaded: &super::session::Loaded, context: &Context<'_>) {
    let source =
        loaded.sources.text(clause.place.file).and_then(|text| text.text.get(clause.place.span.range()));
    let clause_text = source.unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "  {} is {}", shown(&clause_text), clause.truth.word());
    for cell in clause.cells.iter().take(SHOWN) {
        let Some(table) = loaded.tables.get(cell.table) else { continue };
        let column = context.column(cell.table, cell.column);
        let text =
            table.columns.get(usize::from(cell.column)).and_then(|column| column.cell(cell.row as usize));
        let text = text.map_or("", |cell| &cell.text);
        let text = if text.is_empty() {
            String::new()
        } else if column.kind == capelint::table::schema::Type::ImporterNumber {
            capelint::importer::ImporterNumber::parse(text)
                .map_or_else(|| "***".to_owned(), |number| number.to_string())
        } else {
            shown(text).into_owned()
        };
        let header = column.headers.first().unwrap_or(&column.name);
        let place = loaded.tables.place(*cell, &loaded.sources);
        let part = table.rows.get(cell.row as usize).and_then(|row| table.parts.get(row.part as usize));
        if cell.table.0 >= ROW.0 && part.is_some_and(|part| !part.has_column(usize::from(cell.column))) {
            let file = loaded.sources.name(place.file);
            let _ = writeln!(out, "    {header}: {} has no such column", shown(file));
            continue;
        }
        let where_ = if cell.table.0 < ROW.0 {
            String::new()
        } else {
            format!(" ({})", shown(&loaded.sources.show(place).to_string()))
        };
        let _ = writeln!(out, "    {header}: {}{where_}", if text.is_empty() { "(blank)" } else { &text });
    }
}
