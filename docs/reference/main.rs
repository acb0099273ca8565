//! The mdBook preprocessor that adds the reference to the book: every rule, every message of CBP and ACE,
//! and every error that keeps capelint from running, each on a page of its own.
//!
//! `mdbook build docs` runs it (see `docs/book.toml`). Nothing that it writes is kept in the repository, so
//! a page cannot differ from the rule that it describes.

mod pages;

use std::error::Error;
use std::io;

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    // `reference supports RENDERER`: any renderer that shows chapters.
    if std::env::args().nth(1).is_some_and(|argument| argument == "supports") {
        return Ok(());
    }
    // mdBook sends `[context, book]` and reads the book.
    let (_context, mut book): (Value, Value) = serde_json::from_reader(io::stdin())?;
    pages::add_to(&mut book)?;
    serde_json::to_writer(io::stdout(), &book)?;
    Ok(())
}
