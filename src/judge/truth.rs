//! Three-valued logic.

/// The truth value of a condition. The order is that of Kleene's logic: "and" is the minimum, "or" the
/// maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Truth {
    /// It is false.
    False = 0,
    /// The data leave it unknown.
    Unknown = 1,
    /// It is true.
    True = 2,
}

impl Truth {
    /// The word for it in explanations.
    pub fn word(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }

    /// Both. False as soon as one is.
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// At least one. True as soon as one is.
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// All of them; true where there is none.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::True;
        for truth in truths {
            all = all.and(truth);
            if all == Self::False {
                break;
            }
        }
        all
    }

    /// Any of them; false where there is none.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        !Self::all(truths.into_iter().map(std::ops::Not::not))
    }

    /// Any of those that come with "given"; unknown where none does.
    pub fn any_given(parts: impl Iterator<Item = (Self, bool)>) -> Self {
        parts.filter(|(_, given)| *given).map(|(truth, _)| truth).reduce(Self::or).unwrap_or(Self::Unknown)
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    const ALL: [Truth; 3] = [False, Unknown, True];

    #[test]
    fn kleene_tables() {
        let and = [[False, False, False], [False, Unknown, Unknown], [False, Unknown, True]];
        let or = [[False, Unknown, True], [Unknown, Unknown, True], [True, True, True]];
        for (row, a) in ALL.into_iter().enumerate() {
            for (column, b) in ALL.into_iter().enumerate() {
                assert_eq!(a.and(b), and[row][column], "{a:?} and {b:?}");
                assert_eq!(a.or(b), or[row][column], "{a:?} or {b:?}");
            }
        }
    }

    #[test]
    fn de_morgan() {
        for a in ALL {
            for b in ALL {
                for c in ALL {
                    assert_eq!(!Truth::all([a, b, c]), Truth::any([!a, !b, !c]));
                    assert_eq!(!Truth::any([a, b, c]), Truth::all([!a, !b, !c]));
                }
            }
        }
        assert_eq!(Truth::all([]), True);
        assert_eq!(Truth::any([]), False);
    }
}
