//! `capelint config`: the settings in force, and where each comes from.

use std::fmt::Write as _;
use std::path::Path;

use super::args::{self, Data, RuleArgs};
use super::session::Session;
use super::{Done, Exit, print};
use capelint::Role;
use capelint::frontend::config::TableSource;
use capelint::frontend::text::Outside;
use capelint::source::Place;

/// Arguments of `capelint config`.
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    /// Declaration or folder whose settings to print
    #[arg(value_name = "PATH", default_value = ".")]
    pub near: String,
    #[command(flatten, next_help_heading = args::DATA)]
    #[allow(missing_docs)]
    pub data: Data,
    #[command(flatten, next_help_heading = args::RULES)]
    #[allow(missing_docs)]
    pub rules: RuleArgs,
}

/// Prints the settings.
pub fn run(args: &ConfigArgs) -> Done {
    let session =
        Session::with_rules(&args.rules, Path::new(&args.near), Vec::new(), args.data.clone(), false)?;
    let config = session.rules.config();
    let severities = session.rules.severities(session.filing_date);
    let mut out = String::new();
    let from = |place: Place| session.rules.sources().show(place).to_string();
    let file =
        config.file.map_or("none".to_owned(), |file| session.rules.sources().name(file).raw().to_owned());
    let _ = writeln!(out, "configuration: {}", Outside::new(&file));
    let mut line = |name: &str, value: &dyn std::fmt::Display, origin: &str| {
        let _ = writeln!(
            out,
            "{}: {}    # {}",
            Outside::new(name),
            Outside::new(&value.to_string()),
            Outside::new(origin)
        );
    };
    let in_file = if config.file.is_some() { file.as_str() } else { "default" };
    let date_origin =
        if args.data.filing_date.is_some() { "flag" } else { "default: today, US Eastern time" };
    line("filing_date", &session.filing_date, date_origin);
    if let Some(role) = config.account.role {
        line("account.role", &if role == Role::Importer { "importer" } else { "broker" }, in_file);
    }
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    if let Some(numbers) = &config.account.importer_numbers {
        line("account.importer_numbers", &list(numbers.iter().map(ToString::to_string).collect()), in_file);
    }
    for (name, codes) in [
        ("filer_codes", &config.account.filer_codes),
        ("courier_filer_codes", &config.account.courier_filer_codes),
    ] {
        if let Some(codes) = codes {
            line(&format!("account.{name}"), &list(codes.clone()), in_file);
        }
    }
    let es003 = args.data.es003.iter().map(|file| ("es003", file));
    let flags: Vec<_> =
        es003.chain(args.data.tables.iter().map(|(name, file)| (name.as_str(), file))).collect();
    for (name, table) in &flags {
        line(&format!("tables.{name}"), table, "flag");
    }
    for (name, table) in
        config.tables.iter().filter(|(name, _)| !flags.iter().any(|(flag, _)| *flag == name.value))
    {
        let files = match table {
            TableSource::None => "none".to_owned(),
            TableSource::Files(files) => list(files.iter().map(|file| file.value.clone()).collect()),
        };
        line(&format!("tables.{}", name.value), &files, &from(name.place));
    }
    for rules in &config.rules {
        line("rules", &rules.value, &from(rules.place));
    }
    for rules in &args.rules.files {
        line("rules", &rules.display(), "flag");
    }
    for (at, rule) in session.rules.list().iter().enumerate() {
        let own = rule.in_force(session.filing_date).then_some(rule.severity);
        if severities[at] == own {
            continue;
        }
        let severity = severities[at].map_or("off", |severity| severity.name());
        let flag = args.rules.severity.iter().any(|(id, _)| *id == rule.id)
            || !args.rules.select.is_empty()
            || args.rules.ignore.contains(&rule.id);
        let place = config.severity.iter().find(|(id, _)| id.value == rule.id).map(|(id, _)| from(id.place));
        let origin = if flag { "flag".to_owned() } else { place.unwrap_or_else(|| in_file.to_owned()) };
        line(&format!("severity.{}", rule.id), &severity, &origin);
    }
    for waiver in &config.waivers {
        let value = format!("until {}: {}", waiver.until.value, waiver.reason);
        line(&format!("waiver.{}", waiver.rule.value), &value, &from(waiver.place));
    }
    let output = &config.output;
    match &output.format {
        Some(format) => line("output.format", &format.value, &from(format.place)),
        None => line("output.format", &"human", "default"),
    }
    match &output.fail_on {
        Some(level) => line("output.fail_on", &level.value, &from(level.place)),
        None => line("output.fail_on", &"stop", "default"),
    }
    let most = output.max_per_rule.unwrap_or(20);
    line("output.max_per_rule", &most, if output.max_per_rule.is_some() { in_file } else { "default" });
    for (format, file) in &output.files {
        line(&format!("output.files.{}", format.value), &file.value, &from(format.place));
    }
    print(out.as_bytes())?;
    Ok(Exit::Clean)
}
