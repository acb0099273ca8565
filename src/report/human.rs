//! For people at a terminal: each finding as a compiler would say it, with the declaration's cell
//! and the cells that decided; then what could not be decided; then the sum of it.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{LabelStyle, Severity as Shade};
use codespan_reporting::term::{Config, WriteStyle};

use super::diagnostic::{Mark, of_text};
use super::snippet::{self, Drawing, Ink, Label, Line, Snippet};
use super::{Input, Summary, Verdicts, text};
use crate::entry;
use crate::finding::{Finding, Undecided, Verdict, Waived};
use crate::finding::{Fix, RuleId, Severity};
use crate::source::{FileId, Kind, Place};
use crate::table::{CellRef, Excerpt, TableId};

/// How many rows of a file one finding shows; more are counted.
const ROWS: usize = 4;

/// Writes the report.
pub fn render(input: Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = Shown::new(input);
    let findings: Vec<&Finding> = input.findings().filter(|finding| shown.take(finding.rule)).collect();
    let config = Config::default();
    super::in_pieces(&findings, out, |piece| {
        let mut ink = Ink::new(input.options.color);
        for finding in piece {
            snippet::draw(&drawing(input, finding), &config, &mut ink)?;
        }
        Ok(ink.bytes)
    })?;
    let mut ink = Ink::new(input.options.color);
    let before = ink.bytes.len();
    shown.rest(&mut ink)?;
    waived(input, &mut ink)?;
    if ink.bytes.len() > before {
        writeln!(ink)?;
    }
    undecided(input, &mut ink)?;
    let summary = input.summary();
    if input.options.statistics {
        statistics(input, &summary, &mut ink)?;
    }
    if !input.options.quiet {
        sum(input, &summary, &mut ink)?;
    }
    out.write_all(&ink.bytes)
}

/// Counts what is shown of each rule, against the cap.
pub struct Shown<'a> {
    input: Input<'a>,
    counts: Vec<usize>,
}

impl<'a> Shown<'a> {
    /// Nothing shown yet.
    pub fn new(input: Input<'a>) -> Self {
        Self { input, counts: vec![0; input.outcome.rules.len()] }
    }

    /// Counts a finding, and says whether it is to be shown.
    pub fn take(&mut self, rule: RuleId) -> bool {
        let count = &mut self.counts[usize::from(rule.0)];
        *count += 1;
        self.input.options.max_per_rule.is_none_or(|cap| *count <= cap)
    }

    /// Says what was left out.
    pub fn rest(&self, ink: &mut Ink) -> io::Result<()> {
        let Some(cap) = self.input.options.max_per_rule else { return Ok(()) };
        for (count, rule) in self.counts.iter().zip(&self.input.outcome.rules) {
            if *count > cap {
                let more = text::thousands(count - cap);
                writeln!(ink, "… and {more} more of {} (--max-per-rule 0 shows all)", rule.id)?;
            }
        }
        Ok(())
    }
}

/// How codespan-reporting calls a severity.
pub fn shade(severity: Severity) -> Shade {
    match severity {
        Severity::Error => Shade::Error,
        // Drawn in a color of its own: see `snippet`.
        Severity::Stop => Shade::Bug,
        Severity::Warning => Shade::Warning,
        Severity::Note => Shade::Note,
    }
}

/// What CBP would say, where the rule knows.
pub fn cbp(input: Input<'_>, finding: &Finding) -> Option<String> {
    let said = input.rule(finding.rule).cbp.as_deref()?;
    let would = if finding.severity == Severity::Error { "would" } else { "may" };
    Some(format!("CBP {would} answer \"{}\"", text::shown(said)))
}

/// What `capelint fix` would do, where it would do something.
pub fn fix(finding: &Finding) -> Option<String> {
    let repair = finding.fix.as_ref()?;
    Some(match (repair.kind, &repair.replacement) {
        (Fix::RewriteEntryNumber, Some(number)) => {
            format!("`capelint fix` writes {}", text::fit(number, 40))
        }
        (Fix::RewriteEntryNumber, None) => "`capelint fix` writes the number in its normal form".to_owned(),
        (Fix::DropRow, _) => "`capelint fix` leaves this row out".to_owned(),
        (Fix::RewriteFile, _) => "`capelint fix` writes the file in CBP's form".to_owned(),
    })
}

fn drawing<'a>(input: Input<'a>, finding: &'a Finding) -> Drawing<'a> {
    let rule = input.rule(finding.rule);
    let said = cbp(input, finding);
    let mut notes = Vec::new();
    let snippets = snippets(input, finding, said.as_deref().unwrap_or(""), &mut notes);
    if let Some(said) = said
        && !snippets.iter().any(|snippet| {
            snippet.place.contains(&said)
                || snippet.lines.iter().flat_map(|line| &line.labels).any(|label| label.text == said)
        })
    {
        notes.insert(0, said);
    }
    if let Some(help) = &finding.help {
        notes.push(format!("help: {}", text::shown(help)));
    }
    notes.extend(fix(finding).map(|fix| format!("fix: {fix}")));
    if !rule.sources.is_empty() {
        let sources: Vec<_> = rule.sources.iter().map(|source| text::shown(source)).collect();
        notes.push(format!("source: {}", sources.join(", ")));
    }
    Drawing {
        severity: shade(finding.severity),
        called: finding.severity.name(),
        code: &rule.id,
        message: input.message(finding).into_owned(),
        snippets,
        notes,
    }
}

/// The declaration's cell, then the rows that decided, file by file.
fn snippets(input: Input<'_>, finding: &Finding, said: &str, notes: &mut Vec<String>) -> Vec<Snippet> {
    let home = finding.place.file;
    let is_text = matches!(input.sources.file(home).kind, Kind::Text(_));
    // Deciding cells in the finding's own row are shown with it under their headers. Cells of
    // other rows of a declaration (the first of two equal ones) need no header: they are shown
    // as lines of the same text.
    let same_row = |label: &crate::finding::Label| {
        label.cell.is_some() && label.place.file == home && label.place.line == finding.place.line
    };
    let as_text = is_text && !finding.labels.iter().any(same_row);
    let rows = Rows::of(input, finding, |label| !(as_text && label.place.file == home));
    let own = rows.files.iter().position(|(file, rows)| {
        *file == home && rows.iter().flat_map(|row| &row.cells).any(|cell| cell.place == finding.place)
    });
    let mut snippets = Vec::with_capacity(1 + rows.files.len());
    match own {
        Some(at) => snippets.push(rows.snippet(input, at, Some((finding.place, said)))),
        None => snippets.push(declared(input, finding, said, as_text)),
    }
    snippets
        .extend((0..rows.files.len()).filter(|at| own != Some(*at)).map(|at| rows.snippet(input, at, None)));
    if rows.left_out > 0 {
        notes.push(format!("and {}", text::count(rows.left_out, "more row", "more rows")));
    }
    // Places in other texts.
    for label in finding.labels.iter().filter(|label| label.cell.is_none()) {
        if as_text && label.place.file == home {
            continue;
        }
        let mark = Mark {
            place: label.place,
            style: LabelStyle::Secondary,
            text: text::shown(&label.text).into_owned(),
            keep: &|word| is_the_entry(input, finding, word),
        };
        snippets.push(of_text(&[mark], input.sources));
    }
    snippets
}

/// Whether nine digits are the entry number that the finding is about, without its zeros.
fn is_the_entry(input: Input<'_>, finding: &Finding, word: &str) -> bool {
    finding.entry.is_some_and(|entry| {
        let entry = &input.outcome.entries[entry];
        match entry.number {
            Some(number) => entry::read(word).number == Some(number),
            None => finding.place == entry.place && entry.written.contains(word),
        }
    })
}

/// The cell the finding stands at; with other places of the same text where `with_labels`.
fn declared(input: Input<'_>, finding: &Finding, said: &str, with_labels: bool) -> Snippet {
    let place = finding.place;
    let keep = |word: &str| is_the_entry(input, finding, word);
    if matches!(input.sources.file(place.file).kind, Kind::Text(_)) {
        if place.span.start == place.span.end {
            return Snippet { place: input.place(place), lines: Vec::new(), is_table: false };
        }
        let mut marks = vec![Mark { place, style: LabelStyle::Primary, text: said.to_owned(), keep: &keep }];
        let same = |label: &&crate::finding::Label| with_labels && label.place.file == place.file;
        marks.extend(finding.labels.iter().filter(same).map(|label| Mark {
            place: label.place,
            style: LabelStyle::Secondary,
            text: text::shown(&label.text).into_owned(),
            keep: &keep,
        }));
        return of_text(&marks, input.sources);
    }
    let lines = match input.evidence.declared(place) {
        Some(cell) => {
            let cell = text::fit(&cell, input.options.cell_width).into_owned();
            let range = 0..cell.len();
            let label = Label { style: LabelStyle::Primary, range, text: said.to_owned() };
            vec![Line { number: place.line, text: cell, labels: vec![label] }]
        }
        None => Vec::new(),
    };
    Snippet { place: input.place(place), lines, is_table: false }
}

/// The table rows that decided, by file.
struct Rows<'a> {
    finding: &'a Finding,
    files: Vec<(FileId, Vec<Excerpt>)>,
    left_out: usize,
}

impl<'a> Rows<'a> {
    fn of(input: Input<'_>, finding: &'a Finding, wanted: impl Fn(&crate::finding::Label) -> bool) -> Self {
        let labels = finding.labels.iter().filter(|label| wanted(label));
        let mut cells: Vec<CellRef> = labels.filter_map(|label| label.cell).collect();
        let mut files: Vec<(FileId, Vec<Excerpt>)> = Vec::new();
        let mut left_out = 0;
        if !cells.is_empty() {
            let order: Vec<TableId> = cells.iter().map(|cell| cell.table).collect();
            cells.sort_by_key(|cell| {
                (order.iter().position(|table| *table == cell.table), cell.row, cell.column)
            });
            cells.dedup();
            for table in cells.chunk_by(|a, b| a.table == b.table) {
                // The rows of a table are shown under the same columns, so that they line up.
                let mut columns: Vec<u16> = table.iter().map(|cell| cell.column).collect();
                columns.sort_unstable();
                columns.dedup();
                for (n, row) in table.chunk_by(|a, b| a.row == b.row).enumerate() {
                    if n >= ROWS {
                        left_out += 1;
                        continue;
                    }
                    let wanted: Vec<CellRef> =
                        columns.iter().map(|&column| CellRef { column, ..row[0] }).collect();
                    let excerpt = input.evidence.excerpt(&wanted);
                    match files.iter_mut().find(|(file, _)| *file == excerpt.file) {
                        Some((_, rows)) => rows.push(excerpt),
                        None => files.push((excerpt.file, vec![excerpt])),
                    }
                }
            }
        }
        Self { finding, files, left_out }
    }

    /// Header and rows of a file, in columns.
    fn snippet(&self, input: Input<'_>, at: usize, primary: Option<(Place, &str)>) -> Snippet {
        let (file, rows) = &self.files[at];
        let widest = input.options.cell_width;
        let first = &rows[0];
        let header: Vec<String> =
            first.cells.iter().map(|cell| text::fit(&cell.header, widest).into_owned()).collect();
        let texts: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| text::fit(&cell.text, widest).into_owned()).collect())
            .collect();
        let widths: Vec<usize> = header
            .iter()
            .enumerate()
            .map(|(n, text)| {
                let cells = texts.iter().filter_map(|row| row.get(n));
                cells.chain([text]).map(|text| text::columns(text)).max().unwrap_or(0)
            })
            .collect();
        let mut lines = Vec::with_capacity(rows.len() + 1);
        let (text, _) = row_of(first, &header, &widths);
        lines.push(Line { number: first.header_line, text, labels: Vec::new() });
        let mut places: Vec<Place> = Vec::new();
        for (row, cells) in rows.iter().zip(&texts) {
            let (text, ranges) = row_of(row, cells, &widths);
            let find = |place: Place| row.cells.iter().position(|cell| cell.place == place);
            let mut labels = Vec::new();
            if let Some((place, said)) = primary
                && let Some(n) = find(place)
            {
                let range = ranges[n].clone();
                labels.push(Label { style: LabelStyle::Primary, range, text: said.to_owned() });
            }
            for label in &self.finding.labels {
                // A column that the file lacks is said at the row's key.
                let n = match find(label.place) {
                    Some(n) => n,
                    None if label.cell.is_some() && label.place.line == row.line => 0,
                    None => continue,
                };
                if label.cell.is_none() || label.place.file != *file {
                    continue;
                }
                places.push(label.place);
                let Some(range) = ranges.get(n).cloned() else { continue };
                let text = text::shown(&label.text).into_owned();
                labels.push(Label { style: LabelStyle::Secondary, range, text });
            }
            lines.push(Line { number: row.line, text, labels });
        }
        lines.sort_by_key(|line| line.number);
        let place = primary.map(|(place, _)| place).or(places.first().copied());
        let place =
            place.unwrap_or_else(|| first.cells.first().map_or(self.finding.place, |cell| cell.place));
        Snippet { place: input.place(place), lines, is_table: true }
    }
}

/// A row in columns, with `…` where fields were left out, and where each cell is in it.
fn row_of(row: &Excerpt, cells: &[String], widths: &[usize]) -> (String, Vec<std::ops::Range<usize>>) {
    let mut text = String::new();
    let mut ranges = Vec::with_capacity(cells.len());
    let last = cells.len().saturating_sub(1);
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            text.push_str(" │ ");
        }
        if row.cells[n].gap_before {
            text.push_str("… │ ");
        }
        let start = text.len();
        text.push_str(cell);
        ranges.push(start..text.len());
        if n < last {
            let width = widths.get(n).copied().unwrap_or(0);
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(text::columns(cell))));
        }
    }
    (text, ranges)
}

/// Findings that do not count, one line each.
fn waived(input: Input<'_>, ink: &mut Ink) -> io::Result<()> {
    let mut counts = vec![0; input.outcome.rules.len()];
    for finding in &input.outcome.findings {
        let Some(waived) = &finding.waived else { continue };
        let count = &mut counts[usize::from(finding.rule.0)];
        *count += 1;
        if input.options.max_per_rule.is_some_and(|cap| *count > cap) {
            continue;
        }
        ink.set_label(Shade::Help, LabelStyle::Secondary)?;
        write!(ink, "waived[{}]", input.rule(finding.rule).id)?;
        ink.reset()?;
        writeln!(ink, ": {} ({}; {})", input.message(finding), input.place(finding.place), why(waived))?;
    }
    let Some(cap) = input.options.max_per_rule else { return Ok(()) };
    for (count, rule) in counts.iter().zip(&input.outcome.rules) {
        if *count > cap {
            writeln!(ink, "… and {} more waived of {}", text::thousands(count - cap), rule.id)?;
        }
    }
    Ok(())
}

/// Why a finding does not count.
pub fn why(waived: &Waived) -> String {
    match waived {
        Waived::Waiver { reason, until } => format!("waived until {until}: {}", text::shown(reason)),
        Waived::Baseline => "in the baseline".to_owned(),
    }
}

/// Rules that could not be decided for the same cause.
pub struct Cause<'a> {
    /// The first of them.
    pub first: &'a Undecided,
    /// Their names.
    pub rules: Vec<&'a str>,
    all: Vec<&'a Undecided>,
}

impl Cause<'_> {
    /// For how many entries (or with `on_files` declarations), in words; `None` for none. Rules that
    /// lack the same may do so for more or fewer.
    fn counted(&self, on_files: bool) -> Option<String> {
        let counts = self.all.iter().filter(|one| one.on_file == on_files).map(|one| one.entries);
        let (least, most) = (counts.clone().min()?, counts.max()?);
        Some(format!("{}{}", if least < most { "up to " } else { "" }, things(most, on_files)))
    }

    /// For how many entries, as in `8 entries`; `None` where all its rules look at whole files.
    pub fn entries(&self) -> Option<String> {
        self.counted(false)
    }

    /// For how many entries and declarations, as in `8 entries, 1 declaration`.
    pub fn how_many(&self) -> String {
        [false, true].into_iter().filter_map(|on_files| self.counted(on_files)).collect::<Vec<_>>().join(", ")
    }
}

/// `8 entries`, or of a rule on files `1 declaration`.
pub fn things(count: usize, on_files: bool) -> String {
    let (one, many) = if on_files { ("declaration", "declarations") } else { ("entry", "entries") };
    text::count(count, one, many)
}

/// What could not be decided, with rules of the same cause together: a missing table is one thing
/// to settle, not twenty. Rules that are undecided for different numbers of entries stay apart, so that
/// each says for how many; not so those that merely lack what is optional.
pub fn causes(input: Input<'_>, optional: bool) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for undecided in input.outcome.undecided.iter().filter(|undecided| undecided.optional == optional) {
        let name = input.rule(undecided.rule).id.as_str();
        let same = causes.iter_mut().find(|cause| {
            let first = cause.first;
            let alike = (&first.cause, first.place) == (&undecided.cause, undecided.place);
            let same_things =
                |one: &&Undecided| one.on_file != undecided.on_file || one.entries == undecided.entries;
            // A list that was not given is one thing to give, for however many entries.
            alike && (optional || cause.all.iter().all(same_things))
        });
        match same {
            Some(cause) => {
                cause.all.push(undecided);
                if !cause.rules.contains(&name) {
                    cause.rules.push(name);
                }
            }
            None => causes.push(Cause { first: undecided, rules: vec![name], all: vec![undecided] }),
        }
    }
    causes
}

fn undecided(input: Input<'_>, ink: &mut Ink) -> io::Result<()> {
    for optional in [false, true] {
        let causes = causes(input, optional);
        if causes.is_empty() {
            continue;
        }
        let mut names: Vec<&str> = causes.iter().flat_map(|cause| cause.rules.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        let rules = text::count(names.len(), "rule", "rules");
        // Different causes may keep different entries undecided: then each says for how many.
        let things: Vec<_> =
            [false, true].into_iter().filter_map(|on_files| all_things(input, &causes, on_files)).collect();
        let alike = causes.iter().all(|cause| cause.how_many() == things.join(", "));
        let (severity, word, code, message) = if optional {
            let message =
                format!("{rules} not applied, for want of lists, columns or settings that only you can give");
            (Shade::Note, "note", "not-checked", message)
        } else {
            let things = things.join(" and ");
            (Shade::Warning, "warning", "undecided", format!("{rules} could not be decided for {things}"))
        };
        let notes = causes
            .iter()
            .map(|cause| {
                let mut note = cause.rules.join(", ");
                if !alike && !optional {
                    note.push_str(&format!(" ({})", cause.how_many()));
                }
                note.push_str(&format!(": {}", text::shown(&input.cause(cause.first))));
                if let Some(place) = cause.first.place {
                    note.push_str(&format!(" (first at {})", input.place(place)));
                }
                note.push_str(&format!("; {}", text::shown(&input.help(cause.first))));
                note
            })
            .collect();
        let drawing = Drawing { severity, called: word, code, message, snippets: Vec::new(), notes };
        snippet::draw(&drawing, &Config::default(), ink)?;
    }
    Ok(())
}

/// For which entries (or with `on_files` declarations) there are causes: so many where all causes are of
/// the same ones, else some. `None` for none.
fn all_things(input: Input<'_>, causes: &[Cause<'_>], on_files: bool) -> Option<String> {
    let told: Vec<String> = causes.iter().filter_map(|cause| cause.counted(on_files)).collect();
    let first = told.first()?;
    let all = if on_files { input.outcome.declarations.len() } else { input.outcome.entries.len() };
    let alike = told.iter().all(|one| one == first) && (told.len() == 1 || *first == things(all, on_files));
    Some(match (alike, on_files) {
        (true, _) => first.clone(),
        (false, false) => "some entries".to_owned(),
        (false, true) => "some declarations".to_owned(),
    })
}

fn statistics(input: Input<'_>, summary: &Summary, ink: &mut Ink) -> io::Result<()> {
    if summary.rules.is_empty() {
        return Ok(());
    }
    let width = summary.rules.iter().map(|count| input.rule(count.rule).id.len()).max().unwrap_or(0).max(4);
    ink.bold(&format!("{:<8} {:<width$} {:>8} {:>8}  ieepa duty", "severity", "rule", "findings", "waived"))?;
    writeln!(ink)?;
    for count in &summary.rules {
        ink.set_header(shade(count.severity))?;
        write!(ink, "{:<8}", count.severity.name())?;
        ink.reset()?;
        let duty = count
            .ieepa_duty
            .map_or_else(|| "-".to_owned(), |duty| text::bounded_dollars(duty, count.is_upper_bound));
        writeln!(
            ink,
            " {:<width$} {:>8} {:>8}  {duty}",
            input.rule(count.rule).id,
            text::thousands(count.findings),
            text::thousands(count.waived),
        )?;
    }
    writeln!(ink)
}

/// `9,999 entries: 9,402 ready, 411 rejected, 74 with warnings, 112 undecided`.
pub fn verdicts(counts: Verdicts) -> String {
    let mut line = format!(
        "{}: {} ready",
        text::count(counts.entries, "entry", "entries"),
        text::thousands(counts.ready)
    );
    for (count, what) in [
        (counts.rejected, "rejected"),
        (counts.stopped, "stopped"),
        (counts.warned, "with warnings"),
        (counts.undecided, "undecided"),
    ] {
        if count > 0 {
            line.push_str(&format!(", {} {what}", text::thousands(count)));
        }
    }
    if let Some(accepted) = accepted_by_you(counts) {
        line.push_str(&format!(", {accepted}"));
    }
    line
}

/// `2 accepted by you (by the rules 1 rejected, 1 stopped)`.
pub fn accepted_by_you(counts: Verdicts) -> Option<String> {
    let of = Verdict::ALL.into_iter().rev().zip(counts.accepted_of.into_iter().rev());
    let of: Vec<_> = of
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{} {}", text::thousands(count), verdict.title()))
        .collect();
    let accepted = text::thousands(counts.accepted_by_you);
    (!of.is_empty()).then(|| format!("{accepted} accepted by you (by the rules {})", of.join(", ")))
}

/// `rejected: 3 repaired by `capelint fix` ($1,234.00 IEEPA duty), 2 out of CAPE`.
pub fn remedies(summary: &Summary) -> Option<String> {
    let parts: Vec<String> = (summary.remedies.iter())
        .map(|count| {
            let duty = count.ieepa_duty.map_or_else(String::new, |duty| {
                let at_most = if count.is_upper_bound { "at most " } else { "" };
                format!(" ({at_most}{} IEEPA duty)", text::dollars(duty))
            });
            format!("{} {}{duty}", text::thousands(count.entries), count.remedy.title())
        })
        .collect();
    (!parts.is_empty()).then(|| format!("rejected: {}", parts.join(", ")))
}

/// `2 errors, 1 warning; 1 waived`.
pub fn tally(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (count, one, many) in [
        (summary.errors, "error", "errors"),
        (summary.stops, "stop", "stops"),
        (summary.warnings, "warning", "warnings"),
        (summary.notes, "note", "notes"),
    ] {
        if count > 0 {
            parts.push(text::count(count, one, many));
        }
    }
    let mut line = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    if summary.waived > 0 {
        line.push_str(&format!("; {} waived", text::thousands(summary.waived)));
    }
    line
}

/// What a clean result means, and what it does not.
pub fn assurance(input: Input<'_>, summary: &Summary) -> Option<String> {
    if summary.errors + summary.stops + summary.warnings > 0 {
        return None;
    }
    let nothing =
        if summary.waived > 0 { "nothing wrong found besides what is waived" } else { "nothing wrong found" };
    let open = summary.verdicts.undecided;
    let unapplied = input.outcome.undecided.iter().any(|undecided| undecided.optional);
    let undecided = input.outcome.undecided.iter().any(|undecided| !undecided.optional);
    Some(if open > 0 {
        format!(
            "{nothing}, but {} could not be decided: do not take that for a pass",
            text::count(open, "entry", "entries")
        )
    } else if undecided {
        format!("{nothing} in what could be decided; see above for what could not")
    } else if unapplied {
        let others = if input.outcome.switched_off.is_empty() { "all others" } else { "all others that ran" };
        format!("{nothing}; the rules named above were not applied, {others} were decided")
    } else if !input.outcome.switched_off.is_empty() {
        format!("{nothing} by the rules that ran; others were switched off, see below")
    } else {
        format!("{nothing}: every rule in force was decided for every entry")
    })
}

/// `first deadline: 2026-11-25, 12 entries leave the 80-day window`.
pub fn deadline(summary: &Summary) -> Option<String> {
    let (day, count) = summary.first_deadline?;
    let leave = if count == 1 { "leaves" } else { "leave" };
    Some(format!(
        "first deadline: {day}, {} {leave} the 80-day window",
        text::count(count, "entry", "entries")
    ))
}

/// `judged for filing on 2026-11-22 by cape 0.1.0 (checked against CBP's pages on 2026-11-20)`.
pub fn provenance(input: Input<'_>) -> String {
    let pack = &input.outcome.pack;
    let mut line = format!("judged for filing on {}", input.outcome.filing_date);
    if !pack.name.is_empty() {
        let name = format!("{} {}", pack.name, pack.version);
        line.push_str(&format!(" by rule pack {}", text::shown(name.trim())));
    }
    if let Some(day) = pack.verified {
        line.push_str(&format!(", checked against CBP's pages on {day}"));
    }
    if let Some(off) = text::switched_off(&input.outcome.switched_off) {
        line.push_str(&format!("; {off}"));
    }
    if let Some(changed) = text::changed_settings(&input.outcome.settings) {
        line.push_str(&format!("; {changed}"));
    }
    if let Some(changed) = text::rule_changes(&input.outcome.rule_changes) {
        line.push_str(&format!("; {changed}"));
    }
    line
}

/// The verdicts, what is to be done, and what judged, in one line.
pub fn sum_in_a_line(input: Input<'_>, summary: &Summary) -> String {
    let parts = [Some(verdicts(summary.verdicts)), remedies(summary), Some(provenance(input))];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn sum(input: Input<'_>, summary: &Summary, ink: &mut Ink) -> io::Result<()> {
    let outcome = input.outcome;
    match assurance(input, summary) {
        Some(line) => writeln!(ink, "{line}")?,
        None => writeln!(ink, "{}", tally(summary))?,
    }
    for declaration in &outcome.declarations {
        let counts = Verdicts::of(&outcome.entries[declaration.entries.clone()]);
        ink.bold(&text::shown(input.sources.name(declaration.file)))?;
        writeln!(ink, ": {}", verdicts(counts))?;
    }
    if outcome.declarations.len() > 1 {
        let files = text::count(outcome.declarations.len(), "declaration", "declarations");
        ink.bold("total")?;
        writeln!(ink, ": {files}, {}", verdicts(summary.verdicts))?;
    }
    if let Some(line) = remedies(summary) {
        writeln!(ink, "{line}")?;
    }
    if let Some(line) = deadline(summary) {
        writeln!(ink, "{line}")?;
    }
    writeln!(ink, "{}", provenance(input))
}
