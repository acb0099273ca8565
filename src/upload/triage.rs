//! What Claim Details say of each entry, and what to do about it.
