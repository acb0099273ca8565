//! The user's files, read where they are: a large export is never kept whole.
//!
//! JavaScript's objects belong to the worker's one thread, while the engine asks for readers that any
//! thread may use. So the objects stay here, and a reader is the number of one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;

use capelint::Input;
use capelint::ReadAt;
use capelint::frontend::text::Outside;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{File, FileReaderSync};

/// How many bytes are read at a time: asking the browser costs more than copying does.
const WINDOW: u64 = 1 << 20;

#[derive(Default)]
struct Files {
    files: HashMap<u32, File>,
    /// The bytes last read, by the file they are of and where they begin.
    window: Option<(u32, u64, Vec<u8>)>,
    progress: Option<js_sys::Function>,
    /// The last share that was reported, in thousandths.
    told: u64,
}

thread_local! {
    static FILES: RefCell<Files> = RefCell::default();
}

/// Takes in a file under a number.
pub fn add(id: u32, file: File) {
    FILES.with_borrow_mut(|files| files.files.insert(id, file));
}

/// Forgets a file.
pub fn remove(id: u32) {
    FILES.with_borrow_mut(|files| {
        files.files.remove(&id);
        files.window = None;
    });
}

/// A file's name; empty where there is none under the number.
pub fn name(id: u32) -> String {
    FILES.with_borrow(|files| files.files.get(&id).map(|file| file.name()).unwrap_or_default())
}

/// Sets the function that gets how far the reading is.
pub fn set_progress(progress: js_sys::Function) {
    FILES.with_borrow_mut(|files| files.progress = Some(progress));
}

/// Reports how far the reading is: not each time, which would take longer than the reading.
pub fn report_progress(title: Outside<'_>, done: u64, total: u64) {
    let share = done.saturating_mul(1000).checked_div(total).unwrap_or(0);
    let progress = FILES.with_borrow_mut(|files| {
        let tell = files.told.abs_diff(share) >= 5 || done == total;
        files.told = if tell { share } else { files.told };
        files.progress.clone().filter(|_| tell)
    });
    if let Some(progress) = progress {
        // A listener that fails loses nothing but the progress.
        let _ = progress.call3(
            &JsValue::NULL,
            &title.to_string().into(),
            &(done as f64).into(),
            &(total as f64).into(),
        );
    }
}

/// A file as the engine reads it.
pub fn input(id: u32) -> Input {
    let length = FILES.with_borrow(|files| files.files.get(&id).map(|file| file.size()).unwrap_or_default());
    Input::seekable(BrowserFile { id, length: length as u64 })
}

struct BrowserFile {
    id: u32,
    length: u64,
}

impl ReadAt for BrowserFile {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.length.min(offset.saturating_add(buffer.len() as u64));
        let mut at = offset;
        while at < end {
            let from = (at - offset) as usize;
            at += FILES.with_borrow_mut(|files| {
                let (begin, window) = files.window(self.id, at, end, self.length)?;
                let skip = (at - begin) as usize;
                let length = (window.len() - skip).min((end - at) as usize);
                buffer[from..from + length].copy_from_slice(&window[skip..skip + length]);
                Ok::<u64, io::Error>(length as u64)
            })?;
        }
        Ok((at.max(offset) - offset) as usize)
    }
}

impl Files {
    /// Bytes of a file around an offset, with where they begin.
    fn window(&mut self, id: u32, at: u64, end: u64, length: u64) -> io::Result<(u64, &[u8])> {
        let is_there = |(of, begin, bytes): &(u32, u64, Vec<u8>)| {
            *of == id && (*begin..begin + bytes.len() as u64).contains(&at)
        };
        if !self.window.as_ref().is_some_and(is_there) {
            let file = self.files.get(&id).ok_or(io::ErrorKind::NotFound)?;
            let end = end.max(at + WINDOW).min(length);
            let bytes = read(file, at, end).map_err(|_| {
                // The browser reports no more than that the file was moved, changed or locked.
                io::Error::other("it was moved, changed, or is open in another program such as Excel")
            })?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.window = Some((id, at, bytes));
        }
        let (_, begin, bytes) = self.window.as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok((*begin, bytes))
    }
}

fn read(file: &File, from: u64, to: u64) -> Result<Vec<u8>, JsValue> {
    let part = file.slice_with_f64_and_f64(from as f64, to as f64)?;
    let bytes = FileReaderSync::new()?.read_as_array_buffer(&part)?;
    Ok(Uint8Array::new(&bytes.into()).to_vec())
}
