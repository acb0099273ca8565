//! One block a finding, as a compiler prints it: the declaration's cell and the cells that decided, under
//! their headers.

use std::io::{self, Write};

use codespan_reporting::diagnostic::LabelStyle;
use codespan_reporting::term::Config;

use super::diagnostic::{Mark, of_text};
use super::snippet::{self, Drawing, Ink, Line, LineLabel, Snippet, shade};
use super::{ReportInput, text, words};
use crate::entry;
use crate::finding::{Finding, RuleId};
use crate::source::{FileId, Place, SourceKind, line_number};
use crate::table::{CellRef, Excerpt, TableId};

/// How many rows of a file one finding shows; more are counted.
const ROWS: usize = 4;

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = ShownCounts::new(input);
    let findings: Vec<&Finding> = input.findings().filter(|finding| shown.take(finding.rule)).collect();
    super::in_pieces(&findings, out, |piece| {
        let mut ink = Ink::new(input.options.color);
        for finding in piece {
            draw(input, finding, &mut ink)?;
        }
        Ok(ink.bytes)
    })?;
    let mut ink = Ink::new(input.options.color);
    shown.rest(&mut ink)?;
    if !ink.bytes.is_empty() {
        writeln!(ink)?;
    }
    super::below::write(input, None, &mut ink)?;
    out.write_all(&ink.bytes)
}

/// Counts what is shown of each rule, against the cap.
pub struct ShownCounts<'a> {
    input: ReportInput<'a>,
    counts: Vec<usize>,
}

impl<'a> ShownCounts<'a> {
    /// Nothing shown yet.
    pub fn new(input: ReportInput<'a>) -> Self {
        Self { input, counts: vec![0; input.outcome.rules.len()] }
    }

    /// Counts a finding, and returns whether it is to be shown.
    pub fn take(&mut self, rule: RuleId) -> bool {
        let count = &mut self.counts[usize::from(rule.0)];
        *count += 1;
        self.input.options.max_per_rule.is_none_or(|cap| *count <= cap)
    }

    /// Prints what was left out.
    pub fn rest(&self, ink: &mut Ink) -> io::Result<()> {
        let Some(cap) = self.input.options.max_per_rule else { return Ok(()) };
        for (count, rule) in self.counts.iter().zip(&self.input.outcome.rules) {
            if *count > cap {
                let more = text::thousands(count - cap);
                let uncapped = self.input.options.frontend.lift_cap();
                writeln!(ink, "… and {more} more of {} ({uncapped} shows all)", rule.id)?;
            }
        }
        Ok(())
    }
}

/// Draws one finding, with an empty line after it.
pub fn draw(input: ReportInput<'_>, finding: &Finding, ink: &mut Ink) -> io::Result<()> {
    let rule = input.rule(finding.rule);
    let said = words::cbp(input, finding);
    let mut notes = Vec::new();
    let snippets = snippets(input, finding, said.as_deref().unwrap_or(""), &mut notes);
    if !snippets.iter().any(|snippet| snippet.has_text) {
        notes.splice(0..0, said);
    }
    if let Some(help) = &finding.help {
        notes.push(format!("help: {}", help));
    }
    notes.extend(words::fix(finding).map(|fix| format!("fix: {fix}")));
    notes.extend(words::sources(rule));
    let drawing = Drawing {
        severity: shade(finding.severity),
        called: finding.severity.name(),
        code: &rule.id,
        message: input.message(finding).into_owned(),
        snippets,
        notes,
    };
    snippet::draw(&drawing.wrapped(input.options.width), &Config::default(), ink)
}

/// The declaration's cell, then the rows that decided, file by file. `said` is the text of the label on the
/// declaration's cell; what does not fit is added to the notes.
pub fn snippets(
    input: ReportInput<'_>,
    finding: &Finding,
    said: &str,
    notes: &mut Vec<String>,
) -> Vec<Snippet> {
    let home = finding.place.file;
    let is_text = matches!(input.sources.file(home).kind, SourceKind::Text(_));
    // Deciding cells in the finding's own row are shown with it under their headers. Cells of
    // other rows of a declaration (the first of two equal ones) need no header: they are shown
    // as lines of the same text.
    let same_row = |label: &crate::finding::Label| {
        label.cell.is_some() && label.place.file == home && label.place.line == finding.place.line
    };
    let as_text = is_text && !finding.labels.iter().any(same_row);
    let rows = DecidingRows::of(input, finding, |label| !(as_text && label.place.file == home));
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
            text: label.text.shown().into_owned(),
            keep: &|word| is_the_entry(input, finding, word),
            hidden: false,
        };
        snippets.push(of_text(&[mark], input.sources));
    }
    snippets
}

/// Whether a place in the row of a cell is in a column of importer numbers.
fn is_importer(input: ReportInput<'_>, cell: Option<CellRef>, place: Place) -> bool {
    cell.is_some_and(|cell| input.evidence.is_importer(cell, place))
}

/// Whether 9 digits are the entry number that the finding is about, without its zeros.
fn is_the_entry(input: ReportInput<'_>, finding: &Finding, word: &str) -> bool {
    finding.entry().is_some_and(|entry| {
        let entry = &input.outcome.entries[entry];
        match entry.number {
            Some(number) => entry::read(word).number == Some(number),
            None => finding.place == entry.place && entry.written.raw().contains(word),
        }
    })
}

/// The cell the finding is at; with other places of the same text where `with_labels`.
fn declared(input: ReportInput<'_>, finding: &Finding, said: &str, with_labels: bool) -> Snippet {
    let place = finding.place;
    let keep = |word: &str| is_the_entry(input, finding, word);
    if matches!(input.sources.file(place.file).kind, SourceKind::Text(_)) {
        if place.span.start() == place.span.end() {
            return Snippet {
                place: input.place(place),
                lines: Vec::new(),
                is_table: false,
                has_text: false,
            };
        }
        let mut marks = vec![Mark {
            place,
            style: LabelStyle::Primary,
            text: said.to_owned(),
            keep: &keep,
            hidden: is_importer(input, finding.cell, place),
        }];
        let same = |label: &&crate::finding::Label| with_labels && label.place.file == place.file;
        marks.extend(finding.labels.iter().filter(same).map(|label| Mark {
            place: label.place,
            style: LabelStyle::Secondary,
            text: label.text.shown().into_owned(),
            keep: &keep,
            hidden: is_importer(input, label.cell, label.place),
        }));
        return of_text(&marks, input.sources);
    }
    let lines = match finding.cell.and_then(|cell| input.evidence.cell(cell)) {
        Some(cell) => {
            let cell = cell.value.fit(input.options.cell_width).into_owned();
            let range = 0..cell.len();
            let label = LineLabel { style: LabelStyle::Primary, range, text: said.to_owned() };
            vec![Line { number: place.line.into(), text: cell, labels: vec![label] }]
        }
        None => Vec::new(),
    };
    let has_text = !lines.is_empty();
    Snippet { place: input.place(place), lines, is_table: false, has_text }
}

/// The table rows that decided, by file.
struct DecidingRows<'a> {
    finding: &'a Finding,
    files: Vec<(FileId, Vec<Excerpt>)>,
    left_out: usize,
}

impl<'a> DecidingRows<'a> {
    fn of(
        input: ReportInput<'_>,
        finding: &'a Finding,
        wanted: impl Fn(&crate::finding::Label) -> bool,
    ) -> Self {
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
    fn snippet(&self, input: ReportInput<'_>, at: usize, primary: Option<(Place, &str)>) -> Snippet {
        let (file, rows) = &self.files[at];
        let widest = input.options.cell_width;
        let first = &rows[0];
        let header: Vec<String> =
            first.cells.iter().map(|cell| cell.header.outside().fit(widest).into_owned()).collect();
        let texts: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| cell.text.fit(widest).into_owned()).collect())
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
        let mut has_text = false;
        for (row, cells) in rows.iter().zip(&texts) {
            let (text, ranges) = row_of(row, cells, &widths);
            let find = |place: Place| row.cells.iter().position(|cell| cell.place == place);
            let mut labels = Vec::new();
            if let Some((place, said)) = primary
                && let Some(n) = find(place)
            {
                let range = ranges[n].clone();
                labels.push(LineLabel { style: LabelStyle::Primary, range, text: said.to_owned() });
                has_text = true;
            }
            for label in &self.finding.labels {
                // The label of a column that the file does not have is at the row's key.
                let n = match find(label.place) {
                    Some(n) => n,
                    None if label.cell.is_some() && label.place.line == line_number(row.line) => 0,
                    None => continue,
                };
                if label.cell.is_none() || label.place.file != *file {
                    continue;
                }
                places.push(label.place);
                let Some(range) = ranges.get(n).cloned() else { continue };
                let text = label.text.shown().into_owned();
                labels.push(LineLabel { style: LabelStyle::Secondary, range, text });
            }
            lines.push(Line { number: row.line, text, labels });
        }
        lines.sort_by_key(|line| line.number);
        let place = primary.map(|(place, _)| place).or(places.first().copied());
        let place =
            place.unwrap_or_else(|| first.cells.first().map_or(self.finding.place, |cell| cell.place));
        Snippet { place: input.place(place), lines, is_table: true, has_text }
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
