//! What keeps capelint from running: an error in a rule file, the configuration, the command
//! line or a table, at its exact place.
//!
//! These are not findings. A [`crate::finding::Finding`] is about an entry; a [`Diagnostic`] means
//! that nothing was evaluated, and ends the run with exit code 2.

pub use crate::code::Code;
use crate::outside::OutsideString;
use crate::source::Place;

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of error.
    pub code: Code,
    /// What is wrong, one sentence without a full stop.
    pub message: OutsideString,
    /// The places it is about; the first is the primary one. Empty where there is none
    /// (a missing file).
    pub labels: Vec<PlaceLabel>,
    /// The next steps, if there are any.
    pub help: Vec<OutsideString>,
}

/// A place with a text about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceLabel {
    /// Where.
    pub place: Place,
    /// What is there; may be empty.
    pub text: OutsideString,
    /// Whether a literal is there that may be a person's number, in whatever way it is written: shown with all digits
    /// masked but the last four.
    pub may_be_a_persons: bool,
}

impl Diagnostic {
    /// An error without a place.
    pub fn new(code: impl Into<Code>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into().into(), labels: Vec::new(), help: Vec::new() }
    }

    /// Points at a place. The first call gives the primary place.
    #[must_use]
    pub fn at(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(PlaceLabel { place, text: text.into().into(), may_be_a_persons: false });
        self
    }

    /// [`Self::at`] a literal that may be a person's number, in whatever way it is written.
    #[must_use]
    pub(crate) fn at_a_persons(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(PlaceLabel { place, text: text.into().into(), may_be_a_persons: true });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into().into());
        self
    }

    /// Adds "a similar name exists", if a known name is near enough.
    #[must_use]
    pub(crate) fn did_you_mean<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(given, known) {
            Some(near) => {
                let text = format!("a similar name exists: `{near}`");
                self.help(text)
            }
            None => self,
        }
    }
}

/// The known name that a mistyped one most likely means.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = given.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&folded, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count().min(folded.chars().count()) / 3).max(1))
        .min()
        .map(|(_, name)| name)
}
