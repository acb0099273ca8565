//! What a run found, in the formats people and machines read.
//!
//! One small renderer a format over one model, [`crate::finding::Outcome`]. Renderers know no
//! rules, open no files and hold nothing back: what they cap, they count.

pub mod diagnostic;
mod snippet;
pub mod text;
