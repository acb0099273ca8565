//! A bar on the terminal while a large table is read.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use capelint::engine::EVALUATED;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long reading may take before a bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows how far the reading of a table is, once it takes longer than half a second. Shows nothing
/// where standard error is not a terminal.
#[derive(Default)]
pub struct ReadingProgress(Mutex<Option<Bar>>);

/// The table that is being read.
struct Bar {
    table: String,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl ReadingProgress {
    /// So many bytes of a table were read, of so many; 0 where that is unknown.
    pub fn tell(&self, table: &str, done: u64, total: u64) {
        if !io::stderr().is_terminal() {
            return;
        }
        let Ok(mut shown) = self.0.lock() else { return };
        if shown.as_ref().is_none_or(|bar| bar.table != table) {
            *shown = Some(Bar { table: table.to_owned(), started: Instant::now(), bar: None });
        }
        let Some(Bar { started, bar, .. }) = &mut *shown else { return };
        if started.elapsed() < PATIENCE {
            return;
        }
        let bar = bar.get_or_insert_with(|| {
            let style = if table == EVALUATED {
                "{bar:30} {human_pos}/{human_len} {msg} {eta} left"
            } else if total == 0 {
                "{msg} {bytes} {bytes_per_sec}"
            } else {
                "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left"
            };
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_message(table.to_owned());
            bar
        });
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Ok(mut shown) = self.0.lock() {
            *shown = None;
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
