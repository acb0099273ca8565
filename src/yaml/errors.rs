//! The wording of what is wrong in a YAML file: one function for each error, named by what is wrong.
//!
//! The reader finds an error; the wording is here. Errors in the meaning of a rule file are worded in
//! [`crate::rules::errors`].

use std::borrow::Cow;

use granit_parser::ScanError;

use super::repair::RepairKind;
use super::typography::SlipKind;
use super::{MAX_DEPTH, MAX_DIAGNOSTICS, MAX_LINE, NodeId, Tree, View, is_tab};
use crate::code::{Code, codes};
use crate::diagnostic::Diagnostic;
use crate::outside::Outside;
use crate::source::Place;

codes! {
    /// Kinds of errors in YAML.
    enum YamlCode:
    Yaml {
        ControlCharacter "control-character"
            "A rule file has a character that is not printed, such as a control character."
            "Remove it."
        CutText "cut-text"
            "A text without quotes ends at ` #`, where a comment begins."
            "Put quotes around the whole text, or two spaces before a comment."
        DuplicateKey "duplicate-key"
            "A key appears twice in one mapping."
            "Remove one of them."
        MissingKey "missing-key"
            "A key that is required is missing."
            "Add it."
        MissingValue "missing-value"
            "A key has no value."
            "Fill it in, or remove the key."
        NotUtf8 "not-utf8"
            "A rule file is not UTF-8."
            "Save it as UTF-8."
        OddCharacter "odd-character"
            "A file has a space, dash or quote of a word processor in place of that of the keyboard."
            "Type the character of the keyboard; in quotes it may stay."
        TooDeep "too-deep"
            "Lists and mappings are nested deeper than any rule needs."
            "Flatten them."
        TooLarge "too-large"
            "A rule file is larger than any that a person writes."
            "Split it."
        TooLong "too-long"
            "A line is longer than any that a person writes."
            "Break it."
        TooManyErrors "too-many-errors"
            "A file has more errors than are shown."
            "Correct those that are shown, then run again."
        UnknownKey "unknown-key"
            "A key is not one of those that are read here."
            "Correct it; an editor with the JSON Schema (`capelint schema`) completes keys."
        UnknownValue "unknown-value"
            "A value is not one of those that are allowed here."
            "Use one of those that are listed."
        WrongKind "wrong-kind"
            "A value is of another kind than is needed: a list in place of a text, for example."
            "Write it as the message says."
        YamlAlias "yaml-alias"
            "A YAML alias repeats a value that is written elsewhere, so a reader does not see it."
            "Write the value out."
        YamlAnchor "yaml-anchor"
            "A YAML anchor makes a value repeat elsewhere, where a reader does not see it."
            "Write the value out."
        YamlDocuments "yaml-documents"
            "A file has several YAML documents."
            "Make a file of each."
        YamlMerge "yaml-merge"
            "A YAML merge key adds keys that are written elsewhere, so a reader does not see them."
            "Write the keys out."
        YamlSyntax "yaml-syntax"
            "A file is not YAML."
            "Correct it at the place; often a quote or a bracket is not closed before."
        YamlTag "yaml-tag"
            "A YAML tag changes the type of a value, which a reader may not notice."
            "Write the value without its tag."
    }
    Rules {
        UnknownFix "unknown-fix"
            "There is no repair of that name."
            "Use one of those that are listed."
        UnknownSeverity "unknown-severity"
            "There is no severity of that name."
            "The severities are `error`, `stop`, `warning` and `note`."
        UnknownType "unknown-type"
            "There is no type of that name."
            "Use one of those that are listed."
    }
}

/// A file that is larger than any file that people write.
pub fn file_too_large(name: &str, bytes: usize, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::TooLarge, format!("{} is larger than 1 MiB", Outside::new(name).brief()))
        .at(place, format!("{bytes} bytes"))
        .help("rule files and configurations are smaller; split it, or put lists into CSV files")
}

/// Bytes that are no text; the first of them is at the place.
pub fn not_utf8(byte: u8, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::NotUtf8, "the file is not UTF-8")
        .at(place, format!("byte 0x{byte:02x} comes here"))
        .help("save it as UTF-8")
}

/// A line that is longer than any that people write.
pub fn line_too_long(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::TooLong, format!("a line of more than {MAX_LINE} bytes"))
        .at(place, "")
        .help("break it into several lines")
}

/// Lists and mappings in each other, deeper than any that people write.
pub fn too_deep(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::TooDeep, format!("nested deeper than {MAX_DEPTH}"))
        .at(place, "")
        .help("use fewer levels")
}

/// More errors than are reported.
pub fn too_many_errors() -> Diagnostic {
    let message = format!("more than {MAX_DIAGNOSTICS} errors; the others are not shown");
    Diagnostic::new(YamlCode::TooManyErrors, message)
}

/// A character that may make the file mean something else than it shows.
pub fn control_character(c: char, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::ControlCharacter, format!("control character U+{:04X}", c as u32))
        .at(place, "")
        .help("delete it; rule files cannot have invisible characters")
}

/// The same, written as an escape.
pub fn escaped_control_character(c: char, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::ControlCharacter, format!("an escape for control character U+{:04X}", c as u32))
        .at(place, "")
        .help("leave it out; rule files cannot have invisible characters")
}

/// `&NAME`
pub fn anchor(name: &str, place: Place) -> Diagnostic {
    refused(YamlCode::YamlAnchor, "anchor", &format!("&{name}"), place)
}

/// `*NAME`
pub fn alias(text: &str, place: Place) -> Diagnostic {
    refused(YamlCode::YamlAlias, "alias", text, place)
}

/// `!NAME`
pub fn tag(text: &str, place: Place) -> Diagnostic {
    refused(YamlCode::YamlTag, "tag", text, place)
}

fn refused(code: YamlCode, what: &str, text: &str, place: Place) -> Diagnostic {
    Diagnostic::new(code, format!("YAML {what} `{}`", Outside::new(text).brief()))
        .at(place, "")
        .help("write the value out; rule files cannot use anchors, aliases or tags")
}

/// `<<`
pub fn merge_key(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::YamlMerge, "YAML merge key `<<`")
        .at(place, "")
        .help("write the keys out; rule files cannot use merge keys")
}

/// `---` after a document.
pub fn second_document(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::YamlDocuments, "a second YAML document begins here")
        .at(place, "")
        .help("a file is one document: remove this line, or make two files")
}

/// A list or a mapping as a key.
pub fn key_is_no_text(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::YamlSyntax, "a key must be a text").at(place, "").help("put quotes around it")
}

/// A key that its mapping has already.
pub fn duplicate_key(key: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::DuplicateKey, format!("key `{}` twice", Outside::new(key).brief()))
        .at(again, "again here")
        .at(first, "first here")
        .help("keep one of them; for two tests of one column use `all`")
}

/// A line above a key that has no `:` of its own.
pub fn line_without_colon(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::YamlSyntax, "a line without a key's `:`")
        .at(place, "")
        .help("write `key: value`; a line that continues the one above is indented deeper than its key")
}

/// What the parser cannot read; `within` is where the innermost open collection begins, and whether it is a
/// list.
pub fn not_yaml(error: &ScanError, place: Place, within: Option<(bool, Place)>) -> Diagnostic {
    let (message, help) = syntax_words(error);
    let mut diagnostic = Diagnostic::new(YamlCode::YamlSyntax, message).at(place, "");
    if let Some((is_list, begin)) = within {
        let kind = if is_list { "list" } else { "mapping" };
        diagnostic = diagnostic.at(begin, format!("in the {kind} that begins here"));
    }
    diagnostic.help(help)
}

/// What is wrong with the YAML, in words for people who edit rules and not parsers.
fn syntax_words(error: &ScanError) -> (String, &'static str) {
    use granit_parser::ErrorKind as E;
    let (message, help) = match error.kind() {
        _ if is_tab(error) => ("a tab where only spaces may indent", "indent with spaces"),
        E::UnclosedQuotedScalar => {
            ("a quote that is never closed", "close it, or double a quote that is part of the text")
        }
        E::UnclosedFlowCollection { .. } | E::UnexpectedEofFlowMapping | E::UnexpectedEofFlowSequence => {
            ("a bracket that is never closed", "close it")
        }
        E::MismatchedFlowCollectionEnd { .. } | E::MisplacedFlowCollectionEnd => {
            ("brackets that do not fit together", "close each `[` with `]` and each `{` with `}`")
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement => {
            ("a `:` that cannot be a key's colon", "put quotes around a text that has a colon and a space")
        }
        E::ExpectedFlowMappingSeparator => ("neither `,` nor `}` after this", "add the one that is missing"),
        E::ExpectedFlowSequenceSeparator => ("neither `,` nor `]` after this", "add the one that is missing"),
        E::InvalidIndentation
        | E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::SimpleKeyExpected => (
            "this line does not fit the indentation, or its `:` is missing",
            "align the keys of one mapping in one column, each followed by a colon and a space",
        ),
        E::UnexpectedCharacter { .. } => {
            ("a text cannot begin with this character", "put quotes around the text")
        }
        E::DirectiveDisallowed => ("a YAML directive", "remove the line"),
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => {
            ("text after a closing quote", "put the quotes around all of the text")
        }
        E::UnknownQuotedScalarEscape => {
            ("an unknown escape in a quoted text", "write `\\\\` for a backslash, or use single quotes")
        }
        _ => return (format!("not YAML: {}", error.info()), "correct the YAML here"),
    };
    (message.to_owned(), help)
}

/// A value of another kind than the type reads, such as a list for a text.
pub fn wrong_kind(expected: &str, found: &str, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, format!("expected {expected}, found {found}")).at(place, "")
}

/// A value that its type refuses, in that type's own words.
pub fn refused_value(why: String, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::WrongKind, why).at(place, "")
}

/// A name that is none of an enum's, by the name of its type.
pub fn unknown_name<'a>(
    of: &str,
    given: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let (code, what) = match of {
        "Severity" => (YamlCode::UnknownSeverity, "severity"),
        "Type" => (YamlCode::UnknownType, "type"),
        "Fix" => (YamlCode::UnknownFix, "fix"),
        _ => (YamlCode::UnknownValue, "value"),
    };
    unknown(code, what, given, place, known)
}

/// A key with nothing after it.
pub fn no_value(place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingValue, "a key without a value")
        .at(place, "")
        .help("write a value, or remove the key")
}

/// A name that is none of those known. All known ones are named where there are few. `what` is what it should
/// name, such as `column`.
pub fn unknown<'a>(
    code: impl Into<Code>,
    what: &str,
    given: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    with_known(
        Diagnostic::new(code, format!("unknown {what} `{}`", Outside::new(given).brief())).at(place, ""),
        given,
        known,
    )
}

/// [`unknown`], of a name that `owner` should have.
pub fn unknown_of<'a>(
    code: impl Into<Code>,
    what: &str,
    owner: &str,
    given: &str,
    place: Place,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("unknown {what} `{}` of {owner}", Outside::new(given).brief());
    with_known(Diagnostic::new(code, message).at(place, ""), given, known)
}

/// Adds which of the names that are known may be meant.
fn with_known<'a>(
    diagnostic: Diagnostic,
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let mut known: Vec<&str> = known.into_iter().collect();
    let elsewhere =
        [elsewhere(given), of_dates(given)].into_iter().flatten().find(|word| known.contains(word));
    let near = elsewhere.or_else(|| crate::diagnostic::nearest(given, known.iter().copied()));
    if let Some(key) = without_colon(given, known.iter().copied()) {
        return diagnostic.help(format!("the `:` of `{key}` is missing; write `{key}: …`"));
    }
    let diagnostic = match (elsewhere, near) {
        (Some(word), _) => diagnostic.help(format!("the word for it is `{word}`")),
        (None, Some(near)) => diagnostic.help(format!("a similar name exists: `{near}`")),
        (None, None) => diagnostic,
    };
    if known.is_empty() || known.len() > 24 || (near.is_some() && known.len() > 8) {
        return diagnostic;
    }
    known.sort_unstable();
    known.dedup();
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    diagnostic.help(format!("known: {}", list.join(", ")))
}

/// The word for what other languages call so, of dates.
fn of_dates(given: &str) -> Option<&'static str> {
    Some(match given {
        "lt" | "less_than" | "below" | "earlier" | "<" => "before",
        "le" | "lte" | "at_most" | "until" | "<=" => "on_or_before",
        "gt" | "greater_than" | "above" | "later" | ">" => "after",
        "ge" | "gte" | "at_least" | "since" | ">=" => "on_or_after",
        _ => return None,
    })
}

/// The word of the rule language for one that other languages have.
fn elsewhere(given: &str) -> Option<&'static str> {
    Some(match given {
        "if" | "where_rule" => "when",
        "then" | "must" | "assert" | "expect_that" => "require",
        "deny" | "must_not" | "reject" => "forbid",
        "or" | "one_of" | "either" => "any",
        "and" | "both" => "all",
        "none" => "no",
        "exists" => "some",
        "lt" | "less_than" | "less" | "under" | "<" => "below",
        "le" | "lte" | "max" | "maximum" | "up_to" | "<=" | "=<" => "at_most",
        "gt" | "greater_than" | "greater" | "more_than" | "more" | "over" | ">" => "above",
        "ge" | "gte" | "min" | "minimum" | ">=" | "=>" => "at_least",
        "eq" | "equals" | "equal" | "=" | "==" => "is",
        "ne" | "neq" | "not_equal" | "isnt" | "!=" | "<>" => "is_not",
        "start" | "begin" | "begins" => "from",
        "end" | "to" | "through" | "ends" => "until",
        "entries" => "entry",
        "rows" => "row",
        "lines" => "line",
        "files" | "declaration" => "file",
        "msg" => "message",
        "fires" | "fail" | "fails" | "failed" | "violation" | "broken" => "violated",
        "pass" | "passes" | "passed" | "ok" | "holds" | "clean" => "satisfied",
        "unknown" | "unclear" => "undecided",
        "unchecked" => "not checked",
        "since" => "on_or_after",
        "like" | "regex" | "pattern" => "matches",
        "prefix" => "starts_with",
        "suffix" => "ends_with",
        "includes" => "contains",
        "sum" | "add" => "total",
        "avg" | "average" | "share" => "ratio",
        "minus" | "subtract" | "diff" => "difference",
        "first" => "earliest",
        "last" => "latest",
        "today" | "now" | "date" => "filing_date",
        "datediff" | "days" => "days_between",
        "unique_count" | "count_distinct" => "distinct",
        "level" => "severity",
        "for" | "foreach" | "for_each" | "scope" => "each",
        "name" | "description" => "title",
        "fatal" | "critical" | "block" => "error",
        "info" => "note",
        "warn" => "warning",
        "hold" => "stop",
        _ => return None,
    })
}

/// Whether a mapping has a key, or another that most likely means it: what is mistyped is one error, not two.
pub fn is_written(tree: &Tree, mapping: NodeId, key: &str) -> bool {
    let View::Mapping(pairs) = tree.view(mapping) else { return false };
    let means = |name: &str| {
        name == key
            || elsewhere(name) == Some(key)
            || without_colon(name, [key]).is_some()
            || crate::diagnostic::nearest(name, [key]).is_some()
    };
    pairs.iter().any(|(name, _)| tree.scalar(*name).is_some_and(means))
}

/// The known key that a text begins with which lost its `:`, as `type money` does.
fn without_colon<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (first, _) = given.split_once([' ', '{', '['])?;
    known.into_iter().find(|known| *known == first)
}

/// A character that looks like one of YAML and is another, or a text that a `#` cuts off.
pub fn slip(kind: SlipKind, place: Place) -> Diagnostic {
    let (code, message, help) = match kind {
        SlipKind::Space(c) => (
            YamlCode::OddCharacter,
            format!("a space that is not an ordinary one (U+{:04X})", u32::from(c)),
            "type a space; in quotes it may stay",
        ),
        SlipKind::Dash => {
            (YamlCode::OddCharacter, "a dash that is not the hyphen of a list".to_owned(), "type `-`")
        }
        SlipKind::Quote => (
            YamlCode::OddCharacter,
            "a curly quote, which is part of the text".to_owned(),
            "type `'` or `\"`",
        ),
        SlipKind::CutOff => (
            YamlCode::CutText,
            "a text is cut off by ` #`, which begins a comment".to_owned(),
            "put quotes around the whole text, or two spaces before a comment",
        ),
    };
    Diagnostic::new(code, message).at(place, "").help(help)
}

/// What keeps the parser from reading on, where the repair is known.
pub fn repairable(kind: RepairKind, place: Place) -> Diagnostic {
    const ALIGN: &str = "align the keys of one mapping, and the items of one list, in one column";
    let (message, help): (Cow<'_, str>, Cow<'_, str>) = match kind {
        RepairKind::KeyWithoutColon => ("a key without its `:`".into(), "write `key: value`".into()),
        RepairKind::NoSpaceAfterColon => {
            ("a key's `:` without a space behind it".into(), "write `key: value`".into())
        }
        RepairKind::NoSpaceAfterDash => {
            ("a list's `-` without a space behind it".into(), "write `- item`".into())
        }
        RepairKind::OpenQuote => (
            "a quote that is not closed in its line".into(),
            "close it, or double a quote that is part of the text".into(),
        ),
        RepairKind::OtherThanBeside { spaces, beside } => (
            format!("{spaces} spaces before this line, and {beside} before the line beside it").into(),
            ALIGN.into(),
        ),
        RepairKind::UnevenIndentation { spaces, fitting } => {
            (format!("{spaces} spaces before this line, where {fitting} would fit").into(), ALIGN.into())
        }
        RepairKind::ItemWithoutDash => (
            "an item of a list without its `-`".into(),
            "write `- ` before the first key of each item".into(),
        ),
        RepairKind::OpenBracket { closing } => (
            format!("a bracket that is not closed: `{closing}` is missing here").into(),
            format!("write `{closing}` where it is missing").into(),
        ),
    };
    Diagnostic::new(YamlCode::YamlSyntax, message).at(place, "").help(help)
}

/// A key that nothing reads.
pub fn unknown_key<'a>(given: &str, place: Place, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    unknown(YamlCode::UnknownKey, "key", given, place, known)
}

/// A key that has to be there.
pub fn missing_key(key: &str, place: Place) -> Diagnostic {
    Diagnostic::new(YamlCode::MissingKey, format!("key `{key}` is missing"))
        .at(place, "here")
        .help(format!("add `{key}:`"))
}
