//! Completions and the manual pages, from the same definitions as the command line itself.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::Shells;

use super::{Cli, Done, Exit, complete, print};
use capelint::frontend::errors;

/// Arguments of `capelint completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  source <(capelint completions bash)                    in ~/.bashrc
  source <(capelint completions zsh)                     in ~/.zshrc
  capelint completions fish | source                     in ~/.config/fish/config.fish
  capelint completions powershell | Out-String | Invoke-Expression   in $PROFILE

The shell completes commands and flags, and the names of rules, tables and formats.")]
pub struct CompletionsArgs {
    /// Shell
    pub shell: Shell,
}

/// Arguments of `capelint man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint man check | man -l -                     read a page
  capelint man --out ~/.local/share/man/man1        install all pages")]
pub struct ManArgs {
    /// Print the page of this command [default: capelint itself]
    #[arg(add = ArgValueCandidates::new(commands))]
    pub command: Option<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, short, value_name = "FOLDER", conflicts_with = "command")]
    pub out: Option<PathBuf>,
}

fn commands() -> Vec<CompletionCandidate> {
    let command = Cli::command();
    command.get_subcommands().map(|one| CompletionCandidate::new(one.get_name())).collect()
}

/// Prints what a shell runs to learn how to complete.
pub fn completions(args: &CompletionsArgs) -> Done {
    let mut text = Vec::new();
    let name = args.shell.to_string();
    if let Some(shell) = Shells::builtins().completer(&name) {
        shell.write_registration(complete::VARIABLE, "capelint", "capelint", "capelint", &mut text)?;
    }
    print(&text)?;
    Ok(Exit::Clean)
}

/// Prints a manual page, or writes all.
pub fn man(args: &ManArgs) -> Done {
    let mut command = Cli::command();
    if let Some(folder) = &args.out {
        let failed = |error| errors::outputs::cannot_write(folder, &error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(command, folder).map_err(failed)?;
        return Ok(Exit::Clean);
    }
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => {
            let known: Vec<String> =
                command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| errors::unknown_command(name, &known))?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)?;
    Ok(Exit::Clean)
}
