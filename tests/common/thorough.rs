//! How many cases the tests with many cases try: all of them in the gate, which sets `THOROUGH=yes`, and a
//! quarter in a quick loop.
#![allow(dead_code, reason = "each test file uses a part of this")]

/// The number of cases to try of all.
pub fn cases(all: u32) -> u32 {
    all.div_ceil(step() as u32)
}

/// The distance between two cases to try, of a list of cases: 1 tries each.
pub fn step() -> usize {
    if std::env::var_os("THOROUGH").is_some() { 1 } else { 4 }
}
