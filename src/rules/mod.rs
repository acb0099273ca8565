//! Compiles rule files.
//!
//! Loading is compiling: [`model`] is what comes out, and nothing in it can fail. [`reads`] defines what each
//! part of it looks at.
//!
//! 1. [`crate::yaml`] parses each file into nodes that know their places.
//! 2. [`syntax`] defines which keys there are; each rule, table and test is decoded on its own.
//! 3. `compile` resolves every name and fits every test to its type.
//!
//! Each step reports all errors it finds and goes on, so that one run shows those of all files.
//!
//! ```
//! use capelint::{Loader, RuleSource};
//!
//! let text = "
//! rules:
//!   - id: too-many-entries
//!     title: More entries than one declaration takes
//!     severity: error
//!     each: file
//!     require: { file.entries: { at_most: 9999 } }
//! ";
//! let load = |text: &str| {
//!     let mut loader = Loader::new();
//!     loader.without_built_in();
//!     loader.rule_file(RuleSource::new("house.yaml", text, |_| Err("no files here".into())));
//!     loader.load()
//! };
//! assert_eq!(load(text)?.list()[0].id, "too-many-entries");
//!
//! // An error is reported at its place, with what may be meant.
//! let errors = load(&text.replace("at_most", "at_mots")).unwrap_err().diagnostics;
//! assert_eq!((errors[0].code.name(), errors[0].labels[0].place.line), ("unknown-test", 7));
//! assert_eq!(errors[0].help[0], "a similar name exists: `at_most`");
//! # Ok::<(), capelint::Errors>(())
//! ```

mod cases;
pub mod checklist;
pub mod compile;
pub(crate) mod errors;
pub mod messages;
pub mod model;
pub mod operand;
pub mod pack;
pub mod reads;
pub mod reference;
pub mod schema;
pub mod schema_names;
pub mod syntax;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::{FileId, Sources, Text};
use crate::yaml::{self, Diagnostics};
use model::RuleSet;

/// Gives the bytes of a file beside a rule file: its code lists. An error has the reason why not.
pub type Beside = dyn Fn(&str) -> Result<Cow<'static, [u8]>, String> + Send + Sync;
type Neighbors = Arc<Beside>;

/// A rule file that was read.
#[derive(Clone)]
pub struct RuleSource {
    /// The name that messages call it.
    pub name: String,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// The files beside it.
    pub beside: Arc<Beside>,
    /// Whether it is of the built-in pack, whose tests are only compiled when they are asked for.
    pub built_in: bool,
}

impl RuleSource {
    /// A rule file of the user's.
    pub fn new(
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
        beside: impl Fn(&str) -> Result<Cow<'static, [u8]>, String> + Send + Sync + 'static,
    ) -> Self {
        let bytes = Cow::Owned(bytes.into());
        Self { name: name.into(), bytes, beside: Arc::new(beside), built_in: false }
    }
}

impl std::fmt::Debug for RuleSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleSource").field("name", &Outside::new(&self.name)).finish_non_exhaustive()
    }
}

/// What is compiled.
#[derive(Clone, Copy, Debug, Default)]
pub struct CompileOptions {
    /// Whether the tests of the built-in pack are compiled too: only `capelint test` and
    /// `capelint explain` need them. Those of other files always are, so that their errors show.
    pub tests: bool,
}

/// Compiles rule files, in their order: later ones may add to the tables and code lists of earlier ones, and
/// replace or turn off their rules.
///
/// # Errors
/// All errors of all files, by file and place. A file that is not YAML has only that error.
pub fn load(
    files: Vec<RuleSource>,
    options: CompileOptions,
    sources: &mut Sources,
) -> Result<RuleSet, Vec<Diagnostic>> {
    let mut unreadable = Diagnostics::default();
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        let (id, text) = yaml::read(&file.name, &file.bytes, sources, &mut unreadable);
        if let Some(text) = text {
            read.push((file, id, text));
        }
    }
    // The longest first, so that no core waits long for another.
    read.sort_by_key(|(_, _, text)| Reverse(text.text.len()));
    let mut units: Vec<(FileId, Result<compile::ParsedFile, Diagnostics>)> = read
        .into_par_iter()
        .with_max_len(1)
        .map(|(file, id, text)| (id, parse(&file, id, &text, options)))
        .collect();
    units.sort_by_key(|(id, _)| *id);
    let mut compiled = Vec::with_capacity(units.len());
    for (_, unit) in units {
        match unit {
            Ok(unit) => compiled.push(unit),
            Err(diagnostics) => unreadable.append(diagnostics),
        }
    }
    // Where a file could not be read, what others take from it would only look like more errors.
    if !unreadable.is_empty() {
        for unit in compiled {
            unreadable.append(unit.diagnostics);
        }
        return Err(unreadable.into_sorted());
    }
    let rules = compile::compile(&mut compiled, sources);
    let mut diagnostics = Diagnostics::default();
    for unit in compiled {
        diagnostics.append(unit.diagnostics);
    }
    if diagnostics.is_empty() { Ok(rules) } else { Err(diagnostics.into_sorted()) }
}

/// Parses and decodes a file.
fn parse(
    file: &RuleSource,
    id: FileId,
    text: &Arc<Text>,
    options: CompileOptions,
) -> Result<compile::ParsedFile, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let tests = options.tests || !file.built_in;
    let recorded = if tests { None } else { pack::recorded(&file.name) };
    let tree = recorded.and_then(|record| yaml::replay(id, text, record));
    let tree = tree.or_else(|| yaml::parse(id, text, &mut diagnostics));
    let Some(mut tree) = tree else { return Err(diagnostics) };
    let syntax = tree.root().and_then(|root| yaml::decode::decode(&tree, root, &mut diagnostics));
    let syntax: syntax::RuleFile = syntax.unwrap_or_default();
    let mut rules = Vec::new();
    for rule in syntax.rules.iter().flatten() {
        if let Some(mut syntax) = rule.decode(&tree, &mut diagnostics) {
            cases::expand(&mut tree, &mut syntax, &mut diagnostics);
            rules.push((rule.node, syntax));
        }
    }
    let neighbors = file.beside.clone();
    Ok(compile::ParsedFile { tree: Arc::new(tree), file: syntax, rules, neighbors, tests, diagnostics })
}

#[cfg(test)]
mod tests;
