//! The wording of what is wrong with a command line: one function for each error, named by what is wrong.
//!
//! - Here: what a command is asked for.
//! - [`inputs`]: files and folders that are named and read.
//! - [`outputs`]: files and folders that are written.

pub mod inputs;
pub mod outputs;

use std::fmt::Display;

use crate::code::codes;
use crate::diagnostic::Diagnostic;
use crate::engine::errors::EngineCode;
use crate::entry::EntryNumber;
use crate::outside::Outside;
use crate::recognize::FileUse;
use crate::source::Placed;

codes! {
    /// Kinds of errors in what a command is asked for.
    enum CommandCode:
    CommandLine {
        NoneAndFile "none-and-file"
            "A table has a file, and the same command line states that there is nothing to list in it."
            "Leave out the file or the word `none`."
        NotAnEntryNumber "not-an-entry-number"
            "A text is not an entry number."
            "Write the filer code, 7 digits and the check digit, as in ABC-1234567-6."
        NotDeclared "not-declared"
            "An entry is on no declaration of the run."
            "Name the declaration that includes it."
        NothingKnown "nothing-known"
            "Nothing is known about a text."
            "Type a rule's id, or CBP's message as it was shown."
        NothingThere "nothing-there"
            "A folder or pattern has no file of the kind that is needed."
            "Check the folder and the pattern."
        UnknownCommand "unknown-command"
            "There is no command of that name."
            "Run `capelint --help`."
        UnknownFormat "unknown-format"
            "There is no format of that name."
            "See `--format` in `capelint check --help`."
        UnknownLevel "unknown-level"
            "There is no such level of `--fail-on`."
            "The levels are `error`, `stop`, `warning` and `never`."
    }
}

/// A file, or what looks like one, where a command belongs.
pub struct Misplaced<'a> {
    /// As it was written.
    pub name: &'a str,
    /// The same as a shell would read it again.
    pub quoted: &'a str,
    /// All words of the command line so.
    pub all: &'a str,
    /// What is there.
    pub what: Found,
}

/// What is found under a name.
pub enum Found {
    /// A folder.
    Folder,
    /// A file, and what it is by its headers, where they show it.
    File(Option<FileUse>),
    /// Nothing, but it is called like a file.
    Nothing,
}

/// A file comes first, and not a command: most likely this one is meant.
pub fn file_for_command(Misplaced { name, quoted, all, what }: Misplaced<'_>) -> Diagnostic {
    let help = match &what {
        Found::Folder => format!(
            "check the declarations of the folder with `capelint check {all}`, or see what its files are for \
             with `capelint open {all}`"
        ),
        Found::File(Some(FileUse::Declaration)) => {
            format!("check the declaration with `capelint check {all}`")
        }
        Found::File(Some(FileUse::Table(table))) if table == "es003" => {
            format!("plan the upload of the ES-003 with `capelint plan {all} --out upload`")
        }
        Found::File(Some(FileUse::Table(table))) if table == "claims" => {
            format!("read the Claim Details with `capelint triage {all}`")
        }
        Found::File(Some(FileUse::Table(table))) => {
            format!("name the declaration beside it: `capelint check DECLARATION --table {table}={quoted}`")
        }
        Found::File(Some(FileUse::Rules)) => format!("run the tests of the rules with `capelint test {all}`"),
        Found::File(Some(FileUse::Configuration)) => {
            format!("name it beside a declaration: `capelint check DECLARATION --config {quoted}`")
        }
        Found::File(None) | Found::Nothing => format!(
            "check a declaration with `capelint check {all}`, plan the upload of an ES-003 with `capelint plan \
             {all} --out upload`, or read Claim Details with `capelint triage {all}`"
        ),
    };
    let what = match what {
        Found::Folder => "is a folder",
        Found::File(_) => "is a file",
        Found::Nothing => "looks like a file",
    };
    let message = format!("`{}` {what}, and a command comes first", Outside::new(name));
    Diagnostic::new(CommandCode::UnknownCommand, message).help(help)
}

/// A command for which there is no help or completion.
pub fn unknown_command(name: &str, known: &[String]) -> Diagnostic {
    Diagnostic::new(CommandCode::UnknownCommand, format!("there is no command `{name}`"))
        .did_you_mean(name, known.iter().map(String::as_str))
        .help(format!("the commands are {}", known.join(", ")))
}

/// A command line that was put together and cannot be read.
pub fn unreadable_command(error: &dyn Display) -> Diagnostic {
    Diagnostic::new(CommandCode::UnknownCommand, format!("the command line cannot be read: {error}"))
}

/// A format of the configuration that does not exist.
pub fn unknown_format(name: &Placed<String>, error: &dyn Display) -> Diagnostic {
    Diagnostic::new(CommandCode::UnknownFormat, error.to_string()).at(name.place, "")
}

/// A level of the configuration that does not exist.
pub fn unknown_level(name: &Placed<String>) -> Diagnostic {
    Diagnostic::new(CommandCode::UnknownLevel, format!("unknown level `{}`", name.value))
        .at(name.place, "")
        .help("the level is one of error, stop, warning, never")
}

/// No test of a rule has this in its name.
pub fn no_such_test(only: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingThere, format!("no test with `{only}` in its name"))
        .help("`capelint test` runs all tests")
}

/// Neither an importer number nor a client to plan for.
pub fn no_importer_or_client<'c>(name: &str, clients: impl Iterator<Item = &'c str>) -> Diagnostic {
    let message =
        format!("`{}` is neither an importer number nor a client of the configuration", Outside::new(name));
    Diagnostic::new(EngineCode::NothingSelected, message)
        .did_you_mean(name, clients)
        .help("write importer numbers as 12-3456789 or 123456-12345, and clients as under `clients`")
}

/// Clients to plan for, of which the configuration has none.
pub fn no_clients() -> Diagnostic {
    Diagnostic::new(EngineCode::NothingSelected, "the configuration has no clients")
        .help("list them under `clients`, each with `name` and `importer_numbers`")
}

/// A file for a table that has nothing to list.
pub fn none_and_file(table: &str) -> Diagnostic {
    Diagnostic::new(CommandCode::NoneAndFile, format!("`{table}` has a file, and nothing to list"))
        .help(format!("leave out the file, or `--none {table}`"))
}

/// No table, column, code list or word of rules has the name.
pub fn unknown_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingKnown, format!("unknown name `{}`", Outside::new(name)))
        .did_you_mean(name, known)
        .help("`capelint tables` lists all names")
}

/// An entry number where a rule or a message belongs.
pub fn entry_to_explain(number: EntryNumber) -> Diagnostic {
    Diagnostic::new(CommandCode::NothingKnown, format!("`{number}` is an entry number")).help(format!(
        "name its declaration: `capelint explain --entry {number} march.csv --es003 es003.csv`"
    ))
}

/// Something like the id of a rule or of an error, with the id that is meant, if one is near.
pub fn misspelled<'a>(text: &str, ids: impl IntoIterator<Item = &'a str>) -> Option<Diagnostic> {
    let unknown = nothing_known(text).did_you_mean(text, ids);
    (!unknown.help.is_empty()).then_some(unknown)
}

/// A text about which nothing is known.
pub fn unknown_text<'a>(text: &str, ids: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    nothing_known(text)
        .did_you_mean(text, ids)
        .help("type the id of a rule (see `capelint rules`), or paste CBP's message as it was shown")
}

fn nothing_known(text: &str) -> Diagnostic {
    Diagnostic::new(
        CommandCode::NothingKnown,
        format!("nothing is known about `{}`", Outside::new(text).fit(200)),
    )
}

/// Something else where an entry number belongs.
pub fn not_an_entry_number(written: &str, why: &str) -> Diagnostic {
    let message = format!("`{}` is not an entry number: {why}", Outside::new(written));
    Diagnostic::new(CommandCode::NotAnEntryNumber, message)
        .help("write 3 characters of filer code, 7 digits and a check digit, such as ABC-1234567-6")
}

/// An entry that no declaration has.
pub fn not_declared(number: EntryNumber) -> Diagnostic {
    Diagnostic::new(CommandCode::NotDeclared, format!("entry {number} is on no declaration of this run"))
        .help("name the declaration that has it")
}

/// Upload files whose rows are not those of the declarations: what does not add up.
pub fn does_not_add_up(error: &dyn Display) -> Diagnostic {
    Diagnostic::new(EngineCode::DoesNotAddUp, format!("nothing was written: {error}"))
        .help("report this as a bug in capelint")
}
