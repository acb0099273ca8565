//! SHA-256 of the files that a run reads, so that a report names exactly the data it was computed from.
//!
//! A table is digested on another core while it is read; a stream while its bytes go by.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;
use crate::input::errors::{cannot_read, changed};
use crate::input::{Input, Opened, ReadAt};
use crate::source::Digest;

/// How much of a file is read at a time: it has room in a core's cache.
const WINDOW: usize = 256 << 10;

/// The digest of bytes that are in memory.
pub fn of_bytes(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// The inputs of a table, opened once, so that what is digested is what is read.
pub struct Shared {
    /// Inputs that read the same bytes, in the order given.
    pub inputs: Vec<(String, Input)>,
    bytes: Vec<Bytes>,
}

/// Where the digest of an input comes from.
enum Bytes {
    File(Arc<dyn ReadAt>),
    Stream(Arc<Mutex<Option<Digest>>>),
    /// It cannot be opened, which is reported when it is read.
    None,
}

impl Shared {
    /// Opens the inputs.
    pub fn open(inputs: &[(String, Input)]) -> Self {
        let mut shared = Self { inputs: Vec::new(), bytes: Vec::new() };
        for (name, input) in inputs {
            let (input, bytes) = match input.open(name) {
                Ok(Opened::Seekable(file)) => {
                    let opened = Arc::clone(&file);
                    let again = Input::lazy(move |_| Ok(Opened::Seekable(Arc::clone(&opened))));
                    (again, Bytes::File(file))
                }
                Ok(Opened::Stream(stream)) => {
                    let found = Arc::new(Mutex::new(None));
                    let digesting = Digesting { stream, state: Sha256::new(), found: Arc::clone(&found) };
                    (once(digesting, input.clone()), Bytes::Stream(found))
                }
                Err(_) => (input.clone(), Bytes::None),
            };
            shared.inputs.push((name.clone(), input));
            shared.bytes.push(bytes);
        }
        shared
    }

    /// Whether all were opened and can be read at any offset.
    pub fn are_files(&self) -> bool {
        self.bytes.iter().all(|bytes| matches!(bytes, Bytes::File(_)))
    }

    /// The digests of the files; `None` for streams.
    ///
    /// # Errors
    /// Files that cannot be read or are written to meanwhile.
    pub fn of_files(&self) -> Result<Vec<Option<Digest>>, Vec<Diagnostic>> {
        let digest = |at: usize| match &self.bytes[at] {
            Bytes::File(file) => of_file(&self.inputs[at].0, &**file).map(Some),
            Bytes::Stream(_) | Bytes::None => Ok(None),
        };
        let all: Vec<_> = (0..self.bytes.len()).into_par_iter().map(digest).collect();
        let mut errors = Vec::new();
        let digests = all.into_iter().map(|one| {
            one.unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        });
        let digests = digests.collect();
        if errors.is_empty() { Ok(digests) } else { Err(errors) }
    }

    /// The digest of a stream that was read to its end.
    pub fn of_stream(&self, at: usize) -> Option<Digest> {
        match &self.bytes[at] {
            Bytes::Stream(found) => *found.lock().unwrap_or_else(PoisonError::into_inner),
            Bytes::File(_) | Bytes::None => None,
        }
    }
}

/// An input that gives an opened stream the first time, and opens anew after that.
fn once(stream: Digesting, again: Input) -> Input {
    let stream = Mutex::new(Some(stream));
    Input::lazy(move |name| match stream.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(stream) => Ok(Opened::Stream(Box::new(stream))),
        None => again.open(name),
    })
}

fn of_file(name: &str, file: &dyn ReadAt) -> Result<Digest, Diagnostic> {
    let mut state = Sha256::new();
    let mut window = vec![0; WINDOW];
    let mut at = 0;
    while at < file.len() {
        let length = file.read_at(at, &mut window).map_err(|error| cannot_read(name, &error))?;
        if length == 0 {
            return Err(changed(name));
        }
        state.update(&window[..length]);
        at += length as u64;
    }
    if file.has_changed() { Err(changed(name)) } else { Ok(Digest(state.finalize().into())) }
}

/// A stream whose digest is known once it ends.
struct Digesting {
    stream: Box<dyn Read + Send>,
    state: Sha256,
    found: Arc<Mutex<Option<Digest>>>,
}

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        if length > 0 {
            self.state.update(&buffer[..length]);
        } else if !buffer.is_empty() {
            let digest = Digest(self.state.clone().finalize().into());
            *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_and_a_stream_have_the_digest_of_their_bytes() {
        assert_eq!(of_bytes(b"abc").to_string(), ABC, "FIPS 180-4, example 1");
        let stream = Input::lazy(|_| Ok(Opened::Stream(Box::new(&b"abc"[..]))));
        let missing = Input::lazy(|name| Err(changed(name)));
        let inputs = [("a", Input::from(*b"abc")), ("b", stream), ("c", missing)];
        let shared = Shared::open(&inputs.map(|(name, input)| (name.to_owned(), input)));
        let files = shared.of_files().unwrap();
        assert_eq!(files, [Some(of_bytes(b"abc")), None, None]);
        assert_eq!(shared.of_stream(1), None, "it is not read yet");
        let read = |at: usize| shared.inputs[at].1.read_whole("x", 10).map(|bytes| bytes.len());
        assert_eq!((read(0), read(1)), (Ok(3), Ok(3)));
        assert_eq!(shared.of_stream(1), Some(of_bytes(b"abc")));
        assert!(read(2).is_err());
    }
}
