//! What reads as an entry number is one: 11 characters with a valid check digit, the same however it is
//! written, and never another number than the one in the cell.
#![no_main]

use capelint::entry::{EntryNumber, Form, check_digit, corrections, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cell: &str| {
    let reading = read(cell);
    if let Some(number) = reading.number {
        let bytes = number.as_bytes();
        assert_eq!(check_digit(&bytes[..10]), Some(bytes[10]));
        assert_eq!(EntryNumber::parse(number.as_str()), Some(number));
        assert_eq!(EntryNumber::parse(&number.to_string()), Some(number));
        assert_eq!(read(number.as_str()).form, Form::Plain);
        let written: String = cell.chars().filter(char::is_ascii_alphanumeric).collect();
        let written = written.to_ascii_uppercase();
        // A running number may be before it, decimals that are zero behind it; zeros may be lost from it.
        let is_it = match reading.form {
            Form::ListMark => written.ends_with(number.as_str()),
            _ if number.as_str().ends_with(&written) => true,
            Form::Number | Form::LostZeros => {
                written.trim_end_matches('0').contains(number.as_str().trim_matches('0'))
            }
            _ => false,
        };
        assert!(is_it, "{cell:?} read as {number}");
    }
    let offered = corrections(cell);
    for (n, number) in offered.iter().enumerate() {
        let bytes = number.as_bytes();
        assert_eq!(check_digit(&bytes[..10]), Some(bytes[10]));
        assert!(!offered[..n].contains(number), "offered twice");
    }
});
