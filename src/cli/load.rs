//! Finds and loads the configuration, and the rule files that it and the command line name.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::confine::Confinement;
use super::{Failure, disk, paths};
use capelint::diagnostic::Diagnostic;
use capelint::frontend::{errors, pack};
use capelint::source::Place;
use capelint::{Loader, RuleChoice, RuleSource, Rules};

/// The most bytes of a rule file or configuration that are read; the loader's own limit is lower and is
/// reported with a place.
const LIMIT: u64 = 8 << 20;

/// Where the configuration of a run is, and how far it may reach.
pub struct ConfigSource {
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// The folder that its paths count from.
    pub folder: PathBuf,
    /// How far it may reach.
    pub confinement: Confinement,
}

impl ConfigSource {
    /// The configuration that a person names, or none.
    pub fn named(path: Option<PathBuf>) -> Self {
        Self { folder: folder_of(path.as_deref()), path, confinement: Confinement::none() }
    }

    /// The configuration that governs a path: that of its folder or of a folder above it.
    ///
    /// # Errors
    /// A link as the configuration: it would have any file read, and shown in errors.
    pub fn above(near: &Path) -> Result<Self, Failure> {
        let path = paths::config_above(near);
        let folder = folder_of(path.as_deref());
        let confinement = Confinement::to(&folder);
        path.as_deref().map_or(Ok(()), |file| confinement.check_file(file))?;
        Ok(Self { path, folder, confinement })
    }
}

fn folder_of(file: Option<&Path>) -> PathBuf {
    file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned()
}

/// Loads a configuration, the built-in pack (or the one that takes its place), then the rules of the
/// configuration, then those of the command line.
///
/// # Errors
/// All errors of all files.
pub fn rules(
    config: &ConfigSource,
    files: &[PathBuf],
    choice: RuleChoice,
    tests: bool,
) -> Result<Rules, Failure> {
    let ConfigSource { path, folder, confinement } = config;
    let mut loader = Loader::new();
    if let Some(file) = path {
        match disk::read_whole(file, LIMIT) {
            Ok(bytes) => {
                loader.configuration(&file.to_string_lossy(), &bytes);
            }
            Err(error) => {
                loader.error(error);
            }
        }
    }
    let config = loader.config().rules.iter();
    let mut outside = Vec::new();
    let mut named: Vec<(PathBuf, Option<Place>)> = Vec::new();
    for rules in config {
        let path = folder.join(&rules.value);
        match confinement.check(&rules.value, &path) {
            Ok(()) => named.push((path, Some(rules.place))),
            Err(error) => outside.push(error.at(rules.place, "")),
        }
    }
    for error in outside {
        loader.error(error);
    }
    named.extend(files.iter().map(|path| (path.clone(), None)));
    for (path, place) in named {
        let confined = if place.is_some() { confinement.clone() } else { Confinement::none() };
        if path.join(pack::PACK_FILE).is_file() {
            if let Some(place) = place.filter(|_| confined.is_limited()) {
                loader.error(errors::inputs::untrusted_pack(&path, place));
                continue;
            }
            loader.without_built_in();
        }
        match read_rules(&path, &confined) {
            Ok(files) => files.into_iter().for_each(|file| {
                loader.rule_file(file);
            }),
            Err(error) => {
                loader.error(match place {
                    Some(place) => error.at(place, ""),
                    None => error,
                });
            }
        }
    }
    if tests {
        loader.with_tests();
    }
    loader.choose(choice);
    Ok(loader.load()?)
}

/// The rule files that a path names: a file, or all of a folder.
fn read_rules(path: &Path, confinement: &Confinement) -> Result<Vec<RuleSource>, Diagnostic> {
    if !path.is_dir() {
        return Ok(vec![read_rule_file(path, confinement)?]);
    }
    let yaml = |name: &str| {
        (name.ends_with(".yaml") || name.ends_with(".yml"))
            && name != pack::MESSAGES
            && name != pack::CHECKLIST
            && name != paths::CONFIG
    };
    let mut files = Vec::new();
    for folder in [path.to_owned(), path.join("tables"), path.join("codes")] {
        for file in paths::folder(&folder, yaml) {
            files.push(read_rule_file(&file, confinement)?);
        }
    }
    if files.is_empty() {
        return Err(errors::inputs::no_rules_in(path));
    }
    pack::in_order(&mut files);
    Ok(files)
}

fn read_rule_file(path: &Path, confinement: &Confinement) -> Result<RuleSource, Diagnostic> {
    let name = path.to_string_lossy().into_owned();
    // A folder of rules may have links in it.
    confinement.check_file(path)?;
    let confinement = confinement.clone();
    let bytes = disk::read_whole(path, LIMIT)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(RuleSource::new(name, bytes, move |file| {
        // Code lists and files of tests are beside the rule file, never elsewhere on the machine: not even
        // where a link in its folder leads, no matter who named the rule file.
        let relative = Path::new(file);
        let inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside {
            return Err("a file that a rule file names must be in its folder or below it".to_owned());
        }
        let path = folder.join(relative);
        for confinement in [&confinement, &Confinement::to(&folder)] {
            confinement.check_file(&path).map_err(|error| error.message.raw().to_owned())?;
        }
        let bytes = disk::read_whole(&path, LIMIT);
        bytes.map(Cow::Owned).map_err(|error| error.message.raw().to_owned())
    }))
}
