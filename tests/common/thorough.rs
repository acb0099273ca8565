//! How much a property test tries.

/// How many cases: all of them in the gate, which sets `THOROUGH=yes`, and a quarter in a quick loop.
pub fn cases(all: u32) -> u32 {
    if std::env::var_os("THOROUGH").is_some() { all } else { all.div_ceil(4) }
}
