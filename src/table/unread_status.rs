//! Lists that have a status under a header that is not known.
//!
//! A list without a status column is read by its name: `protests` are open protests. Where it has a column
//! that may be the status (`Protest Decision`, `Paid by Surety?`), being on the list alone decides nothing:
//! its rows become doubtful ([`super::Row::doubtful`]). So does a row in which any text means that it no
//! longer counts (`withdrawn 10/1`).

use hashbrown::HashSet;

use super::encoding::decode;
use super::overlap::Doubt;
use super::schema::{Schema, Type};
use super::value::clean;
use super::{Part, Row, Table};

/// Makes the rows doubtful of files that may have an unread status. The rows are sorted by entry.
pub(super) fn make_doubtful(schema: &Schema, table: &mut Table) {
    let fields: Vec<Option<u32>> =
        (0..table.parts.len() as u32).map(|part| unread_status(schema, table, part)).collect();
    let has_remarks: Vec<bool> = table.parts.iter().map(|part| lacks_status(schema, part)).collect();
    if !has_remarks.contains(&true) {
        return;
    }
    let mut rows: Vec<Row> = Vec::with_capacity(table.rows.len());
    let mut starts = Vec::with_capacity(table.entry_rows.len());
    for range in table.entry_rows.windows(2) {
        starts.push(rows.len() as u32);
        let of_entry = &table.rows[range[0] as usize..range[1] as usize];
        let field = |row: &Row| {
            let part = row.part as usize;
            fields[part].or_else(|| has_remarks[part].then(|| remark_against(schema, table, row)).flatten())
        };
        rows.extend(of_entry.iter().filter(|row| !row.doubtful && field(row).is_none()).cloned());
        // An entry has at most one doubtful row, its last.
        let lost = of_entry.iter().find(|row| row.doubtful);
        if let Some(row) = lost.or_else(|| of_entry.iter().find(|row| field(row).is_some())) {
            rows.push(Row { doubtful: true, ..row.clone() });
            if let (false, Some(field), Some(entry)) = (row.doubtful, field(row), row.entry) {
                table.doubts.insert(entry, Doubt::StatusNotRead { field });
            }
        }
    }
    starts.push(rows.len() as u32);
    (table.rows, table.entry_rows) = (rows, starts);
}

/// The field of a file that may be its status and is not read, where the file has no status that is.
fn unread_status(schema: &Schema, table: &Table, number: u32) -> Option<u32> {
    let part = &table.parts[number as usize];
    if !lacks_status(schema, part) {
        return None;
    }
    let unread = (0..).zip(&part.header.fields).filter(|(field, _)| !part.fields.contains(&Some(*field)));
    let mut named = unread.filter(|(_, (header, _))| !clean(header).is_empty());
    named
        .find(|(field, (header, _))| may_be_status(header) || has_answers(table, number, *field))
        .map(|(field, _)| field)
}

/// Whether a file is a list without a column for the meaning of being on it.
fn lacks_status(schema: &Schema, part: &Part) -> bool {
    let mut columns = schema.columns.iter().enumerate();
    schema.optional && !columns.any(|(at, column)| column.kind == Type::Choice && part.has_column(at))
}

/// The first field of a row, read or not, that means the row does not count: `withdrawn 10/1`, `no PSC
/// required`, an amount of zero, a blank number of the filing.
fn remark_against(schema: &Schema, table: &Table, row: &Row) -> Option<u32> {
    let part = &table.parts[row.part as usize];
    let key = schema.key.and_then(|key| part.fields[key]);
    let record = table.record(row);
    let fields = (0..).zip(record.fields()).filter(|(at, _)| Some(*at) != key);
    let said: Vec<(u32, String)> =
        fields.map(|(at, field)| (at, clean(&decode(&record.value(&field))).to_lowercase())).collect();
    let header = |at: u32| part.header.fields.get(at as usize).map_or("", |(text, _)| text);
    // Where the list has the number or the day of what was filed, a row without both means that nothing was
    // filed yet.
    let is_of_filing = |at: u32| match part.fields.iter().position(|field| *field == Some(at)) {
        Some(column) => {
            let column = &schema.columns[column];
            let is_number = column.name.ends_with("_number") || column.name.ends_with("_entry");
            is_number || column.kind == Type::Date && !column.optional
        }
        None => is_day_of(header(at), &["filed", "filing", "paid"]),
    };
    let has_digits = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let mut of_filing = said.iter().filter(|(at, _)| is_of_filing(*at)).peekable();
    let unfiled = of_filing.peek().map(|(at, _)| *at);
    let unfiled = unfiled.filter(|_| !of_filing.any(|(_, text)| has_digits(text)));
    let is_said = |(at, text): &(u32, String)| {
        is_against(text)
            || is_zero(text) && is_figure(header(*at))
            || has_digits(text) && is_day_of(header(*at), &DECIDED)
    };
    said.iter().find(|said| is_said(said)).map(|(at, _)| *at).or(unfiled)
}

/// What a day may be of that ends a matter: `Decision Date`, `Date Closed`.
const DECIDED: [&str; 8] =
    ["decision", "decided", "closed", "withdrawn", "denied", "approved", "resolved", "released"];

/// Whether a header is that of the day on which something happened.
fn is_day_of(header: &str, events: &[&str]) -> bool {
    let folded = header.to_lowercase();
    let mut words = folded.split(|c: char| !c.is_alphanumeric());
    let is_day = words.clone().any(|word| matches!(word, "date" | "day" | "on" | "dt"));
    is_day && words.any(|word| events.contains(&word))
}

/// Whether a remark means that what it is about no longer counts, or never did.
fn is_against(text: &str) -> bool {
    const ANYWHERE: [&str; 17] = [
        "withdrawn",
        "withdrew",
        "denied",
        "approved",
        "closed",
        "cancelled",
        "canceled",
        "void",
        "voided",
        "settled",
        "released",
        "removed",
        "rejected",
        "resolved",
        "deleted",
        "superseded",
        "obsolete",
    ];
    const FIRST: [&str; 4] = ["no", "not", "none", "never"];
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some_and(|first| FIRST.contains(first)) || words.any(|word| ANYWHERE.contains(&word))
}

/// Whether a header names an amount.
fn is_figure(header: &str) -> bool {
    let header = header.to_lowercase();
    ["amount", "amt", "paid", "duty", "duties", "balance"].iter().any(|word| header.contains(word))
}

/// Whether a text is an amount of zero.
fn is_zero(text: &str) -> bool {
    text.contains('0') && text.chars().all(|c| matches!(c, '0' | '.' | ',' | '$' | ' '))
}

/// Whether a header asks for a status, a decision, or yes or no.
fn may_be_status(header: &str) -> bool {
    let folded = header.to_lowercase();
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    // `Status Date` and `Status Code Number` are about something else.
    if has(&["date", "day", "name", "amount", "by", "notes", "note", "comment", "comments"])
        && !folded.contains('?')
    {
        return false;
    }
    folded.trim_end().ends_with('?')
        || has(&[
            "status",
            "state",
            "decision",
            "disposition",
            "result",
            "outcome",
            "resolution",
            "determination",
            "approved",
            "denied",
            "active",
            "open",
            "closed",
            "filed",
            "paid",
            "pending",
            "flag",
            "indicator",
            "y",
        ])
}

/// Whether all cells of a column in the rows that were kept are answers, such as `Y` or `Denied`.
fn has_answers(table: &Table, number: u32, field: u32) -> bool {
    const ANSWERS: [&str; 34] = [
        "y",
        "n",
        "yes",
        "no",
        "true",
        "false",
        "open",
        "closed",
        "op",
        "sp",
        "ap",
        "dn",
        "wd",
        "approved",
        "denied",
        "withdrawn",
        "suspended",
        "granted",
        "rejected",
        "accepted",
        "filed",
        "not filed",
        "pending",
        "paid",
        "not paid",
        "unpaid",
        "active",
        "inactive",
        "cancelled",
        "canceled",
        "done",
        "complete",
        "completed",
        "void",
    ];
    let rows = table.rows.iter().filter(|row| row.part == number && !row.doubtful);
    let texts = rows.filter_map(|row| {
        let record = table.record(row);
        let cell = record.value_at(field as usize)?;
        Some(clean(&decode(&cell)).to_lowercase())
    });
    let texts: HashSet<String> = texts.filter(|text| !text.is_empty()).collect();
    !texts.is_empty() && texts.iter().all(|text| ANSWERS.contains(&text.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::table::Asked;
    use crate::table::reference::read_built_in;

    #[test]
    fn a_status_under_an_unknown_header_makes_a_list_doubtful() {
        let entry = "00261103162";
        for (table, header, row, expected) in [
            ("protests", "Entry No.,Protest Decision,Decision Date", "Denied,09/01/2026", true),
            ("protests", "Entry No.,Verdict", "denied", true),
            ("protests", "Entry No.,Still open?", "", true),
            ("protests", "Entry No.,Status,Outcome", "OP,Denied", false),
            ("protests", "Entry No.,Broker,Decision Date", "ACME,09/01/2026", true),
            ("protests", "Entry No.,Broker,Decision Date", "ACME,", false),
            ("protests", "Entry No.,Protest No,Date Closed", "1,2026-09-01", true),
            ("protests", "Entry No.,Protest No,Filed Date", "1,", false),
            ("protests", "Entry No.,Filed Date", "", true),
            ("surety", "Entry Number,Surety,Paid Date", "036,", true),
            ("surety", "Entry Number,Surety,Paid Date", "036,09/01/2026", false),
            ("reconciliation", "Entry Number,Recon Filed Date", "", true),
            ("reconciliation", "Entry Number,Recon Filed Date", "09/01/2026", false),
            ("drawback", "Import Entry Number,Claim Number,Claim Date", "AB1,", false),
            ("surety", "Entry Number,Paid by Surety?", "N", true),
            ("surety", "Entry Number,Surety Code", "123", false),
            ("surety", "Entry Number,Void", "no", true),
            ("drawback", "Import Entry Number,Claim Status", "Withdrawn", true),
            ("drawback", "Import Entry Number,Claim Number", "AB1", false),
            ("psc", "Entry Number,Corrected", "yes", true),
            ("reconciliation", "Entry Number,Recon State Now", "open", true),
            ("reconciliation", "Entry Number,Type 09 Entry Number", "", true),
            ("reconciliation", "Entry Number,Type 09 Entry Number", "TBD", true),
            ("reconciliation", "Entry Number,Type 09 Entry Number", "XYZ12345671", false),
            ("protests", "Entry No.,Protest No", " ", true),
            ("protests", "Entry No.,CBP Action", "Approved in part", true),
            ("protests", "Entry No.,Notes", "withdrawn 10/1", true),
            ("protests", "Entry No.,Notes", "IEEPA only, filed by Kim", false),
            ("psc", "Entry Number,Action", "no PSC required", true),
            ("psc", "Entry Number,Reason", "origin was not China", false),
            ("surety", "Entry Number,Amount Paid", "$0.00", true),
            ("surety", "Entry Number,Amount Paid", "$120.00", false),
            ("drawback", "Import Entry Number,Stage", "Designated", false),
        ] {
            let text = format!("{header}\n{entry},{row}\n");
            let (_, read) = read_built_in(table, &text, Asked::Value);
            let read = read.unwrap();
            assert_eq!(read.rows.iter().any(|row| row.doubtful), expected, "{table}: {header}");
            assert_eq!(read.doubts.len(), usize::from(expected), "{table}: {header}");
        }
    }
}
