//! `capelint anonymize`: made-up files of the same shape, for a report of a wrong verdict.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use super::disk::Origin;
use super::{Done, Exit, Failure, files, paths, print};
use capelint::diagnostic::{Code, Diagnostic};
use capelint::door::Anonymizer;
use capelint::engine::{OutputFile, Rules};
use capelint::input::Input;

/// The most bytes of a file: an excerpt of an export is enough for a report.
const MAX_FILE: u64 = 256 << 20;

/// Arguments of `capelint anonymize`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint anonymize march.csv es003.csv capelint.yaml --out made-up/
  capelint check made-up/march.csv --es003 made-up/es003.csv    gives the same findings

Read the files in the folder before you send them: a name in a column that capelint does not know may remain.")]
pub struct AnonymizeArgs {
    /// Declarations, exports, lists and configuration files: CSV or YAML
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub files: Vec<String>,
    /// Write the files into this folder
    #[arg(long, short, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Write over files that are already there
    #[arg(long)]
    pub force: bool,
    /// Give the same replacements in another run; keep it secret
    #[arg(long, value_name = "TEXT")]
    pub seed: Option<String>,
}

/// Writes the made-up files.
pub fn run(args: &AnonymizeArgs) -> Done {
    let rules = Rules::built_in()?;
    // Without a seed nobody can undo the replacements, the user included.
    let seed = args.seed.clone().unwrap_or_else(|| {
        let random = |number: u8| RandomState::new().hash_one(number);
        format!("{:016x}{:016x}", random(0), random(1))
    });
    let anonymizer = Anonymizer::new(seed, &rules);
    let (mut written, mut inputs, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for argument in &args.files {
        for (name, origin) in paths::expand(argument, Path::new(""), "stdin")? {
            let bytes = Input::from(origin.clone()).read_whole(&name, MAX_FILE)?;
            let file = Path::new(&name).file_name().map_or("stdin.csv".into(), |file| file.to_string_lossy());
            match anonymizer.file(&name, &bytes) {
                Ok(bytes) => written.push(OutputFile { name: anonymizer.name(&file), bytes }),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
            if let Origin::Path(path) = origin {
                inputs.push(path);
            }
        }
    }
    let mut names: Vec<&str> = written.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("two files are named `{}`", pair[0]);
        diagnostics.push(
            Diagnostic::new(Code::SameOutput, message).help("anonymize one of them in a run of its own"),
        );
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics.into());
    }
    files::write(&args.out, &written, &inputs, args.force).map_err(Failure::from)?;
    let count = written.len();
    let noun = if count == 1 { "file" } else { "files" };
    let text = format!(
        "wrote {count} {noun} to {}; read them before you send them\n",
        capelint::door::text::shown(&args.out.to_string_lossy())
    );
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}
