//! The record scanner gives the fields of the `csv` crate for any bytes, wherever the text is cut.
#![no_main]

use capelint::internals::table::csv::{fields, line_end_length, locate, positions, record_end};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    // The crate takes a byte order mark off; the reader does so before it scans.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return;
    }
    let delimiter = [b',', b';', b'\t', b'|'][usize::from(choice % 4)];
    let theirs: Vec<Vec<Vec<u8>>> = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes)
        .byte_records()
        .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
        .collect();
    let mut ours = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = line_end_length(bytes, at);
        if length > 0 {
            at += length;
            continue;
        }
        let record = record_end(bytes, at, delimiter, true).unwrap();
        let raw = &bytes[at..record.end];
        let mut next = 0;
        let mut values = Vec::new();
        let places = positions(raw, delimiter, usize::MAX);
        for (n, field) in fields(raw, delimiter).enumerate() {
            assert_eq!(field.raw.start, next, "fields and delimiters make up the record");
            assert_eq!(places[n], locate(raw, delimiter, field.raw.start));
            next = field.raw.end + 1;
            values.push(field.value(raw).into_owned());
        }
        assert_eq!(next, raw.len() + 1);
        // Seen through a window that ends anywhere, the record is the same or not yet whole.
        let cut = at + usize::from(choice) % (bytes.len() - at + 1);
        if let Ok(seen) = record_end(&bytes[..cut], at, delimiter, false) {
            assert_eq!(seen, record);
        }
        ours.push(values);
        at = record.next;
    }
    assert_eq!(ours, theirs);
});
