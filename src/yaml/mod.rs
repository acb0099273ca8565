//! Reads YAML with places: the one reader of rule files, messages and the configuration.
//!
//! A file becomes a [`Tree`] whose nodes know their bytes. Scalars stay the text that was typed (`9903.10`,
//! `NO`, `0101.21`, `08`): what they mean is decided later, by the type that is decoded. What makes a YAML
//! file mean something else than it shows is refused here: aliases, anchors, tags, merge keys, duplicate
//! keys, several documents, control characters.
//!
//! [`decode`] turns nodes into types that derive `serde::Deserialize`, and reports every error
//! on the way, not only the first.

pub mod decode;
pub mod errors;
mod places;
mod recorded;
mod repair;
mod typography;

pub use recorded::replay;

use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};
use hashbrown::HashMap;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Place, SourceKind, Sources, Text};

/// The largest file that is read: rule files are written by people.
pub const MAX_FILE: usize = 1 << 20;
/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 64;
/// The longest line, in bytes: finding the column of a place takes time for each character before.
pub const MAX_LINE: usize = 1 << 14;
/// How many errors of one file are reported.
pub const MAX_DIAGNOSTICS: usize = 256;

/// The errors found so far, up to [`MAX_DIAGNOSTICS`].
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Takes in an error.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(diagnostic);
        } else if self.list.len() == MAX_DIAGNOSTICS {
            let mut last = errors::too_many_errors();
            last.labels = diagnostic.labels.into_iter().take(1).collect();
            self.list.push(last);
        }
    }

    /// Whether no more will be taken in: reason to stop looking for them.
    pub fn full(&self) -> bool {
        self.list.len() > MAX_DIAGNOSTICS
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The errors, in the order of their places; each once.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let key = |diagnostic: &Diagnostic| {
            diagnostic.labels.first().map(|label| (label.place.file, label.place.span, diagnostic.code))
        };
        self.list.sort_by_key(key);
        self.list.dedup();
        self.list
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        self.list.extend(other.list);
    }
}

/// Identifies a node of its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// A parsed file.
#[derive(Debug)]
pub struct Tree {
    /// The file.
    pub file: FileId,
    text: Arc<Text>,
    nodes: Vec<Node>,
    root: Option<NodeId>,
    is_recorded: bool,
}

#[derive(Debug)]
struct Node {
    start: u32,
    end: u32,
    kind: NodeKind,
}

#[derive(Debug)]
enum NodeKind {
    Scalar { style: Style, decoded: Option<Box<str>> },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'` or `"…"`.
    Quoted,
    /// `|` or `>` and indented lines.
    Block,
}

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub enum View<'t> {
    /// A text as typed; empty where a key has no value.
    Scalar(&'t str, Style),
    /// The items of a list.
    Sequence(&'t [NodeId]),
    /// The keys and values of a mapping, in order.
    Mapping(&'t [(NodeId, NodeId)]),
}

impl View<'_> {
    /// What people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scalar("", Style::Plain) => "nothing",
            Self::Scalar(..) => "a text",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}

impl Tree {
    /// Whether the file is one of the built-in pack that was read when the program was built: what the
    /// tests of the build have checked of it need not be checked again.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// The outermost node; `None` for a file that contains nothing but comments.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// What a node is.
    pub fn view(&self, id: NodeId) -> View<'_> {
        let node = &self.nodes[id.0 as usize];
        match &node.kind {
            NodeKind::Sequence(items) => View::Sequence(items),
            NodeKind::Mapping(pairs) => View::Mapping(pairs),
            NodeKind::Scalar { style, decoded: Some(text) } => View::Scalar(text, *style),
            NodeKind::Scalar { style, decoded: None } => {
                let cut = usize::from(*style == Style::Quoted);
                View::Scalar(&self.text.text[node.start as usize + cut..node.end as usize - cut], *style)
            }
        }
    }

    /// The text of a scalar; `None` for lists and mappings.
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        match self.view(id) {
            View::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether the node is a scalar in quotes or a block, which is never anything but a literal.
    pub fn is_quoted(&self, id: NodeId) -> bool {
        matches!(self.view(id), View::Scalar(_, Style::Quoted | Style::Block))
    }

    /// The value of a mapping's key.
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.pair(mapping, key).map(|(_, value)| value)
    }

    /// A mapping's key and its value.
    pub fn pair(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        match self.view(mapping) {
            View::Mapping(pairs) => pairs.iter().copied().find(|(name, _)| self.scalar(*name) == Some(key)),
            _ => None,
        }
    }

    /// The bytes of a node.
    pub fn range(&self, id: NodeId) -> Range<usize> {
        let node = &self.nodes[id.0 as usize];
        node.start as usize..node.end as usize
    }

    /// Where a node is.
    pub fn place(&self, id: NodeId) -> Place {
        self.place_of(self.range(id))
    }

    /// Where a mapping's key and its value are together.
    pub fn place_of_pair(&self, key: NodeId, value: NodeId) -> Place {
        self.place_of(self.range(key).start..self.range(value).end.max(self.range(key).end))
    }

    /// Where a node begins: its bytes up to the end of its first line, which is what is shown when the node
    /// is long.
    pub fn head(&self, id: NodeId) -> Place {
        let range = self.range(id);
        let line = self.text.line_index(range.start);
        let line_end = self.text.line_start(line) + self.text.line(line).len();
        self.place_of(range.start..range.end.min(line_end.max(range.start)))
    }

    /// Where a range of bytes of the file's text is.
    pub fn place_of(&self, range: Range<usize>) -> Place {
        self.text.place(self.file, range)
    }

    /// Where a part of a scalar is; `part` counts bytes of the scalar's text.
    pub fn place_within(&self, id: NodeId, part: Range<usize>) -> Place {
        let node = &self.nodes[id.0 as usize];
        let NodeKind::Scalar { style, decoded } = &node.kind else { return self.head(id) };
        let cut = usize::from(*style == Style::Quoted);
        let range = match decoded {
            None => {
                let start = node.start as usize + cut;
                start + part.start..start + part.end
            }
            Some(decoded) => {
                places::within(&self.text.text, node.start as usize..node.end as usize, decoded, *style, part)
            }
        };
        self.place_of(range.start..range.end.min(node.end as usize))
    }
}

impl Tree {
    /// Adds a mapping that is not written as one; `range` is its part of the file.
    pub fn add_mapping(&mut self, range: Range<usize>, pairs: Vec<(NodeId, NodeId)>) -> NodeId {
        self.add(range, NodeKind::Mapping(pairs))
    }

    /// Adds a list that is not written as one; `range` is its part of the file.
    pub fn add_sequence(&mut self, range: Range<usize>, items: Vec<NodeId>) -> NodeId {
        self.add(range, NodeKind::Sequence(items))
    }

    /// Adds a text that is not written, with the place of another node.
    pub fn add_text(&mut self, place: NodeId, text: &str) -> NodeId {
        self.add(self.range(place), NodeKind::Scalar { style: Style::Plain, decoded: Some(text.into()) })
    }

    /// Adds a part of a scalar as a scalar of its own; `part` counts bytes of the scalar's text.
    pub fn add_part(&mut self, scalar: NodeId, part: Range<usize>) -> NodeId {
        let node = &self.nodes[scalar.0 as usize];
        if matches!(node.kind, NodeKind::Scalar { style: Style::Plain, decoded: None }) {
            let start = node.start as usize;
            let range = start + part.start..start + part.end;
            return self.add(range, NodeKind::Scalar { style: Style::Plain, decoded: None });
        }
        let text = self.scalar(scalar).and_then(|text| text.get(part)).unwrap_or_default().to_owned();
        self.add_text(scalar, &text)
    }

    fn add(&mut self, range: Range<usize>, kind: NodeKind) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { start: range.start as u32, end: range.end.max(range.start) as u32, kind });
        id
    }
}

/// Takes a YAML file into the sources and parses it.
///
/// # Errors
/// Where the bytes are too many, not UTF-8, or not the YAML that capelint reads. A file with such
/// an error has no tree.
pub fn read(
    name: &str,
    bytes: &[u8],
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> (FileId, Option<Arc<Text>>) {
    if bytes.len() > MAX_FILE {
        let file = sources.add(name, SourceKind::Text(Arc::new(Text::new(String::new(), 0))));
        diagnostics.push(errors::file_too_large(name, bytes.len(), sources.place(file, 0..0)));
        return (file, None);
    }
    // Notepad saves "Unicode" as UTF-16.
    let utf16 = encoding_rs::Encoding::for_bom(bytes)
        .filter(|(encoding, _)| *encoding != encoding_rs::UTF_8)
        .map(|(encoding, mark)| encoding.decode_without_bom_handling(&bytes[mark..]));
    if let Some((decoded, false)) = utf16 {
        let text = Arc::new(Text::new(decoded.into_owned(), 0));
        return (sources.add(name, SourceKind::Text(Arc::clone(&text))), Some(text));
    }
    let skipped = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match std::str::from_utf8(&bytes[skipped..]) {
        Ok(valid) => {
            let text = Arc::new(Text::new(valid.to_owned(), skipped));
            (sources.add(name, SourceKind::Text(Arc::clone(&text))), Some(text))
        }
        Err(error) => {
            // Shown up to the first bad byte, so that there is a place to point at.
            let good = error.valid_up_to();
            let valid = String::from_utf8_lossy(&bytes[skipped..skipped + good]).into_owned();
            let file = sources.add(name, SourceKind::Text(Arc::new(Text::new(valid, skipped))));
            diagnostics.push(errors::not_utf8(bytes[skipped + good], sources.place(file, good..good)));
            (file, None)
        }
    }
}

/// Parses a text that [`read`] took in. `None` where it has an error after which the rest cannot be read.
pub fn parse(file: FileId, text: &Arc<Text>, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let before = diagnostics.len();
    let long = (0..text.line_count()).find(|line| text.line(*line).len() > MAX_LINE);
    if let Some(line) = long {
        let start = text.line_start(line);
        diagnostics.push(errors::line_too_long(text.place(file, start..start)));
        return None;
    }
    find_forbidden(file, text, diagnostics);
    let mut builder = TreeBuilder::new(file, text, text.text.len() / 16, diagnostics);
    match events(&mut builder, text) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(error) => {
            builder.syntax(&error);
            return None;
        }
    }
    let tree = builder.tree;
    (diagnostics.len() == before).then_some(tree)
}

/// Gives a builder all that the parser finds; `false` where it ended early.
fn events(builder: &mut TreeBuilder<'_>, text: &Text) -> Result<bool, ScanError> {
    let mut options = granit_parser::Options::default();
    options.emit_anchor_events = true;
    options.emit_unresolved_aliases = true;
    options.disallow_directives = true;
    for event in Parser::new_from_str_with_options(&text.text, options) {
        let (event, span) = event?;
        if !builder.take(event, span) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Characters that could make a file mean something else than it shows.
fn is_forbidden(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' => false,
        c if c.is_control() => true,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        '\u{2028}' | '\u{2029}' => true,
        _ => false,
    }
}

fn find_forbidden(file: FileId, text: &Text, diagnostics: &mut Diagnostics) {
    for (at, c) in text.text.char_indices().filter(|(_, c)| is_forbidden(*c)) {
        diagnostics.push(errors::control_character(c, text.place(file, at..at + c.len_utf8())));
        if diagnostics.full() {
            return;
        }
    }
}

/// A collection that is not closed yet: its node, and a mapping's key that waits for its value.
struct OpenCollection {
    node: NodeId,
    key: Option<NodeId>,
    seen: HashMap<Box<str>, NodeId>,
}

struct TreeBuilder<'m> {
    tree: Tree,
    open: Vec<OpenCollection>,
    diagnostics: &'m mut Diagnostics,
}

impl<'m> TreeBuilder<'m> {
    /// A builder of a tree with room for so many nodes.
    fn new(file: FileId, text: &Arc<Text>, nodes: usize, diagnostics: &'m mut Diagnostics) -> Self {
        let tree = Tree {
            file,
            text: Arc::clone(text),
            nodes: Vec::with_capacity(nodes),
            root: None,
            is_recorded: false,
        };
        Self { tree, open: Vec::new(), diagnostics }
    }

    /// Takes in an event; `false` where parsing has to end.
    fn take(&mut self, event: Event<'_>, span: granit_parser::Span) -> bool {
        let range = span.byte_range().unwrap_or(0..0);
        match &event {
            Event::Anchor(_, name) => {
                let place = self.tree.place_of(range.clone());
                self.diagnostics.push(errors::anchor(name, place));
            }
            Event::Alias(_) => {
                let text = self.tree.text.text.get(range.clone()).unwrap_or_default();
                self.diagnostics.push(errors::alias(text, self.tree.place_of(range.clone())));
                return self.node(range, NodeKind::Scalar { style: Style::Quoted, decoded: Some("".into()) });
            }
            Event::UnresolvedAlias(name) => {
                let place = self.tree.place_of(range.clone());
                self.diagnostics.push(errors::alias(&format!("*{name}"), place));
                return self.node(range, NodeKind::Scalar { style: Style::Quoted, decoded: Some("".into()) });
            }
            Event::DocumentStart(..) if self.tree.root.is_some() => {
                let place = self.tree.place_of(range);
                self.diagnostics.push(errors::second_document(place));
                return false;
            }
            Event::Scalar(_, _, _, Some(tag))
            | Event::SequenceStart(_, _, Some(tag))
            | Event::MappingStart(_, _, Some(tag)) => {
                let at = span.tag_span().and_then(|span| span.byte_range()).unwrap_or(range.clone());
                self.diagnostics.push(errors::tag(&tag.original(), self.tree.place_of(at)));
            }
            _ => {}
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    _ => Style::Block,
                };
                self.scalar(&text, style, range)
            }
            Event::SequenceStart(..) => self.begin(range, NodeKind::Sequence(Vec::new())),
            Event::MappingStart(..) => self.begin(range, NodeKind::Mapping(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(range);
                true
            }
            _ => true,
        }
    }

    fn scalar(&mut self, text: &str, style: Style, range: Range<usize>) -> bool {
        let source = self.tree.text.text.get(range.clone()).unwrap_or_default();
        // An empty value comes as `~` with an empty range.
        let text = if source.is_empty() && style == Style::Plain { "" } else { text };
        if style == Style::Quoted
            && let Some(c) = text.chars().find(|&c| is_forbidden(c) && !source.contains(c))
        {
            let place = self.tree.place_of(range.clone());
            self.diagnostics.push(errors::escaped_control_character(c, place));
        }
        if style == Style::Plain
            && let Some(slip) = typography::in_plain(source, &self.tree.text.text[range.end..])
        {
            let start = range.start;
            let place = self.tree.place_of(start + slip.range.start..start + slip.range.end);
            self.diagnostics.push(errors::slip(slip.kind, place));
        }
        let verbatim = match style {
            Style::Plain => source == text,
            Style::Quoted => source.len() >= 2 && &source[1..source.len() - 1] == text,
            Style::Block => false,
        };
        self.node(range, NodeKind::Scalar { style, decoded: (!verbatim).then(|| text.into()) })
    }

    /// Adds a node that is complete; `false` where parsing has to end.
    fn node(&mut self, range: Range<usize>, kind: NodeKind) -> bool {
        let id = self.push(range, kind);
        self.attach(id);
        true
    }

    fn push(&mut self, range: Range<usize>, kind: NodeKind) -> NodeId {
        self.tree.add(range, kind)
    }

    fn begin(&mut self, range: Range<usize>, kind: NodeKind) -> bool {
        if self.open.len() == MAX_DEPTH {
            let place = self.tree.place_of(range);
            self.diagnostics.push(errors::too_deep(place));
            return false;
        }
        let id = self.push(range, kind);
        self.open.push(OpenCollection { node: id, key: None, seen: HashMap::new() });
        true
    }

    fn end(&mut self, range: Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        // The end of a block collection is where the next thing begins; what belongs to it ends
        // with its last child.
        let last = match &self.tree.nodes[open.node.0 as usize].kind {
            NodeKind::Sequence(items) => items.last().copied(),
            NodeKind::Mapping(pairs) => pairs
                .last()
                .map(|(key, value)| if self.tree.range(*value).is_empty() { *key } else { *value }),
            NodeKind::Scalar { .. } => None,
        };
        let start = self.tree.nodes[open.node.0 as usize].start as usize;
        let flow = matches!(self.tree.text.text.as_bytes().get(start), Some(b'[' | b'{'));
        let end = match last {
            Some(last) if !flow => self.tree.range(last).end,
            _ => range.end,
        };
        self.tree.nodes[open.node.0 as usize].end = end.max(start) as u32;
        self.attach(open.node);
    }

    /// Puts a complete node where it belongs: into the innermost open collection.
    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.tree.root.get_or_insert(id);
            return;
        };
        let parent = open.node.0 as usize;
        if matches!(self.tree.nodes[parent].kind, NodeKind::Sequence(_)) {
            if let NodeKind::Sequence(items) = &mut self.tree.nodes[parent].kind {
                items.push(id);
            }
            return;
        }
        if let Some(key) = open.key.take() {
            if let NodeKind::Mapping(pairs) = &mut self.tree.nodes[parent].kind {
                pairs.push((key, id));
            }
            return;
        }
        open.key = Some(id);
        let place = self.tree.head(id);
        let Some(text) = self.tree.scalar(id) else {
            self.diagnostics.push(errors::key_is_no_text(place));
            return;
        };
        if text == "<<" && !self.tree.is_quoted(id) {
            self.diagnostics.push(errors::merge_key(place));
            return;
        }
        let open = self.open.last_mut().expect("it was there above");
        if let Some(first) = open.seen.insert(text.into(), id) {
            let first = self.tree.place(first);
            self.diagnostics.push(errors::duplicate_key(text, place, first));
        }
    }

    fn syntax(&mut self, error: &ScanError) {
        let mut at = error.marker().byte_offset().unwrap_or(0).min(self.tree.text.text.len());
        if is_tab(error) {
            // Where a tab is in the way of a line, the parser points at the end of the one before.
            at += self.tree.text.text[at..].find('\t').unwrap_or(0);
        }
        let rest = self.tree.text.text[at..].chars().next();
        let end = at + rest.filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
        if *error.kind() == granit_parser::ErrorKind::RecursionLimitExceeded {
            let place = self.tree.place_of(at..end);
            self.diagnostics.push(errors::too_deep(place));
            return;
        }
        let open = self.open.last().map(|open| self.tree.range(open.node).start);
        let text = &self.tree.text.text;
        if let Some(slip) = typography::near(text, at) {
            self.diagnostics.push(errors::slip(slip.kind, self.tree.place_of(slip.range)));
            return;
        }
        if let Some(found) = repair::find(text, at, open).filter(|_| !is_tab(error)) {
            self.diagnostics.push(errors::repairable(found.kind, self.tree.place_of(found.range)));
            return;
        }
        let is_colon = matches!(
            error.kind(),
            granit_parser::ErrorKind::MappingValueNotAllowed
                | granit_parser::ErrorKind::InvalidColonPlacement
        );
        if let Some(range) = self.line_without_colon(at).filter(|_| is_colon) {
            self.diagnostics.push(errors::line_without_colon(self.tree.place_of(range)));
            return;
        }
        let place = self.tree.place_of(at..end);
        let within = self.open.last().and_then(|open| {
            let begin = self.tree.head(open.node);
            let is_list = matches!(self.tree.nodes[open.node.0 as usize].kind, NodeKind::Sequence(_));
            let start = begin.span.range().start - self.tree.text.skipped;
            (begin.line != place.line).then(|| (is_list, self.tree.place_of(start..start)))
        });
        self.diagnostics.push(errors::not_yaml(error, place, within));
    }

    /// The line above that of a `:` which no key can have, where it is in the same column and has
    /// none: the parser took both for one text.
    fn line_without_colon(&self, at: usize) -> Option<Range<usize>> {
        let text = &self.tree.text.text;
        let end = text[..at].rfind('\n')?;
        let start = text[..end].rfind('\n').map_or(0, |before| before + 1);
        let (above, line) = (text[start..end].trim_end(), &text[end + 1..at]);
        let column = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
        let key = &above[column(above)..];
        let lacks = !key.is_empty() && !key.starts_with('#') && !key.contains(':') && !line.contains(':');
        (lacks && column(above) == column(line)).then(|| start + column(above)..start + above.len())
    }
}

fn is_tab(error: &ScanError) -> bool {
    use granit_parser::ErrorKind as E;
    matches!(
        error.kind(),
        E::TabInBlockIndentation | E::TabInIndentation | E::TabNotAllowed | E::TabInPlainScalar
    )
}

#[cfg(test)]
mod tests;
