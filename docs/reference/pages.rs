//! The pages of the reference, made from the rules, the message catalog and the error codes.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::{Display, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use capelint::diagnostic::Code;
use capelint::engine::{NextStep, RuleCard};
use capelint::finding::OutsideString;
use capelint::frontend::messages::{self, Message, Stage};
use capelint::{Loader, Rules};
use serde_json::{Value, json};

/// A page of the book.
pub struct Page {
    /// Its title in the table of contents.
    pub title: String,
    /// Its file below `docs/src`, such as `reference/rules/check-digit.md`.
    pub path: String,
    /// Its Markdown.
    pub text: String,
    /// The pages below it in the table of contents.
    pub pages: Vec<Page>,
}

impl Page {
    fn new(title: &str, path: String, text: String) -> Self {
        Self { title: title.to_owned(), path, text, pages: Vec::new() }
    }

    fn chapter(self, parents: &[String]) -> Value {
        let below: Vec<String> = parents.iter().chain([&self.title]).cloned().collect();
        let pages: Vec<Value> = self.pages.into_iter().map(|page| page.chapter(&below)).collect();
        json!({ "Chapter": {
            "name": self.title, "content": self.text, "number": null, "sub_items": pages,
            "path": self.path, "source_path": null, "parent_names": parents,
        }})
    }
}

/// Adds the reference to the end of a book, as mdBook hands it to a preprocessor.
///
/// # Errors
/// A book that has no list of items, and errors in the built-in rules.
pub fn add_to(book: &mut Value) -> Result<(), Box<dyn Error>> {
    // mdBook 0.4 has `sections`, 0.5 `items`.
    let key = if book.get("items").is_some() { "items" } else { "sections" };
    let items = book.get_mut(key).and_then(Value::as_array_mut).ok_or("the book has no items")?;
    items.push(json!({ "PartTitle": "Reference" }));
    items.extend(reference()?.into_iter().map(|page| page.chapter(&[])));
    Ok(())
}

/// The three parts of the reference.
///
/// # Errors
/// Errors in the built-in rules.
pub fn reference() -> Result<Vec<Page>, Box<dyn Error>> {
    let mut loader = Loader::new();
    loader.with_tests();
    let rules = loader.load().map_err(|errors| format!("the built-in rules do not load: {errors:?}"))?;
    Ok(vec![rules_part(&rules), messages_part(&rules), errors_part()?])
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn section(text: &mut String, heading: &str, body: &str) {
    let _ = write!(text, "\n## {heading}\n\n{}\n", body.trim_end());
}

fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("- {item}\n")).collect()
}

/// A fenced block; the fence is longer than any in the text.
fn block(language: &str, text: &str) -> String {
    format!("````{language}\n{}\n````", text.trim_end())
}

fn rules_part(rules: &Rules) -> Page {
    let pack = rules.pack();
    let mut text = format!("# Rules\n\nRule pack {} {}", pack.name, pack.version);
    if let Some(day) = pack.verified {
        let _ = write!(text, ", last checked against CBP's pages on {day}");
    }
    text.push_str(".\n\n| Rule | Severity | What it checks | In force |\n| --- | --- | --- | --- |\n");
    let mut pages = Vec::new();
    for rule in rules.list() {
        let Some(card) = rules.describe_rule(&rule.id) else { continue };
        let in_force = match (rule.from, rule.until) {
            (None, None) => "always".to_owned(),
            _ => rule.in_force_words().replace("for declarations filed ", ""),
        };
        let _ = writeln!(
            text,
            "| [`{id}`](rules/{id}.md) | {} | {} | {in_force} |",
            card.severity,
            cell(card.title.raw()),
            id = card.id,
        );
        pages.push(rule_page(&card));
    }
    Page { pages, ..Page::new("Rules", "reference/rules.md".to_owned(), text) }
}

fn rule_page(card: &RuleCard) -> Page {
    let mut text = format!("# `{}`\n\n{}\n\n", card.id, card.title);
    let _ = writeln!(text, "| | |\n| --- | --- |\n| Severity | {} |", card.severity);
    let _ = writeln!(text, "| Applies to | {} |", cell(card.applies_to.raw()));
    if !card.reads.is_empty() {
        let _ = writeln!(text, "| Reads | {} |", cell(OutsideString::joined(&card.reads, "; ").raw()));
    }
    let _ = writeln!(text, "| Written in | `{}` |", card.written_in);
    section(&mut text, "Condition", &block("yaml", card.condition.raw()));
    section(&mut text, "Message", &block("text", card.message.raw()));
    match card.next_steps.as_slice() {
        [] => {}
        [only] if only.when.is_none() => section(&mut text, "Next step", only.help.raw()),
        steps => section(&mut text, "Next step", &next_steps(steps)),
    }
    if let Some(cbp) = &card.cbp {
        section(&mut text, "CBP's message", &block("text", cbp.raw()));
    }
    if let Some(note) = &card.note {
        section(&mut text, "Why", note.raw());
    }
    let mut examples = String::new();
    for (outcome, example) in [("Violated", &card.violated), ("Satisfied", &card.satisfied)] {
        if let Some(example) = example {
            let _ = writeln!(examples, "- {outcome}: {example}");
        }
    }
    section(&mut text, "Example", &examples);
    if !card.sources.is_empty() {
        section(&mut text, "Source", &list(&card.sources));
    }
    Page::new(&card.id, format!("reference/rules/{}.md", card.id), text)
}

/// Each step with its condition.
fn next_steps(steps: &[NextStep]) -> String {
    let mut text = "The first whose condition is true:\n".to_owned();
    for step in steps {
        // A flow mapping fits a line of text.
        match step.when.as_ref().map(OutsideString::raw) {
            None => text.push_str("\n- otherwise: "),
            Some(when) if !when.contains(['\n', '`']) => {
                let _ = write!(text, "\n- if `{when}`: ");
            }
            Some(when) => {
                let condition = block("yaml", when).replace('\n', "\n  ");
                let _ = write!(text, "\n- if\n\n  {condition}\n\n  ");
            }
        }
        text.push_str(step.help.raw());
        text.push('\n');
    }
    text
}

/// What the pages on messages are grouped by.
fn group(stage: Stage) -> &'static str {
    match stage {
        Stage::Server => "While you upload",
        Stage::File | Stage::Account => "The declaration is rejected",
        Stage::Entry => "An entry fails",
        Stage::Psc | Stage::Filing => "ACE rejects an entry summary or a correction",
        Stage::Login => "Logging in",
        Stage::Status => "Statuses",
        Stage::Report => "ACE reports",
        Stage::Question => "Questions",
        Stage::ThirdParty => "Texts that are not CBP's",
    }
}

fn messages_part(rules: &Rules) -> Page {
    let mut text =
        "# Messages of CBP and ACE\n\nWhat CBP or ACE shows, what it means and which rule finds it \
                    before the upload. `capelint explain \"TEXT\"` finds a message in any pasted text.\n"
            .to_owned();
    let titles = rules.list().into_iter().map(|rule| (rule.id, rule.title.to_string())).collect();
    let mut pages = Vec::new();
    let mut last = "";
    for message in messages::embedded().messages() {
        if group(message.stage) != last {
            last = group(message.stage);
            let _ = write!(text, "\n## {last}\n\n| Message | Found before the upload by |\n| --- | --- |\n");
        }
        let found: Vec<String> =
            message.rules.iter().map(|rule| format!("[`{rule}`](rules/{rule}.md)")).collect();
        let found = if found.is_empty() { "–".to_owned() } else { found.join(", ") };
        let title = title(message);
        let _ = writeln!(text, "| [{}](messages/{}.md) | {found} |", cell(&title), message.id);
        pages.push(message_page(message, title, &titles));
    }
    Page { pages, ..Page::new("Messages of CBP and ACE", "reference/messages.md".to_owned(), text) }
}

fn title(message: &Message) -> String {
    match message.code_beside_text() {
        Some(code) => format!("{code}: {}", message.text),
        None => message.text.clone(),
    }
}

fn message_page(message: &Message, title: String, titles: &HashMap<String, String>) -> Page {
    let mut text = format!("# {title}\n");
    if !message.also.is_empty() {
        let _ = write!(text, "\nAlso seen as:\n\n{}", list(&message.also));
    }
    if let Some(heading) = &message.seed {
        let _ = write!(text, "\nHeading in the day-one error guide: {heading}\n");
    }
    section(&mut text, "Meaning", &message.meaning);
    let day = |word, day: Option<chrono::NaiveDate>| day.map(|day| format!("CBP returns it {word} {day}."));
    let days: Vec<String> =
        [day("since", message.since), day("until", message.until)].into_iter().flatten().collect();
    if !days.is_empty() {
        section(&mut text, "In force", &days.join(" "));
    }
    section(&mut text, "What to do", &message.action);
    if !message.rules.is_empty() {
        let found: Vec<String> = message
            .rules
            .iter()
            .map(|id| {
                let title = titles.get(id).map(String::as_str);
                format!("[`{id}`](../rules/{id}.md): {}", title.unwrap_or_default())
            })
            .collect();
        section(&mut text, "Found before the upload by", &list(&found));
    }
    section(&mut text, "Example", &block("sh", &format!("capelint explain {}", message.id)));
    section(&mut text, "Source", &list(&message.sources));
    Page::new(&title, format!("reference/messages/{}.md", message.id), text)
}

fn errors_part() -> Result<Page, Box<dyn Error>> {
    let mut text = "# Errors that stop capelint\n\ncapelint exits with 2 and prints one of these if it cannot \
                    run. All errors are reported in one run, each at its place. `capelint explain CODE` prints \
                    what is below.\n"
        .to_owned();
    let shown = shown_errors()?;
    let mut pages = Vec::new();
    let mut last = "";
    for code in Code::all() {
        if code.group() != last {
            last = code.group();
            let _ = write!(text, "\n## {last}\n\n| Error | Meaning |\n| --- | --- |\n");
        }
        let name = code.name();
        let _ = writeln!(text, "| [`{name}`](errors/{name}.md) | {} |", cell(code.meaning()));
        let mut page = format!("# `{name}`\n\n{}\n", code.meaning());
        section(&mut page, "What to do", code.help());
        let example = match example(&shown, name) {
            Some(example) => block("text", &example),
            None => block("sh", &format!("capelint explain {name}")),
        };
        section(&mut page, "Example", &example);
        pages.push(Page::new(name, format!("reference/errors/{name}.md"), page));
    }
    Ok(Page { pages, ..Page::new("Errors that stop capelint", "reference/errors.md".to_owned(), text) })
}

/// The outputs that the tests compare with what capelint prints.
fn shown_errors() -> Result<Vec<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = Vec::new();
    for (folder, extension) in [("tests/rule-errors", "txt"), ("tests/cmd", "md")] {
        for file in fs::read_dir(root.join(folder))? {
            let file = file?.path();
            if file.extension().is_some_and(|found| found == extension) {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files.into_iter().map(fs::read_to_string).collect::<Result<_, _>>()?)
}

/// The first error of a kind in the outputs, up to the blank line after it. An output of which parts are
/// left out is no example.
pub fn example(outputs: &[String], code: &str) -> Option<String> {
    let head = format!("error[{code}]");
    outputs.iter().find_map(|output| {
        let lines = output.lines().skip_while(|line| !line.starts_with(&head));
        let lines: Vec<&str> =
            lines.take_while(|line| !line.trim().is_empty() && !line.starts_with("```")).collect();
        let whole = !lines.is_empty() && lines.iter().all(|line| *line != "..." && !line.contains("[..]"));
        whole.then(|| lines.join("\n"))
    })
}
