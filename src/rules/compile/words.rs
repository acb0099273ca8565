//! The words that conditions are put together with. Those of tests are in [`crate::judge::words`].

/// A word of a condition with its meaning.
pub const STRUCTURE: [(&str, &str); 10] = [
    ("all", "All of these conditions are true."),
    ("any", "At least one of these conditions is true."),
    (
        "any_given",
        "At least one is true of those whose tables and columns were provided: for evidence that may come from several places.",
    ),
    ("not", "This condition is false."),
    ("some", "The table has at least one row for the entry (for which `where` is true)."),
    (
        "every",
        "Each row that the table has for the entry is one for which `where` is true; true where there is none.",
    ),
    ("no", "The table has no row for the entry (for which `where` is true)."),
    (
        "count",
        "How many rows the table has for the entry (for which `where` is true); write a number test beside it.",
    ),
    ("on", "Which rows: those on the same `line` as the row at hand, or all of the `entry`."),
    ("where", "Which rows: a condition in which a bare name is a column of the row at hand."),
];
