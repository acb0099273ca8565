//! What the commands that judge have in common: load the rules, read the tables, judge.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};
use hashbrown::HashSet;

use super::Failure;
use super::args::{Data, Inputs, RuleArgs};
use super::disk::Origin;
use super::fix::HELD;
use super::paths::{self, Named};
use super::progress::Progress;
use super::rules::{load_config, load_rules};
use capelint::calendar::eastern_day;
use capelint::config::{Config, RuleName, TableSource, check_names, rule_named, rule_to_select, table_named};
use capelint::diagnostic::Diagnostic;
use capelint::entry::EntryNumber;
use capelint::finding::Outcome;
use capelint::input::Input;
use capelint::judge::{self, needs};
use capelint::report::{self, Format, Options};
use capelint::rules::model::{RuleId, RuleSet, Severity};
use capelint::source::{Place, Sources};
use capelint::table::declaration::Declarations;
use capelint::table::reference::{Keep, Request, read_table};
use capelint::table::{Entries, FILE, ROW, Table, TableId, Tables};
use capelint::waiver;

/// The most bytes a declaration may have: far more than any planning sheet.
const DECLARATION_LIMIT: u64 = 256 << 20;

/// For how many unreadable entry numbers the tables are asked what may be meant.
const CORRECTED: usize = 1000;

/// Rules and settings, ready to judge.
pub struct Session {
    /// The rule files and the configuration.
    pub sources: Sources,
    /// The rules.
    pub rules: RuleSet,
    /// The configuration.
    pub config: Config,
    /// Its file, where there is one.
    pub config_file: Option<PathBuf>,
    /// The folder that its paths count from.
    pub folder: PathBuf,
    /// The day of filing.
    pub filing_date: NaiveDate,
    /// For each rule its severity after all has been said; `None`: it does not run.
    pub severities: Vec<Option<Severity>>,
    waivers: [(&'static str, Option<Severity>); 2],
    /// Whether the configuration was looked for, not named.
    looked_for: bool,
    declarations: Vec<String>,
    /// Declarations that are no files, with the names to call them by.
    made: Vec<Named>,
    data: Data,
}

/// The tables of a run.
pub struct Loaded {
    /// All files.
    pub sources: Sources,
    /// The declared entries.
    pub entries: Entries,
    /// The declarations and the reference tables.
    pub tables: Tables,
    exported: HashMap<TableId, NaiveDate>,
    left_out: bool,
}

/// An outcome with all that reports of it need.
pub struct Judgement {
    /// What came out.
    pub outcome: Outcome,
    /// All files.
    pub sources: Sources,
    /// The tables, for excerpts.
    pub tables: Tables,
    /// The declared entries.
    pub entries: Entries,
}

impl Judgement {
    /// Renders the outcome.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn render(&self, format: Format, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        report::render(format, &self.outcome, &self.sources, &(&self.tables, &self.sources), options, out)
    }
}

impl Session {
    /// Loads the configuration and the rules.
    ///
    /// # Errors
    /// Every error in any of these files, and every unknown rule on the command line.
    pub fn open(inputs: &Inputs) -> Result<Self, Failure> {
        let first = inputs.declarations.first().filter(|first| *first != "-");
        let near = first.map_or(Path::new("."), |first| {
            // A pattern's folder is what stands before it.
            let path = Path::new(first.split(['*', '?', '[']).next().unwrap_or(first));
            if first.contains(['*', '?', '[']) && !path.is_dir() {
                path.parent().unwrap_or(path)
            } else {
                path
            }
        });
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
        let mut sources = Sources::default();
        let config_file = match (&args.config, args.isolated) {
            (_, true) => None,
            (Some(file), _) => Some(file.clone()),
            (None, false) => paths::config_above(near),
        };
        let folder = config_file.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        let mut diagnostics = Vec::new();
        let config = match &config_file {
            Some(file) => load_config(file, &mut sources).unwrap_or_else(|found| {
                diagnostics.extend(found);
                Config::default()
            }),
            None => Config::default(),
        };
        let rules = match load_rules(args, &config, &folder, tests, &mut sources) {
            Ok(rules) if diagnostics.is_empty() => rules,
            Ok(_) => return Err(Failure::Diagnostics(diagnostics, Box::new(sources))),
            Err(found) => {
                diagnostics.extend(found);
                return Err(Failure::Diagnostics(diagnostics, Box::new(sources)));
            }
        };
        let filing_date = data.filing_date.unwrap_or_else(|| eastern_day(Utc::now()));
        let mut diagnostics = check_names(&config, &rules);
        let severities =
            severities(args, &config, &rules, filing_date).map_err(|found| diagnostics.extend(found)).ok();
        let es003 = data.es003.iter().map(|_| "es003");
        let tables = data.tables.iter().map(|(name, _)| name.as_str());
        let exported = data.exported.iter().map(|(name, _)| name.as_str());
        let mut tables: Vec<&str> = es003.chain(tables).chain(exported).collect();
        tables.dedup();
        diagnostics.extend(tables.into_iter().filter_map(|name| table_named(name, &rules).err()));
        diagnostics.extend(exported_later(&data, &config, filing_date));
        match severities {
            Some(Severities { rules: severities, waivers, .. }) if diagnostics.is_empty() => Ok(Self {
                sources,
                rules,
                config,
                config_file,
                folder,
                filing_date,
                severities,
                waivers,
                looked_for: args.config.is_none() && !args.isolated,
                declarations,
                made: Vec::new(),
                data,
            }),
            _ => Err(Failure::Diagnostics(diagnostics, Box::new(sources))),
        }
    }

    /// Reads the declarations and the tables.
    ///
    /// # Errors
    /// Every file that cannot be read, and every table that is not what it should be.
    pub fn read(&self) -> Result<Loaded, Failure> {
        let mut sources = self.sources.clone();
        let mut entries = Entries::default();
        let mut diagnostics = Vec::new();
        let mut declarations = Declarations::new(&self.rules.schemas);
        let given = self.table_files().unwrap_or_else(|found| {
            diagnostics.extend(found);
            Vec::new()
        });
        for (name, input) in self.declaration_files(&given, &mut diagnostics) {
            let read = Input::from(input)
                .read_whole(&name, DECLARATION_LIMIT)
                .and_then(|bytes| declarations.read(&name, &bytes, &mut sources, &mut entries));
            diagnostics.extend(read.err());
        }
        let corrections = declarations.corrections(CORRECTED);
        let left_out = self.data.left_out || self.config.left_out.unwrap_or(false);
        // The cells of the declarations are read while the tables are.
        let ((files, rows), given) = rayon::join(
            || declarations.finish(),
            || self.read_tables(given, &corrections, left_out, &mut sources, &mut entries, &mut diagnostics),
        );
        let mut tables = Tables {
            schemas: self.rules.schemas.clone(),
            tables: self.rules.schemas.iter().map(|_| None).collect(),
        };
        for (id, table) in [(FILE, files), (ROW, rows)].into_iter().chain(given) {
            tables.tables[id.0] = Some(table);
        }
        let exported = self.exported();
        if diagnostics.is_empty() {
            Ok(Loaded { sources, entries, tables, exported, left_out })
        } else {
            Err(Failure::Diagnostics(diagnostics, Box::new(sources)))
        }
    }

    /// An error where a declaration lies under another configuration than the run's: an account's
    /// settings must not decide about another's entries. One is enough to say so.
    fn governed_otherwise(&self, files: &[Named]) -> Option<Diagnostic> {
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
            let told = |file: &Option<PathBuf>| {
                file.as_ref().map_or("no configuration".to_owned(), |file| format!("`{}`", file.display()))
            };
            Some(
                Diagnostic::new(
                    "several-configurations",
                    format!(
                        "`{name}` lies under {}, but this run goes by {}",
                        told(&theirs),
                        told(&self.config_file)
                    ),
                )
                .help("check what belongs together in a run of its own, or name the configuration of all with --config"),
            )
        })
    }

    /// The declarations, each once however often it is named. Of a folder or a pattern, the tables of
    /// the run and the list of what `fix` held back are no declarations.
    fn declaration_files(
        &self,
        tables: &[(TableId, Vec<Named>)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Named> {
        let place = |input: &Origin| match input {
            Origin::Path(path) => std::fs::canonicalize(path).ok(),
            Origin::Stdin | Origin::Bytes(_) => None,
        };
        let tables: HashSet<PathBuf> =
            tables.iter().flat_map(|(_, files)| files).filter_map(|(_, input)| place(input)).collect();
        let mut seen = HashSet::new();
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
                            let message = format!("no declaration in `{argument}`");
                            diagnostics.push(
                                Diagnostic::new("nothing-there", message)
                                    .help(format!("tables of this run are no declarations, nor is {HELD}")),
                            );
                        }
                    }
                    diagnostics.extend(self.governed_otherwise(&found));
                    files.extend(
                        found
                            .into_iter()
                            .filter(|(_, input)| place(input).is_none_or(|place| seen.insert(place))),
                    );
                }
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        files.extend(self.made.iter().cloned());
        files
    }

    /// Adds a declaration that is no file.
    pub fn declare(&mut self, name: &str, bytes: &[u8]) {
        self.made.push((name.to_owned(), Origin::Bytes(bytes.into())));
    }

    /// Whether any reference table is given.
    pub fn has_tables(&self) -> bool {
        !self.data.es003.is_empty() || !self.data.tables.is_empty() || !self.config.tables.is_empty()
    }

    /// Reads the tables that were given.
    fn read_tables(
        &self,
        given: Vec<(TableId, Vec<Named>)>,
        corrections: &HashSet<EntryNumber>,
        left_out: bool,
        sources: &mut Sources,
        entries: &mut Entries,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<(TableId, Table)> {
        let asked = needs::columns(&self.rules, |at| self.severities[at].is_some());
        let mut tables = Vec::with_capacity(given.len());
        for (id, inputs) in given {
            if inputs.is_empty() {
                tables.push((id, Table::default()));
                continue;
            }
            let schema = &self.rules.schemas[id.0];
            let progress = Progress::new(&schema.title);
            let request = Request {
                asked: &asked[id.0],
                corrections: Some(corrections),
                keep: if left_out && schema.name == "es003" { Keep::All } else { Keep::Declared },
                progress: &|done, total| progress.tell(done, total),
                ..Request::new(id, &self.rules.schemas)
            };
            let inputs: Vec<_> = inputs.into_iter().map(|(name, origin)| (name, origin.into())).collect();
            match read_table(&request, &inputs, sources, entries) {
                Ok(table) => tables.push((id, table)),
                Err(found) => diagnostics.extend(found),
            }
        }
        tables
    }

    /// What the judge looks at.
    pub fn input<'a>(&'a self, loaded: &'a Loaded) -> judge::Input<'a> {
        judge::Input {
            rules: &self.rules,
            severities: self.severities.clone(),
            tables: &loaded.tables,
            sources: &loaded.sources,
            entries: &loaded.entries,
            account: &self.config.account,
            filing_date: self.filing_date,
            exported: loaded.exported.clone(),
            values: HashMap::new(),
            left_out: loaded.left_out,
        }
    }

    /// Reads and judges, and applies the waivers.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn judge(&self) -> Result<Judgement, Failure> {
        let loaded = self.read()?;
        let mut outcome = judge::judge(&self.input(&loaded));
        // A waiver of a rule that does not run cannot be used; that says nothing about it.
        let runs = |id: &str| {
            self.rules
                .rules
                .iter()
                .zip(&self.severities)
                .any(|(rule, severity)| rule.id == id && severity.is_some())
        };
        let waivers: Vec<_> =
            self.config.waivers.iter().filter(|waiver| runs(&waiver.rule.value)).cloned().collect();
        let of_notices = |id: &str| {
            self.waivers.iter().find(|(other, _)| *other == id).and_then(|(_, severity)| *severity)
        };
        waiver::apply(&mut outcome, &waivers, of_notices);
        Ok(Judgement { outcome, sources: loaded.sources, tables: loaded.tables, entries: loaded.entries })
    }

    /// Each table that was given, with its files; without files where the user says that there is
    /// nothing to list. The command line comes before the configuration.
    fn table_files(&self) -> Result<Vec<(TableId, Vec<Named>)>, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let mut given: Vec<(TableId, Vec<Named>)> = Vec::new();
        let mut add =
            |name: &str, place: Option<Place>, file: &str, base: &Path, diagnostics: &mut Vec<Diagnostic>| {
                // A session has no names of tables that are not there.
                let Ok(id) = table_named(name, &self.rules) else { return };
                let at = given.iter().position(|(other, _)| *other == id).unwrap_or_else(|| {
                    given.push((id, Vec::new()));
                    given.len() - 1
                });
                if !file.eq_ignore_ascii_case("none") {
                    match paths::expand(file, base, &self.data.stdin_name) {
                        Ok(files) => given[at].1.extend(files),
                        Err(diagnostic) => diagnostics.push(match place {
                            Some(place) => diagnostic.at(place, ""),
                            None => diagnostic,
                        }),
                    }
                }
            };
        let es003 = self.data.es003.iter().map(|file| ("es003", file));
        let flags: Vec<_> =
            es003.chain(self.data.tables.iter().map(|(name, file)| (name.as_str(), file))).collect();
        for (name, file) in &flags {
            add(name, None, file, Path::new(""), &mut diagnostics);
        }
        for (name, source) in &self.config.tables {
            if flags.iter().any(|(flag, _)| *flag == name.value) {
                continue;
            }
            match source {
                TableSource::None => {
                    add(&name.value, Some(name.place), "none", &self.folder, &mut diagnostics)
                }
                TableSource::Files(files) => {
                    for file in files {
                        add(&name.value, Some(file.place), &file.value, &self.folder, &mut diagnostics);
                    }
                }
            }
        }
        if diagnostics.is_empty() { Ok(given) } else { Err(diagnostics) }
    }

    /// When tables were exported, where somebody says so. The command line comes last, and wins.
    fn exported(&self) -> HashMap<TableId, NaiveDate> {
        let config = self.config.exported.iter().map(|(name, day)| (&name.value, *day));
        let said = config.chain(self.data.exported.iter().map(|(name, day)| (name, *day)));
        said.filter_map(|(name, day)| Some((table_named(name, &self.rules).ok()?, day))).collect()
    }
}

/// Exports of days after the day of filing: a mistyped day would make an old export look new.
fn exported_later(data: &Data, config: &Config, filing_date: NaiveDate) -> Vec<Diagnostic> {
    let flags = data.exported.iter().map(|(name, day)| (name, *day, None));
    let config = (config.exported.iter())
        .filter(|(name, _)| !data.exported.iter().any(|(flag, _)| *flag == name.value))
        .map(|(name, day)| (&name.value, *day, Some(name.place)));
    flags
        .chain(config)
        .filter(|(_, day, _)| *day > filing_date)
        .map(|(name, day, place)| {
            let message = format!(
                "`{name}` cannot have been exported on {day}, after the day of filing, {filing_date}"
            );
            let diagnostic = Diagnostic::new("exported-later", message)
                .help("give the day of the export, and the day of the upload with --filing-date");
            match place {
                Some(place) => diagnostic.at(place, ""),
                None => diagnostic,
            }
        })
        .collect()
}

/// How bad findings are, after the configuration and the command line.
struct Severities {
    /// For each rule; `None`: it does not run, or is not in force on the filing date.
    rules: Vec<Option<Severity>>,
    /// Whether each rule is in force.
    in_force: Vec<bool>,
    /// For the findings on waivers, by their ids; `None`: they are not reported.
    waivers: [(&'static str, Option<Severity>); 2],
}

impl Severities {
    fn set(
        &mut self,
        name: Result<RuleName, Diagnostic>,
        severity: Option<Severity>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        match name {
            Ok(RuleName::Rule(rule)) => {
                let at = usize::from(rule.0);
                self.rules[at] = severity.filter(|_| self.in_force[at]);
            }
            Ok(RuleName::Waiver(id)) => {
                for (_, of) in self.waivers.iter_mut().filter(|(other, _)| *other == id) {
                    *of = severity;
                }
            }
            Ok(RuleName::Off) => {}
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
}

/// Works out the severities. What is wrong with the names of the configuration is for
/// [`check_names`]; they are passed over here.
///
/// # Errors
/// Names of the command line that no rule has.
fn severities(
    args: &RuleArgs,
    config: &Config,
    rules: &RuleSet,
    filing_date: NaiveDate,
) -> Result<Severities, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let in_force: Vec<bool> = rules.rules.iter().map(|rule| rule.in_force(filing_date)).collect();
    let own = rules.rules.iter().zip(&in_force);
    let mut severities = Severities {
        rules: own.map(|(rule, in_force)| in_force.then_some(rule.severity)).collect(),
        in_force,
        waivers: [waiver::EXPIRED, waiver::UNUSED].map(|id| (id, Some(Severity::Warning))),
    };
    for (rule, severity) in &config.severity {
        severities.set(rule_named(&rule.value, rules), *severity, &mut Vec::new());
    }
    for (rule, severity) in &args.severity {
        severities.set(rule_named(rule, rules), *severity, &mut diagnostics);
    }
    let selected: Vec<_> = if args.select.is_empty() {
        config.select.iter().filter_map(|rule| rule_to_select(&rule.value, rules).ok()).collect()
    } else {
        let found = args.select.iter().map(|rule| rule_to_select(rule, rules));
        found.filter_map(|found| found.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()).collect()
    };
    if !selected.is_empty() {
        for (at, severity) in severities.rules.iter_mut().enumerate() {
            *severity = severity.filter(|_| selected.contains(&RuleId(at as u16)));
        }
    }
    if args.ignore.is_empty() {
        for rule in &config.ignore {
            severities.set(rule_named(&rule.value, rules), None, &mut Vec::new());
        }
    }
    for rule in &args.ignore {
        severities.set(rule_named(rule, rules), None, &mut diagnostics);
    }
    if diagnostics.is_empty() { Ok(severities) } else { Err(diagnostics) }
}
