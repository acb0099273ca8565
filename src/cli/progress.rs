//! Shows a bar on the terminal while a large table is read.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use capelint::frontend::outputs::EVALUATED;
use capelint::frontend::text::{Outside, OutsideString};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// How long reading may take before a bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows how far the reading of a table is, once it takes longer than half a second. Shows nothing
/// where standard error is not a terminal.
#[derive(Default)]
pub struct ReadingProgress(Mutex<Option<Bar>>);

/// The table that is being read.
struct Bar {
    table: OutsideString,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl ReadingProgress {
    /// So many bytes of a table were read, of so many; 0 where that is unknown.
    pub fn update(&self, table: Outside<'_>, done: u64, total: u64) {
        if !io::stderr().is_terminal() {
            return;
        }
        let Ok(mut shown) = self.0.lock() else { return };
        if shown.as_ref().is_none_or(|bar| bar.table.outside() != table) {
            *shown = Some(Bar { table: table.into(), started: Instant::now(), bar: None });
        }
        let Some(Bar { started, bar, .. }) = &mut *shown else { return };
        if started.elapsed() < PATIENCE {
            return;
        }
        let bar = bar.get_or_insert_with(|| {
            let style = if table.raw() == EVALUATED {
                "{bar:30} {human_pos}/{human_len} {msg} {left}"
            } else if total == 0 {
                "{msg} {bytes}"
            } else {
                "{msg} {bar:30} {bytes}/{total_bytes} {left}"
            };
            // It begins where the reading is, with the time that has passed: the first figures are right.
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
                .with_position(done)
                .with_elapsed(started.elapsed());
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style.with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
                    let left = left(state.elapsed(), state.pos(), state.len().unwrap_or(0));
                    let _ = left.map(|left| write!(out, "{} left", HumanDuration(left)));
                }));
            }
            bar.set_message(table.to_string());
            bar
        });
        bar.set_position(done);
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Ok(mut shown) = self.0.lock() {
            *shown = None;
        }
    }
}

/// How long the rest takes at the speed so far; `None` where that is not meaningful yet.
fn left(elapsed: Duration, done: u64, total: u64) -> Option<Duration> {
    let rest = total.checked_sub(done).filter(|_| done > 0)?;
    Some(Duration::from_secs_f64((elapsed.as_secs_f64() * rest as f64 / done as f64).min(MAX_LEFT)))
}

/// The most seconds that are shown as left.
const MAX_LEFT: f64 = 86_400.0;

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_estimate_is_by_the_time_that_has_passed() {
        let half_a_second = Duration::from_millis(500);
        assert_eq!(left(half_a_second, 10, 100), Some(Duration::from_millis(4500)));
        assert_eq!(left(half_a_second, 100, 100), Some(Duration::ZERO));
        assert_eq!(left(half_a_second, 0, 100), None, "nothing was read yet");
        assert_eq!(left(half_a_second, 10, 0), None, "nobody knows how much there is");
        assert_eq!(left(Duration::MAX, 1, u64::MAX), Some(Duration::from_secs(86_400)));
    }
}
