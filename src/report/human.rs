//! For people at a terminal: the findings of one rule together, with their entries in a table; then what
//! is undecided, the sum of it, and what to do first.
//!
//! A report keeps to [`super::Options::max_lines`]: each rule is named at least, those of errors and stops in a
//! line of their own with their first entries, and has its next step, a table of its entries and snippets of
//! their cells where there is room, the most severe rules first.

use std::io::{self, Write};

use codespan_reporting::term::{Config, WriteStyle};
use rayon::prelude::*;

use super::below::{self, paragraph};
use super::full;
use super::group::{self, RuleGroup};
use super::snippet::{self, Drawing, Ink, shade};
use super::{ReportInput, text, words};
use crate::duty::DutySum;
use crate::finding::{Finding, Severity};
use crate::outside::{Outside, OutsideText};
use crate::source::SourceKind;

/// How many findings of a rule are shown as snippets.
const SNIPPETS: usize = 3;
/// How many rules have a snippet before the others have more than their line.
const FIRST_RULES: usize = 3;
/// Up to how many findings a report may have twice as many lines.
const FEW_FINDINGS: usize = 100;
/// How many rows of a table are enough where there is little room.
const FEW_ROWS: usize = 5;
/// How many patterns of next steps a rule shows.
const STEPS: usize = 3;
/// How many entries of a rule are named where it has no table.
const FIRST_ENTRIES: usize = 3;
/// How many causes of undecided rules are named, from what is wished to what there is room for.
const CAUSES: [usize; 4] = [10, 5, 3, 1];
/// Where the second line of a rule begins.
const INDENT: &str = "  ";

/// Writes the report.
pub fn render(input: ReportInput<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = RuleGroup::all(input);
    let few = groups.iter().map(|group| group.members.len()).sum::<usize>() <= FEW_FINDINGS;
    let most = input.options.max_lines.map(|most| if few { most.saturating_mul(2) } else { most });
    let below = |causes: Option<usize>| -> io::Result<Ink> {
        let mut tail = Ink::new(input.options.color);
        below::write(input, causes, &mut tail)?;
        Ok(tail)
    };
    let Some(most) = most else {
        out.write_all(&above(input, &groups, None)?.bytes)?;
        return out.write_all(&below(None)?.bytes);
    };
    // Every rule of an error or a stop has its first entries, before causes are named in full.
    let blocking = groups.iter().filter(|group| group.severity.blocks()).count();
    let needed = blocking * 2 + named(input, &groups) + 2;
    let mut tail = below(Some(CAUSES[0]))?;
    for causes in &CAUSES[1..] {
        if lines(&tail.bytes) + needed <= most {
            break;
        }
        tail = below(Some(*causes))?;
    }
    out.write_all(&above(input, &groups, Some(most.saturating_sub(lines(&tail.bytes))))?.bytes)?;
    out.write_all(&tail.bytes)
}

/// How many lines there are.
fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// How much of a rule is shown; each shows more than those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Its name and how many entries it has, in a paragraph with others of its severity.
    Named,
    /// A line of its own, with what is at stake.
    Line,
    /// That line, and its first entries.
    Entries,
    /// The message, the next steps, a table with so many rows and so many findings with their cells.
    Block { rows: usize, snippets: usize },
}

impl Detail {
    fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Block { rows, snippets }, Self::Block { rows: wished, snippets: cells }) => {
                rows >= wished && snippets >= cells
            }
            _ => self >= other,
        }
    }

    /// How many entries are shown at least.
    fn entries(self) -> usize {
        match self {
            Self::Named | Self::Line | Self::Entries => 0,
            Self::Block { rows, snippets } => rows.max(snippets),
        }
    }
}

/// The findings, in as many lines as there is room for.
fn above(input: ReportInput<'_>, groups: &[RuleGroup<'_>], room: Option<usize>) -> io::Result<Ink> {
    let all_rows = input.options.max_per_rule.unwrap_or(usize::MAX);
    let most = Detail::Block { rows: all_rows, snippets: SNIPPETS };
    let drawn = |group: &RuleGroup<'_>, detail| -> io::Result<Vec<u8>> {
        let mut ink = Ink::new(input.options.color);
        draw(input, group, detail, &mut ink)?;
        Ok(ink.bytes)
    };
    let mut blocks = Vec::with_capacity(groups.len());
    match room {
        None => {
            for group in groups {
                blocks.push((most, drawn(group, most)?));
            }
        }
        Some(room) => {
            for group in groups {
                let least = if group.severity.blocks() { Detail::Line } else { Detail::Named };
                blocks.push((least, drawn(group, least)?));
            }
            // An empty line, the line that counts what was left out, and the paragraphs of those that are named.
            let mut used: usize = blocks.iter().map(|(_, bytes)| lines(bytes)).sum::<usize>() + 2;
            used += named(input, groups);
            let few = FEW_ROWS.min(all_rows);
            let block = |rows, snippets| Detail::Block { rows, snippets };
            let blocking = groups.iter().filter(|group| group.severity.blocks()).count();
            let wishes = [
                (blocking, Detail::Entries),
                (FIRST_RULES, block(few, 1)),
                (usize::MAX, Detail::Line),
                (usize::MAX, block(0, 0)),
                (usize::MAX, block(few, 0)),
                (usize::MAX, block(few, 1)),
                (usize::MAX, block(all_rows, 1)),
                (usize::MAX, most),
            ];
            for (rules, wish) in wishes {
                let wished = groups.par_iter().zip(&blocks).take(rules).map(|(group, (detail, _))| {
                    let is_better = !detail.covers(wish);
                    is_better.then(|| drawn(group, wish)).transpose()
                });
                let wished: Vec<Option<Vec<u8>>> = wished.collect::<io::Result<_>>()?;
                for (better, (detail, bytes)) in wished.into_iter().zip(&mut blocks) {
                    let Some(better) = better else { continue };
                    let cost = lines(&better).saturating_sub(lines(bytes));
                    if used + cost <= room {
                        used += cost;
                        (*detail, *bytes) = (wish, better);
                    }
                }
            }
        }
    }
    let mut ink = Ink::new(input.options.color);
    let mut after_line = false;
    let mut is_short = false;
    for (at, (group, (detail, bytes))) in groups.iter().zip(&blocks).enumerate() {
        let is_block = matches!(detail, Detail::Block { .. });
        if after_line && is_block {
            writeln!(ink)?;
        }
        after_line = !is_block;
        is_short |= group.members.len() > detail.entries();
        ink.write_all(bytes)?;
        let is_last = groups.get(at + 1).is_none_or(|next| next.severity != group.severity);
        if is_last {
            let same = groups.iter().zip(&blocks).filter(|(other, _)| other.severity == group.severity);
            let named: Vec<&RuleGroup<'_>> =
                same.filter(|(_, (detail, _))| *detail == Detail::Named).map(|(group, _)| group).collect();
            after_line |= !named.is_empty();
            name(input, &named, &mut ink)?;
        }
    }
    if is_short {
        let line = format!("… shortened: {}", input.options.frontend.show_all());
        paragraph(&mut ink, &line, input.options.width)?;
        writeln!(ink)?;
    } else if after_line {
        writeln!(ink)?;
    }
    Ok(ink)
}

/// How many lines the rules of warnings and notes take at most where they are only named.
fn named(input: ReportInput<'_>, groups: &[RuleGroup<'_>]) -> usize {
    let of = |severity| {
        let same: Vec<&RuleGroup<'_>> = groups.iter().filter(|group| group.severity == severity).collect();
        if same.is_empty() { 0 } else { paragraph_of(input, severity, &same).len() }
    };
    of(Severity::Warning) + of(Severity::Note)
}

/// Rules that have no line of their own, in one paragraph.
fn name(input: ReportInput<'_>, groups: &[&RuleGroup<'_>], ink: &mut Ink) -> io::Result<()> {
    let Some(first) = groups.first() else { return Ok(()) };
    let severity = first.severity;
    ink.set_header(shade(severity))?;
    write!(ink, "{}", severity.name())?;
    ink.reset()?;
    writeln!(ink, ": {}", paragraph_of(input, severity, groups).join(&format!("\n{INDENT}")))
}

/// The names of rules, wrapped, behind the severity that they have in common.
fn paragraph_of(input: ReportInput<'_>, severity: Severity, groups: &[&RuleGroup<'_>]) -> Vec<String> {
    let all: Vec<String> = groups.iter().map(|group| brief(input, group)).collect();
    let width = input.options.width;
    let first = width.saturating_sub(severity.name().len() + 2);
    text::wrapped(&all.join(", "), first, width.saturating_sub(INDENT.len()))
}

/// A rule in a few words: `floor-heading (2 entries)`.
fn brief(input: ReportInput<'_>, group: &RuleGroup<'_>) -> String {
    format!("{} ({})", input.rule(group.rule).id, counted(group))
}

/// A rule in a line, and where wished with its first entries in a line below.
fn line(input: ReportInput<'_>, group: &RuleGroup<'_>, detail: Detail, ink: &mut Ink) -> io::Result<()> {
    let width = input.options.width;
    let rule = input.rule(group.rule);
    ink.set_header(shade(group.severity))?;
    write!(ink, "{}[{}]", group.severity.name(), rule.id)?;
    ink.reset()?;
    write!(ink, ": ")?;
    let room = width.saturating_sub(group.severity.name().len() + rule.id.len() + 4);
    if let ([one], Detail::Entries) = (group.members.as_slice(), detail) {
        let lines = text::wrapped(&input.message(one.finding), room, width.saturating_sub(INDENT.len()));
        return writeln!(ink, "{}", lines.join(&format!("\n{INDENT}")));
    }
    let stake = at_stake(group, DutySum::in_short);
    let title = rule.title.shown();
    let fits = text::columns(&title) + 2 + text::columns(&stake) <= room;
    if detail == Detail::Entries {
        let first = group.members.iter().take(FIRST_ENTRIES);
        let first: Vec<String> = first.map(|member| in_short(input, member.finding)).collect();
        let first = |columns| text::enumerated_first(&first, group.members.len(), columns);
        let columns = width.saturating_sub(INDENT.len());
        return if fits {
            writeln!(ink, "{title}: {stake}\n{INDENT}{}", first(columns))
        } else {
            writeln!(ink, "{}", text::cut(title, room))?;
            let room = columns.saturating_sub(text::columns(&stake) + 2);
            let named = Some(first(room)).filter(|named| text::columns(named) <= room);
            writeln!(ink, "{INDENT}{stake}{}", named.map_or_else(String::new, |named| format!(": {named}")))
        };
    }
    // The title gives way to what is at stake.
    let room = room.saturating_sub(text::columns(&stake) + 2);
    if fits || room >= SHORTEST_TITLE {
        writeln!(ink, "{}: {stake}", text::cut(title, room))
    } else {
        writeln!(ink, "{stake}")
    }
}

/// How much of a title is worth showing, in columns.
const SHORTEST_TITLE: usize = 12;

/// A finding in a few words: what it is on, its last day and its duty.
fn in_short(input: ReportInput<'_>, finding: &Finding) -> String {
    let day = finding.deadline.map(|day| day_from(input, day));
    let duty = input.outcome.entry_of(finding).and_then(|entry| DutySum::of([entry]).in_short());
    [Some(words::subject(input, finding)), day, duty].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Draws the findings of a rule.
fn draw(input: ReportInput<'_>, group: &RuleGroup<'_>, detail: Detail, ink: &mut Ink) -> io::Result<()> {
    let (rows, cells) = match detail {
        // Named together with others.
        Detail::Named => return Ok(()),
        Detail::Line | Detail::Entries => return line(input, group, detail, ink),
        Detail::Block { rows, snippets } => (rows, snippets),
    };
    let width = input.options.width;
    let rule = input.rule(group.rule);
    let one = if let [one] = group.members.as_slice() { Some(one.finding) } else { None };
    if let Some(finding) = one
        && cells > 0
    {
        return full::draw(input, finding, ink);
    }
    let mut notes = Vec::new();
    let mut snippets = Vec::new();
    for member in group.members.iter().take(cells) {
        snippets.extend(full::snippets(input, member.finding, "", &mut notes));
    }
    notes.clear();
    let said = group.members.first().and_then(|member| words::cbp(input, member.finding));
    let mut drawing = Drawing {
        severity: shade(group.severity),
        called: group.severity.name(),
        code: &rule.id,
        message: group.messages.first().map(group::TextTemplate::show).unwrap_or_default(),
        snippets,
        notes,
    };
    match one {
        Some(finding) => drawing.notes.push(evidence(input, finding)),
        None => {
            let others = group.messages.len().saturating_sub(1);
            let more = if others > 0 {
                let messages = text::count(others, "other message", "other messages");
                format!(", with {messages} of this rule")
            } else {
                String::new()
            };
            let head = format!("{}{more}", at_stake(group, DutySum::in_words));
            let columns = width.saturating_sub(drawing.padding() + 3);
            drawing.notes.push(if rows > 0 {
                let table = table(input, group, rows, columns).join("\n");
                format!("{head}\n{table}")
            } else {
                format!("{head}: {}", names(input, group, columns.saturating_sub(text::columns(&head) + 2)))
            });
        }
    }
    drawing.notes.extend(said);
    for help in group.helps.iter().take(STEPS) {
        let count =
            if group.helps.len() > 1 { format!(" ({})", words::findings(help.count)) } else { String::new() };
        drawing.notes.push(format!("help{count}: {}", help.show()));
    }
    if group.helps.len() > STEPS {
        let more = group.helps.len() - STEPS;
        drawing.notes.push(format!("and {}", text::count(more, "other next step", "other next steps")));
    }
    if let Some(finding) = one {
        drawing.notes.extend(words::fix(finding).map(|fix| format!("fix: {fix}")));
    } else {
        let repaired = group.members.iter().filter(|member| member.finding.fix.is_some()).count();
        if repaired > 0 {
            drawing.notes.push(format!("fix: `capelint fix` repairs {}", words::findings(repaired)));
        }
    }
    if rows > 0 {
        drawing.notes.extend(words::sources(rule));
    }
    snippet::draw(&drawing.wrapped(width), &Config::default(), ink)
}

/// `14 entries, $12,340.00`, or `2 findings` where none is on an entry.
fn at_stake(group: &RuleGroup<'_>, duty: fn(&DutySum) -> Option<String>) -> String {
    let counted = counted(group);
    match duty(&group.duty) {
        Some(duty) => format!("{counted}, {duty}"),
        None => counted,
    }
}

/// `14 entries`, or `2 findings` where none is on an entry.
fn counted(group: &RuleGroup<'_>) -> String {
    match group.entries {
        0 => words::findings(group.members.len()),
        entries => text::count(entries, "entry", "entries"),
    }
}

/// The entries of a group, as many as fit: `ABC-1234567-6, ABC-1234568-4 and 12 more`.
fn names(input: ReportInput<'_>, group: &RuleGroup<'_>, columns: usize) -> String {
    // A name takes at least 1 column, and `, ` takes 2.
    let first = group.members.iter().take(columns / 3 + 2);
    let first: Vec<String> = first.map(|member| words::subject(input, member.finding)).collect();
    text::enumerated_first(&first, group.members.len(), columns)
}

/// Where a single finding is and what decided it, in one note.
fn evidence(input: ReportInput<'_>, finding: &Finding) -> String {
    let mut parts = vec![format!("at {}", input.place(finding.place))];
    if let Some(label) = group::deciding(finding) {
        let cell = label.cell.and_then(|cell| input.evidence.cell(cell));
        let holds =
            cell.map(|cell| format!("{}: {}", cell.column_name.outside().fit(40), value(&cell.value)));
        let at = input.place(label.place);
        parts.push(holds.map_or_else(|| at.clone(), |holds| format!("{holds} ({at})")));
    }
    if let Some(day) = finding.deadline {
        parts.push(format!("last day {}", day_from(input, day)));
    }
    parts.extend(input.outcome.entry_of(finding).and_then(|entry| DutySum::of([entry]).in_words()));
    parts.join("; ")
}

/// A path's last part.
fn file_name(path: Outside<'_>) -> Outside<'_> {
    Outside::new(path.raw().rsplit(['/', '\\']).next().unwrap_or(path.raw()))
}

/// What a cell has, for people.
fn value(cell: &OutsideText<String>) -> String {
    match cell.raw().trim() {
        "" => "(blank)".to_owned(),
        cell => OutsideText::new(cell).fit(30).into_owned(),
    }
}

/// A day, marked where it is past.
fn day_from(input: ReportInput<'_>, day: chrono::NaiveDate) -> String {
    if day < input.outcome.filing_date { format!("{day} (past)") } else { day.to_string() }
}

/// The entries of a group in columns, the first ones of the group's order, with a line for those left out.
fn table(input: ReportInput<'_>, group: &RuleGroup<'_>, most: usize, width: usize) -> Vec<String> {
    let shown = &group.members[..group.members.len().min(most)];
    let files: Vec<_> = shown.iter().map(|member| member.finding.place.file).collect();
    let single = input.outcome.declarations.len() == 1
        && files.iter().all(|file| *file == input.outcome.declarations[0].file)
        && matches!(input.sources.file(files[0]).kind, SourceKind::Text(_));
    let labels: Vec<_> = shown.iter().map(|member| group::deciding(member.finding)).collect();
    let cells: Vec<_> = labels
        .iter()
        .map(|label| label.and_then(|label| label.cell).and_then(|cell| input.evidence.cell(cell)))
        .collect();
    let headers: Vec<_> = cells.iter().flatten().map(|cell| cell.column_name.outside()).collect();
    let header = headers.first().copied().filter(|first| headers.iter().all(|header| header == first));
    let decided_in: Vec<_> = labels.iter().flatten().map(|label| label.place.file).collect();
    let is_text =
        |file: &crate::source::FileId| !matches!(input.sources.file(*file).kind, SourceKind::Sheet { .. });
    let file = decided_in
        .first()
        .filter(|first| decided_in.iter().all(|file| file == *first) && is_text(first))
        .copied();
    let mut columns = [
        TextColumn::left("entry"),
        TextColumn::right(if single { "line" } else { "place" }),
        TextColumn::left(&header.map_or_else(|| "cell".into(), |header| header.fit(30))),
        match file {
            Some(file) => TextColumn::right(&file_name(input.sources.name(file)).fit_end(24)),
            None => TextColumn::left("at"),
        },
        TextColumn::left("last day"),
        TextColumn::right("IEEPA duty"),
        TextColumn::left("details"),
    ];
    for ((member, label), cell) in shown.iter().zip(&labels).zip(&cells) {
        let finding = member.finding;
        let at_stake = input.outcome.entry_of(finding);
        let row = [
            at_stake.map_or_else(String::new, |entry| input.name_of(entry)),
            if single {
                finding.place.line.to_string()
            } else {
                input.sources.show(finding.place).outside().fit_end(40).into_owned()
            },
            cell.as_ref().map_or_else(String::new, |cell| match header {
                Some(_) => value(&cell.value),
                None => {
                    format!("{}: {}", cell.column_name.outside().fit(24), value(&cell.value))
                }
            }),
            label.map_or_else(String::new, |label| match file {
                Some(_) => label.place.line.to_string(),
                None => input.sources.show(label.place).outside().fit_end(30).into_owned(),
            }),
            finding.deadline.map_or_else(String::new, |day| day_from(input, day)),
            at_stake.and_then(|entry| DutySum::of([entry]).in_short()).unwrap_or_default(),
            OutsideText::new(&group.details(input, finding, cell.as_ref().map(|cell| cell.value.raw())))
                .fit(40)
                .into_owned(),
        ];
        for (column, text) in columns.iter_mut().zip(row) {
            column.cells.push(text);
        }
    }
    let mut lines = TextColumn::lines(&mut columns, width);
    let left_out = &group.members[shown.len()..];
    if !left_out.is_empty() {
        let of_them = left_out.iter().filter_map(|member| input.outcome.entry_of(member.finding));
        let duty = DutySum::of(of_them).in_short();
        let duty = duty.map_or_else(String::new, |duty| format!(" ({duty})"));
        lines.push(format!("… and {} more{duty}", text::thousands(left_out.len())));
    }
    lines
}

/// A column of a table.
struct TextColumn {
    header: String,
    is_right: bool,
    cells: Vec<String>,
}

impl TextColumn {
    fn left(header: &str) -> Self {
        Self { header: header.to_owned(), is_right: false, cells: Vec::new() }
    }

    fn right(header: &str) -> Self {
        Self { is_right: true, ..Self::left(header) }
    }

    fn width(&self) -> usize {
        self.cells.iter().chain([&self.header]).map(|cell| text::columns(cell)).max().unwrap_or(0)
    }

    /// The table's lines: columns without a text are left out; where they are too wide, the cells that
    /// decided are cut, then what their next steps differ in and the places of the cells are left out.
    fn lines(columns: &mut [Self; 7], width: usize) -> Vec<String> {
        const CELL: usize = 2;
        const AT: usize = 3;
        const STEP: usize = 6;
        const GAP: usize = 2;
        let rows = columns[0].cells.len();
        let used: Vec<usize> =
            (0..columns.len()).filter(|at| columns[*at].cells.iter().any(|cell| !cell.is_empty())).collect();
        let total = |columns: &[Self; 7], used: &[usize]| {
            used.iter().map(|at| columns[*at].width() + GAP).sum::<usize>().saturating_sub(GAP)
        };
        let mut used = used;
        if total(columns, &used) > width {
            let over = total(columns, &used) - width;
            let room = columns[CELL].width().saturating_sub(over).max(10);
            columns[CELL].cut(room);
        }
        for left_out in [STEP, AT] {
            if total(columns, &used) > width {
                used.retain(|at| *at != left_out);
            }
        }
        let widths: Vec<usize> = columns.iter().map(Self::width).collect();
        let line = |row: Option<usize>| {
            let mut line = String::new();
            for (n, &at) in used.iter().enumerate() {
                let column = &columns[at];
                let cell = row.map_or(&column.header, |row| &column.cells[row]);
                let space = " ".repeat(widths[at].saturating_sub(text::columns(cell)));
                let gap = if n == 0 { "" } else { "  " };
                if column.is_right {
                    line.push_str(&format!("{gap}{space}{cell}"));
                } else {
                    line.push_str(&format!("{gap}{cell}{space}"));
                }
            }
            line.truncate(line.trim_end().len());
            line
        };
        [None].into_iter().chain((0..rows).map(Some)).map(line).collect()
    }

    fn cut(&mut self, columns: usize) {
        for cell in self.cells.iter_mut().chain([&mut self.header]) {
            *cell = text::cut(std::mem::take(cell).into(), columns).into_owned();
        }
    }
}
