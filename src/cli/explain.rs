//! `capelint explain`: a rule, a message that CBP or ACE showed, or what decided about an entry.

use std::fmt::Write as _;
use std::path::Path;

use clap_complete::engine::ArgValueCompleter;

use super::args::{self, Data, Inputs, RuleArgs};
use super::choices::DocumentFormat;
use super::complete;
use super::frontend::CommandLine;
use super::session::Session;
use super::{Done, Exit, Failure, print, summary};
use capelint::Checked;
use capelint::cause::UndecidedCause;
use capelint::diagnostic::Code;
use capelint::engine::{ClauseCell, DutySum, EntryExplanation, RuleExplanation, RuleStanding};
use capelint::entry::{self, EntryNumber};
use capelint::frontend::documents::Explanation;
use capelint::frontend::errors;
use capelint::frontend::text::{Outside, count};
use capelint::rule_tests::Expectation;
use capelint::source::Sources;

/// Arguments of `capelint explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint explain liquidated-over-80-days
  capelint explain 864
  capelint explain no-key-column
  capelint explain \"Entry summary is in final liquidation\"
  capelint explain --entry ABC-1234567-6 march.csv --es003 es003.csv")]
pub struct ExplainArgs {
    /// A rule, or a text with messages of CBP or ACE; with --entry, the declarations
    #[arg(value_name = "RULE|TEXT|DECLARATION", required = true, add = ArgValueCompleter::new(complete::explained))]
    pub what: Vec<String>,
    /// Show for this entry, rule by rule, the clause that decided and the cell that it read
    #[arg(long, value_name = "ENTRY")]
    pub entry: Option<String>,
    /// With --entry, show the cells and clauses of the rules that passed as well
    #[arg(long, requires = "entry")]
    pub all: bool,
    /// Print this format
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: DocumentFormat,
    #[command(flatten, next_help_heading = args::DATA)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten, next_help_heading = args::RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
}

/// Explains.
pub fn run(args: &ExplainArgs) -> Done {
    let (text, exit) = match &args.entry {
        Some(entry) => of_entry(args, entry)?,
        None => of_text(args, &args.what.join(" "))?,
    };
    print(text.as_bytes())?;
    Ok(exit)
}

fn of_text(args: &ExplainArgs, text: &str) -> Result<(String, Exit), Failure> {
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), args.data.clone(), true)?;
    if let Some(rule) = session.rules.describe_rule(text) {
        return Ok(match args.format {
            DocumentFormat::Human => (rule.to_string(), Exit::Clean),
            DocumentFormat::Json => (json(&Explanation::Rule { explained_rule: &rule })?, Exit::Clean),
        });
    }
    if let Some(code) = Code::named(text) {
        return Ok(match args.format {
            DocumentFormat::Human => (of_code(code), Exit::Clean),
            DocumentFormat::Json => {
                (json(&Explanation::Error { explained_error: code.into() })?, Exit::Clean)
            }
        });
    }
    if text.trim() == "checklist" {
        return Ok(match args.format {
            DocumentFormat::Human => (super::checklist::explained(), Exit::Clean),
            DocumentFormat::Json => {
                (json(&Explanation::Checklist { checklist: capelint::frontend::checklist() })?, Exit::Clean)
            }
        });
    }
    // An entry number is what the other form of the command is about.
    if args.format == DocumentFormat::Human
        && let Some(number) = EntryNumber::parse(text)
    {
        return Err(errors::entry_to_explain(number).into());
    }
    // The id of a rule or an error, misspelled.
    if args.format == DocumentFormat::Human && text.contains('-') && !text.contains(char::is_whitespace) {
        let rules = session.rules.list();
        let ids =
            rules.iter().map(|rule| rule.id.as_str()).chain(Code::all().into_iter().map(|code| code.name()));
        if let Some(misspelled) = errors::misspelled(text, ids) {
            return Err(misspelled.into());
        }
    }
    // A name of the rule language, written as one.
    if args.format == DocumentFormat::Human
        && let Some(described) = session.rules.describe_name(text)
    {
        return Ok((described, Exit::Clean));
    }
    let explained = session.rules.explain_text(text);
    match args.format {
        DocumentFormat::Human if explained.is_empty() => {
            let rules = session.rules.list();
            let ids = rules.iter().map(|rule| rule.id.as_str());
            let ids = ids.chain(Code::all().into_iter().map(|code| code.name()));
            Err(errors::unknown_text(text, ids).into())
        }
        DocumentFormat::Human => Ok((explained.to_string(), Exit::Clean)),
        DocumentFormat::Json => {
            let exit = if explained.is_empty() { Exit::CouldNotRun } else { Exit::Clean };
            Ok((json(&Explanation::Texts(&explained))?, exit))
        }
    }
}

fn json(value: &Explanation<'_>) -> Result<String, Failure> {
    capelint::frontend::documents::json(value).map_err(|error| Failure::Output(error.into()))
}

/// The kind of an error that kept capelint from running.
fn of_code(code: Code) -> String {
    format!(
        "error[{code}] ({})\n\nWhat it means\n  {}\n\nWhat to do\n  {}\n",
        code.group(),
        code.meaning(),
        code.help()
    )
}

fn of_entry(args: &ExplainArgs, entry: &str) -> Result<(String, Exit), Failure> {
    let Some(number) = EntryNumber::parse(entry) else {
        return Err(errors::not_an_entry_number(entry, entry::read(entry).form.fault()).into());
    };
    let inputs =
        Inputs { declarations: args.what.clone(), data: args.data.clone(), rules: args.rules.clone() };
    let mut session = Session::open(&inputs)?;
    session.digests = args.format == DocumentFormat::Json;
    let checked = session.judge()?;
    let explained = checked.explain_entry(number);
    if explained.is_empty() {
        return Err(errors::not_declared(number).into());
    }
    if args.format == DocumentFormat::Json {
        let text = checked.explanation(number, &explained, &session.json_options());
        return Ok((text.map_err(|error| Failure::Output(error.into()))?, Exit::Clean));
    }
    let mut out = String::new();
    for (at, entry) in explained.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        explain_head(&mut out, number, entry, &session, &checked);
        let groups = groups(entry);
        for (title, rules) in &groups {
            explain_group(&mut out, title, rules, &session, &checked);
        }
        let passed = of_standing(entry, RuleStanding::Passed);
        if args.all {
            // The titles of rules name what is wrong where they are violated.
            explain_group(&mut out, "passed (the rules found none of this)", &passed, &session, &checked);
        } else if !passed.is_empty() {
            let names = names_of(&passed);
            let rules = count(names.len(), "rule", "rules");
            let _ = writeln!(out, "\npassed: {rules}; `--all` shows what decided");
            let _ = summary::wrapped(names, " ", &mut out);
        }
        let shown = groups.iter().flat_map(|(_, rules)| rules).copied();
        clauses(&mut out, shown.chain(passed.iter().copied().filter(|_| args.all)));
    }
    Ok((out, Exit::Clean))
}

/// The entry, what became of it, and how many rules found what.
fn explain_head(
    out: &mut String,
    number: EntryNumber,
    explained: &EntryExplanation,
    session: &Session,
    checked: &Checked<'_>,
) {
    let place = explained.place.map(|place| format!(", {}", checked.sources.show(place))).unwrap_or_default();
    let _ = write!(out, "entry {number}{place}, filed on {}", session.filing_date);
    if let Some(entry) = explained.entry.map(|at| &checked.outcome.entries[at]) {
        let _ = write!(out, ": {}", entry.verdict.title());
        if entry.is_accepted_by_you() {
            let _ = write!(out, ", accepted by you");
        }
        let importer = entry.facts.importer_number.as_ref().map(|number| format!("importer {number}"));
        let duty = DutySum::of([entry]).in_words();
        let day = entry.deadline.map(|day| {
            let past = if day < session.filing_date { " (past)" } else { "" };
            format!("last day to file {day}{past}")
        });
        let facts: Vec<String> = [importer, duty, day].into_iter().flatten().collect();
        if !facts.is_empty() {
            let _ = write!(out, "\n{}", Outside::new(&facts.join("; ")));
        }
    }
    let mut counts: Vec<String> =
        groups(explained).iter().map(|(title, rules)| format!("{} {title}", rules.len())).collect();
    let passed = of_standing(explained, RuleStanding::Passed);
    counts.push(format!("{} passed", names_of(&passed).len()));
    let _ = writeln!(out, "\n{}", counts.join(", "));
    for finding in explained.on_declaration.iter().map(|at| &checked.outcome.findings[*at]) {
        let rule = &checked.outcome.rule(finding.rule).id;
        let _ = writeln!(
            out,
            "\nthe declaration as a whole: {}[{rule}]: {}",
            finding.severity.name(),
            Outside::new(finding.message.raw())
        );
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  next step: {help}");
        }
    }
}

fn of_standing(explained: &EntryExplanation, standing: RuleStanding) -> Vec<&RuleExplanation> {
    explained.rules.iter().filter(|rule| rule.standing() == standing).collect()
}

/// The rules that did not pass, in the order of a person: what keeps the entry back comes first.
fn groups(explained: &EntryExplanation) -> Vec<(&'static str, Vec<&RuleExplanation>)> {
    let failed = of_standing(explained, RuleStanding::Failed).into_iter();
    let (failed, warned) = failed.partition(|rule| rule.severity.blocks());
    let mut groups = vec![(RuleStanding::Failed.title(), failed), ("warnings and notes", warned)];
    for standing in RuleStanding::ALL {
        match standing {
            RuleStanding::Failed | RuleStanding::Passed => {}
            RuleStanding::Unknown | RuleStanding::NotChecked | RuleStanding::Superseded => {
                groups.push((standing.title(), of_standing(explained, *standing)));
            }
        }
    }
    groups.retain(|(_, rules): &(_, Vec<&RuleExplanation>)| !rules.is_empty());
    groups
}

/// The rules of a group, each with its words before its cells.
fn explain_group(
    out: &mut String,
    title: &str,
    rules: &[&RuleExplanation],
    session: &Session,
    checked: &Checked<'_>,
) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for rule in rules {
        explain_rule(out, rule, session, checked);
    }
}

/// The names of rules, each once: a rule on lines is there for each line.
fn names_of<'r>(rules: &[&'r RuleExplanation]) -> Vec<&'r str> {
    let mut names: Vec<&str> = Vec::new();
    for rule in rules {
        if names.last() != Some(&rule.rule.as_str()) {
            names.push(&rule.rule);
        }
    }
    names
}

/// The clauses of rules as their files have them, each with its truth.
fn clauses<'r>(out: &mut String, rules: impl Iterator<Item = &'r RuleExplanation>) {
    let mut is_first = true;
    for rule in rules.filter(|rule| !rule.clauses.is_empty()) {
        if std::mem::take(&mut is_first) {
            let _ = writeln!(out, "\nclauses");
        }
        let _ = writeln!(out, "  {}", rule.rule);
        let mut printed: Vec<String> = Vec::new();
        for clause in &rule.clauses {
            let line = format!("{} is {}", clause.text, clause.truth.word());
            // Rows of which none decides alone have the same.
            if !printed.contains(&line) {
                let _ = writeln!(out, "    {line}");
                printed.push(line);
            }
        }
    }
}

/// What a rule found, and what decided: words, cells, what is missing.
fn explain_rule(out: &mut String, explained: &RuleExplanation, session: &Session, checked: &Checked<'_>) {
    let (severity, id) = (explained.severity.name(), &explained.rule);
    let _ = match &explained.message {
        Some(message) => writeln!(out, "\n{severity}[{id}]: {message}"),
        None => writeln!(out, "\n{id} ({severity}): {}", explained.title),
    };
    if let Some(by) = &explained.superseded_by {
        let _ = writeln!(out, "  `{by}` is reported in its place");
    }
    if let Some(waiver) = explained.waiver.map(|at| &session.rules.config().waivers[at]) {
        let _ = writeln!(out, "  waived until {}: {}", waiver.until.value, waiver.reason);
    }
    if let Some(table) = &explained.without_rows {
        let _ = writeln!(out, "  no row in `{table}`");
    }
    let mut shown_cells: Vec<&ClauseCell> = Vec::new();
    for cell in explained.clauses.iter().flat_map(|clause| &clause.cells) {
        if !shown_cells.iter().any(|other| other.header == cell.header && other.place == cell.place) {
            shown_cells.push(cell);
            explain_cell(out, cell, checked);
        }
    }
    // What several clauses lack is printed once. What is missing for a rule that was decided kept nothing.
    let mut printed = Vec::new();
    if explained.outcome != Expectation::Satisfied {
        for clause in &explained.clauses {
            causes(out, &clause.causes, &checked.sources, "  ", &mut printed);
        }
    }
    causes(out, &explained.causes, &checked.sources, "  ", &mut printed);
    causes(out, &explained.missing, &checked.sources, "  not checked: ", &mut printed);
    if explained.superseded_by.is_none() {
        if let Some(cbp) = &explained.cbp {
            let would = explained.severity.would();
            let _ = writeln!(out, "  CBP {would} return \"{cbp}\"");
        }
        if let Some(help) = &explained.help {
            let _ = writeln!(out, "  next step: {help}");
        }
    }
}

/// The causes that were not reported before.
fn causes(
    out: &mut String,
    causes: &[UndecidedCause],
    sources: &Sources,
    indent: &str,
    printed: &mut Vec<String>,
) {
    for cause in causes {
        let mut text = cause.text(sources).to_string();
        // This is the explanation that its help would point to.
        if !cause.needs_explanation() {
            let _ = write!(text, "; {}", cause.help(&CommandLine));
        }
        let cause = text;
        if !printed.contains(&cause) {
            let _ = writeln!(out, "{indent}{cause}");
            printed.push(cause);
        }
    }
}

fn explain_cell(out: &mut String, cell: &ClauseCell, checked: &Checked<'_>) {
    let ClauseCell { header, text, place } = cell;
    let Some(text) = text else {
        let file = place.map_or_else(Outside::default, |place| checked.sources.name(place.file));
        let _ = writeln!(out, "  {header}: {file} has no such column");
        return;
    };
    let text = if text.raw().is_empty() { "(blank)".into() } else { text.shown() };
    let place = place.map(|place| format!(" ({})", checked.sources.show(place))).unwrap_or_default();
    let _ = writeln!(out, "  {header}: {text}{place}");
}
