//! The day on which a report was run, according to itself: in a `Parameters` sheet, or above the header.

use chrono::NaiveDate;

use super::head_row::HeadRow;
use super::schema::{Column, Type};
use super::value::{CellReading, Value, clean, read};

/// What is written before such a day.
const LABELS: [&str; 14] = [
    "run date",
    "date run",
    "run on",
    "report date",
    "refresh date",
    "refreshed",
    "last refresh",
    "executed",
    "execution date",
    "export date",
    "exported",
    "generated",
    "created on",
    "printed",
];

/// The day in the rows, where they have only one.
pub(super) fn find(rows: &[HeadRow]) -> Option<NaiveDate> {
    let mut found: Option<NaiveDate> = None;
    for row in rows {
        let texts: Vec<&str> =
            row.fields.iter().map(|(text, _)| clean(text)).filter(|text| !text.is_empty()).collect();
        for (at, text) in texts.iter().enumerate() {
            let folded = text.to_lowercase();
            let label = LABELS.iter().find_map(|label| Some(folded.find(label)? + label.len()));
            let Some(end) = label else { continue };
            let behind = text.get(end..).unwrap_or("");
            let day = days(behind).or_else(|| texts.get(at + 1).and_then(|next| days(next)));
            match (day, found) {
                (Some(day), Some(other)) if day != other => return None,
                (Some(day), _) => found = Some(day),
                (None, _) => {}
            }
        }
    }
    found
}

/// The first word of a text that is a day.
fn days(text: &str) -> Option<NaiveDate> {
    let column = Column::new("date", Type::Date);
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').find_map(|word| {
        match read(&column, word) {
            CellReading::Value(Value::Date(day)) => Some(day),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::head_row::first_rows;

    #[test]
    fn the_run_date_of_a_report_is_read() {
        for (text, day) in [
            ("Run Date: 11/20/2026 8:15:32 AM\n", Some("2026-11-20")),
            (
                "FOR OFFICIAL USE ONLY\nReport Parameters:\nLast Refresh Date,2026-11-20 08:15:32\n",
                Some("2026-11-20"),
            ),
            ("Report,,Executed on,11/20/2026\n", Some("2026-11-20")),
            ("Entry Date from 11/20/2026\n", None),
            ("Run Date: 11/20/2026\nPrinted: 11/21/2026\n", None),
            ("Run Date: soon\n", None),
            ("", None),
        ] {
            let found = find(&first_rows(text.as_bytes(), b',', true));
            assert_eq!(found.map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }
}
