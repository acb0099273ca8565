//! One self-contained page: what becomes of the declaration, at a glance and entry by entry.
//!
//! It loads nothing and sends nothing (a content security policy says so to the browser, and
//! allows the one style and the one script by their hashes), prints well, follows the reader's
//! light or dark setting, and needs its script for nothing but the search. Entries are grouped by
//! verdict, worst first, each with its evidence behind a disclosure; rows that are off the screen
//! are not laid out, so that 9,999 entries stay light.

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::{Days, NaiveDate};
use data_encoding::BASE64;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use super::{ReportInput, RuleCount, Share, Summary, Verdicts, csv, text, words};
use crate::finding::{Declaration, Entry, Finding, Verdict};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// How many ready entries are shown without being asked for.
const OPEN_READY: usize = 50;

/// What the page's policy says of a style or script that is in the page: nothing else is applied or run.
fn allowed(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = input.summary();
    let by_entry = csv::by_entry(input.outcome);
    let mut page = Page::default();
    page.head(input);
    page.verdicts(input, &summary);
    page.rules(input, &summary);
    page.window(input);
    page.undecided(input);
    page.loose(input);
    page.left_out(input);
    out.write_all(page.0.as_bytes())?;
    entries(input, &by_entry, out)?;
    write!(
        out,
        "</main>\n<footer><p>{}. Made by capelint {}, which sends nothing anywhere.</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escaped(&capital(&words::provenance(input.outcome))),
        env!("CARGO_PKG_VERSION"),
    )
}

/// HTML under construction. Writing to it does not fail, so results are not looked at.
#[derive(Default)]
struct Page(String);

/// Foreign text for HTML, in elements and in quoted attributes.
fn escaped(foreign: &str) -> String {
    let clean = text::shown(foreign);
    let mut safe = String::with_capacity(clean.len() + 8);
    for c in clean.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Foreign text for HTML in which `` `words` `` in backquotes, as rules write names, are set as code.
fn marked(foreign: &str) -> String {
    let safe = escaped(foreign);
    if safe.matches('`').count() % 2 == 1 {
        return safe;
    }
    let mut marked = String::with_capacity(safe.len() + 16);
    for (n, part) in safe.split('`').enumerate() {
        if n > 0 {
            marked.push_str(if n % 2 == 1 { "<code>" } else { "</code>" });
        }
        marked.push_str(part);
    }
    marked
}

/// What people call a verdict, as a heading.
fn called(verdict: Verdict) -> String {
    capital(verdict.title())
}

/// A sign beside the colour, for those who do not see it and for black-and-white prints.
fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Ready => '✓',
        Verdict::Warned => '!',
        Verdict::Undecided => '?',
        Verdict::Stopped => '■',
        Verdict::Rejected => '✕',
    }
}

/// Worst first: what needs attention.
const WORST_FIRST: [Verdict; 5] =
    [Verdict::Rejected, Verdict::Stopped, Verdict::Undecided, Verdict::Warned, Verdict::Ready];

/// The IEEPA duty on entries, and on how many it is not known. US dollars.
#[derive(Clone, Copy, Default)]
struct DutySum {
    sum: Decimal,
    known: usize,
    unknown: usize,
    /// Whether the sum is an upper bound of the refund.
    is_upper_bound: bool,
}

impl DutySum {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut duty = Self::default();
        for entry in entries {
            duty.is_upper_bound |= entry.ieepa_duty_is_upper_bound();
            match entry.ieepa_duty {
                Some(amount) => {
                    duty.sum = duty.sum.saturating_add(amount);
                    duty.known += 1;
                }
                None => duty.unknown += 1,
            }
        }
        duty
    }

    fn dollars(self) -> String {
        text::bounded_dollars(self.sum, self.is_upper_bound)
    }

    /// Says nothing where nothing is known.
    fn show(self) -> Option<String> {
        match (self.known, self.unknown) {
            (0, _) => None,
            (_, 0) => Some(format!("{} IEEPA duty", self.dollars())),
            (_, some) => Some(format!(
                "{} IEEPA duty, unknown for {}",
                self.dollars(),
                text::count(some, "entry", "entries")
            )),
        }
    }
}

impl Page {
    fn add(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(arguments);
    }

    fn head(&mut self, input: ReportInput<'_>) {
        let outcome = input.outcome;
        let names: Vec<String> =
            outcome.declarations.iter().map(|one| escaped(input.sources.name(one.file).raw())).collect();
        let title = match names.as_slice() {
            [one] => one.clone(),
            _ => text::count(names.len(), "declaration", "declarations"),
        };
        self.add(format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src '{style}'; script-src '{script}'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>CAPE declaration check: {title}, {date}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#entries\">Skip to the entries</a>\n\
             <header><h1>CAPE declaration check</h1>\n<p class=\"facts\"><strong>{title}</strong> · {made}</p>\n</header>\n<main>\n",
            style = allowed(STYLE),
            script = allowed(SCRIPT),
            date = outcome.filing_date,
            made = escaped(&words::provenance(input.outcome)),
        ));
    }

    fn verdicts(&mut self, input: ReportInput<'_>, summary: &Summary) {
        let outcome = input.outcome;
        let counts = summary.verdicts;
        let lead = if counts.entries == 0 {
            "No entries were declared.".to_owned()
        } else if counts.ready == counts.entries {
            format!("All {} ready.", text::count(counts.entries, "entry is", "entries are"))
        } else {
            format!(
                "{} of {} ready to file.",
                text::thousands(counts.ready),
                text::count(counts.entries, "entry is", "entries are")
            )
        };
        self.add(format_args!(
            "<section aria-labelledby=\"verdicts\">\n<h2 id=\"verdicts\">Verdict</h2>\n<p class=\"lead\">{lead}</p>\n"
        ));
        let lines = [words::accepted_by_you(counts), words::deadline(summary)];
        for line in lines.into_iter().flatten() {
            self.add(format_args!("<p>{}</p>\n", marked(&capital(&line))));
        }
        self.bar(counts);
        self.0.push_str("<ul class=\"tally\">\n");
        for verdict in WORST_FIRST.into_iter().rev() {
            let entries = outcome
                .entries
                .iter()
                .filter(|entry| entry.verdict == verdict && !entry.is_accepted_by_you());
            let duty = DutySum::of(entries).show().unwrap_or_default();
            self.add(format_args!(
                "<li class=\"{}\"><b>{}</b><span class=\"verdict\">{} {}</span><span class=\"soft\">{duty}</span></li>\n",
                verdict.name(),
                text::thousands(counts.count(verdict)),
                sign(verdict),
                called(verdict),
            ));
        }
        self.0.push_str("</ul>\n");
        self.standings(input, &summary.shares);
        if outcome.declarations.len() > 1 {
            self.declarations(input);
        }
        let assurance =
            words::assurance(input, summary).map(|line| capital(&line) + ". ").unwrap_or_default();
        self.add(format_args!(
            "<p class=\"honest\">{}“Ready” means that {}. Only CBP accepts or rejects. \
             An accepted declaration cannot be withdrawn.</p>\n</section>\n",
            escaped(&assurance),
            Verdict::Ready.meaning(),
        ));
    }

    /// The share of each verdict. A share that exists is always to be seen.
    fn bar(&mut self, counts: Verdicts) {
        if counts.entries == 0 {
            return;
        }
        let label: Vec<String> = WORST_FIRST
            .into_iter()
            .rev()
            .map(|verdict| {
                format!("{} {}", text::thousands(counts.count(verdict)), called(verdict).to_lowercase())
            })
            .collect();
        self.add(format_args!(
            "<svg class=\"bar\" viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
            label.join(", ")
        ));
        let present = WORST_FIRST.into_iter().filter(|verdict| counts.count(*verdict) > 0).count();
        let least = 8;
        let free = 1000 - least * present;
        let mut at = 0;
        for verdict in WORST_FIRST.into_iter().rev().filter(|verdict| counts.count(*verdict) > 0) {
            let width = least + free * counts.count(verdict) / counts.entries;
            self.add(format_args!(
                "<rect class=\"{}\" x=\"{at}\" width=\"{}\" height=\"24\"/>",
                verdict.name(),
                width.saturating_sub(2),
            ));
            at += width;
        }
        self.0.push_str("</svg>\n");
    }

    fn declarations(&mut self, input: ReportInput<'_>) {
        self.0.push_str(
            "<table class=\"rules left\">\n<thead><tr><th scope=\"col\">Declaration</th><th scope=\"col\" class=\"n\">Entries</th>",
        );
        for verdict in WORST_FIRST.into_iter().rev() {
            self.add(format_args!("<th scope=\"col\" class=\"n\">{}</th>", called(verdict)));
        }
        self.0.push_str("<th scope=\"col\">What is left to do</th></tr></thead>\n<tbody>\n");
        for declaration in &input.outcome.declarations {
            let counts = Verdicts::of(&input.outcome.entries[declaration.entries.clone()]);
            self.add(format_args!(
                "<tr><td><code>{}</code></td><td class=\"n\" data-label=\"entries\">{}</td>",
                escaped(input.sources.name(declaration.file).raw()),
                text::thousands(counts.entries)
            ));
            for verdict in WORST_FIRST.into_iter().rev() {
                self.add(format_args!(
                    "<td class=\"n\" data-label=\"{}\">{}</td>",
                    verdict.title(),
                    text::thousands(counts.count(verdict))
                ));
            }
            let shares = Share::of(input.outcome, declaration.entries.clone());
            let left = marked(&words::shares(&shares).unwrap_or_default());
            self.add(format_args!("<td class=\"soft\">{left}</td></tr>\n"));
        }
        self.0.push_str("</tbody>\n</table>\n");
    }

    fn rules(&mut self, input: ReportInput<'_>, summary: &Summary) {
        self.0.push_str("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Findings by rule</h2>\n");
        if summary.rules.is_empty() {
            self.0.push_str("<p>No rule found anything.</p>\n</section>\n");
            return;
        }
        self.0.push_str(
            "<table class=\"rules\">\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th>\
             <th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\" class=\"n\">Entries</th>\
             <th scope=\"col\" class=\"n\">IEEPA duty at stake</th><th scope=\"col\" class=\"n\">Waived</th></tr></thead>\n<tbody>\n",
        );
        for count in &summary.rules {
            self.rule(input, count);
        }
        self.0.push_str("</tbody>\n</table>\n</section>\n");
    }

    fn rule(&mut self, input: ReportInput<'_>, count: &RuleCount) {
        let rule = input.rule(count.rule);
        let id = escaped(&rule.id);
        self.add(format_args!(
            "<tr><td><span class=\"severity {severity}\">{severity}</span></td>\
             <td>{}<a class=\"mono\" href=\"#entries\" data-words=\"{id}\">{id}</a>",
            marked(&rule.title),
            severity = count.severity.name(),
        ));
        if rule.cbp.is_some() || rule.help.is_some() || !rule.sources.is_empty() {
            self.0.push_str("<details><summary>Why, and what to do</summary>");
            if let Some(said) = &rule.cbp {
                self.add(format_args!("<p>CBP’s message: <code>{}</code></p>", escaped(said)));
            }
            if let Some(help) = &rule.help {
                self.add(format_args!("<p>{}</p>", marked(&capital(help))));
            }
            if !rule.sources.is_empty() {
                self.add(format_args!("<p>Source: {}</p>", escaped(&rule.sources.join("; "))));
            }
            self.0.push_str("</details>");
        }
        let duty = count
            .ieepa_duty
            .map(|duty| text::bounded_dollars(duty, count.is_upper_bound))
            .unwrap_or_default();
        let waived = if count.waived > 0 { text::thousands(count.waived) } else { String::new() };
        self.add(format_args!(
            "</td><td class=\"n\" data-label=\"findings\">{}</td><td class=\"n\" data-label=\"entries\">{}</td>\
             <td class=\"n\" data-label=\"at stake\">{duty}</td><td class=\"n\" data-label=\"waived\">{waived}</td></tr>\n",
            text::thousands(count.findings),
            text::thousands(count.entries),
        ));
    }

    /// Filing deadlines: the next days one by one, then week by week.
    fn window(&mut self, input: ReportInput<'_>) {
        let outcome = input.outcome;
        let today = outcome.filing_date;
        let known: Vec<(NaiveDate, &Entry)> =
            outcome.entries.iter().filter_map(|entry| Some((entry.deadline?, entry))).collect();
        if known.is_empty() {
            return;
        }
        self.0.push_str(
            "<section aria-labelledby=\"window\">\n<h2 id=\"window\">Filing deadlines</h2>\n\
             <p class=\"key\"><span>ready, or with warnings</span><span class=\"later\">not ready: settle it before that day</span></p>\n\
             <table class=\"window\">\n<thead><tr><th scope=\"col\">Last day to file</th><th scope=\"col\"><span class=\"skip\">Share</span></th>\
             <th scope=\"col\" class=\"n\">Entries</th><th scope=\"col\" class=\"n money\">IEEPA duty</th></tr></thead>\n<tbody>\n",
        );
        let buckets = buckets(today, &known);
        let most = buckets.iter().map(|bucket| bucket.entries.len()).max().unwrap_or(1).max(1);
        for bucket in &buckets {
            let able = |entry: &&&Entry| entry.after_waivers.may_be_uploaded();
            let ready = bucket.entries.iter().filter(able).count();
            let share = |count: usize| count as f64 * 100.0 / most as f64;
            let split = share(ready);
            let rest = share(bucket.entries.len() - ready);
            let duty = DutySum::of(bucket.entries.iter().copied());
            self.add(format_args!(
                "<tr><td>{}</td><td class=\"track\"><svg aria-hidden=\"true\">\
                 <rect class=\"ready\" width=\"{split:.2}%\" height=\"100%\"/>\
                 <rect class=\"later\" x=\"{split:.2}%\" width=\"{rest:.2}%\" height=\"100%\"/></svg></td>\
                 <td class=\"n\">{}</td><td class=\"n money\">{}</td></tr>\n",
                bucket.name,
                text::thousands(bucket.entries.len()),
                if duty.known > 0 { duty.dollars() } else { String::new() },
            ));
        }
        let past = known.iter().filter(|(day, _)| *day < today).count();
        let unknown = outcome.entries.len() - known.len();
        self.0.push_str("</tbody>\n</table>\n");
        let mut notes = Vec::new();
        if past > 0 {
            let have = if past == 1 { "has" } else { "have" };
            notes.push(format!("{} {have} left it already", text::count(past, "entry", "entries")));
        }
        if unknown > 0 {
            notes.push(format!("for {} no such day is known", text::count(unknown, "entry", "entries")));
        }
        if !notes.is_empty() {
            self.add(format_args!("<p class=\"honest\">{}.</p>\n", capital(&notes.join("; "))));
        }
        self.0.push_str("</section>\n");
    }

    fn undecided(&mut self, input: ReportInput<'_>) {
        let (open, optional) = (words::causes(input, false), words::causes(input, true));
        if open.is_empty() && optional.is_empty() {
            return;
        }
        self.0.push_str("<section aria-labelledby=\"undecided\">\n<h2 id=\"undecided\">What is undecided or not checked</h2>\n<ul class=\"causes\">\n");
        for (causes, keeps) in [(&open, true), (&optional, false)] {
            for cause in causes {
                let first = cause.first;
                self.add(format_args!(
                    "<li><p><strong>{}</strong></p><p>{}</p><p class=\"soft\">{}{}{}: <code>{}</code></p></li>\n",
                    marked(&capital(&input.cause(first))),
                    marked(&capital(&input.help(first))),
                    cause.how_many(),
                    first.place.map(|place| format!(", first at {}", escaped(&input.place(place)))).unwrap_or_default(),
                    if keeps || cause.entries().is_none() { "" } else { "; entries count as ready without it" },
                    escaped(&cause.rules.join(", ")),
                ));
            }
        }
        self.0.push_str("</ul>\n</section>\n");
    }

    /// Findings that belong to no entry: on the files and on the configuration.
    fn loose(&mut self, input: ReportInput<'_>) {
        let findings: Vec<&Finding> = input
            .outcome
            .findings
            .iter()
            .filter(|finding| input.outcome.entry_of(finding).is_none())
            .collect();
        if findings.is_empty() {
            return;
        }
        self.0.push_str("<section aria-labelledby=\"files\">\n<h2 id=\"files\">About the files</h2>\n");
        for finding in findings {
            self.finding(input, finding);
        }
        self.0.push_str("</section>\n");
    }

    /// The entries of the export that no declaration names.
    fn left_out(&mut self, input: ReportInput<'_>) {
        let named: Vec<_> = input.outcome.left_out.iter().filter(|entry| !entry.rules.is_empty()).collect();
        if named.is_empty() {
            return;
        }
        self.add(format_args!(
            "<section aria-labelledby=\"left-out\">\n<h2 id=\"left-out\">{} on no declaration</h2>\n\
             <table class=\"rules left\">\n<thead><tr><th scope=\"col\">Entry</th><th scope=\"col\">Importer</th>\
             <th scope=\"col\" class=\"n\">IEEPA duty</th><th scope=\"col\">Last day to file</th>\
             <th scope=\"col\">Where</th></tr></thead>\n<tbody>\n",
            text::count(named.len(), "eligible entry", "eligible entries"),
        ));
        for entry in named {
            let importer = entry.facts.importer_number.as_deref().unwrap_or("unknown");
            let duty = entry.ieepa_duty.map_or_else(String::new, |duty| {
                text::bounded_dollars(duty, entry.ieepa_duty_is_upper_bound())
            });
            self.add(format_args!(
                "<tr><td>{}</td><td data-label=\"importer\">{}</td><td class=\"n\" data-label=\"IEEPA duty\">{duty}</td>\
                 <td data-label=\"last day\">{}</td><td data-label=\"where\">{}</td></tr>\n",
                escaped(&input.name_of(entry)),
                escaped(importer),
                entry.deadline.map_or_else(String::new, |day| day.to_string()),
                escaped(&input.place(entry.place)),
            ));
        }
        self.0.push_str("</tbody>\n</table>\n</section>\n");
    }

    fn finding(&mut self, input: ReportInput<'_>, finding: &Finding) {
        let rule = input.rule(finding.rule);
        let waived = if finding.waived.is_some() { " waived" } else { "" };
        self.add(format_args!(
            "<div class=\"found {severity}{waived}\"><p><span class=\"severity\">{severity}</span> <code>{}</code> {}</p>",
            escaped(&rule.id),
            marked(&input.message(finding)),
            severity = finding.severity.name(),
        ));
        if let Some(waived) = &finding.waived {
            self.add(format_args!(
                "<p class=\"soft\">{}</p>",
                escaped(&capital(&super::text::why_waived(waived)))
            ));
        }
        if let Some(help) = &finding.help {
            self.add(format_args!("<p>{}</p>", marked(&capital(help))));
        }
        if let Some(fix) = words::fix(finding) {
            self.add(format_args!("<p class=\"soft\">{}</p>", marked(&fix)));
        }
        self.0.push_str("<dl>");
        let said = words::cbp(input, finding).unwrap_or_default();
        self.add(format_args!(
            "<dt>{}</dt><dd>{}</dd>",
            escaped(&input.place(finding.place)),
            escaped(&said)
        ));
        for label in &finding.labels {
            self.add(format_args!("<dt>{}</dt><dd>", escaped(&input.place(label.place))));
            if let Some(cell) = label.cell.and_then(|cell| input.evidence.cell(cell)) {
                let value = text::cut(text::said(&cell.value), 120);
                self.add(format_args!(
                    "{}: <strong>{}</strong> ",
                    escaped(&text::fit(&cell.column_name, 80)),
                    if value.is_empty() { "(blank)".to_owned() } else { escaped(&value) }
                ));
            }
            self.add(format_args!("{}</dd>", escaped(&label.text)));
        }
        self.0.push_str("</dl></div>\n");
    }

    /// A row of the list, short because there may be tens of thousands: what the columns are is said by
    /// their order, the verdict by the list that the row is in.
    fn entry(&mut self, input: ReportInput<'_>, at: usize, findings: &[&Finding]) {
        let entry = &input.outcome.entries[at];
        let number = match entry.number {
            Some(number) => number.to_string(),
            None if entry.written.trim().is_empty() => "(blank)".to_owned(),
            None => escaped(&text::cut(text::said(&entry.written), 24)),
        };
        let names = |rules: &[crate::finding::RuleId]| {
            rules.iter().map(|rule| input.rule(*rule).id.as_str()).collect::<Vec<_>>().join(", ")
        };
        let mut why: Vec<String> = Vec::new();
        if !entry.rules.is_empty() {
            why.push(names(&entry.rules));
        }
        if !entry.undecided.is_empty() {
            why.push(format!("undecided: {}", names(&entry.undecided)));
        }
        if entry.is_accepted_by_you() {
            why.push("accepted by you".to_owned());
        }
        let day = match entry.deadline {
            Some(day) if day < input.outcome.filing_date => format!("<i class=\"past\">{day} (past)</i>"),
            Some(day) => format!("<i>{day}</i>"),
            None => "<i></i>".to_owned(),
        };
        let duty = entry
            .ieepa_duty
            .map(|duty| text::bounded_dollars(duty, entry.ieepa_duty_is_upper_bound()))
            .unwrap_or_default();
        let cells = format!(
            "<b>{number}</b><i>{}</i><i>{}:{}</i><i>{}</i>{day}<i>{duty}</i>",
            escaped(&why.join("; ")),
            escaped(&input.sources.name(entry.place.file).fit_end(40)),
            entry.place.line,
            escaped(entry.facts.importer_number.as_deref().unwrap_or("")),
        );
        if findings.is_empty() {
            self.add(format_args!("<li class=\"row\">{cells}</li>"));
            return;
        }
        self.add(format_args!("<li><details><summary class=\"row\">{cells}</summary>"));
        for finding in findings {
            self.finding(input, finding);
        }
        self.0.push_str("</details></li>");
    }

    /// What is left to do, with dollars and the first last days.
    fn standings(&mut self, input: ReportInput<'_>, shares: &[Share]) {
        if shares.is_empty() {
            return;
        }
        self.0.push_str(
            "<table class=\"rules left\">\n<thead><tr><th scope=\"col\">What is left to do</th>\
             <th scope=\"col\" class=\"n\">Entries</th><th scope=\"col\" class=\"n\">IEEPA duty</th>\
             <th scope=\"col\">First last day to file</th></tr></thead>\n<tbody>\n",
        );
        for share in shares {
            self.add(format_args!(
                "<tr><td>{}</td><td class=\"n\" data-label=\"entries\">{}</td><td class=\"n\" data-label=\"IEEPA duty\">{}</td><td>{}</td></tr>\n",
                marked(&capital(share.standing.title())),
                text::thousands(share.entries),
                words::duty(share).unwrap_or_default(),
                escaped(&words::first_day(input, share, 60).unwrap_or_default().replacen("by ", "", 1)),
            ));
        }
        self.0.push_str("</tbody>\n</table>\n");
    }
}

/// A choice of the list's filter.
fn choice(out: &mut dyn Write, id: &str, label: &str, all: &str, values: &[String]) -> io::Result<()> {
    write!(out, "<select id=\"{id}\" aria-label=\"{label}\"><option value=\"\">{all}</option>")?;
    for value in values {
        write!(out, "<option>{}</option>", escaped(value))?;
    }
    out.write_all(b"</select>")
}

/// The most entries that are listed, and bytes that the list may have: a page of more is slow to open and to
/// search.
const MAX_LISTED: usize = 25_000;
const MAX_LIST: usize = 3_700_000;

/// Of the entries in the order of the list how many are listed, and how many of these with their findings: as
/// many as there is room for once each has its row.
fn listed(input: ReportInput<'_>, by_entry: &[Vec<&Finding>], order: &[usize]) -> (usize, usize) {
    let rows = order.len().min(MAX_LISTED);
    let mut page = Page::default();
    let mut size = 0;
    for &at in &order[..rows] {
        page.entry(input, at, &[]);
        // What a row with findings has around it.
        size += page.0.len() + if by_entry[at].is_empty() { 0 } else { 64 };
        page.0.clear();
    }
    let mut with_findings = 0;
    for &at in &order[..rows] {
        for finding in &by_entry[at] {
            page.finding(input, finding);
        }
        size += page.0.len();
        page.0.clear();
        if size > MAX_LIST {
            break;
        }
        with_findings += 1;
    }
    (rows, with_findings)
}

/// All entries, worst first, with their evidence.
fn entries(input: ReportInput<'_>, by_entry: &[Vec<&Finding>], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        "<section aria-labelledby=\"entries\">\n<h2 id=\"entries\" tabindex=\"-1\">Entries</h2>\n\
         <form id=\"find\" role=\"search\" hidden>\
         <input id=\"words\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" \
         placeholder=\"Entry number, rule, any word\" aria-label=\"Search the entries\">\
         <select id=\"only\" aria-label=\"Verdict\"><option value=\"\">All verdicts</option>"
            .as_bytes(),
    )?;
    for verdict in WORST_FIRST {
        write!(out, "<option value=\"{}\">{}</option>", verdict.name(), called(verdict))?;
    }
    out.write_all(b"</select>")?;
    let outcome = input.outcome;
    let name = |one: &Declaration| input.sources.name(one.file).fit_end(40).into_owned();
    let declarations: Vec<String> = outcome.declarations.iter().map(name).collect();
    if declarations.len() > 1 {
        choice(out, "declaration", "Declaration", "All declarations", &declarations)?;
    }
    let mut importers: Vec<String> =
        outcome.entries.iter().filter_map(|entry| entry.facts.importer_number.clone()).collect();
    importers.sort_unstable();
    importers.dedup();
    if importers.len() > 1 {
        choice(out, "importer", "Importer", "All importers", &importers)?;
    }
    let mut rules: Vec<String> = outcome
        .entries
        .iter()
        .flat_map(|entry| entry.rules.iter().chain(&entry.undecided))
        .map(|rule| input.rule(*rule).id.clone())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    choice(out, "rule", "Rule", "All rules", &rules)?;
    writeln!(
        out,
        "<select id=\"day\" aria-label=\"Last day to file\" data-today=\"{}\"><option value=\"\">Any last day</option>\
         <option value=\"7\">Within 7 days</option><option value=\"30\">Within 30 days</option>\
         <option value=\"past\">Past</option><option value=\"none\">Unknown</option></select>\
         <input id=\"dollars\" type=\"number\" min=\"0\" step=\"100\" placeholder=\"IEEPA duty from\" aria-label=\"IEEPA duty from, in dollars\"/>\
         <select id=\"sort\" aria-label=\"Order\"><option value=\"\">In file order</option>\
         <option value=\"day\">By last day</option><option value=\"duty\">By IEEPA duty</option>\
         <option value=\"entry\">By entry number</option></select>\
         <output id=\"found\" for=\"words only\" aria-live=\"polite\"></output></form>",
        outcome.filing_date,
    )?;
    out.write_all(
        "<div class=\"row head\" aria-hidden=\"true\"><b>Entry</b><i>Rules</i><i>Declaration and line</i><i>Importer</i>\
         <i>Last day to file</i><i>IEEPA duty</i></div>\n"
            .as_bytes(),
    )?;
    let of_verdict = |verdict: Verdict| -> Vec<usize> {
        (0..outcome.entries.len()).filter(|&at| outcome.entries[at].verdict == verdict).collect()
    };
    let order = WORST_FIRST.map(of_verdict).concat();
    let (rows, with_findings) = listed(input, by_entry, &order);
    if with_findings < rows {
        let count = order[with_findings..rows].iter().filter(|at| !by_entry[**at].is_empty()).count();
        if count > 0 {
            writeln!(
                out,
                "<p class=\"left-out\">The list has the findings of the first entries, worst first. {} more {} \
                 only the names of the rules, so that the page stays small; the formats <code>jsonl</code> and \
                 <code>csv</code> have all findings.</p>",
                text::thousands(count),
                if count == 1 { "has" } else { "have" },
            )?;
        }
    }
    if rows < order.len() {
        writeln!(
            out,
            "<p class=\"left-out\">The list has {} of {} entries, worst first; the totals above include all. The \
             formats <code>jsonl</code> and <code>csv</code> list all entries.</p>",
            text::thousands(rows),
            text::thousands(order.len()),
        )?;
    }
    let mut before = 0;
    for verdict in WORST_FIRST {
        let of_it = of_verdict(verdict);
        let count = of_it.len();
        let begin = before;
        before += count;
        if count == 0 {
            continue;
        }
        let shown = &of_it[..count.min(rows.saturating_sub(begin))];
        let detailed = with_findings.saturating_sub(begin).min(shown.len());
        let open = if verdict != Verdict::Ready || count <= OPEN_READY { " open" } else { "" };
        write!(
            out,
            "<details class=\"group\"{open}><summary><h3>{} ({})</h3></summary>\n<ul class=\"entries {}\" data-verdict=\"{}\">\n",
            called(verdict),
            text::thousands(count),
            verdict.name(),
            verdict.name(),
        )?;
        let (detailed, plain) = shown.split_at(detailed);
        for (entries, has_findings) in [(detailed, true), (plain, false)] {
            super::in_pieces(entries, out, |piece| {
                let mut page = Page::default();
                for &at in piece {
                    page.entry(input, at, if has_findings { &by_entry[at] } else { &[] });
                }
                Ok(page.0.into_bytes())
            })?;
        }
        out.write_all(b"</ul></details>\n")?;
    }
    out.write_all(b"</section>\n")
}

/// Entries that leave the window in the same days.
struct Bucket<'a> {
    name: String,
    entries: Vec<&'a Entry>,
}

/// The next seven days one by one, where any entry leaves in them; then weeks, to the last that
/// has any. Weeks in between stay, empty, so that the distance is seen.
fn buckets<'a>(today: NaiveDate, known: &[(NaiveDate, &'a Entry)]) -> Vec<Bucket<'a>> {
    let coming: Vec<(i64, &'a Entry)> = known
        .iter()
        .map(|(day, entry)| ((*day - today).num_days(), *entry))
        .filter(|(ahead, _)| *ahead >= 0)
        .collect();
    let Some(last) = coming.iter().map(|(ahead, _)| *ahead).max() else { return Vec::new() };
    let mut buckets = Vec::new();
    let mut from: i64 = 0;
    while from <= last {
        let days = if from < 7 { 1 } else { 7 };
        let entries: Vec<&Entry> = coming
            .iter()
            .filter(|(ahead, _)| (from..from + days).contains(ahead))
            .map(|(_, entry)| *entry)
            .collect();
        let day = |ahead: i64| today.checked_add_days(Days::new(ahead.unsigned_abs())).unwrap_or(today);
        let name = match (days, from) {
            (1, 0) => format!("{} (filing day)", day(0)),
            (1, _) => day(from).format("%Y-%m-%d, %a").to_string(),
            _ => format!(
                "{} to {} <span class=\"soft\">(week)</span>",
                day(from),
                day(from + days - 1).format("%m-%d")
            ),
        };
        if !entries.is_empty() || days > 1 {
            buckets.push(Bucket { name, entries });
        }
        from += days;
        // A date far off would make thousands of empty weeks.
        if buckets.len() >= 60 {
            let rest: Vec<&Entry> =
                coming.iter().filter(|(ahead, _)| *ahead >= from).map(|(_, entry)| *entry).collect();
            if !rest.is_empty() {
                buckets.push(Bucket { name: format!("{} and later", day(from)), entries: rest });
            }
            break;
        }
    }
    buckets
}

/// With a capital letter, unless it begins with a name: of a file, a rule, or what stands in backquotes.
fn capital(line: &str) -> String {
    let first = line.split(' ').next().unwrap_or("");
    let is_name = first.contains(['.', '/', '\\', '_', '`']) || first.contains(|c: char| c.is_ascii_digit());
    let mut letters = line.chars();
    match letters.next() {
        Some(letter) if !is_name => letter.to_uppercase().chain(letters).collect(),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Options, fixture};
    use super::*;

    #[test]
    fn the_policy_allows_exactly_our_style_and_script() {
        assert_eq!(allowed("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        let page = fixture::clean().render(Format::Html, &Options::default());
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let parts: Vec<&str> =
                page.split(open).skip(1).filter_map(|rest| Some(rest.split_once(close)?.0)).collect();
            assert!(!parts.is_empty(), "{open}");
            for part in parts {
                assert!(page.contains(&format!("'{}'", allowed(part))), "{open}");
            }
        }
    }

    #[test]
    fn the_page_asks_for_nothing_from_anywhere() {
        let page = fixture::hostile().render(Format::Html, &Options::default());
        for outside in
            ["src=", "http-equiv=\"refresh", "@import", "url(", "<link", "<img", "<iframe", "onclick"]
        {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(!page.contains("987-65-4320"));
    }

    #[test]
    fn names_keep_their_letters() {
        for (line, expected) in [
            ("leave it out", "Leave it out"),
            ("es003.csv has no column", "es003.csv has no column"),
            ("`iPod.csv` is not read", "`iPod.csv` is not read"),
            ("", ""),
        ] {
            assert_eq!(capital(line), expected);
        }
    }

    #[test]
    fn many_entries_stay_small() {
        let page = fixture::mixed(25_000).render(Format::Html, &Options::default());
        assert!(page.len() <= 4_000_000, "{}", page.len());
    }

    #[test]
    fn the_next_days_stand_alone_and_then_weeks() {
        let fixture = fixture::everything_fails(140);
        let known: Vec<_> =
            fixture.outcome.entries.iter().filter_map(|entry| Some((entry.deadline?, entry))).collect();
        let buckets = buckets(fixture.outcome.filing_date, &known);
        let names: Vec<&str> = buckets.iter().map(|bucket| bucket.name.as_str()).take(9).collect();
        assert_eq!(names[0], "2026-11-22 (filing day)");
        assert_eq!(names[6], "2026-11-28, Sat");
        assert!(names[7].starts_with("2026-11-29 to 12-05 "));
        assert_eq!(buckets[7].entries.len(), 14);
        assert_eq!(buckets.iter().map(|bucket| bucket.entries.len()).sum::<usize>(), 140);
    }

    #[test]
    fn a_page_of_many_entries_stays_small_and_says_what_it_leaves_out() {
        let rules = crate::Rules::built_in().expect("the built-in rules");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
        let page = |entries: usize| {
            let rows = (0..entries).map(|number| format!("ABC{number:08}\r\n"));
            let text = format!("Entry Number\r\n{}", rows.collect::<String>());
            let mut check = crate::Check::new(&rules, day);
            check.declaration("march.csv", text.into_bytes());
            let checked = check.run().expect("a check");
            let mut page = Vec::new();
            checked.render(Format::Html, &Options::default(), &mut page).expect("memory");
            String::from_utf8(page).expect("UTF-8")
        };
        let many = page(26_000);
        assert!(many.len() < 4 << 20, "{}", many.len());
        assert!(many.contains("The list has 25,000 of 26,000 entries, worst first"));
        assert!(many.contains("only the names of the rules"));
        assert_eq!(many.matches("class=\"row\"").count(), 25_000);
        assert!(!page(100).contains("class=\"left-out\""));
    }
}
