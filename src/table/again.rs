//! Rows whose texts are not kept: what a report shows of them is read again from their files.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::{Row, Table, Tables};
use crate::input::ReadAt;
use crate::input::errors::changed;
use crate::source::Sources;

/// The files of a table's rows whose texts are not kept, by the number of their part.
#[derive(Clone, Default)]
pub struct FilesToReadAgain(pub Vec<(u32, Arc<dyn ReadAt>)>);

impl fmt::Debug for FilesToReadAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(part, _)| part)).finish()
    }
}

impl Tables {
    /// Verifies that no file was changed from which rows are read again.
    ///
    /// # Errors
    /// One that was.
    pub fn verify_unchanged(&self, sources: &Sources) -> io::Result<()> {
        for table in self.tables.iter().flatten() {
            if let Some((part, _)) = table.read_again.0.iter().find(|(_, file)| file.has_changed()) {
                let name = sources.name(table.parts[*part as usize].file);
                return Err(io::Error::other(changed(name.raw()).message.to_string()));
            }
        }
        Ok(())
    }
}

impl Table {
    /// The bytes of a row's [record](Table::record), wherever its text is. Where a file can no longer be read, there
    /// are none.
    pub fn bytes_or_read(&self, row: &Row) -> Cow<'_, [u8]> {
        let Some(length) = row.text.length_in_file() else { return self.record(row).bytes().into() };
        let read = || {
            let (_, file) = self.read_again.0.iter().find(|(part, _)| *part == row.part)?;
            let mut bytes = vec![0; length];
            file.read_at(row.start, &mut bytes).ok().filter(|read| *read == length).map(|_| bytes)
        };
        read().unwrap_or_default().into()
    }
}
