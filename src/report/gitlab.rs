//! GitLab Code Quality: a JSON array that the merge request shows.
//!
//! The format has neither waived findings nor undecided rules. Waived findings are left out; each cause that
//! keeps rules from being decided is a `minor` issue of its own, so that it is not taken for a pass. What was
//! not checked, and the configuration in force, are issues for information.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::uri::with_slashes;
use super::{ReportInput, json, text, words};
use crate::finding::{Finding, Severity};
use crate::outside::Outside;

/// How many findings are written, most severe first: GitLab shows no report of hundreds of megabytes.
pub const ISSUES: usize = 5000;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Cow<'a, str>,
    lines: LineSpan,
}

#[derive(Serialize)]
struct LineSpan {
    begin: u32,
}

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let mut bytes = b"[".to_vec();
    let mut first = true;
    let mut push = |issue: Issue<'_>| {
        bytes.extend_from_slice(if first { b"\n" } else { b",\n" });
        first = false;
        json::write(&mut bytes, &issue)
    };
    let mut findings: Vec<(&Finding, String)> =
        input.outcome.findings.iter().map(|finding| (finding, fingerprints.next(input, finding))).collect();
    findings.retain(|(finding, _)| finding.waived.is_none());
    let left = findings.len().saturating_sub(ISSUES);
    if left > 0 {
        // Stable: within a severity the outcome's order stays.
        findings.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
        findings.truncate(ISSUES);
    }
    for (finding, fingerprint) in findings {
        push(Issue {
            description: input.message(finding).into_owned(),
            check_name: &input.rule(finding.rule).id,
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Stop => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            location: Location {
                path: path(input.sources.name(finding.place.file)).into(),
                lines: LineSpan { begin: finding.place.line },
            },
        })?;
    }
    let declared = input.outcome.declarations.first().map(|declaration| declaration.file);
    if let Some(file) = declared.filter(|_| left > 0) {
        push(Issue {
            description: left_out(left, ISSUES),
            check_name: "left-out",
            fingerprint: super::fingerprint::of(&["left-out"]),
            severity: "minor",
            location: Location { path: path(input.sources.name(file)).into(), lines: LineSpan { begin: 1 } },
        })?;
    }
    if let (Some(part), Some(file)) = (words::extent(input.outcome), declared) {
        push(Issue {
            description: part,
            check_name: "part-of-a-check",
            fingerprint: super::fingerprint::of(&["part-of-a-check"]),
            severity: "minor",
            location: Location { path: path(input.sources.name(file)).into(), lines: LineSpan { begin: 1 } },
        })?;
    }
    if let (Some(in_force), Some(file)) = (words::in_force(input.outcome), declared) {
        push(Issue {
            fingerprint: super::fingerprint::of(&["configuration-in-force", &in_force]),
            description: in_force,
            check_name: "configuration-in-force",
            severity: "info",
            location: Location { path: path(input.sources.name(file)).into(), lines: LineSpan { begin: 1 } },
        })?;
    }
    let causes = [false, true].into_iter().flat_map(|optional| words::causes(input, optional));
    for cause in causes {
        let Some(file) = cause.place().map(|place| place.file).or(declared) else { continue };
        let rules = cause.rules.join(", ");
        let (check_name, what, severity) = match cause.first.optional {
            false => ("undecided", "undecided", "minor"),
            true => ("not-checked", "not checked", "info"),
        };
        push(Issue {
            description: format!(
                "{what}: {rules}: {}; {}",
                input.cause(cause.first),
                input.help(cause.first)
            ),
            check_name,
            fingerprint: super::fingerprint::of(&[check_name, &rules, input.cause(cause.first).raw()]),
            severity,
            location: Location {
                path: path(input.sources.name(file)).into(),
                lines: LineSpan { begin: cause.place().map_or(1, |place| place.line) },
            },
        })?;
    }
    bytes.extend_from_slice(b"\n]\n");
    out.write_all(&bytes)
}

/// The note of a report with a limit about the findings beyond it.
pub fn left_out(left: usize, most: usize) -> String {
    let what = text::count(left, "finding is", "findings are");
    format!("{what} left out: at most {} are written, most severe first", text::thousands(most))
}

/// GitLab requires paths relative to the repository, with slashes and without `./`.
fn path(name: Outside<'_>) -> String {
    let name = with_slashes(name.raw());
    Outside::new(name.strip_prefix("./").unwrap_or(&name)).shown().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_in_a_name_separates_no_folder() {
        let shown = path(Outside::new("./a\\b.csv"));
        assert_eq!(shown, if cfg!(windows) { "a/b.csv" } else { "a\\b.csv" });
    }
}
