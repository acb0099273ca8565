//! Finding the header row: below a preamble, under any delimiter, in any order of columns.

use std::sync::Arc;

use memchr::memchr;

use super::errors::{self, Keyless};
use super::head_row::{DELIMITERS, HeadRow, first_rows};
use super::header_keys::{header_key, header_keys};
use super::named::quoted;
use super::schema::{Column, Schema, fold_header};
use super::stamp;
use super::{Header, Part, RecordForm, value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::entry;
use crate::mask::mask;
use crate::outside::OutsideString;
use crate::source::{FileId, Span};

/// More headers than a column has.
const MAX_HEADERS: usize = 1 << 16;

/// The keys of a row's fields; see [`header_keys`].
pub fn field_keys(row: &[(String, Span)]) -> Vec<Vec<String>> {
    row.iter().map(|(text, _)| header_keys(text)).collect()
}

/// Which fields of a row are a schema's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// For each column of the schema the index of the field.
    pub fields: Vec<Option<u32>>,
    /// The first column that two fields name with the same header.
    pub duplicate: Option<(usize, u32, u32)>,
    /// Columns of the schema with further fields that have one of their headers, but are no column
    /// themselves: a header that the schema lists before theirs is there too.
    pub duplicate_columns: Vec<(usize, u32)>,
}

impl Match {
    /// Compares a row with the headers of a schema. Where a file has several of a column's headers, the one
    /// the schema lists first is meant.
    pub fn new(schema: &Schema, row: &[(String, Span)]) -> Self {
        Self::of_keys(schema, &field_keys(row))
    }

    /// [`Self::new`] with the keys of the row's fields, where a row is compared with several tables.
    pub fn of_keys(schema: &Schema, row: &[Vec<String>]) -> Self {
        /// The field of a column: the rank of its header, and another field with the same one.
        struct NamedField {
            rank: usize,
            field: u32,
            again: Option<u32>,
        }
        let mut found: Vec<Option<NamedField>> = schema.columns.iter().map(|_| None).collect();
        let mut duplicate_columns = Vec::new();
        for (field, keys) in (0..).zip(row) {
            // The surest key that some column has.
            let mut named = (0..).zip(keys).map(|(at, key)| (at, schema.columns.named(key)));
            let (doubt, named) = named.find(|(_, named)| !named.is_empty()).unwrap_or((0, &[]));
            for &(column, rank) in named {
                // Any header as it is written comes before one from which units or footnotes had to be removed.
                let rank = rank + doubt * MAX_HEADERS;
                match &mut found[column] {
                    Some(named) if named.rank == rank => named.again = named.again.or(Some(field)),
                    Some(named) if named.rank < rank => duplicate_columns.push((column, field)),
                    named => {
                        duplicate_columns.extend(named.as_ref().map(|named| (column, named.field)));
                        *named = Some(NamedField { rank, field, again: None });
                    }
                }
            }
        }
        let duplicate = found.iter().enumerate().find_map(|(column, named)| {
            let named = named.as_ref()?;
            Some((column, named.field, named.again?))
        });
        let fields: Vec<Option<u32>> = found.into_iter().map(|named| Some(named?.field)).collect();
        duplicate_columns.retain(|(_, field)| !fields.contains(&Some(*field)));
        duplicate_columns.sort_unstable();
        Self { fields, duplicate, duplicate_columns }
    }

    /// Whether the key is among them, and how many columns are.
    pub fn score(&self, schema: &Schema) -> (bool, usize) {
        let has_key = schema.key.is_some_and(|key| self.fields[key].is_some());
        (has_key, self.fields.iter().flatten().count())
    }
}

/// A header row that was found.
#[derive(Clone, Debug)]
pub struct FoundHeader {
    /// The row.
    pub row: HeadRow,
    /// Which of its fields are which columns.
    pub matched: Match,
    /// Rows above it that are not blank.
    pub preamble_rows: u64,
    /// In which form it is, and the rows below it.
    pub form: RecordForm,
    /// The day of the export, where the rows above the header have it.
    pub stamp: Option<chrono::NaiveDate>,
    /// Another header above it, and a row in between with an entry number below that header.
    above: Option<(HeadRow, HeadRow)>,
}

impl FoundHeader {
    /// A header that was not looked for.
    pub fn new(row: HeadRow, matched: Match, preamble_rows: u64, form: RecordForm) -> Self {
        Self { row, matched, preamble_rows, form, stamp: None, above: None }
    }

    /// The part of a table that begins with this header. `skipped` is added to offsets.
    pub fn part(&self, file: FileId, encoding: super::Encoding, skipped: u64) -> Part {
        let fields = (self.row.fields.iter())
            .map(|(text, span)| (text.clone(), Span::in_file(span.start() + skipped, span.end() + skipped)))
            .collect();
        Part {
            duplicate_columns: self.matched.duplicate_columns.clone(),
            form: self.form,
            encoding,
            preamble_rows: self.preamble_rows,
            exported: self.stamp,
            ..Part::new(file, Header { line: self.row.line, fields }, self.matched.fields.clone())
        }
    }

    /// Whether the header consists of a table's own headers, those that its report writes.
    fn is_exactly(&self, schema: &Schema) -> bool {
        let own: Vec<String> = (schema.columns.iter())
            .filter_map(|column| column.headers.first())
            .map(|header| header_key(header))
            .collect();
        let fields = &self.row.fields;
        fields.len() >= KNOWN_BY && fields.iter().all(|(text, _)| own.contains(&header_key(text)))
    }

    /// An error where the header is ambiguous: two fields are named as one column, or entries are under another
    /// header above this one.
    ///
    /// # Errors
    /// Which, with both places. `skipped` is added to offsets.
    pub fn refuse_doubt(
        &self,
        name: &str,
        schema: &Schema,
        file: FileId,
        skipped: u64,
    ) -> Result<(), Diagnostic> {
        if let Some((header, entry)) = &self.above {
            let place = |row: &HeadRow| row.place(file, 0, skipped);
            return Err(errors::two_headers(name, place(entry), place(header), place(&self.row)));
        }
        let Some((column, first, second)) = self.matched.duplicate else { return Ok(()) };
        let (text, _) = &self.row.fields[first as usize];
        let place = |field: u32| self.row.place(file, field as usize, skipped);
        let column = (schema.columns[column].name.as_str(), schema);
        Err(errors::duplicate_column(name, text, (place(first), place(second)), second + 1, column))
    }

    /// An error where the file is another table than the one it was provided as: it has entry numbers, as all
    /// have, but hardly another column of this one.
    pub fn refuse_other_table(
        &self,
        name: &str,
        schema: &Schema,
        schemas: &[Arc<Schema>],
        file: FileId,
        skipped: u64,
    ) -> Result<(), Diagnostic> {
        let (_, own) = self.matched.score(schema);
        // Most files are what they were provided as, and need not be compared with all other tables.
        let fits = if schema.optional { own == self.row.fields.len() } else { own > 2 };
        if fits {
            return Ok(());
        }
        let other = likeliest(schema, schemas, std::slice::from_ref(&self.row));
        let is_other = match &other {
            // Most lists have only entry numbers, and they may have columns of the ES-003. The lines of an
            // entry summary they do not have, nor all of another report's own headers.
            Some((columns, other, has_line)) if schema.optional => {
                *has_line && *columns >= 3 * own || self.is_exactly(other) && *columns >= own + 2
            }
            Some((columns, ..)) => own == 1 || *columns >= own + 2,
            None => !schema.optional && own == 1 && schema.columns.len() > 1,
        };
        if !is_other {
            return Ok(());
        }
        let headers = self.row.fields.iter().map(|(text, _)| text.as_str());
        let headers = headers.filter(|text| !value::clean(text).is_empty());
        let looks_like = other.map(|(_, other, _)| other);
        Err(errors::other_table(name, schema, self.row.place(file, 0, skipped), headers, looks_like))
    }
}

/// How many headers a report must have to be known by them.
const KNOWN_BY: usize = 4;

/// Finds the header row among the first rows: the one that has the key column and the most others.
pub fn find_in(schema: &Schema, rows: &[HeadRow], form: RecordForm) -> Option<FoundHeader> {
    let (at, matched) = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (at, Match::new(schema, &row.fields)))
        .filter(|(_, matched)| matched.score(schema).0)
        .max_by_key(|(at, matched)| (matched.score(schema), std::cmp::Reverse(*at)))?;
    let above = &rows[..at];
    let preamble_rows = above.iter().filter(|row| !row.is_blank()).count() as u64;
    let entry_below = |(number, header): (usize, &HeadRow)| {
        let key = Match::new(schema, &header.fields).fields[schema.key?]? as usize;
        let is_entry =
            |row: &&HeadRow| row.fields.get(key).is_some_and(|(text, _)| entry::read(text).number.is_some());
        Some((header.clone(), above[number + 1..].iter().find(is_entry)?.clone()))
    };
    let stamp = stamp::find(above);
    let above = above.iter().enumerate().find_map(entry_below);
    Some(FoundHeader { row: rows[at].clone(), matched, preamble_rows, form, stamp, above })
}

/// Finds the header row of a text, trying all delimiters.
pub fn find(schema: &Schema, text: &[u8], last: bool) -> Option<FoundHeader> {
    // The preferred one serves where there is none.
    let occurs = |delimiter: &u8| *delimiter == DELIMITERS[0] || memchr(*delimiter, text).is_some();
    DELIMITERS
        .into_iter()
        .rev()
        .filter(occurs)
        .filter_map(|delimiter| {
            let form = RecordForm::Text { delimiter };
            find_in(schema, &first_rows(text, delimiter, last), form)
        })
        // The last of equals is used: the delimiter preferred most.
        .max_by_key(|found| (found.matched.score(schema).1, found.row.fields.len()))
}

/// The delimiter of a text whose header is not known: the one that splits the first rows into the
/// most fields.
pub fn likely_delimiter(text: &[u8], last: bool) -> u8 {
    let first_line = |delimiter: u8| -> usize {
        first_rows(text, delimiter, last).iter().take(5).map(|row| row.fields.len() - 1).sum()
    };
    DELIMITERS.into_iter().rev().max_by_key(|&delimiter| first_line(delimiter)).unwrap_or(b',')
}

/// The other table that rows look most like a header of, with how many of its columns they name and
/// whether that of the line is among them.
fn likeliest<'s>(
    schema: &Schema,
    schemas: &'s [Arc<Schema>],
    rows: &[HeadRow],
) -> Option<(usize, &'s Schema, bool)> {
    let others = schemas.iter().filter(|other| other.name != schema.name && other.name != "file");
    let keys: Vec<_> = rows.iter().map(|row| field_keys(&row.fields)).collect();
    let scored = others.filter_map(|other| {
        let matched =
            keys.iter().map(|row| Match::of_keys(other, row)).max_by_key(|matched| matched.score(other))?;
        let (has_key, columns) = matched.score(other);
        let has_line = other.line.is_some_and(|line| matched.fields[line].is_some());
        (has_key && columns >= 2).then_some((columns, &**other, has_line))
    });
    scored.max_by_key(|(columns, ..)| *columns)
}

/// Headers of a file which are read as no column and come near a column's own: a word is left out, cut
/// short or mistyped. Nothing is read because of it; the user is asked.
pub fn near(part: &Part, schema: &Schema, column: usize) -> Vec<OutsideString> {
    let near = unread_fields(part).filter(|text| nearest_columns(text, schema).contains(&column));
    near.map(|text| quoted(text).replace('`', "").into()).take(3).collect()
}

/// The first headers of a file that are read as no column, nor beside one of the same meaning.
pub fn not_read(part: &Part) -> Vec<OutsideString> {
    let is_duplicate =
        |text: &str| part.duplicate_columns.iter().any(|(_, at)| part.header.fields[*at as usize].0 == text);
    let unread = unread_fields(part).filter(|text| !is_duplicate(text));
    unread.map(|text| quoted(text).replace('`', "").into()).take(3).collect()
}

/// The headers of a file which are read as no column, each with the column that it comes near. Of a table
/// with lines only those that come near an optional one: reports have many columns that no rule needs, and
/// where a needed one is missing the rules report what comes near.
pub fn unread(part: &Part, schema: &Schema) -> Vec<String> {
    let near = unread_fields(part).filter_map(|text| {
        let is_reported = |column: &usize| schema.line.is_none() || schema.columns[*column].optional;
        let mut near = nearest_columns(text, schema).into_iter();
        let like = near.find(|column| !part.has_column(*column) && is_reported(column));
        match like.and_then(|column| schema.columns[column].headers.first()) {
            Some(like) => Some(format!("{} (like `{like}`)", quoted(text))),
            None => schema.line.is_none().then(|| quoted(text)),
        }
    });
    near.collect()
}

/// Whether a header seems to be that of duties under Chapter 99 in a column of their own.
pub fn may_be_additional_duty(text: &str) -> bool {
    let words: Vec<String> = words(text);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["ieepa", "fentanyl", "reciprocal", "9903"])
        || has(&["chapter", "ch", "chap"]) && has(&["99"])
        || has(&["additional", "addl"]) && has(&["duty", "duties", "tariff", "tariffs"])
}

/// The header texts of the fields that are read as no column.
fn unread_fields(part: &Part) -> impl Iterator<Item = &str> {
    let unread = (0..).zip(&part.header.fields).filter(|(at, _)| !part.fields.contains(&Some(*at)));
    unread.map(|(_, (text, _))| text.as_str()).filter(|text| !super::value::clean(text).is_empty())
}

/// The columns to whose own headers a header comes nearest, near enough to ask.
fn nearest_columns(text: &str, schema: &Schema) -> Vec<usize> {
    let read = words(text);
    if read.is_empty() {
        return Vec::new();
    }
    let nearness = |column: &Column| {
        let own = column.headers.iter().take(MAX_OWN);
        own.filter_map(|header| comes_near(&read, &words(header))).max()
    };
    let near: Vec<Option<usize>> = schema.columns.iter().map(nearness).collect();
    let nearest = near.iter().max().copied().flatten();
    (0..near.len()).filter(|at| nearest.is_some() && near[*at] == nearest).collect()
}

/// How many of a column's headers are compared: the others are odd ones.
const MAX_OWN: usize = 4;

/// The words of a header that mean something.
fn words(header: &str) -> Vec<String> {
    let folded = fold_header(header);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !matches!(*word, "of" | "the" | "code" | "cd" | "s")).map(str::to_owned).collect()
}

/// How many in a hundred words of two headers are the same, whole, cut short or mistyped, where that is
/// nearly all.
fn comes_near(words: &[String], own: &[String]) -> Option<usize> {
    let is_like = |a: &str, b: &str| {
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let is_mistyped = short.len() >= 5 && strsim::damerau_levenshtein(a, b) <= 1;
        let is_derived = short.len() >= 8 && short.chars().zip(long.chars()).take(8).all(|(a, b)| a == b);
        a == b || is_short_for(short, long) || is_mistyped || is_derived
    };
    let matched = own.iter().filter(|own| words.iter().any(|word| is_like(word, own))).count();
    // One word may be all that is left of several, unless every table has it.
    let is_rest = matches!(words, [word] if word.len() >= 4
        && !matches!(word.as_str(), "number" | "name" | "amount" | "type" | "date" | "entry" | "summary" | "line")
        && own.iter().any(|own| is_like(word, own)));
    let nearness = 200 * matched / (words.len() + own.len()).max(1);
    let is_near = matched > 0 && nearness >= 75 || is_rest;
    if matches!(words, [word] if own.len() > 1 && runs_together(word, own)) {
        return Some(100);
    }
    is_near.then_some(nearness)
}

/// Whether a word is another cut short: `liq` or `lqdn` for `liquidation`.
fn is_short_for(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    let is_within = short.len() >= 2
        && long.starts_with(&short[..short.chars().next().map_or(0, char::len_utf8)])
        && short.chars().all(|c| rest.any(|other| other == c));
    is_within && (long.starts_with(short) && short.len() >= 3 || short.len() <= 4)
}

/// Whether a word is several, each whole or cut short, without anything between: `LIQSTAT`.
fn runs_together(word: &str, own: &[String]) -> bool {
    match own {
        [] => word.is_empty(),
        [first, rest @ ..] => (2..=word.len()).filter(|end| word.is_char_boundary(*end)).any(|end| {
            let (start, after) = word.split_at(end);
            (start == first || is_short_for(start, first)) && runs_together(after, rest)
        }),
    }
}

/// The error for a file without the key column: what the file has, what it looks like, and what
/// the missing header is called.
pub fn no_key(
    name: &str,
    file: FileId,
    schema: &Schema,
    schemas: &[Arc<Schema>],
    rows: &[HeadRow],
    skipped: u64,
) -> Diagnostic {
    // Titles are alone in their row; the header is the first row with several cells.
    let filled =
        |row: &&HeadRow| row.fields.iter().filter(|(text, _)| !value::clean(text).is_empty()).count();
    let header = rows.iter().find(|row| filled(row) > 1).or_else(|| rows.iter().find(|row| filled(row) > 0));
    let Some(header) = header else {
        return errors::no_key_column(name, schema, &Keyless::default());
    };
    let other = likeliest(schema, schemas, rows);
    let is_quoted = |text: &str| text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    let headers = header.fields.iter().map(|(text, _)| mask(value::clean(text)).into_owned());
    // The column that has entry numbers, whatever it is called; else a header that comes near and is not
    // another column's.
    let below = rows.iter().skip_while(|row| row.line <= header.line);
    let numbered = below.flat_map(|row| row.fields.iter().enumerate()).find_map(|(at, (text, _))| {
        entry::read(text).number?;
        header.fields.get(at).map(|(text, _)| value::clean(text)).filter(|text| !text.is_empty())
    });
    let known = Match::new(schema, &header.fields).fields;
    let is_free = |at: usize| !known.contains(&Some(at as u32));
    let near = schema.key.and_then(|key| {
        let wanted = &schema.columns[key].headers;
        let free = header.fields.iter().enumerate().filter(|(at, _)| is_free(*at));
        free.map(|(_, (text, _))| value::clean(text))
            .find(|text| !text.is_empty() && nearest(text, wanted.iter().map(String::as_str)).is_some())
    });
    let file = Keyless {
        header: Some(header.place(file, 0, skipped)),
        headers: headers.filter(|text| !text.is_empty()).collect(),
        looks_like: other.as_ref().map(|(_, other, _)| *other),
        single_quotes: header.fields.iter().all(|(text, _)| is_quoted(text.trim())),
        numbered: numbered.filter(|text| other.is_none() && entry::read(text).number.is_none()),
        near,
    };
    errors::no_key_column(name, schema, &file)
}

#[cfg(test)]
mod tests {
    use crate::table::Asked;
    use crate::table::reference::read_built_in;

    #[test]
    fn another_table_is_refused_and_a_list_with_more_columns_is_not() {
        let es003 = "Entry Summary Number,Entry Summary Line Number,HTS Number - Full,Line Tariff Duty Amount,\
                     Liquidation Status,Liquidation Date,Importer Number,Protest Number,Protest Status\n\
                     00261103162,1,99030124,1.00,Liquidated,10/02/2026,12-3456789,,\n";
        let claims = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n00261103162,1,Failed,INVALID HTS\n";
        let declaration = "Entry Number\n00261103162\n";
        let other = Some("other-table");
        for (table, text, code) in [
            ("es003", es003, None),
            ("es003", claims, other),
            ("es003", declaration, other),
            ("claims", claims, None),
            ("claims", es003, other),
            ("claims", declaration, None),
            ("protests", es003, other),
            ("drawback", es003, other),
            ("drawback", declaration, None),
            ("drawback", claims, other),
            ("surety", claims, other),
            ("surety", "Entry Number,Claim Number,Status,Notes\n00261103162,1,,\n", None),
            (
                "drawback",
                "Entry Number,Importer Number,Entry Date,Port of Entry Code\n00261103162,,,\n",
                None,
            ),
            (
                "protests",
                "Entry Number,Protest Status,Liquidation Date,Liquidation Status\n00261103162,,,\n",
                None,
            ),
            ("es003", "Entry Number,Entry Type Code,Status\n00261103162,01,Liquidated\n", None),
        ] {
            let refused =
                read_built_in(table, text, Asked::Value).1.err().map(|errors| errors[0].code.name());
            assert_eq!(refused, code, "{table}: {text}");
        }
    }
}
