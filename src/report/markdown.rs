//! Markdown, for a job summary or a comment on a pull request.
//!
//! Both have a size limit (GitHub: 1 MiB and 65,536 characters), so at most [`ROWS`] findings are
//! listed, and the rest counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::full::ShownCounts;
use super::words;
use super::{ReportInput, Verdicts, text};

/// How many findings are listed.
const ROWS: usize = 200;

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
        Some(line) => writeln!(page, "**{}**\n", escaped(&line))?,
        None => writeln!(page, "**{}**\n", escaped(&words::tally(&summary)))?,
    }
    writeln!(
        page,
        "| declaration | entries | ready | rejected | stopped | with warnings | undecided | accepted by you |"
    )?;
    writeln!(page, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    let row = |page: &mut String, name: &str, counts: Verdicts| {
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
        writeln!(page, "| {name} | {cells} |")
    };
    for declaration in &outcome.declarations {
        let counts = Verdicts::of(&outcome.entries[declaration.entries.clone()]);
        row(page, &escaped(&input.sources.name(declaration.file).shown()), counts)?;
    }
    if outcome.declarations.len() > 1 {
        row(page, "**total**", summary.verdicts)?;
    }
    writeln!(page)?;
    for line in words::shares(&summary.shares).into_iter().chain(words::accepted_by_you(summary.verdicts)) {
        writeln!(page, "{}\n", escaped(&line))?;
    }
    if let Some(line) = words::deadline(&summary) {
        writeln!(page, "{}\n", escaped(&line))?;
    }
    let changed = [words::extent(outcome), words::in_force(outcome)];
    for line in changed.into_iter().flatten() {
        writeln!(page, "{}\n", escaped(&line))?;
    }
    if !summary.rules.is_empty() {
        writeln!(page, "### Rules\n")?;
        writeln!(page, "| severity | rule | findings | waived | IEEPA duty |")?;
        writeln!(page, "|---|---|--:|--:|--:|")?;
        for count in &summary.rules {
            let rule = input.rule(count.rule);
            let duty = count
                .ieepa_duty
                .map_or_else(String::new, |duty| escaped(&text::bounded_dollars(duty, count.is_upper_bound)));
            writeln!(
                page,
                "| {} | `{}`: {} | {} | {} | {duty} |",
                count.severity.name(),
                rule.id,
                escaped(&rule.title),
                text::thousands(count.findings),
                text::thousands(count.waived),
            )?;
        }
        writeln!(page)?;
    }
    let mut shown = ShownCounts::new(input);
    let listed: Vec<_> = input.findings().filter(|finding| shown.take(finding.rule)).take(ROWS).collect();
    if !listed.is_empty() {
        writeln!(page, "### Findings\n")?;
        writeln!(page, "| severity | rule | finding | place | next step |")?;
        writeln!(page, "|---|---|---|---|---|")?;
        for finding in &listed {
            let help = finding.help.as_deref().map(text::shown).unwrap_or_default();
            writeln!(
                page,
                "| {} | `{}` | {} | {} | {} |",
                finding.severity.name(),
                input.rule(finding.rule).id,
                escaped(&input.message(finding)),
                escaped(&input.place(finding.place)),
                escaped(&help),
            )?;
        }
        let more = summary.findings() - listed.len();
        if more > 0 {
            writeln!(page, "\n… and {}", text::count(more, "more finding", "more findings"))?;
        }
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
        for cause in causes {
            writeln!(
                page,
                "- `{}`: {}; {} ({})",
                cause.rules.join("`, `"),
                escaped(&text::shown(&input.cause(cause.first))),
                escaped(&text::shown_message(&input.help(cause.first))),
                cause.how_many(),
            )?;
        }
        writeln!(page)?;
    }
    writeln!(page, "{}", escaped(&words::provenance(input.outcome)))
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
}
