//! What the commands that judge have in common: load the rules, read the tables, judge.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};
use hashbrown::HashSet;

use super::Failure;
use super::args::{Data, Inputs, RuleArgs};
use super::paths::{self, Named};
use super::progress::Progress;
use super::rules::{load_config, load_rules};
use crate::calendar::eastern_day;
use crate::config::{Config, Located, TableSource};
use crate::diagnostic::Diagnostic;
use crate::entry;
use crate::finding::Outcome;
use crate::judge::{self, needs};
use crate::report::{self, Format, Options};
use crate::rules::model::{RuleSet, Severity};
use crate::source::{Place, Sources};
use crate::table::declaration::Declarations;
use crate::table::reference::{Chunks, Keep, Request, read_table};
use crate::table::{Entries, FILE, ROW, Table, TableId, Tables};
use crate::waiver;

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
    declarations: Vec<String>,
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
    /// Every mistake in any of these files, and every unknown rule on the command line.
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
        let mut mistakes = Vec::new();
        let config = match &config_file {
            Some(file) => load_config(file, &mut sources).unwrap_or_else(|found| {
                mistakes.extend(found);
                Config::default()
            }),
            None => Config::default(),
        };
        let rules = match load_rules(args, &config, &folder, tests, &mut sources) {
            Ok(rules) if mistakes.is_empty() => rules,
            Ok(_) => return Err(Failure::Mistakes(mistakes, Box::new(sources))),
            Err(found) => {
                mistakes.extend(found);
                return Err(Failure::Mistakes(mistakes, Box::new(sources)));
            }
        };
        let filing_date = data.filing_date.unwrap_or_else(|| eastern_day(Utc::now()));
        match severities(args, &config, &rules, filing_date) {
            Ok(severities) => Ok(Self {
                sources,
                rules,
                config,
                config_file,
                folder,
                filing_date,
                severities,
                declarations,
                data,
            }),
            Err(found) => Err(Failure::Mistakes(found, Box::new(sources))),
        }
    }

    /// Reads the declarations and the tables.
    ///
    /// # Errors
    /// Every file that cannot be read, and every table that is not what it should be.
    pub fn read(&self) -> Result<Loaded, Failure> {
        let mut sources = self.sources.clone();
        let mut entries = Entries::default();
        let mut mistakes = Vec::new();
        let mut declarations = Declarations::new(&self.rules.schemas);
        for argument in &self.declarations {
            match paths::expand(argument, Path::new(""), &self.data.stdin_name) {
                Ok(files) => {
                    for (name, input) in files {
                        let read = input
                            .read_whole(&name, DECLARATION_LIMIT)
                            .and_then(|bytes| declarations.read(&name, &bytes, &mut sources, &mut entries));
                        mistakes.extend(read.err());
                    }
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        let (files, rows) = declarations.finish();
        let corrections = corrections(&self.rules, &rows);
        let mut tables = Tables {
            schemas: self.rules.schemas.clone(),
            tables: self.rules.schemas.iter().map(|_| None).collect(),
        };
        tables.tables[FILE.0] = Some(files);
        tables.tables[ROW.0] = Some(rows);
        let needed = needs::columns(&self.rules, |at| self.severities[at].is_some());
        let left_out = self.data.left_out || self.config.left_out.unwrap_or(false);
        match self.table_files() {
            Ok(given) => {
                for (id, inputs) in given {
                    if inputs.is_empty() {
                        tables.tables[id.0] = Some(Table::default());
                        continue;
                    }
                    let schema = &self.rules.schemas[id.0];
                    let progress = Progress::new(&schema.title);
                    let keep = if left_out && schema.name == "es003" { Keep::All } else { Keep::Declared };
                    let request = Request {
                        id,
                        schemas: &self.rules.schemas,
                        needed: &needed[id.0],
                        corrections: &corrections,
                        keep,
                        progress: &|done, total| progress.tell(done, total),
                        chunks: Chunks::default(),
                    };
                    match read_table(&request, &inputs, &mut sources, &mut entries) {
                        Ok(table) => tables.tables[id.0] = Some(table),
                        Err(found) => mistakes.extend(found),
                    }
                }
            }
            Err(found) => mistakes.extend(found),
        }
        let exported = self.exported().unwrap_or_else(|found| {
            mistakes.extend(found);
            HashMap::new()
        });
        if mistakes.is_empty() {
            Ok(Loaded { sources, entries, tables, exported, left_out })
        } else {
            Err(Failure::Mistakes(mistakes, Box::new(sources)))
        }
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
        waiver::apply(&mut outcome, &waivers);
        Ok(Judgement { outcome, sources: loaded.sources, tables: loaded.tables, entries: loaded.entries })
    }

    /// Each table that was given, with its files; without files where the user says that there is
    /// nothing to list. The command line comes before the configuration.
    fn table_files(&self) -> Result<Vec<(TableId, Vec<Named>)>, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let mut given: Vec<(TableId, Vec<Named>)> = Vec::new();
        let mut add =
            |name: &str, place: Option<Place>, file: &str, base: &Path, mistakes: &mut Vec<Diagnostic>| {
                let Some(id) = self.table(name, place, mistakes) else { return };
                let at = given.iter().position(|(other, _)| *other == id).unwrap_or_else(|| {
                    given.push((id, Vec::new()));
                    given.len() - 1
                });
                if file != "none" {
                    match paths::expand(file, base, &self.data.stdin_name) {
                        Ok(files) => given[at].1.extend(files),
                        Err(mistake) => mistakes.push(match place {
                            Some(place) => mistake.at(place, ""),
                            None => mistake,
                        }),
                    }
                }
            };
        let es003 = self.data.es003.iter().map(|file| ("es003", file));
        let flags: Vec<_> =
            es003.chain(self.data.tables.iter().map(|(name, file)| (name.as_str(), file))).collect();
        for (name, file) in &flags {
            add(name, None, file, Path::new(""), &mut mistakes);
        }
        for (name, source) in &self.config.tables {
            if flags.iter().any(|(flag, _)| *flag == name.value) {
                continue;
            }
            match source {
                TableSource::None => add(&name.value, Some(name.place), "none", &self.folder, &mut mistakes),
                TableSource::Files(files) => {
                    for file in files {
                        add(&name.value, Some(file.place), &file.value, &self.folder, &mut mistakes);
                    }
                }
            }
        }
        if mistakes.is_empty() { Ok(given) } else { Err(mistakes) }
    }

    fn table(&self, name: &str, place: Option<Place>, mistakes: &mut Vec<Diagnostic>) -> Option<TableId> {
        let known = || self.rules.schemas.iter().skip(ROW.0 + 1).map(|schema| schema.name.as_str());
        let found = known().position(|other| other == name).map(|at| TableId(at + ROW.0 + 1));
        if found.is_none() {
            let mut mistake = Diagnostic::new("unknown-table", format!("there is no table `{name}`"))
                .did_you_mean(name, known())
                .help(format!("the tables are {}", known().collect::<Vec<_>>().join(", ")));
            mistake = match place {
                Some(place) => mistake.at(place, ""),
                None => mistake,
            };
            mistakes.push(mistake);
        }
        found
    }

    fn exported(&self) -> Result<HashMap<TableId, NaiveDate>, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let mut exported = HashMap::new();
        let config =
            self.config.exported.iter().map(|(name, day)| (name.value.as_str(), Some(name.place), *day));
        let flags = self.data.exported.iter().map(|(name, day)| (name.as_str(), None, *day));
        for (name, place, day) in config.chain(flags) {
            if let Some(id) = self.table(name, place, &mut mistakes) {
                exported.insert(id, day);
            }
        }
        if mistakes.is_empty() { Ok(exported) } else { Err(mistakes) }
    }

    /// The declarations as given.
    pub fn declarations(&self) -> &[String] {
        &self.declarations
    }
}

/// For each rule its severity after the configuration and the command line; `None`: it does not
/// run, or is not in force on the filing date.
fn severities(
    args: &RuleArgs,
    config: &Config,
    rules: &RuleSet,
    filing_date: NaiveDate,
) -> Result<Vec<Option<Severity>>, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let mut find = |id: &str, place: Option<Place>| {
        let found = rules.rules.iter().position(|rule| rule.id == id);
        if found.is_none() && !rules.off.iter().any(|off| off == id) && !is_own(id) {
            let mistake = crate::rules::unknown_rule(id, rules);
            mistakes.push(match place {
                Some(place) => mistake.at(place, ""),
                None => mistake,
            });
        }
        found
    };
    let in_force = |rule: &crate::rules::model::Rule| rule.in_force(filing_date).then_some(rule.severity);
    let mut severities: Vec<Option<Severity>> = rules.rules.iter().map(in_force).collect();
    let mut set = |at: Option<usize>, severity: Option<Severity>| {
        if let Some(at) = at
            && severities[at].is_some()
        {
            severities[at] = severity;
        }
    };
    for (rule, severity) in &config.severity {
        set(find(&rule.value, Some(rule.place)), *severity);
    }
    for (rule, severity) in &args.severity {
        set(find(rule, None), *severity);
    }
    let mut named = |flags: &[String], config: &[Located<String>]| -> Vec<Option<usize>> {
        if flags.is_empty() {
            config.iter().map(|rule| find(&rule.value, Some(rule.place))).collect()
        } else {
            flags.iter().map(|rule| find(rule, None)).collect()
        }
    };
    let selected = named(&args.select, &config.select);
    let ignored = named(&args.ignore, &config.ignore);
    for waiver in &config.waivers {
        find(&waiver.rule.value, Some(waiver.rule.place));
    }
    for (at, severity) in severities.iter_mut().enumerate() {
        let off = (!selected.is_empty() && !selected.contains(&Some(at))) || ignored.contains(&Some(at));
        if off {
            *severity = None;
        }
    }
    if mistakes.is_empty() { Ok(severities) } else { Err(mistakes) }
}

/// Whether an id is that of a finding about the configuration itself.
fn is_own(id: &str) -> bool {
    id == waiver::EXPIRED || id == waiver::UNUSED
}

/// What the unreadable entry numbers of the declarations may mean.
fn corrections(rules: &RuleSet, rows: &Table) -> HashSet<crate::entry::EntryNumber> {
    let Some(column) = rules.schemas[ROW.0].key.and_then(|key| rows.columns.get(key)) else {
        return HashSet::new();
    };
    let unread = rows.rows.iter().enumerate().filter(|(_, row)| row.entry.is_none());
    unread
        .take(CORRECTED)
        .filter_map(|(at, _)| column.cell(at))
        .flat_map(|cell| entry::corrections(&cell.text))
        .collect()
}
