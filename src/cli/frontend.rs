//! How the steps that reports advise are taken on a command line.

use capelint::frontend::Frontend;

/// The command line, with its flags.
#[derive(Debug)]
pub struct CommandLine;

impl Frontend for CommandLine {
    fn provide_table(&self, table: &str, optional: bool) -> String {
        match (table, optional) {
            ("es003", _) => "pass `--es003 FILE`".to_owned(),
            (_, true) => {
                format!("pass `--table {table}=FILE`, or `--none {table}` if there is nothing to list")
            }
            (_, false) => format!("pass `--table {table}=FILE`"),
        }
    }

    fn include(&self, level: &str) -> String {
        format!("`--include {level}`")
    }

    fn name_declaration(&self) -> String {
        "pass the name of the file with `--stdin-name`".to_owned()
    }

    fn state_export_date(&self, _: &str) -> String {
        "pass `--exported DATE`".to_owned()
    }

    fn explain_entry(&self) -> String {
        "see `capelint explain --entry` for the clause".to_owned()
    }

    fn repair(&self, declarations: &[&str]) -> String {
        let names: Vec<String> = declarations.iter().map(|name| quoted(name)).collect();
        format!("capelint fix {} --out upload/", names.join(" "))
    }

    fn show_all(&self) -> String {
        "`--max-per-rule 0` lists every entry, `--format full` shows each finding with its cells".to_owned()
    }

    fn lift_cap(&self) -> String {
        "--max-per-rule 0".to_owned()
    }

    fn explain_rule(&self, rule: &str) -> String {
        format!("see `capelint explain {rule}` for what it reads")
    }
}

/// A file's name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@\\".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { format!("\"{name}\"") }
}
