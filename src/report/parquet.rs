//! Parquet: entries or findings as a flat table, for data teams. The columns are the members of the JSON
//! records; what they have nested, such as the place, has columns of its own. The run record is in the
//! file's metadata, under `capelint.run`.

use std::io;
use std::sync::Arc;

use chrono::NaiveDate;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use super::ReportInput;
use super::json::{EntryRecord, FindingRecord, RunRecord};
use Kind::{Date, Flag, Money, Number, Text, Texts};

/// Which records a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// The entries.
    Entries,
    /// The findings.
    Findings,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Flag,
    Date,
    /// US dollars: 18 digits, two of them cents.
    Money,
    /// A list of texts.
    Texts,
}

/// A column: its name, where it is in the JSON record, and its type.
type RecordColumn = (&'static str, &'static str, Kind);

const ENTRIES: &[RecordColumn] = &[
    ("entry", "/entry", Text),
    ("verdict", "/verdict", Text),
    ("after_waivers", "/after_waivers", Text),
    ("accepted_by_you", "/accepted_by_you", Flag),
    ("remedy", "/remedy", Text),
    ("rules", "/rules", Texts),
    ("undecided", "/undecided", Texts),
    ("written", "/written", Text),
    ("file", "/place/file", Text),
    ("line", "/place/line", Number),
    ("column", "/place/column", Number),
    ("sheet", "/place/sheet", Text),
    ("rows", "/rows", Number),
    ("deadline", "/deadline", Date),
    ("standing", "/standing", Text),
];

const FINDINGS: &[RecordColumn] = &[
    ("rule", "/rule", Text),
    ("severity", "/severity", Text),
    ("entry", "/entry", Text),
    ("message", "/message", Text),
    ("help", "/help", Text),
    ("sources", "/sources", Texts),
    ("cbp", "/cbp", Text),
    ("file", "/place/file", Text),
    ("line", "/place/line", Number),
    ("column", "/place/column", Number),
    ("column_name", "/place/column_name", Text),
    ("sheet", "/place/sheet", Text),
    ("fix", "/fix/kind", Text),
    ("fix_replacement", "/fix/replacement", Text),
    ("waived_by", "/waived/by", Text),
    ("waived_reason", "/waived/reason", Text),
    ("waived_until", "/waived/until", Date),
    ("deadline", "/deadline", Date),
    ("written", "/written", Text),
];

/// What both have about the entry, as the last columns.
const OF_ENTRY: &[RecordColumn] = &[
    ("declaration", "/declaration", Text),
    ("importer_number", "/importer_number", Text),
    ("entry_type", "/entry_type", Text),
    ("entry_date", "/entry_date", Date),
    ("liquidation_status", "/liquidation_status", Text),
    ("liquidation_date", "/liquidation_date", Date),
    ("ieepa_duty", "/ieepa_duty", Money),
    ("ieepa_duty_is_upper_bound", "/ieepa_duty_is_upper_bound", Flag),
    ("client", "/client", Text),
];

/// How many rows are kept and written at a time.
const ROWS: usize = 50_000;

/// Writes a table of the records.
pub(super) fn render(records: Records, input: ReportInput<'_>) -> io::Result<Vec<u8>> {
    let outcome = input.outcome;
    let run = serde_json::to_string(&RunRecord::of(input))?;
    match records {
        Records::Entries => {
            let rows = outcome.entries.iter().map(|one| serde_json::to_value(EntryRecord::of(input, one)));
            write("entries", &[ENTRIES, OF_ENTRY].concat(), rows, run)
        }
        Records::Findings => {
            let rows = outcome.findings.iter().map(|one| serde_json::to_value(FindingRecord::of(input, one)));
            write("findings", &[FINDINGS, OF_ENTRY].concat(), rows, run)
        }
    }
    .map_err(io::Error::other)
}

fn write(
    name: &str,
    columns: &[RecordColumn],
    rows: impl Iterator<Item = serde_json::Result<Value>>,
    run: String,
) -> Result<Vec<u8>, ParquetError> {
    let fields = columns.iter().map(|(name, _, kind)| kind.field(name).map(Arc::new));
    let fields: Vec<TypePtr> = fields.collect::<Result<_, _>>()?;
    let schema = Arc::new(Type::group_type_builder(name).with_fields(fields).build()?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("capelint version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new("capelint.run".to_owned(), run)]))
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let some: serde_json::Result<Vec<Value>> = rows.by_ref().take(ROWS).collect();
        let some = some.map_err(|error| ParquetError::External(Box::new(error)))?;
        let mut group = writer.next_row_group()?;
        for (_, pointer, kind) in columns {
            let values: Vec<Option<&Value>> =
                some.iter().map(|row| row.pointer(pointer).filter(|value| !value.is_null())).collect();
            kind.write(&values, &mut group)?;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

impl Kind {
    /// The column of this type. Lists are required and may be empty; all else may be null.
    fn field(self, name: &str) -> Result<Type, ParquetError> {
        let primitive = |physical| Type::primitive_type_builder(name, physical);
        let optional = |builder: parquet::schema::types::PrimitiveTypeBuilder<'_>| {
            builder.with_repetition(Repetition::OPTIONAL).build()
        };
        match self {
            Text => optional(primitive(Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String))),
            Number => optional(primitive(Physical::INT64)),
            Flag => optional(primitive(Physical::BOOLEAN)),
            Date => optional(primitive(Physical::INT32).with_logical_type(Some(LogicalType::Date))),
            Money => optional(
                primitive(Physical::INT64)
                    .with_precision(18)
                    .with_scale(2)
                    .with_logical_type(Some(LogicalType::decimal(2, 18))),
            ),
            Texts => {
                let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
                    .with_repetition(Repetition::REQUIRED)
                    .with_logical_type(Some(LogicalType::String))
                    .build()?;
                let list = Type::group_type_builder("list")
                    .with_repetition(Repetition::REPEATED)
                    .with_fields(vec![Arc::new(element)])
                    .build()?;
                Type::group_type_builder(name)
                    .with_repetition(Repetition::REQUIRED)
                    .with_logical_type(Some(LogicalType::List))
                    .with_fields(vec![Arc::new(list)])
                    .build()
            }
        }
    }

    /// Writes the next column of a row group.
    fn write(
        self,
        values: &[Option<&Value>],
        group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let defined: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let some = || values.iter().copied().flatten();
        let text = |value: &Value| ByteArray::from(value.as_str().unwrap_or("").as_bytes().to_vec());
        match self {
            Text => {
                let values: Vec<ByteArray> = some().map(text).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&defined), None)?;
            }
            Number => {
                let values: Vec<i64> = some().map(|value| value.as_i64().unwrap_or(0)).collect();
                column.typed::<Int64Type>().write_batch(&values, Some(&defined), None)?;
            }
            Flag => {
                let values: Vec<bool> = some().map(|value| value.as_bool().unwrap_or(false)).collect();
                column.typed::<BoolType>().write_batch(&values, Some(&defined), None)?;
            }
            Date => {
                let values: Vec<i32> = some().map(days).collect();
                column.typed::<Int32Type>().write_batch(&values, Some(&defined), None)?;
            }
            Money => {
                let values: Vec<i64> = some().map(cents).collect();
                column.typed::<Int64Type>().write_batch(&values, Some(&defined), None)?;
            }
            Texts => {
                let (mut texts, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
                for value in values {
                    let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                    if items.is_empty() {
                        defined.push(0);
                        repeated.push(0);
                    }
                    for (at, item) in items.iter().enumerate() {
                        texts.push(text(item));
                        defined.push(1);
                        repeated.push(i16::from(at > 0));
                    }
                }
                column.typed::<ByteArrayType>().write_batch(&texts, Some(&defined), Some(&repeated))?;
            }
        }
        column.close()
    }
}

/// The days since 1970-01-01 of a date as JSON has it.
fn days(value: &Value) -> i32 {
    let day: Option<NaiveDate> = value.as_str().and_then(|text| text.parse().ok());
    day.map_or(0, |day| day.signed_duration_since(NaiveDate::default()).num_days() as i32)
}

/// The cents of an amount as JSON has it: with two decimals.
fn cents(value: &Value) -> i64 {
    let text: String = value.as_str().unwrap_or("").chars().filter(|c| *c != '.').collect();
    text.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::fixture;
    use super::*;

    /// Every member of a record has a column, except the cells that decided, which are a table of their own.
    #[test]
    fn no_member_is_lost() {
        let fixture = fixture::hostile();
        let options = super::super::Options::default();
        let input = fixture.input(&options);
        let of = |record: Value| -> BTreeSet<String> {
            record.as_object().unwrap().keys().filter(|key| *key != "labels").cloned().collect()
        };
        let columns = |own: &[RecordColumn]| -> BTreeSet<String> {
            own.iter()
                .chain(OF_ENTRY)
                .map(|(_, pointer, _)| pointer.split('/').nth(1).unwrap().to_owned())
                .collect()
        };
        let entry = serde_json::to_value(EntryRecord::of(input, &fixture.outcome.entries[0])).unwrap();
        assert_eq!(of(entry), columns(ENTRIES));
        let finding = serde_json::to_value(FindingRecord::of(input, &fixture.outcome.findings[0])).unwrap();
        assert_eq!(of(finding), columns(FINDINGS));
    }

    #[test]
    fn amounts_and_days_are_exact() {
        assert_eq!(cents(&"1234.56".into()), 123_456);
        assert_eq!(cents(&"-0.05".into()), -5);
        assert_eq!(days(&"1970-01-02".into()), 1);
        assert_eq!(days(&"2026-11-22".into()), 20_779);
    }
}
