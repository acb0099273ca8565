//! What a check gives for download. Each file goes to the browser as it is written, which may keep it on
//! disk: the memory of the engine has none of it.

use std::io::{self, Write};

use capelint::frontend::Library;
use capelint::frontend::outputs::{ACCEPTED, PlanLists, SUMMARY, Scratch, WARNED, WORK_LIST};
use capelint::{Check, Checked, ExportPlan, Format, Options, OutputFile, PlanOptions};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use crate::refused;

/// How many bytes are handed over at a time.
const PART: usize = 1 << 18;

/// The files of a check.
#[derive(Default)]
pub struct Outputs {
    html: Option<Blob>,
    csv: Option<Blob>,
    files: Vec<(String, Blob)>,
    /// The notes about the upload files.
    pub text: String,
}

impl Outputs {
    /// Plans the upload of the whole export, so many entries at a time.
    ///
    /// # Errors
    /// Those of the plan.
    pub fn plan<'r>(
        &mut self,
        check: &Check<'r>,
        batch: usize,
        evaluated: &mut dyn FnMut(&Checked<'_>),
    ) -> Result<ExportPlan<'r>, String> {
        let [mut warned, mut accepted, mut work_list] = [(); 3].map(|()| BlobWriter::default());
        let lists = PlanLists {
            warned: &mut warned,
            accepted: &mut accepted,
            work_list: &mut work_list,
            scratch: Some(&mut BlobScratch::default()),
            frontend: &Library,
            evaluated,
        };
        let options = PlanOptions { batch: Some(batch), ..PlanOptions::default() };
        let plan = check.plan_into(&options, lists).map_err(|errors| refused(&errors))?;
        self.files(&plan.files())?;
        for (name, list) in [(WARNED, warned), (ACCEPTED, accepted), (WORK_LIST, work_list)] {
            if name != ACCEPTED || plan.notes.accepted.count > 0 {
                self.files.push((name.to_owned(), list.finish()?));
            }
        }
        self.html = self.files.iter().find(|(name, _)| name == SUMMARY).map(|(_, blob)| blob.clone());
        self.text = plan.sum.to_string();
        Ok(plan)
    }

    /// Adds upload files.
    ///
    /// # Errors
    /// Those of the browser.
    pub fn files(&mut self, files: &[OutputFile]) -> Result<(), String> {
        for OutputFile { name, bytes } in files {
            self.files.push((name.clone(), written(|out| out.write_all(bytes))?));
        }
        Ok(())
    }

    /// Adds the report.
    ///
    /// # Errors
    /// Those of the browser.
    pub fn report(&mut self, checked: &Checked<'_>) -> Result<(), String> {
        self.html = Some(written(|out| checked.render(Format::Html, &Options::default(), out))?);
        Ok(())
    }

    /// Adds the table of entries.
    ///
    /// # Errors
    /// Those of the browser.
    pub fn table(&mut self, checked: &Checked<'_>) -> Result<(), String> {
        self.csv = Some(written(|out| checked.render(Format::Csv, &Options::default(), out))?);
        Ok(())
    }

    /// All of it with an answer, as JavaScript reads it.
    ///
    /// # Errors
    /// Those of the browser.
    pub fn with(self, answer: &str) -> Result<JsValue, String> {
        let files = Array::new();
        for (name, blob) in self.files {
            files.push(&object(&[("name", name.into()), ("blob", blob.into())])?);
        }
        object(&[
            ("answer", answer.into()),
            ("html", self.html.into()),
            ("csv", self.csv.into()),
            ("files", files.into()),
            ("text", self.text.into()),
        ])
    }
}

fn object(members: &[(&str, JsValue)]) -> Result<JsValue, String> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).map_err(|_| "the browser cannot take an answer")?;
    }
    Ok(object.into())
}

fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Blob, String> {
    let mut out = BlobWriter::default();
    write(&mut out).map_err(|error| error.to_string())?;
    out.finish()
}

/// Hands bytes to the browser in parts.
#[derive(Default)]
struct BlobWriter {
    parts: Array,
    open: Vec<u8>,
}

impl BlobWriter {
    fn finish(mut self) -> Result<Blob, String> {
        self.hand_over().map_err(|error| error.to_string())?;
        Blob::new_with_blob_sequence(&self.parts).map_err(|_| full().to_string())
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let bytes = Array::of1(&Uint8Array::from(self.open.as_slice()).into());
        self.parts.push(&Blob::new_with_u8_array_sequence(&bytes).map_err(|_| full())?.into());
        self.open.clear();
        Ok(())
    }
}

/// Leaves bytes with the browser and reads them again.
#[derive(Default)]
struct BlobScratch {
    /// Where each part ends.
    parts: Vec<(u64, Blob)>,
}

impl Scratch for BlobScratch {
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.parts.last().map_or(0, |(end, _)| *end);
        let bytes_in_js = Array::of1(&Uint8Array::from(bytes).into());
        let part = Blob::new_with_u8_array_sequence(&bytes_in_js).map_err(|_| full())?;
        self.parts.push((offset + bytes.len() as u64, part));
        Ok(offset)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.parts.partition_point(|(end, _)| *end <= offset);
        let Some((end, part)) = self.parts.get(at) else { return Ok(0) };
        let begin = at.checked_sub(1).map_or(0, |before| self.parts[before].0);
        let length = buffer.len().min((end - offset) as usize);
        let from = (offset - begin) as f64;
        let read = || {
            let slice = part.slice_with_f64_and_f64(from, from + length as f64)?;
            FileReaderSync::new()?.read_as_array_buffer(&slice)
        };
        let bytes = read().map_err(|_| io::Error::other("the browser cannot read what it kept"))?;
        Uint8Array::new(&bytes.into()).copy_to(&mut buffer[..length]);
        Ok(length)
    }
}

fn full() -> io::Error {
    io::Error::other("the browser cannot keep the file: is there room?")
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PART - self.open.len());
        self.open.extend_from_slice(&bytes[..taken]);
        if self.open.len() == PART {
            self.hand_over()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
