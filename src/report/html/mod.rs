//! One self-contained page: what becomes of the declaration, at a glance and entry by entry.
//!
//! It loads nothing and sends nothing (a content security policy enforces that, and allows the one style and
//! the one script by their hashes), prints well, follows the reader's light or dark setting, and needs its
//! script for nothing but the search. Entries are grouped by verdict, worst first, each with its evidence
//! behind a disclosure; rows that are off the screen are not laid out, so that 9,999 entries stay light.
//!
//! Every text is escaped by the type of the page ([`Markup`]). What comes from outside is [`Outside`],
//! which also cleans it, or [`Prose`], which sets the names in it as code.

mod deadlines;
mod entries;
mod findings;
mod verdicts;

pub use verdicts::clients;

use std::io::{self, Write};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use sha2::{Digest as _, Sha256};

use super::{ReportInput, csv, text, words};
use crate::duty::DutySum;
use crate::finding::{Entry, Verdict};
use crate::outside::{Outside, OutsideString};
use crate::source::Place;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What became of the entries of a plan. The declarations on which they were evaluated exist for that only, so
/// the report names none of them.
pub struct Planned {
    /// What the plan is of.
    pub title: OutsideString,
    /// The upload files and what else entries may be in.
    pub destinations: Vec<String>,
    /// For each entry of the outcome an index into these.
    pub of_entry: Vec<usize>,
}

impl Planned {
    fn destination(&self, entry: usize) -> &str {
        self.of_entry.get(entry).and_then(|at| self.destinations.get(*at)).map_or("", String::as_str)
    }
}

/// What a page is made of.
#[derive(Clone, Copy)]
struct Page<'a> {
    input: ReportInput<'a>,
    /// Where it is that of a plan.
    planned: Option<&'a Planned>,
}

impl Page<'_> {
    /// Where something is, unless that is a declaration which the reader does not have.
    fn place(&self, place: Place) -> Option<String> {
        let is_declaration = || self.input.outcome.declarations.iter().any(|one| one.file == place.file);
        (self.planned.is_none() || !is_declaration()).then(|| self.input.place(place))
    }
}

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    page(Page { input, planned: None }, out)
}

/// Writes the report of a plan.
pub fn render_plan(input: ReportInput<'_>, planned: &Planned, out: &mut dyn Write) -> io::Result<()> {
    page(Page { input, planned: Some(planned) }, out)
}

fn page(page: Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let input = page.input;
    let outcome = input.outcome;
    let summary = input.summary();
    let by_entry = csv::by_entry(outcome);
    let provenance = words::provenance(outcome);
    let declarations = || match outcome.declarations.as_slice() {
        [one] => input.sources.name(one.file).to_string(),
        several => text::count(several.len(), "declaration", "declarations"),
    };
    let (heading, title) = match page.planned {
        Some(planned) => (planned.title.shown(), None),
        None => ("CAPE declaration check".into(), Some(declarations())),
    };
    let body = html! {
        "\n" a.skip href="#entries" { "Skip to the entries" }
        "\n" header {
            h1 { (heading) }
            p.facts { @if let Some(title) = &title { strong { (title) } " · " } (Outside::new(&provenance)) }
        }
        "\n" main {
            (verdicts::section(page, &summary))
            (findings::by_rule(input, &summary))
            (deadlines::section(input))
            (findings::undecided(page))
            (findings::about_files(page))
            (findings::left_out(input))
            (entries::section(page, &by_entry))
        }
        "\n" footer {
            p {
                (Outside::new(&capital(&provenance)))
                ". Made by capelint " (env!("CARGO_PKG_VERSION")) ", which sends nothing anywhere."
            }
        }
        "\n" script { (PreEscaped(SCRIPT)) }
    };
    let title = title.map_or_else(String::new, |title| format!(": {title}"));
    let title = format!("{heading}{title}, {}", outcome.filing_date);
    out.write_all(document(&title, &body).0.as_bytes())
}

/// A whole page in the project's design. Its policy allows nothing to be loaded, and only the page's own style and
/// script to be applied and run.
pub fn document(title: &str, body: &Markup) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        allowed(STYLE),
        allowed(SCRIPT)
    );
    html! {
        (DOCTYPE) "\n"
        html lang="en" {
            head {
                "\n" meta charset="utf-8";
                "\n" meta http-equiv="Content-Security-Policy" content=(policy);
                "\n" meta name="viewport" content="width=device-width, initial-scale=1";
                "\n" meta name="referrer" content="no-referrer";
                "\n" title { (title) }
                "\n" style { (PreEscaped(STYLE)) }
            }
            "\n"
            body { (body) }
        }
        "\n"
    }
}

/// The source expression of the policy for a style or script that is in the page.
fn allowed(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// A section of the page, with its heading.
fn section(id: &str, heading: &str, content: &Markup) -> Markup {
    html! {
        "\n" section aria-labelledby=(id) {
            "\n" h2 id=(id) { (heading) }
            (content)
        }
    }
}

/// Text from outside in which `` `words` `` in backquotes, as rules write names, are set as code.
struct Prose<'t>(&'t str);

impl Render for Prose<'_> {
    fn render_to(&self, page: &mut String) {
        let shown = Outside::new(self.0).shown();
        let is_paired = shown.matches('`').count().is_multiple_of(2);
        for (n, part) in shown.split('`').enumerate() {
            match (is_paired, n % 2 == 1) {
                (true, true) => html! { code { (part) } }.render_to(page),
                (true, false) => part.render_to(page),
                (false, _) => {
                    shown.render_to(page);
                    break;
                }
            }
        }
    }
}

/// What people call a verdict, as a heading.
fn called(verdict: Verdict) -> String {
    capital(verdict.title())
}

/// Worst first: what needs attention.
const WORST_FIRST: [Verdict; 5] =
    [Verdict::Rejected, Verdict::Stopped, Verdict::Undecided, Verdict::Warned, Verdict::Ready];

/// Best first, as sums are read.
fn best_first() -> impl Iterator<Item = Verdict> {
    WORST_FIRST.into_iter().rev()
}

/// The IEEPA duty of an entry, where it is known.
fn dollars(entry: &Entry) -> Option<String> {
    DutySum::of([entry]).in_short()
}

/// With a capital letter, unless it begins with a name: of a file, a rule, or what is in backquotes.
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
    fn a_page_of_many_entries_stays_small_and_counts_what_it_leaves_out() {
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
