//! Bytes to text.

use std::borrow::Cow;

/// The text of a field: UTF-8, or Windows-1252 where it is not valid UTF-8. Every byte means
/// something in Windows-1252 as browsers read it, so nothing is lost.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}
