//! All kinds of errors: those of each part of capelint, as one type.

use crate::code::{Code, Description};

/// Makes the kinds of errors of each part a [`Code`]. An error cannot have a kind of a part that is not named here.
macro_rules! parts {
    ($($(#[$condition:meta])? $codes:path,)+) => {
        $(
            $(#[$condition])?
            impl From<$codes> for Code {
                fn from(code: $codes) -> Self {
                    Self::new(&<$codes>::ALL[code as usize])
                }
            }

            $(#[$condition])?
            impl PartialEq<$codes> for Code {
                fn eq(&self, code: &$codes) -> bool {
                    *self == Self::from(*code)
                }
            }
        )+

        const PARTS: &[&[Description]] = &[$($(#[$condition])? <$codes>::ALL,)+];
    };
}

parts! {
    crate::input::errors::InputCode,
    crate::yaml::errors::YamlCode,
    crate::table::errors::TableCode,
    crate::table::workbook::WorkbookCode,
    crate::rules::errors::RuleFileCode,
    crate::rules::errors::LiteralCode,
    crate::rules::errors::OperandCode,
    crate::rules::errors::ConditionCode,
    crate::rules::errors::RuleCode,
    crate::rules::errors::SchemaCode,
    crate::rules::errors::RuleTestCode,
    crate::rules::errors::CatalogCode,
    crate::rule_tests::TestRunCode,
    crate::config::ConfigCode,
    crate::engine::errors::EngineCode,
    #[cfg(feature = "cli")]
    crate::anonymize::AnonymizeCode,
    #[cfg(feature = "cli")]
    crate::frontend::errors::CommandCode,
    #[cfg(feature = "cli")]
    crate::frontend::errors::inputs::CommandInputCode,
    #[cfg(feature = "cli")]
    crate::frontend::errors::outputs::CommandOutputCode,
}

impl Code {
    /// All kinds of errors, group by group and there by name.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = PARTS.iter().copied().flatten().map(Self::new).collect();
        all.sort_unstable();
        all
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_name_of_its_own_and_a_next_step() {
        let all = Code::all();
        for (at, code) in all.iter().enumerate() {
            assert_eq!(Code::named(code.name()), Some(*code));
            assert!(!all[..at].iter().any(|other| other.name() == code.name()), "{code} twice");
            assert!(code.meaning().ends_with('.') && code.help().ends_with('.'), "{code}");
        }
    }
}
