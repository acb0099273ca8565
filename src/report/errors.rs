//! Errors in rule files, configurations and tables in the formats of programs, so that an editor or a
//! CI system shows them at their place. [`super::diagnostic`] draws them for people.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::Format;
use super::github::{data, property};
use crate::diagnostic::{Diagnostic, PlaceLabel};
use crate::outside::{Outside, OutsideString};
use crate::source::Sources;

/// The errors in a format; `None` for formats that people read.
pub fn render(format: Format, diagnostics: &[Diagnostic], sources: &Sources) -> Option<String> {
    Some(match format {
        Format::Short => short(diagnostics, sources),
        Format::Json => pretty(&json!({ "errors": json(diagnostics, sources) })),
        Format::Jsonl => json(diagnostics, sources).as_array().into_iter().flatten().fold(
            String::new(),
            |mut lines, error| {
                let _ = writeln!(lines, "{}", json!({ "type": "error", "error": error }));
                lines
            },
        ),
        Format::Github => github(diagnostics, sources),
        Format::Gitlab => gitlab(diagnostics, sources),
        Format::Sarif => sarif(diagnostics, sources),
        Format::Human | Format::Full | Format::Junit | Format::Csv | Format::Html | Format::Markdown => {
            return None;
        }
    })
}

/// One line for each error: `FILE:LINE:COLUMN: error[CODE]: MESSAGE; HELP`.
pub fn short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = diagnostic.labels.first() {
            let _ = write!(lines, "{}: ", sources.show(label.place));
        }
        let _ = write!(lines, "error[{}]: {}", code(diagnostic), diagnostic.message);
        for help in &diagnostic.help {
            let _ = write!(lines, "; {help}");
        }
        lines.push('\n');
    }
    lines
}

/// Workflow commands that annotate the files.
pub fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        lines.push_str("::error ");
        if let Some(PlaceLabel { place, .. }) = diagnostic.labels.first() {
            let file = property(&sources.name(place.file).shown());
            let _ = write!(lines, "file={file},line={},col={},", place.line, place.column);
        }
        let title = property(&format!("capelint {}", code(diagnostic)));
        let _ = writeln!(lines, "title={title}::{}", data(&with_help(diagnostic)));
    }
    lines
}

/// The errors that kept capelint from running, in place of what a command prints otherwise.
#[derive(JsonSchema, Serialize)]
pub struct ErrorDocument {
    errors: Vec<ErrorRecord>,
}

/// An error.
#[derive(JsonSchema, Serialize)]
pub struct ErrorRecord {
    /// `capelint explain CODE` explains it.
    code: String,
    message: String,
    /// The places that it is about, the one in error first.
    places: Vec<ErrorPlace>,
    /// The next steps, one after the other.
    help: String,
}

/// A place that an error is about.
#[derive(JsonSchema, Serialize)]
struct ErrorPlace {
    file: String,
    /// One-based.
    line: u64,
    /// One-based, in Unicode scalar values.
    column: u32,
    /// The text of the label; may be empty.
    text: String,
}

/// The errors with all their places.
pub fn records(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<ErrorRecord> {
    let place = |label: &PlaceLabel| ErrorPlace {
        file: sources.name(label.place.file).shown().into_owned(),
        line: label.place.line.into(),
        column: label.place.column,
        text: label.text.shown().into_owned(),
    };
    let error = |diagnostic: &Diagnostic| ErrorRecord {
        code: code(diagnostic),
        message: diagnostic.message.shown().into_owned(),
        places: diagnostic.labels.iter().map(place).collect(),
        help: diagnostic.help.iter().map(OutsideString::shown).collect::<Vec<_>>().join("; "),
    };
    diagnostics.iter().map(error).collect()
}

/// [`records`] as a list.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    json!(records(diagnostics, sources))
}

fn gitlab(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let issue = |(at, diagnostic): (usize, &Diagnostic)| {
        let label = diagnostic.labels.first();
        let file = label.map_or_else(Outside::default, |label| sources.name(label.place.file));
        let line = label.map_or(1, |label| label.place.line);
        json!({
            "description": with_help(diagnostic),
            "check_name": code(diagnostic),
            "fingerprint": format!("{}-{}-{line}-{at}", code(diagnostic), file),
            "severity": "blocker",
            "location": { "path": file.shown(), "lines": { "begin": line } },
        })
    };
    pretty(&diagnostics.iter().enumerate().map(issue).collect::<Value>())
}

fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let notification = |diagnostic: &Diagnostic| {
        let location = |label: &PlaceLabel| {
            json!({
                "physicalLocation": {
                    "artifactLocation": { "uri": super::uri::uri(&sources.name(label.place.file).shown()) },
                    "region": { "startLine": label.place.line, "startColumn": label.place.column },
                },
            })
        };
        json!({
            "level": "error",
            "message": { "text": with_help(diagnostic) },
            "descriptor": { "id": format!("capelint/{}", code(diagnostic)) },
            "locations": diagnostic.labels.iter().take(1).map(location).collect::<Vec<_>>(),
        })
    };
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "capelint",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
            } },
            "invocations": [{
                "executionSuccessful": false,
                "toolConfigurationNotifications": diagnostics.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": [],
        }],
    }))
}

fn code(diagnostic: &Diagnostic) -> String {
    diagnostic.code.to_string()
}

/// The message with its help.
fn with_help(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.iter().map(|help| format!("; {help}"));
    format!("{}{}", diagnostic.message, help.collect::<String>())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn every_format_names_the_place_and_lets_nothing_through() {
        let mut sources = Sources::default();
        let text = "rules:\n  - { id: a,b\u{1b} }\n";
        let file = crate::rules::RuleSource::new("a%0A.yaml", text, |_| Err(String::new()));
        let found = crate::rules::load(vec![file], crate::rules::CompileOptions::default(), &mut sources)
            .unwrap_err();
        for format in
            [Format::Short, Format::Json, Format::Jsonl, Format::Github, Format::Gitlab, Format::Sarif]
        {
            let told = render(format, &found, &sources).unwrap();
            assert!(told.contains("control-character") && !told.contains('\u{1b}'), "{told}");
        }
        assert!(render(Format::Github, &found, &sources).unwrap().contains("line=2"));
        assert!(render(Format::Html, &found, &sources).is_none());
    }
}
