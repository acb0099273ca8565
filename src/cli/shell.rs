//! Completions and the manual page, from the same definitions as the command line itself.

use capelint::diagnostic::Code;
use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Done, Exit, print};

/// Arguments of `capelint completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Arguments of `capelint man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The page of this command [default: capelint itself]
    pub command: Option<String>,
}

/// Prints the completions of a shell.
pub fn completions(args: &CompletionsArgs) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "capelint", &mut text);
    print(&text)?;
    Ok(Exit::Clean)
}

/// Prints a manual page.
pub fn man(args: &ManArgs) -> Done {
    let mut command = Cli::command();
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => {
            let known: Vec<String> =
                command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                capelint::diagnostic::Diagnostic::new(
                    Code::UnknownCommand,
                    format!("there is no command `{name}`"),
                )
                .did_you_mean(name, known.iter().map(String::as_str))
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)?;
    Ok(Exit::Clean)
}
