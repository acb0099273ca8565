//! The boundary between the page and capelint's engine: JavaScript's values in, JSON and bytes out.
//!
//! The page's worker calls one method at a time, so everything here is single-threaded. What a method
//! takes and gives is described by `app/protocol.ts`. An error is a text: JSON with the diagnostics at
//! their places and, for those who read it as it is, all of them drawn.
#![forbid(unsafe_code)]

mod answers;
mod files;
mod outputs;

use std::path::Path;

use capelint::{Check, Errors, Include, Loader, PlanOptions, RuleSource, Rules, Sets};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use answers::{Checked, Figures, json};
use outputs::Outputs;

/// The engine. It keeps no result: what a check gives is handed over, so that the worker can end and its
/// memory, which never shrinks, with it.
#[wasm_bindgen]
pub struct Engine;

/// A text with its name.
#[derive(Deserialize)]
struct Named {
    name: String,
    text: String,
}

/// A provided file and what it is used as: `declaration` or `table:NAME`.
#[derive(Deserialize)]
struct Used {
    id: u32,
    name: String,
    #[serde(rename = "use")]
    used_as: String,
    /// How many entries it has, once they are counted.
    entries: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    files: Vec<Used>,
    configuration: String,
    rules: Vec<Named>,
    filing_date: String,
}

const CONFIGURATION: &str = "capelint.yaml";

/// What a declaration is used as.
const DECLARATION: &str = "declaration";

#[wasm_bindgen]
impl Engine {
    /// An engine that calls a function with the title of what it reads, how many bytes it read, and how many
    /// there are.
    #[wasm_bindgen(constructor)]
    pub fn new(progress: js_sys::Function) -> Self {
        files::set_progress(progress);
        Self
    }

    /// The version, the rule pack, and the tables that can be provided.
    ///
    /// # Errors
    /// None.
    pub fn about(&self) -> Result<String, String> {
        let rules = rules("", &[], false)?;
        json(&answers::about(&rules))
    }

    /// Takes in a file.
    pub fn hold(&self, id: u32, file: web_sys::File) {
        files::add(id, file);
    }

    /// Returns what a file is.
    ///
    /// # Errors
    /// A file that cannot be read or is not a table.
    pub fn recognize(&self, id: u32, name: &str) -> Result<String, String> {
        let rules = rules("", &[], false)?;
        let recognized = rules.recognize(name, &files::input(id));
        json(&answers::recognized(&recognized.map_err(|error| refused(&error.into()))?))
    }

    /// Counts the entries and rows of a file.
    ///
    /// # Errors
    /// A file that is not what it is used as.
    pub fn count(&self, id: u32, used_as: &str) -> Result<String, String> {
        let rules = rules("", &[], false)?;
        let file_use = answers::file_use(used_as);
        let counted = rules.count(&file_use, &files::name(id), &files::input(id), &files::report_progress);
        json(&answers::Counted::from(counted.map_err(|errors| refused(&errors))?))
    }

    /// Forgets a file.
    pub fn forget(&self, id: u32) {
        files::remove(id);
    }

    /// Checks the declarations; where there are none, every entry of the export. Gives the answer as JSON
    /// with the report, the table of entries and the upload files: see `Outputs` in `app/protocol.ts`.
    ///
    /// # Errors
    /// Errors in the configuration, the rules and the files.
    pub fn check(&self, request: &str) -> Result<JsValue, String> {
        let request: Request = parse(request)?;
        let rules = rules(&request.configuration, &request.rules, false)?;
        let check = request.prepare(&rules, true)?;
        let named = request.named(rules.config());
        let mut figures = Figures::default();
        let mut outputs = Outputs::default();
        let answer = if request.is_planned() {
            let plan = outputs.plan(&check, request.batch(), &mut |checked| figures.add(checked))?;
            let overall = plan.overall().ok_or("the plan has no outcome")?;
            if let Some(checked) = &plan.checked {
                outputs.table(checked)?;
            }
            json(&Checked::of(figures, overall, true, &named, &rules))?
        } else {
            let checked = check.run().map_err(|errors| refused(&errors))?;
            figures.add(&checked);
            let plan =
                checked.plan(Include::default(), Sets::default()).map_err(|error| error.to_string())?;
            outputs.files(&checked.files(&plan))?;
            outputs.text = plan.balance.to_string();
            outputs.report(&checked)?;
            outputs.table(&checked)?;
            json(&Checked::of(figures, &checked, false, &named, &rules))?
        };
        outputs.with(&answer)
    }

    /// Plans the upload of the whole export, whatever the declarations name. Gives what [`Engine::check`]
    /// gives, without an answer and a table.
    ///
    /// # Errors
    /// As [`Engine::check`], and where there is no ES-003.
    pub fn plan(&self, request: &str) -> Result<JsValue, String> {
        let request: Request = parse(request)?;
        let rules = rules(&request.configuration, &request.rules, false)?;
        let check = request.prepare(&rules, false)?;
        let mut outputs = Outputs::default();
        outputs.plan(&check, request.batch(), &mut |_| {})?;
        outputs.with("null")
    }

    /// What the house rules change: the verdicts without and with them, and the entries whose verdict differs.
    ///
    /// # Errors
    /// As [`Engine::check`].
    pub fn compare(&self, request: &str) -> Result<String, String> {
        let request: Request = parse(request)?;
        let verdicts = |house: &[Named]| {
            let rules = rules(&request.configuration, house, false)?;
            let check = request.prepare(&rules, true)?;
            let mut seen = answers::Seen::default();
            if request.is_planned() {
                Outputs::default().plan(&check, request.batch(), &mut |checked| seen.add(checked))?;
            } else {
                seen.add(&check.run().map_err(|errors| refused(&errors))?);
            }
            Ok::<_, String>(seen)
        };
        json(&answers::Compared::of(&verdicts(&[])?, &verdicts(&request.rules)?))
    }

    /// Explains a message that CBP or ACE showed, its code, or a rule.
    ///
    /// # Errors
    /// Where nothing is known about it.
    pub fn explain(&self, text: &str) -> Result<String, String> {
        let rules = rules("", &[], true)?;
        if let Some(rule) = rules.describe_rule(text) {
            return json(&rule.to_string());
        }
        let explained = rules.explain_text(text);
        if explained.is_empty() {
            return Err("nothing is known about this text; paste the message as CBP or ACE showed it".into());
        }
        json(&explained.to_string())
    }

    /// All rules, to be read.
    ///
    /// # Errors
    /// Errors in the house rules.
    pub fn rules(&self, house: &str) -> Result<String, String> {
        json(&answers::rules(&rules("", &parse::<Vec<Named>>(house)?, true)?))
    }

    /// The errors in house rules.
    ///
    /// # Errors
    /// None.
    pub fn lint(&self, house: &str) -> Result<String, String> {
        json(&match load("", &parse::<Vec<Named>>(house)?, false) {
            Ok(_) => Vec::new(),
            Err(errors) => answers::diagnostics(&errors),
        })
    }

    /// Runs the tests in house rules.
    ///
    /// # Errors
    /// Errors in the house rules.
    pub fn test(&self, house: &str) -> Result<String, String> {
        let house: Vec<Named> = parse(house)?;
        let rules = rules("", &house, true)?;
        json(&answers::tests(&rules, |name| house.iter().any(|file| file.name == name)))
    }

    /// The errors in a configuration.
    ///
    /// # Errors
    /// None.
    pub fn configuration(&self, text: &str) -> Result<String, String> {
        json(&match load(text, &[], false) {
            Ok(_) => Vec::new(),
            Err(errors) => answers::diagnostics(&errors),
        })
    }
}

impl Request {
    /// How many entries of the export are evaluated at a time: as the command line does it, and fewer where
    /// there are so many that the report names none. A browser has less memory to give.
    fn batch(&self) -> usize {
        let export = self.files.iter().filter(|file| file.used_as == "table:es003");
        let entries: usize = export.filter_map(|file| file.entries).sum();
        if entries > PlanOptions::BATCH { PlanOptions::BATCH / 5 } else { PlanOptions::BATCH }
    }

    /// Whether every entry of the export is checked, because no declaration was provided.
    fn is_planned(&self) -> bool {
        self.files.iter().all(|file| file.used_as != DECLARATION)
    }

    /// A check of the provided files; without declarations, of the tables alone.
    fn prepare<'r>(&self, rules: &'r Rules, declarations: bool) -> Result<Check<'r>, String> {
        let filing_date = NaiveDate::parse_from_str(&self.filing_date, "%Y-%m-%d").map_err(|_| {
            format!("`{}` is not a date; give the filing date as YYYY-MM-DD", self.filing_date)
        })?;
        let mut check = Check::new(rules, filing_date);
        for Used { id, name, used_as, entries: _ } in &self.files {
            match used_as.strip_prefix("table:") {
                Some(table) => {
                    check.table(table, name, files::input(*id));
                }
                None if declarations => {
                    check.declaration(name, files::input(*id));
                }
                None => {}
            }
        }
        for (table, source) in &rules.config().tables {
            if *source == capelint::frontend::config::TableSource::None {
                check.nothing_to_list(&table.value);
            }
        }
        check.progress(files::report_progress);
        Ok(check)
    }

    /// The files that the configuration names and that were not provided.
    fn named(&self, config: &capelint::frontend::config::Config) -> Vec<String> {
        let has = |name: &str| {
            let last = Path::new(name).file_name().map(|last| last.to_string_lossy());
            self.files.iter().any(|file| Some(file.name.as_str()) == last.as_deref())
        };
        let tables = config.tables.iter().filter_map(|(table, source)| match source {
            capelint::frontend::config::TableSource::Files(files) => Some((table, files)),
            capelint::frontend::config::TableSource::None => None,
        });
        tables
            .filter(|(table, _)| {
                let used_as = format!("table:{}", table.value);
                self.files.iter().all(|file| file.used_as != used_as)
            })
            .flat_map(|(_, files)| files)
            .map(|file| file.value.clone())
            .filter(|name| !has(name))
            .collect()
    }
}

/// The built-in pack, a configuration and house rules.
fn load(configuration: &str, house: &[Named], tests: bool) -> Result<Rules, Errors> {
    let mut loader = Loader::new();
    if !configuration.is_empty() {
        loader.configuration(CONFIGURATION, configuration.as_bytes());
    }
    for Named { name, text } in house {
        loader.rule_file(RuleSource::new(name.clone(), text.as_bytes(), |file| {
            Err(format!("the page cannot read `{file}`: write the list into the rule file (`rows`)"))
        }));
    }
    if tests {
        loader.with_tests();
    }
    loader.load()
}

fn rules(configuration: &str, house: &[Named], tests: bool) -> Result<Rules, String> {
    load(configuration, house, tests).map_err(|errors| refused(&errors))
}

/// Errors as the page reads them.
fn refused(errors: &Errors) -> String {
    #[derive(Serialize)]
    struct Refused {
        diagnostics: Vec<answers::Diagnostic>,
        text: String,
    }
    let refused = Refused { diagnostics: answers::diagnostics(errors), text: errors.to_string() };
    json(&refused).unwrap_or_else(|error| error)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("the page and its engine disagree: {error}"))
}
