//! Markdown, for a job summary or a comment on a pull request.
//!
//! GitHub shows no summary of a job that has more than 1 MiB, so each part of the page has a limit in bytes, and
//! what is beyond it is counted. At most [`ROWS`] findings are listed.

use crate::outside::Outside;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::full::ShownCounts;
use super::words;
use super::{ReportInput, Verdicts, text};

/// How many findings are listed.
const ROWS: usize = 200;

/// The most bytes of the declarations, of the findings, and of each other list. Together with the paragraphs they
/// are fewer than 1 MiB.
const DECLARATIONS: usize = 256 << 10;
const FINDINGS: usize = 384 << 10;
const OTHERS: usize = 64 << 10;

/// The most terminal columns of a paragraph.
const PARAGRAPH: usize = 2_000;

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write_page(input, &mut page);
    out.write_all(page.as_bytes())
}

fn write_page(input: ReportInput<'_>, page: &mut String) -> std::fmt::Result {
    let outcome = input.outcome;
    let summary = input.summary();
    writeln!(page, "## CAPE declaration check\n")?;
    match words::assurance(input, &summary) {
        Some(line) => writeln!(page, "**{}**\n", paragraph(&line))?,
        None => writeln!(page, "**{}**\n", paragraph(&words::tally(&summary)))?,
    }
    writeln!(
        page,
        "| declaration | entries | ready | rejected | stopped | with warnings | undecided | accepted by you |"
    )?;
    writeln!(page, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    let row = |name: &str, counts: Verdicts| {
        let cells = [
            counts.entries,
            counts.ready,
            counts.rejected,
            counts.stopped,
            counts.warned,
            counts.undecided,
            counts.accepted_by_you,
        ];
        let cells = cells.map(text::thousands).join(" | ");
        format!("| {name} | {cells} |")
    };
    let rows = outcome.declarations.iter().map(|declaration| {
        let counts = Verdicts::of(&outcome.entries[declaration.entries.clone()]);
        row(&escaped(&input.sources.name(declaration.file).shown()), counts)
    });
    let more = add(page, rows, DECLARATIONS);
    if outcome.declarations.len() > 1 {
        writeln!(page, "{}", row("**total**", summary.verdicts))?;
    }
    rest(page, more, "more declaration", "more declarations")?;
    writeln!(page)?;
    for line in words::shares(&summary.shares).into_iter().chain(words::accepted_by_you(summary.verdicts)) {
        writeln!(page, "{}\n", paragraph(&line))?;
    }
    if let Some(line) = words::deadline(&summary) {
        writeln!(page, "{}\n", paragraph(&line))?;
    }
    let changed = [words::extent(outcome), words::in_force(outcome)];
    for line in changed.into_iter().flatten() {
        writeln!(page, "{}\n", paragraph(&line))?;
    }
    if !summary.rules.is_empty() {
        writeln!(page, "### Rules\n")?;
        writeln!(page, "| severity | rule | findings | waived | IEEPA duty |")?;
        writeln!(page, "|---|---|--:|--:|--:|")?;
        let rows = summary.rules.iter().map(|count| {
            let rule = input.rule(count.rule);
            let duty = count.duty.in_short().map_or_else(String::new, |duty| escaped(&duty));
            format!(
                "| {} | `{}`: {} | {} | {} | {duty} |",
                count.severity.name(),
                rule.id,
                escaped(&rule.title.shown()),
                text::thousands(count.findings),
                text::thousands(count.waived),
            )
        });
        let more = add(page, rows, OTHERS);
        rest(page, more, "more rule", "more rules")?;
        writeln!(page)?;
    }
    let mut shown = ShownCounts::new(input);
    let listed: Vec<_> = input.findings().filter(|finding| shown.take(finding.rule)).take(ROWS).collect();
    if !listed.is_empty() {
        writeln!(page, "### Findings\n")?;
        writeln!(page, "| severity | rule | finding | place | next step |")?;
        writeln!(page, "|---|---|---|---|---|")?;
        let rows = listed.iter().map(|finding| {
            let help = finding.help.as_ref().map(|help| Outside::new(help.raw()).shown()).unwrap_or_default();
            format!(
                "| {} | `{}` | {} | {} | {} |",
                finding.severity.name(),
                input.rule(finding.rule).id,
                escaped(&input.message(finding)),
                escaped(&input.place(finding.place)),
                escaped(&help),
            )
        });
        let more = add(page, rows, FINDINGS) + summary.findings() - listed.len();
        rest(page, more, "more finding", "more findings")?;
        writeln!(page)?;
    }
    for (optional, title) in
        [(false, "Undecided"), (true, "Not checked: your own lists, columns or settings are missing")]
    {
        let causes = words::causes(input, optional);
        if causes.is_empty() {
            continue;
        }
        writeln!(page, "### {title}\n")?;
        let lines = causes.iter().map(|cause| {
            format!(
                "- `{}`: {}; {} ({})",
                cause.rules.join("`, `"),
                escaped(&input.cause(cause.first).shown()),
                escaped(&input.help(cause.first).shown()),
                cause.how_many(),
            )
        });
        let more = add(page, lines, OTHERS);
        rest(page, more, "more cause", "more causes")?;
        writeln!(page)?;
    }
    writeln!(page, "{}", paragraph(&words::provenance(input.outcome)))
}

/// Adds lines until they have so many bytes; how many are left.
fn add(page: &mut String, lines: impl Iterator<Item = String>, most: usize) -> usize {
    let end = page.len() + most;
    let mut left = 0;
    for line in lines {
        if left > 0 || page.len() + line.len() >= end {
            left += 1;
        } else {
            page.push_str(&line);
            page.push('\n');
        }
    }
    left
}

/// Says how many lines of a list are left out.
fn rest(page: &mut String, more: usize, one: &str, many: &str) -> std::fmt::Result {
    if more == 0 { Ok(()) } else { writeln!(page, "\n… and {}", text::count(more, one, many)) }
}

/// A paragraph of a bounded length.
fn paragraph(text: &str) -> String {
    escaped(&text::cut(text.into(), PARAGRAPH))
}

/// Text that Markdown shows as it is: no markup, no HTML, no links, no mentions, no issue numbers.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '&' | '<' | '>' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '$' | '#' | '@' => {
                let _ = write!(safe, "&#{};", c as u32);
            }
            ':' if text[at..].starts_with("://") => safe.push_str("&#58;"),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => safe.push_str("&#46;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_markup() {
        assert_eq!(escaped("<b>|`x` @ada #1"), "&#60;b&#62;&#124;&#96;x&#96; &#64;ada &#35;1");
        assert_eq!(escaped("http://x www.x.y a.b"), "http&#58;//x www&#46;x.y a.b");
    }

    /// GitHub takes 1 MiB, and counts bytes.
    #[test]
    fn all_parts_together_stay_below_the_limit_of_a_summary() {
        // The widest letters of two columns and of none have four bytes; an escape has five for one.
        let paragraphs = 10 * PARAGRAPH * 5;
        assert!(DECLARATIONS + FINDINGS + 3 * OTHERS + paragraphs + (16 << 10) < 1 << 20);
        let mut page = "before".to_owned();
        let lines = || std::iter::repeat_n("東".repeat(10), 5);
        assert_eq!(add(&mut page, lines(), 100), 2);
        assert_eq!(page.len(), "before".len() + 3 * 31);
        assert_eq!(add(&mut page, lines(), 1_000), 0);
    }
}
