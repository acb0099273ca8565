//! A bar on the terminal while a large table is read.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long reading may take before a bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows how far the reading of a table is, once it takes longer than half a second. Shows nothing
/// where standard error is not a terminal.
pub struct Progress {
    name: String,
    started: Instant,
    bar: Mutex<Option<ProgressBar>>,
    terminal: bool,
}

impl Progress {
    /// For the table of that name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            started: Instant::now(),
            bar: Mutex::new(None),
            terminal: io::stderr().is_terminal(),
        }
    }

    /// So many bytes were read, of so many; 0 where nobody knows.
    pub fn tell(&self, done: u64, total: u64) {
        if !self.terminal || self.started.elapsed() < PATIENCE {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        let bar = bar.get_or_insert_with(|| {
            let style = if total == 0 {
                "{msg} {bytes} {bytes_per_sec}"
            } else {
                "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left"
            };
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_message(self.name.clone());
            bar
        });
        bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Ok(bar) = self.bar.lock()
            && let Some(bar) = &*bar
        {
            bar.finish_and_clear();
        }
    }
}
