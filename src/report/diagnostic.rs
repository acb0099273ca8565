//! What kept capelint from running, drawn as a compiler would: [`Diagnostic`]s of rule files,
//! configurations, command lines and tables.

use std::io::{self, Write};
use std::ops::Range;

use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::term::Config;

use super::snippet::{self, Drawing, Ink, Line, Snippet};
use super::text;
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::{FileId, Place, SourceKind, Sources};

/// Widest line of a file that is shown.
const COLUMNS: usize = 100;

/// Writes each diagnostic, with an empty line after it.
///
/// # Errors
/// Those of `out`.
pub fn render(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let config = Config::default();
    let mut ink = Ink::new(color);
    for diagnostic in diagnostics {
        snippet::draw(&drawing(diagnostic, sources), &config, &mut ink)?;
        out.write_all(&ink.bytes)?;
        ink.bytes.clear();
    }
    Ok(())
}

fn drawing<'a>(diagnostic: &'a Diagnostic, sources: &Sources) -> Drawing<'a> {
    let mut files: Vec<FileId> = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.place.file) {
            files.push(label.place.file);
        }
    }
    let snippets = files
        .into_iter()
        .map(|file| {
            let marks: Vec<Mark<'_>> = diagnostic
                .labels
                .iter()
                .enumerate()
                .filter(|(_, label)| label.place.file == file)
                .map(|(n, label)| Mark {
                    place: label.place,
                    style: if n == 0 { LabelStyle::Primary } else { LabelStyle::Secondary },
                    text: label.text.shown().into_owned(),
                    keep: &|_| false,
                    hidden: label.may_be_a_persons,
                })
                .collect();
            of_text(&marks, sources)
        })
        .collect();
    let notes = diagnostic.help.iter().map(|help| format!("help: {}", shown_lines(help.raw()))).collect();
    Drawing {
        severity: Severity::Error,
        called: "error",
        code: diagnostic.code.name(),
        message: diagnostic.message.shown().into_owned(),
        snippets,
        notes,
    }
}

/// Help may be several lines; each is cleaned.
fn shown_lines(help: &str) -> String {
    help.lines().map(|line| Outside::new(line).shown()).collect::<Vec<_>>().join("\n")
}

/// Something to point at in a file.
pub(super) struct Mark<'a> {
    /// Where.
    pub place: Place,
    /// Primary or secondary.
    pub style: LabelStyle,
    /// The text, clean.
    pub text: String,
    /// Which 9 digits are known not to be a social security number.
    pub keep: &'a dyn Fn(&str) -> bool,
    /// Whether all digits but the last four are hidden, because the cell is an importer number.
    pub hidden: bool,
}

/// The snippet of a file with its marks, at least one, all in this file. Where the file's text is
/// not at hand, only the place is shown, and the first mark's text beside it.
pub(super) fn of_text(marks: &[Mark<'_>], sources: &Sources) -> Snippet {
    let first = &marks[0];
    let place = sources.show(first.place).to_string();
    let has_text = first.style == LabelStyle::Primary;
    let Some(content) = sources.text(first.place.file) else {
        let place = match first.text.as_str() {
            "" => place,
            said => format!("{place}: {said}"),
        };
        return Snippet { place, lines: Vec::new(), is_table: false, has_text };
    };
    let prose = is_prose(sources, first.place.file);
    let mut numbers: Vec<u32> = marks.iter().map(|mark| mark.place.line).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let lines = numbers
        .into_iter()
        .map(|number| {
            let here: Vec<&Mark<'_>> = marks.iter().filter(|mark| mark.place.line == number).collect();
            let index = number.saturating_sub(1) as usize;
            let line = content.line(index);
            let start = content.line_start(index) + content.skipped;
            let parts: Vec<Range<usize>> = here
                .iter()
                .map(|mark| {
                    let span = mark.place.span.range();
                    span.start.saturating_sub(start)..span.end.saturating_sub(start)
                })
                .collect();
            let cut = if prose {
                // Other numbers of the list may be mistyped, too.
                let is_hidden = here.iter().any(|mark| mark.hidden);
                let line = if is_hidden { masked_values(line).into() } else { Outside::new(line).masked() };
                text::whole_line(&line, &parts, COLUMNS)
            } else {
                let masked =
                    Outside::new(line).masked_unless(|word| here.iter().any(|mark| (mark.keep)(word)));
                let mut masked = masked.into_owned();
                for (mark, part) in here.iter().zip(&parts) {
                    let cell = if mark.hidden { masked.get(part.clone()) } else { None };
                    if let Some(cell) = cell.map(|cell| Outside::new(cell).masked_all().into_owned()) {
                        masked.replace_range(part.clone(), &cell);
                    }
                }
                text::parts_of_line(&masked, &parts, COLUMNS / 2)
            };
            let labels = here
                .iter()
                .zip(cut.parts)
                .map(|(mark, range)| snippet::LineLabel { style: mark.style, range, text: mark.text.clone() })
                .collect();
            Line { number: number.into(), text: cut.text, labels }
        })
        .collect();
    Snippet { place, lines, is_table: false, has_text }
}

/// A line of YAML without what may be a person's number in any of its keys and values, in whatever way it is
/// written. In as many bytes as before.
fn masked_values(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    for value in line.split_inclusive(['"', '\'', '[', ']', '{', '}']) {
        for part in value.split_inclusive(": ").flat_map(|part| part.split_inclusive(", ")) {
            masked.push_str(&Outside::new(part).masked_all());
        }
    }
    Outside::new(&masked).masked().into_owned()
}

/// Whether a file is written by people for capelint (rules, configuration), so that the words
/// around an error may be shown.
fn is_prose(sources: &Sources, file: FileId) -> bool {
    let file = sources.file(file);
    let name = file.name().raw().to_ascii_lowercase();
    matches!(file.kind, SourceKind::Text(_)) && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::errors::{LiteralCode, SchemaCode};
    use crate::source::Span;
    use crate::yaml::errors::YamlCode;

    fn rendered(diagnostic: &Diagnostic, sources: &Sources) -> String {
        let mut out = Vec::new();
        render(std::slice::from_ref(diagnostic), sources, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_number_of_a_list_with_a_mistyped_importer_number_is_shown() {
        for number in ["934,50,7123", "934:50:7123", "9 3 4 5 0 7 1 2 3", "934-50-7123x"] {
            let mut sources = Sources::default();
            let text = format!("importer_numbers: [\"{number}\", \"934;50;7123\"]\n");
            let file = sources.add_text("capelint.yaml", text.as_str());
            let place = sources.place(file, 19..21 + number.len());
            let shown = rendered(
                &Diagnostic::new(LiteralCode::BadImporterNumber, "none").at_a_persons(place, ""),
                &sources,
            );
            let digits = |line: &str| line.chars().filter(char::is_ascii_digit).count();
            let line = shown.lines().find(|line| line.contains("importer_numbers")).unwrap();
            // The number of the line, and the last 4 digits of each.
            assert_eq!(digits(line), 9, "{shown}");
        }
    }

    #[test]
    fn a_diagnostic_in_a_rule_file_is_shown_at_its_place() {
        let mut sources = Sources::default();
        let text = "rules:\n  - id: a\n    severty: error\n    # é\u{202e}\n  - id: a\n";
        let file = sources.add_text("house-rules.yaml", text);
        let at = |word: &str| {
            let start = text.find(word).unwrap();
            sources.place(file, start..start + word.len())
        };
        let diagnostic = Diagnostic::new(YamlCode::UnknownKey, "unknown key `severty`")
            .at(at("severty"), "not a key of a rule")
            .at(at("é\u{202e}"), "and this")
            .did_you_mean("severty", ["severity", "id"]);
        crate::snapshot::assert_file("src/report/snapshots/diagnostic.txt", &rendered(&diagnostic, &sources));
    }

    #[test]
    fn of_a_table_only_the_cell_is_shown_and_without_text_only_the_place() {
        let mut sources = Sources::default();
        let text = "\u{feff}Entry Number,IOR\r\nABC12345676,987-65-4320\r\n987654320,x\r\n";
        let csv = sources.add(
            "plan.csv",
            SourceKind::Text(std::sync::Arc::new(crate::source::Text::new(
                text.trim_start_matches('\u{feff}').into(),
                3,
            ))),
        );
        let start = text.find("ABC").unwrap() - 3;
        let diagnostic = Diagnostic::new(LiteralCode::BadDate, "wrong")
            .at(sources.place(csv, start..start + 11), "this\x1b[2J");
        let shown = rendered(&diagnostic, &sources);
        assert!(shown.contains("plan.csv:2:1\n"), "{shown}");
        assert!(shown.contains("2 │ ABC12345676 │ …\n  │ ^^^^^^^^^^^ this␛[2J\n"), "{shown}");
        let start = text.find("987654320").unwrap() - 3;
        let shown = rendered(
            &Diagnostic::new(LiteralCode::BadDate, "wrong").at(sources.place(csv, start..start + 9), ""),
            &sources,
        );
        assert!(shown.contains("*****4320 │ …"), "{shown}");

        let catalog = sources.add("es003.xlsx", SourceKind::Sheet { sheet: "Main Report".into() });
        let place = Place { file: catalog, line: 1042, column: 28, span: Span::default() };
        let shown = rendered(&Diagnostic::new(LiteralCode::BadDate, "wrong").at(place, "no date"), &sources);
        assert_eq!(shown, "error[bad-date]: wrong\n  ┌─ es003.xlsx, Main Report!AB1042: no date\n\n");
        let shown =
            rendered(&Diagnostic::new(SchemaCode::MissingFile, "no file").help("look\nagain"), &sources);
        assert_eq!(shown, "error[missing-file]: no file\n  = help: look\n    again\n\n");
    }
}
