//! SARIF 2.1.0, for code scanning and editors.
//!
//! GitHub keeps 5,000 results of a run, so at most [`RESULTS`] are written, most severe first, and
//! the rest is counted in the run's notifications, as is everything that could not be decided.
//! Fingerprints are of rule and entry, so that rows added to a declaration make no finding new.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::fingerprint::Fingerprints;
use super::uri::uri;
use super::{ReportInput, json, text, words};
use crate::finding::{Finding, Severity, Waived};
use crate::outside::{Outside, OutsideString};
use crate::source::{Place, column_letters};

/// How many results are written.
pub const RESULTS: usize = 5000;

/// The name that stands for the directory that relative paths count from.
const BASE: &str = "%SRCROOT%";

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = input.outcome;
    let mut fingerprints = Fingerprints::default();
    let mut findings: Vec<(&Finding, String)> =
        outcome.findings.iter().map(|finding| (finding, fingerprints.next(input, finding))).collect();
    // Stable: within a severity the outcome's order stays. What is waived comes last of all.
    findings.sort_by_key(|(finding, _)| (finding.waived.is_some(), std::cmp::Reverse(finding.severity)));
    let left_out = findings.len().saturating_sub(RESULTS);
    findings.truncate(RESULTS);
    let results: Vec<Value> =
        findings.iter().map(|(finding, fingerprint)| result(input, finding, fingerprint)).collect();

    let mut run = json!({
        "tool": { "driver": driver(input) },
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications(input, left_out),
        }],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "filingDate": outcome.filing_date.to_string(),
            "rulePack": outcome.pack.name,
            "rulePackVersion": outcome.pack.version,
            "scope": outcome.extent.scope.name(),
            "partial": outcome.extent.partial,
        },
    });
    if let Some(in_force) = words::in_force(outcome) {
        run["properties"]["configurationInForce"] = in_force.into();
    }
    // Without it the paths still are relative to the folder of the run.
    if let Some(base) =
        input.options.base.as_ref().filter(|base| Outside::new(base).masked() == base.as_str())
    {
        let mut uri = uri(base);
        if !uri.starts_with("file:") {
            uri.insert_str(0, "file:///");
        }
        if !uri.ends_with('/') {
            uri.push('/');
        }
        run["originalUriBaseIds"] = json!({ BASE: { "uri": uri } });
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    let mut bytes = Vec::new();
    json::write(&mut bytes, &log)?;
    bytes.push(b'\n');
    out.write_all(&bytes)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Stop => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn driver(input: ReportInput<'_>) -> Value {
    let rules: Vec<Value> = input
        .outcome
        .rules
        .iter()
        .map(|rule| {
            let title = rule.title.masked();
            let mut text = title.clone().into_owned();
            let mut markdown = format!("**{title}**");
            if let Some(said) = rule.cbp.as_ref().map(OutsideString::masked) {
                text.push_str(&format!("\nCBP's message: {said}"));
                markdown.push_str(&format!("\n\nCBP's message: `{said}`"));
            }
            if let Some(help) = &rule.help {
                let help = help.masked();
                text.push_str(&format!("\nWhat to do: {help}"));
                markdown.push_str(&format!("\n\nWhat to do: {help}"));
            }
            if !rule.sources.is_empty() {
                let sources = OutsideString::joined(&rule.sources, ", ");
                let sources = sources.masked();
                text.push_str(&format!("\nSource: {sources}"));
                markdown.push_str(&format!("\n\nSource: {sources}"));
            }
            let mut tags = vec!["cape".to_owned()];
            if !rule.stage.raw().is_empty() {
                tags.push(rule.stage.masked().into_owned());
            }
            let problem = match rule.severity {
                Severity::Error | Severity::Stop => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            };
            // A name must not be the id over again (SARIF1001), as that of a single word would be.
            let name =
                if rule.id.contains('-') { pascal(&rule.id) } else { pascal(&format!("{}-entry", rule.id)) };
            json!({
                "id": rule.id,
                "name": name,
                "shortDescription": { "text": title },
                "fullDescription": { "text": text.lines().take(2).collect::<Vec<_>>().join(". ") },
                "help": { "text": text, "markdown": markdown },
                "defaultConfiguration": { "level": level(rule.severity) },
                "properties": { "tags": tags, "problem.severity": problem },
            })
        })
        .collect();
    json!({
        "name": "capelint",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    })
}

/// `liquidated-over-80-days` as SARIF writes names: `LiquidatedOver80Days`.
fn pascal(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

fn result(input: ReportInput<'_>, finding: &Finding, fingerprint: &str) -> Value {
    let mut message = input.message(finding).into_owned();
    if let Some(help) = &finding.help {
        message.push_str(&format!("; {}", help));
    }
    let mut result = json!({
        "ruleId": input.rule(finding.rule).id,
        "ruleIndex": finding.rule.0,
        "level": level(finding.severity),
        "message": { "text": plain(&message) },
        "locations": [location(input, finding.place)],
        "partialFingerprints": { "capelint/v1": fingerprint },
    });
    if !finding.labels.is_empty() {
        let related = finding.labels.iter().enumerate().map(|(n, label)| {
            let mut location = location(input, label.place);
            location["id"] = json!(n + 1);
            let said = input.label(label);
            if !said.is_empty() {
                location["message"] = json!({ "text": plain(&said) });
            }
            location
        });
        result["relatedLocations"] = related.collect();
    }
    match finding.waived.as_deref() {
        Some(Waived::Waiver { reason, until }) => {
            let reason = format!("{} (until {until})", reason);
            result["suppressions"] =
                json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
        }
        Some(Waived::Baseline) => {
            result["suppressions"] =
                json!([{ "kind": "external", "status": "accepted", "justification": "in the baseline" }]);
            result["baselineState"] = json!("unchanged");
        }
        None => {}
    }
    let mut properties = Map::new();
    if let Some(at) = finding.entry() {
        properties.insert("entry".into(), json!(input.entry_name(at)));
    }
    if let Some(day) = finding.deadline {
        properties.insert("deadline".into(), json!(day.to_string()));
    }
    if !properties.is_empty() {
        result["properties"] = Value::Object(properties);
    }
    result
}

/// Message texts may have links as `[text](id)` and placeholders as `{0}`; foreign text has none.
fn plain(message: &str) -> String {
    let mut plain = String::with_capacity(message.len());
    for c in message.chars() {
        match c {
            '[' | ']' | '\\' => plain.extend(['\\', c]),
            '{' | '}' => plain.extend([c, c]),
            c => plain.push(c),
        }
    }
    plain
}

fn location(input: ReportInput<'_>, place: Place) -> Value {
    let file = input.sources.file(place.file);
    let uri = uri(&file.name().shown());
    let mut artifact = json!({ "uri": uri });
    if input.options.base.is_some() && !uri.starts_with("file:") {
        artifact["uriBaseId"] = json!(BASE);
    }
    let mut region = json!({ "startLine": place.line.max(1), "startColumn": place.column.max(1) });
    if let Some(columns) = columns(input, place) {
        region["endColumn"] = json!(u64::from(place.column.max(1)) + columns);
    }
    let mut location = json!({ "physicalLocation": { "artifactLocation": artifact, "region": region } });
    if let Some(sheet) = file.sheet() {
        let cell = format!("{sheet}!{}{}", column_letters(place.column), place.line);
        location["logicalLocations"] = json!([{ "fullyQualifiedName": cell, "kind": "cell" }]);
    }
    location
}

/// How many characters wide the place is, where the file's text is at hand and it ends in its line.
fn columns(input: ReportInput<'_>, place: Place) -> Option<u64> {
    let content = input.sources.text(place.file)?;
    let span = place.span.range();
    let text = content.text.get(
        span.start.checked_sub(content.skipped)?
            ..span.end.checked_sub(content.skipped)?.min(content.text.len()),
    )?;
    (!text.is_empty() && !text.contains(['\n', '\r'])).then(|| text.chars().count() as u64)
}

fn notifications(input: ReportInput<'_>, left_out: usize) -> Value {
    let mut notes = Vec::new();
    if left_out > 0 {
        let left = text::count(left_out, "result", "results");
        notes.push(json!({
            "level": "warning",
            "message": { "text": format!("{left} left out: at most {} are written, most severe first", text::thousands(RESULTS)) },
            "descriptor": { "id": "capelint/results-left-out" },
        }));
    }
    for optional in [false, true] {
        for cause in words::causes(input, optional) {
            let message = cause.line(input);
            let mut note = json!({
                "level": if optional { "note" } else { "warning" },
                "message": { "text": plain(&message) },
                "descriptor": { "id": "capelint/undecided" },
            });
            if let Some(place) = cause.place() {
                note["locations"] = json!([location(input, place)]);
            }
            notes.push(note);
        }
    }
    let summary = input.summary();
    let line = words::sum_in_a_line(input, &summary);
    notes.push(json!({
        "level": "note",
        "message": { "text": plain(&line) },
        "descriptor": { "id": "capelint/summary" },
    }));
    Value::Array(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_5000_results_most_severe_first_and_the_rest_is_counted() {
        use super::super::{Format, Options, fixture};
        let mut fixture = fixture::everything_fails(2_000);
        for finding in &mut fixture.outcome.findings[..1_500] {
            finding.severity = Severity::Note;
        }
        let log = fixture.render(Format::Sarif, &Options::default());
        let log: Value = serde_json::from_str(&log).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 5_000);
        assert!(results[..4_500].iter().all(|result| result["level"] == "error"));
        assert!(results[4_500..].iter().all(|result| result["level"] == "note"));
        let note = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
        assert!(note["message"]["text"].as_str().unwrap().starts_with("1,000 results left out"));
    }
}
