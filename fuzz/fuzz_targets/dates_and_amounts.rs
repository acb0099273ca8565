//! Cells of every type: no panic, nothing read from what means nothing, and values that mean the same when
//! they are written plainly and read again.
#![no_main]

use capelint::internals::table::read_as;
use capelint::internals::table::schema::Type;
use capelint::internals::table::value::{CellReading, Value, clean};
use chrono::Datelike;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for &kind in Type::ALL {
        let reading = read_as(kind, text);
        if clean(text).is_empty() {
            assert_eq!(reading, CellReading::Blank, "{kind:?}");
        }
        let CellReading::Value(value) = reading else { continue };
        let plain = match &value {
            Value::Date(day) => {
                assert!(day.year() >= 2000, "{text:?} read as {day}");
                day.to_string()
            }
            // Three decimals could be thousands.
            Value::Money(amount) if amount.scale() == 3 => format!("{amount:.4}"),
            Value::Money(amount) => amount.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Hts(number) => {
                assert!(number.as_str().bytes().all(|c| c.is_ascii_digit()));
                number.as_str().to_owned()
            }
            Value::Entry(number) => number.as_str().to_owned(),
            _ => continue,
        };
        assert_eq!(read_as(kind, &plain), CellReading::Value(value), "{kind:?} {text:?} as {plain:?}");
    }
});
