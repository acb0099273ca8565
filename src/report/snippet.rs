//! Diagnostics in the manner of compilers, drawn by codespan-reporting.
//!
//! Its usual function (`emit`, over the `Files` trait) requires whole files and prints their lines as they
//! are. What is shown here is never a whole line of a foreign file: it is a row cut to the cells that matter,
//! under its header, cleaned and masked, with its true line number; and in a workbook the place is a cell. So
//! the pieces of its [`Renderer`] are driven directly.

use std::io::{self, Write};
use std::ops::Range;

use codespan_reporting::diagnostic::{LabelStyle, Severity};
use codespan_reporting::files::Error;
use codespan_reporting::term::{Config, Renderer, WriteStyle};

use super::text;
use crate::finding;

/// One diagnostic, ready to be drawn. All texts are clean.
#[derive(Debug)]
pub struct Drawing<'a> {
    /// How bad: the color.
    pub severity: Severity,
    /// How bad, in a word: `error`, `stop`.
    pub called: &'a str,
    /// The rule, or the kind of error.
    pub code: &'a str,
    /// What is wrong.
    pub message: String,
    /// Parts of files, in the order they are shown.
    pub snippets: Vec<Snippet>,
    /// The notes below, each drawn with a `=`.
    pub notes: Vec<String>,
}

/// How codespan-reporting calls a severity.
pub fn shade(severity: finding::Severity) -> Severity {
    match severity {
        finding::Severity::Error => Severity::Error,
        // Drawn in a color of its own.
        finding::Severity::Stop => Severity::Bug,
        finding::Severity::Warning => Severity::Warning,
        finding::Severity::Note => Severity::Note,
    }
}

impl Drawing<'_> {
    /// The drawing with its message and notes broken into lines of so many columns. Lines that a note
    /// already has stay.
    pub fn wrapped(mut self, columns: usize) -> Self {
        let head = self.called.len() + self.code.len() + 4;
        let message = text::wrapped(&self.message, columns.saturating_sub(head), columns.saturating_sub(2));
        self.message = message.join("\n  ");
        let room = columns.saturating_sub(self.padding() + 3);
        for note in &mut self.notes {
            if !note.contains('\n') {
                *note = text::wrapped(note, room, room).join("\n");
            }
        }
        self
    }

    /// How many columns the largest line number takes.
    pub fn padding(&self) -> usize {
        let last = self.snippets.iter().flat_map(|snippet| &snippet.lines).map(|line| line.number).max();
        last.map_or(1, |number| number.max(1).ilog10() as usize + 1)
    }
}

/// Some lines of one file.
#[derive(Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The place, as people write it.
    pub place: String,
    /// The lines, by number.
    pub lines: Vec<Line>,
    /// Whether these are a header and rows under it, where lines left out between need no mark.
    pub is_table: bool,
    /// Whether it has the text of the finding's own cell: at the cell, or beside the place.
    pub has_text: bool,
}

/// A line of a file, as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file.
    pub number: u64,
    /// What is shown of it.
    pub text: String,
    /// What to point at.
    pub labels: Vec<LineLabel>,
}

/// Points at a part of a [`Line`].
#[derive(Debug, PartialEq, Eq)]
pub struct LineLabel {
    /// Primary or secondary.
    pub style: LabelStyle,
    /// Bytes of the line's text.
    pub range: Range<usize>,
    /// The text of the label; may be empty.
    pub text: String,
}

/// Bytes with or without the colors of a terminal.
pub(crate) struct Ink {
    /// What was written.
    pub bytes: Vec<u8>,
    color: bool,
}

impl Ink {
    /// An empty page.
    pub fn new(color: bool) -> Self {
        Self { bytes: Vec::new(), color }
    }

    fn code(&mut self, code: &[u8]) -> io::Result<()> {
        if self.color {
            self.bytes.extend_from_slice(code);
        }
        Ok(())
    }

    /// Writes text in bold.
    pub fn bold(&mut self, text: &str) -> io::Result<()> {
        self.code(b"\x1b[1m")?;
        self.bytes.extend_from_slice(text.as_bytes());
        self.code(b"\x1b[0m")
    }
}

impl Write for Ink {
    #[inline]
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    #[inline]
    fn write_all(&mut self, buf: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(buf);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Ink {
    fn set_header(&mut self, severity: Severity) -> io::Result<()> {
        self.code(match severity {
            Severity::Bug => b"\x1b[1;95m",
            Severity::Error => b"\x1b[1;91m",
            Severity::Warning => b"\x1b[1;93m",
            Severity::Note => b"\x1b[1;92m",
            Severity::Help => b"\x1b[1;96m",
        })
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.code(b"\x1b[0m\x1b[1m")
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.code(b"\x1b[36m")
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.code(b"\x1b[36m")
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.code(b"\x1b[36m")
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> io::Result<()> {
        self.code(match (style, severity) {
            (LabelStyle::Primary, Severity::Bug) => b"\x1b[35m",
            (LabelStyle::Primary, Severity::Error) => b"\x1b[31m",
            (LabelStyle::Primary, Severity::Warning) => b"\x1b[33m",
            (LabelStyle::Primary, Severity::Note) => b"\x1b[32m",
            (LabelStyle::Primary, Severity::Help) | (LabelStyle::Secondary, _) => b"\x1b[36m",
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.code(b"\x1b[0m")
    }
}

/// Draws one diagnostic, with an empty line after it.
///
/// # Errors
/// None but those of `ink`, which only fills memory.
pub fn draw(drawing: &Drawing<'_>, config: &Config, ink: &mut Ink) -> io::Result<()> {
    try_draw(drawing, config, ink).map_err(|error| match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    })
}

fn try_draw(drawing: &Drawing<'_>, config: &Config, ink: &mut Ink) -> Result<(), Error> {
    let severity = drawing.severity;
    let padding = drawing.padding();
    let mut renderer = Renderer::new(ink, config);
    renderer.set_header(severity)?;
    write!(renderer, "{}[{}]", drawing.called, drawing.code)?;
    renderer.set_header_message()?;
    write!(renderer, ": {}", drawing.message)?;
    renderer.reset()?;
    writeln!(renderer)?;
    for (n, snippet) in drawing.snippets.iter().enumerate() {
        if n > 0 {
            renderer.render_snippet_empty(padding, severity, 0, &[])?;
        }
        write!(renderer, "{:padding$} ", "")?;
        renderer.set_source_border()?;
        write!(renderer, "{}", config.chars.snippet_start)?;
        renderer.reset()?;
        writeln!(renderer, " {}", snippet.place)?;
        if snippet.lines.is_empty() {
            continue;
        }
        renderer.render_snippet_empty(padding, severity, 0, &[])?;
        let mut before: Option<u64> = None;
        for line in &snippet.lines {
            if !snippet.is_table && before.is_some_and(|before| line.number > before + 1) {
                renderer.render_snippet_break(padding, severity, 0, &[])?;
            }
            before = Some(line.number);
            if line.labels.is_empty() {
                plain_line(&mut renderer, config, padding, line)?;
                continue;
            }
            let mut labels: Vec<(LabelStyle, Range<usize>, &str)> = line
                .labels
                .iter()
                .map(|label| {
                    // At least one caret, even for an empty cell.
                    let end = label.range.end.max(label.range.start + 1);
                    (label.style, label.range.start..end, label.text.as_str())
                })
                .collect();
            labels.sort_by_key(|(_, range, _)| (range.start, range.end));
            let number = usize::try_from(line.number).unwrap_or(usize::MAX);
            renderer.render_snippet_source(padding, number, &line.text, severity, &labels, 0, &[])?;
        }
    }
    for note in &drawing.notes {
        renderer.render_snippet_note(padding, note)?;
    }
    renderer.render_empty()
}

/// A line that nothing points at, such as a header. The renderer would draw it the same, one
/// character at a time, which takes longer than everything else of a finding together.
fn plain_line(
    renderer: &mut Renderer<'_, '_>,
    config: &Config,
    padding: usize,
    line: &Line,
) -> Result<(), Error> {
    renderer.set_line_number()?;
    write!(renderer, "{:>padding$}", line.number)?;
    renderer.reset()?;
    write!(renderer, " ")?;
    renderer.set_source_border()?;
    write!(renderer, "{}", config.chars.source_border_left)?;
    renderer.reset()?;
    writeln!(renderer, " {}", line.text)?;
    Ok(())
}
