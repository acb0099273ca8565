//! One line a finding: `file:line:column: error[rule]: message`, for editors, `grep` and logs.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{LabelStyle, Severity as Shade};
use codespan_reporting::term::WriteStyle;

use super::ReportInput;
use super::full::ShownCounts;
use super::snippet::{Ink, shade};
use super::words::{self, things};

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut ink = Ink::new(input.options.color);
    let mut shown = ShownCounts::new(input);
    for finding in input.findings() {
        if !shown.take(finding.rule) {
            continue;
        }
        write!(ink, "{}: ", input.place(finding.place))?;
        ink.set_header(shade(finding.severity))?;
        write!(ink, "{}[{}]", finding.severity.name(), input.rule(finding.rule).id)?;
        ink.reset()?;
        writeln!(ink, ": {}", input.message(finding))?;
    }
    shown.rest(&mut ink)?;
    for undecided in &input.outcome.undecided {
        if let Some(place) = undecided.place {
            write!(ink, "{}: ", input.place(place))?;
        }
        ink.set_label(Shade::Help, LabelStyle::Secondary)?;
        let called = if undecided.optional { "not-checked" } else { "undecided" };
        write!(ink, "{called}[{}]", input.rule(undecided.rule).id)?;
        ink.reset()?;
        writeln!(
            ink,
            ": {}: {}; {}",
            things(undecided.entries, undecided.on_file),
            input.cause(undecided),
            input.help(undecided)
        )?;
    }
    writeln!(ink, "{}", words::sum_in_a_line(input, &input.summary()))?;
    out.write_all(&ink.bytes)
}
