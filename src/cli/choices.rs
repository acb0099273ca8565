//! Arguments that take one of several names: those of the library's enums, and the formats of each command.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Reads one of these values of an enum of the library, by its name. `help` is what the command line says of each.
pub fn one_of<T>(values: &'static [T], help: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Into<&'static str> + Send + Sync + 'static,
{
    let possible = values.iter().map(|value| PossibleValue::new((*value).into()).help(help(*value)));
    PossibleValuesParser::new(possible).try_map(|name| {
        let is_named = |value: &T| {
            let known: &'static str = (*value).into();
            known == name
        };
        values.iter().copied().find(is_named).ok_or("not one of the values")
    })
}

/// The formats of a command: `human`, which is the default, and some others of a report's, each with what it is.
macro_rules! formats {
    ($(#[$about:meta])* $name:ident: Human $human:literal $(, $format:ident $help:literal)* $(,)?) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
        pub enum $name {
            #[doc = $human]
            #[default]
            Human,
            $(
                #[doc = $help]
                $format,
            )*
        }

        /// The format of the errors that keep the command from running.
        impl From<$name> for capelint::Format {
            fn from(format: $name) -> Self {
                match format {
                    $name::Human => Self::Human,
                    $($name::$format => Self::$format,)*
                }
            }
        }
    };
}

formats! {
    /// Formats of what `fix`, `plan` and `explain` print.
    DocumentFormat: Human "For people", Json "One JSON object"
}

formats! {
    /// Formats of what `triage` prints.
    TriageFormat: Human "For people", Json "One JSON object", Jsonl "One JSON object per line"
}

formats! {
    /// Formats of the results of tests.
    TestFormat:
    Human "Failures at their place, for reading",
    Short "One line for each failure",
    Json "For programs",
    Junit "A JUnit report of all tests",
    Github "Annotations of a GitHub workflow",
}

formats! {
    /// Formats of the list of rules.
    ListFormat:
    Human "For reading",
    Json "For programs",
    Markdown "For documents: the rules, then each message of CBP with what covers it",
}
