//! Does what the commands that check have in common: finds the configuration, the rule files and the tables, and
//! gives them to the library.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};

use super::Failure;
use super::args::{self, Data, Inputs, RuleArgs};
use super::confine::Confinement;
use super::disk::Origin;
use super::frontend::CommandLine;
use super::load::{self, ConfigSource};
use super::paths::{self, NamedFile};
use super::progress::ReadingProgress;
use capelint::diagnostic::Diagnostic;
use capelint::frontend::config::TableSource;
use capelint::frontend::input::named_sheet;
use capelint::frontend::outputs::HELD;
use capelint::frontend::text::Outside;
use capelint::frontend::{eastern_day, errors};
use capelint::source::Place;
use capelint::{Check, Checked, Options, RuleChoice, Rules};

/// Rules and settings, and what the command line names.
pub struct Session {
    /// The rules, with the configuration.
    pub rules: Rules,
    /// The folder that the configuration's paths count from.
    pub folder: PathBuf,
    /// The day of the upload.
    pub filing_date: NaiveDate,
    /// The configuration's file, where there is one.
    pub config_file: Option<PathBuf>,
    /// How far the configuration may reach.
    pub confinement: Confinement,
    /// Whether the configuration was looked for, not named.
    looked_for: bool,
    /// Whether the reports have the digests of the files.
    pub digests: bool,
    /// The first column of CSV files, with the line in the original file.
    pub line_column: Option<String>,
    declarations: Vec<String>,
    data: Data,
    progress: ReadingProgress,
}

/// How many rows of declarations are evaluated at a time: those of the largest declaration.
const BATCH: usize = 9_999;

impl Session {
    /// Loads the configuration and the rules.
    ///
    /// # Errors
    /// Every error in any of these files, and every unknown name on the command line.
    pub fn open(inputs: &Inputs) -> Result<Self, Failure> {
        let first = inputs.declarations.first().filter(|first| *first != "-");
        let near = first.map_or(Path::new("."), |first| args::folder_of(first));
        Self::with_rules(&inputs.rules, near, inputs.declarations.clone(), inputs.data.clone(), false)
    }

    /// Loads the configuration that governs a path, and the rules.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn with_rules(
        args: &RuleArgs,
        near: &Path,
        declarations: Vec<String>,
        data: Data,
        tests: bool,
    ) -> Result<Self, Failure> {
        let looked_for = args.config.is_none() && !args.isolated;
        let config = match &args.config {
            _ if args.isolated => ConfigSource::named(None),
            Some(file) => ConfigSource::named(Some(file.clone())),
            None => ConfigSource::above(near)?,
        };
        let choice = RuleChoice {
            severity: args.severity.clone(),
            select: args.select.clone(),
            ignore: args.ignore.clone(),
            extent: args.extent,
        };
        let rules = load::rules(&config, &args.files, choice, tests)?;
        let ConfigSource { path: config_file, folder, confinement } = config;
        let session = Self {
            rules,
            confinement,
            folder,
            filing_date: data.filing_date.unwrap_or_else(|| eastern_day(Utc::now())),
            config_file,
            looked_for,
            digests: false,
            line_column: None,
            declarations,
            data,
            progress: ReadingProgress::default(),
        };
        session.empty_check().verify()?;
        if let Some(contradiction) = session.none_and_file() {
            return Err(contradiction.into());
        }
        if let Some(said) = session.data.filing_date.and_then(unlikely_filing_date) {
            eprintln!("warning: {said}");
        }
        if session.looked_for {
            for said in paths::ignored_configs(near, session.config_file.as_deref()) {
                eprintln!("warning: {}", Outside::new(&said));
            }
        }
        Ok(session)
    }

    /// How documents in JSON are written.
    pub fn json_options(&self) -> Options {
        Options { frontend: &CommandLine, ..Options::default() }
    }

    /// A check of nothing yet, by the command line's settings. Tables that the command line names are
    /// known to it, so that unknown ones are found before anything is read.
    fn empty_check(&self) -> Check<'_> {
        let mut check = Check::new(&self.rules, self.filing_date);
        for (table, _) in self.table_flags() {
            check.nothing_to_list(table);
        }
        for (table, day) in &self.data.exported {
            check.exported(table, *day);
        }
        if self.data.left_out {
            check.left_out(true);
        }
        check.digests(self.digests);
        if let Some(name) = &self.line_column {
            check.line_column(name);
        }
        check.progress(|table, done, total| self.progress.update(table, done, total));
        check
    }

    /// An error where the command line names a file of a table and also states that there is nothing to list.
    fn none_and_file(&self) -> Option<Diagnostic> {
        let is_none = |file: &str| file.eq_ignore_ascii_case("none");
        let mut flags = self.table_flags();
        let (table, _) = flags.find(|(table, file)| {
            is_none(file) && self.table_flags().any(|(other, file)| other == *table && !is_none(file))
        })?;
        Some(errors::none_and_file(table))
    }

    /// The check that the command line asks for. Files and patterns that name nothing are reported by
    /// it, with those that cannot be read.
    pub fn check(&self) -> Check<'_> {
        let mut errors = Vec::new();
        let mut tables = self.table_files(&mut errors);
        let mut declarations = self.declaration_files(&tables, &mut errors);
        let is_stdin = |(_, origin): &NamedFile| matches!(origin, Origin::Stdin);
        let all = declarations.iter().chain(tables.iter().flat_map(|(_, files)| files));
        if let Some(error) = read_twice(all.filter(|file| is_stdin(file)).count()) {
            errors.push(error);
            // A second error about it would only confuse.
            declarations.retain(|file| !is_stdin(file));
            tables.iter_mut().for_each(|(_, files)| files.retain(|file| !is_stdin(file)));
        }
        let mut check = self.empty_check();
        for (name, origin) in declarations {
            check.declaration(name, origin);
        }
        for (table, files) in tables {
            check.nothing_to_list(&table);
            for (name, origin) in files {
                check.table(&table, name, origin);
            }
        }
        for error in errors {
            check.unavailable(error);
        }
        check
    }

    /// Reads everything, evaluates the rules and applies the waivers.
    ///
    /// # Errors
    /// Every file that cannot be found or read or is not what it was provided as.
    pub fn judge(&self) -> Result<Checked<'_>, Failure> {
        self.judge_rows_at_a_time(None)
    }

    /// The same, of many declarations a batch at a time. No entry of them can be explained.
    ///
    /// # Errors
    /// As [`Session::judge`].
    pub fn judge_in_batches(&self) -> Result<Checked<'_>, Failure> {
        self.judge_rows_at_a_time(Some(BATCH))
    }

    fn judge_rows_at_a_time(&self, rows: Option<usize>) -> Result<Checked<'_>, Failure> {
        let checked = self.check().batch(rows).run();
        self.progress.finish();
        Ok(checked?)
    }

    /// Removes the progress bar.
    pub fn finish_progress(&self) {
        self.progress.finish();
    }

    /// An error where a declaration belongs to another configuration than the run's: an account's settings must not
    /// decide about another's entries. The first such declaration is reported.
    fn governed_otherwise(&self, files: &[NamedFile]) -> Option<Diagnostic> {
        if !self.looked_for {
            return None;
        }
        let same = |file: &Option<PathBuf>| file.as_ref().map(std::fs::canonicalize).transpose().ok();
        let ours = same(&self.config_file);
        let mut folder = None;
        files.iter().find_map(|(name, input)| {
            let Origin::Path(path) = input else { return None };
            // Files of one folder have one configuration.
            if folder == path.parent() {
                return None;
            }
            folder = path.parent();
            let theirs = paths::config_above(path);
            if same(&theirs) == ours {
                return None;
            }
            let used = self.config_file.as_deref();
            Some(errors::inputs::several_configurations(name, theirs.as_deref(), used))
        })
    }

    /// The declarations, each once however often it is named. Of a folder or a pattern, the tables of the run
    /// and the list of what `fix` held back are not declarations.
    fn declaration_files(
        &self,
        tables: &[(String, Vec<NamedFile>)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<NamedFile> {
        let place = |input: &Origin| match input {
            Origin::Path(path) => std::fs::canonicalize(path).ok(),
            Origin::Stdin | Origin::Bytes(_) => None,
        };
        let tables: HashSet<PathBuf> =
            tables.iter().flat_map(|(_, files)| files).filter_map(|(_, input)| place(input)).collect();
        let mut seen: HashSet<(PathBuf, Option<String>)> = HashSet::new();
        let mut files = Vec::new();
        for argument in &self.declarations {
            match paths::expand(argument, Path::new(""), &self.data.stdin_name) {
                Ok(mut found) => {
                    if argument != "-" && !Path::new(argument).is_file() {
                        let given = found.len();
                        found.retain(|(_, input)| {
                            place(input)
                                .is_none_or(|place| !tables.contains(&place) && !place.ends_with(HELD))
                        });
                        if found.is_empty() && given > 0 {
                            diagnostics.push(errors::inputs::no_declaration_in(argument));
                        }
                    }
                    diagnostics.extend(self.governed_otherwise(&found));
                    let is_new = |(name, input): &NamedFile| {
                        let sheet = named_sheet(name).1.map(str::to_owned);
                        place(input).is_none_or(|place| seen.insert((place, sheet)))
                    };
                    files.extend(found.into_iter().filter(is_new));
                }
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        files
    }

    /// The tables that the command line names, with a file or pattern or `none`.
    fn table_flags(&self) -> impl Iterator<Item = (&str, &str)> {
        let es003 = self.data.es003.iter().map(|file| ("es003", file.as_str()));
        let tables = self.data.tables.iter().map(|(name, file)| (name.as_str(), file.as_str()));
        es003.chain(tables).chain(self.data.none.iter().map(|name| (name.as_str(), "none")))
    }

    /// Whether the command line reads a table from standard input.
    pub fn names_stdin_for_a_table(&self) -> bool {
        self.table_flags().any(|(_, file)| file == "-")
    }

    /// Each table that was provided, with its files; without files where the user states that there is
    /// nothing to list. The command line comes before the configuration.
    fn table_files(&self, errors: &mut Vec<Diagnostic>) -> Vec<(String, Vec<NamedFile>)> {
        let mut tables: Vec<(String, Vec<NamedFile>)> = Vec::new();
        let unconfined = Confinement::none();
        let mut add = |name: &str, place: Option<Place>, file: &str, base: &Path| {
            let at = tables.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
                tables.push((name.to_owned(), Vec::new()));
                tables.len() - 1
            });
            if file.eq_ignore_ascii_case("none") {
                return;
            }
            // Of a configuration that was found, not even standard input is taken.
            let confined = if place.is_some() { &self.confinement } else { &unconfined };
            match paths::expand_confined(file, base, &self.data.stdin_name, confined) {
                Ok(files) => tables[at].1.extend(files),
                Err(mut error) => {
                    if name != "es003" {
                        error = errors::inputs::or_nothing_to_list(error, name);
                    }
                    errors.push(match place {
                        Some(place) => error.at(place, ""),
                        None => error,
                    });
                }
            }
        };
        for (name, file) in self.table_flags() {
            add(name, None, file, Path::new(""));
        }
        for (name, source) in &self.rules.config().tables {
            if self.table_flags().any(|(flag, _)| flag == name.value) {
                continue;
            }
            match source {
                TableSource::None => add(&name.value, Some(name.place), "none", &self.folder),
                TableSource::Files(files) => {
                    for file in files {
                        add(&name.value, Some(file.place), &file.value, &self.folder);
                    }
                }
            }
        }
        tables
    }
}

/// An error where standard input is named so many times, and more than once.
pub fn read_twice(named: usize) -> Option<Diagnostic> {
    (named > 1).then(errors::inputs::stdin_twice)
}

/// The warning about a filing date that is most likely mistyped.
fn unlikely_filing_date(day: NaiveDate) -> Option<String> {
    // CAPE opened; and years after the last IEEPA entries have liquidated.
    let (first, last) = (NaiveDate::from_ymd_opt(2026, 4, 20)?, NaiveDate::from_ymd_opt(2029, 12, 31)?);
    match day {
        day if day < first => {
            Some(format!("the filing date {day} is before CAPE opened ({first}); is its year right?"))
        }
        day if day > last => Some(format!(
            "the filing date {day} is years after the last IEEPA entries liquidate; is its year right?"
        )),
        _ => None,
    }
}
