//! GitHub workflow commands: findings as annotations on the declaration's lines.
//!
//! A workflow command ends at the line's end, and its properties at `,` and `::`, so `%`, CR and
//! LF are escaped everywhere, `:` and `,` in properties too. GitHub shows a page of annotations
//! and keeps the log, so the message itself names the entry, the rule and the place.

use std::io::{self, Write};

use super::ReportInput;
use super::full::ShownCounts;
use super::snippet::Ink;
use super::words;
use crate::finding::Severity;
use crate::source::SourceKind;

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = ShownCounts::new(input);
    let mut lines = Ink::new(false);
    for finding in input.findings().filter(|finding| shown.take(finding.rule)) {
        let rule = &input.rule(finding.rule).id;
        let command = match finding.severity {
            Severity::Error | Severity::Stop => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = finding.place;
        write!(lines, "::{command} file={}", property(&input.file(place)))?;
        if !matches!(input.sources.file(place.file).kind, SourceKind::Sheet { .. }) {
            write!(lines, ",line={},col={}", place.line, place.column)?;
        }
        let title = match finding.entry() {
            Some(entry) => format!("{rule} {}", input.entry_name(entry)),
            None => rule.clone(),
        };
        let mut message = format!("{} [{rule}] {}", input.message(finding), input.place(place));
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(&help.shown());
        }
        writeln!(lines, ",title={}::{}", property(&title), data(&message))?;
    }
    let mut rest = Ink::new(false);
    shown.rest(&mut rest)?;
    for line in String::from_utf8_lossy(&rest.bytes).lines() {
        writeln!(lines, "::notice title=capelint::{}", data(line))?;
    }
    for optional in [false, true] {
        let command = if optional { "notice" } else { "warning" };
        for cause in words::causes(input, optional) {
            let message = cause.line(input);
            writeln!(lines, "::{command} title=undecided::{}", data(&message))?;
        }
    }
    let summary = input.summary();
    let line = words::sum_in_a_line(input, &summary);
    writeln!(lines, "::notice title=capelint::{}", data(&line))?;
    out.write_all(&lines.bytes)
}

pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("50%\r\na:b,c"), "50%25%0D%0Aa:b,c");
        assert_eq!(property("50%\na:b,c"), "50%25%0Aa%3Ab%2Cc");
    }
}
