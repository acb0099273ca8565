//! How the steps that reports advise are taken on a command line.

use capelint::Door;

/// The command line, with its flags.
#[derive(Debug)]
pub struct CommandLine;

impl Door for CommandLine {
    fn provide_table(&self, table: &str, optional: bool) -> String {
        match (table, optional) {
            ("es003", _) => "pass --es003 FILE".to_owned(),
            (_, true) => {
                format!("pass --table {table}=FILE, or say `{table}: none` under `tables` in capelint.yaml")
            }
            (_, false) => format!("pass --table {table}=FILE"),
        }
    }

    fn name_declaration(&self) -> String {
        "say what the file is called with --stdin-name".to_owned()
    }

    fn say_export_date(&self, _: &str) -> String {
        "pass --exported DATE".to_owned()
    }

    fn explain_entry(&self) -> String {
        "see `capelint explain --entry` for the clause".to_owned()
    }

    fn explain_rule(&self, rule: &str) -> String {
        format!("see `capelint explain {rule}` for what it reads")
    }
}
