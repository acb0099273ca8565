//! How the steps that reports advise are taken on a command line.

use std::borrow::Cow;

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
        let names: Vec<String> = declarations.iter().map(|name| quoted(&no_option(name))).collect();
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

/// Quotes a word for a shell. Every shell reads double quotes, but those of Unix expand some characters in them: such a
/// word gets single quotes, which the command prompt of Windows does not support.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@".contains(c) || cfg!(windows) && c == '\\';
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if cfg!(windows) || !word.contains(['"', '$', '`', '!', '\\']) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The name of a file, written so that no command reads it as an option.
pub(super) fn no_option(name: &str) -> Cow<'_, str> {
    if name.starts_with('-') && name != "-" { format!("./{name}").into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is advised can be pasted, whatever is in the name of a file.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_name_of_a_file_again() {
        let cases = [
            ("march/declaration.csv", "march/declaration.csv"),
            ("", "\"\""),
            ("back\\slash.csv", "'back\\slash.csv'"),
            ("ends in \\", "'ends in \\'"),
            ("a$(touch b).csv", "'a$(touch b).csv'"),
            ("plan for march.csv", "\"plan for march.csv\""),
            ("plan.xlsx#March", "\"plan.xlsx#March\""),
            ("*.csv", "\"*.csv\""),
            ("O'Neil.csv", "\"O'Neil.csv\""),
            ("12\" pipe.csv", "'12\" pipe.csv'"),
            ("$HOME `id`!.csv", "'$HOME `id`!.csv'"),
            ("O'Neil $5.csv", "'O'\\''Neil $5.csv'"),
        ];
        for (name, wanted) in cases {
            assert_eq!(quoted(name), wanted);
        }
        let advice = CommandLine.repair(&["12\" pipe.csv", "march.csv"]);
        assert_eq!(advice, "capelint fix '12\" pipe.csv' march.csv --out upload/");
        assert_eq!(CommandLine.repair(&["-x.csv"]), "capelint fix ./-x.csv --out upload/");
    }
}
