//! Writes the gzip of a file beside it, as small as gzip can be: the page carries the engine this way, and
//! the browser unpacks it.
//!
//! Usage: `compress FILE` writes `FILE.gz`

use std::error::Error;
use std::fs::{self, File};
use std::num::NonZeroU64;

use zopfli::{Format, Options};

/// A second round gains a thousandth.
const ROUNDS: NonZeroU64 = NonZeroU64::new(1).unwrap();

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: compress FILE")?;
    let compressed = File::create(format!("{file}.gz"))?;
    let options = Options { iteration_count: ROUNDS, ..Options::default() };
    zopfli::compress(options, Format::Gzip, fs::read(file)?.as_slice(), compressed)?;
    Ok(())
}
