//! `capelint anonymize`: made-up files of the same shape, for a report of a wrong verdict.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use super::disk::Origin;
use super::files::FileSet;
use super::{Done, Exit, Failure, paths, print};
use capelint::frontend::input::named_sheet;
use capelint::frontend::text::Outside;
use capelint::frontend::{Anonymizer, errors};
use capelint::{Input, Rules};

/// The most bytes of a file: an excerpt of an export is enough for a report.
const MAX_FILE: u64 = 256 << 20;

/// Arguments of `capelint anonymize`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  capelint anonymize march.csv es003.csv capelint.yaml --out made-up/
  capelint check made-up/march.csv --es003 made-up/es003.csv    gives the same findings

Amounts, dates and HTS numbers stay, and so do headers and file names. Workbooks are written as .xlsx, \
with their values only. Read the files before you send them.")]
pub struct AnonymizeArgs {
    /// Declarations, exports, lists and configuration files: CSV, workbooks or YAML
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
    // Without a seed the replacements cannot be undone, not even by the user.
    let seed = args.seed.clone().unwrap_or_else(|| {
        let random = |number: u8| RandomState::new().hash_one(number);
        format!("{:016x}{:016x}", random(0), random(1))
    });
    let anonymizer = Anonymizer::new(seed, &rules);
    let (mut written, mut inputs, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    let mut renamed = Vec::new();
    for argument in &args.files {
        for (name, origin) in paths::expand(argument, Path::new(""), "stdin.csv")? {
            let bytes = Input::from(origin.clone()).read_whole(&name, MAX_FILE)?;
            match anonymizer.file(&name, &bytes) {
                Ok(file) => {
                    let extension = Path::new(named_sheet(&name).0).extension().unwrap_or_default();
                    if let Some(stem) = file.name.strip_suffix("xlsx").filter(|_| extension != "xlsx") {
                        renamed.push((format!("{stem}{}", extension.to_string_lossy()), file.name.clone()));
                    }
                    written.push(file);
                }
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
            if let Origin::Path(path) = origin {
                inputs.push(path);
            }
        }
    }
    // A configuration needs the new names of the workbooks.
    for file in written.iter_mut().filter(|file| file.name.ends_with(".yaml") || file.name.ends_with(".yml"))
    {
        for (old, new) in &renamed {
            file.bytes = rename(&file.bytes, old, new);
        }
    }
    let mut names: Vec<&str> = written.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        diagnostics.push(errors::outputs::same_name(pair[0]));
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics.into());
    }
    let set = FileSet {
        files: &written,
        last: Vec::new(),
        inputs: &inputs,
        force: args.force,
        uploads: ("", |_| false),
    };
    set.write(&args.out).map_err(Failure::from)?;
    let count = written.len();
    let noun = if count == 1 { "file" } else { "files" };
    let text = format!(
        "wrote {count} {noun} to {}; read them before you send them\n",
        Outside::new(&args.out.to_string_lossy())
    );
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// A configuration with another name for a file.
fn rename(text: &[u8], old: &str, new: &str) -> Vec<u8> {
    let pattern = format!(r#"(^|[\s"'/\\]){}($|[\s"'#])"#, regex::escape(old));
    // A name is of the size that paths have.
    let Ok(pattern) = regex::bytes::Regex::new(&pattern) else { return text.to_vec() };
    pattern.replace_all(text, format!("${{1}}{}${{2}}", new.replace('$', "$$")).as_bytes()).into_owned()
}
