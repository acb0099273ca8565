//! The questions to answer before the first upload, as `plan` and `fix` print it.

use std::fmt::{self, Write};

use capelint::frontend::checklist;

/// Writes the questions of the checklist, one per line.
pub fn write(out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "before the first upload, answer each with yes (no export shows it; `capelint explain checklist` says why):"
    )?;
    for item in checklist() {
        writeln!(out, "   [ ] {}", item.question)?;
    }
    Ok(())
}

/// The checklist with reasons, next steps and sources.
pub fn explained() -> String {
    let mut out = String::from("Before the first upload\n");
    for item in checklist() {
        out += &format!(
            "\n{}\n  Why: {}\n  If not: {}\n  Source: {}\n",
            item.question,
            item.reason,
            item.action,
            item.sources.join("; ")
        );
    }
    out
}
