//! Rule files to compiled rules.
//!
//! Loading is compiling: [`model`] is what comes out, and nothing in it can fail any more.

pub mod model;
