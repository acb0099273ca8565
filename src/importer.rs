//! Reads, compares and prints importer numbers.
//!
//! CBP has 3 forms: `NN-NNNNNNNXX` (an employer's number with an optional two-character suffix that is never
//! O, I or Z), `NNN-NN-NNNN` (a social security number) and `YYDDPP-NNNNN` (assigned by CBP). Whether an
//! export shows the suffix is not documented anywhere, so two numbers are the same where their base is; see
//! [`ImporterNumber::same_importer`].

use std::fmt;

/// An importer number in normal form: its letters and digits, and which of the three forms it has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImporterNumber {
    form: ImporterForm,
    base: [u8; 11],
    base_len: u8,
    suffix: [u8; 2],
}

/// The forms of an importer number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ImporterForm {
    /// `NN-NNNNNNN`, with or without suffix: an employer identification number.
    Employer,
    /// `NNN-NN-NNNN`: a social security number. Never printed whole.
    SocialSecurity,
    /// 9 digits without dashes: either of the two above. Never printed whole.
    NineDigits,
    /// `YYDDPP-NNNNN`: assigned by CBP.
    Assigned,
}

impl ImporterNumber {
    /// Reads an importer number in any of its forms, with or without dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let dashes: Vec<usize> =
            text.char_indices().filter(|(_, c)| is_dash(*c)).enumerate().map(|(n, (_, _))| n).collect();
        let groups: Vec<usize> = text.split(is_dash).map(|group| group.chars().count()).collect();
        let compact: Vec<u8> = text
            .chars()
            .filter(|c| !is_dash(*c) && !c.is_whitespace())
            .map(|c| u8::try_from(c.to_ascii_uppercase()).unwrap_or(0))
            .collect();
        if !compact.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let digits = compact.iter().take_while(|c| c.is_ascii_digit()).count();
        let form = match (compact.len(), digits, groups.as_slice()) {
            (9, 9, [3, 2, 4]) => ImporterForm::SocialSecurity,
            (9, 9, [9]) => ImporterForm::NineDigits,
            // A spreadsheet took the leading zero.
            (8, 8, [8]) => return Self::parse(&format!("0{text}")),
            (9, 9, [2, 7]) => ImporterForm::Employer,
            (11, 9.., [2, 9] | [2, 7, 2] | [11]) if !compact[9..].iter().any(|c| b"OIZ".contains(c)) => {
                ImporterForm::Employer
            }
            (11, 11, [6, 5]) => ImporterForm::Assigned,
            _ => return None,
        };
        debug_assert!(dashes.len() < 4);
        let base_len = if form == ImporterForm::Assigned { 11 } else { 9 };
        let mut base = [0; 11];
        base[..base_len].copy_from_slice(&compact[..base_len]);
        let mut suffix = [0; 2];
        if form != ImporterForm::Assigned && compact.len() == 11 {
            suffix.copy_from_slice(&compact[9..]);
        }
        Some(Self { form, base, base_len: base_len as u8, suffix })
    }

    /// Whether both name the same importer: the 9 digits (or the CBP-assigned number) decide, suffix and
    /// dashes do not. 11 digits without dashes may be an assigned number, and are the same as one with these
    /// digits.
    pub(crate) fn same_importer(&self, other: &Self) -> bool {
        self.same_base(other) || self.same_eleven(other)
    }

    /// Whether both name the same importer with the same suffix.
    pub(crate) fn same_suffix(&self, other: &Self) -> bool {
        self.same_eleven(other) || self.same_base(other) && self.suffix() == other.suffix()
    }

    /// Whether both have the same digits, and not one those of an employer and the other those of a person.
    fn same_base(&self, other: &Self) -> bool {
        use ImporterForm::{Employer, SocialSecurity};
        let differ =
            matches!((self.form, other.form), (Employer, SocialSecurity) | (SocialSecurity, Employer));
        !differ && (self.base, self.base_len) == (other.base, other.base_len)
    }

    /// Whether one is an assigned number, and the other has its 11 digits.
    fn same_eleven(&self, other: &Self) -> bool {
        let digits = |number: &Self| match number.form {
            ImporterForm::Assigned => number.base,
            _ => {
                let mut digits = number.base;
                digits[9..].copy_from_slice(&number.suffix);
                digits
            }
        };
        (self.form == ImporterForm::Assigned) != (other.form == ImporterForm::Assigned)
            && digits(self) == digits(other)
    }

    /// What all numbers of [the same importer](Self::same_importer) have in common: the first 9 characters.
    pub(crate) fn first_nine(&self) -> [u8; 9] {
        *self.base.first_chunk().expect("11 characters")
    }

    /// The 9 digits, or the 11 of an assigned number.
    pub(crate) fn base(&self) -> &str {
        std::str::from_utf8(&self.base[..usize::from(self.base_len)]).expect("ASCII by construction")
    }

    /// The two-character suffix, where there is one. `00` is the same as none.
    pub(crate) fn suffix(&self) -> Option<&str> {
        (self.suffix != [0; 2] && self.suffix != *b"00")
            .then(|| std::str::from_utf8(&self.suffix).expect("ASCII by construction"))
    }

    /// Which form it was written in.
    pub(crate) fn form(&self) -> ImporterForm {
        self.form
    }
}

/// Prints employers' and assigned numbers whole, and of anything that is or may be a social security number
/// only the last 4 digits.
impl fmt::Display for ImporterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base();
        match self.form {
            ImporterForm::Employer => {
                write!(f, "{}-{}{}", &base[..2], &base[2..], self.suffix().unwrap_or(""))
            }
            ImporterForm::SocialSecurity | ImporterForm::NineDigits => write!(f, "***-**-{}", &base[5..]),
            ImporterForm::Assigned => write!(f, "{}-{}", &base[..6], &base[6..]),
        }
    }
}

/// Shows no more than [`fmt::Display`] does.
impl fmt::Debug for ImporterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImporterNumber({self})")
    }
}

fn is_dash(c: char) -> bool {
    crate::entry::is_dash(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nine_digits_decide() {
        let parse = |text| ImporterNumber::parse(text).unwrap();
        assert!(parse("12-3456789").same_importer(&parse("12-345678900")));
        assert!(parse("12-345678901").same_importer(&parse("123456789")));
        assert!(!parse("12-3456789").same_importer(&parse("12-3456780")));
        // A person's number and an employer's may have the same digits.
        assert!(!parse("12-3456789").same_importer(&parse("123-45-6789")));
        // A spreadsheet took the leading zero.
        assert!(parse("01-2345678").same_importer(&parse("12345678")));
        assert_eq!(parse("12345678").to_string(), "***-**-5678");
        assert_eq!(parse("12-345678900").suffix(), None);
        assert_eq!(parse("12-3456789AB").suffix(), Some("AB"));
    }

    #[test]
    fn forms_are_distinguished() {
        assert_eq!(ImporterNumber::parse("987-65-4320").unwrap().form(), ImporterForm::SocialSecurity);
        assert_eq!(ImporterNumber::parse("240101-12345").unwrap().form(), ImporterForm::Assigned);
        for bad in ["", "12-345678", "12-3456789OI", "ABC", "12-3456789X", "1\u{3b1}3456789"] {
            assert_eq!(ImporterNumber::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn eleven_digits_without_dashes_may_be_an_assigned_number() {
        let number = |text: &str| ImporterNumber::parse(text).unwrap();
        for (assigned, plain) in [("240101-12345", "24010112345"), ("240101-12300", "24010112300")] {
            for (a, b) in [(assigned, plain), (plain, assigned)] {
                assert!(number(a).same_importer(&number(b)) && number(a).same_suffix(&number(b)), "{a} {b}");
            }
        }
        for other in ["24010112346", "24-0101123", "240101123", "240101-12346"] {
            assert!(!number("240101-12345").same_importer(&number(other)), "{other}");
        }
        assert!(number("12-345678901").same_importer(&number("12-3456789")));
        assert!(!number("12-345678901").same_suffix(&number("12-3456789")));
        assert!(number("12-345678900").same_suffix(&number("12-3456789")));
    }

    #[test]
    fn what_may_be_a_social_security_number_is_never_printed_whole() {
        for text in ["987-65-4320", "987654320"] {
            let shown = ImporterNumber::parse(text).unwrap();
            assert_eq!(shown.to_string(), "***-**-4320");
            assert!(!format!("{shown:?}").contains("987"));
        }
    }
}
