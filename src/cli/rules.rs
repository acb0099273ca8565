//! `capelint rules`: list the rules, export the built-in pack.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Subcommand;
use serde::Serialize;

use super::args::{self, Data, RuleArgs, date};
use super::choices::ListFormat;
use super::frontend::{no_option, quoted};
use super::session::Session;
use super::{Done, Exit, Failure, files, print};
use capelint::engine::ListedRule;
use capelint::frontend::errors;
use capelint::frontend::messages::{self, Message, Stage};
use capelint::frontend::pack;
use capelint::frontend::text::{Outside, OutsideString, json_masked};

/// Arguments of `capelint rules`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RulesArgs {
    /// What to do instead of listing
    #[command(subcommand)]
    pub command: Option<RulesCommand>,
    /// List only rules in force for declarations filed on this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub as_of: Option<NaiveDate>,
    /// Print this format
    #[arg(long, short, value_enum, default_value_t)]
    pub format: ListFormat,
    #[command(flatten, next_help_heading = args::RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
}

/// What else can be done with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Write the built-in pack to a folder, for editing; use it with --rules FOLDER
    Export {
        /// Folder to write into; a new or an empty one
        folder: PathBuf,
    },
}

/// Lists or exports.
pub fn run(args: &RulesArgs) -> Done {
    if let Some(RulesCommand::Export { folder }) = &args.command {
        return export(folder);
    }
    let session = Session::with_rules(&args.rules, Path::new("."), Vec::new(), Data::default(), false)?;
    let mut rules = session.rules.list();
    rules.retain(|rule| args.as_of.is_none_or(|day| rule.in_force(day)));
    let text = match args.format {
        ListFormat::Human => human(&session, &rules, args.as_of),
        ListFormat::Json => json(&rules)?,
        ListFormat::Markdown => markdown(&rules),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn human(session: &Session, rules: &[ListedRule], as_of: Option<NaiveDate>) -> String {
    let pack = session.rules.pack();
    let verified =
        pack.verified.map(|day| format!(", checked against CBP's pages on {day}")).unwrap_or_default();
    let day = as_of.map(|day| format!(" in force on {day}")).unwrap_or_default();
    let mut text = format!("{} {}{verified}: {} rules{day}\n", pack.name, pack.version, rules.len());
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut last = "";
    for rule in rules {
        if rule.stage.raw() != last {
            let _ = writeln!(text, "\n{}", rule.stage);
            last = rule.stage.raw();
        }
        let _ = writeln!(text, "  {:<width$}  {:<7}  {}", rule.id, rule.severity.name(), rule.title);
        let mut more: Vec<OutsideString> = Vec::new();
        if !rule.tables.is_empty() {
            more.push(format!("reads {}", rule.tables.join(", ")).into());
        }
        if (rule.from, rule.until) != (None, None) {
            more.push(rule.in_force_words().into());
        }
        if !rule.sources.is_empty() {
            more.push(OutsideString::joined(&rule.sources, ", "));
        }
        let _ = writeln!(text, "  {:<width$}           {}", "", OutsideString::joined(&more, "; "));
    }
    text
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    severity: &'static str,
    title: &'a OutsideString,
    stage: &'a OutsideString,
    /// What it is evaluated for: `file`, `row`, `entry`, `line`, or the table whose rows of the entry.
    each: &'a str,
    /// Whether it asks for what only a whole export shows, so that `--partial` leaves it out.
    whole_export: bool,
    tables: &'a [String],
    from: Option<String>,
    until: Option<String>,
    cbp: Option<&'a OutsideString>,
    sources: &'a [OutsideString],
}

fn json(rules: &[ListedRule]) -> Result<String, Failure> {
    let listed: Vec<Listed<'_>> = rules
        .iter()
        .map(|rule| Listed {
            id: &rule.id,
            severity: rule.severity.name(),
            title: &rule.title,
            stage: &rule.stage,
            each: &rule.each,
            whole_export: rule.whole_export,
            tables: &rule.tables,
            from: rule.from.map(|day| day.to_string()),
            until: rule.until.map(|day| day.to_string()),
            cbp: rule.cbp.as_ref(),
            sources: &rule.sources,
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&listed).map_err(|error| Failure::Output(error.into()))?;
    text.push('\n');
    Ok(json_masked(&text))
}

fn markdown(rules: &[ListedRule]) -> String {
    let cell = |text: Outside<'_>| text.shown().replace('|', "\\|");
    let mut text =
        String::from("| rule | severity | what it checks | in force | sources |\n|---|---|---|---|---|\n");
    for rule in rules {
        let force = match (rule.from, rule.until) {
            (None, None) => "always".to_owned(),
            _ => rule.in_force_words().replace("for declarations filed ", ""),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            rule.id,
            rule.severity.name(),
            cell(rule.title.outside()),
            force,
            cell(OutsideString::joined(&rule.sources, ", ").outside())
        );
    }
    text.push_str("\n| message | found before the upload by | otherwise |\n|---|---|---|\n");
    let is_message =
        |message: &&Message| !matches!(message.stage, Stage::Report | Stage::Question | Stage::ThirdParty);
    for message in messages::embedded().messages().iter().filter(is_message) {
        let rules: Vec<String> = message.rules.iter().map(|rule| format!("`{rule}`")).collect();
        let seed = message.seed.as_ref().map(|seed| format!(" (day-one guide: {seed})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {}{}{seed} | {} | `capelint explain {}` |",
            message.code_beside_text().map(|code| format!("{code}: ")).unwrap_or_default(),
            cell(Outside::new(&message.text)),
            if rules.is_empty() {
                "no rule: no data shows it before the upload".to_owned()
            } else {
                rules.join(", ")
            },
            message.id
        );
    }
    text
}

fn export(folder: &Path) -> Done {
    let cannot =
        |path: &Path, error: std::io::Error| Failure::from(errors::outputs::cannot_write(path, &error));
    fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    if fs::read_dir(folder).map_err(|error| cannot(folder, error))?.next().is_some() {
        return Err(errors::outputs::not_empty(folder).into());
    }
    // `pack.yaml` makes the folder take the built-in pack's place. It comes last: half a pack, where
    // the writing breaks off, never does.
    let (last, mut all): (Vec<_>, Vec<_>) = pack::files().partition(|(name, _)| *name == pack::PACK_FILE);
    all.extend(last);
    for (name, bytes) in &all {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| cannot(parent, error))?;
        }
        files::create(&path, bytes)?;
    }
    let (count, folder) = (all.len(), Outside::new(&folder.to_string_lossy()).to_string());
    let typed = quoted(&no_option(&folder));
    print(format!("wrote {count} files to {folder}; use them with --rules {typed}\n").as_bytes())?;
    Ok(Exit::Clean)
}
