//! `capelint init`: a commented configuration for the files of a folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::disk::Origin;
use super::paths::{CONFIG, folder};
use super::{Done, Exit, files, print};
use capelint::frontend::errors::outputs;
use capelint::frontend::input::FileUse;
use capelint::frontend::text::{Outside, acts, count};
use capelint::{Input, Rules};

/// Arguments of `capelint init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Folder with your files
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Write over a capelint.yaml that is already there
    #[arg(long)]
    pub force: bool,
    /// Print the configuration; write nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// Writes the configuration.
pub fn run(args: &InitArgs) -> Done {
    let rules = Rules::built_in()?;
    let text = configuration(&rules, &args.folder);
    if args.dry_run {
        // The file needs the names as they are; on the screen they can be masked.
        let lines = text.lines().map(|line| Outside::new(line).masked().into_owned() + "\n");
        print(lines.collect::<String>().as_bytes())?;
        return Ok(Exit::Clean);
    }
    let path = args.folder.join(CONFIG);
    if args.force {
        files::replace(&path, text.as_bytes(), &[])?;
    } else {
        files::create(&path, text.as_bytes()).map_err(outputs::or_force)?;
    }
    print(format!("wrote {}\n", Outside::new(&path.display().to_string())).as_bytes())?;
    Ok(Exit::Clean)
}

/// The text of a configuration for the files of a folder.
fn configuration(rules: &Rules, path: &Path) -> String {
    let mut text = String::from(
        "# What does not change from day to day; see `capelint schema config` for all keys.\n\
         account:\n  \
           # role: importer                 # importer or broker\n  \
           # importer_numbers: [\"12-3456789\"]\n  \
           # filer_codes: [ABC]             # a broker's own\n",
    );
    // A mapping with nothing but comments is not a mapping.
    text = text.replace("account:\n", "# account:\n");
    let mut found: Vec<(String, String)> = Vec::new();
    let mut unnamed = 0;
    for file in
        folder(path, |name| name.to_lowercase().ends_with(".csv") || name.to_lowercase().ends_with(".xlsx"))
    {
        // A configuration is UTF-8 without control characters, so it cannot name other files.
        let name = file.file_name().and_then(|name| name.to_str()).filter(|name| !name.contains(acts));
        let Some(name) = name.map(str::to_owned) else {
            unnamed += 1;
            continue;
        };
        if let Some(table) = table_of(rules, &file) {
            found.push((table, name));
        }
    }
    let tables = if found.is_empty() { "# tables:" } else { "tables:" };
    let _ = writeln!(text, "\n# Reference tables; `none` means that there is nothing to list.\n{tables}");
    for schema in rules.tables() {
        let files: Vec<&str> =
            found.iter().filter(|(table, _)| *table == schema.name).map(|(_, file)| file.as_str()).collect();
        let quoted: Vec<String> = files.iter().map(|file| quoted(file)).collect();
        let _ = match quoted.as_slice() {
            [] => writeln!(text, "  # {}: {}.csv          # {}", schema.name, schema.name, schema.title),
            [one] => writeln!(text, "  {}: {one}          # {}", schema.name, schema.title),
            many => writeln!(text, "  {}: [{}]          # {}", schema.name, many.join(", "), schema.title),
        };
    }
    if unnamed > 0 {
        let files = count(unnamed, "file is", "files are");
        let _ = writeln!(text, "# {files} left out: rename what has control characters or is not UTF-8.");
    }
    text.push_str(
        "\n# Rules of your own, besides the built-in ones.\n\
         # rules: [house-rules.yaml]\n\
         \n# Other severities: error, stop, warning, note, off.\n\
         # severity: { liquidation-window-closing: error }\n\
         \n# Findings that are known and do not count. Expired or unused waivers are findings themselves.\n\
         # waivers:\n\
         #   - rule: importer-number-mismatch\n\
         #     entries: [ABC12345676]\n\
         #     reason: registration corrected with CBP on 2026-11-12\n\
         #     until: 2026-12-31\n",
    );
    text
}

/// A file name in YAML's double quotes. It has no control characters, and what machines that read a log take for
/// a command (`##[…]`, `::…::`) is broken up by escapes.
fn quoted(name: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", name.replace("##", "#\\x23").replace("::", ":\\x3a"))
}

/// Which table a file is.
fn table_of(rules: &Rules, file: &Path) -> Option<String> {
    let name = file.to_string_lossy();
    match rules.recognize(&name, &Input::from(Origin::Path(file.to_owned()))).ok()?.file_use {
        FileUse::Table(table) => Some(table),
        FileUse::Declaration | FileUse::Configuration | FileUse::Rules => None,
    }
}
