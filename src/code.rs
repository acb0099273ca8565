//! What a kind of error is: its name, what it means and what to do, as `capelint explain CODE` prints them.
//!
//! The kinds are declared with [`codes!`] beside the words of their errors, in the file or folder `errors` of the
//! part of capelint that finds them. [`crate::codes`] puts all of them together.

use std::fmt;

/// A kind of error, of any part of capelint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static Description);

/// What is known about a kind of error.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Description {
    pub group: CodeGroup,
    pub name: &'static str,
    pub meaning: &'static str,
    pub help: &'static str,
}

/// What kinds of errors are listed together, in the order of the lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum CodeGroup {
    Files,
    CommandLine,
    Yaml,
    Rules,
    RuleTests,
}

impl Code {
    pub(crate) const fn new(description: &'static Description) -> Self {
        Self(description)
    }

    /// Its stable name, such as `unknown-key`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        self.0.meaning
    }

    /// What to do, in general; an error often has a more precise one.
    pub fn help(self) -> &'static str {
        self.0.help
    }

    /// What it is an error in.
    pub fn group(self) -> &'static str {
        match self.0.group {
            CodeGroup::Files => "Files",
            CodeGroup::CommandLine => "Command line and folders",
            CodeGroup::Yaml => "YAML of rule files and of the configuration",
            CodeGroup::Rules => "Rules",
            CodeGroup::RuleTests => "Tests of rules",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Lets callers compare with the name that people read.
impl PartialEq<&str> for Code {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

/// Declares the kinds of errors of a part of capelint: an enum and, group by group, code by code its name, what it
/// means and what to do. A kind that several parts have is declared in the one on which the others depend. Only
/// errors make a value of the enum, so that the compiler warns of a kind that no error has.
macro_rules! codes {
    (
        $(#[$doc:meta])* enum $codes:ident:
        $($group:ident { $($code:ident $name:literal $meaning:literal $help:literal)+ })+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        #[allow(clippy::enum_variant_names, reason = "a kind is called as in its name, which people read alone")]
        pub(crate) enum $codes {
            $($(#[doc = $meaning] $code,)+)+
        }

        impl $codes {
            /// What is known about each, in the order of the enum.
            pub(crate) const ALL: &'static [$crate::code::Description] = &[
                $($($crate::code::Description {
                    group: $crate::code::CodeGroup::$group,
                    name: $name,
                    meaning: $meaning,
                    help: $help,
                },)+)+
            ];
        }
    };
}

pub(crate) use codes;
